//! `--generate`: what the program knows of itself, for packagers and programs.

use crate::Exit;
use crate::cli::parse::command;
use crate::cli::value::Kind;
use crate::console::Console;
use crate::{manual, render};
use clap_complete::Shell;

/// Prints one of them.
pub(super) fn run(kind: Kind, console: &mut Console<'_>) -> anyhow::Result<Exit> {
    let text = match kind {
        Kind::Man => manual::page(),
        Kind::CompleteBash => completions(Shell::Bash),
        Kind::CompleteZsh => completions(Shell::Zsh),
        Kind::CompleteFish => completions(Shell::Fish),
        Kind::CompleteElvish => completions(Shell::Elvish),
        Kind::SchemaRun => serde_json::to_string_pretty(&render::schema::run())? + "\n",
    };
    console.print(&text)?;
    Ok(Exit::with(0))
}

fn completions(shell: Shell) -> String {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut command(), "sockeye", &mut text);
    String::from_utf8_lossy(&text).into_owned()
}
