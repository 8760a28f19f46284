//! Ways to connect: without waiting, twice, to oneself; and what an accepted socket brings along.

use crate::behaviour::column::{
    acknowledges, connectionless, connects, multipath, one_family, streams, unix, unix_connects,
};
use crate::behaviour::expectation::shows;
use crate::behaviour::fact::{is, said};
use crate::behaviour::stand::Stand;
use crate::behaviour::{Check, Group};
use crate::os::{CallError, Errno, errno_name, option};

pub(super) const CONNECT: Group = Group {
    rank: 33,
    title: "Connecting without waiting",
    why: "a program that calls connect() until it hears EISCONN makes one call more than it thinks",
    checks: &[
        Check {
            name: "nbconnect",
            title: "non-blocking connect",
            claim: "a connect() that does not wait is still under way over TCP, and done at once \
                    elsewhere",
            promise: "connect(2), EINPROGRESS: wait until the socket is writable, then ask \
                      SO_ERROR",
            matters: "a program waits for an event that never comes, or sends before it is \
                      connected",
            body: connect_without_waiting,
            rules: &[
                shows(acknowledges, "EINPROGRESS, then ok").cell("later ok"),
                shows(unix, "ok at once").cell("at once"),
                shows(connectionless, "ok at once").cell("at once"),
            ],
            ..Check::ROW
        },
        Check {
            name: "reconnect",
            title: "second connect",
            claim: "a second connect() is refused on a connection, and picks another peer for \
                    datagrams; after one that did not wait, TCP says ok once more",
            promise: "connect(2), EISCONN; datagram sockets may connect as often as they like",
            matters: "a program cannot tell a finished connect from a second one by the error",
            body: connect_again,
            rules: &[
                shows(acknowledges, "EISCONN; after async connect: ok then EISCONN")
                    .cell("EISCONN late"),
                shows(unix_connects, "EISCONN"),
                shows(connectionless, "ok retargets").cell("retargets"),
            ],
            ..Check::ROW
        },
    ],
};

pub(super) const SELF: Group = Group {
    rank: 34,
    title: "Connects to itself",
    why: "a client that keeps trying a dead port of the ephemeral range one day reaches itself",
    checks: &[Check {
        name: "self",
        applies: one_family,
        title: "connect to own name",
        claim: "a bound socket that connects to its own name hears what it sends; a Unix \
                connection needs a listener",
        promise: "RFC 9293, section 3.5: two opens that meet make one connection; unix(7), \
                  ECONNREFUSED: nobody listens there",
        matters: "a program reaches itself where it counts on a refusal, or the other way round",
        body: connect_to_itself,
        rules: &[
            shows(multipath, "ok but no data").cell("no data"),
            shows(acknowledges, "connects to itself").cell("to itself"),
            shows(unix_connects, "ECONNREFUSED"),
            shows(connectionless, "connects to itself").cell("to itself"),
        ],
        ..Check::ROW
    }],
};

pub(super) const INHERIT: Group = Group {
    rank: 43,
    title: "What accept hands on",
    why: "tuning the listener works for TCP only, and for O_NONBLOCK nowhere",
    checks: &[Check {
        name: "inherit",
        title: "inherits from listener",
        claim: "an accepted socket has the listener's SO_KEEPALIVE, SO_RCVBUF and TCP_NODELAY over \
                TCP and nothing over Unix, and O_NONBLOCK nowhere",
        promise: "accept(2): O_NONBLOCK is not inherited on Linux; tcp(7): buffer sizes are set \
                  before listen(2); unix(7) promises nothing",
        matters: "connections run with other buffers, probes or delays than the program has set",
        applies: connects,
        body: inherit,
        rules: &[
            shows(acknowledges, "KEEPALIVE RCVBUF NODELAY, not O_NONBLOCK").cell("options"),
            shows(unix_connects, "nothing, not O_NONBLOCK").cell("nothing"),
        ],
        ..Check::ROW
    }],
};

