//! Two partners who edit one case, often without having seen each other's edits, never overwrite each other: every
//! value ever written can be read, a stale screen makes a conflict and not a loss, and nobody withdraws another's word.
//!
//! A model beside the sheet remembers every edit; random sequences are compared with it step by step.

#![allow(clippy::indexing_slicing, reason = "a test that indexes wrongly fails")]

use homeward::case::{
    Change, Claim, Did, Edit, Effect, PlanKey, PlanValue, SheetView, Source, Splice, Value,
};
use homeward::id::{CaseId, CircleId, EditRef, Hash, InstanceId, ItemRef, Life, NodeId, PartnerId};
use homeward::register::{
    Body, Context, Cuts, Layout, Opened, Packed, Pin, Place, Reach, Sheet, Stamped, Work, pins_of,
};
use homeward::time::Millis;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const CASE: CaseId = CaseId([4; 16]);
const CIRCLE: CircleId = CircleId([2; 32]);

/// Two offices on one case. Each sees its own edits at once and the other's when it looks.
struct Offices {
    layout: Arc<Layout>,
    reach: Reach,
    sheet: Sheet,
    lives: [Life; 2],
    partners: [PartnerId; 2],
    /// How many segments of the other each has applied.
    seen: [u64; 2],
    said: [u64; 2],
    clock: u64,
}

impl Offices {
    fn new() -> Self {
        let partners = [PartnerId([1; 32]), PartnerId([2; 32])];
        let life = |byte| Life { node: NodeId([byte; 32]), instance: InstanceId([byte; 16]) };
        let layout = Arc::new(Layout::new(CIRCLE, &partners).expect("a layout"));
        Self {
            reach: Reach::new(partners[0]),
            sheet: Sheet::new(&layout, CASE),
            layout,
            lives: [life(11), life(12)],
            partners,
            seen: [0; 2],
            said: [0; 2],
            clock: 1_000,
        }
    }

    /// The office applies all that the other has said.
    fn look(&mut self, office: usize) {
        self.seen[office] = self.said[1 - office];
    }

    fn say(&mut self, office: usize, change: Change) -> EditRef {
        self.clock += 1;
        self.said[office] += 1;
        let number = self.said[office];
        let mut context = Context::new();
        if self.seen[office] > 0 {
            context.insert(self.lives[1 - office], self.seen[office]);
        }
        let header = |life: &Life, number: u64| Hash([life.node.0[0] ^ number as u8; 32]);
        let pin = |(life, number): (Life, u64)| Pin { life, number, hash: header(&life, number) };
        let pins = pins_of([&context]).into_iter().map(pin).collect();
        let edit = Edit { case: CASE, time: Millis(self.clock), operator: "Ruta".into(), change };
        let life = self.lives[office];
        let place = Place { circle: CIRCLE, life, number };
        let edits = vec![Stamped { edit, context: Arc::new(context) }];
        let bytes = Work { place, first: number, circle_name: None, pins, edits }.encode().expect("encodes");
        let body = Body::Work(Box::new(Packed::decode(bytes.reveal(), place).expect("reads back")));
        let (partner, first_seen) = (self.partners[office], Millis(self.clock));
        let opened = Opened { life, number, partner, header: header(&life, number), first_seen, body };
        let plan = self.reach.plan(vec![opened], &Cuts::new());
        for (_, edits) in plan.cases {
            self.sheet.apply(&edits).expect("an unspoiled sheet");
        }
        EditRef { life, number }
    }

    fn view(&self) -> SheetView {
        let loaded = Sheet::load(&self.layout, &self.sheet.save()).expect("reads back");
        assert_eq!(loaded.view(), self.sheet.view());
        loaded.view()
    }

    /// The sheet as an office sees it now: its own edits and what it has looked at.
    fn screen(&self, office: usize) -> Vec<ItemRef> {
        let view = self.view();
        let seen =
            |item: &ItemRef| item.edit.life == self.lives[office] || item.edit.number <= self.seen[office];
        let items = view.plan.iter().flat_map(|plan| &plan.values).map(|value| value.item);
        items.filter(seen).collect()
    }
}

fn first(edit: EditRef) -> ItemRef {
    ItemRef { edit, place: 0 }
}

fn stage() -> PlanKey {
    PlanKey { kind: "case".into(), id: String::new(), field: "stage".into() }
}

fn plan(value: &str, replaces: Vec<ItemRef>) -> Change {
    Change::Plan(PlanValue { key: stage(), value: Value::Code(value.into()), replaces })
}

