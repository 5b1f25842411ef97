//! The vault: one redb file in which every record is sealed and filed under a keyed hash.
//!
//! One durable transaction is all or nothing, and is on the disk when [`Vault::write`] returns: "nothing is
//! acknowledged before it is saved" rests on that. Records that can be rebuilt are caches and may be written without a
//! sync of their own ([`Vault::write_caches`]). What a record holds is the business of the directory files beside
//! this one.

use super::disk::{Folder, Overlay, Watched};
use super::sealing::{self, Sealing};
use super::tally::Tally;
use super::{Name, Place, StoreFault, VaultDisk, files};
use crate::codec;
use crate::limit;
use crate::private::Private;
use redb::{Database, Durability, ReadableDatabase as _, ReadableTableMetadata as _};
use redb::{ReadOnlyTable, StorageBackend, Table, TableDefinition, WriteTransaction};
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// The vault's file in its folder.
pub const VAULT_FILE: &str = "vault.redb";
/// The count beside it.
pub const COUNT_FILE: &str = "vault.count";

type Filed<'t> = Table<'t, [u8; 32], &'static [u8]>;
type FiledForReading = ReadOnlyTable<[u8; 32], &'static [u8]>;
const RECORDS: TableDefinition<'static, [u8; 32], &'static [u8]> = TableDefinition::new("records");
const CACHES: TableDefinition<'static, [u8; 32], &'static [u8]> = TableDefinition::new("caches");

/// What a vault knows of itself. Written anew with every durable commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct State {
    version: u16,
    #[serde(with = "serde_bytes")]
    id: [u8; 16],
    /// Durable commits since it was made.
    count: u64,
    place: Place,
    /// It fell back once and nobody has acted on that yet.
    fell_back: bool,
}

/// The version of the vault's layout that this build writes.
const VERSION: u16 = 1;

#[derive(Deserialize)]
struct AnyVersion {
    version: u16,
}

impl State {
    fn decode(bytes: &[u8]) -> Result<Self, StoreFault> {
        let any: AnyVersion =
            serde_ipld_dagcbor::from_slice(bytes).map_err(|_| StoreFault::Damaged("vault state"))?;
        if any.version > VERSION {
            return Err(StoreFault::LaterVersion);
        }
        Ok(codec::decode("vault state", bytes, limit::RECORD_BYTES)?)
    }
}

/// What changes with each durable commit, under one lock: one writer at a time.
struct Writing {
    state: State,
    tally: Tally,
}

/// The open file, and whether it failed since.
struct OpenFile {
    database: Database,
    failed: Arc<AtomicBool>,
    /// Why it is only read: the disk refused when it was opened.
    only_read: Option<StoreFault>,
}

/// An open vault. Shared between threads by reference; readers do not wait for writers.
pub struct Vault {
    disk: Arc<dyn VaultDisk>,
    /// `None` while the file cannot be opened.
    file: RwLock<Option<Arc<OpenFile>>>,
    sealing: Sealing,
    key: Private<[u8; 32]>,
    here: Place,
    writing: Mutex<Writing>,
    /// What the disk holds may not be what the last writer was told: nothing is written before [`Vault::recover`].
    unsure: AtomicBool,
}

/// A vault and what was found on opening it.
pub struct Opened {
    /// The vault.
    pub vault: Vault,
    /// It stands elsewhere than it was left: copied, restored, another machine. Stays so until
    /// [`Writer::accept_place`].
    pub moved: bool,
    /// It holds less than was committed, or what says so is lost: treated as restored. Stays so until
    /// [`Writer::accept_place`].
    pub fell_back: bool,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault")
    }
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Opened {{ moved: {}, fell_back: {} }}", self.moved, self.fell_back)
    }
}

impl Vault {
    /// Makes a vault in a folder (mode 0700), under a random 32-byte key. A crash on the way leaves no vault.
    ///
    /// # Errors
    /// [`StoreFault::Exists`], [`StoreFault::InUse`], [`StoreFault::Disk`].
    pub fn create(folder: &Path, key: &Private<[u8; 32]>) -> Result<Self, StoreFault> {
        files::private_folder(folder)?;
        Self::create_on(Arc::new(Folder::lock(folder)?), key, |_| Ok(()))
    }

