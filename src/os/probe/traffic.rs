//! What goes in and out.

use super::{Flags, How, Probe, count, with_flags, zero};
use crate::os::name::Name;
use crate::os::{CallError, errno};
use nix::sys::socket as nx;
use rustix::event::PollFlags;
use std::os::fd::OwnedFd;
use std::time::Duration;

#[allow(
    clippy::missing_errors_doc,
    reason = "each hands over the kernel's refusal and nothing else"
)]
impl Probe {
    /// Sends what goes without waiting.
    pub fn send(&self, bytes: &[u8]) -> Result<usize, CallError> {
        self.send_with(bytes, Flags::empty())
    }

    /// Sends what goes without waiting, with more flags.
    pub fn send_with(&self, bytes: &[u8], flags: Flags) -> Result<usize, CallError> {
        let place = with_flags(bytes.len(), flags);
        self.call("send", place, count, || nx::send(self.raw(), bytes, flags | Flags::MSG_DONTWAIT))
    }

    /// Sends, and waits in the call itself for as long as it takes.
    pub fn send_blocking(&self, bytes: &[u8]) -> Result<usize, CallError> {
        let place = with_flags(bytes.len(), Flags::empty());
        self.call("send", place, count, || nx::send(self.raw(), bytes, Flags::empty()))
    }

    /// Sends to somebody, what goes without waiting.
    pub fn send_to(&self, bytes: &[u8], name: &Name) -> Result<usize, CallError> {
        self.send_to_with(bytes, name, Flags::empty())
    }

    /// Sends to somebody, what goes without waiting, with more flags.
    pub fn send_to_with(
        &self,
        bytes: &[u8],
        name: &Name,
        flags: Flags,
    ) -> Result<usize, CallError> {
        let place = format!("{}, {name}", with_flags(bytes.len(), flags));
        self.call("sendto", place, count, || {
            name.with(|like| nx::sendto(self.raw(), bytes, like, flags | Flags::MSG_DONTWAIT))
        })
    }

    /// Receives up to so many bytes, waiting as long as it surely takes; `EAGAIN` if nothing comes.
    pub fn receive(&self, len: usize) -> Result<Vec<u8>, CallError> {
        self.receive_with(len, Flags::empty(), self.recorder.times.sure)
    }

    /// Receives what probably never comes: waits no longer than it takes to be sure of that.
    pub fn hear(&self, len: usize) -> Result<Vec<u8>, CallError> {
        self.receive_with(len, Flags::empty(), self.recorder.times.quiet)
    }

    /// [`Self::receive`] where something is expected, [`Self::hear`] where not.
    pub fn receive_if(&self, expected: bool, len: usize) -> Result<Vec<u8>, CallError> {
        if expected { self.receive(len) } else { self.hear(len) }
    }

    /// Receives what is there.
    pub fn receive_now(&self, len: usize) -> Result<Vec<u8>, CallError> {
        self.receive_with(len, Flags::empty(), Duration::ZERO)
    }

    /// Receives up to so many bytes, waiting that long for something to come.
    pub fn receive_with(
        &self,
        len: usize,
        flags: Flags,
        patience: Duration,
    ) -> Result<Vec<u8>, CallError> {
        if !patience.is_zero() {
            let urgent = flags.contains(Flags::MSG_OOB);
            self.poll_for(if urgent { PollFlags::PRI } else { PollFlags::IN }, patience)?;
        }
        self.receive_by("recv", len, |buffer| {
            nx::recv(self.raw(), buffer, flags | Flags::MSG_DONTWAIT)
        })
    }

    /// Receives and waits in the call itself, for as long as it takes.
    pub fn receive_blocking(&self, len: usize, flags: Flags) -> Result<Vec<u8>, CallError> {
        self.receive_by("recv", len, |buffer| nx::recv(self.raw(), buffer, flags))
    }

    fn receive_by(
        &self,
        name: &'static str,
        len: usize,
        mut body: impl FnMut(&mut [u8]) -> nix::Result<usize>,
    ) -> Result<Vec<u8>, CallError> {
        let mut buffer = vec![0; len];
        let n = self.call(name, with_flags(len, Flags::empty()), count, || body(&mut buffer))?;
        // With MSG_TRUNC the kernel tells the whole length, of which only so much is here.
        buffer.truncate(n.min(len));
        Ok(buffer)
    }

    /// Receives with `MSG_TRUNC` and says what the call returned: a length that may be longer than
    /// what fits.
    pub fn receive_length(&self, len: usize) -> Result<usize, CallError> {
        self.poll_for(PollFlags::IN, self.recorder.times.sure)?;
        let (mut buffer, flags) = (vec![0; len], Flags::MSG_TRUNC);
        self.call("recv", with_flags(len, flags), count, || {
            nx::recv(self.raw(), &mut buffer, flags | Flags::MSG_DONTWAIT)
        })
    }

    /// Ends a direction.
    pub fn shutdown(&self, how: How) -> Result<(), CallError> {
        let (name, how) = match how {
            How::Read => ("SHUT_RD", nx::Shutdown::Read),
            How::Write => ("SHUT_WR", nx::Shutdown::Write),
            How::Both => ("SHUT_RDWR", nx::Shutdown::Both),
        };
        self.call("shutdown", name, zero, || nx::shutdown(self.raw(), how))
    }

    /// Closes it.
    pub fn close(self) {
        let Self { socket, number, recorder } = self;
        let close = || {
            drop(socket);
            Ok::<_, CallError>(())
        };
        // Even of a close that fails nothing is left that could be done about it.
        let _ = recorder.journal.note(number, || "close()".to_owned(), close, |_| "0".to_owned());
    }

    /// How many bytes can be read, as `FIONREAD` counts them.
    pub fn readable_bytes(&self) -> Result<u64, CallError> {
        self.call("ioctl", "FIONREAD", u64::to_string, || {
            rustix::io::ioctl_fionread(&self.socket).map_err(errno)
        })
    }

    /// Sends a file's first bytes without reading them (sendfile(2)).
    pub fn send_file(&self, file: &std::fs::File, len: usize) -> Result<usize, CallError> {
        self.call("sendfile", len, count, || {
            nix::sys::sendfile::sendfile(&self.socket, file, None, len)
        })
    }

    /// Moves what is there into a pipe without reading it (splice(2)).
    pub fn splice_into(&self, pipe: &OwnedFd, len: usize) -> Result<usize, CallError> {
        use nix::fcntl::{SpliceFFlags, splice};
        self.call("splice", len, count, || {
            splice(&self.socket, None, pipe, None, len, SpliceFFlags::SPLICE_F_NONBLOCK)
        })
    }
}
