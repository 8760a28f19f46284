//! Whether the answers can be believed: experiments in which the truth is known.
//!
//!     cargo bench --bench experiments -- aa [RUNS]
//!     cargo bench --bench experiments -- slowed [RUNS [TRANSPORT]...]
//!     cargo bench --bench experiments -- agree [RUNS]
//!
//! Without words each is made ten times, which shows that it works and no more: a hundred runs of
//! the first two take six minutes each. How to read them:
//!
//! - `aa`: `sockeye tcp4 tcp4 udp6 udp6` while another process burns one CPU. Whoever calls tcp4
//!   faster or slower than tcp4 is wrong. A run that does so anywhere counts once; at most 5 of 100.
//! - `slowed`: `sockeye tcp4 tcp4 --place same` where the peer of the second one, `tcp4#2`, computes
//!   before it answers, for as long as 5 % of the round trip takes. A run that calls it slower has
//!   found it; at least 95 of 100. INJECTED is how much slower the runs found it to be in the middle:
//!   1.05 says that the experiment did what it says. Runs that call it faster are counted too.
//! - `agree`: ten default runs. For each transport the largest of its ten medians on one CPU divided
//!   by the smallest, at most 1.02; and how long a run took, at most 3.5 s.

#[path = "support/slowed.rs"]
mod slowed;
mod support;

use anyhow::{Context, bail, ensure};
use serde_json::Value;
use sockeye::os::process::follow_parent;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};
use support::{clean, document, extremes, median, number, reached, results, text};

const RUNS: usize = 10;
/// The word by which it knows that it is to burn a CPU.
const BURN_WORD: &str = "__burn";
/// By how much it is slowed.
const SLOWER: f64 = 0.05;

