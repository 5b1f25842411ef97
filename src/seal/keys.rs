//! Keys of partners, nodes and vaults, and what they sign of each other.
//!
//! Every key is made from chance that is handed in as bytes: this room draws none. No key prints. A partner's key
//! stays offline and signs certificates, cards and closures; a node's keys are three different keys, so that what is
//! signed on a link can never be taken for a statement, and neither for a sealing key.

use super::{Card, CardAddress, Certificate, HybridIdentity, Recipient};
use crate::codec::Malformed;
use crate::id::{LinkKey, NodeId, PartnerId};
use crate::private::Private;
use crate::sign::{Domain, Sign, Signature, Signed};
use crate::time::Millis;
use ed25519_dalek::SigningKey;
use std::fmt;

/// A node's three keys: signing (Ed25519), link (Ed25519, for TLS) and age identity (mlkem768x25519).
#[derive(Clone)]
pub struct NodeSecret {
    signing: SigningKey,
    link: SigningKey,
    age: Private<[u8; 32]>,
    recipient: Recipient,
}

/// What a node's certificate says of its keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodePublic {
    /// Its signing key: its name.
    pub node: NodeId,
    /// Its TLS key.
    pub link: LinkKey,
    /// Its sealing key.
    pub recipient: Recipient,
}

impl NodeSecret {
    /// From 96 bytes of chance: the seeds of the signing key, the link key and the age identity.
    pub fn from_chance(chance: &[u8; 96]) -> Self {
        let seed = |place: usize| {
            let mut seed = [0; 32];
            for (to, from) in seed.iter_mut().zip(chance.iter().skip(32 * place)) {
                *to = *from;
            }
            Private::new(seed)
        };
        Self::from_seeds(&seed(0), &seed(1), seed(2))
    }

    /// From the three seeds.
    pub fn from_seeds(signing: &Private<[u8; 32]>, link: &Private<[u8; 32]>, age: Private<[u8; 32]>) -> Self {
        Self {
            signing: SigningKey::from_bytes(signing.reveal()),
            link: SigningKey::from_bytes(link.reveal()),
            recipient: HybridIdentity::new(age.clone()).recipient(),
            age,
        }
    }

    /// Its name: the signing public key.
    pub fn node_id(&self) -> NodeId {
        NodeId(self.signing.public())
    }

    /// Its TLS public key.
    pub fn link_key(&self) -> LinkKey {
        LinkKey(self.link.public())
    }

    /// Its sealing key.
    pub fn recipient(&self) -> &Recipient {
        &self.recipient
    }

    /// All that its certificate says of its keys.
    pub fn public(&self) -> NodePublic {
        NodePublic { node: self.node_id(), link: self.link_key(), recipient: self.recipient.clone() }
    }

    /// The seed of the signing key. For key files alone.
    pub fn signing_seed(&self) -> Private<[u8; 32]> {
        Private::new(self.signing.to_bytes())
    }

    /// The seed of the link key: TLS signs with it.
    pub fn link_seed(&self) -> Private<[u8; 32]> {
        Private::new(self.link.to_bytes())
    }

    /// The seed of the age identity, as [`super::Envelope::open_as`] takes it.
    pub fn age_seed(&self) -> &Private<[u8; 32]> {
        &self.age
    }
}

impl Sign for NodeSecret {
    fn public(&self) -> [u8; 32] {
        self.signing.public()
    }

    fn sign(&self, domain: Domain, bytes: &[u8]) -> Signature {
        Sign::sign(&self.signing, domain, bytes)
    }
}

impl fmt::Debug for NodeSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NodeSecret")
    }
}

/// A partner's key. Kept offline.
#[derive(Clone)]
pub struct PartnerSecret(SigningKey);

impl PartnerSecret {
    /// From 32 bytes of chance.
    pub fn from_chance(chance: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(chance))
    }

    /// Its name: the public key.
    pub fn partner_id(&self) -> PartnerId {
        PartnerId(self.0.public())
    }

    /// The seed. For key files alone.
    pub fn seed(&self) -> Private<[u8; 32]> {
        Private::new(self.0.to_bytes())
    }
}

impl Sign for PartnerSecret {
    fn public(&self) -> [u8; 32] {
        self.0.public()
    }

    fn sign(&self, domain: Domain, bytes: &[u8]) -> Signature {
        Sign::sign(&self.0, domain, bytes)
    }
}

impl fmt::Debug for PartnerSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PartnerSecret")
    }
}

/// The key under which a vault's records are sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VaultKey(Private<[u8; 32]>);

impl VaultKey {
    /// From 32 bytes of chance.
    pub fn from_chance(chance: [u8; 32]) -> Self {
        Self(Private::new(chance))
    }

    /// The key.
    pub fn bytes(&self) -> &Private<[u8; 32]> {
        &self.0
    }
}

