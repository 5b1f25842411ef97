//! The vault: one redb file in which every record is sealed and filed under a keyed hash.
//!
//! One durable transaction is all or nothing, and is on the disk when [`Vault::write`] returns: "nothing is
//! acknowledged before it is saved" rests on that. Records that can be rebuilt are caches and may be written without a
//! sync of their own ([`Vault::write_caches`]). What a record holds is the business of the directory files beside
//! this one.

use super::sealing::{self, Sealing};
use super::tally::Tally;
use super::{Name, Place, StoreFault, files};
use crate::codec;
use crate::limit;
use crate::private::Private;
use redb::backends::FileBackend;
use redb::{Database, Durability, ReadableDatabase as _, ReadableTableMetadata as _};
use redb::{ReadOnlyTable, StorageBackend, Table, TableDefinition, WriteTransaction};
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// The vault's file in its folder.
pub const VAULT_FILE: &str = "vault.redb";
/// The count beside it.
pub const COUNT_FILE: &str = "vault.count";
/// A vault that is being made: becomes [`VAULT_FILE`] when it is whole.
const NEW_FILE: &str = "vault.redb.new";

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
    /// A commit failed: what the disk holds is not known before the vault is opened again.
    unsure: bool,
}

/// An open vault. Shared between threads by reference; readers do not wait for writers.
pub struct Vault {
    database: Database,
    tally: Tally,
    sealing: Sealing,
    here: Place,
    writing: Mutex<Writing>,
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
        Self::create_filled(folder, key, |_| Ok(()))
    }

    /// The same with records in it from the start: no vault stands there before they do.
    pub(super) fn create_filled(
        folder: &Path,
        key: &Private<[u8; 32]>,
        fill: impl FnOnce(&mut Writer<'_>) -> Result<(), StoreFault>,
    ) -> Result<Self, StoreFault> {
        files::private_folder(folder)?;
        let count = lock_count(folder)?;
        let path = folder.join(VAULT_FILE);
        if path.exists() {
            return Err(StoreFault::Exists);
        }
        let new = folder.join(NEW_FILE);
        let file = private_options().create(true).truncate(true).open(&new)?;
        let place = Place::of(folder, &file)?;
        let made = Self::create_on(FileBackend::new(file)?, Box::new(FileBackend::new(count)?), key, place)
            .and_then(|vault| vault.write(fill).map(|()| vault));
        match made {
            Ok(vault) => {
                std::fs::rename(&new, &path)?;
                files::sync_folder(folder)?;
                Ok(vault)
            }
            Err(fault) => {
                // What was refused is not worth keeping; if it cannot be removed, the next try empties it.
                let _ = std::fs::remove_file(&new);
                Err(fault)
            }
        }
    }

    /// Opens the vault of a folder. Reads the whole file once, to see that it is unharmed.
    ///
    /// # Errors
    /// [`StoreFault::Missing`], [`StoreFault::InUse`], [`StoreFault::WrongKey`], [`StoreFault::Damaged`],
    /// [`StoreFault::LaterVersion`], [`StoreFault::Disk`].
    pub fn open(folder: &Path, key: &Private<[u8; 32]>) -> Result<Opened, StoreFault> {
        let path = folder.join(VAULT_FILE);
        if !path.exists() {
            return Err(StoreFault::Missing);
        }
        let count = lock_count(folder)?;
        let file = private_options().open(&path)?;
        let place = Place::of(folder, &file)?;
        Self::open_on(FileBackend::new(file)?, Box::new(FileBackend::new(count)?), key, place)
    }

    /// Makes a vault on any storage: for tests that cut the power. `count` stands for the file beside the vault.
    ///
    /// # Errors
    /// As for [`Vault::create`].
    pub fn create_on(
        storage: impl StorageBackend,
        count: Box<dyn StorageBackend>,
        key: &Private<[u8; 32]>,
        place: Place,
    ) -> Result<Self, StoreFault> {
        let state = State { version: VERSION, id: sealing::random()?, count: 0, place, fell_back: false };
        let vault = Self {
            database: open_database(storage)?,
            tally: Tally::new(count),
            sealing: Sealing::new(key),
            here: place,
            writing: Mutex::new(Writing { state, unsure: false }),
        };
        vault.write(|_| Ok(()))?;
        Ok(vault)
    }

    /// Opens a vault on any storage.
    ///
    /// # Errors
    /// As for [`Vault::open`].
    pub fn open_on(
        storage: impl StorageBackend,
        count: Box<dyn StorageBackend>,
        key: &Private<[u8; 32]>,
        here: Place,
    ) -> Result<Opened, StoreFault> {
        let database = open_database(storage)?;
        let sealing = Sealing::new(key);
        let mut state = read_state(&database, &sealing)?;
        let moved = state.place.moved_to(&here);
        let tally = Tally::new(count);
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
        let vault =
            Self { database, tally, sealing, here, writing: Mutex::new(Writing { state, unsure: false }) };
        if fell_back_now {
            // Said durably before anything else is written: later commits must not make the counts agree again.
            vault.write(|_| Ok(()))?;
        }
        Ok(Opened { vault, moved, fell_back })
    }

    /// A view of all records as the last commit left them. Later commits do not change it.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn reader(&self) -> Result<Reader<'_>, StoreFault> {
        let view = self.database.begin_read()?;
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
    /// changed. After [`StoreFault::Disk`] it is not known which, and every later write is [`StoreFault::Reopen`].
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
        if writing.unsure {
            return Err(StoreFault::Reopen);
        }
        let mut transaction = self.database.begin_write()?;
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
        // From here on a failure leaves it open what the disk holds.
        writing.unsure = true;
        transaction.commit()?;
        if durable {
            self.tally.write(&self.sealing, &state.id, state.count)?;
            writing.state = state;
        }
        writing.unsure = false;
        Ok(value)
    }
}

fn private_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).mode(0o600);
    options
}

/// Opens the count file and locks it: whoever has it has the vault. Held as long as the file is open.
fn lock_count(folder: &Path) -> Result<File, StoreFault> {
    let file = private_options().create(true).truncate(false).open(folder.join(COUNT_FILE))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreFault::InUse),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
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
