//! A kernel that lies about one call is found out by the check that is there for it. The lies are
//! told by a library that is compiled here and preloaded before the program.

mod support;

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use support::{Ran, run, skip, skip_without_tool, sockeye};

/// A lie, and the check that has to find it out over a transport.
struct Lie {
    name: &'static str,
    option: Option<(i32, i32)>,
    transport: &'static str,
    check: &'static str,
}

const fn call(name: &'static str, transport: &'static str, check: &'static str) -> Lie {
    Lie { name, option: None, transport, check }
}

/// An option that is accepted and ignored.
const fn option(level: i32, option: i32, transport: &'static str, check: &'static str) -> Lie {
    Lie { name: "option", option: Some((level, option)), transport, check }
}

const SOCKET: i32 = 1;
const IP: i32 = 0;
const IPV6: i32 = 41;
const TCP: i32 = 6;
const UDP: i32 = 17;

#[rustfmt::skip]
const LIES: &[Lie] = &[
    call("empty messages are swallowed", "udp4", "zero"),
    call("no SIGPIPE", "tcp4", "send_closed"),
    call("no SIGPIPE", "unix-stream", "send_closed"),
    call("urgent is ordinary", "tcp4", "oob"),
    call("more is now", "udp4", "cork"),
    call("sends less", "unix-dgram", "boundary"),
    call("a peek takes", "tcp6", "peek"),
    call("no waiting for all", "tcp4", "waitall"),
    call("the rest stays", "udp4", "shortread"),
    call("no end", "unix-stream", "eof"),
    call("a reset is an end", "tcp4", "unread"),
    call("refusals are silent", "udp4", "async_err"),
    call("descriptors are dropped", "unix-stream", "rights"),
    call("no MSG_TRUNC", "udp6", "truncflag"),
    call("half a batch", "udp4", "mmsg"),
    call("nobody is a time-out", "unix-stream", "nobody"),
    call("no stale name", "unix-stream", "nobody"),
    call("everybody shares", "tcp4", "bind_twice"),
    call("a longer queue", "unix-stream", "backlog"),
    call("shutdown does nothing", "tcp4", "halfclose"),
    call("stranger's credentials", "unix-stream", "peercred"),
    call("half a buffer", "udp4", "sndbuf"),
    call("another type", "unix-dgram", "introspect"),
    option(SOCKET, 2, "udp4", "reuseaddr"),
    option(SOCKET, 13, "tcp4", "linger0"),
    option(SOCKET, 15, "udp4", "reuseport"),
    option(SOCKET, 16, "unix-dgram", "passcred"),
    option(SOCKET, 18, "tcp4", "rcvlowat"),
    option(SOCKET, 20, "tcp4", "rcvtimeo"),
    option(SOCKET, 20, "tcp4", "accepttimeo"),
    option(SOCKET, 21, "unix-stream", "sndtimeo"),
    option(SOCKET, 29, "udp4", "timestamp"),
    option(SOCKET, 40, "udp4", "drops_seen"),
    option(SOCKET, 42, "unix-stream", "peekoff"),
    option(SOCKET, 46, "udp4", "busypoll"),
    option(SOCKET, 60, "tcp4", "zerocopy"),
    option(IP, 1, "udp4", "tos"),
    option(IP, 2, "udp4", "ttl"),
    option(IP, 8, "udp4", "pktinfo"),
    option(IPV6, 26, "tcp6", "dual"),
    option(IPV6, 49, "udp6", "pktinfo"),
    option(TCP, 1, "tcp4", "nagle"),
    option(UDP, 103, "udp4", "gso"),
    option(UDP, 104, "udp4", "gro"),
];

/// The library, compiled; None where that is not possible.
fn library(folder: &Path) -> Option<PathBuf> {
    if skip_without_tool("cc") {
        return None;
    }
    let target = folder.join("lies.so");
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/lies/lies.c");
    let mut cc = Command::new("cc");
    cc.args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"]).arg(&target).arg(source);
    let ran = Ran::of(cc.arg("-ldl").stdin(Stdio::null()));
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    // A program that is linked statically cannot be lied to.
    let truth = cells(&target, &call("no MSG_TRUNC", "udp4", "truncflag"));
    if truth.iter().all(|cell| cell["status"] == "as-documented") {
        skip("the program does not take a preloaded library");
        return None;
    }
    Some(target)
}

