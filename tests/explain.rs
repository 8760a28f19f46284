//! `explain`: what a walk shows, what becomes of one that goes wrong, and how it looks.

#[path = "explain/looks.rs"]
mod looks;
#[path = "support/network.rs"]
mod network;
#[path = "support/schema.rs"]
mod schema;
#[path = "support/mod.rs"]
mod support;
#[path = "explain/trouble.rs"]
mod trouble;
#[path = "explain/walks.rs"]
mod walks;

use serde_json::Value;
use sockeye::transport::{ALL, Kind, Transport};
use support::{Ran, run, skip};

/// For walks that nobody else is to be heard in.
const ALONE: &str = "ip link set lo up";

/// What `explain` says of this, as a document.
fn explained(args: &[&str]) -> (Ran, Value) {
    let ran = run(&[&["explain", "--json"], args].concat());
    let document = serde_json::from_str(&ran.out).unwrap_or_else(|error| {
        panic!("{args:?}: {error}\n{}{}", ran.out, ran.err);
    });
    (ran, document)
}

/// A list in a document.
fn list<'a>(value: &'a Value, name: &str) -> &'a Vec<Value> {
    value[name].as_array().unwrap_or_else(|| panic!("{name} is no list: {value}"))
}

/// A text in a document.
fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("{name} is no text: {value}"))
}

/// A number in a document.
fn number(value: &Value, name: &str) -> u64 {
    value[name].as_u64().unwrap_or_else(|| panic!("{name} is no number: {value}"))
}

/// The transports that work here, found out by `list`: the raw ones, which hear strangers and so have
/// a network to themselves, or the others.
fn ready(raw: bool) -> Vec<&'static Transport> {
    let ran = run(&["list", "--json"]);
    let document: Value = serde_json::from_str(&ran.out).expect("a document");
    let works = |row: &&Transport| {
        list(&document, "transports")
            .iter()
            .any(|entry| text(entry, "transport") == row.name && entry["ready"] == true)
    };
    let of_kind = |row: &&Transport| (row.kind == Kind::Raw) == raw;
    let found: Vec<_> = ALL.iter().filter(of_kind).filter(works).collect();
    assert!(raw || found.len() >= 3, "Unix sockets are everywhere: {}", ran.out);
    if found.is_empty() {
        skip("raw sockets need CAP_NET_RAW");
    }
    found
}
