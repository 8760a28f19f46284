//! Socket files: where they are, who may enter, what is taken over, what is never removed.

use crate::client::Client;
use crate::server::{Server, Start};
use nix::sys::signal::Signal;
use std::fs::{self, DirBuilder, File, Permissions};
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, PermissionsExt, symlink};
use std::os::unix::net::{UnixDatagram, UnixListener};
use std::path::{Path, PathBuf};

const UNIX: [&str; 3] = ["unix-stream", "unix-dgram", "unix-seqpacket"];

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).expect("it is there").permissions().mode() & 0o777
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).expect("it is there").flatten().map(|entry| entry.path()).collect()
}

#[test]
fn the_folder_of_this_user_is_made_for_this_user_alone_and_removed_again() {
    for variable in ["XDG_RUNTIME_DIR", "TMPDIR"] {
        let start = Start::with(&UNIX).bare();
        let parent = start.folder().to_path_buf();
        let other = if variable == "TMPDIR" { "XDG_RUNTIME_DIR" } else { "OTHER" };
        let server =
            start.variable(variable, &parent.display().to_string()).variable(other, "").go();
        let made = entries(&parent);
        assert_eq!(made.len(), 1, "{made:?}");
        let uid = fs::metadata("/proc/self").expect("it is mounted").uid();
        let name = if variable == "TMPDIR" { format!("sockeye-{uid}") } else { "sockeye".into() };
        assert_eq!(made[0], parent.join(name));
        assert_eq!(mode(&made[0]), 0o700);
        assert_eq!(entries(&made[0]).len(), 3);
        assert!(entries(&made[0]).iter().all(|path| {
            fs::symlink_metadata(path).expect("it is there").file_type().is_socket()
        }));
        server.addresses().iter().for_each(|address| Client::of(address).echo(b"there"));
        let ended = server.end();
        assert_eq!(entries(ended.folder.path()), Vec::<PathBuf>::new(), "{variable}");
    }
}

#[test]
fn every_end_but_sigkill_removes_the_files() {
    if crate::support::skip_where_signals_are_ignored() {
        return;
    }
    for signal in [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP] {
        let server = Server::start(&UNIX);
        assert_eq!(entries(server.folder()).len(), 3);
        let ended = server.end_with(signal);
        assert_eq!(entries(ended.folder.path()), Vec::<PathBuf>::new(), "{signal}");
    }
}

#[test]
fn after_sigkill_the_next_start_takes_the_files_over() {
    let ended = Server::start(&UNIX).end_with(Signal::SIGKILL);
    assert_eq!(entries(ended.folder.path()).len(), 3);
    let server = Start::with(&UNIX).within(ended.folder).go();
    server.addresses().iter().for_each(|address| Client::of(address).echo(b"taken over"));
    let ended = server.end();
    assert_eq!(entries(ended.folder.path()), Vec::<PathBuf>::new());
}

/// Another type of socket at the same path cannot be asked, and is dead all the same or not: it stays.
#[test]
fn a_live_socket_is_refused_with_its_owner() {
    for name in UNIX {
        let first = Server::start(&[name]);
        let address = first.address();
        let ran = Start::with(&[&address.to_string()]).refused();
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{name}");
        assert_eq!(
            ran.err,
            format!(
                "error: cannot listen on {address}: address in use (EADDRINUSE, bind)\n  \
                 held by: sockeye, pid {}\nhint: another path: sockeye serve {address}.2\n",
                first.pid()
            )
        );
        Client::of(&address).echo(b"not harmed");
    }
}

#[test]
fn a_live_socket_of_another_type_is_refused_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("x.sock");
    let place = path.display().to_string();
    let _letters = UnixDatagram::bind(&path).expect("a new file");
    for name in ["unix-stream", "unix-seqpacket"] {
        let ran = Start::with(&[&format!("{name}:{place}")]).refused();
        assert_eq!(ran.code, Some(2), "{name}");
        assert!(
            ran.err.contains(": address in use (EADDRINUSE, bind)\n  held by: "),
            "{}",
            ran.err
        );
        let own = format!(", pid {}\n", std::process::id());
        assert!(ran.err.contains(&own), "{}", ran.err);
    }
    assert!(path.exists());
}

/// Nobody accepts there any more, but the queue is full: it lives.
#[test]
fn a_socket_with_a_full_queue_lives() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("x.sock");
    let listener = UnixListener::bind(&path).expect("a new file");
    nix::sys::socket::listen(&listener, nix::sys::socket::Backlog::new(0).expect("it is small"))
        .expect("it is bound");
    let address = format!("unix-stream:{}", path.display()).parse().expect("an address");
    let _queued = Client::of(&address);
    let ran = Start::with(&[&address.to_string()]).refused();
    assert!(ran.err.contains("address in use (EADDRINUSE, bind)\n  held by: "), "{}", ran.err);
    assert!(path.exists());
}

/// The address with the next port, as the hint has it.
fn next_port(address: &sockeye::address::Address) -> String {
    let text = address.to_string();
    let (front, port) = text.rsplit_once(':').expect("it has a port");
    let next = port.parse::<u16>().expect("a port").saturating_add(1);
    format!("{front}:{next}").parse::<sockeye::address::Address>().expect("an address").quoted()
}

#[test]
fn ports_in_use_are_refused_with_their_owner() {
    for name in ["tcp4", "tcp6", "udp4", "udp6", "tcp46", "udp46", "udplite4", "mptcp4"] {
        if !crate::catalogue::is_here(name) {
            continue;
        }
        let first = Server::start(&[name]);
        let address = first.address();
        let ran = Start::with(&[&address.to_string()]).refused();
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{name}");
        assert_eq!(
            ran.err,
            format!(
                "error: cannot listen on {address}: address in use (EADDRINUSE, bind)\n  \
                 held by: sockeye, pid {}\n\
                 hint: another port: sockeye serve {}; port 0 lets the kernel pick\n",
                first.pid(),
                next_port(&address)
            )
        );
    }
}

