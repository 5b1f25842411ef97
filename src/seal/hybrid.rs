//! age's post-quantum recipient, mlkem768x25519: HPKE in base mode over X-Wing (ML-KEM-768 and X25519 together).
//!
//! The age crate 0.12.1 lacks it; the format is <https://c2sp.org/age>, "The mlkem768x25519 recipient type". Files
//! sealed with it open in other implementations. The label `postquantum` keeps a file key from being wrapped to a
//! classical recipient beside it, which would undo what it is for.

use super::{Recipient, SealFault};
use crate::private::Private;
use age::secrecy::ExposeSecret;
use age::{DecryptError, EncryptError};
use age_core::format::{FILE_KEY_BYTES, FileKey, Stanza};
use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
use bech32::{Bech32, Checksum, Hrp, primitives::decode::CheckedHrpstring};
use hpke_rs::{Hpke, HpkeError, HpkePrivateKey, HpkePublicKey, Mode};
use hpke_rs_crypto::HpkeCrypto;
use hpke_rs_crypto::types::{AeadAlgorithm, KdfAlgorithm, KemAlgorithm};
use hpke_rs_libcrux::HpkeLibcrux;
use std::collections::HashSet;
use zeroize::{Zeroize, Zeroizing};

const TAG: &str = "mlkem768x25519";
const INFO: &[u8] = b"age-encryption.org/mlkem768x25519";
const LABEL: &str = "postquantum";
/// Bytes of an encapsulated key: 1,088 of ML-KEM-768 and 32 of X25519.
const ENCAPSULATED_BYTES: usize = 1120;
/// Bytes of a wrapped file key: 16 and the tag.
const WRAPPED_BYTES: usize = FILE_KEY_BYTES + 16;
const RECIPIENT_PREFIX: Hrp = Hrp::parse_unchecked("age1pq");
const IDENTITY_PREFIX: Hrp = Hrp::parse_unchecked("age-secret-key-pq-");

/// Bech32 without its length limit of 1,023: a recipient has 1,959 characters. Finds typing errors less surely, as
/// age accepts by design.
enum LongBech32 {}

impl Checksum for LongBech32 {
    type MidstateRepr = u32;
    const CODE_LENGTH: usize = 4096;
    const CHECKSUM_LENGTH: usize = Bech32::CHECKSUM_LENGTH;
    const GENERATOR_SH: [u32; 5] = Bech32::GENERATOR_SH;
    const TARGET_RESIDUE: u32 = Bech32::TARGET_RESIDUE;
}

fn hpke() -> Result<Hpke<HpkeLibcrux>, HpkeError> {
    Hpke::try_new(
        Mode::Base,
        KemAlgorithm::XWingDraft06,
        KdfAlgorithm::HkdfSha256,
        AeadAlgorithm::ChaCha20Poly1305,
    )
}

impl Recipient {
    /// The recipient as age writes it: `age1pq1...`, 1,959 characters.
    pub fn text(&self) -> String {
        // The code length covers every certificate's key; a longer one has no text.
        bech32::encode_lower::<LongBech32>(RECIPIENT_PREFIX, &self.0).unwrap_or_default()
    }

    /// Reads `age1pq1...`.
    ///
    /// # Errors
    /// [`SealFault::Recipient`].
    pub fn parse(text: &str) -> Result<Self, SealFault> {
        let parsed = CheckedHrpstring::new::<LongBech32>(text).map_err(|_| SealFault::Recipient)?;
        let key: Vec<u8> = parsed.byte_iter().collect();
        if parsed.hrp() == RECIPIENT_PREFIX && key.len() == super::card::RECIPIENT_BYTES {
            Ok(Self(key))
        } else {
            Err(SealFault::Recipient)
        }
    }
}

impl age::Recipient for Recipient {
    fn wrap_file_key(&self, file_key: &FileKey) -> Result<(Vec<Stanza>, HashSet<String>), EncryptError> {
        let (encapsulated, body) = hpke()
            .and_then(|mut hpke| {
                let key = HpkePublicKey::new(self.0.clone());
                hpke.seal(&key, INFO, b"", file_key.expose_secret(), None, None, None)
            })
            .map_err(|_| EncryptError::Io(std::io::ErrorKind::InvalidInput.into()))?;
        let stanza =
            Stanza { tag: TAG.to_owned(), args: vec![BASE64_STANDARD_NO_PAD.encode(encapsulated)], body };
        Ok((vec![stanza], HashSet::from([LABEL.to_owned()])))
    }
}

/// An mlkem768x25519 identity: opens what was sealed to its recipient.
#[derive(Clone, Debug)]
pub struct HybridIdentity {
    seed: Private<[u8; 32]>,
}

impl HybridIdentity {
    /// From its 32-byte seed.
    pub fn new(seed: Private<[u8; 32]>) -> Self {
        Self { seed }
    }

