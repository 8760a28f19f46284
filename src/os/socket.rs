//! Sockets of every transport: opening, naming, connecting, sending and receiving.

use super::name::Name;
use super::{CallError, Errno, call, errno};
use crate::transport::{Family, Kind, Transport};
use nix::sys::socket::{SockaddrStorage, getsockname, getsockopt, setsockopt, sockopt};
use rustix::net as rx;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

pub use crate::transport::End;

/// An open socket; closed when dropped.
#[derive(Debug)]
pub struct Socket {
    descriptor: OwnedFd,
}

impl Socket {
    /// Opens a socket of this transport.
    ///
    /// # Errors
    /// The kernel's refusal, with the three arguments by their names.
    pub fn open(transport: &Transport, end: End) -> Result<Self, CallError> {
        let place = transport.socket_arguments(end);
        let flags = rx::SocketFlags::CLOEXEC;
        let descriptor = call("socket", &place, || Self::open_with(transport, end, flags))?;
        Ok(Self { descriptor })
    }

    pub(super) fn open_with(
        transport: &Transport,
        end: End,
        flags: rx::SocketFlags,
    ) -> Result<OwnedFd, Errno> {
        let (family, protocol) = (family(transport, end), protocol(transport));
        rx::socket_with(family, kind(transport), flags, protocol).map_err(errno)
    }

    /// Opens two sockets of this transport that are connected to each other (socketpair(2)).
    ///
    /// # Errors
    /// The kernel's refusal, `EOPNOTSUPP` where a family has no such thing.
    pub fn open_pair(transport: &Transport) -> Result<(Self, Self), CallError> {
        let (family, protocol) = (family(transport, End::Client), protocol(transport));
        let place = transport.socket_arguments(End::Client);
        let (one, other) = call("socketpair", &place, || {
            rx::socketpair(family, kind(transport), rx::SocketFlags::CLOEXEC, protocol)
                .map_err(errno)
        })?;
        Ok((Self::from_descriptor(one), Self::from_descriptor(other)))
    }

    /// Takes over a descriptor that is a socket already.
    #[must_use]
    pub fn from_descriptor(descriptor: OwnedFd) -> Self {
        Self { descriptor }
    }

    /// Gives up the socket for its descriptor.
    #[must_use]
    pub fn into_descriptor(self) -> OwnedFd {
        self.descriptor
    }

    /// Gives the socket a name.
    ///
    /// # Errors
    /// The kernel's refusal.
    pub fn bind(&self, name: &Name) -> Result<(), CallError> {
        call("bind", name, || self.bind_to(name))
    }

    /// Lets clients queue for [`Socket::accept`].
    ///
    /// # Errors
    /// The kernel's refusal.
    pub fn listen(&self) -> Result<(), CallError> {
        call("listen", &"16", || self.listen_for(16))
    }

    /// Connects to a server, or fixes a datagram socket's only correspondent.
    ///
    /// # Errors
    /// The kernel's refusal. A connect that a signal cut short goes on by itself, and asking again
    /// says `EISCONN` once it is there: that is success (connect(2)).
    pub fn connect(&self, name: &Name) -> Result<(), CallError> {
        match call("connect", name, || self.connect_to(name)) {
            Err(CallError { errno: Errno::EISCONN, .. }) => Ok(()),
            other => other,
        }
    }

    /// Takes the next client off the queue.
    ///
    /// # Errors
    /// The kernel's refusal.
    pub fn accept(&self) -> Result<Self, CallError> {
        let descriptor = call("accept4", &"SOCK_CLOEXEC", || {
            rx::accept_with(&self.descriptor, rx::SocketFlags::CLOEXEC).map_err(errno)
        })?;
        Ok(Self { descriptor })
    }

    /// The name that the socket has got.
    ///
    /// # Errors
    /// When the kernel does not say, or says something of a family that is not ours.
    pub fn local_name(&self) -> Result<Name, CallError> {
        let storage = call("getsockname", &"", || {
            getsockname::<SockaddrStorage>(self.descriptor.as_raw_fd())
        })?;
        Name::from_storage(&storage)
            .ok_or_else(|| CallError::new("getsockname", "", Errno::EAFNOSUPPORT))
    }

    /// Sends, and says how many bytes went.
    ///
    /// # Errors
    /// What the kernel said.
    #[inline]
    pub fn send(&self, bytes: &[u8]) -> Result<usize, Errno> {
        rx::send(&self.descriptor, bytes, rx::SendFlags::empty()).map_err(errno)
    }

    /// Sends what goes without waiting.
    ///
    /// # Errors
    /// What the kernel said; `EAGAIN` when nothing goes now.
    #[inline]
    pub fn send_now(&self, bytes: &[u8]) -> Result<usize, Errno> {
        rx::send(&self.descriptor, bytes, rx::SendFlags::DONTWAIT).map_err(errno)
    }

    /// Receives, waiting as long as it takes, and says how many bytes came.
    ///
    /// # Errors
    /// What the kernel said.
    #[inline]
    pub fn receive(&self, buffer: &mut [u8]) -> Result<usize, Errno> {
        rx::recv(&self.descriptor, buffer, rx::RecvFlags::empty()).map(|(n, _)| n).map_err(errno)
    }

