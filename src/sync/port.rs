//! What goes into the hub and what comes out: the contract with the driver and the store.

use super::fault::{CloseCode, Fault};
use super::message::RecordKind;
use crate::codec::{self, Malformed};
use crate::id::{CircleId, EpochId, Hash, InstanceId, Life, LinkKey, LogId, NodeId, PartnerId};
use crate::log::{ChainEnd, Charter, Closure, ForkProof, HeadsEntry, HeldHeads, Segment};
use crate::seal::Grant;
use crate::seal::{Card, Certificate};
use crate::sign::{Domain, Signature, Signed, hash};
use crate::time::Millis;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A link, numbered by the driver: never the same number twice in one run, later links higher.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkId(pub u64);

/// What an answer from the disk or the signer names its question by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// Who this hub speaks for.
#[derive(Clone, Debug)]
pub struct Me {
    /// Which life of the store.
    pub instance: InstanceId,
    /// Names partner, node and link key.
    pub certificate: Signed<Certificate>,
}

/// All that a hub knows when it starts.
#[derive(Clone, Debug)]
pub struct Start {
    /// Who it speaks for.
    pub me: Me,
    /// Cards held, our own among them if we have one.
    pub cards: Vec<Signed<Card>>,
    /// Certificates held beyond those on cards.
    pub certificates: Vec<Signed<Certificate>>,
    /// Circles held.
    pub circles: Vec<CircleStart>,
    /// What was remembered of peers.
    pub peers: Vec<PeerMemory>,
    /// The highest [`SaveBatch::heads_run`] ever saved in this life, 0 for none.
    pub heads_run: u64,
    /// Random: jitter is drawn from it.
    pub seed: [u8; 32],
}

/// One circle as the store has it.
#[derive(Clone, Debug)]
pub struct CircleStart {
    /// Its charter.
    pub charter: Signed<Charter>,
    /// Whether a person here took it on; circles not yet accepted are limited per founder.
    pub accepted: bool,
    /// Its logs.
    pub logs: Vec<LogStart>,
    /// Its closures, fork proofs and grants.
    pub records: Vec<CircleRecord>,
}

/// One log as the store has it.
#[derive(Clone, Debug)]
pub struct LogStart {
    /// Whose.
    pub life: Life,
    /// The partner that its headers name.
    pub partner: PartnerId,
    /// Its placed end.
    pub end: ChainEnd,
    /// Header hashes, in order, of the last numbers up to `end`: all of them for a fork to be found wherever it is;
    /// fewer (even none) are allowed, and then older repeats are taken for what they look like.
    pub hashes: Vec<Hash>,
}

/// A record of a circle that is neither its charter nor a card. Kept and sent as the bytes it came as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CircleRecord {
    /// Through where a node's logs count.
    Closure(Signed<Closure>),
    /// A log with two branches.
    Fork(Box<ForkProof>),
    /// An epoch key for one node.
    Grant(Signed<Grant>),
}

impl CircleRecord {
    /// Reads a record of a kind.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn decode(kind: RecordKind, bytes: &[u8]) -> Result<Self, Malformed> {
        Ok(match kind {
            RecordKind::Closure => Self::Closure(Signed::decode(bytes)?),
            RecordKind::Fork => Self::Fork(Box::new(ForkProof::decode(bytes)?)),
            RecordKind::Grant => Self::Grant(Signed::decode(bytes)?),
        })
    }

    /// Its kind.
    pub fn kind(&self) -> RecordKind {
        match self {
            Self::Closure(_) => RecordKind::Closure,
            Self::Fork(_) => RecordKind::Fork,
            Self::Grant(_) => RecordKind::Grant,
        }
    }

    /// The bytes to store and send.
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Closure(record) => record.bytes().to_vec(),
            Self::Fork(proof) => proof.encode(),
            Self::Grant(record) => record.bytes().to_vec(),
        }
    }

    /// What lists name it by.
    pub fn hash(&self) -> Hash {
        match self {
            Self::Closure(record) => record.hash(),
            Self::Fork(proof) => hash(Domain::Records, &[&proof.encode()]),
            Self::Grant(record) => record.hash(),
        }
    }

    /// The circle it belongs to.
    pub fn circle(&self) -> CircleId {
        match self {
            Self::Closure(record) => record.circle,
            Self::Fork(proof) => {
                let [header, _] = proof.headers();
                header.circle
            }
            Self::Grant(record) => record.circle,
        }
    }
}

