//! The rows for spreadsheets, build servers and pages.

use super::{change, grid, point, scale};
use crate::compare::answer::lines as lines_of;
use crate::compare::{Comparison, Point, Row, Weight};
use crate::render::csv::field;
use crate::render::junit::{self, Case, Outcome, Suite, Trouble};
use crate::render::{escape, markdown};
use crate::report::words::{Unit, unjoined};

/// A line a row. Times are integers of nanoseconds; what does not exist is empty.
pub(super) fn csv(comparison: &Comparison) -> String {
    let mut text = "id,before,after,raw_ratio,ratio,ratio_low,ratio_high,verdict\r\n".to_owned();
    for row in &comparison.found.rows {
        let number = |value: Option<f64>| value.map_or_else(String::new, |v| format!("{v:.6}"));
        let interval = row.change.and_then(|change| change.interval);
        let words = [
            field(&row.id),
            cell(&row.before),
            cell(&row.after),
            number(row.change.map(|change| change.raw)),
            number(row.change.map(|change| change.ratio)),
            number(interval.map(|i| i.low)),
            number(interval.map(|i| i.high)),
            row.verdict.word().to_owned(),
        ];
        text.push_str(&words.join(","));
        text.push_str("\r\n");
    }
    text
}

fn cell(point: &Point) -> String {
    match point {
        Point::Nothing => String::new(),
        Point::Time(ns, _) => ns.to_string(),
        Point::Words(words) => field(words),
    }
}

/// One suite, a case a row. A regression has failed, what is undecided is skipped.
pub(super) fn junit(comparison: &Comparison) -> String {
    let suite = Suite {
        name: comparison.of.to_owned(),
        started: Some(comparison.started),
        properties: Vec::new(),
        cases: comparison.found.rows.iter().map(|row| case(comparison, row)).collect(),
    };
    junit::render("sockeye compare", Some(comparison.duration), &[suite])
}

fn case(comparison: &Comparison, row: &Row) -> Case {
    let said = said(comparison, row);
    let (outcome, lines) = match row.verdict.weight() {
        Weight::Bad => {
            let kind = row.verdict.word().to_owned();
            (Outcome::Failed(Trouble { kind, message: said.clone(), text: said }), Vec::new())
        }
        Weight::Open => (Outcome::Skipped(said), Vec::new()),
        Weight::Other | Weight::Still => (Outcome::Passed, vec![said]),
    };
    let class = format!("sockeye.compare.{}", comparison.of);
    Case { class, name: row.id.clone(), took: None, outcome, lines }
}

/// A row in a sentence: "slower: tcp6: 12.10 µs before, 15.37 µs now, +27 ±2%".
fn said(comparison: &Comparison, row: &Row) -> String {
    let scale = scale(comparison, None);
    let side = |side: &Point| {
        let unit = if matches!(side, Point::Time(..)) { scale.unit.name } else { "" };
        format!("{} {unit}", point(side, scale)).trim_end().to_owned()
    };
    let change = row.change.map_or_else(String::new, |_| format!(", {}", change(row)));
    format!(
        "{}: {}: {} before, {} now{change}",
        row.verdict.shown(comparison.options.limit),
        row.whom,
        side(&row.before),
        side(&row.after)
    )
}

/// The answer, then a table of every row, then what stands beside it.
pub(super) fn markdown(comparison: &Comparison, unit: Option<Unit>) -> String {
    let [answer, counts] = comparison.answer.clone().map(|words| unjoined(&words));
    let (headings, lines) = grid(comparison, unit);
    [
        markdown::answer(&answer),
        format!("\n{}\n", escape::markdown(&counts)),
        markdown::table(&headings, lines.into_iter()),
        markdown::list(lines_of(&comparison.found, true).into_iter().map(|line| unjoined(&line))),
    ]
    .concat()
}
