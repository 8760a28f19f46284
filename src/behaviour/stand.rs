//! What a check has at hand: sockets of its column, names that nobody else has, and time.

use super::aside::Aside;
use super::column::{self, Column, Naming};
use super::fact;
use crate::environment::Environment;
use crate::os::name::Name;
use crate::os::probe::{Probe, Recorder, Times};
use crate::os::scratch::Scratch;
use crate::os::socket::End;
use crate::os::{CallError, Errno, option};
use crate::transport::{Family, Kind, Protocol, Transport};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The call of an error that none made: see [`Stand::too_late`].
pub(super) const TOO_LATE: &str = "sched";

/// The stand on which one check is tried over one column.
#[derive(Debug)]
pub struct Stand<'a> {
    /// What it is tried over.
    pub column: Column,
    /// The machine's settings.
    pub machine: &'a Environment,
    /// Opens sockets, and writes down what is called.
    pub recorder: Recorder,
    pub(super) names: &'a Mutex<Scratch>,
}

/// Two ends that are connected to each other.
#[derive(Debug)]
pub struct Pair {
    /// The client.
    pub a: Probe,
    /// The server's end: accepted, or connected to the client.
    pub b: Probe,
}

#[allow(clippy::missing_errors_doc, reason = "each hands over the first refusal of the kernel")]
impl Stand<'_> {
    /// How long to wait for what should come, and for what should not.
    #[must_use]
    pub fn times(&self) -> Times {
        self.recorder.times
    }

    /// How long to wait for something that is expected, or not.
    #[must_use]
    pub fn patience(&self, expected: bool) -> Duration {
        let times = self.times();
        if expected { times.sure } else { times.quiet }
    }

    /// A client's socket, bound to nothing.
    pub fn client(&self) -> Result<Probe, CallError> {
        self.recorder.open(self.column.transport, End::Client)
    }

    /// A server's socket, bound to nothing.
    pub fn server(&self) -> Result<Probe, CallError> {
        let probe = self.recorder.open(self.column.transport, End::Server)?;
        if self.column.transport.family == Family::Dual {
            probe.set(option::IPV6_V6ONLY, 0)?;
        }
        Ok(probe)
    }

    fn names(&self) -> MutexGuard<'_, Scratch> {
        // The names are only counted: a panic in between leaves them whole.
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A name on loopback, or in the scratch folder, that nobody else has; over IP the kernel picks
    /// the port.
    pub fn fresh_name(&self, end: End) -> Result<Name, CallError> {
        let mut names = self.names();
        match self.column.naming {
            Some(Naming::Abstract) => names.fresh_abstract(),
            Some(Naming::Path) | None => names.fresh(self.column.transport, end),
        }
    }

    /// A server's socket that is bound, and its name as a client names it.
    pub fn bound(&self) -> Result<(Probe, Name), CallError> {
        let probe = self.server()?;
        let name = self.bind(&probe, End::Server)?;
        Ok((probe, name))
    }

    /// A client's socket that is bound, and its name as a server names it.
    pub fn bound_client(&self) -> Result<(Probe, Name), CallError> {
        let probe = self.client()?;
        let name = self.bind(&probe, End::Client)?;
        Ok((probe, name))
    }

    /// Binds a socket of this column to a fresh name, and says what the other end calls it.
    pub fn bind(&self, probe: &Probe, end: End) -> Result<Name, CallError> {
        probe.bind(&self.fresh_name(end)?)?;
        let other = match end {
            End::Client => End::Server,
            End::Server => End::Client,
        };
        Ok(probe.name()?.mapped_for(self.column.transport, other))
    }

    /// A server's socket that listens, and its name as a client names it.
    pub fn listener(&self, backlog: i32) -> Result<(Probe, Name), CallError> {
        let (probe, name) = self.bound()?;
        probe.listen(backlog)?;
        Ok((probe, name))
    }

    /// A server's socket that clients can reach, listening where they connect, and its name as a
    /// client names it.
    pub fn ready_server(&self) -> Result<(Probe, Name), CallError> {
        let (probe, name) = self.bound()?;
        self.open_to_clients(&probe)?;
        Ok((probe, name))
    }

    /// Lets clients come to a socket that is bound: it listens where they connect.
    pub fn open_to_clients(&self, server: &Probe) -> Result<(), CallError> {
        if column::connects(&self.column) { server.listen(16) } else { Ok(()) }
    }

    /// What a server hears first: of its first client, where it accepts them.
    pub fn first_message(&self, server: &Probe) -> Result<Vec<u8>, CallError> {
        if column::connects(&self.column) {
            server.accept()?.receive(100)
        } else {
            server.receive(100)
        }
    }

    /// Two connected ends, with small messages sent at once.
    pub fn pair(&self) -> Result<Pair, CallError> {
        let pair = self.pair_as_is()?;
        if column::acknowledges(&self.column) {
            pair.a.set(option::TCP_NODELAY, 1)?;
            pair.b.set(option::TCP_NODELAY, 1)?;
        }
        Ok(pair)
    }

    /// Two connected ends, as the kernel gives them.
    pub fn pair_as_is(&self) -> Result<Pair, CallError> {
        if column::connects(&self.column) {
            let (listener, name) = self.listener(16)?;
            let a = self.client()?;
            a.connect(&name)?;
            let b = listener.accept()?;
            return Ok(Pair { a, b });
        }
        let (b, there) = self.bound()?;
        let (a, here) = self.bound_client()?;
        a.connect(&there)?;
        b.connect(&here)?;
        Ok(Pair { a, b })
    }

    /// A name at which nobody is: a port that was given up, a path without a file, or an abstract
    /// name that nobody has.
    pub fn nowhere(&self) -> Result<Name, CallError> {
        if column::unix(&self.column) { self.fresh_name(End::Server) } else { Ok(self.bound()?.1) }
    }

    /// A path of exactly so many bytes in the scratch folder.
    pub fn path_of(&self, len: usize) -> Result<Vec<u8>, CallError> {
        let name = self.names().fresh(self.column.transport, End::Server)?;
        let mut path = name.file().map(PathBuf::from).unwrap_or_default().into_os_string();
        while path.len() < len {
            path.push("x");
        }
        Ok(path.into_encoded_bytes())
    }

    /// What was sent, of what was received: without the IP header that comes first over raw IPv4.
    #[must_use]
    pub fn payload<'b>(&self, received: &'b [u8]) -> &'b [u8] {
        received.get(self.header_len()..).unwrap_or_default()
    }

    /// How many bytes of header come before what was sent.
    #[must_use]
    pub fn header_len(&self) -> usize {
        const HEADER: usize = 20;
        if self.column.transport.receives_ip_header() { HEADER } else { 0 }
    }

    /// The text that came, of what was sent; see [`fact::came`].
    #[must_use]
    pub fn came(&self, result: &Result<Vec<u8>, CallError>) -> String {
        fact::came(&result.as_ref().map(|bytes| self.payload(bytes).to_vec()).map_err(Clone::clone))
    }

    /// How long a buffer must be to hold that much of what was sent.
    #[must_use]
    pub fn room(&self, len: usize) -> usize {
        self.header_len() + len
    }

    /// What a check says whose time ran out before it could tell anything, which is the scheduler's
    /// doing and no fact.
    #[must_use]
    pub fn too_late(&self, place: &str) -> CallError {
        CallError::new(TOO_LATE, place, Errno::ETIME)
    }

    /// Begins a step that may never come back.
    pub fn aside<T: Send + 'static>(
        &self,
        body: impl FnOnce() -> T + Send + 'static,
    ) -> Result<Aside<T>, CallError> {
        let lateness = self.recorder.lateness.clone();
        Aside::begin(move || lateness.during(body))
    }
}

