//! A partner that overwrites, withdraws and deletes makes nothing vanish: every value that anyone ever wrote can be
//! found again on every member's node, with who wrote it.
//!
//! Three offices write at random (claims, replacements, withdrawals, plan values over each other, a note that they cut
//! into each other's words) and hand each other bundles in between. A model remembers what each edit brought. In the
//! end every office is asked, by its history and by the sheet as it stood at that edit, for every value of every edit.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "what goes wrong here fails the test"
)]

mod figures;
mod offices;

use homeward::case::{Did, HistoryEntry, SheetView, Value};
use homeward::id::{CaseId, EditRef, ItemRef};
use homeward::node::{Answer, ClaimIn, Request, Written};
use offices::{Office, Seeded, claim, found, introduce, new_case};
use std::collections::BTreeMap;

const CIRCLE: &str = "families";
const NAMES: [&str; 3] = ["quillhaven", "marlbrook", "thornfield"];
const EDITS: usize = 90;
const SEEDS: u64 = 2;

/// What an edit brought: exactly these words, in this place.
#[derive(Clone, Debug)]
enum Brought {
    Claim(ItemRef, String),
    Planned(ItemRef, String),
    Noted { put: String, took: String },
    Withdrew(Vec<ItemRef>, String),
}

struct Model {
    case: CaseId,
    brought: BTreeMap<EditRef, (usize, Brought)>,
    /// By office: its own claims that stand.
    own: [Vec<ItemRef>; 3],
}

fn text_of(value: &Value) -> String {
    match value {
        Value::Text(text) => text.reveal().clone(),
        Value::Place(place) => place.name.reveal().clone(),
        other => panic!("text expected, not {other:?}"),
    }
}

impl Model {
    fn keep(&mut self, office: usize, written: &Written, brought: Brought) {
        let before = self.brought.insert(written.edit, (office, brought));
        assert!(before.is_none(), "the same name was given to two edits");
    }

    /// One edit of one office.
    fn step(&mut self, offices: &mut [Office; 3], seeded: &mut Seeded, number: usize) {
        let at = usize::try_from(seeded.below(3)).unwrap();
        let (office, case) = (&mut offices[at], self.case.hex());
        let word = format!("{} {number}", seeded.text(8));
        let own = self.own[at].clone();
        let chosen = |seeded: &mut Seeded, list: &[ItemRef]| {
            list[usize::try_from(seeded.below(list.len() as u64)).unwrap()]
        };
        match seeded.below(10) {
            0..=2 => {
                let claims = vec![claim("marks", &word)];
                let written = office.written(Request::CaseClaim { circle: CIRCLE.into(), case, claims });
                self.own[at].push(written.items[0]);
                self.keep(at, &written, Brought::Claim(written.items[0], word));
            }
            // A claim in place of an own one, or of another's, which does not work.
            3 if !own.is_empty() => {
                let replaced = chosen(seeded, &own);
                let claims = vec![ClaimIn { replaces: vec![replaced.to_string()], ..claim("marks", &word) }];
                let written = office.written(Request::CaseClaim { circle: CIRCLE.into(), case, claims });
                self.own[at].retain(|item| *item != replaced);
                self.own[at].push(written.items[0]);
                self.keep(at, &written, Brought::Claim(written.items[0], word));
            }
            4 if !own.is_empty() => {
                let item = chosen(seeded, &own);
                let written = office.written(Request::CaseWithdraw {
                    circle: CIRCLE.into(),
                    case,
                    items: vec![item.to_string()],
                    reason: word.as_str().into(),
                });
                self.own[at].retain(|one| *one != item);
                self.keep(at, &written, Brought::Withdrew(vec![item], word));
            }
            5 | 6 => {
                let key = format!("leg/{}/border_point", 1 + seeded.below(2));
                let written = office.written(Request::CasePlan {
                    circle: CIRCLE.into(),
                    case,
                    key,
                    value: word.as_str().into(),
                    shown: None,
                });
                self.keep(at, &written, Brought::Planned(written.items[0], word));
            }
            _ => {
                let note: Vec<char> =
                    office.sheet(CIRCLE, self.case).unwrap().note.reveal().chars().collect();
                let place = usize::try_from(seeded.below(note.len() as u64 + 1)).unwrap();
                let most = (note.len() - place).min(12);
                let length = usize::try_from(seeded.below(most as u64 + 1)).unwrap();
                let took: String = note[place..place + length].iter().collect();
                let put = format!("{word}; ");
                let written = office.written(Request::CaseNote {
                    circle: CIRCLE.into(),
                    case,
                    at: Some(place as u64),
                    remove: took.as_str().into(),
                    insert: put.as_str().into(),
                });
                self.keep(at, &written, Brought::Noted { put, took });
            }
        }
    }

