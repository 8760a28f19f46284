//! The ratio of two cases from rounds that ran side by side: the Hodges-Lehmann estimate over the
//! paired log ratios, and its signed-rank interval. Nothing here assumes a distribution.

use super::signed_rank::interval_rank;
use super::{Interval, selection};

/// A ratio of two cases and how well it is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PairedRatio {
    /// How many times the denominator the numerator is.
    pub ratio: f64,
    /// The 95 % interval; `None` below [`super::FEWEST_ROUNDS`] rounds.
    pub interval: Option<Interval>,
    /// How many rounds it rests on.
    pub n: usize,
}

/// The ratio of two cases whose rounds are paired by index. `None` if there are no rounds, if the
/// lengths differ, or if a value is not positive and finite.
#[must_use]
pub fn paired_ratio(numerator: &[f64], denominator: &[f64]) -> Option<PairedRatio> {
    let valid = |values: &[f64]| values.iter().all(|v| v.is_finite() && *v > 0.0);
    if numerator.len() != denominator.len() || !valid(numerator) || !valid(denominator) {
        return None;
    }
    let log_ratios: Vec<f64> =
        numerator.iter().zip(denominator).map(|(a, b)| (a / b).ln()).collect();
    let shift = paired_shift(&log_ratios)?;
    let interval = shift.interval.map(|i| Interval { low: i.low.exp(), high: i.high.exp() });
    Some(PairedRatio { ratio: shift.value.exp(), interval, n: log_ratios.len() })
}

/// How far two cases lie apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PairedShift {
    /// The Hodges-Lehmann estimate.
    pub value: f64,
    /// The 95 % interval; `None` below [`super::FEWEST_ROUNDS`] rounds.
    pub interval: Option<Interval>,
}

/// How far two cases lie apart whose rounds differ by so much, round by round. `None` if there are no
/// rounds, or if a value is not finite.
#[must_use]
pub fn paired_shift(differences: &[f64]) -> Option<PairedShift> {
    let walsh = WalshAverages::of(differences)
        .filter(|walsh| walsh.sorted.iter().all(|value| value.is_finite()))?;
    let interval = interval_rank(differences.len())
        .map(|rank| Interval { low: walsh.nth(rank), high: walsh.nth(walsh.count + 1 - rank) });
    Some(PairedShift { value: walsh.median(), interval })
}

/// The means of all pairs of values, each with itself too. They are never stored: the n-th is found
/// by bisection, so n rounds take n log n steps and n places, where n² averages would take n².
pub(super) struct WalshAverages {
    sorted: Vec<f64>,
    count: u64,
}

impl WalshAverages {
    /// The averages of some finite values in any order; `None` if there are none.
    pub(super) fn of(values: &[f64]) -> Option<Self> {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let n = sorted.len() as u64;
        (n > 0).then(|| Self { sorted, count: n * (n + 1) / 2 })
    }

    /// The Hodges-Lehmann estimate.
    pub(super) fn median(&self) -> f64 {
        selection::middle(self.count, |rank| self.nth(rank))
    }

    /// The average of that rank, counted from 1.
    fn nth(&self, rank: u64) -> f64 {
        let bounds = (self.sorted[0], self.sorted[self.sorted.len() - 1]);
        selection::nth(rank, bounds, |limit| self.count_at_most(limit))
    }

    /// How many averages are at most `limit`. As the first of a pair grows, the partners that keep
    /// the average within the limit can only become fewer.
    fn count_at_most(&self, limit: f64) -> u64 {
        let mut partners = self.sorted.len();
        let mut count = 0;
        for (at, first) in self.sorted.iter().enumerate() {
            while partners > at && mean(*first, self.sorted[partners - 1]) > limit {
                partners -= 1;
            }
            if partners <= at {
                break;
            }
            count += partners - at;
        }
        count as u64
    }
}

