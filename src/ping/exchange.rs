//! One message and its answer, whatever that is: `--send` and `--expect`. Each time has a connection of
//! its own.

use super::connection::{Ground, Step};
use super::ledger::Receipt;
use super::link::Sent;
use super::schedule::{Due, Schedule};
use super::session::{Part, Tell};
use super::talk::Talk;
use super::{Event, Outcome, Reply, Target, Wishes, nanoseconds};
use crate::environment::Environment;
use crate::os::Errno;
use crate::transport::Kind;

/// An answer without an end of its own is over when nothing more came for so long.
const QUIET_NS: u64 = 50_000_000;
/// As much of an answer is looked at.
const MOST: usize = 1 << 20;

/// A target that is sent a text.
#[derive(Debug)]
pub struct Exchange {
    talk: Talk,
    kind: Kind,
    text: Vec<u8>,
    expected: Option<Vec<u8>>,
    schedule: Schedule,
    timeout: u64,
    /// The number under way and when it was sent.
    under_way: Option<(u64, u64)>,
    /// The answer so far, and when its last bytes came.
    answer: Vec<u8>,
    last: u64,
    buffer: Vec<u8>,
}

impl Exchange {
    /// For this target; `token` is what its events have.
    #[must_use]
    pub fn new(target: Target, wishes: &Wishes, token: u64) -> Self {
        let timeout = nanoseconds(wishes.timeout);
        let text = wishes.send.clone().unwrap_or_default();
        let mut talk = Talk::new(target, text.len(), timeout, token);
        talk.books.seen.sends_text = true;
        talk.books.seen.expected.clone_from(&wishes.expect);
        Self {
            kind: talk.books.target.transport.kind,
            talk,
            text,
            expected: wishes.expect.clone(),
            schedule: Schedule::new(0, nanoseconds(wishes.interval), wishes.count),
            timeout,
            under_way: None,
            answer: Vec::new(),
            last: 0,
            buffer: vec![0; 1 << 16],
        }
    }

    fn step(&mut self, step: Step, ground: &Ground, tell: Tell<'_>) {
        match step {
            Step::Pending => {}
            Step::Failed(error) => self.talk.fail(error),
            Step::Open(ns) => {
                self.talk.opened(ns, tell);
                self.send(ground, tell);
            }
        }
    }

    fn send(&mut self, ground: &Ground, tell: Tell<'_>) {
        let number = self.schedule.next_number();
        let at = ground.clock.now();
        // Over a stream no bytes are nothing; as a message they are one.
        let sent = if self.text.is_empty() && self.kind.connects() {
            Ok(Sent::Gone)
        } else {
            self.talk.connection.link.send(&self.text, &ground.epoll)
        };
        match sent {
            Ok(Sent::Gone) => {
                self.schedule.passed(at);
                self.talk.books.ledger.sent(number, at);
                let gone = self.text.len() - self.talk.connection.link.unsent();
                self.talk.books.seen.bytes.0 += gone as u64;
                self.answer.clear();
                self.under_way = Some((number, at));
            }
            Ok(Sent::NoRoom) => {
                self.talk.books.seen.blocked = true;
                self.talk.end();
            }
            Err(errno) => self.broken("send", errno, tell),
        }
    }

    fn broken(&mut self, call: &'static str, errno: Errno, tell: Tell<'_>) {
        match errno {
            Errno::ECONNRESET | Errno::EPIPE if self.kind.connects() => self.closed(tell),
            Errno::ECONNREFUSED if !self.kind.connects() => {
                self.talk.books.seen.refusal.get_or_insert(errno);
                tell(Event::Refused(self.talk.books.ledger.refused()));
                self.talk.end();
            }
            errno => {
                let error = self.talk.connection.link.failed(call, errno);
                self.talk.fail(error);
            }
        }
    }

    fn closed(&mut self, tell: Tell<'_>) {
        if self.answer.is_empty() && self.under_way.is_some() {
            self.talk.books.seen.closed_without += 1;
            let number = self.talk.books.ledger.abandon().first().copied();
            tell(Event::Wrong(number, "closed without an answer".to_owned()));
            self.under_way = None;
            self.talk.connection.close();
            if self.talk.books.ledger.counts().received == 0 {
                self.talk.end();
            }
            return;
        }
        self.conclude(self.last, tell);
    }

    /// Does the answer hold what it has to?
    fn is_right(&self) -> bool {
        match &self.expected {
            None => true,
            Some(text) if text.is_empty() => true,
            Some(text) => self.answer.windows(text.len()).any(|window| window == text),
        }
    }

