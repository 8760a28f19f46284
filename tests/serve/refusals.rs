//! What is not served, and in which words that is said: two or three lines, exit code 2.

use crate::network::is_inside;
use crate::server::Start;
use std::fs;

fn refused(words: &[&str], what: &str, hint: &str) {
    let ran = Start::with(words).refused();
    assert_eq!(ran.err, format!("error: {what}\nhint: {hint}\n"), "{words:?}");
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{words:?}");
}

#[test]
fn what_others_can_reach_is_refused_without_the_flag() {
    for (address, quoted) in [
        ("tcp4://0.0.0.0:0", "tcp4://0.0.0.0:0"),
        ("udp4://0.0.0.0:0", "udp4://0.0.0.0:0"),
        ("tcp6://[::]:0", "'tcp6://[::]:0'"),
        ("udp6://[::]:0", "'udp6://[::]:0'"),
        ("tcp46://0.0.0.0:0", "tcp46://0.0.0.0:0"),
        ("mptcp4://192.0.2.1:0", "mptcp4://192.0.2.1:0"),
        ("udplite4://192.0.2.1:0", "udplite4://192.0.2.1:0"),
        ("tcp6://[2001:db8::1]:0", "'tcp6://[2001:db8::1]:0'"),
        ("vsock-stream://4294967295:7777", "vsock-stream://4294967295:7777"),
        ("vsock-stream://2:7777", "vsock-stream://2:7777"),
    ] {
        refused(
            &[address],
            &format!("cannot listen on {address}: it could be reached from beyond this machine"),
            &format!("if that is meant: sockeye serve {quoted} --allow-remote"),
        );
    }
}

/// All of 127.0.0.0/8 is this machine (RFC 1122), and so is what is mapped from there.
#[test]
fn all_of_loopback_needs_no_flag() {
    let words = ["tcp4://127.9.8.7:0", "udp4://127.0.0.2:0", "tcp46://127.1.1.1:0"];
    let server = Start::with(&words).go();
    server.addresses().iter().for_each(|address| {
        crate::client::Client::of(address).echo(b"near");
    });
}

#[test]
fn an_address_of_an_interface_is_refused_and_with_the_flag_served() {
    let setup = "ip link set lo up && ip addr add 192.0.2.7/32 dev lo";
    let test = "refusals::an_address_of_an_interface_is_refused_and_with_the_flag_served";
    if !is_inside(test, setup) {
        return;
    }
    let address = "tcp4://192.0.2.7:7777";
    refused(
        &[address],
        &format!("cannot listen on {address}: it could be reached from beyond this machine"),
        &format!("if that is meant: sockeye serve {address} --allow-remote"),
    );
    let server = Start::with(&[address, "--allow-remote"]).go();
    crate::client::Client::of(&server.address()).echo(b"allowed");
    refused(
        &["tcp4://192.0.2.8:7777", "--allow-remote"],
        "cannot listen on tcp4://192.0.2.8:7777: cannot assign requested address (EADDRNOTAVAIL, \
         bind)\n  no interface of this machine has that address",
        "ip -brief address",
    );
}

#[test]
fn the_address_of_a_group_is_refused_with_and_without_the_flag() {
    for flags in [&[][..], &["--allow-remote"]] {
        for (address, name) in [
            ("udp4://224.0.0.251:5353", "udp4"),
            ("udp4://255.255.255.255:7", "udp4"),
            ("udp6://[ff02::fb]:5353", "udp6"),
        ] {
            refused(
                &[&[address], flags].concat(),
                &format!(
                    "cannot listen on {address}: it is the address of a group, which is never answered"
                ),
                &format!("one of this machine's own, or: sockeye serve {name}"),
            );
        }
    }
}

#[test]
fn an_address_that_is_not_here_is_said_so() {
    refused(
        &["tcp6://[2001:db8::1]:7777", "--allow-remote"],
        "cannot listen on tcp6://[2001:db8::1]:7777: cannot assign requested address \
         (EADDRNOTAVAIL, bind)\n  no interface of this machine has that address",
        "ip -brief address",
    );
}

