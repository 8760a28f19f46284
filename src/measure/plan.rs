//! What is to be measured: the cases of a run and how they share the time. Pure.

use super::samples::Keep;
use crate::echo::Wait;
use crate::os::pair::Options;
use crate::transport::Transport;
use std::collections::HashMap;
use std::time::Duration;

/// Which CPUs the two ends run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// Both on one.
    Same,
    /// One each.
    Split,
    /// Wherever the scheduler puts them.
    Free,
}

impl Place {
    /// Every place, in the order in which tables show them.
    pub const ALL: [Self; 3] = [Self::Same, Self::Split, Self::Free];

    /// The user's word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Split => "split",
            Self::Free => "free",
        }
    }

    /// The words of sentences: "6.6 µs, one CPU".
    #[must_use]
    pub const fn phrase(self) -> &'static str {
        match self {
            Self::Same => "one CPU",
            Self::Split => "two CPUs",
            Self::Free => "any CPUs",
        }
    }
}

/// A place and the CPUs that it means here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seats {
    /// The place.
    pub place: Place,
    /// The client's CPU and the peer's; None where the scheduler decides.
    pub cpus: Option<(usize, usize)>,
}

/// One line of results.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// What carries the messages.
    pub transport: &'static Transport,
    /// Its name in this run: `tcp4`, and `tcp4#2` when it is named twice.
    pub label: String,
    /// Payload bytes of one message.
    pub size: usize,
    /// Where the ends run.
    pub seats: Seats,
    /// How they wait.
    pub wait: Wait,
}

impl Case {
    /// The case's name in results: `tcp6/64/same/block`.
    #[must_use]
    pub fn id(&self) -> String {
        let place = self.seats.place.word();
        format!("{}/{}/{place}/{}", self.label, self.size, self.wait.word())
    }
}

/// How much is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// For the whole run, shared out.
    Time(Duration),
    /// Exchanges of each case, over all rounds.
    Count(u64),
}

/// A run, decided to the last number before the first socket is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The cases, in the user's order.
    pub cases: Vec<Case>,
    /// How often each is visited.
    pub rounds: usize,
    /// Exchanges of a visit that are not counted; None is [`WARMUP`] or what fits [`WARMUP_TIME`].
    pub warmup: Option<u64>,
    /// How much is measured.
    pub amount: Amount,
    /// How long one exchange may take.
    pub timeout: Duration,
    /// Orders the visits and makes the patterns.
    pub seed: u64,
    /// What the sockets are like.
    pub options: Options,
    /// Stop at the first case that fails.
    pub fail_fast: bool,
    /// What is kept of each round.
    pub keep: Keep,
}

/// The most warm-up exchanges of a visit, unless the user says otherwise.
pub const WARMUP: u64 = 100;
/// The longest that they may take. After a hundred exchanges a connection's own start (slow start,
/// quick acknowledgements, cold caches) is over; across CPUs, where wake-ups cost tens of
/// microseconds and hide all that, a hundred would eat the time of the run.
pub const WARMUP_TIME: Duration = Duration::from_millis(1);

/// What a visit should last at least, for its two processes not to be most of it.
const VISIT: Duration = Duration::from_millis(4);

/// How many rounds a run has, unless the user says so: as many as fit, because medians of many short
/// lives agree better than those of few long ones.
#[must_use]
pub fn rounds_for(cases: usize, amount: Amount) -> usize {
    let Amount::Time(time) = amount else { return 20 };
    let visits = time.as_micros() / VISIT.as_micros() / (cases.max(1) as u128);
    usize::try_from(visits).unwrap_or(usize::MAX).clamp(20, 100)
}

/// Tells apart transports that are named more than once: `tcp4`, `tcp4#2`.
#[must_use]
pub fn labelled(transports: &[&'static Transport]) -> Vec<(&'static Transport, String)> {
    let mut seen = HashMap::new();
    transports
        .iter()
        .map(|transport| {
            let count = seen.entry(transport.name).or_insert(0);
            *count += 1;
            let label = match *count {
                1 => transport.name.to_owned(),
                again => format!("{}#{again}", transport.name),
            };
            (*transport, label)
        })
        .collect()
}

/// Every transport with every size at all seats with every way to wait, rows in the user's order.
#[must_use]
pub fn cases(
    transports: &[&'static Transport],
    sizes: &[usize],
    seats: &[Seats],
    wait: Wait,
) -> Vec<Case> {
    let mut cases = Vec::new();
    for (transport, label) in labelled(transports) {
        for &size in sizes {
            for &seats in seats {
                cases.push(Case { transport, label: label.clone(), size, seats, wait });
            }
        }
    }
    cases
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE_CPU: Seats = Seats { place: Place::Same, cpus: Some((0, 0)) };

    #[test]
    fn a_transport_named_twice_is_two_cases_with_two_names() {
        let tcp4 = Transport::named("tcp4").expect("in the catalogue");
        let udp6 = Transport::named("udp6").expect("in the catalogue");
        let cases = cases(&[tcp4, udp6, tcp4, tcp4], &[64], &[ONE_CPU], Wait::Block);
        let ids: Vec<_> = cases.iter().map(Case::id).collect();
        assert_eq!(
            ids,
            [
                "tcp4/64/same/block",
                "udp6/64/same/block",
                "tcp4#2/64/same/block",
                "tcp4#3/64/same/block"
            ]
        );
    }

    #[test]
    fn rounds_fill_the_time_within_bounds() {
        let three = Amount::Time(Duration::from_secs(3));
        for (cases, rounds) in [(1, 100), (8, 93), (14, 53), (37, 20), (300, 20)] {
            assert_eq!(rounds_for(cases, three), rounds, "{cases} cases");
        }
        assert_eq!(rounds_for(14, Amount::Count(1000)), 20);
    }
}
