//! Calls one by one, for an end that is watched while it makes them: each makes exactly the one call
//! that it is called after, and hands over what the kernel said.

use super::name::Name;
use super::socket::{End, Socket};
use super::{Errno, errno, errno_of, limits};
use crate::transport::Transport;
use nix::sys::socket::{self as nx, Backlog, MsgFlags, setsockopt, sockopt};
use nix::sys::time::{TimeVal, TimeValLike};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net as rx;
use std::os::fd::{AsFd, AsRawFd};
use std::path::Path;
use std::time::Duration;

/// A name as a call told it, to be read when the clock has been.
#[derive(Debug)]
pub enum Told {
    /// By accept4 or recvfrom, if they told one.
    Beside(Option<rx::SocketAddrAny>),
    /// By getsockname.
    Asked(nx::SockaddrStorage),
}

impl Told {
    /// The name; None for a Unix socket that has none.
    #[must_use]
    pub fn name(self) -> Option<Name> {
        match self {
            Self::Beside(name) => name.and_then(Name::from_any),
            Self::Asked(name) => Name::from_storage(&name).filter(|name| !name.is_unnamed()),
        }
    }
}

#[allow(clippy::missing_errors_doc, reason = "each hands over the kernel's refusal alone")]
impl Socket {
    /// `socket`, with `SOCK_NONBLOCK` if it is never to wait.
    pub fn open_bare(transport: &Transport, end: End, nonblocking: bool) -> Result<Self, Errno> {
        // Without SOCK_CLOEXEC, as the walk says: its ends start no other program.
        let flags = if nonblocking { rx::SocketFlags::NONBLOCK } else { rx::SocketFlags::empty() };
        Self::open_with(transport, end, flags).map(Self::from_descriptor)
    }

    /// `bind`.
    pub fn bind_to(&self, name: &Name) -> Result<(), Errno> {
        name.with(|like| nx::bind(self.number(), like))
    }

    /// `connect`.
    pub fn connect_to(&self, name: &Name) -> Result<(), Errno> {
        name.with(|like| nx::connect(self.number(), like))
    }

    /// `getsockname`.
    pub fn own_name(&self) -> Result<Told, Errno> {
        nx::getsockname(self.number()).map(Told::Asked)
    }

    /// `setsockopt` of `IPV6_V6ONLY`, off.
    pub fn take_ipv4(&self) -> Result<(), Errno> {
        setsockopt(self, sockopt::Ipv6V6Only, &false)
    }

    /// Its number in this process.
    #[must_use]
    pub fn number(&self) -> i32 {
        self.as_fd().as_raw_fd()
    }

    /// `listen`.
    pub fn listen_for(&self, backlog: i32) -> Result<(), Errno> {
        nx::listen(self, Backlog::new(backlog).unwrap_or(Backlog::MAXALLOWABLE))
    }

    /// `accept4`, and the client's name if it has one.
    pub fn accept_from(&self) -> Result<(Self, Told), Errno> {
        let flags = rx::SocketFlags::empty();
        let (descriptor, name) = rx::acceptfrom_with(self, flags).map_err(errno)?;
        Ok((Self::from_descriptor(descriptor), Told::Beside(name)))
    }

    /// `recvfrom`, and who sent it if the kernel knows.
    pub fn receive_from(&self, room: &mut [u8]) -> Result<(usize, Told), Errno> {
        let (count, _, from) = rx::recvfrom(self, room, rx::RecvFlags::empty()).map_err(errno)?;
        Ok((count, Told::Beside(from)))
    }

    /// `sendto`.
    pub fn send_to(&self, bytes: &[u8], to: &Name) -> Result<usize, Errno> {
        to.with(|like| nx::sendto(self.number(), bytes, like, MsgFlags::empty()))
    }

    /// `setsockopt` of `SO_RCVBUF`.
    pub fn set_receive_buffer(&self, bytes: usize) -> Result<(), Errno> {
        setsockopt(self, sockopt::RcvBuf, &bytes)
    }

    /// `setsockopt` of `SO_RCVTIMEO`.
    pub fn set_receive_timeout(&self, time: Duration) -> Result<(), Errno> {
        let micros = i64::try_from(time.as_micros()).unwrap_or(i64::MAX);
        setsockopt(self, sockopt::ReceiveTimeout, &TimeVal::microseconds(micros))
    }

    /// `poll` of this one descriptor, and how many are ready: one or none.
    pub fn poll_for(&self, writable: bool, patience: Duration) -> Result<u32, Errno> {
        let flags = if writable { PollFlags::OUT } else { PollFlags::IN };
        let limit = Timespec::try_from(patience).map_err(|_| Errno::EINVAL)?;
        let mut entries = [PollFd::new(self, flags)];
        poll(&mut entries, Some(&limit))
            .map_err(errno)
            .and_then(|ready| u32::try_from(ready).map_err(|_| Errno::EOVERFLOW))
    }
}

/// A socket that this process was given, under a high number if it may have one: those that it opens
/// itself get the low ones, as in any other program.
///
/// # Errors
/// The kernel's refusal.
pub fn out_of_the_way(given: &impl AsFd) -> Result<Socket, Errno> {
    const HIGH: i32 = 100;
    // A number has to be below the limit (getrlimit(2)): the highest there is will do as well.
    let highest = limits::descriptors().and_then(|most| i32::try_from(most).ok());
    let high = highest.map_or(HIGH, |most| HIGH.min(most - 1));
    rustix::io::fcntl_dupfd_cloexec(given, high).map(Socket::from_descriptor).map_err(errno)
}

/// `unlink`.
///
/// # Errors
/// The kernel's refusal.
pub fn unlink(path: &Path) -> Result<(), Errno> {
    std::fs::remove_file(path).map_err(|error| errno_of(&error))
}
