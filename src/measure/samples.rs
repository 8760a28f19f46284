//! What the rounds of a case gathered. Pure: it is fed with visits and knows no socket.

use super::plan::Case;
use super::visit::Gathered;
use crate::echo::fault::{Cause, Fault};
use crate::os::process::Usage;
use crate::os::{CallError, Errno};
use crate::stats::{self, Histogram};

/// How a case came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Every reply was right and came.
    Measured,
    /// An exchange went wrong.
    Failed(Fault),
    /// The ends could not be set up.
    Refused(CallError),
    /// The transport carries no message of this size.
    TooLarge(Errno),
    /// A signal came before the first round was over.
    Interrupted,
}

/// One round of a case: the unit of evidence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// Which round, from 0; what pairs it with other cases.
    pub round: usize,
    /// When it began and how long it took, counted from the run's start; None in results of versions
    /// that did not keep it.
    pub span: Option<Span>,
    /// How many exchanges.
    pub exchanges: u64,
    /// The median of their round trips.
    pub median_ns: u64,
    /// Their 90th percentile, if at least one of them is beyond it.
    pub p90_ns: Option<u64>,
    /// Their 99th percentile, likewise.
    pub p99_ns: Option<u64>,
    /// All of them as a histogram in base64, where somebody wants to have it.
    pub histogram: Option<String>,
}

/// When something was, counted from the run's start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// Its start, in nanoseconds.
    pub at_ns: u64,
    /// How long it took.
    pub took_ns: u64,
}

impl Round {
    /// The round that made these round trips, which are sorted for it. None without any.
    ///
    /// A percentile of a round is evidence to be compared over rounds, and not a figure to be shown: so
    /// one exchange beyond it is enough, where a figure needs ten.
    #[must_use]
    pub fn of(round: usize, span: Option<Span>, trips: &mut [u64]) -> Option<Self> {
        trips.sort_unstable();
        let exchanges = trips.len() as u64;
        let percentile = |q| (stats::beyond(exchanges, q) > 0).then(|| stats::percentile(trips, q));
        (exchanges > 0).then(|| Self {
            round,
            span,
            exchanges,
            median_ns: stats::median(trips),
            p90_ns: percentile(0.9),
            p99_ns: percentile(0.99),
            histogram: None,
        })
    }

    /// The same with a histogram of these round trips.
    #[must_use]
    pub fn with_histogram(self, trips: &[u64]) -> Self {
        let mut histogram = Histogram::new();
        for &ns in trips {
            histogram.record(ns);
        }
        Self { histogram: Some(histogram.to_base64()), ..self }
    }
}

/// The medians of the rounds that both cases have, in pairs.
#[must_use]
pub fn paired_medians(ours: &[Round], theirs: &[Round]) -> (Vec<f64>, Vec<f64>) {
    let mut others = theirs.iter().peekable();
    let mut pairs = (Vec::new(), Vec::new());
    for mine in ours {
        while others.next_if(|theirs| theirs.round < mine.round).is_some() {}
        if let Some(theirs) = others.next_if(|theirs| theirs.round == mine.round) {
            pairs.0.push(to_f64(mine.median_ns));
            pairs.1.push(to_f64(theirs.median_ns));
        }
    }
    pairs
}

/// Everything that is known of a case.
#[derive(Clone, Debug)]
pub struct Samples {
    /// The case.
    pub case: Case,
    /// Its rounds, in the order in which they were made.
    pub rounds: Vec<Round>,
    /// Every round trip.
    pub histogram: Histogram,
    /// Exchanges begun, warm-ups included: the number of the next one.
    pub begun: u64,
    /// Replies that never came.
    pub lost: u64,
    /// Replies that came once more.
    pub duplicated: u64,
    /// Replies that came after their time.
    pub reordered: u64,
    /// How long each `connect` took.
    pub connects_ns: Vec<u64>,
    /// What the client used of the CPU for the exchanges that count.
    pub client_usage: Usage,
    /// What the peer used.
    pub peer_usage: Usage,
    /// Where the server was in the last round.
    pub address: Option<String>,
    /// The send and the receive buffer that the kernel granted.
    pub buffers: Option<(usize, usize)>,
    /// What went wrong first, if it did not end the case.
    pub trouble: Option<Fault>,
    /// What ended the case.
    pub ended: Option<Outcome>,
}

