//! The real envelope: zstd, PADME and age. The one caller of age for everything that is sealed.
//!
//! A work plaintext becomes `length (4 bytes, big end first) || one zstd frame || zeros up to the PADME length`, and
//! that an ordinary age v1 file with one X25519 stanza. Opening goes the same way back and acts on nothing before the
//! last byte was verified. Each judgement depends on the bytes alone, so all members judge alike.

use super::age_header::{self, SealedTo};
use super::padding::padme;
use super::{Envelope, EpochKey, HybridIdentity, Recipient, SealFault};
use crate::limit;
use crate::private::Private;
use age::{DecryptError, Decryptor, EncryptError, Encryptor};
use bech32::{Bech32, Hrp};
use std::io::{Read, Write};
use zeroize::Zeroizing;

/// zstd's level: bytes are dear on a bad link, and a segment is compressed once.
const ZSTD_LEVEL: i32 = 12;
/// How a zstd frame begins. A skippable frame begins otherwise, and has no place here.
const ZSTD_MAGIC: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];
/// Bytes of the length before the compressed data.
const LENGTH_BYTES: usize = 4;
/// What a header with one stanza, a grease stanza, nonce and tags add: capacity only, not a limit.
const HEADER_ROOM: usize = 1024;
const X25519_PREFIX: Hrp = Hrp::parse_unchecked("age-secret-key-");

/// Sealing with age. Holds nothing: two of them are the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AgeEnvelope;

impl Envelope for AgeEnvelope {
    fn seal_work(&self, epoch: &EpochKey, plaintext: &[u8]) -> Result<Vec<u8>, SealFault> {
        let padded = pack(plaintext)?;
        let recipient = epoch_identity(epoch)?.to_public();
        seal(std::iter::once(&recipient as &dyn age::Recipient), &padded)
    }

    fn open_work(&self, epoch: &EpochKey, sealed: &[u8]) -> Result<Private<Vec<u8>>, SealFault> {
        if sealed.len() > limit::SEGMENT_SEALED_BYTES {
            return Err(SealFault::Damaged);
        }
        let room = age_header::check(sealed, SealedTo::Epoch)?;
        let padded = open(&epoch_identity(epoch)?, sealed, room)?;
        unpack(padded.reveal())
    }

    fn seal_to(&self, recipients: &[Recipient], plaintext: &[u8]) -> Result<Vec<u8>, SealFault> {
        if recipients.is_empty() || recipients.len() > limit::PARTNER_NODES {
            return Err(SealFault::Recipient);
        }
        seal(recipients.iter().map(|recipient| recipient as &dyn age::Recipient), plaintext)
    }

    fn open_as(&self, secret: &Private<[u8; 32]>, sealed: &[u8]) -> Result<Private<Vec<u8>>, SealFault> {
        let room = age_header::check(sealed, SealedTo::Nodes)?;
        open(&HybridIdentity::new(secret.clone()), sealed, room)
    }
}

/// An epoch's identity as age writes it, `AGE-SECRET-KEY-1...`: with it any age program opens the epoch's segments.
pub fn epoch_identity_text(epoch: &EpochKey) -> Private<String> {
    // 32 bytes always fit Bech32's length.
    Private::new(bech32::encode_upper::<Bech32>(X25519_PREFIX, epoch.0.reveal()).unwrap_or_default())
}

fn epoch_identity(epoch: &EpochKey) -> Result<age::x25519::Identity, SealFault> {
    // age takes keys as text alone.
    epoch_identity_text(epoch).reveal().parse().map_err(|_| SealFault::Recipient)
}

/// Seals to age recipients.
pub(super) fn seal<'a>(
    recipients: impl Iterator<Item = &'a dyn age::Recipient>,
    plaintext: &[u8],
) -> Result<Vec<u8>, SealFault> {
    let encryptor = Encryptor::with_recipients(recipients).map_err(|fault| match fault {
        EncryptError::Io(_) | EncryptError::MissingRecipients => SealFault::Recipient,
        _ => SealFault::Header,
    })?;
    // Writing to memory fails only if age itself does.
    let damaged = |_| SealFault::Damaged;
    let mut sealed = Vec::with_capacity(plaintext.len() + plaintext.len() / 2048 + HEADER_ROOM);
    let mut writer = encryptor.wrap_output(&mut sealed).map_err(damaged)?;
    writer.write_all(plaintext).map_err(damaged)?;
    writer.finish().map_err(damaged)?;
    Ok(sealed)
}

