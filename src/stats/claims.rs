//! Which differences may be claimed in a sentence: the minimum-effect test of one claim, and the
//! correction that lets all the claims of a run hold together.

use super::paired::WalshAverages;
use super::signed_rank::SignedRanks;

/// Two-sided p that the true ratio lies outside [1/(1+margin), 1+margin], from paired log ratios:
/// twice the one-sided signed-rank p after a shift of ln(1+margin) towards zero. 1 if the
/// Hodges-Lehmann estimate itself lies within the margin, or if there are no rounds.
///
/// A socket that is measured against itself moves by a little, and enough rounds make any trifle
/// significant; so a difference has to exceed the margin, or else it is never claimed.
#[must_use]
pub fn difference_p(log_ratios: &[f64], margin: f64) -> f64 {
    let Some(walsh) = WalshAverages::of(log_ratios) else { return 1.0 };
    let (estimate, shift) = (walsh.median(), margin.ln_1p());
    if estimate.abs() <= shift {
        return 1.0;
    }
    let excess: Vec<f64> =
        log_ratios.iter().map(|ratio| ratio * estimate.signum() - shift).collect();
    (2.0 * SignedRanks::of(&excess).p_above()).min(1.0)
}

/// Which null hypotheses are rejected, in the order of the input, so that the chance of even one
/// false rejection among all of them stays at most `alpha` (Holm's step-down procedure).
#[must_use]
pub fn holm(p_values: &[f64], alpha: f64) -> Vec<bool> {
    let mut by_p: Vec<usize> = (0..p_values.len()).collect();
    by_p.sort_by(|a, b| p_values[*a].total_cmp(&p_values[*b]));
    let mut rejected = vec![false; p_values.len()];
    let mut left = super::real(p_values.len() as u64);
    for claim in by_p {
        // A p that is no number fails the comparison, and ends the rejections as it should.
        if p_values[claim] * left <= alpha {
            rejected[claim] = true;
            left -= 1.0;
        } else {
            break;
        }
    }
    rejected
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::paired_ratio;

    #[test]
    fn a_difference_within_the_margin_is_never_claimed() {
        for ratio in [1.0_f64, 1.009, 0.992] {
            let p = difference_p(&[ratio.ln(); 100], 0.01);
            assert!((p - 1.0).abs() < f64::EPSILON, "{ratio}: {p}");
        }
        assert!((difference_p(&[], 0.01) - 1.0).abs() < f64::EPSILON);
    }

    #[test]
    fn a_difference_beyond_the_margin_is_judged_by_its_signed_ranks() {
        let halves = |count: i32| 2.0_f64.powi(1 - count);
        for (rounds, expected) in [(1, 1.0), (2, 0.5), (10, halves(10)), (100, halves(100))] {
            for ratio in [1.05_f64, 1.0 / 1.05] {
                let p = difference_p(&vec![ratio.ln(); rounds], 0.01);
                assert!((p / expected - 1.0).abs() < 1e-12, "{rounds} x {ratio}: {p}");
            }
        }
    }

    #[test]
    fn both_directions_are_judged_alike_and_the_margin_costs_evidence() {
        let log_ratios = [0.02, 0.05, 0.04, -0.01, 0.03, 0.015, 0.005, 0.06];
        let turned: Vec<f64> = log_ratios.iter().map(|d| -d).collect();
        let (with, without) = (difference_p(&log_ratios, 0.01), difference_p(&log_ratios, 0.0));
        assert!((with - difference_p(&turned, 0.01)).abs() < f64::EPSILON);
        // Below zero without a margin: -0.01, of rank 2; sums up to 2 have 3 of 256 ways.
        assert!((without - 6.0 / 256.0).abs() < 1e-12, "{without}");
        // Less ln 1.01 there are two, of ranks 1 and 4; sums up to 5 have 10 of 256 ways.
        assert!((with - 20.0 / 256.0).abs() < 1e-12, "{with}");
    }

    #[test]
    fn holm_steps_down_and_stops_at_the_first_that_fails() {
        let cases: &[(&[f64], &[bool])] = &[
            (&[], &[]),
            (&[0.05], &[true]),
            (&[0.051], &[false]),
            (&[0.04, 0.02], &[true, true]),
            (&[0.04, 0.03], &[false, false]),
            (&[0.01, 0.04, 0.03, 0.005], &[true, false, false, true]),
            (&[0.01, 0.01, 0.01, 0.01], &[true, true, true, true]),
            (&[f64::NAN, 0.001], &[false, true]),
        ];
        for (p_values, expected) in cases {
            assert_eq!(holm(p_values, 0.05), *expected, "{p_values:?}");
        }
        let hundred: Vec<f64> = (1..=100).map(|i| f64::from(i) * 1e-4).collect();
        // 0.0001 x 100, 0.0002 x 99, and so on: 0.0005 x 96 passes, 0.0006 x 95 does not.
        assert_eq!(holm(&hundred, 0.05).iter().filter(|rejected| **rejected).count(), 5);
    }

    /// A small generator of our own (xorshift64*), so that a seed means the same run for ever.
    struct Noise(u64);

    impl Noise {
        fn uniform(&mut self) -> f64 {
            self.0 ^= self.0 >> 12;
            self.0 ^= self.0 << 25;
            self.0 ^= self.0 >> 27;
            let bits = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32;
            (f64::from(u32::try_from(bits).unwrap()) + 0.5) / 4_294_967_296.0
        }

        fn normal(&mut self) -> f64 {
            (-2.0 * self.uniform().ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos()
        }

        /// Sixty round medians with log-normal noise of 3 %.
        fn rounds(&mut self, middle: f64) -> Vec<f64> {
            (0..60).map(|_| middle * (0.03 * self.normal()).exp()).collect()
        }

        /// Eight claims of which the first has that true ratio, and which of them are made.
        fn claims(&mut self, first: f64) -> Vec<bool> {
            let mut p_of = |ratio: f64| {
                let (a, b) = (self.rounds(ratio), self.rounds(1.0));
                let log_ratios: Vec<f64> = a.iter().zip(&b).map(|(a, b)| (a / b).ln()).collect();
                difference_p(&log_ratios, 0.01)
            };
            let p_values: Vec<f64> =
                (0..8).map(|claim| p_of(if claim == 0 { first } else { 1.0 })).collect();
            holm(&p_values, 0.05)
        }
    }

    #[test]
    fn the_interval_of_a_ratio_covers_the_truth_in_95_of_100_runs() {
        let mut noise = Noise(0x5EED_50C6_E7E5_0001);
        let covered = (0..2_000)
            .filter(|_| {
                let (a, b) = (noise.rounds(20_000.0), noise.rounds(20_000.0));
                paired_ratio(&a, &b).unwrap().interval.unwrap().holds(1.0)
            })
            .count();
        assert!((1_840..=1_960).contains(&covered), "{covered} of 2000");
    }

    #[test]
    fn no_claim_is_made_where_nothing_differs() {
        let mut noise = Noise(0x5EED_50C6_E7E5_0002);
        let wrong = (0..500).filter(|_| noise.claims(1.0).contains(&true)).count();
        assert!(wrong < 5, "{wrong} of 500 runs");
    }

    #[test]
    fn a_true_difference_of_5_percent_is_found_among_eight_claims() {
        let mut noise = Noise(0x5EED_50C6_E7E5_0003);
        let claims: Vec<Vec<bool>> = (0..500).map(|_| noise.claims(1.05)).collect();
        let found = claims.iter().filter(|run| run[0]).count();
        let wrong = claims.iter().filter(|run| run[1..].contains(&true)).count();
        assert!(found > 495 && wrong < 5, "{found} found, {wrong} wrong, of 500 runs");
    }
}
