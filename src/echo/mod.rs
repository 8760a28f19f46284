//! The exchange: one message there and back, verified byte by byte. [`message`] and [`fault`] are
//! pure; [`client`] and [`peer`] are the two ends, each a process of its own that does nothing else.

pub mod client;
pub mod control;
pub mod end;
pub mod endpoint;
pub mod fault;
pub mod framing;
pub mod message;
pub mod peer;
pub mod trial;

use serde::{Deserialize, Serialize};

/// How an end waits for the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Wait {
    /// A blocking receive: the kernel wakes the process up.
    Block,
    /// `poll`, then a receive that does not block.
    Poll,
    /// Receives that do not block, over and over: no wake-up, but a CPU is kept busy.
    Spin,
}

impl Wait {
    /// Every way to wait.
    pub const ALL: [Self; 3] = [Self::Block, Self::Poll, Self::Spin];

    /// The user's word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Block => "block",
            Self::Poll => "poll",
            Self::Spin => "spin",
        }
    }
}

/// What both ends are told when they start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Which end this is.
    pub role: Role,
    /// The transport's name in the catalogue.
    pub transport: String,
    /// Its name in this run, `tcp4#2`; for whoever looks at the process.
    pub label: String,
    /// Payload bytes of one message.
    pub size: usize,
    /// How to wait.
    pub wait: Wait,
    /// The CPU to run on; None leaves it to the scheduler.
    pub cpu: Option<usize>,
    /// Switch the Nagle algorithm off on what is accepted, where there is one.
    pub nodelay: bool,
    /// Makes this visit's payload, tag and marks.
    pub seed: u64,
    /// What messages hold behind their number.
    pub payload: message::Payload,
}

/// The two ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Sends, receives, verifies and takes the time.
    Client(Share),
    /// Sends back what it receives.
    Peer,
}

/// A client's share of the work: one visit of one case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// The number of the first exchange, counted over all visits of the case.
    pub first: u64,
    /// Exchanges that are not counted.
    pub warmup: u64,
    /// Exchanges that are.
    pub count: u64,
    /// Where the time runs out first: nanoseconds after which the client stops early.
    pub limit_ns: Option<u64>,
    /// How long a spinning client waits for one reply; a sleeping one is woken by its parent.
    pub timeout_ns: u64,
}

/// Where time stamps come from.
pub trait Clock {
    /// Nanoseconds since some fixed moment.
    fn now(&self) -> u64;
}

impl Clock for crate::os::clock::Monotonic {
    #[inline]
    fn now(&self) -> u64 {
        Self::now(self)
    }
}

/// The system calls of a visit, as `strace` would show them: first those that set it up, then those
/// of one echo.
#[must_use]
pub fn calls(transport: &crate::transport::Transport, wait: Wait) -> String {
    let domain = transport.domain_constant();
    let kind = transport.kind.constant();
    let protocol = match transport.protocol.constant() {
        "IPPROTO_TCP" | "IPPROTO_UDP" => "0",
        other => other,
    };
    let set_up = if transport.kind.connects() {
        "bind, listen; connect; accept4"
    } else {
        "bind, connect at both ends"
    };
    let echo = match wait {
        Wait::Block => "sendto, recvfrom at both ends",
        Wait::Poll => "sendto, poll, recvfrom(MSG_DONTWAIT) at both ends",
        Wait::Spin => "sendto(MSG_DONTWAIT), recvfrom(MSG_DONTWAIT) over and over at both ends",
    };
    format!("socket({domain}, {kind}, {protocol}); {set_up}; each echo: {echo}")
}
