//! Changes beside each other: a dot for how many times as long each takes, a line for its interval, and
//! a band for what is no regression yet.

use super::axis::{Scale, Tick, even_values, fitting, plain};
use super::canvas::{Anchor, Canvas};
use super::frame::Frame;
use super::labels::real;
use super::style::{LARGE, class_of, width_of};
use super::{Panel, Picture, WIDTH};
use crate::stats::Interval;
use crate::transport;

/// What is drawn of a row.
pub(crate) struct Mark {
    /// What it is.
    pub(crate) label: String,
    /// The name of its transport.
    pub(crate) transport: String,
    /// How many times as long it takes.
    pub(crate) ratio: f64,
    /// The interval of that, where there is one.
    pub(crate) interval: Option<Interval>,
    /// The change in words.
    pub(crate) words: String,
}

/// Of more rows than that the first are drawn; the table has them all.
const MOST: usize = 40;
const LINE: f64 = 18.0;
/// A longer label is cut.
const LETTERS: usize = 28;

/// The picture of these rows; `limit` is the ratio that is no regression yet.
pub(crate) fn forest(marks: &[Mark], limit: f64) -> Picture {
    let shown = &marks[..marks.len().min(MOST)];
    let hidden = marks.len() - shown.len();
    Picture {
        heading: "The changes",
        caption: "How many times as long each row takes as before: a dot, and a line for its 95 % \
                  interval. Left of 1x is faster. Inside the band nothing is slower or faster.",
        panels: if shown.is_empty() { Vec::new() } else { vec![panel(shown, limit)] },
        notes: if hidden > 0 {
            vec![format!("{hidden} more are in the table.")]
        } else {
            Vec::new()
        },
    }
}

fn panel(marks: &[Mark], limit: f64) -> Panel {
    let labels: Vec<_> = marks.iter().map(|mark| cut(&mark.label)).collect();
    let widest = labels.iter().map(|label| width_of(label, LARGE)).fold(0.0, f64::max);
    let top = 24.0;
    let bottom = top + real(marks.len()) * LINE;
    // The words of a tick at either end have room.
    let frame = Frame { left: (widest + 14.0).min(WIDTH * 0.6), right: WIDTH - 16.0, top, bottom };
    let (low, high) = ends(marks, limit);
    let across = frame.across((low.ln(), high.ln()));
    let mut canvas = Canvas::default();
    let band = [across.at(-limit.ln()), across.at(limit.ln())];
    canvas.area("band", &[(band[0], top), (band[1], top), (band[1], bottom), (band[0], bottom)]);
    canvas.words((0.0, 13.0), Anchor::Start, "heading", "times as long as before");
    frame.ticks_across(&mut canvas, &across, &ticks((low, high), &across));
    let one = across.at(0.0);
    canvas.line("mark", &[(one, top), (one, bottom)]);
    for (index, (mark, label)) in marks.iter().zip(&labels).enumerate() {
        draw(&mut canvas, &across, top + (real(index) + 0.5) * LINE, mark, label);
    }
    let said: Vec<_> = marks.iter().map(|m| format!("{}: {}", m.label, m.words)).collect();
    frame.panel("times as long as before", said.join("; "), canvas)
}

fn draw(canvas: &mut Canvas, across: &Scale, y: f64, mark: &Mark, label: &str) {
    let known = transport::ALL.iter().find(|known| known.name == mark.transport);
    let class = known.map_or_else(|| "plain".to_owned(), class_of);
    canvas.group(&class, &format!("{}: {}", mark.label, mark.words), |canvas| {
        canvas.words((0.0, y + LARGE * 0.35), Anchor::Start, "label", label);
        if let Some(Interval { low, high }) = mark.interval {
            canvas.line("whisker", &[(across.at(log(low)), y), (across.at(log(high)), y)]);
        }
        canvas.dots("spot", &[(across.at(log(mark.ratio)), y)]);
    });
}

/// An interval may reach to nothing, which a logarithmic axis does not.
const LEAST: f64 = 0.01;

fn log(ratio: f64) -> f64 {
    ratio.max(LEAST).ln()
}

