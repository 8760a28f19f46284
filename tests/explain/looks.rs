//! How a walk looks: in a pager, at 80 columns, in 7-bit letters, and in less.

use crate::network::is_inside;
use crate::support::{Ran, run, sockeye};
use crate::{ALONE, ready};
use sockeye::transport::Transport;

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
    expect_narrow(&ready(false));
}

#[test]
fn no_line_of_a_raw_walk_is_wider_than_eighty_columns() {
    if is_inside("looks::no_line_of_a_raw_walk_is_wider_than_eighty_columns", ALONE) {
        expect_narrow(&ready(true));
    }
}

fn expect_narrow(transports: &[&Transport]) {
    for transport in transports {
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
