//! Waiting for very many descriptors at once (epoll(7)), and being woken from another thread.

use super::{CallError, Errno, errno};
use rustix::event::{EventfdFlags, Timespec, epoll, eventfd};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

/// What is waited for on a descriptor. Its errors and its hang-up are always told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interest {
    /// Something to receive or to accept, or the end of what the peer sends.
    Read,
    /// Room to send.
    Write,
    /// Either of the two.
    Both,
    /// Nothing for now.
    Pause,
}

impl Interest {
    const fn flags(self) -> epoll::EventFlags {
        match self {
            Self::Read => epoll::EventFlags::IN.union(epoll::EventFlags::RDHUP),
            Self::Write => epoll::EventFlags::OUT,
            Self::Both => Self::Read.flags().union(Self::Write.flags()),
            Self::Pause => epoll::EventFlags::empty(),
        }
    }
}

/// Something happened to the descriptor with that token.
#[derive(Clone, Copy, Debug)]
pub struct Event {
    /// What it was added with.
    pub token: u64,
    /// The peer sends no more, or is gone: what can still be received is what had come before.
    pub peer_ended: bool,
}

/// A set of descriptors, each with a token. Level-triggered: what is left undone is told again.
#[derive(Debug)]
pub struct Epoll {
    descriptor: OwnedFd,
}

/// Room for the events of one wait.
pub struct Events {
    room: [MaybeUninit<epoll::Event>; 256],
}

impl Default for Events {
    fn default() -> Self {
        Self { room: [MaybeUninit::uninit(); 256] }
    }
}

impl Epoll {
    /// An empty set.
    ///
    /// # Errors
    /// When the kernel has no descriptor for it.
    pub fn new() -> Result<Self, CallError> {
        let descriptor = epoll::create(epoll::CreateFlags::CLOEXEC)
            .map_err(|error| CallError::new("epoll_create1", "EPOLL_CLOEXEC", errno(error)))?;
        Ok(Self { descriptor })
    }

    /// Takes a descriptor into the set.
    ///
    /// # Errors
    /// When the kernel refuses; `ENOSPC` when this user has too many (epoll(7), `max_user_watches`).
    pub fn add(&self, source: impl AsFd, token: u64, interest: Interest) -> Result<(), CallError> {
        epoll::add(&self.descriptor, source, epoll::EventData::new_u64(token), interest.flags())
            .map_err(|error| CallError::new("epoll_ctl", "EPOLL_CTL_ADD", errno(error)))
    }

    /// Waits for something else on it from now on.
    pub fn change(&self, source: impl AsFd, token: u64, interest: Interest) {
        // A descriptor that was added can be changed: the call has no other reason to fail.
        let data = epoll::EventData::new_u64(token);
        let _ = epoll::modify(&self.descriptor, source, data, interest.flags());
    }

    /// Waits until something happens, at most so long, and hands over what did: nothing at the end
    /// of that time or when a signal came.
    ///
    /// # Errors
    /// When the kernel refuses.
    #[inline]
    pub fn wait<'a>(
        &self,
        events: &'a mut Events,
        timeout: Option<Duration>,
    ) -> Result<impl Iterator<Item = Event> + use<'a>, CallError> {
        let limit = timeout.and_then(|time| Timespec::try_from(time).ok());
        let happened = match epoll::wait(&self.descriptor, &mut events.room, limit.as_ref()) {
            Ok((happened, _)) => happened,
            Err(error) if errno(error) == Errno::EINTR => &mut [],
            Err(error) => return Err(CallError::new("epoll_wait", "", errno(error))),
        };
        let ended = epoll::EventFlags::RDHUP | epoll::EventFlags::HUP | epoll::EventFlags::ERR;
        // The kernel's record is packed, so its fields are copied out before they are looked at.
        Ok(happened.iter().map(move |event| {
            let (data, flags) = (event.data, event.flags);
            Event { token: data.u64(), peer_ended: flags.intersects(ended) }
        }))
    }
}

/// A bell: ringing it makes it readable, in whichever thread waits for that.
#[derive(Debug)]
pub struct Bell {
    descriptor: OwnedFd,
}

impl Bell {
    /// A silent one.
    ///
    /// # Errors
    /// When the kernel has no descriptor for it.
    pub fn new() -> Result<Self, CallError> {
        let descriptor = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)
            .map_err(|error| CallError::new("eventfd", "0", errno(error)))?;
        Ok(Self { descriptor })
    }

    /// Rings it. Ringing twice before anybody hears is ringing once.
    pub fn ring(&self) {
        let _ = rustix::io::write(&self.descriptor, &1_u64.to_ne_bytes());
    }

    /// Silences it again.
    pub fn hush(&self) {
        let _ = rustix::io::read(&self.descriptor, &mut [0; 8]);
    }
}

impl AsFd for Bell {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.descriptor.as_fd()
    }
}