fn mean(a: f64, b: f64) -> f64 {
    f64::midpoint(a, b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64) {
        assert!((found / expected - 1.0).abs() < 1e-12, "{found}, not {expected}");
    }

    /// Rounds whose ratio is 2 to the power of 1, 2, and so on up to n.
    fn powers(n: u32) -> (Vec<f64>, Vec<f64>) {
        ((1..=n).map(|d| 3.0 * f64::from(d).exp2()).collect(), vec![3.0; n as usize])
    }

    #[test]
    fn a_shift_is_the_middle_of_the_averages_and_may_be_below_nothing() {
        let shift = paired_shift(&[-3.0, -1.0, -2.0]).unwrap();
        assert_eq!(shift, PairedShift { value: -2.0, interval: None });
        let known = paired_shift(&[-3.0, -1.0, -2.0, -4.0, 0.0, -5.0]).unwrap();
        assert_eq!(known.interval, Some(Interval { low: -5.0, high: 0.0 }));
        assert_eq!(paired_shift(&[]), None);
        assert_eq!(paired_shift(&[1.0, f64::NAN]), None);
    }

    #[test]
    fn one_round_and_two_have_a_ratio_but_no_interval() {
        let one = paired_ratio(&[3.0], &[2.0]).unwrap();
        close(one.ratio, 1.5);
        assert_eq!((one.interval, one.n), (None, 1));
        let two = paired_ratio(&[2.0, 8.0], &[1.0, 1.0]).unwrap();
        close(two.ratio, 4.0);
        assert_eq!((two.interval, two.n), (None, 2));
    }

    #[test]
    fn the_interval_is_made_of_the_walsh_averages_that_the_table_names() {
        // Powers of two: n, the estimate, the lower end. The averages of 1 to 10 begin with
        // 1, 1.5, 2, 2, 2.5, 2.5, 3, 3, 3, and the ninth bounds the interval.
        for (n, middle, low) in [(6, 3.5, 1.0), (7, 4.0, 2.0), (10, 5.5, 3.0)] {
            let (numerator, denominator) = powers(n);
            let found = paired_ratio(&numerator, &denominator).unwrap();
            let interval = found.interval.unwrap();
            close(found.ratio, f64::exp2(middle));
            close(interval.low, f64::exp2(low));
            close(interval.high, f64::exp2(f64::from(n) + 1.0 - low));
        }
        assert_eq!(paired_ratio(&powers(5).0, &powers(5).1).unwrap().interval, None);
    }

    #[test]
    fn a_hundred_equal_ratios_give_that_ratio_with_no_width() {
        let found = paired_ratio(&[6.0; 100], &[4.0; 100]).unwrap();
        close(found.ratio, 1.5);
        close(found.interval.unwrap().low, 1.5);
        close(found.interval.unwrap().high, 1.5);
        assert_eq!(found.n, 100);
    }

    #[test]
    fn one_wild_round_in_ten_hardly_moves_the_ratio() {
        let mut numerator = [2.0; 10];
        numerator[3] = 2_000.0;
        close(paired_ratio(&numerator, &[1.0; 10]).unwrap().ratio, 2.0);
    }

    #[test]
    fn turning_the_ratio_over_turns_its_interval_over() {
        let a = [1.0, 2.0, 2.5, 1.5, 3.0, 0.5, 4.0];
        let b = [2.0, 1.0, 0.5, 1.0, 1.0, 1.0, 3.0];
        let (there, back) = (paired_ratio(&a, &b).unwrap(), paired_ratio(&b, &a).unwrap());
        close(there.ratio * back.ratio, 1.0);
        close(there.interval.unwrap().low * back.interval.unwrap().high, 1.0);
    }

    #[test]
    fn rounds_that_cannot_be_paired_give_nothing() {
        let refused: &[(&[f64], &[f64])] = &[
            (&[], &[]),
            (&[1.0], &[1.0, 2.0]),
            (&[0.0], &[1.0]),
            (&[1.0], &[-1.0]),
            (&[f64::NAN], &[1.0]),
            (&[f64::INFINITY], &[1.0]),
        ];
        for (numerator, denominator) in refused {
            assert_eq!(paired_ratio(numerator, denominator), None);
        }
    }

    #[test]
    fn every_rank_found_by_bisection_is_that_of_the_sorted_averages() {
        let values = [0.5, -0.25, 0.0, -0.0, 1e-300, 0.1, 0.1, -3.0, 7.5, 0.3];
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let mut all: Vec<f64> = (0..values.len())
            .flat_map(|i| (i..values.len()).map(move |j| (i, j)))
            .map(|(i, j)| mean(sorted[i], sorted[j]))
            .collect();
        all.sort_by(f64::total_cmp);
        let walsh = WalshAverages::of(&values).unwrap();
        assert_eq!(walsh.count, 55);
        for (rank, expected) in (1..).zip(&all) {
            assert!((walsh.nth(rank) - expected).abs() < f64::MIN_POSITIVE, "rank {rank}");
        }
        assert!((walsh.median() - all[27]).abs() < f64::EPSILON);
    }

    #[test]
    fn a_hundred_thousand_rounds_need_no_quadratic_store() {
        let numerator: Vec<f64> = (1..=100_000).map(f64::from).collect();
        let denominator: Vec<f64> = numerator.iter().map(|a| a * 2.0).collect();
        let found = paired_ratio(&numerator, &denominator).unwrap();
        close(found.ratio, 0.5);
        assert_eq!(found.n, 100_000);
    }
}
