//! Two walks side by side, call by call, and what the largest differences come from.

use crate::render::Look;
use crate::render::numbers;
use crate::render::paint::wrap;
use crate::report::explain::answer::{remarks, what};
use crate::report::explain::versus::{Difference, Pair, Versus};
use crate::report::explain::{Account, Line, Report, Time, phase_words};
use crate::report::words::{JOIN, Scale, Unit, round_up, time_in, unjoined};
use crate::transport::lesson::Phase;
use comfy_table::Table;

/// So many of the largest differences are explained.
const EXPLAINED: usize = 3;

pub(super) fn render(report: &Report, versus: &Versus<'_>, look: &Look) -> String {
    let line = |(what, said): (&str, String)| format!("  {what:<20}{said}");
    let lines = claims(versus, look.unit).into_iter().map(line);
    let lines = std::iter::once((title(report, versus), 2)).chain(lines.map(|line| (line, 22)));
    let told = |(line, indent): (String, usize)| unjoined(&wrap(&line, look.width, indent)) + "\n";
    let answer: String = lines.map(told).collect();
    if look.detail < 0 {
        return answer;
    }
    let scale = scale(versus, look);
    let table = table(versus, scale);
    format!("{answer}\n{table}\n{}{}", origins(versus, scale, look), denials(versus, look))
}

/// One unit for all, with the digits that suit the smallest call.
pub(super) fn scale(versus: &Versus<'_>, look: &Look) -> Scale {
    let lines = versus.one.lines.iter().chain(&versus.other.lines);
    let smallest = lines.filter_map(|line| Some(line.time.as_ref()?.median)).min();
    Scale::for_smallest(smallest.unwrap_or(1000).max(1000), look.unit)
}

/// Who takes longer, in one line.
pub(super) fn answer(report: &Report, versus: &Versus<'_>, unit: Option<Unit>) -> String {
    let told = claims(versus, unit).into_iter().map(|(what, said)| format!("{what}: {said}"));
    format!("{}; {}", title(report, versus), told.collect::<Vec<_>>().join("; "))
}

/// What is compared.
fn title(report: &Report, versus: &Versus<'_>) -> String {
    let (one, other) = (versus.one, versus.other);
    let walks = one.walks().min(other.walks());
    let each = if walks == 1 { "walk each" } else { "walks each, by turns" };
    // What is to be said of both, as of a signal, is said once.
    let remarks = match (remarks(report, one), remarks(report, other)) {
        (own, others) if own == others => own,
        (own, others) => {
            let of = |account: &Account, said: String| {
                if said.is_empty() {
                    said
                } else {
                    format!("; {}{}", account.label, said.replacen(';', ":", 1))
                }
            };
            of(one, own) + &of(other, others)
        }
    };
    format!("{} and {}: {}, {walks} {each}{remarks}", one.label, other.label, what(report))
}

/// The message first, which is what people ask about; what it takes to open and close is another
/// question, and may have another answer.
fn claims(versus: &Versus<'_>, unit: Option<Unit>) -> Vec<(&'static str, String)> {
    let part = |account: &Account| {
        let found = account.phases.iter().find(|(phase, _)| *phase == Phase::Echo);
        found.map(|(_, time)| time.median)
    };
    let whole = |account: &Account| account.total.as_ref().map(|time| time.median);
    let echo = versus.phases.iter().find(|(phase, _)| *phase == Phase::Echo);
    let mut claims = Vec::new();
    for (what, difference, times) in [
        (
            phase_words(Phase::Echo),
            echo.map(|(_, apart)| *apart),
            part(versus.one).zip(part(versus.other)),
        ),
        ("all calls together", versus.total, whole(versus.one).zip(whole(versus.other))),
    ] {
        let said = difference.zip(times).map(|(apart, times)| claim(versus, apart, times, unit));
        claims.extend(said.map(|said| (what, said)));
    }
    claims
}

/// Who takes longer, and by how much.
fn claim(
    versus: &Versus<'_>,
    difference: Difference,
    (own, others): (u64, u64),
    unit: Option<Unit>,
) -> String {
    let (first, second) = (time_in(own, unit), time_in(others, unit));
    if !difference.clear {
        return format!("no clear difference, {first} and {second}");
    }
    let (slow, more, less) = if difference.shift.value > 0.0 {
        (versus.one, first, second)
    } else {
        (versus.other, second, first)
    };
    let by = by(difference, Scale::for_smallest(ns(difference.shift.value), unit));
    format!("{} takes {by} longer, {more} against {less}", slow.label)
}

fn by(difference: Difference, scale: Scale) -> String {
    let value = difference.shift.value.abs();
    let half = difference.shift.interval.map(|i| i.half_width_around(difference.shift.value));
    let half = half.map_or_else(String::new, |half| {
        format!("{JOIN}±{JOIN}{}", round_up(half / scale.unit.ns, scale.decimals))
    });
    format!("{}{half}{JOIN}{}", scale.number(ns(value)), scale.unit.name)
}

/// Nanoseconds without their sign.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is rounded")]
fn ns(value: f64) -> u64 {
    value.abs().round() as u64
}

