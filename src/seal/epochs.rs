//! Epochs and grants: how the key that opens a log reaches the members' nodes.
//!
//! An epoch key is sealed in one age file per partner, which keeps every header within sixteen stanzas and one
//! partner's bad key from harming another's. A node that lacks a key is granted it by another that holds it. In both
//! cases the key proves itself: its hash is the epoch's name, which the log's header signs. The chain key beside it is
//! proven by the plain chain of the epoch's segment ([`EpochSecret::fits`]).

use super::envelope::secret_bytes;
use super::{Certificate, Envelope, EpochKey, EpochSecret, NodeSecret, Recipient, SealFault};
use crate::codec;
use crate::id::{CircleId, EpochId, Hash, NodeId, PartnerId};
use crate::limit;
use crate::private::Private;
use crate::seal::{EpochBody, EpochFile, Grant};
use crate::sign::Signed;
use crate::time::Millis;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The plaintext of an epoch's age files and of grants.
#[derive(Serialize, Deserialize)]
struct Wire {
    version: u16,
    #[serde(with = "secret_bytes")]
    key: Private<[u8; 32]>,
    #[serde(with = "secret_bytes")]
    chain: Private<[u8; 32]>,
}

/// Bytes that the plaintext never exceeds.
const WIRE_BYTES: usize = 256;

impl EpochSecret {
    /// The one encoding: strict CBOR, version 1.
    pub fn encode(&self) -> Private<Vec<u8>> {
        let wire = Wire { version: 1, key: self.key.0.clone(), chain: self.chain.clone() };
        Private::new(codec::encode(&wire))
    }

    /// Reads what [`EpochSecret::encode`] wrote.
    ///
    /// # Errors
    /// [`SealFault::Damaged`].
    pub fn decode(bytes: &[u8]) -> Result<Self, SealFault> {
        let wire: Wire = codec::decode("epoch secret", bytes, WIRE_BYTES).map_err(|_| SealFault::Damaged)?;
        if wire.version != 1 {
            return Err(SealFault::Damaged);
        }
        Ok(Self { key: EpochKey(wire.key), chain: wire.chain })
    }

    /// Whether the chain key is the one that the epoch segment was signed with: `before` is the plain chain of the
    /// header before (zeros for the first), `body` the segment's body, `plain` its header's plain chain.
    ///
    /// The epoch's name proves the key alone. Without this check a hostile author, or granter, could hand different
    /// chain keys to different members, who would then judge the same segments differently. A secret that does not
    /// fit is no secret: the node lacks the epoch and asks others for a grant.
    pub fn fits(&self, before: &Hash, body: &[u8], plain: &Hash) -> bool {
        self.plain_next(before, body) == *plain
    }
}

/// Founds an epoch: `chance` becomes its key, `chain` its plain-chain key. `members` are the believed certificates of each member partner; of several for one node the highest serial
/// counts. A partner without any gets no file, and a node whose key is no key is left out: its partner alone is at
/// fault, and its other nodes and all other partners must not suffer from it.
///
/// # Errors
/// [`SealFault::Recipient`] for more than 16 partners, or more than 16 nodes of one.
pub fn new_epoch(
    envelope: &dyn Envelope,
    chance: Private<[u8; 32]>,
    chain: &Private<[u8; 32]>,
    members: &BTreeMap<PartnerId, Vec<Signed<Certificate>>>,
) -> Result<(EpochSecret, EpochBody), SealFault> {
    if members.len() > limit::CIRCLE_PARTNERS {
        return Err(SealFault::Recipient);
    }
    let secret = EpochSecret { key: EpochKey(chance), chain: chain.clone() };
    let plaintext = secret.encode();
    let mut files = Vec::with_capacity(members.len());
    for (partner, certificates) in members {
        let nodes = newest(partner, certificates);
        if nodes.len() > limit::PARTNER_NODES {
            return Err(SealFault::Recipient);
        }
        if let Some(file) = seal_for(envelope, *partner, nodes, plaintext.reveal())? {
            files.push(file);
        }
    }
    let body = EpochBody { epoch: secret.key.id(), files };
    Ok((secret, body))
}

/// Each node's certificate of the highest serial.
fn newest<'a>(
    partner: &PartnerId,
    certificates: &'a [Signed<Certificate>],
) -> BTreeMap<NodeId, &'a Certificate> {
    let mut nodes: BTreeMap<NodeId, &Certificate> = BTreeMap::new();
    for certificate in certificates.iter().filter(|certificate| certificate.partner == *partner) {
        let known = nodes.entry(certificate.node).or_insert(certificate);
        if known.serial < certificate.serial {
            *known = certificate;
        }
    }
    nodes
}

