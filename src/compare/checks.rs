//! Two sides of checks: which facts are not what they were.

use super::{Found, Point, Row, Source, Verdict, surroundings};
use crate::environment::Environment;
use crate::report::Tool;
use crate::report::check::Status;
use serde::Deserialize;
use std::collections::HashMap;

/// A document of checks, as far as it is compared. Unknown fields are left alone.
#[derive(Clone, Debug, Deserialize)]
pub struct Checks {
    tool: Tool,
    started: String,
    interrupted: Option<String>,
    environment: Environment,
    cells: Vec<Cell>,
}

#[derive(Clone, Debug, Deserialize)]
struct Cell {
    behaviour: String,
    transport: String,
    naming: Option<String>,
    status: String,
    observed: Option<String>,
    short: String,
    reason: Option<String>,
}

/// The files of one side.
#[derive(Clone, Debug, Default)]
pub struct Side {
    /// The files, in order.
    pub files: Vec<Source>,
    environment: Environment,
    version: String,
    notes: Vec<String>,
    cells: HashMap<String, Cell>,
    order: Vec<String>,
}

impl Side {
    /// Takes in a file. A fact in which the files differ varies.
    pub fn add(&mut self, name: String, checks: Checks) {
        if self.files.is_empty() {
            self.environment = checks.environment.clone();
            self.version = checks.tool.version.into_owned();
        }
        if let Some(signal) = checks.interrupted {
            self.notes.push(format!("{name} was ended early by {signal}"));
        }
        let kernel = Some(checks.environment.kernel);
        self.files.push(Source { name, label: None, started: checks.started, kernel });
        for cell in checks.cells {
            let naming = cell.naming.iter().map(String::as_str);
            let words =
                [cell.behaviour.as_str(), cell.transport.as_str()].into_iter().chain(naming);
            let id = words.collect::<Vec<_>>().join("/");
            match self.cells.get_mut(&id) {
                None => {
                    self.order.push(id.clone());
                    self.cells.insert(id, cell);
                }
                Some(known) if known.observed != cell.observed => {
                    Status::Varies.word().clone_into(&mut known.status);
                }
                Some(_) => {}
            }
        }
    }
}

/// Compares them; `Err` with the facts of each side, if they have none in common.
///
/// # Errors
/// When there is nothing to compare.
pub fn compare(base: &Side, new: &Side) -> Result<Found, [Vec<String>; 2]> {
    let only = |one: &Side, other: &Side| -> Vec<String> {
        one.order.iter().filter(|id| !other.cells.contains_key(*id)).cloned().collect()
    };
    let rows: Vec<_> = base
        .order
        .iter()
        .filter_map(|id| Some(row(id, base.cells.get(id)?, new.cells.get(id)?)))
        .collect();
    if rows.is_empty() {
        return Err([base.order.clone(), new.order.clone()]);
    }
    let mut found = Found {
        headings: vec!["CHECK", "TRANSPORT"],
        rows,
        only: [only(base, new), only(new, base)],
        environment: surroundings::environments(&base.environment, &new.environment),
        settings: surroundings::tool(&base.version, &new.version),
        notes: base.notes.iter().chain(&new.notes).cloned().collect(),
        noun: "fact",
        ..Found::default()
    };
    found.sort();
    Ok(found)
}

fn row(id: &str, before: &Cell, after: &Cell) -> Row {
    let naming = after.naming.as_ref().map_or_else(String::new, |naming| format!(" ({naming})"));
    let transport = format!("{}{naming}", after.transport);
    // The short words may hide what differs.
    let shorts_differ = before.short != after.short;
    let words = |cell: &Cell| {
        let fact = cell.observed.as_ref().filter(|_| !shorts_differ);
        let words = fact.unwrap_or(&cell.short).clone();
        let reason = cell.reason.as_ref().filter(|_| words.is_empty());
        Point::Words(reason.cloned().unwrap_or(words))
    };
    Row {
        id: id.to_owned(),
        whom: format!("{} of {transport}", after.behaviour),
        names: vec![after.behaviour.clone(), transport],
        before: words(before),
        after: words(after),
        change: None,
        verdict: verdict(before, after),
    }
}

fn verdict(before: &Cell, after: &Cell) -> Verdict {
    let bad = |cell: &Cell| is(cell, Status::Deviates) || is(cell, Status::Hung);
    let varies = |cell: &Cell| is(cell, Status::Varies);
    let tried = |cell: &Cell| bad(cell) || varies(cell) || is(cell, Status::AsDocumented);
    match (bad(before), bad(after)) {
        (false, true) => Verdict::Worse,
        (true, false) if tried(after) => Verdict::Better,
        // What varies from time to time says nothing by being something else.
        _ if varies(before) || varies(after) => Verdict::Same,
        _ if tried(before) && tried(after) && before.observed == after.observed => Verdict::Same,
        _ if !tried(before) && !tried(after) => Verdict::Same,
        _ => Verdict::Changed,
    }
}

fn is(cell: &Cell, status: Status) -> bool {
    cell.status == status.word()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(status: Status, observed: Option<&str>) -> Cell {
        Cell {
            behaviour: "eof".to_owned(),
            transport: "tcp4".to_owned(),
            naming: None,
            status: status.word().to_owned(),
            observed: observed.map(str::to_owned),
            short: observed.unwrap_or("").to_owned(),
            reason: None,
        }
    }

    #[test]
    fn a_fact_is_worse_where_it_is_not_as_documented_any_more() {
        use Status::{AsDocumented, Deviates, Hung, NotApplicable, Skipped, Varies};
        for (before, was, after, is, expected) in [
            (AsDocumented, "0", AsDocumented, "0", Verdict::Same),
            (AsDocumented, "0", AsDocumented, "1", Verdict::Changed),
            (AsDocumented, "0", Deviates, "1", Verdict::Worse),
            (AsDocumented, "0", Hung, "", Verdict::Worse),
            (Varies, "0", Deviates, "1", Verdict::Worse),
            (Skipped, "", Deviates, "1", Verdict::Worse),
            (Deviates, "1", AsDocumented, "0", Verdict::Better),
            (Hung, "", Varies, "0", Verdict::Better),
            (Deviates, "1", Deviates, "1", Verdict::Same),
            (Deviates, "1", Deviates, "2", Verdict::Changed),
            (Deviates, "1", Skipped, "", Verdict::Changed),
            (Varies, "0", AsDocumented, "1", Verdict::Same),
            (Skipped, "", NotApplicable, "", Verdict::Same),
            (AsDocumented, "0", Skipped, "", Verdict::Changed),
        ] {
            let found = verdict(&cell(before, Some(was)), &cell(after, Some(is)));
            assert_eq!(found, expected, "{before:?} {was} and {after:?} {is}");
        }
    }
}
