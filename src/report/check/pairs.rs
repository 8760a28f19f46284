//! IPv6 against IPv4: two transports that differ in nothing else are to show the same facts, but for
//! those that differ by design. That needs no knowledge of the kernel's version and finds most faults.

use super::{Judged, Status};
use crate::behaviour::Check;
use crate::behaviour::column::Column;
use crate::behaviour::expectation::numberless;

/// A check in which the two IP versions are not alike.
#[derive(Clone, Debug)]
pub struct Difference {
    /// The check.
    pub check: &'static Check,
    /// Over IPv4.
    pub ipv4: Side,
    /// Over IPv6.
    pub ipv6: Side,
    /// Is it to be so?
    pub verdict: Verdict,
}

/// What one of them showed.
#[derive(Clone, Debug)]
pub struct Side {
    /// The column.
    pub column: Column,
    /// What was seen.
    pub fact: String,
}

/// Whether a difference is to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// By design, and who says so.
    ByDesign(&'static str),
    /// One of them is not as documented.
    Fault,
}

/// Finds the differences, and marks the cells over IPv6 that differ for no reason.
pub(super) fn judge(cells: &mut [Judged]) -> Vec<Difference> {
    let of_one_check =
        cells.chunk_by_mut(|one, other| one.task.check.name == other.task.check.name);
    of_one_check.flat_map(judge_check).collect()
}

fn judge_check(cells: &mut [Judged]) -> Vec<Difference> {
    let mut differences = Vec::new();
    for place in 0..cells.len() {
        let Some(twin) = cells[place].task.column.transport.ipv4_twin() else { continue };
        let ipv4 = cells.iter().find(|cell| cell.task.column.transport == twin);
        let Some(difference) = ipv4.and_then(|ipv4| compare(ipv4, &cells[place])) else { continue };
        let blameless = ipv4.is_some_and(|ipv4| !ipv4.status.is_bad());
        let cell = &mut cells[place];
        if difference.verdict == Verdict::Fault && blameless && !cell.status.is_bad() {
            cell.status = Status::Deviates;
            cell.short = mark(&cell.short);
            let column = &difference.ipv4.column;
            cell.expected = Some(format!("as over {column}: {}", difference.ipv4.fact));
        }
        differences.push(difference);
    }
    differences
}

fn mark(short: &str) -> String {
    short.chars().take(super::SHORTEST - 1).chain(['!']).collect()
}

fn compare(ipv4: &Judged, ipv6: &Judged) -> Option<Difference> {
    let seen = |cell: &Judged| cell.observed.clone().filter(|_| cell.status.is_seen());
    let (four, six) = (seen(ipv4)?, seen(ipv6)?);
    let varies = [ipv4, ipv6].iter().any(|cell| cell.status == Status::Varies);
    let alike = if varies { numberless(&four) == numberless(&six) } else { four == six };
    let by_design = ipv4.task.check.by_design;
    // Where the rules let a number vary, they may still let it vary differently.
    let same_rule = ipv4.expected == ipv6.expected;
    if alike && (same_rule || four == six) {
        return None;
    }
    let fine = !ipv4.status.is_bad() && !ipv6.status.is_bad();
    let verdict = if fine && !by_design.is_empty() && !same_rule {
        Verdict::ByDesign(by_design)
    } else {
        Verdict::Fault
    };
    Some(Difference {
        check: ipv4.task.check,
        ipv4: Side { column: ipv4.task.column, fact: four },
        ipv6: Side { column: ipv6.task.column, fact: six },
        verdict,
    })
}
