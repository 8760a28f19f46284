//! What the kernel said between the calls, and whether it is as a lesson claims. Pure.

use super::{Came, Taken};
use crate::os::name::Name;
use crate::os::sight::{Sight, Silence};
use crate::transport::End;
use crate::transport::lesson::{Claim, State, Who};

/// How things stood just after a call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// The open sockets, and each one's descriptor in the process of its end.
    pub open: Vec<(Who, i32)>,
    /// What the kernel says of each, where it says something.
    pub sockets: Vec<(Who, Sight)>,
    /// Why it says nothing of one.
    pub silence: Option<Silence>,
    /// Is the file of type socket there that a socket is or was bound to?
    pub files: Vec<(Who, bool)>,
    /// The state that is left of each end's closed connection, where the kernel tells such things.
    pub lingering: Vec<(End, Option<State>)>,
    /// The first and the last port that the kernel picks by itself.
    pub range: Option<(u16, u16)>,
}

impl View {
    /// What is said of a socket.
    #[must_use]
    pub fn of(&self, who: Who) -> Option<&Sight> {
        self.sockets.iter().find(|(whose, _)| *whose == who).map(|(_, sight)| sight)
    }
}

/// Is it as claimed? None where the kernel does not tell.
#[must_use]
pub fn holds(claim: Claim, taken: &Taken, view: &View, size: usize) -> Option<bool> {
    let sight = |who| view.of(who);
    let file = |who| view.files.iter().find(|(whose, _)| *whose == who).map(|(_, there)| *there);
    let left =
        |end| view.lingering.iter().find(|(whose, _)| *whose == end).map(|(_, state)| *state);
    match claim {
        Claim::Is(who, state) => Some(sight(who)?.state? == state),
        Claim::Nameless(who) => Some(!sight(who)?.named?),
        Claim::Named(who) => sight(who)?.named,
        Claim::Room(who, most) => Some(sight(who)?.room? == most),
        Claim::Waiting(who, clients) => Some(sight(who)?.waiting? == clients),
        Claim::Unread(who) => Some(sight(who)?.unread? > 0),
        Claim::AllRead(who) => Some(sight(who)?.unread? == 0),
        Claim::Dropped(who) => Some(sight(who)?.dropped? > 0),
        Claim::File(who) => file(who),
        Claim::NoFile(who) => file(who).map(|there| !there),
        Claim::Lingers(end, state) => Some(left(end)? == Some(state)),
        Claim::ClosedFirst(end) => {
            Some(matches!(left(end)?, Some(State::FinWait1 | State::FinWait2)))
        }
        Claim::Gone(end) => Some(left(end)?.is_none()),
        Claim::FromRange => {
            let (first, last) = view.range?;
            Some(told(&taken.done.came).is_some_and(|name| (first..=last).contains(&name.port())))
        }
        // Those of the tests: a run does not repeat them.
        Claim::Shown(_) | Claim::Checked(_) => None,
        claim => Some(said(claim, &taken.done.came, size)),
    }
}

/// The name that a call told.
const fn told(came: &Came) -> Option<&Name> {
    match came {
        Came::Descriptor(_, name) | Came::Name(name) | Came::Bytes { from: name, .. } => {
            name.as_ref()
        }
        Came::Nothing | Came::Ready(_) | Came::Refused(_) => None,
    }
}

/// Is what the call itself said as claimed?
fn said(claim: Claim, came: &Came, size: usize) -> bool {
    match (claim, came) {
        (Claim::Moved(wanted), Came::Bytes { count, .. }) => *count == wanted.unwrap_or(size),
        (Claim::Header(len), Came::Bytes { count, .. }) => *count == size + len,
        (Claim::Right | Claim::FromItself, Came::Bytes { right, .. }) => *right,
        (Claim::TellsName, came) => told(came).is_some(),
        (Claim::TellsNoName, Came::Descriptor(..) | Came::Bytes { .. }) => told(came).is_none(),
        (Claim::TellsMapped, came) => told(came).is_some_and(Name::is_mapped),
        (Claim::Refused(wanted), Came::Refused(errno)) => {
            crate::os::errno_name(crate::os::Errno::from_raw(*errno)) == wanted
        }
        (Claim::TimedOut, Came::Ready(ready)) => *ready == 0,
        _ => false,
    }
}
