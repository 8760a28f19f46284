//! The parts of the page that clap's definitions know: commands, flags, defaults, values, variables.

use super::roff::{Roff, bold, escaped, italic};
use crate::cli::parse::variable_of;
use crate::cli::value::Choice;
use clap::{Arg, Command};

/// The word of the command that needs none.
const DEFAULT: &str = "run";

/// A flag and the commands that take it.
struct Flag<'a> {
    arg: &'a Arg,
    commands: Vec<&'a str>,
}

/// How each command is called.
pub(super) fn synopsis(roff: &mut Roff, command: &Command) {
    for (name, about) in commands(command) {
        let word = if name == DEFAULT { format!("[{}]", bold(name)) } else { bold(name) };
        let mut words = vec![word];
        words.extend(about.get_positionals().map(positional));
        words.push(format!("[{}]...", italic("OPTION")));
        roff.line(".SY sockeye");
        roff.line(&words.join(" "));
        roff.line(".YS");
    }
}

/// What each command is for.
pub(super) fn commands_section(roff: &mut Roff, command: &Command) {
    for sub in command.get_subcommands() {
        let about = sub.get_about().map(ToString::to_string).unwrap_or_default();
        let positionals: Vec<_> = sub.get_positionals().map(positional).collect();
        let tag = [vec![bold(sub.get_name())], positionals].concat().join(" ");
        roff.item(&tag, &sentence(&about));
    }
}

/// Every flag of every command, by the headings of the help.
pub(super) fn options(roff: &mut Roff, command: &Command) {
    let flags = gather(command);
    let every = commands(command).len();
    let mut headings: Vec<&str> = Vec::new();
    for flag in &flags {
        let heading = heading(flag.arg);
        if !headings.contains(&heading) {
            headings.push(heading);
        }
    }
    // What clap adds by itself is what people need last.
    headings.sort_by_key(|heading| *heading == OTHER);
    for wanted in headings {
        roff.part(wanted);
        for flag in flags.iter().filter(|flag| heading(flag.arg) == wanted) {
            one(roff, flag, every);
        }
    }
}

/// The variables, each once.
pub(super) fn variables(command: &Command) -> Vec<String> {
    gather(command).iter().filter_map(|flag| variable_of(flag.arg)).fold(
        Vec::new(),
        |mut known, name| {
            if !known.contains(&name) {
                known.push(name);
            }
            known
        },
    )
}

const OTHER: &str = "Other";

fn heading(arg: &Arg) -> &str {
    arg.get_help_heading().unwrap_or(OTHER)
}

/// Every command with its name, the default one first: its flags stand at the top level.
fn commands(command: &Command) -> Vec<(&str, &Command)> {
    let others = command.get_subcommands().filter(|sub| sub.get_name() != DEFAULT);
    let others = others.map(|sub| (sub.get_name(), sub));
    std::iter::once((DEFAULT, command)).chain(others).collect()
}

/// The flags, and the words that have a variable; what several commands share stands once.
fn gather(command: &Command) -> Vec<Flag<'_>> {
    let mut flags: Vec<Flag<'_>> = Vec::new();
    for (name, command) in commands(command) {
        let told = |arg: &&Arg| !arg.is_positional() || variable_of(arg).is_some();
        for arg in command.get_arguments().filter(told) {
            match flags.iter_mut().find(|known| is_same(known.arg, arg)) {
                Some(known) => known.commands.push(name),
                None => flags.push(Flag { arg, commands: vec![name] }),
            }
        }
    }
    flags
}

fn is_same(one: &Arg, other: &Arg) -> bool {
    let help = |arg: &Arg| arg.get_help().map(ToString::to_string);
    let is_help = |arg: &Arg| arg.get_long() == Some("help");
    (one.get_id(), one.get_long(), one.get_short(), one.get_default_values())
        == (other.get_id(), other.get_long(), other.get_short(), other.get_default_values())
        // clap writes its own flag's help in two ways.
        && (is_help(one) || help(one) == help(other))
}

