//! The JSON schema of a comparison (draft 2020-12), as `--generate schema-compare` prints it.

use crate::compare::Verdict;
use crate::render::schema::{count, document, list, object, or_null, text, text_or_null};
use clap::ValueEnum;
use serde_json::{Value, json};

/// The schema of `sockeye.compare/1`.
#[must_use]
pub fn compare() -> Value {
    let metrics = crate::cli::compare::Metric::value_variants().iter().map(|m| m.word());
    let metrics: Vec<_> = metrics.map(Some).chain([None]).collect();
    document(
        super::SCHEMA,
        "a comparison",
        &[
            ("answer", object(&[("text", text())])),
            ("of", json!({"enum": ["run", "check", "ping"]})),
            ("metric", json!({"enum": metrics})),
            ("limit", json!({"type": "number", "minimum": 0})),
            ("base", list(&file())),
            ("new", list(&file())),
            ("rows", list(&row())),
            ("only_base", list(&text())),
            ("only_new", list(&text())),
            (
                "machine",
                list(&object(&[
                    ("place", text()),
                    ("size", count()),
                    ("wait", text()),
                    ("ratio", ratio()),
                ])),
            ),
            ("p99_moved", list(&text())),
            ("environment_differs", list(&difference())),
            ("settings_differ", list(&difference())),
            ("notes", list(&text())),
        ],
    )
}

fn file() -> Value {
    object(&[
        ("name", text()),
        ("label", text_or_null()),
        ("started", text()),
        ("kernel", text_or_null()),
    ])
}

fn row() -> Value {
    let mut words: Vec<_> = Verdict::ALL.map(Verdict::word).to_vec();
    words.dedup();
    let point = || json!({"type": ["integer", "string", "null"]});
    let interval = json!({"type": "array", "items": ratio(), "minItems": 2, "maxItems": 2});
    object(&[
        ("id", text()),
        ("before", point()),
        ("after", point()),
        ("raw_ratio", or_null(&ratio())),
        ("ratio", or_null(&ratio())),
        ("ci95", or_null(&interval)),
        ("verdict", json!({"enum": words})),
    ])
}

fn ratio() -> Value {
    json!({"type": "number", "exclusiveMinimum": 0})
}

fn difference() -> Value {
    object(&[("what", text()), ("before", text()), ("after", text())])
}
