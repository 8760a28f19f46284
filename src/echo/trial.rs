//! One echo within this process, with a time-out on every step: does the transport work at all?

use super::endpoint::Endpoint;
use super::framing::{Framing, OnFraming, room, with_framing};
use super::message::{Direction, Message, Payload};
use crate::os::pair::{Options, Pair};
use crate::os::poll::readable;
use crate::os::scratch::Scratch;
use crate::os::socket::Socket;
use crate::os::{CallError, Errno};
use crate::transport::Transport;
use std::os::fd::AsFd;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(1);
const SIZE: usize = 4;
const SEED: u64 = 862;

/// Makes one echo, and takes everything down again.
///
/// # Errors
/// The first call that failed; `ETIMEDOUT` where nothing came, `EBADMSG` where it was something else.
pub fn echo_once(transport: &Transport, scratch: &mut Scratch) -> Result<(), CallError> {
    let pair = Pair::open(transport, scratch, Options { nodelay: true, buffer: None })?;
    let server = if transport.kind.connects() {
        // accept has no time-out of its own on every kernel, so it is asked only when it is ready.
        if readable([pair.server.as_fd()], Some(PATIENCE))? == [false] {
            return Err(CallError::new("accept4", "", Errno::ETIMEDOUT));
        }
        pair.server.accept()?
    } else {
        pair.server
    };
    let bytes = Payload::Pattern.bytes(SIZE, SEED).unwrap_or_default();
    let message = Message::new(&bytes, transport.tag_len(), SEED);
    failed("send", Patient(&pair.client).send_whole(message.wire()))?;
    failed("recv", with_framing(transport, Direction::Request, SEED, Answer(&server)))?;
    let reply =
        failed("recv", with_framing(transport, Direction::Reply, SEED, Hear(&pair.client)))?;
    if reply == message.payload() { Ok(()) } else { failed("recv", Err(Errno::EBADMSG)) }
}

fn failed<T>(call: &'static str, outcome: Result<T, Errno>) -> Result<T, CallError> {
    outcome.map_err(|errno| CallError::new(call, format!("{SIZE} B"), errno))
}

/// Waits, but not for long.
struct Patient<'a>(&'a Socket);

impl Endpoint for Patient<'_> {
    fn send(&self, bytes: &[u8]) -> Result<usize, Errno> {
        self.0.send_now(bytes)
    }

    fn receive(&self, buffer: &mut [u8]) -> Result<usize, Errno> {
        match readable([self.0.as_fd()], Some(PATIENCE)) {
            Ok([true]) => self.0.receive_now(buffer),
            Ok([false]) => Err(Errno::ETIMEDOUT),
            Err(error) => Err(error.errno),
        }
    }
}

struct Answer<'a>(&'a Socket);

impl OnFraming for Answer<'_> {
    type Output = Result<(), Errno>;

    fn run<F: Framing>(self, framing: F) -> Self::Output {
        let mut buffer = vec![0; room(SIZE)];
        let payload = framing.receive(&Patient(self.0), &mut buffer, SIZE)?;
        Patient(self.0).send_whole(framing.reply(&mut buffer, payload))
    }
}

struct Hear<'a>(&'a Socket);

impl OnFraming for Hear<'_> {
    type Output = Result<Vec<u8>, Errno>;

    fn run<F: Framing>(self, framing: F) -> Self::Output {
        let mut buffer = vec![0; room(SIZE)];
        let payload = framing.receive(&Patient(self.0), &mut buffer, SIZE)?;
        Ok(buffer[payload].to_vec())
    }
}
