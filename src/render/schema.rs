//! The JSON schema of a run (draft 2020-12), as `--generate schema-run` prints it. It is stricter than
//! readers should be: they ignore unknown fields, and this names every field that there is.

use crate::report::warning;
use serde_json::{Map, Value, json};

/// The schema of `sockeye.run/1`.
#[must_use]
pub fn run() -> Value {
    document(
        crate::saved::run::SCHEMA,
        "a run",
        &[
            ("label", text_or_null()),
            ("answer", answer()),
            ("environment", environment()),
            ("settings", settings()),
            ("seed", count()),
            ("rounds_planned", count()),
            ("rounds_finished", count()),
            ("note", text_or_null()),
            ("results", list(&result())),
            ("warnings", list(&warning_schema())),
        ],
    )
}

/// A document with these fields, and those that every document has.
pub(super) fn document(schema: &str, title: &str, fields: &[(&str, Value)]) -> Value {
    let common = [
        ("schema", json!({"const": schema})),
        ("tool", tool()),
        ("argv", list(&text())),
        ("started", json!({"type": "string", "format": "date-time"})),
        ("duration_ns", count()),
        ("exit_code", json!({"type": "integer", "minimum": 0, "maximum": 255})),
        ("interrupted", text_or_null()),
    ];
    let mut whole = object(&[&common, fields].concat());
    if let Some(map) = whole.as_object_mut() {
        map.insert("$schema".into(), json!("https://json-schema.org/draft/2020-12/schema"));
        map.insert("title".into(), format!("sockeye, the socket tester: {title}").into());
    }
    whole
}

/// A list of such things.
pub(super) fn list(items: &Value) -> Value {
    json!({"type": "array", "items": items})
}

/// An object with exactly these fields.
pub(super) fn object(fields: &[(&str, Value)]) -> Value {
    let names: Vec<_> = fields.iter().map(|(name, _)| *name).collect();
    let properties: Map<_, _> =
        fields.iter().map(|(name, schema)| ((*name).to_owned(), schema.clone())).collect();
    json!({
        "type": "object",
        "properties": properties,
        "required": names,
        "additionalProperties": false,
    })
}

pub(super) fn or_null(schema: &Value) -> Value {
    json!({"anyOf": [schema, {"type": "null"}]})
}

pub(super) fn count() -> Value {
    json!({"type": "integer", "minimum": 0})
}

pub(super) fn text() -> Value {
    json!({"type": "string"})
}

pub(super) fn text_or_null() -> Value {
    json!({"type": ["string", "null"]})
}

pub(super) fn count_or_null() -> Value {
    json!({"type": ["integer", "null"], "minimum": 0})
}

fn number_or_null() -> Value {
    json!({"type": ["number", "null"]})
}

fn truth_or_null() -> Value {
    json!({"type": ["boolean", "null"]})
}

fn pair(item: &Value) -> Value {
    or_null(&json!({"type": "array", "items": item, "minItems": 2, "maxItems": 2}))
}

fn texts_by_name() -> Value {
    json!({"type": "object", "additionalProperties": {"type": "string"}})
}

fn tool() -> Value {
    object(&[
        ("name", text()),
        ("version", text()),
        ("revision", text_or_null()),
        ("target", text()),
    ])
}

fn answer() -> Value {
    object(&[
        ("text", text()),
        ("passed", count()),
        ("failed", count()),
        ("unavailable", count()),
        ("fastest", json!({"type": "array", "items": {"type": "string"}})),
    ])
}

pub(super) fn environment() -> Value {
    object(&[
        ("kernel", text()),
        ("arch", text()),
        ("cpu", text_or_null()),
        ("cpus", count()),
        ("governor", text_or_null()),
        ("smt", truth_or_null()),
        ("mitigations", texts_by_name()),
        ("virtualization", text_or_null()),
        ("container", text_or_null()),
        ("load1", number_or_null()),
        ("psi_cpu_some_avg10", number_or_null()),
        ("clocksource", text_or_null()),
        ("clock_cost_ns", count()),
        ("lo_mtu", count_or_null()),
        ("lo_up", truth_or_null()),
        ("ipv6_loopback", truth_or_null()),
        ("sysctl", texts_by_name()),
    ])
}

