//! Labels at the ends of lines: each as near to its line as the others allow. Pure.

/// Moves places apart so that neighbours are at least `gap` from each other and all lie from `low` to
/// `high`. Their order stays, and the sum of the squared ways is as small as it can be. Where there is no
/// room for all, they stand evenly from `low` to `high`.
pub(super) fn spread(wanted: &[f64], gap: f64, (low, high): (f64, f64)) -> Vec<f64> {
    let mut order: Vec<_> = (0..wanted.len()).collect();
    order.sort_by(|&a, &b| wanted[a].total_cmp(&wanted[b]));
    let gap = gap.min((high - low) / real(wanted.len().saturating_sub(1).max(1)));
    // Less their shares of the gaps, the places need only not fall: neighbours that do are pooled at
    // their mean.
    let mut pools: Vec<(f64, usize)> = Vec::new();
    for (rank, &index) in order.iter().enumerate() {
        let mut pool = (wanted[index] - real(rank) * gap, 1);
        while let Some(&(mean, count)) = pools.last().filter(|(mean, _)| *mean > pool.0) {
            pools.pop();
            let both = count + pool.1;
            pool = ((mean * real(count) + pool.0 * real(pool.1)) / real(both), both);
        }
        pools.push(pool);
    }
    let highest = (high - real(wanted.len().saturating_sub(1)) * gap).max(low);
    let means = pools.iter().flat_map(|&(mean, count)| std::iter::repeat_n(mean, count));
    let mut places = vec![0.0; wanted.len()];
    for (rank, (mean, index)) in means.zip(order).enumerate() {
        places[index] = mean.clamp(low, highest) + real(rank) * gap;
    }
    places
}

/// A small number as a real one.
#[expect(clippy::cast_precision_loss, reason = "nobody draws 2^52 of anything")]
pub(super) const fn real(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn labels_with_room_stay_and_those_without_share_it() {
        assert!(spread(&[], 10.0, (0.0, 100.0)).is_empty());
        assert_eq!(spread(&[30.0, 10.0], 10.0, (0.0, 100.0)), [30.0, 10.0]);
        assert_eq!(spread(&[50.0, 50.0], 10.0, (0.0, 100.0)), [45.0, 55.0]);
        assert_eq!(spread(&[98.0, 99.0, 5.0], 10.0, (0.0, 100.0)), [90.0, 100.0, 5.0]);
        assert_eq!(spread(&[1.0, 1.0, 1.0], 10.0, (0.0, 10.0)), [0.0, 5.0, 10.0]);
    }

    proptest! {
        #[test]
        fn labels_never_overlap_never_leave_and_keep_their_order(
            wanted in proptest::collection::vec(-50.0..450.0, 0..40),
            gap in 1.0..20.0,
        ) {
            let high = 40.0 * gap;
            let places = spread(&wanted, gap, (0.0, high));
            for (a, &place) in places.iter().enumerate() {
                prop_assert!((-1e-9..=high + 1e-9).contains(&place), "{place}");
                for b in 0..a {
                    prop_assert!((place - places[b]).abs() >= gap - 1e-9, "{places:?}");
                    let swapped = (place - places[b]) * (wanted[a] - wanted[b]) < 0.0;
                    prop_assert!(!swapped, "{places:?}");
                }
            }
        }
    }
}
