//! What differs beside the rows: the machine, the settings that change what is measured, the program.

use super::Difference;
use crate::environment::{Environment, Fact, word};
use crate::saved::run::Value;
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
        .filter_map(|name| difference(name, before.get(name).cloned(), after.get(name).cloned()))
        .collect()
}

/// Where the settings differ in what changes a number's meaning.
#[must_use]
pub fn settings(
    before: &BTreeMap<String, Value>,
    after: &BTreeMap<String, Value>,
) -> Vec<Difference> {
    let value = |side: &BTreeMap<String, Value>, name: &str| {
        side.get(name).filter(|set| !set.value.is_null()).map(|set| word(&set.value))
    };
    let differs = |name: &&str| difference(name, value(before, name), value(after, name));
    TELLING.iter().filter_map(differs).collect()
}

/// Whether two versions of the program wrote the results.
#[must_use]
pub fn tool(before: &str, after: &str) -> Vec<Difference> {
    let [before, after] = [before, after].map(|version| Some(version.to_owned()));
    difference("sockeye", before, after).into_iter().collect()
}

/// Facts by their names, behind the name of what they are one of many of: `sysctl.net.core.rmem_max`.
fn facts(environment: &Environment) -> BTreeMap<String, String> {
    let named = |fact: Fact| {
        let name = fact.of.map_or_else(|| fact.name.clone(), |of| format!("{of}.{}", fact.name));
        (name, fact.value)
    };
    environment.facts().into_iter().map(named).collect()
}

fn difference(name: &str, before: Option<String>, after: Option<String>) -> Option<Difference> {
    let known = |value: Option<String>| value.unwrap_or_else(|| "unknown".to_owned());
    (before != after).then(|| Difference {
        what: name.to_owned(),
        before: known(before),
        after: known(after),
    })
}
