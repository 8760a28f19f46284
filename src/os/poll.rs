//! Waiting for several descriptors at once, with a time-out.

use super::{CallError, Errno, errno};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::os::fd::BorrowedFd;
use std::time::Duration;

/// Waits until one of them can be read without blocking (which includes "it was closed") and says
/// which; all false after the time-out, or when a signal came. None waits for ever.
///
/// # Errors
/// When the kernel refuses.
pub fn readable<const N: usize>(
    descriptors: [BorrowedFd<'_>; N],
    timeout: Option<Duration>,
) -> Result<[bool; N], CallError> {
    let mut entries = descriptors.map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN));
    let limit = timeout.and_then(|time| Timespec::try_from(time).ok());
    match poll(&mut entries, limit.as_ref()).map_err(errno) {
        Ok(_) | Err(Errno::EINTR) => Ok(entries.map(|entry| !entry.revents().is_empty())),
        Err(errno) => Err(CallError::new("poll", "", errno)),
    }
}

/// Waits until one descriptor can be read, or until it can be written.
///
/// # Errors
/// What the kernel said.
#[inline]
pub fn wait(descriptor: BorrowedFd<'_>, for_reading: bool) -> Result<(), Errno> {
    let flags = if for_reading { PollFlags::IN } else { PollFlags::OUT };
    match poll(&mut [PollFd::from_borrowed_fd(descriptor, flags)], None).map_err(errno) {
        Ok(_) | Err(Errno::EINTR) => Ok(()),
        Err(errno) => Err(errno),
    }
}
