//! Peers that misbehave: each fault on each transport gives the right row, the right words, the
//! exchange and the offset, while the other rows stand and nothing hangs.
//!
//! The ends of an exchange are the program itself, started again. So this test is the program: asked
//! for an end it is one, with a peer that does what `SOCKEYE_TEST_FAULT` says; asked to be sockeye it
//! is that; and else it runs the tests.

use nix::sys::signal::{Signal, raise};
use serde_json::Value;
use sockeye::cli::value::{Format, Output};
use sockeye::console::{Console, Stream};
use sockeye::echo::Task;
use sockeye::echo::endpoint::Endpoint;
use sockeye::echo::peer::Echo;
use sockeye::os::Errno;
use sockeye::os::process::END_WORD;
use sockeye::os::scratch::Scratch;
use sockeye::os::socket::End;
use sockeye::output::Pending;
use sockeye::transport::{ALL, Kind, Transport};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

#[path = "support/harness.rs"]
mod harness;
mod support;

use harness::{Test, harness};

const FAULT: &str = "SOCKEYE_TEST_FAULT";
const BUG_WORD: &str = "__bug";
const SOCKEYE_WORD: &str = "__sockeye";

fn main() -> ExitCode {
    let args: Vec<_> = std::env::args().collect();
    match args.get(1).map(String::as_str) {
        Some(END_WORD) => ExitCode::from(sockeye::echo::end::run(&args[2..], Faulty::default())),
        Some(SOCKEYE_WORD) => {
            let args: Vec<_> = args[1..].iter().map(Into::into).collect();
            let (mut out, mut err) = (std::io::stdout(), std::io::stderr());
            let mut console =
                Console { out: Stream::plain(&mut out), err: Stream::plain(&mut err) };
            ExitCode::from(sockeye::run(&args, &mut console).code)
        }
        Some(BUG_WORD) => be_buggy(std::path::Path::new(&args[2])),
        _ => harness(&TESTS, &args[1..]),
    }
}

/// Leaves a socket folder, a result file and a child behind, and panics in another thread.
fn be_buggy(folder: &std::path::Path) -> ExitCode {
    sockeye::end_on_panic();
    let mut scratch = Scratch::below(folder);
    let transport = Transport::named("unix-stream").expect("in the catalogue");
    scratch.fresh(transport, End::Server).expect("the folder can be made");
    let file = Output { format: Format::Json, path: folder.join("result.json") };
    let _pending = Pending::open(&file, "").expect("the file can be opened");
    let left = std::fs::read_dir(folder).expect("the folder can be read").count();
    assert_eq!(left, 2, "there is something to take away");
    let _ = std::thread::spawn(|| panic!("a bug on purpose")).join();
    ExitCode::SUCCESS
}

fn a_bug_ends_with_70_and_leaves_nothing_behind() -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let ran = Command::new(program).arg(BUG_WORD).arg(folder.path()).output();
    let ran = ran.map_err(|error| error.to_string())?;
    let left = std::fs::read_dir(folder.path()).map_err(|error| error.to_string())?.count();
    let told = String::from_utf8_lossy(&ran.stderr).into_owned();
    let words = told.contains("error: internal: ") && told.contains("a bug on purpose");
    match (ran.status.code(), left, words && told.contains("\nhint: please report it")) {
        (Some(70), 0, true) => Ok(()),
        other => Err(format!("code, things left, told: {other:?}\n{told}")),
    }
}

/// What a peer does wrong, and with which exchange it begins.
#[derive(Clone, Debug, Default)]
struct Faulty {
    /// None: this peer is honest.
    fault: Option<String>,
    at: u32,
    held: Vec<u8>,
}

impl Echo for Faulty {
    /// The variable says `LABEL FAULT EXCHANGE`.
    fn begin(&mut self, task: &Task) {
        let text = std::env::var(FAULT).unwrap_or_default();
        if let [label, fault, at] = text.split(' ').collect::<Vec<_>>()[..]
            && label == task.label
        {
            self.fault = Some(fault.to_owned());
            self.at = at.parse().expect("the exchange is a number");
        }
    }

    fn answer<E: Endpoint>(&mut self, endpoint: &E, message: &[u8]) -> Result<(), Errno> {
        // Behind a tag of 8 bytes, if there is one, stand four bytes of the exchange's number.
        let front = message.len() - SIZE;
        let number = u32::from_le_bytes(message[front..front + 4].try_into().expect("four bytes"));
        let Some(fault) = self.fault.as_deref().filter(|_| number >= self.at) else {
            return endpoint.send_whole(message);
        };
        let mut changed = message.to_vec();
        match (fault, number - self.at) {
            ("flip", 0) => {
                changed[front + 17] ^= 0x20;
                endpoint.send_whole(&changed)
            }
            ("short", 0) => endpoint.send_whole(&message[..message.len() - 1]),
            ("long", 0) => {
                changed.push(7);
                endpoint.send_whole(&changed)
            }
            ("double", 0) => {
                endpoint.send_whole(message)?;
                endpoint.send_whole(message)
            }
            ("drop", 0) | ("silence", _) => Ok(()),
            ("swap" | "merge", 0) => {
                self.held = message.to_vec();
                Ok(())
            }
            ("swap", 1) => {
                endpoint.send_whole(message)?;
                endpoint.send_whole(&self.held)
            }
            ("merge", 1) => {
                changed.splice(front..front, self.held[front..].iter().copied());
                endpoint.send_whole(&changed)
            }
            ("exit", 0) => std::process::exit(9),
            ("kill", 0) => raise(Signal::SIGKILL).map(|()| unreachable!("nobody survives it")),
            ("stop", 0) => {
                raise(Signal::SIGSTOP)?;
                endpoint.send_whole(message)
            }
            _ => endpoint.send_whole(message),
        }
    }
}

