//! What the program asks of the kernel, as strace saw it: nothing beyond loopback, no file outside
//! its folder, and four calls an exchange.

use crate::stage::{DEFAULT, Stage};
use crate::support::{Ran, clean, skip_without_tracing};
use std::fs;
use std::process::Command;

/// What each process of a run asked, a text each: in a common one the call of one process interrupts
/// the line of another.
fn traced(stage: &Stage, filter: &str, args: &[&str]) -> Vec<String> {
    let folder = stage.folder().join("traces");
    fs::create_dir(&folder).expect("a new folder");
    let mut command = Command::new("strace");
    command.args("-ff -qq -s 300 -e signal=none -e".split(' ')).args([filter, "-o"]);
    command.arg(folder.join("of")).arg(stage.program()).args(args);
    clean(&mut command);
    command.env("TMPDIR", stage.tmpdir());
    let ran = Ran::of(&mut command);
    assert_eq!(ran.code, Some(0), "{args:?}: {}{}", ran.out, ran.err);
    let files = fs::read_dir(&folder).expect("strace wrote there").flatten();
    files.map(|file| fs::read_to_string(file.path()).expect("strace wrote it")).collect()
}

#[test]
fn a_default_run_keeps_to_loopback_and_to_its_own_folder() {
    if skip_without_tracing() {
        return;
    }
    let stage = Stage::plain();
    let texts = traced(&stage, "trace=%network,%file", &["-c", "100", "-r", "3"]);
    let calls: Vec<_> = texts.iter().flat_map(|text| text.lines()).collect();
    expect_loopback_and_unix_sockets_only(&stage, &calls);
    expect_own_folder_only_and_empty(&stage, &calls);
}

fn expect_loopback_and_unix_sockets_only(stage: &Stage, calls: &[&str]) {
    let named = |name: &str| {
        let start = format!("{name}(");
        calls.iter().filter(move |call| call.starts_with(&start)).collect::<Vec<_>>()
    };
    for call in named("socket") {
        let family = ["AF_INET, SOCK_", "AF_INET6, SOCK_", "AF_UNIX, SOCK_"];
        assert!(family.iter().any(|f| call.starts_with(&format!("socket({f}"))), "{call}");
        let kinds = ["STREAM", "DGRAM", "SEQPACKET"];
        assert!(kinds.iter().any(|kind| call.contains(&format!("SOCK_{kind}|SOCK_CLOEXEC, "))));
    }
    let inside = format!("{{sa_family=AF_UNIX, sun_path=\"{}/sockeye-", stage.tmpdir().display());
    let mut seen = [0; 3];
    for call in named("bind").iter().chain(&named("connect")) {
        let four = call.contains("sa_family=AF_INET,") && call.contains("inet_addr(\"127.");
        let six = call.contains("sa_family=AF_INET6,")
            && call.contains("inet_pton(AF_INET6, \"::1\", &sin6_addr)");
        let path = call.contains(&inside);
        let place = [four, six, path].iter().position(|is| *is);
        seen[place.unwrap_or_else(|| panic!("{call}"))] += 1;
    }
    assert!(seen.iter().all(|count| *count > 0), "IPv4, IPv6 and Unix names: {seen:?}");
    // A message with an address of its own would get around connect.
    for call in named("sendto") {
        assert!(call.contains(", NULL, 0) = "), "{call}");
    }
    for name in ["sendmsg", "sendmmsg"] {
        assert!(named(name).is_empty(), "{:?}", named(name));
    }
}

