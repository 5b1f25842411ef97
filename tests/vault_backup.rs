//! A backup holds all records and no caches, opens with its own key alone, and makes a vault or none. Erasing a circle
//! takes what was in it and leaves the others.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)] // a test that stumbles should say where

use ed25519_dalek::SigningKey;
use homeward::id::{CaseId, CircleId, EpochId, Hash, InstanceId, Life, LogId, NodeId, PartnerId};
use homeward::log::{Charter, Header, Kind, Segment, body_hash};
use homeward::private::Private;
use homeward::seal::{EpochKey, EpochSecret};
use homeward::sign::{Sign as _, Signed};
use homeward::store::circles::{CircleRecord, KnownCircle, RecordKind, Standing};
use homeward::store::logs::{Intake, Verdict};
use homeward::store::{
    About, BackupReader, Lock, LockKind, Name, Opened, Records as _, StoreFault, Vault, back_up, caches,
    circles, erase_circle, keys, logs, waiting,
};
use homeward::time::Millis;
use std::path::Path;

fn key() -> Private<[u8; 32]> {
    Private::new([0x5a; 32])
}

fn signer() -> SigningKey {
    SigningKey::from_bytes(&[1; 32])
}

/// Puts a circle with one of everything into a vault.
fn circle(vault: &Vault, nonce: u8) -> (CircleId, LogId, EpochId) {
    let charter = Charter {
        version: 1,
        nonce: [nonce; 16],
        members: vec![PartnerId([1; 32])],
        carriers: vec![],
        rules: 1,
        time: Millis(5),
        founder: PartnerId([1; 32]),
        node: NodeId(signer().public()),
        certificate: vec![],
    };
    let charter = Signed::sign(charter, &signer()).unwrap();
    let circle = charter.circle();
    let known =
        KnownCircle { charter, name: Private::from("north"), hidden: false, standing: Standing::Accepted };
    let body = vec![nonce; 40];
    let header = Header {
        version: 1,
        kind: Kind::Epoch,
        circle,
        partner: PartnerId([1; 32]),
        node: NodeId(signer().public()),
        instance: InstanceId([2; 16]),
        number: 1,
        previous: Hash::ZERO,
        epoch: EpochId([5; 32]),
        cut: Millis(6),
        length: 40,
        body: body_hash(&body),
        plain: Hash([2; 32]),
        certificate: vec![1],
    };
    let segment = Segment::new(Signed::sign(header, &signer()).unwrap(), body).unwrap();
    let intake = Intake { segment: &segment, first_seen: Millis(7), verdict: Verdict::Stored, edits: None };
    let secret = EpochSecret { key: EpochKey(Private::new([nonce; 32])), chain: Private::new([9; 32]) };
    let record = CircleRecord { kind: RecordKind::Grant, hash: Hash([nonce; 32]), bytes: vec![nonce; 9] };
    vault
        .write(|w| {
            circles::put(w, &known)?;
            circles::put_record(w, &circle, &record)?;
            logs::put_segments(w, &[intake])?;
            waiting::add(w, &circle, 1, b"an edit")?;
            keys::put_epoch(w, &circle, &secret)?;
            caches::put_sheet(w, &circle, &CaseId([3; 16]), b"a sheet")
        })
        .unwrap();
    let life = Life { node: NodeId(signer().public()), instance: InstanceId([2; 16]) };
    (circle, LogId { circle, life }, secret.key.id())
}

/// What a vault holds of a circle: standing, logs, segment, records, waiting edits, key, sheet.
fn holds(vault: &Vault, (circle, log, epoch): &(CircleId, LogId, EpochId)) -> [bool; 7] {
    let r = vault.reader().unwrap();
    let known = circles::list(&r).unwrap();
    [
        known.iter().any(|k| k.charter.circle() == *circle && k.standing == Standing::Accepted),
        !logs::load(&r, circle).unwrap().is_empty(),
        logs::segment(&r, log, 1).unwrap().is_some(),
        !circles::records_of(&r, circle).unwrap().is_empty(),
        !waiting::list(&r, circle).unwrap().is_empty(),
        keys::epoch(&r, epoch).unwrap().is_some(),
        caches::sheet(&r, circle, &CaseId([3; 16])).unwrap().is_some(),
    ]
}

/// Keys that are locked: to the vault they are bytes.
fn locks() -> Vec<Lock> {
    [LockKind::Passphrase, LockKind::Offline].map(|kind| Lock { kind, bytes: vec![kind as u8; 40] }).into()
}

