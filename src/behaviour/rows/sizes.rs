//! How large a message may be, and how small.

use crate::behaviour::column::{self, Column, inet, messages, raw, streams, unix};
use crate::behaviour::expectation::{shows, works_out};
use crate::behaviour::stand::{Pair, Stand};
use crate::behaviour::{Check, Group};
use crate::environment::Environment;
use crate::os::{CallError, Errno, errno_name, option};
use crate::transport::Family;
use std::sync::LazyLock;

pub(super) const LARGEST: Group = Group {
    rank: 3,
    title: "Largest message",
    why: "log clients that do not handle EMSGSIZE lose exactly the messages that say most",
    checks: &[
        Check {
            name: "maxmsg",
            title: "largest message",
            claim: "the largest message that is taken arrives whole, and one byte more is refused",
            promise: "udp(7), raw(7), EMSGSIZE; RFC 768 and RFC 8200: lengths have 16 bits; \
                      unix(7): the doubled SO_SNDBUF less 32 bytes",
            matters: "a program sends messages that this socket cannot carry, or splits them for \
                      nothing",
            by_design: "the 65535 bytes of an IPv4 packet include its header of 20 (RFC 791), \
                        those of IPv6 do not (RFC 8200, section 3)",
            applies: messages,
            body: |stand| largest(stand, &stand.pair()?),
            rules: &[
                works_out(inet, length_field_limit).cell("#"),
                works_out(unix, |_, machine| {
                    buffer_limit(machine.number("net.core.wmem_default").unwrap_or(212_992))
                })
                .cell("#"),
            ],
            ..Check::ROW
        },
        Check {
            name: "maxmsg_buf",
            title: "largest, 1 MiB SO_SNDBUF",
            claim: "a send buffer of 1 MiB moves the limit where the buffer sets it, and nowhere \
                    else",
            promise: "unix(7): the doubled SO_SNDBUF less 32 bytes; udp(7), raw(7): EMSGSIZE above \
                      what a packet carries",
            matters: "a larger buffer does not help, or helps where nobody can rely on it",
            by_design: "the 65535 bytes of an IPv4 packet include its header of 20 (RFC 791), \
                        those of IPv6 do not (RFC 8200, section 3)",
            applies: messages,
            body: largest_with_buffer,
            rules: &[
                works_out(inet, length_field_limit).cell("#"),
                works_out(unix, |_, machine| match machine.number("net.core.wmem_max") {
                    Some(most) => buffer_limit(2 * most.min(MEBIBYTE)),
                    None => "{4448..2097120} then EMSGSIZE".to_owned(),
                })
                .cell("#"),
            ],
            ..Check::ROW
        },
        Check {
            name: "bigwrite",
            title: "16 MB in one send",
            claim: "of 16 MB sent at once without waiting, a stream takes what fits and a message \
                    socket nothing",
            promise: "send(2), EMSGSIZE: too long to go in one piece; write(2): a stream may take \
                      a part",
            matters: "a program that does not look at what send returned loses the rest",
            body: big_write,
            rules: &[
                shows(streams, "partial, {1..16383} KB of 16 MB").cell("partial"),
                shows(messages, "EMSGSIZE"),
            ],
            ..Check::ROW
        },
    ],
};

pub(super) const EMPTY: Group = Group {
    rank: 4,
    title: "Zero-length message",
    why: "a reader that takes 0 bytes for the end closes a healthy connection",
    checks: &[Check {
        name: "zero",
        front: true,
        title: "an empty message",
        claim: "a send of 0 bytes arrives where messages are kept, and is nothing in a stream",
        promise: "recv(2): datagram sockets may carry messages of no length, and then return 0",
        matters: "an empty message is lost, or a stream shows an end that is none",
        body: empty_message,
        rules: &[shows(streams, "nothing"), shows(messages, "arrives empty").cell("arrives")],
        ..Check::ROW
    }],
};

const MEBIBYTE: u64 = 1 << 20;

