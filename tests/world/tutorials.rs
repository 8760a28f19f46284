//! What every course on sockets begins with, written out in Python as it stands there: the echo server
//! and its client, two greeting servers and theirs. HOST and PORT are arguments, so that no test uses
//! a port that somebody else may have.

use crate::network::Host;
use crate::running::{Running, Serving, lacks, python, talk};
use crate::verdict::{Expected, Verdict, ping};

const GREETING: &str = "Hello from server!";

/// Where the servers run: in a network of their own they may listen everywhere, as they do in the
/// courses; else on loopback.
struct Classroom {
    host: Option<Host>,
}

impl Classroom {
    fn open() -> Option<Self> {
        if lacks(&["python3"]) {
            return None;
        }
        Some(Self { host: Host::alone() })
    }

    /// The words that go before a command.
    fn enter(&self) -> &[String] {
        self.host.as_ref().map_or(&[], |host| &host.enter)
    }

    /// Starts a server and returns its port.
    fn start(&self, file: &str, everywhere: &str) -> (Running, String) {
        let bind = if self.host.is_some() { everywhere } else { "127.0.0.1" };
        let words = [self.enter(), &python(file, &[bind, "0"])].concat();
        let mut running = Running::start(&words);
        let line = running.line_with("istening on port ");
        let port = line.rsplit(' ').next().expect("a word").to_owned();
        (running, port)
    }

    fn ping(&self, words: &[&str]) -> Verdict {
        let words: Vec<_> = words.iter().map(ToString::to_string).collect();
        ping(self.enter(), &words)
    }
}

fn expect(verdict: &Verdict, expected: Expected) {
    if let Some(why) = expected.differs(verdict) {
        panic!("{why}");
    }
}

#[test]
fn the_echo_server_of_the_tutorials_passes_and_serves_one_client() {
    let Some(classroom) = Classroom::open() else { return };
    let (mut server, port) = classroom.start("echo_server.py", "127.0.0.1");
    let target = format!("127.0.0.1:{port}");
    expect(&classroom.ping(&[&target, "-c", "5", "-i", "1ms"]), Expected::pass(5));
    server.line_with("Connected by");
    assert_eq!(server.ended(), Some(0));
    // Outside of a network of one's own somebody else may have got the port by now.
    if classroom.host.is_some() {
        let refused = Expected::fail(&["refused"]).received(0);
        expect(&classroom.ping(&[&target, "-c", "5", "-i", "1ms"]), refused);
    }
}

#[test]
fn an_echo_that_is_read_in_many_pieces_is_whole_all_the_same() {
    let Some(classroom) = Classroom::open() else { return };
    let (_server, port) = classroom.start("echo_server.py", "127.0.0.1");
    let target = format!("127.0.0.1:{port}");
    let verdict = classroom.ping(&[&target, "-c", "20", "-i", "0", "-s", "60000"]);
    expect(&verdict, Expected::pass(20));
}

/// Asked with words it greets, as often as it is asked; plain echoes have the last word.
fn greets(file: &str) -> Option<(Running, Verdict)> {
    let classroom = Classroom::open()?;
    let (mut server, port) = classroom.start(file, "0.0.0.0");
    let target = format!("127.0.0.1:{port}");
    let greeted = classroom.ping(&[&target, "--send", "hello", "--expect", GREETING]);
    expect(&greeted, Expected::pass(1));
    server.line_with("hello");
    let answer = greeted.target["answer"].to_string();
    assert!(answer.contains(GREETING), "{:#}", greeted.target);

    let thrice =
        classroom.ping(&[&target, "--send", "again", "--expect", "from", "-c", "3", "-i", "1ms"]);
    expect(&thrice, Expected::pass(3));
    for _ in 0..3 {
        server.line_with("again");
    }

    let other = classroom.ping(&[&target, "--send", "hello", "--expect", "Goodbye"]);
    expect(&other, Expected::fail(&["unexpected"]));
    let said = &other.target["findings"][0]["message"];
    assert!(said.to_string().contains(GREETING), "{said}");

    let plain = classroom.ping(&[&target, "-c", "3", "-i", "1ms"]);
    Some((server, plain))
}

#[test]
fn the_greeting_server_on_8080_greets_and_is_told_from_an_echo() {
    let Some((_server, plain)) = greets("greeting_server_8080.py") else { return };
    expect(&plain, Expected::fail(&["not-an-echo"]));
    let finding = &plain.target["findings"][0];
    assert!(finding["message"].to_string().contains(GREETING), "{finding:#}");
    assert!(finding["hint"].to_string().contains("--send TEXT --expect TEXT"), "{finding:#}");
}

/// It takes what it reads for text, and would fall over a byte that is none: an echo has only letters.
#[test]
fn the_greeting_server_on_9090_is_not_brought_down_by_an_echo() {
    let Some((mut server, plain)) = greets("greeting_server_9090.py") else { return };
    expect(&plain, Expected::fail(&["not-an-echo"]));
    server.line_with("./0123456789:;");
}

#[test]
fn the_echo_client_of_the_tutorials_receives_its_words() {
    if lacks(&["python3"]) {
        return;
    }
    let server = Serving::at("tcp4://127.0.0.1:0", &[]);
    let talked = talk(&python("echo_client.py", &["127.0.0.1", &server.port()]), &[]);
    assert_eq!(
        String::from_utf8_lossy(&talked.out),
        "Received b'Hello, world'\n",
        "{}",
        talked.err
    );
    let tally = server.tally();
    assert_eq!(tally["bytes"], "Hello, world".len(), "{tally:#}");
}

#[test]
fn the_greeting_clients_of_the_tutorials_are_greeted() {
    if lacks(&["python3"]) {
        return;
    }
    let server = Serving::at("tcp4://127.0.0.1:0", &["--reply", GREETING]);
    let port = server.port();
    let rows = [
        ("greeting_client_9090.py", "Server says: Hello from server!\n"),
        ("greeting_client_8080.py", "Received: Hello from server!\n"),
    ];
    for (file, said) in rows {
        // A name that may mean ::1 first, where nobody listens; Python then tries the other.
        let host = if file.contains("8080") { "localhost" } else { "127.0.0.1" };
        let talked = talk(&python(file, &[host, &port]), &[]);
        assert_eq!(String::from_utf8_lossy(&talked.out), said, "{file}: {}", talked.err);
        assert_eq!(talked.code, Some(0), "{file}: {}", talked.err);
    }
    let tally = server.tally();
    assert_eq!(tally["connections"], rows.len(), "{tally:#}");
    assert_eq!(tally["broken"], 0, "{tally:#}");
}

#[test]
fn a_server_for_one_client_ends_after_it() {
    if lacks(&["python3"]) {
        return;
    }
    let flags = ["--reply", GREETING, "--once"];
    let mut server = Serving::at("tcp4://127.0.0.1:0", &flags);
    let port = server.port();
    let talked = talk(&python("greeting_client_8080.py", &["127.0.0.1", &port]), &[]);
    assert_eq!(String::from_utf8_lossy(&talked.out), "Received: Hello from server!\n");
    let tally = server.told();
    assert_eq!(tally["connections"], 1, "{tally:#}");
}

/// Our own greeting server and our own ping, as the courses would have them.
#[test]
fn our_greeting_server_answers_our_ping() {
    let server = Serving::at("tcp4://127.0.0.1:0", &["--reply", GREETING]);
    let words = [&server.address, "--send", "hello", "--expect", GREETING];
    expect(&ping(&[], &words.map(ToString::to_string)), Expected::pass(1));
}
