//! A test in a network of its own: the test program starts itself again for that one test in a new
//! namespace, as root or through a user namespace.

use crate::support::{Ran, skip, skip_without_tool};
use std::process::{Command, Stdio};

/// Set in the process inside.
const INSIDE: &str = "SOCKEYE_TEST_IN_NETWORK";

/// Is this the process inside, where the test is to be done? Else the whole test was done there, or
/// cannot be done here. `test` is its name as `cargo test -- --list` shows it; `setup` are shell
/// commands.
pub(crate) fn is_inside(test: &str, setup: &str) -> bool {
    if std::env::var_os(INSIDE).is_some_and(|inside| inside == test) {
        return true;
    }
    if skip_without_tool("unshare") || skip_without_tool("ip") {
        return false;
    }
    let Some(flags) = flags() else { return false };
    let script = format!("{{ {setup}\n}} || exit 77; exec \"$0\" \"$@\"");
    let mut command = Command::new("unshare");
    command.args([flags, "--", "sh", "-c", &script]).arg(own_path());
    command.args(["--exact", test, "--nocapture", "--test-threads=1"]).env(INSIDE, test);
    let ran = Ran::of(command.stdin(Stdio::null()));
    if ran.code == Some(77) {
        skip(&format!("'{setup}' is not possible here: {}", ran.err.trim()));
        return false;
    }
    assert_eq!(ran.code, Some(0), "inside:\n{}{}", ran.out, ran.err);
    assert!(ran.out.contains("1 passed"), "no test {test}:\n{}", ran.out);
    if let Some(line) = ran.err.lines().find(|line| line.starts_with("skipped: ")) {
        eprintln!("{line}");
    }
    false
}

fn own_path() -> std::path::PathBuf {
    std::env::current_exe().expect("/proc is mounted")
}

fn flags() -> Option<&'static str> {
    let mut why = String::new();
    for flags in ["-n", "-Urn"] {
        let probe = Ran::of(Command::new("unshare").args([flags, "true"]).stdin(Stdio::null()));
        if probe.code == Some(0) {
            return Some(flags);
        }
        why = probe.err;
    }
    skip(&format!("namespaces are forbidden here: {}", why.trim()));
    None
}
