//! Something that one process at a time may do, of all that share a network namespace.

use super::{CallError, errno_of};
use std::io::ErrorKind;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};

/// A process's turn; the next one's once it is dropped, or the process has ended in whatever way.
#[derive(Debug)]
pub struct Turn {
    /// An abstract name is bound once in a network namespace (unix(7)), and goes with its socket.
    _holder: UnixDatagram,
}

impl Turn {
    /// Takes it; None while another process has it.
    ///
    /// # Errors
    /// When the kernel has no such names to give.
    pub fn take(what: &str) -> Result<Option<Self>, CallError> {
        let failed = |error: &std::io::Error| CallError::new("bind", what, errno_of(error));
        let label = format!("sockeye-turn-{what}");
        let name = SocketAddr::from_abstract_name(label).map_err(|error| failed(&error))?;
        match UnixDatagram::bind_addr(&name) {
            Ok(holder) => Ok(Some(Self { _holder: holder })),
            Err(error) if error.kind() == ErrorKind::AddrInUse => Ok(None),
            Err(error) => Err(failed(&error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_is_one_processes_until_it_is_given_up() {
        let what = format!("test-{}", std::process::id());
        let take = || Turn::take(&what).expect("there are abstract names");
        let mine = take();
        assert!(mine.is_some());
        assert!(take().is_none());
        drop(mine);
        assert!(take().is_some());
    }
}
