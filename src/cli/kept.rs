//! The flags of the commands that read results which were kept: `report` and `compare`.

use super::plot::Plots;
use clap::Args;
use std::path::PathBuf;

pub(super) const REPORT_EXAMPLES: &str = "Examples:
  sockeye report run.json                what that run said, once more
  sockeye report run.json -o run.html    as a page with pictures
  sockeye report run.json -o run.svg     the picture alone
  sockeye report run.json -f csv         in any other form";

/// The flags of `report`.
#[derive(Args, Clone, Debug)]
pub struct ReportFlags {
    /// Results that `sockeye -o FILE.json` kept; - is standard input
    #[arg(value_name = "FILE", required = true, value_hint = clap::ValueHint::FilePath)]
    pub files: Vec<PathBuf>,
    /// Pictures for the forms svg and html: tail, sizes, rounds [default: what suits]
    ///
    /// tail: the latency tail of each transport. sizes: the median by payload, with its interval and
    /// the limits. rounds: the median of each round over time. Without this flag a page has those that
    /// say something, and an svg file has sizes where a run has several, or else tail.
    #[arg(long, value_name = "LIST", help_heading = "Output")]
    pub plot: Option<Plots>,
}
