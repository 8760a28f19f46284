//! The report for people: the answer first, then the table, then what stands behind it.

use super::paint::{Tone, ascii, paint, tame, wrap};
use super::{Look, details, layout};
use crate::report::{Report, Row, Status};

/// What stands on standard output.
#[must_use]
pub fn render(report: &Report, look: &Look) -> String {
    if look.detail <= -2 {
        return String::new();
    }
    let mut text = answer(report, look);
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
    if look.ascii { ascii(&text) } else { text }
}

/// Standard output holds nothing else with `-q`, and no more than four lines of it.
fn answer(report: &Report, look: &Look) -> String {
    let answer = &report.answer;
    let mut lines = Vec::new();
    if let Some(label) = &report.about.label {
        lines.push(tame(label));
    }
    lines.push(wrap(&answer.headline, look.width, 2));
    lines.extend(answer.fastest.iter().map(|line| wrap(line, look.width, 2)));
    let longest = answer.findings.iter().map(|f| f.question.chars().count()).max().unwrap_or(0);
    for finding in &answer.findings {
        let line = format!("  {:longest$}  {}", finding.question, finding.answer);
        lines.push(wrap(&line, look.width, longest + 4));
    }
    if look.detail == -1 {
        lines.truncate(4);
    }
    let mut text = lines.join("\n");
    text.push('\n');
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
    let mut notes: Vec<(Vec<String>, &Row)> = Vec::new();
    for row in report.rows.iter().filter(|row| row.problem.is_some()) {
        let same = |other: &Row| {
            let reason = |row: &Row| {
                let problem = row.problem.as_ref()?;
                Some((row.status, problem.hint.clone(), problem.errno, problem.call.clone()))
            };
            reason(other) == reason(row) && row.status != Status::Fail
        };
        match notes.iter_mut().find(|(_, first)| same(first)) {
            Some((labels, _)) if labels.contains(&row.case.label) => {}
            Some((labels, _)) => labels.push(row.case.label.clone()),
            None => notes.push((vec![row.case.label.clone()], row)),
        }
    }
    let lines: Vec<_> = notes.iter().map(|(labels, row)| note(labels, row, report, look)).collect();
    if lines.is_empty() { Vec::new() } else { vec![lines.join("\n")] }
}

fn note(labels: &[String], row: &Row, report: &Report, look: &Look) -> String {
    let Some(problem) = &row.problem else { return String::new() };
    let place = if row.status == Status::Fail && report.about.places.len() > 1 {
        format!(" ({})", row.case.seats.place.phrase())
    } else {
        String::new()
    };
    let advice =
        if row.status == Status::Fail && problem.stage != "set-up" { "repeat" } else { "try" };
    let what = format!(
        "  {}  {}  {}{place}",
        labels.join(", "),
        row.status.shown(),
        tame(&problem.message)
    );
    let hint = format!("    {advice}: {}", problem.hint);
    format!("{}\n{}", wrap(&what, look.width, 4), wrap(&hint, look.width, 6))
}

/// What the numbers are and where they come from.
fn footer(report: &Report, look: &Look) -> String {
    let about = &report.about;
    let mut parts = Vec::new();
    if report.rows.iter().any(|row| row.round_trips.is_some()) {
        parts.push(format!("± 95 % interval of the median, {} rounds", about.rounds.1));
    }
    parts.push(format!("--seed {}", about.seed));
    if look.detail < 1 {
        parts.push("detail: -v".to_owned());
    }
    let line = parts.join(" · ");
    let lines = about.note.iter().cloned().chain([about.environment.sentence(), line]);
    let lines: Vec<_> =
        lines.map(|line| paint_aside(&wrap(&format!("  {line}"), look.width, 2), look)).collect();
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
