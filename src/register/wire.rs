//! The compact forms of edits inside a work plaintext.
//!
//! An edit stands as one CBOR item whose lives, cases, operators and field codes are places in tables at the head of
//! its segment. A table lists things in the order of their first use and lists nothing else, so that a segment has one
//! encoding: [`FirstUse`] holds decoded edits to that order.

use crate::case::{
    Act, Change, Claim, Date, Disclosed, Edit, FileNote, Name, NameKind, Origin, Place, PlanKey, PlanValue,
    Precision, Source, SourceKind, Splice, Value,
};
use crate::codec::Malformed;
use crate::id::{CaseId, CircleId, EditRef, Hash, ItemRef, Life, PartnerId};
use crate::private::Private;
use crate::sign::Signature;
use crate::time::Millis;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use std::collections::BTreeMap;

/// In words, for errors.
pub(super) const WHAT: &str = "work";

pub(super) fn rule<T>(rule: &'static str) -> Result<T, Malformed> {
    Err(Malformed::Rule { what: WHAT, rule })
}

/// What edits name by place instead of in full. Place 0 of `lives` is the segment's own and is not written.
#[derive(Debug, Default)]
pub(super) struct Tables {
    pub(super) own: Option<Life>,
    pub(super) lives: Vec<Life>,
    pub(super) cases: Vec<CaseId>,
    pub(super) operators: Vec<Private<String>>,
    pub(super) fields: Vec<String>,
}

impl Tables {
    fn life(&self, place: u32) -> Result<Life, Malformed> {
        let found = match place.checked_sub(1) {
            None => self.own,
            Some(place) => self.lives.get(place as usize).copied(),
        };
        found.ok_or(OUT_OF_TABLE)
    }

    pub(super) fn life_at(&self, place: u32) -> Result<Life, Malformed> {
        self.life(place)
    }

    fn item(&self, item: ItemWire) -> Result<ItemRef, Malformed> {
        Ok(ItemRef { edit: EditRef { life: self.life(item.0)?, number: item.1 }, place: item.2 })
    }

    fn items(&self, items: Vec<ItemWire>) -> Result<Vec<ItemRef>, Malformed> {
        items.into_iter().map(|item| self.item(item)).collect()
    }

    pub(super) fn case(&self, place: u32) -> Result<CaseId, Malformed> {
        self.cases.get(place as usize).copied().ok_or(OUT_OF_TABLE)
    }

    /// The edit that a wire form stands for, in a segment whose times count from `base`.
    pub(super) fn read(&self, wire: EditWire, base: Millis) -> Result<Edit, Malformed> {
        let EditWire(case, time, operator, _, change) = wire;
        let time = base.0.checked_add_signed(time).map(Millis).filter(|time| time.in_range());
        let Some(time) = time else { return rule("times are in range") };
        let operator = self.operators.get(operator as usize).ok_or(OUT_OF_TABLE)?.clone();
        Ok(Edit { case: self.case(case)?, time, operator, change: self.change(change)? })
    }

    fn change(&self, wire: ChangeWire) -> Result<Change, Malformed> {
        Ok(match wire {
            ChangeWire::Claims(claims) => {
                Change::Claims(claims.into_iter().map(|claim| self.claim(claim)).collect::<Result<_, _>>()?)
            }
            ChangeWire::Withdraw(items, reason) => Change::Withdraw { items: self.items(items)?, reason },
            ChangeWire::Plan(kind, id, field, value, replaces) => Change::Plan(PlanValue {
                key: PlanKey { kind, id, field },
                value: self.value(value)?,
                replaces: self.items(replaces)?,
            }),
            ChangeWire::Note(at, remove, insert) => Change::Note(Splice { at, remove, insert }),
            ChangeWire::Act(statement, signature) => {
                Change::Act(Act { statement: statement.into_vec(), signature })
            }
            ChangeWire::File(name, media, length, pieces, key, about) => {
                Change::File(FileNote { name, media, length, pieces, key: key.into_vec(), about })
            }
            ChangeWire::Disclosed(to, readers, items, reason) => {
                Change::Disclosed(Disclosed { to, readers, items: self.items(items)?, reason })
            }
        })
    }

