//! Python, with its standard library alone; from 3.9 on.

use super::{Cue, Difference, Row, Site, Spot, Words, call, closes, opens, row, spot};
use crate::transport::lesson::Moment;
use crate::transport::{End, Family, Kind, Protocol};

pub(super) const WORDS: Words = Words {
    comment: "#",
    compile: None,
    run: "python3 echo.py",
    closing: None,
    socket: "sock",
    arguments,
    frame: r#"#!/usr/bin/env python3
{HEAD}
{IMPORTS}

SIZE = {SIZE}
MESSAGE = bytes(i % 256 for i in range(SIZE))
ROOM = 65536  # more than a message has, so that one too long is seen
{DEFINE}

def server({WHERE}={DEFAULT}):
{SERVER}


def client({WHERE}):
{CLIENT}


if len(sys.argv) in (2, 3) and sys.argv[1] == "server":
    server(*sys.argv[2:])
elif len(sys.argv) == 3 and sys.argv[1] == "client":
    client(sys.argv[2])
else:
    sys.exit("usage: python3 echo.py server [{USAGE}] | client {USAGE}")
"#,
    rows: ROWS,
    spots: SPOTS,
    differs: DIFFERS,
    reaches: |_| true,
};

/// Those of C with the module before them; a protocol that is the type's own is left out.
fn arguments(of_c: &str) -> String {
    let parts = of_c.trim_end_matches(", 0").split(", ").map(|part| {
        // Python has no name for this one before 3.10.
        let is_ours = part == Protocol::Mptcp.constant();
        let is_name = part.starts_with(char::is_alphabetic);
        if is_name && !is_ours { format!("socket.{part}") } else { part.to_owned() }
    });
    parts.collect::<Vec<_>>().join(", ")
}

const ROWS: &[Row] = &[
    opens("socket", |_| true, "with socket.socket({ARGUMENTS}) as {SOCKET}:"),
    call(
        "setsockopt",
        |at| at.is(Moment::TakeIpv4),
        "# IPv4 clients too, whatever net.ipv6.bindv6only says.
{SOCKET}.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)",
    ),
    call(
        "bind",
        |at| at.end == End::Client && at.transport.family == Family::Unix,
        "# A name of its own, or it could not be answered.
own = f\"{path}.{os.getpid()}\"
{SOCKET}.bind(own)",
    ),
    call(
        "bind",
        |at| at.end == End::Client,
        "{SOCKET}.bind((\"127.0.0.2\", 0))  # not the server's address, or both would hear both",
    ),
    call("bind", |_| true, "{SOCKET}.bind({PLACE})"),
    call("getsockname", |_| true, "port = {SOCKET}.getsockname()[1]"),
    call("listen", |_| true, "{SOCKET}.listen({BACKLOG})"),
    row(Cue::Ready, |_| true, "print({WHERE}, flush=True)"),
    call("connect", |_| true, "{SOCKET}.connect({PLACE})"),
    opens("accept4", |_| true, "connection, _ = {SOCKET}.accept()\nwith connection:"),
    call("send", |at| at.end == End::Server && at.is_stream(), "{SOCKET}.sendall(message)"),
    call("send", |at| at.end == End::Server, "{SOCKET}.send(message)"),
    call("send", Site::is_stream, "{SOCKET}.sendall(MESSAGE)"),
    call("send", |_| true, "{SOCKET}.send(MESSAGE)"),
    opens("recv", |at| at.is(Moment::TakeRequest), "while message := {SOCKET}.recv(ROOM):"),
    closes("recv", |at| at.is(Moment::SeeEnd), ""),
    call(
        "recv",
        |at| at.is(Moment::OwnRequest),
        "{SOCKET}.recv(ROOM)  # its own request: both ends have the one loopback address",
    ),
    call(
        "recv",
        Site::is_stream,
        "reply = b\"\"
while len(reply) < SIZE and (more := {SOCKET}.recv(ROOM)):
    reply += more",
    ),
    call(
        "recv",
        Site::has_header,
        "packet = {SOCKET}.recv(ROOM)
reply = packet[(packet[0] & 15) * 4 :]  # what is behind the IP header",
    ),
    call("recv", |_| true, "reply = {SOCKET}.recv(ROOM)"),
    call(
        "recvfrom",
        Site::has_header,
        "packet, sender = {SOCKET}.recvfrom(ROOM)
message = packet[(packet[0] & 15) * 4 :]  # what is behind the IP header",
    ),
    call("recvfrom", |_| true, "message, sender = {SOCKET}.recvfrom(ROOM)"),
    call("sendto", |_| true, "{SOCKET}.sendto(message, sender)"),
    closes("close", |_| true, ""),
    call("unlink", |at| at.end == End::Client, "os.unlink(own)"),
    call("unlink", |_| true, "os.unlink(path)"),
    row(
        Cue::Verdict,
        |_| true,
        "if reply != MESSAGE:
    sys.exit(f\"wrong: {len(reply)} B came back that are not what was sent\")
print(f\"right: {len(reply)} B came back as they were sent\")",
    ),
];

const SPOTS: &[Spot] = &[
    spot("IMPORTS", |t, _| t.family == Family::Unix, "import os\nimport socket\nimport sys"),
    spot("IMPORTS", |_, _| true, "import socket\nimport sys"),
    spot(
        "DEFINE",
        |t, _| t.protocol == Protocol::Mptcp,
        "IPPROTO_MPTCP = 262  # socket.IPPROTO_MPTCP from Python 3.10 on\n",
    ),
    spot(
        "DEFINE",
        |t, _| t.family == Family::Vsock,
        "CID_LOCAL = 1  # VMADDR_CID_LOCAL, vsock(7)\n",
    ),
    spot("DEFINE", |_, _| true, ""),
    spot("PLACE", |t, _| t.family == Family::Unix, "path"),
    spot("PLACE", |t, _| t.family == Family::Vsock, "(CID_LOCAL, int(port))"),
    spot("PLACE", |t, _| t.kind == Kind::Raw, "(ip, 0)"),
    spot("PLACE", |_, _| true, "(\"{HOST}\", int(port))"),
    spot("DEFAULT", |t, _| t.family == Family::Unix, "\"echo.sock\""),
    spot("DEFAULT", |t, _| t.family == Family::Vsock, "socket.VMADDR_PORT_ANY"),
    spot("DEFAULT", |t, _| t.kind == Kind::Raw, "\"{HOST}\""),
    spot("DEFAULT", |_, _| true, "0"),
];

const DIFFERS: &[Difference] = &[
    Difference { of: |_| true, says: "every socket is SOCK_CLOEXEC" },
    Difference {
        of: |t| t.kind.connects(),
        says: "accept() also asks getsockname of what it accepted",
    },
];
