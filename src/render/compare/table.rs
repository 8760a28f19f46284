//! A comparison for people: the answer first, then the rows that matter, then what stands beside them.

use super::{change, point, scale, telling, tone, weight};
use crate::compare::answer::lines;
use crate::compare::{Comparison, Point, Row, Weight};
use crate::render::Look;
use crate::render::paint::{Tone, ascii, paint, tame, wrap};
use crate::report::words::unjoined;
use comfy_table::{CellAlignment, Table, presets};

/// So many rows are shown without `-v`, and of those that did not change so many.
const MOST_ROWS: usize = 9;
const FEWEST_ROWS: usize = 3;
/// Without `-v` it fits into a terminal of 24 rows with the prompt below it.
const SCREEN: usize = 23;
const MOST_STILL: usize = 3;
/// How roomy a table is.
#[derive(Clone, Copy)]
struct Room {
    /// Blanks between columns.
    gap: u16,
    /// Half the intervals of times?
    halves: bool,
    /// Words in a cell are cut there; the documents have them whole.
    words: usize,
}

/// From the roomiest to the narrowest: the first that fits is taken.
const ROOMS: [Room; 4] = [
    Room { gap: 3, halves: true, words: 34 },
    Room { gap: 2, halves: true, words: 16 },
    Room { gap: 2, halves: false, words: 14 },
    Room { gap: 1, halves: false, words: 8 },
];

/// What stands on standard output.
pub(super) fn render(comparison: &Comparison, look: &Look) -> String {
    if look.detail <= -2 {
        return String::new();
    }
    let mut text = answer(comparison, look);
    if look.detail > -1 {
        text.push('\n');
        let all = look.detail >= 1;
        let mut below: Vec<_> = lines(&comparison.found, all);
        below.extend(all.then(|| sources(comparison)));
        let below: String = below.iter().map(|line| aside(line, look)).collect();
        // What stands above and below the rows, with the headings and the line of those left out.
        let taken = text.lines().count() + below.lines().count() + 2;
        let most = SCREEN.saturating_sub(taken).clamp(FEWEST_ROWS, MOST_ROWS);
        let rows = &comparison.found.rows;
        let shown = if all { rows.iter().collect() } else { shown(comparison, most) };
        if !shown.is_empty() {
            text.push_str(&table(comparison, &shown, look));
            text.push('\n');
        }
        if shown.len() < rows.len() {
            text.push_str(&aside(&folded(&rows[shown.len()..]), look));
        }
        text.push_str(&below);
    }
    let text = unjoined(&text);
    let text = text.trim_end().to_owned() + "\n";
    if look.ascii { ascii(&text) } else { text }
}

fn answer(comparison: &Comparison, look: &Look) -> String {
    let mut text = String::new();
    for (at, sentence) in comparison.answer.iter().enumerate() {
        let lines = wrap(&look.letters(&tame(sentence)), look.width, 2);
        let tone = (at == 0).then(|| tone(weight(comparison)));
        let word = lines.find(':').map_or(0, |end| end + 1);
        text.push_str(&match tone.filter(|_| look.colour) {
            Some(tone) => paint(&lines[..word], tone, true) + &lines[word..],
            None => lines,
        });
        text.push('\n');
    }
    text
}

/// A line beside the rows.
fn aside(line: &str, look: &Look) -> String {
    let line = format!("  {}", tame(line));
    wrap(&look.letters(&line), look.width, 4) + "\n"
}

/// The rows that are shown: the worst first, and of those that did not change only some.
fn shown(comparison: &Comparison, most: usize) -> Vec<&Row> {
    let rows = &comparison.found.rows;
    let still = |row: &Row| row.verdict.weight() == Weight::Still;
    let first_still = rows.iter().position(still).unwrap_or(rows.len());
    let most_still = if comparison.found.noun == "fact" { 0 } else { MOST_STILL };
    rows.iter().take((first_still + most_still).min(most)).collect()
}

fn folded(hidden: &[Row]) -> String {
    let unchanged = hidden.iter().all(|row| row.verdict.weight() == Weight::Still);
    let rows = if hidden.len() == 1 { "row" } else { "rows" };
    let unchanged = if unchanged { "unchanged " } else { "" };
    format!("({} more {unchanged}{rows}: -v)", hidden.len())
}

fn sources(comparison: &Comparison) -> String {
    let side = |files: &[crate::compare::Source]| match files {
        [] => String::new(),
        [one] => one.name.clone(),
        [first, .., last] => format!("{} files, {} to {}", files.len(), first.name, last.name),
    };
    format!("before: {}; now: {}", side(&comparison.base), side(&comparison.new))
}

/// The roomiest table that fits.
fn table(comparison: &Comparison, rows: &[&Row], look: &Look) -> String {
    let width = look.width.unwrap_or(usize::MAX);
    let fits = |text: &String| text.lines().all(|line| line.chars().count() <= width);
    let laid_out = |room: Room| laid_out(comparison, rows, look, room);
    let text = ROOMS.into_iter().map(laid_out).find(fits);
    let text = text.unwrap_or_else(|| laid_out(ROOMS[ROOMS.len() - 1]));
    text.lines().map(|line| toned(line, look)).collect::<Vec<_>>().join("\n")
}

fn laid_out(comparison: &Comparison, rows: &[&Row], look: &Look, room: Room) -> String {
    let scale = scale(comparison, look.unit);
    let timed = comparison.found.noun != "fact";
    let unit = if timed { format!(" {}", scale.unit.name) } else { String::new() };
    let telling = telling(comparison);
    let mut header: Vec<String> = telling.iter().map(|(_, title)| (*title).to_owned()).collect();
    header.extend([format!("BEFORE{unit}"), format!("AFTER{unit}")]);
    header.extend(timed.then(|| "CHANGE".to_owned()));
    header.push("VERDICT".to_owned());
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(header.iter().map(|title| look.letters(title)));
    for row in rows {
        let mut cells: Vec<String> = telling.iter().map(|(at, _)| row.names[*at].clone()).collect();
        let side = |side: &Point| match side {
            Point::Time(ns, _) if !room.halves => point(&Point::Time(*ns, None), scale),
            side => cut(&point(side, scale), room.words),
        };
        cells.extend([side(&row.before), side(&row.after)]);
        cells.extend(timed.then(|| change(row)));
        cells.push(row.verdict.shown(comparison.options.limit));
        table.add_row(cells.iter().map(|cell| look.letters(&tame(cell))));
    }
    let columns = header.len();
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, room.gap));
        if timed && index >= telling.len() && index + 1 < columns {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let line = |line: String| format!("  {line}").trim_end().to_owned();
    table.lines().map(line).collect::<Vec<_>>().join("\n")
}

fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}

/// Colours the verdict at the end of a line.
fn toned(line: &str, look: &Look) -> String {
    let ends = [
        ("SLOWER", Tone::Bad),
        ("BROKEN", Tone::Bad),
        ("GONE", Tone::Bad),
        ("WORSE", Tone::Bad),
        ("no clear difference", Tone::Doubtful),
    ];
    match ends.iter().find(|(word, _)| look.colour && line.ends_with(word)) {
        Some((word, tone)) => {
            format!("{}{}", &line[..line.len() - word.len()], paint(word, *tone, true))
        }
        None => line.to_owned(),
    }
}
