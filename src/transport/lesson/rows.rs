//! The rows, by the part of the walk that they are about. Of those that fit the first speaks, so what
//! is special stands before what is general.

mod connecting;
mod echo;
mod ending;
mod faults;
mod opening;

use super::{Lesson, To};
use crate::transport::{Family, Kind, Protocol, Transport};

pub(super) const ALL: [&[Lesson]; 9] = [
    faults::CLOSED,
    faults::FULL,
    faults::SILENT,
    faults::VANISHED,
    faults::ELSEWHERE,
    opening::ROWS,
    connecting::ROWS,
    echo::ROWS,
    ending::ROWS,
];

/// Where the client finds a server that answers.
const ECHO: &[To] = &[To::Echo];
/// Where it finds one that takes its request, whatever becomes of that.
const MET: &[To] = &[To::Echo, To::Silent, To::Vanished];
/// The same without a connection: there a full queue does not hinder it from getting so far.
const NOTED: &[To] = &[To::Echo, To::Full, To::Silent, To::Vanished];
/// Where the server's own socket is there to the end.
const LASTING: &[To] = &[To::Echo, To::Full, To::Silent];

// Of whom a row speaks.

const fn any(_: &Transport) -> bool {
    true
}

const fn unix(t: &Transport) -> bool {
    matches!(t.family, Family::Unix)
}

const fn vsock(t: &Transport) -> bool {
    matches!(t.family, Family::Vsock)
}

const fn dual(t: &Transport) -> bool {
    matches!(t.family, Family::Dual)
}

const fn ipv4(t: &Transport) -> bool {
    matches!(t.family, Family::Ipv4)
}

const fn ipv6(t: &Transport) -> bool {
    matches!(t.family, Family::Ipv6)
}

const fn raw(t: &Transport) -> bool {
    matches!(t.kind, Kind::Raw)
}

const fn tcp(t: &Transport) -> bool {
    matches!(t.protocol, Protocol::Tcp)
}

const fn mptcp(t: &Transport) -> bool {
    matches!(t.protocol, Protocol::Mptcp)
}

const fn sctp(t: &Transport) -> bool {
    matches!(t.protocol, Protocol::Sctp)
}

/// UDP, and UDP-Lite, which is the same in most of what is to be said.
const fn udp(t: &Transport) -> bool {
    matches!(t.protocol, Protocol::Udp | Protocol::UdpLite)
}

const fn udp_lite(t: &Transport) -> bool {
    matches!(t.protocol, Protocol::UdpLite)
}

const fn connects(t: &Transport) -> bool {
    t.kind.connects()
}

const fn seqpacket(t: &Transport) -> bool {
    matches!(t.kind, Kind::SeqPacket)
}
