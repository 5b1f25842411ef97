//! The opened segment: the plaintext of `work`, and its replay into sheets.

use super::Given;
use homeward::case::{
    Act, Change, Claim, Date, Disclosed, Edit, FileNote, Name, NameKind, Place as PlaceName, PlanKey,
    PlanValue, Precision, Source, Splice, Value,
};
use homeward::codec;
use homeward::id::{CaseId, CircleId, EditRef, Hash, InstanceId, ItemRef, Life, NodeId, PartnerId};
use homeward::limit;
use homeward::register::{
    Body, Context, Cuts, Layout, Opened, Packed, Pin, Place, Reach, Stamped, Work, open_sheet, pins_of,
    replay_case,
};
use homeward::sign::{Domain, Signature, hash};
use homeward::time::Millis;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use std::collections::BTreeMap;
use std::sync::Arc;

const CIRCLE: CircleId = CircleId([0x66; 32]);
/// Segments that one fuzzed log may rest on: more is the same work again.
const RESTS: u64 = 8;

fn members() -> Vec<PartnerId> {
    (1..=3).map(|byte| PartnerId([byte; 32])).collect()
}

fn life(author: usize) -> Life {
    Life { node: NodeId([author as u8 + 1; 32]), instance: InstanceId([author as u8 + 1; 16]) }
}

fn header_of(life: &Life, number: u64) -> Hash {
    hash(Domain::Header, &[life.node.as_bytes(), life.instance.as_bytes(), &number.to_be_bytes()])
}

/// First byte 0: a plaintext as it comes; 1: a conversation of three authors; 2: a right plaintext with one edit's
/// bytes exchanged; 3: a right plaintext with bytes bent.
pub fn segment(bytes: &[u8]) -> bool {
    let mut given = Given(bytes);
    match given.byte() % 4 {
        0 => plaintext(given.0),
        1 => conversation(&mut given),
        2 => plaintext(&exchanged(&mut given)),
        _ => {
            let mut plain = sample();
            while !given.is_empty() {
                let at = given.number() as usize % plain.len();
                plain[at] = plain[at].wrapping_add(given.byte());
            }
            plaintext(&plain)
        }
    }
}

/// As far as it must be read to know what it says of its own place.
#[derive(Deserialize)]
struct Stands {
    circle: CircleId,
    node: NodeId,
    instance: InstanceId,
    number: u64,
}

fn plaintext(bytes: &[u8]) -> bool {
    let Ok(stands) = serde_ipld_dagcbor::from_slice::<Stands>(bytes) else {
        assert!(Packed::decode(bytes, place(life(0), 1)).is_err());
        return false;
    };
    let own = Life { node: stands.node, instance: stands.instance };
    let place = Place { circle: stands.circle, life: own, number: stands.number };
    let Ok(packed) = Packed::decode(bytes, place) else { return false };
    assert!(packed.len() <= limit::SEGMENT_EDITS);
    let elsewhere = Place { number: place.number.wrapping_add(1), ..place };
    assert!(Packed::decode(bytes, elsewhere).is_err(), "a plaintext stands in one place");
    let work = packed.work().expect("what is packed was checked");
    assert_eq!(work.encode().expect("what was read can be written").reveal(), bytes, "one encoding");
    replay_alone(packed);
    true
}

fn place(life: Life, number: u64) -> Place {
    Place { circle: CIRCLE, life, number }
}

/// Replays one plaintext behind epochs that make all it rests on.
fn replay_alone(packed: Packed) {
    let own = *packed.place();
    let pins = packed.pins().to_vec();
    if own.number > RESTS || pins.iter().any(|pin| pin.number > RESTS) || pins.len() > 32 {
        return;
    }
    let epoch = |life: Life, number: u64, header: Hash| opened(life, number, header, Body::Epoch);
    let mut batch: Vec<Opened> =
        (1..own.number).map(|number| epoch(own.life, number, header_of(&own.life, number))).collect();
    for pin in &pins {
        batch.extend((1..pin.number).map(|number| epoch(pin.life, number, header_of(&pin.life, number))));
        batch.push(epoch(pin.life, pin.number, pin.hash));
    }
    let (edits, first) = (packed.len() as u64, packed.first());
    let header = header_of(&own.life, own.number);
    batch.push(opened(own.life, own.number, header, Body::Work(Box::new(packed))));
    let mut replica = Replica::new(own.circle);
    replica.take(batch);
    assert!(replica.waiting.is_empty(), "all that it rests on is here");
    if first == 1 && replica.reach.refused().next().is_none() {
        assert_eq!(replica.edits, edits);
    } else {
        assert_eq!(replica.edits, 0);
    }
    replica.shows();
}

