//! Until both ends are there.

use super::super::{Claim, Lesson, Moment, State, To, Who};

pub(super) const ROWS: &[Lesson] = &[Lesson {
    moment: Moment::Listen,
    of: |t| t.kind.connects(),
    to: &To::ALL,
    says: "State LISTEN: from now on clients can connect, and 16 may wait to be accepted.",
    claims: &[Claim::Is(Who::Server, State::Listen), Claim::Room(Who::Server, 16)],
}];
