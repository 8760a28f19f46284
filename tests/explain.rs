//! `explain`: what a walk shows, what becomes of one that goes wrong, and how it looks.

#[path = "explain/looks.rs"]
mod looks;
#[path = "support/ready.rs"]
mod ready;
#[path = "support/schema.rs"]
mod schema;
#[path = "support/mod.rs"]
mod support;
#[path = "explain/trouble.rs"]
mod trouble;
#[path = "explain/walks.rs"]
mod walks;

use ready::ready;
use serde_json::Value;
use support::{Ran, run};

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
