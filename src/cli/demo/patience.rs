//! Waiting for processes: deadlines, short sleeps and the time the demo took.
//!
//! The demo looks at nodes from outside, so its patience is not part of what a node knows or does, and nothing that
//! it states depends on how long something took: a deadline only decides when to stop looking.

use std::time::{Duration, Instant};

/// How long the demo looks for one thing before it states that it did not happen.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);
/// How long it sleeps between two looks.
const PAUSE: Duration = Duration::from_millis(40);

/// A moment to count from.
#[derive(Clone, Copy)]
pub(super) struct Since(Instant);

impl Since {
    /// Now.
    #[allow(clippy::disallowed_methods)] // A stopwatch outside the node; the node's clock is not asked.
    pub(super) fn now() -> Self {
        Self(Instant::now())
    }

    /// How long ago that was.
    pub(super) fn ago(self) -> Duration {
        self.0.elapsed()
    }
}

/// Looks again and again until the answer is yes or patience ends; whether it was yes.
///
/// # Errors
/// What looking fails with.
pub(super) fn until<E>(mut look: impl FnMut() -> Result<bool, E>) -> Result<bool, E> {
    let start = Since::now();
    loop {
        if look()? {
            return Ok(true);
        }
        if start.ago() > PATIENCE {
            return Ok(false);
        }
        std::thread::sleep(PAUSE);
    }
}
