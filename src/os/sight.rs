//! What the kernel says of a socket of another process, without that process's knowing.

use super::name::Name;
use crate::transport::Transport;
use crate::transport::lesson::State;
use serde::Serialize;

/// How a socket stands. None is what the kernel does not tell.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sight {
    /// Its state.
    pub state: Option<State>,
    /// Has it a name?
    pub named: Option<bool>,
    /// Bytes that wait to be received; of datagrams over IP, with what the kernel keeps beside them.
    pub unread: Option<u64>,
    /// Bytes that were sent and have not arrived.
    pub unsent: Option<u64>,
    /// Clients that wait to be accepted.
    pub waiting: Option<u32>,
    /// How many may.
    pub room: Option<u32>,
    /// Messages that found no room.
    pub dropped: Option<u64>,
}

/// What the kernel says of a descriptor of a process. None where it says nothing.
#[must_use]
pub fn look(_transport: &Transport, _pid: i32, _descriptor: i32) -> Option<Sight> {
    None
}

/// The state in which a closed connection between these names still is, seen from the first: that is
/// None once nothing is left of it, and None around it is a kernel that does not tell.
#[must_use]
pub fn lingering(_transport: &Transport, _own: &Name, _other: &Name) -> Option<Option<State>> {
    None
}
