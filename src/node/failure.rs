//! Failures in words: what happened, then what to do.

use super::{Failure, FailureKind};
use crate::store::StoreFault;
use std::io::ErrorKind;

pub(crate) fn fail(kind: FailureKind, what: impl Into<String>, then: impl Into<String>) -> Failure {
    Failure { kind, what: what.into(), then: then.into() }
}

pub(crate) fn not_found(what: impl Into<String>, then: impl Into<String>) -> Failure {
    fail(FailureKind::NotFound, what, then)
}

pub(crate) fn ambiguous(what: impl Into<String>, then: impl Into<String>) -> Failure {
    fail(FailureKind::NotFound, what, then)
}

pub(crate) fn bad_input(what: impl Into<String>, then: impl Into<String>) -> Failure {
    fail(FailureKind::BadInput, what, then)
}

pub(crate) fn not_allowed(what: impl Into<String>, then: impl Into<String>) -> Failure {
    fail(FailureKind::NotAllowed, what, then)
}

pub(crate) fn internal(what: impl Into<String>) -> Failure {
    fail(FailureKind::Internal, what, "This is a mistake in Homeward. Nothing acknowledged is lost.")
}

/// What a disk says, in words.
pub(crate) fn disk_refuses(error: ErrorKind) -> Failure {
    let (what, then) = match error {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => (
            "the disk is full".to_owned(),
            "Free some space and try again; nothing that was acknowledged is lost.",
        ),
        ErrorKind::ReadOnlyFilesystem => (
            "the disk can only be read".to_owned(),
            "Make it writable and try again; nothing that was acknowledged is lost.",
        ),
        ErrorKind::PermissionDenied => (
            "this user may not write there".to_owned(),
            "Check whose the files are and what rights they have; nothing that was acknowledged is lost.",
        ),
        other => (
            format!("the disk reports: {other}"),
            "Look at the disk and try again; nothing that was acknowledged is lost.",
        ),
    };
    fail(FailureKind::Disk, what, then)
}

impl From<StoreFault> for Failure {
    fn from(fault: StoreFault) -> Self {
        let (kind, then) = match fault {
            StoreFault::InUse => (
                FailureKind::InUse,
                "Another homeward works with this home. Wait for it, or stop it with `homeward stop`.",
            ),
            StoreFault::WrongKey => (
                FailureKind::Locked,
                "The keys of this home do not fit its vault: put both back from one backup.",
            ),
            StoreFault::Damaged(_) => (
                FailureKind::Damaged,
                "Restore this home from a backup, or make a new one and sync it from a partner.",
            ),
            StoreFault::Missing => {
                (FailureKind::NotFound, "Make a home with `homeward init`, or name it with --home.")
            }
            StoreFault::Disk(kind) => return disk_refuses(kind),
            StoreFault::Reopen => {
                return fail(
                    FailureKind::Disk,
                    "the disk refused to write a moment ago",
                    "Free some space, or look at the disk, and try again; nothing that was acknowledged is lost.",
                );
            }
            StoreFault::LaterVersion => (FailureKind::BadInput, "Use the newer homeward that wrote it."),
            _ => (
                FailureKind::Disk,
                "Check room and rights on the disk, and try again. What was acknowledged is kept.",
            ),
        };
        Self { kind, what: fault.to_string(), then: then.into() }
    }
}
