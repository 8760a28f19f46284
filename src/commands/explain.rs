//! `explain`: walk an exchange call by call, and tell what each call does and costs.

use super::run::look;
use super::seats::seats;
use super::{open_files, write_files};
use crate::Exit;
use crate::cli::explain::{ExplainFlags, Language, One, Whom};
use crate::cli::parse::{Complaint, Invocation};
use crate::console::Console;
use crate::environment::{Environment, Machine};
use crate::measure::plan::{Seats, labelled};
use crate::os::scratch::Scratch;
use crate::os::signals::Interrupts;
use crate::os::{cpu, machine};
use crate::output::Pending;
use crate::program::program;
use crate::render::Look;
use crate::render::explain::{View, render};
use crate::report::explain::{About, Report};
use crate::transport::Transport;
use crate::transport::lesson::To;
use crate::walk::drive::Plan;
use crate::walk::route::{route, smallest};
use crate::walk::tally;
use std::ffi::OsString;
use std::time::{Instant, SystemTime};

/// Walks, tells, and says how to exit.
pub(super) fn run(
    flags: &ExplainFlags,
    invocation: &Invocation,
    args: &[OsString],
    console: &mut Console<'_>,
) -> anyhow::Result<Exit> {
    if let Some(language) = wanted(flags, invocation)? {
        return write_program(language, flags, console);
    }
    let transports = transports(flags)?;
    one_to_look_at(flags, invocation)?;
    large_enough(&transports, flags)?;
    let allowed = cpu::allowed()?;
    let seats = seat(flags, invocation, &allowed)?;
    let environment = Environment::read(Machine { cpus: allowed, ..machine() });
    let files = open_files(invocation, "explain")?;
    let (started, clock) = (SystemTime::now(), Instant::now());
    let interrupts = Interrupts::block()?;
    let mut scratch = Scratch::below(&std::env::temp_dir());
    let plans: Vec<_> = transports.iter().map(|transport| plan(transport, flags, seats)).collect();
    let tallies = tally::walk(&plans, flags.walks, &mut scratch, &interrupts)?;
    drop(scratch);

    let about = About {
        argv: args.iter().map(|arg| arg.to_string_lossy().into_owned()).collect(),
        started,
        duration: clock.elapsed(),
        environment,
        to: flags.to.into(),
        size: flags.size,
        walks: flags.walks,
        seats,
        interrupted: tallies.interrupt.map(|signal| (signal.name(), signal.exit_code())),
    };
    let labels: Vec<_> = labelled(&transports).into_iter().map(|(_, label)| label).collect();
    let report = Report::new(about, tallies.of, &labels);
    publish(&report, flags, invocation, files, console)?;
    Ok(Exit { code: report.exit_code, interrupt: tallies.interrupt })
}

/// The language of a program, if one is to be printed and nothing walked. What only a walk takes
/// contradicts that on the command line, and from the environment it is none of a program's business,
/// as a program from there is none of such a flag's.
fn wanted(flags: &ExplainFlags, invocation: &Invocation) -> Result<Option<Language>, Complaint> {
    let Some(language) = flags.program else { return Ok(None) };
    let is_given = |id: &&&str| {
        let is_usual = **id == "to" && flags.to == Whom::Echo;
        invocation.source(id) == "flag" && !is_usual
    };
    match OF_WALKS.iter().find(is_given) {
        None => Ok(Some(language)),
        Some(_) if invocation.source("program") == "env" => Ok(None),
        Some(id) => Err(Complaint::new(
            format!("'--program' prints a program and walks nothing: '--{id}' has no part in it"),
            format!(
                "leave '--{id}' out; the program is text: sockeye explain tcp4 --program c > echo.c"
            ),
        )),
    }
}

/// The flags that say how to walk, or how a walk is told.
const OF_WALKS: [&str; 10] =
    ["vs", "to", "states", "walks", "timeout", "place", "cpus", "json", "format", "output"];

