//! Scales and their ticks: where a value stands, and which values are written beside an axis. Pure.

use super::labels::real;
use crate::report::words::{UNITS, Unit};

/// From values to places: linear in whatever the caller maps values to first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scale {
    /// The first and the last value.
    pub(super) values: (f64, f64),
    /// Where they stand.
    pub(super) places: (f64, f64),
}

impl Scale {
    /// Where a value stands.
    pub(super) fn at(&self, value: f64) -> f64 {
        let ((low, high), (from, to)) = (self.values, self.places);
        let share = if high > low { (value - low) / (high - low) } else { 0.5 };
        from + share * (to - from)
    }
}

/// A value that is written at an axis.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tick {
    /// The value, as the axis has it.
    pub(super) value: f64,
    /// What is written.
    pub(super) label: String,
}

/// The ends of a logarithmic axis for these times, with some air, as powers of ten of nanoseconds. It
/// spans at least a factor of 1.2, so that noise does not look like a mountain.
pub(super) fn log_ends(times: impl Iterator<Item = u64>) -> Option<(f64, f64)> {
    let log = |ns: u64| crate::measure::samples::to_f64(ns.max(1)).log10();
    let (low, high) = times.map(log).fold(None, |ends: Option<(f64, f64)>, value| {
        Some(ends.map_or((value, value), |(low, high)| (low.min(value), high.max(value))))
    })?;
    let air = (high - low).mul_add(0.04, 0.01).max((1.2_f64.log10() - (high - low)) / 2.0);
    Some((low - air, high + air))
}

/// Ticks of a logarithmic axis of times between these powers of ten, at most so many: in steps of
/// 1-2-5, or in decades where that would be too many, or evenly where an axis spans too little.
pub(super) fn time_ticks((low, high): (f64, f64), most: usize, unit: Option<Unit>) -> Vec<Tick> {
    let within = |factors: &[f64], every: i32| {
        let decades = whole(low.floor())..=whole(high.ceil());
        let decades = decades.filter(|decade| decade.rem_euclid(every) == 0);
        let values =
            decades.flat_map(|decade| factors.iter().map(move |f| f * 10_f64.powi(decade)));
        // There is nothing shorter than a nanosecond.
        let inside = |ns: &f64| (low..=high).contains(&ns.log10()) && *ns >= 1.0;
        values.filter(inside).collect::<Vec<_>>()
    };
    let ladders: [(&[f64], i32); 6] = [
        (&[1.0, 2.0, 5.0], 1),
        (&[1.0, 5.0], 1),
        (&[1.0], 1),
        (&[1.0], 2),
        (&[1.0], 3),
        (&[1.0], 6),
    ];
    let found = ladders.iter().map(|(factors, every)| within(factors, *every));
    let mut ticks = found.into_iter().find(|ticks| ticks.len() <= most).unwrap_or_default();
    if ticks.len() < 3 {
        ticks = even_values((10_f64.powf(low), 10_f64.powf(high)), most);
    }
    ticks.retain(|ns| *ns >= 1.0);
    let tick = |ns: f64| Tick { value: ns.log10(), label: time_label(ns, unit) };
    ticks.into_iter().map(tick).collect()
}

/// Evenly spaced values in steps of 1, 2 or 5 times a power of ten, at most so many of them.
pub(super) fn even_values((low, high): (f64, f64), most: usize) -> Vec<f64> {
    let rough = ((high - low) / real(most.max(1))).max(f64::MIN_POSITIVE);
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power);
    let step = step.into_iter().find(|step| *step >= rough * (1.0 - 1e-9)).unwrap_or(rough);
    let first = (low / step - 1e-9).ceil();
    let values = (0..=most).map(|index| (first + real(index)) * step);
    values.filter(|value| *value <= high + step * 1e-9).take(most).collect()
}

/// A time with as many digits as it takes and no more: "2 µs", "12.34 µs".
pub(super) fn time_label(ns: f64, unit: Option<Unit>) -> String {
    let suits = |unit: &&Unit| ns * (1.0 + 1e-9) >= unit.ns;
    let unit = unit.unwrap_or_else(|| *UNITS.iter().rev().find(suits).unwrap_or(&UNITS[0]));
    format!("{} {}", plain(ns / unit.ns), unit.name)
}

