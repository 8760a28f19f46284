//! The sweep over sizes: medians with their intervals on two logarithmic axes, and the limits that the
//! machine and the transports have.

use super::axis::{Scale, Tick, fitting, log_ends, time_ticks};
use super::canvas::{Anchor, Canvas, Point};
use super::frame::{End, Frame, LINE};
use super::labels::real;
use super::notes::{absent, distinct};
use super::style::{SMALL, class_of, width_of};
use super::{Panel, Picture};
use crate::cli::quantity::bytes_short;
use crate::echo::fault::grouped;
use crate::measure::plan::Place;
use crate::measure::samples::to_f64;
use crate::report::words::{Unit, listed, time_in};
use crate::report::{Report, Row};

pub(super) fn draw(report: &Report, unit: Option<Unit>) -> Picture {
    let limits = limits(report);
    let places = &report.about.places;
    let panels = places.iter().filter_map(|place| panel(report, *place, &limits, unit));
    let mut notes = absent(report.rows.iter());
    let words =
        |limit: &Mark| format!("{} {} B", listed(&limit.names), grouped(limit.bytes as u64));
    let words: Vec<_> = limits.iter().map(words).collect();
    if !words.is_empty() {
        notes.push(format!("limits: {}", words.join(", ")));
    }
    Picture {
        heading: "The sweep over sizes",
        caption: "The median round trip by payload, with its 95\u{a0}% interval as a pale band. A cross \
                  is where a transport has no result.",
        panels: panels.collect(),
        notes,
    }
}

/// A size that means something.
struct Mark {
    names: Vec<String>,
    bytes: usize,
}

/// The limits of the transports, and the loopback's MTU where a message could exceed it.
fn limits(report: &Report) -> Vec<Mark> {
    let mtu = report.about.environment.lo_mtu.and_then(|mtu| usize::try_from(mtu).ok());
    let mtu = mtu.map(|bytes| ("lo MTU".to_owned(), bytes));
    let limit = |row: &Row| Some((row.case.label.clone(), row.limit()?));
    let mut found = distinct(report.rows.iter().filter_map(limit).chain(mtu));
    found.sort_by_key(|(_, bytes)| *bytes);
    let mut marks: Vec<Mark> = Vec::new();
    for (name, bytes) in found {
        match marks.last_mut().filter(|mark| mark.bytes == bytes) {
            Some(mark) => mark.names.push(name),
            None => marks.push(Mark { names: vec![name], bytes }),
        }
    }
    marks
}

fn log(bytes: usize) -> f64 {
    to_f64(bytes.max(1) as u64).log2()
}

fn panel(report: &Report, place: Place, limits: &[Mark], unit: Option<Unit>) -> Option<Panel> {
    let rows: Vec<_> = report.rows.iter().filter(|row| row.case.seats.place == place).collect();
    let labels = distinct(rows.iter().map(|row| row.case.label.as_str()));
    let ends =
        log_ends(rows.iter().filter_map(|row| row.round_trips.as_ref()).flat_map(|trips| {
            let (low, high) =
                trips.median.interval.unwrap_or((trips.median.value, trips.median.value));
            [low, high]
        }))?;
    let sizes = sizes(report);
    let (first, last) = (log(sizes[0]), log(sizes[sizes.len() - 1]));
    // A limit a little beyond the last size is why there is no further one.
    let beyond = limits.iter().map(|mark| log(mark.bytes)).filter(|x| *x > last && *x < last + 0.5);
    let span = (first - 0.25, beyond.fold(last + 0.25, |end, x| end.max(x + 0.1)));
    let inside: Vec<_> =
        limits.iter().filter(|mark| (span.0..=span.1).contains(&log(mark.bytes))).collect();
    let narrow = Frame::with_labels(labels.iter().copied(), 0);
    let groups = groups(&inside, &narrow.across(span));
    let frame = Frame::with_labels(labels.iter().copied(), groups.len());
    let (across, upward) = (frame.across(span), frame.upward(ends));
    let mut canvas = Canvas::default();
    let heading = place.phrase();
    frame.head(&mut canvas, heading, ("payload, bytes", "median round trip"));
    frame.ticks_across(&mut canvas, &across, &ticks(&sizes, &across));
    frame.ticks_upward(&mut canvas, &upward, &time_ticks(ends, 9, unit));
    marks(&mut canvas, &frame, &groups);
    let ends = labels.iter().filter_map(|label| {
        let rows: Vec<_> = rows.iter().copied().filter(|row| row.case.label == *label).collect();
        line(&mut canvas, &rows, &across, &upward, unit)
    });
    let ends: Vec<_> = ends.collect();
    frame.ends(&mut canvas, &ends);
    let about = format!("Median round trip by payload, {heading}: {}", labels.join(", "));
    Some(frame.panel(heading, about, canvas))
}

fn sizes(report: &Report) -> Vec<usize> {
    let mut sizes = distinct(report.rows.iter().map(|row| row.case.size));
    sizes.sort_unstable();
    sizes
}

