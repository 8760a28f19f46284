//! The process that is one end of a walk: it makes the calls that it is told to make, one at a time,
//! and says when each began and ended.

use super::{Call, Came, Done, Order, Setting};
use crate::echo::control::{Heard, Listener, Telegram, tell};
use crate::echo::message::Payload;
use crate::os::bare::Told;
use crate::os::clock::Monotonic;
use crate::os::name::Name;
use crate::os::process::follow_parent;
use crate::os::shield::Shield;
use crate::os::socket::{End, Socket};
use crate::os::{CallError, Errno, bare, cpu, errno_of, poll};
use crate::transport::Transport;
use serde::{Deserialize, Serialize};
use std::io;
use std::os::fd::AsFd;
use std::time::Duration;

/// What an end is told when it starts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Which end this is.
    pub end: End,
    /// The transport's name in the catalogue.
    pub transport: String,
    /// Payload bytes of the message.
    pub size: usize,
    /// Makes the message: both ends' own, so that no other walk's is taken for it.
    pub seed: u64,
    /// The CPU to run on; None leaves it to the scheduler.
    pub cpu: Option<usize>,
    /// What keeps strangers' messages out where there are no ports to do it.
    pub shield: Option<Shield>,
}

/// What an end tells its parent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Report {
    /// It is on its CPU and waits for its first order.
    Ready,
    /// It could not get that far.
    Refused(i32, String),
    /// It has made the call, and this came of it; and which descriptor it was made on.
    Made(Done, Option<i32>),
}

impl Telegram for Order {}
impl Telegram for Report {}

/// More than any message of a walk, with an IP header before it.
const ROOM: usize = 1 << 17;

/// Is one end, as the arguments behind [`crate::os::process::WALK_WORD`] say.
#[must_use]
pub fn run(arguments: &[String]) -> u8 {
    let Ok(control) = bare::out_of_the_way(&io::stdout()) else { return 2 };
    let [parent, task] = arguments else { return 2 };
    let (Ok(parent), Ok(task)) = (parent.parse(), serde_json::from_str::<Task>(task)) else {
        return 2;
    };
    let Some(transport) = Transport::named(&task.transport) else { return 2 };
    let outcome = follow_parent(parent)
        .and_then(|()| task.cpu.map_or(Ok(()), |cpu| cpu::pin(&[cpu])))
        .and_then(|()| Walker::new(transport, &task))
        .and_then(|mut walker| walker.obey(&control));
    match outcome {
        Ok(()) => 0,
        Err(error) => {
            // If the parent is gone there is nobody to tell.
            let _ = tell(&control, &Report::Refused(error.errno as i32, error.place.clone()));
            1
        }
    }
}

struct Walker {
    transport: &'static Transport,
    end: End,
    shield: Option<Shield>,
    /// By slot; None is one that was closed.
    sockets: Vec<Option<Socket>>,
    /// The name that the call told: it is read when the clock has been.
    told: Option<Told>,
    /// Who sent what came last.
    sender: Option<Name>,
    message: Vec<u8>,
    room: Vec<u8>,
}

impl Walker {
    fn new(transport: &'static Transport, task: &Task) -> Result<Self, CallError> {
        let message = Payload::Random
            .bytes(task.size, task.seed)
            .map_err(|error| CallError::new("read", "the message", errno_of(&error)))?;
        Ok(Self {
            transport,
            end: task.end,
            shield: task.shield,
            sockets: Vec::with_capacity(8),
            told: None,
            sender: None,
            message,
            // Not zeros: those would be fresh pages at the first receive.
            room: vec![1; ROOM],
        })
    }

    fn obey(&mut self, control: &Socket) -> Result<(), CallError> {
        let told = |errno| CallError::new("send", "parent", errno);
        tell(control, &Report::Ready).map_err(told)?;
        let mut listener = Listener::<Order>::new();
        loop {
            match listener.hear(control) {
                Heard::Message(Order::Again) => {
                    self.sockets.clear();
                    self.sender = None;
                }
                Heard::Message(Order::Make { slot, call, name }) => {
                    let descriptor = self.socket(slot).ok().map(Socket::number);
                    let done = self.make(slot, call, name.as_ref());
                    tell(control, &Report::Made(done, descriptor)).map_err(told)?;
                }
                Heard::Nothing => {
                    poll::readable([control.as_fd()], None)?;
                }
                // A parent that has seen enough just goes.
                Heard::Closed => return Ok(()),
            }
        }
    }

    fn make(&mut self, slot: usize, call: Call, name: Option<&Name>) -> Done {
        let mut times = 1;
        let began = Monotonic::of_the_machine().now();
        let came = match call {
            Call::Fill { most } => self.fill(slot, most, &mut times),
            Call::Drain => self.drain(slot, &mut times),
            call => self.call(slot, call, name),
        };
        let ended = Monotonic::of_the_machine().now();
        let came = came.unwrap_or_else(|errno| Came::Refused(errno as i32));
        Done { began, ended, times, came: self.looked_at(call, came) }
    }

