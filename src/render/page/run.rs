//! Runs as a page. The JSON document is not in it: it would be most of the page, and `-o run.json` has
//! it.

use super::{
    Line, around, class, element, figure, list, machine, page, sentences, settings, table, troubles,
};
use crate::cli::plot::Plot;
use crate::render::escape::xml;
use crate::render::grid::Grid;
use crate::render::paint::Tone;
use crate::render::picture::{draw, rules, suiting};
use crate::render::sentences::{details, lead};
use crate::render::troubles::Trouble;
use crate::report::warning::Warning;
use crate::report::words::{Unit, listed};
use crate::report::{Report, Status};

/// A run on a page.
pub(crate) struct Section<'a> {
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
            .unwrap_or_else(|| super::title("sockeye", self.report.about.started))
    }
}

/// The page.
#[must_use]
pub(crate) fn render(sections: &[Section<'_>], plots: &[Plot], unit: Option<Unit>) -> String {
    let names: Vec<_> = sections.iter().map(Section::name).collect();
    let title = match names.as_slice() {
        [one] => one.clone(),
        several => format!("{} runs: {}", several.len(), listed(several)),
    };
    let several = sections.len() > 1;
    let body = sections.iter().map(|one| section(one, several, plots, unit)).collect::<String>();
    page(&title, &rules(), &body)
}

fn section(section: &Section<'_>, several: bool, plots: &[Plot], unit: Option<Unit>) -> String {
    let report = section.report;
    let plots = if plots.is_empty() { suiting(report) } else { plots.to_vec() };
    let mut text = String::new();
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
    text.push_str(&cases(report, unit));
    text.push_str(&reasons(report));
    text.push_str(&settings(&report.about.argv, &report.about.settings));
    text.push_str(&machine(&report.about.environment));
    around("section", "", &text)
}

const fn tone(report: &Report) -> &'static str {
    if report.answer.counts.failed > 0 { class(Tone::Bad) } else { "" }
}

fn findings(report: &Report) -> String {
    let fastest = report.answer.fastest.iter().skip(1).cloned();
    let findings = report.answer.findings.iter().map(|f| format!("{}: {}", f.question, f.answer));
    sentences("findings", fastest.chain(findings))
}

fn warnings(report: &Report) -> String {
    let line = |Warning { message, id, hint, .. }: &Warning| {
        format!("<li>{} [{}]<br>hint: {}</li>\n", xml(message), xml(id), xml(hint))
    };
    list("warnings", &report.warnings.iter().map(line).collect::<String>())
}

fn cases(report: &Report, unit: Option<Unit>) -> String {
    let grid = Grid::of(report, unit);
    let headings: Vec<_> = grid.headings.into_iter().map(|h| (h.title, h.numbers)).collect();
    let tone = |status| if status == Status::Fail { class(Tone::Bad) } else { "" };
    let lines = grid.lines.iter().map(|line| Line::of(tone(line.status), &line.cells));
    table("Every case", &headings, lines)
}

/// Why cases have no numbers and what helps.
fn reasons(report: &Report) -> String {
    troubles(report.rows.iter().filter_map(|row| {
        let problem = row.problem.as_ref()?;
        let (what, hint) = (problem.message.clone(), problem.hint.clone());
        Some(Trouble { whom: row.case.label.clone(), what, hint })
    }))
}
