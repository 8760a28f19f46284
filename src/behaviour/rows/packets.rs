//! What loopback carries in one packet, and messages for many.

use crate::behaviour::column::{
    Column, acknowledges, connectionless, datagrams, ipv4, ipv6, one_version, partial_checksum, raw,
};
use crate::behaviour::expectation::{shows, works_out};
use crate::behaviour::fact::is;
use crate::behaviour::stand::Stand;
use crate::behaviour::{Check, Group};
use crate::environment::Environment;
use crate::os::name::Name;
use crate::os::probe::Probe;
use crate::os::socket::End;
use crate::os::{CallError, Errno, errno_name, option};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

pub(super) const PACKET: Group = Group {
    rank: 37,
    title: "Size of a packet on loopback",
    why: "what fits into one packet here is cut into many on any other interface",
    checks: &[
        Check {
            name: "mss",
            title: "TCP segment size",
            claim: "the segment size that TCP announces is the MTU less the headers; what it sends \
                    at first is at most half of the peer's window",
            promise: "RFC 9293, section 3.7.1: the MTU less the fixed headers; RFC 7323, section \
                      3.2: timestamps",
            matters: "figures measured on this loopback do not compare with those of other \
                      machines",
            by_design: "an IPv6 header has 40 bytes (RFC 8200, section 3), an IPv4 header 20, and \
                        an IPv4 packet ends at 65535 bytes (RFC 791)",
            applies: |c| acknowledges(c) && one_version(c),
            body: segment_size,
            rules: &[works_out(acknowledges, expected_segments).cell("#")],
            ..Check::ROW
        },
        Check {
            name: "dontfrag",
            title: "largest unfragmented",
            claim: "with fragments forbidden, the largest message is the MTU less the headers; \
                    over IPv6, UDP-Lite and raw sockets ignore the ban",
            promise: "ip(7), IP_MTU_DISCOVER: EMSGSIZE above the MTU; RFC 3542, section 11.2: \
                      IPV6_DONTFRAG",
            matters: "larger messages are cut into fragments, and are lost as a whole with any one \
                      of them",
            by_design: "an IPv6 header is longer and not part of its length field (RFC 8200, \
                        section 3); __ip6_append_data() ignores IPV6_DONTFRAG for UDP-Lite and raw \
                        protocol 253",
            applies: |c| connectionless(c) && one_version(c),
            body: largest_whole,
            rules: &[works_out(connectionless, expected_whole)],
            ..Check::ROW
        },
    ],
};

pub(super) const GROUPS: Group = Group {
    rank: 38,
    title: "Messages for many",
    why: "tests of mDNS or DDS over loopback pass with IPv4 only",
    checks: &[
        Check {
            name: "multicast",
            title: "multicast over loopback",
            claim: "a message to a group that was joined on lo arrives over IPv4, and has no route \
                    over IPv6",
            promise: "ip(7), IP_ADD_MEMBERSHIP and IP_MULTICAST_IF; ipv6(7), IPV6_ADD_MEMBERSHIP",
            matters: "programs that find each other by multicast do not do so within one machine",
            by_design: "IPv6 has groups for loopback alone (RFC 4291, section 2.7), but Linux \
                        gives lo no route to ff00::/8",
            applies: |c| datagrams(c) && one_version(c),
            body: multicast,
            rules: &[shows(ipv4, "ok"), shows(ipv6, "ENETUNREACH at sendto").cell("ENETUNREACH")],
            ..Check::ROW
        },
        Check {
            name: "broadcast",
            title: "broadcast on loopback",
            claim: "a message to 127.255.255.255 is refused until SO_BROADCAST is set, then \
                    arrives",
            promise: "socket(7), SO_BROADCAST; send(2), EACCES: sent without it; IPv6 has no \
                      broadcast",
            matters: "a program floods a network by a mistyped address, or cannot reach anybody",
            applies: |c| connectionless(c) && ipv4(c),
            body: broadcast,
            rules: &[shows(ipv4, "EACCES, SO_BROADCAST ok").cell("EACCES, ok")],
            ..Check::ROW
        },
    ],
};

/// What loopback has unless it was changed (`drivers/net/loopback.c`).
const USUAL_MTU: u32 = 65_536;
/// The longest IPv4 packet, and the longest payload of an IPv6 packet.
const LONGEST: u32 = 65_535;
const UDP_HEADER: u32 = 8;

