//! Messages with a sender: received and answered one by one, or many in one call where the kernel and
//! the address family allow it. Who may be answered is decided elsewhere.

use super::socket::Socket;
use super::{CallError, Errno, call, errno};
use crate::transport::{Family, Kind, Protocol, Transport};
use nix::sys::socket::{
    ControlMessage, ControlMessageOwned, MsgFlags, MultiHeaders, SockaddrIn, SockaddrIn6,
    SockaddrLike, SockaddrStorage, recvmmsg, recvmsg, sendmmsg, sendmsg, setsockopt, sockopt,
};
use rustix::net as rx;
use std::io::{IoSlice, IoSliceMut};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::os::fd::{AsFd, AsRawFd};

/// Who sent a message, so that it can be answered.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sender(rx::SocketAddrAny);

impl Sender {
    /// Its IP address and port, if it has those.
    #[must_use]
    pub fn inet(&self) -> Option<SocketAddr> {
        SocketAddr::try_from(self.0.clone()).ok()
    }
}

/// A message that came.
#[derive(Clone, Debug)]
pub struct Letter {
    /// Its length, without what did not fit.
    pub len: usize,
    /// Did the kernel cut it because it did not fit?
    pub cut: bool,
    /// Who sent it; None for a Unix socket without a name, which nobody can answer.
    pub sender: Option<Sender>,
    /// Was it sent to this machine alone, and not to a group or to everybody?
    pub unicast: bool,
    /// Which of our addresses it was sent to, where the socket has all of them.
    to: Option<IpAddr>,
}

impl Letter {
    /// Was it sent to this address of ours, as far as the kernel told?
    #[must_use]
    pub fn is_to(&self, ip: IpAddr) -> bool {
        self.to.is_some_and(|to| to.to_canonical() == ip)
    }
}

/// A socket's messages: as many as came in one call, to be looked at and answered.
pub struct Mailbox {
    room: Vec<u8>,
    slot: usize,
    letters: Vec<Letter>,
    carrier: Carrier,
}

/// How messages are fetched and sent.
enum Carrier {
    /// One a call.
    Single,
    /// One a call, with the address that it was sent to (ip(7), `IP_PKTINFO`).
    Addressed,
    /// Many a call.
    Many4(Box<Batch<SockaddrIn>>),
    Many6(Box<Batch<SockaddrIn6>>),
}

struct Batch<S> {
    incoming: MultiHeaders<S>,
    outgoing: MultiHeaders<S>,
}

impl Mailbox {
    /// For a bound socket of messages of at most `largest` bytes, of which it takes up to `batch` in
    /// one call. One that is bound to every address has to be told which of them a message was for, by
    /// [`ask_for_destination`], before it is bound.
    ///
    /// # Errors
    /// When the kernel will not tell.
    pub fn new(
        socket: &Socket,
        transport: &Transport,
        batch: usize,
        largest: usize,
    ) -> Result<Self, CallError> {
        let wildcard = socket.local_name()?.is_wildcard();
        let is_udp = transport.kind == Kind::Datagram && transport.protocol == Protocol::Udp;
        let carrier = match transport.family {
            Family::Ipv4 | Family::Ipv6 | Family::Dual if wildcard => Carrier::Addressed,
            Family::Ipv4 if is_udp && batch > 1 => Carrier::Many4(Box::new(Batch::new(batch))),
            Family::Ipv6 | Family::Dual if is_udp && batch > 1 => {
                Carrier::Many6(Box::new(Batch::new(batch)))
            }
            Family::Ipv4 | Family::Ipv6 | Family::Dual | Family::Unix | Family::Vsock => {
                Carrier::Single
            }
        };
        let slots = match carrier {
            Carrier::Single | Carrier::Addressed => 1,
            Carrier::Many4(_) | Carrier::Many6(_) => batch,
        };
        // Zeroed memory is the kernel's promise of pages, not pages: only what is used is there.
        let room = vec![0; slots * largest];
        Ok(Self { room, slot: largest, letters: Vec::with_capacity(slots), carrier })
    }

    /// Receives what is there and says how many messages that is.
    ///
    /// # Errors
    /// What the kernel said; `EAGAIN` when nothing is there.
    #[inline]
    pub fn receive(&mut self, socket: &Socket) -> Result<usize, Errno> {
        self.letters.clear();
        match &mut self.carrier {
            Carrier::Single => self.letters.push(receive_one(socket, &mut self.room)?),
            Carrier::Addressed => self.letters.push(receive_addressed(socket, &mut self.room)?),
            Carrier::Many4(batch) => {
                batch.receive(socket, &mut self.room, self.slot, &mut self.letters)?;
            }
            Carrier::Many6(batch) => {
                batch.receive(socket, &mut self.room, self.slot, &mut self.letters)?;
            }
        }
        Ok(self.letters.len())
    }

