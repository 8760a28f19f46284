//! From arguments and environment to [`Cli`], and from clap's complaints to ours.

use super::quantity::BadValue;
use super::{Cli, Command};
use clap::builder::{BoolishValueParser, StyledStr};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::parser::ValueSource;
use clap::{ArgAction, ArgMatches, CommandFactory, FromArgMatches};
use std::error::Error as _;
use std::ffi::{OsStr, OsString};

/// What the user asked for.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// The values.
    pub cli: Cli,
    /// Where they came from.
    pub matches: ArgMatches,
}

/// Why nothing is done.
#[derive(Clone, Debug)]
pub enum Stop {
    /// Help or version was asked for: this is it.
    Print(StyledStr),
    /// The request is wrong.
    Complain(Complaint),
}

/// A refusal in two lines: what and why, then what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// What is wrong, without "error:".
    pub what: String,
    /// What to do, without "hint:".
    pub hint: String,
}

impl Complaint {
    /// A refusal.
    #[must_use]
    pub fn new(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { what: what.into(), hint: hint.into() }
    }
}

impl std::fmt::Display for Complaint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for Complaint {}

/// The whole command line as clap has it, every long flag with its variable.
#[must_use]
pub fn command() -> clap::Command {
    let command = Cli::command().mut_args(with_variable);
    let names: Vec<_> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    names.into_iter().fold(command, |command, name| {
        command.mut_subcommand(name, |sub| sub.mut_args(with_variable))
    })
}

/// The same, as far as it matters when one of its commands is meant: the variables of a run, and of
/// other commands, are none of its business.
fn command_for(command: clap::Command, word: &OsStr) -> clap::Command {
    let meant = command.get_subcommands().find(|sub| sub.get_name() == word);
    let Some(name) = meant.map(|sub| sub.get_name().to_owned()) else {
        return command.mut_args(with_variable);
    };
    let global = |arg: clap::Arg| if arg.is_global_set() { with_variable(arg) } else { arg };
    command.mut_args(global).mut_subcommand(name, |sub| sub.mut_args(with_variable))
}

fn with_variable(arg: clap::Arg) -> clap::Arg {
    let Some(variable) = variable_of(&arg) else { return arg };
    let arg = match arg.get_action() {
        ArgAction::SetTrue => arg.value_parser(BoolishValueParser::new()),
        _ => arg,
    };
    // An empty variable is as good as none.
    let is_empty = std::env::var_os(&variable).is_some_and(|value| value.is_empty());
    if is_empty { arg } else { arg.env(variable).hide_env(true) }
}

/// The variable that stands for a flag: every long one has one, and so have the transports.
#[must_use]
pub fn variable_of(arg: &clap::Arg) -> Option<String> {
    let id = match arg.get_long() {
        Some("help" | "version" | "generate") => return None,
        Some(long) => long,
        None if arg.get_id() == "transports" => "transports",
        None => return None,
    };
    Some(format!("SOCKEYE_{}", id.to_uppercase().replace('-', "_")))
}

/// Reads arguments, the program's name first.
///
/// # Errors
/// When help was asked for, or nonsense.
pub fn parse(args: &[OsString]) -> Result<Invocation, Stop> {
    let command = Cli::command();
    let args = command_first(&command, args);
    let mut command = command_for(command, args.get(1).map_or(OsStr::new(""), |word| word));
    let matches = command.try_get_matches_from_mut(&args);
    let matches = matches.and_then(|found| Cli::from_arg_matches(&found).map(|cli| (cli, found)));
    let (cli, matches) = matches.map_err(|error| {
        // What is global is with each command only then.
        command.build();
        translate(&error, &command, &args)
    })?;
    if let Some(Command::Help { topic }) = &cli.command {
        return Err(help_on(topic.as_deref(), command));
    }
    // The values of the flags that a command shares with others stand with the command.
    let matches = matches.subcommand().map_or_else(|| matches.clone(), |(_, own)| own.clone());
    let invocation = Invocation { cli, matches };
    invocation.refuse_contradictions()?;
    Ok(invocation)
}

