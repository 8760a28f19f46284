//! Signs that one number does not tell the whole story: a drift over the rounds, and two humps.

use super::{FEWEST_ROUNDS, real, whole};

/// How much larger the second half's median is than the first half's, as a share: 0.07 means 7 %
/// slower. The middle one of an odd count belongs to neither. `None` below [`FEWEST_ROUNDS`]
/// rounds, or if the first half's median is not positive.
#[must_use]
pub fn drift(rounds: &[f64]) -> Option<f64> {
    if rounds.len() < FEWEST_ROUNDS {
        return None;
    }
    let half = rounds.len() / 2;
    let (first, second) = (middle(&rounds[..half]), middle(&rounds[rounds.len() - half..]));
    (first > 0.0).then(|| second / first - 1.0)
}

/// The median of some numbers, of which there is at least one.
fn middle(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    f64::midpoint(sorted[(sorted.len() - 1) / 2], sorted[sorted.len() / 2])
}

/// Edges from at most `low` to above `high`, `per_tenfold` of them to every factor of ten, rising
/// strictly (narrow steps below some nanoseconds fall together).
#[must_use]
pub fn log_edges(low: u64, high: u64, per_tenfold: u32) -> Vec<u64> {
    let steps = f64::from(per_tenfold.max(1));
    let mut step = (real(low.max(1)).log10() * steps).floor();
    let mut edges = vec![whole(10_f64.powf(step / steps)).min(low)];
    while edges[edges.len() - 1] <= high && edges[edges.len() - 1] < 1 << 60 {
        step += 1.0;
        edges.push(whole(10_f64.powf(step / steps).round()));
        edges.dedup();
    }
    edges
}

/// The share of all samples that a hump must hold.
const HUMP_SHARE: f64 = 0.15;

/// Are there two clear humps? `buckets` are counts over log-spaced edges, each some percent wide
/// and wider than a tick of the clock ([`log_edges`] with 40 to a tenfold gives 6 %).
///
/// Somewhere between two peaks there is a dip of less than half the smaller one, by more than
/// chance would give, and what rises above the dip around each peak holds 15 % of all samples.
#[must_use]
pub fn has_two_modes(buckets: &[u64]) -> bool {
    let total = real(buckets.iter().sum());
    // Sums of three neighbours, for single buckets are ragged.
    let smooth: Vec<u64> = (0..buckets.len())
        .map(|at| buckets[at.saturating_sub(1)..buckets.len().min(at + 2)].iter().sum())
        .collect();
    (0..smooth.len()).any(|dip| {
        let (left, right) = (0..dip, dip + 1..smooth.len());
        [left, right].into_iter().all(|side| {
            hump(&smooth, side, smooth[dip])
                .is_some_and(|hump| real(buckets[hump].iter().sum()) >= HUMP_SHARE * total)
        })
    })
}

