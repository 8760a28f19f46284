//! All targets in one thread: it waits for whichever has something to do, and for signals. What
//! happens is told as it happens; nothing is printed in here.

use super::connection::Ground;
use super::echoes::Echoes;
use super::exchange::Exchange;
use super::{Event, Outcome, Target, Wishes};
use crate::environment::Environment;
use crate::os::CallError;
use crate::os::clock::Monotonic;
use crate::os::epoll::{Epoll, Events, Interest};
use crate::os::signals::{Interrupt, Interrupts};
use std::os::fd::BorrowedFd;
use std::time::Duration;

/// Whom to tell what happens.
pub type Tell<'a> = &'a mut dyn FnMut(Event);

/// What a session tells.
#[derive(Debug)]
pub enum Told<'a> {
    /// This happened with the target of that number.
    Of(usize, Event),
    /// Somebody asks how things stand (`SIGQUIT`).
    Summary(&'a [Outcome]),
}

/// A target that is being asked.
pub trait Part {
    /// Does what is due by now.
    fn tick(&mut self, ground: &Ground, tell: Tell<'_>);
    /// Its socket has something to receive, or room, or an error.
    fn ready(&mut self, ground: &Ground, tell: Tell<'_>);
    /// When to tick again even if nothing happens.
    fn wake_at(&self) -> Option<u64>;
    /// Is an answer under way, which must be received the moment it comes?
    fn is_waiting(&self) -> bool;
    /// Is nothing left to do?
    fn is_over(&self) -> bool;
    /// How it stands.
    fn outcome(&self, machine: &Environment) -> Outcome;
}

/// What came of a session.
#[derive(Debug)]
pub struct Ended {
    /// How each target came out.
    pub outcomes: Vec<Outcome>,
    /// The signal that ended it, if one did.
    pub interrupt: Option<Interrupt>,
}

const SIGNALS: u64 = u64::MAX;
const READER: u64 = u64::MAX - 1;

/// Asks all targets until each is done, or a signal comes. `machine` tells what this one lacks; when
/// nobody reads `output` any more, there is nobody left to ask for.
///
/// # Errors
/// When the kernel does not let anybody wait.
pub fn run(
    targets: Vec<Target>,
    wishes: &Wishes,
    interrupts: &Interrupts,
    machine: &Environment,
    output: Option<BorrowedFd<'_>>,
    tell: &mut dyn FnMut(Told<'_>),
) -> Result<Ended, CallError> {
    let ground = Ground { epoll: Epoll::new()?, clock: Monotonic::start() };
    ground.epoll.add(interrupts, SIGNALS, Interest::Read)?;
    if let Some(output) = output {
        // That a pipe has lost its reader is told without being asked for; a file, which never
        // does, cannot be watched (epoll_ctl(2), EPERM).
        let _ = ground.epoll.add(output, READER, Interest::Pause);
    }
    let mut parts: Vec<_> =
        targets.into_iter().zip(0..).map(|(target, token)| part(target, wishes, token)).collect();
    let outcomes = |parts: &[Box<dyn Part>]| {
        parts.iter().map(|part| part.outcome(machine)).collect::<Vec<_>>()
    };
    let mut events = Events::default();
    let mut happened = Vec::new();
    let mut news = News::default();
    loop {
        news.tell(&parts, &ground, tell);
        for (index, part) in parts.iter_mut().enumerate().filter(|(_, part)| !part.is_over()) {
            part.tick(&ground, &mut |event| news.hear(index, event, &ground));
        }
        let Some(wait) = until_next(&parts, &news, &ground) else {
            news.tell_all(tell);
            return Ok(Ended { outcomes: outcomes(&parts), interrupt: None });
        };
        happened.clear();
        happened.extend(ground.epoll.wait(&mut events, Some(wait))?.map(|event| event.token));
        if happened.contains(&READER) {
            return Ok(Ended { outcomes: outcomes(&parts), interrupt: None });
        }
        for index in happened.iter().filter_map(|token| usize::try_from(*token).ok()) {
            if let Some(part) = parts.get_mut(index).filter(|part| !part.is_over()) {
                part.ready(&ground, &mut |event| news.hear(index, event, &ground));
            }
        }
        if happened.contains(&SIGNALS)
            && let Some(interrupt) = interrupts.pending()
        {
            news.tell_all(tell);
            if !interrupt.asks_for_summary() {
                let outcomes = outcomes(&parts);
                return Ok(Ended { outcomes, interrupt: Some(interrupt) });
            }
            tell(Told::Summary(&outcomes(&parts)));
        }
    }
}

fn part(target: Target, wishes: &Wishes, token: u64) -> Box<dyn Part> {
    match wishes.send {
        None => Box::new(Echoes::new(target, wishes, token)),
        Some(_) => Box::new(Exchange::new(target, wishes, token)),
    }
}

/// What has happened and is not told yet. Telling takes longer than many a round trip, so it waits
/// until no answer is under way; but not for longer than people would notice.
#[derive(Default)]
struct News {
    waiting: Vec<(usize, Event)>,
    since: u64,
}

/// How long news may wait.
const NEWS_NS: u64 = 50_000_000;

impl News {
    fn hear(&mut self, index: usize, event: Event, ground: &Ground) {
        if self.waiting.is_empty() {
            self.since = ground.clock.now();
        }
        self.waiting.push((index, event));
    }

    fn tell(&mut self, parts: &[Box<dyn Part>], ground: &Ground, tell: &mut dyn FnMut(Told<'_>)) {
        let quiet = !parts.iter().any(|part| part.is_waiting());
        if quiet || self.due().is_some_and(|at| ground.clock.now() >= at) {
            self.tell_all(tell);
        }
    }

    fn tell_all(&mut self, tell: &mut dyn FnMut(Told<'_>)) {
        self.waiting.drain(..).for_each(|(index, event)| tell(Told::Of(index, event)));
    }

    fn due(&self) -> Option<u64> {
        (!self.waiting.is_empty()).then(|| self.since.saturating_add(NEWS_NS))
    }
}

/// How long to wait: None when all is done.
fn until_next(parts: &[Box<dyn Part>], news: &News, ground: &Ground) -> Option<Duration> {
    let mut active = parts.iter().filter(|part| !part.is_over()).peekable();
    active.peek()?;
    // What waits for nothing but its socket is looked at again all the same: nothing may hang.
    let latest = ground.clock.now().saturating_add(1_000_000_000);
    let next = active.filter_map(|part| part.wake_at()).chain(news.due()).fold(latest, u64::min);
    Some(Duration::from_nanos(next.saturating_sub(ground.clock.now())))
}
