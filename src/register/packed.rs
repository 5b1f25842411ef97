//! A work plaintext that was checked and is kept packed.
//!
//! A full sync replays hundreds of thousands of edits, sorted by case before any sheet is touched. Kept as [`Edit`]s
//! they would take a gigabyte; kept packed they take what they took on the wire, and each is opened when its sheet's
//! turn comes.

use super::wire::{EditWire, FirstUse, Tables, WHAT, rule};
use super::work::{Context, Pin, Place, Stamped, VERSION, Work, WorkWire, shape_of};
use crate::case::Edit;
use crate::codec::{self, Malformed};
use crate::id::{CaseId, EditRef, Life};
use crate::limit;
use crate::private::Private;
use crate::time::Millis;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A checked work plaintext. Share it by `Arc`: [`super::Applied`] points into it.
#[derive(Debug)]
pub struct Packed {
    place: Place,
    first: u64,
    circle_name: Option<Private<String>>,
    pins: Vec<Pin>,
    base: Millis,
    tables: Tables,
    /// Where each edit ends in `bytes`, and its case's place.
    entries: Vec<Entry>,
    contexts: Steps,
    bytes: Private<Vec<u8>>,
}

#[derive(Debug)]
struct Entry {
    end: u32,
    case: u32,
}

/// The contexts of all edits of a segment: for each log the edits at which its number changes, and to what. Takes no
/// more memory than what was read, however many logs and edits there are.
#[derive(Debug, Default)]
pub(super) struct Steps(BTreeMap<Life, Vec<(u32, u64)>>);

impl Steps {
    /// The number of a log in the context of the edit at `index`.
    pub(super) fn at(&self, life: &Life, index: u32) -> Option<u64> {
        let steps = self.0.get(life)?;
        let count = steps.partition_point(|(at, _)| *at <= index);
        steps.get(count.checked_sub(1)?).map(|(_, number)| *number)
    }

    /// The same steps with other numbers.
    pub(super) fn map(&self, number: impl Fn(&Life, u64) -> u64) -> Steps {
        let other = |(life, steps): (&Life, &Vec<(u32, u64)>)| {
            (*life, steps.iter().map(|(at, old)| (*at, number(life, *old))).collect())
        };
        Steps(self.0.iter().map(other).collect())
    }

    /// The highest number of each log.
    fn highest(&self) -> impl Iterator<Item = (Life, u64)> {
        self.0
            .iter()
            .filter_map(|(life, steps)| Some((*life, steps.iter().map(|(_, number)| *number).max()?)))
    }

    /// The last number of a log so far.
    fn last(&self, life: &Life) -> Option<u64> {
        self.0.get(life)?.last().map(|(_, number)| *number)
    }

    fn add(&mut self, life: Life, index: u32, number: u64) {
        self.0.entry(life).or_default().push((index, number));
    }
}

/// Every plaintext of every version, as far as all versions agree.
#[derive(Deserialize)]
struct AnyVersion {
    version: u16,
}

impl Packed {
    /// Reads and checks a work plaintext that stands at `place`.
    ///
    /// Refused are: any but the strict encoding, an identity other than `place`, more than 10,000 edits, an edit of
    /// more than 64 KiB or against the shape of edits, contexts that name the own log, segment 0 or nothing new, pins
    /// other than [`super::pins_of`] asks for, sorted by log. What takes the log before it to judge (edit numbers, who
    /// may name the circle) is judged by [`super::Reach`].
    ///
    /// # Errors
    /// [`Malformed::LaterVersion`] is for holding, the rest for refusing.
    pub fn decode(bytes: &[u8], place: Place) -> Result<Self, Malformed> {
        if bytes.len() > limit::SEGMENT_INFLATED_BYTES {
            return Err(Malformed::TooLong { what: WHAT, limit: limit::SEGMENT_INFLATED_BYTES });
        }
        let any: AnyVersion =
            serde_ipld_dagcbor::from_slice(bytes).map_err(|_| Malformed::NotStrict(WHAT))?;
        match any.version {
            0 => return rule("versions count from 1"),
            VERSION => {}
            _ => return Err(Malformed::LaterVersion(WHAT)),
        }
        let wire: WorkWire = codec::decode(WHAT, bytes, limit::SEGMENT_INFLATED_BYTES)?;
        let life = Life { node: wire.node, instance: wire.instance };
        if (wire.circle, life, wire.number) != (place.circle, place.life, place.number) {
            return rule("it repeats the identity of its header");
        }
        if wire.first == 0 {
            return rule("edits count from 1");
        }
        if wire.lengths.len() > limit::SEGMENT_EDITS {
            return rule("a segment has at most 10,000 edits");
        }
        if wire.name.as_ref().is_some_and(|name| name.len_bytes() > limit::CLAIM_TEXT_BYTES) {
            return rule("a circle's name is short");
        }
        let lives = wire.lives.into_iter().map(|(node, instance)| Life { node, instance }).collect();
        let tables = Tables {
            own: Some(life),
            lives,
            cases: wire.cases,
            operators: wire.operators,
            fields: wire.fields,
        };
        tables.check_unique()?;
        let mut packed = Self {
            place,
            first: wire.first,
            circle_name: wire.name,
            pins: Vec::new(),
            base: wire.base,
            tables,
            entries: Vec::with_capacity(wire.lengths.len()),
            contexts: Steps::default(),
            bytes: Private::new(wire.edits.into_vec()),
        };
        packed.check_edits(&wire.lengths, &wire.pins)?;
        Ok(packed)
    }

