//! Words that would mean something to a form, wherever they come from: they are shown, and mean
//! nothing.

use crate::reading::{Folder, csv, figures, html, junit, object};
use crate::support::{Ran, sockeye};
use serde_json::{Value, json};

/// Something for everybody: tags, tables, code, entities, quotes, ends of lines, a terminal's cursor.
const WORDS: &str =
    "<b>|`x`&amp;\"' **y** _z_ ~~s~~ [l](u) $m$ \\| a,b ``` # =1\n- n\r\u{1b}[2J]]>é";

/// A result that was kept, whose label, address, error and CPU hold those words.
fn kept() -> (Folder, Value) {
    let folder = Folder::new();
    let mut run = sockeye();
    run.args(["unix-stream", "udp4", "-s", "64,100k", "--place", "same", "-c", "240", "-r", "6"]);
    let ran = Ran::of(run.args(["-o", "a.json", "--label", WORDS]).current_dir(folder.path()));
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let mut document = folder.json("a.json");
    assert_eq!(document["label"], WORDS);
    document["environment"]["cpu"] = json!(WORDS);
    document["environment"]["kernel"] = json!(WORDS);
    document["environment"]["sysctl"][WORDS] = json!(WORDS);
    document["settings"][WORDS] = json!({"value": WORDS, "source": WORDS});
    for case in document["results"].as_array_mut().expect("results") {
        case["address"] = json!(WORDS);
        for name in ["message", "hint", "meaning"] {
            if case["error"].is_object() {
                case["error"][name] = json!(format!("{name} {WORDS}"));
            }
        }
        if case["status"] == "skipped" {
            case["status"] = json!("fail");
        }
    }
    // One that has round trips, and failed all the same: its figures are no figures.
    let cases = document["results"].as_array_mut().expect("results");
    let error = cases.iter().find(|case| case["error"].is_object()).expect("one")["error"].clone();
    let passed = cases.iter_mut().find(|case| case["status"] == "pass").expect("one that passed");
    (passed["status"], passed["error"]) = (json!("fail"), error);
    std::fs::write(folder.path().join("b.json"), document.to_string()).expect("written");
    (folder, document)
}

fn shown(folder: &Folder, form: &str) -> String {
    let mut command = sockeye();
    command.args(["report", "b.json", "-v", "-f", form]).current_dir(folder.path());
    let ran = Ran::of(&mut command);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{form}");
    ran.out
}

/// A form, and what has to be so of a text in it.
type Rule = (&'static str, fn(&str, &Value));

const RULES: [Rule; 8] = [
    ("table", |text, _| assert!(harmless(text), "{text}")),
    ("json", |text, document| {
        let read: Value = serde_json::from_str(text).expect("JSON");
        for place in ["/label", "/environment/cpu", "/results/0/address", "/results/1/error/hint"] {
            assert_eq!(read.pointer(place), document.pointer(place), "{place}");
        }
    }),
    ("csv", |text, document| {
        let Some(lines) = csv(text) else { return };
        for (line, case) in lines.iter().zip(object(document, "results")) {
            assert_eq!(json!(line["address"]), case["address"]);
            let message = case["error"]["message"].as_str().unwrap_or("");
            assert_eq!(line["error_message"], message);
        }
    }),
    ("junit", |text, document| {
        let Some(suites) = junit(text) else { return };
        let seen = Value::from(WORDS.replace(|letter: char| letter.is_control(), "?"));
        let cases: Vec<_> = suites.iter().flat_map(|suite| object(suite, "cases")).collect();
        assert_eq!(cases.len(), object(document, "results").len());
        assert!(suites.iter().all(|suite| suite["properties"]["label"] == seen), "{suites:#?}");
        assert!(suites.iter().all(|suite| suite["properties"]["cpu"] == seen));
        assert!(cases.iter().all(|case| case["said"]["address"] == seen), "{cases:#?}");
        let failed = cases.iter().find(|case| case["outcome"] == "failure").expect("a failure");
        assert_eq!(failed["message"], json!(format!("message {}", seen.as_str().expect("words"))));
    }),
    ("markdown", |text, document| {
        assert!(harmless(text), "{text}");
        let Some(page) = html(text) else { return };
        let ours = ["code", "li", "p", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul"];
        assert_eq!(page["tags"], json!(ours), "{text}");
        let rows = object(&page, "rows");
        assert_eq!(rows.len(), object(document, "results").len() + 1);
        assert!(
            rows.iter().all(|row| row.as_array().map(Vec::len) == rows[0].as_array().map(Vec::len))
        );
        let seen = WORDS.replace(|letter: char| letter.is_control(), " ");
        let items = object(&page, "li").iter().filter_map(Value::as_str).collect::<Vec<_>>();
        assert!(items.contains(&format!("label: {seen}").as_str()), "{items:#?}");
        let whole = page["text"].as_str().expect("words");
        assert!(
            whole.contains(&format!("message {seen}")) && whole.contains(&format!("cpu {seen}"))
        );
        // What is there to be pasted is in one piece.
        assert_eq!(page["code"], json!([format!("hint {}", tamed(WORDS))]));
    }),
    ("html", |text, document| {
        assert!(harmless(text) && !text.contains("<b>") && !text.contains("]]>"), "{text}");
        let shown = WORDS.replace(|letter: char| letter.is_control(), "?");
        let shown = ["&", "<", ">", "\"", "'"]
            .iter()
            .zip(["amp", "lt", "gt", "quot", "apos"])
            .fold(shown, |words, (letter, name)| words.replace(letter, &format!("&{name};")));
        for place in [format!("<h1>{shown}</h1>"), format!("<td>{shown}</td>")] {
            assert!(text.contains(&place), "{place}: {text}");
        }
        let (_, cases) = text.split_once("<tbody>").expect("a table");
        let (cases, _) = cases.split_once("</tbody>").expect("its end");
        assert_eq!(cases.matches("<tr").count(), object(document, "results").len());
    }),
    ("github", |text, document| {
        let passed = object(document, "results").iter().filter(|case| case["status"] == "pass");
        assert_eq!(figures(text, "ns").len(), passed.count());
    }),
    ("hlog", |text, _| {
        assert!(harmless(text), "{text}");
        for line in text.lines() {
            assert!(line.starts_with(['#', '"']) || line.starts_with("Tag="), "{line}");
        }
    }),
];

/// Nothing in it moves a cursor, or ends a line for a reader that knows other ends.
fn harmless(text: &str) -> bool {
    text.chars().all(|letter| letter == '\n' || !letter.is_control())
}

/// As a terminal is shown what would move its cursor.
fn tamed(words: &str) -> String {
    let shown = |letter: char| {
        if letter.is_control() { letter.escape_default().to_string() } else { letter.to_string() }
    };
    words.chars().map(shown).collect()
}

#[test]
fn words_from_outside_mean_nothing_in_any_form() {
    let (folder, document) = kept();
    for (form, rule) in RULES {
        rule(&shown(&folder, form), &document);
    }
}
