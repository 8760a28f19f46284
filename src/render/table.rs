//! The report for people: the answer first, then the table, then what stands behind it.

use super::paint::{Tone, ascii, paint, tame, wrap};
use super::{Look, details, layout};
use crate::report::words::{JOIN, unjoined};
use crate::report::{Problem, Report, Row, Status};

/// What stands on standard output.
#[must_use]
pub fn render(report: &Report, look: &Look) -> String {
    if look.detail <= -2 {
        return String::new();
    }
    let answer = answer(report, look);
    let mut text = answer.clone();
    if look.detail > -1 {
        let mut parts = layout::tables(report, look);
        parts.retain(|part| !part.is_empty());
        parts.extend(notes(report, look));
        if look.detail >= 1 {
            parts.extend(details::render(report, look));
        }
        parts.push(footer(report, look));
        for part in parts {
            text.push('\n');
            text.push_str(&toned(&part, look));
            text.push('\n');
        }
    }
    // The shell's prompt takes a row too. What has scrolled away is said again.
    if look.height.is_some_and(|height| text.lines().count() >= height) {
        text.push('\n');
        text.push_str(&answer);
    }
    let text = unjoined(&text);
    if look.ascii { ascii(&text) } else { text }
}

/// Standard output holds nothing else with `-q`, and no more than four lines of it.
fn answer(report: &Report, look: &Look) -> String {
    let answer = &report.answer;
    let longest = answer.findings.iter().map(|f| f.question.chars().count()).max().unwrap_or(0);
    let label = report.about.label.iter().map(|label| (tame(label), 2));
    let headline = std::iter::once((tame(&answer.headline), 2));
    let fastest = answer.fastest.iter().map(|line| (line.clone(), 2));
    let findings = answer.findings.iter().map(|finding| {
        (format!("  {:longest$}  {}", finding.question, finding.answer), longest + 4)
    });
    let sentences = label.chain(headline).chain(fastest).chain(findings);
    let mut text = String::new();
    for (sentence, indent) in sentences {
        let lines = wrap(&look.letters(&sentence), look.width, indent);
        let room = text.lines().count() + lines.lines().count() <= 4;
        if look.detail == -1 && !room && !text.is_empty() {
            break;
        }
        text.push_str(&lines);
        text.push('\n');
    }
    for (word, tone) in [
        ("pass:", Tone::Good),
        ("FAIL:", Tone::Bad),
        ("unavailable:", Tone::Doubtful),
        ("interrupted", Tone::Doubtful),
    ] {
        if let Some(place) = text.find(word).filter(|_| look.colour) {
            text.replace_range(place..place + word.len(), &paint(word, tone, true));
            break;
        }
    }
    text
}

/// Why rows have no numbers, each reason once, in full: it may be something to paste.
fn notes(report: &Report, look: &Look) -> Vec<String> {
    let mut notes: Vec<Note<'_>> = Vec::new();
    for row in &report.rows {
        let Some(problem) = &row.problem else { continue };
        let same = |note: &&mut Note<'_>| {
            let key =
                |problem: &Problem| (problem.hint.clone(), problem.errno, problem.call.clone());
            // What went wrong in an exchange is each row's own.
            note.status == row.status
                && problem.exchange.is_none()
                && key(note.problem) == key(problem)
        };
        let label = &row.case.label;
        match notes.iter_mut().find(same) {
            Some(note) => {
                note.alike &= note.problem.message == problem.message;
                if !note.labels.contains(label) {
                    note.labels.push(label.clone());
                }
            }
            None => notes.push(Note {
                labels: vec![label.clone()],
                status: row.status,
                place: row.case.seats.place.phrase(),
                problem,
                alike: true,
            }),
        }
    }
    let several = report.about.places.len() > 1;
    let lines: Vec<_> = notes.iter().map(|note| note.lines(several, look)).collect();
    if lines.is_empty() { Vec::new() } else { vec![lines.join("\n")] }
}

/// A reason and the rows that have it.
struct Note<'a> {
    labels: Vec<String>,
    status: Status,
    place: &'static str,
    problem: &'a Problem,
    /// Were the calls of all of them the same to the letter?
    alike: bool,
}

impl Note<'_> {
    fn lines(&self, several_places: bool, look: &Look) -> String {
        let Self { problem, status, .. } = self;
        let in_exchange = problem.exchange.is_some();
        let place = if in_exchange && several_places {
            format!(" ({})", self.place)
        } else {
            String::new()
        };
        let message = match (&problem.call, &problem.errno_name) {
            (Some(call), Some(errno)) if !self.alike => tame(&format!("{call}(): {errno}")),
            _ => tame(&problem.message),
        };
        let what = format!("  {}  {}  {message}{place}", self.labels.join(", "), status.shown());
        let advice = if in_exchange { "repeat" } else { "try" };
        // What is to be pasted is never broken.
        let hint = format!("    {advice}: {}", tame(&problem.hint));
        format!("{}\n{}", wrap(&look.letters(&what), look.width, 4), look.letters(&hint))
    }
}

/// What the numbers are and where they come from.
fn footer(report: &Report, look: &Look) -> String {
    let about = &report.about;
    let mut parts = Vec::new();
    if report.rows.iter().any(|row| row.round_trips.is_some()) {
        let has_interval = |row: &Row| {
            row.round_trips.as_ref().is_some_and(|trips| trips.median.interval.is_some())
        };
        let rounds = format!("{} rounds", about.rounds.1);
        parts.push(if report.rows.iter().any(has_interval) {
            format!("± 95{JOIN}% interval of the median, {rounds}")
        } else {
            format!("{rounds}: too few for an interval")
        });
    }
    parts.push(format!("--seed {}", about.seed));
    if look.detail < 1 {
        parts.push("detail: -v".to_owned());
    }
    let line = parts.join(" · ");
    let lines = about.note.iter().cloned().chain([about.environment.sentence(), line]);
    let lines: Vec<_> = lines
        .map(|line| format!("  {}", tame(&line)))
        .map(|line| paint_aside(&wrap(&look.letters(&line), look.width, 2), look))
        .collect();
    lines.join("\n")
}

fn paint_aside(lines: &str, look: &Look) -> String {
    lines.lines().map(|line| paint(line, Tone::Aside, look.colour)).collect::<Vec<_>>().join("\n")
}

/// Colours the verdicts of a table. No transport's name holds these words.
fn toned(part: &str, look: &Look) -> String {
    if !look.colour {
        return part.to_owned();
    }
    let mut text = part.to_owned();
    for (word, tone) in
        [(" FAIL", Tone::Bad), (" n/a", Tone::Doubtful), (" unclear", Tone::Doubtful)]
    {
        text = text.replace(word, &paint(word, tone, true));
    }
    text
}