/// What stands in the last column.
pub(super) fn longer(pair: &Pair<'_>, scale: Scale) -> String {
    let alone = |line: Option<&Line>| Some(line?.time.as_ref()?.median);
    match (pair.difference, alone(pair.one), alone(pair.other)) {
        (Some(difference), ..) => told(difference, scale),
        (None, Some(time), None) => format!("+{}", scale.number(time)),
        (None, None, Some(time)) => format!("-{}", scale.number(time)),
        (None, ..) => String::new(),
    }
}

fn told(difference: Difference, scale: Scale) -> String {
    let value = difference.shift.value;
    if !difference.clear {
        return "unclear".to_owned();
    }
    let half = difference.shift.interval.map(|i| i.half_width_around(value));
    let half = half.map_or_else(String::new, |half| {
        format!(" ±{}", round_up(half / scale.unit.ns, scale.decimals))
    });
    format!("{}{}{half}", if value < 0.0 { '-' } else { '+' }, scale.number(ns(value)))
}

/// A cell for a time.
pub(super) fn cell(time: Option<&Time>, scale: Scale) -> String {
    time.map_or_else(|| "-".to_owned(), |time| scale.number(time.median))
}

/// A line of the table: whose call, which, both times and the difference.
pub(super) fn lines(versus: &Versus<'_>, scale: Scale) -> Vec<[String; 4]> {
    let time = |line: Option<&Line>| cell(line.and_then(|line| line.time.as_ref()), scale);
    let mut lines: Vec<_> = versus
        .pairs
        .iter()
        .map(|pair| {
            let name = pair.one.or(pair.other).map_or_else(String::new, |line| {
                let step = line.taken.step;
                let on = line.taken.descriptor.map_or_else(String::new, |on| on.to_string());
                format!("{}  {}({on})", step.end.word(), step.call.name())
            });
            [name, time(pair.one), time(pair.other), longer(pair, scale)]
        })
        .collect();
    let of = |account: &Account, phase| {
        account.phases.iter().find(|(of, _)| *of == phase).map(|(_, time)| time.clone())
    };
    for (phase, difference) in &versus.phases {
        let (one, other) = (of(versus.one, *phase), of(versus.other, *phase));
        lines.push([
            phase_words(*phase).to_owned(),
            cell(one.as_ref(), scale),
            cell(other.as_ref(), scale),
            told(*difference, scale),
        ]);
    }
    lines.push([
        "all together".to_owned(),
        cell(versus.one.total.as_ref(), scale),
        cell(versus.other.total.as_ref(), scale),
        versus.total.map_or_else(String::new, |difference| told(difference, scale)),
    ]);
    lines
}

/// What stands above it.
pub(super) fn titles(versus: &Versus<'_>, scale: Scale) -> [String; 4] {
    let (one, other) = (&versus.one.label, &versus.other.label);
    let first = format!("{one} {}", scale.unit.name);
    ["END     CALL".to_owned(), first, other.clone(), "FIRST LONGER BY".to_owned()]
}

fn table(versus: &Versus<'_>, scale: Scale) -> String {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header(titles(versus, scale));
    for (at, line) in lines(versus, scale).into_iter().enumerate() {
        if at == versus.pairs.len() {
            table.add_row([""; 4]);
        }
        table.add_row(line);
    }
    numbers(table)
}

/// The largest differences with what happens there in both.
fn origins(versus: &Versus<'_>, scale: Scale, look: &Look) -> String {
    let size = |pair: &Pair<'_>| match pair.difference {
        Some(difference) if difference.clear => ns(difference.shift.value),
        Some(_) => 0,
        None => {
            let alone = pair.one.or(pair.other).and_then(|line| line.time.as_ref());
            alone.map_or(0, |time| time.median)
        }
    };
    let mut largest: Vec<_> = versus.pairs.iter().filter(|pair| size(pair) > 0).collect();
    largest.sort_by_key(|pair| std::cmp::Reverse(size(pair)));
    let mut text = String::new();
    for pair in largest.into_iter().take(EXPLAINED) {
        let Some(step) = pair.one.or(pair.other).map(|line| line.taken.step) else { continue };
        let (end, call) = (step.end.word(), step.call.name());
        text.extend([format!("\n  {end}'s {call}(): {}\n", longer(pair, scale))]);
        for (account, line) in [(versus.one, pair.one), (versus.other, pair.other)] {
            let said = match line {
                None => "makes no such call.".to_owned(),
                Some(line) => line.told(),
            };
            let sentence = wrap(&format!("    {}: {said}", account.label), look.width, 6);
            text.extend([sentence, "\n".to_owned()]);
        }
    }
    text
}

/// The calls of both whose sentence is not so here.
fn denials(versus: &Versus<'_>, look: &Look) -> String {
    let told = |account: &Account, line: &Line| {
        let (end, call) = (line.taken.step.end.word(), line.taken.step.call.name());
        let text = format!("  {}, {end}'s {call}(): {}", account.label, line.told());
        wrap(&text, look.width, 4) + "\n"
    };
    let of = |account| Account::denied(account).map(move |line| told(account, line));
    let all: String = of(versus.one).chain(of(versus.other)).collect();
    if all.is_empty() { all } else { format!("\n{all}") }
}
