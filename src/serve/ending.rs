//! How connections end: a worker's part that closes the idle ones, and at the end of the server all of
//! them, once what was in flight is answered.

use super::connection::{Connection, Next};
use super::messages;
use super::worker::{FIRST_CONNECTION, Worker, tick};
use crate::os::epoll::Interest;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// How long a client may take to take what it is owed, at the end or after a greeting.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often connections that are to be closed are looked for, at least.
const SWEEP: Duration = Duration::from_millis(100);
/// How many turns a client gets at the end.
const LAST_TURNS: usize = 1000;

impl Worker {
    /// Closes connections on which nothing moved for too long.
    pub(super) fn sweep_out(&mut self) {
        let idle = self.shared.settings.idle;
        if idle.is_none() && self.lingering == 0 {
            self.sweep = None;
            return;
        }
        let now = Instant::now();
        let every = idle.map_or(SWEEP, |idle| (idle / 8).min(SWEEP));
        if self.sweep.is_none_or(|at| at > now) {
            self.sweep.get_or_insert(now + every);
            return;
        }
        self.sweep = Some(now + every);
        let tick = tick(self.born);
        for index in 0..self.connections.len() {
            let Some(connection) = &self.connections[index] else { continue };
            let lingering = connection.is_lingering();
            let rest = Duration::from_millis(tick.wrapping_sub(connection.moved).into());
            let limit = if lingering { Some(PATIENCE) } else { idle };
            if limit.is_some_and(|limit| rest > limit) {
                if !lingering {
                    self.counters(connection.spot).closed_idle();
                }
                self.close(index);
            }
        }
    }

    /// Finishes what is in flight, and says whether that is done.
    pub(super) fn has_ended(&mut self) -> bool {
        if self.deadline.is_none() {
            self.deadline = Some(Instant::now() + PATIENCE);
            self.let_the_last_ones_in();
            self.listeners.clear();
            for place in 0..self.messages.len() {
                self.empty(place);
            }
            for index in 0..self.connections.len() {
                self.finish(index);
            }
        }
        // Those that are left are owed something; each that has taken it is closed here.
        for index in 0..self.connections.len() {
            let is_settled = |connection: &Connection| !connection.is_held();
            if self.connections[index].as_ref().is_some_and(is_settled) {
                self.finish(index);
            }
        }
        let hurry = self.shared.hurry.load(Ordering::Acquire);
        let late = self.deadline.is_some_and(|deadline| deadline <= Instant::now());
        let owing = self.connections.iter().flatten().count() > 0
            || self.messages.iter().any(|(messages, _)| messages.is_keeping());
        if owing && (hurry || late) {
            self.give_up();
        }
        !owing || hurry || late
    }

    /// Who has connected before the end is served; who comes later is refused.
    fn let_the_last_ones_in(&mut self) {
        if self.shared.settings.once {
            return;
        }
        for place in 0..self.listeners.len() {
            self.accept(place);
        }
        for arrival in self.shared.arrivals(self.index) {
            self.admit(arrival);
        }
    }

    /// Answers what has come to a socket of messages.
    fn empty(&mut self, place: usize) {
        let shared = &self.shared;
        if shared.settings.once {
            return;
        }
        let (messages, _) = &mut self.messages[place];
        let counters = &shared.lanes[self.index].counters[messages.spot as usize];
        for _ in 0..LAST_TURNS {
            // None of those that came may have been answered, and there may be more behind them.
            let next = messages.step(&shared.settings.answer, counters);
            if !matches!(next, messages::Next::More(_)) {
                return;
            }
        }
    }

    /// Gives a connection its last turns, and closes it unless it is owed something.
    fn finish(&mut self, index: usize) {
        for _ in 0..LAST_TURNS {
            let Some(connection) = self.connections[index].as_mut() else { return };
            let counters = &self.shared.lanes[self.index].counters[connection.spot as usize];
            let answer = &self.shared.settings.answer;
            match connection.step(true, &mut self.room, answer, counters) {
                Next::More => {}
                Next::Nothing | Next::Over => return self.close(index),
                Next::Room => {
                    let token = FIRST_CONNECTION + index as u64;
                    self.epoll.change(&connection.socket, token, Interest::Write);
                    return;
                }
            }
        }
        self.close(index);
    }

    /// Closes those who did not take in time what they were owed.
    fn give_up(&mut self) {
        for index in 0..self.connections.len() {
            if let Some(connection) = &self.connections[index] {
                self.counters(connection.spot).broke();
                self.close(index);
            }
        }
        for (messages, _) in &mut self.messages {
            let counters = &self.shared.lanes[self.index].counters[messages.spot as usize];
            messages.give_up(counters);
        }
    }
}
