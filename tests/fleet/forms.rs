//! The metrics themselves: promtool has nothing to say, and readers of both text forms read the same.

use crate::support::{Ran, run, skip, skip_without_tool};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::io::Write;
use std::process::{Command, Stdio};

const SHORT: [&str; 7] = ["-c", "1500", "-r", "6", "-w", "10", "--no-warn=all"];

/// Text that would break out of its quotes, start a line of its own, or move a cursor.
const HOSTILE: &str = "a\"} 1\nevil{x=\"y\\ \u{1b}[31m# EOF\r\n";

/// Everything that commands have to say in this form, with what it is of.
fn documents() -> Vec<(String, String)> {
    let long: Vec<_> = SHORT.to_vec();
    let with = |args: &[&'static str]| [args, &long].concat();
    let commands: Vec<Vec<&str>> = vec![
        with(&["run"]),
        // Not everywhere is there SCTP, and nowhere a loopback of more than one transport's name twice.
        with(&["tcp4", "tcp4", "sctp4", "vsock-stream"]),
        with(&["unix-dgram", "udp4", "-s", "64,1k,1M"]),
        with(&["unix", "--label", HOSTILE]),
        vec!["check", "tcp4", "unix-dgram", "sctp4"],
        vec!["list"],
        vec!["ping", "tcp4:127.0.0.1:1", "tcp4:127.0.0.1:1", "-c", "2", "-i", "1ms"],
        vec!["ping", "unix-stream:/nowhere/\"\\\u{e9}", "localhost:1", "-c", "1"],
    ];
    let made = |args: Vec<&str>| {
        let ran = run(&[&args[..], &["-f", "openmetrics"]].concat());
        assert!(ran.code.is_some_and(|code| code != 2), "{args:?}: {ran:?}");
        (format!("{args:?}"), ran.out)
    };
    let bad = report_of(&a_bad_run());
    commands.into_iter().map(made).chain([("a bad run".to_owned(), bad)]).collect()
}

/// A run that was kept, in which UDP over IPv6 loses and fails on one CPU and was cut short on two.
fn a_bad_run() -> Value {
    let kept = include_str!("../saved/run-1-2026-11.json");
    let mut kept: Value = serde_json::from_str(kept).expect("a document");
    let results = kept["results"].as_array_mut().expect("rows");
    let of = |results: &[Value], status: &str| {
        results.iter().find(|row| row["status"] == status).expect("such a row").clone()
    };
    let error = of(results, "unavailable")["error"].clone();
    for row in results.iter_mut().filter(|row| row["transport"] == "udp6" && row["size"] == 64) {
        let same = row["place"] == "same";
        row["status"] = if same { "fail" } else { "interrupted" }.into();
        row["lost"] = if same { 3 } else { 0 }.into();
        row["error"] = if same { error.clone() } else { Value::Null };
        row["rtt_ns"] = Value::Null;
    }
    kept["exit_code"] = 1.into();
    kept
}

/// What `report` makes of it.
fn report_of(kept: &Value) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("run.json");
    std::fs::write(&file, kept.to_string()).expect("room");
    let ran = run(&["report", file.to_str().expect("letters"), "-f", "openmetrics"]);
    assert_eq!((ran.code, &*ran.err), (Some(0), ""));
    ran.out
}

#[test]
fn a_failure_is_a_no_and_what_was_cut_short_is_nothing() {
    let text = report_of(&a_bad_run());
    let udp6: Vec<_> = text.lines().filter(|line| line.contains("\"udp6\"")).collect();
    let expected = [
        ("sockeye_transport_available{command=\"run\",transport=\"udp6\"", "1"),
        (
            "sockeye_transport_pass{transport=\"udp6\",size=\"64\",place=\"same\",wait=\"block\"",
            "0",
        ),
        (
            "sockeye_datagrams_lost{transport=\"udp6\",size=\"64\",place=\"same\",wait=\"block\"",
            "3",
        ),
    ];
    assert_eq!(udp6.len(), expected.len(), "{udp6:#?}");
    for (line, (series, number)) in udp6.into_iter().zip(expected) {
        assert!(line.starts_with(series) && line.ends_with(&format!("}} {number}")), "{line}");
    }
    assert!(text.lines().any(|l| l.starts_with("sockeye_run_exit_code") && l.ends_with(" 1")));
}

fn fed(command: &mut Command, input: &str) -> Ran {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    // What does not read its input to the end has something else to say.
    let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
    let output = child.wait_with_output().expect("it ends");
    let text = |bytes| String::from_utf8(bytes).expect("it speaks UTF-8");
    Ran { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

/// The samples of a document: everything of the line in front of the number.
fn series(text: &str) -> Vec<&str> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| Some(line.rsplit_once(' ')?.0)).collect()
}

#[test]
fn promtool_has_nothing_to_say() {
    if skip_without_tool("promtool") {
        return;
    }
    for (of, text) in documents() {
        let ran = fed(Command::new("promtool").args(["check", "metrics"]), &text);
        assert_eq!((ran.code, &*ran.out, &*ran.err), (Some(0), "", ""), "{of}\n{text}");
    }
}

