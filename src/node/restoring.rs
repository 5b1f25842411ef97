//! A home out of a backup. It goes on as a new life of its node: edits that waited when the backup was made may have
//! been said since, so they wait until a partner has shown what it holds, or until the owner says that nobody else is
//! left to say them.

use super::failure::{bad_input, fail, not_found};
use super::home::{Home, damaged_key, wrong_passphrase};
use super::house::House;
use super::lives::Word;
use super::running::Node;
use super::{Answer, Failure, FailureKind, NodeInfo};
use crate::limit;
use crate::private::Private;
use crate::seal::{
    AgeEnvelope, Envelope as _, HybridIdentity, KeyBundle, RecoveryPhrase, SealFault, lock_with_passphrase,
    unlock_with_passphrase, unlock_with_recovery,
};
use crate::store::{About, BackupReader, LockKind, StoreFault, files};
use crate::time::Millis;
use std::fs::File;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Who opens the backup.
pub enum Opener {
    /// The passphrase that the home had, or the twelve recovery words.
    Typed(Private<String>),
    /// An offline identity, for which the backup was sealed too.
    Offline {
        /// A file with `AGE-SECRET-KEY-PQ-1...`, as age writes it; its owner's alone to read.
        identity: PathBuf,
        /// The passphrase that the restored home shall have.
        passphrase: Private<String>,
        /// scrypt's work factor for it: 15 to 22.
        scrypt_log_n: u8,
    },
}

/// What a restore made.
pub struct Restored {
    /// The node.
    pub info: NodeInfo,
    /// When the backup was made.
    pub made: Millis,
    /// Edits that wait for a partner's word.
    pub waiting: usize,
}

/// Makes a home of a backup.
///
/// # Errors
/// [`FailureKind::BadInput`] for a folder that is not empty or a file that is no backup, [`FailureKind::Locked`] if it
/// does not open, [`FailureKind::Damaged`], [`FailureKind::Disk`]. There is no home then.
pub fn restore(home: &Path, file: &Path, opener: &Opener) -> Result<Restored, Failure> {
    let home = Home(std::path::absolute(home).unwrap_or_else(|_| home.to_owned()));
    let was_there = home.0.is_dir();
    if std::fs::read_dir(&home.0).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(bad_input(
            format!("{} is not empty; nothing was done", home.0.display()),
            "Name a folder that is empty or does not exist yet.",
        ));
    }
    let input = files::open_plain(file).map_err(|fault| unreadable(fault, file))?;
    let backup = BackupReader::open(input).map_err(no_backup)?;
    let keys = unlock(&backup, opener)?;
    let made = furnish(&home, backup, opener, keys);
    if made.is_err() {
        clear(&home, was_there);
    }
    made
}

fn furnish(
    home: &Home,
    backup: BackupReader<File>,
    opener: &Opener,
    keys: KeyBundle,
) -> Result<Restored, Failure> {
    let mut locks = backup.locks().to_vec();
    if let Opener::Offline { passphrase, scrypt_log_n, .. } = opener {
        // Whoever holds the identity need not know the passphrase that was: the home gets one that they know.
        let bytes = lock_with_passphrase(passphrase, *scrypt_log_n, &keys.encode())
            .map_err(|_| bad_input("this passphrase cannot lock the keys", "Choose another."))?;
        locks.retain(|lock| lock.kind != LockKind::Passphrase);
        locks.push(crate::store::Lock { kind: LockKind::Passphrase, bytes });
    }
    let (opened, About { time, config }) = backup.restore(&home.0, keys.vault.bytes()).map_err(no_backup)?;
    files::private_folder(&home.keys())?;
    files::write_private(&home.config_file(), &config)?;
    // The file that makes a home of a folder comes last.
    for (kind, path) in [(LockKind::Recovery, home.node_paper()), (LockKind::Passphrase, home.node_key())] {
        if let Some(lock) = locks.iter().find(|lock| lock.kind == kind) {
            files::write_private(&path, &lock.bytes)?;
        }
    }
    if !home.exists() {
        let phrase = "the backup has no key file for a passphrase";
        return Err(fail(FailureKind::Damaged, phrase, "Use another backup; nothing was left here."));
    }
    let house = House::of(home, keys, opened)?;
    Ok(Restored { info: house.info(), made: time, waiting: house.left_waiting() })
}

