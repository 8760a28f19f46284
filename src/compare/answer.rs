//! What a comparison says: the answer, how many rows there are of each kind, and the lines below.

use super::{Change, Difference, Found, Machine, Options, Point, Row, Verdict, Weight};
use crate::cli::compare::Limit;
use crate::measure::plan::Place;
use crate::report::claim;
use crate::report::words::{JOIN, listed, ratio};

/// So many names are said; of more it is said how many.
const MOST_NAMES: usize = 3;

/// The answer, then how many there are of each.
#[must_use]
pub fn answer(found: &Found, options: &Options) -> [String; 2] {
    [headline(found, options.limit), counts(found)]
}

fn headline(found: &Found, limit: Limit) -> String {
    let worst = found.rows.first().map(|row| row.verdict);
    if let Some(worst) = worst.filter(|verdict| verdict.weight() == Weight::Bad) {
        return sentence(found, worst, limit);
    }
    if let Some(machine) = found.moved(limit) {
        return moved(machine, found);
    }
    if let Some(worst) = worst.filter(|verdict| verdict.weight() == Weight::Other) {
        return sentence(found, worst, limit);
    }
    let (rows, open) = (found.rows.len(), found.count(Weight::Open));
    let limit = format!("(limit {})", ratio(limit.ratio(), None));
    match (rows, open) {
        (0, _) => "no clear difference: nothing was measured on both sides".to_owned(),
        (_, 0) if found.noun == "fact" => format!("unchanged: all {rows} facts are as before"),
        (1, 0) => format!("unchanged: {} takes no longer than before {limit}", found.rows[0].whom),
        (_, 0) => format!("unchanged: none of {rows} rows takes longer than before {limit}"),
        (1, 1) => format!("no clear difference: {} may be as before {limit}", found.rows[0].whom),
        _ => format!("no clear difference in {open} of {rows} rows, and none is slower {limit}"),
    }
}

/// The sentence of the rows that came out like that.
fn sentence(found: &Found, verdict: Verdict, limit: Limit) -> String {
    let rows: Vec<&Row> = found.rows.iter().filter(|row| row.verdict == verdict).collect();
    let names = names(&rows);
    let word = verdict.word();
    let one = rows.len() == 1;
    let does = |singular: &str, plural: &str| if one { singular } else { plural }.to_owned();
    let reason = match (&rows[0].after, one) {
        (Point::Words(reason), true) => format!(": {reason}"),
        _ => String::new(),
    };
    let what = match verdict {
        Verdict::Broken => format!("{}{reason}", does("fails now", "fail now")),
        Verdict::Gone => {
            format!("{}{reason}", does("is not available now", "are not available now"))
        }
        Verdict::Slower => {
            format!("{} {} as long as before", does("takes", "take"), ratios(&rows))
        }
        Verdict::Faster => format!("took {} as long before", ratios(&rows)),
        Verdict::Worse => does("is not as documented any more", "are not as documented any more"),
        Verdict::Better => does("is as documented again", "are as documented again"),
        Verdict::Mended => does("works again", "work again"),
        Verdict::Back => does("is available again", "are available again"),
        _ => does("is not what it was before", "are not what they were before"),
    };
    let limit = match verdict {
        Verdict::Slower | Verdict::Faster => format!(" (limit {})", ratio(limit.ratio(), None)),
        _ => String::new(),
    };
    format!("{word}: {names} {what}{limit}")
}

fn names(rows: &[&Row]) -> String {
    let whom = rows.iter().map(|row| row.whom.clone());
    if rows.len() <= MOST_NAMES {
        return listed(&whom.collect::<Vec<_>>());
    }
    let first: Vec<_> = whom.take(MOST_NAMES - 1).collect();
    format!("{} and {} more", first.join(", "), rows.len() - first.len())
}

/// "1.27 ± 0.02x", or "1.20x to 1.34x": never less than 1.
fn ratios(rows: &[&Row]) -> String {
    let changes: Vec<_> = rows.iter().filter_map(|row| row.change.as_ref()).map(upright).collect();
    match changes.as_slice() {
        [] => String::new(),
        [(only, half)] => ratio(*only, *half),
        all => {
            let least = all.iter().map(|(r, _)| *r).fold(f64::INFINITY, f64::min);
            let most = all.iter().map(|(r, _)| *r).fold(1.0, f64::max);
            let (least, most) = (ratio(least, None), ratio(most, None));
            if least == most { least } else { format!("{least} to {most}") }
        }
    }
}

/// The ratio as sentences have it, at least 1, with its interval's larger half.
fn upright(change: &Change) -> (f64, Option<f64>) {
    claim::upright(change.ratio, change.interval)
}

fn moved(machine: &Machine, found: &Found) -> String {
    // Who did not move with the others is either faster or what the others were before: nobody knows.
    let apart = |row: &&Row| {
        [Verdict::Faster, Verdict::Slower].contains(&row.verdict)
            && row.names.get(1) == Some(&machine.place)
    };
    let apart: Vec<&Row> = found.rows.iter().filter(apart).collect();
    if !apart.is_empty() {
        return format!(
            "no clear answer: {}, unlike {}: the machine's doing, or a change of those that moved",
            everything(machine),
            names(&apart)
        );
    }
    format!(
        "no clear difference between transports; but {}: the machine's doing or the kernel's, not \
         one transport's",
        everything(machine)
    )
}

