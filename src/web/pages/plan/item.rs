//! The items of a plan: a leg, a task, a paper, a visit, each with its fields as a page shows and asks for them.
//!
//! Every field carries the values that were shown, by name. What is saved replaces those and no other: what somebody
//! else wrote while a form was open stays and becomes a conflict.

use crate::case::{Holds, PLAN_FIELDS, PlanKey, PlanView, SheetView, Value, parse_plan_value};
use crate::id::ItemRef;
use crate::private::Private;
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// What a plan has one of or many of, in the order of the page. Kinds of other builds follow.
pub(super) const KINDS: [&str; 4] = ["leg", "task", "paper", "visit"];

/// Whether a value empties its field.
pub(in crate::web::pages) fn is_clear(value: &Value) -> bool {
    matches!(value, Value::Text(text) if text.is_empty())
}

/// The names of the values that a field shows, as its form sends them back.
pub(super) fn shown(plan: Option<&PlanView>) -> String {
    let values = plan.iter().flat_map(|plan| &plan.values);
    values.map(|value| value.item.to_string()).collect::<Vec<_>>().join(" ")
}

/// A value in the form in which it is typed. Unlike [`Value::line`] it keeps the lines of a text.
pub(super) fn typed(value: &Value) -> Private<String> {
    match value {
        Value::Text(text) => text.clone(),
        other => other.line(),
    }
}

/// Whether a form leaves a field as it is: what was typed is what was shown, or what stands there by now.
pub(super) fn is_unchanged(plan: Option<&PlanView>, key: &PlanKey, shown: &[ItemRef], typed: &str) -> bool {
    // What cannot be read is not what is there.
    let Ok(wanted) = parse_plan_value(key, typed) else { return false };
    let Some(plan) = plan else { return is_clear(&wanted) };
    let all = || plan.values.iter().chain(&plan.history);
    let was_shown = all().filter(|value| shown.contains(&value.item)).map(|value| &value.value);
    let stands = plan.values.iter().map(|value| &value.value);
    let is_all = |values: Vec<&Value>| match values.as_slice() {
        [] => is_clear(&wanted),
        values => values.iter().all(|value| **value == wanted),
    };
    is_all(was_shown.collect()) || is_all(stands.collect())
}

/// The items of a kind that say anything, by their numbers.
pub(super) fn ids(view: &SheetView, kind: &str) -> Vec<String> {
    let says =
        |plan: &&PlanView| plan.key.kind == kind && plan.values.iter().any(|one| !is_clear(&one.value));
    let ids: BTreeSet<&str> = view.plan.iter().filter(says).map(|plan| plan.key.id.as_str()).collect();
    let mut ids: Vec<String> = ids.into_iter().map(str::to_owned).collect();
    ids.sort_by(|a, b| in_order(a, b));
    ids
}

/// Kinds of this sheet that this build does not know.
pub(super) fn other_kinds(view: &SheetView) -> Vec<String> {
    let known = |kind: &str| kind == "case" || KINDS.contains(&kind);
    let kinds: BTreeSet<&str> =
        view.plan.iter().map(|plan| plan.key.kind.as_str()).filter(|kind| !known(kind)).collect();
    kinds.into_iter().map(str::to_owned).collect()
}

/// The fields of an item: those that this build knows, in their order, then the others that somebody wrote.
pub(super) fn fields(view: &SheetView, kind: &str, id: &str) -> Vec<String> {
    let known = PLAN_FIELDS.iter().filter(|field| field.kind == kind).map(|field| field.field.to_owned());
    let mut fields: Vec<String> = known.collect();
    for plan in view.plan.iter().filter(|plan| plan.key.kind == kind && plan.key.id == id) {
        if !fields.contains(&plan.key.field) {
            fields.push(plan.key.field.clone());
        }
    }
    fields
}

/// What kind of value a field takes.
pub(super) fn holds(key: &PlanKey) -> Holds {
    key.known().map_or(Holds::Text, |field| field.holds)
}

/// The number that an id begins with.
pub(super) fn number(id: &str) -> Option<u64> {
    let digits: String = id.chars().take_while(char::is_ascii_digit).collect();
    let rest = id.strip_prefix(digits.as_str())?;
    (rest.is_empty() || rest.starts_with('_')).then(|| digits.parse().ok()).flatten()
}

fn in_order(a: &str, b: &str) -> Ordering {
    let key = |id| number(id).unwrap_or(u64::MAX);
    key(a).cmp(&key(b)).then_with(|| a.cmp(b))
}

/// An id for one item more. Two offices that add one at the same time, each without seeing the other's, must not mean
/// the same one by it: the office's own mark is part of the id.
pub(super) fn new_id(view: &SheetView, kind: &str, mark: &str) -> String {
    let taken = view.plan.iter().filter(|plan| plan.key.kind == kind).filter_map(|plan| number(&plan.key.id));
    format!("{}_{mark}", taken.max().unwrap_or(0).saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::super::trial::{item, planned, sheet};
    use super::*;

    #[test]
    fn what_was_not_touched_is_not_written() {
        let mut view = sheet();
        let date = |text| parse_plan_value(&PlanKey::parse("leg/1/planned").unwrap(), text).unwrap();
        // Item 10 stands, item 11 was replaced by it.
        planned(&mut view, "leg/1/planned", &[date("2026-12-02")], &[date("2026-12-01")]);
        let key = PlanKey::parse("leg/1/planned").unwrap();
        let plan = view.planned(&key);
        assert!(is_unchanged(plan, &key, &[item(10)], "02.12.2026"), "the same day, typed otherwise");
        assert!(is_unchanged(plan, &key, &[item(11)], "2026-12-01"), "left as the form showed it");
        assert!(is_unchanged(plan, &key, &[item(11)], "2026-12-02"), "stands there already");
        assert!(!is_unchanged(plan, &key, &[item(11)], "2026-12-03"));
        assert!(!is_unchanged(plan, &key, &[item(10)], ""), "cleared");
        assert!(!is_unchanged(plan, &key, &[item(10)], "soon"), "the node says that it is no date");
        let empty = PlanKey::parse("leg/2/planned").unwrap();
        assert!(is_unchanged(None, &empty, &[], " "));
        assert!(!is_unchanged(None, &empty, &[], "2027"));
    }

    #[test]
    fn items_stand_in_the_order_of_their_numbers_and_cleared_ones_do_not() {
        let mut view = sheet();
        for (key, text) in
            [("task/10/what", "a"), ("task/2_f0c/what", "b"), ("task/visa/what", "c"), ("task/3/what", "")]
        {
            planned(&mut view, key, &[Value::Text(text.into())], &[]);
        }
        assert_eq!(ids(&view, "task"), ["2_f0c", "10", "visa"]);
        assert_eq!(new_id(&view, "task", "1ab"), "11_1ab");
        assert_eq!(new_id(&view, "leg", "1ab"), "1_1ab");
        assert!(PlanKey::parse("task/11_1ab/what").is_ok());
        assert_eq!((number("2_f0c"), number("2f"), number("visa")), (Some(2), None, None));
    }

    #[test]
    fn unknown_fields_and_kinds_are_shown_too() {
        let mut view = sheet();
        planned(&mut view, "leg/1/luggage_weight", &[Value::Text("9 kg".into())], &[]);
        planned(&mut view, "sponsor/1/name", &[Value::Text("x".into())], &[]);
        assert_eq!(fields(&view, "leg", "1").last().map(String::as_str), Some("luggage_weight"));
        assert!(!fields(&view, "leg", "2").contains(&"luggage_weight".to_owned()));
        assert_eq!(other_kinds(&view), ["sponsor"]);
    }
}
