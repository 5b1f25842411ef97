//! A case as it was at one moment: to be read, not to be written in.

use crate::case::{ClaimView, FIELDS, HistoryEntry, PlanView};
use crate::id::{EditRef, PartnerId};
use crate::node::CaseView;
use crate::web::page::Page;
use crate::web::pages::plan;
use crate::web::shown::{self, Html};
use askama::Template;

/// All sheets at a moment.
#[derive(Template)]
#[template(path = "history_then.html")]
pub(super) struct Then<'a> {
    page: &'a Page,
    /// Whose moment, and when.
    when: String,
    who: Html,
    is_disowned: bool,
    parts: Vec<Part>,
}

/// One sheet.
pub(super) struct Part {
    pub(super) circle: String,
    name: Html,
    readers: String,
    /// Each with its heading.
    groups: Vec<(String, Vec<Row>)>,
    note: Html,
}

/// A field with all that was said of it.
struct Row {
    label: String,
    values: Vec<Word>,
}

/// Somebody's word.
struct Word {
    text: Html,
    office: Html,
    /// Whether it was said just then.
    is_just: bool,
}

impl<'a> Then<'a> {
    pub(super) fn new(page: &'a Page, chosen: &HistoryEntry, parts: Vec<Part>) -> Self {
        Self {
            page,
            when: page.moment(&chosen.written.time),
            who: page.text(&chosen.written.operator),
            is_disowned: chosen.disowned,
            parts,
        }
    }
}

/// The sheets of a case as they were, with what one edit said marked.
pub(super) fn parts(page: &Page, case: &CaseView, just: &EditRef) -> Vec<Part> {
    let t = page.t;
    let office = |partner: &PartnerId| {
        let named = case.partners.iter().find(|(id, _)| id == partner);
        page.name(&named.map_or_else(|| partner.short(), |(_, name)| name.clone()))
    };
    let mut parts = Vec::new();
    for named in &case.sheets {
        let Some(view) = &named.sheet else { continue };
        let mut claims: Vec<&ClaimView> = view.current().collect();
        claims.sort_by_key(|claim| (place(&claim.claim.field), &claim.claim.field, &claim.claim.group));
        let mut rows: Vec<Row> = Vec::new();
        for same in claims.chunk_by(|a, b| a.claim.field == b.claim.field && a.claim.group == b.claim.group) {
            let word = |claim: &&ClaimView| Word {
                text: page.value(&claim.claim.value),
                office: office(&claim.written.partner),
                is_just: claim.item.edit == *just,
            };
            let label = same.first().map(|claim| t.label("field", &claim.claim.field)).unwrap_or_default();
            rows.push(Row { label, values: same.iter().map(word).collect() });
        }
        let planned = |plan: &PlanView| Row {
            label: plan::label(t, &plan.key),
            values: plan
                .values
                .iter()
                .filter(|value| !plan::is_clear(&value.value) || value.item.edit == *just)
                .map(|value| Word {
                    text: plan::value(page, &plan.key, &value.value),
                    office: office(&value.written.partner),
                    is_just: value.item.edit == *just,
                })
                .collect(),
        };
        let acts = view.acts.iter().filter(|act| act.withdrawn.is_empty()).map(|act| {
            let kind = act.act.check(&act.item.edit.life.node).map(|statement| statement.kind);
            Row {
                label: t.label("act", kind.as_deref().unwrap_or("unknown")),
                values: vec![Word {
                    // Dates of some languages hold direction marks of their own.
                    text: shown::value(&page.moment(&act.written.time).into()),
                    office: office(&act.written.partner),
                    is_just: act.item.edit == *just,
                }],
            }
        });
        let files = view.files.iter().filter(|file| file.withdrawn.is_empty()).map(|file| Row {
            label: t.say("history-file"),
            values: vec![Word {
                text: page.text(&file.file.name),
                office: office(&file.written.partner),
                is_just: file.item.edit == *just,
            }],
        });
        let plans = view.plan.iter().map(planned).filter(|row| !row.values.is_empty());
        let groups = [
            (t.say("history-said"), rows),
            (t.say("planning-title"), plans.collect()),
            (t.say("history-acts"), acts.collect()),
            (t.say("history-files"), files.collect()),
        ];
        parts.push(Part {
            circle: view.circle.hex(),
            name: page.text(&named.circle_name),
            readers: t.list(&named.readers),
            groups: groups.into_iter().filter(|(_, rows)| !rows.is_empty()).collect(),
            note: if view.note.is_empty() { Html::default() } else { shown::lines(&view.note) },
        });
    }
    parts
}

/// Where a field stands on a sheet; unknown ones last.
fn place(field: &str) -> usize {
    FIELDS.iter().position(|known| known.code == field).unwrap_or(FIELDS.len())
}
