//! One thread of the server: a loop over what epoll(7) says, in which nothing ever waits. Each ready
//! connection gets one receive and one send a turn, so that no client keeps another waiting.

use super::connection::{Connection, Next};
use super::messages::{self, Messages, RETRY};
use super::server::{Duties, Shared};
use super::tally::Counters;
use crate::os::CallError;
use crate::os::epoll::{Epoll, Event, Events, Interest};
use crate::os::remains::Remains;
use crate::os::signals::{Interrupt, Interrupts};
use crate::os::socket::Socket;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// What one receive takes from a byte stream at most, and what a client that does not read holds.
const STREAM_ROOM: usize = 64 << 10;
const BELL: u64 = 0;
const SIGNALS: u64 = 1;
pub(super) const FIRST_SPOT: u64 = 2;
pub(super) const FIRST_CONNECTION: u64 = 1 << 32;

/// A client that was accepted, and at which address.
pub(super) struct Arrival {
    pub(super) socket: Socket,
    pub(super) spot: u32,
}

/// A socket that clients connect to. Its file goes first, so that nobody finds a door without a house.
pub(super) struct Listener {
    pub(super) file: Option<Remains>,
    pub(super) socket: Socket,
    pub(super) spot: u32,
}

/// What is called when a signal came.
pub(super) type Heard<'a> = &'a mut dyn FnMut(Interrupt);

pub(super) struct Worker {
    pub(super) shared: Arc<Shared>,
    pub(super) index: usize,
    pub(super) epoll: Epoll,
    /// One buffer for all connections: what is in it is gone, or held, before the next receive.
    pub(super) room: Vec<u8>,
    pub(super) listeners: Vec<Listener>,
    pub(super) messages: Vec<(Messages, Option<Remains>)>,
    pub(super) connections: Vec<Option<Connection>>,
    pub(super) free: Vec<usize>,
    pub(super) lingering: usize,
    pub(super) next_thread: usize,
    pub(super) born: Instant,
    now: u32,
    pub(super) resume: Option<Instant>,
    pub(super) sweep: Option<Instant>,
    pub(super) deadline: Option<Instant>,
}

impl Worker {
    pub(super) fn new(
        shared: Arc<Shared>,
        index: usize,
        duties: Duties,
    ) -> Result<Self, CallError> {
        let epoll = Epoll::new()?;
        epoll.add(&shared.lanes[index].bell, BELL, Interest::Read)?;
        let room = vec![0; shared.largest.max(STREAM_ROOM)];
        let mut worker = Self {
            shared,
            index,
            epoll,
            room,
            listeners: Vec::new(),
            messages: Vec::new(),
            connections: Vec::new(),
            free: Vec::new(),
            lingering: 0,
            next_thread: 0,
            born: Instant::now(),
            now: 0,
            resume: None,
            sweep: None,
            deadline: None,
        };
        duties.listeners.into_iter().try_for_each(|listener| worker.listen(listener))?;
        duties.messages.into_iter().try_for_each(|listener| worker.hear(listener))?;
        duties.arrivals.into_iter().for_each(|arrival| worker.admit(arrival));
        Ok(worker)
    }

    /// Answers messages at this socket from now on.
    fn hear(&mut self, listener: Listener) -> Result<(), CallError> {
        let Listener { file, socket, spot } = listener;
        let shared = &self.shared;
        let transport = shared.transports[spot as usize];
        let batch = if shared.settings.once { 1 } else { shared.settings.batch };
        let messages = Messages::new(socket, spot, transport, batch, &shared.own)?;
        let token = FIRST_SPOT + (1 << 16) + self.messages.len() as u64;
        self.epoll.add(&messages.socket, token, Interest::Read)?;
        self.messages.push((messages, file));
        Ok(())
    }

