//! Small files that must be there or not, and nothing between.
//!
//! Each write goes to a new file beside the old one, is synced, renamed over it, and the folder is synced: after a
//! power cut a reader finds the old bytes or the new. Files are 0600 and folders 0700. No word of people's goes
//! through here in the clear: what is written is sealed, or public (cards, bundles). Whether a path is a sensible one
//! is the caller's to know; no path is ever taken from data.

use super::StoreFault;
use atomic_write_file::{AtomicWriteFile, unix::OpenOptionsExt as _};
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

/// Read and write for the owner alone.
const FILE_MODE: u32 = 0o600;
/// The same for folders.
const FOLDER_MODE: u32 = 0o700;
/// Any right of group or world.
const OTHERS: u32 = 0o077;

/// Writes a file whole or not at all, and durably: mode 0600, whatever the file had before.
///
/// # Errors
/// [`StoreFault::Disk`].
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<(), StoreFault> {
    write_private_with(path, |file| file.write_all(bytes).map_err(StoreFault::from))
}

/// The same for what is too long to hold in memory: a bundle, a backup. If `write` fails, nothing has changed.
///
/// # Errors
/// What `write` says, or [`StoreFault::Disk`].
pub fn write_private_with<T, E: From<StoreFault>>(
    path: &Path,
    write: impl FnOnce(&mut File) -> Result<T, E>,
) -> Result<T, E> {
    let mut options = AtomicWriteFile::options();
    options.mode(FILE_MODE).preserve_mode(false).preserve_owner(false);
    let mut file = options.open(path).map_err(StoreFault::from)?;
    let value = write(file.as_file_mut())?;
    file.commit().map_err(StoreFault::from)?;
    Ok(value)
}

/// Makes a folder (and those above it) with mode 0700. One that is there already keeps what it holds, and is closed
/// to others.
///
/// # Errors
/// [`StoreFault::Disk`].
pub fn private_folder(path: &Path) -> Result<(), StoreFault> {
    DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(path)?;
    if readable_by_others(path)? {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(FOLDER_MODE))?;
    }
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => sync_folder(parent),
        _ => Ok(()),
    }
}

/// Whether anyone but the owner has any right to a file or folder.
///
/// # Errors
/// [`StoreFault::Missing`], [`StoreFault::Disk`].
pub fn readable_by_others(path: &Path) -> Result<bool, StoreFault> {
    Ok(std::fs::metadata(path)?.mode() & OTHERS != 0)
}

/// Reads a file of at most `limit` bytes. A folder, a pipe or a device is refused; a longer file is never read whole.
///
/// # Errors
/// [`StoreFault::Missing`], [`StoreFault::TooLong`], [`StoreFault::Disk`].
pub fn read_bounded(path: &Path, limit: usize) -> Result<Vec<u8>, StoreFault> {
    read_open(&open_plain(path)?, limit)
}

/// Reads a key file of at most `limit` bytes, and refuses one that others than its owner may read: a key that was open
/// to a whole machine is no secret any more. Judged on the open file, so that it is the one that is read.
///
/// # Errors
/// [`StoreFault::ReadableByOthers`], and as for [`read_bounded`].
pub fn read_key_file(path: &Path, limit: usize) -> Result<Vec<u8>, StoreFault> {
    let file = open_plain(path)?;
    if file.metadata()?.mode() & OTHERS != 0 {
        return Err(StoreFault::ReadableByOthers);
    }
    read_open(&file, limit)
}

/// Makes what was created, renamed or removed in a folder durable.
///
/// # Errors
/// [`StoreFault::Disk`].
pub fn sync_folder(path: &Path) -> Result<(), StoreFault> {
    File::open(path)?.sync_all()?;
    Ok(())
}

/// Opens a file to be read. A folder, a pipe or a device is refused, and never waited for.
///
/// # Errors
/// [`StoreFault::Missing`], [`StoreFault::NotAFile`], [`StoreFault::Disk`].
pub fn open_plain(path: &Path) -> Result<File, StoreFault> {
    // Without NONBLOCK, opening a pipe that somebody put there would wait for ever.
    let flags = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or(0);
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(StoreFault::NotAFile) }
}

fn read_open(file: &File, limit: usize) -> Result<Vec<u8>, StoreFault> {
    let too_long = StoreFault::TooLong { limit };
    if file.metadata()?.len() > limit as u64 {
        return Err(too_long);
    }
    let mut bytes = Vec::new();
    // One byte more than allowed: the file may have grown since it was measured.
    file.take(limit as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > limit { Err(too_long) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open_to_all(path: &Path) {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o644)).unwrap();
    }

    #[test]
    fn a_file_is_replaced_whole_and_stays_private() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("node.key");
        write_private(&path, b"one").unwrap();
        open_to_all(&path);
        assert!(readable_by_others(&path).unwrap());
        write_private(&path, b"two").unwrap();
        assert!(!readable_by_others(&path).unwrap());
        assert_eq!(read_key_file(&path, 3), Ok(b"two".to_vec()));
        assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn a_key_that_others_can_read_is_refused() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("node.key");
        write_private(&path, b"key").unwrap();
        open_to_all(&path);
        assert_eq!(read_key_file(&path, 10), Err(StoreFault::ReadableByOthers));
        assert_eq!(read_bounded(&path, 10), Ok(b"key".to_vec()));
    }

    #[test]
    fn long_missing_and_strange_files_are_refused() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("list");
        write_private(&path, b"four").unwrap();
        assert_eq!(read_bounded(&path, 3), Err(StoreFault::TooLong { limit: 3 }));
        assert_eq!(read_bounded(&home.path().join("none"), 3), Err(StoreFault::Missing));
        assert_eq!(read_bounded(home.path(), 3), Err(StoreFault::NotAFile));
    }

    #[test]
    fn a_folder_is_made_private() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("a/b");
        private_folder(&path).unwrap();
        assert!(!readable_by_others(&path).unwrap());
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        private_folder(&path).unwrap();
        assert!(!readable_by_others(&path).unwrap());
    }
}
