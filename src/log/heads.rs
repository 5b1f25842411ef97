//! Heads: what a node holds of a circle. Signed, they are a receipt.
//!
//! The signed record names its entries by their hash alone, so a receipt can be sent as the few entries that changed
//! since the one before it, and kept whole as evidence.

use crate::codec::{self, Malformed};
use crate::id::{CircleId, Hash, InstanceId, Life, NodeId};
use crate::limit;
use crate::sign::{Domain, Record, hash};
use crate::time::Millis;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The end of one log as a node holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeadsEntry {
    /// Last placed number.
    pub number: u64,
    /// Hash of that header.
    pub hash: Hash,
}

/// Each log's end, by who writes it. The part that heads sign by its hash.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeldHeads(pub BTreeMap<Life, HeadsEntry>);

/// How entries stand on the wire: a list, since CBOR map keys are text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Row(Life, HeadsEntry);

impl HeldHeads {
    /// The hash that a [`Heads`] record carries.
    pub fn digest(&self) -> Hash {
        hash(Domain::HeadsEntries, &[&self.encode()])
    }

    /// The entries as bytes, sorted by log.
    pub fn encode(&self) -> Vec<u8> {
        codec::encode(&self.0.iter().map(|(life, entry)| Row(*life, *entry)).collect::<Vec<_>>())
    }

    /// Reads entries: sorted, no log twice.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let rows: Vec<Row> = codec::decode("heads entries", bytes, limit::FRAME_BYTES)?;
        if !rows.windows(2).all(|pair| match pair {
            [a, b] => a.0 < b.0,
            _ => true,
        }) {
            return Err(Malformed::Rule { what: "heads entries", rule: "logs stand sorted and once" });
        }
        if !rows.iter().all(|row| (1..=limit::LOG_SEGMENTS).contains(&row.1.number)) {
            return Err(Malformed::Rule { what: "heads entries", rule: "numbers are in range" });
        }
        Ok(Self(rows.into_iter().map(|Row(life, entry)| (life, entry)).collect()))
    }

    /// The entries that differ from `before`. Logs never leave heads, so nothing else needs saying.
    pub fn changed_since(&self, before: &HeldHeads) -> HeldHeads {
        HeldHeads(
            self.0
                .iter()
                .filter(|(life, entry)| before.0.get(life) != Some(entry))
                .map(|(l, e)| (*l, *e))
                .collect(),
        )
    }

    /// `self` with the entries of `changes` put in.
    pub fn with(&self, changes: &HeldHeads) -> HeldHeads {
        let mut all = self.0.clone();
        all.extend(changes.0.iter().map(|(life, entry)| (*life, *entry)));
        HeldHeads(all)
    }

    /// The last number held of a log, 0 for none.
    pub fn number(&self, life: &Life) -> u64 {
        self.0.get(life).map_or(0, |entry| entry.number)
    }
}

/// "This I hold": the signed statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heads {
    /// 1.
    pub version: u16,
    /// The circle.
    pub circle: CircleId,
    /// The node that holds and signs.
    pub node: NodeId,
    /// Which life of its store.
    pub instance: InstanceId,
    /// A running number within that life, from 1: of two heads the higher is later.
    pub run: u64,
    /// When, by the signer's clock.
    pub time: Millis,
    /// [`HeldHeads::digest`].
    pub entries: Hash,
}

impl Record for Heads {
    const WHAT: &'static str = "heads";
    const DOMAIN: Domain = Domain::Heads;
    const LIMIT: usize = 1024;

    fn signer(&self) -> [u8; 32] {
        self.node.0
    }

    fn check(&self) -> Result<(), Malformed> {
        if self.time.in_range() && self.run > 0 {
            Ok(())
        } else {
            Err(Malformed::Rule { what: Self::WHAT, rule: "time and running number are in range" })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(rows: &[(u8, u64)]) -> HeldHeads {
        let life = |byte| Life { node: NodeId([byte; 32]), instance: InstanceId([byte; 16]) };
        HeldHeads(
            rows.iter()
                .map(|(byte, number)| {
                    (life(*byte), HeadsEntry { number: *number, hash: Hash([*number as u8; 32]) })
                })
                .collect(),
        )
    }

    #[test]
    fn what_changed_makes_the_whole_again() {
        let before = held(&[(1, 4), (2, 7)]);
        let after = held(&[(1, 4), (2, 8), (3, 1)]);
        let changes = after.changed_since(&before);
        assert_eq!(changes, held(&[(2, 8), (3, 1)]));
        assert_eq!(before.with(&changes), after);
        assert_eq!(before.with(&changes).digest(), after.digest());
        assert_ne!(before.digest(), after.digest());
        assert_eq!(after.changed_since(&after), HeldHeads::default());
    }

    #[test]
    fn entries_read_back_and_a_missing_log_is_at_nought() {
        let some = held(&[(1, 4), (2, 700)]);
        assert_eq!(HeldHeads::decode(&some.encode()), Ok(some.clone()));
        let life = |byte| Life { node: NodeId([byte; 32]), instance: InstanceId([byte; 16]) };
        assert_eq!(some.number(&life(2)), 700);
        assert_eq!(some.number(&life(3)), 0);
    }
}
