//! Which transports are here.

use crate::support::run;
use serde_json::Value;
use sockeye::transport::{ALL, Transport};

/// Those that `sockeye list` calls ready.
pub(crate) fn ready() -> Vec<&'static Transport> {
    let ran = run(&["list", "--json"]);
    let document: Value = serde_json::from_str(&ran.out).expect("a document");
    let rows = document["transports"].as_array().expect("rows");
    let is_ready = |transport: &&Transport| {
        let row = rows.iter().find(|row| row["transport"] == transport.name);
        row.expect("every row is listed")["ready"] == true
    };
    let found: Vec<_> = ALL.iter().filter(is_ready).collect();
    assert!(found.len() >= 3, "Unix sockets are everywhere: {}", ran.out);
    found
}
