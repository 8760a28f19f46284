//! What both sources say of sockets of our own, whose truth is known.

use super::table::TCP;
use super::*;
use crate::os::Errno;
use crate::os::pair::{Options, Pair};
use crate::os::scratch::Scratch;
use crate::os::socket::{End, Socket};
use crate::transport::ALL;
use rustix::event::{PollFd, PollFlags, poll};
use std::os::fd::{AsFd, AsRawFd};
use std::process::Command;

/// Does that with every transport whose sockets can be had here, and says of which they cannot.
fn for_each_transport(body: impl Fn(&'static Transport, &mut Scratch)) {
    let mut scratch = Scratch::below(&std::env::temp_dir());
    for transport in ALL {
        let tried = Socket::open(transport, End::Server)
            .and_then(|socket| socket.bind(&scratch.fresh(transport, End::Server)?));
        match tried {
            Ok(()) => body(transport, &mut scratch),
            Err(error) => println!("skipped: {}: {error}", transport.name),
        }
    }
}

fn number(socket: &impl AsFd) -> u64 {
    inode("self", socket.as_fd().as_raw_fd()).expect("a socket")
}

fn by(source: Source, transport: &Transport, socket: &impl AsFd) -> Sight {
    let seen = Snapshot::default().look_by(source, transport, number(socket));
    seen.unwrap_or_else(|| panic!("{source:?} says nothing of {}", transport.name))
}

/// Is anything said of its sockets?
fn is_known(transport: &Transport) -> bool {
    transport.family == Family::Unix || !tables(transport).is_empty()
}

/// What each source says of it. This kernel need not have `sock_diag` for all of them.
fn each(transport: &'static Transport, socket: &impl AsFd) -> Vec<(Source, Sight)> {
    let number = number(socket);
    let say = |source| Some((source, Snapshot::default().look_by(source, transport, number)?));
    let all: Vec<_> = SOURCES.into_iter().filter_map(say).collect();
    assert_eq!(all.is_empty(), !is_known(transport), "{}", transport.name);
    all
}

fn is_tcp(transport: &Transport) -> bool {
    matches!(transport.protocol, Protocol::Tcp | Protocol::Mptcp)
}

fn wait_for(socket: &impl AsFd, flags: PollFlags) {
    let mut events = [PollFd::new(socket, flags)];
    assert_eq!(poll(&mut events, None), Ok(1));
}

fn pair(transport: &'static Transport, scratch: &mut Scratch) -> (Socket, Socket) {
    let options = Options { nodelay: false, buffer: None };
    let Pair { client, server, .. } = Pair::open(transport, scratch, options).expect("a pair");
    if transport.kind.connects() {
        return (client, server.accept().expect("accepted"));
    }
    (client, server)
}

#[test]
fn a_socket_has_a_name_once_it_is_bound() {
    for_each_transport(|transport, scratch| {
        let socket = Socket::open(transport, End::Server).expect("opened");
        // A TCP socket that is only bound is told by sock_diag alone, and by that of Linux 6.8.
        let told = |source| !is_tcp(transport) || trial::bound_is_listed(source);
        for (source, sight) in each(transport, &socket) {
            let named = told(source).then_some(false);
            assert_eq!(sight.named, named, "{} by {source:?}, unbound", transport.name);
            assert_eq!(sight.state, Some(State::Close), "{} by {source:?}", transport.name);
        }
        socket.bind(&scratch.fresh(transport, End::Server).expect("a name")).expect("bound");
        for (source, sight) in each(transport, &socket) {
            let named = told(source).then_some(true);
            assert_eq!(sight.named, named, "{} by {source:?}, bound", transport.name);
            assert_eq!(sight.state, Some(State::Close), "{} by {source:?}", transport.name);
        }
    });
}

#[test]
fn a_listener_tells_how_many_wait_and_how_many_may() {
    for_each_transport(|transport, scratch| {
        if !transport.kind.connects() || !is_known(transport) {
            return;
        }
        let server = Socket::open(transport, End::Server).expect("opened");
        server.bind(&scratch.fresh(transport, End::Server).expect("a name")).expect("bound");
        server.listen().expect("listening");
        let check = |clients| {
            for (source, sight) in each(transport, &server) {
                let what = format!("{} by {source:?}", transport.name);
                assert_eq!(sight.state, Some(State::Listen), "{what}");
                // A table's row of a Unix listener has neither number, and no row has the second.
                let (waiting, room) = match (source, is_tcp(transport)) {
                    (Source::Diag, _) => (Some(clients), Some(16)),
                    (Source::Proc, true) => (Some(clients), None),
                    (Source::Proc, false) => (None, None),
                };
                assert_eq!((sight.waiting, sight.room), (waiting, room), "{what}");
                assert_eq!((sight.unread, sight.dropped), (None, None), "{what}");
            }
        };
        check(0);
        let client = Socket::open(transport, End::Client).expect("opened");
        let name = server.local_name().expect("a name").mapped_for(transport, End::Client);
        client.connect(&name).expect("connected");
        wait_for(&server, PollFlags::IN);
        check(1);
        let _accepted = server.accept().expect("accepted");
        check(0);
    });
}

/// While a long table is read its sockets come and go, and what was there all the time may be missed.
#[test]
fn of_what_is_not_seen_in_a_long_table_of_messages_nothing_is_said() {
    for_each_transport(|transport, scratch| {
        if ![Protocol::Udp, Protocol::UdpLite].contains(&transport.protocol) {
            return;
        }
        let nameless = Socket::open(transport, End::Server).expect("opened");
        let many: Vec<_> = (0..40)
            .map(|_| {
                let socket = Socket::open(transport, End::Server).expect("opened");
                socket
                    .bind(&scratch.fresh(transport, End::Server).expect("a name"))
                    .expect("bound");
                socket
            })
            .collect();
        let seen = |source| Snapshot::default().look_by(source, transport, number(&nameless));
        assert_eq!((seen(Source::Proc), many.len()), (None, 40), "{}", transport.name);
    });
}

#[test]
fn what_waits_is_told_until_it_is_read() {
    for_each_transport(|transport, scratch| {
        // A raw socket hears strangers too.
        if !is_known(transport) || transport.kind == Kind::Raw {
            return;
        }
        let (client, server) = pair(transport, scratch);
        client.send(&[b'x'; 64]).expect("sent");
        client.send(&[b'x'; 64]).expect("sent");
        wait_for(&server, PollFlags::IN);
        for (source, sight) in each(transport, &server) {
            let what = format!("{} by {source:?}: {sight:?}", transport.name);
            match (transport.family, transport.protocol, source) {
                (Family::Unix, ..) if source == Source::Proc => assert_eq!(sight.unread, None),
                (Family::Unix, ..) if transport.kind == Kind::Datagram => {
                    assert_eq!(sight.unread, Some(64), "{what}");
                }
                (Family::Unix, ..) => assert_eq!(sight.unread, Some(128), "{what}"),
                (_, Protocol::Mptcp, Source::Proc) => assert_eq!(sight.unread, None, "{what}"),
                // The first of the two may be there alone.
                (_, Protocol::Tcp, _) => {
                    assert!([Some(64), Some(128)].contains(&sight.unread), "{what}");
                }
                _ => assert!(sight.unread.is_some_and(|bytes| bytes > 64), "{what}"),
            }
        }
        let mut taken = 0;
        while taken < 128 {
            taken += server.receive(&mut [0; 200]).expect("received").min(64 * 2);
        }
        for (source, sight) in each(transport, &server) {
            let told = source == Source::Diag || transport.family != Family::Unix;
            let told = told && (transport.protocol, source) != (Protocol::Mptcp, Source::Proc);
            assert_eq!(sight.unread, told.then_some(0), "{} by {source:?}", transport.name);
        }
    });
}

#[test]
fn what_found_no_room_is_counted() {
    for_each_transport(|transport, scratch| {
        if transport.kind.connects() || transport.family == Family::Unix {
            return;
        }
        let (client, server) = pair(transport, scratch);
        for (source, sight) in each(transport, &server) {
            assert_eq!(sight.dropped, Some(0), "{} by {source:?}", transport.name);
        }
        server.set_receive_buffer(1).expect("set");
        for _ in 0..64 {
            client.send(&[0; 1024]).expect("sent");
        }
        let dropped: Vec<_> = each(transport, &server).iter().map(|(_, s)| s.dropped).collect();
        assert!(dropped.iter().all(|n| n.is_some_and(|n| n > 0)), "{transport:?}: {dropped:?}");
    });
}

#[test]
fn a_unix_sender_that_finds_no_room_is_held_back_and_nothing_is_dropped() {
    let transport = Transport::named("unix-dgram").expect("a transport");
    let mut scratch = Scratch::below(&std::env::temp_dir());
    let (client, server) = pair(transport, &mut scratch);
    while client.send_now(&[0; 64]).is_ok() {}
    assert_eq!(client.send_now(&[0; 64]), Err(Errno::EAGAIN));
    let sight = by(Source::Diag, transport, &server);
    assert_eq!((sight.unread, sight.dropped), (Some(64), None));
}

#[test]
fn who_closed_first_is_told_by_what_is_left() {
    for_each_transport(|transport, scratch| {
        if transport.protocol != Protocol::Tcp {
            return;
        }
        for first in [End::Client, End::Server] {
            let (client, server) = pair(transport, scratch);
            let names = (client.local_name().expect("named"), server.local_name().expect("named"));
            let (one, other, own, its) = match first {
                End::Client => (client, server, names.0, names.1),
                End::Server => (server, client, names.1, names.0),
            };
            let left = |own, its| {
                SOURCES.map(|s| Snapshot::default().lingering_by(s, transport, own, its))
            };
            assert_eq!(left(&own, &its), [Some(None); 2], "{}, open", transport.name);
            one.send(b"12345").expect("sent");
            one.end_sending();
            wait_for(&other, PollFlags::RDHUP);
            for (source, sight) in each(transport, &other) {
                let what = format!("{} by {source:?}: {sight:?}", transport.name);
                assert_eq!(sight.state, Some(State::CloseWait), "{what}");
                assert_eq!(sight.unread, Some(5), "{what}");
            }
            assert_eq!(other.receive(&mut [0; 9]), Ok(5));
            assert_eq!(other.receive(&mut [0; 9]), Ok(0));
            drop(other);
            assert_eq!(one.receive(&mut [0; 9]), Ok(0));
            assert_eq!(left(&own, &its), [Some(Some(State::TimeWait)); 2], "{}", transport.name);
            assert_eq!(left(&its, &own), [Some(None); 2], "{}", transport.name);
        }
    });
}

#[test]
fn a_connection_that_is_closed_first_waits_for_the_other_end() {
    for_each_transport(|transport, scratch| {
        if !is_tcp(transport) {
            return;
        }
        let (client, server) = pair(transport, scratch);
        let (own, its) = (client.local_name().expect("a name"), server.local_name().expect("one"));
        drop(client);
        for source in SOURCES {
            let left = Snapshot::default().lingering_by(source, transport, &own, &its);
            if (source, transport.protocol) == (Source::Proc, Protocol::Mptcp) {
                // The table tells of the connection below, which stays as it is.
                assert_eq!(left, None);
                continue;
            }
            let left = left.expect("told");
            let what = format!("{} by {source:?}: {left:?}", transport.name);
            // It depends on whether the other end has acknowledged it yet.
            assert!(matches!(left, Some(State::FinWait1 | State::FinWait2)), "{what}");
            assert_eq!(
                Snapshot::default().lingering_by(source, transport, &its, &own),
                Some(None),
                "{what}"
            );
        }
    });
}

/// Its port is free again, and it tells its name still: it is not one that never had any.
#[test]
fn a_connection_that_was_reset_is_not_said_to_have_no_name() {
    for_each_transport(|transport, scratch| {
        if transport.protocol != Protocol::Tcp {
            return;
        }
        let (client, server) = pair(transport, scratch);
        let name = client.local_name().expect("a name");
        for source in SOURCES {
            let mut snapshot = Snapshot::default();
            let seen = snapshot.look_by(source, transport, number(&client)).expect("told");
            assert_eq!((seen.state, seen.named), (Some(State::Established), Some(true)));
            snapshot.renew();
            assert_eq!(snapshot.listed.len(), 1, "{source:?}");
        }
        client.send(b"unread").expect("sent");
        wait_for(&server, PollFlags::IN);
        let mut snapshot = Snapshot::default();
        snapshot.listed.insert(number(&client));
        drop(server);
        wait_for(&client, PollFlags::HUP);
        for source in SOURCES {
            let seen = snapshot.look_by(source, transport, number(&client)).expect("told");
            let what = format!("{} by {source:?}", transport.name);
            assert_eq!((seen.state, seen.named), (Some(State::Close), None), "{what}");
        }
        assert_eq!(client.local_name(), Ok(name), "{}", transport.name);
    });
}

/// Once a port is known, only what is at it is asked for, and that is all there is to know.
#[test]
fn many_other_sockets_are_not_read_again_and_again() {
    for_each_transport(|transport, scratch| {
        if !transport.kind.has_port() || tables(transport).is_empty() {
            return;
        }
        let (client, server) = pair(transport, scratch);
        let names = (client.local_name().expect("named"), server.local_name().expect("named"));
        let see = |snapshot: &mut Snapshot| {
            let sockets =
                [&server, &client].map(|s| snapshot.look_by(Source::Diag, transport, number(s)));
            let left = snapshot.lingering_by(Source::Diag, transport, &names.0, &names.1);
            (sockets, left)
        };
        let mut snapshot = Snapshot::default();
        let fresh = see(&mut snapshot);
        assert!(snapshot.inet.keys().any(|(_, wanted)| (wanted.own, wanted.other) == (0, 0)));
        snapshot.renew();
        assert_eq!(see(&mut snapshot), fresh, "{}", transport.name);
        let whole: Vec<_> = snapshot
            .inet
            .keys()
            .filter(|(_, wanted)| (wanted.own, wanted.other) == (0, 0))
            .collect();
        assert!(whole.is_empty(), "{}: {whole:?}", transport.name);
    });
}

#[test]
fn what_has_no_such_states_leaves_nothing() {
    for_each_transport(|transport, scratch| {
        if is_tcp(transport) {
            return;
        }
        let name = scratch.fresh(transport, End::Server).expect("a name");
        let told = transport.family == Family::Unix || !transport.kind.connects();
        let left = Snapshot::default().lingering(transport, &name, &name);
        assert_eq!(left, told.then_some(None), "{}", transport.name);
    });
}

#[test]
fn the_trials_see_what_linux_tells() {
    if TCP.read(Source::Diag, TCP.every(false)).is_none() {
        println!("skipped: no sock_diag, so that these need not be Linux's own tables");
        return;
    }
    let told = trial::told_by(Source::Proc);
    assert!(told.queues && told.orphans && told.drops, "{told:?}");
    assert!(!trial::bound_is_listed(Source::Proc));
}

/// `ss` reads the same tables, so it must read the same from them.
#[test]
fn ss_says_the_same() {
    if Command::new("ss").arg("-V").output().is_err() {
        println!("skipped: ss is not installed");
        return;
    }
    let transport = Transport::named("tcp4").expect("a transport");
    let mut scratch = Scratch::below(&std::env::temp_dir());
    let options = Options { nodelay: false, buffer: None };
    let Pair { client, server, name, .. } =
        Pair::open(transport, &mut scratch, options).expect("a pair");
    client.send(&[b'x'; 64]).expect("sent");
    wait_for(&server, PollFlags::IN);
    let accepted = server.accept().expect("accepted");
    wait_for(&accepted, PollFlags::IN);
    let client_name = client.local_name().expect("a name");
    let ends = [
        (&server, name.port(), 0),
        (&accepted, name.port(), client_name.port()),
        (&client, client_name.port(), name.port()),
    ];
    for (socket, own, other) in ends {
        let filter = format!("sport = :{own} and dport = :{other}");
        let said = Command::new("ss").args(["-Htan", &filter]).output().expect("ss runs").stdout;
        let said = String::from_utf8(said).expect("UTF-8");
        let fields: Vec<_> = said.split_whitespace().take(3).collect();
        let sight = by(Source::Diag, transport, socket);
        let state = match sight.state {
            Some(State::Listen) => "LISTEN",
            Some(State::Established) => "ESTAB",
            state => panic!("{state:?}"),
        };
        let queues = match sight.waiting.zip(sight.room) {
            Some((waiting, room)) => [waiting.to_string(), room.to_string()],
            None => [sight.unread, sight.unsent].map(|n| n.expect("told").to_string()),
        };
        assert_eq!(fields, [state, queues[0].as_str(), queues[1].as_str()], "{said}");
    }
}
