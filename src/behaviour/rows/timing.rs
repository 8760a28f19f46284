//! What takes its time: small writes that wait for each other, and calls that should not wait for
//! longer than they were told.

use crate::behaviour::column::{acknowledges, any, connects, packets, streams, unix};
use crate::behaviour::expectation::shows;
use crate::behaviour::fact::{is, said};
use crate::behaviour::stand::{Pair, Stand};
use crate::behaviour::{Check, Group};
use crate::os::probe::{Flags, How, Probe};
use crate::os::{CallError, Errno};
use crate::transport::lesson::To;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub(super) const NAGLE: Group = Group {
    rank: 27,
    title: "Write, write, read stalls",
    why: "clients that send header and body separately lose 40 ms with each request",
    checks: &[Check {
        name: "nagle",
        slack: Some(STALL_SLACK),
        front: true,
        title: "write-write-read stall",
        claim: "a request in two writes of 4 bytes is answered after a delayed acknowledgement, \
                and at once with TCP_NODELAY",
        promise: "tcp(7), TCP_NODELAY; RFC 1122, sections 4.2.3.2 and 4.2.3.4: delayed \
                  acknowledgements, and Nagle's algorithm",
        matters: "requests that are written in parts stall where they should not, or seem faster \
                  here than they are elsewhere",
        applies: streams,
        body: nagle,
        rules: &[
            shows(acknowledges, "{20..400} ms; NODELAY {0..15} ms").cell("# ms"),
            shows(unix, "{0..15} ms; NODELAY -").cell("# ms"),
        ],
        ..Check::ROW
    }],
};

pub(super) const TIMEOUTS: Group = Group {
    rank: 32,
    title: "Time limits are kept",
    why: "where SO_RCVTIMEO is ignored, a server that counts on it to look at its stop flag never \
          ends",
    checks: &[
        Check {
            name: "rcvtimeo",
            slack: Some(LIMIT_SLACK),
            title: "receive time limit",
            claim: "recv() with nothing to read gives up after the 50 ms of SO_RCVTIMEO",
            promise: "socket(7), SO_RCVTIMEO: EAGAIN when the time is up",
            matters: "a reader that nobody answers waits for ever",
            walk: Some(To::Silent),
            body: receive_limit,
            rules: &[shows(any, ON_TIME).cell("on time")],
            ..Check::ROW
        },
        Check {
            name: "sndtimeo",
            slack: Some(LIMIT_SLACK),
            title: "send time limit",
            claim: "send() to a receiver that is full gives up after the 50 ms of SO_SNDTIMEO; \
                    datagrams over IP never wait",
            promise: "socket(7), SO_SNDTIMEO: EAGAIN when the time is up",
            matters: "a writer whose reader stands still waits for ever",
            body: send_limit,
            rules: &[
                shows(packets, "never blocks").cell("no wait"),
                shows(any, ON_TIME).cell("on time"),
            ],
            ..Check::ROW
        },
        Check {
            name: "accepttimeo",
            slack: Some(LIMIT_SLACK),
            title: "accept time limit",
            claim: "accept() without a client gives up after the 50 ms of SO_RCVTIMEO",
            promise: "socket(7), SO_RCVTIMEO: holds for socket calls that wait, accept(2) among \
                      them",
            matters: "a server that looks at its stop flag between accepts cannot be stopped",
            applies: connects,
            body: accept_limit,
            rules: &[shows(any, ON_TIME).cell("on time")],
            ..Check::ROW
        },
    ],
};

const ON_TIME: &str = "EAGAIN on time";
/// What the calls are given.
const LIMIT: Duration = Duration::from_millis(50);
/// After this a call is taken to have no limit.
const FOREVER: Duration = Duration::from_millis(300);
/// What is between the two, less what a call takes that is in time.
const LIMIT_SLACK: Duration = Duration::from_millis(200);
/// A median of 5 is beyond 15 ms only where 3 of them are.
const STALL_SLACK: Duration = Duration::from_millis(30);

fn nagle(stand: &Stand<'_>) -> Result<String, CallError> {
    let plain = usual_request_time(&stand.pair_as_is()?)?;
    if !acknowledges(&stand.column) {
        return Ok(format!("{} ms; NODELAY -", plain.as_millis()));
    }
    let hasty = usual_request_time(&stand.pair()?)?;
    Ok(format!("{} ms; NODELAY {} ms", plain.as_millis(), hasty.as_millis()))
}