fn expect_own_folder_only_and_empty(stage: &Stage, calls: &[&str]) {
    let changes = [
        "creat(", "mkdir", "mknod", "rename", "link", "symlink", "unlink", "rmdir", "chmod",
        "chown", "fchmodat", "fchownat", "truncate", "utime", "setxattr", "mount", "chdir",
    ];
    let own = format!("\"{}/sockeye-", stage.tmpdir().display());
    let (mut made, mut removed) = (0, 0);
    for call in calls {
        let opens = call.starts_with("open");
        let writes =
            ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TMPFILE"].iter().any(|f| call.contains(f));
        if opens && writes {
            assert!(call.contains("\"/dev/null\"") || call.contains(&own), "{call}");
        }
        if changes.iter().any(|name| call.starts_with(name)) {
            // Removing a whole folder goes through its descriptor, by the names in it.
            let below = call.starts_with("unlinkat(") && !call.contains("AT_FDCWD");
            assert!(call.contains(&own) || below, "{call}");
        }
        made += usize::from(call.starts_with("mkdir"));
        removed += usize::from(call.starts_with("rmdir") || call.contains("AT_REMOVEDIR"));
    }
    assert!(made > 0 && made == removed, "{made} folders made, {removed} removed");
    assert_eq!(fs::read_dir(stage.tmpdir()).expect("it is there").count(), 0);
}

/// What one end did between its first exchange and its last: every call it made, on any descriptor.
struct EndCalls {
    exchanging: usize,
    other: Vec<String>,
}

/// The calls of each end of a run, and how many their parent made.
fn ends_of(transport: &str, count: u32) -> (Vec<EndCalls>, usize) {
    let count = count.to_string();
    let args = [transport, "-c", &count, "-r", "2", "-w", "0", "-s", "64", "--place", "same"];
    let texts = traced(&Stage::plain(), "trace=all", &args);
    let (ends, parent): (Vec<_>, Vec<_>) =
        texts.iter().partition(|text| text.contains("\"__end\""));
    let parent = parent.iter().map(|text| text.lines().count()).sum();
    (ends.into_iter().map(|text| calls_of_an_end(text)).collect(), parent)
}

/// The first descriptor that an end takes over is its socket, the second its talk with the parent.
fn calls_of_an_end(text: &str) -> EndCalls {
    let socket = text
        .lines()
        .find_map(|line| line.strip_prefix("fcntl(0, F_DUPFD_CLOEXEC, 3)"))
        .and_then(|rest| rest.rsplit("= ").next())
        .expect("it takes over its socket");
    // A peer of a connection talks over what it accepted.
    let socket = text
        .lines()
        .find(|line| line.starts_with("accept4("))
        .and_then(|line| line.rsplit("= ").next())
        .unwrap_or(socket);
    // What stops a peer is no exchange: a message of another length, or the end of the stream.
    let exchanging = |line: &str| {
        let calls = [format!("sendto({socket}, "), format!("recvfrom({socket}, ")];
        calls.iter().any(|call| line.starts_with(call)) && line.ends_with(" = 64")
    };
    let lines: Vec<_> = text.lines().collect();
    let first = lines.iter().position(|line| exchanging(line)).expect("it exchanges");
    let last = lines.iter().rposition(|line| exchanging(line)).expect("it exchanges");
    let (own, other): (Vec<&str>, Vec<&str>) =
        lines[first..=last].iter().partition(|line| exchanging(line));
    EndCalls { exchanging: own.len(), other: other.into_iter().map(ToOwned::to_owned).collect() }
}

/// Two runs of different length differ by exactly four calls an exchange, two an end; the ends make
/// no other call in between. Their parent is not on the way: it looks up ten times a second.
#[test]
fn an_exchange_is_four_calls_over_both_ends_and_nothing_else() {
    if skip_without_tracing() {
        return;
    }
    let (few, many) = (100, 1000);
    for transport in DEFAULT {
        let (short, parent_short) = ends_of(transport, few);
        let (long, parent_long) = ends_of(transport, many);
        assert_eq!((short.len(), long.len()), (6, 6), "{transport}: a pilot and two rounds");
        let calls = |ends: &[EndCalls]| ends.iter().map(|end| end.exchanging).sum::<usize>();
        for end in short.iter().chain(&long) {
            assert_eq!(end.other, Vec::<String>::new(), "{transport}");
        }
        let exchanges = (many - few) as usize;
        assert_eq!(calls(&long) - calls(&short), 4 * exchanges, "{transport}");
        let grown = parent_long.saturating_sub(parent_short);
        assert!(grown < exchanges / 2, "{transport}: the parent made {grown} calls more");
    }
}
