//! Options, written and read.

use super::{Probe, zero};
use crate::os::option::{IntOption, MemInfo, SO_ERROR, TcpInfo, tcp_info};
use crate::os::{CallError, Errno, errno};
use nix::sys::socket::{getsockopt, setsockopt, sockopt};
use rustix::net as rx;
use std::os::fd::{AsFd, AsRawFd};
use std::time::Duration;

/// What `TCP_INFO` tells of a connection, as far as a check asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TcpFacts {
    /// The largest segment that this end announced.
    pub advertised_segment: u32,
    /// Did data go with the first packet?
    pub data_in_syn: bool,
}

#[allow(
    clippy::missing_errors_doc,
    reason = "each hands over the kernel's refusal and nothing else"
)]
impl Probe {
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
        let number = self.get(SO_ERROR)?;
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
        self.call("setsockopt", format!("SO_RCVTIMEO, {} ms", time.as_millis()), zero, || {
            self.socket.set_receive_timeout(time)
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

    /// Process and user of the peer, as `SO_PEERCRED` tells them.
    pub fn peer_credentials(&self) -> Result<(i32, u32), CallError> {
        let said = |(pid, uid): &(i32, u32)| format!("pid {pid}, uid {}", uid.cast_signed());
        self.call("getsockopt", "SO_PEERCRED", said, || {
            getsockopt(&self.socket, sockopt::PeerCredentials).map(|who| (who.pid(), who.uid()))
        })
    }

    /// Which process the peer's descriptor of `SO_PEERPIDFD` means; None where it means none.
    pub fn peer_by_pidfd(&self) -> Result<Option<i64>, CallError> {
        let pidfd = self.call(
            "getsockopt",
            "SO_PEERPIDFD",
            |_| "a descriptor".to_owned(),
            || getsockopt(&self.socket, sockopt::PeerPidfd),
        )?;
        // The kernel tells of a pidfd whose process it means (proc(5), fdinfo).
        let about = std::fs::read_to_string(format!("/proc/self/fdinfo/{}", pidfd.as_raw_fd()));
        let about = about.unwrap_or_default();
        let mut lines = about.lines().filter_map(|line| line.strip_prefix("Pid:"));
        Ok(lines.find_map(|pid| pid.trim().parse().ok()))
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
                    advertised_segment: info[tcp_info::ADVERTISED_SEGMENT],
                    data_in_syn: info[tcp_info::OPTIONS].to_ne_bytes()[1] & SYN_DATA != 0,
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
}

fn time_value(time: Duration) -> nix::sys::time::TimeVal {
    use nix::sys::time::TimeValLike;
    nix::sys::time::TimeVal::microseconds(i64::try_from(time.as_micros()).unwrap_or(i64::MAX))
}
