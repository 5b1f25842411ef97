//! Sheets for the tests of these pages.

use crate::case::{PlanKey, PlanValueView, PlanView, SheetView, Value, Written};
use crate::id::{CaseId, CircleId, EditRef, InstanceId, ItemRef, Life, NodeId, PartnerId};
use crate::private::Private;
use crate::time::Millis;

pub(in crate::web::pages) fn edit(number: u64) -> EditRef {
    EditRef { life: Life { node: NodeId([3; 32]), instance: InstanceId([4; 16]) }, number }
}

pub(in crate::web::pages) fn item(number: u64) -> ItemRef {
    ItemRef { edit: edit(number), place: 0 }
}

pub(in crate::web::pages) fn written(partner: u8, operator: &str, at: u64) -> Written {
    Written {
        partner: PartnerId([partner; 32]),
        operator: operator.into(),
        time: Millis(at),
        first_seen: Millis(at),
    }
}

pub(in crate::web::pages) fn sheet() -> SheetView {
    SheetView {
        circle: CircleId([1; 32]),
        case: CaseId([2; 16]),
        members: vec![PartnerId([1; 32]), PartnerId([2; 32])],
        claims: Vec::new(),
        plan: Vec::new(),
        note: Private::default(),
        acts: Vec::new(),
        files: Vec::new(),
        disclosed: Vec::new(),
        without_effect: Vec::new(),
        differs: Vec::new(),
        prefers: Vec::new(),
        last_edit: Millis(0),
        last_seen: Millis(0),
    }
}

/// A field of the plan with its standing values and those before. Items are numbered from 10 in the order given.
pub(in crate::web::pages) fn planned(view: &mut SheetView, key: &str, values: &[Value], history: &[Value]) {
    let mut next = 10 + 100 * view.plan.len() as u64;
    let mut all = |values: &[Value]| -> Vec<PlanValueView> {
        let made = values.iter().map(|value| {
            next += 1;
            PlanValueView {
                item: item(next - 1),
                written: written(1, "Olena", next),
                value: value.clone(),
                replaced_by: Vec::new(),
            }
        });
        made.collect()
    };
    let (values, history) = (all(values), all(history));
    view.plan.push(PlanView { key: PlanKey::parse(key).unwrap(), values, history });
    view.plan.sort_by(|a, b| a.key.cmp(&b.key));
}
