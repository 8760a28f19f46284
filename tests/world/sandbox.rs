//! Both ends in a kernel that is not Linux: gVisor's, as `runsc do` runs a command in it.

use crate::running::command;
use crate::support::{Ran, skip, skip_without_tool};

/// A sandbox with nothing but a loopback of its own.
const SANDBOX: [&str; 4] = ["runsc", "--rootless", "--network=none", "do"];

#[test]
fn every_target_echoes_in_gvisor_and_nothing_is_counted_twice() {
    if skip_without_tool("runsc") {
        return;
    }
    let run = |script: &str| {
        let mut words: Vec<_> = SANDBOX.map(str::to_owned).to_vec();
        words.extend(["sh", "-c", script].map(str::to_owned));
        Ran::of(&mut command(&words))
    };
    let probe = run("true");
    if probe.code != Some(0) {
        return skip(&format!("runsc cannot run here: {}", probe.err.trim()));
    }
    let program = env!("CARGO_BIN_EXE_sockeye");
    let ran = run(&format!(
        "set -e; cd /tmp; mkfifo ready; {program} serve --dir /tmp/ends --ready-fd 9 -q 9>ready & \
         read -r line <ready; \
         {program} ping default --dir /tmp/ends -c 5 -i 10ms -W 10s -q; kill $!; wait $!"
    ));
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.contains("7 of 7 targets echo\n"), "{ran:?}");
    // An end that is taken for an empty message would be counted as one.
    assert!(ran.out.contains(": 4 connections, 35 messages, 2,240 bytes; 0 not"), "{ran:?}");
}
