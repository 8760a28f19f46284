//! The table of facts: a check a line, those that agree in one column.

use super::View;
use super::bundle::{Bundle, NOTHING, Variant, bundles, differing, short, shown};
use crate::behaviour::column::Naming;
use crate::render::Look;
use crate::render::paint::{Tone, paint, wrap};
use crate::report::check::{Judged, Report, together, whom};

/// A line of the table: its label, and a cell a bundle.
struct Line {
    label: String,
    cells: Vec<String>,
}

/// A column has room for a few letters of what deviates.
const NARROWEST: usize = 6;
/// Between columns.
const GAP: usize = 2;
const INDENT: usize = 2;

/// The table, in several pieces if the terminal is too narrow for one.
pub(super) fn render(report: &Report, view: View, look: &Look) -> String {
    let bundles = bundles(report);
    let shown = report.by_check().filter(|cells| is_shown(cells, view));
    let lines: Vec<_> = shown.flat_map(|cells| lines(cells, &bundles)).collect();
    if bundles.is_empty() || lines.is_empty() {
        return String::new();
    }
    let label = lines.iter().map(|line| width(&line.label)).chain([9]).max().unwrap_or(9);
    // What deviates is told below the table, so that it may be cut where there is no room for it.
    let room = look.width.map(|width| width.saturating_sub(INDENT + label));
    let whole = widths(&bundles, &lines, |_| true);
    let fits = room.is_none_or(|room| whole.iter().map(|width| GAP + width).sum::<usize>() <= room);
    let widths = if fits { whole } else { widths(&bundles, &lines, |cell| !cell.ends_with('!')) };
    let pieces = pieces(&widths, room);
    let piece = |range: &std::ops::Range<usize>| {
        let header = Line {
            label: "BEHAVIOUR".to_owned(),
            cells: bundles.iter().map(|bundle| bundle.label.clone()).collect(),
        };
        let all = std::iter::once(&header).chain(&lines);
        let text = all.filter_map(|line| drawn(line, range, label, &widths, look));
        text.collect::<String>()
    };
    pieces.iter().map(piece).collect::<Vec<_>>().join("\n")
}

/// Is a check shown, of which these are the cells? What matters most or was chosen is, and whatever
/// deviates.
pub(super) fn is_shown(cells: &[Judged], view: View) -> bool {
    view == View::Chosen || cells[0].task.check.front || cells.iter().any(|c| c.status.is_bad())
}

fn lines(cells: &[Judged], bundles: &[Bundle]) -> Vec<Line> {
    let label = cells[0].task.check.title.to_owned();
    let facts = bundles.iter().map(|bundle| short(shown(cells, bundle)).to_owned()).collect();
    let mut lines = vec![Line { label, cells: facts }];
    for variant in Variant::ALL {
        let others: Vec<_> =
            bundles.iter().map(|bundle| differing(cells, bundle, variant)).collect();
        if others.iter().any(Option::is_some) {
            lines.push(Line {
                label: variant.label().to_owned(),
                cells: others
                    .into_iter()
                    .map(|other| other.map_or_else(String::new, |cell| cell.short.clone()))
                    .collect(),
            });
        }
    }
    lines
}

/// How wide each column has to be for such cells.
fn widths(bundles: &[Bundle], lines: &[Line], counts: impl Fn(&str) -> bool) -> Vec<usize> {
    let of = |(place, bundle): (usize, &Bundle)| {
        let cells = lines.iter().map(|line| line.cells[place].as_str());
        let cells = cells.filter(|cell| counts(cell)).map(width);
        cells.chain([width(&bundle.label), NARROWEST]).max().unwrap_or(NARROWEST)
    };
    bundles.iter().enumerate().map(of).collect()
}

/// Which columns stand side by side.
fn pieces(widths: &[usize], room: Option<usize>) -> Vec<std::ops::Range<usize>> {
    let mut pieces = Vec::new();
    let (mut start, mut used) = (0, 0);
    for (place, width) in widths.iter().enumerate() {
        if room.is_some_and(|room| used + GAP + width > room) && place > start {
            pieces.push(start..place);
            (start, used) = (place, 0);
        }
        used += GAP + width;
    }
    pieces.push(start..widths.len());
    pieces
}

