//! Changing the passphrase, and the recovery words, of a home's keys.
//!
//! The keys stay the same: their files are locked anew, each written whole and durably in the place of the old one. All
//! are opened before the first is written, so a wrong passphrase changes nothing. After a crash between two files each
//! still opens, with the old passphrase or the new one; the same change, made again, finishes it.

use super::chance::Chance;
use super::failure::{bad_input, fail};
use super::home::{Home, KEY_FILE_BYTES, damaged_key, missing, own_seal, wrong_passphrase};
use super::{Failure, FailureKind};
use crate::private::Private;
use crate::seal::{
    KeyBundle, PartnerBundle, RecoveryPhrase, lock_for_recovery, lock_with_passphrase, unlock_with_passphrase,
};
use crate::store::files;
use std::path::{Path, PathBuf};

/// How keys are to be locked from now on.
pub struct NewLocks {
    /// The new passphrase.
    pub passphrase: Private<String>,
    /// scrypt's work factor as a power of two: 15 to 22.
    pub scrypt_log_n: u8,
    /// Whether new recovery words are drawn.
    pub words: bool,
}

/// Keys locked anew, and nothing written yet.
pub struct Relocked {
    files: Vec<(PathBuf, Vec<u8>)>,
    /// The new recovery words, if some were drawn: to be on paper before [`Relocked::write`].
    pub words: Option<Private<String>>,
    /// Whether the partner key lies in this home, and is locked anew with the node's.
    pub partner: bool,
}

/// Opens the keys with the old passphrase (or the recovery words) and locks them anew.
///
/// # Errors
/// [`FailureKind::Locked`] if the old passphrase opens not all of them; [`FailureKind::BadInput`]. Nothing has changed.
pub fn relock(home: &Path, old: &Private<String>, new: &NewLocks) -> Result<Relocked, Failure> {
    let home = Home(std::path::absolute(home).unwrap_or_else(|_| home.to_owned()));
    if !home.exists() {
        return Err(missing(&home.0));
    }
    if new.passphrase.is_empty() {
        return Err(bad_input("the new passphrase is empty", "Choose one that others cannot guess."));
    }
    let has_partner = home.partner_key().is_file();
    if new.words && !has_partner && home.recovery_file("partner").is_file() {
        return Err(bad_input(
            "the partner key is on a stick, and its recovery file in this home opens with the old words",
            format!(
                "Put the partner key back for this ({}), or move its recovery file to the stick too.",
                home.partner_key().display()
            ),
        ));
    }
    // The partner key first: if it is stopped between the two, the home still opens as its owner expects.
    let mut keys = Vec::new();
    if has_partner {
        keys.push(("partner", opened(&home, "partner", old, new)?));
    }
    keys.push(("node", opened(&home, "node", old, new)?));
    let words = match new.words {
        true => Some(RecoveryPhrase::from_chance(Chance::system()?.bytes16())),
        false => None,
    };
    let mut files = Vec::new();
    for (name, plaintext) in &keys {
        if let Some(words) = &words {
            let locked = lock_for_recovery(&words.recipient(), plaintext).map_err(own_seal)?;
            files.push((home.recovery_file(name), locked));
        }
        let locked = lock_with_passphrase(&new.passphrase, new.scrypt_log_n, plaintext).map_err(own_seal)?;
        files.push((home.key_file(name), locked));
    }
    Ok(Relocked { files, words: words.map(|words| words.words()), partner: has_partner })
}

/// Writes one file.
type Write<'a> = dyn FnMut(&Path, &[u8]) -> Result<(), Failure> + 'a;

impl Relocked {
    /// Puts the new files in place of the old ones.
    ///
    /// # Errors
    /// [`FailureKind::Disk`]: what was replaced before opens with the new passphrase, the rest with the old one.
    pub fn write(self) -> Result<(), Failure> {
        self.write_with(&mut |path, bytes| Ok(files::write_private(path, bytes)?))
    }

    fn write_with(self, write: &mut Write<'_>) -> Result<(), Failure> {
        for (path, locked) in &self.files {
            write(path, locked).map_err(|failure| {
                fail(
                    FailureKind::Disk,
                    format!("a key file could not be written: {}", failure.what),
                    "Make room on the disk and change the passphrase again, from the old one to the same new one. Until \
                     then each key file opens with one of the two.",
                )
            })?;
        }
        Ok(())
    }
}

