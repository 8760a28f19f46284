//! How many clients may wait at a listener, as the kernel itself knows it.

use super::Probe;
use crate::os::option::{TcpInfo, tcp_info};
use crate::os::{CallError, Errno, errno};
use nix::sys::socket::getsockopt;
use rustix::net::netlink::{SOCK_DIAG, SocketAddrNetlink};
use rustix::net::{self as rx, AddressFamily, SocketFlags, SocketType};

/// A question about one Unix socket and its answer, as `linux/unix_diag.h` has them (`sock_diag(7)`).
mod diag {
    pub(super) const BY_FAMILY: u16 = 20;
    pub(super) const REQUEST: u16 = 1;
    pub(super) const ERROR: u16 = 2;
    pub(super) const UNIX: u8 = 1;
    pub(super) const SHOW_QUEUE: u32 = 0x10;
    pub(super) const QUEUE: u16 = 4;
    pub(super) const ANY_COOKIE: [u8; 8] = [u8::MAX; 8];
    /// `nlmsghdr`, with `unix_diag_req` or `unix_diag_msg` behind it.
    pub(super) const HEADER: usize = 16;
    pub(super) const REQUEST_LEN: u32 = 40;
    pub(super) const ANSWER: usize = 32;
}

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
            // Socket inodes are 32 bits wide, and the question has room for no more.
            let question = question(u32::try_from(inode).map_err(|_| Errno::EOVERFLOW)?);
            let netlink = rx::socket_with(
                AddressFamily::NETLINK,
                SocketType::RAW,
                SocketFlags::CLOEXEC,
                Some(SOCK_DIAG),
            )
            .map_err(errno)?;
            let kernel = SocketAddrNetlink::new(0, 0);
            rx::sendto(&netlink, &question, rx::SendFlags::empty(), &kernel).map_err(errno)?;
            let mut room = [0; 1024];
            // The kernel has answered before sendto returns.
            let (n, _) = rx::recv(&netlink, &mut room, rx::RecvFlags::DONTWAIT).map_err(errno)?;
            queue_limit(room.get(..n).unwrap_or_default())
        })
    }
}

fn question(inode: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend(diag::REQUEST_LEN.to_ne_bytes());
    bytes.extend(diag::BY_FAMILY.to_ne_bytes());
    bytes.extend(diag::REQUEST.to_ne_bytes());
    // The sequence and port numbers matter to nobody here.
    bytes.extend([0; 8]);
    bytes.extend([diag::UNIX, 0, 0, 0]);
    bytes.extend(u32::MAX.to_ne_bytes());
    bytes.extend(inode.to_ne_bytes());
    bytes.extend(diag::SHOW_QUEUE.to_ne_bytes());
    bytes.extend(diag::ANY_COOKIE);
    bytes
}

/// The limit in an answer, or the error that it is.
fn queue_limit(answer: &[u8]) -> nix::Result<u32> {
    let short = |at: usize| answer.get(at..)?.first_chunk().map(|bytes| u16::from_ne_bytes(*bytes));
    let long = |at: usize| answer.get(at..)?.first_chunk().map(|bytes| i32::from_ne_bytes(*bytes));
    if short(4) == Some(diag::ERROR) {
        let errno = long(diag::HEADER).unwrap_or(0).wrapping_neg();
        return Err(Errno::from_raw(errno));
    }
    let mut at = diag::ANSWER;
    while let (Some(len), Some(kind)) = (short(at), short(at + 2)) {
        if kind == diag::QUEUE {
            // What waits comes first, then how much may.
            return long(at + 8).and_then(|n| u32::try_from(n).ok()).ok_or(Errno::EBADMSG);
        }
        // An attribute begins at a multiple of 4, and one of no length would never end.
        at += usize::from(len).next_multiple_of(4).max(4);
    }
    Err(Errno::ENODATA)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_searched_and_never_trusted() {
        let mut answer = vec![0; diag::ANSWER];
        let attribute = |len: u16, kind: u16| [len.to_ne_bytes(), kind.to_ne_bytes()].concat();
        answer.extend(attribute(5, 0));
        answer.extend([b'x', 0, 0, 0]);
        assert_eq!(queue_limit(&answer), Err(Errno::ENODATA));
        answer.extend(attribute(12, diag::QUEUE));
        assert_eq!(queue_limit(&answer), Err(Errno::EBADMSG));
        answer.extend([3_u32.to_ne_bytes(), 4096_u32.to_ne_bytes()].concat());
        assert_eq!(queue_limit(&answer), Ok(4096));
        let mut refusal = vec![0; diag::HEADER];
        refusal[4..6].copy_from_slice(&diag::ERROR.to_ne_bytes());
        refusal.extend((-2_i32).to_ne_bytes());
        assert_eq!(queue_limit(&refusal), Err(Errno::ENOENT));
        assert_eq!(queue_limit(&[]), Err(Errno::ENODATA));
    }

    #[test]
    fn a_question_is_as_long_as_it_says() {
        assert_eq!(u32::try_from(question(7).len()), Ok(diag::REQUEST_LEN));
    }
}
