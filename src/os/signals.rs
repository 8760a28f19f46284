//! Ctrl-C and its kin as something to read instead of something that kills, so that finished rounds
//! are reported and nothing is left behind; afterwards the process ends by that very signal.

use super::{CallError, call};
use nix::sys::signal::{SigSet, SigmaskHow, Signal, raise, sigprocmask};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use std::os::fd::{AsFd, BorrowedFd};

/// What ends a run early.
const ENDING: [Signal; 4] = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGQUIT];

/// The ending signals, blocked and readable, until it is dropped.
#[derive(Debug)]
pub struct Interrupts {
    descriptor: SignalFd,
    before: SigSet,
}

/// The signal that ended a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interrupt(Signal);

impl Interrupts {
    /// Blocks the ending signals for this thread and makes them readable. A signal that the caller
    /// of this process chose to ignore (`nohup`) stays ignored.
    ///
    /// # Errors
    /// When the kernel gives no descriptor for it.
    pub fn block() -> Result<Self, CallError> {
        let ignored = ignored_signals();
        let set: SigSet = ENDING
            .into_iter()
            .filter(|signal| ignored & (1 << (*signal as u64 - 1)) == 0)
            .collect();
        let mut before = SigSet::empty();
        call("sigprocmask", &"SIG_BLOCK", || {
            sigprocmask(SigmaskHow::SIG_BLOCK, Some(&set), Some(&mut before))
        })?;
        let flags = SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK;
        let descriptor = call("signalfd", &"SIGINT, SIGTERM, SIGHUP, SIGQUIT", || {
            SignalFd::with_flags(&set, flags)
        })?;
        Ok(Self { descriptor, before })
    }

    /// The signal that has come, if one has.
    #[must_use]
    pub fn pending(&self) -> Option<Interrupt> {
        let info = self.descriptor.read_signal().ok().flatten()?;
        let number = i32::try_from(info.ssi_signo).ok()?;
        Signal::try_from(number).ok().map(Interrupt)
    }
}

impl AsFd for Interrupts {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.descriptor.as_fd()
    }
}

impl Drop for Interrupts {
    fn drop(&mut self) {
        // Who asked for an end that is there already, as timeout(1) does twice, is not asked to kill.
        while self.pending().is_some() {}
        // A mask that cannot be put back harms nobody: the process is about to end.
        let _ = sigprocmask(SigmaskHow::SIG_SETMASK, Some(&self.before), None);
    }
}

impl Interrupt {
    /// What a shell reports: 128 and the signal's number.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        128 + self.0 as u8
    }

    /// Does it ask how things stand, where there is something to tell, rather than for an end?
    /// (`SIGQUIT`, as ping(8) has it.)
    #[must_use]
    pub fn asks_for_summary(self) -> bool {
        self.0 == Signal::SIGQUIT
    }

    /// Is it the polite way to ask a service to end (`SIGTERM`)?
    #[must_use]
    pub fn is_orderly(self) -> bool {
        self.0 == Signal::SIGTERM
    }

    /// The signal's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.as_str()
    }

    /// Ends this process by the signal. Returns only if the signal is ignored here.
    pub fn raise(self) {
        let set: SigSet = [self.0].into_iter().collect();
        let _ = sigprocmask(SigmaskHow::SIG_UNBLOCK, Some(&set), None);
        let _ = raise(self.0);
    }
}

/// The signals that this process was started to ignore, a bit each (`nohup`, background jobs). A
/// blocked signal is queued even when it is ignored, so these must not be blocked.
fn ignored_signals() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or(0)
}

/// `SIGPIPE` as something to count, for this thread, until it is dropped. It is ignored in a Rust
/// program, but a blocked signal waits even then.
#[derive(Debug)]
pub struct PipeSignals {
    descriptor: SignalFd,
    before: SigSet,
}

impl PipeSignals {
    /// Blocks it and makes it readable.
    ///
    /// # Errors
    /// When the kernel gives no descriptor for it.
    pub fn watch() -> Result<Self, CallError> {
        let set: SigSet = [Signal::SIGPIPE].into_iter().collect();
        let mut before = SigSet::empty();
        call("pthread_sigmask", &"SIG_BLOCK, SIGPIPE", || {
            nix::sys::signal::pthread_sigmask(SigmaskHow::SIG_BLOCK, Some(&set), Some(&mut before))
        })?;
        let flags = SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK;
        let descriptor = call("signalfd", &"SIGPIPE", || SignalFd::with_flags(&set, flags))?;
        Ok(Self { descriptor, before })
    }

    /// Has one come since this was asked last?
    #[must_use]
    pub fn came(&self) -> bool {
        self.descriptor.read_signal().is_ok_and(|signal| signal.is_some())
    }
}

impl Drop for PipeSignals {
    fn drop(&mut self) {
        while self.came() {}
        let _ =
            nix::sys::signal::pthread_sigmask(SigmaskHow::SIG_SETMASK, Some(&self.before), None);
    }
}
