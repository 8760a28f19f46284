//! What travels beside a message's bytes.

use crate::behaviour::column::{inet, unix, unix_streams};
use crate::behaviour::expectation::shows;
use crate::behaviour::stand::Stand;
use crate::behaviour::{Check, Group};
use crate::os::probe::Note;
use crate::os::{CallError, option};
use std::time::Instant;

pub(super) const ARRIVAL: Group = Group {
    rank: 51,
    title: "Time of arrival",
    why: "latency tools read the kernel's stamp, and some sockets take the option and never \
          deliver one",
    checks: &[Check {
        name: "timestamp",
        title: "arrival time stamp",
        claim: "with SO_TIMESTAMP, one of the first messages brings the time of its arrival",
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
    // The option only asks for stamps: a kernel thread turns them on (net_enable_timestamp()), when
    // the scheduler lets it. No number of messages is enough, so that time decides.
    let end = Instant::now() + stand.patience(!unix_streams(&stand.column));
    let mut sent = 0;
    while sent < MESSAGES || Instant::now() < end {
        sent += 1;
        pair.a.send(b"when")?;
        let message = pair.b.receive_message(100)?;
        if message.notes.contains(&Note::Timestamp) {
            return Ok("yes".to_owned());
        }
        pair.b.readable_within(stand.times().quiet / MESSAGES)?;
    }
    Ok("accepted, none arrive".to_owned())
}