/// The median of the last 5 of 7 requests: at first every segment is acknowledged at once.
fn usual_request_time(pair: &Pair) -> Result<Duration, CallError> {
    pair.a.set_abort()?;
    let mut times = Vec::new();
    for _ in 0..7 {
        let began = Instant::now();
        request(pair)?;
        times.push(began.elapsed());
    }
    let mut last = times.split_off(2);
    last.sort_unstable();
    Ok(last.get(2).copied().unwrap_or_default())
}

fn request(pair: &Pair) -> Result<(), CallError> {
    pair.a.send(b"head")?;
    pair.a.send(b"body")?;
    let mut missing: usize = 8;
    while missing > 0 {
        let part = pair.b.receive(missing)?.len();
        if part == 0 {
            return Err(CallError::new("recv", missing, Errno::ECONNRESET));
        }
        missing = missing.saturating_sub(part);
    }
    pair.b.send(b"!")?;
    pair.a.receive(1).map(drop)
}

fn receive_limit(stand: &Stand<'_>) -> Result<String, CallError> {
    let pair = stand.pair()?;
    pair.a.set_receive_timeout(LIMIT)?;
    let reader = Arc::new(pair.a);
    let fact = limited(stand, &reader, |reader| reader.receive_blocking(10, Flags::empty()))?;
    // Whoever still waits is let go.
    let _ = reader.shutdown(How::Both);
    Ok(fact)
}

fn send_limit(stand: &Stand<'_>) -> Result<String, CallError> {
    let pair = stand.pair()?;
    pair.a.set_send_timeout(LIMIT)?;
    if connects(&stand.column) {
        pair.a.set_abort()?;
    }
    let part = vec![0; if streams(&stand.column) { 65_536 } else { 1_000 }];
    if !fill(&pair.a, &part, connects(&stand.column))? {
        return Ok("never blocks".to_owned());
    }
    let writer = Arc::new(pair.a);
    let fact = limited(stand, &writer, move |writer| writer.send_blocking(&part))?;
    let _ = writer.shutdown(How::Both);
    Ok(fact)
}

/// Sends until nothing more goes; false where there is no such moment.
fn fill(writer: &Probe, part: &[u8], reliable: bool) -> Result<bool, CallError> {
    // What is under way to the receiver makes room for a while.
    const SETTLED: Duration = Duration::from_millis(10);
    for _ in 0..1_000 {
        let sent = writer.send(part);
        if is(&sent, Errno::EAGAIN) {
            if !writer.wait_writable(SETTLED)?.write() {
                return Ok(true);
            }
        } else if reliable {
            sent?;
        }
        // Over raw IPv6 the refusal is about an earlier message, which was dropped.
    }
    Ok(false)
}

fn accept_limit(stand: &Stand<'_>) -> Result<String, CallError> {
    let (listener, name) = stand.listener(16)?;
    listener.set_receive_timeout(LIMIT)?;
    let listener = Arc::new(listener);
    let fact = limited(stand, &listener, Probe::accept_blocking)?;
    // Only a client ends an accept that has no limit.
    let client = stand.client()?;
    client.set_abort()?;
    client.connect(&name)?;
    Ok(fact)
}

/// How a call ends that is to give up after [`LIMIT`]. It is made again while it succeeds, as a
/// send may go in part at first, but not once nobody waits for it any more.
fn limited<T>(
    stand: &Stand<'_>,
    probe: &Arc<Probe>,
    call: impl Fn(&Probe) -> Result<T, CallError> + Send + 'static,
) -> Result<String, CallError> {
    let shared = Arc::clone(probe);
    let aside = stand.aside(move || {
        let first = Instant::now();
        loop {
            let began = Instant::now();
            let result = call(&shared);
            if result.is_err() || first.elapsed() >= FOREVER {
                return (said(&result), began.elapsed());
            }
        }
    })?;
    Ok(match aside.wait(FOREVER) {
        // Whoever was kept from a CPU may have been in time.
        None if stand.recorder.lateness.exceeds(LIMIT_SLACK) => {
            return Err(stand.too_late("a call with a limit"));
        }
        None => "ignored, blocks forever".to_owned(),
        Some((word, waited)) if word == "EAGAIN" && waited >= LIMIT => ON_TIME.to_owned(),
        Some((word, waited)) => format!("{word} after {} ms", waited.as_millis()),
    })
}
