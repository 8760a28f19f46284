//! A writer of SVG: it knows lines, paths, words and groups, and escapes whatever it is given.

use super::super::escape::xml;
use std::fmt::Write as _;

/// A point, x to the right and y down.
pub(super) type Point = (f64, f64);

/// Where words stand in relation to their point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    /// They begin there.
    Start,
    /// Their middle is there.
    Middle,
    /// They end there.
    End,
}

/// What is drawn, in the order in which it is drawn.
#[derive(Debug, Default)]
pub(super) struct Canvas {
    body: String,
}

impl Canvas {
    /// What was drawn, as SVG elements.
    pub(super) fn finish(self) -> String {
        self.body
    }

    // Writing to a String cannot fail.
    fn write(&mut self, arguments: std::fmt::Arguments<'_>) {
        let _ = self.body.write_fmt(arguments);
    }

    /// Words at a point.
    pub(super) fn words(&mut self, at: Point, anchor: Anchor, class: &str, words: &str) {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let (x, y, words) = (number(at.0), number(at.1), xml(words));
        self.write(format_args!(
            "<text x=\"{x}\" y=\"{y}\"{anchor} class=\"{class}\">{words}</text>\n"
        ));
    }

    /// A line through points. Nothing is drawn of fewer than two.
    pub(super) fn line(&mut self, class: &str, points: &[Point]) {
        if points.len() > 1 {
            self.path(class, &through(points));
        }
    }

    /// The area that a line through points encloses.
    pub(super) fn area(&mut self, class: &str, points: &[Point]) {
        if points.len() > 2 {
            self.path(class, &format!("{}z", through(points)));
        }
    }

    /// A dot at each point: a stroke without length whose round ends are the dot.
    pub(super) fn dots(&mut self, class: &str, points: &[Point]) {
        if !points.is_empty() {
            let dot = |at: &Point| format!("M{}h0", pair(*at));
            self.path(class, &points.iter().map(dot).collect::<String>());
        }
    }

    /// A cross at a point.
    pub(super) fn cross(&mut self, class: &str, (x, y): Point) {
        const ARM: f64 = 4.0;
        let stroke = |from, to| format!("M{}L{}", pair(from), pair(to));
        let falling = stroke((x - ARM, y - ARM), (x + ARM, y + ARM));
        self.path(class, &(falling + &stroke((x - ARM, y + ARM), (x + ARM, y - ARM))));
    }

    fn path(&mut self, class: &str, data: &str) {
        self.write(format_args!("<path class=\"{class}\" d=\"{data}\"/>\n"));
    }

    /// Draws in a group whose words, if there are any, show while a pointer rests on it.
    pub(super) fn group(&mut self, class: &str, hover: &str, draw: impl FnOnce(&mut Self)) {
        self.write(format_args!("<g class=\"{class}\">\n"));
        if !hover.is_empty() {
            self.write(format_args!("<title>{}</title>\n", xml(hover)));
        }
        draw(self);
        self.body.push_str("</g>\n");
    }
}

fn through(points: &[Point]) -> String {
    let lines = points.iter().enumerate().map(|(index, at)| {
        let letter = if index == 0 { 'M' } else { 'L' };
        format!("{letter}{}", pair(*at))
    });
    lines.collect()
}

fn pair((x, y): Point) -> String {
    format!("{} {}", number(x), number(y))
}

/// A tenth of a unit is less than anybody sees.
pub(super) fn number(value: f64) -> String {
    let text = format!("{value:.1}");
    let short = text.strip_suffix(".0").unwrap_or(&text);
    if short == "-0" { "0".to_owned() } else { short.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_escaped_and_numbers_are_short() {
        let mut canvas = Canvas::default();
        canvas.words((1.0, 2.25), Anchor::End, "m", "<b>\"&'\u{1}");
        canvas.line("c", &[(0.0, -0.01), (10.5, 3.0)]);
        canvas.line("c", &[(0.0, 0.0)]);
        canvas.group("x", "a<b", |canvas| canvas.dots("d", &[(1.0, 1.0), (2.0, 2.0)]));
        assert_eq!(
            canvas.finish(),
            "<text x=\"1\" y=\"2.2\" text-anchor=\"end\" class=\"m\">&lt;b&gt;&quot;&amp;&apos;?</text>\n\
             <path class=\"c\" d=\"M0 0L10.5 3\"/>\n\
             <g class=\"x\">\n<title>a&lt;b</title>\n\
             <path class=\"d\" d=\"M1 1h0M2 2h0\"/>\n</g>\n"
        );
    }
}
