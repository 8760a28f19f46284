//! Every form says what the table says, and is what it claims to be.

use crate::opinion::accepted_by_python;
use crate::reading::{self, object};
use crate::schema::complaints;
use crate::stage::{self, Stage, run};
use crate::support;
use serde_json::Value;

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
    let Some(lines) = reading::csv(&csv.out) else { return };
    let rows = object(&document, "rows");
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
fn junit_is_valid_and_its_failures_are_the_regressions() {
    let ran = stage().compare(&["a.json", "b.json", "-f", "junit"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let Some(suites) = reading::junit(&ran.out) else { return };
    let cases: Vec<_> = suites.iter().flat_map(|suite| object(suite, "cases")).collect();
    let mut failed: Vec<_> = cases.iter().filter(|case| case["outcome"] == "failure").collect();
    failed.sort_by_key(|case| case["name"].to_string());
    let names: Vec<_> = failed.iter().map(|case| case["name"].as_str().expect("a name")).collect();
    assert_eq!(cases.len(), 10);
    assert_eq!(
        names,
        ["tcp4/64/same/block", "tcp4/64/split/block", "udp4/64/same/block", "udp4/64/split/block"]
    );
    let said = failed[2]["message"].as_str().expect("a message");
    let why = "a \"quoted\", <reason> & more?lines now";
    assert!(said.starts_with("GONE: udp4") && said.ends_with(why), "{said}");
}

#[test]
fn markdown_shows_a_line_for_each_row_and_the_words_as_they_are() {
    let ran = stage().compare(&["a.json", "b.json", "-f", "markdown"]);
    assert!(ran.out.starts_with("**gone: udp4 on "), "{}", ran.out);
    let Some(page) = reading::html(&ran.out) else { return };
    let rows = object(&page, "rows");
    assert_eq!(rows.len(), 11, "{page:#}");
    let cells = |row: &Value| row.as_array().expect("cells").len();
    assert!(rows.iter().all(|row| cells(row) == cells(&rows[0])), "{page:#}");
    assert_eq!(rows[1][3], "a \"quoted\", <reason> & more lines", "{page:#}");
}

#[test]
fn quiet_is_the_answer_and_quieter_is_nothing() {
    let stage = stage();
    let quiet = stage.compare(&["a.json", "b.json", "-q"]);
    assert_eq!((quiet.code, quiet.out.lines().count()), (Some(1), 2), "{quiet:?}");
    let nothing = stage.compare(&["a.json", "b.json", "-qq"]);
    assert_eq!((nothing.code, nothing.out, nothing.err), (Some(1), String::new(), String::new()));
}
