//! Every check over every transport that this kernel has: what is seen is what is documented, but for
//! what is known of this kernel, and it is seen again.

mod support;

use serde_json::Value;
use std::collections::BTreeMap;
use support::{run, skip};

/// The kernel whose facts the rules were measured on. Another may do otherwise, and that would be a
/// finding of the program and no fault of it.
const MEASURED_ON: &str = "6.18.";

/// What Linux 6.18 does not do as documented, by the beginning of the transport's name: MPTCP says
/// EPIPE only after `tcp_fin_timeout`, takes `SO_PASSCRED` and delivers nothing, and its accept does not
/// heed `SO_RCVTIMEO`. Whether localhost is listed for both IP versions is up to who set up the machine.
const KNOWN: &[(&str, &str)] = &[
    ("send_closed", "mptcp"),
    ("passcred", "mptcp"),
    ("accepttimeo", "mptcp"),
    ("localhost", "tcp"),
];

/// Cells by check, transport and naming.
type Cells = BTreeMap<(String, String, String), Value>;

fn cells(words: &[&str]) -> (Value, Cells) {
    let ran = run(&[&["check"], words, &["--json"]].concat());
    let document: Value = serde_json::from_str(&ran.out)
        .unwrap_or_else(|error| panic!("{error}: {:?} {}{}", ran.code, ran.out, ran.err));
    let word = |cell: &Value, field: &str| cell[field].as_str().unwrap_or_default().to_owned();
    let list = document["cells"].as_array().expect("a list").iter();
    let cells = list
        .map(|cell| {
            let key = (word(cell, "behaviour"), word(cell, "transport"), word(cell, "naming"));
            (key, cell.clone())
        })
        .collect();
    (document, cells)
}

fn is_bad(cell: &Value) -> bool {
    cell["status"] == "deviates" || cell["status"] == "hung"
}

#[test]
fn what_is_seen_is_what_is_documented() {
    let (document, cells) = cells(&["all"]);
    let kernel = document["environment"]["kernel"].as_str().expect("a release");
    let mut surprises = Vec::new();
    for ((check, transport, naming), cell) in cells.iter().filter(|(_, cell)| is_bad(cell)) {
        let is_known =
            KNOWN.iter().any(|(name, front)| name == check && transport.starts_with(front));
        if !is_known {
            let (seen, expected) = (&cell["observed"], &cell["expected"]);
            surprises.push(format!("{check} {transport} {naming}: {seen}, expected {expected}"));
        }
    }
    if !kernel.starts_with(MEASURED_ON) {
        return skip(&format!("the rules were measured on {MEASURED_ON}x: {surprises:#?}"));
    }
    assert!(surprises.is_empty(), "{surprises:#?}");
    for name in ["send_closed", "accepttimeo"] {
        let key = (name.to_owned(), "mptcp4".to_owned(), String::new());
        if let Some(cell) = cells.get(&key) {
            assert!(is_bad(cell), "MPTCP is mended: take it from the list: {cell:#}");
        }
    }
}

/// Only numbers that are marked as varying vary.
#[test]
fn a_second_run_sees_the_same() {
    let numberless = |text: &str| text.chars().filter(|c| !c.is_ascii_digit()).collect::<String>();
    let ((_, before), (_, after)) = (cells(&[]), cells(&[]));
    assert_eq!(before.len(), after.len());
    for (key, cell) in &before {
        let again = &after[key];
        assert_eq!(cell["status"], again["status"], "{cell:#}\n{again:#}");
        let (one, other) = (cell["observed"].as_str(), again["observed"].as_str());
        if cell["status"] == "varies" {
            assert_eq!(one.map(numberless), other.map(numberless), "{key:?}");
        } else {
            assert_eq!(one, other, "{key:?}");
        }
    }
}

/// Every check was tried over somebody, and nothing was left out for want of time.
#[test]
fn every_check_is_tried() {
    let (_, cells) = cells(&["all"]);
    let mut tried: BTreeMap<&str, usize> = BTreeMap::new();
    for ((check, ..), cell) in &cells {
        *tried.entry(check).or_default() += usize::from(cell["observed"].is_string());
        assert_ne!(cell["reason"], "not tried", "{cell:#}");
    }
    let rights = ["mark", "netns", "mptcp", "rawhdr"];
    let untried: Vec<_> =
        tried.iter().filter(|(name, n)| **n == 0 && !rights.contains(name)).collect();
    assert!(untried.is_empty(), "{untried:?}");
    assert_eq!(tried.len(), 128);
}
