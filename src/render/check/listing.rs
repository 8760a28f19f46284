//! The list of checks, for whoever wants to choose from it.

use crate::behaviour::{Check, Group, Need};
use crate::render::csv::field;
use crate::render::paint::wrap;
use serde_json::json;

/// Names and titles by group; with `detail` the claims and promises too.
#[must_use]
pub fn list(checks: &[(&Group, &Check)], width: Option<usize>, detail: i8) -> String {
    if detail < 0 {
        return checks.iter().flat_map(|(_, check)| [check.name, "\n"]).collect();
    }
    let room = checks.iter().map(|(_, check)| check.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    let mut last = "";
    for (group, check) in checks {
        if group.title != last {
            text.extend([format!("{:2}. {}\n", group.rank, group.title)]);
            last = group.title;
        }
        text.extend([format!("      {:room$}  {}\n", check.name, check.title)]);
        if detail > 0 {
            for line in [check.claim.to_owned(), format!("promise: {}", check.promise)] {
                text.push_str(&wrap(&format!("{:8}{line}", ""), width, 10));
                text.push('\n');
            }
        }
    }
    text
}

/// A line a check.
#[must_use]
pub fn csv(checks: &[(&Group, &Check)]) -> String {
    let mut text = "check,rank,group,title,claim,promise,matters,needs\r\n".to_owned();
    for (group, check) in checks {
        let rank = group.rank.to_string();
        let needs = check.needs.map_or("", Need::words);
        let words = [
            check.name,
            &rank,
            group.title,
            check.title,
            check.claim,
            check.promise,
            check.matters,
            needs,
        ];
        text.push_str(&words.map(field).join(","));
        text.push_str("\r\n");
    }
    text
}

/// `sockeye.checks/1`.
#[must_use]
pub fn document(checks: &[(&Group, &Check)]) -> String {
    let checks: Vec<_> = checks
        .iter()
        .map(|(group, check)| {
            json!({
                "check": check.name,
                "rank": group.rank,
                "group": group.title,
                "title": check.title,
                "claim": check.claim,
                "promise": check.promise,
                "matters": check.matters,
                "needs": check.needs.map(Need::words),
            })
        })
        .collect();
    format!("{:#}\n", json!({"schema": "sockeye.checks/1", "checks": checks}))
}
