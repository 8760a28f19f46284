//! How many bytes wait, at either end.

use crate::behaviour::column::{
    acknowledges, connectionless, datagrams, raw, raw4, unix, unix_connects,
};
use crate::behaviour::expectation::shows;
use crate::behaviour::stand::Stand;
use crate::behaviour::{Check, Group};
use crate::os::CallError;
use crate::os::probe::EdgeWatch;

pub(super) const COUNTS: Group = Group {
    rank: 59,
    title: "Byte counts",
    why: "programs size a buffer or wait for the last byte by these counts, which mean something \
          else on each socket",
    checks: &[
        Check {
            name: "fionread",
            title: "FIONREAD counts",
            claim: "with messages of 3 and 5 bytes unread, FIONREAD tells all 8 bytes, or those of \
                    the first message",
            promise: "udp(7): the size of the next datagram; tcp(7), unix(7): all unread bytes; \
                      raw(7): an IPv4 header is part of the message",
            matters: "a buffer of that size is too small, or a program waits for bytes of another \
                      message",
            by_design: "IPv4 hands over its header (raw(7)), IPv6 does not (RFC 3542, section 3)",
            body: readable_bytes,
            rules: &[
                shows(raw4, "23 first"),
                shows(connectionless, "3 first"),
                shows(acknowledges, "8 all"),
                shows(unix_connects, "8 all"),
            ],
            ..Check::ROW
        },
        Check {
            name: "outq",
            title: "unsent bytes, TIOCOUTQ",
            claim: "once 100 bytes have come and nobody reads them, the sender's count is 0, or \
                    over Unix the memory that they take",
            promise: "tcp(7), udp(7), SIOCOUTQ: bytes in the local send queue; a Unix sender is \
                      charged until they are read (unix_outq_len())",
            matters: "a program that waits for 0 before it closes waits for ever, or not long \
                      enough",
            body: unsent_memory,
            rules: &[
                shows(|column| acknowledges(column) || datagrams(column) || raw(column), "0"),
                shows(unix, "{200..4096}"),
            ],
            ..Check::ROW
        },
    ],
};

fn readable_bytes(stand: &Stand<'_>) -> Result<String, CallError> {
    let pair = stand.pair()?;
    let watch = EdgeWatch::of(&pair.b)?;
    for message in [b"abc".as_slice(), b"defgh"] {
        pair.a.send(message)?;
        // Each is waited for, so that both are there to be counted.
        watch.fired(stand.times().sure)?;
    }
    let count = pair.b.readable_bytes()?;
    Ok(match usize::try_from(count) {
        Ok(n) if n == 3 + stand.header_len() => format!("{count} first"),
        Ok(n) if n == 8 + 2 * stand.header_len() => format!("{count} all"),
        _ => count.to_string(),
    })
}

fn unsent_memory(stand: &Stand<'_>) -> Result<String, CallError> {
    let pair = stand.pair()?;
    pair.a.send(&[b'x'; 100])?;
    // Only what is there has left the sender's own queues.
    pair.b.wait_readable()?;
    Ok(pair.a.unsent_memory()?.to_string())
}
