//! What a read leaves of a message that it has no room for.

use crate::behaviour::column::{messages, streams, unix};
use crate::behaviour::expectation::shows;
use crate::behaviour::fact::came;
use crate::behaviour::stand::{Pair, Stand};
use crate::behaviour::{Check, Group, column};
use crate::os::probe::Flags;
use crate::os::{CallError, Errno, errno_name};

pub(super) const SHORT: Group = Group {
    rank: 5,
    title: "Short read",
    why: "a buffer that is too small costs the rest of a datagram, and nothing says so unasked",
    checks: &[
        Check {
            name: "shortread",
            front: true,
            title: "small read buffer",
            claim: "of 10 bytes read into 4, the rest comes next from a stream and is gone with a \
                    message",
            promise: "recv(2): what does not fit may be discarded, depending on the type of socket",
            matters: "data is lost where a program reads on for it, or the rest is taken for a \
                      message of its own",
            body: short_read,
            rules: &[
                shows(streams, "4 then 6"),
                shows(messages, "4 then rest lost").cell("cut off"),
            ],
            ..Check::ROW
        },
        Check {
            name: "truncflag",
            title: "a cut is flagged",
            claim: "a message that is cut says so (MSG_TRUNC), and its whole size can be asked for",
            promise: "recv(2), MSG_TRUNC: set in msg_flags for a cut message; as a flag of the \
                      call it returns the whole length",
            matters: "a program cannot notice that a message was cut",
            body: cut_flag,
            rules: &[
                shows(streams, "no flag"),
                shows(messages, "MSG_TRUNC, size 10").cell("flagged, #"),
            ],
            ..Check::ROW
        },
        Check {
            name: "read0",
            title: "recv of 0 bytes",
            claim: "a recv() with room for 0 bytes takes nothing from a stream, and a whole \
                    message off a queue",
            promise: "recv(2): each call takes one message, and what does not fit may be discarded",
            matters: "an empty buffer by mistake throws a message away, or does not skip the one \
                      that it should",
            body: read_nothing,
            rules: &[
                shows(streams, "keeps data").cell("keeps"),
                shows(messages, "discards the message").cell("discards"),
            ],
            ..Check::ROW
        },
        Check {
            name: "trunc_in",
            title: "MSG_TRUNC on a stream",
            claim: "recv() with MSG_TRUNC throws bytes away unread over TCP, and is ignored by a \
                    Unix stream",
            promise: "tcp(7): bytes are discarded instead of copied; recv(2) lists Unix datagrams, \
                      not streams",
            matters: "skipped bytes are still there, or a buffer stays empty that was to be filled",
            applies: streams,
            body: skip_on_stream,
            rules: &[shows(column::acknowledges, "discards"), shows(unix, "copies")],
            ..Check::ROW
        },
    ],
};

const DIGITS: &[u8] = b"0123456789";

fn short_read(stand: &Stand<'_>) -> Result<String, CallError> {
    let pair = stand.pair()?;
    pair.a.send(DIGITS)?;
    let first = pair.b.receive(stand.room(4))?;
    let first = stand.payload(&first).len();
    Ok(match pair.b.receive_if(column::streams(&stand.column), 100) {
        Ok(rest) => format!("{first} then {}", stand.payload(&rest).len()),
        Err(error) if error.errno == Errno::EAGAIN => format!("{first} then rest lost"),
        Err(error) => format!("{first} then {}", errno_name(error.errno)),
    })
}

fn cut_flag(stand: &Stand<'_>) -> Result<String, CallError> {
    let pair = stand.pair()?;
    pair.a.send(DIGITS)?;
    if !pair.b.receive_message(stand.room(4))?.cut {
        return Ok("no flag".to_owned());
    }
    pair.a.send(DIGITS)?;
    let size = pair.b.receive_length(stand.room(4))?;
    Ok(format!("MSG_TRUNC, size {}", size.saturating_sub(stand.room(0))))
}

/// A second message tells whether the first is still there, without waiting for silence.
fn read_nothing(stand: &Stand<'_>) -> Result<String, CallError> {
    let Pair { a, b } = stand.pair()?;
    a.send(b"first")?;
    b.receive(0)?;
    a.send(b"second")?;
    Ok(match stand.came(&b.receive(100)) {
        next if next == "second" => "discards the message".to_owned(),
        // A stream may have joined the two.
        next if next.starts_with("first") => "keeps data".to_owned(),
        other => other,
    })
}

fn skip_on_stream(stand: &Stand<'_>) -> Result<String, CallError> {
    let pair = stand.pair()?;
    pair.a.send(DIGITS)?;
    let skipped = pair.b.receive_with(4, Flags::MSG_TRUNC, stand.times().sure)?;
    let rest = pair.b.receive(100);
    // The buffer was all zeros before the call.
    Ok(match (skipped.as_slice(), &rest) {
        ([0, 0, 0, 0], Ok(rest)) if rest == b"456789" => "discards".to_owned(),
        (b"0123", Ok(rest)) if rest == b"456789" => "copies".to_owned(),
        _ => format!("{} then {}", came(&Ok(skipped)), came(&rest)),
    })
}
