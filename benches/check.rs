//! What `sockeye check` costs: the time that a user waits, and the CPU's.
//!
//!     cargo bench --bench check -- [TIMES]
//!
//! How to read it: each line is a selection, tried several times in turn with the others; WALL and CPU
//! are medians over them, CPU is user and system time of the whole program. A machine on which
//! something deviates takes longer: what deviates is looked at twice.

mod support;

use anyhow::{Context, ensure};
use std::process::Stdio;
use std::time::Instant;
use support::{clean, median, reached};

const TIMES: usize = 9;
/// What is selected, and the goals for wall and CPU seconds.
const SELECTIONS: &[(&str, &[&str], f64, f64)] = &[
    ("ranks 1 to 30, the seven", &["check", "-k", FIRST], 2.0, 1.0),
    ("everything, the seven", &["check"], 4.0, 1.0),
    ("everything, all transports", &["check", "all"], 4.0, 1.0),
];

/// The checks of the first thirty groups.
const FIRST: &str = "ranks 1 to 30";

fn main() -> anyhow::Result<()> {
    let times = support::number(&support::words(), 0, TIMES)?;
    let first: Vec<_> = sockeye::behaviour::all()
        .filter(|(group, _)| group.rank <= 30)
        .map(|(_, check)| check.name)
        .collect();
    let first = first.join(",");
    let mut taken = vec![(Vec::new(), Vec::new()); SELECTIONS.len()];
    for _ in 0..times {
        for ((_, words, ..), (walls, cpus)) in SELECTIONS.iter().zip(&mut taken) {
            let words: Vec<_> = words
                .iter()
                .map(|word| if *word == FIRST { first.as_str() } else { word })
                .collect();
            let (wall, cpu) = took(&words)?;
            walls.push(wall);
            cpus.push(cpu);
        }
    }
    for ((name, _, most_wall, most_cpu), (walls, cpus)) in SELECTIONS.iter().zip(&taken) {
        let (wall, cpu) = (median(walls), median(cpus));
        println!(
            "{name:28} wall {wall:.2} s, at most {most_wall:.0} s: {};  CPU {cpu:.2} s, at most {most_cpu:.0} s: {}",
            reached(wall <= *most_wall),
            reached(cpu <= *most_cpu)
        );
    }
    Ok(())
}

/// Seconds on the clock and on the CPUs.
fn took(words: &[&str]) -> anyhow::Result<(f64, f64)> {
    let mut command = clean(support::SOCKEYE);
    command.args(words).stdout(Stdio::null()).stderr(Stdio::null());
    let before = children_cpu()?;
    let began = Instant::now();
    let status = command.status().context("cannot start sockeye")?;
    let wall = began.elapsed().as_secs_f64();
    // Something may deviate here: that is an answer too.
    ensure!(matches!(status.code(), Some(0 | 1)), "sockeye {words:?} ended with {status}");
    Ok((wall, children_cpu()? - before))
}

/// What the children that have ended used of the CPUs so far, in seconds.
fn children_cpu() -> anyhow::Result<f64> {
    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::time::TimeValLike;
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Ok(std::time::Duration::from_micros(u64::try_from(micros)?).as_secs_f64())
}
