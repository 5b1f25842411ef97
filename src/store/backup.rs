//! Backups: all records as they are filed and sealed, without the caches, in one stream; and a vault made from one.
//!
//! A backup is sealed under the vault key that it came from, so it shows no more than the vault does, and is opened with
//! the same passphrase or recovery key. A hash over all of it, sealed at its end, proves that it is whole and ours. A
//! vault made from a backup is one that fell back: its node takes a new instance before it writes.

use super::disk::Folder;
use super::sealing::{OVERHEAD_BYTES, Sealing};
use super::vault::{Opened, Reader, Vault, Writer};
use super::{Name, StoreFault, files};
use crate::codec;
use crate::limit;
use crate::private::Private;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::io::{Read, Write};
use std::path::Path;
use std::sync::Arc;

/// The first line of a backup.
const FIRST_LINE: &[u8; 18] = b"homeward backup 1\n";
/// The greatest sealed record in bytes; the length that stands for "the seal follows" is 0.
const SEALED_BYTES: usize = limit::VAULT_RECORD_BYTES + OVERHEAD_BYTES;
/// The sealed seal is a short record.
const SEAL_BYTES: usize = 256;

/// What stands sealed at the end.
#[derive(Serialize, Deserialize)]
struct Seal {
    /// How many records.
    records: u64,
    /// SHA-256 over all bytes before the seal's own.
    #[serde(with = "serde_bytes")]
    hash: [u8; 32],
}

/// Writes a backup of one view of the vault. Returns how many records it holds. Syncing is the caller's
/// ([`super::files::write_private_with`]).
///
/// # Errors
/// [`StoreFault`].
pub fn back_up(reader: &Reader<'_>, out: &mut impl Write) -> Result<u64, StoreFault> {
    let mut out = std::io::BufWriter::new(out);
    let mut state = Sha256::new();
    let mut say = |bytes: &[u8]| -> Result<(), StoreFault> {
        state.update(bytes);
        Ok(out.write_all(bytes)?)
    };
    say(FIRST_LINE)?;
    let mut records = 0;
    reader.for_each_filed(|key, sealed| {
        let length = u32::try_from(sealed.len()).map_err(|_| StoreFault::TooLong { limit: SEALED_BYTES })?;
        say(&length.to_be_bytes())?;
        say(key)?;
        say(sealed)?;
        records += 1;
        Ok(())
    })?;
    say(&0u32.to_be_bytes())?;
    let seal = Seal { records, hash: state.finalize().into() };
    let sealed = reader.sealing().seal(&Name::Backup.encode(), &codec::encode(&seal))?;
    out.write_all(&sealed)?;
    out.flush()?;
    Ok(records)
}

/// Makes a vault in a folder from a backup and the key that the backup's vault had. If the backup is not whole and
/// genuine to its last byte, there is no vault.
///
/// # Errors
/// [`StoreFault::Exists`], [`StoreFault::WrongKey`], [`StoreFault::Damaged`], [`StoreFault::LaterVersion`],
/// [`StoreFault::Disk`].
pub fn restore(folder: &Path, key: &Private<[u8; 32]>, input: impl Read) -> Result<Opened, StoreFault> {
    let mut input = std::io::BufReader::new(input);
    let sealing = Sealing::new(key);
    files::private_folder(folder)?;
    let vault = Vault::create_on(Arc::new(Folder::lock(folder)?), key, |writer| {
        let state = take_in(writer, &sealing, &mut input)?;
        // Whatever was said after the backup was made is not known here.
        writer.mark_fallen_back(state)
    })?;
    Ok(Opened { vault, moved: false, fell_back: true })
}

/// Files all records; hands back the state record of the vault that was backed up.
fn take_in(writer: &mut Writer<'_>, sealing: &Sealing, input: &mut impl Read) -> Result<Vec<u8>, StoreFault> {
    let damaged = StoreFault::Damaged("backup");
    let mut hash = Sha256::new();
    let mut line = [0; FIRST_LINE.len()];
    fill(input, &mut line)?;
    if &line != FIRST_LINE {
        let later = line.starts_with(b"homeward backup ");
        return Err(if later {
            StoreFault::LaterVersion
        } else {
            StoreFault::Damaged("first line of a backup")
        });
    }
    hash.update(line);
    let state_name = Name::State.encode();
    let state_key = sealing.key(&state_name);
    let mut state = None;
    let mut records = 0;
    loop {
        let mut length = [0; 4];
        fill(input, &mut length)?;
        hash.update(length);
        let length = u32::from_be_bytes(length) as usize;
        if length == 0 {
            break;
        }
        if length > SEALED_BYTES {
            return Err(damaged);
        }
        let mut key = [0; 32];
        fill(input, &mut key)?;
        let sealed = read_to_length(input, length)?;
        hash.update(key);
        hash.update(&sealed);
        records += 1;
        if key == state_key {
            state = sealing.open(&state_name, &sealed);
        } else {
            writer.put_filed(key, &sealed)?;
        }
    }
    // Every vault has a state: not to find it is to look with another key.
    let state = state.ok_or(StoreFault::WrongKey)?;
    let mut sealed = Vec::new();
    input.take(SEAL_BYTES as u64 + 1).read_to_end(&mut sealed)?;
    let seal = sealing.open(&Name::Backup.encode(), &sealed).ok_or(damaged)?;
    let seal: Seal = codec::decode("backup", &seal, SEAL_BYTES)?;
    let hash: [u8; 32] = hash.finalize().into();
    if seal.hash != hash || seal.records != records {
        return Err(damaged);
    }
    Ok(state)
}

fn fill(input: &mut impl Read, bytes: &mut [u8]) -> Result<(), StoreFault> {
    input.read_exact(bytes).map_err(|error| match error.kind() {
        std::io::ErrorKind::UnexpectedEof => StoreFault::Damaged("end of a backup"),
        _ => error.into(),
    })
}

/// Exactly so many bytes, without trusting the number before they are there.
fn read_to_length(input: &mut impl Read, length: usize) -> Result<Vec<u8>, StoreFault> {
    let mut bytes = Vec::new();
    input.take(length as u64).read_to_end(&mut bytes)?;
    if bytes.len() < length { Err(StoreFault::Damaged("end of a backup")) } else { Ok(bytes) }
}
