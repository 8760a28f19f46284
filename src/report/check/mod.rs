//! What the checks found, judged: each cell against its rule, IPv6 against IPv4, and what keeps whole
//! columns from working said once. Pure.

mod alike;
mod faults;
mod notes;
mod pairs;

pub(crate) use alike::together;
pub use faults::Fault;
pub(crate) use faults::whom;
pub use notes::Remark;
pub use pairs::{Difference, Verdict};

use super::Problem;
use super::diagnosis::remedy;
use crate::behaviour::column::Column;
use crate::behaviour::expectation::{Match, Rule, compare, readable};
use crate::behaviour::run::{Cell, Outcome, Task};
use crate::environment::Environment;
use crate::os::CallError;
use crate::os::probe::Entry;
use crate::transport::Transport;
use std::time::{Duration, SystemTime};

/// How a cell came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// As the rule has it, letter by letter.
    AsDocumented,
    /// As the rule has it, with numbers that may vary; or no rule speaks of it.
    Varies,
    /// Not as the rule has it, or not as over the other IP version.
    Deviates,
    /// The column has nothing to do with the check.
    NotApplicable,
    /// Nobody tried: a right is missing, or the time.
    Skipped,
    /// It never came back.
    Hung,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 6] = [
        Self::AsDocumented,
        Self::Varies,
        Self::Deviates,
        Self::NotApplicable,
        Self::Skipped,
        Self::Hung,
    ];

    /// The word that results use.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::AsDocumented => "as-documented",
            Self::Varies => "varies",
            Self::Deviates => "deviates",
            Self::NotApplicable => "not-applicable",
            Self::Skipped => "skipped",
            Self::Hung => "hung",
        }
    }

    /// Was anything seen?
    #[must_use]
    pub const fn is_seen(self) -> bool {
        matches!(self, Self::AsDocumented | Self::Varies | Self::Deviates | Self::Hung)
    }

    /// Is it not as it should be?
    #[must_use]
    pub const fn is_bad(self) -> bool {
        matches!(self, Self::Deviates | Self::Hung)
    }
}

/// A cell and what to think of it.
#[derive(Clone, Debug)]
pub struct Judged {
    /// What was tried.
    pub task: Task,
    /// How it came out.
    pub status: Status,
    /// What was to be seen, as people read it.
    pub expected: Option<String>,
    /// What was seen.
    pub observed: Option<String>,
    /// The same in at most 12 characters.
    pub short: String,
    /// Why nothing was seen, where nothing was.
    pub reason: Option<String>,
    /// What was seen first, if a second and more patient look saw something else.
    pub first: Option<String>,
    /// The calls that were made.
    pub calls: Vec<Entry>,
}

impl Judged {
    /// What was seen, in words.
    #[must_use]
    pub fn seen(&self) -> &str {
        self.observed.as_deref().unwrap_or("nothing")
    }

    /// What was to be seen instead, in words.
    #[must_use]
    pub fn wanted(&self) -> &str {
        self.expected.as_deref().unwrap_or("anything else")
    }
}

/// A column, and what keeps it from working at all.
#[derive(Clone, Debug)]
pub struct State {
    /// The column.
    pub column: Column,
    /// Why nothing could be tried over it: is it this machine's way (unavailable), or broken?
    pub problem: Option<(super::Status, Problem)>,
}

/// What the checks were, beside their cells.
#[derive(Clone, Debug)]
pub struct About {
    /// The arguments, the program's name first.
    pub argv: Vec<String>,
    /// When it started.
    pub started: SystemTime,
    /// How long it took.
    pub duration: Duration,
    /// The machine.
    pub environment: Environment,
    /// The transports that the user named one by one.
    pub named: Vec<&'static str>,
    /// Does it count too if nothing could be tried?
    pub strict: bool,
    /// The name of the signal that ended it early, and the exit code that it makes.
    pub interrupted: Option<(&'static str, u8)>,
    /// Does a server on `[::]` start although there is no `::1`? None where that was not asked.
    pub wildcard_starts: Option<bool>,
}

/// Everything that is said and saved.
#[derive(Clone, Debug)]
pub struct Report {
    /// What it was.
    pub about: About,
    /// The columns, in the user's order.
    pub columns: Vec<State>,
    /// The cells, check by check.
    pub cells: Vec<Judged>,
    /// What keeps columns from working, each said once.
    pub faults: Vec<Fault>,
    /// Settings of the machine that change what sockets do.
    pub remarks: Vec<Remark>,
    /// Where IPv4 and IPv6 are not alike.
    pub differences: Vec<Difference>,
    /// How the program ends.
    pub exit_code: u8,
}

/// How many cells came out in which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Something was seen.
    pub seen: usize,
    /// And was as documented.
    pub good: usize,
    /// And was not, or never came back.
    pub bad: usize,
    /// A right was missing, or the time.
    pub skipped: usize,
}

impl Report {
    /// Judges cells.
    #[must_use]
    pub fn new(about: About, columns: Vec<State>, cells: Vec<Cell>) -> Self {
        let mut cells: Vec<_> =
            cells.into_iter().map(|cell| judge(cell, &about.environment)).collect();
        let mut faults = faults::of(&columns, &about);
        faults.extend(faults::policies(&mut cells));
        let differences = pairs::judge(&mut cells);
        let remarks = notes::of(&columns, &about.environment);
        let mut report = Self { about, columns, cells, faults, remarks, differences, exit_code: 0 };
        report.exit_code = report.work_out_exit_code();
        report
    }

