//! What a walk shows: every call of both ends, in the order in which they happened, and numbers that
//! agree with each other.

use crate::network::is_inside;
use crate::support::run;
use crate::{ALONE, explained, list, number, ready, text};
use serde_json::Value;
use sockeye::transport::{Family, Kind, Transport};

/// The only walk of a document.
fn walk(document: &Value) -> &Value {
    let walks = list(document, "walks");
    assert_eq!(walks.len(), 1, "{walks:?}");
    &walks[0]
}

/// The call that is there for this.
fn at<'a>(walk: &'a Value, moment: &str) -> &'a Value {
    let found = list(walk, "calls").iter().find(|call| call["moment"] == moment);
    found.unwrap_or_else(|| panic!("no {moment} in {walk}"))
}

#[test]
fn every_transport_that_works_here_is_walked_to_its_end() {
    expect_whole(&ready(false));
}

#[test]
fn raw_sockets_are_walked_to_their_end() {
    if is_inside("walks::raw_sockets_are_walked_to_their_end", ALONE) {
        expect_whole(&ready(true));
    }
}

fn expect_whole(transports: &[&Transport]) {
    let schema = run(&["--generate", "schema-explain"]);
    let schema = serde_json::from_str(&schema.out).expect("a schema");
    for transport in transports {
        let name = transport.name;
        let (ran, document) = explained(&[name, "--walks", "7"]);
        assert_eq!(ran.code, Some(0), "{name}: {}{}", ran.out, ran.err);
        assert_eq!(crate::schema::complaints(&schema, &document), Vec::<String>::new(), "{name}");
        let walk = walk(&document);
        assert_eq!((text(walk, "status"), number(walk, "walks")), ("pass", 7), "{name}");
        expect_order(name, list(walk, "calls"));
        expect_shape(transport, walk);
        expect_sums(name, walk);
    }
}

/// No call begins before the one above it has ended, whichever end made it: both read one clock.
fn expect_order(name: &str, calls: &[Value]) {
    let began: Vec<_> = calls.iter().map(|call| number(call, "began_ns")).collect();
    assert_eq!(began[0], 0, "{name}");
    assert!(began.is_sorted() && began[1] > 0, "{name}: {began:?}");
    let ends: Vec<_> = calls.iter().map(|call| text(call, "end")).collect();
    assert!(ends.contains(&"server") && ends.contains(&"client"), "{name}: {ends:?}");
}

/// The calls that such a transport takes, and the arguments that are the same wherever they stand.
fn expect_shape(transport: &Transport, walk: &Value) {
    let calls: Vec<_> = list(walk, "calls").iter().map(|call| text(call, "call")).collect();
    let name = transport.name;
    assert_eq!(calls.contains(&"listen"), transport.kind.connects(), "{name}");
    assert_eq!(calls.contains(&"accept4"), transport.kind.connects(), "{name}");
    assert_eq!(calls.contains(&"unlink"), transport.family == Family::Unix, "{name}");
    let opened = text(at(walk, "client-socket"), "text");
    let wanted = format!("socket({}, {}, ", transport.domain_constant(), transport.kind.constant());
    assert!(opened.starts_with(&wanted), "{name}: {opened}");
    let header = if transport.receives_ip_header() { 20 } else { 0 };
    for moment in ["take-request", "take-reply"] {
        let came = text(at(walk, moment), "text");
        assert!(came.contains(&format!(" = {}", 64 + header)), "{name}: {came}");
    }
    // The port that the kernel picked is the one that the client connects to.
    if transport.family != Family::Unix && transport.kind != Kind::Raw {
        let named = text(at(walk, "server-name"), "text");
        let (_, port) = named.rsplit_once(':').expect("a port");
        let connected = text(at(walk, "connect"), "text");
        assert!(connected.contains(&format!(":{port})")), "{name}: {connected}");
        assert!(port.parse::<u16>().is_ok_and(|port| port > 0), "{name}: {port}");
    }
}

