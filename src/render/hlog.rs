//! `HdrHistogram`'s interval log, version 1.3: a line an interval, tagged with what it is of. Its
//! histograms count nanoseconds.

use crate::stats::Histogram;
use std::fmt::Write as _;
use std::time::{Duration, SystemTime};

/// Readers expect the largest value in milliseconds where a log counts nanoseconds.
const DIVISOR: f64 = 1e6;

const LEGEND: &str =
    "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"";

/// A log that is being written.
pub(crate) struct Log {
    text: String,
}

/// What an interval is of, and when it was, counted from the log's start.
pub(crate) struct Interval<'a> {
    /// What it is of.
    pub tag: &'a str,
    /// Its start, in nanoseconds.
    pub at_ns: u64,
    /// How long it took.
    pub took_ns: u64,
}

impl Log {
    /// A log that starts then, with these words in front.
    pub(crate) fn new(started: SystemTime, comments: &[String]) -> Self {
        let since = started.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let start = format!("{:.3} (seconds since epoch)", since.as_secs_f64());
        let mut text = "#[Histogram log format version 1.3]\n".to_owned();
        for comment in comments {
            // A line end would end the comment too.
            let _ = writeln!(text, "#{}", super::paint::tame(comment));
        }
        let _ = writeln!(text, "#[StartTime: {start}]\n#[BaseTime: {start}]");
        let _ = writeln!(text, "#[MaxValueDivisor: {DIVISOR:.3}]\n{LEGEND}");
        Self { text }
    }

    /// Adds an interval; one that counts nothing is left out.
    pub(crate) fn add(&mut self, interval: &Interval<'_>, histogram: &Histogram) {
        let Some(max) = histogram.max() else { return };
        let seconds = |ns| Duration::from_nanos(ns).as_secs_f64();
        let _ = writeln!(
            self.text,
            "Tag={},{:.6},{:.6},{:.6},{}",
            tag(interval.tag),
            seconds(interval.at_ns),
            seconds(interval.took_ns),
            crate::measure::samples::to_f64(max) / DIVISOR,
            histogram.to_base64()
        );
    }

    /// The whole log.
    pub(crate) fn into_text(self) -> String {
        self.text
    }
}

/// A tag ends at a comma and has no blanks: such letters become their bytes, as in a URL.
fn tag(words: &str) -> String {
    let mut tag = String::with_capacity(words.len());
    for letter in words.chars() {
        if letter == ',' || letter == '%' || letter.is_whitespace() || letter.is_control() {
            for byte in letter.encode_utf8(&mut [0; 4]).bytes() {
                let _ = write!(tag, "%{byte:02X}");
            }
        } else {
            tag.push(letter);
        }
    }
    tag
}

#[cfg(test)]
mod tests {
    use super::*;
    use hdrhistogram::serialization::interval_log::{IntervalLogIterator, LogEntry};

    #[test]
    fn a_tag_is_one_word_without_commas() {
        for (words, expected) in [
            ("tcp4/64/same/block", "tcp4/64/same/block"),
            ("a,b c", "a%2Cb%20c"),
            ("100%\n", "100%25%0A"),
            ("é\u{2003}x\u{1b}", "é%E2%80%83x%1B"),
        ] {
            assert_eq!(tag(words), expected);
        }
    }

    #[test]
    fn the_library_reads_the_log() {
        let mut histogram = Histogram::new();
        for ns in [1_000, 2_000, 3_000_000] {
            histogram.record(ns);
        }
        let started = SystemTime::UNIX_EPOCH + Duration::from_millis(1_700_000_000_250);
        let mut log = Log::new(started, &["two\nlines".to_owned()]);
        log.add(&Interval { tag: "a b", at_ns: 5_000_000, took_ns: 1_000_000 }, &histogram);
        log.add(&Interval { tag: "empty", at_ns: 6, took_ns: 1 }, &Histogram::new());
        let text = log.into_text();
        let entries: Vec<_> =
            IntervalLogIterator::new(text.as_bytes()).map(|entry| entry.unwrap()).collect();
        let [LogEntry::StartTime(start), LogEntry::BaseTime(base), LogEntry::Interval(interval)] =
            entries.as_slice()
        else {
            panic!("{entries:?}")
        };
        assert_eq!((start, base), (base, &Duration::from_millis(1_700_000_000_250)));
        assert_eq!(interval.tag().map(|tag| tag.as_str().to_owned()), Some("a%20b".to_owned()));
        assert_eq!(interval.start_timestamp(), Duration::from_millis(5));
        assert_eq!(interval.duration(), Duration::from_millis(1));
        assert!((interval.max() - 3.0).abs() < 1e-9, "{}", interval.max());
        let read = Histogram::from_base64(interval.encoded_histogram()).unwrap();
        assert_eq!(read.as_hdr(), histogram.as_hdr());
    }
}
