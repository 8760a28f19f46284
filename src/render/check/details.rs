//! Everything, with reasons: each check with its claim, the promise behind it, and what was seen.

use super::table::{names, walk};
use crate::behaviour::{Check, Group};
use crate::render::Look;
use crate::render::paint::{Tone, paint, wrap};
use crate::report::check::{Judged, Report, Status, together};

/// Every check, group by group.
pub(super) fn render(report: &Report, look: &Look) -> String {
    let mut text = String::new();
    let mut last = "";
    for cells in report.by_check() {
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
    let about =
        [("tried", check.claim), ("promise", check.promise), ("IPv4 and IPv6", check.by_design)];
    for (word, said) in about.iter().filter(|(_, said)| !said.is_empty()) {
        text.push_str(&wrap(&format!("    {word}: {said}"), look.width, 6));
        text.push('\n');
    }
    let concerned = cells.iter().filter(|cell| cell.status != Status::NotApplicable);
    for (_, alike) in together(concerned, |cell| (cell.status, &cell.observed, &cell.reason)) {
        text.push_str(&seen(report, &alike, look));
    }
    text.push('\n');
    text
}

/// What cells show that show the same.
fn seen(report: &Report, group: &[&Judged], look: &Look) -> String {
    let cell = group[0];
    let names = names(report, group);
    let fact = cell.reason.as_deref().unwrap_or(cell.seen());
    let mark = if cell.status.is_bad() { "!" } else { "" };
    let line = wrap(&format!("      {fact}{mark}  {names}"), look.width, 8);
    let mut text = paint(&line, Tone::Bad, look.colour && cell.status.is_bad());
    text.push('\n');
    if cell.status.is_bad() {
        let (wanted, matters) = (cell.wanted(), cell.task.check.matters);
        let line = format!("        expected {wanted}; otherwise {matters}");
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