fn main() -> ExitCode {
    if let Some(code) = slowed::role() {
        return code;
    }
    let args: Vec<_> = std::env::args_os().collect();
    let burns = args.get(1).is_some_and(|first| first == BURN_WORD);
    let outcome = if burns { burn(&args[2..]) } else { experiments() };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn experiments() -> anyhow::Result<()> {
    let words = support::words();
    let runs = number(&words, 1, RUNS)?;
    match words.first().map(String::as_str) {
        Some("aa") => aa(runs),
        Some("slowed") => slowed(runs, &words[2.min(words.len())..]),
        Some("agree") => agree(runs),
        Some(other) => bail!("'{other}' is no experiment: aa, slowed, agree"),
        None => {
            println!("short form: {RUNS} runs of each; -- aa 100 makes a hundred\n");
            aa(RUNS)?;
            println!();
            slowed(RUNS, &[])?;
            println!();
            agree(RUNS)
        }
    }
}

fn aa(runs: usize) -> anyhow::Result<()> {
    println!("aa: sockeye tcp4 tcp4 udp6 udp6, {runs} runs while a process burns one CPU");
    let burner = Burner::start()?;
    let mut wrong = 0;
    for run in 1..=runs {
        let mut command = clean(support::SOCKEYE);
        command.args(["tcp4", "tcp4", "udp6", "udp6"]).stderr(Stdio::null());
        let document = document(&mut command)?;
        all_pass(&document, 4)?;
        let claims = false_claims(&document);
        for claim in &claims {
            println!("  run {run}, --seed {}: {claim}", document["seed"]);
        }
        wrong += usize::from(!claims.is_empty());
    }
    println!("the process burned {:.2} CPUs", burner.share()?);
    let allowed = runs / 20;
    println!(
        "{wrong} of {runs} runs claim a difference between the same; at most {allowed}: {}",
        reached(wrong <= allowed)
    );
    Ok(())
}

/// What is said of a transport and itself that is not "no difference".
fn false_claims(document: &Value) -> Vec<String> {
    let mut claims = Vec::new();
    for result in results(document) {
        let (row, relative) = (text(result, "transport"), &result["relative"]);
        let (to, verdict) = (text(relative, "to"), text(relative, "verdict"));
        if row != to && name(row) == name(to) && !["tie", "unclear"].contains(&verdict) {
            claims.push(format!("{row} {verdict} than {to}, {}", text(result, "place")));
        }
    }
    let twice = text(&document["answer"], "text")
        .lines()
        .filter_map(|line| line.strip_prefix("the same twice: "))
        .filter(|answer| answer.contains("takes"));
    claims.extend(twice.map(|answer| format!("the same twice: {answer}")));
    claims
}

/// A row's transport: `tcp4` of `tcp4#2`.
fn name(row: &str) -> &str {
    row.split('#').next().unwrap_or(row)
}

/// Nothing is shown by a run in which something was not measured.
fn all_pass(document: &Value, least: usize) -> anyhow::Result<()> {
    let rows = results(document);
    ensure!(rows.len() >= least, "{} of {least} rows are there", rows.len());
    for row in rows {
        let problem = text(&row["error"], "message");
        ensure!(text(row, "status") == "pass", "{}: {problem}", text(row, "transport"));
    }
    Ok(())
}

/// A process that burns one CPU, wherever the scheduler puts it; ended when dropped.
struct Burner {
    child: Child,
    since: Instant,
}

impl Burner {
    fn start() -> anyhow::Result<Self> {
        let child = Command::new(std::env::current_exe()?)
            .args([BURN_WORD, &std::process::id().to_string()])
            .stdin(Stdio::null())
            .spawn()?;
        Ok(Self { child, since: Instant::now() })
    }

    /// How much of the time it was on a CPU.
    fn share(&self) -> anyhow::Result<f64> {
        let times = std::fs::read_to_string(format!("/proc/{}/schedstat", self.child.id()))?;
        let on_cpu = times.split_ascii_whitespace().next().context("schedstat is empty")?;
        let on_cpu = Duration::from_nanos(on_cpu.parse()?);
        Ok(on_cpu.as_secs_f64() / self.since.elapsed().as_secs_f64())
    }
}

impl Drop for Burner {
    fn drop(&mut self) {
        // If it has ended by itself there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Burns a CPU until the parent is gone.
fn burn(words: &[OsString]) -> anyhow::Result<()> {
    let parent = words.first().and_then(|word| word.to_str()).context("whose child am I?")?;
    follow_parent(parent.parse()?)?;
    loop {
        slowed::compute(1 << 20);
    }
}

fn slowed(runs: usize, chosen: &[String]) -> anyhow::Result<()> {
    let chosen: Vec<_> = chosen.iter().map(String::as_str).collect();
    let transports = if chosen.is_empty() { vec!["tcp4"] } else { chosen };
    for transport in transports {
        slowed_transport(transport, runs)?;
    }
    Ok(())
}

fn slowed_transport(transport: &str, runs: usize) -> anyhow::Result<()> {
    let again = slowed::again(transport);
    let steps = slowed::steps_for(transport, &[], SLOWER)?;
    println!(
        "slowed: {transport} twice on one CPU, {runs} runs; the second computes {steps} steps"
    );
    let (mut ratios, mut slower, mut faster) = (Vec::new(), 0, 0);
    for run in 1..=runs {
        let document = document(&mut slowed::twice(transport, steps)?)?;
        all_pass(&document, 2)?;
        let (ratio, verdict) = verdict_on(&document, transport, &again)
            .with_context(|| format!("run {run} does not compare them"))?;
        ratios.push(ratio);
        match verdict {
            Some(true) => slower += 1,
            Some(false) => faster += 1,
            None => println!("  run {run}, --seed {}: no claim, {ratio:.3}", document["seed"]),
        }
    }
    let (smallest, largest) = extremes(&ratios);
    println!("injected: {:.3} in the median, {smallest:.3} to {largest:.3}", median(&ratios));
    let wanted = runs - runs / 20;
    println!(
        "{slower} of {runs} runs find {again} slower, {faster} faster; at least {wanted}: {}",
        reached(slower >= wanted)
    );
    Ok(())
}

/// How many times as long the second row takes as the first, and whether the run calls it slower or
/// faster. Which of them is the baseline depends on the run.
fn verdict_on(document: &Value, first: &str, second: &str) -> Option<(f64, Option<bool>)> {
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

fn agree(runs: usize) -> anyhow::Result<()> {
    println!("agree: {runs} default runs in a row");
    let mut medians: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    let mut seconds = Vec::new();
    for _ in 0..runs {
        let began = Instant::now();
        let document = document(clean(support::SOCKEYE).stderr(Stdio::null()))?;
        seconds.push(began.elapsed().as_secs_f64());
        for result in results(&document).iter().filter(|result| text(result, "place") == "same") {
            let median = result["rtt_ns"]["p50"].as_f64();
            medians.entry(text(result, "transport").to_owned()).or_default().extend(median);
        }
    }
    println!(
        "{:16} {:>8} {:>8}  {:>15}  at most 1.02",
        "ONE CPU", "MIN ns", "MAX ns", "LARGEST/SMALLEST"
    );
    for (transport, medians) in &medians {
        let (smallest, largest) = extremes(medians);
        let ratio = largest / smallest;
        println!(
            "{transport:16} {smallest:>8.0} {largest:>8.0}  {ratio:>16.4}  {}",
            reached(ratio <= 1.02)
        );
    }
    let (shortest, longest) = extremes(&seconds);
    println!(
        "a run took {shortest:.2} to {longest:.2} s; at most 3.5 s: {}",
        reached(longest <= 3.5)
    );
    Ok(())
}
