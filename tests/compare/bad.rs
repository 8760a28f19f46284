//! What cannot be compared is refused in two lines, with 2, and with nothing on standard output.

use crate::stage::{self, Stage, run};
use serde_json::json;

fn refused(stage: &Stage, words: &[&str], error: &str, hint: &str) {
    let ran = stage.compare(words);
    let expected = format!("error: {error}\nhint: {hint}\n");
    assert_eq!(
        (ran.code, ran.out.as_str(), ran.err.as_str()),
        (Some(2), "", &*expected),
        "{words:?}"
    );
}

const KEEP: &str = "results are kept by: sockeye -o result.json";

#[test]
fn files_that_are_not_told_apart_are_asked_about() {
    let stage = Stage::new();
    stage.write("a.json", &run(1));
    refused(
        &stage,
        &["a.json"],
        "there is nothing to compare it with: compare takes old results and new ones",
        "sockeye -o new.json && sockeye compare a.json new.json",
    );
    refused(
        &stage,
        &["a.json", "it's b.json", "c.json"],
        "which of these 3 files are old, and which are new?",
        r"sockeye compare a.json 'it'\''s b.json' --vs c.json",
    );
    refused(&stage, &[], "'<FILE>...' is missing", "sockeye compare --help");
    refused(
        &stage,
        &["-", "-"],
        "standard input can be read only once",
        "sockeye compare old.json -",
    );
}

#[test]
fn values_that_are_none_are_refused() {
    let stage = Stage::new();
    let hint = "it goes from 0% to 1000%, as 10% or as 1.1x";
    for (value, why) in [("10", "no unit"), ("ten%", "not a limit"), ("2000%", "out of range")] {
        let error = format!("cannot read '{value}' for '--limit <LIMIT>': {why}");
        refused(&stage, &["a", "b", "--limit", value], &error, hint);
    }
    refused(
        &stage,
        &["a", "b", "--metric", "p95"],
        "cannot read 'p95' for '--metric <METRIC>': no such value",
        "did you mean 'p99'? values: median, p90, p99, p999, min, max, mean, connect",
    );
    refused(
        &stage,
        &["a", "b", "-f", "svg"],
        "compare has no svg form",
        "its forms: table, csv, json, markdown, junit, html",
    );
}

#[test]
fn files_that_cannot_be_compared_are_refused_by_name() {
    let stage = Stage::new();
    stage.write("a.json", &run(1));
    stage.write("ping.json", &json!({"schema": "sockeye.ping/1"}));
    stage.write("check.json", &json!({"schema": "sockeye.check/1"}));
    stage.write("list.json", &json!({"schema": "sockeye.list/1"}));
    stage.write("empty/x.txt", &json!({}));
    refused(
        &stage,
        &["a.json", "ping.json"],
        "'a.json' holds what sockeye run found, and 'ping.json' what sockeye ping found",
        "compare like with like: sockeye run -o new.json",
    );
    refused(
        &stage,
        &["a.json", "list.json"],
        "'list.json' is a document of schema 'sockeye.list/1', which is not read",
        KEEP,
    );
    refused(
        &stage,
        &["check.json", "check.json"],
        "'check.json' says it is sockeye.check/1, but is not: missing field `tool` at line 1 column 28",
        KEEP,
    );
    refused(&stage, &["a.json", "empty"], "'empty' is a folder without any *.json", KEEP);
    refused(
        &stage,
        &["a.json", "none.json"],
        "cannot read 'none.json': no such file or directory (ENOENT, open)",
        KEEP,
    );
    refused(&stage, &["a.json", "-"], "standard input is empty", KEEP);
}

#[test]
fn sides_without_anything_in_common_say_what_they_have() {
    let stage = Stage::new();
    let mut sides = [run(1), run(2)];
    for (run, name) in sides.iter_mut().zip(["tcp4", "udp4"]) {
        let results = run["results"].as_array_mut().expect("results");
        results.retain(|result| result["transport"] == name);
    }
    stage.write("a.json", &sides[0]);
    stage.write("b.json", &sides[1]);
    refused(
        &stage,
        &["a.json", "b.json"],
        "the two sides have nothing in common: before tcp4/64/same/block and tcp4/64/split/block; \
         now udp4/64/same/block and udp4/64/split/block",
        "both need a transport with the same size, place and wait: sockeye -o new.json",
    );
}