    fn claim(&self, ClaimWire(field, value, rest): ClaimWire) -> Result<Claim, Malformed> {
        Ok(Claim {
            field: self.fields.get(field as usize).ok_or(OUT_OF_TABLE)?.clone(),
            group: rest.group,
            value: self.value(value)?,
            source: rest.source.read()?,
            replaces: self.items(rest.replaces)?,
            origin: match rest.origin {
                None => None,
                Some(OriginWire(partner, circle, item, time)) => {
                    Some(Origin { partner, circle, item: self.item(item)?, time })
                }
            },
        })
    }

    fn value(&self, wire: ValueWire) -> Result<Value, Malformed> {
        Ok(match wire {
            ValueWire::Text(text) => Value::Text(text),
            ValueWire::Code(code) => Value::Code(code),
            ValueWire::Name(n) => Value::Name(Name {
                kind: name_kind(n.kind)?,
                surname: n.surname,
                given: n.given,
                patronymic: n.patronymic,
                whole: n.whole,
            }),
            ValueWire::Date(date) => Value::Date(date.read()?),
            ValueWire::Place(name, also) => Value::Place(Place { name, also }),
            ValueWire::Number(number) => Value::Number(number),
            ValueWire::Flag(flag) => Value::Flag(flag),
            ValueWire::Outside(system, number) => Value::Outside { system, number },
            ValueWire::Case(case) => Value::Case(case),
            ValueWire::Item(item) => Value::Item(self.item(item)?),
        })
    }
}

const OUT_OF_TABLE: Malformed = Malformed::Rule { what: WHAT, rule: "places lie in their table" };

/// Builds tables while edits are turned into their wire forms.
#[derive(Debug, Default)]
pub(super) struct Writer {
    pub(super) tables: Tables,
    lives: BTreeMap<Life, u32>,
    cases: BTreeMap<CaseId, u32>,
    operators: BTreeMap<Private<String>, u32>,
    fields: BTreeMap<String, u32>,
}

/// The place of `key`, put at the end of its table if it is new.
fn place<K: Ord + Clone>(places: &mut BTreeMap<K, u32>, table: &mut Vec<K>, key: &K, first: u32) -> u32 {
    if let Some(place) = places.get(key) {
        return *place;
    }
    let place = first.saturating_add(u32::try_from(table.len()).unwrap_or(u32::MAX));
    table.push(key.clone());
    places.insert(key.clone(), place);
    place
}

impl Writer {
    pub(super) fn new(own: Life) -> Self {
        Self { tables: Tables { own: Some(own), ..Tables::default() }, ..Self::default() }
    }

    pub(super) fn life(&mut self, life: &Life) -> u32 {
        if self.tables.own.as_ref() == Some(life) {
            return 0;
        }
        place(&mut self.lives, &mut self.tables.lives, life, 1)
    }

    fn item(&mut self, item: &ItemRef) -> ItemWire {
        ItemWire(self.life(&item.edit.life), item.edit.number, item.place)
    }

    fn items(&mut self, items: &[ItemRef]) -> Vec<ItemWire> {
        items.iter().map(|item| self.item(item)).collect()
    }

    /// The wire form of an edit; `context` holds the entries that differ from the edit before, sorted by log.
    pub(super) fn edit(&mut self, edit: &Edit, base: Millis, context: &[(Life, u64)]) -> EditWire {
        let case = place(&mut self.cases, &mut self.tables.cases, &edit.case, 0);
        let operator = place(&mut self.operators, &mut self.tables.operators, &edit.operator, 0);
        let context = context.iter().map(|(life, number)| (self.life(life), *number)).collect();
        // Both lie below 2^48, so the difference fits.
        let time = edit.time.0.wrapping_sub(base.0).cast_signed();
        EditWire(case, time, operator, context, self.change(&edit.change))
    }

