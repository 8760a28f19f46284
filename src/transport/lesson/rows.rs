//! The rows.

mod faults;
mod opening;

use super::Lesson;

/// What is said of a client that gets no answer stands before what is said of every client.
pub(super) const ALL: [&[Lesson]; 5] =
    [faults::CLOSED, faults::FULL, faults::SILENT, faults::VANISHED, opening::ROWS];
