//! The document `sockeye.run/1`: integers in nanoseconds, unknown is null, no number is a string.
//! These types are both what is written and what is read. Fields are only added within a major
//! version, and what is added is an `Option`, so that older documents keep reading.

mod reading;
mod sane;

use crate::environment::Environment;
use crate::measure::samples::{self, rounded};
use crate::os::process::Usage;
use crate::report::warning::Warning;
use crate::report::words::unjoined;
use crate::report::{Problem, Relative, Report, RoundTrips, Row, Tool};
use crate::stats::MedianEstimate;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The schema's name, which `--generate schema-run` describes.
pub const SCHEMA: &str = "sockeye.run/1";

type Word = Cow<'static, str>;

/// A whole run.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Run {
    schema: Word,
    /// What made it.
    pub tool: Tool,
    /// How it was called.
    pub argv: Vec<String>,
    /// When, as RFC 3339 has it.
    pub started: String,
    duration_ns: u64,
    exit_code: u8,
    /// The signal that ended it early.
    pub interrupted: Option<Word>,
    /// The user's name for it.
    pub label: Option<String>,
    answer: Answer,
    /// The machine.
    pub environment: Environment,
    /// What was set.
    pub settings: BTreeMap<String, Value>,
    seed: u64,
    rounds_planned: usize,
    rounds_finished: usize,
    note: Option<String>,
    /// The cases.
    pub results: Vec<Result>,
    warnings: Vec<Warning>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
struct Answer {
    text: String,
    passed: usize,
    failed: usize,
    unavailable: usize,
    fastest: Vec<String>,
}

/// The value of a setting, and where it came from.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Value {
    /// The value.
    pub value: serde_json::Value,
    source: Word,
}

/// One case.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Result {
    /// `tcp6/64/same/block`.
    pub id: String,
    /// Its name in the run: `tcp4`, `tcp4#2`.
    pub transport: String,
    family: Word,
    r#type: Word,
    /// Payload bytes.
    pub size: usize,
    /// Which CPUs the ends ran on.
    pub place: Word,
    cpus: Option<[usize; 2]>,
    /// How the ends waited.
    pub wait: Word,
    /// pass, fail, unavailable, skipped, or interrupted.
    pub status: Word,
    address: Option<String>,
    exchanges: u64,
    bytes_verified: u64,
    lost: u64,
    duplicated: u64,
    reordered: u64,
    /// The round trips, where there are any.
    pub rtt_ns: Option<Trips>,
    /// The rounds, in order.
    pub rounds: Vec<Round>,
    relative: Option<Comparison>,
    /// How long `connect` took.
    pub connect_ns: Option<Median>,
    histogram: Option<Encoded>,
    cpu: Cpu,
    buffers: Option<Buffers>,
    /// Why there are no round trips.
    pub error: Option<Trouble>,
}

/// The round trips of a case.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[expect(missing_docs, reason = "a name says all there is to say")]
pub struct Trips {
    pub min: u64,
    pub mean: u64,
    pub stddev: u64,
    pub p50: u64,
    pub p50_ci95: Option<[u64; 2]>,
    pub p90: Option<u64>,
    pub p99: Option<u64>,
    pub p999: Option<u64>,
    pub max: u64,
}

/// A round of a case.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub struct Round {
    /// Which, from 0; what pairs it with the other cases.
    pub round: usize,
    at_ns: Option<u64>,
    took_ns: Option<u64>,
    n: u64,
    /// The median of its round trips.
    pub p50_ns: u64,
    /// Their 90th percentile.
    pub p90_ns: Option<u64>,
    /// Their 99th percentile.
    pub p99_ns: Option<u64>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
struct Comparison {
    to: String,
    ratio: f64,
    ci95: Option<[f64; 2]>,
    verdict: Word,
}

/// A median of times.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Median {
    /// In nanoseconds.
    pub p50: u64,
    p50_ci95: Option<[u64; 2]>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
struct Encoded {
    encoding: Word,
    data: String,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
struct Cpu {
    client: Usage,
    peer: Usage,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
struct Buffers {
    send: usize,
    receive: usize,
}

/// What went wrong with a case.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Trouble {
    kind: String,
    stage: Word,
    syscall: Option<String>,
    errno: Option<i32>,
    errno_name: Option<String>,
    exchange: Option<u64>,
    byte: Option<usize>,
    /// What happened.
    pub message: String,
    /// What it means, in few words; older documents have none.
    pub meaning: Option<String>,
    hint: String,
}

impl Run {
    /// Says which of its numbers no run can have found.
    ///
    /// # Errors
    /// When there is one.
    pub fn sane(&self) -> std::result::Result<(), String> {
        sane::check(self)
    }

