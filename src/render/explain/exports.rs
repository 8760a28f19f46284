//! Walks as lines: for spreadsheets, and for pages and issues.

use super::versus;
use crate::render::Look;
use crate::render::csv::field;
use crate::render::markdown;
use crate::report::explain::answer::answer;
use crate::report::explain::versus::Versus;
use crate::report::explain::words::call;
use crate::report::explain::{Account, Line, Report, refusal};
use crate::report::words::unjoined;

const COLUMNS: [&str; 14] = [
    "transport",
    "end",
    "moment",
    "phase",
    "call",
    "text",
    "times",
    "errno",
    "began_ns",
    "median_ns",
    "min_ns",
    "p90_ns",
    "max_ns",
    "lesson",
];

/// A line a call.
pub(super) fn csv(report: &Report) -> String {
    let mut text = COLUMNS.join(",") + "\r\n";
    for account in &report.accounts {
        let origin = account.lines.first().map_or(0, |line| line.taken.done.began);
        for line in &account.lines {
            let cells = fields(account, line, report.about.size, origin);
            text.extend([cells.map(|cell| field(&cell)).join(","), "\r\n".to_owned()]);
        }
    }
    text
}

fn fields(account: &Account, line: &Line, size: usize, origin: u64) -> [String; 14] {
    let (step, done) = (&line.taken.step, &line.taken.done);
    let time = |of: fn(&crate::report::explain::Time) -> Option<u64>| {
        line.time.as_ref().and_then(of).map_or_else(String::new, |ns| ns.to_string())
    };
    [
        account.label.clone(),
        step.end.word().to_owned(),
        step.moment.word(),
        step.moment.phase().word(),
        step.call.name().to_owned(),
        call(account.transport, &line.taken, size),
        done.times.to_string(),
        refusal(&line.taken).unwrap_or_default(),
        done.began.saturating_sub(origin).to_string(),
        time(|time| Some(time.median)),
        time(|time| Some(time.min)),
        time(|time| time.p90),
        time(|time| Some(time.max)),
        line.told(),
    ]
}

/// The answer and a table of the calls; or of what two walks differ by.
pub(super) fn markdown(report: &Report, look: &Look) -> String {
    if let Some(versus) = Versus::of(report) {
        let scale = versus::scale(&versus, look);
        let titles = versus::titles(&versus, scale);
        let headings: Vec<_> =
            titles.iter().enumerate().map(|(at, title)| (one_blank(title), at > 0)).collect();
        let lines = versus::lines(&versus, scale)
            .into_iter()
            .map(|line| line.iter().map(|cell| one_blank(cell)).collect());
        let answer = unjoined(&versus::answer(report, &versus, look.unit));
        return format!("{}{}", markdown::answer(&answer), markdown::table(&headings, lines));
    }
    report.accounts.iter().map(|account| walk(report, account, look)).collect()
}

fn walk(report: &Report, account: &Account, look: &Look) -> String {
    let scale = super::table::scale(account, look);
    let headings = [
        (format!("time {}", scale.unit.name), true),
        ("end".to_owned(), false),
        ("call".to_owned(), false),
        ("what happened".to_owned(), false),
    ];
    let line = |line: &Line| {
        vec![
            line.time.as_ref().map_or_else(String::new, |time| scale.number(time.median)),
            line.taken.step.end.word().to_owned(),
            call(account.transport, &line.taken, report.about.size),
            line.told(),
        ]
    };
    let answer = unjoined(&answer(report, account, look.unit));
    let table = markdown::table(&headings, account.lines.iter().map(line));
    let trouble = account.stopped.iter().map(|stopped| crate::render::troubles::Trouble {
        whom: account.label.clone(),
        what: match (stopped.problem.meaning.as_str(), &stopped.problem.message) {
            ("", message) => message.clone(),
            (meaning, message) => format!("{meaning}; {message}"),
        },
        hint: stopped.problem.hint.clone(),
    });
    format!("{}{table}{}", markdown::answer(&answer), markdown::troubles(trouble))
}

/// What a table sets apart by blanks is words here.
fn one_blank(cell: &str) -> String {
    cell.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}