impl Invocation {
    /// Where the value of a flag of a run came from: "flag", "env" or "default".
    #[must_use]
    pub fn source(&self, id: &str) -> &'static str {
        match self.matches.try_contains_id(id).ok().and_then(|_| self.matches.value_source(id)) {
            Some(ValueSource::CommandLine) => "flag",
            Some(ValueSource::EnvVariable) => "env",
            _ => "default",
        }
    }

    /// " (from VARIABLE)", if the value of that flag came from there.
    #[must_use]
    pub fn origin(&self, id: &str) -> String {
        match self.source(id) {
            "env" => format!(" (from SOCKEYE_{})", id.to_uppercase()),
            _ => String::new(),
        }
    }

    fn refuse_contradictions(&self) -> Result<(), Stop> {
        for (one, other, instead) in [
            ("time", "count", "the time that so many echoes take is theirs: leave one out"),
            ("place", "cpus", "--cpus says where the ends run: leave --place out"),
        ] {
            if self.source(one) == "flag" && self.source(other) == "flag" {
                let what = format!("'--{one}' and '--{other}' contradict each other");
                return Err(Stop::Complain(Complaint::new(what, instead)));
            }
        }
        Ok(())
    }

    /// Is a flag in force although another, which it excludes, stands on the command line? A flag
    /// beats a variable.
    #[must_use]
    pub fn beaten(&self, id: &str, by: &str) -> bool {
        self.source(by) == "flag" && self.source(id) != "flag"
    }
}

/// Puts the command's word to the front, wherever it stood, so that flags may stand before it. The
/// word of the default command is left out.
fn command_first(command: &clap::Command, args: &[OsString]) -> Vec<OsString> {
    let mut args = args.to_vec();
    if args.is_empty() {
        args.push("sockeye".into());
    }
    let Some(index) = command_index(command, &args) else { return args };
    let word = args.remove(index);
    if word != "run" {
        args.insert(1, word);
    }
    args
}

fn command_index(command: &clap::Command, args: &[OsString]) -> Option<usize> {
    let mut index = 1;
    while let Some(word) = args.get(index).map(|arg| arg.to_string_lossy()) {
        if word == "--" {
            return None;
        }
        if !word.starts_with('-') {
            if command.get_subcommands().any(|sub| sub.get_name() == word) {
                return Some(index);
            }
        } else if wants_another_word(command, &word) {
            index += 1;
        }
        index += 1;
    }
    None
}

/// Does this flag take the next word as its value?
fn wants_another_word(command: &clap::Command, word: &str) -> bool {
    let commands = || std::iter::once(command).chain(command.get_subcommands());
    let takes = |found: &dyn Fn(&clap::Arg) -> bool| {
        commands()
            .flat_map(clap::Command::get_arguments)
            .find(|arg| found(arg))
            .is_some_and(|arg| arg.get_action().takes_values())
    };
    match word.strip_prefix("--") {
        Some(long) if long.contains('=') => false,
        Some(long) => takes(&|arg| arg.get_long() == Some(long)),
        None => {
            let mut letters = word.chars().skip(1).peekable();
            while let Some(letter) = letters.next() {
                if takes(&|arg| arg.get_short() == Some(letter)) {
                    return letters.peek().is_none();
                }
            }
            false
        }
    }
}

fn help_on(topic: Option<&str>, mut command: clap::Command) -> Stop {
    command.build();
    match topic {
        None | Some("run") => Stop::Print(command.render_long_help()),
        Some(topic) => match command.find_subcommand_mut(topic) {
            Some(found) => Stop::Print(found.render_long_help()),
            None => Stop::Complain(Complaint::new(
                format!("unknown command '{topic}'"),
                match crate::suggest::nearest(topic, super::value::COMMANDS) {
                    Some(near) => format!("did you mean '{near}'?"),
                    None => format!("commands: {}", super::value::COMMANDS.join(", ")),
                },
            )),
        },
    }
}

