//! Rows: what lists and search show of a sheet without opening it.

use crate::case::{ClaimView, Date, Meets, Name, Query, SheetView, Value, fold_keys};
use crate::codec::{self, Malformed};
use crate::id::{CaseId, CircleId, PartnerId};
use crate::limit;
use crate::private::Private;
use crate::time::Millis;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// One sheet in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The circle.
    pub circle: CircleId,
    /// The case.
    pub case: CaseId,
    /// Current names, each with the partner whose word it is.
    pub names: Vec<(PartnerId, Name)>,
    /// The birth date, the last current claim of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub born: Option<Date>,
    /// The code of the sex, the last current claim of it.
    #[serde(default, skip_serializing_if = "Private::is_empty")]
    pub sex: Private<String>,
    /// Stages of the case in the plan: more than one if they conflict.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<Private<String>>,
    /// Numbers in lists and other systems: whose numbering, number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub numbers: Vec<(Private<String>, Private<String>)>,
    /// Current claims.
    pub claims: u32,
    /// Plan fields in conflict.
    pub conflicts: u32,
    /// Fields of which partners say different things.
    pub differences: u32,
    /// When the last edit was written, by its author's clock.
    pub last_edit: Millis,
    /// Cases that a current claim says are the same child: sorted, each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub same: Vec<CaseId>,
    /// What a search finds it by: the folded names, numbers and places of its current claims, sorted, each once.
    pub keys: Private<Vec<String>>,
}

/// Text as it is compared: lower case, one space between words.
pub(super) fn plain(text: &Private<String>) -> String {
    text.reveal().split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

/// The texts of a value that a search looks at. Free text is for the sheet, not for the list.
fn texts(value: &Value) -> Vec<&Private<String>> {
    match value {
        Value::Name(name) => vec![&name.surname, &name.given, &name.patronymic, &name.whole],
        Value::Place(place) => vec![&place.name, &place.also],
        Value::Outside { number, .. } => vec![number],
        _ => Vec::new(),
    }
}

impl Row {
    /// The row of a sheet.
    pub fn of(view: &SheetView) -> Self {
        let current: Vec<&ClaimView> = view.current().collect();
        let mut names = Vec::new();
        let mut numbers = Vec::new();
        let mut keys: BTreeSet<String> = BTreeSet::new();
        let mut same = BTreeSet::new();
        let mut born = None;
        let mut sex = Private::default();
        for claim in &current {
            match (claim.claim.field.as_str(), &claim.claim.value) {
                ("birth_date", Value::Date(date)) => born = Some(date.clone()),
                ("sex", Value::Code(code)) => sex = code.clone(),
                ("name", Value::Name(name)) => names.push((claim.written.partner, name.clone())),
                ("same_child", Value::Case(other)) => {
                    same.insert(*other);
                }
                (_, Value::Outside { system, number }) => numbers.push((system.clone(), number.clone())),
                _ => {}
            }
            // A name as long as a page is no name.
            let short = |text: &&Private<String>| text.len_bytes() <= limit::OPERATOR_BYTES;
            keys.extend(
                texts(&claim.claim.value).into_iter().filter(short).flat_map(|text| fold_keys(text.reveal())),
            );
        }
        let stage = |plan: &&crate::case::PlanView| plan.key.kind == "case" && plan.key.field == "stage";
        let stages = view.plan.iter().filter(stage).flat_map(|plan| &plan.values);
        let stages = stages.filter_map(|value| match &value.value {
            Value::Code(code) | Value::Text(code) if !code.is_empty() => Some(code.clone()),
            _ => None,
        });
        Self {
            circle: view.circle,
            case: view.case,
            names,
            born,
            sex,
            stages: stages.collect(),
            numbers,
            claims: u32::try_from(current.len()).unwrap_or(u32::MAX),
            conflicts: u32::try_from(view.conflicts().count()).unwrap_or(u32::MAX),
            differences: u32::try_from(view.differs.len()).unwrap_or(u32::MAX),
            last_edit: view.last_edit,
            same: same.into_iter().collect(),
            keys: Private::new(keys.into_iter().collect()),
        }
    }

    /// As bytes, for a page of the index.
    pub fn encode(&self) -> Vec<u8> {
        codec::encode(self)
    }

    /// Reads what [`Row::encode`] wrote.
    ///
    /// # Errors
    /// [`Malformed`] if the bytes were damaged: rows are rebuilt from sheets.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        serde_ipld_dagcbor::from_slice(bytes).map_err(|_| Malformed::NotStrict("row"))
    }
}

/// Whether and how well a row meets a folded query.
pub fn matches(row: &Row, query: &Query) -> Option<Meets> {
    query.meets(row.keys.reveal())
}
