//! Nodes that hold the same segments show the same sheets, byte for byte, whatever order the segments came in, however
//! often they were interrupted, and whatever authors pretend to have seen.
//!
//! `HOMEWARD_SEEDS` sets how many worlds are tried, or one: `HOMEWARD_SEEDS=17..18`.

#![allow(clippy::indexing_slicing, reason = "a test that indexes wrongly fails")]

use homeward::case::{
    Act, Change, Claim, Date, Disclosed, Edit, FileNote, Name, NameKind, Place as PlaceName, PlanKey,
    PlanValue, Precision, Source, Splice, Value,
};
use homeward::codec::Malformed;
use homeward::id::{CaseId, CircleId, EditRef, Hash, InstanceId, ItemRef, Life, NodeId, PartnerId};
use homeward::register::{
    Body, Context, Cut, Cuts, Layout, Opened, Packed, Pin, Place, Reach, Stamped, Work, open_sheet, pins_of,
    replay_case,
};
use homeward::sign::{Domain, Signature, hash};
use homeward::time::Millis;
use std::collections::BTreeMap;
use std::sync::Arc;

struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() >> 11) as usize % end.max(1)
    }

    fn one_in(&mut self, of: usize) -> bool {
        self.below(of) == 0
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    fn shuffle<T>(&mut self, list: &mut [T]) {
        for end in (1..list.len()).rev() {
            list.swap(end, self.below(end + 1));
        }
    }
}

/// One segment as a node holds it: bytes, or why they were refused.
#[derive(Clone)]
struct Held {
    partner: PartnerId,
    place: Place,
    header: Hash,
    bytes: Option<Vec<u8>>,
    broken: bool,
}

impl Held {
    fn open(&self) -> Opened {
        let body = match (&self.bytes, self.broken) {
            (_, true) => Body::Refused(Malformed::NotStrict("work")),
            (None, _) => Body::Epoch,
            (Some(bytes), _) => {
                Body::Work(Box::new(Packed::decode(bytes, self.place).expect("an honest plaintext")))
            }
        };
        Opened {
            life: self.place.life,
            number: self.place.number,
            partner: self.partner,
            header: self.header,
            first_seen: Millis(5_000 + self.place.number),
            body,
        }
    }
}

struct Author {
    partner: PartnerId,
    life: Life,
    /// Segments of other logs that it has applied.
    known: Context,
    segments: u64,
    edits: u64,
}

struct World {
    chance: Chance,
    circle: CircleId,
    members: Vec<PartnerId>,
    cases: Vec<CaseId>,
    authors: Vec<Author>,
    held: Vec<Held>,
    items: Vec<ItemRef>,
    cuts: Cuts,
}

fn header(life: &Life, number: u64) -> Hash {
    hash(Domain::Header, &[life.node.as_bytes(), life.instance.as_bytes(), &number.to_be_bytes()])
}

impl World {
    fn new(seed: u64) -> Self {
        let mut chance = Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let partners = 2 + chance.below(3);
        let members: Vec<PartnerId> = (0..partners).map(|p| PartnerId([p as u8 + 1; 32])).collect();
        let mut world = Self {
            circle: CircleId([seed as u8; 32]),
            cases: (0..1 + chance.below(4)).map(|c| CaseId([c as u8 + 1; 16])).collect(),
            authors: Vec::new(),
            held: Vec::new(),
            items: Vec::new(),
            cuts: Cuts::new(),
            chance,
            members,
        };
        for (index, partner) in world.members.clone().into_iter().enumerate() {
            for instance in 0..1 + world.chance.below(3) {
                let life = Life {
                    node: NodeId([index as u8 * 7 + 3; 32]),
                    instance: InstanceId([instance as u8 * 31 + index as u8; 16]),
                };
                let author = Author { partner, life, known: Context::new(), segments: 0, edits: 0 };
                world.authors.push(author);
                world.say_epoch(world.authors.len() - 1);
            }
        }
        for _ in 0..10 + world.chance.below(20) {
            let author = world.chance.below(world.authors.len());
            world.learn(author);
            world.say(author);
        }
        if world.chance.one_in(4) {
            let author = world.chance.below(world.authors.len());
            let Author { life, segments, .. } = world.authors[author];
            let through = world.chance.below(segments as usize + 1) as u64;
            world.cuts.insert(life, Cut { through, fork: None });
        }
        world
    }

