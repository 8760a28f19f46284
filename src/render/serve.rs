//! What a server says of itself: the lines to paste when it is ready, and the tally at its end.

use super::csv::field;
use super::paint::wrap;
use crate::address::Address;
use crate::cli::value::Format;
use crate::echo::fault::grouped;
use crate::serve::admission::REASONS;
use crate::serve::tally::Tally;
use comfy_table::Table;
use serde_json::{Map, Value, json};
use std::time::Duration;

/// An address and what was done at it.
#[derive(Clone, Debug)]
pub struct Served {
    /// Where a client reaches it, or else what the kernel calls it.
    pub address: String,
    /// The transport's name.
    pub transport: &'static str,
    /// What was done.
    pub tally: Tally,
}

/// The schema of the lines that a server prints as json.
const SCHEMA: &str = "sockeye.serve/1";

/// What is printed once everything listens; `missing` are lines about what this machine lacks.
#[must_use]
pub fn ready(addresses: &[Address], missing: &[String], format: Format, level: i32) -> String {
    match format {
        Format::Json => {
            let list: Vec<_> = addresses.iter().map(ToString::to_string).collect();
            let line = json!({
                "schema": SCHEMA,
                "event": "ready",
                "pid": std::process::id(),
                "addresses": list,
            });
            format!("{line}\n")
        }
        Format::Csv => String::new(),
        // The other forms are refused before anything listens.
        _ => {
            let mut text = String::new();
            if level >= 0 {
                let count = addresses.len();
                let noun = if count == 1 { "address" } else { "addresses" };
                text = format!("serving {count} {noun}; Ctrl-C ends it; try:\n");
            }
            let lines = addresses.iter().map(|a| format!("  sockeye ping {}\n", a.quoted()));
            text.extend(lines);
            if level >= 0 {
                text.extend(missing.iter().map(|line| format!("  not here: {line}\n")));
            }
            text
        }
    }
}

/// The tally in a format. `level` is how much to say: -1 the first line alone.
#[must_use]
pub fn tally(
    served: &[Served],
    time: Duration,
    format: Format,
    width: Option<usize>,
    level: i32,
    exit_code: Option<u8>,
) -> String {
    match format {
        Format::Csv => csv(served),
        Format::Json => document(served, time, exit_code),
        _ => table(served, time, width, level),
    }
}

fn sum(served: &[Served]) -> Tally {
    served.iter().fold(Tally::default(), |sum, one| sum.and(&one.tally))
}

fn counted(count: u64, noun: &str) -> String {
    format!("{} {noun}{}", grouped(count), if count == 1 { "" } else { "s" })
}

fn table(served: &[Served], time: Duration, width: Option<usize>, level: i32) -> String {
    let all = sum(served);
    let mut text = format!(
        "served {:.1} s: {}, {}, {}; {} not answered\n",
        time.as_secs_f64(),
        counted(all.connections, "connection"),
        counted(all.messages, "message"),
        counted(all.bytes, "byte"),
        grouped(all.all_dropped()),
    );
    if level < 0 {
        return text;
    }
    text.push_str(&rows(served));
    text.push_str(&remarks(&all, width));
    text
}

/// A row for each address where anything happened.
fn rows(served: &[Served]) -> String {
    let busy = |one: &&Served| one.tally != Tally::default();
    if served.iter().filter(busy).count() == 0 {
        return String::new();
    }
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header(["ADDRESS", "CONNECTIONS", "MESSAGES", "BYTES", "NOT ANSWERED"]);
    for Served { address, tally, .. } in served.iter().filter(busy) {
        table.add_row([
            super::paint::tame(address),
            grouped(tally.connections),
            grouped(tally.messages),
            grouped(tally.bytes),
            grouped(tally.all_dropped()),
        ]);
    }
    super::numbers(table) + "\n"
}

fn remarks(all: &Tally, width: Option<usize>) -> String {
    let reasons = REASONS.iter().zip(all.dropped).filter(|(_, count)| *count > 0);
    let mut lines: Vec<_> = reasons
        .map(|((_, _, words), count)| format!("  not answered: {} {words}", grouped(count)))
        .collect();
    if all.idle > 0 {
        lines.push(format!("  closed as idle: {}", counted(all.idle, "connection")));
    }
    if all.broken > 0 {
        let broken = counted(all.broken, "connection");
        lines.push(format!("  broken, or ended with answers not taken: {broken}"));
    }
    lines.iter().map(|line| wrap(line, width, 4) + "\n").collect()
}

/// The columns of a line, by name.
fn columns(served: &Served) -> Vec<(&'static str, Value)> {
    let Served { address, transport, tally } = served;
    let mut columns = vec![
        ("address", json!(address)),
        ("transport", json!(transport)),
        ("connections", json!(tally.connections)),
        ("closed_idle", json!(tally.idle)),
        ("broken", json!(tally.broken)),
        ("messages", json!(tally.messages)),
        ("bytes", json!(tally.bytes)),
    ];
    let dropped = REASONS.iter().zip(tally.dropped);
    columns.extend(dropped.map(|((_, word, _), count)| (*word, json!(count))));
    columns
}

fn csv(served: &[Served]) -> String {
    let text = |value: Value| match value {
        Value::String(text) => field(&text),
        other => other.to_string(),
    };
    let mut lines = Vec::new();
    for (index, one) in served.iter().enumerate() {
        let (names, values): (Vec<_>, Vec<_>) = columns(one).into_iter().unzip();
        if index == 0 {
            lines.push(names.join(","));
        }
        lines.push(values.into_iter().map(text).collect::<Vec<_>>().join(","));
    }
    lines.iter().flat_map(|line| [line, "\r\n"]).collect()
}

fn document(served: &[Served], time: Duration, exit_code: Option<u8>) -> String {
    let address = |one| {
        let map: Map<_, _> =
            columns(one).into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Value::Object(map)
    };
    let line = json!({
        "schema": SCHEMA,
        "event": "tally",
        "duration_ns": u64::try_from(time.as_nanos()).unwrap_or(u64::MAX),
        "exit_code": exit_code,
        "addresses": served.iter().map(address).collect::<Vec<_>>(),
    });
    format!("{line}\n")
}
