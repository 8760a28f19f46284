//! Runs as a page: one file without scripts that asks for nothing, in light and dark, on paper and on a
//! telephone. The JSON document is not in it: it would be most of the page, and `-o run.json` has it.

use super::escape::xml;
use super::facts;
use super::grid::{Grid, Line};
use super::picture::{Panel, Picture, draw, rules, suiting};
use super::sentences::{date, details, lead};
use crate::cli::plot::Plot;
use crate::report::warning::Warning;
use crate::report::words::{Unit, listed};
use crate::report::{Report, Status};
use std::fmt::Write as _;

/// A run on a page.
pub struct Section<'a> {
    /// Where it comes from; None where it has just been made.
    pub file: Option<String>,
    /// The run.
    pub report: &'a Report,
}

impl Section<'_> {
    /// The user's name for the run, or the file's, or what it is.
    fn name(&self) -> String {
        let label = self.report.about.label.clone();
        label
            .or_else(|| self.file.clone())
            .unwrap_or_else(|| format!("sockeye, {}", date(self.report)))
    }
}

/// The page.
#[must_use]
pub fn render(sections: &[Section<'_>], plots: &[Plot], unit: Option<Unit>) -> String {
    let names: Vec<_> = sections.iter().map(Section::name).collect();
    let title = match names.as_slice() {
        [one] => one.clone(),
        several => format!("{} runs: {}", several.len(), listed(several)),
    };
    let title = xml(&title);
    let several = sections.len() > 1;
    let body = sections.iter().map(|one| section(one, several, plots, unit)).collect::<String>();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" \
         content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n\
         <style>\n{STYLE}{}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n{body}\
         <footer>{} {}</footer>\n</main>\n</body>\n</html>\n",
        rules(),
        env!("CARGO_PKG_NAME"),
        env!("CARGO_PKG_VERSION"),
    )
}

const STYLE: &str = include_str!("page.css");

fn section(section: &Section<'_>, several: bool, plots: &[Plot], unit: Option<Unit>) -> String {
    let report = section.report;
    let plots = if plots.is_empty() { suiting(report) } else { plots.to_vec() };
    let mut text = String::from("<section>\n");
    // The page's title names the one run that it has.
    let name = several.then(|| section.name());
    let file = section.file.clone().filter(|file| *file != section.name());
    text.extend(name.into_iter().chain(file).map(|line| element("p", "aside", &line)));
    let mut sentences = lead(report).into_iter();
    text.extend(sentences.next().map(|sentence| element("h2", tone(report), &sentence)));
    text.extend(sentences.map(|sentence| element("p", "", &sentence)));
    text.push_str(&findings(report));
    text.push_str(&element("p", "aside", &details(report)));
    text.extend(report.about.note.iter().map(|note| element("p", "aside", note)));
    text.push_str(&warnings(report));
    text.extend(plots.into_iter().map(|plot| figure(&draw(report, plot, unit))));
    text.push_str(&table(report, unit));
    text.push_str(&troubles(report));
    text.push_str(&settings(report));
    text.push_str(&machine(report));
    text.push_str("</section>\n");
    text
}

const fn tone(report: &Report) -> &'static str {
    if report.answer.counts.failed > 0 { "bad" } else { "" }
}

/// Words in an element.
fn element(name: &str, class: &str, words: &str) -> String {
    let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
    format!("<{name}{class}>{}</{name}>\n", xml(words))
}

fn findings(report: &Report) -> String {
    let fastest = report.answer.fastest.iter().skip(1).cloned();
    let findings = report.answer.findings.iter().map(|f| format!("{}: {}", f.question, f.answer));
    let lines = fastest.chain(findings).map(|line| element("li", "", &line));
    listed_in("findings", &lines.collect::<String>())
}

/// A list of these items, if there are any.
fn listed_in(class: &str, items: &str) -> String {
    match items {
        "" => String::new(),
        items => format!("<ul class=\"{class}\">\n{items}</ul>\n"),
    }
}