    /// The messages that came last.
    #[must_use]
    pub fn letters(&self) -> &[Letter] {
        &self.letters
    }

    /// The bytes of one of them.
    #[must_use]
    pub fn text(&self, index: usize) -> &[u8] {
        &self.room[index * self.slot..][..self.letters[index].len]
    }

    /// Sends these messages back to who sent them, in their order, and says how many went before the
    /// first that did not.
    ///
    /// # Errors
    /// What the kernel said to the first of them.
    #[inline]
    pub fn send_back(&mut self, socket: &Socket, which: &[usize]) -> Result<usize, Errno> {
        match &mut self.carrier {
            Carrier::Many4(batch) if which.len() > 1 => {
                batch.send(socket, &self.room, self.slot, &self.letters, which)
            }
            Carrier::Many6(batch) if which.len() > 1 => {
                batch.send(socket, &self.room, self.slot, &self.letters, which)
            }
            _ => match which.first() {
                Some(&first) => self.answer(socket, first, self.text(first)).map(|()| 1),
                None => Ok(0),
            },
        }
    }

    /// Sends these bytes to the sender of a message, from the address that it was sent to.
    ///
    /// # Errors
    /// What the kernel said.
    pub fn answer(&self, socket: &Socket, index: usize, bytes: &[u8]) -> Result<(), Errno> {
        let letter = &self.letters[index];
        let Some(sender) = &letter.sender else { return Err(Errno::EDESTADDRREQ) };
        match letter.to {
            Some(from) => send_from(socket, sender, from, bytes),
            None => send_to(socket, sender, bytes),
        }
    }
}

/// Sends one message.
///
/// # Errors
/// What the kernel said.
pub fn send_to(socket: &Socket, sender: &Sender, bytes: &[u8]) -> Result<(), Errno> {
    let flags = rx::SendFlags::DONTWAIT;
    rx::sendto(socket.as_fd(), bytes, flags, &sender.0).map(|_| ()).map_err(errno)
}

fn receive_one(socket: &Socket, room: &mut [u8]) -> Result<Letter, Errno> {
    // With MSG_TRUNC the length is the message's own, whatever of it fitted (recv(2)).
    let flags = rx::RecvFlags::DONTWAIT | rx::RecvFlags::TRUNC;
    let (_, whole, sender) = rx::recvfrom(socket.as_fd(), &mut *room, flags).map_err(errno)?;
    let named = |sender: &rx::SocketAddrAny| sender.addr_len() > 2;
    Ok(Letter {
        len: whole.min(room.len()),
        cut: whole > room.len(),
        sender: sender.filter(named).map(Sender),
        unicast: true,
        to: None,
    })
}

/// Makes the kernel say with each message over IP which address it was sent to. It is noted when a
/// message comes (ip(7), `IP_PKTINFO`), so what comes before this is asked for will not be told.
///
/// # Errors
/// The kernel's refusal.
pub fn ask_for_destination(socket: &Socket, transport: &Transport) -> Result<(), CallError> {
    // Both families' options work on a dual-stack socket, each for the packets of its own.
    if transport.family != Family::Ipv6 {
        call("setsockopt", &"IP_PKTINFO", || setsockopt(socket, sockopt::Ipv4PacketInfo, &true))?;
    }
    if transport.family != Family::Ipv4 {
        call("setsockopt", &"IPV6_RECVPKTINFO", || {
            setsockopt(socket, sockopt::Ipv6RecvPacketInfo, &true)
        })?;
    }
    Ok(())
}

fn receive_addressed(socket: &Socket, room: &mut [u8]) -> Result<Letter, Errno> {
    let mut space = nix::cmsg_space!(libc::in_pktinfo, libc::in6_pktinfo);
    let mut slices = [IoSliceMut::new(room)];
    let raw = socket.as_fd().as_raw_fd();
    let message = recvmsg::<SockaddrStorage>(
        raw,
        &mut slices,
        Some(&mut space),
        MsgFlags::MSG_DONTWAIT | MsgFlags::MSG_CMSG_CLOEXEC,
    )?;
    let mut unicast = false;
    let mut to = None;
    for about in message.cmsgs()? {
        match about {
            ControlMessageOwned::Ipv4PacketInfo(info) => {
                let header = Ipv4Addr::from(u32::from_be(info.ipi_addr.s_addr));
                // The kernel's choice for an answer is the address itself only if it is ours.
                unicast = info.ipi_addr.s_addr == info.ipi_spec_dst.s_addr;
                to = Some(IpAddr::V4(header));
            }
            ControlMessageOwned::Ipv6PacketInfo(info) if to.is_none() => {
                let header = std::net::Ipv6Addr::from(info.ipi6_addr.s6_addr);
                unicast = !header.is_multicast() && header.to_ipv4_mapped().is_none();
                to = Some(IpAddr::V6(header));
            }
            _ => {}
        }
    }
    let sender = message.address.as_ref().and_then(inet_of).map(|inet| Sender(inet.into()));
    let cut = message.flags.contains(MsgFlags::MSG_TRUNC);
    Ok(Letter { len: message.bytes, cut, sender, unicast, to })
}

