//! Every check over every transport that this kernel has: what was seen is what is documented.

use sockeye::behaviour::column::Column;
use sockeye::behaviour::expectation::{Match, compare};
use sockeye::behaviour::run::{Outcome, Task, run};
use sockeye::environment::Environment;
use sockeye::os::{cpu, machine};
use sockeye::transport::ALL;

#[test]
fn what_is_seen_is_what_is_documented() {
    let here = Environment::read(sockeye::environment::Machine {
        cpus: cpu::allowed().expect("a CPU"),
        ..machine()
    });
    // CHECK=name shows one check only.
    let only = std::env::var("CHECK").ok();
    let tasks: Vec<_> = sockeye::behaviour::all()
        .filter(|(_, check)| {
            only.as_deref().is_none_or(|only| only.split(',').any(|name| name == check.name))
        })
        .flat_map(|(group, check)| {
            let columns = ALL.iter().filter(|t| {
                !t.name.contains("sctp") && !t.name.contains("vsock") && !t.name.ends_with("46")
            });
            columns.flat_map(Column::of).map(move |column| Task { group, check, column })
        })
        .collect();
    let began = std::time::Instant::now();
    let cells = run(tasks, &here, &std::env::temp_dir(), || false);
    println!("{} cells in {:?}", cells.len(), began.elapsed());
    let mut wrong = 0;
    for cell in &cells {
        let Task { check, column, .. } = cell.task;
        let expected = check.expected(&column, &here);
        let line = match &cell.outcome {
            Outcome::DoesNotApply => continue,
            Outcome::Seen(fact, _) => {
                let fits = expected.as_ref().is_none_or(|p| compare(p, fact) != Match::No);
                wrong += usize::from(!fits);
                let mark = if fits { ' ' } else { '!' };
                let short = check.rule(&column).map(|r| r.short(fact)).unwrap_or_default();
                format!(
                    "{mark} {:14} {:18} {fact:40} [{short}] expected {expected:?} first {:?}",
                    check.name,
                    column.to_string(),
                    cell.first
                )
            }
            other => format!("? {:14} {:18} {other:?}", check.name, column.to_string()),
        };
        println!("{line}");
        if line.starts_with('!') || std::env::var_os("CALLS").is_some() {
            for call in &cell.calls {
                println!("        {call}");
            }
        }
    }
    assert_eq!(wrong, 0);
}
