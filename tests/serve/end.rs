//! The end of a server, and what it says of itself: signals, what was in flight, the tally in every
//! format, and how little can be asked of it.

use crate::client::{Client, pattern};
use crate::server::{PATIENCE, Server, Start};
use nix::sys::signal::Signal;
use nix::sys::socket::{MsgFlags, UnixAddr, sendto};
use serde_json::Value;
use std::os::fd::{AsFd, AsRawFd};
use std::time::{Duration, Instant};

#[test]
fn sigterm_is_no_failure_and_other_signals_end_it_as_they_end_others() {
    if crate::support::skip_where_signals_are_ignored() {
        return;
    }
    for (signal, code, number) in [
        (Signal::SIGTERM, Some(0), None),
        (Signal::SIGINT, None, Some(2)),
        (Signal::SIGHUP, None, Some(1)),
    ] {
        let server = Server::start(&["tcp4", "unix-stream", "unix-dgram"]);
        server.addresses().iter().for_each(|address| Client::of(address).echo(b"there"));
        let ended = server.end_with(signal);
        assert_eq!((ended.ran.code, ended.signal()), (code, number), "{signal}");
        let wanted = number.map_or(0, |number| 128 + number);
        assert_eq!(ended.tally()["exit_code"], wanted, "{signal}");
        assert_eq!(std::fs::read_dir(ended.folder.path()).expect("a folder").count(), 0);
    }
}

#[test]
fn sigquit_prints_the_tally_and_goes_on() {
    if crate::support::skip_where_signals_are_ignored() {
        return;
    }
    let server = Server::start(&["tcp4"]);
    let client = Client::of(&server.address());
    for round in 1..=3_u64 {
        client.echo(b"12345");
        server.signal(Signal::SIGQUIT);
        let line = server.out.next().expect("a line");
        let tally: Value = serde_json::from_str(&line).expect("a document");
        assert_eq!((&tally["event"], &tally["exit_code"]), (&"tally".into(), &Value::Null));
        assert_eq!(tally["addresses"][0]["bytes"], 5 * round);
    }
    assert_eq!(server.end().count("messages"), 3);
}

/// What a client has sent before the signal is answered, whatever its server was doing.
#[test]
fn what_is_in_flight_is_echoed_before_the_end() {
    let server = Server::start(&[]);
    let clients: Vec<_> = server.addresses().iter().map(Client::of).collect();
    for client in &clients {
        client.echo(b"before");
    }
    // While it is stopped, messages and signal come together.
    server.signal(Signal::SIGSTOP);
    for client in &clients {
        (0..5).for_each(|n| client.send(&pattern(100 + n, n)));
    }
    server.signal(Signal::SIGTERM);
    server.signal(Signal::SIGCONT);
    for client in &clients {
        for n in 0..5 {
            let back = if client.transport.kind.keeps_messages() {
                client.receive()
            } else {
                client.exactly(100 + n)
            };
            assert_eq!(back, pattern(100 + n, n), "{}", client.transport.name);
        }
    }
    let ended = server.ended();
    assert_eq!(ended.ran.code, Some(0));
    for client in &clients {
        let name = client.transport.name;
        assert_eq!(ended.row(name)["bytes"], 6 + 510, "{name}");
        assert_eq!(ended.row(name)["broken"], 0, "{name}");
    }
}

/// A message that gets no answer hides none that came after it.
#[test]
fn what_is_in_flight_behind_an_unanswerable_message_is_echoed_too() {
    let server = Server::start(&["unix-dgram"]);
    let address = server.address();
    let client = Client::of(&address);
    let row = sockeye::transport::Transport::named("unix-dgram").expect("it is there");
    let nobody = sockeye::os::socket::Socket::open(row, sockeye::os::socket::End::Client);
    let nobody = nobody.expect("it is here");
    nobody.connect(&sockeye::os::name::Name::of(&address).expect("a path")).expect("there");
    server.signal(Signal::SIGSTOP);
    for n in 0..4 {
        nobody.send(b"who?").expect("it is taken");
        client.send(&[n]);
    }
    server.signal(Signal::SIGTERM);
    server.signal(Signal::SIGCONT);
    for n in 0..4 {
        assert_eq!(client.receive(), [n]);
    }
    let ended = server.ended();
    assert_eq!((ended.count("messages"), ended.dropped()), (4, vec![("unnamed".to_owned(), 4)]));
}

/// Who has connected, as far as it can tell, is served.
#[test]
fn who_waits_in_the_queue_at_the_end_is_still_served() {
    for name in ["tcp4", "unix-stream", "unix-seqpacket"] {
        let server = Server::start(&[name]);
        server.signal(Signal::SIGSTOP);
        let clients: Vec<_> = (0..10).map(|_| Client::of(&server.address())).collect();
        for client in &clients {
            client.send(b"in the queue");
        }
        server.signal(Signal::SIGTERM);
        server.signal(Signal::SIGCONT);
        for client in &clients {
            assert_eq!(client.receive(), b"in the queue", "{name}");
        }
        assert_eq!(server.ended().count("connections"), 10, "{name}");
    }
}

