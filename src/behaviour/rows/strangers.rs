//! Who may send to a socket, and who of several gets what was sent.

use crate::behaviour::column::{
    acknowledges, connectionless, connects, datagrams, raw, raw4, raw6, unix,
};
use crate::behaviour::expectation::{shows, since, works_out};
use crate::behaviour::stand::Stand;
use crate::behaviour::{Check, Group};
use crate::os::name::Name;
use crate::os::probe::Probe;
use crate::os::socket::End;
use crate::os::{CallError, errno_name, option};
use std::time::Duration;

pub(super) const STRANGERS: Group = Group {
    rank: 39,
    title: "Strangers are kept out",
    why: "the first message after connect() may be a stranger's, who sent it before",
    checks: &[
        Check {
            name: "stranger",
            title: "a stranger's message",
            claim: "a third socket cannot send to a datagram socket that is connected to another",
            promise: "connect(2): datagrams are received from the peer's address only; \
                      unix_may_send() says EPERM to all others",
            matters: "anybody on this machine can forge an answer",
            by_design: "all raw IPv6 sockets here have the address ::1 (RFC 4291, section 2.5.3), \
                        so that none is a stranger",
            applies: connectionless,
            body: stranger,
            rules: &[
                shows(unix, "EPERM"),
                shows(datagrams, "filtered, sender gets ECONNREFUSED").cell("filtered"),
                shows(raw4, "filtered, sender gets none").cell("filtered"),
                shows(raw6, "delivered"),
            ],
            ..Check::ROW
        },
        Check {
            name: "queued_stranger",
            title: "queued before connect",
            claim: "a stranger's message that waited before connect() is delivered after it",
            promise: "connect(2): limits who is received from, and does not speak of what waits \
                      already",
            matters: "a message that waited before connect() is lost",
            applies: connectionless,
            body: queued_stranger,
            rules: &[shows(connectionless, "still delivered").cell("delivered")],
            ..Check::ROW
        },
    ],
};

pub(super) const SHARING: Group = Group {
    rank: 40,
    title: "SO_REUSEPORT spreads",
    why: "workers that share a port all get clients, or one of them gets every client",
    checks: &[Check {
        name: "reuseport",
        title: "clients of a shared port",
        claim: "of 24 clients at two sockets with SO_REUSEPORT each gets some; raw sockets get \
                copies, Unix sockets refuse the option",
        promise: "socket(7), SO_REUSEPORT: spreads connections and datagrams of AF_INET and \
                  AF_INET6; Unix sockets refuse it since Linux 6.13",
        matters: "a server with several workers uses one of them only",
        body: share_port,
        rules: &[
            // Refused since 6.13, and in later releases of older series.
            works_out(unix, |_, machine| {
                let refused = "EOPNOTSUPP";
                if since(machine, 6, 14) {
                    refused.to_owned()
                } else {
                    format!("{refused} | EADDRINUSE at bind 2")
                }
            })
            .cell("refused"),
            shows(raw, "copies 24/24").cell("copies"),
            shows(acknowledges, "spread"),
            shows(datagrams, "spread"),
        ],
        ..Check::ROW
    }],
};

fn stranger(stand: &Stand<'_>) -> Result<String, CallError> {
    let pair = stand.pair()?;
    let (third, _) = stand.bound_client()?;
    let name = pair.b.name()?.mapped_for(stand.column.transport, End::Client);
    // An ICMP error that quotes fewer than 8 bytes is dropped, so raw IPv4 is not told ENOPROTOOPT.
    if let Err(error) = third.connect(&name).and_then(|()| third.send(b"hello")) {
        return Ok(errno_name(error.errno));
    }
    let delivered = raw6(&stand.column);
    if stand.came(&pair.b.receive_if(delivered, 100)) == "hello" {
        return Ok("delivered".to_owned());
    }
    let told = third.receive_if(datagrams(&stand.column), 100);
    Ok(format!("filtered, sender gets {}", stand.came(&told)))
}

fn queued_stranger(stand: &Stand<'_>) -> Result<String, CallError> {
    let (server, there) = stand.bound()?;
    let (_friend, here) = stand.bound_client()?;
    let (third, _) = stand.bound_client()?;
    third.send_to(b"first", &there)?;
    server.connect(&here)?;
    let heard = stand.came(&server.receive(100));
    Ok(if heard == "first" { "still delivered".to_owned() } else { format!("{heard} delivered") })
}

const CLIENTS: usize = 24;

fn share_port(stand: &Stand<'_>) -> Result<String, CallError> {
    let one = stand.server()?;
    if let Err(error) = one.set(option::SO_REUSEPORT, 1) {
        return Ok(errno_name(error.errno));
    }
    let name = stand.bind(&one, End::Server)?;
    let other = stand.server()?;
    other.set(option::SO_REUSEPORT, 1)?;
    if let Err(error) = other.bind(&one.name()?) {
        return Ok(format!("{} at bind 2", errno_name(error.errno)));
    }
    let servers = [one, other];
    for server in &servers {
        stand.open_to_clients(server)?;
    }
    let mut clients = Vec::new();
    let mut shares = [0; 2];
    let mut serve = |patience| {
        for (share, server) in shares.iter_mut().zip(&servers) {
            *share += taken(stand, server, patience);
        }
    };
    for _ in 0..CLIENTS {
        clients.push(client_of(stand, &name)?);
        // Nobody is to wait long: queues may be as short as net.core.somaxconn makes them.
        serve(Duration::ZERO);
    }
    serve(stand.times().quiet);
    let [one, other] = shares;
    Ok(match (one, other) {
        (CLIENTS, CLIENTS) => format!("copies {one}/{other}"),
        (0, CLIENTS) | (CLIENTS, 0) => "one gets all".to_owned(),
        _ if one + other == CLIENTS => "spread".to_owned(),
        _ => format!("{one} and {other} of {CLIENTS}"),
    })
}

/// A client that has connected, or sent something.
fn client_of(stand: &Stand<'_>, name: &Name) -> Result<Probe, CallError> {
    let client = stand.client()?;
    client.connect(name)?;
    if connects(&stand.column) {
        client.set_abort()?;
    } else {
        client.send(b"hello")?;
    }
    Ok(client)
}

/// How many have come to it, until nobody comes for that long.
fn taken(stand: &Stand<'_>, server: &Probe, patience: Duration) -> usize {
    let next = || {
        let there = server.readable_within(patience);
        if connects(&stand.column) {
            there.and_then(|_| server.accept_now()).is_ok()
        } else {
            there.and_then(|_| server.receive_now(100)).is_ok()
        }
    };
    (0..=CLIENTS).take_while(|_| next()).count()
}
