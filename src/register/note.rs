//! Splices of the shared note, as Automerge operations.
//!
//! A splice is made against the note as its author saw it: the elements that the edit's clock knows and that nothing it
//! knows deleted. Its operations name those elements alone, so they are the same on every node, whatever else the note
//! has become. The elements stand here in Automerge's own order (after the element that an insertion names, those with
//! higher operation numbers first), because asking the document for an earlier state of a text costs more than all the
//! rest of an edit. Debug builds compare the two.

use super::ledger::{Ledger, Log};
use crate::case::Splice;
use crate::private::Private;
use automerge::legacy::{ElementId, Key, ObjectId, Op, OpId, OpType, SortedVec};
use automerge::{ActorId, Automerge, ScalarValue};

/// One code point that was ever in the note.
#[derive(Debug)]
struct Element {
    letter: char,
    /// The number of the operation that made it.
    counter: u64,
    /// The log and seq of the edit that made it.
    made: (usize, u32),
    /// Logs and seqs of the edits that deleted it.
    deleted: Vec<(usize, u32)>,
}

impl Element {
    fn visible(&self, clock: &[u32]) -> bool {
        let known = |(log, seq): &(usize, u32)| clock.get(*log).is_some_and(|known| known >= seq);
        known(&self.made) && !self.deleted.iter().any(known)
    }
}

/// The letter of an operation that inserts one right behind `last`, with its number.
fn follows((counter, op): &(u64, Op), last: &OpId) -> Option<(u64, char)> {
    match (&op.action, &op.key) {
        (OpType::Put(ScalarValue::Str(text)), Key::Seq(ElementId::Id(after)))
            if op.insert && after == last && *counter == last.counter() + 1 =>
        {
            Some((*counter, text.chars().next()?))
        }
        _ => None,
    }
}

/// All that was ever in the note, in the document's order.
#[derive(Debug, Default)]
pub(super) struct Note(Vec<Element>);

/// What a splice does where it is applied.
pub(super) struct Spliced {
    pub(super) operations: Vec<Op>,
    /// Where it took effect, what it took out and what it put in.
    pub(super) done: Splice,
}

/// The edit that splices: its log's place, its seq, its clock and the number of its first operation.
#[derive(Clone, Copy)]
pub(super) struct By<'a> {
    pub(super) log: usize,
    pub(super) seq: u32,
    pub(super) clock: &'a [u32],
    pub(super) start: u64,
}

fn actor(logs: &[Log], log: usize) -> Option<&ActorId> {
    logs.get(log).map(|log| &log.actor)
}

impl Note {
    /// The note of a document whose changes the ledger lists; `None` if the two do not fit.
    pub(super) fn read(document: &Automerge, ledger: &Ledger, object: &ObjectId) -> Option<Self> {
        let mut note = Self::default();
        for change in document.get_changes(&[]) {
            // The genesis is no log's.
            let Some(log) = ledger.logs.iter().position(|log| log.actor == *change.actor_id()) else {
                continue;
            };
            let seq = u32::try_from(change.seq()).ok()?;
            let mut operations = (change.start_op().get()..)
                .zip(change.decode().operations)
                .filter(|(_, op)| op.obj == *object)
                .peekable();
            let mut near = 0;
            while let Some((counter, op)) = operations.next() {
                match (op.action, op.key) {
                    (OpType::Put(ScalarValue::Str(text)), Key::Seq(after)) if op.insert => {
                        let at = match &after {
                            ElementId::Head => 0,
                            ElementId::Id(id) => note.find(&ledger.logs, id, near)? + 1,
                        };
                        // The letters of one insertion name each other in turn: they are put in as one run.
                        let mut letters = vec![text.chars().next()?];
                        let mut last = OpId::new(counter, change.actor_id());
                        while let Some((counter, letter)) =
                            operations.peek().and_then(|next| follows(next, &last))
                        {
                            letters.push(letter);
                            last = OpId::new(counter, change.actor_id());
                            operations.next();
                        }
                        near = note.insert(&ledger.logs, at, counter, (log, seq), letters);
                    }
                    (OpType::Delete, Key::Seq(ElementId::Id(id))) => {
                        let at = note.find(&ledger.logs, &id, near)?;
                        note.0.get_mut(at)?.deleted.push((log, seq));
                        near = at + 1;
                    }
                    _ => return None,
                }
            }
        }
        Some(note)
    }

