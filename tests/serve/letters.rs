//! Datagrams whose sender does not read, has gone, or has no name: none of them costs another client
//! anything, and each is counted with its reason.

use crate::client::{Client, pattern};
use crate::server::Server;
use nix::sys::signal::Signal;
use nix::sys::socket::{MsgFlags, UnixAddr, sendto};
use sockeye::address::{Address, Place};
use sockeye::os::socket::{End, Socket};
use sockeye::transport::Transport;
use std::os::fd::{AsFd, AsRawFd};

fn path(address: &Address) -> UnixAddr {
    match address.place() {
        Place::Path(path) => UnixAddr::new(path.as_str()).expect("it is short"),
        other => panic!("no path: {other:?}"),
    }
}

/// Sends without being connected: the kernel then looks at the receiver's queue for each answer.
fn send_to(client: &Client, address: &UnixAddr, bytes: &[u8]) {
    let raw = client.socket.as_fd().as_raw_fd();
    let sent = sendto(raw, bytes, address, MsgFlags::empty()).expect("the server takes it");
    assert_eq!(sent, bytes.len());
}

#[test]
fn a_unix_client_that_never_reads_costs_no_other_one_anything() {
    let server = Server::start(&["unix-dgram"]);
    let address = server.address();
    let (other, silent) = (Client::of(&address), Client::unconnected(&address));
    for n in 0..1000 {
        send_to(&silent, &path(&address), &pattern(50, n));
        other.echo(&pattern(60, n));
    }
    let ended = server.end();
    let (answered, dropped) = (ended.count("messages"), ended.dropped());
    assert!(dropped.len() == 1 && dropped[0].0 == "full", "{dropped:?}");
    assert_eq!(answered + dropped[0].1, 2000);
    assert!(dropped[0].1 >= 500, "{} were taken by nobody", dropped[0].1);
}

/// Lets a client that is connected to the server send so many messages and read none of the answers,
/// and then another one have its own.
fn expect_no_harm_by_a_connected_client(count: usize) {
    let server = Server::start(&["unix-dgram"]);
    let address = server.address();
    let (other, silent) = (Client::of(&address), Client::of(&address));
    (0..count).for_each(|n| silent.send(&pattern(50, n)));
    (0..100).for_each(|n| other.echo(&pattern(60, n)));
    drop((other, silent));
    let ended = server.end();
    let dropped: u64 = ended.dropped().iter().map(|(_, count)| count).sum();
    assert_eq!(ended.count("messages") + dropped, count as u64 + 100);
}

/// The kernel does not look at the queue of a receiver that is connected to the sender (unix(7) does
/// not say so): its answers fill the server's send buffer, which all clients of a socket share.
#[test]
fn a_connected_unix_client_that_never_reads_costs_no_other_one_anything() {
    expect_no_harm_by_a_connected_client(200);
}

/// What one client leaves unread is charged to the one send buffer that a socket has for all, and nothing
/// takes it back while that client lives: the manual's CAVEATS say so.
#[test]
fn a_whole_send_buffer_unread_silences_its_socket_alone_and_only_while_the_client_is_there() {
    let server = Server::start(&["unix-dgram", "udp4"]);
    let [unix, udp] = &server.addresses()[..] else { panic!("two addresses") };
    let most = std::fs::read_to_string("/proc/sys/net/core/wmem_max").expect("it is there");
    let most: usize = most.trim().parse().expect("a number");
    // A message takes more room than its bytes: at least some 500 (socket(7)), of twice that limit.
    let count = 2 * most / 500 + 1000;
    let silent = Client::of(unix);
    (0..count).for_each(|n| silent.send(&pattern(50, n)));
    let other = Client::of(udp);
    (0..100).for_each(|n| other.echo(&pattern(60, n)));
    drop(silent);
    let next = Client::of(unix);
    (0..100).for_each(|n| next.echo(&pattern(60, n)));
    let ended = server.end();
    let dropped: u64 = ended.dropped().iter().map(|(_, count)| count).sum();
    assert!(dropped > 0, "the buffer was never full");
    let tally = ended.tally();
    let rows = tally["addresses"].as_array().expect("a row for each").iter();
    let answered: u64 = rows.filter_map(|row| row["messages"].as_u64()).sum();
    assert_eq!(answered + dropped, count as u64 + 200);
}

/// A queue that is full is tried again, and the answers keep their order.
#[test]
fn a_unix_client_that_reads_slowly_gets_every_answer_in_order() {
    const COUNT: usize = 2000;
    let server = Server::start(&["unix-dgram"]);
    let address = server.address();
    let client = Client::unconnected(&address);
    std::thread::scope(|scope| {
        scope.spawn(|| (0..COUNT).for_each(|n| send_to(&client, &path(&address), &pattern(40, n))));
        for n in 0..COUNT {
            assert_eq!(client.receive(), pattern(40, n), "answer {n}");
        }
    });
    let ended = server.end();
    assert_eq!((ended.count("messages"), ended.dropped()), (COUNT as u64, vec![]));
}

#[test]
fn a_sender_that_has_gone_is_counted_and_nothing_else_happens() {
    let server = Server::start(&["unix-dgram"]);
    let other = Client::of(&server.address());
    other.echo(b"before");
    // While it is stopped, the messages come and their senders go.
    server.signal(Signal::SIGSTOP);
    for _ in 0..5 {
        Client::of(&server.address()).send(b"nobody will hear");
    }
    server.signal(Signal::SIGCONT);
    other.echo(b"after");
    let ended = server.end();
    assert_eq!(ended.dropped(), [("gone".to_owned(), 5)]);
    assert_eq!(ended.count("messages"), 2);
}

#[test]
fn a_sender_without_a_name_is_counted() {
    let server = Server::start(&["unix-dgram"]);
    let address = server.address();
    let row = Transport::named("unix-dgram").expect("it is there");
    let nobody = Socket::open(row, End::Client).expect("it is here");
    let name = sockeye::os::name::Name::of(&address).expect("a path");
    nobody.connect(&name).expect("the server is there");
    for _ in 0..3 {
        nobody.send(b"from nobody").expect("the server takes it");
    }
    Client::of(&address).echo(b"from somebody");
    let ended = server.end();
    assert_eq!(ended.dropped(), [("unnamed".to_owned(), 3)]);
    assert_eq!((ended.count("messages"), ended.count("bytes")), (1, 13));
}

/// Nobody tells a UDP server; the error that comes back from a closed port must not stop it.
#[test]
fn udp_senders_that_have_gone_do_not_stop_the_server() {
    for name in ["udp4", "udp6"] {
        let server = Server::start(&[name]);
        let other = Client::of(&server.address());
        for n in 0..50 {
            Client::of(&server.address()).send(b"gone");
            other.echo(&pattern(n, n));
        }
        assert_eq!(server.end().count("messages"), 100, "{name}");
    }
}

#[test]
fn a_udp_client_that_never_reads_costs_no_other_one_anything() {
    for name in ["udp4", "udp6"] {
        let server = Server::start(&[name]);
        let (other, silent) = (Client::of(&server.address()), Client::of(&server.address()));
        for n in 0..500 {
            silent.send(&pattern(8000, n));
            other.echo(&pattern(1000, n));
        }
        assert_eq!(server.end().count("messages"), 1000, "{name}");
    }
}
