//! What the kernel says of a socket of another process, without that process's knowing: by
//! `sock_diag(7)`, and where that is not, by the tables below `/proc/net`.

mod table;
#[cfg(test)]
mod tests;
mod trial;

use self::table::{Inet, tables};
use super::Errno;
use super::diag::{self, Wanted};
use super::name::Name;
use super::tables::{InetSocket, UnixSocket, inode, read, unix_sockets};
use crate::transport::lesson::State;
use crate::transport::{Family, Kind, Protocol, Transport};
use serde::Serialize;
use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, SocketAddr};

/// How a socket stands. None is what the kernel does not tell.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sight {
    /// Its state.
    pub state: Option<State>,
    /// Has it a name?
    pub named: Option<bool>,
    /// Bytes that wait to be received, counted as [`Count::of`] its transport says.
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

/// Why nothing is said of a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Silence {
    /// Its transport is in no table that is read here.
    NoTable,
    /// The process does not let its descriptors be seen.
    Hidden,
    /// `sock_diag(7)` refuses, and the table of this name below `/proc/net` tells nothing either.
    Refused(Errno, &'static str),
}

/// Whom to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Source {
    /// `sock_diag(7)`.
    Diag,
    /// `/proc/net`.
    Proc,
}

/// Both, the better one first.
const SOURCES: [Source; 2] = [Source::Diag, Source::Proc];

/// How a number of unread bytes is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// The bytes themselves.
    Bytes,
    /// Those of the first message that waits.
    FirstMessage,
    /// What the kernel has of its memory in them.
    Memory,
}

impl Count {
    /// How [`Sight::unread`] is counted.
    #[must_use]
    pub const fn of(transport: &Transport) -> Self {
        match (transport.family, transport.kind, transport.protocol) {
            // unix_inq_len()
            (Family::Unix, Kind::Datagram, _) => Self::FirstMessage,
            (Family::Unix, ..) | (_, _, Protocol::Tcp) => Self::Bytes,
            _ => Self::Memory,
        }
    }
}

/// The kernel's tables as they are now: each is read when something in it is asked for, and once. So
/// that a look costs little on a machine with many sockets, those at the port of the first that was
/// found are asked for before all others.
#[derive(Debug, Default)]
pub struct Snapshot {
    port: Option<u16>,
    /// Those that were in a table once.
    listed: HashSet<u64>,
    inet: HashMap<(Source, Wanted), Option<Vec<InetSocket>>>,
    unix: OnceCell<Option<String>>,
}

impl Snapshot {
    /// Forgets how things stood: they will be looked at anew.
    pub fn renew(&mut self) {
        self.inet.clear();
        self.unix.take();
    }

    /// What the kernel says of a descriptor of a process. None where it says nothing.
    #[must_use]
    pub fn look(&mut self, transport: &Transport, pid: i32, descriptor: i32) -> Option<Sight> {
        let number = inode(pid, descriptor)?;
        SOURCES.iter().find_map(|source| self.look_by(*source, transport, number))
    }

    /// Why a look sees nothing.
    #[must_use]
    pub fn silence(&self, transport: &Transport, pid: i32, descriptor: i32) -> Silence {
        let Some(number) = inode(pid, descriptor) else { return Silence::Hidden };
        let refusal = |errno: Option<Errno>| errno.unwrap_or(Errno::ENOENT);
        match (transport.family, tables(transport)) {
            (Family::Unix, _) => Silence::Refused(refusal(diag::unix_socket(number).err()), "unix"),
            (_, [.., table]) => {
                let wanted = table.every(!transport.family.needs_ipv4());
                let errno = refusal(diag::inet_sockets(wanted).err());
                Silence::Refused(errno, table.file.unwrap_or_default())
            }
            (_, []) => Silence::NoTable,
        }
    }

    fn look_by(&mut self, source: Source, transport: &Transport, inode: u64) -> Option<Sight> {
        if transport.family == Family::Unix {
            return self.unix_socket(source, inode).map(|found| of_unix(found, transport.kind));
        }
        let family = transport.family;
        let is_it = |socket: &InetSocket| socket.inode == inode;
        let mut seen = None;
        for table in tables(transport) {
            let near = self.near(source, *table, family, &is_it);
            let found = near.filter(|found| !found.is_empty());
            let found = found.or_else(|| self.find(source, *table, family, (0, 0), &is_it));
            match found.as_deref() {
                None => {}
                Some([]) if !self.read_whole(source, *table, family) => {}
                Some([]) => {
                    let had_name = self.listed.contains(&inode);
                    seen = Some(table.unlisted(source, had_name));
                }
                Some([socket, ..]) => {
                    // The server's comes first, and what comes then is connected to it.
                    let port = Some(socket.own.port()).filter(|port| *port != 0);
                    self.port = self.port.or(port);
                    self.listed.insert(inode);
                    return Some(table.sight(source, socket));
                }
            }
        }
        seen
    }

    /// The state in which a closed connection between these names still is, seen from the first: that
    /// is None once nothing is left of it, and None around it is a kernel that does not tell.
    #[must_use]
    pub fn lingering(
        &mut self,
        transport: &Transport,
        own: &Name,
        other: &Name,
    ) -> Option<Option<State>> {
        SOURCES.iter().find_map(|source| self.lingering_by(*source, transport, own, other))
    }

