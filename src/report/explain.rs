//! What walks showed, ready to be told: each call in words, what it took, and what there is to learn
//! from it, as far as the kernel confirms it. Pure.

pub mod words;

use super::Problem;
use super::diagnosis::diagnose;
use crate::environment::Environment;
use crate::measure::plan::Seats;
use crate::os::{CallError, errno_name};
use crate::report::Status;
use crate::stats::{MedianEstimate, median_of_rounds};
use crate::transport::lesson::{Claim, Phase, To, lesson};
use crate::transport::{End, Transport};
use crate::walk::drive::Trouble;
use crate::walk::evidence::{View, holds};
use crate::walk::tally::{Row, Tally};
use crate::walk::{Step, Taken};
use std::time::{Duration, SystemTime};

/// What the walks were made with.
#[derive(Clone, Debug)]
pub struct About {
    /// The command line.
    pub argv: Vec<String>,
    /// When it began.
    pub started: SystemTime,
    /// How long it took.
    pub duration: Duration,
    /// What machine this is.
    pub environment: Environment,
    /// Whom the clients find.
    pub to: To,
    /// Bytes of the message.
    pub size: usize,
    /// How many walks were asked for.
    pub walks: usize,
    /// Where the ends run.
    pub seats: Seats,
    /// The signal that ended it early, and the exit code that it means.
    pub interrupted: Option<(&'static str, u8)>,
}

/// Everything that is told.
#[derive(Clone, Debug)]
pub struct Report {
    /// What it was made with.
    pub about: About,
    /// One for each transport, in the user's order.
    pub accounts: Vec<Account>,
    /// How the program ends.
    pub exit_code: u8,
}

/// One transport's walk.
#[derive(Clone, Debug)]
pub struct Account {
    /// Which.
    pub transport: &'static Transport,
    /// Its name here: `tcp4`, and `tcp4#2` when it is named twice.
    pub label: String,
    /// The calls in their order.
    pub lines: Vec<Line>,
    /// How many walks the times are of.
    pub walks: usize,
    /// What it took from the first call to the last, without what lies between them.
    pub total: Option<MedianEstimate>,
    /// The same of each part.
    pub phases: Vec<(Phase, MedianEstimate)>,
    /// What ended it early.
    pub stopped: Option<Stopped>,
}

/// One call.
#[derive(Clone, Debug)]
pub struct Line {
    /// What was called and what came of it.
    pub taken: Taken,
    /// How things stood behind it.
    pub view: View,
    /// How long it took, in nanoseconds.
    pub time: Option<MedianEstimate>,
    /// The shortest and the longest.
    pub range: Option<(u64, u64)>,
    /// Each walk's.
    pub times: Vec<u64>,
    /// What there is to learn from it.
    pub said: Option<Said>,
}

/// A sentence, and whether it is so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The sentence.
    pub text: String,
    /// How many of its claims the kernel confirmed.
    pub confirmed: usize,
    /// Those that the kernel has no words for, or that only an experiment can show.
    pub untold: usize,
    /// What is not so here.
    pub denied: Vec<Claim>,
}

/// Why a walk went no further.
#[derive(Clone, Debug)]
pub struct Stopped {
    /// In which call; None before the first.
    pub step: Option<Step>,
    /// The machine's way, or something broken.
    pub status: Status,
    /// What happened and what helps.
    pub problem: Problem,
}

impl Report {
    /// What these walks showed; `labels` are the transports' names here.
    #[must_use]
    pub fn new(about: About, tallies: Vec<Tally>, labels: &[String]) -> Self {
        let account = |(tally, label): (Tally, &String)| Account::new(tally, label.clone(), &about);
        let accounts: Vec<_> = tallies.into_iter().zip(labels).map(account).collect();
        let exit_code = exit_code(&about, &accounts);
        Self { about, accounts, exit_code }
    }
}

/// 2 beats 1 beats 3: here nothing is 2, as whatever could not begin never gets this far.
fn exit_code(about: &About, accounts: &[Account]) -> u8 {
    if let Some((_, code)) = about.interrupted {
        return code;
    }
    let stopped = |status: Status| {
        accounts.iter().any(|a| a.stopped.as_ref().is_some_and(|stopped| stopped.status == status))
    };
    let denied = |account: &Account| {
        account.lines.iter().any(|l| l.said.as_ref().is_some_and(|said| !said.denied.is_empty()))
    };
    match () {
        () if stopped(Status::Fail) || accounts.iter().any(denied) => 1,
        () if stopped(Status::Unavailable) => 3,
        () => 0,
    }
}