    /// What is no part of the call: the name that it told, whether what came is right, whom to answer,
    /// and whom not to hear.
    fn looked_at(&mut self, call: Call, came: Came) -> Came {
        let name = self.told.take().and_then(Told::name);
        match (call, came) {
            (Call::Accept, Came::Descriptor(number, _)) => Came::Descriptor(number, name),
            (Call::Name, Came::Name(_)) => Came::Name(name),
            (Call::Socket { .. }, came @ Came::Descriptor(..)) => {
                let socket = self.sockets.last().and_then(Option::as_ref);
                if let (Some(shield), Some(socket)) = (self.shield, socket) {
                    // Where that is not to be had, it hears what others send, as any program does.
                    let _ = shield.put_on(socket);
                }
                came
            }
            (Call::Receive | Call::ReceiveFrom, Came::Bytes { count, .. }) => {
                if call == Call::ReceiveFrom {
                    self.sender.clone_from(&name);
                }
                // A raw IPv4 socket hands over the IP header before the message.
                let right = self.room[..count].ends_with(&self.message);
                Came::Bytes { count, right, from: name }
            }
            (_, came) => came,
        }
    }

    fn call(&mut self, slot: usize, call: Call, name: Option<&Name>) -> Result<Came, Errno> {
        let named = || name.ok_or(Errno::EINVAL);
        let nothing = |()| Came::Nothing;
        match call {
            Call::Socket { nonblocking } => {
                let socket = Socket::open_bare(self.transport, self.end, nonblocking)?;
                Ok(self.keep(socket))
            }
            Call::Set(setting) => self.set(slot, setting).map(nothing),
            Call::Bind(_) => self.socket(slot)?.bind_to(named()?).map(nothing),
            Call::Connect(_) => self.socket(slot)?.connect_to(named()?).map(nothing),
            Call::Name => {
                self.told = Some(self.socket(slot)?.own_name()?);
                Ok(Came::Name(None))
            }
            Call::Listen { backlog } => self.socket(slot)?.listen_for(backlog).map(nothing),
            Call::Accept => {
                let (socket, told) = self.socket(slot)?.accept_from()?;
                self.told = Some(told);
                Ok(self.keep(socket))
            }
            Call::Send | Call::SendBack | Call::Fill { .. } => self.send(slot, call),
            Call::Receive | Call::ReceiveFrom | Call::Drain => self.receive(slot, call),
            Call::Poll { writable, patience_ms } => {
                let patience = Duration::from_millis(patience_ms.into());
                self.socket(slot)?.poll_for(writable, patience).map(Came::Ready)
            }
            Call::Close => {
                let socket = self.sockets.get_mut(slot).and_then(Option::take);
                drop(socket.ok_or(Errno::EBADF)?);
                Ok(Came::Nothing)
            }
            Call::Unlink => {
                bare::unlink(name.and_then(Name::file).ok_or(Errno::ENOENT)?).map(nothing)
            }
        }
    }

    fn set(&self, slot: usize, setting: Setting) -> Result<(), Errno> {
        let socket = self.socket(slot)?;
        match setting {
            Setting::TakeIpv4 => socket.take_ipv4(),
            Setting::ReceiveBuffer(bytes) => socket.set_receive_buffer(bytes as usize),
            Setting::ReceivePatience(ms) => {
                socket.set_receive_timeout(Duration::from_millis(ms.into()))
            }
        }
    }

    fn send(&self, slot: usize, call: Call) -> Result<Came, Errno> {
        let socket = self.socket(slot)?;
        let count = match call {
            Call::SendBack => {
                socket.send_to(&self.message, self.sender.as_ref().ok_or(Errno::EDESTADDRREQ)?)?
            }
            _ => socket.send(&self.message)?,
        };
        Ok(Came::Bytes { count, right: true, from: None })
    }

    fn receive(&mut self, slot: usize, call: Call) -> Result<Came, Errno> {
        let socket = self.sockets.get(slot).and_then(Option::as_ref).ok_or(Errno::EBADF)?;
        let count = if call == Call::ReceiveFrom {
            let (count, told) = socket.receive_from(&mut self.room)?;
            self.told = Some(told);
            count
        } else {
            socket.receive(&mut self.room)?
        };
        Ok(Came::Bytes { count, right: true, from: None })
    }

    /// Sends until it is refused, and counts.
    fn fill(&self, slot: usize, most: u32, times: &mut u32) -> Result<Came, Errno> {
        let socket = self.socket(slot)?;
        let mut count = 0;
        for made in 1..=most {
            *times = made;
            count = socket.send_now(&self.message)?;
        }
        Ok(Came::Bytes { count, right: true, from: None })
    }

    /// Receives until nothing is there, and counts.
    fn drain(&mut self, slot: usize, times: &mut u32) -> Result<Came, Errno> {
        let socket = self.sockets.get(slot).and_then(Option::as_ref).ok_or(Errno::EBADF)?;
        loop {
            let count = socket.receive_now(&mut self.room)?;
            if count == 0 {
                return Ok(Came::Bytes { count, right: true, from: None });
            }
            *times += 1;
        }
    }

    fn socket(&self, slot: usize) -> Result<&Socket, Errno> {
        self.sockets.get(slot).and_then(Option::as_ref).ok_or(Errno::EBADF)
    }

    fn keep(&mut self, socket: Socket) -> Came {
        let number = socket.number();
        self.sockets.push(Some(socket));
        Came::Descriptor(number, None)
    }
}