/// Heads of ours that a peer is known to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Our life when they were signed.
    pub instance: InstanceId,
    /// Their running number.
    pub run: u64,
    /// Their entries.
    pub entries: Arc<HeldHeads>,
    /// The digest of our records that went with them.
    pub records: Hash,
}

/// What is remembered of one peer node in one circle, so that the next session says only what is new. A later memory
/// of the same node and circle replaces an earlier one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerMemory {
    /// The peer's partner.
    pub partner: PartnerId,
    /// The peer.
    pub node: NodeId,
    /// The circle.
    pub circle: CircleId,
    /// Its last signed heads (a record of [`crate::log::Heads`]) with their entries and its records' digest.
    pub theirs: Option<(Vec<u8>, HeldHeads, Hash)>,
    /// Our last heads that it has.
    pub told: Option<Told>,
    /// When it last said something, by our clock.
    pub contact: Millis,
}

/// Heads' entries as a list: CBOR map keys are text.
type Rows = Vec<(Life, HeadsEntry)>;

#[derive(Serialize, Deserialize)]
struct MemoryWire {
    partner: PartnerId,
    node: NodeId,
    circle: CircleId,
    theirs: Option<(serde_bytes::ByteBuf, Rows, Hash)>,
    told: Option<(InstanceId, u64, Rows, Hash)>,
    contact: Millis,
}

fn rows(heads: &HeldHeads) -> Rows {
    heads.0.iter().map(|(life, entry)| (*life, *entry)).collect()
}

fn heads(rows: Rows) -> HeldHeads {
    HeldHeads(rows.into_iter().collect())
}

impl PeerMemory {
    /// As bytes, for the store.
    pub fn encode(&self) -> Vec<u8> {
        codec::encode(&MemoryWire {
            partner: self.partner,
            node: self.node,
            circle: self.circle,
            theirs: self
                .theirs
                .as_ref()
                .map(|(record, entries, records)| (record.clone().into(), rows(entries), *records)),
            told: self.told.as_ref().map(|t| (t.instance, t.run, rows(&t.entries), t.records)),
            contact: self.contact,
        })
    }

    /// Reads what [`PeerMemory::encode`] wrote.
    ///
    /// # Errors
    /// [`Malformed`] if the stored bytes were damaged.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let wire: MemoryWire = codec::decode("peer memory", bytes, usize::MAX)?;
        Ok(Self {
            partner: wire.partner,
            node: wire.node,
            circle: wire.circle,
            theirs: wire.theirs.map(|(record, rows, records)| (record.into_vec(), heads(rows), records)),
            told: wire.told.map(|(instance, run, rows, records)| Told {
                instance,
                run,
                entries: Arc::new(heads(rows)),
                records,
            }),
            contact: wire.contact,
        })
    }
}

/// Why a link ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// It broke or fell silent.
    Lost,
    /// The peer closed it with a wire code.
    Closed(u16),
}

/// One thing out of a bundle or mailbox, as its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CarriedItem {
    /// A charter's record.
    Charter(Vec<u8>),
    /// A card's record.
    Card(Vec<u8>),
    /// A closure, fork proof or grant.
    Record {
        /// Its circle.
        circle: CircleId,
        /// Its kind.
        kind: RecordKind,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// A segment.
    Segment {
        /// The signed header.
        header: Vec<u8>,
        /// The body.
        body: Vec<u8>,
    },
    /// A node's signed heads with all their entries ([`HeldHeads::encode`]).
    Heads {
        /// The signed record.
        record: Vec<u8>,
        /// The entries it names.
        entries: Vec<u8>,
    },
}

