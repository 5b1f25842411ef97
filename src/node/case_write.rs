//! Case verbs that write: each reads the sheet as it stands, makes one change and says who will read it.
//!
//! Nothing that another office said is ever changed: `claim` replaces own claims alone, `prefer` is an own claim about
//! another's, `settle` is for the plan, which all members edit together. Disclosure stands in `disclose`.

use super::claims_in::{self, operator as check_operator, quiet};
use super::failure::{bad_input, fail, internal, not_allowed, not_found};
use super::house::House;
use super::request::ClaimIn;
use super::{Answer, Failure, FailureKind, Request, Written, disclose};
use crate::case::{
    Change, Claim, Did, Holds, PlanKey, PlanValue, SheetView, Source, Splice, Value, parse_plan_value,
};
use crate::id::{CaseId, CircleId, EditRef, ItemRef};
use crate::limit;
use crate::private::Private;
use crate::register::Sheet;

#[cfg(test)]
mod tests;

pub(super) fn answer(
    house: &mut House,
    request: Request,
    operator: &Private<String>,
) -> Result<Answer, Failure> {
    let by = || check_operator(operator);
    let written = match request {
        Request::CaseNew { circle, case, claims } => new(house, &circle, case.as_deref(), &claims, &by()?),
        Request::CaseClaim { circle, case, claims } => {
            let by = by()?;
            let at = At::find(house, &circle, &case)?;
            let read = claims_in::read(house, &at.circle, Some(&at.view), &claims)?;
            at.write(house, Change::Claims(read.claims), &by, read.warnings)
        }
        Request::CaseWithdraw { circle, case, items, reason } => {
            let by = by()?;
            let at = At::find(house, &circle, &case)?;
            let change = at.withdraw(house, &items, &reason)?;
            at.write(house, change, &by, Vec::new())
        }
        Request::CasePrefer { circle, case, item } => {
            let by = by()?;
            let at = At::find(house, &circle, &case)?;
            let change = at.prefer(house, &item)?;
            at.write(house, change, &by, Vec::new())
        }
        Request::CasePlan { circle, case, key, value, shown } => {
            let by = by()?;
            let at = At::find(house, &circle, &case)?;
            let (change, warnings) = at.plan(house, &key, &value, shown.as_deref())?;
            at.write(house, change, &by, warnings)
        }
        Request::CaseNote { circle, case, at, remove, insert } => {
            let by = by()?;
            let here = At::find(house, &circle, &case)?;
            let change = here.note(house, at, &remove, &insert)?;
            here.write(house, change, &by, Vec::new())
        }
        Request::CaseSettle { circle, case, key, take, value } => {
            let by = by()?;
            let at = At::find(house, &circle, &case)?;
            let (change, warnings) = at.settle(house, &key, take.as_deref(), value.as_ref())?;
            at.write(house, change, &by, warnings)
        }
        Request::CaseDisclose { from, to, case, items, reason, dry_run } => {
            let telling = disclose::Telling::find(house, &from, &to, &case, &items)?;
            if dry_run {
                return telling.preview(house);
            }
            telling.write(house, &reason, &by()?)
        }
        Request::CaseSame { circle, case, other, reason } => {
            let by = by()?;
            same(house, &circle, &case, &other, &reason, &by)
        }
        _ => Err(internal("no request that writes in a case")),
    };
    written.map(Answer::Written)
}

/// A sheet that is about to be written in.
pub(super) struct At {
    pub(super) circle: CircleId,
    pub(super) case: CaseId,
    pub(super) view: SheetView,
    pub(super) sheet: Sheet,
}

impl At {
    /// The sheet that a person means.
    pub(super) fn find(house: &House, circle: &str, case: &str) -> Result<Self, Failure> {
        let circle = house.find_circle(circle)?;
        house.open_circle(&circle)?;
        let case = house.find_case(case, Some(&circle)).map_err(|failure| {
            // Only this office's own other circles are looked at: it may know that it knows the case.
            if failure.kind == FailureKind::NotFound && house.find_case(case, None).is_ok() {
                return not_found(
                    "this circle has no sheet of that case",
                    "Open one with `homeward case new` and `--case`, or tell it with `homeward case disclose`.",
                );
            }
            failure
        })?;
        Self::of(house, &circle, case)?.ok_or_else(|| internal("a case that was found has no sheet"))
    }

