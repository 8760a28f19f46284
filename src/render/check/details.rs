//! Everything, with reasons: each check with its claim, the promise behind it, and what was seen.

use super::table::walk;
use crate::behaviour::{Check, Group};
use crate::render::Look;
use crate::render::paint::{Tone, paint, wrap};
use crate::report::check::{Judged, Report, Status, whom};

/// Every check, group by group.
pub(super) fn render(report: &Report, look: &Look) -> String {
    let mut text = String::new();
    let mut last = "";
    for cells in report.cells.chunk_by(|a, b| a.task.check.name == b.task.check.name) {
        if !cells.iter().any(|cell| cell.status != Status::NotApplicable) {
            continue;
        }
        let (group, check) = (cells[0].task.group, cells[0].task.check);
        if group.title != last {
            text.push_str(&heading(group, look));
            last = group.title;
        }
        text.push_str(&told(report, check, cells, look));
    }
    text
}

fn heading(group: &Group, look: &Look) -> String {
    let title = format!("{}. {}", group.rank, group.title);
    format!("{}\n{}\n\n", title, wrap(&format!("  {}", group.why), look.width, 2))
}

fn told(report: &Report, check: &Check, cells: &[Judged], look: &Look) -> String {
    let mut text = format!("  {}: {}\n", check.name, check.title);
    for line in [format!("    tried: {}", check.claim), format!("    promise: {}", check.promise)] {
        text.push_str(&wrap(&line, look.width, 6));
        text.push('\n');
    }
    if !check.by_design.is_empty() {
        let line = format!("    IPv4 and IPv6: {}", check.by_design);
        text.push_str(&wrap(&line, look.width, 6));
        text.push('\n');
    }
    for alike in alike(cells) {
        text.push_str(&seen(report, &alike, look));
    }
    text.push('\n');
    text
}

/// Cells that show the same, in the order of the first of each.
fn alike(cells: &[Judged]) -> Vec<Vec<&Judged>> {
    let mut groups: Vec<Vec<&Judged>> = Vec::new();
    for cell in cells.iter().filter(|cell| cell.status != Status::NotApplicable) {
        let same = |group: &&mut Vec<&Judged>| {
            let first = group[0];
            (first.status, &first.observed, &first.reason)
                == (cell.status, &cell.observed, &cell.reason)
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.push(cell),
            None => groups.push(vec![cell]),
        }
    }
    groups
}

fn seen(report: &Report, group: &[&Judged], look: &Look) -> String {
    let cell = group[0];
    let members: Vec<_> = group.iter().map(|cell| cell.task.column).collect();
    let names = whom(&members, &report.columns);
    let fact = cell.observed.as_deref().or(cell.reason.as_deref()).unwrap_or("nothing");
    let mark = if cell.status.is_bad() { "!" } else { "" };
    let line = wrap(&format!("      {fact}{mark}  {names}"), look.width, 8);
    let mut text = paint(&line, Tone::Bad, look.colour && cell.status.is_bad());
    text.push('\n');
    if cell.status.is_bad() {
        let expected = cell.expected.as_deref().unwrap_or("anything else");
        let check = cell.task.check;
        let line = format!("        expected {expected}; otherwise {}", check.matters);
        text.push_str(&wrap(&line, look.width, 8));
        text.extend([format!("\n        walk it: {}\n", walk(cell))]);
    }
    if let Some(first) = &cell.first {
        text.extend([format!("        at first sight: {first}\n")]);
    }
    if look.detail > 1 {
        for call in &cell.calls {
            text.extend([format!("          {call}\n")]);
        }
    }
    text
}
