//! Numbers that no run can have found: a document that holds one was not written by this program, and
//! sums and differences of such numbers would be wrong without anybody noticing.

use super::{Median, Result, Round, Run, Trips};
use std::collections::HashSet;

/// More nanoseconds and bytes than any run takes: 104 days. A real number holds all below exactly.
const MOST: u64 = 1 << 53;
/// More echoes than any run makes, and so few that the sum over a million cases is still a number.
const MOST_ECHOES: u64 = 1 << 43;

/// The kernel passes no longer argument or variable (`MAX_ARG_STRLEN`), and so no longer label.
const LONGEST_LABEL: usize = 32 * 4096;

/// Says which number of a run is none that could have been found.
pub(super) fn check(run: &Run) -> std::result::Result<(), String> {
    within("the run", "duration_ns", run.duration_ns, MOST)?;
    if run.label.as_ref().is_some_and(|label| label.len() > LONGEST_LABEL) {
        return Err(format!("its label is longer than {LONGEST_LABEL} bytes"));
    }
    let mut ids = HashSet::new();
    for result in &run.results {
        if !ids.insert(result.id.as_str()) {
            return Err(format!("{} stands in it twice", result.id));
        }
        check_result(result)?;
    }
    Ok(())
}

fn check_result(result: &Result) -> std::result::Result<(), String> {
    let [client, peer] = [result.cpu.client, result.cpu.peer];
    let switches = |of: crate::os::process::Usage| {
        [of.voluntary_switches, of.involuntary_switches].into_iter().max().unwrap_or(0)
    };
    let numbers = [
        ("size", result.size as u64, MOST),
        ("bytes_verified", result.bytes_verified, MOST),
        ("exchanges", result.exchanges, MOST_ECHOES),
        ("lost", result.lost, MOST_ECHOES),
        ("duplicated", result.duplicated, MOST_ECHOES),
        ("reordered", result.reordered, MOST_ECHOES),
        ("cpu", client.user_ns.max(client.system_ns), MOST),
        ("cpu", peer.user_ns.max(peer.system_ns), MOST),
        ("switches", switches(client).max(switches(peer)), MOST_ECHOES),
    ];
    for (name, number, most) in numbers {
        within(&result.id, name, number, most)?;
    }
    result.rtt_ns.as_ref().map_or(Ok(()), |trips| check_trips(&result.id, trips))?;
    result.connect_ns.as_ref().map_or(Ok(()), |median| check_median(&result.id, median))?;
    result.rounds.iter().try_for_each(|round| check_round(&result.id, round))
}

fn check_trips(id: &str, trips: &Trips) -> std::result::Result<(), String> {
    let percentiles = [trips.p90, trips.p99, trips.p999].into_iter().flatten();
    for time in percentiles.chain([trips.min, trips.mean, trips.stddev, trips.p50, trips.max]) {
        within(id, "rtt_ns", time, MOST)?;
    }
    if trips.min > trips.max {
        return Err(format!("{id}: rtt_ns goes from {} to {}", trips.min, trips.max));
    }
    around(id, trips.p50, trips.p50_ci95)
}

fn check_median(id: &str, median: &Median) -> std::result::Result<(), String> {
    within(id, "connect_ns", median.p50, MOST)?;
    around(id, median.p50, median.p50_ci95)
}

fn check_round(id: &str, round: &Round) -> std::result::Result<(), String> {
    let times = [Some(round.p50_ns), round.p90_ns, round.p99_ns, round.at_ns, round.took_ns];
    for time in times.into_iter().flatten() {
        within(id, "rounds", time, MOST)?;
    }
    within(id, "rounds", round.n, MOST_ECHOES)?;
    within(id, "rounds", round.round as u64, MOST_ECHOES)
}

/// An interval holds what it is the interval of.
fn around(id: &str, value: u64, interval: Option<[u64; 2]>) -> std::result::Result<(), String> {
    let Some([low, high]) = interval else { return Ok(()) };
    within(id, "p50_ci95", high, MOST)?;
    if (low..=high).contains(&value) {
        return Ok(());
    }
    Err(format!("{id}: the interval {low} to {high} does not hold its median {value}"))
}

fn within(whose: &str, name: &str, number: u64, most: u64) -> std::result::Result<(), String> {
    if number <= most {
        return Ok(());
    }
    Err(format!("{whose}: {name} is {number}, more than there can be"))
}
