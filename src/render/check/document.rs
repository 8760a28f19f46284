//! The JSON document `sockeye.check/1`. Fields are only added within a major version.

use super::{answer, verdict};
use crate::environment::Environment;
use crate::render::document::{Header, header, text};
use crate::report::check::{Difference, Fault, Judged, Report, Verdict};
use crate::saved::Kind;
use serde::Serialize;

/// The schema's name, which `--generate schema-check` describes.
pub const SCHEMA: &str = Kind::Check.schema();

#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    header: Header<'a>,
    answer: Answer,
    environment: &'a Environment,
    faults: Vec<Cause<'a>>,
    notes: Vec<Note<'a>>,
    cells: Vec<Cell<'a>>,
    differences: Vec<Unlike<'a>>,
}

#[derive(Serialize)]
struct Answer {
    text: String,
    seen: usize,
    as_documented: usize,
    deviating: usize,
    skipped: usize,
}

#[derive(Serialize)]
struct Cause<'a> {
    status: &'static str,
    transports: &'a [&'static str],
    message: &'a str,
    evidence: &'a str,
    hint: &'a str,
}

#[derive(Serialize)]
struct Note<'a> {
    message: &'a str,
    hint: &'a str,
}

#[derive(Serialize)]
struct Cell<'a> {
    behaviour: &'static str,
    rank: u8,
    group: &'static str,
    transport: &'static str,
    naming: Option<&'static str>,
    status: &'static str,
    expected: Option<&'a str>,
    observed: Option<&'a str>,
    short: &'a str,
    at_first: Option<&'a str>,
    reason: Option<&'a str>,
    promise: &'static str,
}

#[derive(Serialize)]
struct Unlike<'a> {
    behaviour: &'static str,
    ipv4: Side<'a>,
    ipv6: Side<'a>,
    by_design: bool,
    source: Option<&'static str>,
}

#[derive(Serialize)]
struct Side<'a> {
    transport: &'static str,
    observed: &'a str,
}

/// The document, whole, on several lines, with a newline at the end.
pub(super) fn render(report: &Report) -> String {
    let (about, counts) = (&report.about, report.counts());
    let document = Document {
        header: header(
            SCHEMA,
            &about.argv,
            (about.started, about.duration),
            (report.exit_code, about.interrupted.map(|(name, _)| name.into())),
        ),
        answer: Answer {
            text: format!("{}: {}", verdict(report).0, answer(report)),
            seen: counts.seen,
            as_documented: counts.good,
            deviating: counts.bad,
            skipped: counts.skipped,
        },
        environment: &about.environment,
        faults: report.faults.iter().map(cause).collect(),
        notes: report
            .remarks
            .iter()
            .map(|remark| Note { message: &remark.text, hint: &remark.hint })
            .collect(),
        cells: report.cells.iter().map(cell).collect(),
        differences: report.differences.iter().map(unlike).collect(),
    };
    text(&document)
}

fn cause(fault: &Fault) -> Cause<'_> {
    Cause {
        status: fault.status.word(),
        transports: &fault.transports,
        message: &fault.meaning,
        evidence: &fault.evidence,
        hint: &fault.hint,
    }
}

fn cell(cell: &Judged) -> Cell<'_> {
    Cell {
        behaviour: cell.task.check.name,
        rank: cell.task.group.rank,
        group: cell.task.group.title,
        transport: cell.task.column.transport.name,
        naming: cell.task.column.naming_word(),
        status: cell.status.word(),
        expected: cell.expected.as_deref(),
        observed: cell.observed.as_deref(),
        short: &cell.short,
        at_first: cell.first.as_deref(),
        reason: cell.reason.as_deref(),
        promise: cell.task.check.promise,
    }
}

fn unlike(difference: &Difference) -> Unlike<'_> {
    let source = match difference.verdict {
        Verdict::ByDesign(source) => Some(source),
        Verdict::Fault => None,
    };
    Unlike {
        behaviour: difference.check.name,
        ipv4: Side {
            transport: difference.ipv4.column.transport.name,
            observed: &difference.ipv4.fact,
        },
        ipv6: Side {
            transport: difference.ipv6.column.transport.name,
            observed: &difference.ipv6.fact,
        },
        by_design: source.is_some(),
        source,
    }
}