/// The keys in the backup, as whoever restores it can open them.
fn unlock(backup: &BackupReader<File>, opener: &Opener) -> Result<KeyBundle, Failure> {
    let lock = |kind| backup.locks().iter().find(|lock| lock.kind == kind).map(|lock| lock.bytes.as_slice());
    let plain = match opener {
        Opener::Typed(typed) => {
            let paper = RecoveryPhrase::parse(typed).ok().zip(lock(LockKind::Recovery));
            match paper.and_then(|(phrase, locked)| unlock_with_recovery(&phrase, locked).ok()) {
                Some(plain) => plain,
                None => {
                    let locked = lock(LockKind::Passphrase).ok_or_else(|| {
                        not_found("this backup opens to no passphrase", "Type the twelve recovery words.")
                    })?;
                    unlock_with_passphrase(typed, locked).map_err(wrong_passphrase)?
                }
            }
        }
        Opener::Offline { identity, .. } => {
            let locked = lock(LockKind::Offline).ok_or_else(|| {
                not_found(
                    "this backup was made for no offline identity",
                    "Restore it with the passphrase or the recovery words of its home.",
                )
            })?;
            AgeEnvelope.open_as(read_identity(identity)?.seed(), locked).map_err(|fault| match fault {
                SealFault::NotForUs => fail(
                    FailureKind::Locked,
                    "this identity does not open the backup",
                    "Use the identity whose public key was named with --to; nothing was changed.",
                ),
                _ => damaged_key(),
            })?
        }
    };
    KeyBundle::decode(&plain).map_err(|_| damaged_key())
}

/// The first identity in a file as age writes it: comments, then a line of its own.
fn read_identity(path: &Path) -> Result<HybridIdentity, Failure> {
    let bytes = Zeroizing::new(files::read_key_file(path, limit::KEY_FILE_BYTES)?);
    let text = std::str::from_utf8(&bytes).unwrap_or_default();
    let line = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'));
    HybridIdentity::parse(&line.unwrap_or_default().into()).map_err(|_| {
        bad_input(
            "the identity file holds no `AGE-SECRET-KEY-PQ-1...`",
            "Name the file that `age-keygen -pq` wrote.",
        )
    })
}

fn unreadable(fault: StoreFault, file: &Path) -> Failure {
    match fault {
        StoreFault::Missing => not_found(
            format!("there is no file {}", file.display()),
            "Name the backup's file; nothing was changed.",
        ),
        other => no_backup(other),
    }
}

/// What is wrong with a file that should be a backup.
fn no_backup(fault: StoreFault) -> Failure {
    match fault {
        StoreFault::Damaged("first line of a backup") | StoreFault::NotAFile => {
            bad_input("this is no backup of Homeward", "Name a backup's file; nothing was changed.")
        }
        StoreFault::Damaged(_) | StoreFault::WrongKey => fail(
            FailureKind::Damaged,
            "the backup is damaged, or was cut short: it is not whole to its last byte",
            "Copy it again from where it was kept, or use another; nothing was changed.",
        ),
        other => other.into(),
    }
}

/// Takes away what a restore that failed has made: nothing stood there before.
fn clear(home: &Home, was_there: bool) {
    // What cannot be taken away stays: it is no home, and the next restore says that the folder is not empty.
    let keys = home.keys();
    for path in [home.node_key(), home.node_paper(), home.config_file()] {
        let _ = std::fs::remove_file(path);
    }
    for name in [crate::store::VAULT_FILE, crate::store::COUNT_FILE] {
        let _ = std::fs::remove_file(home.0.join(name));
    }
    let _ = std::fs::remove_dir(keys);
    if !was_there {
        let _ = std::fs::remove_dir(&home.0);
    }
}

/// The owner's word: what earlier lives left waiting is said now, without a partner's.
pub(super) fn go(node: &Node) -> Result<Answer, Failure> {
    let said = node.shared.house().say_left(&Word::OfTheOwner)?;
    Ok(Answer::SaidLeft { said })
}
