//! What the machine as a whole did between two sides. Runs of the same thing differ by 6 % and more
//! because everything is faster or slower for a while; that is no transport's doing.

use crate::stats::median_of;

/// Cases whose changes lie that close together (as logarithms) moved together.
const CLOSE: f64 = 0.048_790_164_169_432; // ln 1.05
/// So few cases cannot tell the machine's doing from a transport's.
pub const FEWEST: usize = 4;

/// What moved together.
#[derive(Clone, Debug, PartialEq)]
pub struct Common {
    /// Which cases, by their places in the list.
    pub anchors: Vec<usize>,
    /// By how much, as the logarithm of the ratio.
    pub shift: f64,
}

/// The cases that moved together, of the changes of all cases (logarithms of ratios); `None` where too
/// few did.
///
/// A third of the cases, and no fewer than three, must lie close together. Where several groups do, the
/// one nearest to no change at all is the machine: four of seven transports may well be slowed down by
/// one firewall rule, and the other three are not faster for that.
#[must_use]
pub fn common(changes: &[f64]) -> Option<Common> {
    if changes.len() < FEWEST {
        return None;
    }
    let mut sorted = changes.to_vec();
    sorted.sort_by(f64::total_cmp);
    let width = sorted.len().div_ceil(3).max(3);
    let middles = sorted
        .windows(width)
        .filter(|window| window[width - 1] - window[0] <= CLOSE)
        .filter_map(median_of);
    let middle = middles.min_by(|a, b| a.abs().total_cmp(&b.abs()))?;
    let near = |at: &usize| (changes[*at] - middle).abs() <= CLOSE;
    let anchors: Vec<_> = (0..changes.len()).filter(near).collect();
    let moved: Vec<_> = anchors.iter().map(|at| changes[*at]).collect();
    Some(Common { shift: median_of(&moved)?, anchors })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(ratios: &[f64]) -> Option<(f64, Vec<usize>)> {
        let logs: Vec<_> = ratios.iter().map(|ratio| ratio.ln()).collect();
        let round = |shift: f64| (shift.exp() * 1000.0).round() / 1000.0;
        common(&logs).map(|common| (round(common.shift), common.anchors))
    }

    #[test]
    fn what_moves_together_is_the_machine() {
        type Expected<'a> = Option<(f64, &'a [usize])>;
        let cases: &[(&str, &[f64], Expected<'_>)] = &[
            ("too few", &[1.0, 1.0, 1.0], None),
            (
                "nothing",
                &[1.0, 0.99, 1.01, 1.0, 0.98, 1.02, 1.0],
                Some((1.0, &[0, 1, 2, 3, 4, 5, 6])),
            ),
            (
                "one of seven",
                &[1.0, 1.15, 1.01, 0.99, 1.0, 1.01, 0.99],
                Some((1.0, &[0, 2, 3, 4, 5, 6])),
            ),
            ("four of seven", &[1.3, 1.31, 1.29, 1.3, 1.0, 1.01, 0.99], Some((1.0, &[4, 5, 6]))),
            (
                "four of seven, and the machine",
                &[1.37, 1.38, 1.36, 1.37, 1.05, 1.06, 1.04],
                Some((1.05, &[4, 5, 6])),
            ),
            (
                "all",
                &[1.12, 1.11, 1.13, 1.12, 1.1, 1.14, 1.12],
                Some((1.12, &[0, 1, 2, 3, 4, 5, 6])),
            ),
            (
                "all are faster",
                &[0.8, 0.81, 0.8, 0.79, 0.8, 0.81, 0.8],
                Some((0.8, &[0, 1, 2, 3, 4, 5, 6])),
            ),
            (
                "three, three and one",
                &[1.2, 1.21, 1.2, 1.0, 1.01, 1.0, 1.5],
                Some((1.0, &[3, 4, 5])),
            ),
            ("two groups of two", &[1.2, 1.21, 1.0, 1.01], None),
            ("everybody alone", &[0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4], None),
            ("four, one slower", &[1.0, 1.2, 1.01, 0.99], Some((1.0, &[0, 2, 3]))),
        ];
        for (what, ratios, expected) in cases {
            let expected = expected.map(|(shift, anchors)| (shift, anchors.to_vec()));
            assert_eq!(of(ratios), expected, "{what}");
        }
    }

    #[test]
    fn a_change_turned_round_is_the_same_change() {
        for ratios in [[1.3, 1.31, 1.29, 1.0, 1.01, 0.99, 1.02], [1.2; 7]] {
            let turned: Vec<_> = ratios.iter().map(|ratio: &f64| 1.0 / ratio).collect();
            let (there, back) = (of(&ratios).unwrap(), of(&turned).unwrap());
            assert!((there.0 * back.0 - 1.0).abs() < 2e-3, "{there:?} {back:?}");
            assert_eq!(there.1, back.1);
        }
    }
}
