//! Where do IPv4 and IPv6 meet, and where do their loopbacks differ?

use crate::behaviour::addresses::{
    OTHER_LOOPBACK, bind_to_all, bound_to_all, farther, ip_of, ipv4_server, ipv4_twin, port_of,
    wildcard,
};
use crate::behaviour::column::{
    Column, acknowledges, connects, datagrams, inet, ipv4, ipv6, one_version, packets, ports,
};
use crate::behaviour::expectation::{shows, works_out};
use crate::behaviour::fact::{is, said};
use crate::behaviour::mark;
use crate::behaviour::stand::Stand;
use crate::behaviour::{Check, Group, Need};
use crate::environment::Environment;
use crate::os::name::Name;
use crate::os::probe::{Note, Probe};
use crate::os::socket::End;
use crate::os::{CallError, Errno, errno_name, option};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

pub(super) const TWO_FAMILIES: Group = Group {
    rank: 24,
    title: "IPv4 client, [::] server",
    why: "a server on [::] is deaf to 127.0.0.1, or takes the port of an IPv4 server",
    checks: &[
        Check {
            name: "dual",
            needs: Some(Need::Ipv4Loopback),
            title: "[::] takes IPv4 clients",
            claim: "an IPv4 client reaches a server on [::] unless IPV6_V6ONLY is set",
            promise: "RFC 3493, sections 3.7 and 5.3; ipv6(7), IPV6_V6ONLY and bindv6only",
            matters: "clients of one IP version do not reach a server of the other",
            applies: ipv6_ports,
            body: dual,
            rules: &[works_out(ipv6, |_, here| {
                let usual = if only_ipv6(here) { "ECONNREFUSED" } else { "::ffff:127.0.0.1" };
                format!("default {usual}; V6ONLY ECONNREFUSED")
            })
            .cell("by V6ONLY")],
            ..Check::ROW
        },
        Check {
            name: "dualbind",
            title: "0.0.0.0 beside [::]",
            claim: "0.0.0.0 and [::] share a port if [::] has IPV6_V6ONLY; otherwise the second \
                    bind() is refused",
            promise: "ipv6(7), IPV6_V6ONLY: lets an IPv4 and an IPv6 program use one port",
            matters: "a program that serves both IP versions by two sockets fails at the second \
                      one",
            applies: ipv6_ports,
            body: dualbind,
            rules: &[works_out(ipv6, |_, here| {
                let usual = if only_ipv6(here) { "ok" } else { "EADDRINUSE" };
                format!("{usual}; both V6ONLY ok")
            })
            .cell("by V6ONLY")],
            ..Check::ROW
        },
        Check {
            name: "mapped",
            needs: Some(Need::Ipv4Loopback),
            title: "IPv6 socket to IPv4",
            claim: "an IPv6 socket reaches an IPv4 server by ::ffff:127.0.0.1, unless it is bound \
                    to ::1 or has IPV6_V6ONLY",
            promise: "RFC 3493, section 3.7: a mapped address means IPv4; section 5.3: not with \
                      IPV6_V6ONLY",
            matters: "a client that opens one socket for both IP versions reaches one of them",
            applies: ipv6_ports,
            body: mapped,
            rules: &[works_out(ipv6, |_, here| {
                let usual = if only_ipv6(here) { "ENETUNREACH" } else { "ok" };
                format!("{usual}; bound ::1 ENETUNREACH; V6ONLY ENETUNREACH")
            })
            .cell("by V6ONLY")],
            ..Check::ROW
        },
    ],
};

pub(super) const LOOPBACKS: Group = Group {
    rank: 25,
    title: "127/8 versus ::1",
    why: "tests that use 127.0.0.2 beside 127.0.0.1 have no second address over IPv6",
    checks: &[
        Check {
            name: "range8",
            title: "other loopback addresses",
            claim: "127.0.0.2 and 127.255.255.254 can be bound, but ::2 cannot",
            promise: "RFC 1122, section 3.2.1.3: all of 127/8 is loopback; RFC 4291, section \
                      2.5.3: ::1 alone is",
            matters: "programs that tell each other apart by loopback address collide",
            by_design: "IPv4 has sixteen million loopback addresses (RFC 1122, section 3.2.1.3), \
                        IPv6 has one (RFC 4291, section 2.5.3)",
            applies: one_version,
            body: range8,
            rules: &[shows(ipv4, "ok ok"), shows(ipv6, "EADDRNOTAVAIL").cell("NOTAVAIL")],
            ..Check::ROW
        },
        Check {
            name: "any_dst",
            title: "connect to 0.0.0.0 or ::",
            claim: "a client that names 0.0.0.0 or :: reaches a server on loopback",
            promise: "RFC 1122, section 3.2.1.3, and RFC 4291, section 2.5.2, forbid it as a \
                      destination; Linux takes it for loopback all the same",
            matters: "a program that connects to the very address its server is bound to fails",
            applies: ports,
            body: any_dst,
            rules: &[
                shows(acknowledges, "reaches loopback").cell("reaches"),
                shows(datagrams, "reaches loopback").cell("reaches"),
            ],
            ..Check::ROW
        },
        Check {
            name: "srcaddr",
            title: "client's source address",
            claim: "a client that connects to 127.0.0.9 comes from 127.0.0.1, and one that \
                    connects to ::1 from ::1",
            promise: "RFC 1122, section 3.3.4.3, and RFC 6724, section 5: the sending host picks \
                      it",
            matters: "a server that lets clients in by their address turns them away",
            by_design: "each IP version has loopback addresses of its own (RFC 1122, section \
                        3.2.1.3; RFC 4291, section 2.5.3)",
            applies: ports,
            body: srcaddr,
            rules: &[shows(ipv6, "::1"), shows(inet, "127.0.0.1")],
            ..Check::ROW
        },
    ],
};

