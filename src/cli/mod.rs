//! The command line as clap definitions: the one source of flags, help, man page and completions.
//! [`parse`] turns arguments and environment into these; deciding what they mean is up to `commands`.

pub mod amounts;
pub mod check;
pub mod compare;
pub mod endpoint;
pub mod ends;
pub mod explain;
pub mod forms;
pub mod generate;
pub mod kept;
pub mod parse;
pub mod plot;
pub mod quantity;
pub mod value;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use quantity::Sizes;
use std::time::Duration;
use value::{Cpus, Names, Output, PayloadKind, Percentiles, Places};

/// Test every local socket: does it work, how does it behave, which is faster?
#[derive(Clone, Debug, Parser)]
#[command(
    name = "sockeye",
    version,
    long_version = long_version(),
    disable_help_subcommand = true,
    max_term_width = 100,
    subcommand_help_heading = "Commands",
    propagate_version = true,
    override_usage = "sockeye [run] [TRANSPORT]... [OPTIONS]\n       sockeye COMMAND [OPTIONS]",
    after_help = EXAMPLES,
    after_long_help = EXAMPLES
)]
pub struct Cli {
    /// What is done; without one, a run.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// The flags of a run.
    #[command(flatten)]
    pub run: RunFlags,
    /// The flags of every command.
    #[command(flatten)]
    pub common: Common,
}

fn long_version() -> String {
    use std::env::consts::{ARCH, OS};
    let environment = if cfg!(target_env = "musl") { "musl" } else { "gnu" };
    let formats: Vec<_> = value::Format::value_variants().iter().map(|f| f.word()).collect();
    format!(
        "{}\ntarget: {ARCH}-{OS}-{environment}\nformats: {}\ntransports: {}",
        env!("CARGO_PKG_VERSION"),
        formats.join(", "),
        crate::transport::ALL.len()
    )
}

const EXAMPLES: &str = "Examples:
  sockeye                      every common transport, in three seconds
  sockeye tcp4 unix-stream     is the Unix socket really faster than TCP?
  sockeye tcp -s 64,1k,16k     IPv4 against IPv6, at three message sizes";

/// The commands beside a run.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Compare transports (what happens without a command)
    #[command(override_usage = "sockeye [run] [TRANSPORT]... [OPTIONS]")]
    Run,
    /// Say which transports this machine offers, and why not the others
    List(ListFlags),
    /// Say what each socket really does here, found by trying
    #[command(
        override_usage = "sockeye check [TRANSPORT]... [OPTIONS]",
        after_help = check::EXAMPLES,
        after_long_help = check::EXAMPLES
    )]
    Check(check::CheckFlags),
    /// Echo what anybody sends, over any set of transports (RFC 862)
    #[command(
        override_usage = "sockeye serve [TRANSPORT|ADDRESS]... [OPTIONS]",
        after_help = ends::SERVE_EXAMPLES,
        after_long_help = ends::SERVE_EXAMPLES
    )]
    Serve(ends::ServeFlags),
    /// Measure any echo server, and say what is wrong with it
    #[command(
        override_usage = "sockeye ping TARGET... [OPTIONS]",
        after_help = ends::PING_EXAMPLES,
        after_long_help = ends::PING_EXAMPLES
    )]
    Ping(ends::PingFlags),
    /// Show an exchange call by call: what each does, and what it costs
    #[command(
        override_usage = "sockeye explain TRANSPORT [OPTIONS]",
        after_help = explain::EXAMPLES,
        after_long_help = explain::EXAMPLES
    )]
    Explain(explain::ExplainFlags),
    /// Show results that were kept, once more and in any form
    #[command(
        override_usage = "sockeye report FILE... [OPTIONS]",
        after_help = kept::REPORT_EXAMPLES,
        after_long_help = kept::REPORT_EXAMPLES
    )]
    Report(kept::ReportFlags),
    /// Compare kept results, old with new: is something slower?
    #[command(
        override_usage = "sockeye compare BASE NEW [OPTIONS]\n       sockeye compare BASE... --vs NEW... [OPTIONS]",
        after_help = compare::EXAMPLES,
        after_long_help = compare::EXAMPLES
    )]
    Compare(compare::CompareFlags),
    /// Explain a command and its flags
    Help {
        /// The command
        #[arg(value_name = "COMMAND")]
        topic: Option<String>,
    },
}