const SIZE: usize = 64;
/// Exchange 30 is in the pilot; this one is in the third round.
const AT: u64 = 77;

/// What the row must say.
struct Expected {
    /// `error.kind`.
    kind: &'static str,
    /// `error.exchange`.
    exchange: u64,
    /// May it be the next one too?
    or_next: bool,
    /// `error.byte`.
    byte: Option<u64>,
    /// Words of `error.message`.
    words: &'static str,
    /// lost, duplicated, reordered.
    counts: (u64, u64, u64),
}

const fn expect(kind: &'static str, words: &'static str) -> Expected {
    Expected { kind, exchange: AT, or_next: false, byte: None, words, counts: (0, 0, 0) }
}

/// What each fault is on a transport of that kind.
fn expected(fault: &str, transport: &Transport) -> Expected {
    let connects = transport.kind.connects();
    let stream = transport.kind == Kind::Stream;
    let lost = || Expected {
        counts: if connects { (0, 0, 0) } else { (1, 0, 0) },
        ..expect("lost", "lost, no reply in 200 ms")
    };
    match fault {
        "flip" => Expected { byte: Some(17), ..expect("flipped", "byte 17 of 64 is 0x") },
        "short" => {
            Expected { byte: Some(63), ..expect("short", "short reply, 63 of 64 bytes came back") }
        }
        "long" => expect("long", "long reply, 65 bytes or more for 64 sent"),
        // A stream hands over both copies at once, or the second one in the next exchange.
        "double" if stream => {
            let words = "the reply to echo 77 came again";
            Expected { or_next: true, counts: (0, 1, 0), ..expect("duplicated", words) }
        }
        "double" => Expected {
            exchange: AT + 1,
            counts: (0, 1, 0),
            ..expect("duplicated", "duplicated, the reply to echo 77 came again")
        },
        "drop" => lost(),
        // A connection is given up at its first time-out; a datagram socket at two in a row.
        "silence" | "swap" | "merge" if connects => lost(),
        "silence" => Expected { exchange: AT + 1, counts: (2, 0, 0), ..lost() },
        "swap" => Expected { counts: (0, 0, 1), ..lost() },
        "merge" => Expected {
            exchange: AT + 1,
            counts: (1, 0, 0),
            ..expect("merged", "merged replies, 128 bytes in one for 64 sent")
        },
        "exit" => expect("peer", "the peer exited with status 9"),
        "kill" => expect("peer", "the peer was killed by SIGKILL"),
        "stop" => expect("peer", "the peer was stopped (SIGSTOP)"),
        other => panic!("no such fault: {other}"),
    }
}

const FAULTS: [&str; 11] =
    ["flip", "short", "long", "double", "drop", "silence", "swap", "merge", "exit", "kill", "stop"];

/// Whoever needs longer than this hangs: the time-out is 200 ms.
const HANG: Duration = Duration::from_secs(30);

fn one_fault(fault: &str, transport: &'static Transport, wait: &str) -> Result<(), String> {
    let bystander = if transport.name == "tcp4" { "unix-dgram" } else { "tcp4" };
    let document = json(
        &[transport.name, bystander, "--wait", wait],
        &format!("{} {fault} {AT}", transport.name),
        1,
    )?;
    let row = |name: &str| {
        let rows = document["results"].as_array().into_iter().flatten();
        rows.filter(|row| row["transport"] == name).cloned().collect::<Vec<_>>()
    };
    for other in row(bystander) {
        if other["status"] != "pass" || other["exchanges"] != 120 {
            return Err(format!("the row of {bystander} does not stand: {other:#}"));
        }
    }
    let row = &row(transport.name)[0];
    let error = &row["error"];
    let expected = expected(fault, transport);
    let checks = [
        (row["status"] == "fail", "status"),
        (error["kind"] == expected.kind, "kind"),
        (
            error["exchange"] == expected.exchange
                || (expected.or_next && error["exchange"] == expected.exchange + 1),
            "exchange",
        ),
        (error["byte"].as_u64() == expected.byte, "byte"),
        (error["message"].as_str().is_some_and(|m| m.contains(expected.words)), "words"),
        (row["lost"] == expected.counts.0, "lost"),
        (row["duplicated"] == expected.counts.1, "duplicated"),
        (row["reordered"] == expected.counts.2, "reordered"),
        (document["answer"]["failed"] == 1, "answer.failed"),
        (document["answer"]["passed"] == 1, "answer.passed"),
    ];
    match checks.into_iter().find(|(holds, _)| !holds) {
        None => Ok(()),
        Some((_, what)) => {
            let mut row = row.clone();
            row["histogram"] = Value::Null;
            Err(format!("wrong {what}: {row:#}"))
        }
    }
}

