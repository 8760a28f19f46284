//! What speaks for a change: numbers of rounds, each in relation to the others of its round, so that
//! what the machine did at that moment is taken out; or the bare numbers, where there is nothing to
//! relate them to.

use super::common::{Common, common};
use super::side::{Case, Measured, ln};
use crate::stats::{Interval, Shift, median_of, shift, shift_p};
use std::collections::BTreeMap;

/// A file with fewer rounds than this counts as one number.
const FEWEST_ROUNDS: usize = 3;
/// So many files a side speak for themselves: what one run differs from the next is seen in them.
pub const ENOUGH_FILES: usize = 4;

/// How much two runs of the same thing differ beyond what their rounds show, as logarithms: what is
/// related to others, and what is not.
#[derive(Clone, Copy, Debug)]
pub struct Unseen {
    /// In relation to the others.
    pub related: f64,
    /// The bare numbers.
    pub bare: f64,
}

/// What speaks for the change of one case.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// How many times as long it takes, as a logarithm, with what rounds do not show in the interval.
    pub shift: Shift,
    /// The p-value of a difference that is more than unseen.
    pub p: f64,
    /// The change of the bare numbers, as a logarithm.
    pub raw: f64,
}

/// A group of cases that were measured side by side.
pub struct Group<'a> {
    /// Each case before and after.
    pub cases: Vec<(&'a Case, &'a Case)>,
}

/// What was found in a group.
pub struct Findings {
    /// What moved together.
    pub common: Option<Common>,
    /// What speaks for each case; `None` where there are no numbers.
    pub cases: Vec<Option<Evidence>>,
    /// Was it one number a file?
    pub by_file: bool,
}

impl Group<'_> {
    /// Works out what speaks for each case. `margin` is what is never called a difference.
    #[must_use]
    pub fn findings(&self, unseen: Unseen, margin: f64) -> Findings {
        let files =
            |which: fn(&(&Case, &Case)) -> usize| self.cases.iter().map(which).min().unwrap_or(0);
        let files = [files(|c| c.0.measured.len()), files(|c| c.1.measured.len())];
        let by_file = !self.cases.iter().all(|(b, a)| has_rounds(b) && has_rounds(a));
        let sides = [
            Grid::of(self.cases.iter().map(|case| case.0), by_file),
            Grid::of(self.cases.iter().map(|case| case.1), by_file),
        ];
        let levels = sides.each_ref().map(Grid::medians);
        let common = moved_together(&levels);
        let cases = (0..self.cases.len()).map(|case| {
            let raw = levels[1][case]? - levels[0][case]?;
            let (samples, unseen) = samples(&sides, case, common.as_ref(), &levels, unseen, files);
            evidence(&samples, raw, unseen, margin)
        });
        let cases = cases.collect();
        Findings { common, cases, by_file }
    }
}

/// The level of each case on each side.
type Levels = [Vec<Option<f64>>; 2];

/// The cases that moved together, of those that have a level on both sides.
fn moved_together(levels: &Levels) -> Option<Common> {
    let change = |at: &usize| Some((*at, levels[1][*at]? - levels[0][*at]?));
    let known: Vec<(usize, f64)> = (0..levels[0].len()).filter_map(|at| change(&at)).collect();
    let changes: Vec<f64> = known.iter().map(|(_, change)| *change).collect();
    common(&changes).map(|found| Common {
        anchors: found.anchors.iter().map(|at| known[*at].0).collect(),
        shift: found.shift,
    })
}

/// The numbers of a case before and after, and what they do not show.
fn samples(
    sides: &[Grid; 2],
    case: usize,
    common: Option<&Common>,
    levels: &Levels,
    unseen: Unseen,
    files: [usize; 2],
) -> ([Vec<f64>; 2], f64) {
    let sides = sides.each_ref();
    if let Some(common) = common {
        // Between before and after, so that either may come first.
        let middle = |(before, after): (&Option<f64>, &Option<f64>)| {
            f64::midpoint(before.unwrap_or(f64::NAN), after.unwrap_or(f64::NAN))
        };
        let middle: Vec<_> = levels[0].iter().zip(&levels[1]).map(middle).collect();
        let related = sides.map(|side| side.related(case, &common.anchors, &middle));
        return (related, unseen.related * share(files));
    }
    // Rounds do not show what differs between runs. Where there are enough runs, they do.
    if files.iter().all(|files| *files >= ENOUGH_FILES) {
        return (sides.map(|side| side.by_file(case)), 0.0);
    }
    (sides.map(|side| side.bare(case)), unseen.bare * share(files))
}

