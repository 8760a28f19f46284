//! How a connection's end shows, and a descriptor that is closed while somebody reads from it.

use super::{Flags, Probe, Ready, count, zero};
use crate::os::{CallError, Errno, errno, errno_name, errno_of};
use nix::sys::socket as nx;
use rustix::event::PollFlags;
use std::os::fd::OwnedFd;
use std::time::Duration;

#[allow(
    clippy::missing_errors_doc,
    reason = "each hands over the kernel's refusal and nothing else"
)]
impl Probe {
    /// Waits that long for an error or the end of both directions, and says everything then.
    pub fn wait_failure(&self, patience: Duration) -> Result<Ready, CallError> {
        // poll reports ERR and HUP without being asked for anything.
        self.poll_for(PollFlags::empty(), patience)?;
        self.poll()
    }

    /// A blocking receive for another thread, by the descriptor's number alone: unlike a copy of the
    /// descriptor it does not keep the socket open once that number means something else.
    pub fn receive_by_number(
        &self,
        len: usize,
    ) -> impl FnOnce() -> Result<usize, CallError> + use<> {
        let (fd, number, journal) = (self.raw(), self.number, self.recorder.journal.clone());
        let place = format!("{len} B");
        move || {
            let mut room = vec![0; len];
            let receive = || loop {
                match nx::recv(fd, &mut room, Flags::empty()) {
                    Err(Errno::EINTR) => {}
                    done => return done,
                }
            };
            let said = |result: &nix::Result<usize>| {
                result.as_ref().map_or_else(|errno| errno_name(*errno), count)
            };
            journal
                .note(number, || format!("recv({place})"), receive, said)
                .map_err(|errno| CallError::new("recv", &place, errno))
        }
    }

    /// Closes it, but keeps its number taken until the result is dropped, so that a thread that still
    /// uses the number cannot meet somebody else's socket. dup2(2) closes what it replaces as
    /// close(2) does.
    pub fn close_in_use(self) -> Result<OwnedFd, CallError> {
        let nothing = std::fs::File::open("/dev/null")
            .map_err(|error| CallError::new("open", "/dev/null", errno_of(&error)))?;
        let number = self.number;
        let journal = self.recorder.journal.clone();
        let mut descriptor = self.socket.into_descriptor();
        let replace = || rustix::io::dup2(&nothing, &mut descriptor).map_err(errno);
        let said = |result: &nix::Result<()>| {
            result.as_ref().map_or_else(|errno| errno_name(*errno), zero)
        };
        journal
            .note(number, || "close()".to_owned(), replace, said)
            .map_err(|errno| CallError::new("dup2", "/dev/null", errno))?;
        Ok(descriptor)
    }
}
