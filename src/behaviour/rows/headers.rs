//! Fields of the headers around a message: hops, traffic class, checksum, flow label.

use crate::behaviour::column::{any, connectionless, ipv6, over_ipv4, packets, udp};
use crate::behaviour::expectation::shows;
use crate::behaviour::stand::{Pair, Stand};
use crate::behaviour::{Check, Group};
use crate::os::option::{self, IntOption};
use crate::os::probe::Note;
use crate::os::{CallError, Errno, errno_name};

pub(super) const HEADERS: Group = Group {
    rank: 57,
    title: "Header fields",
    why: "the two IP versions name these fields differently and treat them differently, so code \
          tried on one fails on the other",
    checks: &[
        Check {
            name: "ttl",
            title: "time to live, hop limit",
            claim: "a message tells how many hops it had left; 1 is enough for loopback, and 0 is \
                    refused over IPv4 only",
            promise: "ip(7), IP_TTL and IP_RECVTTL; ipv6(7), IPV6_UNICAST_HOPS: 0 to 255, or -1 \
                      for the route's",
            matters: "a program that tells near from far by the hops gets it wrong",
            by_design: "a TTL of 0 must not be sent (RFC 1122, section 3.2.1.7), while a hop limit \
                        may be set to 0 (RFC 3493, section 5.1)",
            applies: packets,
            body: hops,
            rules: &[
                shows(over_ipv4, "arrives {1..255}; 1 ok; 0 EINVAL").cell("#, not 0"),
                shows(ipv6, "arrives {1..255}; 1 ok; 0 ok").cell("#, even 0"),
            ],
            ..Check::ROW
        },
        Check {
            name: "tos",
            title: "DSCP byte arrives",
            claim: "the receiver is told the traffic class 0xb8 that the sender set",
            promise: "ip(7), IP_TOS and IP_RECVTOS; RFC 3542, section 6.5: IPV6_TCLASS and \
                      IPV6_RECVTCLASS",
            matters: "voice and video are sent like everything else",
            applies: packets,
            body: traffic_class,
            rules: &[shows(any, "0xb8")],
            ..Check::ROW
        },
        Check {
            name: "nocheck",
            title: "UDP without checksum",
            claim: "a datagram without a checksum arrives over IPv4; over IPv6 only where the \
                    receiver allows it",
            promise: "RFC 768: a checksum of 0 means none; RFC 8200, section 8.1: IPv6 drops it; \
                      RFC 6935: unless the receiver allows it",
            matters: "tunnels that leave the checksum out lose everything over IPv6, without an \
                      error",
            by_design: "an IPv6 header has no checksum, so UDP must have one (RFC 8200, section \
                        8.1)",
            applies: udp,
            body: no_checksum,
            rules: &[
                shows(over_ipv4, "delivered"),
                shows(ipv6, "dropped; RX opt-in delivered").cell("opt-in"),
            ],
            ..Check::ROW
        },
        Check {
            name: "flowlabel",
            title: "IPv6 flow label",
            claim: "the kernel gives a flow a label of its own that is not 0, and the receiver is \
                    told it",
            promise: "RFC 6437, section 3: a source should label its flows; kernel documentation, \
                      ip-sysctl, auto_flowlabels",
            matters: "routers that spread traffic by the label send everything the same way",
            applies: |column| ipv6(column) && connectionless(column),
            body: flow_label,
            rules: &[shows(any, "own label, nonzero").cell("own label")],
            ..Check::ROW
        },
    ],
};

/// The option of the IP version that the packets have.
fn by_version(stand: &Stand<'_>, four: IntOption, six: IntOption) -> IntOption {
    if over_ipv4(&stand.column) { four } else { six }
}

/// Sends a message, and picks from what came beside it.
fn noted<T>(pair: &Pair, find: fn(&Note) -> Option<T>) -> Result<Option<T>, CallError> {
    pair.a.send(b"fields")?;
    Ok(pair.b.receive_message(100)?.find(find))
}

fn hops_of(note: &Note) -> Option<i32> {
    match note {
        Note::Hops(hops) => Some(*hops),
        _ => None,
    }
}

fn hops(stand: &Stand<'_>) -> Result<String, CallError> {
    let pair = stand.pair()?;
    pair.b.set(by_version(stand, option::IP_RECVTTL, option::IPV6_RECVHOPLIMIT), 1)?;
    let limit = by_version(stand, option::IP_TTL, option::IPV6_UNICAST_HOPS);
    let usual = match noted(&pair, hops_of)? {
        Some(hops) => format!("arrives {hops}"),
        None => "not told".to_owned(),
    };
    let with = |hops: i32| -> Result<String, CallError> {
        if let Err(error) = pair.a.set(limit, hops) {
            return Ok(errno_name(error.errno));
        }
        Ok(match noted(&pair, hops_of) {
            Ok(Some(told)) if told == hops => "ok".to_owned(),
            Ok(Some(told)) => format!("arrives {told}"),
            Ok(None) => "not told".to_owned(),
            Err(error) if error.errno == Errno::EAGAIN => "lost".to_owned(),
            Err(error) => return Err(error),
        })
    };
    Ok(format!("{usual}; 1 {}; 0 {}", with(1)?, with(0)?))
}

fn traffic_class(stand: &Stand<'_>) -> Result<String, CallError> {
    let pair = stand.pair()?;
    pair.b.set(by_version(stand, option::IP_RECVTOS, option::IPV6_RECVTCLASS), 1)?;
    pair.a.set(by_version(stand, option::IP_TOS, option::IPV6_TCLASS), 0xb8)?;
    let class = noted(&pair, |note| match note {
        Note::TrafficClass(class) => Some(*class),
        _ => None,
    })?;
    Ok(class.map_or_else(|| "not told".to_owned(), |class| format!("{class:#04x}")))
}

fn no_checksum(stand: &Stand<'_>) -> Result<String, CallError> {
    let pair = stand.pair()?;
    let four = over_ipv4(&stand.column);
    pair.a.set(by_version(stand, option::SO_NO_CHECK, option::UDP_NO_CHECK6_TX), 1)?;
    let delivered = |expected: bool| -> Result<&'static str, CallError> {
        pair.a.send(b"unchecked")?;
        match pair.b.receive_if(expected, 100) {
            Ok(_) => Ok("delivered"),
            Err(error) if error.errno == Errno::EAGAIN => Ok("dropped"),
            Err(error) => Err(error),
        }
    };
    let first = delivered(four)?;
    if four {
        return Ok(first.to_owned());
    }
    pair.b.set(option::UDP_NO_CHECK6_RX, 1)?;
    Ok(format!("{first}; RX opt-in {}", delivered(true)?))
}

fn flow_label(stand: &Stand<'_>) -> Result<String, CallError> {
    let pair = stand.pair()?;
    pair.b.set(option::IPV6_FLOWINFO, 1)?;
    // net.ipv6.auto_flowlabels may leave it to each socket.
    pair.a.set(option::IPV6_AUTOFLOWLABEL, 1)?;
    let label = noted(&pair, |note| match note {
        Note::FlowLabel(label) => Some(*label),
        _ => None,
    })?;
    Ok(match label {
        None => "own label not reported",
        Some(0) => "no label",
        Some(_) => "own label, nonzero",
    }
    .to_owned())
}
