//! The answer in sentences: does it work, which is faster, by how much, is it real? Pure.

use super::claim::{Claim, Topic};
use super::words::{JOIN, Unit, decimals_of_ratio, listed, ratio, round_up, time_in};
use super::{About, Row, Status, is_at};
use crate::cli::quantity::bytes_words;
use crate::echo::fault::grouped;
use crate::measure::plan::Place;
use crate::report::Verdict;

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
    if let Some(signal) = about.interrupted {
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

struct Speaker<'a> {
    about: &'a About,
    rows: &'a [Row],
    claims: &'a [Claim],
    unit: Option<Unit>,
}

impl Speaker<'_> {
    /// The sentences on who is fastest, and the winners at the first place and size.
    fn fastest(&self, some_fail: bool) -> (Vec<String>, Vec<String>) {
        let Some(&place) = self.about.places.first() else { return (Vec::new(), Vec::new()) };
        let mut sentences = Vec::new();
        let mut first_winners = Vec::new();
        for (number, &size) in self.about.sizes.iter().take(4).enumerate() {
            let Some(field) = self.field(place, size) else { continue };
            let lead = if some_fail && number == 0 { "of those that pass, " } else { "" };
            let size_word = if self.about.sizes.len() > 1 {
                format!(", {}", bytes_words(size))
            } else {
                String::new()
            };
            sentences.push(format!("{lead}{}, {}{size_word}", field.sentence(), place.phrase()));
            if number == 0 {
                first_winners = field.winners;
            }
        }
        (sentences, first_winners)
    }

    /// Who stands where among the cases of a place and a size.
    fn field(&self, place: Place, size: usize) -> Option<Field> {
        let measured = |row: &&Row| is_at(row, place, size) && row.median().is_some();
        let best = self.rows.iter().filter(measured).min_by_key(|row| row.median())?;
        let mut field = Field {
            winners: vec![best.case.label.clone()],
            unclear: Vec::new(),
            alone: self.rows.iter().filter(measured).count() == 1,
            best: format!("{} median round trip", time_in(best.median()?, self.unit)),
            reason: "too noisy",
        };
        let is_best = |index: usize| self.rows[index].case == best.case;
        for claim in self.claims.iter().filter(|claim| claim.topic == Topic::Baseline) {
            let other = match (is_best(claim.row), is_best(claim.other)) {
                (true, false) => claim.other,
                (false, true) => claim.row,
                _ => continue,
            };
            let label = self.rows[other].case.label.clone();
            match claim.verdict() {
                Verdict::Tie => field.winners.push(label),
                Verdict::Unclear => {
                    field.unclear.push(label);
                    field.reason = reason(claim);
                }
                Verdict::Baseline | Verdict::Slower | Verdict::Faster => {}
            }
        }
        Some(field)
    }

    fn findings(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut add = |question, answer: Option<String>| {
            findings.extend(answer.map(|answer| Finding { question, answer }));
        };
        add("Unix or TCP", self.pairs(Topic::UnixOrTcp));
        add("IPv6 or IPv4", self.pairs(Topic::Ipv6OrIpv4));
        add("the same twice", self.pairs(Topic::Twice));
        for &place in self.about.places.iter().skip(1) {
            add(question_between(self.about.places[0], place), self.places(place));
        }
        findings
    }

    /// The claims of a topic in one sentence: first what differs, then what does not.
    fn pairs(&self, topic: Topic) -> Option<String> {
        let claims: Vec<_> = self.claims.iter().filter(|claim| claim.topic == topic).collect();
        if claims.is_empty() {
            return None;
        }
        let mut parts: Vec<_> =
            claims.iter().filter(|claim| claim.holds).map(|claim| self.difference(claim)).collect();
        let of = |verdict| claims.iter().filter(move |claim| claim.verdict() == verdict);
        let ties: Vec<_> = of(Verdict::Tie).map(|claim| self.tie(claim)).collect();
        if !ties.is_empty() {
            parts.push(format!("no clear difference: {}", ties.join(", ")));
        }
        parts.extend(of(Verdict::Unclear).map(|claim| {
            let (value, half, turned) = claim.upright();
            let (slow, fast) =
                if turned { (claim.other, claim.row) } else { (claim.row, claim.other) };
            let label = |index: usize| &self.rows[index].case.label;
            let ratio = ratio(value, half);
            format!("{} to tell {} from {}: {ratio}", reason(claim), label(slow), label(fast))
        }));
        Some(parts.join("; "))
    }

    fn difference(&self, claim: &Claim) -> String {
        let (value, half, turned) = claim.upright();
        let (slow, fast) = if turned { (claim.other, claim.row) } else { (claim.row, claim.other) };
        let label = |index: usize| &self.rows[index].case.label;
        format!("{} takes {} as long as {}", label(slow), ratio(value, half), label(fast))
    }

    fn tie(&self, claim: &Claim) -> String {
        let label = |index: usize| &self.rows[index].case.label;
        let (row, other) = (label(claim.row), label(claim.other));
        match claim.within() {
            Some(share) => format!("{row} within {} of {other}", percent(share)),
            None => format!("{row} and {other}"),
        }
    }

    /// What another place does to all transports at once.
    fn places(&self, place: Place) -> Option<String> {
        let claims: Vec<_> = self
            .claims
            .iter()
            .filter(|c| c.topic == Topic::Places && self.rows[c.row].case.seats.place == place)
            .collect();
        if claims.is_empty() {
            return None;
        }
        if claims.iter().all(|claim| !claim.holds) {
            let whom = if claims.len() > 1 { ", any transport" } else { "" };
            return Some(format!("no clear difference{whom}"));
        }
        if claims.iter().any(|claim| claim.verdict() == Verdict::Faster) {
            return self.pairs_at(&claims);
        }
        let (clear, hidden): (Vec<&Claim>, Vec<&Claim>) =
            claims.iter().partition(|claim| claim.holds);
        let ratios: Vec<_> = clear.iter().map(|claim| claim.ratio.ratio).collect();
        let low = ratios.iter().copied().fold(f64::INFINITY, f64::min);
        let high = ratios.iter().copied().fold(0.0, f64::max);
        let what = match place {
            Place::Split => "waking the other CPU makes it",
            Place::Same => "sharing one CPU makes it",
            Place::Free => "leaving it to the scheduler makes it",
        };
        let (low, high) = (times(low), times(high));
        let range = if low == high { low } else { format!("{low} to {high}") };
        let hidden: Vec<_> =
            hidden.iter().map(|claim| self.rows[claim.row].case.label.as_str()).collect();
        let whom = match (hidden.is_empty(), claims.len()) {
            (true, 1) => String::new(),
            (true, _) => ", any transport".to_owned(),
            (false, _) => format!("; no clear difference for {}", listed(&hidden)),
        };
        Some(format!("{what} {range} as long{whom}"))
    }

    fn pairs_at(&self, claims: &[&Claim]) -> Option<String> {
        let first = self.about.places.first()?.phrase();
        let sentence = |claim: &&Claim| {
            let (value, half, turned) = claim.upright();
            let label = &self.rows[claim.row].case.label;
            match (claim.holds, turned) {
                (false, _) => format!("{label} no clear difference"),
                (true, false) => {
                    format!("{label} takes {} as long as on {first}", ratio(value, half))
                }
                (true, true) => format!("{label} takes {} as long on {first}", ratio(value, half)),
            }
        };
        Some(claims.iter().map(sentence).collect::<Vec<_>>().join("; "))
    }
}

