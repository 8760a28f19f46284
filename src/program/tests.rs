use super::*;
use crate::transport::ALL;
use clap::ValueEnum;

fn each(mut check: impl FnMut(Language, &'static Transport, &str)) {
    for language in Language::value_variants() {
        for transport in ALL {
            if let Some(text) = program(*language, transport, 64) {
                check(*language, transport, &text);
            }
        }
    }
}

#[test]
fn each_step_of_each_walk_has_its_row_in_each_language() {
    each(|language, transport, _| {
        let program = Program { words: words(language), transport, size: 64 };
        for step in route(transport, To::Echo) {
            let site = Site { transport, end: step.end, moment: Some(step.moment) };
            let found = program.row(Cue::Call(step.call.name()), &site);
            assert!(found.is_some(), "{language:?}, {}: {step:?}", transport.name);
        }
    });
}

#[test]
fn each_row_is_the_first_for_some_step_of_some_walk() {
    for language in Language::value_variants() {
        let words = words(*language);
        let mut spoken: Vec<*const Row> = Vec::new();
        for transport in ALL.iter().filter(|transport| (words.reaches)(transport)) {
            let program = Program { words, transport, size: 64 };
            for step in route(transport, To::Echo) {
                let site = Site { transport, end: step.end, moment: Some(step.moment) };
                spoken.extend(
                    program.row(Cue::Call(step.call.name()), &site).map(std::ptr::from_ref),
                );
            }
        }
        let is_call = |row: &&Row| matches!(row.when, Cue::Call(_));
        for row in words.rows.iter().filter(is_call) {
            assert!(
                spoken.contains(&std::ptr::from_ref(row)),
                "{language:?} never says '{}'",
                row.lines
            );
        }
    }
}

#[test]
fn no_place_is_left_empty_and_no_line_is_wide_or_ends_in_blanks() {
    each(|language, transport, text| {
        for line in text.lines() {
            let at = format!("{language:?}, {}: '{line}'", transport.name);
            let is_place = |part: &str| {
                part.split_once('}').is_some_and(|(name, _)| {
                    name.len() > 1 && name.chars().all(|c| c.is_ascii_uppercase() || c == '_')
                })
            };
            assert!(!line.split('{').skip(1).any(is_place), "{at}");
            assert!(line.chars().count() <= 95 && line.trim_end() == line, "{at}");
        }
        assert!(!text.contains("\n\n\n\n") && text.ends_with('\n'));
    });
}

#[test]
fn the_standard_library_of_rust_lacks_what_has_no_type_in_it() {
    let reached: Vec<_> = ALL
        .iter()
        .filter(|transport| program(Language::Rust, transport, 64).is_some())
        .map(|transport| transport.name)
        .collect();
    let known = ["tcp4", "tcp6", "udp4", "udp6", "unix-stream", "unix-dgram", "tcp46", "udp46"];
    assert_eq!(reached, known);
}
