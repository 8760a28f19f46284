//! The sentences of an answer that compare rows: who is fastest, and what came of each question. Pure.

use super::answer::Finding;
use super::claim::{Claim, Topic};
use super::words::{JOIN, Unit, decimals_of_ratio, listed, ratio, round_up, time_in};
use super::{About, Row, Verdict, is_at};
use crate::cli::quantity::bytes_words;
use crate::measure::plan::Place;

/// Who says them: a run's rows and what may be claimed of them.
pub(super) struct Speaker<'a> {
    pub(super) about: &'a About,
    pub(super) rows: &'a [Row],
    pub(super) claims: &'a [Claim],
    pub(super) unit: Option<Unit>,
}

impl Speaker<'_> {
    /// The sentences on who is fastest, and the winners at the first place and size.
    pub(super) fn fastest(&self, some_fail: bool) -> (Vec<String>, Vec<String>) {
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
            let at = format!("{}{size_word}", place.phrase().replace(' ', "\u{a0}"));
            sentences.push(format!("{lead}{}", field.sentence(&at)));
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
                Verdict::Unclear => field.unclear.push((reason(claim), label)),
                Verdict::Baseline | Verdict::Slower | Verdict::Faster => {}
            }
        }
        Some(field)
    }

    pub(super) fn findings(&self) -> Vec<Finding> {
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
        for why in REASONS {
            let pairs = of(Verdict::Unclear).filter(|claim| reason(claim) == why);
            let pairs: Vec<_> = pairs.map(|claim| self.unclear_pair(claim)).collect();
            if !pairs.is_empty() {
                parts.push(format!("{why} to tell: {}", pairs.join(", ")));
            }
        }
        Some(parts.join("; "))
    }

    fn unclear_pair(&self, claim: &Claim) -> String {
        let (value, half, turned) = claim.upright();
        let (slow, fast) = if turned { (claim.other, claim.row) } else { (claim.row, claim.other) };
        let label = |index: usize| &self.rows[index].case.label;
        format!("{} from {} ({})", label(slow), label(fast), ratio(value, half))
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
        let of = |verdict| claims.iter().filter(move |claim| claim.verdict() == verdict);
        let labels = |claims: &mut dyn Iterator<Item = &&Claim>| {
            claims.map(|claim| self.rows[claim.row].case.label.as_str()).collect::<Vec<_>>()
        };
        // With one sentence for all there is no need to name them.
        let everybody = |names: &[&str]| names.len() == claims.len();
        let whom = |names: &[&str]| {
            if everybody(names) { String::new() } else { format!(" for {}", listed(names)) }
        };
        let all = if claims.len() > 1 { "all" } else { "it" };
        let mut parts = Vec::new();
        let slower: Vec<_> = of(Verdict::Slower).map(|claim| claim.ratio.ratio).collect();
        if !slower.is_empty() {
            let names = labels(&mut of(Verdict::Slower));
            let them = if everybody(&names) { all.to_owned() } else { listed(&names) };
            let what = match place {
                Place::Split => "waking the other CPU makes",
                Place::Same => "sharing one CPU makes",
                Place::Free => "leaving it to the scheduler makes",
            };
            parts.push(format!("{what} {them} {} as long", range(&slower)));
        }
        let faster: Vec<_> = of(Verdict::Faster).map(|claim| 1.0 / claim.ratio.ratio).collect();
        if !faster.is_empty() {
            let names = labels(&mut of(Verdict::Faster));
            let them = if everybody(&names) { all.to_owned() } else { listed(&names) };
            let first = self.about.places.first()?.phrase();
            let verb = if names.len() > 1 { "take" } else { "takes" };
            parts.push(format!("{them} {verb} {} as long on {first}", range(&faster)));
        }
        let ties = labels(&mut of(Verdict::Tie));
        if !ties.is_empty() {
            parts.push(format!("no clear difference{}", whom(&ties)));
        }
        for why in REASONS {
            let hidden = labels(&mut of(Verdict::Unclear).filter(|claim| reason(claim) == why));
            if !hidden.is_empty() {
                parts.push(format!("{why} to tell{}", whom(&hidden)));
            }
        }
        Some(parts.join("; "))
    }
}

/// The cases of a place and a size, and what may be said of the fastest.
struct Field {
    /// The fastest, and those that tie with it.
    winners: Vec<String>,
    /// Those of which nobody knows, and why.
    unclear: Vec<(&'static str, String)>,
    /// Is there nothing to compare with?
    alone: bool,
    /// The fastest one's median, in words.
    best: String,
}

impl Field {
    /// `at` is the place and the size, in words.
    fn sentence(&self, at: &str) -> String {
        let Self { winners, unclear, best, .. } = self;
        if self.alone {
            return format!("{}: {best}, {at}", winners[0]);
        }
        let who = match winners.as_slice() {
            [one] => one.clone(),
            several => format!("{} tie", some_of(several)),
        };
        let mut parts = vec![format!("fastest: {who}, {best}, {at}")];
        for why in REASONS {
            let labels: Vec<_> =
                unclear.iter().filter(|(own, _)| *own == why).map(|(_, l)| l.clone()).collect();
            if !labels.is_empty() {
                parts.push(format!("{why} to tell from {}", some_of(&labels)));
            }
        }
        parts.join(", ")
    }
}

/// A share as a sentence has it, rounded up: "2 %".
fn percent(share: f64) -> String {
    format!("{}{JOIN}%", round_up(share * 100.0, 0))
}

/// Why a claim cannot be decided.
fn reason(claim: &Claim) -> &'static str {
    REASONS[usize::from(!claim.decidable)]
}

const REASONS: [&str; 2] = ["too noisy", "too few rounds"];

/// The first names of a list, and how many more there are.
fn some_of(names: &[String]) -> String {
    match names {
        [a, b, c, d, rest @ ..] if rest.len() > 1 => {
            format!("{a}, {b}, {c}, {d} and {} more", rest.len())
        }
        few => listed(few),
    }
}

/// The smallest and the largest of some ratios: "8.1x to 12.2x".
fn range(ratios: &[f64]) -> String {
    let low = times(ratios.iter().copied().fold(f64::INFINITY, f64::min));
    let high = times(ratios.iter().copied().fold(0.0, f64::max));
    if low == high { low } else { format!("{low} to {high}") }
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
