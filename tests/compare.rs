//! `compare` over documents that are made from a kept one, with changes that are known: what is said,
//! how it exits, and that every form says the same.

mod support;

#[path = "compare/bad.rs"]
mod bad;
#[path = "compare/forms.rs"]
mod forms;
#[path = "compare/looks.rs"]
mod looks;
#[path = "support/opinion.rs"]
mod opinion;
#[path = "support/reading.rs"]
mod reading;
#[path = "support/schema.rs"]
mod schema;
#[path = "compare/stage.rs"]
mod stage;

use serde_json::json;
use stage::{Stage, run};
use support::{Ran, sockeye};

#[test]
fn a_run_beside_itself_is_unchanged() {
    let stage = Stage::new();
    stage.write("a.json", &run(1));
    let ran = stage.compare(&["a.json", "a.json"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.starts_with("unchanged: none of 10 rows takes longer than before (limit 1.10x)\n0 slower, 0 faster, 10 unchanged; kernel, CPU and settings are the same\n"), "{}", ran.out);
}

#[test]
fn a_run_of_an_earlier_version_beside_itself_is_no_regression() {
    let old = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/saved/run-1-2026-11.json");
    let ran = Ran::of(sockeye().args(["compare", old, old]));
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{ran:?}");
}

#[test]
fn a_transport_that_takes_15_percent_longer_is_named_and_turns_the_exit_code() {
    for (seed, transport) in
        ["tcp4", "tcp6", "udp4", "unix-stream", "unix-dgram"].iter().enumerate()
    {
        let stage = Stage::new();
        stage.write("a.json", &run(1));
        let mut slower = run(100 + seed as u64);
        stage::scale(&mut slower, 1.15, |result| result["transport"] == **transport);
        stage.write("b.json", &slower);
        let ran = stage.compare(&["a.json", "b.json"]);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        let first = ran.out.lines().next().unwrap_or_default();
        let names = format!("slower: {transport} on ");
        assert!(first.starts_with(&names), "{first}");
        assert!(first.ends_with(" as long as before (limit 1.10x)"), "{first}");
        assert!(ran.out.contains("\n2 slower, 0 faster, 8 unchanged;"), "{}", ran.out);
        // The other way round it is faster, which fails only where every change does.
        let back = stage.compare(&["b.json", "a.json"]);
        assert_eq!(back.code, Some(0), "{back:?}");
        assert!(back.out.starts_with(&format!("faster: {transport} on ")), "{}", back.out);
        for (what, there, back) in [("any", 1, 1), ("never", 0, 0), ("slower", 1, 0)] {
            let code = |files: [&str; 2]| {
                stage.compare(&[files[0], files[1], "-qq", "--fail-on", what]).code
            };
            assert_eq!(code(["a.json", "b.json"]), Some(there), "{what}");
            assert_eq!(code(["b.json", "a.json"]), Some(back), "{what}");
        }
        // What is beyond one limit is within another.
        assert_eq!(stage.compare(&["a.json", "b.json", "--limit", "1.3x"]).code, Some(0));
    }
}

#[test]
fn what_the_whole_machine_does_is_said_and_taken_out() {
    let stage = Stage::new();
    stage.write("a.json", &run(1));
    let mut slower = run(2);
    stage::scale(&mut slower, 1.3, |_| true);
    stage.write("b.json", &slower);
    let ran = stage.compare(&["a.json", "b.json"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let first = ran.out.lines().next().unwrap_or_default();
    let (front, back) = (
        "no clear difference between transports; but everything takes 1.",
        "x as long on one CPU: the machine's doing or the kernel's, not one transport's",
    );
    let back = [back, &back.replace("one CPU", "two CPUs")].iter().any(|b| first.ends_with(*b));
    assert!(first.starts_with(front) && back, "{first}");
    assert!(ran.out.contains("which is taken out of the changes\n"), "{}", ran.out);
    assert_eq!(stage.compare(&["a.json", "b.json", "--fail-on", "any"]).code, Some(1));
    assert_eq!(stage.compare(&["a.json", "b.json", "--strict"]).code, Some(4));
}

#[test]
fn what_most_of_them_do_is_not_said_of_everything() {
    let stage = Stage::new();
    stage.write("a.json", &run(1));
    let mut slower = run(2);
    stage::scale(&mut slower, 1.5, |result| result["transport"] != "tcp4");
    stage.write("b.json", &slower);
    let ran = stage.compare(&["a.json", "b.json"]);
    let first = ran.out.lines().next().unwrap_or_default();
    assert!(first.starts_with("no clear answer: 4 of 5 transports take 1."), "{first}");
    assert!(first.contains(", unlike tcp4 on "), "{first}");
    assert!(!ran.out.contains("everything"), "{}", ran.out);
}

#[test]
fn what_broke_and_what_is_gone_comes_before_what_is_slower() {
    let stage = Stage::new();
    stage.write("a.json", &run(1));
    let mut new = run(2);
    stage::scale(&mut new, 1.5, |result| result["transport"] == "tcp4");
    stage::without(&mut new, "udp4", "fail", "the 5th reply was wrong");
    stage::without(&mut new, "tcp6", "unavailable", "IPv6 is off");
    stage.write("b.json", &new);
    let ran = stage.compare(&["a.json", "b.json"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.out.starts_with("broken: udp4 on "), "{}", ran.out);
    assert!(ran.out.contains("\n2 broken, 2 gone, 2 slower, 0 faster,"), "{}", ran.out);
    let back = stage.compare(&["b.json", "a.json"]);
    assert_eq!(back.code, Some(0), "{back:?}");
    assert!(back.out.contains("2 mended, 2 back, 2 faster"), "{}", back.out);
    let still = stage.compare(&["b.json", "b.json"]);
    assert_eq!(still.code, Some(0), "{still:?}");
    assert!(still.out.contains("2 still fails"), "{}", still.out);
}

#[test]
fn nothing_measured_is_nothing_to_say() {
    let stage = Stage::new();
    let mut none = run(1);
    for name in stage::TRANSPORTS {
        stage::without(&mut none, name, "unavailable", "is not in this kernel");
    }
    stage.write("a.json", &none);
    let ran = stage.compare(&["a.json", "a.json"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.starts_with("no clear difference: nothing was measured on both sides\n"));
    assert_eq!(stage.compare(&["a.json", "a.json", "--strict"]).code, Some(4));
}

#[test]
fn other_machines_and_settings_are_named_and_strict_is_strict_about_them() {
    let stage = Stage::new();
    stage.write("a.json", &run(1));
    let mut new = run(2);
    new["environment"]["kernel"] = json!("6.1.0");
    new["environment"]["load1"] = json!(9.5);
    new["environment"]["sysctl"]["net.core.rmem_max"] = json!("7");
    new["settings"]["warmup"]["value"] = json!(5);
    new["settings"]["seed"]["value"] = json!(5);
    stage.write("b.json", &new);
    let ran = stage.compare(&["a.json", "b.json", "-v"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    for line in [
        "; kernel, sysctl.net.core.rmem_max and warmup differ\n",
        "\n  kernel: 6.18.44-fc-v657 -> 6.1.0\n",
        "\n  sysctl.net.core.rmem_max: 4194304 -> 7\n",
        "\n  warmup: unknown -> 5\n",
    ] {
        assert!(ran.out.contains(line), "{line}{}", ran.out);
    }
    assert!(!ran.out.contains("load1") && !ran.out.contains("seed"), "{}", ran.out);
    assert_eq!(stage.compare(&["a.json", "b.json", "--strict"]).code, Some(4));
    assert_eq!(stage.compare(&["a.json", "a.json", "--strict"]).code, Some(0));
    // Files of one side that differ among themselves are no repeats of one thing.
    let mixed = stage.compare(&["a.json", "b.json", "--vs", "a.json"]);
    assert!(
        mixed.out.contains("the files of before differ among themselves: kernel"),
        "{}",
        mixed.out
    );
}

#[test]
fn few_transports_cannot_be_told_from_their_machine() {
    let stage = Stage::new();
    let only = |mut run: serde_json::Value| {
        let results = run["results"].as_array_mut().expect("results");
        results.retain(|result| result["transport"] == "tcp4");
        run
    };
    stage.write("a.json", &only(run(1)));
    let mut new = only(run(2));
    stage::scale(&mut new, 1.15, |_| true);
    stage.write("b.json", &new);
    let ran = stage.compare(&["a.json", "b.json"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.starts_with("no clear difference in 2 of 2 rows"), "{}", ran.out);
    assert!(
        ran.out.contains("measure 4 transports or more, or 4 files of each side"),
        "{}",
        ran.out
    );
    // Twelve files of each side tell.
    for file in 0..12 {
        stage.write(&format!("old/{file}.json"), &only(run(10 + file)));
        let mut new = only(run(50 + file));
        stage::scale(&mut new, 1.3, |_| true);
        stage.write(&format!("new/{file}.json"), &new);
    }
    let ran = stage.compare(&["old", "new"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.out.starts_with("slower: tcp4 on "), "{}", ran.out);
}

#[test]
fn a_metric_of_one_number_a_file_needs_files() {
    let stage = Stage::new();
    stage.write("a.json", &run(1));
    for metric in ["p90", "p99", "p999", "min", "max", "mean", "connect"] {
        let ran = stage.compare(&["a.json", "a.json", "--metric", metric]);
        assert_eq!(ran.code, Some(0), "{metric}: {ran:?}");
        assert!(ran.out.starts_with("no clear difference"), "{metric}: {}", ran.out);
        let note = format!("{metric} is one number a file here");
        assert!(ran.out.contains(&note), "{metric}: {}", ran.out);
    }
}

#[test]
fn a_run_that_was_ended_early_and_cases_of_one_side_are_named() {
    let stage = Stage::new();
    stage.write("a.json", &run(1));
    let mut new = run(2);
    new["interrupted"] = json!("SIGINT");
    let results = new["results"].as_array_mut().expect("results");
    results.retain(|result| result["transport"] != "udp4");
    stage.write("b.json", &new);
    let ran = stage.compare(&["a.json", "b.json"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.contains("b.json' was ended early by SIGINT"), "{}", ran.out);
    assert!(
        ran.out.contains("only before: udp4/64/same/block, udp4/64/split/block\n"),
        "{}",
        ran.out
    );
}

#[test]
fn checks_are_compared_fact_by_fact() {
    let stage = Stage::new();
    let made = Ran::of(sockeye().args(["check", "unix-stream", "-k", "echo,eof", "--json"]));
    let mut document: serde_json::Value = serde_json::from_str(&made.out).expect("a document");
    stage.write("a.json", &document);
    let ran = stage.compare(&["a.json", "a.json"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.starts_with("unchanged: all "), "{}", ran.out);
    let cells = document["cells"].as_array_mut().expect("cells");
    let eof = cells.iter_mut().find(|cell| cell["behaviour"] == "eof").expect("a cell");
    (eof["status"], eof["observed"], eof["short"]) =
        (json!("deviates"), json!("hangs\u{1b}[2J"), json!("hangs"));
    stage.write("b.json", &document);
    let ran = stage.compare(&["a.json", "b.json"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let first = ran.out.lines().next().unwrap_or_default();
    assert!(first.starts_with("worse: eof of unix-stream"), "{first}");
    let back = stage.compare(&["b.json", "a.json"]);
    assert_eq!(back.code, Some(0), "{back:?}");
    assert!(back.out.starts_with("better: eof of unix-stream"), "{}", back.out);
    assert_eq!(stage.compare(&["b.json", "a.json", "--fail-on", "any"]).code, Some(1));
}

#[test]
fn pings_are_compared_target_by_target() {
    let stage = Stage::new();
    let target = |name: &str, status: &str, p50: u64| {
        let trips =
            (status == "pass").then(|| json!({"min": 1, "p50": p50, "p99": null, "max": 9}));
        let error = (status != "pass").then(|| json!({"meaning": "nobody listens"}));
        json!({
            "target": name, "transport": "tcp4", "status": status, "rtt_ns": trips, "error": error,
        })
    };
    let ping = |targets: Vec<serde_json::Value>| {
        json!({
            "schema": "sockeye.ping/1", "started": "2026-11-21T15:07:31Z", "interrupted": null,
            "targets": targets,
        })
    };
    stage.write("a.json", &ping(vec![target("one", "pass", 20_000), target("two", "pass", 9_000)]));
    stage.write("b.json", &ping(vec![target("one", "pass", 30_000), target("two", "fail", 0)]));
    let same = stage.compare(&["a.json", "a.json"]);
    assert_eq!(same.code, Some(0), "{same:?}");
    assert!(same.out.starts_with("no clear difference in 2 of 2 rows"), "{}", same.out);
    let ran = stage.compare(&["a.json", "b.json"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.out.starts_with("broken: two fails now: nobody listens\n"), "{}", ran.out);
    assert!(ran.out.contains("+50%"), "{}", ran.out);
    assert!(stage.compare(&["b.json", "a.json"]).out.starts_with("mended: two works again\n"));
}
