//! What an epoch segment holds, and grants: how the key of an epoch reaches a node that lacks it.

use crate::codec::{self, Malformed};
use crate::id::{CircleId, EpochId, LinkKey, NodeId, PartnerId};
use crate::limit;
use crate::sign::{Domain, Record};
use crate::time::Millis;
use serde::{Deserialize, Serialize};

/// The epoch key, sealed to the nodes of one partner: an ordinary age v1 file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EpochFile {
    /// The partner whose nodes can open it.
    pub partner: PartnerId,
    /// Those nodes, sorted.
    pub nodes: Vec<NodeId>,
    /// The age file. Its plaintext is `seal`'s.
    #[serde(with = "serde_bytes")]
    pub file: Vec<u8>,
}

/// The body of an epoch segment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EpochBody {
    /// The epoch: the hash of its key.
    pub epoch: EpochId,
    /// One file per member partner, sorted by partner.
    pub files: Vec<EpochFile>,
}

impl EpochBody {
    /// The bytes of the body.
    pub fn encode(&self) -> Vec<u8> {
        codec::encode(self)
    }

    /// Reads a body.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let body: Self = codec::decode("epoch body", bytes, limit::SEGMENT_SEALED_BYTES)?;
        let rule = |rule| Err(Malformed::Rule { what: "epoch body", rule });
        if body.files.len() > limit::CIRCLE_PARTNERS
            || !body.files.windows(2).all(|pair| match pair {
                [a, b] => a.partner < b.partner,
                _ => true,
            })
        {
            return rule("one file per partner, sorted, at most 16");
        }
        if body.files.iter().any(|file| {
            file.nodes.len() > limit::PARTNER_NODES || !file.nodes.windows(2).all(|p| p.first() < p.last())
        }) {
            return rule("nodes stand sorted and once, at most 16");
        }
        Ok(body)
    }

    /// The file for one partner.
    pub fn file_for(&self, partner: &PartnerId) -> Option<&EpochFile> {
        self.files.iter().find(|file| file.partner == *partner)
    }
}

/// An epoch key handed to one node by a member's node that holds it. Travels like a segment; the hash proves the key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// 1.
    pub version: u16,
    /// The circle.
    pub circle: CircleId,
    /// The epoch whose key it brings.
    pub epoch: EpochId,
    /// The node that grants, and signs.
    pub from: NodeId,
    /// The node that may open it.
    pub to: NodeId,
    /// The link key of that node when granted: names the certificate that was believed.
    pub to_link: LinkKey,
    /// When, by the granter's clock.
    pub time: Millis,
    /// The age file.
    #[serde(with = "serde_bytes")]
    pub file: Vec<u8>,
}

impl Record for Grant {
    const WHAT: &'static str = "grant";
    const DOMAIN: Domain = Domain::Grant;
    const LIMIT: usize = limit::RECORD_BYTES;

    fn signer(&self) -> [u8; 32] {
        self.from.0
    }

    fn check(&self) -> Result<(), Malformed> {
        if self.time.in_range() {
            Ok(())
        } else {
            Err(Malformed::Rule { what: Self::WHAT, rule: "time is out of range" })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partner_finds_its_own_file() {
        let file = |byte| EpochFile { partner: PartnerId([byte; 32]), nodes: Vec::new(), file: vec![byte] };
        let body = EpochBody { epoch: EpochId([5; 32]), files: vec![file(1), file(3)] };
        let body = EpochBody::decode(&body.encode()).unwrap();
        assert_eq!(body.file_for(&PartnerId([3; 32])), Some(&file(3)));
        assert_eq!(body.file_for(&PartnerId([2; 32])), None);
    }
}
