//! A byte out of the band.

use crate::behaviour::column::{
    acknowledges, datagrams, ipv6, multipath, raw, streams, unix, unix_streams,
};
use crate::behaviour::expectation::shows;
use crate::behaviour::fact::came;
use crate::behaviour::stand::Stand;
use crate::behaviour::{Check, Group};
use crate::os::probe::Flags;
use crate::os::{CallError, errno_name};
use std::time::Duration;

pub(super) const URGENT: Group = Group {
    rank: 35,
    title: "Out-of-band byte",
    why: "a byte that was to overtake the others waits among them, and looks like one of them",
    checks: &[Check {
        name: "oob",
        title: "out-of-band byte",
        claim: "a byte sent with MSG_OOB comes as urgent, is refused, or comes as any other",
        promise: "tcp(7): urgent data; send(2), EOPNOTSUPP; unix(7) denies it, but Unix streams \
                  have it since Linux 5.15",
        matters: "an urgent byte waits among the others, or a refusal that a program counts on \
                  does not come",
        by_design: "udp_sendmsg() refuses MSG_OOB, udpv6_sendmsg() never looks at it",
        body: urgent,
        rules: &[
            shows(multipath, ORDINARY).cell("ordinary"),
            shows(acknowledges, "urgent (PRI)").cell("urgent"),
            shows(unix_streams, "urgent (IN/PRI)").cell("urgent, IN"),
            shows(unix, "EOPNOTSUPP"),
            shows(raw, "EOPNOTSUPP"),
            shows(|c| datagrams(c) && ipv6(c), ORDINARY).cell("ordinary"),
            shows(datagrams, "EOPNOTSUPP"),
        ],
        ..Check::ROW
    }],
};

const ORDINARY: &str = "flag ignored, ordinary data";

fn urgent(stand: &Stand<'_>) -> Result<String, CallError> {
    let pair = stand.pair()?;
    if let Err(error) = pair.a.send_with(b"!", Flags::MSG_OOB) {
        return Ok(errno_name(error.errno));
    }
    if streams(&stand.column) && !multipath(&stand.column) {
        let ready = pair.b.wait_urgent()?;
        let byte = pair.b.receive_with(1, Flags::MSG_OOB, Duration::ZERO);
        if came(&byte) == "!" {
            return Ok(format!("urgent ({ready})"));
        }
    }
    let heard = stand.came(&pair.b.receive(100));
    Ok(if heard == "!" { ORDINARY.to_owned() } else { format!("sent, {heard} arrives") })
}
