//! What a picture cannot draw, in words: the cases without numbers, so that no transport is missing.

use crate::echo::fault::grouped;
use crate::report::check::together;
use crate::report::words::listed;
use crate::report::{Row, Status};

/// A line for each reason: the labels that have it, with place and size where others of the same label
/// do have numbers.
pub(super) fn absent<'a>(rows: impl Iterator<Item = &'a Row>) -> Vec<String> {
    let rows: Vec<_> = rows.collect();
    let without = rows.iter().copied().filter(|row| row.round_trips.is_none());
    let reasons = together(without, |row| reason(row));
    let line = |(reason, members): (String, Vec<&Row>)| {
        format!("{}: {reason}", listed(&names(&members, &rows)))
    };
    reasons.into_iter().map(line).collect()
}

fn reason(row: &Row) -> String {
    let why = row.problem.as_ref().map_or("", |problem| problem.meaning.as_str());
    match row.status {
        Status::Interrupted => "interrupted before its first round was over".to_owned(),
        Status::Pass => "no round was finished".to_owned(),
        Status::Fail => format!("FAIL, {why}"),
        Status::Skipped => format!("too large, {why}"),
        Status::Unavailable => why.to_owned(),
    }
}

/// The labels of these rows, each once.
fn names(members: &[&Row], rows: &[&Row]) -> Vec<String> {
    let mut labels: Vec<&str> = Vec::new();
    for row in members {
        if !labels.contains(&row.case.label.as_str()) {
            labels.push(&row.case.label);
        }
    }
    let name = |label: &str| {
        let of = |row: &&&Row| row.case.label == label;
        let ours: Vec<_> = members.iter().filter(of).map(|row| &row.case).collect();
        let all: Vec<_> = rows.iter().filter(of).map(|row| &row.case).collect();
        if ours.len() == all.len() {
            return label.to_owned();
        }
        let mut name = label.to_owned();
        let sizes = distinct(ours.iter().map(|case| case.size));
        if sizes.len() < distinct(all.iter().map(|case| case.size)).len() {
            let sizes: Vec<_> = sizes.iter().map(|size| grouped(*size as u64)).collect();
            name = format!("{name} at {} B", listed(&sizes));
        }
        let places = distinct(ours.iter().map(|case| case.seats.place));
        if places.len() < distinct(all.iter().map(|case| case.seats.place)).len() {
            let places: Vec<_> = places.iter().map(|place| place.phrase()).collect();
            name = format!("{name} on {}", listed(&places));
        }
        name
    };
    labels.into_iter().map(name).collect()
}

/// Each of them once, in their order.
pub(super) fn distinct<T: PartialEq>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut found = Vec::new();
    for item in items {
        if !found.contains(&item) {
            found.push(item);
        }
    }
    found
}
