//! `run`: measure the transports and say how they compare.

use super::seats::seats;
use super::{open_files, select, write_files};
use crate::Exit;
use crate::cli::parse::{Complaint, Invocation};
use crate::cli::value::{Format, SortKey, Switch, TimeUnit, WaitKind};
use crate::cli::{Common, RunFlags};
use crate::console::{Console, locale_is_ascii};
use crate::environment::{Environment, Machine, Pressure, choose_pair, topology};
use crate::measure::plan::{Amount, Place, Plan, Seats, cases, rounds_for};
use crate::measure::rounds;
use crate::measure::samples::Keep;
use crate::measure::visit::Visitor;
use crate::os::pair::Options;
use crate::os::scratch::Scratch;
use crate::os::signals::Interrupts;
use crate::os::{cpu, machine, random};
use crate::output::Pending;
use crate::render::{Look, paint, render};
use crate::report::build::{Order, Wishes, build};
use crate::report::warning::Disturbance;
use crate::report::words::{UNITS, Unit};
use crate::report::{About, Report, Setting, Tool};
use serde_json::json;
use std::ffi::OsString;
use std::time::{Duration, Instant, SystemTime};

mod progress;
use progress::Display;

/// Measures, reports, and says how to exit.
pub(super) fn run(
    invocation: &Invocation,
    args: &[OsString],
    console: &mut Console<'_>,
) -> anyhow::Result<Exit> {
    let (flags, common) = (&invocation.cli.run, &invocation.cli.common);
    let allowed = cpu::allowed()?;
    let selected = select(&flags.selection, invocation, "default")?;
    // Two ends that never sleep would only get in each other's way on one CPU.
    let apart = flags.wait == WaitKind::Spin && invocation.source("place") == "default";
    let apart = apart && choose_pair(&topology(&allowed)).is_some();
    let places = if apart { &[Place::Split][..] } else { &flags.place.0 };
    let (seats, note) = seats(places, flags.cpus, invocation, &allowed)?;
    let plan = plan(flags, invocation, &selected.transports, &seats);
    check_baseline(flags, invocation, &plan)?;
    let files = open_files(invocation, "run")?;
    let environment = Environment::read(Machine { cpus: allowed, ..machine() });
    let started = SystemTime::now();
    let clock = Instant::now();
    let pressure = Pressure::read();

    let mut visitor = Visitor {
        scratch: Scratch::below(&std::env::temp_dir()),
        options: plan.options,
        payload: flags.payload.0.clone(),
        timeout: plan.timeout,
        interrupts: Interrupts::block()?,
        leaving: Vec::new(),
    };
    let mut display = Display::new(console, common, &plan);
    let gathering = rounds::run(&plan, &mut visitor, &mut |progress| display.show(progress));
    display.clear();

    let stolen = Pressure::read().stolen_since(&pressure);
    let about = About {
        tool: Tool::this(),
        argv: args.iter().map(|arg| arg.to_string_lossy().into_owned()).collect(),
        label: flags.label.clone(),
        started,
        duration: clock.elapsed(),
        environment,
        settings: settings(flags, invocation, &plan),
        seed: plan.seed,
        timeout: plan.timeout,
        rounds: (plan.rounds, gathering.rounds),
        places: seats.iter().map(|seats| seats.place).collect(),
        sizes: flags.size.0.clone(),
        interrupted: gathering.interrupt.map(|interrupt| interrupt.name().into()),
        named: selected.named,
        note,
    };
    let mut report =
        build(about, &gathering.samples, Disturbance { stolen }, &wishes(flags, common));
    if let Some(interrupt) = gathering.interrupt {
        report.exit_code = interrupt.exit_code();
    }
    publish(&report, invocation, files, console)?;
    Ok(Exit { code: report.exit_code, interrupt: gathering.interrupt })
}

fn plan(
    flags: &RunFlags,
    invocation: &Invocation,
    transports: &[&'static crate::transport::Transport],
    seats: &[Seats],
) -> Plan {
    let cases = cases(transports, &flags.size.0, seats, flags.wait.into());
    let amount = match flags.count.filter(|_| !invocation.beaten("count", "time")) {
        Some(count) => Amount::Count(count),
        None => Amount::Time(flags.time),
    };
    let rounds = flags.rounds.unwrap_or_else(|| rounds_for(cases.len(), amount));
    // Fewer echoes than rounds make fewer rounds.
    let rounds = match amount {
        Amount::Count(count) => rounds.min(usize::try_from(count).unwrap_or(rounds)).max(1),
        Amount::Time(_) => rounds,
    };
    Plan {
        cases,
        rounds,
        warmup: flags.warmup,
        amount,
        timeout: flags.timeout,
        seed: flags.seed.unwrap_or_else(random_seed),
        options: Options { nodelay: flags.nodelay == Switch::On, buffer: flags.buf },
        fail_fast: flags.fail_fast,
        keep: keep(invocation),
    }
}

/// A log of intervals is made of each round's histogram, which nothing else needs.
fn keep(invocation: &Invocation) -> Keep {
    let mut files = invocation.cli.common.output.iter();
    let wanted = super::format(invocation) == Format::Hlog
        || files.any(|output| output.format == Format::Hlog);
    if wanted { Keep::Histograms } else { Keep::Percentiles }
}

/// A seed that is short enough to be typed again.
fn random_seed() -> u64 {
    random() % 100_000
}

fn check_baseline(flags: &RunFlags, invocation: &Invocation, plan: &Plan) -> Result<(), Complaint> {
    let Some(name) = &flags.baseline else { return Ok(()) };
    let labels = || plan.cases.iter().map(|case| case.label.as_str());
    if labels().any(|label| label.eq_ignore_ascii_case(name)) {
        return Ok(());
    }
    let mut known: Vec<_> = labels().collect();
    known.dedup();
    let hint = match crate::suggest::nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean '{near}'? rows: {}", known.join(", ")),
        None => format!("rows: {}", known.join(", ")),
    };
    let origin = invocation.origin("baseline");
    Err(Complaint::new(format!("the baseline '{name}'{origin} is no row of this run"), hint))
}

