//! From what the rounds gathered to a report: rows, comparisons, answer, warnings, exit code. Pure.

use super::answer::answer;
use super::claim::{Topic, claims};
use super::diagnosis::{diagnose, find_policy};
use super::warning::{Disturbance, is_undecided, warnings};
use super::words::Unit;
use super::{About, Problem, Relative, Report, RoundTrips, Row, Status, Verdict, limit_of};
use crate::cli::quantity::duration_words;
use crate::echo::fault::{Cause, Fault, grouped};
use crate::measure::samples::{Outcome, Samples};
use crate::os::{Errno, errno_name};
use crate::stats::median_of_rounds;
use crate::transport::Limit;

/// The order of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Smallest median first.
    Median,
    /// Smallest 99th percentile first.
    P99,
    /// By the alphabet.
    Name,
    /// As the user named them.
    Given,
}

/// What the user wants of a report.
#[derive(Clone, Debug)]
pub struct Wishes {
    /// The order of rows.
    pub order: Order,
    /// The label of the row that means 1.00.
    pub baseline: Option<String>,
    /// Warnings to leave out.
    pub unwanted: Vec<String>,
    /// The unit that sentences use; None is the one that suits.
    pub unit: Option<Unit>,
    /// Is noise, or a transport that is not there, an error?
    pub strict: bool,
}

/// Makes the report.
#[must_use]
pub fn build(
    about: About,
    samples: &[Samples],
    disturbance: Disturbance,
    wishes: &Wishes,
) -> Report {
    let mut gathered: Vec<_> =
        samples.iter().map(|samples| (row(samples, &about), samples)).collect();
    sort(&mut gathered, &about, wishes.order);
    let mut rows: Vec<_> = gathered.into_iter().map(|(row, _)| row).collect();
    find_policy(rows.iter_mut().map(|row| (row.case.transport, row.problem.as_mut())));
    let claims = claims(&rows, &about.places, &about.sizes, wishes.baseline.as_deref());
    relate(&mut rows, &claims);
    let answer = answer(&about, &rows, &claims, wishes.unit);
    let clock_cost_ns = about.environment.clock_cost_ns;
    let warnings = warnings(&rows, &claims, disturbance, clock_cost_ns, &wishes.unwanted);
    let mut report = Report { about, rows, answer, warnings, exit_code: 0 };
    report.exit_code = exit_code(&report, wishes.strict);
    report
}

fn row(samples: &Samples, about: &About) -> Row {
    let (status, problem) = judge(samples, about);
    let medians: Vec<_> = samples.rounds.iter().map(|round| round.median_ns).collect();
    let round_trips = (status == Status::Pass || status == Status::Fail)
        .then(|| median_of_rounds(&medians))
        .flatten()
        .and_then(|median| {
            Some(RoundTrips {
                min: samples.histogram.min()?,
                max: samples.histogram.max()?,
                mean: samples.histogram.mean()?,
                stddev: samples.histogram.stddev()?,
                median,
            })
        })
        // What a broken transport takes is nobody's median.
        .filter(|_| status == Status::Pass);
    Row {
        case: samples.case.clone(),
        status,
        problem,
        address: samples.address.clone(),
        exchanges: samples.exchanges(),
        bytes_verified: samples.exchanges() * samples.case.size as u64,
        lost: samples.lost,
        duplicated: samples.duplicated,
        reordered: samples.reordered,
        round_trips,
        rounds: samples.rounds.clone(),
        histogram: samples.histogram.clone(),
        connect: median_of_rounds(&samples.connects_ns),
        client_usage: samples.client_usage,
        peer_usage: samples.peer_usage,
        buffers: samples.buffers,
        relative: None,
    }
}

fn judge(samples: &Samples, about: &About) -> (Status, Option<Problem>) {
    match samples.outcome() {
        Outcome::Measured => (Status::Pass, None),
        Outcome::Interrupted => (Status::Interrupted, None),
        Outcome::Refused(error) => {
            let (status, problem) = diagnose(samples.case.transport, &error, &about.environment);
            (status, Some(problem))
        }
        Outcome::TooLarge(errno) => (Status::Skipped, Some(too_large(samples, errno, about))),
        Outcome::Failed(fault) => (Status::Fail, Some(failure(samples, &fault, about))),
    }
}

fn too_large(samples: &Samples, errno: Errno, about: &About) -> Problem {
    let transport = samples.case.transport;
    let limit = limit_of(transport, samples.buffers);
    let largest =
        limit.map_or_else(String::new, |bytes| format!("{} B at most", grouped(bytes as u64)));
    let (name, size) = (transport.name, samples.case.size);
    // The kernel doubles what is asked for, up to twice its maximum (socket(7)).
    let most = about.environment.sysctl.get("net.core.wmem_max").and_then(|most| most.parse().ok());
    let fits = most.is_none_or(|most: usize| 2 * most >= size + 32);
    let hint = match transport.limit() {
        Limit::SendBuffer if fits => format!("sockeye {name} -s {size} --buf {size}"),
        Limit::SendBuffer => {
            format!("sudo sysctl net.core.wmem_max={size}; sockeye {name} -s {size} --buf {size}")
        }
        Limit::Bytes(_) | Limit::Unlimited => {
            format!("sockeye {name} -s {}", limit.unwrap_or(64))
        }
    };
    Problem {
        kind: "size".to_owned(),
        stage: "send".into(),
        call: Some("send".to_owned()),
        errno: Some(errno as i32),
        errno_name: Some(errno_name(errno)),
        exchange: None,
        byte: None,
        message: format!(
            "send({} B): {}, {largest}",
            grouped(samples.case.size as u64),
            errno_name(errno)
        ),
        meaning: largest,
        hint,
    }
}