    /// The sheet of a case, if there is one.
    pub(super) fn of(house: &House, circle: &CircleId, case: CaseId) -> Result<Option<Self>, Failure> {
        let sheet = house.sheet(house.circle(circle)?, &case)?;
        Ok(sheet.map(|sheet| Self { circle: *circle, case, view: sheet.view(), sheet }))
    }

    /// Writes one change.
    fn write(
        &self,
        house: &mut House,
        change: Change,
        by: &Private<String>,
        warnings: Vec<String>,
    ) -> Result<Written, Failure> {
        has_room(house, &self.sheet, 1)?;
        write(house, &self.circle, self.case, self.view.claims.len(), vec![change], by, warnings)
    }

    fn item(&self, house: &House, named: &str) -> Result<ItemRef, Failure> {
        house.find_item(house.circle(&self.circle)?, &self.view, named)
    }

    fn withdraw(&self, house: &House, named: &[String], reason: &Private<String>) -> Result<Change, Failure> {
        let mut items = Vec::with_capacity(named.len());
        for name in named {
            let item = self.item(house, name)?;
            let claims =
                self.view.claims.iter().map(|c| (c.item, c.written.partner, !c.withdrawn.is_empty()));
            let acts = self.view.acts.iter().map(|a| (a.item, a.written.partner, !a.withdrawn.is_empty()));
            let files = self.view.files.iter().map(|f| (f.item, f.written.partner, !f.withdrawn.is_empty()));
            let found = claims.chain(acts).chain(files).find(|(known, _, _)| *known == item);
            let Some((_, partner, withdrawn)) = found else {
                return Err(not_found(
                    "that item cannot be withdrawn",
                    "Claims, acts and files are withdrawn; a plan value is cleared with `homeward case plan`.",
                ));
            };
            if partner != house.people.own {
                return Err(not_allowed(
                    "that item is another office's word and stays as it is",
                    "Say your own claim beside it, and say with `homeward case prefer` which one this office works with.",
                ));
            }
            if withdrawn {
                return Err(bad_input("that item is withdrawn already", "Nothing was written."));
            }
            if !items.contains(&item) {
                items.push(item);
            }
        }
        if !(1..=limit::EDIT_ITEMS).contains(&items.len()) {
            return Err(bad_input(
                format!("a withdrawal names 1 to {} items", limit::EDIT_ITEMS),
                "Name what to withdraw, as `homeward case show CASE` prints it.",
            ));
        }
        Ok(Change::Withdraw { items, reason: quiet(reason)? })
    }

    /// An own claim that says which claim this office works with; it replaces what it said so of the same field.
    fn prefer(&self, house: &House, named: &str) -> Result<Change, Failure> {
        let item = self.item(house, named)?;
        let wanted = house.claim_of(&self.view, &item)?;
        if !wanted.is_current() {
            return Err(bad_input(
                "that claim was withdrawn or replaced by the office whose word it was",
                "Choose one that stands; see `homeward case show CASE`.",
            ));
        }
        if matches!(wanted.claim.value, Value::Item(_)) {
            return Err(bad_input(
                "that item itself says which claim an office works with",
                "Name the claim itself; see `homeward case show CASE`.",
            ));
        }
        let mut replaces = Vec::new();
        for said in self.view.prefers.iter().filter(|said| said.partner == house.people.own) {
            if said.item == item {
                return Err(bad_input("this office works with that claim already", "Nothing was written."));
            }
            let before = self.view.claims.iter().find(|claim| claim.item == said.item);
            if before.is_some_and(|before| {
                before.claim.field == wanted.claim.field && before.claim.group == wanted.claim.group
            }) {
                replaces.push(said.by);
            }
        }
        replaces.truncate(limit::EDIT_ITEMS);
        Ok(Change::Claims(vec![own_word("prefers", Value::Item(item), Private::default(), replaces)]))
    }

