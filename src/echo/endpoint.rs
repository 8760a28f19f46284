//! One side of a conversation, and the three ways to wait in it.

use super::{Clock, Wait};
use crate::os::poll::wait;
use crate::os::socket::Socket;
use crate::os::{Errno, clock::Monotonic};
use std::os::fd::AsFd;

/// One side of a conversation. A receive of 0 bytes is a close if the transport connects, else an
/// empty message. `EINTR` never comes out of it.
pub trait Endpoint {
    /// Sends, and says how many bytes went.
    ///
    /// # Errors
    /// What the kernel said.
    fn send(&self, bytes: &[u8]) -> Result<usize, Errno>;

    /// Receives, and says how many bytes came.
    ///
    /// # Errors
    /// What the kernel said; `ETIMEDOUT` when it gave up by itself.
    fn receive(&self, buffer: &mut [u8]) -> Result<usize, Errno>;

    /// Sends all of it; only a stream takes more than one send for that.
    ///
    /// # Errors
    /// What the kernel said.
    #[inline]
    fn send_whole(&self, bytes: &[u8]) -> Result<(), Errno> {
        let mut sent = self.send(bytes)?;
        while sent < bytes.len() {
            sent += self.send(&bytes[sent..])?;
        }
        Ok(())
    }
}

/// Waits in the calls themselves. No time-out stands on the socket: a receive with one arms a timer,
/// which makes a Unix stream's round trip 3 to 20 % longer from run to run, and those of TCP and UDP
/// about half a percent (`cargo bench --bench bare`). A reply that does not come is the parent
/// process's concern.
#[derive(Debug)]
pub struct Blocking<'a>(pub &'a Socket);

/// Never waits in a receive: it asks what is there, in between waits in `poll`, or does not wait at
/// all and asks again and again.
#[derive(Debug)]
pub struct Asking<'a> {
    /// What it asks.
    pub socket: &'a Socket,
    /// Without any wait in between?
    pub spins: bool,
    /// How long a spinning receive may go on; 0 is for ever.
    pub timeout_ns: u64,
}

#[inline]
fn uninterrupted<T>(mut body: impl FnMut() -> Result<T, Errno>) -> Result<T, Errno> {
    loop {
        match body() {
            Err(Errno::EINTR) => {}
            done => return done,
        }
    }
}

impl Endpoint for Blocking<'_> {
    #[inline]
    fn send(&self, bytes: &[u8]) -> Result<usize, Errno> {
        uninterrupted(|| self.0.send(bytes))
    }

    #[inline]
    fn receive(&self, buffer: &mut [u8]) -> Result<usize, Errno> {
        uninterrupted(|| self.0.receive(buffer))
    }
}

impl Endpoint for Asking<'_> {
    fn send(&self, bytes: &[u8]) -> Result<usize, Errno> {
        loop {
            match self.socket.send_now(bytes) {
                Err(Errno::EAGAIN) if !self.spins => wait(self.socket.as_fd(), false)?,
                Err(Errno::EAGAIN | Errno::EINTR) => std::hint::spin_loop(),
                done => return done,
            }
        }
    }

    fn receive(&self, buffer: &mut [u8]) -> Result<usize, Errno> {
        let mut clock = None;
        for turn in 1_u64.. {
            if !self.spins {
                wait(self.socket.as_fd(), true)?;
            }
            match self.socket.receive_now(buffer) {
                Err(Errno::EAGAIN | Errno::EINTR) => std::hint::spin_loop(),
                done => return done,
            }
            // The clock is looked at once in 256 turns, some tens of microseconds.
            if turn % 256 == 0 && self.timeout_ns > 0 && self.spins {
                let clock = clock.get_or_insert_with(Monotonic::start);
                if Clock::now(clock) > self.timeout_ns {
                    return Err(Errno::ETIMEDOUT);
                }
            }
        }
        Err(Errno::ETIMEDOUT)
    }
}

/// Something to do with an endpoint of any way of waiting.
pub trait OnEndpoint {
    /// What comes out of it.
    type Output;

    /// Does it.
    fn run<E: Endpoint>(self, endpoint: &E) -> Self::Output;
}

/// Does it with the socket's endpoint of this way of waiting, chosen once and not asked again.
pub fn with_endpoint<T: OnEndpoint>(
    socket: &Socket,
    wait: Wait,
    timeout_ns: u64,
    work: T,
) -> T::Output {
    match wait {
        Wait::Block => work.run(&Blocking(socket)),
        Wait::Poll | Wait::Spin => {
            work.run(&Asking { socket, spins: wait == Wait::Spin, timeout_ns })
        }
    }
}
