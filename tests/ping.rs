//! `sockeye ping` against servers that do right and servers that do each thing wrong: the lines, the
//! summary, the document and the exit code of each.

#[path = "support/schema.rs"]
mod schema;
mod support;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::unix::net::{UnixDatagram, UnixListener};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Stdio};
use std::sync::mpsc::channel;
use std::thread::spawn;
use std::time::Duration;
use support::{Ran, run, skip, sockeye};

/// Nothing here takes as long; what does hangs.
const LONG: Duration = Duration::from_secs(20);

/// Pings to the end, which comes in time.
fn ping(args: &[&str]) -> Ran {
    let mut command = sockeye();
    command.arg("ping").args(args).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().expect("the program starts");
    let pid = pid(&child);
    let (tell, told) = channel();
    spawn(move || tell.send(child.wait_with_output()));
    let Ok(output) = told.recv_timeout(LONG) else {
        kill(pid, Signal::SIGKILL).expect("it is ours and runs");
        panic!("ping {args:?} hangs");
    };
    let output = output.expect("it ran");
    Ran {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).expect("UTF-8"),
        err: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

fn pid(child: &Child) -> Pid {
    Pid::from_raw(i32::try_from(child.id()).expect("a process's number"))
}

/// The same as a document, which is held against its schema.
fn document(args: &[&str]) -> (Value, Option<i32>) {
    let ran = ping(&[args, &["--json"]].concat());
    (checked(&ran.out), ran.code)
}

fn checked(text: &str) -> Value {
    let document: Value = serde_json::from_str(text).unwrap_or_else(|e| panic!("{e} in {text}"));
    let schema = run(&["--generate", "schema-ping"]).out;
    let schema = serde_json::from_str(&schema).expect("the schema is JSON");
    assert_eq!(schema::complaints(&schema, &document), [""; 0], "{document:#}");
    document
}

/// A TCP server that does this with each connection.
fn tcp(serve: impl Fn(TcpStream) + Send + Sync + Clone + 'static) -> String {
    tcp_at("127.0.0.1:0", serve).expect("loopback is there")
}

fn tcp_at(
    place: &str,
    serve: impl Fn(TcpStream) + Send + Sync + Clone + 'static,
) -> std::io::Result<String> {
    let listener = TcpListener::bind(place)?;
    let address = listener.local_addr()?;
    spawn(move || {
        for client in listener.incoming().flatten() {
            let serve = serve.clone();
            spawn(move || serve(client));
        }
    });
    Ok(address.to_string())
}

fn echo(mut client: impl Read + Write) {
    let mut room = [0; 4096];
    while let Ok(len @ 1..) = client.read(&mut room) {
        if client.write_all(&room[..len]).is_err() {
            return;
        }
    }
}

/// A UDP server that answers each message with these; it knows its number, from 1.
fn udp(mut answer: impl FnMut(usize, Vec<u8>) -> Vec<Vec<u8>> + Send + 'static) -> String {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("loopback is there");
    let address = socket.local_addr().expect("a name");
    spawn(move || {
        let mut room = vec![0; 1 << 16];
        for number in 1.. {
            let Ok((len, client)) = socket.recv_from(&mut room) else { return };
            for message in answer(number, room[..len].to_vec()) {
                let _ = socket.send_to(&message, client);
            }
        }
    });
    format!("udp4://{address}")
}

/// What a ping of one target found: its exit code, its part of the document, and its findings.
fn found(args: &[&str]) -> (Option<i32>, Value, Vec<String>) {
    let (document, code) = document(args);
    assert_eq!(document["exit_code"], json!(code), "{document:#}");
    let target = document["targets"][0].clone();
    let list = target["findings"].as_array().expect("a list").iter();
    let ids = list.map(|finding| finding["id"].as_str().expect("a name").to_owned()).collect();
    (code, target, ids)
}

fn counts(target: &Value) -> [u64; 6] {
    ["sent", "received", "lost", "late", "duplicated", "reordered"]
        .map(|key| target[key].as_u64().expect("a count"))
}

// ---- those that do right ----

fn honest() -> (Vec<String>, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    let stream = UnixListener::bind(path("stream")).expect("a socket file");
    spawn(move || stream.incoming().flatten().for_each(|client| drop(spawn(|| echo(client)))));
    let datagrams = UnixDatagram::bind(path("dgram")).expect("a socket file");
    spawn(move || {
        let mut room = [0; 4096];
        while let Ok((len, client)) = datagrams.recv_from(&mut room) {
            use std::os::linux::net::SocketAddrExt;
            let _ = match (client.as_pathname(), client.as_abstract_name()) {
                (Some(path), _) => datagrams.send_to(&room[..len], path).map(drop),
                (None, Some(name)) => std::os::unix::net::SocketAddr::from_abstract_name(name)
                    .and_then(|name| datagrams.send_to_addr(&room[..len], &name).map(drop)),
                (None, None) => Ok(()),
            };
        }
    });
    let mut addresses = vec![
        format!("tcp4://{}", tcp(echo)),
        udp(|_, message| vec![message]),
        format!("unix-stream://{}", path("stream")),
        format!("unix-dgram://{}", path("dgram")),
    ];
    match tcp_at("[::1]:0", echo) {
        Ok(address) => addresses.push(format!("tcp6://{address}")),
        Err(error) => skip(&format!("no IPv6 here: {error}")),
    }
    (addresses, folder)
}

#[test]
fn an_honest_server_echoes_over_every_transport() {
    let (addresses, _folder) = honest();
    for address in &addresses {
        for size in ["1", "64", "1000"] {
            let (code, target, ids) = found(&[address, "-c", "3", "-i", "0", "-s", size]);
            assert_eq!((code, ids.len()), (Some(0), 0), "{target:#}");
            assert_eq!(counts(&target), [3, 3, 0, 0, 0, 0], "{target:#}");
            assert_eq!((&target["address"], &target["status"]), (&json!(address), &json!("pass")));
            assert!(target["connect_ns"].is_u64() && target["rtt_ns"]["p99"].is_null());
        }
    }
}

#[test]
fn there_is_a_line_an_echo_and_a_summary() {
    let address = udp(|_, message| vec![message]);
    let Ran { code, out, err } = ping(&[&address, "-c", "2", "-i", "1ms"]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    let lines: Vec<_> = out.lines().collect();
    let begins = [
        format!("{address}: 64 B, connected in "),
        format!("64 B from {address}: seq=1 time="),
        format!("64 B from {address}: seq=2 time="),
        format!("--- {address} ---"),
        "pass: 2 sent, 2 received, 0 lost, 0 duplicated, 0 reordered".to_owned(),
        "round trip min/median/p99/max ".to_owned(),
    ];
    assert_eq!(lines.len(), begins.len(), "{out}");
    for (line, begin) in lines.iter().zip(&begins) {
        assert!(line.starts_with(begin), "{line} is not {begin}");
    }
    let quiet = ping(&[&address, "-c", "1", "-q"]);
    assert!(quiet.out.starts_with(&begins[3]) && quiet.out.lines().count() == 3, "{}", quiet.out);
    let silent = ping(&[&address, "-c", "1", "-qq"]);
    assert_eq!((silent.code, silent.out.as_str(), silent.err.as_str()), (Some(0), "", ""));
    assert!(ping(&[&address, "-c", "1", "--ascii"]).out.is_ascii());
}

#[test]
fn several_targets_get_a_line_that_names_those_that_do_not_echo() {
    let (good, bad) = (format!("tcp4://{}", tcp(echo)), closed());
    let Ran { code, out, .. } = ping(&[&good, &bad, "-c", "2", "-i", "0"]);
    assert_eq!(code, Some(1), "{out}");
    assert_eq!(out.lines().last(), Some(format!("1 of 2 targets echo; not {bad}").as_str()));
}

#[test]
fn files_and_lines_of_a_spreadsheet_hold_the_same() {
    let address = tcp(echo);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("p.json");
    let name = file.to_str().expect("UTF-8");
    let ran = ping(&[&address, "-c", "2", "-i", "0", "-f", "csv", "-o", name]);
    let rows: Vec<Vec<_>> = ran.out.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!((ran.code, rows.len(), rows[0].len()), (Some(0), 2, rows[1].len()), "{}", ran.out);
    assert_eq!(&rows[1][2..6], ["tcp4", "pass", "2", "2"]);
    checked(&std::fs::read_to_string(file).expect("it was written"));
}

// ---- those that do not ----

/// An address where nobody listens: a port that was given to us and is free again.
fn closed() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback is there");
    format!("tcp4://{}", listener.local_addr().expect("a name"))
}

#[test]
fn what_a_connection_does_wrong_is_named() {
    let silent = |client: TcpStream| {
        let _ = (&client).read(&mut [0; 64]).and_then(|_| (&client).read(&mut [0; 64]));
    };
    let greeting = |mut client: TcpStream| {
        let _ = client.write_all(b"SSH-2.0-x\r\n");
        echo(client);
    };
    let flip = |mut client: TcpStream| {
        let mut room = [0; 64];
        while client.read_exact(&mut room).is_ok() {
            room[17] ^= 0xff;
            let _ = client.write_all(&room);
        }
    };
    let reads_once = |mut client: TcpStream| {
        let mut room = [0; 32];
        let _ = client.read_exact(&mut room).and_then(|()| client.write_all(&room));
        let _ = client.shutdown(std::net::Shutdown::Write);
        while matches!(client.read(&mut room), Ok(1..)) {}
    };
    // Closing with something unread resets the connection (RFC 2525).
    let resets = |mut client: TcpStream| drop(client.read_exact(&mut [0; 1]));
    let talks = |mut client: TcpStream| {
        let _ = client.read(&mut [0; 64]).and_then(|_| client.write_all(b"what?\n"));
        echo(client);
    };
    for (id, sent, address) in [
        ("refused", 0, closed()),
        ("silent", 1, tcp(silent)),
        ("changed", 1, tcp(flip)),
        ("short-then-closed", 1, tcp(reads_once)),
        ("closes-without-answer", 1, tcp(resets)),
        ("not-an-echo", 1, tcp(talks)),
    ] {
        let (code, target, ids) = found(&[&address, "-c", "3", "-i", "0", "-W", "300ms"]);
        assert_eq!((code, &ids[..]), (Some(1), &[id.to_owned()][..]), "{target:#}");
        assert_eq!(counts(&target)[..2], [sent, 0], "{id}");
    }
    let (code, target, ids) = found(&[&tcp(greeting), "-c", "3", "-i", "0"]);
    assert_eq!((code, &ids[..]), (Some(1), &["speaks-first".to_owned()][..]), "{target:#}");
}

#[test]
fn what_is_wrong_stands_in_the_summary_with_what_helps() {
    let address = closed();
    let Ran { code, out, err } = ping(&[&address]);
    let wanted = format!(
        "--- {address} ---\nFAIL: 0 sent, 0 received, 0 lost, 0 duplicated, 0 reordered\n\
         note: nobody listens at {address} (ECONNREFUSED, connect)\n\
         hint: start one: sockeye serve {address}\n"
    );
    assert_eq!((code, out, err.as_str()), (Some(1), wanted, ""));
}

#[test]
fn a_server_that_closes_after_each_echo_passes_with_a_note() {
    let once = |mut client: TcpStream| {
        let mut room = [0; 64];
        let _ = client.read_exact(&mut room).and_then(|()| client.write_all(&room));
    };
    let address = tcp(once);
    for interval in ["0", "20ms"] {
        let (code, target, ids) = found(&[&address, "-c", "4", "-i", interval]);
        assert_eq!(
            (code, &ids[..]),
            (Some(0), &["closes-after-each".to_owned()][..]),
            "{target:#}"
        );
        assert_eq!(counts(&target), [4, 4, 0, 0, 0, 0], "{target:#}");
    }
}

#[test]
fn what_happens_to_datagrams_is_counted() {
    let twice = udp(|_, message| vec![message.clone(), message]);
    let mut first = None;
    let swaps = udp(move |_, message| {
        if let Some(held) = first.take() {
            return vec![message, held];
        }
        first = Some(message);
        vec![]
    });
    let drops = udp(|number, message| if number % 3 == 0 { vec![] } else { vec![message] });
    let mut held = None;
    let late = udp(move |number, message| match number {
        2 => {
            held = Some(message);
            vec![]
        }
        4 => held.take().into_iter().chain([message]).collect(),
        _ => vec![message],
    });
    for (name, address, count, wanted) in [
        ("twice", twice, "3", [3, 3, 0, 0, 3, 0]),
        ("swapped", swaps, "4", [4, 4, 0, 0, 0, 2]),
        ("dropped", drops, "6", [6, 4, 2, 0, 0, 0]),
        // Late, and after the answer to a later echo: it is both.
        ("late", late, "4", [4, 4, 0, 1, 0, 1]),
    ] {
        let timeout = if name == "late" { "50ms" } else { "500ms" };
        let interval = if name == "late" { "150ms" } else { "10ms" };
        let (code, target, ids) = found(&[&address, "-c", count, "-i", interval, "-W", timeout]);
        assert_eq!((code, counts(&target), ids.len()), (Some(0), wanted, 0), "{name}: {target:#}");
    }
}

#[test]
fn a_datagram_that_is_late_is_told_twice_and_a_lost_one_once() {
    let mut held = None;
    let address = udp(move |number, message| match number {
        1 => {
            held = Some(message);
            vec![]
        }
        _ => held.take().into_iter().chain([message]).collect(),
    });
    let Ran { out, .. } = ping(&[&address, "-c", "2", "-i", "150ms", "-W", "50ms"]);
    assert!(out.contains(&format!("no reply from {address} to seq=1 in 50 ms\n")), "{out}");
    let late = out.lines().find(|line| line.contains("seq=1 time="));
    assert!(late.is_some_and(|line| line.ends_with(" ms late")), "{out}");
    assert!(
        out.contains("\npass: 2 sent, 2 received, 0 lost, 0 duplicated, 0 reordered, 1 late\n")
    );
}

#[test]
fn what_a_message_server_does_wrong_is_named_and_counted_on() {
    let cut = udp(|_, message| vec![message[..32].to_vec()]);
    let mut first = None;
    let merges = udp(move |_, message| {
        if let Some(held) = first.take() {
            return vec![[held, message].concat()];
        }
        first = Some(message);
        vec![]
    });
    let pads = udp(|_, message| vec![[b"Echo: ", &message[..]].concat()]);
    let answers = udp(|_, _| vec![b"pong".to_vec()]);
    let unanswered = udp(|_, _| vec![]);
    for (id, address, sent, wrong) in [
        ("cut", cut, 4, 4),
        ("merged", merges, 4, 4),
        ("padded", pads, 4, 4),
        ("not-an-echo", answers, 1, 1),
        ("unanswered", unanswered, 4, 0),
    ] {
        let (code, target, ids) = found(&[&address, "-c", "4", "-i", "10ms", "-W", "300ms"]);
        assert_eq!((code, &ids[..]), (Some(1), &[id.to_owned()][..]), "{target:#}");
        let counted = (&target["sent"], &target["received"], &target["wrong"]);
        assert_eq!(counted, (&json!(sent), &json!(0), &json!(wrong)), "{id}: {target:#}");
    }
}

#[test]
fn a_refused_datagram_is_named_by_when_it_was_refused() {
    let address = UdpSocket::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
    let address = format!("udp4://{}", address.expect("loopback is there"));
    let (code, target, ids) = found(&[&address, "-c", "3", "-i", "10ms"]);
    assert_eq!((code, &ids[..]), (Some(1), &["refused-late".to_owned()][..]), "{target:#}");
    let socket = UdpSocket::bind("127.0.0.1:0").expect("loopback is there");
    let address = format!("udp4://{}", socket.local_addr().expect("a name"));
    spawn(move || {
        let mut room = [0; 64];
        let (len, client): (usize, SocketAddr) = socket.recv_from(&mut room).expect("a message");
        socket.send_to(&room[..len], client).expect("it goes");
    });
    let (code, target, ids) = found(&[&address, "-c", "4", "-i", "50ms", "-W", "300ms"]);
    assert_eq!((code, &ids[..]), (Some(1), &["refused-after-answer".to_owned()][..]), "{target:#}");
    assert_eq!((counts(&target)[..2].to_vec(), &target["refused"]), (vec![4, 1], &json!(3)));
}

// ---- text instead of echoes ----

#[test]
fn a_text_gets_an_answer_that_has_to_hold_what_is_expected() {
    let greets = |mut client: TcpStream| {
        let _ = client.read(&mut [0; 64]).and_then(|_| client.write_all(b"Hello from server!"));
    };
    let address = format!("tcp4://{}", tcp(greets));
    let Ran { code, out, .. } = ping(&[&address, "--send", "hi", "--expect", "Hello"]);
    assert_eq!(code, Some(0), "{out}");
    let line = format!("\"Hello from server!\" (18 B) from {address}: time=");
    assert!(out.lines().nth(1).is_some_and(|answer| answer.starts_with(&line)), "{out}");
    let (code, target, ids) = found(&[&address, "--send", "hi", "--expect", "Bye"]);
    assert_eq!((code, &ids[..]), (Some(1), &["unexpected".to_owned()][..]), "{target:#}");
    assert_eq!(target["answer"], json!({"len": 18, "text": "Hello from server!"}));
    let (code, target, _) = found(&[&address, "--send", "hi", "-c", "3", "-i", "0"]);
    assert_eq!((code, counts(&target)[1]), (Some(0), 3), "each over a connection of its own");
}

#[test]
fn without_a_text_what_the_server_says_first_is_heard() {
    let greets = |mut client: TcpStream| {
        let _ = client.write_all(b"220 mail\r\n");
        echo(client);
    };
    let Ran { code, out, .. } = ping(&[&tcp(greets), "--send", "", "--expect", "220"]);
    assert_eq!(code, Some(0), "{out}");
    let pong = udp(|_, message| vec![if message.is_empty() { b"empty".to_vec() } else { message }]);
    let Ran { code, out, .. } = ping(&[&pong, "--send", "", "--expect", "empty"]);
    assert_eq!(code, Some(0), "{out}");
}

// ---- signals and errors ----

/// A ping without an end whose second echo has come.
fn running(args: &[&str]) -> (Child, BufReader<std::process::ChildStdout>) {
    let mut command = sockeye();
    command.arg("ping").args(args).args(["-c", "0", "-i", "10ms"]);
    let mut child =
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let out = BufReader::new(child.stdout.take().expect("a pipe"));
    (child, out)
}

/// The lines up to the first that begins like this.
fn until(out: &mut impl BufRead, begin: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for line in out.lines() {
        lines.push(line.expect("text"));
        if lines.last().is_some_and(|line| line.starts_with(begin)) {
            return lines;
        }
    }
    panic!("no line begins with {begin:?}: {lines:?}");
}

#[test]
fn a_summary_is_given_when_asked_for_and_at_the_end() {
    if support::skip_where_signals_are_ignored() {
        return;
    }
    let (mut child, mut out) = running(&[&tcp(echo)]);
    until(&mut out, "64 B from ");
    kill(pid(&child), Signal::SIGQUIT).expect("it is ours and runs");
    until(&mut out, "pass: ");
    until(&mut out, "64 B from ");
    kill(pid(&child), Signal::SIGINT).expect("it is ours and runs");
    until(&mut out, "pass: ");
    let status = child.wait().expect("it ends");
    assert_eq!(status.signal(), Some(Signal::SIGINT as i32));
}

#[test]
fn a_document_is_whole_when_a_signal_ends_it() {
    let (seen, heard) = channel();
    let address = udp(move |number, message| {
        if number == 3 {
            let _ = seen.send(());
        }
        vec![message]
    });
    let (mut child, mut out) = running(&[&address, "--json"]);
    heard.recv_timeout(LONG).expect("the third echo");
    kill(pid(&child), Signal::SIGTERM).expect("it is ours and runs");
    let mut text = String::new();
    out.read_to_string(&mut text).expect("text");
    assert_eq!(child.wait().expect("it ends").signal(), Some(Signal::SIGTERM as i32));
    let document = checked(&text);
    assert_eq!(
        (&document["exit_code"], &document["interrupted"]),
        (&json!(143), &json!("SIGTERM"))
    );
}

#[test]
fn a_ping_that_nobody_reads_any_more_ends() {
    let (mut child, mut out) = running(&[&tcp(echo)]);
    until(&mut out, "64 B from ");
    drop(out);
    let mut err = String::new();
    let (tell, told) = channel();
    let pid = pid(&child);
    spawn(move || {
        let mut stderr = child.stderr.take().expect("a pipe");
        let _ = stderr.read_to_string(&mut err);
        let _ = tell.send((child.wait().expect("it ends"), err));
    });
    let Ok((status, err)) = told.recv_timeout(LONG) else {
        kill(pid, Signal::SIGKILL).expect("it is ours and runs");
        panic!("it goes on");
    };
    assert_eq!((status.code(), err.as_str()), (Some(0), ""));
}

#[test]
fn what_cannot_be_meant_is_refused_with_a_hint() {
    for (args, wanted) in [
        (
            &["tcp4://127.0.0.1:0"][..],
            "error: no peer is at port 0 in 'tcp4://127.0.0.1:0'\n\
             hint: sockeye ping tcp4://127.0.0.1:7777\n",
        ),
        (
            &["tpc4"],
            "error: unknown transport 'tpc4'\n\
             hint: did you mean 'tcp4'? all names: sockeye list\n",
        ),
    ] {
        let Ran { code, out, err } = ping(args);
        assert_eq!((code, out.as_str(), err.as_str()), (Some(2), "", wanted));
    }
    let Ran { code, err, .. } = ping(&["tcp4", "--expect", "x"]);
    assert!(code == Some(2) && err.contains("--send") && err.contains("\nhint: "), "{err}");
    let too_large = udp(|_, message| vec![message]);
    let (code, target, ids) = found(&[&too_large, "-s", "65508"]);
    assert_eq!((code, &ids[..]), (Some(1), &["too-large".to_owned()][..]), "{target:#}");
    assert_eq!(target["error"]["errno_name"], json!("EMSGSIZE"));
}

#[test]
fn a_transport_that_is_not_here_is_no_failure_of_the_far_end() {
    let ready = run(&["list", "-q"]).out;
    let Some(missing) = ["sctp4", "vsock-stream", "mptcp4"]
        .into_iter()
        .find(|name| ready.lines().all(|line| line != *name))
    else {
        return skip("every transport works here");
    };
    let good = tcp(echo);
    let Ran { code, out, err } = ping(&[missing, &good, "-c", "1", "-q"]);
    assert_eq!(code, Some(3), "{out}{err}");
    assert!(err.starts_with(&format!("error: cannot ping {missing}://")), "{err}");
    let (document, _) = document(&[missing, &good, "-c", "1"]);
    assert_eq!(document["targets"][0]["status"], json!("unavailable"));
    assert_eq!(document["targets"][1]["status"], json!("pass"));
}
