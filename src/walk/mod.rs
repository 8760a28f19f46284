//! A walk: one exchange, call by call, as both ends make it. [`route`] says which calls, [`end`] is
//! the process that makes them, [`drive`] tells both ends whose turn it is and looks at the kernel in
//! between, [`evidence`] holds what was seen against what the catalogue's lessons claim.

pub mod drive;
pub mod end;
pub mod evidence;
pub mod route;
pub mod tally;

use crate::os::name::Name;
use crate::os::socket::End;
use crate::transport::lesson::Moment;
use serde::{Deserialize, Serialize};

/// One call of a walk, before it is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// What it is there for.
    pub moment: Moment,
    /// Who makes it.
    pub end: End,
    /// On which of that end's sockets, counted from 0.
    pub slot: usize,
    /// The call.
    pub call: Call,
    /// Is being refused what this step is there to show? Then the walk goes on behind it.
    pub may_fail: bool,
}

/// A call and what it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Call {
    /// `socket`; with `SOCK_NONBLOCK` if its calls are not to wait.
    Socket {
        /// `SOCK_NONBLOCK`.
        nonblocking: bool,
    },
    /// `setsockopt`.
    Set(Setting),
    /// `bind`.
    Bind(Where),
    /// `getsockname`.
    Name,
    /// `listen`.
    Listen {
        /// How many clients may wait.
        backlog: i32,
    },
    /// `connect`.
    Connect(Where),
    /// `accept4`, whose socket gets the next slot.
    Accept,
    /// `send` of the message.
    Send,
    /// The same again and again without waiting, until it is refused or was made so often.
    Fill {
        /// So often at most.
        most: u32,
    },
    /// `sendto` whoever sent what came last.
    SendBack,
    /// `recv`.
    Receive,
    /// `recvfrom`.
    ReceiveFrom,
    /// `poll`, for so long.
    Poll {
        /// What is waited for.
        writable: bool,
        /// Milliseconds.
        patience_ms: u16,
    },
    /// `close`.
    Close,
    /// `unlink` of the path that its end is bound to.
    Unlink,
}

impl Call {
    /// Its name in the kernel.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Socket { .. } => "socket",
            Self::Set(_) => "setsockopt",
            Self::Bind(_) => "bind",
            Self::Name => "getsockname",
            Self::Listen { .. } => "listen",
            Self::Connect(_) => "connect",
            Self::Accept => "accept4",
            Self::Send | Self::Fill { .. } => "send",
            Self::SendBack => "sendto",
            Self::Receive => "recv",
            Self::ReceiveFrom => "recvfrom",
            Self::Poll { .. } => "poll",
            Self::Close => "close",
            Self::Unlink => "unlink",
        }
    }
}

/// An option and its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Setting {
    /// `IPV6_V6ONLY`, off.
    TakeIpv4,
    /// `SO_RCVBUF`.
    ReceiveBuffer(u32),
    /// `SO_RCVTIMEO`, in milliseconds.
    ReceivePatience(u16),
}

/// Which name a call is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Where {
    /// One of its own that nobody else has.
    Own,
    /// The server's.
    Server,
}

/// What an end is told to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Order {
    /// To make a call.
    Make {
        /// On which of its sockets.
        slot: usize,
        /// Which.
        call: Call,
        /// With the name that the call is given, where it is given one.
        name: Option<Name>,
    },
    /// To close whatever is open: another walk begins.
    Again,
}

/// What an end did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// When the call began, in nanoseconds of the clock that both ends have.
    pub began: u64,
    /// When it had come back.
    pub ended: u64,
    /// How often it was made.
    pub times: u32,
    /// What it said.
    pub came: Came,
}

/// What a call said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Came {
    /// 0, and nothing else.
    Nothing,
    /// A descriptor, and of `accept4` the client's name, if it has one.
    Descriptor(i32, Option<Name>),
    /// A name; None is a Unix socket without one.
    Name(Option<Name>),
    /// So many bytes.
    Bytes {
        /// The number.
        count: usize,
        /// Of what came: does the message stand in it, byte by byte?
        right: bool,
        /// Of `recvfrom`: who sent it.
        from: Option<Name>,
    },
    /// So many descriptors are ready.
    Ready(u32),
    /// The kernel's refusal.
    Refused(i32),
}

/// A call that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The step.
    pub step: Step,
    /// On which descriptor; None where there is none yet.
    pub descriptor: Option<i32>,
    /// The name that the call was given.
    pub name: Option<Name>,
    /// What came of it.
    pub done: Done,
}

impl Taken {
    /// How long one such call took.
    #[must_use]
    pub fn took(&self) -> u64 {
        self.done.ended.saturating_sub(self.done.began) / u64::from(self.done.times.max(1))
    }

    /// What the kernel refused it with.
    #[must_use]
    pub const fn errno(&self) -> Option<i32> {
        match self.done.came {
            Came::Refused(errno) => Some(errno),
            _ => None,
        }
    }
}
