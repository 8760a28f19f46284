//! What every way of asking a target shares: its books, its connection, and whether it is over.

use super::connection::Connection;
use super::link::Link;
use super::outcome::Books;
use super::session::Tell;
use super::{Event, Target};
use crate::os::{CallError, Errno};

/// A target that is being asked.
#[derive(Debug)]
pub struct Talk {
    /// What was seen and counted.
    pub books: Books,
    /// The way there.
    pub connection: Connection,
    /// Is nothing left to do?
    pub over: bool,
}

impl Talk {
    /// With this target, in messages of that size; `token` is what its events have.
    #[must_use]
    pub fn new(target: Target, size: usize, timeout: u64, token: u64) -> Self {
        let link = Link::new(target.transport, &target.name, token);
        let connection = Connection::new(link, timeout);
        Self { connection, books: Books::new(target, size, timeout), over: false }
    }

    /// Ends it.
    pub fn end(&mut self) {
        self.connection.close();
        self.over = true;
    }

    /// Ends it with a call that failed.
    pub fn fail(&mut self, error: CallError) {
        if error.errno == Errno::EMSGSIZE {
            self.books.seen.limit = self.connection.link.limit();
        }
        self.books.fail(error);
        self.end();
    }

    /// Its connection stands after so many nanoseconds. Is it the first?
    pub fn opened(&mut self, ns: u64, tell: Tell<'_>) -> bool {
        let first = self.books.connect_ns.is_none();
        if first {
            self.books.connect_ns = Some(ns);
            tell(Event::Connected(ns, self.connection.link.local()));
        }
        first
    }
}
