//! Requests for keys as they come from peers: a bounded list, so that a flood costs memory and work for one hour's share
//! of its own node alone.

use crate::id::{CircleId, EpochId, NodeId, PartnerId};
use crate::limit;
use crate::time::Millis;
use std::collections::{BTreeMap, BTreeSet};

/// An hour, in milliseconds.
const HOUR_MS: u64 = 3600 * 1000;

/// One node's wish for the key of one epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ask {
    pub(crate) partner: PartnerId,
    pub(crate) node: NodeId,
    pub(crate) circle: CircleId,
    pub(crate) epoch: EpochId,
}

/// Requests that wait to be looked at.
#[derive(Debug, Default)]
pub(crate) struct Asks {
    waiting: BTreeSet<Ask>,
    /// Of each node: when its hour began, and how many of its requests were taken in since.
    heard: BTreeMap<NodeId, (Millis, usize)>,
}

impl Asks {
    /// Takes a request in, unless its node has asked too often within the hour. `false`: it is let go.
    pub(crate) fn hear(&mut self, now: Millis, ask: Ask) -> bool {
        if self.waiting.contains(&ask) {
            return true;
        }
        let (since, count) = self.heard.entry(ask.node).or_insert((now, 0));
        if now.since(*since) >= HOUR_MS {
            (*since, *count) = (now, 0);
        }
        if *count >= limit::GRANT_ASKS_PER_HOUR {
            return false;
        }
        *count += 1;
        self.waiting.insert(ask)
    }

    /// All that wait.
    pub(crate) fn take(&mut self) -> BTreeSet<Ask> {
        std::mem::take(&mut self.waiting)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(node: u8, epoch: usize) -> Ask {
        let mut name = [0; 32];
        name[..8].copy_from_slice(&(epoch as u64).to_be_bytes());
        Ask {
            partner: PartnerId([1; 32]),
            node: NodeId([node; 32]),
            circle: CircleId([2; 32]),
            epoch: EpochId(name),
        }
    }

    #[test]
    fn a_flood_by_one_node_is_bounded_and_takes_nothing_from_another() {
        let mut asks = Asks::default();
        let taken = (0..100_000).filter(|epoch| asks.hear(Millis(5), ask(1, *epoch))).count();
        assert_eq!(taken, limit::GRANT_ASKS_PER_HOUR);
        assert!(asks.hear(Millis(5), ask(2, 7)));
        assert_eq!(asks.take().len(), limit::GRANT_ASKS_PER_HOUR + 1);
        // Looked at, and still within the hour.
        assert!(!asks.hear(Millis(4 + HOUR_MS), ask(1, 100_001)));
        assert!(asks.hear(Millis(5 + HOUR_MS), ask(1, 100_001)));
    }

    #[test]
    fn the_same_wish_counts_once_while_it_waits() {
        let mut asks = Asks::default();
        assert!((0..100_000).all(|_| asks.hear(Millis(5), ask(1, 1))));
        assert_eq!(asks.take().len(), 1);
    }
}
