//! The envelope: what stands between words and the disk or the wire.

use crate::id::{EpochId, Hash};
use crate::private::Private;
use crate::sign::{Domain, hash};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Why something could not be sealed or opened. Says nothing of the content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SealFault {
    /// No key of ours opens it.
    #[error("it is not sealed to a key held here")]
    NotForUs,
    /// The age header is too long, has too many stanzas or is of a kind that does not belong here.
    #[error("its age header is not one that Homeward writes")]
    Header,
    /// Damaged, cut short or longer than its limit.
    #[error("it is damaged")]
    Damaged,
    /// Inflates to more than it may, or not to what it declares.
    #[error("it inflates to more than its limit")]
    Inflated,
    /// A passphrase that does not open.
    #[error("the passphrase does not open it")]
    Passphrase,
    /// A recipient that is no key.
    #[error("a recipient is not a valid key")]
    Recipient,
}

/// A node's public sealing key: mlkem768x25519, 1,216 bytes, as its certificate has it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Recipient(pub Vec<u8>);

/// An epoch's secret: the 32 bytes of an X25519 age identity whose recipient is secret too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EpochKey(#[serde(with = "secret_bytes")] pub Private<[u8; 32]>);

impl EpochKey {
    /// What the epoch is called: the hash of its key.
    pub fn id(&self) -> EpochId {
        EpochId(hash(Domain::Epoch, &[self.0.reveal()]).0)
    }
}

/// The plaintext of an epoch's age files: what a member's node needs to open what follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EpochSecret {
    /// The epoch's key.
    pub key: EpochKey,
    /// The epoch's plain-chain key: random, and new with each epoch, so that an old one tells nothing of what is said
    /// later.
    #[serde(with = "secret_bytes")]
    pub chain: Private<[u8; 32]>,
}

/// 32 secret bytes as a byte string: what serde would write by itself is a list of integers.
pub(super) mod secret_bytes {
    use crate::private::Private;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(in crate::seal) fn serialize<S: Serializer>(
        secret: &Private<[u8; 32]>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(secret.reveal())
    }

    pub(in crate::seal) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Private<[u8; 32]>, D::Error> {
        Ok(Private::new(<serde_bytes::ByteArray<32>>::deserialize(deserializer)?.into_array()))
    }
}

impl EpochSecret {
    /// The plain chain's next value: over the value before and this segment's plaintext, keyed with the chain key.
    pub fn plain_next(&self, before: &Hash, plaintext: &[u8]) -> Hash {
        hash(Domain::PlainChain, &[self.chain.reveal(), &before.0, plaintext])
    }
}

/// Sealing and opening. The real one is age; tests have a seeded stand-in, so that worlds replay byte for byte.
pub trait Envelope: Send + Sync {
    /// Compresses, pads (PADME) and seals a work plaintext to an epoch.
    ///
    /// # Errors
    /// [`SealFault::Damaged`] if it exceeds the limits.
    fn seal_work(&self, epoch: &EpochKey, plaintext: &[u8]) -> Result<Vec<u8>, SealFault>;

    /// Opens what `seal_work` made: header checked first, inflation bounded, nothing returned before the last byte
    /// was verified.
    ///
    /// # Errors
    /// [`SealFault`].
    fn open_work(&self, epoch: &EpochKey, sealed: &[u8]) -> Result<Private<Vec<u8>>, SealFault>;

    /// Seals to nodes: an age file with one mlkem768x25519 stanza for each. Not compressed, not padded.
    ///
    /// # Errors
    /// [`SealFault::Recipient`].
    fn seal_to(&self, recipients: &[Recipient], plaintext: &[u8]) -> Result<Vec<u8>, SealFault>;

    /// Opens what was sealed to this node. `secret` is the 32-byte seed of its identity.
    ///
    /// # Errors
    /// [`SealFault`].
    fn open_as(&self, secret: &Private<[u8; 32]>, sealed: &[u8]) -> Result<Private<Vec<u8>>, SealFault>;
}
