//! A comparison as text, in each of its forms.

mod document;
mod exports;
mod page;
pub mod schema;
mod table;

pub use document::SCHEMA;

use super::Look;
use super::paint::Tone;
use crate::cli::value::Format;
use crate::compare::{Comparison, Point, Row, Weight};
use crate::report::words::{Scale, Unit, round_up, unjoined};

/// The comparison in a format.
#[must_use]
pub fn render(comparison: &Comparison, format: Format, look: &Look) -> String {
    match format {
        Format::Csv => exports::csv(comparison),
        Format::Json => document::render(comparison),
        Format::Markdown => exports::markdown(comparison, look.unit),
        Format::Junit => exports::junit(comparison),
        Format::Html => page::render(comparison, look.unit),
        // The other forms are refused before anything is read.
        _ => table::render(comparison, look),
    }
}

/// The headings that say something, and where they stand among all. A column in which every row has the
/// same is left out.
fn telling(comparison: &Comparison) -> Vec<(usize, &'static str)> {
    let rows = &comparison.found.rows;
    let differs = |at: usize| rows.iter().any(|row| row.names.get(at) != rows[0].names.get(at));
    let headings = comparison.found.headings.iter().copied().enumerate();
    headings.filter(|(at, heading)| *at == 0 || *heading == "TRANSPORT" || differs(*at)).collect()
}

/// The rows as a plain grid of words, for the forms that lay out tables themselves: headings, which of
/// them have numbers below, and a line a row. Whoever prints the words escapes them.
fn grid(comparison: &Comparison, unit: Option<Unit>) -> (Vec<(String, bool)>, Vec<Vec<String>>) {
    let scale = scale(comparison, unit);
    let telling = telling(comparison);
    // Facts have no times, and so no changes that could be counted.
    let timed = comparison.found.noun != "fact";
    let unit = if timed { format!(" {}", scale.unit.name) } else { String::new() };
    let mut headings: Vec<_> =
        telling.iter().map(|(_, title)| (title.to_lowercase(), false)).collect();
    headings.extend([(format!("before{unit}"), timed), (format!("after{unit}"), timed)]);
    headings.extend(timed.then(|| ("change".to_owned(), true)));
    headings.push(("verdict".to_owned(), false));
    let line = |row: &Row| {
        let mut cells: Vec<_> = telling.iter().map(|(at, _)| row.names[*at].clone()).collect();
        cells.extend([point(&row.before, scale), point(&row.after, scale)]);
        cells.extend(timed.then(|| change(row)));
        cells.push(row.verdict.shown(comparison.options.limit));
        cells.iter().map(|cell| unjoined(cell)).collect()
    };
    (headings, comparison.found.rows.iter().map(line).collect())
}

/// The weight of what the answer is about.
fn weight(comparison: &Comparison) -> Weight {
    let found = &comparison.found;
    let moved = found.moved(comparison.options.limit).is_some();
    let weights = [Weight::Bad, Weight::Other, Weight::Open];
    let has = |weight: &Weight| found.count(*weight) > 0 || (moved && *weight == Weight::Other);
    weights.into_iter().find(has).unwrap_or(Weight::Still)
}

/// The tone of what weighs that much.
const fn tone(weight: Weight) -> Tone {
    match weight {
        Weight::Bad => Tone::Bad,
        Weight::Other | Weight::Open => Tone::Doubtful,
        Weight::Still => Tone::Good,
    }
}

/// One scale for all times.
fn scale(comparison: &Comparison, unit: Option<Unit>) -> Scale {
    let times = comparison.found.rows.iter().flat_map(|row| [&row.before, &row.after]);
    let smallest = times.filter_map(|point| match point {
        Point::Time(ns, _) => Some(*ns),
        Point::Nothing | Point::Words(_) => None,
    });
    Scale::for_smallest(smallest.min().unwrap_or(1_000), unit)
}

/// "12.10 ±0.09", words, or a dash.
fn point(point: &Point, scale: Scale) -> String {
    match point {
        Point::Nothing => "-".to_owned(),
        Point::Time(ns, None) => scale.number(*ns),
        Point::Time(ns, Some(half)) => {
            format!("{} ±{}", scale.number(*ns), scale.number_up(*half))
        }
        Point::Words(words) => words.clone(),
    }
}

/// "+27 ±2%"; "3.41 ±0.05x" of what is not a matter of percents any more.
fn change(row: &Row) -> String {
    let Some(change) = &row.change else { return "-".to_owned() };
    let half = change.interval.map(|interval| interval.half_width_around(change.ratio));
    if change.ratio >= 3.0 {
        let half = half.map_or_else(String::new, |half| format!(" ±{}", round_up(half, 2)));
        return format!("{:.2}{half}x", change.ratio);
    }
    let percents = (change.ratio - 1.0) * 100.0;
    let half = half.map_or_else(String::new, |half| format!(" ±{}", round_up(half * 100.0, 0)));
    // A rounded nothing has no sign.
    let sign = if percents.abs() < 0.5 {
        ""
    } else if percents > 0.0 {
        "+"
    } else {
        "-"
    };
    format!("{sign}{:.0}{half}%", percents.abs())
}
