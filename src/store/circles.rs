//! The circles that this node knows, and the records of each: cards, closures, grants, fork proofs.

use super::{Name, Records, StoreFault, Writer};
use crate::codec;
use crate::id::{CircleId, Hash};
use crate::limit;
use crate::log::Charter;
use crate::private::Private;
use crate::sign::Signed;
use crate::time::Millis;
use serde::{Deserialize, Serialize};

/// How this node stands to a circle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Its members are not all trusted: held whole, nothing in it is opened.
    Held,
    /// A person trusts all its members.
    Accepted,
    /// Carried: never opened.
    Carried,
    /// A person turned it down.
    Declined,
    /// Closed here: its keys are gone.
    Closed,
}

/// One circle as this node knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownCircle {
    /// Its charter: [`Signed::circle`] is its id.
    pub charter: Signed<Charter>,
    /// What people here call it.
    pub name: Private<String>,
    /// Left out of lists on the screen.
    pub hidden: bool,
    /// How this node stands to it.
    pub standing: Standing,
}

/// A line of the list of circles.
#[derive(Serialize, Deserialize)]
struct CircleLine {
    circle: CircleId,
    name: Private<String>,
    hidden: bool,
    standing: Standing,
}

/// A kind of record that belongs to a circle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordKind {
    /// A partner's card.
    Card,
    /// A certificate that came by itself.
    Certificate,
    /// Through where a log counts.
    Closure,
    /// An epoch key for one node.
    Grant,
    /// Two headers with one number.
    ForkProof,
    /// Another node's signed heads, kept whole as a receipt.
    Heads,
}

/// A record of a circle, as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CircleRecord {
    /// What it is.
    pub kind: RecordKind,
    /// The hash that it is called by: the caller's, as its kind says.
    pub hash: Hash,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A line of the list of a circle's records.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct RecordLine(RecordKind, Hash);

/// All circles known here, in the order in which they came.
///
/// # Errors
/// [`StoreFault`].
pub fn list(records: &impl Records) -> Result<Vec<KnownCircle>, StoreFault> {
    lines(records)?
        .into_iter()
        .map(|line| {
            let bytes =
                records.get(&Name::Charter(line.circle))?.ok_or(StoreFault::Damaged("list of circles"))?;
            let charter: Signed<Charter> = Signed::decode_own_store(&bytes)?;
            Ok(KnownCircle { charter, name: line.name, hidden: line.hidden, standing: line.standing })
        })
        .collect()
}

/// Adds a circle, or says anew what is said of it here. Its charter never changes: it is its id.
///
/// # Errors
/// [`StoreFault::Rule`] beyond [`limit::NODE_CIRCLES`] circles.
pub fn put(writer: &mut Writer<'_>, known: &KnownCircle) -> Result<(), StoreFault> {
    let circle = known.charter.circle();
    let mut all = lines(writer)?;
    let line =
        CircleLine { circle, name: known.name.clone(), hidden: known.hidden, standing: known.standing };
    let full = all.len() >= limit::NODE_CIRCLES;
    match all.iter_mut().find(|other| other.circle == circle) {
        Some(old) => *old = line,
        None if full => {
            return Err(StoreFault::Rule("a node takes part in at most 256 circles"));
        }
        None => {
            all.push(line);
            writer.put(&Name::Charter(circle), known.charter.bytes())?;
        }
    }
    writer.put(&Name::Circles, &codec::encode(&all))
}

/// Keeps a record of a circle. `false`: it is held already.
///
/// # Errors
/// [`StoreFault::Rule`] beyond [`limit::CIRCLE_RECORDS`] records, [`StoreFault::TooLong`].
pub fn put_record(
    writer: &mut Writer<'_>,
    circle: &CircleId,
    record: &CircleRecord,
) -> Result<bool, StoreFault> {
    if record.bytes.len() > limit::RECORD_BYTES {
        return Err(StoreFault::TooLong { limit: limit::RECORD_BYTES });
    }
    let mut all = record_lines(writer, circle)?;
    // Hashes are of different domains for different kinds, so one hash is one record.
    if all.iter().any(|line| line.1 == record.hash) {
        return Ok(false);
    }
    if all.len() >= limit::CIRCLE_RECORDS {
        return Err(StoreFault::Rule("too many records in one circle"));
    }
    all.push(RecordLine(record.kind, record.hash));
    writer.put(&Name::Record(*circle, record.hash), &record.bytes)?;
    writer.put(&Name::RecordList(*circle), &codec::encode(&all))?;
    Ok(true)
}

