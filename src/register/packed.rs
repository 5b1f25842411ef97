//! A work plaintext that was checked and is kept packed.
//!
//! A full sync replays hundreds of thousands of edits, sorted by case before any sheet is touched. Kept as [`Edit`]s
//! they would take a gigabyte; kept packed they take what they took on the wire, and each is opened when its sheet's
//! turn comes.

use super::wire::{EditWire, FirstUse, Tables, WHAT, rule};
use super::work::{Context, Pin, Place, Stamped, VERSION, Work, WorkWire, shape_of};
use crate::case::{Change, Edit};
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
    /// more than 64 KiB or against the shape of edits, more than 64 KiB of note into one sheet, contexts that name the own log, segment 0 or nothing new, pins
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
        let mut notes = BTreeMap::new();
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
            let edit = self.tables.read(wire, self.base)?;
            shape_of(&edit)?;
            if let Change::Note(splice) = &edit.change {
                // Our own doors stop a log there for good; nobody's segment may do more at once. Letters of a note cost a
                // hundred times their length in memory.
                let inserted = notes.entry(case).or_insert(0usize);
                *inserted += splice.insert.len_bytes();
                if *inserted > limit::SHEET_LOG_NOTE_BYTES {
                    return rule("a segment inserts at most 64 KiB of note into one sheet");
                }
            }
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

#[cfg(test)]
mod tests {
    use super::super::wire::{ChangeWire, Writer};
    use super::*;
    use crate::case::{Change, Splice};
    use crate::id::{CircleId, Hash, InstanceId, NodeId};

    fn life(byte: u8) -> Life {
        Life { node: NodeId([byte; 32]), instance: InstanceId([byte; 16]) }
    }

    fn place() -> Place {
        Place { circle: CircleId([1; 32]), life: life(2), number: 3 }
    }

    fn edit(time: u64) -> Edit {
        let change = Change::Note(Splice { at: 0, remove: "".into(), insert: "x".into() });
        Edit { case: CaseId([4; 16]), time: Millis(time), operator: "Ruta".into(), change }
    }

    fn work() -> Work {
        let one: Context = [(life(7), 5), (life(9), 1)].into();
        let two: Context = [(life(7), 6), (life(9), 1)].into();
        let pin = |life, number| Pin { life, number, hash: Hash([number as u8; 32]) };
        let stamped =
            |time, context: &Arc<Context>| Stamped { edit: edit(time), context: Arc::clone(context) };
        let (one, two) = (Arc::new(one), Arc::new(two));
        Work {
            place: place(),
            first: 11,
            circle_name: None,
            pins: vec![pin(life(7), 6), pin(life(9), 1)],
            edits: vec![stamped(500, &one), stamped(400, &one), stamped(600, &two)],
        }
    }

    fn wire() -> WorkWire {
        codec::decode(WHAT, work().encode().expect("encodes").reveal(), usize::MAX).expect("reads back")
    }

    /// The plaintext with something changed, read.
    fn changed(change: impl FnOnce(&mut WorkWire)) -> Result<Packed, Malformed> {
        let mut wire = wire();
        change(&mut wire);
        Packed::decode(&codec::encode(&wire), place())
    }

    /// The plaintext with one of its edits changed.
    fn edited(index: usize, change: impl FnOnce(&mut EditWire)) -> Result<Packed, Malformed> {
        changed(|wire| {
            let start: usize = wire.lengths[..index].iter().map(|length| *length as usize).sum();
            let end = start + wire.lengths[index] as usize;
            let mut edit: EditWire =
                serde_ipld_dagcbor::from_slice(&wire.edits[start..end]).expect("an edit");
            change(&mut edit);
            let bytes = codec::encode(&edit);
            wire.lengths[index] = bytes.len() as u32;
            wire.edits.splice(start..end, bytes);
        })
    }

    #[test]
    fn what_is_said_reads_back() {
        let bytes = work().encode().expect("encodes");
        let packed = Packed::decode(bytes.reveal(), place()).expect("reads back");
        assert_eq!(packed.work(), Ok(work()));
        assert_eq!((packed.first(), packed.last(), packed.len()), (11, 13, 3));
        assert_eq!(packed.contexts().at(&life(7), 1), Some(5));
        assert_eq!(packed.contexts().at(&life(7), 2), Some(6));
        assert_eq!(packed.contexts().at(&life(8), 2), None);
        let empty = Work { pins: Vec::new(), edits: Vec::new(), ..work() };
        let bytes = empty.encode().expect("encodes");
        assert_eq!(Packed::decode(bytes.reveal(), place()).expect("reads back").work(), Ok(empty));
    }

