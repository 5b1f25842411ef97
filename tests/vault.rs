//! What lies on the disk shows sizes and nothing else; a copy, a restore, a second program, a wrong key and damage are
//! seen for what they are.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)] // a test that stumbles should say where

use homeward::id::{CaseId, CircleId, PartnerId};
use homeward::private::Private;
use homeward::store::{COUNT_FILE, Name, Records as _, StoreFault, VAULT_FILE, Vault, caches, waiting};
use std::path::Path;

fn key() -> Private<[u8; 32]> {
    Private::new([0x5a; 32])
}

const SETTING: Name = Name::Setting(1);

/// Numbers that look random and are the same each time (SplitMix64).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }
}

fn contains(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|window| window == word)
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    for file in [VAULT_FILE, COUNT_FILE] {
        std::fs::copy(from.join(file), to.join(file)).unwrap();
    }
}

#[test]
fn nothing_of_what_is_kept_can_be_read_from_the_files() {
    let home = tempfile::tempdir().unwrap();
    let canary = b"Marusia of Zelenohaj";
    let circle = CircleId(*b"a circle that nobody may name 00");
    let case = CaseId(*b"one child's case");
    let partner = PartnerId(*b"the partner whom nobody may name");
    let vault = Vault::create(home.path(), &key()).unwrap();
    vault
        .write(|writer| {
            waiting::add(writer, &circle, 1, canary)?;
            caches::put_sheet(writer, &circle, &case, &canary.repeat(500))?;
            writer.put(&Name::Trust(partner), canary)
        })
        .unwrap();
    vault.write_caches(|writer| caches::put_rows(writer, 0, canary)).unwrap();
    let scan = || {
        for entry in std::fs::read_dir(home.path()).unwrap() {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap();
            for word in [&canary[..], &circle.0, &case.0, &partner.0, &[0x5a; 32]] {
                assert!(!contains(&bytes, word));
            }
        }
    };
    scan();
    // replaced and removed records leave nothing either
    vault.write(|writer| waiting::take_through(writer, &circle, 1)).unwrap();
    vault.write(caches::clear).unwrap();
    scan();
    drop(vault);
    scan();
}

#[test]
fn the_files_are_for_their_owner_alone() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("node");
    drop(Vault::create(&folder, &key()).unwrap());
    for path in [folder.clone(), folder.join(VAULT_FILE), folder.join(COUNT_FILE)] {
        assert!(!homeward::store::files::readable_by_others(&path).unwrap());
    }
}

#[test]
fn a_transaction_is_all_or_nothing() {
    let home = tempfile::tempdir().unwrap();
    let vault = Vault::create(home.path(), &key()).unwrap();
    vault.write(|writer| writer.put(&SETTING, b"before")).unwrap();
    let refused: Result<(), StoreFault> = vault.write(|writer| {
        writer.put(&SETTING, b"after")?;
        writer.put(&Name::OwnLives, b"one")?;
        assert_eq!(writer.get(&SETTING)?.as_deref(), Some(&b"after"[..]), "a writer sees its own writes");
        Err(StoreFault::Rule("the caller thinks again"))
    });
    assert_eq!(refused, Err(StoreFault::Rule("the caller thinks again")));
    assert_eq!(vault.get(&SETTING).unwrap().as_deref(), Some(&b"before"[..]));
    assert_eq!(vault.get(&Name::OwnLives), Ok(None));
    // a writer that panics leaves nothing behind either, and the vault goes on
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _: Result<(), StoreFault> = vault.write(|writer| {
            writer.put(&SETTING, b"half")?;
            panic!("a bug of the caller's")
        });
    }));
    assert!(panicked.is_err());
    assert_eq!(vault.get(&SETTING).unwrap().as_deref(), Some(&b"before"[..]));
    vault.write(|writer| writer.put(&SETTING, b"after")).unwrap();
    drop(vault);
    let opened = Vault::open(home.path(), &key()).unwrap();
    assert_eq!(opened.vault.get(&SETTING).unwrap().as_deref(), Some(&b"after"[..]));
    assert!(!opened.moved && !opened.fell_back);
}