/// Which transports are meant.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Transports")]
pub struct Selection {
    /// Names or groups, separated by commas or blanks; one named twice is measured twice
    #[arg(value_name = "TRANSPORT", value_parser = Names::parser(), hide_possible_values = true)]
    pub transports: Vec<Names>,
    /// Leave these names or groups out
    #[arg(long, value_name = "LIST", value_parser = Names::parser(), hide_possible_values = true, hide_short_help = true)]
    pub skip: Vec<Names>,
    /// Leave out what needs IPv6
    #[arg(short = '4', long = "ipv4")]
    pub ipv4: bool,
    /// Leave out what needs IPv4
    #[arg(short = '6', long = "ipv6")]
    pub ipv6: bool,
}

/// The flags of a run.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Measurement")]
pub struct RunFlags {
    /// Which transports are measured.
    #[command(flatten)]
    pub selection: Selection,
    /// Payload bytes: 64, or 64,1k,16k, or 1..64k
    ///
    /// A range doubles from size to size, or multiplies by its factor: 1..64k:4. k, M and G are powers of 1024, kB, MB and GB of 1000. Several sizes turn the columns of the
    /// table into sizes. A size that a transport cannot carry is a cell with the limit.
    #[arg(short, long, value_name = "SIZES", default_value = "64", help_heading = "Measurement")]
    pub size: Sizes,
    /// Time for the whole run, shared out
    #[arg(short, long, value_name = "DURATION", default_value = "3s", value_parser = value::time, help_heading = "Measurement")]
    pub time: Duration,
    /// Echoes of each case, instead of a time
    ///
    /// A case is a transport with a size at a place; the echoes are spread over the rounds.
    #[arg(short, long, value_name = "N", value_parser = value::count, help_heading = "Measurement")]
    pub count: Option<u64>,
    /// Interleaved rounds, each with fresh processes and a fresh connection [default: 20 to 100]
    ///
    /// Without this flag there are as many as fit into the time, at least 20 and at most 100, and 20
    /// with --count. An interval needs 6, and a sentence that claims a difference about 10.
    #[arg(short, long, value_name = "N", value_parser = value::rounds, hide_short_help = true, help_heading = "Measurement")]
    pub rounds: Option<usize>,
    /// Echoes at the start of each round that are not counted [default: 100, at most 1 ms]
    ///
    /// Without this flag it is 100, or as many as fit into a millisecond, but at least 10.
    #[arg(short, long, value_name = "N", value_parser = value::warmup, hide_short_help = true, help_heading = "Measurement")]
    pub warmup: Option<u64>,
    /// How long one exchange may take
    #[arg(short = 'W', long, value_name = "DURATION", default_value = "1s", value_parser = value::timeout, hide_short_help = true, help_heading = "Measurement")]
    pub timeout: Duration,
    /// Where the two ends run: same, split, free
    ///
    /// same: both on one CPU. split: one CPU each, on different cores where there are any. free:
    /// wherever the scheduler puts them.
    #[arg(long, value_name = "LIST", default_value = "same,split", help_heading = "Measurement")]
    pub place: Places,
    /// The CPUs of client and peer, chosen by hand instead of --place
    #[arg(long, value_name = "A,B", hide_short_help = true, help_heading = "Measurement")]
    pub cpus: Option<Cpus>,
    /// How the ends wait for a message
    #[arg(
        long,
        value_name = "HOW",
        default_value = "block",
        hide_short_help = true,
        help_heading = "Measurement"
    )]
    pub wait: value::WaitKind,
    /// `TCP_NODELAY`: send small messages at once
    #[arg(
        long,
        value_name = "SWITCH",
        default_value = "on",
        hide_short_help = true,
        help_heading = "Sockets"
    )]
    pub nodelay: value::Switch,
    /// Ask for send and receive buffers of that size; what the kernel granted is reported
    #[arg(long, value_name = "SIZE", value_parser = value::buffer, hide_short_help = true, help_heading = "Sockets")]
    pub buf: Option<usize>,
    /// What messages hold behind their number: pattern, random, zero, or a file's bytes
    #[arg(
        long,
        value_name = "KIND",
        default_value = "pattern",
        hide_short_help = true,
        help_heading = "Sockets"
    )]
    pub payload: PayloadKind,
    /// Order of the rounds and pattern of the messages [default: random]
    #[arg(long, value_name = "N", hide_short_help = true, help_heading = "Measurement")]
    pub seed: Option<u64>,
    /// The row that means 1.00: a transport of the run [default: the fastest]
    #[arg(short, long, value_name = "NAME", hide_short_help = true, help_heading = "Table")]
    pub baseline: Option<String>,
    /// Order of the rows: median, p99, name, or given
    #[arg(
        long,
        value_name = "KEY",
        default_value = "median",
        hide_short_help = true,
        help_heading = "Table"
    )]
    pub sort: value::SortKey,
    /// Percentile columns, first those to keep when space is short
    #[arg(
        long,
        value_name = "LIST",
        default_value = "99,max",
        hide_short_help = true,
        help_heading = "Table"
    )]
    pub percentiles: Percentiles,
    /// A name for this run, kept in its results
    #[arg(long, value_name = "TEXT", hide_short_help = true, help_heading = "Output")]
    pub label: Option<String>,
    /// Stop at the first transport that fails
    #[arg(long, hide_short_help = true, help_heading = "Measurement")]
    pub fail_fast: bool,
    /// Exit with an error too if a transport is not available or the machine is too noisy
    #[arg(long, hide_short_help = true, help_heading = "Measurement")]
    pub strict: bool,
}

