//! `check`: try what each socket really does here, and say what is not as documented.

use super::run::look;
use super::{open_files, select, write_files};
use crate::Exit;
use crate::behaviour::column::{self, Column};
use crate::behaviour::run::{Cell, Outcome, Task, run as try_out};
use crate::behaviour::{self, Check, Group};
use crate::cli::check::CheckFlags;
use crate::cli::parse::{Complaint, Invocation};
use crate::cli::value::Format;
use crate::console::Console;
use crate::environment::{Environment, Machine};
use crate::os::signals::{Interrupt, Interrupts};
use crate::os::{CallError, Errno, cpu, machine};
use crate::output::Pending;
use crate::render::Look;
use crate::render::check::{self as shown, View, checks, checks_csv, checks_document};
use crate::report::check::{About, Report, State};
use crate::report::diagnosis::{diagnose, find_policy};
use crate::report::{self, Problem};
use std::ffi::OsString;
use std::time::{Instant, SystemTime};

/// A check with its group.
type Row = (&'static Group, &'static Check);

/// Tries, reports, and says how to exit.
pub(super) fn run(
    flags: &CheckFlags,
    invocation: &Invocation,
    args: &[OsString],
    console: &mut Console<'_>,
) -> anyhow::Result<Exit> {
    let look = look(invocation, console);
    let without = if flags.list_checks { "all" } else { "default" };
    let selected = select(&flags.selection, invocation, without)?;
    let columns = columns(flags, &selected.transports)?;
    let rows = rows(flags, &columns)?;
    if flags.list_checks {
        return list(&rows, invocation, &look, console);
    }
    // A signal that comes before it can be read ends everything on the spot: so the files are opened
    // as late as that.
    let environment = Environment::read(Machine { cpus: cpu::allowed()?, ..machine() });
    let files = open_files(invocation, "check")?;
    let (started, clock) = (SystemTime::now(), Instant::now());
    let mut watch = Watch { interrupts: Interrupts::block()?, seen: None };

    let states = bring_up(&columns, &environment, &mut watch)?;
    let works = |column: &&Column| {
        states.iter().any(|state| state.column == **column && state.problem.is_none())
    };
    let working: Vec<_> = columns.iter().filter(works).copied().collect();
    let cells = watch.try_out(tasks(&rows, &working), &environment)?;

    let about = About {
        argv: args.iter().map(|arg| arg.to_string_lossy().into_owned()).collect(),
        started,
        duration: clock.elapsed(),
        wildcard_starts: wildcard_starts(&states),
        environment,
        named: selected.named,
        strict: flags.strict,
        interrupted: watch.seen.map(|interrupt| (interrupt.name(), interrupt.exit_code())),
    };
    let report = Report::new(about, states, cells);
    publish(&report, flags, invocation, files, &look, console)?;
    Ok(Exit { code: report.exit_code, interrupt: watch.seen })
}

/// The checks that are chosen and concern one of these columns.
fn rows(flags: &CheckFlags, columns: &[Column]) -> Result<Vec<Row>, Complaint> {
    let chosen =
        |check: &Check| flags.only.is_empty() || flags.only.iter().any(|globs| globs.fit(check));
    let concerns = |check: &Check| columns.iter().any(check.applies);
    let rows: Vec<Row> =
        behaviour::all().filter(|(_, check)| chosen(check) && concerns(check)).collect();
    if rows.is_empty() {
        return Err(Complaint::new(
            "none of the checks that were chosen concerns these transports",
            "what concerns a transport: sockeye check --list-checks tcp4",
        ));
    }
    Ok(rows)
}

