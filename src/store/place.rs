//! Where a vault stands: how a copy is told from the original.

use super::{StoreFault, files};
use crate::id::Hash;
use crate::sign::{Domain, hash};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::os::unix::{ffi::OsStrExt as _, fs::MetadataExt as _};
use std::path::Path;

/// The machine's own id on Linux: a line of hex, the same for the life of an installation.
const MACHINE_ID: &str = "/etc/machine-id";
const MACHINE_ID_BYTES: usize = 256;

/// Machine, folder and file that a vault was last at home in. Kept sealed inside the vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Hash of the machine's id; of nothing if it has none to read.
    pub machine: Hash,
    /// Hash of the folder's absolute path.
    pub folder: Hash,
    /// Number of the device that the file is on.
    pub device: u64,
    /// Number of the file on that device.
    pub inode: u64,
}

impl Place {
    /// Where an open vault file stands.
    ///
    /// # Errors
    /// [`StoreFault::Disk`].
    pub fn of(folder: &Path, file: &File) -> Result<Self, StoreFault> {
        let machine = files::read_bounded(Path::new(MACHINE_ID), MACHINE_ID_BYTES).unwrap_or_default();
        let folder = std::fs::canonicalize(folder)?;
        let about = file.metadata()?;
        Ok(Self {
            machine: hash(Domain::VaultName, &[b"machine", &machine]),
            folder: hash(Domain::VaultName, &[b"folder", folder.as_os_str().as_bytes()]),
            device: about.dev(),
            inode: about.ino(),
        })
    }

    /// Whether a vault that was at home in `self` is no longer so at `here`.
    ///
    /// Another machine or another file is a copy or a restore. A device number alone may change when a machine starts
    /// again, and a folder may be renamed with its file; both at once are a cloned disk.
    pub fn moved_to(&self, here: &Place) -> bool {
        self.machine != here.machine
            || self.inode != here.inode
            || (self.device != here.device && self.folder != here.folder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_told_from_a_restart_and_a_rename() {
        let home = Place { machine: Hash([1; 32]), folder: Hash([2; 32]), device: 3, inode: 4 };
        assert!(!home.moved_to(&home));
        assert!(!home.moved_to(&Place { device: 9, ..home }), "a restart");
        assert!(!home.moved_to(&Place { folder: Hash([9; 32]), ..home }), "a rename");
        assert!(home.moved_to(&Place { inode: 9, ..home }), "a copy");
        assert!(home.moved_to(&Place { machine: Hash([9; 32]), ..home }), "another machine");
        assert!(home.moved_to(&Place { device: 9, folder: Hash([9; 32]), ..home }), "a cloned disk");
    }
}
