//! `sockeye check` as its users meet it: its forms agree with each other, its answer with its exit
//! code, and what it is asked wrongly is refused in two lines.

#[path = "support/opinion.rs"]
mod opinion;
#[path = "support/schema.rs"]
mod schema;
mod support;

use opinion::accepted_by_python;
use schema::complaints;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};
use support::{Ran, run, skip_where_signals_are_ignored, skip_without_tool, sockeye};

fn checked(words: &[&str]) -> (Ran, Value) {
    let ran = run(&[&["check"], words, &["--json"]].concat());
    let document = read(&ran);
    (ran, document)
}

fn read(ran: &Ran) -> Value {
    serde_json::from_str(&ran.out)
        .unwrap_or_else(|error| panic!("{error}: {:?} {}{}", ran.code, ran.out, ran.err))
}

fn cells(document: &Value) -> &[Value] {
    document["cells"].as_array().expect("a list")
}

fn word<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_default()
}

#[test]
fn the_document_follows_its_schema_and_agrees_with_the_exit_code() {
    let schema = run(&["--generate", "schema-check"]);
    assert_eq!(schema.code, Some(0), "{}", schema.err);
    let schema: Value = serde_json::from_str(&schema.out).expect("the schema is JSON");
    let (ran, document) = checked(&[]);
    assert_eq!(complaints(&schema, &document), [""; 0]);
    accepted_by_python(&schema, &document);
    assert_eq!(document["exit_code"], json!(ran.code));
    let count = |wanted: &[&str]| {
        cells(&document).iter().filter(|cell| wanted.contains(&word(cell, "status"))).count()
    };
    let answer = &document["answer"];
    assert_eq!(answer["as_documented"], count(&["as-documented", "varies"]));
    assert_eq!(answer["deviating"], count(&["deviates", "hung"]));
    assert_eq!(answer["skipped"], count(&["skipped"]));
    assert_eq!(ran.code, Some(i32::from(count(&["deviates", "hung"]) > 0)));
    for cell in cells(&document) {
        let seen = !matches!(word(cell, "status"), "not-applicable" | "skipped");
        assert_eq!(seen, cell["observed"].is_string(), "{cell:#}");
        assert!(word(cell, "short").chars().count() <= 12, "{cell:#}");
    }
    let transports: BTreeSet<_> = cells(&document).iter().map(|c| word(c, "transport")).collect();
    assert_eq!(transports.len(), 7);
}

#[test]
fn a_tampered_document_is_refused() {
    let schema = run(&["--generate", "schema-check"]);
    let schema: Value = serde_json::from_str(&schema.out).expect("the schema is JSON");
    let (_, document) = checked(&["tcp4", "-k", "echo"]);
    assert_eq!(complaints(&schema, &document), [""; 0]);
    for (place, value) in [
        ("/cells/0/status", json!("fine")),
        ("/cells/0/short", json!("more than twelve letters")),
        ("/exit_code", json!(-1)),
        ("/answer/seen", json!("50")),
    ] {
        let mut other = document.clone();
        *other.pointer_mut(place).expect("a place") = value;
        assert_ne!(complaints(&schema, &other), [""; 0], "{place}");
    }
}

/// The files of one run tell the same.
#[test]
fn every_form_tells_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str| folder.path().join(name).display().to_string();
    let (json, csv, xml, md) = (file("a.json"), file("a.csv"), file("a.xml"), file("a.md"));
    let words = ["check", "tcp4", "tcp6", "unix-dgram", "-k", "echo,boundary,eof,nobody"];
    let ran = run(&[&words[..], &["-o", &json, "-o", &csv, "-o", &xml, "-o", &md]].concat());
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    let read = |path: &str| std::fs::read_to_string(path).expect("it was written");
    let document: Value = serde_json::from_str(&read(&json)).expect("JSON");
    let text = read(&csv);
    let mut lines = text.split_terminator("\r\n");
    let header = "behaviour,group,title,transport,naming,status,observed,expected,reason";
    assert_eq!(lines.next(), Some(header));
    let of_csv: Vec<_> = lines.map(|line| line.split(',').next().expect("a field")).collect();
    let of_json: Vec<_> = cells(&document).iter().map(|cell| word(cell, "behaviour")).collect();
    assert_eq!(of_csv, of_json);
    assert_eq!(of_json.len(), 4 * 4);
    for line in read(&md).lines().filter(|line| line.starts_with("| ")) {
        assert_eq!(line.matches(" | ").count(), 2, "a label and two columns: {line}");
    }
    assert!(read(&md).starts_with("**pass: "), "{}", read(&md));
    assert!(ran.out.starts_with("pass: "), "{}", ran.out);
    junit_agrees(&xml, &document);
}

