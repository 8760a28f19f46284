//! Colour, and doing without it and without Unicode. Only verdicts have a colour, never speeds, and
//! every verdict is a word that says the same without.

/// What a piece of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// As it should be.
    Good,
    /// As it should not be.
    Bad,
    /// To be looked at.
    Doubtful,
    /// Beside the point.
    Aside,
}

/// The text in its tone.
#[must_use]
pub fn paint(text: &str, tone: Tone, colour: bool) -> String {
    if !colour || text.is_empty() {
        return text.to_owned();
    }
    let code = match tone {
        Tone::Good => "32",
        Tone::Bad => "1;31",
        Tone::Doubtful => "33",
        Tone::Aside => "2",
    };
    format!("\x1b[{code}m{text}\x1b[0m")
}

/// The text in 7-bit letters.
#[must_use]
pub fn ascii(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            letter if letter.is_ascii() => plain.push(letter),
            crate::report::words::JOIN => plain.push(letter),
            'µ' => plain.push('u'),
            '±' => plain.push_str("+-"),
            '·' | '–' | '—' | '▃' => plain.push('-'),
            '×' => plain.push('x'),
            '…' => plain.push_str("..."),
            '▁' => plain.push('.'),
            '▂' => plain.push(':'),
            '▄' => plain.push('='),
            '▅' => plain.push('+'),
            '▆' => plain.push('*'),
            '▇' | '█' => plain.push('#'),
            _ => plain.push('?'),
        }
    }
    plain
}

/// Text from outside, with what would move a terminal's cursor made visible.
#[must_use]
pub fn tame(text: &str) -> String {
    text.chars()
        .flat_map(|letter| {
            let escaped = letter.is_control() || turns(letter);
            escaped
                .then(|| letter.escape_default())
                .into_iter()
                .flatten()
                .chain((!escaped).then_some(letter))
        })
        .collect()
}

/// Does it change in which direction what follows is written? Then a line may read as another one.
const fn turns(letter: char) -> bool {
    matches!(letter, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Breaks a line at blanks so that none is wider than `width`, and begins the further ones with
/// `indent` blanks. A word that is wider stays whole: it may be something to paste.
#[must_use]
pub fn wrap(line: &str, width: Option<usize>, indent: usize) -> String {
    let Some(width) = width else { return line.to_owned() };
    let mut lines = Vec::new();
    let mut current = String::new();
    // The blanks at the front are the line's own indentation.
    let front = line.len() - line.trim_start().len();
    current.push_str(&line[..front]);
    let mut empty = true;
    for word in line[front..].split(' ') {
        let len = current.chars().count() + 1 + word.chars().count();
        if !empty && len > width {
            lines.push(std::mem::replace(&mut current, " ".repeat(indent)));
            empty = true;
        }
        if !empty {
            current.push(' ');
        }
        current.push_str(word);
        empty = false;
    }
    lines.push(current);
    lines.iter().map(|line| line.trim_end()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_turns_the_writing_round_is_shown_as_a_number() {
        assert_eq!(tame("a\u{202e}b\u{2066}\u{200f}"), r"a\u{202e}b\u{2066}\u{200f}");
        assert_eq!(tame("ä שלום 😀"), "ä שלום 😀");
    }

    #[test]
    fn ascii_is_seven_bits() {
        let plain = ascii("6.59 ±0.19 µs · ▁▂▃▄▅▆▇█ … × – ☃");
        assert_eq!(plain, "6.59 +-0.19 us - .:-=+*## ... x - ?");
    }

    #[test]
    fn control_letters_become_visible() {
        assert_eq!(tame("a\x1b[2Jb\nc"), "a\\u{1b}[2Jb\\nc");
        assert_eq!(tame("täg"), "täg");
    }

    #[test]
    fn lines_break_at_blanks_and_keep_what_is_wider() {
        assert_eq!(wrap("one two three", Some(8), 2), "one two\n  three");
        assert_eq!(wrap("  one two", Some(6), 4), "  one\n    two");
        assert_eq!(wrap("a-very-long-word b", Some(5), 0), "a-very-long-word\nb");
        assert_eq!(wrap("one two", None, 0), "one two");
    }

    #[test]
    fn colour_wraps_only_what_it_means() {
        assert_eq!(paint("FAIL", Tone::Bad, true), "\x1b[1;31mFAIL\x1b[0m");
        assert_eq!(paint("FAIL", Tone::Bad, false), "FAIL");
    }
}
