//! A step that may never come back, in a thread of its own.

use crate::os::CallError;
use crate::os::process::{begin_thread, thread_id, thread_is_asleep};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// What goes on aside. If it never ends it is left alone, and ends with the program.
#[derive(Debug)]
pub struct Aside<T> {
    thread: Option<i32>,
    result: Receiver<T>,
}

impl<T: Send + 'static> Aside<T> {
    /// Begins it.
    ///
    /// # Errors
    /// When no thread is to be had.
    pub fn begin(body: impl FnOnce() -> T + Send + 'static) -> Result<Self, CallError> {
        let (announce, announced) = channel();
        let (deliver, result) = channel();
        begin_thread(move || {
            // If nobody waits any more, nobody misses it.
            let _ = announce.send(thread_id());
            let _ = deliver.send(body());
        })?;
        Ok(Self { thread: announced.recv().ok(), result })
    }

    /// Waits until it sleeps, which is in the call that it was begun for; no longer than that.
    pub fn until_asleep(&self, patience: Duration) {
        let end = Instant::now() + patience;
        let mut seen = 0;
        // Waiting for a lock is sleep too, but a short one: seen three times it is the call.
        while seen < 3 && Instant::now() < end {
            seen = if self.thread.is_some_and(thread_is_asleep) { seen + 1 } else { 0 };
            std::thread::yield_now();
        }
    }

    /// What came of it, if it comes within that time.
    #[must_use]
    pub fn wait(&self, patience: Duration) -> Option<T> {
        self.result.recv_timeout(patience).ok()
    }
}
