//! Two sides of pings: who answers no more, and how the round trips look. A ping has no rounds, and so
//! no evidence for a difference in time.

use super::{Change, Found, Point, Row, Source, Verdict};
use crate::measure::samples::to_f64;
use crate::report::Status;
use crate::stats::median_of_rounds;
use serde::Deserialize;
use std::collections::HashMap;

/// A document of a ping, as far as it is compared. Unknown fields are left alone.
#[derive(Clone, Debug, Deserialize)]
pub struct Ping {
    started: String,
    interrupted: Option<String>,
    targets: Vec<Target>,
}

#[expect(clippy::struct_field_names, reason = "the names are the document's")]
#[derive(Clone, Debug, Deserialize)]
struct Target {
    target: String,
    transport: String,
    status: String,
    rtt_ns: Option<Trips>,
    error: Option<Trouble>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
struct Trips {
    p50: u64,
}

#[derive(Clone, Debug, Deserialize)]
struct Trouble {
    meaning: String,
}

/// The files of one side.
#[derive(Clone, Debug, Default)]
pub struct Side {
    /// The files, in order.
    pub files: Vec<Source>,
    notes: Vec<String>,
    targets: HashMap<String, Seen>,
    order: Vec<String>,
}

/// What one side says of a target.
#[derive(Clone, Debug, Default)]
struct Seen {
    whom: String,
    medians: Vec<u64>,
    /// The first status that was no pass, and why.
    without: Option<(String, String)>,
}

impl Side {
    /// Takes in a file.
    pub fn add(&mut self, name: String, ping: Ping) {
        if let Some(signal) = ping.interrupted {
            self.notes.push(format!("{name} was ended early by {signal}"));
        }
        self.files.push(Source { name, label: None, started: ping.started, kernel: None });
        let mut seen_here: HashMap<String, usize> = HashMap::new();
        for target in ping.targets {
            // A name may have several addresses of a transport: the first, the second, and so on.
            let times = seen_here.entry(format!("{}/{}", target.target, target.transport));
            let id = times.key().clone();
            let again = times.and_modify(|times| *times += 1).or_insert(1);
            let id = if *again > 1 { format!("{id}#{again}") } else { id };
            self.add_target(id, target);
        }
    }

    fn add_target(&mut self, id: String, target: Target) {
        if !self.targets.contains_key(&id) {
            self.order.push(id.clone());
        }
        let seen = self.targets.entry(id).or_default();
        seen.whom = target.target;
        if target.status == Status::Pass.word() {
            seen.medians.extend(target.rtt_ns.map(|trips| trips.p50).filter(|ns| *ns > 0));
        } else if seen.without.is_none() {
            let why = target.error.map_or_else(|| "no answer".to_owned(), |error| error.meaning);
            seen.without = Some((target.status, why));
        }
    }
}

/// Compares them; `Err` with the targets of each side, if they have none in common.
///
/// # Errors
/// When there is nothing to compare.
pub fn compare(base: &Side, new: &Side) -> Result<Found, [Vec<String>; 2]> {
    let only = |one: &Side, other: &Side| -> Vec<String> {
        one.order.iter().filter(|id| !other.targets.contains_key(*id)).cloned().collect()
    };
    let rows: Vec<_> = base
        .order
        .iter()
        .filter_map(|id| Some(row(id, base.targets.get(id)?, new.targets.get(id)?)))
        .collect();
    if rows.is_empty() {
        return Err([base.order.clone(), new.order.clone()]);
    }
    let mut found = Found {
        headings: vec!["TARGET"],
        rows,
        only: [only(base, new), only(new, base)],
        notes: base.notes.iter().chain(&new.notes).cloned().collect(),
        noun: "target",
        ..Found::default()
    };
    found.sort();
    Ok(found)
}

fn row(id: &str, before: &Seen, after: &Seen) -> Row {
    let time = |seen: &Seen| median_of_rounds(&seen.medians).map(|median| median.value);
    let point = |seen: &Seen| match (&seen.without, time(seen)) {
        (Some((_, why)), _) => Point::Words(why.clone()),
        (None, Some(ns)) => Point::Time(ns, None),
        (None, None) => Point::Nothing,
    };
    let times = time(before).zip(time(after));
    let change = times.filter(|_| before.without.is_none() && after.without.is_none()).map(
        |(before, after)| {
            let raw = to_f64(after) / to_f64(before);
            Change { raw, ratio: raw, interval: None }
        },
    );
    Row {
        id: id.to_owned(),
        names: vec![after.whom.clone()],
        whom: after.whom.clone(),
        before: point(before),
        after: point(after),
        change,
        verdict: verdict(before, after),
    }
}

fn verdict(before: &Seen, after: &Seen) -> Verdict {
    let fails =
        |seen: &Seen| seen.without.as_ref().map(|(status, _)| status == Status::Fail.word());
    match (fails(before), fails(after)) {
        (None, Some(true)) => Verdict::Broken,
        (None, Some(false)) => Verdict::Gone,
        (Some(true), None) => Verdict::Mended,
        (Some(false), None) => Verdict::Back,
        (Some(_), Some(_)) => Verdict::StillFails,
        (None, None) => Verdict::Unclear,
    }
}
