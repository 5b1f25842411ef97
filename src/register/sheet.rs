//! A sheet: one Automerge document, what one circle knows of one case.
//!
//! Edits become Automerge changes that are built by hand, not by transactions: every object comes from the genesis and
//! every key is new, so a change is a pure function of the edit and of the changes that it rests on, and no view of an
//! earlier state is needed but for the note. Every node gets the same hashes, whatever order the edits came in.

use super::applied::Applied;
use super::entry::{self, ActEntry, ClaimEntry, DisclosedEntry, FileEntry, PlanEntry, WithdrawEntry};
use super::layout::{Layout, Section, op};
use super::ledger::{Entry, Kind, Ledger};
use super::note::{By, Note};
use crate::case::{Change, Effect, Splice};
use crate::id::{CaseId, EditRef, ItemRef, PartnerId};
use automerge::legacy::{Op, OpType};
use automerge::{AutoSerde, Automerge, ChangeHash, ExpandedChange, ScalarValue};
use std::num::NonZeroU64;
use std::sync::Arc;
use thiserror::Error;

/// Why a sheet cannot be shown. Always our own bug or our own disk's damage; it spoils this sheet and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Spoiled {
    /// The saved sheet does not read back: rebuild it from segments.
    #[error("the saved sheet is damaged")]
    Damaged,
    /// An edit came before what it rests on.
    #[error("an edit came out of order")]
    OutOfOrder,
    /// Automerge refused a change or lost one.
    #[error("Automerge refused a change")]
    Automerge,
    /// Automerge panicked.
    #[error("Automerge panicked")]
    Panic,
}

/// What one circle knows of one case.
#[derive(Debug)]
pub struct Sheet {
    pub(super) layout: Arc<Layout>,
    pub(super) case: CaseId,
    pub(super) document: Automerge,
    pub(super) ledger: Ledger,
    /// The note's elements; read from the document when the first splice comes.
    note: Option<Note>,
}

/// Operations handed to the document at once: Automerge unpacks all of a batch in memory.
const BATCH_OPERATIONS: usize = 20_000;

/// What an edit comes to on this sheet.
struct Outcome {
    operations: Vec<Op>,
    kind: Kind,
    items: u16,
    effect: Effect,
    noted: Option<Splice>,
}

impl Sheet {
    /// A sheet with nothing on it.
    pub fn new(layout: &Arc<Layout>, case: CaseId) -> Self {
        Self {
            layout: Arc::clone(layout),
            case,
            document: layout.empty(),
            ledger: Ledger::default(),
            note: Some(Note::default()),
        }
    }

    pub(super) fn from_parts(
        layout: &Arc<Layout>,
        case: CaseId,
        document: Automerge,
        ledger: Ledger,
    ) -> Self {
        Self { layout: Arc::clone(layout), case, document, ledger, note: None }
    }

    /// The case.
    pub fn case(&self) -> CaseId {
        self.case
    }

    /// Applies edits in an order in which each follows what it rests on. Those already here are skipped.
    ///
    /// # Errors
    /// [`Spoiled`]: the sheet is then worth nothing and must be rebuilt.
    pub fn apply(&mut self, edits: &[Applied]) -> Result<(), Spoiled> {
        let mut changes = Vec::with_capacity(edits.len());
        let mut operations = 0;
        for edit in edits {
            let Some(change) = self.change(edit)? else { continue };
            operations += change.len();
            changes.push(change);
            if operations > BATCH_OPERATIONS {
                operations = 0;
                self.hand_over(&mut changes)?;
            }
        }
        self.hand_over(&mut changes)?;
        // Automerge keeps a change whose dependency it lacks for later, without a word.
        if self.document.get_heads() != self.ledger_heads() {
            return Err(Spoiled::Automerge);
        }
        #[cfg(debug_assertions)]
        if let Some(note) = &self.note {
            use automerge::ReadDoc;
            assert!(self.document.text(self.layout.read_note()) == Ok(note.text()), "the notes differ");
        }
        Ok(())
    }

    /// Hands changes to the document.
    fn hand_over(&mut self, changes: &mut Vec<automerge::Change>) -> Result<(), Spoiled> {
        if changes.is_empty() {
            return Ok(());
        }
        self.document.apply_changes(std::mem::take(changes)).map_err(|_| Spoiled::Automerge)
    }

    /// The heads that the ledger expects.
    fn ledger_heads(&self) -> Vec<ChangeHash> {
        let last: Vec<&Entry> = (0..self.ledger.logs.len()).filter_map(|log| self.ledger.last(log)).collect();
        let covered = |entry: &&Entry| {
            last.iter().any(|other| other.log != entry.log && other.knows(entry.log, entry.seq))
        };
        let mut heads: Vec<ChangeHash> =
            last.iter().filter(|entry| !covered(entry)).map(|entry| entry.hash).collect();
        if heads.is_empty() {
            heads.push(self.layout.genesis().0);
        }
        heads.sort_unstable();
        heads
    }

