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
        let mut differences = differences(&all).into_iter();
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
fn differences(times: &[Option<(&Time, &Time)>]) -> Vec<Option<Difference>> {
    let rounds = |time: &Time| time.rounds.iter().map(|ns| to_f64(*ns)).collect::<Vec<_>>();
    let paired: Vec<_> = times
        .iter()
        .map(|both| {
            let (one, other) = (*both)?;
            let pairs = || rounds(one).into_iter().zip(rounds(other));
            let shift = paired_shift(&pairs().map(|(a, b)| a - b).collect::<Vec<_>>())?;
            let logs: Vec<_> = pairs().map(|(a, b)| (a.max(1.0) / b.max(1.0)).ln()).collect();
            Some((shift, difference_p(&logs, MARGIN)))
        })
        .collect();
    let p_values: Vec<_> = paired.iter().flatten().map(|(_, p)| *p).collect();
    let mut clear = holm(&p_values, ALPHA).into_iter();
    let judged = |(shift, _): (PairedShift, f64)| Difference {
        shift,
        // Without an interval nothing is claimed.
        clear: clear.next().unwrap_or(false) && shift.interval.is_some(),
    };
    let mut judged = judged;
    paired.into_iter().map(|both| both.map(&mut judged)).collect()
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
