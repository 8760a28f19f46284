//! What an exchange costs in instructions outside the kernel, counted by callgrind.
//!
//!     cargo bench --bench instructions -- [TRANSPORT]...
//!
//! How to read it: CLIENT and PEER are the two ends, PARENT is the process that started them, which
//! turns the client's report into a histogram and a median; the numbers are instructions an exchange.
//! BARE is a C loop (`bare.c`) that numbers each message, compares each reply and counts each time
//! in a histogram, both of its ends together. RATIO is everything of ours divided by it, and ENDS is
//! the part of it that runs while the exchange is made. The numbers are differences between a long
//! and a short visit, so that starting and stopping cancel out; they are the same on every run, but
//! for a few instructions that depend on how long an exchange took. Under callgrind a look at the
//! clock is a system call, here and there.

mod support;

use anyhow::{Context, ensure};
use sockeye::echo::client::Tally;
use sockeye::echo::control::{Go, Heard, Listener, Report, tell};
use sockeye::echo::message::Payload;
use sockeye::echo::{Role, Share, Task, Wait};
use sockeye::measure::plan::{Amount, Case, Place, Plan, Seats};
use sockeye::measure::rounds::{self, Visits};
use sockeye::measure::visit::{Gathered, Visit};
use sockeye::os::pair::{Options, Pair};
use sockeye::os::process::{END_WORD, Usage};
use sockeye::os::scratch::Scratch;
use sockeye::os::socket::{Socket, control_pair};
use sockeye::os::{cpu, poll};
use sockeye::transport::Transport;
use std::ffi::OsString;
use std::io::Write;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use support::{Bare, reached};

/// The exchanges of the short visit and of the long one.
const COUNTS: [u64; 2] = [500, 2500];
const GOAL: f64 = 1.0;
const SIZE: usize = 64;
const OPTIONS: Options = Options { nodelay: true, buffer: None };
/// Callgrind makes everything slow; what takes this long is stuck.
const PATIENCE: Duration = Duration::from_secs(60);
/// The word by which this benchmark knows that it is to be the parent.
const PARENT_WORD: &str = "__parent";

fn main() -> anyhow::Result<()> {
    let words = support::words();
    if let [word, report] = words.as_slice()
        && word == PARENT_WORD
    {
        return be_parent(Path::new(report));
    }
    let Some(valgrind) = support::tool("valgrind") else {
        println!("skipped: valgrind is not installed");
        return Ok(());
    };
    let Some(bare) = Bare::compile()? else { return Ok(()) };
    let counter = Counter { valgrind, bare, cpu: *cpu::allowed()?.first().context("no CPU")? };
    let chosen: Vec<_> = words.iter().map(String::as_str).collect();
    let names = if chosen.is_empty() { support::default_transports() } else { chosen };
    println!("instructions an exchange outside the kernel, {SIZE} bytes");
    println!(
        "{:16} {:>6} {:>6} {:>6} {:>6}  {:>6} {:>6}  RATIO at most {GOAL:.0}",
        "TRANSPORT", "CLIENT", "PEER", "PARENT", "BARE", "ENDS", "RATIO"
    );
    for name in names {
        let transport =
            Transport::named(name).with_context(|| format!("'{name}' is no transport"))?;
        match counter.compare(transport) {
            Ok(line) => println!("{name:16} {line}"),
            Err(error) => println!("{name:16} left out: {error:#}"),
        }
    }
    Ok(())
}

/// Counts instructions.
struct Counter {
    valgrind: PathBuf,
    bare: Bare,
    cpu: usize,
}

/// Instructions of the two ends, and what the client said.
struct Ends {
    client: u64,
    peer: u64,
    report: Vec<u8>,
}

