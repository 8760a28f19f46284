//! What a server's and a patient client's sockets can do besides: never wait, listen for many, tell
//! who is at the other end.

use super::name::Name;
use super::socket::Socket;
use super::{CallError, Errno, call, errno};
use crate::transport::{Limit, Transport};
use nix::sys::socket::{
    Backlog, ControlMessageOwned, MsgFlags, listen, recvmsg, setsockopt, sockopt,
};
use rustix::net as rx;
use rustix::net::sockopt as option;
use std::os::fd::{AsFd, AsRawFd};
use std::sync::OnceLock;

impl Socket {
    /// Makes every call on it return at once, with `EAGAIN` where it would have waited.
    ///
    /// # Errors
    /// The kernel's refusal.
    pub fn set_nonblocking(&self) -> Result<(), CallError> {
        call("ioctl", &"FIONBIO", || rustix::io::ioctl_fionbio(self, true).map_err(errno))
    }

    /// Lets a server bind a port whose last connections still fade away (`TIME_WAIT`).
    ///
    /// # Errors
    /// The kernel's refusal.
    pub fn reuse_address(&self) -> Result<(), CallError> {
        call("setsockopt", &"SO_REUSEADDR", || setsockopt(self, sockopt::ReuseAddr, &true))
    }

    /// Keeps IPv4 clients away from an `AF_INET6` socket, whatever `net.ipv6.bindv6only` says.
    ///
    /// # Errors
    /// The kernel's refusal.
    pub fn refuse_ipv4(&self) -> Result<(), CallError> {
        call("setsockopt", &"IPV6_V6ONLY", || setsockopt(self, sockopt::Ipv6V6Only, &true))
    }

    /// Makes the kernel say with every message who sent it, so that an empty message and the end of
    /// a connection, which both are 0 bytes, can be told apart.
    ///
    /// # Errors
    /// The kernel's refusal.
    pub fn ask_for_credentials(&self) -> Result<(), CallError> {
        call("setsockopt", &"SO_PASSCRED", || setsockopt(self, sockopt::PassCred, &true))
    }

    /// Asks for as large a send buffer as anybody may have: twice `net.core.wmem_max` (socket(7)).
    pub fn enlarge_send_buffer(&self) {
        // The kernel clamps it and does not refuse (socket(7)).
        let _ = setsockopt(self, sockopt::SndBuf, &usize::try_from(i32::MAX / 2).unwrap_or(0));
    }

    /// The most bytes that a message to this socket can have, whoever sends it: what the protocol's
    /// length field holds, or what the largest send buffer does, which is twice `net.core.wmem_max`.
    #[must_use]
    pub fn largest_message(&self, transport: &Transport) -> usize {
        match transport.limit() {
            Limit::Bytes(bytes) => bytes,
            Limit::Unlimited => 0,
            Limit::SendBuffer => {
                let most = std::fs::read_to_string("/proc/sys/net/core/wmem_max").ok();
                let most = most.and_then(|text| text.trim().parse::<usize>().ok()).unwrap_or(0);
                let own = self.buffers().map_or(0, |(send, _)| send);
                (2 * most).max(own).max(1 << 18)
            }
        }
    }

    /// Lets as many clients queue as the machine allows (`net.core.somaxconn`).
    ///
    /// # Errors
    /// The kernel's refusal.
    pub fn listen_widely(&self) -> Result<(), CallError> {
        call("listen", &"-1", || listen(self, Backlog::MAXALLOWABLE))
    }

    /// Takes the next client off the queue, if one is there; it will never wait.
    ///
    /// # Errors
    /// What the kernel said; `EAGAIN` when nobody is there.
    pub fn accept_now(&self) -> Result<Self, Errno> {
        let flags = rx::SocketFlags::CLOEXEC | rx::SocketFlags::NONBLOCK;
        rx::accept_with(self, flags).map(Self::from_descriptor).map_err(errno)
    }

    /// Starts to connect a socket that never waits: true when it is connected already, else it is
    /// once it can be written, and [`Socket::outcome`] says how it went.
    ///
    /// # Errors
    /// The kernel's refusal. A Unix stream whose server's queue is full says `EAGAIN`.
    pub fn start_connect(&self, name: &Name) -> Result<bool, CallError> {
        match self.connect(name) {
            Ok(()) => Ok(true),
            Err(CallError { errno: Errno::EINPROGRESS, .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The error that waits on the socket, if one does; asking takes it away.
    ///
    /// # Errors
    /// That error.
    pub fn outcome(&self) -> Result<(), Errno> {
        option::socket_error(self).map_err(errno)?.map_err(errno)
    }

    /// Is somebody at the other end?
    #[must_use]
    pub fn is_connected(&self) -> bool {
        let name = nix::sys::socket::getpeername::<nix::sys::socket::SockaddrStorage>;
        name(self.as_fd().as_raw_fd()).is_ok()
    }

    /// The process at the other end of a connected Unix socket, as it was when it listened or
    /// connected.
    #[must_use]
    pub fn peer_process(&self) -> Option<i32> {
        let credentials = nix::sys::socket::getsockopt(self, sockopt::PeerCredentials).ok()?;
        Some(credentials.pid()).filter(|pid| *pid > 0)
    }

    /// Receives a message and says how long it was, which is more than came if it did not fit.
    ///
    /// # Errors
    /// What the kernel said.
    #[inline]
    pub fn receive_whole(&self, buffer: &mut [u8]) -> Result<usize, Errno> {
        let flags = rx::RecvFlags::TRUNC;
        rx::recv(self.as_fd(), buffer, flags).map(|(_, whole)| whole).map_err(errno)
    }

    /// The same, and says whether one was there at all: at the end of a connection none is. Wants
    /// [`Socket::ask_for_credentials`].
    ///
    /// # Errors
    /// What the kernel said; `EAGAIN` when nothing is there.
    pub fn receive_or_end(&self, buffer: &mut [u8]) -> Result<Option<usize>, Errno> {
        let mut space = nix::cmsg_space!(libc::ucred);
        let mut buffers = [std::io::IoSliceMut::new(buffer)];
        let flags = MsgFlags::MSG_DONTWAIT | MsgFlags::MSG_TRUNC;
        let received =
            recvmsg::<()>(self.as_fd().as_raw_fd(), &mut buffers, Some(&mut space), flags)?;
        let is_sender = |about| matches!(about, ControlMessageOwned::ScmCredentials(_));
        let came = received.bytes > 0 || received.cmsgs()?.any(is_sender);
        Ok(came.then_some(received.bytes))
    }
}

/// Does this kernel tell an empty message from the end of a connection, once it is asked for the
/// sender? Linux does; gVisor names a sender of the end too. Found out by trying, once.
#[must_use]
pub fn end_is_told() -> bool {
    static TOLD: OnceLock<bool> = OnceLock::new();
    let ask = || {
        let flags = rx::SocketFlags::CLOEXEC;
        let kind = rx::SocketType::SEQPACKET;
        let (here, there) = rx::socketpair(rx::AddressFamily::UNIX, kind, flags, None).ok()?;
        drop(there);
        let here = Socket::from_descriptor(here);
        here.ask_for_credentials().ok()?;
        Some(here.receive_or_end(&mut [0; 8]) == Ok(None))
    };
    *TOLD.get_or_init(|| ask().unwrap_or(false))
}
