//! Ends without farewell: a client that aborts, and a listener that leaves its queue behind.

use crate::behaviour::column::{acknowledges, connectionless, connects, multipath, unix_connects};
use crate::behaviour::expectation::shows;
use crate::behaviour::fact::{came, said};
use crate::behaviour::stand::Stand;
use crate::behaviour::{Check, Group};
use crate::os::{CallError, errno_name};

pub(super) const ABORT: Group = Group {
    rank: 31,
    title: "Close as an abort",
    why: "a client that aborts leaves a dead connection in the server's queue",
    checks: &[
        Check {
            name: "linger0",
            title: "SO_LINGER 0 close",
            claim: "after SO_LINGER with 0 seconds, close() resets a TCP connection; what was \
                    delivered before is still read",
            promise: "RFC 9293, section 3.10.5: ABORT sends a reset; socket(7), SO_LINGER, leaves \
                      0 out; Unix sockets ignore the option",
            matters: "a program that means to abort closes in good order, and its peer takes what \
                      it got for complete",
            body: abort,
            rules: &[
                shows(acknowledges, "bye then ECONNRESET").cell("reset"),
                shows(unix_connects, "bye then EOF").cell("EOF"),
                shows(connectionless, "bye then none").cell("none"),
            ],
            ..Check::ROW
        },
        Check {
            name: "accept_gone",
            title: "accept after a reset",
            claim: "accept() still hands out a client that sent something and then reset its \
                    connection",
            promise: "accept(2): takes the first connection of the queue; RFC 9293, section \
                      3.10.7.4: a reset ends a connection",
            matters: "a server loses what such a client sent, or does not learn that it has left",
            applies: connects,
            body: accept_gone,
            rules: &[
                shows(multipath, "accept ok, peer ENOTCONN, x then ECONNRESET or ENOTCONN")
                    .cell("ok, reset"),
                shows(acknowledges, "accept ok, peer ENOTCONN, x then ECONNRESET")
                    .cell("ok, reset"),
                shows(unix_connects, "accept ok, peer ok, x then EOF").cell("ok, EOF"),
            ],
            ..Check::ROW
        },
    ],
};

pub(super) const LISTENER_GONE: Group = Group {
    rank: 41,
    title: "Listener closes early",
    why: "a server that restarts drops the clients in its queue, who have connected already",
    checks: &[Check {
        name: "listener_gone",
        title: "listener closes early",
        claim: "a client whose connection was never accepted reads a reset once the listener \
                closes",
        promise: "RFC 1122, section 4.2.2.13: a close that gives up data sends a reset; \
                  inet_csk_listen_stop() and unix_release_sock() end the whole queue so",
        matters: "a client takes EOF for an empty answer, though nobody ever read its request",
        applies: connects,
        body: listener_gone,
        rules: &[shows(acknowledges, "ECONNRESET"), shows(unix_connects, "ECONNRESET")],
        ..Check::ROW
    }],
};

fn abort(stand: &Stand<'_>) -> Result<String, CallError> {
    let pair = stand.pair()?;
    pair.a.set_abort()?;
    pair.a.send(b"bye")?;
    pair.a.close();
    let first = stand.came(&pair.b.receive(100));
    let second = stand.came(&pair.b.receive_if(connects(&stand.column), 100));
    Ok(format!("{first} then {second}"))
}

fn accept_gone(stand: &Stand<'_>) -> Result<String, CallError> {
    let (listener, name) = stand.listener(16)?;
    let client = stand.client()?;
    client.connect(&name)?;
    client.set_abort()?;
    client.send(b"x")?;
    client.close();
    if multipath(&stand.column) {
        // MPTCP works a reset off in a kernel thread, and nothing tells when: to an accept that comes
        // before it the connection is one that never was (ENOTCONN).
        std::thread::sleep(stand.times().quiet);
    }
    let accepted = match listener.accept() {
        Ok(accepted) => accepted,
        Err(error) => return Ok(format!("accept {}", errno_name(error.errno))),
    };
    let (first, second) = (came(&accepted.receive(100)), came(&accepted.receive(100)));
    let second = match second.as_str() {
        // Which of the two is up to that thread.
        "ECONNRESET" | "ENOTCONN" if multipath(&stand.column) => {
            "ECONNRESET or ENOTCONN".to_owned()
        }
        _ => second,
    };
    // Asked once the end was read: before that the reset may be on its way still.
    let peer = said(&accepted.peer_name());
    Ok(format!("accept ok, peer {peer}, {first} then {second}"))
}

fn listener_gone(stand: &Stand<'_>) -> Result<String, CallError> {
    let (listener, name) = stand.listener(16)?;
    let client = stand.client()?;
    client.connect(&name)?;
    listener.close();
    Ok(came(&client.receive(100)))
}