/// One partner's file; `None` if no node of it has a key that can be sealed to.
fn seal_for(
    envelope: &dyn Envelope,
    partner: PartnerId,
    nodes: BTreeMap<NodeId, &Certificate>,
    plaintext: &[u8],
) -> Result<Option<EpochFile>, SealFault> {
    let mut keys: Vec<(NodeId, Recipient)> = nodes
        .into_iter()
        .map(|(node, certificate)| (node, Recipient(certificate.recipient.clone())))
        .collect();
    let seal = |keys: &[(NodeId, Recipient)]| {
        let recipients: Vec<Recipient> = keys.iter().map(|(_, key)| key.clone()).collect();
        envelope.seal_to(&recipients, plaintext)
    };
    if keys.is_empty() {
        return Ok(None);
    }
    let file = match seal(&keys) {
        Err(SealFault::Recipient) => {
            keys.retain(|(_, key)| envelope.seal_to(std::slice::from_ref(key), b"").is_ok());
            if keys.is_empty() {
                return Ok(None);
            }
            seal(&keys)?
        }
        sealed => sealed?,
    };
    Ok(Some(EpochFile { partner, nodes: keys.into_iter().map(|(node, _)| node).collect(), file }))
}

/// Opens an epoch as one of a partner's nodes.
///
/// # Errors
/// [`SealFault::NotForUs`] if no file names this node; [`SealFault::Damaged`] if the key is not the epoch's; else what
/// the envelope says. None of them is the breach of a rule: a grant can still bring the key.
pub fn open_epoch(
    envelope: &dyn Envelope,
    node: &NodeSecret,
    partner: &PartnerId,
    body: &EpochBody,
) -> Result<EpochSecret, SealFault> {
    let file = body.file_for(partner).ok_or(SealFault::NotForUs)?;
    if file.nodes.binary_search(&node.node_id()).is_err() {
        return Err(SealFault::NotForUs);
    }
    open_secret(envelope, node, &body.epoch, &file.file)
}

fn open_secret(
    envelope: &dyn Envelope,
    node: &NodeSecret,
    epoch: &EpochId,
    file: &[u8],
) -> Result<EpochSecret, SealFault> {
    let plaintext = envelope.open_as(node.age_seed(), file)?;
    let secret = EpochSecret::decode(plaintext.reveal())?;
    if secret.key.id() == *epoch { Ok(secret) } else { Err(SealFault::Damaged) }
}

/// Hands an epoch key to one node that lacks it. Whether that node may have it is the caller's to decide.
///
/// # Errors
/// [`SealFault::Recipient`] if its certificate holds no key; [`SealFault::Damaged`] if the time is out of range.
pub fn make_grant(
    envelope: &dyn Envelope,
    granter: &NodeSecret,
    circle: CircleId,
    secret: &EpochSecret,
    to: &Certificate,
    time: Millis,
) -> Result<Signed<Grant>, SealFault> {
    let file = envelope.seal_to(&[Recipient(to.recipient.clone())], secret.encode().reveal())?;
    let grant = Grant {
        version: 1,
        circle,
        epoch: secret.key.id(),
        from: granter.node_id(),
        to: to.node,
        to_link: to.link,
        time,
        file,
    };
    Signed::sign(grant, granter).map_err(|_| SealFault::Damaged)
}

