//! Names that people use, resolved: circles, cases, items.

use super::Failure;
use super::failure::{ambiguous, bad_input, not_found};
use super::house::{Circle, House};
use crate::case::{ClaimView, SheetView};
use crate::id::{CaseId, CircleId, EditRef, ItemRef, NodeId};
use std::collections::BTreeSet;

/// Hex digits from which on the start of an id may stand for it.
const LEAST_DIGITS: usize = 4;

impl House {
    /// The circle that a person means: by its name, or by the start of its id.
    pub(crate) fn find_circle(&self, named: &str) -> Result<CircleId, Failure> {
        let wanted = named.trim();
        let by_name: Vec<CircleId> = self
            .circles
            .values()
            .filter(|circle| !circle.known.name.is_empty() && circle.known.name.reveal() == wanted)
            .map(|circle| circle.id)
            .collect();
        let found =
            if by_name.is_empty() { starting(self.circles.keys(), wanted, CircleId::hex) } else { by_name };
        match found.as_slice() {
            [one] => Ok(*one),
            // What was typed may be a name that members alone should read: it is not repeated.
            [] => Err(not_found(
                "there is no such circle here",
                "See `homeward circle list`; a circle goes by its name or the start of its id.",
            )),
            _ => Err(ambiguous(
                "several circles are called that",
                "Use the start of the id; `homeward --json circle list` prints it whole.",
            )),
        }
    }

    /// The circles a request is about: the one named, else all that this office reads and has not hidden.
    pub(crate) fn chosen_circles(&self, named: Option<&str>) -> Result<Vec<CircleId>, Failure> {
        match named {
            Some(named) => {
                let id = self.find_circle(named)?;
                self.open_circle(&id)?;
                Ok(vec![id])
            }
            None => Ok(self
                .circles
                .values()
                .filter(|circle| !circle.known.hidden && self.open_circle(&circle.id).is_ok())
                .map(|circle| circle.id)
                .collect()),
        }
    }

    /// The case that a person means: by its id or the start of it, or by a number in some list (`K0001`,
    /// `kyiv-list:K0001`). With a circle, one of that circle.
    ///
    /// The whole id comes first: no number that somebody gives another child leads away from it, and pages, which use
    /// nothing else, look through no list.
    pub(crate) fn find_case(&self, named: &str, circle: Option<&CircleId>) -> Result<CaseId, Failure> {
        let wanted = named.trim();
        let (system, number) = match wanted.split_once(':') {
            Some((system, number)) => (Some(system), number),
            None => (None, wanted),
        };
        let readable: BTreeSet<CircleId> = match circle {
            Some(circle) => [*circle].into(),
            None => self.chosen_circles(None)?.into_iter().collect(),
        };
        if let Some(whole) = CaseId::from_hex(wanted)
            && readable.iter().any(|circle| self.index.get(circle, &whole).is_some())
        {
            return Ok(whole);
        }
        let rows = || self.index.rows().filter(|row| readable.contains(&row.circle));
        let by_number: BTreeSet<CaseId> = rows()
            .filter(|row| {
                row.numbers
                    .iter()
                    .any(|(s, n)| n.reveal() == number && system.is_none_or(|system| s.reveal() == system))
            })
            .map(|row| row.case)
            .collect();
        let found = if by_number.is_empty() {
            let cases: BTreeSet<CaseId> = rows().map(|row| row.case).collect();
            starting(cases.iter(), wanted, CaseId::hex).into_iter().collect()
        } else {
            by_number
        };
        match found.len() {
            1 => found
                .first()
                .copied()
                .ok_or_else(|| super::failure::internal("a case that was found is gone")),
            0 if circle.is_some_and(|circle| self.open_circle(circle).is_ok()) => {
                // The number may stand on another circle's sheet of the same child.
                let case = self.find_case(named, None)?;
                if circle.is_some_and(|circle| self.index.get(circle, &case).is_some()) {
                    return Ok(case);
                }
                Err(not_found(
                    "that circle has no sheet of this case",
                    "Tell it with `homeward case disclose`, or begin a sheet there with `homeward case new --case`.",
                ))
            }
            0 => Err(not_found(
                "there is no such case here",
                "Look for it with `homeward case find NAME`; a case is named by a list number or the start of its id.",
            )),
            count => Err(ambiguous(
                format!("{count} cases match"),
                "Name the list too, as in `kyiv-list:K0001`, or more of the id: `homeward --json case list` prints it whole.",
            )),
        }
    }