/// The cases of a place and a size, and what may be said of the fastest.
struct Field {
    /// The fastest, and those that tie with it.
    winners: Vec<String>,
    /// Those of which nobody knows.
    unclear: Vec<String>,
    /// Is there nothing to compare with?
    alone: bool,
    /// The fastest one's median, in words.
    best: String,
    /// Why nobody knows.
    reason: &'static str,
}

impl Field {
    fn sentence(&self) -> String {
        let Self { winners, unclear, best, reason, .. } = self;
        if self.alone {
            return format!("{}: {best}", winners[0]);
        }
        let who = match winners.as_slice() {
            [one] => one.clone(),
            several => format!("{} tie", some_of(several)),
        };
        match unclear.as_slice() {
            [] => format!("fastest: {who}, {best}"),
            unclear => {
                format!("fastest: {who}, {best}, {reason} to tell from {}", some_of(unclear))
            }
        }
    }
}

/// A share as a sentence has it, rounded up: "2 %".
fn percent(share: f64) -> String {
    format!("{}{JOIN}%", round_up(share * 100.0, 0))
}

/// Why a claim cannot be decided.
fn reason(claim: &Claim) -> &'static str {
    if claim.decidable { "too noisy" } else { "too few rounds" }
}

/// The first names of a list, and how many more there are.
fn some_of(names: &[String]) -> String {
    match names {
        [a, b, c, d, rest @ ..] if rest.len() > 1 => {
            format!("{a}, {b}, {c}, {d} and {} more", rest.len())
        }
        few => listed(few),
    }
}

fn times(value: f64) -> String {
    let decimals = decimals_of_ratio(value).min(1);
    format!("{value:.decimals$}x")
}

fn question_between(first: Place, other: Place) -> &'static str {
    match (first, other) {
        (Place::Same, Place::Split) | (Place::Split, Place::Same) => "one CPU or two",
        _ => "pinned or free",
    }
}
