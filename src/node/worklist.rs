//! What there is to do here: told from rows; only what is shown is opened.

use super::case_read::Rows;
use super::house::House;
use super::{Answer, CaseRow, ConflictKind, ConflictView, Failure, WorkView};
use crate::private::Private;
use crate::register::Row;
use crate::time::Millis;
use std::cmp::Reverse;
use std::sync::Arc;

pub(super) fn answer(house: &mut House, limit: usize, operator: &Private<String>) -> Result<Answer, Failure> {
    let visits = house.visits_of(operator)?.clone();
    let asker = house.asker(&visits, operator)?;
    let circles = house.chosen_circles(None)?;
    let mut cases = house.rows_by_case(&circles);
    // The most urgent first; of equals the last that changed.
    cases.sort_by_cached_key(|(case, rows)| (Reverse(urgency(rows)), Reverse(last_seen(rows)), *case));
    let conflicting = picked(&cases, |rows| rows.iter().any(|row| row.conflicts > 0));
    let differing = picked(&cases, |rows| rows.iter().any(|row| row.differences > 0));
    let waiting = picked(&cases, |rows| asker.is_named(rows));
    let changed: Vec<&Rows<'_>> = cases.iter().filter(|(case, rows)| asker.has_news(case, rows)).collect();
    let shown = |found: &[&Rows<'_>]| -> Vec<CaseRow> {
        found.iter().take(limit).map(|rows| house.case_row(rows)).collect()
    };
    let open = |found: &[&Rows<'_>], kind, has: fn(&Row) -> bool| -> Result<Vec<ConflictView>, Failure> {
        let mut open = Vec::new();
        for row in found.iter().take(limit).flat_map(|(_, rows)| rows).filter(|row| has(row)) {
            let circle = house.circle(&row.circle)?;
            // A spoiled sheet has nothing to show; `check` speaks of it.
            if let (_, Some(view)) = house.view_here(circle, &row.case) {
                open.extend(
                    house.conflicts_of(circle, row, &view).into_iter().filter(|one| one.kind == kind),
                );
            }
        }
        Ok(open)
    };
    Ok(Answer::Worklist(Box::new(WorkView {
        conflicts: open(&conflicting, ConflictKind::Plan, |row| row.conflicts > 0)?,
        conflict_cases: conflicting.len(),
        differences: open(&differing, ConflictKind::Claim, |row| row.differences > 0)?,
        differing_cases: differing.len(),
        waiting: shown(&waiting),
        waiting_cases: waiting.len(),
        changed: shown(&changed),
        changed_cases: changed.len(),
    })))
}

fn picked<'a, 'b>(cases: &'a [Rows<'b>], is: impl Fn(&[&Arc<Row>]) -> bool) -> Vec<&'a Rows<'b>> {
    cases.iter().filter(|(_, rows)| is(rows)).collect()
}

fn urgency(rows: &[&Arc<Row>]) -> u8 {
    let weight = |row: &&Arc<Row>| match row.urgency.reveal().as_str() {
        "critical" => 2,
        "urgent" => 1,
        _ => 0,
    };
    rows.iter().map(weight).max().unwrap_or_default()
}

fn last_seen(rows: &[&Arc<Row>]) -> Millis {
    rows.iter().map(|row| row.last_seen).max().unwrap_or_default()
}

#[cfg(test)]
mod tests;
