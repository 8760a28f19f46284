//! Programs that nobody here wrote read what is written: Python's csv, libxml2 with a schema, cmark-gfm
//! and Python's hdrh; and no words from the machine or the user mean anything to any of them.

#[path = "support/agreement.rs"]
mod agreement;
#[path = "readers/ends.rs"]
mod ends;
#[path = "readers/hostile.rs"]
mod hostile;
#[path = "support/interrupt.rs"]
mod interrupt;
#[path = "readers/logs.rs"]
mod logs;
#[path = "support/reading.rs"]
mod reading;
mod support;

use agreement::agree;
use interrupt::interrupted;
use nix::sys::signal::Signal;
use reading::{Folder, csv, figures, html, junit, object};
use serde_json::{Value, json};
use sockeye::transport::ALL;
use std::os::unix::process::ExitStatusExt;
use support::{Ran, run, skip, sockeye};

/// A run that takes no time to speak of, of cases that pass and cases that are too large.
const SHORT: [&str; 9] =
    ["unix-stream", "udp4", "-s", "64,100k", "-c", "240", "-r", "6", "--no-warn=all"];

/// Every form that a run has for other programs, by the file that it is in.
const FILES: [&str; 6] = ["a.json", "a.csv", "a.md", "a.xml", "github:a.bench", "a.hlog"];

fn written_by(words: &[&str]) -> (Ran, Folder) {
    let folder = Folder::new();
    let mut command = sockeye();
    command.args(words);
    for file in FILES {
        command.args(["-o", file]);
    }
    let ran = Ran::of(command.current_dir(folder.path()));
    (ran, folder)
}

#[test]
fn the_forms_of_one_run_tell_the_same_and_the_table_is_printed_all_the_same() {
    let (ran, folder) = written_by(&SHORT);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.out.starts_with("pass: 2 of 2 transports, "), "{}", ran.out);
    tell_the_same(&folder);
    assert_eq!(folder.names().len(), FILES.len(), "no file but those: {:?}", folder.names());
}

/// Every form that is in the folder against the document beside it.
fn tell_the_same(folder: &Folder) {
    let document = folder.json("a.json");
    let cases = document["results"].as_array().expect("results");
    if let Some(lines) = csv(&folder.text("a.csv")) {
        assert_eq!(lines.len(), cases.len());
        lines.iter().zip(cases).for_each(|(line, case)| agree(line, case));
    }
    suites_agree(&folder.text("a.xml"), &document);
    figures_agree(&folder.text("a.bench"), cases);
    page_agrees(&folder.text("a.md"), &document);
    logs::is_sound(&folder.text("a.hlog"), cases);
}

/// A suite a transport, with a case for each of its own.
fn suites_agree(text: &str, document: &Value) {
    let Some(suites) = junit(text) else { return };
    let cases = document["results"].as_array().expect("results");
    let read: Vec<_> = suites.iter().flat_map(|suite| object(suite, "cases")).collect();
    assert_eq!(read.len(), cases.len());
    for suite in &suites {
        assert_eq!(suite["properties"]["kernel"], document["environment"]["kernel"]);
        let seed = document["seed"].to_string();
        assert_eq!(suite["properties"]["seed"], json!(seed));
    }
    for case in cases {
        let is_it = |read: &&&Value| read["said"]["id"] == case["id"];
        let read = read.iter().find(is_it).unwrap_or_else(|| panic!("no case {}", case["id"]));
        let label = case["transport"].as_str().expect("a label");
        assert_eq!(read["class"], json!(format!("sockeye.{label}")));
        let words =
            format!("{} B at place {}", case["size"], case["place"].as_str().expect("a word"));
        assert_eq!(read["name"], json!(words));
        let outcome = match case["status"].as_str().expect("a word") {
            "pass" => "passed",
            "fail" => "failure",
            "interrupted" => "error",
            _ => "skipped",
        };
        assert_eq!(read["outcome"], outcome, "{}", case["id"]);
        let p99 = case.pointer("/rtt_ns/p99").filter(|p| !p.is_null()).map(ToString::to_string);
        assert_eq!(read["said"].get("rtt_p99_ns"), p99.map(Value::from).as_ref());
        let took: u64 = object(case, "rounds").iter().filter_map(|r| r["took_ns"].as_u64()).sum();
        let seconds = read["time"].as_f64().unwrap_or(0.0);
        assert!((seconds * 1e9 - reading::real(took)).abs() < 1e3, "{seconds} s, {took} ns");
    }
}

/// The median of each case that passed, and nothing of the others.
fn figures_agree(text: &str, cases: &[Value]) {
    let passed = |case: &&Value| case["status"] == "pass";
    let expected: Vec<_> = cases
        .iter()
        .filter(passed)
        .map(|c| (c["id"].clone(), c["rtt_ns"]["p50"].clone()))
        .collect();
    let read = figures(text, "ns");
    let read: Vec<_> = read.iter().map(|f| (f["name"].clone(), f["value"].clone())).collect();
    assert_eq!(read, expected);
}

