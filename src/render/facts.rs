//! What a run was, as names and words: its settings and the machine. Whoever prints them escapes them.

use crate::cli::quantity::duration_short;
use crate::environment::{Environment, Fact, word};
use crate::report::{About, Setting};
use serde_json::Value;
use std::time::Duration;

/// What is known of the machine.
pub(super) fn machine(environment: &Environment) -> Vec<Fact> {
    environment.facts()
}

/// A setting's value as the user would type it.
pub(super) fn in_words(setting: &Setting) -> String {
    match &setting.value {
        Value::Null => "auto".to_owned(),
        Value::Bool(true) => "on".to_owned(),
        Value::Bool(false) => "off".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(word).collect::<Vec<_>>().join(","),
        number => match (&*setting.name, number.as_u64()) {
            ("time" | "timeout" | "interval", Some(ns)) => duration_short(Duration::from_nanos(ns)),
            _ => number.to_string(),
        },
    }
}

/// Settings by their names.
pub(super) fn of_settings(settings: &[Setting]) -> Vec<(String, String)> {
    settings.iter().map(|s| (s.name.clone().into_owned(), in_words(s))).collect()
}

/// Everything about a run that is not of one case.
pub(super) fn of_run(about: &About) -> Vec<(String, String)> {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut facts = vec![pair("version", &about.tool.version)];
    facts.extend(about.label.iter().map(|label| pair("label", label)));
    facts.extend(about.interrupted.iter().map(|signal| pair("interrupted", signal)));
    facts.extend(about.note.iter().map(|note| pair("note", note)));
    facts.extend(of_settings(&about.settings));
    facts.extend(machine(&about.environment).into_iter().map(|fact| (fact.name, fact.value)));
    facts
}
