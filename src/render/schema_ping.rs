//! The JSON schema of a ping (draft 2020-12), as `--generate schema-ping` prints it.

use super::schema::{count, count_or_null, object, or_null, settings, text, text_or_null, tool};
use serde_json::{Value, json};

/// The schema of `sockeye.ping/1`.
#[must_use]
pub fn ping() -> Value {
    let mut schema = object(&[
        ("schema", json!({"const": super::ping_document::SCHEMA})),
        ("tool", tool()),
        ("argv", json!({"type": "array", "items": {"type": "string"}})),
        ("started", json!({"type": "string", "format": "date-time"})),
        ("duration_ns", count()),
        ("exit_code", json!({"type": "integer", "minimum": 0, "maximum": 255})),
        ("interrupted", text_or_null()),
        ("settings", settings()),
        ("targets", json!({"type": "array", "items": target()})),
    ]);
    if let Some(map) = schema.as_object_mut() {
        map.insert("$schema".into(), json!("https://json-schema.org/draft/2020-12/schema"));
        map.insert("title".into(), json!("sockeye, the socket tester: a ping"));
    }
    schema
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
