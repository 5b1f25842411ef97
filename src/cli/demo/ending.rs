//! The second half of the story: a stick, the links again, what all agree on, and what Tallinn could not open.

use super::agree::{Standing, compare_sheets};
use super::children::{self, BORDER_POINT, CANARIES, NINE, NOTES, ON_THE_LIST, SEVEN, SEVENTEEN, STAGE, TWO};
use super::desk::{Circle, unexpected};
use super::disk;
use super::offices::Who;
use super::patience;
use super::story::{Acknowledged, Story};
use super::told;
use crate::node::{Answer, ConflictKind, ConflictView, Failure, FailureKind, Request};
use std::collections::{BTreeMap, BTreeSet};

/// Links that come back first: Kyiv's go to Tallinn alone.
const FIRST_LINKS: [(Who, Who); 4] = [
    (Who::Kyiv, Who::Tallinn),
    (Who::Doha, Who::Tallinn),
    (Who::Moscow, Who::Tallinn),
    (Who::Doha, Who::Moscow),
];
/// Links that come back at the end.
const LAST_LINKS: [(Who, Who); 2] = [(Who::Kyiv, Who::Doha), (Who::Kyiv, Who::Moscow)];

impl Story<'_> {
    /// Kyiv's words reach Moscow by a file.
    pub(super) fn carry_by_hand(&mut self) -> Result<(), Failure> {
        self.told.step("A stick crosses the border.");
        let file = self.offices.root().join("for-moscow.bundle").to_string_lossy().into_owned();
        let lacked = !self.has_from_kyiv(Who::Moscow)?;
        let out =
            Request::BundleOut { partner: Who::Moscow.name().to_owned(), file: file.clone(), all: false };
        let Answer::BundleWritten { segments, bytes, .. } = self.offices.at(Who::Kyiv).ask(out)? else {
            return Err(unexpected());
        };
        self.told
            .say(&format!("Kyiv writes a bundle for Moscow: {segments} segments, {bytes} bytes, sealed."));
        let Answer::BundleRead { from, new_segments, .. } =
            self.offices.at(Who::Moscow).ask(Request::BundleIn { file })?
        else {
            return Err(unexpected());
        };
        self.told.hold(
            &format!("Moscow takes it in: from {from}, {new_segments} segments that it did not have."),
            from == Who::Kyiv.name() && new_segments > 0,
        );
        // A bundle is placed at once and read by replay soon after.
        let arrived = patience::until(|| self.has_from_kyiv(Who::Moscow))?;
        let reached = self.offices.at(Who::Moscow).reached()?;
        self.told.hold(
            "What Kyiv wrote apart is now in Moscow, without any link. Doha still lacks it.",
            lacked && arrived && reached.is_empty() && !self.has_from_kyiv(Who::Doha)?,
        );
        Ok(())
    }

    /// Whether an office has every edit that Kyiv made in the circles that both Doha and Moscow read.
    fn has_from_kyiv(&self, reader: Who) -> Result<bool, Failure> {
        let from_kyiv = |entry: &&Acknowledged| entry.who == Who::Kyiv && entry.circle != Circle::Families;
        for entry in self.ledger.iter().filter(from_kyiv) {
            if !self.offices.at(reader).history(entry.circle, &entry.case)?.contains(&entry.edit) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Links return, Kyiv's through the carrier alone.
    pub(super) fn bring_links_back(&mut self) -> Result<(), Failure> {
        self.told.step("The links return, Kyiv's through Tallinn alone.");
        self.resume(&FIRST_LINKS)?;
        let level = self.wait_for_level()?;
        let through = self.offices.at(Who::Kyiv).reached()?;
        self.told.hold("All circles stand alike at all their partners.", level);
        self.told.hold(
            "Kyiv reached only Tallinn. Its words went on to Doha and Moscow through an office that reads none of \
             `families` and `list`.",
            through == [Who::Tallinn.name()] && self.has_from_kyiv(Who::Doha)? && self.has_from_kyiv(Who::Moscow)?,
        );
        Ok(())
    }

    fn resume(&self, links: &[(Who, Who)]) -> Result<(), Failure> {
        for (one, other) in links {
            self.offices.at(*one).done(Request::Resume { partner: Some(other.name().to_owned()) })?;
            self.offices.at(*other).done(Request::Resume { partner: Some(one.name().to_owned()) })?;
        }
        Ok(())
    }

    /// All agree; where people differ, all see that they differ.
    pub(super) fn agree(&mut self) -> Result<(), Failure> {
        self.told.step("All agree, also on where they differ.");
        for circle in Circle::ALL {
            let compared = compare_sheets(self.offices, circle)?;
            self.told.hold(
                &format!(
                    "`{}`: {} sheets compared office by office; {} differ.",
                    circle.name(),
                    compared.sheets,
                    compared.differing
                ),
                compared.sheets > 0 && compared.differing == 0,
            );
        }
        self.nothing_was_lost()?;
        let seven = self.cases.seven.clone();
        let nine = self.cases.nine.clone();
        let birth = self.seen_by_all(Circle::List, &seven, ConflictKind::Claim, "birth_date")?;
        self.told.hold(
            &format!(
                "{}, born {}: both opinions stand side by side, at every office.",
                SEVEN.called,
                spoken(&birth)
            ),
            between(&birth, &[Who::Kyiv, Who::Moscow]),
        );
        let stage = self.seen_by_all(Circle::List, &nine, ConflictKind::Plan, STAGE)?;
        self.told.hold(
            &format!("{}, stage {}: listed as a conflict, at every office.", NINE.called, spoken(&stage)),
            between(&stage, &[Who::Kyiv, Who::Doha]),
        );
        let border = self.seen_by_all(Circle::Journey, &seven, ConflictKind::Plan, BORDER_POINT)?;
        self.told.hold(
            &format!("{}, border point {}: listed at all four.", SEVEN.called, spoken(&border)),
            between(&border, &[Who::Doha, Who::Tallinn]),
        );
        let mut whole = true;
        for who in Circle::List.members() {
            let sheet = self.offices.at(*who).sheet(Circle::List, &seven)?;
            let note = sheet.map(|sheet| sheet.note.reveal().clone()).unwrap_or_default();
            whole &= [NOTES.0, NOTES.1, NOTES.2].iter().all(|line| note.matches(line).count() == 1);
        }
        self.told
            .hold("The note that three offices wrote in at once has the lines of all three, once.", whole);
        Ok(())
    }

    /// Every acknowledged edit is in every member's history, once.
    fn nothing_was_lost(&mut self) -> Result<(), Failure> {
        let mut sheets: BTreeMap<(Circle, String), Vec<_>> = BTreeMap::new();
        for entry in &self.ledger {
            sheets.entry((entry.circle, entry.case.clone())).or_default().push(entry.edit);
        }
        let mut wrong = 0;
        for ((circle, case), edits) in &sheets {
            for who in circle.members() {
                let history = self.offices.at(*who).history(*circle, case)?;
                wrong += edits
                    .iter()
                    .filter(|edit| history.iter().filter(|there| there == edit).count() != 1)
                    .count();
            }
        }
        self.told.hold(
            &format!(
                "Nothing was lost: each of {} edits that a node acknowledged stands once in every reader's history.",
                self.ledger.len()
            ),
            wrong == 0,
        );
        Ok(())
    }

    /// A conflict as every member lists it; `None` if one does not, or lists it otherwise.
    fn seen_by_all(
        &self,
        circle: Circle,
        case: &str,
        kind: ConflictKind,
        field: &str,
    ) -> Result<Option<ConflictView>, Failure> {
        let mut seen: Vec<ConflictView> = Vec::new();
        for who in circle.members() {
            let listed = self.offices.at(*who).conflicts(circle, case)?;
            let Some(one) = listed.into_iter().find(|c| c.kind == kind && c.field == field) else {
                return Ok(None);
            };
            seen.push(one);
        }
        let values =
            |c: &ConflictView| c.values.iter().map(|v| (v.item, v.value.clone())).collect::<BTreeSet<_>>();
        let first = seen.first().map(values);
        let alike = seen.iter().all(|one| Some(values(one)) == first);
        Ok(if alike { seen.into_iter().next() } else { None })
    }

    /// What the carrier holds and cannot open.
    pub(super) fn look_at_tallinn(&mut self) -> Result<(), Failure> {
        self.told.step("What Tallinn carried, Tallinn could not open.");
        let tallinn = self.offices.at(Who::Tallinn);
        let standing = Standing::ask(self.offices, &self.ids)?;
        for circle in [Circle::Families, Circle::List] {
            let (carried, unread) = match standing.circle(Who::Tallinn, circle) {
                Some(status) => {
                    (status.segments, status.role == "carrier" && status.cases + status.edits == 0)
                }
                None => (0, false),
            };
            let shut = match tallinn.cases(circle) {
                Ok(cases) => cases.is_empty(),
                Err(failure) => matches!(failure.kind, FailureKind::NotFound | FailureKind::NotAllowed),
            };
            self.told.hold(
                &format!(
                    "`{}`: {carried} segments held for others, no case, no edit, no name.",
                    circle.name()
                ),
                carried > 0 && unread && shut,
            );
        }
        let mut strangers = 0;
        for name in [TWO.surname, SEVENTEEN.surname, ON_THE_LIST, children::PHONE] {
            strangers += tallinn.find(name)?.len();
        }
        let travellers = tallinn.finds(SEVEN.surname)? + tallinn.finds(NINE.surname)?;
        self.told.hold(
            "Tallinn finds the two children whose journey it serves; asked for the others by name, it finds nobody.",
            strangers == 0 && travellers == 2,
        );
        let at_home = disk::search(tallinn.home(), &CANARIES)?;
        let everywhere = disk::search(self.offices.root(), &CANARIES)?;
        self.told.hold(
            &format!(
                "On its disk ({} files, {} bytes) stands no name, no phone number, no street.",
                at_home.files, at_home.bytes
            ),
            at_home.files > 0 && at_home.found == 0,
        );
        self.told.hold(
            &format!(
                "Nor on any other: {} files of all four homes and the bundle, {} bytes.",
                everywhere.files, everywhere.bytes
            ),
            everywhere.files > at_home.files && everywhere.found == 0,
        );
        Ok(())
    }

    /// A person settles one conflict; the values that it replaces stay in the history.
    pub(super) fn settle_one(&mut self) -> Result<(), Failure> {
        self.told.step("A person settles what can be settled.");
        let seven = self.cases.seven.clone();
        let listed = self.offices.at(Who::Tallinn).conflicts(Circle::Journey, &seven)?;
        let take = listed
            .iter()
            .filter(|conflict| conflict.field == BORDER_POINT)
            .flat_map(|conflict| &conflict.values)
            .find(|value| value.partner == Who::Tallinn.name())
            .map(|value| value.item.short());
        let request = Request::CaseSettle {
            circle: Circle::Journey.name().to_owned(),
            case: seven.clone(),
            key: BORDER_POINT.to_owned(),
            take,
            value: None,
        };
        self.write(Who::Tallinn, Circle::Journey, request)?;
        let level = self.wait_for_level()?;
        let mut open = 0;
        let mut remembered = true;
        for who in Circle::Journey.members() {
            let office = self.offices.at(*who);
            let conflicts = office.conflicts(Circle::Journey, &seven)?;
            open += conflicts.iter().filter(|conflict| conflict.field == BORDER_POINT).count();
            let sheet = office.sheet(Circle::Journey, &seven)?;
            remembered &= sheet.is_some_and(|sheet| {
                sheet.plan.iter().any(|plan| plan.key.field == "border_point" && plan.history.len() == 2)
            });
        }
        self.told.hold(
            "Tallinn, whose border it is, settles the border point. At all four the conflict is gone and both earlier \
             values stay on record.",
            level && open == 0 && remembered,
        );
        let birth = self.seen_by_all(Circle::List, &seven, ConflictKind::Claim, "birth_date")?;
        self.told.hold(
            "The year of birth is nobody's to settle for the other: both claims still stand.",
            between(&birth, &[Who::Kyiv, Who::Moscow]),
        );
        Ok(())
    }

    /// The last links return, everyone confirms, and a table says what each office holds.
    pub(super) fn close_the_day(&mut self) -> Result<(), Failure> {
        self.told.step("The day closes.");
        self.resume(&LAST_LINKS)?;
        let (offices, ids) = (self.offices, &self.ids);
        let confirmed = patience::until(|| {
            let standing = Standing::ask(offices, ids)?;
            Ok::<_, Failure>(standing.all_level() && standing.all_confirmed())
        })?;
        self.told.hold(
            "All links are back; each office has signed to each other what it holds: all of it.",
            confirmed,
        );
        let standing = Standing::ask(self.offices, &self.ids)?;
        told::put("");
        told::table(&rows(&standing));
        Ok(())
    }
}

/// What each office holds and who has confirmed to hold all of it.
fn rows(standing: &Standing) -> Vec<Vec<String>> {
    let row = |cells: [&str; 7]| cells.map(str::to_owned).to_vec();
    let mut rows = vec![row(["office", "circle", "as", "cases", "edits", "segments", "confirmed by"])];
    for who in Who::ALL {
        let mut first = who.name();
        for circle in Circle::ALL {
            let Some(status) = standing.circle(who, circle) else { continue };
            let carries = status.role == "carrier";
            let count = |number: u64| if carries { "sealed".to_owned() } else { number.to_string() };
            let others = circle.partners().filter(|other| *other != who);
            let confirmed: Vec<String> = others
                .map(|other| match standing.confirmed(who, circle, other) {
                    Some(known) if known.lacks == 0 && known.ours == known.ours_held => {
                        other.name().to_owned()
                    }
                    Some(known) => format!("{} (lacks {})", other.name(), known.lacks),
                    None => format!("{} (not yet)", other.name()),
                })
                .collect();
            rows.push(vec![
                first.to_owned(),
                circle.name().to_owned(),
                status.role.clone(),
                count(status.cases),
                count(status.edits),
                status.segments.to_string(),
                confirmed.join(", "),
            ]);
            first = "";
        }
    }
    rows
}

/// A conflict in words: who says what.
fn spoken(conflict: &Option<ConflictView>) -> String {
    let Some(conflict) = conflict else { return "(not listed alike)".to_owned() };
    let said: Vec<String> =
        conflict.values.iter().map(|v| format!("{} ({})", v.value.reveal(), v.partner)).collect();
    said.join(" or ")
}

/// Whether exactly these offices say exactly one thing each, and not the same.
fn between(conflict: &Option<ConflictView>, offices: &[Who]) -> bool {
    let Some(conflict) = conflict else { return false };
    let who: BTreeSet<&str> = conflict.values.iter().map(|value| value.partner.as_str()).collect();
    let what: BTreeSet<&String> = conflict.values.iter().map(|value| value.value.reveal()).collect();
    conflict.values.len() == offices.len()
        && what.len() == offices.len()
        && who == offices.iter().map(|office| office.name()).collect()
}
