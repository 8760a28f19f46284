//! Bytes that are moved without being read, and reads that wait for all of them.

use crate::behaviour::column::{any, messages, raw4, streams};
use crate::behaviour::expectation::shows;
use crate::behaviour::stand::{Pair, Stand};
use crate::behaviour::{Check, Group};
use crate::os::probe::{Flags, Pipe, memory_file};
use crate::os::{CallError, Errno};
use std::time::Duration;

pub(super) const MOVING: Group = Group {
    rank: 60,
    title: "Unusual reads and writes",
    why: "proxies and file servers move bytes with calls that are seldom tried on any socket but \
          TCP",
    checks: &[
        Check {
            name: "sendfile",
            title: "sendfile to socket",
            claim: "sendfile() sends 3000 bytes of a file, and they arrive whole, as one message \
                    where there are any",
            promise: "sendfile(2): since Linux 2.6.33 the target may be any file; sockets always \
                      could be",
            matters: "files arrive in pieces, or the program needs a second way to send them",
            body: send_file,
            rules: &[shows(any, "3000 whole").cell("whole")],
            ..Check::ROW
        },
        Check {
            name: "splice",
            title: "splice socket to pipe",
            claim: "splice() moves a message of 5 bytes from the socket into a pipe",
            promise: "splice(2): moves data between a pipe and another descriptor; raw(7): IPv4 \
                      comes with its header",
            matters: "a proxy has to copy every byte itself",
            by_design: "IPv4 hands over its header (raw(7)), IPv6 does not (RFC 3542, section 3)",
            body: splice,
            rules: &[shows(raw4, "ok 25"), shows(any, "ok 5")],
            ..Check::ROW
        },
        Check {
            name: "waitall",
            slack: Some(SLACK),
            title: "MSG_WAITALL",
            claim: "a read of 8 bytes with MSG_WAITALL waits for the second part, or ends with the \
                    message",
            promise: "recv(2), MSG_WAITALL: waits until all is there, without effect on datagrams",
            matters: "a program takes half an answer for a whole one, or waits for ever",
            body: wait_for_all,
            rules: &[
                shows(streams, "waits for all 8").cell("waits"),
                shows(messages, "one message, 3").cell("one message"),
            ],
            ..Check::ROW
        },
    ],
};

/// Half of the time after which a read that waits is taken to be done.
const SLACK: Duration = Duration::from_millis(100);

fn send_file(stand: &Stand<'_>) -> Result<String, CallError> {
    const LEN: usize = 3000;
    let content: Vec<u8> = (0..=255).cycle().take(LEN).collect();
    let file = memory_file(&content)?;
    let pair = stand.pair()?;
    pair.a.send_file(&file, LEN)?;
    let (mut came, mut reads) = (Vec::new(), 0);
    while came.len() < LEN {
        match pair.b.receive(2 * LEN) {
            Ok(bytes) if stand.payload(&bytes).is_empty() => break,
            Ok(bytes) => came.extend_from_slice(stand.payload(&bytes)),
            Err(error) if error.errno == Errno::EAGAIN => break,
            Err(error) => return Err(error),
        }
        reads += 1;
    }
    Ok(match (came == content, messages(&stand.column) && reads > 1) {
        (true, false) => format!("{LEN} whole"),
        (true, true) => format!("{LEN} in {reads} messages"),
        (false, _) => format!("{} of {LEN}", came.len()),
    })
}

fn splice(stand: &Stand<'_>) -> Result<String, CallError> {
    let pair = stand.pair()?;
    let mut pipe = Pipe::open()?;
    pair.a.send(b"hello")?;
    pair.b.wait_readable()?;
    let moved = pair.b.splice_into(&pipe.input, 100)?;
    let came = pipe.read(100)?;
    let word = if stand.payload(&came) == b"hello" { "ok" } else { "garbled" };
    Ok(format!("{word} {moved}"))
}

fn wait_for_all(stand: &Stand<'_>) -> Result<String, CallError> {
    let Pair { a, b } = stand.pair()?;
    let sure = stand.times().sure;
    // If it waits for what does not come, it is not to wait for ever.
    b.set_receive_timeout(sure)?;
    let room = 8 + stand.header_len();
    let reading = stand.aside(move || b.receive_blocking(room, Flags::MSG_WAITALL))?;
    reading.until_asleep(sure);
    a.send(b"abc")?;
    if let Some(read) = reading.wait(stand.patience(messages(&stand.column))) {
        let len = stand.payload(&read?).len();
        return Ok(if messages(&stand.column) {
            format!("one message, {len}")
        } else {
            format!("returns early with {len}")
        });
    }
    a.send(b"defgh")?;
    let all = reading.wait(sure).unwrap_or_else(|| Ok(Vec::new()))?;
    Ok(format!("waits for all {}", stand.payload(&all).len()))
}
