//! `JUnit`'s XML, as build servers read it: suites of cases. What the cases are is up to the commands.

use super::escape::xml;
use std::time::{Duration, SystemTime};

/// Cases that belong together.
pub(crate) struct Suite {
    /// Its name.
    pub name: String,
    /// When it started, where that is known.
    pub started: Option<SystemTime>,
    /// What was set, and what the machine is.
    pub properties: Vec<(String, String)>,
    /// Its cases.
    pub cases: Vec<Case>,
}

/// A case.
pub(crate) struct Case {
    /// The class, which build servers group by.
    pub class: String,
    /// Its name in the class.
    pub name: String,
    /// How long it took, where that is known.
    pub took: Option<Duration>,
    /// How it came out.
    pub outcome: Outcome,
    /// What it has to say, in lines.
    pub lines: Vec<String>,
}

/// How a case came out.
pub(crate) enum Outcome {
    /// As it should.
    Passed,
    /// What was tried is wrong.
    Failed(Trouble),
    /// Nobody knows: it was not finished.
    Unfinished(Trouble),
    /// It cannot be tried here.
    Skipped(String),
}

/// What went wrong.
pub(crate) struct Trouble {
    /// In a word.
    pub kind: String,
    /// In a sentence.
    pub message: String,
    /// What else there is to say.
    pub text: String,
}

/// The document.
pub(crate) fn render(name: &str, took: Option<Duration>, suites: &[Suite]) -> String {
    // The published schemas know no number of those skipped here, though they do in a suite.
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {}{}>\n",
        attributes(name, || suites.iter().flat_map(|suite| &suite.cases)),
        time(took)
    );
    for suite in suites {
        text.push_str(&one_suite(suite));
    }
    text + "</testsuites>\n"
}

fn attributes<'a, I: Iterator<Item = &'a Case>>(name: &str, cases: impl Fn() -> I) -> String {
    format!(
        "name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\"",
        xml(name),
        cases().count(),
        cases().filter(|case| matches!(case.outcome, Outcome::Failed(_))).count(),
        cases().filter(|case| matches!(case.outcome, Outcome::Unfinished(_))).count()
    )
}

fn one_suite(suite: &Suite) -> String {
    let skipped = suite.cases.iter().filter(|case| matches!(case.outcome, Outcome::Skipped(_)));
    // Universal time without the letter that says so, which older schemas refuse.
    let started = suite.started.map_or_else(String::new, |started| {
        let text = humantime::format_rfc3339_seconds(started).to_string();
        format!(" timestamp=\"{}\"", text.trim_end_matches('Z'))
    });
    let mut text = format!(
        "  <testsuite {} skipped=\"{}\"{started}{}>\n",
        attributes(&suite.name, || suite.cases.iter()),
        skipped.count(),
        time(suite.cases.iter().map(|case| case.took).sum())
    );
    if !suite.properties.is_empty() {
        text.push_str("    <properties>\n");
        text.extend(suite.properties.iter().map(|(name, value)| {
            format!("      <property name=\"{}\" value=\"{}\"/>\n", xml(name), xml(value))
        }));
        text.push_str("    </properties>\n");
    }
    text.extend(suite.cases.iter().map(one_case));
    text + "  </testsuite>\n"
}

fn one_case(case: &Case) -> String {
    let took = time(case.took);
    let trouble = |tag: &str, Trouble { kind, message, text }: &Trouble| {
        let (kind, message, text) = (xml(kind), xml(message), xml(text));
        format!("<{tag} type=\"{kind}\" message=\"{message}\">{text}</{tag}>")
    };
    let outcome = match &case.outcome {
        Outcome::Passed => String::new(),
        Outcome::Failed(what) => trouble("failure", what),
        Outcome::Unfinished(what) => trouble("error", what),
        Outcome::Skipped(why) => format!("<skipped message=\"{}\"/>", xml(why)),
    };
    // Line ends are ours; what comes from elsewhere has none left.
    let lines: Vec<_> = case.lines.iter().map(|line| xml(line)).collect();
    let said = match lines.as_slice() {
        [] => String::new(),
        lines => format!("<system-out>{}</system-out>", lines.join("\n")),
    };
    let (class, name) = (xml(&case.class), xml(&case.name));
    format!(
        "    <testcase classname=\"{class}\" name=\"{name}\"{took}>{outcome}{said}</testcase>\n"
    )
}

/// Seconds, where they are known.
fn time(took: Option<Duration>) -> String {
    took.map_or_else(String::new, |took| format!(" time=\"{:.6}\"", took.as_secs_f64()))
}
