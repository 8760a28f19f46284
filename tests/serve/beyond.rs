//! UDP beyond loopback, in a network of its own: never a loop, never an amplifier, and the answer
//! comes from the address that was asked.

use crate::client::{Client, limit_time, pattern};
use crate::network::is_inside;
use crate::server::Server;
use nix::sys::socket::{
    AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, SockaddrIn, sendto, setsockopt,
    socket, sockopt,
};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;

/// Two addresses of each version on an interface that is not loopback.
const SETUP: &str = "ip link set lo up && ip link add echo0 type veth peer name echo1 && \
                     echo 0 >/proc/sys/net/ipv6/conf/echo0/accept_dad && \
                     ip link set echo1 up && ip link set echo0 up && \
                     ip addr add 192.0.2.1/24 brd 192.0.2.255 dev echo0 && \
                     ip addr add 192.0.2.2/24 brd 192.0.2.255 dev echo0 && \
                     ip addr add fd00::1/64 dev echo0 nodad && \
                     ip addr add fd00::2/64 dev echo0 nodad";

fn inside(test: &str) -> bool {
    is_inside(&format!("beyond::{test}"), SETUP)
}

fn port(server: &Server) -> u16 {
    let text = server.address().to_string();
    text.rsplit(':').next().expect("a port").parse().expect("a number")
}

fn bound(address: &str) -> UdpSocket {
    let socket = UdpSocket::bind(address).expect("an address of this network");
    limit_time(&socket);
    socket
}

fn answer(socket: &UdpSocket) -> (Vec<u8>, SocketAddr) {
    let mut room = [0; 100];
    let (len, from) = socket.recv_from(&mut room).expect("an answer");
    (room[..len].to_vec(), from)
}

fn has_nothing(socket: &UdpSocket) -> bool {
    socket.set_nonblocking(true).expect("it is a socket");
    socket.recv_from(&mut [0; 1]).is_err()
}

#[test]
fn ports_below_1024_are_not_answered_loopback_or_not() {
    if !inside("ports_below_1024_are_not_answered_loopback_or_not") {
        return;
    }
    for (server_at, client_at) in [
        ("udp4://127.0.0.1:0", "127.0.0.1"),
        ("udp6://[::1]:0", "[::1]"),
        ("udp4://0.0.0.0:0", "192.0.2.1"),
        ("udp6://[::]:0", "[fd00::1]"),
    ] {
        let server = Server::start(&[server_at, "--allow-remote"]);
        let to: SocketAddr = format!("{client_at}:{}", port(&server)).parse().expect("it is one");
        let low = [7, 19, 1023].map(|port| bound(&format!("{client_at}:{port}")));
        for socket in &low {
            socket.send_to(b"loop", to).expect("there is a way");
        }
        let high = bound(&format!("{client_at}:1024"));
        high.send_to(b"fair", to).expect("there is a way");
        assert_eq!(answer(&high), (b"fair".to_vec(), to));
        assert!(low.iter().all(has_nothing), "{server_at}");
        let ended = server.end();
        assert_eq!(ended.dropped(), [("low_port".to_owned(), 3)], "{server_at}");
    }
}

#[test]
fn the_answer_comes_from_the_address_that_was_asked() {
    if !inside("the_answer_comes_from_the_address_that_was_asked") {
        return;
    }
    for (server_at, asked, from) in [
        ("udp4://0.0.0.0:0", ["192.0.2.1", "192.0.2.2", "127.0.0.1", "127.9.9.9"], "0.0.0.0:0"),
        ("udp6://[::]:0", ["[fd00::1]", "[fd00::2]", "[::1]", "[fd00::1]"], "[::]:0"),
        ("udp46://0.0.0.0:0", ["192.0.2.1", "192.0.2.2", "127.0.0.1", "127.9.9.9"], "0.0.0.0:0"),
        ("udplite4://0.0.0.0:0", ["192.0.2.1", "192.0.2.2", "127.0.0.1", "127.9.9.9"], ""),
    ] {
        let server = Server::start(&[server_at, "--allow-remote"]);
        for address in asked {
            let to = format!("{address}:{}", port(&server));
            if from.is_empty() {
                // A connected socket hears the one that it is connected to and nobody else.
                let to = format!("udplite4://{to}").parse().expect("an address");
                Client::of(&to).echo(b"from where?");
                continue;
            }
            let to: SocketAddr = to.parse().expect("an address");
            let socket = bound(from);
            socket.send_to(b"from where?", to).expect("there is a way");
            assert_eq!(answer(&socket), (b"from where?".to_vec(), to), "{server_at}");
        }
        let ended = server.end();
        assert_eq!((ended.count("messages"), ended.dropped()), (4, vec![]), "{server_at}");
    }
}

