//! What programs read: the json format against its own schema in every kind of run, the csv format
//! read back and held against it, and files that are whole or not there.

#[path = "support/agreement.rs"]
mod agreement;
#[path = "support/interrupt.rs"]
mod interrupt;
#[path = "support/opinion.rs"]
mod opinion;
#[path = "support/schema.rs"]
mod schema;
mod support;

use agreement::agree;
use interrupt::interrupted;
use nix::sys::signal::Signal;
use opinion::accepted_by_python;
use schema::complaints;
use serde_json::{Value, json};
use sockeye::render::columns;
use sockeye::stats::Histogram;
use sockeye::transport::ALL;
use std::collections::HashMap;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};
use support::{Ran, run, skip, skip_without_tool, sockeye};

/// A run that takes no time to speak of.
const SHORT: [&str; 7] = ["-c", "200", "-r", "6", "-w", "10", "--no-warn=all"];

// ---- the checker itself ----

#[test]
fn the_checker_takes_what_is_right_and_refuses_what_is_not() {
    let object = json!({
        "type": "object",
        "properties": {"n": {"type": "integer", "minimum": 0, "maximum": 9}, "t": {"type": ["string", "null"]}},
        "required": ["n"],
        "additionalProperties": false,
    });
    let pair = json!({"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2});
    let either = json!({"anyOf": [{"type": "null"}, {"enum": ["a", "b"]}]});
    let named = json!({"type": "object", "additionalProperties": {"type": "string"}});
    let above = json!({"exclusiveMinimum": 0, "exclusiveMaximum": 1});
    let table = [
        (&object, json!({"n": 3}), None),
        (&object, json!({"n": 3.0, "t": null}), None),
        (&object, json!({"n": 3.5}), Some("$.n: 3.5 against type \"integer\"")),
        (&object, json!({"n": "3"}), Some("$.n: \"3\" against type \"integer\"")),
        (&object, json!({"n": -1}), Some("$.n: -1 against minimum 0")),
        (&object, json!({"n": 10}), Some("$.n: 10 against maximum 9")),
        (&object, json!({"t": "x"}), Some("$: without n")),
        (&object, json!({"n": 1, "t": 5}), Some("$.t: 5 against type [\"string\",\"null\"]")),
        (&object, json!({"n": 1, "more": 1}), Some("$.more: nothing is allowed here")),
        (&object, json!([]), Some("$: [] against type \"object\"")),
        (&pair, json!([1, 2.5]), None),
        (&pair, json!([1]), Some("$: [1] against minItems 2")),
        (&pair, json!([1, 2, 3]), Some("$: [1,2,3] against maxItems 2")),
        (&pair, json!([1, true]), Some("$[1]: true against type \"number\"")),
        (&either, json!(null), None),
        (&either, json!("b"), None),
        (
            &either,
            json!("c"),
            Some(
                "$: none of anyOf: $: \"c\" against type \"null\" | $: \"c\" against enum [\"a\",\"b\"]",
            ),
        ),
        (&named, json!({"x": "y"}), None),
        (&named, json!({"x": 1}), Some("$.x: 1 against type \"string\"")),
        (&above, json!(0.5), None),
        (&above, json!(0), Some("$: 0 against exclusiveMinimum 0")),
        (&above, json!(1), Some("$: 1 against exclusiveMaximum 1")),
        (
            &json!({"const": "sockeye.run/1"}),
            json!("sockeye.run/2"),
            Some("$: \"sockeye.run/2\" against const \"sockeye.run/1\""),
        ),
        (&json!({"format": "date-time"}), json!("2026-01-02T03:04:05Z"), None),
        (
            &json!({"format": "date-time"}),
            json!("yesterday"),
            Some("$: \"yesterday\" against format \"date-time\""),
        ),
        (&json!({"type": "boolean"}), json!(0), Some("$: 0 against type \"boolean\"")),
    ];
    for (schema, document, expected) in table {
        let found = complaints(schema, &document);
        assert_eq!(found, Vec::from_iter(expected.map(str::to_owned)), "{document} by {schema}");
    }
}

#[test]
#[should_panic(expected = "the checker does not know 'pattern'")]
fn the_checker_refuses_a_schema_that_it_does_not_understand() {
    complaints(&json!({"type": "string", "pattern": "^a"}), &json!("b"));
}

// ---- documents ----

fn run_schema() -> Value {
    let Ran { code, out, err } = run(&["--generate", "schema-run"]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    serde_json::from_str(&out).expect("the schema is JSON")
}

fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in {text}"))
}

/// The document of a run, checked in every way that holds for all of them.
fn document(ran: &Ran) -> Value {
    let document = read(&ran.out);
    check(&document);
    if let Some(code) = ran.code {
        assert_eq!(document["exit_code"], json!(code), "{}", ran.err);
    }
    document
}

fn check(document: &Value) {
    assert_eq!(complaints(&run_schema(), document), [""; 0], "{document:#}");
    accepted_by_python(&run_schema(), document);
    no_number_is_a_string(document, "$");
    for case in document["results"].as_array().expect("results") {
        let histogram = &case["histogram"]["data"];
        let count = histogram.as_str().map_or(0, |data| {
            Histogram::from_base64(data).expect("a histogram that we wrote").count()
        });
        let exchanges = case["exchanges"].as_u64().expect("a count");
        assert_eq!(count, exchanges, "{}", case["id"]);
        let of_rounds = case["rounds"].as_array().expect("rounds").iter();
        assert_eq!(of_rounds.filter_map(|round| round["n"].as_u64()).sum::<u64>(), exchanges);
        let size = case["size"].as_u64().expect("a size");
        assert_eq!(case["bytes_verified"], json!(exchanges * size), "{}", case["id"]);
        assert_eq!(case["rtt_ns"].is_null(), case["status"] != "pass", "{}", case["id"]);
        // p50 is the median of the rounds' medians, the others are of all round trips at once.
        for known in [&["min", "p90", "p99", "p999", "max"][..], &["min", "p50", "max"]] {
            let times = known.iter().filter_map(|key| case["rtt_ns"][*key].as_u64());
            assert!(times.clone().is_sorted(), "{known:?}: {:?}", times.collect::<Vec<_>>());
        }
    }
}

/// Keys that hold what is a number in words by its nature: the version of a program, a value that the
/// kernel gave as text.
const WORDS: [&str; 5] = ["version", "kernel", "argv", "sysctl", "text"];

fn no_number_is_a_string(value: &Value, place: &str) {
    match value {
        Value::String(text) => {
            assert!(text.parse::<f64>().is_err(), "{place} is the number {text:?} as a string");
            assert!(!text.is_empty(), "{place} is empty; what is unknown is null");
        }
        Value::Array(items) => {
            for item in items {
                no_number_is_a_string(item, &format!("{place}[]"));
            }
        }
        Value::Object(fields) => {
            for (key, field) in fields.iter().filter(|(key, _)| !WORDS.contains(&key.as_str())) {
                no_number_is_a_string(field, &format!("{place}.{key}"));
            }
        }
        Value::Number(number) => assert_ne!(number.as_i64(), Some(-1), "{place}: unknown is null"),
        Value::Null | Value::Bool(_) => {}
    }
}

fn run_with(args: &[&str]) -> Ran {
    let mut all = args.to_vec();
    all.extend(SHORT);
    run(&all)
}

/// A transport that is not in this kernel, as the list has it.
fn absent() -> Option<&'static str> {
    let list = read(&run(&["list", "--json"]).out);
    let listed = list["transports"].as_array().expect("transports");
    let is_ready = |name: &str| {
        listed.iter().any(|row| row["transport"] == name && row["ready"] == json!(true))
    };
    let found = ALL.iter().map(|row| row.name).find(|name| !is_ready(name));
    if found.is_none() {
        skip("this kernel has every transport of the catalogue");
    }
    found
}

#[test]
fn the_schema_is_a_schema_of_an_object_that_names_its_version() {
    let schema = run_schema();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert_eq!(schema["properties"]["schema"]["const"], "sockeye.run/1");
    // It refuses something: an empty document lacks everything.
    assert_ne!(complaints(&schema, &json!({})), [""; 0]);
}

#[test]
fn the_schema_refuses_a_document_that_was_tampered_with() {
    let whole = document(&run_with(&["--json", "tcp4", "unix-stream"]));
    let schema = run_schema();
    let changes: [(&str, Value); 6] = [
        ("/exit_code", json!("0")),
        ("/results/0/rtt_ns/p50", json!("6590")),
        ("/results/0/rtt_ns/p50", json!(6590.5)),
        ("/results/0/status", json!("ok")),
        ("/results/0/cpus", json!([0])),
        ("/started", json!("yesterday")),
    ];
    for (place, value) in changes {
        let mut tampered = whole.clone();
        *tampered.pointer_mut(place).expect(place) = value;
        assert_ne!(complaints(&schema, &tampered), [""; 0], "{place}");
    }
}

#[test]
fn a_run_that_passes_is_a_valid_document() {
    let ran = run_with(&["--json", "tcp4", "unix-dgram", "udp4", "--label", "a \"name\""]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    let document = document(&ran);
    assert_eq!(document["label"], "a \"name\"");
    assert_eq!(document["interrupted"], Value::Null);
    assert_eq!(document["answer"]["passed"], 3);
    assert_eq!(document["settings"]["count"], json!({"value": 200, "source": "flag"}));
    assert_eq!(
        document["settings"]["timeout"],
        json!({"value": 1_000_000_000_u64, "source": "default"})
    );
    let results = document["results"].as_array().expect("results");
    for case in results {
        assert_eq!((&case["status"], &case["exchanges"]), (&json!("pass"), &json!(200)));
        assert!(case["address"].is_string() && case["cpu"]["client"]["user_ns"].is_u64(), "{case}");
        assert!(case["relative"]["ratio"].as_f64().is_some(), "{case}");
    }
    let ids: Vec<_> = results.iter().filter_map(|case| case["id"].as_str()).collect();
    assert!(ids.contains(&"tcp4/64/same/block"), "{ids:?}");
    assert_eq!(document["argv"][1], "--json");
}

#[test]
fn a_transport_that_is_not_there_is_a_valid_document_of_its_own() {
    let Some(name) = absent() else { return };
    let ran = run_with(&["--json", name, "--place", "same"]);
    assert_eq!(ran.code, Some(3), "{}", ran.err);
    let document = document(&ran);
    let case = &document["results"][0];
    assert_eq!(case["status"], "unavailable");
    for key in ["errno", "errno_name", "syscall", "hint", "message"] {
        assert!(!case["error"][key].is_null(), "{key} of {}", case["error"]);
    }
    assert_eq!(
        (&document["answer"]["passed"], &document["answer"]["unavailable"]),
        (&json!(0), &json!(1))
    );
    assert_eq!(document["answer"]["fastest"], json!([]));
}

#[test]
fn a_size_that_a_transport_cannot_carry_is_a_cell_and_no_failure() {
    let ran = run_with(&["--json", "udp4", "tcp4", "-s", "64,100k", "--place", "same"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let document = document(&ran);
    let cases: HashMap<_, _> = document["results"]
        .as_array()
        .expect("results")
        .iter()
        .map(|case| (case["id"].as_str().expect("an id"), case))
        .collect();
    let skipped = cases["udp4/102400/same/block"];
    assert_eq!(skipped["status"], "skipped");
    assert_eq!(skipped["error"]["errno_name"], "EMSGSIZE");
    let message = skipped["error"]["message"].as_str().expect("words");
    assert!(message.contains("65,507 B at most"), "{message}");
    for id in ["tcp4/102400/same/block", "udp4/64/same/block", "tcp4/64/same/block"] {
        assert_eq!(cases[id]["status"], "pass", "{id}");
    }
    let text = run_with(&["udp4", "tcp4", "-s", "64,100k", "--place", "same"]).out;
    assert!(text.contains("EMSGSIZE >65507"), "{text}");
    let hint = skipped["error"]["hint"].as_str().expect("a hint");
    let words: Vec<_> = hint.strip_prefix("sockeye ").expect("ours").split(' ').collect();
    assert_eq!(run_with(&words).code, Some(0), "the hint works when it is pasted: {hint}");
}

#[test]
fn a_run_of_nothing_but_what_is_too_large_measures_nothing_and_says_so() {
    let ran = run_with(&["--json", "udp4", "-s", "100k", "--place", "same"]);
    let document = document(&ran);
    assert_eq!(document["results"][0]["status"], "skipped");
    assert_eq!(document["answer"]["fastest"], json!([]));
    let words = document["answer"]["text"].as_str().expect("words");
    assert_eq!(words, "nothing measured: no transport carries a message of this size");
}

#[test]
fn an_interrupted_run_leaves_a_whole_document() {
    let mut command = sockeye();
    command.args(["--json", "unix-stream", "tcp4"]);
    let folder = tempfile::tempdir().expect("a folder");
    let files = [("run.svg", "</svg>\n"), ("run.html", "</html>\n")];
    for (name, _) in files {
        command.arg("-o").arg(folder.path().join(name));
    }
    let (status, out, err) = interrupted(&mut command, Signal::SIGTERM);
    assert_eq!(status.signal(), Some(Signal::SIGTERM as i32), "{err}");
    for (name, end) in files {
        let text = std::fs::read_to_string(folder.path().join(name)).expect("a file");
        assert!(text.ends_with(end) && text.contains("Interrupted (SIGTERM)"), "{name}: {text}");
    }
    let document = read(&out);
    check(&document);
    // What a shell makes of the signal.
    assert_eq!(
        (&document["exit_code"], &document["interrupted"]),
        (&json!(143), &json!("SIGTERM"))
    );
    assert!(document["rounds_finished"].as_u64() >= Some(2), "{}", document["rounds_finished"]);
    assert_eq!(document["rounds_planned"], 1000);
}

#[test]
fn every_time_in_the_schema_says_that_it_is_in_nanoseconds() {
    /// Paths of integers that are neither counts nor numbers of something.
    fn integers(schema: &Value, path: &str, found: &mut Vec<String>) {
        if schema["type"] == "integer" || schema["type"] == json!(["integer", "null"]) {
            found.push(path.to_owned());
        }
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            integers(field, &format!("{path}.{name}"), found);
        }
        for part in schema["anyOf"].as_array().into_iter().flatten() {
            integers(part, path, found);
        }
        if schema["items"].is_object() {
            integers(&schema["items"], path, found);
        }
    }
    let mut found = Vec::new();
    integers(&run_schema(), "", &mut found);
    let is_time = |path: &str| path.split('.').any(|name| name.ends_with("_ns"));
    let others: Vec<_> = found.iter().filter(|path| !is_time(path)).collect();
    let counts = [
        ".exit_code",
        ".answer.passed",
        ".answer.failed",
        ".answer.unavailable",
        ".environment.cpus",
        ".environment.lo_mtu",
        ".seed",
        ".rounds_planned",
        ".rounds_finished",
        ".results.size",
        ".results.cpus",
        ".results.exchanges",
        ".results.bytes_verified",
        ".results.lost",
        ".results.duplicated",
        ".results.reordered",
        ".results.rounds.round",
        ".results.rounds.n",
        ".results.cpu.client.voluntary_switches",
        ".results.cpu.client.involuntary_switches",
        ".results.cpu.peer.voluntary_switches",
        ".results.cpu.peer.involuntary_switches",
        ".results.buffers.send",
        ".results.buffers.receive",
        ".results.error.errno",
        ".results.error.exchange",
        ".results.error.byte",
    ];
    let unnamed: Vec<_> = others.iter().filter(|path| !counts.contains(&path.as_str())).collect();
    assert!(unnamed.is_empty(), "a count that is new, or a time without _ns? {unnamed:?}");
    for time in
        [".duration_ns", ".results.rtt_ns.p50", ".results.connect_ns.p50", ".results.rounds.p50_ns"]
    {
        assert!(found.iter().any(|path| path == time), "{time} is not in {found:?}");
    }
}

#[test]
fn nothing_but_the_document_is_on_standard_output_however_much_is_said() {
    for flags in [&["-vv"][..], &["-q"], &["--progress", "always"], &["--color", "always"]] {
        let mut args = vec!["tcp4", "--json", "--place", "same"];
        args.extend(flags);
        let ran = run_with(&args);
        assert!(ran.out.starts_with('{') && ran.out.ends_with("}\n"), "{flags:?}: {}", ran.out);
        document(&ran);
    }
}

#[test]
fn a_document_survives_jq_unchanged() {
    if skip_without_tool("jq") {
        return;
    }
    let ran = run_with(&["--json", "tcp4", "--place", "same"]);
    let mut jq = Command::new("jq");
    jq.args(["-e", "."]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = jq.spawn().expect("jq starts");
    child.stdin.take().expect("a pipe").write_all(ran.out.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success());
    let after = read(&String::from_utf8_lossy(&output.stdout));
    let before = read(&ran.out);
    for place in ["/started", "/duration_ns", "/results/0/rtt_ns", "/results/0/rounds", "/seed"] {
        assert_eq!(after.pointer(place), before.pointer(place), "{place}");
    }
}

#[test]
fn the_list_is_a_document_too() {
    let ran = run(&["list", "--json", "tcp4", "unix"]);
    let document = read(&ran.out);
    assert_eq!(
        (&document["schema"], &document["exit_code"]),
        (&json!("sockeye.list/1"), &json!(0))
    );
    let names: Vec<_> = document["transports"]
        .as_array()
        .expect("transports")
        .iter()
        .filter_map(|row| row["transport"].as_str())
        .collect();
    assert_eq!(names, ["tcp4", "unix-stream", "unix-dgram", "unix-seqpacket"]);
    no_number_is_a_string(&document, "$");
}

// ---- comma-separated values ----

/// Records of RFC 4180: fields in quotes may hold commas, quotes twice, and line ends.
fn csv(text: &str) -> Vec<Vec<String>> {
    let mut records = Vec::new();
    let (mut record, mut field, mut is_quoted) = (Vec::new(), String::new(), false);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match (letter, is_quoted) {
            ('"', true) if letters.next_if_eq(&'"').is_some() => field.push('"'),
            ('"', true) => {
                is_quoted = false;
                let next = letters.peek();
                assert!(matches!(next, None | Some(',' | '\r')), "{next:?} behind a quote");
            }
            ('"', false) if field.is_empty() => is_quoted = true,
            ('"', false) => panic!("a quote in a field without quotes: {field}"),
            (',', false) => record.push(std::mem::take(&mut field)),
            ('\r', false) => {
                assert_eq!(letters.next(), Some('\n'), "a line ends with CR LF");
                record.push(std::mem::take(&mut field));
                records.push(std::mem::take(&mut record));
            }
            ('\n', false) => panic!("a line ends with CR LF"),
            (letter, _) => field.push(letter),
        }
    }
    assert!(!is_quoted && record.is_empty() && field.is_empty(), "the last line has no end");
    let width = records.first().map_or(0, Vec::len);
    assert!(records.iter().all(|record| record.len() == width), "a ragged table: {records:?}");
    records
}

#[test]
fn the_reader_of_these_tests_reads_rfc_4180() {
    let read = csv("a,b\r\n\"x, \"\"y\"\"\r\nz\",\r\nü,\"\"\r\n");
    assert_eq!(read, [["a", "b"], ["x, \"y\"\r\nz", ""], ["ü", ""]]);
}

/// The records by column, a map each.
fn rows(text: &str) -> Vec<HashMap<String, String>> {
    let mut records = csv(text).into_iter();
    let header = records.next().expect("a header");
    records.map(|record| header.iter().cloned().zip(record).collect()).collect()
}

#[test]
fn files_of_one_run_agree_and_the_table_is_printed_all_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str| folder.path().join(name).display().to_string();
    let label = "naïve \"run\", first\nsecond line";
    let outputs = [file("a.json"), file("b.csv"), file("c.txt"), file("d")];
    let (json_file, other) = (format!("json:{}", outputs[3]), "64,100k");
    let ran = run_with(&[
        "udp4",
        "tcp4",
        "-s",
        other,
        "-o",
        &outputs[0],
        "-o",
        &outputs[1],
        "-o",
        &outputs[2],
        "-o",
        &json_file,
        "--label",
        label,
    ]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let content = |path: &str| std::fs::read_to_string(path).expect(path);
    assert_eq!(content(&outputs[2]), ran.out, "the table in a file is the one in a pipe");
    assert_eq!(content(&outputs[3]), content(&outputs[0]));
    let document = read(&content(&outputs[0]));
    check(&document);
    assert_eq!(document["label"], label);
    let rows = rows(&content(&outputs[1]));
    let cases = document["results"].as_array().expect("results");
    assert_eq!(rows.len(), cases.len());
    for (row, case) in rows.iter().zip(cases) {
        agree(row, case);
        assert_eq!(row.len(), columns::ALL.len(), "every column of the list");
    }
    let left: Vec<_> = std::fs::read_dir(folder.path()).expect("a folder").collect();
    assert_eq!(left.len(), 4, "no temporary file is left: {left:?}");
}

#[test]
fn text_with_quotes_commas_and_line_ends_reads_back_from_csv() {
    let folder = tempfile::tempdir().expect("a folder");
    let odd = folder.path().join("naïve \"one\", two\nthree");
    std::fs::create_dir(&odd).expect("any name but / is one");
    // Its sockets are below a folder of that name, and then the folder is not there at all.
    for (place, status) in [(odd.clone(), "pass"), (odd.join("missing"), "unavailable")] {
        let file = |name: &str| folder.path().join(name).display().to_string();
        let (as_json, as_csv) = (file("a.json"), file("a.csv"));
        let mut command = sockeye();
        command.args(["unix-stream", "--place", "same", "-o", &as_json, "-o", &as_csv]).args(SHORT);
        let ran = Ran::of(command.env("TMPDIR", &place));
        let content = |path: &str| std::fs::read_to_string(path).expect(path);
        let document = read(&content(&as_json));
        check(&document);
        let (rows, case) = (rows(&content(&as_csv)), &document["results"][0]);
        assert_eq!(case["status"], status, "{case}{}", ran.err);
        assert!(case.to_string().contains("naïve"), "the odd name is in it: {case}");
        assert_eq!(rows.len(), 1);
        agree(&rows[0], case);
    }
}

#[test]
fn the_list_reads_back_from_csv() {
    let rows = rows(&run(&["list", "-f", "csv"]).out);
    let names: Vec<_> = rows.iter().map(|row| row["transport"].as_str()).collect();
    assert_eq!(names, ALL.iter().map(|row| row.name).collect::<Vec<_>>());
    for row in rows {
        assert_eq!(row["ready"] == "true", row["errno"].is_empty(), "{row:?}");
    }
}

// ---- files ----

fn names_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder").flatten();
    let mut names: Vec<_> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn a_file_keeps_its_rights_and_a_link_stays_a_link() {
    let folder = tempfile::tempdir().expect("a folder");
    let (file, link) = (folder.path().join("real.json"), folder.path().join("link.json"));
    std::fs::write(&file, "old").expect("written");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).expect("set");
    symlink(&file, &link).expect("linked");
    let ran = run_with(&["tcp4", "--place", "same", "-o", &link.display().to_string()]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(link.is_symlink());
    check(&read(&std::fs::read_to_string(&file).expect("text")));
    let mode = std::fs::metadata(&file).expect("there").permissions().mode();
    assert_eq!(mode & 0o7777, 0o640);
    assert_eq!(names_in(folder.path()), ["link.json", "real.json"]);
}

#[test]
fn a_new_file_has_the_rights_that_the_umask_leaves() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("new.json");
    let mut command = Command::new("sh");
    support::clean(&mut command);
    command.args(["-c", "umask 027; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_sockeye")]);
    command.args(["tcp4", "--place", "same", "-o"]).arg(&file).args(SHORT);
    assert_eq!(Ran::of(&mut command).code, Some(0));
    let mode = std::fs::metadata(&file).expect("there").permissions().mode();
    assert_eq!(mode & 0o7777, 0o640);
}

#[test]
fn a_run_that_cannot_start_leaves_the_old_file_and_no_other() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("old.json");
    std::fs::write(&file, "old").expect("written");
    let path = file.display().to_string();
    let ran = run(&["-o", &path, "-o", "/no/such/folder/x.json"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""));
    assert_eq!(std::fs::read_to_string(&file).expect("text"), "old");
    assert_eq!(names_in(folder.path()), ["old.json"]);
}

