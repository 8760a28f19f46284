//! Markdown as GitHub has it: what the commands put into it is escaped here.

use super::escape::{markdown, markdown_code};
use super::troubles::{Trouble, shared};

/// The answer, in bold, as a paragraph. Nothing at its ends may keep it from being bold.
pub(super) fn answer(words: &str) -> String {
    format!("**{}**\n", markdown(words.trim()))
}

/// Sentences as a list of their own.
pub(super) fn list(sentences: impl IntoIterator<Item = String>) -> String {
    items(sentences.into_iter().map(|words| markdown(words.trim())))
}

fn items(items: impl Iterator<Item = String>) -> String {
    let lines: Vec<_> = items.map(|item| format!("- {item}")).collect();
    if lines.is_empty() { String::new() } else { format!("\n{}\n", lines.join("\n")) }
}

/// A table; a column whose heading says so has its cells on the right.
pub(super) fn table(
    headings: &[(String, bool)],
    lines: impl Iterator<Item = Vec<String>>,
) -> String {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let titles = headings.iter().map(|(title, _)| markdown(title)).collect();
    let rules = headings.iter().map(|(_, numbers)| if *numbers { "--:" } else { "---" }.to_owned());
    let mut text = format!("\n{}{}", line(titles), line(rules.collect()));
    text.extend(lines.map(|cells| line(cells.iter().map(|cell| markdown(cell)).collect())));
    text
}

/// Each of them once, with all whom it concerns.
pub(super) fn troubles(troubles: impl Iterator<Item = Trouble>) -> String {
    items(shared(troubles).into_iter().map(|trouble| {
        let whom: Vec<_> = trouble.whom.iter().map(|whom| markdown(whom)).collect();
        let helps = match trouble.hint.as_str() {
            "" => String::new(),
            hint => format!("; what helps: {}", markdown_code(hint)),
        };
        format!("{}: {}{helps}", whom.join(", "), markdown(&trouble.what))
    }))
}

/// Names and words as a paragraph: "machine: kernel 6.1, cpus 2".
pub(super) fn facts(what: &str, facts: &[(String, String)]) -> String {
    let words: Vec<_> =
        facts.iter().map(|(name, value)| markdown(&format!("{name} {value}"))).collect();
    if words.is_empty() { String::new() } else { format!("\n{what}: {}\n", words.join(", ")) }
}
