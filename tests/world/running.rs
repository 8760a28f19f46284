//! Foreign programs and ours while they run: started with an end in sight, read line by line, asked
//! by the kernel's tables where they listen, and gone with all their children when a test is over.

use crate::support::{clean, skip_without_tool};
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long anything may take here before it counts as hanging.
const PATIENCE: Duration = Duration::from_secs(20);
/// What ends a program that nobody ends, such as one whose test was killed.
const LIFELINE: [&str; 4] = ["timeout", "--signal=KILL", "60", "env"];

/// A command line of which no word holds a blank, with nothing of the tester's environment in it and
/// an end in sight whatever happens.
pub(crate) fn command(words: &[String]) -> Command {
    let mut command = Command::new(LIFELINE[0]);
    command.args(&LIFELINE[1..]).args(words).process_group(0);
    clean(&mut command);
    command
}

/// The words of a line, with these words in the place of others.
pub(crate) fn words(line: &str, places: &[(&str, &str)]) -> Vec<String> {
    let fill = |word: &str| {
        places.iter().fold(word.to_owned(), |word, (mark, text)| word.replace(mark, text))
    };
    line.split_whitespace().map(fill).collect()
}

/// Our own program, for a command line.
pub(crate) fn ours(args: &[&str]) -> Vec<String> {
    let program = [env!("CARGO_BIN_EXE_sockeye")];
    program.iter().chain(args).map(ToString::to_string).collect()
}

/// A program that goes on until the test is over.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    name: String,
    lines: Receiver<String>,
    seen: String,
}

impl Running {
    /// Starts it; both of its outputs are read.
    pub(crate) fn start(words: &[String]) -> Self {
        let mut command = command(words);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{words:?}: {error}"));
        let (sender, lines) = channel();
        read_lines(child.stdout.take().expect("a pipe"), sender.clone());
        read_lines(child.stderr.take().expect("a pipe"), sender);
        Self { child, name: words.join(" "), lines, seen: String::new() }
    }

    /// Waits for a line that holds this text.
    pub(crate) fn line_with(&mut self, text: &str) -> String {
        let end = Instant::now() + PATIENCE;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let Ok(line) = self.lines.recv_timeout(left) else {
                panic!("{}: no line with '{text}' among:\n{}", self.name, self.seen)
            };
            self.seen.push_str(&line);
            self.seen.push('\n');
            if line.contains(text) {
                return line;
            }
        }
    }

    /// The port of a socket of this table of the kernel (`tcp`, `udp6`) that this program has open.
    pub(crate) fn port(&self, table: &str) -> u16 {
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            if let Some(port) = self.processes().iter().find_map(|process| port(process, table)) {
                return port;
            }
            std::thread::yield_now();
        }
        panic!("{}: no socket in /proc/net/{table}; it said:\n{}", self.name, self.seen)
    }

    /// Waits until a Unix socket of this path is in the kernel's table.
    pub(crate) fn path(&self, path: &Path) {
        let end = Instant::now() + PATIENCE;
        let ending = format!(" {}", path.display());
        while Instant::now() < end {
            let table = fs::read_to_string("/proc/net/unix").expect("/proc is mounted");
            if table.lines().any(|line| line.ends_with(&ending)) {
                return;
            }
            std::thread::yield_now();
        }
        panic!("{}: nothing at {}", self.name, path.display())
    }

    /// The processes of its group: the program, what it forked, and its lifeline.
    fn processes(&self) -> Vec<String> {
        let of_group = |process: &String| {
            let Ok(stat) = fs::read_to_string(format!("{process}/stat")) else { return false };
            // The name before the last bracket may hold anything; then come state, parent, group.
            let group = stat.rsplit(") ").next().and_then(|rest| rest.split(' ').nth(2));
            group == Some(&self.child.id().to_string())
        };
        let entries = fs::read_dir("/proc").expect("/proc is mounted").flatten();
        entries.map(|entry| entry.path().display().to_string()).filter(of_group).collect()
    }

    /// Closes its input, which some take for the end.
    pub(crate) fn finish(&mut self) {
        drop(self.child.stdin.take());
    }

    /// Waits for it to end by itself.
    pub(crate) fn ended(&mut self) -> Option<i32> {
        self.child.wait().expect("it is ours").code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = killpg(pid(&self.child), Signal::SIGKILL);
        let _ = self.child.wait();
    }
}

fn pid(child: &Child) -> Pid {
    Pid::from_raw(i32::try_from(child.id()).expect("a process id"))
}

fn read_lines(stream: impl Read + Send + 'static, sender: Sender<String>) {
    std::thread::spawn(move || {
        // Whatever it prints is taken, or it would end with a broken pipe; nobody reads any more when
        // the test is over.
        for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
            let _ = sender.send(String::from_utf8_lossy(&line).into_owned());
        }
    });
}

