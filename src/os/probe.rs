//! A socket that is looked at from all sides: every call is bare, never waits longer than it was
//! given, and is written down. What is seen is for others to judge.

mod journal;
mod message;

pub use journal::{Entry, Journal};
pub use message::{Note, Outgoing, Received};

use super::name::Name;
use super::option::{IntOption, MemInfo, TcpInfo};
use super::socket::{End, Socket};
use super::{CallError, Errno, errno, errno_name};
use crate::transport::Transport;
use nix::sys::socket::{
    self as nx, Backlog, MsgFlags, SockaddrStorage, getpeername, getsockname, getsockopt,
    setsockopt, sockopt,
};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net as rx;
use std::fmt;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// How long a call may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// For what probably never comes.
    pub quiet: Duration,
    /// For what should come.
    pub sure: Duration,
}

/// What every probe of a check shares.
#[derive(Clone, Debug)]
pub struct Recorder {
    /// What was called.
    pub journal: Journal,
    /// How long it may take.
    pub times: Times,
    count: Arc<AtomicU32>,
}

impl Recorder {
    /// With nothing written down yet.
    #[must_use]
    pub fn new(times: Times) -> Self {
        Self { journal: Journal::default(), times, count: Arc::default() }
    }

    /// Opens a socket of that transport.
    ///
    /// # Errors
    /// The kernel's refusal.
    pub fn open(&self, transport: &Transport, end: End) -> Result<Probe, CallError> {
        let number = self.count.fetch_add(1, Ordering::Relaxed) + 1;
        let place = format!("socket({})", Socket::open_arguments(transport, end));
        let body = || Socket::open(transport, end);
        let socket = self.journal.note(
            0,
            || place,
            body,
            |result| match result {
                Ok(_) => format!("[{number}]"),
                Err(error) => errno_name(error.errno),
            },
        )?;
        Ok(self.take(socket, number))
    }

    /// Two sockets that are connected to each other, as socketpair(2) makes them.
    ///
    /// # Errors
    /// The kernel's refusal.
    pub fn open_pair(&self, transport: &Transport) -> Result<(Probe, Probe), CallError> {
        let arguments = Socket::open_arguments(transport, End::Client);
        let body = || Socket::open_pair(transport);
        let (one, other) = self.journal.note(
            0,
            || format!("socketpair({arguments})"),
            body,
            |r| r.as_ref().map_or_else(|error| errno_name(error.errno), |_| "0".to_owned()),
        )?;
        let number = self.count.fetch_add(2, Ordering::Relaxed) + 1;
        Ok((self.take(one, number), self.take(other, number + 1)))
    }

    fn take(&self, socket: Socket, number: u32) -> Probe {
        Probe { socket, number, recorder: self.clone() }
    }
}

/// A socket whose every call is fenced and written down; closed when dropped.
#[derive(Debug)]
pub struct Probe {
    socket: Socket,
    number: u32,
    recorder: Recorder,
}

/// Which direction ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// What comes in.
    Read,
    /// What goes out.
    Write,
    /// Both.
    Both,
}

/// Flags of one send or receive.
pub type Flags = MsgFlags;

/// `MSG_ZEROCOPY`.
pub const ZEROCOPY: Flags = Flags::from_bits_retain(libc::MSG_ZEROCOPY);
/// `MSG_MORE`.
pub const MORE: Flags = Flags::from_bits_retain(libc::MSG_MORE);
/// `MSG_FASTOPEN`.
pub const FASTOPEN: Flags = Flags::from_bits_retain(libc::MSG_FASTOPEN);

/// What poll(2) said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ready(PollFlags);

impl Ready {
    /// Can it be read?
    #[must_use]
    pub fn read(self) -> bool {
        self.0.contains(PollFlags::IN)
    }

    /// Can it be written?
    #[must_use]
    pub fn write(self) -> bool {
        self.0.contains(PollFlags::OUT)
    }

    /// Is there an error to be read?
    #[must_use]
    pub fn error(self) -> bool {
        self.0.contains(PollFlags::ERR)
    }