#[test]
fn a_device_that_is_full_is_an_error_and_the_table_is_printed_first() {
    let ran = run_with(&["tcp4", "--place", "same", "-o", "json:/dev/full"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.out.starts_with("pass: tcp4, "), "{}", ran.out);
    let lines: Vec<_> = ran.err.lines().collect();
    assert_eq!(lines.len(), 2, "{}", ran.err);
    assert!(
        lines[0].starts_with("error: cannot write '/dev/full': no space left on device (ENOSPC")
    );
    assert!(lines[1].starts_with("hint: "), "{}", lines[1]);
}

/// A file system of a few kilobytes in a mount namespace of its own: the document cannot fit.
const ON_A_TINY_DISK: &str = r#"mount -t tmpfs -o size=8k none "$1" || exit 77
    cd "$1" && printf old >old.json &&
    "$0" tcp4 udp4 -c 200 -r 6 -w 10 --no-warn=all -o old.json
    echo "code $?"; echo "holds $(cat old.json)"; ls -A"#;

#[test]
fn a_full_disk_leaves_the_old_file_whole() {
    if skip_without_tool("unshare") || skip_without_tool("mount") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = Command::new("unshare");
    support::clean(&mut command);
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c", ON_A_TINY_DISK]);
    command.arg(env!("CARGO_BIN_EXE_sockeye")).arg(folder.path());
    let ran = Ran::of(&mut command);
    if !ran.out.contains("code ") {
        skip(&format!("no mount namespace may be made here: {}", ran.err.trim()));
        return;
    }
    assert!(ran.out.contains("code 2\nholds old\nold.json\n"), "{}{}", ran.out, ran.err);
    assert!(
        ran.err.contains("error: cannot write 'old.json': no space left on device (ENOSPC"),
        "{}",
        ran.err
    );
}

#[test]
fn a_file_in_the_folder_where_one_is_needs_no_folder_in_its_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = sockeye();
    command.args(["tcp4", "--place", "same", "-o", "here.csv"]).args(SHORT);
    let ran = Ran::of(command.current_dir(folder.path()));
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert_eq!(names_in(folder.path()), ["here.csv"]);
}

