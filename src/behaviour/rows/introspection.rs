//! What the kernel says that a socket is, and which sockets come in pairs.

use crate::behaviour::column::{any, inet, multipath, unix};
use crate::behaviour::expectation::shows;
use crate::behaviour::fact::said;
use crate::behaviour::stand::Stand;
use crate::behaviour::{Check, Group};
use crate::os::probe::{Opened, Probe};
use crate::os::socket::End;
use crate::os::{CallError, errno_name, option};
use crate::transport::{Family, Protocol, Transport};

pub(super) const IDENTITY: Group = Group {
    rank: 55,
    title: "What the kernel calls it",
    why: "a program that is handed a socket asks the kernel what it is, and MPTCP may be plain TCP \
          underneath",
    checks: &[
        Check {
            name: "introspect",
            title: "family, type, protocol",
            claim: "SO_DOMAIN, SO_TYPE and SO_PROTOCOL at both ends say what socket() was asked \
                    for",
            promise: "socket(7): SO_DOMAIN, SO_TYPE and SO_PROTOCOL tell a socket's family, type \
                      and protocol",
            matters: "a program that is handed the socket takes it for another kind",
            body: introspect,
            rules: &[shows(any, "same")],
            ..Check::ROW
        },
        Check {
            name: "socketpair",
            title: "socketpair() works",
            claim: "socketpair() makes two ends that hear each other",
            promise: "socketpair(2): for AF_UNIX, and AF_TIPC, only; EOPNOTSUPP elsewhere",
            matters: "a program has to connect two ends over a name that others can reach",
            body: socketpair,
            rules: &[shows(unix, "ok"), shows(inet, "EOPNOTSUPP")],
            ..Check::ROW
        },
        Check {
            name: "mptcp",
            title: "MPTCP or plain TCP",
            claim: "an MPTCP client gets an MPTCP connection, and a plain TCP client is served as \
                    plain TCP",
            promise: "kernel documentation, networking/mptcp; RFC 8684, section 3.7: falling back \
                      to TCP",
            matters: "a program believes in several paths and has one, or loses its plain clients",
            applies: multipath,
            body: mptcp,
            rules: &[shows(any, "mptcp; from plain tcp: plain TCP socket").cell("both kinds")],
            ..Check::ROW
        },
    ],
};

/// What the kernel is to say of an end.
fn asked(transport: &Transport, end: End) -> Opened {
    let family = match (transport.family, end) {
        (Family::Dual, End::Server) => "AF_INET6",
        _ => transport.domain_constant(),
    };
    let protocol = transport.protocol.number();
    Opened { family, kind: transport.kind.constant(), protocol }
}

fn introspect(stand: &Stand<'_>) -> Result<String, CallError> {
    let pair = stand.pair()?;
    for (probe, end) in [(&pair.a, End::Client), (&pair.b, End::Server)] {
        let (told, asked) = (probe.opened_as()?, asked(stand.column.transport, end));
        if told != asked {
            return Ok(format!("{}, {}, {}", told.family, told.kind, told.protocol));
        }
    }
    Ok("same".to_owned())
}

fn socketpair(stand: &Stand<'_>) -> Result<String, CallError> {
    let (one, other) = match stand.recorder.open_pair(stand.column.transport) {
        Ok(pair) => pair,
        Err(refusal) => return Ok(errno_name(refusal.errno)),
    };
    for (from, to) in [(&one, &other), (&other, &one)] {
        from.send(b"ping")?;
        if to.receive(100)? != b"ping" {
            return Ok("opens, does not talk".to_owned());
        }
    }
    Ok("ok".to_owned())
}

fn mptcp(stand: &Stand<'_>) -> Result<String, CallError> {
    let (listener, name) = stand.listener(16)?;
    let accepted = |client: &Probe| -> Result<Probe, CallError> {
        client.connect(&name)?;
        listener.accept()
    };
    let client = stand.client()?;
    let own = match accepted(&client)?.get(option::MPTCP_INFO) {
        Ok(_) => "mptcp".to_owned(),
        told => said(&told),
    };
    let transport = stand.column.transport;
    let plain = Transport::of(transport.family, transport.kind, Protocol::Tcp);
    // Every MPTCP row has a TCP row; without one it is compared with itself.
    let plain = stand.recorder.open(plain.unwrap_or(transport), End::Client)?;
    let served = accepted(&plain)?.opened_as()?.protocol;
    let served = if served == Protocol::Tcp.number() { "plain TCP" } else { "MPTCP" };
    Ok(format!("{own}; from plain tcp: {served} socket"))
}
