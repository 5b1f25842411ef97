//! Erasing a circle: its segments, records, waiting edits and keys go; its charter stays, so that it is known as closed
//! and is not taken in again.
//!
//! Caches are dropped whole: which sheets were the circle's is not listed here, and they can be rebuilt. What redb had
//! written stays in free pages of the file until those are used again, sealed under the vault key.

use super::circles::{self, Standing};
use super::{Name, StoreFault, Writer, branches, keys, logs, waiting};
use crate::id::{CircleId, LogId};

/// Erases a circle and marks it [`Standing::Closed`]. `false`: no such circle is known.
///
/// # Errors
/// [`StoreFault`].
pub fn erase_circle(writer: &mut Writer<'_>, circle: &CircleId) -> Result<bool, StoreFault> {
    let Some(mut known) = circles::list(writer)?.into_iter().find(|known| known.charter.circle() == *circle)
    else {
        return Ok(false);
    };
    for line in logs::log_list(writer, circle)? {
        let log = LogId { circle: *circle, life: line.life };
        for number in 1..=line.end.number {
            writer.remove(&Name::Segment(log, number))?;
        }
        for page in 0..logs::pages(line.end.number) {
            writer.remove(&Name::LogPage(log, page))?;
        }
        for entry in branches::branches(writer, &log)? {
            writer.remove(&Name::Branch(log, entry.header.hash()))?;
        }
        writer.remove(&Name::BranchList(log))?;
    }
    writer.remove(&Name::LogList(*circle))?;
    for record in circles::records_of(writer, circle)? {
        writer.remove(&Name::Record(*circle, record.hash))?;
        writer.remove(&Name::RecordSeen(*circle, record.hash))?;
    }
    writer.remove(&Name::RecordList(*circle))?;
    waiting::take_through(writer, circle, u64::MAX)?;
    keys::forget_epochs(writer, circle)?;
    writer.remove(&Name::Applied(*circle))?;
    writer.clear_caches()?;
    known.standing = Standing::Closed;
    circles::put(writer, &known)?;
    Ok(true)
}
