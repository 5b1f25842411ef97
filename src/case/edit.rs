//! Edits: one change to one sheet.

use super::value::{Date, Value};
use crate::id::{CaseId, CircleId, Hash, ItemRef, PartnerId};
use crate::private::Private;
use crate::sign::Signature;
use crate::time::Millis;
use serde::{Deserialize, Serialize};

/// One change to one case's sheet in the circle whose log it stands in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// The case.
    pub case: CaseId,
    /// When it was written, by the author's clock.
    pub time: Millis,
    /// Who sat at the machine.
    pub operator: Private<String>,
    /// What it does.
    pub change: Change,
}

/// What an edit does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// One to 64 claims: a saved form, a list row. Its items are the claims in order.
    Claims(Vec<Claim>),
    /// Own items withdrawn, with the reason. No item of its own.
    Withdraw {
        /// What is withdrawn: claims, acts or files of the author's partner.
        items: Vec<ItemRef>,
        /// Why.
        reason: Private<String>,
    },
    /// One plan value. Item 0.
    Plan(PlanValue),
    /// A splice of the shared note.
    Note(Splice),
    /// An act. Item 0.
    Act(Act),
    /// A file that belongs to the case. Item 0.
    File(FileNote),
    /// What was told to another circle.
    Disclosed(Disclosed),
}

/// Who says what: a value of a field with its source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The field's code: `name`, `birth_date`, `relative.phone`. See `field.rs`; unknown ones are kept.
    pub field: String,
    /// Which of several: the relative or the stay that several claims speak of. A short code, empty for none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub group: String,
    /// What is claimed.
    pub value: Value,
    /// Where it comes from.
    pub source: Source,
    /// Own claims that this one replaces.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replaces: Vec<ItemRef>,
    /// Whose claim it quotes, if it was disclosed from another circle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
}

/// What kind of source a claim has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// A paper that was seen.
    Document,
    /// Somebody said so.
    Person,
    /// An office knows it.
    #[default]
    Office,
    /// A line of a list.
    ListLine,
    /// Quoted from another circle.
    Disclosed,
}

/// Where a claim comes from and how far it carries.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// What kind.
    pub kind: SourceKind,
    /// In words: the document's number, the list's name and line.
    #[serde(default, skip_serializing_if = "Private::is_empty")]
    pub text: Private<String>,
    /// Who gave it.
    #[serde(default, skip_serializing_if = "Private::is_empty")]
    pub given_by: Private<String>,
    /// `confirmed`, `reported`, `inferred`; empty if not said.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub confidence: String,
    /// From when it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// Until when it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Date>,
}

/// The claim that a disclosed one quotes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The partner whose word it was.
    pub partner: PartnerId,
    /// The circle it was said in: a hash, which names no one.
    pub circle: CircleId,
    /// The item there.
    pub item: ItemRef,
    /// When it was written there.
    pub time: Millis,
}

/// What a plan value is filed under: `kind/id/field`, as in `leg/2/border_point` or `case//stage`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PlanKey {
    /// `case`, `leg`, `task`, `paper`: a code.
    pub kind: String,
    /// Which of them; empty where there is one.
    pub id: String,
    /// The field: a code.
    pub field: String,
}

/// One plan value. All members edit the plan together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanValue {
    /// The field.
    pub key: PlanKey,
    /// The value. `Text("")` clears.
    pub value: Value,
    /// The values that the author's screen showed and that this one replaces. Any other stays and is a conflict.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replaces: Vec<ItemRef>,
}

/// A splice of the shared note: at a position, one text out, another in. Positions count code points.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Splice {
    /// Where, in code points; beyond the end is the end.
    pub at: u64,
    /// The text it removes: if that is not there, nothing is removed.
    pub remove: Private<String>,
    /// The text it inserts.
    pub insert: Private<String>,
}

/// A statement that never changes: consent, verification, agreement, handover, receipt. Signed by itself, so that it
/// stands apart from its log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// The statement's canonical bytes, as the signer saw them.
    #[serde(with = "serde_bytes")]
    pub statement: Vec<u8>,
    /// The author's node's signature over it under [`crate::sign::Domain::Act`].
    pub signature: Signature,
}

/// A file that belongs to a case: asked for by hash, never in a chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileNote {
    /// What it is called.
    pub name: Private<String>,
    /// Its media type.
    pub media: Private<String>,
    /// Length in bytes.
    pub length: u64,
    /// Hashes of its sealed pieces of 64 KiB, in order.
    pub pieces: Vec<Hash>,
    /// The key that opens the pieces: 32 bytes.
    #[serde(with = "serde_bytes")]
    pub key: Vec<u8>,
    /// What was said about it: when, where and by whom it was taken, original or working copy.
    pub about: Private<String>,
}

/// The record in the source sheet that something was told to another circle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disclosed {
    /// The circle that now reads it.
    pub to: CircleId,
    /// Its members at the time (a circle never changes).
    pub readers: Vec<PartnerId>,
    /// What was told.
    pub items: Vec<ItemRef>,
    /// Why.
    pub reason: Private<String>,
}