/// What became of the items of one [`Input::Carried`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CarriedSummary {
    /// Segments placed (stored with the next [`Output::Save`]).
    pub placed: u64,
    /// Segments that were here already.
    pub repeated: u64,
    /// Segments whose predecessor is missing: kept in memory for now.
    pub unplaced: u64,
    /// Segments, charters, cards and records that broke a rule or belong to a circle not held here.
    pub refused: u64,
    /// Things of a later version than this program knows.
    pub later: u64,
    /// Charters, cards, records and heads that were news.
    pub records: u64,
}

/// What the driver tells the hub.
#[derive(Clone, Debug)]
pub enum Input {
    /// A link is up: TLS is done and both keys are proven.
    Linked {
        /// Its number.
        link: LinkId,
        /// Whether we dialled.
        dialled: bool,
        /// The peer's TLS key.
        peer: LinkKey,
        /// Keying material exported from TLS: the same on both sides, different on each link.
        exporter: [u8; 32],
    },
    /// A frame came in, without its length prefix.
    Frame {
        /// On which link.
        link: LinkId,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// A link ended. Frames of it that still wait are handed in before, or dropped.
    Unlinked {
        /// Which.
        link: LinkId,
        /// Why.
        why: Why,
    },
    /// The link has taken so many bytes of the frames handed to it (frame bytes, prefixes not counted).
    Room {
        /// Which link.
        link: LinkId,
        /// How many bytes more than said before.
        bytes: usize,
    },
    /// The batch is durable.
    Saved {
        /// Of which [`Output::Save`].
        ticket: Ticket,
    },
    /// The batch is not durable: nothing of it is.
    SaveFailed {
        /// Of which [`Output::Save`].
        ticket: Ticket,
    },
    /// Segments of one log, from the number asked for, in order without gaps; empty if they cannot be read.
    Loaded {
        /// Of which [`Output::Load`].
        ticket: Ticket,
        /// At least one, if there is one; together at most the bytes asked for, the first apart.
        segments: Vec<Arc<Segment>>,
    },
    /// A signature by the node key.
    Signed {
        /// Of which [`Output::Sign`].
        ticket: Ticket,
        /// The signature.
        signature: Signature,
    },
    /// New segments of our own node, already durable, in order.
    Own {
        /// Them.
        segments: Vec<Arc<Segment>>,
    },
    /// New records of our own making (closures, grants), already durable.
    OwnRecords {
        /// Them.
        records: Vec<CircleRecord>,
    },
    /// A circle that was founded here, already durable.
    NewCircle {
        /// Its charter.
        charter: Signed<Charter>,
    },
    /// A person here took a circle on.
    Accepted {
        /// Which.
        circle: CircleId,
    },
    /// Circles that neither send nor take: a member of each is distrusted here. They take the place of those before.
    Rest {
        /// Which.
        circles: BTreeSet<CircleId>,
    },
    /// A card that a person imported, or a new one of our own. Saved by the hub.
    Card(Box<Signed<Card>>),
    /// What came out of a bundle or mailbox.
    Carried {
        /// The node that made it: its segments without predecessor count against it.
        maker: NodeId,
        /// Its things, in order.
        items: Vec<CarriedItem>,
    },
    /// Whether the driver knows a way to dial a partner's nodes.
    Reach {
        /// Whose.
        partner: PartnerId,
        /// Whether it does.
        dialable: bool,
    },
    /// An [`Output::Dial`] came to nothing.
    DialFailed {
        /// The node that was dialled.
        node: NodeId,
    },
    /// No links with a partner, or with anyone, until [`Input::Resume`].
    Pause(Option<PartnerId>),
    /// Links are wanted again.
    Resume(Option<PartnerId>),
    /// Dial now, whatever the backoff says.
    SyncNow(Option<PartnerId>),
    /// Ask the members of a circle for the key of an epoch that our node lacks.
    AskGrant {
        /// The circle.
        circle: CircleId,
        /// The epoch.
        epoch: EpochId,
    },
    /// The moment of [`Hub::wake_at`](super::Hub::wake_at) has come.
    Wake,
}

/// How a segment came to stand where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// Next in its log: `log`'s end moves to it.
    Placed,
    /// Another branch of a forked log, kept as evidence beside the one that is placed.
    Branch,
}

