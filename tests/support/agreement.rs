//! The csv format held against the json format: every column of the list.

use serde_json::Value;
use sockeye::render::columns;
use std::collections::HashMap;

/// Where the json format keeps what a column of the csv format says.
const SAME: [(&str, &str); 47] = [
    ("id", "/id"),
    ("transport", "/transport"),
    ("family", "/family"),
    ("type", "/type"),
    ("size", "/size"),
    ("place", "/place"),
    ("client_cpu", "/cpus/0"),
    ("peer_cpu", "/cpus/1"),
    ("wait", "/wait"),
    ("status", "/status"),
    ("address", "/address"),
    ("exchanges", "/exchanges"),
    ("bytes_verified", "/bytes_verified"),
    ("lost", "/lost"),
    ("duplicated", "/duplicated"),
    ("reordered", "/reordered"),
    ("rtt_min_ns", "/rtt_ns/min"),
    ("rtt_p50_ns", "/rtt_ns/p50"),
    ("rtt_p50_low_ns", "/rtt_ns/p50_ci95/0"),
    ("rtt_p50_high_ns", "/rtt_ns/p50_ci95/1"),
    ("rtt_p90_ns", "/rtt_ns/p90"),
    ("rtt_p99_ns", "/rtt_ns/p99"),
    ("rtt_p999_ns", "/rtt_ns/p999"),
    ("rtt_max_ns", "/rtt_ns/max"),
    ("rtt_mean_ns", "/rtt_ns/mean"),
    ("rtt_stddev_ns", "/rtt_ns/stddev"),
    ("relative_to", "/relative/to"),
    ("verdict", "/relative/verdict"),
    ("connect_p50_ns", "/connect_ns/p50"),
    ("client_user_ns", "/cpu/client/user_ns"),
    ("client_system_ns", "/cpu/client/system_ns"),
    ("client_voluntary_switches", "/cpu/client/voluntary_switches"),
    ("client_involuntary_switches", "/cpu/client/involuntary_switches"),
    ("peer_user_ns", "/cpu/peer/user_ns"),
    ("peer_system_ns", "/cpu/peer/system_ns"),
    ("peer_voluntary_switches", "/cpu/peer/voluntary_switches"),
    ("peer_involuntary_switches", "/cpu/peer/involuntary_switches"),
    ("send_buffer", "/buffers/send"),
    ("receive_buffer", "/buffers/receive"),
    ("error_kind", "/error/kind"),
    ("error_stage", "/error/stage"),
    ("error_call", "/error/syscall"),
    ("error_errno", "/error/errno_name"),
    ("error_exchange", "/error/exchange"),
    ("error_byte", "/error/byte"),
    ("error_message", "/error/message"),
    ("error_hint", "/error/hint"),
];

/// Fractions, which the csv format rounds.
const NEAR: [(&str, &str); 3] = [
    ("ratio", "/relative/ratio"),
    ("ratio_low", "/relative/ci95/0"),
    ("ratio_high", "/relative/ci95/1"),
];

/// A column that follows from something else there.
type Derived = (&'static str, fn(&Value) -> Option<u64>);

const DERIVED: [Derived; 2] = [
    ("rounds", |case| case["rounds"].as_array().map(|rounds| rounds.len() as u64)),
    ("echoes_per_second", |case| {
        case["rtt_ns"]["p50"].as_u64().filter(|ns| *ns > 0).map(|ns| 1_000_000_000 / ns)
    }),
];

/// Every column of a line says what the case of the document says.
pub(crate) fn agree(row: &HashMap<String, String>, case: &Value) {
    let known = SAME.len() + NEAR.len() + DERIVED.len();
    assert_eq!(known, columns::ALL.len(), "every column is in one of the lists");
    assert_eq!(row.len(), columns::ALL.len(), "every column of the list");
    for (column, place) in SAME {
        let expected = match case.pointer(place) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        };
        assert_eq!(row[column], expected, "{column} of {}", case["id"]);
    }
    // The row that means 1.00 has no ratio of its own.
    let is_baseline = case["relative"]["verdict"] == "baseline";
    for (column, place) in NEAR {
        let expected = case.pointer(place).and_then(Value::as_f64).filter(|_| !is_baseline);
        match (row[column].parse::<f64>(), expected) {
            (Ok(one), Some(other)) => assert!((one - other).abs() < 1e-5, "{one} {other}"),
            (Err(_), None) => assert_eq!(row[column], "", "{column} of {}", case["id"]),
            differ => panic!("{column} of {}: {differ:?}", case["id"]),
        }
    }
    for (column, of) in DERIVED {
        let expected = of(case).map_or_else(String::new, |number| number.to_string());
        assert_eq!(row[column], expected, "{column} of {}", case["id"]);
    }
}
