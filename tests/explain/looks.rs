//! How a walk looks: in a pager, at 80 columns, in 7-bit letters, and in less.

use crate::ready;
use crate::support::{Ran, run, sockeye};

/// What it prints where there is no terminal: as wide as a pager.
fn shown(args: &[&str]) -> Ran {
    Ran::of(sockeye().arg("explain").args(args))
}

/// Lines that are wider than a terminal, but for something to paste.
fn wide(text: &str, width: usize) -> Vec<&str> {
    let remedy = |line: &&str| line.trim_start().starts_with("what helps: ");
    text.lines().filter(|line| line.chars().count() > width && !remedy(line)).collect()
}

#[test]
fn no_line_is_wider_than_eighty_columns() {
    for transport in ready() {
        let name = transport.name;
        for args in [
            &[name, "--walks", "1"][..],
            &[name, "--walks", "1", "--states"],
            &[name, "--vs", "unix-stream", "--walks", "1"],
        ] {
            let ran = shown(args);
            assert_eq!(ran.code, Some(0), "{args:?}: {}{}", ran.out, ran.err);
            assert_eq!(wide(&ran.out, 80), Vec::<&str>::new(), "{args:?}");
            assert!(!ran.out.contains('\x1b'), "no colour where nobody looks: {args:?}");
            assert!(ran.out.lines().all(|line| !line.ends_with(' ')), "{args:?}: {}", ran.out);
        }
    }
}

#[test]
fn seven_bits_are_enough() {
    for args in [
        &["unix-stream", "--ascii", "--walks", "8"][..],
        &["unix-stream", "--ascii", "--vs", "unix-dgram", "--walks", "8"],
    ] {
        let ran = shown(args);
        assert!(ran.out.is_ascii() && ran.out.contains(" us"), "{}", ran.out);
    }
}

#[test]
fn colours_are_there_when_asked_for_and_change_no_word() {
    let plain = shown(&["unix-stream", "--walks", "1", "-q", "--color", "never"]);
    assert_eq!(plain.out.lines().count(), 1, "the answer alone: {}", plain.out);
    let coloured = shown(&["unix-stream", "--walks", "1", "--color", "always"]);
    assert!(coloured.out.contains("\x1b["), "{}", coloured.out);
    assert_eq!(run(&["explain", "unix-stream", "--walks", "1", "-qq"]).out, "");
}

#[test]
fn both_ends_have_a_column_of_their_own() {
    let ran = shown(&["tcp4", "--walks", "1"]);
    if ran.code == Some(3) {
        crate::support::skip("no TCP over IPv4 here");
        return;
    }
    let column = |start: &str| {
        let line = ran.out.lines().find(|line| line.contains(start)).expect("such a call");
        line.find(start).expect("it is in it")
    };
    let (server, client) = (column("listen("), column("connect("));
    assert_eq!((column("bind("), column("accept4(")), (server, server));
    assert!(server < client, "{}", ran.out);
    let title = ran.out.lines().find(|line| line.contains("CLIENT")).expect("titles");
    let above = |word| title.find(word).map(|at| title[..at].chars().count());
    assert_eq!((above("SERVER"), above("CLIENT")), (Some(server), Some(client)));
}

#[test]
fn details_are_how_far_the_times_lie_apart_and_what_the_kernel_confirmed() {
    let few = shown(&["unix-stream", "--walks", "7", "-v"]);
    let many = shown(&["unix-stream", "--walks", "100", "-v"]);
    for ran in [&few, &many] {
        for words in ["| from ", "| confirmed: the server's socket is in state LISTEN"] {
            assert!(ran.out.contains(words), "{words}: {}", ran.out);
        }
    }
    // A tenth of seven is nobody.
    assert!(!few.out.contains("nine in ten") && many.out.contains("nine in ten"), "{}", few.out);
}
