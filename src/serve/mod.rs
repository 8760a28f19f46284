//! The echo server (RFC 862), for any set of transports at once. [`open`] makes its sockets,
//! [`server`] runs a [`worker`] a thread: a loop that never waits for any single client. What it says
//! about itself is rendered elsewhere.

mod accepting;
pub mod admission;
mod connection;
mod ending;
mod messages;
pub mod notify;
pub mod open;
pub mod refusal;
pub mod server;
pub mod tally;
mod worker;

use std::time::Duration;

/// What is sent back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// What came.
    Echo,
    /// This, to the first message; then the connection is closed.
    Greeting(Vec<u8>),
}

/// How a server behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// What is sent back.
    pub answer: Answer,
    /// Threads, each with a loop of its own.
    pub threads: usize,
    /// Datagrams of one call.
    pub batch: usize,
    /// Connections at a time; None leaves it to the descriptors.
    pub connections: Option<usize>,
    /// Connections on which nothing moved for so long are closed.
    pub idle: Option<Duration>,
    /// End after the first connection or the first datagram?
    pub once: bool,
}
