//! Metrics for Prometheus, in letters that its readers of both forms take: the older text form (0.0.4),
//! which `node_exporter` reads from files and which takes no time stamps there, and `OpenMetrics` 1.0.
//! A family is a row of data; the writer here is the only one who knows the form.

mod about;
mod check;
mod list;
mod ping;
mod run;

pub use about::Told;
pub use check::render as check;
pub use list::render as list;
pub use ping::render as ping;
pub use run::render as run;

use super::paint::tame;
use crate::stats::Histogram;
use std::fmt::Write as _;

/// What a family holds. There are no counters: their names differ between the two forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A number that may rise and fall.
    Gauge,
    /// Quantiles, with their sum and their count.
    Summary,
}

impl Kind {
    const fn word(self) -> &'static str {
        match self {
            Self::Gauge => "gauge",
            Self::Summary => "summary",
        }
    }
}

/// A family of metrics, made from a `T`.
pub struct Family<T: ?Sized> {
    /// Its name; with a unit, that is its end.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Its unit, one of the base units, or none.
    pub unit: &'static str,
    /// What it says, in one sentence.
    pub help: &'static str,
    /// The names of its labels, in their order.
    pub labels: &'static [&'static str],
    /// Its samples.
    pub samples: fn(&T) -> Vec<Sample>,
}

/// A number, exact in either form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    /// A count, or yes and no.
    Count(u64),
    /// A time, printed as seconds.
    Nanoseconds(u128),
}

impl Number {
    fn is(yes: bool) -> Self {
        Self::Count(u64::from(yes))
    }

    /// Decimal digits from integers, so that no fraction is a rounded one.
    fn shown(self) -> String {
        match self {
            Self::Count(count) => count.to_string(),
            Self::Nanoseconds(ns) => {
                let text = format!("{}.{:09}", ns / 1_000_000_000, ns % 1_000_000_000);
                text.trim_end_matches('0').trim_end_matches('.').to_owned()
            }
        }
    }
}

impl From<u64> for Number {
    fn from(count: u64) -> Self {
        Self::Count(count)
    }
}

/// A number with what tells it from the others of its family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Behind the family's name: `_sum` and `_count` of a summary.
    suffix: &'static str,
    /// The values of the labels, in their order; an empty one is no label.
    values: Vec<String>,
    /// Which quantile, of a summary.
    quantile: Option<&'static str>,
    /// The number.
    number: Number,
}

impl Sample {
    fn new(values: Vec<String>, number: impl Into<Number>) -> Self {
        Self { suffix: "", values, quantile: None, number: number.into() }
    }

    fn time(values: Vec<String>, ns: impl Into<u128>) -> Self {
        Self::new(values, Number::Nanoseconds(ns.into()))
    }
}

/// A summary's samples. A quantile that too few samples lie beyond is not there, because not-a-number
/// would spread through whatever is computed from it.
fn summary(
    values: &[String],
    quantiles: [(&'static str, Option<u64>); 3],
    trips: &Histogram,
) -> Vec<Sample> {
    let Some(sum) = trips.sum() else { return Vec::new() };
    let known = quantiles.into_iter().filter_map(|(quantile, ns)| Some((quantile, ns?)));
    let mut samples: Vec<_> = known
        .map(|(quantile, ns)| Sample {
            quantile: Some(quantile),
            ..Sample::time(values.to_vec(), ns)
        })
        .collect();
    samples.push(Sample { suffix: "_sum", ..Sample::time(values.to_vec(), sum) });
    samples.push(Sample { suffix: "_count", ..Sample::new(values.to_vec(), trips.count()) });
    samples
}

/// The families as text; `label` is a name that the user gave, which every series then bears.
fn written<T: ?Sized>(families: &[Family<T>], of: &T, label: Option<&str>) -> String {
    families.iter().map(|family| family_text(family, &(family.samples)(of), label)).collect()
}

fn family_text<T: ?Sized>(family: &Family<T>, samples: &[Sample], label: Option<&str>) -> String {
    if samples.is_empty() {
        return String::new();
    }
    let Family { name, kind, unit, help, labels, .. } = family;
    let mut text = format!("# HELP {name} {help}\n# TYPE {name} {}\n", kind.word());
    if !unit.is_empty() {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "# UNIT {name} {unit}");
    }
    for Sample { suffix, values, quantile, number } in samples {
        let own = labels.iter().copied().zip(values.iter().map(String::as_str));
        let all = own.chain(label.map(|label| ("label", label)));
        let all = all.chain(quantile.map(|quantile| ("quantile", quantile)));
        let all: Vec<_> = all
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name}=\"{}\"", escaped(value)))
            .collect();
        let braces = if all.is_empty() { String::new() } else { format!("{{{}}}", all.join(",")) };
        let _ = writeln!(text, "{name}{suffix}{braces} {}", number.shown());
    }
    text
}

