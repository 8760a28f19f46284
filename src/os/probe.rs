//! A socket that is looked at from all sides: every call is bare, never waits longer than it was
//! given, and is written down. What is seen is for others to judge.

mod ending;
mod group;
mod identity;
mod interface;
mod journal;
mod message;
mod queue;
mod ready;
mod sender;
mod setting;
mod traffic;
mod vessel;

pub use identity::Opened;
pub use journal::{Entry, Journal};
pub use message::{Note, Received};
pub use ready::{EdgeWatch, Ready};
pub use setting::TcpFacts;
pub use vessel::{Pipe, memory_file};

use super::lateness::Lateness;
use super::name::Name;
use super::shield::Shield;
use super::socket::{End, Socket};
use super::{CallError, Errno, errno, errno_name};
use crate::transport::{Kind, Transport};
use nix::sys::socket::{self as nx, Backlog, MsgFlags, SockaddrStorage, getpeername, getsockname};
use rustix::event::PollFlags;
use rustix::net as rx;
use std::fmt;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// How long a call may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// For what probably never comes.
    pub quiet: Duration,
    /// For what should come.
    pub sure: Duration,
}

/// What every probe of a check shares.
#[derive(Clone, Debug)]
pub struct Recorder {
    /// What was called.
    pub journal: Journal,
    /// How long it may take.
    pub times: Times,
    /// How late the threads were that called.
    pub lateness: Lateness,
    count: Arc<AtomicU32>,
    shield: Shield,
}

impl Recorder {
    /// With nothing written down yet.
    #[must_use]
    pub fn new(times: Times) -> Self {
        let (journal, shield) = (Journal::default(), Shield::fresh());
        Self { journal, times, lateness: Lateness::default(), count: Arc::default(), shield }
    }

    /// Opens a socket of that transport; a raw one that hears nobody but those of this recorder,
    /// where the kernel can do that.
    ///
    /// # Errors
    /// The kernel's refusal.
    pub fn open(&self, transport: &Transport, end: End) -> Result<Probe, CallError> {
        let number = self.count.fetch_add(1, Ordering::Relaxed) + 1;
        let place = format!("socket({})", transport.socket_arguments(end));
        let body = || Socket::open(transport, end);
        let socket = self.journal.note(
            0,
            || place,
            body,
            |r| r.as_ref().map_or_else(|error| errno_name(error.errno), |_| format!("[{number}]")),
        )?;
        if transport.kind == Kind::Raw {
            // Not written down: it is the means and not what is asked. Where it is refused, whoever
            // judges asks who else was there.
            let _ = self.shield.put_on(&socket);
        }
        Ok(self.take(socket, number))
    }

    /// Two sockets that are connected to each other, as socketpair(2) makes them.
    ///
    /// # Errors
    /// The kernel's refusal.
    pub fn open_pair(&self, transport: &Transport) -> Result<(Probe, Probe), CallError> {
        let arguments = transport.socket_arguments(End::Client);
        let body = || Socket::open_pair(transport);
        let (one, other) = self.journal.note(
            0,
            || format!("socketpair({arguments})"),
            body,
            |r| r.as_ref().map_or_else(|error| errno_name(error.errno), |_| "0".to_owned()),
        )?;
        let number = self.count.fetch_add(2, Ordering::Relaxed) + 1;
        Ok((self.take(one, number), self.take(other, number + 1)))
    }

    fn take(&self, socket: Socket, number: u32) -> Probe {
        Probe { socket, number, recorder: self.clone() }
    }
}

/// A socket whose every call is fenced and written down; closed when dropped.
#[derive(Debug)]
pub struct Probe {
    socket: Socket,
    number: u32,
    recorder: Recorder,
}

/// Which direction ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// What comes in.
    Read,
    /// What goes out.
    Write,
    /// Both.
    Both,
}

/// Flags of one send or receive.
pub type Flags = MsgFlags;

/// `MSG_ZEROCOPY`.
pub const ZEROCOPY: Flags = Flags::from_bits_retain(libc::MSG_ZEROCOPY);
/// `MSG_MORE`.
pub const MORE: Flags = Flags::from_bits_retain(libc::MSG_MORE);
/// `MSG_FASTOPEN`.
pub const FASTOPEN: Flags = Flags::from_bits_retain(libc::MSG_FASTOPEN);

impl AsFd for Probe {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// Every call that a check makes, by its own name; those that may wait say for how long.
#[allow(
    clippy::missing_errors_doc,
    reason = "each hands over the kernel's refusal and nothing else"
)]
impl Probe {
    fn raw(&self) -> RawFd {
        self.socket.as_fd().as_raw_fd()
    }

    /// Makes a call, again when a signal cut it short, and writes it down.
    fn call<T>(
        &self,
        name: &'static str,
        place: impl fmt::Display,
        said: impl Fn(&T) -> String,
        mut body: impl FnMut() -> nix::Result<T>,
    ) -> Result<T, CallError> {
        let result = self.recorder.journal.note(
            self.number,
            || format!("{name}({place})"),
            || loop {
                match body() {
                    Err(Errno::EINTR) => {}
                    done => return done,
                }
            },
            |result| result.as_ref().map_or_else(|errno| errno_name(*errno), &said),
        );
        result.map_err(|errno| CallError::new(name, place, errno))
    }

    /// Gives it a name.
    pub fn bind(&self, name: &Name) -> Result<(), CallError> {
        self.call("bind", name, zero, || name.with(|like| nx::bind(self.raw(), like)))
    }

