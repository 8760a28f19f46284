//! What the sizes of buffers really are.

use crate::behaviour::column::{acknowledges, any, connectionless, connects, packets, raw6, unix};
use crate::behaviour::expectation::{shows, works_out};
use crate::behaviour::flood::Flood;
use crate::behaviour::mark;
use crate::behaviour::stand::{Pair, Stand};
use crate::behaviour::{Check, Group};
use crate::os::{CallError, option};

pub(super) const BUFFERS: Group = Group {
    rank: 44,
    title: "Buffer sizes",
    why: "a small buffer holds far less than its size in small messages: the kernel's share is \
          larger",
    checks: &[
        Check {
            name: "sndbuf",
            title: "SO_SNDBUF is granted",
            claim: "a send buffer is granted doubled, not below a minimum, and not above twice \
                    wmem_max",
            promise: "socket(7), SO_SNDBUF: the value is doubled; net.core.wmem_max limits what \
                      can be asked for",
            matters: "a program counts on room that it does not have",
            body: send_buffer,
            rules: &[
                // A packet's bookkeeping, of which the minimum is made, is not as long in every kernel.
                works_out(any, |_, machine| {
                    let limit = machine.number("net.core.wmem_max");
                    let most = limit.map_or("{}", |_| "2x wmem_max");
                    format!("x2, min {{4480..9216}}, max {most}")
                })
                .cell("x2"),
            ],
            ..Check::ROW
        },
        Check {
            name: "rcvbuf_real",
            title: "small receive buffer",
            claim: "with SO_RCVBUF 8192 and messages of 100 bytes, a sender is held up or most \
                    datagrams are dropped",
            promise: "socket(7), SO_RCVBUF: the size of the receive buffer; unix(7): it has no \
                      effect there, the sender's SO_SNDBUF has",
            matters: "a buffer that is to bound memory does not, or holds less than a program \
                      counts on",
            by_design: "Linux 6.18 answers for a full raw IPv6 socket as for an unknown protocol \
                        (RFC 4443, section 3.4), read as EPROTO; IPv4 and older kernels stay \
                        silent",
            body: receive_buffer,
            rules: &[
                // Two mutually connected Unix sockets are limited by the sender's default buffer alone.
                works_out(
                    |c| unix(c) && connectionless(c),
                    |_, machine| {
                        let small = machine
                            .number("net.core.wmem_default")
                            .is_some_and(|size| size < 250_000);
                        let never = if small { "" } else { " | 500 of 500 x100B kept" };
                        format!("sender stops at {{5..499}} x100B{never}")
                    },
                )
                .cell("stops at #"),
                shows(|c| unix(c) || acknowledges(c), "sender stops at {5..499} x100B")
                    .cell("stops at #"),
                shows(raw6, "{5..100} of 500 x100B kept, also EPROTO | {5..100} of 500 x100B kept")
                    .cell("# kept"),
                shows(packets, "{5..100} of 500 x100B kept").cell("# kept"),
            ],
            ..Check::ROW
        },
    ],
};

fn send_buffer(stand: &Stand<'_>) -> Result<String, CallError> {
    const ORDINARY: i32 = 10_000;
    let probe = stand.client()?;
    let granted = |asked| -> Result<i32, CallError> {
        probe.set(option::SO_SNDBUF, asked)?;
        probe.get(option::SO_SNDBUF)
    };
    let ordinary = match granted(ORDINARY)? {
        doubled if doubled == 2 * ORDINARY => "x2".to_owned(),
        other => format!("{ORDINARY} gives {other}"),
    };
    let least = granted(1)?;
    let most = granted(1 << 30)?;
    let limit = stand.machine.number("net.core.wmem_max").map(|limit| 2 * limit);
    let most = match u64::try_from(most).ok() {
        Some(size) if limit == Some(size) => "2x wmem_max".to_owned(),
        _ => most.to_string(),
    };
    Ok(format!("{ordinary}, min {least}, max {most}"))
}

const SENDS: usize = 500;

/// Two ends with small buffers: TCP takes them into account only before it connects (tcp(7)).
fn small_pair(stand: &Stand<'_>) -> Result<Pair, CallError> {
    const SIZE: i32 = 8192;
    if !connects(&stand.column) {
        let pair = stand.pair()?;
        pair.b.set(option::SO_RCVBUF, SIZE)?;
        return Ok(pair);
    }
    let (listener, name) = stand.bound()?;
    listener.set(option::SO_RCVBUF, SIZE)?;
    listener.listen(1)?;
    let a = stand.client()?;
    // Otherwise the sender's own buffer takes it all.
    a.set(option::SO_SNDBUF, SIZE)?;
    a.connect(&name)?;
    Ok(Pair { a, b: listener.accept()? })
}

fn receive_buffer(stand: &Stand<'_>) -> Result<String, CallError> {
    let Pair { a, b } = small_pair(stand)?;
    let mut flood = Flood::of(SENDS, |message| a.send(message));
    if flood.blocked {
        return Ok(format!("sender stops at {} x{}B", flood.sent, mark::LEN));
    }
    let kept = flood.kept(stand, &b);
    Ok(format!("{kept} of {SENDS} x{}B kept{}", mark::LEN, flood.also()))
}
