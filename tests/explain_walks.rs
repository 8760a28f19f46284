//! Real walks, and whether the kernel says what the sentences of `explain` claim: each claim is
//! confirmed by some walk and denied by none, one that is not so is denied, and what is denied is not
//! told as if it were so.
//!
//! The ends of a walk are the program itself, started again: asked for one, this test is that.

mod support;

#[path = "support/harness.rs"]
mod harness;
#[path = "support/network.rs"]
mod network;
#[path = "support/ready.rs"]
mod ready;

use harness::{Test, harness};
use network::is_inside;
use ready::ready;
use sockeye::cli::value::{Format, Percentiles};
use sockeye::environment::Environment;
use sockeye::measure::plan::{Place, Seats};
use sockeye::os::cpu;
use sockeye::os::process::WALK_WORD;
use sockeye::os::scratch::Scratch;
use sockeye::os::signals::Interrupts;
use sockeye::render::Look;
use sockeye::render::explain::{View as Shown, render};
use sockeye::report::explain::{About, Report};
use sockeye::transport::lesson::{Claim, Lesson, Moment, State, To, Who, all, lesson};
use sockeye::transport::{Kind, Transport};
use sockeye::walk::Came;
use sockeye::walk::drive::Plan;
use sockeye::walk::evidence::holds;
use sockeye::walk::route::route;
use sockeye::walk::tally::{Row, Tally, walk};
use std::collections::BTreeSet;
use std::process::{Command, ExitCode};
use std::time::{Duration, UNIX_EPOCH};
use support::{Ran, skip, skip_without_tool};

/// The kernel whose every word is known. Another may say less.
const MEASURED_ON: &str = "6.18.";
/// Bytes of the message.
const SIZE: usize = 64;

fn main() -> ExitCode {
    let args: Vec<_> = std::env::args().collect();
    match args.get(1).map(String::as_str) {
        Some(WALK_WORD) => ExitCode::from(sockeye::walk::end::run(&args[2..])),
        _ => harness(&TESTS, &args[1..]),
    }
}

const TESTS: [Test; 7] = [
    ("every_claim_is_confirmed", every_claim_is_confirmed),
    ("every_claim_on_raw_sockets_is_confirmed", every_claim_on_raw_sockets_is_confirmed),
    ("a_claim_that_is_not_so_is_denied", a_claim_that_is_not_so_is_denied),
    ("what_is_denied_is_not_told", what_is_denied_is_not_told),
    ("of_a_refused_call_nothing_is_said", of_a_refused_call_nothing_is_said),
    (
        "what_another_kernel_does_not_confirm_is_linux_s",
        what_another_kernel_does_not_confirm_is_linux_s,
    ),
    ("gvisor_denies_nothing_that_is_said", gvisor_denies_nothing_that_is_said),
];

/// The rows that are ready here: the raw ones, which hear each other, or the others.
fn here(raw: bool) -> Vec<&'static Transport> {
    ready().into_iter().filter(|row| (row.kind == Kind::Raw) == raw).collect()
}

/// Where the ends sit: on one CPU, and on two where there are two.
fn seats() -> Vec<(usize, usize)> {
    let allowed = cpu::allowed().expect("the kernel says");
    let (first, last) = (allowed[0], allowed[allowed.len() - 1]);
    let mut seats = vec![(first, first), (first, last)];
    seats.dedup();
    seats
}

/// A walk that was looked at, to its end.
fn walked(transport: &'static Transport, to: To, cpus: (usize, usize)) -> Tally {
    let plan = Plan {
        transport,
        steps: route(transport, to),
        size: SIZE,
        cpus: Some(cpus),
        patience: Duration::from_secs(20),
    };
    let interrupts = Interrupts::block().expect("signals can be blocked");
    let mut scratch = Scratch::below(&std::env::temp_dir());
    let mut tallies = walk(&[plan], 1, &mut scratch, &interrupts).expect("the ends start");
    let tally = tallies.of.remove(0);
    assert_eq!(tally.trouble, None, "{}", transport.name);
    assert_eq!(tally.rows.len(), tally.plan.steps.len(), "{}", transport.name);
    tally
}

/// The sentence on a call.
fn said(transport: &Transport, to: To, row: &Row) -> &'static Lesson {
    let moment = row.taken.step.moment;
    lesson(transport, to, moment).unwrap_or_else(|| panic!("{} {to:?} {moment:?}", transport.name))
}