fn opened(life: Life, number: u64, header: Hash, body: Body) -> Opened {
    Opened { life, number, partner: members()[0], header, first_seen: Millis(5_000), body }
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
    fn new(circle: CircleId) -> Self {
        Self {
            layout: Arc::new(Layout::new(circle, &members()).expect("a layout")),
            reach: Reach::new(members()[0]),
            waiting: Vec::new(),
            sheets: BTreeMap::new(),
            edits: 0,
        }
    }

    fn take(&mut self, batch: Vec<Opened>) {
        let mut opened = std::mem::take(&mut self.waiting);
        opened.extend(batch);
        let plan = self.reach.plan(opened, &Cuts::new());
        self.waiting = plan.waiting;
        self.edits += plan.edits;
        for (case, edits) in plan.cases {
            let before = self.sheets.get(&case).map(Vec::as_slice);
            let replayed = replay_case(before, &self.layout, case, &edits).expect("an unspoiled sheet");
            self.sheets.insert(case, replayed.saved);
        }
    }

    /// All that this node can show.
    fn shows(&self) -> Vec<String> {
        let mut shown = vec![format!("{} edits", self.edits)];
        for (case, saved) in &self.sheets {
            let sheet = open_sheet(&self.layout, saved).expect("an unspoiled sheet");
            let heads: Vec<String> = sheet.heads().iter().map(|head| homeward::id::hex(head)).collect();
            shown.push(format!("{case}: {heads:?} {}", sheet.json()));
            shown.push(serde_json::to_string(&sheet.view()).expect("a view"));
            shown.push(serde_json::to_string(&sheet.history()).expect("a history"));
        }
        let mut waiting: Vec<_> = self.waiting.iter().map(|opened| (opened.life, opened.number)).collect();
        waiting.sort_unstable();
        shown.push(format!("waiting {waiting:?}, refused {:?}", self.reach.refused().collect::<Vec<_>>()));
        shown
    }
}

/// What three authors say, resting on what they choose to have seen: in two orders, the same is shown.
fn conversation(given: &mut Given<'_>) -> bool {
    let mut said: Vec<(Place, Option<Vec<u8>>)> = Vec::new();
    let mut segments = [0u64; 3];
    let mut edits = [0u64; 3];
    let mut known = [Context::new(), Context::new(), Context::new()];
    let mut items = Vec::new();
    let from = given.0.len() + 1;
    while !given.is_empty() && said.len() < 24 {
        let author = given.below(3);
        for other in (0..3).filter(|other| *other != author && segments[*other] > 0) {
            let seen = (given.byte() as u64 % (segments[other] + 1)).max(1);
            let held = known[author].entry(life(other)).or_insert(seen);
            *held = (*held).max(seen);
        }
        segments[author] += 1;
        let place = place(life(author), segments[author]);
        let count = given.below(4);
        if count == 0 || segments[author] == 1 {
            said.push((place, None));
            continue;
        }
        let context = Arc::new(known[author].clone());
        let first = edits[author] + 1;
        let stamped: Vec<Stamped> = (first..)
            .take(count)
            .map(|number| {
                let id = EditRef { life: place.life, number };
                Stamped { edit: edit(given, id, &mut items), context: Arc::clone(&context) }
            })
            .collect();
        edits[author] += count as u64;
        let work = work_of(place, first, stamped);
        let bytes = work.encode().expect("sound edits").reveal().clone();
        assert_eq!(Packed::decode(&bytes, place).expect("an honest plaintext").work(), Ok(work));
        said.push((place, Some(bytes)));
    }
    let open = |(place, bytes): &(Place, Option<Vec<u8>>)| {
        let body = bytes.as_ref().map_or(Body::Epoch, |bytes| {
            Body::Work(Box::new(Packed::decode(bytes, *place).expect("an honest plaintext")))
        });
        let partner = members()[usize::from(place.life.node.0[0] - 1)];
        Opened { partner, ..opened(place.life, place.number, header_of(&place.life, place.number), body) }
    };
    let mut whole = Replica::new(CIRCLE);
    whole.take(said.iter().map(open).collect());
    let mut slow = Replica::new(CIRCLE);
    // Interrupted at a place of the fuzzer's choice, backwards from there, then the rest.
    let (late, soon) = said.split_at(from % (said.len() + 1));
    soon.iter().rev().chain(late).for_each(|segment| slow.take(vec![open(segment)]));
    let (one, other) = (whole.shows(), slow.shows());
    assert!(one == other, "orders differ:\n{one:#?}\n{other:#?}");
    whole.edits > 0
}