/// A parser that nobody here wrote reads the suites: behaviours, and in each a case a transport.
fn junit_agrees(path: &str, document: &Value) {
    const CODE: &str = "import json, sys, xml.etree.ElementTree as tree\n\
        root = tree.parse(sys.argv[1]).getroot()\n\
        assert root.tag == 'testsuites', root.tag\n\
        suites = {}\n\
        for suite in root:\n\
        \x20   cases = list(suite)\n\
        \x20   assert int(suite.get('tests')) == len(cases)\n\
        \x20   for what, tag in (('failures', 'failure'), ('skipped', 'skipped')):\n\
        \x20       assert int(suite.get(what)) == sum(c.find(tag) is not None for c in cases)\n\
        \x20   suites[suite.get('name')] = [c.get('name') for c in cases]\n\
        assert int(root.get('tests')) == sum(map(len, suites.values()))\n\
        print(json.dumps(suites))\n";
    if skip_without_tool("python3") {
        return;
    }
    let mut python = Command::new("python3");
    let ran = Ran::of(python.args(["-c", CODE, path]).stdin(Stdio::null()));
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let suites: BTreeMap<String, Vec<String>> = serde_json::from_str(&ran.out).expect("JSON");
    let mut expected: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for cell in cells(document) {
        let at = if word(cell, "naming") == "abstract" { " @" } else { "" };
        let name = format!("{}{at}", word(cell, "transport"));
        expected.entry(word(cell, "behaviour").to_owned()).or_default().push(name);
    }
    assert_eq!(suites, expected);
}

#[test]
fn what_is_asked_wrongly_is_refused_in_two_lines() {
    for (words, what, hint) in [
        (
            &["check", "tpc4"][..],
            "unknown transport 'tpc4'",
            "did you mean 'tcp4'? all names: sockeye list",
        ),
        (
            &["check", "-k", "boundry"],
            "cannot read 'boundry' for '--only <GLOB>': no check is called 'boundry'",
            "did you mean 'boundary'? all names: sockeye check --list-checks",
        ),
        (
            &["check", "-k", "zzz*"],
            "cannot read 'zzz*' for '--only <GLOB>': no check is called 'zzz*'",
            "all names: sockeye check --list-checks",
        ),
        (
            &["check", "-k", ""],
            "cannot read '' for '--only <GLOB>': no name in it",
            "all names: sockeye check --list-checks",
        ),
        (
            &["check", "udp4", "-k", "nagle,backlog*"],
            "none of the checks that were chosen concerns these transports",
            "what concerns a transport: sockeye check --list-checks tcp4",
        ),
        (
            &["check", "--ipv4-vs-ipv6", "unix"],
            "no transport is left over both IPv4 and IPv6 to compare",
            "sockeye check --ipv4-vs-ipv6 tcp udp",
        ),
        (
            &["check", "--ipv4-vs-ipv6", "-4"],
            "no transport is left over both IPv4 and IPv6 to compare",
            "sockeye check --ipv4-vs-ipv6 tcp udp",
        ),
        (
            &["check", "tcp", "--skip", "tcp"],
            "no transport is left after --skip, -4 and -6",
            "leave one of them out; all names: sockeye list",
        ),
        (&["check", "--size", "64"], "unknown flag '--size'", "all flags: sockeye --help"),
        (
            &["check", "-o", "x.pdf"],
            "cannot read 'x.pdf' for '--output <[FORMAT:]FILE>': its suffix is no format",
            "suffixes: .json .csv .md .xml .prom .hlog .svg .html .txt; or name the format: json:FILE",
        ),
        (&["serve", "-f", "markdown"], "serve has no markdown form", "its forms: table, csv, json"),
        (
            &["list", "-o", "list.hlog"],
            "list has no hlog form",
            "its forms: table, csv, json, markdown, junit, openmetrics, html",
        ),
        (
            &["check", "-f", "hlog"],
            "check has no hlog form",
            "its forms: table, csv, json, markdown, junit, openmetrics, github, html",
        ),
        (
            &["check", "--list-checks", "-f", "junit"],
            "check --list-checks has no junit form",
            "its forms: table, csv, json",
        ),
        (&["chekc"], "unknown transport 'chekc'", "did you mean the command 'check'?"),
    ] {
        let ran = run(words);
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{words:?}");
        assert_eq!(ran.err, format!("error: {what}\nhint: {hint}\n"), "{words:?}");
    }
    let ran = Ran::of(sockeye().arg("check").env("SOCKEYE_ONLY", "nosuch"));
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("(from SOCKEYE_ONLY)"), "{}", ran.err);
}

