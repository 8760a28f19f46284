//! The frame of a panel: its heading, a grid with ticks at two axes, and labels at the ends of lines.

use super::axis::{Scale, Tick};
use super::canvas::{Anchor, Canvas, Point};
use super::labels::{real, spread};
use super::style::{LARGE, SMALL, width_of};
use super::{Panel, WIDTH};

/// The area in which lines are drawn, in the panel's coordinates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Frame {
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
}

/// How far labels are from each other.
pub(super) const LINE: f64 = 15.0;
/// Room for the heading and what the axis upward shows.
const HEAD: f64 = 42.0;
/// Room for the ticks and what the axis to the right shows.
const FOOT: f64 = 38.0;
const LOWEST: f64 = 250.0;
/// From the right edge of the area to the labels.
const GAP: f64 = 12.0;

/// The end of a line and what is written there.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct End {
    pub(super) at: Point,
    pub(super) label: String,
    pub(super) class: String,
}

impl Frame {
    /// A frame with room for these labels at its right and for `more` lines of words above the area.
    pub(super) fn with_labels<'a>(labels: impl Iterator<Item = &'a str>, more: usize) -> Self {
        let (mut count, mut widest) = (0, 0.0_f64);
        for label in labels {
            count += 1;
            widest = widest.max(width_of(label, LARGE));
        }
        let top = HEAD + real(more) * LINE;
        let height = LOWEST.max(real(count) * LINE);
        Self { left: 50.0, right: WIDTH - GAP - widest, top, bottom: top + height }
    }

    /// The scale of the axis to the right.
    pub(super) const fn across(&self, values: (f64, f64)) -> Scale {
        Scale { values, places: (self.left, self.right) }
    }

    /// The scale of the axis upward.
    pub(super) const fn upward(&self, values: (f64, f64)) -> Scale {
        Scale { values, places: (self.bottom, self.top) }
    }

    /// The panel that has this frame.
    pub(super) fn panel(&self, heading: &str, about: String, canvas: Canvas) -> Panel {
        let height = self.bottom + FOOT;
        Panel { heading: heading.to_owned(), about, height, body: canvas.finish() }
    }

    /// The heading, and what the axes show.
    pub(super) fn head(&self, canvas: &mut Canvas, heading: &str, (across, upward): (&str, &str)) {
        canvas.words((0.0, 13.0), Anchor::Start, "heading", heading);
        canvas.words((0.0, 31.0), Anchor::Start, "muted", upward);
        let middle = f64::midpoint(self.left, self.right);
        canvas.words((middle, self.bottom + 33.0), Anchor::Middle, "muted", across);
    }

    /// A line of the grid upward from each of these, with its words below.
    pub(super) fn ticks_across(&self, canvas: &mut Canvas, scale: &Scale, ticks: &[Tick]) {
        for tick in ticks {
            let x = scale.at(tick.value);
            canvas.line("grid", &[(x, self.top), (x, self.bottom)]);
            canvas.words((x, self.bottom + 16.0), Anchor::Middle, "muted", &tick.label);
        }
    }

    /// A line of the grid to the right from each of these, with its words at the left.
    pub(super) fn ticks_upward(&self, canvas: &mut Canvas, scale: &Scale, ticks: &[Tick]) {
        for tick in ticks {
            let y = scale.at(tick.value);
            canvas.line("grid", &[(self.left, y), (self.right, y)]);
            let at = (self.left - 6.0, y + SMALL * 0.35);
            canvas.words(at, Anchor::End, "muted", &tick.label);
        }
    }

    /// Where the labels of lines that end there stand.
    pub(super) fn places(&self, ends: &[End]) -> Vec<f64> {
        let wanted: Vec<_> = ends.iter().map(|end| end.at.1).collect();
        let half = LINE / 2.0;
        spread(&wanted, LINE, (self.top + half - 4.0, self.bottom - half + 4.0))
    }

    /// Labels at the right, each with a thin line from the end that it belongs to.
    pub(super) fn ends(&self, canvas: &mut Canvas, ends: &[End]) {
        for (end, y) in ends.iter().zip(self.places(ends)) {
            canvas.group(&end.class, &end.label, |canvas| {
                canvas.line("thin", &[end.at, (self.right + GAP - 4.0, y)]);
                let at = (self.right + GAP, y + LARGE * 0.35);
                canvas.words(at, Anchor::Start, "label", &end.label);
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_two_labels_of_a_panel_overlap_and_none_is_cut_off(
            ends in proptest::collection::vec((0.0..1.0_f64, "[a-z]{3,15}"), 1..60)
        ) {
            let frame = Frame::with_labels(ends.iter().map(|(_, label)| label.as_str()), 0);
            let end = |(y, label): &(f64, String)| End {
                at: (frame.right, frame.top + y * (frame.bottom - frame.top)),
                label: label.clone(),
                class: String::new(),
            };
            let ends: Vec<_> = ends.iter().map(end).collect();
            let mut places = frame.places(&ends);
            places.sort_by(f64::total_cmp);
            prop_assert!(places.windows(2).all(|two| two[1] - two[0] >= LARGE), "{places:?}");
            prop_assert!(places[0] >= frame.top - LINE);
            prop_assert!(places[places.len() - 1] <= frame.bottom + LINE);
            for end in &ends {
                prop_assert!(frame.right + GAP + width_of(&end.label, LARGE) <= WIDTH + 1e-9);
            }
        }
    }
}