fn about() -> About {
    About { time: Millis(7), config: b"listen = 1".to_vec() }
}

fn restore(folder: &Path, key: &Private<[u8; 32]>, backup: &[u8]) -> Result<Opened, StoreFault> {
    let (opened, said) = BackupReader::open(backup)?.restore(folder, key)?;
    assert_eq!(said, about());
    Ok(opened)
}

#[test]
fn a_vault_made_from_a_backup_holds_all_but_caches_and_knows_what_it_is() {
    let home = tempfile::tempdir().unwrap();
    let (here, there) = (home.path().join("here"), home.path().join("there"));
    let vault = Vault::create(&here, &key()).unwrap();
    let (one, two) = (circle(&vault, 1), circle(&vault, 2));
    let mut backup = Vec::new();
    let records = vault.read(|r| back_up(r, &locks(), &about(), &mut backup)).unwrap();
    assert!(records > 10);
    assert!(!backup.windows(7).any(|bytes| bytes == b"an edit"));
    let restored = restore(&there, &key(), &backup[..]).unwrap();
    assert!(restored.fell_back);
    assert_eq!(BackupReader::open(&backup[..]).unwrap().locks().len(), 2);
    let all_but_the_sheet = [true, true, true, true, true, true, false];
    assert_eq!(holds(&restored.vault, &one), all_but_the_sheet);
    assert_eq!(holds(&restored.vault, &two), all_but_the_sheet);
    drop(restored);
    let opened = Vault::open(&there, &key()).unwrap();
    assert!(opened.fell_back && !opened.moved);
    opened
        .vault
        .write(|w| {
            w.accept_place();
            Ok(())
        })
        .unwrap();
    drop(opened);
    assert!(!Vault::open(&there, &key()).unwrap().fell_back);
    assert_eq!(restore(&there, &key(), &backup[..]).unwrap_err(), StoreFault::Exists);
    // the vault that was backed up goes on as it was
    drop(vault);
    let opened = Vault::open(&here, &key()).unwrap();
    assert!(!opened.fell_back && !opened.moved);
    assert_eq!(holds(&opened.vault, &one), [true; 7]);
}

#[test]
fn a_backup_that_is_not_whole_genuine_and_ours_makes_no_vault() {
    let home = tempfile::tempdir().unwrap();
    let vault = Vault::create(&home.path().join("here"), &key()).unwrap();
    vault.write(|w| w.put(&Name::OwnLives, b"one")).unwrap();
    let mut backup = Vec::new();
    vault.read(|r| back_up(r, &locks(), &about(), &mut backup)).unwrap();
    let there = home.path().join("there");
    let other = restore(&there, &Private::new([1; 32]), &backup[..]).unwrap_err();
    assert_eq!(other, StoreFault::WrongKey);
    for at in (0..backup.len()).step_by(5) {
        let mut bent = backup.clone();
        bent[at] ^= 4;
        assert!(restore(&there, &key(), &bent[..]).is_err(), "byte {at}");
        assert!(restore(&there, &key(), &backup[..at]).is_err(), "{at} bytes");
        assert_eq!(Vault::open(&there, &key()).unwrap_err(), StoreFault::Missing);
    }
    let longer = [&backup[..], b"x"].concat();
    assert!(restore(&there, &key(), &longer[..]).is_err());
    let restored = restore(&there, &key(), &backup[..]).unwrap();
    assert_eq!(restored.vault.get(&Name::OwnLives).unwrap().as_deref(), Some(&b"one"[..]));
    assert_eq!(restored.vault.reader().unwrap().get(&Name::Circles), Ok(None));
}

#[test]
fn an_erased_circle_is_gone_and_known_as_closed() {
    let home = tempfile::tempdir().unwrap();
    let vault = Vault::create(home.path(), &key()).unwrap();
    let (one, two) = (circle(&vault, 1), circle(&vault, 2));
    assert_eq!(holds(&vault, &one), [true; 7]);
    assert_eq!(vault.write(|w| erase_circle(w, &one.0)), Ok(true));
    assert_eq!(holds(&vault, &one), [false; 7]);
    assert_eq!(holds(&vault, &two), [true, true, true, true, true, true, false]);
    let known = vault.read(|r| circles::list(r)).unwrap();
    assert_eq!(known.iter().map(|k| k.standing).collect::<Vec<_>>(), [Standing::Closed, Standing::Accepted]);
    assert_eq!(vault.write(|w| erase_circle(w, &CircleId([0; 32]))), Ok(false));
}
