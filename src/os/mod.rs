//! The only place that names nix, rustix or libc: sockets, processes, CPUs, signals, the clock and
//! scratch addresses. Everything here makes calls and says which one failed; nothing here decides.

pub mod clock;
pub mod cpu;
pub mod pair;

pub mod poll;
pub mod process;
pub mod scratch;
pub mod signals;
pub mod socket;
pub mod terminal;

use std::fmt;

pub use nix::errno::Errno;

/// What `uname` says; the CPUs are left to [`cpu::allowed`].
#[must_use]
pub fn machine() -> crate::environment::Machine {
    let text = |part: &std::ffi::OsStr| part.to_string_lossy().into_owned();
    nix::sys::utsname::uname().map_or_else(
        |_| crate::environment::Machine::default(),
        |name| crate::environment::Machine {
            kernel: text(name.release()),
            arch: text(name.machine()),
            cpus: Vec::new(),
            lo_mtu: socket::loopback_mtu(),
        },
    )
}

/// A failed system call: which, where and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallError {
    /// The call's name, `bind`.
    pub call: &'static str,
    /// What it was asked, `[::1]:0` or `AF_INET, SOCK_STREAM, 262`.
    pub place: String,
    /// What the kernel said.
    pub errno: Errno,
}

impl CallError {
    pub(crate) fn new(call: &'static str, place: impl fmt::Display, errno: Errno) -> Self {
        Self { call, place: place.to_string(), errno }
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({}): {}", self.call, self.place, self.errno)
    }
}

impl std::error::Error for CallError {}

/// The name of an error number, `ECONNREFUSED`.
#[must_use]
pub fn errno_name(errno: Errno) -> String {
    format!("{errno:?}")
}

/// Why an `io::Error` came from the kernel; `EIO` when it did not.
#[must_use]
pub fn errno_of(error: &std::io::Error) -> Errno {
    error.raw_os_error().map_or(Errno::EIO, Errno::from_raw)
}

/// Makes a call again when a signal cut it short, and names it when it fails.
fn call<T>(
    name: &'static str,
    place: &dyn fmt::Display,
    mut body: impl FnMut() -> nix::Result<T>,
) -> Result<T, CallError> {
    loop {
        match body() {
            Err(Errno::EINTR) => {}
            done => return done.map_err(|errno| CallError::new(name, place, errno)),
        }
    }
}

/// The same error number, as the other crate spells it.
fn errno(error: rustix::io::Errno) -> Errno {
    Errno::from_raw(error.raw_os_error())
}
