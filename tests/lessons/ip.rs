//! Experiments on what is particular to IP.

use crate::bench::{Bench, has_nothing, refusal, taken};
use sockeye::os::name::Name;
use sockeye::os::option::{IPV6_V6ONLY, SO_INCOMING_CPU, UDPLITE_RECV_CSCOV, UDPLITE_SEND_CSCOV};
use sockeye::os::probe::Probe;
use sockeye::os::{CallError, Errno, cpu};
use sockeye::transport::{End, Transport};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Wherever the caller runs, there the receiver's side runs too: the receiver's socket remembers on
/// which CPU the last packet came to it.
pub(crate) fn on_the_callers_cpu(transport: &'static Transport) {
    for number in cpu::allowed().expect("the kernel says") {
        cpu::pin(&[number]).expect("it is allowed");
        let number = i32::try_from(number).expect("few");
        let bench = Bench::new(transport);
        let came_on = |probe: &Probe| probe.get(SO_INCOMING_CPU).expect("the kernel says");
        let (client, server) = if transport.kind.connects() {
            let (client, accepted, ..) = bench.connected();
            assert_eq!(came_on(&accepted), number, "the handshake");
            (client, accepted)
        } else {
            let (client, own, server, _) = bench.paired();
            // Only a connected one of UDP remembers.
            server.connect(&own).expect("nothing is in the way");
            (client, server)
        };
        for round in 0..1000 {
            assert_eq!(client.send(b"hello"), Ok(5));
            assert_eq!(came_on(&server), number, "round {round}");
            assert_eq!(taken(&bench, &server), b"hello");
        }
    }
}

/// A receiver that wants the whole message covered gets it from a sender that was told nothing, and
/// not from one that was told to cover the header alone.
pub(crate) fn udplite_checks_all_unless_told(transport: &'static Transport) {
    const HEADER: i32 = 8;
    let bench = Bench::new(transport);
    let (client, _, server, _) = bench.paired();
    server.set(UDPLITE_RECV_CSCOV, HEADER + 5).expect("UDP-Lite has it");
    assert_eq!(client.send(b"whole"), Ok(5));
    assert_eq!(taken(&bench, &server), b"whole");
    client.set(UDPLITE_SEND_CSCOV, HEADER).expect("UDP-Lite has it");
    assert_eq!(client.send(b"other"), Ok(5));
    assert!(has_nothing(&server));
}

/// An IPv4 client gets in at every address of an IPv6 server, or does not, as the option says; and
/// the option is at first as the machine's setting says.
pub(crate) fn v6only_decides_who_gets_in(transport: &'static Transport) {
    let bench = Bench::new(transport);
    let open = || bench.recorder.open(transport, End::Server).expect("the transport is here");
    let setting = std::fs::read_to_string("/proc/sys/net/ipv6/bindv6only").expect("IPv6 is here");
    let setting: i32 = setting.trim().parse().expect("a number");
    assert_eq!(open().get(IPV6_V6ONLY), Ok(setting));
    let gets_in = |v6only: i32| -> Result<(), CallError> {
        let server = open();
        server.set(IPV6_V6ONLY, v6only)?;
        server.pin_to_loopback()?;
        server.bind(&Name::inet(Ipv6Addr::UNSPECIFIED, 0))?;
        if transport.kind.connects() {
            server.listen(1)?;
        }
        let client = bench.client();
        client.connect_blocking(&Name::inet(Ipv4Addr::LOCALHOST, server.name()?.port()))?;
        client.send(b"hello")?;
        // A datagram that nobody takes is told of at the next call.
        client.send(b"hello").map(drop)
    };
    assert_eq!(gets_in(0), Ok(()));
    assert_eq!(refusal(gets_in(1)), Errno::ECONNREFUSED);
}

/// The client asks who its server is, and is told an IPv4 address; the server's own is an IPv6 one.
pub(crate) fn an_ipv4_client_sees_ipv4(transport: &'static Transport) {
    let bench = Bench::new(transport);
    let (server, name) = bench.bound();
    if transport.kind.connects() {
        server.listen(1).expect("it is bound");
    }
    let client = bench.client();
    client.connect_blocking(&name).expect("it is there");
    let ip = |name: &Name| match name {
        Name::Inet(address) => address.ip(),
        other => panic!("{other}"),
    };
    let told = client.peer_name().expect("it is connected").expect("it has a name");
    assert_eq!(ip(&told), IpAddr::V4(Ipv4Addr::LOCALHOST));
    let own = ip(&server.name().expect("it is bound"));
    assert_eq!(own, IpAddr::V6(Ipv4Addr::LOCALHOST.to_ipv6_mapped()));
}

/// Nobody can be at `::2`, and anybody at 127.0.0.2.
pub(crate) fn ipv6_has_one_loopback_address(transport: &'static Transport) {
    let bench = Bench::new(transport);
    let second = |ip: IpAddr| Name::inet(ip, 0);
    let two = Ipv6Addr::new(0, 0, 0, 0, 0, 0, 0, 2);
    assert_eq!(refusal(bench.unbound().bind(&second(two.into()))), Errno::EADDRNOTAVAIL);
    let twin = transport.ipv4_twin().expect("an IPv4 row");
    let other = bench.recorder.open(twin, End::Server).expect("IPv4 is here");
    other.bind(&second(Ipv4Addr::new(127, 0, 0, 2).into())).expect("all of 127 is loopback");
}