fn one(roff: &mut Roff, flag: &Flag<'_>, every: usize) {
    let arg = flag.arg;
    let (short, default) = split_default(arg);
    let tag = if arg.is_positional() { positional(arg) } else { tag(arg) };
    roff.item(&tag, &sentence(&short));
    for paragraph in paragraphs(arg) {
        roff.line(".IP");
        roff.text(&paragraph);
    }
    let mut facts = Vec::new();
    facts.extend(default.map(|default| format!("Default: {default}.")));
    facts.extend(variable_of(arg).map(|name| format!("Variable: `{name}`.")));
    if flag.commands.len() < every {
        let names: Vec<_> = flag.commands.iter().map(|name| format!("`{name}`")).collect();
        facts.push(format!("For {}.", crate::report::words::listed(&names)));
    }
    if !facts.is_empty() {
        roff.line(".IP");
        roff.text(&facts.join(" "));
    }
    values(roff, arg);
}

/// The flag as it is typed, with its value.
fn tag(arg: &Arg) -> String {
    let short = arg.get_short().map(|letter| bold(&format!("-{letter}")));
    let long = arg.get_long().map(|long| bold(&format!("--{long}")));
    let tag = short.into_iter().chain(long).collect::<Vec<_>>().join(", ");
    if arg.get_action().takes_values() { format!("{tag} {}", italic(value_name(arg))) } else { tag }
}

fn positional(arg: &Arg) -> String {
    let many = if arg.get_num_args().is_some_and(|n| n.max_values() > 1) { "..." } else { "" };
    format!("[{}]{many}", italic(value_name(arg)))
}

fn value_name(arg: &Arg) -> &str {
    match arg.get_value_names() {
        Some([name, ..]) => name,
        _ => arg.get_id().as_str(),
    }
}

/// The help of one line, and the default: clap's, or the one that the help says in brackets.
fn split_default(arg: &Arg) -> (String, Option<String>) {
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let help = help.split(" (see ").next().unwrap_or_default().to_owned();
    if let Some((help, default)) = help.split_once(" [default: ") {
        return (help.to_owned(), Some(default.trim_end_matches(']').to_owned()));
    }
    let defaults: Vec<_> =
        arg.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    let default = arg.get_action().takes_values() && !defaults.is_empty();
    (help, default.then(|| format!("`{}`", defaults.join(","))))
}

/// What the long help says beyond the short one.
fn paragraphs(arg: &Arg) -> Vec<String> {
    let long = arg.get_long_help().map(ToString::to_string).unwrap_or_default();
    long.split("\n\n").skip(1).map(str::to_owned).collect()
}

fn values(roff: &mut Roff, arg: &Arg) {
    let values = arg.get_possible_values();
    if values.is_empty() || !arg.get_action().takes_values() {
        return;
    }
    if values.iter().map(clap::builder::PossibleValue::get_name).eq(Choice::names()) {
        roff.line(".IP");
        roff.text("The section TRANSPORTS has the names and the groups.");
        return;
    }
    roff.line(".RS");
    roff.items(values.iter().map(|value| {
        let help = value.get_help().map(ToString::to_string).unwrap_or_default();
        (bold(value.get_name()), sentence(&help))
    }));
    roff.line(".RE");
}

/// With a full stop.
fn sentence(text: &str) -> String {
    if text.is_empty() || text.ends_with('.') { text.to_owned() } else { format!("{text}.") }
}

/// Names in bold, with commas between them.
pub(super) fn listed(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// A title line: the page's name, its section and where it comes from.
pub(super) fn title(command: &Command, date: &str) -> String {
    let name = command.get_name();
    let version = command.get_version().unwrap_or_default();
    format!(
        ".TH {} 1 {date} \"{} {}\" \"User Commands\"",
        escaped(&name.to_uppercase()).replace("\\-", "-"),
        escaped(name),
        escaped(version)
    )
}