#[test]
fn a_port_that_only_root_may_have_says_what_helps() {
    let words = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    let is_root = nix::unistd::geteuid().is_root();
    let first = fs::read_to_string("/proc/sys/net/ipv4/ip_unprivileged_port_start");
    let first = first.expect("IPv4 is here").trim().to_owned();
    if first.parse::<u16>().is_ok_and(|first| first <= 7) {
        return crate::support::skip("anybody may have port 7 here");
    }
    let mut start = Start::with(&["tcp4://127.0.0.1:7"]);
    if is_root {
        if crate::support::skip_without_tool("setpriv") {
            return;
        }
        // The program itself must be where another user may run it.
        let program = start.folder().join("sockeye");
        fs::copy(env!("CARGO_BIN_EXE_sockeye"), &program).expect("it can be copied");
        let all = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(start.folder(), all).expect("it is ours");
        let script = "shift; exec \"$0\" \"$@\"";
        let program = program.display().to_string();
        start = start.behind(&[&words[..], &["sh", "-c", script, &program]].concat());
    }
    let ran = start.refused();
    assert_eq!(
        ran.err,
        format!(
            "error: cannot listen on tcp4://127.0.0.1:7: permission denied (EACCES, bind)\n  \
             ports below {first} need CAP_NET_BIND_SERVICE (ip_unprivileged_port_start = {first})\n\
             hint: `-p 7777`, or: sudo setcap cap_net_bind_service+ep \"$(command -v sockeye)\"\n"
        )
    );
    assert_eq!(ran.code, Some(2));
}

#[test]
fn a_path_that_is_too_long_is_refused_with_its_length() {
    let folder = tempfile::tempdir().expect("a folder");
    let long = folder.path().join("x".repeat(120)).display().to_string();
    let ran = Start::with(&[&long]).refused();
    assert_eq!(ran.code, Some(2));
    let wanted = format!("the path has {} bytes, and 107 is the most", long.len());
    assert!(ran.err.contains(&wanted), "{}", ran.err);
    let deep = folder.path().join("y".repeat(100)).display().to_string();
    let ran = Start::with(&["unix-stream", "--dir", &deep]).bare().refused();
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains(" bytes, and 107 is the most\n"), "{}", ran.err);
    assert!(ran.err.ends_with("hint: a shorter folder: --dir /tmp/sockeye\n"), "{}", ran.err);
}

#[test]
fn a_folder_that_is_missing_says_how_to_make_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("missing").display().to_string();
    refused(
        &[&format!("{place}/x.sock")],
        &format!(
            "cannot listen on unix-stream://{place}/x.sock: no such file or directory (ENOENT, bind)"
        ),
        &format!("mkdir -p -m 700 {place}"),
    );
}

#[test]
fn words_that_mean_nothing_say_what_is_near() {
    refused(&["tpc4"], "unknown transport 'tpc4'", "did you mean 'tcp4'? all names: sockeye list");
    let ran = Start::with(&["tcp6://::1:7"]).refused();
    assert_eq!(ran.code, Some(2));
    assert_eq!(
        ran.err.lines().next(),
        Some("error: cannot read the address 'tcp6://::1:7': IPv6 before a port needs brackets")
    );
}

#[test]
fn a_host_that_nobody_knows_is_said_so() {
    let ran = Start::with(&["no-such-host.invalid:7777"]).refused();
    assert_eq!(ran.code, Some(2));
    let mut lines = ran.err.lines();
    let first = lines.next().expect("an error");
    assert!(first.starts_with("error: cannot find the host 'no-such-host.invalid': "), "{first}");
    assert_eq!(lines.next(), Some("hint: getent ahosts no-such-host.invalid"));
}

/// All or nothing: what could be opened before the trouble is closed again, and its file removed.
#[test]
fn nothing_is_left_of_what_was_opened_before_the_trouble() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("x.sock").display().to_string();
    let ran = Start::with(&[&place, "tcp4://0.0.0.0:0"]).refused();
    assert_eq!(ran.code, Some(2));
    assert_eq!(fs::read_dir(folder.path()).expect("it is there").count(), 0);
}

#[test]
fn numbers_out_of_their_range_are_refused() {
    for words in [
        ["--threads", "0"],
        ["--threads", "257"],
        ["--batch", "0"],
        ["--max-conns", "0"],
        ["--idle", "1ms"],
        ["--port", "65536"],
        ["--ready-fd", "2"],
    ] {
        let ran = Start::with(&words).bare().refused();
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{words:?}");
        let lines: Vec<_> = ran.err.lines().collect();
        assert!(lines[0].starts_with("error: ") && lines[0].contains(words[0]), "{}", ran.err);
        assert!(lines[1].starts_with("hint: "), "{}", ran.err);
    }
}