fn warnings(report: &Report) -> String {
    let line = |Warning { message, id, hint, .. }: &Warning| {
        format!("<li>{} [{}]<br>hint: {}</li>\n", xml(message), xml(id), xml(hint))
    };
    listed_in("warnings", &report.warnings.iter().map(line).collect::<String>())
}

fn table(report: &Report, unit: Option<Unit>) -> String {
    let grid = Grid::of(report, unit);
    let class = |numbers: bool| if numbers { " class=\"n\"" } else { "" };
    let mut text = String::from(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Every case\">\n<table>\n<thead><tr>",
    );
    // Writing to a String cannot fail.
    for heading in &grid.headings {
        let _ = write!(
            text,
            "<th scope=\"col\"{}>{}</th>",
            class(heading.numbers),
            xml(&heading.title)
        );
    }
    text.push_str("</tr></thead>\n<tbody>\n");
    for Line { cells, status, .. } in &grid.lines {
        let bad = if *status == Status::Fail { " class=\"bad\"" } else { "" };
        let _ = write!(text, "<tr{bad}>");
        for (index, (cell, heading)) in cells.iter().zip(&grid.headings).enumerate() {
            let _ = match index {
                0 => write!(text, "<th scope=\"row\">{}</th>", xml(cell)),
                _ => write!(text, "<td{}>{}</td>", class(heading.numbers), xml(cell)),
            };
        }
        text.push_str("</tr>\n");
    }
    text.push_str("</tbody>\n</table>\n</div>\n");
    text
}

/// Why cases have no numbers and what helps, each reason once.
fn troubles(report: &Report) -> String {
    let mut found: Vec<(&str, &str, Vec<&str>)> = Vec::new();
    for row in &report.rows {
        let Some(problem) = &row.problem else { continue };
        let (message, hint, label) = (&problem.message, &problem.hint, &row.case.label);
        match found.iter_mut().find(|(m, h, _)| m == message && h == hint) {
            Some((.., labels)) if labels.contains(&label.as_str()) => {}
            Some((.., labels)) => labels.push(label),
            None => found.push((message, hint, vec![label])),
        }
    }
    let line = |(message, hint, labels): &(&str, &str, Vec<&str>)| {
        let (labels, message) = (xml(&listed(labels)), xml(message));
        format!("<li>{labels}: {message}<br>try: <code>{}</code></li>\n", xml(hint))
    };
    let lines: String = found.iter().map(line).collect();
    listed_in("troubles", &lines)
}

fn figure(picture: &Picture) -> String {
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
    let (width, height) = (super::picture::WIDTH, panel.height);
    format!(
        "<svg role=\"img\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\">\n\
         <title>{}</title>\n<desc>{}</desc>\n{}</svg>\n",
        xml(&panel.heading),
        xml(&panel.about),
        panel.body
    )
}

fn settings(report: &Report) -> String {
    let source = |source: &str| match source {
        "default" => String::new(),
        source => format!(" ({source})"),
    };
    let setting = |setting: &crate::report::Setting| {
        (setting.name.to_string(), facts::in_words(setting) + &source(&setting.source))
    };
    let command = ("command".to_owned(), report.about.argv.join(" "));
    let version = ("version".to_owned(), report.about.tool.version.to_string());
    let rows = [command, version].into_iter().chain(report.about.settings.iter().map(setting));
    named("Settings", rows)
}

fn machine(report: &Report) -> String {
    named(
        "Machine",
        facts::machine(&report.about.environment).into_iter().map(|fact| (fact.name, fact.value)),
    )
}

/// Names and values that show when somebody asks.
fn named(summary: &str, rows: impl Iterator<Item = (String, String)>) -> String {
    let row = |(name, value): (String, String)| {
        format!("<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n", xml(&name), xml(&value))
    };
    let rows: String = rows.map(row).collect();
    format!(
        "<details>\n<summary>{summary}</summary>\n<table class=\"named\">\n{rows}</table>\n</details>\n"
    )
}
