//! What people see: the table at every width, with and without colour, on terminals and in pipes,
//! and what a run that is cut short still says. Reports here are built from fixed numbers, so that
//! whole outputs can be compared with `tests/golden`; `BLESS=1 cargo test --test looks` rewrites them.

#[path = "support/made.rs"]
mod made;
mod support;

use made::*;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use sockeye::cli::value::{Format, Percentiles};
use sockeye::measure::plan::Place;
use sockeye::measure::samples::{Outcome, Samples};
use sockeye::os::{CallError, Errno};
use sockeye::render::{Look, render};
use sockeye::report::words::UNITS;
use sockeye::report::{About, Report};
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use support::{Ran, run, skip, skip_without_tool, sockeye};

/// A run that takes no time to speak of.
const SHORT: [&str; 7] = ["-c", "200", "-r", "6", "-w", "10", "--no-warn=all"];

fn look(width: Option<usize>) -> Look {
    Look {
        width,
        height: None,
        colour: false,
        ascii: false,
        unit: None,
        percentiles: "99,max".parse::<Percentiles>().expect("the default"),
        percentiles_are_chosen: false,
        detail: 0,
        plots: Vec::new(),
    }
}

fn table(report: &Report, look: &Look) -> String {
    render(report, Format::Table, look)
}

/// Compares with the file of that name, or writes it when asked to.
fn golden(name: &str, text: &str) -> Result<(), String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, text).expect("the folder of golden files is writable");
        return Ok(());
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    if expected == text {
        return Ok(());
    }
    Err(format!(
        "tests/golden/{name} differs; if this is meant: BLESS=1 cargo test --test looks\n\
         --- expected\n{expected}--- is\n{text}"
    ))
}

