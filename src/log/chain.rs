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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{CircleId, InstanceId, NodeId, PartnerId};
    use crate::sign::Sign;
    use crate::time::Millis;
    use ed25519_dalek::SigningKey;

    fn node() -> SigningKey {
        SigningKey::from_bytes(&[4; 32])
    }

    fn charter(members: Vec<PartnerId>) -> Charter {
        Charter {
            version: 1,
            nonce: [0; 16],
            founder: members[0],
            members,
            carriers: vec![PartnerId([9; 32])],
            rules: 1,
            time: Millis(0),
            node: NodeId(node().public()),
            certificate: vec![1],
        }
    }

    fn header(end: &ChainEnd, change: impl FnOnce(&mut Header)) -> Signed<Header> {
        let first = end.number == 0;
        let mut header = Header {
            version: 1,
            kind: if first { Kind::Epoch } else { Kind::Work },
            circle: CircleId([1; 32]),
            partner: PartnerId([1; 32]),
            node: NodeId(node().public()),
            instance: InstanceId([2; 16]),
            number: end.number + 1,
            previous: end.hash,
            epoch: if first { EpochId([5; 32]) } else { end.epoch },
            cut: Millis(0),
            length: 1,
            body: Hash([6; 32]),
            plain: Hash([7; 32]),
            certificate: if first { vec![1] } else { Vec::new() },
        };
        change(&mut header);
        Signed::sign(header, &node()).unwrap()
    }

    #[test]
    fn a_log_grows_one_segment_at_a_time() {
        let charter = charter(vec![PartnerId([1; 32])]);
        let first = header(&ChainEnd::EMPTY, |_| ());
        let end = check_first(&charter, &first).unwrap();
        assert_eq!(end, ChainEnd { number: 1, hash: first.hash(), epoch: EpochId([5; 32]) });
        let work = header(&end, |_| ());
        let after = check_next(&charter, &end, &work).unwrap();
        assert_eq!((after.number, after.hash, after.epoch), (2, work.hash(), end.epoch));
        let epoch = header(&after, |header| {
            header.kind = Kind::Epoch;
            header.epoch = EpochId([8; 32]);
        });
        assert_eq!(check_next(&charter, &after, &epoch).unwrap().epoch, EpochId([8; 32]));
    }

    #[test]
    fn each_breach_has_its_name() {
        let charter = charter(vec![PartnerId([1; 32])]);
        let first = header(&ChainEnd::EMPTY, |_| ());
        let end = check_first(&charter, &first).unwrap();
        let check = |header: &Signed<Header>| check_next(&charter, &end, header);
        assert_eq!(check(&first), Err(Breach::Repeat));
        assert_eq!(check(&header(&ChainEnd::EMPTY, |header| header.length = 2)), Err(Breach::OtherBranch));
        assert_eq!(check(&header(&end, |header| header.number = 3)), Err(Breach::Gap));
        assert_eq!(check(&header(&end, |header| header.previous = Hash([1; 32]))), Err(Breach::OtherBranch));
        assert_eq!(check(&header(&end, |header| header.epoch = EpochId([8; 32]))), Err(Breach::WrongEpoch));
        for stranger in [PartnerId([3; 32]), PartnerId([9; 32])] {
            let header = header(&end, |header| header.partner = stranger);
            assert_eq!(check(&header), Err(Breach::NotMember), "a carrier or a stranger");
        }
    }
}
