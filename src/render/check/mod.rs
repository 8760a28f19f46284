//! What the checks found, in every format.

mod bundle;
mod details;
mod document;
mod exports;
mod listing;
mod page;
mod table;
mod versus;

pub use document::SCHEMA;
pub use listing::{csv as checks_csv, document as checks_document, list as checks};

use super::Look;
use super::paint::{Tone, paint, wrap};
use crate::cli::value::Format;
use crate::report::check::{Fault, Report, together};

/// Which part of it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// The table of what matters most, with all that deviates.
    Front,
    /// The table of everything that was tried: it was chosen by name.
    Chosen,
    /// Where IPv4 and IPv6 differ.
    Versus,
}

/// The report in a format.
#[must_use]
pub fn render(report: &Report, format: Format, view: View, look: &Look) -> String {
    match (format, view) {
        (Format::Json, _) => document::render(report),
        (Format::Csv, _) => exports::csv(report),
        (Format::Junit, _) => exports::junit(report),
        (Format::Github, _) => exports::github(report),
        (Format::Openmetrics, _) => super::openmetrics::check(report),
        (Format::Markdown, View::Versus) => versus::markdown(report),
        (Format::Markdown, _) => exports::markdown(report),
        (Format::Html, _) => page::render(report, view),
        (_, View::Versus) => versus::text(report, look),
        // The other forms are refused before anything is tried.
        (_, _) => {
            let text = format!("{}{}", head(report, look), body(report, view, look));
            look.letters(&text)
        }
    }
}

fn body(report: &Report, view: View, look: &Look) -> String {
    match look.detail {
        ..0 => String::new(),
        0 => format!("\n{}{}", table::render(report, view, look), table::foot(report, view, look)),
        1.. => format!("\n{}", details::render(report, look)),
    }
}

/// The answer, then what keeps columns from working, then what is unusual here.
fn head(report: &Report, look: &Look) -> String {
    let mut text = first_line(report, &answer(report), look);
    if look.detail >= 0 && !report.differences.is_empty() {
        let differ = versus::brief(report);
        let line = format!("  IPv6 or IPv4   {differ}: sockeye check --ipv4-vs-ipv6");
        text.extend([wrap(&line, look.width, 17), "\n".to_owned()]);
    }
    text + &circumstances(report, look)
}

/// An answer behind the verdict.
fn first_line(report: &Report, answer: &str, look: &Look) -> String {
    let (word, tone) = verdict(report);
    line(&format!("{word}: {answer}"), word, tone, look)
}

/// What keeps columns from working, and what is unusual here; nothing where only the answer is asked
/// for.
fn circumstances(report: &Report, look: &Look) -> String {
    if look.detail < 0 {
        return String::new();
    }
    let faults = report.faults.iter().map(|fault| fault_lines(fault, look));
    let remarks = report.remarks.iter().map(|remark| {
        let text = line(&format!("note: {}", remark.text), "note", Tone::Doubtful, look);
        format!("{text}  usual again: {}\n", remark.hint)
    });
    faults.chain(remarks).collect()
}

fn fault_lines(fault: &Fault, look: &Look) -> String {
    let (word, tone) = weight(fault);
    let text = format!("{word}: {}", told(fault));
    format!("{}  what helps: {}\n", line(&text, word, tone, look), fault.hint)
}

/// Is it broken, or just not offered here?
fn weight(fault: &Fault) -> (&'static str, Tone) {
    let broken = fault.status == crate::report::Status::Fail;
    if broken { ("FAIL", Tone::Bad) } else { ("n/a", Tone::Doubtful) }
}

/// Whom a fault hits, what it is, and what showed it.
fn told(fault: &Fault) -> String {
    format!("{}: {}; {}", fault.whom, fault.meaning, fault.evidence)
}

/// A sentence, wrapped, with its first word in its tone.
fn line(text: &str, word: &str, tone: Tone, look: &Look) -> String {
    let wrapped = wrap(text, look.width, 2);
    let rest = wrapped.strip_prefix(word).unwrap_or(&wrapped);
    format!("{}{rest}\n", paint(word, tone, look.colour))
}

pub(super) fn verdict(report: &Report) -> (&'static str, Tone) {
    match report.exit_code {
        _ if report.about.interrupted.is_some() => ("interrupted", Tone::Doubtful),
        0 => ("pass", Tone::Good),
        1 => ("FAIL", Tone::Bad),
        _ => ("n/a", Tone::Doubtful),
    }
}

/// The answer in one sentence, without its first word.
pub(super) fn answer(report: &Report) -> String {
    use crate::echo::fault::grouped;
    let counts = report.counts();
    let mut whom: Vec<_> = report.working().map(|column| column.transport.name).collect();
    whom.dedup();
    if whom.is_empty() {
        return "none of these transports works here".to_owned();
    }
    let over = format!("over {} transport{}", whom.len(), if whom.len() == 1 { "" } else { "s" });
    let (good, seen) = (grouped(counts.good as u64), grouped(counts.seen as u64));
    if counts.bad == 0 {
        let untried = match counts.skipped {
            0 => String::new(),
            n => format!("; {n} could not be tried"),
        };
        return format!("{seen} of {seen} facts {over} are as documented{untried}");
    }
    format!("{good} of {seen} facts {over} are as documented; {}", deviations(report))
}

/// Whom deviations concern, in few words.
fn deviations(report: &Report) -> String {
    let bad = report.cells.iter().filter(|cell| cell.status.is_bad());
    let whom = together(bad, |cell| cell.task.column.transport.name);
    match whom.as_slice() {
        [(name, cells)] => match cells.as_slice() {
            [cell] => format!("{name} differs in \"{}\"", cell.task.check.title),
            several => format!("{name} differs in {}", several.len()),
        },
        several => {
            let words: Vec<_> =
                several.iter().map(|(name, cells)| format!("{name} ({})", cells.len())).collect();
            format!("those that differ: {}", crate::report::words::listed(&words))
        }
    }
}
