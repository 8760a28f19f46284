//! How it shows that a client gets no answer: in which calls, and how.

use super::{Line, refusal};
use crate::walk::{Call, Came};

/// What one of the calls said that a walk to such a server is there to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symptom {
    /// Which of the lines it is.
    pub line: usize,
    /// The call's name.
    pub call: &'static str,
    /// What was seen.
    pub seen: Seen,
    /// How long the call took, in nanoseconds.
    pub time: Option<u64>,
}

/// What is seen of a server that does not answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// A refusal.
    Refused(String),
    /// A wait for nothing, and what the call said then, if it calls that a refusal.
    Waited(Option<String>),
    /// So many messages went before the next was refused.
    Held(u32, String),
    /// So many messages went.
    Sent(u32),
    /// So many were there.
    There(u32),
    /// Nothing: it went well.
    Passed,
}

/// What the lines show. Calls that went well are told if there is nothing else.
#[must_use]
pub fn symptoms(lines: &[Line]) -> Vec<Symptom> {
    let of = |(at, line): (usize, &Line)| {
        let step = line.taken.step;
        step.may_fail.then(|| Symptom {
            line: at,
            call: step.call.name(),
            seen: seen(line),
            time: line.time.as_ref().map(|time| time.median),
        })
    };
    let all: Vec<_> = lines.iter().enumerate().filter_map(of).collect();
    let told: Vec<_> = all.iter().filter(|one| one.seen != Seen::Passed).cloned().collect();
    if told.is_empty() { all } else { told }
}

fn seen(line: &Line) -> Seen {
    let taken = &line.taken;
    match (taken.step.call, refusal(taken), &taken.done.came) {
        (Call::Fill { .. }, Some(errno), _) => Seen::Held(taken.went(), errno),
        (Call::Fill { .. }, None, _) => Seen::Sent(taken.went()),
        (Call::Drain, ..) => Seen::There(taken.went()),
        (Call::Receive, Some(errno), _) if errno == "EAGAIN" => Seen::Waited(Some(errno)),
        (_, Some(errno), _) => Seen::Refused(errno),
        (_, None, Came::Ready(0)) => Seen::Waited(None),
        (_, None, _) => Seen::Passed,
    }
}