#[test]
fn the_same_file_twice_is_refused_or_written_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.json").display().to_string();
    let ran = run_with(&["tcp4", "--place", "same", "-o", &path, "-o", &path]);
    let lines: Vec<_> = ran.err.lines().collect();
    match ran.code {
        Some(0) => check(&read(&std::fs::read_to_string(&path).expect("text"))),
        Some(2) => {
            assert!(lines[0].contains("twice"), "it names the reason: {}", ran.err);
            assert_eq!(names_in(folder.path()), [""; 0]);
        }
        other => panic!("{other:?}: {}", ran.err),
    }
}

#[test]
fn a_standard_output_that_is_full_is_an_error_with_words() {
    for args in
        [&["tcp4", "--json"][..], &["tcp4"], &["list"], &["--help"], &["--generate", "schema-run"]]
    {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("/dev/full");
        let mut command = sockeye();
        command.args(args);
        if args[0] == "tcp4" {
            command.args(SHORT);
        }
        let output = command.stdout(full).stderr(Stdio::piped()).output().expect("run");
        let err = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {err}");
        let lines: Vec<_> = err.lines().collect();
        assert_eq!(lines.len(), 2, "{args:?}: {err}");
        let what = "error: cannot write the result: no space left on device (ENOSPC, write)";
        assert_eq!(lines[0], what, "{args:?}");
        assert!(lines[1].starts_with("hint: "), "{err}");
    }
}