    /// The change that an edit comes to, put down in the ledger; none if it is here already.
    fn change(&mut self, applied: &Applied) -> Result<Option<automerge::Change>, Spoiled> {
        let id = applied.id();
        let log = match self.ledger.log(&id.life) {
            Some(log) => log,
            None => {
                let actor = self.layout.writer(&id.life, &self.case);
                self.ledger.add_log(id.life, applied.partner(), actor)
            }
        };
        let seq = match self.ledger.last(log) {
            None => 1,
            Some(last) if last.number < id.number => last.seq + 1,
            Some(_) if self.ledger.find(&id).is_some() => return Ok(None),
            Some(_) => return Err(Spoiled::OutOfOrder),
        };
        let edit = applied.edit().map_err(|_| Spoiled::Damaged)?;
        let heads = self.ledger.heads(|life| applied.rests_on(life), log);
        let clock = self.ledger.clock(&heads, log, seq);
        let (genesis, genesis_max) = self.layout.genesis();
        let before = heads.iter().map(|head| head.max_op).max().unwrap_or(genesis_max);
        let mut deps: Vec<ChangeHash> = heads.iter().map(|head| head.hash).collect();
        if deps.is_empty() {
            deps.push(genesis);
        }
        let outcome = match &edit.change {
            Change::Note(splice) => self.splice(splice, By { log, seq, clock: &clock, start: before + 1 })?,
            change => {
                At { sheet: self, applied, clock: &clock, key: format!("{}-{}", self.name(log), id.number) }
                    .outcome(change)
            }
        };
        let actor = self.ledger.logs.get(log).ok_or(Spoiled::OutOfOrder)?.actor.clone();
        let max_op = before + outcome.operations.len() as u64;
        let change = automerge::Change::from(ExpandedChange {
            operations: outcome.operations,
            actor_id: actor,
            hash: None,
            seq: u64::from(seq),
            start_op: NonZeroU64::MIN.saturating_add(before),
            // Milliseconds, where Automerge's own tools would write seconds: see FORMAT.md.
            time: edit.time.0.cast_signed(),
            message: Some(edit.operator.reveal().clone()),
            deps,
            extra_bytes: Vec::new(),
            author: None,
        });
        self.ledger.add(Entry {
            log,
            number: id.number,
            seq,
            kind: outcome.kind,
            effect: outcome.effect,
            items: outcome.items,
            noted: outcome.noted,
            first_seen: applied.first_seen(),
            time: edit.time,
            operator: edit.operator,
            hash: change.hash(),
            max_op,
            clock,
        });
        Ok(Some(change))
    }

    fn name(&self, log: usize) -> &str {
        self.ledger.logs.get(log).map_or("", |log| &log.name)
    }

    fn splice(&mut self, splice: &Splice, by: By<'_>) -> Result<Outcome, Spoiled> {
        let object = self.layout.write_note();
        if self.note.is_none() {
            // Some edits of this round may be missing from the document, but none of them was a splice.
            self.note = Note::read(&self.document, &self.ledger, &object);
        }
        let note = self.note.as_mut().ok_or(Spoiled::Damaged)?;
        let spliced = note.splice(&self.ledger.logs, &object, splice, by).ok_or(Spoiled::OutOfOrder)?;
        if spliced.operations.is_empty() {
            return Ok(nothing(Kind::Note));
        }
        let lost = spliced.done.remove.is_empty() && !splice.remove.is_empty();
        let outcome = whole(spliced.operations, Kind::Note, lost);
        Ok(Outcome { items: 0, noted: Some(spliced.done), ..outcome })
    }

    /// The document's heads, sorted: equal on every node that has applied the same edits.
    pub fn heads(&self) -> Vec<[u8; 32]> {
        self.document.get_heads().into_iter().map(|head| head.0).collect()
    }

    /// The whole document as JSON: for comparing and for export.
    pub fn json(&self) -> String {
        serde_json::to_string(&AutoSerde::from(&self.document)).unwrap_or_default()
    }

    /// The document in Automerge's own format: for export.
    pub fn automerge_bytes(&self) -> Vec<u8> {
        self.document.save()
    }

    /// Of the edits after the first `count` those that did not do all that they say.
    pub(super) fn effects_since(&self, count: usize) -> Vec<(EditRef, Effect)> {
        let later = self.ledger.entries.iter().skip(count).filter(|entry| entry.effect != Effect::Whole);
        later.filter_map(|entry| Some((self.ledger.name(entry)?, entry.effect))).collect()
    }

