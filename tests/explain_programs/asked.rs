//! What `--program` takes beside it and what it does not.

use crate::printed::{LANGUAGES, Printed};
use crate::support::{Ran, run, sockeye};
use sockeye::transport::{ALL, Transport};

/// What only a walk takes: the words of each, and the variable with a value.
const OF_WALKS: [(&[&str], &str, &str); 11] = [
    (&["--vs", "udp4"], "SOCKEYE_VS", "udp4"),
    (&["--to", "closed"], "SOCKEYE_TO", "closed"),
    (&["--states"], "SOCKEYE_STATES", "1"),
    (&["--walks", "100"], "SOCKEYE_WALKS", "7"),
    (&["--timeout", "1s"], "SOCKEYE_TIMEOUT", "2s"),
    (&["--place", "same"], "SOCKEYE_PLACE", "split"),
    (&["--place", "split,same"], "SOCKEYE_PLACE", "split,same"),
    (&["--cpus", "0,0"], "SOCKEYE_CPUS", "0,0"),
    (&["--json"], "SOCKEYE_JSON", "1"),
    (&["--format", "csv"], "SOCKEYE_FORMAT", "csv"),
    (&["--output", "x.json"], "SOCKEYE_OUTPUT", "/nowhere/x.json"),
];

#[test]
fn what_only_a_walk_takes_is_refused_by_its_name() {
    for (words, ..) in OF_WALKS {
        let ran = run(&[&["explain", "tcp4", "--program", "c"], words].concat());
        let lines: Vec<_> = ran.err.lines().collect();
        assert_eq!((ran.code, ran.out.as_str(), lines.len()), (Some(2), "", 2), "{ran:?}");
        let name = format!("'{}'", words[0]);
        assert!(lines[0].starts_with("error: ") && lines[0].contains(&name), "{ran:?}");
        assert!(lines[1].starts_with("hint: ") && lines[1].contains(&name), "{ran:?}");
    }
}

#[test]
fn a_variable_of_a_walk_changes_no_program() {
    let plain = run(&["explain", "tcp4", "--program", "c"]);
    for (_, variable, value) in OF_WALKS {
        let mut command = sockeye();
        let ran = Ran::of(command.args(["explain", "tcp4", "--program", "c"]).env(variable, value));
        assert_eq!((ran.code, &ran.out, ran.err.as_str()), (Some(0), &plain.out, ""), "{variable}");
        // Both from there: the program is what can be had without doing anything.
        let mut command = sockeye();
        command.args(["explain", "tcp4"]).env("SOCKEYE_PROGRAM", "c").env(variable, value);
        assert_eq!(Ran::of(&mut command).out, plain.out, "{variable}");
    }
}

#[test]
fn a_flag_of_a_walk_beats_a_program_from_the_environment() {
    let mut command = sockeye();
    let ran =
        Ran::of(command.args(["explain", "udp4", "--walks", "2"]).env("SOCKEYE_PROGRAM", "c"));
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.contains("recvfrom(") && !ran.out.contains("#include"), "{}", ran.out);
}

#[test]
fn to_echo_is_what_a_program_does() {
    let ran = run(&["explain", "tcp4", "--program", "c", "--to", "echo"]);
    assert_eq!(ran.out, run(&["explain", "tcp4", "--program", "c"]).out);
    assert!(ran.out.contains("accept("), "{ran:?}");
}

#[test]
fn a_program_is_of_one_transport() {
    let ran = run(&["explain", "tcp6", "udp4", "--program", "python"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{ran:?}");
    let hint = "hint: sockeye explain tcp6 --program python\n";
    assert_eq!(ran.err, format!("error: a program is of one transport\n{hint}"));
}

#[test]
fn a_socket_that_rust_cannot_open_is_refused_with_a_hint_that_helps() {
    let beyond = |transport: &&Transport| !LANGUAGES[2].reaches(transport);
    for transport in ALL.iter().filter(beyond) {
        let ran = run(&["explain", transport.name, "--program", "rust"]);
        let lines: Vec<_> = ran.err.lines().collect();
        assert_eq!((ran.code, ran.out.as_str(), lines.len()), (Some(2), "", 2), "{ran:?}");
        assert!(lines[0].contains(transport.name), "{ran:?}");
        let hint = lines[1].strip_prefix("hint: sockeye ").expect("a command");
        let helped = run(&hint.split(' ').collect::<Vec<_>>());
        assert_eq!(helped.out, Printed::text(&LANGUAGES[1], transport, 64).text);
    }
}
