//! A socket of messages of the server: each one is answered to its sender, or counted with the reason
//! why not.
//!
//! Over IP a full send buffer is the machine's own trouble: the socket waits for room, and its receive
//! buffer, then the network, for it. A Unix socket's answer waits for its receiver alone, and nothing
//! tells when that has read, so its answers are kept, in their order and within bounds, and tried again.

use super::Answer;
use super::admission::{Asker, Reason, Request};
use super::tally::Counters;
use crate::os::letters::{Letter, Mailbox, Sender, send_to};
use crate::os::socket::Socket;
use crate::os::{CallError, Errno};
use crate::transport::{Family, Transport};
use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// How long an answer is kept for a client that does not read.
const PATIENCE: Duration = Duration::from_secs(1);
/// How much of them is kept for all clients of a socket.
const KEPT_BYTES: usize = 4 << 20;
/// How often they are tried again.
pub(super) const RETRY: Duration = Duration::from_millis(2);

/// A socket of messages and what waits on it.
pub(super) struct Messages {
    pub socket: Socket,
    /// Its address, by its place in the list.
    pub spot: u32,
    /// Does it wait for room, and receive nothing meanwhile?
    pub is_jammed: bool,
    mailbox: Mailbox,
    /// This server's own addresses: it does not talk to itself.
    own: Vec<SocketAddr>,
    /// Does an answer wait for its receiver, and not for the machine?
    waits_for_receiver: bool,
    /// Those of the mailbox that are to be answered, and how many of them are.
    chosen: Vec<usize>,
    done: usize,
    kept: HashMap<Sender, VecDeque<Kept>>,
    kept_bytes: usize,
}

struct Kept {
    bytes: Box<[u8]>,
    until: Instant,
}

/// What a socket of messages waits for next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// More, and this many were answered just now.
    More(usize),
    /// More, and nothing is there.
    Nothing,
    /// Room to send.
    Room,
}

impl Messages {
    pub(super) fn new(
        socket: Socket,
        spot: u32,
        transport: &Transport,
        batch: usize,
        own: &[SocketAddr],
    ) -> Result<Self, CallError> {
        let largest = socket.largest_message(transport);
        let mailbox = Mailbox::new(&socket, transport, batch, largest)?;
        Ok(Self {
            socket,
            spot,
            is_jammed: false,
            mailbox,
            own: own.to_vec(),
            waits_for_receiver: transport.family == Family::Unix,
            chosen: Vec::new(),
            done: 0,
            kept: HashMap::new(),
            kept_bytes: 0,
        })
    }

    /// Answers what can be answered now: the rest of the last receive, or else the next one.
    pub(super) fn step(&mut self, answer: &Answer, counters: &Counters) -> Next {
        if self.done < self.chosen.len() {
            return self.send(answer, counters);
        }
        // An error that waits on the socket is some earlier answer's, and no reason to stop.
        let Ok(count) = self.mailbox.receive(&self.socket) else { return Next::Nothing };
        self.chosen.clear();
        self.done = 0;
        for index in 0..count {
            match self.request(index, answer).admit() {
                Ok(()) => self.chosen.push(index),
                Err(reason) => counters.dropped(reason),
            }
        }
        self.send(answer, counters)
    }

    fn request(&self, index: usize, answer: &Answer) -> Request {
        let letter = &self.mailbox.letters()[index];
        let sender = letter.sender.as_ref().and_then(Sender::inet);
        Request {
            sender: match (sender, &letter.sender) {
                (Some(inet), _) => Asker::Inet(inet),
                (None, Some(_)) => Asker::Local,
                (None, None) => Asker::Nobody,
            },
            unicast: letter.unicast,
            cut: letter.cut,
            own: sender.is_some_and(|sender| self.is_own(sender, letter)),
            len: letter.len,
            answer_len: match answer {
                Answer::Echo => letter.len,
                Answer::Greeting(text) => text.len(),
            },
        }
    }

