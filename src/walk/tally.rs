//! Many walks over one transport, or over two in turn, and what each call took in them.

use super::Taken;
use super::drive::{Plan, Trouble, Walk, Walkers};
use super::evidence::View;
use crate::os::CallError;
use crate::os::scratch::Scratch;
use crate::os::signals::{Interrupt, Interrupts};

/// A call as it was seen in one walk, and as long as it took in the others.
#[derive(Clone, Debug)]
pub struct Row {
    /// What was called and what came of it.
    pub taken: Taken,
    /// How things stood behind it.
    pub view: View,
    /// How long it took, in nanoseconds, walk by walk.
    pub times: Vec<u64>,
}

impl Row {
    /// All that it took in a walk: of a call that is made several times, all of them.
    #[must_use]
    pub fn whole(&self, walk: usize) -> Option<u64> {
        self.times.get(walk).map(|time| time * u64::from(self.taken.done.times.max(1)))
    }
}

/// What is known of the walks over a transport.
#[derive(Clone, Debug)]
pub struct Tally {
    /// What was to be walked.
    pub plan: Plan,
    /// The calls, in the order in which they happened.
    pub rows: Vec<Row>,
    /// How many walks the times are of.
    pub walks: usize,
    /// What ended it early.
    pub trouble: Option<Trouble>,
}

/// All of them, and the signal that came.
#[derive(Debug)]
pub struct Tallies {
    /// One for each plan.
    pub of: Vec<Tally>,
    /// What ended it early.
    pub interrupt: Option<Interrupt>,
}

/// Walks each plan once to look, and then `walks` times by turns to take the times, so that what
/// disturbs the machine disturbs all of them alike.
///
/// # Errors
/// When the ends cannot be started.
pub fn walk(
    plans: &[Plan],
    walks: usize,
    scratch: &mut Scratch,
    interrupts: &Interrupts,
) -> Result<Tallies, CallError> {
    let mut tallies = Tallies { of: Vec::new(), interrupt: None };
    let mut walkers = Vec::new();
    for plan in plans {
        let mut pair = Walkers::start(plan, interrupts)?;
        tallies.of.push(Tally::looked_at(plan, pair.walk(scratch, true)));
        walkers.push(pair);
    }
    'walks: for _ in 0..walks {
        for (tally, pair) in tallies.of.iter_mut().zip(&mut walkers) {
            if tally.trouble.is_some() {
                continue;
            }
            tally.add(pair.walk(scratch, false));
            if let Some(Trouble::Interrupted(_)) = tally.trouble {
                break 'walks;
            }
        }
    }
    tallies.interrupt = tallies.of.iter().find_map(|tally| match tally.trouble {
        Some(Trouble::Interrupted(interrupt)) => Some(interrupt),
        _ => None,
    });
    Ok(tallies)
}

impl Tally {
    fn looked_at(plan: &Plan, walk: Walk) -> Self {
        let row = |(taken, view)| Row { taken, view, times: Vec::new() };
        let rows = walk.taken.into_iter().zip(walk.views).map(row).collect();
        Self { plan: plan.clone(), rows, walks: 0, trouble: walk.trouble }
    }

    /// Takes in the times of a walk, if it went the whole way.
    fn add(&mut self, walk: Walk) {
        self.trouble = walk.trouble;
        if self.trouble.is_none() {
            for (row, taken) in self.rows.iter_mut().zip(&walk.taken) {
                row.times.push(taken.took());
            }
            self.walks += 1;
        }
    }
}
