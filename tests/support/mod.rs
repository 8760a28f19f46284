//! What tests of the whole program share: running it with a clean environment, and skipping aloud.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part")]

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

/// The program under test, with nothing of the tester's environment that could change what it does.
pub fn sockeye() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sockeye"));
    clean(&mut command);
    command
}

/// Takes away what would change the program's ways, and gives it a locale with Unicode.
pub fn clean(command: &mut Command) {
    let ours = |name: &str| {
        name.starts_with("SOCKEYE_")
            || ["NO_COLOR", "CLICOLOR_FORCE", "TERM", "LC_ALL", "LC_CTYPE", "LANG", "COLUMNS"]
                .contains(&name)
    };
    for (name, _) in std::env::vars().filter(|(name, _)| ours(name)) {
        command.env_remove(name);
    }
    command.env("LC_ALL", "C.UTF-8").env("TERM", "xterm").stdin(Stdio::null());
}

/// Runs the program with these arguments to its end.
pub fn run(args: &[&str]) -> Ran {
    Ran::of(sockeye().args(args))
}

/// What a run left: exit code, standard output and standard error.
#[derive(Debug)]
pub struct Ran {
    /// None if a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Ran {
    /// Runs a command to its end.
    pub fn of(command: &mut Command) -> Self {
        let Output { status, stdout, stderr } = command.output().expect("the program starts");
        Self {
            code: status.code(),
            out: String::from_utf8(stdout).expect("standard output is UTF-8"),
            err: String::from_utf8(stderr).expect("standard error is UTF-8"),
        }
    }
}

/// Says why a test cannot run here; the caller returns. In CI a missing tool is a failure, because
/// there everything was to be installed.
pub fn skip_without_tool(tool: &str) -> bool {
    let found = std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(tool).is_file()));
    if !found {
        assert!(std::env::var_os("CI").is_none(), "{tool} is missing, and CI must have it");
        eprintln!("skipped: {tool} is not installed");
    }
    !found
}

/// Skips where strace is missing or tracing is forbidden.
pub fn skip_without_tracing() -> bool {
    if skip_without_tool("strace") {
        return true;
    }
    let probe = Ran::of(Command::new("strace").args(["-o", "/dev/null", "true"]));
    if probe.code != Some(0) {
        skip(&format!("tracing is forbidden here: {}", probe.err.trim()));
    }
    probe.code != Some(0)
}

/// Python with that module, or says why there is none. The distribution's own Python has the
/// distribution's packages, and another one may stand before it.
pub fn python_with(module: &str) -> Option<Command> {
    if skip_without_tool("python3") {
        return None;
    }
    let has_it = |python: &&str| {
        let tried = Command::new(python).args(["-c", &format!("import {module}")]).output();
        tried.is_ok_and(|output| output.status.success())
    };
    let found = ["python3", "/usr/bin/python3"].into_iter().find(has_it);
    if found.is_none() {
        assert!(std::env::var_os("CI").is_none(), "CI must have Python's {module}");
        skip(&format!("Python's {module} is not installed"));
    }
    found.map(Command::new)
}

/// What a program makes of a text that it reads from standard input.
pub fn read_by(command: &mut Command, text: &str) -> Ran {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    let text = text.to_owned();
    // What does not read its input to the end has something else to say.
    let writer = std::thread::spawn(move || drop(stdin.write_all(text.as_bytes())));
    let output = child.wait_with_output().expect("it ends");
    writer.join().expect("it wrote");
    Ran {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).expect("standard output is UTF-8"),
        err: String::from_utf8(output.stderr).expect("standard error is UTF-8"),
    }
}

/// Skips where whoever started the tests chose to ignore Ctrl-C and its like (a job in the background of
/// a shell without job control, or nohup): what the tests start would ignore them too.
pub fn skip_where_signals_are_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    // SIGHUP is 1, SIGINT 2 and SIGQUIT 3; a bit each, from 1.
    let ignored = mask & 0b111 != 0;
    if ignored {
        skip("SIGHUP, SIGINT or SIGQUIT is ignored here");
    }
    ignored
}

/// Says why a test cannot run here, where nothing can be installed against it.
pub fn skip(why: &str) {
    eprintln!("skipped: {why}");
}
