//! The command line: what is refused and in which words, where values may come from, where words may
//! stand, and the texts of help. Every error is compared whole.

mod support;

use serde_json::{Value, json};
use sockeye::cli::parse::{command, variable_of};
use sockeye::cli::value::COMMANDS;
use sockeye::transport::{ALL, GROUPS};
use std::collections::BTreeSet;
use support::{Ran, run, skip, sockeye};

/// A run that takes no time to speak of.
const SHORT: [&str; 9] = ["-c", "100", "-r", "6", "-w", "10", "--no-warn=all", "--place", "same"];

/// Runs with variables set.
fn run_under(variables: &[(&str, &str)], args: &[&str]) -> Ran {
    Ran::of(sockeye().args(args).envs(variables.iter().copied()))
}

fn run_short(args: &[&str]) -> Ran {
    let mut all = args.to_vec();
    all.extend(SHORT);
    run(&all)
}

/// Is it exactly this, in two lines, with nothing on standard output and exit code 2? What is not as
/// it should be comes back.
fn refusal(ran: &Ran, what: &str, hint: &str) -> Result<(), String> {
    let expected = format!("error: {what}\nhint: {hint}\n");
    if (ran.code, ran.out.as_str(), ran.err.as_str()) == (Some(2), "", expected.as_str()) {
        return Ok(());
    }
    Err(format!("expected 2 and\n{expected}is {:?} and\n{}{}\n", ran.code, ran.err, ran.out))
}

