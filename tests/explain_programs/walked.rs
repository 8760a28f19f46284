//! The calls of the programs, and those of `sockeye explain`, held against the walk's steps.

use crate::network::is_inside;
use crate::printed::{LANGUAGES, Printed, Process, expect_done, in_folder, ready, ready_among};
use crate::support::{Ran, clean, run, skip_without_tracing, sockeye};
use crate::traced::{Seen, seen, texts, traced};
use sockeye::transport::lesson::{Moment, To};
use sockeye::transport::{End, Family, Kind, Protocol, Transport};
use sockeye::walk::route::route;
use sockeye::walk::{Call, Setting, Step};
use std::process::Command;

/// What a step is in strace's words, with 64 bytes.
fn expected(transport: &Transport, step: &Step) -> String {
    let slot = step.slot;
    let received = match step.moment {
        Moment::SeeEnd => 0,
        _ if transport.receives_ip_header() => 84,
        _ => 64,
    };
    match step.call {
        Call::Socket { nonblocking: false } => socket(transport, step.end),
        Call::Set(Setting::TakeIpv4) => format!("setsockopt@{slot} SOL_IPV6 IPV6_V6ONLY [0]"),
        Call::Bind(_) => format!("bind@{slot} {}", place(transport, step.end)),
        Call::Name => format!("getsockname@{slot}"),
        Call::Listen { backlog } => format!("listen@{slot} {backlog}"),
        Call::Connect(_) => format!("connect@{slot} {}", place(transport, step.end)),
        Call::Accept => format!("accept4@{slot}"),
        Call::Send => format!("send@{slot} 64 = 64"),
        Call::SendBack => format!("sendto@{slot} 64 {} = 64", place(transport, step.end)),
        Call::Receive => format!("recv@{slot} = {received}"),
        Call::ReceiveFrom => format!("recvfrom@{slot} = {received}"),
        Call::Close => format!("close@{slot}"),
        Call::Unlink => "unlink".to_owned(),
        Call::Socket { nonblocking: true }
        | Call::Set(_)
        | Call::Fill { .. }
        | Call::Drain
        | Call::Poll { .. } => {
            panic!("no echo needs {step:?}")
        }
    }
}

fn socket(transport: &Transport, end: End) -> String {
    let family = match (transport.family, end) {
        (Family::Ipv4, _) | (Family::Dual, End::Client) => "AF_INET",
        (Family::Ipv6, _) | (Family::Dual, End::Server) => "AF_INET6",
        (Family::Unix, _) => "AF_UNIX",
        (Family::Vsock, _) => "AF_VSOCK",
    };
    // 0 is TCP for a stream and UDP for datagrams.
    let protocol = match transport.protocol {
        Protocol::Tcp | Protocol::Udp => 0,
        other => other.number(),
    };
    format!("socket {family} {} {protocol}", transport.kind.constant())
}

fn place(transport: &Transport, end: End) -> &'static str {
    match (transport.family, end) {
        (Family::Ipv4, _) | (Family::Dual, End::Client) => "127/8",
        (Family::Ipv6, _) => "::1",
        (Family::Dual, End::Server) => "::ffff:127/104",
        (Family::Unix, _) => "a path",
        (Family::Vsock, _) => "1",
    }
}

/// The walk's calls of one end.
fn walk_of(transport: &Transport, end: End) -> Vec<String> {
    let steps = route(transport, To::Echo);
    steps.iter().filter(|step| step.end == end).map(|step| expected(transport, step)).collect()
}

/// A way of a language's own: what the head of a program says of it, and what it does to the calls.
struct Way {
    language: &'static str,
    of: fn(&Transport) -> bool,
    says: &'static str,
    does: fn(&mut Vec<String>, &Transport, End),
}

fn is_unix(transport: &Transport) -> bool {
    transport.family == Family::Unix
}

