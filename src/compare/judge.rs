//! Verdicts: which changes may be called one. All of a comparison's claims are held to account together
//! (Holm), so that a comparison makes any false claim in at most one of twenty.

use super::evidence::{Evidence, Unseen};
use super::side::State;
use super::{Verdict, side::Case};
use crate::cli::compare::{Limit, Metric};
use crate::stats::holm;

/// How often a comparison may claim something false.
const ALPHA: f64 = 0.05;

/// How much two runs of the same thing differ beyond what their rounds show. Of 40 default runs on a
/// busy virtual machine, one after the other, the medians differ by 6.5 % (standard deviation) as they
/// are, and by 1 % in relation to the others; twice the first, over both sides, is 18 %, and 20 % is on
/// the safe side. Tails vary by more.
#[must_use]
pub fn unseen(metric: Metric) -> Unseen {
    match metric {
        Metric::Median | Metric::Min => Unseen { related: 0.01, bare: 0.2 },
        Metric::P90 | Metric::Mean | Metric::Connect => Unseen { related: 0.05, bare: 0.25 },
        Metric::P99 | Metric::P999 | Metric::Max => Unseen { related: 0.3, bare: 0.7 },
    }
}

/// What may be said of each change; nothing of those without evidence.
#[must_use]
pub fn verdicts(evidence: &[Option<Evidence>], limit: Limit) -> Vec<Verdict> {
    let known: Vec<usize> = (0..evidence.len()).filter(|at| evidence[*at].is_some()).collect();
    let p_values: Vec<f64> = evidence.iter().flatten().map(|evidence| evidence.p).collect();
    let mut holds = vec![false; evidence.len()];
    for (at, held) in known.iter().zip(holm(&p_values, ALPHA)) {
        holds[*at] = held;
    }
    let verdict = |(evidence, holds): (&Option<Evidence>, bool)| {
        evidence.as_ref().map_or(Verdict::Unclear, |evidence| verdict(evidence, holds, limit))
    };
    evidence.iter().zip(holds).map(verdict).collect()
}

fn verdict(evidence: &Evidence, holds: bool, limit: Limit) -> Verdict {
    let far = limit.ratio().ln();
    let estimate = evidence.shift.estimate;
    // What two runs differ by beyond their rounds is in the interval alone, and not in the ranks.
    let holds = holds && evidence.shift.interval.is_some_and(|interval| !interval.holds(0.0));
    match evidence.shift.interval {
        _ if holds && estimate > far => Verdict::Slower,
        _ if holds && estimate < -far => Verdict::Faster,
        Some(i) if i.low >= -far && i.high <= far && i.holds(0.0) => Verdict::Noise,
        Some(i) if i.low >= -far && i.high <= far => Verdict::Under,
        _ => Verdict::Unclear,
    }
}

/// What may be said of a case that was not measured on both sides; `None` if nothing is.
#[must_use]
pub fn of_states(before: &Case, after: &Case) -> Option<Verdict> {
    match (before.state(), after.state()) {
        (State::Measured, State::Failed) => Some(Verdict::Broken),
        (State::Measured, State::Missing) => Some(Verdict::Gone),
        (State::Failed, State::Measured) => Some(Verdict::Mended),
        (State::Missing, State::Measured) => Some(Verdict::Back),
        (State::Failed, State::Failed) => Some(Verdict::StillFails),
        (State::Missing, State::Failed) | (State::Failed, State::Missing) => Some(Verdict::Changed),
        // What neither side has, or what a signal kept from being tried, says nothing.
        (State::Missing, State::Missing)
        | (State::Unknown, _)
        | (_, State::Unknown)
        | (State::Measured, State::Measured) => None,
    }
}
