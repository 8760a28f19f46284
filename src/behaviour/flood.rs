//! Sending more than a receiver takes that does not read.

use super::mark;
use super::stand::Stand;
use crate::os::probe::Probe;
use crate::os::{CallError, Errno, errno_name};

/// What came of sending the same message on and on.
#[derive(Debug)]
pub struct Flood {
    message: [u8; mark::LEN],
    /// How many went.
    pub sent: usize,
    /// Was it held up?
    pub blocked: bool,
    /// What calls said that is neither success nor a full queue.
    also: Vec<String>,
}

impl Flood {
    /// Sends until so many went or no more go.
    pub fn of(most: usize, send: impl Fn(&[u8]) -> Result<usize, CallError>) -> Self {
        let message = mark::fresh();
        let mut flood = Self { message, sent: 0, blocked: false, also: Vec::new() };
        // An error that an earlier send left behind takes the place of a send.
        for _ in 0..2 * most {
            if flood.sent == most || flood.blocked {
                break;
            }
            match send(&message) {
                Ok(_) => flood.sent += 1,
                Err(error) if error.errno == Errno::EAGAIN => flood.blocked = true,
                Err(error) => flood.note(&error),
            }
        }
        flood
    }

    fn note(&mut self, error: &CallError) {
        let name = errno_name(error.errno);
        if !self.also.contains(&name) {
            self.also.push(name);
        }
    }

    /// Reads whatever was kept, and says how many messages that were.
    pub fn kept(&mut self, stand: &Stand<'_>, server: &Probe) -> usize {
        let mut kept = 0;
        for _ in 0..4 * self.sent {
            // A stream hands over so much at a time as well.
            match server.hear(stand.room(mark::LEN)) {
                Ok(came) => kept += usize::from(stand.payload(&came) == self.message),
                Err(error) if error.errno == Errno::EAGAIN => break,
                Err(error) => self.note(&error),
            }
        }
        kept
    }

    /// The other errors, `, also EPROTO`; empty where there were none.
    #[must_use]
    pub fn also(&self) -> String {
        self.also.iter().flat_map(|errno| [", also ", errno]).collect()
    }

    /// Whether the sender is held up, or how much is kept of what it sent.
    #[must_use]
    pub fn fact(mut self, stand: &Stand<'_>, server: &Probe) -> String {
        if self.blocked {
            return format!("blocks after {} msgs", self.sent);
        }
        let kept = self.kept(stand, server);
        format!("never blocks: {} sent, {kept} kept{}", self.sent, self.also())
    }
}