    /// Is there anything at all?
    #[must_use]
    pub fn any(self) -> bool {
        !self.0.is_empty()
    }
}

impl fmt::Display for Ready {
    /// `IN/OUT/RDHUP`, or `-` for nothing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = [
            (PollFlags::IN, "IN"),
            (PollFlags::PRI, "PRI"),
            (PollFlags::OUT, "OUT"),
            (PollFlags::ERR, "ERR"),
            (PollFlags::HUP, "HUP"),
            (PollFlags::RDHUP, "RDHUP"),
        ];
        let set = names.iter().filter(|(flag, _)| self.0.contains(*flag)).map(|(_, name)| *name);
        let text = set.collect::<Vec<_>>().join("/");
        f.write_str(if text.is_empty() { "-" } else { &text })
    }
}

impl AsFd for Probe {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// Every call that a check makes, by its own name; those that may wait say for how long.
#[allow(
    clippy::missing_errors_doc,
    reason = "each hands over the kernel's refusal and nothing else"
)]
impl Probe {
    fn raw(&self) -> RawFd {
        self.socket.as_fd().as_raw_fd()
    }

    /// Makes a call, again when a signal cut it short, and writes it down.
    fn call<T>(
        &self,
        name: &'static str,
        place: impl fmt::Display,
        said: impl Fn(&T) -> String,
        mut body: impl FnMut() -> nix::Result<T>,
    ) -> Result<T, CallError> {
        let result = self.recorder.journal.note(
            self.number,
            || format!("{name}({place})"),
            || loop {
                match body() {
                    Err(Errno::EINTR) => {}
                    done => return done,
                }
            },
            |result| result.as_ref().map_or_else(|errno| errno_name(*errno), &said),
        );
        result.map_err(|errno| CallError::new(name, place, errno))
    }

    /// Gives it a name.
    pub fn bind(&self, name: &Name) -> Result<(), CallError> {
        self.call("bind", name, zero, || name.with(|like| nx::bind(self.raw(), like)))
    }

    /// Gives it a path of any length up to the 108 bytes of `sun_path`, the last of which need not
    /// be a NUL (unix(7), BUGS).
    pub fn bind_long(&self, path: &[u8]) -> Result<(), CallError> {
        let place = format!("a path of {} bytes", path.len());
        self.call("bind", place, zero, || {
            let name = rx::SocketAddrUnix::new(path).map_err(errno)?;
            rx::bind(&self.socket, &name).map_err(errno)
        })
    }

    /// Gives it the name that another socket has, byte by byte as the kernel tells it.
    pub fn bind_like(&self, other: &Self) -> Result<(), CallError> {
        self.call("bind", "the name that getsockname gave", zero, || {
            let name = rx::getsockname(&other.socket).map_err(errno)?;
            rx::bind(&self.socket, &name).map_err(errno)
        })
    }

    /// Lets clients queue.
    pub fn listen(&self, backlog: i32) -> Result<(), CallError> {
        let queue = Backlog::new(backlog).unwrap_or(Backlog::MAXALLOWABLE);
        // Larger numbers than nix lets through are cut by the kernel anyway.
        self.call("listen", backlog, zero, || {
            if backlog > i32::from(queue) {
                rx::listen(&self.socket, backlog).map_err(errno)
            } else {
                nx::listen(&self.socket, queue)
            }
        })
    }

    /// Connects, and waits for it as long as it surely takes; `EINPROGRESS` if that is not enough.
    pub fn connect(&self, name: &Name) -> Result<(), CallError> {
        match self.connect_now(name) {
            Err(error) if error.errno == Errno::EINPROGRESS => {
                if !self.poll_for(PollFlags::OUT, self.recorder.times.sure)?.any() {
                    return Err(error);
                }
                match self.pending_error()? {
                    None => Ok(()),
                    Some(errno) => Err(CallError { errno, ..error }),
                }
            }
            other => other,
        }
    }

    /// Connects without waiting.
    pub fn connect_now(&self, name: &Name) -> Result<(), CallError> {
        self.set_nonblocking(true)?;
        let result =
            self.call("connect", name, zero, || name.with(|like| nx::connect(self.raw(), like)));
        self.set_nonblocking(false)?;
        result
    }

