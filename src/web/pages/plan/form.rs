//! A form of the plan as it is sent: an item's fields, each with what was typed and which values were shown.

use super::{item, sheet};
use crate::case::{PlanKey, SheetView, parse_plan_value};
use crate::id::ItemRef;
use crate::limit;
use crate::node::{Failure, FailureKind};
use crate::private::Private;
use crate::web::fault::Fault;
use crate::web::page::Page;

/// Fields of one form.
const FIELDS: usize = 64;

/// An item's fields: `f.FIELD` is what was typed, `s.FIELD` names the values that were shown, apart by spaces.
#[derive(Default)]
pub(super) struct Form {
    pub(super) circle: String,
    pub(super) kind: String,
    /// Empty for a new item.
    pub(super) id: String,
    fields: Vec<Field>,
}

#[derive(Default)]
struct Field {
    code: String,
    typed: Private<String>,
    shown: Vec<ItemRef>,
}

/// One field that a form changes.
pub(super) struct Change {
    pub(super) key: PlanKey,
    pub(super) typed: Private<String>,
    pub(super) shown: Vec<ItemRef>,
}

impl Form {
    /// Reads what a page sent; `None` if it is none of this desk's forms.
    pub(super) fn read(sent: Vec<(String, Private<String>)>) -> Option<Self> {
        let mut form = Self::default();
        let mut clears = false;
        let mut shown: Vec<(String, Vec<ItemRef>)> = Vec::new();
        for (name, value) in sent {
            match (name.as_str(), name.split_once('.')) {
                ("circle", _) => form.circle = value.reveal().clone(),
                ("kind", _) => form.kind = value.reveal().clone(),
                ("id", _) => form.id = value.reveal().clone(),
                ("clear", _) => clears = true,
                (_, Some(("f", code))) => {
                    let typed = Private::new(value.reveal().replace("\r\n", "\n"));
                    form.fields.push(Field { code: code.to_owned(), typed, shown: Vec::new() });
                }
                (_, Some(("s", code))) => {
                    let items = value.reveal().split_whitespace().map(ItemRef::parse);
                    shown.push((code.to_owned(), items.collect::<Option<_>>()?));
                }
                _ => return None,
            }
        }
        for field in &mut form.fields {
            // A field that does not say what it showed would overwrite what nobody saw.
            let at = shown.iter().position(|(code, _)| *code == field.code)?;
            field.shown = shown.swap_remove(at).1;
            if field.shown.len() > limit::EDIT_ITEMS {
                return None;
            }
            if clears {
                field.typed = Private::default();
            }
        }
        let is_one = !form.circle.is_empty() && !form.kind.is_empty() && form.fields.len() <= FIELDS;
        is_one.then_some(form)
    }

    /// What it changes on a sheet.
    pub(super) fn changes(&self, view: &SheetView) -> Vec<Change> {
        let of_field = |field: &Field| Change {
            key: PlanKey { kind: self.kind.clone(), id: self.id.clone(), field: field.code.clone() },
            typed: field.typed.clone(),
            shown: field.shown.clone(),
        };
        let is_new = |change: &Change| {
            let plan = view.planned(&change.key);
            !item::is_unchanged(plan, &change.key, &change.shown, change.typed.reveal())
        };
        self.fields.iter().map(of_field).filter(is_new).collect()
    }
}

impl Change {
    pub(super) fn cannot_be_read(&self) -> bool {
        parse_plan_value(&self.key, self.typed.reveal()).is_err()
    }

    /// What is said of a text that its field cannot hold.
    pub(super) fn fault(&self, page: &Page) -> Fault {
        Fault::Node(Failure {
            kind: FailureKind::BadInput,
            what: sheet::bare(&page.t.s("planning-not-read", sheet::label(page.t, &self.key))),
            then: page.t.say("planning-not-read-then"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::trial::{item, planned, sheet};
    use super::*;
    use crate::case::Value;

    fn sent(pairs: &[(&str, &str)]) -> Vec<(String, Private<String>)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), Private::from(*value))).collect()
    }

    #[test]
    fn a_form_changes_what_was_touched_and_names_what_it_showed() {
        let mut view = sheet();
        planned(&mut view, "task/1/what", &[Value::Text("Visa".into())], &[Value::Text("Pass".into())]);
        planned(&mut view, "task/1/who", &[Value::Text("Olena".into())], &[]);
        let old = item(11).to_string();
        let form = Form::read(sent(&[
            ("circle", "ab"),
            ("kind", "task"),
            ("id", "1"),
            ("f.what", "Passport"),
            ("s.what", &old),
            ("f.who", "Olena"),
            ("s.who", &item(110).to_string()),
            ("f.due", ""),
            ("s.due", ""),
        ]))
        .unwrap();
        let changes = form.changes(&view);
        let [change] = changes.as_slice() else { panic!("{} changes", changes.len()) };
        assert_eq!(change.key.to_string(), "task/1/what");
        assert_eq!(change.shown, [item(11)], "not the value that came meanwhile: that is a conflict");
    }

    #[test]
    fn clearing_empties_all_fields_that_hold_something() {
        let mut view = sheet();
        planned(&mut view, "task/1/what", &[Value::Text("Visa".into())], &[]);
        let shown = item(10).to_string();
        let form = Form::read(sent(&[
            ("circle", "ab"),
            ("kind", "task"),
            ("id", "1"),
            ("clear", "1"),
            ("f.what", "Visa"),
            ("s.what", &shown),
            ("f.who", "x"),
            ("s.who", ""),
        ]))
        .unwrap();
        let keys: Vec<_> = form.changes(&view).iter().map(|change| change.key.field.clone()).collect();
        assert_eq!(keys, ["what"]);
        assert!(form.changes(&view).iter().all(|change| change.typed.is_empty()));
    }

    #[test]
    fn a_form_that_does_not_say_what_it_showed_is_refused() {
        assert!(Form::read(sent(&[("circle", "ab"), ("kind", "task"), ("f.what", "x")])).is_none());
        let wrong = [("circle", "ab"), ("kind", "task"), ("f.what", "x"), ("s.what", "nonsense")];
        assert!(Form::read(sent(&wrong)).is_none());
        assert!(Form::read(sent(&[("kind", "task")])).is_none());
        assert!(Form::read(sent(&[("circle", "ab"), ("kind", "task"), ("other", "x")])).is_none());
    }
}