#[test]
fn no_series_is_there_twice_no_number_is_missing_and_the_end_is_the_end() {
    for (of, text) in documents() {
        let all = series(&text);
        let distinct: HashSet<_> = all.iter().collect();
        assert_eq!(all.len(), distinct.len(), "{of}: {text}");
        assert!(
            text.ends_with("\n# EOF\n") && text.matches("# EOF\n").count() == 1,
            "{of}: {text}"
        );
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let number = line.rsplit_once(' ').map_or("", |(_, number)| number);
            let plain = number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
            assert!(plain && number.parse::<f64>().is_ok(), "{of}: {line}");
        }
    }
}

/// Both parsers of Python's client, whose families, labels and numbers have to be the same.
const PARSERS: &str = "import json, sys\n\
    try:\n    from prometheus_client import parser\n    from prometheus_client.openmetrics import parser as strict\n\
    except ImportError:\n    sys.exit(77)\n\
    text = sys.stdin.read()\n\
    def read(parse):\n    \
        return [[f.type, f.unit if parse is strict else None, sorted((s.name, sorted(s.labels.items()), s.value) for s in f.samples)] for f in parse.text_string_to_metric_families(text)]\n\
    old, new = read(parser), read(strict)\n\
    assert [o[0::2] for o in old] == [n[0::2] for n in new], (old, new)\n\
    json.dump(new, sys.stdout)\n";

#[test]
fn readers_of_both_text_forms_read_the_same() {
    if skip_without_tool("python3") {
        return;
    }
    let pythons = ["python3", "/usr/bin/python3"];
    for (of, text) in documents() {
        // The distribution's own Python has the distribution's packages.
        let tried =
            pythons.iter().map(|python| fed(Command::new(python).args(["-c", PARSERS]), &text));
        let Some(ran) = tried.into_iter().find(|ran| ran.code != Some(77)) else {
            assert!(std::env::var_os("CI").is_none(), "CI must have Python's prometheus_client");
            return skip("Python's prometheus_client is not installed");
        };
        assert_eq!((ran.code, &*ran.err), (Some(0), ""), "{of}\n{text}");
        let families: Vec<Value> = serde_json::from_str(&ran.out).expect("json");
        let samples: usize = families.iter().map(|f| f[2].as_array().map_or(0, Vec::len)).sum();
        assert_eq!(samples, series(&text).len(), "{of}");
        if of.contains("--label") {
            // What a terminal would act upon is made visible, and the rest is as it was typed.
            let label = "a\"} 1\nevil{x=\"y\\ \\u{1b}[31m# EOF\\r\n";
            assert!(
                ran.out.contains(
                    &json!(["label", label]).to_string().replace("[\"label\",", "[\"label\", ")
                ),
                "{}",
                ran.out
            );
        }
        for family in &families {
            let name = family[2][0][0].as_str().unwrap_or_default();
            if name.contains("_seconds") {
                assert_eq!(family[1], "seconds", "{family}");
            }
        }
    }
}

/// The numbers of the README, by which people plan their Prometheus.
#[test]
fn a_default_run_has_as_many_series_as_the_readme_says() {
    let ran = run(&[&["-f", "openmetrics"][..], &SHORT].concat());
    let sizes = run(&[&["-f", "openmetrics", "-s", "64,65"][..], &SHORT].concat());
    if ran.code != Some(0) || !ran.out.contains("place=\"split\"") {
        return skip("not all of the seven transports work here, at both places");
    }
    let readme = include_str!("../../README.md");
    let (one, two) = (series(&ran.out).len(), series(&sizes.out).len());
    let said = format!("A default run is {one} series at most");
    assert!(readme.contains(&said), "the README does not say: {said}");
    let said = format!("each further size adds {}", two - one);
    assert!(readme.contains(&said), "the README does not say: {said}");
}

#[test]
fn what_is_not_known_is_not_there() {
    let ran = run(&["sctp4", "vsock-stream", "-f", "openmetrics", "-t", "100ms"]);
    if ran.code != Some(3) {
        return skip("this machine has SCTP or VSOCK");
    }
    for transport in ["sctp4", "vsock-stream"] {
        let gone =
            format!("sockeye_transport_available{{command=\"run\",transport=\"{transport}\"}} 0\n");
        assert!(ran.out.contains(&gone), "{}", ran.out);
    }
    for family in ["transport_pass", "round_trip", "datagrams_lost"] {
        assert!(!ran.out.contains(family), "{family}: {}", ran.out);
    }
}

/// One document has one end, and each series once.
#[test]
fn several_results_are_not_one_document_of_metrics() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("run.json");
    let file = file.to_str().expect("letters");
    let kept = run(&[&["tcp4", "-f", "openmetrics", "-o", file][..], &SHORT].concat());
    let once = run(&["report", file, "-f", "openmetrics"]);
    // The file says when it began in whole seconds.
    let but_time = |text: &str| {
        let lines = text.lines().filter(|line| !line.starts_with("sockeye_run_timestamp_seconds{"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(but_time(&once.out), but_time(&kept.out));
    let twice = run(&["report", file, file, "-f", "openmetrics"]);
    assert_eq!((twice.code, &*twice.out), (Some(2), ""), "{twice:?}");
    assert!(
        twice
            .err
            .starts_with("error: the openmetrics form holds one run, and here are 2 files\nhint: ")
    );
    let absent = folder.path().join("x.prom");
    let into = run(&["report", file, file, "-o", absent.to_str().expect("letters")]);
    assert!(into.code == Some(2) && !absent.exists(), "{into:?}");
}