    fn plan(
        &self,
        house: &House,
        key: &str,
        typed: &Private<String>,
        shown: Option<&[String]>,
    ) -> Result<(Change, Vec<String>), Failure> {
        let key = read_key(key)?;
        let (value, warnings) = read_plan_value(&key, typed)?;
        let planned = self.view.planned(&key);
        let mut replaces: Vec<ItemRef> = Vec::new();
        match shown {
            None => replaces.extend(planned.iter().flat_map(|plan| &plan.values).map(|value| value.item)),
            Some(shown) => {
                for named in shown {
                    let item = self.item(house, named)?;
                    let values = || planned.iter().flat_map(|plan| plan.values.iter().chain(&plan.history));
                    if !values().any(|value| value.item == item) {
                        return Err(not_found(
                            format!("that item is no value of {key}"),
                            "See `homeward case show CASE`.",
                        ));
                    }
                    replaces.push(item);
                }
            }
        }
        if is_clear(&value) && planned.is_none_or(|plan| plan.values.iter().all(|one| is_clear(&one.value))) {
            return Err(not_found(format!("{key} has no value to clear"), "Nothing was written."));
        }
        replaces.truncate(limit::EDIT_ITEMS);
        Ok((Change::Plan(PlanValue { key, value, replaces }), warnings))
    }

    fn settle(
        &self,
        house: &House,
        key: &str,
        take: Option<&str>,
        typed: Option<&Private<String>>,
    ) -> Result<(Change, Vec<String>), Failure> {
        let key = read_key(key)?;
        let Some(planned) = self.view.planned(&key).filter(|plan| plan.in_conflict()) else {
            return Err(not_found(
                format!("{key} is not in conflict"),
                "See `homeward case conflicts`. Claims that differ stand side by side: say with \
                 `homeward case prefer` which one this office works with.",
            ));
        };
        let (value, warnings) = match (take, typed) {
            (Some(named), None) => {
                let item = self.item(house, named)?;
                let taken = planned.values.iter().find(|value| value.item == item).ok_or_else(|| {
                    not_found(
                        format!("that item is none of the values of {key} now"),
                        "See `homeward case conflicts`.",
                    )
                })?;
                (taken.value.clone(), Vec::new())
            }
            (None, Some(typed)) => read_plan_value(&key, typed)?,
            _ => {
                return Err(bad_input(
                    "either a value is taken or another one is given",
                    "Name the item whose value stays, or give one value.",
                ));
            }
        };
        let replaces = planned.values.iter().map(|value| value.item).take(limit::EDIT_ITEMS).collect();
        Ok((Change::Plan(PlanValue { key, value, replaces }), warnings))
    }

    fn note(
        &self,
        house: &House,
        at: Option<u64>,
        remove: &Private<String>,
        insert: &Private<String>,
    ) -> Result<Change, Failure> {
        // Spaces and breaks at the ends are part of a splice: nothing is trimmed but the returns of other systems.
        let insert = Private::new(insert.reveal().replace("\r\n", "\n"));
        quiet(&insert)?;
        if insert.is_empty() && remove.is_empty() {
            return Err(bad_input("there is nothing to write or remove", "Say the text of the note."));
        }
        let note = self.view.note.reveal();
        let splice = match at {
            None if !remove.is_empty() => {
                return Err(bad_input("text is removed at a place", "Say where it stands in the note."));
            }
            None => {
                let apart = if note.is_empty() || note.ends_with('\n') { "" } else { "\n" };
                Splice {
                    at: self.view.note.len_points() as u64,
                    remove: Private::default(),
                    insert: format!("{apart}{}", insert.reveal()).into(),
                }
            }
            Some(at) => {
                let from = usize::try_from(at).unwrap_or(usize::MAX);
                if !note.chars().skip(from).take(remove.len_points()).eq(remove.reveal().chars()) {
                    return Err(bad_input(
                        "the note does not hold that text at that place: it was changed meanwhile",
                        "Look at the note as it stands and try again; nothing was written.",
                    ));
                }
                Splice { at, remove: remove.clone(), insert }
            }
        };
        let said: usize = self
            .sheet
            .history()
            .iter()
            .filter(|entry| entry.edit.life == house.life)
            .map(|entry| match &entry.did {
                Did::Noted(splice) => splice.insert.len_bytes(),
                _ => 0,
            })
            .sum();
        if said + splice.insert.len_bytes() > limit::SHEET_LOG_NOTE_BYTES {
            return Err(not_allowed(
                format!(
                    "this node has written as much in the note of this sheet as it may: {} bytes",
                    limit::SHEET_LOG_NOTE_BYTES
                ),
                "Say it as a claim of the field `remark`.",
            ));
        }
        Ok(Change::Note(splice))
    }
}

