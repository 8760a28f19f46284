//! The peer end: sends back what it receives, until it is told to stop.

use super::Task;
use super::endpoint::Endpoint;
use super::framing::Framing;
use crate::os::Errno;

/// What a peer does with a message. The one that everybody runs is [`Honest`]; tests have others.
pub trait Echo {
    /// Is told what the peer is there for before the first message comes.
    fn begin(&mut self, _task: &Task) {}

    /// Answers one message.
    ///
    /// # Errors
    /// What the kernel said to the reply.
    fn answer<E: Endpoint>(&mut self, endpoint: &E, message: &[u8]) -> Result<(), Errno>;
}

/// Sends it back as it came.
#[derive(Clone, Copy, Debug, Default)]
pub struct Honest;

impl Echo for Honest {
    #[inline]
    fn answer<E: Endpoint>(&mut self, endpoint: &E, message: &[u8]) -> Result<(), Errno> {
        endpoint.send_whole(message)
    }
}

/// Answers messages of `size` bytes until one of another length comes, or the end of the stream, or
/// an error: all of them mean that the client has had enough.
pub fn serve<E: Endpoint, F: Framing>(
    endpoint: &E,
    framing: F,
    echo: &mut impl Echo,
    size: usize,
    room: &mut [u8],
) {
    while let Ok(payload) = framing.receive(endpoint, room, size) {
        if payload.len() != size {
            return;
        }
        let reply = framing.reply(room, payload);
        if echo.answer(endpoint, reply).is_err() {
            return;
        }
    }
}
