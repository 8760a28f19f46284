//! The sweep over sizes: medians with their intervals on two logarithmic axes, and the limits that the
//! machine and the transports have.

use super::axis::{Scale, Tick, fitting, log_ends, time_ticks};
use super::canvas::{Anchor, Canvas, Point};
use super::frame::{End, Frame, LINE};
use super::labels::real;
use super::notes::{absent, distinct};
use super::style::{SMALL, class_of, key, width_of};
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
    notes.extend(key(report));
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
    let lines = labels.iter().map(|label| {
        let mut of: Vec<_> = rows.iter().copied().filter(|row| row.case.label == *label).collect();
        of.sort_by_key(|row| row.case.size);
        Line { rows: of, across, upward }
    });
    let lines: Vec<_> = lines.collect();
    // Every line lies on every band.
    for line in &lines {
        line.bands(&mut canvas);
    }
    let ends: Vec<_> = lines.iter().filter_map(|line| line.draw(&mut canvas, unit)).collect();
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

/// One transport's line: its cases by size, and where they stand.
struct Line<'a> {
    rows: Vec<&'a Row>,
    across: Scale,
    upward: Scale,
}

impl Line<'_> {
    fn point(&self, row: &Row, ns: u64) -> Point {
        let y = self.upward.at(to_f64(ns.max(1)).log10());
        (self.across.at(log(row.case.size)), y)
    }

    fn at(&self, row: &Row) -> Option<Point> {
        row.median().map(|ns| self.point(row, ns))
    }

    /// Where a case stands, or its cross: as high as the nearest result.
    fn place(&self, row: &Row) -> Option<Point> {
        let x = self.across.at(log(row.case.size));
        let results = self.rows.iter().filter_map(|row| self.at(row));
        let apart = |point: &Point| (point.0 - x).abs();
        let nearest = results.min_by(|a, b| apart(a).total_cmp(&apart(b)));
        nearest.map(|point| (x, point.1))
    }

    fn class(&self) -> String {
        self.rows.first().map(|row| class_of(row.case.transport)).unwrap_or_default()
    }

    /// The cases side by side that all have a result, or all have none.
    fn stretches(&self) -> impl Iterator<Item = &[&Row]> {
        self.rows.chunk_by(|a, b| a.median().is_some() == b.median().is_some())
    }

    /// The intervals: along the low ends and back along the high ones.
    fn bands(&self, canvas: &mut Canvas) {
        let interval = |row: &Row| {
            let (low, high) = row.round_trips.as_ref().and_then(|trips| trips.median.interval)?;
            Some((self.point(row, low), self.point(row, high)))
        };
        canvas.group(&self.class(), "", |canvas| {
            for stretch in self.stretches() {
                let ends: Vec<_> = stretch.iter().filter_map(|row| interval(row)).collect();
                match ends.as_slice() {
                    // A single size has no area, but its interval has a height.
                    [(low, high)] => canvas.line("bar", &[*low, *high]),
                    ends => {
                        let low = ends.iter().map(|(low, _)| *low);
                        let high = ends.iter().rev().map(|(_, high)| *high);
                        canvas.area("area", &low.chain(high).collect::<Vec<_>>());
                    }
                }
            }
        });
    }

    /// The line, with gaps and crosses where there is no result. None if there is none at all.
    fn draw(&self, canvas: &mut Canvas, unit: Option<Unit>) -> Option<End> {
        let (first, last) = (self.rows.first()?, self.rows.last()?);
        let end = self.place(last)?;
        canvas.group(&self.class(), &hover(&self.rows, unit), |canvas| {
            for stretch in self.stretches() {
                let points: Vec<Point> = stretch.iter().filter_map(|row| self.at(row)).collect();
                canvas.line("curve", &points);
                canvas.dots("spot", &points);
                for row in stretch.iter().filter(|row| row.median().is_none()) {
                    canvas.cross("cross", self.place(row).unwrap_or(end));
                }
            }
        });
        Some(End { at: end, label: first.case.label.clone(), class: self.class() })
    }
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
