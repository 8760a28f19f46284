//! `report`: results that were kept, shown once more, in any form.

use super::run::look;
use super::{format, open_files, write_files};
use crate::Exit;
use crate::cli::kept::ReportFlags;
use crate::cli::parse::{Complaint, Invocation};
use crate::cli::value::Format;
use crate::console::Console;
use crate::render::{Look, render_all};
use crate::report::Report;
use crate::saved::Document;
use std::path::Path;

/// Reads, shows, and says how to exit.
pub(super) fn run(
    flags: &ReportFlags,
    invocation: &Invocation,
    console: &mut Console<'_>,
) -> anyhow::Result<Exit> {
    let reports: Vec<_> = flags.files.iter().map(|file| read(file)).collect::<Result<_, _>>()?;
    require_one(&reports, invocation)?;
    let files = open_files(invocation, "report")?;
    let look = look(invocation, console);
    let plain = Look { width: None, height: None, colour: false, ..look.clone() };
    let text = |format, look: &Look| render_all(&reports, format, look);
    let printed = match look.detail {
        ..=-2 => Ok(()),
        _ => console.print(&text(super::format(invocation), &look)),
    };
    printed.and(write_files(files, |format| text(format, &plain)))?;
    Ok(Exit::with(0))
}

/// Several results would name each series more than once, and their document end before its end.
fn require_one(reports: &[Report], invocation: &Invocation) -> Result<(), Complaint> {
    let files = invocation.cli.common.output.iter().map(|output| output.format);
    let mut formats = files.chain([format(invocation)]);
    if reports.len() < 2 || !formats.any(|format| format == Format::Openmetrics) {
        return Ok(());
    }
    let what = format!("the openmetrics form holds one result, not {}", reports.len());
    Err(Complaint::new(what, "sockeye report run.json -o run.prom"))
}

fn read(file: &Path) -> Result<Report, Complaint> {
    let document = Document::open(file)?;
    document.run()?.into_report().map_err(|what| document.refused(&what))
}
