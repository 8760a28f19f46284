//! `explain --to closed|full|silent|vanished`: over every transport that is here it shows what it is
//! there to show, in the call that shows it, and leaves nothing behind; where the machine does
//! otherwise it says so.

mod support;

#[path = "support/network.rs"]
mod network;
#[path = "support/ready.rs"]
mod ready;

use network::is_inside;
use ready::ready;
use serde_json::Value;
use sockeye::transport::lesson::{Claim, To, lesson};
use sockeye::transport::{Family, Kind, Transport};
use sockeye::walk::route::route;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use support::{Ran, run, skip, sockeye};

/// Those that do not answer.
const FAULTS: [To; 4] = [To::Closed, To::Full, To::Silent, To::Vanished];

/// The rows that are ready here.
fn here() -> Vec<&'static Transport> {
    ready().iter().filter_map(|name| Transport::named(name)).collect()
}

/// A walk's document, and how the program ended.
fn walked(transport: &str, to: To, more: &[&str]) -> (Ran, Value) {
    let ran = run(&[&["explain", transport, "--to", to.word(), "--json"], more].concat());
    let document = serde_json::from_str(&ran.out)
        .unwrap_or_else(|error| panic!("{transport} {to:?}: {error}: {}{}", ran.out, ran.err));
    (ran, document)
}

fn calls(document: &Value) -> &[Value] {
    document["walks"][0]["calls"].as_array().expect("calls")
}

fn word<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_default()
}

/// Which calls are to be refused, and with what: what sockets(7), tcp(7), udp(7), unix(7) and raw(7)
/// make of it.
fn refusals(transport: &Transport, to: To) -> Vec<(&'static str, &'static str)> {
    let unix = transport.family == Family::Unix;
    let late = match (transport.kind, transport.family) {
        (Kind::Raw, Family::Ipv6) => None,
        (Kind::Raw, _) => Some(("recv", "ENOPROTOOPT")),
        _ => Some(("recv", "ECONNREFUSED")),
    };
    match (to, transport.kind.connects()) {
        (To::Echo, _) => vec![],
        (To::Closed, _) if unix => vec![("connect", "ECONNREFUSED"), ("connect", "ENOENT")],
        (To::Closed, true) => vec![("connect", "ECONNREFUSED")],
        (To::Closed, false) => vec![late.unwrap_or(("recv", "EAGAIN"))],
        (To::Full, true) if unix => vec![("connect", "EAGAIN")],
        (To::Full, true) => vec![("connect", "EINPROGRESS")],
        (To::Full, false) if unix => vec![("send", "EAGAIN")],
        // What was there has been taken, or nothing ever comes.
        (To::Full, false) | (To::Silent, _) => vec![("recv", "EAGAIN")],
        (To::Vanished, true) => vec![("recv", "ECONNRESET"), ("send", "EPIPE")],
        (To::Vanished, false) if unix => vec![("recv", "EAGAIN"), ("send", "ECONNREFUSED")],
        (To::Vanished, false) => std::iter::once(("recv", "EAGAIN")).chain(late).collect(),
    }
}

/// The kernel's tables of sockets of this network, with whatever is left of any: both addresses and
/// the state.
fn sockets() -> BTreeSet<String> {
    let tables = ["tcp", "tcp6", "udp", "udp6", "udplite", "udplite6", "raw", "raw6"];
    let lines = |table: &&str| {
        let text = fs::read_to_string(format!("/proc/self/net/{table}")).unwrap_or_default();
        let line = |line: &str| {
            let words: Vec<_> = line.split_whitespace().skip(1).take(3).collect();
            format!("{table}: {}", words.join(" "))
        };
        text.lines().skip(1).map(line).collect::<Vec<_>>()
    };
    tables.iter().flat_map(lines).collect()
}

/// The processes whose parent this one is, and those that are nobody's any more but were ours.
fn children() -> Vec<String> {
    let own = std::process::id();
    fs::read_to_string(format!("/proc/{own}/task/{own}/children"))
        .unwrap_or_default()
        .split_whitespace()
        .map(str::to_owned)
        .collect()
}