/// Notes when a record came, by this node's clock: no one else can say so.
///
/// # Errors
/// [`StoreFault`].
pub fn note_seen(
    writer: &mut Writer<'_>,
    circle: &CircleId,
    hash: &Hash,
    at: Millis,
) -> Result<(), StoreFault> {
    writer.put(&Name::RecordSeen(*circle, *hash), &codec::encode(&at))
}

/// When a record came, if it was noted.
///
/// # Errors
/// [`StoreFault`].
pub fn seen(records: &impl Records, circle: &CircleId, hash: &Hash) -> Result<Option<Millis>, StoreFault> {
    let noted = records.get(&Name::RecordSeen(*circle, *hash))?;
    Ok(noted.map(|bytes| codec::decode("moment", &bytes, 16)).transpose()?)
}

/// Forgets a record that another took the place of (an older card, heads that were superseded). `false`: not held.
///
/// # Errors
/// [`StoreFault`].
pub fn remove_record(writer: &mut Writer<'_>, circle: &CircleId, hash: &Hash) -> Result<bool, StoreFault> {
    let mut all = record_lines(writer, circle)?;
    let before = all.len();
    all.retain(|line| line.1 != *hash);
    if all.len() == before {
        return Ok(false);
    }
    writer.remove(&Name::Record(*circle, *hash))?;
    writer.remove(&Name::RecordSeen(*circle, *hash))?;
    writer.put(&Name::RecordList(*circle), &codec::encode(&all))?;
    Ok(true)
}

/// All records of a circle, in the order in which they came.
///
/// # Errors
/// [`StoreFault`].
pub fn records_of(records: &impl Records, circle: &CircleId) -> Result<Vec<CircleRecord>, StoreFault> {
    record_lines(records, circle)?
        .into_iter()
        .map(|RecordLine(kind, hash)| {
            let bytes = record(records, circle, &hash)?.ok_or(StoreFault::Damaged("list of records"))?;
            Ok(CircleRecord { kind, hash, bytes })
        })
        .collect()
}

/// The records of one kind, in the order in which they came.
///
/// # Errors
/// [`StoreFault`].
pub fn records_of_kind(
    records: &impl Records,
    circle: &CircleId,
    kind: RecordKind,
) -> Result<Vec<CircleRecord>, StoreFault> {
    record_lines(records, circle)?
        .into_iter()
        .filter(|line| line.0 == kind)
        .map(|RecordLine(kind, hash)| {
            let bytes = record(records, circle, &hash)?.ok_or(StoreFault::Damaged("list of records"))?;
            Ok(CircleRecord { kind, hash, bytes })
        })
        .collect()
}

/// One record of a circle.
///
/// # Errors
/// [`StoreFault`].
pub fn record(records: &impl Records, circle: &CircleId, hash: &Hash) -> Result<Option<Vec<u8>>, StoreFault> {
    records.get(&Name::Record(*circle, *hash))
}

fn lines(records: &impl Records) -> Result<Vec<CircleLine>, StoreFault> {
    match records.get(&Name::Circles)? {
        Some(bytes) => Ok(codec::decode("list of circles", &bytes, limit::VAULT_RECORD_BYTES)?),
        None => Ok(Vec::new()),
    }
}

fn record_lines(records: &impl Records, circle: &CircleId) -> Result<Vec<RecordLine>, StoreFault> {
    match records.get(&Name::RecordList(*circle))? {
        Some(bytes) => Ok(codec::decode("list of records", &bytes, limit::VAULT_RECORD_BYTES)?),
        None => Ok(Vec::new()),
    }
}
