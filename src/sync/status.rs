//! What can be shown of peers: from signed heads alone.

use super::hub::Hub;
use crate::id::{CircleId, Life, NodeId, PartnerId};
use crate::time::Millis;
use serde::Serialize;

/// How things stand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct HubStatus {
    /// Each peer node that we know of.
    pub nodes: Vec<NodeStatus>,
    /// Each circle.
    pub circles: Vec<CircleStatus>,
    /// Segments in memory whose predecessor is missing.
    pub unplaced: u64,
    /// Records and segments met that a later version wrote.
    pub later: u64,
    /// Whether all links are paused.
    pub paused: bool,
}

/// One peer node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NodeStatus {
    /// Its partner.
    pub partner: PartnerId,
    /// It.
    pub node: NodeId,
    /// Whether a verified link is up.
    pub reachable: bool,
    /// Whether links with its partner are paused.
    pub paused: bool,
    /// When it is dialled next, if that is planned.
    pub next_dial: Option<Millis>,
    /// When it last said something here, by our clock.
    pub contact: Option<Millis>,
    /// Each circle that we share and that it showed heads of.
    pub circles: Vec<PeerCircleStatus>,
}

/// What one peer's signed heads confirm in one circle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PeerCircleStatus {
    /// The circle.
    pub circle: CircleId,
    /// When the heads were signed, by the peer's clock.
    pub time: Millis,
    /// Segments of our own node that it had not confirmed, of those that we hold.
    pub ours_lacking: u64,
    /// Segments that we hold and it had not confirmed.
    pub lacking: u64,
    /// Segments that it showed and we do not hold.
    pub we_lack: u64,
}

/// One circle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CircleStatus {
    /// It.
    pub circle: CircleId,
    /// Its logs.
    pub logs: Vec<LogStatus>,
    /// Its forks.
    pub forks: Vec<ForkStatus>,
    /// Closures, fork proofs and grants held.
    pub records: u64,
}

/// One log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct LogStatus {
    /// Whose.
    pub life: Life,
    /// The last stored number.
    pub number: u64,
    /// Through where it is taken, if a fork or a closure says.
    pub through: Option<u64>,
}

/// One forked log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ForkStatus {
    /// Whose.
    pub life: Life,
    /// The lowest number known twice.
    pub number: u64,
}

impl Hub {
    /// How things stand at `now`.
    pub fn status(&self, now: Millis) -> HubStatus {
        let peers: std::collections::BTreeSet<(PartnerId, NodeId)> = self
            .directory
            .partners()
            .flat_map(|partner| self.directory.nodes(partner).map(|c| (c.partner, c.node)))
            .chain(self.peers.keys().copied())
            .filter(|(_, node)| *node != self.me.certificate.node)
            .collect();
        HubStatus {
            nodes: peers.into_iter().map(|peer| self.node_status(peer, now)).collect(),
            circles: self.circles.values().map(|circle| circle.status()).collect(),
            unplaced: self.unplaced.count() as u64,
            later: self.later,
            paused: self.dialling.paused_all(),
        }
    }

    fn node_status(&self, peer: (PartnerId, NodeId), now: Millis) -> NodeStatus {
        let known = self.peers.get(&peer);
        let reachable = self.open_link(&peer).is_some();
        NodeStatus {
            partner: peer.0,
            node: peer.1,
            reachable,
            paused: self.dialling.paused(&peer.0),
            next_dial: if reachable { None } else { self.dialling.next_dial(&peer.1) },
            contact: if reachable { Some(now) } else { known.and_then(|p| p.contact) },
            circles: known
                .into_iter()
                .flat_map(|p| &p.circles)
                .filter_map(|(id, view)| {
                    let circle = self.circles.get(id)?;
                    let theirs = view.theirs.as_ref()?;
                    let gap = circle.gap(&theirs.entries);
                    Some(PeerCircleStatus {
                        circle: *id,
                        time: theirs.heads.time,
                        ours_lacking: circle.they_lack_of(&theirs.entries, &self.me.certificate.node),
                        lacking: gap.they_lack,
                        we_lack: gap.we_lack,
                    })
                })
                .collect(),
        }
    }
}
