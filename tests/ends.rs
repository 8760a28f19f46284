//! What serve and ping share on the command line: words that name an end, flags and their variables.

use clap::Arg;
use sockeye::cli::parse::{command, variable_of};
use support::{Ran, run, sockeye};

mod support;

/// Runs to an end that is certain: a server would miss the descriptor, a ping has nobody to ask.
fn refused(command: &str, variable: &str, value: &str) -> Ran {
    let last: &[&str] =
        if command == "serve" { &["--ready-fd", "9999"] } else { &["tcp4", "-p", "1"] };
    Ran::of(sockeye().arg(command).args(last).env(variable, value))
}

/// What no flag with a value can read; but paths, which may be anything.
fn nonsense(arg: &Arg) -> Option<&'static str> {
    match arg.get_long()? {
        "dir" => None,
        "reply" | "send" | "expect" => Some(r"\q"),
        _ => Some("nonsense"),
    }
}

#[test]
fn a_bad_value_of_every_flag_names_the_variable_that_it_came_from() {
    let all = command();
    let mut tried = 0;
    for name in ["serve", "ping"] {
        let ends = all.find_subcommand(name).expect("a command");
        for arg in ends.get_arguments() {
            let (Some(variable), Some(value)) = (variable_of(arg), nonsense(arg)) else { continue };
            // The flags that make the end certain beat their variables.
            if ["SOCKEYE_READY_FD", "SOCKEYE_PORT"].contains(&variable.as_str()) {
                continue;
            }
            let ran = refused(name, &variable, value);
            assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{name} {variable}: {ran:?}");
            assert!(ran.err.contains(&format!("(from {variable})")), "{name} {variable}: {ran:?}");
            assert!(ran.err.contains("\nhint: "), "{name} {variable}: {ran:?}");
            tried += 1;
        }
    }
    assert!(tried >= 18, "only {tried} flags were tried");
}

#[test]
fn the_port_and_the_folder_come_from_variables_too() {
    let by = |variable: &str, value: &str, target: &str| {
        Ran::of(sockeye().args(["ping", target, "-c", "1"]).env(variable, value)).out
    };
    assert!(by("SOCKEYE_PORT", "1", "tcp4").contains("tcp4://127.0.0.1:1 "));
    assert!(
        by("SOCKEYE_DIR", "/no/such", "unix-dgram")
            .contains("unix-dgram:///no/such/unix-dgram.sock")
    );
    let runtime = by("XDG_RUNTIME_DIR", "/no/such", "unix-stream");
    assert!(runtime.contains("unix-stream:///no/such/sockeye/unix-stream.sock"), "{runtime}");
    let ran = refused("ping", "SOCKEYE_PORT", "nonsense");
    assert_eq!(ran.code, Some(1), "a flag beats its variable: {ran:?}");
    let ran = Ran::of(sockeye().args(["ping", "tcp4"]).env("SOCKEYE_PORT", "nonsense"));
    assert!(ran.err.contains("(from SOCKEYE_PORT)"), "{ran:?}");
}

#[test]
fn words_that_name_no_end_are_refused_in_two_lines() {
    let all = "all names: sockeye list";
    for (args, what, hint) in [
        (&["ping"][..], "'<TARGET>...' is missing", "sockeye ping --help"),
        (
            &["ping", "tpc4"],
            "unknown transport 'tpc4'",
            "did you mean 'tcp4'? all names: sockeye list",
        ),
        (
            &["ping", "tpc4", "-p", "7"],
            "unknown transport 'tpc4'",
            "did you mean 'tcp4'? all names: sockeye list",
        ),
        (&["ping", "xyzzy"], "unknown transport 'xyzzy'", all),
        (
            &["ping", "::1:7"],
            "cannot read the address '::1:7': IPv6 before a port needs brackets",
            "'tcp6://[::1]:7'",
        ),
        (&["ping", "127.0.0.1"], "no port in '127.0.0.1'", "tcp4://127.0.0.1:7777"),
        (
            &["ping", "tcp4:127.0.0.1:0"],
            "no peer is at port 0 in 'tcp4://127.0.0.1:0'",
            "sockeye ping tcp4://127.0.0.1:7777",
        ),
        (
            &["ping", "raw4"],
            "raw4 hears its own messages, so that no open server or client can use it",
            "both ends of it at once: sockeye raw4",
        ),
        (
            &["serve", "raw6://[::1]"],
            "raw6 hears its own messages, so that no open server or client can use it",
            "both ends of it at once: sockeye raw6",
        ),
        (&["ping", "tcp4", "--expect", "x"], "'--send <TEXT>' is missing", "sockeye ping --help"),
        (
            &["ping", "tcp6", "-4"],
            "no end is left after --skip, -4 and -6",
            "leave one of them out; all names: sockeye list",
        ),
        (
            &["ping", "tcp4", "-i", "0.2"],
            "cannot read '0.2' for '--interval <DURATION>': no unit",
            "it goes from 0ns to 24h, with a unit: 500ms, 3s, 1m",
        ),
        (
            &["ping", "tcp4", "-s", "64,1k"],
            "cannot read '64,1k' for '--size <SIZE>': not a size",
            "sizes go from 1 to 16M, for example 64 or 16k",
        ),
        (
            &["serve", "--threads", "0"],
            "cannot read '0' for '--threads <N>': out of range",
            "it goes from 1 to 256",
        ),
        (
            &["serve", "--reply", r"\x4"],
            r"cannot read '\x4' for '--reply <TEXT>': '\x4' is no byte",
            r"known: \n \r \t \0 \\ \xHH",
        ),
        (
            &["serve", "--ready-fd", "2"],
            "cannot read '2' for '--ready-fd <N>': out of range",
            "it goes from 3 to 1M",
        ),
        (
            &["serve", "-p", "70000"],
            "cannot read '70000' for '--port <PORT>': not a number",
            "a whole number, 0 or more",
        ),
    ] {
        let ran = run(args);
        let told = format!("error: {what}\nhint: {hint}\n");
        assert_eq!(
            (ran.code, ran.out.as_str(), ran.err.as_str()),
            (Some(2), "", told.as_str()),
            "{args:?}"
        );
    }
}

#[test]
fn the_short_help_of_both_fits_one_screen() {
    for name in ["serve", "ping"] {
        let ran = run(&[name, "-h"]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert!(ran.out.lines().count() <= 24, "{}", ran.out);
        assert!(ran.out.lines().all(|line| line.chars().count() <= 80), "{}", ran.out);
    }
}
