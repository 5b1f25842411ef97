//! The power may go at any moment, on a disk that forgets what was not synced: what was acknowledged is there, a
//! transaction is whole or absent, and a vault that lost a commit says so.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)] // a test that stumbles should say where

mod disk;

use disk::{Chance, Disk, Images, Refusal};
use homeward::private::Private;
use homeward::store::{Name, Opened, StoreFault, Vault};
use std::io::ErrorKind;
use std::sync::Arc;

const SEED: u64 = 20_261_122;
const COMMITS: u8 = 8;
const RECORDS: u16 = 6;

fn key() -> Private<[u8; 32]> {
    Private::new([9; 32])
}

fn open(disk: &Disk) -> Result<Opened, StoreFault> {
    Vault::open_on(Arc::new(disk.clone()), &key())
}

fn write(vault: &Vault, commit: u8) -> Result<(), StoreFault> {
    vault.write(|writer| (0..RECORDS).try_for_each(|n| writer.put(&Name::Setting(n), &vec![commit; 900])))
}

/// Writes until the power goes; returns the last commit that was acknowledged.
fn work(vault: &Vault) -> u8 {
    let mut acknowledged = 0;
    for commit in 1..=COMMITS {
        match write(vault, commit) {
            Ok(()) => acknowledged = commit,
            Err(fault) => {
                assert!(matches!(fault, StoreFault::Disk(_) | StoreFault::Reopen), "{fault:?}");
                // what the disk holds is not known: nothing more may be written
                let next = vault.write(|writer| writer.put(&Name::Setting(0), b"more"));
                assert!(matches!(next, Err(StoreFault::Reopen | StoreFault::Disk(_))));
                assert!(vault.recover().is_err(), "a disk without power does not recover");
                break;
            }
        }
    }
    acknowledged
}

/// Which commit a vault shows: all its records are of one.
fn shown(vault: &Vault) -> u8 {
    let all: Vec<Option<Vec<u8>>> = (0..RECORDS).map(|n| vault.get(&Name::Setting(n)).unwrap()).collect();
    assert!(all.windows(2).all(|pair| pair[0] == pair[1]), "a transaction is whole or absent");
    all[0].as_ref().map_or(0, |bytes| bytes[0])
}

/// A fresh vault, cleanly closed.
fn fresh() -> Images {
    let disk = Disk::default();
    drop(Vault::create_on(Arc::new(disk.clone()), &key(), |_| Ok(())).unwrap());
    disk.live()
}

/// Every cut point from the first write to the last, in steps; what the disk may hold then, and the commit that had
/// been acknowledged.
fn cuts(step: usize, mut look: impl FnMut(usize, &mut Chance, Images, u8)) -> usize {
    let start = fresh();
    let mut points = 0;
    for power in (0..).step_by(step) {
        let disk = Disk::holding(start.clone());
        let opened = open(&disk).unwrap();
        disk.refuse_after(power, Refusal::NoPower);
        let acknowledged = work(&opened.vault);
        points += 1;
        let mut chance = Chance(SEED ^ power as u64);
        for _ in 0..4 {
            let images = disk.after_a_cut(&mut chance);
            look(power, &mut chance, images, acknowledged);
        }
        if disk.is_on() {
            break;
        }
    }
    points
}

#[test]
fn what_was_acknowledged_survives_a_power_cut_anywhere() {
    let points = cuts(1, |power, _, images, acknowledged| {
        let opened = open(&Disk::holding(images)).unwrap();
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
    cuts(3, |power, chance, mut images, acknowledged| {
        let vault = images.vault.as_mut().unwrap();
        // redb keeps the states of its two last commits in the first few hundred bytes
        let at = if chance.below(2) == 0 { chance.below(320) } else { chance.below(vault.len()) };
        vault[at] ^= 1 << chance.below(8);
        match open(&Disk::holding(images)) {
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

#[test]
fn a_vault_goes_on_after_a_disk_fault_at_any_operation() {
    let start = fresh();
    let (mut faults, mut rolled_back) = (0, 0);
    for kind in [ErrorKind::Other, ErrorKind::StorageFull] {
        for at in 0.. {
            let disk = Disk::holding(start.clone());
            let opened = open(&disk).unwrap();
            disk.refuse_after(at, Refusal::Once(kind));
            let (mut acknowledged, faults_before) = (0, faults);
            for commit in 1..=COMMITS {
                match write(&opened.vault, commit) {
                    Ok(()) => acknowledged = commit,
                    Err(fault) => {
                        assert_eq!(fault, StoreFault::Disk(kind), "{kind:?} at {at}");
                        faults += 1;
                        // It is read from, and not written to, before somebody has looked.
                        let seen = shown(&opened.vault);
                        assert!(seen == acknowledged || seen == commit, "{kind:?} at {at}");
                        assert_eq!(write(&opened.vault, commit), Err(StoreFault::Reopen));
                        assert_eq!(
                            opened.vault.recover(),
                            Ok(false),
                            "{kind:?} at {at}: nothing acknowledged is lost"
                        );
                        assert!(!opened.vault.is_unsure());
                        rolled_back += usize::from(shown(&opened.vault) == acknowledged);
                        acknowledged = shown(&opened.vault);
                    }
                }
            }
            let unharmed = disk.is_on() && faults_before == faults;
            disk.work_again();
            drop(opened);
            let again = open(&disk).unwrap();
            assert!(!again.fell_back, "{kind:?} at {at}: the count goes with the vault");
            assert_eq!(shown(&again.vault), acknowledged);
            if unharmed {
                break;
            }
        }
    }
    assert!(faults > 60 && rolled_back > 10, "{faults} faults, {rolled_back} rolled back");
}