    fn change(&mut self, change: &Change) -> ChangeWire {
        match change {
            Change::Claims(claims) => {
                ChangeWire::Claims(claims.iter().map(|claim| self.claim(claim)).collect())
            }
            Change::Withdraw { items, reason } => ChangeWire::Withdraw(self.items(items), reason.clone()),
            Change::Plan(plan) => ChangeWire::Plan(
                plan.key.kind.clone(),
                plan.key.id.clone(),
                plan.key.field.clone(),
                self.value(&plan.value),
                self.items(&plan.replaces),
            ),
            Change::Note(splice) => ChangeWire::Note(splice.at, splice.remove.clone(), splice.insert.clone()),
            Change::Act(act) => ChangeWire::Act(ByteBuf::from(act.statement.clone()), act.signature),
            Change::File(file) => ChangeWire::File(
                file.name.clone(),
                file.media.clone(),
                file.length,
                file.pieces.clone(),
                ByteBuf::from(file.key.clone()),
                file.about.clone(),
            ),
            Change::Disclosed(told) => ChangeWire::Disclosed(
                told.to,
                told.readers.clone(),
                self.items(&told.items),
                told.reason.clone(),
            ),
        }
    }

    fn claim(&mut self, claim: &Claim) -> ClaimWire {
        let field = place(&mut self.fields, &mut self.tables.fields, &claim.field, 0);
        let value = self.value(&claim.value);
        let rest = ClaimRest {
            group: claim.group.clone(),
            source: SourceWire::of(&claim.source),
            replaces: self.items(&claim.replaces),
            origin: claim.origin.as_ref().map(|origin| {
                OriginWire(origin.partner, origin.circle, self.item(&origin.item), origin.time)
            }),
        };
        ClaimWire(field, value, rest)
    }

    fn value(&mut self, value: &Value) -> ValueWire {
        match value {
            Value::Text(text) => ValueWire::Text(text.clone()),
            Value::Code(code) => ValueWire::Code(code.clone()),
            Value::Name(name) => ValueWire::Name(NameWire {
                kind: name.kind as u8,
                surname: name.surname.clone(),
                given: name.given.clone(),
                patronymic: name.patronymic.clone(),
                whole: name.whole.clone(),
            }),
            Value::Date(date) => ValueWire::Date(DateWire::of(date)),
            Value::Place(place) => ValueWire::Place(place.name.clone(), place.also.clone()),
            Value::Number(number) => ValueWire::Number(*number),
            Value::Flag(flag) => ValueWire::Flag(*flag),
            Value::Outside { system, number } => ValueWire::Outside(system.clone(), number.clone()),
            Value::Case(case) => ValueWire::Case(*case),
            Value::Item(item) => ValueWire::Item(self.item(item)),
        }
    }
}

/// Holds decoded edits to the order of their tables: every entry used, each first used in its turn.
#[derive(Debug, Default)]
pub(super) struct FirstUse {
    lives: u32,
    cases: u32,
    operators: u32,
    fields: u32,
}

/// A place that is either known or the next one.
fn turn(seen: &mut u32, place: u32) -> Result<(), Malformed> {
    match place.cmp(seen) {
        std::cmp::Ordering::Less => Ok(()),
        std::cmp::Ordering::Equal => {
            *seen = seen.saturating_add(1);
            Ok(())
        }
        std::cmp::Ordering::Greater => rule("tables stand in the order of first use"),
    }
}

impl FirstUse {
    pub(super) fn life(&mut self, place: u32) -> Result<(), Malformed> {
        place.checked_sub(1).map_or(Ok(()), |place| turn(&mut self.lives, place))
    }

    fn items(&mut self, items: &[ItemWire]) -> Result<(), Malformed> {
        items.iter().try_for_each(|item| self.life(item.0))
    }

    fn value(&mut self, value: &ValueWire) -> Result<(), Malformed> {
        match value {
            ValueWire::Item(item) => self.life(item.0),
            _ => Ok(()),
        }
    }

