//! What whoever starts the server passes to it: sockets (`sd_listen_fds(3)`), a place to say that it is
//! ready (`sd_notify(3)`), a descriptor to write the addresses to.

use crate::client::{Client, limit_time};
use crate::server::{Ended, Server, Start};
use nix::sys::socket::{
    AddressFamily, Backlog, SockFlag, SockType, UnixAddr, bind, listen, socket, socketpair,
};
use std::fs::File;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram, UnixListener, UnixStream};
use std::path::Path;

/// Becomes the program with its standard input as descriptor 3, and says that this is for it.
const PASS: [&str; 3] =
    ["sh", "-c", "exec env LISTEN_PID=$$ LISTEN_FDS=1 \"$0\" \"$@\" 3<&0 </dev/null"];

fn passing(socket: impl Into<OwnedFd>, words: &[&str]) -> Start {
    Start::with(words).bare().behind(&PASS).stdin(socket.into())
}

fn seqpacket_listener(path: &Path) -> OwnedFd {
    let kind = SockType::SeqPacket;
    let socket = socket(AddressFamily::Unix, kind, SockFlag::SOCK_CLOEXEC, None).expect("a socket");
    bind(socket.as_raw_fd(), &UnixAddr::new(path).expect("it is short")).expect("a new file");
    listen(&socket, Backlog::new(10).expect("it is small")).expect("it is bound");
    socket
}

#[test]
fn a_passed_socket_of_each_kind_is_served_instead_of_the_default() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let sockets: [(&str, OwnedFd); 7] = [
        ("tcp4", TcpListener::bind("127.0.0.1:0").expect("a port").into()),
        ("tcp6", TcpListener::bind("[::1]:0").expect("a port").into()),
        ("udp4", UdpSocket::bind("127.0.0.1:0").expect("a port").into()),
        ("udp6", UdpSocket::bind("[::1]:0").expect("a port").into()),
        ("unix-stream", UnixListener::bind(path("stream")).expect("a new file").into()),
        ("unix-dgram", UnixDatagram::bind(path("dgram")).expect("a new file").into()),
        ("unix-seqpacket", seqpacket_listener(&path("seqpacket"))),
    ];
    for (name, socket) in sockets {
        let server = passing(socket, &[]).go();
        assert_eq!(server.addresses().len(), 1, "{name}: {}", server.ready);
        let address = server.address();
        assert_eq!(address.transport().map(|row| row.name), Some(name));
        Client::of(&address).echo(b"passed");
        let ended = server.end();
        assert_eq!((ended.ran.code, ended.count("messages")), (Some(0), 1), "{name}");
    }
    // The files belong to whoever made them.
    assert!(["stream", "dgram", "seqpacket"].iter().all(|name| path(name).exists()));
}

#[test]
fn words_are_served_beside_what_was_passed() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("it is bound").port();
    let server = passing(listener, &["unix-stream:@sockeye-test-beside"]).go();
    let addresses = server.addresses();
    assert_eq!(addresses[0].to_string(), format!("tcp4://127.0.0.1:{port}"));
    assert_eq!(addresses[1].to_string(), "unix-stream:@sockeye-test-beside");
    for address in &addresses {
        Client::of(address).echo(b"both");
    }
}

fn expect_one_connection(ended: &Ended, name: &str) {
    assert_eq!(ended.ran.code, Some(0), "{name}");
    assert_eq!((ended.count("connections"), ended.count("broken")), (1, 0), "{name}");
    assert_eq!(ended.count("bytes"), 5, "{name}");
}

