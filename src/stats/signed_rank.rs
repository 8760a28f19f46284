//! Wilcoxon's signed ranks: the sums of ranks, their distribution when signs are fair coins, and
//! what follows from it: p-values, and how far an interval reaches.

use super::{FEWEST_ROUNDS, ONE_SIDE, real, whole};

/// Up to so many differences the distribution is exact, beyond it is the normal approximation with
/// continuity correction: off by less than 0.001 there, and by less than 0.0003 in the tails.
const EXACT_UP_TO: usize = 100;

/// The standard normal's 97.5 % point.
pub(super) const NORMAL_QUANTILE: f64 = 1.959_963_984_540_054;

/// Two-sided p of the signed-rank test: how often fair signs give so uneven rank sums. 1 if there
/// is nothing but zeros.
///
/// Ties get their mid-rank, and the distribution is that of these very ranks, so the test stays
/// exact with ties. Zeros are dropped, as Wilcoxon did, not ranked as Pratt proposed: they say
/// nothing about the direction, and given the others the signs are still fair coins.
#[must_use]
pub fn signed_rank_p(differences: &[f64]) -> f64 {
    let ranks = SignedRanks::of(differences);
    (2.0 * ranks.chance_at_most(ranks.above.min(ranks.below))).min(1.0)
}

/// Differences as ranks of their sizes, all doubled, so that mid-ranks are whole.
pub(super) struct SignedRanks {
    doubled: Vec<usize>,
    above: usize,
    below: usize,
}

impl SignedRanks {
    /// Ranks finite differences, zeros left out.
    pub(super) fn of(differences: &[f64]) -> Self {
        let mut sorted: Vec<f64> = differences.iter().copied().filter(|d| *d != 0.0).collect();
        sorted.sort_by(|a, b| a.abs().total_cmp(&b.abs()));
        let mut ranks = Self { doubled: Vec::with_capacity(sorted.len()), above: 0, below: 0 };
        for tied in sorted.chunk_by(|a, b| a.abs().total_cmp(&b.abs()).is_eq()) {
            let rank = 2 * ranks.doubled.len() + tied.len() + 1;
            for difference in tied {
                let sum = if *difference > 0.0 { &mut ranks.above } else { &mut ranks.below };
                *sum += rank;
                ranks.doubled.push(rank);
            }
        }
        ranks
    }

    /// One-sided p for "the differences lie above 0".
    pub(super) fn p_above(&self) -> f64 {
        self.chance_at_most(self.below)
    }

    /// How often the ranks that a fair coin picks sum to at most `doubled_sum`.
    fn chance_at_most(&self, doubled_sum: usize) -> f64 {
        if self.doubled.len() <= EXACT_UP_TO {
            let ways: f64 = ways_to_sum(&self.doubled, doubled_sum).iter().sum();
            return ways / all_ways(self.doubled.len());
        }
        // The variance of the sum of coin-picked ranks holds every correction for ties.
        let mean = real(self.doubled.iter().sum::<usize>() as u64) / 2.0;
        let squares: f64 = self.doubled.iter().map(|rank| real(*rank as u64).powi(2)).sum();
        let half_a_rank = 1.0;
        normal_at_most((real(doubled_sum as u64) + half_a_rank - mean) / (squares / 4.0).sqrt())
    }
}

/// Which of the Walsh averages of `n` differences bound the 95 % interval: the k-th smallest and
/// the k-th largest. `None` below [`FEWEST_ROUNDS`].
pub(super) fn interval_rank(n: usize) -> Option<u64> {
    if n < FEWEST_ROUNDS {
        return None;
    }
    if n <= EXACT_UP_TO {
        return Some(exact_interval_rank(n));
    }
    let n = real(n as u64);
    let (mean, variance) = (n * (n + 1.0) / 4.0, n * (n + 1.0) * (2.0 * n + 1.0) / 24.0);
    Some(whole(mean + 0.5 - NORMAL_QUANTILE * variance.sqrt()))
}

/// How many rank sums, from 0 up, are reached in at most 2.5 % of all ways.
fn exact_interval_rank(n: usize) -> u64 {
    let ranks: Vec<usize> = (1..=n).collect();
    let mut ways = 0.0;
    let outside = ways_to_sum(&ranks, n * (n + 1) / 4).into_iter().take_while(|more| {
        ways += more;
        ways <= ONE_SIDE * all_ways(n)
    });
    outside.count() as u64
}

/// In how many ways some of the ranks sum to 0, 1, and so on up to `limit`.
fn ways_to_sum(ranks: &[usize], limit: usize) -> Vec<f64> {
    let mut ways = vec![0.0; limit + 1];
    ways[0] = 1.0;
    let mut reached = 0;
    for &rank in ranks {
        reached = limit.min(reached + rank);
        let without = ways.clone();
        for (with, without) in ways[..=reached].iter_mut().skip(rank).zip(&without) {
            *with += without;
        }
    }
    ways
}

/// In how many ways one can pick from `n` ranks.
fn all_ways(n: usize) -> f64 {
    (0..n).fold(1.0, |ways, _| ways * 2.0)
}

/// The chance that a standard normal number is at most `z`.
pub(super) fn normal_at_most(z: f64) -> f64 {
    if z > 0.0 { 1.0 - normal_beyond(z) } else { normal_beyond(-z) }
}

