//! The walk, driven: both ends are told in turn which call to make, and the next is told only when the
//! one before has come back. So the order is the order in which things happened, and the time of a
//! call is its own: no end waits in it for the other.

use super::end::{Report, Task};
use super::evidence::View;
use super::route::LONGEST_WAIT;
use super::{Call, Came, Done, Order, Step, Taken, Where};
use crate::echo::control::{Heard, Listener, tell};
use crate::os::name::Name;
use crate::os::process::{Child, ChildState, start_walker};
use crate::os::scratch::Scratch;
use crate::os::shield::Shield;
use crate::os::sight::Snapshot;
use crate::os::signals::{Interrupt, Interrupts};
use crate::os::socket::{Socket, control_pair};
use crate::os::{CallError, Errno, limits, poll, random};
use crate::transport::lesson::{Moment, Who};
use crate::transport::{End, Kind, Transport};
use std::os::fd::AsFd;
use std::os::unix::fs::FileTypeExt;
use std::path::Path;
use std::time::{Duration, Instant};

/// What a walk was like.
#[derive(Debug)]
pub struct Walk {
    /// The calls that were made.
    pub taken: Vec<Taken>,
    /// How things stood after each, if that was looked at.
    pub views: Vec<View>,
    /// What ended it early.
    pub trouble: Option<Trouble>,
}

impl Walk {
    /// One that had not begun when a signal came.
    #[must_use]
    pub const fn ended_by(interrupt: Interrupt) -> Self {
        let trouble = Some(Trouble::Interrupted(interrupt));
        Self { taken: Vec::new(), views: Vec::new(), trouble }
    }

    /// Did it end because of what is somebody else's?
    #[must_use]
    pub const fn heard_a_stranger(&self) -> bool {
        matches!(self.trouble, Some(Trouble::Strange(_)))
    }
}

/// Why a walk goes no further.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The kernel refused the last call, which had that name.
    Refused(Step, Option<Box<Name>>, Errno),
    /// What the last call brought is not what was sent: so many bytes came.
    Wrong(Step, usize),
    /// What the last call brought is somebody else's: raw sockets have no ports, and hear whatever is
    /// sent by their protocol, over IPv6 always and over IPv4 until they have an address.
    Strange(Step),
    /// A call with that name did not come back within that time.
    Hung(Step, Option<Box<Name>>, Duration),
    /// That end went away, in its call or before the other's.
    Died(End, Step, String),
    /// A name for it could not be had.
    Nameless(Step, CallError),
    /// The processes for further walks could not be started.
    Unstarted(CallError),
    /// A signal came.
    Interrupted(Interrupt),
}

/// How often an end that waits for a CPU is given its time once more.
const BUSY: usize = 30;
/// How long the two processes have to get started.
const START: Duration = Duration::from_secs(5);

/// Two ends that walk as often as they are told.
#[derive(Debug)]
pub struct Walkers<'a> {
    transport: &'static Transport,
    steps: Vec<Step>,
    server: Walker,
    client: Walker,
    patience: Duration,
    interrupts: &'a Interrupts,
}

/// Between two orders: whose sockets are where, and what they are called.
#[derive(Default)]
struct Ground {
    sockets: Vec<(Who, i32)>,
    server: Option<Name>,
    client: Option<Name>,
    files: Vec<(Who, Name)>,
}

/// What a walk is to be like.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What carries the message.
    pub transport: &'static Transport,
    /// The calls.
    pub steps: Vec<Step>,
    /// Bytes of the message.
    pub size: usize,
    /// The CPUs of client and server; None leaves it to the scheduler.
    pub cpus: Option<(usize, usize)>,
    /// How long a call may take.
    pub patience: Duration,
}

impl<'a> Walkers<'a> {
    /// Starts both ends and waits until they are there, or until a signal comes.
    ///
    /// # Errors
    /// When they cannot be started, or do not get as far as their first order.
    pub fn start(
        plan: &Plan,
        interrupts: &'a Interrupts,
    ) -> Result<Result<Self, Interrupt>, CallError> {
        let seed = random();
        let shield = (plan.transport.kind == Kind::Raw).then(Shield::fresh);
        let task = |end, cpu| Task {
            end,
            transport: plan.transport.name.to_owned(),
            size: plan.size,
            seed,
            cpu,
            shield,
        };
        let mut server = Walker::start(&task(End::Server, plan.cpus.map(|cpus| cpus.1)))?;
        let mut client = Walker::start(&task(End::Client, plan.cpus.map(|cpus| cpus.0)))?;
        for (walker, which) in [(&mut server, "the server"), (&mut client, "the client")] {
            if let Err(interrupt) = walker.await_start(which, interrupts)? {
                return Ok(Err(interrupt));
            }
        }
        let (transport, steps) = (plan.transport, plan.steps.clone());
        Ok(Ok(Self { transport, steps, server, client, patience: plan.patience, interrupts }))
    }