    /// Opens the vault of a folder. Reads the whole file once, to see that it is unharmed.
    ///
    /// # Errors
    /// [`StoreFault::Missing`], [`StoreFault::InUse`], [`StoreFault::WrongKey`], [`StoreFault::Damaged`],
    /// [`StoreFault::LaterVersion`], [`StoreFault::Disk`].
    pub fn open(folder: &Path, key: &Private<[u8; 32]>) -> Result<Opened, StoreFault> {
        if !folder.join(VAULT_FILE).exists() {
            return Err(StoreFault::Missing);
        }
        Self::open_on(Arc::new(Folder::lock(folder)?), key)
    }

    /// Makes a vault on any disk, with records in it from the start: none stands there before they do.
    ///
    /// # Errors
    /// What `fill` says, and as for [`Vault::create`].
    pub fn create_on(
        disk: Arc<dyn VaultDisk>,
        key: &Private<[u8; 32]>,
        fill: impl FnOnce(&mut Writer<'_>) -> Result<(), StoreFault>,
    ) -> Result<Self, StoreFault> {
        let (storage, place) = disk.begin()?;
        let make = || {
            let state = State { version: VERSION, id: sealing::random()?, count: 0, place, fell_back: false };
            let vault = Self {
                file: RwLock::new(Some(Arc::new(open_file(storage)?))),
                sealing: Sealing::new(key),
                key: key.clone(),
                here: place,
                writing: Mutex::new(Writing { state, tally: Tally::new(disk.count()?) }),
                unsure: AtomicBool::new(false),
                disk: Arc::clone(&disk),
            };
            vault.write(|_| Ok(()))?;
            vault.write(fill)?;
            disk.finish()?;
            Ok(vault)
        };
        let made = make();
        if made.is_err() {
            disk.discard();
        }
        made
    }

    /// Opens a vault on any disk.
    ///
    /// # Errors
    /// As for [`Vault::open`].
    pub fn open_on(disk: Arc<dyn VaultDisk>, key: &Private<[u8; 32]>) -> Result<Opened, StoreFault> {
        let (file, here) = open_at_least_to_read(&*disk)?;
        let only_read = file.only_read.is_some();
        let sealing = Sealing::new(key);
        let mut state = read_state(&file.database, &sealing)?;
        let moved = state.place.moved_to(&here);
        let tally = Tally::new(disk.count()?);
        let counted = tally.read(&sealing, &state.id)?;
        // The vault is written first, so it may be ahead by the one commit that a crash cut off. Any other difference
        // means that one of the two files is not the one that was left here.
        let as_left = counted.is_some_and(|counted| counted == state.count || counted + 1 == state.count);
        let fell_back_now = !as_left;
        if fell_back_now {
            state.fell_back = true;
            state.count = state.count.max(counted.unwrap_or(0));
        }
        let fell_back = state.fell_back;
        let vault = Self {
            disk,
            file: RwLock::new(Some(Arc::new(file))),
            sealing,
            key: key.clone(),
            here,
            writing: Mutex::new(Writing { state, tally }),
            unsure: AtomicBool::new(only_read),
        };
        if fell_back_now && !only_read {
            // Said durably before anything else is written: later commits must not make the counts agree again.
            vault.write(|_| Ok(()))?;
        }
        Ok(Opened { vault, moved, fell_back })
    }

    /// Whether a disk fault stands between what the disk holds and what the last writer was told. Reading goes on,
    /// from the file as it is; writing does not, before [`Vault::recover`].
    pub fn is_unsure(&self) -> bool {
        self.unsure.load(Ordering::SeqCst) || self.sound_file().is_none()
    }

    /// After a disk fault: opens the file anew, sees what it holds and proves by a commit that it takes writes again.
    /// `Ok` says whether it lost something that was acknowledged, which a disk that keeps its word never does. What
    /// anyone knew of the records before is to be read again.
    ///
    /// # Errors
    /// [`StoreFault`]: the disk still refuses. Nothing has changed.
    pub fn recover(&self) -> Result<bool, StoreFault> {
        let mut writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let file = self.open_file()?;
        if let Some(fault) = file.only_read {
            // Opened to be read: if the disk takes writes now, it is opened for them.
            let (open, _) = open_at_least_to_read(&*self.disk)?;
            if open.only_read.is_some() {
                return Err(fault);
            }
            *self.file.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(open));
        }
        drop(file);
        let mut state = read_state(&self.open_file()?.database, &self.sealing)?;
        let lost = state.count < writing.state.count;
        state.fell_back |= lost;
        // A commit that was not acknowledged may be there: it is counted before the next.
        state.count = state.count.max(writing.state.count);
        let tally = Tally::new(self.disk.count()?);
        tally.write(&self.sealing, &state.id, state.count)?;
        *writing = Writing { state, tally };
        self.unsure.store(false, Ordering::SeqCst);
        self.commit_under(&mut writing, true, |_| Ok(()))?;
        Ok(lost)
    }

