//! Very many connections, on each of which at most one message is under way. One thread, one epoll
//! set; every byte that comes back is compared.

use crate::message::Pattern;
use crate::server::PATIENCE;
use anyhow::{Context, bail, ensure};
use nix::sys::socket::{setsockopt, sockopt};
use sockeye::address::Address;
use sockeye::os::Errno;
use sockeye::os::epoll::{Epoll, Events, Interest};
use sockeye::os::name::Name;
use sockeye::os::socket::{End, Socket};
use sockeye::transport::Family;
use std::collections::VecDeque;
use std::time::Instant;

/// How many connections are made before each of them has to prove that it was accepted: fewer than
/// any queue of a listening socket holds.
const AT_ONCE: usize = 100;

/// The connections.
pub(crate) struct Crowd {
    epoll: Epoll,
    events: Events,
    ready: Vec<usize>,
    connections: Vec<Connection>,
    /// Those without a message under way; who has waited longest is next.
    idle: VecDeque<usize>,
    pattern: Pattern,
    message: Vec<u8>,
    room: Vec<u8>,
}

struct Connection {
    socket: Socket,
    sequence: u64,
    /// The beginning of a reply, if it came in parts.
    part: Vec<u8>,
    sent_at: Instant,
}

impl Crowd {
    /// Connects so many to a server, and makes each echo a message of that size once.
    pub(crate) fn connect(address: &Address, count: usize, size: usize) -> anyhow::Result<Self> {
        let mut crowd = Self {
            epoll: Epoll::new()?,
            events: Events::default(),
            ready: Vec::new(),
            connections: Vec::with_capacity(count),
            idle: VecDeque::with_capacity(count),
            pattern: Pattern::new(),
            message: vec![0; size],
            room: vec![0; size + 1],
        };
        while crowd.connections.len() < count {
            let more = AT_ONCE.min(count - crowd.connections.len());
            for _ in 0..more {
                crowd.add(address)?;
            }
            // The new ones stand at the front.
            crowd.echo(more as u64, more, |_| ())?;
        }
        Ok(crowd)
    }

    fn add(&mut self, address: &Address) -> anyhow::Result<()> {
        let index = self.connections.len();
        let transport = address.transport().context("an address without a transport")?;
        let socket = Socket::open(transport, End::Client)?;
        if transport.family != Family::Unix {
            socket.set_nodelay(true)?;
            // Closing is then a reset and leaves no TIME_WAIT behind, of which thousands a second
            // would use up the ports (tcp(7), socket(7) SO_LINGER).
            setsockopt(&socket, sockopt::Linger, &libc::linger { l_onoff: 1, l_linger: 0 })?;
        }
        socket.connect(&Name::of(address)?)?;
        self.epoll.add(&socket, index as u64, Interest::Read)?;
        let sent_at = Instant::now();
        self.connections.push(Connection { socket, sequence: 0, part: Vec::new(), sent_at });
        self.idle.push_front(index);
        Ok(())
    }

    /// Changes the size of the messages.
    pub(crate) fn resize(&mut self, size: usize) {
        self.message = vec![0; size];
        self.room = vec![0; size + 1];
    }

    /// Makes so many echoes with so many under way, and hands over each round trip in nanoseconds.
    pub(crate) fn echo(
        &mut self,
        echoes: u64,
        under_way: usize,
        mut took: impl FnMut(u64),
    ) -> anyhow::Result<()> {
        let mut unsent = echoes;
        let mut waiting = 0_u64;
        for _ in 0..under_way.min(self.connections.len()) {
            if unsent > 0 {
                self.send_next()?;
                (unsent, waiting) = (unsent - 1, waiting + 1);
            }
        }
        while waiting > 0 {
            self.wait(waiting)?;
            for turn in 0..self.ready.len() {
                let index = self.ready[turn];
                if !self.receive(index)? {
                    continue;
                }
                let elapsed = self.connections[index].sent_at.elapsed();
                took(u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX));
                self.idle.push_back(index);
                waiting -= 1;
                if unsent > 0 {
                    self.send_next()?;
                    (unsent, waiting) = (unsent - 1, waiting + 1);
                }
            }
        }
        Ok(())
    }

    fn wait(&mut self, waiting: u64) -> anyhow::Result<()> {
        self.ready.clear();
        let events = self.epoll.wait(&mut self.events, Some(PATIENCE))?;
        self.ready.extend(events.filter_map(|event| usize::try_from(event.token).ok()));
        ensure!(!self.ready.is_empty(), "{waiting} replies did not come");
        Ok(())
    }

    fn send_next(&mut self) -> anyhow::Result<()> {
        let index = self.idle.pop_front().context("no connection is idle")?;
        let connection = &mut self.connections[index];
        connection.sequence += 1;
        self.pattern.write(index, connection.sequence, &mut self.message);
        connection.sent_at = Instant::now();
        let sent = connection.socket.send_now(&self.message)?;
        ensure!(sent == self.message.len(), "a message did not fit the send buffer");
        Ok(())
    }

    /// Receives what is there, and says whether that makes the reply whole.
    fn receive(&mut self, index: usize) -> anyhow::Result<bool> {
        let connection = &mut self.connections[index];
        let received = match connection.socket.receive_now(&mut self.room) {
            Ok(0) => bail!("the server closed connection {index}"),
            Ok(received) => received,
            Err(Errno::EAGAIN) => return Ok(false),
            Err(errno) => bail!("receiving on connection {index}: {errno}"),
        };
        let whole = self.message.len();
        if connection.part.is_empty() && received == whole {
            self.pattern.check(index, connection.sequence, &self.room[..received])?;
            return Ok(true);
        }
        connection.part.extend_from_slice(&self.room[..received]);
        if connection.part.len() < whole {
            return Ok(false);
        }
        ensure!(connection.part.len() == whole, "connection {index} got more than it sent");
        self.pattern.check(index, connection.sequence, &connection.part)?;
        connection.part = Vec::new();
        Ok(true)
    }
}
