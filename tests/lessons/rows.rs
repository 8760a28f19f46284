//! The sentences themselves: who has one, who reads it, and how it is written.

use crate::{EXPERIMENTS, sentences};
use sockeye::render::paint::ascii;
use sockeye::transport::lesson::{Claim, Lesson, Moment, State, To, all, lesson};
use sockeye::transport::{ALL, Family, Protocol, Transport};
use sockeye::walk::route::route;
use std::collections::BTreeSet;

#[test]
fn every_call_of_every_walk_has_a_sentence() {
    let mut silent = Vec::new();
    for (transport, to) in ALL.iter().flat_map(|row| To::ALL.map(|to| (row, to))) {
        let route = route(transport, to);
        assert!(route.len() > 6, "{} {to:?}", transport.name);
        for step in route.iter().filter(|s| lesson(transport, to, s.moment).is_none()) {
            silent.push((transport.name, to, step.moment));
        }
    }
    assert!(silent.is_empty(), "{silent:?}");
}

#[test]
fn every_sentence_is_said_in_some_walk() {
    let said: Vec<_> = ALL.iter().flat_map(sentences).collect();
    let is_said = |row: &Lesson| said.iter().any(|other| std::ptr::eq(*other, row));
    let dead: Vec<_> = all().filter(|row| !is_said(row)).map(|row| row.says).collect();
    assert!(dead.is_empty(), "nobody will ever read: {dead:#?}");
}

#[test]
fn sentences_are_short_and_plain() {
    const LONGEST: usize = 160;
    for row in all() {
        let says = row.says;
        assert!(says.chars().count() <= LONGEST, "{} letters: {says}", says.chars().count());
        assert!(!ascii(says).contains('?'), "a letter that ASCII has nothing for: {says}");
        assert!(says.ends_with('.') && !says.contains("  "), "{says}");
        assert!(
            says.starts_with(|c: char| c.is_uppercase() || "{0".contains(c) || c.is_ascii_digit()),
            "{says}"
        );
    }
}

/// What stands for a value is filled in: the call that tells it comes no later than the sentence.
#[test]
fn every_place_in_a_sentence_is_known_by_then() {
    for transport in ALL {
        for to in To::ALL {
            let mut known = vec!["{size}"];
            for step in route(transport, to) {
                let Some(row) = lesson(transport, to, step.moment) else { continue };
                known.extend(match step.moment {
                    Moment::ServerName => Some("{port}"),
                    Moment::Accept | Moment::TakeRequest
                        if row.claims.contains(&Claim::TellsName) =>
                    {
                        Some("{client}")
                    }
                    Moment::Fill => Some("{count}"),
                    Moment::Drain => Some("{kept}"),
                    _ => None,
                });
                let rest = known.iter().fold(row.says.to_owned(), |text, at| text.replace(at, ""));
                assert!(!rest.contains(['{', '}']), "{} {to:?}: {}", transport.name, row.says);
            }
        }
    }
}

#[test]
fn what_is_said_to_be_shown_is_what_is_shown() {
    let shown = |claim: &Claim| match claim {
        Claim::Shown(name) => Some(*name),
        _ => None,
    };
    let claimed: BTreeSet<_> = all().flat_map(|row| row.claims).filter_map(shown).collect();
    let made: BTreeSet<_> = EXPERIMENTS.iter().copied().collect();
    assert_eq!(claimed, made);
    assert_eq!(made.len(), EXPERIMENTS.len(), "one experiment a name");
}

/// A state of the kernel's in a sentence is one of its claims, or an experiment's, and an errno is an
/// experiment's or what the call was refused with. Of what this kernel does not have only books are
/// asked.
#[test]
fn kernel_words_are_claims() {
    let states: Vec<_> = (1..=12).filter_map(State::of_number).collect();
    let from_books = |t: &Transport| t.protocol == Protocol::Sctp || t.family == Family::Vsock;
    for row in all().filter(|row| ALL.iter().any(|t| (row.of)(t) && !from_books(t))) {
        let words: Vec<_> =
            row.says.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).collect();
        let is_shown =
            row.claims.iter().any(|claim| matches!(claim, Claim::Shown(_) | Claim::Checked(_)));
        for state in states.iter().filter(|state| words.contains(&state.word())) {
            let claims = |claim: &Claim| match claim {
                Claim::Is(_, claimed) | Claim::Lingers(_, claimed) => claimed == state,
                // That there is none is told of this state alone.
                Claim::Gone(_) => *state == State::TimeWait,
                _ => false,
            };
            // CLOSE is an English word too, but not in capitals.
            assert!(row.claims.iter().any(claims) || is_shown, "{}: {}", state.word(), row.says);
        }
        let is_errno = |word: &&&str| {
            word.len() > 4 && word.starts_with('E') && word.chars().all(|c| c.is_ascii_uppercase())
        };
        let states: Vec<_> = states.iter().map(|state| state.word()).collect();
        for errno in words.iter().filter(is_errno).filter(|word| !states.contains(*word)) {
            let refused =
                row.claims.iter().any(|c| matches!(c, Claim::Refused(name) if name == errno));
            assert!(refused || is_shown, "{errno}: {}", row.says);
        }
    }
}
