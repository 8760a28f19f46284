//! What the terminal says of itself.

use rustix::termios::tcgetwinsize;
use std::io::IsTerminal;
use std::os::fd::AsFd;

/// The columns of the terminal behind a stream; None when it is no terminal or does not know.
#[must_use]
pub fn columns(stream: &(impl AsFd + IsTerminal)) -> Option<usize> {
    if !stream.is_terminal() {
        return None;
    }
    tcgetwinsize(stream.as_fd()).ok().map(|size| usize::from(size.ws_col)).filter(|n| *n > 0)
}

/// The rows of the terminal behind a stream; None when it is no terminal or does not know.
#[must_use]
pub fn rows(stream: &(impl AsFd + IsTerminal)) -> Option<usize> {
    if !stream.is_terminal() {
        return None;
    }
    tcgetwinsize(stream.as_fd()).ok().map(|size| usize::from(size.ws_row)).filter(|n| *n > 0)
}
