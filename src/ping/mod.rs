//! The client that measures any echo server and says what is wrong with it. What it finds is told as
//! it happens and summed up at the end, as data; nothing is printed here.

pub mod connection;
pub mod echoes;
pub mod exchange;
pub mod finding;
pub mod ledger;
pub mod link;
pub mod outcome;
pub mod recognise;
pub mod schedule;
pub mod session;
pub mod talk;
pub mod text;

use crate::os::name::Name;
use crate::report::{Problem, Status};
use crate::stats::Histogram;
use crate::transport::Transport;
use finding::Finding;
use ledger::Counts;
use std::time::Duration;

/// Whom to ask, and where.
#[derive(Clone, Debug)]
pub struct Target {
    /// Which row of the catalogue carries it.
    pub transport: &'static Transport,
    /// Where it is, as the kernel has it.
    pub name: Name,
    /// Where it is, as people write it.
    pub address: String,
    /// The same, as one word for a shell.
    pub quoted: String,
    /// What the user typed for it.
    pub typed: String,
    /// Did the user mean this very one, and not a group that holds it?
    pub named: bool,
}

/// How to ask.
#[derive(Clone, Debug)]
pub struct Wishes {
    /// Echoes of each target; 0 is no end.
    pub count: u64,
    /// Time from one echo to the next.
    pub interval: Duration,
    /// Bytes of an echo.
    pub size: usize,
    /// How long an answer may take.
    pub timeout: Duration,
    /// What to send instead of echoes.
    pub send: Option<Vec<u8>>,
    /// What the answer to that has to hold.
    pub expect: Option<Vec<u8>>,
}

/// What happens, as it happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The first connection stands; how long that took, and our own end's name.
    Connected(u64, Option<String>),
    /// An echo came.
    Echo {
        /// Its number.
        number: u64,
        /// Its round trip.
        trip: u64,
        /// Came it after its time?
        late: bool,
    },
    /// One more answer to an echo that was answered.
    Duplicate(u64),
    /// The time of this echo is over.
    NoReply(u64),
    /// This echo was refused.
    Refused(Option<u64>),
    /// What came is wrong, or the far end has closed: in a few words, for the echo with that number.
    Wrong(Option<u64>, String),
    /// The answer to what was sent instead of an echo, its round trip, and whether it is right.
    Answer(Vec<u8>, u64, bool),
}

/// The answer to `--send`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// How many bytes it had.
    pub len: usize,
    /// Its front.
    pub front: Vec<u8>,
}

/// How a target came out, or stands so far.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Whom it is of.
    pub target: Target,
    /// Pass, fail or unavailable.
    pub status: Status,
    /// What was counted.
    pub counts: Counts,
    /// How long the first connect took.
    pub connect_ns: Option<u64>,
    /// Every round trip.
    pub trips: Histogram,
    /// The last answer to `--send`.
    pub answer: Option<Reply>,
    /// What the far end does that it should not, or that one should know.
    pub findings: Vec<Finding>,
    /// The call that failed, if that is why.
    pub error: Option<Problem>,
}

/// Nanoseconds of a duration.
#[must_use]
pub fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// The exit code that follows: 1 if any target fails, else 3 if one that the user named is not
/// available here, else 0.
#[must_use]
pub fn exit_code(outcomes: &[Outcome]) -> u8 {
    let unavailable =
        |outcome: &Outcome| outcome.status == Status::Unavailable && outcome.target.named;
    if outcomes.iter().any(|outcome| outcome.status == Status::Fail) {
        1
    } else if outcomes.iter().any(unavailable) {
        3
    } else {
        0
    }
}