/// Opens a case, or another circle's sheet of a known one.
fn new(
    house: &mut House,
    circle: &str,
    known: Option<&str>,
    claims: &[ClaimIn],
    by: &Private<String>,
) -> Result<Written, Failure> {
    let circle = house.find_circle(circle)?;
    house.open_circle(&circle)?;
    let case = known.map(|named| house.find_case(named, None)).transpose()?;
    if case.is_some_and(|case| house.index.get(&circle, &case).is_some()) {
        return Err(bad_input(
            "this circle has a sheet of that case already",
            "Say more there with `homeward case claim`.",
        ));
    }
    let read = claims_in::read(house, &circle, None, claims)?;
    has_room_for_sheet(house, &circle)?;
    let case = case.unwrap_or_else(|| CaseId(house.chance.bytes16()));
    write(house, &circle, case, 0, vec![Change::Claims(read.claims)], by, read.warnings)
}

/// Says that two cases are the same child: on this case's sheet, and on the other's if this circle has one.
fn same(
    house: &mut House,
    circle: &str,
    case: &str,
    other: &str,
    reason: &Private<String>,
    by: &Private<String>,
) -> Result<Written, Failure> {
    let at = At::find(house, circle, case)?;
    let there = match house.find_case(other, Some(&at.circle)) {
        Ok(other) => other,
        Err(_) => house.find_case(other, None)?,
    };
    if there == at.case {
        return Err(bad_input("both names stand for one and the same case", "Name two cases."));
    }
    let reason = quiet(reason)?;
    let says = |at: &At, other: CaseId| {
        let mine = |claim: &&crate::case::ClaimView| claim.written.partner == house.people.own;
        at.view
            .current()
            .filter(mine)
            .any(|claim| claim.claim.field == "same_child" && claim.claim.value == Value::Case(other))
    };
    let link =
        |other| Change::Claims(vec![own_word("same_child", Value::Case(other), reason.clone(), Vec::new())]);
    let mut changes = Vec::new();
    let mut claims = at.view.claims.len();
    for (at, other) in [(Some(&at), there), (At::of(house, &at.circle, there)?.as_ref(), at.case)] {
        if let Some(at) = at
            && !says(at, other)
        {
            has_room(house, &at.sheet, 1)?;
            claims = claims.max(at.view.claims.len());
            changes.push((at.case, link(other)));
        }
    }
    let Some((first, _)) = changes.first() else {
        return Err(bad_input("this office says so already", "Nothing was written."));
    };
    let first = *first;
    let edits = house.write(&at.circle, changes, by)?;
    written(house, &at.circle, first, &[(edit_of(&edits)?, 1)], large(claims + 1))
}

/// An own claim without a source but this office.
fn own_word(field: &str, value: Value, reason: Private<String>, replaces: Vec<ItemRef>) -> Claim {
    Claim {
        field: field.to_owned(),
        group: String::new(),
        value,
        source: Source { text: reason, ..Source::default() },
        replaces,
        origin: None,
    }
}

fn read_key(typed: &str) -> Result<PlanKey, Failure> {
    PlanKey::parse(typed)
        .map_err(|fault| bad_input(fault.to_string(), "Correct it and try again; nothing was written."))
}

fn read_plan_value(key: &PlanKey, typed: &Private<String>) -> Result<(Value, Vec<String>), Failure> {
    let value = parse_plan_value(key, typed.reveal()).map_err(|fault| {
        bad_input(format!("{key}: {fault}"), "Correct it and try again; nothing was written.")
    })?;
    let mut warnings = Vec::new();
    match key.known() {
        None => warnings.push(format!("The plan field {key} is not known here; it is kept as text.")),
        Some(known) => {
            if let (Holds::Code(codes), Value::Code(code)) = (known.holds, &value)
                && !codes.contains(&code.reveal().as_str())
            {
                let codes = codes.join(", ");
                warnings.push(format!("The value of {key} is none of {codes}; it is kept as it is."));
            }
        }
    }
    Ok((value, warnings))
}