/// Puts something behind the beginning of each call that begins so.
fn flag(calls: &mut [String], start: &str, flag: &str) {
    for call in calls.iter_mut().filter(|call| call.starts_with(start)) {
        call.insert_str(start.len(), flag);
    }
}

fn close_on_exec(calls: &mut [String], transport: &Transport, end: End) {
    let socket = socket(transport, end);
    let (front, _) = socket.rsplit_once(' ').expect("three of them");
    flag(calls, front, " SOCK_CLOEXEC");
    flag(calls, "accept4@0", " SOCK_CLOEXEC");
}

/// Where that call is, if this end makes it.
fn at(calls: &[String], start: &str) -> Option<usize> {
    calls.iter().position(|call| call.starts_with(start))
}

fn instead(calls: &mut [String], start: &str, other: &str) {
    if let Some(at) = at(calls, start) {
        other.clone_into(&mut calls[at]);
    }
}

const WAYS: [Way; 11] = [
    Way {
        language: "c",
        of: |t| t.kind.connects(),
        says: "accept() is accept4() without flags",
        does: |calls, _, _| flag(calls, "accept4@0", " without flags"),
    },
    Way {
        language: "python",
        of: |_| true,
        says: "every socket is SOCK_CLOEXEC",
        does: |calls, transport, end| close_on_exec(calls, transport, end),
    },
    Way {
        language: "python",
        of: |t| t.kind.connects(),
        says: "accept() also asks getsockname of what it accepted",
        does: |calls, _, _| {
            if let Some(at) = at(calls, "accept4") {
                calls.insert(at + 1, "getsockname@1".to_owned());
            }
        },
    },
    Way {
        language: "rust",
        of: |_| true,
        says: "every socket is SOCK_CLOEXEC",
        does: |calls, transport, end| close_on_exec(calls, transport, end),
    },
    Way {
        language: "rust",
        of: |t| !is_unix(t) || t.kind.connects(),
        says: "every send is MSG_NOSIGNAL",
        does: |calls, _, _| {
            for start in ["send@0 64", "send@1 64", "sendto@0 64"] {
                flag(calls, start, " MSG_NOSIGNAL");
            }
        },
    },
    Way {
        language: "rust",
        of: |t| is_unix(t) && !t.kind.connects(),
        says: "send() is write, which on a socket is the same, and sendto is MSG_NOSIGNAL",
        does: |calls, _, _| {
            flag(calls, "send@0 64", " by write");
            flag(calls, "sendto@0 64", " MSG_NOSIGNAL");
        },
    },
    Way {
        language: "rust",
        of: |t| !is_unix(t) && t.kind.connects(),
        says: "bind() sets SO_REUSEADDR before it, and listens behind it: for 128, not 16",
        does: |calls, _, _| {
            instead(calls, "listen@0 16", "listen@0 128");
            if let Some(at) = at(calls, "bind") {
                calls.insert(at, "setsockopt@0 SOL_SOCKET SO_REUSEADDR [1]".to_owned());
            }
        },
    },
    Way {
        language: "rust",
        of: |t| !is_unix(t) && t.kind.connects(),
        says: "so local_addr() asks getsockname of a socket that listens already",
        does: |calls, _, _| {
            if let Some(at) = at(calls, "listen") {
                calls.swap(at, at - 1);
            }
        },
    },
    Way {
        language: "rust",
        of: |t| is_unix(t) && t.kind.connects(),
        says: "bind() also listens: for as many as the machine lets wait (-1), not 16",
        does: |calls, _, _| instead(calls, "listen@0 16", "listen@0 -1"),
    },
    Way {
        language: "rust",
        of: |t| !is_unix(t) && !t.kind.connects(),
        says: "a UDP client has to bind before it can connect",
        does: |calls, transport, end| {
            if let Some(at) = at(calls, "connect") {
                calls.insert(at, format!("bind@0 {}", place(transport, end)));
            }
        },
    },
    Way {
        language: "rust",
        of: |t| t.family == Family::Dual,
        says: "IPV6_V6ONLY is not set: std leaves it as net.ipv6.bindv6only has it",
        does: |calls, _, _| calls.retain(|call| !call.contains("IPV6_V6ONLY")),
    },
];