/// A large echo that the client takes slowly is not cut by the end.
#[test]
fn an_answer_that_is_being_taken_is_finished() {
    let server = Server::start(&["unix-stream"]);
    let (client, sent) = owed(&server);
    server.signal(Signal::SIGTERM);
    assert_eq!(client.to_the_end().len(), sent);
    let ended = server.ended();
    assert_eq!((ended.count("bytes"), ended.count("broken")), (sent as u64, 0));
}

/// Fills the way to a client that does not read, so that the server owes it something; with how many
/// bytes went.
fn owed(server: &Server) -> (Client, usize) {
    let client = Client::of(&server.address());
    let piece = pattern(1 << 16, 5);
    let (mut sent, since) = (0, Instant::now());
    loop {
        // It sleeps, and does not take what waits for it: then it is this client that it waits for.
        let asleep = server.is_asleep();
        match client.socket.send_now(&piece) {
            Ok(len) => sent += len,
            Err(_) if asleep => break,
            Err(_) => std::thread::yield_now(),
        }
        assert!(since.elapsed() < PATIENCE, "it takes everything");
    }
    (client, sent)
}

#[test]
fn clients_that_do_not_read_hold_the_end_up_for_about_a_second() {
    let server = Server::start(&["unix-stream"]);
    let clients: Vec<_> = (0..3).map(|_| owed(&server)).collect();
    let ended = server.end();
    assert_eq!((ended.ran.code, ended.count("broken")), (Some(0), 3));
    let took = ended.took;
    assert!(took > Duration::from_millis(900) && took < Duration::from_secs(10), "{took:?}");
    drop(clients);
}

#[test]
fn a_second_signal_ends_it_at_once() {
    if crate::support::skip_where_signals_are_ignored() {
        return;
    }
    let server = Server::start(&["unix-stream"]);
    let clients: Vec<_> = (0..3).map(|_| owed(&server)).collect();
    server.signal(Signal::SIGTERM);
    let ended = server.end_with(Signal::SIGINT);
    assert_eq!(ended.count("broken"), 3);
    assert!(ended.took < Duration::from_millis(900), "{:?}", ended.took);
    drop(clients);
}

/// With a second signal too, what is given up is counted.
#[test]
fn answers_that_nobody_took_are_counted_also_in_a_hurry() {
    if crate::support::skip_where_signals_are_ignored() {
        return;
    }
    let server = Server::start(&["unix-dgram"]);
    let address = server.address();
    let silent = Client::unconnected(&address);
    let sockeye::address::Place::Path(path) = address.place() else { panic!("no path") };
    let name = UnixAddr::new(path.as_str()).expect("it is short");
    for _ in 0..100 {
        let raw = silent.socket.as_fd().as_raw_fd();
        sendto(raw, b"unread", &name, MsgFlags::empty()).expect("the server takes it");
    }
    server.signal(Signal::SIGTERM);
    // Two of the same kind that come together are one (signal(7)).
    let ended = server.end_with(Signal::SIGINT);
    let dropped = ended.dropped();
    assert!(dropped.len() == 1 && dropped[0].0 == "full", "{dropped:?}");
    assert_eq!(ended.count("messages") + dropped[0].1, 100);
}

/// One address of each kind, used for a known amount of things.
fn used(start: Start) -> Server {
    let server = start.begin();
    let mut addresses: Vec<sockeye::address::Address> = Vec::new();
    while addresses.len() < 2 {
        let line = server.err.next().expect("a line");
        addresses = line.split_whitespace().map(|word| word.parse().expect("it reads")).collect();
    }
    let stream = Client::of(&addresses[0]);
    (0..3).for_each(|_| stream.echo(b"four"));
    let letters = Client::of(&addresses[1]);
    (0..2).for_each(|_| letters.echo(b"to"));
    let row = sockeye::transport::Transport::named("unix-dgram").expect("it is there");
    let nobody = sockeye::os::socket::Socket::open(row, sockeye::os::socket::End::Client);
    let nobody = nobody.expect("it is here");
    nobody.connect(&sockeye::os::name::Name::of(&addresses[1]).expect("a path")).expect("there");
    nobody.send(b"who?").expect("it is taken");
    letters.echo(b"in");
    server
}

/// Its addresses come over standard error, whatever it prints.
fn talking(format: &'static str, words: &[&str]) -> Start {
    let words = [&["tcp4", "unix-dgram", "--ready-fd", "3"], words].concat();
    Start::with(&words).behind(&["sh", "-c", "exec \"$0\" \"$@\" 3>&2"]).format(format)
}

