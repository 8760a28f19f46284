//! A comparison as text, in each of its forms.

mod document;
mod exports;
pub mod schema;
mod table;

pub use document::SCHEMA;

use super::Look;
use crate::cli::value::Format;
use crate::compare::{Comparison, Point, Row};
use crate::report::words::{Scale, Unit, round_up};

/// The comparison in a format.
#[must_use]
pub fn render(comparison: &Comparison, format: Format, look: &Look) -> String {
    match format {
        Format::Csv => exports::csv(comparison),
        Format::Json => document::render(comparison),
        Format::Markdown => exports::markdown(comparison, look.unit),
        Format::Junit => exports::junit(comparison),
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
