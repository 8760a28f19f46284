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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Round {
    /// Which round, from 0; what pairs it with other cases.
    pub round: usize,
    /// How many exchanges.
    pub exchanges: u64,
    /// The median of their round trips.
    pub median_ns: u64,
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

    /// Takes in what a visit brought; `round` is None for the pilot, whose times do not count.
    pub fn add(&mut self, round: Option<usize>, gathered: Gathered) {
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
        let Some(round) = round else { return };
        for &ns in &tally.round_trips {
            self.histogram.record(ns);
        }
        let exchanges = tally.round_trips.len() as u64;
        if let Some(median_ns) = stats::median_by_selection(&mut tally.round_trips) {
            self.rounds.push(Round { round, exchanges, median_ns });
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

    /// The medians of the rounds that both cases have, in pairs.
    #[must_use]
    pub fn paired_medians(&self, other: &Self) -> (Vec<f64>, Vec<f64>) {
        let mut others = other.rounds.iter().peekable();
        let mut pairs = (Vec::new(), Vec::new());
        for mine in &self.rounds {
            while others.next_if(|theirs| theirs.round < mine.round).is_some() {}
            if let Some(theirs) = others.next_if(|theirs| theirs.round == mine.round) {
                pairs.0.push(to_f64(mine.median_ns));
                pairs.1.push(to_f64(theirs.median_ns));
            }
        }
        pairs
    }
}

/// A time as the statistics take it; exact below 2^53 ns, which are 104 days.
#[expect(clippy::cast_precision_loss, reason = "a round trip is no longer than days")]
pub(crate) fn to_f64(ns: u64) -> f64 {
    ns as f64
}

fn outcome_of(fault: Fault) -> Outcome {
    match &fault.cause {
        Cause::Call { call, errno } if call == "send" && *errno == Errno::EMSGSIZE as i32 => {
            Outcome::TooLarge(Errno::EMSGSIZE)
        }
        _ => Outcome::Failed(fault),
    }
}