fn wishes(flags: &RunFlags, common: &Common) -> Wishes {
    Wishes {
        order: match flags.sort {
            SortKey::Median => Order::Median,
            SortKey::P99 => Order::P99,
            SortKey::Name => Order::Name,
            SortKey::Given => Order::Given,
        },
        baseline: flags.baseline.clone(),
        unwanted: common.no_warn.iter().map(|name| name.0.clone()).collect(),
        unit: unit(common),
        strict: flags.strict,
    }
}

pub(super) fn unit(common: &Common) -> Option<Unit> {
    match common.time_unit {
        TimeUnit::Auto => None,
        TimeUnit::Ns => Some(UNITS[0]),
        TimeUnit::Us => Some(UNITS[1]),
        TimeUnit::Ms => Some(UNITS[2]),
        TimeUnit::S => Some(UNITS[3]),
    }
}

/// Every setting of a run, and where it came from.
fn settings(flags: &RunFlags, invocation: &Invocation, plan: &Plan) -> Vec<Setting> {
    let nanoseconds = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    let places: Vec<_> = flags.place.0.iter().map(|place| place.word()).collect();
    let (time, count) = match plan.amount {
        Amount::Time(time) => (Some(nanoseconds(time)), None),
        Amount::Count(count) => (None, Some(count)),
    };
    let values = [
        ("size", json!(flags.size.0)),
        ("time", json!(time)),
        ("count", json!(count)),
        ("rounds", json!(plan.rounds)),
        ("warmup", json!(flags.warmup)),
        ("timeout", json!(nanoseconds(flags.timeout))),
        ("place", json!(places)),
        ("cpus", json!(flags.cpus.map(|cpus| [cpus.client, cpus.peer]))),
        ("wait", json!(crate::echo::Wait::from(flags.wait).word())),
        ("nodelay", json!(flags.nodelay == Switch::On)),
        ("buf", json!(flags.buf)),
        ("payload", json!(flags.payload.word())),
        ("seed", json!(plan.seed)),
        ("baseline", json!(flags.baseline)),
        ("strict", json!(flags.strict)),
        ("fail-fast", json!(flags.fail_fast)),
    ];
    let setting = |(name, value): (&'static str, _)| Setting {
        name: name.into(),
        value,
        source: invocation.source(&name.replace('-', "_")).into(),
    };
    values.into_iter().map(setting).collect()
}

/// Prints the report and writes the files. A file that cannot be written does not keep the others,
/// or the table, from being there.
fn publish(
    report: &Report,
    invocation: &Invocation,
    files: Vec<Pending>,
    console: &mut Console<'_>,
) -> anyhow::Result<()> {
    let look = look(invocation, console);
    let format = super::format(invocation);
    if look.detail > -2 {
        let warnings: String = report.warnings.iter().map(|w| warning(w, console, &look)).collect();
        console.tell(&warnings);
    }
    let printed = match (format, look.detail) {
        (_, ..=-2) => Ok(()),
        _ => console.print(&render(report, format, &look)),
    };
    let plain = Look { width: None, height: None, colour: false, ..look };
    printed.and(write_files(files, |format| render(report, format, &plain)))
}

fn warning(
    warning: &crate::report::warning::Warning,
    console: &Console<'_>,
    look: &Look,
) -> String {
    let colour = console.err.colour(crate::cli::value::When::Auto) && look.colour;
    let text = format!(
        "{} {} [{}]\n{} {}\n",
        paint::paint("warning:", paint::Tone::Doubtful, colour),
        warning.message,
        warning.id,
        paint::paint("hint:", paint::Tone::Good, colour),
        warning.hint
    );
    if look.ascii { paint::ascii(&text) } else { text }
}

/// How the user wants results to look.
pub(super) fn look(invocation: &Invocation, console: &Console<'_>) -> Look {
    let (flags, common) = (&invocation.cli.run, &invocation.cli.common);
    let level = |count: u8| i8::try_from(count.min(2)).unwrap_or(2);
    Look {
        width: console.out.columns,
        height: console.out.rows,
        colour: console.out.colour(common.color),
        ascii: common.ascii || (invocation.source("ascii") == "default" && locale_is_ascii()),
        unit: unit(common),
        percentiles: flags.percentiles.clone(),
        percentiles_are_chosen: invocation.source("percentiles") != "default",
        detail: level(common.verbose) - level(common.quiet),
        plots: Vec::new(),
    }
}