fn names_in(folder: &Path) -> Vec<String> {
    let files = fs::read_dir(folder).expect("a folder").flatten();
    files.map(|file| file.file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn every_walk_shows_what_it_is_there_for_and_leaves_nothing() {
    const OWN: &str = "every_walk_shows_what_it_is_there_for_and_leaves_nothing";
    if !is_inside(OWN, "ip link set lo up") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let rows = here();
    assert!(rows.len() >= 7, "too few are here: {rows:?}");
    // Looking what is here has made connections.
    let before = sockets();
    let left = || sockets().difference(&before).cloned().collect::<Vec<_>>();
    for transport in rows {
        for to in FAULTS {
            let args = ["explain", transport.name, "--to", to.word(), "--walks", "2", "--json"];
            let ran = Ran::of(sockeye().args(args).env("TMPDIR", folder.path()));
            let context = format!("{} {to:?}: {}{}", transport.name, ran.out, ran.err);
            assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{context}");
            let document: Value = serde_json::from_str(&ran.out).expect("a document");
            let refused: Vec<_> = calls(&document)
                .iter()
                .filter(|call| !call["errno"].is_null())
                .map(|call| (word(call, "call"), word(call, "errno_name")))
                .collect();
            assert_eq!(refused, refusals(transport, to), "{context}");
            let walk = &document["walks"][0];
            assert_eq!((&walk["walks"], &walk["otherwise"]), (&2.into(), &0.into()), "{context}");
            assert_eq!(walk["error"], Value::Null, "{context}");
            assert_eq!(names_in(folder.path()), Vec::<String>::new(), "{context}");
            assert_eq!(left(), Vec::<String>::new(), "{context}");
            assert_eq!(children(), Vec::<String>::new(), "{context}");
        }
    }
    // An echo leaves something, and this is seen: nothing above was overlooked.
    assert_eq!(run(&["explain", "tcp4", "--walks", "1"]).code, Some(0));
    assert!(left().iter().all(|line| line.ends_with(" 06")), "{:?}", left());
    assert!(!left().is_empty(), "no TIME_WAIT is seen");
}

#[test]
fn a_full_queue_of_datagrams_took_one_more_than_the_setting_says() {
    const OWN: &str = "a_full_queue_of_datagrams_took_one_more_than_the_setting_says";
    const SETTING: &str = "/proc/sys/net/unix/max_dgram_qlen";
    if !is_inside(OWN, "ip link set lo up") {
        return;
    }
    for room in [1_u64, 10, 33] {
        if let Err(error) = fs::write(SETTING, room.to_string()) {
            return skip(&format!("{SETTING} is not ours to set: {error}"));
        }
        let (ran, document) = walked("unix-dgram", To::Full, &["--walks", "1"]);
        assert_eq!(ran.code, Some(0), "{document:#}");
        let fill = calls(&document).iter().find(|call| call["moment"] == "fill").expect("it fills");
        // The one that was refused is counted too.
        assert_eq!(fill["times"], room + 2, "{fill:#}");
        assert_eq!(fill["text"], format!("send(3, 64 B) x {}, then EAGAIN", room + 1));
        let answer = word(&document["walks"][0], "answer");
        let told = format!("send says EAGAIN after {} messages;", room + 1);
        assert!(answer.contains(&told), "{answer}");
        let sentence = word(&fill["lesson"], "text");
        assert!(sentence.starts_with(&format!("{} went,", room + 1)), "{sentence}");
    }
    // Where there is room for more than the sender may have on its way, that is the end.
    fs::write(SETTING, "100000").expect("it was ours before");
    let (ran, document) = walked("unix-dgram", To::Full, &["--walks", "1"]);
    assert_eq!(ran.code, Some(0), "{document:#}");
    let fill = calls(&document).iter().find(|call| call["moment"] == "fill").expect("it fills");
    assert_eq!(fill["errno_name"], "EAGAIN", "{fill:#}");
    assert!(fill["times"].as_u64().is_some_and(|times| times < 100_000), "{fill:#}");
}

#[test]
fn what_a_full_queue_of_datagrams_over_ip_lost_is_what_was_not_there() {
    for transport in ["udp4", "udp6"] {
        if !ready().iter().any(|name| name == transport) {
            skip(&format!("{transport} is not here"));
            continue;
        }
        let (ran, document) = walked(transport, To::Full, &["--walks", "1"]);
        assert_eq!(ran.code, Some(0), "{document:#}");
        let at = |moment: &str| calls(&document).iter().find(|c| c["moment"] == moment);
        let (fill, drain) = (at("fill").expect("it fills"), at("drain").expect("and drains"));
        let sent = fill["times"].as_u64().expect("a count");
        let kept = drain["times"].as_u64().expect("a count") - 1;
        let dropped = |call: &Value| {
            let sockets = call["sockets"].as_array().expect("sockets");
            let server = sockets.iter().find(|socket| socket["socket"] == "server");
            server.and_then(|server| server["dropped"].as_u64())
        };
        assert_eq!(dropped(drain), Some(sent - kept), "{drain:#}");
        assert!(kept > 0 && kept < sent, "{kept} of {sent}");
    }
}

#[test]
fn what_the_sentences_leave_to_checks_the_checks_find() {
    let rows: Vec<_> = here().into_iter().filter(|row| row.kind != Kind::Raw).collect();
    let names = expect_found(&rows);
    assert!(names.len() > 6, "{names:?}");
}

/// A check says nothing of raw sockets that a stranger may have spoken to.
#[test]
fn what_sentences_on_raw_sockets_leave_to_checks_the_checks_find() {
    const OWN: &str = "what_sentences_on_raw_sockets_leave_to_checks_the_checks_find";
    if !is_inside(OWN, "ip link set lo up") {
        return;
    }
    let rows: Vec<_> = here().into_iter().filter(|row| row.kind == Kind::Raw).collect();
    if rows.is_empty() {
        return skip("raw sockets need CAP_NET_RAW");
    }
    let names = expect_found(&rows);
    assert!(names.contains("async_err"), "{names:?}");
}

/// Every check that the sentences on these name is as they say; the names.
fn expect_found(rows: &[&'static Transport]) -> BTreeSet<&'static str> {
    let named = |transport: &Transport| -> BTreeSet<&'static str> {
        let sentences = FAULTS.iter().flat_map(|to| {
            route(transport, *to).into_iter().filter_map(|s| lesson(transport, *to, s.moment))
        });
        let claims = sentences.flat_map(|row| row.claims);
        let name = |claim: &Claim| match claim {
            Claim::Checked(name) => Some(*name),
            _ => None,
        };
        claims.filter_map(name).collect()
    };
    let all: BTreeSet<_> = rows.iter().flat_map(|row| named(row)).collect();
    let chosen = all.iter().copied().collect::<Vec<_>>().join(",");
    let mut args: Vec<_> = vec!["check", "-k", &chosen, "--json"];
    args.extend(rows.iter().map(|row| row.name));
    let ran = run(&args);
    let document: Value = serde_json::from_str(&ran.out).expect("a document");
    let cells = document["cells"].as_array().expect("cells");
    for row in rows {
        for name in named(row) {
            let of_it = |cell: &&Value| {
                // A walk names its Unix sockets by files.
                cell["behaviour"] == name
                    && cell["transport"] == row.name
                    && cell["naming"] != "abstract"
            };
            let cell = cells.iter().find(of_it);
            let cell = cell.unwrap_or_else(|| panic!("{name} is not for {}", row.name));
            // What varies is a number within bounds.
            assert!(["as-documented", "varies"].contains(&word(cell, "status")), "{cell:#}");
        }
    }
    all
}

#[test]
fn packets_that_are_swallowed_are_told_as_that() {
    const OWN: &str = "packets_that_are_swallowed_are_told_as_that";
    const DROPPING: &str = "ip link set lo up && \
        echo 0 > /proc/sys/net/ipv4/conf/lo/disable_policy && \
        for protocol in tcp icmp; do \
        ip xfrm policy add src 127.0.0.1 dst 127.0.0.1 proto $protocol dir in action block || \
        exit 77; done";
    if !is_inside(OWN, DROPPING) {
        return;
    }
    // Over TCP nothing is heard of the SYN: the walk stops there.
    let (ran, document) = walked("tcp4", To::Closed, &["--walks", "1", "-W", "200ms"]);
    let walk = &document["walks"][0];
    assert_eq!((ran.code, word(walk, "status")), (Some(1), "fail"), "{document:#}");
    let message = word(&walk["error"], "message");
    assert_eq!(message, "the client's connect() did not come back within 200 ms");
    assert_eq!(word(&walk["error"], "meaning"), "loopback swallows its packets");
    assert!(word(&walk["error"], "hint").starts_with("sudo nft list ruleset"));
    // Over UDP the refusal does not come: that is not as the catalogue says.
    let ran = run(&["explain", "udp4", "--to", "closed", "--walks", "1"]);
    assert_eq!(ran.code, Some(1), "{}", ran.out);
    assert!(ran.out.contains("not so here: the call was refused with ECONNREFUSED"));
    assert!(!ran.out.contains("a call late"), "{}", ran.out);
    assert!(ran.out.starts_with("udp4 to nobody: recv waits "), "{}", ran.out);
}

#[test]
fn a_check_that_deviates_leads_to_the_walk_that_shows_it() {
    const OWN: &str = "a_check_that_deviates_leads_to_the_walk_that_shows_it";
    const DROPPING: &str = "ip link set lo up && \
        echo 0 > /proc/sys/net/ipv4/conf/lo/disable_policy && \
        ip xfrm policy add src 127.0.0.1 dst 127.0.0.1 proto icmp dir in action block || exit 77";
    if !is_inside(OWN, DROPPING) {
        return;
    }
    let ran = run(&["check", "udp4", "-k", "async_err,icmp_burst"]);
    assert_eq!(ran.code, Some(1), "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("walk it: sockeye explain udp4 --to closed\n"), "{}", ran.out);
    assert!(ran.out.contains("walk it: sockeye check udp4 -k icmp_burst -vv\n"), "{}", ran.out);
    let ran = run(&["explain", "udp4", "--to", "closed", "--walks", "1"]);
    assert_eq!(ran.code, Some(1), "{}{}", ran.out, ran.err);
}

#[test]
fn a_walk_over_a_loopback_that_is_down_stops_at_connect() {
    const OWN: &str = "a_walk_over_a_loopback_that_is_down_stops_at_connect";
    if !is_inside(OWN, "true") {
        return;
    }
    for to in FAULTS {
        let (ran, document) = walked("tcp4", to, &["--walks", "1"]);
        let walk = &document["walks"][0];
        assert_eq!((ran.code, word(walk, "status")), (Some(3), "unavailable"), "{document:#}");
        let error = &walk["error"];
        assert_eq!((word(error, "syscall"), word(error, "errno_name")), ("connect", "ENETUNREACH"));
        assert_eq!(word(error, "hint"), "sudo ip link set lo up");
        assert!(sockets().is_empty(), "{to:?}");
    }
}

#[test]
fn a_wait_may_be_longer_than_a_call_may_take() {
    let (ran, document) = walked("unix-stream", To::Silent, &["--walks", "1", "-W", "5ms"]);
    assert_eq!(ran.code, Some(0), "{document:#}");
}

#[test]
fn a_raw_message_that_is_too_small_to_be_refused_is_refused() {
    for to in ["closed", "vanished"] {
        let ran = run(&["explain", "raw4", "--to", to, "-s", "7"]);
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""));
        let error = format!(
            "error: raw4 --to {to} shows nothing with 7 B: the kernel ignores a refusal of less \
             than 8 B (RFC 792)\nhint: sockeye explain raw4 --to {to} --size 8\n"
        );
        assert_eq!(ran.err, error);
    }
}

#[test]
fn two_walks_without_an_answer_are_held_against_each_other() {
    let ran = run(&["explain", "unix-stream", "--vs", "unix-dgram", "--to", "vanished", "--json"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    let document: Value = serde_json::from_str(&ran.out).expect("a document");
    let pairs = document["difference"]["calls"].as_array().expect("pairs");
    let both = |moment: &str| {
        pairs
            .iter()
            .any(|pair| pair["moment"] == moment && pair["one"] == true && pair["other"] == true)
    };
    assert!(["vanish", "take-reply", "again"].into_iter().all(both), "{pairs:#?}");
    let times = pairs.iter().filter(|pair| pair["moment"] == "again").count();
    assert_eq!(times, 1, "{pairs:#?}");
}
