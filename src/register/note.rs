//! Splices of the shared note, as Automerge operations.
//!
//! A splice is made against the note as its author saw it: the elements visible at the heads that the edit rests on.
//! Its operations name those elements alone, so they are the same on every node, whatever else the note has become.

use crate::case::Splice;
use crate::private::Private;
use automerge::legacy::{ElementId, Key, ObjectId, Op, OpId, OpType, SortedVec};
use automerge::{ActorId, Automerge, ChangeHash, ObjId, ReadDoc, ScalarValue, ScalarValueRef, ValueRef};

/// A visible code point of the note and the operation that made it.
struct Point {
    made_by: OpId,
    text: String,
}

/// What a splice does where it is applied.
pub(super) struct Spliced {
    pub(super) operations: Vec<Op>,
    /// Where it took effect, what it took out and what it put in.
    pub(super) done: Splice,
}

/// The note at `heads`.
fn points(document: &Automerge, note: &ObjId, heads: &[ChangeHash]) -> Vec<Point> {
    let items = document.list_range_at(note, .., heads);
    items
        .filter_map(|item| match item.id() {
            ObjId::Id(number, actor, _) => match item.value {
                ValueRef::Scalar(ScalarValueRef::Str(text)) => {
                    Some(Point { made_by: OpId::new(number, &actor), text: text.into_owned() })
                }
                _ => None,
            },
            ObjId::Root => None,
        })
        .collect()
}

/// The operations of `splice` made at `heads` by `actor`, whose first operation gets the number `start`.
pub(super) fn splice(
    document: &Automerge,
    (read, write): (&ObjId, &ObjectId),
    heads: &[ChangeHash],
    splice: &Splice,
    (actor, start): (&ActorId, u64),
) -> Spliced {
    let points = points(document, read, heads);
    let at = usize::try_from(splice.at).unwrap_or(usize::MAX).min(points.len());
    let wanted = splice.remove.reveal();
    let length = wanted.chars().count();
    let there = points.get(at..at.saturating_add(length)).filter(|there| {
        let mut letters = wanted.chars();
        there.iter().all(|point| point.text.chars().eq(letters.next()))
    });
    let mut operations = Vec::new();
    for point in there.unwrap_or_default() {
        operations.push(Op {
            action: OpType::Delete,
            obj: write.clone(),
            key: Key::Seq(ElementId::Id(point.made_by.clone())),
            pred: SortedVec::from(vec![point.made_by.clone()]),
            insert: false,
        });
    }
    let before = at.checked_sub(1).and_then(|before| points.get(before));
    let mut after = before.map_or(ElementId::Head, |point| ElementId::Id(point.made_by.clone()));
    for letter in splice.insert.reveal().chars() {
        let number = start + operations.len() as u64;
        operations.push(Op {
            action: OpType::Put(ScalarValue::Str(letter.encode_utf8(&mut [0; 4]).to_owned().into())),
            obj: write.clone(),
            key: Key::Seq(after),
            pred: SortedVec::new(),
            insert: true,
        });
        after = ElementId::Id(OpId::new(number, actor));
    }
    let removed = if there.is_some() { splice.remove.clone() } else { Private::default() };
    Spliced { operations, done: Splice { at: at as u64, remove: removed, insert: splice.insert.clone() } }
}
