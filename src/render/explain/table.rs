//! One walk for people: two columns of calls, the two ends, and below each call what it did.

use super::View;
use crate::render::Look;
use crate::render::paint::{Tone, paint, wrap};
use crate::report::explain::words::{call, claim};
use crate::report::explain::{Account, Line, Report, Said, is_server};
use crate::report::words::{Scale, time_in, unjoined};
use crate::transport::lesson::{Phase, To};

/// Where the client's calls begin.
const CLIENT: usize = 38;
/// How wide times are.
const TIMES: usize = 8;

pub(super) fn render(report: &Report, view: View, look: &Look) -> String {
    report.accounts.iter().map(|account| one(report, account, view, look)).collect()
}

fn one(report: &Report, account: &Account, _view: View, look: &Look) -> String {
    let mut text = wrap(&headline(report, account, look), look.width, 2) + "\n";
    if look.detail < 0 {
        return text;
    }
    let smallest = account.lines.iter().filter_map(|line| Some(line.time?.value)).min();
    let scale = Scale::for_smallest(smallest.unwrap_or(1000).max(100), look.unit);
    let titles = format!("{:>TIMES$}  SERVER", scale.unit.name);
    text.extend([format!("\n{titles:<CLIENT$}CLIENT\n")]);
    for line in &account.lines {
        text.push_str(&told(report, account, line, scale, look));
    }
    if let Some(stopped) = &account.stopped {
        let problem = &stopped.problem;
        let what = format!("stopped here: {}; {}", problem.meaning, problem.message);
        let what = wrap(&what, look.width, 2);
        let what = paint(&what, Tone::Bad, look.colour);
        text.extend([format!("\n{what}\n  what helps: {}\n", problem.hint)]);
    }
    text + &sums(account, look)
}

fn headline(report: &Report, account: &Account, look: &Look) -> String {
    let about = &report.about;
    let what = match about.to {
        To::Echo => format!("one {} B echo", about.size),
        other => format!("a client that finds its server {}", other.word()),
    };
    let took = account.total.map_or_else(String::new, |total| {
        format!(", {}; median of {} walks", time_in(total.value, look.unit), account.walks)
    });
    unjoined(&format!("{}: {what} in {} calls{took}", account.label, account.lines.len()))
}

fn told(report: &Report, account: &Account, line: &Line, scale: Scale, look: &Look) -> String {
    let time = line.time.map_or_else(|| "-".to_owned(), |time| scale.number(time.value));
    let call = call(account.transport, &line.taken, report.about.size);
    let front = format!("{time:>TIMES$}  ");
    // A call that does not fit behind the client's edge begins before it.
    let width = look.width.unwrap_or(80);
    let start = match call.chars().count() {
        _ if is_server(line) => front.len(),
        len => CLIENT.min(width.saturating_sub(len)).max(front.len()),
    };
    let mut text = format!("{front:<start$}{call}\n");
    if let Some(said) = &line.said {
        let indent = front.len() + 2;
        let (words, tone) = match denial(said) {
            None => (said.text.clone(), Tone::Aside),
            Some(words) => (words, Tone::Bad),
        };
        let sentence = wrap(&format!("{:indent$}{words}", ""), Some(width), indent);
        text.push_str(&paint(&sentence, tone, look.colour));
        text.push('\n');
    }
    text
}

/// What stands in place of a sentence that the kernel denies.
fn denial(said: &Said) -> Option<String> {
    let words: Vec<_> = said.denied.iter().map(|denied| claim(*denied)).collect();
    (!words.is_empty()).then(|| format!("not so here: {}", words.join("; ")))
}

fn sums(account: &Account, look: &Look) -> String {
    let words = |(phase, time): &(Phase, crate::stats::MedianEstimate)| {
        let what = match phase {
            Phase::SetUp => "opening both ends",
            Phase::Connect => "getting connected",
            Phase::Echo => "the echo itself",
            Phase::End => "taking it down",
        };
        format!("{what} {}", time_in(time.value, look.unit))
    };
    let parts: Vec<_> = account.phases.iter().map(words).collect();
    if parts.is_empty() {
        return String::new();
    }
    unjoined(&format!("\n{}\n", wrap(&format!("  {}.", parts.join(", ")), look.width, 2)))
}