fn work_of(place: Place, first: u64, edits: Vec<Stamped>) -> Work {
    let pins = pins_of(edits.iter().map(|stamped| &*stamped.context));
    let pins =
        pins.into_iter().map(|(life, number)| Pin { life, number, hash: header_of(&life, number) }).collect();
    Work { place, first, circle_name: None, pins, edits }
}

fn text(given: &mut Given<'_>) -> String {
    const LETTERS: [&str; 8] = ["a", "b", "ї", "🦋", "\u{202e}", "\u{301}", "é", "م"];
    (0..given.below(5)).map(|_| *given.pick(&LETTERS)).collect()
}

fn some_items(given: &mut Given<'_>, items: &[ItemRef]) -> Vec<ItemRef> {
    let mut some: Vec<ItemRef> = (0..given.below(3))
        .map(|_| {
            let none = ItemRef { edit: EditRef { life: life(given.below(3)), number: 99 }, place: 0 };
            if items.is_empty() { none } else { *given.pick(items) }
        })
        .collect();
    some.sort_unstable();
    some.dedup();
    some
}

fn value(given: &mut Given<'_>, items: &[ItemRef]) -> Value {
    match given.below(10) {
        0 => Value::Text(text(given).into()),
        1 => Value::Code("female".into()),
        2 => Value::Name(Name {
            kind: NameKind::Nickname,
            given: text(given).into(),
            whole: text(given).into(),
            ..Name::default()
        }),
        3 => Value::Date(Date { earliest: 20150101, latest: 20151231, precision: Precision::Year }),
        4 => Value::Place(PlaceName { name: text(given).into(), also: text(given).into() }),
        5 => Value::Number(i64::from(given.byte() as i8) << given.below(56)),
        6 => Value::Outside { system: "list".into(), number: text(given).into() },
        7 => Value::Case(CaseId([given.byte(); 16])),
        8 => Value::Flag(given.byte() & 1 == 0),
        _ => some_items(given, items).first().map_or(Value::Flag(true), |item| Value::Item(*item)),
    }
}

fn claim(given: &mut Given<'_>, items: &[ItemRef]) -> Claim {
    Claim {
        field: (*given.pick(&["name", "sex", "birth_date", "relative.phone", "unknown"])).to_owned(),
        group: if given.below(3) == 0 { "mother".into() } else { String::new() },
        value: value(given, items),
        source: Source { text: text(given).into(), ..Source::default() },
        replaces: some_items(given, items),
        origin: None,
    }
}

