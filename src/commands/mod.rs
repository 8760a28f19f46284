//! A file a command, each a table of contents: no system calls, no formatting.

mod check;
mod compare;
mod ends;
mod explain;
mod generate;
mod list;
mod ping;
mod report;
mod run;
mod seats;
mod serve;

use crate::Exit;
use crate::cli::parse::{Complaint, Invocation};
use crate::cli::value::Format;
use crate::cli::value::{Choice, Names};
use crate::cli::{Command, Selection, forms};
use crate::console::Console;
use crate::output::Pending;
use crate::transport::Transport;
use std::ffi::OsString;

/// Does what was asked for.
///
/// # Errors
/// When it could not be done at all.
pub fn dispatch(
    invocation: &Invocation,
    args: &[OsString],
    console: &mut Console<'_>,
) -> anyhow::Result<Exit> {
    if let Some(wanted) = &invocation.cli.common.generate {
        return generate::run(wanted, console);
    }
    match &invocation.cli.command {
        None | Some(Command::Run | Command::Help { .. }) => run::run(invocation, args, console),
        Some(Command::List(flags)) => list::run(&flags.selection, invocation, console),
        Some(Command::Check(flags)) => check::run(flags, invocation, args, console),
        Some(Command::Serve(flags)) => serve::run(flags, invocation, console),
        Some(Command::Ping(flags)) => ping::run(flags, invocation, args, console),
        Some(Command::Explain(flags)) => explain::run(flags, invocation, args, console),
        Some(Command::Compare(flags)) => compare::run(flags, invocation, args, console),
        Some(Command::Report(flags)) => report::run(flags, invocation, console),
    }
}

/// Refuses the forms that a command lacks.
fn require_forms(invocation: &Invocation, command: &str) -> Result<(), Complaint> {
    let forms = forms::of(command);
    let files = invocation.cli.common.output.iter().map(|output| (output.format, "output"));
    let mut wanted = std::iter::once((format(invocation), "format")).chain(files);
    match wanted.find(|(format, _)| !forms.contains(format)) {
        None => Ok(()),
        Some((format, flag)) => {
            let known: Vec<_> = forms.iter().map(|form| form.word()).collect();
            Err(Complaint::new(
                format!("{command} has no {} form{}", format.word(), invocation.origin(flag)),
                format!("its forms: {}", known.join(", ")),
            ))
        }
    }
}

/// The format of standard output.
fn format(invocation: &Invocation) -> Format {
    let common = &invocation.cli.common;
    let json = common.json && !invocation.beaten("json", "format");
    if json { Format::Json } else { common.format }
}

/// Opens the files that are to be written, before anything is done; first refuses the forms that this
/// command does not have.
fn open_files(invocation: &Invocation, command: &str) -> Result<Vec<Pending>, Complaint> {
    require_forms(invocation, command)?;
    let origin = invocation.origin("output");
    let files: Result<Vec<_>, _> =
        invocation.cli.common.output.iter().map(|output| Pending::open(output, &origin)).collect();
    let files = files?;
    for (at, file) in files.iter().enumerate() {
        if files[..at].iter().any(|other| other.replaces_what(file)) {
            return Err(file.twice());
        }
    }
    Ok(files)
}

/// Writes each file in its form. One that cannot be written does not keep the others from being there.
fn write_files(files: Vec<Pending>, text: impl Fn(Format) -> String) -> anyhow::Result<()> {
    let mut written: anyhow::Result<()> = Ok(());
    for file in files {
        let text = text(file.format);
        written = written.and(file.write(&text).map_err(Into::into));
    }
    written
}

/// The transports that a selection means, in the user's order.
struct Selected {
    /// What is meant; one that is named twice is there twice.
    transports: Vec<&'static Transport>,
    /// Those that the user named one by one.
    named: Vec<&'static str>,
}

/// Works out a selection; `without` is what no name at all means.
fn select(
    selection: &Selection,
    invocation: &Invocation,
    without: &str,
) -> Result<Selected, Complaint> {
    // A flag beats a variable, also one that asks for the opposite.
    let ipv4 = selection.ipv4 && !invocation.beaten("ipv4", "ipv6");
    let ipv6 = selection.ipv6 && !invocation.beaten("ipv6", "ipv4");
    let choices = flatten(&selection.transports);
    let fallback: Names =
        without.parse().map_err(|_| Complaint::new("no such group", "sockeye list"))?;
    let choices = if choices.is_empty() { fallback.0 } else { choices };
    let skipped: Vec<_> =
        flatten(&selection.skip).into_iter().flat_map(Choice::transports).collect();
    let wanted = |transport: &'static Transport| {
        let unwanted = skipped.contains(&transport)
            || (ipv4 && transport.family.needs_ipv6())
            || (ipv6 && transport.family.needs_ipv4());
        !unwanted
    };
    let mut selected = Selected { transports: Vec::new(), named: Vec::new() };
    for choice in choices {
        let by_name = matches!(choice, Choice::One(_));
        for transport in choice.transports().into_iter().filter(|transport| wanted(transport)) {
            // A group adds what is missing; only a name that is typed twice is measured twice.
            let known = selected.transports.contains(&transport);
            let again = by_name && selected.named.contains(&transport.name);
            if !known || again {
                selected.transports.push(transport);
            }
            if by_name {
                selected.named.push(transport.name);
            }
        }
    }
    if selected.transports.is_empty() {
        return Err(Complaint::new(
            "no transport is left after --skip, -4 and -6",
            "leave one of them out; all names: sockeye list",
        ));
    }
    Ok(selected)
}

fn flatten(names: &[Names]) -> Vec<Choice> {
    names.iter().flat_map(|names| names.0.iter().copied()).collect()
}
