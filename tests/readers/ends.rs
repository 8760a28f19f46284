//! What `ping`, `list` and `check` have for other programs.

use crate::reading::{Folder, figures, html, junit, object};
use crate::support::{Ran, run, sockeye};
use serde_json::{Value, json};
use sockeye::stats::Histogram;
use std::net::UdpSocket;
use std::os::unix::net::UnixDatagram;
use std::thread::spawn;

/// Echoes datagrams at a port of its own, for as long as the tests run; so many of them right.
fn udp(right: usize) -> String {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("bound");
    let address = format!("udp4://{}", socket.local_addr().expect("a name"));
    spawn(move || {
        let mut bytes = [0; 2048];
        for number in 0.. {
            let Ok((len, from)) = socket.recv_from(&mut bytes) else { return };
            bytes[len - 1] ^= u8::from(number >= right);
            let _ = socket.send_to(&bytes[..len], from);
        }
    });
    address
}

/// Echoes datagrams at that path.
fn unix(path: &str) {
    let socket = UnixDatagram::bind(path).expect("bound");
    spawn(move || {
        let mut bytes = [0; 2048];
        while let Ok((len, from)) = socket.recv_from(&mut bytes) {
            let Some(path) = from.as_pathname() else {
                let _ = socket.send_to_addr(&bytes[..len], &from);
                continue;
            };
            let _ = socket.send_to(&bytes[..len], path);
        }
    });
}

/// What a ping wrote about a good server, one at an odd path, one that does not answer, and one that
/// soon answers wrongly.
fn pinged() -> Folder {
    let folder = Folder::new();
    let path = folder.path().join("a,b |c<d>`e`&\"f%g\u{1b}h").display().to_string();
    unix(&path);
    let (good, odd) = (udp(usize::MAX), format!("unix-dgram://{path}"));
    // What comes back right at first and then wrong has round trips, but has failed.
    let spoiled = udp(10);
    let silent = UdpSocket::bind("127.0.0.1:0").expect("bound");
    let silent = format!("udp4://{}", silent.local_addr().expect("a name"));
    let mut command = sockeye();
    command
        .args(["ping", &good, &odd, &silent, &spoiled, "-c", "30", "-i", "0", "-W", "100ms", "-q"]);
    for file in ["a.json", "a.md", "a.xml", "github:a.bench", "a.hlog"] {
        command.args(["-o", file]);
    }
    let ran = Ran::of(command.current_dir(folder.path()));
    assert_eq!(ran.code, Some(1), "nobody answers there: {}{}", ran.out, ran.err);
    folder
}

#[test]
fn the_forms_of_a_ping_tell_the_same_whatever_its_addresses_hold() {
    let folder = pinged();
    let document = folder.json("a.json");
    let targets = object(&document, "targets");
    let passed: Vec<_> = targets.iter().filter(|target| target["status"] == "pass").collect();
    assert_eq!((targets.len(), passed.len()), (4, 2), "{document:#}");
    let answered: Vec<_> = targets.iter().filter(|target| target["rtt_ns"].is_object()).collect();
    assert_eq!(answered.len(), 3, "{document:#}");

    if let Some(suites) = junit(&folder.text("a.xml")) {
        let cases: Vec<_> = suites.iter().flat_map(|suite| object(suite, "cases")).collect();
        let failed = cases.iter().filter(|case| case["outcome"] == "failure");
        assert_eq!((cases.len(), failed.count()), (4, 2), "{cases:#?}");
    }
    if let Some(page) = html(&folder.text("a.md")) {
        let rows = object(&page, "rows");
        for (row, target) in rows[1..].iter().zip(targets) {
            let seen = target["address"].as_str().expect("an address").replace('\u{1b}', " ");
            assert_eq!((&row[0], &row[1]), (&json!(seen), &target["transport"]));
            assert_eq!(row[3], json!(target["sent"].to_string()));
        }
        assert!(
            page["strong"][0].as_str().is_some_and(|words| words.starts_with("2 of 4 targets"))
        );
    }
    let read = figures(&folder.text("a.bench"), "ns");
    let medians: Vec<_> = read.iter().map(|figure| &figure["value"]).collect();
    assert_eq!(medians, passed.iter().map(|target| &target["rtt_ns"]["p50"]).collect::<Vec<_>>());

    let log = folder.text("a.hlog");
    let lines: Vec<_> = log.lines().filter(|line| line.starts_with("Tag=")).collect();
    assert_eq!(lines.len(), answered.len(), "{log}");
    assert!(
        lines[1].starts_with("Tag=unix-dgram:")
            && lines[1].contains("a%2Cb%20|c<d>`e`&\"f%25g%1Bh,")
    );
    for (line, target) in lines.iter().zip(answered) {
        let data = line.rsplit(',').next().expect("a histogram");
        let histogram = Histogram::from_base64(data).expect("a histogram");
        assert_eq!(json!(histogram.count()), target["received"]);
    }
}

