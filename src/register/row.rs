//! Rows: what lists and search show of a sheet without opening it.

use crate::case::{ClaimView, Date, Meets, Name, PlanView, Query, STAGES, SheetView, Value, fold_keys};
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
    /// When the last of its edits to come was first seen here.
    pub last_seen: Millis,
    /// When the first of its claims was written, by its author's clock.
    #[serde(default)]
    pub opened: Millis,
    /// When the stage in use was entered, by its author's clock; 0 without one.
    #[serde(default)]
    pub staged: Millis,
    /// The stages that the plan named, by their places in [`STAGES`] (255: none of them), each with when it was entered
    /// by its author's clock: the last [`limit::ROW_STAGES`], the earliest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub way: Vec<(u8, Millis)>,
    /// Members that claim something, by their places among the circle's sorted ones, each with when it first did.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spoke: Vec<(u8, Millis)>,
    /// The code of the urgency, the last current claim of it.
    #[serde(default, skip_serializing_if = "Private::is_empty")]
    pub urgency: Private<String>,
    /// Whom the plan names as responsible or in a task that is open: sorted, each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asked: Vec<Private<String>>,
    /// Cases that a current claim says are the same child: sorted, each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub same: Vec<CaseId>,
    /// What a search finds it by: the folded keys of names, places and numbers ([`fold_keys`]), sorted, each once.
    pub keys: Private<Vec<String>>,
}

