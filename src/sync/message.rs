//! The messages of a link and their one encoding. What they mean, and when they may come, is `FORMAT.md`'s.

use super::hello::Hello;
use crate::codec::{self, Malformed};
use crate::id::{CircleId, EpochId, Hash, Life};
use crate::limit;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

/// What a circle's record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordKind {
    /// [`crate::log::Closure`].
    Closure,
    /// [`crate::log::ForkProof`].
    Fork,
    /// [`crate::seal::Grant`].
    Grant,
}

/// One frame's content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Message {
    /// Who speaks. The first message of each side.
    Hello(Box<Hello>),
    /// What the sender holds of a circle.
    State(State),
    /// More entries of the state before it.
    StateMore {
        /// Entries as [`crate::log::HeldHeads::encode`] has them.
        entries: ByteBuf,
        /// Whether these are the last.
        last: bool,
    },
    /// All states that the receiver lacked have been said.
    Opened(Opened),
    /// "What I remember of you is not what you are: say it all."
    WantAll,
    /// How many states were received on this link.
    Seen(u64),
    /// A circle that the receiver has not shown to know.
    Charter(ByteBuf),
    /// The names of all records and cards of a circle that the sender holds.
    RecordList(CircleId, Vec<Hash>),
    /// What the sender holds of a cut log beside what counts: before the list of the circle's records.
    BranchList(CircleId, Life, Vec<Hash>),
    /// A record that the receiver lacks.
    Record(CircleId, RecordKind, ByteBuf),
    /// A card of one of the circle's partners.
    Card(CircleId, ByteBuf),
    /// A small segment: header, body.
    Whole(ByteBuf, ByteBuf),
    /// A segment begins, or goes on at an offset that the receiver named: header, offset.
    Start(ByteBuf, u32),
    /// More of the body of the segment that began last: offset, bytes.
    Range(u32, ByteBuf),
    /// "I hold this segment, or it is coming in from another": number of a log.
    Skip(CircleId, Life, u64),
    /// "Show me your header": of a log that seems forked.
    WantHeader(CircleId, Life, u64),
    /// The answer.
    HeaderIs(ByteBuf),
    /// "Grant me the key of this epoch."
    WantGrant(CircleId, EpochId),
}

/// What the sender holds of one circle: signed heads, said as the change since those the receiver has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct State {
    /// Which circle.
    pub(super) circle: CircleId,
    /// The signed heads.
    pub(super) heads: ByteBuf,
    /// The running number of the heads that `entries` change; 0: `entries` are all.
    pub(super) base: u64,
    /// The first entries.
    pub(super) entries: ByteBuf,
    /// Whether they are the last.
    pub(super) last: bool,
    /// Digest of the set of records that the sender holds.
    pub(super) records: Hash,
}

/// The end of an opening.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Opened {
    /// Whether every shared circle's state went before, whole.
    pub(super) all: bool,
    /// Digest over what the receiver should now know of the sender.
    pub(super) digest: Hash,
    /// Segments that the sender holds a part of: header hash, bytes held. At most [`PARTIALS`].
    pub(super) partials: Vec<(Hash, u32)>,
}

/// Partial segments that one opening may name.
pub(super) const PARTIALS: usize = 64;
/// Hashes that one record list may name; a circle keeps no more records than fit.
pub(super) const LIST_HASHES: usize = 1_600;
/// A body of at most this many bytes travels with its header in one message.
pub(super) const WHOLE_BYTES: usize = limit::RANGE_BYTES;

impl Message {
    /// The circle that it names, if it is complete in itself.
    pub(super) fn circle(&self) -> Option<&CircleId> {
        match self {
            Self::RecordList(circle, _)
            | Self::BranchList(circle, ..)
            | Self::Record(circle, ..)
            | Self::Card(circle, _)
            | Self::Skip(circle, ..)
            | Self::WantHeader(circle, ..)
            | Self::WantGrant(circle, _) => Some(circle),
            _ => None,
        }
    }

    /// The frame. Every message of ours fits: bodies, ranges, records and lists are cut before.
    pub(super) fn encode(&self) -> Vec<u8> {
        codec::encode(self)
    }

    /// Reads a frame.
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let message: Self = codec::decode("message", bytes, limit::FRAME_BYTES)?;
        let rule = |rule| Err(Malformed::Rule { what: "message", rule });
        match &message {
            Self::Opened(opened) if opened.partials.len() > PARTIALS => rule("at most 64 partial segments"),
            Self::RecordList(_, hashes) if hashes.len() > LIST_HASHES => rule("at most 1,600 records"),
            Self::RecordList(_, hashes) if !hashes.windows(2).all(|p| p.first() < p.last()) => {
                rule("hashes stand sorted and once")
            }
            Self::BranchList(.., hashes) if hashes.len() > limit::LOG_BRANCH_SEGMENTS => {
                rule("at most 1,024 segments apart")
            }
            Self::BranchList(.., hashes) if !hashes.windows(2).all(|p| p.first() < p.last()) => {
                rule("hashes stand sorted and once")
            }
            Self::Range(_, bytes) if bytes.is_empty() || bytes.len() > limit::RANGE_BYTES => {
                rule("a range has 1 to 8,192 bytes")
            }
            _ => Ok(message),
        }
    }
}

/// Reads a frame and writes it again. For tests and fuzz targets, from which messages themselves stay hidden.
///
/// # Errors
/// [`Malformed`].
#[doc(hidden)]
pub fn frame_again(bytes: &[u8]) -> Result<Vec<u8>, Malformed> {
    Message::decode(bytes).map(|message| message.encode())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{InstanceId, NodeId};

    #[test]
    fn a_message_has_one_encoding() {
        let life = Life { node: NodeId([3; 32]), instance: InstanceId([4; 16]) };
        for message in [
            Message::WantAll,
            Message::Seen(7),
            Message::Range(0, ByteBuf::from(vec![1; 8192])),
            Message::WantHeader(CircleId([1; 32]), life, 7),
            Message::RecordList(CircleId([1; 32]), vec![Hash([1; 32]), Hash([2; 32])]),
        ] {
            let bytes = message.encode();
            assert_eq!(Message::decode(&bytes), Ok(message));
            let mut longer = bytes.clone();
            longer.push(0);
            assert!(Message::decode(&longer).is_err());
        }
        assert!(Message::decode(&Message::Range(0, ByteBuf::new()).encode()).is_err());
        let unsorted = Message::RecordList(CircleId([1; 32]), vec![Hash([2; 32]), Hash([1; 32])]);
        assert!(Message::decode(&unsorted.encode()).is_err());
    }

    #[test]
    fn the_largest_range_adds_little() {
        let range = Message::Range(u32::MAX, ByteBuf::from(vec![0; limit::RANGE_BYTES]));
        assert!(range.encode().len() < limit::RANGE_BYTES + 32);
    }
}
