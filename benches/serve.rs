//! `sockeye serve` beside a bare epoll loop in C (`epoll.c`) that makes the same calls.
//!
//!     cargo bench --bench serve -- [cpu|latency|memory|datagrams|soak|all [NUMBER [same|split]]]
//!
//! Without words everything but the soak, in three minutes. NUMBER is how often each is repeated, for
//! the soak how many million echoes it makes; `same` puts both ends on one CPU, `split` on two. How to
//! read it:
//!
//! - `cpu`: the CPU time of the server for one message of 64 bytes, its own code and the kernel's, at
//!   so many connections with a message under way on each. RATIO is that of sockeye divided by that of
//!   the bare loop, in the median of the repetitions; MIN and MAX are the smallest and the largest.
//!   Within a repetition each has a fresh process and fresh connections, one right after the other,
//!   and who goes first changes. SLEEPS is how often the server went to sleep in a thousand messages:
//!   where the two differ much, they had different work to do.
//! - `latency`: the round trip at 10,000 connections, with a message under way on so many of them.
//!   With one it is what an exchange takes beside 9,999 others that are silent; with all it is mostly
//!   the time that a message waits for its turn.
//! - `memory`: what the server's memory grew by, divided by the connections that are open and silent.
//! - `datagrams`: UDP with many a call (`--batch 32`) beside one a call. BUSY is the server's share of
//!   its CPU: far below 100 %, the generator was what limited the rate, and CPU tells more.
//! - `soak`: all seven transports at once, messages of 16 to 4096 bytes, many under way, connections
//!   renewed all the time. Nothing may be lost or wrong, memory and descriptors have to stay.
//!
//! With `BARE_TWICE` in the environment the bare loop takes sockeye's place as well: what the ratios
//! of that run are away from 1 is what they are worth on this machine.
//!
//! The load comes from one thread of this process, which compares every byte of every reply. Both
//! ends share a CPU unless told otherwise: then nobody waits for another CPU to wake up, which is
//! what makes such numbers jump, and a message costs the kernel the same work every time. Only the
//! datagrams and the soak have one CPU each, if there are two, so that both can work at once.

mod support;

#[path = "serve/cpu.rs"]
mod cpu;
#[path = "serve/crowd.rs"]
mod crowd;
#[path = "serve/datagrams.rs"]
mod datagrams;
#[path = "serve/flow.rs"]
mod flow;
#[path = "serve/latency.rs"]
mod latency;
#[path = "serve/memory.rs"]
mod memory;
#[path = "serve/message.rs"]
mod message;
#[path = "serve/server.rs"]
mod server;
#[path = "serve/soak.rs"]
mod soak;

use anyhow::bail;
use server::{Bench, Seats};
use sockeye::os::{cpu as cpus, limits};
use support::{Bare, number, words};

/// The connections of the largest crowd.
const CROWD: usize = 10_000;
/// Descriptors that the generator needs besides its connections.
const OTHERS: usize = 100;

fn main() -> anyhow::Result<()> {
    let words = words();
    let what = words.first().map_or("", String::as_str);
    if !["", "cpu", "latency", "memory", "datagrams", "soak", "all"].contains(&what) {
        bail!("'{what}' is not cpu, latency, memory, datagrams, soak or all");
    }
    let (alone, together) = seats(words.get(2).map(String::as_str))?;
    let descriptors = limits::raise_descriptors().unwrap_or(0);
    let most = usize::try_from(descriptors).unwrap_or(usize::MAX).saturating_sub(OTHERS);
    let Some(bare) = Bare::compile_server()? else { return Ok(()) };
    let (alone, together) =
        (Bench { bare: &bare, seats: alone, most }, Bench { bare: &bare, seats: together, most });
    let is = |name: &str| [name, "all"].contains(&what) || what.is_empty() && name != "soak";
    let times = |without| number(&words, 1, without);
    let steps: [(&str, &dyn Fn() -> anyhow::Result<()>); 5] = [
        ("cpu", &|| cpu::run(&alone, times(cpu::REPETITIONS)?)),
        ("latency", &|| latency::run(&alone, times(latency::REPETITIONS)?)),
        ("memory", &|| memory::run(&alone)),
        ("datagrams", &|| datagrams::run(&together, times(datagrams::REPETITIONS)?)),
        ("soak", &|| soak::run(&together, times(soak::MILLIONS)?)),
    ];
    for (_, step) in steps.iter().filter(|(name, _)| is(name)) {
        step()?;
        println!();
    }
    Ok(())
}

/// Where both ends are when they take turns, and where when they are to work at once.
fn seats(word: Option<&str>) -> anyhow::Result<(Seats, Seats)> {
    let allowed = cpus::allowed()?;
    let (Some(&first), Some(&last)) = (allowed.first(), allowed.last()) else { bail!("no CPU") };
    let same = Seats { generator: last, server: last };
    let split = Seats { generator: last, server: first };
    Ok(match word {
        None => (same, split),
        Some("same") => (same, same),
        Some("split") => (split, split),
        Some(other) => bail!("'{other}' is neither same nor split"),
    })
}
