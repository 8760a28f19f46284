//! A program as `sockeye explain` prints it, in a folder of its own, built and started by the very
//! lines that stand at its head.

use crate::server::Lines;
use crate::support::{Ran, clean, run, skip, skip_without_tool};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use sockeye::transport::{ALL, Family, Kind, Protocol, Transport};
use std::collections::BTreeMap;
use std::fs::File;
use std::os::fd::AsRawFd;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, LazyLock, Mutex, OnceLock};
use tempfile::TempDir;

/// A language, and what there has to be for it.
#[derive(Debug)]
pub(crate) struct Language {
    pub(crate) word: &'static str,
    pub(crate) file: &'static str,
    tool: &'static str,
    pub(crate) comment: &'static str,
}

pub(crate) const LANGUAGES: [Language; 3] = [
    Language { word: "python", file: "echo.py", tool: "python3", comment: "# " },
    Language { word: "c", file: "echo.c", tool: "cc", comment: "// " },
    Language { word: "rust", file: "echo.rs", tool: "rustc", comment: "// " },
];

impl Language {
    /// Is what it needs there? Else it is said that it is skipped.
    pub(crate) fn is_here(&self) -> bool {
        !skip_without_tool(self.tool)
    }

    /// Can its standard library open such a socket?
    pub(crate) fn reaches(&self, transport: &Transport) -> bool {
        let of_unix = transport.family == Family::Unix && transport.kind != Kind::SeqPacket;
        let of_ip = matches!(transport.protocol, Protocol::Tcp | Protocol::Udp);
        self.word != "rust" || of_unix || of_ip
    }
}

/// What the compilers call what they make.
const PROGRAM: &str = "echo";

/// What has been built, by its text: open files whose names have gone with their folders.
static BUILT: Mutex<BTreeMap<String, Arc<OnceLock<File>>>> = Mutex::new(BTreeMap::new());

/// A program, ready to run.
#[derive(Debug)]
pub(crate) struct Printed {
    pub(crate) transport: &'static Transport,
    pub(crate) language: &'static Language,
    pub(crate) text: String,
    folder: TempDir,
}

impl Printed {
    /// As it is printed, not built yet.
    pub(crate) fn text(
        language: &'static Language,
        transport: &'static Transport,
        size: usize,
    ) -> Self {
        let size = size.to_string();
        let ran = run(&["explain", transport.name, "--program", language.word, "--size", &size]);
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{}", transport.name);
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join(language.file), &ran.out).expect("a new file");
        Self { transport, language, text: ran.out, folder }
    }

    /// The same, built as its head says; each once, for all tests that want it.
    pub(crate) fn built(
        language: &'static Language,
        transport: &'static Transport,
        size: usize,
    ) -> Self {
        let printed = Self::text(language, transport, size);
        let compilers = ["cc ", "rustc "];
        let is_compiler = |line: &&str| compilers.iter().any(|name| line.starts_with(name));
        if let Some(line) = printed.commands().iter().map(|(left, _)| *left).find(is_compiler) {
            let shared =
                BUILT.lock().expect("it is whole").entry(printed.text.clone()).or_default().clone();
            let made = shared.get_or_init(|| {
                let ran = Ran::of(&mut in_folder(printed.folder(), line));
                let quiet = (ran.code, ran.out.as_str(), ran.err.as_str()) == (Some(0), "", "");
                assert!(quiet, "{}: {line}: {ran:?}", transport.name);
                File::open(printed.folder().join(PROGRAM)).expect("the compiler wrote it")
            });
            printed.take(made);
        }
        printed
    }

    /// Has a built program in its folder. Another process writes it: what this one has open for writing
    /// cannot be started while another thread's child has it open, too (execve(2), ETXTBSY).
    fn take(&self, made: &File) {
        let own = self.folder().join(PROGRAM);
        if !own.exists() {
            let path = format!("/proc/{}/fd/{}", std::process::id(), made.as_raw_fd());
            let ran = Ran::of(Command::new("cp").arg(path).arg(&own));
            assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{}", own.display());
        }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The commands of its head: those that stand alone, and those that stand beside another.
    pub(crate) fn commands(&self) -> Vec<(&str, &str)> {
        let comments =
            self.text.lines().filter_map(|line| line.strip_prefix(self.language.comment));
        let commands = comments.filter_map(|line| line.strip_prefix("  "));
        commands.map(|line| line.split_once("  ").unwrap_or((line, ""))).map(trimmed).collect()
    }

    /// The two commands that stand beside each other, one of which begins with this.
    pub(crate) fn beside(&self, start: &str) -> (&str, &str) {
        let commands = self.commands();
        let found = commands
            .into_iter()
            .find(|(left, right)| left.starts_with(start) || right.starts_with(start));
        found.unwrap_or_else(|| panic!("no '{start}' at the head of:\n{}", self.text))
    }

    /// The line that starts an end, with what it is told.
    pub(crate) fn line(&self, end: &str, place: &str) -> String {
        let start = self.language.file.trim_end_matches(".c").trim_end_matches(".rs");
        let run = if start == "echo" { "./echo" } else { "python3 echo.py" };
        format!("{run} {end} {place}")
    }

    /// Where a server of it is told to be: wherever the kernel likes, or where nobody else is.
    pub(crate) fn free_place(&self) -> String {
        match (self.transport.family, self.transport.kind) {
            (Family::Unix, _) => "echo.sock".to_owned(),
            (Family::Ipv6, Kind::Raw) => "::1".to_owned(),
            (_, Kind::Raw) => own_ipv4(),
            (Family::Vsock, _) => "4294967295".to_owned(),
            _ => "0".to_owned(),
        }
    }
}

