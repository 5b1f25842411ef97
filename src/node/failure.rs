//! Failures in words: what happened, then what to do.

use super::{Failure, FailureKind};
use crate::store::StoreFault;

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
            StoreFault::LaterVersion => (FailureKind::BadInput, "Use the newer homeward that wrote it."),
            _ => (
                FailureKind::Disk,
                "Check room and rights on the disk, and try again. What was acknowledged is kept.",
            ),
        };
        Self { kind, what: fault.to_string(), then: then.into() }
    }
}
