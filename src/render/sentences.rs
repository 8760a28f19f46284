//! What a picture or a page says of a run in words, beside its diagrams.

use crate::cli::quantity::bytes_words;
use crate::echo::fault::grouped;
use crate::report::Report;
use crate::report::words::listed;
use std::time::SystemTime;

/// The answer, what matters most first: that something failed, or else which is fastest.
#[must_use]
pub(crate) fn lead(report: &Report) -> Vec<String> {
    let answer = &report.answer;
    let well = answer.counts.failed == 0 && report.about.interrupted.is_none();
    let headline = capital(&answer.headline);
    match (answer.fastest.split_first(), well) {
        (Some((first, _)), true) => vec![capital(first), headline],
        (Some((first, _)), false) => vec![headline, capital(first)],
        (None, _) => vec![headline],
    }
}

/// The sentence with a capital letter.
pub(crate) fn capital(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The run's name if it has one, sizes, machine, amount and date.
#[must_use]
pub(crate) fn details(report: &Report) -> String {
    let about = &report.about;
    let sizes: Vec<_> = about.sizes.iter().map(|size| bytes_words(*size)).collect();
    let sizes = match sizes.as_slice() {
        [first, _, _, _, _, .., last] => format!("{first} to {last}"),
        few => listed(few),
    };
    let echoes: u64 = report.rows.iter().map(|row| row.exchanges).sum();
    let mut parts: Vec<_> = about.label.iter().cloned().collect();
    parts.extend([sizes, about.environment.sentence()]);
    parts.push(format!("{} rounds, {} echoes", about.rounds.1, grouped(echoes)));
    parts.push(moment(about.started));
    parts.join(" · ")
}

/// "2026-11-21 15:26 UTC".
#[must_use]
pub(crate) fn moment(time: SystemTime) -> String {
    let date = humantime::format_rfc3339_seconds(time).to_string();
    format!("{} UTC", date.get(..16).unwrap_or(&date).replace('T', " "))
}
