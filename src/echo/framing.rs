//! Where a message begins and ends in what a receive returns: all that differs between transports
//! once the sockets are connected.

use super::endpoint::Endpoint;
use super::message::{Direction, tag};
use crate::os::Errno;
use crate::transport::Transport;
use std::ops::Range;

/// How to find one message in what comes.
pub trait Framing: Copy {
    /// Does one receive return exactly one message?
    const KEEPS_MESSAGES: bool;

    /// Receives one message into the buffer and says where its payload stands. A stream returns at
    /// least `size` bytes unless it ended before; messages are as long as they came.
    ///
    /// # Errors
    /// What the kernel said.
    fn receive<E: Endpoint>(
        self,
        endpoint: &E,
        buffer: &mut [u8],
        size: usize,
    ) -> Result<Range<usize>, Errno>;

    /// Turns a received message into its reply, where it stands, and returns what goes out.
    #[inline]
    fn reply(self, buffer: &mut [u8], payload: Range<usize>) -> &[u8] {
        &buffer[payload]
    }
}

/// A byte stream: receives until the last byte.
#[derive(Clone, Copy, Debug)]
pub struct Stream;

/// One receive, one message.
#[derive(Clone, Copy, Debug)]
pub struct Messages;

/// Messages behind an IPv4 header (raw(7)).
#[derive(Clone, Copy, Debug)]
pub struct BehindIpHeader;

/// Messages behind a tag, among others that are not for us.
#[derive(Clone, Copy, Debug)]
pub struct Tagged {
    seed: u64,
    wanted: [u8; 8],
}

impl Framing for Stream {
    const KEEPS_MESSAGES: bool = false;

    #[inline]
    fn receive<E: Endpoint>(
        self,
        endpoint: &E,
        buffer: &mut [u8],
        size: usize,
    ) -> Result<Range<usize>, Errno> {
        let mut len = endpoint.receive(buffer)?;
        while len < size {
            match endpoint.receive(&mut buffer[len..])? {
                0 => break,
                more => len += more,
            }
        }
        Ok(0..len)
    }
}

impl Framing for Messages {
    const KEEPS_MESSAGES: bool = true;

    #[inline]
    fn receive<E: Endpoint>(
        self,
        endpoint: &E,
        buffer: &mut [u8],
        _size: usize,
    ) -> Result<Range<usize>, Errno> {
        Ok(0..endpoint.receive(buffer)?)
    }
}

impl Framing for BehindIpHeader {
    const KEEPS_MESSAGES: bool = true;

    #[inline]
    fn receive<E: Endpoint>(
        self,
        endpoint: &E,
        buffer: &mut [u8],
        _size: usize,
    ) -> Result<Range<usize>, Errno> {
        let len = endpoint.receive(buffer)?;
        // The low half of the first byte is the header's length in words of 4 bytes (RFC 791).
        let header = 4 * usize::from(buffer[0] & 15);
        Ok(header.min(len)..len)
    }
}

impl Tagged {
    /// For the end that hears messages of that direction.
    #[must_use]
    pub fn hearing(direction: Direction, seed: u64) -> Self {
        Self { seed, wanted: tag(seed, direction) }
    }
}

impl Framing for Tagged {
    const KEEPS_MESSAGES: bool = true;

    fn receive<E: Endpoint>(
        self,
        endpoint: &E,
        buffer: &mut [u8],
        _size: usize,
    ) -> Result<Range<usize>, Errno> {
        loop {
            let len = endpoint.receive(buffer)?;
            if buffer[..len].starts_with(&self.wanted) {
                return Ok(self.wanted.len()..len);
            }
        }
    }

    fn reply(self, buffer: &mut [u8], payload: Range<usize>) -> &[u8] {
        let tag = tag(self.seed, Direction::Reply);
        buffer[..tag.len()].copy_from_slice(&tag);
        &buffer[..payload.end]
    }
}

/// Something to do with a framing of any kind.
pub trait OnFraming {
    /// What comes out of it.
    type Output;

    /// Does it.
    fn run<F: Framing>(self, framing: F) -> Self::Output;
}

/// Does it with the transport's framing, chosen once and not asked again.
pub fn with_framing<T: OnFraming>(
    transport: &Transport,
    hears: Direction,
    seed: u64,
    work: T,
) -> T::Output {
    if transport.tag_len() > 0 {
        work.run(Tagged::hearing(hears, seed))
    } else if transport.receives_ip_header() {
        work.run(BehindIpHeader)
    } else if transport.kind.keeps_messages() {
        work.run(Messages)
    } else {
        work.run(Stream)
    }
}

/// Of larger messages no two fit into one receive.
const LARGE: usize = 1 << 18;

/// How large a receive buffer must be to see that a reply is too long, or two in one.
#[must_use]
pub const fn room(size: usize) -> usize {
    // 60: the longest IPv4 header. 32: a mark and a tag.
    let second = if size < LARGE { size } else { LARGE };
    size + second + 60 + 32
}