/// Fails with all that is wrong, not with the first of it.
fn none_of(wrong: impl IntoIterator<Item = String>) {
    let wrong: Vec<_> = wrong.into_iter().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const SIZES: &str = "sizes go from 1 to 64M, for example 64 or 16k";
const DURATIONS: &str = "with a unit: 500ms, 3s, 1m";
const SUFFIXES: &str =
    "suffixes: .json .csv .md .xml .prom .hlog .svg .html .txt; or name the format: json:FILE";
const WARNINGS: &str = "warnings: noise.wide, noise.drift, noise.load, noise.switches, \
                        noise.modes, clock.cost, all";

/// A flag, what clap calls it, a value that it does not take, why, and what helps.
#[expect(clippy::too_many_lines, reason = "it is a table")]
fn bad_values() -> Vec<(&'static str, &'static str, &'static str, &'static str, String)> {
    let hint = str::to_owned;
    vec![
        (
            "format",
            "--format <FORMAT>",
            "jsno",
            "no such value",
            hint(
                "did you mean 'json'? values: table, csv, json, markdown, junit, openmetrics, github, hlog, svg, html",
            ),
        ),
        (
            "format",
            "--format <FORMAT>",
            "xyz",
            "no such value",
            hint("values: table, csv, json, markdown, junit, openmetrics, github, hlog, svg, html"),
        ),
        (
            "sort",
            "--sort <KEY>",
            "medain",
            "no such value",
            hint("did you mean 'median'? values: median, p99, name, given"),
        ),
        ("sort", "--sort <KEY>", "z", "no such value", hint("values: median, p99, name, given")),
        (
            "no-warn",
            "--no-warn <ID,...>",
            "noise.wid",
            "no such warning",
            hint("did you mean 'noise.wide'?"),
        ),
        ("no-warn", "--no-warn <ID,...>", "zzz", "no such warning", hint(WARNINGS)),
        ("size", "--size <SIZES>", "0", "out of range", hint(SIZES)),
        ("size", "--size <SIZES>", "5G", "out of range", hint(SIZES)),
        ("size", "--size <SIZES>", "64,x", "not a size", hint(SIZES)),
        (
            "size",
            "--size <SIZES>",
            "64k..1",
            "the range ends before it begins",
            hint("the smaller size first: 1..64k"),
        ),
        ("count", "--count <N>", "0", "out of range", hint("it goes from 1 to 10M")),
        ("count", "--count <N>", "many", "not a number", hint("it goes from 1 to 10M")),
        ("rounds", "--rounds <N>", "1", "out of range", hint("it goes from 2 to 1k")),
        ("warmup", "--warmup <N>", "x", "not a number", hint("it goes from 0 to 1M")),
        (
            "cpus",
            "--cpus <A,B>",
            "x",
            "not two CPU numbers",
            hint("the client's and the peer's: --cpus 0,1"),
        ),
        (
            "cpus",
            "--cpus <A,B>",
            "0,1,2",
            "not two CPU numbers",
            hint("the client's and the peer's: --cpus 0,1"),
        ),
        (
            "timeout",
            "--timeout <DURATION>",
            "0",
            "no unit",
            format!("it goes from 1ms to 1h, {DURATIONS}"),
        ),
        (
            "timeout",
            "--timeout <DURATION>",
            "0s",
            "out of range",
            format!("it goes from 1ms to 1h, {DURATIONS}"),
        ),
        (
            "time",
            "--time <DURATION>",
            "0s",
            "out of range",
            format!("it goes from 100ms to 1h, {DURATIONS}"),
        ),
        (
            "time",
            "--time <DURATION>",
            "3",
            "no unit",
            format!("it goes from 100ms to 1h, {DURATIONS}"),
        ),
        (
            "place",
            "--place <LIST>",
            "nowhere",
            "unknown place 'nowhere'",
            hint("places: same, split, free"),
        ),
        ("wait", "--wait <HOW>", "sleep", "no such value", hint("values: block, poll, spin")),
        ("nodelay", "--nodelay <SWITCH>", "maybe", "no such value", hint("values: on, off")),
        (
            "buf",
            "--buf <SIZE>",
            "0",
            "out of range",
            hint("sizes go from 1 to 1G, for example 64 or 16k"),
        ),
        (
            "payload",
            "--payload <KIND>",
            "/no/such/file",
            "neither a kind nor a file",
            hint("kinds: pattern, random, zero, or the name of a file"),
        ),
        ("seed", "--seed <N>", "x", "not a number", hint("a whole number, 0 or more")),
        (
            "percentiles",
            "--percentiles <LIST>",
            "101",
            "'101' is no percentile",
            hint("for example 99,max or min,90,99,99.9"),
        ),
        (
            "time-unit",
            "--time-unit <UNIT>",
            "h",
            "no such value",
            hint("values: auto, ns, us, ms, s"),
        ),
        (
            "color",
            "--color <WHEN>",
            "sometimes",
            "no such value",
            hint("values: auto, always, never"),
        ),
        (
            "progress",
            "--progress <WHEN>",
            "x",
            "no such value",
            hint("values: auto, always, never"),
        ),
        (
            "output",
            "--output <[FORMAT:]FILE>",
            "result.yaml",
            "its suffix is no format",
            hint(SUFFIXES),
        ),
        (
            "output",
            "--output <[FORMAT:]FILE>",
            "json:",
            "no file behind the format",
            hint("json:result.json"),
        ),
    ]
}

#[test]
fn a_bad_value_is_refused_in_two_lines_that_say_what_would_do() {
    let mut wrong = Vec::new();
    for (flag, shown, value, why, hint) in bad_values() {
        let ran = run(&[&format!("--{flag}"), value]);
        let what = format!("cannot read '{value}' for '{shown}': {why}");
        wrong.extend(refusal(&ran, &what, &hint).err());
    }
    none_of(wrong);
}

#[test]
fn a_bad_value_from_a_variable_names_the_variable() {
    let mut wrong = Vec::new();
    for (flag, shown, value, why, hint) in bad_values() {
        let variable = format!("SOCKEYE_{}", flag.to_uppercase().replace('-', "_"));
        let ran = run_under(&[(&variable, value)], &[]);
        let what = format!("cannot read '{value}' for '{shown}' (from {variable}): {why}");
        wrong.extend(refusal(&ran, &what, &hint).err());
    }
    none_of(wrong);
}

#[test]
fn every_flag_with_a_value_has_a_bad_value_here() {
    let here: BTreeSet<_> = bad_values().iter().map(|row| row.0).collect();
    // Any text is a label, and what is a baseline depends on the run.
    let others = ["label", "baseline", "skip", "generate"];
    for arg in command().get_arguments() {
        let Some(long) = arg.get_long().filter(|_| arg.get_action().takes_values()) else {
            continue;
        };
        assert!(here.contains(long) || others.contains(&long), "--{long} has no bad value here");
    }
}

#[test]
fn the_short_flag_is_refused_in_the_same_words() {
    let table = [
        (["-s", "0"], "cannot read '0' for '--size <SIZES>': out of range", SIZES),
        (["-s", "5G"], "cannot read '5G' for '--size <SIZES>': out of range", SIZES),
        (["-c", "0"], "cannot read '0' for '--count <N>': out of range", "it goes from 1 to 10M"),
        (["-r", "1"], "cannot read '1' for '--rounds <N>': out of range", "it goes from 2 to 1k"),
        (
            ["-W", "0"],
            "cannot read '0' for '--timeout <DURATION>': no unit",
            "it goes from 1ms to 1h, with a unit: 500ms, 3s, 1m",
        ),
        (
            ["-t", "0s"],
            "cannot read '0s' for '--time <DURATION>': out of range",
            "it goes from 100ms to 1h, with a unit: 500ms, 3s, 1m",
        ),
        (
            ["-f", "jsno"],
            "cannot read 'jsno' for '--format <FORMAT>': no such value",
            "did you mean 'json'? values: table, csv, json, markdown, junit, openmetrics, github, hlog, svg, html",
        ),
    ];
    none_of(table.iter().filter_map(|(args, what, hint)| refusal(&run(args), what, hint).err()));
}

#[test]
fn an_unknown_word_gets_the_name_that_was_meant() {
    let all = "all names: sockeye list";
    let table: [(&[&str], &str, &str); 16] = [
        (&["tpc4"], "unknown transport 'tpc4'", "did you mean 'tcp4'? all names: sockeye list"),
        (
            &["tcp4,tpc6"],
            "unknown transport 'tpc6'",
            "did you mean 'tcp6'? all names: sockeye list",
        ),
        (&["unixs"], "unknown transport 'unixs'", "did you mean 'unix'? all names: sockeye list"),
        (&["lsit"], "unknown transport 'lsit'", "did you mean the command 'list'?"),
        (&["xyzzy"], "unknown transport 'xyzzy'", all),
        (
            &["list", "tpc4"],
            "unknown transport 'tpc4'",
            "did you mean 'tcp4'? all names: sockeye list",
        ),
        (
            &["--skip", "tpc4"],
            "unknown transport 'tpc4'",
            "did you mean 'tcp4'? all names: sockeye list",
        ),
        (
            &["--fomrat", "json"],
            "unknown flag '--fomrat'",
            "did you mean '--format'? all flags: sockeye --help",
        ),
        (&["--xyzzy"], "unknown flag '--xyzzy'", "all flags: sockeye --help"),
        (&["-Z"], "unknown flag '-Z'", "all flags: sockeye --help"),
        (&["list", "-s", "64"], "unknown flag '-s'", "all flags: sockeye --help"),
        (
            &["help", "nonsense"],
            "unknown command 'nonsense'",
            "commands: run, list, check, serve, ping, explain, report, compare, help",
        ),
        (&["help", "lst"], "unknown command 'lst'", "did you mean 'list'?"),
        (
            &["tcp4", "-b", "tcp5"],
            "the baseline 'tcp5' is no row of this run",
            "did you mean 'tcp4'? rows: tcp4",
        ),
        (
            &["tcp4", "udp4", "-b", "zzzz"],
            "the baseline 'zzzz' is no row of this run",
            "rows: tcp4, udp4",
        ),
        (
            &["--generate", "mann"],
            "cannot read 'mann' for '--generate <KIND[:FOLDER]>': no such value",
            "did you mean 'man'? values: man, complete-bash, complete-zsh, complete-fish, complete-elvish, schema-run, schema-check, schema-ping, schema-compare, schema-explain, systemd, prometheus-rules",
        ),
    ];
    none_of(table.iter().filter_map(|(args, what, hint)| refusal(&run(args), what, hint).err()));
}

#[test]
fn what_contradicts_itself_is_refused() {
    let count_and_time = "the time that so many echoes take is theirs: leave one out";
    let table: [(&[&str], &str, &str); 6] = [
        (&["-c", "5", "-t", "1s"], "'--time' and '--count' contradict each other", count_and_time),
        (
            &["--time=1s", "--count=5"],
            "'--time' and '--count' contradict each other",
            count_and_time,
        ),
        (
            &["--cpus", "0,0", "--place", "same"],
            "'--place' and '--cpus' contradict each other",
            "--cpus says where the ends run: leave --place out",
        ),
        (
            &["tcp4", "--skip", "tcp4"],
            "no transport is left after --skip, -4 and -6",
            "leave one of them out; all names: sockeye list",
        ),
        (
            &["tcp6", "-4"],
            "no transport is left after --skip, -4 and -6",
            "leave one of them out; all names: sockeye list",
        ),
        (
            &["list", "tcp6", "-4"],
            "no transport is left after --skip, -4 and -6",
            "leave one of them out; all names: sockeye list",
        ),
    ];
    none_of(table.iter().filter_map(|(args, what, hint)| refusal(&run(args), what, hint).err()));
}

/// The CPUs that a run may use, as a refusal names them.
fn allowed_cpus() -> String {
    let status = std::fs::read_to_string("/proc/self/status").expect("/proc");
    let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
    let numbers = list.expect("a list of CPUs").trim().split(',').flat_map(|part| {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        from.parse::<usize>().expect("a CPU")..=to.parse().expect("a CPU")
    });
    numbers.map(|cpu| cpu.to_string()).collect::<Vec<_>>().join(",")
}

#[test]
fn a_cpu_that_is_not_there_is_refused_with_those_that_are() {
    let allowed = allowed_cpus();
    let first = allowed.split(',').next().expect("a CPU").to_owned();
    let cpus = format!("{first},9999");
    let hint = format!("allowed here: {allowed}");
    let what = "cannot use CPU 9999: it is not there or not allowed";
    none_of(refusal(&run(&["--cpus", &cpus]), what, &hint).err());
}

#[test]
fn what_is_refused_only_when_it_is_looked_at_names_its_variable_too() {
    let hint = format!("allowed here: {}", allowed_cpus());
    let suggestion = "did you mean 'tcp4'? rows: tcp4";
    let table = [
        (
            "SOCKEYE_CPUS",
            "9999,9999",
            "cannot use CPU 9999 (from SOCKEYE_CPUS): it is not there or not allowed",
            hint.as_str(),
        ),
        (
            "SOCKEYE_BASELINE",
            "tcp5",
            "the baseline 'tcp5' (from SOCKEYE_BASELINE) is no row of this run",
            suggestion,
        ),
        (
            "SOCKEYE_OUTPUT",
            "/no/such/x.json",
            "cannot write '/no/such/x.json' (from SOCKEYE_OUTPUT): no such file or directory (ENOENT, open)",
            "mkdir -p /no/such",
        ),
    ];
    let wrong = table.iter().filter_map(|(variable, value, what, hint)| {
        refusal(&run_under(&[(variable, value)], &["tcp4"]), what, hint).err()
    });
    none_of(wrong);
}

#[test]
fn a_file_that_cannot_be_written_is_refused_before_anything_is_measured() {
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path().display().to_string();
    let file = folder.path().join("file");
    std::fs::write(&file, "").expect("written");
    let table = [
        (
            "/no/such/x.json".to_owned(),
            "cannot write '/no/such/x.json': no such file or directory (ENOENT".to_owned(),
            "mkdir -p /no/such".to_owned(),
        ),
        (
            "/no/such thing/it's/x.json".to_owned(),
            "cannot write '/no/such thing/it's/x.json': no such file or directory (ENOENT"
                .to_owned(),
            r"mkdir -p '/no/such thing/it'\''s'".to_owned(),
        ),
        (
            format!("json:{here}"),
            format!("cannot write '{here}': is a directory (EISDIR"),
            format!("-o {here}/result.json"),
        ),
        (
            format!("{}/x.csv", file.display()),
            format!("cannot write '{}/x.csv': not a directory (ENOTDIR", file.display()),
            "-o with a file in a folder that you may write to, for example -o /tmp/result.json"
                .to_owned(),
        ),
    ];
    for (output, what, hint) in table {
        for args in [&["-o", &output][..], &["list", "-o", &output]] {
            // Five minutes: if it measured, the test would not end.
            let ran = run(&[args, if args.len() == 2 { &["-t", "5m"] } else { &[] }].concat());
            assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{}", ran.err);
            let lines: Vec<_> = ran.err.lines().collect();
            assert_eq!(lines.len(), 2, "{}", ran.err);
            assert!(lines[0].starts_with(&format!("error: {what}")), "{}", ran.err);
            assert_eq!(lines[1], format!("hint: {hint}"));
        }
    }
}

#[test]
fn a_flag_without_its_value_says_what_it_takes() {
    for (args, what) in [
        (&["-s"][..], "'--size <SIZES>' needs a value"),
        (&["--format"], "'--format <FORMAT>' needs a value"),
        (&["list", "-o"], "'--output <[FORMAT:]FILE>' needs a value"),
    ] {
        let ran = run(args);
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""));
        let lines: Vec<_> = ran.err.lines().collect();
        assert_eq!(lines.len(), 2, "{}", ran.err);
        assert_eq!(lines[0], format!("error: {what}"));
    }
}

