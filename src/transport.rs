//! The catalogue: every transport as a row of data, the groups, and the questions one may ask a row.
//! Nothing here opens a socket, and nothing outside asks a row for its name to decide what to do.

mod end;
pub mod lesson;

pub use end::End;

/// Where an end lives and how it is addressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// `AF_INET`.
    Ipv4,
    /// `AF_INET6`.
    Ipv6,
    /// An `AF_INET` client at an `AF_INET6` server that takes IPv4 too.
    Dual,
    /// `AF_UNIX`, addressed by a path or an abstract name.
    Unix,
    /// `AF_VSOCK`, at the local context id.
    Vsock,
}

/// The socket type: what a send means to the receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `SOCK_STREAM`.
    Stream,
    /// `SOCK_DGRAM`.
    Datagram,
    /// `SOCK_SEQPACKET`.
    SeqPacket,
    /// `SOCK_RAW`.
    Raw,
}

/// The third argument of `socket(2)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// 0: the one protocol that an `AF_UNIX` or `AF_VSOCK` type has.
    Default,
    /// `IPPROTO_TCP`.
    Tcp,
    /// `IPPROTO_UDP`.
    Udp,
    /// `IPPROTO_MPTCP`.
    Mptcp,
    /// `IPPROTO_UDPLITE`.
    UdpLite,
    /// `IPPROTO_SCTP`.
    Sctp,
    /// 253, set aside for experiments by RFC 3692.
    Experiment,
}

/// The largest message that one send can carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// A byte stream: messages may be as large as one likes.
    Unlimited,
    /// Fixed by a length field of the protocol.
    Bytes(usize),
    /// What the sender's `SO_SNDBUF` holds, less the kernel's share of 32 bytes (unix(7)).
    SendBuffer,
}

/// One row of the catalogue.
#[derive(Debug, PartialEq, Eq)]
pub struct Transport {
    /// What the user types and reads.
    pub name: &'static str,
    /// How its ends are addressed.
    pub family: Family,
    /// What a send means.
    pub kind: Kind,
    /// Which protocol carries it.
    pub protocol: Protocol,
    /// Is it measured when the user names nothing?
    pub in_default: bool,
    /// One line for the list and the manual.
    pub about: &'static str,
}

const fn row(
    name: &'static str,
    family: Family,
    kind: Kind,
    protocol: Protocol,
    in_default: bool,
    about: &'static str,
) -> Transport {
    Transport { name, family, kind, protocol, in_default, about }
}

/// Every transport, in the order in which lists and the manual show them.
#[rustfmt::skip]
pub const ALL: &[Transport] = &[
    row("tcp4", Family::Ipv4, Kind::Stream, Protocol::Tcp, true, "TCP over IPv4"),
    row("tcp6", Family::Ipv6, Kind::Stream, Protocol::Tcp, true, "TCP over IPv6"),
    row("udp4", Family::Ipv4, Kind::Datagram, Protocol::Udp, true, "UDP over IPv4"),
    row("udp6", Family::Ipv6, Kind::Datagram, Protocol::Udp, true, "UDP over IPv6"),
    row("unix-stream", Family::Unix, Kind::Stream, Protocol::Default, true, "Unix socket, a byte stream"),
    row("unix-dgram", Family::Unix, Kind::Datagram, Protocol::Default, true, "Unix socket, datagrams"),
    row("unix-seqpacket", Family::Unix, Kind::SeqPacket, Protocol::Default, true, "Unix socket, a stream of whole messages"),
    row("tcp46", Family::Dual, Kind::Stream, Protocol::Tcp, false, "TCP, an IPv4 client at a dual-stack IPv6 server"),
    row("udp46", Family::Dual, Kind::Datagram, Protocol::Udp, false, "UDP, an IPv4 client at a dual-stack IPv6 server"),
    row("mptcp4", Family::Ipv4, Kind::Stream, Protocol::Mptcp, false, "Multipath TCP over IPv4"),
    row("mptcp6", Family::Ipv6, Kind::Stream, Protocol::Mptcp, false, "Multipath TCP over IPv6"),
    row("udplite4", Family::Ipv4, Kind::Datagram, Protocol::UdpLite, false, "UDP-Lite over IPv4"),
    row("udplite6", Family::Ipv6, Kind::Datagram, Protocol::UdpLite, false, "UDP-Lite over IPv6"),
    row("raw4", Family::Ipv4, Kind::Raw, Protocol::Experiment, false, "raw IPv4, protocol 253; needs CAP_NET_RAW"),
    row("raw6", Family::Ipv6, Kind::Raw, Protocol::Experiment, false, "raw IPv6, protocol 253; needs CAP_NET_RAW"),
    row("sctp4", Family::Ipv4, Kind::Stream, Protocol::Sctp, false, "SCTP over IPv4, one stream"),
    row("sctp6", Family::Ipv6, Kind::Stream, Protocol::Sctp, false, "SCTP over IPv6, one stream"),
    row("vsock-stream", Family::Vsock, Kind::Stream, Protocol::Default, false, "VM socket at the local context, a byte stream"),
    row("vsock-seqpacket", Family::Vsock, Kind::SeqPacket, Protocol::Default, false, "VM socket at the local context, whole messages"),
];

