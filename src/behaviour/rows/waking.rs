//! What ends a read that waits.

use crate::behaviour::aside::Aside;
use crate::behaviour::column::{any, connects, datagrams, raw};
use crate::behaviour::expectation::shows;
use crate::behaviour::fact::said;
use crate::behaviour::stand::{Pair, Stand};
use crate::behaviour::{Check, Group};
use crate::os::CallError;
use crate::os::probe::{How, Probe};
use std::time::Duration;

pub(super) const WAKING: Group = Group {
    rank: 45,
    title: "Waking a blocked reader",
    why: "a server that is stopped by closing its socket hangs in the read that it was to leave",
    checks: &[
        Check {
            name: "shut_wakes",
            slack: Some(SLACK),
            title: "shutdown wakes a reader",
            claim: "shutdown(SHUT_RDWR) ends a read that waits in another thread, even where it \
                    says ENOTCONN",
            promise: "shutdown(2): further receptions are disallowed; ENOTCONN on a socket that is \
                      not connected",
            matters: "a thread that reads cannot be stopped this way",
            body: shutdown_wakes,
            rules: &[
                shows(|c| datagrams(c) || raw(c), "wakes though shutdown says ENOTCONN")
                    .cell("wakes"),
                shows(any, "wakes"),
            ],
            ..Check::ROW
        },
        Check {
            name: "close_wakes",
            title: "close wakes a reader",
            claim: "close() does not end a read that waits in another thread",
            promise: "close(2): a call that blocks keeps the file open until it is done",
            matters: "a thread that reads ends unexpectedly, or code that stops it so works on \
                      this machine only",
            body: close_wakes,
            rules: &[shows(any, "keeps blocking").cell("sleeps on")],
            ..Check::ROW
        },
    ],
};

/// Half of the time in which a reader has to wake.
const SLACK: Duration = Duration::from_millis(500);

/// A peer, and a socket whose reader sleeps in another thread.
struct Blocked {
    peer: Probe,
    read: Probe,
    reading: Aside<Result<usize, CallError>>,
}

/// Over datagrams the socket that is read is connected to nobody, as a server's is.
fn blocked(stand: &Stand<'_>) -> Result<Blocked, CallError> {
    let Pair { a: peer, b: read } = if connects(&stand.column) {
        stand.pair()?
    } else {
        let (b, name) = stand.bound()?;
        let (a, _) = stand.bound_client()?;
        a.connect(&name)?;
        Pair { a, b }
    };
    let reading = stand.aside(read.receive_by_number(100))?;
    reading.until_asleep(stand.times().sure);
    Ok(Blocked { peer, read, reading })
}

/// The fact: did it wake within that time? If not, a message from the peer releases the thread.
fn woken(
    stand: &Stand<'_>,
    peer: &Probe,
    reading: &Aside<Result<usize, CallError>>,
    patience: Duration,
) -> &'static str {
    match reading.wait(patience) {
        // Whoever gets a message was not woken: raw sockets hear strangers.
        Some(Ok(1..)) => return "keeps blocking",
        Some(_) => return "wakes",
        None => {}
    }
    // If this wakes nobody, the thread is left alone.
    let _ = peer.send(b"wake up");
    let _ = reading.wait(stand.times().sure);
    "keeps blocking"
}

fn shutdown_wakes(stand: &Stand<'_>) -> Result<String, CallError> {
    let Blocked { peer, read, reading } = blocked(stand)?;
    let shutdown = read.shutdown(How::Both);
    let fact = woken(stand, &peer, &reading, stand.times().sure);
    Ok(match shutdown {
        Ok(()) => fact.to_owned(),
        refused => format!("{fact} though shutdown says {}", said(&refused)),
    })
}

fn close_wakes(stand: &Stand<'_>) -> Result<String, CallError> {
    let Blocked { peer, read, reading } = blocked(stand)?;
    let _number = read.close_in_use()?;
    Ok(woken(stand, &peer, &reading, stand.times().quiet).to_owned())
}
