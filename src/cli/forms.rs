//! Which command has which forms: one table for refusals, help and the manual.

use super::value::Format::{
    self, Csv, Github, Hlog, Html, Json, Junit, Markdown, Openmetrics, Svg, Table,
};

const ALL: [Format; 10] = [Table, Csv, Json, Markdown, Junit, Openmetrics, Github, Hlog, Svg, Html];

/// Commands and their forms. What a command lacks is refused before it does anything, so that its
/// renderer need not know the others.
pub const FORMS: [(&str, &[Format]); 9] = [
    ("run", &ALL),
    ("report", &ALL),
    ("compare", &[Table, Csv, Json, Markdown, Junit, Html]),
    ("check", &[Table, Csv, Json, Markdown, Junit, Openmetrics, Github, Html]),
    ("check --list-checks", &[Table, Csv, Json]),
    ("ping", &[Table, Csv, Json, Markdown, Junit, Openmetrics, Github, Hlog, Html]),
    ("explain", &[Table, Csv, Json, Markdown]),
    ("list", &[Table, Csv, Json, Markdown, Junit, Openmetrics, Html]),
    ("serve", &[Table, Csv, Json]),
];

/// What `--format` takes, in full.
pub(super) fn help() -> String {
    let line = |(command, forms): &(&str, &[Format])| {
        let words: Vec<_> = forms.iter().map(|form| form.word()).collect();
        format!("{command} has {}", words.join(", "))
    };
    let lines: Vec<_> = FORMS.iter().map(line).collect();
    format!("Form: table, csv, json, markdown, html, ...\n\n{}.", lines.join("; "))
}

/// The forms of a command.
#[must_use]
pub fn of(command: &str) -> &'static [Format] {
    FORMS.iter().find(|(name, _)| *name == command).map_or(&[], |(_, forms)| forms)
}
