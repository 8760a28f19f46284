//! A run that is ended by a signal in its middle.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, ExitStatus, Stdio};

/// Begins a run that would take minutes, sends the signal once the third round is under way, and gives
/// what the run left: how it ended, standard output and standard error.
pub(crate) fn interrupted(command: &mut Command, signal: Signal) -> (ExitStatus, String, String) {
    command.args(["-t", "5m", "-r", "1000", "-w", "10"]);
    command.args(["--progress", "always", "--no-warn", "all"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("run");
    let mut stderr = BufReader::new(child.stderr.take().expect("a pipe"));
    loop {
        let mut drawn = Vec::new();
        let length = stderr.read_until(b'K', &mut drawn).expect("it can be read");
        let text = String::from_utf8_lossy(&drawn).into_owned();
        assert!(length > 0, "it ended by itself: {text}");
        let round = text.split_once("round ").and_then(|(_, rest)| rest.split(' ').next());
        if round.and_then(|number| number.parse::<u32>().ok()).is_some_and(|n| n >= 3) {
            break;
        }
    }
    let pid = Pid::from_raw(i32::try_from(child.id()).expect("a process's number"));
    kill(pid, signal).expect("it is ours and runs");
    let (mut out, mut err) = (String::new(), String::new());
    child.stdout.take().expect("a pipe").read_to_string(&mut out).expect("text");
    stderr.read_to_string(&mut err).expect("text");
    (child.wait().expect("it ends"), out, err)
}
