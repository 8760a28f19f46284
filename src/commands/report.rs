//! `report`: results that were kept, shown once more, in any form.

use super::run::look;
use super::{FORMS_OF_RUN, open_files, write_files};
use crate::Exit;
use crate::cli::kept::ReportFlags;
use crate::cli::parse::{Complaint, Invocation};
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
    let files = open_files(invocation, "report", &FORMS_OF_RUN)?;
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

fn read(file: &Path) -> Result<Report, Complaint> {
    let document = Document::open(file)?;
    document.run()?.into_report().map_err(|what| document.refused(&what))
}
