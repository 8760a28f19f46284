//! The flags of the two ends in the open, `serve` and `ping`.

use super::endpoint::WordParser;
use super::{amounts, value};
use clap::Args;
use std::path::PathBuf;
use std::time::Duration;

/// Which ends are meant, and where those are that no address says it of.
#[derive(Args, Clone, Debug)]
pub struct Ends {
    /// Port where no address says one
    ///
    /// For serve, 0 lets the kernel pick one.
    #[arg(short, long, value_name = "PORT", default_value_t = crate::address::DEFAULT_PORT, help_heading = "Ends")]
    pub port: u16,
    /// The folder of socket files that no address names [default: `$XDG_RUNTIME_DIR/sockeye`]
    ///
    /// Without `XDG_RUNTIME_DIR` it is `sockeye-UID` in `TMPDIR`, a folder that only its user can enter.
    #[arg(long, value_name = "DIR", hide_short_help = true, help_heading = "Ends")]
    pub dir: Option<PathBuf>,
    /// Leave these names or groups out
    #[arg(long, value_name = "LIST", value_parser = value::Names::parser(), hide_possible_values = true, hide_short_help = true, help_heading = "Transports")]
    pub skip: Vec<value::Names>,
    /// Leave out what needs IPv6
    #[arg(short = '4', long = "ipv4", help_heading = "Transports")]
    pub ipv4: bool,
    /// Leave out what needs IPv4
    #[arg(short = '6', long = "ipv6", help_heading = "Transports")]
    pub ipv6: bool,
}

pub(super) const SERVE_EXAMPLES: &str = "Examples:
  sockeye serve                          the common transports, port 7777
  sockeye serve tcp4 udp4 -p 0           two of them, ports as they come
  sockeye serve tcp4://0.0.0.0:7 --allow-remote";

pub(super) const PING_EXAMPLES: &str = "Examples:
  sockeye ping tcp4 unix-stream          what 'sockeye serve' has opened
  sockeye ping localhost:7 -c 3          any echo server, all its addresses
  sockeye ping 127.0.0.1:8080 --send hi --expect Hello";

/// The flags of `serve`.
#[derive(Args, Clone, Debug)]
pub struct ServeFlags {
    /// Transports, groups or addresses; the seven of a run without any
    #[arg(value_name = "TRANSPORT|ADDRESS", value_parser = WordParser, hide_possible_values = true)]
    pub words: Vec<String>,
    /// Where they are.
    #[command(flatten)]
    pub ends: Ends,
    /// Threads, each with a loop of its own
    #[arg(long, value_name = "N", default_value = "1", value_parser = amounts::threads, help_heading = "Serving")]
    pub threads: usize,
    /// Datagrams taken and answered in one call (UDP)
    #[arg(long, value_name = "N", default_value = "32", value_parser = amounts::batch, hide_short_help = true, help_heading = "Serving")]
    pub batch: usize,
    /// Connections at a time; the others wait [default: as many as descriptors]
    ///
    /// Those who wait do so in the kernel's queue.
    #[arg(long, value_name = "N", value_parser = amounts::connections, help_heading = "Serving")]
    pub max_conns: Option<usize>,
    /// Close what was silent for so long [default: never]
    #[arg(long, value_name = "DURATION", value_parser = amounts::idle, help_heading = "Serving")]
    pub idle: Option<Duration>,
    /// End after one connection, or one datagram
    #[arg(long, help_heading = "Serving")]
    pub once: bool,
    /// Read one message, answer TEXT, close
    ///
    /// In TEXT, \n, \r, \t, \0, \\ and \xHH stand for the bytes that they stand for in C.
    #[arg(long, value_name = "TEXT", value_parser = amounts::text, help_heading = "Serving")]
    pub reply: Option<amounts::Bytes>,
    /// Write the addresses as a line to this descriptor, and close it, once everything listens
    #[arg(long, value_name = "N", value_parser = amounts::descriptor, hide_short_help = true, help_heading = "Serving")]
    pub ready_fd: Option<i32>,
    /// Listen where an address says, loopback or not
    ///
    /// A datagram is then answered only if it was sent to this machine alone, from a port of 1024 or
    /// more, and never with more bytes than it had.
    #[arg(long, help_heading = "Serving")]
    pub allow_remote: bool,
}

/// The flags of `ping`.
#[derive(Args, Clone, Debug)]
pub struct PingFlags {
    /// Addresses, transports or groups: `localhost:7`, `unix:/run/echo.sock`, `tcp6`
    #[arg(value_name = "TARGET", value_parser = WordParser, hide_possible_values = true, required = true)]
    pub words: Vec<String>,
    /// Where they are.
    #[command(flatten)]
    pub ends: Ends,
    /// Echoes of each target; 0 goes on until Ctrl-C
    #[arg(short, long, value_name = "N", default_value = "5", value_parser = amounts::echoes, help_heading = "Pinging")]
    pub count: u64,
    /// Time from one echo to the next
    ///
    /// The schedule is absolute: an answer that is late or lost delays nothing. With 0 the next echo
    /// goes as soon as the one before is answered or given up.
    #[arg(short, long, value_name = "DURATION", default_value = "1s", value_parser = amounts::interval, help_heading = "Pinging")]
    pub interval: Duration,
    /// Payload bytes
    #[arg(short, long, value_name = "SIZE", default_value = "64", value_parser = amounts::ping_size, help_heading = "Pinging")]
    pub size: usize,
    /// How long a reply may take
    #[arg(short = 'W', long, value_name = "DURATION", default_value = "1s", value_parser = value::timeout, help_heading = "Pinging")]
    pub timeout: Duration,
    /// Send TEXT instead of echoes, once
    ///
    /// Or as often as --count says.
    ///
    /// For a server that answers something else than it was sent. Each time has a connection of its
    /// own. In TEXT, \n, \r, \t, \0, \\ and \xHH stand for the bytes that they stand for in C. An
    /// empty TEXT sends nothing over a connection, and waits for what the server says first.
    #[arg(long, value_name = "TEXT", value_parser = amounts::text, help_heading = "Pinging")]
    pub send: Option<amounts::Bytes>,
    /// With --send: the answer has to hold TEXT
    #[arg(long, value_name = "TEXT", value_parser = amounts::text, requires = "send", help_heading = "Pinging")]
    pub expect: Option<amounts::Bytes>,
}