/// The port of a socket of a process, bound but not connected.
fn port(process: &str, table: &str) -> Option<u16> {
    let files = fs::read_dir(format!("{process}/fd")).ok()?.flatten();
    let links: Vec<_> = files.filter_map(|file| fs::read_link(file.path()).ok()).collect();
    let rows = fs::read_to_string(format!("{process}/net/{table}")).ok()?;
    rows.lines().skip(1).find_map(|row| {
        // sl local remote state queues timer retransmits uid timeout inode (proc_net_tcp.txt)
        let fields: Vec<_> = row.split_whitespace().collect();
        let socket = format!("socket:[{}]", fields.get(9)?);
        let is_there = links.iter().any(|link| link.as_os_str() == socket.as_str());
        let is_server = fields[2].ends_with(":0000");
        let port = u16::from_str_radix(fields[1].rsplit(':').next()?, 16).ok()?;
        (is_there && is_server && port != 0).then_some(port)
    })
}

/// `sockeye serve` at one place.
#[derive(Debug)]
pub(crate) struct Serving {
    running: Running,
    folder: TempDir,
    pid: i32,
    /// Where it said that it is.
    pub(crate) address: String,
}

impl Serving {
    /// Serves an address; `FOLDER` in it is a folder of its own.
    pub(crate) fn at(address: &str, flags: &[&str]) -> Self {
        Self::behind(&[], address, flags)
    }

    /// The same, with words before the command.
    pub(crate) fn behind(enter: &[String], address: &str, flags: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let address = address.replace("FOLDER", &folder.path().display().to_string());
        let args = [&["serve", "--json", &address], flags].concat();
        let mut running = Running::start(&[enter, &ours(&args)].concat());
        let ready = json(&running.line_with("\"ready\""));
        let address = ready["addresses"][0].as_str().expect("an address").to_owned();
        let pid = ready["pid"].as_i64().and_then(|pid| i32::try_from(pid).ok());
        Self { running, folder, pid: pid.expect("a process id"), address }
    }

    /// Its port, for a place of IP.
    pub(crate) fn port(&self) -> String {
        self.address.rsplit(':').next().unwrap_or_default().to_owned()
    }

    /// A folder for the socket files of its clients.
    pub(crate) fn folder(&self) -> String {
        self.folder.path().display().to_string()
    }

    /// Ends it and returns what it says that it did.
    pub(crate) fn tally(mut self) -> Value {
        // Straight to it: its lifeline would pass the signal on twice.
        let server = Pid::from_raw(self.pid);
        kill(server, Signal::SIGTERM).expect("it runs");
        self.told()
    }

    /// What it says that it did, once it has ended by itself.
    pub(crate) fn told(&mut self) -> Value {
        let line = json(&self.running.line_with("\"tally\""));
        assert_eq!(self.running.ended(), Some(0), "{line:#}");
        line["addresses"][0].clone()
    }
}

pub(crate) fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// What a program did with its input.
#[derive(Debug)]
pub(crate) struct Talked {
    pub(crate) code: Option<i32>,
    pub(crate) out: Vec<u8>,
    pub(crate) err: String,
}

/// Runs a program with this as all of its input.
pub(crate) fn talk(words: &[String], input: &[u8]) -> Talked {
    let mut command = command(words);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{words:?}: {error}"));
    let mut stdin = child.stdin.take().expect("a pipe");
    let ended = std::thread::scope(|scope| {
        scope.spawn(move || {
            // What ends before it has read everything is judged by what it printed.
            let _ = stdin.write_all(input);
        });
        child.wait_with_output().expect("it is ours")
    });
    let err = String::from_utf8_lossy(&ended.stderr).into_owned();
    Talked { code: ended.status.code(), out: ended.stdout, err }
}

/// A program that is asked piece by piece.
#[derive(Debug)]
pub(crate) struct Asked {
    child: Child,
    stdin: ChildStdin,
    stdout: ChildStdout,
}

impl Asked {
    pub(crate) fn start(words: &[String]) -> Self {
        let mut command = command(words);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{words:?}: {error}"));
        let stdin = child.stdin.take().expect("a pipe");
        let stdout = child.stdout.take().expect("a pipe");
        Self { child, stdin, stdout }
    }

    /// Writes a piece, and reads as many bytes as it has; the lifeline ends the wait.
    pub(crate) fn ask(&mut self, piece: &[u8]) -> Vec<u8> {
        let mut answer = vec![0; piece.len()];
        let told = self.stdin.write_all(piece).and_then(|()| self.stdout.read_exact(&mut answer));
        if told.is_err() {
            return Vec::new();
        }
        answer
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        let _ = killpg(pid(&self.child), Signal::SIGKILL);
        let _ = self.child.wait();
    }
}

/// Bytes of every value, without a rhythm that a lost piece could hide in.
pub(crate) fn pattern(len: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let mut next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    };
    (0..len).map(|_| next()).collect()
}

/// Is one of these missing? Then the test is skipped, or fails where everything was to be installed.
pub(crate) fn lacks(tools: &[&str]) -> bool {
    tools.iter().any(|tool| skip_without_tool(tool))
}

/// A Python program of this test with its arguments.
pub(crate) fn python(file: &str, args: &[&str]) -> Vec<String> {
    let script = format!("{}/tests/world/python/{file}", env!("CARGO_MANIFEST_DIR"));
    ["python3", "-u", &script].iter().chain(args).map(ToString::to_string).collect()
}