    /// Follows one edit in the order in which [`Writer::edit`] walks it.
    pub(super) fn edit(&mut self, wire: &EditWire) -> Result<(), Malformed> {
        let EditWire(case, _, operator, context, change) = wire;
        turn(&mut self.cases, *case)?;
        turn(&mut self.operators, *operator)?;
        context.iter().try_for_each(|(life, _)| self.life(*life))?;
        match change {
            ChangeWire::Claims(claims) => claims.iter().try_for_each(|ClaimWire(field, value, rest)| {
                turn(&mut self.fields, *field)?;
                self.value(value)?;
                self.items(&rest.replaces)?;
                rest.origin.as_ref().map_or(Ok(()), |origin| self.life(origin.2.0))
            }),
            ChangeWire::Withdraw(items, _) | ChangeWire::Disclosed(_, _, items, _) => self.items(items),
            ChangeWire::Plan(_, _, _, value, replaces) => {
                self.value(value)?;
                self.items(replaces)
            }
            ChangeWire::Note(..) | ChangeWire::Act(..) | ChangeWire::File(..) => Ok(()),
        }
    }

    /// Whether every entry was used.
    pub(super) fn finish(&self, tables: &Tables) -> Result<(), Malformed> {
        let used = [
            (self.lives, tables.lives.len()),
            (self.cases, tables.cases.len()),
            (self.operators, tables.operators.len()),
            (self.fields, tables.fields.len()),
        ];
        if used.iter().all(|(seen, length)| *seen as usize == *length) {
            Ok(())
        } else {
            rule("tables hold what is used and nothing else")
        }
    }
}

/// Case, milliseconds from the segment's base, operator, context entries that differ, change.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct EditWire(
    pub(super) u32,
    pub(super) i64,
    pub(super) u32,
    pub(super) Vec<(u32, u64)>,
    pub(super) ChangeWire,
);

/// Life, edit number, place.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct ItemWire(u32, u64, u16);

