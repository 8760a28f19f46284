//! What may make an answer wrong. A warning is raised only where a sentence could flip: noise that
//! cannot change what is said is no news.

use super::claim::Claim;
use super::{Report, Row};
use crate::echo::Wait;
use crate::stats::{drift, has_two_modes, log_edges};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// The names that `--no-warn` takes.
pub const IDS: [&str; 6] =
    ["noise.wide", "noise.drift", "noise.load", "noise.switches", "noise.modes", "clock.cost"];

/// A warning.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Warning {
    /// Its name, to silence it by.
    pub id: Cow<'static, str>,
    /// The cause and the number.
    pub message: String,
    /// What to do.
    pub hint: String,
    /// The number.
    pub value: f64,
    /// What it should not exceed.
    pub limit: f64,
}

/// What of the machine went elsewhere while the rounds ran.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Disturbance {
    /// The share of a CPU's time that the hypervisor gave to others.
    pub stolen: Option<f64>,
}

const WIDE: f64 = 0.05;
const DRIFT: f64 = 0.05;
const STOLEN: f64 = 0.10;
const SWITCHES: f64 = 0.01;
const CLOCK: f64 = 0.05;

/// The warnings that this evidence deserves, but for those that the user does not want to see.
#[must_use]
pub fn warnings(
    rows: &[Row],
    claims: &[Claim],
    disturbance: Disturbance,
    clock_cost_ns: u64,
    unwanted: &[String],
) -> Vec<Warning> {
    let doubtful: Vec<_> = claims.iter().filter(|claim| could_flip(claim)).collect();
    let concerned = |index: usize| doubtful.iter().any(|c| c.row == index || c.other == index);
    let mut warnings = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        if concerned(index) {
            warnings.extend(
                [wide(row), drifting(row), switches(row), modes(row)].into_iter().flatten(),
            );
        }
        warnings.extend(clock(row, clock_cost_ns));
    }
    if let Some(stolen) = disturbance.stolen.filter(|s| *s > STOLEN && !doubtful.is_empty()) {
        warnings.push(Warning {
            id: "noise.load".into(),
            message: format!(
                "the hypervisor gave {:.0} % of a CPU's time to others",
                stolen * 100.0
            ),
            hint: "repeat when the host is quieter, or with a longer --time".to_owned(),
            value: stolen,
            limit: STOLEN,
        });
    }
    // One line a cause: the first row that has it speaks for the others.
    warnings.dedup_by(|b, a| a.id == b.id);
    let mut seen = Vec::new();
    warnings.retain(|warning| {
        let wanted = !unwanted.iter().any(|id| id == "all" || *id == warning.id);
        let new = !seen.contains(&warning.id);
        seen.push(warning.id.clone());
        wanted && new
    });
    warnings
}

/// Could a little more or less noise change what is said? It could if the interval, half as wide
/// again, has an end on the other side of "no difference" than the verdict stands on; or if it is
/// undecided and wide enough to hide a difference that users care about.
fn could_flip(claim: &Claim) -> bool {
    let (ratio, half, _) = claim.upright();
    let Some(half) = half else { return false };
    let reach = 1.5 * half;
    if claim.holds { ratio - reach < 1.0 } else { half > WIDE / 2.0 }
}

fn wide(row: &Row) -> Option<Warning> {
    let median = &row.round_trips.as_ref()?.median;
    let value = share(median.half_width()?, median.value);
    (value > WIDE).then(|| Warning {
        id: "noise.wide".into(),
        message: format!(
            "the median of {} is known to within {:.0} % only",
            row.case.label,
            value * 100.0
        ),
        hint: "raise --rounds or --time".to_owned(),
        value,
        limit: WIDE,
    })
}

fn drifting(row: &Row) -> Option<Warning> {
    let medians: Vec<_> =
        row.rounds.iter().map(|round| crate::measure::samples::to_f64(round.median_ns)).collect();
    let value = drift(&medians)?;
    (value.abs() > DRIFT).then(|| Warning {
        id: "noise.drift".into(),
        message: format!(
            "{} ran {:.0} % {} in the second half; its ratio may be off",
            row.case.label,
            value.abs() * 100.0,
            if value > 0.0 { "slower" } else { "faster" }
        ),
        hint: "pin with --cpus, or repeat with a longer --time".to_owned(),
        value,
        limit: DRIFT,
    })
}

fn switches(row: &Row) -> Option<Warning> {
    // An end that waits in the kernel leaves its CPU once an echo, by itself or because the other end
    // is to run there; whatever is more went to somebody else.
    let own = if row.case.wait == Wait::Spin { 0.0 } else { 1.0 };
    let usage = row.client_usage;
    let value = share(usage.voluntary_switches + usage.involuntary_switches, row.exchanges) - own;
    (value > SWITCHES).then(|| Warning {
        id: "noise.switches".into(),
        message: format!(
            "{} lost its CPU to something else in {:.1} of 100 echoes",
            row.case.label,
            value * 100.0
        ),
        hint: "stop it, or choose other CPUs with --cpus".to_owned(),
        value,
        limit: SWITCHES,
    })
}

fn modes(row: &Row) -> Option<Warning> {
    let (low, high) = (row.histogram.min()?, row.histogram.max()?);
    has_two_modes(&row.histogram.buckets(&log_edges(low, high, 40))).then(|| Warning {
        id: "noise.modes".into(),
        message: format!("{} has two humps: its median lies between two speeds", row.case.label),
        hint: "see both on a terminal of 100 columns; pin with --cpus".to_owned(),
        value: 2.0,
        limit: 1.0,
    })
}

fn clock(row: &Row, cost_ns: u64) -> Option<Warning> {
    let value = share(cost_ns, row.median()?);
    (value > CLOCK).then(|| Warning {
        id: "clock.cost".into(),
        message: format!(
            "reading the clock takes {cost_ns} ns, {:.0} % of the median of {}",
            value * 100.0,
            row.case.label
        ),
        hint: "the clock source is slow here: cat /sys/devices/system/clocksource/clocksource0/current_clocksource".to_owned(),
        value,
        limit: CLOCK,
    })
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        return 0.0;
    }
    crate::measure::samples::to_f64(part) / crate::measure::samples::to_f64(whole)
}

/// Is the run too noisy for `--strict`?
#[must_use]
pub fn is_undecided(report: &Report) -> bool {
    report.warnings.iter().any(|warning| warning.id.starts_with("noise."))
}