    /// Reads `AGE-SECRET-KEY-PQ-1...`.
    ///
    /// # Errors
    /// [`SealFault::Recipient`].
    pub fn parse(text: &Private<String>) -> Result<Self, SealFault> {
        let parsed = CheckedHrpstring::new::<LongBech32>(text.reveal()).map_err(|_| SealFault::Recipient)?;
        let bytes = Zeroizing::new(parsed.byte_iter().collect::<Vec<u8>>());
        match <[u8; 32]>::try_from(bytes.as_slice()) {
            Ok(seed) if parsed.hrp() == IDENTITY_PREFIX => Ok(Self { seed: Private::new(seed) }),
            _ => Err(SealFault::Recipient),
        }
    }

    /// Its seed: what [`super::Envelope::open_as`] takes.
    pub fn seed(&self) -> &Private<[u8; 32]> {
        &self.seed
    }

    /// The identity as age writes it: `AGE-SECRET-KEY-PQ-1...`.
    pub fn text(&self) -> Private<String> {
        Private::new(
            bech32::encode_upper::<LongBech32>(IDENTITY_PREFIX, self.seed.reveal()).unwrap_or_default(),
        )
    }

    /// What to seal to.
    ///
    /// # Panics
    /// If the library refuses a seed of its own length: our own bug.
    #[allow(clippy::expect_used)]
    pub fn recipient(&self) -> Recipient {
        let (public, mut secret) =
            <HpkeLibcrux as HpkeCrypto>::kem_key_gen_derand(KemAlgorithm::XWingDraft06, self.seed.reveal())
                .expect("every seed of 32 bytes makes a key");
        secret.zeroize();
        Recipient(public)
    }

    fn open(&self, stanza: &Stanza) -> Option<Result<FileKey, DecryptError>> {
        let [encapsulated] = stanza.args.as_slice() else {
            return Some(Err(DecryptError::InvalidHeader));
        };
        let encapsulated = match BASE64_STANDARD_NO_PAD.decode(encapsulated) {
            Ok(bytes) if bytes.len() == ENCAPSULATED_BYTES && stanza.body.len() == WRAPPED_BYTES => bytes,
            _ => return Some(Err(DecryptError::InvalidHeader)),
        };
        let secret = HpkePrivateKey::new(self.seed.reveal().to_vec());
        let opened = hpke()
            .and_then(|hpke| hpke.open(&encapsulated, &secret, INFO, b"", &stanza.body, None, None, None));
        match opened {
            Ok(key) => {
                let key = Zeroizing::new(key);
                Some(FileKey::try_init_with_mut(|file_key| {
                    match <&[u8; FILE_KEY_BYTES]>::try_from(key.as_slice()) {
                        Ok(key) => {
                            file_key.copy_from_slice(key);
                            Ok(())
                        }
                        Err(_) => Err(DecryptError::InvalidHeader),
                    }
                }))
            }
            // A stanza for somebody else looks the same as a damaged one: not ours.
            Err(HpkeError::OpenError) => None,
            // Low-order points and the like: nobody honest wrote it.
            Err(_) => Some(Err(DecryptError::InvalidHeader)),
        }
    }
}

impl age::Identity for HybridIdentity {
    fn unwrap_stanza(&self, stanza: &Stanza) -> Option<Result<FileKey, DecryptError>> {
        if stanza.tag == TAG { self.open(stanza) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_read_back_from_their_text() {
        LongBech32::sanity_check();
        let identity = HybridIdentity::new(Private::new([5; 32]));
        let recipient = identity.recipient();
        let text = recipient.text();
        assert_eq!(text.len(), 1959);
        assert!(text.starts_with("age1pq1"));
        assert_eq!(Recipient::parse(&text), Ok(recipient.clone()));
        let secret = identity.text();
        assert!(secret.reveal().starts_with("AGE-SECRET-KEY-PQ-1"));
        assert_eq!(HybridIdentity::parse(&secret).unwrap().recipient(), recipient);
    }

    #[test]
    fn other_texts_are_no_keys() {
        let text = HybridIdentity::new(Private::new([5; 32])).recipient().text();
        let flipped = text.replacen("age1pq1", "age1pq1q", 1);
        for bad in ["", "age1pq1", flipped.as_str(), &text.to_uppercase()[..100]] {
            assert_eq!(Recipient::parse(bad), Err(SealFault::Recipient));
        }
        let classical = "AGE-SECRET-KEY-1GQ9778VQXMMJVE8SK7J6VT8UJ4HDQAJUVSFCWCM02D8GEWQ72PVQ2Y5J33";
        assert!(HybridIdentity::parse(&Private::from(classical)).is_err());
    }

    #[test]
    fn an_identity_does_not_print() {
        let shown = format!("{:?}", HybridIdentity::new(Private::new([0xab; 32])));
        assert!(!shown.contains("171") && !shown.contains("ab"), "{shown}");
    }
}