/// A socket of IPv4 tells of no larger MTU than the longest packet (`IP_MAX_MTU`).
fn loopback_mtu(machine: &Environment) -> u32 {
    machine.lo_mtu.filter(|mtu| *mtu != LONGEST).unwrap_or(USUAL_MTU)
}

const fn ip_header(column: &Column) -> u32 {
    if ipv6(column) { 40 } else { 20 }
}

fn segment_size(stand: &Stand<'_>) -> Result<String, CallError> {
    let pair = stand.pair()?;
    let sends = pair.a.get(option::TCP_MAXSEG)?;
    let advertised = pair.a.tcp_facts()?.advertised_segment;
    Ok(format!("send {sends}, advertised {advertised}"))
}

fn expected_segments(column: &Column, machine: &Environment) -> String {
    const TCP_HEADER: u32 = 20;
    let off = machine.number("net.ipv4.tcp_timestamps") == Some(0);
    let timestamps = if off { 0 } else { 12 };
    let mtu = loopback_mtu(machine);
    let packet = if ipv6(column) { mtu } else { mtu.min(LONGEST) };
    let segment = packet.saturating_sub(ip_header(column) + TCP_HEADER + timestamps);
    let sends = segment.min(first_window(segment, machine) / 2);
    format!("send {sends}, advertised {segment}")
}

/// The window that a peer opens with: half of its buffer (`tcp_adv_win_scale`) in whole segments,
/// and no more than 16 bits tell (RFC 7323, section 2.2). Half of it bounds what is sent at once
/// (`tcp_bound_to_half_wnd`).
fn first_window(segment: u32, machine: &Environment) -> u32 {
    const USUAL_BUFFER: u32 = 131_072;
    let buffers = machine.sysctl.get("net.ipv4.tcp_rmem");
    let buffer = buffers.and_then(|three| three.split_whitespace().nth(1)?.parse().ok());
    let room = buffer.unwrap_or(USUAL_BUFFER) / 2;
    let whole = if room > segment { room - room % segment.max(1) } else { room };
    whole.min(u16::MAX.into())
}

fn expected_whole(column: &Column, machine: &Environment) -> String {
    let header = if raw(column) { 0 } else { UDP_HEADER };
    if ipv6(column) && (raw(column) || partial_checksum(column)) {
        return (LONGEST - header).to_string();
    }
    // The IPv4 length counts the header, the IPv6 length does not (RFC 791, RFC 8200).
    let longest = if ipv6(column) { LONGEST + ip_header(column) } else { LONGEST };
    let packet = loopback_mtu(machine).min(longest);
    packet.saturating_sub(ip_header(column) + header).to_string()
}

fn largest_whole(stand: &Stand<'_>) -> Result<String, CallError> {
    const DO: i32 = 2; // IP_PMTUDISC_DO
    let pair = stand.pair()?;
    if ipv6(&stand.column) {
        pair.a.set(option::IPV6_DONTFRAG, 1)?;
    } else {
        pair.a.set(option::IP_MTU_DISCOVER, DO)?;
    }
    let (mut fits, mut exceeds) = (0, 65_537);
    while exceeds - fits > 1 {
        let len = usize::midpoint(fits, exceeds);
        let sent = pair.a.send(&vec![0; len]);
        if is(&sent, Errno::EMSGSIZE) {
            exceeds = len;
        } else {
            sent?;
            fits = len;
        }
        // Full, a raw IPv6 socket would answer with an ICMP error; there both ends hear it.
        for end in [&pair.a, &pair.b] {
            drain(end);
        }
    }
    Ok(fits.to_string())
}

/// Takes out what is there, and no more than could be, should there seem to be no end to it.
fn drain(end: &Probe) {
    const MOST: usize = 1000;
    let _ = (0..MOST).take_while(|_| end.receive_now(1).is_ok()).count();
}