#[test]
fn every_look_is_as_it_was_agreed() {
    let (usual, broken) = (Made::default().report(), failing());
    let one_place = {
        let mut made = Made::of(&["tcp4", "unix-stream"]);
        made.places = vec![Place::Same];
        made.report()
    };
    let alone = {
        let mut made = Made::of(&["tcp4"]);
        made.places = vec![Place::Free];
        made.report()
    };
    let twice = Made::of(&["tcp4", "tcp4", "udp6", "udp6"]).report();
    let slow = {
        let mut made = Made::of(&["tcp4", "unix-stream", "mptcp4"]);
        made.slower = 300;
        made.report()
    };
    let labelled = {
        let made = Made::of(&["tcp4"]);
        let about =
            About { label: Some("naïve \"run\"\x1b[31m, two\nlines".to_owned()), ..made.about() };
        finish(about, &made.samples())
    };
    let at = |width| look(Some(width));
    let cases = [
        ("default-40.txt", &usual, at(40)),
        ("default-80.txt", &usual, at(80)),
        ("default-100.txt", &usual, at(100)),
        ("default-120.txt", &usual, at(120)),
        ("default-200.txt", &usual, at(200)),
        ("default-pipe.txt", &usual, look(None)),
        ("default-80-ascii.txt", &usual, Look { ascii: true, ..at(80) }),
        ("default-120-ascii.txt", &usual, Look { ascii: true, ..at(120) }),
        ("default-80-colour.txt", &broken, Look { colour: true, ..at(80) }),
        ("default-80-quiet.txt", &usual, Look { detail: -1, ..at(80) }),
        ("default-120-verbose.txt", &usual, Look { detail: 1, ..at(120) }),
        ("default-pipe-verbose.txt", &usual, Look { detail: 2, ..look(None) }),
        ("default-80-ns.txt", &usual, Look { unit: Some(UNITS[0]), ..at(80) }),
        ("default-80-ms.txt", &usual, Look { unit: Some(UNITS[2]), ..at(80) }),
        (
            "default-120-percentiles.txt",
            &usual,
            Look {
                percentiles: "min,50,90,99.9".parse().expect("percentiles"),
                percentiles_are_chosen: true,
                ..at(120)
            },
        ),
        ("failing-40.txt", &broken, at(40)),
        ("failing-80.txt", &broken, at(80)),
        ("failing-120.txt", &broken, at(120)),
        ("failing-pipe-quiet.txt", &broken, Look { detail: -1, ..look(None) }),
        ("sizes-80.txt", &several_sizes(&PLACES), at(80)),
        ("sizes-120-one-place.txt", &several_sizes(&[Place::Same]), at(120)),
        ("one-place-80.txt", &one_place, at(80)),
        ("alone-80.txt", &alone, at(80)),
        ("twice-80.txt", &twice, at(80)),
        ("slow-80.txt", &slow, at(80)),
        ("labelled-80.txt", &labelled, at(80)),
        ("interrupted-80.txt", &interrupted(), at(80)),
    ];
    let wrong: Vec<_> =
        cases.iter().filter_map(|(name, r, look)| golden(name, &table(r, look)).err()).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The lines that are wider, but for those that are to be pasted.
fn wide_prose(text: &str, width: usize) -> Vec<&str> {
    let is_pasted = |line: &str| line.starts_with("    try: ") || line.starts_with("    repeat: ");
    text.lines().filter(|line| line.chars().count() > width && !is_pasted(line)).collect()
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    let reports = [
        ("usual", Made::default().report()),
        ("sizes", several_sizes(&PLACES)),
        ("interrupted", interrupted()),
    ];
    for (name, report) in &reports {
        for width in (40..=130).step_by(9).chain([80, 100, 120, 200, 300]) {
            for ascii in [false, true] {
                let text = table(report, &Look { ascii, ..look(Some(width)) });
                assert_eq!(wide_prose(&text, width), [""; 0], "{name} at {width}:\n{text}");
            }
        }
    }
}

#[test]
fn what_failed_is_no_wider_than_the_terminal_but_for_what_is_to_be_pasted() {
    let report = failing();
    for width in (40..=130).step_by(9) {
        let text = table(&report, &look(Some(width)));
        assert_eq!(wide_prose(&text, width), [""; 0], "at {width}:\n{text}");
        // What is to be pasted is there in one piece.
        for whole in [
            "    repeat: sockeye tcp6 --place split --seed 7731 -c 12020",
            "    try: sudo modprobe sctp  # CONFIG_IP_SCTP",
        ] {
            assert!(text.lines().any(|line| line == whole), "'{whole}' at {width}:\n{text}");
        }
    }
}

#[test]
fn no_line_ends_inside_a_number_with_its_unit_or_its_interval() {
    let mut broken = 0;
    for report in [Made::default().report(), failing(), several_sizes(&PLACES)] {
        let whole = table(&report, &look(None));
        for width in (40..=130).step_by(6) {
            let text = table(&report, &look(Some(width)));
            let lines: Vec<_> = text.lines().map(str::trim).collect();
            broken += usize::from(text.lines().count() > whole.lines().count());
            for pair in lines.windows(2) {
                // The footer begins with it, after the line on the machine.
                let footer = pair[1].starts_with("± 95 %");
                let cut = pair[0].ends_with('±') || (pair[1].starts_with('±') && !footer);
                let unit = ["µs", "ms", "%"].iter().any(|unit| pair[1].starts_with(unit));
                assert!(!cut && !unit, "{pair:?} at {width}:\n{text}");
            }
        }
    }
    assert!(broken > 15, "only {broken} texts had lines to break");
}

#[test]
fn rows_with_the_same_refusal_share_a_note_without_what_differs() {
    for (call, errno, status, hint, places, shown) in [
        (
            "connect",
            Errno::ENETUNREACH,
            "n/a",
            "ip route show table local",
            ["127.0.0.1:1", "127.0.0.1:2"],
            "connect(): ENETUNREACH",
        ),
        (
            "connect",
            Errno::ENETUNREACH,
            "n/a",
            "ip route show table local",
            ["127.0.0.1:1", "127.0.0.1:1"],
            "connect(127.0.0.1:1): ENETUNREACH",
        ),
        (
            "socket",
            Errno::EMFILE,
            "FAIL",
            "ulimit -n 256",
            ["AF_INET, SOCK_STREAM, 0", "AF_INET, SOCK_DGRAM, 0"],
            "socket(): EMFILE",
        ),
    ] {
        let made = Made::of(&["tcp4", "udp4", "unix-dgram"]);
        let mut samples = made.samples();
        for case in &mut samples {
            let Some(at) = ["tcp4", "udp4"].iter().position(|n| *n == case.case.label) else {
                continue;
            };
            let error = CallError { call, place: places[at].to_owned(), errno };
            *case = Samples::new(case.case.clone());
            case.ended = Some(Outcome::Refused(error));
        }
        let text = table(&finish(made.about(), &samples), &look(Some(80)));
        let note = format!("\n\n  tcp4, udp4  {status}  {shown}\n    try: {hint}\n\n");
        assert!(text.contains(&note), "'{note}' is not in\n{text}");
    }
}

#[test]
fn what_cannot_be_told_is_unclear_in_every_format_and_the_sentence_says_why() {
    let mut few = Made::of(&["tcp4", "unix-stream"]);
    (few.places, few.rounds) = (vec![Place::Same], (3, 3));
    let mut noisy = Made::of(&["tcp4", "unix-stream"]);
    noisy.places = vec![Place::Same];
    let mut samples = noisy.samples();
    let tcp4 = samples.iter_mut().find(|case| case.case.label == "tcp4").expect("it is there");
    for round in &mut tcp4.rounds {
        round.median_ns = if round.round % 2 == 0 { 5_000 } else { 14_000 };
    }
    for (report, why) in
        [(few.report(), "too few rounds"), (finish(noisy.about(), &samples), "too noisy")]
    {
        let text = table(&report, &look(Some(120)));
        let words = format!(" median round trip, one CPU, {why} to tell from tcp4\n");
        assert!(text.contains("\nfastest: unix-stream, ") && text.contains(&words), "{text}");
        let finding = format!("\n  Unix or TCP  {why} to tell: tcp4 from unix-stream (");
        assert!(text.contains(&finding), "{text}");
        let row = text.lines().find(|line| line.starts_with("  tcp4 ")).expect("a row");
        assert!(row.contains("  unclear"), "{text}");
        let csv = render(&report, Format::Csv, &look(None));
        let row = csv.lines().find(|line| line.starts_with("tcp4/")).expect("a row");
        assert!(row.split(',').any(|cell| cell == "unclear"), "{csv}");
        let json = render(&report, Format::Json, &look(None));
        let document: serde_json::Value = serde_json::from_str(&json).expect("a document");
        let results = document["results"].as_array().expect("results");
        let row = results.iter().find(|row| row["transport"] == "tcp4").expect("a row");
        assert_eq!(row["relative"]["verdict"], "unclear", "{json}");
    }
}

#[test]
fn fewer_than_six_rounds_have_no_interval_and_the_footer_says_so() {
    for (rounds, footer) in [
        (5, "  5 rounds: too few for an interval · "),
        (6, "  ± 95 % interval of the median, 6 rounds · "),
    ] {
        let mut made = Made::of(&["tcp4", "unix-stream"]);
        made.rounds = (rounds, rounds);
        let text = table(&made.report(), &look(Some(80)));
        assert!(text.lines().any(|line| line.starts_with(footer)), "{text}");
        assert_eq!(text.contains('±'), rounds == 6, "{text}");
    }
}

#[test]
fn the_default_run_fits_a_terminal_of_24_lines() {
    for ascii in [false, true] {
        let text = table(&Made::default().report(), &Look { ascii, ..look(Some(80)) });
        // The last line is the shell's prompt.
        assert!(text.lines().count() < 24, "{} lines:\n{text}", text.lines().count());
    }
}

#[test]
fn the_answer_comes_first() {
    let text = table(&Made::default().report(), &look(Some(80)));
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines[0], "pass: 7 of 7 transports, 140,000 echoes of 64 B, every byte verified");
    assert!(lines[1].contains("fastest") && lines[1].contains(" µs"), "{}", lines[1]);
    let text = table(&failing(), &look(None));
    assert!(text.starts_with("FAIL: tcp6: sent back wrong bytes; "), "{text}");
}

