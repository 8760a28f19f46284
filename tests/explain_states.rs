//! `explain --states`: what the kernel says between the calls is what happened in them, on this kernel
//! with and without `sock_diag(7)`, and on one that is not Linux.

use network::is_inside;
use sockeye::transport::{ALL, Family, Kind, Protocol, Transport};
use std::process::Command;
use support::{Ran, python_with, skip, skip_without_tool, sockeye};

#[path = "support/network.rs"]
mod network;
mod support;

/// Raw sockets hear strangers, so the walks have a network to themselves.
const ALONE: &str = "ip link set lo up";

const PROGRAM: &str = env!("CARGO_BIN_EXE_sockeye");

/// Refuses the program named behind it every netlink socket with EPERM, as service managers do (seccomp(2)).
const WITHOUT_NETLINK: &str = r#"
import ctypes, os, platform, struct, sys
number = {"x86_64": 41, "aarch64": 198}[platform.machine()]
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06
rows = [
    (LOAD, 0, 0, 0),
    (EQUAL, 0, 3, number),
    (LOAD, 0, 0, 16),
    (EQUAL, 0, 1, 16),
    (RETURN, 0, 0, 0x50000 | 1),
    (RETURN, 0, 0, 0x7fff0000),
]
code = b"".join(struct.pack("HBBI", *row) for row in rows)
room = ctypes.create_string_buffer(code, len(code))
program = struct.pack("HxxxxxxQ", len(rows), ctypes.addressof(room))
libc = ctypes.CDLL(None)
assert libc.prctl(38, 1, 0, 0, 0) == 0
assert libc.prctl(22, 2, program, 0, 0) == 0
os.execv(sys.argv[1], sys.argv[1:])
"#;

fn arguments(name: &str) -> [&str; 5] {
    ["explain", name, "--walks", "1", "--states"]
}

/// The lines that tell of states, in their order; what depends on the kernel's build or on when an
/// acknowledgement is sent is made the same.
fn states(ran: &Ran) -> Vec<String> {
    let same = |line: &str| {
        let line = line.replace("FIN_WAIT1", "FIN_WAIT2");
        let facts = line.split("unread in ").map(|part| match part.split_once(" B of memory") {
            Some((_, rest)) => format!("N B of memory{rest}"),
            None => part.to_owned(),
        });
        facts.collect::<Vec<_>>().join("unread in ")
    };
    let mut found: Vec<String> = Vec::new();
    let mut inside = false;
    for line in ran.out.lines() {
        let told = line.strip_prefix("          | ");
        match (told, found.last_mut()) {
            // A line that is broken at the edge goes on in the next.
            (Some(more), Some(front)) if inside => *front = format!("{front} {more}"),
            (Some(first), _) => found.push(first.to_owned()),
            (None, _) => {}
        }
        inside = told.is_some();
    }
    found.iter().map(|line| same(line)).collect()
}

/// An MPTCP connection is taken down by a worker of the kernel, so that what it has come to behind a
/// call is not certain; that each state is one on the way is.
fn ending_of_mptcp(lines: &mut Vec<String>) {
    let last = lines.iter().position(|line| line == "client 3: all read").expect("an answer");
    let ending = lines.split_off(last + 1);
    let facts: Vec<_> = ending.iter().flat_map(|line| line.split("; ")).collect();
    let known = [
        "server 4: CLOSE_WAIT",
        "server's end: LAST_ACK",
        "server's end: nothing left",
        "client's end: FIN_WAIT2",
        "client's end: CLOSING",
        "client's end: TIME_WAIT",
        "client's end: nothing left",
    ];
    assert!(facts.iter().all(|fact| known.contains(fact)), "{facts:?}");
    assert!(facts.contains(&known[0]) && facts.contains(&known[3]), "{facts:?}");
}

/// What Linux has to say, by the manual and `net/tcp_states.h`.
fn expected(transport: &Transport, with_netlink: bool) -> Vec<&'static str> {
    match (transport.family, transport.kind, transport.protocol) {
        (_, Kind::Raw, _) => raw(transport.family),
        (Family::Unix, Kind::Datagram, _) => unix_messages(with_netlink),
        (Family::Unix, ..) => unix_connection(with_netlink),
        (_, _, Protocol::Mptcp) if !with_netlink => vec![
            "server 3: CLOSE",
            "server 3: LISTEN, 0 wait",
            "client 3: CLOSE",
            "server 3: 1 waits",
            "server 3: 0 wait",
        ],
        (_, _, Protocol::Tcp | Protocol::Mptcp) => {
            let exact = transport.protocol == Protocol::Tcp;
            connection(with_netlink, exact)
        }
        _ => messages(),
    }
}

