//! Calls that a seccomp filter refuses, as container runtimes and systemd do. The filter is put in
//! place by Python before it becomes the program, because that takes a pointer.

use crate::stage::{Blow, DEFAULT, Seen, Stage};
use crate::support::skip;

/// Refuses one call, or that call with one first argument, with an errno.
const FILTER: &str = r#"
import ctypes, os, platform, struct, sys
names = ["socket", "bind", "listen", "connect", "accept4", "setsockopt"]
numbers = {"x86_64": [41, 49, 50, 42, 288, 54], "aarch64": [198, 200, 201, 203, 242, 208]}
name, argument, errno, program = sys.argv[1:5]
number = dict(zip(names, numbers[platform.machine()]))[name]
def step(code, then, otherwise, value):
    return struct.pack("HBBI", code, then, otherwise, value)
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06
steps = [step(LOAD, 0, 0, 0), step(EQUAL, 0, 1 if argument == "any" else 3, number)]
if argument != "any":
    steps += [step(LOAD, 0, 0, 16), step(EQUAL, 0, 1, int(argument))]
steps += [step(RETURN, 0, 0, 0x00050000 | int(errno)), step(RETURN, 0, 0, 0x7FFF0000)]
code = ctypes.create_string_buffer(b"".join(steps))
class Program(ctypes.Structure):
    _fields_ = [("len", ctypes.c_ushort), ("filter", ctypes.c_void_p)]
described = Program(len(steps), ctypes.cast(code, ctypes.c_void_p))
prctl = ctypes.CDLL(None, use_errno=True).prctl
if prctl(38, 1, 0, 0, 0) or prctl(22, 2, ctypes.byref(described), 0, 0):
    sys.exit("prctl: " + os.strerror(ctypes.get_errno()))
os.execvp(program, sys.argv[4:])
"#;

pub(crate) const AF_INET: &str = "2";
pub(crate) const AF_INET6: &str = "10";
pub(crate) const AF_VSOCK: &str = "40";
pub(crate) const EPERM: &str = "1";
pub(crate) const EACCES: &str = "13";
const ENOSYS: &str = "38";
pub(crate) const EAFNOSUPPORT: &str = "97";

pub(crate) fn refusing(call: &str, argument: &str, errno: &str) -> Option<Stage> {
    behind(&["python3", "-c", FILTER, call, argument, errno])
}

/// Lets nobody bind or connect a TCP socket, by Landlock, which knows TCP alone.
const LANDLOCK: &str = r#"
import ctypes, os, struct, sys
libc = ctypes.CDLL(None, use_errno=True)
rules = struct.pack("QQ", 0, 3)
ruleset = libc.syscall(444, rules, len(rules), 0)
if ruleset < 0 or libc.prctl(38, 1, 0, 0, 0) or libc.syscall(446, ruleset, 0):
    sys.exit("landlock: " + os.strerror(ctypes.get_errno()))
os.close(ruleset)
os.execvp(sys.argv[1], sys.argv[1:])
"#;

pub(crate) fn without_tcp() -> Option<Stage> {
    behind(&["python3", "-c", LANDLOCK])
}

/// A stage behind these words, if they let a program through.
fn behind(words: &[&str]) -> Option<Stage> {
    let probe = std::process::Command::new(words[0]).args(&words[1..]).arg("true").output();
    match probe {
        Ok(output) if output.status.success() => Some(Stage::plain().behind(words)),
        Ok(output) => {
            skip(&format!("no filter here: {}", String::from_utf8_lossy(&output.stderr).trim()));
            None
        }
        Err(error) => {
            skip(&format!("no filter without python3: {error}"));
            None
        }
    }
}

#[test]
fn a_blocked_family_is_told_from_a_missing_address() {
    let Some(stage) = refusing("socket", AF_INET6, EAFNOSUPPORT) else { return };
    let meaning = "IPv6 is blocked or not in this kernel";
    let hint = "grep -o ipv6.disable=1 /proc/cmdline  # else systemd's RestrictAddressFamilies=";
    let rows = ["tcp6", "udp6"];
    let blow = Blow { rows: &rows, call: "socket", errno: "EAFNOSUPPORT", hint };
    let seen = stage.seen(&[]).expect("it runs there");
    seen.expect("unavailable", &[blow], 0);
    seen.expect_words(&rows, meaning);
    let named = stage.seen(&["tcp46", "tcp4"]).expect("it runs there");
    named.expect("unavailable", &[Blow { rows: &["tcp46"], ..blow }], 3);
}

#[test]
fn forbidden_sockets_of_one_family_leave_the_others() {
    let Some(stage) = refusing("socket", AF_INET, EPERM) else { return };
    let seen = stage.seen(&[]).expect("it runs there");
    let meaning = "a policy forbids such sockets";
    expect_policy(&seen, &["tcp4", "udp4"], ("socket", "EPERM"), meaning, 0);
}