    /// The open file if it has not failed.
    fn sound_file(&self) -> Option<Arc<OpenFile>> {
        let file = self.file.read().unwrap_or_else(PoisonError::into_inner);
        file.as_ref().filter(|open| !open.failed.load(Ordering::SeqCst)).map(Arc::clone)
    }

    /// The open file; opened anew if it has failed.
    fn open_file(&self) -> Result<Arc<OpenFile>, StoreFault> {
        if let Some(open) = self.sound_file() {
            return Ok(open);
        }
        let mut file = self.file.write().unwrap_or_else(PoisonError::into_inner);
        match file.as_ref().filter(|open| !open.failed.load(Ordering::SeqCst)) {
            Some(open) => Ok(Arc::clone(open)),
            None => {
                // What was committed without a sync is gone with the old one. That one writes no more: it has failed.
                self.unsure.store(true, Ordering::SeqCst);
                *file = None;
                let open = Arc::new(open_at_least_to_read(&*self.disk)?.0);
                *file = Some(Arc::clone(&open));
                Ok(open)
            }
        }
    }

    /// A view of all records as the last commit left them. Later commits do not change it.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn reader(&self) -> Result<Reader<'_>, StoreFault> {
        let view = self.open_file()?.database.begin_read()?;
        Ok(Reader {
            sealing: &self.sealing,
            records: view.open_table(RECORDS)?,
            caches: view.open_table(CACHES)?,
        })
    }

    /// Reads through one view.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn read<T>(&self, read: impl FnOnce(&Reader<'_>) -> Result<T, StoreFault>) -> Result<T, StoreFault> {
        read(&self.reader()?)
    }

    /// One record.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn get(&self, name: &Name) -> Result<Option<Vec<u8>>, StoreFault> {
        self.reader()?.get(name)
    }

    /// One transaction, all or nothing. It is on the disk when this returns `Ok`; if `write` fails nothing has
    /// changed. After [`StoreFault::Disk`] it is not known which, and every later write is [`StoreFault::Reopen`] until
    /// [`Vault::recover`].
    ///
    /// # Errors
    /// What `write` says, or [`StoreFault`].
    pub fn write<T>(
        &self,
        write: impl FnOnce(&mut Writer<'_>) -> Result<T, StoreFault>,
    ) -> Result<T, StoreFault> {
        self.commit(true, write)
    }

    /// One transaction for caches alone, without a sync: made durable by the next [`Vault::write`], lost in a crash
    /// before it.
    ///
    /// # Errors
    /// [`StoreFault::Rule`] if something other than a cache is written; else as for [`Vault::write`].
    pub fn write_caches<T>(
        &self,
        write: impl FnOnce(&mut Writer<'_>) -> Result<T, StoreFault>,
    ) -> Result<T, StoreFault> {
        self.commit(false, write)
    }

    /// The key that it was opened with: a backup carries it, locked.
    pub fn key(&self) -> &Private<[u8; 32]> {
        &self.key
    }

    /// Durable commits since the vault was made.
    pub fn commits(&self) -> u64 {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner).state.count
    }

    fn commit<T>(
        &self,
        durable: bool,
        write: impl FnOnce(&mut Writer<'_>) -> Result<T, StoreFault>,
    ) -> Result<T, StoreFault> {
        // What the lock guards changes only after a commit, so a writer that panicked left nothing half done.
        let mut writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        self.commit_under(&mut writing, durable, write)
    }

    fn commit_under<T>(
        &self,
        writing: &mut Writing,
        durable: bool,
        write: impl FnOnce(&mut Writer<'_>) -> Result<T, StoreFault>,
    ) -> Result<T, StoreFault> {
        let file = match self.sound_file() {
            Some(file) if !self.unsure.load(Ordering::SeqCst) => file,
            _ => return Err(StoreFault::Reopen),
        };
        let outcome = self.transact(&file.database, writing, durable, write);
        match outcome {
            Err(StoreFault::Disk(_)) => self.unsure.store(true, Ordering::SeqCst),
            Err(StoreFault::Reopen) => {
                self.unsure.store(true, Ordering::SeqCst);
                // A writer that panicked inside redb: that file is not used any more either.
                file.failed.store(true, Ordering::SeqCst);
            }
            _ => {}
        }
        outcome
    }

    fn transact<T>(
        &self,
        database: &Database,
        writing: &mut Writing,
        durable: bool,
        write: impl FnOnce(&mut Writer<'_>) -> Result<T, StoreFault>,
    ) -> Result<T, StoreFault> {
        let mut transaction = database.begin_write()?;
        let durability = if durable { Durability::Immediate } else { Durability::None };
        transaction.set_durability(durability).map_err(|_| StoreFault::Reopen)?;
        let mut state = writing.state.clone();
        let mut writer = Writer {
            transaction: &transaction,
            sealing: &self.sealing,
            records: transaction.open_table(RECORDS)?,
            caches: Some(transaction.open_table(CACHES)?),
            durable,
            accepted: false,
            fallen_from: None,
        };
        let value = write(&mut writer)?;
        if durable {
            state.count += 1;
            if writer.accepted {
                state.place = self.here;
                state.fell_back = false;
            }
            if let Some(count) = writer.fallen_from {
                state.fell_back = true;
                state.count = state.count.max(count);
            }
            writer.put(&Name::State, &codec::encode(&state))?;
        }
        drop(writer);
        transaction.commit()?;
        if durable {
            writing.tally.write(&self.sealing, &state.id, state.count)?;
            writing.state = state;
        }
        Ok(value)
    }
}

fn open_file(storage: Box<dyn StorageBackend>) -> Result<OpenFile, StoreFault> {
    let (watched, failed) = Watched::new(storage);
    Ok(OpenFile { database: open_database(watched)?, failed, only_read: None })
}

/// Opens the vault's file; if the disk takes no writes, for reading alone.
fn open_at_least_to_read(disk: &dyn VaultDisk) -> Result<(OpenFile, Place), StoreFault> {
    let fully = disk.vault().and_then(|(storage, place)| Ok((open_file(storage)?, place)));
    let Err(fault @ StoreFault::Disk(_)) = fully else { return fully };
    let to_read = || -> Result<(OpenFile, Place), StoreFault> {
        let (storage, place) = disk.vault_for_reading()?;
        let file = open_file(Box::new(Overlay::new(storage)?))?;
        Ok((OpenFile { only_read: Some(fault), ..file }, place))
    };
    // If it cannot be read either, what is wrong was said first.
    to_read().map_err(|_| fault)
}

fn open_database(storage: impl StorageBackend) -> Result<Database, StoreFault> {
    Ok(Database::builder()
        // Without this, flipped bits gave wrong records and panics (measured).
        .set_check_integrity_on_open(true)
        .set_cache_size(limit::VAULT_CACHE_BYTES)
        .create_with_backend(storage)?)
}

fn read_state(database: &Database, sealing: &Sealing) -> Result<State, StoreFault> {
    let view = database.begin_read()?;
    let records = match view.open_table(RECORDS) {
        Err(redb::TableError::TableDoesNotExist(_)) => return Err(StoreFault::Damaged("vault file")),
        other => other?,
    };
    let name = Name::State.encode();
    match records.get(sealing.key(&name))? {
        Some(sealed) => {
            let state = sealing.open(&name, sealed.value()).ok_or(StoreFault::Damaged("vault state"))?;
            State::decode(&state)
        }
        // Every vault has a state, filed under its own key.
        None if records.is_empty()? => Err(StoreFault::Damaged("vault file")),
        None => Err(StoreFault::WrongKey),
    }
}

/// Where records are looked up: a view, or a transaction that sees its own writes.
pub trait Records {
    /// What is filed under a name.
    ///
    /// # Errors
    /// [`StoreFault::Damaged`] if it was not sealed under this name by this vault.
    fn get(&self, name: &Name) -> Result<Option<Vec<u8>>, StoreFault>;
}

/// A view of the vault at one commit.
pub struct Reader<'v> {
    sealing: &'v Sealing,
    records: FiledForReading,
    caches: FiledForReading,
}

impl Records for Reader<'_> {
    fn get(&self, name: &Name) -> Result<Option<Vec<u8>>, StoreFault> {
        look_up(self.sealing, if name.is_cache() { &self.caches } else { &self.records }, name)
    }
}

impl Reader<'_> {
    /// Each record as it is filed and sealed, caches left out.
    pub(super) fn for_each_filed(
        &self,
        mut take: impl FnMut(&[u8; 32], &[u8]) -> Result<(), StoreFault>,
    ) -> Result<(), StoreFault> {
        for filed in self.records.range::<[u8; 32]>(..)? {
            let (key, sealed) = filed?;
            take(&key.value(), sealed.value())?;
        }
        Ok(())
    }

    pub(super) fn sealing(&self) -> &Sealing {
        self.sealing
    }
}

