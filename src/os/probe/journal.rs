//! What was called, in order, and what came of it: written down before the call is made, so that of
//! one that hangs it is known which it is.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The calls of one check, shared with the threads that make them.
#[derive(Clone, Debug, Default)]
pub struct Journal(Arc<Mutex<Vec<Entry>>>);

/// One call, or the same call several times in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Which socket it was made on, by its number in the check; 0 for none.
    pub socket: u32,
    /// The call with its arguments.
    pub call: String,
    /// What it said; None while it has not come back.
    pub outcome: Option<String>,
    /// How often it was made in a row with the same outcome.
    pub times: u32,
}

/// Beyond so many lines nobody reads on.
const LONGEST: usize = 60;

impl Journal {
    fn entries(&self) -> MutexGuard<'_, Vec<Entry>> {
        // Whoever panicked holding it only pushed a line.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes down a call, makes it, and writes down what came of it.
    pub(super) fn note<T, E>(
        &self,
        socket: u32,
        call: impl FnOnce() -> String,
        body: impl FnOnce() -> Result<T, E>,
        said: impl FnOnce(&Result<T, E>) -> String,
    ) -> Result<T, E> {
        let place = self.begin(socket, call());
        let result = body();
        if let Some(place) = place {
            self.end(place, said(&result));
        }
        result
    }

    fn begin(&self, socket: u32, call: String) -> Option<usize> {
        let mut entries = self.entries();
        if entries.len() >= LONGEST {
            return None;
        }
        entries.push(Entry { socket, call, outcome: None, times: 1 });
        Some(entries.len() - 1)
    }

    fn end(&self, place: usize, outcome: String) {
        let mut entries = self.entries();
        let Some(entry) = entries.get_mut(place) else { return };
        entry.outcome = Some(outcome);
        // Only the last line may join the one before: other threads count lines too.
        if place + 1 == entries.len()
            && let [.., before, last] = entries.as_mut_slice()
            && (before.socket, &before.call, &before.outcome)
                == (last.socket, &last.call, &last.outcome)
        {
            before.times += 1;
            entries.pop();
        }
    }

    /// The call that has not come back, if there is one.
    #[must_use]
    pub fn hanging(&self) -> Option<String> {
        self.entries().iter().rev().find(|entry| entry.outcome.is_none()).map(|e| e.call.clone())
    }

    /// Everything so far.
    #[must_use]
    pub fn lines(&self) -> Vec<Entry> {
        self.entries().clone()
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.socket > 0 {
            write!(f, "[{}] ", self.socket)?;
        }
        write!(f, "{} = {}", self.call, self.outcome.as_deref().unwrap_or("(did not come back)"))?;
        if self.times > 1 { write!(f, "  x {}", self.times) } else { Ok(()) }
    }
}
