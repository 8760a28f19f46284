//! What a run found, as data: rows, comparisons, the answer and the warnings. Pure: it knows no
//! socket and no terminal, and everything that is printed or saved is made from it.

pub mod answer;
pub mod build;
pub mod check;
pub mod claim;
pub mod diagnosis;
pub mod explain;
mod speaker;
pub mod warning;
pub mod words;

use crate::environment::Environment;
use crate::measure::plan::{Case, Place};
use crate::measure::samples::Round;
use crate::os::process::Usage;
use crate::os::{CallError, errno_name};
use crate::stats::{Histogram, MedianEstimate, PairedRatio};
use crate::transport::{Limit, Transport};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::time::{Duration, SystemTime};

/// How a row came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Every reply was right and came.
    Pass,
    /// An exchange went wrong.
    Fail,
    /// This machine does not offer the transport.
    Unavailable,
    /// The transport carries no message of this size.
    Skipped,
    /// A signal came before there was anything to say.
    Interrupted,
}

impl Status {
    /// Every way for a row to come out.
    pub const ALL: [Self; 5] =
        [Self::Pass, Self::Fail, Self::Unavailable, Self::Skipped, Self::Interrupted];

    /// The word that results use.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Unavailable => "unavailable",
            Self::Skipped => "skipped",
            Self::Interrupted => "interrupted",
        }
    }

    /// The word that people see in a table.
    #[must_use]
    pub const fn shown(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "FAIL",
            Self::Unavailable => "n/a",
            Self::Skipped => "too large",
            Self::Interrupted => "interrupted",
        }
    }
}

/// Why a row has no numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// One word: a mismatch, `lost`, `closed`, `call`, `unavailable`, `size`.
    pub kind: String,
    /// Where in the exchange: `set-up`, `send` or `recv`.
    pub stage: Cow<'static, str>,
    /// The call that the kernel refused.
    pub call: Option<String>,
    /// What it said.
    pub errno: Option<i32>,
    /// Its name.
    pub errno_name: Option<String>,
    /// The exchange's number within the case, from 1, warm-ups included.
    pub exchange: Option<u64>,
    /// The offset of the first wrong byte.
    pub byte: Option<usize>,
    /// What happened, in one sentence.
    pub message: String,
    /// What it means, in few words, for the answer: "is not in this kernel".
    pub meaning: String,
    /// What to do, as something to paste where there is such a thing.
    pub hint: String,
}

impl Problem {
    /// A call at `place` that the kernel refused, what that means and what helps.
    #[must_use]
    pub fn of_call(error: &CallError, place: &str, meaning: String, hint: String) -> Self {
        let name = errno_name(error.errno);
        Self {
            kind: "call".to_owned(),
            stage: "set-up".into(),
            call: Some(error.call.to_owned()),
            errno: Some(error.errno as i32),
            message: format!("{}({place}): {name}", error.call),
            errno_name: Some(name),
            exchange: None,
            byte: None,
            meaning,
            hint,
        }
    }
}

impl Problem {
    /// An echo that went wrong without a call that was refused.
    #[must_use]
    pub fn of_echo(what: String, hint: String) -> Self {
        Self {
            kind: "mismatch".to_owned(),
            stage: "recv".into(),
            call: None,
            errno: None,
            errno_name: None,
            exchange: None,
            byte: None,
            message: what,
            meaning: "an echo does not come back as it was sent".to_owned(),
            hint,
        }
    }
}

/// The round trips of a row.
#[derive(Clone, Debug, PartialEq)]
pub struct RoundTrips {
    /// The smallest.
    pub min: u64,
    /// The largest.
    pub max: u64,
    /// For other programs; nothing here decides by it.
    pub mean: f64,
    /// For other programs; nothing here decides by it.
    pub stddev: f64,
    /// The median of the rounds' medians, with its interval.
    pub median: MedianEstimate,
}

/// A row compared with the row that means 1.00.
#[derive(Clone, Debug, PartialEq)]
pub struct Relative {
    /// The other row's label.
    pub to: String,
    /// How many times as long this row takes; None for the baseline itself.
    pub ratio: Option<PairedRatio>,
    /// What may be said.
    pub verdict: Verdict,
}

/// What may be said of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is what others are compared with.
    Baseline,
    /// No clear difference, and none that would matter.
    Tie,
    /// No clear difference, but one that would matter may be hidden in the noise.
    Unclear,
    /// It takes longer.
    Slower,
    /// It takes less long.
    Faster,
}

impl Verdict {
    /// The word that results use.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Baseline => "baseline",
            Self::Tie => "tie",
            Self::Unclear => "unclear",
            Self::Slower => "slower",
            Self::Faster => "faster",
        }
    }
}

