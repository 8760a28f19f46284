//! A target's socket, which never waits. It makes the calls and keeps the rest of a message that did
//! not go at once; what an outcome means is up to others.

use crate::os::epoll::{Epoll, Interest};
use crate::os::listening::end_is_told;
use crate::os::name::{Name, VMADDR_CID_LOCAL, VMADDR_PORT_ANY};
use crate::os::pair::{Options, prepare};
use crate::os::socket::{End, Socket};
use crate::os::{CallError, Errno};
use crate::transport::{Family, Transport};

/// How a send went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// The message is gone, or a stream has its front and will get the rest.
    Gone,
    /// There is no room for a message now; nothing went.
    NoRoom,
}

/// Gives a Unix socket some name: without one it could not be answered (unix(7)). gVisor picks none, so
/// there it is one that nobody else will have.
fn bind_any(socket: &Socket, token: u64) -> Result<(), CallError> {
    match socket.bind(&Name::autobind()) {
        Err(CallError { errno: Errno::EINVAL, .. }) => {
            let label = format!("sockeye-ping-{}-{token}", std::process::id());
            socket.bind(&Name::abstract_name(label.as_bytes())?)
        }
        other => other,
    }
}

/// A socket for one target, opened anew for each connection.
#[derive(Debug)]
pub struct Link {
    transport: &'static Transport,
    name: Name,
    token: u64,
    socket: Option<Socket>,
    interest: Interest,
    rest: Vec<u8>,
    from: usize,
}

impl Link {
    /// A link to that place, closed; `token` is what its events have.
    #[must_use]
    pub fn new(transport: &'static Transport, name: &Name, token: u64) -> Self {
        Self {
            transport,
            name: name.mapped_for(transport, End::Client),
            token,
            socket: None,
            interest: Interest::Read,
            rest: Vec::new(),
            from: 0,
        }
    }

    /// Opens a socket and starts to connect it: true when it is connected already.
    ///
    /// # Errors
    /// The first call that the kernel refused; `EAGAIN` when the queue of a Unix server is full.
    pub fn start(&mut self, epoll: &Epoll) -> Result<bool, CallError> {
        self.close();
        let options = Options { nodelay: true, buffer: None };
        let socket = prepare(self.transport, End::Client, options)?;
        socket.set_nonblocking()?;
        let kind = self.transport.kind;
        if self.transport.family == Family::Unix && kind.keeps_messages() {
            if kind.connects() {
                // Only so can an empty message be told from the end of the connection.
                socket.ask_for_credentials()?;
            } else {
                bind_any(&socket, self.token)?;
            }
            socket.enlarge_send_buffer();
        }
        if self.transport.family == Family::Vsock && self.name.is_local() {
            // Where there is no loopback, a connect may hang; a bind says so at once (vsock(7)).
            socket.bind(&Name::vsock(VMADDR_CID_LOCAL, VMADDR_PORT_ANY))?;
        }
        let connected = socket.start_connect(&self.name)?;
        self.interest = if connected { Interest::Read } else { Interest::Write };
        epoll.add(&socket, self.token, self.interest)?;
        self.socket = Some(socket);
        Ok(connected)
    }

    /// How the connect that was started went, once the socket can be written.
    ///
    /// # Errors
    /// Why it is not connected.
    pub fn finish(&mut self, epoll: &Epoll) -> Result<(), CallError> {
        let Some(socket) = &self.socket else { return Ok(()) };
        socket.outcome().map_err(|errno| CallError::new("connect", &self.name, errno))?;
        self.want(epoll, Interest::Read);
        Ok(())
    }

    fn want(&mut self, epoll: &Epoll, interest: Interest) {
        if let Some(socket) = self.socket.as_ref().filter(|_| self.interest != interest) {
            epoll.change(socket, self.token, interest);
            self.interest = interest;
        }
    }

