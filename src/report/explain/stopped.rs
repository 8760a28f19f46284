//! Why a walk went no further than it did, and what helps. Pure.

use super::{About, words};
use crate::os::CallError;
use crate::report::diagnosis::diagnose;
use crate::report::words::{time, unjoined};
use crate::report::{Problem, Status};
use crate::transport::Transport;
use crate::transport::lesson::To;
use crate::walk::Step;
use crate::walk::drive::Trouble;
use crate::walk::tally::Tally;
use std::time::Duration;

/// Why a walk went no further.
#[derive(Clone, Debug)]
pub struct Stopped {
    /// In which call; None before the first.
    pub step: Option<Step>,
    /// The machine's way, or something broken.
    pub status: Status,
    /// What happened and what helps.
    pub problem: Problem,
    /// In which walk it was, counted from 1; 0 is the one that was looked at.
    pub walk: usize,
}

impl Stopped {
    /// What ended these walks, with what helps; None where nothing did, or a signal, which is told
    /// elsewhere.
    pub(super) fn of(tally: &Tally, about: &About) -> Option<Self> {
        let transport = tally.plan.transport;
        let walk = tally.walks() + usize::from(tally.began);
        let called = |step: &Step| words::place(transport, step, tally.rows.last());
        let refused = |step: &Step, error: &CallError| {
            let (status, problem) = diagnose(transport, error, &about.environment);
            Self { step: Some(*step), status, problem, walk }
        };
        let broken = |step: &Step, what: String| {
            let problem = Problem::of_echo(what, trace(transport, about.to));
            Self { step: Some(*step), status: Status::Fail, problem, walk }
        };
        Some(match tally.trouble.as_ref()? {
            Trouble::Interrupted(_) => return None,
            Trouble::Unstarted(error) => {
                let (status, problem) = diagnose(transport, error, &about.environment);
                Self { step: None, status, problem, walk }
            }
            Trouble::Refused(step, errno) => {
                refused(step, &CallError::new(step.call.name(), called(step), *errno))
            }
            Trouble::Nameless(step, error) => refused(step, error),
            Trouble::Wrong(step, count) => {
                let what = format!("brought {count} B that are not what was sent");
                broken(step, format!("the {}'s {} {what}", step.end.word(), step.call.name()))
            }
            Trouble::Strange(step) => {
                let problem = crowded(transport, about.to);
                Self { step: Some(*step), status: Status::Fail, problem, walk }
            }
            Trouble::Hung(step, patience) => {
                let mut hung = broken(step, overdue(step, &called(step), *patience));
                if let Some(errno) = step.call.swallowed() {
                    // What such a wait means is known by what it would end with.
                    let error = CallError::new(step.call.name(), called(step), errno);
                    let known = refused(step, &error).problem;
                    (hung.problem.meaning, hung.problem.hint) = (known.meaning, known.hint);
                }
                hung
            }
            Trouble::Died(step, fate) => {
                broken(step, format!("the {} {fate} in {}", step.end.word(), step.call.name()))
            }
        })
    }

    /// What it means and where it showed, in few words.
    #[must_use]
    pub fn summary(&self) -> String {
        let meaning = match self.problem.meaning.as_str() {
            "" => &self.problem.message,
            meaning => meaning,
        };
        let shown = match (self.step, &self.problem.errno_name) {
            (Some(step), Some(errno)) => {
                format!(" (the {}'s {}() said {errno})", step.end.word(), step.call.name())
            }
            _ => String::new(),
        };
        let when = if self.walk > 0 { format!(", in walk {}", self.walk) } else { String::new() };
        format!("{meaning}{shown}{when}")
    }
}

/// The command that makes such a walk.
fn again(transport: &Transport, to: To) -> String {
    let to = match to {
        To::Echo => String::new(),
        to => format!(" --to {}", to.word()),
    };
    format!("sockeye explain {}{to}", transport.name)
}

/// The command that shows every call of it.
fn trace(transport: &Transport, to: To) -> String {
    format!("strace -f -e trace=%network {}", again(transport, to))
}

/// Raw sockets hear what anybody sends by their protocol, and here somebody does all the time.
fn crowded(transport: &Transport, to: To) -> Problem {
    let what = format!("other programs send by protocol {}", transport.protocol.number());
    let hint = format!("sudo unshare -n sh -c 'ip link set lo up; {}'", again(transport, to));
    Problem { meaning: "it hears nobody but strangers".to_owned(), ..Problem::of_echo(what, hint) }
}

/// A call that did not come back.
fn overdue(step: &Step, called: &str, patience: Duration) -> String {
    let time = time(u64::try_from(patience.as_nanos()).unwrap_or(u64::MAX));
    let (end, call) = (step.end.word(), step.call.name());
    unjoined(&format!("the {end}'s {call}({called}) did not come back within {time}"))
}
