//! Pictures of a run as SVG, drawn by hand: the latency tail, the sweep over sizes, the rounds over time.
//! A picture is made of panels of one width, which a page lays out and a file stacks.

mod axis;
mod canvas;
mod file;
mod forest;
mod frame;
mod labels;
mod notes;
mod rounds;
mod sizes;
mod style;
mod tail;

use crate::cli::plot::Plot;
use crate::cli::quantity::bytes_words;
use crate::measure::plan::Place;
use crate::report::Report;
use crate::report::words::Unit;

pub(crate) use file::render;
pub(crate) use forest::{Mark, forest};
pub(crate) use style::rules;

/// The width of a panel: what a telephone shows with its letters still legible.
pub(crate) const WIDTH: f64 = 400.0;

/// A diagram.
pub(crate) struct Panel {
    /// Which of its picture: "one CPU".
    pub(crate) heading: String,
    /// What it shows, in words.
    pub(crate) about: String,
    /// How high it is.
    pub(crate) height: f64,
    /// Its elements.
    pub(crate) body: String,
}

/// The diagrams of one question.
pub(crate) struct Picture {
    /// What it is.
    pub(crate) heading: &'static str,
    /// How to read it.
    pub(crate) caption: &'static str,
    /// A diagram for each place, and for each size where a picture has several.
    pub(crate) panels: Vec<Panel>,
    /// What could not be drawn, so that no transport is missing.
    pub(crate) notes: Vec<String>,
}

/// The picture of that kind.
pub(crate) fn draw(report: &Report, plot: Plot, unit: Option<Unit>) -> Picture {
    match plot {
        Plot::Tail => tail::draw(report, unit),
        Plot::Sizes => sizes::draw(report, unit),
        Plot::Rounds => rounds::draw(report, unit),
    }
}

/// The pictures that say something about this run, the most telling first.
pub(crate) fn suiting(report: &Report) -> Vec<Plot> {
    let several = report.about.sizes.len() > 1;
    let measured = report.rows.iter().any(|row| row.round_trips.is_some());
    // One picture says that there is nothing, and that is enough.
    let suits = |plot: &Plot| match plot {
        Plot::Sizes => several && measured,
        Plot::Rounds => measured,
        Plot::Tail => true,
    };
    [Plot::Sizes, Plot::Tail, Plot::Rounds].into_iter().filter(suits).collect()
}

/// The first and the last of the sizes: pictures that show a single one would be too many of all.
fn shown_sizes(report: &Report) -> Vec<usize> {
    match report.about.sizes.as_slice() {
        [first, .., last] if first != last => vec![*first, *last],
        sizes => sizes.iter().take(1).copied().collect(),
    }
}

/// A panel for each place and each of these sizes, where there is anything to draw.
fn panels_at(
    report: &Report,
    sizes: &[usize],
    panel: impl Fn(Place, usize, &str) -> Option<Panel>,
) -> Vec<Panel> {
    let several = report.about.sizes.len() > 1;
    let heading = |place: Place, size| {
        if several {
            format!("{}, {}", place.phrase(), bytes_words(size))
        } else {
            place.phrase().to_owned()
        }
    };
    let each =
        sizes.iter().flat_map(|size| report.about.places.iter().map(|place| (*place, *size)));
    each.filter_map(|(place, size)| panel(place, size, &heading(place, size))).collect()
}
