//! Experiments on raw sockets, which have no ports. What the bench opens hears nobody but its own.

use crate::bench::{Bench, has_nothing, taken};
use sockeye::transport::{End, Family, Transport};

/// A socket without an address hears what is sent to one that has one.
pub(crate) fn raw_hears_its_protocol(transport: &'static Transport) {
    let bench = Bench::new(transport);
    let (_server, name) = bench.bound();
    let (nameless, client) = (bench.unbound(), bench.client());
    assert_eq!(client.send_to(b"hello", &name), Ok(5));
    assert_eq!(taken(&bench, &nameless), b"hello");
}

/// Of two at one address both hear what either sends to it, and that connect notes a correspondent
/// keeps out nobody who is at that one's address. With addresses of their own nobody hears himself,
/// which only IPv4 has enough of.
pub(crate) fn raw_ends_at_one_address(transport: &'static Transport) {
    let bench = Bench::new(transport);
    let (server, name) = bench.bound();
    let client = bench.client();
    client.bind(&name).expect("an address is for everybody");
    client.connect(&name).expect("nothing is in the way");
    assert_eq!(client.send(b"hello"), Ok(5));
    assert_eq!(taken(&bench, &server), b"hello");
    assert_eq!(taken(&bench, &client), b"hello", "its own");
    if transport.family == Family::Ipv4 {
        let client = bench.client();
        client.bind(&bench.name(End::Client)).expect("there are many addresses");
        assert_eq!(client.send_to(b"again", &name), Ok(5));
        assert_eq!(taken(&bench, &server), b"again");
        assert!(has_nothing(&client));
    }
}
