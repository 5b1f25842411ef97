//! What is told of an office's own machines.

use crate::id::{CircleId, InstanceId, NodeId};
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
