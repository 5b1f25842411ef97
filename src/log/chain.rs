//! Whether a segment may stand where it says: a pure check of one header against the one before it.

use crate::id::{EpochId, Hash};
use crate::log::{Charter, Header, Kind};
use crate::sign::Signed;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The end of a log as far as it is placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainEnd {
    /// The last placed number; 0 for an empty log.
    pub number: u64,
    /// Its header's hash.
    pub hash: Hash,
    /// The epoch that is current after it.
    pub epoch: EpochId,
}

impl ChainEnd {
    /// A log with nothing in it.
    pub const EMPTY: ChainEnd = ChainEnd { number: 0, hash: Hash::ZERO, epoch: EpochId([0; 32]) };
}

/// Why a header may not stand where it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Breach {
    /// The partner is no member of the circle.
    #[error("its partner is no member of the circle")]
    NotMember,
    /// The one before it is not here yet: unplaced, no fault.
    #[error("the segment before it is missing")]
    Gap,
    /// It is already here.
    #[error("it is already here")]
    Repeat,
    /// It names another predecessor than the one that stands there: one of the two forks the log.
    #[error("it names another predecessor")]
    OtherBranch,
    /// It is sealed to an epoch that its log did not found last.
    #[error("it is sealed to an epoch that is not current in its log")]
    WrongEpoch,
}

/// Checks the first segment of a log.
///
/// # Errors
/// [`Breach`].
pub fn check_first(charter: &Charter, header: &Signed<Header>) -> Result<ChainEnd, Breach> {
    check_next(charter, &ChainEnd::EMPTY, header)
}

/// Checks that `header` continues a log that ends at `end`. The certificate of segment 1 is the caller's to check:
/// this room knows no certificates.
///
/// # Errors
/// [`Breach`].
pub fn check_next(charter: &Charter, end: &ChainEnd, header: &Signed<Header>) -> Result<ChainEnd, Breach> {
    if !charter.is_member(&header.partner) {
        return Err(Breach::NotMember);
    }
    if header.number <= end.number {
        return Err(if header.hash() == end.hash { Breach::Repeat } else { Breach::OtherBranch });
    }
    if header.number > end.number + 1 {
        return Err(Breach::Gap);
    }
    if header.previous != end.hash {
        return Err(Breach::OtherBranch);
    }
    let epoch = match header.kind {
        Kind::Epoch => header.epoch,
        Kind::Work if header.epoch == end.epoch => end.epoch,
        Kind::Work => return Err(Breach::WrongEpoch),
    };
    Ok(ChainEnd { number: header.number, hash: header.hash(), epoch })
}
