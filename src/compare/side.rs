//! One side of a comparison of runs: file by file, what each case has to say, and no more of it. A
//! thousand files fit into the memory that one of them takes as a document.

use super::Source;
use crate::cli::compare::Metric;
use crate::environment::Environment;
use crate::report::Status;
use crate::saved::run::{Result, Round, Run, Value};
use std::collections::{BTreeMap, HashMap};

/// The files of one side.
#[derive(Clone, Debug, Default)]
pub struct Side {
    /// The files, in order.
    pub files: Vec<Source>,
    /// The machine of the first.
    pub environment: Environment,
    /// The settings of the first.
    pub settings: BTreeMap<String, Value>,
    /// The versions that wrote them.
    pub version: String,
    /// The names of the facts and settings in which its files differ among themselves.
    pub mixed: Vec<String>,
    /// The files that a signal ended early, with its name.
    pub interrupted: Vec<(String, String)>,
    /// The cases by their ids.
    pub cases: HashMap<String, Case>,
    /// The ids in the order of their first file.
    pub order: Vec<String>,
}

/// What one side says of a case.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its name in the run.
    pub transport: String,
    /// Payload bytes.
    pub size: usize,
    /// Which CPUs the ends ran on.
    pub place: String,
    /// How they waited.
    pub wait: String,
    /// In how many files it failed, was unavailable, was too large.
    pub without: [usize; 3],
    /// What the first of those said.
    pub trouble: Option<String>,
    /// The files that measured it.
    pub measured: Vec<Measured>,
}

/// What a file measured of a case.
#[derive(Clone, Debug)]
pub struct Measured {
    /// Which file.
    pub file: usize,
    /// The rounds that have such a number: their own number, and its logarithm.
    pub rounds: Vec<(u32, f32)>,
    /// The number of the whole case, where there is one.
    pub whole: Option<u64>,
    /// Half the interval of the median.
    pub half: Option<u64>,
    /// The 99th percentile.
    pub p99: Option<u64>,
}

/// How a case came out on one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It was measured, and failed nowhere.
    Measured,
    /// It failed.
    Failed,
    /// The machine does not offer it, or it carries no such message.
    Missing,
    /// It was not reached.
    Unknown,
}

impl Case {
    /// How it came out.
    #[must_use]
    pub fn state(&self) -> State {
        let [failed, unavailable, skipped] = self.without;
        match self {
            _ if failed > 0 => State::Failed,
            _ if !self.measured.is_empty() => State::Measured,
            _ if unavailable + skipped > 0 => State::Missing,
            _ => State::Unknown,
        }
    }
}

impl Side {
    /// Takes from a run what is compared of it.
    pub fn add(&mut self, name: String, run: Run, metric: Metric) {
        let file = self.files.len();
        if file == 0 {
            self.environment = run.environment.clone();
            self.settings.clone_from(&run.settings);
            self.version = run.tool.version.clone().into_owned();
        } else {
            self.note_mixed(&run);
        }
        if let Some(signal) = &run.interrupted {
            self.interrupted.push((name.clone(), signal.clone().into_owned()));
        }
        self.files.push(Source {
            name,
            label: run.label,
            started: run.started,
            kernel: Some(run.environment.kernel).filter(|kernel| !kernel.is_empty()),
        });
        for result in run.results {
            self.add_case(file, result, metric);
        }
    }

    fn note_mixed(&mut self, run: &Run) {
        let differing = super::surroundings::environments(&self.environment, &run.environment)
            .into_iter()
            .chain(super::surroundings::settings(&self.settings, &run.settings))
            .chain(super::surroundings::tool(&self.version, &run.tool.version));
        for difference in differing {
            if !self.mixed.contains(&difference.what) {
                self.mixed.push(difference.what);
            }
        }
    }

    fn add_case(&mut self, file: usize, result: Result, metric: Metric) {
        if !self.cases.contains_key(&result.id) {
            self.order.push(result.id.clone());
        }
        let measured = measured(file, &result, metric);
        let case = self.cases.entry(result.id).or_insert_with(|| Case {
            transport: result.transport,
            size: result.size,
            place: result.place.into_owned(),
            wait: result.wait.into_owned(),
            without: [0; 3],
            trouble: None,
            measured: Vec::new(),
        });
        let kinds = [Status::Fail, Status::Unavailable, Status::Skipped];
        if let Some(kind) = kinds.iter().position(|kind| kind.word() == result.status) {
            case.without[kind] += 1;
            let trouble = result.error.map(|e| e.meaning.unwrap_or(e.message));
            case.trouble = case.trouble.take().or(trouble);
        } else {
            case.measured.extend(measured);
        }
    }
}

fn measured(file: usize, result: &Result, metric: Metric) -> Option<Measured> {
    let trips = result.rtt_ns.as_ref()?;
    let half = trips
        .p50_ci95
        .map(|[low, high]| trips.p50.saturating_sub(low).max(high.saturating_sub(trips.p50)));
    let round = |round: &Round| {
        let value = of_round(metric, round).filter(|ns| *ns > 0)?;
        Some((u32::try_from(round.round).ok()?, ln(value)))
    };
    let mut rounds: Vec<_> = result.rounds.iter().filter_map(round).collect();
    rounds.sort_by_key(|(number, _)| *number);
    rounds.dedup_by_key(|(number, _)| *number);
    let whole = of_case(metric, result).filter(|ns| *ns > 0);
    Some(Measured {
        file,
        rounds,
        whole,
        half: half.filter(|_| metric == Metric::Median),
        p99: trips.p99,
    })
}

/// The logarithm of a time. Seven digits: a hundredth of what the clock can tell.
#[expect(clippy::cast_possible_truncation, reason = "seven digits are enough")]
pub(super) fn ln(ns: u64) -> f32 {
    crate::measure::samples::to_f64(ns).ln() as f32
}

fn of_round(metric: Metric, round: &Round) -> Option<u64> {
    match metric {
        Metric::Median => Some(round.p50_ns),
        Metric::P90 => round.p90_ns,
        Metric::P99 => round.p99_ns,
        Metric::P999 | Metric::Min | Metric::Max | Metric::Mean | Metric::Connect => None,
    }
}

fn of_case(metric: Metric, result: &Result) -> Option<u64> {
    let trips = result.rtt_ns.as_ref()?;
    match metric {
        Metric::Median => Some(trips.p50),
        Metric::P90 => trips.p90,
        Metric::P99 => trips.p99,
        Metric::P999 => trips.p999,
        Metric::Min => Some(trips.min),
        Metric::Max => Some(trips.max),
        Metric::Mean => Some(trips.mean),
        Metric::Connect => result.connect_ns.as_ref().map(|connect| connect.p50),
    }
}
