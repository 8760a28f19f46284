//! `list`: which transports work here, found out by one echo over each, and what keeps the others.

use super::{open_files, select, write_files};
use crate::Exit;
use crate::cli::Selection;
use crate::cli::parse::Invocation;
use crate::cli::value::Format;
use crate::console::{Console, locale_is_ascii};
use crate::echo::trial::echo_once;
use crate::environment::{Environment, Machine};
use crate::os::scratch::Scratch;
use crate::os::{cpu, machine};
use crate::render::list::{Entry, render};
use crate::render::openmetrics;
use crate::render::paint::ascii;
use crate::report::diagnosis::diagnose;
use std::time::{Instant, SystemTime};

/// Lists what the selection names, or everything.
pub(super) fn run(
    selection: &Selection,
    invocation: &Invocation,
    console: &mut Console<'_>,
) -> anyhow::Result<Exit> {
    let common = &invocation.cli.common;
    let mut selected = select(selection, invocation, "all")?;
    // A list of names has each name once.
    let mut known = Vec::new();
    selected.transports.retain(|transport| {
        let new = !known.contains(&transport.name);
        known.push(transport.name);
        new
    });
    let files = open_files(invocation, "list")?;
    let (started, clock) = (SystemTime::now(), Instant::now());
    let environment = Environment::read(Machine { cpus: cpu::allowed()?, ..machine() });
    let mut scratch = Scratch::below(&std::env::temp_dir());
    let entries: Vec<_> = selected
        .transports
        .iter()
        .map(|transport| Entry {
            transport,
            problem: echo_once(transport, &mut scratch)
                .err()
                .map(|error| diagnose(transport, &error, &environment).1),
        })
        .collect();
    drop(scratch);
    let span = (started, clock.elapsed());
    let format = super::format(invocation);
    let level = i32::from(common.verbose) - i32::from(common.quiet);
    let missing = entries
        .iter()
        .any(|entry| entry.problem.is_some() && selected.named.contains(&entry.transport.name));
    let code = if missing { 3 } else { 0 };
    let text = |format, width| {
        let text = match format {
            Format::Openmetrics => openmetrics::list(&entries, span, &environment, code),
            format => render(&entries, format, width, level, code),
        };
        let plain = common.ascii || locale_is_ascii();
        if plain && format == Format::Table { ascii(&text) } else { text }
    };
    let printed =
        if level > -2 { console.print(&text(format, console.out.columns)) } else { Ok(()) };
    printed.and(write_files(files, |format| text(format, None)))?;
    Ok(Exit::with(code))
}
