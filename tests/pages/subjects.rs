//! Results to make pages of: as they should be, as bad as can be, and with words that would be elements.

use crate::made;
use sockeye::behaviour::column::Column;
use sockeye::behaviour::run::{Cell, Outcome, Task};
use sockeye::cli::compare::{FailOn, Limit, Metric};
use sockeye::cli::value::{Format, Percentiles};
use sockeye::compare::{
    Change, Comparison, Difference, Found, Options, Point, Row, Source, Verdict, answer,
};
use sockeye::os::name::Name;
use sockeye::ping::finding::Finding;
use sockeye::ping::ledger::Counts;
use sockeye::ping::{self, Target};
use sockeye::render::check::View;
use sockeye::render::ping::{Asked, Style};
use sockeye::render::ping_document;
use sockeye::render::{Look, list, ping_forms};
use sockeye::report::check::{About, Report, State};
use sockeye::report::{Problem, Status};
use sockeye::stats::{Histogram, Interval};
use sockeye::transport::{self, Transport};
use std::net::Ipv4Addr;
use std::time::{Duration, UNIX_EPOCH};

/// A name that would be an element, end an attribute, and move a cursor; and that has no blank for long.
pub(crate) const HOSTILE: &str = "</title><b onload=\"x\">&amp;'\u{1b}[2J</b>averylongwordthatnobodycanbreakandthatiswiderthanatelephone";