pub(super) fn settings() -> Value {
    json!({
        "type": "object",
        "additionalProperties": object(&[
            ("value", json!({})),
            ("source", json!({"enum": ["default", "flag", "env"]})),
        ]),
    })
}

fn result() -> Value {
    object(&[
        ("id", text()),
        ("transport", text()),
        ("family", json!({"enum": ["ipv4", "ipv6", "dual", "unix", "vsock"]})),
        ("type", json!({"enum": ["stream", "dgram", "seqpacket", "raw"]})),
        ("size", json!({"type": "integer", "minimum": 1})),
        ("place", json!({"enum": ["same", "split", "free"]})),
        ("cpus", pair(&count())),
        ("wait", json!({"enum": ["block", "poll", "spin"]})),
        ("status", json!({"enum": ["pass", "fail", "unavailable", "skipped", "interrupted"]})),
        ("address", text_or_null()),
        ("exchanges", count()),
        ("bytes_verified", count()),
        ("lost", count()),
        ("duplicated", count()),
        ("reordered", count()),
        ("rtt_ns", or_null(&round_trips())),
        (
            "rounds",
            json!({
                "type": "array",
                "items": object(&[
                    ("round", count()),
                    ("at_ns", count_or_null()),
                    ("took_ns", count_or_null()),
                    ("n", count()),
                    ("p50_ns", count()),
                    ("p90_ns", count_or_null()),
                    ("p99_ns", count_or_null()),
                ]),
            }),
        ),
        ("relative", or_null(&relative())),
        ("connect_ns", or_null(&object(&[("p50", count()), ("p50_ci95", pair(&count()))]))),
        (
            "histogram",
            or_null(&object(&[
                ("encoding", json!({"const": "hdr-v2-deflate-base64"})),
                ("data", text()),
            ])),
        ),
        ("cpu", object(&[("client", usage()), ("peer", usage())])),
        ("buffers", or_null(&object(&[("send", count()), ("receive", count())]))),
        ("error", or_null(&error())),
    ])
}

fn round_trips() -> Value {
    object(&[
        ("min", count()),
        ("mean", count()),
        ("stddev", count()),
        ("p50", count()),
        ("p50_ci95", pair(&count())),
        ("p90", count_or_null()),
        ("p99", count_or_null()),
        ("p999", count_or_null()),
        ("max", count()),
    ])
}

fn relative() -> Value {
    object(&[
        ("to", text()),
        ("ratio", json!({"type": "number", "exclusiveMinimum": 0})),
        ("ci95", pair(&json!({"type": "number"}))),
        ("verdict", json!({"enum": ["baseline", "tie", "unclear", "slower", "faster"]})),
    ])
}

fn usage() -> Value {
    object(&[
        ("user_ns", count()),
        ("system_ns", count()),
        ("voluntary_switches", count()),
        ("involuntary_switches", count()),
    ])
}

fn error() -> Value {
    object(&[
        ("kind", text()),
        ("stage", json!({"enum": ["set-up", "send", "recv"]})),
        ("syscall", text_or_null()),
        ("errno", json!({"type": ["integer", "null"]})),
        ("errno_name", text_or_null()),
        ("exchange", count_or_null()),
        ("byte", count_or_null()),
        ("message", text()),
        ("meaning", text()),
        ("hint", text()),
    ])
}

fn warning_schema() -> Value {
    object(&[
        ("id", json!({"enum": warning::IDS})),
        ("message", text()),
        ("hint", text()),
        ("value", json!({"type": "number"})),
        ("limit", json!({"type": "number"})),
    ])
}
