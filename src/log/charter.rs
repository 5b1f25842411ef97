//! The record that founds a circle. Its body's hash is the circle's id, so nothing in it ever changes.

use crate::codec::Malformed;
use crate::id::{CircleId, NodeId, PartnerId};
use crate::limit;
use crate::sign::{Domain, Record, Signed};
use crate::time::Millis;
use serde::{Deserialize, Serialize};

/// Who may read a circle, who may carry it, and who founded it. Signed by the founder's node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charter {
    /// 1.
    pub version: u16,
    /// Random: two circles of the same partners are two circles.
    #[serde(with = "serde_bytes")]
    pub nonce: [u8; 16],
    /// Partners that read and write: sorted, no repeats.
    pub members: Vec<PartnerId>,
    /// Partners that hold and pass on without reading: sorted, no repeats, none a member.
    pub carriers: Vec<PartnerId>,
    /// Version of the rules by which segments are judged.
    pub rules: u16,
    /// When it was founded, by the founder's clock.
    pub time: Millis,
    /// The member who founded it.
    pub founder: PartnerId,
    /// The founder's node that signs.
    pub node: NodeId,
    /// The certificate of that node, as a signed record.
    #[serde(with = "serde_bytes")]
    pub certificate: Vec<u8>,
}

/// What a partner is in a circle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads and writes.
    Member,
    /// Holds and passes on.
    Carrier,
}

impl Charter {
    /// What a partner is here; `None` for a stranger to the circle.
    pub fn role(&self, partner: &PartnerId) -> Option<Role> {
        if self.members.binary_search(partner).is_ok() {
            Some(Role::Member)
        } else if self.carriers.binary_search(partner).is_ok() {
            Some(Role::Carrier)
        } else {
            None
        }
    }

    /// Whether the partner may read and write.
    pub fn is_member(&self, partner: &PartnerId) -> bool {
        self.role(partner) == Some(Role::Member)
    }

    /// Members and carriers.
    pub fn partners(&self) -> impl Iterator<Item = &PartnerId> {
        self.members.iter().chain(&self.carriers)
    }
}

impl Signed<Charter> {
    /// The id of the circle that this charter founds.
    pub fn circle(&self) -> CircleId {
        CircleId(self.hash().0)
    }
}

impl Record for Charter {
    const WHAT: &'static str = "charter";
    const DOMAIN: Domain = Domain::Charter;
    const LIMIT: usize = limit::RECORD_BYTES;

    fn signer(&self) -> [u8; 32] {
        self.node.0
    }

    fn check(&self) -> Result<(), Malformed> {
        let rule = |rule| Err(Malformed::Rule { what: Self::WHAT, rule });
        let sorted = |list: &[PartnerId]| list.windows(2).all(|pair| pair.first() < pair.last());
        if !sorted(&self.members) || !sorted(&self.carriers) {
            return rule("partners stand sorted and once");
        }
        if self.carriers.iter().any(|carrier| self.members.binary_search(carrier).is_ok()) {
            return rule("nobody is member and carrier");
        }
        if self.members.len() + self.carriers.len() > limit::CIRCLE_PARTNERS {
            return rule("at most 16 partners");
        }
        if self.members.binary_search(&self.founder).is_err() {
            return rule("the founder is a member");
        }
        if self.rules != 1 {
            return Err(Malformed::LaterVersion("charter's rules"));
        }
        if !self.time.in_range() {
            return rule("time is out of range");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everyone_has_at_most_one_role() {
        let id = |byte| PartnerId([byte; 32]);
        let charter = Charter {
            version: 1,
            nonce: [0; 16],
            members: vec![id(1), id(3)],
            carriers: vec![id(2)],
            rules: 1,
            time: Millis(0),
            founder: id(3),
            node: NodeId([4; 32]),
            certificate: Vec::new(),
        };
        let roles: Vec<_> = (1..=4).map(|byte| charter.role(&id(byte))).collect();
        assert_eq!(roles, [Some(Role::Member), Some(Role::Carrier), Some(Role::Member), None]);
        assert!(charter.is_member(&id(1)) && !charter.is_member(&id(2)) && !charter.is_member(&id(4)));
        assert_eq!(charter.partners().count(), 3);
        assert_eq!(charter.check(), Ok(()));
    }
}
