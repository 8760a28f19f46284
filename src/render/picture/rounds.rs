//! The rounds over time: the median of each round, a strip for each transport, so that drift shows as a
//! slope and modes as levels.

use super::axis::{Scale, Tick, even_values, fitting, plain};
use super::canvas::{Anchor, Canvas, Point};
use super::frame::Frame;
use super::labels::real;
use super::notes::absent;
use super::style::{LARGE, SMALL, class_of, width_of};
use super::{Panel, Picture, WIDTH, panels_at, shown_sizes};
use crate::measure::plan::Place;
use crate::measure::samples::{Round, to_f64};
use crate::report::words::{Unit, ratio as ratio_words, time_in};
use crate::report::{Report, Row};

/// A strip and the gap below it.
const STRIP: f64 = 32.0;
const GAP: f64 = 5.0;

pub(super) fn draw(report: &Report, unit: Option<Unit>) -> Picture {
    let sizes = shown_sizes(report);
    let panels = panels_at(report, &sizes, |place, size, heading| {
        panel(report, (place, size), heading, unit)
    });
    let shown = report.rows.iter().filter(|row| sizes.contains(&row.case.size));
    Picture {
        heading: "The rounds over time",
        caption: "The median of each round, against the median of all its rounds (the line). A slope is \
                  drift, two levels are two modes. The strips of a panel have one scale.",
        panels,
        notes: absent(shown),
    }
}

fn panel(
    report: &Report,
    (place, size): (Place, usize),
    heading: &str,
    unit: Option<Unit>,
) -> Option<Panel> {
    let rows: Vec<_> = report.at(place, size).filter(|row| row.round_trips.is_some()).collect();
    let strips = Strips::of(&rows, unit)?;
    let mut canvas = Canvas::default();
    let across = if strips.timed { "seconds since the start of the run" } else { "round" };
    strips.frame.head(&mut canvas, heading, (across, &strips.span_in_words()));
    let ticks = even_values(strips.across.values, 6);
    let ticks = ticks.into_iter().map(|value| Tick { value, label: plain(value) }).collect();
    strips.frame.ticks_across(&mut canvas, &strips.across, &fitting(ticks, &strips.across));
    for (index, row) in rows.iter().enumerate() {
        strips.draw(&mut canvas, index, row);
    }
    let words: Vec<_> = rows.iter().map(|row| hover(row, unit)).collect();
    let about = format!("Median of each round over time, {heading}: {}", words.join("; "));
    Some(strips.frame.panel(heading, about, canvas))
}

/// What the strips of a panel have in common.
struct Strips {
    frame: Frame,
    across: Scale,
    /// Do the rounds say when they were? Those of earlier versions do not.
    timed: bool,
    /// The ratios to the median that a strip spans.
    ends: (f64, f64),
    /// How many rounds are beyond that, and the smallest and the largest ratio.
    beyond: (usize, f64, f64),
    unit: Option<Unit>,
}

impl Strips {
    fn of(rows: &[&Row], unit: Option<Unit>) -> Option<Self> {
        let all = || rows.iter().flat_map(|row| &row.rounds);
        let timed = all().all(|round| round.span.is_some());
        let first = if timed { 0.0 } else { 1.0 };
        let last = all().map(|round| when(round, timed)).fold(first, f64::max);
        let ratios = rows.iter().flat_map(|row| row.rounds.iter().filter_map(|r| ratio(row, r)));
        let mut ratios: Vec<_> = ratios.collect();
        ratios.sort_by(f64::total_cmp);
        let ends = span(&ratios)?;
        let outside = ratios.iter().filter(|r| **r < ends.0 || **r > ends.1).count();
        let height = real(rows.len()) * (STRIP + GAP) - GAP;
        let widest = rows.iter().map(|row| width_of(&row.case.label, LARGE)).fold(0.0, f64::max);
        let (top, right) = (42.0, WIDTH - 8.0 - widest);
        let frame = Frame { left: 62.0, right, top, bottom: top + height };
        let beyond = (outside, ratios[0], ratios[ratios.len() - 1]);
        Some(Self { frame, across: frame.across((first, last)), timed, ends, beyond, unit })
    }

