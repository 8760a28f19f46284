//! Walks in bad surroundings: the call that fails is named, both ends stop there, and nothing is left.

use crate::filters::{AF_INET6, EAFNOSUPPORT, EPERM, refusing};
use crate::stage::{DEFAULT, SETTLED, Stage};
use crate::support::skip_without_tracing;
use serde_json::Value;

const EAGAIN: &str = "11";

/// What a walk came to: its last call, the error, and the exit code.
fn walked(stage: &Stage, args: &[&str]) -> (Value, Option<i32>) {
    let args = [&["explain", "--walks", "2", "--json"], args].concat();
    let ran = stage.ran(&args);
    let document: Value = serde_json::from_str(&ran.out)
        .unwrap_or_else(|error| panic!("{args:?}: {error}: {}{}", ran.out, ran.err));
    assert_eq!(document["exit_code"].as_i64(), ran.code.map(i64::from), "{args:?}");
    (document["walks"][0].clone(), ran.code)
}

/// The walk ends with that call of that end, refused like this.
fn expect_stop(walk: &Value, end: &str, call: &str, errno: &str) {
    let error = &walk["error"];
    assert_eq!(
        (&error["end"], &error["syscall"], &error["errno_name"]),
        (&end.into(), &call.into(), &errno.into()),
        "{walk:#}"
    );
    let last = walk["calls"].as_array().and_then(|calls| calls.last()).expect("a call");
    assert_eq!(
        (&last["end"], &last["call"], &last["errno_name"]),
        (&end.into(), &call.into(), &errno.into())
    );
    assert!(error["hint"].as_str().is_some_and(|hint| !hint.is_empty()), "{error}");
}

#[test]
fn whichever_call_is_refused_ends_the_walk_and_is_named() {
    for (call, end) in
        [("bind", "server"), ("listen", "server"), ("connect", "client"), ("accept4", "server")]
    {
        let Some(stage) = refusing(call, "any", EPERM) else { return };
        for transport in ["unix-stream", "unix-seqpacket", "tcp4"] {
            let (walk, code) = walked(&stage, &[transport]);
            expect_stop(&walk, end, call, "EPERM");
            let wanted = if walk["status"] == "unavailable" { 3 } else { 1 };
            assert_eq!(code, Some(wanted), "{walk:#}");
        }
    }
}

#[test]
fn a_machine_without_ipv6_is_told_at_the_call_that_shows_it() {
    if let Some(stage) = refusing("socket", AF_INET6, EAFNOSUPPORT) {
        let (walk, code) = walked(&stage, &["tcp6"]);
        expect_stop(&walk, "server", "socket", "EAFNOSUPPORT");
        assert_eq!(code, Some(3), "{walk:#}");
    }
    let off = "ip link set lo up && sysctl -qw net.ipv6.conf.all.disable_ipv6=1";
    if let Some(stage) = Stage::in_new_network(off) {
        let (walk, code) = walked(&stage, &["udp6"]);
        expect_stop(&walk, "server", "bind", "EADDRNOTAVAIL");
        assert_eq!(code, Some(3), "{walk:#}");
        // The other version is walked there as anywhere.
        assert_eq!(walked(&stage, &["udp4"]).1, Some(0));
    }
}

#[test]
fn half_of_two_walks_stands_when_the_other_is_not_here() {
    let Some(stage) = refusing("socket", AF_INET6, EAFNOSUPPORT) else { return };
    let ran = stage.ran(&["explain", "tcp4", "--vs", "tcp6", "--walks", "2"]);
    assert_eq!(ran.code, Some(3), "{}", ran.out);
    for words in ["tcp6", "EAFNOSUPPORT", "what helps: "] {
        assert!(ran.out.contains(words), "{words}: {}", ran.out);
    }
}

#[test]
fn an_ordinary_user_walks_what_he_may_and_is_told_what_he_may_not() {
    let Some(stage) = Stage::of_an_ordinary_user() else { return };
    for transport in DEFAULT {
        let (walk, code) = walked(&stage, &[transport]);
        assert_eq!((&walk["status"], code), (&"pass".into(), Some(0)), "{walk:#}");
    }
    if crate::stage::is_root() {
        let (walk, code) = walked(&stage, &["raw4"]);
        expect_stop(&walk, "server", "socket", "EPERM");
        assert_eq!(code, Some(3), "{walk:#}");
    }
}

/// strace holds a call back for longer than it may take.
#[test]
fn a_call_that_does_not_come_back_is_named_and_not_waited_for() {
    if skip_without_tracing() {
        return;
    }
    let hold = "inject=accept4:delay_enter=2s";
    let words = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=accept4", "-e", hold];
    let stage = Stage::plain().behind(&words);
    let (walk, code) = walked(&stage, &["unix-stream", "-W", "100ms"]);
    assert_eq!(code, Some(1), "{walk:#}");
    let said = walk["error"]["message"].as_str().expect("a message");
    assert_eq!(said, "the server's accept4() did not come back within 100 ms");
    // What came before it is told; what did not come back is no line.
    let calls = walk["calls"].as_array().expect("calls");
    assert_eq!(calls.last().map(|call| &call["call"]), Some(&"connect".into()), "{walk:#}");
}

