//! The log of intervals, read by its format's own rules and by Python's hdrh.

use crate::reading::{Folder, object, real};
use crate::support::{Ran, python_with, sockeye};
use serde_json::{Value, json};
use sockeye::stats::Histogram;
use std::path::Path;

/// The fields of a line of an interval: tag, start and length in seconds, largest value, histogram.
type Interval<'a> = (&'a str, f64, f64, f64, &'a str);

fn intervals(text: &str) -> Vec<Interval<'_>> {
    let of_comments =
        |line: &&str| line.starts_with('#') || line.starts_with("\"StartTimestamp\",");
    let lines = text.lines().skip_while(of_comments);
    lines
        .map(|line| {
            let fields: Vec<_> = line.split(',').collect();
            let [tag, start, length, max, histogram] = fields[..] else { panic!("{line}") };
            let tag = tag.strip_prefix("Tag=").unwrap_or_else(|| panic!("{line}"));
            assert!(!tag.contains(char::is_whitespace), "{line}");
            let number = |text: &str| text.parse::<f64>().unwrap_or_else(|e| panic!("{e}: {line}"));
            (tag, number(start), number(length), number(max), histogram)
        })
        .collect()
}

/// An interval for each round of each case, in order, and all of them together are the cases'.
pub(crate) fn is_sound(text: &str, cases: &[Value]) {
    assert!(text.starts_with("#[Histogram log format version 1.3]\n"), "{text}");
    assert!(text.ends_with('\n'));
    let intervals = intervals(text);
    assert!(intervals.is_sorted_by_key(|interval| interval.1), "by their start");
    for case in cases {
        let own: Vec<_> =
            intervals.iter().filter(|interval| json!(interval.0) == case["id"]).collect();
        assert_eq!(own.len(), object(case, "rounds").len(), "{}", case["id"]);
        let mut sum = Histogram::new();
        for ((_, start, length, max, data), round) in own.iter().zip(object(case, "rounds")) {
            let ns = |name: &str| real(round[name].as_u64().expect("a time"));
            assert!((start * 1e9 - ns("at_ns")).abs() < 1e3, "{start} {round}");
            assert!((length * 1e9 - ns("took_ns")).abs() < 1e3, "{length} {round}");
            let of_round = Histogram::from_base64(data).expect("a histogram");
            assert_eq!(json!(of_round.count()), round["n"]);
            let largest = real(of_round.max().expect("a largest value")) / 1e6;
            assert!((largest - max).abs() < 1e-6, "{max} ms, found {largest}");
            sum.add(&of_round);
        }
        assert_eq!(sum.as_hdr(), histogram(case).as_hdr(), "{}", case["id"]);
    }
    let tags = |tag: &str| cases.iter().any(|case| case["id"] == tag);
    assert!(intervals.iter().all(|interval| tags(interval.0)));
}

fn histogram(case: &Value) -> Histogram {
    case["histogram"]["data"]
        .as_str()
        .map_or_else(Histogram::new, |data| Histogram::from_base64(data).expect("ours"))
}

/// What hdrh makes of logs: for each tag all its intervals added up.
fn by_hdrh(files: &[&Path]) -> Option<Value> {
    const CODE: &str = r"
import json, sys
from hdrh.histogram import HdrHistogram
from hdrh.log import HistogramLogReader
sums, starts = {}, []
new = lambda: HdrHistogram(1, 60000000000, 3)
for file in sys.argv[1:]:
    reader = HistogramLogReader(file, new())
    while True:
        interval = reader.get_next_interval_histogram()
        if interval is None: break
        starts.append(interval.get_start_time_stamp() - 1000 * reader.get_start_time_sec())
        sums.setdefault(interval.get_tag(), new()).add(interval)
assert all(start >= 0 for start in starts), starts
print(json.dumps({tag: {'count': h.get_total_count(), 'max': h.get_max_value(),
    'p50': h.get_value_at_percentile(50), 'p99': h.get_value_at_percentile(99)}
    for tag, h in sums.items()}))";
    let ran = Ran::of(python_with("hdrh")?.args(["-c", CODE]).args(files));
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    Some(serde_json::from_str(&ran.out).expect("JSON"))
}

/// What our own histogram says, as hdrh has it. With a round number of samples both mean the same rank.
fn figures(histogram: &Histogram) -> Value {
    assert_eq!(histogram.count() % 100, 0);
    json!({
        "count": histogram.count(), "max": histogram.max(),
        "p50": histogram.percentile(0.5), "p99": histogram.percentile(0.99),
    })
}

fn measured(folder: &Folder) {
    let mut command = sockeye();
    command.args(["unix-stream", "tcp4", "tcp4", "-c", "1200", "-r", "8", "--no-warn=all"]);
    command.args(["-o", "a.json", "-o", "a.hlog"]).current_dir(folder.path());
    let ran = Ran::of(&mut command);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
}

#[test]
fn hdrh_finds_the_same_percentiles_and_the_same_again_when_two_logs_are_merged() {
    let folders = [Folder::new(), Folder::new()];
    folders.iter().for_each(measured);
    let logs = [folders[0].path().join("a.hlog"), folders[1].path().join("a.hlog")];
    let documents = [folders[0].json("a.json"), folders[1].json("a.json")];
    for (log, document) in logs.iter().zip(&documents) {
        let Some(read) = by_hdrh(&[log]) else { return };
        let cases = object(document, "results");
        assert_eq!(read.as_object().expect("tags").len(), cases.len());
        for case in cases {
            let of_log = &read[case["id"].as_str().expect("an id")];
            assert_eq!(*of_log, figures(&histogram(case)), "{}", case["id"]);
            // What the document says itself is no more than the exact largest value.
            let exact = |name: &str| case["rtt_ns"][name].as_u64().expect("a time");
            let p99 = of_log["p99"].as_u64().map(|p99| p99.min(exact("max")));
            assert_eq!((&of_log["count"], p99), (&case["exchanges"], Some(exact("p99"))));
        }
    }
    let Some(both) = by_hdrh(&[&logs[0], &logs[1]]) else { return };
    for case in object(&documents[0], "results") {
        let other = object(&documents[1], "results").iter().find(|other| other["id"] == case["id"]);
        let mut sum = histogram(case);
        sum.add(&histogram(other.expect("the same cases")));
        assert_eq!(both[case["id"].as_str().expect("an id")], figures(&sum), "{}", case["id"]);
    }
}

#[test]
fn the_log_of_a_kept_result_has_an_interval_a_case_and_says_so() {
    let folder = Folder::new();
    measured(&folder);
    let shown =
        Ran::of(sockeye().args(["report", "a.json", "-f", "hlog"]).current_dir(folder.path()));
    assert_eq!((shown.code, shown.err.as_str()), (Some(0), ""));
    assert!(shown.out.contains("\n#an interval is a case over the whole run"), "{}", shown.out);
    assert!(!folder.text("a.hlog").contains("#an interval is a case over"));
    let document = folder.json("a.json");
    let read = intervals(&shown.out);
    assert_eq!(read.len(), object(&document, "results").len());
    for case in object(&document, "results") {
        let own =
            read.iter().find(|interval| json!(interval.0) == case["id"]).expect("an interval");
        let of_log = Histogram::from_base64(own.4).expect("a histogram");
        assert_eq!(of_log.as_hdr(), histogram(case).as_hdr());
    }
}
