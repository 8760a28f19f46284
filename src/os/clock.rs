//! The clock that stamps exchanges: `CLOCK_MONOTONIC`, in nanoseconds since it was started.

use std::time::Instant;

/// The machine's monotonic clock.
#[derive(Clone, Copy, Debug)]
pub struct Monotonic {
    origin: Instant,
}

impl Monotonic {
    /// A clock that starts at zero now.
    #[must_use]
    pub fn start() -> Self {
        Self { origin: Instant::now() }
    }

    /// Nanoseconds since the start; a u64 of them lasts 584 years.
    #[inline]
    #[must_use]
    pub fn now(&self) -> u64 {
        let elapsed = self.origin.elapsed();
        elapsed.as_secs() * 1_000_000_000 + u64::from(elapsed.subsec_nanos())
    }
}