#[test]
fn a_view_does_not_change_under_its_reader() {
    let home = tempfile::tempdir().unwrap();
    let vault = Vault::create(home.path(), &key()).unwrap();
    vault.write(|writer| writer.put(&SETTING, b"one")).unwrap();
    let reader = vault.reader().unwrap();
    vault.write(|writer| writer.put(&SETTING, b"two")).unwrap();
    assert_eq!(reader.get(&SETTING).unwrap().as_deref(), Some(&b"one"[..]));
}

#[test]
fn caches_alone_may_be_written_without_a_sync() {
    let home = tempfile::tempdir().unwrap();
    let vault = Vault::create(home.path(), &key()).unwrap();
    let before = vault.commits();
    assert!(matches!(vault.write_caches(|writer| writer.put(&SETTING, b"no")), Err(StoreFault::Rule(_))));
    vault.write_caches(|writer| caches::put_rows(writer, 3, b"rows")).unwrap();
    assert_eq!(vault.commits(), before);
    vault.write(|writer| writer.put(&SETTING, b"yes")).unwrap();
    drop(vault);
    let vault = Vault::open(home.path(), &key()).unwrap().vault;
    assert_eq!(vault.read(|reader| caches::rows(reader, 3)).unwrap().as_deref(), Some(&b"rows"[..]));
    vault.write(caches::clear).unwrap();
    assert_eq!(vault.read(|reader| caches::rows(reader, 3)), Ok(None));
    assert_eq!(vault.get(&SETTING).unwrap().as_deref(), Some(&b"yes"[..]));
}

#[test]
fn a_vault_is_open_once() {
    let home = tempfile::tempdir().unwrap();
    let vault = Vault::create(home.path(), &key()).unwrap();
    assert_eq!(Vault::open(home.path(), &key()).unwrap_err(), StoreFault::InUse);
    assert_eq!(Vault::create(home.path(), &key()).unwrap_err(), StoreFault::InUse);
    drop(vault);
    assert_eq!(Vault::create(home.path(), &key()).unwrap_err(), StoreFault::Exists);
    assert!(Vault::open(home.path(), &key()).is_ok());
}

#[test]
fn a_wrong_key_and_an_empty_folder_say_so() {
    let home = tempfile::tempdir().unwrap();
    assert_eq!(Vault::open(home.path(), &key()).unwrap_err(), StoreFault::Missing);
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0, "looking leaves nothing behind");
    drop(Vault::create(home.path(), &key()).unwrap());
    assert_eq!(Vault::open(home.path(), &Private::new([1; 32])).unwrap_err(), StoreFault::WrongKey);
    assert!(Vault::open(home.path(), &key()).is_ok());
}

#[test]
fn a_copied_folder_is_seen_as_moved_until_that_is_accepted() {
    let home = tempfile::tempdir().unwrap();
    let (here, there) = (home.path().join("here"), home.path().join("there"));
    drop(Vault::create(&here, &key()).unwrap());
    copy_folder(&here, &there);
    assert!(!Vault::open(&here, &key()).unwrap().moved);
    let copy = Vault::open(&there, &key()).unwrap();
    assert!(copy.moved && !copy.fell_back);
    copy.vault.write(|writer| writer.put(&SETTING, b"written without accepting")).unwrap();
    drop(copy);
    let copy = Vault::open(&there, &key()).unwrap();
    assert!(copy.moved);
    copy.vault
        .write(|writer| {
            writer.accept_place();
            Ok(())
        })
        .unwrap();
    drop(copy);
    assert!(!Vault::open(&there, &key()).unwrap().moved);
}

#[test]
fn a_renamed_folder_has_not_moved() {
    let home = tempfile::tempdir().unwrap();
    let (here, there) = (home.path().join("here"), home.path().join("there"));
    drop(Vault::create(&here, &key()).unwrap());
    std::fs::rename(&here, &there).unwrap();
    assert!(!Vault::open(&there, &key()).unwrap().moved);
}

