//! Each row speaks where it has to, and nowhere else.

use super::rows::ROWS;
use super::*;

fn seen() -> Seen {
    let transport = Transport::named("tcp4").expect("in the catalogue");
    let address = "tcp4://127.0.0.1:7";
    let counts = Counts { sent: 5, received: 5, ..Counts::default() };
    Seen { counts, ..Seen::new(transport, address, address, 64, 1_000_000_000) }
}

fn none() -> Counts {
    Counts { sent: 1, ..Counts::default() }
}

fn datagram() -> &'static Transport {
    Transport::named("udp4").expect("in the catalogue")
}

fn failed(call: &'static str, errno: Errno) -> CallError {
    CallError { call, place: "127.0.0.1:7".to_owned(), errno }
}

/// Something that makes each row speak.
fn examples() -> Vec<(&'static str, Seen)> {
    let wrong = |answer| Seen { wrong: Some(answer), ..seen() };
    let call = |call, errno| Seen { error: Some(failed(call, errno)), ..seen() };
    vec![
        ("refused", call("connect", Errno::ECONNREFUSED)),
        ("refused", call("connect", Errno::ENOENT)),
        ("other-type", call("connect", Errno::EPROTOTYPE)),
        ("denied", call("connect", Errno::EACCES)),
        ("unreachable", call("connect", Errno::ENETUNREACH)),
        ("connect-timeout", call("connect", Errno::ETIMEDOUT)),
        ("too-large", Seen { limit: Some(10), ..call("send", Errno::EMSGSIZE) }),
        ("call", call("send", Errno::ENOBUFS)),
        ("speaks-first", Seen { spoke_first: Some(b"SSH-2.0-x\r\n".to_vec()), ..seen() }),
        ("cut", wrong(Answer::Cut { number: 1, len: 8192 })),
        ("merged", wrong(Answer::Merged { numbers: vec![1, 2], len: 128 })),
        ("padded", wrong(Answer::Padded { number: 1, before: 6, behind: 0 })),
        ("changed", wrong(Answer::Flipped { number: 2, byte: 3, sent: 4, received: 5 })),
        ("not-an-echo", wrong(Answer::Foreign(b"\x1b[2Jhello".to_vec()))),
        ("unexpected", Seen { unexpected: Some(b"x".to_vec()), ..seen() }),
        ("short-then-closed", Seen { short: Some(32), ..seen() }),
        ("refused-after-answer", Seen { refusal: Some(Errno::ECONNREFUSED), ..seen() }),
        ("refused-late", Seen { refusal: Some(Errno::ECONNREFUSED), counts: none(), ..seen() }),
        ("closes-without-answer", Seen { closed_without: 1, ..seen() }),
        ("does-not-read", Seen { blocked: true, ..seen() }),
        ("silent", Seen { counts: none(), expired: 1, bytes: (64, 0), ..seen() }),
        ("unanswered", Seen { counts: none(), expired: 1, transport: datagram(), ..seen() }),
        ("stalled", Seen { expired: 1, ..seen() }),
        ("closes-after-each", Seen { closed_after: 4, ..seen() }),
    ]
}

#[test]
fn every_row_speaks_for_what_it_is_about() {
    let examples = examples();
    for (id, seen) in &examples {
        let found: Vec<_> = findings(seen).into_iter().map(|finding| finding.id).collect();
        assert_eq!(found, [*id]);
    }
    for row in ROWS {
        assert!(examples.iter().any(|(id, _)| *id == row.id), "{} has no example", row.id);
    }
}

#[test]
fn a_finding_is_a_sentence_and_a_hint_without_control_letters() {
    for (id, seen) in examples() {
        for Finding { message, hint, .. } in findings(&seen) {
            assert!(!message.is_empty() && !hint.is_empty(), "{id}");
            assert!(!message.ends_with('.') && !hint.ends_with('.'), "{id}: {message} | {hint}");
            assert!(!(message + &hint).contains(char::is_control), "{id}");
        }
    }
}

#[test]
fn nothing_is_said_of_a_target_that_does_right_or_only_loses_datagrams() {
    assert_eq!(findings(&seen()), []);
    let lossy = Counts { received: 1, ..seen().counts };
    assert_eq!(findings(&Seen { counts: lossy, expired: 4, transport: datagram(), ..seen() }), []);
    let late = Counts { late: 1, ..seen().counts };
    assert_eq!(findings(&Seen { counts: late, expired: 1, ..seen() }), []);
}

#[test]
fn a_failure_and_a_note_may_stand_together() {
    let both = Seen { closed_after: 2, closed_without: 1, ..seen() };
    let found: Vec<_> = findings(&both).into_iter().map(|f| (f.id, f.fails)).collect();
    assert_eq!(found, [("closes-without-answer", true), ("closes-after-each", false)]);
}

#[test]
fn the_silent_server_is_described_with_what_went_each_way() {
    let silent = Seen { counts: none(), expired: 1, bytes: (64, 0), ..seen() };
    let message = &findings(&silent)[0].message;
    assert_eq!(message, "no echo from tcp4://127.0.0.1:7 in 1 s: connected, sent 64 B, got 0 B");
}

#[test]
fn excerpts_are_short_and_tame() {
    assert_eq!(excerpt(b"\x1b[2Jhi\r\n"), "\\u{1b}[2Jhi\\r\\n");
    assert_eq!(excerpt(&[b'x'; 100]), "x".repeat(60) + "…");
    assert_eq!(excerpt(&[0xff]), "\u{fffd}");
}

#[test]
fn chosen_times_have_no_zeros_at_their_end() {
    for (ns, text) in [(1_000_000_000, "1 s"), (1_500_000_000, "1.5 s"), (250_000_000, "250 ms")] {
        assert_eq!(span(ns), text);
    }
}
