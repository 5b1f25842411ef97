//! What can go wrong with the disk and what lies on it. Names no record and quotes no path.

use crate::codec::Malformed;
use std::io;
use thiserror::Error;

/// Why the store did not do what it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum StoreFault {
    /// Another process, or this one, has the vault open.
    #[error("the vault is in use by another program")]
    InUse,
    /// There is no such file, or no vault in this folder.
    #[error("it is not there")]
    Missing,
    /// A vault is there already.
    #[error("there is a vault already")]
    Exists,
    /// The key is not the one that this vault was made with.
    #[error("the key does not open this vault")]
    WrongKey,
    /// What lies on the disk is not what was written there. Restore a backup.
    #[error("what lies on the disk is damaged ({0})")]
    Damaged(&'static str),
    /// Written by a later program.
    #[error("it was written by a later version of this program")]
    LaterVersion,
    /// The disk refuses: full, gone, not allowed.
    #[error("the disk reports: {0}")]
    Disk(io::ErrorKind),
    /// A write failed before, so it is not known what the disk holds. Open the vault again.
    #[error("the vault must be opened again after a disk fault")]
    Reopen,
    /// The system gives no random bytes.
    #[error("the system gives no random bytes")]
    Chance,
    /// Longer than a file or record of its kind may be.
    #[error("it is longer than {limit} bytes")]
    TooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// A key file that others than its owner may read.
    #[error("others than its owner may read this key file")]
    ReadableByOthers,
    /// A folder, pipe or device where a file should be.
    #[error("it is no ordinary file")]
    NotAFile,
    /// The caller asked for what may not be: our own bug, or a limit that it should have checked.
    #[error("{0}")]
    Rule(&'static str),
}

impl From<io::Error> for StoreFault {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::Missing,
            kind => Self::Disk(kind),
        }
    }
}

impl From<Malformed> for StoreFault {
    /// For our own records alone: what we wrote and cannot read again was damaged, or is of a later version.
    fn from(malformed: Malformed) -> Self {
        match malformed {
            Malformed::LaterVersion(_) => Self::LaterVersion,
            Malformed::TooLong { what, .. }
            | Malformed::NotStrict(what)
            | Malformed::Rule { what, .. }
            | Malformed::Signature(what) => Self::Damaged(what),
        }
    }
}

impl From<redb::StorageError> for StoreFault {
    fn from(error: redb::StorageError) -> Self {
        match error {
            redb::StorageError::Io(error) if error.kind() == io::ErrorKind::InvalidData => {
                Self::Damaged("vault file")
            }
            redb::StorageError::Io(error) => Self::Disk(error.kind()),
            redb::StorageError::ValueTooLarge(_) => Self::TooLong { limit: crate::limit::VAULT_RECORD_BYTES },
            redb::StorageError::PreviousIo
            | redb::StorageError::DatabaseClosed
            | redb::StorageError::LockPoisoned(_) => Self::Reopen,
            redb::StorageError::Backend(_) | redb::StorageError::Unsupported => {
                Self::Disk(io::ErrorKind::Unsupported)
            }
            _ => Self::Damaged("vault file"),
        }
    }
}

impl From<redb::DatabaseError> for StoreFault {
    fn from(error: redb::DatabaseError) -> Self {
        match error {
            redb::DatabaseError::DatabaseAlreadyOpen
            | redb::DatabaseError::LockProtocolMismatch
            | redb::DatabaseError::TransactionInProgress => Self::InUse,
            redb::DatabaseError::UpgradeRequired(_) => Self::LaterVersion,
            redb::DatabaseError::Storage(error) => error.into(),
            _ => Self::Damaged("vault file"),
        }
    }
}

impl From<redb::TransactionError> for StoreFault {
    fn from(error: redb::TransactionError) -> Self {
        match error {
            redb::TransactionError::Storage(error) => error.into(),
            _ => Self::Reopen,
        }
    }
}

impl From<redb::TableError> for StoreFault {
    fn from(error: redb::TableError) -> Self {
        match error {
            redb::TableError::Storage(error) => error.into(),
            _ => Self::Damaged("vault file"),
        }
    }
}

impl From<redb::CommitError> for StoreFault {
    fn from(error: redb::CommitError) -> Self {
        match error {
            redb::CommitError::Storage(error) => error.into(),
            _ => Self::Reopen,
        }
    }
}
