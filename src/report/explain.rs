//! What walks showed, ready to be told: each call in words, what it took, and what there is to learn
//! from it, as far as the kernel confirms it. Pure.

pub mod answer;
pub mod stopped;
pub mod symptom;
pub mod versus;
pub mod words;

use crate::environment::Environment;
use crate::measure::plan::Seats;
use crate::os::errno_name;
use crate::report::Status;
use crate::stats::{FEWEST_BEYOND, beyond, median, percentile};
use crate::transport::lesson::{Claim, Lesson, Phase, To, lesson};
use crate::transport::{End, Transport};
use crate::walk::Taken;
use crate::walk::evidence::{View, holds};
use crate::walk::tally::{Row, Tally};
use serde::Serialize;
use std::time::{Duration, SystemTime};

pub use stopped::Stopped;

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
    /// How many walks the times are of, round by round; 0 where none of a round is among them.
    pub rounds: Vec<usize>,
    /// How many walks came out otherwise, and are not among them.
    pub otherwise: usize,
    /// How many heard somebody else, and are not among them.
    pub strangers: usize,
    /// What it took from the first call to the last, without what lies between them.
    pub total: Option<Time>,
    /// The same of each part.
    pub phases: Vec<(Phase, Time)>,
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
    /// How long it took.
    pub time: Option<Time>,
    /// What there is to learn from it.
    pub said: Option<Said>,
}

/// How long something took, in nanoseconds, over all walks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Time {
    /// The median.
    pub median: u64,
    /// The shortest.
    pub min: u64,
    /// A tenth took longer; None where that tenth is too few walks to say so.
    pub p90: Option<u64>,
    /// The longest.
    pub max: u64,
    /// The median of each round that has walks.
    pub rounds: Vec<u64>,
}

impl Time {
    /// Of all walks, in their order; None if there was none.
    fn of(walks: &[u64], rounds: &[usize]) -> Option<Self> {
        let mut sorted = walks.to_vec();
        sorted.sort_unstable();
        let mut left = walks;
        let mut medians = Vec::new();
        for count in rounds.iter().filter(|count| **count > 0) {
            let (round, rest) = left.split_at_checked(*count)?;
            let mut round = round.to_vec();
            round.sort_unstable();
            medians.push(median(&round));
            left = rest;
        }
        let (min, max) = (*sorted.first()?, *sorted.last()?);
        let (median, known) = (median(&sorted), beyond(sorted.len() as u64, 0.9) >= FEWEST_BEYOND);
        let p90 = known.then(|| percentile(&sorted, 0.9));
        Some(Self { median, min, p90, max, rounds: medians })
    }
}

/// A sentence, and whether it is so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The sentence; where something of it is not so, what that is, and nothing of the sentence.
    pub text: String,
    /// What of it the kernel confirmed.
    pub confirmed: Vec<Claim>,
    /// Those that the kernel has no words for, or that only an experiment can show.
    pub untold: usize,
    /// What is not so here.
    pub denied: Vec<Claim>,
}

impl Report {
    /// What these walks showed; `labels` are the transports' names here.
    #[must_use]
    pub fn new(about: About, tallies: Vec<Tally>, labels: &[String]) -> Self {
        let account = |(tally, label): (Tally, &String)| Account::new(tally, label.clone(), &about);
        let accounts: Vec<_> = tallies.into_iter().zip(labels).map(account).collect();
        let mut report = Self { about, accounts, exit_code: 0 };
        report.exit_code = report.verdict();
        report
    }

    /// How the program ends: 1 beats 3. What could not begin never gets this far.
    fn verdict(&self) -> u8 {
        let some = |status| self.accounts.iter().any(|account| account.status(self) == status);
        match self.about.interrupted {
            Some((_, code)) => code,
            None if some(Status::Fail) => 1,
            None if some(Status::Unavailable) => 3,
            None => 0,
        }
    }
}