fn failure(samples: &Samples, fault: &Fault, about: &About) -> Problem {
    let case = &samples.case;
    let timeout = duration_words(about.timeout);
    let (meaning, stage) = match &fault.cause {
        Cause::Mismatch(_) => ("sent back wrong bytes".to_owned(), "recv"),
        Cause::Lost if samples.lost > 1 => {
            (format!("lost {} echoes", grouped(samples.lost)), "recv")
        }
        Cause::Lost => ("lost an echo".to_owned(), "recv"),
        Cause::Duplicated { .. } => ("duplicated an echo".to_owned(), "recv"),
        Cause::Reordered { .. } => ("answered out of order".to_owned(), "recv"),
        Cause::Closed => ("closed in the middle".to_owned(), "recv"),
        Cause::Call { call, errno } => {
            let stage = if call == "send" { "send" } else { "recv" };
            (format!("{call} says {}", errno_name(Errno::from_raw(*errno))), stage)
        }
        Cause::Peer { fate } => (format!("the peer {fate}"), "recv"),
    };
    let (call, errno) = match &fault.cause {
        Cause::Call { call, errno } => (Some(call.clone()), Some(*errno)),
        _ => (None, None),
    };
    Problem {
        kind: fault.cause.word().to_owned(),
        stage: stage.into(),
        call,
        errno,
        errno_name: errno.map(|errno| errno_name(Errno::from_raw(errno))),
        exchange: Some(fault.exchange),
        byte: fault.cause.byte(),
        message: fault.sentence(case.size, &timeout),
        meaning,
        hint: repeat(samples, about),
    }
}

/// The command that makes the same exchanges again.
fn repeat(samples: &Samples, about: &About) -> String {
    let case = &samples.case;
    let mut words = vec!["sockeye".to_owned(), case.transport.name.to_owned()];
    if case.size != 64 {
        words.extend(["-s".to_owned(), case.size.to_string()]);
    }
    words.extend(["--place".to_owned(), case.seats.place.word().to_owned()]);
    words.extend(["--seed".to_owned(), about.seed.to_string()]);
    words.extend(["-c".to_owned(), samples.begun.clamp(1000, 10_000_000).to_string()]);
    words.join(" ")
}

/// Rows that did not pass come first; the others by the user's key, each transport's cases together.
fn sort(gathered: &mut [(Row, &Samples)], about: &About, order: Order) {
    let first = |row: &Row| {
        about.places.first().is_some_and(|place| row.case.seats.place == *place)
            && about.sizes.first().is_some_and(|size| row.case.size == *size)
    };
    // A transport stands where its first place and size put it.
    let keys: Vec<_> = gathered
        .iter()
        .filter(|(row, _)| first(row))
        .map(|(row, _)| (row.case.label.clone(), key(row, order)))
        .collect();
    let rank = |row: &Row| match row.status {
        Status::Fail => 0,
        Status::Unavailable => 1,
        Status::Interrupted | Status::Skipped | Status::Pass => 3,
    };
    let worst = |label: &str, rows: &[(u8, String)]| {
        rows.iter().filter(|(_, l)| l == label).map(|(rank, _)| *rank).min().unwrap_or(3)
    };
    let ranks: Vec<_> =
        gathered.iter().map(|(row, _)| (rank(row), row.case.label.clone())).collect();
    gathered.sort_by_key(|(row, _)| {
        let label = &row.case.label;
        let found = keys.iter().position(|(known, _)| known == label);
        (worst(label, &ranks), found.map(|i| keys[i].1.clone()), found)
    });
}

fn key(row: &Row, order: Order) -> (u64, String) {
    let last = u64::MAX;
    match order {
        Order::Median => (row.median().unwrap_or(last), String::new()),
        Order::P99 => (row.percentile(99.0).or(row.median()).unwrap_or(last), String::new()),
        Order::Name => (0, row.case.label.clone()),
        Order::Given => (0, String::new()),
    }
}

/// Gives the rows their comparison with the baseline.
pub(crate) fn relate(rows: &mut [Row], claims: &[super::claim::Claim]) {
    let labels: Vec<_> = rows.iter().map(|row| row.case.label.clone()).collect();
    for claim in claims.iter().filter(|claim| claim.topic == Topic::Baseline) {
        let to = labels[claim.other].clone();
        rows[claim.other].relative =
            Some(Relative { to: to.clone(), ratio: None, verdict: Verdict::Baseline });
        rows[claim.row].relative =
            Some(Relative { to, ratio: Some(claim.ratio), verdict: claim.verdict() });
    }
}

/// 1 beats 3 beats 4; what could not run at all is 2 and never gets here.
fn exit_code(report: &Report, strict: bool) -> u8 {
    let rows = &report.rows;
    let missing = |row: &Row| {
        row.status == Status::Unavailable
            && (strict || report.about.named.contains(&row.case.transport.name))
    };
    if rows.iter().any(|row| row.status == Status::Fail) {
        1
    } else if rows.iter().any(missing) || rows.iter().all(|row| row.status == Status::Unavailable) {
        // A run that could measure nothing at all has not gone well, whatever was asked for.
        3
    } else if strict && is_undecided(report) {
        4
    } else {
        0
    }
}