impl Counter {
    fn compare(&self, transport: &Transport) -> anyhow::Result<String> {
        let mut ours = Vec::new();
        let mut theirs = Vec::new();
        for count in COUNTS {
            let ends = self.ends(transport, |half| ours_as(transport, half, count))?;
            let parent = self.parent(&ends.report)?;
            ours.push([ends.client, ends.peer, parent]);
            let ends = self.ends(transport, |half| Ok(self.bare_as(half, count)))?;
            theirs.push(ends.client + ends.peer);
        }
        let [client, peer, parent] =
            [0, 1, 2].map(|process| per_exchange(ours[0][process], ours[1][process]));
        let bare = per_exchange(theirs[0], theirs[1]);
        let (ends, ratio) = ((client + peer) / bare, (client + peer + parent) / bare);
        Ok(format!(
            "{client:>6.1} {peer:>6.1} {parent:>6.1} {bare:>6.1}  {ends:>6.3} {ratio:>6.3}  {}",
            reached(ratio <= GOAL)
        ))
    }

    /// Both ends of one visit under callgrind. The program cannot be told to start its ends there,
    /// and kills them when they have reported; so this process is their parent.
    fn ends(
        &self,
        transport: &Transport,
        words: impl Fn(Half) -> anyhow::Result<Vec<OsString>>,
    ) -> anyhow::Result<Ends> {
        let mut scratch = Scratch::below(self.bare.folder());
        let Pair { client, server, .. } = Pair::open(transport, &mut scratch, OPTIONS)?;
        let mut peer = self.start("peer", words(Half::Peer)?, server)?;
        let mut client = self.start("client", words(Half::Client)?, client)?;
        peer.await_word()?;
        tell(&client.control, &Go)?;
        let report = client.listen()?;
        peer.listen()?;
        Ok(Ends { client: client.instructions()?, peer: peer.instructions()?, report })
    }

    fn start(&self, name: &str, words: Vec<OsString>, socket: Socket) -> anyhow::Result<Counted> {
        let (control, theirs) = control_pair()?;
        let (mut command, counts) = self.callgrind(name, words);
        command.stdin(Stdio::from(socket.into_descriptor()));
        command.stdout(Stdio::from(theirs.into_descriptor()));
        Ok(Counted { child: command.spawn()?, control, counts })
    }

    fn callgrind(&self, name: &str, words: Vec<OsString>) -> (Command, PathBuf) {
        let counts = self.bare.folder().join(name);
        let mut file = OsString::from("--callgrind-out-file=");
        file.push(&counts);
        let mut command = support::clean(&self.valgrind);
        command.args(["-q", "--tool=callgrind"]).arg(file).args(words).stderr(Stdio::null());
        (command, counts)
    }

    /// What the parent does with a client's report.
    fn parent(&self, report: &[u8]) -> anyhow::Result<u64> {
        let file = self.bare.folder().join("report");
        std::fs::write(&file, report)?;
        let program = std::env::current_exe()?.into_os_string();
        let (mut command, counts) =
            self.callgrind("parent", vec![program, PARENT_WORD.into(), file.into()]);
        let status = command.status()?;
        ensure!(status.success(), "the parent ended with {status}");
        total(&counts)
    }

    fn bare_as(&self, half: Half, count: u64) -> Vec<OsString> {
        let (count, cpu) = (count.to_string(), self.cpu.to_string());
        let words: &[&str] = match half {
            Half::Client => &["client", "0", &count, &cpu, "verified"],
            Half::Peer => &["peer", &cpu],
        };
        let mut all = vec![self.bare.program().into_os_string()];
        all.extend(words.iter().map(OsString::from));
        all
    }
}

/// Which end.
#[derive(Clone, Copy)]
enum Half {
    Client,
    Peer,
}

/// The words that make the program one end.
fn ours_as(transport: &Transport, half: Half, count: u64) -> anyhow::Result<Vec<OsString>> {
    let task = Task {
        role: match half {
            Half::Client => Role::Client(Share {
                first: 1,
                warmup: 0,
                count,
                limit_ns: None,
                timeout_ns: 1_000_000_000,
            }),
            Half::Peer => Role::Peer,
        },
        transport: transport.name.to_owned(),
        label: transport.name.to_owned(),
        size: SIZE,
        wait: Wait::Block,
        cpu: None,
        nodelay: true,
        seed: 7,
        payload: Payload::Pattern,
    };
    let task = serde_json::to_string(&task)?;
    let parent = std::process::id().to_string();
    Ok([support::SOCKEYE, END_WORD, &parent, &task].map(OsString::from).to_vec())
}

