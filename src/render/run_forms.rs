//! A run for pages, build servers and other programs' tools: Markdown, `JUnit`, figures for
//! github-action-benchmark, and `HdrHistogram`'s log.

use super::columns::said;
use super::github::{self, Figure};
use super::grid::Grid;
use super::hlog::{Interval, Log};
use super::junit::{self, Case, Outcome, Suite, Trouble};
use super::{facts, markdown, troubles};
use crate::measure::samples::Span;
use crate::report::check::together;
use crate::report::words::{Unit, unjoined};
use crate::report::{Problem, Report, Row, Status};
use crate::stats::Histogram;
use std::time::Duration;

/// The answer, what was found, the table, why rows have no numbers, and what was measured with what.
pub(super) fn markdown(report: &Report, unit: Option<Unit>) -> String {
    let (about, answer) = (&report.about, &report.answer);
    let label = about.label.iter().map(|label| format!("label: {label}"));
    let findings = answer.findings.iter().map(|f| format!("{}: {}", f.question, f.answer));
    let warnings = report.warnings.iter().map(|w| format!("warning: {} ({})", w.message, w.id));
    let sentences = label.chain(answer.fastest.iter().cloned()).chain(findings);
    let sentences = sentences.chain(about.note.iter().cloned()).chain(warnings);

    let grid = Grid::of(report, unit);
    let headings: Vec<_> = grid.headings.into_iter().map(|h| (h.title, h.numbers)).collect();
    let troubles = report.rows.iter().filter_map(|row| {
        let Problem { message, hint, .. } = row.problem.as_ref()?;
        // What went wrong in an exchange is each case's own.
        let whom = match row.status {
            Status::Fail => format!("{}, {}", row.case.label, name_of(row)),
            _ => row.case.label.clone(),
        };
        Some(troubles::Trouble { whom, what: message.clone(), hint: hint.clone() })
    });
    let machine: Vec<_> = facts::machine(&about.environment)
        .into_iter()
        .filter(|fact| fact.of.is_none())
        .map(|fact| (fact.name, fact.value))
        .collect();
    [
        markdown::answer(&unjoined(&answer.headline)),
        markdown::list(sentences.map(|words| unjoined(&words))),
        markdown::table(&headings, grid.lines.into_iter().map(|line| line.cells)),
        markdown::troubles(troubles),
        markdown::facts("machine", &machine),
        markdown::facts("settings", &facts::of_settings(&about.settings)),
        made_by(report),
    ]
    .concat()
}

fn made_by(report: &Report) -> String {
    let about = &report.about;
    let when = humantime::format_rfc3339_seconds(about.started);
    let words = format!("{} {}, {when}, {:.1} s", about.tool.name, about.tool.version, {
        about.duration.as_secs_f64()
    });
    format!("\n{}\n", super::escape::markdown(&words))
}

/// What a case is beside its transport.
fn name_of(row: &Row) -> String {
    format!("{} B at place {}", row.case.size, row.case.seats.place.word())
}

/// A suite a transport, a case a size and place.
pub(super) fn junit(reports: &[&Report]) -> String {
    let suites: Vec<_> = reports.iter().flat_map(|report| suites(report)).collect();
    let took = reports.iter().map(|report| report.about.duration).sum();
    junit::render("sockeye", Some(took), &suites)
}

fn suites(report: &Report) -> Vec<Suite> {
    let transports = together(&report.rows, |row| row.case.label.clone());
    let properties = facts::of_run(&report.about);
    let suite = |(name, rows): (String, Vec<&Row>)| Suite {
        name,
        started: Some(report.about.started),
        properties: properties.clone(),
        cases: rows.into_iter().map(case).collect(),
    };
    transports.into_iter().map(suite).collect()
}

fn case(row: &Row) -> Case {
    let spans: Vec<Span> = row.rounds.iter().filter_map(|round| round.span).collect();
    let took = spans.iter().map(|span| Duration::from_nanos(span.took_ns)).sum();
    Case {
        class: format!("sockeye.{}", row.case.label),
        name: name_of(row),
        took: (!spans.is_empty()).then_some(took),
        outcome: outcome(row),
        lines: said(row).map(|(column, value)| format!("{}={value}", column.key)).collect(),
    }
}

