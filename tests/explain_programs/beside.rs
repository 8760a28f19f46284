//! The programs beside sockeye's own ends and beside each other.

use crate::network::is_inside;
use crate::printed::{
    LANGUAGES, Language, Printed, Process, expect_done, in_folder, ready, ready_among,
};
use crate::support::{Ran, skip};
use serde_json::Value;
use sockeye::transport::{ALL, Family, Kind, Transport};
use std::process::Command;

const SAID: &str = "right: 64 B came back as they were sent";

fn here() -> impl Iterator<Item = &'static Language> {
    LANGUAGES.iter().filter(|language| language.is_here())
}

fn quietly(what: &str, command: &mut Command) {
    expect_done(what, &Ran::of(command), "");
}

#[test]
fn every_program_compiles_without_a_warning_whatever_is_here() {
    for language in here() {
        for transport in ALL.iter().filter(|transport| language.reaches(transport)) {
            let printed = Printed::built(language, transport, 64);
            let strict: &[&str] = match language.word {
                "c" => &[
                    "cc -Wall -Wextra -Werror -std=c11 -D_GNU_SOURCE -o strict echo.c",
                    "cc -Wall -Wextra -Wshadow -Wpedantic -Werror -O2 -o fast echo.c",
                ],
                "rust" => &["rustc --edition 2021 -D warnings --emit metadata echo.rs"],
                _ => &["python3 -W error -c 'import ast, pathlib; \
                        ast.parse(pathlib.Path(\"echo.py\").read_text(), feature_version=(3, 9))'"],
            };
            for line in strict {
                quietly(transport.name, &mut in_folder(printed.folder(), line));
            }
        }
    }
}

#[test]
fn every_c_program_compiles_with_clang_too() {
    if Command::new("clang").arg("--version").output().is_err() {
        return skip("clang is not installed");
    }
    let language = &LANGUAGES[1];
    for transport in ALL {
        let printed = Printed::text(language, transport, 64);
        let line = "clang -Wall -Wextra -Werror -std=c11 -D_GNU_SOURCE -o echo echo.c";
        quietly(transport.name, &mut in_folder(printed.folder(), line));
    }
}

/// What a line in the folder of a program does, which is waited for with a bound.
fn ended_in(printed: &Printed, line: &str) -> Ran {
    Process::start(&mut in_folder(printed.folder(), line)).ended()
}

/// The server as the head of the program has it, on a port that the kernel picks, and what it says.
fn serve(printed: &Printed, line: &str) -> (Process, String) {
    let server = Process::start(&mut in_folder(printed.folder(), &line.replace("7777", "0")));
    let place = server.says();
    (server, place)
}

fn expect_no_file(printed: &Printed) {
    let names = std::fs::read_dir(printed.folder()).expect("it is there").flatten();
    let sockets: Vec<_> = names.map(|entry| entry.file_name()).collect();
    assert!(
        !sockets.iter().any(|name| name.to_string_lossy().contains(".sock")),
        "{}, {}: {sockets:?}",
        printed.transport.name,
        printed.language.word
    );
}

fn answers_ping(printed: &Printed, count: &str) {
    let what = format!("{} in {}", printed.transport.name, printed.language.word);
    let (line, ping) = printed.beside("sockeye ping ");
    let (server, place) = serve(printed, line);
    let mut command = in_folder(printed.folder(), &ping.replace("-c 1", count));
    if printed.transport.family != Family::Unix {
        command.env("SOCKEYE_PORT", &place);
    }
    let ran = Process::start(command.env("SOCKEYE_FORMAT", "json")).ended();
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{what}: {}", ran.out);
    expect_done(&what, &server.ended(), "");
    expect_no_file(printed);
}

fn passes_at_serve(printed: &Printed, said: &str) {
    let what = format!("{} in {}", printed.transport.name, printed.language.word);
    let (serve, line) = printed.beside("sockeye serve ");
    let mut command = in_folder(printed.folder(), serve);
    let server = Process::start(command.env("SOCKEYE_PORT", "0").env("SOCKEYE_FORMAT", "json"));
    let ready: Value = serde_json::from_str(&server.says()).expect("a document");
    let address = ready["addresses"][0].as_str().expect("an address");
    let port = address.rsplit(':').next().expect("a port");
    let client = ended_in(printed, &line.replace("7777", port));
    expect_done(&what, &client, said);
    let ended = server.ended();
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{what}");
    expect_no_file(printed);
}

#[test]
fn every_program_gets_on_with_sockeye_at_the_other_end_by_the_lines_of_its_head() {
    for language in here() {
        let served = |t: &&Transport| t.kind != Kind::Raw && language.reaches(t);
        for transport in ready().into_iter().filter(served) {
            let printed = Printed::built(language, transport, 64);
            answers_ping(&printed, "-c 1");
            if transport.kind.connects() {
                answers_ping(&printed, "-c 3 -i 0");
            }
            passes_at_serve(&printed, SAID);
        }
    }
}

#[test]
fn a_program_of_another_size_sends_that_many_bytes() {
    for language in here() {
        for transport in ready_among(&["tcp4", "udp6", "unix-dgram", "unix-seqpacket"]) {
            for size in [1, 16 << 10] {
                if language.reaches(transport) {
                    let printed = Printed::built(language, transport, size);
                    answers_ping(&printed, "-c 1");
                    passes_at_serve(&printed, &SAID.replace("64", &size.to_string()));
                }
            }
        }
    }
}

/// Each language's server with each language's client.
fn across(transport: &'static Transport) {
    let of_it: Vec<_> = here()
        .filter(|language| language.reaches(transport))
        .map(|language| Printed::built(language, transport, 64))
        .collect();
    for one in &of_it {
        for other in &of_it {
            let what =
                format!("{}: {} at {}", transport.name, other.language.word, one.language.word);
            let (server, place) = serve(one, &one.line("server", &one.free_place()));
            let place = match transport.family {
                Family::Unix => one.folder().join(place).display().to_string(),
                _ => place,
            };
            let line = other.line("client", &place);
            expect_done(&what, &ended_in(other, &line), SAID);
            expect_done(&what, &server.ended(), "");
            expect_no_file(one);
        }
    }
}

#[test]
fn every_server_answers_the_client_of_every_language() {
    for transport in ready().into_iter().filter(|row| row.kind != Kind::Raw) {
        across(transport);
    }
}

/// Whatever else on this machine speaks by their protocol would be heard too, over IPv4 until bind:
/// they have a network of their own.
#[test]
fn raw_servers_answer_the_client_of_every_language() {
    if is_inside("beside::raw_servers_answer_the_client_of_every_language", "ip link set lo up") {
        ready_among(&["raw4", "raw6"]).into_iter().for_each(across);
    }
}

/// What is left out on the command line is what the program says that it takes.
#[test]
fn a_server_without_a_place_finds_one_and_a_wrong_word_is_told_the_usage() {
    for language in here() {
        for transport in ready_among(&["tcp6", "udp4", "unix-stream"]) {
            let name = transport.name;
            let printed = Printed::built(language, transport, 64);
            let (server, place) = serve(&printed, &printed.line("server", ""));
            let line = printed.line("client", &place);
            expect_done(name, &ended_in(&printed, &line), SAID);
            expect_done(name, &server.ended(), "");
            for wrong in ["", "both", "client", "server a b"] {
                let ran = ended_in(&printed, &printed.line(wrong, ""));
                assert!(matches!(ran.code, Some(1 | 2)), "{name} '{wrong}': {ran:?}");
                assert!(ran.err.contains("usage: ") && ran.out.is_empty(), "{ran:?}");
            }
        }
    }
}