    fn say_epoch(&mut self, author: usize) {
        let Author { partner, life, segments, .. } = &mut self.authors[author];
        *segments += 1;
        let place = Place { circle: self.circle, life: *life, number: *segments };
        let header = header(life, *segments);
        self.held.push(Held { partner: *partner, place, header, bytes: None, broken: false });
    }

    /// The author applies all that another author has applied and said: closed under what it rests on.
    fn learn(&mut self, author: usize) {
        for _ in 0..self.chance.below(3) {
            let other = self.chance.below(self.authors.len());
            let mut known = self.authors[other].known.clone();
            known.insert(self.authors[other].life, self.authors[other].segments);
            known.remove(&self.authors[author].life);
            for (life, number) in known {
                let held = self.authors[author].known.entry(life).or_insert(0);
                *held = (*held).max(number);
            }
        }
    }

    /// A context that was never true: some logs forgotten, some numbers made up.
    fn lie(&mut self, author: usize) -> Context {
        let mut context = Context::new();
        for other in 0..self.authors.len() {
            if other != author && self.chance.one_in(2) {
                let number = 1 + self.chance.below(self.authors[other].segments as usize) as u64;
                context.insert(self.authors[other].life, number);
            }
        }
        context
    }

    fn say(&mut self, author: usize) {
        if self.chance.one_in(12) {
            return self.say_epoch(author);
        }
        let mut edits = Vec::new();
        let mut context = self.authors[author].known.clone();
        if self.chance.one_in(5) {
            context = self.lie(author);
        }
        let first = self.authors[author].edits + 1;
        for number in (first..).take(1 + self.chance.below(5)) {
            if self.chance.one_in(4) {
                self.learn(author);
                for (life, number) in &self.authors[author].known {
                    let held = context.entry(*life).or_insert(0);
                    *held = (*held).max(*number);
                }
            }
            let edit = self.edit(EditRef { life: self.authors[author].life, number });
            edits.push(Stamped { edit, context: Arc::new(context.clone()) });
            self.authors[author].edits += 1;
        }
        self.authors[author].segments += 1;
        let Author { partner, life, segments, .. } = self.authors[author];
        let place = Place { circle: self.circle, life, number: segments };
        let pins = pins_of(edits.iter().map(|stamped| &*stamped.context));
        let elsewhere = self.chance.one_in(60);
        let pin = |(life, number): (Life, u64)| {
            let hash = if elsewhere { Hash([9; 32]) } else { header(&life, number) };
            Pin { life, number, hash }
        };
        // A gap in the edit numbers, or bytes that nobody can read: refused, with all that follows in the log.
        let gap = u64::from(self.chance.one_in(40));
        let pins = pins.into_iter().map(pin).collect();
        let work = Work { place, first: first + gap, circle_name: None, pins, edits };
        let bytes = work.encode().expect("an honest plaintext").reveal().clone();
        assert_eq!(Packed::decode(&bytes, place).expect("reads back").work(), Ok(work));
        let broken = self.chance.one_in(40);
        self.held.push(Held { partner, place, header: header(&life, segments), bytes: Some(bytes), broken });
    }

    fn an_item(&mut self) -> Vec<ItemRef> {
        let none = EditRef { life: self.authors[0].life, number: 1_000 };
        let item = if self.items.is_empty() {
            ItemRef { edit: none, place: 0 }
        } else {
            *self.chance.pick(&self.items)
        };
        vec![item]
    }