/// Words that are numbers of the table: "6.59", "±0.19", "1,234".
fn numbers(text: &str) -> impl Iterator<Item = &str> {
    text.split([' ', '\n']).map(|word| word.trim_start_matches(['±', '+', '-'])).filter(|word| {
        word.contains(|c: char| c.is_ascii_digit())
            && word.chars().all(|c| c.is_ascii_digit() || c == '.' || c == ',')
    })
}

#[test]
fn no_row_shows_nothing_but_zeros_in_any_unit() {
    let mut slow = Made::of(&["tcp4", "unix-stream"]);
    slow.slower = 3_000;
    let mut calm = Made::of(&["tcp4", "unix-stream"]);
    calm.tail = false;
    let reports =
        [("usual", Made::default().report()), ("slow", slow.report()), ("calm", calm.report())];
    for (name, report) in reports {
        for unit in [None, Some(UNITS[0]), Some(UNITS[1]), Some(UNITS[2]), Some(UNITS[3])] {
            for width in [40, 80, 120, 200] {
                let text = table(&report, &Look { unit, ..look(Some(width)) });
                let nothing = |number: &&str| number.chars().all(|c| c == '0' || c == '.');
                let zeros: Vec<_> = numbers(&text).filter(nothing).collect();
                assert_eq!(zeros, [""; 0], "{name} at {width} with {unit:?}:\n{text}");
            }
        }
    }
}

