//! Foreign clients at `serve`: what they send is what they get back, and the server's tally knows it.

use crate::running::{Asked, Serving, lacks, pattern, python, talk, words};

/// More than any buffer on the way holds, so that a server that stops reading is seen.
const MUCH: usize = 700_000;
/// Sizes of messages, one after the other; no client here cuts them.
const SIZES: [usize; 5] = [1, 64, 1000, 1472, 8192];

const SOCAT_STREAMS: [(&str, &str); 3] = [
    ("tcp4://127.0.0.1:0", "socat -t20 - TCP4:127.0.0.1:PORT"),
    ("tcp6://[::1]:0", "socat -t20 - TCP6:[::1]:PORT"),
    ("unix-stream://FOLDER/s", "socat -t20 - UNIX-CONNECT:FOLDER/s"),
];
const NCAT_STREAMS: [(&str, &str); 3] = [
    ("tcp4://127.0.0.1:0", "ncat 127.0.0.1 PORT"),
    ("tcp6://[::1]:0", "ncat -6 ::1 PORT"),
    ("unix-stream://FOLDER/s", "ncat -U FOLDER/s"),
];
const NC_STREAMS: [(&str, &str); 3] = [
    ("tcp4://127.0.0.1:0", "nc -N 127.0.0.1 PORT"),
    ("tcp6://[::1]:0", "nc -N -6 ::1 PORT"),
    ("unix-stream://FOLDER/s", "nc -N -U FOLDER/s"),
];
const SOCAT_MESSAGES: [(&str, &str); 4] = [
    ("udp4://127.0.0.1:0", "socat - UDP4:127.0.0.1:PORT"),
    ("udp6://[::1]:0", "socat - UDP6:[::1]:PORT"),
    ("unix-dgram://FOLDER/s", "socat - UNIX-SENDTO:FOLDER/s,bind=FOLDER/client"),
    ("unix-seqpacket://FOLDER/s", "socat - UNIX-CONNECT:FOLDER/s,type=5"),
];
const NCAT_MESSAGES: [(&str, &str); 3] = [
    ("udp4://127.0.0.1:0", "ncat --udp 127.0.0.1 PORT"),
    ("udp6://[::1]:0", "ncat --udp -6 ::1 PORT"),
    ("unix-dgram://FOLDER/s", "ncat --udp -U -s FOLDER/client FOLDER/s"),
];
const NC_MESSAGES: [(&str, &str); 3] = [
    ("udp4://127.0.0.1:0", "nc -u 127.0.0.1 PORT"),
    ("udp6://[::1]:0", "nc -u -6 ::1 PORT"),
    ("unix-dgram://FOLDER/s", "nc -u -U -s FOLDER/client FOLDER/s"),
];

/// Runs a body on every row, and tells of all that fail.
fn for_each(rows: &[(&str, &str)], body: impl Fn(&str, &str) -> Result<(), String>) {
    let failed: Vec<_> = rows
        .iter()
        .filter_map(|(address, line)| {
            body(address, line).err().map(|why| format!("{line} at {address}: {why}"))
        })
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

fn client(server: &Serving, line: &str) -> Vec<String> {
    words(line, &[("PORT", &server.port()), ("FOLDER", &server.folder())])
}

/// All at once and then a half-close: the client reads to the end of what comes back.
fn streams(address: &str, line: &str) -> Result<(), String> {
    let server = Serving::at(address, &[]);
    let sent = pattern(MUCH);
    let talked = talk(&client(&server, line), &sent);
    if talked.code != Some(0) || talked.out != sent {
        let same = talked.out.iter().zip(&sent).take_while(|(one, other)| one == other).count();
        let len = talked.out.len();
        return Err(format!("{len} bytes back, {same} right; {:?} {}", talked.code, talked.err));
    }
    let tally = server.tally();
    let counts = [&tally["connections"], &tally["bytes"], &tally["broken"]];
    let wanted = [1, MUCH, 0];
    (counts == wanted.map(serde_json::Value::from).each_ref())
        .then_some(())
        .ok_or_else(|| format!("{tally}"))
}

/// One message after the other; the server counts as many as were sent, so that none was cut or merged.
fn messages(address: &str, line: &str) -> Result<(), String> {
    let server = Serving::at(address, &[]);
    let mut asked = Asked::start(&client(&server, line));
    for size in SIZES {
        let sent = pattern(size);
        if asked.ask(&sent) != sent {
            return Err(format!("{size} bytes did not come back as they were"));
        }
    }
    drop(asked);
    let tally = server.tally();
    let sum: usize = SIZES.iter().sum();
    (tally["messages"] == SIZES.len() && tally["bytes"] == sum)
        .then_some(())
        .ok_or_else(|| format!("{tally}"))
}

#[test]
fn socat_gets_back_what_it_sent_over_every_stream() {
    if !lacks(&["socat"]) {
        for_each(&SOCAT_STREAMS, streams);
    }
}

#[test]
fn ncat_gets_back_what_it_sent_over_every_stream() {
    if !lacks(&["ncat"]) {
        for_each(&NCAT_STREAMS, streams);
    }
}

#[test]
fn nc_gets_back_what_it_sent_over_every_stream() {
    if !lacks(&["nc"]) {
        for_each(&NC_STREAMS, streams);
    }
}

#[test]
fn socat_gets_every_message_back_one_for_one() {
    if !lacks(&["socat"]) {
        for_each(&SOCAT_MESSAGES, messages);
    }
}

#[test]
fn ncat_gets_every_message_back_one_for_one() {
    if !lacks(&["ncat"]) {
        for_each(&NCAT_MESSAGES, messages);
    }
}

#[test]
fn nc_gets_every_message_back_one_for_one() {
    if !lacks(&["nc"]) {
        for_each(&NC_MESSAGES, messages);
    }
}

/// Python's own socket module sends every size there is, empty messages and the largest among them,
/// several of them at once, and compares them one for one.
#[test]
fn python_gets_every_size_back_with_its_boundaries() {
    if lacks(&["python3"]) {
        return;
    }
    let rows = [
        ("tcp4://127.0.0.1:0", "tcp4 PORT"),
        ("tcp6://[::1]:0", "tcp6 PORT"),
        ("udp4://127.0.0.1:0", "udp4 PORT"),
        ("udp6://[::1]:0", "udp6 PORT"),
        ("unix-stream://FOLDER/s", "unix-stream FOLDER/s"),
        ("unix-dgram://FOLDER/s", "unix-dgram FOLDER/s"),
        ("unix-seqpacket://FOLDER/s", "unix-seqpacket FOLDER/s"),
    ];
    for_each(&rows, |address, line| {
        let server = Serving::at(address, &[]);
        let args = client(&server, line);
        let args: Vec<_> = args.iter().map(String::as_str).collect();
        let talked = talk(&python("every_size.py", &args), &[]);
        let said = String::from_utf8_lossy(&talked.out);
        let tally = server.tally();
        // How often a stream was read is the server's own business.
        let is_stream = address.contains("tcp") || address.contains("stream");
        let counted = if is_stream {
            format!("bytes: {}", tally["bytes"])
        } else {
            format!("messages: {}, bytes: {}", tally["messages"], tally["bytes"])
        };
        let is_same = said.starts_with("same: ") && said.trim_end().ends_with(&counted);
        is_same.then_some(()).ok_or_else(|| format!("'{said}', not '{counted}' {}", talked.err))
    });
}