/// "This node is mine": signed by the partner. `serial` counts up with each certificate of the partner.
///
/// # Errors
/// [`Malformed`] if keys repeat or the time is out of range.
pub fn certificate(
    partner: &PartnerSecret,
    node: &NodePublic,
    serial: u64,
    time: Millis,
) -> Result<Signed<Certificate>, Malformed> {
    let record = Certificate {
        version: 1,
        partner: partner.partner_id(),
        node: node.node,
        link: node.link,
        recipient: node.recipient.0.clone(),
        serial,
        time,
    };
    Signed::sign(record, partner)
}

/// A partner's public statement: signed by the partner. `revision` counts up with each card of the partner.
///
/// # Errors
/// [`Malformed`] if the name is empty or too long, a certificate is another partner's, or a limit is exceeded.
pub fn card(
    partner: &PartnerSecret,
    name: &str,
    certificates: &[Signed<Certificate>],
    addresses: Vec<CardAddress>,
    revision: u64,
    time: Millis,
) -> Result<Signed<Card>, Malformed> {
    let record = Card {
        version: 1,
        partner: partner.partner_id(),
        name: name.to_owned(),
        certificates: certificates.iter().map(|one| one.bytes().to_vec().into()).collect(),
        addresses,
        revision,
        time,
    };
    Signed::sign(record, partner)
}

/// Reads a certificate and checks that it is this partner's word for this node. For the certificates that charters
/// and first segments bring.
///
/// # Errors
/// [`Malformed`].
pub fn vouches(
    certificate: &[u8],
    partner: &PartnerId,
    node: &NodeId,
) -> Result<Signed<Certificate>, Malformed> {
    let certificate: Signed<Certificate> = Signed::decode(certificate)?;
    if certificate.partner == *partner && certificate.node == *node {
        Ok(certificate)
    } else {
        Err(Malformed::Rule { what: "certificate", rule: "it speaks of this partner and this node" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(byte: u8) -> NodeSecret {
        let mut chance = [byte; 96];
        chance[32] ^= 0x80;
        chance[64] ^= 0x40;
        NodeSecret::from_chance(&chance)
    }

    #[test]
    fn a_certificate_vouches_for_its_partner_and_node_alone() {
        let (partner, other) = (PartnerSecret::from_chance(&[1; 32]), PartnerSecret::from_chance(&[2; 32]));
        let (mine, strange) = (node(3), node(4));
        let word = certificate(&partner, &mine.public(), 1, Millis(5)).unwrap();
        assert!(vouches(word.bytes(), &partner.partner_id(), &mine.node_id()).is_ok());
        assert!(vouches(word.bytes(), &other.partner_id(), &mine.node_id()).is_err());
        assert!(vouches(word.bytes(), &partner.partner_id(), &strange.node_id()).is_err());
        assert!(vouches(b"", &partner.partner_id(), &mine.node_id()).is_err());
    }

    #[test]
    fn a_card_holds_its_own_partners_certificates_alone() {
        let (partner, other) = (PartnerSecret::from_chance(&[1; 32]), PartnerSecret::from_chance(&[2; 32]));
        let own = certificate(&partner, &node(3).public(), 1, Millis(5)).unwrap();
        let foreign = certificate(&other, &node(4).public(), 1, Millis(5)).unwrap();
        let made = card(&partner, "office", std::slice::from_ref(&own), vec![], 1, Millis(5)).unwrap();
        assert_eq!(made.nodes(), vec![own.clone()]);
        assert!(card(&partner, "office", &[own, foreign], vec![], 1, Millis(5)).is_err());
        assert!(card(&partner, "", &[], vec![], 1, Millis(5)).is_err());
    }

    #[test]
    fn a_full_card_stays_within_its_limit() {
        let partner = PartnerSecret::from_chance(&[1; 32]);
        let words: Vec<_> = (10..26)
            .map(|byte| certificate(&partner, &node(byte).public(), u64::MAX, Millis::MAX).unwrap())
            .collect();
        let addresses =
            words.iter().map(|word| CardAddress { node: word.node, address: "a".repeat(255) }).collect();
        assert!(card(&partner, &"n".repeat(64), &words, addresses, u64::MAX, Millis::MAX).is_ok());
    }

    #[test]
    fn the_three_keys_of_a_node_differ_and_none_prints() {
        let secret = node(7);
        assert_ne!(secret.node_id().0, secret.link_key().0);
        assert_ne!(secret.signing_seed(), secret.link_seed());
        assert_ne!(&secret.signing_seed(), secret.age_seed());
        assert_eq!(format!("{secret:?}"), "NodeSecret");
        assert_eq!(format!("{:?}", PartnerSecret::from_chance(&[1; 32])), "PartnerSecret");
        assert_eq!(format!("{:?}", VaultKey::from_chance([1; 32])), "VaultKey([private])");
    }
}
