//! A `sockeye serve` under test: started, waited for, asked, ended, and killed if the test fails.
//! How clients talk to it is in `client.rs`.

use crate::support::{Ran, sockeye};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use sockeye::address::Address;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::fd::OwnedFd;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long anything may take before the test fails: far more than it ever needs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// The lines of a pipe, each waited for with a bound.
pub(crate) struct Lines(Receiver<String>);

impl Lines {
    pub(crate) fn of(pipe: impl Read + Send + 'static) -> Self {
        let (sender, receiver) = channel();
        std::thread::spawn(move || {
            let mut pipe = BufReader::new(pipe);
            let mut line = String::new();
            while pipe.read_line(&mut line).is_ok_and(|len| len > 0) {
                if sender.send(std::mem::take(&mut line)).is_err() {
                    return;
                }
            }
        });
        Self(receiver)
    }

    /// The next line with its end; None at the end of the pipe.
    pub(crate) fn next(&self) -> Option<String> {
        match self.0.recv_timeout(PATIENCE) {
            Ok(line) => Some(line),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("no line came"),
        }
    }

    /// Everything up to the end of the pipe.
    pub(crate) fn rest(&self) -> String {
        std::iter::from_fn(|| self.next()).collect()
    }
}

/// How a server is to be started.
pub(crate) struct Start {
    outer: Vec<String>,
    words: Vec<String>,
    variables: Vec<(String, String)>,
    stdin: Option<OwnedFd>,
    format: &'static str,
    folder: TempDir,
    port: bool,
}

impl Start {
    /// With these words, on ports that the kernel picks and socket files in a folder of its own.
    pub(crate) fn with(words: &[&str]) -> Self {
        Self {
            outer: Vec::new(),
            words: words.iter().map(ToString::to_string).collect(),
            variables: Vec::new(),
            stdin: None,
            format: "json",
            folder: tempfile::tempdir().expect("a folder"),
            port: true,
        }
    }

    /// Behind a command that changes what surrounds it and becomes the program.
    pub(crate) fn behind(mut self, outer: &[&str]) -> Self {
        self.outer = outer.iter().map(ToString::to_string).collect();
        self
    }

    /// In a folder of the caller's choice.
    pub(crate) fn within(mut self, folder: TempDir) -> Self {
        self.folder = folder;
        self
    }

    /// With a variable in its environment.
    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With this as its standard input.
    pub(crate) fn stdin(mut self, descriptor: OwnedFd) -> Self {
        self.stdin = Some(descriptor);
        self
    }

    /// Talking in another format than json.
    pub(crate) fn format(mut self, format: &'static str) -> Self {
        self.format = format;
        self
    }

    /// Without `--port` and `--dir`.
    pub(crate) fn bare(mut self) -> Self {
        self.port = false;
        self
    }

    /// Its folder of socket files.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn spawn(&mut self) -> Child {
        let own = sockeye();
        let mut command = match self.outer.split_first() {
            Some((first, rest)) => {
                let mut command = Command::new(first);
                command.args(rest).arg(own.get_program());
                crate::support::clean(&mut command);
                command
            }
            None => own,
        };
        command.arg("serve");
        if self.port {
            command.args(["-p", "0", "--dir"]).arg(self.folder.path());
        }
        command.args(["-f", self.format]).args(&self.words);
        command.env_remove("LISTEN_PID").env_remove("LISTEN_FDS").env_remove("NOTIFY_SOCKET");
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.stdin(self.stdin.take().map_or_else(Stdio::null, Stdio::from));
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("the program starts")
    }

    /// Starts it without waiting for anything.
    pub(crate) fn begin(mut self) -> Server {
        let mut child = self.spawn();
        let out = Lines::of(child.stdout.take().expect("a pipe"));
        let err = Lines::of(child.stderr.take().expect("a pipe"));
        Server { child, out, err, ready: Value::Null, folder: self.folder }
    }

    /// Starts it and waits until it is ready.
    pub(crate) fn go(self) -> Server {
        self.attempt().unwrap_or_else(|ran| panic!("it did not start: {ran:?}"))
    }

    /// Starts it, and it has to refuse that.
    pub(crate) fn refused(self) -> Ran {
        match self.attempt() {
            Err(ran) => ran,
            Ok(server) => panic!("it serves: {}", server.ready),
        }
    }

    fn attempt(self) -> Result<Server, Ran> {
        assert_eq!(self.format, "json", "other formats have no line that says it all");
        let mut server = self.begin();
        match server.out.next() {
            Some(line) => {
                server.ready = serde_json::from_str(&line).expect("a document");
                assert_eq!(server.ready["event"], "ready");
                Ok(server)
            }
            None => Err(server.ended().ran),
        }
    }
}

