//! Import of lists: each line becomes what this office says of one case, and a second run of the same file changes
//! nothing.
//!
//! A line finds its case by the list's own name and number: by what this office said from that line, else by a number
//! that it gave the case by hand, else by anyone's. Lines are taken in batches, each one transaction, and are
//! reported once they are durable; the house is free between batches. Nothing is ever withdrawn here.

use super::case_write::{has_room, has_room_for_sheet, ready_to_write};
use super::claims_in::operator as check_operator;
use super::failure::{bad_input, fail};
use super::house::House;
use super::limits::IMPORT_BATCH;
use super::running::Node;
use super::{Answer, Failure, FailureKind, ImportRow, RowOutcome};
use crate::case::{
    Change, Claim, Held, ListMap, RefusedRow, Row, RowPlan, SheetView, Value, compare, field, read_list,
};
use crate::id::{CaseId, CircleId, ItemRef};
use crate::private::Private;
use std::collections::BTreeMap;

#[cfg(test)]
mod tests;

pub(super) fn answer(
    node: &Node,
    circle: &str,
    csv: &[u8],
    map: &str,
    dry_run: bool,
    operator: &Private<String>,
    on: &mut dyn FnMut(Answer),
) -> Result<Answer, Failure> {
    let by = if dry_run { operator.clone() } else { check_operator(operator)? };
    let circle = {
        let house = node.shared.house();
        let circle = house.find_circle(circle)?;
        ready_to_write(&house, &circle)?;
        circle
    };
    let map = ListMap::parse(map).map_err(|fault| {
        bad_input(format!("the map cannot be used: {fault}"), "Correct the map and try again.")
    })?;
    let csv = super::list_look::as_csv(csv, map.sheet(), map.delimiter())?.1;
    let read = read_list(&csv, &map).map_err(|fault| {
        bad_input(
            format!("the list cannot be read: {fault}"),
            "Nothing was written. Correct it and try again.",
        )
    })?;
    let mut lines: Vec<Line> = read.rows.into_iter().map(Line::Read).collect();
    lines.extend(read.refused.into_iter().map(Line::Refused));
    lines.sort_by_key(Line::number);

    let mut import = Import { circle, map, by, dry_run, cases: Cases::default() };
    let mut counts = Counts::default();
    for batch in lines.chunks(IMPORT_BATCH) {
        if node.shared.stopping() {
            return Err(fail(
                FailureKind::InUse,
                "the node stops: the rest of the list was not taken",
                "Import the list again later; lines that were taken stay as they are.",
            ));
        }
        let rows = import.take(&mut node.shared.house(), batch)?;
        for row in rows {
            counts.count(row.outcome);
            on(Answer::Row(row));
        }
    }
    let Counts { new, changed, unchanged, refused } = counts;
    Ok(Answer::Imported { dry_run, new, changed, unchanged, refused })
}

/// A line of the file.
enum Line {
    Read(Row),
    Refused(RefusedRow),
}

impl Line {
    fn number(&self) -> u64 {
        match self {
            Self::Read(row) => row.line,
            Self::Refused(row) => row.line,
        }
    }
}

#[derive(Default)]
struct Counts {
    new: usize,
    changed: usize,
    unchanged: usize,
    refused: usize,
}

impl Counts {
    fn count(&mut self, outcome: RowOutcome) {
        match outcome {
            RowOutcome::New => self.new += 1,
            RowOutcome::Changed => self.changed += 1,
            RowOutcome::Unchanged => self.unchanged += 1,
            RowOutcome::Refused => self.refused += 1,
        }
    }
}

/// Cases of the circle by their number in this list.
#[derive(Default)]
struct Cases {
    /// More than one where two cases were opened for one line.
    by_number: BTreeMap<Private<String>, Vec<CaseId>>,
    /// What the circle held when they were read: edits of others, and the number of our next.
    at: Option<(u64, u64)>,
}

impl Cases {
    /// Reads them anew if anybody has written since.
    fn renew(&mut self, house: &House, circle: &CircleId, map: &ListMap) -> Result<(), Failure> {
        let now = state(house, circle)?;
        if self.at == Some(now) {
            return Ok(());
        }
        self.by_number.clear();
        for row in house.index.rows_of(*circle) {
            for (_, number) in row.numbers.iter().filter(|(system, _)| system.reveal() == map.list()) {
                let cases = self.by_number.entry(number.clone()).or_default();
                if !cases.contains(&row.case) {
                    cases.push(row.case);
                }
            }
        }
        self.at = Some(now);
        Ok(())
    }
}

