//! One hash, one signature rule, and every domain string of the house in one enum.
//!
//! Hash: SHA-256 over the domain and then each field, each preceded by its length as eight bytes, big end first.
//! Signature: Ed25519 (RFC 8032) over `domain || 0x00 || bytes`, verified with `verify_strict` everywhere: of the
//! known edge cases it accepts the fewest, and nodes must never disagree on whether a signature holds.

use crate::codec::{self, Malformed};
use crate::id::Hash;
use ed25519_dalek::{Signature as DalekSignature, Signer, VerifyingKey};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

/// What a hash or a signature is about. A statement of one kind can never be taken for one of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Domain {
    /// A circle's founding record, signed; its hash is the circle's id.
    Charter,
    /// A segment's header.
    Header,
    /// A segment's ciphertext.
    Body,
    /// A partner's word that a node is its own.
    Certificate,
    /// A partner's public card.
    Card,
    /// Through where a log counts.
    Closure,
    /// What a node holds of a circle: a receipt.
    Heads,
    /// The entries that heads sign by their hash.
    HeadsEntries,
    /// An epoch key handed to one node.
    Grant,
    /// The key of an epoch, by which the epoch is called.
    Epoch,
    /// The running keyed hash of a log's plaintexts.
    PlainChain,
    /// An act that stands by itself.
    Act,
    /// The first message on a link.
    Hello,
    /// The actor of one node's changes on one sheet.
    Actor,
    /// The actor of a sheet's genesis.
    Genesis,
    /// A partner's safety phrase.
    SafetyPhrase,
    /// A new machine's wish to be its office's node.
    NodeRequest,
    /// The safety phrase of one machine's keys.
    NodePhrase,
    /// The set of a circle's records.
    Records,
    /// A vault record's file name.
    VaultName,
    /// An attachment's piece.
    Piece,
    /// A demo partner's key seed, from a published constant.
    Demo,
    /// A bundle's statement of what it holds.
    Bundle,
    /// All of an evidence file but its hash.
    Evidence,
    /// The key behind a recovery phrase.
    Recovery,
    /// A random stream drawn from a seed: redial jitter, tests.
    Chance,
    /// A token that opens the desk once.
    DeskToken,
    /// What somebody keeps at the desk: its name in the vault.
    DeskNote,
}

impl Domain {
    /// The string that is hashed or signed before anything else.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Charter => "homeward/1 charter",
            Self::Header => "homeward/1 header",
            Self::Body => "homeward/1 body",
            Self::Certificate => "homeward/1 certificate",
            Self::Card => "homeward/1 card",
            Self::Closure => "homeward/1 closure",
            Self::Heads => "homeward/1 heads",
            Self::HeadsEntries => "homeward/1 heads entries",
            Self::Grant => "homeward/1 grant",
            Self::Epoch => "homeward/1 epoch",
            Self::PlainChain => "homeward/1 plain chain",
            Self::Act => "homeward/1 act",
            Self::Hello => "homeward/1 hello",
            Self::Actor => "homeward/1 actor",
            Self::Genesis => "homeward/1 genesis",
            Self::SafetyPhrase => "homeward/1 safety phrase",
            Self::NodeRequest => "homeward/1 node request",
            Self::NodePhrase => "homeward/1 node phrase",
            Self::Records => "homeward/1 records",
            Self::VaultName => "homeward/1 vault name",
            Self::Piece => "homeward/1 piece",
            Self::Demo => "homeward/1 demo",
            Self::Bundle => "homeward/1 bundle",
            Self::Evidence => "homeward/1 evidence",
            Self::Recovery => "homeward/1 recovery",
            Self::Chance => "homeward/1 chance",
            Self::DeskToken => "homeward/1 desk token",
            Self::DeskNote => "homeward/1 desk note",
        }
    }
}