/// A transaction under way.
pub struct Writer<'t> {
    transaction: &'t WriteTransaction,
    sealing: &'t Sealing,
    records: Filed<'t>,
    /// Always there but for the moment in which all of them are dropped.
    caches: Option<Filed<'t>>,
    durable: bool,
    accepted: bool,
    /// The count of the vault that this one is restored from.
    fallen_from: Option<u64>,
}

impl Records for Writer<'_> {
    fn get(&self, name: &Name) -> Result<Option<Vec<u8>>, StoreFault> {
        match (&self.caches, name.is_cache()) {
            (Some(caches), true) => look_up(self.sealing, caches, name),
            (None, true) => Ok(None),
            (_, false) => look_up(self.sealing, &self.records, name),
        }
    }
}

impl<'t> Writer<'t> {
    /// Files a record, in the place of one of that name.
    ///
    /// # Errors
    /// [`StoreFault::TooLong`], [`StoreFault::Rule`] if only caches may be written here.
    pub fn put(&mut self, name: &Name, value: &[u8]) -> Result<(), StoreFault> {
        let name_bytes = name.encode();
        let sealed = self.sealing.seal(&name_bytes, value)?;
        let key = self.sealing.key(&name_bytes);
        self.table(name)?.insert(key, sealed.as_slice())?;
        Ok(())
    }