#[test]
fn times_of_a_column_have_the_same_number_of_decimals() {
    for unit in [None, Some(UNITS[0]), Some(UNITS[2])] {
        let text = table(&Made::default().report(), &Look { unit, ..look(Some(120)) });
        let rows: Vec<Vec<usize>> = text
            .lines()
            .filter(|line| MEDIANS.iter().any(|row| line.trim_start().starts_with(row.0)))
            .filter(|line| numbers(line).count() > 3)
            .map(|line| {
                let times = numbers(line).take(3);
                times.map(|n| n.split_once('.').map_or(0, |(_, part)| part.len())).collect()
            })
            .collect();
        assert_eq!(rows.len(), 7, "{text}");
        assert!(rows.iter().all(|row| *row == rows[0]), "{rows:?}\n{text}");
    }
}

#[test]
fn the_unit_is_the_one_that_was_asked_for() {
    let report = Made::default().report();
    for unit in UNITS {
        let text = table(&report, &Look { unit: Some(unit), ..look(Some(80)) });
        let heading = text.lines().find(|line| line.contains("ONE CPU ")).expect("a heading");
        for place in ["ONE CPU", "TWO CPUs"] {
            assert!(heading.contains(&format!("{place} {}", unit.name)), "{heading}");
        }
        // The sentences above keep the unit that suits them: they are read alone.
    }
}

/// Takes away what colours and nothing else.
fn without_colour(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("\x1b[") {
        let (code, after) = behind.split_once('m').expect("a colour ends with m");
        assert!(code.chars().all(|c| c.is_ascii_digit() || c == ';'), "not a colour: {code:?}");
        plain.push_str(before);
        rest = after;
    }
    plain + rest
}

#[test]
fn colour_changes_no_letter_and_says_nothing_that_words_do_not() {
    let reports = [Made::default().report(), failing(), several_sizes(&PLACES), interrupted()];
    for (index, report) in reports.iter().enumerate() {
        for width in [Some(40), Some(80), Some(120), None] {
            for detail in [-1, 0, 1] {
                let plain = Look { detail, ..look(width) };
                let text = table(report, &plain);
                let coloured = table(report, &Look { colour: true, ..plain });
                assert!(!text.contains('\x1b'), "{text:?}");
                assert!(coloured.contains("\x1b["), "report {index}: {coloured:?}");
                assert_eq!(without_colour(&coloured), text, "report {index} at {width:?}");
            }
        }
    }
    let text = table(&failing(), &look(Some(80)));
    for (row, verdict) in [("tcp6", "FAIL"), ("sctp4", "n/a"), ("unix-dgram", "tie")] {
        let line = text.lines().find(|line| line.starts_with(&format!("  {row} "))).expect(row);
        assert!(line.contains(verdict), "{row} does not say {verdict}: {line}");
    }
}

#[test]
fn ascii_has_seven_bits() {
    for report in [Made::default().report(), failing(), several_sizes(&PLACES)] {
        for width in [Some(40), Some(80), Some(160), None] {
            let text = table(&report, &Look { ascii: true, detail: 2, ..look(width) });
            assert!(text.is_ascii(), "{text}");
            assert!(!text.contains('?'), "a letter without a stand-in:\n{text}");
        }
    }
}

#[test]
fn quiet_is_four_lines_at_most_and_very_quiet_nothing() {
    let reports = [Made::default().report(), failing(), several_sizes(&PLACES), interrupted()];
    for report in &reports {
        for width in [Some(80), Some(200), None] {
            let text = table(report, &Look { detail: -1, ..look(width) });
            let lines = text.lines().count();
            assert!((1..=4).contains(&lines), "{lines} lines at {width:?}:\n{text}");
            assert_eq!(table(report, &Look { detail: -2, ..look(width) }), "");
        }
    }
}

