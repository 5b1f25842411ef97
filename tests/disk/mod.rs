//! A disk for tests, in memory: it knows what was made durable, and loses, tears or refuses the rest when told to.
//!
//! It stands behind the vault's two files as [`VaultDisk`]. Every write, change of length and sync is an operation with
//! a number. A [`Disk`] refuses from an operation on, or while it has no room; a [`Playback`] goes through the
//! operations that were made and shows what a power cut after each of them may leave.

#![allow(dead_code, unreachable_pub, reason = "each test that includes this uses a part of it")]

use homeward::id::Hash;
use homeward::store::{Place, StoreFault, VaultDisk};
use redb::StorageBackend;
use std::collections::BTreeSet;
use std::io::{Error, ErrorKind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Where a simulated vault stands.
pub const PLACE: Place = Place { machine: Hash([1; 32]), folder: Hash([2; 32]), device: 3, inode: 4 };

/// What a disk writes at once.
const SECTOR: usize = 512;
/// What it gives out at once.
const BLOCK: u64 = 4096;

/// Numbers that follow from a seed: SplitMix64.
pub struct Chance(pub u64);

impl Chance {
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % limit as u64) as usize
    }
}

/// The files of a vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    Vault,
    Count,
    /// A vault that is being made.
    New,
}

/// The bytes of a vault's files; `None`: there is no such file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Images {
    pub vault: Option<Vec<u8>>,
    pub count: Option<Vec<u8>>,
}

/// One operation.
#[derive(Clone, Debug)]
enum Change {
    Write(usize, Arc<[u8]>),
    Length(usize),
    Sync,
    /// The new file becomes the vault's, durably.
    Finish,
}

impl Change {
    fn apply(&self, image: &mut Vec<u8>) {
        match self {
            Self::Length(length) => image.resize(*length, 0),
            Self::Write(at, bytes) => put(image, *at, bytes),
            Self::Sync | Self::Finish => {}
        }
    }
}

fn put(image: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    image.resize(image.len().max(at + bytes.len()), 0);
    image[at..at + bytes.len()].copy_from_slice(bytes);
}

/// One file: what is on the disk for certain, what programs see, and what lies between.
#[derive(Clone, Debug, Default)]
struct Platter {
    there: bool,
    durable: Vec<u8>,
    live: Vec<u8>,
    unsynced: Vec<Change>,
    /// A sync failed: whoever opens the file anew sees what the disk took, which is not known.
    doubtful: bool,
}

impl Platter {
    fn holding(image: Option<Vec<u8>>) -> Self {
        let there = image.is_some();
        let bytes = image.unwrap_or_default();
        Self { there, durable: bytes.clone(), live: bytes, ..Self::default() }
    }

    fn take(&mut self, change: &Change) {
        match change {
            Change::Sync => {
                self.durable.clone_from(&self.live);
                self.unsynced.clear();
            }
            other => {
                other.apply(&mut self.live);
                self.unsynced.push(other.clone());
            }
        }
    }

    /// What the disk may hold after a power cut: what was synced, and of the rest anything: all, nothing, some of it,
    /// writes torn between sectors or within one, in any order.
    fn after_a_cut(&self, chance: &mut Chance) -> Option<Vec<u8>> {
        if !self.there {
            return None;
        }
        let mut image = self.durable.clone();
        let mut left: Vec<&Change> = self.unsynced.iter().collect();
        let mode = chance.below(8);
        if mode == 0 {
            left.clear();
        }
        if mode == 2 {
            // Lengths stay where they are: a file system keeps their order with the writes behind them.
            for at in (1..left.len()).rev() {
                left.swap(at, chance.below(at + 1));
            }
        }
        for change in left {
            match (mode, change) {
                (1, _) => change.apply(&mut image),
                (_, Change::Write(at, bytes)) => match chance.below(4) {
                    0 => {}
                    1 => {
                        for (sector, part) in bytes.chunks(SECTOR).enumerate() {
                            if chance.below(2) == 0 {
                                put(&mut image, at + sector * SECTOR, part);
                            }
                        }
                    }
                    2 if mode == 3 => put(&mut image, *at, &bytes[..chance.below(bytes.len() + 1)]),
                    _ => put(&mut image, *at, bytes),
                },
                (_, other) if chance.below(3) > 0 => other.apply(&mut image),
                _ => {}
            }
        }
        Some(image)
    }
}

/// How a disk refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The power is gone: nothing works any more.
    NoPower,
    /// Each change fails with this, reading goes on.
    Changes(ErrorKind),
    /// One change fails with this, and those after it are done.
    Once(ErrorKind),
}

#[derive(Debug, Default)]
struct Machine {
    vault: Platter,
    count: Platter,
    new: Platter,
    /// Operations so far.
    operations: usize,
    /// From which operation on it refuses, and how.
    refusal: Option<(usize, Refusal)>,
    /// Blocks that may be in use.
    room: Option<usize>,
    used: BTreeSet<(u8, u64)>,
    history: Vec<Done>,
    start: Images,
    seed: u64,
    /// Another disk, whose operations are counted beside ours.
    beside: Option<Disk>,
}

