//! Case verbs that read. Lists and searches look at rows alone; a sheet is opened only to be shown.

use super::failure::{internal, not_found};
use super::house::{Circle, House};
use super::{
    Answer, CaseRow, CaseView, ConflictKind, ConflictValue, ConflictView, Failure, NamedSheet, Request,
    SheetHistory,
};
use crate::case::{Meets, Name, Query, SheetView, Value};
use crate::id::{CaseId, CircleId, PartnerId};
use crate::private::Private;
use crate::register::{Row, matches};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The rows of one case: one for each circle that was asked for and knows it.
pub(super) type Rows<'a> = (CaseId, Vec<&'a Arc<Row>>);

pub(super) fn answer(house: &House, request: Request) -> Result<Answer, Failure> {
    match request {
        Request::CaseShow { case, circle } => {
            let (case, circles) = house.sheets_of(&case, circle.as_deref())?;
            let sheets = circles.into_iter().map(|circle| house.view_here(circle, &case)).collect();
            Ok(Answer::Case(house.case_view(case, sheets)))
        }
        Request::CaseList { circle, open_only, skip, limit } => {
            let circles = house.chosen_circles(circle.as_deref())?;
            let mut cases = house.rows_by_case(&circles);
            cases
                .retain(|(_, rows)| !open_only || rows.iter().any(|row| row.conflicts + row.differences > 0));
            cases.sort_by(|(_, a), (_, b)| order(a).cmp(&order(b)));
            let most = if limit == 0 { usize::MAX } else { limit };
            let shown = cases.iter().skip(skip).take(most).map(|rows| house.case_row(rows)).collect();
            Ok(Answer::CaseList { total: cases.len(), cases: shown })
        }
        Request::CaseFind { text, circle } => find(house, &text, circle.as_deref()),
        Request::CaseHistory { case, circle } => {
            let (case, circles) = house.sheets_of(&case, circle.as_deref())?;
            let histories = circles.into_iter().map(|circle| history(house, circle, &case));
            Ok(Answer::History { case, sheets: histories.collect::<Result<_, _>>()? })
        }
        Request::CaseAt { case, circle, edit } => {
            let (case, circles) = house.sheets_of(&case, Some(&circle))?;
            let circle = *circles.first().ok_or_else(|| internal("a sheet that was found is gone"))?;
            let sheet = house.sheet(circle, &case)?.ok_or_else(no_sheet)?;
            let edits: Vec<_> = sheet.history().into_iter().map(|entry| entry.edit).collect();
            let edit = house.find_edit(&edits, &edit)?;
            let view = sheet.view_at(&edit).ok_or_else(|| {
                not_found("there is no such edit on this sheet", "See `homeward case history CASE`.")
            })?;
            Ok(Answer::Case(house.case_view(case, vec![(circle, Some(view))])))
        }
        Request::CaseConflicts { circle, case } => conflicts(house, circle.as_deref(), case.as_deref()),
        _ => Err(internal("no request that reads a case")),
    }
}

pub(super) fn no_sheet() -> Failure {
    not_found("that circle has no sheet of this case", "`homeward case show CASE` shows the circles that do.")
}

/// Cases whose rows meet the text, the best first; of equals in the order of the list.
fn find(house: &House, text: &Private<String>, circle: Option<&str>) -> Result<Answer, Failure> {
    let circles = house.chosen_circles(circle)?;
    let query = Query::new(text.reveal());
    let number = Private::new(text.reveal().trim().to_owned());
    // The number itself before whatever else has those letters.
    let meets = |rows: &[&Arc<Row>]| -> Option<(bool, Meets)> {
        let is_number = |row: &&Arc<Row>| row.numbers.iter().any(|(_, known)| *known == number);
        if rows.iter().any(is_number) {
            return Some((true, Meets::Same));
        }
        rows.iter().filter_map(|row| matches(row, &query)).max().map(|meets| (false, meets))
    };
    let mut found: Vec<_> = house
        .rows_by_case(&circles)
        .into_iter()
        .filter_map(|rows| meets(&rows.1).map(|meets| (Reverse(meets), rows)))
        .collect();
    found.sort_by(|(a, (_, x)), (b, (_, y))| a.cmp(b).then_with(|| order(x).cmp(&order(y))));
    let cases: Vec<CaseRow> = found.iter().map(|(_, rows)| house.case_row(rows)).collect();
    Ok(Answer::CaseList { total: cases.len(), cases })
}

