//! Numbers as people read them. Pure.

/// A unit of time and how many nanoseconds it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unit {
    /// As it is printed.
    pub name: &'static str,
    /// In nanoseconds.
    pub ns: f64,
}

/// The units, smallest first.
pub const UNITS: [Unit; 4] = [
    Unit { name: "ns", ns: 1.0 },
    Unit { name: "µs", ns: 1e3 },
    Unit { name: "ms", ns: 1e6 },
    Unit { name: "s", ns: 1e9 },
];

/// A unit with a fixed number of decimals: what a column has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// The unit.
    pub unit: Unit,
    /// Digits behind the point.
    pub decimals: usize,
}

impl Scale {
    /// Three significant digits for this value, in the unit that suits it or in a given one.
    #[must_use]
    pub fn for_smallest(ns: u64, unit: Option<Unit>) -> Self {
        let value = crate::measure::samples::to_f64(ns.max(1));
        let suits = |unit: &&Unit| value >= unit.ns;
        let unit = unit.unwrap_or_else(|| *UNITS.iter().rev().find(suits).unwrap_or(&UNITS[0]));
        let scaled = value / unit.ns;
        // 9.995 would be printed as 10.00: the next step begins where two decimals no longer suffice.
        let mut decimals = 0;
        let mut limit = 99.95;
        while unit.ns > 1.0 && scaled < limit && decimals < 9 {
            decimals += 1;
            limit /= 10.0;
        }
        Self { unit, decimals }
    }

    /// With fewer decimals, for values that vary more than they are large.
    #[must_use]
    pub fn coarser(self, by: usize) -> Self {
        Self { decimals: self.decimals.saturating_sub(by), ..self }
    }

    /// The number without its unit.
    #[must_use]
    pub fn number(self, ns: u64) -> String {
        let value = crate::measure::samples::to_f64(ns) / self.unit.ns;
        format!("{value:.*}", self.decimals)
    }

    /// The number rounded up: for half an interval, which must not claim more than is known, and for a
    /// bound, which must hold.
    #[must_use]
    pub fn number_up(self, ns: u64) -> String {
        let value = crate::measure::samples::to_f64(ns) / self.unit.ns;
        round_up(value, self.decimals)
    }
}

/// A value rounded up to so many decimals.
#[must_use]
pub fn round_up(value: f64, decimals: usize) -> String {
    let factor = 10_f64.powi(i32::try_from(decimals).unwrap_or(0));
    // What is a hair above a printable value because of the binary fraction is that value.
    let rounded = (value * factor - 1e-6).ceil() / factor;
    format!("{:.*}", decimals, rounded.max(0.0) + 0.0)
}

/// A blank at which no line is broken. What is printed has an ordinary one in its place.
pub const JOIN: char = '\u{a0}';

/// The text with ordinary blanks.
#[must_use]
pub fn unjoined(text: &str) -> String {
    text.replace(JOIN, " ")
}

/// A time with its unit and three significant digits: "6.59 µs".
#[must_use]
pub fn time(ns: u64) -> String {
    time_in(ns, None)
}

/// A time in a given unit, or in the one that suits.
#[must_use]
pub fn time_in(ns: u64, unit: Option<Unit>) -> String {
    let scale = Scale::for_smallest(ns, unit);
    format!("{}{JOIN}{}", scale.number(ns), scale.unit.name)
}

/// A ratio with half its interval: "1.54 ± 0.04x".
#[must_use]
pub fn ratio(ratio: f64, half: Option<f64>) -> String {
    let decimals = decimals_of_ratio(ratio);
    match half {
        Some(half) => format!("{ratio:.decimals$}{JOIN}±{JOIN}{}x", round_up(half, decimals)),
        None => format!("{ratio:.decimals$}x"),
    }
}

/// How many decimals a ratio deserves.
#[must_use]
pub fn decimals_of_ratio(ratio: f64) -> usize {
    match ratio {
        r if r < 9.995 => 2,
        r if r < 99.95 => 1,
        _ => 0,
    }
}

/// Names as a sentence has them: "a", "a and b", "a, b and c".
#[must_use]
pub fn listed<S: AsRef<str>>(names: &[S]) -> String {
    match names {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [most @ .., last] => {
            let most: Vec<_> = most.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", most.join(", "), last.as_ref())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_three_significant_digits() {
        for (ns, text) in [
            (0, "0 ns"),
            (7, "7 ns"),
            (999, "999 ns"),
            (1000, "1.00 µs"),
            (6_594, "6.59 µs"),
            (9_994, "9.99 µs"),
            (11_770, "11.8 µs"),
            (145_000, "145 µs"),
            (1_500_000, "1.50 ms"),
            (12_345_678_901, "12.3 s"),
        ] {
            assert_eq!(unjoined(&time(ns)), text, "{ns}");
        }
    }

    #[test]
    fn a_fixed_unit_never_shows_nothing_but_zeros() {
        let seconds = UNITS[3];
        assert_eq!(Scale::for_smallest(6_594, Some(seconds)).number(6_594), "0.00000659");
        assert_eq!(Scale::for_smallest(6_594, Some(seconds)).coarser(2).number(6_594), "0.000007");
        assert_eq!(Scale::for_smallest(6_594_000, Some(seconds)).number(6_594_000), "0.00659");
    }

    #[test]
    fn half_an_interval_is_rounded_up() {
        for (value, decimals, text) in [
            (0.0401, 2, "0.05"),
            (0.04, 2, "0.04"),
            (0.001, 2, "0.01"),
            (0.0, 2, "0.00"),
            (1.2, 0, "2"),
        ] {
            assert_eq!(round_up(value, decimals), text, "{value}");
        }
        assert_eq!(unjoined(&ratio(1.5432, Some(0.031))), "1.54 ± 0.04x");
        assert_eq!(ratio(12.345, None), "12.3x");
    }

    #[test]
    fn names_are_listed_as_in_a_sentence() {
        assert_eq!(listed::<&str>(&[]), "");
        assert_eq!(listed(&["a"]), "a");
        assert_eq!(listed(&["a", "b"]), "a and b");
        assert_eq!(listed(&["a", "b", "c"]), "a, b and c");
    }
}
