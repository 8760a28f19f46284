//! What poll(2) says, and whether a read then does as it said.

use crate::behaviour::column::{acknowledges, connectionless, connects, unix, unix_connects};
use crate::behaviour::expectation::shows;
use crate::behaviour::fact::{came, is, said};
use crate::behaviour::stand::Stand;
use crate::behaviour::{Check, Group};
use crate::os::probe::{Flags, How, Probe};
use crate::os::{CallError, Errno};
use std::sync::Arc;
use std::time::{Duration, Instant};

pub(super) const POLL: Group = Group {
    rank: 28,
    title: "Poll after a close",
    why: "an event loop that waits for HUP never hears that a TCP peer closed",
    checks: &[
        Check {
            name: "poll_close",
            title: "poll after peer close",
            claim: "once the peer has closed, poll() says RDHUP over TCP, HUP too over Unix, and \
                    nothing new for datagrams",
            promise: "poll(2): POLLRDHUP for a stream whose peer closed; POLLHUP for a hang-up",
            matters: "an event loop that waits for another flag keeps dead connections",
            body: poll_close,
            rules: &[
                shows(acknowledges, "IN/OUT/RDHUP"),
                shows(unix_connects, "IN/OUT/HUP/RDHUP").cell("I/O/HUP/RDH"),
                shows(connectionless, "OUT"),
            ],
            ..Check::ROW
        },
        Check {
            name: "poll_new",
            title: "poll on a fresh socket",
            claim: "a socket that was never connected is writable, and hung up if it is one that \
                    connects",
            promise: "poll(2) does not say; tcp_poll() and unix_poll() take a new connection for \
                      one that was closed",
            matters: "an event loop that adds sockets before it connects them closes them, or \
                      never looks at them",
            body: |stand| stand.client()?.poll().map(|ready| ready.to_string()),
            rules: &[
                shows(acknowledges, "OUT/HUP"),
                shows(unix_connects, "OUT/HUP"),
                shows(connectionless, "OUT"),
            ],
            ..Check::ROW
        },
    ],
};

pub(super) const SHUT_READ: Group = Group {
    rank: 36,
    title: "No more reading",
    why: "a reader that shuts its side spins at 100 % CPU, or never stops its peer",
    checks: &[
        Check {
            name: "shut_rd",
            title: "read side shut down",
            claim: "after shutdown(SHUT_RD) the reader of a connection sees its end; the peer \
                    still sends over IP, and gets EPIPE over Unix",
            promise: "shutdown(2): further receptions are disallowed; unix_shutdown() ends the \
                      peer's sending too",
            matters: "a peer goes on sending where it should be stopped, or fails where it should \
                      not",
            body: shut_read,
            rules: &[
                shows(acknowledges, "EOF, peer send ok, data readable").cell("EOF, sends"),
                shows(unix_connects, "EOF, peer send EPIPE").cell("EOF, EPIPE"),
                shows(unix, "none, peer send EPIPE").cell("none, EPIPE"),
                shows(connectionless, "none, peer send ok, data readable").cell("none, sends"),
            ],
            ..Check::ROW
        },
        Check {
            name: "shut_rd_spin",
            title: "poll agrees with read",
            claim: "after shutdown(SHUT_RD) poll() and a read that does not wait agree on \
                    connections, and disagree on datagram sockets",
            promise: "poll(2), POLLIN: there is data to read",
            matters: "if poll() says readable and read() says EAGAIN, an event loop spins at 100 % \
                      CPU",
            body: poll_against_read,
            rules: &[
                shows(acknowledges, "agree"),
                shows(unix_connects, "agree"),
                shows(connectionless, "poll IN/RDHUP, nonblocking EAGAIN, blocking EOF")
                    .cell("disagree"),
            ],
            ..Check::ROW
        },
    ],
};

fn poll_close(stand: &Stand<'_>) -> Result<String, CallError> {
    let pair = stand.pair()?;
    let before = pair.a.poll()?;
    pair.b.close();
    let ready = if connects(&stand.column) {
        pair.a.poll_after(before)?
    } else {
        pair.a.readable_within(stand.times().quiet)?;
        pair.a.poll()?
    };
    Ok(ready.to_string())
}

fn shut_read(stand: &Stand<'_>) -> Result<String, CallError> {
    let pair = stand.pair()?;
    pair.b.shutdown(How::Read)?;
    let first = pair.b.hear(100);
    let sent = pair.a.send(b"late");
    let fact = format!("{}, peer send {}", came(&first), said(&sent));
    if sent.is_err() {
        return Ok(fact);
    }
    let data = if data_comes(stand, &pair.b) { "readable" } else { "none" };
    Ok(format!("{fact}, data {data}"))
}

/// Does data come? poll(2) calls a socket that reads no more readable all the time, so it is read
/// again and again.
fn data_comes(stand: &Stand<'_>, reader: &Probe) -> bool {
    let end = Instant::now() + stand.times().sure;
    loop {
        let bytes = reader.receive_now(100).unwrap_or_default();
        if !stand.payload(&bytes).is_empty() {
            return true;
        }
        if Instant::now() >= end {
            return false;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn poll_against_read(stand: &Stand<'_>) -> Result<String, CallError> {
    let pair = stand.pair()?;
    pair.b.shutdown(How::Read)?;
    let ready = pair.b.poll_reading()?;
    let now = pair.b.receive_now(100);
    if ready.read() != is(&now, Errno::EAGAIN) {
        return Ok("agree".to_owned());
    }
    let now = now.map_or_else(|error| crate::os::errno_name(error.errno), |b| came(&Ok(b)));
    let blocking = blocking_read(stand, pair.b)?;
    Ok(format!("poll {ready}, nonblocking {now}, blocking {blocking}"))
}

/// What a read says that may wait.
fn blocking_read(stand: &Stand<'_>, reader: Probe) -> Result<String, CallError> {
    const FOREVER: Duration = Duration::from_millis(300);
    let reader = Arc::new(reader);
    let shared = Arc::clone(&reader);
    let aside = stand.aside(move || came(&shared.receive_blocking(100, Flags::empty())))?;
    let said = aside.wait(FOREVER).unwrap_or_else(|| "waits".to_owned());
    // Whoever still waits is let go.
    let _ = reader.shutdown(How::Both);
    Ok(said)
}