    fn is_own(&self, sender: SocketAddr, letter: &Letter) -> bool {
        let ip = sender.ip().to_canonical();
        self.own.iter().filter(|own| own.port() == sender.port()).any(|own| {
            let own = own.ip().to_canonical();
            own == ip || (own.is_unspecified() && (ip.is_loopback() || letter.is_to(ip)))
        })
    }

    fn send(&mut self, answer: &Answer, counters: &Counters) -> Next {
        let mut answered = 0;
        while let Some(&index) = self.chosen.get(self.done) {
            let outcome = match answer {
                Answer::Echo if self.kept.is_empty() => {
                    self.mailbox.send_back(&self.socket, &self.chosen[self.done..])
                }
                Answer::Echo if self.is_kept_for(index) => Err(Errno::EAGAIN),
                Answer::Echo => self.mailbox.send_back(&self.socket, &[index]),
                Answer::Greeting(text) => {
                    self.mailbox.answer(&self.socket, index, text).map(|()| 1)
                }
            };
            match outcome {
                Ok(sent) => {
                    for &index in &self.chosen[self.done..self.done + sent] {
                        counters.answered(self.mailbox.letters()[index].len);
                    }
                    self.done += sent;
                    answered += sent;
                }
                Err(Errno::EINTR) => {}
                Err(Errno::EAGAIN) if !self.waits_for_receiver => return Next::Room,
                Err(errno) => {
                    if errno != Errno::EAGAIN || !self.keep(index, answer) {
                        counters.dropped(reason_for(errno));
                    }
                    self.done += 1;
                }
            }
        }
        Next::More(answered)
    }

    fn is_kept_for(&self, index: usize) -> bool {
        let sender = self.mailbox.letters()[index].sender.as_ref();
        sender.is_some_and(|sender| self.kept.contains_key(sender))
    }

    /// Keeps an answer until its receiver has room, if there is still room here.
    fn keep(&mut self, index: usize, answer: &Answer) -> bool {
        let bytes: Box<[u8]> = match answer {
            Answer::Echo => self.mailbox.text(index).into(),
            Answer::Greeting(text) => text.as_slice().into(),
        };
        // An empty message takes room too.
        let len = bytes.len() + size_of::<Kept>();
        let Some(sender) = self.mailbox.letters()[index].sender.clone() else { return false };
        if self.kept_bytes + len > KEPT_BYTES {
            return false;
        }
        self.kept_bytes += len;
        let kept = Kept { bytes, until: Instant::now() + PATIENCE };
        self.kept.entry(sender).or_default().push_back(kept);
        true
    }

    /// Is something kept, so that [`Messages::retry`] is worth while?
    pub(super) fn is_keeping(&self) -> bool {
        !self.kept.is_empty()
    }

    /// Keeps nothing any more.
    pub(super) fn give_up(&mut self, counters: &Counters) {
        for _ in self.kept.drain().flat_map(|(_, queue)| queue) {
            counters.dropped(Reason::Full);
        }
        self.kept_bytes = 0;
    }

    /// Tries what is kept again, each client's in its order.
    pub(super) fn retry(&mut self, counters: &Counters) {
        let now = Instant::now();
        let (socket, freed) = (&self.socket, &mut self.kept_bytes);
        self.kept.retain(|sender, queue| {
            while let Some(first) = queue.front() {
                match send_to(socket, sender, &first.bytes) {
                    Ok(()) => counters.answered(first.bytes.len()),
                    Err(Errno::EAGAIN | Errno::EINTR) if now < first.until => return true,
                    Err(errno) => counters.dropped(reason_for(errno)),
                }
                *freed -= first.bytes.len() + size_of::<Kept>();
                queue.pop_front();
            }
            false
        });
    }
}

fn reason_for(errno: Errno) -> Reason {
    match errno {
        Errno::EAGAIN | Errno::ENOBUFS => Reason::Full,
        Errno::ECONNREFUSED | Errno::ENOENT | Errno::ECONNRESET | Errno::ENOTCONN => Reason::Gone,
        Errno::EMSGSIZE => Reason::TooLong,
        _ => Reason::Refused,
    }
}
