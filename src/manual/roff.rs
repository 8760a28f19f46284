//! The language of manual pages: letters that need escaping, lines that must not be long, and the
//! few macros that the page is made of. Pure.

use std::fmt::Write as _;

/// Longer input lines are bad style (`mandoc -T lint -W style`).
const WIDTH: usize = 78;

/// A page that grows.
#[derive(Debug, Default)]
pub(super) struct Roff(String);

impl Roff {
    /// The page so far.
    pub(super) fn into_text(self) -> String {
        self.0
    }

    /// A line as it stands.
    pub(super) fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }

    /// A section.
    pub(super) fn section(&mut self, title: &str) {
        self.line(&format!(".SH {}", quoted(title)));
    }

    /// A part of a section.
    pub(super) fn part(&mut self, title: &str) {
        self.line(&format!(".SS {}", quoted(title)));
    }

    /// Prose that is roff already.
    pub(super) fn prose(&mut self, roff: &str) {
        self.0.push_str(roff);
    }

    /// Plain text, a line a sentence or less. `words` in backticks are bold.
    pub(super) fn text(&mut self, text: &str) {
        for line in filled(&marked(text)) {
            self.line(&line);
        }
    }

    /// Tags with their texts, close together.
    pub(super) fn items(&mut self, items: impl Iterator<Item = (String, String)>) {
        for (at, (tag, text)) in items.enumerate() {
            if at == 1 {
                self.line(".PD 0");
            }
            self.item(&tag, &text);
        }
        self.line(".PD");
    }

    /// A tag, in roff, with a text beside or below it.
    pub(super) fn item(&mut self, tag: &str, text: &str) {
        self.line(".TP");
        self.line(tag);
        self.text(text);
    }
}

/// In bold.
pub(super) fn bold(text: &str) -> String {
    format!("\\fB{}\\fR", escaped(text))
}

/// In italics.
pub(super) fn italic(text: &str) -> String {
    format!("\\fI{}\\fR", escaped(text))
}

/// A heading with blanks is quoted.
fn quoted(title: &str) -> String {
    let title = escaped(title);
    if title.contains(' ') { format!("\"{title}\"") } else { title }
}

/// Letters as roff wants them, so that what is copied from the page is what was meant.
pub(super) fn escaped(text: &str) -> String {
    let mut roff = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' => roff.push_str("\\e"),
            '-' => roff.push_str("\\-"),
            '\'' => roff.push_str("\\(aq"),
            '`' => roff.push_str("\\(ga"),
            '^' => roff.push_str("\\(ha"),
            '~' => roff.push_str("\\(ti"),
            '"' => roff.push_str("\\(dq"),
            'µ' => roff.push_str("\\(mc"),
            '±' => roff.push_str("\\(+-"),
            '·' => roff.push_str("\\(pc"),
            letter if letter.is_ascii() => roff.push(letter),
            letter => {
                // Writing to a String cannot fail.
                let _ = write!(roff, "\\[u{:04X}]", u32::from(letter));
            }
        }
    }
    roff
}

/// Escaped, with every second piece between backticks in bold.
fn marked(text: &str) -> String {
    let pieces = text.split('`').enumerate();
    let roff: String =
        pieces.map(|(at, piece)| if at % 2 == 1 { bold(piece) } else { escaped(piece) }).collect();
    // No line ends between a number and its sign.
    roff.replace(" %", "\\ %")
}

/// Lines that are not too long and end where a sentence does.
fn filled(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut sentence_over = true;
    for word in text.split_whitespace() {
        match lines.last_mut().filter(|line| !sentence_over && line.len() + word.len() < WIDTH) {
            Some(line) => {
                line.push(' ');
                line.push_str(word);
            }
            // A line that begins with one of these would be a request.
            None if word.starts_with(['.', '\'']) => lines.push(format!("\\&{word}")),
            None => lines.push(word.to_owned()),
        }
        sentence_over = word.ends_with('.');
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_that_roff_would_take_for_something_else_are_escaped() {
        for (text, roff) in [
            ("--size", "\\-\\-size"),
            ("a file's", "a file\\(aqs"),
            ("C:\\x", "C:\\ex"),
            ("6 µs ±1", "6 \\(mcs \\(+-1"),
            ("▁", "\\[u2581]"),
        ] {
            assert_eq!(escaped(text), roff);
        }
    }

    #[test]
    fn text_breaks_at_sentences_and_before_it_is_too_long() {
        let mut roff = Roff::default();
        roff.text(".json is known. Use `-o` for it.");
        assert_eq!(roff.into_text(), "\\&.json is known.\nUse \\fB\\-o\\fR for it.\n");
        let long = filled(&"word ".repeat(40));
        assert!(long.len() > 1 && long.iter().all(|line| line.len() <= WIDTH), "{long:?}");
    }
}
