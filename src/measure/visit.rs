//! One visit of one case: two fresh processes with a fresh connection between them do their share,
//! while this process sleeps and keeps watch. It is woken by what they say, by a signal, or by a
//! reply that is overdue; none of that happens in a visit that goes well.

use super::plan::Case;
use crate::echo::client::Tally;
use crate::echo::control::{Go, Heard, Listener, Report, tell};
use crate::echo::fault::{Cause, Fault};
use crate::echo::message::{Direction, Mark, Payload};
use crate::echo::{Role, Share, Task, Wait};
use crate::os::pair::{Options, Pair};
use crate::os::process::{Child, ChildState, Usage, start_end};
use crate::os::scratch::Scratch;
use crate::os::signals::{Interrupt, Interrupts};
use crate::os::socket::{Socket, control_pair};
use crate::os::{CallError, Errno, poll};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

/// How a visit ended.
#[derive(Debug)]
pub enum Visit {
    /// The client did its share, or found out why not.
    Done(Box<Gathered>),
    /// The ends could not be set up.
    Refused(CallError),
    /// A signal came first.
    Interrupted(Interrupt),
}

/// What a visit brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gathered {
    /// What the client found.
    pub tally: Tally,
    /// How long its `connect` took.
    pub connect_ns: u64,
    /// What the peer used of the CPU, warm-ups included.
    pub peer_usage: Usage,
    /// Where the server was.
    pub address: String,
    /// The client's send and receive buffer.
    pub buffers: (usize, usize),
}

/// What visits are made with.
#[derive(Debug)]
pub struct Visitor {
    /// Where names come from.
    pub scratch: Scratch,
    /// What the sockets are like.
    pub options: Options,
    /// What messages hold.
    pub payload: Payload,
    /// How long one exchange may take.
    pub timeout: Duration,
    /// What ends it all.
    pub interrupts: Interrupts,
    /// The ends of the visit before, which die while the next one starts.
    pub leaving: Vec<Child>,
}

/// How long the two processes have to get started.
const START: Duration = Duration::from_secs(5);
/// How long a peer that was told to stop has to say good-bye.
const FAREWELL: Duration = Duration::from_millis(200);

impl Visitor {
    /// Visits a case.
    pub fn visit(&mut self, case: &Case, share: Share, seed: u64) -> Visit {
        match self.attempt(case, share, seed) {
            Ok(visit) => visit,
            Err(error) => Visit::Refused(error),
        }
    }

    fn attempt(&mut self, case: &Case, share: Share, seed: u64) -> Result<Visit, CallError> {
        let pair = Pair::open(case.transport, &mut self.scratch, self.options)?;
        let buffers = pair.client.buffers()?;
        let task = |role, cpu| Task {
            role,
            transport: case.transport.name.to_owned(),
            label: case.label.clone(),
            size: case.size,
            wait: case.wait,
            cpu,
            nodelay: self.options.nodelay,
            seed,
            payload: self.payload.clone(),
        };
        let cpus = case.seats.cpus;
        let peer = End::start(&task(Role::Peer, cpus.map(|c| c.1)), &pair.server)?;
        let client = End::start(&task(Role::Client(share), cpus.map(|c| c.0)), &pair.client)?;
        let watch = Watch {
            case,
            seed,
            timeout: self.timeout,
            interrupts: &self.interrupts,
            client,
            peer,
            // A listener that we kept open would take the connection of a peer that died.
            server: (!case.transport.kind.connects()).then_some(pair.server),
            client_socket: pair.client,
            farewell: None,
            leaving: &mut self.leaving,
        };
        let address = pair.name.to_address(case.transport);
        let address = address.map_or_else(|| pair.name.to_string(), |address| address.to_string());
        let connect_ns = pair.connect_ns;
        Ok(match watch.run()? {
            Watched::Done(tally, peer_usage) => {
                Visit::Done(Box::new(Gathered { tally, connect_ns, peer_usage, address, buffers }))
            }
            Watched::Interrupted(interrupt) => Visit::Interrupted(interrupt),
        })
    }
}

/// One end, as its parent has it.
#[derive(Debug)]
struct End {
    child: Child,
    control: Socket,
    listener: Listener<Report>,
}

impl End {
    fn start(task: &Task, socket: &Socket) -> Result<Self, CallError> {
        let text = serde_json::to_string(task)
            .map_err(|error| CallError::new("execve", error, Errno::EINVAL))?;
        let (control, theirs) = control_pair()?;
        let child = start_end(&text, socket, theirs)?;
        Ok(Self { child, control, listener: Listener::new() })
    }

