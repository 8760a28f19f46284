//! The ends of an exchange as processes: this program, started again with a socket in its hand.

use super::socket::Socket;
use super::{CallError, Errno, call, errno_of};
use nix::sys::prctl::set_pdeathsig;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::signal::{Signal, kill};
use nix::sys::time::TimeVal;
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid, waitpid};
use nix::unistd::{Pid, getppid};
use serde::{Deserialize, Serialize};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

/// Begins a thread that is waited for by nobody.
///
/// # Errors
/// When there may be no more of them.
pub fn begin_thread(body: impl FnOnce() + Send + 'static) -> Result<(), CallError> {
    let begun = std::thread::Builder::new().spawn(body);
    begun.map(drop).map_err(|error| CallError::new("clone", "a thread", errno_of(&error)))
}

/// What a process has used of the CPU so far, or between two moments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// In its own code.
    pub user_ns: u64,
    /// In the kernel's.
    pub system_ns: u64,
    /// How often it gave up the CPU by itself.
    pub voluntary_switches: u64,
    /// How often the CPU was taken from it.
    pub involuntary_switches: u64,
}

impl Usage {
    /// What this process has used so far.
    #[must_use]
    pub fn now() -> Self {
        let Ok(usage) = getrusage(UsageWho::RUSAGE_SELF) else { return Self::default() };
        Self {
            user_ns: nanoseconds(usage.user_time()),
            system_ns: nanoseconds(usage.system_time()),
            voluntary_switches: unsigned(usage.voluntary_context_switches()),
            involuntary_switches: unsigned(usage.involuntary_context_switches()),
        }
    }

    /// What was used since an earlier moment.
    #[must_use]
    pub fn since(self, earlier: Self) -> Self {
        Self {
            user_ns: self.user_ns.saturating_sub(earlier.user_ns),
            system_ns: self.system_ns.saturating_sub(earlier.system_ns),
            voluntary_switches: self.voluntary_switches.saturating_sub(earlier.voluntary_switches),
            involuntary_switches: self
                .involuntary_switches
                .saturating_sub(earlier.involuntary_switches),
        }
    }
}

impl std::ops::AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        self.user_ns += other.user_ns;
        self.system_ns += other.system_ns;
        self.voluntary_switches += other.voluntary_switches;
        self.involuntary_switches += other.involuntary_switches;
    }
}

fn nanoseconds(time: TimeVal) -> u64 {
    unsigned(time.tv_sec()) * 1_000_000_000 + unsigned(time.tv_usec()) * 1_000
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// What is known of a child.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChildState {
    /// It runs or waits.
    Alive,
    /// A signal stopped it, and it may go on one day.
    Stopped,
    /// It ended by itself with this status.
    Exited(i32),
    /// A signal ended it.
    Killed(Signal),
}

impl ChildState {
    /// What has become of it, for who waited for more.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Alive => "went away".to_owned(),
            Self::Stopped => "was stopped (SIGSTOP)".to_owned(),
            Self::Exited(status) => format!("exited with status {status}"),
            Self::Killed(signal) => format!("was killed by {signal}"),
        }
    }
}

/// A child process; killed and reaped when dropped.
#[derive(Debug)]
pub struct Child {
    pid: Pid,
}

/// The word by which this program knows that it was started as one end of an exchange.
pub const END_WORD: &str = "__end";

/// The word by which it knows that it was started as one end of a walk.
pub const WALK_WORD: &str = "__walk";

/// Starts this program again as one end: its socket is descriptor 0, the talk with us descriptor 1.
///
/// # Errors
/// When it cannot be started.
pub fn start_end(task: &str, socket: &Socket, control: Socket) -> Result<Child, CallError> {
    let socket = socket
        .as_fd()
        .try_clone_to_owned()
        .map_err(|error| CallError::new("fcntl", "F_DUPFD_CLOEXEC", errno_of(&error)))?;
    start_again(END_WORD, task, Stdio::from(socket), control)
}

/// Starts this program again as one end of a walk, which opens its sockets itself: the first gets
/// descriptor 3, as in most programs.
///
/// # Errors
/// When it cannot be started.
pub fn start_walker(task: &str, control: Socket) -> Result<Child, CallError> {
    start_again(WALK_WORD, task, Stdio::null(), control)
}

