//! A kernel that nobody here wrote: what gVisor (runsc of Debian 12, of December 2022) does otherwise
//! than Linux is found, cell by cell, and the run ends in time.

use crate::running::command;
use crate::support::{Ran, skip, skip_without_tool};
use serde_json::Value;
use sockeye::behaviour::expectation::{Match, compare};
use std::collections::BTreeSet;

/// A sandbox with nothing but a loopback of its own, and with raw sockets where its kernel has them.
const SANDBOX: [&str; 5] = ["runsc", "--rootless", "--network=none", "--net-raw", "do"];

const TCP: &[&str] = &["tcp4", "tcp6"];
const UDP: &[&str] = &["udp4", "udp6"];
const IP: &[&str] = &["tcp4", "tcp6", "udp4", "udp6"];
const STREAM: &[&str] = &["unix-stream"];
const DGRAM: &[&str] = &["unix-dgram"];
const PACKET: &[&str] = &["unix-seqpacket"];
/// Those of Unix that listen.
const LISTEN: &[&str] = &["unix-stream", "unix-seqpacket"];
const UNIX: &[&str] = &["unix-stream", "unix-dgram", "unix-seqpacket"];
/// Those of Unix that keep messages.
const KEEP: &[&str] = &["unix-dgram", "unix-seqpacket"];

/// A check, over whom, and the beginning of what gVisor shows and Linux does not, or a pattern of it.
/// `SO_PEERPIDFD`, and `SO_REUSEPORT` over Unix sockets, are not among them: gVisor calls itself Linux
/// 4.4, which did the same.
#[rustfmt::skip]
const DIFFERENCES: &[(&str, &[&str], &str)] = &[
    ("maxmsg", KEEP, "212992 then EMSGSIZE"),
    ("maxmsg_buf", KEEP, "2097152 then EMSGSIZE"),
    ("zero", KEEP, "nothing"),
    ("read0", KEEP, "keeps data"),
    ("sendto_nobody", UDP, "silent; RECVERR: none"),
    ("unix_pairgone", DGRAM, "EOF, send EPIPE"),
    ("halfclose", DGRAM, "peer EOF, back ok, send EPIPE"),
    ("poll_half", TCP, "IN/OUT"),
    ("poll_half", UNIX, "IN/OUT"),
    ("send_closed", TCP, "1 ok then EPIPE"),
    ("send_closed", &["unix-stream", "unix-dgram"], "0 ok then EPIPE"),
    ("unread", PACKET, "bye then ECONNRESET"),
    ("poll_reset", TCP, "IN/PRI/OUT/ERR/HUP"),
    ("poll_reset", LISTEN, "IN/OUT"),
    ("backlog_free", LISTEN, "EAGAIN at once"),
    ("somaxconn", TCP, "0"),
    ("somaxconn", LISTEN, "EPROTONOSUPPORT at "),
    ("full", UDP, "never blocks: 1000 sent, 1000 kept"),
    ("full", KEEP, "never blocks: 1000 sent, 1000 kept"),
    ("full_server", UDP, "never blocks: 300 sent, 300 kept"),
    ("full_server", DGRAM, "never blocks: 300 sent, 300 kept"),
    ("pollout_full", DGRAM, "connected waits; unconnected waits"),
    ("autobind", UNIX, "EINVAL"),
    ("peercred", IP, "EINVAL at getsockopt"),
    ("peercred", DGRAM, "pid uid"),
    ("rights", IP, "EINVAL at sendmsg"),
    ("wrongtype", &["unix-stream", "unix-dgram"], "bind EADDRINUSE, connect ECONNREFUSED"),
    ("mapped", &["tcp6", "udp6"], "ok; bound ::1 ENETUNREACH; V6ONLY EHOSTUNREACH"),
    ("srcaddr", &["tcp4", "udp4"], "127.0.0.9"),
    ("src", &["udp4"], "arrives"),
    ("nagle", TCP, "{0..15} ms; NODELAY {0..15} ms"),
    ("poll_close", TCP, "IN/OUT"),
    ("poll_close", LISTEN, "IN/OUT"),
    ("poll_new", TCP, "HUP"),
    ("poll_new", UNIX, "-"),
    ("accepttimeo", &["tcp4", "tcp6", "unix-stream", "unix-seqpacket"], "ignored, blocks forever"),
    ("self", LISTEN, "EINVAL"),
    ("oob", &["udp4", "unix-dgram", "unix-seqpacket"], "flag ignored, ordinary data"),
    ("shut_rd", UDP, "none, peer send ok, data none"),
    ("shut_rd", DGRAM, "EOF, peer send EPIPE"),
    ("shut_rd_spin", UDP, "poll IN, nonblocking EAGAIN, blocking EOF"),
    ("shut_rd_spin", DGRAM, "agree"),
    ("mss", TCP, "send 536, advertised 0"),
    ("dontfrag", &["udp6"], "65527"),
    ("stranger", DGRAM, "delivered"),
    ("listener_gone", LISTEN, "EOF"),
    ("wrongfam", &["tcp4", "udp4"], "EINVAL"),
    ("wrongfam", &["tcp6"], "ok, reaches IPv4"),
    ("inherit", TCP, "RCVBUF, not O_NONBLOCK"),
    ("sndbuf", IP, "x2, min 4096, max 8388608"),
    ("sndbuf", UNIX, "x2, min 4096, max 8388608"),
    ("rcvbuf_real", DGRAM, "500 of 500 x100B kept"),
    ("shut_wakes", UDP, "wakes"),
    ("shut_wakes", DGRAM, "keeps blocking though shutdown says ENOTCONN"),
    ("send_unconn", TCP, "EPIPE"),
    ("recv_unconn", STREAM, "ENOTCONN"),
    ("shut_unconn", UNIX, "ENOTCONN"),
    ("unspec", TCP, "EAFNOSUPPORT, peer ok"),
    ("unspec", DGRAM, "EINVAL, peer ok"),
    ("gso", UDP, "1 x 3000"),
    ("gro", UDP, "one read of 3000"),
    ("zerocopy", IP, "accepted, no completion"),
    ("zerocopy", UNIX, "accepted, no completion"),
    ("timestamp", &["tcp4", "tcp6", "unix-dgram", "unix-seqpacket"], "accepted, none arrive"),
    ("rcvlowat", TCP, "poll ignores it"),
    ("edge", &["udp4", "udp6", "unix-stream", "unix-dgram", "unix-seqpacket"], "1 events"),
    ("peekoff", IP, "ignored"),
    ("peekoff", UNIX, "ignored"),
    ("socketpair", IP, "ESOCKTNOSUPPORT"),
    ("lowport", IP, "ok"),
    ("mark", UNIX, "ENOPROTOOPT"),
    ("bindtodev", UNIX, "ENODEV"),
    ("busypoll", IP, "ENOPROTOOPT"),
    ("nocheck", &["udp6"], "delivered; RX opt-in delivered"),
    ("flowlabel", &["udp6"], "own label not reported"),
    ("cork", TCP, "ignored"),
    ("cork", UDP, "EINVAL"),
    ("fastopen", TCP, "EPIPE at sendto"),
    ("fionread", DGRAM, "8 all"),
    ("outq", IP, "ENOPROTOOPT"),
    ("scope", &["tcp6", "udp6"], "::1%9999 ok; fe80::1 EADDRNOTAVAIL"),
    ("incpu", IP, "ENOPROTOOPT"),
    ("incpu", UNIX, "ENOPROTOOPT"),
];

