//! How often something may be done: so many at once, and then so many a minute. Pure: time is an argument.

use crate::time::Millis;

/// So many at once, then so many a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// At once, after a rest.
    pub burst: u32,
    /// Given again each minute.
    pub per_min: u32,
}

/// Milliseconds of a minute: the parts that one is counted in, so that nothing is lost to rounding.
const ONE: u64 = 60_000;

/// What is left of a rate.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    rate: Rate,
    parts: u64,
    at: Millis,
}

impl Pace {
    /// A rate of which nothing was used.
    pub fn new(rate: Rate, now: Millis) -> Self {
        Self { rate, parts: u64::from(rate.burst) * ONE, at: now }
    }

    /// Takes one if more than `keep` are left.
    pub fn take(&mut self, now: Millis, keep: u32) -> bool {
        self.refill(now);
        let enough = self.parts >= (u64::from(keep) + 1) * ONE;
        if enough {
            self.parts -= ONE;
        }
        enough
    }

    /// Whether nothing of it is used any more.
    pub fn is_full(&mut self, now: Millis) -> bool {
        self.refill(now);
        self.parts == u64::from(self.rate.burst) * ONE
    }

    fn refill(&mut self, now: Millis) {
        let given = now.since(self.at).saturating_mul(u64::from(self.rate.per_min));
        self.parts = self.parts.saturating_add(given).min(u64::from(self.rate.burst) * ONE);
        self.at = self.at.max(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_goes_at_once_and_the_rest_by_the_minute() {
        let mut pace = Pace::new(Rate { burst: 3, per_min: 120 }, Millis(1_000));
        assert_eq!((0..5).filter(|_| pace.take(Millis(1_000), 0)).count(), 3);
        assert!(!pace.take(Millis(1_499), 0));
        assert!(pace.take(Millis(1_500), 0));
        assert!(!pace.is_full(Millis(2_000)));
        assert_eq!((0..9).filter(|_| pace.take(Millis(60_000), 0)).count(), 3);
        // A clock that stands still or steps back gives nothing.
        assert!(!pace.take(Millis(59_000), 0));
    }

    #[test]
    fn what_is_kept_for_others_is_left() {
        let mut pace = Pace::new(Rate { burst: 4, per_min: 60 }, Millis(0));
        assert_eq!((0..9).filter(|_| pace.take(Millis(0), 2)).count(), 2);
        assert_eq!((0..9).filter(|_| pace.take(Millis(0), 0)).count(), 2);
    }
}