/// Can a server of this column take every address, whatever becomes of it then? It is pinned to
/// loopback and never listens.
#[must_use]
pub fn wildcard_starts(column: Column) -> bool {
    binds(column.transport, Ipv6Addr::UNSPECIFIED.into())
}

/// Has IPv4 its loopback address, and does what is sent there arrive?
#[must_use]
pub fn ipv4_loopback_works() -> bool {
    let arrives = |udp| {
        let sure = Duration::from_millis(200);
        let probe = Recorder::new(Times { quiet: sure, sure }).open(udp, End::Client)?;
        probe.bind(&Name::inet(Ipv4Addr::LOCALHOST, 0))?;
        probe.send_to(b"to itself", &probe.name()?)?;
        probe.receive(16)
    };
    Transport::of(Family::Ipv4, Kind::Datagram, Protocol::Udp)
        .is_some_and(|udp| arrives(udp).is_ok())
}

fn binds(transport: &Transport, address: IpAddr) -> bool {
    let now = Duration::ZERO;
    let recorder = Recorder::new(Times { quiet: now, sure: now });
    recorder.open(transport, End::Server).is_ok_and(|probe| {
        // Where it cannot be pinned it is still not listening.
        let _ = probe.pin_to_loopback();
        probe.bind(&Name::inet(address, 0)).is_ok()
    })
}
