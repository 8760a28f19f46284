//! Two sides of runs, case by case.

use super::evidence::{ENOUGH_FILES, Findings, Group};
use super::judge::{of_states, unseen, verdicts};
use super::side::{Case, Measured, Side, State};
use super::{Change, Found, Machine, Options, Point, Row, Verdict, surroundings};
use crate::cli::compare::Metric;
use crate::cli::quantity::bytes_words;
use crate::measure::plan::Place;
use crate::report::claim::MARGIN;
use crate::report::words::listed;
use crate::stats::{Interval, median_of_rounds};

/// What the machine does is worth a line from this on.
const WORTH_A_LINE: f64 = 0.029_558_802_241_544; // ln 1.03
/// A 99th percentile that moved that far is worth a line.
const FAR_TAIL: f64 = 0.405_465_108_108_164; // ln 1.5

/// A case on both sides.
type Pair<'a> = (&'a str, &'a Case, &'a Case);

/// Compares them; `Err` with the ids of each side, if they have none in common.
///
/// # Errors
/// When there is nothing to compare.
pub fn compare(base: &Side, new: &Side, options: &Options) -> Result<Found, [Vec<String>; 2]> {
    let only = |one: &Side, other: &Side| -> Vec<String> {
        one.order.iter().filter(|id| !other.cases.contains_key(*id)).cloned().collect()
    };
    let pairs: Vec<Pair<'_>> = base
        .order
        .iter()
        .filter_map(|id| Some((id.as_str(), base.cases.get(id)?, new.cases.get(id)?)))
        .collect();
    if pairs.is_empty() {
        return Err([base.order.clone(), new.order.clone()]);
    }
    let mut found = Found {
        headings: vec!["TRANSPORT", "PLACE", "SIZE", "WAIT"],
        only: [only(base, new), only(new, base)],
        environment: surroundings::environments(&base.environment, &new.environment),
        settings: surroundings::settings(&base.settings, &new.settings),
        noun: "transport",
        ..Found::default()
    };
    found.settings.extend(surroundings::tool(&base.version, &new.version));
    rows(&mut found, &pairs, options);
    found.notes.extend(notes(base, "before"));
    found.notes.extend(notes(new, "now"));
    found.sort();
    Ok(found)
}

fn rows(found: &mut Found, pairs: &[Pair<'_>], options: &Options) {
    let several = Several::of(pairs);
    let mut unrelated: Vec<String> = Vec::new();
    let mut measured: Vec<(Pair<'_>, Option<super::evidence::Evidence>, f64)> = Vec::new();
    let mut few = false;
    for group in groups(pairs) {
        let findings = Group { cases: group.iter().map(|(_, b, a)| (*b, *a)).collect() }
            .findings(unseen(options.metric), MARGIN);
        let case = group[0].1;
        let common = common(found, case, &findings);
        if findings.common.is_none() {
            unrelated.push(several.at(case));
        }
        few |= findings.by_file && enough(&group) < ENOUGH_FILES;
        let evidence = group.into_iter().zip(findings.cases);
        measured.extend(evidence.map(|(pair, evidence)| (pair, evidence, common)));
    }
    let evidence: Vec<_> = measured.iter().map(|(_, evidence, _)| evidence.clone()).collect();
    let verdicts = verdicts(&evidence, options.limit);
    for ((pair, evidence, common), verdict) in measured.iter().zip(verdicts) {
        let change = evidence.as_ref().map(change);
        found.rows.push(several.row(*pair, change, verdict));
        if options.metric != Metric::P99
            && tail(pair).is_some_and(|t| (t - common).abs() > FAR_TAIL)
        {
            found.tails.push(several.whom(pair.1));
        }
    }
    for pair in pairs {
        if let Some(verdict) = of_states(pair.1, pair.2) {
            found.rows.push(several.row(*pair, None, verdict));
        }
    }
    found.notes.extend(cautions(&unrelated, few, pairs, options));
}

/// Cases that were measured side by side on both sides.
fn groups<'a>(pairs: &[Pair<'a>]) -> Vec<Vec<Pair<'a>>> {
    let mut groups: Vec<Vec<Pair<'a>>> = Vec::new();
    let key = |case: &'a Case| (case.size, case.place.as_str(), case.wait.as_str());
    for pair in pairs {
        if [pair.1, pair.2].iter().any(|case| case.state() != State::Measured) {
            continue;
        }
        match groups.iter_mut().find(|group| key(group[0].1) == key(pair.1)) {
            Some(group) => group.push(*pair),
            None => groups.push(vec![*pair]),
        }
    }
    groups
}