    /// The document of a report.
    #[must_use]
    pub fn of(report: &Report) -> Self {
        let about = &report.about;
        let settings = about.settings.iter().map(|setting| {
            let value = Value { value: setting.value.clone(), source: setting.source.clone() };
            (setting.name.clone().into_owned(), value)
        });
        Self {
            schema: SCHEMA.into(),
            tool: about.tool.clone(),
            argv: about.argv.clone(),
            started: humantime::format_rfc3339_seconds(about.started).to_string(),
            duration_ns: u64::try_from(about.duration.as_nanos()).unwrap_or(u64::MAX),
            exit_code: report.exit_code,
            interrupted: about.interrupted.clone(),
            label: about.label.clone(),
            answer: answer_of(report),
            environment: about.environment.clone(),
            settings: settings.collect(),
            seed: about.seed,
            rounds_planned: about.rounds.0,
            rounds_finished: about.rounds.1,
            note: about.note.clone(),
            results: report.rows.iter().map(result).collect(),
            warnings: report.warnings.clone(),
        }
    }
}

fn answer_of(report: &Report) -> Answer {
    let answer = &report.answer;
    let mut sentences = vec![answer.headline.clone()];
    sentences.extend(answer.fastest.iter().cloned());
    sentences.extend(answer.findings.iter().map(|f| format!("{}: {}", f.question, f.answer)));
    Answer {
        text: unjoined(&sentences.join("\n")),
        passed: answer.counts.passed,
        failed: answer.counts.failed,
        unavailable: answer.counts.unavailable,
        fastest: answer.winners.clone(),
    }
}

fn result(row: &Row) -> Result {
    let case = &row.case;
    Result {
        id: case.id(),
        transport: case.label.clone(),
        family: case.transport.family.word().into(),
        r#type: case.transport.kind.word().into(),
        size: case.size,
        place: case.seats.place.word().into(),
        cpus: case.seats.cpus.map(|(client, peer)| [client, peer]),
        wait: case.wait.word().into(),
        status: row.status.word().into(),
        address: row.address.clone(),
        exchanges: row.exchanges,
        bytes_verified: row.bytes_verified,
        lost: row.lost,
        duplicated: row.duplicated,
        reordered: row.reordered,
        rtt_ns: row.round_trips.as_ref().map(|trips| self::trips(row, trips)),
        rounds: row.rounds.iter().map(round).collect(),
        relative: row.relative.as_ref().map(comparison),
        connect_ns: row.connect.as_ref().map(median),
        histogram: (row.histogram.count() > 0)
            .then(|| Encoded { encoding: ENCODING.into(), data: row.histogram.to_base64() }),
        cpu: Cpu { client: row.client_usage, peer: row.peer_usage },
        buffers: row.buffers.map(|(send, receive)| Buffers { send, receive }),
        error: row.problem.as_ref().map(trouble),
    }
}

const ENCODING: &str = "hdr-v2-deflate-base64";

fn round(round: &samples::Round) -> Round {
    Round {
        round: round.round,
        at_ns: round.span.map(|span| span.at_ns),
        took_ns: round.span.map(|span| span.took_ns),
        n: round.exchanges,
        p50_ns: round.median_ns,
        p90_ns: round.p90_ns,
        p99_ns: round.p99_ns,
    }
}

fn trips(row: &Row, trips: &RoundTrips) -> Trips {
    Trips {
        min: trips.min,
        mean: rounded(trips.mean),
        stddev: rounded(trips.stddev),
        p50: trips.median.value,
        p50_ci95: trips.median.interval.map(|(low, high)| [low, high]),
        p90: row.percentile(90.0),
        p99: row.percentile(99.0),
        p999: row.percentile(99.9),
        max: trips.max,
    }
}

fn median(estimate: &MedianEstimate) -> Median {
    Median { p50: estimate.value, p50_ci95: estimate.interval.map(|(low, high)| [low, high]) }
}

fn comparison(relative: &Relative) -> Comparison {
    let ratio = relative.ratio.as_ref();
    Comparison {
        to: relative.to.clone(),
        ratio: ratio.map_or(1.0, |pair| pair.ratio),
        ci95: ratio.and_then(|pair| pair.interval).map(|interval| [interval.low, interval.high]),
        verdict: relative.verdict.word().into(),
    }
}

fn trouble(problem: &Problem) -> Trouble {
    Trouble {
        kind: problem.kind.clone(),
        stage: problem.stage.clone(),
        syscall: problem.call.clone(),
        errno: problem.errno,
        errno_name: problem.errno_name.clone(),
        exchange: problem.exchange,
        byte: problem.byte,
        message: problem.message.clone(),
        meaning: Some(problem.meaning.clone()),
        hint: problem.hint.clone(),
    }
}
