//! The rounds: every case is visited once a round, in an order that a seed shuffles, so that a
//! disturbance hits all cases alike and pairs of cases can be compared round by round.

use super::plan::{Amount, Plan, WARMUP, WARMUP_TIME};
use super::samples::{Outcome, Samples, Span};
use super::visit::{Visit, Visitor};
use crate::echo::Share;
use crate::echo::message::Random;
use crate::os::signals::Interrupt;
use crate::stats;
use std::time::{Duration, Instant};

/// What a run gathered.
#[derive(Debug)]
pub struct Gathering {
    /// A case each, in the plan's order.
    pub samples: Vec<Samples>,
    /// How many rounds were finished.
    pub rounds: usize,
    /// The signal that ended it early.
    pub interrupt: Option<Interrupt>,
}

/// How far a run is, for whoever wants to show it between two visits.
#[derive(Debug)]
pub struct Progress<'a> {
    /// The round that is being made, from 1; 0 is the pilot.
    pub round: usize,
    /// Of how many.
    pub rounds: usize,
    /// What was visited last.
    pub label: &'a str,
    /// Since the start.
    pub elapsed: Duration,
}

/// What can visit a case; tests have one without processes.
pub trait Visits {
    /// Visits a case.
    fn visit(&mut self, case: &super::plan::Case, share: Share, seed: u64) -> Visit;
}

impl Visits for Visitor {
    fn visit(&mut self, case: &super::plan::Case, share: Share, seed: u64) -> Visit {
        Self::visit(self, case, share, seed)
    }
}

/// How many exchanges the pilot makes of each case, to see what one takes.
const PILOT: u64 = 20;
/// What a visit makes at least when time is short.
const FEWEST: u64 = 10;
/// Before so many rounds the run goes on even when its time is over: with fewer, a signed-rank test
/// cannot tell any difference from luck once it is one of some hundred claims (2 / 2^16 x 100 < 0.01).
const ROUNDS_FOR_A_CLAIM: usize = 16;

/// What a case's pilot showed, for sharing out the time.
#[derive(Clone, Copy, Debug, Default)]
struct Pace {
    /// One exchange.
    round_trip: Duration,
    /// A visit without its exchanges.
    overhead: Duration,
}

/// Makes the rounds of a plan.
pub fn run(
    plan: &Plan,
    visitor: &mut impl Visits,
    on_progress: &mut dyn FnMut(&Progress<'_>),
) -> Gathering {
    let mut run = Run {
        plan,
        started: Instant::now(),
        random: Random::new(plan.seed),
        samples: plan.cases.iter().cloned().map(Samples::new).collect(),
        paces: vec![Pace::default(); plan.cases.len()],
        interrupt: None,
        stopped: false,
    };
    let mut finished = 0;
    for round in 0..=plan.rounds {
        if run.out_of_time(finished) {
            break;
        }
        run.round(round, visitor, on_progress);
        if run.interrupt.is_some() || run.stopped {
            break;
        }
        finished = round;
    }
    Gathering { samples: run.samples, rounds: finished, interrupt: run.interrupt }
}

struct Run<'a> {
    plan: &'a Plan,
    started: Instant,
    random: Random,
    samples: Vec<Samples>,
    paces: Vec<Pace>,
    interrupt: Option<Interrupt>,
    stopped: bool,
}

