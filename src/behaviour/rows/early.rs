//! Data that waits for more, and data that comes before the connection.

use crate::behaviour::column::{Column, acknowledges, messages, multipath, packets, tcp, unix};
use crate::behaviour::expectation::{shows, works_out};
use crate::behaviour::stand::Stand;
use crate::behaviour::{Check, Group};
use crate::environment::Environment;
use crate::os::name::Name;
use crate::os::probe::{FASTOPEN, Flags, MORE, Probe};
use crate::os::{CallError, Errno, option};
use std::time::{Duration, Instant};

pub(super) const EARLY: Group = Group {
    rank: 58,
    title: "Delayed and early data",
    why: "both are asked for with a flag that is silently ignored where it does nothing",
    checks: &[
        Check {
            name: "cork",
            title: "MSG_MORE joins sends",
            claim: "over TCP, UDP and raw sockets 3 bytes sent with MSG_MORE wait for the 5 of the \
                    next send and go together with them",
            promise: "send(2), MSG_MORE: for TCP, and for UDP since Linux 2.6; raw sockets do as \
                      UDP does, MPTCP ignores it; unix(7): not supported",
            matters: "a header and its body travel apart, or arrive as two messages",
            body: cork,
            rules: &[
                shows(tcp, "held back"),
                shows(|column| unix(column) || multipath(column), "ignored"),
                shows(packets, "one 8-byte message").cell("one message"),
            ],
            ..Check::ROW
        },
        Check {
            name: "fastopen",
            title: "TCP Fast Open",
            claim: "with TCP_FASTOPEN at the listener, the second client's data comes with its \
                    first packet",
            promise: "RFC 7413; kernel documentation, ip-sysctl, tcp_fastopen: 1 allows it to \
                      clients, 2 to servers",
            matters: "the round trip that should be saved is not, and no call says so",
            applies: acknowledges,
            body: fast_open,
            rules: &[works_out(acknowledges, fast_open_allowed).cells(&[
                ("data", "in SYN"),
                ("normal", "handshake"),
                ("EOPNOTSUPP", "EOPNOTSUPP"),
            ])],
            ..Check::ROW
        },
    ],
};

/// Does it hold back what comes with `MSG_MORE`?
fn corks(column: &Column) -> bool {
    tcp(column) || packets(column)
}

/// TCP holds back no longer than until its probe timer runs out, which takes the shortest
/// retransmission time (`tcp_check_probe_timer()`, `TCP_RTO_MIN`; tcp(7), `TCP_CORK`: 200 ms). What
/// comes after that says nothing, and whoever waits for silence must be done well before it.
const CEILING: Duration = Duration::from_millis(200);

fn cork(stand: &Stand<'_>) -> Result<String, CallError> {
    let pair = stand.pair()?;
    let (began, holds_back) = (Instant::now(), corks(&stand.column));
    let too_late = || tcp(&stand.column) && began.elapsed() >= CEILING;
    pair.a.send_with(b"abc", MORE)?;
    let patience = stand.patience(!holds_back);
    let patience = if holds_back { patience.min(CEILING / 4) } else { patience };
    match pair.b.receive_with(100, Flags::empty(), patience) {
        Ok(_) if too_late() => return Err(stand.too_late("MSG_MORE")),
        Ok(_) => return Ok("ignored".to_owned()),
        Err(error) if error.errno == Errno::EAGAIN => {}
        Err(error) => return Err(error),
    }
    pair.a.send(b"defgh")?;
    let late = too_late();
    let joined = pair.b.receive(100)?;
    Ok(match (stand.payload(&joined), messages(&stand.column)) {
        (b"abcdefgh", true) => "one 8-byte message".to_owned(),
        (b"abcdefgh", false) => "held back".to_owned(),
        _ if late => return Err(stand.too_late("MSG_MORE")),
        (other, _) => format!("held back, then {} of 8", other.len()),
    })
}

/// The setting; clients may ask for it unless the machine is told otherwise.
fn fast_open_setting(machine: &Environment) -> u64 {
    machine.number("net.ipv4.tcp_fastopen").unwrap_or(1)
}

fn fast_open_allowed(_: &Column, machine: &Environment) -> String {
    const CLIENT: u64 = 1;
    const SERVER: u64 = 2;
    let bits = fast_open_setting(machine);
    if bits & CLIENT == 0 {
        return "EOPNOTSUPP at sendto".to_owned();
    }
    if bits & SERVER == 0 {
        format!("normal handshake (sysctl {bits})")
    } else {
        "data in SYN".to_owned()
    }
}

fn fast_open(stand: &Stand<'_>) -> Result<String, CallError> {
    let (listener, name) = stand.bound()?;
    listener.set(option::TCP_FASTOPEN, 16)?;
    listener.listen(16)?;
    // The first client asks for the cookie without which the second one may not bring data.
    early_client(stand, &listener, &name)?;
    Ok(if early_client(stand, &listener, &name)? {
        "data in SYN".to_owned()
    } else {
        format!("normal handshake (sysctl {})", fast_open_setting(stand.machine))
    })
}

/// Connects a client by its first data, and says whether they came with the first packet.
fn early_client(stand: &Stand<'_>, listener: &Probe, name: &Name) -> Result<bool, CallError> {
    let client = stand.client()?;
    match client.send_to_with(b"early", name, FASTOPEN) {
        // Without a cookie it connects as ever, and the data wait for that.
        Err(error) if error.errno == Errno::EINPROGRESS => {
            client.wait_writable(stand.times().sure)?;
            client.send(b"early")?;
        }
        sent => {
            sent?;
        }
    }
    let server = listener.accept()?;
    server.receive(100)?;
    Ok(client.tcp_facts()?.data_in_syn)
}
