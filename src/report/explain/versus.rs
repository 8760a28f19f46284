//! Two walks held against each other, call by call. Pure.

use super::{Account, Line, Report, Time};
use crate::measure::samples::to_f64;
use crate::stats::{PairedShift, difference_p, holm, paired_shift};
use crate::transport::lesson::{Moment, Phase};

/// The same moment in both walks, or a moment that one of them lacks.
#[derive(Clone, Debug)]
pub struct Pair<'a> {
    /// What it is there for.
    pub moment: Moment,
    /// The first one's call.
    pub one: Option<&'a Line>,
    /// The other's.
    pub other: Option<&'a Line>,
    /// What the first takes longer than the other.
    pub difference: Option<Difference>,
}

/// How far two times lie apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// In nanoseconds, above 0 if the first takes longer.
    pub shift: PairedShift,
    /// May it be claimed, together with all the others?
    pub clear: bool,
}

/// Two walks side by side.
#[derive(Clone, Debug)]
pub struct Versus<'a> {
    /// The first.
    pub one: &'a Account,
    /// The other.
    pub other: &'a Account,
    /// Moment by moment.
    pub pairs: Vec<Pair<'a>>,
    /// What all calls together differ by.
    pub total: Option<Difference>,
    /// What each part does.
    pub phases: Vec<(Phase, Difference)>,
}

/// What is smaller is not told apart: two runs of the same walk differ by that much.
const MARGIN: f64 = 0.02;
/// How often one of all the claims may be false.
const ALPHA: f64 = 0.05;

impl<'a> Versus<'a> {
    /// Of a report of two walks that both went the whole way: half a walk is not to be compared.
    #[must_use]
    pub fn of(report: &'a Report) -> Option<Self> {
        let [one, other] = report.accounts.as_slice() else { return None };
        if [one, other].iter().any(|account| account.stopped.is_some() || account.total.is_none()) {
            return None;
        }
        let mut pairs = aligned(&one.lines, &other.lines);
        let phases: Vec<_> = one
            .phases
            .iter()
            .filter_map(|(phase, time)| {
                let (_, other) = other.phases.iter().find(|(of, _)| of == phase)?;
                Some((*phase, time, other))
            })
            .collect();
        let times = |pair: &Pair<'a>| pair.one?.time.as_ref().zip(pair.other?.time.as_ref());
        let all: Vec<_> = pairs
            .iter()
            .map(times)
            .chain(phases.iter().map(|(_, one, other)| Some((*one, *other))))
            .chain([one.total.as_ref().zip(other.total.as_ref())])
            .collect();
        let mut differences = differences(&all, [&one.rounds, &other.rounds]).into_iter();
        for (pair, difference) in pairs.iter_mut().zip(differences.by_ref()) {
            pair.difference = difference;
        }
        let phases = phases
            .into_iter()
            .zip(differences.by_ref())
            .filter_map(|((phase, ..), difference)| Some((phase, difference?)))
            .collect();
        Some(Self { one, other, pairs, total: differences.next().flatten(), phases })
    }
}

/// All differences, with the claims that hold together.
fn differences(
    times: &[Option<(&Time, &Time)>],
    [walks, others]: [&[usize]; 2],
) -> Vec<Option<Difference>> {
    let paired: Vec<_> = times
        .iter()
        .map(|both| {
            let (one, other) = (*both)?;
            let both = by_round(one, walks).into_iter().zip(by_round(other, others));
            // What only one of them has of a round says nothing of the difference.
            let pairs: Vec<_> = both.filter_map(|(a, b)| a.zip(b)).collect();
            let shift = paired_shift(&pairs.iter().map(|(a, b)| a - b).collect::<Vec<_>>())?;
            let logs: Vec<_> = pairs.iter().map(|(a, b)| (a.max(1.0) / b.max(1.0)).ln()).collect();
            Some((shift, difference_p(&logs, MARGIN)))
        })
        .collect();
    let p_values: Vec<_> = paired.iter().flatten().map(|(_, p)| *p).collect();
    let mut clear = holm(&p_values, ALPHA).into_iter();
    let mut judged = |(shift, _): (PairedShift, f64)| Difference {
        shift,
        // Without an interval nothing is claimed.
        clear: clear.next().unwrap_or(false) && shift.interval.is_some(),
    };
    paired.into_iter().map(|both| both.map(&mut judged)).collect()
}

/// The median of each round, which has so many walks; None where it has none.
fn by_round(time: &Time, walks: &[usize]) -> Vec<Option<f64>> {
    let mut medians = time.rounds.iter();
    let median = |walks: &usize| if *walks > 0 { medians.next() } else { None };
    walks.iter().map(median).map(|ns| ns.copied().map(to_f64)).collect()
}

/// The calls of both walks in one order. Each walk has its moments in the order of the catalogue, so
/// that what one of them lacks has its place between what both have.
fn aligned<'a>(one: &'a [Line], other: &'a [Line]) -> Vec<Pair<'a>> {
    let (mut left, mut right) = (one.iter().peekable(), other.iter().peekable());
    let mut pairs = Vec::new();
    let of = |line: &&Line| line.taken.step.moment;
    while let Some(moment) = [left.peek().map(of), right.peek().map(of)].into_iter().flatten().min()
    {
        let one = left.next_if(|line| of(line) == moment);
        let other = right.next_if(|line| of(line) == moment);
        pairs.push(Pair { moment, one, other, difference: None });
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(rounds: &[u64]) -> Time {
        Time { median: 1, min: 1, p90: Some(1), max: 1, rounds: rounds.to_vec() }
    }

    /// What only one has of a round does not move the others against each other.
    #[test]
    fn rounds_are_held_against_each_other_by_their_number() {
        let (one, other) = (time(&[100, 300, 400]), time(&[90, 190, 290]));
        let found = differences(&[Some((&one, &other)), None], [&[1, 0, 2, 1], &[1, 3, 1]]);
        let [Some(difference), None] = found.as_slice() else { panic!("{found:?}") };
        // 100 against 90, 300 against 290; two rounds are too few for a claim.
        assert_eq!(difference.shift.value.to_bits(), 10.0_f64.to_bits());
        assert_eq!((difference.shift.interval, difference.clear), (None, false));
        assert_eq!(by_round(&one, &[0, 1, 0]), [None, Some(100.0), None]);
    }

    #[test]
    fn a_claim_needs_six_rounds_and_more_than_two_percent() {
        let apart = |n: usize, more: u64| {
            let (one, other) = (time(&vec![10_000 + more; n]), time(&vec![10_000; n]));
            let rounds = vec![1; n];
            differences(&[Some((&one, &other))], [&rounds, &rounds])[0].expect("rounds").clear
        };
        assert!(apart(20, 1000) && !apart(20, 150) && !apart(5, 1000));
    }
}