#[test]
fn groups_and_everybody_are_not_answered() {
    if !inside("groups_and_everybody_are_not_answered") {
        return;
    }
    let group: Ipv4Addr = "239.1.2.3".parse().expect("a group");
    let all = UdpSocket::bind("192.0.2.1:0").expect("an address of this network");
    // Who has not asked for a group hears it all the same, once anybody here has (ip(7),
    // IP_MULTICAST_ALL).
    all.join_multicast_v4(&group, &Ipv4Addr::new(192, 0, 2, 1)).expect("the interface is there");
    for name in ["udp4", "udp46"] {
        let server = Server::start(&[&format!("{name}://0.0.0.0:0"), "--allow-remote"]);
        let port = port(&server);
        let socket = bound("192.0.2.2:0");
        socket.set_broadcast(true).expect("it is a socket");
        for to in ["192.0.2.255", "255.255.255.255", "239.1.2.3"] {
            socket.send_to(b"everybody!", format!("{to}:{port}")).expect("there is a way");
        }
        let one: SocketAddr = format!("192.0.2.1:{port}").parse().expect("an address");
        socket.send_to(b"you", one).expect("there is a way");
        assert_eq!(answer(&socket), (b"you".to_vec(), one), "{name}");
        assert!(has_nothing(&socket), "{name}");
        let ended = server.end();
        assert_eq!(ended.count("messages"), 1, "{name}");
        let dropped = ended.dropped();
        assert!(dropped.len() == 1 && dropped[0].0 == "not_unicast", "{name}: {dropped:?}");
        assert!((1..=3).contains(&dropped[0].1), "{name}: {dropped:?}");
    }
}

#[test]
fn an_ipv6_group_is_not_answered() {
    if !inside("an_ipv6_group_is_not_answered") {
        return;
    }
    let group = "ff02::4711".parse().expect("a group");
    let interface = nix::net::if_::if_nametoindex("echo0").expect("it was made");
    let member = UdpSocket::bind("[::]:0").expect("an address of this network");
    member.join_multicast_v6(&group, interface).expect("the interface is there");
    let server = Server::start(&["udp6://[::]:0", "--allow-remote"]);
    let port = port(&server);
    let socket = bound("[fd00::2]:0");
    socket.send_to(b"everybody!", format!("[ff02::4711%{interface}]:{port}")).expect("a way");
    let one: SocketAddr = format!("[fd00::1]:{port}").parse().expect("an address");
    socket.send_to(b"you", one).expect("there is a way");
    assert_eq!(answer(&socket), (b"you".to_vec(), one));
    assert!(has_nothing(&socket));
    assert_eq!(server.end().dropped(), [("not_unicast".to_owned(), 1)]);
}

/// A datagram of UDP (RFC 768) with a source port of our choice; a checksum of 0 is none.
fn forge(from: SocketAddr, to: SocketAddr, text: &[u8]) {
    let (SocketAddr::V4(from), SocketAddr::V4(to)) = (from, to) else { panic!("IPv4 only") };
    let kind = (AddressFamily::Inet, SockType::Raw, SockFlag::SOCK_CLOEXEC, SockProtocol::Udp);
    let raw = socket(kind.0, kind.1, kind.2, kind.3).expect("a namespace of our own");
    let address = SockaddrIn::from(std::net::SocketAddrV4::new(*from.ip(), 0));
    nix::sys::socket::bind(raw.as_raw_fd(), &address).expect("an address of this network");
    let length = u16::try_from(8 + text.len()).expect("it is short").to_be_bytes();
    let head = [from.port().to_be_bytes(), to.port().to_be_bytes(), length, [0, 0]].concat();
    let packet = [&head, text].concat();
    let sent = sendto(raw.as_raw_fd(), &packet, &SockaddrIn::from(to), MsgFlags::empty());
    assert_eq!(sent, Ok(packet.len()));
}