#[test]
fn hostile_names_in_a_document_move_no_cursor() {
    let stage = Stage::new();
    let mut run = run(1);
    for result in run["results"].as_array_mut().expect("results") {
        if result["transport"] == "tcp4" {
            result["transport"] = json!("t\u{1b}[2J\n|<b>");
        }
    }
    stage::without(&mut run, "udp4", "fail", "a\u{7}\nb | c");
    run["label"] = json!("<script>\u{1b}");
    stage.write("a.json", &run);
    for form in ["table", "markdown", "junit"] {
        let ran = stage.compare(&["a.json", "a.json", "-v", "-f", form]);
        assert_eq!(ran.code, Some(0), "{form}: {ran:?}");
        assert!(!ran.out.contains('\u{1b}') && !ran.out.contains('\u{7}'), "{form}: {}", ran.out);
        assert!(form == "table" || !ran.out.contains("<b>"), "{form}: {}", ran.out);
    }
}

#[test]
fn one_result_is_not_two() {
    let stage = Stage::new();
    stage.write("a.json", &run(1));
    stage.write("b.json", &run(2));
    let error = "'./a.json' is there twice on one side, and would count as two runs";
    let hint = "name each result once";
    refused(&stage, &["a.json", "./a.json", "--vs", "b.json"], error, hint);
    refused(&stage, &["b.json", "--vs", "a.json", "./a.json"], error, hint);
    // On both sides it says that the two are alike, and that is true.
    assert_eq!(stage.compare(&["a.json", "a.json"]).code, Some(0));
}

#[test]
fn two_forms_in_one_file_are_refused_before_anything_is_written() {
    let stage = Stage::new();
    stage.write("a.json", &run(1));
    let error = "'./x' is to be written twice: the second would replace the first";
    let hint = "a file of its own for each -o";
    refused(&stage, &["a.json", "a.json", "-o", "json:x", "-o", "csv:./x"], error, hint);
    assert_eq!(std::fs::read_dir(stage.folder.path()).expect("a folder").count(), 1);
    let both = ["a.json", "a.json", "-qq", "-o", "json:/dev/null", "-o", "csv:/dev/null"];
    assert_eq!(stage.compare(&both).code, Some(0));
}

#[test]
fn what_cannot_be_read_leaves_no_file_behind() {
    let stage = Stage::new();
    stage.write("a.json", &run(1));
    // Nothing is opened for writing while what is compared is still being read.
    let ran = stage.compare(&["a.json", "none.json", "-o", "no/such/folder.json"]);
    assert!(ran.err.starts_with("error: cannot read 'none.json'"), "{ran:?}");
}

#[test]
fn numbers_that_no_run_has_found_are_refused() {
    let stage = Stage::new();
    stage.write("a.json", &run(1));
    let refuses = |change: &dyn Fn(&mut serde_json::Value), what: &str| {
        let mut bad = run(2);
        change(&mut bad["results"]);
        stage.write("b.json", &bad);
        let error = format!("'b.json' is no result that this sockeye knows: {what}");
        refused(&stage, &["a.json", "b.json"], &error, KEEP);
    };
    let most = u64::MAX;
    let id = "tcp4/64/same/block";
    refuses(
        &|results| results[0]["exchanges"] = json!(most),
        &format!("{id}: exchanges is {most}, more than there can be"),
    );
    refuses(
        &|results| results[0]["rounds"][3]["p50_ns"] = json!(most),
        &format!("{id}: rounds is {most}, more than there can be"),
    );
    refuses(
        &|results| {
            results[0]["rtt_ns"]["p50"] = json!(7);
            results[0]["rtt_ns"]["p50_ci95"] = json!([8, 9]);
        },
        &format!("{id}: the interval 8 to 9 does not hold its median 7"),
    );
    let mut bad = run(2);
    bad["label"] = "x".repeat(200_000).into();
    stage.write("b.json", &bad);
    let what = "is no result that this sockeye knows: its label is longer than 131072 bytes";
    refused(&stage, &["a.json", "b.json"], &format!("'b.json' {what}"), KEEP);
    refuses(&|results| results[1]["id"] = json!(id), &format!("{id} stands in it twice"));
}