    /// Is there a socket?
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.socket.is_some()
    }

    /// Does the rest of a message wait for room?
    #[must_use]
    pub fn is_blocked(&self) -> bool {
        self.interest == Interest::Both && self.socket.is_some()
    }

    /// Sends a message. What does not go at once of a stream goes with [`Link::flush`], before which
    /// nothing else may be sent.
    ///
    /// # Errors
    /// What the kernel said.
    #[inline]
    pub fn send(&mut self, bytes: &[u8], epoll: &Epoll) -> Result<Sent, Errno> {
        let Some(socket) = &self.socket else { return Err(Errno::ENOTCONN) };
        match socket.send_now(bytes) {
            Ok(len) if len == bytes.len() || self.transport.kind.keeps_messages() => {
                if self.interest == Interest::Both {
                    self.want(epoll, Interest::Read);
                }
                Ok(Sent::Gone)
            }
            Ok(len) => {
                self.rest.clear();
                self.rest.extend_from_slice(&bytes[len..]);
                self.from = 0;
                self.want(epoll, Interest::Both);
                Ok(Sent::Gone)
            }
            Err(Errno::EAGAIN | Errno::EINTR) => {
                self.want(epoll, Interest::Both);
                Ok(Sent::NoRoom)
            }
            Err(errno) => Err(errno),
        }
    }

    /// Sends of the rest what goes now, and says how many bytes that was.
    ///
    /// # Errors
    /// What the kernel said.
    pub fn flush(&mut self, epoll: &Epoll) -> Result<usize, Errno> {
        let Some(socket) = &self.socket else { return Ok(0) };
        let mut gone = 0;
        while self.from < self.rest.len() {
            match socket.send_now(&self.rest[self.from..]) {
                Ok(len) => {
                    self.from += len;
                    gone += len;
                }
                Err(Errno::EAGAIN | Errno::EINTR) => return Ok(gone),
                Err(errno) => return Err(errno),
            }
        }
        self.rest.clear();
        self.from = 0;
        self.want(epoll, Interest::Read);
        Ok(gone)
    }

    /// How many bytes of a message still wait.
    #[must_use]
    pub fn unsent(&self) -> usize {
        self.rest.len() - self.from
    }

    /// Receives what is there: None when nothing is, 0 for an empty message or the end.
    ///
    /// # Errors
    /// What the kernel said.
    #[inline]
    pub fn receive(&self, buffer: &mut [u8]) -> Result<Option<usize>, Errno> {
        let Some(socket) = &self.socket else { return Ok(None) };
        match socket.receive_now(buffer) {
            Ok(len) => Ok(Some(len)),
            Err(Errno::EAGAIN | Errno::EINTR) => Ok(None),
            Err(errno) => Err(errno),
        }
    }

    /// Receives as [`Link::receive`] does, and tells an empty message (0) from the end of a connection
    /// (None inside) where the kernel lets anybody tell.
    ///
    /// # Errors
    /// What the kernel said.
    pub fn receive_or_end(&self, buffer: &mut [u8]) -> Result<Option<Option<usize>>, Errno> {
        let Some(socket) = &self.socket else { return Ok(None) };
        let kind = self.transport.kind;
        let received = if kind.connects() && kind.keeps_messages() && end_is_told() {
            socket.receive_or_end(buffer)
        } else {
            let ends = kind.connects();
            socket.receive_now(buffer).map(|len| Some(len).filter(|len| *len > 0 || !ends))
        };
        match received {
            Ok(received) => Ok(Some(received)),
            Err(Errno::EAGAIN | Errno::EINTR) => Ok(None),
            Err(errno) => Err(errno),
        }
    }

    /// Closes the socket; what had not gone is gone with it.
    pub fn close(&mut self) {
        self.socket = None;
        self.rest.clear();
        self.from = 0;
        self.interest = Interest::Read;
    }

    /// The socket's own name, where it has one.
    #[must_use]
    pub fn local(&self) -> Option<String> {
        let name = self.socket.as_ref()?.local_name().ok()?;
        Some(name.to_string()).filter(|text| text != "(unnamed)")
    }

    /// A call on it that failed, for reports.
    #[must_use]
    pub fn failed(&self, call: &'static str, errno: Errno) -> CallError {
        CallError::new(call, &self.name, errno)
    }

    /// The most bytes that a message over it can have, if there is such a limit.
    #[must_use]
    pub fn limit(&self) -> Option<usize> {
        let buffers = self.socket.as_ref().and_then(|socket| socket.buffers().ok());
        crate::report::limit_of(self.transport, buffers)
    }
}
