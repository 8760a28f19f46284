//! Pinging a target: echoes on schedule, answers in the books, and the rules by which it ends.

use super::connection::{Ground, Step};
use super::finding::is_greeting;
use super::ledger::Receipt;
use super::link::Sent;
use super::recognise::{Answer, Recogniser};
use super::schedule::{Due, Schedule};
use super::session::{Part, Tell};
use super::talk::Talk;
use super::{Event, Outcome, Target, Wishes, nanoseconds};
use crate::echo::framing::room;
use crate::environment::Environment;
use crate::os::Errno;
use crate::transport::Kind;
use std::collections::VecDeque;

/// A merged message is seen whole up to here, however small its echoes are.
const ROOM: usize = 65_536;
/// How many receives before the others have their turn.
const TURN: usize = 64;
/// How far the echoes of two targets are apart, where the interval is long enough.
const STAGGER_NS: u64 = 10_000_000;
/// How long after the last answer a copy of it may come, at least.
const LINGER_NS: u64 = 10_000_000;

/// A target that is pinged.
#[derive(Debug)]
pub struct Echoes {
    talk: Talk,
    kind: Kind,
    recogniser: Recogniser,
    wishes: (u64, u64, u64),
    /// How much later than the first target it begins: what happens to one is not to disturb the
    /// round trips of the others.
    offset: u64,
    /// It begins with the first connection.
    schedule: Option<Schedule>,
    /// Echoes that a connection was closed over, to be sent once more over the next one.
    again: VecDeque<u64>,
    /// Whole right answers on this connection.
    answered_here: u64,
    blocked_since: Option<u64>,
    last_answer: u64,
    buffer: Vec<u8>,
}

impl Echoes {
    /// For this target; `token` is what its events have.
    #[must_use]
    pub fn new(target: Target, wishes: &Wishes, token: u64) -> Self {
        let timeout = nanoseconds(wishes.timeout);
        Self {
            kind: target.transport.kind,
            recogniser: Recogniser::new(wishes.size),
            wishes: (nanoseconds(wishes.interval), wishes.count, timeout),
            offset: token.saturating_mul(STAGGER_NS),
            schedule: None,
            again: VecDeque::new(),
            answered_here: 0,
            blocked_since: None,
            last_answer: 0,
            buffer: vec![0; room(wishes.size).max(ROOM)],
            talk: Talk::new(target, wishes.size, timeout, token),
        }
    }

    fn step(&mut self, step: Step, ground: &Ground, tell: Tell<'_>) {
        match step {
            Step::Pending => {}
            Step::Failed(error) => self.talk.fail(error),
            Step::Open(ns) => {
                self.answered_here = 0;
                let (interval, count, _) = self.wishes;
                let now = ground.clock.now();
                let begin = now.saturating_add(self.offset.min(interval));
                let schedule =
                    self.schedule.get_or_insert_with(|| Schedule::new(begin, interval, count));
                let first = self.again.front().copied();
                self.recogniser.begin(first.unwrap_or_else(|| schedule.next_number()));
                if self.talk.opened(ns, tell) {
                    self.listen_first();
                }
            }
        }
    }

    /// What is there before anything was sent is no answer.
    fn listen_first(&mut self) {
        if self.kind.connects()
            && let Ok(Some(len @ 1..)) = self.talk.connection.link.receive(&mut self.buffer)
        {
            self.talk.books.seen.spoke_first = Some(self.buffer[..len.min(256)].to_vec());
            self.talk.end();
        }
    }

    fn send_due(&mut self, ground: &Ground, tell: Tell<'_>) {
        let link = &mut self.talk.connection.link;
        let Some(schedule) = self.schedule.as_mut().filter(|_| link.unsent() == 0) else { return };
        let is_due = match schedule.due() {
            Due::At(at) => ground.clock.now() >= at,
            Due::WhenIdle => self.talk.books.ledger.is_idle(),
            Due::Never => false,
        };
        let again = self.again.front().copied();
        if again.is_none() && !is_due {
            return;
        }
        let number = again.unwrap_or_else(|| schedule.next_number());
        let bytes = self.recogniser.prepare(number);
        let at = ground.clock.now();
        let mut sent = link.send(bytes, &ground.epoll);
        if sent == Err(Errno::ECONNREFUSED) && !self.kind.connects() {
            // The refusal of an earlier message shows here and is gone with it (udp(7)).
            self.refused(Errno::ECONNREFUSED, tell);
            if self.talk.over {
                return;
            }
            sent = self.talk.connection.link.send(self.recogniser.prepare(number), &ground.epoll);
        }
        match sent {
            Ok(Sent::Gone) => self.gone(number, at),
            Ok(Sent::NoRoom) => {
                self.blocked_since.get_or_insert(at);
            }
            Err(errno) => self.broken("send", errno, tell),
        }
    }

