//! The plaintext of a `work` segment: who says it again, what it rests on, and the edits.
//!
//! [`Work`] is what a node is about to say: [`Work::encode`] writes it. What others said is read by
//! [`super::Packed::decode`], which keeps it packed; [`super::Packed::work`] gives the same `Work` back. The layout
//! stands in `FORMAT.md`.

use super::wire::{Tables, WHAT, Writer, rule};
use crate::case::Edit;
use crate::codec::{self, Malformed};
use crate::id::{CaseId, CircleId, Hash, InstanceId, Life, NodeId};
use crate::limit;
use crate::private::Private;
use crate::time::Millis;
use serde::de::{DeserializeOwned, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The version that this build writes and reads.
pub(super) const VERSION: u16 = 1;

/// Which segments of which logs an edit's author had applied: the last segment number of each log, the author's own
/// log left out (its earlier edits are always in it).
pub type Context = BTreeMap<Life, u64>;

/// The hash of the highest segment of a log that the contexts name: contexts cannot run in circles or mean another
/// branch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Pin {
    /// The log.
    pub life: Life,
    /// The segment's number.
    pub number: u64,
    /// The hash of its header.
    pub hash: Hash,
}

/// An edit with its context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamped {
    /// The edit.
    pub edit: Edit,
    /// What its author had applied. Edits that follow each other share it.
    pub context: Arc<Context>,
}

/// Where a work plaintext stands: its signed header says so, and it must say the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The circle.
    pub circle: CircleId,
    /// The log.
    pub life: Life,
    /// The segment's number.
    pub number: u64,
}

/// The plaintext of a `work` segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Work {
    /// Where it stands.
    pub place: Place,
    /// The number of its first edit: one more than the log's last before it.
    pub first: u64,
    /// The circle's name, in the founder's first work segment.
    pub circle_name: Option<Private<String>>,
    /// The hashes of what its contexts rest on, sorted by log: see [`pins_of`].
    pub pins: Vec<Pin>,
    /// The edits, in the order of writing.
    pub edits: Vec<Stamped>,
}

/// The logs and segments that pins must be given for: the highest segment of each log that the contexts name.
pub fn pins_of<'a>(contexts: impl IntoIterator<Item = &'a Context>) -> Context {
    let mut highest = Context::new();
    for (life, number) in contexts.into_iter().flatten() {
        let held = highest.entry(*life).or_insert(*number);
        *held = (*held).max(*number);
    }
    highest
}

/// How a work plaintext stands in CBOR. Field names appear once a segment.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WorkWire {
    pub(super) version: u16,
    pub(super) circle: CircleId,
    pub(super) node: NodeId,
    pub(super) instance: InstanceId,
    pub(super) number: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<Private<String>>,
    pub(super) first: u64,
    /// The first edit's time.
    pub(super) base: Millis,
    #[serde(deserialize_with = "few")]
    pub(super) lives: Vec<(NodeId, InstanceId)>,
    #[serde(deserialize_with = "few")]
    pub(super) cases: Vec<CaseId>,
    #[serde(deserialize_with = "few")]
    pub(super) operators: Vec<Private<String>>,
    #[serde(deserialize_with = "few")]
    pub(super) fields: Vec<String>,
    #[serde(deserialize_with = "few")]
    pub(super) pins: Vec<(u32, u64, Hash)>,
    /// Length of each encoded edit in bytes.
    #[serde(deserialize_with = "few")]
    pub(super) lengths: Vec<u32>,
    /// The encoded edits, one after the other.
    pub(super) edits: serde_bytes::ByteBuf,
}

/// Entries that one segment can use of a table: each of its edits may bring some new ones.
const TABLE_ENTRIES: usize = limit::SEGMENT_EDITS * 8;