/// The flags of `list`.
#[derive(Args, Clone, Debug)]
pub struct ListFlags {
    /// Which transports are listed; all without any.
    #[command(flatten)]
    pub selection: Selection,
}

/// The flags of every command.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Output")]
pub struct Common {
    /// Form: table, csv, json, markdown, html, ...
    #[arg(
        short,
        long,
        global = true,
        value_name = "FORMAT",
        default_value = "table",
        long_help = forms::help()
    )]
    pub format: value::Format,
    /// The same as --format json
    #[arg(long, global = true, hide_short_help = true)]
    pub json: bool,
    /// Write a file too: .json, .csv, .md, .html, ...
    ///
    /// Suffixes are .json, .csv, .md, .xml (junit), .prom (openmetrics), .hlog, .svg, .html and .txt (table).
    /// The form is that of the suffix or of FORMAT, and the flag may be repeated. The file is opened before anything is
    /// measured, written beside its place and renamed, so that it is never half a file.
    #[arg(short, long, global = true, value_name = "[FORMAT:]FILE")]
    pub output: Vec<Output>,
    /// Unit of times in tables: ns, us, ms, s, or auto
    #[arg(
        short = 'u',
        long,
        global = true,
        value_name = "UNIT",
        default_value = "auto",
        hide_short_help = true
    )]
    pub time_unit: value::TimeUnit,
    /// Less: -q the answer only, -qq nothing at all
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub quiet: u8,
    /// More: -v all details, -vv system calls too
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,
    /// Colour the output: auto, always, or never
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        hide_short_help = true
    )]
    pub color: value::When,
    /// Show progress on standard error: auto, always, or never
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        hide_short_help = true
    )]
    pub progress: value::When,
    /// Nothing but 7-bit letters [default: from the locale]
    #[arg(long, global = true, hide_short_help = true)]
    pub ascii: bool,
    /// Warnings to leave out, by their name in brackets, or all
    #[arg(
        long,
        global = true,
        value_name = "ID,...",
        value_delimiter = ',',
        hide_short_help = true
    )]
    pub no_warn: Vec<value::WarningName>,
    /// Print what goes with the program, or write it into a folder: man, complete-bash, complete-zsh,
    /// complete-fish, complete-elvish, schema-run, schema-check, schema-ping, schema-compare,
    /// schema-explain, systemd, or prometheus-rules
    ///
    /// With a folder, each file gets the name that its readers look for.
    #[arg(long, global = true, value_name = "KIND[:FOLDER]", value_parser = generate::WantedParser, hide_short_help = true)]
    pub generate: Option<generate::Wanted>,
}
