//! Rust, with its standard library alone. That makes several calls in one of its own, so that some of
//! the walk's have no line here.

use super::{Cue, Difference, Row, Site, Spot, Words, call, closes, opens, row, spot};
use crate::transport::lesson::Moment;
use crate::transport::{End, Family, Kind, Protocol, Transport};

pub(super) const WORDS: Words = Words {
    comment: "//",
    compile: Some("rustc --edition 2024 echo.rs"),
    run: "./echo",
    closing: Some("}"),
    socket: "socket",
    arguments: str::to_owned,
    frame: r#"{HEAD}
{IMPORTS}

const SIZE: usize = {SIZE};
const ROOM: usize = 65536; // more than a message has, so that one too long is seen

fn server({WHERE}: &str) -> Result<(), Box<dyn Error>> {
{SERVER}
    Ok(())
}

fn client({WHERE}: &str) -> Result<(), Box<dyn Error>> {
    let message: Vec<u8> = (0..SIZE).map(|i| i as u8).collect();
{CLIENT}
}

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["server"] => server("{DEFAULT}"),
        ["server", {WHERE}] => server({WHERE}),
        ["client", {WHERE}] => client({WHERE}),
        _ => Err("usage: echo server [{USAGE}] | client {USAGE}".into()),
    }
}
"#,
    rows: ROWS,
    spots: SPOTS,
    differs: DIFFERS,
    reaches,
};

/// TCP, UDP, and Unix sockets of two types are what there is.
fn reaches(transport: &Transport) -> bool {
    match (transport.family, transport.kind) {
        (Family::Unix, kind) => kind != Kind::SeqPacket,
        _ => matches!(transport.protocol, Protocol::Tcp | Protocol::Udp),
    }
}

