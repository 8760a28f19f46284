//! What happens to what a receiver does not read?

use crate::behaviour::column::{
    acknowledges, connectionless, inet, packets, raw, raw6, streams, unix, unix_streams,
};
use crate::behaviour::expectation::{shows, works_out};
use crate::behaviour::flood::Flood;
use crate::behaviour::mark;
use crate::behaviour::stand::Stand;
use crate::behaviour::{Check, Group};
use crate::environment::Environment;
use crate::os::probe::{Note, Probe};
use crate::os::{CallError, Errno, option};
use crate::transport::lesson::To;

pub(super) const UNREAD: Group = Group {
    rank: 13,
    title: "Receiver does not read",
    why: "datagrams are lost on loopback too, while every send says that it went well",
    checks: &[
        Check {
            name: "full",
            front: true,
            title: "receiver does not read",
            claim: "a sender whose receiver does not read is held up, or loses what it sends",
            promise: "udp(7): UDP is unreliable; unix(7): Unix datagrams are reliable; RFC 9293, \
                      section 3.8.6: TCP sends what the window takes",
            matters: "messages are lost where none may be, or a sender waits where it must not",
            by_design: "Linux 6.18 answers for a full raw IPv6 socket as for an unknown protocol \
                        (RFC 4443, section 3.4), read as EPROTO; IPv4 and older kernels stay \
                        silent",
            body: full,
            rules: &[
                shows(acknowledges, "blocks after {32..131072} KB").cell("blocks"),
                shows(unix_streams, "blocks after {16..65536} KB").cell("blocks"),
                works_out(unix, |_, here| holding_up(1000, here)).cell("blocks"),
                works_out(raw6, |_, here| {
                    // Newer kernels do not answer for a socket that is full.
                    let dropping = dropping(1000, here);
                    format!("{dropping}, also EPROTO | {dropping}")
                })
                .cell("drops"),
                works_out(packets, |_, here| dropping(1000, here)).cell("drops"),
            ],
            ..Check::ROW
        },
        Check {
            name: "drops_seen",
            title: "drops are counted",
            claim: "with SO_RXQ_OVFL the receiver learns how many messages were dropped",
            promise: "socket(7), SO_RXQ_OVFL: each message brings the number of those dropped so \
                      far",
            matters: "a receiver that is too slow cannot tell that it loses messages",
            applies: connectionless,
            body: drops_seen,
            rules: &[shows(unix, "no drops"), shows(inet, "yes")],
            ..Check::ROW
        },
    ],
};

pub(super) const MANY_CLIENTS: Group = Group {
    rank: 14,
    title: "Many clients, slow server",
    why: "a slow log daemon holds up everybody who writes to /dev/log, and poll says all is well",
    checks: &[
        Check {
            name: "full_server",
            title: "full server queue",
            claim: "unconnected clients of a server that does not read are held up over Unix, and \
                    lose messages over IP",
            promise: "kernel documentation, ip-sysctl, max_dgram_qlen: the length of a Unix queue; \
                      udp(7): UDP is unreliable",
            matters: "a client is held up by a server that it only wants to leave a message with",
            applies: connectionless,
            walk: Some(To::Full),
            body: full_server,
            rules: &[
                works_out(unix, |_, here| format!("blocks after {} msgs", queue_len(here) + 1))
                    .cell("blocks at #"),
                works_out(inet, |_, here| dropping(300, here)).cell("drops"),
            ],
            ..Check::ROW
        },
        Check {
            name: "pollout_full",
            title: "POLLOUT at a full server",
            claim: "at a server's full queue, poll() makes a connected Unix sender wait, and calls \
                    all others writable",
            promise: "poll(2), POLLOUT: writing is possible; only a connected sender knows whose \
                      queue it waits for",
            matters: "an event loop spins on a socket that is called writable and is not",
            applies: connectionless,
            body: pollout_full,
            rules: &[
                // Only a connected sender knows whose queue it has to wait for.
                shows(unix, "connected waits; unconnected POLLOUT but EAGAIN").cell("OUT/EAGAIN"),
                shows(inet, "always writable").cell("writable"),
            ],
            ..Check::ROW
        },
    ],
};

/// What `net.core.rmem_default` and `wmem_default` are where nobody has changed them.
const USUAL_BUFFER: u64 = 212_992;
/// What a small message takes of a buffer at least, with the kernel's own share.
const SMALLEST: u64 = 768;

