//! What the tables of this kernel tell, found out by trying, once: gVisor has the columns of
//! `/proc/net` and leaves 0 in them, and only Linux from 6.8 on lists a TCP socket that is bound and
//! does no more. What is not seen to be told is not believed.

use super::Source;
use super::table::{Inet, TCP, UDP};
use crate::os::tables::InetSocket;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net as rx;
use rustix::net::sockopt as option;
use std::io::Write;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::AsFd;
use std::sync::OnceLock;
use std::time::Duration;

/// Which columns hold something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    /// How much waits: clients, bytes, messages.
    pub(super) queues: bool,
    /// What is left of a connection that its process has closed.
    pub(super) orphans: bool,
    /// Messages that found no room.
    pub(super) drops: bool,
}

const EVERYTHING: Told = Told { queues: true, orphans: true, drops: true };

/// What a source tells. `sock_diag` is Linux's own, and tells everything.
pub(super) fn told_by(source: Source) -> Told {
    match source {
        Source::Diag => EVERYTHING,
        Source::Proc => by_proc(),
    }
}

/// What the tables below `/proc/net` tell.
fn by_proc() -> Told {
    static TOLD: OnceLock<Told> = OnceLock::new();
    *TOLD.get_or_init(|| {
        // Where no loopback connection can be made, nothing was seen to be told.
        let (queued, orphans) = try_connection().unwrap_or_default();
        let (waits, drops) = try_messages().unwrap_or_default();
        Told { queues: queued && waits, orphans, drops }
    })
}

/// Is a TCP socket listed that is bound, neither listens nor is connected?
pub(super) fn bound_is_listed(source: Source) -> bool {
    static LISTED: OnceLock<bool> = OnceLock::new();
    let ask = || {
        let flags = rx::SocketFlags::CLOEXEC;
        let (family, kind) = (rx::AddressFamily::INET, rx::SocketType::STREAM);
        let socket = rx::socket_with(family, kind, flags, None).ok()?;
        rx::bind(&socket, &SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).ok()?;
        let inode = rustix::fs::fstat(&socket).ok()?.st_ino;
        let sockets = TCP.read(source, TCP.every(false))?;
        Some(sockets.iter().any(|socket| socket.inode == inode))
    };
    // Linux has never listed them below /proc/net.
    source == Source::Diag && *LISTED.get_or_init(|| ask().unwrap_or(false))
}

/// Are sockets of messages listed that have a name, over both IP versions? (gVisor has an empty table
/// of those over IPv6.)
pub(super) fn messages_are_listed(source: Source) -> bool {
    static LISTED: OnceLock<bool> = OnceLock::new();
    let is_listed = |place: SocketAddr| {
        // What cannot be bound here is in nobody's way.
        let Ok(socket) = UdpSocket::bind(place) else { return true };
        socket.local_addr().is_ok_and(|own| row(UDP, own, None).is_some())
    };
    source == Source::Diag || *LISTED.get_or_init(|| loopback().into_iter().all(is_listed))
}

fn loopback() -> [SocketAddr; 2] {
    [(Ipv4Addr::LOCALHOST, 0).into(), (Ipv6Addr::LOCALHOST, 0).into()]
}

/// The row with these names.
fn row(table: Inet, own: SocketAddr, other: Option<SocketAddr>) -> Option<InetSocket> {
    let is_it = |row: &InetSocket| {
        row.own == own && other.map_or(row.other.port() == 0, |other| row.other == other)
    };
    table.read(Source::Proc, table.every(own.is_ipv6()))?.into_iter().find(is_it)
}

/// Waits until there is something to take.
fn there(socket: impl AsFd) -> Option<()> {
    let patience = Timespec { tv_sec: 1, tv_nsec: 0 };
    let mut events = [PollFd::new(&socket, PollFlags::IN)];
    poll(&mut events, Some(&patience)).ok().filter(|ready| *ready > 0).map(|_| ())
}

/// Are clients and bytes counted that wait, and are connections listed that nobody has any more?
fn try_connection() -> Option<(bool, bool)> {
    let listener = TcpListener::bind(loopback().as_slice()).ok()?;
    let server = listener.local_addr().ok()?;
    let mut client = TcpStream::connect_timeout(&server, Duration::from_secs(1)).ok()?;
    let own = client.local_addr().ok()?;
    // On a busy machine what was sent may arrive behind the call.
    there(&listener)?;
    let waiting = row(TCP, server, None)?.incoming;
    let (accepted, _) = listener.accept().ok()?;
    client.write_all(b"x").ok()?;
    there(&accepted)?;
    let unread = row(TCP, server, Some(own))?.incoming;
    drop(client);
    let orphans = row(TCP, own, Some(server)).is_some();
    // With a byte unread, so that closing it resets the connection and leaves no TIME_WAIT behind.
    drop(accepted);
    Some(((waiting, unread) == (1, 1), orphans))
}

/// Are messages counted that wait, and those that found no room?
fn try_messages() -> Option<(bool, bool)> {
    let socket = UdpSocket::bind(loopback().as_slice()).ok()?;
    let own = socket.local_addr().ok()?;
    // The kernel has a smallest size of its own (socket(7)).
    option::set_socket_recv_buffer_size(socket.as_fd(), 1).ok()?;
    socket.set_nonblocking(true).ok()?;
    for _ in 0..64 {
        // One that finds no room is what is wanted.
        let _ = socket.send_to(&[0; 1024], own);
    }
    there(&socket)?;
    let row = row(UDP, own, None)?;
    Some((row.incoming > 0, row.dropped.is_some_and(|dropped| dropped > 0)))
}
