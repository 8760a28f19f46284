//! When the echoes of a target are due: an absolute schedule, so that a slow answer delays nothing
//! and small errors do not add up. Pure.

/// When to send next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// At that time, or as soon as it is past.
    At(u64),
    /// As soon as nothing is under way.
    WhenIdle,
    /// Never: all are sent.
    Never,
}

/// The echoes of a target, in time.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    start: u64,
    interval: u64,
    /// How many there are; 0 is no end.
    count: u64,
    /// How many have gone.
    gone: u64,
    /// How many had gone when `start` was the time of the next one.
    gone_at_start: u64,
}

impl Schedule {
    /// The first echo is due at `start`, each further one `interval` nanoseconds after the one before.
    /// 0 echoes go on for ever.
    #[must_use]
    pub const fn new(start: u64, interval: u64, count: u64) -> Self {
        Self { start, interval, count, gone: 0, gone_at_start: 0 }
    }

    /// When the next one is due.
    #[must_use]
    pub fn due(&self) -> Due {
        if self.count > 0 && self.gone >= self.count {
            return Due::Never;
        }
        if self.interval == 0 {
            return Due::WhenIdle;
        }
        let steps = self.gone - self.gone_at_start;
        Due::At(self.start.saturating_add(self.interval.saturating_mul(steps)))
    }

    /// The number of the next one, from 1.
    #[must_use]
    pub const fn next_number(&self) -> u64 {
        self.gone + 1
    }

    /// The next one went out, or failed to. Whoever was away for longer than an interval (stopped, or
    /// kept from sending) goes on from here: what was missed is not sent in a burst.
    pub fn passed(&mut self, now: u64) {
        if let Due::At(due) = self.due()
            && now.saturating_sub(due) > self.interval
        {
            self.start = now;
            self.gone_at_start = self.gone;
        }
        self.gone += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn echoes_are_due_at_fixed_times_however_late_the_ones_before_were() {
        let mut schedule = Schedule::new(1000, 100, 4);
        for (due, sent) in [(1000, 1003), (1100, 1199), (1200, 1300), (1300, 1300)] {
            assert_eq!(schedule.due(), Due::At(due));
            schedule.passed(sent);
        }
        assert_eq!(schedule.due(), Due::Never);
    }

    #[test]
    fn after_a_pause_the_schedule_moves_and_does_not_burst() {
        let mut schedule = Schedule::new(0, 100, 0);
        schedule.passed(0);
        assert_eq!((schedule.due(), schedule.next_number()), (Due::At(100), 2));
        schedule.passed(5_000);
        assert_eq!((schedule.due(), schedule.next_number()), (Due::At(5_100), 3));
        schedule.passed(5_101);
        assert_eq!(schedule.due(), Due::At(5_200));
    }

    #[test]
    fn without_an_interval_the_next_one_waits_for_the_one_before() {
        let mut schedule = Schedule::new(7, 0, 2);
        for _ in 0..2 {
            assert_eq!(schedule.due(), Due::WhenIdle);
            schedule.passed(99);
        }
        assert_eq!(schedule.due(), Due::Never);
    }

    #[test]
    fn a_count_of_0_never_ends() {
        let mut schedule = Schedule::new(0, 1, 0);
        (0..10_000).for_each(|now| schedule.passed(now));
        assert_eq!(schedule.due(), Due::At(10_000));
    }
}