/// What the axis spans: everything that is drawn, the band, and some air.
fn ends(marks: &[Mark], limit: f64) -> (f64, f64) {
    let each = marks.iter().flat_map(|mark| {
        let interval = mark.interval.map_or([mark.ratio; 2], |i| [i.low, i.high]);
        [mark.ratio, interval[0], interval[1]]
    });
    let (low, high) = each
        .map(|ratio| ratio.max(LEAST))
        .fold((1.0 / limit, limit), |(low, high), ratio| (low.min(ratio), high.max(ratio)));
    (low / 1.03, high * 1.03)
}

/// The tick of no change first, then as many as there is room for.
fn ticks((low, high): (f64, f64), across: &Scale) -> Vec<Tick> {
    let tick = |ratio: f64| Tick { value: ratio.ln(), label: format!("{}x", plain(ratio)) };
    let others = even_values((low, high), 6).into_iter();
    let others = others.filter(|ratio| *ratio > 0.0 && (ratio - 1.0).abs() > 1e-9);
    fitting(std::iter::once(1.0).chain(others).map(tick).collect(), across)
}

fn cut(label: &str) -> String {
    if label.chars().count() <= LETTERS {
        return label.to_owned();
    }
    label.chars().take(LETTERS - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::super::canvas::number;
    use super::*;

    fn mark(ratio: f64, interval: Option<(f64, f64)>) -> Mark {
        Mark {
            label: "tcp4, a place with a very long name".to_owned(),
            transport: "tcp4".to_owned(),
            ratio,
            interval: interval.map(|(low, high)| Interval { low, high }),
            words: "+1%".to_owned(),
        }
    }

    /// Where the first line of that class begins and ends.
    fn across(body: &str, class: &str) -> (f64, f64) {
        let (_, rest) = body.split_once(&format!("class=\"{class}\" d=\"M")).expect("a line");
        let (line, _) = rest.split_once('"').expect("its end");
        let x =
            |point: &str| point.split(' ').next().and_then(|x| x.parse().ok()).expect("a place");
        let (from, to) = line.split_once('L').expect("two points");
        (x(from), x(to))
    }

    #[test]
    fn what_takes_as_long_as_before_stands_on_the_mark_in_the_middle_of_the_band() {
        let picture = forest(&[mark(1.0, Some((0.9, 1.0)))], 1.1);
        let body = &picture.panels[0].body;
        let (one, _) = across(body, "mark");
        let (from, to) = across(body, "band");
        assert!((f64::midpoint(from, to) - one).abs() <= 0.1, "{body}");
        let whisker = across(body, "whisker");
        // Down to 0.9 is farther than the band's 1 / 1.1.
        assert!(whisker.0 < from && (whisker.1 - one).abs() <= 0.1, "{body}");
        assert!(body.contains(&format!("class=\"spot\" d=\"M{} ", number(one))), "{body}");
    }

    #[test]
    fn an_interval_down_to_nothing_and_rows_without_one_are_drawn_inside_the_panel() {
        let picture = forest(&[mark(1.5, Some((-0.3, 40.0))), mark(0.5, None)], 1.1);
        let body = &picture.panels[0].body;
        let (low, high) = across(body, "whisker");
        assert!(low >= 0.0 && high <= WIDTH && low < high, "{body}");
        assert_eq!(body.matches("class=\"whisker\"").count(), 1);
        assert_eq!(body.matches("class=\"spot\"").count(), 2);
        assert!(body.contains(">tcp4, a place with a very l…<") && !body.contains("NaN"), "{body}");
    }

    #[test]
    fn of_many_rows_the_first_are_drawn_and_it_is_said_how_many_are_not() {
        let marks: Vec<_> = (0..MOST + 2).map(|_| mark(1.0, None)).collect();
        let picture = forest(&marks, 1.1);
        assert_eq!(picture.panels[0].body.matches("class=\"spot\"").count(), MOST);
        assert_eq!(picture.notes, ["2 more are in the table."]);
        assert!(forest(&[], 1.1).panels.is_empty());
    }
}
