//! The tables of sockets over IP that transports are in, and what a row of each means.

use super::trial;
use super::{Sight, Source};
use crate::os::diag::{self, Wanted};
use crate::os::tables::{self, InetSocket};
use crate::transport::lesson::State;
use crate::transport::{Protocol, Transport};

/// A table of sockets over IP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Inet {
    /// The name of it below `/proc/net`, to which IPv6 adds a 6, if it is there.
    pub(super) file: Option<&'static str>,
    /// The number that `sock_diag` has for it.
    pub(super) number: u32,
    /// What is in it.
    holds: Holds,
}

/// What a table of sockets over IP is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    /// Connections, and those who wait for some.
    Connections,
    /// The same of MPTCP, which counts the memory of what waits.
    Joined,
    /// The connections over TCP that one of MPTCP is made of. What came waits above them.
    Parts,
    /// Messages from port to port.
    Messages,
    /// Messages without ports.
    Raw,
}

pub(super) const TCP: Inet = Inet { file: Some("tcp"), number: 6, holds: Holds::Connections };
const MPTCP: Inet = Inet { file: None, number: 262, holds: Holds::Joined };
const UNDER_MPTCP: Inet = Inet { holds: Holds::Parts, ..TCP };
pub(super) const UDP: Inet = Inet { file: Some("udp"), number: 17, holds: Holds::Messages };
const UDP_LITE: Inet = Inet { file: Some("udplite"), number: 136, holds: Holds::Messages };
/// `sock_diag` has one table for all raw sockets, under `IPPROTO_RAW`.
const RAW: Inet = Inet { file: Some("raw"), number: 255, holds: Holds::Raw };

/// The tables that a transport's sockets can be in; none where we read none.
pub(super) fn tables(transport: &Transport) -> &'static [Inet] {
    match transport.protocol {
        Protocol::Tcp => &[TCP],
        // A socket of MPTCP that is only bound stands in TCP's table alone, with the same inode.
        Protocol::Mptcp => &[MPTCP, UNDER_MPTCP],
        Protocol::Udp => &[UDP],
        Protocol::UdpLite => &[UDP_LITE],
        Protocol::Experiment => &[RAW],
        Protocol::Default | Protocol::Sctp => &[],
    }
}

impl Inet {
    /// Such sockets in it; None where it cannot be read.
    pub(super) fn read(self, source: Source, wanted: Wanted) -> Option<Vec<InetSocket>> {
        match source {
            Source::Diag => diag::inet_sockets(wanted).ok(),
            Source::Proc => {
                let version = if wanted.ipv6 { "6" } else { "" };
                let text = tables::read(&format!("{}{version}", self.file?))?;
                Some(tables::inet_sockets(&text).collect())
            }
        }
    }

    /// Is a socket that is not among so many rows certainly not in the table? Below `/proc/net` a read
    /// brings a page (`seq_read_iter()`), and the next one goes on behind as many rows as were there
    /// (`udp_get_idx()`, `raw_get_idx()`): one that went meanwhile hides another. TCP goes on in the
    /// same row of its hash table.
    pub(super) const fn is_whole(self, source: Source, rows: usize) -> bool {
        const PAGE: usize = 4096;
        /// No row is longer than this.
        const LONGEST: usize = 256;
        match (source, self.holds) {
            (Source::Proc, Holds::Messages | Holds::Raw) => rows < PAGE / LONGEST,
            _ => true,
        }
    }

    /// All of one version of IP.
    pub(super) const fn every(self, ipv6: bool) -> Wanted {
        let drops = matches!(self.holds, Holds::Messages | Holds::Raw);
        Wanted { ipv6, protocol: self.number, own: 0, other: 0, bound: true, drops }
    }

    /// What is known of a socket that is not in it: it is not connected and does not listen. That it
    /// has no name is known only where one that has would be there, and of one that was not there
    /// before: a connection that was reset has lost its port, and getsockname(2) tells it still.
    pub(super) fn unlisted(self, source: Source, had_name: bool) -> Sight {
        let told = match self.holds {
            _ if had_name => false,
            Holds::Connections | Holds::Parts => trial::bound_is_listed(source),
            Holds::Joined => false,
            Holds::Messages | Holds::Raw => trial::messages_are_listed(source),
        };
        Sight { state: Some(State::Close), named: told.then_some(false), ..Sight::default() }
    }

    pub(super) fn sight(self, source: Source, socket: &InetSocket) -> Sight {
        let named = match self.holds {
            Holds::Raw => !socket.own.ip().is_unspecified(),
            _ => socket.own.port() != 0,
        };
        let state = socket.state;
        let told = trial::told_by(source);
        let sight = Sight { state, named: Some(named), ..Sight::default() };
        if state == Some(State::Listen) {
            let count = |number: u64| u32::try_from(number).ok();
            let waiting = count(socket.incoming).filter(|_| told.queues);
            return Sight { waiting, room: socket.outgoing.and_then(count), ..sight };
        }
        let (unread, unsent) = (Some(socket.incoming), socket.outgoing);
        match self.holds {
            Holds::Connections => Sight {
                unread: unread.map(|n| less(n, state, &END_CAME)).filter(|_| told.queues),
                unsent: unsent.map(|n| less(n, state, &SENT_BESIDE)).filter(|_| told.queues),
                ..sight
            },
            Holds::Joined => Sight { unread, ..sight },
            // A part is what it was while the whole goes through its own states.
            Holds::Parts => Sight { state: state.filter(|s| *s == State::Close), ..sight },
            Holds::Messages | Holds::Raw => Sight {
                unread: unread.filter(|_| told.queues),
                unsent: unsent.filter(|_| told.queues),
                dropped: socket.dropped.filter(|_| told.drops),
                ..sight
            },
        }
    }
}

/// TCP counts the other end's FIN as a byte that waits, until the end has been read.
const END_CAME: [State; 4] = [State::CloseWait, State::LastAck, State::Closing, State::TimeWait];
/// And its own SYN or FIN as one that was sent, until it is acknowledged.
const SENT_BESIDE: [State; 5] =
    [State::SynSent, State::SynRecv, State::FinWait1, State::Closing, State::LastAck];

fn less(count: u64, state: Option<State>, states: &[State]) -> u64 {
    let beside = state.is_some_and(|state| states.contains(&state));
    count.saturating_sub(u64::from(beside))
}