/// The end, which tells a reader of `OpenMetrics` that nothing was cut off; a remark to the others.
const END: &str = "# EOF\n";

/// Text inside quotes: both forms know these three escapes and no other.
fn escaped(text: &str) -> String {
    let line = |line| tame(line).replace('\\', "\\\\").replace('"', "\\\"");
    text.split('\n').map(line).collect::<Vec<_>>().join("\\n")
}

/// Names that stand in a list more than once are told apart as transports are: `x`, `x#2`.
fn told_apart<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut seen: std::collections::HashMap<&str, usize> = std::collections::HashMap::new();
    let one = |name| {
        let count = seen.entry(name).or_default();
        *count += 1;
        if *count == 1 { name.to_owned() } else { format!("{name}#{count}") }
    };
    names.into_iter().map(one).collect()
}

/// Every family: its name, its labels and what it says, for the manual.
pub fn known() -> impl Iterator<Item = (&'static str, &'static [&'static str], &'static str)> {
    fn heads<T: ?Sized>(
        families: &'static [Family<T>],
    ) -> impl Iterator<Item = (&'static str, &'static [&'static str], &'static str)> {
        families.iter().map(|family| (family.name, family.labels, family.help))
    }
    let first = heads(about::ALL).chain(heads(run::ALL));
    first.chain(heads(check::ALL)).chain(heads(ping::ALL))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn seconds_are_exact_decimal_digits() {
        for (ns, shown) in [
            (0, "0"),
            (1, "0.000000001"),
            (3_940, "0.00000394"),
            (100_000_000, "0.1"),
            (1_000_000_000, "1"),
            (10_000_000_000, "10"),
            (1_795_275_000_123_456_789, "1795275000.123456789"),
        ] {
            assert_eq!(Number::Nanoseconds(ns).shown(), shown);
        }
        assert_eq!(Number::Count(20).shown(), "20");
    }

    #[test]
    fn what_a_label_holds_cannot_leave_its_quotes() {
        for (text, shown) in [
            ("plain", "plain"),
            ("a\"} 1\nevil 2", "a\\\"} 1\\nevil 2"),
            ("back\\slash", "back\\\\slash"),
            ("\u{1b}[31m\r\0", "\\\\u{1b}[31m\\\\r\\\\u{0}"),
            ("µ\u{e000}", "µ\u{e000}"),
        ] {
            assert_eq!(escaped(text), shown);
        }
    }

    #[test]
    fn a_family_is_its_head_and_its_samples_together() {
        let family = Family::<()> {
            name: "x_seconds",
            kind: Kind::Summary,
            unit: "seconds",
            help: "Times.",
            labels: &["a", "b"],
            samples: |()| {
                let mut trips = Histogram::new();
                trips.record(500);
                trips.record(1500);
                let quantiles = [("0.5", trips.percentile(0.5)), ("0.9", None), ("0.99", None)];
                summary(&["1".to_owned(), String::new()], quantiles, &trips)
            },
        };
        let expected = "# HELP x_seconds Times.\n# TYPE x_seconds summary\n# UNIT x_seconds seconds\n\
            x_seconds{a=\"1\",label=\"night\",quantile=\"0.5\"} 0.0000005\n\
            x_seconds_sum{a=\"1\",label=\"night\"} 0.000002\n\
            x_seconds_count{a=\"1\",label=\"night\"} 2\n";
        assert_eq!(written(&[family], &(), Some("night")), expected);
    }

    #[test]
    fn a_family_without_samples_is_not_there() {
        let none = |(): &()| Vec::new();
        let (name, kind, unit, help, labels) = ("x", Kind::Gauge, "", "X.", &[][..]);
        let family = Family { name, kind, unit, help, labels, samples: none };
        assert_eq!(written(&[family], &(), None), "");
    }

    #[test]
    fn names_are_told_apart() {
        assert_eq!(told_apart(["a", "b", "a", "a"]), ["a", "b", "a#2", "a#3"]);
    }

    /// A name that two families had would stand in a file twice, or in two files of one folder.
    #[test]
    fn every_family_has_its_own_name_and_a_sentence() {
        let names: HashSet<_> = known().map(|(name, ..)| name).collect();
        assert_eq!(names.len(), known().count());
        for (name, _, help) in known() {
            assert!(name.starts_with("sockeye_"), "{name}");
            assert!(
                help.ends_with(['.', '?']) && !help.contains(['\\', '"', '\n']),
                "{name}: {help}"
            );
        }
        units(about::ALL);
        units(run::ALL);
        units(check::ALL);
        units(ping::ALL);
    }

    /// `OpenMetrics` wants a family's name to end in its unit.
    fn units<T: ?Sized>(families: &[Family<T>]) {
        for Family { name, unit, .. } in families {
            let seconds = if name.ends_with("_seconds") { "seconds" } else { "" };
            assert_eq!(*unit, seconds, "{name}");
        }
    }
}
