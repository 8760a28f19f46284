//! Messages, one for one: empty ones and the largest, many at once, never cut, merged or reordered.

use crate::client::{Client, pattern};
use crate::server::Server;
use nix::sys::socket::{
    AddressFamily, MsgFlags, SockFlag, SockType, recv, send, setsockopt, socketpair, sockopt,
};
use sockeye::os::Errno;
use std::os::fd::{AsRawFd, OwnedFd};

const MESSAGES: [&str; 4] = ["udp4", "udp6", "unix-dgram", "unix-seqpacket"];

#[test]
fn empty_messages_come_back_one_for_one() {
    for name in MESSAGES {
        let server = Server::start(&[name]);
        let client = Client::of(&server.address());
        for message in [&b""[..], b"a", b"", b"", b"bc", b""] {
            client.echo(message);
        }
        drop(client);
        let ended = server.end();
        assert_eq!((ended.count("messages"), ended.count("bytes")), (6, 3), "{name}");
        assert_eq!(ended.dropped(), [], "{name}");
    }
}

/// To a receive, an empty message and the end look alike: 0 bytes (unix(7)).
#[test]
fn an_empty_packet_just_before_the_end_is_told_from_the_end() {
    for burst in [&[&b""[..]][..], &[b"", b""], &[b"x", b"", b"y", b"", b""]] {
        let server = Server::start(&["unix-seqpacket"]);
        let client = Client::of(&server.address());
        for message in burst {
            client.send(message);
        }
        client.socket.end_sending();
        for message in burst {
            assert_eq!(&client.receive(), message);
        }
        // The end, as far as it can be told: nothing but 0 bytes, again and again.
        assert_eq!((client.receive().len(), client.receive().len()), (0, 0));
        drop(client);
        let ended = server.end();
        assert_eq!(ended.count("messages"), burst.len() as u64, "{burst:?}");
        assert_eq!((ended.count("connections"), ended.count("broken")), (1, 0), "{burst:?}");
    }
}

#[test]
fn the_largest_message_of_each_transport_comes_back_whole() {
    for (name, largest) in [("udp4", 65_507), ("udp6", 65_527), ("udp46", 65_507)] {
        let server = Server::start(&[name]);
        let client = Client::of(&server.address());
        for len in [largest, largest - 1, 1, largest] {
            client.echo(&pattern(len, len));
        }
        assert_eq!(client.socket.send(&vec![0; largest + 1]), Err(Errno::EMSGSIZE), "{name}");
    }
}

/// The largest message that a socket of this type sends with this send buffer, tried on a pair. It is
/// the buffer less the kernel's share (unix(7)), or what the kernel finds memory for in one piece.
fn largest_of(kind: SockType, buffer: Option<usize>) -> usize {
    let (here, there) = pair(kind, buffer);
    let takes = |len: usize| {
        let taken = send(here.as_raw_fd(), &vec![0; len], MsgFlags::MSG_DONTWAIT).is_ok();
        if taken {
            recv(there.as_raw_fd(), &mut [0], MsgFlags::empty()).expect("it is there");
        }
        taken
    };
    let (mut takes_it, mut too_much) = (1, 32 << 20);
    while too_much - takes_it > 1 {
        let middle = usize::midpoint(takes_it, too_much);
        *(if takes(middle) { &mut takes_it } else { &mut too_much }) = middle;
    }
    takes_it
}

fn pair(kind: SockType, buffer: Option<usize>) -> (OwnedFd, OwnedFd) {
    let (here, there) =
        socketpair(AddressFamily::Unix, kind, None, SockFlag::SOCK_CLOEXEC).expect("a pair");
    if let Some(buffer) = buffer {
        setsockopt(&here, sockopt::SndBuf, &buffer).expect("it is clamped");
    }
    (here, there)
}