    fn some_items(&mut self) -> Vec<ItemRef> {
        let count = self.chance.below(3);
        (0..count.min(self.items.len())).map(|_| *self.chance.pick(&self.items)).collect()
    }

    fn text(&mut self) -> String {
        (0..1 + self.chance.below(5)).map(|_| *self.chance.pick(&['a', 'b', 'ї', '🦋'])).collect()
    }

    fn value(&mut self) -> Value {
        match self.chance.below(9) {
            0 => Value::Text(self.text().into()),
            1 => Value::Code("female".into()),
            2 => Value::Name(Name {
                kind: NameKind::Nickname,
                given: self.text().into(),
                whole: self.text().into(),
                ..Name::default()
            }),
            3 => Value::Date(Date { earliest: 20150101, latest: 20151231, precision: Precision::Year }),
            4 => Value::Place(PlaceName { name: self.text().into(), also: self.text().into() }),
            5 => Value::Number(-(self.chance.below(900) as i64)),
            6 => Value::Outside { system: "list".into(), number: self.text().into() },
            7 => Value::Case(*self.chance.pick(&self.cases)),
            _ => self.some_items().first().map_or(Value::Flag(true), |item| Value::Item(*item)),
        }
    }

    fn claim(&mut self) -> Claim {
        Claim {
            field: (*self.chance.pick(&["name", "sex", "birth_date", "relative.phone"])).to_owned(),
            group: if self.chance.one_in(3) { "mother".into() } else { String::new() },
            value: self.value(),
            source: Source { text: self.text().into(), ..Source::default() },
            replaces: self.some_items(),
            origin: None,
        }
    }

    fn edit(&mut self, id: EditRef) -> Edit {
        let mut made = 1;
        let change = match self.chance.below(12) {
            0..=3 => {
                made = 1 + self.chance.below(3) as u16;
                Change::Claims((0..made).map(|_| self.claim()).collect())
            }
            4 => Change::Withdraw { items: self.an_item(), reason: self.text().into() },
            5 | 6 => Change::Plan(PlanValue {
                key: PlanKey {
                    kind: "leg".into(),
                    id: self.chance.below(2).to_string(),
                    field: "state".into(),
                },
                value: self.value(),
                replaces: self.some_items(),
            }),
            7..=9 => Change::Note(Splice {
                at: self.chance.below(12) as u64,
                remove: self.text().chars().take(self.chance.below(3)).collect::<String>().into(),
                insert: self.text().into(),
            }),
            10 => Change::Act(Act { statement: vec![1, 2, 3], signature: Signature([7; 64]) }),
            _ if self.chance.one_in(2) => Change::File(FileNote {
                name: self.text().into(),
                media: "image/png".into(),
                length: 60_000,
                pieces: vec![Hash([3; 32])],
                key: vec![5; 32],
                about: "".into(),
            }),
            _ => Change::Disclosed(Disclosed {
                to: CircleId([8; 32]),
                readers: self.members.clone(),
                items: self.an_item(),
                reason: self.text().into(),
            }),
        };
        self.items.extend((0..made).map(|place| ItemRef { edit: id, place }));
        let operator = (*self.chance.pick(&["Olena", "Khalid", ""])).into();
        let time = Millis(1_000_000 + self.chance.below(100_000) as u64);
        Edit { case: *self.chance.pick(&self.cases), time, operator, change }
    }
}

/// One node: what it has applied, and its saved sheets.
struct Replica {
    layout: Arc<Layout>,
    reach: Reach,
    waiting: Vec<Opened>,
    sheets: BTreeMap<CaseId, Vec<u8>>,
    edits: u64,
}

impl Replica {
    fn new(world: &World) -> Self {
        Self {
            layout: Arc::new(Layout::new(world.circle, &world.members).expect("a layout")),
            reach: Reach::new(world.members[0]),
            waiting: Vec::new(),
            sheets: BTreeMap::new(),
            edits: 0,
        }
    }

