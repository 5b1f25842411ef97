//! Disclosure: chosen claims of one circle's sheet, told to another circle, and the record of it where they came from.
//!
//! Others' claims are told as quotations: this office's own claims, of the kind *disclosed*, that name whose word it
//! was; how that office came to know stays behind. Own claims keep their source. The target is told first and the
//! record follows, so that nothing is recorded that was not told; if the record fails, telling again writes what is
//! missing and nothing twice.

use super::case_write::{At, has_room, has_room_for_sheet, ready_to_write, write};
use super::claims_in::quiet;
use super::failure::{bad_input, not_found};
use super::house::House;
use super::{Answer, Failure, Written};
use crate::case::{Change, Claim, ClaimView, Disclosed, Origin, Source, SourceKind, Value, field};
use crate::codec;
use crate::id::{CircleId, ItemRef};
use crate::limit;
use crate::private::Private;

/// Claims of one edit, encoded, in bytes: room is left for what they replace.
const EDIT_CLAIM_BYTES: usize = limit::EDIT_BYTES / 2;

/// A disclosure that could be made.
pub(super) struct Telling {
    from: At,
    to: CircleId,
    /// The target's sheet, if it has one.
    target: Option<At>,
    items: Vec<ItemRef>,
    /// Those that the target does not have yet.
    claims: Vec<Claim>,
    /// Own claims there that tell the others already.
    told: Vec<ItemRef>,
}

impl Telling {
    /// Reads what a person wants to tell.
    pub(super) fn find(
        house: &House,
        from: &str,
        to: &str,
        case: &str,
        named: &[String],
    ) -> Result<Self, Failure> {
        let to = house.find_circle(to)?;
        house.open_circle(&to)?;
        let from = At::find(house, from, case)?;
        if from.circle == to {
            return Err(bad_input(
                "both names stand for one and the same circle",
                "Name the circle that knows and the circle that shall know.",
            ));
        }
        let mut items: Vec<ItemRef> = Vec::with_capacity(named.len());
        for name in named {
            let item = house.find_item(house.circle(&from.circle)?, &from.view, name)?;
            if !items.contains(&item) {
                items.push(item);
            }
        }
        if !(1..=limit::EDIT_ITEMS).contains(&items.len()) {
            return Err(bad_input(
                format!("a disclosure names 1 to {} claims", limit::EDIT_ITEMS),
                "Name what to tell, as `homeward case show CASE` prints it.",
            ));
        }
        let target = At::of(house, &to, from.case)?;
        let mut telling = Self { from, to, target, items: Vec::new(), claims: Vec::new(), told: Vec::new() };
        for item in &items {
            let view = house.claim_of(&telling.from.view, item)?;
            if !view.is_current() {
                return Err(bad_input(
                    "a claim was withdrawn or replaced by the office whose word it was",
                    "Name claims that stand; see `homeward case show CASE`.",
                ));
            }
            if matches!(view.claim.value, Value::Item(_)) {
                return Err(bad_input(
                    "a claim that points at another claim of this sheet says nothing on another one",
                    "Name the claim that it points at.",
                ));
            }
            let there = telling.there(house, item).map(|claim| claim.item).next();
            match there {
                Some(there) => telling.told.push(there),
                None => {
                    let claim = telling.quote(house, view);
                    telling.claims.push(claim);
                }
            }
        }
        telling.items = items;
        Ok(telling)
    }

