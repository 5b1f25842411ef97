//! What a bundle holds: its statement, and items.

use crate::codec::Malformed;
use crate::id::{CircleId, NodeId, PartnerId};
use crate::limit;
use crate::seal::Certificate;
use crate::sign::{Domain, Record, Signed};
use crate::time::Millis;
use serde::{Deserialize, Serialize};

/// Who made a bundle, for whom, and how much is in it. Signed by the node that made it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// 1.
    pub version: u16,
    /// Random; the same in every part of the bundle.
    #[serde(with = "serde_bytes")]
    pub bundle: [u8; 16],
    /// The partner whose node made it.
    pub partner: PartnerId,
    /// The node that made it, and signs.
    pub node: NodeId,
    /// That node's certificate, as a signed record.
    #[serde(with = "serde_bytes")]
    pub certificate: Vec<u8>,
    /// The partner to whose nodes it is sealed.
    pub target: PartnerId,
    /// The circles that it speaks of, sorted.
    pub circles: Vec<CircleId>,
    /// When, by the maker's clock.
    pub time: Millis,
    /// Items of kind heads in it.
    pub heads: u64,
    /// Items of kind record in it.
    pub records: u64,
    /// Items of kind segment in it.
    pub segments: u64,
}

impl Record for Statement {
    const WHAT: &'static str = "bundle statement";
    const DOMAIN: Domain = Domain::Bundle;
    const LIMIT: usize = limit::RECORD_BYTES;

    fn signer(&self) -> [u8; 32] {
        self.node.0
    }

    fn check(&self) -> Result<(), Malformed> {
        let rule = |rule| Err(Malformed::Rule { what: Self::WHAT, rule });
        if !self.circles.windows(2).all(|pair| pair.first() < pair.last()) {
            return rule("circles stand sorted and once");
        }
        if self.circles.len() > limit::NODE_CIRCLES {
            return rule("at most 256 circles");
        }
        if !self.time.in_range() {
            return rule("time is out of range");
        }
        let certificate: Signed<Certificate> = Signed::decode(&self.certificate)?;
        if certificate.partner != self.partner || certificate.node != self.node {
            return rule("the certificate is its maker's");
        }
        Ok(())
    }
}

/// A kind of record that travels. What the bytes are is judged where records from a link are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CarriedKind {
    /// The circle's founding record.
    Charter,
    /// A partner's card.
    Card,
    /// A certificate that came by itself.
    Certificate,
    /// Through where a log counts.
    Closure,
    /// An epoch key for one node.
    Grant,
    /// Two headers with one number.
    ForkProof,
    /// Another node's signed heads, as a receipt.
    Heads,
}

/// One item of a bundle, its bytes as they came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Item {
    /// The maker's heads of one circle.
    Heads {
        /// The signed record.
        #[serde(with = "serde_bytes")]
        record: Vec<u8>,
        /// The entries that it signs by their hash.
        #[serde(with = "serde_bytes")]
        entries: Vec<u8>,
    },
    /// A record of a circle.
    Record {
        /// The circle.
        circle: CircleId,
        /// What it is said to be.
        kind: CarriedKind,
        /// The record.
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
    },
    /// A segment.
    Segment {
        /// The signed header.
        #[serde(with = "serde_bytes")]
        header: Vec<u8>,
        /// The body.
        #[serde(with = "serde_bytes")]
        body: Vec<u8>,
    },
}

impl Item {
    /// Whether each of its byte strings is within the limit of its kind.
    pub(super) fn within_limits(&self) -> bool {
        match self {
            Self::Heads { record, entries } => {
                record.len() <= limit::RECORD_BYTES && entries.len() <= limit::FRAME_BYTES
            }
            Self::Record { bytes, .. } => bytes.len() <= limit::RECORD_BYTES,
            Self::Segment { header, body } => {
                header.len() <= limit::RECORD_BYTES && body.len() <= limit::SEGMENT_SEALED_BYTES
            }
        }
    }
}

/// The statement as an item: the first one, and no other.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum FirstItem {
    Statement {
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
    },
}

/// The plaintext of a part.
#[derive(Serialize, Deserialize)]
pub(super) struct Part {
    #[serde(with = "serde_bytes")]
    pub(super) bundle: [u8; 16],
    pub(super) index: u64,
    pub(super) last: bool,
    pub(super) items: Vec<serde_bytes::ByteBuf>,
}

/// What a part has besides its items, in bytes, generously; and each item besides itself.
pub(super) const PART_FRAME_BYTES: usize = 128;
pub(super) const ITEM_FRAME_BYTES: usize = 9;

/// The first line of a bundle of this version.
pub(super) const FIRST_LINE: &[u8; 18] = b"homeward bundle 1\n";
/// What every version's first line begins with.
pub(super) const ANY_FIRST_LINE: &[u8] = b"homeward bundle ";

/// Items seen so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    heads: u64,
    records: u64,
    segments: u64,
}

impl Counts {
    pub(super) fn add(&mut self, item: &Item) {
        match item {
            Item::Heads { .. } => self.heads += 1,
            Item::Record { .. } => self.records += 1,
            Item::Segment { .. } => self.segments += 1,
        }
    }

    pub(super) fn are_those_of(&self, statement: &Statement) -> bool {
        (self.heads, self.records, self.segments) == (statement.heads, statement.records, statement.segments)
    }
}