    fn gone(&mut self, number: u64, at: u64) {
        let unsent = self.talk.connection.link.unsent();
        self.talk.books.seen.bytes.0 += (self.talk.books.seen.size - unsent) as u64;
        self.talk.books.ledger.sent(number, at);
        self.blocked_since = (unsent > 0).then_some(at);
        if self.again.pop_front().is_none()
            && let Some(schedule) = &mut self.schedule
        {
            schedule.passed(at);
        }
    }

    /// A call said that the connection, or the far end, is gone.
    fn broken(&mut self, call: &'static str, errno: Errno, tell: Tell<'_>) {
        match errno {
            Errno::ECONNRESET | Errno::EPIPE | Errno::ENOTCONN if self.kind.connects() => {
                self.closed(tell);
            }
            Errno::ENOTCONN | Errno::ECONNRESET => self.talk.connection.close(),
            Errno::ECONNREFUSED | Errno::EHOSTUNREACH | Errno::ENETUNREACH
                if !self.kind.connects() =>
            {
                self.refused(errno, tell);
            }
            errno => {
                let error = self.talk.connection.link.failed(call, errno);
                self.talk.fail(error);
            }
        }
    }

    fn refused(&mut self, errno: Errno, tell: Tell<'_>) {
        let number = self.talk.books.ledger.refused();
        self.talk.books.seen.refusal.get_or_insert(errno);
        tell(Event::Refused(number));
        if self.talk.books.ledger.counts().received == 0 {
            self.talk.end();
        }
    }

    /// The far end closed the connection.
    fn closed(&mut self, tell: Tell<'_>) {
        let partial = self.recogniser.partial();
        self.talk.connection.close();
        self.blocked_since = None;
        if partial > 0 {
            self.talk.books.seen.short.get_or_insert(partial);
            tell(Event::Wrong(
                self.talk.books.ledger.under_way().next(),
                format!("closed after {partial} B of the echo"),
            ));
            self.talk.end();
        } else if self.talk.books.ledger.is_idle() && self.answered_here > 0 {
            self.talk.books.seen.closed_after += 1;
        } else if self.answered_here == 1 {
            // It closes after each echo, and ours was on its way by then: nobody has read it.
            self.talk.books.seen.closed_after += 1;
            self.again.extend(self.talk.books.ledger.under_way());
        } else {
            self.talk.books.seen.closed_without += 1;
            let under_way = self.talk.books.ledger.abandon();
            tell(Event::Wrong(under_way.first().copied(), "closed without an answer".to_owned()));
            if self.talk.books.ledger.counts().received == 0 {
                self.talk.end();
            }
        }
    }

    fn receive(&mut self, ground: &Ground, tell: Tell<'_>) {
        for _ in 0..TURN {
            let received = self.talk.connection.link.receive(&mut self.buffer);
            let at = ground.clock.now();
            match received {
                Ok(None) => return,
                Ok(Some(0)) if self.kind.connects() => self.closed(tell),
                Ok(Some(len)) => self.came(len, at, tell),
                Err(errno) => self.broken("recv", errno, tell),
            }
            if self.talk.over || !self.talk.connection.is_open() {
                return;
            }
        }
    }

    fn came(&mut self, len: usize, at: u64, tell: Tell<'_>) {
        self.talk.books.seen.bytes.1 += len as u64;
        let bytes = &self.buffer[..len];
        if self.kind.keeps_messages() {
            let answer = self.recogniser.message(bytes);
            self.judged(answer, at, tell);
            return;
        }
        let expected = self.talk.books.ledger.under_way().next();
        for answer in self.recogniser.stream(bytes, expected) {
            self.judged(answer, at, tell);
        }
    }

    fn judged(&mut self, answer: Answer, at: u64, tell: Tell<'_>) {
        let (spoiled, ends) = match &answer {
            Answer::Echo(number) => return self.echo(*number, at, tell),
            Answer::Cut { number, .. } | Answer::Padded { number, .. } => (vec![*number], false),
            Answer::Merged { numbers, .. } => (numbers.clone(), false),
            Answer::Flipped { number, .. } => (vec![*number], true),
            Answer::Foreign(bytes) => {
                let is_first = self.talk.books.ledger.counts().received == 0;
                if is_first && self.kind.connects() && is_greeting(bytes) {
                    self.talk.books.seen.spoke_first = Some(bytes.clone());
                }
                (self.talk.books.ledger.under_way().next().into_iter().collect(), true)
            }
        };
        self.last_answer = at;
        for number in &spoiled {
            self.talk.books.ledger.spoiled(*number);
        }
        tell(Event::Wrong(spoiled.first().copied(), answer.in_few_words()));
        self.talk.books.seen.wrong.get_or_insert(answer);
        if ends {
            self.talk.end();
        }
    }

