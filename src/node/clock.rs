//! The only clock of the house. No setting, file or request can set it: a release binary that could be told another
//! time could back-date. Only a program that stages a node (see `stage`) hands it its time, and no door does.

use crate::time::Millis;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Tells the time of day for statements and a steady time for waiting.
#[derive(Clone, Debug)]
pub(crate) enum Clock {
    /// The machine's.
    Machine {
        /// When the node started, on the steady clock.
        start: Instant,
        /// The time of day then.
        start_ms: u64,
    },
    /// The hands of a staged node.
    Staged(Arc<Hands>),
}

/// The time of a staged node, moved by whoever stages it: both in milliseconds.
#[derive(Debug, Default)]
pub struct Hands {
    /// Time of day; may jump either way.
    pub day: AtomicU64,
    /// Never goes back.
    pub steady: AtomicU64,
}

impl Clock {
    #[allow(clippy::disallowed_methods)] // this file is the one place
    pub(crate) fn new() -> Self {
        Self::Machine { start: Instant::now(), start_ms: wall_ms() }
    }

    /// Time of day: what edits, segments and heads carry.
    pub(crate) fn now(&self) -> Millis {
        match self {
            Self::Machine { .. } => Millis(wall_ms()),
            Self::Staged(hands) => Millis(hands.day.load(Ordering::Relaxed)),
        }
    }

    /// Milliseconds that never jump back: what the hub is driven by.
    #[allow(clippy::disallowed_methods)]
    pub(crate) fn steady(&self) -> Millis {
        match self {
            Self::Machine { start, start_ms } => {
                let elapsed =
                    u64::try_from(Instant::now().duration_since(*start).as_millis()).unwrap_or(u64::MAX);
                Millis(start_ms.saturating_add(elapsed))
            }
            Self::Staged(hands) => Millis(hands.steady.load(Ordering::Relaxed)),
        }
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
