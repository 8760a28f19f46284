//! A server that is measured, ours or the bare loop: started on its CPU, asked what it has used, and
//! ended. What it is asked, is asked of /proc, so that the server has no part in it.

use crate::support::{self, Bare, clean};
use anyhow::{Context, bail, ensure};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use sockeye::address::Address;
use sockeye::os::cpu;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::yield_now;
use std::time::{Duration, Instant};

/// What takes this long is stuck.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);
/// With this in the environment the bare loop takes sockeye's place too.
const BARE_TWICE: &str = "BARE_TWICE";
/// What every line with an address holds before it.
const BEFORE_ADDRESS: &str = "sockeye ping ";

/// Which server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Maker {
    Sockeye,
    Bare,
}

impl Maker {
    /// Both, in the order of that repetition: each goes first every other time.
    pub(crate) fn in_turn(repetition: usize) -> [Self; 2] {
        if repetition.is_multiple_of(2) {
            [Self::Sockeye, Self::Bare]
        } else {
            [Self::Bare, Self::Sockeye]
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sockeye => "sockeye",
            Self::Bare => "bare",
        }
    }
}

/// The two CPUs of a measurement; they may be the same.
#[derive(Clone, Copy)]
pub(crate) struct Seats {
    pub(crate) generator: usize,
    pub(crate) server: usize,
}

impl Seats {
    /// What a headline says of them.
    pub(crate) fn told(self) -> String {
        let Self { generator, server } = self;
        if generator == server {
            format!("both ends on CPU {server}, so that none waits for another CPU to wake up")
        } else {
            format!("the server on CPU {server}, the load on CPU {generator}")
        }
    }
}

/// What measurements are made with.
#[derive(Clone, Copy)]
pub(crate) struct Bench<'a> {
    pub(crate) bare: &'a Bare,
    pub(crate) seats: Seats,
    /// How many connections this process may have.
    pub(crate) most: usize,
}

/// A server that runs; killed when dropped.
pub(crate) struct Server {
    child: Child,
    lines: Receiver<String>,
    /// Where it is, in the order in which the transports were named.
    pub(crate) addresses: Vec<Address>,
}

impl Server {
    /// Starts one and waits until it listens. This process is on the generator's CPU then.
    pub(crate) fn start(
        bench: &Bench<'_>,
        maker: Maker,
        transports: &[&str],
        batch: usize,
    ) -> anyhow::Result<Self> {
        let Bench { bare, seats, .. } = *bench;
        let twice = std::env::var_os(BARE_TWICE).is_some();
        let mut command = match maker {
            Maker::Sockeye if !twice => {
                let mut command = clean(support::SOCKEYE);
                command.args(["serve", "-p", "0", "--batch", &batch.to_string(), "--dir"]);
                command.arg(bare.folder()).args(transports);
                command
            }
            Maker::Sockeye | Maker::Bare => {
                let mut command = Command::new(bare.program());
                command.arg(bare.folder()).arg(batch.to_string()).args(transports);
                command
            }
        };
        // A child runs where its parent may.
        cpu::pin(&[seats.server])?;
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
        cpu::pin(&[seats.generator])?;
        let mut child = child.with_context(|| format!("cannot start {command:?}"))?;
        let lines = lines_of(&mut child);
        let mut server = Self { child, lines, addresses: Vec::new() };
        while server.addresses.len() < transports.len() {
            let line = server.lines.recv_timeout(PATIENCE).context("the server does not listen")?;
            if let Some((_, address)) = line.split_once(BEFORE_ADDRESS) {
                let address = address.trim().trim_matches('\'').parse::<Address>();
                server.addresses.push(address.map_err(|error| anyhow::anyhow!(error.what))?);
            }
        }
        Ok(server)
    }

