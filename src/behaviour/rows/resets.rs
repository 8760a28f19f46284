//! How an end of a conversation is seen at the other: out of order.

use crate::behaviour::column::{
    self, acknowledges, connects, messages, raw, unix, unix_connects, unix_streams,
};
use crate::behaviour::expectation::shows;
use crate::behaviour::fact::with_signal;
use crate::behaviour::stand::{Pair, Stand};
use crate::behaviour::{Check, Group};
use crate::os::probe::Probe;
use crate::os::signals::PipeSignals;
use crate::os::{CallError, errno_name};
use crate::transport::lesson::To;

pub(super) const AFTER: Group = Group {
    rank: 10,
    title: "Send after close",
    why: "the first send to a peer that left succeeds, and the second may kill the program",
    checks: &[Check {
        name: "send_closed",
        front: true,
        title: "send to a closed peer",
        claim: "of up to 6 sends to a peer that closed at most one succeeds, and streams raise \
                SIGPIPE; raw sockets never fail",
        promise: "send(2), socket(7): EPIPE and SIGPIPE on a connection; udp(7): a refusal comes \
                  after its packet",
        matters: "data goes nowhere without an error, or a signal ends a program that did not \
                  expect it",
        body: send_to_closed,
        rules: &[
            shows(acknowledges, "1 ok then EPIPE+SIGPIPE").cell("# lost"),
            shows(unix_streams, "0 ok then EPIPE+SIGPIPE").cell("EPIPE"),
            shows(unix_connects, "0 ok then EPIPE").cell("EPIPE"),
            shows(unix, "0 ok then ECONNREFUSED").cell("refused"),
            shows(column::datagrams, "1 ok then ECONNREFUSED").cell("# lost"),
            shows(raw, "never fails"),
        ],
        ..Check::ROW
    }],
};

pub(super) const UNREAD: Group = Group {
    rank: 11,
    title: "Close with unread data",
    why: "a server that answers before it has read everything may lose its own answer",
    checks: &[
        Check {
            name: "unread",
            title: "close with unread data",
            claim: "a peer that answers and closes with our bytes unread resets, and the answer \
                    can still be read",
            promise: "RFC 9293, section 3.6.1, and RFC 1122, section 4.2.2.13: a close that leaves \
                      data unread should reset; unix(7), ECONNRESET",
            matters: "a lost request looks like a proper end, or an answer that came cannot be \
                      read",
            applies: connects,
            walk: Some(To::Vanished),
            body: read_after_reset,
            rules: &[
                shows(|c| unix(c) && messages(c), "ECONNRESET then bye").cell("reset, bye"),
                shows(|c| unix(c) || acknowledges(c), "bye then ECONNRESET").cell("bye, reset"),
            ],
            ..Check::ROW
        },
        Check {
            name: "poll_reset",
            title: "poll sees a reset",
            claim: "after a reset, poll() reports everything at once: data, room, an error and \
                    both ends closed",
            promise: "poll(2): POLLERR for an error, POLLHUP for a hang-up",
            matters: "an event loop that waits for errors alone never hears of the reset",
            applies: connects,
            body: poll_after_reset,
            rules: &[shows(|c| unix(c) || acknowledges(c), "IN/OUT/ERR/HUP/RDHUP").cell("ERR/HUP")],
            ..Check::ROW
        },
    ],
};

fn send_to_closed(stand: &Stand<'_>) -> Result<String, CallError> {
    const SENDS: u32 = 6;
    let Pair { a, b } = stand.pair()?;
    let signals = PipeSignals::watch()?;
    b.close();
    if connects(&stand.column) {
        a.wait_readable()?;
    }
    for sent in 0..SENDS {
        // ICMP errors about less than 8 bytes are ignored (RFC 792): over raw IPv4 nobody answers.
        if let Err(error) = a.send(b"x") {
            let refusal = with_signal(&errno_name(error.errno), &signals);
            return Ok(format!("{sent} ok then {refusal}"));
        }
        a.wait_failure(stand.times().quiet)?;
    }
    Ok("never fails".to_owned())
}

/// An end whose peer answered and closed without reading what we had sent.
fn reset(stand: &Stand<'_>) -> Result<Probe, CallError> {
    let Pair { a, b } = stand.pair()?;
    a.send(b"unread")?;
    b.wait_readable()?;
    b.send(b"bye")?;
    a.wait_readable()?;
    b.close();
    Ok(a)
}

fn read_after_reset(stand: &Stand<'_>) -> Result<String, CallError> {
    let a = reset(stand)?;
    let first = a.receive(100);
    let second = a.receive(100);
    Ok(format!("{} then {}", stand.came(&first), stand.came(&second)))
}

fn poll_after_reset(stand: &Stand<'_>) -> Result<String, CallError> {
    let a = reset(stand)?;
    Ok(a.wait_failure(stand.times().sure)?.to_string())
}