pub(super) const WILDCARD_SERVER: Group = Group {
    rank: 26,
    title: "Reply from wildcard server",
    why: "a UDP server on 0.0.0.0 may answer from another address than it was asked at",
    checks: &[
        Check {
            name: "src",
            title: "wildcard server's reply",
            claim: "a UDP server on all addresses answers a client that connected to 127.0.0.9, or \
                    to ::1",
            promise: "connect(2): a connected datagram socket receives from its peer's address \
                      alone; ip(7), IP_PKTINFO: a server can choose its source",
            matters: "a client never hears the answer, on machines with several addresses only",
            by_design: "IPv6 has one loopback address (RFC 4291, section 2.5.3), so the answer \
                        cannot come from another",
            applies: datagrams,
            body: src,
            rules: &[
                shows(ipv6, "arrives"),
                shows(datagrams, "wrong source, reply lost").cell("lost"),
            ],
            ..Check::ROW
        },
        Check {
            name: "pktinfo",
            title: "address it was sent to",
            claim: "a server on all addresses learns the address and the interface at which a \
                    datagram came in",
            promise: "ip(7), IP_PKTINFO; ipv6(7), IPV6_RECVPKTINFO",
            matters: "a server on all addresses cannot answer from the one it was asked at",
            by_design: "each IP version has loopback addresses of its own (RFC 1122, section \
                        3.2.1.3; RFC 4291, section 2.5.3)",
            applies: packets,
            body: pktinfo,
            rules: &[shows(ipv6, "::1 via lo"), shows(inet, "127.x via lo")],
            ..Check::ROW
        },
    ],
};

fn ipv6_ports(column: &Column) -> bool {
    ipv6(column) && ports(column)
}

/// Do `AF_INET6` sockets keep away from IPv4 unless they are told otherwise?
fn only_ipv6(here: &Environment) -> bool {
    here.number("net.ipv6.bindv6only").is_some_and(|only| only != 0)
}

fn dual(stand: &Stand<'_>) -> Result<String, CallError> {
    let usual = stand.server()?;
    let only = stand.server()?;
    only.set(option::IPV6_V6ONLY, 1)?;
    // Only what is expected is worth waiting for.
    let by_default = !only_ipv6(stand.machine);
    let usual = seen_from_ipv4(stand, &usual, by_default)?;
    Ok(format!("default {usual}; V6ONLY {}", seen_from_ipv4(stand, &only, false)?))
}

/// How a server on `[::]` sees an IPv4 client, or what the client is told.
fn seen_from_ipv4(stand: &Stand<'_>, server: &Probe, expected: bool) -> Result<String, CallError> {
    let port = bind_to_all(stand, server, 0)?;
    stand.open_to_clients(server)?;
    let client = ipv4_twin(stand, End::Client)?;
    if let Err(error) = client.connect(&Name::inet(Ipv4Addr::LOCALHOST, port)) {
        return Ok(errno_name(error.errno));
    }
    let seen = if connects(&stand.column) {
        server.accept()?.peer_name()?
    } else {
        client.send(b"over here")?;
        match server.receive_message_within(100, stand.patience(expected)) {
            Ok(message) => message.from,
            Err(_) => return Ok(said(&client.receive_now(100))),
        }
    };
    Ok(match seen {
        Some(Name::Inet(address)) => address.ip().to_string(),
        _ => "unnamed".to_owned(),
    })
}

fn dualbind(stand: &Stand<'_>) -> Result<String, CallError> {
    Ok(format!("{}; both V6ONLY {}", beside(stand, false)?, beside(stand, true)?))
}

/// What `[::]` says to the port that the kernel picked for 0.0.0.0. It picks one that is free over
/// IPv4; over IPv6 it may be somebody's all the same, at `::1` or in TIME-WAIT, and a refusal that is
/// there without our own socket says nothing of it: then another port is asked.
fn beside(stand: &Stand<'_>, only: bool) -> Result<String, CallError> {
    const PORTS: usize = 8;
    let mut word = String::new();
    for _ in 0..PORTS {
        let four = ipv4_twin(stand, End::Server)?;
        four.pin_to_loopback()?;
        four.bind(&Name::inet(Ipv4Addr::UNSPECIFIED, 0))?;
        let port = port_of(&four.name()?);
        let bind = |only: bool| -> Result<Result<u16, CallError>, CallError> {
            let six = stand.server()?;
            if only {
                six.set(option::IPV6_V6ONLY, 1)?;
            }
            Ok(bind_to_all(stand, &six, port))
        };
        let beside = bind(only)?;
        word = said(&beside);
        four.close();
        if !is(&beside, Errno::EADDRINUSE) || !is(&bind(true)?, Errno::EADDRINUSE) {
            break;
        }
    }
    Ok(word)
}

