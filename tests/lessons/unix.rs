//! Experiments on Unix sockets and the files that stand for them.

use crate::bench::{Bench, ROOM, has_nothing, refusal, taken};
use sockeye::os::Errno;
use sockeye::os::name::Name;
use sockeye::os::probe::Probe;
use sockeye::transport::{End, Transport};
use std::fs;
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::fs::{FileTypeExt, MetadataExt};

/// A path that exists cannot be bound, be it in use, left behind or no socket at all; connect to one
/// that was left behind is refused; and unlink is what frees it.
pub(crate) fn bind_to_a_stale_path(transport: &'static Transport) {
    let bench = Bench::new(transport);
    let (server, name) = bench.bound();
    let path = name.file().expect("a path").to_owned();
    let is_socket = || fs::symlink_metadata(&path).is_ok_and(|about| about.file_type().is_socket());
    assert!(is_socket());
    assert_eq!(refusal(bench.unbound().bind(&name)), Errno::EADDRINUSE);
    server.close();
    assert!(is_socket(), "close leaves it");
    assert_eq!(refusal(bench.client().connect_blocking(&name)), Errno::ECONNREFUSED);
    assert_eq!(refusal(bench.unbound().bind(&name)), Errno::EADDRINUSE);
    fs::remove_file(&path).expect("it is ours");
    bench.unbound().bind(&name).expect("the name is free");
    let plain = bench.name(End::Server);
    fs::write(plain.file().expect("a path"), "text").expect("the folder is ours");
    assert_eq!(refusal(bench.unbound().bind(&plain)), Errno::EADDRINUSE);
}

/// Of a client without a name the server is told none, and there is nothing that it could send to; of
/// one with a name it is told that, and can.
pub(crate) fn unbound_datagram_client(transport: &'static Transport) {
    let bench = Bench::new(transport);
    let (server, name) = bench.bound();
    let client = bench.client();
    client.connect(&name).expect("it is there");
    assert_eq!(client.send(b"who am I?"), Ok(9));
    let (bytes, sender) = server.receive_from(ROOM).expect("it is there");
    assert_eq!(bytes, b"who am I?");
    assert!(sender.is_none_or(|sender| sender.is_unnamed()));
    assert_eq!(refusal(server.send_to(b"?", &Name::autobind())), Errno::EINVAL);
    let own = bench.name(End::Client);
    client.bind(&own).expect("it has none yet");
    assert_eq!(client.send(b"and now?"), Ok(8));
    let (_, sender) = server.receive_from(ROOM).expect("it is there");
    assert_eq!(sender.as_ref(), Some(&own));
    assert_eq!(server.send_to(b"you!", &own), Ok(4));
    assert_eq!(taken(&bench, &client), b"you!");
}

/// Once the files have other names, sendto finds nobody, while send goes where connect has once looked.
pub(crate) fn sendto_looks_the_file_up(transport: &'static Transport) {
    let bench = Bench::new(transport);
    let (client, own, server, name) = bench.paired();
    assert_eq!(server.send_to(b"before", &own), Ok(6));
    assert_eq!(taken(&bench, &client), b"before");
    for name in [&own, &name] {
        let path = name.file().expect("a path");
        fs::rename(path, path.with_extension("moved")).expect("the folder is ours");
    }
    assert_eq!(refusal(server.send_to(b"after", &own)), Errno::ENOENT);
    assert!(has_nothing(&client));
    assert_eq!(client.send(b"after"), Ok(5));
    assert_eq!(taken(&bench, &server), b"after");
}

/// A receive of an empty message says 0 while the sender is still there, and 0 when it has gone.
pub(crate) fn an_empty_message_looks_like_the_end(transport: &'static Transport) {
    let bench = Bench::new(transport);
    let (client, accepted, ..) = bench.connected();
    assert_eq!((client.send(b""), client.send(b"still here")), (Ok(0), Ok(10)));
    assert_eq!(accepted.receive_now(ROOM).expect("it is there"), b"");
    assert_eq!(accepted.receive_now(ROOM).expect("it is there"), b"still here");
    assert!(has_nothing(&accepted));
    client.close();
    assert_eq!(accepted.receive_now(ROOM).expect("the end"), b"");
}

/// As soon as an end is closed the kernel's list of Unix sockets is without it, and the other end reads
/// the end at once.
pub(crate) fn a_unix_connection_leaves_nothing(transport: &'static Transport) {
    let bench = Bench::new(transport);
    let (client, accepted, ..) = bench.connected();
    let ends = (inode(&client), inode(&accepted));
    assert!(is_listed(ends.0) && is_listed(ends.1));
    client.close();
    assert!(!is_listed(ends.0));
    assert_eq!(accepted.receive_now(ROOM).expect("the end"), b"");
    accepted.close();
    assert!(!is_listed(ends.1));
}

/// The number by which the kernel knows a socket.
fn inode(probe: &Probe) -> u64 {
    let path = format!("/proc/self/fd/{}", probe.as_fd().as_raw_fd());
    fs::metadata(path).expect("it is open").ino()
}

fn is_listed(inode: u64) -> bool {
    // A name need not be UTF-8.
    let text = fs::read("/proc/net/unix").expect("the kernel has it");
    let text = String::from_utf8_lossy(&text);
    text.lines().any(|line| line.split_ascii_whitespace().nth(6) == Some(&inode.to_string()))
}