/// Changes with every edit that comes to a circle, and with nothing else: a cut leaves it as it is.
fn state(house: &House, circle: &CircleId) -> Result<(u64, u64), Failure> {
    let circle = house.circle(circle)?;
    let others = circle.logs.keys().filter(|life| **life != house.life);
    Ok((others.map(|life| circle.reach.last_edit(life)).sum(), circle.next_edit()))
}

/// An import under way.
struct Import {
    circle: CircleId,
    map: ListMap,
    by: Private<String>,
    dry_run: bool,
    cases: Cases,
}

/// The case of a line.
struct Found {
    fit: Fit,
    case: CaseId,
    /// All that this office ever claimed of it.
    own: Vec<Held>,
    /// Whether this node may write more there.
    room: Result<(), Failure>,
}

/// A row and the claims that it makes, if any.
struct Taken {
    row: ImportRow,
    write: Option<(CaseId, Vec<Claim>)>,
}

impl Import {
    /// Takes lines: all that they change is durable when this returns.
    fn take(&mut self, house: &mut House, lines: &[Line]) -> Result<Vec<ImportRow>, Failure> {
        self.cases.renew(house, &self.circle, &self.map)?;
        let mut taken: Vec<Taken> = Vec::with_capacity(lines.len());
        for line in lines {
            taken.push(match line {
                Line::Refused(row) => Taken {
                    row: ImportRow {
                        line: usize::try_from(row.line).unwrap_or(usize::MAX),
                        number: Private::default(),
                        outcome: RowOutcome::Refused,
                        case: None,
                        detail: row.reason.to_string(),
                    },
                    write: None,
                },
                Line::Read(row) => self.plan(house, row)?,
            });
        }
        if !self.dry_run {
            self.write(house, &mut taken)?;
        }
        let own = state(house, &self.circle)?;
        for one in &taken {
            if let (RowOutcome::New, Some(case)) = (one.row.outcome, one.row.case) {
                self.cases.by_number.entry(one.row.number.clone()).or_default().push(case);
            }
        }
        // Under one lock nobody else has written: what is new is ours.
        self.cases.at = Some(own);
        Ok(taken.into_iter().map(|one| one.row).collect())
    }

    /// What a line asks for.
    fn plan(&self, house: &mut House, row: &Row) -> Result<Taken, Failure> {
        let mut shown = ImportRow {
            line: usize::try_from(row.line).unwrap_or(usize::MAX),
            number: row.number.clone(),
            outcome: RowOutcome::Unchanged,
            case: None,
            detail: String::new(),
        };
        let found = match self.find(house, row) {
            Ok(found) => found,
            Err(failure) if failure.kind == FailureKind::Disk => return Err(failure),
            Err(failure) => return Ok(refused(shown, &failure)),
        };
        let case = found.as_ref().map(|found| found.case);
        let (own, room) = match found {
            Some(found) => (found.own, found.room),
            None => (Vec::new(), Ok(())),
        };
        shown.case = case.filter(|_| !self.dry_run);
        let labels = |items: &[ItemRef]| {
            labels(own.iter().filter(|held| items.contains(&held.item)).map(|held| &held.claim))
        };
        let (claims, left_out) = match compare(&self.map, row, &own) {
            RowPlan::New(claims) => (claims, Vec::new()),
            RowPlan::Changed { claims, left_out } => (claims, left_out),
            RowPlan::Unchanged { left_out } => (Vec::new(), left_out),
        };
        let mut detail = Vec::new();
        if !claims.is_empty() && case.is_some() {
            detail.push(self::labels(&claims));
        }
        if !left_out.is_empty() {
            detail.push(format!("no longer on the line and left standing: {}", labels(&left_out)));
        }
        shown.detail = detail.join("; ");
        if claims.is_empty() {
            return Ok(Taken { row: shown, write: None });
        }
        let room = if case.is_some() { room } else { has_room_for_sheet(house, &self.circle) };
        if let Err(failure) = room {
            return Ok(refused(shown, &failure));
        }
        shown.outcome = if case.is_some() { RowOutcome::Changed } else { RowOutcome::New };
        if self.dry_run {
            return Ok(Taken { row: shown, write: None });
        }
        let case = case.unwrap_or_else(|| CaseId(house.chance.bytes16()));
        shown.case = Some(case);
        Ok(Taken { row: shown, write: Some((case, claims)) })
    }