/// A segment to store.
#[derive(Clone, Debug)]
pub struct Arrived {
    /// It.
    pub segment: Arc<Segment>,
    /// Where it goes.
    pub arrival: Arrival,
    /// When this node first saw it, by our clock.
    pub seen: Millis,
    /// The peer or bundle maker that brought it.
    pub from: NodeId,
}

/// How a log is to stand after all segments of its batch are stored: through `keep` as it was, then `place`, each of
/// which is held apart by then. What stood behind `keep` goes apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BranchMove {
    /// The log.
    pub log: LogId,
    /// The last number that stays where it is.
    pub keep: u64,
    /// Header hashes of what follows, in order.
    pub place: Vec<Hash>,
    /// The log's end then.
    pub end: ChainEnd,
}

/// What one transaction must make durable, all or nothing. Segments of one log stand in order.
#[derive(Clone, Debug, Default)]
pub struct SaveBatch {
    /// Circles learned.
    pub circles: Vec<Signed<Charter>>,
    /// Records learned.
    pub records: Vec<CircleRecord>,
    /// Cards, each the newest of its partner.
    pub cards: Vec<Signed<Card>>,
    /// Certificates that stand on no card held.
    pub certificates: Vec<Signed<Certificate>>,
    /// Segments.
    pub segments: Vec<Arrived>,
    /// Logs of which another branch, or less, counts from here on: done after the segments, one of a log.
    pub moves: Vec<BranchMove>,
    /// Records that others took the place of: circle and name. Done before `records`.
    pub forget: Vec<(CircleId, Hash)>,
    /// Memories of peers, each replacing the one before.
    pub peers: Vec<PeerMemory>,
    /// A new upper bound of the running numbers of our heads: hand it to the next [`Start`].
    pub heads_run: Option<u64>,
}

impl SaveBatch {
    /// Whether there is nothing to save.
    pub fn is_empty(&self) -> bool {
        self.circles.is_empty()
            && self.records.is_empty()
            && self.cards.is_empty()
            && self.certificates.is_empty()
            && self.segments.is_empty()
            && self.moves.is_empty()
            && self.forget.is_empty()
            && self.peers.is_empty()
            && self.heads_run.is_none()
    }
}

