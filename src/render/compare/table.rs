//! A comparison for people: the answer first, then the rows that matter, then what stands beside them.

use super::{change, point, scale, telling};
use crate::compare::answer::lines;
use crate::compare::{Comparison, Row, Weight};
use crate::render::Look;
use crate::render::paint::{Tone, ascii, paint, tame, wrap};
use crate::report::words::unjoined;
use comfy_table::{CellAlignment, Table, presets};

/// So many rows are shown without `-v`, and of those that did not change so many.
const MOST_ROWS: usize = 9;
const MOST_STILL: usize = 3;
/// Words in a cell are cut there; the documents have them whole.
const LONGEST_WORDS: usize = 34;

/// What stands on standard output.
pub(super) fn render(comparison: &Comparison, look: &Look) -> String {
    if look.detail <= -2 {
        return String::new();
    }
    let mut text = answer(comparison, look);
    if look.detail > -1 {
        let all = look.detail >= 1;
        let shown = shown(comparison, all);
        let mut below = vec![];
        let hidden: Vec<&Row> = comparison.found.rows.iter().skip(shown.len()).collect();
        if !hidden.is_empty() {
            below.push(folded(&hidden));
        }
        below.extend(lines(&comparison.found, all));
        if all {
            below.push(sources(comparison));
        }
        text.push('\n');
        if !shown.is_empty() {
            text.push_str(&table(comparison, &shown, look));
            text.push('\n');
        }
        for line in below {
            let line = format!("  {}", tame(&line));
            text.push_str(&wrap(&look.letters(&line), look.width, 4));
            text.push('\n');
        }
    }
    let text = unjoined(&text);
    let text = text.trim_end().to_owned() + "\n";
    if look.ascii { ascii(&text) } else { text }
}

fn answer(comparison: &Comparison, look: &Look) -> String {
    let mut text = String::new();
    for (at, sentence) in comparison.answer.iter().enumerate() {
        let lines = wrap(&look.letters(&tame(sentence)), look.width, 2);
        let tone = match (at, weight(comparison)) {
            (0, Weight::Bad) => Some(Tone::Bad),
            (0, Weight::Other | Weight::Open) => Some(Tone::Doubtful),
            (0, Weight::Still) => Some(Tone::Good),
            _ => None,
        };
        let word = lines.find(':').map_or(0, |end| end + 1);
        text.push_str(&match tone.filter(|_| look.colour) {
            Some(tone) => paint(&lines[..word], tone, true) + &lines[word..],
            None => lines,
        });
        text.push('\n');
    }
    text
}

/// The weight of what the answer is about.
fn weight(comparison: &Comparison) -> Weight {
    let found = &comparison.found;
    let moved = found.moved(comparison.options.limit).is_some();
    let weights = [Weight::Bad, Weight::Other, Weight::Open];
    let has = |weight: &Weight| found.count(*weight) > 0 || (moved && *weight == Weight::Other);
    weights.into_iter().find(has).unwrap_or(Weight::Still)
}

/// The rows that are shown: the worst first, and of those that did not change only some.
fn shown(comparison: &Comparison, all: bool) -> Vec<&Row> {
    let rows = &comparison.found.rows;
    if all {
        return rows.iter().collect();
    }
    let still = |row: &&Row| row.verdict.weight() == Weight::Still;
    let first_still = rows.iter().position(|row| still(&row)).unwrap_or(rows.len());
    let fact = comparison.found.noun == "fact";
    let most_still = if fact { 0 } else { MOST_STILL };
    rows.iter().take((first_still + most_still).min(MOST_ROWS)).collect()
}

fn folded(hidden: &[&Row]) -> String {
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

fn table(comparison: &Comparison, rows: &[&Row], look: &Look) -> String {
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
        cells.extend([point(&row.before, scale), point(&row.after, scale)].map(|text| cut(&text)));
        cells.extend(timed.then(|| change(row)));
        cells.push(row.verdict.shown(comparison.options.limit));
        table.add_row(cells.iter().map(|cell| look.letters(&tame(cell))));
    }
    let columns = header.len();
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 3));
        if timed && index >= telling.len() && index + 1 < columns {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let line = |line: String| toned(format!("  {line}").trim_end(), look);
    table.lines().map(line).collect::<Vec<_>>().join("\n")
}

fn cut(text: &str) -> String {
    if text.chars().count() <= LONGEST_WORDS {
        return text.to_owned();
    }
    text.chars().take(LONGEST_WORDS - 1).chain(['…']).collect()
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
