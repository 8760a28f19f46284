//! How many clients may wait at a listener, as the kernel itself knows it.

use super::Probe;
use crate::os::option::{TcpInfo, tcp_info};
use crate::os::{CallError, Errno, diag, errno};
use nix::sys::socket::getsockopt;

#[allow(
    clippy::missing_errors_doc,
    reason = "each hands over the kernel's refusal and nothing else"
)]
impl Probe {
    /// The longest queue that a TCP listener has: `TCP_INFO` gives it as `tcpi_sacked` (`ss -lt`
    /// reads the same).
    pub fn tcp_queue_limit(&self) -> Result<u32, CallError> {
        self.call("getsockopt", "TCP_INFO", u32::to_string, || {
            getsockopt(&self.socket, TcpInfo).map(|info| info[tcp_info::SACKED])
        })
    }

    /// The longest queue that a Unix listener has; only `sock_diag(7)` tells it.
    pub fn unix_queue_limit(&self) -> Result<u32, CallError> {
        self.call("sock_diag", "UDIAG_SHOW_RQLEN", u32::to_string, || {
            let inode = rustix::fs::fstat(&self.socket).map_err(errno)?.st_ino;
            let (_, room) = diag::unix_socket(inode)?.queue.ok_or(Errno::ENODATA)?;
            Ok(room)
        })
    }
}