#[test]
fn ratios_are_one_or_more_and_never_called_times_faster() {
    for report in [Made::default().report(), failing(), several_sizes(&PLACES)] {
        let text = table(&report, &look(Some(200)));
        assert!(!text.contains("times faster"), "{text}");
        let ratios = text.split([' ', '\n']).filter_map(|word| {
            word.trim_end_matches([',', ';']).strip_suffix('x')?.parse::<f64>().ok()
        });
        let ratios: Vec<_> = ratios.filter(|ratio| *ratio < 1.0).collect();
        // What stands behind ± is half an interval, not a ratio.
        let halves = text.matches('±').count();
        assert!(ratios.len() <= halves, "{ratios:?}\n{text}");
    }
}

#[test]
fn a_percentile_without_ten_samples_beyond_is_a_dash() {
    let mut made = Made::of(&["tcp4"]);
    made.rounds = (1, 1);
    let look = Look {
        percentiles: "90,99".parse().expect("percentiles"),
        percentiles_are_chosen: true,
        ..look(Some(80))
    };
    let text = table(&made.report(), &look);
    let row = text.lines().find(|line| line.trim_start().starts_with("tcp4 ")).expect("a row");
    let cells: Vec<_> = row.split_whitespace().collect();
    // 500 samples: 50 lie beyond P90, 5 beyond P99.
    assert_eq!(cells.iter().filter(|cell| **cell == "-").count(), 2, "{text}");
    assert_eq!(cells[3], "-", "{text}");
}

#[test]
fn standard_output_that_is_no_terminal_gets_no_escape_and_no_carriage_return() {
    for args in [&SHORT[..], &["-v", "-c", "100", "-r", "6", "-w", "10"], &["list"], &["--help"]] {
        let Ran { code, out, err } = run(args);
        assert_eq!(code, Some(0), "{args:?}: {err}");
        for text in [&out, &err] {
            assert!(!text.contains(['\x1b', '\r']), "{args:?}: {text:?}");
        }
    }
}

#[test]
fn colour_follows_the_flag_then_no_color_then_clicolor_force() {
    type Variables = &'static [(&'static str, &'static str)];
    let table: [(&[&str], Variables, bool); 8] = [
        (&[], &[], false),
        (&[], &[("CLICOLOR_FORCE", "1")], true),
        (&[], &[("CLICOLOR_FORCE", "0")], false),
        (&[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], false),
        (&[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "")], true),
        (&["--color", "always"], &[("NO_COLOR", "1")], true),
        (&["--color", "never"], &[("CLICOLOR_FORCE", "1")], false),
        (&[], &[("SOCKEYE_COLOR", "always"), ("NO_COLOR", "1")], true),
    ];
    for (args, variables, expected) in table {
        let mut command = sockeye();
        command.args(["tcp4", "--place", "same"]).args(SHORT).args(args);
        command.envs(variables.iter().copied());
        let ran = Ran::of(&mut command);
        assert_eq!(ran.out.contains('\x1b'), expected, "{args:?} {variables:?}: {:?}", ran.out);
    }
}

#[test]
fn the_colour_flag_holds_for_warnings_errors_and_help_too() {
    let colour = |args: &[&str]| {
        let ran = Ran::of(sockeye().args(args).env("CLICOLOR_FORCE", "1"));
        (ran.out + &ran.err).contains('\x1b')
    };
    assert!(colour(&["nonsense"]), "an error is coloured like everything else");
    assert!(!colour(&["nonsense", "--color", "never"]), "--color never holds for errors");
    assert!(!colour(&["--help", "--color", "never"]), "--color never holds for help");
}

// ---- a real terminal ----

/// What a terminal of that size shows in the end, line by line, of what was sent to it.
fn screen(sent: &str) -> Vec<String> {
    let mut lines = vec![Vec::new()];
    let mut column = 0;
    let mut letters = sent.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\r' => column = 0,
            '\n' => lines.push(Vec::new()),
            '\x1b' => {
                assert_eq!(letters.next(), Some('['), "an escape that is not known: {sent:?}");
                let end = letters.find(char::is_ascii_alphabetic);
                match end {
                    Some('K') => lines.last_mut().expect("a line").truncate(column),
                    Some('m') => {}
                    other => panic!("an escape that is not known: {other:?} in {sent:?}"),
                }
            }
            letter => {
                let line = lines.last_mut().expect("there is a line");
                line.resize(line.len().max(column + 1), ' ');
                line[column] = letter;
                column += 1;
            }
        }
    }
    lines.into_iter().map(|line| line.into_iter().collect::<String>().trim_end().into()).collect()
}

