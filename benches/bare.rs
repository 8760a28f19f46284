//! The round trip that sockeye reports, beside a bare C loop that makes the same four calls.
//!
//!     cargo bench --bench bare -- [REPETITIONS [TRANSPORT]...]
//!
//! How to read it: RATIO is what sockeye reports, divided by what the bare loop (`bare.c`) finds, in
//! the median of the repetitions; MIN and MAX are the smallest and the largest of them. 1.00 means
//! that sockeye adds nothing to what it measures. Both are measured alike: so many visits, each with
//! fresh processes and a fresh connection, the same warm-up, the same number of exchanges, the median
//! of each visit, the median of these. Within a repetition every case is measured by both, one right
//! after the other, and who goes first changes from one to the next. MIN and MAX beyond a few percent
//! mean that something else ran on the machine: nothing else should.
//!
//! TIMED is the bare loop with a receive time-out (`SO_RCVTIMEO`) on the client's socket, divided by
//! the bare loop without: why sockeye has none there. It is measured at place `same` only.

mod support;

use anyhow::{Context, ensure};
use std::process::{Command, Stdio};
use support::{
    Bare, clean, default_transports, document, extremes, median, reached, results, text,
};

const REPETITIONS: usize = 10;
const GOAL: f64 = 1.01;

/// How much of a case is measured each time.
struct Amount {
    visits: usize,
    warmup: usize,
    count: usize,
}

/// Some fifty microseconds an exchange need fewer of them than five do.
const ONE_CPU: Amount = Amount { visits: 40, warmup: 100, count: 500 };
const TWO_CPUS: Amount = Amount { visits: 30, warmup: 20, count: 150 };

/// A transport at a place, and what was found.
struct Case {
    transport: String,
    place: String,
    cpus: (u64, u64),
    sockeye_ns: Vec<f64>,
    bare_ns: Vec<f64>,
    timed_ns: Vec<f64>,
}

fn main() -> anyhow::Result<()> {
    let words = support::words();
    let repetitions = support::number(&words, 0, REPETITIONS)?;
    let chosen: Vec<_> = words.iter().skip(1).map(String::as_str).collect();
    let transports = if chosen.is_empty() { default_transports() } else { chosen };
    let Some(bare) = Bare::compile()? else { return Ok(()) };
    let mut cases = cases(&transports)?;
    for repetition in 0..repetitions {
        let mut number = 0;
        cases.retain_mut(|case| {
            number += 1;
            let outcome = case.compare(&bare, (repetition + number) % 2 == 0);
            if let Err(error) = &outcome {
                println!("left out: {} {}: {error:#}", case.transport, case.place);
            }
            outcome.is_ok()
        });
    }
    print(&cases, repetitions);
    Ok(())
}

/// Every transport at every place that this machine has, and the CPUs that this means.
fn cases(transports: &[&str]) -> anyhow::Result<Vec<Case>> {
    let brief = ["--place", "same,split", "--sort", "given", "-c", "40", "-r", "2"];
    let document = document(clean(support::SOCKEYE).args(transports).args(brief))?;
    let mut cases = Vec::new();
    for result in results(&document) {
        let (transport, place) = (text(result, "transport"), text(result, "place"));
        if text(result, "status") != "pass" {
            println!("left out: {transport} {place}: {}", text(&result["error"], "message"));
            continue;
        }
        let cpu = |end: usize| result["cpus"][end].as_u64().context("the ends are not pinned");
        cases.push(Case {
            transport: transport.to_owned(),
            place: place.to_owned(),
            cpus: (cpu(0)?, cpu(1)?),
            sockeye_ns: Vec::new(),
            bare_ns: Vec::new(),
            timed_ns: Vec::new(),
        });
    }
    if cases.iter().all(|case| case.place == "same") {
        println!("left out: place split: there is only one CPU");
    }
    Ok(cases)
}

impl Case {
    fn amount(&self) -> &'static Amount {
        if self.place == "same" { &ONE_CPU } else { &TWO_CPUS }
    }

    fn compare(&mut self, bare: &Bare, bare_is_first: bool) -> anyhow::Result<()> {
        let (sockeye_ns, bare_ns) = if bare_is_first {
            let bare_ns = self.bare(bare, false)?;
            (self.sockeye()?, bare_ns)
        } else {
            (self.sockeye()?, self.bare(bare, false)?)
        };
        if self.place == "same" {
            self.timed_ns.push(self.bare(bare, true)?);
        }
        self.sockeye_ns.push(sockeye_ns);
        self.bare_ns.push(bare_ns);
        Ok(())
    }

    fn sockeye(&self) -> anyhow::Result<f64> {
        let Amount { visits, warmup, count } = self.amount();
        let document = document(
            clean(support::SOCKEYE)
                .args([&self.transport, "--place", &self.place])
                .args(["-r", &visits.to_string()])
                .args(["-w", &warmup.to_string()])
                .args(["-c", &(visits * count).to_string()])
                .stderr(Stdio::null()),
        )?;
        let rounds = document["results"][0]["rounds"].as_array().context("there are no rounds")?;
        let medians: Vec<_> = rounds.iter().filter_map(|round| round["p50_ns"].as_f64()).collect();
        ensure!(medians.len() == *visits, "{} of {visits} rounds are there", medians.len());
        Ok(median(&medians))
    }

    fn bare(&self, bare: &Bare, with_timeout: bool) -> anyhow::Result<f64> {
        let Amount { visits, warmup, count } = self.amount();
        let numbers = [*visits, *warmup, *count].map(|number| number.to_string());
        let cpus = [self.cpus.0, self.cpus.1].map(|cpu| cpu.to_string());
        let mut command = Command::new(bare.program());
        command.arg(bare.folder()).arg(&self.transport).args(numbers).args(cpus);
        if with_timeout {
            command.env("BARE_TIMEOUT", "1");
        }
        let printed = support::printed(&mut command)?;
        let medians: Vec<f64> = printed.lines().filter_map(|line| line.parse().ok()).collect();
        ensure!(medians.len() == *visits, "the bare loop made {} of {visits}", medians.len());
        Ok(median(&medians))
    }
}

fn print(cases: &[Case], repetitions: usize) {
    println!("reported round trip / bare C loop, {repetitions} interleaved repetitions");
    println!(
        "{:16} {:5} {:>10} {:>10}  {:>6} {:>6} {:>6}  {:>11}  {:>6}",
        "TRANSPORT",
        "PLACE",
        "SOCKEYE ns",
        "BARE ns",
        "RATIO",
        "MIN",
        "MAX",
        "at most 1.01",
        "TIMED"
    );
    for case in cases {
        let ratios: Vec<_> =
            case.sockeye_ns.iter().zip(&case.bare_ns).map(|(ours, bare)| ours / bare).collect();
        let (ratio, (smallest, largest)) = (median(&ratios), extremes(&ratios));
        let timed: Vec<_> =
            case.timed_ns.iter().zip(&case.bare_ns).map(|(timed, bare)| timed / bare).collect();
        let timed =
            if timed.is_empty() { "-".to_owned() } else { format!("{:.3}", median(&timed)) };
        println!(
            "{:16} {:5} {:>10.0} {:>10.0}  {ratio:>6.3} {smallest:>6.3} {largest:>6.3}  {:>11}  {timed:>6}",
            case.transport,
            case.place,
            median(&case.sockeye_ns),
            median(&case.bare_ns),
            reached(ratio <= GOAL)
        );
    }
}
