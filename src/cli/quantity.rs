//! Sizes, counts and durations as people write them. Pure.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A value that cannot be read: why, and one that could.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadValue {
    /// What is wrong with it, to stand behind "invalid value 'X' for FLAG: ".
    pub why: String,
    /// What works, to stand behind "hint: ".
    pub hint: String,
}

impl BadValue {
    pub(crate) fn new(why: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { why: why.into(), hint: hint.into() }
    }
}

impl fmt::Display for BadValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

impl std::error::Error for BadValue {}

/// What a unit multiplies by; the exact case first, because `M` and `m` differ.
type Units = &'static [(&'static str, u64)];

const BYTES: Units = &[
    ("", 1),
    ("b", 1),
    ("k", 1 << 10),
    ("kib", 1 << 10),
    ("kb", 1_000),
    ("m", 1 << 20),
    ("mib", 1 << 20),
    ("mb", 1_000_000),
    ("g", 1 << 30),
    ("gib", 1 << 30),
    ("gb", 1_000_000_000),
];
const TIMES: Units = &[("", 1), ("k", 1_000), ("m", 1_000_000), ("g", 1_000_000_000)];
const DURATIONS: Units = &[
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("min", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// Reads digits with an optional fraction and a unit: exact in integers, None if it is no such thing
/// or does not fit.
fn scaled(text: &str, units: Units) -> Option<u64> {
    let text = text.trim();
    let split =
        text.find(|c: char| !c.is_ascii_digit() && c != '.' && c != '_').unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let unit = unit.trim().to_lowercase();
    let factor = units.iter().find(|(name, _)| *name == unit)?.1;
    let number = number.replace('_', "");
    let (whole, fraction) = number.split_once('.').unwrap_or((&number, ""));
    if whole.is_empty() || fraction.contains('.') || fraction.len() > 9 {
        return None;
    }
    let mut value = whole.parse::<u64>().ok()?.checked_mul(factor)?;
    if !fraction.is_empty() {
        let part = fraction.parse::<u64>().ok()?.checked_mul(factor)?;
        value = value.checked_add(part / 10_u64.pow(u32::try_from(fraction.len()).ok()?))?;
    }
    Some(value)
}

/// Reads a size in bytes: `64`, `1k` and `1KiB` are 1024, `1kB` is 1000.
///
/// # Errors
/// When it is no size or not between 1 and `largest`.
pub fn size(text: &str, largest: usize) -> Result<usize, BadValue> {
    let range = format!("sizes go from 1 to {}, for example 64 or 16k", bytes_short(largest));
    let value = scaled(text, BYTES).ok_or_else(|| BadValue::new("not a size", range.clone()))?;
    usize::try_from(value)
        .ok()
        .filter(|size| (1..=largest).contains(size))
        .ok_or_else(|| BadValue::new("out of range", range))
}

/// Reads a count: `500`, `10k`.
///
/// # Errors
/// When it is no count or out of the range.
pub fn count(text: &str, smallest: u64, largest: u64) -> Result<u64, BadValue> {
    let range = format!("it goes from {smallest} to {}", count_short(largest));
    let value = scaled(text, TIMES).ok_or_else(|| BadValue::new("not a number", range.clone()))?;
    Some(value)
        .filter(|value| (smallest..=largest).contains(value))
        .ok_or_else(|| BadValue::new("out of range", range))
}

/// Reads a duration: `500ms`, `1.5s`, `2m`.
///
/// # Errors
/// When it is none or out of the range.
pub fn duration(text: &str, smallest: Duration, largest: Duration) -> Result<Duration, BadValue> {
    let range = format!(
        "it goes from {} to {}, with a unit: 500ms, 3s, 1m",
        duration_short(smallest),
        duration_short(largest)
    );
    let value = scaled(text, DURATIONS).map(Duration::from_nanos).ok_or_else(|| {
        let why = if scaled(text, TIMES).is_some() { "no unit" } else { "not a duration" };
        BadValue::new(why, range.clone())
    })?;
    Some(value)
        .filter(|value| (smallest..=largest).contains(value))
        .ok_or_else(|| BadValue::new("out of range", range))
}

/// A size in as few letters as say it exactly: `64 B` is "64", 65536 is "64k".
#[must_use]
pub fn bytes_short(bytes: usize) -> String {
    for (shift, unit) in [(30, "G"), (20, "M"), (10, "k")] {
        if bytes >= 1 << shift && bytes.is_multiple_of(1 << shift) {
            return format!("{}{unit}", bytes >> shift);
        }
    }
    bytes.to_string()
}

/// A size as sentences have it: "64 B", "16 KiB".
#[must_use]
pub fn bytes_words(bytes: usize) -> String {
    let short = bytes_short(bytes);
    match short.strip_suffix(['k', 'M', 'G']) {
        Some(number) => format!("{number} {}iB", short[number.len()..].to_uppercase()),
        None => format!("{short} B"),
    }
}

fn count_short(count: u64) -> String {
    for (factor, unit) in [(1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")] {
        if count >= factor && count.is_multiple_of(factor) {
            return format!("{}{unit}", count / factor);
        }
    }
    count.to_string()
}

/// A duration in words: "1 s", "200 ms".
#[must_use]
pub fn duration_words(duration: Duration) -> String {
    let short = duration_short(duration);
    let split = short.find(|c: char| c.is_alphabetic()).unwrap_or(short.len());
    format!("{} {}", &short[..split], &short[split..])
}

/// A duration with the largest unit that says it exactly.
#[must_use]
pub fn duration_short(duration: Duration) -> String {
    let ns = duration.as_nanos();
    for (factor, unit) in [
        (3_600_000_000_000, "h"),
        (60_000_000_000, "m"),
        (1_000_000_000, "s"),
        (1_000_000, "ms"),
        (1_000, "us"),
    ] {
        if ns >= factor && ns.is_multiple_of(factor) {
            return format!("{}{unit}", ns / factor);
        }
    }
    format!("{ns}ns")
}

/// One or more sizes: a list of sizes and of ranges `FROM..TO` (doubling) or `FROM..TO:FACTOR`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sizes(pub Vec<usize>);

/// The largest message of a run: larger ones say more of memory than of sockets.
pub const LARGEST_SIZE: usize = 64 << 20;
/// So many sizes make a table that nobody reads.
const MOST_SIZES: usize = 32;

impl FromStr for Sizes {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Self, BadValue> {
        let mut sizes = Vec::new();
        for part in text.split([',', ' ']).filter(|part| !part.is_empty()) {
            match part.split_once("..") {
                None => sizes.push(size(part, LARGEST_SIZE)?),
                Some((from, to)) => sizes.extend(range(from, to)?),
            }
        }
        if sizes.is_empty() {
            return Err(BadValue::new("no size in it", "for example 64, or 64,1k,16k, or 1..64k"));
        }
        let mut unique = Vec::new();
        sizes.retain(|size| {
            !unique.contains(size) && {
                unique.push(*size);
                true
            }
        });
        if sizes.len() > MOST_SIZES {
            return Err(BadValue::new(
                format!("{} sizes", sizes.len()),
                format!("at most {MOST_SIZES}; a larger factor gives fewer: 1..64k:4"),
            ));
        }
        Ok(Self(sizes))
    }
}

fn range(from: &str, to: &str) -> Result<Vec<usize>, BadValue> {
    let (to, factor) = match to.split_once(':') {
        None => (to, 2),
        Some((to, factor)) => {
            let bad =
                || BadValue::new(format!("factor '{factor}'"), "a factor is 2 or more: 1..64k:4");
            (to, factor.parse::<usize>().ok().filter(|f| *f >= 2).ok_or_else(bad)?)
        }
    };
    let (from, to) = (size(from, LARGEST_SIZE)?, size(to, LARGEST_SIZE)?);
    if from > to {
        return Err(BadValue::new(
            "the range ends before it begins",
            "the smaller size first: 1..64k",
        ));
    }
    Ok(std::iter::successors(Some(from), |size| size.checked_mul(factor))
        .take_while(|size| *size <= to)
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_with_their_units() {
        for (text, value) in [
            ("1", 1),
            ("64", 64),
            ("64B", 64),
            ("1k", 1024),
            ("1K", 1024),
            ("1KiB", 1024),
            ("1kB", 1000),
            ("1.5k", 1536),
            ("0.5k", 512),
            ("64M", LARGEST_SIZE),
            (" 16 k ", 16384),
            ("1_000", 1000),
        ] {
            assert_eq!(size(text, LARGEST_SIZE), Ok(value), "{text}");
        }
    }

    #[test]
    fn what_is_no_size_says_so_with_the_range() {
        for (text, why) in [
            ("", "not a size"),
            ("x", "not a size"),
            ("-1", "not a size"),
            ("1..", "not a size"),
            ("1x", "not a size"),
            (".5k", "not a size"),
            ("0", "out of range"),
            ("5G", "out of range"),
            ("65M", "out of range"),
            ("99999999999999999999", "not a size"),
        ] {
            let bad = size(text, LARGEST_SIZE).expect_err(text);
            assert_eq!(bad.why, why, "{text}");
            assert_eq!(bad.hint, "sizes go from 1 to 64M, for example 64 or 16k");
        }
    }

    #[test]
    fn durations_need_a_unit() {
        let read = |text| duration(text, Duration::from_millis(1), Duration::from_secs(3600));
        for (text, ms) in
            [("500ms", 500), ("3s", 3000), ("1.5s", 1500), ("1m", 60_000), ("1h", 3_600_000)]
        {
            assert_eq!(read(text), Ok(Duration::from_millis(ms)), "{text}");
        }
        for (text, why) in [
            ("3", "no unit"),
            ("0", "no unit"),
            ("x", "not a duration"),
            ("0s", "out of range"),
            ("2h", "out of range"),
        ] {
            let bad = read(text).expect_err(text);
            assert_eq!(bad.why, why, "{text}");
            assert_eq!(bad.hint, "it goes from 1ms to 1h, with a unit: 500ms, 3s, 1m");
        }
    }

    #[test]
    fn lists_and_ranges_of_sizes_keep_their_order_and_name_each_once() {
        let read = |text: &str| text.parse::<Sizes>().map(|sizes| sizes.0);
        assert_eq!(read("64,1k,16k"), Ok(vec![64, 1024, 16384]));
        assert_eq!(read("1k,64,1024"), Ok(vec![1024, 64]));
        assert_eq!(read("1..16"), Ok(vec![1, 2, 4, 8, 16]));
        assert_eq!(read("1..64k:16"), Ok(vec![1, 16, 256, 4096, 65536]));
        for (text, why) in [
            (",", "no size in it"),
            ("4..2", "the range ends before it begins"),
            ("1..8:1", "factor '1'"),
            ("1..8:x", "factor 'x'"),
            ("0..8", "out of range"),
        ] {
            assert_eq!(read(text).expect_err(text).why, why, "{text}");
        }
    }

    #[test]
    fn what_is_printed_reads_back() {
        for value in [1, 64, 1000, 1024, 65_507, 65_536, 1 << 20] {
            assert_eq!(size(&bytes_short(value), LARGEST_SIZE), Ok(value));
        }
        for (bytes, words) in
            [(64, "64 B"), (1000, "1000 B"), (16_384, "16 KiB"), (1 << 20, "1 MiB")]
        {
            assert_eq!(bytes_words(bytes), words);
        }
        assert_eq!(duration_words(Duration::from_millis(200)), "200 ms");
        assert_eq!(duration_words(Duration::from_millis(1500)), "1500 ms");
        assert_eq!(duration_words(Duration::from_secs(1)), "1 s");
    }
}
