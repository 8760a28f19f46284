//! The flags of the commands that read results which were kept: `report` and `compare`.

use clap::Args;
use std::path::PathBuf;

pub(super) const REPORT_EXAMPLES: &str = "Examples:
  sockeye report run.json                what that run said, once more
  sockeye report run.json -o run.html    as a page with pictures
  sockeye report run.json -f csv         in any other form";

/// The flags of `report`.
#[derive(Args, Clone, Debug)]
pub struct ReportFlags {
    /// Results that `sockeye -o FILE.json` kept; - is standard input
    #[arg(value_name = "FILE", required = true, value_hint = clap::ValueHint::FilePath)]
    pub files: Vec<PathBuf>,
}