    /// Walks once. Behind each call the kernel is asked how things stand, if `looking`.
    pub fn walk(&mut self, scratch: &mut Scratch, looking: bool) -> Walk {
        let mut walk = Walk { taken: Vec::new(), views: Vec::new(), trouble: None };
        let mut ground = Ground::default();
        let mut snapshot = Snapshot::default();
        for step in self.steps.clone() {
            match self.step(step, &mut ground, scratch) {
                Ok(taken) => {
                    let trouble = self.trouble_of(&taken).map(|found| self.cause(step, found));
                    ground.note(&taken);
                    walk.taken.push(taken);
                    if looking {
                        snapshot.renew();
                        walk.views.push(self.view(&ground, &mut snapshot));
                    }
                    walk.trouble = trouble;
                }
                Err(trouble) => walk.trouble = Some(trouble),
            }
            if walk.trouble.is_some() {
                break;
            }
        }
        for walker in [&self.server, &self.client] {
            // One that is gone has nothing open.
            let _ = tell(&walker.control, &Order::Again);
        }
        for (_, name) in &ground.files {
            scratch.forget(name);
        }
        walk
    }

    /// A call may be refused because the other end is not there any more.
    fn cause(&self, step: Step, trouble: Trouble) -> Trouble {
        let (other, walker) = match step.end {
            End::Server => (End::Client, &self.client),
            End::Client => (End::Server, &self.server),
        };
        match walker.child.state() {
            ChildState::Alive | ChildState::Stopped => trouble,
            gone => Trouble::Died(other, step, gone.words()),
        }
    }

    fn step(
        &mut self,
        step: Step,
        ground: &mut Ground,
        scratch: &mut Scratch,
    ) -> Result<Taken, Trouble> {
        let name = match step.call {
            Call::Bind(Where::Own) => {
                let name = scratch.fresh(self.transport, step.end);
                Some(name.map_err(|error| Trouble::Nameless(step, error))?)
            }
            Call::Bind(Where::Server) | Call::Connect(_) => {
                ground.server.as_ref().map(|name| name.mapped_for(self.transport, step.end))
            }
            Call::Unlink => ground.own(step.end),
            _ => None,
        };
        let order = Order::Make { slot: step.slot, call: step.call, name: name.clone() };
        // What is shown may have to wait for a time-out of its own.
        let waits = step.may_fail && matches!(step.call, Call::Receive | Call::Poll { .. });
        let own = if waits { LONGEST_WAIT } else { Duration::ZERO };
        let (patience, interrupts) = (self.patience + own, self.interrupts);
        let walker = match step.end {
            End::Server => &mut self.server,
            End::Client => &mut self.client,
        };
        let (done, descriptor) = walker.make(&order, step, patience, interrupts)?;
        Ok(Taken { step, descriptor, name, done })
    }

    /// A refusal that was not to be shown, or bytes that are not those which were sent.
    fn trouble_of(&self, taken: &Taken) -> Option<Trouble> {
        let step = taken.step;
        let hears_all = self.transport.kind == Kind::Raw
            && matches!(step.call, Call::Receive | Call::ReceiveFrom);
        match taken.done.came {
            _ if taken.is_shown() => None,
            // A refusal is an error that somebody else's packet has met (icmp(7), ipv6(7)).
            Came::Refused(_) | Came::Bytes { right: false, .. } if hears_all => {
                Some(Trouble::Strange(step))
            }
            Came::Refused(errno) => {
                let name = taken.name.clone().map(Box::new);
                Some(Trouble::Refused(step, name, Errno::from_raw(errno)))
            }
            Came::Bytes { count, right: false, .. } if step.moment != Moment::SeeEnd => {
                Some(Trouble::Wrong(step, count))
            }
            Came::Bytes { count: count @ 1.., .. } if step.moment == Moment::SeeEnd => {
                Some(Trouble::Wrong(step, count))
            }
            _ => None,
        }
    }

    fn view(&self, ground: &Ground, snapshot: &mut Snapshot) -> View {
        let pid = |end| match end {
            End::Server => self.server.child.pid(),
            End::Client => self.client.child.pid(),
        };
        let mut sockets = Vec::new();
        let mut silence = None;
        for (who, descriptor) in &ground.sockets {
            let sight = snapshot.look(self.transport, pid(who.end()), *descriptor);
            match sight {
                Some(sight) => sockets.push((*who, sight)),
                None => {
                    silence = Some(snapshot.silence(self.transport, pid(who.end()), *descriptor));
                }
            }
        }
        // Is that the file which stands for a socket? bind makes no link.
        let is_socket = |path: &Path| Some(path.symlink_metadata().ok()?.file_type().is_socket());
        let there =
            |(who, name): &(Who, Name)| Some((*who, is_socket(name.file()?).unwrap_or(false)));
        let mut lingering = Vec::new();
        if let (Some(server), Some(client)) = (&ground.server, &ground.client) {
            for (end, own, other) in [(End::Server, server, client), (End::Client, client, server)]
            {
                let left = snapshot.lingering(self.transport, own, other);
                lingering.extend(left.map(|state| (end, state)));
            }
        }
        View {
            open: ground.sockets.clone(),
            sockets,
            silence,
            files: ground.files.iter().filter_map(there).collect(),
            lingering,
            range: limits::port_range(),
        }
    }
}

