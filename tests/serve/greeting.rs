//! `--reply`: one message is read, the text is the answer, and the connection ends gently. `--once`:
//! the first one served is the last.

use crate::client::{Client, pattern};
use crate::server::{PATIENCE, Server, Start};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use sockeye::os::Errno;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

const CONNECTED: [&str; 4] = ["tcp4", "tcp6", "unix-stream", "unix-seqpacket"];
const HELLO: &[u8] = b"Hello from server!";

#[test]
fn a_greeting_answers_the_first_message_and_closes() {
    for name in CONNECTED {
        let server = Server::start(&[name, "--reply", "Hello from server!"]);
        for _ in 0..3 {
            let client = Client::of(&server.address());
            client.send(b"hello?");
            assert_eq!(client.receive(), HELLO, "{name}");
            assert_eq!(client.receive(), b"", "{name}");
        }
        let ended = server.end();
        assert_eq!((ended.count("connections"), ended.count("messages")), (3, 3), "{name}");
        assert_eq!((ended.count("bytes"), ended.count("broken")), (18, 0), "{name}");
    }
}

#[test]
fn a_greeting_answers_every_datagram() {
    for name in ["udp4", "udp6", "unix-dgram"] {
        let server = Server::start(&[name, "--reply", "Hello from server!"]);
        let client = Client::of(&server.address());
        for message in [&b"a"[..], b"", b"hello?"] {
            client.send(message);
            assert_eq!(client.receive(), HELLO, "{name}");
        }
    }
}

#[test]
fn escapes_stand_for_the_bytes_that_they_stand_for_in_c() {
    let server = Server::start(&["unix-seqpacket", "--reply", r"a\r\n\t\0\\\xfF "]);
    let client = Client::of(&server.address());
    client.send(b"?");
    assert_eq!(client.receive(), b"a\r\n\t\0\\\xff ");
}

#[test]
fn an_empty_greeting_closes_after_the_first_message() {
    for name in ["tcp4", "unix-stream"] {
        let server = Server::start(&[name, "--reply", ""]);
        let client = Client::of(&server.address());
        client.send(b"hello?");
        assert_eq!(client.receive(), b"", "{name}");
    }
    let server = Server::start(&["udp4", "--reply", ""]);
    let client = Client::of(&server.address());
    client.send(b"hello?");
    assert_eq!(client.receive(), b"");
}

/// Closing with something unread would reset the connection, and the greeting might be lost (RFC
/// 2525, section 2.17).
#[test]
fn a_client_that_sends_more_than_is_read_gets_the_greeting_and_no_reset() {
    for name in ["tcp4", "tcp6", "unix-stream"] {
        let server = Server::start(&[name, "--reply", "Hello from server!"]);
        for _ in 0..20 {
            let client = Client::of(&server.address());
            client.send(&pattern(300_000, 1));
            assert_eq!(client.to_the_end(), HELLO, "{name}");
            // It is still welcome to send what nobody reads.
            client.send(&pattern(300_000, 2));
            client.socket.end_sending();
            assert_eq!(client.socket.outcome(), Ok(()), "{name}");
        }
        assert_eq!(server.end().count("broken"), 0, "{name}");
    }
}

#[test]
fn a_client_that_says_nothing_is_not_greeted() {
    let server = Server::start(&["tcp4", "--reply", "Hello from server!"]);
    let client = Client::of(&server.address());
    client.socket.end_sending();
    assert_eq!(client.receive(), b"");
    drop(client);
    let ended = server.end();
    assert_eq!((ended.count("connections"), ended.count("messages")), (1, 0));
}

/// Waits until the other side of a Unix socket has closed it altogether.
fn wait_for_close(client: &Client) {
    let mut polled = [PollFd::new(client.socket.as_fd(), PollFlags::empty())];
    let limit = PollTimeout::try_from(PATIENCE).expect("it fits");
    assert_eq!(poll(&mut polled, limit), Ok(1), "it is never closed");
    assert!(polled[0].revents().expect("known").contains(PollFlags::POLLHUP));
}