fn edit(given: &mut Given<'_>, id: EditRef, items: &mut Vec<ItemRef>) -> Edit {
    let mut made = 1;
    let change = match given.below(12) {
        0..=3 => {
            made = 1 + given.below(3) as u16;
            Change::Claims((0..made).map(|_| claim(given, items)).collect())
        }
        4 => Change::Withdraw { items: some_items(given, items), reason: text(given).into() },
        5 | 6 => Change::Plan(PlanValue {
            key: PlanKey { kind: "leg".into(), id: given.below(2).to_string(), field: "state".into() },
            value: value(given, items),
            replaces: some_items(given, items),
        }),
        7..=9 => Change::Note(Splice {
            at: if given.below(8) == 0 { given.number() << 17 } else { u64::from(given.byte() % 12) },
            remove: text(given).into(),
            insert: text(given).into(),
        }),
        10 => {
            let statement = given.bytes(3).to_vec();
            Change::Act(Act { statement, signature: Signature([7; 64]) })
        }
        _ if given.below(2) == 0 => Change::File(FileNote {
            name: text(given).into(),
            media: "image/png".into(),
            length: given.number(),
            pieces: vec![Hash([3; 32])],
            key: vec![5; 32],
            about: "".into(),
        }),
        _ => Change::Disclosed(Disclosed {
            to: CircleId([8; 32]),
            readers: members(),
            items: some_items(given, items),
            reason: text(given).into(),
        }),
    };
    items.extend((0..made).map(|place| ItemRef { edit: id, place }));
    let operator = (*given.pick(&["Olena", "Khalid", ""])).into();
    let time = Millis(given.number() << (given.below(5) * 8));
    let edit = Edit { case: CaseId([given.byte() % 2; 16]), time, operator, change };
    match edit.check() {
        Ok(()) => edit,
        Err(_) => {
            let change = Change::Note(Splice { at: 0, remove: "".into(), insert: "x".into() });
            Edit { time: Millis(1), operator: "Olena".into(), change, ..edit }
        }
    }
}

/// A right plaintext with an edit of most kinds.
pub fn sample() -> Vec<u8> {
    let script: Vec<u8> = (0..240u32).map(|n| (n * 37 + n / 7) as u8).collect();
    let mut given = Given(&script);
    let mut items = Vec::new();
    let context = Arc::new(Context::from([(life(1), 2), (life(2), 1)]));
    let stamped: Vec<Stamped> = (1..=40)
        .map(|number| {
            let edit = edit(&mut given, EditRef { life: life(0), number }, &mut items);
            Stamped { edit, context: Arc::clone(&context) }
        })
        .collect();
    work_of(place(life(0), 2), 1, stamped).encode().expect("a sample").reveal().clone()
}

/// The plaintext as it stands in CBOR.
#[derive(Serialize, Deserialize)]
struct Wire {
    version: u16,
    circle: CircleId,
    node: NodeId,
    instance: InstanceId,
    number: u64,
    first: u64,
    base: Millis,
    lives: Vec<(NodeId, InstanceId)>,
    cases: Vec<CaseId>,
    operators: Vec<String>,
    fields: Vec<String>,
    pins: Vec<(u32, u64, Hash)>,
    lengths: Vec<u32>,
    edits: ByteBuf,
}

/// The sample with the bytes of one edit exchanged, and edits behind it kept or dropped.
fn exchanged(given: &mut Given<'_>) -> Vec<u8> {
    let mut wire: Wire = codec::decode("sample", &sample(), usize::MAX).expect("the sample");
    let index = given.below(wire.lengths.len());
    if given.byte() & 1 == 0 {
        wire.lengths.truncate(index + 1);
    }
    let start: usize = wire.lengths[..index].iter().map(|length| *length as usize).sum();
    let end = start + wire.lengths[index] as usize;
    wire.lengths[index] = given.0.len() as u32;
    wire.edits.splice(start..end, given.0.iter().copied());
    let total: usize = wire.lengths.iter().map(|length| *length as usize).sum();
    wire.edits.truncate(total);
    codec::encode(&wire)
}

/// The bytes of the sample's edits: what to exchange them with first.
pub fn sample_edits() -> Vec<Vec<u8>> {
    let wire: Wire = codec::decode("sample", &sample(), usize::MAX).expect("the sample");
    let mut rest = wire.edits.as_slice();
    let cut = |length: &u32| {
        let (edit, after) = rest.split_at(*length as usize);
        rest = after;
        edit.to_vec()
    };
    wire.lengths.iter().map(cut).collect()
}
