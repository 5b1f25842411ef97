//! Certificates ("this node is mine") and cards (a partner's public statement). Both signed by the partner key.

use super::{NodePublic, Recipient};
use crate::codec::Malformed;
use crate::id::{LinkKey, NodeId, PartnerId};
use crate::limit;
use crate::sign::{Domain, Record, Signed};
use crate::time::Millis;
use serde::{Deserialize, Serialize};

/// "This node is mine." Authority is here alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// 1.
    pub version: u16,
    /// The partner that speaks, and signs.
    pub partner: PartnerId,
    /// Its node.
    pub node: NodeId,
    /// The node's TLS key.
    pub link: LinkKey,
    /// The node's age recipient: an mlkem768x25519 public key of 1,216 bytes.
    #[serde(with = "serde_bytes")]
    pub recipient: Vec<u8>,
    /// Counts up with each certificate of the partner.
    pub serial: u64,
    /// When, by the signer's clock.
    pub time: Millis,
}

/// Bytes of an mlkem768x25519 public key.
pub(crate) const RECIPIENT_BYTES: usize = 1216;

impl Record for Certificate {
    const WHAT: &'static str = "certificate";
    const DOMAIN: Domain = Domain::Certificate;
    const LIMIT: usize = 4096;

    fn signer(&self) -> [u8; 32] {
        self.partner.0
    }

    fn check(&self) -> Result<(), Malformed> {
        let rule = |rule| Err(Malformed::Rule { what: Self::WHAT, rule });
        if self.recipient.len() != RECIPIENT_BYTES {
            return rule("the recipient has 1,216 bytes");
        }
        if self.link.0 == self.node.0 || self.node.0 == self.partner.0 || self.link.0 == self.partner.0 {
            return rule("partner, node and link keys are different keys");
        }
        if !self.time.in_range() {
            return rule("time is out of range");
        }
        Ok(())
    }
}

impl Certificate {
    /// The keys that it names.
    pub fn keys(&self) -> NodePublic {
        NodePublic { node: self.node, link: self.link, recipient: Recipient(self.recipient.clone()) }
    }
}

/// Where a node may be dialled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardAddress {
    /// Which node.
    pub node: NodeId,
    /// `host:port`.
    pub address: String,
}

/// A partner's signed public statement. Brings certificates and addresses; of two cards the higher revision is newer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// 1.
    pub version: u16,
    /// The partner that speaks, and signs.
    pub partner: PartnerId,
    /// What it calls itself: 1 to 64 bytes of text.
    pub name: String,
    /// Its nodes' certificates, as signed records: at most 16.
    pub certificates: Vec<serde_bytes::ByteBuf>,
    /// Where they may be dialled; may be empty.
    pub addresses: Vec<CardAddress>,
    /// Counts up.
    pub revision: u64,
    /// When, by the signer's clock.
    pub time: Millis,
}

impl Record for Card {
    const WHAT: &'static str = "card";
    const DOMAIN: Domain = Domain::Card;
    const LIMIT: usize = limit::RECORD_BYTES;

    fn signer(&self) -> [u8; 32] {
        self.partner.0
    }

    fn check(&self) -> Result<(), Malformed> {
        let rule = |rule| Err(Malformed::Rule { what: Self::WHAT, rule });
        if self.name.is_empty()
            || self.name.len() > limit::CODE_BYTES
            || self.name.chars().any(char::is_control)
        {
            return rule("the name has 1 to 64 bytes and no control characters");
        }
        if self.certificates.len() > limit::PARTNER_NODES || self.addresses.len() > limit::PARTNER_NODES {
            return rule("at most 16 nodes");
        }
        if self.addresses.iter().any(|a| a.address.len() > limit::ADDRESS_BYTES) {
            return rule("an address has at most 255 bytes");
        }
        if !self.time.in_range() {
            return rule("time is out of range");
        }
        for certificate in &self.certificates {
            let certificate: Signed<Certificate> = Signed::decode(certificate)?;
            if certificate.partner != self.partner {
                return rule("certificates are the partner's own");
            }
        }
        Ok(())
    }
}

impl Card {
    /// The certificates. Their signatures were verified when the card's was: a [`Signed`] card exists in no other way, and
    /// this is asked for each machine of each log whenever somebody looks at how things stand.
    pub fn nodes(&self) -> Vec<Signed<Certificate>> {
        self.certificates.iter().filter_map(|bytes| Signed::decode_own_store(bytes).ok()).collect()
    }

    /// The address of one node, if the card names one.
    pub fn address(&self, node: &NodeId) -> Option<&str> {
        self.addresses.iter().find(|a| a.node == *node).map(|a| a.address.as_str())
    }
}
