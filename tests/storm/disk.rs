//! A disk that forgets what was not synced, breaks when it is told to, and can be full.
//!
//! It stands under the real vault. Each file keeps what is durable and what was only written; when the power goes, any
//! part of the rest is there, whole, cut short or not at all.

use super::chance::Chance;
use homeward::store::{Place, StoreFault, VaultDisk};
use redb::StorageBackend;
use std::io::{Error, ErrorKind};
use std::sync::{Arc, Mutex, MutexGuard};

#[derive(Clone, Debug)]
enum Unsynced {
    Write(usize, Vec<u8>),
    Length(usize),
}

impl Unsynced {
    fn apply(&self, image: &mut Vec<u8>) {
        match self {
            Self::Length(length) => image.resize(*length, 0),
            Self::Write(at, bytes) => {
                image.resize(image.len().max(at + bytes.len()), 0);
                image[*at..at + bytes.len()].copy_from_slice(bytes);
            }
        }
    }
}

#[derive(Debug, Default)]
struct File {
    durable: Vec<u8>,
    live: Vec<u8>,
    unsynced: Vec<Unsynced>,
    /// A sync failed: what was not synced is forgotten when the file is opened again, as systems do.
    forgets: bool,
}

impl File {
    fn holding(image: Vec<u8>) -> Self {
        Self { durable: image.clone(), live: image, unsynced: Vec::new(), forgets: false }
    }

    /// What is there after the power went.
    fn after_the_cut(&self, chance: &mut Chance) -> Vec<u8> {
        let mut image = self.durable.clone();
        for what in &self.unsynced {
            match (chance.below(3), what) {
                (0, _) => {}
                (1, Unsynced::Write(at, bytes)) => {
                    let part = chance.below(bytes.len() as u64 + 1) as usize;
                    Unsynced::Write(*at, bytes[..part].to_vec()).apply(&mut image);
                }
                _ => what.apply(&mut image),
            }
        }
        image
    }
}

/// What a disk does wrong, and when.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Trouble {
    #[default]
    None,
    /// After so many more writes the power goes.
    PowerGoes(u64),
    /// After so many more writes one fails; the machine goes on.
    WriteFails(u64),
    /// After so many more writes nothing more fits, until there is room again.
    FillsUp(u64),
    /// The power went: nothing works until the machine starts again.
    Dark,
    /// Nothing fits.
    Full,
}

/// The disk of one machine: the vault's file and the count beside it.
#[derive(Debug, Default)]
pub(crate) struct Platter {
    files: [File; 2],
    pub trouble: Trouble,
    /// What the disk does wrong from the next start of the machine on.
    pub at_start: Trouble,
    /// Writes that were refused since it was last asked.
    pub refused: u64,
    /// Writes and syncs in all.
    pub writes: u64,
    /// Whose handles still work: those of an earlier start do not.
    start: u64,
}

/// A copy of a disk.
#[derive(Clone, Debug)]
pub(crate) struct Image([Vec<u8>; 2]);

#[derive(Clone, Debug, Default)]
pub(crate) struct Disk(Arc<Mutex<Platter>>);

impl Disk {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Platter> {
        self.0.lock().unwrap()
    }

    /// The files as a program opens them when the machine starts.
    pub(crate) fn open(&self, place: Place) -> Arc<dyn VaultDisk> {
        let mut platter = self.lock();
        platter.start += 1;
        platter.trouble = std::mem::take(&mut platter.at_start);
        for file in &mut platter.files {
            // What was written and not synced is durable once the system has had its time.
            *file = File::holding(std::mem::take(&mut file.live));
        }
        Arc::new(Opening { disk: self.clone(), start: platter.start, place })
    }

    /// The power goes: handles are dead, and what is left is drawn by chance.
    pub(crate) fn cut(&self, chance: &mut Chance) {
        let mut platter = self.lock();
        platter.start += 1;
        for file in &mut platter.files {
            *file = File::holding(file.after_the_cut(chance));
        }
    }

    /// All that is durable: a backup of the machine, or a snapshot.
    pub(crate) fn image(&self) -> Image {
        let platter = self.lock();
        Image([0, 1].map(|file| platter.files[file].durable.clone()))
    }

