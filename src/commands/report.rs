//! `report`: results that were kept, shown once more, in any form.

use super::run::look;
use super::{FORMS, open_files, write_files};
use crate::Exit;
use crate::cli::kept::ReportFlags;
use crate::cli::parse::{Complaint, Invocation};
use crate::console::Console;
use crate::render::{Look, render};
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
    let files = open_files(invocation, "report", &FORMS)?;
    let look = look(invocation, console);
    let plain = Look { width: None, height: None, colour: false, ..look.clone() };
    let text =
        |format, look: &Look| reports.iter().map(|r| render(r, format, look)).collect::<String>();
    let printed = match look.detail {
        ..=-2 => Ok(()),
        _ => console.print(&text(super::format(invocation), &look)),
    };
    printed.and(write_files(files, |format| text(format, &plain)))?;
    Ok(Exit::with(0))
}

fn read(file: &Path) -> Result<Report, Complaint> {
    let document = Document::open(file)?;
    document.run()?.into_report().map_err(|what| document.refused(&what))
}