/// A key of the home: with the old passphrase or the recovery words; or with the new one, if a change was cut off.
fn opened(
    home: &Home,
    name: &str,
    old: &Private<String>,
    new: &NewLocks,
) -> Result<Private<Vec<u8>>, Failure> {
    let opened = match home.unlock_on_paper(name, old) {
        Some(opened) => opened,
        None => {
            let locked = files::read_key_file(&home.key_file(name), KEY_FILE_BYTES)?;
            unlock_with_passphrase(old, &locked)
                .or_else(|fault| unlock_with_passphrase(&new.passphrase, &locked).map_err(|_| fault))
                .map_err(wrong_passphrase)?
        }
    };
    // Only what is a key is locked anew.
    let whole = match name {
        "partner" => PartnerBundle::decode(&opened).map(drop),
        _ => KeyBundle::decode(&opened).map(drop),
    };
    whole.map_err(|_| damaged_key())?;
    Ok(opened)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::{InitOptions, init};
    use tempfile::TempDir;

    const OLD: &str = "seven quiet lanterns";
    const NEW: &str = "nine slow rivers";

    fn home() -> (TempDir, Home, Private<String>) {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("home");
        let options = InitOptions {
            home: home.clone(),
            name: "kyiv".into(),
            passphrase: OLD.into(),
            scrypt_log_n: 15,
            listen: None,
            address: None,
            demo: None,
        };
        let made = init(options).unwrap();
        (folder, Home(home), made.recovery)
    }

    fn locks(words: bool) -> NewLocks {
        NewLocks { passphrase: NEW.into(), scrypt_log_n: 15, words }
    }

    fn opens(home: &Home, typed: &Private<String>) -> bool {
        home.unlock(typed).is_ok()
    }

    fn partner_opens(home: &Home, typed: &Private<String>) -> bool {
        home.unlock_partner(None, typed).is_ok()
    }

    fn all_files(home: &Home) -> Vec<Vec<u8>> {
        let mut paths: Vec<PathBuf> =
            std::fs::read_dir(home.keys()).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths.iter().map(|path| std::fs::read(path).unwrap()).collect()
    }

    #[test]
    fn the_new_passphrase_opens_both_keys_and_the_old_one_none() {
        let (_folder, home, paper) = home();
        let relocked = relock(&home.0, &OLD.into(), &locks(false)).unwrap();
        assert!(relocked.partner && relocked.words.is_none());
        relocked.write().unwrap();
        assert!(opens(&home, &NEW.into()) && partner_opens(&home, &NEW.into()));
        assert!(!opens(&home, &OLD.into()) && !partner_opens(&home, &OLD.into()));
        assert!(opens(&home, &paper), "the recovery words stay");
    }

    #[test]
    fn a_wrong_passphrase_changes_nothing() {
        let (_folder, home, _) = home();
        let before = all_files(&home);
        let failure = relock(&home.0, &"not it".into(), &locks(true)).err().unwrap();
        assert_eq!(failure.kind, FailureKind::Locked);
        assert_eq!(all_files(&home), before);
    }

    #[test]
    fn whoever_forgot_the_passphrase_chooses_another_with_the_words() {
        let (_folder, home, paper) = home();
        relock(&home.0, &paper, &locks(false)).unwrap().write().unwrap();
        assert!(opens(&home, &NEW.into()) && opens(&home, &paper));
    }

    #[test]
    fn new_words_open_and_old_words_do_not() {
        let (_folder, home, paper) = home();
        let relocked = relock(&home.0, &OLD.into(), &locks(true)).unwrap();
        let words = relocked.words.clone().unwrap();
        relocked.write().unwrap();
        assert!(opens(&home, &words) && partner_opens(&home, &words));
        assert!(!opens(&home, &paper) && !partner_opens(&home, &paper));
        // With the partner key gone to a stick, its recovery file here would keep opening with the old words.
        std::fs::remove_file(home.partner_key()).unwrap();
        assert_eq!(relock(&home.0, &NEW.into(), &locks(true)).err().unwrap().kind, FailureKind::BadInput);
        let plain = relock(&home.0, &NEW.into(), &locks(false)).unwrap();
        assert!(!plain.partner);
    }

    #[test]
    fn a_crash_at_any_write_leaves_a_home_that_opens_and_the_change_can_be_finished() {
        for cut in 0..4 {
            let (_folder, home, paper) = home();
            let relocked = relock(&home.0, &OLD.into(), &locks(true)).unwrap();
            let words = relocked.words.clone().unwrap();
            let mut left = cut;
            let outcome = relocked.write_with(&mut |path, bytes| {
                if left == 0 {
                    return Err(fail(FailureKind::Disk, "no room", ""));
                }
                left -= 1;
                Ok(files::write_private(path, bytes)?)
            });
            assert_eq!(outcome.err().unwrap().kind, FailureKind::Disk);
            let (old, new) = (OLD.into(), NEW.into());
            assert!(opens(&home, &old) || opens(&home, &new), "cut {cut}");
            assert!(partner_opens(&home, &old) || partner_opens(&home, &new), "cut {cut}");
            assert!(opens(&home, &paper) || opens(&home, &words), "cut {cut}");
            relock(&home.0, &old, &locks(true)).unwrap().write().unwrap();
            assert!(opens(&home, &new) && partner_opens(&home, &new), "cut {cut}");
            assert!(!opens(&home, &old) && !partner_opens(&home, &old), "cut {cut}");
        }
    }
}