    /// Takes a record away. Says whether there was one.
    ///
    /// # Errors
    /// [`StoreFault::Rule`] if only caches may be written here.
    pub fn remove(&mut self, name: &Name) -> Result<bool, StoreFault> {
        let key = self.sealing.key(&name.encode());
        Ok(self.table(name)?.remove(key)?.is_some())
    }

    /// Drops every cache.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn clear_caches(&mut self) -> Result<(), StoreFault> {
        // A table must be closed before it can be dropped.
        self.caches = None;
        self.transaction.delete_table(CACHES)?;
        self.caches = Some(self.transaction.open_table(CACHES)?);
        Ok(())
    }

    /// From this commit on the vault is at home where it stands now, and whatever it lost is taken note of: the node
    /// has taken a new instance, in this same transaction.
    pub fn accept_place(&mut self) {
        self.accepted = true;
    }

    /// Files a record that is sealed already, by the vault whose key this one shares.
    pub(super) fn put_filed(&mut self, key: [u8; 32], sealed: &[u8]) -> Result<(), StoreFault> {
        self.records.insert(key, sealed)?;
        Ok(())
    }

    /// This vault is made from another, whose state record this was.
    pub(super) fn mark_fallen_back(&mut self, state: Vec<u8>) -> Result<(), StoreFault> {
        self.fallen_from = Some(State::decode(&state)?.count);
        Ok(())
    }

    fn table(&mut self, name: &Name) -> Result<&mut Filed<'t>, StoreFault> {
        match (name.is_cache(), self.durable) {
            (true, _) => self.caches.as_mut().ok_or(StoreFault::Reopen),
            (false, true) => Ok(&mut self.records),
            (false, false) => Err(StoreFault::Rule("only caches may be written without a sync")),
        }
    }
}

fn look_up(
    sealing: &Sealing,
    table: &impl redb::ReadableTable<[u8; 32], &'static [u8]>,
    name: &Name,
) -> Result<Option<Vec<u8>>, StoreFault> {
    let name_bytes = name.encode();
    match table.get(sealing.key(&name_bytes))? {
        None => Ok(None),
        Some(sealed) => {
            sealing.open(&name_bytes, sealed.value()).map(Some).ok_or(StoreFault::Damaged("vault record"))
        }
    }
}