fn mapped(stand: &Stand<'_>) -> Result<String, CallError> {
    let server = ipv4_server(stand)?;
    let name = Name::inet(Ipv4Addr::LOCALHOST.to_ipv6_mapped(), port_of(&server.name()?));
    let (usual, bound, only) = (stand.client()?, stand.client()?, stand.client()?);
    bound.bind(&Name::inet(Ipv6Addr::LOCALHOST, 0))?;
    only.set(option::IPV6_V6ONLY, 1)?;
    let [usual, bound, only] = [usual, bound, only].map(|client| said(&client.connect(&name)));
    Ok(format!("{usual}; bound ::1 {bound}; V6ONLY {only}"))
}

fn range8(stand: &Stand<'_>) -> Result<String, CallError> {
    let others: &[IpAddr] = if ipv6(&stand.column) {
        &[IpAddr::V6(Ipv6Addr::new(0, 0, 0, 0, 0, 0, 0, 2))]
    } else {
        &[IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2)), IpAddr::V4(Ipv4Addr::new(127, 255, 255, 254))]
    };
    let mut bound = Vec::new();
    for ip in others {
        bound.push(said(&stand.server()?.bind(&Name::inet(*ip, 0))));
    }
    Ok(bound.join(" "))
}

fn any_dst(stand: &Stand<'_>) -> Result<String, CallError> {
    let (server, name) = stand.ready_server()?;
    let client = stand.client()?;
    if let Err(error) = client.connect(&wildcard(&stand.column, End::Client, port_of(&name))) {
        return Ok(errno_name(error.errno));
    }
    if !connects(&stand.column) {
        client.send(b"anybody?")?;
    }
    // What can be read at a listener is a client that waits.
    let reached = server.wait_readable()?.read();
    Ok(if reached { "reaches loopback" } else { "connects, reaches nobody" }.to_owned())
}

fn srcaddr(stand: &Stand<'_>) -> Result<String, CallError> {
    let server = stand.server()?;
    let there = farther(&stand.column, 0);
    server.bind(&there.mapped_for(stand.column.transport, End::Server))?;
    stand.open_to_clients(&server)?;
    let client = stand.client()?;
    client.connect(&farther(&stand.column, port_of(&server.name()?)))?;
    let source = client.name()?;
    Ok(ip_of(&source).map_or_else(|| "unnamed".to_owned(), |ip| ip.to_string()))
}

fn src(stand: &Stand<'_>) -> Result<String, CallError> {
    let (server, port) = bound_to_all(stand)?;
    let asked = farther(&stand.column, port);
    let client = stand.client()?;
    client.connect(&asked)?;
    client.send(b"a question")?;
    answer(&server)?;
    if client.receive_if(ipv6(&stand.column), 100).is_ok() {
        return Ok("arrives".to_owned());
    }
    // Who is not connected hears everybody, and so learns where the answer came from.
    let open = stand.client()?;
    open.send_to(b"a question", &asked)?;
    answer(&server)?;
    let from = open.receive_message(100)?.from;
    let right = from.as_ref().and_then(ip_of) == ip_of(&asked);
    Ok(if right { "right source, reply lost" } else { "wrong source, reply lost" }.to_owned())
}

/// Answers whoever asks next.
fn answer(server: &Probe) -> Result<(), CallError> {
    if let Some(from) = server.receive_message(100)?.from {
        server.send_to(b"an answer", &from)?;
    }
    Ok(())
}

fn pktinfo(stand: &Stand<'_>) -> Result<String, CallError> {
    let (server, port) = bound_to_all(stand)?;
    let own = if ipv4(&stand.column) { option::IP_PKTINFO } else { option::IPV6_RECVPKTINFO };
    server.set(own, 1)?;
    let mark = mark::fresh();
    stand.client()?.send_to(&mark, &farther(&stand.column, port))?;
    let mut message = server.receive_message(2 * mark::LEN)?;
    for _ in 0..mark::STRANGERS {
        if stand.payload(&message.bytes) == mark {
            break;
        }
        message = server.receive_message(2 * mark::LEN)?;
    }
    let told = message.find(|note| match note {
        Note::SentTo(ip, interface) => Some((ip.to_canonical(), *interface)),
        _ => None,
    });
    let Some((ip, number)) = told else { return Ok("accepted, none arrive".to_owned()) };
    let ip = if ip == OTHER_LOOPBACK { "127.x".to_owned() } else { ip.to_string() };
    Ok(format!("{ip} via {}", server.interface_name(number)?))
}
