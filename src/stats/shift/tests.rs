//! The two-sample shift against counting by hand, against published tables, and against the truth of
//! samples whose shift is known.

use super::*;
use proptest::prelude::*;

fn close(found: f64, expected: f64, what: &str) {
    assert!((found - expected).abs() < 1e-9, "{what}: {found}, not {expected}");
}

#[test]
fn the_shift_is_the_median_of_all_differences() {
    let cases: &[(&[f64], &[f64], f64)] = &[
        (&[3.0], &[1.0], 2.0),
        (&[1.0, 2.0], &[0.0, 4.0], -0.5),
        (&[5.0, 6.0, 7.0], &[1.0, 2.0, 3.0], 4.0),
        (&[5.0, 6.0, 900.0], &[1.0, 2.0, 3.0], 4.0),
        (&[1.0; 40], &[1.0; 50], 0.0),
    ];
    for (after, before, expected) in cases {
        close(shift(after, before).expect("values").estimate, *expected, "shift");
        close(shift(before, after).expect("values").estimate, -*expected, "turned round");
    }
    assert_eq!((shift(&[], &[1.0]), shift(&[1.0], &[])), (None, None));
}

#[test]
fn the_interval_reaches_as_far_as_the_published_critical_values() {
    // n, m and the largest Mann-Whitney U that is significant at 5 % two-sided.
    for (n, m, critical) in
        [(4, 4, 0), (5, 5, 2), (6, 6, 5), (8, 8, 13), (10, 10, 23), (7, 12, 18), (15, 15, 64)]
    {
        assert_eq!(interval_rank(n, m), Some(critical + 1), "{n} and {m}");
        assert_eq!(interval_rank(m, n), Some(critical + 1), "{m} and {n}");
    }
    assert_eq!((interval_rank(3, 3), interval_rank(1, 20)), (None, None));
    for (n, m, critical) in [(20, 20, 127), (16, 20, 98)] {
        let near = interval_rank(n, m).expect("an interval");
        assert!(near.abs_diff(critical + 1) <= 1, "{n} and {m}: {near}");
    }
}

#[test]
fn the_test_gives_what_counting_by_hand_gives() {
    let up = |from: i32, n: i32| (from..from + n).map(f64::from).collect::<Vec<_>>();
    for (after, before, expected) in [
        (up(10, 3), up(0, 3), 2.0 / 20.0),
        (up(10, 5), up(0, 5), 2.0 / 252.0),
        (vec![10.0, 2.5, 11.0], up(0, 4), 2.0 * 2.0 / 35.0),
        (up(0, 3), up(0, 3), 1.0),
    ] {
        close(shift_p(&after, &before, 0.0), expected, "p");
        close(shift_p(&before, &after, 0.0), expected, "p, turned round");
    }
    // Two of each tied: of 6 pairs of ranks 1.5, 1.5, 3.5, 3.5 one has the smallest sum.
    close(shift_p(&[2.0, 2.0], &[1.0, 1.0], 0.0), 2.0 / 6.0, "ties");
    close(shift_p(&[7.0; 40], &[7.0; 40], 0.0), 1.0, "nothing but ties");
    close(shift_p(&[], &[1.0], 0.0), 1.0, "nothing");
}

#[test]
fn a_shift_within_the_margin_is_never_claimed() {
    let (after, before) = ([0.05; 50], [0.0; 50]);
    close(shift_p(&after, &before, 0.05), 1.0, "at the margin");
    assert!(shift_p(&after, &before, 0.049) < 1e-10);
}

#[test]
fn many_values_give_nearly_the_exact_p() {
    let after: Vec<f64> = (0..15).map(|k| f64::from(k) * 1.07 + 3.3).collect();
    let before: Vec<f64> = (0..15).map(f64::from).collect();
    let exact = RankSum::of(&before, &after);
    let squares: f64 = exact.doubled.iter().map(|r| (real(*r as u64) - 31.0).powi(2)).sum();
    let variance = 15.0 * 15.0 / 30.0 * squares / 29.0;
    let near = normal_at_most((real(exact.first.1 as u64) + 1.0 - 15.0 * 31.0) / variance.sqrt());
    assert!((exact.chance_at_most() - near).abs() < 2e-3, "{near}, not {}", exact.chance_at_most());
}

/// A small generator of our own (xorshift64*), so that a seed means the same run for ever.
struct Noise(u64);

impl Noise {
    fn uniform(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let bits = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32;
        (f64::from(u32::try_from(bits).expect("32 bits")) + 0.5) / 4_294_967_296.0
    }

    /// Values around `middle` with a tail to the right, as round trips have it.
    fn sample(&mut self, n: usize, middle: f64) -> Vec<f64> {
        (0..n).map(|_| middle - 0.02 * self.uniform().ln() + 0.01 * self.uniform()).collect()
    }
}

#[test]
fn the_interval_covers_the_truth_in_95_of_100_samples() {
    let mut noise = Noise(0x5EED_50C6_E7E5_0011);
    for (n, m, runs) in [(8, 9, 4000), (20, 20, 2000), (60, 25, 1000)] {
        let covered = (0..runs)
            .filter(|_| {
                let (after, before) = (noise.sample(n, 0.14), noise.sample(m, 0.0));
                let found = shift(&after, &before).expect("values");
                found.interval.expect("an interval").holds(0.14)
            })
            .count();
        let share = real(covered as u64) / real(runs);
        assert!((0.94..=0.975).contains(&share), "{n} and {m}: {share}");
    }
}

#[test]
fn a_true_shift_within_the_margin_is_claimed_in_at_most_one_of_twenty() {
    let mut noise = Noise(0x5EED_50C6_E7E5_0012);
    let mut claimed = |truth: f64| {
        (0..500)
            .filter(|_| shift_p(&noise.sample(25, truth), &noise.sample(25, 0.0), 0.01) <= 0.05)
            .count()
    };
    let (at_the_margin, beyond) = (claimed(0.01), claimed(0.06));
    assert!(at_the_margin <= 25, "{at_the_margin} of 500");
    assert!(beyond >= 495, "{beyond} of 500");
}

proptest! {
    #[test]
    fn every_rank_is_that_of_the_sorted_differences(
        after in prop::collection::vec(-2.0_f64..2.0, 1..12),
        before in prop::collection::vec(-2.0_f64..2.0, 1..12),
    ) {
        let mut all: Vec<f64> =
            after.iter().flat_map(|a| before.iter().map(move |b| a - b)).collect();
        all.sort_by(f64::total_cmp);
        let differences = Differences::of(&after, &before).expect("values");
        for (rank, expected) in (1..).zip(&all) {
            prop_assert!((differences.nth(rank) - expected).abs() < 1e-300, "rank {}", rank);
        }
    }

    #[test]
    fn turning_the_samples_round_turns_everything_round(
        after in prop::collection::vec(-2.0_f64..2.0, 1..45),
        before in prop::collection::vec(-2.0_f64..2.0, 1..45),
        margin in 0.0_f64..0.5,
    ) {
        let there = shift(&after, &before).expect("values");
        let back = shift(&before, &after).expect("values");
        prop_assert!((there.estimate + back.estimate).abs() < 1e-12);
        if let (Some(there), Some(back)) = (there.interval, back.interval) {
            prop_assert!((there.low + back.high).abs() < 1e-12);
        }
        let (p, q) = (shift_p(&after, &before, margin), shift_p(&before, &after, margin));
        prop_assert!((p - q).abs() < 1e-9 && (0.0..=1.0).contains(&p), "{} and {}", p, q);
    }
}
