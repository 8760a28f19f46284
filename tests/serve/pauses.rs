//! No room for more clients: accepting pauses and goes on, nothing spins, nobody connected is dropped.

use crate::client::{Client, pattern};
use crate::server::{PATIENCE, Server, Start};
use crate::support::skip_without_tool;
use sockeye::os::Errno;
use std::time::{Duration, Instant};

const LIMIT: usize = 24;

/// How many of the descriptors below its limit the server has now. The tester's shell may have left it
/// some above.
fn descriptors(server: &Server) -> usize {
    let folder = std::fs::read_dir(format!("/proc/{}/fd", server.pid())).expect("it runs");
    let number = |entry: std::fs::DirEntry| entry.file_name().to_str()?.parse().ok();
    folder.flatten().filter_map(number).filter(|number: &usize| *number < LIMIT).count()
}

/// Clients that are served while others wait: all that the tests below have in common.
fn expect_pause(server: &Server, mut connected: Vec<Client>) {
    let waiting: Vec<_> = (0..5).map(|_| Client::of(&server.address())).collect();
    for client in &waiting {
        client.send(b"let me in");
    }
    for turn in 0..100 {
        for client in &connected {
            client.echo(&pattern(turn, turn));
        }
    }
    assert!(waiting.iter().all(Client::has_nothing), "one too many was accepted");
    expect_rest(server);
    // One leaves, the first that waits comes in, and no other.
    drop(connected.pop());
    assert_eq!(waiting[0].receive(), b"let me in");
    connected.iter().chain([&waiting[0]]).for_each(|client| client.echo(b"and so on"));
    assert!(waiting[1..].iter().all(Client::has_nothing), "one too many was accepted");
    drop(connected);
    for client in &waiting[1..] {
        // Where there is room for less than all of them, each leaves for the next.
        assert_eq!(client.receive(), b"let me in");
        client.socket.shut_down();
    }
}

/// While other servers work, this one has nothing to do, and does nothing.
fn expect_rest(server: &Server) {
    let elsewhere = Server::start(&["tcp4"]);
    let busy = Client::of(&elsewhere.address());
    let (since, before) = (Instant::now(), server.cpu_time());
    for _ in 0..3000 {
        busy.echo(b"elsewhere");
    }
    let (elapsed, used) = (since.elapsed(), Duration::from_nanos(server.cpu_time() - before));
    assert!(used < elapsed / 8, "{used:?} of {elapsed:?} while it pauses");
}

#[test]
fn out_of_descriptors_accepting_pauses_and_goes_on() {
    if skip_without_tool("prlimit") {
        return;
    }
    for name in ["tcp4", "unix-stream", "unix-seqpacket"] {
        let nofile = format!("--nofile={LIMIT}:{LIMIT}");
        let server = Start::with(&[name]).behind(&["prlimit", &nofile]).go();
        let mut connected = Vec::new();
        while descriptors(&server) < LIMIT {
            let client = Client::of(&server.address());
            client.echo(b"in");
            connected.push(client);
        }
        assert!(connected.len() > 4, "{} fit", connected.len());
        let count = connected.len() as u64;
        expect_pause(&server, connected);
        let ended = server.end();
        assert_eq!((ended.ran.code, ended.count("connections")), (Some(0), count + 5), "{name}");
        assert_eq!(ended.count("broken"), 0, "{name}");
    }
}

#[test]
fn the_most_connections_are_a_limit_and_the_next_waits() {
    for threads in ["1", "4"] {
        for name in ["tcp4", "unix-stream", "unix-seqpacket"] {
            let words = [name, "--max-conns", "3", "--threads", threads];
            let server = Server::start(&words);
            let connected: Vec<_> = (0..3).map(|_| Client::of(&server.address())).collect();
            for client in &connected {
                client.echo(b"in");
            }
            expect_pause(&server, connected);
            assert_eq!(server.end().count("connections"), 8, "{words:?}");
        }
    }
}

/// The limit is one for the whole server, and datagrams have none.
#[test]
fn the_most_connections_are_counted_over_all_addresses() {
    let server = Server::start(&["tcp4", "unix-stream", "udp4", "--max-conns", "2"]);
    let addresses = server.addresses();
    let (first, second) = (Client::of(&addresses[0]), Client::of(&addresses[1]));
    first.echo(b"in");
    second.echo(b"in");
    let third = Client::of(&addresses[1]);
    third.send(b"let me in");
    for _ in 0..50 {
        first.echo(b"in");
        Client::of(&addresses[2]).echo(b"no connection");
    }
    assert!(third.has_nothing());
    drop(first);
    assert_eq!(third.receive(), b"let me in");
}

#[test]
fn idle_connections_are_closed_and_only_they() {
    for name in ["tcp4", "unix-stream", "unix-seqpacket"] {
        let server = Server::start(&[name, "--idle", "1s"]);
        let (busy, silent) = (Client::of(&server.address()), Client::of(&server.address()));
        let half = Client::of(&server.address());
        half.echo(b"once");
        let since = Instant::now();
        silent.echo(b"once");
        let mut room = [0; 16];
        while silent.socket.receive_now(&mut room) == Err(Errno::EAGAIN) {
            busy.echo(b"I am here");
            assert!(since.elapsed() < PATIENCE, "{name}: it is never closed");
        }
        assert!(since.elapsed() > Duration::from_millis(999), "{name}: {:?}", since.elapsed());
        assert_eq!(half.receive(), b"", "{name}");
        busy.echo(b"still here");
        drop((busy, silent, half));
        let ended = server.end();
        assert_eq!((ended.count("connections"), ended.count("closed_idle")), (3, 2), "{name}");
        assert_eq!(ended.count("broken"), 0, "{name}");
    }
}

/// Who does not read is idle too: the server cannot send, so that nothing moves.
#[test]
fn a_client_that_does_not_read_is_idle() {
    let server = Server::start(&["unix-stream", "--idle", "300ms"]);
    let client = Client::of(&server.address());
    let since = Instant::now();
    loop {
        match client.socket.send_now(&[7; 4096]) {
            Ok(_) | Err(Errno::EAGAIN) => std::thread::yield_now(),
            Err(errno) => break assert_eq!(errno, Errno::EPIPE),
        }
        assert!(since.elapsed() < PATIENCE, "it is never closed");
    }
    drop(client);
    assert_eq!(server.end().count("closed_idle"), 1);
}
