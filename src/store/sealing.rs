//! How one record is sealed: XChaCha20-Poly1305 under a key made from the vault key, filed under a keyed hash.

use super::StoreFault;
use crate::limit;
use crate::private::Private;
use crate::sign::{Domain, hash};
use chacha20poly1305::{AeadInPlace as _, KeyInit as _, Tag, XChaCha20Poly1305, XNonce};
use zeroize::{Zeroize as _, ZeroizeOnDrop};

/// Bytes of the random nonce that stands before each sealed record.
const NONCE_BYTES: usize = 24;
/// Bytes of the tag that stands behind it.
const TAG_BYTES: usize = 16;
/// What sealing adds to a record, in bytes.
pub(super) const OVERHEAD_BYTES: usize = NONCE_BYTES + TAG_BYTES;

/// The two keys of a vault: one that files, one that seals, so that neither use can weaken the other.
#[derive(ZeroizeOnDrop)]
pub(super) struct Sealing {
    file_key: [u8; 32],
    #[zeroize(skip)] // wiped by the cipher itself
    cipher: XChaCha20Poly1305,
}

impl Sealing {
    pub(super) fn new(vault_key: &Private<[u8; 32]>) -> Self {
        let file_key = hash(Domain::VaultName, &[vault_key.reveal(), b"file"]).0;
        let mut seal_key = hash(Domain::VaultName, &[vault_key.reveal(), b"seal"]).0;
        let cipher = XChaCha20Poly1305::new(&seal_key.into());
        seal_key.zeroize();
        Self { file_key, cipher }
    }

    /// Where a record of this name is filed.
    pub(super) fn key(&self, name: &[u8]) -> [u8; 32] {
        hash(Domain::VaultName, &[&self.file_key, name]).0
    }

    /// Nonce, ciphertext, tag.
    pub(super) fn seal(&self, name: &[u8], plain: &[u8]) -> Result<Vec<u8>, StoreFault> {
        if plain.len() > limit::VAULT_RECORD_BYTES {
            return Err(StoreFault::TooLong { limit: limit::VAULT_RECORD_BYTES });
        }
        let nonce: [u8; NONCE_BYTES] = random()?;
        let mut sealed = Vec::with_capacity(plain.len() + OVERHEAD_BYTES);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(plain);
        let (_, body) = sealed.split_at_mut(NONCE_BYTES);
        let tag = self
            .cipher
            .encrypt_in_place_detached(&XNonce::from(nonce), name, body)
            .map_err(|_| StoreFault::TooLong { limit: limit::VAULT_RECORD_BYTES })?;
        sealed.extend_from_slice(&tag);
        Ok(sealed)
    }

    /// What was sealed under this name and no other; `None` if it was not, or was changed since.
    pub(super) fn open(&self, name: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, rest) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        let (body, tag) = rest.split_last_chunk::<TAG_BYTES>()?;
        let mut plain = body.to_vec();
        self.cipher
            .decrypt_in_place_detached(&XNonce::from(*nonce), name, &mut plain, &Tag::from(*tag))
            .ok()
            .map(|()| plain)
    }
}

/// Random bytes from the system: nonces and the vault's id. The one place of this room that draws chance.
pub(super) fn random<const N: usize>() -> Result<[u8; N], StoreFault> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| StoreFault::Chance)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_opens_under_its_own_name_and_key_alone() {
        let sealing = Sealing::new(&Private::new([1; 32]));
        let other = Sealing::new(&Private::new([2; 32]));
        let sealed = sealing.seal(b"name", b"words").unwrap();
        assert_eq!(sealing.open(b"name", &sealed), Some(b"words".to_vec()));
        assert_eq!(sealing.open(b"other", &sealed), None);
        assert_eq!(other.open(b"name", &sealed), None);
        assert_ne!(sealing.key(b"name"), other.key(b"name"));
        for at in 0..sealed.len() {
            let mut bent = sealed.clone();
            bent[at] ^= 1;
            assert_eq!(sealing.open(b"name", &bent), None);
            assert_eq!(sealing.open(b"name", &sealed[..at]), None);
        }
    }

    #[test]
    fn the_same_words_never_look_the_same() {
        let sealing = Sealing::new(&Private::new([1; 32]));
        assert_ne!(sealing.seal(b"n", b"w"), sealing.seal(b"n", b"w"));
    }
}