/// The sizes in even steps, as many as fit, and the last one in any case.
fn ticks(sizes: &[usize], across: &Scale) -> Vec<Tick> {
    let tick = |index: usize| Tick { value: log(sizes[index]), label: bytes_short(sizes[index]) };
    let last = sizes.len() - 1;
    let every = |step: usize| {
        let steps = (0..last).step_by(step).map(tick);
        let all = std::iter::once(tick(last)).chain(steps).collect::<Vec<_>>();
        (fitting(all.clone(), across).len() == all.len()).then_some(all)
    };
    // The last may be near to the one before it where the steps do not come out even.
    let found = (1..=last).filter(|step| last.is_multiple_of(*step)).find_map(every);
    found.unwrap_or_else(|| fitting((0..=last).rev().map(tick).collect(), across))
}

/// Marks that are too near to each other for a line each: their names, and where each stands.
struct Together {
    words: String,
    places: Vec<f64>,
}

fn groups(marks: &[&Mark], across: &Scale) -> Vec<Together> {
    let mut groups: Vec<Together> = Vec::new();
    for mark in marks {
        let x = across.at(log(mark.bytes));
        let words = mark.names.join(", ");
        match groups.last_mut().filter(|group| group.places.iter().all(|p| (x - p).abs() < 6.0)) {
            Some(group) => {
                group.words = format!("{}, {words}", group.words);
                group.places.push(x);
            }
            None => groups.push(Together { words, places: vec![x] }),
        }
    }
    groups
}

/// Lines upward where limits are, their names above, a line of words for each group.
fn marks(canvas: &mut Canvas, frame: &Frame, groups: &[Together]) {
    for (index, group) in groups.iter().enumerate() {
        let y = frame.top - 5.0 - LINE * real(groups.len() - 1 - index);
        for x in &group.places {
            canvas.line("mark", &[(*x, y + 3.0), (*x, frame.bottom)]);
        }
        let x = group.places[group.places.len() - 1];
        let (at, anchor) = match x - frame.left {
            room if room > width_of(&group.words, SMALL) => ((x + 3.0, y), Anchor::End),
            _ => ((group.places[0] - 3.0, y), Anchor::Start),
        };
        canvas.words(at, anchor, "muted", &group.words);
    }
}

/// One transport's line, with gaps and crosses where it has no result. None if it has none at all.
fn line(
    canvas: &mut Canvas,
    rows: &[&Row],
    across: &Scale,
    upward: &Scale,
    unit: Option<Unit>,
) -> Option<End> {
    let mut rows = rows.to_vec();
    rows.sort_by_key(|row| row.case.size);
    let x = |row: &Row| across.at(log(row.case.size));
    let y = |ns: u64| upward.at(to_f64(ns.max(1)).log10());
    let at = |row: &Row| row.median().map(|ns| (x(row), y(ns)));
    let class = class_of(rows.first()?.case.transport);
    let nearest = |row: &Row| {
        let apart = |other: &&&Row| (x(other) - x(row)).abs();
        let measured = rows.iter().filter(|other| other.median().is_some());
        measured.min_by(|a, b| apart(a).total_cmp(&apart(b))).and_then(|other| at(other))
    };
    // A cross stands as high as the nearest result.
    let place = |row: &Row| at(row).or_else(|| Some((x(row), nearest(row)?.1)));
    let end = place(rows.last()?)?;
    canvas.group(&class, &hover(&rows, unit), |canvas| {
        for stretch in rows.chunk_by(|a, b| a.median().is_some() == b.median().is_some()) {
            let points: Vec<Point> = stretch.iter().filter_map(|row| at(row)).collect();
            canvas.area("area", &band(stretch, x, y));
            canvas.line("curve", &points);
            canvas.dots("spot", &points);
            for row in stretch.iter().filter(|row| row.median().is_none()) {
                canvas.cross("cross", place(row).unwrap_or(end));
            }
        }
    });
    Some(End { at: end, label: rows[0].case.label.clone(), class })
}

/// The outline of the intervals: along the low ends and back along the high ones.
fn band(rows: &[&Row], x: impl Fn(&Row) -> f64, y: impl Fn(u64) -> f64) -> Vec<Point> {
    let interval = |row: &Row| row.round_trips.as_ref().and_then(|trips| trips.median.interval);
    let low = rows.iter().filter_map(|row| Some((x(row), y(interval(row)?.0))));
    let high = rows.iter().rev().filter_map(|row| Some((x(row), y(interval(row)?.1))));
    low.chain(high).collect()
}

/// "udp4: 64 B 7.21 µs, 64k too large".
fn hover(rows: &[&Row], unit: Option<Unit>) -> String {
    let figure = |row: &&Row| {
        let found = row.median().map(|ns| time_in(ns, unit));
        let found = found.unwrap_or_else(|| row.status.shown().to_owned());
        format!("{} B {found}", grouped(row.case.size as u64))
    };
    let figures: Vec<_> = rows.iter().map(figure).collect();
    format!("{}: {}", rows[0].case.label, figures.join(", "))
}
