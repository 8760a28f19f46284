//! What a ping says: a line for each thing that happens, and the summary at its end.

use super::csv::field;
use super::paint::{Tone, ascii, paint, tame, wrap};
use crate::echo::fault::grouped;
use crate::ping::finding::{excerpt, span};
use crate::ping::ledger::Counts;
use crate::ping::{Event, Outcome, Target};
use crate::report::Status;
use crate::report::words::{Scale, Unit, time_in, unjoined};
use std::fmt::Write as _;

/// How it is to look.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Columns of the terminal; None where lines may be as long as they are.
    pub width: Option<usize>,
    /// Colour verdicts?
    pub colour: bool,
    /// 7-bit letters only?
    pub ascii: bool,
    /// The unit that the user asked for.
    pub unit: Option<Unit>,
    /// How much to say: -2 nothing, -1 the summary, 0 a line an echo, 1 more.
    pub level: i32,
}

impl Style {
    fn letters(&self, text: &str) -> String {
        let text = unjoined(text);
        if self.ascii { ascii(&text) } else { text }
    }

    fn time(&self, ns: u64) -> String {
        time_in(ns, self.unit)
    }
}

/// What a target is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Bytes of an echo, or of the text.
    pub size: usize,
    /// How long an answer may take, in nanoseconds.
    pub timeout: u64,
    /// Is it text, and not echoes?
    pub text: bool,
}

/// The line for what happened.
#[must_use]
pub fn line(target: &Target, event: &Event, asked: Asked, style: &Style) -> String {
    let address = tame(&target.address);
    let seq = |number: &Option<u64>| number.map_or_else(String::new, |n| format!(" seq={n}"));
    let text = match event {
        Event::Connected(ns, local) => {
            let from = local.as_ref().filter(|_| style.level > 0);
            let from = from.map_or_else(String::new, |local| format!(", from {}", tame(local)));
            format!("{address}: {} B, connected in {}{from}", asked.size, style.time(*ns))
        }
        Event::Echo { number, trip, late } => {
            let late = if *late { " late" } else { "" };
            let (size, trip) = (asked.size, style.time(*trip));
            format!("{size} B from {address}: seq={number} time={trip}{late}")
        }
        Event::Duplicate(number) => format!("once more from {address}: seq={number}"),
        Event::NoReply(number) => {
            format!("no reply from {address} to seq={number} in {}", span(asked.timeout))
        }
        Event::Refused(number) => format!("refused by {address}:{}", seq(number)),
        Event::Wrong(number, what) => format!("wrong from {address}:{} {what}", seq(number)),
        Event::Answer(bytes, trip, right) => {
            let wrong = if *right { "" } else { " unexpected" };
            let (text, len, trip) = (excerpt(bytes), bytes.len(), style.time(*trip));
            format!("\"{text}\" ({len} B) from {address}: time={trip}{wrong}")
        }
    };
    style.letters(&(text + "\n"))
}

/// The summary: a block for each target, and with several a line about all.
#[must_use]
pub fn summary(outcomes: &[Outcome], asked: Asked, style: &Style) -> String {
    let mut text: String = outcomes.iter().map(|outcome| block(outcome, style)).collect();
    if outcomes.len() > 1 {
        text.push_str(&all(outcomes, asked, style));
    }
    text
}

fn block(outcome: &Outcome, style: &Style) -> String {
    let mut lines = vec![format!("--- {} ---", tame(&outcome.target.address))];
    if outcome.status == Status::Unavailable {
        let verdict = paint(outcome.status.shown(), Tone::Doubtful, style.colour);
        let problem = outcome.error.as_ref();
        let why = problem.map_or("", |problem| problem.meaning.as_str());
        let name = problem.and_then(|problem| problem.errno_name.as_deref()).unwrap_or("?");
        let call = problem.and_then(|problem| problem.call.as_deref()).unwrap_or("?");
        lines.push(wrap(&format!("{verdict}: {why} ({name}, {call})"), style.width, 2));
        return style.letters(&(lines.join("\n") + "\n"));
    }
    let tone = if outcome.status == Status::Pass { Tone::Good } else { Tone::Bad };
    let verdict = paint(outcome.status.shown(), tone, style.colour);
    lines.push(format!("{verdict}: {}", counted(outcome.counts)));
    lines.extend(trips(outcome, style));
    for finding in &outcome.findings {
        lines.push(wrap(&format!("note: {}", finding.message), style.width, 6));
        lines.push(wrap(&format!("hint: {}", finding.hint), style.width, 6));
    }
    style.letters(&(lines.join("\n") + "\n"))
}

