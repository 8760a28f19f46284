//! Reports as text: a function of the report for each format, and nothing that writes or measures.

pub mod check;
pub mod columns;
pub mod compare;
pub mod csv;
pub mod details;
pub mod document;
pub(crate) mod escape;
pub mod explain;
mod facts;
mod github;
pub mod grid;
mod hlog;
mod junit;
pub mod layout;
pub mod list;
mod markdown;
pub mod openmetrics;
mod page;
pub mod paint;
mod picture;
pub mod ping;
pub mod ping_document;
pub mod ping_forms;
mod run_forms;
pub mod schema;
pub mod schema_check;
pub mod schema_ping;
mod sentences;
pub mod serve;
pub mod strip;
pub mod table;
mod troubles;

use crate::cli::plot::Plot;
use crate::cli::value::Format;
use crate::report::Report;
use crate::report::words::Unit;

/// How a table is to look.
#[derive(Clone, Debug)]
pub struct Look {
    /// Columns of the terminal; None where lines may be as long as they are.
    pub width: Option<usize>,
    /// Rows of the terminal; None where nothing scrolls away.
    pub height: Option<usize>,
    /// Colour verdicts?
    pub colour: bool,
    /// 7-bit letters only?
    pub ascii: bool,
    /// The unit that the user asked for.
    pub unit: Option<Unit>,
    /// The percentile columns that the user asked for, or the usual ones.
    pub percentiles: crate::cli::value::Percentiles,
    /// Did the user ask for them? Then no others are added.
    pub percentiles_are_chosen: bool,
    /// How much to say: -2 nothing, -1 the answer, 0 the table, 1 details, 2 system calls.
    pub detail: i8,
    /// The pictures that the user asked for; none means those that suit.
    pub plots: Vec<Plot>,
}

impl Look {
    /// Text as this look has it, for where its width counts.
    #[must_use]
    pub fn letters(&self, text: &str) -> String {
        if self.ascii { paint::ascii(text) } else { text.to_owned() }
    }
}

/// The report in a format.
#[must_use]
pub fn render(report: &Report, format: Format, look: &Look) -> String {
    match format {
        Format::Csv => csv::render(report),
        Format::Json => document::render(report),
        Format::Markdown => run_forms::markdown(report, look.unit),
        Format::Junit => run_forms::junit(&[report]),
        Format::Github => run_forms::github(&[report]),
        Format::Hlog => run_forms::hlog(report),
        Format::Openmetrics => openmetrics::run(report),
        Format::Svg => picture::render(&[report], &look.plots, look.unit),
        Format::Html => {
            page::run::render(&[page::run::Section { file: None, report }], &look.plots, look.unit)
        }
        Format::Table => table::render(report, look),
    }
}

/// The forms that hold several runs. The others are documents of one.
pub const FOR_SEVERAL: [Format; 7] = [
    Format::Table,
    Format::Csv,
    Format::Markdown,
    Format::Junit,
    Format::Github,
    Format::Svg,
    Format::Html,
];

/// Several runs with the names of their files, in one of [`FOR_SEVERAL`].
#[must_use]
pub fn render_all(runs: &[(String, Report)], format: Format, look: &Look) -> String {
    let reports: Vec<_> = runs.iter().map(|(_, report)| report).collect();
    match (format, runs) {
        (Format::Csv, [_, _, ..]) => csv::render_all(runs),
        (Format::Junit, _) => run_forms::junit(&reports),
        (Format::Github, _) => run_forms::github(&reports),
        (Format::Svg, _) => picture::render(&reports, &look.plots, look.unit),
        (Format::Html, _) => {
            let section =
                |(name, report)| page::run::Section { file: Some(String::clone(name)), report };
            let sections: Vec<_> =
                runs.iter().map(|(name, report)| section((name, report))).collect();
            page::run::render(&sections, &look.plots, look.unit)
        }
        (_, [(_, report)]) => render(report, format, look),
        _ => runs.iter().map(|(name, report)| named(name, report, format, look)).collect(),
    }
}

/// One of several, with its name above it.
fn named(name: &str, report: &Report, format: Format, look: &Look) -> String {
    let name = match format {
        Format::Markdown => format!("## {}\n", escape::markdown(name)),
        _ => paint::tame(name),
    };
    let name = if look.ascii { paint::ascii(&name) } else { name };
    format!("{name}\n{}\n", render(report, format, look))
}

/// A table of names in front and numbers behind, indented, as lines.
fn numbers(mut table: comfy_table::Table) -> String {
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 2));
        if index > 0 {
            column.set_cell_alignment(comfy_table::CellAlignment::Right);
        }
    }
    let line = |line: String| format!("  {line}").trim_end().to_owned();
    table.lines().map(line).collect::<Vec<_>>().join("\n")
}