/// A line as text; none for a further line that has nothing to say in this piece.
fn drawn(
    line: &Line,
    range: &std::ops::Range<usize>,
    label: usize,
    widths: &[usize],
    look: &Look,
) -> Option<String> {
    let cells = &line.cells[range.clone()];
    if cells.iter().all(String::is_empty) {
        return None;
    }
    let mut text = format!("{:INDENT$}{}", "", padded(&line.label, label));
    for (cell, width) in cells.iter().zip(&widths[range.clone()]) {
        let cell = &fitted(cell, *width);
        let padding = " ".repeat(width.saturating_sub(self::width(cell)));
        let tone = if cell.ends_with('!') { Tone::Bad } else { Tone::Aside };
        let colour = look.colour && (cell.ends_with('!') || cell == NOTHING);
        text.extend([format!("{:GAP$}{}{padding}", "", paint(cell, tone, colour))]);
    }
    Some(format!("{}\n", text.trim_end()))
}

/// A cell in its column's width.
fn fitted(cell: &str, room: usize) -> String {
    if width(cell) <= room {
        return cell.to_owned();
    }
    let front: String = cell.chars().take(room - 1).collect();
    format!("{}!", front.trim_end())
}

fn padded(text: &str, to: usize) -> String {
    format!("{text}{}", " ".repeat(to.saturating_sub(width(text))))
}

fn width(text: &str) -> usize {
    text.chars().count()
}

/// Deviations that are told in full; of more, a line each.
const TOLD_IN_FULL: usize = 4;

/// What stands below the table: every deviation, and where there is more.
pub(super) fn foot(report: &Report, view: View, look: &Look) -> String {
    let groups = deviations(report);
    let full = groups.len() <= TOLD_IN_FULL;
    let mut text = String::new();
    if !groups.is_empty() {
        text.push('\n');
    }
    for group in &groups {
        let told = if full { in_full(report, group) } else { vec![in_short(report, group)] };
        for (place, line) in told.iter().enumerate() {
            text.push_str(&wrap(line, look.width, if place == 0 { 4 } else { 6 }));
            text.push('\n');
        }
    }
    let reasons = untried(report);
    if !reasons.is_empty() {
        text.push_str(&wrap(&format!("\n  untried: {}", reasons.join(", ")), look.width, 4));
        text.push('\n');
    }
    let more = match view {
        View::Front => "everything, with reasons: -v · one check: -k NAME -v · --list-checks",
        View::Chosen | View::Versus => "with reasons: -v · with the calls that were made: -vv",
    };
    text.push_str(&wrap(&format!("\n  {more}"), look.width, 2));
    text.push('\n');
    text
}

/// What deviates, a way at a time: cells that do so alike stand together.
pub(super) fn deviations(report: &Report) -> Vec<Vec<&Judged>> {
    let bad = report.cells.iter().filter(|cell| cell.status.is_bad());
    let groups = together(bad, |cell| (cell.task.check.name, &cell.observed, &cell.expected));
    groups.into_iter().map(|(_, group)| group).collect()
}

/// What was missing where something could not be tried.
pub(super) fn untried(report: &Report) -> Vec<&str> {
    let untried = report.cells.iter().filter_map(|cell| cell.reason.as_deref());
    let mut reasons: Vec<_> = untried.filter(|reason| reason.starts_with("needs")).collect();
    reasons.sort_unstable();
    reasons.dedup();
    reasons
}

/// Over what those cells were tried.
pub(super) fn names(report: &Report, group: &[&Judged]) -> String {
    let members: Vec<_> = group.iter().map(|cell| cell.task.column).collect();
    whom(&members, &report.columns)
}

fn in_short(report: &Report, group: &[&Judged]) -> String {
    let cell = group[0];
    format!(
        "  {}, {}: {}, expected {}",
        names(report, group),
        cell.task.check.name,
        cell.seen(),
        cell.wanted(),
    )
}

fn in_full(report: &Report, group: &[&Judged]) -> Vec<String> {
    let (cell, check) = (group[0], group[0].task.check);
    vec![
        format!("  {}, {}: {}", names(report, group), check.title, cell.seen()),
        format!("    expected {}: {}", cell.wanted(), check.promise),
        format!("    it means: {}", check.matters),
        format!("    walk it: {}", walk(cell)),
    ]
}

/// The command that shows the calls of a cell, and what they do.
pub(super) fn walk(cell: &Judged) -> String {
    let (column, check) = (&cell.task.column, cell.task.check);
    let name = column.transport.name;
    match check.walk {
        // A walk names its Unix sockets by files.
        Some(to) if column.naming != Some(Naming::Abstract) => {
            format!("sockeye explain {name} --to {}", to.word())
        }
        _ => format!("sockeye check {name} -k {} -vv", check.name),
    }
}
