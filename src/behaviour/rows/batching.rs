//! Many messages in one call, and bytes that the kernel cuts, joins or takes without copying.

use crate::behaviour::column::{any, datagrams, inet, partial_checksum, tcp, udp, unix};
use crate::behaviour::expectation::shows;
use crate::behaviour::stand::{Pair, Stand};
use crate::behaviour::{Check, Group};
use crate::os::probe::{Note, ZEROCOPY};
use crate::os::{CallError, Errno, errno_name, option};
use std::time::Instant;

pub(super) const BATCHES: Group = Group {
    rank: 48,
    title: "Batches in one call",
    why: "system call filters often forget the batched calls, and a program that uses them fails \
          in a container",
    checks: &[Check {
        name: "mmsg",
        title: "batch send and receive",
        claim: "sendmmsg() sends 8 messages in one call, and recvmmsg() takes them off again",
        promise: "sendmmsg(2), recvmmsg(2): they return how many messages were sent or received",
        matters: "a program that counts on batches loses messages, or has to send them one by one",
        body: mmsg,
        rules: &[shows(any, "8 sent 8 got")],
        ..Check::ROW
    }],
};

pub(super) const SEGMENTS: Group = Group {
    rank: 49,
    title: "UDP cut and joined by the kernel",
    why: "QUIC libraries hand over many datagrams at once; where the cut size is taken and ignored \
          they arrive as one",
    checks: &[
        Check {
            name: "gso",
            title: "one send, many datagrams",
            claim: "with UDP_SEGMENT 1000, a send of 3000 bytes leaves as 3 datagrams of 1000",
            promise: "udp(7), UDP_SEGMENT, since Linux 4.18: cuts a send into datagrams of that \
                      size; UDP-Lite cannot",
            matters: "the receiver gets one huge datagram that it cannot make sense of",
            applies: datagrams,
            body: gso,
            rules: &[shows(partial_checksum, "EIO at send").cell("EIO"), shows(udp, "3 x 1000")],
            ..Check::ROW
        },
        Check {
            name: "gro",
            title: "datagrams read joined",
            claim: "with UDP_GRO, the 3 datagrams of one cut send are read in one call that tells \
                    their size",
            promise: "udp(7), UDP_GRO, since Linux 5.0: datagrams come joined, with their size \
                      beside them; UDP-Lite cannot send them cut",
            matters: "without the size the receiver cannot tell where one datagram ends",
            applies: datagrams,
            body: gro,
            rules: &[
                shows(partial_checksum, "EIO at send").cell("EIO"),
                shows(udp, "one read of 3000 (1000 each)").cell("joined #"),
            ],
            ..Check::ROW
        },
    ],
};

pub(super) const UNCOPIED: Group = Group {
    rank: 50,
    title: "Sends without copying",
    why: "a program that waits for a completion that never comes keeps every buffer for ever",
    checks: &[Check {
        name: "zerocopy",
        title: "send without copying",
        claim: "with SO_ZEROCOPY, a send of 16 KB is reported on the error queue once the bytes \
                are free",
        promise: "kernel documentation, networking/msg_zerocopy: completions come on the error \
                  queue; what goes over loopback is copied",
        matters: "buffers are never given back, or were copied all the same and nothing was won",
        body: zerocopy,
        rules: &[
            shows(|column| tcp(column) || udp(column), "accepted, copied on lo").cell("copied"),
            shows(|column| inet(column) || unix(column), "EOPNOTSUPP"),
        ],
        ..Check::ROW
    }],
};

fn mmsg(stand: &Stand<'_>) -> Result<String, CallError> {
    const MESSAGE: &[u8] = b"12345678";
    let pair = stand.pair()?;
    let sent = pair.a.send_many(&[MESSAGE; 8])?;
    // With room for one message only, a stream's bytes fill one after the other too.
    let room = MESSAGE.len() + stand.header_len();
    let (end, mut got) = (Instant::now() + stand.times().sure, 0);
    while got < 8 && Instant::now() < end {
        pair.b.readable_within(end.saturating_duration_since(Instant::now()))?;
        match pair.b.receive_many(8 - got, room) {
            // That they do not come is told by the count.
            Err(error) if error.errno == Errno::EAGAIN => {}
            lengths => got += lengths?.iter().filter(|len| **len == room).count(),
        }
    }
    Ok(format!("{sent} sent {got} got"))
}

/// Connected ends, and one send of 3000 bytes that is to be cut into thousands.
fn cut_send(stand: &Stand<'_>, join: bool) -> Result<Pair, CallError> {
    let pair = stand.pair()?;
    if join {
        pair.b.set(option::UDP_GRO, 1)?;
    }
    pair.a.set(option::UDP_SEGMENT, 1000)?;
    pair.a.send(&[b'x'; 3000])?;
    Ok(pair)
}

fn gso(stand: &Stand<'_>) -> Result<String, CallError> {
    let pair = cut_send(stand, false)?;
    let (mut count, mut first, mut total) = (0, 0, 0);
    while total < 3000 {
        let Ok(bytes) = pair.b.receive(5000) else { break };
        first = if count == 0 { bytes.len() } else { first };
        (count, total) = (count + 1, total + bytes.len());
    }
    Ok(if count * first == total {
        format!("{count} x {first}")
    } else {
        format!("{total} in {count}, the first {first}")
    })
}

fn gro(stand: &Stand<'_>) -> Result<String, CallError> {
    let pair = cut_send(stand, true)?;
    let message = pair.b.receive_message(5000)?;
    let size = message.find(|note| match note {
        Note::JoinedFrom(size) => Some(format!(" ({size} each)")),
        _ => None,
    });
    let len = message.bytes.len();
    Ok(format!("one read of {len}{}", size.unwrap_or_default()))
}

fn zerocopy(stand: &Stand<'_>) -> Result<String, CallError> {
    const LEN: usize = 16 * 1024;
    let pair = stand.pair()?;
    if let Err(refusal) = pair.a.set(option::SO_ZEROCOPY, 1) {
        return Ok(errno_name(refusal.errno));
    }
    let (sent, mut got) = (pair.a.send_with(&[b'x'; LEN], ZEROCOPY)?, 0);
    // The bytes may be free only once they are read.
    while got < sent {
        match pair.b.receive(LEN)?.len() {
            0 => break,
            len => got += len,
        }
    }
    let completion = match pair.a.receive_error(stand.times().sure) {
        Err(error) if error.errno == Errno::EAGAIN => None,
        message => message?.find(|note| match note {
            Note::Completion { copied } => Some(*copied),
            _ => None,
        }),
    };
    Ok(match completion {
        Some(true) => "accepted, copied on lo",
        Some(false) => "accepted, not copied",
        None => "accepted, no completion",
    }
    .to_owned())
}