    /// How many edits it holds.
    pub fn edits(&self) -> usize {
        self.ledger.entries.len()
    }
}

/// The sheet as the author of one edit saw it.
struct At<'a> {
    sheet: &'a Sheet,
    applied: &'a Applied,
    clock: &'a [u32],
    /// What the edit is called, as a key.
    key: String,
}

impl At<'_> {
    /// Whether the author saw the item, it is of one of these kinds and of this partner.
    fn finds(&self, item: &ItemRef, kinds: &[Kind], of: Option<&PartnerId>) -> bool {
        let ledger = &self.sheet.ledger;
        ledger.find(&item.edit).is_some_and(|entry| {
            kinds.contains(&entry.kind)
                && item.place < entry.items
                && self.clock.get(entry.log).is_some_and(|known| *known >= entry.seq)
                && of.is_none_or(|of| ledger.partner(entry).as_ref() == Some(of))
        })
    }

    /// The own items of these kinds that the author saw.
    fn own(&self, items: &[ItemRef], kinds: &[Kind]) -> Vec<ItemRef> {
        let partner = self.applied.partner();
        items.iter().filter(|item| self.finds(item, kinds, Some(&partner))).copied().collect()
    }

    fn item(&self, place: u16) -> String {
        format!("{}-{place}", self.key)
    }

    /// One string at a new key of the partner's map in a section; nothing for a stranger.
    fn put(&self, section: Section, key: &str, text: String) -> Vec<Op> {
        let object = self.sheet.layout.write_section(section, &self.applied.partner());
        object.map(|object| op(object, key, put(text))).into_iter().collect()
    }

    fn outcome(&self, change: &Change) -> Outcome {
        match change {
            Change::Claims(claims) => {
                let mut operations = Vec::with_capacity(claims.len());
                let mut named = 0;
                let mut found = 0;
                for (place, claim) in (0..).zip(claims) {
                    let replaces = self.own(&claim.replaces, &[Kind::Claims]);
                    named += claim.replaces.len();
                    found += replaces.len();
                    let text = entry::write(&ClaimEntry::of(claim, &replaces));
                    operations.extend(self.put(Section::Claims, &self.item(place), text));
                }
                whole(operations, Kind::Claims, found < named)
            }
            Change::Withdraw { items, reason } => {
                let found = self.own(items, &[Kind::Claims, Kind::Act, Kind::File]);
                if found.is_empty() {
                    return nothing(Kind::Withdraw);
                }
                let text = entry::write(&WithdrawEntry::of(&found, reason));
                let operations = self.put(Section::Withdrawn, &self.key, text);
                Outcome { items: 0, ..whole(operations, Kind::Withdraw, found.len() < items.len()) }
            }
            Change::Plan(plan) => {
                let seen = |item: &&ItemRef| self.finds(item, &[Kind::Plan], None);
                let replaces: Vec<ItemRef> = plan.replaces.iter().filter(seen).copied().collect();
                let key = format!("{}/{}/{}/{}", plan.key.kind, plan.key.id, plan.key.field, self.item(0));
                let text = entry::write(&PlanEntry::of(plan, &replaces));
                let operations = vec![op(self.sheet.layout.write_plan(), &key, put(text))];
                whole(operations, Kind::Plan, replaces.len() < plan.replaces.len())
            }
            Change::Note(_) => nothing(Kind::Note),
            Change::Act(act) => {
                let text = entry::write(&ActEntry::of(act));
                whole(self.put(Section::Acts, &self.item(0), text), Kind::Act, false)
            }
            Change::File(file) => {
                let text = entry::write(&FileEntry::of(file));
                whole(self.put(Section::Files, &self.item(0), text), Kind::File, false)
            }
            Change::Disclosed(told) => {
                let text = entry::write(&DisclosedEntry::of(told));
                let operations = self.put(Section::Disclosed, &self.key, text);
                Outcome { items: 0, ..whole(operations, Kind::Disclosed, false) }
            }
        }
    }
}

fn put(text: String) -> OpType {
    OpType::Put(ScalarValue::Str(text.into()))
}

fn nothing(kind: Kind) -> Outcome {
    Outcome { operations: Vec::new(), kind, items: 0, effect: Effect::Nothing, noted: None }
}

/// An outcome with one item for each operation; without operations it is nothing at all.
fn whole(operations: Vec<Op>, kind: Kind, partly: bool) -> Outcome {
    if operations.is_empty() {
        return nothing(kind);
    }
    let items = u16::try_from(operations.len()).unwrap_or(u16::MAX);
    let effect = if partly { Effect::Partly } else { Effect::Whole };
    Outcome { operations, kind, items, effect, noted: None }
}
