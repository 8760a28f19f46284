//! What checks are tried over: a transport, and for Unix sockets a way of naming them. The questions
//! here ask what a column promises; none asks for a transport's name.

use crate::transport::{Family, Kind, Protocol, Transport};
use std::fmt;

/// How the ends of a Unix socket are named (unix(7)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Naming {
    /// By a file.
    Path,
    /// By a name that no file stands for.
    Abstract,
}

/// A transport with a way of naming its ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// The transport.
    pub transport: &'static Transport,
    /// How Unix sockets are named; None elsewhere.
    pub naming: Option<Naming>,
}

/// A question about a column.
pub type Who = fn(&Column) -> bool;

impl Column {
    /// The columns of a transport.
    #[must_use]
    pub fn of(transport: &'static Transport) -> Vec<Self> {
        let with = |naming| Self { transport, naming };
        match transport.family {
            Family::Unix => vec![with(Some(Naming::Path)), with(Some(Naming::Abstract))],
            Family::Ipv4 | Family::Ipv6 | Family::Dual | Family::Vsock => vec![with(None)],
        }
    }

    /// The word for its naming: `path`, `abstract`; None where there is no choice.
    #[must_use]
    pub const fn naming_word(&self) -> Option<&'static str> {
        match self.naming {
            Some(Naming::Path) => Some("path"),
            Some(Naming::Abstract) => Some("abstract"),
            None => None,
        }
    }
}

impl fmt::Display for Column {
    /// `tcp4`, `unix-stream`, `unix-stream @`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.transport.name)?;
        if self.naming == Some(Naming::Abstract) { f.write_str(" @") } else { Ok(()) }
    }
}

/// Everybody.
#[must_use]
pub const fn any(_: &Column) -> bool {
    true
}

/// Those over IP.
#[must_use]
pub const fn inet(column: &Column) -> bool {
    matches!(column.transport.family, Family::Ipv4 | Family::Ipv6 | Family::Dual)
}

/// Those over IPv4 at both ends.
#[must_use]
pub const fn ipv4(column: &Column) -> bool {
    matches!(column.transport.family, Family::Ipv4)
}

/// Those over IPv6 at both ends.
#[must_use]
pub const fn ipv6(column: &Column) -> bool {
    matches!(column.transport.family, Family::Ipv6)
}

/// Those whose packets are IPv4, whatever their servers are opened for.
#[must_use]
pub const fn over_ipv4(column: &Column) -> bool {
    matches!(column.transport.family, Family::Ipv4 | Family::Dual)
}

/// Those over IPv4 or IPv6, but not over both.
#[must_use]
pub const fn one_version(column: &Column) -> bool {
    ipv4(column) || ipv6(column)
}

/// Those whose two ends are of one family.
#[must_use]
pub const fn one_family(column: &Column) -> bool {
    !matches!(column.transport.family, Family::Dual)
}

/// Those within this machine's kernel, named by a file or abstractly.
#[must_use]
pub const fn unix(column: &Column) -> bool {
    matches!(column.transport.family, Family::Unix)
}

/// Those named by a file.
#[must_use]
pub const fn path(column: &Column) -> bool {
    matches!(column.naming, Some(Naming::Path))
}

/// Those with an abstract name.
#[must_use]
pub const fn abstract_name(column: &Column) -> bool {
    matches!(column.naming, Some(Naming::Abstract))
}

/// Those that listen and accept.
#[must_use]
pub const fn connects(column: &Column) -> bool {
    column.transport.kind.connects()
}

/// Those that do not.
#[must_use]
pub const fn connectionless(column: &Column) -> bool {
    !column.transport.kind.connects()
}

/// Those of bytes.
#[must_use]
pub const fn streams(column: &Column) -> bool {
    matches!(column.transport.kind, Kind::Stream)
}

/// Those of whole messages.
#[must_use]
pub const fn messages(column: &Column) -> bool {
    column.transport.kind.keeps_messages()
}

/// Those without a transport protocol.
#[must_use]
pub const fn raw(column: &Column) -> bool {
    matches!(column.transport.kind, Kind::Raw)
}

/// Those over IP with ports.
#[must_use]
pub const fn ports(column: &Column) -> bool {
    inet(column) && column.transport.kind.has_port()
}

/// Those that speak TCP or pass for it: they wait for acknowledgements.
#[must_use]
pub const fn acknowledges(column: &Column) -> bool {
    column.transport.protocol.has_nodelay()
}

/// Those of TCP itself, on one path.
#[must_use]
pub const fn tcp(column: &Column) -> bool {
    matches!(column.transport.protocol, Protocol::Tcp)
}

/// Those of UDP itself, whose checksum covers everything.
#[must_use]
pub const fn udp(column: &Column) -> bool {
    matches!(column.transport.protocol, Protocol::Udp)
}

/// Those within the kernel that listen and accept.
#[must_use]
pub const fn unix_connects(column: &Column) -> bool {
    unix(column) && connects(column)
}

/// Those within the kernel of bytes.
#[must_use]
pub const fn unix_streams(column: &Column) -> bool {
    unix(column) && streams(column)
}

/// Those over IP that neither listen nor accept: a packet may get lost.
#[must_use]
pub const fn packets(column: &Column) -> bool {
    inet(column) && connectionless(column)
}

/// Those without a transport protocol over IPv4, where the header comes along.
#[must_use]
pub const fn raw4(column: &Column) -> bool {
    raw(column) && ipv4(column)
}

/// Those without a transport protocol over IPv6, where all share one address.
#[must_use]
pub const fn raw6(column: &Column) -> bool {
    raw(column) && ipv6(column)
}

/// Those that may use several paths at once.
#[must_use]
pub const fn multipath(column: &Column) -> bool {
    matches!(column.transport.protocol, Protocol::Mptcp)
}

/// Those of datagrams with ports.
#[must_use]
pub const fn datagrams(column: &Column) -> bool {
    ports(column) && connectionless(column)
}

/// Those of datagrams whose checksum may cover a part only.
#[must_use]
pub const fn partial_checksum(column: &Column) -> bool {
    matches!(column.transport.protocol, Protocol::UdpLite)
}