pub(super) fn counted(counts: Counts) -> String {
    let lost = counts.lost();
    let share = match (lost, counts.sent) {
        (0, _) | (_, 0) => String::new(),
        (lost, sent) => {
            // In thousandths, and never rounded to nothing or to everything.
            let share = (1000 * u128::from(lost) + u128::from(sent) / 2) / u128::from(sent);
            let share = if lost == sent { 1000 } else { share.clamp(1, 999) };
            let rest = share % 10;
            let rest = if rest == 0 { String::new() } else { format!(".{rest}") };
            format!(" ({}{rest} %)", share / 10)
        }
    };
    let mut text = format!(
        "{} sent, {} received, {} lost{share}, {} duplicated, {} reordered",
        grouped(counts.sent),
        grouped(counts.received),
        grouped(lost),
        grouped(counts.duplicated),
        grouped(counts.reordered),
    );
    for (count, word) in [
        (counts.late, "late"),
        (counts.wrong, "wrong"),
        (counts.refused, "refused"),
        (counts.under_way, "under way"),
    ] {
        if count > 0 {
            // Writing to a String cannot fail.
            let _ = write!(text, ", {} {word}", grouped(count));
        }
    }
    text
}

fn trips(outcome: &Outcome, style: &Style) -> Option<String> {
    let trips = &outcome.trips;
    let (min, max) = (trips.min()?, trips.max()?);
    let scale = Scale::for_smallest(min, style.unit);
    let number = |ns: Option<u64>| ns.map_or_else(|| "-".to_owned(), |ns| scale.number(ns));
    Some(format!(
        "round trip min/median/p99/max {}/{}/{}/{} {}",
        scale.number(min),
        number(trips.percentile(0.5)),
        number(trips.percentile(0.99)),
        scale.number(max),
        scale.unit.name
    ))
}

pub(super) fn all(outcomes: &[Outcome], asked: Asked, style: &Style) -> String {
    let of = |status| {
        let addresses = outcomes.iter().filter(move |outcome| outcome.status == status);
        addresses.map(|outcome| tame(&outcome.target.address)).collect::<Vec<_>>()
    };
    let verb = if asked.text { "answer" } else { "echo" };
    let (good, total) = (of(Status::Pass).len(), outcomes.len());
    let mut text = format!("{good} of {total} targets {verb}");
    for (status, word) in [(Status::Fail, "not"), (Status::Unavailable, "not here:")] {
        let addresses = of(status);
        if !addresses.is_empty() {
            let _ = write!(text, "; {word} {}", addresses.join(", "));
        }
    }
    style.letters(&(wrap(&text, style.width, 2) + "\n"))
}

/// What a line of a spreadsheet holds, by name.
pub(super) fn columns(outcome: &Outcome) -> Vec<(&'static str, String)> {
    let (counts, trips) = (outcome.counts, &outcome.trips);
    let maybe = |number: Option<u64>| number.map_or_else(String::new, |n| n.to_string());
    let [id, message, hint] = remark(outcome);
    vec![
        ("target", outcome.target.typed.clone()),
        ("address", outcome.target.address.clone()),
        ("transport", outcome.target.transport.name.to_owned()),
        ("status", outcome.status.word().to_owned()),
        ("sent", counts.sent.to_string()),
        ("received", counts.received.to_string()),
        ("late", counts.late.to_string()),
        ("lost", counts.lost().to_string()),
        ("duplicated", counts.duplicated.to_string()),
        ("reordered", counts.reordered.to_string()),
        ("under_way", counts.under_way.to_string()),
        ("wrong", counts.wrong.to_string()),
        ("refused", counts.refused.to_string()),
        ("connect_ns", maybe(outcome.connect_ns)),
        ("min_ns", maybe(trips.min())),
        ("p50_ns", maybe(trips.percentile(0.5))),
        ("p99_ns", maybe(trips.percentile(0.99))),
        ("max_ns", maybe(trips.max())),
        ("finding", id),
        ("message", message),
        ("hint", hint),
    ]
}

/// The first finding, or else what this machine lacks.
pub(super) fn remark(outcome: &Outcome) -> [String; 3] {
    match (outcome.findings.first(), &outcome.error) {
        (Some(finding), _) => {
            [finding.id.to_owned(), finding.message.clone(), finding.hint.clone()]
        }
        (None, Some(problem)) => {
            [problem.kind.clone(), problem.meaning.clone(), problem.hint.clone()]
        }
        (None, None) => [const { String::new() }; 3],
    }
}

/// A line a target, behind a header.
#[must_use]
pub fn csv(outcomes: &[Outcome]) -> String {
    let mut text = String::new();
    for (index, outcome) in outcomes.iter().enumerate() {
        let (names, words): (Vec<_>, Vec<_>) = columns(outcome).into_iter().unzip();
        if index == 0 {
            text.push_str(&(names.join(",") + "\r\n"));
        }
        let words: Vec<_> = words.iter().map(|word| field(word)).collect();
        text.push_str(&(words.join(",") + "\r\n"));
    }
    text
}