    /// Connects and waits in the call itself, for as long as it takes.
    pub fn connect_blocking(&self, name: &Name) -> Result<(), CallError> {
        self.call("connect", name, zero, || name.with(|like| nx::connect(self.raw(), like)))
    }

    /// Forgets whom it is connected to (connect(2), `AF_UNSPEC`).
    pub fn disconnect(&self) -> Result<(), CallError> {
        self.call("connect", "AF_UNSPEC", zero, || rx::connect_unspec(&self.socket).map_err(errno))
    }

    /// The next client, waited for as long as it surely takes. poll(2) does the waiting: MPTCP and
    /// gVisor ignore `SO_RCVTIMEO` here.
    pub fn accept(&self) -> Result<Self, CallError> {
        self.poll_for(PollFlags::IN, self.recorder.times.sure)?;
        self.accept_now()
    }

    /// The next client, if one waits already.
    pub fn accept_now(&self) -> Result<Self, CallError> {
        self.set_nonblocking(true)?;
        let result = self.accept_blocking();
        self.set_nonblocking(false)?;
        result
    }

    /// The next client, waited for in the call itself for as long as it takes.
    pub fn accept_blocking(&self) -> Result<Self, CallError> {
        let number = self.recorder.count.fetch_add(1, Ordering::Relaxed) + 1;
        let descriptor = self.call(
            "accept4",
            "SOCK_CLOEXEC",
            |_| format!("[{number}]"),
            || rx::accept_with(&self.socket, rx::SocketFlags::CLOEXEC).map_err(errno),
        )?;
        Ok(self.recorder.take(Socket::from_descriptor(descriptor), number))
    }

    /// The same socket under a second descriptor.
    pub fn twin(&self) -> Result<Self, CallError> {
        let copy = self.socket.as_fd().try_clone_to_owned();
        let copy =
            copy.map_err(|e| CallError::new("fcntl", "F_DUPFD_CLOEXEC", super::errno_of(&e)))?;
        Ok(Self {
            socket: Socket::from_descriptor(copy),
            number: self.number,
            recorder: self.recorder.clone(),
        })
    }

    /// Its own name; None for a Unix socket that has none.
    pub fn local_name(&self) -> Result<Option<Name>, CallError> {
        let said = |name: &SockaddrStorage| said_name(Name::from_storage(name));
        self.call("getsockname", "", said, || getsockname::<SockaddrStorage>(self.raw()))
            .map(|storage| Name::from_storage(&storage))
    }

    /// Its own name, which it surely has.
    pub fn name(&self) -> Result<Name, CallError> {
        self.local_name()?.ok_or_else(|| CallError::new("getsockname", "", Errno::EAFNOSUPPORT))
    }

    /// The name of whom it is connected to; None for a Unix socket that has none.
    pub fn peer_name(&self) -> Result<Option<Name>, CallError> {
        let said = |name: &SockaddrStorage| said_name(Name::from_storage(name));
        self.call("getpeername", "", said, || getpeername::<SockaddrStorage>(self.raw()))
            .map(|storage| Name::from_storage(&storage))
    }

    /// Sends what goes without waiting.
    pub fn send(&self, bytes: &[u8]) -> Result<usize, CallError> {
        self.send_with(bytes, Flags::empty())
    }

    /// Sends what goes without waiting, with more flags.
    pub fn send_with(&self, bytes: &[u8], flags: Flags) -> Result<usize, CallError> {
        let place = with_flags(bytes.len(), flags);
        self.call("send", place, count, || nx::send(self.raw(), bytes, flags | Flags::MSG_DONTWAIT))
    }

    /// Sends, and waits in the call itself for as long as it takes.
    pub fn send_blocking(&self, bytes: &[u8]) -> Result<usize, CallError> {
        let place = with_flags(bytes.len(), Flags::empty());
        self.call("send", place, count, || nx::send(self.raw(), bytes, Flags::empty()))
    }