#[test]
fn the_forms_of_the_list_tell_the_same() {
    let list: Value = serde_json::from_str(&run(&["list", "--json"]).out).expect("JSON");
    let rows = object(&list, "transports");
    if let Some(suites) = junit(&run(&["list", "-f", "junit"]).out) {
        let cases: Vec<_> = suites.iter().flat_map(|suite| object(suite, "cases")).collect();
        assert_eq!(cases.len(), rows.len());
        for (case, row) in cases.iter().zip(rows) {
            let expected = if row["ready"] == json!(true) { "passed" } else { "skipped" };
            assert_eq!((&case["name"], &case["outcome"]), (&row["transport"], &json!(expected)));
        }
    }
    if let Some(page) = html(&run(&["list", "-f", "markdown"]).out) {
        let lines = object(&page, "rows");
        assert_eq!(lines.len(), rows.len() + 1);
        for (line, row) in lines[1..].iter().zip(rows) {
            let ready = if row["ready"] == json!(true) { "yes" } else { "no" };
            assert_eq!((&line[0], &line[1]), (&row["transport"], &json!(ready)));
        }
    }
}

#[test]
fn the_forms_of_checks_tell_the_same() {
    let folder = Folder::new();
    let mut command = sockeye();
    command.args(["check", "tcp4", "unix-dgram"]).current_dir(folder.path());
    for file in ["a.json", "a.md", "a.xml", "github:a.bench"] {
        command.args(["-o", file]);
    }
    let ran = Ran::of(&mut command);
    assert!(matches!(ran.code, Some(0 | 1)), "{}", ran.err);
    let document = folder.json("a.json");
    let cells = object(&document, "cells");
    if let Some(suites) = junit(&folder.text("a.xml")) {
        let cases = suites.iter().flat_map(|suite| object(suite, "cases"));
        let outcomes: Vec<_> =
            cases.map(|case| case["outcome"].as_str().expect("a word")).collect();
        let expected = cells.iter().map(|cell| match cell["status"].as_str().expect("a word") {
            "as-documented" | "varies" => "passed",
            "deviates" | "hung" => "failure",
            _ => "skipped",
        });
        assert_eq!(outcomes, expected.collect::<Vec<_>>());
    }
    if let Some(page) = html(&folder.text("a.md")) {
        let rows = object(&page, "rows");
        assert!(
            rows.len() > 50
                && rows
                    .iter()
                    .all(|row| row.as_array().map(Vec::len) == rows[0].as_array().map(Vec::len))
        );
    }
    for figure in figures(&folder.text("a.bench"), "deviations") {
        let name = figure["name"].as_str().expect("a name").trim_start_matches("check/").to_owned();
        let is_bad = |cell: &&Value| {
            cell["transport"] == name
                && ["deviates", "hung"].iter().any(|bad| cell["status"] == *bad)
        };
        assert_eq!(figure["value"], json!(cells.iter().filter(is_bad).count()), "{name}");
    }
}