fn is_clear(value: &Value) -> bool {
    matches!(value, Value::Text(text) if text.is_empty())
}

/// Writes changes of one sheet that holds so many claims, in one transaction.
pub(super) fn write(
    house: &mut House,
    circle: &CircleId,
    case: CaseId,
    claims_before: usize,
    changes: Vec<Change>,
    by: &Private<String>,
    mut warnings: Vec<String>,
) -> Result<Written, Failure> {
    let items: Vec<u16> = changes.iter().map(items_of).collect();
    let claims = |change: &Change| match change {
        Change::Claims(claims) => claims.len(),
        _ => 0,
    };
    let more: usize = changes.iter().map(claims).sum();
    if more > 0 {
        warnings.extend(large(claims_before + more));
    }
    let edits = house.write(circle, changes.into_iter().map(|change| (case, change)).collect(), by)?;
    let edits: Vec<(EditRef, u16)> = edits.into_iter().zip(items).collect();
    written(house, circle, case, &edits, warnings)
}

fn items_of(change: &Change) -> u16 {
    match change {
        Change::Claims(claims) => u16::try_from(claims.len()).unwrap_or(u16::MAX),
        Change::Plan(_) | Change::Act(_) | Change::File(_) => 1,
        Change::Withdraw { .. } | Change::Note(_) | Change::Disclosed(_) => 0,
    }
}

/// What is said of edits that were written.
fn written(
    house: &House,
    circle: &CircleId,
    case: CaseId,
    edits: &[(EditRef, u16)],
    warnings: Vec<String>,
) -> Result<Written, Failure> {
    let edit = edits.first().ok_or_else(|| internal("nothing was written"))?.0;
    let items =
        edits.iter().flat_map(|(edit, items)| (0..*items).map(|place| ItemRef { edit: *edit, place }));
    let readers = house.people.names(&house.circle(circle)?.charter().members);
    Ok(Written { case, circle: *circle, edit, items: items.collect(), warnings, readers })
}

fn edit_of(edits: &[EditRef]) -> Result<EditRef, Failure> {
    edits.first().copied().ok_or_else(|| internal("nothing was written"))
}

fn large(claims: usize) -> Vec<String> {
    (claims >= limit::SHEET_CLAIMS_WARNING)
        .then(|| format!("This sheet holds {claims} claims: it takes longer to open and to send."))
        .into_iter()
        .collect()
}

/// Whether this office may write in a circle now.
pub(super) fn ready_to_write(house: &House, circle: &CircleId) -> Result<(), Failure> {
    if house.open_circle(circle)?.rebuilding {
        return Err(fail(
            FailureKind::InUse,
            "sheets are being rebuilt",
            "Try again in a moment; `homeward status` shows how far it is.",
        ));
    }
    Ok(())
}

/// Whether this node may write so many more edits in a sheet.
pub(super) fn has_room(house: &House, sheet: &Sheet, more: u64) -> Result<(), Failure> {
    // Edits of all nodes together are no fewer than ours: only a large sheet is counted.
    if sheet.edits() as u64 + more <= limit::SHEET_LOG_EDITS {
        return Ok(());
    }
    let own = sheet.history().iter().filter(|entry| entry.edit.life == house.life).count() as u64;
    if own + more <= limit::SHEET_LOG_EDITS {
        return Ok(());
    }
    Err(not_allowed(
        format!("this node has written as many edits in this sheet as it may: {}", limit::SHEET_LOG_EDITS),
        "Open another case for what is new and link both with `homeward case same`.",
    ))
}

/// Whether this node may open one more sheet in a circle.
pub(super) fn has_room_for_sheet(house: &House, circle: &CircleId) -> Result<(), Failure> {
    // All sheets of the circle are no fewer than those that our log touches; counting ours would mean opening each.
    if house.index.count_of(circle) < limit::LOG_SHEETS {
        return Ok(());
    }
    Err(not_allowed(
        format!("this circle holds as many cases as a node may open: {}", limit::LOG_SHEETS),
        "Found another circle with the same members for new cases.",
    ))
}
