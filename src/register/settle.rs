//! What is current: claims less those withdrawn or replaced, plan values less those that a later one names, and where
//! partners or editors differ.

use super::row::plain;
use crate::case::{
    ClaimView, Difference, Name, Place, PlanKey, PlanValueView, PlanView, Preference, Value, Withdrawal,
    Written,
};
use crate::id::{ItemRef, PartnerId};
use std::collections::{BTreeMap, BTreeSet};

/// A plan value with the values that it replaces.
pub(super) struct Planned {
    pub(super) key: PlanKey,
    pub(super) item: ItemRef,
    pub(super) written: Written,
    pub(super) value: Value,
    pub(super) replaces: Vec<ItemRef>,
}

/// Notes on each claim by whom it is withdrawn and replaced.
pub(super) fn claims(claims: &mut [ClaimView], withdrawals: &mut BTreeMap<ItemRef, Vec<Withdrawal>>) {
    let mut replaced: BTreeMap<ItemRef, Vec<ItemRef>> = BTreeMap::new();
    for claim in claims.iter() {
        for old in &claim.claim.replaces {
            replaced.entry(*old).or_default().push(claim.item);
        }
    }
    for claim in claims {
        claim.withdrawn = withdrawals.remove(&claim.item).unwrap_or_default();
        claim.withdrawn.sort_by_key(|withdrawal| withdrawal.edit);
        claim.replaced_by = replaced.remove(&claim.item).unwrap_or_default();
        claim.replaced_by.sort_unstable();
    }
}

/// The plan by key. A value is replaced by those that name it under the same key; all others stay.
pub(super) fn plan(mut values: Vec<Planned>) -> Vec<PlanView> {
    values.sort_by_key(|value| (value.written.time, value.item));
    let mut replaced: BTreeMap<(PlanKey, ItemRef), Vec<ItemRef>> = BTreeMap::new();
    for value in &values {
        for old in &value.replaces {
            replaced.entry((value.key.clone(), *old)).or_default().push(value.item);
        }
    }
    let mut plan: BTreeMap<PlanKey, PlanView> = BTreeMap::new();
    for Planned { key, item, written, value, .. } in values {
        let mut replaced_by = replaced.remove(&(key.clone(), item)).unwrap_or_default();
        replaced_by.sort_unstable();
        let empty = PlanView { key: key.clone(), values: Vec::new(), history: Vec::new() };
        let view = plan.entry(key).or_insert(empty);
        let past = !replaced_by.is_empty();
        let value = PlanValueView { item, written, value, replaced_by };
        if past { view.history.push(value) } else { view.values.push(value) }
    }
    plan.into_values().collect()
}

/// Fields that a child has one of: partners that say different things are shown as differing.
// MERGE: becomes the `case` room's list of fields.
const SINGLE: [&str; 7] =
    ["birth_date", "sex", "birthplace", "citizenship", "direction", "whereabouts.place", "last_residence"];

fn is_single(field: &str) -> bool {
    SINGLE.contains(&field)
}

/// A value as it is compared: case, spacing and kind of name do not make a difference.
fn compared(value: &Value) -> Value {
    match value {
        Value::Text(text) => Value::Text(plain(text).into()),
        Value::Code(code) => Value::Code(plain(code).into()),
        Value::Name(name) => Value::Name(Name {
            kind: Default::default(),
            surname: plain(&name.surname).into(),
            given: plain(&name.given).into(),
            patronymic: plain(&name.patronymic).into(),
            whole: plain(&name.whole).into(),
        }),
        Value::Place(place) => {
            Value::Place(Place { name: plain(&place.name).into(), also: Default::default() })
        }
        other => other.clone(),
    }
}

/// Single-valued fields of which two partners' current claims say different things.
pub(super) fn differences(claims: &[ClaimView]) -> Vec<Difference> {
    let mut fields: BTreeMap<(&str, &str), Vec<&ClaimView>> = BTreeMap::new();
    for claim in claims.iter().filter(|claim| claim.is_current() && is_single(&claim.claim.field)) {
        fields.entry((&claim.claim.field, &claim.claim.group)).or_default().push(claim);
    }
    let differing = |((field, group), claims): ((&str, &str), Vec<&ClaimView>)| {
        let partners: BTreeSet<PartnerId> = claims.iter().map(|claim| claim.written.partner).collect();
        let values: BTreeSet<Value> = claims.iter().map(|claim| compared(&claim.claim.value)).collect();
        (partners.len() > 1 && values.len() > 1).then(|| Difference {
            field: field.to_owned(),
            group: group.to_owned(),
            claims: claims.iter().map(|claim| claim.item).collect(),
        })
    };
    fields.into_iter().filter_map(differing).collect()
}

/// The items that partners say they work with.
pub(super) fn preferences(claims: &[ClaimView]) -> Vec<Preference> {
    let prefers = |claim: &ClaimView| match claim.claim.value {
        Value::Item(item) => Some(Preference {
            partner: claim.written.partner,
            by: claim.item,
            field: claim.claim.field.clone(),
            item,
        }),
        _ => None,
    };
    claims.iter().filter(|claim| claim.is_current()).filter_map(prefers).collect()
}
