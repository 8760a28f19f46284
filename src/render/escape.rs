//! Words that come from the machine or the user, made harmless for the form that they stand in.

/// Text inside XML: what it has no letters for becomes a question mark.
pub(crate) fn xml(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&apos;"),
            letter if letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}') => {
                safe.push('?');
            }
            letter => safe.push(letter),
        }
    }
    safe
}

/// Text inside Markdown, in a table too: none of it means anything there.
pub(crate) fn markdown(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '#' | '&' | '$' => {
                safe.push('\\');
                safe.push(letter);
            }
            letter if letter.is_control() => safe.push(' '),
            letter => safe.push(letter),
        }
    }
    safe
}

/// Something to paste, inside Markdown but outside a table: the fence is longer than any run of
/// backticks in it.
pub(crate) fn markdown_code(text: &str) -> String {
    let text = super::paint::tame(text);
    let longest = text.split(|letter| letter != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    // One blank at each end is not shown, which keeps a backtick there away from the fence.
    let edge = |letter: Option<char>| matches!(letter, None | Some('`' | ' '));
    let pad = if edge(text.chars().next()) || edge(text.chars().last()) { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_survives_backticks_and_line_ends() {
        for (text, expected) in [
            ("ls -l", "`ls -l`"),
            ("a`b", "``a`b``"),
            ("`", "`` ` ``"),
            ("x``", "``` x`` ```"),
            ("two\nlines", "`two\\nlines`"),
            (" ", "`   `"),
        ] {
            assert_eq!(markdown_code(text), expected);
        }
    }
}
