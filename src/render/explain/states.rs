//! What the kernel says between the calls: below each call, what it changed. What the kernel does not
//! tell is not shown.

use crate::echo::fault::grouped;
use crate::os::errno_name;
use crate::os::sight::{Count, Sight, Silence};
use crate::report::explain::Account;
use crate::transport::Transport;
use crate::transport::lesson::{State, Who};
use crate::walk::evidence::View;

/// For each call, what is otherwise behind it than before.
pub(super) fn changes(account: &Account) -> Vec<String> {
    let nothing = View::default();
    let before = std::iter::once(&nothing).chain(account.lines.iter().map(|line| &line.view));
    let pairs = before.zip(account.lines.iter().map(|line| &line.view));
    pairs.map(|(before, after)| changed(account.transport, before, after).join("; ")).collect()
}

/// Why nothing at all is said, where that is so.
pub(super) fn silence(account: &Account) -> Option<String> {
    let views = || account.lines.iter().map(|line| &line.view);
    if views().any(|view| !view.sockets.is_empty()) {
        return None;
    }
    let why = match views().find_map(|view| view.silence.as_ref())? {
        Silence::NoTable => "such sockets are in none of the tables that sockeye reads".to_owned(),
        Silence::Hidden => "it does not show another process's descriptors".to_owned(),
        Silence::Refused(errno, table) => {
            format!("sock_diag(7) says {}, and /proc/net/{table} nothing", errno_name(*errno))
        }
    };
    Some(format!("The kernel says nothing of these sockets between the calls: {why}."))
}

fn changed(transport: &Transport, before: &View, after: &View) -> Vec<String> {
    let mut all = Vec::new();
    for (who, sight) in &after.sockets {
        let facts = facts(transport, before.of(*who), sight);
        if let Some(name) = name(after, *who).filter(|_| !facts.is_empty()) {
            all.push(format!("{name}: {}", facts.join(", ")));
        }
    }
    for (end, state) in &after.lingering {
        let old = before.lingering.iter().find(|(whose, _)| whose == end);
        let old = old.and_then(|(_, state)| *state);
        match state {
            Some(state) if old != Some(*state) => {
                all.push(format!("{}'s end: {}", end.word(), state.word()));
            }
            // Where there is such a state at all, that it is over is worth a word.
            None if old.is_some() => all.push(format!("{}'s end: nothing left", end.word())),
            _ => {}
        }
    }
    for (who, there) in &after.files {
        let old = before.files.iter().find(|(whose, _)| whose == who).map(|(_, there)| *there);
        let closed = name(before, *who).is_some() && name(after, *who).is_none();
        let word = match (there, old) {
            (true, Some(true)) if closed => "still there",
            (true, Some(true)) | (false, Some(false)) => continue,
            (true, _) => "there",
            (false, _) => "gone",
        };
        all.push(format!("{}'s file: {word}", who.end().word()));
    }
    all
}

/// A socket by its end and its descriptor.
fn name(view: &View, who: Who) -> Option<String> {
    let (_, descriptor) = view.open.iter().find(|(whose, _)| *whose == who)?;
    Some(format!("{} {descriptor}", who.end().word()))
}

/// What is otherwise with a socket than it was, or everything that is worth a word if it is new.
fn facts(transport: &Transport, before: Option<&Sight>, after: &Sight) -> Vec<String> {
    let old = before.cloned().unwrap_or_default();
    let mut facts = Vec::new();
    if after.state != old.state {
        facts.extend(after.state.map(|state| state.word().to_owned()));
    }
    match (old.named, after.named) {
        (Some(false), Some(true)) => facts.push("has a name".to_owned()),
        (None | Some(true), Some(false)) => facts.push("no name".to_owned()),
        _ => {}
    }
    if after.state == Some(State::Listen) && (after.waiting, after.room) != (old.waiting, old.room)
    {
        facts.extend(after.waiting.map(|waiting| queue(waiting, after.room)));
    }
    facts.extend(amount(old.unread, after.unread).map(|bytes| unread(transport, bytes)));
    facts.extend(amount(old.unsent, after.unsent).map(|bytes| match bytes {
        0 => "all arrived".to_owned(),
        _ => format!("{} B on the way", grouped(bytes)),
    }));
    let dropped = amount(old.dropped, after.dropped).filter(|dropped| *dropped > 0);
    facts.extend(dropped.map(|dropped| format!("{} dropped", grouped(dropped))));
    facts
}

/// A number that is another one now; none, where there was none before, is not worth a word.
fn amount(old: Option<u64>, new: Option<u64>) -> Option<u64> {
    new.filter(|new| *new != old.unwrap_or(0))
}

fn queue(waiting: u32, room: Option<u32>) -> String {
    let verb = if waiting == 1 { "waits" } else { "wait" };
    match room {
        Some(room) => format!("{waiting} of {room} {verb}"),
        None => format!("{waiting} {verb}"),
    }
}

fn unread(transport: &Transport, bytes: u64) -> String {
    match (bytes, Count::of(transport)) {
        (0, _) => "all read".to_owned(),
        (_, Count::Bytes) => format!("{} B unread", grouped(bytes)),
        (_, Count::FirstMessage) => format!("{} B next to read", grouped(bytes)),
        (_, Count::Memory) => format!("unread in {} B of memory", grouped(bytes)),
    }
}