impl Account {
    fn new(tally: Tally, label: String, about: &About) -> Self {
        let transport = tally.plan.transport;
        let sum = |wanted: &dyn Fn(&Row) -> bool| {
            let rows: Vec<_> = tally.rows.iter().filter(|row| wanted(row)).collect();
            let walk = |at: usize| rows.iter().filter_map(|row| row.wholes.get(at)).sum::<u64>();
            Time::of(&(0..tally.walks()).map(walk).collect::<Vec<_>>(), &tally.rounds)
        };
        let mut phases = Vec::new();
        for phase in [Phase::SetUp, Phase::Connect, Phase::Echo, Phase::End] {
            let of_it = |row: &Row| row.taken.step.moment.phase() == phase;
            if tally.rows.iter().any(of_it) {
                phases.extend(sum(&of_it).map(|time| (phase, time)));
            }
        }
        let total = sum(&|_| true);
        let stopped = Stopped::of(&tally, about);
        let values = words::Values::of(&tally.rows, about.size);
        let (rounds, otherwise, strangers) = (tally.rounds, tally.otherwise, tally.strangers);
        let line = |row: Row| Line::new(row, transport, about, &values, &rounds);
        let lines = tally.rows.into_iter().map(line).collect();
        Self { transport, label, lines, rounds, otherwise, strangers, total, phases, stopped }
    }
}

impl Account {
    /// How it came out.
    #[must_use]
    pub fn status(&self, report: &Report) -> Status {
        match &self.stopped {
            Some(stopped) => stopped.status,
            None if self.denied().next().is_some() => Status::Fail,
            None if report.about.interrupted.is_some() => Status::Interrupted,
            None => Status::Pass,
        }
    }

    /// How many walks the times are of.
    #[must_use]
    pub fn walks(&self) -> usize {
        self.rounds.iter().sum()
    }

    /// The calls whose sentence is not so here.
    pub fn denied(&self) -> impl Iterator<Item = &Line> {
        let is_denied = |line: &&Line| line.said.as_ref().is_some_and(|s| !s.denied.is_empty());
        self.lines.iter().filter(is_denied)
    }
}

impl Said {
    fn of(lesson: &Lesson, row: &Row, about: &About, values: &words::Values) -> Self {
        let judged = |claim: &Claim| holds(*claim, &row.taken, &row.view, about.size);
        let with =
            |wanted| lesson.claims.iter().filter(move |claim| judged(claim) == wanted).copied();
        let (denied, untold): (Vec<_>, _) = (with(Some(false)).collect(), with(None).count());
        // What another kernel than that of the experiments does not confirm may be so there alone.
        let front = if untold > 0 && !about.environment.is_linux() { "on Linux: " } else { "" };
        let sentence = || format!("{front}{}", values.fill(lesson.says));
        Self {
            text: words::denial(&denied).unwrap_or_else(sentence),
            confirmed: with(Some(true)).collect(),
            untold,
            denied,
        }
    }
}

impl Line {
    /// What is said of it, if anything is.
    #[must_use]
    pub fn told(&self) -> String {
        self.said.as_ref().map_or_else(String::new, |said| said.text.clone())
    }

    fn new(
        row: Row,
        transport: &Transport,
        about: &About,
        values: &words::Values,
        rounds: &[usize],
    ) -> Self {
        // What was refused, and was not to be, has not done what would be said of it.
        let is_done = row.taken.is_shown() || row.taken.errno().is_none();
        let lesson = lesson(transport, about.to, row.taken.step.moment).filter(|_| is_done);
        let said = lesson.map(|lesson| Said::of(lesson, &row, about, values));
        let time = Time::of(&row.times, rounds);
        Self { time, taken: row.taken, view: row.view, said }
    }
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

/// A part of a walk, in words.
#[must_use]
pub const fn phase_words(phase: Phase) -> &'static str {
    match phase {
        Phase::SetUp => "opening both ends",
        Phase::Connect => "getting connected",
        Phase::Echo => "the message itself",
        Phase::End => "taking it down",
    }
}