/// The buckets around the highest of one side that rise above the dip, if that peak is clearly
/// more than twice as high: by three standard deviations of counts that small.
fn hump(
    smooth: &[u64],
    side: std::ops::Range<usize>,
    dip: u64,
) -> Option<std::ops::RangeInclusive<usize>> {
    let peak = side.clone().max_by_key(|at| smooth[*at])?;
    let (height, dip_height) = (real(smooth[peak]), real(dip));
    if height - 2.0 * dip_height <= 3.0 * (height + 4.0 * dip_height).sqrt() {
        return None;
    }
    let rises = |at: &usize| smooth[*at] > dip;
    let first = (side.start..=peak).rev().take_while(rises).last()?;
    let last = (peak..side.end).take_while(rises).last()?;
    Some(first..=last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drift_compares_the_halves_medians() {
        let rising: Vec<f64> = (1..=100).map(f64::from).collect();
        let cases: &[(&[f64], Option<f64>)] = &[
            (&[], None),
            (&[1.0], None),
            (&[1.0, 2.0], None),
            (&[1.0, 1.0, 1.0, 2.0, 2.0], None),
            (&[2.0, 2.0, 2.0, 3.0, 3.0, 3.0], Some(0.5)),
            (&[2.0, 2.0, 2.0, 900.0, 3.0, 3.0, 3.0], Some(0.5)),
            (&[4.0, 4.0, 4.0, 4.0, 900.0, 3.0, 3.0, 3.0, 3.0, 900.0], Some(-0.25)),
            (&[0.0; 6], None),
            (&rising, Some(75.5 / 25.5 - 1.0)),
        ];
        for (rounds, expected) in cases {
            match (drift(rounds), expected) {
                (Some(found), Some(expected)) => {
                    assert!((found - expected).abs() < 1e-12, "{rounds:?}: {found}");
                }
                (found, expected) => assert_eq!(found, *expected, "{rounds:?}"),
            }
        }
    }

    #[test]
    fn log_edges_rise_strictly_and_take_in_both_ends() {
        assert_eq!(log_edges(10, 1_000, 1), [10, 100, 1_000, 10_000]);
        assert_eq!(log_edges(15, 60, 3), [10, 22, 46, 100]);
        for (low, high) in [(0, 0), (0, 5), (1, 1), (7, 7), (999, 1_001), (1, 60_000_000_000)] {
            let edges = log_edges(low, high, 40);
            assert!(edges[0] <= low && edges[edges.len() - 1] > high, "{low}..{high}");
            assert!(edges.windows(2).all(|pair| pair[0] < pair[1]), "{edges:?}");
        }
    }

    #[test]
    fn two_humps_are_told_from_one_and_from_a_tail() {
        let cases: &[(&str, &[u64], bool)] = &[
            ("nothing", &[], false),
            ("empty buckets", &[0; 10], false),
            ("one sample", &[0, 1, 0], false),
            ("two samples far apart", &[1, 0, 0, 0, 0, 1], false),
            ("ten samples, scattered", &[1, 0, 2, 0, 0, 3, 0, 0, 0, 2, 0, 1, 0, 1], false),
            ("a bell", &[1, 5, 20, 60, 100, 60, 20, 5, 1], false),
            ("a ragged bell", &[2, 9, 15, 40, 31, 70, 55, 90, 61, 66, 30, 38, 12, 9, 3], false),
            ("a plateau", &[50, 47, 52, 49, 55, 44, 51, 50, 48, 53], false),
            (
                "a long tail",
                &[0, 10, 300, 900, 500, 250, 130, 70, 40, 25, 15, 9, 6, 4, 2, 1, 1, 0, 1],
                false,
            ),
            (
                "a long tail with a bump of 3 %",
                &[0, 10, 300, 900, 500, 250, 130, 10, 2, 2, 20, 40, 10, 2, 1],
                false,
            ),
            (
                "a tail of 20 % with a small bump",
                &[0, 900, 100, 60, 50, 40, 30, 20, 10, 8, 2, 1, 0, 14, 20, 10, 0],
                false,
            ),
            ("a shallow dip", &[5, 50, 100, 90, 70, 65, 72, 90, 100, 50, 5], false),
            ("two bells", &[5, 50, 100, 50, 5, 0, 0, 5, 50, 100, 50, 5], true),
            ("four to one", &[20, 300, 400, 80, 5, 2, 0, 3, 20, 100, 70, 10], true),
            ("two bells over some noise", &[9, 60, 95, 60, 25, 14, 9, 15, 30, 70, 90, 50], true),
            ("two spikes", &[0, 500, 0, 0, 0, 0, 500, 0], true),
            ("three bells", &[5, 90, 5, 0, 0, 5, 90, 5, 0, 0, 5, 90, 5], true),
        ];
        for (what, buckets, expected) in cases {
            assert_eq!(has_two_modes(buckets), *expected, "{what}");
            let turned: Vec<u64> = buckets.iter().rev().copied().collect();
            assert_eq!(has_two_modes(&turned), *expected, "{what}, turned round");
        }
    }
}
