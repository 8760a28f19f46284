//! What sockets really do, as rows: a check is a claim, the promise behind it, whom it concerns, the
//! steps that try it, and the rules that say what is to be seen. A row that is added to a file of
//! [`rows`] is run, listed, judged, documented in the manual and tested by being there.

pub mod addresses;
pub mod aside;
pub mod column;
pub mod expectation;
pub mod fact;
pub mod flood;
mod look;
pub mod mark;
pub mod rows;
pub mod run;
pub mod stand;

use crate::environment::Environment;
use crate::os::CallError;
use crate::os::privilege::{Right, has};
use crate::transport::lesson::To;
use column::{Column, Who};
use expectation::Rule;
use stand::Stand;
use std::time::Duration;

/// Checks that answer one question together.
#[derive(Debug)]
pub struct Group {
    /// Its place by how much it matters to users: 1 first.
    pub rank: u8,
    /// The question as a title, `Messages stay separate`.
    pub title: &'static str,
    /// Whom it hits and how, in a sentence.
    pub why: &'static str,
    /// Its checks.
    pub checks: &'static [Check],
}

/// One behaviour, over every transport that it concerns.
#[derive(Debug)]
pub struct Check {
    /// What the user types, `boundary`.
    pub name: &'static str,
    /// A few words for the table, at most 24 characters: `messages stay separate`.
    pub title: &'static str,
    /// What is tried, and what a socket is thereby claimed to do, in one sentence.
    pub claim: &'static str,
    /// What was promised, and by whom: `recv(2): the rest of a datagram is discarded`.
    pub promise: &'static str,
    /// What it means for a program when a socket does otherwise, in a sentence.
    pub matters: &'static str,
    /// Why IPv4 and IPv6 may differ in it, with the source; empty where they must agree.
    pub by_design: &'static str,
    /// Is it in the table that is shown without being asked for?
    pub front: bool,
    /// Where its fact is told by a time: so long its threads may be kept from a CPU in all, before it
    /// tells nothing any more.
    pub slack: Option<Duration>,
    /// Whom it concerns.
    pub applies: Who,
    /// That without which it cannot be tried, beside its own transport.
    pub needs: Option<Need>,
    /// The walk that shows it call by call, if one does: `sockeye explain TRANSPORT --to WHOM`.
    pub walk: Option<To>,
    /// The steps. What they return is the fact; the refusal of a call that should not fail is a fact
    /// too.
    pub body: fn(&Stand<'_>) -> Result<String, CallError>,
    /// What is to be seen: the first rule that speaks of a column.
    pub rules: &'static [Rule],
}

/// What a check may need beside its own transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// A right of this process.
    Right(Right),
    /// The other IP version's loopback.
    Ipv4Loopback,
}

impl Need {
    /// What it is, for people.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Right(right) => right.name(),
            Self::Ipv4Loopback => "127.0.0.1 to work",
        }
    }

    /// Is it there?
    #[must_use]
    pub fn is_met(self) -> bool {
        match self {
            Self::Right(right) => has(right),
            Self::Ipv4Loopback => stand::ipv4_loopback_works(),
        }
    }
}

impl Check {
    /// What a row has unless it says otherwise.
    pub const ROW: Self = Self {
        name: "",
        title: "",
        claim: "",
        promise: "",
        matters: "",
        by_design: "",
        front: false,
        slack: None,
        applies: column::any,
        needs: None,
        walk: None,
        body: |_| Ok(String::new()),
        rules: &[],
    };

    /// The rule for a column, if one speaks of it.
    #[must_use]
    pub fn rule(&self, column: &Column) -> Option<&'static Rule> {
        self.rules.iter().find(|rule| (rule.who)(column))
    }

    /// What is to be seen over a column on this machine, as a pattern; None where anything goes.
    #[must_use]
    pub fn expected(&self, column: &Column, machine: &Environment) -> Option<String> {
        self.rule(column).map(|rule| rule.pattern(column, machine))
    }
}

/// Every check with its group, in the order of their ranks.
pub fn all() -> impl Iterator<Item = (&'static Group, &'static Check)> {
    rows::GROUPS.iter().flat_map(|group| group.checks.iter().map(move |check| (*group, check)))
}

#[cfg(test)]
mod tests;
