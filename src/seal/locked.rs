//! Key files: keys under a passphrase or a recovery phrase, as ordinary age files.
//!
//! A key file holds a bundle in strict CBOR: a node's keys with its vault key, or a partner's key. Under a
//! passphrase it is an age scrypt file, for the recovery phrase an mlkem768x25519 file; both open with any age
//! program that knows them. Where the files lie is `store`'s.

use super::age_envelope;
use super::age_header::{self, SealedTo};
use super::envelope::secret_bytes;
use super::{
    AgeEnvelope, Envelope, NodeSecret, PartnerSecret, Recipient, RecoveryPhrase, SealFault, VaultKey,
};
use crate::codec::{self, Malformed};
use crate::limit;
use crate::private::Private;
use age::scrypt;
use age::secrecy::SecretString;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Bytes that no bundle exceeds.
const BUNDLE_BYTES: usize = 1024;

/// What a node must have to run: its keys and the key of its vault.
#[derive(Clone)]
pub struct KeyBundle {
    /// The node's keys.
    pub node: NodeSecret,
    /// The key of its vault.
    pub vault: VaultKey,
}

/// What a partner keeps offline: its key.
#[derive(Clone, Debug)]
pub struct PartnerBundle {
    /// The partner's key.
    pub partner: PartnerSecret,
}

#[derive(Serialize, Deserialize)]
struct KeyWire {
    version: u16,
    kind: Kind,
    #[serde(with = "secret_bytes")]
    signing: Private<[u8; 32]>,
    #[serde(with = "secret_bytes")]
    link: Private<[u8; 32]>,
    #[serde(with = "secret_bytes")]
    age: Private<[u8; 32]>,
    #[serde(with = "secret_bytes")]
    vault: Private<[u8; 32]>,
}

#[derive(Serialize, Deserialize)]
struct PartnerWire {
    version: u16,
    kind: Kind,
    #[serde(with = "secret_bytes")]
    seed: Private<[u8; 32]>,
}

/// Which bundle it is: one can never be read as the other.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Node,
    Partner,
}

fn check(what: &'static str, version: u16, right_kind: bool) -> Result<(), Malformed> {
    match version {
        1 if right_kind => Ok(()),
        1 => Err(Malformed::Rule { what, rule: "it is of this kind" }),
        0 => Err(Malformed::Rule { what, rule: "versions count from 1" }),
        _ => Err(Malformed::LaterVersion(what)),
    }
}

impl KeyBundle {
    /// The plaintext of a node's key file.
    pub fn encode(&self) -> Private<Vec<u8>> {
        Private::new(codec::encode(&KeyWire {
            version: 1,
            kind: Kind::Node,
            signing: self.node.signing_seed(),
            link: self.node.link_seed(),
            age: self.node.age_seed().clone(),
            vault: self.vault.bytes().clone(),
        }))
    }

    /// Reads what [`KeyBundle::encode`] wrote.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn decode(bytes: &Private<Vec<u8>>) -> Result<Self, Malformed> {
        let what = "node key file";
        let wire: KeyWire = codec::decode(what, bytes.reveal(), BUNDLE_BYTES)?;
        check(what, wire.version, wire.kind == Kind::Node)?;
        let node = NodeSecret::from_seeds(&wire.signing, &wire.link, wire.age);
        Ok(Self { node, vault: VaultKey::from_chance(*wire.vault.reveal()) })
    }
}

impl fmt::Debug for KeyBundle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyBundle")
    }
}

impl PartnerBundle {
    /// The plaintext of a partner's key file.
    pub fn encode(&self) -> Private<Vec<u8>> {
        let wire = PartnerWire { version: 1, kind: Kind::Partner, seed: self.partner.seed() };
        Private::new(codec::encode(&wire))
    }

    /// Reads what [`PartnerBundle::encode`] wrote.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn decode(bytes: &Private<Vec<u8>>) -> Result<Self, Malformed> {
        let what = "partner key file";
        let wire: PartnerWire = codec::decode(what, bytes.reveal(), BUNDLE_BYTES)?;
        check(what, wire.version, wire.kind == Kind::Partner)?;
        Ok(Self { partner: PartnerSecret::from_chance(wire.seed.reveal()) })
    }
}

/// Locks under a passphrase: an age scrypt file. `scrypt_log_n` is the work factor, 1 to 22: 18 takes about a second
/// and 256 MiB, each step more doubles both.
///
/// # Errors
/// [`SealFault::Header`] for a work factor out of range, [`SealFault::Passphrase`] for an empty passphrase.
pub fn lock_with_passphrase(
    passphrase: &Private<String>,
    scrypt_log_n: u8,
    plaintext: &Private<Vec<u8>>,
) -> Result<Vec<u8>, SealFault> {
    // age panics at 0 and from 64 on, and writes from 23 on what `unlock_with_passphrase` would refuse.
    if scrypt_log_n == 0 || scrypt_log_n > limit::SCRYPT_LOG_N {
        return Err(SealFault::Header);
    }
    if passphrase.is_empty() {
        return Err(SealFault::Passphrase);
    }
    let mut recipient = scrypt::Recipient::new(SecretString::from(passphrase.reveal().clone()));
    // Without this age measures the machine and chooses by itself.
    recipient.set_work_factor(scrypt_log_n);
    age_envelope::seal(std::iter::once(&recipient as &dyn age::Recipient), plaintext.reveal())
}