    #[expect(clippy::option_option, reason = "not told is not the same as nothing left")]
    fn lingering_by(
        &mut self,
        source: Source,
        transport: &Transport,
        own: &Name,
        other: &Name,
    ) -> Option<Option<State>> {
        match transport.protocol {
            Protocol::Tcp | Protocol::Mptcp => {}
            Protocol::Udp | Protocol::UdpLite | Protocol::Experiment => return Some(None),
            Protocol::Default if transport.family == Family::Unix => return Some(None),
            Protocol::Default | Protocol::Sctp => return None,
        }
        let (Name::Inet(own), Name::Inet(other)) = (own, other) else { return None };
        if !trial::told_by(source).orphans {
            return None;
        }
        let names = (canonical(*own), canonical(*other));
        let is_it = |socket: &InetSocket| (canonical(socket.own), canonical(socket.other)) == names;
        let known = self.port.is_some_and(|port| [own.port(), other.port()].contains(&port));
        let family = transport.family;
        let of_each = |table: &Inet| {
            let near = self.near(source, *table, family, &is_it).filter(|_| known);
            near.or_else(|| self.find(source, *table, family, (0, 0), &is_it))
        };
        let found: Vec<_> = tables(transport).iter().map(of_each).collect();
        found.last()?.as_ref()?;
        let mut rows = found.iter().flatten().flatten();
        let left = rows.clone().find_map(left_over);
        // The parts of an MPTCP connection alone do not tell whether a process still has the whole.
        let told = left.is_some() || rows.next().is_none() || found.iter().all(Option::is_some);
        told.then_some(left)
    }

    /// Such sockets in a table, among those at the port that is known; None where none is, or where
    /// all would have to be read for it.
    fn near(
        &mut self,
        source: Source,
        table: Inet,
        family: Family,
        is_it: &dyn Fn(&InetSocket) -> bool,
    ) -> Option<Vec<InetSocket>> {
        let port = self.port.filter(|_| source == Source::Diag)?;
        let mut found = self.find(source, table, family, (port, 0), is_it)?;
        found.extend(self.find(source, table, family, (0, port), is_it)?);
        Some(found)
    }

    /// Such sockets in a table, among those at a port of their own and one of the other end; 0 is any.
    fn find(
        &mut self,
        source: Source,
        table: Inet,
        family: Family,
        (own, other): (u16, u16),
        is_it: &dyn Fn(&InetSocket) -> bool,
    ) -> Option<Vec<InetSocket>> {
        let mut found = Vec::new();
        let versions = [(false, family.needs_ipv4()), (true, family.needs_ipv6())];
        for (ipv6, _) in versions.into_iter().filter(|(_, needed)| *needed) {
            let bound = (own, other) == (0, 0);
            let wanted = Wanted { own, other, bound, ..table.every(ipv6) };
            let read = self.inet.entry((source, wanted));
            let sockets = read.or_insert_with(|| table.read(source, wanted));
            found.extend(sockets.as_ref()?.iter().filter(|socket| is_it(socket)));
        }
        Some(found)
    }

    /// Is what was not found in the whole table certainly not in it?
    fn read_whole(&self, source: Source, table: Inet, family: Family) -> bool {
        let versions = [(false, family.needs_ipv4()), (true, family.needs_ipv6())];
        let read = |ipv6| self.inet.get(&(source, table.every(ipv6))).and_then(Option::as_ref);
        let needed = versions.into_iter().filter(|(_, needed)| *needed);
        needed.filter_map(|(ipv6, _)| read(ipv6)).all(|rows| table.is_whole(source, rows.len()))
    }

    fn unix_socket(&mut self, source: Source, inode: u64) -> Option<UnixSocket> {
        match source {
            Source::Diag => diag::unix_socket(inode).ok(),
            Source::Proc => {
                let text = self.unix.get_or_init(|| read("unix")).as_ref()?;
                let mut rows = unix_sockets(text);
                rows.find(|(number, ..)| *number == inode).map(|(_, socket, _)| socket)
            }
        }
    }
}

/// The state of a connection whose process has closed it. One that was not accepted yet belongs to no
/// process either.
fn left_over(socket: &InetSocket) -> Option<State> {
    socket.state.filter(|state| match state {
        State::FinWait1 | State::FinWait2 | State::Closing | State::LastAck | State::TimeWait => {
            socket.inode == 0
        }
        State::Established
        | State::CloseWait
        | State::SynSent
        | State::SynRecv
        | State::Close
        | State::Listen
        | State::NewSynRecv => false,
    })
}

/// IPv4 inside IPv6 is the same place as IPv4.
fn canonical(address: SocketAddr) -> (IpAddr, u16) {
    (address.ip().to_canonical(), address.port())
}

/// Of a stream and of whole messages the kernel counts all bytes that wait, of datagrams the first
/// one's (`unix_inq_len`). What is sent is with its receiver at once.
fn of_unix(found: UnixSocket, kind: Kind) -> Sight {
    let listens = found.state == Some(State::Listen);
    let queue = |of_listener: bool| found.queue.filter(|_| listens == of_listener);
    Sight {
        state: found.state,
        named: Some(found.named),
        unread: queue(false).map(|(unread, _)| u64::from(unread)),
        waiting: queue(true).filter(|_| kind.connects()).map(|(waiting, _)| waiting),
        room: queue(true).filter(|_| kind.connects()).map(|(_, room)| room),
        unsent: None,
        dropped: None,
    }
}