/// A service manager with `Accept=yes` passes what it has accepted: the server ends with it.
#[test]
fn a_passed_connection_is_served_to_its_end() {
    let (mut ours, theirs) = UnixStream::pair().expect("a pair");
    let server = passing(theirs, &[]).go();
    limit_time(&ours);
    ours.write_all(b"hello").expect("it listens");
    let mut back = [0; 5];
    ours.read_exact(&mut back).expect("an answer");
    assert_eq!(&back, b"hello");
    drop(ours);
    expect_one_connection(&server.ended(), "unix-stream");

    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let mut ours = TcpStream::connect(listener.local_addr().expect("bound")).expect("it listens");
    let (theirs, _) = listener.accept().expect("it has connected");
    let server = passing(theirs, &[]).go();
    limit_time(&ours);
    ours.write_all(b"hello").expect("it listens");
    ours.shutdown(std::net::Shutdown::Write).expect("it is open");
    let mut back = Vec::new();
    ours.read_to_end(&mut back).expect("an answer");
    assert_eq!(back, b"hello");
    expect_one_connection(&server.ended(), "tcp4");
}

#[test]
fn a_passed_packet_connection_is_served_to_its_end() {
    let flags = SockFlag::SOCK_CLOEXEC;
    let (ours, theirs) =
        socketpair(AddressFamily::Unix, SockType::SeqPacket, None, flags).expect("a pair");
    let server = passing(theirs, &[]).go();
    limit_time(&ours);
    let mut ours = File::from(ours);
    ours.write_all(b"hello").expect("it listens");
    let mut back = [0; 10];
    assert_eq!(ours.read(&mut back).expect("an answer"), 5);
    drop(ours);
    expect_one_connection(&server.ended(), "unix-seqpacket");
}

#[test]
fn sockets_for_another_process_are_left_alone() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let pass = ["sh", "-c", "exec env LISTEN_PID=1 LISTEN_FDS=1 \"$0\" \"$@\" 3<&0 </dev/null"];
    let start = Start::with(&["unix-stream"]).behind(&pass).stdin(listener.into());
    let server = start.go();
    assert_eq!(server.addresses().len(), 1);
    assert_eq!(server.address().transport().map(|row| row.name), Some("unix-stream"));
}

#[test]
fn what_is_no_socket_is_refused() {
    let file = tempfile::tempfile().expect("a file");
    let ran = passing(file, &[]).refused();
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""));
    assert_eq!(
        ran.err,
        "error: cannot use what was passed as descriptor 3: ENOTSOCK\n\
         hint: LISTEN_FDS counts stream, datagram and seqpacket sockets, from descriptor 3 on\n"
    );
}

/// A number that was promised and not passed must not be taken for a descriptor of the program's own.
#[test]
fn a_descriptor_that_was_not_passed_is_refused() {
    let refused = |ran: crate::support::Ran, number: u32| {
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{}", ran.err);
        assert_eq!(
            ran.err,
            format!(
                "error: cannot use what was passed as descriptor {number}: EBADF\n\
                 hint: LISTEN_FDS counts stream, datagram and seqpacket sockets, from descriptor 3 on\n"
            )
        );
    };
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("tally.json").display().to_string();
    let none = ["sh", "-c", "exec env LISTEN_PID=$$ LISTEN_FDS=1 \"$0\" \"$@\" 3<&-"];
    for words in [&["tcp4"][..], &["tcp4", "-o", &file]] {
        refused(Start::with(words).behind(&none).refused(), 3);
    }
    let one = ["sh", "-c", "exec env LISTEN_PID=$$ LISTEN_FDS=2 \"$0\" \"$@\" 3<&0 4<&-"];
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    refused(Start::with(&[]).behind(&one).stdin(listener.into()).refused(), 4);
}

#[test]
fn a_passed_socket_that_others_can_reach_needs_the_flag() {
    let listener = || TcpListener::bind("0.0.0.0:0").expect("a port");
    let ran = passing(listener(), &[]).refused();
    assert_eq!(ran.code, Some(2));
    assert_eq!(
        ran.err,
        "error: a socket that was passed can be reached from beyond this machine\n\
         hint: if that is meant: sockeye serve --allow-remote\n"
    );
    let server = passing(listener(), &["--allow-remote"]).go();
    Client::of(&server.address()).echo(b"allowed");
}

fn states(manager: &UnixDatagram) -> String {
    let mut room = [0; 200];
    let len = manager.recv(&mut room).expect("a state");
    String::from_utf8_lossy(&room[..len]).into_owned()
}

