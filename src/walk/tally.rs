//! Many walks over one transport, or over two in turn, and what each call took in them.

use super::Taken;
use super::drive::{Plan, Trouble, Walk, Walkers};
use super::evidence::View;
use crate::os::CallError;
use crate::os::cpu::Seat;
use crate::os::scratch::Scratch;
use crate::os::signals::{Interrupt, Interrupts};

/// A call as it was seen in one walk, and as long as it took in the others.
#[derive(Clone, Debug)]
pub struct Row {
    /// What was called and what came of it.
    pub taken: Taken,
    /// How things stood behind it.
    pub view: View,
    /// How long one such call took, in nanoseconds, walk by walk.
    pub times: Vec<u64>,
    /// The same of all of them together, where a walk makes it several times.
    pub wholes: Vec<u64>,
}

/// What is known of the walks over a transport.
#[derive(Clone, Debug)]
pub struct Tally {
    /// What was to be walked.
    pub plan: Plan,
    /// The calls, in the order in which they happened.
    pub rows: Vec<Row>,
    /// How many walks the times are of, round by round; 0 where all of a round came out otherwise.
    /// Each round has fresh processes.
    pub rounds: Vec<usize>,
    /// How many walks came out otherwise than the one that was looked at: their times are not among
    /// the others'.
    pub otherwise: usize,
    /// How many walks heard somebody else, and are not among them either.
    pub strangers: usize,
    /// Did it get beyond the walk that was looked at?
    pub began: bool,
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

/// How often both ends are born again: no pair of processes is to make the times of them all, as
/// where its memory lies stays with it for life.
const ROUNDS: usize = 20;

/// How many walks in a row may hear somebody else: beyond that there is no quiet moment to be had.
const STRANGERS: usize = 300;

/// Walks each plan once to look at it, and then `walks` times to take the times, round by round by
/// turns, so that what disturbs the machine disturbs all of them alike.
///
/// # Errors
/// When the ends cannot be started.
pub fn walk(
    plans: &[Plan],
    walks: usize,
    scratch: &mut Scratch,
    interrupts: &Interrupts,
) -> Result<Tallies, CallError> {
    // Whoever tells the ends whose turn it is sits at the client's side. From another CPU it would let
    // theirs fall asleep between any two calls, and each would find it cold: twice as long, or not.
    let cpu = plans.first().and_then(|plan| plan.cpus).map(|(client, _)| client);
    let _seat = cpu.map(Seat::take).transpose()?;
    let mut tallies = Tallies { of: Vec::new(), interrupt: None };
    for plan in plans {
        let (walk, strangers) = look(plan, scratch, interrupts)?;
        let tally = Tally::looked_at(plan, walk, strangers);
        tallies.interrupt = tally.interrupt();
        tallies.of.push(tally);
        if tallies.interrupt.is_some() {
            return Ok(tallies);
        }
    }
    for round in 0..ROUNDS.min(walks) {
        // As many in each, and one more in the first of them if that does not come out even.
        let share = walks / ROUNDS.min(walks) + usize::from(round < walks % ROUNDS.min(walks));
        for at in 0..tallies.of.len() {
            // Whoever goes first finds the machine as the other left it: so they take turns.
            let at = (at + round) % tallies.of.len();
            let tally = &mut tallies.of[at];
            if tally.trouble.is_none() {
                tally.round(share, scratch, interrupts);
            }
            tallies.interrupt = tally.interrupt();
            if tallies.interrupt.is_some() {
                return Ok(tallies);
            }
        }
    }
    Ok(tallies)
}

/// A walk that is looked at, and how many before it heard somebody else.
fn look(
    plan: &Plan,
    scratch: &mut Scratch,
    interrupts: &Interrupts,
) -> Result<(Walk, usize), CallError> {
    let mut walkers = match Walkers::start(plan, interrupts)? {
        Ok(walkers) => walkers,
        Err(interrupt) => return Ok((Walk::ended_by(interrupt), 0)),
    };
    Ok(undisturbed(&mut walkers, scratch, true))
}

/// The next walk that hears nobody else, and how many before it did.
fn undisturbed(walkers: &mut Walkers<'_>, scratch: &mut Scratch, looking: bool) -> (Walk, usize) {
    let mut strangers = 0;
    loop {
        let walk = walkers.walk(scratch, looking);
        if strangers == STRANGERS || !walk.heard_a_stranger() {
            return (walk, strangers);
        }
        strangers += 1;
    }
}

impl Tally {
    fn looked_at(plan: &Plan, walk: Walk, strangers: usize) -> Self {
        let row = |(taken, view)| Row { taken, view, times: Vec::new(), wholes: Vec::new() };
        let rows = walk.taken.into_iter().zip(walk.views).map(row).collect();
        let (plan, rounds) = (plan.clone(), Vec::new());
        Self { plan, rows, rounds, otherwise: 0, strangers, began: false, trouble: walk.trouble }
    }

    /// The signal that ended it.
    const fn interrupt(&self) -> Option<Interrupt> {
        match self.trouble {
            Some(Trouble::Interrupted(interrupt)) => Some(interrupt),
            _ => None,
        }
    }

    /// So many walks of two fresh processes. Their first is not counted: it touches the pages that
    /// the others find.
    fn round(&mut self, walks: usize, scratch: &mut Scratch, interrupts: &Interrupts) {
        self.began = true;
        let started = match Walkers::start(&self.plan, interrupts) {
            Ok(Ok(walkers)) => Ok(walkers),
            Ok(Err(interrupt)) => Err(Trouble::Interrupted(interrupt)),
            // What was walked before is told all the same.
            Err(error) => Err(Trouble::Unstarted(error)),
        };
        let mut walkers = match started {
            Ok(walkers) => walkers,
            Err(trouble) => {
                self.trouble = Some(trouble);
                return;
            }
        };
        let first = walkers.walk(scratch, false);
        self.trouble = first.trouble.filter(|trouble| !matches!(trouble, Trouble::Strange(_)));
        let mut walked = 0;
        for _ in 0..walks {
            if self.trouble.is_some() {
                break;
            }
            let (walk, strangers) = undisturbed(&mut walkers, scratch, false);
            self.strangers += strangers;
            walked += usize::from(self.take(walk));
        }
        self.rounds.push(walked);
    }

    /// Takes in the times of a walk that went the whole way, and the same way as the one that was
    /// looked at. Was it one?
    fn take(&mut self, walk: Walk) -> bool {
        let alike = self.rows.iter().zip(&walk.taken).all(|(row, taken)| row.taken.is_like(taken));
        self.trouble = walk.trouble;
        let counts = alike && self.trouble.is_none();
        if counts {
            for (row, taken) in self.rows.iter_mut().zip(&walk.taken) {
                row.times.push(taken.took());
                row.wholes.push(taken.whole());
            }
        }
        self.otherwise += usize::from(!alike && self.trouble.is_none());
        counts
    }

    /// How many walks the times are of.
    #[must_use]
    pub fn walks(&self) -> usize {
        self.rounds.iter().sum()
    }
}
