//! The first message of each side: who speaks, proven for this link alone.
//!
//! The node key signs over keying material of the TLS session and over which side dialled, so a hello is worth nothing
//! on another link or turned around. The TLS key is bound by the certificate, the certificate by the partner key.

use super::directory::Directory;
use super::fault::Fault;
use crate::codec;
use crate::id::{Hash, InstanceId, LinkKey, NodeId, PartnerId};
use crate::seal::Certificate;
use crate::sign::{Domain, Signature, Signed, verify};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

/// The protocol versions that this program speaks.
pub(super) const VERSIONS: [u16; 1] = [1];

/// Who speaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Hello {
    /// Versions spoken, the preferred first.
    pub(super) versions: Vec<u16>,
    /// The partner.
    pub(super) partner: PartnerId,
    /// The node.
    pub(super) node: NodeId,
    /// Which life of its store.
    pub(super) instance: InstanceId,
    /// Drawn when the program started: under another number it knows nothing of links from before.
    pub(super) start: u64,
    /// The node's certificate. Empty from the side that was dialled: whoever dialled has it.
    pub(super) certificate: ByteBuf,
    /// Revision of the partner's card that the node holds, 0 for none.
    pub(super) revision: u64,
    /// Hash of that card.
    pub(super) card: Hash,
    /// By the node key, over [`Statement`].
    pub(super) signature: Signature,
}

/// What a hello's signature stands under.
#[derive(Serialize)]
struct Statement<'a> {
    #[serde(with = "serde_bytes")]
    exporter: &'a [u8; 32],
    dialled: bool,
    versions: &'a [u16],
    partner: PartnerId,
    node: NodeId,
    instance: InstanceId,
    start: u64,
    revision: u64,
    card: Hash,
}

impl Hello {
    /// The bytes to sign. `dialled`: whether the signer did.
    pub(super) fn statement(&self, exporter: &[u8; 32], dialled: bool) -> Vec<u8> {
        codec::encode(&Statement {
            exporter,
            dialled,
            versions: &self.versions,
            partner: self.partner,
            node: self.node,
            instance: self.instance,
            start: self.start,
            revision: self.revision,
            card: self.card,
        })
    }