    /// Sends to somebody, what goes without waiting.
    pub fn send_to(&self, bytes: &[u8], name: &Name) -> Result<usize, CallError> {
        self.send_to_with(bytes, name, Flags::empty())
    }

    /// Sends to somebody, what goes without waiting, with more flags.
    pub fn send_to_with(
        &self,
        bytes: &[u8],
        name: &Name,
        flags: Flags,
    ) -> Result<usize, CallError> {
        let place = format!("{}, {name}", with_flags(bytes.len(), flags));
        self.call("sendto", place, count, || {
            name.with(|like| nx::sendto(self.raw(), bytes, like, flags | Flags::MSG_DONTWAIT))
        })
    }

    /// Receives up to so many bytes, waiting as long as it surely takes; `EAGAIN` if nothing comes.
    pub fn receive(&self, len: usize) -> Result<Vec<u8>, CallError> {
        self.receive_with(len, Flags::empty(), self.recorder.times.sure)
    }

    /// Receives what probably never comes: waits no longer than it takes to be sure of that.
    pub fn hear(&self, len: usize) -> Result<Vec<u8>, CallError> {
        self.receive_with(len, Flags::empty(), self.recorder.times.quiet)
    }

    /// [`Self::receive`] where something is expected, [`Self::hear`] where not.
    pub fn receive_if(&self, expected: bool, len: usize) -> Result<Vec<u8>, CallError> {
        if expected { self.receive(len) } else { self.hear(len) }
    }

    /// Receives what is there.
    pub fn receive_now(&self, len: usize) -> Result<Vec<u8>, CallError> {
        self.receive_with(len, Flags::empty(), Duration::ZERO)
    }

    /// Receives up to so many bytes, waiting that long for something to come.
    pub fn receive_with(
        &self,
        len: usize,
        flags: Flags,
        patience: Duration,
    ) -> Result<Vec<u8>, CallError> {
        if !patience.is_zero() {
            let urgent = flags.contains(Flags::MSG_OOB);
            self.poll_for(if urgent { PollFlags::PRI } else { PollFlags::IN }, patience)?;
        }
        self.receive_by("recv", len, |buffer| {
            nx::recv(self.raw(), buffer, flags | Flags::MSG_DONTWAIT)
        })
    }

    /// Receives and waits in the call itself, for as long as it takes.
    pub fn receive_blocking(&self, len: usize, flags: Flags) -> Result<Vec<u8>, CallError> {
        self.receive_by("recv", len, |buffer| nx::recv(self.raw(), buffer, flags))
    }

    fn receive_by(
        &self,
        name: &'static str,
        len: usize,
        mut body: impl FnMut(&mut [u8]) -> nix::Result<usize>,
    ) -> Result<Vec<u8>, CallError> {
        let mut buffer = vec![0; len];
        let n = self.call(name, with_flags(len, Flags::empty()), count, || body(&mut buffer))?;
        // With MSG_TRUNC the kernel tells the whole length, of which only so much is here.
        buffer.truncate(n.min(len));
        Ok(buffer)
    }

    /// Receives with `MSG_TRUNC` and says what the call returned: a length that may be longer than
    /// what fits.
    pub fn receive_length(&self, len: usize) -> Result<usize, CallError> {
        self.poll_for(PollFlags::IN, self.recorder.times.sure)?;
        let (mut buffer, flags) = (vec![0; len], Flags::MSG_TRUNC);
        self.call("recv", with_flags(len, flags), count, || {
            nx::recv(self.raw(), &mut buffer, flags | Flags::MSG_DONTWAIT)
        })
    }

    /// What poll(2) says now of everything that it can say.
    pub fn poll(&self) -> Result<Ready, CallError> {
        self.poll_for(every_flag(), Duration::ZERO)
    }

    /// What poll(2) says of everything once something has changed from `before`, or after the time
    /// that it surely takes.
    pub fn poll_after(&self, before: Ready) -> Result<Ready, CallError> {
        let end = std::time::Instant::now() + self.recorder.times.sure;
        loop {
            let now = self.poll_for(every_flag(), Duration::ZERO)?;
            if now != before || std::time::Instant::now() >= end {
                return Ok(now);
            }
            // Only what has not been said yet is waited for.
            self.poll_for(every_flag() - before.0, Duration::from_millis(5))?;
        }
    }