/// A raw socket hears whatever comes to its address, so that each server gets one of its own.
fn own_ipv4() -> String {
    static COUNT: AtomicU8 = AtomicU8::new(0);
    let [.., high, low] = std::process::id().to_be_bytes();
    let count = 1 + COUNT.fetch_add(1, Ordering::Relaxed) % 254;
    format!("127.{}.{low}.{count}", 128 | (high & 63))
}

fn trimmed<'a>((left, right): (&'a str, &'a str)) -> (&'a str, &'a str) {
    (left.trim(), right.trim())
}

/// The folder of the Python that is first in PATH: what is there may be a script that looks for it each
/// time, for longer than it then runs.
static PYTHON: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
    let ask = "import os, sys; print(os.path.dirname(sys.executable))";
    let told = Command::new("python3").args(["-c", ask]).output().ok()?.stdout;
    let folder = PathBuf::from(String::from_utf8(told).ok()?.trim_end());
    folder.join("python3").is_file().then_some(folder)
});

/// A line of a shell in that folder, as a user types it who has sockeye.
pub(crate) fn in_folder(folder: &Path, line: &str) -> Command {
    let own = Path::new(env!("CARGO_BIN_EXE_sockeye")).parent().expect("a folder");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let first = std::iter::once(own.to_path_buf()).chain(PYTHON.clone());
    let path = std::env::join_paths(first.chain(std::env::split_paths(&path)));
    let mut command = Command::new("sh");
    clean(&mut command);
    command.args(["-c", &format!("exec {line}")]).current_dir(folder);
    command.env("PATH", path.expect("no colon in it"));
    command
}

/// What runs until it ends or the test does.
pub(crate) struct Process {
    child: Child,
    line: String,
    out: Lines,
    err: Lines,
}

impl Process {
    pub(crate) fn start(command: &mut Command) -> Self {
        let line = format!("{command:?}");
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        let mut child = command.spawn().expect("a shell");
        let out = Lines::of(child.stdout.take().expect("a pipe"));
        let err = Lines::of(child.stderr.take().expect("a pipe"));
        Self { child, line, out, err }
    }

    /// Its next line, without the end of it.
    pub(crate) fn says(&self) -> String {
        match self.out.next() {
            Some(line) => line.trim_end().to_owned(),
            None => panic!("{}: it said nothing but {}", self.line, self.err.rest()),
        }
    }

    /// Waits for its end; what it said since.
    pub(crate) fn ended(mut self) -> Ran {
        let (out, err) = (self.out.rest(), self.err.rest());
        Ran { code: self.child.wait().expect("it is ours").code(), out, err }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // One that has ended and was waited for is nobody's any more.
        if let Ok(None) = self.child.try_wait() {
            let group = Pid::from_raw(i32::try_from(self.child.id()).expect("a process id"));
            let _ = killpg(group, Signal::SIGKILL);
            let _ = self.child.wait();
        }
    }
}

/// Those that `sockeye list` says are ready here; the others are told.
pub(crate) fn ready() -> Vec<&'static Transport> {
    let ready = crate::ready::ready();
    for transport in ALL.iter().filter(|transport| !ready.contains(transport)) {
        skip(&format!("{} is not ready here", transport.name));
    }
    ready
}

/// Those of these names that are.
pub(crate) fn ready_among(names: &[&str]) -> Vec<&'static Transport> {
    ready().into_iter().filter(|transport| names.contains(&transport.name)).collect()
}

/// An end that did what it was there for.
pub(crate) fn expect_done(what: &str, ran: &Ran, said: &str) {
    let done = (ran.code, ran.out.trim_end(), ran.err.as_str());
    assert_eq!(done, (Some(0), said, ""), "{what}");
}