/// What is left of what one file does not show, with so many of them on each side.
fn share(files: [usize; 2]) -> f64 {
    let part = |count: usize| 1.0 / f64::from(u32::try_from(count.max(1)).unwrap_or(u32::MAX));
    f64::midpoint(part(files[0]), part(files[1])).sqrt()
}

fn evidence(samples: &[Vec<f64>; 2], raw: f64, unseen: f64, margin: f64) -> Option<Evidence> {
    let [before, after] = samples;
    let found = shift(after, before)?;
    let interval = found.interval.map(|i| Interval { low: i.low - unseen, high: i.high + unseen });
    let p = shift_p(after, before, unseen.max(margin));
    Some(Evidence { shift: Shift { interval, ..found }, p, raw })
}

fn has_rounds(case: &Case) -> bool {
    case.measured.iter().all(|measured| measured.rounds.len() >= FEWEST_ROUNDS)
}

/// The numbers of one side: a line for each round of each file, a place for each case.
struct Grid {
    cases: usize,
    /// The first line of each file.
    files: Vec<usize>,
    /// Line by line; NaN where there is no number.
    numbers: Vec<f32>,
}

impl Grid {
    fn of<'a>(cases: impl Iterator<Item = &'a Case> + Clone, by_file: bool) -> Self {
        let mut files: BTreeMap<usize, Vec<(usize, &Measured)>> = BTreeMap::new();
        for (at, case) in cases.clone().enumerate() {
            for measured in &case.measured {
                files.entry(measured.file).or_default().push((at, measured));
            }
        }
        let mut grid = Self { cases: cases.count(), files: Vec::new(), numbers: Vec::new() };
        for measured in files.values() {
            grid.add(measured, by_file);
        }
        grid
    }

    fn add(&mut self, measured: &[(usize, &Measured)], by_file: bool) {
        let first = self.numbers.len() / self.cases;
        self.files.push(first);
        let points = |measured: &Measured| -> Vec<(u32, f32)> {
            if by_file { whole(measured).into_iter().collect() } else { measured.rounds.clone() }
        };
        let points: Vec<_> = measured.iter().map(|(at, m)| (*at, points(m))).collect();
        let mut rounds: Vec<u32> =
            points.iter().flat_map(|(_, points)| points.iter().map(|(round, _)| *round)).collect();
        rounds.sort_unstable();
        rounds.dedup();
        self.numbers.resize((first + rounds.len()) * self.cases, f32::NAN);
        for (at, points) in points {
            for (round, number) in points {
                let line = first + rounds.partition_point(|other| *other < round);
                self.numbers[line * self.cases + at] = number;
            }
        }
    }

    fn lines(&self) -> impl Iterator<Item = &[f32]> {
        self.numbers.chunks_exact(self.cases.max(1))
    }

    /// Its numbers of one case.
    fn bare(&self, case: usize) -> Vec<f64> {
        self.lines().map(|line| f64::from(line[case])).filter(|number| !number.is_nan()).collect()
    }

    /// The median of each file.
    fn by_file(&self, case: usize) -> Vec<f64> {
        let ends = self.files.iter().skip(1).copied().chain([self.numbers.len() / self.cases]);
        let numbers = |(first, end): (&usize, usize)| {
            let lines = (*first..end).map(|line| f64::from(self.numbers[line * self.cases + case]));
            median_of(&lines.filter(|number| !number.is_nan()).collect::<Vec<_>>())
        };
        self.files.iter().zip(ends).filter_map(numbers).collect()
    }

    /// The median of the files' medians of each case.
    fn medians(&self) -> Vec<Option<f64>> {
        (0..self.cases).map(|case| median_of(&self.by_file(case))).collect()
    }

    /// Its numbers of one case, less what the anchors beside it did in that round: each anchor as seen
    /// from its own level, so that one that is missing does not move the others.
    fn related(&self, case: usize, anchors: &[usize], middle: &[f64]) -> Vec<f64> {
        let anchors: Vec<_> = anchors.iter().copied().filter(|anchor| *anchor != case).collect();
        let mut beside = Vec::with_capacity(anchors.len());
        let related = |line: &[f32]| {
            let own = f64::from(line[case]) - middle[case];
            beside.clear();
            let others = anchors.iter().map(|at| f64::from(line[*at]) - middle[*at]);
            beside.extend(others.filter(|number| !number.is_nan()));
            (beside.len() * 2 >= anchors.len() && !own.is_nan())
                .then(|| median_of(&beside).map(|common| own - common))?
        };
        self.lines().filter_map(related).collect()
    }
}

/// A file's one number, as if it were its only round.
fn whole(measured: &Measured) -> Option<(u32, f32)> {
    measured.whole.map(|ns| (0, ln(ns)))
}

#[cfg(test)]
#[path = "evidence/tests.rs"]
mod tests;