fn history(house: &House, circle: &Circle, case: &CaseId) -> Result<SheetHistory, Failure> {
    let sheet = house.sheet(circle, case)?.ok_or_else(no_sheet)?;
    let mut entries = sheet.history();
    house.tell_aside(circle, case, &mut entries);
    let who: BTreeSet<PartnerId> = entries.iter().map(|entry| entry.written.partner).collect();
    Ok(SheetHistory {
        circle_name: circle.name(),
        circle: circle.id,
        entries,
        partners: house.people.named(who),
    })
}

fn conflicts(house: &House, circle: Option<&str>, case: Option<&str>) -> Result<Answer, Failure> {
    let circles = house.chosen_circles(circle)?;
    let only = match (case, circle, circles.first()) {
        (Some(case), Some(_), Some(here)) => Some(house.find_case(case, Some(here))?),
        (Some(case), ..) => Some(house.find_case(case, None)?),
        (None, ..) => None,
    };
    let mut conflicts = Vec::new();
    for id in &circles {
        let circle = house.circle(id)?;
        let mut rows: Vec<&Arc<Row>> = house
            .index
            .rows_of(*id)
            .filter(|row| row.conflicts + row.differences > 0 && only.is_none_or(|only| row.case == only))
            .collect();
        rows.sort_by(|a, b| order(&[a]).cmp(&order(&[b])));
        for row in rows {
            // A spoiled sheet has nothing to show; `case show` and `check` speak of it.
            if let (_, Some(view)) = house.view_here(circle, &row.case) {
                conflicts.extend(house.conflicts_of(circle, row, &view));
            }
        }
    }
    // Circles by name; within each the order of the list stays.
    conflicts.sort_by(|a, b| a.circle_name.cmp(&b.circle_name));
    Ok(Answer::Conflicts { conflicts })
}

/// What a list is sorted by: those without a name last, then by name and number. References alone: a list of a whole
/// circle is sorted for each page that is shown.
pub(super) type Order<'a> = (
    bool,
    Option<(&'a Private<String>, &'a Private<String>, &'a Private<String>)>,
    Option<&'a Private<String>>,
);

pub(super) fn order<'a>(rows: &[&'a Arc<Row>]) -> Order<'a> {
    let name = rows.iter().find_map(|row| row.names.first()).map(|(_, name)| {
        let first = if name.surname.is_empty() { &name.whole } else { &name.surname };
        (if first.is_empty() { &name.given } else { first }, &name.given, &name.patronymic)
    });
    let number = rows.iter().find_map(|row| row.numbers.first()).map(|(_, number)| number);
    (name.is_none(), name, number)
}

/// Each value once, in the order in which they came.
fn distinct(values: impl Iterator<Item = Private<String>>) -> Vec<Private<String>> {
    let mut all: Vec<Private<String>> = Vec::new();
    for value in values {
        if !all.contains(&value) {
            all.push(value);
        }
    }
    all
}

fn name_line(name: &Name) -> Private<String> {
    Value::Name(name.clone()).line()
}

/// Names in use on a sheet.
fn names_on(view: &SheetView) -> impl Iterator<Item = Private<String>> {
    view.current().filter(|claim| claim.claim.field == "name").filter_map(|claim| match &claim.claim.value {
        Value::Name(name) => Some(name_line(name)),
        _ => None,
    })
}

impl House {
    /// The case that is meant and the circles, by name, that have a sheet of it and were asked for.
    pub(super) fn sheets_of(
        &self,
        case: &str,
        circle: Option<&str>,
    ) -> Result<(CaseId, Vec<&Circle>), Failure> {
        let chosen = self.chosen_circles(circle)?;
        let here = if circle.is_some() { chosen.first() } else { None };
        let case = self.find_case(case, here)?;
        let mut circles = Vec::new();
        for id in chosen.iter().filter(|id| self.index.get(id, &case).is_some()) {
            circles.push(self.circle(id)?);
        }
        circles.sort_by_key(|circle| circle.name());
        if circles.is_empty() { Err(no_sheet()) } else { Ok((case, circles)) }
    }

