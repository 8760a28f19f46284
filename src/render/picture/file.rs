//! Pictures as a file of their own: the answer above, the panels in two columns, the notes below.

use super::canvas::{Anchor, Canvas, number};
use super::labels::real;
use super::style::{LARGE, SMALL, rules, width_of};
use super::{Panel, Picture, WIDTH, draw, suiting};
use crate::cli::plot::Plot;
use crate::render::escape::xml;
use crate::render::sentences::{details, lead};
use crate::report::Report;
use crate::report::words::Unit;
use std::fmt::Write as _;

const MARGIN: f64 = 24.0;
const BETWEEN: f64 = 32.0;

/// The pictures of these runs below one another; of each the ones that were chosen, or the one that
/// tells most.
#[must_use]
pub(crate) fn render(reports: &[&Report], plots: &[Plot], unit: Option<Unit>) -> String {
    let chosen = |report: &Report| match plots {
        [] => suiting(report).into_iter().take(1).collect(),
        plots => plots.to_vec(),
    };
    let drawn: Vec<_> = reports
        .iter()
        .map(|report| {
            let draw = |plot| draw(report, plot, unit);
            (*report, chosen(report).into_iter().map(draw).collect::<Vec<_>>())
        })
        .collect();
    let panels = drawn.iter().flat_map(|(_, pictures)| pictures.iter().map(|p| p.panels.len()));
    let columns = if panels.max().unwrap_or(0) > 1 { 2.0 } else { 1.0 };
    let mut sheet = Sheet {
        canvas: Canvas::default(),
        panels: String::new(),
        width: columns * WIDTH + (columns - 1.0) * BETWEEN,
        y: MARGIN,
    };
    for (report, pictures) in &drawn {
        sheet.run(report, pictures);
    }
    sheet.finish(reports)
}

struct Sheet {
    canvas: Canvas,
    panels: String,
    /// The room between the margins.
    width: f64,
    /// How far down it is full.
    y: f64,
}

impl Sheet {
    fn run(&mut self, report: &Report, pictures: &[Picture]) {
        let mut lead = lead(report).into_iter();
        if let Some(title) = lead.next() {
            self.words(&title, "title", 16.0);
        }
        for sentence in lead {
            self.words(&sentence, "said", LARGE);
        }
        self.words(&details(report), "muted", SMALL);
        for picture in pictures {
            self.y += 14.0;
            self.words(picture.heading, "heading", LARGE);
            self.words(picture.caption, "muted", SMALL);
            self.picture(&picture.panels);
            for note in &picture.notes {
                self.words(note, "muted", SMALL);
            }
        }
        self.y += MARGIN;
    }

    /// Words in as many lines as they need.
    fn words(&mut self, words: &str, class: &str, size: f64) {
        for line in lines(words, self.width, size) {
            self.y += size * 1.35;
            self.canvas.words((MARGIN, self.y - size * 0.3), Anchor::Start, class, &line);
        }
    }

    fn picture(&mut self, panels: &[Panel]) {
        if panels.is_empty() {
            self.words("Nothing was measured.", "said", LARGE);
        }
        let columns = if self.width > WIDTH { 2 } else { 1 };
        for row in panels.chunks(columns) {
            let highest = row.iter().map(|panel| panel.height).fold(0.0, f64::max);
            for (index, panel) in row.iter().enumerate() {
                let (x, y) = (MARGIN + real(index) * (WIDTH + BETWEEN), self.y + 10.0);
                // Writing to a String cannot fail.
                let _ = writeln!(
                    self.panels,
                    "<g transform=\"translate({} {})\">\n{}</g>",
                    number(x),
                    number(y),
                    panel.body
                );
            }
            self.y += highest + 20.0;
        }
    }

    fn finish(self, reports: &[&Report]) -> String {
        let (width, height) = (number(self.width + 2.0 * MARGIN), number(self.y));
        let say = |report: &&Report| lead(report).join(" ");
        let title = reports.iter().map(say).collect::<Vec<_>>().join(" ");
        let about = reports.iter().map(|report| details(report)).collect::<Vec<_>>().join("; ");
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{width}\" \
             height=\"{height}\" viewBox=\"0 0 {width} {height}\">\n<title>{}</title>\n\
             <desc>{}</desc>\n<style>\n{}</style>\n\
             <rect class=\"ground\" width=\"{width}\" height=\"{height}\"/>\n{}{}</svg>\n",
            xml(&title),
            xml(&about),
            rules(),
            self.canvas.finish(),
            self.panels
        )
    }
}

/// Words broken at blanks into lines of that width; a longer word is cut, so that nothing leaves the
/// picture.
fn lines(words: &str, width: f64, size: f64) -> Vec<String> {
    let fits = |line: &str| width_of(line, size) <= width;
    let mut lines: Vec<String> = Vec::new();
    for word in words.split(' ') {
        let mut word = word.to_owned();
        let longer = lines.last().map(|line| format!("{line} {word}"));
        if let Some(longer) = longer.filter(|line| fits(line)) {
            lines.pop();
            lines.push(longer);
            continue;
        }
        while !fits(&word) {
            let cut = word.char_indices().map(|(at, _)| at).take_while(|at| fits(&word[..*at]));
            let rest = word.split_off(cut.last().unwrap_or(1).max(1));
            lines.push(std::mem::replace(&mut word, rest));
        }
        lines.push(word);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_broken_and_nothing_leaves_the_picture() {
        let long = format!("one two three {}", "ä".repeat(90));
        let lines = lines(&long, 200.0, 10.0);
        assert!(lines.iter().all(|line| width_of(line, 10.0) <= 200.0), "{lines:?}");
        assert_eq!(lines.concat().replace(' ', ""), long.replace(' ', ""));
        assert_eq!(lines[0], "one two three");
    }
}
