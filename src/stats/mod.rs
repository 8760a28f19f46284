//! The statistics: histogram, medians with intervals, paired ratios, verdicts. All of it is pure
//! and distribution-free. A round is the unit of evidence; means never decide anything.

mod claims;
mod histogram;
mod median;
mod paired;
mod selection;
mod shape;
mod shift;
mod signed_rank;

pub use claims::{difference_p, holm};
pub use histogram::Histogram;
pub use median::{MedianEstimate, beyond, median, median_of, median_of_rounds, percentile};
pub use paired::{PairedRatio, PairedShift, paired_ratio, paired_shift};
pub use shape::{drift, has_two_modes, log_edges};
pub use shift::{Shift, shift, shift_p};
pub use signed_rank::signed_rank_p;

/// What an interval of 95 % leaves out at either side.
const ONE_SIDE: f64 = 0.025;

/// The fewest rounds that support an interval: of five, even the smallest to the largest covers
/// the median in only 93.75 % of all runs.
pub const FEWEST_ROUNDS: usize = 6;

/// The fewest samples that must lie beyond a percentile before it is a number and not a dash.
pub const FEWEST_BEYOND: u64 = 10;

/// A closed interval that holds the true value in at least 95 % of all runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Interval {
    /// The larger of the two sides as seen from `value`: what is printed after a ±.
    #[must_use]
    pub fn half_width_around(&self, value: f64) -> f64 {
        (value - self.low).max(self.high - value)
    }

    /// That of one over the value; both ends are above 0.
    #[must_use]
    pub fn inverted(&self) -> Self {
        Self { low: 1.0 / self.high, high: 1.0 / self.low }
    }

    /// Does `value` lie within, the ends included?
    #[must_use]
    pub fn holds(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }
}

/// A count as a real number.
#[expect(clippy::cast_precision_loss, reason = "counts and nanoseconds stay far below 2^53")]
const fn real(count: u64) -> f64 {
    count as f64
}

/// The whole part of a number; 0 for what is negative or no number.
#[expect(clippy::cast_possible_truncation, reason = "the whole part is what is asked for")]
#[expect(clippy::cast_sign_loss, reason = "below 0 it saturates")]
const fn whole(value: f64) -> u64 {
    value as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_holds_its_ends_and_shows_its_longer_side() {
        let interval = Interval { low: 0.75, high: 1.5 };
        for (value, held) in [(0.74, false), (0.75, true), (1.0, true), (1.5, true), (1.51, false)]
        {
            assert_eq!(interval.holds(value), held, "{value}");
        }
        assert!(!interval.holds(f64::NAN));
        assert!((interval.half_width_around(1.0) - 0.5).abs() < 1e-15);
        assert!((interval.half_width_around(1.25) - 0.5).abs() < 1e-15);
        assert_eq!(Interval { low: 0.5, high: 4.0 }.inverted(), Interval { low: 0.25, high: 2.0 });
    }
}
