//! Of clients that get no answer, where that differs from an exchange.

mod closed;
mod full;
mod silent;
mod vanished;

use super::super::Lesson;
use crate::transport::{Family, Kind, Protocol, Transport};

pub(super) const CLOSED: &[Lesson] = closed::ROWS;
pub(super) const FULL: &[Lesson] = full::ROWS;
pub(super) const SILENT: &[Lesson] = silent::ROWS;
pub(super) const VANISHED: &[Lesson] = vanished::ROWS;

const fn tcp(t: &Transport) -> bool {
    matches!(t.protocol, Protocol::Tcp)
}

/// Is it TCP on the wire?
const fn tcp_or_mptcp(t: &Transport) -> bool {
    matches!(t.protocol, Protocol::Tcp | Protocol::Mptcp)
}

const fn unix(t: &Transport) -> bool {
    matches!(t.family, Family::Unix)
}

const fn unix_connects(t: &Transport) -> bool {
    unix(t) && t.kind.connects()
}

const fn unix_datagrams(t: &Transport) -> bool {
    unix(t) && !t.kind.connects()
}

/// Of those that connect, the ones whose walks have been seen.
const fn connects(t: &Transport) -> bool {
    tcp_or_mptcp(t) || unix_connects(t)
}

const fn ports(t: &Transport) -> bool {
    matches!(t.protocol, Protocol::Udp | Protocol::UdpLite)
}

const fn raw4(t: &Transport) -> bool {
    matches!((t.family, t.kind), (Family::Ipv4, Kind::Raw))
}

const fn raw6(t: &Transport) -> bool {
    matches!((t.family, t.kind), (Family::Ipv6, Kind::Raw))
}

/// Does each message travel by itself, over IP?
const fn packets(t: &Transport) -> bool {
    ports(t) || matches!(t.kind, Kind::Raw)
}

const fn connectionless(t: &Transport) -> bool {
    !t.kind.connects()
}