    fn echo(&mut self, number: u64, at: u64, tell: Tell<'_>) {
        self.last_answer = at;
        match self.talk.books.ledger.arrived(number, at) {
            Receipt::OnTime(trip) => tell(Event::Echo { number, trip, late: false }),
            Receipt::Late(trip) => tell(Event::Echo { number, trip, late: true }),
            Receipt::Duplicate => return tell(Event::Duplicate(number)),
            Receipt::Forgotten => return,
        }
        self.answered_here += 1;
    }

    /// Tells what is overdue, and ends with a connection on which nothing ever comes.
    fn expire(&mut self, now: u64, tell: Tell<'_>) {
        let overdue = self.talk.books.ledger.expire(now);
        for number in &overdue {
            tell(Event::NoReply(*number));
        }
        let counts = self.talk.books.ledger.counts();
        let nothing = counts.received + counts.wrong == 0;
        if self.kind.connects() && nothing && !overdue.is_empty() {
            return self.talk.end();
        }
        let (_, _, timeout) = self.wishes;
        if self.blocked_since.is_some_and(|since| now >= since.saturating_add(timeout)) {
            self.talk.books.seen.blocked = true;
            self.talk.end();
        }
    }

    /// When nothing more can come: None while something still has to happen.
    fn finished_at(&self) -> Option<u64> {
        let schedule = self.schedule.as_ref()?;
        let all = schedule.due() == Due::Never && self.again.is_empty();
        if !all || !self.talk.books.ledger.is_idle() || self.talk.connection.link.unsent() > 0 {
            return None;
        }
        if self.kind.connects() {
            return Some(0);
        }
        let (_, _, timeout) = self.wishes;
        let longest = self.talk.books.ledger.trips().max().unwrap_or(0);
        let linger = LINGER_NS.max(longest.saturating_mul(2)).min(timeout);
        Some(self.last_answer.saturating_add(linger))
    }

    fn next_due(&self) -> Option<u64> {
        let schedule = self.schedule.as_ref()?;
        match schedule.due() {
            _ if !self.again.is_empty() => Some(0),
            // Whoever waits for room is woken by it.
            _ if self.talk.connection.is_open() && self.talk.connection.link.is_blocked() => None,
            Due::At(at) => Some(at),
            Due::WhenIdle if self.talk.books.ledger.is_idle() => Some(0),
            Due::WhenIdle | Due::Never => None,
        }
    }
}

impl Part for Echoes {
    fn tick(&mut self, ground: &Ground, tell: Tell<'_>) {
        let now = ground.clock.now();
        if self.talk.connection.is_open() {
            self.expire(now, tell);
        } else if self.talk.connection.is_closed() {
            self.expire(now, tell);
            let is_due = self.schedule.is_none() || self.next_due().is_some_and(|at| now >= at);
            if is_due && !self.talk.over {
                let step = self.talk.connection.begin(ground);
                self.step(step, ground, tell);
            }
        } else {
            let step = self.talk.connection.advance(false, ground);
            self.step(step, ground, tell);
        }
        if self.talk.connection.is_open() && !self.talk.over {
            self.send_due(ground, tell);
        }
        if self.finished_at().is_some_and(|at| ground.clock.now() >= at) {
            self.talk.end();
        }
    }

    fn ready(&mut self, ground: &Ground, tell: Tell<'_>) {
        if !self.talk.connection.is_open() {
            let step = self.talk.connection.advance(true, ground);
            return self.step(step, ground, tell);
        }
        self.receive(ground, tell);
        if self.talk.over
            || !self.talk.connection.is_open()
            || self.talk.connection.link.unsent() == 0
        {
            return;
        }
        match self.talk.connection.link.flush(&ground.epoll) {
            Ok(gone) => {
                self.talk.books.seen.bytes.0 += gone as u64;
                if gone > 0 {
                    let left = self.talk.connection.link.unsent() > 0;
                    self.blocked_since = left.then(|| ground.clock.now());
                }
            }
            Err(errno) => self.broken("send", errno, tell),
        }
    }

    fn wake_at(&self) -> Option<u64> {
        let (_, _, timeout) = self.wishes;
        let blocked = self.blocked_since.map(|since| since.saturating_add(timeout));
        let due = if self.talk.connection.wake_at().is_some() { None } else { self.next_due() };
        let all = [
            self.talk.connection.wake_at(),
            self.talk.books.ledger.deadline(),
            blocked,
            due.filter(|_| self.talk.connection.link.unsent() == 0),
            self.finished_at(),
        ];
        all.into_iter().flatten().min()
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