fn expect_ready_and_stopping(manager: &UnixDatagram, place: &str) {
    limit_time(manager);
    let server = Start::with(&["tcp4"]).variable("NOTIFY_SOCKET", place).go();
    assert_eq!(states(manager), "READY=1");
    Client::of(&server.address()).echo(b"ready");
    assert_eq!(server.end().ran.code, Some(0));
    assert_eq!(states(manager), "STOPPING=1");
}

#[test]
fn a_service_manager_is_told_at_a_path_and_at_an_abstract_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("notify");
    let manager = UnixDatagram::bind(&path).expect("a new file");
    expect_ready_and_stopping(&manager, &path.display().to_string());
    let name = format!("sockeye-test-notify-{}", std::process::id());
    let address = SocketAddr::from_abstract_name(&name).expect("it is short");
    let manager = UnixDatagram::bind_addr(&address).expect("it is free");
    expect_ready_and_stopping(&manager, &format!("@{name}"));
}

#[test]
fn a_service_manager_that_is_not_there_is_no_trouble() {
    for place in ["/no/such/place", "@sockeye-test-nobody", "", "relative"] {
        let server = Start::with(&["tcp4"]).variable("NOTIFY_SOCKET", place).go();
        Client::of(&server.address()).echo(b"ready");
        let ended = server.end();
        assert_eq!((ended.ran.code, ended.ran.err.as_str()), (Some(0), ""), "{place}");
    }
}

/// The descriptor is standard output here, and standard output is nothing.
#[test]
fn the_descriptor_to_write_to_gets_one_line_and_is_closed() {
    let outer = ["sh", "-c", "exec \"$0\" \"$@\" 3>&1 >/dev/null"];
    let words = ["tcp4", "unix-stream", "--ready-fd", "3", "-qq"];
    let server = Start::with(&words).behind(&outer).begin();
    let line = server.out.next().expect("a line");
    assert_eq!(server.out.next(), None, "it is not closed");
    let addresses: Vec<_> = line.trim_end().split(' ').collect();
    assert_eq!(addresses.len(), 2, "{line}");
    for address in addresses {
        Client::of(&address.parse().expect("an address")).echo(b"there");
    }
    let ended = server.end();
    assert_eq!((ended.ran.code, ended.ran.err.as_str()), (Some(0), ""));
}

#[test]
fn a_descriptor_that_is_not_open_is_refused_before_anything_else() {
    let ran = Start::with(&["tcp4", "--ready-fd", "900"]).refused();
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""));
    assert_eq!(
        ran.err,
        "error: descriptor 900 of '--ready-fd' is not open\n\
         hint: sockeye serve --ready-fd 900 900>FILE\n"
    );
    // Nor is a file of the program's own meant by a number, or a socket that was passed.
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("tally.json").display().to_string();
    let closed = ["sh", "-c", "exec \"$0\" \"$@\" 3<&-"];
    let ran = Start::with(&["tcp4", "--ready-fd", "3", "-o", &file]).behind(&closed).refused();
    assert!(
        ran.err.starts_with("error: descriptor 3 of '--ready-fd' is not open\n"),
        "{}",
        ran.err
    );
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let ran = passing(listener, &["--ready-fd", "3"]).refused();
    assert!(
        ran.err.starts_with("error: descriptor 3 of '--ready-fd' is not open\n"),
        "{}",
        ran.err
    );
    let ran = Start::with(&["--ready-fd", "1"]).refused();
    assert_eq!(ran.code, Some(2), "standard output has a meaning of its own");
}

/// A passed socket and a descriptor to write to may come together.
#[test]
fn everything_passed_at_once_is_used() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let script =
        "exec env LISTEN_PID=$$ LISTEN_FDS=1 \"$0\" \"$@\" 3<&0 4>&1 >/dev/null </dev/null";
    let start = Start::with(&["--ready-fd", "4", "-qq"]).bare().behind(&["sh", "-c", script]);
    let server: Server = start.stdin(listener.into()).begin();
    let line = server.out.next().expect("a line");
    Client::of(&line.trim_end().parse().expect("an address")).echo(b"there");
    assert_eq!(server.end().ran.code, Some(0));
}
