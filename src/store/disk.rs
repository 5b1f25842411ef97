//! Where the two files of a vault lie: a folder, or in tests a disk that loses, tears and refuses.
//!
//! A vault asks for its files anew after every fault: what redb knew of a file that failed is worth nothing, and what
//! the system remembers of bytes that it could not write is thrown away first, so that only what the disk gives back
//! is believed.

use super::{COUNT_FILE, Place, StoreFault, VAULT_FILE, files};
use redb::StorageBackend;
use redb::backends::FileBackend;
use rustix::fs::{Advice, fadvise};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Error, ErrorKind};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// A vault that is being made: becomes [`VAULT_FILE`] when it is whole.
const NEW_FILE: &str = "vault.redb.new";

/// What a file of redb begins with, and the mark in the byte after it that says the file was not closed.
const REDB_MAGIC: &[u8; 9] = b"redb\x1a\n\xa9\r\n";
const REDB_IN_USE: u8 = 2;
/// The mark that says that the last commit may not be on the disk.
const REDB_UNFLUSHED: u8 = 8;

/// The disk of one vault.
pub trait VaultDisk: Send + Sync {
    /// The vault's file, opened anew, and where it stands.
    ///
    /// # Errors
    /// [`StoreFault::Missing`] if there is none, [`StoreFault::Disk`].
    fn vault(&self) -> Result<(Box<dyn StorageBackend>, Place), StoreFault>;

    /// The same, for one who will write nothing: for a disk that can only be read.
    ///
    /// # Errors
    /// As for [`VaultDisk::vault`].
    fn vault_for_reading(&self) -> Result<(Box<dyn StorageBackend>, Place), StoreFault> {
        self.vault()
    }

    /// The file of the count beside it, opened anew; empty if there was none.
    ///
    /// # Errors
    /// [`StoreFault::Disk`].
    fn count(&self) -> Result<Box<dyn StorageBackend>, StoreFault>;

    /// An empty file in which a vault is made.
    ///
    /// # Errors
    /// [`StoreFault::Exists`] if a vault stands there, [`StoreFault::Disk`].
    fn begin(&self) -> Result<(Box<dyn StorageBackend>, Place), StoreFault>;

    /// The file that was begun is whole and synced: from now on it is the vault's.
    ///
    /// # Errors
    /// [`StoreFault::Disk`].
    fn finish(&self) -> Result<(), StoreFault>;

    /// The file that was begun is worth nothing.
    fn discard(&self);
}

/// A folder with a vault, or where one is to be. Whoever has it has the vault: others are told that it is in use.
pub(super) struct Folder {
    path: PathBuf,
    /// Locked as long as it is open, in this or in a copy of it.
    count: File,
}

impl Folder {
    /// Takes the folder for this process.
    pub(super) fn lock(path: &Path) -> Result<Self, StoreFault> {
        let path_of_count = path.join(COUNT_FILE);
        let count = match private_options().create(true).truncate(false).open(&path_of_count) {
            // It can still be read, and locked.
            Err(error) if only_to_be_read(&error) => File::open(&path_of_count).map_err(|_| error)?,
            other => other?,
        };
        match count.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), count }),
            Err(TryLockError::WouldBlock) => Err(StoreFault::InUse),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }

    fn stands(&self, file: File) -> Result<(Box<dyn StorageBackend>, Place), StoreFault> {
        let place = Place::of(&self.path, &file)?;
        Ok((Box::new(FileBackend::new(file)?), place))
    }
}

impl VaultDisk for Folder {
    fn vault(&self) -> Result<(Box<dyn StorageBackend>, Place), StoreFault> {
        let file = private_options().open(self.path.join(VAULT_FILE))?;
        if !was_closed(&file) {
            forget(&file);
        }
        self.stands(file)
    }

    fn vault_for_reading(&self) -> Result<(Box<dyn StorageBackend>, Place), StoreFault> {
        self.stands(File::open(self.path.join(VAULT_FILE))?)
    }

