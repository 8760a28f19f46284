//! The latency tail: how long the round trips of each share of the samples take, the shares stretched so
//! that each further nine has the same room.

use super::axis::{Scale, fitting, log_ends, percentile_ticks, stretched, time_ticks};
use super::canvas::{Canvas, Point};
use super::frame::{End, Frame};
use super::notes::absent;
use super::style::{class_of, key};
use super::{Panel, Picture, panels_at, shown_sizes};
use crate::measure::plan::Place;
use crate::measure::samples::to_f64;
use crate::report::words::{Unit, time_in};
use crate::report::{Report, Row};
use crate::stats::{FEWEST_BEYOND, Histogram, beyond};

pub(super) fn draw(report: &Report, unit: Option<Unit>) -> Picture {
    let sizes = shown_sizes(report);
    let panels = panels_at(report, &sizes, |place, size, heading| {
        panel(report, (place, size), heading, unit)
    });
    let shown = report.rows.iter().filter(|row| sizes.contains(&row.case.size));
    Picture {
        heading: "The latency tail",
        caption: "How long the slowest round trips take, by their percentile. A curve ends where fewer \
                  than ten samples are beyond it.",
        panels,
        notes: absent(shown).into_iter().chain(key(report)).collect(),
    }
}

struct Curve<'a> {
    row: &'a Row,
    /// The stretched share and the time.
    points: Vec<(f64, u64)>,
}

/// A point for about each unit and a half of width.
const STEPS: f64 = 170.0;

fn panel(
    report: &Report,
    (place, size): (Place, usize),
    heading: &str,
    unit: Option<Unit>,
) -> Option<Panel> {
    let rows: Vec<_> = report.at(place, size).filter(|row| row.round_trips.is_some()).collect();
    let last = rows.iter().map(|row| reach(row.histogram.count())).fold(0.0, f64::max);
    let curve = |row| Curve { row, points: curve(&row.histogram, last / STEPS) };
    let curves: Vec<_> = rows.iter().copied().map(curve).collect();
    let ends = log_ends(curves.iter().flat_map(|c| c.points.iter().map(|point| point.1)))?;
    let frame = Frame::with_labels(rows.iter().map(|row| row.case.label.as_str()), 0);
    let (across, upward) = (frame.across((0.0, last)), frame.upward(ends));
    let mut canvas = Canvas::default();
    frame.head(&mut canvas, heading, ("percentile of the round trips", "round trip"));
    let ticks = fitting(percentile_ticks(last), &across);
    frame.ticks_across(&mut canvas, &across, &ticks);
    frame.ticks_upward(&mut canvas, &upward, &time_ticks(ends, 9, unit));
    let mut labels = Vec::new();
    for Curve { row, points } in &curves {
        let points = places(points, &across, &upward);
        let class = class_of(row.case.transport);
        canvas.group(&class, &hover(row, unit), |canvas| match points.as_slice() {
            [only] => canvas.dots("spot", &[*only]),
            line => canvas.line("curve", line),
        });
        let at = points.last().copied().unwrap_or_default();
        labels.push(End { at, label: row.case.label.clone(), class });
    }
    frame.ends(&mut canvas, &labels);
    let about = format!(
        "Round trip time by percentile, {heading}: {}",
        rows.iter().map(|row| hover(row, unit)).collect::<Vec<_>>().join("; ")
    );
    Some(frame.panel(heading, about, canvas))
}

/// "tcp4: median 8.18 µs, p99 9.6 µs, max 1.31 ms".
fn hover(row: &Row, unit: Option<Unit>) -> String {
    let figures = [
        ("median", row.median()),
        ("p99", row.percentile(99.0)),
        ("p99.9", row.percentile(99.9)),
        ("max", row.round_trips.as_ref().map(|trips| trips.max)),
    ];
    let figures = figures.into_iter().filter_map(|(name, ns)| Some((name, ns?)));
    let words: Vec<_> = figures.map(|(name, ns)| format!("{name} {}", time_in(ns, unit))).collect();
    format!("{}: {}", row.case.label, words.join(", "))
}

