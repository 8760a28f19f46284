//! The one list of what is known of a row. A new column is a line here; the formats walk the list.

use crate::measure::samples::rounded;
use crate::report::Row;
use crate::stats::MedianEstimate;

/// A value of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// There is none.
    Absent,
    /// Words.
    Text(String),
    /// How many.
    Count(u64),
    /// How long, in nanoseconds.
    Time(u64),
    /// How many times.
    Ratio(f64),
}

impl Value {
    /// As files have it: numbers in full, times in nanoseconds. None where there is none.
    #[must_use]
    pub fn plain(self) -> Option<String> {
        match self {
            Self::Absent => None,
            Self::Text(words) => Some(words),
            Self::Count(number) | Self::Time(number) => Some(number.to_string()),
            Self::Ratio(ratio) => Some(format!("{ratio:.6}")),
        }
    }
}

/// What there is to say of a row: each column that has a value, and the value.
pub(crate) fn said(row: &Row) -> impl Iterator<Item = (&'static Column, String)> {
    ALL.iter().filter_map(|column| Some((column, (column.value)(row).plain()?)))
}

/// One column.
pub struct Column {
    /// Its name in files.
    pub key: &'static str,
    /// Its heading in the table of details; empty where it is not shown there.
    pub title: &'static str,
    /// What it says, for the manual.
    pub about: &'static str,
    /// The row's value.
    pub value: fn(&Row) -> Value,
}

const fn column(
    key: &'static str,
    title: &'static str,
    about: &'static str,
    value: fn(&Row) -> Value,
) -> Column {
    Column { key, title, about, value }
}

/// Every column, in the order of the csv format.
#[rustfmt::skip]
pub const ALL: &[Column] = &[
    column("id", "", "the case: transport/size/place/wait", |r| text(r.case.id())),
    column("transport", "TRANSPORT", "its name in this run", |r| text(&r.case.label)),
    column("family", "", "ipv4, ipv6, dual, unix, vsock", |r| text(r.case.transport.family.word())),
    column("type", "", "stream, dgram, seqpacket, raw", |r| text(r.case.transport.kind.word())),
    column("size", "SIZE", "payload bytes of one message", |r| Value::Count(r.case.size as u64)),
    column("place", "PLACE", "same, split, free", |r| text(r.case.seats.place.word())),
    column("client_cpu", "", "the client's CPU", |r| cpu(r, |cpus| cpus.0)),
    column("peer_cpu", "", "the peer's CPU", |r| cpu(r, |cpus| cpus.1)),
    column("wait", "", "block, poll, spin", |r| text(r.case.wait.word())),
    column("status", "", "pass, fail, unavailable, skipped, interrupted", |r| text(r.status.word())),
    column("address", "", "where the server was in the last round", |r| r.address.as_ref().map_or(Value::Absent, text)),
    column("exchanges", "ECHOES", "echoes that count", |r| Value::Count(r.exchanges)),
    column("bytes_verified", "", "payload bytes that came back right", |r| Value::Count(r.bytes_verified)),
    column("lost", "LOST", "replies that never came", |r| Value::Count(r.lost)),
    column("duplicated", "", "replies that came again", |r| Value::Count(r.duplicated)),
    column("reordered", "", "replies that came late", |r| Value::Count(r.reordered)),
    column("rounds", "ROUNDS", "rounds that were finished", |r| Value::Count(r.rounds.len() as u64)),
    column("rtt_min_ns", "MIN", "shortest round trip", |r| trips(r, |t| t.min)),
    column("rtt_p50_ns", "MEDIAN", "median of the rounds' medians", |r| trips(r, |t| t.median.value)),
    column("rtt_p50_low_ns", "", "low end of its 95 % interval", |r| interval(median(r), |i| i.0)),
    column("rtt_p50_high_ns", "", "high end of its 95 % interval", |r| interval(median(r), |i| i.1)),
    column("rtt_p90_ns", "P90", "90 % of the round trips are at most this", |r| percentile(r, 90.0)),
    column("rtt_p99_ns", "P99", "99 %", |r| percentile(r, 99.0)),
    column("rtt_p999_ns", "P99.9", "99.9 %", |r| percentile(r, 99.9)),
    column("rtt_max_ns", "MAX", "longest round trip", |r| trips(r, |t| t.max)),
    column("rtt_mean_ns", "", "mean; nothing is decided by it", |r| trips(r, |t| rounded(t.mean))),
    column("rtt_stddev_ns", "", "standard deviation; nothing is decided by it", |r| trips(r, |t| rounded(t.stddev))),
    column("echoes_per_second", "ECHO/s", "one after the other, at the median round trip", rate),
    column("relative_to", "", "the row that means 1.00", |r| r.relative.as_ref().map_or(Value::Absent, |rel| text(&rel.to))),
    column("ratio", "", "how many times as long as that row", |r| ratio(r, |p| Some(p.ratio))),
    column("ratio_low", "", "low end of its 95 % interval", |r| ratio(r, |p| p.interval.map(|i| i.low))),
    column("ratio_high", "", "high end of its 95 % interval", |r| ratio(r, |p| p.interval.map(|i| i.high))),
    column("verdict", "", "baseline, tie, unclear, slower, faster", |r| r.relative.as_ref().map_or(Value::Absent, |rel| text(rel.verdict.word()))),
    column("connect_p50_ns", "CONNECT", "median time of connect()", |r| r.connect.as_ref().map_or(Value::Absent, |c| Value::Time(c.value))),
    column("client_user_ns", "", "client's CPU time in its own code", |r| Value::Count(r.client_usage.user_ns)),
    column("client_system_ns", "", "client's CPU time in the kernel", |r| Value::Count(r.client_usage.system_ns)),
    column("client_voluntary_switches", "", "how often the client gave up the CPU", |r| Value::Count(r.client_usage.voluntary_switches)),
    column("client_involuntary_switches", "", "how often it was taken from it", |r| Value::Count(r.client_usage.involuntary_switches)),
    column("peer_user_ns", "", "the same of the peer, warm-ups included", |r| Value::Count(r.peer_usage.user_ns)),
    column("peer_system_ns", "", "", |r| Value::Count(r.peer_usage.system_ns)),
    column("peer_voluntary_switches", "", "", |r| Value::Count(r.peer_usage.voluntary_switches)),
    column("peer_involuntary_switches", "", "", |r| Value::Count(r.peer_usage.involuntary_switches)),
    column("send_buffer", "", "the client's SO_SNDBUF", |r| r.buffers.map_or(Value::Absent, |b| Value::Count(b.0 as u64))),
    column("receive_buffer", "", "the client's SO_RCVBUF", |r| r.buffers.map_or(Value::Absent, |b| Value::Count(b.1 as u64))),
    column("error_kind", "", "what went wrong, in one word", |r| problem(r, |p| text(&p.kind))),
    column("error_stage", "", "set-up, send, recv", |r| problem(r, |p| text(&p.stage))),
    column("error_call", "", "the system call", |r| problem(r, |p| p.call.as_ref().map_or(Value::Absent, text))),
    column("error_errno", "", "the errno's name", |r| problem(r, |p| p.errno_name.as_ref().map_or(Value::Absent, text))),
    column("error_exchange", "", "the echo's number", |r| problem(r, |p| p.exchange.map_or(Value::Absent, Value::Count))),
    column("error_byte", "", "the first wrong byte", |r| problem(r, |p| p.byte.map_or(Value::Absent, |b| Value::Count(b as u64)))),
    column("error_message", "", "what happened", |r| problem(r, |p| text(&p.message))),
    column("error_hint", "", "what to do", |r| problem(r, |p| text(&p.hint))),
];