    fn check_edits(
        &mut self,
        lengths: &[u32],
        pins: &[(u32, u64, crate::id::Hash)],
    ) -> Result<(), Malformed> {
        let mut uses = FirstUse::default();
        let mut end = 0usize;
        if lengths.is_empty() && self.base != Millis(0) {
            return rule("times count from the first edit");
        }
        for length in lengths {
            let start = end;
            end = start.saturating_add(*length as usize);
            let Some(bytes) = self.bytes.reveal().get(start..end) else {
                return rule("lengths add up");
            };
            let wire: EditWire = codec::decode("edit", bytes, limit::EDIT_BYTES)?;
            uses.edit(&wire)?;
            if self.entries.is_empty() && wire.1 != 0 {
                return rule("times count from the first edit");
            }
            self.apply_context(&wire.3)?;
            let case = wire.0;
            shape_of(&self.tables.read(wire, self.base)?)?;
            self.entries.push(Entry { end: u32::try_from(end).unwrap_or(u32::MAX), case });
        }
        if end != self.bytes.reveal().len() {
            return rule("lengths add up");
        }
        for (life, number, hash) in pins {
            uses.life(*life)?;
            self.pins.push(Pin { life: self.tables.life_at(*life)?, number: *number, hash: *hash });
        }
        uses.finish(&self.tables)?;
        if !self.pins.iter().map(|pin| (pin.life, pin.number)).eq(self.contexts.highest()) {
            return rule("pins are the highest segment of each log that contexts name");
        }
        Ok(())
    }

    /// Puts the next edit's entries into the running context.
    fn apply_context(&mut self, entries: &[(u32, u64)]) -> Result<(), Malformed> {
        let index = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        let mut last = None;
        for (place, number) in entries {
            let life = self.tables.life_at(*place)?;
            if *place == 0 || *number == 0 {
                return rule("contexts name other logs and segments from 1");
            }
            if last.replace(life).is_some_and(|last| last >= life) {
                return rule("contexts name each log once, sorted");
            }
            if self.contexts.last(&life) == Some(*number) {
                return rule("contexts stand as what differs from the edit before");
            }
            self.contexts.add(life, index, *number);
        }
        Ok(())
    }

    /// Where it stands.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// The circle's name, if this is the founder's first work segment and names it.
    pub fn circle_name(&self) -> Option<&Private<String>> {
        self.circle_name.as_ref()
    }

    /// What its contexts rest on.
    pub fn pins(&self) -> &[Pin] {
        &self.pins
    }

    /// How many edits it holds.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The number of its last edit; one less than its first if it holds none.
    pub fn last(&self) -> u64 {
        self.first.saturating_add(self.entries.len() as u64).saturating_sub(1)
    }

    /// The number of its first edit.
    pub fn first(&self) -> u64 {
        self.first
    }

    /// Its contexts, in segment numbers.
    pub(super) fn contexts(&self) -> &Steps {
        &self.contexts
    }

    /// The case of the edit at `index`.
    pub fn case(&self, index: usize) -> Option<CaseId> {
        self.tables.case(self.entries.get(index)?.case).ok()
    }

    /// What the edit at `index` is called.
    pub fn edit_ref(&self, index: usize) -> EditRef {
        EditRef { life: self.place.life, number: self.first.saturating_add(index as u64) }
    }

    /// The edit at `index`.
    ///
    /// # Errors
    /// [`Malformed`] if there is none: what is packed was checked.
    pub fn edit(&self, index: usize) -> Result<Edit, Malformed> {
        let none = Malformed::Rule { what: WHAT, rule: "there is no such edit" };
        let end = self.entries.get(index).ok_or(none)?.end as usize;
        let start = match index.checked_sub(1) {
            None => 0,
            Some(before) => self.entries.get(before).ok_or(none)?.end as usize,
        };
        let bytes = self.bytes.reveal().get(start..end).ok_or(none)?;
        let wire = serde_ipld_dagcbor::from_slice(bytes).map_err(|_| Malformed::NotStrict("edit"))?;
        self.tables.read(wire, self.base)
    }

    /// All of it unpacked.
    ///
    /// # Errors
    /// [`Malformed`] never: what is packed was checked.
    pub fn work(&self) -> Result<Work, Malformed> {
        let mut edits: Vec<Stamped> = Vec::with_capacity(self.len());
        for (index, at) in (0..self.len()).zip(0u32..) {
            let entry = |(life, _): (&Life, _)| Some((*life, self.contexts.at(life, at)?));
            let context: Context = self.contexts.0.iter().filter_map(entry).collect();
            let before = edits.last().filter(|before| *before.context == context);
            let context = before.map_or_else(|| Arc::new(context), |before| Arc::clone(&before.context));
            edits.push(Stamped { edit: self.edit(index)?, context });
        }
        Ok(Work {
            place: self.place,
            first: self.first,
            circle_name: self.circle_name.clone(),
            pins: self.pins.clone(),
            edits,
        })
    }
}

impl Tables {
    /// Whether every entry stands once.
    fn check_unique(&self) -> Result<(), Malformed> {
        fn unique<T: Ord>(list: &[T]) -> bool {
            let set: std::collections::BTreeSet<&T> = list.iter().collect();
            set.len() == list.len()
        }
        let own_apart = self.own.is_none_or(|own| !self.lives.contains(&own));
        if own_apart
            && unique(&self.lives)
            && unique(&self.cases)
            && unique(&self.operators)
            && unique(&self.fields)
        {
            Ok(())
        } else {
            rule("tables hold each entry once")
        }
    }
}