/// The columns of these transports, each once.
fn columns(
    flags: &CheckFlags,
    transports: &[&'static crate::transport::Transport],
) -> Result<Vec<Column>, Complaint> {
    let mut columns: Vec<Column> = Vec::new();
    for column in transports.iter().flat_map(|transport| Column::of(transport)) {
        if !columns.contains(&column) && (!flags.ipv4_vs_ipv6 || column::inet(&column)) {
            columns.push(column);
        }
    }
    let has_twin = |column: &Column| {
        let twin = column.transport.ipv4_twin();
        columns.iter().any(|other| twin == Some(other.transport))
    };
    if flags.ipv4_vs_ipv6 && !columns.iter().any(has_twin) {
        return Err(Complaint::new(
            "no transport is left over both IPv4 and IPv6 to compare",
            "sockeye check --ipv4-vs-ipv6 tcp udp",
        ));
    }
    Ok(columns)
}

fn tasks(rows: &[Row], columns: &[Column]) -> Vec<Task> {
    let task = |&(group, check): &Row| {
        columns.iter().map(move |column| Task { group, check, column: *column })
    };
    rows.iter().flat_map(task).collect()
}

/// Ctrl-C while checks are tried.
struct Watch {
    interrupts: Interrupts,
    seen: Option<Interrupt>,
}

impl Watch {
    fn try_out(
        &mut self,
        tasks: Vec<Task>,
        environment: &Environment,
    ) -> Result<Vec<Cell>, CallError> {
        try_out(tasks, environment, &std::env::temp_dir(), || {
            self.seen = self.seen.or_else(|| self.interrupts.pending());
            self.seen.is_some()
        })
    }
}

/// One echo over each column: what fails there fails everywhere, and is said once.
fn bring_up(
    columns: &[Column],
    environment: &Environment,
    watch: &mut Watch,
) -> Result<Vec<State>, CallError> {
    let echo: Vec<Row> = behaviour::all().filter(|(_, check)| check.name == "echo").collect();
    let cells = watch.try_out(tasks(&echo, columns), environment)?;
    let mut states: Vec<_> = cells
        .into_iter()
        .map(|cell| State { column: cell.task.column, problem: problem(cell, environment) })
        .collect();
    let refusals = states
        .iter_mut()
        .map(|state| (state.column.transport, state.problem.as_mut().map(|(_, p)| p)));
    find_policy(refusals);
    Ok(states)
}

fn problem(cell: Cell, environment: &Environment) -> Option<(report::Status, Problem)> {
    let transport = cell.task.column.transport;
    let what = match cell.outcome {
        Outcome::Seen(fact, None) if fact == "ok" => return None,
        Outcome::Seen(_, Some(error)) | Outcome::Starved(error) => {
            return Some(diagnose(transport, &error, environment));
        }
        Outcome::Seen(fact, None) => format!("an echo came back wrong: {fact}"),
        Outcome::Hung(from) => format!(
            "an echo never came back{}",
            from.map_or_else(String::new, |from| format!(" from {from}"))
        ),
        // Whoever was interrupted or disturbed has nothing to report.
        Outcome::DoesNotApply
        | Outcome::Needs(_)
        | Outcome::Crowded
        | Outcome::Busy
        | Outcome::NotTried => return None,
    };
    let hint = format!("strace -f -e trace=%network sockeye check {} -k echo", transport.name);
    Some((report::Status::Fail, Problem::of_echo(what, hint)))
}

/// Where `::1` is missing, a server on `[::]` may start all the same, which then proves nothing.
fn wildcard_starts(states: &[State]) -> Option<bool> {
    let missing = |state: &&State| {
        let errno = state.problem.as_ref().and_then(|(_, problem)| problem.errno);
        column::ipv6(&state.column) && errno == Some(Errno::EADDRNOTAVAIL as i32)
    };
    let column = states.iter().find(missing)?.column;
    Some(behaviour::stand::wildcard_starts(column))
}

fn list(
    rows: &[Row],
    invocation: &Invocation,
    look: &Look,
    console: &mut Console<'_>,
) -> anyhow::Result<Exit> {
    let files = open_files(invocation, "check --list-checks")?;
    let text = |format, width| match format {
        Format::Csv => checks_csv(rows),
        Format::Json => checks_document(rows),
        _ => look.letters(&checks(rows, width, look.detail)),
    };
    let printed = if look.detail > -2 {
        console.print(&text(super::format(invocation), look.width))
    } else {
        Ok(())
    };
    printed.and(write_files(files, |format| text(format, None)))?;
    Ok(Exit::with(0))
}

/// Prints the report and writes the files. A file that cannot be written does not keep the others,
/// or the table, from being there.
fn publish(
    report: &Report,
    flags: &CheckFlags,
    invocation: &Invocation,
    files: Vec<Pending>,
    look: &Look,
    console: &mut Console<'_>,
) -> anyhow::Result<()> {
    let view = match flags {
        CheckFlags { ipv4_vs_ipv6: true, .. } => View::Versus,
        CheckFlags { only, .. } if !only.is_empty() => View::Chosen,
        CheckFlags { .. } => View::Front,
    };
    let printed = if look.detail > -2 {
        console.print(&shown::render(report, super::format(invocation), view, look))
    } else {
        Ok(())
    };
    let plain = Look { width: None, height: None, colour: false, ..look.clone() };
    printed.and(write_files(files, |format| shown::render(report, format, view, &plain)))
}
