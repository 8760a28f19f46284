//! What the kernel said between the calls, and whether it is as a lesson claims. Pure.

use super::{Came, Taken};
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
    /// Is the file there that a socket is or was bound to?
    pub files: Vec<(Who, bool)>,
    /// The state that is left of each end's closed connection, where the kernel tells such things.
    pub lingering: Vec<(End, Option<State>)>,
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
        Claim::Gone(end) => Some(left(end)?.is_none()),
        // Those of the tests: a run does not repeat them.
        Claim::Shown(_) => None,
        claim => Some(said(claim, &taken.done.came, size)),
    }
}

/// Is what the call itself said as claimed?
fn said(claim: Claim, came: &Came, size: usize) -> bool {
    match (claim, came) {
        (Claim::Moved(wanted), Came::Bytes { count, .. }) => *count == wanted.unwrap_or(size),
        (Claim::Right | Claim::FromItself, Came::Bytes { right, .. }) => *right,
        (Claim::TellsName, Came::Descriptor(_, name) | Came::Bytes { from: name, .. }) => {
            name.is_some()
        }
        (Claim::TellsName, Came::Name(name)) => name.is_some(),
        (Claim::TellsNoName, Came::Descriptor(_, name) | Came::Bytes { from: name, .. }) => {
            name.is_none()
        }
        (Claim::Refused(wanted), Came::Refused(errno)) => {
            crate::os::errno_name(crate::os::Errno::from_raw(*errno)) == wanted
        }
        (Claim::TimedOut, Came::Ready(ready)) => *ready == 0,
        _ => false,
    }
}
