//! The JSON document `sockeye.run/1`: integers in nanoseconds, unknown is null, no number is a
//! string. Fields are only added within a major version.

use super::columns::rounded;
use crate::environment::Environment;
use crate::os::process::Usage;
use crate::report::words::unjoined;
use crate::report::{Problem, Relative, Report, RoundTrips, Row};
use crate::stats::MedianEstimate;
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

/// The schema's name, which `--generate schema-run` describes.
pub const SCHEMA: &str = "sockeye.run/1";

#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    header: Header<'a>,
    label: Option<&'a str>,
    answer: Answer<'a>,
    environment: &'a Environment,
    settings: BTreeMap<&'static str, Setting<'a>>,
    seed: u64,
    rounds_planned: usize,
    rounds_finished: usize,
    results: Vec<Case<'a>>,
    warnings: Vec<Warning<'a>>,
}

/// What every document begins with.
#[derive(Serialize)]
pub(super) struct Header<'a> {
    schema: &'static str,
    tool: Tool,
    argv: &'a [String],
    started: String,
    duration_ns: u64,
    exit_code: u8,
    interrupted: Option<&'static str>,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
    revision: Option<&'static str>,
    target: String,
}

#[derive(Serialize)]
struct Answer<'a> {
    text: String,
    passed: usize,
    failed: usize,
    unavailable: usize,
    fastest: &'a [String],
}

#[derive(Serialize)]
struct Setting<'a> {
    value: &'a serde_json::Value,
    source: &'static str,
}

#[derive(Serialize)]
struct Case<'a> {
    id: String,
    transport: &'a str,
    family: &'static str,
    r#type: &'static str,
    size: usize,
    place: &'static str,
    cpus: Option<[usize; 2]>,
    wait: &'static str,
    status: &'static str,
    address: Option<&'a str>,
    exchanges: u64,
    bytes_verified: u64,
    lost: u64,
    duplicated: u64,
    reordered: u64,
    rtt_ns: Option<Trips>,
    rounds: Vec<Round>,
    relative: Option<Comparison<'a>>,
    connect_ns: Option<Median>,
    histogram: Option<Encoded>,
    cpu: Cpu,
    buffers: Option<Buffers>,
    error: Option<Trouble<'a>>,
}

#[derive(Serialize)]
struct Trips {
    min: u64,
    mean: u64,
    stddev: u64,
    p50: u64,
    p50_ci95: Option<[u64; 2]>,
    p90: Option<u64>,
    p99: Option<u64>,
    p999: Option<u64>,
    max: u64,
}

#[expect(clippy::struct_field_names, reason = "the names are the document's")]
#[derive(Serialize)]
struct Round {
    round: usize,
    n: u64,
    p50_ns: u64,
}

#[derive(Serialize)]
struct Comparison<'a> {
    to: &'a str,
    ratio: f64,
    ci95: Option<[f64; 2]>,
    verdict: &'static str,
}

#[derive(Serialize)]
struct Median {
    p50: u64,
    p50_ci95: Option<[u64; 2]>,
}

#[derive(Serialize)]
struct Encoded {
    encoding: &'static str,
    data: String,
}

#[derive(Serialize)]
struct Cpu {
    client: Usage,
    peer: Usage,
}

#[derive(Serialize)]
struct Buffers {
    send: usize,
    receive: usize,
}

#[derive(Serialize)]
struct Trouble<'a> {
    kind: &'a str,
    stage: &'static str,
    syscall: Option<&'a str>,
    errno: Option<i32>,
    errno_name: Option<&'a str>,
    exchange: Option<u64>,
    byte: Option<usize>,
    message: &'a str,
    hint: &'a str,
}

#[derive(Serialize)]
struct Warning<'a> {
    id: &'static str,
    message: &'a str,
    hint: &'a str,
    value: f64,
    limit: f64,
}

/// The report, whole, on several lines, with a newline at the end.
#[must_use]
pub fn render(report: &Report) -> String {
    // Every type above has a JSON form, so that this cannot fail; if it did, nothing is better than
    // half a document.
    serde_json::to_string_pretty(&document(report))
        .map_or_else(|_| String::new(), |text| text + "\n")
}