    /// The cells of each check, in the order of the checks; none is empty.
    pub fn by_check(&self) -> impl Iterator<Item = &[Judged]> {
        self.cells.chunk_by(|a, b| a.task.check.name == b.task.check.name)
    }

    /// The columns over which something could be tried.
    pub fn working(&self) -> impl Iterator<Item = Column> {
        self.columns.iter().filter(|state| state.problem.is_none()).map(|state| state.column)
    }

    /// How many came out in which way.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let count = |wanted: fn(&Judged) -> bool| self.cells.iter().filter(|c| wanted(c)).count();
        Counts {
            seen: count(|cell| cell.status.is_seen()),
            good: count(|cell| matches!(cell.status, Status::AsDocumented | Status::Varies)),
            bad: count(|cell| cell.status.is_bad()),
            skipped: count(|cell| cell.status == Status::Skipped),
        }
    }

    /// 130 and its kin, then 1, then 3, then 4; what could not run at all is 2 and never gets here.
    fn work_out_exit_code(&self) -> u8 {
        if let Some((_, code)) = self.about.interrupted {
            return code;
        }
        let broken = |fault: &Fault| fault.status == super::Status::Fail;
        let missing = |state: &State| {
            let wanted =
                self.about.strict || self.about.named.contains(&state.column.transport.name);
            state.problem.is_some() && wanted
        };
        let all_down = self.columns.iter().all(|state| state.problem.is_some());
        if self.counts().bad > 0 || self.faults.iter().any(broken) {
            1
        } else if all_down || self.columns.iter().any(missing) {
            // A run that could try nothing at all has not gone well, whatever was asked for.
            3
        } else if self.about.strict && self.counts().skipped > 0 {
            4
        } else {
            0
        }
    }
}

/// A short form is at most so long.
pub const SHORTEST: usize = 12;

fn judge(cell: Cell, machine: &Environment) -> Judged {
    let Cell { task, outcome, first, calls } = cell;
    let pattern = task.check.expected(&task.column, machine);
    let (status, observed, reason) = match outcome {
        Outcome::Seen(fact, _) => {
            let agrees = pattern.as_ref().map(|pattern| compare(pattern, &fact));
            let status = match agrees {
                Some(Match::Exact) => Status::AsDocumented,
                Some(Match::No) => Status::Deviates,
                Some(Match::Varying) | None => Status::Varies,
            };
            (status, Some(fact), None)
        }
        Outcome::Hung(from) => {
            let from = from.map_or_else(String::new, |from| format!(" from {from}"));
            (Status::Hung, Some(format!("did not come back{from}")), None)
        }
        Outcome::DoesNotApply => (Status::NotApplicable, None, None),
        Outcome::Needs(need) => (Status::Skipped, None, Some(format!("needs {}", need.words()))),
        Outcome::Starved(error) => {
            (Status::Skipped, None, Some(format!("needs more {}", what_ran_out(&error))))
        }
        Outcome::Crowded => (Status::Skipped, None, Some(crowded(task.column.transport))),
        Outcome::Busy => {
            let reason = "the machine was too busy to tell".to_owned();
            (Status::Skipped, None, Some(reason))
        }
        Outcome::NotTried => (Status::Skipped, None, Some("not tried".to_owned())),
    };
    let short = short(&task, status, observed.as_deref(), machine);
    let expected = pattern.as_deref().map(readable);
    Judged { task, status, expected, observed, short, reason, first, calls }
}

fn crowded(transport: &Transport) -> String {
    let protocol = transport.protocol.number();
    format!(
        "another program has raw sockets of protocol {protocol} and may have caused what was seen"
    )
}

fn what_ran_out(error: &CallError) -> String {
    if error.call == "clone" {
        return format!("threads ({})", remedy(error));
    }
    // As many as one message may pass, 253 (unix(7)), and then some.
    "file descriptors (ulimit -n 1024)".to_owned()
}

fn short(task: &Task, status: Status, observed: Option<&str>, machine: &Environment) -> String {
    let fact = match (status, observed) {
        (Status::NotApplicable, _) => return "·".to_owned(),
        (Status::Skipped, _) | (_, None) => return "untried".to_owned(),
        (Status::Hung, _) => return "HANGS!".to_owned(),
        (_, Some(fact)) => fact,
    };
    let own = task.check.rule(&task.column).filter(|_| status != Status::Deviates);
    // What deviates here may be what another column is known for.
    let agrees = |rule: &&Rule| compare(&rule.pattern(&task.column, machine), fact) != Match::No;
    let rule = own.or_else(|| task.check.rules.iter().find(agrees));
    let text = rule.map_or_else(|| fact.to_owned(), |rule| rule.short(fact));
    let mark = if status == Status::Deviates { "!" } else { "" };
    let room = SHORTEST - mark.len();
    let text: String = if text.chars().count() <= room {
        text
    } else {
        // Whole words tell more than half ones.
        let words = text.split([' ', ',', ';']).next().filter(|word| word.len() >= 4);
        let cut: String = words.unwrap_or(&text).chars().take(room).collect();
        cut.trim_end_matches([' ', ',', ';']).to_owned()
    };
    format!("{text}{mark}")
}
