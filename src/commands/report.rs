//! `report`: results that were kept, shown once more, in any form.

use super::run::look;
use super::{open_files, write_files};
use crate::Exit;
use crate::cli::kept::ReportFlags;
use crate::cli::parse::{Complaint, Invocation};
use crate::cli::value::Format;
use crate::console::Console;
use crate::render::{FOR_SEVERAL, Look, render_all};
use crate::report::Report;
use crate::saved::Document;
use std::path::Path;

/// Reads, shows, and says how to exit.
pub(super) fn run(
    flags: &ReportFlags,
    invocation: &Invocation,
    console: &mut Console<'_>,
) -> anyhow::Result<Exit> {
    check_forms(flags, invocation)?;
    if flags.files.iter().filter(|file| file.as_os_str() == "-").count() > 1 {
        return Err(Complaint::new(
            "standard input can be read only once",
            "sockeye report old.json -",
        )
        .into());
    }
    let runs: Vec<_> = flags.files.iter().map(|file| read(file)).collect::<Result<_, _>>()?;
    let files = open_files(invocation, "report")?;
    let plots = flags.plot.as_ref().map(|plots| plots.0.clone()).unwrap_or_default();
    let look = Look { plots, ..look(invocation, console) };
    let plain = Look { width: None, height: None, colour: false, ..look.clone() };
    let printed = match look.detail {
        ..=-2 => Ok(()),
        _ => console.print(&render_all(&runs, super::format(invocation), &look)),
    };
    printed.and(write_files(files, |format| render_all(&runs, format, &plain)))?;
    Ok(Exit::with(0))
}

/// Refuses what cannot come of these forms and files.
fn check_forms(flags: &ReportFlags, invocation: &Invocation) -> Result<(), Complaint> {
    super::require_forms(invocation, "report")?;
    let forms = || {
        let files = invocation.cli.common.output.iter().map(|output| output.format);
        std::iter::once(super::format(invocation)).chain(files)
    };
    let count = flags.files.len();
    if let Some(form) = forms().find(|form| count > 1 && !FOR_SEVERAL.contains(form)) {
        let forms: Vec<_> = FOR_SEVERAL.iter().map(|form| form.word()).collect();
        return Err(Complaint::new(
            format!("the {} form holds one run, and here are {count} files", form.word()),
            format!("one FILE at a time, or one of the forms {}", forms.join(", ")),
        ));
    }
    let draws = forms().any(|form| matches!(form, Format::Svg | Format::Html));
    if flags.plot.is_some() && invocation.source("plot") == "flag" && !draws {
        return Err(Complaint::new(
            "'--plot' is for the forms svg and html, and neither is asked for",
            "-o run.html, or -f svg",
        ));
    }
    Ok(())
}

fn read(file: &Path) -> Result<(String, Report), Complaint> {
    let document = Document::open(file)?;
    let report = document.run()?.into_report().map_err(|what| document.refused(&what))?;
    let name = match file.to_string_lossy() {
        name if name == "-" => "standard input".to_owned(),
        name => name.into_owned(),
    };
    Ok((name, report))
}
