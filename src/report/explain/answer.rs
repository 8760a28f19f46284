//! What a walk comes to, in one sentence. Pure.

use super::{Account, Report};
use crate::report::words::{Unit, time_in};
use crate::transport::lesson::To;

/// What is walked: "one 64 B echo".
#[must_use]
pub fn what(report: &Report) -> String {
    match report.about.to {
        To::Echo => format!("one {} B echo", report.about.size),
        to => format!("a client that finds its server {}", to.word()),
    }
}

/// The answer of one walk.
#[must_use]
pub fn answer(report: &Report, account: &Account, unit: Option<Unit>) -> String {
    if let Some(stopped) = &account.stopped {
        return format!("{}: {}", account.label, stopped.summary());
    }
    let calls = account.lines.len();
    let took = match (&account.total, account.walks()) {
        (None, _) => String::new(),
        (Some(total), 1) => format!(", {} in a single walk", time_in(total.median, unit)),
        (Some(total), n) => format!(", {}; median of {n} walks", time_in(total.median, unit)),
    };
    let plural = if calls == 1 { "" } else { "s" };
    format!("{}: {} in {calls} call{plural}{took}", account.label, what(report))
}
