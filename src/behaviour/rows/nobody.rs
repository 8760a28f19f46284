//! What is heard of a server that is not there, at once or later.

use crate::behaviour::column::{
    self, abstract_name, connectionless, connects, datagrams, inet, ipv4, ipv6, packets, path,
    ports,
};
use crate::behaviour::expectation::shows;
use crate::behaviour::fact::{is, said};
use crate::behaviour::stand::Stand;
use crate::behaviour::{Check, Group};
use crate::os::name::Name;
use crate::os::probe::Probe;
use crate::os::socket::End;
use crate::os::{CallError, Errno, errno_name, option};
use crate::transport::lesson::To;
use std::time::Instant;

pub(super) const NOBODY: Group = Group {
    rank: 6,
    title: "Connect to nobody",
    why: "clients that retry on ECONNREFUSED alone give up where a path is not there yet",
    checks: &[
        Check {
            name: "nobody",
            front: true,
            title: "connect to nobody",
            claim: "connect() to a name that nobody serves is refused, and over datagrams it just \
                    succeeds",
            promise: "connect(2), ECONNREFUSED: nobody listens; unix(7), ENOENT: the path is \
                      missing",
            matters: "a client waits or gives up where it should try again, or the reverse",
            walk: Some(To::Closed),
            body: connect_to_nobody,
            rules: &[
                shows(path, "ENOENT"),
                shows(abstract_name, "ECONNREFUSED").cell("refused"),
                shows(connects, "ECONNREFUSED").cell("refused"),
                shows(connectionless, "ok"),
            ],
            ..Check::ROW
        },
        Check {
            name: "port0",
            title: "port 0 as destination",
            claim: "a connection to port 0 is refused, and a datagram to it is invalid",
            promise: "RFC 6335, section 6: port 0 is reserved; connect(2), ECONNREFUSED; \
                      udp_sendmsg() says EINVAL",
            matters: "a port that was never filled in goes unnoticed",
            applies: ports,
            body: port_zero,
            rules: &[
                shows(connects, "ECONNREFUSED").cell("refused"),
                shows(connectionless, "EINVAL"),
            ],
            ..Check::ROW
        },
    ],
};

pub(super) const LATER: Group = Group {
    rank: 7,
    title: "Refusal arrives later",
    why: "the error of one datagram comes out of the next call, which had nothing to do with it",
    checks: &[
        Check {
            name: "async_err",
            front: true,
            title: "after a send to nobody",
            claim: "a connected socket's datagram to nobody is sent, and the next call tells the \
                    refusal",
            promise: "udp(7): an error may belong to an earlier packet; RFC 792, RFC 4443: \
                      destination unreachable",
            matters: "a client waits for an answer that cannot come",
            by_design: "IPv6 has one loopback address (RFC 4291, section 2.5.3), so a raw sender \
                        hears itself",
            applies: packets,
            walk: Some(To::Closed),
            body: late_refusal,
            rules: &[
                shows(datagrams, "send ok, then ECONNREFUSED").cell("refused"),
                shows(ipv4, "send ok, then ENOPROTOOPT").cell("ENOPROTOOPT"),
                shows(ipv6, "send ok, then own message").cell("own message"),
            ],
            ..Check::ROW
        },
        Check {
            name: "sendto_nobody",
            title: "sendto() to nobody",
            claim: "an unconnected socket hears of a refusal only if it asked for errors; over \
                    Unix sendto() itself fails",
            promise: "ip(7), IP_RECVERR; ipv6(7), IPV6_RECVERR; unix(7), ECONNREFUSED and ENOENT",
            matters: "a sender cannot learn that nobody is there, or is disturbed by errors that \
                      it did not ask for",
            by_design: "IPv6 has one loopback address (RFC 4291, section 2.5.3), so a raw sender \
                        hears itself",
            applies: |column| connectionless(column) && (inet(column) || column::unix(column)),
            body: send_to_nobody,
            rules: &[
                shows(path, "ENOENT"),
                shows(abstract_name, "ECONNREFUSED").cell("refused"),
                shows(datagrams, "silent; RECVERR: ECONNREFUSED").cell("if asked"),
                shows(ipv4, "silent; RECVERR: ENOPROTOOPT").cell("if asked"),
                shows(ipv6, "silent; RECVERR: own message").cell("own message"),
            ],
            ..Check::ROW
        },
        Check {
            name: "icmp_burst",
            title: "100 refusals in a row",
            claim: "each of 100 datagrams to nobody is answered by a refusal",
            promise: "udp(7): errors from the network are passed on; icmp_send() in the kernel has \
                      no rate limit on loopback",
            matters: "now and then a client that counts on the refusal waits in vain",
            applies: datagrams,
            body: refusals_in_a_row,
            rules: &[shows(column::any, "100 of 100").cell("all #")],
            ..Check::ROW
        },
    ],
};

