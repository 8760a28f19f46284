//! Which transports are here.

use crate::support::run;
use serde_json::Value;

/// The names of those that `sockeye list` calls ready.
pub(crate) fn ready() -> Vec<String> {
    let ran = run(&["list", "--json"]);
    let document: Value = serde_json::from_str(&ran.out).expect("a document");
    let rows = document["transports"].as_array().expect("rows").iter();
    let name = |row: &Value| row["transport"].as_str().expect("a name").to_owned();
    rows.filter(|row| row["ready"] == true).map(name).collect()
}
