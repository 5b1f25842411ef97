//! The genesis of every sheet of a circle: all Automerge objects that a sheet ever has.
//!
//! Two nodes that make an object at one key hide each other's fields, so no edit makes one: the first change of every
//! sheet makes them all, and depends on the circle alone. `FORMAT.md` draws the result.

use super::Spoiled;
use super::ledger::Kind;
use crate::id::{CaseId, CircleId, Life, PartnerId};
use crate::sign::{Domain, hash};
use automerge::legacy::{Key, ObjectId, Op, OpId, OpType, SortedVec};
use automerge::{
    ActorId, Automerge, Change, ChangeHash, ExpandedChange, ObjId, ObjType, ScalarValue, TextEncoding,
};
use std::num::NonZeroU64;

/// What stands at `format` in every sheet.
const FORMAT: &str = "homeward/1 sheet";

/// The maps that hold one map for each partner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    Claims,
    Acts,
    Files,
    Withdrawn,
    Disclosed,
}

impl Section {
    const ALL: [Section; 5] =
        [Section::Claims, Section::Acts, Section::Files, Section::Withdrawn, Section::Disclosed];

    /// The kind of edit that writes in it, and no other does.
    pub(super) fn kind(self) -> Kind {
        match self {
            Self::Claims => Kind::Claims,
            Self::Acts => Kind::Act,
            Self::Files => Kind::File,
            Self::Withdrawn => Kind::Withdraw,
            Self::Disclosed => Kind::Disclosed,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Claims => "claims",
            Self::Acts => "acts",
            Self::Files => "files",
            Self::Withdrawn => "withdrawn",
            Self::Disclosed => "disclosed",
        }
    }
}

/// Operation numbers of the genesis: `format` 1, `circle` 2, `plan` 3, `note` 4, sections 5 to 9, then each section's
/// maps, member by member.
const PLAN: u64 = 3;
const NOTE: u64 = 4;
const SECTIONS: u64 = 5;
const PARTNERS: u64 = SECTIONS + Section::ALL.len() as u64;

/// How a circle's sheets are laid out, with the genesis that makes them so. Made once for a circle and shared.
#[derive(Clone, Debug)]
pub struct Layout {
    circle: CircleId,
    members: Vec<PartnerId>,
    actor: ActorId,
    genesis: ChangeHash,
    operations: u64,
    empty: Automerge,
}

/// The first 16 bytes of a hash: as long as Automerge's own actors.
fn actor_of(domain: Domain, fields: &[&[u8]]) -> ActorId {
    let hash = hash(domain, fields);
    ActorId::from(hash.0.get(..16).unwrap_or_default())
}

impl Layout {
    /// The layout of a circle with these members, in any order.
    ///
    /// # Errors
    /// [`Spoiled::Automerge`] if Automerge refuses the genesis: never.
    pub fn new(circle: CircleId, members: &[PartnerId]) -> Result<Self, Spoiled> {
        let mut members = members.to_vec();
        members.sort_unstable();
        members.dedup();
        let fields: Vec<&[u8]> =
            std::iter::once(circle.as_bytes()).chain(members.iter().map(PartnerId::as_bytes)).collect();
        let actor = actor_of(Domain::Genesis, &fields);
        let root = |key: &str, action| op(ObjectId::Root, key, action);
        let mut operations = vec![
            root("format", OpType::Put(ScalarValue::Str(FORMAT.into()))),
            root("circle", OpType::Put(ScalarValue::Str(circle.hex().into()))),
            root("plan", OpType::Make(ObjType::Map)),
            root("note", OpType::Make(ObjType::Text)),
        ];
        operations.extend(Section::ALL.map(|section| root(section.name(), OpType::Make(ObjType::Map))));
        for (number, _) in (SECTIONS..).zip(Section::ALL) {
            let section = ObjectId::Id(OpId::new(number, &actor));
            for member in &members {
                operations.push(op(section.clone(), &member.hex(), OpType::Make(ObjType::Map)));
            }
        }
        let count = operations.len() as u64;
        let change = Change::from(ExpandedChange {
            operations,
            actor_id: actor.clone(),
            hash: None,
            seq: 1,
            start_op: NonZeroU64::MIN,
            time: 0,
            message: None,
            deps: Vec::new(),
            extra_bytes: Vec::new(),
            author: None,
        });
        let genesis = change.hash();
        // Automerge draws a random actor for each new document; it never writes with it.
        let mut empty = Automerge::new_with_encoding(TextEncoding::UnicodeCodePoint);
        empty.apply_changes([change]).map_err(|_| Spoiled::Automerge)?;
        Ok(Self { circle, members, actor, genesis, operations: count, empty })
    }

    /// The circle.
    pub fn circle(&self) -> CircleId {
        self.circle
    }

    /// Its members, sorted.
    pub fn members(&self) -> &[PartnerId] {
        &self.members
    }

    /// A sheet with nothing on it.
    pub(super) fn empty(&self) -> Automerge {
        self.empty.clone()
    }

    /// The hash of the genesis and its highest operation number.
    pub(super) fn genesis(&self) -> (ChangeHash, u64) {
        (self.genesis, self.operations)
    }

    /// The actor of one log's changes on one sheet.
    pub(super) fn writer(&self, life: &Life, case: &CaseId) -> ActorId {
        let fields =
            [life.node.as_bytes(), life.instance.as_bytes(), case.as_bytes(), self.circle.as_bytes()];
        actor_of(Domain::Actor, &fields)
    }

    /// The operation number that made a partner's map in a section; `None` for a stranger.
    fn number(&self, section: Section, partner: &PartnerId) -> Option<u64> {
        let member = self.members.binary_search(partner).ok()? as u64;
        Some(PARTNERS + section as u64 * self.members.len() as u64 + member)
    }

    fn write(&self, number: u64) -> ObjectId {
        ObjectId::Id(OpId::new(number, &self.actor))
    }

    fn read(&self, number: u64) -> ObjId {
        ObjId::Id(number, self.actor.clone(), 0)
    }

    /// Where to write what a partner says in a section.
    pub(super) fn write_section(&self, section: Section, partner: &PartnerId) -> Option<ObjectId> {
        self.number(section, partner).map(|number| self.write(number))
    }

    /// Where to read what a partner says in a section.
    pub(super) fn read_section(&self, section: Section, partner: &PartnerId) -> Option<ObjId> {
        self.number(section, partner).map(|number| self.read(number))
    }

    pub(super) fn write_plan(&self) -> ObjectId {
        self.write(PLAN)
    }

    pub(super) fn read_plan(&self) -> ObjId {
        self.read(PLAN)
    }

    pub(super) fn write_note(&self) -> ObjectId {
        self.write(NOTE)
    }

    pub(super) fn read_note(&self) -> ObjId {
        self.read(NOTE)
    }
}

/// An operation on a key that was never written before.
pub(super) fn op(obj: ObjectId, key: &str, action: OpType) -> Op {
    Op { action, obj, key: Key::Map(key.into()), pred: SortedVec::new(), insert: false }
}