#[derive(Debug, Serialize, Deserialize)]
pub(super) enum ChangeWire {
    #[serde(rename = "c")]
    Claims(Vec<ClaimWire>),
    #[serde(rename = "w")]
    Withdraw(Vec<ItemWire>, Private<String>),
    #[serde(rename = "p")]
    Plan(String, String, String, ValueWire, Vec<ItemWire>),
    #[serde(rename = "n")]
    Note(u64, Private<String>, Private<String>),
    #[serde(rename = "a")]
    Act(ByteBuf, Signature),
    #[serde(rename = "f")]
    File(Private<String>, Private<String>, u64, Vec<Hash>, ByteBuf, Private<String>),
    #[serde(rename = "d")]
    Disclosed(CircleId, Vec<PartnerId>, Vec<ItemWire>, Private<String>),
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ClaimWire(u32, ValueWire, ClaimRest);

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClaimRest {
    #[serde(rename = "g", default, skip_serializing_if = "String::is_empty")]
    group: String,
    #[serde(rename = "s", default, skip_serializing_if = "SourceWire::is_default")]
    source: SourceWire,
    #[serde(rename = "r", default, skip_serializing_if = "Vec::is_empty")]
    replaces: Vec<ItemWire>,
    #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
    origin: Option<OriginWire>,
}

#[derive(Debug, Serialize, Deserialize)]
struct OriginWire(PartnerId, CircleId, ItemWire, Millis);

const OFFICE: u8 = 2;

fn is_office(kind: &u8) -> bool {
    *kind == OFFICE
}

fn office() -> u8 {
    OFFICE
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceWire {
    #[serde(rename = "k", default = "office", skip_serializing_if = "is_office")]
    kind: u8,
    #[serde(rename = "t", default, skip_serializing_if = "Private::is_empty")]
    text: Private<String>,
    #[serde(rename = "b", default, skip_serializing_if = "Private::is_empty")]
    given_by: Private<String>,
    #[serde(rename = "c", default, skip_serializing_if = "String::is_empty")]
    confidence: String,
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    from: Option<DateWire>,
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    to: Option<DateWire>,
}

impl Default for SourceWire {
    fn default() -> Self {
        Self::of(&Source::default())
    }
}

impl SourceWire {
    fn is_default(&self) -> bool {
        self.kind == OFFICE
            && self.text.is_empty()
            && self.given_by.is_empty()
            && self.confidence.is_empty()
            && self.from.is_none()
            && self.to.is_none()
    }

    fn of(source: &Source) -> Self {
        Self {
            kind: match source.kind {
                SourceKind::Document => 0,
                SourceKind::Person => 1,
                SourceKind::Office => OFFICE,
                SourceKind::ListLine => 3,
                SourceKind::Disclosed => 4,
            },
            text: source.text.clone(),
            given_by: source.given_by.clone(),
            confidence: source.confidence.clone(),
            from: source.from.as_ref().map(DateWire::of),
            to: source.to.as_ref().map(DateWire::of),
        }
    }

    fn read(self) -> Result<Source, Malformed> {
        Ok(Source {
            kind: match self.kind {
                0 => SourceKind::Document,
                1 => SourceKind::Person,
                OFFICE => SourceKind::Office,
                3 => SourceKind::ListLine,
                4 => SourceKind::Disclosed,
                _ => return rule("kinds of source are known"),
            },
            text: self.text,
            given_by: self.given_by,
            confidence: self.confidence,
            from: self.from.map(|date| date.read()).transpose()?,
            to: self.to.map(|date| date.read()).transpose()?,
        })
    }
}

/// First day, last day less first day, precision.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct DateWire(u32, i64, u8);

impl DateWire {
    fn of(date: &Date) -> Self {
        let precision = match date.precision {
            Precision::Day => 0,
            Precision::Month => 1,
            Precision::Year => 2,
            Precision::Range => 3,
        };
        Self(date.earliest, i64::from(date.latest) - i64::from(date.earliest), precision)
    }

    fn read(&self) -> Result<Date, Malformed> {
        let precision = match self.2 {
            0 => Precision::Day,
            1 => Precision::Month,
            2 => Precision::Year,
            3 => Precision::Range,
            _ => return rule("precisions are known"),
        };
        let latest = i64::from(self.0).checked_add(self.1).and_then(|day| u32::try_from(day).ok());
        match latest {
            Some(latest) => Ok(Date { earliest: self.0, latest, precision }),
            None => rule("dates are in range"),
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) enum ValueWire {
    #[serde(rename = "t")]
    Text(Private<String>),
    #[serde(rename = "c")]
    Code(Private<String>),
    #[serde(rename = "n")]
    Name(NameWire),
    #[serde(rename = "d")]
    Date(DateWire),
    #[serde(rename = "p")]
    Place(Private<String>, Private<String>),
    #[serde(rename = "i")]
    Number(i64),
    #[serde(rename = "f")]
    Flag(bool),
    #[serde(rename = "o")]
    Outside(Private<String>, Private<String>),
    #[serde(rename = "k")]
    Case(CaseId),
    #[serde(rename = "m")]
    Item(ItemWire),
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NameWire {
    #[serde(rename = "k")]
    kind: u8,
    #[serde(rename = "s", default, skip_serializing_if = "Private::is_empty")]
    surname: Private<String>,
    #[serde(rename = "g", default, skip_serializing_if = "Private::is_empty")]
    given: Private<String>,
    #[serde(rename = "p", default, skip_serializing_if = "Private::is_empty")]
    patronymic: Private<String>,
    #[serde(rename = "w", default, skip_serializing_if = "Private::is_empty")]
    whole: Private<String>,
}

fn name_kind(kind: u8) -> Result<NameKind, Malformed> {
    let kinds = [
        NameKind::Birth,
        NameKind::CurrentDocument,
        NameKind::ChangedByAuthority,
        NameKind::Nickname,
        NameKind::Adoptive,
        NameKind::Listed,
    ];
    match kinds.into_iter().find(|known| *known as u8 == kind) {
        Some(known) => Ok(known),
        None => rule("kinds of name are known"),
    }
}