    /// The answer is whole, as far as it ever will be.
    fn conclude(&mut self, at: u64, tell: Tell<'_>) {
        self.talk.connection.close();
        let Some((number, sent)) = self.under_way.take() else { return };
        let right = self.is_right();
        let answer = std::mem::take(&mut self.answer);
        let front = answer[..answer.len().min(4096)].to_vec();
        self.talk.books.answer = Some(Reply { len: answer.len(), front: front.clone() });
        if right {
            match self.talk.books.ledger.arrived(number, at) {
                Receipt::OnTime(trip) | Receipt::Late(trip) => {
                    tell(Event::Answer(answer, trip, true));
                }
                Receipt::Duplicate | Receipt::Forgotten => {}
            }
        } else {
            self.talk.books.ledger.spoiled(number);
            self.talk.books.seen.unexpected.get_or_insert(front);
            tell(Event::Answer(answer, at.saturating_sub(sent), false));
        }
    }

    fn receive(&mut self, ground: &Ground, tell: Tell<'_>) {
        while self.talk.connection.is_open() && !self.talk.over {
            let received = self.talk.connection.link.receive_or_end(&mut self.buffer);
            let at = ground.clock.now();
            match received {
                Ok(None) => return,
                Ok(Some(None)) => return self.closed(tell),
                Ok(Some(Some(len))) => {
                    self.talk.books.seen.bytes.1 += len as u64;
                    self.answer.extend_from_slice(&self.buffer[..len]);
                    self.last = at;
                    let whole = self.kind.keeps_messages()
                        || (self.expected.is_some() && self.is_right())
                        || self.answer.len() >= MOST;
                    if whole {
                        self.conclude(at, tell);
                    }
                }
                Err(errno) => return self.broken("recv", errno, tell),
            }
        }
    }

    /// When the answer under way is over, whatever has come of it.
    fn deadline(&self) -> Option<u64> {
        let (_, sent) = self.under_way?;
        let end = sent.saturating_add(self.timeout);
        let quiet = !self.answer.is_empty() && self.expected.is_none();
        Some(if quiet { end.min(self.last.saturating_add(QUIET_NS)) } else { end })
    }

    fn expire(&mut self, now: u64, tell: Tell<'_>) {
        if self.deadline().is_none_or(|deadline| now < deadline) {
            return;
        }
        if !self.answer.is_empty() {
            return self.conclude(self.last, tell);
        }
        self.talk.connection.close();
        self.under_way = None;
        for number in self.talk.books.ledger.abandon() {
            tell(Event::NoReply(number));
        }
        if self.kind.connects() && self.talk.books.ledger.counts().received == 0 {
            self.talk.end();
        }
    }

    /// When the next one is due; None when there is none.
    fn next_due(&self) -> Option<u64> {
        match self.schedule.due() {
            Due::At(at) => Some(at),
            Due::WhenIdle => Some(0),
            Due::Never => None,
        }
    }
}

impl Part for Exchange {
    fn tick(&mut self, ground: &Ground, tell: Tell<'_>) {
        let now = ground.clock.now();
        self.expire(now, tell);
        if self.talk.over {
            return;
        }
        if self.talk.connection.is_closed() {
            match self.next_due() {
                None => self.talk.end(),
                Some(at) if now >= at => {
                    let step = self.talk.connection.begin(ground);
                    self.step(step, ground, tell);
                }
                Some(_) => {}
            }
        } else if !self.talk.connection.is_open() {
            let step = self.talk.connection.advance(false, ground);
            self.step(step, ground, tell);
        }
    }

    fn ready(&mut self, ground: &Ground, tell: Tell<'_>) {
        if !self.talk.connection.is_open() {
            let step = self.talk.connection.advance(true, ground);
            return self.step(step, ground, tell);
        }
        self.receive(ground, tell);
        if self.talk.connection.is_open() && self.talk.connection.link.unsent() > 0 {
            match self.talk.connection.link.flush(&ground.epoll) {
                Ok(gone) => self.talk.books.seen.bytes.0 += gone as u64,
                Err(errno) => self.broken("send", errno, tell),
            }
        }
    }

    fn wake_at(&self) -> Option<u64> {
        if self.talk.connection.is_closed() {
            return Some(self.next_due().unwrap_or(0));
        }
        [self.talk.connection.wake_at(), self.deadline()].into_iter().flatten().min()
    }

    fn is_waiting(&self) -> bool {
        !self.talk.over && !self.talk.books.ledger.is_idle()
    }

    fn is_over(&self) -> bool {
        self.talk.over
    }

    fn outcome(&self, machine: &Environment) -> Outcome {
        self.talk.books.outcome(machine, self.talk.over)
    }
}
