//! `explain` where a filter refuses the very call that a walk is there to show: what this machine
//! forbids stops the walk and is told as that, and what a server could have said is held against what
//! the sentence claims.

use crate::filters::{EPERM, refusing};

const EAGAIN: &str = "11";

#[test]
fn a_call_that_is_forbidden_stops_the_walk() {
    let Some(stage) = refusing("connect", "any", EPERM) else { return };
    for transport in ["tcp4", "unix-stream", "unix-dgram"] {
        let ran = stage.ran(&["explain", transport, "--to", "closed", "--walks", "3"]);
        assert_eq!(ran.code, Some(3), "{}{}", ran.out, ran.err);
        assert!(ran.out.contains("(the client's connect() said EPERM)"), "{}", ran.out);
        assert!(ran.out.contains("\nstopped here: connect("), "{}", ran.out);
        let (walk, _) = ran.out.split_once("\nstopped here: ").expect("it stops");
        assert!(walk.trim_end().ends_with(" = EPERM"), "it went on: {walk}");
    }
}

#[test]
fn another_answer_than_a_server_s_is_not_told_as_its_own() {
    let Some(stage) = refusing("connect", "any", EAGAIN) else { return };
    for (transport, sentence) in [("tcp4", "answers with a RST"), ("unix-stream", "stale")] {
        let ran = stage.ran(&["explain", transport, "--to", "closed", "--walks", "3"]);
        assert_eq!(ran.code, Some(1), "{}{}", ran.out, ran.err);
        let answer = format!("{transport} to nobody: connect says EAGAIN after ");
        assert!(ran.out.starts_with(&answer), "{}", ran.out);
        assert!(
            ran.out.contains("not so here: the call was refused with ECONNREFUSED"),
            "{}",
            ran.out
        );
        assert!(!ran.out.contains(sentence), "{}", ran.out);
    }
}
