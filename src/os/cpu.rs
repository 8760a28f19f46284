//! Which CPUs this process may use, and pinning it to one of them.

use super::{CallError, call};
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;

const SELF: Pid = Pid::from_raw(0);

/// The CPUs that this process may run on, in ascending order.
///
/// # Errors
/// When the kernel does not say.
pub fn allowed() -> Result<Vec<usize>, CallError> {
    let set = call("sched_getaffinity", &"0", || sched_getaffinity(SELF))?;
    Ok((0..CpuSet::count()).filter(|cpu| set.is_set(*cpu).unwrap_or(false)).collect())
}

/// Lets this process run on these CPUs only.
///
/// # Errors
/// When one of them is not there or not allowed.
pub fn pin(cpus: &[usize]) -> Result<(), CallError> {
    let mut set = CpuSet::new();
    let place = cpus.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    for cpu in cpus {
        call("sched_setaffinity", &place, || set.set(*cpu))?;
    }
    call("sched_setaffinity", &place, || sched_setaffinity(SELF, &set))
}

/// This process on one CPU, until it is dropped.
#[derive(Debug)]
pub struct Seat {
    before: Vec<usize>,
}

impl Seat {
    /// Sits down.
    ///
    /// # Errors
    /// When the CPU is not there or not allowed.
    pub fn take(cpu: usize) -> Result<Self, CallError> {
        let before = allowed()?;
        pin(&[cpu])?;
        Ok(Self { before })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        // Whoever took the CPUs away meanwhile has their reasons.
        let _ = pin(&self.before);
    }
}
