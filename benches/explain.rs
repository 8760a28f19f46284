//! Whether walks against themselves see differences, and how far walks agree.
//!
//!     cargo bench --bench explain -- same N     N comparisons of a transport with itself
//!     cargo bench --bench explain -- agree N    N walks of each transport of a default run
//!
//! How to read it: `same` counts the comparisons in which any call, part or the whole is called longer,
//! of all claims together at most one in twenty may. `agree` is, for each transport, the largest median
//! of the whole walk and of its echo divided by the smallest, and what a walk of a hundred takes.

mod support;

use anyhow::{Context, bail, ensure};
use serde_json::Value;
use std::time::Instant;
use support::{clean, default_transports, reached};

fn main() -> anyhow::Result<()> {
    let words = support::words();
    let count = |otherwise| support::number(&words, 1, otherwise);
    match words.first().map(String::as_str) {
        None => {
            same(10)?;
            agree(5)
        }
        Some("same") => same(count(100)?),
        Some("agree") => agree(count(10)?),
        Some(other) => bail!("'{other}' is neither same nor agree"),
    }
}

fn walked(args: &[&str]) -> anyhow::Result<Value> {
    let document = support::document(clean(support::SOCKEYE).arg("explain").args(args))?;
    ensure!(document["exit_code"] == 0, "{args:?} ended with {}", document["exit_code"]);
    Ok(document)
}

/// What a comparison calls longer.
fn claims(document: &Value) -> Vec<String> {
    let apart = &document["difference"];
    let named = |list: &str, name: &str| -> Vec<String> {
        let entries = apart[list].as_array().into_iter().flatten();
        let clear =
            entries.filter(|entry| entry["clear"] == true || entry["difference"]["clear"] == true);
        clear.map(|entry| entry[name].as_str().unwrap_or_default().to_owned()).collect()
    };
    let whole = (apart["total"]["clear"] == true).then(|| "all together".to_owned());
    named("calls", "moment").into_iter().chain(named("phases", "phase")).chain(whole).collect()
}

fn same(times: usize) -> anyhow::Result<()> {
    let mut false_ones = 0;
    let transports = default_transports();
    for (time, transport) in (0..times).zip(transports.iter().cycle()) {
        let claims = claims(&walked(&[transport, "--vs", transport])?);
        if !claims.is_empty() {
            println!(
                "{}: {transport} is told apart from itself in {}",
                time + 1,
                claims.join(", ")
            );
            false_ones += 1;
        }
    }
    let most = times.div_ceil(20);
    println!(
        "same: {false_ones} of {times} comparisons of a transport with itself claim a difference; \
         at most {most}: {}",
        reached(false_ones <= most)
    );
    Ok(())
}

fn agree(times: usize) -> anyhow::Result<()> {
    println!("{:<16} {:>10} {:>10} {:>12}", "TRANSPORT", "WHOLE", "ECHO", "TAKES ms");
    for transport in default_transports() {
        let (mut whole, mut echo, mut took) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..times {
            let began = Instant::now();
            let document = walked(&[transport])?;
            took.push(began.elapsed().as_secs_f64() * 1e3);
            let walk = &document["walks"][0];
            let median = |value: &Value| value["median"].as_f64().context("a median");
            whole.push(median(&walk["total_ns"])?);
            let phases = walk["phases"].as_array().context("phases")?;
            let part = phases.iter().find(|part| part["phase"] == "echo").context("an echo")?;
            echo.push(median(&part["took_ns"])?);
        }
        let spread = |values: &[f64]| {
            let most = values.iter().copied().fold(f64::MIN, f64::max);
            most / values.iter().copied().fold(f64::MAX, f64::min)
        };
        println!(
            "{transport:<16} {:>10.3} {:>10.3} {:>12.0}",
            spread(&whole),
            spread(&echo),
            support::median(&took)
        );
    }
    Ok(())
}
