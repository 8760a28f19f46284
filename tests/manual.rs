//! The manual: it is what the program makes of itself, it leaves nothing out, no tool has anything to
//! say against it, and what it says to type works.

mod support;

use clap::{Arg, Command as Definition};
use sockeye::address::{ALIASES, Address};
use sockeye::cli::parse::{command, variable_of};
use sockeye::cli::value::Choice;
use sockeye::render::columns;
use sockeye::report::warning::IDS;
use sockeye::transport::{ALL, GROUPS};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use support::{Ran, clean, run, skip, skip_without_tool};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/man/sockeye.1");
const RENEW: &str = "cargo run -q -- --generate man > man/sockeye.1";

/// What a reader sees of a line of roff.
fn plain(roff: &str) -> String {
    let mut text = roff.trim_start_matches("\\&").to_owned();
    for (escape, letter) in [
        ("\\fB", ""),
        ("\\fI", ""),
        ("\\fR", ""),
        ("\\-", "-"),
        ("\\ ", " "),
        ("\\(aq", "'"),
        ("\\(dq", "\""),
        ("\\(mc", "µ"),
        ("\\(+-", "±"),
        ("\\(pc", "·"),
        ("\\e", "\\"),
    ] {
        text = text.replace(escape, letter);
    }
    text
}

/// The lines of a section.
fn section(title: &str) -> Vec<String> {
    let page = sockeye::manual::page();
    let heading = |line: &str| line.strip_prefix(".SH ").map(|name| name.replace('"', ""));
    let lines = page.lines().skip_while(|line| heading(line).as_deref() != Some(title)).skip(1);
    let lines: Vec<_> =
        lines.take_while(|line| heading(line).is_none()).map(str::to_owned).collect();
    assert!(!lines.is_empty(), "there is no section {title}");
    lines
}

/// The tags of a section, each with the lines that follow it up to the next one of its kind.
fn entries(title: &str, is_tag: impl Fn(&str) -> bool) -> Vec<(String, Vec<String>)> {
    let mut entries: Vec<(String, Vec<String>)> = Vec::new();
    let mut after_tp = false;
    for line in section(title) {
        let text = plain(&line);
        if after_tp && is_tag(&text) {
            entries.push((text, Vec::new()));
        } else if line.starts_with(".SS") {
            entries.push((String::new(), Vec::new()));
        } else if let Some((_, lines)) = entries.last_mut() {
            lines.push(text);
        }
        after_tp = line == ".TP";
    }
    entries
}

/// The tags of a section, with commas and stars taken away.
fn tags(title: &str) -> BTreeSet<String> {
    let entries = entries(title, |_| true);
    let words = entries.iter().flat_map(|(tag, _)| tag.split([' ', ',']));
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// The lines between .EX and .EE of a section.
fn displayed(title: &str) -> Vec<String> {
    let mut inside = false;
    let mut lines = Vec::new();
    for line in section(title) {
        match line.as_str() {
            ".EX" => inside = true,
            ".EE" => inside = false,
            _ if inside => lines.push(plain(&line)),
            _ => {}
        }
    }
    assert!(!lines.is_empty(), "nothing is displayed in {title}");
    lines
}

fn every_command() -> Vec<Definition> {
    let mut root = command();
    root.build();
    let subs: Vec<_> = root.get_subcommands().cloned().collect();
    std::iter::once(root).chain(subs).collect()
}

#[test]
fn the_page_in_the_repository_is_the_one_that_the_program_makes() {
    let page = sockeye::manual::page();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(PAGE, &page).expect("man/sockeye.1 can be written");
    }
    let checked_in = std::fs::read_to_string(PAGE).unwrap_or_default();
    assert!(checked_in == page, "man/sockeye.1 is stale; renew it: {RENEW}");
}