/// An operation that was done.
#[derive(Clone, Debug)]
struct Done {
    which: Which,
    change: Change,
    /// Operations of the disk beside it until then.
    beside: usize,
}

impl Machine {
    fn platter(&mut self, which: Which) -> &mut Platter {
        match which {
            Which::Vault => &mut self.vault,
            Which::Count => &mut self.count,
            Which::New => &mut self.new,
        }
    }

    fn powered(&self) -> Result<(), Error> {
        match self.refusal {
            Some((from, Refusal::NoPower)) if self.operations >= from => Err(ErrorKind::Other.into()),
            _ => Ok(()),
        }
    }

    fn change(&mut self, which: Which, change: Change) -> Result<(), Error> {
        let now = self.operations;
        match self.refusal {
            Some((from, refusal)) if now >= from => match refusal {
                Refusal::NoPower => return Err(ErrorKind::Other.into()),
                Refusal::Changes(kind) => return self.refuse(which, &change, kind),
                Refusal::Once(kind) => {
                    self.refusal = None;
                    return self.refuse(which, &change, kind);
                }
            },
            _ => {}
        }
        if let Change::Write(at, bytes) = &change {
            let file = u8::from(which == Which::Count);
            let blocks = *at as u64 / BLOCK..=(at + bytes.len().max(1) - 1) as u64 / BLOCK;
            let new: Vec<_> =
                blocks.map(|block| (file, block)).filter(|block| !self.used.contains(block)).collect();
            if !new.is_empty() && self.room.is_some_and(|room| self.used.len() + new.len() > room) {
                return Err(ErrorKind::StorageFull.into());
            }
            self.used.extend(new);
        }
        self.operations += 1;
        if matches!(change, Change::Finish) {
            let mut new = std::mem::take(&mut self.new);
            new.take(&Change::Sync);
            self.vault = new;
        } else {
            self.platter(which).take(&change);
        }
        let beside = self.beside.as_ref().map_or(0, Disk::operations);
        self.history.push(Done { which, change, beside });
        Ok(())
    }

    /// A sync that fails leaves it open what the disk took of the writes before it.
    fn refuse(&mut self, which: Which, change: &Change, kind: ErrorKind) -> Result<(), Error> {
        self.operations += 1;
        if matches!(change, Change::Sync) {
            self.platter(which).doubtful = true;
        }
        Err(kind.into())
    }
}

/// A disk. Copies are the same disk.
#[derive(Clone, Debug, Default)]
pub struct Disk(Arc<Mutex<Machine>>);

impl Disk {
    /// A disk that holds this.
    pub fn holding(images: Images) -> Self {
        let (vault, count) = (Platter::holding(images.vault.clone()), Platter::holding(images.count.clone()));
        let mut used = BTreeSet::new();
        for (file, platter) in [(0, &vault), (1, &count)] {
            used.extend((0..(platter.live.len() as u64).div_ceil(BLOCK)).map(|block| (file, block)));
        }
        Self(Arc::new(Mutex::new(Machine { vault, count, used, start: images, ..Machine::default() })))
    }

    fn machine(&self) -> MutexGuard<'_, Machine> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on it is written down with each operation how many another disk had done.
    pub fn beside(&self, other: &Disk) {
        self.machine().beside = Some(other.clone());
    }

    /// Operations so far.
    pub fn operations(&self) -> usize {
        self.machine().operations
    }

    /// From now on, after so many more operations, it refuses.
    pub fn refuse_after(&self, more: usize, refusal: Refusal) {
        let mut machine = self.machine();
        machine.refusal = Some((machine.operations + more, refusal));
    }

    /// It works again.
    pub fn work_again(&self) {
        let mut machine = self.machine();
        (machine.refusal, machine.room) = (None, None);
    }

    /// So many blocks of 4,096 bytes are left.
    pub fn leave_room(&self, blocks: usize) {
        let mut machine = self.machine();
        machine.room = Some(machine.used.len() + blocks);
    }

    /// Whether it still does all that it is told.
    pub fn is_on(&self) -> bool {
        let machine = self.machine();
        machine.refusal.is_none_or(|(from, _)| machine.operations < from)
    }

    /// What programs see now.
    pub fn live(&self) -> Images {
        let machine = self.machine();
        let of = |platter: &Platter| platter.there.then(|| platter.live.clone());
        Images { vault: of(&machine.vault), count: of(&machine.count) }
    }

    /// Puts other bytes in place behind whoever has the files open.
    pub fn put_back(&self, images: Images) {
        let mut machine = self.machine();
        machine.vault = Platter::holding(images.vault);
        machine.count = Platter::holding(images.count);
    }

