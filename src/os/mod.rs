//! The only place that names nix, rustix or libc: sockets, processes, CPUs, signals, the clock and
//! scratch addresses. Everything here makes calls and says which one failed; nothing here decides.

pub mod bare;
pub mod clock;
pub mod cpu;
pub mod crowd;
mod diag;
pub mod epoll;
pub mod holder;
pub mod inherited;
pub mod lateness;
pub mod letters;
pub mod limits;
pub mod listening;
pub mod name;
pub mod option;
pub mod pair;
pub mod poll;
pub mod privilege;
pub mod probe;
pub mod process;
pub mod remains;
pub mod scratch;
pub mod shield;
pub mod sight;
pub mod signals;
pub mod socket;
mod tables;
pub mod terminal;
pub mod turn;

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

/// A number that nobody can foretell, of 64 bits. The standard library has no other random numbers.
#[must_use]
pub fn random() -> u64 {
    use std::hash::{BuildHasher, Hasher, RandomState};
    RandomState::new().build_hasher().finish()
}

/// Writes to standard error without its lock, for an end that may come while somebody has it.
pub fn write_error(text: &str) {
    // If nobody hears it there is nobody else to tell.
    let _ = nix::unistd::write(std::io::stderr(), text.as_bytes());
}

/// A lock on a folder, until it is dropped.
#[derive(Debug)]
pub struct FolderLock {
    _lock: nix::fcntl::Flock<std::fs::File>,
}

/// Locks a folder against others of our kind.
///
/// # Errors
/// `EAGAIN` when another has it; what the kernel says to opening it.
pub fn lock_folder(path: &std::path::Path) -> Result<FolderLock, CallError> {
    let failed = |call, errno| CallError::new(call, path.display(), errno);
    let file = std::fs::File::open(path).map_err(|error| failed("open", errno_of(&error)))?;
    nix::fcntl::Flock::lock(file, nix::fcntl::FlockArg::LockExclusiveNonblock)
        .map(|lock| FolderLock { _lock: lock })
        .map_err(|(_, errno)| failed("flock", errno))
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