fn document(report: &Report) -> Document<'_> {
    let about = &report.about;
    let settings = about
        .settings
        .iter()
        .map(|setting| (setting.name, Setting { value: &setting.value, source: setting.source }));
    Document {
        header: header(
            SCHEMA,
            &about.argv,
            (about.started, about.duration),
            (report.exit_code, about.interrupted),
        ),
        label: about.label.as_deref(),
        answer: answer(report),
        environment: &about.environment,
        settings: settings.collect(),
        seed: about.seed,
        rounds_planned: about.rounds.0,
        rounds_finished: about.rounds.1,
        results: report.rows.iter().map(case).collect(),
        warnings: report
            .warnings
            .iter()
            .map(|warning| Warning {
                id: warning.id,
                message: &warning.message,
                hint: &warning.hint,
                value: warning.value,
                limit: warning.limit,
            })
            .collect(),
    }
}

/// Which document it is, what wrote it when, how long that took, and how it ended.
pub(super) fn header<'a>(
    schema: &'static str,
    argv: &'a [String],
    (started, duration): (SystemTime, Duration),
    (exit_code, interrupted): (u8, Option<&'static str>),
) -> Header<'a> {
    let tool = Tool {
        name: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        revision: option_env!("SOCKEYE_REVISION"),
        target: format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS),
    };
    Header {
        schema,
        tool,
        argv,
        started: humantime::format_rfc3339_seconds(started).to_string(),
        duration_ns: u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX),
        exit_code,
        interrupted,
    }
}

fn answer(report: &Report) -> Answer<'_> {
    let answer = &report.answer;
    let mut sentences = vec![answer.headline.clone()];
    sentences.extend(answer.fastest.iter().cloned());
    sentences.extend(answer.findings.iter().map(|f| format!("{}: {}", f.question, f.answer)));
    Answer {
        text: unjoined(&sentences.join("\n")),
        passed: answer.counts.passed,
        failed: answer.counts.failed,
        unavailable: answer.counts.unavailable,
        fastest: &answer.winners,
    }
}

fn case(row: &Row) -> Case<'_> {
    let case = &row.case;
    Case {
        id: case.id(),
        transport: &case.label,
        family: case.transport.family.word(),
        r#type: case.transport.kind.word(),
        size: case.size,
        place: case.seats.place.word(),
        cpus: case.seats.cpus.map(|(client, peer)| [client, peer]),
        wait: case.wait.word(),
        status: row.status.word(),
        address: row.address.as_deref(),
        exchanges: row.exchanges,
        bytes_verified: row.bytes_verified,
        lost: row.lost,
        duplicated: row.duplicated,
        reordered: row.reordered,
        rtt_ns: row.round_trips.as_ref().map(|trips| self::trips(row, trips)),
        rounds: row
            .rounds
            .iter()
            .map(|round| Round { round: round.round, n: round.exchanges, p50_ns: round.median_ns })
            .collect(),
        relative: row.relative.as_ref().map(comparison),
        connect_ns: row.connect.as_ref().map(median),
        histogram: (row.histogram.count() > 0).then(|| Encoded {
            encoding: "hdr-v2-deflate-base64",
            data: row.histogram.to_base64(),
        }),
        cpu: Cpu { client: row.client_usage, peer: row.peer_usage },
        buffers: row.buffers.map(|(send, receive)| Buffers { send, receive }),
        error: row.problem.as_ref().map(trouble),
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

fn comparison(relative: &Relative) -> Comparison<'_> {
    let ratio = relative.ratio.as_ref();
    Comparison {
        to: &relative.to,
        ratio: ratio.map_or(1.0, |pair| pair.ratio),
        ci95: ratio.and_then(|pair| pair.interval).map(|interval| [interval.low, interval.high]),
        verdict: relative.verdict.word(),
    }
}

fn trouble(problem: &Problem) -> Trouble<'_> {
    Trouble {
        kind: &problem.kind,
        stage: problem.stage,
        syscall: problem.call.as_deref(),
        errno: problem.errno,
        errno_name: problem.errno_name.as_deref(),
        exchange: problem.exchange,
        byte: problem.byte,
        message: &problem.message,
        hint: &problem.hint,
    }
}