/// SHA-256 over the domain and length-prefixed fields.
pub fn hash(domain: Domain, fields: &[&[u8]]) -> Hash {
    let mut state = Sha256::new();
    for field in std::iter::once(domain.as_str().as_bytes()).chain(fields.iter().copied()) {
        state.update((field.len() as u64).to_be_bytes());
        state.update(field);
    }
    Hash(state.finalize().into())
}

/// An Ed25519 signature.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature(#[serde(with = "serde_bytes")] pub [u8; 64]);

impl std::fmt::Debug for Signature {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signature")
    }
}

/// Something that signs: a node's key, a partner's key, a test's.
pub trait Sign {
    /// The public key that verifies.
    fn public(&self) -> [u8; 32];
    /// Signs `domain || 0 || bytes`.
    fn sign(&self, domain: Domain, bytes: &[u8]) -> Signature;
}

impl Sign for ed25519_dalek::SigningKey {
    fn public(&self) -> [u8; 32] {
        self.verifying_key().to_bytes()
    }

    fn sign(&self, domain: Domain, bytes: &[u8]) -> Signature {
        Signature(Signer::sign(self, &message(domain, bytes)).to_bytes())
    }
}
fn message(domain: Domain, bytes: &[u8]) -> Vec<u8> {
    let name = domain.as_str().as_bytes();
    let mut message = Vec::with_capacity(name.len() + 1 + bytes.len());
    message.extend_from_slice(name);
    message.push(0);
    message.extend_from_slice(bytes);
    message
}

/// Whether the signature holds, strictly (`verify_strict`: no small-order keys, no malleable forms).
pub fn verify(public: &[u8; 32], domain: Domain, bytes: &[u8], signature: &Signature) -> bool {
    verify_raw(public, &message(domain, bytes), signature)
}

/// The rule itself, over a message without a domain. For published vectors; everything of ours has a domain.
pub fn verify_raw(public: &[u8; 32], message: &[u8], signature: &Signature) -> bool {
    VerifyingKey::from_bytes(public)
        .is_ok_and(|key| key.verify_strict(message, &DalekSignature::from_bytes(&signature.0)).is_ok())
}

/// A kind of signed record: its body, its domain, its limit and who signs.
pub trait Record: Serialize + DeserializeOwned {
    /// In words, for errors.
    const WHAT: &'static str;
    /// What it is signed under.
    const DOMAIN: Domain;
    /// The longest record, in bytes.
    const LIMIT: usize;
    /// The version this build writes and reads; the body's first field.
    const VERSION: u16 = 1;
    /// The public key that must have signed.
    fn signer(&self) -> [u8; 32];
    /// Whether a body of this version says something that only a later program knows, at a place where that may be: it is
    /// held then as a later version is. Asked of bodies that this build cannot read.
    fn is_later(_body: &[u8]) -> bool {
        false
    }
    /// The rules of the kind beyond its shape.
    ///
    /// # Errors
    /// [`Malformed::Rule`] with the rule in words.
    fn check(&self) -> Result<(), Malformed>;
}

#[derive(Serialize, Deserialize)]
struct Wire(#[serde(with = "serde_bytes")] Vec<u8>, Signature);

/// Every body of every version, as far as all versions agree: a map with a `version`.
#[derive(Deserialize)]
struct AnyVersion {
    version: u16,
}

/// The body, or the word that it is of a later version: known before its other fields are looked at.
fn read_body<R: Record>(body: &[u8]) -> Result<R, Malformed> {
    let any: AnyVersion = serde_ipld_dagcbor::from_slice(body).map_err(|_| Malformed::NotStrict(R::WHAT))?;
    match any.version {
        0 => Err(Malformed::Rule { what: R::WHAT, rule: "versions count from 1" }),
        version if version > R::VERSION => Err(Malformed::LaterVersion(R::WHAT)),
        _ => codec::decode(R::WHAT, body, R::LIMIT).map_err(|malformed| match malformed {
            Malformed::NotStrict(_) if R::is_later(body) => Malformed::LaterVersion(R::WHAT),
            malformed => malformed,
        }),
    }
}

/// A record whose signature and rules were checked, with its bytes as they came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed<R> {
    record: R,
    bytes: Vec<u8>,
    hash: Hash,
}

