//! Moments. Nothing here reads a clock: moments are handed in by `node`, which owns the only one.

use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01 UTC, 0 to 2^48 (about the year 10,900): what a document's commit time can bear.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Millis(pub u64);

impl Millis {
    /// The greatest moment that an edit may name.
    pub const MAX: Millis = Millis(crate::limit::EDIT_TIME_MAX_MS);

    /// Whether an edit may carry it.
    pub fn in_range(self) -> bool {
        self <= Self::MAX
    }

    /// This moment and `ms` milliseconds more, never past the end of counting.
    pub fn plus(self, ms: u64) -> Millis {
        Millis(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to this, 0 if it is later.
    pub fn since(self, earlier: Millis) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}
