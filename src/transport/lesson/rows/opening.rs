//! Until both ends are there.

use super::{ECHO, any, connects, dual, ipv4, ipv6, mptcp, raw, sctp, udp, udp_lite, unix, vsock};
use crate::transport::lesson::{Claim, Lesson, Moment, State, To, Who};

pub(super) const ROWS: &[Lesson] = &[
    Lesson {
        moment: Moment::ServerSocket,
        of: unix,
        to: &To::ALL,
        says: "A Unix socket: a queue in this kernel, no network behind it. It has no name yet, so \
               nobody can reach it.",
        claims: &[Claim::Nameless(Who::Server)],
    },
    Lesson {
        moment: Moment::ServerSocket,
        of: raw,
        to: &To::ALL,
        says: "Raw sockets know no ports: until it has an address, this one hears every packet of \
               protocol 253 that comes in.",
        claims: &[Claim::Shown("raw-hears-its-protocol")],
    },
    Lesson {
        moment: Moment::ServerSocket,
        of: udp_lite,
        to: &To::ALL,
        says: "UDP-Lite is UDP whose checksum may leave out the end of a message. It leaves out \
               nothing here, as nobody asked.",
        claims: &[Claim::Nameless(Who::Server), Claim::Shown("udplite-checks-all-unless-told")],
    },
    Lesson {
        moment: Moment::ServerSocket,
        of: mptcp,
        to: &To::ALL,
        says: "Multipath TCP: one stream over any number of TCP connections, its subflows. No name \
               yet: nobody can reach it.",
        claims: &[Claim::Nameless(Who::Server)],
    },
    Lesson {
        moment: Moment::ServerSocket,
        of: sctp,
        to: &To::ALL,
        says: "SCTP in its one-to-one style: the same calls as for TCP (RFC 6458). No name yet: \
               nobody can reach it.",
        claims: &[Claim::Nameless(Who::Server)],
    },
    Lesson {
        moment: Moment::ServerSocket,
        of: vsock,
        to: &To::ALL,
        says: "A VM socket, made for the talk between a virtual machine and its host. Its address \
               is a context id (which machine) and a port.",
        claims: &[Claim::Nameless(Who::Server)],
    },
    Lesson {
        moment: Moment::ServerSocket,
        of: dual,
        to: &To::ALL,
        says: "An IPv6 socket: its addresses have room for IPv4 ones, as ::ffff:127.0.0.1. It has \
               no name yet.",
        claims: &[Claim::Nameless(Who::Server)],
    },
    Lesson {
        moment: Moment::ServerSocket,
        of: any,
        to: &To::ALL,
        says: "A descriptor, and a socket behind it without a name: no address, no port. Nobody \
               can reach it yet.",
        claims: &[Claim::Nameless(Who::Server)],
    },
    Lesson {
        moment: Moment::TakeIpv4,
        of: dual,
        to: &To::ALL,
        says: "Lets this IPv6 socket take IPv4 clients too. Unasked, net.ipv6.bindv6only decides \
               that; it is mostly 0, which lets them.",
        claims: &[Claim::Shown("v6only-decides-who-gets-in")],
    },
    Lesson {
        moment: Moment::ServerBind,
        of: unix,
        to: &To::ALL,
        says: "The name becomes a file of type socket; no byte ever goes through it. Where there \
               is a file already, bind says EADDRINUSE.",
        claims: &[
            Claim::File(Who::Server),
            Claim::Named(Who::Server),
            Claim::Shown("bind-to-a-stale-path"),
        ],
    },
    Lesson {
        moment: Moment::ServerBind,
        of: |t| raw(t) && ipv4(t),
        to: &To::ALL,
        says: "Without ports only addresses tell receivers apart. All of 127.0.0.0/8 is loopback, \
               so the server takes one of its own.",
        claims: &[Claim::Named(Who::Server), Claim::Shown("raw-ends-at-one-address")],
    },
    Lesson {
        moment: Moment::ServerBind,
        of: |t| raw(t) && ipv6(t),
        to: &To::ALL,
        says: "IPv6 has one loopback address, where IPv4 has 16 million: the client will be at ::1 \
               as well.",
        claims: &[Claim::Named(Who::Server), Claim::Shown("ipv6-has-one-loopback-address")],
    },
    Lesson {
        moment: Moment::ServerBind,
        of: vsock,
        to: &To::ALL,
        says: "Context id 1 is this machine itself. Which port it is to be, the kernel picks.",
        claims: &[Claim::Named(Who::Server)],
    },
    Lesson {
        moment: Moment::ServerBind,
        of: udp,
        to: &To::ALL,
        says: "Port 0 lets the kernel pick one. That is all that a server of datagrams needs: from \
               now on they are queued here.",
        claims: &[Claim::Named(Who::Server), Claim::Shown("datagrams-queue-from-bind-on")],
    },
    Lesson {
        moment: Moment::ServerBind,
        of: sctp,
        to: &To::ALL,
        says: "Port 0 lets the kernel pick one. SCTP could bind several addresses at once, to \
               outlive the loss of a network.",
        claims: &[Claim::Named(Who::Server)],
    },
    Lesson {
        moment: Moment::ServerBind,
        of: any,
        to: &To::ALL,
        says: "Port 0 lets the kernel pick one. It is taken now, and still closed: until listen, \
               who connects to it is told ECONNREFUSED.",
        claims: &[Claim::Named(Who::Server), Claim::Shown("refused-until-listen")],
    },
    Lesson {
        moment: Moment::ServerName,
        of: vsock,
        to: &To::ALL,
        says: "Only the kernel knows which port it picked: the server has to ask, and to tell its \
               clients.",
        claims: &[Claim::TellsName],
    },
    Lesson {
        moment: Moment::ServerName,
        of: dual,
        to: &To::ALL,
        says: "Port {port}, out of net.ipv4.ip_local_port_range. The address is 127.0.0.1 in the \
               words of IPv6.",
        claims: &[Claim::TellsName, Claim::FromRange, Claim::TellsMapped],
    },
    Lesson {
        moment: Moment::ServerName,
        of: ipv6,
        to: &To::ALL,
        says: "The kernel picked {port}, out of net.ipv4.ip_local_port_range, which is for IPv6, \
               too. Clients have to be told.",
        claims: &[Claim::TellsName, Claim::FromRange],
    },
    Lesson {
        moment: Moment::ServerName,
        of: any,
        to: &To::ALL,
        says: "The kernel picked {port}, out of net.ipv4.ip_local_port_range. Clients have to be \
               told.",
        claims: &[Claim::TellsName, Claim::FromRange],
    },
    Lesson {
        moment: Moment::Listen,
        of: |t| sctp(t) || vsock(t),
        to: ECHO,
        says: "State LISTEN: from now on clients can connect, and wait in a queue to be accepted.",
        claims: &[Claim::Is(Who::Server, State::Listen), Claim::Waiting(Who::Server, 0)],
    },
    Lesson {
        moment: Moment::Listen,
        of: any,
        to: &[To::Echo, To::Silent, To::Vanished],
        says: "State LISTEN: clients can connect now. 16 may wait to be accepted, and Linux lets \
               one more.",
        claims: &[
            Claim::Is(Who::Server, State::Listen),
            Claim::Room(Who::Server, 16),
            Claim::Waiting(Who::Server, 0),
            Claim::Shown("one-more-than-the-backlog"),
        ],
    },
    Lesson {
        moment: Moment::ClientSocket,
        of: |t| unix(t) && connects(t),
        to: &To::ALL,
        says: "Another process, another socket. It stays without a name: a client of a Unix \
               connection needs none.",
        claims: &[Claim::Nameless(Who::Client)],
    },
    Lesson {
        moment: Moment::ClientSocket,
        of: unix,
        to: &To::ALL,
        says: "Another process, another socket. It could send as it is, but it could not be \
               answered.",
        claims: &[Claim::Nameless(Who::Client), Claim::Shown("unbound-datagram-client")],
    },
    Lesson {
        moment: Moment::ClientSocket,
        of: dual,
        to: &To::ALL,
        says: "An IPv4 socket: nothing will tell it that its server is an IPv6 one.",
        claims: &[Claim::Nameless(Who::Client), Claim::Shown("an-ipv4-client-sees-ipv4")],
    },
    Lesson {
        moment: Moment::ClientSocket,
        of: raw,
        to: &To::ALL,
        says: "The same protocol number, 253, in another process: it is all that both ends have to \
               agree on.",
        claims: &[Claim::Shown("raw-hears-its-protocol")],
    },
    Lesson {
        moment: Moment::ClientSocket,
        of: any,
        to: &To::ALL,
        says: "Another process, whose descriptors are its own: equal numbers mean nothing. No port \
               yet: connect will give it one.",
        claims: &[Claim::Nameless(Who::Client)],
    },
    Lesson {
        moment: Moment::ClientBind,
        of: unix,
        to: &To::ALL,
        says: "Unbound it could not be answered: recvfrom would tell the server no name. So it \
               binds a file of its own.",
        claims: &[
            Claim::File(Who::Client),
            Claim::Named(Who::Client),
            Claim::Shown("unbound-datagram-client"),
        ],
    },
    Lesson {
        moment: Moment::ClientBind,
        of: raw,
        to: &To::ALL,
        says: "An address of its own too: at that of the server it would hear what it sends \
               itself.",
        claims: &[Claim::Named(Who::Client), Claim::Shown("raw-ends-at-one-address")],
    },
];
