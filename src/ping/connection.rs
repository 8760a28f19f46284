//! From a closed link to an open one, within a time-out and without ever waiting.

use super::link::Link;
use crate::os::clock::Monotonic;
use crate::os::epoll::Epoll;
use crate::os::{CallError, Errno};

/// How soon to ask a Unix server again whose queue is full: nothing tells when it no longer is.
const AGAIN_NS: u64 = 10_000_000;

/// What targets share: the clock that stamps, and the set of descriptors.
#[derive(Debug)]
pub struct Ground {
    /// Every socket, each with its target's number.
    pub epoll: Epoll,
    /// Nanoseconds since the start.
    pub clock: Monotonic,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Closed,
    /// Since then; with a queue that was full, to be asked again at that time.
    Connecting(u64, Option<u64>),
    Open,
}

/// What came of a step.
#[derive(Debug)]
pub enum Step {
    /// It is open, after so many nanoseconds.
    Open(u64),
    /// Nothing yet.
    Pending,
    /// It cannot be.
    Failed(CallError),
}

/// A link and how far it is.
#[derive(Debug)]
pub struct Connection {
    /// The link.
    pub link: Link,
    state: State,
    timeout: u64,
}

impl Connection {
    /// A closed one, which may take so many nanoseconds to open.
    #[must_use]
    pub fn new(link: Link, timeout: u64) -> Self {
        Self { link, state: State::Closed, timeout }
    }

    /// Can bytes flow?
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.state == State::Open
    }

    /// Is it neither open nor on its way?
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.state == State::Closed
    }

    /// Closes it.
    pub fn close(&mut self) {
        self.link.close();
        self.state = State::Closed;
    }

    /// Begins to open it.
    pub fn begin(&mut self, ground: &Ground) -> Step {
        let since = ground.clock.now();
        self.ask(since, ground)
    }

    fn ask(&mut self, since: u64, ground: &Ground) -> Step {
        match self.link.start(&ground.epoll) {
            Ok(true) => self.opened(since, ground),
            Ok(false) => {
                self.state = State::Connecting(since, None);
                Step::Pending
            }
            Err(error) if error.call == "connect" && error.errno == Errno::EAGAIN => {
                let now = ground.clock.now();
                if now >= since.saturating_add(self.timeout) {
                    return self.failed(error);
                }
                self.state = State::Connecting(since, Some(now + AGAIN_NS));
                Step::Pending
            }
            Err(error) => self.failed(error),
        }
    }

    fn opened(&mut self, since: u64, ground: &Ground) -> Step {
        self.state = State::Open;
        Step::Open(ground.clock.now().saturating_sub(since))
    }

    fn failed(&mut self, error: CallError) -> Step {
        self.close();
        Step::Failed(error)
    }

    /// Goes on, after its descriptor was told to be ready or because its time has come.
    pub fn advance(&mut self, ready: bool, ground: &Ground) -> Step {
        let State::Connecting(since, again) = self.state else { return Step::Pending };
        let now = ground.clock.now();
        match again {
            Some(at) if now >= at => return self.ask(since, ground),
            None if ready => {
                return match self.link.finish(&ground.epoll) {
                    Ok(()) => self.opened(since, ground),
                    Err(error) => self.failed(error),
                };
            }
            Some(_) | None => {}
        }
        if now >= since.saturating_add(self.timeout) {
            let error = self.link.failed("connect", Errno::ETIMEDOUT);
            return self.failed(error);
        }
        Step::Pending
    }

    /// When to advance even if nothing happens.
    #[must_use]
    pub fn wake_at(&self) -> Option<u64> {
        let State::Connecting(since, again) = self.state else { return None };
        let end = since.saturating_add(self.timeout);
        Some(again.map_or(end, |again| again.min(end)))
    }
}