fn multicast(stand: &Stand<'_>) -> Result<String, CallError> {
    let (group, every_address, hops) = if ipv4(&stand.column) {
        let group = Ipv4Addr::new(239, 255, 77, 77);
        (IpAddr::V4(group), IpAddr::V4(Ipv4Addr::UNSPECIFIED), option::IP_MULTICAST_TTL)
    } else {
        // Scope 1 is one interface (RFC 4291, section 2.7).
        let group = Ipv6Addr::new(0xff11, 0, 0, 0, 0, 0, 0, 0x7777);
        (IpAddr::V6(group), IpAddr::V6(Ipv6Addr::UNSPECIFIED), option::IPV6_MULTICAST_HOPS)
    };
    let receiver = stand.server()?;
    receiver.pin_to_loopback()?;
    receiver.bind(&Name::inet(every_address, 0))?;
    receiver.join_group(group)?;
    let sender = stand.client()?;
    sender.reach_group_on_loopback(group)?;
    sender.set(hops, 0)?;
    if sender.get(hops)? != 0 {
        return Ok("hops of 0 ignored".to_owned());
    }
    let there = Name::inet(group, receiver.name()?.port());
    Ok(match sender.send_to(b"hello all", &there) {
        Err(error) => format!("{} at sendto", errno_name(error.errno)),
        Ok(_) => arrives(stand, &receiver, "hello all"),
    })
}

fn broadcast(stand: &Stand<'_>) -> Result<String, CallError> {
    // The last address of 127.0.0.0/8 is everybody's (RFC 922).
    let everybody = Name::inet(Ipv4Addr::new(127, 255, 255, 255), 0);
    let receiver = stand.server()?;
    receiver.bind(&everybody)?;
    let there = receiver.name()?;
    let sender = stand.client()?;
    stand.bind(&sender, End::Client)?;
    let refused = match sender.send_to(b"unasked", &there) {
        Err(error) => errno_name(error.errno),
        Ok(_) => "ok".to_owned(),
    };
    sender.set(option::SO_BROADCAST, 1)?;
    sender.send_to(b"hello all", &there)?;
    Ok(format!("{refused}, SO_BROADCAST {}", arrives(stand, &receiver, "hello all")))
}

/// `ok` where the message comes.
fn arrives(stand: &Stand<'_>, receiver: &Probe, message: &str) -> String {
    let heard = stand.came(&receiver.receive(100));
    if heard == message { "ok".to_owned() } else { heard }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::Transport;

    fn machine(mtu: u32, sysctls: &[(&str, &str)]) -> Environment {
        let text = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Environment {
            lo_mtu: Some(mtu),
            sysctl: sysctls.iter().map(text).collect(),
            ..Environment::default()
        }
    }

    fn column(name: &str) -> Column {
        Column::of(Transport::named(name).expect("a transport"))[0]
    }

    #[test]
    fn segments_follow_from_the_mtu_the_timestamps_and_the_window() {
        let (plain, small) = ("net.ipv4.tcp_timestamps", "net.ipv4.tcp_rmem");
        for (name, machine, expected) in [
            ("tcp4", machine(65_535, &[]), "send 32741, advertised 65483"),
            ("tcp6", machine(65_535, &[]), "send 32732, advertised 65464"),
            ("tcp4", machine(1_500, &[]), "send 1448, advertised 1448"),
            ("tcp6", machine(1_500, &[]), "send 1428, advertised 1428"),
            ("tcp4", machine(33_000, &[]), "send 16474, advertised 32948"),
            ("tcp4", machine(1_500, &[(plain, "0")]), "send 1460, advertised 1460"),
            (
                "tcp4",
                machine(65_535, &[(small, "4096 20000 6000000")]),
                "send 5000, advertised 65483",
            ),
            ("mptcp4", Environment::default(), "send 32741, advertised 65483"),
        ] {
            assert_eq!(expected_segments(&column(name), &machine), expected, "{name}");
        }
    }

    #[test]
    fn the_largest_whole_message_follows_from_the_mtu() {
        for (name, large, usual) in [
            ("udp4", "65507", "1472"),
            ("udp6", "65488", "1452"),
            ("udplite4", "65507", "1472"),
            ("udplite6", "65527", "65527"),
            ("raw4", "65515", "1480"),
            ("raw6", "65535", "65535"),
        ] {
            let expected = |mtu| expected_whole(&column(name), &machine(mtu, &[]));
            assert_eq!((expected(65_535).as_str(), expected(1_500).as_str()), (large, usual));
        }
    }
}