    /// The CPU time of all its threads so far, in nanoseconds. The kernel books it when a thread
    /// leaves the CPU, so they have to sleep first.
    pub(crate) fn cpu_ns(&self) -> anyhow::Result<u64> {
        self.rest()?;
        let read = |task: PathBuf| -> anyhow::Result<u64> {
            let text = fs::read_to_string(task.join("schedstat"))?;
            let first = text.split(' ').next().context("schedstat is empty")?;
            first.parse().context("schedstat holds no number")
        };
        self.tasks()?.into_iter().map(read).sum()
    }

    /// How often its threads went to sleep so far.
    pub(crate) fn sleeps(&self) -> anyhow::Result<u64> {
        let read = |task: PathBuf| -> anyhow::Result<u64> {
            field(&fs::read_to_string(task.join("status"))?, "voluntary_ctxt_switches:")
        };
        self.tasks()?.into_iter().map(read).sum()
    }

    /// The memory that is its own, in bytes: the pages that it wrote to. `Private_Dirty` would count
    /// those of the program's file too as long as the disk has not got them, right after a build
    /// (`proc_pid_smaps(5)`).
    pub(crate) fn private_bytes(&self) -> anyhow::Result<u64> {
        self.rest()?;
        let text = fs::read_to_string(self.folder().join("smaps_rollup"))?;
        Ok(field(&text, "Anonymous:")? * 1024)
    }

    /// How many descriptors it has.
    pub(crate) fn descriptors(&self) -> anyhow::Result<usize> {
        self.rest()?;
        Ok(fs::read_dir(self.folder().join("fd"))?.count())
    }

    /// Ends it with SIGTERM, as a service manager would, and returns what it said at last.
    pub(crate) fn stop(mut self) -> anyhow::Result<Vec<String>> {
        let pid = i32::try_from(self.child.id()).context("a strange pid")?;
        kill(Pid::from_raw(pid), Signal::SIGTERM)?;
        let mut said = Vec::new();
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => said.push(line),
                // Its standard output is closed: it ends.
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => bail!("the server does not heed SIGTERM"),
            }
        }
        let status: ExitStatus = self.child.wait()?;
        ensure!(status.success(), "the server ended with {status}");
        Ok(said)
    }

    /// Waits until every thread sleeps, twice in a row without having run in between.
    fn rest(&self) -> anyhow::Result<()> {
        let since = Instant::now();
        let mut before = None;
        while since.elapsed() < PATIENCE {
            let now = self.sleeping()?;
            if now.is_some() && now == before {
                return Ok(());
            }
            before = now;
            // Where both share a CPU, it is the server's turn.
            yield_now();
        }
        bail!("the server does not come to rest while nobody asks anything of it")
    }

    /// What its threads have used, if all of them sleep.
    fn sleeping(&self) -> anyhow::Result<Option<String>> {
        let mut used = String::new();
        for task in self.tasks()? {
            let stat = fs::read_to_string(task.join("stat"))?;
            // The name stands in parentheses and may hold anything: proc_pid_stat(5).
            let state = stat.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next());
            if state != Some('S') {
                return Ok(None);
            }
            used += &fs::read_to_string(task.join("schedstat"))?;
        }
        Ok(Some(used))
    }

    fn tasks(&self) -> anyhow::Result<Vec<PathBuf>> {
        let tasks = fs::read_dir(self.folder().join("task"))?;
        Ok(tasks.map(|task| task.map(|task| task.path())).collect::<Result<_, _>>()?)
    }

    fn folder(&self) -> PathBuf {
        PathBuf::from(format!("/proc/{}", self.child.id()))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that has ended cannot be killed, and that is well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Its standard output, line by line, read by a thread that sleeps while nothing is said.
fn lines_of(child: &mut Child) -> Receiver<String> {
    let (sender, lines) = channel();
    if let Some(stdout) = child.stdout.take() {
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                // Nobody listens any more once the server is dropped.
                let _ = sender.send(line);
            }
        });
    }
    lines
}

/// The number behind a name in a file of /proc.
fn field(text: &str, name: &str) -> anyhow::Result<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.and_then(|number| number.parse().ok()).with_context(|| format!("no {name} in /proc"))
}
