//! Numbers of the house that no other room knows.

/// Close codes of the hub stand from here on; those below are the link's own.
pub(crate) const CLOSE_CODES_FROM: u16 = 16;
/// Rows of an import written in one transaction.
pub(crate) const IMPORT_BATCH: usize = 32;