    /// The case that fits a line best.
    fn find(&self, house: &House, row: &Row) -> Result<Option<Found>, Failure> {
        let circle = house.circle(&self.circle)?;
        let mut best: Option<Found> = None;
        for case in self.cases.by_number.get(&row.number).into_iter().flatten() {
            let Some(sheet) = house.sheet(circle, case)? else { continue };
            let own = own_claims(house, &sheet.view());
            let fit = self.fit(row, &own);
            // Of equals the lower id: all nodes of this office choose alike.
            if best.as_ref().is_none_or(|best| (fit, *case) < (best.fit, best.case)) {
                best = Some(Found { fit, case: *case, own, room: has_room(house, &sheet, 1) });
            }
        }
        Ok(best)
    }

    fn fit(&self, row: &Row, own: &[Held]) -> Fit {
        let numbered = |held: &Held| match &held.claim.value {
            Value::Outside { system, number } => {
                held.live && system.reveal() == self.map.list() && *number == row.number
            }
            _ => false,
        };
        if own.iter().any(|held| self.map.said(row, &held.claim)) {
            Fit::SaidFromTheLine
        } else if own.iter().any(numbered) {
            Fit::NumberedByUs
        } else {
            Fit::NumberedByOthers
        }
    }

    /// Writes what the lines ask for: all in one transaction, or line by line if one of them cannot be written.
    fn write(&self, house: &mut House, taken: &mut [Taken]) -> Result<(), Failure> {
        let changes: Vec<(CaseId, Change)> = taken
            .iter()
            .filter_map(|one| one.write.clone())
            .map(|(case, claims)| (case, Change::Claims(claims)))
            .collect();
        if changes.is_empty() {
            return Ok(());
        }
        match house.write(&self.circle, changes, &self.by) {
            Ok(_) => return Ok(()),
            Err(failure) if one_line_may_be_at_fault(&failure) => {}
            Err(failure) => return Err(failure),
        }
        for one in taken {
            let Some((case, claims)) = one.write.take() else { continue };
            match house.write(&self.circle, vec![(case, Change::Claims(claims))], &self.by) {
                Ok(_) => {}
                Err(failure) if one_line_may_be_at_fault(&failure) => {
                    one.row.outcome = RowOutcome::Refused;
                    one.row.case = None;
                    one.row.detail = format!("{}. {}", failure.what, failure.then);
                }
                Err(failure) => return Err(failure),
            }
        }
        Ok(())
    }
}

/// How a case fits a line, the best first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    SaidFromTheLine,
    NumberedByUs,
    NumberedByOthers,
}

fn one_line_may_be_at_fault(failure: &Failure) -> bool {
    matches!(failure.kind, FailureKind::BadInput | FailureKind::Damaged)
}

fn refused(row: ImportRow, failure: &Failure) -> Taken {
    let row = ImportRow {
        outcome: RowOutcome::Refused,
        case: None,
        detail: format!("{}. {}", failure.what, failure.then),
        ..row
    };
    Taken { row, write: None }
}

fn own_claims(house: &House, view: &SheetView) -> Vec<Held> {
    view.claims
        .iter()
        .filter(|claim| claim.written.partner == house.people.own)
        .map(|claim| Held { item: claim.item, claim: claim.claim.clone(), live: claim.is_current() })
        .collect()
}

/// The fields of claims, in plain English, each once.
fn labels<'a>(claims: impl IntoIterator<Item = &'a Claim>) -> String {
    let mut labels: Vec<String> = Vec::new();
    for claim in claims {
        let label = field(&claim.field).map_or(claim.field.as_str(), |known| known.label);
        let label =
            if claim.group.is_empty() { label.to_owned() } else { format!("{label} ({})", claim.group) };
        if !labels.contains(&label) {
            labels.push(label);
        }
    }
    labels.join(", ")
}
