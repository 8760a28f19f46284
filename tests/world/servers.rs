//! Foreign servers as targets of `ping`: what each does right is counted, and what it does wrong is
//! called by its name.

use crate::running::{Running, lacks, words};
use crate::verdict::{Expected, Verdict, ping};
use std::net::UdpSocket;
use std::path::Path;
use tempfile::TempDir;

/// A server, how it is asked, and what is to be said of it.
struct Row {
    /// Its command line; `~` is a blank inside of a word.
    server: &'static str,
    /// Its address, and more words for `ping`.
    ask: &'static str,
    expected: Expected,
}

const fn row(server: &'static str, ask: &'static str, expected: Expected) -> Row {
    Row { server, ask, expected }
}

const ALL_FIVE: Expected = Expected::pass(5);

/// Where a server of this row listens: the kernel's table, or the path of its socket file.
fn place(ask: &str) -> &'static str {
    let tables = [
        ("tcp4:", "tcp"),
        ("127.0.0.1:", "tcp"),
        ("tcp6:", "tcp6"),
        ("[::1]:", "tcp6"),
        ("udp4:", "udp"),
        ("udp6:", "udp6"),
    ];
    tables.iter().find(|(name, _)| ask.starts_with(name)).map_or("unix", |(_, table)| table)
}

/// Starts a server in a folder of its own, and waits until it listens.
fn start(line: &str, ask: &str) -> (Running, TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().display().to_string();
    let marks = [("FOLDER", path.as_str()), ("FREE", &free_port()), ("~", " ")];
    let running = Running::start(&words(line, &marks));
    let port = match place(ask) {
        "unix" => {
            running.path(&Path::new(&path).join("s"));
            String::new()
        }
        table => running.port(table).to_string(),
    };
    let ask = ask.replace("FOLDER", &path).replace("PORT", &port);
    (running, folder, ask)
}

/// A port that nobody has, for ncat: after its first client it listens anew for datagrams at the port
/// that it was given, and would pick another one for 0.
fn free_port() -> String {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("loopback has ports");
    socket.local_addr().expect("it is bound").port().to_string()
}