/// The chance of a standard normal number beyond `z`, which is not negative: the power series near
/// the middle, and the continued fraction where the series would cancel out.
fn normal_beyond(z: f64) -> f64 {
    let density = (-z * z / 2.0).exp() / std::f64::consts::TAU.sqrt();
    if z >= 3.0 {
        return density / (1..=60).rev().fold(z, |rest, k| z + f64::from(k) / rest);
    }
    let (mut term, mut sum) = (z, z);
    for k in 1..60 {
        term *= z * z / f64::from(2 * k + 1);
        sum += term;
    }
    0.5 - density * sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64, what: &str) {
        assert!((found - expected).abs() < 1e-9, "{what}: {found}, not {expected}");
    }

    /// 1 to n, with a minus before each of `negative`.
    fn signed(n: u32, negative: &[u32]) -> Vec<f64> {
        (1..=n).map(|d| if negative.contains(&d) { -f64::from(d) } else { f64::from(d) }).collect()
    }

    #[test]
    fn the_test_gives_what_counting_by_hand_gives() {
        let cases: &[(&str, Vec<f64>, f64)] = &[
            ("nothing", vec![], 1.0),
            ("only zeros", vec![0.0, -0.0], 1.0),
            ("one", vec![3.0], 1.0),
            ("two that agree", vec![3.0, 4.0], 0.5),
            ("two that do not", vec![-3.0, 4.0], 1.0),
            ("five that agree", signed(5, &[]), 2.0 / 32.0),
            ("six that agree", signed(6, &[]), 2.0 / 64.0),
            ("six, all below", signed(6, &[1, 2, 3, 4, 5, 6]), 2.0 / 64.0),
            ("ten, 8 against", signed(10, &[8]), 50.0 / 1024.0),
            ("ten, 1 and 7 against", signed(10, &[1, 7]), 50.0 / 1024.0),
            ("ten, split evenly but for one", signed(10, &[1, 2, 3, 4, 7, 10]), 1.0),
        ];
        for (what, differences, expected) in cases {
            close(signed_rank_p(differences), *expected, what);
        }
    }

    #[test]
    fn ties_share_their_ranks_and_zeros_are_dropped() {
        // Six ranks of 3.5: at most one below has 1 + 6 of 64 ways.
        close(signed_rank_p(&[1.0, 1.0, 1.0, 1.0, 1.0, -1.0]), 14.0 / 64.0, "all tied");
        // Ranks 1.5, 1.5, 3, 4: sums up to 1.5 have 1 + 2 of 16 ways.
        close(signed_rank_p(&[-2.0, 2.0, 5.0, 6.0]), 6.0 / 16.0, "two tied");
        close(signed_rank_p(&[0.0, -2.0, 2.0, 0.0, 5.0, 6.0]), 6.0 / 16.0, "two tied, two zeros");
    }

    #[test]
    fn many_differences_give_nearly_the_exact_p() {
        let exact = SignedRanks::of(&signed(100, &[]));
        let mut longer = SignedRanks::of(&signed(100, &[]));
        longer.doubled.push(0); // one rank more that weighs nothing takes the other way
        for sum in [1_300, 1_600, 1_800, 1_955, 2_100, 2_200, 2_400, 2_525, 2_800, 3_095] {
            let (p, near) = (exact.chance_at_most(2 * sum), longer.chance_at_most(2 * sum));
            let allowed = if p < 0.03 { 3e-4 } else { 1e-3 };
            assert!((p - near).abs() < allowed, "{sum}: {p} against {near}");
        }
    }

    #[test]
    fn a_thousand_differences_are_judged_without_overflow_or_underflow() {
        let p = signed_rank_p(&signed(1_000, &[]));
        assert!(p > 0.0 && p < 1e-100, "{p}");
        let alternating: Vec<u32> = (1..=1_000).filter(|d| d % 4 < 2).collect();
        assert!(signed_rank_p(&signed(1_000, &alternating)) > 0.99);
    }

    #[test]
    fn the_interval_reaches_as_far_as_the_published_critical_values() {
        // n, and the largest rank sum that is significant at 5 % two-sided.
        let published = [(6, 0), (7, 2), (8, 3), (9, 5), (10, 8), (15, 25), (20, 52), (25, 89)];
        let larger = [(30, 137), (50, 434), (100, 1_955)];
        for (n, critical) in published.into_iter().chain(larger) {
            assert_eq!(interval_rank(n), Some(critical + 1), "n = {n}");
        }
        assert_eq!(interval_rank(5), None);
    }

    #[test]
    fn the_approximate_interval_is_the_exact_one_or_a_trifle_wider() {
        for n in [101, 150, 220, 300] {
            let (exact, near) = (exact_interval_rank(n), interval_rank(n).unwrap());
            assert!(near <= exact && exact - near <= 2, "n = {n}: {near}, exactly {exact}");
        }
    }

    #[test]
    fn the_normal_curve_is_right_on_both_sides_of_its_seam() {
        let cases = [
            (0.0, 0.5),
            (-1.0, 0.158_655_253_931_457),
            (1.0, 0.841_344_746_068_543),
            (-NORMAL_QUANTILE, 0.025),
            (-2.999_999_999, 0.001_349_898_036_062),
            (-3.0, 0.001_349_898_031_630),
            (-6.0, 9.865_876_450e-10),
        ];
        for (z, expected) in cases {
            let found = normal_at_most(z);
            assert!((found / expected - 1.0).abs() < 1e-9, "{z}: {found}, not {expected}");
        }
    }
}