    /// Waits until it can be read, as long as it surely takes.
    pub fn wait_readable(&self) -> Result<Ready, CallError> {
        self.poll_for(PollFlags::IN, self.recorder.times.sure)
    }

    /// Waits for room to write, for that long.
    pub fn wait_writable(&self, patience: Duration) -> Result<Ready, CallError> {
        self.poll_for(PollFlags::OUT, patience)
    }

    /// Is it readable within that time?
    pub fn readable_within(&self, patience: Duration) -> Result<Ready, CallError> {
        self.poll_for(PollFlags::IN, patience)
    }

    /// Waits for a byte out of the band, as long as it surely takes, and says everything then.
    pub fn wait_urgent(&self) -> Result<Ready, CallError> {
        self.poll_for(PollFlags::PRI, self.recorder.times.sure)?;
        self.poll_for(PollFlags::IN | PollFlags::PRI, Duration::ZERO)
    }

    fn poll_for(&self, flags: PollFlags, patience: Duration) -> Result<Ready, CallError> {
        let limit = Timespec::try_from(patience).ok();
        let place = format!("{}, {} ms", Ready(flags), patience.as_millis());
        self.call("poll", place, Ready::to_string, || {
            let mut entry = [PollFd::from_borrowed_fd(self.socket.as_fd(), flags)];
            poll(&mut entry, limit.as_ref()).map_err(errno)?;
            Ok(Ready(entry[0].revents()))
        })
    }

    /// Ends a direction.
    pub fn shutdown(&self, how: How) -> Result<(), CallError> {
        let (name, how) = match how {
            How::Read => ("SHUT_RD", nx::Shutdown::Read),
            How::Write => ("SHUT_WR", nx::Shutdown::Write),
            How::Both => ("SHUT_RDWR", nx::Shutdown::Both),
        };
        self.call("shutdown", name, zero, || nx::shutdown(self.raw(), how))
    }

    /// Closes it.
    pub fn close(self) {
        let _ = self.call("close", "", zero, || Ok(()));
    }

    /// Writes an option. That proves nothing: see [`IntOption`].
    pub fn set(&self, option: IntOption, value: i32) -> Result<(), CallError> {
        let place = format!("{}, {value}", option.name);
        self.call("setsockopt", place, zero, || (option.write)(self.socket.as_fd(), value))
    }

    /// Reads an option.
    pub fn get(&self, option: IntOption) -> Result<i32, CallError> {
        self.call("getsockopt", option.name, i32::to_string, || (option.read)(self.socket.as_fd()))
    }

    /// The error that waits to be told (`SO_ERROR`), which this clears.
    pub fn pending_error(&self) -> Result<Option<Errno>, CallError> {
        let number = self.get(super::option::SO_ERROR)?;
        Ok((number != 0).then(|| Errno::from_raw(number)))
    }

    /// Lets close throw away what was not sent yet (`SO_LINGER` with 0 seconds).
    pub fn set_abort(&self) -> Result<(), CallError> {
        let linger = libc::linger { l_onoff: 1, l_linger: 0 };
        self.call("setsockopt", "SO_LINGER, on, 0 s", zero, || {
            setsockopt(&self.socket, sockopt::Linger, &linger)
        })
    }

    /// Limits how long a receive or accept waits in the call.
    pub fn set_receive_timeout(&self, time: Duration) -> Result<(), CallError> {
        let value = time_value(time);
        self.call("setsockopt", format!("SO_RCVTIMEO, {} ms", time.as_millis()), zero, || {
            setsockopt(&self.socket, sockopt::ReceiveTimeout, &value)
        })
    }

    /// Limits how long a send or connect waits in the call.
    pub fn set_send_timeout(&self, time: Duration) -> Result<(), CallError> {
        let value = time_value(time);
        self.call("setsockopt", format!("SO_SNDTIMEO, {} ms", time.as_millis()), zero, || {
            setsockopt(&self.socket, sockopt::SendTimeout, &value)
        })
    }

