//! Calls as the kernel's manual writes them, with what this walk had in them.

use super::refusal;
use crate::os::name::Name;
use crate::transport::Transport;
use crate::transport::lesson::{Claim, Moment, Who};
use crate::walk::tally::Row;
use crate::walk::{Call, Came, Setting, Step, Taken};

/// A call with its arguments and what it said: `bind(3, [::1]:0) = 0`.
#[must_use]
pub fn call(transport: &Transport, taken: &Taken, size: usize) -> String {
    let step = &taken.step;
    let inner = arguments(transport, step, taken.name.as_ref(), size);
    let inner = match (taken.descriptor, inner.as_str()) {
        (Some(number), "") => number.to_string(),
        (Some(number), _) if takes_descriptor(step.call) => format!("{number}, {inner}"),
        (Some(_) | None, _) => inner,
    };
    let times = match (taken.went(), taken.errno()) {
        // What was made again and again until it was refused says both.
        (went @ 1.., Some(_)) => format!(" x {went}, then"),
        (went @ 2.., None) => format!(" x {went} ="),
        _ => " =".to_owned(),
    };
    format!("{}({inner}){times} {}", step.call.name(), outcome(taken))
}

/// What a call was asked, without its descriptor, for the words of an error.
pub(super) fn place(transport: &Transport, step: &Step, name: Option<&Name>) -> String {
    arguments(transport, step, name, 0)
}

const fn takes_descriptor(call: Call) -> bool {
    !matches!(call, Call::Socket { .. } | Call::Unlink)
}

fn arguments(transport: &Transport, step: &Step, name: Option<&Name>, size: usize) -> String {
    let shown = || name.map_or_else(String::new, Name::to_string);
    match step.call {
        Call::Socket { nonblocking } => {
            let arguments = transport.socket_arguments(step.end);
            if nonblocking { nonblock(&arguments) } else { arguments }
        }
        Call::Set(Setting::TakeIpv4) => "IPV6_V6ONLY, 0".to_owned(),
        Call::Set(Setting::ReceiveBuffer(bytes)) => format!("SO_RCVBUF, {bytes}"),
        Call::Set(Setting::ReceivePatience(ms)) => format!("SO_RCVTIMEO, {ms} ms"),
        Call::Bind(_) | Call::Connect(_) | Call::Unlink => shown(),
        Call::Listen { backlog } => backlog.to_string(),
        Call::Send | Call::SendBack | Call::Fill { .. } if size > 0 => format!("{size} B"),
        Call::Name
        | Call::Accept
        | Call::Close
        | Call::Send
        | Call::SendBack
        | Call::Fill { .. }
        | Call::Receive
        | Call::ReceiveFrom
        | Call::Drain => String::new(),
        Call::Poll { writable, patience_ms } => {
            format!("{}, {patience_ms} ms", if writable { "POLLOUT" } else { "POLLIN" })
        }
    }
}

/// The arguments of socket(2) with one flag more, which stands beside the type.
fn nonblock(arguments: &str) -> String {
    let mut parts: Vec<_> = arguments.split(", ").map(str::to_owned).collect();
    if let Some(kind) = parts.get_mut(1) {
        kind.push_str("|SOCK_NONBLOCK");
    }
    parts.join(", ")
}

/// What a call said.
fn outcome(taken: &Taken) -> String {
    match &taken.done.came {
        Came::Nothing => "0".to_owned(),
        Came::Descriptor(number, None) => number.to_string(),
        Came::Descriptor(number, Some(name)) => format!("{number}, from {name}"),
        Came::Name(name) => name.as_ref().map_or_else(|| "no name".to_owned(), Name::to_string),
        Came::Bytes { count, from: Some(name), .. } => format!("{count}, from {name}"),
        Came::Bytes { count, from: None, .. } => count.to_string(),
        Came::Ready(ready) => ready.to_string(),
        Came::Refused(_) => refusal(taken).unwrap_or_default(),
    }
}

/// What sentences have places for.
#[derive(Clone, Debug, Default)]
pub struct Values {
    pairs: Vec<(&'static str, String)>,
}

impl Values {
    /// What this walk had.
    pub(super) fn of(rows: &[Row], size: usize) -> Self {
        let mut values = Self { pairs: vec![("{size}", size.to_string())] };
        for row in rows {
            values.note(&row.taken);
        }
        values
    }

