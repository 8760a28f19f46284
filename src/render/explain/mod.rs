//! What walks showed, in every format.

mod document;
mod exports;
pub mod schema;
mod states;
mod table;
mod versus;

use super::Look;
use crate::cli::value::Format;
use crate::report::explain::Report;
use crate::report::explain::versus::Versus;

/// What is shown of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// What the kernel said between the calls too.
    pub states: bool,
}

/// The report in a format.
#[must_use]
pub fn render(report: &Report, format: Format, view: View, look: &Look) -> String {
    match format {
        Format::Json => document::render(report),
        Format::Csv => exports::csv(report),
        Format::Markdown => exports::markdown(report, look),
        // The other forms are refused before anything is walked.
        _ => people(report, view, look),
    }
}

/// A page to be read: as wide as the terminal, or as pagers and files are wide.
fn people(report: &Report, view: View, look: &Look) -> String {
    let look = Look { width: Some(look.width.unwrap_or(80)), ..look.clone() };
    look.letters(&match Versus::of(report) {
        Some(versus) => versus::render(report, &versus, &look),
        None => table::render(report, view, &look),
    })
}
