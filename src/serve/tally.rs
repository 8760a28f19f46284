//! What a server has done so far. Each thread counts for itself, so that counting costs no lock;
//! whoever wants to know adds the threads up.

use super::admission::{REASONS, Reason};
use std::sync::atomic::{AtomicU64, Ordering};

/// The counts of one thread at one address. One thread writes, any may read.
#[derive(Debug, Default)]
pub(super) struct Counters {
    connections: AtomicU64,
    idle: AtomicU64,
    broken: AtomicU64,
    messages: AtomicU64,
    bytes: AtomicU64,
    dropped: [AtomicU64; REASONS.len()],
}

/// The counts of an address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Connections that were accepted.
    pub connections: u64,
    /// Those of them that were closed because nothing moved.
    pub idle: u64,
    /// Those of them that broke, or that ended before they had taken their answers.
    pub broken: u64,
    /// Messages that were answered; over a byte stream, what single receives returned.
    pub messages: u64,
    /// Bytes that came and were answered.
    pub bytes: u64,
    /// Messages that were not answered, by reason, in the order of [`REASONS`].
    pub dropped: [u64; REASONS.len()],
}

/// Only one thread writes a counter, so it needs no locked addition.
#[inline]
fn add(counter: &AtomicU64, more: u64) {
    counter.store(counter.load(Ordering::Relaxed).wrapping_add(more), Ordering::Relaxed);
}

impl Counters {
    pub(super) fn connected(&self) {
        add(&self.connections, 1);
    }

    pub(super) fn closed_idle(&self) {
        add(&self.idle, 1);
    }

    pub(super) fn broke(&self) {
        add(&self.broken, 1);
    }

    #[inline]
    pub(super) fn answered(&self, bytes: usize) {
        add(&self.messages, 1);
        add(&self.bytes, bytes as u64);
    }

    pub(super) fn dropped(&self, reason: Reason) {
        add(&self.dropped[reason as usize], 1);
    }
}

impl Tally {
    /// Adds what a thread has counted.
    pub(super) fn add(&mut self, counters: &Counters) {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        self.connections += read(&counters.connections);
        self.idle += read(&counters.idle);
        self.broken += read(&counters.broken);
        self.messages += read(&counters.messages);
        self.bytes += read(&counters.bytes);
        for (sum, counter) in self.dropped.iter_mut().zip(&counters.dropped) {
            *sum += read(counter);
        }
    }

    /// Both together.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        self.connections += other.connections;
        self.idle += other.idle;
        self.broken += other.broken;
        self.messages += other.messages;
        self.bytes += other.bytes;
        for (sum, more) in self.dropped.iter_mut().zip(other.dropped) {
            *sum += more;
        }
        self
    }

    /// Messages that were not answered, for whatever reason.
    #[must_use]
    pub fn all_dropped(&self) -> u64 {
        self.dropped.iter().sum()
    }
}
