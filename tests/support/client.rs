//! A client of a server under test, over any transport: every call on it has a time limit, so that a
//! hang is a failure with a name.

use crate::server::PATIENCE;
use nix::errno::Errno;
use nix::sys::socket::{setsockopt, sockopt};
use nix::sys::time::TimeVal;
use sockeye::address::Address;
use sockeye::os::name::Name;
use sockeye::os::socket::{End, Socket};
use sockeye::transport::{Family, Transport};
use std::os::fd::AsFd;

/// More than any message has, so that one that came too long is seen.
const ROOM: usize = 16 << 20;

/// One end that speaks first.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) socket: Socket,
    pub(crate) transport: &'static Transport,
}

/// Gives every call on a socket a time limit.
pub(crate) fn limit_time(socket: &impl AsFd) {
    let limit = TimeVal::new(i64::try_from(PATIENCE.as_secs()).expect("few"), 0);
    setsockopt(&socket.as_fd(), sockopt::ReceiveTimeout, &limit).expect("any socket has it");
    setsockopt(&socket.as_fd(), sockopt::SendTimeout, &limit).expect("any socket has it");
}

impl Client {
    /// Connected to that address; one of datagrams has a name of its own, to be answered at.
    pub(crate) fn of(address: &Address) -> Self {
        let client = Self::unconnected(address);
        client.connect(address).expect("the server is there");
        client
    }

    /// The same, not connected yet.
    pub(crate) fn unconnected(address: &Address) -> Self {
        let transport = address.transport().expect("no host name");
        let socket = Socket::open(transport, End::Client).expect("the transport is here");
        limit_time(&socket);
        if transport.family == Family::Unix && !transport.kind.connects() {
            socket.bind(&Name::autobind()).expect("a name of its own");
        }
        Self { socket, transport }
    }

    pub(crate) fn connect(&self, address: &Address) -> Result<(), Errno> {
        let name = Name::of(address).expect("a place").mapped_for(self.transport, End::Client);
        self.socket.connect(&name).map_err(|error| error.errno)
    }

    /// Sends a message, or all these bytes.
    pub(crate) fn send(&self, bytes: &[u8]) {
        let mut rest = bytes;
        loop {
            let sent = self.socket.send(rest).expect("the server takes it");
            rest = &rest[sent..];
            if rest.is_empty() {
                return;
            }
            assert!(!self.transport.kind.keeps_messages(), "a message was cut");
        }
    }

    /// What one receive returns.
    pub(crate) fn receive(&self) -> Vec<u8> {
        let room = if self.transport.kind.keeps_messages() { ROOM } else { 1 << 16 };
        let mut room = vec![0; room];
        let len = self.socket.receive(&mut room).expect("an answer");
        room.truncate(len);
        room
    }

    /// That many bytes of a stream.
    pub(crate) fn exactly(&self, len: usize) -> Vec<u8> {
        let mut bytes = vec![0; len];
        let mut done = 0;
        while done < len {
            let more = self.socket.receive(&mut bytes[done..]).expect("an answer");
            assert!(more > 0, "the end after {done} of {len} bytes");
            done += more;
        }
        bytes
    }

    /// Everything up to the end of a stream.
    pub(crate) fn to_the_end(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        loop {
            let more = self.receive();
            if more.is_empty() {
                return bytes;
            }
            bytes.extend(more);
        }
    }

    /// Sends this and gets it back.
    pub(crate) fn echo(&self, bytes: &[u8]) {
        self.send(bytes);
        let back = if self.transport.kind.keeps_messages() {
            self.receive()
        } else {
            self.exactly(bytes.len())
        };
        assert!(back == bytes, "{}: {} bytes came back", self.transport.name, back.len());
    }

    /// Is nothing there to be received?
    pub(crate) fn has_nothing(&self) -> bool {
        self.socket.receive_now(&mut [0; 16]) == Err(Errno::EAGAIN)
    }
}

/// Bytes that are not the same everywhere.
pub(crate) fn pattern(len: usize, seed: usize) -> Vec<u8> {
    (0..len).map(|place| (place.wrapping_mul(31) ^ (place >> 8) ^ seed).to_le_bytes()[0]).collect()
}
