//! What flags take, as types that say what else would do. Pure.

use super::quantity::{self, BadValue};
use crate::echo::Wait;
use crate::echo::message::Payload;
use crate::measure::plan::Place;
use crate::transport::{ALL, GROUPS, Transport};
use clap::ValueEnum;
use clap::builder::{PossibleValue, TypedValueParser};
use std::ffi::OsStr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

/// Reads `--time`.
pub(crate) fn time(text: &str) -> Result<Duration, BadValue> {
    quantity::duration(text, Duration::from_millis(100), Duration::from_secs(3600))
}

/// Reads `--timeout`.
pub(crate) fn timeout(text: &str) -> Result<Duration, BadValue> {
    quantity::duration(text, Duration::from_millis(1), Duration::from_secs(3600))
}

/// Reads `--count`.
pub(crate) fn count(text: &str) -> Result<u64, BadValue> {
    quantity::count(text, 1, 10_000_000)
}

/// Reads `--rounds`.
pub(crate) fn rounds(text: &str) -> Result<usize, BadValue> {
    quantity::count(text, 2, 1000).map(|n| usize::try_from(n).unwrap_or(2))
}

/// Reads `--warmup`.
pub(crate) fn warmup(text: &str) -> Result<u64, BadValue> {
    quantity::count(text, 0, 1_000_000)
}

/// Reads `--buf`.
pub(crate) fn buffer(text: &str) -> Result<usize, BadValue> {
    quantity::size(text, 1 << 30)
}

/// Some transports, by names and groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names(pub Vec<Choice>);

/// A name on the command line.
#[derive(Clone, Copy, Debug)]
pub enum Choice {
    /// A transport.
    One(&'static Transport),
    /// A group.
    Group(&'static crate::transport::Group),
}

impl PartialEq for Choice {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Choice {}

impl Choice {
    fn named(name: &str) -> Option<Self> {
        let group = || GROUPS.iter().find(|group| group.name.eq_ignore_ascii_case(name));
        Transport::named(name).map(Self::One).or_else(|| group().map(Self::Group))
    }

    /// As the user types it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::One(transport) => transport.name,
            Self::Group(group) => group.name,
        }
    }

    /// Every name that there is.
    pub fn names() -> impl Iterator<Item = &'static str> {
        GROUPS.iter().map(|group| group.name).chain(ALL.iter().map(|transport| transport.name))
    }

    /// What is meant, in the catalogue's order.
    #[must_use]
    pub fn transports(self) -> Vec<&'static Transport> {
        match self {
            Self::One(transport) => vec![transport],
            Self::Group(group) => ALL.iter().filter(|row| (group.holds)(row)).collect(),
        }
    }
}

/// The commands that somebody may have meant with a word that is no transport.
pub const COMMANDS: [&str; 9] =
    ["run", "list", "check", "serve", "ping", "explain", "report", "compare", "help"];

impl Names {
    pub(crate) fn parser() -> NamesParser {
        NamesParser
    }
}

impl FromStr for Names {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Self, BadValue> {
        text.split([',', ' ', '\t', '\n'])
            .filter(|name| !name.is_empty())
            .map(|name| Choice::named(name).ok_or_else(|| unknown_name(name)))
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

pub(crate) fn unknown_name(name: &str) -> BadValue {
    let hint = if let Some(command) = crate::suggest::nearest(name, COMMANDS) {
        format!("did you mean the command '{command}'?")
    } else if let Some(near) = crate::suggest::nearest(name, Choice::names()) {
        format!("did you mean '{near}'? all names: sockeye list")
    } else {
        "all names: sockeye list".to_owned()
    };
    BadValue::new(format!("unknown transport '{name}'"), hint)
}

/// Reads [`Names`], and tells completions what there is.
#[derive(Clone, Debug)]
pub struct NamesParser;

impl TypedValueParser for NamesParser {
    type Value = Names;

