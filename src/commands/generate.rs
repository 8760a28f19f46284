//! `--generate`: what the program knows of itself, for packagers and programs.

use crate::Exit;
use crate::cli::value::Kind;
use crate::console::Console;
use crate::manual::{self, completions::script};
use crate::render;
use clap_complete::Shell;

/// Prints one of them.
pub(super) fn run(kind: Kind, console: &mut Console<'_>) -> anyhow::Result<Exit> {
    let text = match kind {
        Kind::Man => manual::page(),
        Kind::CompleteBash => script(Shell::Bash),
        Kind::CompleteZsh => script(Shell::Zsh),
        Kind::CompleteFish => script(Shell::Fish),
        Kind::CompleteElvish => script(Shell::Elvish),
        Kind::SchemaCheck => serde_json::to_string_pretty(&render::schema_check::check())? + "\n",
        Kind::SchemaPing => serde_json::to_string_pretty(&render::schema_ping::ping())? + "\n",
        Kind::SchemaCompare => {
            serde_json::to_string_pretty(&render::compare::schema::compare())? + "\n"
        }
        Kind::SchemaRun => serde_json::to_string_pretty(&render::schema::run())? + "\n",
    };
    console.print(&text)?;
    Ok(Exit::with(0))
}