    #[test]
    fn a_later_version_is_held_and_version_nought_refused() {
        assert!(matches!(changed(|wire| wire.version = 2), Err(Malformed::LaterVersion(_))));
        assert!(matches!(changed(|wire| wire.version = 0), Err(Malformed::Rule { .. })));
    }

    #[test]
    fn each_broken_rule_is_refused() {
        assert!(changed(|_| ()).is_ok());
        let broken: [(&str, Result<Packed, Malformed>); 23] = [
            ("another circle", changed(|wire| wire.circle = CircleId([9; 32]))),
            ("another node", changed(|wire| wire.node = NodeId([9; 32]))),
            ("another number", changed(|wire| wire.number = 4)),
            ("edits from 0", changed(|wire| wire.first = 0)),
            ("another base", changed(|wire| wire.base = Millis(1))),
            ("an unused case", changed(|wire| wire.cases.push(CaseId([5; 16])))),
            ("a case twice", changed(|wire| wire.cases.push(CaseId([4; 16])))),
            ("an unused operator", changed(|wire| wire.operators.push("Nobody".into()))),
            ("an unused field", changed(|wire| wire.fields.push("name".into()))),
            (
                "the own log in the table",
                changed(|wire| wire.lives.push((NodeId([2; 32]), InstanceId([2; 16])))),
            ),
            ("a table out of order", changed(|wire| wire.lives.swap(0, 1))),
            ("a missing pin", changed(|wire| wire.pins.truncate(1))),
            ("a pin of another number", changed(|wire| wire.pins[0].1 = 5)),
            ("pins unsorted", changed(|wire| wire.pins.swap(0, 1))),
            ("a missing length", changed(|wire| wire.lengths.truncate(2))),
            ("a trailing byte", changed(|wire| wire.edits.push(0))),
            ("a first time apart from the base", edited(0, |edit| edit.1 = 1)),
            ("a time before 1970", edited(1, |edit| edit.1 = -501)),
            ("a time past the end", edited(1, |edit| edit.1 = 1 << 48)),
            ("the own log in a context", edited(1, |edit| edit.3.push((0, 1)))),
            ("nothing new in a context", edited(1, |edit| edit.3.push((1, 5)))),
            ("segment 0 in a context", edited(1, |edit| edit.3.push((1, 0)))),
            ("no claims", edited(1, |edit| edit.4 = ChangeWire::Claims(Vec::new()))),
        ];
        for (what, read) in broken {
            assert!(matches!(read, Err(Malformed::Rule { .. })), "{what}: {read:?}");
        }
    }

    #[test]
    fn a_context_names_each_log_once_and_sorted() {
        assert!(edited(0, |edit| edit.3.reverse()).is_err());
        assert!(edited(2, |edit| edit.3.push((1, 5))).is_err());
    }

    #[test]
    fn too_much_is_refused_before_it_is_read() {
        let claim = crate::case::Claim {
            field: "remark".into(),
            group: String::new(),
            value: crate::case::Value::Text("x".repeat(limit::CLAIM_TEXT_BYTES).into()),
            source: crate::case::Source::default(),
            replaces: Vec::new(),
            origin: None,
        };
        let mut work = work();
        work.edits[0].edit.change = Change::Claims(vec![claim; 4]);
        assert!(matches!(work.encode(), Err(Malformed::TooLong { what: "edit", .. })));
        let many = Work { edits: vec![work.edits[1].clone(); limit::SEGMENT_EDITS + 1], ..work };
        assert!(matches!(many.encode(), Err(Malformed::Rule { .. })));
        let lists = changed(|wire| wire.lengths = vec![0; 100_000]);
        assert!(matches!(lists, Err(Malformed::NotStrict(_))));
        let bytes = vec![0; limit::SEGMENT_INFLATED_BYTES + 1];
        assert!(matches!(Packed::decode(&bytes, place()), Err(Malformed::TooLong { .. })));
    }

    #[test]
    fn an_edit_takes_few_bytes() {
        // A short claim of a known field by a known operator on a known case.
        let mut writer = Writer::new(life(2));
        let claim = crate::case::Claim {
            field: "birthplace".into(),
            group: String::new(),
            value: crate::case::Value::Text("Маріуполь".into()),
            source: crate::case::Source::default(),
            replaces: Vec::new(),
            origin: None,
        };
        let edit = Edit { change: Change::Claims(vec![claim]), ..edit(1_700_000_000_000) };
        writer.edit(&edit, Millis(1_699_999_000_000), &[]);
        let bytes = codec::encode(&writer.edit(&edit, Millis(1_699_999_000_000), &[]));
        assert!(bytes.len() <= 40, "{} bytes", bytes.len());
    }
}
