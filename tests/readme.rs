//! What the README tells people to type works, and its figures stand where the program prints them.

use std::process::Command;

mod support;

const README: &str = include_str!("../README.md");

/// The commands in the first cells of the README's tables.
fn commands() -> Vec<&'static str> {
    let cells = README.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    cells.filter(|cell| cell.starts_with("sockeye")).collect()
}

#[test]
fn every_command_in_its_tables_works_as_it_stands() {
    let commands = commands();
    assert!(commands.len() >= 10, "{commands:?}");
    let folder = tempfile::tempdir().expect("a folder");
    for command in commands {
        let mut program = Command::new(env!("CARGO_BIN_EXE_sockeye"));
        support::clean(&mut program);
        // The same commands, but none that takes its time.
        let mut words: Vec<_> = command.split(' ').skip(1).collect();
        if let Some(time) = words.iter().position(|word| *word == "-t") {
            words[time + 1] = "300ms";
        }
        program.current_dir(folder.path()).args(&words);
        program.env("SOCKEYE_TIME", "300ms").env("SOCKEYE_ROUNDS", "6");
        let ran = support::Ran::of(&mut program);
        assert_eq!(ran.code, Some(0), "{command}: {ran:?}");
    }
}

#[test]
fn it_names_every_group_and_exit_code() {
    for code in ["| 0 |", "| 1 |", "| 2 |", "| 3 |", "| 4 |", "| 130, 143 |"] {
        assert!(README.contains(code), "{code}");
    }
}

#[test]
fn its_sample_has_the_words_of_a_real_run() {
    let ran = support::run(&["-t", "300ms", "-r", "16"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    for words in ["every byte verified", "\nfastest: ", " median round trip, one CPU", "TRANSPORT "]
    {
        assert!(README.contains(words), "README: {words}");
        assert!(ran.out.contains(words), "a run: {words}: {}", ran.out);
    }
}
