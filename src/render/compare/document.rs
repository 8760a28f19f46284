//! The JSON document `sockeye.compare/1`: times are integers of nanoseconds, unknown is null. Fields are
//! only added within a major version.

use crate::compare::{Comparison, Difference, Machine, Point, Row, Source};
use crate::render::document::{Header, header, text};
use crate::report::words::unjoined;
use serde::Serialize;
use serde_json::Value;

/// The schema's name, which `--generate schema-compare` describes.
pub const SCHEMA: &str = "sockeye.compare/1";

#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    header: Header<'a>,
    answer: Answer,
    of: &'static str,
    metric: Option<&'static str>,
    limit: f64,
    base: Vec<File<'a>>,
    new: Vec<File<'a>>,
    rows: Vec<Line<'a>>,
    only_base: &'a [String],
    only_new: &'a [String],
    machine: Vec<Moved<'a>>,
    p99_moved: &'a [String],
    environment_differs: Vec<Unlike<'a>>,
    settings_differ: Vec<Unlike<'a>>,
    notes: &'a [String],
}

#[derive(Serialize)]
struct Answer {
    text: String,
}

#[derive(Serialize)]
struct File<'a> {
    name: &'a str,
    label: Option<&'a str>,
    started: &'a str,
    kernel: Option<&'a str>,
}

#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    before: Value,
    after: Value,
    raw_ratio: Option<f64>,
    ratio: Option<f64>,
    ci95: Option<[f64; 2]>,
    verdict: &'static str,
}

#[derive(Serialize)]
struct Moved<'a> {
    place: &'a str,
    size: usize,
    wait: &'a str,
    ratio: f64,
}

#[derive(Serialize)]
struct Unlike<'a> {
    what: &'a str,
    before: &'a str,
    after: &'a str,
}

/// The document, whole, with a newline at the end.
pub(super) fn render(comparison: &Comparison) -> String {
    let found = &comparison.found;
    text(&Document {
        header: header(
            SCHEMA,
            &comparison.argv,
            (comparison.started, comparison.duration),
            (comparison.exit_code, None),
        ),
        answer: Answer { text: unjoined(&comparison.answer.join("\n")) },
        of: comparison.of,
        metric: (comparison.of == "run").then(|| comparison.options.metric.word()),
        limit: comparison.options.limit.share,
        base: comparison.base.iter().map(file).collect(),
        new: comparison.new.iter().map(file).collect(),
        rows: found.rows.iter().map(line).collect(),
        only_base: &found.only[0],
        only_new: &found.only[1],
        machine: found.machine.iter().map(moved).collect(),
        p99_moved: &found.tails,
        environment_differs: found.environment.iter().map(unlike).collect(),
        settings_differ: found.settings.iter().map(unlike).collect(),
        notes: &found.notes,
    })
}

fn unlike(difference: &Difference) -> Unlike<'_> {
    let Difference { what, before, after } = difference;
    Unlike { what, before, after }
}

fn file(source: &Source) -> File<'_> {
    File {
        name: &source.name,
        label: source.label.as_deref(),
        started: &source.started,
        kernel: source.kernel.as_deref(),
    }
}

fn line(row: &Row) -> Line<'_> {
    let point = |point: &Point| match point {
        Point::Nothing => Value::Null,
        Point::Time(ns, _) => (*ns).into(),
        Point::Words(words) => words.as_str().into(),
    };
    let change = row.change.as_ref();
    Line {
        id: &row.id,
        before: point(&row.before),
        after: point(&row.after),
        raw_ratio: change.map(|change| change.raw),
        ratio: change.map(|change| change.ratio),
        ci95: change.and_then(|change| change.interval).map(|i| [i.low, i.high]),
        verdict: row.verdict.word(),
    }
}

fn moved(machine: &Machine) -> Moved<'_> {
    Moved { place: &machine.place, size: machine.size, wait: &machine.wait, ratio: machine.ratio }
}
