//! The cases as a plain grid of words, for the forms that lay out tables themselves: a line a case,
//! times in one unit.

use super::columns::{ALL, Column, Value};
use crate::report::words::{Scale, Unit, decimals_of_ratio, round_up, unjoined};
use crate::report::{Report, Row, Status, Verdict};

/// A heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// Its words, with the unit.
    pub title: String,
    /// Are there numbers below it?
    pub numbers: bool,
}

/// A case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// A word for each heading; empty where there is nothing to say.
    pub cells: Vec<String>,
    /// How it came out.
    pub status: Status,
    /// Why it has no numbers, and what helps.
    pub trouble: Option<(String, String)>,
}

/// The whole grid. Its words may come from the machine or the user: whoever prints them escapes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grid {
    /// The headings.
    pub headings: Vec<Heading>,
    /// The cases, in the report's order.
    pub lines: Vec<Line>,
}

/// The columns of the grid by their keys, and their titles there.
const COLUMNS: [(&str, &str); 13] = [
    ("transport", "transport"),
    ("size", "size"),
    ("place", "place"),
    ("status", "result"),
    ("rtt_p50_ns", "median"),
    ("rtt_p90_ns", "p90"),
    ("rtt_p99_ns", "p99"),
    ("rtt_p999_ns", "p99.9"),
    ("rtt_max_ns", "max"),
    ("ratio", "as long as best"),
    ("verdict", "verdict"),
    ("exchanges", "echoes"),
    ("lost", "lost"),
];

impl Grid {
    /// The report's cases, times in that unit or in the one that suits the smallest.
    #[must_use]
    pub fn of(report: &Report, unit: Option<Unit>) -> Self {
        let smallest = report.rows.iter().filter_map(Row::median).min().unwrap_or(1000);
        let scale = Scale::for_smallest(smallest, unit);
        let columns: Vec<_> = COLUMNS
            .iter()
            .filter_map(|(key, title)| {
                let column = ALL.iter().find(|column| column.key == *key)?;
                Some((column, *title))
            })
            // A column that says nothing of any case is left out.
            .filter(|(column, _)| report.rows.iter().any(|row| says(column, row)))
            .collect();
        let heading = |(column, title): &(&Column, &str)| heading(column, title, report, scale);
        let line = |row: &Row| Line {
            cells: columns.iter().map(|(column, _)| cell(column, row, scale)).collect(),
            status: row.status,
            trouble: row.problem.as_ref().map(|p| (p.message.clone(), p.hint.clone())),
        };
        Self {
            headings: columns.iter().map(heading).collect(),
            lines: report.rows.iter().map(line).collect(),
        }
    }
}

fn says(column: &Column, row: &Row) -> bool {
    match (column.value)(row) {
        Value::Absent => false,
        Value::Count(number) => number > 0,
        Value::Text(_) | Value::Time(_) | Value::Ratio(_) => true,
    }
}

fn heading(column: &Column, title: &str, report: &Report, scale: Scale) -> Heading {
    let kind = |wanted: fn(&Value) -> bool| report.rows.iter().any(|r| wanted(&(column.value)(r)));
    let unit = match column.key {
        "size" => " B".to_owned(),
        _ if kind(|value| matches!(value, Value::Time(_))) => format!(" {}", scale.unit.name),
        _ => String::new(),
    };
    // The ratio's heading names the row that it refers to, where the user chose it.
    let chosen = report.about.settings.iter().any(|s| s.name == "baseline" && !s.value.is_null());
    let title = match (column.key, report.rows.iter().find_map(|row| row.relative.as_ref())) {
        ("ratio", Some(relative)) if chosen => format!("as long as {}", relative.to),
        _ => title.to_owned(),
    };
    Heading {
        title: format!("{title}{unit}"),
        numbers: !kind(|value| matches!(value, Value::Text(_))),
    }
}

fn cell(column: &Column, row: &Row, scale: Scale) -> String {
    match ((column.value)(row), column.key) {
        // Of a row that failed no numbers are shown, and so nothing that follows from them.
        (_, "ratio" | "verdict") if row.round_trips.is_none() => String::new(),
        // The others are measured by it, and it by nothing.
        (Value::Absent, "ratio") if is_baseline(row) => "1.00".to_owned(),
        (Value::Absent, _) => String::new(),
        (Value::Text(_), "status") => row.status.shown().to_owned(),
        (Value::Text(words), _) => words,
        (Value::Count(number), _) => number.to_string(),
        (Value::Time(ns), "rtt_p50_ns") => median(row, ns, scale),
        // The tail needs one digit less.
        (Value::Time(ns), _) => scale.coarser(1).number(ns),
        (Value::Ratio(ratio), _) => with_interval(row, ratio),
    }
}

fn is_baseline(row: &Row) -> bool {
    row.relative.as_ref().is_some_and(|relative| relative.verdict == Verdict::Baseline)
}

fn median(row: &Row, ns: u64, scale: Scale) -> String {
    let half = row.round_trips.as_ref().and_then(|trips| trips.median.half_width());
    let half = half.map_or_else(String::new, |half| format!(" ±{}", scale.number_up(half)));
    unjoined(&format!("{}{half}", scale.number(ns)))
}

fn with_interval(row: &Row, ratio: f64) -> String {
    let pair = row.relative.as_ref().and_then(|relative| relative.ratio);
    let half = pair.and_then(|pair| pair.interval).map(|i| i.half_width_around(ratio));
    let decimals = decimals_of_ratio(ratio);
    let half = half.map_or_else(String::new, |half| format!(" ±{}", round_up(half, decimals)));
    format!("{ratio:.decimals$}{half}")
}