    /// A sheet as it stands; `None` if it is spoiled.
    pub(super) fn view_here<'a>(&self, circle: &'a Circle, case: &CaseId) -> (&'a Circle, Option<SheetView>) {
        if self.spoiled.contains(&(circle.id, *case)) {
            return (circle, None);
        }
        let mut view = self.sheet(circle, case).ok().flatten().map(|sheet| sheet.view());
        if let Some(view) = &mut view {
            self.show_aside(circle, view);
        }
        (circle, view)
    }

    fn case_view(&self, case: CaseId, sheets: Vec<(&Circle, Option<SheetView>)>) -> CaseView {
        let mut title = Vec::new();
        let mut partners = BTreeSet::new();
        for (circle, view) in &sheets {
            match view {
                Some(view) => {
                    title.extend(names_on(view));
                    partners.extend(partners_on(view));
                }
                None => {
                    let row = self.index.get(&circle.id, &case);
                    title.extend(row.into_iter().flat_map(|row| &row.names).map(|(_, name)| name_line(name)));
                }
            }
        }
        let sheets = sheets
            .into_iter()
            .map(|(circle, sheet)| NamedSheet {
                circle_name: circle.name(),
                readers: self.people.names(&circle.charter().members),
                sheet,
            })
            .collect();
        CaseView { case, title: distinct(title.into_iter()), sheets, partners: self.people.named(partners) }
    }

    /// Rows of these circles, case by case.
    pub(super) fn rows_by_case(&self, circles: &[CircleId]) -> Vec<Rows<'_>> {
        let mut cases: BTreeMap<CaseId, Vec<&Arc<Row>>> = BTreeMap::new();
        let mut circles: Vec<&Circle> = circles.iter().filter_map(|id| self.circles.get(id)).collect();
        circles.sort_by_key(|circle| (circle.name(), circle.id));
        for circle in circles {
            for row in self.index.rows_of(circle.id) {
                cases.entry(row.case).or_default().push(row);
            }
        }
        cases.into_iter().collect()
    }

    pub(super) fn case_row(&self, (case, rows): &Rows<'_>) -> CaseRow {
        let circles = rows.iter().filter_map(|row| self.circles.get(&row.circle)).map(Circle::name).collect();
        let names = rows.iter().flat_map(|row| &row.names).map(|(_, name)| name_line(name));
        let births = rows.iter().filter_map(|row| row.born.clone()).map(|born| Value::Date(born).line());
        let numbers = rows
            .iter()
            .flat_map(|row| &row.numbers)
            .map(|(system, number)| Value::Outside { system: system.clone(), number: number.clone() }.line());
        let same: BTreeSet<CaseId> = rows.iter().flat_map(|row| &row.same).copied().collect();
        CaseRow {
            case: *case,
            circles,
            names: distinct(names),
            births: distinct(births),
            numbers: distinct(numbers),
            stages: distinct(rows.iter().flat_map(|row| &row.stages).cloned()),
            differs: rows.iter().map(|row| row.differences as usize).sum(),
            conflicts: rows.iter().map(|row| row.conflicts as usize).sum(),
            last: rows.iter().map(|row| row.last_edit).max().unwrap_or_default(),
            same: same.into_iter().collect(),
            urgency: rows
                .iter()
                .map(|row| &row.urgency)
                .find(|code| !code.is_empty())
                .cloned()
                .unwrap_or_default(),
            seen: rows.iter().map(|row| row.last_seen).max().unwrap_or_default(),
            changed: false,
            waiting: false,
        }
    }

    pub(super) fn conflicts_of(&self, circle: &Circle, row: &Row, view: &SheetView) -> Vec<ConflictView> {
        let title = names_on(view)
            .min_by_key(Private::len_points)
            .or_else(|| row.numbers.first().map(|(_, number)| number.clone()))
            .unwrap_or_else(|| Private::new(row.case.short()));
        let conflict = |kind, field: String, group: &str, values| ConflictView {
            circle: circle.id,
            circle_name: circle.name(),
            case: row.case,
            title: title.clone(),
            kind,
            field,
            group: group.to_owned(),
            values,
        };
        let plans = view.conflicts().map(|plan| {
            let values = plan.values.iter().map(|value| ConflictValue {
                item: value.item,
                partner: self.people.name(&value.written.partner),
                value: value.value.line(),
            });
            conflict(ConflictKind::Plan, plan.key.to_string(), "", values.collect())
        });
        let claims = view.differs.iter().map(|differs| {
            let values =
                view.claims.iter().filter(|claim| differs.claims.contains(&claim.item)).map(|claim| {
                    ConflictValue {
                        item: claim.item,
                        partner: self.people.name(&claim.written.partner),
                        value: claim.claim.value.line(),
                    }
                });
            conflict(ConflictKind::Claim, differs.field.clone(), &differs.group, values.collect())
        });
        plans.chain(claims).collect()
    }
}

/// Every partner that a sheet speaks of by its id.
pub(super) fn partners_on(view: &SheetView) -> BTreeSet<PartnerId> {
    let quoted = view.claims.iter().filter_map(|claim| claim.claim.origin.as_ref()).map(|from| from.partner);
    let told = view.disclosed.iter().flat_map(|told| told.disclosed.readers.iter().copied());
    view.members.iter().copied().chain(quoted).chain(told).collect()
}
