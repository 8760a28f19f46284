//! Descriptors that whoever started this process put into it by number: listening sockets of a
//! service manager (`sd_listen_fds(3)`) and the descriptor of `--ready-fd`.

use super::socket::Socket;
use super::{CallError, Errno, call, errno};
use crate::transport::{Family, Kind, Protocol, Transport};
use nix::sys::socket::{ControlMessage, MsgFlags, sendmsg};
use rustix::net as rx;
use rustix::net::sockopt as option;
use std::fs::File;
use std::io::{self, IoSlice, IoSliceMut, Write};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};

/// The first descriptor that a service manager passes (`sd_listen_fds(3)`).
const FIRST: RawFd = 3;

/// A socket that came with the process.
#[derive(Debug)]
pub struct Inherited {
    /// The socket.
    pub socket: Socket,
    /// Which row of the catalogue it is.
    pub transport: &'static Transport,
    /// Does it listen? One of messages never does, and one that connects and does not is a
    /// connection already.
    pub listens: bool,
}

/// The sockets that a service manager passed to this very process.
///
/// # Errors
/// When what was passed is no socket, or one that the catalogue has not.
pub fn sockets() -> Result<Vec<Inherited>, CallError> {
    let number = |name| std::env::var(name).ok().and_then(|text| text.parse::<u32>().ok());
    if number("LISTEN_PID") != Some(std::process::id()) {
        return Ok(Vec::new());
    }
    let count = number("LISTEN_FDS").and_then(|count| RawFd::try_from(count).ok()).unwrap_or(0);
    (FIRST..FIRST.saturating_add(count)).map(|number| identify(take(number)?, number)).collect()
}

fn identify(descriptor: OwnedFd, number: RawFd) -> Result<Inherited, CallError> {
    let place = format!("descriptor {number}");
    let unknown = || CallError::new("getsockopt", &place, Errno::EPROTONOSUPPORT);
    let family = call("getsockopt", &place, || option::socket_domain(&descriptor).map_err(errno))?;
    let kind = call("getsockopt", &place, || option::socket_type(&descriptor).map_err(errno))?;
    let protocol =
        call("getsockopt", &place, || option::socket_protocol(&descriptor).map_err(errno))?;
    // Before Linux 4.x AF_UNIX and AF_VSOCK did not know the option: that is no reason to refuse.
    let listens = option::socket_acceptconn(&descriptor).unwrap_or(true);
    let socket = Socket::from_descriptor(descriptor);
    let family = match family {
        rx::AddressFamily::INET => Family::Ipv4,
        rx::AddressFamily::INET6 if is_mapped(&socket) => Family::Dual,
        rx::AddressFamily::INET6 => Family::Ipv6,
        rx::AddressFamily::UNIX => Family::Unix,
        rx::AddressFamily::VSOCK => Family::Vsock,
        _ => return Err(unknown()),
    };
    let kind = match kind {
        rx::SocketType::STREAM => Kind::Stream,
        rx::SocketType::DGRAM => Kind::Datagram,
        rx::SocketType::SEQPACKET => Kind::SeqPacket,
        _ => return Err(unknown()),
    };
    let number = protocol.map_or(0, |protocol| protocol.as_raw().get());
    let transport = [Protocol::Default, Protocol::Tcp, Protocol::Udp, Protocol::Mptcp]
        .into_iter()
        .chain([Protocol::UdpLite, Protocol::Sctp])
        .find(|protocol| protocol.number() == number)
        .and_then(|protocol| Transport::of(family, kind, protocol));
    Ok(Inherited { socket, transport: transport.ok_or_else(unknown)?, listens })
}

fn is_mapped(socket: &Socket) -> bool {
    matches!(
        socket.local_name(),
        Ok(super::name::Name::Inet(std::net::SocketAddr::V6(six)))
            if six.ip().to_ipv4_mapped().is_some()
    )
}

/// Writes a line to a descriptor that this process was started with, and closes it there: what the
/// one who reads it waits for.
///
/// # Errors
/// When there is no such descriptor, or nobody reads it.
pub fn tell(number: RawFd, line: &str) -> Result<(), CallError> {
    let failed = |error: &io::Error| CallError::new("write", number, super::errno_of(error));
    let mut file = File::from(take(number)?);
    file.write_all(line.as_bytes()).map_err(|error| failed(&error))
}

/// Is it a descriptor of this process?
#[must_use]
pub fn exists(number: RawFd) -> bool {
    std::path::Path::new(&format!("/proc/self/fd/{number}")).exists()
}

/// Makes a number that somebody else chose a descriptor of our own. Only the kernel can say whether
/// it is one, so it goes to the kernel and comes back: sent by its number through a socket pair, it
/// arrives as an owned descriptor (unix(7), `SCM_RIGHTS`); then the number itself is closed.
fn take(number: RawFd) -> Result<OwnedFd, CallError> {
    let place = format!("descriptor {number}");
    if !exists(number) {
        // One end of the pair below might get that number.
        return Err(CallError::new("fcntl", place, Errno::EBADF));
    }
    let (here, there) = super::socket::control_pair()?;
    call("sendmsg", &place, || {
        let rights = [number];
        let message = [ControlMessage::ScmRights(&rights)];
        let raw = here.as_fd().as_raw_fd();
        sendmsg::<()>(raw, &[IoSlice::new(&[0])], &message, MsgFlags::empty(), None)
    })?;
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = rx::RecvAncillaryBuffer::new(&mut space);
    let mut byte = [0];
    call("recvmsg", &place, || {
        let mut buffers = [IoSliceMut::new(&mut byte)];
        let flags = rx::RecvFlags::CMSG_CLOEXEC;
        rx::recvmsg(there.as_fd(), &mut buffers, &mut control, flags).map_err(errno)
    })?;
    let descriptor = control.drain().find_map(|message| match message {
        rx::RecvAncillaryMessage::ScmRights(mut descriptors) => descriptors.next(),
        _ => None,
    });
    let descriptor = descriptor.ok_or_else(|| CallError::new("recvmsg", &place, Errno::EBADF))?;
    let _ = nix::unistd::close(number);
    Ok(descriptor)
}