fn text(words: impl AsRef<str>) -> Value {
    Value::Text(words.as_ref().to_owned())
}

fn cpu(row: &Row, which: fn((usize, usize)) -> usize) -> Value {
    row.case.seats.cpus.map_or(Value::Absent, |cpus| Value::Count(which(cpus) as u64))
}

fn trips(row: &Row, which: fn(&crate::report::RoundTrips) -> u64) -> Value {
    row.round_trips.as_ref().map_or(Value::Absent, |trips| Value::Time(which(trips)))
}

fn median(row: &Row) -> Option<&MedianEstimate> {
    row.round_trips.as_ref().map(|trips| &trips.median)
}

fn interval(estimate: Option<&MedianEstimate>, end: fn((u64, u64)) -> u64) -> Value {
    estimate.and_then(|e| e.interval).map_or(Value::Absent, |i| Value::Time(end(i)))
}

fn percentile(row: &Row, percent: f64) -> Value {
    row.percentile(percent).map_or(Value::Absent, Value::Time)
}

fn ratio(row: &Row, which: fn(&crate::stats::PairedRatio) -> Option<f64>) -> Value {
    let ratio = row.relative.as_ref().and_then(|relative| relative.ratio.as_ref());
    ratio.and_then(which).map_or(Value::Absent, Value::Ratio)
}

fn problem(row: &Row, which: fn(&crate::report::Problem) -> Value) -> Value {
    row.problem.as_ref().map_or(Value::Absent, which)
}

fn rate(row: &Row) -> Value {
    row.median().filter(|ns| *ns > 0).map_or(Value::Absent, |ns| Value::Count(1_000_000_000 / ns))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_column_has_its_own_key_in_snake_case() {
        let keys: HashSet<_> = ALL.iter().map(|column| column.key).collect();
        assert_eq!(keys.len(), ALL.len());
        let good = |key: &str| {
            key.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        };
        assert!(keys.iter().all(|key| good(key)));
    }
}