/// Claims that no walk was to confirm: those of the experiments and of the checks.
fn is_shown(claim: Claim) -> bool {
    matches!(claim, Claim::Shown(_) | Claim::Checked(_))
}

fn every_claim_is_confirmed() -> Result<(), String> {
    confirmed(&here(false))
}

fn every_claim_on_raw_sockets_is_confirmed() -> Result<(), String> {
    if !is_inside("every_claim_on_raw_sockets_is_confirmed", "ip link set lo up") {
        return Ok(());
    }
    let rows = here(true);
    if rows.is_empty() {
        skip("raw sockets need CAP_NET_RAW");
    }
    confirmed(&rows)
}

/// Every walk over them.
fn walks<'a>(
    transports: &'a [&'static Transport],
) -> impl Iterator<Item = (&'static Transport, To)> + 'a {
    transports.iter().flat_map(|row| To::ALL.map(|to| (*row, to)))
}

/// Walks over all of them, and what the kernel did not confirm of what was said of their calls.
fn confirmed(transports: &[&'static Transport]) -> Result<(), String> {
    let (mut denied, mut untold) = (Vec::new(), BTreeSet::new());
    for (transport, to) in walks(transports) {
        for cpus in seats() {
            for row in &walked(transport, to, cpus).rows {
                let claims = said(transport, to, row).claims.iter();
                for &claim in claims.filter(|claim| !is_shown(**claim)) {
                    let moment = row.taken.step.moment;
                    let what = format!("{} {to:?} {moment:?}: {claim:?}", transport.name);
                    match holds(claim, &row.taken, &row.view, SIZE) {
                        Some(true) => {}
                        Some(false) => denied.push(format!("{what}: {:?}", row.view)),
                        None => drop(untold.insert(what)),
                    }
                }
            }
        }
    }
    if !denied.is_empty() {
        return Err(format!("denied: {denied:#?}"));
    }
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    if untold.is_empty() {
        return Ok(());
    }
    if !release.starts_with(MEASURED_ON) {
        skip(&format!("this kernel does not tell: {untold:#?}"));
        return Ok(());
    }
    Err(format!("not confirmed: {untold:#?}"))
}

/// What cannot be so where this is, and what can be neither of them.
fn contrary(claim: Claim, others: &[Claim]) -> Vec<Claim> {
    let unless = |other: Claim| (!others.contains(&other)).then_some(other);
    match claim {
        Claim::Is(who, State::Listen) => vec![Claim::Is(who, State::Established)],
        Claim::Is(who, _) => vec![Claim::Is(who, State::Listen)],
        Claim::Nameless(who) => vec![Claim::Named(who)],
        Claim::Named(who) => vec![Claim::Nameless(who)],
        Claim::Room(who, most) => vec![Claim::Room(who, most + 1)],
        Claim::Waiting(who, clients) => vec![Claim::Waiting(who, clients + 1)],
        Claim::Unread(who) => vec![Claim::AllRead(who)],
        Claim::AllRead(who) => vec![Claim::Unread(who)],
        Claim::File(who) => vec![Claim::NoFile(who)],
        Claim::NoFile(who) => vec![Claim::File(who)],
        Claim::Lingers(end, State::TimeWait) => vec![Claim::Gone(end), Claim::ClosedFirst(end)],
        Claim::Lingers(end, _) | Claim::ClosedFirst(end) => {
            vec![Claim::Gone(end), Claim::Lingers(end, State::TimeWait)]
        }
        Claim::Gone(end) => vec![Claim::Lingers(end, State::TimeWait), Claim::ClosedFirst(end)],
        Claim::Moved(None) => vec![Claim::Moved(Some(SIZE - 1)), Claim::Header(1)],
        Claim::Moved(Some(count)) => {
            vec![Claim::Moved(Some(count + 1)), Claim::Moved(None), Claim::Right, Claim::FromItself]
        }
        Claim::Header(len) => vec![Claim::Header(len + 1), Claim::Moved(None)],
        Claim::Right | Claim::FromItself => vec![Claim::TimedOut, Claim::Refused("EAGAIN")],
        Claim::TellsName => [Claim::TellsMapped, Claim::FromRange]
            .into_iter()
            .filter_map(unless)
            .chain([Claim::TellsNoName])
            .collect(),
        Claim::TellsNoName => vec![Claim::TellsName],
        Claim::TellsMapped | Claim::FromRange => vec![Claim::TellsNoName],
        Claim::Refused(_) | Claim::TimedOut => vec![Claim::Moved(None)],
        // What was dropped may have left nothing behind; a walk that loses nothing tells below.
        Claim::Dropped(_) | Claim::Shown(_) | Claim::Checked(_) => Vec::new(),
    }
}

/// A claim's kind.
fn kind(claim: Claim) -> String {
    let text = format!("{claim:?}");
    text.split('(').next().unwrap_or_default().to_owned()
}

/// Wherever a claim is confirmed, what would be its contrary is denied; and there is no kind of claim
/// that nothing ever denies.
fn a_claim_that_is_not_so_is_denied() -> Result<(), String> {
    let mut denied = BTreeSet::new();
    let cpus = seats()[0];
    let transports = here(false);
    let rows: Vec<_> =
        walks(&transports).map(|(row, to)| (row, to, walked(row, to, cpus))).collect();
    for (transport, to, tally) in &rows {
        for row in &tally.rows {
            let claims = said(transport, *to, row).claims;
            let is_so = |claim: &&Claim| holds(**claim, &row.taken, &row.view, SIZE) == Some(true);
            for claim in claims.iter().filter(is_so) {
                for wrong in contrary(*claim, claims) {
                    let verdict = holds(wrong, &row.taken, &row.view, SIZE);
                    let moment = row.taken.step.moment;
                    assert_ne!(verdict, Some(true), "{} {moment:?} {wrong:?}", transport.name);
                    denied.extend(verdict.map(|_| kind(wrong)));
                }
            }
        }
    }
    // In most walks nothing is dropped.
    let nothing_dropped = |row: &Row| {
        let claim = Claim::Dropped(Who::Server);
        holds(claim, &row.taken, &row.view, SIZE) == Some(false)
    };
    if rows.iter().flat_map(|(_, _, tally)| &tally.rows).any(nothing_dropped) {
        denied.insert(kind(Claim::Dropped(Who::Server)));
    }
    let claimed = all().flat_map(|row| row.claims).filter(|claim| !is_shown(**claim));
    let claimed: BTreeSet<_> = claimed.map(|claim| kind(*claim)).collect();
    let never: Vec<_> = claimed.difference(&denied).collect();
    if never.is_empty() { Ok(()) } else { Err(format!("never denied: {never:?}")) }
}

fn report(tallies: Vec<Tally>) -> Report {
    report_in(Environment::default(), tallies)
}

fn report_in(environment: Environment, tallies: Vec<Tally>) -> Report {
    let about = About {
        argv: Vec::new(),
        started: UNIX_EPOCH,
        duration: Duration::from_millis(1),
        environment,
        to: To::Echo,
        size: SIZE,
        walks: 1,
        seats: Seats { place: Place::Free, cpus: None },
        interrupted: None,
    };
    Report::new(about, tallies, &["tcp4".to_owned(), "tcp4#2".to_owned()])
}

fn told(report: &Report, format: Format) -> String {
    let look = Look {
        width: None,
        height: None,
        colour: false,
        ascii: false,
        unit: None,
        percentiles: Percentiles(Vec::new()),
        percentiles_are_chosen: false,
        detail: 0,
        plots: Vec::new(),
    };
    render(report, format, Shown { states: false }, &look)
}

/// A walk over TCP, and the place of a moment in it.
fn of_tcp(moment: Moment) -> (Tally, usize) {
    let tally = walked(Transport::named("tcp4").expect("in the catalogue"), To::Echo, seats()[0]);
    let at = tally.rows.iter().position(|row| row.taken.step.moment == moment);
    let at = at.expect("a walk over TCP has it");
    (tally, at)
}

const SENTENCE: &str = "State LISTEN: ";
const DENIAL: &str = "not so here: the server's socket is in state LISTEN";

/// Is it denied in that form, and not told, and said to be so?
fn is_denied(report: &Report, format: Format) -> Result<(), String> {
    const ANSWER: &str = "not as usual here: listen";
    let text = told(report, format);
    // Lines are broken wherever they are full.
    let words = text.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
    let alone = report.accounts.len() == 1;
    let has_answer = format == Format::Csv || words.contains(ANSWER);
    // A table of differences has no room for sentences.
    let has_denial = words.contains(DENIAL) || (!alone && format == Format::Markdown);
    // Side by side in lines for a program, the other's sentence stands.
    let has_sentence = words.contains(SENTENCE) && (alone || format != Format::Csv);
    if has_answer && has_denial && !has_sentence { Ok(()) } else { Err(text) }
}

/// Its sentence gives way to what is not so, in each form and beside another walk, and the program
/// says 1.
fn what_is_denied_is_not_told() -> Result<(), String> {
    let (honest, at) = of_tcp(Moment::Listen);
    let text = told(&report(vec![honest.clone()]), Format::Table);
    if !text.contains(SENTENCE) || text.contains("not so here") {
        return Err(text);
    }
    let mut tally = honest.clone();
    let seen = &mut tally.rows[at].view.sockets;
    if seen.is_empty() {
        skip("this kernel does not tell how a socket stands");
        return Ok(());
    }
    for (_, sight) in seen {
        sight.state = Some(State::Close);
    }
    for tallies in [vec![tally.clone()], vec![honest, tally]] {
        let changed = report(tallies);
        assert_eq!(changed.exit_code, 1);
        for format in [Format::Table, Format::Markdown, Format::Csv] {
            is_denied(&changed, format)?;
        }
        let document: serde_json::Value =
            serde_json::from_str(&told(&changed, Format::Json)).map_err(|e| e.to_string())?;
        let walk = document["walks"].as_array().and_then(|walks| walks.last()).expect("a walk");
        let denied = &walk["calls"][at]["lesson"]["denied"];
        if denied[0] != DENIAL.trim_start_matches("not so here: ") {
            return Err(walk.to_string());
        }
    }
    Ok(())
}

/// What would be said of a call that went well is not said of one that did not.
fn of_a_refused_call_nothing_is_said() -> Result<(), String> {
    let (mut tally, at) = of_tcp(Moment::ServerBind);
    tally.rows.truncate(at + 1);
    tally.rows[at].taken.done.came = Came::Refused(sockeye::os::Errno::EADDRNOTAVAIL as i32);
    let report = report(vec![tally]);
    let lines = &report.accounts[0].lines;
    assert!(lines[..at].iter().all(|line| line.said.is_some()));
    match &lines[at].said {
        None => Ok(()),
        Some(said) => Err(said.text.clone()),
    }
}

/// A sentence that the kernel has confirmed stands as it is on any kernel; one that rests on what was
/// tried on Linux says so where the kernel is another.
fn what_another_kernel_does_not_confirm_is_linux_s() -> Result<(), String> {
    const FRONT: &str = "on Linux: ";
    let (tally, _) = of_tcp(Moment::Listen);
    let gvisor =
        Environment { virtualization: Some("gvisor".to_owned()), ..Environment::default() };
    let (here, there) = (report(vec![tally.clone()]), report_in(gvisor, vec![tally]));
    let mut fronts = BTreeSet::new();
    for (here, there) in here.accounts[0].lines.iter().zip(&there.accounts[0].lines) {
        let (Some(here), Some(there)) = (&here.said, &there.said) else {
            return Err(format!("nothing is said of {:?}", here.taken.step.moment));
        };
        let front = if there.untold > 0 { FRONT } else { "" };
        assert_eq!(there.text, format!("{front}{}", here.text));
        fronts.insert(front);
    }
    // There are both kinds in this walk.
    if fronts.len() == 2 { Ok(()) } else { Err(format!("{fronts:?}")) }
}

/// No claim is more than its sentence says: what another kernel does otherwise is no claim.
fn gvisor_denies_nothing_that_is_said() -> Result<(), String> {
    if skip_without_tool("runsc") {
        return Ok(());
    }
    let run = |words: &[&str]| {
        let mut command = Command::new("runsc");
        support::clean(&mut command);
        Ran::of(command.args(["--rootless", "--network=none", "do"]).args(words))
    };
    let probe = run(&["true"]);
    if probe.code != Some(0) {
        skip(&format!("runsc cannot run here: {}", probe.err.trim()));
        return Ok(());
    }
    for name in [
        "tcp4",
        "tcp6",
        "tcp46",
        "udp4",
        "udp6",
        "udp46",
        "unix-stream",
        "unix-dgram",
        "unix-seqpacket",
    ] {
        let ran = run(&[env!("CARGO_BIN_EXE_sockeye"), "explain", name, "--walks", "1"]);
        let is_right = ran.out.contains("  on Linux: ") && !ran.out.contains("not so here");
        if ran.code != Some(0) || !is_right {
            return Err(format!("{name}: {ran:?}"));
        }
    }
    Ok(())
}
