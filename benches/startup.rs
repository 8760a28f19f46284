//! How long the program takes to start and how large it is.
//!
//!     cargo bench --bench startup -- [PAIRS]
//!
//! How to read it: each pair runs `sockeye --version` and `/bin/true` right after each other, in
//! changing order; MORE is the median of the pairs' differences, the part of the start that is our
//! own. The size is that of the stripped release binary, in bytes and MB of 1000 kB.

mod support;

use anyhow::{Context, ensure};
use std::process::Stdio;
use std::time::Instant;
use support::{clean, median, reached};

const PAIRS: usize = 200;
const GOAL_MS: f64 = 1.0;
const GOAL_BYTES: u64 = 2_000_000;

fn main() -> anyhow::Result<()> {
    let pairs = support::number(&support::words(), 0, PAIRS)?;
    let ours = || took_ms(support::SOCKEYE, &["--version"]);
    let nothing = || took_ms("/bin/true", &[]);
    let (mut times, mut of_nothing, mut differences) = (Vec::new(), Vec::new(), Vec::new());
    for pair in 0..pairs {
        let (time, other) = if pair % 2 == 0 {
            let other = nothing()?;
            (ours()?, other)
        } else {
            (ours()?, nothing()?)
        };
        times.push(time);
        of_nothing.push(other);
        differences.push(time - other);
    }
    let more = median(&differences);
    println!(
        "start: sockeye --version {:.3} ms, /bin/true {:.3} ms",
        median(&times),
        median(&of_nothing)
    );
    println!(
        "more, in the median of {pairs} pairs: {more:.3} ms; at most {GOAL_MS} ms: {}",
        reached(more <= GOAL_MS)
    );
    let bytes = std::fs::metadata(support::SOCKEYE).context("the program's size")?.len();
    let (whole, part) = (bytes / 1_000_000, bytes % 1_000_000 / 10_000);
    println!(
        "size: {bytes} bytes, {whole}.{part:02} MB; at most 2 MB: {}",
        reached(bytes <= GOAL_BYTES)
    );
    Ok(())
}

fn took_ms(program: &str, args: &[&str]) -> anyhow::Result<f64> {
    let mut command = clean(program);
    command.args(args).stdout(Stdio::null()).stderr(Stdio::null());
    let began = Instant::now();
    let status = command.status().with_context(|| format!("cannot start {program}"))?;
    let took = began.elapsed();
    ensure!(status.success(), "{program} ended with {status}");
    Ok(took.as_secs_f64() * 1e3)
}