/// A number without zeros behind the last digit that counts.
pub(super) fn plain(value: f64) -> String {
    let text = format!("{value:.9}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Where a share of the samples stands: 0 is the smallest, 1 the 90th percentile, 2 the 99th.
pub(super) fn stretched(share: f64) -> f64 {
    -(1.0 - share).log10()
}

/// The percentiles up to that place, the most important first.
pub(super) fn percentile_ticks(last: f64) -> Vec<Tick> {
    let nines = (1..=whole(last.floor()).max(0)).map(|nines| {
        let percent = match nines {
            1 => "90".to_owned(),
            2 => "99".to_owned(),
            more => format!("99.{}", "9".repeat(usize::try_from(more - 2).unwrap_or(0))),
        };
        Tick { value: f64::from(nines), label: format!("p{percent}") }
    });
    let median = Tick { value: stretched(0.5), label: "p50".to_owned() };
    let minimum = Tick { value: 0.0, label: "min".to_owned() };
    std::iter::once(median)
        .filter(|tick| tick.value <= last + 1e-9)
        .chain(nines)
        .chain([minimum])
        .collect()
}

/// Of ticks side by side, the most important first, those whose words fit.
pub(super) fn fitting(ticks: Vec<Tick>, scale: &Scale) -> Vec<Tick> {
    let mut kept: Vec<Tick> = Vec::new();
    for tick in ticks {
        let half = |tick: &Tick| super::style::width_of(&tick.label, super::style::SMALL) / 2.0;
        let free = |other: &Tick| {
            let apart = (scale.at(other.value) - scale.at(tick.value)).abs();
            apart >= half(other) + half(&tick) + 5.0
        };
        if kept.iter().all(free) {
            kept.push(tick);
        }
    }
    kept
}

#[expect(clippy::cast_possible_truncation, reason = "powers of ten of times, which are few")]
fn whole(value: f64) -> i32 {
    value as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(low_ns: f64, high_ns: f64, most: usize) -> Vec<String> {
        let ticks = time_ticks((low_ns.log10(), high_ns.log10()), most, None);
        ticks.into_iter().map(|tick| tick.label).collect()
    }

    #[test]
    fn times_are_written_in_steps_of_one_two_five() {
        assert_eq!(labels(1_500.0, 60_000.0, 6), ["2 µs", "5 µs", "10 µs", "20 µs", "50 µs"]);
        assert_eq!(
            labels(300.0, 2e6, 8),
            ["500 ns", "1 µs", "5 µs", "10 µs", "50 µs", "100 µs", "500 µs", "1 ms"]
        );
        assert_eq!(labels(1.0, 5e9, 4), ["1 ns", "1 µs", "1 ms", "1 s"]);
        assert_eq!(labels(11_000.0, 14_500.0, 5), ["11 µs", "12 µs", "13 µs", "14 µs"]);
        assert_eq!(labels(2.2, 3.9, 5), ["2.5 ns", "3 ns", "3.5 ns"]);
    }

    #[test]
    fn ticks_lie_within_differ_and_are_neither_none_nor_too_many() {
        for exponent in 0..100 {
            let low = 10_f64.powf(f64::from(exponent) / 10.0);
            for factor in [1.2, 1.5, 2.0, 3.0, 7.0, 10.0, 40.0, 1e3, 1e6, 1e9] {
                let ends = (low.log10(), (low * factor).log10());
                let ticks = time_ticks(ends, 7, None);
                let told = format!("{low} times {factor}: {ticks:?}");
                assert!((2..=7).contains(&ticks.len()), "{told}");
                for (at, tick) in ticks.iter().enumerate() {
                    assert!((ends.0 - 1e-9..=ends.1 + 1e-9).contains(&tick.value), "{told}");
                    let same = ticks[..at].iter().any(|other| other.label == tick.label);
                    assert!(!same, "{told}");
                }
            }
        }
    }

    #[test]
    fn a_chosen_unit_is_the_unit_of_every_label() {
        let ticks = time_ticks((3.0, 6.0), 9, Some(UNITS[2]));
        let labels: Vec<_> = ticks.into_iter().map(|tick| tick.label).collect();
        assert_eq!(labels[..3], ["0.001 ms", "0.005 ms", "0.01 ms"]);
    }

    #[test]
    fn the_axis_of_percentiles_gives_each_nine_the_same_room() {
        let ticks = percentile_ticks(4.2);
        let labels: Vec<_> = ticks.iter().map(|tick| tick.label.as_str()).collect();
        assert_eq!(labels, ["p50", "p90", "p99", "p99.9", "p99.99", "min"]);
        assert!((stretched(0.9) - 1.0).abs() < 1e-9 && (stretched(0.999) - 3.0).abs() < 1e-9);
        assert!(percentile_ticks(0.1).iter().all(|tick| tick.label == "min"));
    }

    #[test]
    fn words_that_would_overlap_give_way_to_those_that_matter_more() {
        let scale = Scale { values: (0.0, 4.0), places: (0.0, 120.0) };
        let labels: Vec<_> =
            fitting(percentile_ticks(4.0), &scale).into_iter().map(|tick| tick.label).collect();
        assert_eq!(labels, ["p50", "p99", "p99.99"]);
    }

    #[test]
    fn an_axis_has_air_and_never_magnifies_noise() {
        let (low, high) = log_ends([1000, 1000].into_iter()).expect("values");
        assert!((high - low - 1.2_f64.log10()).abs() < 1e-9);
        let (low, high) = log_ends([1000, 100_000].into_iter()).expect("values");
        assert!(low < 3.0 && low > 2.8 && high > 5.0 && high < 5.2);
        assert_eq!(log_ends(std::iter::empty()), None);
    }
}