#[test]
fn every_format_and_every_file_tells_the_same_tally() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str| folder.path().join(name).display().to_string();
    let (json, csv, text) = (file("a.json"), file("b.csv"), format!("table:{}", file("c.txt")));
    let words = ["-o", &json, "-o", &csv, "-o", &text];
    let ended = used(talking("json", &words)).end();
    let (stream, letters) = (ended.row("tcp4"), ended.row("unix-dgram"));
    let counts = |row: &Value| {
        ["connections", "messages", "bytes", "unnamed"].map(|name| row[name].as_u64().expect(name))
    };
    assert_eq!(counts(&stream), [1, 3, 12, 0]);
    assert_eq!(counts(&letters), [0, 3, 6, 1]);
    let read = |name: &str| std::fs::read_to_string(file(name)).expect("it was written");
    let document: Value = serde_json::from_str(&read("a.json")).expect("a document");
    assert_eq!(document["addresses"], ended.tally()["addresses"]);
    let lines: Vec<String> = read("b.csv").split("\r\n").map(ToOwned::to_owned).collect();
    let names: Vec<_> = lines[0].split(',').collect();
    for (line, row) in lines[1..3].iter().zip([&stream, &letters]) {
        for (name, value) in names.iter().zip(line.split(',')) {
            let wanted = &row[*name];
            let wanted = wanted.as_str().map_or_else(|| wanted.to_string(), ToOwned::to_owned);
            assert_eq!(value, wanted, "{name}");
        }
    }
    assert_eq!(lines[3..], [""]);
    expect_table(&read("c.txt"));
}

fn expect_table(text: &str) {
    let lines: Vec<_> = text.lines().collect();
    let (time, rest) = lines[0].split_once(" s: ").expect("a time");
    assert!(time.starts_with("served "), "{text}");
    assert_eq!(rest, "1 connection, 6 messages, 18 bytes; 1 not answered");
    let words = |line: &str| line.split_whitespace().map(ToOwned::to_owned).collect::<Vec<_>>();
    let header = ["ADDRESS", "CONNECTIONS", "MESSAGES", "BYTES", "NOT", "ANSWERED"];
    assert_eq!(words(lines[1]), header);
    assert_eq!(words(lines[2])[1..], ["1", "3", "12", "0"]);
    assert_eq!(words(lines[3])[1..], ["0", "3", "6", "1"]);
    assert_eq!(
        lines[4..],
        ["  not answered: 1 from senders without a name: a client has to bind to be answered"]
    );
}

#[test]
fn the_table_is_the_same_on_standard_output() {
    let server = used(talking("table", &[]));
    assert_eq!(server.out.next().as_deref(), Some("serving 2 addresses; Ctrl-C ends it; try:\n"));
    (0..2).for_each(|_| assert!(server.out.next().expect("a line").starts_with("  sockeye ping ")));
    expect_table(&server.end().ran.out);
}

#[test]
fn quiet_leaves_the_lines_to_paste_and_the_answer() {
    let server = used(talking("table", &["-q"]));
    (0..2).for_each(|_| assert!(server.out.next().expect("a line").starts_with("  sockeye ping ")));
    let ended = server.end();
    assert_eq!(ended.ran.out.lines().count(), 1, "{}", ended.ran.out);
    assert!(ended.ran.out.ends_with(" 18 bytes; 1 not answered\n"), "{}", ended.ran.out);
}

#[test]
fn quieter_prints_nothing_at_all_also_when_asked() {
    for format in ["table", "json", "csv"] {
        let server = used(talking(format, &["-qq"]));
        server.signal(Signal::SIGQUIT);
        let ended = server.end();
        assert_eq!((ended.ran.code, ended.ran.out.as_str()), (Some(0), ""), "{format}");
        assert_eq!(ended.ran.err, "", "{format}");
    }
}

#[test]
fn csv_has_its_header_and_its_rows_alone() {
    let ended = used(talking("csv", &[])).end();
    let lines: Vec<_> = ended.ran.out.split("\r\n").collect();
    assert_eq!(lines.len(), 4, "{}", ended.ran.out);
    assert!(lines[0].starts_with("address,transport,connections,"), "{}", lines[0]);
}

/// A reader that has gone is no reason to stop serving.
#[test]
fn a_closed_standard_output_is_no_trouble() {
    let outer = ["sh", "-c", "exec \"$0\" \"$@\" 3>&2 | :"];
    // The shell waits for both, so that the signal has to reach the program by another way.
    let words = ["tcp4", "unix-dgram", "--ready-fd", "3", "--once"];
    let server = Start::with(&words).behind(&outer).format("table").begin();
    let line = server.err.next().expect("a line");
    let address = line.split_whitespace().next().expect("an address").parse().expect("it reads");
    Client::of(&address).echo(b"still");
    let ended = server.ended();
    assert_eq!((ended.ran.code, ended.ran.err.as_str()), (Some(0), ""));
}

#[test]
fn a_file_that_cannot_be_written_is_refused_before_serving() {
    let ran = Start::with(&["tcp4", "-o", "/no/such/folder/x.json"]).refused();
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""));
    assert!(ran.err.starts_with("error: cannot write "), "{}", ran.err);
}