    /// Gives it a path of any length up to the 108 bytes of `sun_path`, the last of which need not
    /// be a NUL (unix(7), BUGS).
    pub fn bind_long(&self, path: &[u8]) -> Result<(), CallError> {
        let place = format!("a path of {} bytes", path.len());
        self.call("bind", place, zero, || {
            let name = rx::SocketAddrUnix::new(path).map_err(errno)?;
            rx::bind(&self.socket, &name).map_err(errno)
        })
    }

    /// Gives it the name that another socket has, byte by byte as the kernel tells it.
    pub fn bind_like(&self, other: &Self) -> Result<(), CallError> {
        self.call("bind", "the name that getsockname gave", zero, || {
            let name = rx::getsockname(&other.socket).map_err(errno)?;
            rx::bind(&self.socket, &name).map_err(errno)
        })
    }

    /// Lets clients queue.
    pub fn listen(&self, backlog: i32) -> Result<(), CallError> {
        // By the C library like most programs, so that what stands in between (LD_PRELOAD) is seen too;
        // but nix lets no larger backlog through, and the kernel cuts it itself.
        let queue = Backlog::new(backlog);
        self.call("listen", backlog, zero, || match queue {
            Ok(queue) => nx::listen(&self.socket, queue),
            Err(_) => rx::listen(&self.socket, backlog).map_err(errno),
        })
    }

    /// Connects, and waits for it as long as it surely takes; `EINPROGRESS` if that is not enough.
    pub fn connect(&self, name: &Name) -> Result<(), CallError> {
        self.connect_within(name, self.recorder.times.sure)
    }

    /// Connects, and waits that long for it; `EINPROGRESS` if that is not enough.
    pub fn connect_within(&self, name: &Name, patience: Duration) -> Result<(), CallError> {
        match self.connect_now(name) {
            Err(error) if error.errno == Errno::EINPROGRESS => {
                if !self.poll_for(PollFlags::OUT, patience)?.any() {
                    return Err(error);
                }
                match self.pending_error()? {
                    None => Ok(()),
                    Some(errno) => Err(CallError { errno, ..error }),
                }
            }
            other => other,
        }
    }

    /// Connects without waiting.
    pub fn connect_now(&self, name: &Name) -> Result<(), CallError> {
        self.set_nonblocking(true)?;
        let result =
            self.call("connect", name, zero, || name.with(|like| nx::connect(self.raw(), like)));
        self.set_nonblocking(false)?;
        result
    }

    /// Connects and waits in the call itself, for as long as it takes.
    pub fn connect_blocking(&self, name: &Name) -> Result<(), CallError> {
        self.call("connect", name, zero, || name.with(|like| nx::connect(self.raw(), like)))
    }

    /// Forgets whom it is connected to (connect(2), `AF_UNSPEC`).
    pub fn disconnect(&self) -> Result<(), CallError> {
        self.call("connect", "AF_UNSPEC", zero, || rx::connect_unspec(&self.socket).map_err(errno))
    }

    /// The next client, waited for as long as it surely takes. poll(2) does the waiting: MPTCP and
    /// gVisor ignore `SO_RCVTIMEO` here.
    pub fn accept(&self) -> Result<Self, CallError> {
        self.poll_for(PollFlags::IN, self.recorder.times.sure)?;
        self.accept_now()
    }

    /// The next client, if one waits already.
    pub fn accept_now(&self) -> Result<Self, CallError> {
        self.set_nonblocking(true)?;
        let result = self.accept_blocking();
        self.set_nonblocking(false)?;
        result
    }

    /// The next client, waited for in the call itself for as long as it takes.
    pub fn accept_blocking(&self) -> Result<Self, CallError> {
        let number = self.recorder.count.fetch_add(1, Ordering::Relaxed) + 1;
        let descriptor = self.call(
            "accept4",
            "SOCK_CLOEXEC",
            |_| format!("[{number}]"),
            || rx::accept_with(&self.socket, rx::SocketFlags::CLOEXEC).map_err(errno),
        )?;
        Ok(self.recorder.take(Socket::from_descriptor(descriptor), number))
    }

    /// Its own name; None for a Unix socket that has none.
    pub fn local_name(&self) -> Result<Option<Name>, CallError> {
        let said = |name: &SockaddrStorage| said_name(Name::from_storage(name));
        self.call("getsockname", "", said, || getsockname::<SockaddrStorage>(self.raw()))
            .map(|storage| Name::from_storage(&storage))
    }

    /// Its own name, which it surely has.
    pub fn name(&self) -> Result<Name, CallError> {
        self.local_name()?.ok_or_else(|| CallError::new("getsockname", "", Errno::EAFNOSUPPORT))
    }

    /// The name of whom it is connected to; None for a Unix socket that has none.
    pub fn peer_name(&self) -> Result<Option<Name>, CallError> {
        let said = |name: &SockaddrStorage| said_name(Name::from_storage(name));
        self.call("getpeername", "", said, || getpeername::<SockaddrStorage>(self.raw()))
            .map(|storage| Name::from_storage(&storage))
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "as what a call said is handed over")]
fn zero((): &()) -> String {
    "0".to_owned()
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "as what a call said is handed over")]
fn count(n: &usize) -> String {
    n.to_string()
}

fn said_name(name: Option<Name>) -> String {
    name.map_or_else(|| "(unnamed)".to_owned(), |name| name.to_string())
}

fn with_flags(len: usize, flags: Flags) -> String {
    let names: Vec<_> = flags.iter_names().map(|(name, _)| name).collect();
    if names.is_empty() { format!("{len} B") } else { format!("{len} B, {}", names.join(" | ")) }
}
