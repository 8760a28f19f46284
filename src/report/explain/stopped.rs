//! Why a walk went no further than it did, and what helps. Pure.

use super::{About, words};
use crate::os::CallError;
use crate::report::diagnosis::diagnose_in;
use crate::report::words::{time, unjoined};
use crate::report::{Problem, Status};
use crate::transport::lesson::To;
use crate::transport::{End, Transport};
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
        let again = again(transport, about.to);
        let diagnosed =
            |error: &CallError| diagnose_in(transport, error, &about.environment, &again);
        let refused = |step: Option<Step>, error: &CallError| {
            let (status, problem) = diagnosed(error);
            Self { step, status, problem, walk }
        };
        let broken = |step: &Step, what: String| {
            let problem = Problem::of_echo(what, trace(&again));
            Self { step: Some(*step), status: Status::Fail, problem, walk }
        };
        Some(match tally.trouble.as_ref()? {
            Trouble::Interrupted(_) => return None,
            Trouble::Unstarted(error) => refused(None, error),
            Trouble::Refused(step, name, errno) => {
                let place = words::place(transport, step, name.as_deref());
                refused(Some(*step), &CallError::new(step.call.name(), place, *errno))
            }
            Trouble::Nameless(step, error) => refused(Some(*step), error),
            Trouble::Wrong(step, count) => {
                let what = format!("brought {count} B that are not what was sent");
                broken(step, format!("the {}'s {} {what}", step.end.word(), step.call.name()))
            }
            Trouble::Strange(step) => {
                let problem = crowded(transport, &again);
                Self { step: Some(*step), status: Status::Fail, problem, walk }
            }
            Trouble::Hung(step, name, patience) => {
                let place = words::place(transport, step, name.as_deref());
                let mut hung = broken(step, overdue(step, &place, *patience));
                hung.problem.meaning = String::new();
                if let Some((call, errno)) = step.call.swallowed() {
                    // What such a wait means is known by what it would end with.
                    let (_, known) = diagnosed(&CallError::new(call, String::new(), errno));
                    (hung.problem.meaning, hung.problem.hint) = (known.meaning, known.hint);
                }
                hung
            }
            Trouble::Died(end, step, fate) => {
                let mut died = broken(step, dead(*end, step, fate));
                died.problem.meaning = String::new();
                died
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
        let problem = &self.problem;
        let shown = match (self.step, &problem.call, &problem.errno_name) {
            // What was called before the walk's own call is no end's.
            (Some(step), Some(call), Some(errno)) if call != step.call.name() => {
                format!(" ({call}() said {errno})")
            }
            (Some(step), _, Some(errno)) => {
                format!(" (the {}'s {}() said {errno})", step.end.word(), step.call.name())
            }
            _ => String::new(),
        };
        let when = if self.walk > 0 { format!(", in walk {}", self.walk) } else { String::new() };
        format!("{meaning}{shown}{when}")
    }
}

/// The words that make such a walk again.
fn again(transport: &Transport, to: To) -> String {
    match to {
        To::Echo => format!("explain {}", transport.name),
        to => format!("explain {} --to {}", transport.name, to.word()),
    }
}

/// The command that shows every call of it.
fn trace(again: &str) -> String {
    format!("strace -f -e trace=%network sockeye {again}")
}

/// Raw sockets hear what anybody sends by their protocol, and here somebody does all the time.
fn crowded(transport: &Transport, again: &str) -> Problem {
    let what = format!("other programs send by protocol {}", transport.protocol.number());
    let hint = format!("sudo unshare -n sh -c 'ip link set lo up; sockeye {again}'");
    Problem { meaning: "it hears nobody but strangers".to_owned(), ..Problem::of_echo(what, hint) }
}

/// An end that is not there any more.
fn dead(end: End, step: &Step, fate: &str) -> String {
    let call = match step.end {
        own if own == end => format!("in {}", step.call.name()),
        other => format!("before the {}'s {}", other.word(), step.call.name()),
    };
    format!("the {} {fate} {call}", end.word())
}

/// A call that did not come back.
fn overdue(step: &Step, called: &str, patience: Duration) -> String {
    let time = time(u64::try_from(patience.as_nanos()).unwrap_or(u64::MAX));
    let (end, call) = (step.end.word(), step.call.name());
    unjoined(&format!("the {end}'s {call}({called}) did not come back within {time}"))
}