    fn count(&self) -> Result<Box<dyn StorageBackend>, StoreFault> {
        forget(&self.count);
        Ok(Box::new(FileBackend::new(self.count.try_clone()?)?))
    }

    fn begin(&self) -> Result<(Box<dyn StorageBackend>, Place), StoreFault> {
        if self.path.join(VAULT_FILE).exists() {
            return Err(StoreFault::Exists);
        }
        self.stands(private_options().create(true).truncate(true).open(self.path.join(NEW_FILE))?)
    }

    fn finish(&self) -> Result<(), StoreFault> {
        std::fs::rename(self.path.join(NEW_FILE), self.path.join(VAULT_FILE))?;
        files::sync_folder(&self.path)
    }

    fn discard(&self) {
        // What was refused is not worth keeping; if it cannot be removed, the next try empties it.
        let _ = std::fs::remove_file(self.path.join(NEW_FILE));
    }
}

fn private_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).mode(0o600);
    options
}

fn only_to_be_read(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied)
}

/// Lets the system forget what it remembers of a file. After a sync that failed, Linux keeps bytes in memory that are
/// not on the disk and calls them clean: whoever read them would take them for written.
fn forget(file: &File) {
    // Advice: a file system that does not take it has no such memory, or gives no better answer.
    let _ = fadvise(file, 0, None, Advice::DontNeed);
}

/// Whether whoever wrote the vault last closed it well: redb clears a mark in the file's header as its last act, which
/// it does not reach after a write or a sync that failed (redb's `docs/design.md`, "God byte"). What the system remembers
/// of such a file is what the disk has, and reading all of it from the disk again would only cost time.
fn was_closed(file: &File) -> bool {
    let mut header = [0; REDB_MAGIC.len() + 1];
    if file.read_exact_at(&mut header, 0).is_err() {
        return false;
    }
    let [magic @ .., marks] = &header;
    magic == REDB_MAGIC && marks & (REDB_IN_USE | REDB_UNFLUSHED) == 0
}

/// A backend that remembers that it failed once. redb then refuses every further read and write of that file, and
/// says so only to whoever asks.
#[derive(Debug)]
pub(super) struct Watched {
    inner: Box<dyn StorageBackend>,
    failed: Arc<AtomicBool>,
}

impl Watched {
    pub(super) fn new(inner: Box<dyn StorageBackend>) -> (Self, Arc<AtomicBool>) {
        let failed = Arc::new(AtomicBool::new(false));
        (Self { inner, failed: Arc::clone(&failed) }, failed)
    }

    fn watch<T, E>(&self, outcome: Result<T, E>) -> Result<T, E> {
        if outcome.is_err() {
            self.failed.store(true, Ordering::SeqCst);
        }
        outcome
    }
}

impl StorageBackend for Watched {
    fn len(&self) -> Result<u64, Error> {
        self.watch(self.inner.len())
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), Error> {
        self.watch(self.inner.read(offset, out))
    }

    fn set_len(&self, len: u64) -> Result<(), Error> {
        self.watch(self.inner.set_len(len))
    }

    fn sync_data(&self) -> Result<(), Error> {
        self.watch(self.inner.sync_data())
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<(), Error> {
        self.watch(self.inner.write(offset, data))
    }
}

/// Bytes that an [`Overlay`] keeps together.
const PAGE: usize = 4096;
/// Pages that it keeps at most: opening a vault writes a few.
const PAGES: usize = 4096;

/// A file that is only read. What redb wants to write on opening it (that it is in use, what it found after a crash)
/// is kept in memory and forgotten.
#[derive(Debug)]
pub(super) struct Overlay {
    below: Box<dyn StorageBackend>,
    above: Mutex<Above>,
}

#[derive(Debug)]
struct Above {
    length: u64,
    pages: BTreeMap<u64, Vec<u8>>,
}

impl Overlay {
    pub(super) fn new(below: Box<dyn StorageBackend>) -> Result<Self, StoreFault> {
        let above = Mutex::new(Above { length: below.len()?, pages: BTreeMap::new() });
        Ok(Self { below, above })
    }

