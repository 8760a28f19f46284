//! Completions for shells. The command's word may stand anywhere between flags and transports, and
//! no command is one too, so that there is one list of words and one of flags at every position.
//! (As subcommands, `clap_complete` offers no transports in fish, none behind the first word in zsh,
//! nothing behind `run`, and in fish no values of flags either.)

use crate::cli::parse::command;
use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Arg, Command, ValueHint};
use clap_complete::Shell;

/// The script for a shell.
#[must_use]
pub fn script(shell: Shell) -> String {
    let whole = command();
    let words = words(&whole);
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut flat(&whole, &words), "sockeye", &mut text);
    let text = String::from_utf8_lossy(&text).into_owned();
    match shell {
        // clap_complete has nothing for words that are no flags there.
        Shell::Fish => text + &fish(&words),
        // With two colons the words that stand before are hidden, and no flag is offered behind them.
        Shell::Zsh => text.replace("'*::word:", "'*:word:"),
        _ => text,
    }
}

/// What is no flag: commands, then groups and transports.
fn words(command: &Command) -> Vec<PossibleValue> {
    let commands = command.get_subcommands().map(|sub| {
        let about = sub.get_about().map(ToString::to_string).unwrap_or_default();
        PossibleValue::new(sub.get_name().to_owned()).help(about)
    });
    let transports = command.get_positionals().flat_map(Arg::get_possible_values);
    commands.chain(transports).collect()
}

/// One command with the flags of all.
fn flat(command: &Command, words: &[PossibleValue]) -> Command {
    let every = std::iter::once(command).chain(command.get_subcommands());
    let flags = every.flat_map(Command::get_arguments).filter(|arg| !arg.is_positional());
    let mut flat = Command::new("sockeye").version(env!("CARGO_PKG_VERSION"));
    for flag in flags {
        if flat.get_arguments().all(|known| known.get_long() != flag.get_long()) {
            flat = flat.arg(clean(flag.clone()));
        }
    }
    let words = PossibleValuesParser::new(words.to_vec());
    flat.arg(Arg::new("word").value_name("TRANSPORT").num_args(0..).value_parser(words))
}

/// A colon in the name of a value would end it in zsh.
fn clean(flag: Arg) -> Arg {
    let names = flag.get_value_names().unwrap_or_default().join(" ");
    if names.contains("FILE") {
        return flag.value_name("FILE").value_hint(ValueHint::FilePath);
    }
    flag
}

fn fish(words: &[PossibleValue]) -> String {
    let quoted = |text: &str| text.replace('\\', "\\\\").replace('\'', "\\'");
    let line = |word: &PossibleValue| {
        let help = word.get_help().map(ToString::to_string).unwrap_or_default();
        format!("{}\\t'{}'", word.get_name(), quoted(&help))
    };
    let lines: Vec<_> = words.iter().map(line).collect();
    format!("complete -c sockeye -f -a \"{}\"\n", lines.join("\n"))
}
