//! Results that were kept: what is written is read back to the last byte, older ones keep reading, and
//! what is no result of ours is refused with its name and the reason.

mod support;

use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use support::{Ran, sockeye};

/// Results that earlier versions wrote; what is added to documents later must not keep them out.
const OLD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/saved");

#[test]
fn a_kept_run_is_read_back_to_the_last_byte() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("run.json");
    let mut run = sockeye();
    run.args(["unix-stream", "udp6", "tcp4", "tcp4", "sctp4", "-s", "64,70000", "-c", "600"])
        .args(["-r", "8", "--label", "a | <b>, \"c\"", "-o"])
        .arg(&file);
    let table = Ran::of(&mut run).out;
    let again = Ran::of(sockeye().arg("report").arg(&file).arg("--json"));
    assert_eq!(again.code, Some(0), "{}", again.err);
    assert_eq!(again.out, fs::read_to_string(&file).expect("the document"));
    let shown = Ran::of(sockeye().arg("report").arg(&file));
    assert_eq!(shown.out, table);
}

#[test]
fn numbers_are_read_back_to_the_last_bit() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("run.json");
    let old = fs::read_to_string(format!("{OLD}/run-1-2026-11.json")).expect("a result");
    // A number that a quick reader takes for its neighbour.
    let warning = "\"warnings\": [{\"id\": \"noise.wide\", \"message\": \"m\", \"hint\": \"h\", \
                   \"value\": 0.44666666666666677, \"limit\": 0.05}]";
    let at = old.find("\"warnings\": [").expect("warnings");
    fs::write(&file, format!("{}{warning}\n}}\n", &old[..at])).expect("a file");
    let shown = Ran::of(sockeye().arg("report").arg(&file).arg("--json"));
    assert!(shown.out.contains("0.44666666666666677"), "{}", shown.err);
}

#[test]
fn results_of_earlier_versions_keep_reading() {
    let mut files: Vec<_> =
        fs::read_dir(OLD).expect("a folder").map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    assert!(!files.is_empty());
    for file in files {
        let old: Value =
            serde_json::from_str(&fs::read_to_string(&file).expect("a file")).expect("JSON");
        let shown = Ran::of(sockeye().arg("report").arg(&file).arg("--json"));
        assert_eq!(shown.code, Some(0), "{}: {}", file.display(), shown.err);
        let new: Value = serde_json::from_str(&shown.out).expect("JSON");
        assert_contains(&new, &old, "the document");
    }
}

/// Everything that the old one says, the new one says too. What it says in sentences may have become
/// better ones.
fn assert_contains(new: &Value, old: &Value, at: &str) {
    match (new, old) {
        (Value::Object(new), Value::Object(old)) => {
            for (key, old) in old.iter().filter(|(key, _)| *key != "text") {
                let new = new.get(key).unwrap_or_else(|| panic!("{at}.{key} is gone"));
                assert_contains(new, old, &format!("{at}.{key}"));
            }
        }
        (Value::Array(new), Value::Array(old)) => {
            assert_eq!(new.len(), old.len(), "{at}");
            for (index, (new, old)) in new.iter().zip(old).enumerate() {
                assert_contains(new, old, &format!("{at}[{index}]"));
            }
        }
        _ => assert_eq!(new, old, "{at}"),
    }
}

#[test]
fn what_is_no_result_is_refused_with_its_name_and_the_reason() {
    let folder = tempfile::tempdir().expect("a folder");
    let whole = fs::read_to_string(format!("{OLD}/run-1-2026-11.json")).expect("a result");
    let newer = whole.replace("sockeye.run/1", "sockeye.run/2");
    let alien = whole.replace("\"unix-stream\"", "\"unix-tram\"");
    let broken = whole.replace("\"rtt_ns\": {", "\"rtt_ns\": 7, \"x\": {");
    let half = &whole[..whole.len() / 2];
    let keep = "hint: results are kept by: sockeye -o result.json";
    let lines = half.lines().count();
    let cases: &[(&str, &[u8], &str, &str)] = &[
        ("empty", b" \n", "is empty", keep),
        (
            "half",
            half.as_bytes(),
            &format!("is cut off at line {lines}: it is not the whole document"),
            keep,
        ),
        ("text", b"hello", "is no JSON document: expected value at line 1 column 1", keep),
        ("bytes", b"\xff\xfe", "is no text, and so no result of sockeye", keep),
        ("list", b"[1]", "is JSON, but no result of sockeye", keep),
        ("other", b"{\"a\": 1}", "is JSON, but names no schema: it is no result of sockeye", keep),
        (
            "foreign",
            b"{\"schema\": \"fio/3\"}",
            "is a document of schema 'fio/3', which is not read",
            keep,
        ),
        (
            "newer",
            newer.as_bytes(),
            "is sockeye.run/2, newer than this sockeye: it reads sockeye.run/1",
            "hint: a newer sockeye reads it; sockeye --version says which this is",
        ),
        (
            "alien",
            alien.as_bytes(),
            "is no result that this sockeye knows: unix-stream/64/same/block: unknown transport 'unix-tram'",
            keep,
        ),
        ("broken", broken.as_bytes(), "says it is sockeye.run/1, but is not: invalid type", keep),
    ];
    for (name, bytes, reason, hint) in cases {
        let file: PathBuf = folder.path().join(name);
        fs::write(&file, bytes).expect("a file");
        let output = Ran::of(sockeye().arg("report").arg(&file));
        assert_eq!(output.code, Some(2), "{name}");
        assert_eq!(output.out, "", "{name}");
        let told = &output.err;
        let expected = format!("error: '{}' {reason}", file.display());
        assert!(told.starts_with(&expected), "expected {expected}\nfound {told}");
        assert!(told.ends_with(&format!("\n{hint}\n")), "{name}: {told}");
    }
    let missing = folder.path().join("no-such.json");
    let output = Ran::of(sockeye().arg("report").arg(&missing));
    let expected = format!(
        "error: cannot read '{}': no such file or directory (ENOENT, open)\n{keep}\n",
        missing.display()
    );
    assert_eq!((output.code, output.err), (Some(2), expected));
    let output = Ran::of(sockeye().arg("report").arg(folder.path()));
    let expected = format!(
        "error: cannot read '{}': it is a directory (EISDIR, read)\n{keep}\n",
        folder.path().display()
    );
    assert_eq!((output.code, output.err), (Some(2), expected));
}