#[test]
fn a_switch_from_a_variable_takes_yes_and_no_and_says_so() {
    for (value, is_json) in
        [("1", true), ("true", true), ("yes", true), ("0", false), ("no", false)]
    {
        let ran = run_under(&[("SOCKEYE_JSON", value)], &["list", "tcp4"]);
        assert_eq!(ran.out.starts_with('{'), is_json, "{value}: {}{}", ran.out, ran.err);
    }
    let ran = run_under(&[("SOCKEYE_JSON", ""), ("SOCKEYE_SKIP", "")], &["list", "tcp4"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "an empty variable is none");
    assert!(!ran.out.starts_with('{'), "an empty variable is none: {}", ran.out);
    let ran = run_under(&[("SOCKEYE_JSON", "maybe")], &["list", "tcp4"]);
    let what = "cannot read 'maybe' for '--json' (from SOCKEYE_JSON): neither yes nor no";
    none_of(refusal(&ran, what, "1, true, yes or on; 0, false, no or off").err());
}

// ---- variables ----

/// Everything that a short run needs, by variables alone.
const BASE: [(&str, &str); 8] = [
    ("SOCKEYE_TRANSPORTS", "tcp4"),
    ("SOCKEYE_COUNT", "100"),
    ("SOCKEYE_ROUNDS", "6"),
    ("SOCKEYE_WARMUP", "10"),
    ("SOCKEYE_PLACE", "same"),
    ("SOCKEYE_JSON", "1"),
    ("SOCKEYE_NO_WARN", "all"),
    ("SOCKEYE_LABEL", "base"),
];

/// A short run with some variables set anew; an empty one is taken away.
fn run_by(changes: &[(&str, &str)]) -> Ran {
    let mut command = sockeye();
    command.envs(BASE);
    for (name, value) in changes {
        match *value {
            "" => command.env_remove(name),
            value => command.env(name, value),
        };
    }
    Ran::of(&mut command)
}

fn read(ran: &Ran) -> Value {
    serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {ran:?}"))
}

#[test]
fn every_long_flag_has_a_variable_that_works() {
    type Changes = &'static [(&'static str, &'static str)];
    type Effect = fn(&Ran) -> bool;
    fn says(ran: &Ran, place: &str, value: impl Into<Value>) -> bool {
        read(ran).pointer(place) == Some(&value.into())
    }
    fn setting(ran: &Ran, name: &str, value: impl Into<Value>) -> bool {
        read(ran)["settings"][name] == json!({"value": value.into(), "source": "env"})
    }
    fn names(ran: &Ran) -> Vec<String> {
        let results = read(ran)["results"].as_array().expect("results").clone();
        results.iter().filter_map(|case| case["transport"].as_str().map(str::to_owned)).collect()
    }
    const TABLE: (&str, &str) = ("SOCKEYE_JSON", "");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("by-variable.csv").display().to_string();
    let rows: Vec<(&str, Changes, Effect)> = vec![
        ("transports", &[], |r| names(r) == ["tcp4"]),
        ("skip", &[("SOCKEYE_TRANSPORTS", "tcp4,udp4"), ("SOCKEYE_SKIP", "tcp")], |r| {
            names(r) == ["udp4"]
        }),
        ("ipv4", &[("SOCKEYE_TRANSPORTS", "tcp4 tcp6"), ("SOCKEYE_IPV4", "1")], |r| {
            names(r) == ["tcp4"]
        }),
        ("ipv6", &[("SOCKEYE_TRANSPORTS", "tcp4 unix-dgram"), ("SOCKEYE_IPV6", "1")], |r| {
            names(r) == ["unix-dgram"]
        }),
        ("size", &[("SOCKEYE_SIZE", "1k")], |r| says(r, "/results/0/size", json!(1024))),
        ("time", &[("SOCKEYE_TIME", "150ms"), ("SOCKEYE_COUNT", "")], |r| {
            setting(r, "time", json!(150_000_000))
        }),
        ("count", &[], |r| setting(r, "count", json!(100))),
        ("rounds", &[], |r| setting(r, "rounds", json!(6))),
        ("warmup", &[], |r| setting(r, "warmup", json!(10))),
        ("timeout", &[("SOCKEYE_TIMEOUT", "2s")], |r| {
            setting(r, "timeout", json!(2_000_000_000_u64))
        }),
        ("place", &[("SOCKEYE_PLACE", "free")], |r| says(r, "/results/0/place", json!("free"))),
        ("wait", &[("SOCKEYE_WAIT", "poll")], |r| says(r, "/results/0/wait", json!("poll"))),
        ("nodelay", &[("SOCKEYE_NODELAY", "off")], |r| setting(r, "nodelay", json!(false))),
        ("buf", &[("SOCKEYE_BUF", "64k")], |r| setting(r, "buf", json!(65_536))),
        ("payload", &[("SOCKEYE_PAYLOAD", "zero")], |r| setting(r, "payload", json!("zero"))),
        ("seed", &[("SOCKEYE_SEED", "5")], |r| says(r, "/seed", json!(5))),
        ("baseline", &[("SOCKEYE_BASELINE", "tcp4")], |r| setting(r, "baseline", json!("tcp4"))),
        (
            "sort",
            &[("SOCKEYE_TRANSPORTS", "udp4 unix-dgram tcp4"), ("SOCKEYE_SORT", "name")],
            |r| names(r) == ["tcp4", "udp4", "unix-dgram"],
        ),
        ("percentiles", &[TABLE, ("SOCKEYE_PERCENTILES", "75")], |r| {
            r.out.contains(" P75") && !r.out.contains("MAX")
        }),
        ("label", &[], |r| says(r, "/label", json!("base"))),
        ("fail-fast", &[("SOCKEYE_FAIL_FAST", "yes")], |r| setting(r, "fail-fast", json!(true))),
        ("strict", &[("SOCKEYE_STRICT", "yes")], |r| setting(r, "strict", json!(true))),
        ("format", &[TABLE, ("SOCKEYE_FORMAT", "csv")], |r| r.out.starts_with("id,transport,")),
        ("json", &[], |r| r.out.starts_with('{')),
        ("time-unit", &[TABLE, ("SOCKEYE_TIME_UNIT", "ns")], |r| r.out.contains("ONE CPU ns")),
        ("quiet", &[TABLE, ("SOCKEYE_QUIET", "2")], |r| r.out.is_empty() && r.code == Some(0)),
        ("verbose", &[TABLE, ("SOCKEYE_VERBOSE", "1")], |r| r.out.contains("  settings: ")),
        ("color", &[TABLE, ("SOCKEYE_COLOR", "always")], |r| r.out.contains('\x1b')),
        ("progress", &[("SOCKEYE_PROGRESS", "always")], |r| r.err.contains("looking around")),
        ("ascii", &[TABLE, ("SOCKEYE_ASCII", "on")], |r| r.out.is_ascii() && r.out.contains(" us")),
        ("no-warn", &[], |r| says(r, "/warnings", json!([])) && r.err.is_empty()),
    ];
    let mut wrong = Vec::new();
    for (flag, changes, works) in &rows {
        let ran = run_by(changes);
        if !works(&ran) {
            wrong.push(format!("the variable of --{flag} does not work: {ran:?}"));
        }
    }
    let cpu = allowed_cpus().split(',').next().expect("a CPU").parse::<u32>().expect("a number");
    let ran = run_by(&[("SOCKEYE_PLACE", ""), ("SOCKEYE_CPUS", &format!("{cpu},{cpu}"))]);
    assert_eq!(read(&ran)["settings"]["cpus"], json!({"value": [cpu, cpu], "source": "env"}));
    let ran = run_by(&[("SOCKEYE_OUTPUT", &file)]);
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(written.starts_with("id,transport,"), "{ran:?}");
    none_of(wrong);

    let mut here: BTreeSet<_> = rows.iter().map(|row| row.0).collect();
    here.extend(["cpus", "output"]);
    let known = command();
    // Those of serve and ping are tried where their servers are: in ends.rs.
    let list = known.find_subcommand("list");
    let all = std::iter::once(&known).chain(list);
    for arg in all.flat_map(clap::Command::get_arguments) {
        let name = arg.get_long().unwrap_or(arg.get_id().as_str());
        match variable_of(arg) {
            Some(_) => assert!(here.contains(name), "--{name} is not tried here"),
            None => assert!(["help", "version", "generate", "topic"].contains(&name), "--{name}"),
        }
    }
}

#[test]
fn a_flag_beats_a_variable() {
    let by = |variable: (&str, &str), args: &[&str]| {
        let mut command = sockeye();
        command.envs(BASE).env(variable.0, variable.1).args(args);
        Ran::of(&mut command)
    };
    for (variable, args, place, value) in [
        (("SOCKEYE_SIZE", "128"), &["-s", "32"][..], "/results/0/size", json!(32)),
        // What is beaten is not even looked at.
        (("SOCKEYE_SIZE", "nonsense"), &["--size=32"], "/results/0/size", json!(32)),
        (("SOCKEYE_TRANSPORTS", "tcp4"), &["udp4"], "/results/0/transport", json!("udp4")),
        (("SOCKEYE_TRANSPORTS", "tpc4"), &["udp4"], "/results/0/transport", json!("udp4")),
        (("SOCKEYE_COUNT", "100"), &["-t", "150ms"], "/settings/count/value", Value::Null),
        (("SOCKEYE_TIME", "1m"), &["-c", "60"], "/settings/time/value", Value::Null),
        (("SOCKEYE_CPUS", "9999,9999"), &["--place", "free"], "/results/0/place", json!("free")),
        (("SOCKEYE_FORMAT", "csv"), &["--json"], "/schema", json!("sockeye.run/1")),
        (("SOCKEYE_LABEL", "one"), &["--label", "two"], "/label", json!("two")),
        (
            ("SOCKEYE_NODELAY", "off"),
            &["--nodelay", "on"],
            "/settings/nodelay/source",
            json!("flag"),
        ),
    ] {
        let ran = by(variable, args);
        let found = serde_json::from_str::<Value>(&ran.out).ok();
        let found = found.as_ref().and_then(|document| document.pointer(place));
        assert_eq!(found, Some(&value), "{variable:?} {args:?}: {ran:?}");
    }
    let ran = by(("SOCKEYE_IPV4", "1"), &["unix-dgram", "tcp6", "-6"]);
    let results = read(&ran)["results"].as_array().map(Vec::len);
    assert_eq!(results, Some(2), "-6 beats SOCKEYE_IPV4: {ran:?}");
    let ran = by(("SOCKEYE_JSON", "1"), &["-f", "csv"]);
    assert!(ran.out.starts_with("id,transport,"), "-f csv beats SOCKEYE_JSON: {ran:?}");
}

#[test]
fn the_names_of_the_list_beat_their_variable_and_what_comes_from_it_says_so() {
    let ran = run_under(&[("SOCKEYE_TRANSPORTS", "tpc4")], &["list", "tcp4"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "a name beats the variable");
    let ran = run_under(&[("SOCKEYE_TRANSPORTS", "tpc4")], &["list"]);
    let what = "unknown transport 'tpc4' (from SOCKEYE_TRANSPORTS)";
    let hint = "did you mean 'tcp4'? all names: sockeye list";
    none_of(refusal(&ran, what, hint).err());
}

// ---- words and where they stand ----

/// The transports of a run, in the order of its rows as given.
fn measured(args: &[&str]) -> Vec<String> {
    let mut all = args.to_vec();
    all.extend(["--json", "--sort", "given"]);
    all.extend(SHORT);
    let ran = run(&all);
    let document = read(&ran);
    let results = document["results"].as_array().expect("results").iter();
    results.filter_map(|case| case["transport"].as_str().map(str::to_owned)).collect()
}

/// The transports that the list names, without asking them for long.
fn listed(args: &[&str]) -> Vec<String> {
    let mut all = args.to_vec();
    all.push("--json");
    let document = read(&run(&all));
    let rows = document["transports"].as_array().unwrap_or_else(|| panic!("{args:?}: {document}"));
    rows.iter().filter_map(|row| row["transport"].as_str().map(str::to_owned)).collect()
}

#[test]
fn the_command_may_stand_anywhere_among_the_flags() {
    for args in [
        &["run", "tcp4"][..],
        &["tcp4"],
        &["tcp4", "run"],
        &["--label", "x", "run", "tcp4"],
        &["--label=x", "run", "tcp4"],
        &["-q", "run", "tcp4"],
        &["-qs64", "run", "tcp4"],
        &["-qs", "64", "run", "tcp4"],
        &["-s", "64", "tcp4", "run"],
    ] {
        assert_eq!(measured(args), ["tcp4"], "{args:?}");
    }
    for args in [
        &["list", "tcp4"][..],
        &["tcp4", "list"],
        &["-4", "list", "tcp4"],
        &["-q", "list", "tcp4"],
        &["-f", "table", "list", "tcp4"],
        &["--color", "never", "tcp4", "list"],
    ] {
        assert_eq!(listed(args), ["tcp4"], "{args:?}");
    }
    // As the value of a flag it is no command.
    let document = read(&run_short(&["--json", "tcp4", "--label", "list"]));
    assert_eq!(
        (&document["label"], &document["schema"]),
        (&json!("list"), &json!("sockeye.run/1"))
    );
}

#[test]
fn names_are_read_in_any_case_and_printed_in_lower_case() {
    assert_eq!(measured(&["TCP4", "Unix-DGRAM"]), ["tcp4", "unix-dgram"]);
    assert_eq!(listed(&["list", "UNIX"]), ["unix-stream", "unix-dgram", "unix-seqpacket"]);
    assert_eq!(
        listed(&["list", "unix", "--skip", "Unix-Stream"]),
        ["unix-dgram", "unix-seqpacket"]
    );
}

#[test]
fn names_are_separated_by_commas_or_blanks() {
    for args in [&["udp4,tcp4"][..], &["udp4 tcp4"], &["udp4, tcp4,"], &["udp4", "tcp4"]] {
        assert_eq!(measured(args), ["udp4", "tcp4"], "{args:?}");
    }
}

#[test]
fn every_group_is_what_the_catalogue_says() {
    for group in GROUPS {
        let held = ALL.iter().filter(|row| (group.holds)(row)).map(|row| row.name);
        assert_eq!(listed(&["list", group.name]), held.collect::<Vec<_>>(), "{}", group.name);
    }
    let default: Vec<_> = ALL.iter().filter(|row| row.in_default).map(|row| row.name).collect();
    assert_eq!(measured(&[]), default);
    assert_eq!(listed(&["list"]), ALL.iter().map(|row| row.name).collect::<Vec<_>>());
}

#[test]
fn four_and_six_drop_the_other_and_keep_what_is_neither() {
    let unix = ["unix-stream", "unix-dgram", "unix-seqpacket"];
    for (args, ip) in [
        (&["-4"][..], &["tcp4", "udp4"][..]),
        (&["--ipv4"], &["tcp4", "udp4"]),
        (&["-6"], &["tcp6", "udp6"]),
        // Neither overrides the other: what needs either is left out.
        (&["-4", "-6"], &[]),
        (&["-6", "-4"], &[]),
    ] {
        let mut all = vec!["list", "default"];
        all.extend(args);
        assert_eq!(listed(&all), [ip, &unix].concat(), "{args:?}");
    }
    // A dual-stack server needs both.
    assert_eq!(listed(&["list", "tcp46", "unix-stream", "-4"]), ["unix-stream"]);
    assert_eq!(listed(&["list", "tcp46", "unix-stream", "-6"]), ["unix-stream"]);
}

#[test]
fn what_is_skipped_is_left_out_wherever_it_came_from() {
    for args in [
        &["--skip", "ip4,ip6"][..],
        &["--skip", "ip4", "--skip", "ip6"],
        &["--skip=tcp,udp"],
        &["tcp4", "unix", "--skip", "tcp4"],
    ] {
        let mut all = vec!["list"];
        all.extend(args);
        if args[0].starts_with("--") {
            all.push("default");
        }
        assert_eq!(listed(&all), ["unix-stream", "unix-dgram", "unix-seqpacket"], "{args:?}");
    }
}

#[test]
fn what_is_named_twice_is_measured_twice_and_what_a_group_repeats_is_not() {
    assert_eq!(measured(&["tcp4", "tcp4"]), ["tcp4", "tcp4#2"]);
    assert_eq!(measured(&["tcp4,udp4,tcp4,tcp4"]), ["tcp4", "udp4", "tcp4#2", "tcp4#3"]);
    assert_eq!(measured(&["unix-dgram", "unix"]), ["unix-dgram", "unix-stream", "unix-seqpacket"]);
    assert_eq!(listed(&["list", "tcp4", "tcp4"]), ["tcp4"]);
}

#[test]
fn a_name_that_a_group_brought_and_the_user_repeats_is_one_row() {
    assert_eq!(
        measured(&["ip4", "tcp4", "--skip", "raw4,mptcp4,udplite4,sctp4"]),
        ["tcp4", "udp4"]
    );
}

#[test]
fn no_command_has_the_name_of_a_transport_or_a_group() {
    let known = command();
    let names: Vec<_> = known.get_subcommands().map(clap::Command::get_name).collect();
    assert!(names.contains(&"run") && names.contains(&"list"), "{names:?}");
    for taken in ALL.iter().map(|row| row.name).chain(GROUPS.iter().map(|group| group.name)) {
        assert!(!names.contains(&taken), "'{taken}' is a command too");
    }
    // Suggestions know every command, and no other.
    assert_eq!(BTreeSet::from(COMMANDS), names.into_iter().collect());
    let all: Vec<_> = ALL.iter().map(|row| row.name).chain(GROUPS.iter().map(|g| g.name)).collect();
    assert_eq!(BTreeSet::from_iter(&all).len(), all.len(), "a group has a transport's name");
}

// ---- help and version ----

#[test]
fn the_short_help_fits_one_screen() {
    let Ran { code, out, err } = run(&["-h"]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert!(out.lines().count() <= 24, "{} lines:\n{out}", out.lines().count());
    let wide: Vec<_> = out.lines().filter(|line| line.chars().count() > 80).collect();
    assert_eq!(wide, [""; 0]);
    for line in out.lines() {
        assert_eq!(line.matches('(').count(), line.matches(')').count(), "cut short: {line}");
    }
    let (_, examples) = out.split_once("Examples:\n").expect("examples");
    let lines: Vec<_> = examples.lines().take_while(|line| line.starts_with("  ")).collect();
    assert_eq!(lines.len(), 3, "three examples:\n{out}");
    assert!(lines.iter().all(|line| line.starts_with("  sockeye ")), "{out}");
}

#[test]
fn the_long_help_has_every_flag_its_default_and_examples() {
    let Ran { code, out, err } = run(&["--help"]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert!(out.contains("Examples:\n  sockeye "), "{out}");
    for arg in command().get_arguments().filter(|arg| !arg.is_hide_set()) {
        let Some(long) = arg.get_long() else { continue };
        assert!(out.contains(&format!("--{long}")), "--{long} is not in the help");
        for value in arg.get_default_values() {
            let value = value.to_string_lossy();
            assert!(
                out.contains(&format!("[default: {value}]")),
                "the default {value} of --{long}"
            );
        }
    }
    for name in COMMANDS {
        assert!(out.contains(&format!("  {name} ")), "the command {name} is not in the help");
    }
}

#[test]
fn the_examples_of_the_help_work() {
    let out = run(&["--help"]).out;
    let (_, examples) = out.split_once("Examples:\n").expect("examples");
    let mut count = 0;
    for line in examples.lines().filter_map(|line| line.trim().strip_prefix("sockeye")) {
        let words = line.split("   ").next().unwrap_or_default();
        let words: Vec<_> = words.split_whitespace().collect();
        let ran = run_short(&words);
        assert_eq!(ran.code, Some(0), "sockeye {words:?}: {}", ran.err);
        count += 1;
    }
    assert!(count >= 3, "{examples}");
}

#[test]
fn help_is_a_word_and_a_flag_and_the_same() {
    let whole = run(&["--help"]).out;
    for args in [&["help"][..], &["help", "run"], &["run", "--help"], &["tcp4", "--help"]] {
        let Ran { code, out, err } = run(args);
        assert_eq!((code, err.as_str()), (Some(0), ""), "{args:?}");
        assert_eq!(out, whole, "{args:?}");
    }
    let list = run(&["help", "list"]);
    assert_eq!((list.code, list.err.as_str()), (Some(0), ""));
    assert!(list.out.contains("list") && !list.out.contains("--rounds"), "{}", list.out);
    assert_eq!(run(&["list", "--help"]).out, list.out);
    let help = run(&["help", "help"]);
    assert_eq!(help.code, Some(0), "{}", help.err);
}

#[test]
fn the_version_is_one_line_and_more_when_it_is_asked_for_in_full() {
    let short = run(&["-V"]);
    let first = format!("sockeye {}", env!("CARGO_PKG_VERSION"));
    assert_eq!((short.code, short.err.as_str()), (Some(0), ""));
    assert!(short.out.starts_with(&first) && short.out.lines().count() == 1, "{}", short.out);
    let long = run(&["--version"]);
    assert_eq!((long.code, long.err.as_str()), (Some(0), ""));
    assert!(long.out.starts_with(&first), "{}", long.out);
    for word in ["target:", "json", &format!("transports: {}", ALL.len())] {
        assert!(long.out.contains(word), "no {word} in {}", long.out);
    }
}

// ---- list ----

#[test]
fn the_list_has_a_line_for_every_transport() {
    let Ran { code, out, err } = run(&["list"]);
    assert_eq!((code, err.as_str()), (Some(0), ""), "nobody named what is not there");
    for row in ALL {
        let named = |line: &&str| line.split_whitespace().any(|word| word == row.name);
        let line = out.lines().find(named).unwrap_or_else(|| panic!("no {} in {out}", row.name));
        assert_eq!(line.starts_with("  *"), row.in_default, "{line}");
        assert!(line.contains(row.address_form()), "{line}");
    }
    let ready = out.lines().filter(|line| line.contains(" yes ")).count();
    let head = format!("{ready} of {} transports are ready; ", ALL.len());
    assert!(out.starts_with(&head), "{out}");
}

#[test]
fn the_quiet_list_is_the_names_that_work_one_a_line() {
    let document = read(&run(&["list", "--json"]));
    let rows = document["transports"].as_array().expect("transports").iter();
    let ready: Vec<_> = rows
        .filter(|row| row["ready"] == true)
        .filter_map(|row| row["transport"].as_str())
        .collect();
    assert!(!ready.is_empty());
    assert_eq!(run(&["list", "-q"]).out.lines().collect::<Vec<_>>(), ready);
    let Ran { code, out, err } = run(&["list", "-qq"]);
    assert_eq!((code, out.as_str(), err.as_str()), (Some(0), "", ""));
}

#[test]
fn a_transport_that_is_named_and_not_there_is_exit_3_and_one_of_a_group_is_not() {
    let document = read(&run(&["list", "--json"]));
    let rows = document["transports"].as_array().expect("transports").iter();
    let Some(absent) = rows.clone().find(|row| row["ready"] == false) else {
        skip("this kernel has every transport of the catalogue");
        return;
    };
    let name = absent["transport"].as_str().expect("a name");
    let hint = absent["error"]["hint"].as_str().expect("a hint");
    let errno = absent["error"]["errno_name"].as_str().expect("an errno");
    for args in [
        &["list", name][..],
        &["list", "unix", name],
        &["list", name, "-q"],
        &["list", name, "-qq"],
    ] {
        assert_eq!(run(args).code, Some(3), "{args:?}");
    }
    let ran = run(&["list", name]);
    assert!(ran.out.contains(errno) && ran.out.contains(hint), "{}", ran.out);
    assert_eq!(read(&run(&["list", name, "--json"]))["exit_code"], 3);
    assert_eq!(run(&["list", "all"]).code, Some(0));

    assert_eq!(run_short(&[name]).code, Some(3));
    let ran = run_short(&["unix-dgram", name]);
    assert_eq!(ran.code, Some(3), "the others are measured all the same: {}", ran.out);
    assert!(ran.out.starts_with("pass: 1 of 2 transports, "), "{}", ran.out);
    assert!(ran.out.contains(errno) && ran.out.contains(hint), "{}", ran.out);
    // One of them is always there: where none is, that is exit code 3 whoever named them.
    let mut group = vec!["all", "--skip", "tcp4,udp4,unix-stream,unix-seqpacket"];
    group.extend(SHORT);
    let ran = run(&group);
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    let mut strict = group.clone();
    strict.push("--strict");
    assert_eq!(run(&strict).code, Some(3));
}
