//! The metrics of a ping.

use super::about::{self, Told};
use super::{END, Family, Kind, Number, Sample, summary, told_apart, written};
use crate::ping::Outcome;
use crate::render::ping_document::About;
use crate::report::Tool;

/// The labels of a target: as it was typed, and where that is.
const TARGET: &[&str] = &["target", "address"];

/// The outcomes as metrics.
#[must_use]
pub fn render(outcomes: &[Outcome], about: &About) -> String {
    let told = Told {
        command: "ping",
        tool: Tool::this(),
        span: (about.started, about.duration),
        exit_code: about.exit_code,
        environment: None,
        transports: Vec::new(),
    };
    written(about::ALL, &told, None) + &written(ALL, outcomes, None) + END
}

/// The labels of each target; one that is asked twice bears a number.
fn targets(outcomes: &[Outcome]) -> impl Iterator<Item = (Vec<String>, &Outcome)> {
    let addresses = told_apart(outcomes.iter().map(|outcome| &*outcome.target.address));
    let typed = |outcome: &Outcome| outcome.target.typed.clone();
    addresses.into_iter().zip(outcomes).map(move |(address, of)| (vec![typed(of), address], of))
}

/// Each target that it is known of.
fn each(outcomes: &[Outcome], number: fn(&Outcome) -> Option<Number>) -> Vec<Sample> {
    let sample = |(values, of)| number(of).map(|number| Sample::new(values, number));
    targets(outcomes).filter_map(sample).collect()
}

fn time(ns: Option<u64>) -> Option<Number> {
    ns.map(|ns| Number::Nanoseconds(ns.into()))
}

/// A transport that this machine lacks was asked for nothing.
fn count(outcome: &Outcome, number: u64) -> Option<Number> {
    (outcome.counts.sent > 0).then_some(Number::Count(number))
}

/// The families of a ping.
pub(super) const ALL: &[Family<[Outcome]>] = &[
    Family {
        name: "sockeye_ping_reachable",
        kind: Kind::Gauge,
        unit: "",
        help: "Did any right answer come back?",
        labels: TARGET,
        samples: |all| each(all, |outcome| Some(Number::is(outcome.counts.received > 0))),
    },
    Family {
        name: "sockeye_ping_round_trip_seconds",
        kind: Kind::Summary,
        unit: "seconds",
        help: "Round trips of the last ping.",
        labels: TARGET,
        samples: |all| {
            let of = |(values, outcome): (Vec<String>, &Outcome)| {
                let at = |quantile| outcome.trips.percentile(quantile);
                let quantiles = [("0.5", at(0.5)), ("0.9", at(0.9)), ("0.99", at(0.99))];
                summary(&values, quantiles, &outcome.trips)
            };
            targets(all).flat_map(of).collect()
        },
    },
    Family {
        name: "sockeye_ping_round_trip_min_seconds",
        kind: Kind::Gauge,
        unit: "seconds",
        help: "The shortest round trip of the last ping.",
        labels: TARGET,
        samples: |all| each(all, |outcome| time(outcome.trips.min())),
    },
    Family {
        name: "sockeye_ping_round_trip_max_seconds",
        kind: Kind::Gauge,
        unit: "seconds",
        help: "The longest round trip of the last ping.",
        labels: TARGET,
        samples: |all| each(all, |outcome| time(outcome.trips.max())),
    },
    Family {
        name: "sockeye_ping_connect_seconds",
        kind: Kind::Gauge,
        unit: "seconds",
        help: "How long the first connect took.",
        labels: TARGET,
        samples: |all| each(all, |outcome| time(outcome.connect_ns)),
    },
    Family {
        name: "sockeye_ping_sent",
        kind: Kind::Gauge,
        unit: "",
        help: "Messages that the last ping sent.",
        labels: TARGET,
        samples: |all| each(all, |outcome| count(outcome, outcome.counts.sent)),
    },
    Family {
        name: "sockeye_ping_lost",
        kind: Kind::Gauge,
        unit: "",
        help: "Those of them that nothing came back for.",
        labels: TARGET,
        samples: |all| each(all, |outcome| count(outcome, outcome.counts.lost())),
    },
];
