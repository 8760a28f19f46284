//! The flags of `explain`.

use super::quantity::{self, BadValue};
use super::value::{self, Cpus, Places};
use crate::transport::Transport;
use crate::transport::lesson::To;
use clap::builder::{PossibleValue, TypedValueParser};
use clap::{Args, ValueEnum};
use std::ffi::OsStr;
use std::str::FromStr;
use std::time::Duration;

pub(super) const EXAMPLES: &str = "Examples:
  sockeye explain tcp6                      an exchange, call by call
  sockeye explain tcp4 --vs unix-stream     where the difference lies
  sockeye explain udp4 --to closed          what a client sees of nobody
  sockeye explain udp6 --program python     both ends of it, to run and to change";

/// The flags of `explain`.
#[derive(Args, Clone, Debug)]
pub struct ExplainFlags {
    /// The transport to walk
    #[arg(value_name = "TRANSPORT", value_parser = OneParser, hide_possible_values = true, required = true)]
    pub walked: Vec<One>,
    /// Walk another one too, and show what differs, call by call
    #[arg(long, value_name = "TRANSPORT", value_parser = OneParser, hide_possible_values = true, help_heading = "Walking")]
    pub vs: Option<One>,
    /// Whom the client finds: echo, closed, full, silent, vanished
    #[arg(long, value_name = "WHOM", default_value = "echo", help_heading = "Walking")]
    pub to: Whom,
    /// Walks that the times are medians of
    #[arg(long, value_name = "N", default_value = "100", value_parser = walks, help_heading = "Walking")]
    pub walks: usize,
    /// What the kernel says between the calls: states and queues
    #[arg(long, help_heading = "Walking")]
    pub states: bool,
    /// Print a server and a client that make exactly this walk: in python, c or rust
    #[arg(long, value_name = "LANGUAGE", help_heading = "Walking")]
    pub program: Option<Language>,
    /// Payload bytes of the message
    #[arg(short, long, value_name = "SIZE", default_value = "64", value_parser = size, help_heading = "Walking")]
    pub size: usize,
    /// How long a call may take
    #[arg(short = 'W', long, value_name = "DURATION", default_value = "1s", value_parser = value::timeout, hide_short_help = true, help_heading = "Walking")]
    pub timeout: Duration,
    /// Where the two ends run: same, split, or free
    #[arg(
        long,
        value_name = "PLACE",
        default_value = "same",
        hide_short_help = true,
        help_heading = "Walking"
    )]
    pub place: Places,
    /// The CPUs of client and server, chosen by hand instead of --place
    #[arg(long, value_name = "A,B", hide_short_help = true, help_heading = "Walking")]
    pub cpus: Option<Cpus>,
}

/// Whom the client finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Whom {
    /// A server that answers
    Echo,
    /// Nobody
    Closed,
    /// A server whose queue has no room: of clients that wait, or of messages
    Full,
    /// A server that never answers
    Silent,
    /// A server that closes without having read what came
    Vanished,
}

impl From<Whom> for To {
    fn from(whom: Whom) -> Self {
        match whom {
            Whom::Echo => Self::Echo,
            Whom::Closed => Self::Closed,
            Whom::Full => Self::Full,
            Whom::Silent => Self::Silent,
            Whom::Vanished => Self::Vanished,
        }
    }
}

/// A language that programs are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// Python 3, its standard library alone
    Python,
    /// C, POSIX and Linux
    C,
    /// Rust, its standard library alone
    Rust,
}

impl Language {
    /// The user's word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::C => "c",
            Self::Rust => "rust",
        }
    }
}

/// How many walks there may be.
fn walks(text: &str) -> Result<usize, BadValue> {
    quantity::count(text, 1, 10_000).map(|n| usize::try_from(n).unwrap_or(1))
}

/// The most that surely goes in one call and comes in one.
pub const LARGEST: usize = 16 << 10;

fn size(text: &str) -> Result<usize, BadValue> {
    quantity::size(text, LARGEST)
}

/// A transport by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct One(pub &'static Transport);

impl FromStr for One {
    type Err = BadValue;

    fn from_str(name: &str) -> Result<Self, BadValue> {
        if let Some(transport) = Transport::named(name.trim()) {
            return Ok(Self(transport));
        }
        match name.trim().parse::<value::Names>()?.0.as_slice() {
            [value::Choice::Group(group)] => {
                let names: Vec<_> = value::Choice::Group(group)
                    .transports()
                    .iter()
                    .map(|transport| transport.name)
                    .collect();
                Err(BadValue::new(
                    format!("'{}' is a group, and a walk is over one transport", group.name),
                    format!("one of: {}", names.join(", ")),
                ))
            }
            _ => Err(BadValue::new("not one transport", "one name: sockeye explain tcp4")),
        }
    }
}

/// Reads [`One`], and tells completions what there is.
#[derive(Clone, Debug)]
pub struct OneParser;

impl TypedValueParser for OneParser {
    type Value = One;

    fn parse_ref(
        &self,
        cmd: &clap::Command,
        arg: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<One, clap::Error> {
        One::from_str.parse_ref(cmd, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let rows = crate::transport::ALL.iter();
        Some(Box::new(rows.map(|row| PossibleValue::new(row.name).help(row.about))))
    }
}