impl<R: Record> Signed<R> {
    /// Signs a record of our own.
    ///
    /// # Errors
    /// [`Malformed`] if the record breaks its own rules or the signer is not the one it names.
    pub fn sign(record: R, signer: &dyn Sign) -> Result<Self, Malformed> {
        record.check()?;
        if signer.public() != record.signer() {
            return Err(Malformed::Signature(R::WHAT));
        }
        let body = codec::encode(&record);
        let signature = signer.sign(R::DOMAIN, &body);
        Self::assemble(record, body, signature)
    }

    /// Puts together a record and a signature that was made elsewhere, and checks it.
    ///
    /// # Errors
    /// [`Malformed`] as for [`Signed::decode`].
    pub fn with_signature(record: R, signature: Signature) -> Result<Self, Malformed> {
        record.check()?;
        let body = codec::encode(&record);
        if !verify(&record.signer(), R::DOMAIN, &body, &signature) {
            return Err(Malformed::Signature(R::WHAT));
        }
        Self::assemble(record, body, signature)
    }

    fn assemble(record: R, body: Vec<u8>, signature: Signature) -> Result<Self, Malformed> {
        let hash = hash(R::DOMAIN, &[&body]);
        let bytes = codec::encode(&Wire(body, signature));
        if bytes.len() > R::LIMIT {
            return Err(Malformed::TooLong { what: R::WHAT, limit: R::LIMIT });
        }
        Ok(Self { record, bytes, hash })
    }

    /// Reads, checks rules, verifies the signature. Keeps the bytes as they came.
    ///
    /// # Errors
    /// [`Malformed`]; [`Malformed::LaterVersion`] is for holding, the rest for refusing.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let Wire(body, signature) = codec::decode(R::WHAT, bytes, R::LIMIT)?;
        let record: R = read_body(&body)?;
        record.check()?;
        if !verify(&record.signer(), R::DOMAIN, &body, &signature) {
            return Err(Malformed::Signature(R::WHAT));
        }
        Ok(Self { record, hash: hash(R::DOMAIN, &[&body]), bytes: bytes.to_vec() })
    }

    /// Reads what this node itself verified and stored before: shape and rules, without the signature again.
    ///
    /// # Errors
    /// [`Malformed`] if the stored bytes were damaged.
    pub fn decode_own_store(bytes: &[u8]) -> Result<Self, Malformed> {
        let Wire(body, _) = codec::decode(R::WHAT, bytes, R::LIMIT)?;
        let record: R = read_body(&body)?;
        Ok(Self { record, hash: hash(R::DOMAIN, &[&body]), bytes: bytes.to_vec() })
    }

    /// The record.
    pub fn get(&self) -> &R {
        &self.record
    }

    /// The bytes to store and forward: exactly as they came.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The hash of the signed body under its domain: what others name this record by.
    pub fn hash(&self) -> Hash {
        self.hash
    }
}

impl<R> std::ops::Deref for Signed<R> {
    type Target = R;
    fn deref(&self) -> &R {
        &self.record
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ed25519_dalek::SigningKey;

    #[test]
    fn a_signature_holds_for_its_domain_and_bytes_alone() {
        let key = SigningKey::from_bytes(&[3; 32]);
        let signature = Sign::sign(&key, Domain::Card, b"hello");
        let public = key.public();
        assert!(verify(&public, Domain::Card, b"hello", &signature));
        assert!(!verify(&public, Domain::Heads, b"hello", &signature));
        assert!(!verify(&public, Domain::Card, b"hullo", &signature));
    }

    #[test]
    fn field_borders_matter_to_the_hash() {
        assert_ne!(hash(Domain::Body, &[b"ab", b"c"]), hash(Domain::Body, &[b"a", b"bc"]));
    }
}