/// Asks every row's server, and tells of all whose verdict is another one.
fn judge(tools: &[&str], rows: &[Row]) {
    if lacks(tools) {
        return;
    }
    let wrong = |row: &Row| {
        let (_running, _folder, ask) = start(row.server, row.ask);
        let verdict = ping(&[], &words(&ask, &[]));
        let why = row.expected.differs(&verdict).or_else(|| misleads(&verdict))?;
        Some(format!("{}\n  ping {ask}: {why}", row.server))
    };
    let wrong: Vec<_> = rows.iter().filter_map(wrong).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What these hints say to type makes the same server pass.
const HELPING: [&str; 3] = ["cut", "merged", "short-then-closed"];

/// Does a hint that ought to help not do so, when it is pasted as it is printed?
fn misleads(verdict: &Verdict) -> Option<String> {
    let hint = verdict.hints(&HELPING).next()?;
    let Some((_, pasted)) = hint.split_once("sockeye ping ") else {
        return Some(format!("nothing to paste in '{hint}'"));
    };
    // No more of it than is needed, and one echo at a time: a server that reads once may answer neither
    // of two that are under way, which in seconds never are, but in milliseconds under load.
    let shortly = words("env SOCKEYE_COUNT=2 SOCKEYE_INTERVAL=0", &[]);
    let helped = ping(&shortly, &words(pasted, &[("'", "")]));
    (helped.code != Some(0)).then(|| format!("'{hint}' does not help:\n{}", helped.text))
}

#[test]
fn socat_echoes_streams() {
    let pipe = "socat TCP4-LISTEN:0,bind=127.0.0.1,fork PIPE";
    let rows = [
        row(pipe, "tcp4://127.0.0.1:PORT -c 5 -i 0", ALL_FIVE),
        row(pipe, "tcp4://127.0.0.1:PORT -c 5 -i 2ms", ALL_FIVE),
        row(pipe, "tcp4://127.0.0.1:PORT -c 5 -i 0 -s 9000", ALL_FIVE),
        row(
            "socat TCP4-LISTEN:0,bind=127.0.0.1,fork EXEC:cat",
            "127.0.0.1:PORT -c 5 -i 0 -s 40000",
            ALL_FIVE,
        ),
        row("socat TCP6-LISTEN:0,bind=[::1],fork PIPE", "tcp6://[::1]:PORT -c 5 -i 0", ALL_FIVE),
        row("socat TCP6-LISTEN:0,bind=[::1] EXEC:cat", "[::1]:PORT -c 5 -i 0", ALL_FIVE),
        row("socat UNIX-LISTEN:FOLDER/s,fork PIPE", "unix:FOLDER/s -c 5 -i 0", ALL_FIVE),
        row("socat UNIX-LISTEN:FOLDER/s EXEC:cat", "FOLDER/s -c 5 -i 0 -s 9000", ALL_FIVE),
    ];
    judge(&["socat"], &rows);
}

#[test]
fn socat_echoes_datagrams_up_to_its_buffer() {
    let cut = Expected::fail(&["cut"]);
    let rows = [
        row(
            "socat UDP4-RECVFROM:0,bind=127.0.0.1,fork PIPE",
            "udp4://127.0.0.1:PORT -c 5 -i 0",
            ALL_FIVE,
        ),
        row(
            "socat UDP4-RECVFROM:0,bind=127.0.0.1,fork EXEC:cat",
            "udp4://127.0.0.1:PORT -c 5 -i 0 -s 8192",
            ALL_FIVE,
        ),
        row(
            "socat UDP4-RECVFROM:0,bind=127.0.0.1,fork PIPE",
            "udp4://127.0.0.1:PORT -c 3 -i 0 -s 9000",
            cut,
        ),
        row("socat UDP6-RECVFROM:0,bind=[::1],fork PIPE", "udp6://[::1]:PORT -c 5 -i 0", ALL_FIVE),
        row(
            "socat UDP6-RECVFROM:0,bind=[::1],fork EXEC:cat",
            "udp6://[::1]:PORT -c 3 -i 0 -s 9000",
            cut,
        ),
        row("socat UNIX-RECVFROM:FOLDER/s,fork PIPE", "unix-dgram:FOLDER/s -c 5 -i 0", ALL_FIVE),
        row(
            "socat UNIX-RECVFROM:FOLDER/s,fork EXEC:cat",
            "unix-dgram:FOLDER/s -c 3 -i 0 -s 9000",
            cut,
        ),
    ];
    judge(&["socat"], &rows);
}

#[test]
fn socat_that_serves_one_datagram_refuses_the_next() {
    let verdict = Expected::fail(&["refused-after-answer"]).received(1);
    let ask = "udp4://127.0.0.1:PORT -c 8 -i 200ms -W 300ms";
    let rows = [
        row("socat UDP4-RECVFROM:0,bind=127.0.0.1 PIPE", ask, verdict),
        row("socat -t0.05 UDP4-RECVFROM:0,bind=127.0.0.1 EXEC:cat", ask, verdict),
    ];
    judge(&["socat"], &rows);
}

#[test]
fn socat_merges_packets_that_queue_up() {
    let rows = [
        row(
            "socat UNIX-LISTEN:FOLDER/s,fork,type=5 PIPE",
            "unix-seqpacket:FOLDER/s -c 5 -i 0",
            ALL_FIVE,
        ),
        row(
            "socat UNIX-LISTEN:FOLDER/s,fork,type=5 PIPE",
            "unix-seqpacket:FOLDER/s -c 5 -i 0 -s 9000",
            Expected::fail(&["cut"]),
        ),
        row(
            "socat UNIX-LISTEN:FOLDER/s,fork,type=5 PIPE",
            "unix-seqpacket:FOLDER/s -c 1000 -i 1us -s 100 -W 1s",
            Expected::fail(&["merged"]),
        ),
    ];
    judge(&["socat"], &rows);
}

#[test]
fn servers_that_close_or_answer_less_are_told_apart() {
    let ask = "tcp4://127.0.0.1:PORT -c 3 -i 0 -W 2s";
    let rows = [
        row(
            "socat TCP4-LISTEN:0,bind=127.0.0.1,fork EXEC:head~-c~64",
            ask,
            Expected::pass(3).with(&["closes-after-each"]),
        ),
        row(
            "socat TCP4-LISTEN:0,bind=127.0.0.1,fork EXEC:head~-c~16",
            ask,
            Expected::fail(&["short-then-closed"]),
        ),
        row(
            "socat TCP4-LISTEN:0,bind=127.0.0.1,fork EXEC:true",
            ask,
            Expected::fail(&["closes-without-answer"]),
        ),
        row(
            "socat -u TCP4-LISTEN:0,bind=127.0.0.1,fork OPEN:/dev/null",
            "tcp4://127.0.0.1:PORT -c 3 -W 300ms",
            Expected::fail(&["silent"]).received(0),
        ),
    ];
    judge(&["socat"], &rows);
}

#[test]
fn ncat_echoes_streams_and_cuts_datagrams() {
    let udp = "ncat --udp -l -k 127.0.0.1 FREE --exec /bin/cat";
    let rows = [
        row("ncat -l -k 127.0.0.1 0 --exec /bin/cat", "127.0.0.1:PORT -c 5 -i 0", ALL_FIVE),
        row("ncat -6 -l -k ::1 0 -e /bin/cat", "[::1]:PORT -c 5 -i 0 -s 9000", ALL_FIVE),
        row("ncat -l -k -U FOLDER/s -e /bin/cat", "unix:FOLDER/s -c 5 -i 0", ALL_FIVE),
        row(udp, "udp4://127.0.0.1:PORT -c 5 -i 0", ALL_FIVE),
        row(udp, "udp4://127.0.0.1:PORT -c 2 -i 0 -s 9000", Expected::fail(&["cut"])),
        row(
            "ncat -6 --udp -l -k ::1 FREE -e /bin/cat",
            "udp6://[::1]:PORT -c 2 -i 0 -s 9000",
            Expected::fail(&["cut"]),
        ),
    ];
    judge(&["ncat"], &rows);
}

/// One that closes at once could lose its words, if it finds ours unread.
#[test]
fn a_server_that_greets_first_and_then_waits_is_told_from_an_echo() {
    let rows = [row(
        "ncat -l -k 127.0.0.1 0 -c echo~SSH-2.0-none;exec~cat~>/dev/null",
        "tcp4://127.0.0.1:PORT -c 3 -i 0 -W 2s",
        Expected::fail(&["speaks-first"]),
    )];
    judge(&["ncat"], &rows);
}

#[test]
fn nc_that_only_listens_is_open_and_silent() {
    let silent = Expected::fail(&["silent"]).received(0);
    let rows = [
        row("nc -l 127.0.0.1 0", "127.0.0.1:PORT -c 3 -W 300ms", silent),
        row("nc -6 -l ::1 0", "[::1]:PORT -c 3 -W 300ms", silent),
        row("nc -l -U FOLDER/s", "unix:FOLDER/s -c 3 -W 300ms", silent),
        row(
            "nc -u -l 127.0.0.1 0",
            "udp4://127.0.0.1:PORT -c 2 -i 0 -W 200ms",
            Expected::fail(&["unanswered"]).received(0),
        ),
    ];
    judge(&["nc"], &rows);
}

#[test]
fn ncat_that_only_listens_is_open_and_silent() {
    let rows = [row(
        "ncat -l -k 127.0.0.1 0",
        "127.0.0.1:PORT -c 3 -W 300ms",
        Expected::fail(&["silent"]).received(0),
    )];
    judge(&["ncat"], &rows);
}