impl Run<'_> {
    /// Round 0 is the pilot: it shows which cases there are and what an exchange takes.
    fn round(
        &mut self,
        round: usize,
        visitor: &mut impl Visits,
        on_progress: &mut dyn FnMut(&Progress<'_>),
    ) {
        let mut order: Vec<_> = (0..self.samples.len()).collect();
        self.random.shuffle(&mut order);
        for (place, &index) in order.iter().enumerate() {
            // Drawn for dead cases too, so that a seed gives the same patterns whatever fails.
            let seed = self.random.next();
            if self.samples[index].ended.is_some() {
                continue;
            }
            let rounds_left = self.plan.rounds + 1 - round.max(1);
            let share = self.share(index, round, &order[place..], rounds_left);
            let began = Instant::now();
            let visit = visitor.visit(&self.plan.cases[index], share, seed);
            self.take_in(index, round, visit, began);
            on_progress(&Progress {
                round,
                rounds: self.plan.rounds,
                label: &self.samples[index].case.label,
                elapsed: self.started.elapsed(),
            });
            if self.interrupt.is_some() || self.stopped {
                return;
            }
        }
    }

    fn take_in(&mut self, index: usize, round: usize, visit: Visit, start: Instant) {
        let took = start.elapsed();
        let samples = &mut self.samples[index];
        match visit {
            Visit::Done(mut gathered) => {
                // Sorted once: the round's own percentiles ask for that too.
                let trips = &mut gathered.tally.round_trips;
                trips.sort_unstable();
                if !trips.is_empty() {
                    let round_trip = Duration::from_nanos(stats::median(trips));
                    let begun = u32::try_from(gathered.tally.begun).unwrap_or(u32::MAX);
                    let overhead = took.saturating_sub(round_trip.saturating_mul(begun));
                    self.paces[index] = Pace { round_trip, overhead };
                }
                let span =
                    Span { at_ns: nanoseconds(start - self.started), took_ns: nanoseconds(took) };
                let when = round.checked_sub(1).map(|round| (round, span));
                samples.add(when, *gathered, self.plan.keep);
            }
            Visit::Refused(error) => samples.ended = Some(Outcome::Refused(error)),
            Visit::Interrupted(interrupt) => self.interrupt = Some(interrupt),
        }
        let failed = matches!(samples.ended, Some(Outcome::Failed(_)));
        self.stopped |= failed && self.plan.fail_fast;
    }

    fn share(&self, index: usize, round: usize, left: &[usize], rounds_left: usize) -> Share {
        let pace = self.paces[index];
        let warmup = self.plan.warmup.unwrap_or_else(|| match round {
            0 => FEWEST,
            _ => fitting(WARMUP_TIME, pace.round_trip).clamp(FEWEST, WARMUP),
        });
        let (count, limit) = match self.plan.amount {
            _ if round == 0 => (PILOT, None),
            Amount::Count(count) => (part(count, round - 1, self.plan.rounds), None),
            Amount::Time(time) => {
                let slice = self.slice(time, left, rounds_left);
                let own = slice.saturating_sub(pace.overhead).saturating_sub(
                    pace.round_trip.saturating_mul(u32::try_from(warmup).unwrap_or(u32::MAX)),
                );
                (fitting(own, pace.round_trip).max(FEWEST), Some(own * 3 + WARMUP_TIME * 3))
            }
        };
        Share {
            first: self.samples[index].begun + 1,
            warmup,
            count,
            limit_ns: limit.map(nanoseconds),
            timeout_ns: nanoseconds(self.plan.timeout),
        }
    }

    /// What is left of the time, for each visit that is left.
    fn slice(&self, time: Duration, left: &[usize], rounds_left: usize) -> Duration {
        let alive = |samples: &&Samples| samples.ended.is_none();
        let a_round = self.samples.iter().filter(alive).count();
        let this_round = left.iter().filter(|&&i| self.samples[i].ended.is_none()).count();
        let visits = this_round + a_round * rounds_left.saturating_sub(1);
        let left = time.saturating_sub(self.started.elapsed());
        left / u32::try_from(visits.max(1)).unwrap_or(u32::MAX)
    }

    fn out_of_time(&self, finished: usize) -> bool {
        match self.plan.amount {
            Amount::Count(_) => false,
            Amount::Time(time) => finished >= ROUNDS_FOR_A_CLAIM && self.started.elapsed() > time,
        }
    }
}

/// How often a step of that length fits.
fn fitting(time: Duration, step: Duration) -> u64 {
    nanoseconds(time) / nanoseconds(step).max(1)
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// The part of a count that falls to one of so many rounds; the parts add up to it.
fn part(count: u64, round: usize, rounds: usize) -> u64 {
    let (round, rounds) = (round as u64, rounds.max(1) as u64);
    count / rounds + u64::from(round < count % rounds)
}