/// Text as it is compared: lower case, one space between words.
pub(super) fn plain(text: &Private<String>) -> String {
    text.reveal().split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

/// The texts of a value that a search looks at: names, places, numbers. Free text is for the sheet, not for the list,
/// but for words with digits in it: telephones, numbers of papers.
fn keys_of(value: &Value, keys: &mut BTreeSet<String>) {
    let texts: &[&Private<String>] = match value {
        Value::Name(name) => &[&name.surname, &name.given, &name.patronymic, &name.whole],
        Value::Place(place) => &[&place.name, &place.also],
        Value::Outside { number, .. } => &[number],
        Value::Text(text) if text.len_bytes() <= limit::CODE_BYTES => {
            let numbers =
                text.reveal().split_whitespace().filter(|word| word.bytes().any(|b| b.is_ascii_digit()));
            return keys.extend(numbers.flat_map(fold_keys));
        }
        _ => &[],
    };
    keys.extend(texts.iter().filter(|text| !text.is_empty()).flat_map(|text| fold_keys(text.reveal())));
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
        let mut urgency = Private::default();
        for claim in &current {
            match (claim.claim.field.as_str(), &claim.claim.value) {
                ("birth_date", Value::Date(date)) => born = Some(date.clone()),
                ("sex", Value::Code(code)) => sex = code.clone(),
                ("urgency", Value::Code(code)) => urgency = code.clone(),
                ("name", Value::Name(name)) => names.push((claim.written.partner, name.clone())),
                ("same_child", Value::Case(other)) => {
                    same.insert(*other);
                }
                (_, Value::Outside { system, number }) => numbers.push((system.clone(), number.clone())),
                _ => {}
            }
            keys_of(&claim.claim.value, &mut keys);
        }
        let stages = staging(view).flat_map(|plan| &plan.values);
        let staged = stages.clone().map(|value| value.written.time).max();
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
            last_seen: view.last_seen,
            opened: view.claims.iter().map(|claim| claim.written.time).min().unwrap_or_default(),
            staged: staged.unwrap_or_default(),
            way: way(view),
            spoke: spoke(view),
            urgency,
            asked: asked(view),
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

/// Whom the plan names as responsible for the case or for a task that is not done.
fn asked(view: &SheetView) -> Vec<Private<String>> {
    let done = |id: &str| {
        view.plan.iter().any(|plan| {
            plan.key.kind == "task"
                && plan.key.id == id
                && plan.key.field == "done"
                && plan.values.iter().any(|value| value.value == Value::Flag(true))
        })
    };
    let named = view
        .plan
        .iter()
        .filter(|plan| plan.key.field == "who")
        .filter(|plan| plan.key.kind == "case" || (plan.key.kind == "task" && !done(&plan.key.id)));
    let texts = named.flat_map(|plan| &plan.values).filter_map(|value| match &value.value {
        Value::Text(text) if !text.is_empty() => Some(text.clone()),
        _ => None,
    });
    texts.collect::<BTreeSet<_>>().into_iter().collect()
}

/// Whether a row meets every word of a query, and how well the worst of them does.
pub fn matches(row: &Row, query: &Query) -> Option<Meets> {
    query.meets(row.keys.reveal())
}

/// Where the plan says the stage.
fn staging(view: &SheetView) -> impl Iterator<Item = &PlanView> + Clone {
    view.plan.iter().filter(|plan| plan.key.kind == "case" && plan.key.field == "stage")
}

/// Every stage that the plan named, in the order in which they were written.
fn way(view: &SheetView) -> Vec<(u8, Millis)> {
    let place = |value: &Value| match value {
        Value::Code(code) | Value::Text(code) => STAGES.iter().position(|stage| stage.code == code.reveal()),
        _ => None,
    };
    let named = staging(view).flat_map(|plan| plan.history.iter().chain(&plan.values)).map(|value| {
        let place = place(&value.value).and_then(|at| u8::try_from(at).ok());
        (value.written.time, place.unwrap_or(u8::MAX))
    });
    let mut way: Vec<(u8, Millis)> =
        named.collect::<BTreeSet<_>>().into_iter().map(|(at, stage)| (stage, at)).collect();
    way.dedup_by_key(|(stage, _)| *stage);
    way.split_off(way.len().saturating_sub(limit::ROW_STAGES))
}

/// Which members say something, and since when.
fn spoke(view: &SheetView) -> Vec<(u8, Millis)> {
    let since = |member: &PartnerId| {
        let theirs = view.claims.iter().filter(|claim| claim.written.partner == *member);
        theirs.map(|claim| claim.written.time).min()
    };
    (0..=u8::MAX).zip(&view.members).filter_map(|(place, member)| Some((place, since(member)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{Claim, Place, Source, Written};
    use crate::id::{EditRef, InstanceId, ItemRef, Life, NodeId};

    fn view(values: Vec<(&str, Value)>) -> SheetView {
        let life = Life { node: NodeId([1; 32]), instance: InstanceId([1; 16]) };
        let claims = values.into_iter().zip(0..).map(|((field, value), place)| ClaimView {
            item: ItemRef { edit: EditRef { life, number: 1 }, place },
            written: Written {
                partner: PartnerId([1; 32]),
                operator: "".into(),
                time: Millis(1),
                first_seen: Millis(1),
            },
            claim: Claim {
                field: field.into(),
                group: String::new(),
                value,
                source: Source::default(),
                replaces: Vec::new(),
                origin: None,
            },
            withdrawn: Vec::new(),
            replaced_by: Vec::new(),
            disowned: false,
        });
        SheetView {
            circle: CircleId([1; 32]),
            case: CaseId([1; 16]),
            members: Vec::new(),
            claims: claims.collect(),
            plan: Vec::new(),
            note: "".into(),
            acts: Vec::new(),
            files: Vec::new(),
            disclosed: Vec::new(),
            without_effect: Vec::new(),
            differs: Vec::new(),
            prefers: Vec::new(),
            last_edit: Millis(1),
            last_seen: Millis(1),
        }
    }

    fn full() -> SheetView {
        let name =
            Name { surname: "Ковальчук".into(), given: "Олена".into(), ..Name::default() };
        view(vec![
            ("name", Value::Name(name)),
            ("birthplace", Value::Place(Place { name: "Маріуполь".into(), also: "".into() })),
            ("outside_id", Value::Outside { system: "kyiv-list".into(), number: "K0417".into() }),
            ("relative.phone", Value::Text("+380 50 1112233".into())),
            ("sex", Value::Code("female".into())),
            ("remark", Value::Text("Afraid of dogs".into())),
        ])
    }

    #[test]
    fn a_row_is_found_by_names_places_and_numbers_in_other_scripts() {
        let row = Row::of(&full());
        for query in ["Ковальчук", "kovalchuk olena", "Mariupol", "K0417", "1112233", "ковальч"]
        {
            assert!(matches(&row, &Query::new(query)).is_some(), "{query}");
        }
        for query in ["Shevchenko", "kovalchuk petro", "K0418", "dogs"] {
            assert!(matches(&row, &Query::new(query)).is_none(), "{query}");
        }
    }

    #[test]
    fn what_is_withdrawn_is_not_in_the_row() {
        let mut view = full();
        let later = view.claims[1].item;
        view.claims[0].replaced_by.push(later);
        let row = Row::of(&view);
        assert!(row.names.is_empty() && matches(&row, &Query::new("Ковальчук")).is_none());
        assert_eq!((row.claims, row.sex.reveal().as_str()), (5, "female"));
    }

    #[test]
    fn rows_read_back_and_do_not_print() {
        let row = Row::of(&full());
        assert_eq!(Row::decode(&row.encode()), Ok(row.clone()));
        let printed = format!("{row:?}");
        assert!(
            !printed.contains("kovalchuk") && !printed.contains("Ковальчук") && !printed.contains("0417")
        );
    }
}
