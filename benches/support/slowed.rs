//! The program with a peer that computes before it answers: a transport that is slower, and by how
//! much, is known then. A benchmark that uses it gives its first words to [`role`] before all else.

use crate::support::{clean, document, results, text};
use anyhow::Context;
use sockeye::console::{Console, Stream};
use sockeye::echo::endpoint::Endpoint;
use sockeye::echo::{Task, end, peer::Echo};
use sockeye::os::Errno;
use sockeye::os::process::END_WORD;
use std::ffi::OsString;
use std::hint::black_box;
use std::io::{stderr, stdout};
use std::process::{Command, ExitCode, Stdio};

/// The word by which a benchmark knows that it is to be the program.
const SOCKEYE_WORD: &str = "__sockeye";
/// The variable that says how many steps the slowed peer computes.
const STEPS: &str = "SLOWED_PEER_STEPS";
/// The variable that says which row's peer that is.
const ROW: &str = "SLOWED_PEER_ROW";

/// What this process is to be, if it is not the benchmark.
pub(crate) fn role() -> Option<ExitCode> {
    let args: Vec<_> = std::env::args_os().collect();
    let is = |word: &str| args.get(1).is_some_and(|first| first == word);
    if is(END_WORD) {
        return Some(be_end(&args[2..]));
    }
    is(SOCKEYE_WORD).then(|| be_sockeye(args))
}

/// The program, in which the peer of that row computes so many steps.
pub(crate) fn sockeye(row: &str, steps: u64) -> anyhow::Result<Command> {
    let mut command = clean(std::env::current_exe()?);
    command.arg(SOCKEYE_WORD).env(ROW, row).env(STEPS, steps.to_string()).stderr(Stdio::null());
    Ok(command)
}

/// A run of a transport twice on one CPU, the second of which computes so many steps.
pub(crate) fn twice(transport: &str, steps: u64) -> anyhow::Result<Command> {
    let mut command = sockeye(&again(transport), steps)?;
    command.args([transport, transport, "--place", "same"]);
    Ok(command)
}

/// The row of a transport that is named for the second time.
pub(crate) fn again(transport: &str) -> String {
    format!("{transport}#2")
}

/// How many steps slow a transport by about that share beside these others, by trial: a step takes longer
/// right after a switch between processes than in a long loop, and with some sockets twice the steps
/// are more or less than twice the time. It is a number of steps that was tried, and not reckoned.
pub(crate) fn steps_for(transport: &str, company: &[&str], slower: f64) -> anyhow::Result<u64> {
    let mut tried: Vec<(f64, f64)> = vec![(0.0, 0.0)];
    let mut steps = 300.0;
    for _ in 0..TRIALS {
        tried.push((steps, injected(transport, company, whole(steps))? - 1.0));
        let below = tried.iter().filter(|t| t.1 < slower).max_by(|a, b| a.0.total_cmp(&b.0));
        let above = tried.iter().filter(|t| t.1 >= slower).min_by(|a, b| a.0.total_cmp(&b.0));
        steps = match (below, above) {
            (Some((low, _)), Some((high, _))) if low < high => f64::midpoint(*low, *high),
            (_, Some((high, _))) => high * 0.8,
            (Some((low, _)), None) => low * 1.5,
            (None, None) => steps,
        };
    }
    let off = |trial: &(f64, f64)| (trial.1 - slower).abs();
    let best = tried.iter().skip(1).min_by(|a, b| off(a).total_cmp(&off(b)));
    best.map(|(steps, _)| whole(*steps)).context("nothing was tried")
}

/// After so many, steps are known to within a few per cent.
const TRIALS: usize = 6;

/// Whole steps.
#[expect(clippy::cast_possible_truncation, reason = "some hundreds of steps")]
#[expect(clippy::cast_sign_loss, reason = "there are none below 0")]
const fn whole(steps: f64) -> u64 {
    steps as u64
}

/// How many times as long a transport takes with so many steps as without, in one run.
fn injected(transport: &str, company: &[&str], steps: u64) -> anyhow::Result<f64> {
    let mut command = twice(transport, steps)?;
    let document = document(command.args(company).args(["-b", transport, "-t", "3s"]))?;
    let again = again(transport);
    let row = results(&document).iter().find(|row| text(row, "transport") == again);
    row.and_then(|row| row["relative"]["ratio"].as_f64()).context("nothing is compared")
}

/// Takes a time that grows with the steps and leaves no trace. A clock would be too coarse: looking
/// at it takes a tenth of what is to be waited for.
pub(crate) fn compute(steps: u64) {
    let mut state = black_box(1_u64);
    for _ in 0..steps {
        // One bit depends on all others (xorshift), so that no compiler finds a short cut.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
    }
    black_box(state);
}

/// A peer that computes before it answers, if it is that of the chosen row.
struct Slow {
    steps: u64,
}

impl Echo for Slow {
    fn begin(&mut self, task: &Task) {
        if std::env::var(ROW).is_ok_and(|row| row != task.label) {
            self.steps = 0;
        }
    }

    #[inline]
    fn answer<E: Endpoint>(&mut self, endpoint: &E, message: &[u8]) -> Result<(), Errno> {
        compute(self.steps);
        endpoint.send_whole(message)
    }
}

/// One end of an exchange.
fn be_end(words: &[OsString]) -> ExitCode {
    let words: Vec<_> = words.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    let steps = std::env::var(STEPS).ok().and_then(|steps| steps.parse().ok()).unwrap_or(0);
    ExitCode::from(end::run(&words, Slow { steps }))
}

/// The program itself, with this benchmark's ends.
fn be_sockeye(mut args: Vec<OsString>) -> ExitCode {
    args.remove(1);
    let (mut out, mut err) = (stdout().lock(), stderr().lock());
    let mut console = Console {
        out: Stream::standard(&mut out, &stdout()),
        err: Stream::standard(&mut err, &stderr()),
    };
    ExitCode::from(sockeye::run(&args, &mut console).code)
}
