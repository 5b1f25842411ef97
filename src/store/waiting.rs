//! Edits of our own that are written and not yet cut into a segment, per circle, in the order of their numbers.
//!
//! What an edit is, the caller encodes. The same transaction that takes edits off this list must store the segment
//! that holds them: then nothing is said twice and nothing is lost.

use super::{Name, Records, StoreFault, Writer};
use crate::codec;
use crate::id::CircleId;
use crate::limit;
use serde::{Deserialize, Serialize};

/// A waiting edit: its number and its bytes as the caller encoded them.
#[derive(Clone, PartialEq, Eq)]
pub struct WaitingEdit {
    /// 1, 2, 3... within the log.
    pub number: u64,
    /// The caller's.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for WaitingEdit {
    /// The number alone: the bytes are what people wrote.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "WaitingEdit({})", self.number)
    }
}

/// First number waiting, and the one after the last.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Span {
    first: u64,
    after: u64,
}

/// Puts an edit at the end. Its number must follow the last one that waits.
///
/// # Errors
/// [`StoreFault::Rule`], [`StoreFault::TooLong`].
pub fn add(writer: &mut Writer<'_>, circle: &CircleId, number: u64, bytes: &[u8]) -> Result<(), StoreFault> {
    add_all(writer, circle, number, &[bytes])
}

/// Puts edits at the end, numbered from `first` on.
///
/// # Errors
/// As for [`add`].
pub fn add_all<B: AsRef<[u8]>>(
    writer: &mut Writer<'_>,
    circle: &CircleId,
    first: u64,
    edits: &[B],
) -> Result<(), StoreFault> {
    let mut span = span(writer, circle)?.unwrap_or(Span { first, after: first });
    if span.after != first {
        return Err(StoreFault::Rule("edits wait in the order of their numbers, without gaps"));
    }
    for edit in edits {
        writer.put(&Name::Waiting(*circle, span.after), edit.as_ref())?;
        span.after += 1;
    }
    put_span(writer, circle, span)
}

/// All that wait in a circle, in order.
///
/// # Errors
/// [`StoreFault`].
pub fn list(records: &impl Records, circle: &CircleId) -> Result<Vec<WaitingEdit>, StoreFault> {
    let Some(span) = span(records, circle)? else { return Ok(Vec::new()) };
    (span.first..span.after)
        .map(|number| {
            let bytes =
                records.get(&Name::Waiting(*circle, number))?.ok_or(StoreFault::Damaged("waiting edits"))?;
            Ok(WaitingEdit { number, bytes })
        })
        .collect()
}

/// How many wait in a circle.
///
/// # Errors
/// [`StoreFault`].
pub fn count(records: &impl Records, circle: &CircleId) -> Result<u64, StoreFault> {
    Ok(span(records, circle)?.map_or(0, |span| span.after - span.first))
}

/// Takes edits off the list through a number: they are in a segment now. Returns how many.
///
/// # Errors
/// [`StoreFault`].
pub fn take_through(writer: &mut Writer<'_>, circle: &CircleId, number: u64) -> Result<u64, StoreFault> {
    let Some(span) = span(writer, circle)? else { return Ok(0) };
    let first = span.after.min(number.saturating_add(1)).max(span.first);
    for gone in span.first..first {
        writer.remove(&Name::Waiting(*circle, gone))?;
    }
    put_span(writer, circle, Span { first, ..span })?;
    Ok(first - span.first)
}

fn span(records: &impl Records, circle: &CircleId) -> Result<Option<Span>, StoreFault> {
    let Some(bytes) = records.get(&Name::WaitingSpan(*circle))? else { return Ok(None) };
    let span: Span = codec::decode("waiting edits", &bytes, limit::RECORD_BYTES)?;
    if span.first > span.after {
        return Err(StoreFault::Damaged("waiting edits"));
    }
    Ok(Some(span))
}

/// An empty span is taken away: a node with a new instance counts its edits from 1 again.
fn put_span(writer: &mut Writer<'_>, circle: &CircleId, span: Span) -> Result<(), StoreFault> {
    let name = Name::WaitingSpan(*circle);
    if span.first == span.after {
        writer.remove(&name)?;
        return Ok(());
    }
    writer.put(&name, &codec::encode(&span))
}