/// What a page shows is the answer in bold, and a line for each case with the numbers of the document.
fn page_agrees(text: &str, document: &Value) {
    let Some(page) = html(text) else { return };
    let answer = document["answer"]["text"].as_str().expect("words").lines().next();
    assert_eq!(page["strong"], json!([answer.expect("a line")]));
    let lines = object(&page, "rows");
    let cases = document["results"].as_array().expect("results");
    assert_eq!(lines.len(), cases.len() + 1, "a heading and the cases: {lines:?}");
    let at = |title: &str| {
        let cells = lines[0].as_array().expect("cells");
        let position = cells.iter().position(|c| c.as_str().is_some_and(|c| c.starts_with(title)));
        position.unwrap_or_else(|| panic!("no column {title} in {cells:?}"))
    };
    for (line, case) in lines[1..].iter().zip(cases) {
        assert_eq!(
            line.as_array().expect("cells").len(),
            lines[0].as_array().expect("cells").len()
        );
        assert_eq!(line[at("transport")], case["transport"]);
        assert_eq!(line[at("size")], json!(case["size"].to_string()));
        assert_eq!(line[at("place")], case["place"]);
        if !document["results"].to_string().contains("\"pass\"") {
            continue;
        }
        let title = at("median");
        let unit = match lines[0][title].as_str().expect("a title") {
            "median ns" => 1.0,
            "median µs" => 1e3,
            "median ms" => 1e6,
            other => panic!("{other}"),
        };
        let shown = line[title].as_str().expect("a word").split(" ±").next().expect("a number");
        match case["rtt_ns"]["p50"].as_u64() {
            None => assert_eq!(shown, "", "{}", case["id"]),
            Some(ns) => {
                let decimals = shown.split_once('.').map_or(0, |(_, digits)| digits.len());
                assert_eq!(shown, format!("{:.decimals$}", reading::real(ns) / unit));
            }
        }
        let is = |case: &&Value, verdict| case["relative"]["verdict"] == verdict;
        let others =
            cases.iter().any(|case| case["relative"].is_object() && !is(&case, "baseline"));
        if is(&case, "baseline") && others {
            assert_eq!(line[at("as long as")], "1.00", "{}", case["id"]);
        }
    }
}

#[test]
fn documents_of_a_run_that_is_interrupted_are_whole() {
    let folder = Folder::new();
    let mut command = sockeye();
    command.args(["unix-stream", "tcp4", "-f", "junit"]).current_dir(folder.path());
    for file in FILES {
        command.args(["-o", file]);
    }
    if support::skip_where_signals_are_ignored() {
        return;
    }
    let (status, out, err) = interrupted(&mut command, Signal::SIGINT);
    assert_eq!(status.signal(), Some(Signal::SIGINT as i32), "{err}");
    assert_eq!(out, folder.text("a.xml"), "standard output is as whole as the file");
    assert_eq!(folder.json("a.json")["interrupted"], "SIGINT");
    tell_the_same(&folder);
    for suite in junit(&out).unwrap_or_default() {
        assert_eq!(suite["properties"]["interrupted"], "SIGINT");
    }
}

#[test]
fn documents_of_a_run_that_measures_nothing_are_whole() {
    let listed = run(&["list", "--json"]).out;
    let listed: Value = serde_json::from_str(&listed).expect("JSON");
    let is_absent = |name: &&str| {
        let row = object(&listed, "transports").iter().find(|row| row["transport"] == *name);
        row.is_some_and(|row| row["ready"] == json!(false))
    };
    let absent = ALL.iter().map(|row| row.name).find(|name| is_absent(name));
    if absent.is_none() {
        skip("this kernel has every transport of the catalogue");
    }
    for words in [vec!["udp4", "-s", "100k", "-c", "12"]]
        .into_iter()
        .chain(absent.map(|name| vec![name, "-c", "12"]))
    {
        let (ran, folder) = written_by(&words);
        assert!(matches!(ran.code, Some(0 | 3)), "{words:?}: {}", ran.err);
        tell_the_same(&folder);
        assert_eq!(folder.text("a.bench"), "[]\n");
        assert!(!folder.text("a.hlog").contains("Tag="), "{}", folder.text("a.hlog"));
    }
}

#[test]
fn several_kept_results_make_one_document_where_the_form_knows_but_one() {
    let (_, first) = written_by(&SHORT);
    let (_, second) = written_by(&["tcp4", "--place", "same", "-c", "240", "-r", "6"]);
    let files = [first.path().join("a.json"), second.path().join("a.json")];
    let shown = |form: &str| {
        let ran = Ran::of(sockeye().arg("report").args(&files).args(["-f", form]));
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{form}");
        ran.out
    };
    let counts = |file: &Folder| object(&file.json("a.json"), "results").len();
    let total = counts(&first) + counts(&second);
    if let Some(suites) = junit(&shown("junit")) {
        assert_eq!(suites.iter().map(|suite| object(suite, "cases").len()).sum::<usize>(), total);
    }
    if let Some(lines) = csv(&shown("csv")) {
        assert_eq!(lines.len(), total);
    }
    let read = |folder: &Folder| figures(&folder.text("a.bench"), "ns");
    assert_eq!(figures(&shown("github"), "ns"), [read(&first), read(&second)].concat());
}
