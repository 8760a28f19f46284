//! What is served: every row of the catalogue, alone and together, at the right places.

use crate::client::Client;
use crate::network::is_inside;
use crate::server::{Server, Start};
use crate::support::{Ran, run, skip};
use serde_json::Value;
use sockeye::transport::{ALL, Kind};
use std::collections::HashSet;

const DEFAULT: [&str; 7] =
    ["tcp4", "tcp6", "udp4", "udp6", "unix-stream", "unix-dgram", "unix-seqpacket"];

/// What `sockeye list` says of each row: is it ready here?
fn readiness() -> Vec<(&'static str, bool)> {
    let ran = run(&["list", "--json"]);
    let document: Value = serde_json::from_str(&ran.out).expect("a document");
    let rows = document["transports"].as_array().expect("rows");
    let is_ready = |name: &str| {
        let row = rows.iter().find(|row| row["transport"] == name).expect("every row is listed");
        row["ready"] == true
    };
    ALL.iter().map(|row| (row.name, is_ready(row.name))).collect()
}

/// Is that row ready here?
pub(crate) fn is_here(name: &str) -> bool {
    readiness().contains(&(name, true))
}

#[test]
fn every_row_that_is_ready_here_echoes() {
    let mut done = 0;
    for (name, is_ready) in readiness() {
        let row = ALL.iter().find(|row| row.name == name).expect("it is from there");
        if row.kind == Kind::Raw || !is_ready {
            continue;
        }
        let server = Server::start(&[name]);
        let address = server.address();
        assert_eq!(address.transport().map(|row| row.name), Some(name));
        let client = Client::of(&address);
        client.echo(b"first");
        client.echo(&[0; 1000]);
        drop(client);
        let ended = server.end();
        assert_eq!(ended.ran.code, Some(0), "{name}: {}", ended.ran.err);
        assert_eq!(ended.count("bytes"), 1005, "{name}");
        done += 1;
    }
    assert!(done >= DEFAULT.len(), "{done} rows were ready");
}

#[test]
fn a_named_row_that_is_not_here_ends_with_3_and_its_reason() {
    let mut done = 0;
    for (name, is_ready) in readiness() {
        let is_raw = ALL.iter().any(|row| row.name == name && row.kind == Kind::Raw);
        if is_ready || is_raw {
            continue;
        }
        let ran = Start::with(&["tcp4", name]).refused();
        assert_eq!((ran.code, ran.out.as_str()), (Some(3), ""), "{name}: {}", ran.err);
        let lines: Vec<_> = ran.err.lines().collect();
        assert_eq!(lines.len(), 2, "{}", ran.err);
        assert!(lines[0].starts_with(&format!("error: {name}: ")), "{}", ran.err);
        assert!(lines[0].contains(" (E"), "no errno: {}", ran.err);
        assert!(lines[1].starts_with("hint: "), "{}", ran.err);
        done += 1;
    }
    if done == 0 {
        skip("every transport is ready here");
    }
}

#[test]
fn a_group_leaves_out_what_is_not_here_and_says_so() {
    let server = Start::with(&["all"]).format("table").begin();
    let first = server.out.next().expect("a line");
    let lacking =
        readiness().iter().filter(|(name, is_ready)| !is_ready && !name.starts_with("raw")).count();
    let ready =
        readiness().iter().filter(|(name, is_ready)| *is_ready && !name.starts_with("raw")).count();
    assert_eq!(first, format!("serving {ready} addresses; Ctrl-C ends it; try:\n"));
    for _ in 0..ready {
        let line = server.out.next().expect("a line");
        assert!(line.starts_with("  sockeye ping "), "{line}");
    }
    for _ in 0..lacking {
        let line = server.out.next().expect("a line");
        assert!(line.starts_with("  not here: "), "{line}");
    }
    assert_eq!(server.end().ran.code, Some(0));
}

#[test]
fn raw_rows_are_refused_by_name_and_left_out_of_groups() {
    for name in ["raw4", "raw6"] {
        let ran = Start::with(&[name]).refused();
        assert_eq!(ran.code, Some(2));
        assert_eq!(
            ran.err,
            format!(
                "error: {name} hears its own messages, so that no open server or client can use it\n\
                 hint: both ends of it at once: sockeye {name}\n"
            )
        );
    }
    let server = Server::start(&["ip4"]);
    assert!(!names(&server).iter().any(|name| name.starts_with("raw")));
}

fn names(server: &Server) -> Vec<&'static str> {
    let name = |address: &sockeye::address::Address| address.transport().expect("one").name;
    server.addresses().iter().map(name).collect()
}