/// Prints a server and a client that make the walk.
fn write_program(
    language: Language,
    flags: &ExplainFlags,
    console: &mut Console<'_>,
) -> anyhow::Result<Exit> {
    let [One(transport)] = flags.walked.as_slice() else {
        let name = flags.walked.first().map_or("tcp4", |one| one.0.name);
        return Err(Complaint::new(
            "a program is of one transport",
            format!("sockeye explain {name} --program {}", language.word()),
        )
        .into());
    };
    let Some(text) = program(language, transport, flags.size) else {
        let name = transport.name;
        return Err(Complaint::new(
            format!("Rust's standard library opens no {name} socket: it has TCP, UDP, and Unix streams and datagrams"),
            format!("sockeye explain {name} --program c"),
        )
        .into());
    };
    console.print(&text)?;
    Ok(Exit::with(0))
}

/// The transport, and the one that it is held against.
fn transports(flags: &ExplainFlags) -> Result<Vec<&'static Transport>, Complaint> {
    match flags.walked.as_slice() {
        [one] => Ok(std::iter::once(one.0).chain(flags.vs.map(|other| other.0)).collect()),
        [one, other, ..] => Err(Complaint::new(
            "explain walks one transport at a time",
            format!("sockeye explain {} --vs {}", one.0.name, other.0.name),
        )),
        [] => Err(Complaint::new("no transport to walk", "sockeye explain tcp4")),
    }
}

/// Can each of them be walked with a message of that size?
fn large_enough(transports: &[&'static Transport], flags: &ExplainFlags) -> Result<(), Complaint> {
    for transport in transports {
        if let Some((least, why)) =
            smallest(transport, flags.to.into()).filter(|(n, _)| flags.size < *n)
        {
            let (name, to) = (transport.name, To::from(flags.to).word());
            return Err(Complaint::new(
                format!("{name} --to {to} shows nothing with {} B: {why}", flags.size),
                format!("sockeye explain {name} --to {to} --size {least}"),
            ));
        }
    }
    Ok(())
}

/// States are those of one walk. From the environment they are what is wished where they suit.
fn one_to_look_at(flags: &ExplainFlags, invocation: &Invocation) -> Result<(), Complaint> {
    match (flags.vs, flags.walked.first()) {
        (Some(other), Some(one)) if flags.states && invocation.source("states") == "flag" => {
            let name = |walked: One| walked.0.name;
            Err(Complaint::new(
                "'--states' tells of one walk, and '--vs' holds two against each other",
                format!("sockeye explain {} --states, and the same of {}", name(*one), name(other)),
            ))
        }
        _ => Ok(()),
    }
}

/// Where the ends of every walk sit.
fn seat(
    flags: &ExplainFlags,
    invocation: &Invocation,
    allowed: &[usize],
) -> Result<Seats, Complaint> {
    // Where there is one CPU, a note says that one of several places is left out: several were asked for.
    match seats(&flags.place.0, flags.cpus, invocation, allowed)? {
        (seats, None) if seats.len() == 1 => Ok(seats[0]),
        _ => Err(Complaint::new(
            format!("a walk has one place, not several{}", invocation.origin("place")),
            "--place same, or split, or free",
        )),
    }
}

fn plan(transport: &'static Transport, flags: &ExplainFlags, seats: Seats) -> Plan {
    Plan {
        transport,
        steps: route(transport, flags.to.into()),
        size: flags.size,
        cpus: seats.cpus,
        patience: flags.timeout,
    }
}

/// Prints the report and writes the files.
fn publish(
    report: &Report,
    flags: &ExplainFlags,
    invocation: &Invocation,
    files: Vec<Pending>,
    console: &mut Console<'_>,
) -> anyhow::Result<()> {
    let look = look(invocation, console);
    let view = View { states: flags.states };
    let printed = if look.detail > -2 {
        console.print(&render(report, super::format(invocation), view, &look))
    } else {
        Ok(())
    };
    let plain = Look { width: None, height: None, colour: false, ..look };
    printed.and(write_files(files, |format| render(report, format, view, &plain)))
}
