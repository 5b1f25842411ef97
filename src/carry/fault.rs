//! Why a bundle could not be written or read, and where.

use crate::codec::Malformed;
use crate::limit;
use crate::seal::SealFault;
use std::io;
use thiserror::Error;

/// What is wrong. Quotes nothing of the content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CarryFault {
    /// Not a bundle at all.
    #[error("it is not a Homeward bundle")]
    NotABundle,
    /// A bundle of a later version.
    #[error("it was made by a later version of this program")]
    LaterVersion,
    /// It ends before its end: copied in part, or the stick was pulled out.
    #[error("it is cut short")]
    CutShort,
    /// Something follows its last part.
    #[error("something follows its end")]
    BehindTheEnd,
    /// A part or the whole is longer than it may be.
    #[error("it is longer than it may be")]
    TooLong,
    /// No key here opens it: made for others, or damaged where the keys stand.
    #[error("it is not sealed to this node")]
    NotForUs,
    /// Not what its maker wrote.
    #[error("it is damaged ({0})")]
    Damaged(&'static str),
    /// A part of another bundle, or in the wrong place.
    #[error("a part of it is missing or out of place")]
    OutOfPlace,
    /// Other numbers of items than its statement says.
    #[error("it does not hold what its statement says")]
    NotAsStated,
    /// The disk reports a fault.
    #[error("the disk reports: {0}")]
    Disk(io::ErrorKind),
    /// The writer was asked for what may not be: our own bug.
    #[error("{0}")]
    Rule(&'static str),
}

/// A fault and where it stands in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("part {part} (from byte {offset}): {fault}")]
pub struct BrokenAt {
    /// The part, from 0.
    pub part: u64,
    /// The byte of the file at which that part begins; 0 for the first line.
    pub offset: u64,
    /// What is wrong.
    pub fault: CarryFault,
}

impl From<io::Error> for CarryFault {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::CutShort,
            kind => Self::Disk(kind),
        }
    }
}

impl From<Malformed> for CarryFault {
    fn from(malformed: Malformed) -> Self {
        match malformed {
            Malformed::LaterVersion(_) => Self::LaterVersion,
            Malformed::TooLong { .. } => Self::TooLong,
            Malformed::NotStrict(what) | Malformed::Rule { what, .. } | Malformed::Signature(what) => {
                Self::Damaged(what)
            }
        }
    }
}

impl From<SealFault> for CarryFault {
    fn from(fault: SealFault) -> Self {
        match fault {
            SealFault::NotForUs => Self::NotForUs,
            SealFault::Recipient => Self::Rule("a bundle is sealed to valid keys"),
            _ => Self::Damaged("sealed part"),
        }
    }
}

// The longest items fit into a part with its frame.
const _: () = assert!(limit::SEGMENT_SEALED_BYTES + limit::RECORD_BYTES + 1024 < limit::BUNDLE_PART_BYTES);
const _: () = assert!(limit::FRAME_BYTES + limit::RECORD_BYTES + 1024 < limit::BUNDLE_PART_BYTES);
