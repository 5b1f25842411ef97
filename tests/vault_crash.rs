//! The power may go at any moment, on a disk that forgets what was not synced: what was acknowledged is there, a
//! transaction is whole or absent, and a vault that lost a commit says so.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)] // a test that stumbles should say where

use homeward::id::Hash;
use homeward::private::Private;
use homeward::store::{Name, Opened, Place, StoreFault, Vault};
use redb::StorageBackend;
use std::io::{Error, ErrorKind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

const SEED: u64 = 20_261_122;
const COMMITS: u8 = 8;
const RECORDS: u16 = 6;
const PLACE: Place = Place { machine: Hash([1; 32]), folder: Hash([2; 32]), device: 3, inode: 4 };

fn key() -> Private<[u8; 32]> {
    Private::new([9; 32])
}

/// SplitMix64.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % limit as u64) as usize
    }
}

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
struct Platter {
    durable: Vec<u8>,
    live: Vec<u8>,
    unsynced: Vec<Unsynced>,
}

/// One file of a machine whose power goes after so many operations on any of its files.
#[derive(Clone, Debug)]
struct Disk {
    platter: Arc<Mutex<Platter>>,
    power: Arc<AtomicUsize>,
}

impl Disk {
    fn new(image: Vec<u8>, power: &Arc<AtomicUsize>) -> Self {
        let platter = Platter { durable: image.clone(), live: image, unsynced: Vec::new() };
        Self { platter: Arc::new(Mutex::new(platter)), power: power.clone() }
    }