impl Account {
    fn new(tally: Tally, label: String, about: &About) -> Self {
        let transport = tally.plan.transport;
        let sum = |wanted: &dyn Fn(&Row) -> bool| {
            let rows: Vec<_> = tally.rows.iter().filter(|row| wanted(row)).collect();
            let walk = |at: usize| rows.iter().filter_map(|row| row.whole(at)).sum::<u64>();
            median_of_rounds(&(0..tally.walks).map(walk).collect::<Vec<_>>())
        };
        let mut phases = Vec::new();
        for phase in [Phase::SetUp, Phase::Connect, Phase::Echo, Phase::End] {
            let of_it = |row: &Row| row.taken.step.moment.phase() == phase;
            if tally.rows.iter().any(of_it) {
                phases.extend(sum(&of_it).map(|time| (phase, time)));
            }
        }
        let total = sum(&|_| true);
        let stopped = tally.trouble.as_ref().and_then(|t| stopped(transport, t, &tally, about));
        let values = words::Values::of(&tally.rows, about.size);
        let walks = tally.walks;
        let line = |row: Row| Line::new(row, transport, about, &values);
        let lines = tally.rows.into_iter().map(line).collect();
        Self { transport, label, lines, walks, total, phases, stopped }
    }
}

impl Line {
    fn new(row: Row, transport: &Transport, about: &About, values: &words::Values) -> Self {
        // What was refused, and was not to be, has not done what would be said of it.
        let is_done = row.taken.step.may_fail || row.taken.errno().is_none();
        let lesson = lesson(transport, about.to, row.taken.step.moment).filter(|_| is_done);
        let said = lesson.map(|lesson| {
            let judged = |claim: &Claim| holds(*claim, &row.taken, &row.view, about.size);
            let with =
                |wanted| lesson.claims.iter().filter(move |claim| judged(claim) == wanted).copied();
            Said {
                text: values.fill(lesson.says),
                confirmed: with(Some(true)).count(),
                untold: with(None).count(),
                denied: with(Some(false)).collect(),
            }
        });
        let range = row.times.iter().min().copied().zip(row.times.iter().max().copied());
        Self {
            time: median_of_rounds(&row.times),
            range,
            taken: row.taken,
            view: row.view,
            times: row.times,
            said,
        }
    }
}

/// What ended a walk, with what helps; a signal is told elsewhere.
fn stopped(
    transport: &Transport,
    trouble: &Trouble,
    tally: &Tally,
    about: &About,
) -> Option<Stopped> {
    let called = |step: &Step| words::place(transport, step, tally.rows.last());
    let broken = |step: &Step, what: String| {
        let hint = format!("strace -f -e trace=%network sockeye explain {}", transport.name);
        Stopped { step: Some(*step), status: Status::Fail, problem: Problem::of_echo(what, hint) }
    };
    Some(match trouble {
        Trouble::Interrupted(_) => return None,
        Trouble::Refused(step, errno) => {
            let error = CallError::new(step.call.name(), called(step), *errno);
            let (status, problem) = diagnose(transport, &error, &about.environment);
            Stopped { step: Some(*step), status, problem }
        }
        Trouble::Nameless(step, error) => {
            let (status, problem) = diagnose(transport, error, &about.environment);
            Stopped { step: Some(*step), status, problem }
        }
        Trouble::Wrong(step, count) => broken(
            step,
            format!(
                "the {}'s {} brought {count} B that are not what was sent",
                step.end.word(),
                step.call.name()
            ),
        ),
        Trouble::Hung(step, patience) => broken(
            step,
            format!(
                "the {}'s {}({}) did not come back within {}",
                step.end.word(),
                step.call.name(),
                called(step),
                super::words::time(u64::try_from(patience.as_nanos()).unwrap_or(u64::MAX))
            ),
        ),
        Trouble::Died(step, fate) => {
            broken(step, format!("the {} {fate} in {}", step.end.word(), step.call.name()))
        }
    })
}

/// The name of what a refused call was refused with.
#[must_use]
pub fn refusal(taken: &Taken) -> Option<String> {
    taken.errno().map(|errno| errno_name(crate::os::Errno::from_raw(errno)))
}

/// Which column of a table a line stands in.
#[must_use]
pub const fn is_server(line: &Line) -> bool {
    matches!(line.taken.step.end, End::Server)
}