#[test]
fn an_older_vault_put_back_in_place_has_fallen_back_until_that_is_accepted() {
    let home = tempfile::tempdir().unwrap();
    let (folder, kept) = (home.path().join("node"), home.path().join("kept"));
    let vault = Vault::create(&folder, &key()).unwrap();
    vault.write(|writer| writer.put(&SETTING, b"old")).unwrap();
    drop(vault);
    copy_folder(&folder, &kept);
    let vault = Vault::open(&folder, &key()).unwrap().vault;
    vault.write(|writer| writer.put(&SETTING, b"new")).unwrap();
    drop(vault);
    // the same file, so the place is the same; its content is older
    let old = std::fs::read(kept.join(VAULT_FILE)).unwrap();
    overwrite(&folder.join(VAULT_FILE), &old);
    for _ in 0..3 {
        // however often it is opened and written to
        let opened = Vault::open(&folder, &key()).unwrap();
        assert!(opened.fell_back && !opened.moved);
        assert_eq!(opened.vault.get(&SETTING).unwrap().as_deref(), Some(&b"old"[..]));
        opened.vault.write(|writer| writer.put(&Name::OwnLives, b"x")).unwrap();
    }
    let opened = Vault::open(&folder, &key()).unwrap();
    opened
        .vault
        .write(|writer| {
            writer.accept_place();
            Ok(())
        })
        .unwrap();
    drop(opened);
    assert!(!Vault::open(&folder, &key()).unwrap().fell_back);
}

#[test]
fn a_lost_foreign_or_older_count_is_a_vault_that_fell_back() {
    let home = tempfile::tempdir().unwrap();
    let other = home.path().join("other");
    drop(Vault::create(&other, &key()).unwrap());
    let foreign = std::fs::read(other.join(COUNT_FILE)).unwrap();
    for (turn, bytes) in [None, Some(vec![]), Some(vec![0; 9000]), Some(foreign)].into_iter().enumerate() {
        let folder = home.path().join(format!("node {turn}"));
        drop(Vault::create(&folder, &key()).unwrap());
        match bytes {
            None => std::fs::remove_file(folder.join(COUNT_FILE)).unwrap(),
            Some(bytes) => overwrite(&folder.join(COUNT_FILE), &bytes),
        }
        assert!(Vault::open(&folder, &key()).unwrap().fell_back, "turn {turn}");
    }
    let folder = home.path().join("node");
    let vault = Vault::create(&folder, &key()).unwrap();
    drop(vault);
    let older = std::fs::read(folder.join(COUNT_FILE)).unwrap();
    let vault = Vault::open(&folder, &key()).unwrap().vault;
    for _ in 0..3 {
        vault.write(|writer| writer.put(&SETTING, b"x")).unwrap();
    }
    drop(vault);
    overwrite(&folder.join(COUNT_FILE), &older);
    assert!(Vault::open(&folder, &key()).unwrap().fell_back);
}

/// Writes into the same file, so that it keeps its number on the disk.
fn overwrite(path: &Path, bytes: &[u8]) {
    use std::io::Write as _;
    let mut file = std::fs::OpenOptions::new().write(true).truncate(true).open(path).unwrap();
    file.write_all(bytes).unwrap();
}

#[test]
fn flipped_bits_and_lost_ends_are_errors_or_unharmed_never_wrong_words() {
    let seed = 20_261_122;
    let mut chance = Chance(seed);
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("node");
    let vault = Vault::create(&folder, &key()).unwrap();
    let value = |n: u16| vec![n as u8; 700 + usize::from(n) * 13];
    for n in 0..40 {
        vault.write(|writer| writer.put(&Name::Setting(n), &value(n))).unwrap();
    }
    drop(vault);
    let whole = std::fs::read(folder.join(VAULT_FILE)).unwrap();
    let mut refused = 0;
    let count = std::fs::read(folder.join(COUNT_FILE)).unwrap();
    for turn in 0..160 {
        let mut bent = whole.clone();
        match turn % 4 {
            0 => bent.truncate(chance.below(whole.len())),
            // the header of the file, more often than its share
            1 => bent[chance.below(512)] ^= 1 << chance.below(8),
            _ => bent[chance.below(whole.len())] ^= 1 << chance.below(8),
        }
        overwrite(&folder.join(VAULT_FILE), &bent);
        overwrite(&folder.join(COUNT_FILE), &count);
        match Vault::open(&folder, &key()) {
            Err(_) => refused += 1,
            Ok(opened) if opened.fell_back => {}
            Ok(opened) => {
                for n in 0..40 {
                    match opened.vault.get(&Name::Setting(n)) {
                        Ok(found) => assert_eq!(found, Some(value(n)), "seed {seed}, turn {turn}"),
                        Err(fault) => assert!(matches!(fault, StoreFault::Damaged(_)), "{fault:?}"),
                    }
                }
            }
        }
    }
    assert!(refused > 40, "seed {seed}: only {refused} of 160 refused: the damage did no damage");
}
