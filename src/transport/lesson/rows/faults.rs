//! Of clients that get no answer, where that differs from an exchange.

mod closed;
mod elsewhere;
mod full;
mod silent;
mod vanished;

use super::super::Lesson;
use super::{any, connects, ipv4, ipv6, mptcp, raw, sctp, seqpacket, tcp, udp, unix, vsock};
use crate::transport::Transport;

pub(super) const CLOSED: &[Lesson] = closed::ROWS;
pub(super) const ELSEWHERE: &[Lesson] = elsewhere::ROWS;
pub(super) const FULL: &[Lesson] = full::ROWS;
pub(super) const SILENT: &[Lesson] = silent::ROWS;
pub(super) const VANISHED: &[Lesson] = vanished::ROWS;

/// Is it TCP on the wire?
const fn tcp_or_mptcp(t: &Transport) -> bool {
    tcp(t) || mptcp(t)
}

const fn unix_connects(t: &Transport) -> bool {
    unix(t) && connects(t)
}

const fn unix_datagrams(t: &Transport) -> bool {
    unix(t) && !connects(t)
}

/// Of those that connect, the ones of which all is known: the others stand in few kernels.
const fn known_connects(t: &Transport) -> bool {
    tcp_or_mptcp(t) || unix_connects(t)
}

/// And the others.
const fn rare(t: &Transport) -> bool {
    sctp(t) || vsock(t)
}

const fn raw4(t: &Transport) -> bool {
    raw(t) && ipv4(t)
}

const fn raw6(t: &Transport) -> bool {
    raw(t) && ipv6(t)
}

/// Does each message travel by itself, over IP?
const fn packets(t: &Transport) -> bool {
    udp(t) || raw(t)
}

const fn connectionless(t: &Transport) -> bool {
    !connects(t)
}
