//! Order statistics of whole nanoseconds: percentiles, the median, and the median's interval.

use super::{FEWEST_ROUNDS, ONE_SIDE, real, whole};

/// A median and how well it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MedianEstimate {
    /// The sample median.
    pub value: u64,
    /// The 95 % interval, two of the values themselves; `None` below [`FEWEST_ROUNDS`] values.
    pub interval: Option<(u64, u64)>,
}

impl MedianEstimate {
    /// The larger of the interval's two sides: what is printed after a ±.
    #[must_use]
    pub fn half_width(&self) -> Option<u64> {
        self.interval.map(|(low, high)| (self.value - low).max(high - self.value))
    }
}

/// The smallest value with at least the share `q` of the samples at or below it (nearest rank).
/// `sorted` is in ascending order; 0 if it is empty.
#[must_use]
pub fn percentile(sorted: &[u64], q: f64) -> u64 {
    let nearest = rank(sorted.len() as u64, q).saturating_sub(1);
    usize::try_from(nearest).ok().and_then(|at| sorted.get(at)).copied().unwrap_or(0)
}

/// The middle value, or the mean of the two middle ones, rounded half up.
/// `sorted` is in ascending order; 0 if it is empty.
#[must_use]
pub fn median(sorted: &[u64]) -> u64 {
    let upper = sorted.len() / 2;
    match sorted.len() {
        0 => 0,
        n if n % 2 == 1 => sorted[upper],
        _ => sorted[upper - 1] + (sorted[upper] - sorted[upper - 1]).div_ceil(2),
    }
}

/// How many of `count` samples lie beyond the percentile `q`: above it, or below it if `q` is under
/// one half. With fewer than [`super::FEWEST_BEYOND`] a percentile is printed as a dash.
#[must_use]
pub fn beyond(count: u64, q: f64) -> u64 {
    let rank = rank(count, q);
    if q < 0.5 { rank.saturating_sub(1) } else { count - rank }
}

/// The sample median with its distribution-free 95 % interval: the closest symmetric pair of order
/// statistics that covers the true median in at least 95 % of all runs, whatever the distribution.
/// The values come in any order; `None` if there are none.
#[must_use]
pub fn median_of_rounds(values: &[u64]) -> Option<MedianEstimate> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let (first, last) = (0, sorted.len().checked_sub(1)?);
    let interval = trimmed(sorted.len()).map(|trim| (sorted[first + trim], sorted[last - trim]));
    Some(MedianEstimate { value: median(&sorted), interval })
}

/// The rank, from 1, of the percentile `q` among `count` samples; 0 if there are none.
pub(super) fn rank(count: u64, q: f64) -> u64 {
    let wanted = q.clamp(0.0, 1.0) * real(count);
    // 0.07 * 100 is a hair above 7, and must not reach for the eighth sample.
    whole((wanted - wanted * 4.0 * f64::EPSILON).ceil()).max(1).min(count)
}

/// The median of numbers in any order, the mean of the two middle ones if their count is even; `None`
/// if there are none.
#[must_use]
pub fn median_of(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let upper = sorted.len() / 2;
    let lower = if sorted.len() % 2 == 1 { upper } else { upper.checked_sub(1)? };
    Some(f64::midpoint(*sorted.get(lower)?, *sorted.get(upper)?))
}

/// How many order statistics to leave out at either end: the largest k such that at most k of n
/// values fall below the true median in no more than 2.5 % of all runs (binomial(n, 1/2)).
fn trimmed(n: usize) -> Option<usize> {
    if n < FEWEST_ROUNDS {
        return None;
    }
    let weights = binomial_weights(n);
    let middle_twice = if n.is_multiple_of(2) { weights[0] } else { 0.0 };
    let total = 2.0 * weights.iter().sum::<f64>() - middle_twice;
    let mut below = 0.0;
    let within = weights.iter().rev().take_while(|weight| {
        below += **weight;
        below <= ONE_SIDE * total
    });
    let outside = n / 2 + 1 - weights.len();
    (outside + within.count()).checked_sub(1)
}

/// The binomial(n, 1/2) weights of n/2, n/2 - 1, and so on, as multiples of the first. They end
/// where nothing that follows could be seen in the sum, so that no power of 2 can underflow and
/// any n takes about 9 √n steps.
fn binomial_weights(n: usize) -> Vec<f64> {
    let mut weights = vec![1.0];
    let mut weight = 1.0;
    for below in (1..=n / 2).rev() {
        weight *= real(below as u64) / real((n - below + 1) as u64);
        if weight < 1e-18 {
            break;
        }
        weights.push(weight);
    }
    weights
}

#[cfg(test)]
mod tests {
    use super::*;

    fn up_to(n: u64) -> Vec<u64> {
        (1..=n).collect()
    }

