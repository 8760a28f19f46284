//! What was called, in order, and what came of it: written down before the call is made, so that of
//! one that hangs it is known which it is.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// The calls of one check, shared with the threads that make them.
#[derive(Clone, Debug, Default)]
pub struct Journal(Arc<Mutex<Lines>>);

#[derive(Debug, Default)]
struct Lines {
    written: Vec<Entry>,
    /// Calls that have not come back, by the number that they began with.
    open: BTreeMap<u64, (Open, Instant)>,
    begun: u64,
    unwritten: u64,
}

#[derive(Debug)]
enum Open {
    /// The line that waits for its outcome.
    Line(usize),
    /// One that no line was left for: only its name is kept, should it never come back.
    Unwritten(String),
}

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
    fn lock(&self) -> MutexGuard<'_, Lines> {
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
        let number = self.lock().begin(socket, call());
        let result = body();
        self.lock().end(number, || said(&result));
        result
    }

    /// The call that has not come back, the last if there are several.
    #[must_use]
    pub fn hanging(&self) -> Option<String> {
        let lines = self.lock();
        let (_, (open, _)) = lines.open.last_key_value()?;
        match open {
            Open::Line(place) => lines.written.get(*place).map(|entry| entry.call.clone()),
            Open::Unwritten(call) => Some(call.clone()),
        }
    }

    /// Since when the last call that has not come back is waited for.
    #[must_use]
    pub fn hanging_since(&self) -> Option<Instant> {
        self.lock().open.last_key_value().map(|(_, (_, since))| *since)
    }

    /// Everything so far; what no line was left for is counted in the last.
    #[must_use]
    pub fn lines(&self) -> Vec<Entry> {
        let lines = self.lock();
        let mut written = lines.written.clone();
        if lines.unwritten > 0 {
            let call = format!("{} more calls", lines.unwritten);
            written.push(Entry { socket: 0, call, outcome: Some("...".to_owned()), times: 1 });
        }
        written
    }
}

impl Lines {
    fn begin(&mut self, socket: u32, call: String) -> u64 {
        self.begun += 1;
        let open = if self.written.len() < LONGEST {
            self.written.push(Entry { socket, call, outcome: None, times: 1 });
            Open::Line(self.written.len() - 1)
        } else {
            self.unwritten += 1;
            Open::Unwritten(call)
        };
        self.open.insert(self.begun, (open, Instant::now()));
        self.begun
    }

    fn end(&mut self, number: u64, outcome: impl FnOnce() -> String) {
        let Some((Open::Line(place), _)) = self.open.remove(&number) else { return };
        let Some(entry) = self.written.get_mut(place) else { return };
        entry.outcome = Some(outcome());
        // Only the last line may join the one before: other threads count lines too.
        if place + 1 == self.written.len()
            && let [.., before, last] = self.written.as_mut_slice()
            && (before.socket, &before.call, &before.outcome)
                == (last.socket, &last.call, &last.outcome)
        {
            before.times += 1;
            self.written.pop();
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn note(journal: &Journal, call: &str, body: impl FnOnce()) {
        let noted = journal.note(
            1,
            || call.to_owned(),
            || {
                body();
                Ok::<_, ()>(())
            },
            |_| "0".to_owned(),
        );
        assert_eq!(noted, Ok(()));
    }

    #[test]
    fn what_is_repeated_is_one_line() {
        let journal = Journal::default();
        for call in ["send(1 B)", "send(1 B)", "close()"] {
            note(&journal, call, || {});
        }
        let lines: Vec<_> = journal.lines().iter().map(Entry::to_string).collect();
        assert_eq!(lines, ["[1] send(1 B) = 0  x 2", "[1] close() = 0"]);
        assert_eq!(journal.hanging(), None);
    }

    #[test]
    fn a_call_that_hangs_is_known_even_where_no_line_is_left_for_it() {
        let journal = Journal::default();
        for place in 0..2 * LONGEST {
            let call = format!("send({place} B)");
            note(&journal, &call, || assert_eq!(journal.hanging().as_ref(), Some(&call)));
        }
        let lines = journal.lines();
        assert_eq!((lines.len(), journal.hanging()), (LONGEST + 1, None));
        let last = lines.last().map(Entry::to_string);
        assert_eq!(last, Some(format!("{LONGEST} more calls = ...")));
    }
}