    /// Makes calls return at once, or wait.
    pub fn set_nonblocking(&self, on: bool) -> Result<(), CallError> {
        // Not written down: it is the means of a call and not what is asked.
        rustix::io::ioctl_fionbio(&self.socket, on)
            .map_err(|error| CallError::new("ioctl", "FIONBIO", errno(error)))
    }

    /// Do calls return at once instead of waiting (`O_NONBLOCK`)?
    pub fn is_nonblocking(&self) -> Result<bool, CallError> {
        let said = |on: &bool| if *on { "O_NONBLOCK" } else { "0" }.to_owned();
        self.call("fcntl", "F_GETFL", said, || {
            let flags = rustix::fs::fcntl_getfl(&self.socket).map_err(errno)?;
            Ok(flags.contains(rustix::fs::OFlags::NONBLOCK))
        })
    }

    /// Ties it to the loopback interface, so that nobody beyond reaches it.
    pub fn pin_to_loopback(&self) -> Result<(), CallError> {
        self.call("setsockopt", "SO_BINDTODEVICE, lo", zero, || {
            setsockopt(&self.socket, sockopt::BindToDevice, &"lo".into())
        })
    }

    /// Joins a group on the loopback interface (ip(7), ipv6(7)).
    pub fn join_group(&self, group: std::net::IpAddr) -> Result<(), CallError> {
        let place = format!("join {group} on lo");
        self.call("setsockopt", place, zero, || {
            let lo = nix::net::if_::if_nametoindex("lo")?;
            match group {
                std::net::IpAddr::V4(ip) => {
                    let here = std::net::Ipv4Addr::LOCALHOST;
                    rx::sockopt::set_ip_add_membership(&self.socket, &ip, &here).map_err(errno)?;
                    rx::sockopt::set_ip_multicast_if(&self.socket, &here).map_err(errno)
                }
                std::net::IpAddr::V6(ip) => {
                    rx::sockopt::set_ipv6_add_membership(&self.socket, &ip, lo).map_err(errno)?;
                    rx::sockopt::set_ipv6_multicast_if(&self.socket, lo).map_err(errno)
                }
            }
        })
    }

    /// Process and user of the peer, as `SO_PEERCRED` tells them.
    pub fn peer_credentials(&self) -> Result<(i32, u32), CallError> {
        let said = |(pid, uid): &(i32, u32)| format!("pid {pid}, uid {}", uid.cast_signed());
        self.call("getsockopt", "SO_PEERCRED", said, || {
            getsockopt(&self.socket, sockopt::PeerCredentials).map(|who| (who.pid(), who.uid()))
        })
    }

    /// A descriptor of the peer's process, as `SO_PEERPIDFD` gives it.
    pub fn peer_pidfd(&self) -> Result<OwnedFd, CallError> {
        self.call(
            "getsockopt",
            "SO_PEERPIDFD",
            |_| "a descriptor".to_owned(),
            || getsockopt(&self.socket, sockopt::PeerPidfd),
        )
    }

    /// Which algorithm decides how fast TCP sends.
    pub fn congestion_control(&self) -> Result<String, CallError> {
        self.call("getsockopt", "TCP_CONGESTION", String::clone, || {
            rx::sockopt::tcp_congestion(&self.socket).map_err(errno)
        })
    }

    /// What TCP knows of its connection: the largest segment that was announced, and whether data
    /// came with the first packet (`TCPI_OPT_SYN_DATA`).
    pub fn tcp_facts(&self) -> Result<TcpFacts, CallError> {
        const SYN_DATA: u8 = 32;
        self.call(
            "getsockopt",
            "TCP_INFO",
            |facts: &TcpFacts| format!("{facts:?}"),
            || {
                let info = getsockopt(&self.socket, TcpInfo)?;
                Ok(TcpFacts {
                    advertised_segment: info.tcpi_advmss,
                    data_in_syn: info.tcpi_options & SYN_DATA != 0,
                })
            },
        )
    }