/// The ways of a program.
fn ways(printed: &Printed) -> impl Iterator<Item = &'static Way> {
    let (language, transport) = (printed.language.word, printed.transport);
    WAYS.iter().filter(move |way| way.language == language && (way.of)(transport))
}

fn words(calls: &[Seen]) -> Vec<String> {
    calls.iter().map(|call| call.words.clone()).collect()
}

/// The calls of the one process that had sockets.
fn calls_of(file: &std::path::Path) -> Vec<String> {
    let of_each = texts(file).iter().map(|text| words(&seen(text))).collect::<Vec<_>>();
    let mut with_some = of_each.into_iter().filter(|calls| !calls.is_empty());
    let calls = with_some.next().expect("an end has sockets");
    assert_eq!(with_some.next(), None, "two processes with sockets");
    calls
}

fn expect_programs_walk(transport: &'static Transport) {
    for language in LANGUAGES.iter().filter(|l| l.is_here() && l.reaches(transport)) {
        let printed = Printed::built(language, transport, 64);
        let files = ["s", "c"].map(|name| printed.folder().join(name));
        let line = printed.line("server", &printed.free_place());
        let server = Process::start(&mut traced(&in_folder(printed.folder(), &line), &files[0]));
        let line = printed.line("client", &server.says());
        let client =
            Process::start(&mut traced(&in_folder(printed.folder(), &line), &files[1])).ended();
        let what = format!("{} in {}", transport.name, language.word);
        expect_done(&what, &client, "right: 64 B came back as they were sent");
        expect_done(&what, &server.ended(), "");
        for (end, file) in [End::Server, End::Client].into_iter().zip(&files) {
            let mut walk = walk_of(transport, end);
            for way in ways(&printed) {
                (way.does)(&mut walk, transport, end);
            }
            assert_eq!(calls_of(file), walk, "the {} of {what}", end.word());
        }
        expect_said(&printed);
    }
}

/// What differs is said at the head of the program, all of it and nothing else.
fn expect_said(printed: &Printed) {
    let comment = printed.language.comment;
    let mut head = printed.text.lines().filter_map(|line| line.strip_prefix(comment));
    let is_intro = |line: &&str| line.contains("Its calls are the walk's, one for one");
    let intro = head.find(is_intro).expect("it says so");
    let differs: Vec<_> = head.map_while(|line| line.strip_prefix("  ")).collect();
    let ways: Vec<_> = ways(printed).map(|way| way.says).collect();
    assert_eq!(differs, ways, "{}", printed.text);
    assert_eq!(intro.ends_with("one for one."), ways.is_empty(), "{intro}");
}

#[test]
fn every_program_makes_the_calls_of_the_walk_but_for_those_that_it_names() {
    if skip_without_tracing() {
        return;
    }
    for transport in ready().into_iter().filter(|row| row.kind != Kind::Raw) {
        expect_programs_walk(transport);
    }
}

#[test]
fn raw_programs_make_the_calls_of_the_walk() {
    let test = "walked::raw_programs_make_the_calls_of_the_walk";
    if !skip_without_tracing() && is_inside(test, "ip link set lo up") {
        for transport in ready_among(&["raw4", "raw6"]) {
            expect_programs_walk(transport);
            expect_explained(transport);
        }
    }
}

#[test]
fn printing_a_program_opens_no_socket_and_starts_nothing() {
    if skip_without_tracing() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("t");
    let mut command = sockeye();
    let ran = Ran::of(&mut traced(command.args(["explain", "tcp4", "--program", "c"]), &file));
    assert_eq!(ran.out, run(&["explain", "tcp4", "--program", "c"]).out);
    let [text] = texts(&file).try_into().expect("one process");
    let of_sockets = |line: &&str| {
        ["socket", "clone", "fork", "bind", "connect"]
            .iter()
            .any(|name| line.contains(&format!(" {name}")))
    };
    assert_eq!(text.lines().find(of_sockets), None);
}