/// A process under callgrind; killed and reaped when dropped.
struct Counted {
    child: Child,
    control: Socket,
    counts: PathBuf,
}

impl Counted {
    fn await_word(&self) -> anyhow::Result<()> {
        let ready = poll::readable([self.control.as_fd()], Some(PATIENCE))?;
        ensure!(ready == [true], "an end said nothing for {} s", PATIENCE.as_secs());
        Ok(())
    }

    /// Everything that it says until it is gone.
    fn listen(&self) -> anyhow::Result<Vec<u8>> {
        let mut said = Vec::new();
        let mut piece = [0; 4096];
        loop {
            self.await_word()?;
            match self.control.receive(&mut piece)? {
                0 => return Ok(said),
                len => said.extend_from_slice(&piece[..len]),
            }
        }
    }

    fn instructions(&mut self) -> anyhow::Result<u64> {
        let status = self.child.wait()?;
        ensure!(status.success(), "an end ended with {status}");
        total(&self.counts)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        // Once it has been waited for, both do nothing.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn total(counts: &Path) -> anyhow::Result<u64> {
    let text = std::fs::read_to_string(counts).context("callgrind wrote nothing")?;
    let total = text.lines().find_map(|line| line.strip_prefix("totals: "));
    Ok(total.context("callgrind wrote no total")?.trim().parse()?)
}

#[expect(clippy::cast_precision_loss, reason = "the counts stay far below 2^53")]
fn per_exchange(short: u64, long: u64) -> f64 {
    long.saturating_sub(short) as f64 / (COUNTS[1] - COUNTS[0]) as f64
}

/// Takes in a client's report as a run would: a pilot, then one round.
fn be_parent(report: &Path) -> anyhow::Result<()> {
    let report = std::fs::read(report)?;
    let transport = Transport::named("tcp4").context("tcp4 is in the catalogue")?;
    let seats = Seats { place: Place::Same, cpus: None };
    let (label, wait) = (transport.name.to_owned(), Wait::Block);
    let plan = Plan {
        cases: vec![Case { transport, label, size: SIZE, seats, wait }],
        rounds: 1,
        warmup: Some(0),
        amount: Amount::Count(1),
        timeout: Duration::from_secs(1),
        seed: 7,
        options: OPTIONS,
        fail_fast: false,
        keep: sockeye::measure::samples::Keep::Percentiles,
    };
    let gathering = rounds::run(&plan, &mut Replay { report }, &mut |_| {});
    let rounds = &gathering.samples[0].rounds;
    ensure!(rounds.len() == 1 && rounds[0].exchanges >= COUNTS[0], "the report is not whole");
    Ok(())
}

/// A visit that brings a report that was made before.
struct Replay {
    report: Vec<u8>,
}

impl Visits for Replay {
    fn visit(&mut self, _: &Case, share: Share, _: u64) -> Visit {
        let is_pilot = share.first == 1;
        let tally = if is_pilot { pilot() } else { self.hear().unwrap_or_default() };
        Visit::Done(Box::new(Gathered {
            tally,
            connect_ns: 1,
            peer_usage: Usage::default(),
            address: String::new(),
            buffers: (0, 0),
        }))
    }
}

fn pilot() -> Tally {
    Tally { round_trips: vec![5000; 20], begun: 20, ..Tally::default() }
}

impl Replay {
    /// Hears the report through a socket, as the parent does.
    fn hear(&self) -> Option<Tally> {
        let (mut from, to) = UnixStream::pair().ok()?;
        from.write_all(&self.report).ok()?;
        match Listener::<Report>::new().hear(&Socket::from_descriptor(OwnedFd::from(to))) {
            Heard::Message(Report::Tally(tally)) => Some(tally),
            _ => None,
        }
    }
}
