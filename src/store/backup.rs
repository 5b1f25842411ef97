//! Backups: all records as they are filed and sealed, without the caches, in one stream; and a vault made from one.
//!
//! A backup is sealed under the vault key that it came from, so it shows no more than the vault does. That key stands
//! before the records, in age files that each open to somebody else: to the passphrase, to the recovery phrase, to
//! offline identities. A hash over all of it, sealed at its end, proves that it is whole and ours. A vault made from a
//! backup is one that fell back: its node takes a new instance before it writes.

use super::disk::{Folder, VaultDisk};
use super::sealing::{OVERHEAD_BYTES, Sealing};
use super::vault::{Opened, Reader, Vault, Writer};
use super::{Name, StoreFault, files};
use crate::codec;
use crate::limit;
use crate::private::Private;
use crate::time::Millis;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::Path;
use std::sync::Arc;

/// The first line of a backup.
const FIRST_LINE: &[u8; 18] = b"homeward backup 1\n";
/// The greatest sealed record in bytes; the length that stands for "the seal follows" is 0.
const SEALED_BYTES: usize = limit::VAULT_RECORD_BYTES + OVERHEAD_BYTES;
/// The sealed seal is a short record.
const SEAL_BYTES: usize = 256;

/// To whom the keys in a backup open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LockKind {
    /// Whoever knows the node's passphrase: a copy of the home's own key file.
    Passphrase = 1,
    /// Whoever has the recovery phrase on paper: a copy too.
    Recovery = 2,
    /// Whoever has one of the offline identities that were named when it was made.
    Offline = 3,
}

/// The node's keys in an age file.
#[derive(Clone, PartialEq, Eq)]
pub struct Lock {
    /// To whom it opens.
    pub kind: LockKind,
    /// The age file.
    pub bytes: Vec<u8>,
}

/// What a backup says of itself, sealed as its first record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// When it was made.
    pub time: Millis,
    /// The home's settings as they stood.
    #[serde(with = "serde_bytes")]
    pub config: Vec<u8>,
}

/// Where a record is filed, and what is filed there.
type Filed = ([u8; 32], Vec<u8>);

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
pub fn back_up(
    reader: &Reader<'_>,
    locks: &[Lock],
    about: &About,
    out: &mut impl Write,
) -> Result<u64, StoreFault> {
    let mut out = BufWriter::new(out);
    let mut state = Sha256::new();
    let mut say = |bytes: &[u8]| -> Result<(), StoreFault> {
        state.update(bytes);
        Ok(out.write_all(bytes)?)
    };
    say(FIRST_LINE)?;
    for lock in locks {
        say(&[lock.kind as u8])?;
        say(&length_of(&lock.bytes, limit::KEY_FILE_BYTES)?)?;
        say(&lock.bytes)?;
    }
    say(&[0])?;
    let sealing = reader.sealing();
    let mut records = 0;
    let mut file = |key: &[u8; 32], sealed: &[u8]| -> Result<(), StoreFault> {
        say(&length_of(sealed, SEALED_BYTES)?)?;
        say(key)?;
        say(sealed)?;
        records += 1;
        Ok(())
    };
    let name = Name::About.encode();
    // First: whoever opens it with another vault's key, or opens a file that was never a backup, learns it at once.
    file(&sealing.key(&name), &sealing.seal(&name, &codec::encode(about))?)?;
    reader.for_each_filed(file)?;
    say(&0u32.to_be_bytes())?;
    let seal = Seal { records, hash: state.finalize().into() };
    let sealed = sealing.seal(&Name::Backup.encode(), &codec::encode(&seal))?;
    out.write_all(&sealed)?;
    out.flush()?;
    Ok(records)
}

fn length_of(bytes: &[u8], limit: usize) -> Result<[u8; 4], StoreFault> {
    match u32::try_from(bytes.len()) {
        Ok(length) if bytes.len() <= limit => Ok(length.to_be_bytes()),
        _ => Err(StoreFault::TooLong { limit }),
    }
}

/// A backup that is being read: what stands before its records was.
pub struct BackupReader<R: Read> {
    input: BufReader<R>,
    hash: Sha256,
    locks: Vec<Lock>,
}

impl<R: Read> BackupReader<R> {
    /// Reads the first line and the locks.
    ///
    /// # Errors
    /// [`StoreFault::Damaged`], [`StoreFault::LaterVersion`], [`StoreFault::Disk`].
    pub fn open(input: R) -> Result<Self, StoreFault> {
        let mut reader = Self { input: BufReader::new(input), hash: Sha256::new(), locks: Vec::new() };
        let mut line = [0; FIRST_LINE.len()];
        reader.fill(&mut line)?;
        if &line != FIRST_LINE {
            let later = line.starts_with(b"homeward backup ");
            return Err(if later {
                StoreFault::LaterVersion
            } else {
                StoreFault::Damaged("first line of a backup")
            });
        }
        while let Some(lock) = reader.lock()? {
            // In their order and none twice, so that one backup has one form and there are few of them.
            if reader.locks.last().is_some_and(|last| last.kind >= lock.kind) {
                return Err(StoreFault::Damaged("keys of a backup"));
            }
            reader.locks.push(lock);
        }
        Ok(reader)
    }

