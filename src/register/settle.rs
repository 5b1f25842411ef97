//! What is current: claims less those withdrawn or replaced, plan values less those that a later one names, and where
//! partners or editors differ.

use super::row::plain;
use crate::case::{
    ClaimView, Difference, Meets, PlanKey, PlanValueView, PlanView, Preference, Query, Value, Withdrawal,
    Written, fold_keys,
};
use crate::id::ItemRef;
use std::collections::BTreeMap;

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

/// Fields that a child has one of: where partners say different things of these, it is shown. Names are not among
/// them: lists have them in other forms, and they are shown side by side.
const SINGLE: [&str; 12] = [
    "birth_date",
    "sex",
    "birthplace",
    "last_residence",
    "citizenship",
    "direction",
    "height_cm",
    "separation.when",
    "separation.where",
    "separation.cause",
    "tracing.state",
    "closing_reason",
];

/// Whether two values say the same: letter case and spacing make no difference, nor do the scripts of places.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Text(one), Value::Text(other)) | (Value::Code(one), Value::Code(other)) => {
            plain(one) == plain(other)
        }
        (Value::Place(one), Value::Place(other)) => {
            let names = [(&one.name, &other.name), (&one.name, &other.also), (&one.also, &other.name)];
            names.iter().any(|(one, other)| {
                let query = Query::new(one.reveal());
                !query.is_empty()
                    && query.meets(&fold_keys(other.reveal())).is_some_and(|meets| meets >= Meets::Consonants)
            })
        }
        _ => one == other,
    }
}

/// Single-valued fields of which two partners' current claims say different things.
pub(super) fn differences(claims: &[ClaimView]) -> Vec<Difference> {
    let mut fields: BTreeMap<(&str, &str), Vec<&ClaimView>> = BTreeMap::new();
    for claim in
        claims.iter().filter(|claim| SINGLE.contains(&claim.claim.field.as_str()) && claim.is_current())
    {
        fields.entry((&claim.claim.field, &claim.claim.group)).or_default().push(claim);
    }
    let differ = |one: &ClaimView, other: &ClaimView| {
        one.written.partner != other.written.partner && !same(&one.claim.value, &other.claim.value)
    };
    let differing = |((field, group), claims): ((&str, &str), Vec<&ClaimView>)| {
        let apart = |one: &&ClaimView| claims.iter().any(|other| differ(one, other));
        claims.iter().any(apart).then(|| Difference {
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