/// What is kept of each round.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keep {
    /// Its median and some percentiles.
    #[default]
    Percentiles,
    /// Its histogram too, for a log of intervals.
    Histograms,
}

/// So many lost replies are enough to know, and to spare the user the time-outs of more.
const ENOUGH_LOST: u64 = 3;

impl Samples {
    /// Of a case that has not been visited.
    #[must_use]
    pub fn new(case: Case) -> Self {
        Self {
            case,
            rounds: Vec::new(),
            histogram: Histogram::new(),
            begun: 0,
            lost: 0,
            duplicated: 0,
            reordered: 0,
            connects_ns: Vec::new(),
            client_usage: Usage::default(),
            peer_usage: Usage::default(),
            address: None,
            buffers: None,
            trouble: None,
            ended: None,
        }
    }

    /// Takes in what a visit brought; `when` is None for the pilot, whose times do not count.
    pub fn add(&mut self, when: Option<(usize, Span)>, gathered: Gathered, keep: Keep) {
        let Gathered { mut tally, connect_ns, peer_usage, address, buffers } = gathered;
        self.begun += tally.begun;
        self.lost += tally.lost;
        self.duplicated += tally.duplicated;
        self.reordered += tally.reordered;
        self.address = Some(address);
        self.buffers = Some(buffers);
        if self.trouble.is_none() {
            self.trouble = tally.trouble.take();
        }
        if let Some(fault) = tally.failure.take() {
            self.ended = Some(outcome_of(fault));
            return;
        }
        if self.lost >= ENOUGH_LOST {
            self.ended = self.trouble.clone().map(Outcome::Failed);
        }
        let Some((round, span)) = when else { return };
        for &ns in &tally.round_trips {
            self.histogram.record(ns);
        }
        if let Some(round) = Round::of(round, Some(span), &mut tally.round_trips) {
            self.rounds.push(match keep {
                Keep::Histograms => round.with_histogram(&tally.round_trips),
                Keep::Percentiles => round,
            });
        }
        self.connects_ns.push(connect_ns);
        self.client_usage += tally.usage;
        self.peer_usage += peer_usage;
    }

    /// How the case came out.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match (&self.ended, &self.trouble) {
            (Some(outcome), _) => outcome.clone(),
            (None, Some(fault)) => Outcome::Failed(fault.clone()),
            (None, None) if self.rounds.is_empty() => Outcome::Interrupted,
            (None, None) => Outcome::Measured,
        }
    }

    /// The exchanges that count.
    #[must_use]
    pub fn exchanges(&self) -> u64 {
        self.rounds.iter().map(|round| round.exchanges).sum()
    }
}

/// A time as the statistics take it; exact below 2^53 ns, which are 104 days.
#[expect(clippy::cast_precision_loss, reason = "a round trip is no longer than days")]
pub(crate) fn to_f64(ns: u64) -> f64 {
    ns as f64
}

/// A number of nanoseconds that was computed as a fraction.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a mean of times is no less than 0 and no more than the longest"
)]
pub(crate) fn rounded(value: f64) -> u64 {
    value.round() as u64
}

fn outcome_of(fault: Fault) -> Outcome {
    match &fault.cause {
        Cause::Call { call, errno } if call == "send" && *errno == Errno::EMSGSIZE as i32 => {
            Outcome::TooLarge(Errno::EMSGSIZE)
        }
        _ => Outcome::Failed(fault),
    }
}