fn claim(value: &str, replaces: Vec<ItemRef>) -> Change {
    Change::Claims(vec![Claim {
        field: "birthplace".into(),
        group: String::new(),
        value: Value::Text(value.into()),
        source: Source::default(),
        replaces,
        origin: None,
    }])
}

#[test]
fn a_stale_screen_makes_a_conflict_and_a_later_edit_settles_it() {
    let mut offices = Offices::new();
    let reported = first(offices.say(0, plan("reported", vec![])));
    offices.look(1);
    // Both screens show "reported"; neither sees the other's edit.
    let located = first(offices.say(0, plan("located", vec![reported])));
    let tracing = first(offices.say(1, plan("tracing", vec![reported])));
    let view = offices.view();
    let planned = view.planned(&stage()).expect("a stage");
    assert!(planned.in_conflict());
    let items: BTreeSet<ItemRef> = planned.values.iter().map(|value| value.item).collect();
    assert_eq!(items, BTreeSet::from([located, tracing]));
    assert_eq!(planned.history.len(), 1);
    assert_eq!(planned.history[0].replaced_by.len(), 2);
    offices.look(0);
    offices.say(0, plan("located", vec![located, tracing]));
    let view = offices.view();
    let planned = view.planned(&stage()).expect("a stage");
    assert!(!planned.in_conflict());
    assert_eq!((planned.values.len(), planned.history.len()), (1, 3));
}

#[test]
fn nobody_withdraws_or_replaces_anothers_word() {
    let mut offices = Offices::new();
    let theirs = first(offices.say(0, claim("Mariupol", vec![])));
    offices.look(1);
    let withdrawal = offices.say(1, Change::Withdraw { items: vec![theirs], reason: "wrong".into() });
    let replacement = offices.say(1, claim("Donetsk", vec![theirs]));
    let view = offices.view();
    assert!(view.claims.iter().all(|claim| claim.is_current()));
    assert_eq!(view.without_effect, vec![withdrawal, replacement]);
    assert_eq!(view.differs.len(), 1, "the two say different things of one field");
    let history = offices.sheet.history();
    let entry = history.iter().find(|entry| entry.edit == withdrawal).expect("it is listed");
    assert_eq!((&entry.did, entry.effect), (&Did::Nothing, Effect::Nothing));
    offices.say(0, Change::Withdraw { items: vec![theirs], reason: "a mistake".into() });
    let view = offices.view();
    assert_eq!(view.current().count(), 1);
    assert_eq!(view.claims[0].withdrawn[0].reason, "a mistake".into());
    assert_eq!(
        view.claims[0].claim.value,
        Value::Text("Mariupol".into()),
        "what was withdrawn is still shown"
    );
}

#[test]
fn a_withdrawal_of_what_was_not_yet_seen_changes_nothing() {
    let mut offices = Offices::new();
    let later = ItemRef { edit: EditRef { life: offices.lives[0], number: 2 }, place: 0 };
    let early = offices.say(0, Change::Withdraw { items: vec![later], reason: "".into() });
    assert_eq!(first(offices.say(0, claim("Kherson", vec![]))), later);
    let view = offices.view();
    assert_eq!(view.current().count(), 1);
    assert_eq!(view.without_effect, vec![early]);
}

#[test]
fn splices_made_at_once_keep_both_texts() {
    let mut offices = Offices::new();
    let splice = |at, remove: &str, insert: &str| {
        Change::Note(Splice { at, remove: remove.into(), insert: insert.into() })
    };
    offices.say(0, splice(0, "", "The bus leaves at six."));
    offices.look(1);
    let seven = offices.say(0, splice(18, "six", "seven"));
    let gate = offices.say(1, splice(21, "", ", gate 4"));
    assert_eq!(offices.view().note, "The bus leaves at seven, gate 4.".into());
    // The second office still sees "six": what it removes is gone by now, and removed once.
    offices.say(1, splice(18, "six", "eight"));
    let both: String = offices.view().note.reveal().clone();
    assert!(both.contains("seven") && both.contains("eight") && !both.contains("six"), "{both}");
    // What is not there is not removed; the insertion stays; beyond the end is the end.
    let lost = offices.say(1, splice(0, "nonsense", "! "));
    assert!(offices.view().note.reveal().starts_with("! "));
    assert_eq!(offices.view().without_effect, vec![lost]);
    offices.say(0, splice(1 << 30, "", " 🚌"));
    assert!(offices.view().note.reveal().ends_with(" 🚌"));
    let at = |edit: &EditRef| offices.sheet.view_at(edit).expect("it is here").note;
    assert_eq!(at(&seven), "The bus leaves at seven.".into());
    assert_eq!(at(&gate), "The bus leaves at six, gate 4.".into());
}