    /// The node's keys, as they are locked.
    pub fn locks(&self) -> &[Lock] {
        &self.locks
    }

    fn lock(&mut self) -> Result<Option<Lock>, StoreFault> {
        let mut kind = [0];
        self.fill(&mut kind)?;
        let kind = match kind {
            [0] => return Ok(None),
            [1] => LockKind::Passphrase,
            [2] => LockKind::Recovery,
            [3] => LockKind::Offline,
            _ => return Err(StoreFault::Damaged("keys of a backup")),
        };
        let length = self.length()?;
        Ok(Some(Lock { kind, bytes: self.exactly(length, limit::KEY_FILE_BYTES)? }))
    }

    /// Makes a vault in a folder from the rest and the key that the backup's vault had. If the backup is not whole and
    /// genuine to its last byte, there is no vault.
    ///
    /// # Errors
    /// [`StoreFault::Exists`], [`StoreFault::WrongKey`], [`StoreFault::Damaged`], [`StoreFault::LaterVersion`],
    /// [`StoreFault::Disk`].
    pub fn restore(self, folder: &Path, key: &Private<[u8; 32]>) -> Result<(Opened, About), StoreFault> {
        files::private_folder(folder)?;
        self.restore_on(Arc::new(Folder::lock(folder)?), key)
    }

    /// The same on any disk.
    ///
    /// # Errors
    /// As for [`BackupReader::restore`].
    pub fn restore_on(
        mut self,
        disk: Arc<dyn VaultDisk>,
        key: &Private<[u8; 32]>,
    ) -> Result<(Opened, About), StoreFault> {
        let sealing = Sealing::new(key);
        let mut about = None;
        let vault = Vault::create_on(disk, key, |writer| {
            let (said, state) = self.take_in(writer, &sealing)?;
            about = Some(said);
            // Whatever was said after the backup was made is not known here.
            writer.mark_fallen_back(state)
        })?;
        let about = about.ok_or(StoreFault::Damaged("backup"))?;
        Ok((Opened { vault, moved: false, fell_back: true }, about))
    }

    /// Files all records; hands back what the backup says of itself and the state record of its vault.
    fn take_in(
        &mut self,
        writer: &mut Writer<'_>,
        sealing: &Sealing,
    ) -> Result<(About, Vec<u8>), StoreFault> {
        let damaged = StoreFault::Damaged("backup");
        let about = self.about(sealing)?;
        let state_name = Name::State.encode();
        let state_key = sealing.key(&state_name);
        let mut state = None;
        let mut records = 1;
        while let Some((key, sealed)) = self.filed()? {
            records += 1;
            if key == state_key {
                state = sealing.open(&state_name, &sealed);
            } else {
                writer.put_filed(key, &sealed)?;
            }
        }
        let hash: [u8; 32] = self.hash.clone().finalize().into();
        let mut sealed = Vec::new();
        (&mut self.input).take(SEAL_BYTES as u64 + 1).read_to_end(&mut sealed)?;
        let seal = sealing.open(&Name::Backup.encode(), &sealed).ok_or(damaged)?;
        let seal: Seal = codec::decode("backup", &seal, SEAL_BYTES)?;
        if seal.hash != hash || seal.records != records {
            return Err(damaged);
        }
        Ok((about, state.ok_or(damaged)?))
    }

    /// The first record. Every backup has it: not to find it is to look with another key.
    fn about(&mut self, sealing: &Sealing) -> Result<About, StoreFault> {
        let name = Name::About.encode();
        let (key, sealed) = self.filed()?.ok_or(StoreFault::Damaged("backup"))?;
        if key != sealing.key(&name) {
            return Err(StoreFault::WrongKey);
        }
        let plain = sealing.open(&name, &sealed).ok_or(StoreFault::Damaged("backup"))?;
        Ok(codec::decode("backup", &plain, limit::VAULT_RECORD_BYTES)?)
    }

    /// The next record and where it is filed.
    fn filed(&mut self) -> Result<Option<Filed>, StoreFault> {
        let length = self.length()?;
        if length == 0 {
            return Ok(None);
        }
        let mut key = [0; 32];
        self.fill(&mut key)?;
        Ok(Some((key, self.exactly(length, SEALED_BYTES)?)))
    }

    fn length(&mut self) -> Result<usize, StoreFault> {
        let mut length = [0; 4];
        self.fill(&mut length)?;
        Ok(u32::from_be_bytes(length) as usize)
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), StoreFault> {
        self.input.read_exact(bytes).map_err(|error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => StoreFault::Damaged("end of a backup"),
            _ => error.into(),
        })?;
        self.hash.update(&*bytes);
        Ok(())
    }

    /// Exactly so many bytes, without trusting the number before they are there.
    fn exactly(&mut self, length: usize, limit: usize) -> Result<Vec<u8>, StoreFault> {
        if length > limit {
            return Err(StoreFault::Damaged("backup"));
        }
        let mut bytes = Vec::new();
        (&mut self.input).take(length as u64).read_to_end(&mut bytes)?;
        if bytes.len() < length {
            return Err(StoreFault::Damaged("end of a backup"));
        }
        self.hash.update(&bytes);
        Ok(bytes)
    }
}
