//! Words as a shell reads them, for hints that are there to be pasted. Pure.

use crate::render::paint::tame;
use std::path::Path;

/// A text as one word: in single quotes if a shell would read it as anything else.
#[must_use]
pub fn word(text: &str) -> String {
    let is_plain = |letter: char| letter.is_alphanumeric() || "_@%+=:,./-".contains(letter);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// A file's name as one word. One that would move the cursor is shown rather than meant.
#[must_use]
pub fn path(path: &Path) -> String {
    word(&tame(&path.display().to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_has_quotes_where_a_shell_would_see_more_than_a_word() {
        for (text, expected) in [
            ("/tmp/a-b_1.json", "/tmp/a-b_1.json"),
            ("tcp4:[::1]:7", "'tcp4:[::1]:7'"),
            ("", "''"),
            ("two words", "'two words'"),
            ("$HOME;~", "'$HOME;~'"),
            ("it's", r"'it'\''s'"),
            ("é", "é"),
        ] {
            assert_eq!(word(text), expected);
        }
        assert_eq!(path(Path::new("a\nb")), r"'a\nb'");
    }
}