#[test]
fn alone_a_note_is_what_a_string_would_be() {
    let mut chance = Chance(9);
    let mut offices = Offices::new();
    let mut model: Vec<char> = Vec::new();
    for _ in 0..150 {
        let at = chance.below(model.len() + 2);
        let here = at.min(model.len());
        let count = chance.below(4).min(model.len() - here);
        let remove: String = model[here..here + count].iter().collect();
        let insert: String = (0..chance.below(4)).map(|_| ['x', 'є', '🦋'][chance.below(3)]).collect();
        model.splice(here..here + count, insert.chars());
        if !(remove.is_empty() && insert.is_empty()) {
            let splice = Splice { at: at as u64, remove: remove.into(), insert: insert.into() };
            offices.say(0, Change::Note(splice));
        }
    }
    assert_eq!(offices.view().note, model.into_iter().collect::<String>().into());
}

struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % end.max(1)
    }
}

/// Says which sequence failed, however it failed.
struct Seed(u64);

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the seed was {}", self.0);
        }
    }
}

#[test]
fn every_value_ever_written_can_be_read() {
    for seed in 1..=25u64 {
        let _seed = Seed(seed);
        let mut chance = Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let mut offices = Offices::new();
        let mut claims: BTreeMap<ItemRef, (usize, Value)> = BTreeMap::new();
        let mut withdrawn: BTreeSet<ItemRef> = BTreeSet::new();
        let mut stages: BTreeMap<ItemRef, Value> = BTreeMap::new();
        let mut inserted: Vec<(EditRef, String)> = Vec::new();
        for step in 0..30 {
            let office = chance.below(2);
            if chance.below(3) == 0 {
                offices.look(office);
            }
            let text = format!("value {step}");
            let known: Vec<ItemRef> = claims.keys().copied().collect();
            let target = (!known.is_empty()).then(|| known[chance.below(known.len())]);
            // Only an own claim can be found: of the other's none, seen or not.
            let found = target.filter(|target| claims[target].0 == office);
            match chance.below(if target.is_some() { 5 } else { 2 }) {
                0 | 1 => {
                    let item = first(offices.say(office, claim(&text, target.into_iter().collect())));
                    claims.insert(item, (office, Value::Text(text.as_str().into())));
                    withdrawn.extend(found);
                }
                2 => {
                    let items = target.into_iter().collect();
                    offices.say(office, Change::Withdraw { items, reason: "".into() });
                    withdrawn.extend(found);
                }
                3 => {
                    let shown = offices.screen(office);
                    let item = first(offices.say(office, plan(&text, shown)));
                    stages.insert(item, Value::Code(text.as_str().into()));
                }
                _ => {
                    let at = chance.below(40) as u64;
                    let splice = Splice { at, remove: "".into(), insert: text.as_str().into() };
                    inserted.push((offices.say(office, Change::Note(splice)), text));
                }
            }
        }
        let view = offices.view();
        let shown: BTreeMap<ItemRef, Value> =
            view.claims.iter().map(|claim| (claim.item, claim.claim.value.clone())).collect();
        let wanted: BTreeMap<ItemRef, Value> =
            claims.iter().map(|(item, (_, value))| (*item, value.clone())).collect();
        assert!(shown == wanted, "seed {seed}: a claim is lost or changed");
        for claim in &view.claims {
            assert_eq!(!claim.is_current(), withdrawn.contains(&claim.item), "seed {seed}");
        }
        let values = view.plan.iter().flat_map(|plan| plan.values.iter().chain(&plan.history));
        let shown: BTreeMap<ItemRef, Value> = values.map(|value| (value.item, value.value.clone())).collect();
        assert!(shown == stages, "seed {seed}: a plan value is lost or changed");
        let history = offices.sheet.history();
        for (edit, text) in inserted {
            let then = offices.sheet.view_at(&edit).expect("it is here").note;
            assert!(then.reveal().contains(&text), "seed {seed}: a splice is lost");
            let entry = history.iter().find(|entry| entry.edit == edit).expect("it is listed");
            assert!(
                matches!(&entry.did, Did::Noted(splice) if *splice.insert.reveal() == text),
                "seed {seed}"
            );
        }
        assert_eq!(history.len() as u64, offices.said[0] + offices.said[1], "seed {seed}");
    }
}