/// A greeted client has about a second to close, however long the server has been there.
#[test]
fn a_greeted_client_has_its_time_to_close_also_when_it_sends_on() {
    let server = Server::start(&["unix-stream", "--reply", "Hello from server!"]);
    let silent = Client::of(&server.address());
    silent.send(b"hello?");
    assert_eq!(silent.to_the_end(), HELLO);
    wait_for_close(&silent);
    // Now the server is as old as a client's time is long.
    let client = Client::of(&server.address());
    client.send(b"hello?");
    let greeted = Instant::now();
    assert_eq!(client.to_the_end(), HELLO);
    while greeted.elapsed() < Duration::from_millis(500) {
        match client.socket.send_now(b"and more") {
            Ok(_) | Err(Errno::EAGAIN) => std::thread::yield_now(),
            Err(errno) => {
                let after = greeted.elapsed();
                assert!(after > Duration::from_millis(900), "{errno} after {after:?}");
            }
        }
    }
}

#[test]
fn a_greeted_client_that_never_stops_sending_is_closed_all_the_same() {
    for idle in [&[][..], &["--idle", "60s"]] {
        let words = [&["unix-stream", "--reply", "Hello from server!"], idle].concat();
        let server = Server::start(&words);
        let client = Client::of(&server.address());
        client.send(b"hello?");
        assert_eq!(client.to_the_end(), HELLO);
        let since = Instant::now();
        loop {
            match client.socket.send_now(b"and more") {
                Ok(_) | Err(Errno::EAGAIN) => std::thread::yield_now(),
                Err(errno) => break assert_eq!(errno, Errno::EPIPE),
            }
            assert!(since.elapsed() < Duration::from_secs(10), "it may send for ever: {idle:?}");
        }
    }
}

#[test]
fn once_ends_after_the_first_connection() {
    for name in CONNECTED {
        let server = Server::start(&[name, "--once"]);
        let client = Client::of(&server.address());
        for n in 0..20 {
            client.echo(&pattern(n + 1, n));
        }
        drop(client);
        let ended = server.ended();
        assert_eq!(ended.ran.code, Some(0), "{name}");
        assert_eq!((ended.count("connections"), ended.count("messages")), (1, 20), "{name}");
        assert_eq!(left_in(ended.folder.path()), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn once_serves_one_connection_at_a_time_also_with_threads() {
    let server = Server::start(&["tcp4", "--once", "--threads", "4"]);
    let address = server.address();
    let (first, second) = (Client::of(&address), Client::of(&address));
    second.send(b"me too");
    for n in 0..100 {
        first.echo(&pattern(10, n));
    }
    assert!(second.has_nothing());
    drop(first);
    let ended = server.ended();
    assert_eq!((ended.ran.code, ended.count("connections")), (Some(0), 1));
}

#[test]
fn once_ends_after_the_first_datagram() {
    for name in ["udp4", "udp6", "unix-dgram"] {
        let server = Server::start(&[name, "--once"]);
        let client = Client::of(&server.address());
        client.echo(b"only this");
        let ended = server.ended();
        assert_eq!((ended.ran.code, ended.count("messages")), (Some(0), 1), "{name}");
        assert_eq!(left_in(ended.folder.path()), Vec::<String>::new(), "{name}");
    }
}

/// More have come by then: the first is the only one, over every transport together.
#[test]
fn once_answers_one_datagram_of_many() {
    let server = Server::start(&["udp4", "unix-dgram", "udp6", "--once"]);
    let clients: Vec<_> = server.addresses().iter().map(Client::of).collect();
    server.signal(nix::sys::signal::Signal::SIGSTOP);
    for client in &clients {
        (0..5).for_each(|n| client.send(&[n]));
    }
    server.signal(nix::sys::signal::Signal::SIGCONT);
    let ended = server.ended();
    let tally = ended.tally();
    let rows = tally["addresses"].as_array().expect("rows");
    let answered: u64 = rows.iter().map(|row| row["messages"].as_u64().expect("a count")).sum();
    assert_eq!((ended.ran.code, answered), (Some(0), 1), "{tally}");
}

#[test]
fn once_greets_once() {
    let server = Server::start(&["tcp4", "--once", "--reply", r"bye\n"]);
    let client = Client::of(&server.address());
    client.send(b"hello?");
    assert_eq!(client.to_the_end(), b"bye\n");
    drop(client);
    assert_eq!(server.ended().ran.code, Some(0));
}

fn left_in(folder: &std::path::Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path().display().to_string()).collect()
}

#[test]
fn a_text_with_an_unknown_escape_is_refused() {
    let ran = Start::with(&["--reply", r"a\q"]).refused();
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""));
    let lines: Vec<_> = ran.err.lines().collect();
    assert!(lines[0].starts_with("error: ") && lines[0].contains("--reply"), "{}", ran.err);
    assert_eq!(lines[1], r"hint: known: \n \r \t \0 \\ \xHH", "{}", ran.err);
}
