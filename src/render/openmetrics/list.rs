//! The metrics of a list: which transports there are.

use super::about::{ALL, Told};
use super::{END, written};
use crate::environment::Environment;
use crate::render::list::Entry;
use crate::report::{Status, Tool};
use std::time::{Duration, SystemTime};

/// The list as metrics.
#[must_use]
pub fn render(
    entries: &[Entry],
    span: (SystemTime, Duration),
    environment: &Environment,
    exit_code: u8,
) -> String {
    let transport = |entry: &Entry| {
        let ready = entry.problem.is_none();
        let status = if ready { Status::Pass } else { Status::Unavailable };
        (entry.transport.name.to_owned(), status)
    };
    let told = Told {
        command: "list",
        tool: Tool::this(),
        span,
        exit_code,
        environment: Some(environment.clone()),
        transports: entries.iter().map(transport).collect(),
    };
    written(ALL, &told, None) + END
}
