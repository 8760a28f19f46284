//! Which known word was meant by a misspelt one.
//! Nothing here knows what the words stand for, or how a suggestion is put.

/// The candidate that is the fewest slips away from the word, the first of several; letters of
/// either case are the same. A slip is a letter added, dropped, changed or swapped with its
/// neighbour. `None` if even the nearest needs more slips than a third of the word's letters, of
/// which one is always forgiven.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = letters(word);
    let forgiven = (word.len() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (candidate, slips(&word, &letters(candidate))))
        .filter(|(_, distance)| *distance <= forgiven)
        .min_by_key(|(_, distance)| *distance)
        .map(|(candidate, _)| candidate)
}

fn letters(word: &str) -> Vec<char> {
    word.to_lowercase().chars().collect()
}

/// How many letters must be added, dropped, changed or swapped with their neighbour. No letter is
/// touched twice: the optimal string alignment.
pub(crate) fn slips<L: Copy + PartialEq>(word: &[L], name: &[L]) -> usize {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=name.len()).collect();
    let mut previous = None;
    for &letter in word {
        let mut row = vec![last[0] + 1];
        for (at, &wanted) in name.iter().enumerate() {
            let changed = last[at] + usize::from(letter != wanted);
            let mut fewest = changed.min(last[at + 1] + 1).min(row[at] + 1);
            if at > 0 && letter == name[at - 1] && previous == Some(wanted) {
                fewest = fewest.min(before_last[at - 1] + 1);
            }
            row.push(fewest);
        }
        (before_last, last, previous) = (last, row, Some(letter));
    }
    last[name.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_suggested_and_a_stranger_is_not() {
        let table: &[(&str, &[&str], Option<&str>)] = &[
            ("tcp4", &["udp4", "tcp4"], Some("tcp4")),
            ("tpc4", &["udp4", "tcp4"], Some("tcp4")),
            ("TPC4", &["udp4", "tcp4"], Some("tcp4")),
            ("tpc4", &["UDP4", "TCP4"], Some("TCP4")),
            ("lits", &["run", "list", "help"], Some("list")),
            ("quic", &["udp4", "tcp4"], None),
            ("unix", &["unix-stream", "unix-dgram"], None),
            ("", &["run"], None),
            ("run", &[], None),
            ("gr\u{fc}n", &["run", "gr\u{dc}N"], Some("gr\u{dc}N")),
            ("r\u{fc}n", &["run"], Some("run")),
        ];
        for (word, candidates, expected) in table {
            assert_eq!(nearest(word, candidates.iter().copied()), *expected, "{word:?}");
        }
    }

    #[test]
    fn a_third_of_the_word_is_forgiven_and_never_less_than_one_slip() {
        let table = [
            ("a", "b", true),
            ("a", "bc", false),
            ("abcde", "abcdx", true),
            ("abcde", "abcxx", false),
            ("abcdef", "abcdxx", true),
            ("abcdef", "abcxxx", false),
            ("abcdefghi", "abcdefxxx", true),
            ("abcdefghi", "abcdexxxx", false),
            // The word that was typed sets the measure, not the longer one that it is held against.
            ("abcde", "abcdefg", false),
            ("abcdefg", "abcde", true),
        ];
        for (word, candidate, is_near) in table {
            assert_eq!(nearest(word, [candidate]).is_some(), is_near, "{word} {candidate}");
        }
    }

    #[test]
    fn of_equally_near_words_the_first_is_suggested() {
        assert_eq!(nearest("tcp", ["tcp4", "tcp6"]), Some("tcp4"));
        assert_eq!(nearest("tcp", ["tcp6", "tcp4"]), Some("tcp6"));
        assert_eq!(nearest("udp6", ["tcp6", "udp4", "udp6"]), Some("udp6"));
    }

    #[test]
    fn every_kind_of_slip_counts_one_in_either_direction() {
        let table = [
            ("", "", 0),
            ("", "abc", 3),
            ("same", "same", 0),
            ("ab", "ba", 1),
            ("abcd", "badc", 2),
            ("abcd", "acbd", 1),
            ("tcp", "tcp4", 1),
            ("tcp4", "tcq4", 1),
            ("unixdgram", "unix-dgram", 1),
            ("kitten", "sitting", 3),
            // Letters that were swapped are not touched again: without that rule it would be two.
            ("ca", "abc", 3),
        ];
        for (word, name, distance) in table {
            assert_eq!(slips(word.as_bytes(), name.as_bytes()), distance, "{word} {name}");
            assert_eq!(slips(name.as_bytes(), word.as_bytes()), distance, "{name} {word}");
        }
    }
}
