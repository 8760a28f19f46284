//! What is to be seen, as patterns: a text in which numbers may stand open, or between limits. A
//! number that varies from run to run is shown, and judged by its limits or not at all.

use super::column::{Column, Who};
use crate::environment::Environment;

/// What a column is to show, and the short form of it for the table.
#[derive(Debug)]
pub struct Rule {
    /// Whom it speaks of.
    pub who: Who,
    fact: Pattern,
    cell: Short,
}

/// The short forms of a fact.
#[derive(Clone, Copy, Debug)]
enum Short {
    /// The fact itself.
    Fact,
    /// The same for each fact that agrees.
    One(&'static str),
    /// By the fact's beginning.
    Several(&'static [(&'static str, &'static str)]),
}

/// A text with holes: `{}` is any number, `{20..400}` one between limits, and ` | ` parts
/// alternatives.
#[derive(Debug)]
enum Pattern {
    /// The same everywhere.
    Text(&'static str),
    /// Worked out from the machine's settings.
    Worked(fn(&Column, &Environment) -> String),
}

/// How a fact agrees with a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match {
    /// Letter by letter.
    Exact,
    /// But for the numbers that may vary.
    Varying,
    /// Not at all.
    No,
}

/// These are to show this.
pub const fn shows(who: Who, fact: &'static str) -> Rule {
    Rule { who, fact: Pattern::Text(fact), cell: Short::Fact }
}

/// These are to show what the machine's settings make of it.
pub const fn works_out(who: Who, fact: fn(&Column, &Environment) -> String) -> Rule {
    Rule { who, fact: Pattern::Worked(fact), cell: Short::Fact }
}

impl Rule {
    /// The same with a short form of at most 12 characters, in which `#` is the fact's first number.
    /// It is needed where the fact itself is longer.
    #[must_use]
    pub const fn cell(self, cell: &'static str) -> Self {
        Self { who: self.who, fact: self.fact, cell: Short::One(cell) }
    }

    /// The same with short forms as in [`Rule::cell`], one for each beginning of a fact: for a rule
    /// whose facts differ in more than their numbers.
    #[must_use]
    pub const fn cells(self, cells: &'static [(&'static str, &'static str)]) -> Self {
        Self { who: self.who, fact: self.fact, cell: Short::Several(cells) }
    }

    /// The pattern, for that column on that machine.
    #[must_use]
    pub fn pattern(&self, column: &Column, machine: &Environment) -> String {
        match self.fact {
            Pattern::Text(text) => text.to_owned(),
            Pattern::Worked(work) => work(column, machine),
        }
    }

    /// A fact that agrees, in its short form.
    #[must_use]
    pub fn short(&self, fact: &str) -> String {
        let cell = match self.cell {
            Short::Fact => fact,
            Short::One(cell) => cell,
            Short::Several(cells) => {
                let begins = |(beginning, _): &&(&str, &str)| fact.starts_with(beginning);
                cells.iter().find(begins).map_or(fact, |(_, cell)| cell)
            }
        };
        let digits = |text: &str| -> String {
            let from = text.trim_start_matches(|c: char| !c.is_ascii_digit());
            from.chars().take_while(char::is_ascii_digit).collect()
        };
        cell.replace('#', &digits(fact))
    }
}

/// Is this kernel at least that release? One that does not say is taken for a new one.
pub fn since(machine: &Environment, major: u32, minor: u32) -> bool {
    let mut numbers = machine.kernel.split(|c: char| !c.is_ascii_digit()).map(str::parse);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(first)), Some(Ok(second))) => (first, second) >= (major, minor),
        _ => true,
    }
}

/// How a fact agrees with a pattern, the best of its alternatives.
#[must_use]
pub fn compare(pattern: &str, fact: &str) -> Match {
    let mut best = Match::No;
    for alternative in pattern.split(" | ") {
        match compare_one(alternative, fact) {
            Match::Exact => return Match::Exact,
            Match::Varying => best = Match::Varying,
            Match::No => {}
        }
    }
    best
}

fn compare_one(pattern: &str, fact: &str) -> Match {
    let Some((before, rest)) = pattern.split_once('{') else {
        return if pattern == fact { Match::Exact } else { Match::No };
    };
    let (Some(fact), Some((limits, pattern))) = (fact.strip_prefix(before), rest.split_once('}'))
    else {
        return Match::No;
    };
    let len = fact.bytes().take_while(u8::is_ascii_digit).count();
    let (number, fact) = fact.split_at(len);
    let within = number.parse::<u64>().is_ok_and(|number| match limits.split_once("..") {
        Some((low, high)) => {
            low.parse().is_ok_and(|low: u64| low <= number)
                && high.parse().is_ok_and(|high: u64| number <= high)
        }
        None => limits.is_empty(),
    });
    match compare_one(pattern, fact) {
        Match::Exact | Match::Varying if within => Match::Varying,
        Match::Exact | Match::Varying | Match::No => Match::No,
    }
}

/// A fact without its numbers, for comparing two in which they may vary.
#[must_use]
pub fn numberless(fact: &str) -> String {
    fact.chars().filter(|letter| !letter.is_ascii_digit()).collect()
}

/// A pattern as people read it: open numbers as `N`, limits as they are.
#[must_use]
pub fn readable(pattern: &str) -> String {
    pattern.replace("{}", "N").replace(['{', '}'], "").replace(" | ", " or ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fact_agrees_letter_by_letter_or_but_for_its_numbers() {
        for (pattern, fact, expected) in [
            ("joined 8", "joined 8", Match::Exact),
            ("joined 8", "joined 9", Match::No),
            ("blocks after {} KB", "blocks after 3819 KB", Match::Varying),
            ("blocks after {} KB", "blocks after KB", Match::No),
            ("blocks after {} KB", "never blocks", Match::No),
            ("{20..400} ms; NODELAY {0..9} ms", "44 ms; NODELAY 0 ms", Match::Varying),
            ("{20..400} ms; NODELAY {0..9} ms", "44 ms; NODELAY 10 ms", Match::No),
            ("{20..400} ms; NODELAY {0..9} ms", "4 ms; NODELAY 0 ms", Match::No),
            ("EAGAIN | ok", "ok", Match::Exact),
            ("EAGAIN | {} ms", "7 ms", Match::Varying),
            ("EAGAIN | {} ms", "EAGAINS", Match::No),
        ] {
            assert_eq!(compare(pattern, fact), expected, "{pattern:?} against {fact:?}");
        }
    }

    #[test]
    fn a_short_form_takes_the_first_number() {
        let rule = shows(super::super::column::any, "{} queued then hangs").cell("# then hang");
        assert_eq!(rule.short("3 queued then hangs"), "3 then hang");
        assert_eq!(shows(super::super::column::any, "EOF").short("EOF"), "EOF");
        let rule = shows(super::super::column::any, "ok after {} ms | EAGAIN");
        let rule = rule.cells(&[("ok", "ok #"), ("no", "never")]);
        assert_eq!(rule.short("ok after 7 ms"), "ok 7");
        assert_eq!(rule.short("EAGAIN"), "EAGAIN");
    }
}