    /// Checks a peer's hello and gives its certificate. `dialled`: whether the peer did; `peer`: its TLS key.
    pub(super) fn verify(
        &self,
        directory: &Directory,
        exporter: &[u8; 32],
        dialled: bool,
        peer: &LinkKey,
    ) -> Result<Signed<Certificate>, Fault> {
        if !self.versions.iter().any(|version| VERSIONS.contains(version)) {
            return Err(Fault::Version);
        }
        if !directory.knows(&self.partner) {
            return Err(Fault::UnknownPartner);
        }
        let certificate = if self.certificate.is_empty() {
            directory.certificate(&self.partner, &self.node).cloned().ok_or(Fault::Certificate)?
        } else {
            Signed::<Certificate>::decode(&self.certificate).map_err(|_| Fault::Certificate)?
        };
        if certificate.partner != self.partner || certificate.node != self.node || certificate.link != *peer {
            return Err(Fault::Certificate);
        }
        // A certificate that its partner replaced, with another TLS key, no longer speaks for the node.
        let newer = directory
            .certificate(&self.partner, &self.node)
            .is_some_and(|held| held.serial > certificate.serial && held.link != certificate.link);
        if newer {
            return Err(Fault::Certificate);
        }
        if !verify(&self.node.0, Domain::Hello, &self.statement(exporter, dialled), &self.signature) {
            return Err(Fault::HelloSignature);
        }
        Ok(certificate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::Card;
    use crate::sign::Sign;
    use crate::time::Millis;
    use ed25519_dalek::SigningKey;

    struct Someone {
        partner: SigningKey,
        node: SigningKey,
        link: LinkKey,
    }

    fn someone(n: u8) -> Someone {
        let key = |m: u8| SigningKey::from_bytes(&[n * 10 + m; 32]);
        Someone { partner: key(1), node: key(2), link: LinkKey(key(3).public()) }
    }

    fn certificate(one: &Someone, by: &SigningKey, serial: u64) -> Signed<Certificate> {
        let certificate = Certificate {
            version: 1,
            partner: PartnerId(by.public()),
            node: NodeId(one.node.public()),
            link: one.link,
            recipient: vec![0; 1216],
            serial,
            time: Millis(1),
        };
        Signed::sign(certificate, by).unwrap()
    }

    fn hello(one: &Someone, certificate: &Signed<Certificate>, exporter: &[u8; 32], dialled: bool) -> Hello {
        let mut hello = Hello {
            versions: vec![1],
            partner: certificate.partner,
            node: certificate.node,
            instance: InstanceId([5; 16]),
            start: 7,
            certificate: certificate.bytes().to_vec().into(),
            revision: 1,
            card: Hash([6; 32]),
            signature: Signature([0; 64]),
        };
        hello.signature = Sign::sign(&one.node, Domain::Hello, &hello.statement(exporter, dialled));
        hello
    }

    fn directory(one: &Someone) -> Directory {
        let card = Card {
            version: 1,
            partner: PartnerId(one.partner.public()),
            name: "An office".to_owned(),
            certificates: vec![],
            addresses: vec![],
            revision: 1,
            time: Millis(1),
        };
        let mut directory = Directory::default();
        directory.learn_card(&Signed::sign(card, &one.partner).unwrap());
        directory
    }

    #[test]
    fn a_hello_holds_for_its_link_side_and_keys_alone() {
        let (one, other) = (someone(1), someone(2));
        let known = directory(&one);
        let own = certificate(&one, &one.partner, 1);
        let good = hello(&one, &own, &[1; 32], true);
        let verify = |hello: &Hello, exporter: u8, dialled, link| {
            hello.verify(&known, &[exporter; 32], dialled, link).map(|_| ())
        };
        assert_eq!(verify(&good, 1, true, &one.link), Ok(()));
        assert_eq!(verify(&good, 2, true, &one.link), Err(Fault::HelloSignature));
        assert_eq!(verify(&good, 1, false, &one.link), Err(Fault::HelloSignature));
        assert_eq!(verify(&good, 1, true, &other.link), Err(Fault::Certificate));
        for change in [
            |h: &mut Hello| h.instance = InstanceId([9; 16]),
            |h: &mut Hello| h.start = 9,
            |h: &mut Hello| h.revision = 2,
            |h: &mut Hello| h.card = Hash([9; 32]),
            |h: &mut Hello| h.versions = vec![1, 2],
        ] {
            let mut changed = good.clone();
            change(&mut changed);
            assert_eq!(verify(&changed, 1, true, &one.link), Err(Fault::HelloSignature));
        }
        for change in [
            |h: &mut Hello, other: &Someone| h.partner = PartnerId(other.partner.public()),
            |h: &mut Hello, other: &Someone| h.node = NodeId(other.node.public()),
            |h: &mut Hello, _: &Someone| h.certificate = ByteBuf::from(vec![1]),
            |h: &mut Hello, other: &Someone| {
                h.certificate = certificate(other, &other.partner, 1).bytes().to_vec().into();
            },
            |h: &mut Hello, _: &Someone| h.signature.0[63] ^= 1,
        ] {
            let mut changed = good.clone();
            change(&mut changed, &other);
            assert!(verify(&changed, 1, true, &one.link).is_err(), "{changed:?}");
            // Nor does it help to sign it: the key is another's.
            changed.signature = Sign::sign(&other.node, Domain::Hello, &changed.statement(&[1; 32], true));
            assert!(verify(&changed, 1, true, &one.link).is_err(), "{changed:?}");
        }
        let mut later = good.clone();
        later.versions = vec![2];
        assert_eq!(verify(&later, 1, true, &one.link), Err(Fault::Version));
    }

    #[test]
    fn a_certificate_by_another_partner_or_of_another_node_does_not_hold() {
        let (one, other) = (someone(1), someone(2));
        let known = directory(&one);
        // Another partner claims the node: its card is not held.
        let claimed = certificate(&one, &other.partner, 1);
        let hello_of = |c: &Signed<Certificate>| hello(&one, c, &[1; 32], true);
        let verify = |h: &Hello| h.verify(&known, &[1; 32], true, &one.link).map(|_| ());
        assert_eq!(verify(&hello_of(&claimed)), Err(Fault::UnknownPartner));
        let mut swapped = hello_of(&certificate(&one, &one.partner, 1));
        swapped.certificate = claimed.bytes().to_vec().into();
        assert_eq!(verify(&swapped), Err(Fault::Certificate));
        // Without a certificate it must be one that we have.
        let mut without = hello_of(&certificate(&one, &one.partner, 1));
        without.certificate = ByteBuf::new();
        assert_eq!(verify(&without), Err(Fault::Certificate));
    }

    #[test]
    fn a_replaced_tls_key_no_longer_speaks() {
        let one = someone(1);
        let old = certificate(&one, &one.partner, 1);
        let moved = Someone { link: LinkKey([77; 32]), ..someone(1) };
        let mut known = directory(&one);
        known.learn_certificate(&certificate(&moved, &one.partner, 2));
        let hello = hello(&one, &old, &[1; 32], true);
        assert_eq!(hello.verify(&known, &[1; 32], true, &one.link).map(|_| ()), Err(Fault::Certificate));
    }

    #[test]
    fn a_card_that_borrows_anothers_link_key_changes_nothing_for_its_owner() {
        let (one, other) = (someone(1), someone(2));
        let mut known = directory(&one);
        assert!(known.learn_certificate(&certificate(&one, &one.partner, 1)));
        // The borrower's partner is known as well, and its certificate names the owner's TLS key.
        let borrower = Someone { link: one.link, ..someone(2) };
        let card = Card {
            version: 1,
            partner: PartnerId(other.partner.public()),
            name: "Another office".to_owned(),
            certificates: vec![certificate(&borrower, &borrower.partner, 1).bytes().to_vec().into()],
            addresses: vec![],
            revision: 1,
            time: Millis(1),
        };
        known.learn_card(&Signed::sign(card, &other.partner).unwrap());
        // The owner's later certificate is learnt all the same, and it answers a dial without one.
        assert!(known.learn_certificate(&certificate(&one, &one.partner, 2)));
        let mut owner = hello(&one, &certificate(&one, &one.partner, 1), &[1; 32], true);
        owner.certificate = ByteBuf::new();
        owner.signature = Sign::sign(&one.node, Domain::Hello, &owner.statement(&[1; 32], true));
        assert_eq!(owner.verify(&known, &[1; 32], true, &one.link).map(|_| ()), Ok(()));
        // The borrower cannot prove that TLS key, and under its own TLS key the certificate does not fit.
        let borrowed = hello(&borrower, &certificate(&borrower, &borrower.partner, 1), &[1; 32], true);
        assert_eq!(borrowed.verify(&known, &[1; 32], true, &other.link).map(|_| ()), Err(Fault::Certificate));
    }
}
