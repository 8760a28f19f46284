//! The JSON document `sockeye.ping/1`: integers in nanoseconds, unknown is null, no number is a
//! string. Fields are only added within a major version.

use super::document::{Header, header, text};
use crate::ping::Outcome;
use crate::report::{Problem, Setting};
use crate::saved::Kind;
use serde::Serialize;
use serde_json::{Value, json};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

/// The schema's name, which `--generate schema-ping` describes.
pub const SCHEMA: &str = Kind::Ping.schema();

/// What a ping was, beside its targets.
#[derive(Clone, Debug)]
pub struct About {
    /// The arguments, the program's name first.
    pub argv: Vec<String>,
    /// When it started.
    pub started: SystemTime,
    /// How long it took.
    pub duration: Duration,
    /// What was set.
    pub settings: Vec<Setting>,
    /// The name of the signal that ended it early.
    pub interrupted: Option<Cow<'static, str>>,
    /// How the program ends.
    pub exit_code: u8,
}

#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    header: Header<'a>,
    settings: BTreeMap<&'a str, Value>,
    targets: Vec<Target<'a>>,
}

#[expect(clippy::struct_field_names, reason = "the names are the document's")]
#[derive(Serialize)]
struct Target<'a> {
    target: &'a str,
    address: &'a str,
    transport: &'static str,
    status: &'static str,
    sent: u64,
    received: u64,
    late: u64,
    lost: u64,
    duplicated: u64,
    reordered: u64,
    under_way: u64,
    wrong: u64,
    refused: u64,
    connect_ns: Option<u64>,
    rtt_ns: Option<Trips>,
    answer: Option<Answer>,
    findings: Vec<Finding<'a>>,
    error: Option<Value>,
}

#[derive(Serialize)]
struct Trips {
    min: u64,
    p50: u64,
    p99: Option<u64>,
    max: u64,
}

#[derive(Serialize)]
struct Answer {
    len: usize,
    text: String,
}

#[derive(Serialize)]
struct Finding<'a> {
    id: &'static str,
    message: &'a str,
    hint: &'a str,
}

/// The document, whole, on several lines, with a newline at the end.
#[must_use]
pub fn render(outcomes: &[Outcome], about: &About) -> String {
    let settings = about.settings.iter();
    let document = Document {
        header: header(
            SCHEMA,
            &about.argv,
            (about.started, about.duration),
            (about.exit_code, about.interrupted.clone()),
        ),
        settings: settings
            .map(|s| (&*s.name, json!({"value": s.value, "source": s.source})))
            .collect(),
        targets: outcomes.iter().map(target).collect(),
    };
    text(&document)
}

fn target(outcome: &Outcome) -> Target<'_> {
    let counts = outcome.counts;
    Target {
        target: &outcome.target.typed,
        address: &outcome.target.address,
        transport: outcome.target.transport.name,
        status: outcome.status.word(),
        sent: counts.sent,
        received: counts.received,
        late: counts.late,
        lost: counts.lost(),
        duplicated: counts.duplicated,
        reordered: counts.reordered,
        under_way: counts.under_way,
        wrong: counts.wrong,
        refused: counts.refused,
        connect_ns: outcome.connect_ns,
        rtt_ns: trips(outcome),
        answer: outcome.answer.as_ref().map(|answer| Answer {
            len: answer.len,
            text: String::from_utf8_lossy(&answer.front).into_owned(),
        }),
        findings: outcome
            .findings
            .iter()
            .map(|finding| Finding {
                id: finding.id,
                message: &finding.message,
                hint: &finding.hint,
            })
            .collect(),
        error: outcome.error.as_ref().map(error),
    }
}

fn error(problem: &Problem) -> Value {
    json!({
        "syscall": problem.call,
        "errno": problem.errno,
        "errno_name": problem.errno_name,
        "message": problem.message,
        "meaning": problem.meaning,
        "hint": problem.hint,
    })
}

fn trips(outcome: &Outcome) -> Option<Trips> {
    let trips = &outcome.trips;
    Some(Trips {
        min: trips.min()?,
        p50: trips.percentile(0.5)?,
        p99: trips.percentile(0.99),
        max: trips.max()?,
    })
}
