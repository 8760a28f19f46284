//! Waiting for a socket, and what poll(2) and epoll(7) say of it.

use super::{Probe, count, zero};
use crate::os::{CallError, errno};
use rustix::event::{PollFd, PollFlags, Timespec, epoll, poll};
use std::fmt;
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

/// What poll(2) said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ready(PollFlags);

impl Ready {
    /// Can it be read?
    #[must_use]
    pub fn read(self) -> bool {
        self.0.contains(PollFlags::IN)
    }

    /// Can it be written?
    #[must_use]
    pub fn write(self) -> bool {
        self.0.contains(PollFlags::OUT)
    }

    /// Is there anything at all?
    #[must_use]
    pub fn any(self) -> bool {
        !self.0.is_empty()
    }
}

impl fmt::Display for Ready {
    /// `IN/OUT/RDHUP`, or `-` for nothing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = [
            (PollFlags::IN, "IN"),
            (PollFlags::PRI, "PRI"),
            (PollFlags::OUT, "OUT"),
            (PollFlags::ERR, "ERR"),
            (PollFlags::HUP, "HUP"),
            (PollFlags::RDHUP, "RDHUP"),
        ];
        let set = names.iter().filter(|(flag, _)| self.0.contains(*flag)).map(|(_, name)| *name);
        let text = set.collect::<Vec<_>>().join("/");
        f.write_str(if text.is_empty() { "-" } else { &text })
    }
}

#[allow(
    clippy::missing_errors_doc,
    reason = "each hands over the kernel's refusal and nothing else"
)]
impl Probe {
    /// What poll(2) says now of everything that it can say.
    pub fn poll(&self) -> Result<Ready, CallError> {
        self.poll_for(every_flag(), Duration::ZERO)
    }

    /// What poll(2) says now of reading, and of an end of it.
    pub fn poll_reading(&self) -> Result<Ready, CallError> {
        self.poll_for(PollFlags::IN | PollFlags::RDHUP, Duration::ZERO)
    }

    /// What poll(2) says of everything once something has changed from `before`, or after the time
    /// that it surely takes.
    pub fn poll_after(&self, before: Ready) -> Result<Ready, CallError> {
        let end = Instant::now() + self.recorder.times.sure;
        loop {
            let now = self.poll_for(every_flag(), Duration::ZERO)?;
            if now != before || Instant::now() >= end {
                return Ok(now);
            }
            // Only what has not been said yet is waited for.
            self.poll_for(every_flag() - before.0, Duration::from_millis(5))?;
        }
    }

    /// Waits until it can be read, as long as it surely takes.
    pub fn wait_readable(&self) -> Result<Ready, CallError> {
        self.poll_for(PollFlags::IN, self.recorder.times.sure)
    }

    /// Waits for room to write, for that long.
    pub fn wait_writable(&self, patience: Duration) -> Result<Ready, CallError> {
        self.poll_for(PollFlags::OUT, patience)
    }

    /// Is it readable within that time?
    pub fn readable_within(&self, patience: Duration) -> Result<Ready, CallError> {
        self.poll_for(PollFlags::IN, patience)
    }

    /// Waits for a byte out of the band, as long as it surely takes, and says everything then.
    pub fn wait_urgent(&self) -> Result<Ready, CallError> {
        self.poll_for(PollFlags::PRI, self.recorder.times.sure)?;
        self.poll_for(PollFlags::IN | PollFlags::PRI, Duration::ZERO)
    }

    pub(super) fn poll_for(
        &self,
        flags: PollFlags,
        patience: Duration,
    ) -> Result<Ready, CallError> {
        let limit = Timespec::try_from(patience).ok();
        let place = format!("{}, {} ms", Ready(flags), patience.as_millis());
        self.call("poll", place, Ready::to_string, || {
            let mut entry = [PollFd::from_borrowed_fd(self.socket.as_fd(), flags)];
            poll(&mut entry, limit.as_ref()).map_err(errno)?;
            Ok(Ready(entry[0].revents()))
        })
    }
}

/// An edge-triggered watch over a socket's readability (epoll(7), `EPOLLET`).
#[derive(Debug)]
pub struct EdgeWatch<'a> {
    probe: &'a Probe,
    watch: OwnedFd,
}

impl<'a> EdgeWatch<'a> {
    /// Begins to watch.
    ///
    /// # Errors
    /// The kernel's refusal.
    pub fn of(probe: &'a Probe) -> Result<Self, CallError> {
        let flags = epoll::EventFlags::IN | epoll::EventFlags::ET;
        let watch = probe.call(
            "epoll_create1",
            "",
            |_| "0".to_owned(),
            || epoll::create(epoll::CreateFlags::CLOEXEC).map_err(errno),
        )?;
        probe.call("epoll_ctl", "EPOLLIN | EPOLLET", zero, || {
            epoll::add(&watch, probe, epoll::EventData::new_u64(0), flags).map_err(errno)
        })?;
        Ok(Self { probe, watch })
    }

    /// Has it become readable since it was asked last? Waits for it that long.
    ///
    /// # Errors
    /// The kernel's refusal.
    pub fn fired(&self, patience: Duration) -> Result<bool, CallError> {
        let limit = Timespec::try_from(patience).ok();
        let place = format!("{} ms", patience.as_millis());
        let events = self.probe.call("epoll_wait", place, count, || {
            let mut room = [std::mem::MaybeUninit::<epoll::Event>::uninit(); 1];
            let waited = epoll::wait(&self.watch, &mut room, limit.as_ref());
            waited.map(|(events, _)| events.len()).map_err(errno)
        })?;
        Ok(events > 0)
    }
}

fn every_flag() -> PollFlags {
    PollFlags::IN | PollFlags::OUT | PollFlags::PRI | PollFlags::RDHUP
}
