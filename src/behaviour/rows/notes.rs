//! What travels beside a message's bytes.

use crate::behaviour::column::{inet, unix, unix_streams};
use crate::behaviour::expectation::shows;
use crate::behaviour::stand::Stand;
use crate::behaviour::{Check, Group};
use crate::os::probe::Note;
use crate::os::{CallError, option};

pub(super) const ARRIVAL: Group = Group {
    rank: 51,
    title: "Time of arrival",
    why: "latency tools read the kernel's stamp, and some sockets take the option and never \
          deliver one",
    checks: &[Check {
        name: "timestamp",
        title: "arrival time stamp",
        claim: "with SO_TIMESTAMP, one of the first 6 messages brings the time of its arrival",
        promise: "socket(7), SO_TIMESTAMP: datagrams bring their time; Unix streams have nothing \
                  to stamp",
        matters: "a program that reads the stamp finds none, and takes a wrong time or stops",
        body: timestamp,
        rules: &[
            shows(unix_streams, "accepted, none arrive").cell("none"),
            shows(|column| inet(column) || unix(column), "yes"),
        ],
        ..Check::ROW
    }],
};

fn timestamp(stand: &Stand<'_>) -> Result<String, CallError> {
    const MESSAGES: u32 = 6;
    let pair = stand.pair()?;
    pair.b.set(option::SO_TIMESTAMP, 1)?;
    for _ in 0..MESSAGES {
        pair.a.send(b"when")?;
        let message = pair.b.receive_message(100)?;
        if message.notes.contains(&Note::Timestamp) {
            return Ok("yes".to_owned());
        }
        // The kernel begins to stamp in its own time: the first messages may go by unstamped.
        pair.b.readable_within(stand.times().quiet / MESSAGES)?;
    }
    Ok("accepted, none arrive".to_owned())
}
