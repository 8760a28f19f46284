//! Very many clients at once, what an idle one costs, and how threads share them.

use crate::client::{Client, pattern};
use crate::server::Server;
use crate::support::skip;
use sockeye::os::limits::raise_descriptors;
use std::fs;

const MANY: usize = 10_000;

/// As many clients as one process may have, with room for the other tests here.
fn as_many_as_fit() -> usize {
    let limit = raise_descriptors().expect("the kernel says");
    let fit = usize::try_from(limit).unwrap_or(usize::MAX).saturating_sub(2000).min(MANY);
    if fit < MANY {
        skip(&format!("{MANY} connections; the limit of descriptors leaves {fit}"));
    }
    fit
}

#[test]
fn ten_thousand_connections_are_held_and_served_at_once_for_little_memory() {
    let count = as_many_as_fit();
    let server = Server::start(&["unix-stream", "tcp4"]);
    let addresses = server.addresses();
    let first = Client::of(&addresses[0]);
    first.echo(b"warm");
    let before = server.status("RssAnon");
    let clients: Vec<_> = (0..count)
        .map(|n| {
            let client = Client::of(&addresses[n % 2]);
            client.echo(&[1]);
            client
        })
        .collect();
    let idle = server.status("RssAnon").saturating_sub(before);
    assert!(idle <= 4 * count as u64, "{idle} KiB for {count} connections");
    for round in 0..2 {
        clients.iter().enumerate().for_each(|(n, client)| client.send(&pattern(64, n + round)));
        for (n, client) in clients.iter().enumerate() {
            assert!(client.exactly(64) == pattern(64, n + round), "client {n}");
        }
    }
    let after = server.status("RssAnon").saturating_sub(before);
    assert!(after <= 4 * count as u64, "{after} KiB after all have spoken");
    let half_of_them: Vec<_> = clients.into_iter().step_by(2).collect();
    for client in &half_of_them {
        client.echo(b"the others have gone");
    }
    drop(half_of_them);
    first.echo(b"and so have they");
    drop(first);
    let ended = server.end();
    let connections = |name| ended.row(name)["connections"].as_u64().expect("a count");
    assert_eq!(connections("unix-stream") + connections("tcp4"), count as u64 + 1);
    assert_eq!((ended.row("tcp4")["broken"].as_u64(), ended.ran.code), (Some(0), Some(0)));
}

/// How often each thread of a server has had a CPU.
fn turns(server: &Server) -> Vec<u64> {
    let tasks = fs::read_dir(format!("/proc/{}/task", server.pid())).expect("it runs");
    let turns = |task: fs::DirEntry| {
        let text = fs::read_to_string(task.path().join("schedstat")).expect("it runs");
        text.split_ascii_whitespace().nth(2).expect("three numbers").parse().expect("a number")
    };
    tasks.flatten().map(turns).collect()
}

#[test]
fn threads_are_dealt_the_connections_in_turn() {
    let server = Server::start(&["tcp4", "unix-stream", "--threads", "4"]);
    let addresses = server.addresses();
    let clients: Vec<_> = (0..8).map(|n| Client::of(&addresses[n % 2])).collect();
    for client in &clients {
        client.echo(b"in");
    }
    let before = turns(&server);
    assert_eq!(before.len(), 4);
    for turn in 0..200 {
        for client in &clients {
            client.echo(&pattern(turn + 1, turn));
        }
    }
    let after = turns(&server);
    for (thread, (after, before)) in after.iter().zip(&before).enumerate() {
        assert!(after - before >= 50, "thread {thread} had {} turns", after - before);
    }
    drop(clients);
    let ended = server.end();
    assert_eq!(ended.ran.code, Some(0));
    let messages = |name| ended.row(name)["messages"].as_u64().expect("a count");
    assert_eq!(messages("tcp4") + messages("unix-stream"), 8 * 201);
}

/// Each socket of messages has one thread, so that answers keep their order.
#[test]
fn threads_answer_messages_in_their_order() {
    let server = Server::start(&["udp4", "udp6", "unix-dgram", "--threads", "3"]);
    let clients: Vec<_> = server.addresses().iter().map(Client::of).collect();
    for turn in 0..200 {
        for client in &clients {
            (0..5).for_each(|n| client.send(&pattern(n * 9, n + turn)));
        }
        for client in &clients {
            (0..5).for_each(|n| assert_eq!(client.receive(), pattern(n * 9, n + turn)));
        }
    }
    let turns = turns(&server);
    assert!(turns.iter().all(|turns| *turns >= 50), "{turns:?}");
}
