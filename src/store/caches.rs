//! Sheets and rows: what can be rebuilt from segments. Bytes are the caller's; losing them costs time, nothing else.

use super::{Name, Records, StoreFault, Writer};
use crate::id::{CaseId, CircleId};

/// What the cache made of one sheet: the bytes that [`put_sheet`] was given.
///
/// # Errors
/// [`StoreFault`].
pub fn sheet(
    records: &impl Records,
    circle: &CircleId,
    case: &CaseId,
) -> Result<Option<Vec<u8>>, StoreFault> {
    records.get(&Name::Sheet(*circle, *case))
}

/// Keeps a sheet. Works in [`super::Vault::write`] and [`super::Vault::write_caches`].
///
/// # Errors
/// [`StoreFault`].
pub fn put_sheet(
    writer: &mut Writer<'_>,
    circle: &CircleId,
    case: &CaseId,
    bytes: &[u8],
) -> Result<(), StoreFault> {
    writer.put(&Name::Sheet(*circle, *case), bytes)
}

/// Forgets a sheet.
///
/// # Errors
/// [`StoreFault`].
pub fn remove_sheet(writer: &mut Writer<'_>, circle: &CircleId, case: &CaseId) -> Result<bool, StoreFault> {
    writer.remove(&Name::Sheet(*circle, *case))
}

/// One page of rows.
///
/// # Errors
/// [`StoreFault`].
pub fn rows(records: &impl Records, page: u64) -> Result<Option<Vec<u8>>, StoreFault> {
    records.get(&Name::Rows(page))
}

/// Keeps a page of rows.
///
/// # Errors
/// [`StoreFault`].
pub fn put_rows(writer: &mut Writer<'_>, page: u64, bytes: &[u8]) -> Result<(), StoreFault> {
    writer.put(&Name::Rows(page), bytes)
}

/// Forgets all sheets and rows: they were made by another version, or by segments that no longer count.
///
/// # Errors
/// [`StoreFault`].
pub fn clear(writer: &mut Writer<'_>) -> Result<(), StoreFault> {
    writer.clear_caches()
}
