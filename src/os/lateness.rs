//! How long threads were kept from a CPU that they could have used, as the kernel itself counts it:
//! that is the part of a time that says nothing about a socket.

use super::process::{thread_id, thread_is_ready};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The lateness of the threads that work on one thing together.
#[derive(Clone, Debug, Default)]
pub struct Lateness {
    threads: Arc<Mutex<Threads>>,
}

#[derive(Debug, Default)]
struct Threads {
    /// Those that are at it, and how late they were when they began.
    there: Vec<(i32, Duration)>,
    /// How late those were that are done.
    done: Duration,
}

impl Lateness {
    /// Does this in this thread, whose lateness counts meanwhile.
    pub fn during<T>(&self, body: impl FnOnce() -> T) -> T {
        let thread = thread_id();
        self.with(|threads| threads.there.push((thread, waited(thread))));
        let result = body();
        self.with(|threads| {
            if let Some(place) = threads.there.iter().position(|(there, _)| *there == thread) {
                let (_, before) = threads.there.swap_remove(place);
                threads.done += waited(thread).saturating_sub(before);
            }
        });
        result
    }

    /// How late all of them were together, as far as it is over: of one that waits for a CPU just now
    /// the kernel tells later.
    #[must_use]
    pub fn total(&self) -> Duration {
        self.with(|threads| {
            let late = |(thread, before): &(i32, Duration)| waited(*thread).saturating_sub(*before);
            threads.there.iter().map(late).fold(threads.done, Duration::saturating_add)
        })
    }

    /// Were they that late together, or is another of them kept waiting still?
    #[must_use]
    pub fn exceeds(&self, slack: Duration) -> bool {
        let own = thread_id();
        let kept = |threads: &mut Threads| {
            threads.there.iter().any(|(thread, _)| *thread != own && thread_is_ready(*thread))
        };
        self.with(kept) || self.total() >= slack
    }

    fn with<T>(&self, body: impl FnOnce(&mut Threads) -> T) -> T {
        body(&mut self.threads.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// How long a thread of this process has waited for a CPU in all its life: the second number of
/// `schedstat` (kernel documentation, scheduler/sched-stats). Nothing where the kernel does not count.
#[must_use]
pub fn waited(thread: i32) -> Duration {
    let counts = std::fs::read_to_string(format!("/proc/self/task/{thread}/schedstat"));
    let counts = counts.unwrap_or_default();
    let nanoseconds = counts.split_whitespace().nth(1).and_then(|number| number.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threads_lateness_counts_from_its_beginning_and_stays_when_it_ends() {
        let lateness = Lateness::default();
        let before = waited(thread_id());
        let within = lateness.during(|| lateness.total());
        let after = lateness.total();
        assert!(within <= after, "{within:?} {after:?}");
        assert!(after <= waited(thread_id()).saturating_sub(before), "{after:?}");
        assert_eq!(lateness.with(|threads| threads.there.len()), 0);
    }
}
