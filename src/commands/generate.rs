//! `--generate`: what goes with the program, for packagers, fleets and programs.

use crate::Exit;
use crate::cli::generate::Wanted;
use crate::cli::parse::Complaint;
use crate::cli::value::{Format, Kind, Output};
use crate::console::Console;
use crate::fleet;
use crate::manual::{self, completions::script};
use crate::output::Pending;
use crate::render::{compare, explain, schema, schema_check, schema_ping};
use crate::shell;
use clap::ValueEnum;
use clap_complete::Shell;
use std::fmt::Write as _;
use std::path::Path;

/// What there is of a kind.
struct Made {
    /// Its files, by the names that their readers look for.
    files: Vec<(&'static str, String)>,
    /// What to type next: of the folder and the first file.
    next: fn(&str, &str) -> String,
}

impl Made {
    fn one(name: &'static str, text: String, next: fn(&str, &str) -> String) -> Self {
        Self { files: vec![(name, text)], next }
    }
}

/// Prints one of them, or puts its files into a folder.
pub(super) fn run(wanted: &Wanted, console: &mut Console<'_>) -> anyhow::Result<Exit> {
    let made = made(wanted.kind)?;
    let text = match &wanted.folder {
        None => made.files.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join("\n"),
        Some(folder) => install(made, folder, wanted.kind)?,
    };
    console.print(&text)?;
    Ok(Exit::with(0))
}

fn made(kind: Kind) -> anyhow::Result<Made> {
    let schema = |name, schema| {
        let text = serde_json::to_string_pretty(&schema)? + "\n";
        let validate = |_: &str, file: &str| format!("python3 -m jsonschema -i result.json {file}");
        anyhow::Ok(Made::one(name, text, validate))
    };
    let source = |_: &str, file: &str| format!("source {file}");
    Ok(match kind {
        Kind::Man => Made::one("sockeye.1", manual::page(), |_, file| format!("man -l {file}")),
        Kind::CompleteBash => Made::one("sockeye.bash", script(Shell::Bash), source),
        Kind::CompleteZsh => Made::one("_sockeye", script(Shell::Zsh), |folder, _| {
            format!("fpath=({folder} $fpath); autoload -U compinit; compinit")
        }),
        Kind::CompleteFish => Made::one("sockeye.fish", script(Shell::Fish), source),
        Kind::CompleteElvish => Made::one("sockeye.elv", script(Shell::Elvish), |_, file| {
            format!("eval (slurp < {file})")
        }),
        Kind::SchemaCheck => schema("check.schema.json", schema_check::check())?,
        Kind::SchemaPing => schema("ping.schema.json", schema_ping::ping())?,
        Kind::SchemaCompare => schema("compare.schema.json", compare::schema::compare())?,
        Kind::SchemaExplain => schema("explain.schema.json", explain::schema::explain())?,
        Kind::SchemaRun => schema("run.schema.json", schema::run())?,
        Kind::Systemd => Made {
            files: vec![
                ("sockeye.service", fleet::SERVICE.to_owned()),
                ("sockeye.timer", fleet::TIMER.to_owned()),
            ],
            next: |_, _| {
                "systemctl daemon-reload && systemctl enable --now sockeye.timer".to_owned()
            },
        },
        Kind::PrometheusRules => {
            Made::one("sockeye.rules.yml", fleet::RULES.to_owned(), |_, file| {
                format!("promtool check rules {file}")
            })
        }
    })
}

/// All files or, where one cannot be opened, none.
fn install(made: Made, folder: &Path, kind: Kind) -> Result<String, Complaint> {
    let mut pending = Vec::new();
    for (name, text) in made.files {
        // The form is of no matter: the text is there already.
        let output = Output { format: Format::Table, path: folder.join(name) };
        let file =
            Pending::open(&output, "").map_err(|complaint| refused(complaint, folder, kind))?;
        pending.push((file, output.path, text));
    }
    let mut told = String::new();
    let first = pending.first().map(|(_, path, _)| shell::path(path)).unwrap_or_default();
    for (file, path, text) in pending {
        file.write(&text).map_err(|complaint| refused(complaint, folder, kind))?;
        // Writing to a String cannot fail.
        let _ = writeln!(told, "wrote {}", shell::path(&path));
    }
    let _ = writeln!(told, "next: {}", (made.next)(&shell::path(folder), &first));
    Ok(told)
}

/// What cannot be written, and a remedy that is of this flag and not of `-o`.
fn refused(complaint: Complaint, folder: &Path, kind: Kind) -> Complaint {
    let value = kind.to_possible_value();
    let kind = value.as_ref().map_or("KIND", clap::builder::PossibleValue::get_name);
    let hint = if folder.exists() {
        format!("a folder that you may write to, for example --generate {kind}:/tmp; or sudo")
    } else {
        format!("mkdir -p {}", shell::path(folder))
    };
    Complaint::new(complaint.what, hint)
}