/// No protocol here has a length field of more than 16 bits.
const BEYOND_LENGTH_FIELDS: usize = 1 << 17;

/// What a length of 16 bits leaves, less the headers that it counts.
fn length_field_limit(column: &Column, _: &Environment) -> String {
    // A dual column's client is an IPv4 one.
    let counted = if column.transport.family == Family::Ipv6 { 0 } else { 20 };
    let header = if raw(column) { 0 } else { 8 };
    format!("{} then EMSGSIZE", 65_535 - counted - header)
}

/// What a send buffer leaves: the kernel keeps 32 bytes for itself (unix(7)).
fn buffer_limit(buffer: u64) -> String {
    format!("{} then EMSGSIZE", buffer.saturating_sub(32))
}

fn largest_with_buffer(stand: &Stand<'_>) -> Result<String, CallError> {
    let pair = stand.pair()?;
    pair.a.set(option::SO_SNDBUF, i32::try_from(MEBIBYTE).unwrap_or(i32::MAX))?;
    largest(stand, &pair)
}

/// Halves the gap between what goes and what does not until nothing is between them.
fn largest(stand: &Stand<'_>, pair: &Pair) -> Result<String, CallError> {
    let buffer = usize::try_from(pair.a.get(option::SO_SNDBUF)?).unwrap_or(0);
    let (mut goes, mut fails) = (0, buffer.max(BEYOND_LENGTH_FIELDS) + 1);
    let Some(mut refusal) = refused(stand, pair, fails)? else {
        return Ok(format!("more than {fails}"));
    };
    while fails - goes > 1 {
        let middle = goes.midpoint(fails);
        match refused(stand, pair, middle)? {
            None => goes = middle,
            Some(errno) => (fails, refusal) = (middle, errno),
        }
    }
    Ok(format!("{goes} then {}", errno_name(refusal)))
}

/// Sends that much and takes it out again, so that the next find as much room; the refusal if it
/// was not taken. What does not arrive whole was not carried.
fn refused(stand: &Stand<'_>, pair: &Pair, len: usize) -> Result<Option<Errno>, CallError> {
    let message = vec![b'm'; len];
    if let Err(error) = pair.a.send(&message) {
        return Ok(Some(error.errno));
    }
    let arrived = pair.b.receive(stand.room(len))?;
    // Over raw IPv6 the sender hears itself too, and its queue must not fill; elsewhere it is empty.
    // Its copy may come later than the peer's: the second receive is for one that was missed before.
    for _ in 0..2 {
        let _ = pair.a.receive_now(0);
    }
    let whole = stand.payload(&arrived) == message;
    if whole { Ok(None) } else { Err(CallError::new("recv", len, Errno::EBADMSG)) }
}

fn big_write(stand: &Stand<'_>) -> Result<String, CallError> {
    const SIZE: usize = 16 << 20;
    // One for all columns, which do this side by side: memory may be short.
    static PILE: LazyLock<Vec<u8>> = LazyLock::new(|| vec![0; SIZE]);
    let pair = stand.pair()?;
    Ok(match pair.a.send(&PILE) {
        Ok(SIZE) => "all of 16 MB".to_owned(),
        Ok(taken) => format!("partial, {} KB of 16 MB", taken >> 10),
        Err(error) => errno_name(error.errno),
    })
}

fn empty_message(stand: &Stand<'_>) -> Result<String, CallError> {
    let pair = stand.pair()?;
    pair.a.send(b"")?;
    let empty = pair.b.receive_if(column::messages(&stand.column), 100);
    pair.a.send(b"x")?;
    let next = stand.came(&pair.b.receive(100));
    let first = match empty {
        Err(error) if error.errno == Errno::EAGAIN => "nothing".to_owned(),
        Ok(bytes) if stand.payload(&bytes).is_empty() => "arrives empty".to_owned(),
        other => stand.came(&other),
    };
    Ok(if next == "x" { first } else { format!("{first}, then {next}") })
}