    fn take(&mut self, batch: Vec<Opened>, cuts: &Cuts) {
        let mut opened = std::mem::take(&mut self.waiting);
        opened.extend(batch);
        self.reach = Reach::decode(&self.reach.encode()).expect("the reach reads back");
        let plan = self.reach.plan(opened, cuts);
        self.waiting = plan.waiting;
        self.edits += plan.edits;
        for (case, edits) in plan.cases {
            let before = self.sheets.get(&case).map(Vec::as_slice);
            let replayed = replay_case(before, &self.layout, case, &edits).expect("an unspoiled sheet");
            // What was applied before is skipped. Once in a while: it doubles the work.
            if self.edits.is_multiple_of(5) {
                let again =
                    replay_case(Some(&replayed.saved), &self.layout, case, &edits).expect("unspoiled");
                assert!(
                    again.saved == replayed.saved && again.row == replayed.row && again.effects.is_empty()
                );
            }
            self.sheets.insert(case, replayed.saved);
        }
    }

    /// All that this node can show.
    fn shows(&self) -> Vec<String> {
        let mut shown = vec![format!("{} edits", self.edits)];
        for (case, saved) in &self.sheets {
            let sheet = open_sheet(&self.layout, saved).expect("an unspoiled sheet");
            let heads: Vec<String> = sheet.heads().iter().map(|head| homeward::id::hex(head)).collect();
            let history = sheet.history();
            let views: Vec<_> = history.iter().step_by(5).map(|entry| sheet.view_at(&entry.edit)).collect();
            shown.push(format!("{case}: {heads:?} {}", sheet.json()));
            shown.push(serde_json::to_string(&sheet.view()).expect("a view"));
            shown.push(serde_json::to_string(&(history, views)).expect("a history"));
        }
        let mut waiting: Vec<_> = self.waiting.iter().map(|opened| (opened.life, opened.number)).collect();
        waiting.sort_unstable();
        shown.push(format!("waiting {waiting:?}, refused {:?}", self.reach.refused().collect::<Vec<_>>()));
        shown
    }
}

fn seeds() -> std::ops::Range<u64> {
    let Ok(text) = std::env::var("HOMEWARD_SEEDS") else { return 0..300 };
    match text.split_once("..") {
        Some((from, to)) => from.parse().expect("a seed")..to.parse().expect("a seed"),
        None => 0..text.parse().expect("a number of seeds"),
    }
}

/// Says which world failed, however it failed.
struct Seed(u64);

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the seed was {}", self.0);
        }
    }
}

#[test]
fn replicas_agree_in_every_order() {
    let (mut edits, mut refused, mut waiting) = (0, 0, 0);
    for seed in seeds() {
        let _seed = Seed(seed);
        let mut world = World::new(seed);
        let mut whole = Replica::new(&world);
        whole.take(world.held.iter().map(Held::open).collect(), &world.cuts);
        let expected = whole.shows();
        edits += whole.edits;
        refused += whole.reach.refused().count();
        waiting += whole.waiting.len();
        for _ in 0..2 {
            let mut held = world.held.clone();
            world.chance.shuffle(&mut held);
            let mut replica = Replica::new(&world);
            while !held.is_empty() {
                let batch = held.split_off(held.len() - (1 + world.chance.below(held.len())).min(7));
                replica.take(batch.iter().map(Held::open).collect(), &world.cuts);
            }
            for (shown, expected) in replica.shows().iter().zip(&expected) {
                assert!(shown == expected, "seed {seed}: replicas differ:\n{shown}\n{expected}");
            }
            assert_eq!(replica.shows().len(), expected.len(), "seed {seed}");
        }
    }
    // The worlds are not idle ones.
    if seeds() == (0..300) {
        assert!(edits > 10_000 && refused > 20 && waiting > 20, "{edits} {refused} {waiting}");
    }
}
