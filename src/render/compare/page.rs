//! A comparison as a page: the answer, what differs beside the rows, every row, what to know.

use super::{change, grid, telling, tone, weight};
use crate::compare::answer::{causes, differences, notes};
use crate::compare::{Comparison, Row, Source, Weight, percent};
use crate::render::page::{
    self, Cell, Line, around, class, element, figure, folded, named, sentences, table,
};
use crate::render::picture::{Mark, forest, rules};
use crate::report::words::{Unit, unjoined};

/// The page.
pub(super) fn render(comparison: &Comparison, unit: Option<Unit>) -> String {
    let found = &comparison.found;
    let [answer, counts] = comparison.answer.clone().map(|words| unjoined(&words));
    let said = causes(found, true).into_iter().chain(notes(found, true));
    let body = [
        page::answer(tone(weight(comparison)), &answer),
        element("p", "", &counts),
        sentences("notes", said.map(|line| unjoined(&line))),
        differing(comparison),
        changes(comparison),
        rows(comparison, unit),
        files(comparison),
        command(comparison),
    ];
    let [base, new] = [&comparison.base, &comparison.new].map(|files| side(files));
    page::page(&format!("{base} against {new}"), &rules(), &around("section", "", &body.concat()))
}

/// What one side is called.
fn side(files: &[Source]) -> String {
    let name = |source: &Source| source.label.clone().unwrap_or_else(|| source.name.clone());
    match files {
        [] => "nothing".to_owned(),
        [one] => name(one),
        [first, more @ ..] => format!("{} and {} more", name(first), more.len()),
    }
}

/// Machines and settings, where they are not the same.
fn differing(comparison: &Comparison) -> String {
    let lines: Vec<_> = differences(&comparison.found)
        .map(|d| Line::of("", &[d.what.clone(), d.before.clone(), d.after.clone()]))
        .collect();
    if lines.is_empty() {
        return String::new();
    }
    let headings = ["what differs", "before", "after"].map(|title| (title.to_owned(), false));
    table("What differs beside the rows", &headings, lines.into_iter())
}

/// The changes as a picture.
fn changes(comparison: &Comparison) -> String {
    let telling = telling(comparison);
    let mark = |row: &Row| {
        let names: Vec<_> = telling.iter().map(|(at, _)| row.names[*at].as_str()).collect();
        let drawn = row.change?;
        Some(Mark {
            label: names.join(", "),
            transport: names.first().map_or_else(String::new, |name| (*name).to_owned()),
            ratio: drawn.ratio,
            interval: drawn.interval,
            words: unjoined(&change(row)),
        })
    };
    let marks: Vec<_> = comparison.found.rows.iter().filter_map(mark).collect();
    if marks.is_empty() {
        return String::new();
    }
    figure(&forest(&marks, comparison.options.limit.ratio()))
}

fn rows(comparison: &Comparison, unit: Option<Unit>) -> String {
    let found = &comparison.found;
    if found.rows.is_empty() {
        return String::new();
    }
    let (headings, cells) = grid(comparison, unit);
    let line = |(cells, weight): (Vec<String>, Weight)| {
        let mut line = Line::of("", &cells);
        let colour = match weight {
            Weight::Bad | Weight::Open => class(tone(weight)),
            Weight::Other | Weight::Still => "",
        };
        // The verdict is the last, and says in words what its colour says.
        if let (Some(last), Some(words)) = (line.cells.last_mut(), cells.last()) {
            *last = Cell::of(colour, words);
        }
        line
    };
    let weights = found.rows.iter().map(|row| row.verdict.weight());
    table("Every row", &headings, cells.into_iter().zip(weights).map(line))
}

/// What was read.
fn files(comparison: &Comparison) -> String {
    let row = |side: &str, source: &Source| {
        let label = source.label.as_ref().map(|label| format!("label {label}"));
        let kernel = source.kernel.as_ref().map(|kernel| format!("kernel {kernel}"));
        let parts = [Some(source.name.clone()), label, Some(source.started.clone()), kernel];
        (side.to_owned(), parts.into_iter().flatten().collect::<Vec<_>>().join(", "))
    };
    let before = comparison.base.iter().map(|source| row("before", source));
    let after = comparison.new.iter().map(|source| row("after", source));
    folded("Files", &named(before.chain(after)))
}

fn command(comparison: &Comparison) -> String {
    let rows = [
        ("command", comparison.argv.join(" ")),
        ("limit", percent(comparison.options.limit.share)),
        ("version", env!("CARGO_PKG_VERSION").to_owned()),
    ];
    folded("Command", &named(rows.into_iter().map(|(name, value)| (name.to_owned(), value))))
}
