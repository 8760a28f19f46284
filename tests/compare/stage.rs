//! Documents with known changes, in a folder of their own.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "the times of these documents are small"
)]

use crate::support::{Ran, sockeye};
use serde_json::{Value, json};
use std::fs;
use tempfile::TempDir;

pub(crate) const TRANSPORTS: [&str; 5] = ["tcp4", "tcp6", "udp4", "unix-stream", "unix-dgram"];
const KEPT: &str = include_str!("../saved/run-1-2026-11.json");

/// A folder of documents.
pub(crate) struct Stage {
    pub(crate) folder: TempDir,
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    pub(crate) fn write(&self, name: &str, document: &Value) {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, document.to_string()).expect("a file");
    }

    /// Runs `compare` with these words in the folder.
    pub(crate) fn compare(&self, words: &[&str]) -> Ran {
        Ran::of(sockeye().current_dir(self.folder.path()).arg("compare").args(words))
    }
}

/// Numbers between -1 and 1, the same ones for a seed.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> f64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        f64::from(u32::try_from(self.0 >> 33).expect("31 bits")) / f64::from(1_u32 << 30) - 1.0
    }
}

/// A run of five transports at two places with 24 rounds. In each round everything is faster or slower
/// by up to 6 %, and each case by up to 2 % of its own.
pub(crate) fn run(seed: u64) -> Value {
    let mut document: Value = serde_json::from_str(KEPT).expect("a document");
    let results = document["results"].as_array().expect("results");
    let measured = |result: &&Value| result["id"] == "unix-stream/64/same/block";
    let model = results.iter().find(measured).expect("a case").clone();
    let mut noise = Noise(seed);
    let mut made = Vec::new();
    for place in ["same", "split"] {
        let common: Vec<f64> = (0..24).map(|_| 0.06 * noise.next()).collect();
        for (at, name) in TRANSPORTS.iter().enumerate() {
            let level = (at as f64 + 8.0) * if place == "same" { 1000.0 } else { 4000.0 };
            let medians = common.iter().map(|c| level * (c + 0.02 * noise.next()).exp());
            made.push(case(&model, name, place, &medians.map(|m| m as u64).collect::<Vec<_>>()));
        }
    }
    document["results"] = made.into();
    document
}

fn case(model: &Value, name: &str, place: &str, medians: &[u64]) -> Value {
    let mut case = model.clone();
    (case["id"], case["transport"]) = (format!("{name}/64/{place}/block").into(), name.into());
    case["place"] = place.into();
    let round = |(number, median): (usize, &u64)| {
        json!({
            "round": number, "at_ns": null, "took_ns": null, "n": 50, "p50_ns": median,
            "p90_ns": null, "p99_ns": null,
        })
    };
    case["rounds"] = medians.iter().enumerate().map(round).collect();
    let mut sorted = medians.to_vec();
    sorted.sort_unstable();
    let trips = &mut case["rtt_ns"];
    trips["p50"] = sorted[12].into();
    trips["p50_ci95"] = json!([sorted[6], sorted[18]]);
    for (percentile, share) in [("p90", 13), ("p99", 20), ("p999", 30), ("max", 90), ("mean", 11)] {
        trips[percentile] = (sorted[12] * share / 10).into();
    }
    case
}

/// Makes some cases so many times as long.
pub(crate) fn scale(run: &mut Value, factor: f64, which: impl Fn(&Value) -> bool) {
    let longer = |value: &mut Value| {
        if let Some(ns) = value.as_u64() {
            *value = ((ns as f64 * factor).round() as u64).into();
        }
    };
    for result in run["results"].as_array_mut().expect("results").iter_mut().filter(|r| which(r)) {
        for round in result["rounds"].as_array_mut().expect("rounds") {
            longer(&mut round["p50_ns"]);
        }
        for (name, value) in result["rtt_ns"].as_object_mut().expect("round trips") {
            match value.as_array_mut() {
                Some(ends) => ends.iter_mut().for_each(longer),
                None if name != "stddev" => longer(value),
                None => {}
            }
        }
    }
}

/// Takes the numbers of a transport away.
pub(crate) fn without(run: &mut Value, name: &str, status: &str, meaning: &str) {
    for result in run["results"].as_array_mut().expect("results") {
        if result["transport"] == name {
            result["status"] = status.into();
            result["rtt_ns"] = Value::Null;
            result["rounds"] = json!([]);
            result["error"] = json!({
                "kind": "call", "stage": "set-up", "syscall": null, "errno": null,
                "errno_name": null, "exchange": null, "byte": null, "message": meaning,
                "meaning": meaning, "hint": "none",
            });
        }
    }
}
