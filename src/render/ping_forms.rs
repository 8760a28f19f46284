//! A ping for pages, build servers and other programs' tools.

use super::github::{self, Figure};
use super::hlog::{Interval, Log};
use super::junit::{self, Case, Outcome as Came, Suite, Trouble};
use super::paint::Tone;
use super::ping::{Asked, Style, all, columns, counted, remark};
use super::ping_document::About;
use super::{facts, markdown, page, troubles};
use crate::ping::{Outcome, nanoseconds};
use crate::report::Status;
use crate::report::check::together;
use crate::report::words::{Scale, Unit, unjoined};

/// The answer, the targets as a table, and what there is to know of them.
#[must_use]
pub fn markdown(outcomes: &[Outcome], asked: Asked, about: &About, style: &Style) -> String {
    let (headings, lines) = grid(outcomes, style.unit);
    [
        markdown::answer(&answer(outcomes, asked, style)),
        markdown::table(&headings, lines.into_iter()),
        markdown::troubles(notes(outcomes)),
        markdown::facts("settings", &facts::of_settings(&about.settings)),
    ]
    .concat()
}

/// The same as a page. With several targets each has an answer of its own.
#[must_use]
pub fn html(outcomes: &[Outcome], asked: Asked, about: &About, style: &Style) -> String {
    let (headings, lines) = grid(outcomes, style.unit);
    let colours = outcomes.iter().map(|outcome| match outcome.status {
        Status::Pass => "",
        status => page::class(tone(status)),
    });
    let worst = [Status::Fail, Status::Unavailable, Status::Interrupted, Status::Skipped];
    let has = |status: &Status| outcomes.iter().any(|outcome| outcome.status == *status);
    let worst = worst.into_iter().find(has).unwrap_or(Status::Pass);
    let each = outcomes.iter().filter(|_| outcomes.len() > 1).map(told);
    let cut = about.interrupted.iter().map(|signal| format!("interrupted ({signal})"));
    let body = [
        page::answer(tone(worst), &answer(outcomes, asked, style)),
        page::sentences("findings", cut.chain(each)),
        page::table(
            "Every target",
            &headings,
            lines.iter().zip(colours).map(|(cells, colour)| page::Line::of(colour, cells)),
        ),
        page::troubles(notes(outcomes)),
        page::settings(&about.argv, &about.settings),
    ];
    let body = page::around("section", "", &body.concat());
    page::page(&page::title("sockeye ping", about.started), "", &body)
}

const fn tone(status: Status) -> Tone {
    match status {
        Status::Pass => Tone::Good,
        Status::Fail => Tone::Bad,
        Status::Unavailable | Status::Interrupted | Status::Skipped => Tone::Doubtful,
    }
}

/// What came of a target, in a sentence; and what it answered, where it was asked for words.
fn told(outcome: &Outcome) -> String {
    let came = match &outcome.error {
        Some(problem) if outcome.status == Status::Unavailable => problem.meaning.clone(),
        _ => counted(outcome.counts),
    };
    unjoined(&format!("{}: {}: {came}", outcome.target.address, outcome.status.shown()))
}

/// The answer, of one target or about all.
fn answer(outcomes: &[Outcome], asked: Asked, style: &Style) -> String {
    let plain = Style { width: None, colour: false, ascii: false, ..*style };
    let answer = match outcomes {
        [one] => format!("{}: {}", one.status.shown(), counted(one.counts)),
        several => all(several, asked, &plain),
    };
    unjoined(answer.trim_end())
}

/// A line a target, times in one unit; and the headings, with which of them have numbers below.
fn grid(outcomes: &[Outcome], unit: Option<Unit>) -> (Vec<(String, bool)>, Vec<Vec<String>>) {
    let smallest = outcomes.iter().filter_map(|outcome| outcome.trips.min()).min();
    let scale = Scale::for_smallest(smallest.unwrap_or(1000), unit);
    let words = ["target", "transport", "result"].map(|title| (title.to_owned(), false));
    let numbers = ["sent", "received", "lost"].map(|title| (title.to_owned(), true));
    let times = ["min", "median", "p99", "max"];
    let times = times.map(|title| (format!("{title} {}", scale.unit.name), true));
    let headings = words.into_iter().chain(numbers).chain(times).collect();
    (headings, outcomes.iter().map(|outcome| cells(outcome, scale)).collect())
}