fn look() -> Look {
    Look {
        width: None,
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

fn problem(words: &str) -> Problem {
    Problem {
        kind: "call".to_owned(),
        stage: "set-up".into(),
        call: Some(words.to_owned()),
        errno: Some(93),
        errno_name: Some(words.to_owned()),
        exchange: None,
        byte: None,
        message: words.to_owned(),
        meaning: words.to_owned(),
        hint: words.to_owned(),
    }
}

// ---- check ----

fn columns() -> Vec<Column> {
    transport::ALL.iter().filter(|t| t.in_default).flat_map(Column::of).collect()
}

fn report(columns: Vec<State>, cells: Vec<Cell>) -> Report {
    let about = About {
        argv: vec!["sockeye".to_owned(), "check".to_owned()],
        started: UNIX_EPOCH + Duration::from_secs(1_750_000_000),
        duration: Duration::from_millis(2_934),
        environment: made::machine(),
        named: Vec::new(),
        strict: false,
        interrupted: None,
        wildcard_starts: None,
    };
    Report::new(about, columns, cells)
}

/// Cells of every check over these columns; what does not concern a column is not asked.
fn cells(columns: &[Column], fact: impl Fn(&Task) -> String) -> Vec<Cell> {
    let tasks = sockeye::behaviour::all().flat_map(|(group, check)| {
        columns.iter().map(move |column| Task { group, check, column: *column })
    });
    let cell = |task: Task| {
        let applies = (task.check.applies)(&task.column);
        let outcome =
            if applies { Outcome::Seen(fact(&task), None) } else { Outcome::DoesNotApply };
        Cell { task, outcome, first: None, calls: Vec::new() }
    };
    tasks.map(cell).collect()
}

/// What a rule expects, as if it had been seen.
fn documented(task: &Task) -> String {
    let expected = task.check.expected(&task.column, &made::machine());
    expected.map_or_else(|| "something".to_owned(), |pattern| seen_of(&pattern))
}

/// A fact that agrees with a pattern: its first alternative, with the least of every number.
fn seen_of(pattern: &str) -> String {
    let first = pattern.split(" | ").next().unwrap_or(pattern);
    let mut parts = first.split('{');
    let mut fact = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (limits, rest) = part.split_once('}').expect("a hole ends");
        fact.push_str(limits.split_once("..").map_or("7", |(low, _)| low));
        fact.push_str(rest);
    }
    fact
}

fn working() -> Vec<State> {
    columns().into_iter().map(|column| State { column, problem: None }).collect()
}

/// Everything as documented, or everywhere this instead.
pub(crate) fn seen(instead: &str) -> Report {
    let fact = |task: &Task| match instead {
        "" => documented(task),
        // The two IP versions are unlike, so that they are told from each other.
        words => format!("{words}{}", task.column.transport.family.word()),
    };
    report(working(), cells(&columns(), fact))
}

/// The check of empty messages, which is not as documented over UDP.
pub(crate) fn one_deviates() -> Report {
    report(
        working(),
        cells(&columns(), |task| {
            let here = task.check.name == "zero" && task.column.transport.name == "udp4";
            if here { "a surprise".to_owned() } else { documented(task) }
        }),
    )
}

/// No column works, for that reason.
pub(crate) fn refused(words: &str) -> Report {
    let state = |column| State { column, problem: Some((Status::Unavailable, problem(words))) };
    report(columns().into_iter().map(state).collect(), Vec::new())
}

pub(crate) fn checked(report: &Report) -> String {
    sockeye::render::check::render(report, Format::Html, View::Front, &look())
}

pub(crate) fn against(report: &Report) -> String {
    sockeye::render::check::render(report, Format::Html, View::Versus, &look())
}

// ---- compare ----

fn row(name: &str, [before, after]: [Point; 2], ratio: Option<f64>, verdict: Verdict) -> Row {
    let change = |ratio: f64| Change {
        raw: ratio,
        ratio,
        interval: Some(Interval { low: ratio - 0.02, high: ratio + 0.02 }),
    };
    Row {
        id: format!("{name}/64/same/block"),
        names: vec![name.to_owned()],
        whom: name.to_owned(),
        before,
        after,
        change: ratio.map(change),
        verdict,
    }
}

fn comparison(found: Found, of: &'static str, label: &str) -> Comparison {
    let options = Options {
        limit: Limit { share: 0.1 },
        metric: Metric::Median,
        fail_on: FailOn::Slower,
        strict: false,
    };
    let source = Source {
        name: "a.json".to_owned(),
        label: Some(label.to_owned()),
        started: "2026-11-21T15:26:00Z".to_owned(),
        kernel: Some(label.to_owned()),
    };
    Comparison {
        answer: answer::answer(&found, &options),
        exit_code: found.exit_code(&options),
        options,
        argv: vec!["sockeye".to_owned(), label.to_owned()],
        started: UNIX_EPOCH,
        duration: Duration::from_millis(3),
        of,
        base: vec![source.clone(), source.clone()],
        new: vec![source],
        found,
    }
}

/// One slower, one unchanged, one undecided, one gone for that reason, and a kernel that differs.
pub(crate) fn compared(words: &str) -> String {
    let times = |ns| [Point::Time(10_000, Some(90)), Point::Time(ns, None)];
    let gone = [Point::Time(10_000, Some(90)), Point::Words(words.to_owned())];
    let kernel = Difference {
        what: "kernel".to_owned(),
        before: words.to_owned(),
        after: "6.1.0".to_owned(),
    };
    let found = Found {
        headings: vec!["TRANSPORT"],
        rows: vec![
            row("tcp4", times(14_000), Some(1.4), Verdict::Slower),
            row("udp4", times(10_500), Some(1.05), Verdict::Unclear),
            row("unix-stream", times(10_000), Some(1.0), Verdict::Noise),
            row(words, gone, None, Verdict::StillFails),
        ],
        notes: vec![words.to_owned()],
        only: [vec![words.to_owned()], Vec::new()],
        environment: vec![kernel],
        noun: "transport",
        ..Found::default()
    };
    sockeye::render::compare::render(&comparison(found, "run", words), Format::Html, &look())
}

/// Facts, of which one is worse.
pub(crate) fn compared_facts() -> String {
    let words = |words: &str| Point::Words(words.to_owned());
    let found = Found {
        headings: vec!["BEHAVIOUR"],
        rows: vec![row("empty", [words("arrives"), words("nothing")], None, Verdict::Worse)],
        noun: "fact",
        ..Found::default()
    };
    sockeye::render::compare::render(&comparison(found, "check", "x"), Format::Html, &look())
}

// ---- ping and list ----

/// One that answers, one that does not, and one that is not here: so many of them, named like that.
pub(crate) fn pinged(words: &str, count: usize) -> String {
    let mut trips = Histogram::new();
    for ns in [10_000, 11_000, 12_000] {
        trips.record(ns);
    }
    let good = Counts { sent: 3, received: 3, ..Counts::default() };
    let fault =
        Finding { id: "silent", message: words.to_owned(), hint: words.to_owned(), fails: true };
    let mut outcomes = vec![
        outcome(words, Status::Pass, good, trips),
        outcome(words, Status::Fail, Counts { sent: 3, ..Counts::default() }, Histogram::new()),
        outcome(words, Status::Unavailable, Counts::default(), Histogram::new()),
    ];
    outcomes[1].findings.push(fault);
    outcomes[2].error = Some(problem(words));
    outcomes.truncate(count);
    let asked = Asked { size: 64, timeout: 1_000_000_000, text: false };
    let about = ping_document::About {
        argv: vec!["sockeye".to_owned(), words.to_owned()],
        started: UNIX_EPOCH,
        duration: Duration::from_secs(1),
        settings: Vec::new(),
        interrupted: Some("SIGINT".into()),
        exit_code: 1,
    };
    let style = Style { width: None, colour: false, ascii: false, unit: None, level: 0 };
    ping_forms::html(&outcomes, asked, &about, &style)
}

fn outcome(words: &str, status: Status, counts: Counts, trips: Histogram) -> ping::Outcome {
    let target = Target {
        transport: &transport::ALL[0],
        name: Name::inet(Ipv4Addr::LOCALHOST, 7),
        address: words.to_owned(),
        quoted: words.to_owned(),
        typed: words.to_owned(),
        named: true,
    };
    ping::Outcome {
        target,
        status,
        counts,
        connect_ns: None,
        trips,
        answer: None,
        findings: Vec::new(),
        error: None,
    }
}

/// The catalogue, every other transport of which is not here.
pub(crate) fn listed(words: &str) -> String {
    let entry = |(at, transport): (usize, &'static Transport)| list::Entry {
        transport,
        problem: (at % 2 == 1).then(|| problem(words)),
    };
    let entries: Vec<_> = transport::ALL.iter().enumerate().map(entry).collect();
    list::render(&entries, Format::Html, None, 0, 0)
}
