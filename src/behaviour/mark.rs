//! Messages that a check knows again. Raw sockets have no ports, so that each of them hears what any
//! program of the machine sends by the same protocol.

use std::sync::atomic::{AtomicU32, Ordering};

/// How long a marked message is.
pub const LEN: usize = 100;

/// So many messages of others are passed over before a check gives up.
pub const STRANGERS: usize = 1000;

/// A message that is nobody else's.
#[must_use]
pub fn fresh() -> [u8; LEN] {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let mut message = [b'm'; LEN];
    let mark = std::process::id().to_be_bytes().into_iter().chain(count.to_be_bytes());
    for (place, byte) in message.iter_mut().zip(mark) {
        *place = byte;
    }
    message
}