fn outcome(row: &Row) -> Outcome {
    let problem = row.problem.as_ref();
    let message = problem.map_or_else(|| row.status.shown().to_owned(), |p| p.message.clone());
    let hint = problem.map_or("", |problem| &problem.hint);
    let trouble = |kind: &str| Trouble {
        kind: kind.to_owned(),
        message: message.clone(),
        text: hint.to_owned(),
    };
    match row.status {
        Status::Pass => Outcome::Passed,
        Status::Fail => Outcome::Failed(trouble(problem.map_or("failed", |p| &p.kind))),
        Status::Interrupted => Outcome::Unfinished(trouble("interrupted")),
        Status::Unavailable | Status::Skipped if hint.is_empty() => Outcome::Skipped(message),
        Status::Unavailable | Status::Skipped => {
            Outcome::Skipped(format!("{message}; what helps: {hint}"))
        }
    }
}

/// The median of each case that has one; the other columns of the details are in `extra`.
pub(super) fn github(reports: &[&Report]) -> String {
    let rows = reports.iter().flat_map(|report| &report.rows);
    let figures: Vec<_> = rows.filter_map(figure).collect();
    github::render(&figures)
}

fn figure(row: &Row) -> Option<Figure> {
    let trips = row.round_trips.as_ref().filter(|_| row.status == Status::Pass)?;
    let shown = said(row).filter(|(column, _)| !column.title.is_empty());
    let extra: Vec<_> = shown.map(|(column, value)| format!("{}={value}", column.key)).collect();
    Some(Figure {
        name: row.case.id(),
        unit: "ns",
        value: trips.median.value,
        range: trips.median.half_width().map(|half| format!("± {half}")),
        extra: extra.join("\n"),
    })
}

const OF_ROUNDS: &str = "an interval is a round of a case";
const OF_CASES: &str =
    "an interval is a case over the whole run: its rounds have no histograms of their own";

/// An interval a round of each case, in the order in which they were made. A result that was kept has
/// no round's histogram: of that it is an interval a case.
pub(super) fn hlog(report: &Report) -> String {
    let about = &report.about;
    let has_rounds = |row: &&Row| row.rounds.iter().all(|round| round.histogram.is_some());
    let whole = report.rows.iter().any(|row| !has_rounds(&row));
    let mut comments = vec![
        format!("{} {}: round trips in nanoseconds", about.tool.name, about.tool.version),
        "a tag is transport/size/place/wait; Interval_Max is in milliseconds".to_owned(),
        if whole { OF_CASES } else { OF_ROUNDS }.to_owned(),
    ];
    comments.extend(about.label.iter().map(|label| format!("label: {label}")));
    comments.extend(about.interrupted.iter().map(|signal| format!("interrupted: {signal}")));
    comments.extend(report.rows.iter().filter_map(|row| {
        let problem = row.problem.as_ref()?;
        Some(format!("{}: {}: {}", row.status.word(), row.case.id(), problem.message))
    }));
    let mut intervals: Vec<_> = report.rows.iter().flat_map(|row| intervals(row, whole)).collect();
    intervals.sort_by_key(|(_, span, _)| span.at_ns);
    let mut log = Log::new(about.started, &comments);
    for (id, span, histogram) in intervals {
        let interval = Interval { tag: &id, at_ns: span.at_ns, took_ns: span.took_ns };
        log.add(&interval, &histogram);
    }
    log.into_text()
}

fn intervals(row: &Row, whole: bool) -> Vec<(String, Span, Histogram)> {
    let id = row.case.id();
    let spans = || row.rounds.iter().filter_map(|round| round.span);
    if whole {
        let at_ns = spans().map(|span| span.at_ns).min().unwrap_or(0);
        let end = spans().map(|span| span.at_ns.saturating_add(span.took_ns)).max().unwrap_or(0);
        let span = Span { at_ns, took_ns: end.saturating_sub(at_ns) };
        return vec![(id, span, row.histogram.clone())];
    }
    let rounds = row.rounds.iter().filter_map(|round| {
        // What we wrote ourselves is read.
        let histogram = Histogram::from_base64(round.histogram.as_deref()?).ok()?;
        Some((id.clone(), round.span.unwrap_or_default(), histogram))
    });
    rounds.collect()
}
