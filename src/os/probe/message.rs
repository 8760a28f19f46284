//! Messages with what travels beside their bytes: descriptors, credentials, times, header fields.

use super::{Flags, Probe, count, with_flags};
use crate::os::CallError;
use crate::os::name::Name;
use crate::os::option::number;
use nix::sys::socket::{
    self as nx, ControlMessage, ControlMessageOwned, MultiHeaders, SockaddrStorage,
};
use std::io::{IoSlice, IoSliceMut};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

/// What came beside a message's bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// So many descriptors; they are closed already.
    Descriptors(usize),
    /// Who sent it.
    Credentials {
        /// Its process.
        pid: i32,
        /// Its user.
        uid: u32,
    },
    /// When it came.
    Timestamp,
    /// How many messages before it were dropped.
    Dropped(u32),
    /// Its time to live or hop limit.
    Hops(i32),
    /// Its DSCP byte or traffic class.
    TrafficClass(i32),
    /// The address that it was sent to, and the number of the interface by which it came.
    SentTo(IpAddr, u32),
    /// Its flow label.
    FlowLabel(u32),
    /// How long each of the datagrams was that were joined to make it.
    JoinedFrom(i32),
    /// From the error queue: the bytes of a send without copying are free again (`MSG_ZEROCOPY`).
    Completion {
        /// Were they copied after all?
        copied: bool,
    },
    /// Anything else.
    Other,
}

/// A message that came.
#[derive(Clone, Debug)]
pub struct Received {
    /// Its bytes, as far as they fitted.
    pub bytes: Vec<u8>,
    /// Did it lose its end because it did not fit (`MSG_TRUNC`)?
    pub cut: bool,
    /// Who sent it over IP; None where the kernel does not say, and for Unix sockets, whose names nix
    /// does not hand over here: [`Probe::receive_from`] does.
    pub from: Option<Name>,
    /// What came beside the bytes.
    pub notes: Vec<Note>,
}

#[allow(
    clippy::missing_errors_doc,
    reason = "each hands over the kernel's refusal and nothing else"
)]
impl Probe {
    /// Sends a message, and the descriptor of a socket beside it (`SCM_RIGHTS`).
    pub fn send_passing(&self, bytes: &[u8], passed: &Self) -> Result<usize, CallError> {
        let place = format!("{} B, SCM_RIGHTS", bytes.len());
        self.call("sendmsg", place, count, || {
            let (slices, descriptors) = ([IoSlice::new(bytes)], [passed.raw()]);
            let beside = [ControlMessage::ScmRights(&descriptors)];
            nx::sendmsg::<SockaddrStorage>(self.raw(), &slices, &beside, Flags::MSG_DONTWAIT, None)
        })
    }

    /// Receives a message with what came beside it, waiting as long as it surely takes.
    pub fn receive_message(&self, len: usize) -> Result<Received, CallError> {
        self.receive_message_within(len, self.recorder.times.sure)
    }

    /// Receives a message with what came beside it, waiting that long.
    pub fn receive_message_within(
        &self,
        len: usize,
        patience: Duration,
    ) -> Result<Received, CallError> {
        self.readable_within(patience)?;
        self.receive_message_with(len, Flags::empty())
    }

    /// Takes a message from the error queue (`MSG_ERRQUEUE`), waiting that long for it.
    pub fn receive_error(&self, patience: Duration) -> Result<Received, CallError> {
        // poll reports errors without being asked for anything.
        self.poll_for(rustix::event::PollFlags::empty(), patience)?;
        self.receive_message_with(512, Flags::MSG_ERRQUEUE)
    }

    fn receive_message_with(&self, len: usize, flags: Flags) -> Result<Received, CallError> {
        let mut room = vec![0; len];
        let mut beside = vec![0; 512];
        let said = |message: &Received| {
            let cut = if message.cut { ", MSG_TRUNC" } else { "" };
            let notes = message.notes.iter().map(|note| format!(", {note:?}"));
            format!("{} B{cut}{}", message.bytes.len(), notes.collect::<Vec<_>>().concat())
        };
        self.call("recvmsg", with_flags(len, flags), said, || {
            let mut slices = [IoSliceMut::new(&mut room)];
            let message = nx::recvmsg::<SockaddrStorage>(
                self.raw(),
                &mut slices,
                Some(&mut beside),
                flags | Flags::MSG_DONTWAIT,
            )?;
            let notes = message.cmsgs().map(|notes| notes.map(note_of).collect());
            let from = message.address.as_ref().and_then(Name::from_storage);
            let (n, cut) = (message.bytes.min(len), message.flags.contains(Flags::MSG_TRUNC));
            let notes = notes.unwrap_or_default();
            let bytes = room.get(..n).unwrap_or_default().to_vec();
            Ok(Received { bytes, cut, from, notes })
        })
    }

