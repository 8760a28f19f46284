//! Reports as text: a function of the report for each format, and nothing that writes or measures.

pub mod check;
pub mod columns;
pub mod compare;
pub mod csv;
pub mod details;
pub mod document;
pub(crate) mod escape;
mod facts;
mod github;
pub mod grid;
mod hlog;
mod junit;
pub mod layout;
pub mod list;
mod markdown;
pub mod openmetrics;
pub mod paint;
pub mod ping;
pub mod ping_document;
pub mod ping_forms;
mod run_forms;
pub mod schema;
pub mod schema_check;
pub mod schema_ping;
pub mod serve;
pub mod strip;
pub mod table;

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
        Format::Csv => csv::render(std::slice::from_ref(report)),
        Format::Json => document::render(report),
        Format::Markdown => run_forms::markdown(report, look.unit),
        Format::Junit => run_forms::junit(std::slice::from_ref(report)),
        Format::Github => run_forms::github(std::slice::from_ref(report)),
        Format::Hlog => run_forms::hlog(report),
        Format::Openmetrics => openmetrics::run(report),
        // The other forms are refused before anything is measured.
        _ => table::render(report, look),
    }
}

/// Several reports in a format: one document where the form knows but one, else one behind the other.
#[must_use]
pub fn render_all(reports: &[Report], format: Format, look: &Look) -> String {
    match format {
        Format::Csv => csv::render(reports),
        Format::Junit => run_forms::junit(reports),
        Format::Github => run_forms::github(reports),
        _ => reports.iter().map(|report| render(report, format, look)).collect(),
    }
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
