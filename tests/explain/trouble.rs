//! Walks that go wrong: the call is named, the walk stops there, and nothing is left behind.

use crate::support::{Ran, clean, run, skip_where_signals_are_ignored, skip_without_tool, sockeye};
use crate::{explained, list, text};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};

#[test]
fn a_transport_that_is_not_here_is_told_at_its_first_call() {
    let (ran, document) = explained(&["sctp4"]);
    if ran.code == Some(0) {
        crate::support::skip("this kernel has SCTP");
        return;
    }
    assert_eq!(ran.code, Some(3), "{}", ran.out);
    let walk = &list(&document, "walks")[0];
    assert_eq!(text(walk, "status"), "unavailable");
    assert_eq!(list(walk, "calls").len(), 1, "{walk}");
    let error = &walk["error"];
    assert_eq!((text(error, "end"), text(error, "syscall")), ("server", "socket"), "{error}");
    let table = run(&["explain", "sctp4"]);
    assert!(table.out.contains("stopped here: socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP)"));
    assert!(table.out.contains("what helps: "), "{}", table.out);
}

/// The ends that this process started. One that has not become an end yet shares its parent's memory,
/// and to stop it would be to stop them both for ever (vfork(2)).
fn ends(pid: u32) -> Vec<i32> {
    let text = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    let is_end = |pid: &i32| {
        let words = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        words.split(|byte| *byte == 0).any(|word| word == b"__walk")
    };
    text.split_ascii_whitespace().filter_map(|pid| pid.parse().ok()).filter(is_end).collect()
}

/// A walk that goes on for long, once both of its ends are there.
fn walking(args: &[&str], folder: &Path) -> (Child, Vec<i32>) {
    let mut command = sockeye();
    command.args(["explain", "--walks", "10000"]).args(args).env("TMPDIR", folder);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    loop {
        let ends = ends(child.id());
        if ends.len() == 2 {
            return (child, ends);
        }
        assert!(child.try_wait().expect("it is ours").is_none(), "it ended by itself");
        std::thread::yield_now();
    }
}

fn left(folder: &Path) -> usize {
    fs::read_dir(folder).expect("it is there").count()
}

#[test]
fn a_signal_ends_the_walks_and_those_that_were_finished_are_told() {
    if skip_where_signals_are_ignored() {
        return;
    }
    for (signal, code) in [(Signal::SIGINT, 130), (Signal::SIGTERM, 143)] {
        let folder = tempfile::tempdir().expect("a folder");
        let (child, _) = walking(&["unix-stream", "--json"], folder.path());
        kill(Pid::from_raw(child.id().cast_signed()), signal).expect("it is ours");
        let output = child.wait_with_output().expect("it ends");
        let status = std::os::unix::process::ExitStatusExt::signal(&output.status);
        assert_eq!(status, Some(signal as i32), "{output:?}");
        let document: Value = serde_json::from_slice(&output.stdout).expect("a whole document");
        assert_eq!(document["exit_code"], code);
        assert_eq!(text(&document, "interrupted"), signal.as_str());
        assert_eq!(text(&list(&document, "walks")[0], "status"), "interrupted");
        assert_eq!(left(folder.path()), 0);
    }
}

#[test]
fn an_end_that_dies_is_named_and_the_other_goes_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let (child, ends) = walking(&["unix-dgram", "--json"], folder.path());
    let one = Pid::from_raw(ends[0]);
    kill(one, Signal::SIGKILL).expect("it is the program's and runs");
    let output = child.wait_with_output().expect("it ends");
    // A pair that had done its round may be gone by itself, and then its end is nobody's trouble.
    let document: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let said = String::from_utf8_lossy(&output.stderr).into_owned() + &document.to_string();
    match output.status.code() {
        Some(0) => {}
        Some(1 | 2) => assert!(said.contains("was killed by SIGKILL"), "{said}"),
        other => panic!("{other:?}: {said}"),
    }
    assert_eq!(left(folder.path()), 0);
}

#[test]
fn an_end_that_stands_still_is_waited_for_as_long_as_was_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let (child, ends) = walking(&["unix-seqpacket", "-W", "20ms", "--json"], folder.path());
    for end in &ends {
        // One of a pair that had done its round may be gone.
        let _ = kill(Pid::from_raw(*end), Signal::SIGSTOP);
    }
    let output = child.wait_with_output().expect("it ends");
    let document: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let said = String::from_utf8_lossy(&output.stderr).into_owned() + &document.to_string();
    match output.status.code() {
        Some(0) => {}
        Some(1 | 2) => assert!(said.contains("was stopped (SIGSTOP)"), "{said}"),
        other => panic!("{other:?}: {said}"),
    }
    assert_eq!(left(folder.path()), 0);
}

#[test]
fn what_makes_no_sense_is_refused_in_two_lines() {
    for (args, what, hint) in [
        (&["explain"][..], "'<TRANSPORT>...' is missing", "sockeye explain --help"),
        (
            &["explain", "tcp"],
            "'tcp' is a group, and a walk is over one transport",
            "one of: tcp4, tcp6, tcp46",
        ),
        (
            &["explain", "tcp4", "udp4"],
            "explain walks one transport at a time",
            "sockeye explain tcp4 --vs udp4",
        ),
        (
            &["explain", "tpc4"],
            "unknown transport 'tpc4'",
            "did you mean 'tcp4'? all names: sockeye list",
        ),
        (
            &["explain", "tcp4", "--vs", "unix"],
            "'unix' is a group, and a walk is over one transport",
            "one of: unix-stream, unix-dgram, unix-seqpacket",
        ),
        (
            &["explain", "tcp4", "--walks", "0"],
            "cannot read '0' for '--walks <N>': out of range",
            "it goes from 1 to 10k",
        ),
        (
            &["explain", "tcp4", "-s", "17k"],
            "cannot read '17k' for '--size <SIZE>': out of range",
            "sizes go from 1 to 16k, for example 64 or 16k",
        ),
        (
            &["explain", "tcp4", "--to", "nobody"],
            "cannot read 'nobody' for '--to <WHOM>': no such value",
            "values: echo, closed, full, silent, vanished",
        ),
        (
            &["explain", "tcp4", "--place", "same,split"],
            "a walk has one place, not several",
            "--place same, or split, or free",
        ),
        (
            &["explain", "tcp4", "--vs", "udp4", "--states"],
            "'--states' tells of one walk, and '--vs' holds two against each other",
            "sockeye explain tcp4 --states, and the same of udp4",
        ),
        (
            &["explain", "tcp4", "-f", "junit"],
            "explain has no junit form",
            "its forms: table, csv, json, markdown",
        ),
    ] {
        let ran = run(args);
        let expected = format!("error: {what}\nhint: {hint}\n");
        assert_eq!((ran.code, ran.err.as_str()), (Some(2), expected.as_str()), "{args:?}");
        assert_eq!(ran.out, "", "{args:?}");
    }
}

/// Where only one of the places can be had, the other was asked for no less.
#[test]
fn several_places_are_several_on_one_cpu_too() {
    if skip_without_tool("taskset") {
        return;
    }
    let cpu = sockeye::os::cpu::allowed().expect("the kernel says")[0].to_string();
    let mut command = Command::new("taskset");
    command.args(["-c", &cpu, env!("CARGO_BIN_EXE_sockeye"), "explain", "unix-stream"]);
    clean(&mut command);
    let ran = Ran::of(command.args(["--walks", "1", "--place", "same,split"]));
    let why = "error: a walk has one place, not several\nhint: --place same, or split, or free\n";
    assert_eq!((ran.code, ran.err.as_str()), (Some(2), why), "{ran:?}");
}