#[test]
fn generate_man_prints_the_page() {
    let ran = run(&["--generate", "man"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    assert!(ran.out == sockeye::manual::page());
}

#[test]
fn the_sections_are_there_in_their_order() {
    let page = sockeye::manual::page();
    let titles: Vec<_> = page.lines().filter_map(|line| line.strip_prefix(".SH ")).collect();
    let expected = "NAME SYNOPSIS DESCRIPTION COMMANDS TRANSPORTS ADDRESSES OPTIONS OUTPUT FORMATS \
                    METHOD CHECKS EXIT STATUS ENVIRONMENT FILES EXAMPLES CAVEATS SEE ALSO";
    assert_eq!(titles.join(" ").replace('"', ""), expected);
}

#[test]
fn every_flag_of_every_command_is_there_with_default_values_and_variable() {
    let entries = entries("OPTIONS", |tag| tag.starts_with('-') || tag.starts_with('['));
    let mut missing = Vec::new();
    let mut count = 0;
    for command in every_command() {
        for arg in command.get_arguments().filter(|arg| !arg.is_positional()) {
            let flag = format!("--{}", arg.get_long().expect("every flag is long too"));
            let named = |tag: &str| tag.split([' ', ',']).any(|word| word == flag);
            // Two commands may have a flag of that name, each with an entry of its own.
            let found = entries.iter().filter(|(tag, _)| named(tag));
            let lacks = found.map(|(tag, lines)| what_lacks(arg, tag, lines));
            match lacks.min_by_key(Vec::len) {
                None => missing.push(format!("{} {flag}", command.get_name())),
                Some(lacks) => missing.extend(lacks),
            }
            count += 1;
        }
    }
    assert!(count > 40, "only {count} flags were looked for");
    assert!(missing.is_empty(), "not in OPTIONS: {missing:#?}");
}

/// What an entry should say and does not.
fn what_lacks(arg: &Arg, tag: &str, lines: &[String]) -> Vec<String> {
    let text = lines.join(" ");
    let mut wanted = Vec::new();
    let takes_values = arg.get_action().takes_values();
    if let Some(default) = arg.get_default_values().first().filter(|_| takes_values) {
        wanted.push(format!("Default: {}.", default.to_string_lossy()));
    }
    wanted.extend(variable_of(arg).map(|variable| format!("Variable: {variable}.")));
    let values = arg.get_possible_values();
    let names: Vec<_> = values.iter().map(clap::builder::PossibleValue::get_name).collect();
    if takes_values && names.iter().copied().eq(Choice::names()) {
        wanted.push("TRANSPORTS".to_owned());
    } else if takes_values {
        wanted.extend(names.iter().map(|name| format!(".TP {name}")));
    }
    let letter = arg.get_short().filter(|letter| !tag.starts_with(&format!("-{letter}, ")));
    let lacking = wanted.into_iter().filter(|words| !text.contains(words));
    lacking
        .chain(letter.map(|letter| format!("-{letter}")))
        .map(|words| format!("{tag}: {words}"))
        .collect()
}

#[test]
fn every_command_and_every_variable_is_there() {
    let commands = tags("COMMANDS");
    let environment = section("ENVIRONMENT").join(" ");
    let known: BTreeSet<_> = environment.split([' ', ',', '.']).map(plain).collect();
    for definition in every_command() {
        if definition.get_name() != "sockeye" {
            assert!(commands.contains(definition.get_name()), "{}", definition.get_name());
        }
        for variable in definition.get_arguments().filter_map(variable_of) {
            assert!(known.contains(&variable), "{variable} is not in ENVIRONMENT");
        }
    }
}

#[test]
fn every_row_of_every_list_is_there() {
    let transports = tags("TRANSPORTS");
    for name in ALL.iter().map(|row| row.name).chain(GROUPS.iter().map(|group| group.name)) {
        assert!(transports.contains(name), "{name} is not in TRANSPORTS");
    }
    let stars = entries("TRANSPORTS", |tag| tag.ends_with(" *")).len();
    assert_eq!(ALL.iter().filter(|row| row.in_default).count() + 1, stars, "and the groups");
    let columns = tags("FORMATS");
    for column in columns::ALL {
        assert!(columns.contains(column.key), "{} is not in FORMATS", column.key);
    }
    let warnings = entries("OUTPUT", |_| true);
    for id in IDS {
        let found = warnings.iter().find(|(tag, _)| tag == id);
        let meaning = found.map_or(String::new(), |(_, lines)| lines.join(" "));
        assert!(meaning.len() > 20, "{id} is not in OUTPUT, or says nothing: '{meaning}'");
    }
    let addresses = section("ADDRESSES").join(" ");
    for alias in ALIASES {
        assert!(plain(&addresses).contains(&format!("{}:", alias.name)), "{}", alias.name);
    }
}

#[test]
fn every_exit_code_is_there() {
    let codes = tags("EXIT STATUS");
    for code in ["0", "1", "2", "3", "4", "70", "129", "130", "131", "143"] {
        assert!(codes.contains(code), "{code} is not in EXIT STATUS: {codes:?}");
    }
}

#[test]
fn the_addresses_of_the_page_are_read_and_printed_as_they_stand() {
    for text in displayed("ADDRESSES") {
        let address: Address = text.parse().unwrap_or_else(|error| panic!("{text}: {error:?}"));
        assert_eq!(address.to_string(), text);
    }
}

#[test]
fn what_is_displayed_fits_on_a_terminal_of_80_columns() {
    for title in ["ADDRESSES", "OUTPUT", "EXAMPLES"] {
        for line in displayed(title) {
            assert!(line.chars().count() <= 71, "{title}: {line}");
        }
    }
}

#[test]
fn the_sample_is_what_a_run_prints() {
    let ran = run(&["-c", "120", "-r", "6", "-w", "0", "--progress", "never"]);
    if ran.code != Some(0) || !ran.out.starts_with("pass: 7 of 7") || !ran.out.contains("TWO CPUs")
    {
        return skip("not all of the seven transports work here, at both places");
    }
    // Which percentiles stand there is a matter of width; what is fastest one of the machine.
    let changing = ["P99", "MAX", "P90", "P99.9", "MIN", "ECHO/s"];
    let words = |line: &str| -> Vec<String> {
        let words = line.split_whitespace().filter(|word| !changing.contains(word));
        words.map(str::to_owned).collect()
    };
    let sample = displayed("OUTPUT");
    let title = |lines: &[String]| -> Vec<Vec<String>> {
        let at = lines.iter().position(|line| line.contains("TRANSPORT ")).expect("a title");
        vec![words(&lines[at - 1]), words(&lines[at])]
    };
    let real: Vec<_> = ran.out.lines().map(str::to_owned).collect();
    assert_eq!(title(&sample), title(&real), "the sample of OUTPUT is stale: make a new one");
    for part in [
        "pass: 7 of 7 transports, ",
        " echoes of 64 B, every byte verified",
        " median round",
        "  Unix or TCP     ",
        "  IPv6 or IPv4    ",
        "  one CPU or two  ",
        "± 95 % interval of the median, ",
        " · --seed ",
        " · detail: -v",
    ] {
        let holds = |lines: &[String]| lines.iter().any(|line| line.contains(part));
        assert!(holds(&sample), "'{part}' is not in the sample of OUTPUT");
        assert!(holds(&real), "'{part}' is in the sample of OUTPUT but not printed: {real:#?}");
    }
}

#[test]
fn the_tools_for_manual_pages_have_nothing_to_say() {
    for check in [
        &["mandoc", "-T", "lint", "-W", "style"][..],
        &["groff", "-ww", "-man", "-z"],
        &["groff", "-ww", "-man", "-z", "-Tutf8"],
    ] {
        if skip_without_tool(check[0]) {
            continue;
        }
        let ran = Ran::of(Command::new(check[0]).args(&check[1..]).arg(PAGE));
        assert_eq!((ran.code, ran.out, ran.err), (Some(0), String::new(), String::new()));
    }
}

#[test]
fn the_index_of_manual_pages_finds_a_sentence() {
    let page = sockeye::manual::page();
    let mut lines = page.lines().skip_while(|line| *line != ".SH NAME").skip(1);
    let name = lines.next().unwrap_or_default();
    assert!(name.starts_with("sockeye \\- socket tester"), "{name}");
    if skip_without_tool("lexgrog") {
        return;
    }
    let ran = Ran::of(Command::new("lexgrog").arg(PAGE));
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("\"sockeye - socket tester"), "{}", ran.out);
}

/// The commands that the help shows as examples.
fn examples_of_help() -> Vec<String> {
    let help = run(&["--help"]).out;
    let lines = help.lines().skip_while(|line| *line != "Examples:").skip(1);
    let examples = lines.take_while(|line| line.starts_with("  ")).map(|line| {
        let line = line.trim_start();
        line.split("  ").next().unwrap_or(line).to_owned()
    });
    let examples: Vec<_> = examples.collect();
    assert!(examples.len() >= 3, "{help}");
    examples
}

#[test]
fn every_example_of_the_page_and_of_the_help_runs() {
    let program = Path::new(env!("CARGO_BIN_EXE_sockeye"));
    let folder = program.parent().expect("the program is in a folder").to_path_buf();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(std::iter::once(folder).chain(std::env::split_paths(&path)))
        .expect("a path without colons");
    let mut examples: BTreeSet<_> =
        displayed("EXAMPLES").into_iter().chain(examples_of_help()).collect();
    examples.retain(|example| !is_of_an_end(example));
    assert!(examples.len() >= 10, "{examples:?}");
    for example in examples {
        assert!(example.starts_with("sockeye"), "{example}");
        let folder = tempfile::TempDir::new().expect("a folder for what it writes");
        let mut shell = Command::new("sh");
        clean(&mut shell);
        shell.args(["-c", &example]).current_dir(folder.path()).env("PATH", &path);
        shell.env("SOCKEYE_TIME", "300ms").env("SOCKEYE_ROUNDS", "6");
        shell.env("SOCKEYE_PROGRESS", "never");
        let ran = Ran::of(&mut shell);
        // A machine may have something that is not as documented, which is an answer and no mistake.
        let is_answer = example.starts_with("sockeye check") && ran.code == Some(1);
        assert!(is_answer || ran.code == Some(0), "{example}\n{}{}", ran.out, ran.err);
    }
}

/// Is it a server, or somebody who wants one? Those are tried together.
fn is_of_an_end(example: &str) -> bool {
    example.starts_with("sockeye serve") || example.starts_with("sockeye ping")
}

/// In a network of their own, where the ports that the examples name are free: each server is started
/// and told to say when it is ready, each ping has to succeed, and at the end each server ends well.
#[test]
fn every_example_of_serve_and_ping_runs() {
    if skip_without_tool("unshare") || skip_without_tool("ip") {
        return;
    }
    let isolated = |flags: &str| {
        let mut command = Command::new("unshare");
        command.args([flags, "sh", "-c", "ip link set lo up"]);
        (Ran::of(&mut command).code == Some(0)).then(|| flags.to_owned())
    };
    let Some(flags) = isolated("-n").or_else(|| isolated("-rn")) else {
        return skip("this user may not make a network namespace");
    };
    let mut script = "set -e; ip link set lo up; servers=; ".to_owned();
    let examples: Vec<_> = displayed("EXAMPLES").into_iter().filter(|e| is_of_an_end(e)).collect();
    assert!(examples.len() >= 6, "{examples:?}");
    for (number, example) in examples.iter().enumerate() {
        let lines = if example.starts_with("sockeye serve") {
            format!(
                "mkfifo ready{number}; {example} --ready-fd 9 9>ready{number} & servers=\"$servers $!\"; \
                 read -r line <ready{number}; "
            )
        } else {
            format!("{example}; ")
        };
        script.push_str(&lines);
    }
    script += "for server in $servers; do kill -TERM $server; wait $server; done; echo all well";
    let folder = tempfile::TempDir::new().expect("a folder for what it writes");
    let path = std::env::var("PATH").unwrap_or_default();
    let program = Path::new(env!("CARGO_BIN_EXE_sockeye")).parent().expect("a folder");
    let mut shell = Command::new("timeout");
    clean(&mut shell);
    shell.args(["60", "unshare", &flags, "sh", "-c", &script]).current_dir(folder.path());
    shell.env("PATH", format!("{}:{path}", program.display()));
    shell.env("XDG_RUNTIME_DIR", folder.path()).env("SOCKEYE_INTERVAL", "1ms");
    let ran = Ran::of(&mut shell);
    assert!(ran.code == Some(0) && ran.out.ends_with("all well\n"), "{script}\n{ran:?}");
    let left = std::fs::read_dir(folder.path()).expect("read").flatten();
    let left: Vec<_> = left.map(|entry| entry.file_name()).collect();
    assert!(left.iter().all(|name| name.to_string_lossy().starts_with("ready")), "{left:?}");
}
