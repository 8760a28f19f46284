//! The checks as a page: what deviates first and in full, everything else for whoever asks.

use super::bundle::{Bundle, Variant, bundles, said, short};
use super::table::{deviations, is_shown, names, untried, walk};
use super::versus::{self, Told};
use super::{View, answer, told, verdict, weight};
use crate::behaviour::{Check, Group};
use crate::render::escape::xml;
use crate::render::page::{
    self, Cell, Line, around, class, element, folded, list, machine, named, paste, table,
};
use crate::render::paint::Tone;
use crate::render::sentences::{capital, moment};
use crate::report::check::{Fault, Judged, Remark, Report, Status, together};

/// The page.
pub(super) fn render(report: &Report, view: View) -> String {
    let about = &report.about;
    let (title, body) = match view {
        View::Versus => ("sockeye check --ipv4-vs-ipv6", against(report)),
        View::Front | View::Chosen => ("sockeye check", facts(report, view)),
    };
    let body = around("section", "", &(body + &command(report) + &machine(&about.environment)));
    page::page(&page::title(title, about.started), "", &body)
}

/// What differs between the two IP versions.
fn against(report: &Report) -> String {
    let ways: String = versus::told(report).iter().map(way).collect();
    [headline(report, &versus::sentence(report)), circumstances(report), ways].concat()
}

/// What was seen, over every transport.
fn facts(report: &Report, view: View) -> String {
    let shown: Vec<_> = report.by_check().filter(|cells| is_shown(cells, view)).collect();
    let untried = untried(report);
    let untried = match untried.as_slice() {
        [] => String::new(),
        reasons => element("p", "aside", &format!("Untried: {}", reasons.join(", "))),
    };
    [
        headline(report, &answer(report)),
        circumstances(report),
        ip_versions(report),
        grid(report, "What matters most", &shown),
        untried,
        explained(report),
        everything(report),
    ]
    .concat()
}

fn headline(report: &Report, sentence: &str) -> String {
    let (word, tone) = verdict(report);
    page::answer(tone, &format!("{word}: {sentence}"))
}

/// What keeps columns from working, and what is unusual here.
fn circumstances(report: &Report) -> String {
    let fault = |fault: &Fault| {
        let (word, tone) = weight(fault);
        let word = format!("<strong class=\"{}\">{word}</strong>", class(tone));
        let helps = paste("what helps", &fault.hint);
        format!("<li>{word}: {}{helps}</li>\n", xml(&told(fault)))
    };
    let remark = |Remark { text, hint }: &Remark| {
        format!("<li>{}{}</li>\n", xml(text), paste("usual again", hint))
    };
    let faults = list("faults", &report.faults.iter().map(fault).collect::<String>());
    faults + &list("warnings", &report.remarks.iter().map(remark).collect::<String>())
}

/// Every deviation in full: what was seen, what was promised by whom, and what it means.
fn explained(report: &Report) -> String {
    let one = |group: &Vec<&Judged>| {
        let (cell, check) = (group[0], group[0].task.check);
        let title = format!("! {}: {}", names(report, group), check.title);
        let mut rows = vec![
            ("seen", cell.seen()),
            ("expected", cell.wanted()),
            ("promised by", check.promise),
            ("it means", check.matters),
        ];
        rows.extend(cell.first.as_deref().map(|first| ("at first sight", first)));
        let rows = rows.into_iter().map(|(name, words)| (name.to_owned(), words.to_owned()));
        let walk = format!("walk it: <code>{}</code>", xml(&walk(cell)));
        let inside = element("h3", "bad", &title) + &named(rows) + &around("p", "aside", &walk);
        around("div", "told", &inside)
    };
    deviations(report).iter().map(one).collect()
}

