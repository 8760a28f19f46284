//! Pages: one file without scripts that asks for nothing, in light and dark, on paper and on a
//! telephone. What every page has is here, and whatever is put into it is escaped here.

pub(super) mod run;

use super::escape::xml;
use super::paint::Tone;
use super::picture::{Panel, Picture, WIDTH};
use super::troubles::{Trouble, shared};
use crate::report::words::listed;
use std::fmt::Write as _;
use std::time::SystemTime;

const STYLE: &str = include_str!("page.css");

/// A whole page. `rules` are those of its pictures, if it has any.
pub(super) fn page(title: &str, rules: &str, body: &str) -> String {
    let title = xml(title);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" \
         content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n\
         <style>\n{STYLE}{rules}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n{body}\
         <footer>{} {}</footer>\n</main>\n</body>\n</html>\n",
        env!("CARGO_PKG_NAME"),
        env!("CARGO_PKG_VERSION"),
    )
}

/// What a page of this command is called that has no name of its own.
pub(super) fn title(command: &str, started: SystemTime) -> String {
    format!("{command}, {}", super::sentences::moment(started))
}

/// The class of a verdict's colour. Its word stands beside it always.
pub(super) const fn class(tone: Tone) -> &'static str {
    match tone {
        Tone::Good => "good",
        Tone::Doubtful => "doubtful",
        Tone::Bad => "bad",
        Tone::Aside => "aside",
    }
}

/// Words in an element.
pub(super) fn element(name: &str, class: &str, words: &str) -> String {
    around(name, class, &xml(words))
}

/// An element around others.
pub(super) fn around(name: &str, class: &str, inside: &str) -> String {
    let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
    format!("<{name}{class}>{inside}</{name}>\n")
}

/// The answer, in the colour of what its first word says.
pub(super) fn answer(tone: Tone, sentence: &str) -> String {
    element("h2", class(tone), &super::sentences::capital(sentence))
}

/// Sentences as a list, if there are any.
pub(super) fn sentences(class: &str, lines: impl IntoIterator<Item = String>) -> String {
    list(class, &lines.into_iter().map(|line| element("li", "", &line)).collect::<String>())
}

/// A list of these items, if there are any.
pub(super) fn list(class: &str, items: &str) -> String {
    match items {
        "" => String::new(),
        items => format!("<ul class=\"{class}\">\n{items}</ul>\n"),
    }
}

/// Something to paste, behind a word about it; nothing where there is nothing.
pub(super) fn paste(word: &str, command: &str) -> String {
    match command {
        "" => String::new(),
        command => format!("<br>{word}: <code>{}</code>", xml(command)),
    }
}

/// What went wrong and what helps, each reason once.
pub(super) fn troubles(troubles: impl Iterator<Item = Trouble>) -> String {
    let item = |trouble: &super::troubles::Shared| {
        let (whom, what) = (xml(&listed(&trouble.whom)), xml(&trouble.what));
        format!("<li>{whom}: {what}{}</li>\n", paste("what helps", &trouble.hint))
    };
    list("troubles", &shared(troubles).iter().map(item).collect::<String>())
}

/// A cell of a table.
#[derive(Clone, Debug, Default)]
pub(super) struct Cell {
    /// Its words, a line each.
    pub lines: Vec<(&'static str, String)>,
}

/// A line of a table.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    /// The class of them all.
    pub class: &'static str,
    /// The first of them names the line.
    pub cells: Vec<Cell>,
}

impl Cell {
    /// Words in a colour, or in none.
    pub(super) fn of(class: &'static str, words: &str) -> Self {
        Self { lines: vec![(class, words.to_owned())] }
    }

    fn html(&self) -> String {
        let line = |(class, words): &(&str, String)| match *class {
            "" => xml(words),
            class => format!("<span class=\"{class}\">{}</span>", xml(words)),
        };
        self.lines.iter().map(line).collect::<Vec<_>>().join("<br>")
    }
}

