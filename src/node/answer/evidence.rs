//! What is told of evidence: what is held here, and what a file shows.

use crate::id::{CircleId, Hash, InstanceId, NodeId, PartnerId};
use crate::log::Role;
use crate::private::Private;
use crate::time::Millis;
use serde::{Deserialize, Serialize};

/// A piece of evidence that this node holds and can hand out.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EvidenceHeld {
    /// A node gave one number of its log twice.
    Fork(ForkHeld),
    /// A node signed what it holds.
    Receipt(ReceiptHeld),
}

/// A fork proof that is held.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ForkHeld {
    /// What it is called: its start names it.
    pub proof: Hash,
    /// The circle.
    pub circle: CircleId,
    /// The circle's name.
    pub circle_name: Private<String>,
    /// Whose node.
    pub partner: String,
    /// The node.
    pub node: NodeId,
    /// Which life of its store.
    pub instance: InstanceId,
    /// The number that it gave twice.
    pub number: u64,
    /// When this node first held the proof, by our clock.
    pub first_seen: Option<Millis>,
    /// Through which number the log counts, if its office has said so.
    pub settled: Option<u64>,
    /// Edits of it that do not count and are kept in sight.
    #[serde(default)]
    pub disowned: u64,
    /// Whether it is a node of this office.
    pub own: bool,
}

/// A receipt that is held: the last of each node in each circle.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReceiptHeld {
    /// The circle.
    pub circle: CircleId,
    /// The circle's name.
    pub circle_name: Private<String>,
    /// Who signed.
    pub partner: String,
    /// With which node.
    pub node: NodeId,
    /// When, by its clock.
    pub time: Millis,
    /// Its running number.
    pub run: u64,
    /// Segments that it names in all logs together.
    pub segments: u64,
    /// Of these, this office's own.
    pub ours: u64,
    /// When that node last said something here, by our clock.
    pub contact: Millis,
}

/// What an evidence file shows, from signatures alone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EvidenceView {
    /// The circle: the hash of its charter.
    pub circle: CircleId,
    /// When it was founded, by the founder's clock.
    pub founded: Millis,
    /// Who founded it.
    pub founder: PartnerId,
    /// Who reads and writes in it.
    pub members: Vec<PartnerId>,
    /// Who carries it.
    pub carriers: Vec<PartnerId>,
    /// Whose nodes speak here.
    pub speakers: Vec<Speaker>,
    /// What was said.
    pub shows: Shown,
}

/// A partner whose node speaks in a file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Speaker {
    /// It.
    pub partner: PartnerId,
    /// What its card in the file calls it.
    pub name: Option<String>,
    /// Its safety phrase.
    pub words: Vec<String>,
    /// What it is in the circle.
    pub role: Role,
    /// Its nodes that speak.
    pub nodes: Vec<NodeId>,
    /// Whether its keys are published: anyone may have spoken.
    pub demo: bool,
}

/// What a file shows.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Shown {
    /// A node gave one number of its log twice.
    Fork {
        /// Whose node.
        partner: PartnerId,
        /// The node.
        node: NodeId,
        /// Which life of its store.
        instance: InstanceId,
        /// The number.
        number: u64,
        /// Both segments that it signed under that number.
        segments: Vec<SegmentSeen>,
        /// What the partner said on it, if the file holds that.
        closure: Option<ClosureSeen>,
    },
    /// A node signed what it held.
    Receipt {
        /// Whose node.
        partner: PartnerId,
        /// The node.
        node: NodeId,
        /// Which life of its store.
        instance: InstanceId,
        /// Its running number.
        run: u64,
        /// When, by its clock.
        time: Millis,
        /// What it held.
        logs: Vec<LogSeen>,
    },
}

/// A segment's signed header.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SegmentSeen {
    /// The header's hash.
    pub hash: Hash,
    /// The header before.
    pub previous: Hash,
    /// When it was cut, by its node's clock.
    pub cut: Millis,
    /// The sealed body's length in bytes.
    pub length: u32,
    /// The sealed body's hash.
    pub body: Hash,
}

/// A partner's word on how far its node's logs count.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ClosureSeen {
    /// Its serial.
    pub serial: u64,
    /// Whether the node was closed for good.
    pub retired: bool,
    /// When, by the signer's clock.
    pub time: Millis,
    /// Through where the forked log counts: number and hash.
    pub through: Option<(u64, Hash)>,
}

/// One log that a receipt names.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LogSeen {
    /// Who writes it.
    pub node: NodeId,
    /// In which life of its store.
    pub instance: InstanceId,
    /// The last number held.
    pub number: u64,
    /// The hash of its header.
    pub hash: Hash,
    /// Whose it is and when that segment was cut, if the file holds its header.
    pub header: Option<(PartnerId, Millis)>,
}
