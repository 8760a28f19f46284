//! The program with a peer that computes before it answers: a transport that is slower, and by how
//! much, is known then. A benchmark that uses it gives its first words to [`role`] before all else.

use crate::support::{clean, document, results, text};
use anyhow::{Context, ensure};
use serde_json::Value;
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

/// How many steps slow a transport by that share, by trial: a step takes longer right after a switch
/// between processes than in a long loop.
#[expect(clippy::cast_precision_loss, reason = "some hundreds of steps")]
#[expect(clippy::cast_possible_truncation, reason = "some hundreds of steps")]
#[expect(clippy::cast_sign_loss, reason = "it is clamped")]
pub(crate) fn steps_for(transport: &str, slower: f64) -> anyhow::Result<u64> {
    let mut steps = 200_u64;
    for _ in 0..4 {
        let document = document(twice(transport, steps)?.args(["-t", "2s"]))?;
        let passed = results(&document).iter().filter(|row| text(row, "status") == "pass").count();
        ensure!(passed == 2, "{transport} does not pass");
        let again = again(transport);
        let (ratio, _) = verdict_on(&document, transport, &again).context("nothing is compared")?;
        let factor = (slower / (ratio - 1.0).max(0.001)).clamp(0.2, 5.0);
        steps = (steps as f64 * factor).round().max(1.0) as u64;
    }
    Ok(steps)
}

/// How many times as long the second row takes as the first, and whether the run calls it slower or
/// faster. Which of them is the baseline depends on the run.
pub(crate) fn verdict_on(
    document: &Value,
    first: &str,
    second: &str,
) -> Option<(f64, Option<bool>)> {
    let row =
        results(document).iter().find(|row| text(&row["relative"], "verdict") != "baseline")?;
    let relative = &row["relative"];
    let ratio = relative["ratio"].as_f64()?;
    let is_slower = match text(relative, "verdict") {
        "slower" => Some(true),
        "faster" => Some(false),
        "tie" | "unclear" => None,
        _ => return None,
    };
    match (text(row, "transport"), text(relative, "to")) {
        (row, to) if (row, to) == (second, first) => Some((ratio, is_slower)),
        (row, to) if (row, to) == (first, second) => {
            Some((1.0 / ratio, is_slower.map(|slower| !slower)))
        }
        _ => None,
    }
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
