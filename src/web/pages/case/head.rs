//! The head of a case: who this is about, at one look, over everything that its readers here know.
//!
//! Where offices differ, both stand: two names, an age from one to another, two stages. Only two things are decided
//! here: of urgencies the highest is shown, and of publicities the strictest holds.

use super::view::{Making, Office};
use crate::case::{Date, PUBLICITY, Value};
use crate::node::CaseView;
use crate::private::Private;
use crate::time::Millis;
use crate::web::dates;
use crate::web::shown::Html;

/// From the least to the most urgent.
const URGENCY: [&str; 3] = ["normal", "urgent", "critical"];

pub(super) struct Head {
    /// The first is what this office works with, or says itself.
    pub(super) names: Vec<NamePart>,
    /// The least and the most years that the child can have.
    pub(super) age: Option<(u64, u64)>,
    pub(super) births: Vec<Date>,
    pub(super) stages: Vec<Private<String>>,
    pub(super) urgency: Option<Private<String>>,
    pub(super) publicity: Option<Private<String>>,
    pub(super) numbers: Vec<Html>,
    pub(super) circles: Vec<(Private<String>, usize)>,
}

pub(super) struct NamePart {
    pub(super) html: Html,
    pub(super) offices: Vec<Office>,
}

impl Making<'_> {
    /// What stands above everything.
    pub(super) fn head(&self) -> Head {
        let mut names: Vec<(&Value, Vec<Office>, u8)> = Vec::new();
        let sheets = || self.case.sheets.iter().filter_map(|named| named.sheet.as_ref());
        for sheet in sheets() {
            for claim in sheet.current().filter(|claim| claim.claim.field == "name") {
                let office = self.office(&claim.written.partner);
                let works =
                    sheet.prefers.iter().any(|said| said.item == claim.item && said.partner == self.own);
                let weight = u8::from(works) * 2 + u8::from(office.own);
                match names.iter_mut().find(|(value, ..)| **value == claim.claim.value) {
                    Some((_, offices, known)) => {
                        *known = weight.max(*known);
                        if !offices.iter().any(|one| one.name == office.name) {
                            offices.push(office);
                        }
                    }
                    None => names.push((&claim.claim.value, vec![office], weight)),
                }
            }
        }
        // Stable: of equals the earliest stays first.
        names.sort_by_key(|(_, _, weight)| std::cmp::Reverse(*weight));
        let births = distinct(values(self.case, "birth_date").filter_map(|value| match value {
            Value::Date(date) => Some(date.clone()),
            _ => None,
        }));
        let planned = sheets().flat_map(|sheet| &sheet.plan);
        let stages = planned
            .filter(|plan| plan.key.kind == "case" && plan.key.field == "stage")
            .flat_map(|plan| &plan.values)
            .filter_map(|value| code(&value.value))
            .filter(|code| !code.is_empty());
        let circles = self.case.sheets.iter().filter_map(|named| {
            let circle = named.sheet.as_ref()?.circle;
            Some((named.circle_name.clone(), self.circle_colour(&circle)))
        });
        Head {
            names: names
                .into_iter()
                .map(|(value, offices, _)| NamePart { html: self.value(value), offices })
                .collect(),
            age: age(self.page.now(), &births),
            births,
            stages: distinct(stages.cloned()),
            urgency: highest(values(self.case, "urgency"), &URGENCY),
            publicity: strictest(values(self.case, "publicity")),
            numbers: distinct(values(self.case, "outside_id").cloned())
                .iter()
                .map(|value| self.value(value))
                .collect(),
            circles: circles.collect(),
        }
    }
}

/// What is said of a field today, on all sheets.
fn values<'a>(case: &'a CaseView, field: &'a str) -> impl Iterator<Item = &'a Value> {
    let sheets = case.sheets.iter().filter_map(|named| named.sheet.as_ref());
    sheets
        .flat_map(|sheet| sheet.current())
        .filter(move |claim| claim.claim.field == field)
        .map(|claim| &claim.claim.value)
}

fn code(value: &Value) -> Option<&Private<String>> {
    match value {
        Value::Code(code) | Value::Text(code) => Some(code),
        _ => None,
    }
}

fn distinct<T: PartialEq>(all: impl Iterator<Item = T>) -> Vec<T> {
    let mut once: Vec<T> = Vec::new();
    for one in all {
        if !once.contains(&one) {
            once.push(one);
        }
    }
    once
}

/// The last in order of those that are said; one that this build does not know is above all.
fn highest<'a>(said: impl Iterator<Item = &'a Value>, order: &[&str]) -> Option<Private<String>> {
    said.filter_map(code).max_by_key(|code| rank(code, order)).cloned()
}

/// The strictest of those that are said; what this build does not know is taken for stricter than all.
fn strictest<'a>(said: impl Iterator<Item = &'a Value>) -> Option<Private<String>> {
    let order: Vec<&str> = PUBLICITY.iter().rev().copied().collect();
    highest(said, &order)
}

fn rank(code: &Private<String>, order: &[&str]) -> usize {
    order.iter().position(|known| *known == code.reveal()).unwrap_or(order.len())
}

/// From the least to the most years that any of the dates allows.
fn age(now: Millis, births: &[Date]) -> Option<(u64, u64)> {
    let each = births.iter().filter_map(|born| dates::years(now, born));
    each.reduce(|(least, most), (from, to)| (least.min(from), most.max(to)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Precision;

    fn said(codes: &[&str]) -> Vec<Value> {
        codes.iter().map(|code| Value::Code((*code).into())).collect()
    }

    #[test]
    fn the_strictest_publicity_holds_and_the_highest_urgency_is_shown() {
        let strict = |codes: &[&str]| strictest(said(codes).iter()).map(|code| code.reveal().clone());
        assert_eq!(strict(&[]), None);
        assert_eq!(strict(&["public", "family_only"]).as_deref(), Some("family_only"));
        assert_eq!(strict(&["none", "public"]).as_deref(), Some("none"));
        assert_eq!(strict(&["none", "court_only"]).as_deref(), Some("court_only"), "unknown: the safe side");
        let urgent = |codes: &[&str]| highest(said(codes).iter(), &URGENCY).map(|code| code.reveal().clone());
        assert_eq!(urgent(&["normal", "critical", "urgent"]).as_deref(), Some("critical"));
    }

    #[test]
    fn an_age_spans_all_that_is_said() {
        // 2026-11-22.
        let now = Millis(1_795_348_800_000);
        let year = |year: u32| Date {
            earliest: year * 10_000 + 101,
            latest: year * 10_000 + 1_231,
            precision: Precision::Year,
        };
        assert_eq!(age(now, &[]), None);
        assert_eq!(age(now, &[year(2014)]), Some((11, 12)));
        assert_eq!(age(now, &[year(2014), year(2016)]), Some((9, 12)));
        assert_eq!(age(now, &[year(2030)]), None, "not born yet: a slip, and no age");
    }
}
