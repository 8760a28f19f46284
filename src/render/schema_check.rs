//! The JSON schema of checks (draft 2020-12), as `--generate schema-check` prints it.

use super::schema::{count, document, environment, list, object, text, text_or_null};
use crate::report::check::Status;
use serde_json::{Value, json};

/// The schema of `sockeye.check/1`.
#[must_use]
pub fn check() -> Value {
    document(
        super::check::SCHEMA,
        "checks",
        &[
            ("answer", answer()),
            ("environment", environment()),
            ("faults", list(&fault())),
            ("notes", list(&object(&[("message", text()), ("hint", text())]))),
            ("cells", list(&cell())),
            ("differences", list(&difference())),
        ],
    )
}

fn answer() -> Value {
    object(&[
        ("text", text()),
        ("seen", count()),
        ("as_documented", count()),
        ("deviating", count()),
        ("skipped", count()),
    ])
}

fn fault() -> Value {
    object(&[
        ("status", json!({"enum": ["unavailable", "fail"]})),
        ("transports", json!({"type": "array", "items": text(), "minItems": 1})),
        ("message", text()),
        ("evidence", text()),
        ("hint", text()),
    ])
}

fn cell() -> Value {
    object(&[
        ("behaviour", text()),
        ("rank", count()),
        ("group", text()),
        ("transport", text()),
        ("naming", json!({"enum": ["path", "abstract", null]})),
        ("status", json!({"enum": Status::ALL.map(Status::word)})),
        ("expected", text_or_null()),
        ("observed", text_or_null()),
        ("short", json!({"type": "string", "maxLength": crate::report::check::SHORTEST})),
        ("at_first", text_or_null()),
        ("reason", text_or_null()),
        ("promise", text()),
    ])
}

fn difference() -> Value {
    let side = || object(&[("transport", text()), ("observed", text())]);
    object(&[
        ("behaviour", text()),
        ("ipv4", side()),
        ("ipv6", side()),
        ("by_design", json!({"type": "boolean"})),
        ("source", text_or_null()),
    ])
}