fn connect_without_waiting(stand: &Stand<'_>) -> Result<String, CallError> {
    let (_server, name) = stand.ready_server()?;
    let client = stand.client()?;
    let begun = client.connect_now(&name);
    if !is(&begun, Errno::EINPROGRESS) {
        return Ok(begun.map_or_else(|e| errno_name(e.errno), |()| "ok at once".to_owned()));
    }
    if !client.wait_writable(stand.times().sure)?.write() {
        return Ok("EINPROGRESS, then nothing".to_owned());
    }
    let end = client.pending_error()?.map_or_else(|| "ok".to_owned(), errno_name);
    Ok(format!("EINPROGRESS, then {end}"))
}

fn connect_again(stand: &Stand<'_>) -> Result<String, CallError> {
    if !connects(&stand.column) {
        return connect_elsewhere(stand);
    }
    let (_listener, name) = stand.listener(16)?;
    let client = stand.client()?;
    client.connect_blocking(&name)?;
    let again = said(&client.connect_now(&name));
    let hasty = stand.client()?;
    if !is(&hasty.connect_now(&name), Errno::EINPROGRESS) {
        return Ok(again);
    }
    hasty.wait_writable(stand.times().sure)?;
    let (second, third) = (said(&hasty.connect_now(&name)), said(&hasty.connect_now(&name)));
    Ok(format!("{again}; after async connect: {second} then {third}"))
}

fn connect_elsewhere(stand: &Stand<'_>) -> Result<String, CallError> {
    let ((_first, here), (second, there)) = (stand.bound()?, stand.bound()?);
    let client = stand.client()?;
    client.connect(&here)?;
    if let Err(error) = client.connect(&there) {
        return Ok(errno_name(error.errno));
    }
    client.send(b"hello")?;
    let heard = stand.came(&second.receive(100));
    Ok(if heard == "hello" { "ok retargets".to_owned() } else { format!("ok but {heard} arrives") })
}

fn connect_to_itself(stand: &Stand<'_>) -> Result<String, CallError> {
    let (probe, _) = stand.bound_client()?;
    if streams(&stand.column) {
        probe.set_abort()?;
    }
    if let Err(error) = probe.connect(&probe.name()?) {
        return Ok(errno_name(error.errno));
    }
    // Only one byte: the first one is what MPTCP loses here (seen on Linux 6.18).
    probe.send(b"m")?;
    let heard = stand.came(&probe.receive_if(!multipath(&stand.column), 100));
    Ok(match heard.as_str() {
        "m" => "connects to itself".to_owned(),
        "none" => "ok but no data".to_owned(),
        other => format!("ok but {other}"),
    })
}

fn inherit(stand: &Stand<'_>) -> Result<String, CallError> {
    // Not what any socket has from the start; the kernel doubles it (socket(7)).
    const ROOM: i32 = 30_000;
    let (listener, name) = stand.bound()?;
    let mut options =
        vec![("KEEPALIVE", option::SO_KEEPALIVE, 1), ("RCVBUF", option::SO_RCVBUF, ROOM)];
    if acknowledges(&stand.column) {
        options.push(("NODELAY", option::TCP_NODELAY, 1));
    }
    for (_, option, value) in &options {
        listener.set(*option, *value)?;
    }
    listener.listen(16)?;
    let client = stand.client()?;
    client.connect(&name)?;
    listener.wait_readable()?;
    listener.set_nonblocking(true)?;
    let accepted = listener.accept_blocking()?;
    let mut inherited = Vec::new();
    for (word, option, _) in options {
        if accepted.get(option)? == listener.get(option)? {
            inherited.push(word);
        }
    }
    let options = if inherited.is_empty() { "nothing".to_owned() } else { inherited.join(" ") };
    let not = if accepted.is_nonblocking()? { "" } else { "not " };
    Ok(format!("{options}, {not}O_NONBLOCK"))
}
