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
            directory.by_link(peer).cloned().ok_or(Fault::Certificate)?
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