#[test]
fn the_screen_of_these_tests_does_what_a_terminal_does() {
    let table = [
        ("one\r\ntwo", vec!["one", "two"]),
        ("a long line\rshort", vec!["shortg line"]),
        ("a long line\rshort\x1b[K", vec!["short"]),
        ("progress\r\x1b[K\x1b[32mpass:\x1b[0m 1\r\n", vec!["pass: 1", ""]),
    ];
    for (sent, expected) in table {
        assert_eq!(screen(sent), expected, "{sent:?}");
    }
}

/// Runs a shell's line in a terminal of that size, the program being `$SOCKEYE`; None if there is no
/// tool for it. What comes back is what was sent to the terminal.
fn in_terminal(line: &str, (columns, rows): (u32, u32), env: &[(&str, &str)]) -> Option<String> {
    if skip_without_tool("script") || skip_without_tool("stty") {
        return None;
    }
    let line = format!("stty cols {columns} rows {rows} && {line}");
    let mut command = Command::new("script");
    support::clean(&mut command);
    command.args(["-qec", &line, "/dev/null"]).env("SHELL", "/bin/sh");
    command.env("SOCKEYE", env!("CARGO_BIN_EXE_sockeye")).envs(env.iter().copied());
    let ran = Ran::of(&mut command);
    assert_eq!(ran.code, Some(0), "{line}: {ran:?}");
    Some(ran.out)
}

const TWO: &str = "tcp4 unix-stream -c 2000 -r 6 -w 10 --no-warn=all";

#[test]
fn on_a_terminal_progress_shows_and_turns_into_the_answer() {
    let Some(sent) = in_terminal(&format!("\"$SOCKEYE\" {TWO}"), (80, 24), &[]) else { return };
    assert!(sent.contains("looking around"), "{sent:?}");
    assert!(sent.contains("\x1b[32mpass:\x1b[0m"), "{sent:?}");
    let lines = screen(&sent);
    assert!(lines[0].starts_with("pass: 2 of 2 transports, "), "{lines:?}");
    assert!(lines.len() <= 24, "{} lines: {lines:#?}", lines.len());
    for line in &lines {
        assert!(line.chars().count() <= 80, "{line}");
        assert!(!line.contains("Ctrl-C"), "progress is left: {line}");
    }
}

#[test]
fn the_progress_line_is_narrower_than_the_terminal() {
    let line = format!("\"$SOCKEYE\" {TWO} --progress always 2>&1 >/dev/null");
    let Some(sent) = in_terminal(&line, (30, 24), &[]) else { return };
    let drawn: Vec<_> = sent.split('\r').filter(|part| part.contains("around")).collect();
    assert!(!drawn.is_empty(), "{sent:?}");
    for part in sent.split('\r') {
        let part = part.trim_end_matches("\x1b[K");
        assert!(part.chars().count() < 30, "{part:?}");
    }
}

#[test]
fn with_standard_output_in_a_pipe_progress_still_shows_on_the_terminal_and_is_taken_away() {
    let line = format!("\"$SOCKEYE\" {TWO} | cat >/dev/null");
    let Some(sent) = in_terminal(&line, (80, 24), &[]) else { return };
    assert!(sent.contains("looking around"), "{sent:?}");
    assert_eq!(screen(&sent), [""], "{sent:?}");
}

#[test]
fn a_dumb_terminal_and_no_color_get_what_they_ask_for() {
    let line = format!("\"$SOCKEYE\" {TWO}");
    let Some(dumb) = in_terminal(&line, (80, 24), &[("TERM", "dumb")]) else { return };
    assert!(!dumb.contains('\x1b') && !dumb.contains("Ctrl-C"), "{dumb:?}");
    let line = format!("{line} 2>/dev/null");
    let Some(plain) = in_terminal(&line, (80, 24), &[("NO_COLOR", "1")]) else { return };
    assert!(!plain.contains('\x1b'), "{plain:?}");
    let Some(empty) = in_terminal(&line, (80, 24), &[("NO_COLOR", "")]) else { return };
    assert!(empty.contains("\x1b[32m"), "{empty:?}");
}

