//! The cells for spreadsheets, build servers and pages.

use super::bundle::{Variant, bundles, differing, shown};
use super::{answer, verdict};
use crate::render::csv::field;
use crate::render::escape;
use crate::report::check::{Judged, Report, Status};

/// A line a cell.
pub(super) fn csv(report: &Report) -> String {
    let mut text =
        "behaviour,group,title,transport,naming,status,observed,expected,reason\r\n".to_owned();
    for cell in &report.cells {
        let words = [
            cell.task.check.name,
            cell.task.group.title,
            cell.task.check.title,
            cell.task.column.transport.name,
            cell.task.column.naming_word().unwrap_or(""),
            cell.status.word(),
            cell.observed.as_deref().unwrap_or(""),
            cell.expected.as_deref().unwrap_or(""),
            cell.reason.as_deref().unwrap_or(""),
        ];
        text.push_str(&words.map(field).join(","));
        text.push_str("\r\n");
    }
    text
}

/// Suites are behaviours, cases are transports. What does not apply is skipped.
pub(super) fn junit(report: &Report) -> String {
    let count = |cells: &[Judged], wanted: fn(&Judged) -> bool| {
        cells.iter().filter(|cell| wanted(cell)).count()
    };
    let failed: fn(&Judged) -> bool = |cell| cell.status.is_bad();
    let skipped: fn(&Judged) -> bool = |cell| !cell.status.is_seen();
    let attributes = |name: &str, cells: &[Judged]| {
        format!(
            "name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\"",
            escape::xml(name),
            cells.len(),
            count(cells, failed),
            count(cells, skipped)
        )
    };
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {} time=\"{:.3}\">\n",
        attributes("sockeye check", &report.cells),
        report.about.duration.as_secs_f64()
    );
    for cells in report.by_check() {
        let name = cells[0].task.check.name;
        text.extend([format!("  <testsuite {}>\n", attributes(name, cells))]);
        for cell in cells {
            text.push_str(&case(cell));
        }
        text.push_str("  </testsuite>\n");
    }
    text + "</testsuites>\n"
}

fn case(cell: &Judged) -> String {
    let open = format!(
        "    <testcase classname=\"{}\" name=\"{}\"",
        escape::xml(cell.task.check.name),
        escape::xml(&cell.task.column.to_string())
    );
    match cell.status {
        Status::AsDocumented | Status::Varies => {
            format!("{open}><system-out>{}</system-out></testcase>\n", escape::xml(cell.seen()))
        }
        Status::Deviates | Status::Hung => format!(
            "{open}><failure type=\"{}\" message=\"{}\">{}</failure></testcase>\n",
            cell.status.word(),
            escape::xml(&format!("seen {}; expected {}", cell.seen(), cell.wanted())),
            escape::xml(&format!(
                "{}: {}. Otherwise {}.",
                cell.task.check.claim, cell.task.check.promise, cell.task.check.matters
            ))
        ),
        Status::NotApplicable | Status::Skipped => format!(
            "{open}><skipped message=\"{}\"/></testcase>\n",
            escape::xml(cell.reason.as_deref().unwrap_or("does not apply"))
        ),
    }
}

/// The answer, then a table of every check.
pub(super) fn markdown(report: &Report) -> String {
    let bundles = bundles(report);
    let mut text = format!("**{}: {}**\n\n", verdict(report).0, escape::markdown(&answer(report)));
    for fault in &report.faults {
        text.extend([format!(
            "- {}: {}\n",
            escape::markdown(&fault.whom),
            escape::markdown(&fault.meaning)
        )]);
    }
    for remark in &report.remarks {
        text.extend([format!("- {}\n", escape::markdown(&remark.text))]);
    }
    if !report.faults.is_empty() || !report.remarks.is_empty() {
        text.push('\n');
    }
    let labels: Vec<_> = bundles.iter().map(|b| escape::markdown(&b.label)).collect();
    let rule = "---|".repeat(bundles.len());
    text.extend([format!("| behaviour | {} |\n|---|{rule}\n", labels.join(" | "))]);
    for cells in report.by_check() {
        let check = cells[0].task.check;
        let line: Vec<_> = bundles
            .iter()
            .map(|bundle| {
                let mut texts = vec![shown(cells, bundle)];
                let others = Variant::ALL.into_iter();
                texts.extend(others.filter_map(|v| differing(cells, bundle, v)));
                escape::markdown(&texts.join(" / "))
            })
            .collect();
        text.extend([format!("| {} | {} |\n", escape::markdown(check.title), line.join(" | "))]);
    }
    text
}