    /// Bytes of kernel memory that wait to be taken by the receiver (`SO_MEMINFO`; it is what
    /// `TIOCOUTQ` tells of a Unix socket).
    pub fn unsent_memory(&self) -> Result<u32, CallError> {
        const WRITE_ALLOCATED: usize = 2;
        self.call("getsockopt", "SO_MEMINFO", u32::to_string, || {
            getsockopt(&self.socket, MemInfo).map(|counts| counts[WRITE_ALLOCATED])
        })
    }

    /// How many bytes can be read, as `FIONREAD` counts them.
    pub fn readable_bytes(&self) -> Result<u64, CallError> {
        self.call("ioctl", "FIONREAD", u64::to_string, || {
            rustix::io::ioctl_fionread(&self.socket).map_err(errno)
        })
    }

    /// Sends a file's first bytes without reading them (sendfile(2)).
    pub fn send_file(&self, file: &std::fs::File, len: usize) -> Result<usize, CallError> {
        self.call("sendfile", len, count, || {
            nix::sys::sendfile::sendfile(&self.socket, file, None, len)
        })
    }

    /// Moves what is there into a pipe without reading it (splice(2)).
    pub fn splice_into(&self, pipe: &OwnedFd, len: usize) -> Result<usize, CallError> {
        use nix::fcntl::{SpliceFFlags, splice};
        self.call("splice", len, count, || {
            splice(&self.socket, None, pipe, None, len, SpliceFFlags::SPLICE_F_NONBLOCK)
        })
    }
}

/// What `TCP_INFO` tells of a connection, as far as a check asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TcpFacts {
    /// The largest segment that this end announced.
    pub advertised_segment: u32,
    /// Did data go with the first packet?
    pub data_in_syn: bool,
}

/// An edge-triggered watch over a socket's readability (epoll(7), `EPOLLET`).
#[derive(Debug)]
pub struct EdgeWatch(OwnedFd);

impl EdgeWatch {
    /// Begins to watch.
    ///
    /// # Errors
    /// The kernel's refusal.
    pub fn of(probe: &Probe) -> Result<Self, CallError> {
        use rustix::event::epoll;
        let flags = epoll::EventFlags::IN | epoll::EventFlags::ET;
        let watch = probe.call(
            "epoll_create1",
            "",
            |_| "0".to_owned(),
            || epoll::create(epoll::CreateFlags::CLOEXEC).map_err(errno),
        )?;
        probe.call("epoll_ctl", "EPOLLIN | EPOLLET", zero, || {
            epoll::add(&watch, probe, epoll::EventData::new_u64(0), flags).map_err(errno)
        })?;
        Ok(Self(watch))
    }

    /// Has it become readable since it was asked last? Waits for it that long.
    ///
    /// # Errors
    /// The kernel's refusal.
    pub fn fired(&self, patience: Duration) -> Result<bool, CallError> {
        use rustix::event::epoll;
        let limit = Timespec::try_from(patience).ok();
        let mut room = [std::mem::MaybeUninit::<epoll::Event>::uninit(); 1];
        let (events, _) = epoll::wait(&self.0, &mut room, limit.as_ref())
            .map_err(|error| CallError::new("epoll_wait", "", errno(error)))?;
        Ok(!events.is_empty())
    }
}

fn every_flag() -> PollFlags {
    PollFlags::IN | PollFlags::OUT | PollFlags::PRI | PollFlags::RDHUP
}

fn time_value(time: Duration) -> nix::sys::time::TimeVal {
    use nix::sys::time::TimeValLike;
    nix::sys::time::TimeVal::microseconds(i64::try_from(time.as_micros()).unwrap_or(i64::MAX))
}

fn zero((): &()) -> String {
    "0".to_owned()
}

fn count(n: &usize) -> String {
    n.to_string()
}

fn said_name(name: Option<Name>) -> String {
    name.map_or_else(|| "(unnamed)".to_owned(), |name| name.to_string())
}

fn with_flags(len: usize, flags: Flags) -> String {
    let names: Vec<_> = flags.iter_names().map(|(name, _)| name).collect();
    if names.is_empty() { format!("{len} B") } else { format!("{len} B, {}", names.join(" | ")) }
}
