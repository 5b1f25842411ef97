//! What a waiting request looks at: links, progress and agreement, as the hub reported them.

use crate::id::{NodeId, PartnerId};
use crate::sync::CarriedSummary;
use std::collections::{BTreeMap, BTreeSet};

/// Counters and states that only ever describe; the truth stays with the hub.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    /// Grows with every change.
    pub(crate) version: u64,
    /// Peers reached now.
    pub(crate) up: BTreeMap<NodeId, PartnerId>,
    /// How often each partner was found to hold the same as we.
    pub(crate) in_sync: BTreeMap<PartnerId, u64>,
    /// Partners that were found to hold the same as we since the start of this life of ours.
    pub(crate) agreed: BTreeSet<PartnerId>,
    /// Segments received and expected of each partner.
    pub(crate) progress: BTreeMap<PartnerId, (u64, u64)>,
    /// How often each node could not be dialled.
    pub(crate) dial_failures: BTreeMap<NodeId, u64>,
    /// How often a link with each partner ended.
    pub(crate) ended: BTreeMap<PartnerId, u64>,
    /// What a peer was last let go for: nothing of whom or what.
    pub(crate) last_fault: Option<crate::sync::Fault>,
    /// What became of the last bundle.
    pub(crate) carried: Option<CarriedSummary>,
}

impl Watch {
    pub(crate) fn touch(&mut self) {
        self.version += 1;
    }

    pub(crate) fn up(&mut self, partner: PartnerId, node: NodeId) {
        self.up.insert(node, partner);
    }

    pub(crate) fn down(&mut self, partner: Option<PartnerId>, node: Option<NodeId>) {
        if let Some(node) = node {
            self.up.remove(&node);
        }
        if let Some(partner) = partner {
            *self.ended.entry(partner).or_default() += 1;
        }
    }

    pub(crate) fn in_sync(&mut self, partner: PartnerId, _node: NodeId) {
        *self.in_sync.entry(partner).or_default() += 1;
        self.agreed.insert(partner);
    }

    pub(crate) fn progress(&mut self, partner: PartnerId, received: u64, expected: u64) {
        self.progress.insert(partner, (received, expected));
    }

    pub(crate) fn dial_failed(&mut self, node: NodeId) {
        *self.dial_failures.entry(node).or_default() += 1;
    }
}
