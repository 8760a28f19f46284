//! What walks showed, in every format.

mod headline;
mod table;

use super::Look;
use crate::cli::value::Format;
use crate::report::explain::Report;

/// What is shown of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// What the kernel said between the calls too.
    pub states: bool,
}

/// The report in a format.
#[must_use]
pub fn render(report: &Report, format: Format, view: View, look: &Look) -> String {
    // The other forms are refused before anything is walked.
    let _ = format;
    look.letters(&table::render(report, view, look))
}