/// What the hub wants done.
#[derive(Clone, Debug)]
pub enum Output {
    /// Hand a frame to a link. Answer with [`Input::Room`] as the link takes it.
    Send {
        /// Which link.
        link: LinkId,
        /// The frame, without a length prefix.
        frame: Vec<u8>,
    },
    /// End a link after what was handed to it. The hub has forgotten it already.
    Close {
        /// Which.
        link: LinkId,
        /// The wire code.
        code: CloseCode,
    },
    /// Dial a node. Answer with [`Input::Linked`] or [`Input::DialFailed`].
    Dial {
        /// Its partner.
        partner: PartnerId,
        /// It.
        node: NodeId,
        /// The TLS key that it must prove.
        peer: LinkKey,
    },
    /// Make a batch durable. At most one is out at a time. Answer with [`Input::Saved`] or [`Input::SaveFailed`].
    Save {
        /// What the answer names.
        ticket: Ticket,
        /// What to save.
        batch: Box<SaveBatch>,
    },
    /// Read segments of a log. Answer with [`Input::Loaded`].
    Load {
        /// What the answer names.
        ticket: Ticket,
        /// Of which log.
        log: LogId,
        /// From which number.
        from: u64,
        /// How many bytes of bodies at most; one segment is wanted in any case.
        max_bytes: usize,
    },
    /// Read a segment that is held apart. Answer with [`Input::Loaded`].
    LoadBranch {
        /// What the answer names.
        ticket: Ticket,
        /// Of which log.
        log: LogId,
        /// Its header's hash.
        header: Hash,
    },
    /// Sign with the node key: `sign(domain, bytes)`. Answer with [`Input::Signed`].
    Sign {
        /// What the answer names.
        ticket: Ticket,
        /// What it is about.
        domain: Domain,
        /// What to sign.
        bytes: Vec<u8>,
    },
    /// Something to show or to act upon.
    Event(Event),
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A peer is reached: its welcome was verified.
    PeerUp {
        /// Its partner.
        partner: PartnerId,
        /// It.
        node: NodeId,
    },
    /// A reached peer is gone, or a link was refused before that (then without a node).
    PeerDown {
        /// Its partner, if it was verified.
        partner: Option<PartnerId>,
        /// It, if it was verified.
        node: Option<NodeId>,
        /// What it or its link did wrong; `None` for a lost link or our own wish.
        fault: Option<Fault>,
    },
    /// A peer has shown all that it holds, for the first time on this link.
    PeerOpened {
        /// Whose node.
        partner: PartnerId,
        /// The peer.
        node: NodeId,
    },
    /// A peer's signed heads moved.
    PeerHeads {
        /// The peer.
        node: NodeId,
        /// In which circle.
        circle: CircleId,
    },
    /// A peer's heads shrank or began anew: its store was restored.
    PeerRestored {
        /// The peer.
        node: NodeId,
        /// In which circle.
        circle: CircleId,
    },
    /// We and a linked peer hold the same of all circles that we share.
    InSync {
        /// Its partner.
        partner: PartnerId,
        /// It.
        node: NodeId,
    },
    /// A circle was learned and stored.
    CircleLearned {
        /// Which.
        circle: CircleId,
    },
    /// Another branch of a log counts from here on, or less of it.
    LogMoved {
        /// Which.
        log: LogId,
    },
    /// Segments were stored.
    SegmentsStored {
        /// In which circle.
        circle: CircleId,
        /// Of which logs.
        lives: Vec<Life>,
    },
    /// A node spoke with two tongues: the proof is stored.
    ForkSeen {
        /// Which log.
        log: LogId,
        /// The lowest number known twice.
        number: u64,
    },
    /// A segment broke a rule; the log is taken no further.
    RefusedSegment {
        /// Which log.
        log: LogId,
        /// Which number.
        number: u64,
        /// The rule.
        fault: Fault,
    },
    /// A card was learned and stored.
    CardLearned {
        /// Whose.
        partner: PartnerId,
        /// Its revision.
        revision: u64,
    },
    /// Records of a circle were stored.
    RecordsStored {
        /// Which circle.
        circle: CircleId,
    },
    /// A member's node asks for the key of an epoch.
    GrantAsked {
        /// Its partner.
        partner: PartnerId,
        /// It: a certificate of its partner names it.
        node: NodeId,
        /// The circle.
        circle: CircleId,
        /// The epoch.
        epoch: EpochId,
    },
    /// How far what a partner's node showed has come in: segments of this session.
    Progress {
        /// The partner.
        partner: PartnerId,
        /// Received.
        received: u64,
        /// Received and still missing.
        expected: u64,
    },
    /// The disk refused a batch; it is tried again.
    SaveTrouble,
    /// A bundle went through the gate.
    Carried {
        /// Whose.
        maker: NodeId,
        /// What became of it.
        summary: CarriedSummary,
    },
    /// The log of our own life has two branches or was closed: it must say nothing more under this life.
    OwnLifeEnded {
        /// Which log.
        log: LogId,
    },
    /// We met a segment of our own node that we do not hold: this store is a restored or copied one.
    OwnLogAhead {
        /// Which log.
        log: LogId,
        /// The number that others show.
        number: u64,
    },
}