#[test]
fn without_words_the_seven_of_a_run_are_served_at_once() {
    let server = Server::start(&[]);
    assert_eq!(names(&server), DEFAULT);
    let clients: Vec<_> = server.addresses().iter().map(Client::of).collect();
    for turn in 0..10 {
        for client in &clients {
            client.echo(format!("{} {turn}", client.transport.name).as_bytes());
        }
    }
}

#[test]
fn names_groups_and_addresses_mix_and_keep_their_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("own.sock").display().to_string();
    let words = ["udp4,tcp4", &path, "unix-dgram:@sockeye-test-mixed", "tcp6://[::1]:0"];
    let server = Server::start(&words);
    assert_eq!(names(&server), ["udp4", "tcp4", "unix-stream", "unix-dgram", "tcp6"]);
    for address in server.addresses() {
        Client::of(&address).echo(b"mixed");
    }
    assert_eq!(server.addresses()[2].to_string(), format!("unix-stream://{path}"));
}

#[test]
fn a_host_name_is_one_address_for_each_that_it_resolves_to() {
    let server = Server::start(&["localhost:0"]);
    let found = names(&server);
    assert!(!found.is_empty() && found.iter().all(|name| ["tcp4", "tcp6"].contains(name)));
    assert_eq!(found.iter().collect::<HashSet<_>>().len(), found.len(), "twice: {found:?}");
    for address in server.addresses() {
        Client::of(&address).echo(b"by name");
    }
    let four = Server::start(&["-4", "localhost:0"]);
    assert_eq!(names(&four), ["tcp4"]);
}

#[test]
fn skip_and_the_ip_versions_narrow_a_group() {
    for (words, wanted) in [
        (vec!["-4"], vec!["tcp4", "udp4", "unix-stream", "unix-dgram", "unix-seqpacket"]),
        (vec!["-6"], vec!["tcp6", "udp6", "unix-stream", "unix-dgram", "unix-seqpacket"]),
        (vec!["--skip", "unix,udp4"], vec!["tcp4", "tcp6", "udp6"]),
        (vec!["tcp", "--skip", "ip6", "-4"], vec!["tcp4"]),
    ] {
        assert_eq!(names(&Server::start(&words)), wanted, "{words:?}");
    }
    let ran = Start::with(&["tcp4", "-6"]).refused();
    assert_eq!(ran.code, Some(2));
    assert_eq!(
        ran.err,
        "error: no end is left after --skip, -4 and -6\n\
         hint: leave one of them out; all names: sockeye list\n"
    );
}

/// In one table of ports one is free for one only: TCP and MPTCP share theirs, and so do an IPv4
/// socket and a dual-stack one.
#[test]
fn ports_that_would_collide_go_up_by_one() {
    if !is_inside("catalogue::ports_that_would_collide_go_up_by_one", "ip link set lo up") {
        return;
    }
    let server = Start::with(&["tcp4", "tcp46", "tcp6", "udp4", "udp46", "unix-stream"]).bare();
    let folder = server.folder().display().to_string();
    let server = server.variable("XDG_RUNTIME_DIR", &folder).go();
    let wanted = [
        "tcp4://127.0.0.1:7777",
        "tcp46://127.0.0.1:7778",
        "tcp6://[::1]:7777",
        "udp4://127.0.0.1:7777",
        "udp46://127.0.0.1:7778",
        &format!("unix-stream://{folder}/sockeye/unix-stream.sock"),
    ];
    assert_eq!(server.ready["addresses"], serde_json::json!(wanted));
    server.addresses().iter().for_each(|address| Client::of(address).echo(b"one of many"));
}

#[test]
fn the_same_address_twice_is_one() {
    let server = Server::start(&["unix-stream", "unix-stream"]);
    assert_eq!(server.addresses().len(), 1);
}

#[test]
fn the_ready_line_is_a_command_to_paste() {
    let server = Start::with(&["tcp6"]).format("table").begin();
    assert_eq!(server.out.next().as_deref(), Some("serving 1 address; Ctrl-C ends it; try:\n"));
    let line = server.out.next().expect("a line");
    let address = line.trim().strip_prefix("sockeye ping ").expect("a command");
    // zsh globs brackets, so that they come in quotes.
    assert!(address.starts_with("'tcp6://[::1]:") && address.ends_with('\''), "{line}");
    let echoed = Ran::of(std::process::Command::new("sh").args(["-c", &format!("echo {address}")]));
    let address: sockeye::address::Address = echoed.out.trim().parse().expect("it reads");
    Client::of(&address).echo(b"pasted");
}