    /// "a strip: 0.91x to 1.30x; 3 beyond (arrows), up to 12.4x".
    fn span_in_words(&self) -> String {
        let (low, high) = self.ends;
        let strip = format!("a strip: {low:.2}x to {high:.2}x");
        match self.beyond {
            (0, ..) => strip,
            (count, least, most) => {
                let far = if most > high { most } else { least };
                let way = if most > high { "up" } else { "down" };
                format!("{strip}; {count} beyond (arrows), {way} to {}", ratio_words(far, None))
            }
        }
    }

    /// A transport's rounds, the line of its median, and what that is.
    fn draw(&self, canvas: &mut Canvas, index: usize, row: &Row) {
        let top = self.frame.top + real(index) * (STRIP + GAP);
        let ends = (self.ends.0.ln(), self.ends.1.ln());
        let upward = Scale { values: ends, places: (top + STRIP, top) };
        let middle = upward.at(0.0);
        canvas.line("mark", &[(self.frame.left, middle), (self.frame.right, middle)]);
        let words = row.median().map(|ns| time_in(ns, self.unit)).unwrap_or_default();
        let at = (self.frame.left - 6.0, middle + SMALL * 0.35);
        canvas.words(at, Anchor::End, "muted", &words);
        let point = |round: &Round| {
            let y = upward.at(ratio(row, round)?.ln());
            Some((self.across.at(when(round, self.timed)), y))
        };
        let points: Vec<Point> = row.rounds.iter().filter_map(point).collect();
        let (bottom, inside) = (top + STRIP, |at: &Point| (top..=top + STRIP).contains(&at.1));
        let held: Vec<_> = points.iter().map(|at| (at.0, at.1.clamp(top, bottom))).collect();
        let (dots, far): (Vec<_>, Vec<_>) = points.iter().copied().partition(inside);
        canvas.group(&class_of(row.case.transport), &hover(row, self.unit), |canvas| {
            canvas.line("thin", &held);
            canvas.dots("dot", &dots);
            for (x, y) in far {
                let (tip, foot) = if y < top { (top, top + 4.5) } else { (bottom, bottom - 4.5) };
                canvas.line("cross", &[(x - 3.0, foot), (x, tip), (x + 3.0, foot)]);
            }
            let at = (self.frame.right + 8.0, middle + LARGE * 0.35);
            canvas.words(at, Anchor::Start, "label", &row.case.label);
        });
    }
}

/// When a round was: in seconds, or which it was.
fn when(round: &Round, timed: bool) -> f64 {
    let span = round.span.filter(|_| timed);
    span.map_or_else(|| real(round.round + 1), |span| to_f64(span.at_ns) / 1e9)
}

/// The ratios that a strip spans: nine tenths of all and some air, so that a few rounds that were
/// disturbed do not flatten all others; and a twentieth up and down at least, so that noise does not
/// look like a mountain.
fn span(sorted: &[f64]) -> Option<(f64, f64)> {
    const AIR: f64 = 1.4;
    let (first, last) = (sorted.first()?, sorted.last()?);
    let edge = sorted.len() / 20;
    let low = sorted[edge].min(0.95).powf(AIR).max(first.min(0.95));
    let high = sorted[sorted.len() - 1 - edge].max(1.05).powf(AIR).min(last.max(1.05));
    Some((low, high))
}

/// How many times as long as the median a round took.
fn ratio(row: &Row, round: &Round) -> Option<f64> {
    let median = row.median().filter(|median| *median > 0)?;
    Some(to_f64(round.median_ns.max(1)) / to_f64(median))
}

/// "tcp4: 53 rounds, 8.01 µs to 8.41 µs".
fn hover(row: &Row, unit: Option<Unit>) -> String {
    let medians = || row.rounds.iter().map(|round| round.median_ns);
    let (low, high) = (medians().min().unwrap_or(0), medians().max().unwrap_or(0));
    let (low, high) = (time_in(low, unit), time_in(high, unit));
    format!("{}: {} rounds, {low} to {high}", row.case.label, row.rounds.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strip_spans_the_rounds_but_not_the_few_that_were_disturbed() {
        assert_eq!(span(&[]), None);
        assert_eq!(span(&[1.0]), Some((0.95, 1.05)));
        let calm: Vec<_> = (0..100).map(|i| 0.9 + f64::from(i) * 0.003).collect();
        assert_eq!(span(&calm), Some((0.9, calm[99])));
        let mut disturbed = calm.clone();
        disturbed[99] = 400.0;
        let (low, high) = span(&disturbed).expect("values");
        assert!(low >= 0.9 && high < 1.4, "{low} to {high}");
    }
}