/// A call as the table of `explain` prints it: its name, its descriptor, and a number that came of it.
type Told = (String, Option<i32>, Option<i64>);

fn told(line: &str) -> Option<Told> {
    let is_call = |word: &&str| {
        word.split_once('(').is_some_and(|(name, _)| {
            route(Transport::named("tcp46").expect("a row"), To::Echo)
                .iter()
                .map(|step| step.call.name())
                .chain(["recvfrom", "sendto", "unlink"])
                .any(|known| known == name)
        })
    };
    let start = line.split_whitespace().find(is_call)?;
    let call = &line[line.find(start)?..];
    let (inner, result) = call.split_once(") = ")?;
    let (name, arguments) = inner.split_once('(')?;
    let descriptor = arguments.split([',', ' ']).next().and_then(|first| first.parse().ok());
    let result = result.split([',', ' ']).next().and_then(|first| first.parse().ok());
    Some((name.to_owned(), descriptor, result))
}

/// The calls of both ends of `sockeye explain`, and what it printed of them.
fn expect_explained(transport: &'static Transport) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("t");
    let mut command = Command::new(env!("CARGO_BIN_EXE_sockeye"));
    clean(&mut command);
    // Under strace everything takes longer, and a busy machine makes it longer still.
    command.args(["explain", transport.name, "--walks", "1", "--timeout", "20s"]);
    command.env("TMPDIR", folder.path());
    let ran = Ran::of(&mut traced(&command, &file));
    assert_eq!(ran.code, Some(0), "{}: {ran:?}", transport.name);
    let (mut all, mut of_ends) = (Vec::new(), Vec::new());
    for end in texts(&file).iter().filter(|text| text.contains("\"__walk\"")) {
        let mut calls = seen(end);
        if transport.kind == Kind::Raw {
            // What the manual says is no part of the walk: the mark, the filter, and taking out what
            // came before them.
            calls.retain(|call| {
                let is_shield = ["SO_MARK", "SO_ATTACH_FILTER", "MSG_DONTWAIT"];
                !is_shield.iter().any(|word| call.words.contains(word))
            });
        }
        let walks: Vec<_> = calls.chunk_by(|_, call| !call.is_socket()).collect();
        assert!(walks.iter().all(|walk| words(walk) == words(walks[0])), "{}", transport.name);
        // Two processes walk once, to be looked at; two others, for the times, have a walk before
        // that is not counted.
        if let [only] = walks.as_slice() {
            of_ends.push(words(only));
            all.extend_from_slice(only);
        }
    }
    assert_eq!(of_ends.len(), 2, "{}", transport.name);
    let mut expected = [End::Server, End::Client].map(|end| walk_of(transport, end));
    for call in expected.iter_mut().flatten().filter(|call| call.starts_with("accept4")) {
        call.push_str(" 0");
    }
    of_ends.sort();
    expected.sort();
    assert_eq!(of_ends, expected);
    all.sort_by(|one, other| one.at.total_cmp(&other.at));
    let printed: Vec<_> = ran.out.lines().filter_map(told).collect();
    assert_eq!(printed.len(), all.len(), "{}", ran.out);
    for ((name, descriptor, result), call) in printed.iter().zip(&all) {
        let same = name == call.name
            && *descriptor == call.descriptor
            && result.is_none_or(|result| result == call.result);
        assert!(same, "{}: it printed {name}, and made {call:?}", transport.name);
    }
}

#[test]
fn explain_makes_the_calls_that_it_prints_in_the_order_in_which_it_prints_them() {
    if skip_without_tracing() {
        return;
    }
    for transport in ready().into_iter().filter(|row| row.kind != Kind::Raw) {
        expect_explained(transport);
    }
}
