//! A ping for pages, build servers and other programs' tools.

use super::github::{self, Figure};
use super::hlog::{Interval, Log};
use super::junit::{self, Case, Outcome as Came, Suite, Trouble};
use super::ping::{Asked, Style, all, columns, counted, remark};
use super::ping_document::About;
use super::{facts, markdown};
use crate::ping::{Outcome, nanoseconds};
use crate::report::Status;
use crate::report::check::together;
use crate::report::words::{Scale, unjoined};

/// The answer, the targets as a table, and what there is to know of them.
#[must_use]
pub fn markdown(outcomes: &[Outcome], asked: Asked, about: &About, style: &Style) -> String {
    let plain = Style { width: None, colour: false, ascii: false, ..*style };
    let answer = match outcomes {
        [one] => format!("{}: {}", one.status.shown(), counted(one.counts)),
        several => all(several, asked, &plain),
    };
    let smallest = outcomes.iter().filter_map(|outcome| outcome.trips.min()).min();
    let scale = Scale::for_smallest(smallest.unwrap_or(1000), style.unit);
    let words = ["target", "transport", "result"].map(|title| (title.to_owned(), false));
    let numbers = ["sent", "received", "lost"].map(|title| (title.to_owned(), true));
    let times = ["min", "median", "p99", "max"];
    let times = times.map(|title| (format!("{title} {}", scale.unit.name), true));
    let headings: Vec<_> = words.into_iter().chain(numbers).chain(times).collect();
    let notes = outcomes.iter().flat_map(|outcome| {
        let note = |what: &str, hint: &str| markdown::Trouble {
            whom: outcome.target.address.clone(),
            what: unjoined(what),
            hint: hint.to_owned(),
        };
        let found = outcome.findings.iter().map(|f| note(&f.message, &f.hint)).collect::<Vec<_>>();
        // What this machine lacks is no finding of the target.
        let lacks = outcome.error.as_ref().filter(|_| found.is_empty());
        let lacks = lacks.map(|problem| note(&problem.message, &problem.hint));
        found.into_iter().chain(lacks).collect::<Vec<_>>()
    });
    [
        markdown::answer(&unjoined(&answer)),
        markdown::table(&headings, outcomes.iter().map(|outcome| cells(outcome, scale))),
        markdown::troubles(notes),
        markdown::facts("settings", &facts::of_settings(&about.settings)),
    ]
    .concat()
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