/// The whole is at least the smallest and at most the largest that its calls can make.
fn expect_sums(name: &str, walk: &Value) {
    let of = |key: &str| -> u64 {
        list(walk, "calls").iter().map(|call| number(&call["took_ns"], key)).sum()
    };
    let total = &walk["total_ns"];
    let (min, median, max) = (number(total, "min"), number(total, "median"), number(total, "max"));
    assert!(of("min") <= min && min <= median && median <= max && max <= of("max"), "{name}");
    let phases: u64 = list(walk, "phases").iter().map(|part| number(&part["took_ns"], "min")).sum();
    assert!(of("min") <= phases && phases <= min, "{name}: {phases} of {min}");
    for call in list(walk, "calls") {
        assert!(number(&call["took_ns"], "min") > 0, "{name}: a call in no time: {call}");
        assert_eq!(list(&call["took_ns"], "rounds").len(), 7, "{name}: {call}");
    }
}

#[test]
fn the_message_is_as_long_as_was_asked() {
    for (size, bytes) in [("1", 1), ("1500", 1500), ("16k", 16_384)] {
        for transport in ["unix-stream", "unix-dgram", "unix-seqpacket"] {
            let (ran, document) = explained(&[transport, "-s", size, "--walks", "2"]);
            assert_eq!(ran.code, Some(0), "{}", ran.out);
            let reply = text(at(walk(&document), "take-reply"), "text");
            assert!(reply.ends_with(&format!(" = {bytes}")), "{transport}: {reply}");
        }
    }
}

#[test]
fn walks_are_as_many_as_was_asked_and_rounds_at_most_twenty() {
    for (walks, rounds) in [(1, 1), (3, 3), (21, 20), (45, 20)] {
        let (_, document) = explained(&["unix-stream", "--walks", &walks.to_string()]);
        let walk = walk(&document);
        assert_eq!((number(walk, "walks"), number(walk, "rounds")), (walks, rounds));
        let calls = list(walk, "calls");
        assert!(calls.iter().all(|c| list(&c["took_ns"], "rounds").len() as u64 == rounds));
    }
}

#[test]
fn two_walks_stand_side_by_side_with_what_they_differ_by() {
    let (ran, document) = explained(&["unix-stream", "--vs", "unix-dgram", "--walks", "20"]);
    assert_eq!(ran.code, Some(0), "{}", ran.out);
    let walks = list(&document, "walks");
    let moments = |walk: &Value| -> Vec<String> {
        list(walk, "calls").iter().map(|call| text(call, "moment").to_owned()).collect()
    };
    let (one, other) = (moments(&walks[0]), moments(&walks[1]));
    let pairs = list(&document["difference"], "calls");
    let side = |key: &str| -> Vec<String> {
        let there = pairs.iter().filter(|pair| pair[key] == true);
        there.map(|pair| text(pair, "moment").to_owned()).collect()
    };
    assert_eq!((side("one"), side("other")), (one, other), "each call stands once, in its order");
    for pair in pairs {
        let both = pair["one"] == true && pair["other"] == true;
        assert_eq!(pair["difference"].is_object(), both, "{pair}");
    }
    // 20 rounds of one walk: the shift lies between the smallest and the largest of their differences.
    let rounds = |walk: &Value| -> Vec<f64> {
        let rounds = list(&walk["total_ns"], "rounds");
        rounds.iter().map(|ns| ns.as_f64().expect("a number")).collect()
    };
    let mut apart: Vec<_> =
        rounds(&walks[0]).iter().zip(rounds(&walks[1])).map(|(a, b)| a - b).collect();
    apart.sort_by(f64::total_cmp);
    let shift = document["difference"]["total"]["longer_ns"].as_f64().expect("a number");
    assert!(apart[0] <= shift && shift <= apart[apart.len() - 1], "{shift}: {apart:?}");
}

#[test]
fn a_transport_beside_itself_has_two_names() {
    let (ran, document) = explained(&["unix-stream", "--vs", "unix-stream", "--walks", "2"]);
    assert_eq!(ran.code, Some(0), "{}", ran.out);
    let labels: Vec<_> =
        list(&document, "walks").iter().map(|walk| text(walk, "label").to_owned()).collect();
    assert_eq!(labels, ["unix-stream", "unix-stream#2"]);
    // Two walks are too few for an interval, and so for a claim.
    assert_eq!(document["difference"]["total"]["clear"], false);
    assert_eq!(document["difference"]["total"]["ci95"], Value::Null);
}