#[test]
fn a_transport_that_is_not_here_is_a_sentence_and_decides_only_when_it_is_named() {
    let Some(absent) =
        ["sctp4", "vsock-stream"].into_iter().find(|name| run(&["list", name]).code == Some(3))
    else {
        return support::skip("this kernel has every transport");
    };
    let (ran, document) = checked(&[absent, "unix-stream", "-k", "echo"]);
    assert_eq!(ran.code, Some(3));
    assert_eq!(document["faults"][0]["transports"], json!([absent]));
    let whole = run(&["check", "stream", "unix", "-k", "echo"]);
    assert_eq!(whole.code, Some(0), "{}{}", whole.out, whole.err);
    let strict = run(&["check", "stream", "unix", "-k", "echo", "--strict"]);
    assert_eq!(strict.code, Some(3), "{}{}", strict.out, strict.err);
}

#[test]
fn the_checks_are_listed_by_names_that_k_takes() {
    let names = run(&["check", "--list-checks", "-q"]);
    assert_eq!(names.out.lines().count(), 128, "{}", names.out);
    let chosen = run(&["check", "--list-checks", "-q", "-k", "poll*,echo"]);
    assert_eq!(
        chosen.out.lines().collect::<Vec<_>>(),
        ["echo", "poll_half", "poll_reset", "pollout_full", "poll_close", "poll_new"]
    );
    let told = run(&["check", "--list-checks", "-v", "-k", "echo"]);
    assert!(told.out.contains("promise: "), "{}", told.out);
    let list = run(&["check", "--list-checks", "--json"]);
    let list: Value = serde_json::from_str(&list.out).expect("JSON");
    let listed = list["checks"].as_array().expect("a list").iter().map(|c| word(c, "check"));
    assert_eq!(listed.collect::<Vec<_>>(), names.out.lines().collect::<Vec<_>>());
    let csv = run(&["check", "--list-checks", "-f", "csv"]);
    assert_eq!(csv.out.matches("\r\n").count(), 129);
}

#[test]
fn quiet_says_the_answer_alone_and_verbose_says_why() {
    let answer = run(&["check", "unix-stream", "-k", "boundary", "-q"]);
    assert_eq!(answer.out, "pass: 2 of 2 facts over 1 transport are as documented\n");
    assert_eq!(run(&["check", "unix-stream", "-k", "boundary", "-qq"]).out, "");
    let told = run(&["check", "unix-stream", "-k", "boundary", "-v"]);
    for words in ["promise: ", "joined 8  unix-stream\n"] {
        assert!(told.out.contains(words), "{words}: {}", told.out);
    }
    let walked = run(&["check", "unix-stream", "-k", "boundary", "-vv"]);
    for words in ["socket(AF_UNIX, SOCK_STREAM, 0) = [1]", "send(3 B) = 3", "recv(100 B) = 8"] {
        assert!(walked.out.contains(words), "{words}: {}", walked.out);
    }
}

#[test]
fn the_two_loopbacks_differ_only_by_design_and_each_difference_has_its_source() {
    let ran = run(&["check", "--ipv4-vs-ipv6"]);
    let (_, document) = checked(&["--ipv4-vs-ipv6"]);
    let differences = document["differences"].as_array().expect("a list");
    let by_name = |name: &str| differences.iter().find(|d| d["behaviour"] == name);
    // The table of what is known to differ over a healthy loopback.
    for name in [
        "maxmsg",
        "oob",
        "range8",
        "srcaddr",
        "src",
        "pktinfo",
        "mss",
        "dontfrag",
        "multicast",
        "wrongfam",
        "ttl",
        "nocheck",
    ] {
        let Some(found) = by_name(name) else {
            // What concerns one version only is no difference between two cells.
            assert!(name == "nocheck" || name == "broadcast", "{name} is not told");
            continue;
        };
        assert_eq!(found["by_design"], true, "{found:#}");
        assert!(found["source"].is_string(), "{found:#}");
    }
    for difference in differences.iter().filter(|d| d["behaviour"] != "localhost") {
        assert_eq!(difference["by_design"], true, "{difference:#}");
    }
    assert!(ran.out.contains("IPv4 and IPv6 differ in "), "{}", ran.out);
    assert!(!ran.out.contains("unix-"), "only what has two IP versions: {}", ran.out);
}

