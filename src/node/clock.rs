//! The only clock of the house. Nothing can set it: a release binary that could be told another time could back-date.

use crate::time::Millis;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Tells the time of day for statements and a steady time for waiting.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    start: Instant,
    start_ms: u64,
}

impl Clock {
    #[allow(clippy::disallowed_methods)] // this file is the one place
    pub(crate) fn new() -> Self {
        Self { start: Instant::now(), start_ms: wall_ms() }
    }

    /// Time of day: what edits, segments and heads carry.
    pub(crate) fn now(&self) -> Millis {
        Millis(wall_ms())
    }

    /// Milliseconds that never jump back: what the hub is driven by.
    #[allow(clippy::disallowed_methods)]
    pub(crate) fn steady(&self) -> Millis {
        let elapsed =
            u64::try_from(Instant::now().duration_since(self.start).as_millis()).unwrap_or(u64::MAX);
        Millis(self.start_ms.saturating_add(elapsed))
    }

    /// How long from now until a steady moment.
    pub(crate) fn until(&self, moment: Millis) -> Duration {
        Duration::from_millis(moment.since(self.steady()))
    }
}

#[allow(clippy::disallowed_methods)]
fn wall_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX).min(crate::limit::EDIT_TIME_MAX_MS)
}

/// A stopwatch for doors: how long something took, never what time it is.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts it.
    #[allow(clippy::disallowed_methods)] // this file is the one place
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// How long it has run.
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}