#[test]
fn forbidden_vm_sockets_are_a_policy_and_not_a_missing_module() {
    let Some(stage) = refusing("socket", AF_VSOCK, EPERM) else { return };
    let seen = stage.seen(&["vsock-stream", "udp4"]).expect("it runs there");
    let meaning = "a policy forbids such sockets";
    expect_policy(&seen, &["vsock-stream"], ("socket", "EPERM"), meaning, 3);
}

#[test]
fn forbidden_listening_leaves_what_does_not_listen() {
    let Some(stage) = refusing("listen", "any", EPERM) else { return };
    let seen = stage.seen(&[]).expect("it runs there");
    let rows = ["tcp4", "tcp6", "unix-stream", "unix-seqpacket"];
    expect_policy(&seen, &rows, ("listen", "EPERM"), "a policy forbids listening", 0);
}

/// The folder was made a moment ago and is ours, so that its rights cannot be the reason.
#[test]
fn forbidden_binding_is_not_taken_for_a_folder_without_rights() {
    let Some(stage) = refusing("bind", "any", EACCES) else { return };
    let seen = stage.seen(&[]).expect("it runs there");
    let meaning = "a policy (seccomp, a sandbox) answers every bind() with EACCES";
    expect_policy(&seen, &DEFAULT, ("bind", "EACCES"), meaning, 3);
    // Rows of one family may have a reason of their own.
    let unix = stage.seen(&["unix"]).expect("it runs there");
    expect_policy(&unix, &DEFAULT[4..], ("bind", "EACCES"), "a policy forbids binding it", 3);
}

#[test]
fn forbidden_connecting_is_the_same_call_and_errno_on_every_row() {
    let Some(stage) = refusing("connect", "any", EPERM) else { return };
    let seen = stage.seen(&[]).expect("it runs there");
    let meaning = "a policy (seccomp, a sandbox) answers every connect() with EPERM";
    expect_policy(&seen, &DEFAULT, ("connect", "EPERM"), meaning, 3);
}

/// What has no system call for it looks as if the kernel lacked it.
#[test]
fn raw_sockets_without_the_call_are_a_policy_and_not_a_missing_capability() {
    let Some(stage) = refusing("socket", AF_INET, ENOSYS) else { return };
    let seen = stage.seen(&["raw4", "unix-dgram"]).expect("it runs there");
    let meaning = "a policy forbids such sockets";
    expect_policy(&seen, &["raw4"], ("socket", "ENOSYS"), meaning, 3);
}

fn expect_policy(
    seen: &Seen,
    rows: &[&str],
    (call, errno): (&str, &str),
    meaning: &str,
    code: i32,
) {
    let hint = "grep Seccomp: /proc/self/status  # 2: a seccomp filter; 0: Landlock or another LSM";
    let all = seen.results().iter().all(|row| row["status"] == "unavailable");
    assert_eq!(seen.answer().starts_with("unavailable: "), all, "{}", seen.answer());
    seen.expect_words(rows, meaning);
    seen.expect("unavailable", &[Blow { rows, call, errno, hint }], code);
}

/// Where the echo does without the call, it is the cells that meet it: one sentence instead of them.
#[test]
fn checks_that_a_policy_cuts_short_are_one_sentence() {
    let Some(stage) = refusing("setsockopt", "any", EPERM) else { return };
    let ran = stage.ran(&["check", "udp4", "unix-dgram"]);
    assert_eq!(ran.code, Some(1), "{}{}", ran.out, ran.err);
    let told = "answers setsockopt() with EPERM; ";
    let lines = ran.out.lines().filter(|line| line.contains(told)).count();
    assert_eq!(lines, 1, "{}", ran.out);
    assert!(ran.out.contains("untried: needs setsockopt()"), "{}", ran.out);
    assert!(!ran.out.contains("EPERM at setsockopt"), "{}", ran.out);
}

/// Any call may be refused; what has no row of its own in the table of causes is still told once.
#[test]
fn checks_without_a_call_that_seldom_is_refused_say_so_once() {
    let Some(stage) = refusing("accept4", "any", ENOSYS) else { return };
    let ran = stage.ran(&["check", "-k", "echo"]);
    assert_eq!(ran.code, Some(1), "{}{}", ran.out, ran.err);
    let told: Vec<_> = ran.out.lines().filter(|line| line.contains("a policy forbids")).collect();
    assert_eq!(told.len(), 1, "{}", ran.out);
    let whom =
        "FAIL: tcp4, tcp6, unix-stream and unix-seqpacket: a policy forbids a call that it needs";
    assert!(told[0].starts_with(whom), "{}", told[0]);
}
