//! Replay of one case: the edits that are new to a sheet, applied to it. Sheets do not know each other, so a caller
//! replays as many at once as it has cores.

use super::applied::Applied;
use super::layout::Layout;
use super::row::Row;
use super::sheet::{Sheet, Spoiled};
use crate::case::Effect;
use crate::id::{CaseId, EditRef};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// A sheet after replay.
#[derive(Debug)]
pub struct ReplayedSheet {
    /// The sheet, for the vault.
    pub saved: Vec<u8>,
    /// Its row.
    pub row: Row,
    /// Edits of this round that changed nothing, or less than they say.
    pub effects: Vec<(EditRef, Effect)>,
}

/// Applies edits to a saved sheet, or to a new one if there is none. Edits that are already on it are skipped.
///
/// A panic inside Automerge is caught: it spoils this sheet and nothing else.
///
/// # Errors
/// [`Spoiled`]: [`Spoiled::Damaged`] asks for a replay of all the case's edits without `existing`.
pub fn replay_case(
    existing: Option<&[u8]>,
    layout: &Arc<Layout>,
    case: CaseId,
    edits: &[Applied],
) -> Result<ReplayedSheet, Spoiled> {
    let replayed = catch_unwind(AssertUnwindSafe(|| {
        let mut sheet = match existing {
            Some(bytes) => Sheet::load(layout, bytes)?,
            None => Sheet::new(layout, case),
        };
        if sheet.case() != case {
            return Err(Spoiled::Damaged);
        }
        let before = sheet.edits();
        sheet.apply(edits)?;
        Ok(ReplayedSheet {
            saved: sheet.save(),
            row: Row::of(&sheet.view()),
            effects: sheet.effects_since(before),
        })
    }));
    replayed.unwrap_or(Err(Spoiled::Panic))
}

/// Opens a saved sheet to be looked at, behind the same catch.
///
/// # Errors
/// [`Spoiled`].
pub fn open_sheet(layout: &Arc<Layout>, saved: &[u8]) -> Result<Sheet, Spoiled> {
    catch_unwind(AssertUnwindSafe(|| Sheet::load(layout, saved))).unwrap_or(Err(Spoiled::Panic))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{CircleId, PartnerId};

    #[test]
    fn a_damaged_sheet_is_said_to_be_damaged_and_never_panics() {
        let layout = Arc::new(Layout::new(CircleId([1; 32]), &[PartnerId([2; 32])]).expect("a layout"));
        let other = Arc::new(Layout::new(CircleId([3; 32]), &[PartnerId([2; 32])]).expect("a layout"));
        let saved = Sheet::new(&layout, CaseId([4; 16])).save();
        assert!(open_sheet(&layout, &saved).is_ok());
        assert_eq!(open_sheet(&other, &saved).err(), Some(Spoiled::Damaged));
        assert_eq!(replay_case(Some(&saved), &layout, CaseId([5; 16]), &[]).err(), Some(Spoiled::Damaged));
        for end in 0..saved.len() {
            assert!(open_sheet(&layout, &saved[..end]).is_err(), "cut at {end}");
        }
        for place in 0..saved.len() {
            let mut damaged = saved.clone();
            damaged[place] ^= 0x10;
            // Whatever Automerge makes of it: the answer is a value.
            let _ = open_sheet(&layout, &damaged);
        }
    }
}
