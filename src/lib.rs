//! sockeye, the socket tester: the same verified echo exchange over every local socket.
//!
//! Data flows once: arguments ([`cli`]) become a plan and its samples ([`measure`], over [`echo`] and
//! [`os`]), these a [`report`], and that a text ([`render`]) that is written once ([`output`]).

pub mod address;
pub mod behaviour;
pub mod cli;
pub mod commands;
pub mod compare;
pub mod console;
pub mod echo;
pub mod environment;
pub mod fleet;
pub mod manual;
pub mod measure;
pub mod os;
pub mod output;
pub mod ping;
pub mod program;
pub mod render;
pub mod report;
pub mod saved;
pub mod serve;
pub mod shell;
pub mod stats;
pub mod suggest;
pub mod transport;
pub mod walk;

use cli::parse::{Complaint, Stop, parse};
use cli::value::When;
use console::Console;
use os::CallError;
use os::signals::Interrupt;
use render::paint::{Tone, paint};
use std::ffi::OsString;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit {
    /// The exit code: 0 yes, 1 no, 2 could not run, 3 not available, 4 undecided.
    pub code: u8,
    /// The signal that ended the run, to be raised again once everything is put away.
    pub interrupt: Option<Interrupt>,
}

impl Exit {
    /// An end by itself.
    #[must_use]
    pub const fn with(code: u8) -> Self {
        Self { code, interrupt: None }
    }
}

/// What could not run at all.
pub const TROUBLE: u8 = 2;

/// What a bug in this program ends with.
const INTERNAL: i32 = 70;

/// From now on a bug, in whichever thread, says where it is, takes away what this process has put into
/// the file system, and ends it. Its children die with it.
pub fn end_on_panic() {
    std::panic::set_hook(Box::new(|panic| {
        let (version, args) = (env!("CARGO_PKG_VERSION"), std::env::args_os().collect::<Vec<_>>());
        let text = format!(
            "error: internal: {panic}\nhint: please report it with this line: sockeye {version} {args:?}\n"
        );
        // Standard error is locked by whoever runs; this end does not wait for it.
        os::write_error(&text);
        os::remains::remove_all();
        std::process::exit(INTERNAL);
    }));
}

/// Does what the arguments say, the program's name first.
#[must_use]
pub fn run(args: &[OsString], console: &mut Console<'_>) -> Exit {
    let outcome = match parse(args) {
        Ok(invocation) => commands::dispatch(&invocation, args, console),
        Err(Stop::Print(text)) => {
            let text = if console.out.colour(cli::parse::early_colour(args)) {
                text.ansi().to_string()
            } else {
                text.to_string()
            };
            let text = if text.ends_with('\n') { text } else { text + "\n" };
            console.print(&text).map(|()| Exit::with(0))
        }
        Err(Stop::Complain(complaint)) => Err(complaint.into()),
    };
    outcome.unwrap_or_else(|error| {
        complain(console, &error, cli::parse::early_colour(args));
        Exit::with(TROUBLE)
    })
}

fn complain(console: &mut Console<'_>, error: &anyhow::Error, when: When) {
    let colour = console.err.colour(when);
    console.tell(&format!("{} {error:#}\n", paint("error:", Tone::Bad, colour)));
    let hint = match (error.downcast_ref::<Complaint>(), error.downcast_ref::<CallError>()) {
        (Some(complaint), _) => Some(complaint.hint.clone()),
        (None, Some(call)) => Some(report::diagnosis::remedy(call).to_owned()),
        (None, None) => None,
    };
    if let Some(hint) = hint {
        console.tell(&format!("{} {hint}\n", paint("hint:", Tone::Good, colour)));
    }
}
