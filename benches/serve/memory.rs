//! What a connection that is open and silent costs the server in memory.

use crate::CROWD;
use crate::cpu::each;
use crate::crowd::Crowd;
use crate::server::{Bench, Maker, Server};
use crate::support::reached;
use anyhow::Context;

const GOAL_BYTES: f64 = 4096.0;
/// Each has echoed a message of the first size, and then one of the second.
const SIZES: [usize; 2] = [64, 32 * 1024];
/// On so many at once: a large message waits in the kernel until it is its turn.
const UNDER_WAY: usize = 50;

pub(crate) fn run(bench: &Bench<'_>) -> anyhow::Result<()> {
    println!("memory: what the server's own pages grew by for each of {CROWD} silent connections");
    if CROWD > bench.most {
        println!("left out: {} connections are allowed", bench.most);
        return Ok(());
    }
    println!(
        "{:12} {:8} {:>14} {:>17}  at most {GOAL_BYTES:.0} bytes",
        "TRANSPORT", "SERVER", "after 64 B", "after 32 KiB each"
    );
    for transport in ["tcp4", "unix-stream"] {
        for maker in [Maker::Sockeye, Maker::Bare] {
            let [small, large] = measure(bench, maker, transport).with_context(|| maker.name())?;
            println!(
                "{transport:12} {:8} {small:>12.1} B {large:>15.1} B  {}",
                maker.name(),
                reached(small <= GOAL_BYTES && large <= GOAL_BYTES)
            );
        }
    }
    Ok(())
}

fn measure(bench: &Bench<'_>, maker: Maker, transport: &str) -> anyhow::Result<[f64; 2]> {
    let server = Server::start(bench, maker, &[transport], 1)?;
    let before = server.private_bytes()?;
    let mut crowd = Crowd::connect(&server.addresses[0], CROWD, SIZES[0])?;
    let mut grown = [0.0; 2];
    for (grown, size) in grown.iter_mut().zip(SIZES) {
        crowd.resize(size);
        crowd.echo(CROWD as u64, UNDER_WAY, |_| ())?;
        *grown = each(server.private_bytes()?.saturating_sub(before), CROWD as u64);
    }
    drop(crowd);
    server.stop()?;
    Ok(grown)
}