    /// Sends these messages in one call and says how many went.
    pub fn send_many(&self, messages: &[&[u8]]) -> Result<usize, CallError> {
        self.call("sendmmsg", format!("{} messages", messages.len()), count, || {
            let slices: Vec<_> = messages.iter().map(|bytes| [IoSlice::new(bytes)]).collect();
            let mut headers = MultiHeaders::<SockaddrStorage>::preallocate(messages.len(), None);
            let nobody = vec![None; messages.len()];
            let flags = Flags::MSG_DONTWAIT;
            nx::sendmmsg(self.raw(), &mut headers, &slices, &nobody, [], flags).map(Iterator::count)
        })
    }

    /// Receives up to so many messages in one call and says how long each was.
    pub fn receive_many(&self, most: usize, len: usize) -> Result<Vec<usize>, CallError> {
        let said = |lengths: &Vec<usize>| format!("{} messages", lengths.len());
        self.call("recvmmsg", format!("up to {most}"), said, || {
            let mut room = vec![0; most * len];
            let mut slices: Vec<_> =
                room.chunks_mut(len).map(|part| [IoSliceMut::new(part)]).collect();
            let mut headers = MultiHeaders::<SockaddrStorage>::preallocate(most, None);
            let flags = Flags::MSG_DONTWAIT;
            let came = nx::recvmmsg(self.raw(), &mut headers, slices.iter_mut(), flags, None)?;
            Ok(came.map(|message| message.bytes).collect())
        })
    }
}

fn note_of(note: ControlMessageOwned) -> Note {
    match note {
        ControlMessageOwned::ScmRights(descriptors) => {
            for descriptor in &descriptors {
                // They are ours now, and nobody needs them.
                let _ = nix::unistd::close(*descriptor);
            }
            Note::Descriptors(descriptors.len())
        }
        ControlMessageOwned::ScmCredentials(who) => {
            Note::Credentials { pid: who.pid(), uid: who.uid() }
        }
        ControlMessageOwned::ScmTimestamp(_) => Note::Timestamp,
        ControlMessageOwned::RxqOvfl(dropped) => Note::Dropped(dropped),
        ControlMessageOwned::Ipv4Ttl(hops) | ControlMessageOwned::Ipv6HopLimit(hops) => {
            Note::Hops(hops)
        }
        ControlMessageOwned::Ipv4Tos(class) => Note::TrafficClass(class.into()),
        ControlMessageOwned::Ipv6TClass(class) => Note::TrafficClass(class),
        ControlMessageOwned::Ipv4PacketInfo(info) => {
            let ip = Ipv4Addr::from(u32::from_be(info.ipi_addr.s_addr));
            Note::SentTo(ip.into(), u32::try_from(info.ipi_ifindex).unwrap_or(0))
        }
        ControlMessageOwned::Ipv6PacketInfo(info) => {
            Note::SentTo(Ipv6Addr::from(info.ipi6_addr.s6_addr).into(), info.ipi6_ifindex)
        }
        ControlMessageOwned::UdpGroSegments(len) => Note::JoinedFrom(len),
        ControlMessageOwned::Ipv4RecvErr(error, _) | ControlMessageOwned::Ipv6RecvErr(error, _) => {
            completion_of(&error)
        }
        ControlMessageOwned::Unknown(unknown) => {
            let header = unknown.cmsg_header;
            unnamed(header.cmsg_level, header.cmsg_type, &unknown.data_bytes)
        }
        _ => Note::Other,
    }
}

/// What nix has no name for.
fn unnamed(level: i32, kind: i32, bytes: &[u8]) -> Note {
    match bytes.first_chunk() {
        Some(word) if (level, kind) == (libc::IPPROTO_IPV6, number::IPV6_FLOWINFO) => {
            // The label is the low 20 bits, in network order (RFC 8200, section 3).
            Note::FlowLabel(u32::from_be_bytes(*word) & 0xf_ffff)
        }
        _ => Note::Other,
    }
}

fn completion_of(error: &libc::sock_extended_err) -> Note {
    const ORIGIN_ZEROCOPY: u8 = 5; // SO_EE_ORIGIN_ZEROCOPY
    const COPIED: u8 = 1; // SO_EE_CODE_ZEROCOPY_COPIED
    if error.ee_origin == ORIGIN_ZEROCOPY {
        Note::Completion { copied: error.ee_code == COPIED }
    } else {
        Note::Other
    }
}

impl Received {
    /// What is picked from the notes that came beside it; None where none of them is meant.
    pub fn find<T>(&self, pick: impl Fn(&Note) -> Option<T>) -> Option<T> {
        self.notes.iter().find_map(pick)
    }
}
