//! The clock that stamps exchanges: `CLOCK_MONOTONIC`, in nanoseconds since it was started.

use nix::time::{ClockId, clock_gettime};

/// The machine's monotonic clock. The kernel's own page answers, without a system call; and without
/// the detour over `Instant`, which costs some fifty instructions more for each stamp.
#[derive(Clone, Copy, Debug)]
pub struct Monotonic {
    origin: u64,
}

impl Monotonic {
    /// A clock that starts at zero now.
    #[must_use]
    pub fn start() -> Self {
        Self { origin: nanoseconds() }
    }

    /// The clock itself, which all processes of a machine have in common.
    #[must_use]
    pub const fn of_the_machine() -> Self {
        Self { origin: 0 }
    }

    /// Nanoseconds since the start; a u64 of them lasts 584 years.
    #[inline]
    #[must_use]
    pub fn now(&self) -> u64 {
        nanoseconds() - self.origin
    }
}

#[inline]
fn nanoseconds() -> u64 {
    // This clock exists on every Linux, so that the call cannot fail; and it counts up from the boot,
    // so that neither part is ever negative.
    let Ok(now) = clock_gettime(ClockId::CLOCK_MONOTONIC) else { return 0 };
    now.tv_sec().cast_unsigned() * 1_000_000_000 + now.tv_nsec().cast_unsigned()
}
