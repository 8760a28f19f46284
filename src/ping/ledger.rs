//! Which echoes of a target are under way, answered, late, lost, duplicated or reordered. Pure:
//! numbers and times in, counts out.

use crate::stats::Histogram;
use std::collections::BTreeMap;

/// How many numbers that are no longer under way are remembered, so that a ping of weeks needs no
/// more memory than one of a minute.
const WINDOW: usize = 65_536;

/// What became of a number that is no longer under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Past {
    /// Its time is over, and no answer has come yet.
    Overdue(u64),
    /// It was answered.
    Answered,
}

/// What an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receipt {
    /// The answer to an echo under way; its round trip.
    OnTime(u64),
    /// The answer to an echo whose time was over; its round trip.
    Late(u64),
    /// One more answer.
    Duplicate,
    /// So old that nobody knows; it counts as nothing.
    Forgotten,
}

/// What has been counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Echoes sent.
    pub sent: u64,
    /// Echoes answered rightly, the late ones included.
    pub received: u64,
    /// Those whose answer came after its time.
    pub late: u64,
    /// Further answers to what was answered already.
    pub duplicated: u64,
    /// Answers that came after one to a later echo (RFC 4737).
    pub reordered: u64,
    /// Echoes answered with something wrong.
    pub wrong: u64,
    /// Refusals, as UDP tells them: after the send.
    pub refused: u64,
    /// Echoes that may still be answered in time, where the end came before that.
    pub under_way: u64,
}

impl Counts {
    /// Echoes without any answer.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.sent.saturating_sub(self.received + self.wrong + self.under_way)
    }
}

/// The books of a target.
#[derive(Clone, Debug)]
pub struct Ledger {
    timeout: u64,
    waiting: BTreeMap<u64, u64>,
    past: BTreeMap<u64, Past>,
    largest: u64,
    counts: Counts,
    expired: u64,
    trips: Histogram,
}

impl Ledger {
    /// Empty books; an answer has `timeout` nanoseconds.
    #[must_use]
    pub fn new(timeout: u64) -> Self {
        Self {
            timeout,
            waiting: BTreeMap::new(),
            past: BTreeMap::new(),
            largest: 0,
            counts: Counts::default(),
            expired: 0,
            trips: Histogram::new(),
        }
    }

    /// An echo went out at that time. One that went out once more, because its connection was closed
    /// before it was read, is one echo still.
    pub fn sent(&mut self, number: u64, at: u64) {
        if self.waiting.insert(number, at).is_none() {
            self.counts.sent += 1;
        }
    }

    /// An answer came at that time.
    pub fn arrived(&mut self, number: u64, at: u64) -> Receipt {
        if let Some(sent) = self.waiting.remove(&number) {
            let trip = at.saturating_sub(sent);
            self.receive(number, trip);
            if trip > self.timeout {
                self.counts.late += 1;
                return Receipt::Late(trip);
            }
            return Receipt::OnTime(trip);
        }
        match self.past.get(&number) {
            Some(Past::Overdue(sent)) => {
                let trip = at.saturating_sub(*sent);
                self.receive(number, trip);
                self.counts.late += 1;
                Receipt::Late(trip)
            }
            Some(Past::Answered) => {
                self.counts.duplicated += 1;
                Receipt::Duplicate
            }
            None => Receipt::Forgotten,
        }
    }

    fn receive(&mut self, number: u64, trip: u64) {
        self.counts.received += 1;
        // RFC 4737: an answer is reordered if one to a later echo came first, late or not.
        self.counts.reordered += u64::from(number < self.largest);
        self.trips.record(trip);
        self.largest = self.largest.max(number);
        self.remember(number, Past::Answered);
    }

    /// Something wrong came for that number.
    pub fn spoiled(&mut self, number: u64) {
        let open = self.waiting.remove(&number).is_some()
            || matches!(self.past.get(&number), Some(Past::Overdue(_)));
        if open {
            self.counts.wrong += 1;
            self.remember(number, Past::Answered);
        }
    }

    /// The oldest echo under way was refused; its number, if one was under way.
    pub fn refused(&mut self) -> Option<u64> {
        self.counts.refused += 1;
        let (number, at) = self.waiting.pop_first()?;
        self.remember(number, Past::Overdue(at));
        Some(number)
    }

    /// Gives up what is under way, because its connection is gone.
    pub fn abandon(&mut self) -> Vec<u64> {
        let waiting = std::mem::take(&mut self.waiting);
        self.expired += waiting.len() as u64;
        for (number, at) in &waiting {
            self.remember(*number, Past::Overdue(*at));
        }
        waiting.into_keys().collect()
    }

    /// The numbers whose time has passed by now, each told once.
    pub fn expire(&mut self, now: u64) -> Vec<u64> {
        let mut over = Vec::new();
        while let Some((&number, &at)) = self.waiting.first_key_value() {
            if at.saturating_add(self.timeout) > now {
                break;
            }
            self.waiting.remove(&number);
            self.remember(number, Past::Overdue(at));
            self.expired += 1;
            over.push(number);
        }
        over
    }

    /// When the next one's time is over.
    #[must_use]
    pub fn deadline(&self) -> Option<u64> {
        self.waiting.first_key_value().map(|(_, at)| at.saturating_add(self.timeout))
    }

    fn remember(&mut self, number: u64, past: Past) {
        self.past.insert(number, past);
        while self.past.len() > WINDOW {
            self.past.pop_first();
        }
    }

    /// The numbers under way, oldest first.
    pub fn under_way(&self) -> impl Iterator<Item = u64> {
        self.waiting.keys().copied()
    }