    /// A page as it is now: what lies below, with nothing behind its end.
    fn page(&self, above: &Above, number: u64) -> Result<Vec<u8>, Error> {
        if let Some(page) = above.pages.get(&number) {
            return Ok(page.clone());
        }
        let start = number * PAGE as u64;
        let there = self.below.len()?.saturating_sub(start).min(PAGE as u64);
        let mut page = vec![0; PAGE];
        if let Some(part) = page.get_mut(..usize::try_from(there).unwrap_or(0)) {
            self.below.read(start, part)?;
        }
        Ok(page)
    }

    /// Goes through the pages that a span of bytes touches: each with the part of it, and the part of the span.
    fn spans(offset: u64, length: usize) -> impl Iterator<Item = (u64, std::ops::Range<usize>, usize)> {
        let mut done = 0;
        std::iter::from_fn(move || {
            let at = offset + done as u64;
            let within = usize::try_from(at % PAGE as u64).unwrap_or(0);
            let part = (PAGE - within).min(length - done);
            let span = (at / PAGE as u64, within..within + part, done);
            done += part;
            (part > 0).then_some(span)
        })
    }
}

impl StorageBackend for Overlay {
    fn len(&self) -> Result<u64, Error> {
        Ok(self.above.lock().unwrap_or_else(PoisonError::into_inner).length)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), Error> {
        let above = self.above.lock().unwrap_or_else(PoisonError::into_inner);
        if offset.checked_add(out.len() as u64).is_none_or(|end| end > above.length) {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        for (number, within, at) in Self::spans(offset, out.len()) {
            let page = self.page(&above, number)?;
            if let (Some(to), Some(from)) = (out.get_mut(at..at + within.len()), page.get(within)) {
                to.copy_from_slice(from);
            }
        }
        Ok(())
    }

    fn set_len(&self, length: u64) -> Result<(), Error> {
        self.above.lock().unwrap_or_else(PoisonError::into_inner).length = length;
        Ok(())
    }

    fn sync_data(&self) -> Result<(), Error> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<(), Error> {
        let mut above = self.above.lock().unwrap_or_else(PoisonError::into_inner);
        for (number, within, at) in Self::spans(offset, data.len()) {
            let mut page = self.page(&above, number)?;
            if let (Some(to), Some(from)) = (page.get_mut(within.clone()), data.get(at..at + within.len())) {
                to.copy_from_slice(from);
            }
            above.pages.insert(number, page);
        }
        if above.pages.len() > PAGES { Err(ErrorKind::OutOfMemory.into()) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::private::Private;
    use crate::store::{Name, Vault};

    /// What redb writes into its header is redb's affair: should it change that, every vault counts as not closed.
    #[test]
    fn a_vault_that_was_closed_is_told_from_one_that_was_not() {
        let folder = tempfile::tempdir().unwrap();
        let closed = || was_closed(&File::open(folder.path().join(VAULT_FILE)).unwrap());
        let vault = Vault::create(folder.path(), &Private::new([7; 32])).unwrap();
        assert!(!closed(), "it is open");
        vault.write(|writer| writer.put(&Name::Setting(1), b"kept")).unwrap();
        assert!(!closed(), "it is open and was written");
        drop(vault);
        assert!(closed());
        let opened = Vault::open(folder.path(), &Private::new([7; 32])).unwrap();
        assert!(!closed(), "it is open again");
        // As a process that is killed leaves it.
        let copy = folder.path().join("copy");
        std::fs::copy(folder.path().join(VAULT_FILE), &copy).unwrap();
        drop(opened);
        assert!(closed());
        assert!(!was_closed(&File::open(copy).unwrap()));
        assert!(!was_closed(&File::open(folder.path().join(COUNT_FILE)).unwrap()), "no file of redb");
    }
}