    fn parse_ref(
        &self,
        cmd: &clap::Command,
        arg: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<Names, clap::Error> {
        Names::from_str.parse_ref(cmd, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let groups = GROUPS.iter().map(|group| PossibleValue::new(group.name).help(group.about));
        let rows = ALL.iter().map(|row| PossibleValue::new(row.name).help(row.about));
        Some(Box::new(groups.chain(rows)))
    }
}

/// Places, in the user's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places(pub Vec<Place>);

impl FromStr for Places {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Self, BadValue> {
        let mut places = Vec::new();
        for word in text.split([',', ' ']).filter(|word| !word.is_empty()) {
            let place =
                Place::ALL.into_iter().find(|place| place.word().eq_ignore_ascii_case(word));
            let place = place.ok_or_else(|| {
                BadValue::new(format!("unknown place '{word}'"), "places: same, split, free")
            })?;
            if !places.contains(&place) {
                places.push(place);
            }
        }
        if places.is_empty() {
            return Err(BadValue::new("no place in it", "places: same, split, free"));
        }
        Ok(Self(places))
    }
}

/// Two CPUs by their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cpus {
    /// The client's.
    pub client: usize,
    /// The peer's.
    pub peer: usize,
}

impl FromStr for Cpus {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Self, BadValue> {
        let bad =
            || BadValue::new("not two CPU numbers", "the client's and the peer's: --cpus 0,1");
        let (client, peer) = text.split_once(',').ok_or_else(bad)?;
        let number = |text: &str| text.trim().parse().map_err(|_| bad());
        Ok(Self { client: number(client)?, peer: number(peer)? })
    }
}

/// How to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum WaitKind {
    /// In the receive itself
    Block,
    /// In poll(2)
    Poll,
    /// Not at all: ask over and over
    Spin,
}

impl From<WaitKind> for Wait {
    fn from(kind: WaitKind) -> Self {
        match kind {
            WaitKind::Block => Self::Block,
            WaitKind::Poll => Self::Poll,
            WaitKind::Spin => Self::Spin,
        }
    }
}

/// On or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    /// Yes
    On,
    /// No
    Off,
}

/// When to do something that suits a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// On a terminal
    Auto,
    /// Anyway
    Always,
    /// Not at all
    Never,
}

/// The order of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SortKey {
    /// Fastest first
    Median,
    /// Smallest 99th percentile first
    P99,
    /// By the alphabet
    Name,
    /// As the user named them
    Given,
}

/// A form of output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Sentences and a table, for people
    Table,
    /// A line a result, for spreadsheets
    Csv,
    /// One document, for programs
    Json,
    /// The answer and a table, for pages and issues
    Markdown,
    /// Suites and cases, for build servers
    Junit,
    /// Metrics, for Prometheus
    Openmetrics,
    /// Smaller is better, for github-action-benchmark
    Github,
    /// `HdrHistogram`'s log, an interval a round
    Hlog,
    /// A picture, for pages and papers
    Svg,
    /// A page with pictures and tables, for people
    Html,
}

impl Format {
    const SUFFIXES: [(&'static str, Self); 9] = [
        ("json", Self::Json),
        ("csv", Self::Csv),
        ("txt", Self::Table),
        ("md", Self::Markdown),
        ("xml", Self::Junit),
        ("prom", Self::Openmetrics),
        ("hlog", Self::Hlog),
        ("svg", Self::Svg),
        ("html", Self::Html),
    ];

    /// The word that users type.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Markdown => "markdown",
            Self::Junit => "junit",
            Self::Openmetrics => "openmetrics",
            Self::Github => "github",
            Self::Hlog => "hlog",
            Self::Svg => "svg",
            Self::Html => "html",
        }
    }

    /// The form that a file of that name has.
    fn of_suffix(path: &std::path::Path) -> Option<Self> {
        let suffix = path.extension()?.to_str()?.to_lowercase();
        Self::SUFFIXES.into_iter().find(|(name, _)| *name == suffix).map(|(_, format)| format)
    }
}

/// A file to write, and its form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// The form.
    pub format: Format,
    /// The file.
    pub path: PathBuf,
}

