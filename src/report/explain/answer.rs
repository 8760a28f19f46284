//! What a walk comes to, in one sentence. Pure.

use super::symptom::{Seen, Symptom, symptoms};
use super::{Account, Report};
use crate::report::words::{Unit, time_in};
use crate::transport::lesson::To;
use crate::transport::{Family, Kind, Protocol, Transport};

/// What is walked: "one 64 B echo".
#[must_use]
pub fn what(report: &Report) -> String {
    match report.about.to {
        To::Echo => format!("one {} B echo", report.about.size),
        To::Closed => "a client that finds nobody".to_owned(),
        To::Full => "a client that finds a full queue".to_owned(),
        To::Silent => "a client whose server is silent".to_owned(),
        To::Vanished => "a client whose server vanishes".to_owned(),
    }
}

/// The answer of one walk.
#[must_use]
pub fn answer(report: &Report, account: &Account, unit: Option<Unit>) -> String {
    if let Some(stopped) = &account.stopped {
        return format!("{}: {}", account.label, stopped.summary());
    }
    let remarks = remarks(report, account);
    if let (Some((signal, _)), 0) = (report.about.interrupted, account.walks()) {
        let calls = account.lines.len() as u64;
        return format!("{}: interrupted ({signal}) after {}", account.label, many(calls, "call"));
    }
    let told = symptoms(&account.lines);
    if !told.is_empty() {
        let told: Vec<_> = told.iter().map(|one| shown(one, unit)).collect();
        let walks = match account.walks() {
            0 => String::new(),
            1 => "; a single walk".to_owned(),
            n => format!("; median of {n} walks"),
        };
        let walks = walks + &remarks;
        let whom = whom(report.about.to);
        return format!("{} to {whom}: {}{walks}", account.label, told.join(", then "));
    }
    let calls = account.lines.len() as u64;
    let took = match (&account.total, account.walks()) {
        (None, _) => String::new(),
        (Some(total), 1) => format!(", {} in a single walk", time_in(total.median, unit)),
        (Some(total), n) => format!(", {}; median of {n} walks", time_in(total.median, unit)),
    };
    format!("{}: {} in {}{took}{remarks}", account.label, what(report), many(calls, "call"))
}

/// What to look at next, and what for, after a walk that went the whole way.
#[must_use]
pub fn next(report: &Report) -> Option<(String, &'static str)> {
    let [account] = report.accounts.as_slice() else { return None };
    if account.stopped.is_some() || report.about.interrupted.is_some() {
        return None;
    }
    let name = account.transport.name;
    if report.about.to == To::Echo {
        let other = counterpart(account.transport)?.name;
        return Some((format!("sockeye explain {name} --vs {other}"), "where do they differ?"));
    }
    let further = To::ALL.iter().skip_while(|to| **to != report.about.to).nth(1)?;
    Some((format!("sockeye explain {name} --to {}", further.word()), "and to that one?"))
}

/// What people compare a transport with: a Unix socket with IP, what is built upon another with that.
fn counterpart(transport: &Transport) -> Option<&'static Transport> {
    let (family, kind) = (transport.family, transport.kind);
    let over_ip = match kind {
        Kind::Stream | Kind::SeqPacket => Protocol::Tcp,
        Kind::Datagram | Kind::Raw => Protocol::Udp,
    };
    match (family, transport.protocol) {
        (Family::Dual, protocol) => Transport::of(Family::Ipv4, kind, protocol),
        (Family::Unix, _) if kind == Kind::SeqPacket => {
            Transport::of(family, Kind::Stream, Protocol::Default)
        }
        (Family::Unix, _) => Transport::of(Family::Ipv4, kind, over_ip),
        (Family::Vsock, _) => Transport::of(Family::Unix, kind, Protocol::Default),
        (_, Protocol::Mptcp | Protocol::Sctp) => Transport::of(family, kind, over_ip),
        (_, Protocol::UdpLite | Protocol::Experiment) => {
            Transport::of(family, Kind::Datagram, over_ip)
        }
        (..) => Transport::of(Family::Unix, kind, Protocol::Default),
    }
}

/// What else there is to know of the walks: those that came out otherwise, which the times leave out,
/// calls of which the kernel denies what is said, and a signal.
#[must_use]
pub fn remarks(report: &Report, account: &Account) -> String {
    let mut remarks = String::new();
    if account.otherwise > 0 {
        remarks.extend([format!("; {} more came out otherwise", account.otherwise)]);
    }
    if account.strangers > 0 {
        remarks.extend([format!("; {} more heard other programs", account.strangers)]);
    }
    let denied: Vec<_> = account.denied().map(|line| line.taken.step.call.name()).collect();
    if !denied.is_empty() {
        remarks.extend([format!("; not as usual here: {}", denied.join(", "))]);
    }
    if let Some((signal, _)) = report.about.interrupted {
        remarks.extend([format!("; interrupted ({signal})")]);
    }
    remarks
}

fn many(count: impl Into<u64>, what: &str) -> String {
    let count = count.into();
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// The server that the client meets.
const fn whom(to: To) -> &'static str {
    match to {
        To::Echo => "a server that answers",
        To::Closed => "nobody",
        To::Full => "a full queue",
        To::Silent => "a silent server",
        To::Vanished => "a server that vanishes",
    }
}

/// How one call shows that.
fn shown(symptom: &Symptom, unit: Option<Unit>) -> String {
    let call = symptom.call;
    let time = symptom.time.map(|time| time_in(time, unit));
    let after = time.as_ref().map_or_else(String::new, |time| format!(" after {time}"));
    match &symptom.seen {
        Seen::Refused(errno) => format!("{call} says {errno}{after}"),
        Seen::Waited(errno) => {
            let time = time.map_or_else(String::new, |time| format!(" {time}"));
            let errno = errno.as_ref().map_or_else(String::new, |errno| format!(" ({errno})"));
            format!("{call} waits{time} for nothing{errno}")
        }
        Seen::Held(went, errno) => format!("{call} says {errno} after {}", many(*went, "message")),
        Seen::Sent(went) => format!("{call} takes {}", many(*went, "message")),
        Seen::There(there) => format!("{call} finds {there} of them"),
        Seen::Passed => format!("{call} goes through"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_transport_has_another_to_be_compared_with() {
        for transport in crate::transport::ALL {
            let other = counterpart(transport).expect("a counterpart");
            assert_ne!(other, transport);
        }
    }
}
