//! Sheets as plain views: everything on them, who wrote it, and what is current.
//!
//! Every key of the document names the edit that wrote it, so a sheet as one author saw it is the sheet less what that
//! edit does not rest on; the note alone is read at the edit's change.

use super::entry::{self, ActEntry, ClaimEntry, DisclosedEntry, FileEntry, PlanEntry, WithdrawEntry};
use super::layout::Section;
use super::ledger::{Entry, Kind};
use super::settle;
use super::sheet::Sheet;
use crate::case::{
    ActView, ClaimView, Did, DisclosedView, Effect, FileView, HistoryEntry, PlanKey, SheetView, Withdrawal,
    Written,
};
use crate::id::{EditRef, ItemRef, PartnerId};
use crate::private::Private;
use crate::time::Millis;
use automerge::{ChangeHash, ObjId, ReadDoc, ScalarValueRef, ValueRef};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// Which edits of a sheet are looked at: all, or those that one edit rests on and itself.
#[derive(Clone, Copy)]
enum Scope<'a> {
    All,
    At(&'a Entry),
}

impl Scope<'_> {
    fn holds(self, entry: &Entry) -> bool {
        match self {
            Self::All => true,
            Self::At(at) => at.knows(entry.log, entry.seq),
        }
    }

    fn heads(self) -> Option<[ChangeHash; 1]> {
        match self {
            Self::All => None,
            Self::At(at) => Some([at.hash]),
        }
    }
}

/// Something in the document with its name and who wrote it.
struct Found<N, T> {
    name: N,
    written: Written,
    value: T,
}

impl Sheet {
    /// The sheet as it stands.
    pub fn view(&self) -> SheetView {
        self.show(Scope::All)
    }

    /// The sheet as the author of an edit saw it, with that edit applied; `None` if the edit is not here.
    pub fn view_at(&self, edit: &EditRef) -> Option<SheetView> {
        self.ledger.find(edit).map(|entry| self.show(Scope::At(entry)))
    }

