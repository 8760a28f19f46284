//! How an end of a conversation is seen at the other: in good order.

use crate::behaviour::column::{connectionless, connects, path, raw};
use crate::behaviour::expectation::shows;
use crate::behaviour::fact::said;
use crate::behaviour::stand::{Pair, Stand};
use crate::behaviour::{Check, Group};
use crate::os::CallError;
use crate::os::probe::How;

pub(super) const CLOSES: Group = Group {
    rank: 8,
    title: "Peer closes",
    why: "a datagram server never learns that a client has left, and keeps its state for ever",
    checks: &[
        Check {
            name: "eof",
            front: true,
            title: "read after peer closes",
            claim: "when the peer closes, a reader sees the end of a connection, but nothing over \
                    datagrams",
            promise: "recv(2): 0 after an orderly shutdown of a stream; datagrams know no such end",
            matters: "a reader waits for ever, or takes silence for an end",
            body: peer_closes,
            rules: &[shows(connects, "EOF"), shows(connectionless, "none")],
            ..Check::ROW
        },
        Check {
            name: "unix_pairgone",
            title: "socketpair peer closes",
            claim: "when one socket of a pair closes, the other can send no more, and where it is \
                    connected it reads the end",
            promise: "unix(7), EPIPE: the other end was closed; a datagram socket says \
                      ECONNREFUSED, as if nobody had ever been there",
            matters: "a parent does not notice that the child at the other end is gone",
            // No name is involved, so one naming stands for both.
            applies: path,
            body: pair_closes,
            rules: &[
                shows(connects, "EOF, send EPIPE").cell("EOF, EPIPE"),
                shows(connectionless, "none, send ECONNREFUSED").cell("send refused"),
            ],
            ..Check::ROW
        },
    ],
};

pub(super) const HALF: Group = Group {
    rank: 9,
    title: "Half close",
    why: "a client that ends its own direction after the request still expects the answer",
    checks: &[
        Check {
            name: "halfclose",
            front: true,
            title: "peer's half close",
            claim: "after shutdown(SHUT_WR) a connected peer reads the end and may still answer, \
                    and only we cannot send",
            promise: "shutdown(2); RFC 9293, section 3.6: whoever closed goes on receiving",
            matters: "the request's end is never seen, or the answer to it is lost",
            body: half_close,
            rules: &[
                shows(connects, "peer EOF, back ok, send EPIPE").cell("EOF"),
                shows(raw, "peer none, back ok, send ok").cell("no effect"),
                shows(connectionless, "peer none, back ok, send EPIPE").cell("unseen"),
            ],
            ..Check::ROW
        },
        Check {
            name: "poll_half",
            title: "poll sees a half close",
            claim: "a peer's half close makes a connected socket readable with RDHUP, still \
                    writable, without HUP",
            promise: "poll(2), epoll_ctl(2): POLLRDHUP for a peer that closed its writing half",
            matters: "an event loop misses the end, or drops a conversation that is half alive",
            body: poll_half_close,
            rules: &[shows(connects, "IN/OUT/RDHUP").cell("RDHUP"), shows(connectionless, "OUT")],
            ..Check::ROW
        },
    ],
};

fn peer_closes(stand: &Stand<'_>) -> Result<String, CallError> {
    let Pair { a, b } = stand.pair()?;
    b.close();
    Ok(stand.came(&a.receive_if(connects(&stand.column), 100)))
}

fn pair_closes(stand: &Stand<'_>) -> Result<String, CallError> {
    let (a, b) = stand.recorder.open_pair(stand.column.transport)?;
    b.close();
    let end = stand.came(&a.receive_if(connects(&stand.column), 100));
    Ok(format!("{end}, send {}", said(&a.send(b"x"))))
}

fn half_close(stand: &Stand<'_>) -> Result<String, CallError> {
    let Pair { a, b } = stand.pair()?;
    a.shutdown(How::Write)?;
    let end = stand.came(&b.receive_if(connects(&stand.column), 100));
    b.send(b"back")?;
    let back = match stand.came(&a.receive(100)) {
        text if text == "back" => "ok".to_owned(),
        other => other,
    };
    Ok(format!("peer {end}, back {back}, send {}", said(&a.send(b"x"))))
}

fn poll_half_close(stand: &Stand<'_>) -> Result<String, CallError> {
    let Pair { a, b } = stand.pair()?;
    a.shutdown(How::Write)?;
    b.readable_within(stand.patience(connects(&stand.column)))?;
    Ok(b.poll()?.to_string())
}