impl Ground {
    /// The name that an end is bound to.
    fn own(&self, end: End) -> Option<Name> {
        self.files.iter().find(|(who, _)| who.end() == end).map(|(_, name)| name.clone())
    }

    /// Takes in what a call changed.
    fn note(&mut self, taken: &Taken) {
        let who = match taken.step.moment {
            Moment::ServerSocket | Moment::ServerBind => Who::Server,
            Moment::Accept => Who::Accepted,
            Moment::OtherSocket => Who::Other,
            _ if taken.step.end == End::Server => Who::Server,
            _ => Who::Client,
        };
        match (&taken.step.call, &taken.done.came) {
            (_, Came::Descriptor(number, client)) => {
                self.sockets.push((who, *number));
                if let Some(client) = client {
                    self.client = Some(client.clone());
                }
            }
            (Call::Bind(Where::Own), Came::Nothing) => {
                if let Some(name) = &taken.name {
                    self.files.push((who, name.clone()));
                    match taken.step.end {
                        End::Server => self.server = Some(name.clone()),
                        End::Client => self.client = Some(name.clone()),
                    }
                }
            }
            (Call::Name, Came::Name(Some(name))) if taken.step.end == End::Server => {
                self.server = Some(name.clone());
            }
            (Call::Close, _) => {
                let end = taken.step.end;
                self.sockets
                    .retain(|(who, number)| who.end() != end || taken.descriptor != Some(*number));
            }
            _ => {}
        }
    }
}

/// One end, as its parent has it.
#[derive(Debug)]
struct Walker {
    child: Child,
    control: Socket,
    listener: Listener<Report>,
}

impl Walker {
    fn start(task: &Task) -> Result<Self, CallError> {
        let text = serde_json::to_string(task)
            .map_err(|error| CallError::new("execve", error, Errno::EINVAL))?;
        let (control, theirs) = control_pair()?;
        let child = start_walker(&text, theirs)?;
        Ok(Self { child, control, listener: Listener::new() })
    }

    fn await_start(
        &mut self,
        which: &str,
        interrupts: &Interrupts,
    ) -> Result<Result<(), Interrupt>, CallError> {
        let failed =
            |what: &str, errno| Err(CallError::new("execve", format!("{which} {what}"), errno));
        match self.hear(START, interrupts) {
            Ok(Report::Ready) => Ok(Ok(())),
            Ok(Report::Refused(errno, place)) => {
                Err(CallError::new("sched_setaffinity", place, Errno::from_raw(errno)))
            }
            Ok(Report::Made(..)) => failed("spoke out of turn", Errno::EPROTO),
            Err(Silence::Overdue) => failed("did not start", Errno::ETIMEDOUT),
            Err(Silence::Dead(fate)) => failed(&fate, Errno::ECHILD),
            Err(Silence::Interrupted(interrupt)) => Ok(Err(interrupt)),
        }
    }

    fn make(
        &mut self,
        order: &Order,
        step: Step,
        patience: Duration,
        interrupts: &Interrupts,
    ) -> Result<(Done, Option<i32>), Trouble> {
        // One that is gone is noticed below.
        let _ = tell(&self.control, order);
        match self.hear(patience, interrupts) {
            Ok(Report::Made(done, descriptor)) => Ok((done, descriptor)),
            Ok(_) => Err(Trouble::Died(step.end, step, "spoke out of turn".to_owned())),
            Err(Silence::Overdue) => Err(Trouble::Hung(step, order.name().map(Box::new), patience)),
            Err(Silence::Dead(fate)) => Err(Trouble::Died(step.end, step, fate)),
            Err(Silence::Interrupted(interrupt)) => Err(Trouble::Interrupted(interrupt)),
        }
    }

    fn hear(&mut self, patience: Duration, interrupts: &Interrupts) -> Result<Report, Silence> {
        let mut until = Instant::now() + patience;
        let mut busy = 0;
        loop {
            match self.listener.hear(&self.control) {
                Heard::Message(report) => return Ok(report),
                // It lets go of its talk with us only when it ends.
                Heard::Closed => return Err(Silence::Dead(self.child.ended().words())),
                Heard::Nothing => {}
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let state = self.child.state();
                if state != ChildState::Alive {
                    return Err(Silence::Dead(state.words()));
                }
                // An end that has no CPU does not wait for the other: the machine is busy.
                if busy == BUSY || !self.child.is_ready() {
                    // What it said just before it went to sleep is here by now.
                    return match self.listener.hear(&self.control) {
                        Heard::Message(report) => Ok(report),
                        Heard::Closed => Err(Silence::Dead(self.child.ended().words())),
                        Heard::Nothing => Err(Silence::Overdue),
                    };
                }
                busy += 1;
                until += patience;
                continue;
            }
            let waited = poll::readable([self.control.as_fd(), interrupts.as_fd()], Some(left));
            if let Err(error) = waited {
                return Err(Silence::Dead(error.to_string()));
            }
            if let Some(interrupt) = interrupts.pending() {
                return Err(Silence::Interrupted(interrupt));
            }
        }
    }
}

/// Why nothing is heard.
enum Silence {
    Overdue,
    Dead(String),
    Interrupted(Interrupt),
}