#[test]
fn ctrl_c_keeps_what_was_seen() {
    if skip_where_signals_are_ignored() {
        return;
    }
    let mut command = sockeye();
    command.args(["check", "all", "--json"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().expect("it starts");
    let pid = i32::try_from(child.id()).expect("a process's number");
    // Once threads are at it the signal is blocked and read.
    let tasks = format!("/proc/{pid}/task");
    while std::fs::read_dir(&tasks).is_ok_and(|threads| threads.count() < 20) {
        std::thread::yield_now();
    }
    let pid = nix::unistd::Pid::from_raw(pid);
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGINT).expect("it is ours");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.signal(), Some(2));
    let document: Value = serde_json::from_slice(&output.stdout).expect("a whole document");
    assert_eq!(document["exit_code"], 130);
    assert_eq!(document["interrupted"], "SIGINT");
    let untried = |cell: &&Value| word(cell, "status") == "skipped";
    assert!(cells(&document).iter().any(|cell| untried(&cell)), "it was interrupted in time");
}

/// Whoever tries is in the middle of it, and is not waited for.
#[test]
fn ctrl_c_leaves_nothing_behind() {
    if skip_where_signals_are_ignored() {
        return;
    }
    for round in 0..20 {
        let folder = tempfile::tempdir().expect("a folder");
        let left = || std::fs::read_dir(folder.path()).expect("it is ours").count();
        // Moments are told by how many socket files there are already.
        let files = || -> usize {
            let folders = std::fs::read_dir(folder.path()).expect("it is ours").flatten();
            let inside = folders.map(|entry| std::fs::read_dir(entry.path()));
            inside.map(|files| files.map_or(0, Iterator::count)).sum()
        };
        let mut command = sockeye();
        command.args(["check", "unix", "-qq"]).env("TMPDIR", folder.path());
        let mut child = command.spawn().expect("it starts");
        while files() <= round * 5 && child.try_wait().expect("it is ours").is_none() {
            std::thread::yield_now();
        }
        let pid = nix::unistd::Pid::from_raw(i32::try_from(child.id()).expect("a number"));
        nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGINT).expect("it is ours");
        child.wait().expect("it ends");
        assert_eq!(left(), 0, "round {round}");
    }
}

/// Raw sockets hear those of other processes.
#[test]
fn runs_side_by_side_see_what_one_alone_sees() {
    if run(&["list", "raw6"]).code != Some(0) {
        return support::skip("raw sockets are not to be had");
    }
    let (_, alone) = checked(&["raw4", "raw6"]);
    let seen = |document: &Value| -> Vec<(String, String)> {
        let status = |cell: &Value| word(cell, "status").to_owned();
        cells(document)
            .iter()
            .map(|cell| (word(cell, "behaviour").to_owned(), status(cell)))
            .collect()
    };
    let start = || {
        let mut command = sockeye();
        command.args(["check", "raw4", "raw6", "--json"]).stdout(Stdio::piped());
        command.spawn().expect("it starts")
    };
    for child in [start(), start(), start()] {
        let output = child.wait_with_output().expect("it ends");
        let document: Value = serde_json::from_slice(&output.stdout).expect("a document");
        assert_eq!(seen(&document), seen(&alone));
    }
}

#[test]
fn what_does_not_work_at_all_leaves_the_rest_to_be_compared() {
    let Some(absent) = ["sctp", "raw4 raw6"].into_iter().find(|names| {
        let words: Vec<_> = names.split(' ').collect();
        run(&[&["list"], &words[..]].concat()).code == Some(3)
    }) else {
        return support::skip("this kernel has every transport");
    };
    let words: Vec<_> = absent.split(' ').collect();
    let ran =
        run(&[&["check", "--ipv4-vs-ipv6", "udp", "-k", "mss,dontfrag"], &words[..]].concat());
    let answer = ran.out.lines().next().unwrap_or_default();
    let expected = "IPv4 and IPv6 differ in 1 way here, all of them by design; left out: ";
    assert!(answer.contains(expected), "{answer}");
}

#[test]
fn a_transport_named_twice_is_looked_at_once() {
    let (_, document) = checked(&["tcp4", "tcp4", "tcp", "--skip", "tcp46", "-k", "echo"]);
    let names: Vec<_> = cells(&document).iter().map(|cell| word(cell, "transport")).collect();
    assert_eq!(names, ["tcp4", "tcp6"]);
}

/// More than a pipe holds, to a reader that takes one letter: nobody is left to be told.
#[test]
fn a_reader_of_a_file_that_leaves_is_no_reason_to_complain() {
    let script = "{ \"$0\" check unix -qq -o json:/dev/stdout; echo \"code $?\" >&2; } | head -c 1";
    let mut shell = Command::new("sh");
    support::clean(&mut shell);
    let ran = Ran::of(shell.args(["-c", script, env!("CARGO_BIN_EXE_sockeye")]));
    assert_eq!((ran.out.as_str(), ran.err.as_str()), ("{", "code 0\n"));
}
