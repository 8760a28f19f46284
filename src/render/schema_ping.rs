//! The JSON schema of a ping (draft 2020-12), as `--generate schema-ping` prints it.

use super::schema::{
    count, count_or_null, document, list, object, or_null, settings, text, text_or_null,
};
use serde_json::{Value, json};

/// The schema of `sockeye.ping/1`.
#[must_use]
pub fn ping() -> Value {
    let fields = [("settings", settings()), ("targets", list(&target()))];
    document(super::ping_document::SCHEMA, "a ping", &fields)
}

fn target() -> Value {
    object(&[
        ("target", text()),
        ("address", text()),
        ("transport", text()),
        ("status", json!({"enum": ["pass", "fail", "unavailable"]})),
        ("sent", count()),
        ("received", count()),
        ("late", count()),
        ("lost", count()),
        ("duplicated", count()),
        ("reordered", count()),
        ("under_way", count()),
        ("wrong", count()),
        ("refused", count()),
        ("connect_ns", count_or_null()),
        (
            "rtt_ns",
            or_null(&object(&[
                ("min", count()),
                ("p50", count()),
                ("p99", count_or_null()),
                ("max", count()),
            ])),
        ),
        ("answer", or_null(&object(&[("len", count()), ("text", text())]))),
        (
            "findings",
            json!({
                "type": "array",
                "items": object(&[("id", text()), ("message", text()), ("hint", text())]),
            }),
        ),
        (
            "error",
            or_null(&object(&[
                ("syscall", text_or_null()),
                ("errno", json!({"type": ["integer", "null"]})),
                ("errno_name", text_or_null()),
                ("message", text()),
                ("meaning", text()),
                ("hint", text()),
            ])),
        ),
    ])
}