    /// The place of an element, looked for from place `near` on.
    fn find(&self, logs: &[Log], id: &OpId, near: usize) -> Option<usize> {
        let is = |element: &Element| {
            element.counter == id.counter() && actor(logs, element.made.0) == Some(id.actor())
        };
        let (before, after) = self.0.split_at_checked(near)?;
        let found = after.iter().position(is).map(|place| near + place);
        found.or_else(|| before.iter().position(is))
    }

    /// Puts a run of letters in after the element before place `at`, and after those that were put there with a higher
    /// number; the place behind it. What stands behind the first letter has a lower number than it, so than all.
    fn insert(
        &mut self,
        logs: &[Log],
        mut at: usize,
        first: u64,
        made: (usize, u32),
        letters: Vec<char>,
    ) -> usize {
        let own = actor(logs, made.0);
        let higher = |other: &Element| (other.counter, actor(logs, other.made.0)) > (first, own);
        while self.0.get(at).is_some_and(higher) {
            at += 1;
        }
        let end = at + letters.len();
        let run = (first..).zip(letters);
        self.0.splice(
            at..at,
            run.map(|(counter, letter)| Element { letter, counter, made, deleted: Vec::new() }),
        );
        end
    }

    /// Applies a splice; the operations that say so.
    pub(super) fn splice(
        &mut self,
        logs: &[Log],
        object: &ObjectId,
        splice: &Splice,
        by: By<'_>,
    ) -> Option<Spliced> {
        let own = actor(logs, by.log)?;
        let visible = |(place, element): (usize, &Element)| element.visible(by.clock).then_some(place);
        let places: Vec<usize> = self.0.iter().enumerate().filter_map(visible).collect();
        let at = usize::try_from(splice.at).unwrap_or(usize::MAX).min(places.len());
        let length = splice.remove.len_points();
        let spells = |there: &&[usize]| {
            let letters = there.iter().filter_map(|place| self.0.get(*place)).map(|element| element.letter);
            letters.eq(splice.remove.reveal().chars())
        };
        let there = places.get(at..at.saturating_add(length)).filter(spells);
        let mut operations = Vec::new();
        let after = at.checked_sub(1).and_then(|before| places.get(before)).copied();
        let id = |element: &Element| Some(OpId::new(element.counter, actor(logs, element.made.0)?));
        let mut key = match after {
            None => ElementId::Head,
            Some(place) => ElementId::Id(id(self.0.get(place)?)?),
        };
        for place in there.unwrap_or_default() {
            let element = self.0.get_mut(*place)?;
            let id = id(element)?;
            element.deleted.push((by.log, by.seq));
            operations.push(Op {
                action: OpType::Delete,
                obj: object.clone(),
                key: Key::Seq(ElementId::Id(id.clone())),
                pred: SortedVec::from(vec![id]),
                insert: false,
            });
        }
        let first = by.start + operations.len() as u64;
        let letters: Vec<char> = splice.insert.reveal().chars().collect();
        for (counter, letter) in (first..).zip(&letters) {
            operations.push(Op {
                action: OpType::Put(ScalarValue::Str(letter.encode_utf8(&mut [0; 4]).to_owned().into())),
                obj: object.clone(),
                key: Key::Seq(key),
                pred: SortedVec::new(),
                insert: true,
            });
            key = ElementId::Id(OpId::new(counter, own));
        }
        if !letters.is_empty() {
            self.insert(logs, after.map_or(0, |place| place + 1), first, (by.log, by.seq), letters);
        }
        let remove = if there.is_some() { splice.remove.clone() } else { Private::default() };
        Some(Spliced { operations, done: Splice { at: at as u64, remove, insert: splice.insert.clone() } })
    }

    /// The text as it stands.
    #[cfg(debug_assertions)]
    pub(super) fn text(&self) -> String {
        self.0.iter().filter(|element| element.deleted.is_empty()).map(|element| element.letter).collect()
    }
}