/// "everything takes 1.31x as long on one CPU", or "5 of 7 transports take" that.
fn everything(machine: &Machine) -> String {
    let place = &machine.place;
    let phrase = Place::ALL.into_iter().find(|known| known.word() == place);
    let at = phrase.map_or_else(|| format!("at place {place}"), |p| format!("on {}", p.phrase()));
    let (who, takes) = match machine.moved {
        [moved, of] if moved < of => (format!("{moved} of {of} transports"), "take"),
        _ => ("everything".to_owned(), "takes"),
    };
    if machine.ratio >= 1.0 {
        format!("{who} {takes} {} as long {at}", ratio(machine.ratio, None))
    } else {
        format!("{who} took {} as long {at} before", ratio(1.0 / machine.ratio, None))
    }
}

/// "1 slower, 0 faster, 6 unchanged; kernel, CPU and settings are the same".
fn counts(found: &Found) -> String {
    let always: &[&str] = match found.noun {
        "transport" => &["slower", "faster", "unchanged"],
        _ => &["unchanged"],
    };
    let mut words: Vec<(&str, usize)> = Vec::new();
    for verdict in Verdict::ALL {
        let word = verdict.word();
        if !words.iter().any(|(known, _)| *known == word) {
            let count = found.rows.iter().filter(|row| row.verdict.word() == word).count();
            words.push((word, count));
        }
    }
    words.retain(|(word, count)| *count > 0 || always.contains(word));
    let shown = |word: &str| match word {
        "no-clear-difference" => "with no clear difference".to_owned(),
        word => word.replace('-', " "),
    };
    let parts: Vec<_> =
        words.iter().map(|(word, count)| format!("{count}{JOIN}{}", shown(word))).collect();
    let differing: Vec<_> = differences(found).map(|d| d.what.as_str()).collect();
    let same = match (differing.len(), found.noun) {
        (0, "target") => String::new(),
        (0, "fact") => "; kernel and CPU are the same".to_owned(),
        (0, _) => "; kernel, CPU and settings are the same".to_owned(),
        (1, _) => format!("; {} differs", differing[0]),
        (2 | 3, _) => format!("; {} differ", listed(&differing)),
        (count, _) => {
            format!("; {} and {} other things differ", differing[..2].join(", "), count - 2)
        }
    };
    parts.join(", ") + &same
}

/// The lines below the table: what the machine did, what moved beside, what differs, what to know.
#[must_use]
pub fn lines(found: &Found, all: bool) -> Vec<String> {
    let differences = differences(found).map(difference).collect();
    let few = if all { usize::MAX } else { 3 };
    [causes(found, all), capped(differences, few), notes(found, all)].concat()
}

/// What differs beside the rows: the machines, then the settings.
pub fn differences(found: &Found) -> impl Iterator<Item = &Difference> {
    found.environment.iter().chain(&found.settings)
}

/// Why rows have no times, what the machine did, what moved beside.
#[must_use]
pub fn causes(found: &Found, all: bool) -> Vec<String> {
    let most = |few: usize| if all { usize::MAX } else { few };
    let mut lines = capped(reasons(found), most(2));
    let moved =
        |m| format!("the machine: {}, which is taken out of the changes", machine(m, found));
    lines.extend(capped(found.machine.iter().map(moved).collect(), most(2)));
    if !found.tails.is_empty() {
        lines.push(format!(
            "p99 moved more than 50% for: {}. Not gated: p99 varies between runs",
            some(&found.tails, most(MOST_NAMES))
        ));
    }
    lines
}

/// What only one side has, and what else there is to know.
#[must_use]
pub fn notes(found: &Found, all: bool) -> Vec<String> {
    let most = |few: usize| if all { usize::MAX } else { few };
    let mut lines = Vec::new();
    for (ids, whose) in found.only.iter().zip(["before", "now"]) {
        if !ids.is_empty() {
            lines.push(format!("only {whose}: {}", some(ids, most(MOST_NAMES))));
        }
    }
    lines.extend(capped(found.notes.clone(), most(2)));
    lines
}

/// Why there are no times where there were some, each reason once. The answer says a single one.
fn reasons(found: &Found) -> Vec<String> {
    let lost = [Verdict::Broken, Verdict::Gone];
    let rows: Vec<_> = found.rows.iter().filter(|row| lost.contains(&row.verdict)).collect();
    let mut reasons: Vec<String> = Vec::new();
    for row in rows.iter().filter(|_| rows.len() > 1) {
        let Point::Words(reason) = &row.after else { continue };
        let reason = format!("{}: {reason}", row.names.first().unwrap_or(&row.whom));
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    reasons
}

/// The first names, and how many more there are.
fn some(names: &[String], most: usize) -> String {
    let shown = names[..names.len().min(most)].join(", ");
    match names.len().saturating_sub(most) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

fn machine(machine: &Machine, found: &Found) -> String {
    let several = found.machine.iter().any(|other| other.size != machine.size);
    let size = if several {
        format!(" with {}", crate::cli::quantity::bytes_words(machine.size))
    } else {
        String::new()
    };
    everything(machine) + &size
}

/// "kernel: 6.1.0 -> 6.18.44".
#[must_use]
pub fn difference(difference: &Difference) -> String {
    format!("{}: {} -> {}", difference.what, difference.before, difference.after)
}

fn capped(mut lines: Vec<String>, most: usize) -> Vec<String> {
    if lines.len() > most {
        let more = lines.len() - most;
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            *last = format!("{last} (and {more} more: -v)");
        }
    }
    lines
}
