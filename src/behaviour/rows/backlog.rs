//! The queue in which clients wait to be accepted.

use crate::behaviour::column::{acknowledges, connects, unix};
use crate::behaviour::expectation::{shows, works_out};
use crate::behaviour::stand::Stand;
use crate::behaviour::{Check, Group, column};
use crate::environment::Environment;
use crate::os::name::Name;
use crate::os::probe::Probe;
use crate::os::{CallError, Errno, errno_name};
use crate::transport::lesson::To;
use std::time::{Duration, Instant};

pub(super) const QUEUE: Group = Group {
    rank: 12,
    title: "Listen queue full",
    why: "a busy server looks dead to TCP clients for a second, and a Unix client that does not \
          wait gets EAGAIN",
    checks: &[
        Check {
            name: "backlog",
            front: true,
            title: "full queue, backlog 2",
            claim: "with backlog 2 three clients queue; a fourth that does not wait hangs over \
                    TCP, and gets EAGAIN over Unix",
            promise: "listen(2): beyond the backlog a client is refused, or ignored so that it \
                      tries again; connect(2), EAGAIN: a Unix socket that does not wait",
            matters: "more or fewer clients wait than the server was written for",
            applies: connects,
            walk: Some(To::Full),
            body: |stand| queue_of(stand, 2),
            rules: &[
                works_out(unix, |_, machine| format!("{} queued then EAGAIN", room(machine, 2)))
                    .cell("#, EAGAIN"),
                works_out(acknowledges, |_, machine| {
                    format!("{} queued then hangs", room(machine, 2))
                })
                .cell("#, hangs"),
            ],
            ..Check::ROW
        },
        Check {
            name: "backlog0",
            title: "full queue, backlog 0",
            claim: "with backlog 0 one client queues all the same",
            promise: "listen(2) says nothing of 0; Linux queues one client more than the backlog, \
                      whatever it is",
            matters: "a server that serves one client at a time is never reached, or has clients \
                      wait whom it did not expect",
            applies: connects,
            walk: Some(To::Full),
            body: |stand| queue_of(stand, 0),
            rules: &[
                shows(unix, "1 queued then EAGAIN").cell("#, EAGAIN"),
                shows(acknowledges, "1 queued then hangs").cell("#, hangs"),
            ],
            ..Check::ROW
        },
        Check {
            name: "backlog_free",
            slack: Some(RETURN),
            title: "connect once it drains",
            claim: "a client that waits at a full queue gets in when it drains: at once, or over \
                    TCP at its next try",
            promise: "listen(2): a request may be ignored so that a later try succeeds; RFC 6298, \
                      section 2: the first wait is 1 s",
            matters: "clients wait longer than the server is busy, or give up",
            applies: connects,
            body: connect_when_drained,
            rules: &[
                shows(unix, "{0..500} ms"),
                shows(acknowledges, ">850 ms (EINPROGRESS)").cell(">850 ms"),
            ],
            ..Check::ROW
        },
        Check {
            name: "somaxconn",
            title: "backlog is clamped",
            claim: "a backlog of a million is cut to net.core.somaxconn without a word",
            promise: "listen(2): /proc/sys/net/core/somaxconn is the most that can be had, and no \
                      call tells",
            matters: "a server believes that it can queue more clients than it can",
            applies: connects,
            body: clamped,
            rules: &[works_out(
                |c| unix(c) || acknowledges(c),
                |_, machine| somaxconn(machine).to_string(),
            )],
            ..Check::ROW
        },
    ],
};

fn somaxconn(machine: &Environment) -> u64 {
    machine.number("net.core.somaxconn").unwrap_or(4096)
}

/// How many clients a backlog has room for: one more than it says.
fn room(machine: &Environment, backlog: u64) -> u64 {
    backlog.min(somaxconn(machine)) + 1
}

/// How long a client stands in line: less than the second after which TCP tries again.
const PATIENCE: Duration = Duration::from_millis(850);
/// For the thread that waited to say so; together that is a second.
const RETURN: Duration = Duration::from_millis(150);

/// Clients that queue at a listener, and what stopped the next one; None if nothing did.
struct Line {
    queued: Vec<Probe>,
    end: Option<String>,
}

/// Lets clients queue until one is not let in, and no more than that many.
fn fill(stand: &Stand<'_>, name: &Name, most: usize) -> Result<Line, CallError> {
    let mut queued = Vec::new();
    while queued.len() < most {
        let client = stand.client()?;
        let end = match client.connect_within(name, stand.times().quiet) {
            Ok(()) => None,
            Err(error) if error.errno == Errno::EINPROGRESS => Some("hangs".to_owned()),
            Err(error) => Some(errno_name(error.errno)),
        };
        if end.is_some() {
            return Ok(Line { queued, end });
        }
        queued.push(client);
    }
    Ok(Line { queued, end: None })
}

fn queue_of(stand: &Stand<'_>, backlog: i32) -> Result<String, CallError> {
    const MOST: usize = 16;
    let (_listener, name) = stand.listener(backlog)?;
    let line = fill(stand, &name, MOST)?;
    let end = line.end.unwrap_or_else(|| "no end".to_owned());
    Ok(format!("{} queued then {end}", line.queued.len()))
}

fn connect_when_drained(stand: &Stand<'_>) -> Result<String, CallError> {
    let (listener, name) = stand.listener(0)?;
    // listen(0) takes one.
    let line = fill(stand, &name, 1)?;
    let late = stand.client()?;
    // The time-out of a send is that of a connect as well (socket(7)): the thread ends by itself.
    late.set_send_timeout(PATIENCE)?;
    let waiting = stand.aside(move || late.connect_blocking(&name).map(|()| late))?;
    waiting.until_asleep(stand.times().sure);
    match waiting.wait(Duration::ZERO) {
        Some(Ok(_)) => return Ok("gets into a full queue".to_owned()),
        Some(Err(error)) => return Ok(format!("{} at once", errno_name(error.errno))),
        None => {}
    }
    let drained = Instant::now();
    for _ in line.queued {
        listener.accept()?;
    }
    Ok(match waiting.wait(PATIENCE + RETURN) {
        Some(Ok(_)) => format!("{} ms", drained.elapsed().as_millis()),
        Some(Err(error)) => format!(">{} ms ({})", PATIENCE.as_millis(), errno_name(error.errno)),
        None => "no time-out".to_owned(),
    })
}

fn clamped(stand: &Stand<'_>) -> Result<String, CallError> {
    const MILLION: i32 = 1_000_000;
    let (listener, _) = stand.listener(MILLION)?;
    let limit = if column::unix(&stand.column) {
        listener.unix_queue_limit()?
    } else {
        listener.tcp_queue_limit()?
    };
    Ok(limit.to_string())
}