#[test]
fn an_abstract_name_in_use_is_refused_with_its_owner() {
    let name = format!("unix-stream:@sockeye-test-{}", std::process::id());
    let first = Server::start(&[&name]);
    let ran = Start::with(&[&name]).refused();
    assert_eq!(
        ran.err,
        format!(
            "error: cannot listen on {name}: address in use (EADDRINUSE, bind)\n  \
             held by: sockeye, pid {}\nhint: another name: sockeye serve {name}.2\n",
            first.pid()
        )
    );
}

#[test]
fn what_is_no_socket_is_never_removed() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    fs::write(at("file"), "precious").expect("a new file");
    fs::create_dir(at("folder")).expect("a new folder");
    symlink(at("file"), at("link")).expect("a new link");
    symlink(at("nothing"), at("dangling")).expect("a new link");
    nix::unistd::mkfifo(&at("fifo"), nix::sys::stat::Mode::S_IRWXU).expect("a new pipe");
    for what in ["file", "folder", "link", "dangling", "fifo"] {
        for name in UNIX {
            let place = at(what).display().to_string();
            let before = fs::symlink_metadata(at(what)).expect("it is there").ino();
            let ran = Start::with(&[&format!("{name}:{place}")]).refused();
            assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{what}");
            assert_eq!(
                ran.err,
                format!(
                    "error: cannot listen on {name}://{place}: {place} is there and is no socket, \
                     so it stays\nhint: another path: sockeye serve {name}://{place}.2\n"
                )
            );
            let after = fs::symlink_metadata(at(what)).expect("it is still there").ino();
            assert_eq!(before, after, "{what}");
        }
    }
    assert_eq!(fs::read_to_string(at("file")).expect("it is there"), "precious");
}

/// A link to a dead socket is no socket: neither it nor its target is removed.
#[test]
fn a_link_to_a_dead_socket_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    let (dead, link) = (folder.path().join("dead"), folder.path().join("link"));
    drop(UnixListener::bind(&dead).expect("a new file"));
    symlink(&dead, &link).expect("a new link");
    let ran = Start::with(&[&format!("unix-stream:{}", link.display())]).refused();
    assert!(ran.err.contains("is there and is no socket, so it stays"), "{}", ran.err);
    assert!(link.is_symlink() && dead.exists());
}

#[test]
fn a_file_that_somebody_else_put_there_meanwhile_stays() {
    let server = Server::start(&UNIX);
    let paths = entries(server.folder());
    let (first, rest) = paths.split_first().expect("three");
    fs::remove_file(first).expect("it is there");
    fs::write(first, "somebody else's").expect("a new file");
    fs::remove_file(&rest[0]).expect("it is there");
    let _theirs = UnixListener::bind(&rest[0]).expect("a new file");
    let ended = server.end();
    assert_eq!(ended.ran.code, Some(0));
    let mut left = entries(ended.folder.path());
    left.sort();
    let mut wanted = vec![first.clone(), rest[0].clone()];
    wanted.sort();
    assert_eq!(left, wanted);
}

/// The folder where no flag names one is not this user's choice, so it must be safe.
#[test]
fn a_folder_that_others_may_enter_or_own_is_refused() {
    for (what, make) in [
        (
            "open to others",
            (|path: &Path| {
                DirBuilder::new().mode(0o700).create(path).expect("a new folder");
                fs::set_permissions(path, Permissions::from_mode(0o755)).expect("it is ours");
            }) as fn(&Path),
        ),
        ("a link", |path| symlink("/tmp", path).expect("a new link")),
        ("a file", |path| drop(File::create(path).expect("a new file"))),
    ] {
        let parent = tempfile::tempdir().expect("a folder");
        let folder = parent.path().join("sockeye");
        make(&folder);
        let start = Start::with(&["unix-stream"]).bare();
        let ran = start.variable("XDG_RUNTIME_DIR", &parent.path().display().to_string()).refused();
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{what}");
        let shown = folder.display();
        assert_eq!(
            ran.err,
            format!(
                "error: cannot keep socket files in {shown}: it is there, and not yours alone\n\
                 hint: another folder: --dir \"$(mktemp -d)\"\n"
            ),
            "{what}"
        );
        if what == "open to others" {
            assert_eq!(mode(&folder), 0o755, "its rights are not ours to change");
        }
    }
}

#[test]
fn a_folder_of_another_user_is_refused() {
    let start = Start::with(&["unix-stream"]).bare();
    let parent = start.folder().to_path_buf();
    let folder = parent.join("sockeye");
    DirBuilder::new().mode(0o700).create(&folder).expect("a new folder");
    if std::os::unix::fs::chown(&folder, Some(65_534), None).is_err() {
        crate::support::skip("only root can give a folder away");
        return;
    }
    let ran = start.variable("XDG_RUNTIME_DIR", &parent.display().to_string()).refused();
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains(": it is there, and not yours alone\n"), "{}", ran.err);
}

#[test]
fn a_folder_that_is_not_there_is_made_if_it_can_be() {
    let start = Start::with(&["unix-stream"]).bare();
    let parent = start.folder().join("no/such/folder");
    let ran = start.variable("XDG_RUNTIME_DIR", &parent.display().to_string()).refused();
    let shown = parent.join("sockeye");
    assert_eq!(
        ran.err,
        format!(
            "error: cannot keep socket files in {}: no such file or directory (ENOENT, mkdir)\n\
             hint: another folder: --dir \"$(mktemp -d)\"\n",
            shown.display()
        )
    );
}
