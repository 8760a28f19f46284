//! A walk: one exchange, call by call, as both ends make it. [`route`] says which calls, [`end`] is
//! the process that makes them, [`drive`] tells both ends whose turn it is and looks at the kernel in
//! between, [`evidence`] holds what was seen against what the catalogue's lessons claim.

pub mod drive;
pub mod end;
pub mod evidence;
pub mod route;
pub mod tally;

use crate::os::Errno;
use crate::os::name::Name;
use crate::transport::End;
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
    /// Is what becomes of this call what the walk is there to show? Then it goes on behind it, even if
    /// it is refused.
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
    /// `recv` again and again without waiting, until nothing is there.
    Drain,
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
            Self::Receive | Self::Drain => "recv",
            Self::ReceiveFrom => "recvfrom",
            Self::Poll { .. } => "poll",
            Self::Close => "close",
            Self::Unlink => "unlink",
        }
    }
}

impl Call {
    /// Which refusal of which call it would come to in the end if nothing ever came, where it waits for
    /// a packet.
    #[must_use]
    pub const fn swallowed(self) -> Option<(&'static str, Errno)> {
        match self {
            Self::Connect(_) => Some(("connect", Errno::ETIMEDOUT)),
            // However a message is taken.
            Self::Receive | Self::ReceiveFrom => Some(("recv", Errno::EAGAIN)),
            _ => None,
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

impl Order {
    /// The name that the call is given.
    #[must_use]
    pub fn name(&self) -> Option<Name> {
        match self {
            Self::Make { name, .. } => name.clone(),
            Self::Again => None,
        }
    }
}

/// What an end did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// When the call began, in nanoseconds of the clock that both ends have.
    pub began: u64,
    /// When it had come back.
    pub ended: u64,
    /// How often it was made, with the one that was refused, if one was.
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

/// What a call can be refused with because of the server, or of its silence. Anything else is this
/// machine's doing, and not what such a walk is there to show.
const ANSWERS: &[Errno] = &[
    Errno::EAGAIN,
    Errno::EINPROGRESS,
    Errno::ECONNREFUSED,
    Errno::ECONNRESET,
    Errno::ECONNABORTED,
    Errno::EPIPE,
    Errno::ENOENT,
    Errno::ENOPROTOOPT,
    Errno::ENOBUFS,
    Errno::ENOTCONN,
    Errno::EPROTO,
    Errno::ETIMEDOUT,
];

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
    /// How long it took, all of them where it was made several times.
    #[must_use]
    pub const fn whole(&self) -> u64 {
        self.done.ended.saturating_sub(self.done.began)
    }

    /// How long one such call took.
    #[must_use]
    pub fn took(&self) -> u64 {
        self.whole() / u64::from(self.done.times.max(1))
    }

    /// How many of such calls went well.
    #[must_use]
    pub fn went(&self) -> u32 {
        self.done.times.saturating_sub(u32::from(self.errno().is_some()))
    }

    /// Is it what the walk is there to show, and of the server's doing?
    #[must_use]
    pub fn is_shown(&self) -> bool {
        let answered = |errno| ANSWERS.contains(&Errno::from_raw(errno));
        self.step.may_fail && self.errno().is_none_or(answered)
    }

    /// Did it come out as another one did, whatever numbers and names each had?
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        let (own, others) = (&self.done.came, &other.done.came);
        std::mem::discriminant(own) == std::mem::discriminant(others)
            && self.errno() == other.errno()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(came: Came) -> Taken {
        let call = Call::Receive;
        let step =
            Step { moment: Moment::TakeReply, end: End::Client, slot: 0, call, may_fail: true };
        Taken {
            step,
            descriptor: Some(3),
            name: None,
            done: Done { began: 1, ended: 2, times: 1, came },
        }
    }

    fn bytes(count: usize) -> Came {
        Came::Bytes { count, right: true, from: None }
    }

    #[test]
    fn calls_come_out_alike_whatever_numbers_they_tell() {
        let refused = |errno| taken(Came::Refused(errno as i32));
        let alike = [
            (taken(bytes(64)), taken(bytes(1)), true),
            (taken(bytes(64)), refused(Errno::EAGAIN), false),
            (refused(Errno::EAGAIN), refused(Errno::EAGAIN), true),
            (refused(Errno::EAGAIN), refused(Errno::ECONNREFUSED), false),
            (taken(Came::Nothing), taken(bytes(0)), false),
        ];
        for (one, other, expected) in alike {
            assert_eq!(one.is_like(&other), expected, "{one:?} {other:?}");
        }
    }

    #[test]
    fn what_this_machine_forbids_is_no_answer_of_a_server() {
        let shown = |errno| taken(Came::Refused(errno as i32)).is_shown();
        assert!(shown(Errno::ECONNREFUSED) && shown(Errno::EAGAIN) && taken(bytes(64)).is_shown());
        assert!(!shown(Errno::EPERM) && !shown(Errno::ENETUNREACH) && !shown(Errno::ENOSYS));
        let mut other = taken(bytes(64));
        other.step.may_fail = false;
        assert!(!other.is_shown());
    }

    #[test]
    fn of_what_was_made_again_and_again_the_refused_one_did_not_go() {
        let mut filled = taken(Came::Refused(Errno::EAGAIN as i32));
        filled.done.times = 12;
        filled.done.ended = 121;
        assert_eq!((filled.went(), filled.took()), (11, 10));
        filled.done.came = bytes(64);
        assert_eq!(filled.went(), 12);
    }
}
