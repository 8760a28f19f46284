//! A whole server: its threads, what they share, and its end.

use super::Settings;
use super::open::Opened;
use super::tally::{Counters, Tally};
use super::worker::{Arrival, Listener, Worker};
use crate::os::CallError;
use crate::os::epoll::Bell;
use crate::os::signals::{Interrupt, Interrupts};
use crate::transport::Transport;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// What the threads of a server share.
pub(super) struct Shared {
    pub settings: Settings,
    /// The transport at each address.
    pub transports: Vec<&'static Transport>,
    /// The addresses of its sockets of messages: it does not talk to itself.
    pub own: Vec<SocketAddr>,
    /// How many bytes a message over one of its connections can have.
    pub largest: usize,
    /// Was it given connections alone, so that nobody else can ever come?
    pub only_connections: bool,
    /// Connections that are open now, in all threads.
    pub open: AtomicUsize,
    /// Nobody is accepted for now: who closes a connection rings the first thread's bell.
    pub paused: AtomicBool,
    /// Finish what is in flight and end.
    pub ending: AtomicBool,
    /// End at once.
    pub hurry: AtomicBool,
    /// What each thread is told by others.
    pub lanes: Vec<Lane>,
}

/// How a thread is told something.
pub(super) struct Lane {
    pub bell: Bell,
    pub arrivals: Mutex<Vec<Arrival>>,
    /// One for each address.
    pub counters: Vec<Counters>,
}

impl Shared {
    /// Tells everybody to finish and end.
    pub(super) fn end(&self) {
        self.ending.store(true, Ordering::Release);
        for lane in &self.lanes {
            lane.bell.ring();
        }
    }

    /// A connection is over.
    pub(super) fn closed_one(&self) {
        let left = self.open.fetch_sub(1, Ordering::AcqRel) - 1;
        if self.paused.load(Ordering::Acquire) {
            self.lanes[0].bell.ring();
        }
        if self.settings.once || (self.only_connections && left == 0) {
            self.end();
        }
    }

    /// Gives a connection to a thread.
    pub(super) fn deal(&self, thread: usize, arrival: Arrival) {
        let lane = &self.lanes[thread];
        lane.arrivals.lock().unwrap_or_else(PoisonError::into_inner).push(arrival);
        lane.bell.ring();
    }

    /// The connections that a thread was given since it last asked.
    pub(super) fn arrivals(&self, thread: usize) -> Vec<Arrival> {
        let mut arrivals =
            self.lanes[thread].arrivals.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut arrivals)
    }
}

/// What a thread has to do: the sockets that are its own. It is sent to the thread, which cannot be
/// said of everything that it makes of them.
#[derive(Default)]
pub(super) struct Duties {
    pub listeners: Vec<Listener>,
    pub messages: Vec<Listener>,
    pub arrivals: Vec<Arrival>,
}

/// A server that is ready to run.
pub struct Server {
    shared: Arc<Shared>,
    duties: Vec<Duties>,
}

impl Server {
    /// Spreads the sockets over the threads: the first one accepts for all and deals the connections
    /// out in turn, and each socket of messages has one thread, so that answers keep their order.
    ///
    /// # Errors
    /// When the kernel has no descriptors for it.
    pub fn new(settings: Settings, opened: Vec<Opened>) -> Result<Self, CallError> {
        let threads = settings.threads;
        let lane = || {
            Ok(Lane {
                bell: Bell::new()?,
                arrivals: Mutex::default(),
                counters: opened.iter().map(|_| Counters::default()).collect(),
            })
        };
        let shared = Shared {
            settings,
            transports: opened.iter().map(|opened| opened.transport).collect(),
            largest: opened.iter().map(largest_of).max().unwrap_or(0),
            only_connections: opened.iter().all(|opened| opened.is_connection),
            own: opened.iter().filter_map(own_address).collect(),
            open: AtomicUsize::new(0),
            paused: AtomicBool::new(false),
            ending: AtomicBool::new(false),
            hurry: AtomicBool::new(false),
            lanes: (0..threads).map(|_| lane()).collect::<Result<_, CallError>>()?,
        };
        let mut duties: Vec<_> = (0..threads).map(|_| Duties::default()).collect();
        let mut turn = (0..threads).cycle();
        for (spot, opened) in (0_u32..).zip(opened) {
            let Opened { socket, transport, is_connection, file, .. } = opened;
            if is_connection {
                shared.open.fetch_add(1, Ordering::AcqRel);
                duties[0].arrivals.push(Arrival { socket, spot });
            } else if transport.kind.connects() {
                duties[0].listeners.push(Listener { file, socket, spot });
            } else {
                let turn = turn.next().unwrap_or(0);
                duties[turn].messages.push(Listener { file, socket, spot });
            }
        }
        Ok(Self { shared: Arc::new(shared), duties })
    }

    /// Runs until a signal ends it, or until it has served once if that was asked for, and says which
    /// signal that was. Calls `summary` when one is wished for meanwhile.
    ///
    /// # Errors
    /// When the kernel does not let it wait.
    pub fn run(
        &mut self,
        interrupts: &Interrupts,
        summary: &mut dyn FnMut(&[Tally]),
    ) -> Result<Option<Interrupt>, CallError> {
        let mut duties = std::mem::take(&mut self.duties).into_iter();
        let shared = Arc::clone(&self.shared);
        let mut first = Worker::new(Arc::clone(&shared), 0, duties.next().unwrap_or_default())?;
        let start = |(index, duties)| {
            let shared = Arc::clone(&shared);
            std::thread::spawn(move || {
                let ends = Arc::clone(&shared);
                let outcome =
                    Worker::new(shared, index, duties).and_then(|mut worker| worker.run(None));
                // A server that has lost a thread has lost its clients: it ends, and says why.
                ends.end();
                outcome
            })
        };
        let others: Vec<_> = (1..).zip(duties).map(start).collect();
        let mut ended = None;
        let mut heard = |interrupt: Interrupt| {
            if interrupt.asks_for_summary() {
                summary(&tallies(&shared));
            } else if ended.replace(interrupt).is_some() {
                shared.hurry.store(true, Ordering::Release);
                shared.end();
            } else {
                shared.end();
            }
        };
        let outcome = first.run(Some((interrupts, &mut heard)));
        self.shared.end();
        for other in others {
            // A thread that panicked has said so itself.
            if let Ok(result) = other.join() {
                result?;
            }
        }
        outcome.map(|()| ended)
    }

    /// What was done so far, at each address.
    #[must_use]
    pub fn tallies(&self) -> Vec<Tally> {
        tallies(&self.shared)
    }
}

fn tallies(shared: &Shared) -> Vec<Tally> {
    (0..shared.transports.len())
        .map(|spot| {
            let mut tally = Tally::default();
            shared.lanes.iter().for_each(|lane| tally.add(&lane.counters[spot]));
            tally
        })
        .collect()
}

fn largest_of(opened: &Opened) -> usize {
    let kind = opened.transport.kind;
    let is_asked = kind.connects() && kind.keeps_messages();
    if is_asked { opened.socket.largest_message(opened.transport) } else { 0 }
}

fn own_address(opened: &Opened) -> Option<SocketAddr> {
    match &opened.name {
        crate::os::name::Name::Inet(address) if !opened.transport.kind.connects() => Some(*address),
        _ => None,
    }
}