/// A name that stands for several transports.
#[derive(Debug)]
pub struct Group {
    /// What the user types.
    pub name: &'static str,
    /// One line for the list and the manual.
    pub about: &'static str,
    /// Does the row belong to it?
    pub holds: fn(&Transport) -> bool,
}

/// Every group.
pub const GROUPS: &[Group] = &[
    Group { name: "default", about: "what a run without names measures", holds: |t| t.in_default },
    Group { name: "all", about: "everything in the catalogue", holds: |_| true },
    Group { name: "ip4", about: "over IPv4", holds: |t| matches!(t.family, Family::Ipv4) },
    Group { name: "ip6", about: "over IPv6", holds: |t| matches!(t.family, Family::Ipv6) },
    Group { name: "unix", about: "Unix sockets", holds: |t| matches!(t.family, Family::Unix) },
    Group {
        name: "tcp",
        about: "TCP, all IP versions",
        holds: |t| matches!(t.protocol, Protocol::Tcp),
    },
    Group {
        name: "udp",
        about: "UDP, all IP versions",
        holds: |t| matches!(t.protocol, Protocol::Udp),
    },
    Group { name: "stream", about: "byte streams", holds: |t| matches!(t.kind, Kind::Stream) },
    Group { name: "dgram", about: "datagrams", holds: |t| matches!(t.kind, Kind::Datagram) },
    Group {
        name: "seqpacket",
        about: "ordered whole messages",
        holds: |t| matches!(t.kind, Kind::SeqPacket),
    },
];

impl Family {
    /// Does a packet of it need IPv4 on this machine?
    #[must_use]
    pub const fn needs_ipv4(self) -> bool {
        match self {
            Self::Ipv4 | Self::Dual => true,
            Self::Ipv6 | Self::Unix | Self::Vsock => false,
        }
    }

    /// Does one of its sockets need IPv6 in this kernel?
    #[must_use]
    pub const fn needs_ipv6(self) -> bool {
        match self {
            Self::Ipv6 | Self::Dual => true,
            Self::Ipv4 | Self::Unix | Self::Vsock => false,
        }
    }

    /// The word that results use.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ipv4 => "ipv4",
            Self::Ipv6 => "ipv6",
            Self::Dual => "dual",
            Self::Unix => "unix",
            Self::Vsock => "vsock",
        }
    }

    /// How an address of it is written, where it has ports.
    #[must_use]
    pub const fn address_form(self) -> &'static str {
        match self {
            Self::Ipv4 | Self::Dual => "IPV4:PORT",
            Self::Ipv6 => "[IPV6]:PORT",
            Self::Unix => "/PATH or @NAME",
            Self::Vsock => "CID:PORT",
        }
    }
}

impl Kind {
    /// Does one receive return exactly one send?
    #[must_use]
    pub const fn keeps_messages(self) -> bool {
        match self {
            Self::Datagram | Self::SeqPacket | Self::Raw => true,
            Self::Stream => false,
        }
    }

    /// Must a server listen and accept before bytes can flow?
    #[must_use]
    pub const fn connects(self) -> bool {
        match self {
            Self::Stream | Self::SeqPacket => true,
            Self::Datagram | Self::Raw => false,
        }
    }

    /// Does an end of it at an IP address have a port? ip(7): raw sockets know none.
    #[must_use]
    pub const fn has_port(self) -> bool {
        match self {
            Self::Stream | Self::Datagram | Self::SeqPacket => true,
            Self::Raw => false,
        }
    }

    /// The word that results use.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Stream => "stream",
            Self::Datagram => "dgram",
            Self::SeqPacket => "seqpacket",
            Self::Raw => "raw",
        }
    }

    /// The kernel's name of it.
    #[must_use]
    pub const fn constant(self) -> &'static str {
        match self {
            Self::Stream => "SOCK_STREAM",
            Self::Datagram => "SOCK_DGRAM",
            Self::SeqPacket => "SOCK_SEQPACKET",
            Self::Raw => "SOCK_RAW",
        }
    }
}

impl Protocol {
    /// The number that `socket(2)` takes.
    #[must_use]
    pub const fn number(self) -> u32 {
        match self {
            Self::Default => 0,
            Self::Tcp => 6,
            Self::Udp => 17,
            Self::Mptcp => 262,
            Self::UdpLite => 136,
            Self::Sctp => 132,
            Self::Experiment => 253,
        }
    }

