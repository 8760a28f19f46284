//! Looking at what is there without taking it.

use crate::behaviour::column::{any, datagrams, multipath, raw, tcp, unix};
use crate::behaviour::expectation::shows;
use crate::behaviour::stand::Stand;
use crate::behaviour::{Check, Group};
use crate::os::probe::{Flags, Probe};
use crate::os::{CallError, errno_name, option};

pub(super) const PEEKING: Group = Group {
    rank: 54,
    title: "Peeking",
    why: "proxies peek at a greeting before they hand the socket on; a peek that takes or repeats \
          bytes breaks them",
    checks: &[
        Check {
            name: "peek",
            title: "two peeks, then a read",
            claim: "two peeks and then a read show the same bytes",
            promise: "recv(2), MSG_PEEK: the data stays in the queue",
            matters: "what was only looked at is gone for whoever reads next",
            body: peek,
            rules: &[shows(any, "same")],
            ..Check::ROW
        },
        Check {
            name: "peekoff",
            title: "peek with SO_PEEK_OFF",
            claim: "with SO_PEEK_OFF 0, a second peek begins where the first one ended",
            promise: "socket(7), SO_PEEK_OFF, names Unix sockets only; UDP has it too, and TCP \
                      since Linux 6.9",
            matters: "a parser that peeks piece by piece sees the first piece for ever",
            body: peek_offset,
            rules: &[
                shows(|column| multipath(column) || raw(column), "EOPNOTSUPP"),
                shows(tcp, "slides | EOPNOTSUPP"),
                shows(|column| datagrams(column) || unix(column), "slides"),
            ],
            ..Check::ROW
        },
    ],
};

fn look(probe: &Probe, stand: &Stand<'_>, len: usize) -> Result<Vec<u8>, CallError> {
    probe.receive_with(len, Flags::MSG_PEEK, stand.times().sure)
}

fn peek(stand: &Stand<'_>) -> Result<String, CallError> {
    let pair = stand.pair()?;
    pair.a.send(b"whole")?;
    let seen = [look(&pair.b, stand, 100)?, look(&pair.b, stand, 100)?, pair.b.receive(100)?];
    let texts = seen.iter().map(|bytes| String::from_utf8_lossy(stand.payload(bytes)));
    Ok(if texts.clone().all(|text| text == "whole") {
        "same".to_owned()
    } else {
        texts.collect::<Vec<_>>().join(", ")
    })
}

fn peek_offset(stand: &Stand<'_>) -> Result<String, CallError> {
    let pair = stand.pair()?;
    if let Err(refusal) = pair.b.set(option::SO_PEEK_OFF, 0) {
        return Ok(errno_name(refusal.errno));
    }
    pair.a.send(b"abcdefgh")?;
    let (first, second) = (look(&pair.b, stand, 4)?, look(&pair.b, stand, 4)?);
    Ok(match (first.as_slice(), second.as_slice()) {
        (b"abcd", b"efgh") => "slides".to_owned(),
        (b"abcd", b"abcd") => "ignored".to_owned(),
        _ => format!("{}, {}", first.escape_ascii(), second.escape_ascii()),
    })
}