    #[test]
    fn a_percentile_is_the_nearest_rank() {
        let cases: &[(u64, f64, u64)] = &[
            (0, 0.5, 0),
            (1, 0.0, 1),
            (1, 0.5, 1),
            (1, 1.0, 1),
            (2, 0.5, 1),
            (2, 0.51, 2),
            (10, 0.1, 1),
            (10, 0.11, 2),
            (10, 0.9, 9),
            (10, 0.99, 10),
            (100, 0.0, 1),
            (100, 0.07, 7),
            (100, 0.29, 29),
            (100, 0.5, 50),
            (100, 0.57, 57),
            (100, 0.99, 99),
            (100, 0.999, 100),
            (100, 1.0, 100),
            (100, 7.0, 100),
            (10_000, 0.999, 9_990),
        ];
        for &(n, q, expected) in cases {
            assert_eq!(percentile(&up_to(n), q), expected, "q {q} of {n}");
        }
    }

    #[test]
    fn every_whole_percent_of_a_hundred_is_its_own_rank() {
        for percent in 1..=100_u32 {
            assert_eq!(rank(100, f64::from(percent) / 100.0), u64::from(percent));
        }
    }

    #[test]
    fn a_median_is_the_middle_or_the_mean_of_two_rounded_half_up() {
        let cases: &[(&[u64], u64)] = &[
            (&[], 0),
            (&[7], 7),
            (&[1, 2], 2),
            (&[1, 4], 3),
            (&[2, 4], 3),
            (&[5, 5], 5),
            (&[1, 2, 9], 2),
            (&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 6),
            (&[u64::MAX - 1, u64::MAX], u64::MAX),
        ];
        for (sorted, expected) in cases {
            assert_eq!(median(sorted), *expected, "{sorted:?}");
        }
        assert_eq!(median(&up_to(100)), 51);
    }

    #[test]
    fn beyond_counts_the_samples_farther_out_than_a_percentile() {
        let cases: &[(u64, f64, u64)] = &[
            (0, 0.5, 0),
            (0, 0.1, 0),
            (1, 0.5, 0),
            (2, 0.5, 1),
            (10, 0.9, 1),
            (100, 0.9, 10),
            (100, 0.99, 1),
            (999, 0.99, 9),
            (1_000, 0.99, 10),
            (10_000, 0.999, 10),
            (100, 0.1, 9),
            (101, 0.1, 10),
        ];
        for &(count, q, expected) in cases {
            assert_eq!(beyond(count, q), expected, "q {q} of {count}");
        }
    }

    #[test]
    fn the_interval_of_a_median_is_the_pair_that_the_tables_give() {
        // From P(binomial(n, 1/2) <= low - 1) <= 2.5 %: n, and the rank of the lower end.
        let cases: &[(u64, u64)] = &[
            (6, 1),  // 1/64
            (8, 1),  // 9/256 would be 3.5 %
            (9, 2),  // 10/512
            (10, 2), // 11/1024
            (11, 2),
            (12, 3), // 79/4096
            (20, 6),
            (25, 8),
            (30, 10),
            (50, 18),
            (60, 22),
            (100, 40),
        ];
        for &(n, low) in cases {
            let estimate = median_of_rounds(&up_to(n)).unwrap();
            assert_eq!(estimate.interval, Some((low, n + 1 - low)), "n = {n}");
        }
    }

    #[test]
    fn a_few_rounds_have_a_median_but_no_interval() {
        assert_eq!(median_of_rounds(&[]), None);
        for (values, value) in [(&[5][..], 5), (&[9, 4], 7), (&[3, 1, 2, 5, 4], 3)] {
            let expected = MedianEstimate { value, interval: None };
            assert_eq!(median_of_rounds(values), Some(expected));
            assert_eq!(expected.half_width(), None);
        }
    }

    #[test]
    fn the_order_of_the_rounds_does_not_matter() {
        let estimate = median_of_rounds(&[10, 2, 7, 1, 4, 6, 5, 9, 3, 38]).unwrap();
        assert_eq!(estimate, MedianEstimate { value: 6, interval: Some((2, 10)) });
        assert_eq!(estimate.half_width(), Some(4));
    }

    #[test]
    fn the_trim_agrees_with_whole_number_binomials_for_every_small_n() {
        for n in 0..=120_usize {
            let mut row = vec![1_u128];
            for k in 1..=n {
                row.push(row[k - 1] * (n - k + 1) as u128 / k as u128);
            }
            let mut below = 0;
            let fits = row.iter().take_while(|ways| {
                below += **ways;
                below * 40 <= 1_u128 << n
            });
            assert_eq!(trimmed(n), fits.count().checked_sub(1), "n = {n}");
        }
    }

    #[test]
    fn the_trim_of_many_rounds_follows_the_normal_curve() {
        for n in [1_000_usize, 1_001, 99_999, 100_000, 1_000_000] {
            let near = real(n as u64) / 2.0 - 1.959_964 * real(n as u64).sqrt() / 2.0;
            let trim = real(trimmed(n).unwrap() as u64);
            assert!((trim + 0.5 - near).abs() <= 1.0, "n = {n}: {trim} against {near}");
        }
    }
}
