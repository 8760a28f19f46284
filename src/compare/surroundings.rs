//! What differs beside the rows: the machine, the settings that change what is measured, the program.

use super::Difference;
use crate::environment::Environment;
use crate::saved::run::Value;
use serde::Serialize;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

/// Facts of a moment, not of a machine.
const MOMENTARY: [&str; 3] = ["load1", "psi_cpu_some_avg10", "clock_cost_ns"];
/// Settings that change what a number means. Sizes, places and transports are rows of their own.
const TELLING: [&str; 6] = ["wait", "nodelay", "buf", "payload", "warmup", "timeout"];

/// Where two machines differ.
#[must_use]
pub fn environments(before: &Environment, after: &Environment) -> Vec<Difference> {
    if before == after {
        return Vec::new();
    }
    let (before, after) = (facts(before), facts(after));
    let names: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    names
        .into_iter()
        .filter(|name| !MOMENTARY.contains(&name.as_str()))
        .filter_map(|name| difference(name, before.get(name), after.get(name)))
        .collect()
}

/// Where the settings differ in what changes a number's meaning.
#[must_use]
pub fn settings(
    before: &BTreeMap<String, Value>,
    after: &BTreeMap<String, Value>,
) -> Vec<Difference> {
    let value = |side: &BTreeMap<String, Value>, name| side.get(name).map(|s| s.value.clone());
    TELLING
        .iter()
        .filter_map(|name| {
            difference(name, value(before, *name).as_ref(), value(after, *name).as_ref())
        })
        .collect()
}

/// Whether two versions of the program wrote the results.
#[must_use]
pub fn tool(before: &str, after: &str) -> Vec<Difference> {
    let text = |version: &str| Some(Json::from(version));
    difference("sockeye", text(before).as_ref(), text(after).as_ref()).into_iter().collect()
}

/// Facts by their names, those of maps behind the map's: `sysctl.net.core.rmem_max`.
fn facts(environment: &impl Serialize) -> BTreeMap<String, Json> {
    let mut facts = BTreeMap::new();
    let Ok(Json::Object(whole)) = serde_json::to_value(environment) else { return facts };
    for (name, value) in whole {
        match value {
            Json::Object(inner) => {
                facts
                    .extend(inner.into_iter().map(|(key, value)| (format!("{name}.{key}"), value)));
            }
            value => {
                facts.insert(name, value);
            }
        }
    }
    facts
}

fn difference(name: &str, before: Option<&Json>, after: Option<&Json>) -> Option<Difference> {
    let (before, after) = (before.filter(|v| !v.is_null()), after.filter(|v| !v.is_null()));
    (before != after).then(|| Difference {
        what: name.to_owned(),
        before: before.map_or_else(|| "unknown".to_owned(), text),
        after: after.map_or_else(|| "unknown".to_owned(), text),
    })
}

fn text(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}