    /// What the disk may hold if the power goes now.
    pub fn after_a_cut(&self, chance: &mut Chance) -> Images {
        let machine = self.machine();
        Images { vault: machine.vault.after_a_cut(chance), count: machine.count.after_a_cut(chance) }
    }

    /// All that was done, from the start.
    pub fn playback(&self) -> Playback {
        let machine = self.machine();
        Playback {
            vault: Platter::holding(machine.start.vault.clone()),
            count: Platter::holding(machine.start.count.clone()),
            new: Platter::default(),
            history: machine.history.clone(),
            done: 0,
        }
    }

    fn file(&self, which: Which) -> Box<dyn StorageBackend> {
        Box::new(OpenFile { disk: self.clone(), which })
    }
}

impl VaultDisk for Disk {
    fn vault(&self) -> Result<(Box<dyn StorageBackend>, Place), StoreFault> {
        let mut machine = self.machine();
        machine.powered()?;
        if !machine.vault.there {
            return Err(StoreFault::Missing);
        }
        if machine.vault.doubtful {
            machine.seed += 1;
            let seed = machine.seed;
            let image = machine.vault.after_a_cut(&mut Chance(seed));
            machine.vault = Platter::holding(image);
        }
        drop(machine);
        Ok((self.file(Which::Vault), PLACE))
    }

    fn count(&self) -> Result<Box<dyn StorageBackend>, StoreFault> {
        let mut machine = self.machine();
        machine.powered()?;
        machine.count.there = true;
        drop(machine);
        Ok(self.file(Which::Count))
    }

    fn begin(&self) -> Result<(Box<dyn StorageBackend>, Place), StoreFault> {
        let mut machine = self.machine();
        machine.powered()?;
        if machine.vault.there {
            return Err(StoreFault::Exists);
        }
        machine.new = Platter { there: true, ..Platter::default() };
        drop(machine);
        Ok((self.file(Which::New), PLACE))
    }

    fn finish(&self) -> Result<(), StoreFault> {
        Ok(self.machine().change(Which::New, Change::Finish)?)
    }

    fn discard(&self) {
        self.machine().new = Platter::default();
    }
}

#[derive(Debug)]
struct OpenFile {
    disk: Disk,
    which: Which,
}

impl OpenFile {
    /// A vault that was made goes by another name; whoever made it has it open still.
    fn which(&self, machine: &Machine) -> Which {
        match self.which {
            Which::New if !machine.new.there => Which::Vault,
            other => other,
        }
    }

    fn change(&self, change: Change) -> Result<(), Error> {
        let mut machine = self.disk.machine();
        let which = self.which(&machine);
        machine.change(which, change)
    }
}

impl StorageBackend for OpenFile {
    fn len(&self) -> Result<u64, Error> {
        let mut machine = self.disk.machine();
        machine.powered()?;
        let which = self.which(&machine);
        Ok(machine.platter(which).live.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), Error> {
        let mut machine = self.disk.machine();
        machine.powered()?;
        let (which, at) = (self.which(&machine), offset as usize);
        let live = &machine.platter(which).live;
        out.copy_from_slice(live.get(at..at + out.len()).ok_or(Error::from(ErrorKind::UnexpectedEof))?);
        Ok(())
    }

    fn set_len(&self, length: u64) -> Result<(), Error> {
        self.change(Change::Length(length as usize))
    }

    fn sync_data(&self) -> Result<(), Error> {
        self.change(Change::Sync)
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<(), Error> {
        self.change(Change::Write(offset as usize, data.into()))
    }
}

/// The operations of a disk, gone through one by one.
pub struct Playback {
    vault: Platter,
    count: Platter,
    new: Platter,
    history: Vec<Done>,
    done: usize,
}

impl Playback {
    /// How many operations there are.
    pub fn len(&self) -> usize {
        self.history.len()
    }

    /// Does the next operation; false after the last.
    pub fn step(&mut self) -> bool {
        let Some(Done { which, change, .. }) = self.history.get(self.done) else { return false };
        self.done += 1;
        if matches!(change, Change::Finish) {
            let mut new = std::mem::take(&mut self.new);
            new.take(&Change::Sync);
            self.vault = new;
            return true;
        }
        let platter = match which {
            Which::Vault => &mut self.vault,
            Which::Count => &mut self.count,
            Which::New => &mut self.new,
        };
        platter.there = true;
        platter.take(change);
        true
    }

    /// Does what was done before the disk beside did its operation of this number.
    pub fn step_beside(&mut self, operations: usize) {
        while self.history.get(self.done).is_some_and(|next| next.beside <= operations) {
            self.step();
        }
    }

    /// What the disk may hold if the power goes now.
    pub fn after_a_cut(&self, chance: &mut Chance) -> Images {
        Images { vault: self.vault.after_a_cut(chance), count: self.count.after_a_cut(chance) }
    }

    /// What programs see now.
    pub fn live(&self) -> Images {
        let of = |platter: &Platter| platter.there.then(|| platter.live.clone());
        Images { vault: of(&self.vault), count: of(&self.count) }
    }
}
