//! Sockets that are connected to nobody yet, to somebody else, or to nobody any more.

use crate::behaviour::column::{
    acknowledges, connectionless, datagrams, inet, packets, unix, unix_connects, unix_streams,
};
use crate::behaviour::expectation::shows;
use crate::behaviour::fact::{came, said, with_signal};
use crate::behaviour::stand::Stand;
use crate::behaviour::{Check, Group};
use crate::os::probe::How;
use crate::os::signals::PipeSignals;
use crate::os::{CallError, errno_name};

pub(super) const BEFORE: Group = Group {
    rank: 46,
    title: "Before connect",
    why: "the error of a call that came too early differs from socket to socket",
    checks: &[
        Check {
            name: "send_unconn",
            title: "send before connect",
            claim: "send() on a socket that was never connected fails, over TCP with SIGPIPE",
            promise: "send(2), EDESTADDRREQ and ENOTCONN; BUGS: Linux may say EPIPE instead",
            matters: "a program that looks for ENOTCONN misses it, or is killed by SIGPIPE",
            body: send_before,
            rules: &[
                shows(acknowledges, "EPIPE+SIGPIPE").cell("EPIPE+SIG"),
                shows(unix, "ENOTCONN"),
                shows(packets, "EDESTADDRREQ"),
            ],
            ..Check::ROW
        },
        Check {
            name: "recv_unconn",
            title: "receive before connect",
            claim: "recv() on a socket that was never connected fails where it must connect, and \
                    waits where it need not",
            promise: "recv(2), ENOTCONN: connections only; unix_stream_read_generic() says EINVAL",
            matters: "a program that looks for ENOTCONN misses it, or waits for a message that \
                      cannot come",
            body: |stand| Ok(came(&stand.client()?.hear(10))),
            rules: &[
                shows(acknowledges, "ENOTCONN"),
                shows(unix_streams, "EINVAL"),
                shows(unix_connects, "ENOTCONN"),
                shows(connectionless, "none"),
            ],
            ..Check::ROW
        },
        Check {
            name: "shut_unconn",
            title: "shutdown unconnected",
            claim: "shutdown() of a socket that was never connected fails over IP and succeeds \
                    over Unix",
            promise: "shutdown(2), ENOTCONN; unix_shutdown() does not ask for a peer",
            matters: "a program that shuts down whatever it has reports errors that are none",
            body: |stand| Ok(said(&stand.client()?.shutdown(How::Both))),
            rules: &[shows(unix, "ok"), shows(inet, "ENOTCONN")],
            ..Check::ROW
        },
    ],
};

pub(super) const AFTER: Group = Group {
    rank: 47,
    title: "Another address, or none",
    why: "a client socket that is connected anew comes from another port",
    checks: &[
        Check {
            name: "sendto_conn",
            title: "sendto when connected",
            claim: "sendto() on a connected datagram socket goes to the address; on a connection \
                    it goes to the peer, or is refused",
            promise: "send(2): on a connection the address is ignored, or EISCONN returned; \
                      otherwise it is the target",
            matters: "a message reaches somebody else than its address says",
            body: send_elsewhere,
            rules: &[
                shows(acknowledges, "ignored"),
                shows(unix_streams, "EISCONN"),
                shows(unix_connects, "ignored"),
                shows(connectionless, "overrides"),
            ],
            ..Check::ROW
        },
        Check {
            name: "unspec",
            title: "disconnect by AF_UNSPEC",
            claim: "connect() to AF_UNSPEC ends a TCP connection, or makes a datagram socket \
                    forget its peer; Unix connections stay",
            promise: "connect(2): TCP and datagram sockets may dissolve their association by \
                      AF_UNSPEC",
            matters: "a socket that is to be used again keeps its old peer",
            body: disconnect,
            rules: &[
                shows(acknowledges, "ok, peer ENOTCONN").cell("ok"),
                shows(unix_connects, "EINVAL, peer ok").cell("EINVAL"),
                shows(connectionless, "ok, peer ENOTCONN").cell("ok"),
            ],
            ..Check::ROW
        },
        Check {
            name: "unspec_port",
            title: "port after disconnect",
            claim: "the port that the kernel picked at connect() is given up with the peer",
            promise: "connect(2), AF_UNSPEC, does not say; __udp_disconnect() keeps only a port \
                      that bind(2) has set",
            matters: "a socket that is to get a fresh port keeps its old one",
            applies: datagrams,
            body: port_after,
            rules: &[shows(datagrams, "lost")],
            ..Check::ROW
        },
    ],
};

fn send_before(stand: &Stand<'_>) -> Result<String, CallError> {
    let client = stand.client()?;
    let signals = PipeSignals::watch()?;
    Ok(with_signal(&said(&client.send(b"hello")), &signals))
}

fn send_elsewhere(stand: &Stand<'_>) -> Result<String, CallError> {
    let pair = stand.pair()?;
    let (other, name) = stand.ready_server()?;
    if let Err(error) = pair.a.send_to(b"hello", &name) {
        return Ok(errno_name(error.errno));
    }
    // Over raw IPv6 the peer hears it as well.
    if connectionless(&stand.column) && stand.came(&other.receive(100)) == "hello" {
        return Ok("overrides".to_owned());
    }
    let heard = stand.came(&pair.b.receive(100));
    Ok(if heard == "hello" { "ignored".to_owned() } else { "lost".to_owned() })
}

fn disconnect(stand: &Stand<'_>) -> Result<String, CallError> {
    let pair = stand.pair()?;
    let ended = said(&pair.a.disconnect());
    Ok(format!("{ended}, peer {}", said(&pair.a.peer_name())))
}

fn port_after(stand: &Stand<'_>) -> Result<String, CallError> {
    let (_server, name) = stand.bound()?;
    let client = stand.client()?;
    client.connect(&name)?;
    let before = client.name()?.port();
    client.disconnect()?;
    Ok(match client.name()?.port() {
        0 => "lost".to_owned(),
        after if after == before => "kept".to_owned(),
        _ => "another".to_owned(),
    })
}
