//! How claims, plan values, acts, files and disclosures stand in a document: as compact JSON in a string, so that in
//! ten years any Automerge reader and any JSON reader can show them. Items are called by name, bytes are hex.

use crate::case::{Act, Claim, Disclosed, FileNote, Origin, PlanValue, Source, Value};
use crate::id::{CircleId, Hash, ItemRef, PartnerId, hex, unhex};
use crate::private::Private;
use crate::sign::Signature;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Something as JSON.
pub(super) fn write<T: Serialize>(value: &T) -> String {
    // Types of ours have string keys and no floats: they always have a JSON form.
    serde_json::to_string(value).unwrap_or_default()
}

/// What [`write`] wrote.
pub(super) fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}

fn names(items: &[ItemRef]) -> Vec<String> {
    items.iter().map(ItemRef::to_string).collect()
}

fn items(names: &[String]) -> Vec<ItemRef> {
    names.iter().filter_map(|name| ItemRef::parse(name)).collect()
}

fn is_default(source: &Source) -> bool {
    *source == Source::default()
}

/// A claim.
#[derive(Serialize, Deserialize)]
pub(super) struct ClaimEntry<'a> {
    field: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "str::is_empty")]
    group: Cow<'a, str>,
    value: Cow<'a, Value>,
    #[serde(default, skip_serializing_if = "is_default")]
    source: Cow<'a, Source>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    replaces: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    origin: Option<Cow<'a, Origin>>,
}

impl<'a> ClaimEntry<'a> {
    /// The claim, replacing only what it can.
    pub(super) fn of(claim: &'a Claim, replaces: &[ItemRef]) -> Self {
        Self {
            field: Cow::Borrowed(&claim.field),
            group: Cow::Borrowed(&claim.group),
            value: Cow::Borrowed(&claim.value),
            source: Cow::Borrowed(&claim.source),
            replaces: names(replaces),
            origin: claim.origin.as_ref().map(Cow::Borrowed),
        }
    }

    pub(super) fn claim(self) -> Claim {
        Claim {
            field: self.field.into_owned(),
            group: self.group.into_owned(),
            value: self.value.into_owned(),
            source: self.source.into_owned(),
            replaces: items(&self.replaces),
            origin: self.origin.map(Cow::into_owned),
        }
    }
}

/// A plan value; its key is the key that it stands under.
#[derive(Serialize, Deserialize)]
pub(super) struct PlanEntry<'a> {
    value: Cow<'a, Value>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    replaces: Vec<String>,
}

impl<'a> PlanEntry<'a> {
    pub(super) fn of(plan: &'a PlanValue, replaces: &[ItemRef]) -> Self {
        Self { value: Cow::Borrowed(&plan.value), replaces: names(replaces) }
    }

    pub(super) fn parts(self) -> (Value, Vec<ItemRef>) {
        (self.value.into_owned(), items(&self.replaces))
    }
}

/// A withdrawal: the items that it finds.
#[derive(Serialize, Deserialize)]
pub(super) struct WithdrawEntry {
    items: Vec<String>,
    reason: Private<String>,
}

impl WithdrawEntry {
    pub(super) fn of(items: &[ItemRef], reason: &Private<String>) -> Self {
        Self { items: names(items), reason: reason.clone() }
    }

    pub(super) fn parts(self) -> (Vec<ItemRef>, Private<String>) {
        (items(&self.items), self.reason)
    }
}

/// An act.
#[derive(Serialize, Deserialize)]
pub(super) struct ActEntry {
    statement: String,
    signature: String,
}

impl ActEntry {
    pub(super) fn of(act: &Act) -> Self {
        Self { statement: hex(&act.statement), signature: hex(&act.signature.0) }
    }

    pub(super) fn act(self) -> Option<Act> {
        let signature = Signature(unhex(&self.signature)?.try_into().ok()?);
        Some(Act { statement: unhex(&self.statement)?, signature })
    }
}

/// A file.
#[derive(Serialize, Deserialize)]
pub(super) struct FileEntry {
    name: Private<String>,
    media: Private<String>,
    length: u64,
    pieces: Vec<Hash>,
    key: String,
    about: Private<String>,
}

impl FileEntry {
    pub(super) fn of(file: &FileNote) -> Self {
        Self {
            name: file.name.clone(),
            media: file.media.clone(),
            length: file.length,
            pieces: file.pieces.clone(),
            key: hex(&file.key),
            about: file.about.clone(),
        }
    }

    pub(super) fn file(self) -> Option<FileNote> {
        Some(FileNote {
            name: self.name,
            media: self.media,
            length: self.length,
            pieces: self.pieces,
            key: unhex(&self.key)?,
            about: self.about,
        })
    }
}

/// A disclosure.
#[derive(Serialize, Deserialize)]
pub(super) struct DisclosedEntry {
    to: CircleId,
    readers: Vec<PartnerId>,
    items: Vec<String>,
    reason: Private<String>,
}

impl DisclosedEntry {
    pub(super) fn of(told: &Disclosed) -> Self {
        Self {
            to: told.to,
            readers: told.readers.clone(),
            items: names(&told.items),
            reason: told.reason.clone(),
        }
    }

    pub(super) fn disclosed(self) -> Disclosed {
        Disclosed { to: self.to, readers: self.readers, items: items(&self.items), reason: self.reason }
    }
}
