//! Words for what a call said, so that every check says it the same way.

use crate::os::signals::PipeSignals;
use crate::os::{CallError, Errno, errno_name};

/// `ok`, or the errno's name.
#[must_use]
pub fn said<T>(result: &Result<T, CallError>) -> String {
    match result {
        Ok(_) => "ok".to_owned(),
        Err(error) => errno_name(error.errno),
    }
}

/// A call's word, with the signal that it raised besides.
#[must_use]
pub fn with_signal(word: &str, signals: &PipeSignals) -> String {
    let signal = if signals.came() { "+SIGPIPE" } else { "" };
    format!("{word}{signal}")
}

/// The text that came; `EOF` for nothing at all, `none` where nothing came, or the errno's name.
#[must_use]
pub fn came(result: &Result<Vec<u8>, CallError>) -> String {
    match result {
        Ok(bytes) if bytes.is_empty() => "EOF".to_owned(),
        Ok(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Err(error) if error.errno == Errno::EAGAIN => "none".to_owned(),
        Err(error) => errno_name(error.errno),
    }
}

/// Did this call say that?
#[must_use]
pub fn is<T>(result: &Result<T, CallError>, errno: Errno) -> bool {
    result.as_ref().is_err_and(|error| error.errno == errno)
}