/// The release that the differences were measured on.
const MEASURED_ON: &str = "20221219";

#[test]
fn what_gvisor_does_otherwise_is_found() {
    if skip_without_tool("runsc") {
        return;
    }
    let version = Ran::of(&mut command(&["runsc".to_owned(), "--version".to_owned()])).out;
    if !version.contains(MEASURED_ON) {
        return skip(&format!("another gVisor: {}", version.trim()));
    }
    let mut words: Vec<_> = SANDBOX.map(str::to_owned).to_vec();
    let probe = Ran::of(&mut command(&[words.clone(), vec!["true".to_owned()]].concat()));
    if probe.code != Some(0) {
        return skip(&format!("runsc cannot run here: {}", probe.err.trim()));
    }
    let asked = [env!("CARGO_BIN_EXE_sockeye"), "check", "default", "raw4", "mptcp4", "--json"];
    words.extend(asked.map(str::to_owned));
    let ran = Ran::of(&mut command(&words));
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    assert_eq!(ran.err, "", "no panic and no complaint");
    let document: Value = serde_json::from_str(&ran.out).expect("a whole document");
    let cells = document["cells"].as_array().expect("a list");
    let mut missing = Vec::new();
    for (check, transports, seen) in DIFFERENCES {
        for transport in *transports {
            let found = cells.iter().any(|cell| {
                cell["behaviour"] == *check
                    && cell["transport"] == *transport
                    && cell["status"] == "deviates"
                    && cell["observed"].as_str().is_some_and(|text| {
                        text.starts_with(seen) || compare(seen, text) != Match::No
                    })
            });
            if !found {
                let all = cells
                    .iter()
                    .filter(|cell| cell["behaviour"] == *check && cell["transport"] == *transport);
                let all: Vec<_> = all.map(|cell| cell["observed"].to_string()).collect();
                missing.push(format!("{check} {transport}: {seen}, but {all:?}"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
    let deviating = cells.iter().filter(|cell| cell["status"] == "deviates").count();
    assert!(deviating >= 200, "{deviating} cells deviate");
    let absent: BTreeSet<_> = document["faults"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|fault| fault["message"].as_str().expect("a text"))
        .collect();
    assert!(absent.contains("MPTCP is not in this kernel"), "{absent:?}");
}
