//! Byte streams: what comes goes back, whatever the client does, and no client costs another anything.

use crate::client::{Client, pattern};
use crate::server::Server;
use nix::sys::socket::{setsockopt, sockopt};
use sockeye::os::Errno;

const STREAMS: [&str; 3] = ["tcp4", "tcp6", "unix-stream"];

#[test]
fn half_close_gets_everything_back_and_then_the_end() {
    let sent = pattern(8 << 20, 7);
    for name in STREAMS {
        let server = Server::start(&[name]);
        let client = Client::of(&server.address());
        let back = std::thread::scope(|scope| {
            scope.spawn(|| {
                client.send(&sent);
                client.socket.end_sending();
            });
            client.to_the_end()
        });
        assert!(back == sent, "{name}: {} bytes came back", back.len());
        drop(client);
        let ended = server.end();
        assert_eq!(ended.count("bytes"), sent.len() as u64, "{name}");
        assert_eq!((ended.count("connections"), ended.count("broken")), (1, 0), "{name}");
    }
}

/// Everything is sent before anything is read, as far as the buffers go.
#[test]
fn half_close_before_the_first_read_gets_everything_back() {
    for name in STREAMS {
        let server = Server::start(&[name]);
        let client = Client::of(&server.address());
        let sent = pattern(100_000, 1);
        client.send(&sent);
        client.socket.end_sending();
        assert!(client.to_the_end() == sent, "{name}");
    }
}

#[test]
fn bytes_one_at_a_time_come_back_one_at_a_time() {
    for name in STREAMS {
        let server = Server::start(&[name]);
        let client = Client::of(&server.address());
        for byte in pattern(2000, 3) {
            client.echo(&[byte]);
        }
        drop(client);
        let ended = server.end();
        assert_eq!((ended.count("messages"), ended.count("bytes")), (2000, 2000), "{name}");
    }
}

/// Sends as long as anybody takes it, and says how much that was.
fn stuff(client: &Client, most: usize) -> usize {
    let piece = pattern(64 << 10, 0);
    let mut sent = 0;
    let mut refusals = 0;
    while sent < most && refusals < 10_000 {
        match client.socket.send_now(&piece) {
            Ok(len) => (sent, refusals) = (sent + len, 0),
            Err(Errno::EAGAIN) => {
                // The server may be about to take more: it gets the CPU.
                refusals += 1;
                std::thread::yield_now();
            }
            Err(errno) => panic!("after {sent} bytes: {errno}"),
        }
    }
    sent
}

/// 50 MB, none of it read: the server stops to receive, and holds one receive of it at most.
#[test]
fn a_client_that_does_not_read_stops_being_read_and_nobody_else_notices() {
    for name in STREAMS {
        let server = Server::start(&[name]);
        let other = Client::of(&server.address());
        other.echo(b"before");
        let before = server.status("RssAnon");
        let greedy: Vec<_> = (0..4).map(|_| Client::of(&server.address())).collect();
        for client in &greedy {
            let sent = stuff(client, 50 << 20);
            assert!(sent < 50 << 20, "{name}: somebody has {sent} bytes");
            other.echo(&pattern(30_000, 5));
        }
        let grown = server.status("RssAnon").saturating_sub(before);
        assert!(grown <= 4 * 64 + 256, "{name}: {grown} KiB more for four clients");
        for _ in 0..200 {
            other.echo(b"meanwhile");
        }
    }
}

/// What the server has not taken is there when the client begins to read.
#[test]
fn a_client_that_reads_late_still_gets_all_of_it() {
    for name in STREAMS {
        let server = Server::start(&[name]);
        let client = Client::of(&server.address());
        let sent = stuff(&client, 50 << 20);
        client.socket.end_sending();
        let back = client.to_the_end();
        assert_eq!(back.len(), sent, "{name}");
        let piece = pattern(64 << 10, 0);
        let mut whole = 0;
        // Each call may have taken a part of the piece only, so the first is what is known.
        while whole < back.len().min(piece.len()) {
            assert_eq!(back[whole], piece[whole], "{name}: byte {whole}");
            whole += 1;
        }
    }
}

#[test]
fn a_connection_that_is_reset_ends_alone_and_is_counted() {
    let server = Server::start(&["tcp4"]);
    let other = Client::of(&server.address());
    let linger = nix::libc::linger { l_onoff: 1, l_linger: 0 };
    for _ in 0..20 {
        let client = Client::of(&server.address());
        client.echo(b"alive");
        // Closing then resets (socket(7), SO_LINGER).
        setsockopt(&client.socket, sockopt::Linger, &linger).expect("it is a socket");
        drop(client);
        other.echo(b"still there");
    }
    drop(other);
    let ended = server.end();
    assert_eq!((ended.count("connections"), ended.count("broken")), (21, 20));
}

/// Closing with something unread resets the connection too, in the middle of the server's answer.
#[test]
fn a_client_that_goes_in_the_middle_harms_nobody() {
    for name in STREAMS {
        let server = Server::start(&[name]);
        let other = Client::of(&server.address());
        for _ in 0..10 {
            let client = Client::of(&server.address());
            stuff(&client, 4 << 20);
            drop(client);
            other.echo(b"still there");
        }
        assert_eq!(server.end().count("connections"), 11, "{name}");
    }
}

#[test]
fn silent_and_half_open_clients_cost_no_other_client_anything() {
    let server = Server::start(&["tcp4", "unix-stream", "unix-seqpacket"]);
    let addresses = server.addresses();
    let silent: Vec<_> = addresses.iter().cycle().take(300).map(Client::of).collect();
    let half_open: Vec<_> = addresses.iter().cycle().take(300).map(Client::of).collect();
    for client in &half_open {
        client.socket.end_sending();
    }
    // Each of these gets the end at once, and nobody else does.
    for client in &half_open {
        assert_eq!(client.receive(), b"");
    }
    for address in &addresses {
        let client = Client::of(address);
        for turn in 0..100 {
            client.echo(&pattern(turn, turn));
        }
    }
    for client in &silent {
        client.echo(b"at last");
    }
    drop((silent, half_open));
    let ended = server.end();
    let sum = |name: &str| -> u64 {
        let tally = ended.tally();
        let rows = tally["addresses"].as_array().expect("rows").clone();
        rows.iter().map(|row| row[name].as_u64().expect("a count")).sum()
    };
    assert_eq!((sum("connections"), sum("broken")), (603, 0));
}
