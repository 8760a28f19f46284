//! What a message costs the server in CPU time.

use crate::CROWD;
use crate::crowd::Crowd;
use crate::server::{Bench, Maker, Server};
use crate::support::{extremes, median, reached};
use anyhow::Context;

pub(crate) const REPETITIONS: usize = 9;
const GOAL: f64 = 1.10;
const SIZE: usize = 64;

/// So many connections, and how many echoes are measured over them.
const CROWDS: [(usize, u64); 4] = [(1, 20_000), (100, 40_000), (1000, 40_000), (CROWD, 60_000)];

/// What one server was found to do.
#[derive(Default)]
struct Found {
    ns: Vec<f64>,
    sleeps: Vec<f64>,
}

pub(crate) fn run(bench: &Bench<'_>, repetitions: usize) -> anyhow::Result<()> {
    println!(
        "cpu: the server's CPU time a message of {SIZE} bytes, {}, {repetitions} repetitions",
        bench.seats.told()
    );
    println!(
        "{:12} {:>11} {:>10} {:>8}  {:>6} {:>6} {:>6}  {:>12}  SLEEPS a thousand",
        "TRANSPORT", "CONNECTIONS", "SOCKEYE ns", "BARE ns", "RATIO", "MIN", "MAX", "at most 1.10"
    );
    for transport in ["tcp4", "unix-stream"] {
        for (connections, echoes) in CROWDS {
            if connections > bench.most {
                println!("left out: {connections} connections: {} are allowed", bench.most);
                continue;
            }
            let [mut ours, mut bare] = [Found::default(), Found::default()];
            for repetition in 0..repetitions {
                for maker in Maker::in_turn(repetition) {
                    let found = if maker == Maker::Sockeye { &mut ours } else { &mut bare };
                    found.measure(bench, maker, transport, connections, echoes).with_context(
                        || format!("{} at {connections} {transport} connections", maker.name()),
                    )?;
                }
            }
            print(transport, connections, &ours, &bare);
        }
    }
    Ok(())
}

impl Found {
    fn measure(
        &mut self,
        bench: &Bench<'_>,
        maker: Maker,
        transport: &str,
        connections: usize,
        echoes: u64,
    ) -> anyhow::Result<()> {
        let server = Server::start(bench, maker, &[transport], 1)?;
        let mut crowd = Crowd::connect(&server.addresses[0], connections, SIZE)?;
        crowd.echo(echoes / 10, connections, |_| ())?;
        let (used, slept) = (server.cpu_ns()?, server.sleeps()?);
        crowd.echo(echoes, connections, |_| ())?;
        let (used, slept) = (server.cpu_ns()? - used, server.sleeps()? - slept);
        drop(crowd);
        server.stop()?;
        self.ns.push(each(used, echoes));
        self.sleeps.push(1000.0 * each(slept, echoes));
        Ok(())
    }
}

fn print(transport: &str, connections: usize, ours: &Found, bare: &Found) {
    let ratios: Vec<_> = ours.ns.iter().zip(&bare.ns).map(|(ours, bare)| ours / bare).collect();
    let (ratio, (smallest, largest)) = (median(&ratios), extremes(&ratios));
    println!(
        "{transport:12} {connections:>11} {:>10.0} {:>8.0}  {ratio:>6.3} {smallest:>6.3} {largest:>6.3}  {:>12}  {:.1}, bare {:.1}",
        median(&ours.ns),
        median(&bare.ns),
        reached(ratio <= GOAL),
        median(&ours.sleeps),
        median(&bare.sleeps)
    );
}

/// So much for each of so many.
#[expect(clippy::cast_precision_loss, reason = "neither comes near 2^53")]
pub(crate) fn each(total: u64, count: u64) -> f64 {
    total as f64 / count as f64
}