/// The names that a command takes: of groups, or where it takes none, of the transports that people
/// use most.
fn names_for(command: &clap::Command) -> Option<String> {
    let takes = |id: &str| command.get_positionals().any(|arg| arg.get_id() == id);
    if takes("transports") || takes("words") {
        let names: Vec<_> = crate::transport::GROUPS.iter().map(|group| group.name).collect();
        return Some(format!("Groups: {}", names.join(" ")));
    }
    let usual = crate::transport::ALL.iter().filter(|row| row.in_default).map(|row| row.name);
    takes("walked").then(|| format!("Transports: {} ...", usual.collect::<Vec<_>>().join(" ")))
}

/// Help that fits one screen: the flags that people use most, and examples. The rest is in `--help`.
fn short_help(command: &clap::Command, args: &[OsString]) -> String {
    let word = args.get(1).and_then(|word| command.find_subcommand(word));
    let shown = word.unwrap_or(command);
    let usage = match shown.get_overridden_usage() {
        Some(usage) => usage.to_string(),
        None => format!("sockeye {} [TRANSPORT]... [OPTIONS]", shown.get_name()),
    };
    let commands: Vec<_> = command.get_subcommands().map(clap::Command::get_name).collect();
    let about = shown.get_about().map(ToString::to_string).unwrap_or_default();
    let mut lines = vec![about, String::new(), format!("Usage: {usage}")];
    if word.is_none() {
        lines.push(format!("Commands: {}", commands.join(", ")));
    }
    lines.extend(names_for(shown));
    lines.push(String::new());
    let flags = shown.get_arguments().filter(|arg| !arg.is_hide_short_help_set());
    lines.extend(flags.filter_map(|arg| short_line(arg, word.is_some())));
    let examples = shown.get_after_help().map(ToString::to_string);
    lines.extend(examples.into_iter().flat_map(|examples| [String::new(), examples]));
    lines.push("More: sockeye --help, sockeye list, man sockeye".to_owned());
    lines.join("\n")
}

/// The line of a flag, if there is room for it: of a command, what is its own; of a run, which has so
/// many, what has a letter.
fn short_line(arg: &clap::Arg, of_command: bool) -> Option<String> {
    let long = arg.get_long()?;
    let flag = match arg.get_short() {
        Some('q' | 'h') => format!("-{}, --{long}", arg.get_short()?),
        Some(_) if of_command && (arg.is_global_set() || long == "version") => return None,
        Some(short) => format!("-{short}, --{long}"),
        None if of_command => format!("    --{long}"),
        None => return None,
    };
    let value = match (arg.get_action().takes_values(), arg.get_value_names()) {
        (true, Some([name, ..])) => format!(" {name}"),
        _ => String::new(),
    };
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let help = help.split(" [default").next().unwrap_or_default();
    Some(format!("  {:29} {help}", flag + &value))
}

