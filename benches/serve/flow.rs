//! One client of a server: a socket of any transport with several messages under way, and the account
//! of what became of them.

use crate::message::{Pattern, number_of};
use anyhow::{Context, bail, ensure};
use sockeye::address::Address;
use sockeye::os::Errno;
use sockeye::os::name::Name;
use sockeye::os::socket::{End, Socket};
use sockeye::transport::{Family, Kind, Transport};
use std::net::{Ipv4Addr, Ipv6Addr};

/// The length of the message with that number.
pub(crate) type Sizes = fn(u64) -> usize;

/// What became of the messages.
#[derive(Clone, Debug, Default)]
pub(crate) struct Account {
    pub(crate) echoed: u64,
    pub(crate) lost: u64,
    pub(crate) wrong: u64,
    /// The bytes of those that were echoed.
    pub(crate) bytes: u64,
    /// The first that was wrong, in words.
    pub(crate) first_wrong: Option<String>,
}

impl Account {
    pub(crate) fn add(&mut self, other: &Self) {
        self.echoed += other.echoed;
        self.lost += other.lost;
        self.wrong += other.wrong;
        self.bytes += other.bytes;
        if self.first_wrong.is_none() {
            self.first_wrong.clone_from(&other.first_wrong);
        }
    }
}

/// The client.
pub(crate) struct Flow {
    pub(crate) socket: Socket,
    pub(crate) transport: &'static Transport,
    pub(crate) account: Account,
    sizes: Sizes,
    number: usize,
    /// The messages that were sent so far, and the number of the next one.
    pub(crate) sent: u64,
    /// The number of the reply that comes next.
    expected: u64,
    /// The beginning of a reply over a byte stream, if it came in parts.
    part: Vec<u8>,
}

impl Flow {
    pub(crate) fn connect(address: &Address, number: usize, sizes: Sizes) -> anyhow::Result<Self> {
        let transport = address.transport().context("an address without a transport")?;
        let socket = connected(address, transport)?;
        let (account, part) = (Account::default(), Vec::new());
        Ok(Self { socket, transport, account, sizes, number, sent: 0, expected: 0, part })
    }

    /// Leaves the socket for a fresh one.
    pub(crate) fn renew(&mut self, address: &Address) -> anyhow::Result<()> {
        self.socket = connected(address, self.transport)?;
        Ok(())
    }

    /// The messages that are neither echoed nor given up.
    pub(crate) fn under_way(&self) -> u64 {
        self.sent - self.expected
    }

    /// Writes the next message, which counts as sent, and returns its length.
    pub(crate) fn write_next(&mut self, pattern: &Pattern, room: &mut [u8]) -> usize {
        let len = (self.sizes)(self.sent);
        pattern.write(self.number, self.sent, &mut room[..len]);
        self.sent += 1;
        len
    }

    /// Sends the next message.
    pub(crate) fn send(&mut self, pattern: &Pattern, room: &mut [u8]) -> anyhow::Result<()> {
        let len = self.write_next(pattern, room);
        let sent = self.socket.send_now(&room[..len]);
        let sent = sent.with_context(|| format!("sending over {}", self.transport.name))?;
        ensure!(sent == len, "a message over {} did not fit the buffer", self.transport.name);
        Ok(())
    }

    /// Receives what is there, once.
    pub(crate) fn receive(&mut self, pattern: &Pattern, room: &mut [u8]) -> anyhow::Result<()> {
        let received = match self.socket.receive_now(room) {
            Ok(received) => received,
            Err(Errno::EAGAIN) => return Ok(()),
            Err(errno) => bail!("receiving over {}: {errno}", self.transport.name),
        };
        let keeps_messages = self.transport.kind != Kind::Stream;
        if keeps_messages {
            ensure!(received > 0, "the server left {}", self.transport.name);
            self.judge(pattern, &room[..received]);
            return Ok(());
        }
        ensure!(received > 0, "the server closed a {} connection", self.transport.name);
        self.part.extend_from_slice(&room[..received]);
        let mut part = std::mem::take(&mut self.part);
        let mut done = 0;
        while self.under_way() > 0 {
            let len = (self.sizes)(self.expected);
            let Some(reply) = part.get(done..done + len) else { break };
            self.judge(pattern, reply);
            done += len;
        }
        part.drain(..done);
        ensure!(
            self.under_way() > 0 || part.is_empty(),
            "{} bytes over {} were never sent",
            part.len(),
            self.transport.name
        );
        self.part = part;
        Ok(())
    }

    /// Takes a reply into the account. One with a later number than the next is that one, and those
    /// before it are lost: none of these transports changes the order.
    pub(crate) fn judge(&mut self, pattern: &Pattern, reply: &[u8]) {
        let number = number_of(reply);
        let may_skip = self.transport.kind == Kind::Datagram;
        if may_skip && (self.expected..self.sent).contains(&number) {
            self.account.lost += number - self.expected;
            self.expected = number;
        }
        let wanted = (self.sizes)(self.expected);
        let outcome = if self.expected == self.sent {
            Err(anyhow::anyhow!("a reply {number} came that nobody waited for"))
        } else if reply.len() == wanted {
            pattern.check(self.number, self.expected, reply)
        } else {
            Err(anyhow::anyhow!("{} bytes came back instead of {wanted}", reply.len()))
        };
        match outcome {
            Ok(()) => {
                self.account.echoed += 1;
                self.account.bytes += reply.len() as u64;
            }
            Err(error) => {
                self.account.wrong += 1;
                self.account.first_wrong.get_or_insert_with(|| error.to_string());
            }
        }
        self.expected = self.sent.min(self.expected + 1);
    }

    /// Gives up what is under way.
    pub(crate) fn give_up(&mut self) {
        self.account.lost += self.under_way();
        self.expected = self.sent;
    }
}

/// A socket that sends to that address, and has one itself, at which it is answered.
fn connected(address: &Address, transport: &Transport) -> anyhow::Result<Socket> {
    let socket = Socket::open(transport, End::Client)?;
    if transport.kind == Kind::Datagram {
        socket.bind(&match transport.family {
            Family::Ipv4 | Family::Dual => Name::inet(Ipv4Addr::LOCALHOST, 0),
            Family::Ipv6 => Name::inet(Ipv6Addr::LOCALHOST, 0),
            Family::Unix => Name::autobind(),
            Family::Vsock => bail!("{} is not measured here", transport.name),
        })?;
    } else if transport.family != Family::Unix {
        socket.set_nodelay(true)?;
    }
    socket.connect(&Name::of(address)?)?;
    Ok(socket)
}