    /// The disk becomes what it was.
    pub(crate) fn restore(&self, image: &Image) {
        let mut platter = self.lock();
        platter.start += 1;
        platter.files = image.0.clone().map(File::holding);
    }
}

impl Platter {
    /// One write: whether the disk takes it.
    fn takes(&mut self) -> Result<(), Error> {
        self.writes += 1;
        let (after, outcome) = match self.trouble {
            Trouble::None => (Trouble::None, Ok(())),
            Trouble::PowerGoes(0) | Trouble::Dark => (Trouble::Dark, Err(ErrorKind::Other)),
            Trouble::PowerGoes(left) => (Trouble::PowerGoes(left - 1), Ok(())),
            Trouble::WriteFails(0) => (Trouble::None, Err(ErrorKind::Other)),
            Trouble::WriteFails(left) => (Trouble::WriteFails(left - 1), Ok(())),
            Trouble::FillsUp(0) | Trouble::Full => (Trouble::Full, Err(ErrorKind::StorageFull)),
            Trouble::FillsUp(left) => (Trouble::FillsUp(left - 1), Ok(())),
        };
        self.trouble = after;
        self.refused += u64::from(outcome.is_err());
        outcome.map_err(Error::from)
    }
}

/// A disk as one start of a machine has it.
struct Opening {
    disk: Disk,
    start: u64,
    place: Place,
}

impl Opening {
    fn file(&self, file: usize) -> Box<Handle> {
        let mut platter = self.disk.lock();
        if platter.start == self.start && platter.files[file].forgets {
            let durable = std::mem::take(&mut platter.files[file].durable);
            platter.files[file] = File::holding(durable);
        }
        drop(platter);
        Box::new(Handle { disk: self.disk.clone(), file, start: self.start })
    }
}

impl VaultDisk for Opening {
    fn vault(&self) -> Result<(Box<dyn StorageBackend>, Place), StoreFault> {
        Ok((self.file(0), self.place))
    }

    fn count(&self) -> Result<Box<dyn StorageBackend>, StoreFault> {
        Ok(self.file(1))
    }

    fn begin(&self) -> Result<(Box<dyn StorageBackend>, Place), StoreFault> {
        self.vault()
    }

    fn finish(&self) -> Result<(), StoreFault> {
        Ok(())
    }

    fn discard(&self) {}
}

/// One file of a machine, as one start of it sees it.
#[derive(Debug)]
pub(crate) struct Handle {
    disk: Disk,
    file: usize,
    start: u64,
}

impl Handle {
    fn platter(&self) -> Result<MutexGuard<'_, Platter>, Error> {
        let platter = self.disk.lock();
        if platter.start == self.start { Ok(platter) } else { Err(Error::from(ErrorKind::Other)) }
    }

    fn change(&self, what: Unsynced) -> Result<(), Error> {
        let mut platter = self.platter()?;
        platter.takes()?;
        let file = &mut platter.files[self.file];
        what.apply(&mut file.live);
        file.unsynced.push(what);
        Ok(())
    }
}

impl StorageBackend for Handle {
    fn len(&self) -> Result<u64, Error> {
        Ok(self.platter()?.files[self.file].live.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), Error> {
        let platter = self.platter()?;
        if platter.trouble == Trouble::Dark {
            return Err(Error::from(ErrorKind::Other));
        }
        let at = offset as usize;
        let live = &platter.files[self.file].live;
        let bytes = live.get(at..at + out.len()).ok_or(Error::from(ErrorKind::UnexpectedEof))?;
        out.copy_from_slice(bytes);
        Ok(())
    }

    fn set_len(&self, length: u64) -> Result<(), Error> {
        self.change(Unsynced::Length(length as usize))
    }

    fn sync_data(&self) -> Result<(), Error> {
        let mut platter = self.platter()?;
        let taken = platter.takes();
        let file = &mut platter.files[self.file];
        file.forgets |= taken.is_err();
        taken?;
        for what in std::mem::take(&mut file.unsynced) {
            what.apply(&mut file.durable);
        }
        Ok(())
    }

    fn write(&self, offset: u64, bytes: &[u8]) -> Result<(), Error> {
        self.change(Unsynced::Write(offset as usize, bytes.to_vec()))
    }
}
