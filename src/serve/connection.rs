//! One connection of the server: what came in goes out again, or is held until the client takes it.
//! While something is held nothing more is received, so that a client that does not read holds no more
//! than one receive, and an idle one holds nothing.

use super::Answer;
use super::admission::Reason;
use super::tally::Counters;
use crate::os::Errno;
use crate::os::listening::end_is_told;
use crate::os::socket::Socket;
use crate::transport::{Family, Transport};

/// A client's connection. There may be very many, so it is small.
#[derive(Debug)]
pub(super) struct Connection {
    pub socket: Socket,
    /// The address that it came to, by its place in the list.
    pub spot: u32,
    /// When something moved last, in the worker's ticks.
    pub moved: u32,
    phase: Phase,
    ends: Ends,
    /// An answer, or the rest of one, that the client has not taken.
    held: Option<Box<[u8]>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Open,
    /// Everything is said; what still comes is thrown away until the client closes too. Closing with
    /// something unread would reset the connection (RFC 2525, section 2.17), and the answer with it.
    Lingering,
}

/// How the end of what the client sends shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ends {
    /// A receive of 0 bytes.
    AtZero,
    /// The same, but an empty message looks alike; the kernel can tell them apart if asked.
    Ask,
    /// It was asked already.
    Asked,
}

/// What a connection waits for next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// More, and something came just now.
    More,
    /// More, and nothing is there.
    Nothing,
    /// Room to send what is held.
    Room,
    /// It is over.
    Over,
}

impl Connection {
    pub(super) fn new(socket: Socket, spot: u32, transport: &Transport, moved: u32) -> Self {
        let may_be_empty = transport.kind.keeps_messages() && transport.family == Family::Unix;
        let ends = if may_be_empty && end_is_told() { Ends::Ask } else { Ends::AtZero };
        Self { socket, spot, moved, phase: Phase::Open, ends, held: None }
    }

    /// Is it there only to be closed gently?
    pub(super) fn is_lingering(&self) -> bool {
        self.phase == Phase::Lingering
    }

    /// Does it hold something that the client has not taken?
    pub(super) fn is_held(&self) -> bool {
        self.held.is_some()
    }

    /// Does what can be done now, one receive at most. `ended` is that the kernel said the client
    /// sends no more.
    #[inline]
    pub(super) fn step(
        &mut self,
        ended: bool,
        room: &mut [u8],
        answer: &Answer,
        counters: &Counters,
    ) -> Next {
        if let Some(held) = self.held.take() {
            return self.send(&held, None, answer, counters);
        }
        match self.receive(ended, room) {
            Ok(None) => Next::Over,
            Ok(Some(_)) if self.phase == Phase::Lingering => Next::More,
            Ok(Some(len)) if len > room.len() => {
                counters.dropped(Reason::TooLong);
                Next::More
            }
            Ok(Some(len)) => {
                let bytes = match answer {
                    Answer::Echo => &room[..len],
                    Answer::Greeting(text) => text,
                };
                self.send(bytes, Some(len), answer, counters)
            }
            Err(Errno::EAGAIN | Errno::EINTR) => Next::Nothing,
            Err(_) => {
                counters.broke();
                Next::Over
            }
        }
    }

    /// The length of what came, which is more than the room if it did not fit; None at the end.
    #[inline]
    fn receive(&mut self, ended: bool, room: &mut [u8]) -> Result<Option<usize>, Errno> {
        match self.ends {
            Ends::AtZero => self.socket.receive(room).map(|len| (len > 0).then_some(len)),
            // Nobody else receives here: while the client may still send, 0 bytes are a message.
            Ends::Ask if !ended => self.socket.receive_whole(room).map(Some),
            Ends::Ask => {
                self.socket.ask_for_credentials().map_err(|error| error.errno)?;
                self.ends = Ends::Asked;
                self.socket.receive_or_end(room)
            }
            Ends::Asked => self.socket.receive_or_end(room),
        }
    }

    /// Sends what answers a message of `came` bytes, or the rest of it, which is counted already.
    #[inline]
    fn send(
        &mut self,
        bytes: &[u8],
        came: Option<usize>,
        answer: &Answer,
        counters: &Counters,
    ) -> Next {
        let mut sent = self.socket.send(bytes);
        if sent == Err(Errno::EMSGSIZE) {
            // The client's send buffer is larger than ours; ours may still grow.
            self.socket.enlarge_send_buffer();
            sent = self.socket.send(bytes);
        }
        let goes = matches!(sent, Ok(_) | Err(Errno::EAGAIN | Errno::EINTR));
        if let Some(len) = came.filter(|_| goes) {
            counters.answered(len);
        }
        match sent {
            Ok(sent) if sent == bytes.len() => self.answered(answer),
            Ok(sent) => self.hold(&bytes[sent..]),
            Err(Errno::EAGAIN | Errno::EINTR) => self.hold(bytes),
            Err(Errno::EMSGSIZE) => {
                counters.dropped(Reason::TooLong);
                self.answered(answer)
            }
            Err(_) => {
                counters.broke();
                Next::Over
            }
        }
    }

    fn hold(&mut self, rest: &[u8]) -> Next {
        self.held = Some(rest.into());
        Next::Room
    }

    fn answered(&mut self, answer: &Answer) -> Next {
        if matches!(answer, Answer::Greeting(_)) {
            self.socket.end_sending();
            self.phase = Phase::Lingering;
        }
        Next::More
    }
}
