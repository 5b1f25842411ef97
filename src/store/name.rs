//! What records are called inside the vault. A name never reaches the disk: records are filed under its keyed hash,
//! and it is bound into what is sealed, so that no record can stand in another's place.

use crate::id::{CaseId, CircleId, EpochId, Hash, LogId, NodeId, PartnerId};

/// The name of one record. Each kind has a tag and fields of fixed length, so no two names have the same bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Name {
    /// The vault's own state: id, count of commits, place.
    State,
    /// The count in the file beside the vault.
    Count,
    /// What stands sealed at the end of a backup.
    Backup,
    /// What a backup says of itself.
    About,
    /// The list of circles.
    Circles,
    /// A circle's charter.
    Charter(CircleId),
    /// Which records of a circle are held.
    RecordList(CircleId),
    /// One record of a circle.
    Record(CircleId, Hash),
    /// When a record of a circle was first held here.
    RecordSeen(CircleId, Hash),
    /// The logs of a circle with their ends.
    LogList(CircleId),
    /// A page of a log's directory: the entries of [`crate::limit::LOG_PAGE_SEGMENTS`] numbers.
    LogPage(LogId, u64),
    /// One segment of a log.
    Segment(LogId, u64),
    /// Which segments of other branches of a log are held.
    BranchList(LogId),
    /// One segment of another branch, by its header's hash.
    Branch(LogId, Hash),
    /// From which to which number edits wait in a circle.
    WaitingSpan(CircleId),
    /// One waiting edit.
    Waiting(CircleId, u64),
    /// How far a circle is applied.
    Applied(CircleId),
    /// Epochs of a circle whose secrets are held.
    EpochList(CircleId),
    /// The secret of an epoch.
    Epoch(EpochId),
    /// A partner's newest card.
    Card(PartnerId),
    /// Partners of whom a card or a trust record is held.
    PartnerList,
    /// Whether and why a partner is trusted.
    Trust(PartnerId),
    /// What a peer was last known to hold of a circle.
    Peer(NodeId, CircleId),
    /// What is remembered of a peer whatever the circle.
    PeerNode(NodeId),
    /// Our own lives: the instances this store had.
    OwnLives,
    /// An entry of the journal of exports.
    Journal(u64),
    /// What somebody keeps at the desk, by the hash of what it is called.
    Desk(Hash),
    /// A setting or single record of the house, by a number that `node` gives out.
    Setting(u16),
    /// The sheet of one case in one circle: a cache.
    Sheet(CircleId, CaseId),
    /// A sheet that is being made anew, beside the one that stands: a cache.
    Staged(CircleId, CaseId),
    /// What a case's edits that do not count say in one circle: a cache.
    Aside(CircleId, CaseId),
    /// Which cases of a circle have such edits: a cache.
    AsideList(CircleId),
    /// A page of the list's rows: a cache.
    Rows(u64),
    /// What the caches as a whole are: the version that made them, how many pages. A cache.
    CacheState(u16),
}

/// The longest encoded name in bytes: tag, log (32 + 32 + 16) and a hash.
const LONGEST: usize = 1 + 80 + 32;

impl Name {
    /// Whether it can be rebuilt from the rest. Caches stand in a table of their own and in no backup.
    pub fn is_cache(&self) -> bool {
        matches!(
            self,
            Self::Sheet(..)
                | Self::Staged(..)
                | Self::Aside(..)
                | Self::AsideList(_)
                | Self::Rows(_)
                | Self::CacheState(_)
        )
    }

    /// The bytes that are hashed and bound in.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(LONGEST);
        let mut fields = |tag: u8, fields: &[&[u8]]| {
            bytes.push(tag);
            fields.iter().for_each(|field| bytes.extend_from_slice(field));
        };
        match self {
            Self::State => fields(0, &[]),
            Self::Count => fields(1, &[]),
            Self::Circles => fields(2, &[]),
            Self::Backup => fields(27, &[]),
            Self::About => fields(28, &[]),
            Self::Charter(circle) => fields(3, &[&circle.0]),
            Self::RecordList(circle) => fields(4, &[&circle.0]),
            Self::Record(circle, hash) => fields(5, &[&circle.0, &hash.0]),
            Self::RecordSeen(circle, hash) => fields(29, &[&circle.0, &hash.0]),
            Self::LogList(circle) => fields(6, &[&circle.0]),
            Self::LogPage(log, page) => log_fields(&mut fields, 7, log, &page.to_be_bytes()),
            Self::Segment(log, number) => log_fields(&mut fields, 8, log, &number.to_be_bytes()),
            Self::BranchList(log) => log_fields(&mut fields, 9, log, &[]),
            Self::Branch(log, hash) => log_fields(&mut fields, 10, log, &hash.0),
            Self::WaitingSpan(circle) => fields(11, &[&circle.0]),
            Self::Waiting(circle, number) => fields(12, &[&circle.0, &number.to_be_bytes()]),
            Self::Applied(circle) => fields(13, &[&circle.0]),
            Self::EpochList(circle) => fields(14, &[&circle.0]),
            Self::Epoch(epoch) => fields(15, &[&epoch.0]),
            Self::Card(partner) => fields(16, &[&partner.0]),
            Self::PartnerList => fields(17, &[]),
            Self::Trust(partner) => fields(18, &[&partner.0]),
            Self::Peer(node, circle) => fields(19, &[&node.0, &circle.0]),
            Self::PeerNode(node) => fields(20, &[&node.0]),
            Self::OwnLives => fields(21, &[]),
            Self::Journal(number) => fields(22, &[&number.to_be_bytes()]),
            Self::Desk(hash) => fields(30, &[&hash.0]),
            Self::Setting(code) => fields(23, &[&code.to_be_bytes()]),
            Self::Sheet(circle, case) => fields(24, &[&circle.0, &case.0]),
            Self::Rows(page) => fields(25, &[&page.to_be_bytes()]),
            Self::CacheState(code) => fields(26, &[&code.to_be_bytes()]),
            Self::Staged(circle, case) => fields(40, &[&circle.0, &case.0]),
            Self::Aside(circle, case) => fields(41, &[&circle.0, &case.0]),
            Self::AsideList(circle) => fields(42, &[&circle.0]),
        }
        bytes
    }
}

fn log_fields(fields: &mut dyn FnMut(u8, &[&[u8]]), tag: u8, log: &LogId, rest: &[u8]) {
    fields(tag, &[&log.circle.0, &log.life.node.0, &log.life.instance.0, rest]);
}