/// Runs this program as sockeye, with that fault, and reads its document.
fn json(args: &[&str], fault: &str, code: i32) -> Result<Value, String> {
    let mut command = Command::new(std::env::current_exe().expect("we have a name"));
    support::clean(&mut command);
    command.env(FAULT, fault).arg(SOCKEYE_WORD).args(args);
    command.args(["--json", "--place", "same", "-c", "120", "-r", "6", "-w", "3", "-W", "200ms"]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    let started = Instant::now();
    // A document of two short rows fits into a pipe, so that nobody waits for us to read it.
    let status = loop {
        if let Some(status) = child.try_wait().map_err(|error| error.to_string())? {
            break status;
        }
        if started.elapsed() > HANG {
            child.kill().map_err(|error| error.to_string())?;
            return Err(format!("hangs: {args:?} with '{fault}'"));
        }
        std::thread::yield_now();
    };
    let output = child.wait_with_output().map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout);
    if status.code() != Some(code) {
        let err = String::from_utf8_lossy(&output.stderr);
        return Err(format!("exit {status}, not {code}: {text} {err}"));
    }
    serde_json::from_str(&text).map_err(|error| format!("{error}: {text}"))
}

/// Everything that works here as an ordinary user: raw sockets, SCTP and VM sockets may not.
fn transports() -> impl Iterator<Item = &'static Transport> {
    let usual = |row: &&Transport| row.in_default || row.name.ends_with("46");
    ALL.iter().filter(usual)
}

fn every_fault_of_every_transport(wait: &str) -> Result<(), String> {
    let mut wrong = Vec::new();
    for transport in transports() {
        for fault in FAULTS {
            // A peer that spins cannot be seen to be stopped: the client gives up by itself.
            if wait == "spin" && fault == "stop" {
                continue;
            }
            if let Err(why) = one_fault(fault, transport, wait) {
                wrong.push(format!("{} {fault} ({wait}): {why}", transport.name));
            }
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

fn every_fault_is_named_when_ends_block() -> Result<(), String> {
    every_fault_of_every_transport("block")
}

fn a_fault_is_named_when_ends_poll() -> Result<(), String> {
    let udp4 = Transport::named("udp4").expect("in the catalogue");
    let stream = Transport::named("unix-stream").expect("in the catalogue");
    ["flip", "drop", "kill"].into_iter().try_for_each(|fault| {
        one_fault(fault, udp4, "poll").and_then(|()| one_fault(fault, stream, "poll"))
    })
}

fn an_honest_peer_passes() -> Result<(), String> {
    let document = json(&["default"], "nobody flip 1", 0)?;
    if document["answer"]["passed"] == 7 {
        Ok(())
    } else {
        Err(format!("{:#}", document["answer"]))
    }
}

fn raw_sockets_have_the_same_faults() -> Result<(), String> {
    let ready = json(&["raw6"], "nobody flip 1", 0);
    if ready.is_err() {
        support::skip("raw sockets need CAP_NET_RAW");
        return Ok(());
    }
    for name in ["raw4", "raw6"] {
        let transport = Transport::named(name).expect("in the catalogue");
        for fault in ["flip", "short", "double", "drop", "swap", "kill"] {
            one_fault(fault, transport, "block").map_err(|why| format!("{name} {fault}: {why}"))?;
        }
    }
    Ok(())
}

/// The first failure ends the run when the user wants that: the other row is never finished.
fn fail_fast_stops_at_the_first_failure() -> Result<(), String> {
    let document = json(&["udp4", "tcp4", "--fail-fast"], "udp4 flip 10", 1)?;
    let rounds = document["rounds_finished"].as_u64();
    if rounds < Some(6) { Ok(()) } else { Err(format!("all rounds were made: {rounds:?}")) }
}

const TESTS: [Test; 6] = [
    ("an_honest_peer_passes", an_honest_peer_passes),
    ("every_fault_is_named_when_ends_block", every_fault_is_named_when_ends_block),
    ("a_fault_is_named_when_ends_poll", a_fault_is_named_when_ends_poll),
    ("raw_sockets_have_the_same_faults", raw_sockets_have_the_same_faults),
    ("fail_fast_stops_at_the_first_failure", fail_fast_stops_at_the_first_failure),
    ("a_bug_ends_with_70_and_leaves_nothing_behind", a_bug_ends_with_70_and_leaves_nothing_behind),
];