fn connection(with_netlink: bool, exact: bool) -> Vec<&'static str> {
    let mut lines = if with_netlink {
        vec![
            "server 3: CLOSE, no name",
            "server 3: has a name",
            "server 3: LISTEN, 0 of 16 wait",
            "client 3: CLOSE, no name",
            "server 3: 1 of 16 waits; client 3: ESTABLISHED, has a name",
            "server 3: 0 of 16 wait; server 4: ESTABLISHED",
        ]
    } else {
        vec![
            "server 3: CLOSE",
            "server 3: LISTEN, 0 wait",
            "client 3: CLOSE",
            "server 3: 1 waits; client 3: ESTABLISHED",
            "server 3: 0 wait; server 4: ESTABLISHED",
        ]
    };
    lines.extend(if exact {
        ["server 4: 64 B unread", "server 4: all read", "client 3: 64 B unread"]
    } else {
        [
            "server 4: unread in N B of memory",
            "server 4: all read",
            "client 3: unread in N B of memory",
        ]
    });
    lines.push("client 3: all read");
    if exact {
        lines.extend(["server 4: CLOSE_WAIT; client's end: FIN_WAIT2", "client's end: TIME_WAIT"]);
    }
    lines
}

fn messages() -> Vec<&'static str> {
    vec![
        "server 3: CLOSE, no name",
        "server 3: has a name",
        "client 3: CLOSE, no name",
        "client 3: ESTABLISHED, has a name",
        "server 3: unread in N B of memory",
        "server 3: all read",
        "client 3: unread in N B of memory",
        "client 3: all read",
    ]
}

/// Over IPv6 both ends have the one loopback address, and hear whatever is sent to it.
fn raw(family: Family) -> Vec<&'static str> {
    if family == Family::Ipv4 {
        let mut lines = messages();
        lines.splice(3..4, ["client 3: has a name", "client 3: ESTABLISHED"]);
        return lines;
    }
    let both = "server 3: unread in N B of memory; client 3: unread in N B of memory";
    let mut lines = messages();
    lines.truncate(4);
    lines.extend([both, "client 3: all read", "server 3: all read", both, "client 3: all read"]);
    lines
}

fn unix_messages(with_netlink: bool) -> Vec<&'static str> {
    let mut lines = vec![
        "server 3: CLOSE, no name",
        "server 3: has a name; server's file: there",
        "client 3: CLOSE, no name",
        "client 3: has a name; client's file: there",
        "server 3: ESTABLISHED; client 3: ESTABLISHED",
    ];
    if with_netlink {
        lines.extend([
            "server 3: 64 B next to read",
            "server 3: all read",
            "client 3: 64 B next to read",
            "client 3: all read",
        ]);
    }
    lines.extend([
        "client's file: still there",
        "client's file: gone",
        "server's file: still there",
        "server's file: gone",
    ]);
    lines
}

fn unix_connection(with_netlink: bool) -> Vec<&'static str> {
    let mut lines = vec!["server 3: CLOSE, no name", "server 3: has a name; server's file: there"];
    lines.extend(if with_netlink {
        vec![
            "server 3: LISTEN, 0 of 16 wait",
            "client 3: CLOSE, no name",
            "server 3: 1 of 16 waits; client 3: ESTABLISHED",
            "server 3: 0 of 16 wait; server 4: ESTABLISHED",
            "server 4: 64 B unread",
            "server 4: all read",
            "client 3: 64 B unread",
            "client 3: all read",
        ]
    } else {
        vec![
            "server 3: LISTEN",
            "client 3: CLOSE, no name",
            "client 3: ESTABLISHED",
            "server 4: ESTABLISHED",
        ]
    });
    lines.extend(["server's file: still there", "server's file: gone"]);
    lines
}

/// Only Linux from 6.8 on lists a TCP socket that is bound and does no more.
fn kernel_is_old() -> bool {
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let mut numbers = release.split(['.', '-']).map_while(|part| part.trim().parse::<u32>().ok());
    let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    version < (6, 8)
}