#[test]
fn progress_never_and_quiet_draw_nothing_on_a_terminal() {
    for flag in ["--progress=never", "-q", "-qq"] {
        let line = format!("\"$SOCKEYE\" {TWO} {flag} 2>&1 >/dev/null");
        let Some(sent) = in_terminal(&line, (80, 24), &[]) else { return };
        assert_eq!(sent, "", "{flag}");
    }
}

#[test]
fn help_is_no_wider_than_the_terminal() {
    for columns in [60, 80, 200] {
        for flag in ["-h", "--help", "help list"] {
            // The short help is laid out by hand, for 80 columns.
            if columns < 80 && flag == "-h" {
                continue;
            }
            let line = format!("\"$SOCKEYE\" {flag}");
            let Some(sent) = in_terminal(&line, (columns, 24), &[]) else { return };
            for line in screen(&sent) {
                assert!(line.chars().count() <= columns as usize, "{flag} at {columns}: {line}");
            }
        }
    }
}

#[test]
fn the_list_is_no_wider_than_the_terminal() {
    for columns in [60, 80, 120] {
        let line = "\"$SOCKEYE\" list 2>/dev/null".to_owned();
        let Some(sent) = in_terminal(&line, (columns, 60), &[]) else { return };
        let lines = screen(&sent);
        // What helps is there to be pasted, and stays whole.
        let end = lines.iter().position(|line| line.contains("what helps")).unwrap_or(lines.len());
        for line in &lines[..end] {
            assert!(line.chars().count() <= columns as usize, "at {columns}: {line}");
        }
    }
}

// ---- the end of a run ----

#[test]
fn very_quiet_says_nothing_anywhere_and_keeps_the_exit_code() {
    let mut args = vec!["-qq"];
    args.extend(SHORT);
    let Ran { code, out, err } = run(&args);
    assert_eq!((code, out.as_str(), err.as_str()), (Some(0), "", ""));
    args.extend(["--json", "--progress", "always"]);
    let Ran { code, out, err } = run(&args);
    assert_eq!((code, out.as_str(), err.as_str()), (Some(0), "", ""));
}

#[test]
fn a_reader_that_leaves_is_no_reason_to_complain() {
    for args in [&["--json"][..], &["-v"], &[]] {
        let mut command = sockeye();
        command.args(["tcp4", "unix-dgram"]).args(SHORT).args(args);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("run");
        // Gone before the first letter: the write cannot but fail.
        drop(child.stdout.take());
        let mut err = String::new();
        child.stderr.take().expect("a pipe").read_to_string(&mut err).expect("text");
        let status = child.wait().expect("it ends");
        assert_eq!((status.code(), err.as_str()), (Some(0), ""), "{args:?}");
    }
}

/// A run for minutes, in a folder of its own, which has begun its third round.
struct Running {
    child: Child,
    stderr: BufReader<std::process::ChildStderr>,
    folder: tempfile::TempDir,
}

impl Running {
    fn start(args: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut command = sockeye();
        command.args(["unix-stream", "tcp4", "unix-dgram", "-t", "5m", "-r", "1000", "-w", "10"]);
        command.args(["--progress", "always", "--no-warn", "all"]).args(args);
        command.env("TMPDIR", folder.path());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("run");
        let mut stderr = BufReader::new(child.stderr.take().expect("a pipe"));
        loop {
            let mut drawn = Vec::new();
            let length = stderr.read_until(b'K', &mut drawn).expect("it can be read");
            let text = String::from_utf8_lossy(&drawn);
            assert!(length > 0, "it ended before the third round: {text}");
            let round = text.split_once("round ").and_then(|(_, rest)| rest.split(' ').next());
            if round.and_then(|number| number.parse::<u32>().ok()).is_some_and(|n| n >= 3) {
                break;
            }
        }
        Self { child, stderr, folder }
    }

    fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).expect("a process's number");
        kill(Pid::from_raw(pid), signal).expect("it is ours and runs");
    }

    /// Every process that was started with this run's folder in its environment.
    fn processes(folder: &Path) -> Vec<PathBuf> {
        let mark = folder.to_str().expect("a name in UTF-8").to_owned();
        let mut found: Vec<_> = std::fs::read_dir("/proc")
            .expect("/proc")
            .flatten()
            .map(|entry| entry.path())
            .collect();
        found.retain(|process| {
            std::fs::read(process.join("environ"))
                .is_ok_and(|environ| String::from_utf8_lossy(&environ).contains(&mark))
        });
        found
    }

    /// Standard output, what is left on the terminal, the signal that ended it, and what is left
    /// behind: files and processes.
    fn end(mut self) -> (String, String, Option<i32>, Vec<PathBuf>) {
        let mut out = String::new();
        self.child.stdout.take().expect("a pipe").read_to_string(&mut out).expect("text");
        let mut err = String::new();
        self.stderr.read_to_string(&mut err).expect("text");
        let status = self.child.wait().expect("it ends");
        let files = std::fs::read_dir(self.folder.path()).expect("a folder").flatten();
        let mut left: Vec<_> = files.map(|entry| entry.path()).collect();
        left.extend(Self::processes(self.folder.path()));
        (out, err, status.signal(), left)
    }
}

/// Was this signal ignored before we came (`nohup`)? Then the program leaves it so, rightly.
fn is_ignored(signal: Signal) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    let ignored = mask & (1 << (signal as u64 - 1)) != 0;
    if ignored {
        skip(&format!("{signal} is ignored by whoever started this test"));
    }
    ignored
}

#[test]
fn a_signal_ends_a_run_with_its_finished_rounds_and_leaves_nothing_behind() {
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGQUIT] {
        if is_ignored(signal) {
            continue;
        }
        let running = Running::start(&[]);
        let processes = Running::processes(running.folder.path());
        assert!(!processes.is_empty(), "the run itself was not found in /proc");
        running.signal(signal);
        let (out, err, ended_by, left) = running.end();
        assert_eq!(ended_by, Some(signal as i32), "{signal}: {out}{err}");
        assert!(left.is_empty(), "{signal} left something behind: {left:?}");
        let first = out.lines().next().unwrap_or_default();
        let words = format!("interrupted ({signal}) after ");
        let rounds = first.strip_prefix(&words).and_then(|rest| rest.split(' ').next());
        let rounds = rounds.and_then(|number| number.parse::<u32>().ok());
        assert!(rounds.is_some_and(|n| n >= 2), "{signal}: {first}");
        assert!(out.contains("\n  unix-stream "), "finished rounds are reported: {out}");
        assert_eq!(screen(&err).concat(), "", "progress is taken away: {err:?}");
    }
}

#[test]
fn a_file_grows_beside_its_target_under_a_name_that_says_whose_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let names = || {
        let entries = std::fs::read_dir(folder.path()).expect("a folder").flatten();
        entries.map(|entry| entry.file_name().into_string().expect("UTF-8")).collect::<Vec<_>>()
    };
    let target = folder.path().join("result.json");
    let running = Running::start(&["-o", target.to_str().expect("UTF-8")]);
    assert_eq!(names(), [format!(".result.json.{}-0", running.child.id())]);
    running.signal(Signal::SIGTERM);
    running.end();
    assert_eq!(names(), ["result.json"]);
}

#[test]
fn an_interrupted_run_of_few_rounds_says_so_and_claims_nothing() {
    let report = interrupted();
    let text = table(&report, &look(Some(80)));
    assert!(
        text.replace('\n', " ").starts_with("interrupted (SIGINT) after 3 of 20 rounds; "),
        "{text}"
    );
    assert!(!text.contains(" takes "), "three rounds support no claim: {text}");
    assert!(!text.contains("tie"), "nor that anything is a tie: {text}");
    // The case that never came is marked, the others have their numbers.
    let marked = text.lines().filter(|line| line.contains("interrupted")).count();
    assert_eq!(marked, 2, "{text}");
}

#[test]
fn an_answer_that_scrolls_away_is_said_again_at_the_end() {
    let report = Made::of(&["tcp4", "unix-stream"]).report();
    let whole = table(&report, &look(Some(80)));
    let rows = whole.lines().count();
    let at = |height| table(&report, &Look { height: Some(height), ..look(Some(80)) });
    assert_eq!(at(rows + 1), whole, "it fits, with a row for the prompt");
    let answer = whole.split("\n\n").next().expect("the answer");
    assert_eq!(at(rows), format!("{whole}\n{answer}\n"));
}