fn enough(group: &[Pair<'_>]) -> usize {
    let files = |pair: &Pair<'_>| pair.1.measured.len().min(pair.2.measured.len());
    group.iter().map(files).min().unwrap_or(0)
}

/// What the machine did in a group, which is said where it is worth a line.
fn common(found: &mut Found, case: &Case, findings: &Findings) -> f64 {
    let shift = findings.common.as_ref().map_or(0.0, |common| common.shift);
    if shift.abs() > WORTH_A_LINE {
        found.machine.push(Machine {
            place: case.place.clone(),
            size: case.size,
            wait: case.wait.clone(),
            ratio: shift.exp(),
            moved: [findings.common.as_ref().map_or(0, |c| c.anchors.len()), findings.cases.len()],
        });
    }
    shift
}

fn change(evidence: &super::evidence::Evidence) -> Change {
    let ratio = |i: Interval| Interval { low: i.low.exp(), high: i.high.exp() };
    Change {
        raw: evidence.raw.exp(),
        ratio: evidence.shift.estimate.exp(),
        interval: evidence.shift.interval.map(ratio),
    }
}

/// The change of the 99th percentile, as a logarithm.
fn tail((_, before, after): &Pair<'_>) -> Option<f64> {
    let p99 = |case: &Case| {
        let values: Vec<u64> = case.measured.iter().filter_map(|m| m.p99).collect();
        median_of_rounds(&values).map(|median| crate::measure::samples::to_f64(median.value.max(1)))
    };
    Some((p99(after)? / p99(before)?).ln())
}

/// Of which columns there are several values.
struct Several {
    places: bool,
    sizes: bool,
    waits: bool,
}

impl Several {
    fn of(pairs: &[Pair<'_>]) -> Self {
        let first = pairs[0].1;
        let differs = |other: fn(&Case, &Case) -> bool| pairs.iter().any(|p| other(p.1, first));
        Self {
            places: differs(|a, b| a.place != b.place),
            sizes: differs(|a, b| a.size != b.size),
            waits: differs(|a, b| a.wait != b.wait),
        }
    }

    /// Where a case stands, as far as there are several.
    fn at(&self, case: &Case) -> String {
        let place = Place::ALL.into_iter().find(|place| place.word() == case.place);
        let place = place.map_or_else(|| case.place.clone(), |place| place.phrase().to_owned());
        let parts = [
            self.places.then(|| format!("on {place}")),
            self.sizes.then(|| format!("with {}", bytes_words(case.size))),
            self.waits.then(|| format!("waiting by {}", case.wait)),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    fn whom(&self, case: &Case) -> String {
        format!("{} {}", case.transport, self.at(case)).trim_end().to_owned()
    }

    fn row(&self, (id, before, after): Pair<'_>, change: Option<Change>, verdict: Verdict) -> Row {
        let size = crate::cli::quantity::bytes_short(before.size);
        Row {
            id: id.to_owned(),
            names: vec![before.transport.clone(), before.place.clone(), size, before.wait.clone()],
            whom: self.whom(before),
            before: point(before),
            after: point(after),
            change,
            verdict,
        }
    }
}

fn point(case: &Case) -> Point {
    match case.state() {
        State::Failed => Point::Words(case.trouble.clone().unwrap_or_else(|| "fails".to_owned())),
        State::Missing => {
            Point::Words(case.trouble.clone().unwrap_or_else(|| "is not available".to_owned()))
        }
        State::Unknown => Point::Nothing,
        State::Measured => time(&case.measured),
    }
}

fn time(measured: &[Measured]) -> Point {
    let values: Vec<u64> = measured.iter().filter_map(|measured| measured.whole).collect();
    let Some(median) = median_of_rounds(&values) else { return Point::Nothing };
    let half = match measured {
        [only] => only.half,
        _ => median.half_width(),
    };
    Point::Time(median.value, half)
}

/// What keeps a comparison from saying more, and what would help.
fn cautions(unrelated: &[String], few: bool, pairs: &[Pair<'_>], options: &Options) -> Vec<String> {
    let mut notes = Vec::new();
    let files = enough(pairs);
    if few {
        let per_round = matches!(options.metric, Metric::P90 | Metric::P99);
        let help = if per_round { "rounds of 100 echoes (-t 30s), or " } else { "" };
        notes.push(format!(
            "{} is one number a file here: {help}6 files of each side would decide",
            options.metric.word()
        ));
    }
    if !unrelated.is_empty() && files < ENOUGH_FILES {
        let places: Vec<_> = unrelated.iter().filter(|at| !at.is_empty()).cloned().collect();
        let at = if places.is_empty() || places.len() > 3 {
            String::new()
        } else {
            format!(" {}", listed(&places))
        };
        notes.push(format!(
            "what the machine does cannot be told from what a transport does{at}, so that only what \
             is far beyond counts: measure 4 transports or more, or {ENOUGH_FILES} files of each side"
        ));
    }
    notes
}

/// What is to be known of a side's files.
fn notes(side: &Side, when: &str) -> Vec<String> {
    let mut notes: Vec<_> = side
        .interrupted
        .iter()
        .take(2)
        .map(|(name, signal)| {
            format!("{name} was ended early by {signal}: the rounds that it has are compared")
        })
        .collect();
    if !side.mixed.is_empty() {
        notes.push(format!(
            "the files of {when} differ among themselves: {}",
            listed(&side.mixed.iter().take(4).collect::<Vec<_>>())
        ));
    }
    notes
}