/// What was found, or what this machine lacks, and what helps.
fn notes(outcomes: &[Outcome]) -> impl Iterator<Item = troubles::Trouble> {
    outcomes.iter().flat_map(|outcome| {
        let note = |what: &str, hint: &str| troubles::Trouble {
            whom: outcome.target.address.clone(),
            what: unjoined(what),
            hint: hint.to_owned(),
        };
        let found = outcome.findings.iter().map(|f| note(&f.message, &f.hint)).collect::<Vec<_>>();
        // What this machine lacks is no finding of the target.
        let lacks = outcome.error.as_ref().filter(|_| found.is_empty());
        let lacks = lacks.map(|problem| note(&problem.message, &problem.hint));
        found.into_iter().chain(lacks).collect::<Vec<_>>()
    })
}

fn cells(outcome: &Outcome, scale: Scale) -> Vec<String> {
    let (counts, trips) = (outcome.counts, &outcome.trips);
    let words = [&outcome.target.address, outcome.target.transport.name, outcome.status.shown()];
    let numbers = [counts.sent, counts.received, counts.lost()];
    let times = [trips.min(), trips.percentile(0.5), trips.percentile(0.99), trips.max()];
    let time = |ns: Option<u64>| ns.map_or_else(String::new, |ns| scale.number(ns));
    let words = words.map(str::to_owned).into_iter();
    words.chain(numbers.map(|n| n.to_string())).chain(times.map(time)).collect()
}

/// A suite a transport, a case a target.
#[must_use]
pub fn junit(outcomes: &[Outcome], about: &About) -> String {
    let case = |outcome: &Outcome| Case {
        class: format!("sockeye.ping.{}", outcome.target.transport.name),
        name: outcome.target.address.clone(),
        took: None,
        outcome: came(outcome),
        lines: columns(outcome)
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name}={value}"))
            .collect(),
    };
    let mut properties = facts::of_settings(&about.settings);
    properties.extend(about.interrupted.iter().map(|signal| {
        let signal: &str = signal;
        ("interrupted".to_owned(), signal.to_owned())
    }));
    let suite = |(name, outcomes): (&str, Vec<&Outcome>)| Suite {
        name: name.to_owned(),
        started: Some(about.started),
        properties: properties.clone(),
        cases: outcomes.into_iter().map(case).collect(),
    };
    let transports = together(outcomes, |outcome| outcome.target.transport.name);
    let suites: Vec<_> = transports.into_iter().map(suite).collect();
    junit::render("sockeye ping", Some(about.duration), &suites)
}

fn came(outcome: &Outcome) -> Came {
    let [kind, message, text] = remark(outcome);
    let counted = format!("{}: {}", outcome.status.shown(), unjoined(&counted(outcome.counts)));
    let message = if message.is_empty() { counted } else { unjoined(&message) };
    let kind = if kind.is_empty() { outcome.status.word().to_owned() } else { kind };
    match outcome.status {
        Status::Pass => Came::Passed,
        Status::Fail => Came::Failed(Trouble { kind, message, text }),
        Status::Interrupted => Came::Unfinished(Trouble { kind, message, text }),
        Status::Unavailable | Status::Skipped => {
            Came::Skipped(format!("{message}; what helps: {text}"))
        }
    }
}

/// The median round trip of each target that passed.
#[must_use]
pub fn github(outcomes: &[Outcome]) -> String {
    let figure = |outcome: &Outcome| {
        let trips = Some(&outcome.trips).filter(|_| outcome.status == Status::Pass)?;
        let columns = columns(outcome).into_iter().filter(|(_, value)| !value.is_empty());
        let extra: Vec<_> = columns.map(|(name, value)| format!("{name}={value}")).collect();
        Some(Figure {
            name: super::paint::tame(&outcome.target.address),
            unit: "ns",
            value: trips.percentile(0.5)?,
            range: None,
            extra: extra.join("\n"),
        })
    };
    let figures: Vec<_> = outcomes.iter().filter_map(figure).collect();
    github::render(&figures)
}

/// An interval a target, as long as it all took.
#[must_use]
pub fn hlog(outcomes: &[Outcome], about: &About) -> String {
    let tool = crate::report::Tool::this();
    let mut comments = vec![
        format!("{} {}: round trips in nanoseconds", tool.name, tool.version),
        "an interval is a target; Interval_Max is in milliseconds".to_owned(),
    ];
    comments.extend(about.interrupted.iter().map(|signal| format!("interrupted: {signal}")));
    let without = outcomes.iter().filter(|outcome| outcome.trips.count() == 0);
    comments.extend(without.map(|outcome| {
        let [_, message, _] = remark(outcome);
        format!("{}: {}: {message}", outcome.status.word(), outcome.target.address)
    }));
    let mut log = Log::new(about.started, &comments);
    for outcome in outcomes {
        let took_ns = nanoseconds(about.duration);
        log.add(&Interval { tag: &outcome.target.address, at_ns: 0, took_ns }, &outcome.trips);
    }
    log.into_text()
}
