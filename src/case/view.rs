//! Plain views: a sheet as doors and pages show it. Shapes alone; `register` fills them.

use super::edit::{Act, Claim, Disclosed, FileNote, PlanKey, Splice};
use super::value::Value;
use crate::id::{CaseId, CircleId, EditRef, ItemRef, PartnerId};
use crate::private::Private;
use crate::time::Millis;
use serde::{Deserialize, Serialize};

/// What became of an edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// It did all that it says.
    Whole,
    /// Some of what it names was not there: the rest took effect.
    Partly,
    /// Nothing of what it names was there: it changed nothing.
    Nothing,
}

/// Who wrote something, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// The partner whose node wrote it.
    pub partner: PartnerId,
    /// Who sat at the machine.
    pub operator: Private<String>,
    /// When, by the author's clock.
    pub time: Millis,
    /// When this node first saw it, by its own clock: shows what is back-dated.
    pub first_seen: Millis,
}

/// That something was withdrawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawal {
    /// The edit that withdrew it.
    pub edit: EditRef,
    /// By whom.
    pub written: Written,
    /// Why.
    pub reason: Private<String>,
}

/// A claim on a sheet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimView {
    /// What it is called.
    pub item: ItemRef,
    /// By whom.
    pub written: Written,
    /// The claim.
    pub claim: Claim,
    /// Its partner's withdrawals of it; more than one if two of its nodes withdrew it at once.
    pub withdrawn: Vec<Withdrawal>,
    /// Claims of its own partner that replace it.
    pub replaced_by: Vec<ItemRef>,
    /// Whether it stands in a part of a log that does not count: its partner's closure or a fork left it out.
    pub disowned: bool,
}

impl ClaimView {
    /// Whether it is its partner's word today.
    pub fn is_current(&self) -> bool {
        self.withdrawn.is_empty() && self.replaced_by.is_empty() && !self.disowned
    }
}

/// One value that a plan field has or had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanValueView {
    /// What it is called: what a later value names to replace it.
    pub item: ItemRef,
    /// By whom.
    pub written: Written,
    /// The value; empty text clears the field.
    pub value: Value,
    /// Later values that replace it.
    pub replaced_by: Vec<ItemRef>,
}

/// A field of the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanView {
    /// What it is filed under.
    pub key: PlanKey,
    /// Its values that nothing replaced. More than one different value is a conflict, settled by a later edit.
    pub values: Vec<PlanValueView>,
    /// Those that were replaced, the earliest first.
    pub history: Vec<PlanValueView>,
}

impl PlanView {
    /// Whether people who did not see each other's edit gave it different values.
    pub fn in_conflict(&self) -> bool {
        self.values.windows(2).any(|pair| match pair {
            [a, b] => a.value != b.value,
            _ => false,
        })
    }
}

/// An act on a sheet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActView {
    /// What it is called.
    pub item: ItemRef,
    /// By whom.
    pub written: Written,
    /// The signed statement.
    pub act: Act,
    /// Its partner's withdrawals of it.
    pub withdrawn: Vec<Withdrawal>,
    /// Whether it stands in a part of a log that its partner's closure left out.
    pub disowned: bool,
}

/// A file on a sheet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileView {
    /// What it is called.
    pub item: ItemRef,
    /// By whom.
    pub written: Written,
    /// The file's names, hashes and key.
    pub file: FileNote,
    /// Its partner's withdrawals of it.
    pub withdrawn: Vec<Withdrawal>,
    /// Whether it stands in a part of a log that its partner's closure left out.
    pub disowned: bool,
}

/// What was told to another circle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisclosedView {
    /// The edit that says so.
    pub edit: EditRef,
    /// By whom.
    pub written: Written,
    /// What, to whom, why.
    pub disclosed: Disclosed,
}

/// A single-valued field of which partners say different things.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The field's code.
    pub field: String,
    /// Which of several.
    pub group: String,
    /// The current claims that differ, one or more of each partner.
    pub claims: Vec<ItemRef>,
}

/// The claim that a partner works with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preference {
    /// The partner that prefers.
    pub partner: PartnerId,
    /// Its claim that says so.
    pub by: ItemRef,
    /// The field of that claim.
    pub field: String,
    /// The item that it works with, its own or another partner's.
    pub item: ItemRef,
}

/// A sheet: what one circle knows of one case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetView {
    /// The circle.
    pub circle: CircleId,
    /// The case.
    pub case: CaseId,
    /// Its readers, sorted.
    pub members: Vec<PartnerId>,
    /// Every claim ever made, the earliest first.
    pub claims: Vec<ClaimView>,
    /// The plan, sorted by key.
    pub plan: Vec<PlanView>,
    /// The shared note.
    pub note: Private<String>,
    /// Acts, the earliest first.
    pub acts: Vec<ActView>,
    /// Files, the earliest first.
    pub files: Vec<FileView>,
    /// What was told to other circles, the earliest first.
    pub disclosed: Vec<DisclosedView>,
    /// Edits that changed nothing, or less than they say.
    pub without_effect: Vec<EditRef>,
    /// Single-valued fields of which partners say different things.
    pub differs: Vec<Difference>,
    /// Which claims partners work with.
    pub prefers: Vec<Preference>,
    /// When its last edit was written, by its author's clock.
    pub last_edit: Millis,
    /// When the last of its edits to come was first seen here, by this node's clock: for the list of cases alone, since each
    /// office has its own.
    #[serde(skip)]
    pub last_seen: Millis,
}

impl SheetView {
    /// Claims that are their partners' words today.
    pub fn current(&self) -> impl Iterator<Item = &ClaimView> {
        self.claims.iter().filter(|claim| claim.is_current())
    }

    /// Fields of the plan with more than one value.
    pub fn conflicts(&self) -> impl Iterator<Item = &PlanView> {
        self.plan.iter().filter(|plan| plan.in_conflict())
    }

    /// A field of the plan.
    pub fn planned(&self, key: &PlanKey) -> Option<&PlanView> {
        self.plan.iter().find(|plan| plan.key == *key)
    }
}

/// What an edit did, in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Did {
    /// Made claims of these fields.
    Claimed(Vec<String>),
    /// Withdrew items.
    Withdrew {
        /// Those that it found.
        items: Vec<ItemRef>,
        /// Why.
        reason: Private<String>,
    },
    /// Set a field of the plan.
    Planned(PlanKey),
    /// Set a field of the plan to a value that does not count: shown here alone.
    PlannedInVain(PlanKey, Value),
    /// Wrote in the note: where, what it took out and what it put in, as far as it took effect.
    Noted(Splice),
    /// Made a statement.
    Acted,
    /// Added a file.
    Filed,
    /// Told another circle.
    Told(CircleId),
    /// Changed nothing.
    Nothing,
}

/// An edit in a sheet's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryEntry {
    /// The edit.
    pub edit: EditRef,
    /// By whom.
    pub written: Written,
    /// What it did.
    pub did: Did,
    /// What became of it.
    pub effect: Effect,
    /// Whether it stands in a part of a log that does not count.
    pub disowned: bool,
}
