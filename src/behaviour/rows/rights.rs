//! May a descriptor go along with a message?

use crate::behaviour::column::{inet, unix};
use crate::behaviour::expectation::shows;
use crate::behaviour::stand::Stand;
use crate::behaviour::{Check, Group};
use crate::os::CallError;
use crate::os::probe::Note;

pub(super) const DESCRIPTORS: Group = Group {
    rank: 20,
    title: "Pass a descriptor",
    why: "a program that passes descriptors over Unix sockets loses them over TCP, and no call \
          says so",
    checks: &[Check {
        name: "rights",
        front: true,
        title: "passing a descriptor",
        claim: "a message brings an open descriptor to the receiver over Unix; over IP it is \
                silently left out",
        promise: "unix(7), SCM_RIGHTS: passes descriptors; no IP socket has it",
        matters: "the receiver waits for a descriptor that the kernel threw away",
        body: rights,
        rules: &[shows(unix, "passed"), shows(inet, "silently ignored").cell("ignored")],
        ..Check::ROW
    }],
};

fn rights(stand: &Stand<'_>) -> Result<String, CallError> {
    const MESSAGE: &[u8] = b"take this";
    let pair = stand.pair()?;
    let passed = stand.client()?;
    pair.a.send_passing(MESSAGE, &passed)?;
    let came = pair.b.receive_message(100)?;
    let count = came.find(|note| match note {
        Note::Descriptors(count) => Some(*count),
        _ => None,
    });
    Ok(match count {
        Some(1) => "passed".to_owned(),
        Some(count) => format!("{count} passed of 1"),
        None if stand.payload(&came.bytes) == MESSAGE => "silently ignored".to_owned(),
        None => "ignored, and the message is damaged".to_owned(),
    })
}
