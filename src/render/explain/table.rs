//! One walk for people: two columns of calls, the two ends, and below each call what it did.

use super::{View, states};
use crate::render::Look;
use crate::render::paint::{Tone, paint, tame, wrap};
use crate::report::explain::answer::{answer, next};
use crate::report::explain::words::{call, claim};
use crate::report::explain::{Account, Line, Report, Time, is_server, phase_words};
use crate::report::words::{Scale, time_in, unjoined};
use crate::transport::lesson::Phase;

/// Where the client's calls begin.
const CLIENT: usize = 38;
/// How wide times are.
const TIMES: usize = 8;

pub(super) fn render(report: &Report, view: View, look: &Look) -> String {
    let each = report.accounts.iter().map(|account| one(report, account, view, look));
    let text = each.collect::<Vec<_>>().join("\n");
    match next(report).filter(|_| look.detail >= 0) {
        Some((command, why)) => format!("{text}  next: {command}    {why}\n"),
        None => text,
    }
}

fn one(report: &Report, account: &Account, view: View, look: &Look) -> String {
    let mut text = unjoined(&wrap(&answer(report, account, look.unit), look.width, 2)) + "\n";
    if look.detail < 0 {
        return text;
    }
    let scale = scale(account, look);
    let titles = format!("{:>TIMES$}  SERVER", scale.unit.name);
    text.extend([format!("\n{titles:<CLIENT$}CLIENT\n")]);
    let states = if view.states { states::changes(account) } else { Vec::new() };
    for (at, line) in account.lines.iter().enumerate() {
        text.push_str(&told(report, account, line, scale, look));
        let changed = states.get(at).filter(|changed| !changed.is_empty());
        text.extend(changed.map(|changed| beside(changed, look.width)));
    }
    if let Some(silence) = states::silence(account).filter(|_| view.states) {
        text.extend([format!("\n{}\n", wrap(&format!("  {silence}"), look.width, 2))]);
    }
    if let Some(stopped) = &account.stopped {
        let problem = &stopped.problem;
        // The walk that is shown is the first; those behind it are counted, not shown.
        let place = match stopped.walk {
            0 => "here".to_owned(),
            walk => format!("in walk {walk}"),
        };
        let what = tame(&format!("stopped {place}: {}", problem.message));
        let what = wrap(&what, look.width, 2);
        let what = paint(&what, Tone::Bad, look.colour);
        text.extend([format!("\n{what}\n  what helps: {}\n", problem.hint)]);
    }
    text + &sums(account, look)
}

/// One unit for all calls, with the digits that suit the shortest.
pub(super) fn scale(account: &Account, look: &Look) -> Scale {
    let smallest = account.lines.iter().filter_map(|line| Some(line.time.as_ref()?.median)).min();
    Scale::for_smallest(smallest.unwrap_or(1000).max(1000), look.unit)
}

fn told(report: &Report, account: &Account, line: &Line, scale: Scale, look: &Look) -> String {
    let time = line.time.as_ref();
    let time = time.map_or_else(|| "-".to_owned(), |time| scale.number(time.median));
    let call = tame(&call(account.transport, &line.taken, report.about.size));
    let front = format!("{time:>TIMES$}  ");
    // A call that does not fit behind the client's edge begins before it.
    let width = look.width.unwrap_or(80);
    let start = match call.chars().count() {
        _ if is_server(line) => front.len(),
        len => CLIENT.min(width.saturating_sub(len)).max(front.len()),
    };
    let mut text = format!("{front:<start$}{call}\n");
    if let Some(said) = &line.said {
        let tone = if said.denied.is_empty() { Tone::Aside } else { Tone::Bad };
        let sentence = below(&said.text, Some(width));
        text.push_str(&paint(&sentence, tone, look.colour));
        text.push('\n');
    }
    if look.detail > 0 {
        text.push_str(&details(line, scale, width));
    }
    text
}

/// How far the times lie apart, and what of the sentence the kernel has confirmed.
fn details(line: &Line, scale: Scale, width: usize) -> String {
    let apart = line.time.as_ref().map(|time| {
        let (min, max) = (scale.number(time.min), scale.number(time.max));
        let p90 = time.p90.map(|ns| format!(", nine in ten within {}", scale.number(ns)));
        format!("from {min} to {max} {}{}", scale.unit.name, p90.unwrap_or_default())
    });
    let confirmed = line.said.as_ref().map_or(&[][..], |said| &said.confirmed);
    let confirmed: Vec<_> = confirmed.iter().map(|confirmed| claim(*confirmed)).collect();
    let looked_up = (!confirmed.is_empty()).then(|| format!("confirmed: {}", confirmed.join("; ")));
    apart.into_iter().chain(looked_up).map(|fact| beside(&fact, Some(width))).collect()
}

/// What is said of a call stands below it, a little to the right.
fn below(text: &str, width: Option<usize>) -> String {
    const INDENT: usize = TIMES + 4;
    wrap(&format!("{:INDENT$}{text}", ""), width, INDENT)
}

/// What the kernel says stands behind a stroke, to be told from the sentence above it.
fn beside(states: &str, width: Option<usize>) -> String {
    const INDENT: usize = TIMES + 2;
    let lines = wrap(states, width.map(|width| width.saturating_sub(INDENT + 2)), 0);
    let behind =
        |line: &str| [" ".repeat(INDENT), "| ".to_owned(), line.to_owned(), "\n".to_owned()];
    lines.lines().flat_map(behind).collect()
}

fn sums(account: &Account, look: &Look) -> String {
    let words = |(phase, time): &(Phase, Time)| {
        format!("{} {}", phase_words(*phase), time_in(time.median, look.unit))
    };
    let parts: Vec<_> = account.phases.iter().map(words).collect();
    if parts.is_empty() {
        return String::new();
    }
    unjoined(&format!("\n{}\n", wrap(&format!("  {}.", parts.join(", ")), look.width, 2)))
}