/// One line of results.
#[derive(Clone, Debug)]
pub struct Row {
    /// What was measured.
    pub case: Case,
    /// How it came out.
    pub status: Status,
    /// Why it has no numbers.
    pub problem: Option<Problem>,
    /// Where the server was.
    pub address: Option<String>,
    /// The exchanges that count.
    pub exchanges: u64,
    /// Payload bytes compared.
    pub bytes_verified: u64,
    /// Replies that never came.
    pub lost: u64,
    /// Replies that came once more.
    pub duplicated: u64,
    /// Replies that came after their time.
    pub reordered: u64,
    /// The round trips, if there are any.
    pub round_trips: Option<RoundTrips>,
    /// The rounds, in order.
    pub rounds: Vec<Round>,
    /// Every round trip.
    pub histogram: Histogram,
    /// How long `connect` took, over the rounds.
    pub connect: Option<MedianEstimate>,
    /// What the client used of the CPU for the exchanges that count.
    pub client_usage: Usage,
    /// What the peer used of it, warm-ups included.
    pub peer_usage: Usage,
    /// The send and the receive buffer that the kernel granted.
    pub buffers: Option<(usize, usize)>,
    /// The comparison with the baseline of its place and size.
    pub relative: Option<Relative>,
}

impl Row {
    /// A percentile of its round trips, if ten samples lie beyond it.
    #[must_use]
    pub fn percentile(&self, percent: f64) -> Option<u64> {
        self.round_trips.as_ref().and_then(|_| self.histogram.percentile(percent / 100.0))
    }

    /// The largest message that the transport carries here, if there is such a limit. The kernel keeps
    /// 32 bytes of a Unix socket's send buffer for itself (unix(7)).
    #[must_use]
    pub fn limit(&self) -> Option<usize> {
        limit_of(self.case.transport, self.buffers)
    }

    /// The median, if there is one.
    #[must_use]
    pub fn median(&self) -> Option<u64> {
        self.round_trips.as_ref().map(|trips| trips.median.value)
    }
}

/// A setting and where it came from.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// The flag's long name.
    pub name: Cow<'static, str>,
    /// Its value.
    pub value: serde_json::Value,
    /// "flag", "env" or "default".
    pub source: Cow<'static, str>,
}

/// The program that made a result.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Tool {
    /// Ours.
    pub name: Cow<'static, str>,
    /// Its version.
    pub version: Cow<'static, str>,
    /// The commit that it was built from, where that is known.
    pub revision: Option<Cow<'static, str>>,
    /// The machine that it was built for.
    pub target: String,
}

impl Tool {
    /// This program.
    #[must_use]
    pub fn this() -> Self {
        Self {
            name: env!("CARGO_PKG_NAME").into(),
            version: env!("CARGO_PKG_VERSION").into(),
            revision: option_env!("SOCKEYE_REVISION").map(Cow::from),
            target: format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS),
        }
    }
}

/// What a run was, beside its rows.
#[derive(Clone, Debug)]
pub struct About {
    /// What made it.
    pub tool: Tool,
    /// The arguments, the program's name first.
    pub argv: Vec<String>,
    /// The user's name for the run.
    pub label: Option<String>,
    /// When it started.
    pub started: SystemTime,
    /// How long it took.
    pub duration: Duration,
    /// The machine.
    pub environment: Environment,
    /// What was set.
    pub settings: Vec<Setting>,
    /// The seed, also when nobody set it.
    pub seed: u64,
    /// How long one exchange may take.
    pub timeout: Duration,
    /// How many rounds were planned and how many were finished.
    pub rounds: (usize, usize),
    /// The places, in the user's order.
    pub places: Vec<Place>,
    /// The sizes, in the user's order.
    pub sizes: Vec<usize>,
    /// The name of the signal that ended it early.
    pub interrupted: Option<Cow<'static, str>>,
    /// Transports that the user named one by one, not by a group.
    pub named: Vec<&'static str>,
    /// What is not as asked for: "no second place".
    pub note: Option<String>,
}

/// A run, complete.
#[derive(Clone, Debug)]
pub struct Report {
    /// What it was.
    pub about: About,
    /// Its rows, in the order in which they are shown.
    pub rows: Vec<Row>,
    /// What it says.
    pub answer: answer::Answer,
    /// What may make it wrong.
    pub warnings: Vec<warning::Warning>,
    /// The exit code that follows from it.
    pub exit_code: u8,
}

impl Report {
    /// The rows that stand at a place with a size.
    pub fn at(&self, place: Place, size: usize) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| is_at(row, place, size))
    }
}

pub(crate) fn is_at(row: &Row, place: Place, size: usize) -> bool {
    row.case.seats.place == place && row.case.size == size
}

pub(crate) fn limit_of(transport: &Transport, buffers: Option<(usize, usize)>) -> Option<usize> {
    match transport.limit() {
        Limit::Bytes(bytes) => Some(bytes),
        Limit::SendBuffer => buffers.map(|(send, _)| send.saturating_sub(32)),
        Limit::Unlimited => None,
    }
}
