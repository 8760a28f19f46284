//! The two streams that people see, and what is known of them: terminal or not, how wide, coloured
//! or not. The environment is asked here and nowhere else.

use crate::cli::value::When;
use crate::os::terminal;
use crate::output;
use std::env;
use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd;

/// A stream and what is known of it.
pub struct Stream<'a> {
    writer: &'a mut dyn Write,
    /// Is there a person behind it?
    pub is_terminal: bool,
    /// How many columns it has, where that is known.
    pub columns: Option<usize>,
    /// How many rows it has, where that is known.
    pub rows: Option<usize>,
}

impl<'a> Stream<'a> {
    /// Standard output or standard error.
    pub fn standard(writer: &'a mut dyn Write, stream: &(impl AsFd + IsTerminal)) -> Self {
        Self {
            writer,
            is_terminal: stream.is_terminal(),
            columns: terminal::columns(stream),
            rows: terminal::rows(stream),
        }
    }

    /// A place to write to that is no terminal.
    pub fn plain(writer: &'a mut dyn Write) -> Self {
        Self { writer, is_terminal: false, columns: None, rows: None }
    }

    /// Should it be coloured? The flag, then `NO_COLOR`, then `CLICOLOR_FORCE`, then the terminal.
    #[must_use]
    pub fn colour(&self, when: When) -> bool {
        let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
        match when {
            When::Always => true,
            When::Never => false,
            When::Auto if set("NO_COLOR") => false,
            When::Auto
                if set("CLICOLOR_FORCE") && env::var("CLICOLOR_FORCE").as_deref() != Ok("0") =>
            {
                true
            }
            When::Auto => self.is_terminal && !is_dumb(),
        }
    }

    /// May its lines be drawn again?
    #[must_use]
    pub fn animated(&self, when: When) -> bool {
        match when {
            When::Always => true,
            When::Never => false,
            When::Auto => self.is_terminal && !is_dumb(),
        }
    }
}

fn is_dumb() -> bool {
    env::var_os("TERM").is_some_and(|term| term == "dumb")
}

/// Does the locale lack Unicode? As the C library has it: the first of these that is set decides.
#[must_use]
pub fn locale_is_ascii() -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(|name| env::var(name).ok().filter(|value| !value.is_empty()))
        .unwrap_or_default()
        .to_lowercase();
    !(locale.contains("utf-8") || locale.contains("utf8"))
}

/// Standard output and standard error.
pub struct Console<'a> {
    /// Results.
    pub out: Stream<'a>,
    /// Everything else.
    pub err: Stream<'a>,
}

impl Console<'_> {
    /// Writes to standard output.
    ///
    /// # Errors
    /// When it cannot be written, but not when its reader has gone.
    pub fn print(&mut self, text: &str) -> anyhow::Result<()> {
        output::print(self.out.writer, text).map_err(|error| {
            let errno = crate::os::errno_of(&error);
            crate::cli::parse::Complaint::new(
                format!(
                    "cannot write the result: {} ({}, write)",
                    errno.desc().to_lowercase(),
                    crate::os::errno_name(errno)
                ),
                "look at where it goes, or use -o FILE",
            )
            .into()
        })
    }

    /// Writes to standard error, as well as that goes.
    pub fn tell(&mut self, text: &str) {
        let _: io::Result<()> = output::print(self.err.writer, text);
    }
}
