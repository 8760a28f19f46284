//! When a socket counts as readable.

use crate::behaviour::column::{acknowledges, any, inet, unix};
use crate::behaviour::expectation::shows;
use crate::behaviour::stand::Stand;
use crate::behaviour::{Check, Group};
use crate::os::probe::EdgeWatch;
use crate::os::{CallError, option};

pub(super) const LOW_WATER: Group = Group {
    rank: 52,
    title: "Low-water mark",
    why: "an event loop that waits for a whole header spins where poll ignores the mark",
    checks: &[Check {
        name: "rcvlowat",
        title: "SO_RCVLOWAT and poll",
        claim: "with SO_RCVLOWAT 10, poll() does not call 5 bytes readable",
        promise: "socket(7), SO_RCVLOWAT: poll(2) respects it since Linux 2.6.28; of these sockets \
                  only TCP and MPTCP do",
        matters: "an event loop wakes for every byte, reads too little and spins",
        body: low_water,
        rules: &[
            shows(acknowledges, "poll waits").cell("waits"),
            shows(|column| inet(column) || unix(column), "poll ignores it").cell("ignored"),
        ],
        ..Check::ROW
    }],
};

pub(super) const EDGES: Group = Group {
    rank: 53,
    title: "Edge-triggered events",
    why: "an event loop with EPOLLET that hears only of the first message leaves the second one \
          unread",
    checks: &[Check {
        name: "edge",
        title: "edge trigger re-arms",
        claim: "each of two messages that nobody reads in between is an event of its own with \
                EPOLLET",
        promise: "epoll(7): more data is a new event, even in edge-triggered mode",
        matters: "a message lies unread until another one comes",
        body: edge,
        rules: &[shows(any, "2 events")],
        ..Check::ROW
    }],
};

fn low_water(stand: &Stand<'_>) -> Result<String, CallError> {
    let pair = stand.pair()?;
    pair.b.set(option::SO_RCVLOWAT, 10)?;
    pair.a.send(b"hello")?;
    let early = pair.b.readable_within(stand.patience(!acknowledges(&stand.column)))?.read();
    Ok(if early { "poll ignores it" } else { "poll waits" }.to_owned())
}

fn edge(stand: &Stand<'_>) -> Result<String, CallError> {
    let pair = stand.pair()?;
    let watch = EdgeWatch::of(&pair.b)?;
    let mut events = 0;
    for _ in 0..2 {
        pair.a.send(b"ping")?;
        events += u32::from(watch.fired(stand.times().sure)?);
    }
    Ok(format!("{events} events"))
}