    /// The kernel's name of it, or the number where it has none.
    #[must_use]
    pub const fn constant(self) -> &'static str {
        match self {
            Self::Default => "0",
            Self::Tcp => "IPPROTO_TCP",
            Self::Udp => "IPPROTO_UDP",
            Self::Mptcp => "IPPROTO_MPTCP",
            Self::UdpLite => "IPPROTO_UDPLITE",
            Self::Sctp => "IPPROTO_SCTP",
            Self::Experiment => "253",
        }
    }

    /// What `socket(2)` is asked for: TCP and UDP are what 0 means there, and asking for them by 0 is
    /// what programs do.
    #[must_use]
    pub const fn asked_for(self) -> Self {
        match self {
            Self::Default | Self::Tcp | Self::Udp => Self::Default,
            Self::Mptcp | Self::UdpLite | Self::Sctp | Self::Experiment => self,
        }
    }

    /// Which of the kernel's tables its ports are in: a number that two protocols share if a port of
    /// the one is taken for the other.
    #[must_use]
    pub const fn port_table(self) -> u32 {
        match self {
            // MPTCP is TCP to whoever listens (RFC 8684).
            Self::Tcp | Self::Mptcp => Self::Tcp.number(),
            Self::Default | Self::Udp | Self::UdpLite | Self::Sctp | Self::Experiment => {
                self.number()
            }
        }
    }

    /// Is there a Nagle algorithm to switch off with `TCP_NODELAY`?
    #[must_use]
    pub const fn has_nodelay(self) -> bool {
        match self {
            Self::Tcp | Self::Mptcp => true,
            Self::Default | Self::Udp | Self::UdpLite | Self::Sctp | Self::Experiment => false,
        }
    }
}

impl Transport {
    /// The row of that name, in any case.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        ALL.iter().find(|row| row.name.eq_ignore_ascii_case(name))
    }

    /// The row with that family, kind and protocol.
    #[must_use]
    pub fn of(family: Family, kind: Kind, protocol: Protocol) -> Option<&'static Self> {
        ALL.iter().find(|row| (row.family, row.kind, row.protocol) == (family, kind, protocol))
    }

    /// The largest message that one send can carry.
    #[must_use]
    pub const fn limit(&self) -> Limit {
        match (self.kind, self.family) {
            (Kind::Stream, _) => Limit::Unlimited,
            (Kind::Datagram, Family::Ipv4 | Family::Dual) => Limit::Bytes(65_507),
            (Kind::Datagram, Family::Ipv6) => Limit::Bytes(65_527),
            (Kind::Raw, Family::Ipv6) => Limit::Bytes(65_535 - self.tag_len()),
            (Kind::Raw, _) => Limit::Bytes(65_515),
            (Kind::Datagram | Kind::SeqPacket, _) => Limit::SendBuffer,
        }
    }

    /// How an address of it is written.
    #[must_use]
    pub const fn address_form(&self) -> &'static str {
        match (self.kind.has_port(), self.family) {
            (false, Family::Ipv4) => "IPV4",
            (false, Family::Ipv6) => "IPV6",
            (_, family) => family.address_form(),
        }
    }

    /// Does a receive hand over the IP header before the payload? raw(7): IPv4 does, IPv6 does not.
    #[must_use]
    pub const fn receives_ip_header(&self) -> bool {
        matches!((self.kind, self.family), (Kind::Raw, Family::Ipv4))
    }

    /// How many bytes before the payload tell a request from a reply. Only raw IPv6 needs them:
    /// its one loopback address makes both ends hear both directions.
    #[must_use]
    pub const fn tag_len(&self) -> usize {
        match (self.kind, self.family) {
            (Kind::Raw, Family::Ipv6) => 8,
            _ => 0,
        }
    }

    /// The kernel's name of the client's address family.
    #[must_use]
    pub const fn domain_constant(&self) -> &'static str {
        match self.family {
            Family::Ipv4 | Family::Dual => "AF_INET",
            Family::Ipv6 => "AF_INET6",
            Family::Unix => "AF_UNIX",
            Family::Vsock => "AF_VSOCK",
        }
    }

    /// The transport that differs from this one in the IP version alone, seen from IPv6.
    #[must_use]
    pub fn ipv4_twin(&self) -> Option<&'static Self> {
        match self.family {
            Family::Ipv6 => Self::of(Family::Ipv4, self.kind, self.protocol),
            Family::Ipv4 | Family::Dual | Family::Unix | Family::Vsock => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_name_is_its_own_and_no_group_takes_it() {
        let names: HashSet<_> =
            ALL.iter().map(|t| t.name).chain(GROUPS.iter().map(|g| g.name)).collect();
        assert_eq!(names.len(), ALL.len() + GROUPS.len());
        assert!(names.iter().all(|name| *name == name.to_lowercase()));
    }

    #[test]
    fn every_group_holds_something_and_default_holds_the_seven() {
        for group in GROUPS {
            assert!(ALL.iter().any(|row| (group.holds)(row)), "{} is empty", group.name);
        }
        assert_eq!(ALL.iter().filter(|row| row.in_default).count(), 7);
    }

    #[test]
    fn a_row_is_found_by_name_in_any_case_and_by_what_it_is() {
        for row in ALL {
            assert_eq!(Transport::named(&row.name.to_uppercase()), Some(row));
            assert_eq!(Transport::of(row.family, row.kind, row.protocol), Some(row));
        }
        assert_eq!(Transport::named("tpc4"), None);
    }

    #[test]
    fn an_ipv6_row_has_its_ipv4_twin() {
        for row in ALL.iter().filter(|row| row.family == Family::Ipv6) {
            let twin = row.ipv4_twin().expect("every IPv6 row has an IPv4 row");
            assert_eq!(twin.name, row.name.replace('6', "4"));
        }
    }
}
