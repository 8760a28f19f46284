//! The flags of `compare`.

use super::quantity::BadValue;
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use std::str::FromStr;

pub(super) const EXAMPLES: &str = "Examples:
  sockeye compare old.json new.json               is something slower than before?
  sockeye compare old*.json --vs new*.json        several of each: tighter intervals
  sockeye compare old.json new.json --limit 5% -o verdict.xml";

/// The flags of `compare`.
#[derive(Args, Clone, Debug)]
pub struct CompareFlags {
    /// Results that `-o FILE.json` kept, old and new; a folder is all of its *.json, - is standard input
    #[arg(value_name = "FILE", required = true, value_hint = clap::ValueHint::AnyPath)]
    pub files: Vec<PathBuf>,
    /// The new results, where there are several of each
    #[arg(long, value_name = "FILE", num_args = 1.., value_hint = clap::ValueHint::AnyPath, help_heading = "Comparison")]
    pub vs: Vec<PathBuf>,
    /// How much longer is no regression yet: 10%, or 1.1x
    ///
    /// What takes longer than that, beyond doubt, is slower; what surely stays below it is unchanged.
    #[arg(long, value_name = "LIMIT", default_value = "10%", help_heading = "Comparison")]
    pub limit: Limit,
    /// What is compared: median, p90, p99, p999, min, max, mean, connect
    ///
    /// The median, p90 and p99 are compared round by round, the others are one number a file: they
    /// need several files of each side to decide anything.
    #[arg(long, value_name = "METRIC", default_value = "median", help_heading = "Comparison")]
    pub metric: Metric,
    /// What ends with exit code 1: slower, any, never
    ///
    /// slower: what takes longer, fails or is gone. any: every change, also for the better.
    #[arg(long, value_name = "WHAT", default_value = "slower", help_heading = "Comparison")]
    pub fail_on: FailOn,
    /// Exit with an error too if something is undecided, or settings or machines differ
    #[arg(long, help_heading = "Comparison")]
    pub strict: bool,
}

/// How much longer is no regression yet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limit {
    /// As a share: 0.1 is 10 %.
    pub share: f64,
}

impl Limit {
    /// How many times as long that is.
    #[must_use]
    pub fn ratio(self) -> f64 {
        1.0 + self.share
    }
}

/// The largest limit, as a share.
const LARGEST: f64 = 10.0;

impl FromStr for Limit {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Self, BadValue> {
        let hint = "it goes from 0% to 1000%, as 10% or as 1.1x";
        let text = text.trim();
        let (number, unit) = text.split_at(text.trim_end_matches(['%', 'x']).len());
        let number = number.trim();
        // 1e1 and inf are numbers to Rust, and typing mistakes here.
        let is_plain = number.chars().all(|c| c.is_ascii_digit() || c == '.');
        let value = number.parse::<f64>().ok().filter(|_| is_plain);
        let value = value.ok_or_else(|| BadValue::new("not a limit", hint))?;
        let share = match unit {
            "%" => value / 100.0,
            // 1.1 - 1 is a hair above 0.1.
            "x" => ((value - 1.0) * 1e9).round() / 1e9,
            "" => return Err(BadValue::new("no unit", hint)),
            _ => return Err(BadValue::new("not a limit", hint)),
        };
        if !(0.0..=LARGEST).contains(&share) {
            return Err(BadValue::new("out of range", hint));
        }
        Ok(Self { share })
    }
}

/// What is compared of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Metric {
    /// Half of the round trips are shorter
    Median,
    /// 90 % are
    P90,
    /// 99 % are
    P99,
    /// 99.9 % are
    P999,
    /// The shortest
    Min,
    /// The longest
    Max,
    /// The mean
    Mean,
    /// The time of `connect()`
    Connect,
}

impl Metric {
    /// As the user types it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Median => "median",
            Self::P90 => "p90",
            Self::P99 => "p99",
            Self::P999 => "p999",
            Self::Min => "min",
            Self::Max => "max",
            Self::Mean => "mean",
            Self::Connect => "connect",
        }
    }
}

/// What is a reason to exit with 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// What takes longer, fails or is gone
    Slower,
    /// Every change
    Any,
    /// Nothing
    Never,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_a_percentage_or_a_ratio() {
        for (text, share) in
            [("10%", 0.1), ("10 %", 0.1), (" 2.5% ", 0.025), ("1.1x", 0.1), ("0%", 0.0)]
        {
            let limit: Limit = text.parse().expect(text);
            assert!((limit.share - share).abs() < 1e-12, "{text}: {limit:?}");
        }
        assert!(("1000%".parse::<Limit>().unwrap().ratio() - 11.0).abs() < 1e-12);
    }

    #[test]
    fn what_is_no_limit_says_so() {
        for (text, why) in [
            ("", "not a limit"),
            ("ten", "not a limit"),
            ("%", "not a limit"),
            ("10", "no unit"),
            ("0.1", "no unit"),
            ("-1%", "not a limit"),
            ("1e1%", "not a limit"),
            ("inf%", "not a limit"),
            ("nanx", "not a limit"),
            ("1%%", "not a limit"),
            ("1.x%", "not a limit"),
            ("0.9x", "out of range"),
            ("1001%", "out of range"),
        ] {
            assert_eq!(text.parse::<Limit>().expect_err(text).why, why, "{text}");
        }
    }
}
