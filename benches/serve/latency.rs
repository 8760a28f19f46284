//! What a round trip takes at a server that has very many connections.

use crate::CROWD;
use crate::crowd::Crowd;
use crate::server::{Bench, Maker, Server};
use crate::support::{extremes, median};
use anyhow::Context;

pub(crate) const REPETITIONS: usize = 5;
const SIZE: usize = 64;

/// On so many connections a message is under way, and so many round trips are timed.
const LOADS: [(usize, u64); 3] = [(1, 10_000), (100, 20_000), (CROWD, 40_000)];

/// The percentiles of every repetition, in microseconds.
#[derive(Default)]
struct Found {
    p50: Vec<f64>,
    p99: Vec<f64>,
}

pub(crate) fn run(bench: &Bench<'_>, repetitions: usize) -> anyhow::Result<()> {
    println!(
        "latency: the round trip of {SIZE} bytes at {CROWD} tcp4 connections, {}, {repetitions} repetitions",
        bench.seats.told()
    );
    if CROWD > bench.most {
        println!("left out: {} connections are allowed", bench.most);
        return Ok(());
    }
    let mut found: [[Found; 2]; LOADS.len()] = Default::default();
    for repetition in 0..repetitions {
        for maker in Maker::in_turn(repetition) {
            measure(bench, maker, &mut found).with_context(|| maker.name())?;
        }
    }
    println!(
        "{:>9} {:>4} {:>11} {:>9}  {:>6} {:>6} {:>6}",
        "UNDER WAY", "", "SOCKEYE us", "BARE us", "RATIO", "MIN", "MAX"
    );
    for ((under_way, _), [ours, bare]) in LOADS.iter().zip(&found) {
        print(*under_way, "p50", &ours.p50, &bare.p50);
        print(*under_way, "p99", &ours.p99, &bare.p99);
    }
    Ok(())
}

fn measure(bench: &Bench<'_>, maker: Maker, found: &mut [[Found; 2]]) -> anyhow::Result<()> {
    let server = Server::start(bench, maker, &["tcp4"], 1)?;
    let mut crowd = Crowd::connect(&server.addresses[0], CROWD, SIZE)?;
    for ((under_way, echoes), found) in LOADS.into_iter().zip(found) {
        crowd.echo(echoes / 10, under_way, |_| ())?;
        let mut times = Vec::with_capacity(usize::try_from(echoes)?);
        crowd.echo(echoes, under_way, |ns| times.push(ns))?;
        times.sort_unstable();
        let found = &mut found[usize::from(maker == Maker::Bare)];
        found.p50.push(at_percent(&times, 50));
        found.p99.push(at_percent(&times, 99));
    }
    drop(crowd);
    server.stop()?;
    Ok(())
}

/// The smallest time that so many percent do not exceed, in microseconds.
#[expect(clippy::cast_precision_loss, reason = "no round trip takes months")]
fn at_percent(sorted_ns: &[u64], percent: usize) -> f64 {
    let rank = (sorted_ns.len() * percent).div_ceil(100).max(1);
    sorted_ns.get(rank - 1).map_or(f64::NAN, |ns| *ns as f64 / 1e3)
}

fn print(under_way: usize, name: &str, ours: &[f64], bare: &[f64]) {
    let ratios: Vec<_> = ours.iter().zip(bare).map(|(ours, bare)| ours / bare).collect();
    let (smallest, largest) = extremes(&ratios);
    println!(
        "{under_way:>9} {name:>4} {:>11.1} {:>9.1}  {:>6.3} {smallest:>6.3} {largest:>6.3}",
        median(ours),
        median(bare),
        median(&ratios)
    );
}
