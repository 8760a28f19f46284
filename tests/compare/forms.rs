//! Every form says what the table says, and is what it claims to be.

use crate::opinion::accepted_by_python;
use crate::schema::complaints;
use crate::stage::{self, Stage, run};
use crate::support;
use serde_json::Value;

const READ: &str = "import csv, json, sys\n\
    print(json.dumps(list(csv.DictReader(open(sys.argv[1], newline='')))))";
const COUNT: &str = "import sys, xml.etree.ElementTree as E\n\
    root = E.parse(sys.argv[1]).getroot()\n\
    suite = root[0]\n\
    cases = suite.findall('testcase')\n\
    failed = sorted(c.get('name') for c in cases if c.find('failure') is not None)\n\
    assert suite.get('failures') == str(len(failed)) and suite.get('tests') == str(len(cases))\n\
    print(len(cases), *failed)";

/// A comparison with something of everything.
fn stage() -> Stage {
    let stage = Stage::new();
    stage.write("a.json", &run(1));
    let mut new = run(2);
    stage::scale(&mut new, 1.2, |result| result["transport"] == "tcp4");
    stage::without(&mut new, "udp4", "unavailable", "a \"quoted\", <reason> & more\nlines");
    new["environment"]["kernel"] = "6.1.0".into();
    stage.write("b.json", &new);
    stage
}

fn document(stage: &Stage, words: &[&str]) -> Value {
    let ran = stage.compare(&[words, &["--json"]].concat());
    serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {ran:?}"))
}

#[test]
fn the_document_follows_its_schema() {
    let schema = support::run(&["--generate", "schema-compare"]);
    let schema: Value = serde_json::from_str(&schema.out).expect("a schema");
    let stage = stage();
    for words in [
        &["a.json", "b.json"][..],
        &["a.json", "a.json"],
        &["b.json", "b.json", "--metric", "max", "--strict"],
    ] {
        let document = document(&stage, words);
        assert_eq!(complaints(&schema, &document), Vec::<String>::new(), "{document:#}");
        accepted_by_python(&schema, &document);
    }
    let document = document(&stage, &["a.json", "b.json"]);
    assert_eq!(document["exit_code"], 1);
    assert_eq!(document["environment_differs"][0]["after"], "6.1.0");
    let row = |id: &str| {
        let rows = document["rows"].as_array().expect("rows");
        rows.iter().find(|row| row["id"] == id).expect("a row").clone()
    };
    let slower = row("tcp4/64/same/block");
    assert_eq!(slower["verdict"], "slower");
    let ratio = slower["ratio"].as_f64().expect("a ratio");
    let ends: Vec<_> =
        slower["ci95"].as_array().expect("ends").iter().filter_map(Value::as_f64).collect();
    assert!((1.15..1.25).contains(&ratio) && ends[0] < ratio && ratio < ends[1], "{slower}");
    let gone = row("udp4/64/same/block");
    assert_eq!((&gone["verdict"], &gone["ratio"]), (&"gone".into(), &Value::Null));
    // A schema that everything follows would prove nothing.
    let mut wrong = document.clone();
    wrong["rows"][0]["verdict"] = "perhaps".into();
    assert!(!complaints(&schema, &wrong).is_empty());
}

#[test]
fn csv_is_read_back_equal() {
    let stage = stage();
    let csv = stage.compare(&["a.json", "b.json", "-f", "csv"]);
    assert_eq!(csv.code, Some(1));
    let document = document(&stage, &["a.json", "b.json"]);
    if support::skip_without_tool("python3") {
        return;
    }
    let file = stage.folder.path().join("out.csv");
    std::fs::write(&file, &csv.out).expect("a file");
    let mut python = std::process::Command::new("python3");
    let read = support::Ran::of(python.args(["-c", READ]).arg(&file));
    let lines: Value = serde_json::from_str(&read.out).expect("lines");
    let (lines, rows) =
        (lines.as_array().expect("lines"), document["rows"].as_array().expect("rows"));
    assert_eq!(lines.len(), rows.len());
    for (line, row) in lines.iter().zip(rows) {
        for key in ["id", "before", "after", "verdict"] {
            let text = match &row[key] {
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            assert_eq!(line[key], text, "{key} of {row}");
        }
        let ratio = row["ratio"].as_f64().map_or_else(String::new, |ratio| format!("{ratio:.6}"));
        assert_eq!(line["ratio"], ratio);
    }
}

#[test]
fn junit_is_xml_and_its_failures_are_the_regressions() {
    let stage = stage();
    let ran = stage.compare(&["a.json", "b.json", "-o", "out.xml", "-q"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    if support::skip_without_tool("python3") {
        return;
    }
    let mut python = std::process::Command::new("python3");
    let read =
        support::Ran::of(python.args(["-c", COUNT]).arg(stage.folder.path().join("out.xml")));
    let failed =
        "10 tcp4/64/same/block tcp4/64/split/block udp4/64/same/block udp4/64/split/block\n";
    assert_eq!(read.out, failed, "{}", read.err);
}

#[test]
fn markdown_has_a_line_for_each_row_and_as_many_cells_in_each() {
    let ran = stage().compare(&["a.json", "b.json", "-f", "markdown"]);
    assert!(ran.out.starts_with("**gone: udp4 on "), "{}", ran.out);
    let lines: Vec<_> = ran.out.lines().filter(|line| line.starts_with('|')).collect();
    assert_eq!(lines.len(), 12, "{}", ran.out);
    let cells = |line: &str| line.replace("\\|", "").matches('|').count();
    assert!(lines.iter().all(|line| cells(line) == cells(lines[0])), "{}", ran.out);
}

#[test]
fn quiet_is_the_answer_and_quieter_is_nothing() {
    let stage = stage();
    let quiet = stage.compare(&["a.json", "b.json", "-q"]);
    assert_eq!((quiet.code, quiet.out.lines().count()), (Some(1), 2), "{quiet:?}");
    let nothing = stage.compare(&["a.json", "b.json", "-qq"]);
    assert_eq!((nothing.code, nothing.out, nothing.err), (Some(1), String::new(), String::new()));
}