const ROWS: &[Row] = &[
    // What these do, bind does along with its own, or connect.
    call("socket", |_| true, ""),
    call("setsockopt", |_| true, ""),
    call("listen", |_| true, ""),
    call(
        "bind",
        |at| at.transport.kind.connects(),
        "let listener = {KIND}Listener::bind({PLACE})?;",
    ),
    call(
        "bind",
        |at| at.end == End::Client,
        "// A name of its own, or it could not be answered.
let own = format!(\"{path}.{}\", process::id());
let socket = UnixDatagram::bind(&own)?;",
    ),
    call("bind", |_| true, "let socket = {DATAGRAM}::bind({PLACE})?;"),
    call("getsockname", |_| true, "let port = {SOCKET}.local_addr()?.port();"),
    row(Cue::Ready, |_| true, "println!(\"{{WHERE}}\");\n\nlet mut room = [0; ROOM];"),
    call("connect", Site::is_stream, "let mut socket = {KIND}Stream::connect({PLACE})?;"),
    call("connect", |at| at.transport.family == Family::Unix, "socket.connect(path)?;"),
    call(
        "connect",
        |_| true,
        "let socket = UdpSocket::bind(\"{ANY_PORT}\")?;\nsocket.connect({PLACE})?;",
    ),
    call("accept4", |_| true, "let (mut connection, _) = {SOCKET}.accept()?;"),
    call("send", |at| at.end == End::Server, "{SOCKET}.write_all(&room[..count])?;"),
    call("send", Site::is_stream, "{SOCKET}.write_all(&message)?;"),
    call("send", |_| true, "{SOCKET}.send(&message)?;"),
    opens(
        "recv",
        |at| at.is(Moment::TakeRequest),
        "loop {
    let count = {SOCKET}.read(&mut room)?;
    if count == 0 {
        break;
    }",
    ),
    closes("recv", |at| at.is(Moment::SeeEnd), ""),
    call("recv", Site::is_stream, "let mut reply = [0; SIZE];\n{SOCKET}.read_exact(&mut reply)?;"),
    call(
        "recv",
        |_| true,
        "let mut room = [0; ROOM];
let count = {SOCKET}.recv(&mut room)?;
let reply = &room[..count];",
    ),
    call("recvfrom", |_| true, "let (count, sender) = {SOCKET}.recv_from(&mut room)?;"),
    call(
        "sendto",
        |at| at.transport.family == Family::Unix,
        "{SOCKET}.send_to_addr(&room[..count], &sender)?;",
    ),
    call("sendto", |_| true, "{SOCKET}.send_to(&room[..count], sender)?;"),
    call("close", |_| true, "drop({SOCKET});"),
    call("unlink", |at| at.end == End::Client, "fs::remove_file(own)?;"),
    call("unlink", |_| true, "fs::remove_file(path)?;"),
    row(
        Cue::Verdict,
        |_| true,
        "
if reply[..] != message[..] {
    return Err(\"what came back is not what was sent\".into());
}
println!(\"right: {} B came back as they were sent\", reply.len());
Ok(())",
    ),
];

const SPOTS: &[Spot] = &[
    spot(
        "IMPORTS",
        |t, _| (t.family, t.kind) == (Family::Unix, Kind::Stream),
        "use std::error::Error;
use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::{env, fs};",
    ),
    spot(
        "IMPORTS",
        |t, _| t.family == Family::Unix,
        "use std::error::Error;
use std::os::unix::net::UnixDatagram;
use std::{env, fs, process};",
    ),
    spot(
        "IMPORTS",
        |t, _| t.kind == Kind::Stream,
        "use std::env;
use std::error::Error;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};",
    ),
    spot("IMPORTS", |_, _| true, "use std::env;\nuse std::error::Error;\nuse std::net::UdpSocket;"),
    spot("KIND", |t, _| t.family == Family::Unix, "Unix"),
    spot("KIND", |_, _| true, "Tcp"),
    spot("DATAGRAM", |t, _| t.family == Family::Unix, "UnixDatagram"),
    spot("DATAGRAM", |_, _| true, "UdpSocket"),
    spot("PLACE", |t, _| t.family == Family::Unix, "path"),
    spot("PLACE", takes_brackets, "format!(\"[{HOST}]:{port}\")"),
    spot("PLACE", |_, _| true, "format!(\"{HOST}:{port}\")"),
    spot("ANY_PORT", takes_brackets, "[{HOST}]:0"),
    spot("ANY_PORT", |_, _| true, "{HOST}:0"),
    spot("DEFAULT", |t, _| t.family == Family::Unix, "echo.sock"),
    spot("DEFAULT", |_, _| true, "0"),
];

/// Is an address of it written in brackets before a port?
fn takes_brackets(transport: &Transport, end: End) -> bool {
    super::host(transport, end).contains(':')
}

const DIFFERS: &[Difference] = &[
    Difference { of: |_| true, says: "every socket is SOCK_CLOEXEC" },
    Difference {
        of: |t| t.kind != Kind::Datagram || t.family != Family::Unix,
        says: "every send is MSG_NOSIGNAL",
    },
    Difference {
        of: |t| (t.family, t.kind) == (Family::Unix, Kind::Datagram),
        says: "send() is write, which on a socket is the same, and sendto is MSG_NOSIGNAL",
    },
    Difference {
        of: |t| t.family != Family::Unix && t.kind.connects(),
        says: "bind() sets SO_REUSEADDR before it, and listens behind it: for 128, not 16",
    },
    Difference {
        of: |t| t.family != Family::Unix && t.kind.connects(),
        says: "so local_addr() asks getsockname of a socket that listens already",
    },
    Difference {
        of: |t| t.family == Family::Unix && t.kind.connects(),
        says: "bind() also listens: for as many as the machine lets wait (-1), not 16",
    },
    Difference {
        of: |t| t.kind == Kind::Datagram && t.family != Family::Unix,
        says: "a UDP client has to bind before it can connect",
    },
    Difference {
        of: |t| t.family == Family::Dual,
        says: "IPV6_V6ONLY is not set: std leaves it as net.ipv6.bindv6only has it",
    },
];