/// A list that stops at its limit before more of it is held.
fn few<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<Vec<T>, D::Error> {
    struct Few<T>(std::marker::PhantomData<T>);
    impl<'de, T: DeserializeOwned> Visitor<'de> for Few<T> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a list within its limit")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<T>, A::Error> {
            let mut list = Vec::new();
            while let Some(entry) = seq.next_element()? {
                if list.len() == TABLE_ENTRIES {
                    return Err(serde::de::Error::custom("list too long"));
                }
                list.push(entry);
            }
            Ok(list)
        }
    }
    deserializer.deserialize_seq(Few(std::marker::PhantomData))
}

/// The rules of one edit's shape, whoever wrote it.
pub(super) fn shape_of(edit: &Edit) -> Result<(), Malformed> {
    edit.check().or_else(|_| rule("every edit keeps to its shape"))
}

impl Work {
    /// The bytes that are sealed.
    ///
    /// # Errors
    /// [`Malformed`] if the edits break a rule that every reader checks: [`super::Packed::decode`] lists them.
    pub fn encode(&self) -> Result<Private<Vec<u8>>, Malformed> {
        if self.edits.len() > limit::SEGMENT_EDITS {
            return rule("a segment has at most 10,000 edits");
        }
        if self.first == 0 {
            return rule("edits count from 1");
        }
        let base = self.edits.first().map_or(Millis(0), |stamped| stamped.edit.time);
        let mut writer = Writer::new(self.place.life);
        let mut lengths = Vec::with_capacity(self.edits.len());
        let mut edits = Vec::new();
        let mut before = Arc::new(Context::new());
        for Stamped { edit, context } in &self.edits {
            shape_of(edit)?;
            let changed = self.changed(&before, context)?;
            let bytes = codec::encode(&writer.edit(edit, base, &changed));
            if bytes.len() > limit::EDIT_BYTES {
                return Err(Malformed::TooLong { what: "edit", limit: limit::EDIT_BYTES });
            }
            lengths.push(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
            edits.extend_from_slice(&bytes);
            before = Arc::clone(context);
        }
        let wanted = pins_of(self.edits.iter().map(|stamped| &*stamped.context));
        if !self.pins.iter().map(|pin| (pin.life, pin.number)).eq(wanted) {
            return rule("pins are the highest segment of each log that contexts name");
        }
        let pins = self.pins.iter().map(|pin| (writer.life(&pin.life), pin.number, pin.hash)).collect();
        let Tables { lives, cases, operators, fields, .. } = writer.tables;
        if [lives.len(), cases.len(), operators.len(), fields.len()]
            .iter()
            .any(|length| *length > TABLE_ENTRIES)
        {
            return rule("a segment's tables have at most 80,000 entries");
        }
        let bytes = codec::encode(&WorkWire {
            version: VERSION,
            circle: self.place.circle,
            node: self.place.life.node,
            instance: self.place.life.instance,
            number: self.place.number,
            name: self.circle_name.clone(),
            first: self.first,
            base,
            lives: lives.into_iter().map(|life| (life.node, life.instance)).collect(),
            cases,
            operators,
            fields,
            pins,
            lengths,
            edits: edits.into(),
        });
        if bytes.len() > limit::SEGMENT_INFLATED_BYTES {
            return Err(Malformed::TooLong { what: WHAT, limit: limit::SEGMENT_INFLATED_BYTES });
        }
        Ok(Private::new(bytes))
    }

    /// The entries of `context` that `before` does not have.
    fn changed(&self, before: &Context, context: &Arc<Context>) -> Result<Vec<(Life, u64)>, Malformed> {
        if context.contains_key(&self.place.life) || context.values().any(|number| *number == 0) {
            return rule("contexts name other logs and segments from 1");
        }
        if before.keys().any(|life| !context.contains_key(life)) {
            return rule("contexts keep the logs of the edit before");
        }
        let differs = |(life, number): &(&Life, &u64)| before.get(life) != Some(number);
        Ok(context.iter().filter(differs).map(|(life, number)| (*life, *number)).collect())
    }
}