    /// Every edit on the sheet, the earliest first by its author's clock.
    pub fn history(&self) -> Vec<HistoryEntry> {
        let mut did: BTreeMap<EditRef, Did> = BTreeMap::new();
        for partner in self.layout.members() {
            for found in self.items::<ClaimEntry<'_>>(Section::Claims, partner, Scope::All) {
                let claimed = did.entry(found.name.edit).or_insert_with(|| Did::Claimed(Vec::new()));
                if let Did::Claimed(fields) = claimed {
                    fields.push(found.value.claim().field);
                }
            }
            for found in self.edits_in::<WithdrawEntry>(Section::Withdrawn, partner, Scope::All) {
                let (items, reason) = found.value.parts();
                did.insert(found.name, Did::Withdrew { items, reason });
            }
            for found in self.edits_in::<DisclosedEntry>(Section::Disclosed, partner, Scope::All) {
                did.insert(found.name, Did::Told(found.value.disclosed().to));
            }
        }
        for planned in self.planned(Scope::All) {
            did.insert(planned.item.edit, Did::Planned(planned.key));
        }
        let mut history: Vec<HistoryEntry> = Vec::with_capacity(self.ledger.entries.len());
        for entry in &self.ledger.entries {
            let (Some(edit), Some(written)) = (self.ledger.name(entry), self.written(entry)) else {
                continue;
            };
            let done = match (entry.effect, entry.kind) {
                (Effect::Nothing, _) => Did::Nothing,
                (_, Kind::Act) => Did::Acted,
                (_, Kind::File) => Did::Filed,
                (_, Kind::Note) => entry.noted.clone().map_or(Did::Nothing, Did::Noted),
                _ => did.remove(&edit).unwrap_or(Did::Nothing),
            };
            history.push(HistoryEntry { edit, written, did: done, effect: entry.effect, disowned: false });
        }
        history.sort_by_key(|entry| (entry.written.time, entry.edit));
        history
    }

    fn written(&self, entry: &Entry) -> Option<Written> {
        Some(Written {
            partner: self.ledger.partner(entry)?,
            operator: entry.operator.clone(),
            time: entry.time,
            first_seen: entry.first_seen,
        })
    }

    /// Each string of a map with its key.
    fn strings(&self, map: &ObjId) -> Vec<(String, String)> {
        let items = self.document.map_range(map, ..);
        items
            .filter_map(|item| match item.value {
                ValueRef::Scalar(ScalarValueRef::Str(text)) => {
                    Some((item.key.into_owned(), text.into_owned()))
                }
                _ => None,
            })
            .collect()
    }

    /// A partner's map in a section, if anything is in it: most are empty, and looking there costs as much as reading.
    fn section(&self, section: Section, partner: &PartnerId) -> Option<ObjId> {
        let map = self.layout.read_section(section, partner)?;
        self.ledger.has(partner, section.kind()).then_some(map)
    }

    /// What a partner says in a section, item by item.
    fn items<T: DeserializeOwned>(
        &self,
        section: Section,
        partner: &PartnerId,
        scope: Scope<'_>,
    ) -> Vec<Found<ItemRef, T>> {
        let Some(map) = self.section(section, partner) else { return Vec::new() };
        let read = |(key, text): (String, String)| {
            let (item, entry) = self.ledger.named_item(&key).filter(|(_, entry)| scope.holds(entry))?;
            Some(Found { name: item, written: self.written(entry)?, value: entry::read(&text)? })
        };
        self.strings(&map).into_iter().filter_map(read).collect()
    }

    /// What a partner says in a section, edit by edit.
    fn edits_in<T: DeserializeOwned>(
        &self,
        section: Section,
        partner: &PartnerId,
        scope: Scope<'_>,
    ) -> Vec<Found<EditRef, T>> {
        let Some(map) = self.section(section, partner) else { return Vec::new() };
        let read = |(key, text): (String, String)| {
            let (edit, entry) = self.ledger.named(&key).filter(|(_, entry)| scope.holds(entry))?;
            Some(Found { name: edit, written: self.written(entry)?, value: entry::read(&text)? })
        };
        self.strings(&map).into_iter().filter_map(read).collect()
    }

    fn planned(&self, scope: Scope<'_>) -> Vec<settle::Planned> {
        let read = |(key, text): (String, String)| {
            let mut parts = key.split('/').map(str::to_owned);
            let key = PlanKey { kind: parts.next()?, id: parts.next()?, field: parts.next()? };
            let (item, entry) =
                self.ledger.named_item(&parts.next()?).filter(|(_, entry)| scope.holds(entry))?;
            let (value, replaces) = entry::read::<PlanEntry<'_>>(&text)?.parts();
            Some(settle::Planned { key, item, written: self.written(entry)?, value, replaces })
        };
        self.strings(&self.layout.read_plan()).into_iter().filter_map(read).collect()
    }

    fn show(&self, scope: Scope<'_>) -> SheetView {
        let mut claims = Vec::new();
        let mut acts = Vec::new();
        let mut files = Vec::new();
        let mut disclosed = Vec::new();
        let mut withdrawals: BTreeMap<ItemRef, Vec<Withdrawal>> = BTreeMap::new();
        for partner in self.layout.members() {
            for Found { name: edit, written, value } in
                self.edits_in::<WithdrawEntry>(Section::Withdrawn, partner, scope)
            {
                let (items, reason) = value.parts();
                for item in items {
                    let withdrawal = Withdrawal { edit, written: written.clone(), reason: reason.clone() };
                    withdrawals.entry(item).or_default().push(withdrawal);
                }
            }
            for Found { name: item, written, value } in
                self.items::<ClaimEntry<'_>>(Section::Claims, partner, scope)
            {
                let claim = value.claim();
                let (withdrawn, replaced_by) = (Vec::new(), Vec::new());
                claims.push(ClaimView { item, written, claim, withdrawn, replaced_by, disowned: false });
            }
            for Found { name: item, written, value } in self.items::<ActEntry>(Section::Acts, partner, scope)
            {
                if let Some(act) = value.act() {
                    acts.push(ActView { item, written, act, withdrawn: Vec::new(), disowned: false });
                }
            }
            for Found { name: item, written, value } in
                self.items::<FileEntry>(Section::Files, partner, scope)
            {
                if let Some(file) = value.file() {
                    files.push(FileView { item, written, file, withdrawn: Vec::new(), disowned: false });
                }
            }
            for Found { name: edit, written, value } in
                self.edits_in::<DisclosedEntry>(Section::Disclosed, partner, scope)
            {
                disclosed.push(DisclosedView { edit, written, disclosed: value.disclosed() });
            }
        }
        claims.sort_by_key(|claim| (claim.written.time, claim.item));
        acts.sort_by_key(|act| (act.written.time, act.item));
        files.sort_by_key(|file| (file.written.time, file.item));
        disclosed.sort_by_key(|told| (told.written.time, told.edit));
        settle::claims(&mut claims, &mut withdrawals);
        for act in &mut acts {
            act.withdrawn = withdrawals.remove(&act.item).unwrap_or_default();
        }
        for file in &mut files {
            file.withdrawn = withdrawals.remove(&file.item).unwrap_or_default();
        }
        let in_scope = || self.ledger.entries.iter().filter(|entry| scope.holds(entry));
        let mut without_effect: Vec<EditRef> = in_scope()
            .filter(|entry| entry.effect != Effect::Whole)
            .filter_map(|entry| self.ledger.name(entry))
            .collect();
        without_effect.sort_unstable();
        SheetView {
            circle: self.layout.circle(),
            case: self.case,
            members: self.layout.members().to_vec(),
            differs: settle::differences(&claims),
            prefers: settle::preferences(&claims),
            claims,
            plan: settle::plan(self.planned(scope)),
            note: Private::new(self.note(scope)),
            acts,
            files,
            disclosed,
            without_effect,
            last_edit: in_scope().map(|entry| entry.time).max().unwrap_or(Millis(0)),
            last_seen: in_scope().map(|entry| entry.first_seen).max().unwrap_or(Millis(0)),
        }
    }

    fn note(&self, scope: Scope<'_>) -> String {
        let note = self.layout.read_note();
        match scope.heads() {
            None => self.document.text(&note),
            Some(heads) => self.document.text_at(&note, &heads),
        }
        .unwrap_or_default()
    }
}
