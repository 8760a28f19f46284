//! The first line: what was walked, and of a client that gets no answer how it learns of that.

use crate::render::Look;
use crate::report::explain::symptom::{Seen, Symptom, symptoms};
use crate::report::explain::{Account, Report};
use crate::report::words::{time_in, unjoined};
use crate::transport::lesson::To;

/// The sentence.
pub(super) fn headline(report: &Report, account: &Account, look: &Look) -> String {
    let about = &report.about;
    let text = match about.to {
        To::Echo => echo(account, about.size, look),
        to => {
            let told: Vec<_> =
                symptoms(&account.lines).iter().map(|one| symptom(one, look)).collect();
            let told = if told.is_empty() {
                format!("{} calls", account.lines.len())
            } else {
                told.join(", then ")
            };
            format!("{}: {told}{}", whom(to), medians(account))
        }
    };
    unjoined(&format!("{}{text}", account.label))
}

fn echo(account: &Account, size: usize, look: &Look) -> String {
    let took = account
        .total
        .map_or_else(String::new, |total| format!(", {}", time_in(total.value, look.unit)));
    let calls = account.lines.len();
    format!(": one {size} B echo in {calls} calls{took}{}", medians(account))
}

fn medians(account: &Account) -> String {
    match account.walks {
        0 => String::new(),
        1 => "; one walk".to_owned(),
        walks => format!("; median of {walks} walks"),
    }
}

/// The server that the client meets, in words.
const fn whom(to: To) -> &'static str {
    match to {
        To::Echo => " to a server",
        To::Closed => " to nobody",
        To::Full => " to a full queue",
        To::Silent => " to a silent server",
        To::Vanished => " to a server that vanishes",
    }
}

fn symptom(symptom: &Symptom, look: &Look) -> String {
    let call = symptom.call;
    let time = symptom.time.map(|time| time_in(time, look.unit));
    let after = time.as_ref().map_or_else(String::new, |time| format!(" after {time}"));
    match &symptom.seen {
        Seen::Refused(errno) => format!("{call} says {errno}{after}"),
        Seen::Waited(errno) => {
            let time = time.map_or_else(String::new, |time| format!(" {time}"));
            let errno = errno.as_ref().map_or_else(String::new, |errno| format!(" ({errno})"));
            format!("{call} waits{time} for nothing{errno}")
        }
        Seen::Held(went, errno) => format!("{call} says {errno} after {went} messages"),
        Seen::Sent(went) => format!("{call} takes {went} messages"),
        Seen::There(there) => format!("{call} finds {there} of them"),
        Seen::Passed => format!("{call} goes through"),
    }
}
