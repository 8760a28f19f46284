use super::column::{Column, ipv4, ipv6};
use super::expectation::{Match, compare};
use super::run::{Outcome, Task, run};
use super::{Check, Group, all};
use crate::environment::Environment;
use crate::os::{CallError, Errno};
use crate::transport::ALL;
use std::collections::HashSet;

fn columns() -> impl Iterator<Item = Column> {
    ALL.iter().flat_map(Column::of)
}

fn concerned(check: &Check) -> Vec<Column> {
    columns().filter(|column| (check.applies)(column)).collect()
}

#[test]
fn every_rank_is_there_once_and_in_order() {
    let ranks: Vec<_> = super::rows::GROUPS.iter().map(|group| group.rank).collect();
    assert_eq!(ranks, (1..=62).collect::<Vec<_>>());
    assert_eq!(all().count(), 128);
}

#[test]
fn every_name_and_title_is_its_own_and_fits_the_table() {
    let mut known = HashSet::new();
    for (_, check) in all() {
        assert!(known.insert(check.name) && known.insert(check.title), "{}", check.name);
        let fits =
            |letter: char| letter.is_ascii_lowercase() || letter == '_' || letter.is_ascii_digit();
        assert!(check.name.chars().all(fits), "{}", check.name);
        assert!(check.title.chars().count() <= 24, "{} is wide: {}", check.name, check.title);
    }
}

#[test]
fn every_check_says_what_it_claims_who_promised_it_and_what_it_means() {
    for (group, check) in all() {
        let name = check.name;
        assert!(!group.title.is_empty());
        for text in [check.claim, check.promise, check.matters, group.why] {
            assert!(text.len() > 10, "{name} says too little: '{text}'");
            assert!(!text.ends_with('.'), "{name}: the full stop is added where it stands: {text}");
            assert!(text.is_ascii(), "{name}: {text}");
        }
        let source = ["(2)", "(5)", "(7)", "(8)", "RFC ", "kernel", "POSIX", "Linux "];
        assert!(source.iter().any(|s| check.promise.contains(s)), "{name}: {}", check.promise);
    }
}

#[test]
fn every_check_concerns_somebody_and_its_rules_speak_of_whom_it_concerns() {
    for (_, check) in all() {
        let whom = concerned(check);
        assert!(!whom.is_empty(), "{} concerns nobody", check.name);
        assert!(!check.rules.is_empty(), "{} has no rule", check.name);
        for place in 0..check.rules.len() {
            let first = |column: &&Column| {
                check.rules.iter().position(|rule| (rule.who)(column)) == Some(place)
            };
            assert!(
                whom.iter().any(|column| first(&column)),
                "{}: rule {place} never speaks",
                check.name
            );
        }
    }
}

/// What a pattern shows when its numbers are as large as they may be.
fn largest(pattern: &str) -> String {
    let mut text = String::new();
    let mut rest = pattern.split(" | ").next().unwrap_or_default();
    while let Some((before, after)) = rest.split_once('{') {
        let (limits, after) = after.split_once('}').expect("a hole is closed");
        text.push_str(before);
        text.push_str(limits.split_once("..").map_or("7", |(_, high)| high));
        rest = after;
    }
    text + rest
}

#[test]
fn every_fact_agrees_with_its_own_pattern_and_has_a_short_form() {
    let machine = Environment::default();
    for (_, check) in all() {
        for column in concerned(check) {
            let Some(rule) = check.rule(&column) else { continue };
            let pattern = rule.pattern(&column, &machine);
            let fact = largest(&pattern);
            assert_ne!(compare(&pattern, &fact), Match::No, "{}: {pattern}", check.name);
            let short = rule.short(&fact);
            let width = short.chars().count();
            assert!((1..=12).contains(&width), "{} {column}: '{short}' is {width}", check.name);
        }
    }
}

/// Pairs are to agree unless a design says that they differ, and then it is said whose.
#[test]
fn ipv4_and_ipv6_have_the_same_rules_or_a_source_for_the_difference() {
    let machine = Environment::default();
    for (_, check) in all() {
        let mut differs = false;
        for column in concerned(check).into_iter().filter(ipv6) {
            let Some(twin) = column.transport.ipv4_twin() else { continue };
            let twin = Column { transport: twin, naming: None };
            if ipv4(&twin) && (check.applies)(&twin) {
                differs |= check.expected(&column, &machine) != check.expected(&twin, &machine);
            }
        }
        assert_eq!(
            differs,
            !check.by_design.is_empty(),
            "{}: by design: '{}'",
            check.name,
            check.by_design
        );
    }
}

/// What comes of checks that are none of the catalogue's.
fn outcomes(group: &'static Group) -> Vec<Outcome> {
    let column = columns().next().expect("there are columns");
    let task = |check| Task { group, check, column };
    let tasks = group.checks.iter().map(task).collect();
    let cells = run(tasks, &Environment::default(), &std::env::temp_dir(), || false);
    cells.expect("there are threads").into_iter().map(|cell| cell.outcome).collect()
}

#[test]
fn what_came_moves_no_cursor_and_what_ran_out_is_no_fact() {
    const CHECKS: &[Check] = &[
        Check { body: |_| Ok("\u{1b}[2J\0".to_owned()), ..Check::ROW },
        Check {
            body: |_| {
                let place = "AF_INET, SOCK_STREAM, 0".to_owned();
                Err(CallError { call: "socket", place, errno: Errno::EMFILE })
            },
            ..Check::ROW
        },
    ];
    const GROUP: &Group = &Group { rank: 99, title: "Odd", why: "they happen", checks: CHECKS };
    match outcomes(GROUP).as_slice() {
        [Outcome::Seen(fact, None), Outcome::Starved(error)] => {
            assert_eq!(fact, "\\u{1b}[2J\\u{0}");
            assert_eq!(error.errno, Errno::EMFILE);
        }
        others => panic!("{others:?}"),
    }
}