/// Says what clap says in our form, and names the variable when the value came from there.
fn translate(error: &clap::Error, command: &clap::Command, args: &[OsString]) -> Stop {
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        Some(ContextValue::Strings(texts)) => Some(texts.join(", ")),
        Some(ContextValue::StyledStr(text)) => Some(text.to_string()),
        Some(ContextValue::StyledStrs(texts)) => texts.first().map(ToString::to_string),
        _ => None,
    };
    let flag = context(ContextKind::InvalidArg).unwrap_or_default();
    let value = context(ContextKind::InvalidValue).unwrap_or_default();
    let origin = origin(&flag, command, args);
    let valid = context(ContextKind::ValidValue).unwrap_or_default();
    let near = context(ContextKind::SuggestedValue);
    let complaint = match error.kind() {
        ErrorKind::DisplayHelp if args.iter().any(|arg| arg == "-h") => {
            return Stop::Print(short_help(command, args).into());
        }
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => return Stop::Print(error.render()),
        ErrorKind::ValueValidation => {
            let bad = error.source().and_then(|source| source.downcast_ref::<BadValue>());
            match bad {
                Some(bad) if flag.contains("TRANSPORT") || flag.contains("skip") => {
                    Complaint::new(format!("{}{origin}", bad.why), bad.hint.clone())
                }
                Some(bad) => Complaint::new(
                    format!("cannot read '{value}' for '{flag}'{origin}: {}", bad.why),
                    bad.hint.clone(),
                ),
                None if flag.contains('<') => Complaint::new(
                    format!("cannot read '{value}' for '{flag}'{origin}: not a number"),
                    "a whole number, 0 or more",
                ),
                None => Complaint::new(
                    format!("cannot read '{value}' for '{flag}'{origin}: neither yes nor no"),
                    "1, true, yes or on; 0, false, no or off",
                ),
            }
        }
        ErrorKind::InvalidValue if value.is_empty() => Complaint::new(
            format!("'{flag}' needs a value{origin}"),
            if valid.is_empty() {
                format!("what it takes: sockeye {}--help", meant(command, args))
            } else {
                format!("values: {valid}")
            },
        ),
        ErrorKind::InvalidValue => Complaint::new(
            format!("cannot read '{value}' for '{flag}'{origin}: no such value"),
            match near {
                Some(near) => format!("did you mean '{near}'? values: {valid}"),
                None => format!("values: {valid}"),
            },
        ),
        ErrorKind::UnknownArgument => {
            let near = context(ContextKind::SuggestedArg)
                .map_or_else(String::new, |near| format!("did you mean '{near}'? "));
            Complaint::new(
                format!("unknown flag '{flag}'"),
                format!("{near}all flags: sockeye --help"),
            )
        }
        ErrorKind::MissingRequiredArgument => {
            let meant = meant(command, args);
            Complaint::new(format!("'{flag}' is missing"), format!("sockeye {meant}--help"))
        }
        _ => {
            let text = error.render().to_string();
            let first = text.lines().next().unwrap_or_default();
            Complaint::new(first.trim_start_matches("error: "), "all flags: sockeye --help")
        }
    };
    Stop::Complain(complaint)
}

/// The command that stands in front, with a blank behind it; nothing for a run.
fn meant(command: &clap::Command, args: &[OsString]) -> String {
    let word = args.get(1).filter(|word| command.find_subcommand(word).is_some());
    word.map_or_else(String::new, |word| word.to_string_lossy().into_owned() + " ")
}

/// " (from VARIABLE)", if the value of that flag was not on the command line.
fn origin(flag: &str, command: &clap::Command, args: &[OsString]) -> String {
    let own = args.get(1).and_then(|word| command.find_subcommand(word));
    let typed_from = if own.is_some() { 2 } else { 1 };
    let mut all = own.into_iter().chain([command]).flat_map(clap::Command::get_arguments);
    let Some(arg) = all.find(|arg| arg.to_string() == flag) else { return String::new() };
    let Some(variable) = arg.get_env().filter(|name| std::env::var_os(name).is_some()) else {
        return String::new();
    };
    let typed = args.iter().skip(typed_from).any(|word| names(word, arg));
    if typed { String::new() } else { format!(" (from {})", variable.to_string_lossy()) }
}

fn names(word: &OsStr, arg: &clap::Arg) -> bool {
    let word = word.to_string_lossy();
    match (word.strip_prefix("--"), word.strip_prefix('-')) {
        (Some(long), _) => arg.get_long() == Some(long.split('=').next().unwrap_or(long)),
        (None, Some(letters)) => arg.get_short().is_some_and(|letter| letters.contains(letter)),
        (None, None) => arg.is_positional(),
    }
}

/// Whether to colour what is printed before, or instead of, anything is parsed.
#[must_use]
pub fn early_colour(args: &[OsString]) -> super::value::When {
    use clap::ValueEnum;
    let words: Vec<_> = args.iter().map(|arg| arg.to_string_lossy()).collect();
    let flag = words.iter().enumerate().find_map(|(place, word)| {
        let rest = word.strip_prefix("--color")?;
        rest.strip_prefix('=')
            .or_else(|| words.get(place + 1).map(AsRef::as_ref))
            .map(str::to_owned)
    });
    let value = flag.or_else(|| std::env::var("SOCKEYE_COLOR").ok());
    value
        .and_then(|value| super::value::When::from_str(&value, true).ok())
        .unwrap_or(super::value::When::Auto)
}