/// Opens a grant as the node that it is for.
///
/// # Errors
/// [`SealFault::NotForUs`], [`SealFault::Damaged`] if the key is not the epoch's; else what the envelope says.
pub fn open_grant(
    envelope: &dyn Envelope,
    node: &NodeSecret,
    grant: &Grant,
) -> Result<EpochSecret, SealFault> {
    if grant.to != node.node_id() {
        return Err(SealFault::NotForUs);
    }
    open_secret(envelope, node, &grant.epoch, &grant.file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::{AgeEnvelope, PartnerSecret, certificate, demo_node, demo_partner};

    fn word(name: &str) -> (PartnerSecret, NodeSecret, Signed<Certificate>) {
        let (partner, node) = (demo_partner(name), demo_node(name));
        let word = certificate(&partner, &node.public(), 1, Millis(1)).unwrap();
        (partner, node, word)
    }

    fn members(words: &[&Signed<Certificate>]) -> BTreeMap<PartnerId, Vec<Signed<Certificate>>> {
        words.iter().map(|word| (word.partner, vec![(*word).clone()])).collect()
    }

    #[test]
    fn members_open_an_epoch_and_strangers_do_not() {
        let (kyiv, kyiv_node, kyiv_word) = word("kyiv");
        let (doha, doha_node, doha_word) = word("doha");
        let (tallinn, tallinn_node, _) = word("tallinn");
        let chain = Private::new([8; 32]);
        let (secret, body) =
            new_epoch(&AgeEnvelope, Private::new([9; 32]), &chain, &members(&[&kyiv_word, &doha_word]))
                .unwrap();
        let body = EpochBody::decode(&body.encode()).unwrap();
        for (node, partner) in [(&kyiv_node, &kyiv), (&doha_node, &doha)] {
            assert_eq!(open_epoch(&AgeEnvelope, node, &partner.partner_id(), &body), Ok(secret.clone()));
        }
        for partner in [&tallinn, &kyiv] {
            let opened = open_epoch(&AgeEnvelope, &tallinn_node, &partner.partner_id(), &body);
            assert_eq!(opened, Err(SealFault::NotForUs));
        }
    }

    #[test]
    fn a_key_that_is_not_the_epochs_is_refused() {
        let (kyiv, node, kyiv_word) = word("kyiv");
        let chain = Private::new([8; 32]);
        let (_, mut body) =
            new_epoch(&AgeEnvelope, Private::new([9; 32]), &chain, &members(&[&kyiv_word])).unwrap();
        body.epoch = EpochId([1; 32]);
        assert_eq!(open_epoch(&AgeEnvelope, &node, &kyiv.partner_id(), &body), Err(SealFault::Damaged));
    }

    #[test]
    fn a_node_whose_key_is_no_key_stops_nobody() {
        let (kyiv, node, kyiv_word) = word("kyiv");
        let (doha, doha_node, _) = word("doha");
        let mut broken = demo_node("other").public();
        broken.recipient = Recipient(vec![0xff; crate::seal::card::RECIPIENT_BYTES]);
        let broken_word = certificate(&kyiv, &broken, 2, Millis(1)).unwrap();
        let mut doha_broken = doha_node.public();
        doha_broken.recipient = broken.recipient.clone();
        let doha_word = certificate(&doha, &doha_broken, 1, Millis(1)).unwrap();
        let members = BTreeMap::from([
            (kyiv.partner_id(), vec![kyiv_word, broken_word]),
            (doha.partner_id(), vec![doha_word]),
        ]);
        let (secret, body) =
            new_epoch(&AgeEnvelope, Private::new([9; 32]), &Private::new([8; 32]), &members).unwrap();
        assert_eq!(body.files.len(), 1);
        assert_eq!(body.files[0].nodes, vec![node.node_id()]);
        assert_eq!(open_epoch(&AgeEnvelope, &node, &kyiv.partner_id(), &body), Ok(secret));
    }

    #[test]
    fn of_two_certificates_the_higher_serial_counts() {
        let (kyiv, node, old) = word("kyiv");
        let moved = NodeSecret::from_seeds(&node.signing_seed(), &node.link_seed(), Private::new([77; 32]));
        let new = certificate(&kyiv, &moved.public(), 2, Millis(1)).unwrap();
        let members = BTreeMap::from([(kyiv.partner_id(), vec![new, old])]);
        let (secret, body) =
            new_epoch(&AgeEnvelope, Private::new([9; 32]), &Private::new([8; 32]), &members).unwrap();
        assert_eq!(open_epoch(&AgeEnvelope, &moved, &kyiv.partner_id(), &body), Ok(secret));
        assert_eq!(open_epoch(&AgeEnvelope, &node, &kyiv.partner_id(), &body), Err(SealFault::NotForUs));
    }

    #[test]
    fn a_grant_opens_for_its_node_alone_and_proves_its_key() {
        let (_, kyiv_node, _) = word("kyiv");
        let (_, doha_node, doha_word) = word("doha");
        let secret = EpochSecret { key: EpochKey(Private::new([9; 32])), chain: Private::new([8; 32]) };
        let circle = CircleId([3; 32]);
        let grant = make_grant(&AgeEnvelope, &kyiv_node, circle, &secret, &doha_word, Millis(1)).unwrap();
        let grant: Signed<Grant> = Signed::decode(grant.bytes()).unwrap();
        assert_eq!(open_grant(&AgeEnvelope, &doha_node, &grant), Ok(secret));
        assert_eq!(open_grant(&AgeEnvelope, &kyiv_node, &grant), Err(SealFault::NotForUs));
        let mut other = grant.get().clone();
        other.epoch = EpochId([1; 32]);
        assert_eq!(open_grant(&AgeEnvelope, &doha_node, &other), Err(SealFault::Damaged));
    }

    #[test]
    fn a_chain_key_fits_the_segment_it_was_signed_with_alone() {
        let secret = EpochSecret { key: EpochKey(Private::new([9; 32])), chain: Private::new([8; 32]) };
        let other = EpochSecret { chain: Private::new([7; 32]), ..secret.clone() };
        let plain = secret.plain_next(&Hash::ZERO, b"the body");
        assert!(secret.fits(&Hash::ZERO, b"the body", &plain));
        assert!(!other.fits(&Hash::ZERO, b"the body", &plain));
        assert!(!secret.fits(&Hash([1; 32]), b"the body", &plain));
        assert!(!secret.fits(&Hash::ZERO, b"another", &plain));
    }

    #[test]
    fn only_the_one_encoding_of_a_secret_is_read() {
        let secret = EpochSecret { key: EpochKey(Private::new([9; 32])), chain: Private::new([8; 32]) };
        let bytes = secret.encode();
        assert_eq!(EpochSecret::decode(bytes.reveal()), Ok(secret));
        let mut longer = bytes.reveal().clone();
        longer.push(0);
        assert_eq!(EpochSecret::decode(&longer), Err(SealFault::Damaged));
        assert_eq!(EpochSecret::decode(b""), Err(SealFault::Damaged));
    }
}