/// A running server; killed when dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) out: Lines,
    pub(crate) err: Lines,
    pub(crate) ready: Value,
    folder: TempDir,
}

/// What a server left.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) ran: Ran,
    pub(crate) status: ExitStatus,
    /// How long its end took.
    pub(crate) took: Duration,
    pub(crate) folder: TempDir,
}

impl Server {
    /// Starts one with these words.
    pub(crate) fn start(words: &[&str]) -> Self {
        Start::with(words).go()
    }

    /// Its addresses, in their order.
    pub(crate) fn addresses(&self) -> Vec<Address> {
        let list = self.ready["addresses"].as_array().expect("addresses");
        list.iter().map(|text| text.as_str().expect("a text").parse().expect("it reads")).collect()
    }

    /// The first of its addresses.
    pub(crate) fn address(&self) -> Address {
        self.addresses().remove(0)
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// A line of its /proc/PID/status, as a number.
    pub(crate) fn status(&self, name: &str) -> u64 {
        let text = fs::read_to_string(format!("/proc/{}/status", self.pid())).expect("it runs");
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        let digits = line.and_then(|line| line.split_ascii_whitespace().next()).expect(name);
        digits.parse().expect("a number")
    }

    /// Does its first thread wait, so that it has done everything that it could do?
    pub(crate) fn is_asleep(&self) -> bool {
        let text = fs::read_to_string(format!("/proc/{}/status", self.pid())).expect("it runs");
        text.lines().any(|line| line.starts_with("State:\tS"))
    }

    /// The CPU time that its first thread has used, in nanoseconds.
    pub(crate) fn cpu_time(&self) -> u64 {
        let text = fs::read_to_string(format!("/proc/{}/schedstat", self.pid())).expect("it runs");
        text.split_ascii_whitespace().next().expect("a number").parse().expect("a number")
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).expect("a pid");
        kill(Pid::from_raw(pid), signal).expect("it is ours and there");
    }

    /// Ends it with SIGTERM.
    pub(crate) fn end(self) -> Ended {
        self.end_with(Signal::SIGTERM)
    }

    /// Ends it with a signal.
    pub(crate) fn end_with(self, signal: Signal) -> Ended {
        self.signal(signal);
        self.ended()
    }

    /// Waits for its end, which something else brings about.
    pub(crate) fn ended(mut self) -> Ended {
        let since = Instant::now();
        let (out, err) = (self.out.rest(), self.err.rest());
        let status = self.child.wait().expect("it is ours");
        let took = since.elapsed();
        let folder = std::mem::replace(&mut self.folder, tempfile::tempdir().expect("a folder"));
        for word in ["panicked", "internal:"] {
            assert!(!err.contains(word), "a panic: {err}");
        }
        Ended { ran: Ran { code: status.code(), out, err }, status, took, folder }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Ended {
    /// The tally that it printed at last.
    pub(crate) fn tally(&self) -> Value {
        let line = self.ran.out.lines().last().unwrap_or_else(|| panic!("no tally: {self:?}"));
        let tally: Value = serde_json::from_str(line).expect("a document");
        assert_eq!(tally["event"], "tally");
        tally
    }

    /// The row of a transport in it.
    pub(crate) fn row(&self, transport: &str) -> Value {
        let tally = self.tally();
        let rows = tally["addresses"].as_array().expect("rows");
        rows.iter().find(|row| row["transport"] == transport).expect("its row").clone()
    }

    /// A count of the only address.
    pub(crate) fn count(&self, name: &str) -> u64 {
        let tally = self.tally();
        let rows = tally["addresses"].as_array().expect("rows");
        assert_eq!(rows.len(), 1, "{tally}");
        rows[0][name].as_u64().unwrap_or_else(|| panic!("no {name} in {tally}"))
    }

    /// What was not answered, with its reason: only what is not 0.
    pub(crate) fn dropped(&self) -> Vec<(String, u64)> {
        const OTHERS: [&str; 7] =
            ["address", "transport", "connections", "closed_idle", "broken", "messages", "bytes"];
        let tally = self.tally();
        let rows = tally["addresses"].as_array().expect("rows");
        rows.iter()
            .flat_map(|row| row.as_object().expect("a row"))
            .filter(|(name, count)| !OTHERS.contains(&name.as_str()) && **count != 0)
            .map(|(name, count)| (name.clone(), count.as_u64().expect("a count")))
            .collect()
    }

    /// The signal that ended it.
    pub(crate) fn signal(&self) -> Option<i32> {
        self.status.signal()
    }
}
