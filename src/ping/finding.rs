//! What a far end does wrong, as rows of data: what was seen, what it means and who does that, and
//! what helps. Pure; the rows themselves stand in `rows`.

use super::ledger::Counts;
use super::recognise::Answer;
use crate::os::{CallError, Errno};
use crate::render::paint::tame;
use crate::report::words::{time, unjoined};
use crate::transport::Transport;

/// Something to know about a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Its name in results.
    pub id: &'static str,
    /// What it means.
    pub message: String,
    /// What to do, as something to paste where there is such a thing.
    pub hint: String,
    /// Does the target fail for it?
    pub fails: bool,
}

/// What was seen of a target.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Which row of the catalogue carries it.
    pub transport: &'static Transport,
    /// Its address, as people read it.
    pub address: String,
    /// Its address, as one word for a shell.
    pub quoted: String,
    /// Bytes of an echo.
    pub size: usize,
    /// How long an answer may take, in nanoseconds.
    pub timeout: u64,
    /// What was counted.
    pub counts: Counts,
    /// Echoes whose time or connection was over.
    pub expired: u64,
    /// Bytes sent and bytes received.
    pub bytes: (u64, u64),
    /// The call that failed, and that ended it.
    pub error: Option<CallError>,
    /// The most bytes that a message over it can have.
    pub limit: Option<usize>,
    /// The first answer that is no echo.
    pub wrong: Option<Answer>,
    /// What came before anything was sent.
    pub spoke_first: Option<Vec<u8>>,
    /// How often it closed after a whole right answer.
    pub closed_after: u64,
    /// How often it closed without an answer.
    pub closed_without: u64,
    /// So many bytes of an answer came before it closed.
    pub short: Option<usize>,
    /// The refusal of a datagram.
    pub refusal: Option<Errno>,
    /// Nothing could be sent for as long as an answer may take.
    pub blocked: bool,
    /// What an answer had to hold, where `--send` says what to send.
    pub expected: Option<Vec<u8>>,
    /// An answer that did not hold it.
    pub unexpected: Option<Vec<u8>>,
    /// Is text sent, and not echoes?
    pub sends_text: bool,
}

impl Seen {
    /// Nothing yet.
    #[must_use]
    pub fn new(
        transport: &'static Transport,
        address: &str,
        quoted: &str,
        size: usize,
        timeout: u64,
    ) -> Self {
        Self {
            transport,
            address: address.to_owned(),
            quoted: quoted.to_owned(),
            size,
            timeout,
            counts: Counts::default(),
            expired: 0,
            bytes: (0, 0),
            error: None,
            limit: None,
            wrong: None,
            spoke_first: None,
            closed_after: 0,
            closed_without: 0,
            short: None,
            refusal: None,
            blocked: false,
            expected: None,
            unexpected: None,
            sends_text: false,
        }
    }
}

/// A row of the table.
struct Row {
    id: &'static str,
    /// What it means, whatever was seen; for the manual.
    about: &'static str,
    fails: bool,
    fits: fn(&Seen) -> bool,
    message: fn(&Seen) -> String,
    hint: fn(&Seen) -> String,
}

/// Everything that may be found, by its name in results, and what it means.
pub fn known() -> impl Iterator<Item = (&'static str, &'static str)> {
    rows::ROWS.iter().map(|row| (row.id, row.about))
}

/// What is to be said: of what makes it fail the first row that fits, and every note.
#[must_use]
pub fn findings(seen: &Seen) -> Vec<Finding> {
    let failing = rows::ROWS.iter().filter(|row| row.fails && (row.fits)(seen)).take(1);
    let notes = rows::ROWS.iter().filter(|row| !row.fails && (row.fits)(seen));
    failing
        .chain(notes)
        .map(|row| Finding {
            id: row.id,
            message: (row.message)(seen),
            hint: (row.hint)(seen),
            fails: row.fails,
        })
        .collect()
}

/// A time that somebody chose, without zeros at its end: "1 s".
#[must_use]
pub fn span(ns: u64) -> String {
    let text = unjoined(&time(ns));
    match text.split_once(' ') {
        Some((number, unit)) if number.contains('.') => {
            format!("{} {unit}", number.trim_end_matches('0').trim_end_matches('.'))
        }
        _ => text,
    }
}

/// How greetings begin that servers send before they are asked: SSH, FTP and SMTP, POP3, IMAP, VNC.
const GREETINGS: [&[u8]; 6] = [b"SSH-", b"220 ", b"220-", b"+OK", b"* OK", b"RFB "];

/// Is this what a server says first? It may come after our first message, just because both were on
/// their way at the same time.
#[must_use]
pub fn is_greeting(bytes: &[u8]) -> bool {
    GREETINGS.iter().any(|greeting| bytes.starts_with(greeting))
}

/// How many letters of an excerpt are shown.
const EXCERPT: usize = 60;

/// The front of some bytes, fit for a terminal.
#[must_use]
pub fn excerpt(bytes: &[u8]) -> String {
    let text = tame(&String::from_utf8_lossy(&bytes[..bytes.len().min(4 * EXCERPT)]));
    let mut front: String = text.chars().take(EXCERPT).collect();
    if front.len() < text.len() {
        front.push('…');
    }
    front
}

mod rows;
#[cfg(test)]
mod tests;