    fn hear(&mut self) -> Heard<Report> {
        self.listener.hear(&self.control)
    }

    /// The error that it is when an end goes away before it has said anything.
    fn lost(&self, which: &str) -> CallError {
        let fate = self.fate().unwrap_or_else(|| "went away".to_owned());
        CallError::new("execve", format!("{which} {fate}"), Errno::ECHILD)
    }

    /// What has become of it, in words, if it cannot go on.
    fn fate(&self) -> Option<String> {
        match self.child.state() {
            ChildState::Alive => None,
            state => Some(state.words()),
        }
    }
}

enum Watched {
    Done(Tally, Usage),
    Interrupted(Interrupt),
}

struct Watch<'a> {
    case: &'a Case,
    seed: u64,
    timeout: Duration,
    interrupts: &'a Interrupts,
    client: End,
    peer: End,
    server: Option<Socket>,
    client_socket: Socket,
    /// What the peer said when it was told to stop, which may be heard before the client's tally.
    farewell: Option<Usage>,
    leaving: &'a mut Vec<Child>,
}

impl Watch<'_> {
    fn run(mut self) -> Result<Watched, CallError> {
        if let Some(interrupt) = self.await_peer()? {
            return Ok(Watched::Interrupted(interrupt));
        }
        // Nothing but the two ends may run from here on.
        self.leaving.clear();
        // A client that is gone already is noticed below.
        let _ = tell(&self.client.control, &Go);
        let tally = match self.await_tally()? {
            Ok(tally) => tally,
            Err(interrupt) => return Ok(Watched::Interrupted(interrupt)),
        };
        let usage = if tally.failure.is_none() { self.await_farewell()? } else { Usage::default() };
        for end in [self.client, self.peer] {
            end.child.kill();
            self.leaving.push(end.child);
        }
        Ok(Watched::Done(tally, usage))
    }

    fn await_peer(&mut self) -> Result<Option<Interrupt>, CallError> {
        let until = Instant::now() + START;
        loop {
            match self.peer.hear() {
                Heard::Message(Report::Ready) => return Ok(None),
                Heard::Message(Report::Refused { call, place, errno }) => {
                    return Err(refusal(&call, place, errno));
                }
                Heard::Message(_) | Heard::Closed => {
                    let fate = self.peer.fate().unwrap_or_else(|| "went away".to_owned());
                    return Err(CallError::new(
                        "execve",
                        format!("the peer {fate}"),
                        Errno::ECHILD,
                    ));
                }
                Heard::Nothing => {}
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(CallError::new("execve", "the peer did not start", Errno::ETIMEDOUT));
            }
            poll::readable([self.peer.control.as_fd(), self.interrupts.as_fd()], Some(left))?;
            if let Some(interrupt) = self.interrupts.pending() {
                return Ok(Some(interrupt));
            }
        }
    }

    /// Sleeps until the client has done its share. A client that waits in the kernel has no time-out
    /// of its own: when it has not been on a CPU for that long, it is told that the reply is lost.
    fn await_tally(&mut self) -> Result<Result<Tally, Interrupt>, CallError> {
        let tick = (self.timeout / 10).clamp(Duration::from_millis(1), Duration::from_millis(100));
        let mut progress = (self.client.child.cpu_time(), Instant::now());
        let mut overdue = None;
        loop {
            match self.client.hear() {
                Heard::Message(Report::Tally(tally)) => {
                    return Ok(Ok(self.corrected(tally, overdue)));
                }
                Heard::Message(Report::Refused { call, place, errno }) => {
                    return Err(refusal(&call, place, errno));
                }
                Heard::Message(_) | Heard::Closed => return Err(self.client.lost("the client")),
                Heard::Nothing => {}
            }
            let own = self.client.control.as_fd();
            // A peer's end that has closed stays readable, and then only the client is awaited.
            let peer_is_done = overdue.is_some() || self.farewell.is_some();
            let other = if peer_is_done { own } else { self.peer.control.as_fd() };
            let ready = poll::readable([own, other, self.interrupts.as_fd()], Some(tick))?;
            if let Some(interrupt) = self.interrupts.pending() {
                return Ok(Err(interrupt));
            }
            if !peer_is_done && ready[1] && self.peer_has_gone() {
                overdue = Some(self.peer_fate());
                self.wake_client(Mark::Over);
            }
            if ready.contains(&true) {
                continue;
            }
            let now = self.client.child.cpu_time();
            if now != progress.0 {
                progress = (now, Instant::now());
            } else if progress.1.elapsed() >= self.timeout && self.case.wait != Wait::Spin {
                overdue = self.time_is_over().or(overdue);
                progress.1 = Instant::now();
            }
        }
    }

    /// Tells a client that has waited long enough, and says why, unless the reply is just lost and
    /// there may be others.
    fn time_is_over(&self) -> Option<Cause> {
        if let Some(fate) = self.peer.fate() {
            self.wake_client(Mark::Over);
            return Some(Cause::Peer { fate });
        }
        self.wake_client(Mark::Lost);
        self.case.transport.kind.connects().then_some(Cause::Lost)
    }

    /// Did the peer close its end of the talk without a good-bye?
    fn peer_has_gone(&mut self) -> bool {
        match self.peer.hear() {
            Heard::Message(Report::Done(usage)) => {
                self.farewell = Some(usage);
                false
            }
            Heard::Message(_) | Heard::Nothing => false,
            Heard::Closed => self.farewell.is_none(),
        }
    }

    /// What has become of a peer whose connection broke; None if it took leave in good order. The
    /// kernel closes a dying process's sockets one after the other, so the news may be on its way.
    fn broken_peer(&mut self) -> Option<Cause> {
        if self.farewell.is_some() {
            return None;
        }
        let ready = poll::readable([self.peer.control.as_fd()], Some(FAREWELL));
        match (ready, self.peer.hear()) {
            (_, Heard::Message(_)) | (Ok([false]), Heard::Nothing) => None,
            _ => Some(self.peer_fate()),
        }
    }

    /// A peer that closed its end of the talk is about to exit, if it has not yet.
    fn peer_fate(&self) -> Cause {
        let until = Instant::now() + FAREWELL;
        loop {
            if let Some(fate) = self.peer.fate() {
                return Cause::Peer { fate };
            }
            if Instant::now() >= until {
                return Cause::Peer { fate: "went away".to_owned() };
            }
            std::thread::yield_now();
        }
    }

    /// Lets a client that waits for a reply go on: a connection is ended, and a socket of messages
    /// gets a mark.
    fn wake_client(&self, mark: Mark) {
        let Some(server) = &self.server else {
            self.client_socket.shut_down();
            return;
        };
        let tag_len = self.case.transport.tag_len();
        let message = mark.wire(Direction::Reply, self.case.size, tag_len, self.seed);
        // If the queue is full, the client has something to wake up for.
        let _ = server.send_now(&message);
    }

    /// The client saw its connection end or its reply lost; we know why.
    fn corrected(&mut self, mut tally: Tally, overdue: Option<Cause>) -> Tally {
        let Some(Fault { exchange, cause: seen }) = tally.failure.take() else { return tally };
        let cause = match (overdue, seen) {
            // Some of the reply had come: that says more than that the rest did not.
            (Some(Cause::Lost) | None, seen @ Cause::Mismatch(_)) => seen,
            (Some(known), _) => known,
            (None, seen) => self.broken_peer().unwrap_or(seen),
        };
        tally.failure = Some(Fault { exchange, cause });
        tally
    }

    fn await_farewell(&mut self) -> Result<Usage, CallError> {
        let until = Instant::now() + FAREWELL;
        loop {
            if let Some(usage) = self.farewell {
                return Ok(usage);
            }
            match self.peer.hear() {
                Heard::Message(Report::Done(usage)) => return Ok(usage),
                Heard::Message(_) | Heard::Closed => return Ok(Usage::default()),
                Heard::Nothing => {}
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(Usage::default());
            }
            poll::readable([self.peer.control.as_fd()], Some(left))?;
        }
    }
}

/// A call that failed in a child, with its name as ours have them.
fn refusal(call: &str, place: String, errno: i32) -> CallError {
    const CALLS: [&str; 9] = [
        "accept4",
        "setsockopt",
        "sched_setaffinity",
        "prctl",
        "getppid",
        "poll",
        "send",
        "recv",
        "read",
    ];
    let call = CALLS.into_iter().find(|name| *name == call).unwrap_or("child");
    CallError { call, place, errno: Errno::from_raw(errno) }
}