/// How far a curve of so many samples goes: to where ten of them are beyond it, and to the median at
/// least, which any number of samples has.
fn reach(count: u64) -> f64 {
    (to_f64(count) / to_f64(FEWEST_BEYOND)).log10().max(stretched(0.5))
}

/// The times at steps of the stretched share, and at the last share that has ten samples beyond it.
fn curve(histogram: &Histogram, step: f64) -> Vec<(f64, u64)> {
    let count = histogram.count();
    let Some((shortest, longest)) = histogram.min().zip(histogram.max()) else { return Vec::new() };
    let last = reach(count);
    let shares = (0..=10_000).map(|index| f64::from(index) * step).take_while(|x| *x < last);
    let mut steps = histogram.as_hdr().iter_recorded().peekable();
    let (mut seen, mut points) = (0, Vec::new());
    for x in shares.chain([last]) {
        let share = 1.0 - 10_f64.powf(-x);
        let rank =
            if share < 0.5 { beyond(count, share) + 1 } else { count - beyond(count, share) };
        while let Some(step) = steps.peek() {
            if seen + step.count_since_last_iteration() >= rank {
                points.push((x, step.value_iterated_to().clamp(shortest, longest)));
                break;
            }
            seen += step.count_since_last_iteration();
            steps.next();
        }
    }
    // Of few samples only the median is more than the luck of one.
    if count < 2 * FEWEST_BEYOND {
        points.drain(..points.len().saturating_sub(1));
    }
    points
}

/// Where they stand, without those in the middle of a level stretch.
fn places(points: &[(f64, u64)], across: &Scale, upward: &Scale) -> Vec<Point> {
    let place = |&(x, ns): &(f64, u64)| (across.at(x), upward.at(to_f64(ns.max(1)).log10()));
    let mut places: Vec<Point> = Vec::with_capacity(points.len());
    for point in points.iter().map(place) {
        let level = |other: &Point| (other.1 - point.1).abs() < 0.05;
        match places.as_mut_slice() {
            [.., before, last] if level(before) && level(last) => last.0 = point.0,
            _ => places.push(point),
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: impl IntoIterator<Item = u64>) -> Histogram {
        let mut histogram = Histogram::new();
        values.into_iter().for_each(|ns| histogram.record(ns));
        histogram
    }

    #[test]
    fn a_curve_is_made_of_the_percentiles_and_ends_where_ten_samples_are_left() {
        let histogram = of((1..=5000).map(|i| 1000 + i * i));
        let points = curve(&histogram, 0.02);
        assert_eq!(points[0], (0.0, histogram.min().expect("values")));
        let last = points.last().expect("points");
        assert!((last.0 - 500_f64.log10()).abs() < 1e-9);
        let mut compared = 0;
        for (x, ns) in &points {
            let share = 1.0 - 10_f64.powf(-x);
            if let Some(percentile) = histogram.percentile(share) {
                assert_eq!(*ns, percentile, "at {share}");
                compared += 1;
            }
        }
        assert!(compared > 100, "{compared} of {}", points.len());
        assert_eq!(beyond(5000, 1.0 - 10_f64.powf(-last.0)), 10);
    }

    #[test]
    fn of_few_samples_the_median_alone_is_a_point() {
        for count in 1..20 {
            let histogram = of(1..=count);
            assert_eq!(
                curve(&histogram, 0.02),
                [(stretched(0.5), histogram.percentile(0.5).expect("values"))],
                "{count}"
            );
        }
        assert!(curve(&of(1..=20), 0.02).len() > 5);
        assert_eq!(curve(&of([]), 0.02), []);
    }

    #[test]
    fn level_stretches_are_two_points() {
        let scale = Scale { values: (0.0, 10.0), places: (0.0, 10.0) };
        let flat: Vec<_> = (0..10).map(|x| (f64::from(x), 100)).chain([(9.5, 100_000)]).collect();
        assert_eq!(places(&flat, &scale, &scale), [(0.0, 2.0), (9.0, 2.0), (9.5, 5.0)]);
    }
}