/// Opens a file whose header was checked; `room` bounds its plaintext in bytes. Nothing is returned before age has
/// verified the last chunk.
pub(super) fn open(
    identity: &dyn age::Identity,
    sealed: &[u8],
    room: usize,
) -> Result<Private<Vec<u8>>, SealFault> {
    let decryptor = Decryptor::new_buffered(sealed).map_err(fault)?;
    let mut reader = decryptor.decrypt(std::iter::once(identity)).map_err(fault)?;
    // All of the room at once: a growing buffer would leave unwiped copies behind.
    let mut plaintext = Zeroizing::new(Vec::with_capacity(room));
    match reader.read_to_end(&mut plaintext) {
        Ok(_) => Ok(Private::new(std::mem::take(&mut *plaintext))),
        Err(_) => Err(SealFault::Damaged),
    }
}

fn fault(fault: DecryptError) -> SealFault {
    match fault {
        DecryptError::NoMatchingKeys | DecryptError::DecryptionFailed => SealFault::NotForUs,
        DecryptError::InvalidMac | DecryptError::Io(_) => SealFault::Damaged,
        _ => SealFault::Header,
    }
}

/// Compresses and pads.
fn pack(plaintext: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealFault> {
    if plaintext.len() > limit::SEGMENT_INFLATED_BYTES {
        return Err(SealFault::Damaged);
    }
    let most = zstd::zstd_safe::compress_bound(plaintext.len()) + LENGTH_BYTES;
    let mut padded = Zeroizing::new(vec![0; most.min(limit::SEGMENT_PLAIN_BYTES)]);
    let (head, data) = padded.split_at_mut(LENGTH_BYTES);
    // Fails if the compressed data would not fit what is left of the limit.
    let length =
        zstd::bulk::compress_to_buffer(plaintext, data, ZSTD_LEVEL).map_err(|_| SealFault::Damaged)?;
    let written = u32::try_from(length).map_err(|_| SealFault::Damaged)?;
    head.copy_from_slice(&written.to_be_bytes());
    // zstd may have used more of the buffer than it says: what follows the data is written as zeros.
    padded.truncate(LENGTH_BYTES + length);
    padded.resize(padme(LENGTH_BYTES + length), 0);
    Ok(padded)
}

/// Checks the padding, inflates within the limit.
fn unpack(padded: &[u8]) -> Result<Private<Vec<u8>>, SealFault> {
    if padded.len() > limit::SEGMENT_PLAIN_BYTES {
        return Err(SealFault::Damaged);
    }
    let (head, rest) = padded.split_first_chunk::<LENGTH_BYTES>().ok_or(SealFault::Damaged)?;
    let length = usize::try_from(u32::from_be_bytes(*head)).map_err(|_| SealFault::Damaged)?;
    let (frame, zeros) = rest.split_at_checked(length).ok_or(SealFault::Damaged)?;
    if padded.len() != padme(LENGTH_BYTES + length) || zeros.iter().any(|byte| *byte != 0) {
        return Err(SealFault::Damaged);
    }
    inflate(frame)
}

/// Inflates exactly one zstd frame that declares its size.
fn inflate(frame: &[u8]) -> Result<Private<Vec<u8>>, SealFault> {
    if !frame.starts_with(ZSTD_MAGIC) || zstd::zstd_safe::find_frame_compressed_size(frame) != Ok(frame.len())
    {
        return Err(SealFault::Damaged);
    }
    let declared =
        zstd::zstd_safe::get_frame_content_size(frame).ok().flatten().ok_or(SealFault::Inflated)?;
    let declared = usize::try_from(declared).map_err(|_| SealFault::Inflated)?;
    if declared > limit::SEGMENT_INFLATED_BYTES {
        return Err(SealFault::Inflated);
    }
    let plaintext = zstd::bulk::decompress(frame, declared).map_err(|_| SealFault::Inflated)?;
    if plaintext.len() == declared { Ok(Private::new(plaintext)) } else { Err(SealFault::Inflated) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn epoch(byte: u8) -> EpochKey {
        EpochKey(Private::new([byte; 32]))
    }

    /// Seals any padded plaintext, as a hostile member could.
    fn seal_padded(padded: &[u8]) -> Vec<u8> {
        let recipient = epoch_identity(&epoch(1)).unwrap().to_public();
        seal(std::iter::once(&recipient as &dyn age::Recipient), padded).unwrap()
    }

    fn padded(frame: &[u8]) -> Vec<u8> {
        let mut padded = (frame.len() as u32).to_be_bytes().to_vec();
        padded.extend_from_slice(frame);
        padded.resize(padme(padded.len()), 0);
        padded
    }

    fn noise(length: usize) -> Vec<u8> {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state as u8
        };
        (0..length).map(|_| next()).collect()
    }

    #[test]
    fn what_is_sealed_opens_and_only_for_its_epoch() {
        for length in [0, 1, 100, 65_536, 1_000_000] {
            let plaintext = noise(length);
            let sealed = AgeEnvelope.seal_work(&epoch(1), &plaintext).unwrap();
            assert!(sealed.len() <= limit::SEGMENT_SEALED_BYTES);
            assert_eq!(AgeEnvelope.open_work(&epoch(1), &sealed).unwrap().reveal(), &plaintext);
            assert_eq!(AgeEnvelope.open_work(&epoch(2), &sealed), Err(SealFault::NotForUs));
        }
        let text = vec![b'a'; limit::SEGMENT_INFLATED_BYTES];
        let sealed = AgeEnvelope.seal_work(&epoch(1), &text).unwrap();
        assert_eq!(AgeEnvelope.open_work(&epoch(1), &sealed).unwrap().reveal(), &text);
    }

    #[test]
    fn what_exceeds_the_limits_is_not_sealed() {
        let long = vec![0; limit::SEGMENT_INFLATED_BYTES + 1];
        assert_eq!(AgeEnvelope.seal_work(&epoch(1), &long), Err(SealFault::Damaged));
        let dense = noise(limit::SEGMENT_PLAIN_BYTES);
        assert_eq!(AgeEnvelope.seal_work(&epoch(1), &dense), Err(SealFault::Damaged));
    }

    #[test]
    fn sealed_lengths_take_few_values() {
        // The header's grease stanza varies, so the payload alone is measured.
        let lengths: std::collections::BTreeSet<usize> = (40_000..41_000)
            .step_by(10)
            .map(|length| {
                let sealed = AgeEnvelope.seal_work(&epoch(1), &noise(length)).unwrap();
                sealed.len() - age_header::age_header_length(&sealed).unwrap()
            })
            .collect();
        assert!(lengths.len() <= 3, "{lengths:?}");
    }

    #[test]
    fn every_cut_and_flip_is_noticed() {
        let sealed = AgeEnvelope.seal_work(&epoch(1), b"a short segment").unwrap();
        for length in 0..sealed.len() {
            assert!(AgeEnvelope.open_work(&epoch(1), &sealed[..length]).is_err(), "cut at {length}");
        }
        for place in 0..sealed.len() {
            let mut flipped = sealed.clone();
            flipped[place] ^= 1;
            assert!(AgeEnvelope.open_work(&epoch(1), &flipped).is_err(), "flipped at {place}");
        }
        let mut longer = sealed;
        longer.push(0);
        assert_eq!(AgeEnvelope.open_work(&epoch(1), &longer), Err(SealFault::Damaged));
    }

    #[test]
    fn hostile_plaintexts_are_refused() {
        let frame = zstd::bulk::compress(b"hello", 3).unwrap();
        let good = padded(&frame);
        assert_eq!(AgeEnvelope.open_work(&epoch(1), &seal_padded(&good)).unwrap().reveal(), b"hello");

        let mut dirty = padded(&noise(1000));
        *dirty.last_mut().unwrap() = 1;
        let mut more_zeros = good.clone();
        more_zeros.push(0);
        let mut length_beyond = good.clone();
        length_beyond[..4].copy_from_slice(&u32::MAX.to_be_bytes());
        let two_frames = padded(&[frame.clone(), frame.clone()].concat());
        let mut skippable = vec![0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0];
        skippable.extend_from_slice(&[0; 4]);
        // One raw block under a header that declares no size, only a window.
        let mut no_size = ZSTD_MAGIC.to_vec();
        no_size.extend_from_slice(&[0, 0x58, 0x29, 0, 0]);
        no_size.extend_from_slice(b"hello");
        assert_eq!(zstd::bulk::decompress(&no_size, 5).unwrap(), b"hello");
        let bomb = zstd::bulk::compress(&vec![0; limit::SEGMENT_INFLATED_BYTES + 1], 3).unwrap();
        assert!(bomb.len() < 10_000);
        for (what, plaintext, fault) in [
            ("empty", vec![], SealFault::Damaged),
            ("short", vec![0, 0], SealFault::Damaged),
            ("a padding byte that is not zero", dirty, SealFault::Damaged),
            ("more padding than PADME gives", more_zeros, SealFault::Damaged),
            ("a length beyond the end", length_beyond, SealFault::Damaged),
            ("two frames", two_frames, SealFault::Damaged),
            ("a skippable frame", padded(&skippable), SealFault::Damaged),
            ("no frame", padded(b""), SealFault::Damaged),
            ("no declared size", padded(&no_size), SealFault::Inflated),
            ("a bomb", padded(&bomb), SealFault::Inflated),
            ("too long", vec![0; limit::SEGMENT_PLAIN_BYTES + 1], SealFault::Damaged),
        ] {
            let opened = AgeEnvelope.open_work(&epoch(1), &seal_padded(&plaintext));
            assert_eq!(opened, Err(fault), "{what}");
        }
    }

    #[test]
    fn a_frame_that_declares_less_or_more_than_it_holds_is_refused() {
        // A frame of one raw block of five bytes; its header declares the size in one byte.
        let frame = |declared: u8| {
            let mut frame = ZSTD_MAGIC.to_vec();
            frame.extend_from_slice(&[0x20, declared, 0x29, 0, 0]);
            frame.extend_from_slice(b"hello");
            padded(&frame)
        };
        assert_eq!(AgeEnvelope.open_work(&epoch(1), &seal_padded(&frame(5))).unwrap().reveal(), b"hello");
        for declared in [0, 4, 6, 255] {
            assert_eq!(
                AgeEnvelope.open_work(&epoch(1), &seal_padded(&frame(declared))),
                Err(SealFault::Inflated),
                "{declared}"
            );
        }
    }

    #[test]
    fn nodes_open_what_is_sealed_to_them() {
        let seeds: Vec<Private<[u8; 32]>> = (1..=3).map(|byte| Private::new([byte; 32])).collect();
        let recipients: Vec<Recipient> =
            seeds.iter().map(|seed| HybridIdentity::new(seed.clone()).recipient()).collect();
        let sealed = AgeEnvelope.seal_to(&recipients[..2], b"key").unwrap();
        for seed in &seeds[..2] {
            assert_eq!(AgeEnvelope.open_as(seed, &sealed).unwrap().reveal(), b"key");
        }
        assert_eq!(AgeEnvelope.open_as(&seeds[2], &sealed), Err(SealFault::NotForUs));
    }

    #[test]
    fn bad_recipients_are_refused() {
        let good = HybridIdentity::new(Private::new([1; 32])).recipient();
        for recipients in [
            vec![],
            vec![good.clone(); 17],
            vec![Recipient(vec![0; 3])],
            vec![good, Recipient(vec![0xff; super::super::card::RECIPIENT_BYTES])],
        ] {
            assert_eq!(AgeEnvelope.seal_to(&recipients, b"key"), Err(SealFault::Recipient));
        }
    }

    #[test]
    fn files_of_the_other_kind_are_refused_by_their_header() {
        let seed = Private::new([1; 32]);
        let nodes = AgeEnvelope.seal_to(&[HybridIdentity::new(seed.clone()).recipient()], b"key").unwrap();
        let work = AgeEnvelope.seal_work(&epoch(1), b"key").unwrap();
        assert_eq!(AgeEnvelope.open_work(&epoch(1), &nodes), Err(SealFault::Header));
        assert_eq!(AgeEnvelope.open_as(&seed, &work), Err(SealFault::Header));
    }

    #[test]
    fn a_hybrid_file_takes_no_classical_recipient_beside_it() {
        let hybrid = HybridIdentity::new(Private::new([1; 32])).recipient();
        let classical = epoch_identity(&epoch(1)).unwrap().to_public();
        let both: [&dyn age::Recipient; 2] = [&hybrid, &classical];
        assert!(seal(both.into_iter(), b"key").is_err());
    }
}
