//! The JSON schema of a walk (draft 2020-12), as `--generate schema-explain` prints it.

use super::document::SCHEMA;
use crate::measure::plan::Place;
use crate::render::schema::{
    count, count_or_null, document, environment, list, object, or_null, text, text_or_null,
};
use crate::report::Status;
use crate::transport::lesson::{Phase, To};
use serde_json::{Value, json};

/// The schema of `sockeye.explain/1`.
#[must_use]
pub fn explain() -> Value {
    let difference = object(&[
        ("total", or_null(&longer(&[]))),
        ("phases", list(&longer(&[("phase", phase())]))),
        ("calls", list(&apart())),
    ]);
    document(
        SCHEMA,
        "a walk",
        &[
            ("answer", object(&[("text", text())])),
            ("environment", environment()),
            ("to", json!({"enum": To::ALL.map(To::word)})),
            ("size", count()),
            ("walks_planned", count()),
            ("place", json!({"enum": Place::ALL.map(Place::word)})),
            (
                "cpus",
                or_null(&json!({"type": "array", "items": count(), "minItems": 2, "maxItems": 2})),
            ),
            ("walks", list(&walk())),
            ("difference", or_null(&difference)),
        ],
    )
}

fn walk() -> Value {
    object(&[
        ("transport", text()),
        ("label", text()),
        ("status", json!({"enum": Status::ALL.map(Status::word)})),
        ("answer", text()),
        ("walks", count()),
        ("rounds", count()),
        ("otherwise", count()),
        ("strangers", count()),
        ("total_ns", or_null(&time())),
        ("phases", list(&object(&[("phase", phase()), ("took_ns", time())]))),
        ("calls", list(&call())),
        ("error", or_null(&fault())),
    ])
}

fn call() -> Value {
    object(&[
        ("end", end()),
        ("moment", text()),
        ("phase", phase()),
        ("call", text()),
        ("text", text()),
        ("descriptor", count_or_null()),
        ("times", count()),
        ("errno", count_or_null()),
        ("errno_name", text_or_null()),
        ("began_ns", count()),
        ("took_ns", or_null(&time())),
        (
            "lesson",
            or_null(&object(&[
                ("text", text()),
                ("confirmed", list(&text())),
                ("untold", count()),
                ("denied", list(&text())),
            ])),
        ),
        ("sockets", list(&sight())),
        ("files", list(&object(&[("socket", text()), ("there", json!({"type": "boolean"}))]))),
        ("lingering", list(&object(&[("end", end()), ("state", text_or_null())]))),
    ])
}

fn sight() -> Value {
    object(&[
        ("socket", text()),
        ("state", text_or_null()),
        ("named", json!({"type": ["boolean", "null"]})),
        ("unread", count_or_null()),
        ("unsent", count_or_null()),
        ("waiting", count_or_null()),
        ("room", count_or_null()),
        ("dropped", count_or_null()),
    ])
}

fn fault() -> Value {
    object(&[
        ("end", or_null(&end())),
        ("moment", text_or_null()),
        ("syscall", text_or_null()),
        ("errno", count_or_null()),
        ("errno_name", text_or_null()),
        ("message", text()),
        ("meaning", text()),
        ("hint", text()),
    ])
}

fn apart() -> Value {
    let truth = || json!({"type": "boolean"});
    object(&[
        ("moment", text()),
        ("one", truth()),
        ("other", truth()),
        ("difference", or_null(&longer(&[]))),
    ])
}

/// What the first takes longer than the other, with further fields.
fn longer(further: &[(&str, Value)]) -> Value {
    let number = || json!({"type": "number"});
    let interval = json!({"type": "array", "items": number(), "minItems": 2, "maxItems": 2});
    let own = [
        ("longer_ns", number()),
        ("ci95", or_null(&interval)),
        ("clear", json!({"type": "boolean"})),
    ];
    object(&[&own, further].concat())
}

fn time() -> Value {
    object(&[
        ("median", count()),
        ("min", count()),
        ("p90", count_or_null()),
        ("max", count()),
        ("rounds", list(&count())),
    ])
}

fn phase() -> Value {
    json!({"enum": [Phase::SetUp, Phase::Connect, Phase::Echo, Phase::End]})
}

fn end() -> Value {
    json!({"enum": ["server", "client"]})
}