    fn note(&mut self, taken: &Taken) {
        let port = |name: &Name| name.port().to_string();
        match (&taken.done.came, taken.step.moment) {
            (Came::Name(Some(name)), Moment::ServerName) => {
                self.pairs.push(("{port}", port(name)));
            }
            (Came::Descriptor(_, Some(name)), Moment::Accept)
            | (Came::Bytes { from: Some(name), .. }, Moment::TakeRequest) => {
                self.pairs.push(("{client}", name.to_string()));
            }
            _ => {}
        }
        match taken.step.moment {
            Moment::Fill => self.pairs.push(("{count}", taken.went().to_string())),
            Moment::Drain => self.pairs.push(("{kept}", taken.went().to_string())),
            _ => {}
        }
    }

    /// The sentence with what this walk had in its places.
    pub(super) fn fill(&self, sentence: &str) -> String {
        self.pairs
            .iter()
            .fold(sentence.to_owned(), |text, (place, value)| text.replace(place, value))
    }
}

/// What stands in place of a sentence of which the kernel denies something.
pub(super) fn denial(denied: &[Claim]) -> Option<String> {
    let words: Vec<_> = denied.iter().map(|denied| claim(*denied)).collect();
    (!words.is_empty()).then(|| format!("not so here: {}", words.join("; ")))
}

/// A claim as a statement.
#[must_use]
pub fn claim(claim: Claim) -> String {
    match claim {
        Claim::Is(who, state) => format!("{} is in state {}", whose(who), state.word()),
        Claim::Nameless(who) => format!("{} has no name", whose(who)),
        Claim::Named(who) => format!("{} has a name", whose(who)),
        Claim::Room(who, most) => format!("{} has room for {most} waiting clients", whose(who)),
        Claim::Waiting(who, 1) => format!("1 client waits at {}", whose(who)),
        Claim::Waiting(who, clients) => format!("{clients} clients wait at {}", whose(who)),
        Claim::Unread(who) => format!("{} has unread bytes", whose(who)),
        Claim::AllRead(who) => format!("{} has no unread bytes", whose(who)),
        Claim::Dropped(who) => format!("{} has dropped messages", whose(who)),
        Claim::File(who) => format!("the file of {} is there", whose(who)),
        Claim::NoFile(who) => format!("the file of {} is gone", whose(who)),
        Claim::Lingers(end, state) => {
            format!("the {}'s connection is in state {}", end.word(), state.word())
        }
        Claim::ClosedFirst(end) => format!("the {}'s connection is in FIN_WAIT", end.word()),
        Claim::Gone(end) => format!("nothing is left of the {}'s connection", end.word()),
        claim => said(claim),
    }
}

/// The same of what the call itself has said.
fn said(claim: Claim) -> String {
    match claim {
        Claim::Moved(None) => "the call moved the whole message and no more".to_owned(),
        Claim::Moved(Some(count)) => format!("the call moved {count} B"),
        Claim::Header(len) => format!("the call moved {len} B more than the message has"),
        Claim::FromItself => "what came is what this end has sent".to_owned(),
        Claim::TellsName => "the call told a name".to_owned(),
        Claim::TellsNoName => "the call told no name".to_owned(),
        Claim::TellsMapped => "the call told an IPv4 address in IPv6 words".to_owned(),
        Claim::FromRange => "the port is out of net.ipv4.ip_local_port_range".to_owned(),
        Claim::Refused(errno) => format!("the call was refused with {errno}"),
        Claim::TimedOut => "the call waited until its time was over".to_owned(),
        Claim::Shown(name) => format!("the experiment {name} shows it"),
        Claim::Checked(name) => format!("the check {name} shows it"),
        _ => "what came is what was sent".to_owned(),
    }
}

const fn whose(who: Who) -> &'static str {
    match who {
        Who::Server => "the server's socket",
        Who::Accepted => "the accepted socket",
        Who::Client => "the client's socket",
        Who::Other => "the other client's socket",
    }
}
