//! The readers: each gives what another's program found, as values, or None where there is none.
#![allow(dead_code, reason = "each test file uses its own part")]

use crate::support::{Ran, python_with, read_by, skip_without_tool};
use serde_json::Value;
use std::collections::HashMap;
use std::path::Path;
use std::process::Command;

/// What is narrowed from Jenkins' junit-10.xsd.
const SCHEMA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/junit.xsd");

/// A folder with files in it.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.path().join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
    }

    pub(crate) fn json(&self, name: &str) -> Value {
        serde_json::from_str(&self.text(name)).expect("JSON")
    }

    pub(crate) fn names(&self) -> Vec<String> {
        let files = std::fs::read_dir(self.path()).expect("a folder").flatten();
        files.map(|file| file.file_name().to_string_lossy().into_owned()).collect()
    }
}

/// The list of that name.
pub(crate) fn object<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().unwrap_or_else(|| panic!("no list {name} in {value:#}"))
}

#[expect(clippy::cast_precision_loss, reason = "the times of tests are short")]
pub(crate) fn real(ns: u64) -> f64 {
    ns as f64
}

fn value_of(ran: &Ran) -> Value {
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    serde_json::from_str(&ran.out).expect("JSON")
}

/// A line by its columns, as Python's csv reads it.
pub(crate) fn csv(text: &str) -> Option<Vec<HashMap<String, String>>> {
    const CODE: &str = "import csv, io, json, sys\n\
        text = io.TextIOWrapper(sys.stdin.buffer, 'utf-8', newline='')\n\
        print(json.dumps(list(csv.DictReader(text, strict=True))))";
    let ran = read_by(python_with("csv")?.args(["-c", CODE]), text);
    Some(serde_json::from_value(value_of(&ran)).expect("lines of words"))
}

/// The suites, once libxml2 has found them valid and their sums are right.
pub(crate) fn junit(text: &str) -> Option<Vec<Value>> {
    const CODE: &str = r"
import json, sys, xml.etree.ElementTree as tree
root = tree.fromstring(sys.stdin.buffer.read())
suites = []
total = {'tests': 0, 'failures': 0, 'errors': 0}
for suite in root:
    cases = []
    for case in suite.iter('testcase'):
        outcome = next((t.tag for t in case if t.tag != 'system-out'), 'passed')
        lines = (case.findtext('system-out') or '').split('\n')
        cases.append({'class': case.get('classname'), 'name': case.get('name'), 'outcome': outcome,
            'time': float(case.get('time')) if case.get('time') else None,
            'message': next((t.get('message') for t in case if t.tag == outcome), None),
            'said': dict(line.split('=', 1) for line in lines if '=' in line)})
    for what, tag in (('failures', 'failure'), ('errors', 'error'), ('skipped', 'skipped')):
        count = sum(case['outcome'] == tag for case in cases)
        assert int(suite.get(what)) == count, (what, suite.attrib)
        total[what] = total.get(what, 0) + count
    assert int(suite.get('tests')) == len(cases), suite.attrib
    total['tests'] += len(cases)
    properties = {p.get('name'): p.get('value') for p in suite.iter('property')}
    suites.append({'name': suite.get('name'), 'cases': cases, 'properties': properties})
for what in ('tests', 'failures', 'errors'):
    assert int(root.get(what)) == total[what], (what, root.attrib)
print(json.dumps(suites))";
    if !skip_without_tool("xmllint") {
        let mut xmllint = Command::new("xmllint");
        let ran = read_by(xmllint.args(["--noout", "--schema", SCHEMA, "-"]), text);
        assert_eq!(ran.code, Some(0), "{}\n{text}", ran.err);
    }
    let ran = read_by(python_with("xml.etree.ElementTree")?.args(["-c", CODE]), text);
    Some(value_of(&ran).as_array().expect("suites").clone())
}

/// What a page of that Markdown shows, as GitHub's own program lays it out: its tags, the cells of its
/// tables, what is in bold, what is code, and all its words.
pub(crate) fn html(text: &str) -> Option<Value> {
    const CODE: &str = r"
import html.parser, json, sys
class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.open, self.rows, self.words = set(), [], [], []
        self.of = {'strong': [], 'code': [], 'li': []}
    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.open.append(tag)
        if tag == 'tr': self.rows.append([])
        if tag in ('td', 'th'): self.rows[-1].append('')
        if tag in self.of: self.of[tag].append('')
    def handle_endtag(self, tag):
        assert self.open.pop() == tag
    def handle_data(self, words):
        self.words.append(words)
        if 'tr' in self.open and self.open[-1] != 'tr' and 'td' in self.open or 'th' in self.open: self.rows[-1][-1] += words
        for tag in self.of:
            if tag in self.open: self.of[tag][-1] += words
    def handle_comment(self, words): self.tags.add('!--')
page = Page()
page.feed(sys.stdin.buffer.read().decode())
assert not page.open, page.open
print(json.dumps({'tags': sorted(page.tags), 'rows': page.rows, 'text': ''.join(page.words), **page.of}))";
    if skip_without_tool("cmark-gfm") {
        return None;
    }
    let mut python = python_with("html.parser")?;
    // Tags that came through would be shown, so that a test sees them.
    let mut cmark = Command::new("cmark-gfm");
    cmark.args(["--unsafe", "-e", "table", "-e", "strikethrough", "-e", "tasklist", "-t", "html"]);
    let page = read_by(&mut cmark, text);
    assert_eq!(page.code, Some(0), "{}", page.err);
    Some(value_of(&read_by(python.args(["-c", CODE]), &page.out)))
}

/// The figures, each in the shape that github-action-benchmark reads, and with a name of its own.
pub(crate) fn figures(text: &str, unit: &str) -> Vec<Value> {
    let figures: Vec<Value> = serde_json::from_str(text).expect("a list");
    for figure in &figures {
        let fields = figure.as_object().expect("an object");
        for (name, value) in fields {
            let fits = match name.as_str() {
                "name" => value.as_str().is_some_and(|name| !name.is_empty()),
                "unit" => value == unit,
                "value" => value.is_number(),
                "range" => value.as_str().is_some_and(|range| range.starts_with("± ")),
                "extra" => value.is_string(),
                _ => false,
            };
            assert!(fits, "{name} of {figure:#}");
        }
        assert!(["name", "unit", "value"].iter().all(|name| fields.contains_key(*name)));
        let alike = figures.iter().filter(|other| other["name"] == figure["name"]);
        assert_eq!(alike.count(), 1, "{figure:#}");
    }
    figures
}