/// The cells of the lie's check, over its transport.
fn cells(library: &Path, lie: &Lie) -> Vec<Value> {
    let mut command = sockeye();
    command.args(["check", lie.transport, "-k", lie.check, "--json"]);
    command.env("LD_PRELOAD", library).env("LIE", lie.name);
    if let Some((level, option)) = lie.option {
        command.env("LIE_LEVEL", level.to_string()).env("LIE_OPTION", option.to_string());
    }
    cells_of(&Ran::of(&mut command))
}

fn cells_of(ran: &Ran) -> Vec<Value> {
    let document: Value = serde_json::from_str(&ran.out)
        .unwrap_or_else(|error| panic!("{error}: {:?} {}{}", ran.code, ran.out, ran.err));
    document["cells"].as_array().expect("a list").clone()
}

#[test]
fn every_lie_is_found_out_by_the_check_that_is_there_for_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(library) = library(folder.path()) else { return };
    let mut believed = Vec::new();
    for lie in LIES {
        let found = cells(&library, lie);
        // Nothing is believed that could not be told.
        let is_out = found.iter().any(|cell| {
            cell["status"] == "deviates" || cell["reason"] == "the machine was too busy to tell"
        });
        if !is_out {
            let seen: Vec<_> = found.iter().map(|cell| cell["observed"].to_string()).collect();
            believed.push(format!("{} ({:?}), {}: {seen:?}", lie.name, lie.option, lie.check));
        }
    }
    assert!(believed.is_empty(), "lies that were believed:\n{}", believed.join("\n"));
}

/// The same checks without a lie: nothing deviates, so that it was the lie that was found.
#[test]
fn without_a_lie_the_same_checks_find_nothing() {
    for lie in LIES {
        // Where MPTCP or the resolver's file deviate by themselves, no lie is told.
        let mut command = sockeye();
        command.args(["check", lie.transport, "-k", lie.check, "--json"]);
        for cell in cells_of(&Ran::of(&mut command)) {
            assert!(cell["status"] != "deviates" && cell["status"] != "hung", "{cell:#}");
        }
    }
}

/// Raw sockets have no ports, and hear what any program of the machine sends. Which of it comes in
/// between is the scheduler's to say, and nothing that a check may take for its own.
#[test]
fn what_strangers_send_changes_no_fact() {
    if run(&["list", "raw4", "raw6"]).code != Some(0) {
        return skip("raw sockets are not to be had");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let Some(library) = library(folder.path()) else { return };
    for transport in ["raw4", "raw6"] {
        let mut command = sockeye();
        command.args(["check", transport, "--json"]);
        command.env("LD_PRELOAD", &library).env("LIE", "a stranger speaks");
        let ran = Ran::of(&mut command);
        assert_eq!(ran.code, Some(0), "{}", ran.out);
        for cell in cells_of(&ran) {
            let heard = cell["at_first"].as_str().unwrap_or_default();
            assert!(!heard.contains("stranger"), "{cell:#}");
        }
    }
}

/// TCP sends what was held back after 200 ms all the same, and a reader that the scheduler lets run
/// only then has seen nothing that could be told.
#[test]
fn what_a_late_reader_sees_is_no_deviation() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(library) = library(folder.path()) else { return };
    for cell in cells(&library, &call("reads come late", "tcp4", "cork")) {
        assert_eq!(cell["status"], "skipped", "{cell:#}");
        assert_eq!(cell["reason"], "the machine was too busy to tell", "{cell:#}");
    }
}

#[test]
fn a_call_that_never_comes_back_costs_its_own_cells_and_no_more() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(library) = library(folder.path()) else { return };
    let mut command = sockeye();
    command.args(["check", "tcp4", "udp4", "-k", "mmsg,boundary,eof", "--json"]);
    command.env("LD_PRELOAD", &library).env("LIE", "sendmmsg hangs");
    let ran = Ran::of(&mut command);
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    for cell in cells_of(&ran) {
        let hangs = cell["behaviour"] == "mmsg";
        let expected = if hangs { "hung" } else { "as-documented" };
        assert_eq!(cell["status"], expected, "{cell:#}");
        if hangs {
            let observed = cell["observed"].as_str().expect("a text");
            assert!(observed.starts_with("did not come back from sendmmsg("), "{observed}");
            assert_eq!(cell["short"], "HANGS!");
        }
    }
}