    /// Is nothing under way?
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.waiting.is_empty()
    }

    /// What has been counted, at a moment before the end.
    #[must_use]
    pub fn counts_so_far(&self) -> Counts {
        Counts { under_way: self.waiting.len() as u64, ..self.counts }
    }

    /// How many were given up because their time or their connection was over.
    #[must_use]
    pub fn expired(&self) -> u64 {
        self.expired
    }

    /// What has been counted.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Every round trip.
    #[must_use]
    pub fn trips(&self) -> &Histogram {
        &self.trips
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMEOUT: u64 = 100;

    enum Step {
        Sent(u64, u64),
        Came(u64, u64, Receipt),
        Expired(u64, &'static [u64]),
        Spoiled(u64),
        Refused(Option<u64>),
    }
    use Receipt::{Duplicate, Forgotten, Late, OnTime};
    use Step::{Came, Expired, Refused, Sent, Spoiled};

    fn play(name: &str, steps: &[Step]) -> Counts {
        let mut ledger = Ledger::new(TIMEOUT);
        for step in steps {
            match step {
                Sent(number, at) => ledger.sent(*number, *at),
                Came(number, at, receipt) => {
                    assert_eq!(ledger.arrived(*number, *at), *receipt, "{name}: {number} at {at}");
                }
                Expired(now, numbers) => assert_eq!(ledger.expire(*now), *numbers, "{name}: {now}"),
                Spoiled(number) => ledger.spoiled(*number),
                Refused(number) => assert_eq!(ledger.refused(), *number, "{name}"),
            }
        }
        ledger.counts()
    }

    #[test]
    fn answers_are_counted_as_what_they_are() {
        let none = Counts::default();
        let table: &[(&str, &[Step], Counts, u64)] = &[
            ("nothing", &[], none, 0),
            (
                "in order",
                &[Sent(1, 0), Came(1, 5, OnTime(5)), Sent(2, 10), Came(2, 17, OnTime(7))],
                Counts { sent: 2, received: 2, ..none },
                0,
            ),
            (
                "lost",
                &[Sent(1, 0), Expired(99, &[]), Expired(100, &[1]), Expired(200, &[])],
                Counts { sent: 1, ..none },
                1,
            ),
            (
                "late",
                &[Sent(1, 0), Expired(100, &[1]), Came(1, 130, Late(130)), Came(1, 140, Duplicate)],
                Counts { sent: 1, received: 1, late: 1, duplicated: 1, ..none },
                0,
            ),
            (
                "late and not yet expired, for the process itself was away",
                &[Sent(1, 0), Came(1, 101, Late(101)), Expired(200, &[])],
                Counts { sent: 1, received: 1, late: 1, ..none },
                0,
            ),
            (
                "twice",
                &[Sent(1, 0), Came(1, 5, OnTime(5)), Came(1, 6, Duplicate), Came(1, 7, Duplicate)],
                Counts { sent: 1, received: 1, duplicated: 2, ..none },
                0,
            ),
            (
                "swapped: only the one that fell behind is reordered, its copy is not",
                &[
                    Sent(1, 0),
                    Sent(2, 1),
                    Came(2, 5, OnTime(4)),
                    Came(1, 6, OnTime(6)),
                    Came(1, 7, Duplicate),
                ],
                Counts { sent: 2, received: 2, duplicated: 1, reordered: 1, ..none },
                0,
            ),
            ("never sent", &[Came(9, 1, Forgotten)], none, 0),
            (
                "wrong answers are neither received nor lost",
                &[Sent(1, 0), Spoiled(1), Spoiled(1), Spoiled(7), Expired(100, &[])],
                Counts { sent: 1, wrong: 1, ..none },
                0,
            ),
            (
                "refused",
                &[Sent(1, 0), Refused(Some(1)), Refused(None), Expired(100, &[])],
                Counts { sent: 1, refused: 2, ..none },
                1,
            ),
            (
                "sent again over another connection is one echo",
                &[Sent(1, 0), Sent(1, 50), Expired(100, &[]), Came(1, 60, OnTime(10))],
                Counts { sent: 1, received: 1, ..none },
                0,
            ),
        ];
        for (name, steps, counts, lost) in table {
            let counted = play(name, steps);
            assert_eq!((counted, counted.lost()), (*counts, *lost), "{name}");
        }
    }

    #[test]
    fn the_memory_of_a_long_ping_is_bounded_and_forgets_only_what_is_old() {
        let mut ledger = Ledger::new(TIMEOUT);
        let last = WINDOW as u64 + 10;
        for number in 1..=last {
            ledger.sent(number, number);
            ledger.arrived(number, number + 1);
        }
        assert_eq!(ledger.past.len(), WINDOW);
        assert_eq!(ledger.arrived(10, last), Receipt::Forgotten);
        assert_eq!(ledger.arrived(11, last), Receipt::Duplicate);
        assert_eq!(ledger.counts().received, last);
    }

    #[test]
    fn a_lost_connection_takes_along_what_was_under_way() {
        let mut ledger = Ledger::new(TIMEOUT);
        ledger.sent(1, 0);
        ledger.sent(2, 5);
        assert_eq!(ledger.deadline(), Some(100));
        assert_eq!(ledger.under_way().collect::<Vec<_>>(), [1, 2]);
        assert_eq!(ledger.abandon(), [1, 2]);
        assert_eq!((ledger.deadline(), ledger.is_idle(), ledger.expired()), (None, true, 2));
        assert_eq!(ledger.counts().lost(), 2);
    }
}
