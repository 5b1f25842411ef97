//! What people wrote and what keys are made of: a type that refuses to print.
//!
//! `Private<T>` has no way to reach a log line, a panic message or an error: `Debug` and `Display` write
//! `[private]`. It serialises, because the codecs that seal must write it, and codecs are called in few places.
//! Everything else must call [`Private::reveal`], and `tests/house_rules.rs` holds the list of files that may.

use serde::{Deserialize, Serialize};
use std::fmt;
use zeroize::Zeroize;

/// A value that never prints. Wiped when dropped, as far as memory can be wiped.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Private<T: Zeroize>(T);

impl<T: Zeroize> Private<T> {
    /// Takes a value in.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// Lets the value be seen. Only in `seal`, the `work` codec, sheets, search keys, `node/socket` and the doors.
    pub fn reveal(&self) -> &T {
        &self.0
    }
}

/// Bytes of a thread's stack that [`wipe_stack`] overwrites: half of what a thread has, more than any call here needs.
const STACK_BYTES: usize = 1024 * 1024;
/// Bytes that [`wipe_ending_stack`] overwrites: several times what the C library keeps of the stack of a thread that
/// has ended (16 KiB). What lies deeper it gives back to the system (`madvise`, glibc's `advise_stack_range`), which
/// hands out zeroes.
const ENDING_STACK_BYTES: usize = 64 * 1024;

/// Overwrites what calls that have ended left on this thread's stack: keys pass through it by value, and a dead frame
/// is wiped by nobody. For the end of what opens, uses or forgets keys, from near the stack's beginning, on a thread
/// that lives on.
#[inline(never)]
pub fn wipe_stack() {
    let mut frames = [0_u8; STACK_BYTES];
    std::hint::black_box(&mut frames);
}

/// The same for a thread that ends now: a request's. A sixteenth of the work.
#[inline(never)]
pub fn wipe_ending_stack() {
    let mut frames = [0_u8; ENDING_STACK_BYTES];
    std::hint::black_box(&mut frames);
}

impl<T: Zeroize> From<T> for Private<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl From<&str> for Private<String> {
    fn from(value: &str) -> Self {
        Self(value.to_owned())
    }
}

impl<T: Zeroize> fmt::Debug for Private<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[private]")
    }
}

impl<T: Zeroize> fmt::Display for Private<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[private]")
    }
}

impl<T: Zeroize> Drop for Private<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl Private<String> {
    /// Length in bytes: limits may look at it without seeing the text.
    pub fn len_bytes(&self) -> usize {
        self.0.len()
    }

    /// Length in code points: the unit of positions in a note.
    pub fn len_points(&self) -> usize {
        self.0.chars().count()
    }

    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_prints() {
        let name = Private::from("Marusia");
        assert_eq!(format!("{name:?} {name}"), "[private] [private]");
    }
}
