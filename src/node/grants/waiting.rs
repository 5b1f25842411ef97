//! Requests for keys that wait for a person's yes: kept in the vault, few.

use super::Ask;
use crate::codec;
use crate::id::{CircleId, EpochId, NodeId, PartnerId};
use crate::limit;
use crate::node::Failure;
use crate::node::house::{House, setting};
use crate::store::{Name, Records, StoreFault};
use crate::time::Millis;
use serde::{Deserialize, Serialize};

/// What one node asks for in one circle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Waiting {
    pub(super) partner: PartnerId,
    pub(super) node: NodeId,
    pub(super) circle: CircleId,
    pub(super) epochs: Vec<EpochId>,
    pub(super) since: Millis,
    /// When it last asked, to the hour.
    pub(super) last: Millis,
}

impl Waiting {
    pub(super) fn asks(&self) -> impl Iterator<Item = Ask> + '_ {
        let (partner, node, circle) = (self.partner, self.node, self.circle);
        self.epochs.iter().map(move |epoch| Ask { partner, node, circle, epoch: *epoch })
    }
}

pub(super) fn read(records: &impl Records) -> Result<Vec<Waiting>, StoreFault> {
    match records.get(&Name::Setting(setting::ASKS))? {
        Some(bytes) => Ok(codec::decode("requests for keys", &bytes, limit::VAULT_RECORD_BYTES)?),
        None => Ok(Vec::new()),
    }
}

impl House {
    /// Requests that wait for a person and still may be granted: a node that was closed or taken off its card since
    /// asks no more, nor does one that has its keys from another.
    pub(super) fn waiting_asks(&self) -> Result<Vec<Waiting>, Failure> {
        let reader = self.vault.reader()?;
        let mut waiting = read(&reader)?;
        let mut kept = Vec::new();
        for one in waiting.drain(..).filter(|one| self.now().since(one.last) < limit::GRANT_WAITING_MS) {
            let Ok(circle) = self.open_circle(&one.circle) else { continue };
            if self.open_nodes(circle, &one.partner).iter().any(|open| open.node == one.node) {
                kept.push(one);
            }
        }
        Ok(kept)
    }

    /// Keeps requests until a person has agreed.
    pub(super) fn let_wait(&mut self, asks: Vec<Ask>) -> Result<(), Failure> {
        if asks.is_empty() {
            return Ok(());
        }
        let since = self.now();
        let mut waiting = self.waiting_asks()?;
        let before = waiting.clone();
        for Ask { partner, node, circle, epoch } in asks {
            let rows = waiting.iter().filter(|one| one.partner == partner).count();
            let known = waiting.iter_mut().find(|one| (one.node, one.circle) == (node, circle));
            match known {
                Some(one) => {
                    if since.since(one.last) >= limit::GRANT_NOTE_AGAIN_MS {
                        one.last = since;
                    }
                    if !one.epochs.contains(&epoch) && one.epochs.len() < limit::GRANTS_WAITING {
                        one.epochs.push(epoch);
                    }
                }
                None if rows < limit::GRANT_ASKERS => {
                    waiting.push(Waiting { partner, node, circle, epochs: vec![epoch], since, last: since });
                }
                None => {}
            }
        }
        if waiting == before { Ok(()) } else { self.keep_waiting(&waiting) }
    }

    /// What waits from here on.
    pub(super) fn keep_waiting(&self, waiting: &[Waiting]) -> Result<(), Failure> {
        self.vault.write(|writer| writer.put(&Name::Setting(setting::ASKS), &codec::encode(&waiting)))?;
        Ok(())
    }
}