    /// Own current claims of the target that tell an item of the source.
    fn there<'a>(&'a self, house: &'a House, item: &'a ItemRef) -> impl Iterator<Item = &'a ClaimView> {
        self.target.iter().flat_map(|target| target.view.current()).filter(move |claim| {
            claim.written.partner == house.people.own
                && claim
                    .claim
                    .origin
                    .as_ref()
                    .is_some_and(|origin| origin.circle == self.from.circle && origin.item == *item)
        })
    }

    /// A claim as it will stand in the target.
    fn quote(&self, house: &House, view: &ClaimView) -> Claim {
        let said = &view.claim;
        let source = if view.written.partner == house.people.own {
            said.source.clone()
        } else {
            Source {
                kind: SourceKind::Disclosed,
                text: house.people.name(&view.written.partner).into(),
                given_by: Private::default(),
                confidence: said.source.confidence.clone(),
                from: said.source.from.clone(),
                to: said.source.to.clone(),
            }
        };
        let mut replaces: Vec<ItemRef> =
            said.replaces.iter().flat_map(|old| self.there(house, old)).map(|claim| claim.item).collect();
        replaces.truncate(limit::EDIT_ITEMS);
        Claim {
            field: said.field.clone(),
            group: said.group.clone(),
            value: said.value.clone(),
            source,
            replaces,
            origin: Some(Origin {
                partner: view.written.partner,
                circle: self.from.circle,
                item: view.item,
                time: view.written.time,
            }),
        }
    }

    /// What the other circle would learn: all of it, source and all.
    pub(super) fn preview(&self, house: &House) -> Result<Answer, Failure> {
        let circle = house.circle(&self.to)?;
        Ok(Answer::Disclosure {
            to: circle.name().reveal().clone(),
            readers: house.people.names(&circle.charter().members),
            lines: self.claims.iter().map(line).collect(),
            claims: self.claims.clone(),
        })
    }

    /// Tells the target, then records it in the source.
    pub(super) fn write(
        self,
        house: &mut House,
        reason: &Private<String>,
        by: &Private<String>,
    ) -> Result<Written, Failure> {
        let readers = house.circle(&self.to)?.charter().members.clone();
        let recorded = |item: &ItemRef| {
            self.from.view.disclosed.iter().any(|told| {
                told.written.partner == house.people.own
                    && told.disclosed.to == self.to
                    && told.disclosed.items.contains(item)
            })
        };
        let missing: Vec<ItemRef> = self.items.iter().filter(|item| !recorded(item)).copied().collect();
        if self.claims.is_empty() && missing.is_empty() {
            return Err(bad_input("that circle was told these claims already", "Nothing was written."));
        }
        // All that can refuse the record is looked at before anything is told.
        let items = if missing.is_empty() { self.items.clone() } else { missing };
        let record = Change::Disclosed(Disclosed { to: self.to, readers, items, reason: quiet(reason)? });
        let checked = crate::case::Edit {
            case: self.from.case,
            time: house.now(),
            operator: by.clone(),
            change: record.clone(),
        };
        checked.check().map_err(|fault| {
            bad_input(fault.to_string(), "Correct it and try again; nothing was written.")
        })?;
        ready_to_write(house, &self.from.circle)?;
        has_room(house, &self.from.sheet, 1)?;
        let case = self.from.case;
        let told = if self.claims.is_empty() {
            None
        } else {
            let edits = in_edits(self.claims);
            match &self.target {
                Some(target) => has_room(house, &target.sheet, edits.len() as u64)?,
                None => has_room_for_sheet(house, &self.to)?,
            }
            let before = self.target.as_ref().map_or(0, |target| target.view.claims.len());
            Some(write(house, &self.to, case, before, edits, by, Vec::new())?)
        };
        let recorded = write(house, &self.from.circle, case, 0, vec![record], by, Vec::new())?;
        match (told, self.told.first()) {
            (Some(told), _) => Ok(told),
            // The circle was told before and only the record was missing.
            (None, Some(there)) => {
                let readers = house.people.names(&house.circle(&self.to)?.charter().members);
                Ok(Written { circle: self.to, edit: there.edit, items: self.told, readers, ..recorded })
            }
            (None, None) => Err(not_found("there is nothing to tell", "Nothing was written.")),
        }
    }
}

/// Claims as edits, each within the limits of one.
fn in_edits(claims: Vec<Claim>) -> Vec<Change> {
    let mut edits: Vec<Vec<Claim>> = Vec::new();
    let mut bytes = 0;
    for claim in claims {
        let length = codec::encode(&claim).len();
        match edits.last_mut() {
            Some(last) if last.len() < limit::EDIT_CLAIMS && bytes + length <= EDIT_CLAIM_BYTES => {
                last.push(claim);
                bytes += length;
            }
            _ => {
                edits.push(vec![claim]);
                bytes = length;
            }
        }
    }
    edits.into_iter().map(Change::Claims).collect()
}

/// A claim on one line, with everything that it says.
fn line(claim: &Claim) -> Private<String> {
    let label = field(&claim.field).map_or(claim.field.as_str(), |known| known.label);
    let group = if claim.group.is_empty() { String::new() } else { format!(" ({})", claim.group) };
    let source = &claim.source;
    let quiet = |text: &Private<String>| Value::Text(text.clone()).line().reveal().clone();
    let mut about: Vec<String> = Vec::new();
    if source.kind == SourceKind::Disclosed {
        about.push(format!("as {} has it", quiet(&source.text)));
    } else if !source.text.is_empty() {
        about.push(format!("source: {}", quiet(&source.text)));
    }
    if !source.given_by.is_empty() {
        about.push(format!("given by {}", quiet(&source.given_by)));
    }
    if !source.confidence.is_empty() {
        about.push(source.confidence.clone());
    }
    about.extend(source.from.as_ref().map(|from| format!("from {}", from.line())));
    about.extend(source.to.as_ref().map(|to| format!("until {}", to.line())));
    let about = if about.is_empty() { String::new() } else { format!(" ({})", about.join("; ")) };
    format!("{label}{group}: {}{about}", claim.value.line().reveal()).into()
}