    fn changed(&self) -> Result<(), Error> {
        self.power
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1))
            .map(|_| ())
            .map_err(|_| Error::from(ErrorKind::Other))
    }

    fn change(&self, what: Unsynced) -> Result<(), Error> {
        self.changed()?;
        let mut platter = self.platter.lock().unwrap();
        what.apply(&mut platter.live);
        platter.unsynced.push(what);
        Ok(())
    }

    /// What the disk holds after the cut: what was synced, and any part of the rest, whole or cut short.
    fn after_the_cut(&self, chance: &mut Chance) -> Vec<u8> {
        let platter = self.platter.lock().unwrap();
        let mut image = platter.durable.clone();
        for what in &platter.unsynced {
            match (chance.below(3), what) {
                (0, _) => {}
                (1, Unsynced::Write(at, bytes)) => {
                    Unsynced::Write(*at, bytes[..chance.below(bytes.len() + 1)].to_vec()).apply(&mut image);
                }
                _ => what.apply(&mut image),
            }
        }
        image
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> Result<u64, Error> {
        Ok(self.platter.lock().unwrap().live.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), Error> {
        let platter = self.platter.lock().unwrap();
        let at = offset as usize;
        let bytes = platter.live.get(at..at + out.len()).ok_or(Error::from(ErrorKind::UnexpectedEof))?;
        out.copy_from_slice(bytes);
        Ok(())
    }

    fn set_len(&self, length: u64) -> Result<(), Error> {
        self.change(Unsynced::Length(length as usize))
    }

    fn sync_data(&self) -> Result<(), Error> {
        self.changed()?;
        let mut platter = self.platter.lock().unwrap();
        platter.durable = platter.live.clone();
        platter.unsynced.clear();
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<(), Error> {
        self.change(Unsynced::Write(offset as usize, data.to_vec()))
    }
}

struct Machine {
    vault: Disk,
    count: Disk,
}

impl Machine {
    fn new(power: usize, images: (Vec<u8>, Vec<u8>)) -> Self {
        let power = Arc::new(AtomicUsize::new(power));
        Self { vault: Disk::new(images.0, &power), count: Disk::new(images.1, &power) }
    }

    fn open(&self) -> Result<Opened, StoreFault> {
        Vault::open_on(self.vault.clone(), Box::new(self.count.clone()), &key(), PLACE)
    }

    fn images(&self, chance: &mut Chance) -> (Vec<u8>, Vec<u8>) {
        (self.vault.after_the_cut(chance), self.count.after_the_cut(chance))
    }

    /// Writes until the power goes; returns the last commit that was acknowledged.
    fn work(&self, vault: &Vault) -> u8 {
        let mut acknowledged = 0;
        for commit in 1..=COMMITS {
            let done = vault.write(|writer| {
                (0..RECORDS).try_for_each(|n| writer.put(&Name::Setting(n), &vec![commit; 900]))
            });
            match done {
                Ok(()) => acknowledged = commit,
                Err(fault) => {
                    assert!(matches!(fault, StoreFault::Disk(_) | StoreFault::Reopen), "{fault:?}");
                    // what the disk holds is not known: nothing more may be written
                    let next = vault.write(|writer| writer.put(&Name::Setting(0), b"more"));
                    assert!(matches!(next, Err(StoreFault::Reopen | StoreFault::Disk(_))));
                    break;
                }
            }
        }
        acknowledged
    }
}

/// Which commit a vault shows: all its records are of one.
fn shown(vault: &Vault) -> u8 {
    let all: Vec<Option<Vec<u8>>> = (0..RECORDS).map(|n| vault.get(&Name::Setting(n)).unwrap()).collect();
    assert!(all.windows(2).all(|pair| pair[0] == pair[1]), "a transaction is whole or absent");
    all[0].as_ref().map_or(0, |bytes| bytes[0])
}

/// A fresh vault, cleanly closed.
fn fresh() -> (Vec<u8>, Vec<u8>) {
    let machine = Machine::new(usize::MAX, (Vec::new(), Vec::new()));
    drop(Vault::create_on(machine.vault.clone(), Box::new(machine.count.clone()), &key(), PLACE).unwrap());
    machine.images(&mut Chance(0))
}

/// Every cut point from the first write to the last, in steps; what the disk may hold then, and the commit that had
/// been acknowledged.
fn cuts(step: usize, mut look: impl FnMut(usize, &mut Chance, (Vec<u8>, Vec<u8>), u8)) -> usize {
    let start = fresh();
    let mut points = 0;
    for power in (0..).step_by(step) {
        let machine = Machine::new(usize::MAX, start.clone());
        let opened = machine.open().unwrap();
        machine.vault.power.store(power, Ordering::SeqCst);
        let acknowledged = machine.work(&opened.vault);
        let on = machine.vault.power.load(Ordering::SeqCst) > 0;
        points += 1;
        let mut chance = Chance(SEED ^ power as u64);
        for _ in 0..4 {
            let images = machine.images(&mut chance);
            look(power, &mut chance, images, acknowledged);
        }
        if on {
            break;
        }
    }
    points
}

#[test]
fn what_was_acknowledged_survives_a_power_cut_anywhere() {
    let points = cuts(1, |power, _, images, acknowledged| {
        let opened = Machine::new(usize::MAX, images).open().unwrap();
        let shown = shown(&opened.vault);
        assert!(
            shown == acknowledged || shown == acknowledged + 1,
            "seed {SEED}, cut at {power}: shows {shown}, acknowledged {acknowledged}"
        );
        assert!(!opened.fell_back && !opened.moved, "seed {SEED}, cut at {power}");
    });
    assert!(points > 30, "only {points} cut points");
}

#[test]
fn a_commit_that_damage_after_a_crash_takes_away_is_missed() {
    let (mut lost, mut refused) = (0, 0);
    cuts(3, |power, chance, (mut vault, count), acknowledged| {
        // redb keeps the states of its two last commits in the first few hundred bytes
        let at = if chance.below(2) == 0 { chance.below(320) } else { chance.below(vault.len()) };
        vault[at] ^= 1 << chance.below(8);
        match Machine::new(usize::MAX, (vault, count)).open() {
            Err(fault) => {
                refused += 1;
                assert!(!matches!(fault, StoreFault::InUse | StoreFault::Missing), "{fault:?}");
            }
            Ok(opened) => {
                let shown = shown(&opened.vault);
                if shown < acknowledged {
                    lost += 1;
                    assert!(opened.fell_back, "seed {SEED}, cut at {power}: lost a commit in silence");
                }
            }
        }
    });
    assert!(lost > 0, "seed {SEED}: the damage never took a commit away: the test shows nothing");
    assert!(refused > 0, "seed {SEED}");
}
