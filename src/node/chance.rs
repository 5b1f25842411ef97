//! Chance: random bytes from the system, drawn here and handed to the pure rooms as bytes.

use super::failure::fail;
use super::{Failure, FailureKind};
use crate::sign::{Domain, hash};
use zeroize::Zeroizing;

/// A stream of random bytes, seeded once from the system.
pub(crate) struct Chance {
    seed: Zeroizing<[u8; 32]>,
    drawn: u64,
}

impl Chance {
    /// Seeded with 32 bytes from the system.
    pub(crate) fn system() -> Result<Self, Failure> {
        let mut seed = Zeroizing::new([0; 32]);
        getrandom::fill(seed.as_mut_slice()).map_err(|_| {
            fail(
                FailureKind::Internal,
                "the system gives no random bytes",
                "Nothing safe can be made without them.",
            )
        })?;
        Ok(Self { seed, drawn: 0 })
    }

    /// Seeded by whoever stages a node.
    pub(crate) fn staged(seed: [u8; 32]) -> Self {
        Self { seed: Zeroizing::new(seed), drawn: 0 }
    }

    /// A stream of its own, seeded from this one.
    pub(crate) fn another(&mut self) -> Self {
        Self { seed: Zeroizing::new(self.bytes32()), drawn: 0 }
    }

    pub(crate) fn bytes32(&mut self) -> [u8; 32] {
        self.drawn += 1;
        hash(Domain::Chance, &[self.seed.as_slice(), &self.drawn.to_be_bytes()]).0
    }

    pub(crate) fn bytes16(&mut self) -> [u8; 16] {
        let mut out = [0; 16];
        self.fill(&mut out);
        out
    }

    pub(crate) fn fill(&mut self, out: &mut [u8]) {
        for chunk in out.chunks_mut(32) {
            for (to, from) in chunk.iter_mut().zip(self.bytes32()) {
                *to = from;
            }
        }
    }
}
