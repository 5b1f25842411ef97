//! What is told of an office's own machines.

use crate::id::{CircleId, Hash, InstanceId, NodeId};
use crate::private::Private;
use crate::time::Millis;
use serde::{Deserialize, Serialize};

/// One machine of this office.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NodeView {
    /// It.
    pub node: NodeId,
    /// Whether it is the one that answers.
    pub this: bool,
    /// Whether the office's card names it.
    pub on_card: bool,
    /// When it last said something here, by our clock.
    pub contact: Option<Millis>,
    /// Circles in which it wrote or was closed.
    pub circles: Vec<NodeCircle>,
}

/// What one machine is in one circle.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NodeCircle {
    /// The circle's name.
    pub circle_name: Private<String>,
    /// The circle.
    pub circle: CircleId,
    /// Whether it was closed: it writes no more.
    pub retired: bool,
    /// Its logs, one for each life of its store.
    pub logs: Vec<NodeLog>,
}

/// One log of a machine.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NodeLog {
    /// Which life of its store.
    pub instance: InstanceId,
    /// Segments here.
    pub segments: u64,
    /// Through which it counts, if a fork or a closure says.
    pub through: Option<u64>,
    /// The lowest number that it gave twice.
    pub fork: Option<u64>,
    /// When its last segment here was cut, by its clock.
    pub last: Option<Millis>,
}

/// What a closure would say, to be read by a person and signed with the partner key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CloseDraft {
    /// The machine.
    pub node: NodeId,
    /// Whether it is the one that answers.
    pub this: bool,
    /// Whether it writes no more.
    pub retire: bool,
    /// Circle by circle.
    pub circles: Vec<CircleDraft>,
}

/// What a closure would say in one circle.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CircleDraft {
    /// The circle's name.
    pub circle_name: Private<String>,
    /// The circle.
    pub circle: CircleId,
    /// The closure's serial: one above the highest known.
    pub serial: u64,
    /// The machine's logs in it.
    pub logs: Vec<LogDraft>,
    /// The closure's body, to be signed as it stands.
    #[serde(with = "serde_bytes")]
    pub body: Vec<u8>,
}

/// Through where one log would count.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LogDraft {
    /// Which life of the machine's store.
    pub instance: InstanceId,
    /// The last number that would count; 0: none.
    pub through: u64,
    /// The branches that are known: one, or more if the log has a fork. The one that stands here first.
    pub branches: Vec<BranchView>,
}

/// One branch of a log.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BranchView {
    /// What it is called by: the header with which it leaves the others, or the log's first.
    pub branch: Hash,
    /// That header's number.
    pub from: u64,
    /// Its last number known here.
    pub through: u64,
    /// Whether its segments are here, or only the proof that it exists.
    pub held: bool,
    /// When its segments from there on were cut, by that machine's clock: the first, the last.
    pub cut: Option<(Millis, Millis)>,
    /// Edits in them, if they were opened here.
    pub edits: Option<u64>,
    /// Whether this node stands on it.
    pub here: bool,
    /// Whether it would count.
    pub chosen: bool,
    /// Partners whose last signed heads stand on it.
    pub standing: Vec<String>,
}
