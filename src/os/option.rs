//! Socket options as data: a name, and how to write and read it. A write that the kernel accepts
//! proves nothing (gVisor says 0 to some sixty options that it ignores), so whoever writes one reads
//! it back and looks for its effect.

use nix::sys::socket::{GetSockOpt, SetSockOpt};
use nix::{getsockopt_impl, setsockopt_impl, sockopt_impl};
use std::os::fd::BorrowedFd;

/// An option whose value is an `int`.
#[derive(Clone, Copy)]
pub struct IntOption {
    /// The kernel's name of it.
    pub name: &'static str,
    pub(super) write: fn(BorrowedFd<'_>, i32) -> nix::Result<()>,
    pub(super) read: fn(BorrowedFd<'_>) -> nix::Result<i32>,
}

impl std::fmt::Debug for IntOption {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

macro_rules! options {
    ($($(#[$doc:meta])* $name:ident $kind:ident $level:path, $flag:path;)*) => {
        mod kinds {
            use super::*;
            $(sockopt_impl!($(#[$doc])* $kind, Both, $level, $flag, i32);)*
        }
        $(
            $(#[$doc])*
            pub const $name: IntOption = IntOption {
                name: stringify!($name),
                write: |fd, value| kinds::$kind.set(&fd, &value),
                read: |fd| kinds::$kind.get(&fd),
            };
        )*
    };
}

/// Options that the libc crate has no name for; the numbers are those of `asm-generic/socket.h`,
/// `linux/in6.h`, `linux/mptcp.h` and `net/udplite.h`.
pub(super) mod number {
    pub(super) const SOL_MPTCP: i32 = 284;
    pub(super) const MPTCP_INFO: i32 = 1;
    pub(super) const SO_NO_CHECK: i32 = 11;
    pub(super) const SO_INCOMING_CPU: i32 = 49;
    pub(super) const SO_ZEROCOPY: i32 = 60;
    pub(super) const SO_PEEK_OFF: i32 = 42;
    pub(super) const SO_BUSY_POLL: i32 = 46;
    pub(super) const UDPLITE_SEND_CSCOV: i32 = 10;
    pub(super) const UDPLITE_RECV_CSCOV: i32 = 11;
    pub(in crate::os) const IPV6_FLOWINFO: i32 = 11;
    pub(super) const IPV6_AUTOFLOWLABEL: i32 = 70;
}

#[rustfmt::skip]
options! {
    /// May an address be taken that was in use a moment ago?
    SO_REUSEADDR ReuseAddr libc::SOL_SOCKET, libc::SO_REUSEADDR;
    /// May several sockets share an address?
    SO_REUSEPORT ReusePort libc::SOL_SOCKET, libc::SO_REUSEPORT;
    /// The send buffer's size.
    SO_SNDBUF SndBuf libc::SOL_SOCKET, libc::SO_SNDBUF;
    /// The receive buffer's size.
    SO_RCVBUF RcvBuf libc::SOL_SOCKET, libc::SO_RCVBUF;
    /// May it send to everybody?
    SO_BROADCAST Broadcast libc::SOL_SOCKET, libc::SO_BROADCAST;
    /// Are silent connections probed?
    SO_KEEPALIVE KeepAlive libc::SOL_SOCKET, libc::SO_KEEPALIVE;
    /// Does each message bring its sender's credentials?
    SO_PASSCRED PassCred libc::SOL_SOCKET, libc::SO_PASSCRED;
    /// A number that routing and firewalls see.
    SO_MARK Mark libc::SOL_SOCKET, libc::SO_MARK;
    /// How long a receive looks itself instead of sleeping.
    SO_BUSY_POLL BusyPoll libc::SOL_SOCKET, number::SO_BUSY_POLL;
    /// Does each message bring the time of its arrival?
    SO_TIMESTAMP Timestamp libc::SOL_SOCKET, libc::SO_TIMESTAMP;
    /// Does each message bring the count of dropped ones?
    SO_RXQ_OVFL RxqOvfl libc::SOL_SOCKET, libc::SO_RXQ_OVFL;
    /// May sends leave their bytes where they are?
    SO_ZEROCOPY ZeroCopy libc::SOL_SOCKET, number::SO_ZEROCOPY;
    /// How many bytes make it readable?
    SO_RCVLOWAT RcvLowat libc::SOL_SOCKET, libc::SO_RCVLOWAT;
    /// Where the next peek begins.
    SO_PEEK_OFF PeekOff libc::SOL_SOCKET, number::SO_PEEK_OFF;
    /// Are UDP checksums left out (IPv4)?
    SO_NO_CHECK NoCheck libc::SOL_SOCKET, number::SO_NO_CHECK;
    /// The CPU on which packets came in.
    SO_INCOMING_CPU IncomingCpu libc::SOL_SOCKET, number::SO_INCOMING_CPU;
    /// The family that it was opened with.
    SO_DOMAIN Domain libc::SOL_SOCKET, libc::SO_DOMAIN;
    /// The type that it was opened with.
    SO_TYPE Type libc::SOL_SOCKET, libc::SO_TYPE;
    /// The protocol that it speaks.
    SO_PROTOCOL Protocol libc::SOL_SOCKET, libc::SO_PROTOCOL;
    /// The error that waits to be told, which reading clears.
    SO_ERROR Error libc::SOL_SOCKET, libc::SO_ERROR;
    /// Are ICMP errors queued for reading (IPv4)?
    IP_RECVERR RecvErr4 libc::IPPROTO_IP, libc::IP_RECVERR;
    /// Does each message bring the address that it was sent to (IPv4)?
    IP_PKTINFO PktInfo4 libc::IPPROTO_IP, libc::IP_PKTINFO;
    /// Does each message bring its time to live?
    IP_RECVTTL RecvTtl4 libc::IPPROTO_IP, libc::IP_RECVTTL;
    /// Does each message bring its DSCP byte (IPv4)?
    IP_RECVTOS RecvTos4 libc::IPPROTO_IP, libc::IP_RECVTOS;
    /// The time to live of what is sent.
    IP_TTL Ttl4 libc::IPPROTO_IP, libc::IP_TTL;
    /// The DSCP byte of what is sent (IPv4).
    IP_TOS Tos4 libc::IPPROTO_IP, libc::IP_TOS;
    /// Is what is sent kept whole (IPv4)?
    IP_MTU_DISCOVER MtuDiscover4 libc::IPPROTO_IP, libc::IP_MTU_DISCOVER;
    /// How far a message to a group goes (IPv4).
    IP_MULTICAST_TTL MulticastTtl4 libc::IPPROTO_IP, libc::IP_MULTICAST_TTL;
    /// Does an `AF_INET6` socket keep away from IPv4?
    IPV6_V6ONLY V6Only libc::IPPROTO_IPV6, libc::IPV6_V6ONLY;
    /// Are ICMP errors queued for reading (IPv6)?
    IPV6_RECVERR RecvErr6 libc::IPPROTO_IPV6, libc::IPV6_RECVERR;
    /// Does each message bring the address that it was sent to (IPv6)?
    IPV6_RECVPKTINFO PktInfo6 libc::IPPROTO_IPV6, libc::IPV6_RECVPKTINFO;
    /// Does each message bring its hop limit?
    IPV6_RECVHOPLIMIT RecvHops6 libc::IPPROTO_IPV6, libc::IPV6_RECVHOPLIMIT;
    /// Does each message bring its traffic class?
    IPV6_RECVTCLASS RecvTos6 libc::IPPROTO_IPV6, libc::IPV6_RECVTCLASS;
    /// The hop limit of what is sent.
    IPV6_UNICAST_HOPS Hops6 libc::IPPROTO_IPV6, libc::IPV6_UNICAST_HOPS;
    /// The traffic class of what is sent.
    IPV6_TCLASS Tos6 libc::IPPROTO_IPV6, libc::IPV6_TCLASS;
    /// Is what is sent kept whole (IPv6)?
    IPV6_DONTFRAG DontFrag6 libc::IPPROTO_IPV6, libc::IPV6_DONTFRAG;
    /// How far a message to a group goes (IPv6).
    IPV6_MULTICAST_HOPS MulticastHops6 libc::IPPROTO_IPV6, libc::IPV6_MULTICAST_HOPS;
    /// Does each message bring its flow label?
    IPV6_FLOWINFO FlowInfo libc::IPPROTO_IPV6, number::IPV6_FLOWINFO;
    /// Does the kernel make a flow label for each flow?
    IPV6_AUTOFLOWLABEL AutoFlowLabel libc::IPPROTO_IPV6, number::IPV6_AUTOFLOWLABEL;
    /// How many bytes of what is sent the checksum of UDP-Lite covers; 0 is all of them.
    UDPLITE_SEND_CSCOV SendCoverage libc::IPPROTO_UDPLITE, number::UDPLITE_SEND_CSCOV;
    /// How many it has to cover of what comes.
    UDPLITE_RECV_CSCOV ReceiveCoverage libc::IPPROTO_UDPLITE, number::UDPLITE_RECV_CSCOV;
    /// Are small messages sent at once?
    TCP_NODELAY NoDelay libc::IPPROTO_TCP, libc::TCP_NODELAY;
    /// The largest segment.
    TCP_MAXSEG MaxSeg libc::IPPROTO_TCP, libc::TCP_MAXSEG;
    /// How many clients may bring data with their first packet.
    TCP_FASTOPEN FastOpen libc::IPPROTO_TCP, libc::TCP_FASTOPEN;
    /// Are messages cut into datagrams of this size?
    UDP_SEGMENT UdpSegment libc::IPPROTO_UDP, libc::UDP_SEGMENT;
    /// Are datagrams handed over joined?
    UDP_GRO UdpGro libc::IPPROTO_UDP, libc::UDP_GRO;
    /// Are datagrams sent without a checksum (IPv6)?
    UDP_NO_CHECK6_TX NoCheck6Tx libc::IPPROTO_UDP, libc::UDP_NO_CHECK6_TX;
    /// Are datagrams without a checksum taken (IPv6)?
    UDP_NO_CHECK6_RX NoCheck6Rx libc::IPPROTO_UDP, libc::UDP_NO_CHECK6_RX;
    /// The first word of what MPTCP tells: it is told only where a connection is MPTCP.
    MPTCP_INFO MptcpInfo number::SOL_MPTCP, number::MPTCP_INFO;
}

sockopt_impl!(
    /// What the kernel's memory behind a socket is used for.
    MemInfo, GetOnly, libc::SOL_SOCKET, libc::SO_MEMINFO, [u32; 8]
);
sockopt_impl!(
    /// A filter that judges every packet before it is queued (socket(7), `SO_ATTACH_FILTER`).
    AttachFilter, SetOnly, libc::SOL_SOCKET, libc::SO_ATTACH_FILTER, libc::sock_fprog
);
sockopt_impl!(
    /// What TCP knows of a connection: the front of `struct tcp_info` that every kernel has. Kernels
    /// know more or less beyond it, and tell as much as they are asked for.
    TcpInfo, GetOnly, libc::IPPROTO_TCP, libc::TCP_INFO, [u32; 26]
);

/// Where things are in what [`TcpInfo`] tells, by words (`linux/tcp.h`).
pub(super) mod tcp_info {
    /// `tcpi_options` is the second byte of this word.
    pub(in crate::os) const OPTIONS: usize = 1;
    /// `tcpi_sacked`: of a listener, the longest that its queue may be.
    pub(in crate::os) const SACKED: usize = 7;
    /// `tcpi_advmss`.
    pub(in crate::os) const ADVERTISED_SEGMENT: usize = 21;
}