    /// Receives what is there.
    ///
    /// # Errors
    /// What the kernel said; `EAGAIN` when nothing is there.
    #[inline]
    pub fn receive_now(&self, buffer: &mut [u8]) -> Result<usize, Errno> {
        rx::recv(&self.descriptor, buffer, rx::RecvFlags::DONTWAIT).map(|(n, _)| n).map_err(errno)
    }

    /// Ends both directions, which wakes whoever waits in them, in any process.
    pub fn shut_down(&self) {
        // A socket that is no longer connected has nobody to wake.
        let _ = rx::shutdown(&self.descriptor, rx::Shutdown::Both);
    }

    /// Ends the sending direction: the peer reads the end of the stream.
    pub fn end_sending(&self) {
        let _ = rx::shutdown(&self.descriptor, rx::Shutdown::Write);
    }

    /// Switches the Nagle algorithm off or on.
    ///
    /// # Errors
    /// The kernel's refusal.
    pub fn set_nodelay(&self, on: bool) -> Result<(), CallError> {
        call("setsockopt", &"TCP_NODELAY", || {
            setsockopt(&self.descriptor, sockopt::TcpNoDelay, &on)
        })
    }

    /// Lets an `AF_INET6` socket serve IPv4 as well, whatever `net.ipv6.bindv6only` says.
    ///
    /// # Errors
    /// The kernel's refusal.
    pub fn allow_ipv4(&self) -> Result<(), CallError> {
        call("setsockopt", &"IPV6_V6ONLY", || self.take_ipv4())
    }

    /// Asks for send and receive buffers of that many bytes; see [`Socket::buffers`] for what the
    /// kernel granted, which doubles it and clamps it to `net.core.wmem_max` and `rmem_max`.
    ///
    /// # Errors
    /// The kernel's refusal.
    pub fn set_buffers(&self, bytes: usize) -> Result<(), CallError> {
        call("setsockopt", &"SO_SNDBUF", || setsockopt(&self.descriptor, sockopt::SndBuf, &bytes))?;
        call("setsockopt", &"SO_RCVBUF", || setsockopt(&self.descriptor, sockopt::RcvBuf, &bytes))
    }

    /// The sizes of the send and the receive buffer.
    ///
    /// # Errors
    /// When the kernel does not say.
    pub fn buffers(&self) -> Result<(usize, usize), CallError> {
        let send =
            call("getsockopt", &"SO_SNDBUF", || getsockopt(&self.descriptor, sockopt::SndBuf))?;
        let receive =
            call("getsockopt", &"SO_RCVBUF", || getsockopt(&self.descriptor, sockopt::RcvBuf))?;
        Ok((send, receive))
    }
}

fn family(transport: &Transport, end: End) -> rx::AddressFamily {
    match (transport.family, end) {
        (Family::Ipv4, _) | (Family::Dual, End::Client) => rx::AddressFamily::INET,
        (Family::Ipv6, _) | (Family::Dual, End::Server) => rx::AddressFamily::INET6,
        (Family::Unix, _) => rx::AddressFamily::UNIX,
        (Family::Vsock, _) => rx::AddressFamily::VSOCK,
    }
}

const fn kind(transport: &Transport) -> rx::SocketType {
    match transport.kind {
        Kind::Stream => rx::SocketType::STREAM,
        Kind::Datagram => rx::SocketType::DGRAM,
        Kind::SeqPacket => rx::SocketType::SEQPACKET,
        Kind::Raw => rx::SocketType::RAW,
    }
}

fn protocol(transport: &Transport) -> Option<rx::Protocol> {
    std::num::NonZeroU32::new(transport.protocol.asked_for().number()).map(rx::Protocol::from_raw)
}

impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.descriptor.as_fd()
    }
}

/// The loopback's MTU, as a datagram socket that is connected to nobody there has it.
pub(super) fn loopback_mtu() -> Option<u32> {
    let socket = Socket::open(Transport::named("udp4")?, End::Client).ok()?;
    // Port 9 discards (RFC 863); nothing is sent.
    socket.connect(&Name::inet(std::net::Ipv4Addr::LOCALHOST, 9)).ok()?;
    getsockopt(&socket.descriptor, sockopt::IpMtu).ok().and_then(|mtu| u32::try_from(mtu).ok())
}

/// Two connected stream ends for the talk between our own processes.
///
/// # Errors
/// When there are no descriptors left.
pub fn control_pair() -> Result<(Socket, Socket), CallError> {
    let (ours, theirs) = call("socketpair", &"AF_UNIX, SOCK_STREAM, 0", || {
        rx::socketpair(
            rx::AddressFamily::UNIX,
            rx::SocketType::STREAM,
            rx::SocketFlags::CLOEXEC,
            None,
        )
        .map_err(errno)
    })?;
    Ok((Socket::from_descriptor(ours), Socket::from_descriptor(theirs)))
}