fn start_again(word: &str, task: &str, input: Stdio, control: Socket) -> Result<Child, CallError> {
    let program = "/proc/self/exe";
    // The standard library does not say which of its calls failed; too many processes is clone's.
    let failed = |error: &std::io::Error| match errno_of(error) {
        errno @ (Errno::EAGAIN | Errno::ENOMEM) => CallError::new("clone", "", errno),
        errno => CallError::new("execve", program, errno),
    };
    let child = Command::new(program)
        .arg0("sockeye")
        .args([word, &std::process::id().to_string(), task])
        .stdin(input)
        .stdout(Stdio::from(control.into_descriptor()))
        // If an end panics, that is to be seen.
        .stderr(Stdio::inherit())
        // Ctrl-C is for us to hear, not for the ends.
        .process_group(0)
        .spawn()
        .map_err(|error| failed(&error))?;
    let pid =
        i32::try_from(child.id()).map_err(|_| CallError::new("execve", program, Errno::ESRCH))?;
    Ok(Child { pid: Pid::from_raw(pid) })
}

/// Ties this process to the one that started it: it dies when that one does.
///
/// # Errors
/// `ESRCH` when that one is dead already.
pub fn follow_parent(parent: u32) -> Result<(), CallError> {
    call("prctl", &"PR_SET_PDEATHSIG", || set_pdeathsig(Signal::SIGKILL))?;
    // The parent may have died before the line above; then there is nobody left to follow.
    if u32::try_from(getppid().as_raw()) == Ok(parent) {
        Ok(())
    } else {
        Err(CallError::new("getppid", parent, Errno::ESRCH))
    }
}

/// The user that this process acts for.
#[must_use]
pub fn user_id() -> u32 {
    nix::unistd::geteuid().as_raw()
}

/// The name of a process, as `ps` shows it.
#[must_use]
pub fn command_of(pid: i32) -> Option<String> {
    let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).ok()?;
    Some(name.trim_end().to_owned())
}

impl Child {
    /// Its number.
    #[must_use]
    pub const fn pid(&self) -> i32 {
        self.pid.as_raw()
    }

    /// What has become of it.
    #[must_use]
    pub fn state(&self) -> ChildState {
        let flags = WaitPidFlag::WNOHANG | WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT;
        let ended = waitid(Id::Pid(self.pid), flags);
        match ended {
            Ok(WaitStatus::Exited(_, status)) => ChildState::Exited(status),
            Ok(WaitStatus::Signaled(_, signal, _)) => ChildState::Killed(signal),
            _ if self.is_stopped() => ChildState::Stopped,
            _ => ChildState::Alive,
        }
    }

    /// Waits for the end of one that is about to end by itself, and says what it was.
    #[must_use]
    pub fn ended(&self) -> ChildState {
        // A signal for us cuts the wait short, and then it begins again.
        while waitid(Id::Pid(self.pid), WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT)
            == Err(Errno::EINTR)
        {}
        self.state()
    }

    /// Kills it without waiting for its end.
    pub fn kill(&self) {
        // It is ours and not reaped, so the number cannot belong to anybody else.
        let _ = kill(self.pid, Signal::SIGKILL);
    }

    fn is_stopped(&self) -> bool {
        // A stop is reported by waitpid once only, so the state is read where it stays.
        state_is(&format!("/proc/{}/stat", self.pid), 'T')
    }

    /// Does it run, or would it if it had a CPU?
    #[must_use]
    pub fn is_ready(&self) -> bool {
        state_is(&format!("/proc/{}/stat", self.pid), 'R')
    }

    /// How long it has been on a CPU, in nanoseconds: unchanged means that it did nothing.
    #[must_use]
    pub fn cpu_time(&self) -> Option<u64> {
        let text = std::fs::read_to_string(format!("/proc/{}/schedstat", self.pid)).ok()?;
        text.split_ascii_whitespace().next()?.parse().ok()
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.kill();
        while waitpid(self.pid, None) == Err(Errno::EINTR) {}
    }
}

/// The number of this thread.
#[must_use]
pub fn thread_id() -> i32 {
    nix::unistd::gettid().as_raw()
}

/// Does that thread of this process sleep, in a call or for a lock?
#[must_use]
pub fn thread_is_asleep(thread: i32) -> bool {
    thread_is(thread, 'S')
}

/// Does that thread of this process run, or would it if it had a CPU?
#[must_use]
pub fn thread_is_ready(thread: i32) -> bool {
    thread_is(thread, 'R')
}

fn thread_is(thread: i32, state: char) -> bool {
    state_is(&format!("/proc/self/task/{thread}/stat"), state)
}

/// Is whom that file tells of in that state (proc(5), `stat`)?
fn state_is(stat: &str, state: char) -> bool {
    std::fs::read_to_string(stat)
        .is_ok_and(|stat| stat.rsplit(") ").next().is_some_and(|rest| rest.starts_with(state)))
}