fn each_is_told(with_netlink: bool, run: impl Fn(&[&str]) -> Ran) {
    if kernel_is_old() {
        return skip("a kernel before 6.8 tells less of sockets that are only bound");
    }
    let mut told = 0;
    // The dual ones have a socket in either version's table.
    for transport in ALL.iter().filter(|row| with_netlink || row.family != Family::Ipv6) {
        let ran = run(&arguments(transport.name));
        if ran.code == Some(3) {
            skip(&format!("{}: {}", transport.name, ran.out.lines().next().unwrap_or_default()));
            continue;
        }
        assert_eq!(ran.code, Some(0), "{}: {ran:?}", transport.name);
        if [Protocol::Sctp, Protocol::Default].contains(&transport.protocol)
            && transport.family != Family::Unix
        {
            assert!(ran.out.contains("The kernel says nothing of these sockets"), "{ran:?}");
            continue;
        }
        let mut lines = states(&ran);
        match (transport.protocol, with_netlink) {
            (Protocol::Mptcp, true) => ending_of_mptcp(&mut lines),
            (Protocol::Mptcp, false) => lines.retain(|line| !line.contains("'s end: ")),
            _ => {}
        }
        // The acknowledgement of the end may come with the call or behind it.
        lines.retain(|line| line != "client's end: FIN_WAIT2");
        assert_eq!(lines, expected(transport, with_netlink), "{}:\n{}", transport.name, ran.out);
        told += 1;
    }
    // TCP, UDP and Unix sockets are everywhere where these tests can run at all.
    assert!(told >= 6, "{told} transports were looked at");
}

#[test]
fn each_call_is_followed_by_what_it_changed() {
    if !is_inside("each_call_is_followed_by_what_it_changed", ALONE) {
        return;
    }
    each_is_told(true, |args| Ran::of(sockeye().args(args)));
}

#[test]
fn without_sock_diag_the_tables_below_proc_are_read_and_tell_less() {
    if !is_inside("without_sock_diag_the_tables_below_proc_are_read_and_tell_less", ALONE) {
        return;
    }
    let Some(python) = python_with("ctypes") else { return };
    let python = python.get_program().to_owned();
    let run = |args: &[&str]| {
        let mut command = Command::new(&python);
        support::clean(&mut command);
        Ran::of(command.args(["-c", WITHOUT_NETLINK, PROGRAM]).args(args))
    };
    let probe = run(&["--version"]);
    if probe.code != Some(0) {
        return skip(&format!("no filter for system calls here: {}", probe.err.trim()));
    }
    each_is_told(false, run);
}

#[test]
fn without_the_flag_nothing_is_said_of_states() {
    let ran = Ran::of(sockeye().args(["explain", "unix-dgram", "--walks", "1"]));
    assert_eq!((ran.code, states(&ran)), (Some(0), Vec::new()), "{ran:?}");
}

#[test]
fn what_is_in_no_table_is_said_to_be_in_none() {
    let ran = Ran::of(sockeye().args(arguments("vsock-stream")));
    if !ran.out.contains("SOCK_STREAM, 0) = 3\n") {
        return skip("no VM sockets in this kernel");
    }
    let text = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
    let why = " The kernel says nothing of these sockets between the calls: such sockets are in none \
               of the tables that sockeye reads. ";
    assert!(text.contains(why), "{ran:?}");
    assert_eq!(states(&ran), [""; 0], "{ran:?}");
}

/// gVisor has the columns of `/proc/net` and leaves 0 in them: no number is to be had from it, and
/// nothing of connections that nobody has any more.
#[test]
fn a_kernel_that_tells_no_numbers_is_not_believed_to_tell_zeros() {
    if skip_without_tool("runsc") {
        return;
    }
    let run = |words: &[&str]| {
        let mut command = Command::new("runsc");
        support::clean(&mut command);
        Ran::of(command.args(["--rootless", "--network=none", "do"]).args(words))
    };
    let probe = run(&["true"]);
    if probe.code != Some(0) {
        return skip(&format!("runsc cannot run here: {}", probe.err.trim()));
    }
    let told = |name: &str| {
        let ran = run(&[&[PROGRAM][..], &arguments(name)].concat());
        assert_eq!(ran.code, Some(0), "{ran:?}");
        states(&ran)
    };
    let mut tcp = told("tcp6");
    // Whether it lists one that is only bound depends on its release.
    tcp.retain(|line| line != "server 3: has a name");
    let tcp: Vec<_> = tcp.iter().map(|line| line.replace(", no name", "")).collect();
    let expected = [
        "server 3: CLOSE",
        "server 3: LISTEN",
        "client 3: CLOSE",
        "client 3: ESTABLISHED, has a name",
        "server 4: ESTABLISHED",
        "server 4: CLOSE_WAIT",
    ];
    assert_eq!(tcp, expected);
    for name in ["udp4", "unix-stream"] {
        let lines = told(name);
        let number = |line: &String| line.contains(" B ") || line.contains("read");
        assert!(!lines.is_empty() && !lines.iter().any(number), "{name}: {lines:?}");
    }
}
