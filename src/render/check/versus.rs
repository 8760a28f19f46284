//! IPv4 against IPv6: only what differs between the two loopbacks, and whether it is to be so.

use crate::render::Look;
use crate::render::markdown;
use crate::render::paint::wrap;
use crate::report::check::{Difference, Report, Verdict, together};
use crate::report::words::listed;
use crate::transport::Transport;

/// What differs, a way at a time: transports in which a check differs alike stand together.
fn ways(report: &Report) -> Vec<Vec<&Difference>> {
    let alike = together(&report.differences, |difference| {
        let Difference { check, ipv4, ipv6, verdict } = difference;
        (check.name, &ipv4.fact, &ipv6.fact, *verdict)
    });
    let mut ways: Vec<_> = alike.into_iter().map(|(_, way)| way).collect();
    // Faults first: they are what somebody has to look at.
    ways.sort_by_key(|way| !is_fault(way));
    ways
}

fn is_fault(way: &[&Difference]) -> bool {
    way.iter().any(|difference| difference.verdict == Verdict::Fault)
}

/// In how many ways they differ, and how many of those are a fault.
fn tally(report: &Report) -> (usize, usize) {
    let ways = ways(report);
    (ways.len(), ways.iter().filter(|way| is_fault(way)).count())
}

/// The same in a few words, for whoever asked for something else.
pub(super) fn brief(report: &Report) -> String {
    let (all, bad) = tally(report);
    match bad {
        0 => format!("unlike in {}, all by design", in_ways(all)),
        _ => format!("unlike in {}, {bad} a fault", in_ways(all)),
    }
}

fn in_ways(count: usize) -> String {
    format!("{count} way{}", if count == 1 { "" } else { "s" })
}

pub(super) fn sentence(report: &Report) -> String {
    let down = report.columns.iter().filter(|state| state.problem.is_some());
    let down: Vec<_> = down.map(|state| state.column.to_string()).collect();
    let (all, bad) = tally(report);
    let text = match (all, bad) {
        _ if !compares(report) => {
            let verb = if down.len() == 1 { "does" } else { "do" };
            return format!(
                "{} {verb} not work here, so that there is little to compare",
                listed(&down)
            );
        }
        (0, _) => "IPv4 and IPv6 behave alike here in everything that was tried".to_owned(),
        (_, 0) => format!("IPv4 and IPv6 differ in {} here, all of them by design", in_ways(all)),
        _ => format!("IPv4 and IPv6 differ in {} here, {bad} of them a fault", in_ways(all)),
    };
    if down.is_empty() { text } else { format!("{text}; left out: {}", listed(&down)) }
}

/// Is there a transport that works over both?
fn compares(report: &Report) -> bool {
    let works = |transport: &Transport| {
        let mut columns = report.columns.iter();
        columns.any(|s| s.column.transport == transport && s.problem.is_none())
    };
    let mut columns = report.columns.iter().map(|state| state.column.transport);
    columns.any(|six| works(six) && six.ipv4_twin().is_some_and(works))
}

/// Sentences and a block a difference.
pub(super) fn text(report: &Report, look: &Look) -> String {
    let mut text = super::first_line(report, &sentence(report), look);
    text.push_str(&super::circumstances(report, look));
    if look.detail >= 0 {
        text.extend(told(report).iter().map(|way| block(way, look)));
    }
    look.letters(&text)
}

/// A way in which they differ, in words.
pub(super) struct Told {
    /// The check.
    pub title: &'static str,
    /// What the user types for it.
    pub name: &'static str,
    /// Is it not to be so?
    pub fault: bool,
    /// Over IPv4 and over IPv6: which transports, and what they show.
    pub sides: [(String, String); 2],
    /// Who says that it is to be so; or what was promised, and what it means.
    pub reason: String,
    /// The command that shows the calls of a fault.
    pub walk: String,
}

/// Every way in which they differ, faults first.
pub(super) fn told(report: &Report) -> Vec<Told> {
    ways(report).iter().map(|way| tell(way)).collect()
}

fn tell(way: &[&Difference]) -> Told {
    let Difference { check, ipv4, ipv6, verdict } = way[0];
    let names = |side: fn(&Difference) -> String| {
        way.iter().map(|d| side(d)).collect::<Vec<_>>().join(", ")
    };
    let (four, six) = (names(|d| d.ipv4.column.to_string()), names(|d| d.ipv6.column.to_string()));
    let (reason, walk) = match verdict {
        Verdict::ByDesign(source) => (format!("by design: {source}"), String::new()),
        Verdict::Fault => (
            format!("a fault: {}; {}", check.promise, check.matters),
            format!(
                "sockeye check {} {} -k {} -vv",
                ipv4.column.transport.name, ipv6.column.transport.name, check.name
            ),
        ),
    };
    Told {
        title: check.title,
        name: check.name,
        fault: *verdict == Verdict::Fault,
        sides: [(four, ipv4.fact.clone()), (six, ipv6.fact.clone())],
        reason,
        walk,
    }
}

fn block(told: &Told, look: &Look) -> String {
    let [four, six] = &told.sides;
    let room = four.0.chars().count().max(six.0.chars().count());
    let walk = if told.fault { format!(". walk it: {}", told.walk) } else { String::new() };
    let mark = if told.fault { "!" } else { "" };
    let title = format!("\n  {}{mark}  ({})", told.title, told.name);
    let lines = [
        format!("    {:room$}  {}", four.0, four.1),
        format!("    {:room$}  {}", six.0, six.1),
        format!("    {}{walk}", told.reason),
    ];
    let indent = [6 + room, 6 + room, 6];
    let lines = lines.iter().zip(indent).map(|(line, indent)| wrap(line, look.width, indent));
    format!("{title}\n{}\n", lines.collect::<Vec<_>>().join("\n"))
}

/// The same as a Markdown table.
pub(super) fn markdown(report: &Report) -> String {
    let headings = ["behaviour", "IPv4", "IPv6", "verdict"].map(|title| (title.to_owned(), false));
    let line = |difference: &Difference| {
        let Difference { check, ipv4, ipv6, verdict } = difference;
        let verdict = match verdict {
            Verdict::ByDesign(source) => format!("by design: {source}"),
            Verdict::Fault => "a fault".to_owned(),
        };
        let [four, six] = [ipv4, ipv6].map(|side| format!("{}: {}", side.column, side.fact));
        vec![check.title.to_owned(), four, six, verdict]
    };
    let lines = report.differences.iter().map(line);
    [markdown::answer(&sentence(report)), markdown::table(&headings, lines)].concat()
}
