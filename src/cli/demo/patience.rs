//! Waiting for processes: deadlines, short sleeps and the time the demo took.
//!
//! The demo looks at nodes from outside, so its patience is not part of what a node knows or does, and nothing that
//! it states depends on how long something took: a deadline only decides when to stop looking.

use crate::node::Stopwatch;
use std::time::Duration;

/// How long the demo looks for one thing before it states that it did not happen.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);
/// How long it sleeps between two looks.
const PAUSE: Duration = Duration::from_millis(40);

/// Looks again and again until the answer is yes or patience ends; whether it was yes.
///
/// # Errors
/// What looking fails with.
pub(super) fn until<E>(mut look: impl FnMut() -> Result<bool, E>) -> Result<bool, E> {
    let start = Stopwatch::start();
    loop {
        if look()? {
            return Ok(true);
        }
        if start.elapsed() > PATIENCE {
            return Ok(false);
        }
        std::thread::sleep(PAUSE);
    }
}