/// ICMP errors that quote less than 8 bytes of the message are ignored (RFC 792), and over raw
/// sockets nothing else is quoted.
const MESSAGE: &[u8] = b"to nobody";

fn connect_to_nobody(stand: &Stand<'_>) -> Result<String, CallError> {
    let client = stand.client()?;
    if inet(&stand.column) && connects(&stand.column) {
        // Bound without listening, the port cannot become somebody else's meanwhile.
        let (_holder, name) = stand.bound()?;
        return Ok(said(&client.connect(&name)));
    }
    Ok(said(&client.connect(&stand.nowhere()?)))
}

fn port_zero(stand: &Stand<'_>) -> Result<String, CallError> {
    let client = stand.client()?;
    // A fresh name leaves the port to the kernel, which is to say that it is 0.
    let zero = stand.fresh_name(End::Client)?;
    if connects(&stand.column) {
        return Ok(said(&client.connect(&zero)));
    }
    Ok(said(&client.send_to(MESSAGE, &zero)))
}

/// A client's socket with a name of its own, and a name that is nobody's, not even its own.
fn client_and_nobody(stand: &Stand<'_>) -> Result<(Probe, Name), CallError> {
    let (client, _) = stand.bound_client()?;
    Ok((client, stand.nowhere()?))
}

fn late_refusal(stand: &Stand<'_>) -> Result<String, CallError> {
    let (client, nobody) = client_and_nobody(stand)?;
    client.connect(&nobody)?;
    client.send(MESSAGE)?;
    Ok(format!("send ok, then {}", heard(stand, &client.receive(100))))
}

fn send_to_nobody(stand: &Stand<'_>) -> Result<String, CallError> {
    let (client, nobody) = client_and_nobody(stand)?;
    let sent = client.send_to(MESSAGE, &nobody);
    if sent.is_err() || column::unix(&stand.column) {
        return Ok(said(&sent));
    }
    client.wait_failure(stand.times().quiet)?;
    let unasked = client.pending_error()?.map_or_else(|| "silent".to_owned(), errno_name);
    let wish = if ipv6(&stand.column) { option::IPV6_RECVERR } else { option::IP_RECVERR };
    client.set(wish, 1)?;
    if client.get(wish)? == 0 {
        return Ok(format!("{unasked}; RECVERR not kept"));
    }
    client.send_to(MESSAGE, &nobody)?;
    Ok(format!("{unasked}; RECVERR: {}", heard(stand, &client.receive(100))))
}

fn heard(stand: &Stand<'_>, result: &Result<Vec<u8>, CallError>) -> String {
    match result {
        Ok(bytes) if stand.payload(bytes) == MESSAGE => "own message".to_owned(),
        other => stand.came(other),
    }
}

fn refusals_in_a_row(stand: &Stand<'_>) -> Result<String, CallError> {
    const SENDS: usize = 100;
    let (client, nobody) = client_and_nobody(stand)?;
    client.connect(&nobody)?;
    let end = Instant::now() + stand.times().sure;
    let mut refusals = 0;
    for _ in 0..SENDS {
        // A refusal that took its time comes out of the next send.
        refusals += usize::from(is(&client.send(MESSAGE), Errno::ECONNREFUSED));
        // Where most refusals are missing, waiting for each would take too long.
        client
            .wait_failure(end.saturating_duration_since(Instant::now()).min(stand.times().quiet))?;
        refusals += usize::from(is(&client.receive_now(100), Errno::ECONNREFUSED));
    }
    Ok(format!("{refusals} of {SENDS}"))
}