    /// Everything that was ever brought is found at an office.
    fn check(&self, office: &mut Office, seed: u64) {
        let request = Request::CaseHistory { case: self.case.hex(), circle: Some(CIRCLE.into()) };
        let Answer::History { sheets, .. } = office.ask(request) else { panic!("history expected") };
        let partners: BTreeMap<_, _> = sheets[0].partners.iter().cloned().collect();
        let history: BTreeMap<EditRef, HistoryEntry> =
            sheets.into_iter().flat_map(|sheet| sheet.entries).map(|entry| (entry.edit, entry)).collect();
        let today = office.sheet(CIRCLE, self.case).unwrap();
        for (edit, (author, brought)) in &self.brought {
            let place = format!("seed {seed}: {} on {edit} of {}: {brought:?}", office.name, NAMES[*author]);
            let entry = history.get(edit).unwrap_or_else(|| panic!("not in the history: {place}"));
            assert_eq!(partners[&entry.written.partner], NAMES[*author], "{place}");
            assert_eq!(entry.written.operator.reveal(), "Desk 1", "{place}");
            let then = at(office, self.case, *edit);
            assert!(self.shows(brought, entry, &then, &today), "lost: {place}");
        }
    }

    fn shows(&self, brought: &Brought, entry: &HistoryEntry, then: &SheetView, today: &SheetView) -> bool {
        match brought {
            Brought::Claim(item, word) => {
                let stands = |sheet: &SheetView, current: bool| {
                    let found = sheet.claims.iter().find(|claim| claim.item == *item);
                    found.is_some_and(|claim| {
                        text_of(&claim.claim.value) == *word && (!current || claim.is_current())
                    })
                };
                // At its edit it was its office's word; today it is there, whatever became of it.
                stands(then, true) && stands(today, false)
            }
            Brought::Planned(item, word) => {
                let values = |sheet: &SheetView, old: bool| {
                    sheet.plan.iter().any(|plan| {
                        let history = plan.history.iter().filter(|_| old);
                        plan.values
                            .iter()
                            .chain(history)
                            .any(|v| v.item == *item && text_of(&v.value) == *word)
                    })
                };
                values(then, false) && values(today, true)
            }
            Brought::Noted { put, took } => {
                let told = match &entry.did {
                    Did::Noted(splice) => splice.insert.reveal() == put && splice.remove.reveal() == took,
                    _ => false,
                };
                told && then.note.reveal().contains(put.as_str())
            }
            Brought::Withdrew(items, word) => {
                let told = match &entry.did {
                    Did::Withdrew { items: found, reason } => found == items && reason.reveal() == word,
                    _ => false,
                };
                // What was withdrawn can still be read.
                told && items.iter().all(|item| today.claims.iter().any(|claim| claim.item == *item))
            }
        }
    }
}

fn at(office: &mut Office, case: CaseId, edit: EditRef) -> SheetView {
    let request = Request::CaseAt { case: case.hex(), circle: CIRCLE.into(), edit: edit.to_string() };
    let Answer::Case(view) = office.ask(request) else { panic!("case expected") };
    view.sheets.into_iter().next().unwrap().sheet.unwrap()
}

/// Hands all that one holds to another.
fn hand(offices: &mut [Office; 3], from: usize, to: usize) {
    let file = offices[from].home.with_file_name("bundle").to_str().unwrap().to_owned();
    offices[from].ask(Request::BundleOut { partner: NAMES[to].into(), file: file.clone(), all: false });
    offices[to].ask(Request::BundleIn { file: file.clone() });
    // Sheets follow when a vault is opened or a replay is asked for.
    offices[to].close();
    std::fs::remove_file(file).unwrap();
}

#[test]
fn every_value_that_was_ever_written_is_found_on_every_member() {
    let mut found_again = 0;
    for seed in 0..SEEDS {
        let folder = tempfile::tempdir().unwrap();
        let mut offices = NAMES.map(|name| Office::new(folder.path(), name));
        let [one, two, three] = &mut offices;
        introduce(&mut [one, two, three]);
        found(&mut offices[0], CIRCLE, &NAMES[1..], &[]);
        let case = new_case(&mut offices[0], CIRCLE, "Zhuravelnyk").case;
        let mut model = Model { case, brought: BTreeMap::new(), own: Default::default() };
        hand(&mut offices, 0, 1);
        hand(&mut offices, 0, 2);
        let mut seeded = Seeded::new(71 + seed);
        for number in 0..EDITS {
            model.step(&mut offices, &mut seeded, number);
            if seeded.below(12) == 0 {
                let from = usize::try_from(seeded.below(3)).unwrap();
                let to = (from + 1 + usize::try_from(seeded.below(2)).unwrap()) % 3;
                hand(&mut offices, from, to);
            }
        }
        for (from, to) in [(0, 1), (1, 2), (2, 0), (0, 1)] {
            hand(&mut offices, from, to);
        }
        for office in &mut offices {
            model.check(office, seed);
            found_again += model.brought.len();
        }
        let sheets: Vec<_> = offices.iter_mut().map(|office| office.all_sheets(CIRCLE)).collect();
        assert!(sheets.windows(2).all(|pair| pair[0] == pair[1]), "seed {seed}: sheets differ");
    }
    figures::note(&format!("earlier values looked for and found on every member: {found_again}"));
}
