//! Raw sockets, scope ids, CPUs and congestion control.

use crate::behaviour::column::{Column, acknowledges, any, datagrams, ipv4, ipv6, raw, unix};
use crate::behaviour::expectation::{shows, works_out};
use crate::behaviour::fact::said;
use crate::behaviour::stand::Stand;
use crate::behaviour::{Check, Group};
use crate::environment::Environment;
use crate::os::name::Name;
use crate::os::{CallError, option};
use std::net::{Ipv6Addr, SocketAddrV6};

pub(super) const DETAILS: Group = Group {
    rank: 61,
    title: "Raw, scope and CPU details",
    why: "a ping written for IPv4 reads the wrong bytes over IPv6, and a forgotten scope id fails \
          on link-local addresses only",
    checks: &[
        Check {
            name: "rawhdr",
            title: "IP header in a raw read",
            claim: "a raw read has 20 bytes of IPv4 header before the payload, and nothing over \
                    IPv6",
            promise: "raw(7): the IPv4 header is always there; RFC 3542, section 3: that of IPv6 \
                      never is",
            matters: "a program takes header for payload, or cuts payload away",
            by_design: "IPv4 hands over its header (raw(7)), IPv6 does not (RFC 3542, section 3)",
            applies: raw,
            body: raw_header,
            rules: &[
                shows(ipv4, "20 extra bytes").cell("20 extra"),
                shows(ipv6, "payload only").cell("payload"),
            ],
            ..Check::ROW
        },
        Check {
            name: "scope",
            title: "scope id: ::1, fe80::1",
            claim: "a scope id that nobody has is ignored on ::1, and fe80::1 without one cannot \
                    be bound",
            promise: "ipv6(7): Linux reads the scope id of link-local addresses only; RFC 4007, \
                      section 6: without one they name no link",
            matters: "a link-local server starts or fails depending on whether the interface was \
                      named",
            applies: ipv6,
            body: scope,
            rules: &[shows(any, "::1%9999 ok; fe80::1 EINVAL").cell("fe80 EINVAL")],
            ..Check::ROW
        },
        Check {
            name: "incpu",
            title: "SO_INCOMING_CPU",
            claim: "after a message has come, SO_INCOMING_CPU names the CPU that handled it",
            promise: "socket(7), SO_INCOMING_CPU; raw and Unix sockets tell none",
            matters: "a server that sorts its clients by CPU puts all of them on one",
            body: incoming_cpu,
            rules: &[
                shows(|column| unix(column) || raw(column), "no cpu"),
                shows(|column| acknowledges(column) || datagrams(column), "a cpu"),
            ],
            ..Check::ROW
        },
        Check {
            name: "cc",
            title: "congestion control",
            claim: "TCP_CONGESTION names the algorithm that the machine is set to",
            promise: "tcp(7), TCP_CONGESTION; kernel documentation, ip-sysctl, \
                      tcp_congestion_control",
            matters: "some algorithms pace even on loopback, so measurements differ from machine \
                      to machine",
            applies: acknowledges,
            body: |stand| stand.client()?.congestion_control(),
            rules: &[works_out(acknowledges, congestion_setting)],
            ..Check::ROW
        },
    ],
};

fn raw_header(stand: &Stand<'_>) -> Result<String, CallError> {
    const SENT: &[u8] = b"payload";
    let pair = stand.pair()?;
    pair.a.send(SENT)?;
    let came = pair.b.receive(100)?;
    Ok(match came.len().checked_sub(SENT.len()) {
        _ if !came.ends_with(SENT) => "payload garbled".to_owned(),
        Some(0) | None => "payload only".to_owned(),
        Some(extra) => format!("{extra} extra bytes"),
    })
}

fn scope(stand: &Stand<'_>) -> Result<String, CallError> {
    // RFC 4291, section 2.5.6: fe80::/10 is for one link.
    const LINK_LOCAL: Ipv6Addr = Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 1);
    let bind = |ip: Ipv6Addr, zone: u32| -> Result<String, CallError> {
        let name = Name::Inet(SocketAddrV6::new(ip, 0, 0, zone).into());
        Ok(said(&stand.server()?.bind(&name)))
    };
    let (loopback, link) = (bind(Ipv6Addr::LOCALHOST, 9999)?, bind(LINK_LOCAL, 0)?);
    Ok(format!("::1%9999 {loopback}; fe80::1 {link}"))
}

fn incoming_cpu(stand: &Stand<'_>) -> Result<String, CallError> {
    let pair = stand.pair()?;
    pair.a.send(b"ping")?;
    pair.b.receive(100)?;
    let cpu = pair.b.get(option::SO_INCOMING_CPU)?;
    Ok(if cpu >= 0 { "a cpu" } else { "no cpu" }.to_owned())
}

/// The machine's choice; Linux comes with CUBIC.
fn congestion_setting(_: &Column, machine: &Environment) -> String {
    let name = machine.sysctl.get("net.ipv4.tcp_congestion_control");
    name.map_or("cubic", String::as_str).to_owned()
}