    /// Runs until it is told to end, and has ended what was in flight.
    pub(super) fn run(
        &mut self,
        mut signals: Option<(&Interrupts, Heard<'_>)>,
    ) -> Result<(), CallError> {
        if let Some((interrupts, _)) = &signals {
            self.epoll.add(interrupts, SIGNALS, Interest::Read)?;
        }
        let mut events = Events::default();
        loop {
            let timeout = self.timeout();
            let happened = self.epoll.wait(&mut events, timeout)?;
            if self.shared.settings.idle.is_some() {
                self.now = tick(self.born);
            }
            for event in happened {
                match (event.token, &mut signals) {
                    (SIGNALS, Some((interrupts, heard))) => {
                        while let Some(interrupt) = interrupts.pending() {
                            heard(interrupt);
                        }
                    }
                    _ => self.handle(event),
                }
            }
            self.keep_time();
            if self.shared.ending.load(Ordering::Acquire) && self.has_ended() {
                return Ok(());
            }
        }
    }

    /// How long nothing has to be done; None while only clients can give it something to do.
    fn timeout(&self) -> Option<Duration> {
        let retry = self.messages.iter().any(|(messages, _)| messages.is_keeping());
        let moments = [self.resume, self.sweep, self.deadline].into_iter().flatten();
        let until = moments.min().map(|at| at.saturating_duration_since(Instant::now()));
        match (until, retry) {
            (Some(until), true) => Some(until.min(RETRY)),
            (None, true) => Some(RETRY),
            (until, false) => until,
        }
    }

    #[inline]
    fn handle(&mut self, event: Event) {
        if let Some(index) = event.token.checked_sub(FIRST_CONNECTION) {
            self.serve(usize::try_from(index).unwrap_or(usize::MAX), event.peer_ended);
        } else if event.token == BELL {
            self.shared.lanes[self.index].bell.hush();
            for arrival in self.shared.arrivals(self.index) {
                self.admit(arrival);
            }
            if self.index == 0 && self.is_paused() && self.has_room() {
                self.set_accepting(true);
            }
        } else {
            let place = usize::try_from(event.token - FIRST_SPOT).unwrap_or(usize::MAX);
            match place.checked_sub(1 << 16) {
                Some(place) => self.answer(place),
                None => self.accept(place),
            }
        }
    }

    /// Gives a connection its turn.
    #[inline]
    fn serve(&mut self, index: usize, ended: bool) {
        let Some(connection) = self.connections.get_mut(index).and_then(Option::as_mut) else {
            return;
        };
        let (was_held, was_lingering) = (connection.is_held(), connection.is_lingering());
        let shared = &self.shared;
        let counters = &shared.lanes[self.index].counters[connection.spot as usize];
        let next = connection.step(ended, &mut self.room, &shared.settings.answer, counters);
        if !was_lingering {
            connection.moved = self.now;
        }
        let token = FIRST_CONNECTION + index as u64;
        match next {
            Next::More if was_held => {
                self.epoll.change(&connection.socket, token, Interest::Read);
            }
            Next::Room if !was_held => {
                self.epoll.change(&connection.socket, token, Interest::Write);
            }
            Next::More | Next::Nothing | Next::Room => {}
            Next::Over => return self.close(index),
        }
        if connection.is_lingering() && !was_lingering {
            // From now on `moved` says when the greeting was over.
            self.lingering += 1;
            connection.moved = tick(self.born);
        }
    }

    pub(super) fn close(&mut self, index: usize) {
        let Some(connection) = self.connections[index].take() else { return };
        if connection.is_lingering() {
            self.lingering -= 1;
        }
        self.free.push(index);
        // Closing is what takes it out of the set: nobody else has its descriptor (epoll(7)).
        drop(connection);
        self.shared.closed_one();
    }

    pub(super) fn counters(&self, spot: u32) -> &Counters {
        &self.shared.lanes[self.index].counters[spot as usize]
    }

    /// Answers messages at a socket.
    fn answer(&mut self, place: usize) {
        let shared = &self.shared;
        if shared.settings.once && shared.ending.load(Ordering::Acquire) {
            return;
        }
        let Some((messages, _)) = self.messages.get_mut(place) else { return };
        let counters = &shared.lanes[self.index].counters[messages.spot as usize];
        let token = FIRST_SPOT + (1 << 16) + place as u64;
        match messages.step(&shared.settings.answer, counters) {
            messages::Next::Room => {
                self.epoll.change(&messages.socket, token, Interest::Write);
                messages.is_jammed = true;
            }
            messages::Next::More(answered) => {
                if std::mem::take(&mut messages.is_jammed) {
                    self.epoll.change(&messages.socket, token, Interest::Read);
                }
                if answered > 0 && shared.settings.once {
                    shared.end();
                }
            }
            messages::Next::Nothing => {}
        }
    }

    /// Does what is due.
    fn keep_time(&mut self) {
        let counters = &self.shared.lanes[self.index].counters;
        for (messages, _) in self.messages.iter_mut().filter(|(messages, _)| messages.is_keeping())
        {
            messages.retry(&counters[messages.spot as usize]);
        }
        if self.resume.is_some_and(|at| at <= Instant::now()) {
            self.set_accepting(true);
        }
        self.sweep_out();
    }
}

/// Milliseconds since the worker was born, in as few bytes as 49 days need; then it starts again.
pub(super) fn tick(born: Instant) -> u32 {
    u32::try_from(born.elapsed().as_millis() & u128::from(u32::MAX)).unwrap_or(0)
}