impl Line {
    /// Words alone.
    pub(super) fn of(class: &'static str, cells: &[String]) -> Self {
        Self { class, cells: cells.iter().map(|words| Cell::of("", words)).collect() }
    }
}

/// A table; a column whose heading says so has its cells on the right. It scrolls by itself where a
/// window is too narrow, and `about` says what it is to whoever does not see it.
pub(super) fn table(
    about: &str,
    headings: &[(String, bool)],
    lines: impl Iterator<Item = Line>,
) -> String {
    let class = |numbers: bool| if numbers { " class=\"n\"" } else { "" };
    let mut text = format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{}\">\n<table>\n\
         <thead><tr>",
        xml(about)
    );
    // Writing to a String cannot fail.
    for (title, numbers) in headings {
        let _ = write!(text, "<th scope=\"col\"{}>{}</th>", class(*numbers), xml(title));
    }
    text.push_str("</tr></thead>\n<tbody>\n");
    for line in lines {
        let own = if line.class.is_empty() { "" } else { &format!(" class=\"{}\"", line.class) };
        let _ = write!(text, "<tr{own}>");
        for (index, (cell, (_, numbers))) in line.cells.iter().zip(headings).enumerate() {
            let _ = match index {
                0 => write!(text, "<th scope=\"row\">{}</th>", cell.html()),
                _ => write!(text, "<td{}>{}</td>", class(*numbers), cell.html()),
            };
        }
        text.push_str("</tr>\n");
    }
    text.push_str("</tbody>\n</table>\n</div>\n");
    text
}

/// A picture with its heading, and how to read it.
pub(super) fn figure(picture: &Picture) -> String {
    let panels: String = picture.panels.iter().map(panel).collect();
    let panels = match panels.as_str() {
        "" => element("p", "", "Nothing was measured."),
        panels => format!("<div class=\"panels\">\n{panels}</div>\n"),
    };
    format!(
        "<figure>\n<figcaption>\n{}{}</figcaption>\n{panels}{}</figure>\n",
        element("h3", "", picture.heading),
        element("p", "aside", picture.caption),
        picture.notes.iter().map(|note| element("p", "aside note", note)).collect::<String>(),
    )
}

fn panel(panel: &Panel) -> String {
    let (width, height) = (WIDTH, panel.height);
    format!(
        "<svg role=\"img\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\">\n\
         <title>{}</title>\n<desc>{}</desc>\n{}</svg>\n",
        xml(&panel.heading),
        xml(&panel.about),
        panel.body
    )
}

/// Names and values.
pub(super) fn named(rows: impl Iterator<Item = (String, String)>) -> String {
    let row = |(name, value): (String, String)| {
        format!("<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n", xml(&name), xml(&value))
    };
    format!("<table class=\"named\">\n{}</table>\n", rows.map(row).collect::<String>())
}

/// What shows when somebody asks, and on paper.
pub(super) fn folded(summary: &str, inside: &str) -> String {
    format!("<details>\n<summary>{}</summary>\n{inside}</details>\n", xml(summary))
}

/// The settings of a run or a ping, its command first.
pub(super) fn settings(argv: &[String], settings: &[crate::report::Setting]) -> String {
    let source = |source: &str| match source {
        "default" => String::new(),
        source => format!(" ({source})"),
    };
    let setting = |setting: &crate::report::Setting| {
        (setting.name.to_string(), super::facts::in_words(setting) + &source(&setting.source))
    };
    let command = ("command".to_owned(), argv.join(" "));
    folded("Settings", &named([command].into_iter().chain(settings.iter().map(setting))))
}

/// The machine.
pub(super) fn machine(environment: &crate::environment::Environment) -> String {
    let facts = super::facts::machine(environment).into_iter();
    folded("Machine", &named(facts.map(|fact| (fact.name, fact.value))))
}
