//! The cells for spreadsheets, build servers and pages.

use super::bundle::{bundles, said, short};
use super::{answer, verdict};
use crate::render::csv::field;
use crate::render::github::{self, Figure};
use crate::render::junit::{self, Case, Outcome, Suite, Trouble};
use crate::render::markdown;
use crate::render::paint::tame;
use crate::report::check::{Judged, Report, Status, together};

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
    let suite = |cells: &[Judged]| Suite {
        name: cells[0].task.check.name.to_owned(),
        started: Some(report.about.started),
        properties: Vec::new(),
        cases: cells.iter().map(case).collect(),
    };
    let suites: Vec<_> = report.by_check().map(suite).collect();
    junit::render("sockeye check", Some(report.about.duration), &suites)
}

fn case(cell: &Judged) -> Case {
    let check = cell.task.check;
    let (outcome, lines) = match cell.status {
        Status::AsDocumented | Status::Varies => (Outcome::Passed, vec![cell.seen().to_owned()]),
        Status::Deviates | Status::Hung => {
            let trouble = Trouble {
                kind: cell.status.word().to_owned(),
                message: format!("seen {}; expected {}", cell.seen(), cell.wanted()),
                text: format!("{}: {}. Otherwise {}.", check.claim, check.promise, check.matters),
            };
            (Outcome::Failed(trouble), Vec::new())
        }
        Status::NotApplicable | Status::Skipped => {
            let why = cell.reason.as_deref().unwrap_or("does not apply");
            (Outcome::Skipped(why.to_owned()), Vec::new())
        }
    };
    let class = check.name.to_owned();
    Case { class, name: cell.task.column.to_string(), took: None, outcome, lines }
}

/// How many facts are not as documented, of each transport over which any was seen.
pub(super) fn github(report: &Report) -> String {
    let seen = report.cells.iter().filter(|cell| cell.status.is_seen());
    let figure = |(name, cells): (&str, Vec<&Judged>)| {
        let bad: Vec<_> = cells.iter().filter(|cell| cell.status.is_bad()).collect();
        let extra = bad.iter().map(|cell| {
            format!("{} ({}): {}", cell.task.check.name, cell.task.column, tame(cell.seen()))
        });
        Figure {
            name: format!("check/{name}"),
            unit: "deviations",
            value: bad.len() as u64,
            range: None,
            extra: std::iter::once(format!("facts={}", cells.len()))
                .chain(extra)
                .collect::<Vec<_>>()
                .join("\n"),
        }
    };
    let transports = together(seen, |cell| cell.task.column.transport.name);
    let figures: Vec<_> = transports.into_iter().map(figure).collect();
    github::render(&figures)
}

/// The answer, then what is to be known beside it, then a table of every check.
pub(super) fn markdown(report: &Report) -> String {
    let bundles = bundles(report);
    let faults = report.faults.iter().map(|fault| format!("{}: {}", fault.whom, fault.meaning));
    let remarks = report.remarks.iter().map(|remark| remark.text.clone());
    let labels = bundles.iter().map(|bundle| bundle.label.clone());
    let headings: Vec<_> =
        std::iter::once("behaviour".to_owned()).chain(labels).map(|title| (title, false)).collect();
    let line = |cells: &[Judged]| {
        let seen = bundles.iter().map(|bundle| {
            let said = said(cells, bundle);
            said.iter().map(|(_, cell)| short(*cell)).collect::<Vec<_>>().join(" / ")
        });
        std::iter::once(cells[0].task.check.title.to_owned()).chain(seen).collect()
    };
    [
        markdown::answer(&format!("{}: {}", verdict(report).0, answer(report))),
        markdown::list(faults.chain(remarks)),
        markdown::table(&headings, report.by_check().map(line)),
    ]
    .concat()
}
