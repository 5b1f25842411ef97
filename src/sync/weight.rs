//! How much memory peers have of ours: what a test, or whoever looks after the machine, can hold against the limits.

use super::hub::{Asked, Hub};
use super::placing::Saving;
use super::session::{Inbound, Queued, Session};
use crate::id::NodeId;
use std::collections::BTreeMap;

/// What one thing in a list costs beside its bytes.
const ENTRY: usize = 128;

/// Bytes that the hub holds for others, about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Weight {
    /// By node: its segments in assembly and parts of them, what has no place yet, what it leaves unread, what waits to
    /// be sent to it.
    pub peers: BTreeMap<NodeId, usize>,
    /// Links that have not proven themselves.
    pub unproven: usize,
    /// Segments on their way to the disk.
    pub backlog: usize,
    /// Segments at hand for sending on.
    pub recent: usize,
    /// What is known of peers' heads.
    pub heads: usize,
    /// Questions that are out: to the disk, to the signer, to peers.
    pub asked: usize,
    /// The most messages that wait for room on one link: a count, no bytes.
    pub queued: usize,
}

impl Weight {
    /// All of it.
    pub fn total(&self) -> usize {
        let peers: usize = self.peers.values().sum();
        peers + self.unproven + self.backlog + self.recent + self.heads + self.asked
    }

    /// The most that one peer has.
    pub fn heaviest(&self) -> usize {
        self.peers.values().copied().max().unwrap_or(0)
    }
}

impl Session {
    fn weight(&self) -> usize {
        let inbound = match &self.inbound {
            Some(Inbound::Segment { body, .. }) => body.capacity(),
            _ => 0,
        };
        let queue: usize = self.queue.iter().map(|(_, queued)| queued.weight()).sum();
        let loaded: usize = self.loaded.iter().map(|segment| segment.body().len() + ENTRY).sum();
        let outbound = self.outbound.as_ref().map_or(0, |out| out.segment.body().len());
        let small =
            self.unseen.len() + self.sent.len() + self.holds.len() + self.skipped.len() + self.said.len();
        let gathered = self.gathering.as_ref().map_or(0, super::receipts::Gathering::entries);
        inbound + self.in_flight + queue + loaded + outbound + (small + gathered) * ENTRY
    }
}

impl Queued {
    fn weight(&self) -> usize {
        match self {
            Self::Message(message) => message.encode().len() + ENTRY,
            Self::Record(_) | Self::Card(_) | Self::List => ENTRY,
        }
    }
}

impl Hub {
    /// What is held for others now.
    pub fn weight(&self) -> Weight {
        let mut weight = Weight::default();
        for session in self.sessions.values() {
            weight.queued = weight.queued.max(session.queue.len());
            match session.peer.filter(|_| session.welcomed()) {
                Some((_, node)) => *weight.peers.entry(node).or_default() += session.weight(),
                None => weight.unproven += session.weight() + ENTRY,
            }
        }
        for ((_, node), partial) in &self.partials {
            *weight.peers.entry(*node).or_default() += partial.bytes.capacity();
        }
        for (node, bytes) in self.unplaced.by_bringer() {
            *weight.peers.entry(node).or_default() += bytes;
        }
        weight.backlog = self.backlog();
        if let Saving::Failed { batch, .. } | Saving::Out { batch, .. } = &self.saving {
            weight.backlog += (batch.records.len() + batch.peers.len()) * ENTRY;
        }
        weight.recent = self.recent.bytes();
        let views = self.peers.values().flat_map(|peer| peer.circles.values());
        weight.heads = views.filter_map(|view| view.theirs.as_ref()).map(|t| t.entries.0.len() * ENTRY).sum();
        let keys: usize = self.peers.values().map(|peer| peer.keys_asked.len()).sum();
        weight.asked = (self.asked.len() + self.hunts.len() + keys) * ENTRY
            + self
                .asked
                .values()
                .map(|asked| if matches!(asked, Asked::Proof(_)) { 1024 } else { 0 })
                .sum::<usize>();
        weight
    }
}