/// A table of these checks, a column a bundle of transports.
fn grid(report: &Report, about: &str, checks: &[&[Judged]]) -> String {
    let bundles = bundles(report);
    if bundles.is_empty() || checks.is_empty() {
        return String::new();
    }
    let mut headings = vec![("behaviour".to_owned(), false)];
    headings.extend(bundles.iter().map(|bundle| (bundle.label.clone(), false)));
    let line = |cells: &&[Judged]| {
        let title = Cell::of("", cells[0].task.check.title);
        let facts = bundles.iter().map(|bundle| cell(cells, bundle));
        Line { class: "", cells: std::iter::once(title).chain(facts).collect() }
    };
    let deviates = checks.iter().any(|cells| cells.iter().any(|cell| cell.status.is_bad()));
    let key = if deviates {
        "! is not as documented, and · does not apply."
    } else {
        "· does not apply."
    };
    table(about, &headings, checks.iter().map(line)) + &element("p", "aside", key)
}

fn cell(cells: &[Judged], bundle: &Bundle) -> Cell {
    let line = |(variant, cell): (Option<Variant>, Option<&Judged>)| {
        let which = variant.map_or_else(String::new, |variant| format!("{}: ", variant.word()));
        let tone = match cell.map(|cell| cell.status) {
            Some(status) if status.is_bad() => class(Tone::Bad),
            None | Some(Status::NotApplicable | Status::Skipped) => class(Tone::Aside),
            Some(_) => "",
        };
        (tone, which + short(cell))
    };
    Cell { lines: said(cells, bundle).into_iter().map(line).collect() }
}

/// Where IPv4 and IPv6 differ, and who says that they may.
fn ip_versions(report: &Report) -> String {
    if report.differences.is_empty() {
        return String::new();
    }
    let ways: String = versus::told(report).iter().map(way).collect();
    folded(&capital(&format!("IPv6 or IPv4: {}", versus::brief(report))), &ways)
}

fn way(told: &Told) -> String {
    let (mark, tone) = if told.fault { ("! ", class(Tone::Bad)) } else { ("", "") };
    let title = format!("{mark}{} ({})", told.title, told.name);
    let reason = xml(&told.reason) + &paste("walk it", &told.walk);
    let inside = element("h3", tone, &title)
        + &named(told.sides.iter().cloned())
        + &around("p", "aside", &reason);
    around("div", "told", &inside)
}

fn applies(cells: &[Judged]) -> bool {
    cells.iter().any(|cell| cell.status != Status::NotApplicable)
}

/// Every check that concerns anybody, group by group.
fn everything(report: &Report) -> String {
    let checks: Vec<_> = report.by_check().filter(|cells| applies(cells)).collect();
    if checks.is_empty() || report.working().next().is_none() {
        return String::new();
    }
    let summary = format!("Everything: {} behaviours, and who promises them", checks.len());
    let groups = together(checks, |cells| cells[0].task.group.title);
    let groups = groups.iter().map(|(_, checks)| group(report, checks));
    folded(&summary, &groups.collect::<String>())
}

/// A group of checks: the table, then what each tries and who promises it.
fn group(report: &Report, checks: &[&[Judged]]) -> String {
    let Group { title, rank, why, .. } = checks[0][0].task.group;
    let claim = |cells: &&[Judged]| {
        let Check { name, title, claim, promise, .. } = cells[0].task.check;
        (format!("{title} ({name})"), format!("{claim}. Promise: {promise}"))
    };
    let inside = element("h3", "", &format!("{rank}. {title}"))
        + &element("p", "", why)
        + &grid(report, title, checks)
        + &named(checks.iter().map(claim));
    around("div", "told", &inside)
}

fn command(report: &Report) -> String {
    let about = &report.about;
    let rows = [
        ("command", about.argv.join(" ")),
        ("version", env!("CARGO_PKG_VERSION").to_owned()),
        ("started", moment(about.started)),
        ("took", format!("{:.1} s", about.duration.as_secs_f64())),
    ];
    folded("Command", &named(rows.into_iter().map(|(name, value)| (name.to_owned(), value))))
}
