//! The answer in sentences: does it work, which is faster, by how much, is it real? Pure.

use super::claim::Claim;
use super::speaker::Speaker;
use super::words::{Unit, listed};
use super::{About, Row, Status};
use crate::cli::quantity::bytes_words;
use crate::echo::fault::grouped;

/// What a run says, before any table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// Does it work? "pass: 7 of 7 transports, ..."
    pub headline: String,
    /// Which is fastest, a line for each of the first sizes.
    pub fastest: Vec<String>,
    /// What was compared, and what came of it.
    pub findings: Vec<Finding>,
    /// The labels that tie for fastest at the first place and size.
    pub winners: Vec<String>,
    /// Transports that pass, fail and are not available, each counted once.
    pub counts: Counts,
}

/// How many transports came out which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Every case of theirs that was measured passed.
    pub passed: usize,
    /// A case of theirs failed.
    pub failed: usize,
    /// None of their cases could be set up.
    pub unavailable: usize,
}

/// A question and its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// "Unix or TCP".
    pub question: &'static str,
    /// "tcp4 takes 1.54 ± 0.04x as long as unix-stream".
    pub answer: String,
}

/// Makes the answer of these rows, which stand in the order in which they are shown.
#[must_use]
pub fn answer(about: &About, rows: &[Row], claims: &[Claim], unit: Option<Unit>) -> Answer {
    let transports = by_transport(rows);
    let count = |status| transports.iter().filter(|(_, s, _)| *s == status).count();
    let counts = Counts {
        passed: count(Status::Pass),
        failed: count(Status::Fail),
        unavailable: count(Status::Unavailable),
    };
    let speaker = Speaker { about, rows, claims, unit };
    let (fastest, winners) = speaker.fastest(counts.failed > 0);
    Answer {
        headline: headline(about, rows, &transports, counts),
        fastest,
        findings: speaker.findings(),
        winners,
        counts,
    }
}

/// Each label once, with the worst of its rows.
fn by_transport(rows: &[Row]) -> Vec<(&str, Status, &Row)> {
    let severity = |status| match status {
        Status::Fail => 4,
        Status::Pass => 3,
        Status::Unavailable => 2,
        Status::Interrupted => 1,
        Status::Skipped => 0,
    };
    let mut transports: Vec<(&str, Status, &Row)> = Vec::new();
    for row in rows {
        match transports.iter_mut().find(|(label, ..)| *label == row.case.label) {
            Some(known) if severity(row.status) > severity(known.1) => {
                (known.1, known.2) = (row.status, row);
            }
            Some(_) => {}
            None => transports.push((&row.case.label, row.status, row)),
        }
    }
    transports
}

fn headline(
    about: &About,
    rows: &[Row],
    transports: &[(&str, Status, &Row)],
    counts: Counts,
) -> String {
    let total = transports.len();
    let mut parts = Vec::new();
    let mut absent = grouped_reasons(transports, Status::Unavailable);
    if counts.failed > 0 {
        let failed = grouped_reasons(transports, Status::Fail);
        parts.push(format!("FAIL: {}", failed.join("; ")));
        parts.push(match counts.passed {
            0 => format!("none of {total} transports passes"),
            passed => format!("{passed} of {total} transports {}", verb(passed, "pass")),
        });
    } else if counts.passed > 0 {
        let echoes: u64 = rows.iter().map(|row| row.exchanges).sum();
        let sizes: Vec<_> = about.sizes.iter().map(|size| bytes_words(*size)).collect();
        let bytes = if sizes.len() > 4 {
            format!("{} to {}", sizes[0], sizes[sizes.len() - 1])
        } else {
            listed(&sizes)
        };
        let passed = counts.passed;
        let evidence = format!("{} echoes of {bytes}, every byte verified", grouped(echoes));
        parts.push(if passed == total && total == 1 {
            format!("pass: {}, {evidence}", transports[0].0)
        } else {
            format!("pass: {passed} of {total} transports, {evidence}")
        });
    } else if counts.unavailable > 0 {
        parts.push(format!("unavailable: {}", absent.join("; ")));
        absent.clear();
    } else if about.interrupted.is_none() {
        parts.push("nothing measured: no transport carries a message of this size".to_owned());
    }
    parts.extend(absent);
    if let Some(signal) = &about.interrupted {
        let (planned, finished) = about.rounds;
        parts.insert(0, format!("interrupted ({signal}) after {finished} of {planned} rounds"));
    }
    parts.join("; ")
}

/// "tcp6 and udp6: IPv6 is switched off", each reason once, for the rows of that status.
fn grouped_reasons(transports: &[(&str, Status, &Row)], status: Status) -> Vec<String> {
    let mut reasons: Vec<(String, Vec<&str>)> = Vec::new();
    for (label, found, row) in transports {
        if *found != status {
            continue;
        }
        let meaning = row.problem.as_ref().map_or("", |problem| problem.meaning.as_str());
        match reasons.iter_mut().find(|(known, _)| known == meaning) {
            Some((_, labels)) => labels.push(label),
            None => reasons.push((meaning.to_owned(), vec![label])),
        }
    }
    reasons.into_iter().map(|(meaning, labels)| format!("{}: {meaning}", listed(&labels))).collect()
}

fn verb(count: usize, verb: &str) -> String {
    if count == 1 { format!("{verb}es") } else { verb.to_owned() }
}
