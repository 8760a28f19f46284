//! Two ends that can talk: the steps from nothing to there, in the order that each kind wants.

use super::CallError;
use super::clock::Monotonic;
use super::name::Name;
use super::scratch::Scratch;
use super::socket::{End, Socket};
use crate::transport::{Family, Transport};

/// What the sockets of a pair are to be like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Switch the Nagle algorithm off, where there is one.
    pub nodelay: bool,
    /// Bytes to ask for as send and receive buffers; None leaves the kernel's.
    pub buffer: Option<usize>,
}

/// A client that is connected, and its server: listening with the client in its queue, or a socket
/// of messages that is connected to the client.
#[derive(Debug)]
pub struct Pair {
    /// The end that speaks first.
    pub client: Socket,
    /// The end that answers; still to be accepted from where the kind connects.
    pub server: Socket,
    /// Where the server is.
    pub name: Name,
    /// How long the client's `connect` took.
    pub connect_ns: u64,
}

impl Pair {
    /// Opens both ends on this machine, reachable from nowhere else.
    ///
    /// # Errors
    /// The first call that the kernel refused.
    pub fn open(
        transport: &Transport,
        scratch: &mut Scratch,
        options: Options,
    ) -> Result<Self, CallError> {
        let server = prepare(transport, End::Server, options)?;
        let wanted = scratch.fresh(transport, End::Server)?;
        let result = Self::join(transport, scratch, options, server, &wanted);
        scratch.forget(&wanted);
        result
    }

    fn join(
        transport: &Transport,
        scratch: &mut Scratch,
        options: Options,
        server: Socket,
        wanted: &Name,
    ) -> Result<Self, CallError> {
        server.bind(wanted)?;
        if transport.kind.connects() {
            server.listen()?;
        }
        let name = server.local_name()?;
        let client = prepare(transport, End::Client, options)?;
        let own = if transport.kind.connects() {
            None
        } else {
            // A client without a name could not be answered.
            let own = scratch.fresh(transport, End::Client)?;
            client.bind(&own)?;
            Some(own)
        };
        let there = name.mapped_for(transport, End::Client);
        let clock = Monotonic::start();
        client.connect(&there)?;
        let connect_ns = clock.now();
        if let Some(own) = own {
            server.connect(&client.local_name()?.mapped_for(transport, End::Server))?;
            scratch.forget(&own);
        }
        Ok(Self { client, server, name, connect_ns })
    }
}

/// A socket of that transport with these options, bound to nothing yet.
///
/// # Errors
/// The first call that the kernel refused.
pub fn prepare(transport: &Transport, end: End, options: Options) -> Result<Socket, CallError> {
    let socket = Socket::open(transport, end)?;
    if options.nodelay && transport.protocol.has_nodelay() {
        socket.set_nodelay(true)?;
    }
    if let Some(bytes) = options.buffer {
        socket.set_buffers(bytes)?;
    }
    if transport.family == Family::Dual && end == End::Server {
        socket.allow_ipv4()?;
    }
    Ok(socket)
}