    /// The item that a person means on a sheet: as `case show` prints it (`3fa2b1c0.12.0`), or whole.
    pub(crate) fn find_item(
        &self,
        circle: &Circle,
        sheet: &SheetView,
        named: &str,
    ) -> Result<ItemRef, Failure> {
        if let Some(item) = ItemRef::parse(named.trim()) {
            return Ok(item);
        }
        let items = sheet
            .claims
            .iter()
            .map(|claim| claim.item)
            .chain(
                sheet
                    .plan
                    .iter()
                    .flat_map(|plan| plan.values.iter().chain(&plan.history).map(|value| value.item)),
            )
            .chain(sheet.acts.iter().map(|act| act.item))
            .chain(sheet.files.iter().map(|file| file.item));
        let found: Vec<ItemRef> = items.filter(|item| item.short() == named.trim()).collect();
        match found.as_slice() {
            [one] => Ok(*one),
            [] => Err(not_found(
                format!("there is no item {named:?} on this sheet"),
                "`homeward case show CASE` prints the name of each item at the end of its line.",
            )),
            several => self
                .current_life(circle, several)
                .ok_or_else(|| ambiguous("several items are called that", "Use the whole name from --json.")),
        }
    }

    /// Of items that differ by a node's life alone, the one of the life that wrote last.
    fn current_life(&self, circle: &Circle, items: &[ItemRef]) -> Option<ItemRef> {
        let lives: BTreeSet<NodeId> = items.iter().map(|item| item.edit.life.node).collect();
        if lives.len() > 1 {
            return None;
        }
        items
            .iter()
            .max_by_key(|item| {
                circle.logs.get(&item.edit.life).map(|log| log.segments.first().map(|s| s.first_seen))
            })
            .copied()
    }

    /// The edit that a person means, as `case history` prints it: `3fa2b1c0.12`.
    pub(crate) fn find_edit(&self, edits: &[EditRef], named: &str) -> Result<EditRef, Failure> {
        if let Some(edit) = EditRef::parse(named.trim()) {
            return Ok(edit);
        }
        let (node, number) = named
            .trim()
            .split_once('.')
            .and_then(|(node, number)| Some((node, number.parse::<u64>().ok()?)))
            .ok_or_else(|| {
                bad_input(
                    format!("{named:?} names no edit"),
                    "Use a name that `homeward case history CASE` prints.",
                )
            })?;
        edits
            .iter()
            .rev()
            .find(|edit| edit.number == number && edit.life.node.short() == node)
            .copied()
            .ok_or_else(|| {
                not_found(
                    format!("there is no edit {named:?} on this sheet"),
                    "See `homeward case history CASE`.",
                )
            })
    }

    /// The claim that an item names.
    pub(crate) fn claim_of<'a>(
        &self,
        sheet: &'a SheetView,
        item: &ItemRef,
    ) -> Result<&'a ClaimView, Failure> {
        sheet
            .claims
            .iter()
            .find(|claim| claim.item == *item)
            .ok_or_else(|| not_found("that item is no claim of this sheet", "See `homeward case show CASE`."))
    }
}

/// Ids whose hex begins with what was typed.
fn starting<'a, T: Copy + 'a>(
    ids: impl Iterator<Item = &'a T>,
    typed: &str,
    hex: impl Fn(&T) -> String,
) -> Vec<T> {
    let typed = typed.to_lowercase();
    if typed.len() < LEAST_DIGITS || !typed.chars().all(|c| c.is_ascii_hexdigit()) {
        return Vec::new();
    }
    ids.filter(|id| hex(id).starts_with(&typed)).copied().collect()
}