impl FromStr for Output {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Self, BadValue> {
        if let Some((format, path)) = text.split_once(':')
            && let Ok(format) = Format::from_str(format, true)
        {
            return if path.is_empty() {
                Err(BadValue::new("no file behind the format", "json:result.json"))
            } else {
                Ok(Self { format, path: path.into() })
            };
        }
        let path = PathBuf::from(text);
        let format = Format::of_suffix(&path).ok_or_else(|| {
            BadValue::new(
                "its suffix is no format",
                "suffixes: .json .csv .md .xml .prom .hlog .svg .html .txt; or name the format: json:FILE",
            )
        })?;
        Ok(Self { format, path })
    }
}

/// A unit of time, or the one that suits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TimeUnit {
    /// The one that suits the smallest value
    Auto,
    /// Nanoseconds
    Ns,
    /// Microseconds
    Us,
    /// Milliseconds
    Ms,
    /// Seconds
    S,
}

/// What messages hold behind their number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayloadKind(pub Payload);

impl PayloadKind {
    /// As the user types it.
    #[must_use]
    pub fn word(&self) -> String {
        match &self.0 {
            Payload::Pattern => "pattern".to_owned(),
            Payload::Random => "random".to_owned(),
            Payload::Zero => "zero".to_owned(),
            Payload::File(path) => path.display().to_string(),
        }
    }
}

impl FromStr for PayloadKind {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Self, BadValue> {
        let payload = match text {
            "pattern" => Payload::Pattern,
            "random" => Payload::Random,
            "zero" => Payload::Zero,
            file => match std::fs::metadata(file) {
                Ok(about) if about.is_file() && about.len() > 0 => Payload::File(file.into()),
                Ok(_) => return Err(BadValue::new("not a file with bytes in it", PAYLOADS)),
                Err(_) => return Err(BadValue::new("neither a kind nor a file", PAYLOADS)),
            },
        };
        Ok(Self(payload))
    }
}

const PAYLOADS: &str = "kinds: pattern, random, zero, or the name of a file";

/// Percentile columns.
#[derive(Clone, Debug, PartialEq)]
pub struct Percentiles(pub Vec<Percentile>);

/// A percentile column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Percentile {
    /// The smallest value.
    Min,
    /// So many per cent are at or below it.
    At(f64),
    /// The largest value.
    Max,
}

impl FromStr for Percentiles {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Self, BadValue> {
        let hint = "for example 99,max or min,90,99,99.9";
        let read = |word: &str| match word {
            "min" => Ok(Percentile::Min),
            "max" => Ok(Percentile::Max),
            number => number
                .trim_start_matches('p')
                .parse::<f64>()
                .ok()
                .filter(|percent| (0.001..=99.999).contains(percent))
                .map(Percentile::At)
                .ok_or_else(|| BadValue::new(format!("'{word}' is no percentile"), hint)),
        };
        let list = text.split([',', ' ']).filter(|word| !word.is_empty());
        list.map(read).collect::<Result<Vec<_>, _>>().map(Self)
    }
}

/// Warnings by the name that stands in their brackets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WarningName(pub String);

impl FromStr for WarningName {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Self, BadValue> {
        let known = crate::report::warning::IDS;
        if text == "all" || known.contains(&text) {
            return Ok(Self(text.to_owned()));
        }
        let near = crate::suggest::nearest(text, known.iter().copied());
        let hint = match near {
            Some(near) => format!("did you mean '{near}'?"),
            None => format!("warnings: {}, all", known.join(", ")),
        };
        Err(BadValue::new("no such warning", hint))
    }
}

/// Something about the program itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// The manual, for `man -l -`
    Man,
    /// Completions for bash
    CompleteBash,
    /// Completions for zsh
    CompleteZsh,
    /// Completions for fish
    CompleteFish,
    /// Completions for elvish
    CompleteElvish,
    /// The JSON schema of a run
    SchemaRun,
    /// The JSON schema of checks
    SchemaCheck,
    /// The JSON schema of a ping
    SchemaPing,
    /// The JSON schema of a comparison
    SchemaCompare,
    /// The JSON schema of a walk
    SchemaExplain,
    /// A service and a timer for systemd: a run an hour, for `node_exporter`
    Systemd,
    /// Recording rules and alerts for Prometheus
    PrometheusRules,
}