#[test]
fn a_folder_that_takes_no_socket_is_told_before_any_walk() {
    let Some(stage) =
        Stage::in_new_mounts("mkdir -p \"$TMPDIR\" && mount -t tmpfs -o ro none \"$TMPDIR\"")
    else {
        return;
    };
    let ran = stage.ran(&["explain", "unix-dgram", "--walks", "2", "--json"]);
    let document: Value = serde_json::from_str(&ran.out).expect("a document");
    let error = &document["walks"][0]["error"];
    assert_eq!(
        (&error["syscall"], &error["errno_name"]),
        (&"mkdir".into(), &"EROFS".into()),
        "{error}"
    );
    assert_eq!(ran.code, Some(3), "{error}");
}

/// Where high numbers are out of reach, the sockets have those behind the talk with their parent.
#[test]
fn few_descriptors_are_enough() {
    let (walk, code) = walked(&Stage::plain().after("ulimit -n 16"), &["unix-stream"]);
    assert_eq!((&walk["status"], code), (&"pass".into(), Some(0)), "{walk:#}");
}

/// A server's end can be silent, full or away, but it cannot forbid a call.
#[test]
fn a_call_that_is_forbidden_is_no_answer_of_a_server() {
    let Some(stage) = refusing("connect", "any", EPERM) else { return };
    for transport in ["tcp4", "unix-stream", "unix-dgram"] {
        let (walk, code) = walked(&stage, &[transport, "--to", "closed"]);
        expect_stop(&walk, "client", "connect", "EPERM");
        assert_eq!(code, Some(3), "{walk:#}");
    }
}

/// What a server could have answered, but did not: the walk goes on, and the sentence is denied.
#[test]
fn another_answer_than_the_server_s_is_not_told_as_its_own() {
    let Some(stage) = refusing("connect", "any", EAGAIN) else { return };
    for (transport, sentence) in [("tcp4", "answers with a RST"), ("unix-stream", "crashed")] {
        let ran = stage.ran(&["explain", transport, "--to", "closed", "--walks", "2"]);
        assert_eq!(ran.code, Some(1), "{}{}", ran.out, ran.err);
        let answer = format!("{transport} to nobody: connect says EAGAIN after ");
        assert!(ran.out.starts_with(&answer), "{}", ran.out);
        let denial = "not so here: the call was refused with ECONNREFUSED";
        assert!(ran.out.contains(denial) && !ran.out.contains(sentence), "{}", ran.out);
    }
}

/// The ends put their talk with the parent out of the way, under the highest number that they may have.
#[test]
fn few_file_descriptors_are_enough_for_a_walk() {
    let stage = Stage::plain().after("ulimit -n 12");
    for transport in ["tcp4", "unix-dgram"] {
        let (walk, code) = walked(&stage, &[transport]);
        assert_eq!((&walk["status"], code), (&"pass".into(), Some(0)), "{walk:#}");
    }
}

/// A closed connection keeps its port, and `::1` is there all the same.
#[test]
fn a_kernel_without_a_free_port_is_told_and_not_taken_for_one_without_the_address() {
    let few = format!(
        "ip link set lo up && {SETTLED}; sysctl -qw net.ipv4.ip_local_port_range='40000 40001'"
    );
    let Some(stage) = Stage::in_new_network(&few) else { return };
    let ran = stage.ran(&["explain", "tcp6", "--walks", "2"]);
    assert_eq!(ran.code, Some(1), "{}", ran.out);
    assert!(ran.out.starts_with("tcp6: the kernel has no free port to pick (the client's"));
    // It is not the walk that is shown, and its client had another server.
    for words in ["stopped in walk 1: connect([::1]:4000", "): EADDRNOTAVAIL"] {
        assert!(ran.out.contains(words), "{words}: {}", ran.out);
    }
}

/// Whatever the kernel denies, no form of the answer keeps back.
#[test]
fn what_is_not_as_usual_here_stands_in_the_answer_and_below_two_walks() {
    let short = "ip link set lo up && sysctl -qw net.core.somaxconn=1";
    let Some(stage) = Stage::in_new_network(short) else { return };
    let one = stage.ran(&["explain", "tcp4", "--walks", "2", "-q"]);
    assert_eq!(one.code, Some(1), "{}", one.out);
    assert!(one.out.contains("; not as usual here:") && one.out.contains("listen"), "{}", one.out);
    let two = stage.ran(&["explain", "tcp4", "--vs", "udp4", "--walks", "2"]);
    assert_eq!(two.code, Some(1), "{}", two.out);
    assert!(two.out.contains("\n  tcp4, server's listen(): not so here: "), "{}", two.out);
    assert!(!two.out.contains("udp4, server's"), "{}", two.out);
}
