//! Messages with the name of who sent them.

use super::{Flags, Probe, with_flags};
use crate::os::CallError;
use crate::os::name::Name;
use nix::sys::socket::{self as nx, SockaddrStorage};

#[allow(
    clippy::missing_errors_doc,
    reason = "each hands over the kernel's refusal and nothing else"
)]
impl Probe {
    /// Receives a message, waiting as long as it surely takes, and says who sent it; None for a Unix
    /// socket that has no name. What nix makes of recvmsg(2) has no names of Unix sockets at all.
    pub fn receive_from(&self, len: usize) -> Result<(Vec<u8>, Option<Name>), CallError> {
        self.wait_readable()?;
        let mut buffer = vec![0; len];
        let said = |(n, from): &(usize, Option<Name>)| {
            let from = from.as_ref().map_or_else(|| "(unnamed)".to_owned(), Name::to_string);
            format!("{n}, from {from}")
        };
        let place = with_flags(len, Flags::empty());
        let (n, from) = self.call("recvfrom", place, said, || {
            // The socket is readable, unless the kernel lied or dropped what it said was there.
            self.set_nonblocking(true).map_err(|error| error.errno)?;
            let came = nx::recvfrom::<SockaddrStorage>(self.raw(), &mut buffer);
            self.set_nonblocking(false).map_err(|error| error.errno)?;
            came.map(|(n, from)| (n, from.as_ref().and_then(Name::from_storage)))
        })?;
        buffer.truncate(n);
        Ok((buffer, from))
    }
}
