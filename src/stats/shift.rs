//! How far one sample lies above another that was taken at another time: the two-sample
//! Hodges-Lehmann shift, the interval and the p-value that the Mann-Whitney test gives it. Nothing here
//! assumes a distribution, and the samples need not be of one size.

use super::signed_rank::{NORMAL_QUANTILE, normal_at_most};
use super::{Interval, ONE_SIDE, real, selection, whole};

/// Up to so many values in both samples together the distribution is exact, ties included; beyond it
/// is the normal approximation, with its correction for ties and for continuity: off by less than 0.002.
const EXACT_UP_TO: usize = 30;

/// How far a sample lies above another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shift {
    /// The median of all differences.
    pub estimate: f64,
    /// The 95 % interval; `None` where so few values cannot have one.
    pub interval: Option<Interval>,
}

/// How far `after` lies above `before`. The values are finite, in any order; `None` if one of the two
/// samples is empty.
#[must_use]
pub fn shift(after: &[f64], before: &[f64]) -> Option<Shift> {
    let differences = Differences::of(after, before)?;
    let interval = interval_rank(after.len(), before.len()).map(|rank| Interval {
        low: differences.nth(rank),
        high: differences.nth(differences.count + 1 - rank),
    });
    Some(Shift { estimate: differences.median(), interval })
}

/// Two-sided p that the true shift lies outside [-margin, margin]: twice the one-sided Mann-Whitney p
/// after `after` was moved by the margin towards `before`. 1 if the estimate itself is within.
#[must_use]
pub fn shift_p(after: &[f64], before: &[f64], margin: f64) -> f64 {
    let Some(differences) = Differences::of(after, before) else { return 1.0 };
    let estimate = differences.median();
    if estimate.abs() <= margin {
        return 1.0;
    }
    let upright = |value: &f64| value * estimate.signum();
    let after: Vec<f64> = after.iter().map(|value| upright(value) - margin).collect();
    let before: Vec<f64> = before.iter().map(upright).collect();
    (2.0 * RankSum::of(&before, &after).chance_at_most()).min(1.0)
}

/// The differences of every value of one sample to every one of the other. They are never stored.
struct Differences {
    after: Vec<f64>,
    before: Vec<f64>,
    count: u64,
}

impl Differences {
    fn of(after: &[f64], before: &[f64]) -> Option<Self> {
        let sorted = |values: &[f64]| {
            let mut sorted = values.to_vec();
            sorted.sort_by(f64::total_cmp);
            sorted
        };
        let count = after.len() as u64 * before.len() as u64;
        (count > 0).then(|| Self { after: sorted(after), before: sorted(before), count })
    }

    fn median(&self) -> f64 {
        selection::middle(self.count, |rank| self.nth(rank))
    }

    fn nth(&self, rank: u64) -> f64 {
        let smallest = self.after[0] - self.before[self.before.len() - 1];
        let largest = self.after[self.after.len() - 1] - self.before[0];
        selection::nth(rank, (smallest, largest), |limit| self.count_at_most(limit))
    }

    /// How many differences are at most `limit`. As the first of a pair grows, the second has to grow
    /// too for the difference to stay within the limit.
    fn count_at_most(&self, limit: f64) -> u64 {
        let mut too_small = 0;
        let mut count = 0;
        for after in &self.after {
            while self.before.get(too_small).is_some_and(|before| after - before > limit) {
                too_small += 1;
            }
            count += self.before.len() - too_small;
        }
        count as u64
    }
}

/// The ranks of two samples laid together, all doubled, so that mid-ranks are whole.
struct RankSum {
    doubled: Vec<usize>,
    /// How many of them are of the first sample, and what those sum to.
    first: (usize, usize),
}

impl RankSum {
    fn of(first: &[f64], second: &[f64]) -> Self {
        let mut all: Vec<(f64, bool)> = first.iter().map(|value| (*value, true)).collect();
        all.extend(second.iter().map(|value| (*value, false)));
        all.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut ranks = Self { doubled: Vec::with_capacity(all.len()), first: (first.len(), 0) };
        for tied in all.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()) {
            let rank = 2 * ranks.doubled.len() + tied.len() + 1;
            ranks.first.1 += rank * tied.iter().filter(|(_, is_first)| *is_first).count();
            ranks.doubled.extend(tied.iter().map(|_| rank));
        }
        ranks
    }

    /// How often so many ranks, picked blindly, sum to no more than those of the first sample do.
    fn chance_at_most(&self) -> f64 {
        let (picked, sum) = self.first;
        if self.doubled.len() <= EXACT_UP_TO {
            let ways: f64 = ways_to_sum(&self.doubled, picked, sum).iter().sum();
            return ways / choices(self.doubled.len(), picked);
        }
        let (all, picked) = (real(self.doubled.len() as u64), real(picked as u64));
        let mean = picked * (all + 1.0);
        // Of n drawn from N without putting back, the sum varies by n(N-n)/N times the ranks' variance.
        let squares: f64 = self.doubled.iter().map(|r| (real(*r as u64) - all - 1.0).powi(2)).sum();
        let variance = picked * (all - picked) / all * squares / (all - 1.0);
        let half_a_rank = 1.0;
        if variance > 0.0 {
            normal_at_most((real(sum as u64) + half_a_rank - mean) / variance.sqrt())
        } else {
            1.0
        }
    }
}

/// Which of the differences bound the 95 % interval: the k-th smallest and the k-th largest.
fn interval_rank(n: usize, m: usize) -> Option<u64> {
    if n + m <= EXACT_UP_TO {
        return exact_interval_rank(n, m);
    }
    let (n, m) = (real(n as u64), real(m as u64));
    let (mean, variance) = (n * m / 2.0, n * m * (n + m + 1.0) / 12.0);
    Some(whole(mean + 0.5 - NORMAL_QUANTILE * variance.sqrt())).filter(|rank| *rank > 0)
}

/// How many values of the Mann-Whitney statistic, from 0 up, have at most 2.5 % of all ways together.
fn exact_interval_rank(n: usize, m: usize) -> Option<u64> {
    let ranks: Vec<usize> = (1..=n + m).collect();
    let smallest = n * (n + 1) / 2;
    let all = choices(n + m, n);
    let mut ways = 0.0;
    let outside =
        ways_to_sum(&ranks, n, smallest + n * m).into_iter().skip(smallest).take_while(|more| {
            ways += more;
            ways <= ONE_SIDE * all
        });
    Some(outside.count() as u64).filter(|rank| *rank > 0)
}

/// In how many ways `picked` of the ranks sum to 0, 1, and so on up to `limit`.
fn ways_to_sum(ranks: &[usize], picked: usize, limit: usize) -> Vec<f64> {
    let mut ways = vec![vec![0.0; limit + 1]; picked + 1];
    ways[0][0] = 1.0;
    for &rank in ranks {
        for count in (0..picked).rev() {
            let (fewer, more) = ways.split_at_mut(count + 1);
            for (with, without) in more[0].iter_mut().skip(rank).zip(&fewer[count]) {
                *with += without;
            }
        }
    }
    ways.swap_remove(picked)
}

/// In how many ways one can pick so many of `n`.
fn choices(n: usize, picked: usize) -> f64 {
    (0..picked).fold(1.0, |ways, k| ways * real((n - k) as u64) / real((k + 1) as u64))
}

#[cfg(test)]
#[path = "shift/tests.rs"]
mod tests;