#[test]
fn unix_messages_come_back_whole_up_to_the_largest_send_buffer() {
    for (name, kind) in
        [("unix-dgram", SockType::Datagram), ("unix-seqpacket", SockType::SeqPacket)]
    {
        let server = Server::start(&[name]);
        for buffer in [None, Some(1 << 30)] {
            let client = Client::of(&server.address());
            if let Some(buffer) = buffer {
                setsockopt(&client.socket, sockopt::SndBuf, &buffer).expect("it is clamped");
            }
            let largest = largest_of(kind, buffer);
            assert!(largest > 100_000, "{name}: {largest}");
            for len in [largest, 100, largest] {
                client.echo(&pattern(len, len));
            }
        }
        assert_eq!(server.end().dropped(), [], "{name}");
    }
}

#[test]
fn many_messages_at_once_come_back_each_by_itself_and_in_order() {
    // UDP's receive buffer takes so many small ones at least (net.core.rmem_default); a Unix socket
    // makes its sender wait instead.
    for (name, count) in
        [("udp4", 100), ("udp6", 100), ("udplite4", 100), ("unix-dgram", 1), ("unix-seqpacket", 60)]
    {
        if name == "udplite4" && !crate::catalogue::is_here(name) {
            continue;
        }
        let server = Server::start(&[name]);
        let client = Client::of(&server.address());
        for round in 0..20 {
            let messages: Vec<_> =
                (0..count).map(|n| pattern((n * 37 + round) % 900, n + round)).collect();
            for message in &messages {
                client.send(message);
            }
            for (n, message) in messages.iter().enumerate() {
                assert_eq!(&client.receive(), message, "{name}: message {n} of round {round}");
            }
        }
        assert!(client.has_nothing(), "{name}: more came than was sent");
        drop(client);
        assert_eq!(server.end().count("messages"), 20 * count as u64, "{name}");
    }
}

/// More than a Unix datagram socket queues (`net.unix.max_dgram_qlen`), sent and received at once.
#[test]
fn more_unix_datagrams_than_a_queue_holds_all_come_back() {
    const COUNT: usize = 3000;
    let server = Server::start(&["unix-dgram"]);
    let client = Client::of(&server.address());
    std::thread::scope(|scope| {
        scope.spawn(|| (0..COUNT).for_each(|n| client.send(&pattern(n % 700, n))));
        for n in 0..COUNT {
            assert_eq!(client.receive(), pattern(n % 700, n), "message {n}");
        }
    });
    assert!(client.has_nothing());
    let ended = server.end();
    assert_eq!(ended.count("messages"), COUNT as u64);
    assert_eq!(ended.dropped(), []);
}

#[test]
fn a_packet_larger_than_the_rest_follows_small_ones_unmerged() {
    let server = Server::start(&["unix-seqpacket"]);
    let client = Client::of(&server.address());
    let messages: Vec<_> = [3, 60_000, 0, 1, 99_999, 2].map(|len| pattern(len, len)).to_vec();
    std::thread::scope(|scope| {
        scope.spawn(|| messages.iter().for_each(|message| client.send(message)));
        for message in &messages {
            assert!(client.receive() == *message, "a message of {}", message.len());
        }
    });
}

/// A batch of one is a call a message; the answers are the same.
#[test]
fn every_batch_size_answers_alike() {
    for batch in ["1", "2", "32", "1024"] {
        let server = Server::start(&["udp4", "--batch", batch]);
        let clients: Vec<_> = (0..8).map(|_| Client::of(&server.address())).collect();
        for round in 0..10 {
            clients.iter().enumerate().for_each(|(n, client)| {
                client.send(&pattern(n * 10, n + round));
                client.send(b"");
            });
            clients.iter().enumerate().for_each(|(n, client)| {
                assert_eq!(client.receive(), pattern(n * 10, n + round));
                assert_eq!(client.receive(), b"");
            });
        }
        drop(clients);
        assert_eq!(server.end().count("messages"), 160);
    }
}
