//! Experiments on messages that need no connection.

use crate::bench::{Bench, ROOM, has_nothing, refusal, taken};
use sockeye::os::Errno;
use sockeye::os::option::SO_RCVBUF;
use sockeye::transport::{End, Family, Kind, Transport};

/// Not a packet goes through loopback, and nothing is in the server's queue, until send.
pub(crate) fn connect_sends_nothing(transport: &'static Transport) {
    let bench = Bench::new(transport);
    let (server, name) = bench.bound();
    let client = bench.client();
    if transport.family == Family::Unix {
        client.bind(&bench.name(End::Client)).expect("nobody has that name");
    }
    let before = packets();
    client.connect_blocking(&name).expect("nothing is in the way");
    assert_eq!(packets(), before);
    assert!(has_nothing(&server));
    assert_eq!(client.send(b"now"), Ok(3));
    assert_eq!(taken(&bench, &server), b"now");
    let is_packet = transport.family != Family::Unix;
    assert_eq!(packets() > before, is_packet, "a packet is counted when there is one");
    // Where no file has to be found, nobody has to be there.
    server.close();
    assert_eq!(bench.client().connect_blocking(&name).is_ok(), is_packet);
}

/// How many packets loopback has carried in this network.
fn packets() -> u64 {
    let text = std::fs::read_to_string("/proc/net/dev").expect("the kernel has it");
    let row = text.lines().find_map(|line| line.trim().strip_prefix("lo:")).expect("loopback");
    row.split_ascii_whitespace().nth(1).expect("packets").parse().expect("a number")
}

/// What a stranger sends does not get in at a socket that is connected; what its server sends does.
pub(crate) fn connected_to_one(transport: &'static Transport) {
    let bench = Bench::new(transport);
    let (client, own, server, _) = bench.paired();
    let (stranger, _) = bench.bound();
    let sent = stranger.send_to(b"strange", &own);
    if transport.family == Family::Unix {
        assert_eq!(refusal(sent), Errno::EPERM);
    } else {
        assert!(sent.is_ok());
    }
    assert!(has_nothing(&client));
    server.send_to(b"expected", &own).expect("it is connected to this one");
    assert_eq!(taken(&bench, &client), b"expected");
}

/// A message gets to a socket that is bound and no more, and not to one that is not.
pub(crate) fn datagrams_queue_from_bind_on(transport: &'static Transport) {
    let bench = Bench::new(transport);
    let unbound = bench.unbound();
    assert_eq!(unbound.name().map(|name| name.port()), Ok(0));
    let (server, name) = bench.bound();
    let client = bench.client();
    assert_eq!(client.send_to(b"hello", &name), Ok(5));
    assert_eq!(taken(&bench, &server), b"hello");
    assert!(has_nothing(&unbound));
}

/// Two messages, two receives.
pub(crate) fn a_message_stays_whole(transport: &'static Transport) {
    let bench = Bench::new(transport);
    let check = |from: &sockeye::os::probe::Probe, to: &sockeye::os::probe::Probe| {
        assert_eq!((from.send(b"one"), from.send(b"other")), (Ok(3), Ok(5)));
        assert_eq!(taken(&bench, to), b"one");
        assert_eq!(taken(&bench, to), b"other");
        assert!(has_nothing(to));
    };
    if transport.kind.connects() {
        let (client, accepted, ..) = bench.connected();
        return check(&client, &accepted);
    }
    let (client, _, server, _) = bench.paired();
    check(&client, &server);
}

/// The client has closed, and the server hears nothing of it: no end, no error, and over IP not even
/// when it sends to it again. Only a Unix socket is refused then, and the client's file is still there.
pub(crate) fn a_datagram_client_that_left(transport: &'static Transport) {
    let bench = Bench::new(transport);
    let (client, own, server, _) = bench.paired();
    assert_eq!(client.send(b"bye"), Ok(3));
    client.close();
    assert_eq!(taken(&bench, &server), b"bye");
    assert!(has_nothing(&server));
    let sent = server.send_to(b"still there?", &own);
    if transport.family == Family::Unix {
        assert_eq!(refusal(sent), Errno::ECONNREFUSED);
        assert!(own.file().expect("a path").exists());
        return;
    }
    assert_eq!(sent, Ok(12));
    assert_eq!(server.pending_error(), Ok(None));
    if (transport.kind, transport.family) == (Kind::Raw, Family::Ipv6) {
        assert_eq!(taken(&bench, &server), b"still there?", "its own, as both are at ::1");
    }
    assert!(has_nothing(&server));
}

/// The port of a closed socket can be bound at once, and not while it is open.
pub(crate) fn the_port_is_free_again(transport: &'static Transport) {
    let bench = Bench::new(transport);
    let (client, _, server, _) = bench.paired();
    let name = server.name().expect("it is bound");
    assert_eq!(client.send(b"hello"), Ok(5));
    assert_eq!(server.receive_now(ROOM).expect("it is there"), b"hello");
    assert_eq!(refusal(bench.unbound().bind(&name)), Errno::EADDRINUSE);
    client.close();
    server.close();
    bench.unbound().bind(&name).expect("the port is free");
}

/// Whoever asks for a byte gets more, and whoever asks for none gets the same; more than that is had
/// for asking.
pub(crate) fn the_smallest_receive_buffer(transport: &'static Transport) {
    let bench = Bench::new(transport);
    let (server, _) = bench.bound();
    let granted = |bytes| {
        server.set(SO_RCVBUF, bytes).expect("any socket has it");
        server.get(SO_RCVBUF).expect("and tells")
    };
    let smallest = granted(1);
    assert!(smallest > 1, "{smallest}");
    assert_eq!(granted(0), smallest);
    assert!(granted(smallest) > smallest);
}
