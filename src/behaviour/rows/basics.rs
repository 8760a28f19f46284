//! Does it work at all, and do messages stay what they are?

use crate::behaviour::column::{any, messages, streams};
use crate::behaviour::expectation::shows;
use crate::behaviour::fact::came;
use crate::behaviour::stand::Stand;
use crate::behaviour::{Check, Group};
use crate::os::CallError;

pub(super) const WORKS: Group = Group {
    rank: 1,
    title: "Works at all",
    why: "IPv6 that is switched off, a policy or a missing right takes a whole transport away",
    checks: &[
        Check {
            name: "create",
            title: "socket opens",
            claim: "socket() opens a socket of this family, type and protocol",
            promise: "socket(2): a descriptor for the new socket is returned",
            matters: "nothing that uses this transport runs here",
            body: |stand| stand.client().map(|_| "ok".to_owned()),
            rules: &[shows(any, "ok")],
            ..Check::ROW
        },
        Check {
            name: "bind",
            title: "takes a name",
            claim: "bind() to loopback or to a fresh name succeeds",
            promise: "bind(2): gives the socket an address, one that is free and of this machine",
            matters: "no server can be reached on this machine over this transport",
            body: |stand| stand.bound().map(|_| "ok".to_owned()),
            rules: &[shows(any, "ok")],
            ..Check::ROW
        },
        Check {
            name: "echo",
            title: "a round trip works",
            claim: "from socket() to the reply, 4 bytes go there and 4 come back",
            promise: "connect(2), send(2), recv(2): what one end sends the other receives",
            matters: "clients and servers cannot talk over this transport",
            body: echo,
            rules: &[shows(any, "ok")],
            ..Check::ROW
        },
    ],
};

pub(super) const SEPARATE: Group = Group {
    rank: 2,
    title: "Messages stay separate",
    why: "the first socket bug that everybody writes is to take one send for one read",
    checks: &[
        Check {
            name: "boundary",
            front: true,
            title: "messages stay separate",
            claim: "two sends of 3 and 5 bytes are read as two messages, or from a stream as one \
                    run of bytes",
            promise: "socket(2): SOCK_STREAM is a stream of bytes; SOCK_DGRAM and SOCK_SEQPACKET \
                      carry datagrams",
            matters: "a program that counts on one read for each send gets halves and sums of \
                      messages",
            body: boundary,
            rules: &[
                shows(streams, "joined 8").cell("joined"),
                shows(messages, "kept 3+5").cell("kept"),
            ],
            ..Check::ROW
        },
        Check {
            name: "order",
            title: "messages keep order",
            claim: "96 numbered messages arrive in the order in which they were sent",
            promise: "unix(7): datagrams are not lost and stay in order; udp(7) promises no order, \
                      but loopback keeps it",
            matters: "a program has to number its messages and sort them",
            body: order,
            rules: &[shows(any, "96 in order").cell("in order")],
            ..Check::ROW
        },
    ],
};

fn echo(stand: &Stand<'_>) -> Result<String, CallError> {
    let pair = stand.pair()?;
    pair.a.send(b"ping")?;
    let asked = pair.b.receive(100)?;
    pair.b.send(b"pong")?;
    // Over raw IPv6 an end hears what it sends itself too.
    let mut answer = pair.a.receive(100)?;
    if stand.payload(&answer) == b"ping" {
        answer = pair.a.receive(100)?;
    }
    Ok(match (stand.payload(&asked), stand.payload(&answer)) {
        (b"ping", b"pong") => "ok".to_owned(),
        (asked, answer) => {
            let text = |bytes: &[u8]| came(&Ok(bytes.to_vec()));
            format!("{} there, {} back", text(asked), text(answer))
        }
    })
}

fn boundary(stand: &Stand<'_>) -> Result<String, CallError> {
    let pair = stand.pair()?;
    pair.a.send(b"abc")?;
    pair.a.send(b"defgh")?;
    let first = pair.b.receive(100)?;
    let first = stand.payload(&first).len();
    if first == 8 {
        return Ok("joined 8".to_owned());
    }
    let second = pair.b.receive(100)?;
    Ok(format!("kept {first}+{}", stand.payload(&second).len()))
}

fn order(stand: &Stand<'_>) -> Result<String, CallError> {
    let pair = stand.pair()?;
    let mut stream = Vec::new();
    for number in 0..96_u8 {
        pair.a.send(&[number])?;
        let bytes = pair.b.receive(100)?;
        stream.extend_from_slice(stand.payload(&bytes));
    }
    let in_order = stream.iter().copied().eq(0..96);
    Ok(if in_order { "96 in order".to_owned() } else { format!("{} out of order", stream.len()) })
}