/// Unlocks what [`lock_with_passphrase`] locked. Only for files of our own: the work is up to 2^22 blocks.
///
/// # Errors
/// [`SealFault::Passphrase`] if the passphrase does not open it; else [`SealFault`].
pub fn unlock_with_passphrase(
    passphrase: &Private<String>,
    locked: &[u8],
) -> Result<Private<Vec<u8>>, SealFault> {
    if locked.len() > limit::KEY_FILE_BYTES {
        return Err(SealFault::Damaged);
    }
    let room = age_header::check(locked, SealedTo::Passphrase)?;
    let mut identity = scrypt::Identity::new(SecretString::from(passphrase.reveal().clone()));
    // Without this the limit depends on how fast the machine is.
    identity.set_max_work_factor(limit::SCRYPT_LOG_N);
    age_envelope::open(&identity, locked, room).map_err(|fault| match fault {
        SealFault::NotForUs => SealFault::Passphrase,
        other => other,
    })
}

/// Locks for a recovery phrase, whose recipient is all that is needed for it.
///
/// # Errors
/// [`SealFault::Recipient`].
pub fn lock_for_recovery(recipient: &Recipient, plaintext: &Private<Vec<u8>>) -> Result<Vec<u8>, SealFault> {
    AgeEnvelope.seal_to(std::slice::from_ref(recipient), plaintext.reveal())
}

/// Unlocks what [`lock_for_recovery`] locked.
///
/// # Errors
/// [`SealFault::NotForUs`] if it was locked for another phrase; else [`SealFault`].
pub fn unlock_with_recovery(phrase: &RecoveryPhrase, locked: &[u8]) -> Result<Private<Vec<u8>>, SealFault> {
    AgeEnvelope.open_as(&phrase.seed(), locked)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::{demo_node, demo_partner};

    fn bundle() -> KeyBundle {
        KeyBundle { node: demo_node("kyiv"), vault: VaultKey::from_chance([6; 32]) }
    }

    #[test]
    fn the_passphrase_opens_and_another_does_not() {
        let plaintext = bundle().encode();
        let locked = lock_with_passphrase(&"three grey herons".into(), 2, &plaintext).unwrap();
        let opened = unlock_with_passphrase(&"three grey herons".into(), &locked).unwrap();
        let read = KeyBundle::decode(&opened).unwrap();
        assert_eq!(read.node.public(), bundle().node.public());
        assert_eq!(read.vault, bundle().vault);
        assert_eq!(unlock_with_passphrase(&"three grey heron".into(), &locked), Err(SealFault::Passphrase));
        let mut cut = locked;
        cut.pop();
        assert_eq!(unlock_with_passphrase(&"three grey herons".into(), &cut), Err(SealFault::Damaged));
    }

    #[test]
    fn work_factors_out_of_range_are_refused_before_any_work() {
        let plaintext = Private::new(vec![1]);
        for log_n in [0, 23, 63, 64, 255] {
            let locked = lock_with_passphrase(&"three grey herons".into(), log_n, &plaintext);
            assert_eq!(locked, Err(SealFault::Header), "{log_n}");
        }
        assert_eq!(lock_with_passphrase(&"".into(), 2, &plaintext), Err(SealFault::Passphrase));
        let locked = lock_with_passphrase(&"three grey herons".into(), 2, &plaintext).unwrap();
        let text = String::from_utf8_lossy(&locked);
        let line = text.lines().nth(1).unwrap();
        let mut heavy = b"age-encryption.org/v1\n".to_vec();
        heavy.extend_from_slice(line.strip_suffix('2').unwrap().as_bytes());
        heavy.extend_from_slice(b"23");
        heavy.extend_from_slice(&locked["age-encryption.org/v1\n".len() + line.len()..]);
        assert_eq!(unlock_with_passphrase(&"three grey herons".into(), &heavy), Err(SealFault::Header));
    }

    #[test]
    fn the_recovery_phrase_opens_and_another_does_not() {
        let (phrase, other) = (RecoveryPhrase::from_chance([1; 16]), RecoveryPhrase::from_chance([2; 16]));
        let plaintext = bundle().encode();
        let locked = lock_for_recovery(&phrase.recipient(), &plaintext).unwrap();
        assert_eq!(unlock_with_recovery(&phrase, &locked), Ok(plaintext));
        assert_eq!(unlock_with_recovery(&other, &locked), Err(SealFault::NotForUs));
    }

    #[test]
    fn bundles_read_back_and_none_is_taken_for_the_other() {
        let partner = PartnerBundle { partner: demo_partner("doha") };
        let read = PartnerBundle::decode(&partner.encode()).unwrap();
        assert_eq!(read.partner.partner_id(), partner.partner.partner_id());
        assert!(KeyBundle::decode(&partner.encode()).is_err());
        assert!(PartnerBundle::decode(&bundle().encode()).is_err());
        let mut longer = partner.encode().reveal().clone();
        longer.push(0);
        assert!(PartnerBundle::decode(&Private::new(longer)).is_err());
        assert_eq!(
            format!("{:?} {partner:?}", bundle()),
            "KeyBundle PartnerBundle { partner: PartnerSecret }"
        );
    }

    #[test]
    fn later_versions_are_told_apart() {
        let wire = |version, kind| {
            Private::new(codec::encode(&PartnerWire { version, kind, seed: Private::new([1; 32]) }))
        };
        let later = PartnerBundle::decode(&wire(2, Kind::Partner)).unwrap_err();
        assert_eq!(later, Malformed::LaterVersion("partner key file"));
        assert!(matches!(PartnerBundle::decode(&wire(0, Kind::Partner)), Err(Malformed::Rule { .. })));
        assert!(matches!(PartnerBundle::decode(&wire(1, Kind::Node)), Err(Malformed::Rule { .. })));
    }
}