/// Two addresses of one server would answer each other for ever, and so would one itself.
#[test]
fn a_server_does_not_answer_itself() {
    if !inside("a_server_does_not_answer_itself") {
        return;
    }
    for (words, first, second) in [
        (["udp4://127.0.0.1:0", "udp4://127.0.0.2:0"], "127.0.0.1", "127.0.0.2"),
        (["udp4://0.0.0.0:0", "udp4://0.0.0.0:0"], "192.0.2.1", "192.0.2.2"),
    ] {
        // The same address twice is one; port 0 is another one each time.
        let server = Server::start(&[words[0], words[1], "--allow-remote"]);
        let ports: Vec<u16> = server
            .addresses()
            .iter()
            .map(|address| address.to_string().rsplit(':').next().expect("a port").parse())
            .collect::<Result<_, _>>()
            .expect("numbers");
        let other = *ports.last().expect("one");
        let at = |ip: &str, port: u16| format!("{ip}:{port}").parse().expect("an address");
        let to: SocketAddr = at(first, ports[0]);
        forge(to, to, b"to myself");
        if ports.len() == 2 {
            forge(at(second, other), to, b"from my other socket");
        }
        let client = bound(&format!("{first}:0"));
        client.send_to(b"fair", to).expect("there is a way");
        assert_eq!(answer(&client), (b"fair".to_vec(), to), "{words:?}");
        let ended = server.end();
        let count = ports.len() as u64;
        assert_eq!(ended.dropped(), [("itself".to_owned(), count)], "{words:?}");
    }
}

#[test]
fn a_larger_answer_than_the_question_stays_on_this_machine() {
    if !inside("a_larger_answer_than_the_question_stays_on_this_machine") {
        return;
    }
    let server = Server::start(&["udp4://0.0.0.0:0", "--allow-remote", "--reply", "0123456789"]);
    let port = port(&server);
    let far = bound("192.0.2.2:0");
    let near = bound("127.0.0.1:0");
    for len in [0, 1, 9] {
        far.send_to(&pattern(len, 0), format!("192.0.2.1:{port}")).expect("there is a way");
        near.send_to(&pattern(len, 0), format!("127.0.0.1:{port}")).expect("there is a way");
        assert_eq!(answer(&near).0, b"0123456789");
    }
    for len in [10, 11] {
        far.send_to(&pattern(len, 0), format!("192.0.2.1:{port}")).expect("there is a way");
        assert_eq!(answer(&far).0, b"0123456789");
    }
    assert!(has_nothing(&far));
    assert_eq!(server.end().dropped(), [("larger".to_owned(), 3)]);
}

#[test]
fn streams_beyond_loopback_are_served_when_that_is_allowed() {
    if !inside("streams_beyond_loopback_are_served_when_that_is_allowed") {
        return;
    }
    for (words, asked) in [
        ("tcp4://0.0.0.0:0", ["tcp4://192.0.2.1", "tcp4://127.0.0.1"]),
        ("tcp4://192.0.2.2:0", ["tcp4://192.0.2.2", "tcp4://192.0.2.2"]),
        ("tcp6://[::]:0", ["tcp6://[fd00::1]", "tcp6://[::1]"]),
        ("tcp46://0.0.0.0:0", ["tcp4://192.0.2.1", "tcp4://127.0.0.1"]),
    ] {
        let server = Server::start(&[words, "--allow-remote"]);
        for place in asked {
            let to = format!("{place}:{}", port(&server)).parse().expect("an address");
            Client::of(&to).echo(b"from afar");
        }
    }
    // An IPv6 server is no dual-stack one, whatever the machine's default is.
    let server = Server::start(&["tcp6://[::]:0", "--allow-remote"]);
    let to = format!("tcp4://127.0.0.1:{}", port(&server)).parse().expect("an address");
    let client = Client::unconnected(&to);
    assert_eq!(client.connect(&to), Err(sockeye::os::Errno::ECONNREFUSED));
}

#[test]
fn a_large_datagram_beyond_loopback_comes_back_whole() {
    if !inside("a_large_datagram_beyond_loopback_comes_back_whole") {
        return;
    }
    let server = Server::start(&["udp4://192.0.2.1:0", "--allow-remote"]);
    let client = Client::of(&server.address());
    setsockopt(&client.socket, sockopt::SndBuf, &200_000).expect("it is clamped");
    for len in [65_507, 1473, 0] {
        client.echo(&pattern(len, 3));
    }
}

/// Without its zone an address of a link says nothing.
#[test]
fn an_address_of_a_link_keeps_its_zone() {
    if !inside("an_address_of_a_link_keeps_its_zone") {
        return;
    }
    let added = std::process::Command::new("ip")
        .args("-6 addr add fe80::5/64 dev echo0 nodad".split(' '))
        .status();
    assert!(added.expect("ip is there").success());
    for name in ["tcp6", "udp6"] {
        let server = Server::start(&[&format!("{name}://[fe80::5%echo0]:0"), "--allow-remote"]);
        let shown = server.address().to_string();
        let zone = nix::net::if_::if_nametoindex("echo0").expect("it was made");
        let is_whole = shown.starts_with(&format!("{name}://[fe80::5%echo0]:"))
            || shown.starts_with(&format!("{name}://[fe80::5%{zone}]:"));
        assert!(is_whole, "{shown}");
        Client::of(&server.address()).echo(b"over the link");
    }
}
