//! What `ping` says, in a document and for people, and what it was to say.

use crate::running::{command, json, ours};
use crate::schema::complaints;
use crate::support::Ran;
use serde_json::Value;
use std::fmt::Write;
use std::sync::OnceLock;

/// A ping of one target.
#[derive(Debug)]
pub(crate) struct Verdict {
    pub(crate) code: Option<i32>,
    /// All that the document says of the target.
    pub(crate) target: Value,
    /// What people read.
    pub(crate) text: String,
    pub(crate) err: String,
}

fn schema() -> &'static Value {
    static SCHEMA: OnceLock<Value> = OnceLock::new();
    SCHEMA.get_or_init(|| {
        let words = ours(&["--generate", "schema-ping"]);
        json(&Ran::of(&mut command(&words)).out)
    })
}

/// Pings once, with what goes before the program, for both formats.
pub(crate) fn ping(before: &[String], args: &[String]) -> Verdict {
    let folder = tempfile::tempdir().expect("a folder");
    let table = folder.path().join("said");
    // A busy machine is no finding: what is not about time has plenty of it, and a flag wins.
    let patiently = ["env", "SOCKEYE_TIMEOUT=10s"].map(ToOwned::to_owned);
    let mut words = [before, &patiently].concat();
    words.extend(ours(&["ping", "--json", "-o", &format!("table:{}", table.display())]));
    words.extend(args.iter().cloned());
    let Ran { code, out, err } = Ran::of(&mut command(&words));
    assert!(!out.is_empty(), "no document: {code:?} {err}");
    let document = json(&out);
    assert_eq!(complaints(schema(), &document), Vec::<String>::new(), "{document:#}");
    assert_eq!(document["exit_code"].as_i64(), code.map(i64::from), "{document:#}");
    let text = std::fs::read_to_string(table).expect("it was written");
    Verdict { code, target: document["targets"][0].clone(), text, err }
}

impl Verdict {
    /// A count of the target.
    pub(crate) fn count(&self, name: &str) -> u64 {
        self.target[name].as_u64().unwrap_or_else(|| panic!("{name} of {:#}", self.target))
    }

    fn list(&self) -> impl Iterator<Item = &Value> {
        self.target["findings"].as_array().expect("findings are a list").iter()
    }

    fn findings(&self) -> Vec<&str> {
        self.list().map(|finding| finding["id"].as_str().expect("an id")).collect()
    }

    /// The hints of findings with one of these names.
    pub(crate) fn hints(&self, ids: &[&str]) -> impl Iterator<Item = &str> {
        let named = |finding: &&Value| ids.iter().any(|id| finding["id"] == *id);
        self.list().filter(named).map(|finding| finding["hint"].as_str().expect("a hint"))
    }

    /// Do people read the same counts and findings as programs do?
    fn text_differs(&self) -> Option<String> {
        let mut wanted = ["sent", "received", "lost", "duplicated", "reordered"]
            .map(|name| format!("{} {name}", self.count(name)))
            .to_vec();
        let messages = self.list().map(|finding| finding["message"].as_str().unwrap_or("?"));
        wanted.extend(messages.map(flat));
        let text = flat(&self.text);
        let missing: Vec<_> = wanted.into_iter().filter(|part| !text.contains(part)).collect();
        (!missing.is_empty()).then(|| format!("people do not read {missing:?}"))
    }
}

/// Lines are broken wherever they get too long, and large numbers have commas.
fn flat(text: &str) -> String {
    text.replace(',', "").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a verdict is to be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Expected {
    status: &'static str,
    sent: Option<u64>,
    received: Option<u64>,
    findings: &'static [&'static str],
}

impl Expected {
    /// All of so many echoes come back, and there is nothing to say of it.
    pub(crate) const fn pass(count: u64) -> Self {
        Self { status: "pass", sent: Some(count), received: Some(count), findings: &[] }
    }

    /// The answer is no, for this reason.
    pub(crate) const fn fail(findings: &'static [&'static str]) -> Self {
        Self { status: "fail", sent: None, received: None, findings }
    }

    /// So many echoes come back.
    pub(crate) const fn received(mut self, count: u64) -> Self {
        self.received = Some(count);
        self
    }

    /// These are the findings.
    pub(crate) const fn with(mut self, findings: &'static [&'static str]) -> Self {
        self.findings = findings;
        self
    }

    /// How a verdict differs from this.
    pub(crate) fn differs(&self, verdict: &Verdict) -> Option<String> {
        let mut why = String::new();
        let mut compare = |what: &str, is: &dyn std::fmt::Debug, same: bool| {
            if !same {
                let _ = write!(why, "{what} is {is:?}; ");
            }
        };
        let code = i32::from(self.status != "pass");
        compare("the exit code", &verdict.code, verdict.code == Some(code));
        let status = verdict.target["status"].as_str();
        compare("the status", &status, status == Some(self.status));
        for (name, wanted) in [("sent", self.sent), ("received", self.received)] {
            let count = verdict.count(name);
            compare(name, &count, wanted.is_none_or(|wanted| wanted == count));
        }
        if self.status == "pass" {
            for name in ["lost", "late", "duplicated", "reordered", "refused"] {
                compare(name, &verdict.count(name), verdict.count(name) == 0);
            }
        }
        let findings = verdict.findings();
        compare("what was found", &findings, findings == self.findings);
        why.push_str(&verdict.text_differs().unwrap_or_default());
        (!why.is_empty())
            .then(|| format!("{why}\n{}\n{}{}", self.wanted(), verdict.text, verdict.err))
    }

    fn wanted(&self) -> String {
        format!("wanted {} {:?}", self.status, self.findings)
    }
}
