//! Whether `sockeye compare` can be believed, and what it costs.
//!
//!     cargo bench --bench compare -- files [FILES]
//!     cargo bench --bench compare -- same [PAIRS]
//!     cargo bench --bench compare -- slowed [PAIRS]
//!
//! Without words: 1,000 files, and two pairs of each of the others, which shows that they work and no
//! more: twenty pairs take two minutes each, and need a machine that does nothing else.
//!
//! - `files`: half of the files against the other half, all of them copies of a default run whose rounds
//!   were made longer or shorter by a few percent: seconds on the clock and the most memory it had.
//! - `same`: pairs of identical default runs. Whoever calls something slower is wrong; at most 1 of 20.
//! - `slowed`: pairs of runs of the default transports on one CPU. In the second one the peer of one
//!   transport, each of the seven in turn, computes before it answers, for as long as 15 % of the round
//!   trip takes, which is found out by trial. A comparison that exits with 1 and calls that transport
//!   slower, and no other, has found it; at least 19 of 20.

#[path = "support/slowed.rs"]
mod slowed;
mod support;

use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;
use support::{clean, number, reached, text};
use tempfile::TempDir;

const FILES: usize = 1000;
const PAIRS: usize = 2;
/// How many times as long the slowed transport takes.
const SLOWER: f64 = 1.15;

fn main() -> ExitCode {
    if let Some(code) = slowed::role() {
        return code;
    }
    match experiments() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn experiments() -> anyhow::Result<()> {
    let words = support::words();
    let folder = tempfile::Builder::new().prefix("sockeye-bench-").tempdir()?;
    match words.first().map(String::as_str) {
        Some("files") => files(&folder, number(&words, 1, FILES)?),
        Some("same") => same(&folder, number(&words, 1, PAIRS)?),
        Some("slowed") => slower(&folder, number(&words, 1, PAIRS)?),
        Some(other) => bail!("'{other}' is none of: files, same, slowed"),
        None => {
            files(&folder, FILES)?;
            same(&folder, PAIRS)?;
            slower(&folder, PAIRS)
        }
    }
}

/// Reading and comparing very many files.
fn files(folder: &TempDir, count: usize) -> anyhow::Result<()> {
    let model = folder.path().join("model.json");
    run_into(&model, &mut clean(support::SOCKEYE))?;
    let model: Value = serde_json::from_str(&std::fs::read_to_string(&model)?)?;
    for file in 0..count {
        let side = folder.path().join(if file % 2 == 0 { "old" } else { "new" });
        std::fs::create_dir_all(&side)?;
        std::fs::write(side.join(format!("{file:04}.json")), varied(&model, file).to_string())?;
    }
    let mut command = clean(support::SOCKEYE);
    command.arg("compare").args([folder.path().join("old"), folder.path().join("new")]);
    let began = Instant::now();
    let status = command.stdout(Stdio::null()).status().context("cannot start sockeye")?;
    let seconds = began.elapsed().as_secs_f64();
    ensure!(status.success(), "the comparison ended with {status}");
    // The comparison is the child that had the most of them all: a run has less.
    let usage = nix::sys::resource::getrusage(nix::sys::resource::UsageWho::RUSAGE_CHILDREN)?;
    let megabytes = usage.max_rss() / 1024;
    println!(
        "{count} files: {seconds:.2} s, at most 2 s: {};  {megabytes} MB, at most 100 MB: {}",
        reached(seconds <= 2.0),
        reached(megabytes <= 100)
    );
    Ok(())
}

/// A copy in which every round is longer or shorter by up to 5 %.
fn varied(model: &Value, file: usize) -> Value {
    let mut copy = model.clone();
    let results = copy["results"].as_array_mut().map_or(&mut [][..], Vec::as_mut_slice);
    for (case, result) in results.iter_mut().enumerate() {
        let rounds = result["rounds"].as_array_mut().map_or(&mut [][..], Vec::as_mut_slice);
        for (at, round) in rounds.iter_mut().enumerate() {
            let step = (file * 7919 + case * 104_729 + at * 1_299_709) % 1001;
            let p50 = round["p50_ns"].as_u64().unwrap_or(1);
            round["p50_ns"] = json!(p50 * (9500 + step as u64) / 10_000);
        }
    }
    copy
}

fn same(folder: &TempDir, pairs: usize) -> anyhow::Result<()> {
    let mut wrong = 0;
    for pair in 0..pairs {
        let files = ["a", "b"].map(|side| folder.path().join(format!("{side}{pair}.json")));
        for file in &files {
            run_into(file, &mut clean(support::SOCKEYE))?;
        }
        let (code, document) = compared(&files)?;
        println!("  {code}  {}", first_line(&document));
        wrong += usize::from(code != 0);
    }
    let most = pairs.div_ceil(20);
    println!(
        "{wrong} of {pairs} identical pairs called slower, at most {most}: {}",
        reached(wrong <= most)
    );
    Ok(())
}

fn slower(folder: &TempDir, pairs: usize) -> anyhow::Result<()> {
    let names = support::default_transports();
    let mut steps: Vec<Option<u64>> = vec![None; names.len()];
    let mut found = 0;
    for pair in 0..pairs {
        let which = pair % names.len();
        let name = names[which];
        let known = match steps[which] {
            Some(steps) => steps,
            None => *steps[which].insert({
                let company: Vec<_> = names.iter().copied().filter(|n| *n != name).collect();
                slowed::steps_for(name, &company, SLOWER - 1.0)?
            }),
        };
        let files = ["c", "d"].map(|side| folder.path().join(format!("{side}{pair}.json")));
        for (file, steps) in files.iter().zip([0, known]) {
            run_into(file, slowed::sockeye(name, steps)?.args(["default", "--place", "same"]))?;
        }
        let (code, document) = compared(&files)?;
        println!("  {code}  {name}: {}", first_line(&document));
        let rows = document["rows"].as_array().map_or(&[][..], Vec::as_slice);
        let is_its = |row: &&Value| text(row, "id").split('/').next() == Some(name);
        let slower = |row: &&Value| row["verdict"] == "slower";
        let only_it = rows.iter().filter(slower).all(|row| is_its(&row));
        found += usize::from(code == 1 && only_it);
    }
    let least = pairs - pairs.div_ceil(20);
    println!(
        "{found} of {pairs} slowed runs found by name, at least {least}: {}",
        reached(found >= least)
    );
    Ok(())
}

/// A default run, kept in that file.
fn run_into(file: &Path, command: &mut Command) -> anyhow::Result<()> {
    let status = command.args(["-qq", "--no-warn", "all", "-o"]).arg(file).status()?;
    // 3: a transport is not there on this machine; the others are.
    ensure!(matches!(status.code(), Some(0 | 3)), "a run ended with {status}");
    Ok(())
}

/// How `compare` exits, and its document.
fn compared(files: &[PathBuf; 2]) -> anyhow::Result<(i32, Value)> {
    let output = clean(support::SOCKEYE).args(["compare", "--json"]).args(files).output()?;
    let document = serde_json::from_slice(&output.stdout).context("compare printed no JSON")?;
    Ok((output.status.code().context("a signal ended compare")?, document))
}

fn first_line(document: &Value) -> &str {
    text(&document["answer"], "text").lines().next().unwrap_or_default()
}