/// So many sent and fewer kept; all kept only where the receive buffer has room for all.
fn dropping(sent: u64, here: &Environment) -> String {
    let all_fit = here.number("net.core.rmem_default").unwrap_or(USUAL_BUFFER) / SMALLEST >= sent;
    let most = if all_fit { sent } else { sent - 1 };
    format!("never blocks: {sent} sent, {{8..{most}}} kept")
}

/// Held up before so many are sent, unless the send buffer has room for all.
fn holding_up(sent: u64, here: &Environment) -> String {
    let held = format!("blocks after {{8..{}}} msgs", sent - 1);
    if here.number("net.core.wmem_default").unwrap_or(USUAL_BUFFER) / SMALLEST >= sent {
        format!("{held} | never blocks: {sent} sent, {sent} kept")
    } else {
        held
    }
}

fn queue_len(here: &Environment) -> u64 {
    here.number("net.unix.max_dgram_qlen").unwrap_or(10)
}

fn full(stand: &Stand<'_>) -> Result<String, CallError> {
    let pair = stand.pair()?;
    if streams(&stand.column) {
        return full_stream(stand, &pair.a);
    }
    Ok(Flood::of(1000, |message| pair.a.send(message)).fact(stand, &pair.b))
}

fn full_stream(stand: &Stand<'_>, sender: &Probe) -> Result<String, CallError> {
    const MOST: usize = 256 << 20;
    let piece = vec![b'm'; 64 << 10];
    let mut sent = 0;
    while sent < MOST {
        match sender.send(&piece) {
            Ok(n) => sent += n,
            // TCP hands what it holds to the receiver by and by, and goes on when there is room.
            Err(error) if error.errno == Errno::EAGAIN => {
                if !sender.wait_writable(stand.times().quiet)?.write() {
                    return Ok(format!("blocks after {} KB", sent >> 10));
                }
            }
            Err(error) => return Err(error),
        }
    }
    Ok(format!("never blocks: {} KB sent", sent >> 10))
}

fn drops_seen(stand: &Stand<'_>) -> Result<String, CallError> {
    let pair = stand.pair()?;
    pair.b.set(option::SO_RXQ_OVFL, 1)?;
    // The smallest buffer is full soonest.
    pair.b.set(option::SO_RCVBUF, 1)?;
    let mut flood = Flood::of(40, |message| pair.a.send(message));
    let lost = flood.sent.saturating_sub(flood.kept(stand, &pair.b));
    if lost == 0 {
        return Ok("no drops".to_owned());
    }
    // A message tells what was dropped before it was queued, so that it takes one more.
    Flood::of(1, |message| pair.a.send(message));
    let message = pair.b.receive_message(2 * mark::LEN)?;
    let told = message.find(|note| match note {
        Note::Dropped(count) => Some(*count as usize),
        _ => None,
    });
    // A raw socket drops what others send by its protocol too, and counts that.
    let strays = raw(&stand.column);
    Ok(match told {
        Some(told) if told == lost || (strays && told > lost) => "yes".to_owned(),
        told => format!("kernel says {:?}, really {lost}", Vec::from_iter(told)),
    })
}

fn full_server(stand: &Stand<'_>) -> Result<String, CallError> {
    let (server, name) = stand.bound()?;
    let client = stand.client()?;
    Ok(Flood::of(300, |message| client.send_to(message, &name)).fact(stand, &server))
}

fn pollout_full(stand: &Stand<'_>) -> Result<String, CallError> {
    let (_server, name) = stand.bound()?;
    let (connected, unconnected) = (stand.client()?, stand.client()?);
    connected.connect(&name)?;
    let ways = [
        (&connected, Flood::of(300, |message| connected.send(message))),
        (&unconnected, Flood::of(300, |message| unconnected.send_to(message, &name))),
    ];
    let mut said = Vec::new();
    for (client, flood) in ways {
        said.push(match (client.poll()?.write(), flood.blocked) {
            (true, false) => "always writable",
            (true, true) => "POLLOUT but EAGAIN",
            (false, _) => "waits",
        });
    }
    Ok(match said.as_slice() {
        [one, other] if one == other && *one == "always writable" => (*one).to_owned(),
        _ => format!("connected {}", said.join("; unconnected ")),
    })
}
