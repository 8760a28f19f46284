//! From what was seen of a target to how it came out.

use super::finding::{Seen, findings};
use super::ledger::Ledger;
use super::{Outcome, Reply, Target};
use crate::environment::Environment;
use crate::os::{CallError, Errno};
use crate::render::paint::tame;
use crate::report::diagnosis::diagnose;
use crate::report::{Problem, Status};

/// The books of a target, as far as they go.
#[derive(Clone, Debug)]
pub struct Books {
    /// Whom it is of.
    pub target: Target,
    /// What was seen.
    pub seen: Seen,
    /// What was counted.
    pub ledger: Ledger,
    /// How long the first connect took.
    pub connect_ns: Option<u64>,
    /// The last answer to `--send`.
    pub answer: Option<Reply>,
}

impl Books {
    /// Empty ones.
    #[must_use]
    pub fn new(target: Target, size: usize, timeout: u64) -> Self {
        let (address, quoted) = (tame(&target.address), tame(&target.quoted));
        let seen = Seen::new(target.transport, &address, &quoted, size, timeout);
        Self { target, seen, ledger: Ledger::new(timeout), connect_ns: None, answer: None }
    }

    /// Notes a call that failed.
    pub fn fail(&mut self, error: CallError) {
        self.seen.error.get_or_insert(error);
    }

    /// What they say; `machine` tells what this one lacks. Before the end, what is under way is not
    /// lost, and nothing at all is no failure.
    #[must_use]
    pub fn outcome(&self, machine: &Environment, over: bool) -> Outcome {
        let counts = if over { self.ledger.counts() } else { self.ledger.counts_so_far() };
        let mut outcome = Outcome {
            target: self.target.clone(),
            status: Status::Fail,
            counts,
            connect_ns: self.connect_ns,
            trips: self.ledger.trips().clone(),
            answer: self.answer.clone(),
            findings: Vec::new(),
            error: None,
        };
        if let Some(problem) = self.lacking(machine) {
            return Outcome { status: Status::Unavailable, error: Some(problem), ..outcome };
        }
        let seen = Seen { counts, expired: self.ledger.expired(), ..self.seen.clone() };
        outcome.findings = findings(&seen);
        let fails = counts.received == 0 || outcome.findings.iter().any(|finding| finding.fails);
        outcome.status = match fails {
            true if !over && outcome.findings.is_empty() && counts.lost() == 0 => {
                Status::Interrupted
            }
            true => Status::Fail,
            false => Status::Pass,
        };
        outcome.error = self.seen.error.as_ref().map(|error| self.problem(error, &outcome));
        outcome
    }

    /// Why this machine cannot do it at all, if that is so.
    fn lacking(&self, machine: &Environment) -> Option<Problem> {
        let error = self.seen.error.as_ref().filter(|_| self.connect_ns.is_none())?;
        // That a connect fails is usually the far end's doing; but not with these.
        let ours = ["socket", "bind"].contains(&error.call)
            || (error.call == "connect" && error.errno == Errno::EADDRNOTAVAIL);
        let (status, problem) = diagnose(self.target.transport, error, machine);
        (ours && self.target.name.is_local() && status == Status::Unavailable).then_some(problem)
    }

    fn problem(&self, error: &CallError, outcome: &Outcome) -> Problem {
        let finding = outcome.findings.first();
        let place = if error.place.is_empty() { &self.target.address } else { &error.place };
        let meaning = finding.map_or_else(String::new, |finding| finding.message.clone());
        let hint = finding.map_or_else(String::new, |finding| finding.hint.clone());
        Problem::of_call(error, place, meaning, hint)
    }
}