fn inet_of(storage: &SockaddrStorage) -> Option<SocketAddr> {
    let v4 = storage.as_sockaddr_in().map(|sin| SocketAddr::V4(SocketAddrV4::from(*sin)));
    v4.or_else(|| storage.as_sockaddr_in6().map(|sin| SocketAddr::V6(SocketAddrV6::from(*sin))))
}

/// Sends from one of the many addresses that the socket has: the one that was asked.
fn send_from(socket: &Socket, to: &Sender, from: IpAddr, bytes: &[u8]) -> Result<(), Errno> {
    let address = to.inet().ok_or(Errno::EAFNOSUPPORT)?;
    let slices = [IoSlice::new(bytes)];
    let (raw, flags) = (socket.as_fd().as_raw_fd(), MsgFlags::MSG_DONTWAIT);
    let storage = SockaddrStorage::from(address);
    let sent = match from {
        IpAddr::V4(from) => {
            let source = libc::in_addr { s_addr: u32::from(from).to_be() };
            let nowhere = libc::in_addr { s_addr: 0 };
            let info = libc::in_pktinfo { ipi_ifindex: 0, ipi_spec_dst: source, ipi_addr: nowhere };
            sendmsg(raw, &slices, &[ControlMessage::Ipv4PacketInfo(&info)], flags, Some(&storage))
        }
        IpAddr::V6(from) => {
            let source = libc::in6_addr { s6_addr: from.octets() };
            let info = libc::in6_pktinfo { ipi6_addr: source, ipi6_ifindex: 0 };
            sendmsg(raw, &slices, &[ControlMessage::Ipv6PacketInfo(&info)], flags, Some(&storage))
        }
    };
    sent.map(|_| ())
}

/// An address that the kernel reads and writes in a fixed length, as calls for many messages want.
trait Inet: SockaddrLike + Copy {
    fn to_socket_address(self) -> SocketAddr;
    fn of(address: SocketAddr) -> Option<Self>;
}

impl Inet for SockaddrIn {
    fn to_socket_address(self) -> SocketAddr {
        SocketAddr::V4(self.into())
    }

    fn of(address: SocketAddr) -> Option<Self> {
        match address {
            SocketAddr::V4(four) => Some(four.into()),
            SocketAddr::V6(_) => None,
        }
    }
}

impl Inet for SockaddrIn6 {
    fn to_socket_address(self) -> SocketAddr {
        SocketAddr::V6(self.into())
    }

    fn of(address: SocketAddr) -> Option<Self> {
        match address {
            SocketAddr::V4(_) => None,
            SocketAddr::V6(six) => Some(six.into()),
        }
    }
}

impl<S: Inet> Batch<S> {
    fn new(size: usize) -> Self {
        Self {
            incoming: MultiHeaders::preallocate(size, None),
            outgoing: MultiHeaders::preallocate(size, None),
        }
    }

    fn receive(
        &mut self,
        socket: &Socket,
        room: &mut [u8],
        slot: usize,
        letters: &mut Vec<Letter>,
    ) -> Result<(), Errno> {
        let mut slices: Vec<_> = room.chunks_mut(slot).map(|one| [IoSliceMut::new(one)]).collect();
        let raw = socket.as_fd().as_raw_fd();
        let flags = MsgFlags::MSG_DONTWAIT;
        let received = recvmmsg(raw, &mut self.incoming, slices.iter_mut(), flags, None)?;
        letters.extend(received.map(|message| Letter {
            len: message.bytes,
            cut: message.flags.contains(MsgFlags::MSG_TRUNC),
            sender: message.address.map(|sender: S| Sender(sender.to_socket_address().into())),
            unicast: true,
            to: None,
        }));
        Ok(())
    }

    fn send(
        &mut self,
        socket: &Socket,
        room: &[u8],
        slot: usize,
        letters: &[Letter],
        which: &[usize],
    ) -> Result<usize, Errno> {
        let slice = |&index: &usize| [IoSlice::new(&room[index * slot..][..letters[index].len])];
        let slices: Vec<_> = which.iter().map(slice).collect();
        let address = |&index: &usize| letters[index].sender.as_ref()?.inet().and_then(S::of);
        let addresses: Vec<_> = which.iter().map(address).collect();
        let raw = socket.as_fd().as_raw_fd();
        let flags = MsgFlags::MSG_DONTWAIT;
        sendmmsg(raw, &mut self.outgoing, slices.iter(), &addresses, [], flags).map(Iterator::count)
    }
}
