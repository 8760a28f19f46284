//! Calls that a socket has to refuse, and one that succeeds where nobody expects it.

use crate::behaviour::column::{acknowledges, any, connectionless, connects, inet, unix};
use crate::behaviour::expectation::shows;
use crate::behaviour::fact::said;
use crate::behaviour::stand::Stand;
use crate::behaviour::{Check, Group};
use crate::os::name::Name;
use crate::os::{CallError, errno_name};

pub(super) const REFUSALS: Group = Group {
    rank: 62,
    title: "Calls that must fail",
    why: "a server that forgot bind() listens over TCP all the same, on every interface",
    checks: &[
        Check {
            name: "listen_dgram",
            title: "listen on datagrams",
            claim: "listen() is refused by a socket that has no connections",
            promise: "listen(2), EOPNOTSUPP: the type of socket cannot listen",
            matters: "a mixed-up socket type is noticed only when no client ever comes",
            applies: connectionless,
            body: |stand| Ok(said(&stand.bound()?.0.listen(1))),
            rules: &[shows(any, "EOPNOTSUPP")],
            ..Check::ROW
        },
        Check {
            name: "listen_unbound",
            title: "listen without bind",
            claim: "listen() without bind() is refused by a Unix socket; over TCP the kernel picks \
                    a port",
            promise: "ip(7): listening unbound takes a random port of every address; unix_listen() \
                      wants a name",
            matters: "a server runs at a port that nobody knows, and not on loopback only",
            applies: connects,
            body: listen_unbound,
            rules: &[
                shows(unix, "EINVAL"),
                shows(acknowledges, "ok random port").cell("random port"),
            ],
            ..Check::ROW
        },
        Check {
            name: "nbaccept",
            title: "accept with no client",
            claim: "a non-blocking accept() says EAGAIN while no client waits, and EOPNOTSUPP on \
                    datagram sockets",
            promise: "accept(2), EAGAIN: no connection is there; EOPNOTSUPP: the type is not \
                      SOCK_STREAM",
            matters: "an event loop sleeps in accept(), or takes the refusal for a client",
            body: accept_nobody,
            rules: &[shows(connects, "EAGAIN"), shows(connectionless, "EOPNOTSUPP")],
            ..Check::ROW
        },
    ],
};

fn listen_unbound(stand: &Stand<'_>) -> Result<String, CallError> {
    let probe = stand.server()?;
    if inet(&stand.column) {
        // It will be bound to every address: nobody beyond this machine is to reach it.
        probe.pin_to_loopback()?;
    }
    if let Err(refusal) = probe.listen(1) {
        return Ok(errno_name(refusal.errno));
    }
    Ok(match probe.local_name()? {
        Some(Name::Inet(address)) if address.ip().is_unspecified() && address.port() != 0 => {
            "ok random port".to_owned()
        }
        Some(name) => format!("ok as {name}"),
        None => "ok without a name".to_owned(),
    })
}

fn accept_nobody(stand: &Stand<'_>) -> Result<String, CallError> {
    let (probe, _) = stand.ready_server()?;
    Ok(said(&probe.accept_now()))
}
