//! Nobody speaks for another: each record that offices exchange is refused with any of its fields changed, whether the
//! signature stays, is another's, or was made for another kind of record. And who writes an old date into what it
//! says is shown with the day on which it came.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "what goes wrong here fails the test"
)]

#[path = "hub/chance.rs"]
#[allow(dead_code)]
mod chance;
mod figures;
#[path = "hub/net.rs"]
#[allow(dead_code)]
mod net;
#[path = "hub/world.rs"]
#[allow(dead_code)]
mod world;

use ed25519_dalek::SigningKey;
use homeward::codec;
use homeward::id::{CircleId, EpochId, Hash, InstanceId, Life, LinkKey, LogId, NodeId, PartnerId};
use homeward::log::{
    Charter, Closure, ClosurePoint, ForkProof, Header, Heads, HeadsEntry, HeldHeads, Kind, Segment,
};
use homeward::node::stage::{Hands, Props, Staged};
use homeward::node::{Answer, ClaimIn, Request};
use homeward::private::Private;
use homeward::seal::{
    AgeEnvelope, Card, CardAddress, Certificate, Grant, certificate, demo_card, demo_node, demo_partner,
};
use homeward::sign::{Domain, Record, Sign, Signature, Signed};
use homeward::store::Vault;
use homeward::sync::{CarriedItem, CarriedSummary, Event, Input, RecordKind};
use homeward::time::Millis;
use serde_bytes::ByteBuf;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use world::{World, card, carried, key};

/// Offices: kyiv speaks, doha listens, moscow is a member too, the stranger is in no circle of theirs.
const KYIV: usize = 0;
const DOHA: usize = 1;
const MOSCOW: usize = 2;
const STRANGER: usize = 3;

type Change<R> = (&'static str, fn(&mut R));

/// A record as its bytes: whatever body under whatever signature.
fn wire(body: Vec<u8>, signature: Signature) -> Vec<u8> {
    codec::encode(&(ByteBuf::from(body), signature))
}

/// The signature that a record carries: its last 64 bytes.
fn signature_of(bytes: &[u8]) -> Signature {
    Signature(*bytes.last_chunk().unwrap())
}

/// The record with each of its fields changed, under its own signature and under that of every key but its author's;
/// and unchanged, under every signature that is not its own. `changes` must name every field.
fn forgeries<R: Record + Clone + PartialEq>(
    good: &Signed<R>,
    author: &dyn Sign,
    changes: &[Change<R>],
) -> Vec<(String, Vec<u8>)> {
    let fields = serde_json::to_value(good.get()).unwrap();
    let fields: BTreeSet<&str> = fields.as_object().unwrap().keys().map(String::as_str).collect();
    let named: BTreeSet<&str> = changes.iter().map(|(name, _)| name.split(':').next().unwrap()).collect();
    assert_eq!(named, fields, "{}: every field is forged", R::WHAT);

    let others = ["partner 2", "node 2", "link 2", "partner 3", "node 3", "nobody"].map(key);
    let mut forged = Vec::new();
    let own = signature_of(good.bytes());
    for (name, change) in changes {
        let mut record = good.get().clone();
        change(&mut record);
        assert!(record != *good.get(), "{}: {name} was changed", R::WHAT);
        let body = codec::encode(&record);
        forged.push((format!("{} {name}, unsigned", R::WHAT), wire(body.clone(), own)));
        for other in &others {
            let bytes = wire(body.clone(), Sign::sign(other, R::DOMAIN, &body));
            forged.push((format!("{} {name}, by another key", R::WHAT), bytes));
        }
    }
    let body = codec::encode(good.get());
    for other in &others {
        let bytes = wire(body.clone(), Sign::sign(other, R::DOMAIN, &body));
        forged.push((format!("{} as it was, by another key", R::WHAT), bytes));
    }
    for domain in [Domain::Hello, Domain::Act, Domain::Bundle] {
        let bytes = wire(body.clone(), Sign::sign(author, domain, &body));
        forged.push((format!("{} as it was, signed as {}", R::WHAT, domain.as_str()), bytes));
    }
    for byte in [0, 31, 32, 63] {
        let mut signature = own;
        signature.0[byte] ^= 1;
        forged.push((
            format!("{} with byte {byte} of its signature changed", R::WHAT),
            wire(body.clone(), signature),
        ));
    }
    forged
}

/// A scene at the gate: doha holds nothing of the circle yet, or its charter and kyiv's first segment.
struct Gate {
    world: World,
    circle: CircleId,
    charter: Signed<Charter>,
    tried: usize,
}

impl Gate {
    fn new(known: bool) -> Self {
        let mut world = World::new(7, 4);
        let circle = world.circle(&[KYIV, DOHA, MOSCOW], &[]);
        for length in [300, 400] {
            world.write(KYIV, circle, length);
        }
        world.run_for(10_000);
        let charter = world.offices[KYIV].disk.circles[&circle].clone();
        let mut gate = Self { world, circle, charter, tried: 0 };
        if known {
            let bytes = gate.charter.bytes().to_vec();
            assert_eq!(gate.bring(CarriedItem::Charter(bytes)).records, 1);
        }
        gate
    }

    /// Moscow brings doha one thing.
    fn bring(&mut self, item: CarriedItem) -> CarriedSummary {
        self.world.offices[DOHA].events.clear();
        let maker = self.world.offices[MOSCOW].node();
        self.world.give(DOHA, Input::Carried { maker, items: vec![item] });
        self.world.run_for(10_000);
        let events = &self.world.offices[DOHA].events;
        let summary = events.iter().find_map(|event| match event {
            Event::Carried { summary, .. } => Some(*summary),
            _ => None,
        });
        summary.unwrap()
    }

    /// All that doha's disk has, as far as others can write to it.
    fn disk(&self) -> String {
        let disk = &self.world.offices[DOHA].disk;
        let logs: Vec<(LogId, usize)> = disk.logs.iter().map(|(log, list)| (*log, list.len())).collect();
        let cards: Vec<Hash> = disk.cards.values().map(Signed::hash).collect();
        let records: Vec<Hash> = disk.records.keys().copied().collect();
        let peers: Vec<_> = disk.peers.iter().map(|(peer, memory)| (peer, &memory.theirs)).collect();
        format!(
            "{:?} {logs:?} {} {records:?} {cards:?} {} {peers:?}",
            disk.circles.keys(),
            disk.apart.len(),
            disk.certificates.len()
        )
    }

    /// None of these is taken in, and the genuine one is.
    fn refuses(
        &mut self,
        forged: Vec<(String, Vec<u8>)>,
        genuine: &[u8],
        item: impl Fn(Vec<u8>) -> CarriedItem,
    ) {
        let before = self.disk();
        for (what, bytes) in forged {
            assert_ne!(bytes, genuine, "{what}");
            let summary = self.bring(item(bytes));
            // A stranger's own header that names kyiv waits, in memory alone, for a first segment with kyiv's word for
            // that node, which nobody can make.
            let taken = summary.placed + summary.records + summary.repeated;
            assert_eq!(taken, 0, "{what}: {summary:?}");
            assert_eq!(self.disk(), before, "{what}");
            self.tried += 1;
        }
        let summary = self.bring(item(genuine.to_vec()));
        assert_eq!(summary.placed + summary.records, 1, "the genuine one is refused too: {summary:?}");
        assert_ne!(self.disk(), before);
    }

    fn first(&self) -> Segment {
        self.numbered(1)
    }

    fn numbered(&self, number: usize) -> Segment {
        let log = LogId { circle: self.circle, life: self.world.offices[KYIV].life() };
        (*self.world.offices[KYIV].disk.logs[&log][number - 1]).clone()
    }

    fn done(self, what: &str) {
        assert!(self.tried > 0);
        figures::note(&format!("forged {what}, all refused: {}", self.tried));
    }
}

fn stranger_partner() -> PartnerId {
    PartnerId(key("partner 3").public())
}

fn stranger_node() -> NodeId {
    NodeId(key("node 3").public())
}

#[test]
fn no_field_of_a_charter_can_be_forged() {
    let mut gate = Gate::new(false);
    let author = key("node 0");
    let changes: [Change<Charter>; 9] = [
        ("version", |c| c.version = 2),
        ("nonce", |c| c.nonce[0] ^= 1),
        ("members", |c| c.members.retain(|one| *one != PartnerId(key("partner 2").public()))),
        ("carriers", |c| c.carriers.push(stranger_partner())),
        ("rules", |c| c.rules = 2),
        ("time", |c| c.time = Millis(1)),
        ("founder", |c| c.founder = PartnerId(key("partner 2").public())),
        ("node", |c| c.node = stranger_node()),
        ("certificate", |c| {
            let word = Certificate {
                version: 1,
                partner: stranger_partner(),
                node: stranger_node(),
                link: LinkKey([8; 32]),
                recipient: vec![7; 1216],
                serial: 1,
                time: Millis(1),
            };
            c.certificate = Signed::sign(word, &key("partner 3")).unwrap().bytes().to_vec();
        }),
    ];
    let genuine = gate.charter.clone();
    let forged = forgeries(&genuine, &author, &changes);
    gate.refuses(forged, genuine.bytes(), CarriedItem::Charter);
    gate.done("charters");
}

#[test]
fn no_field_of_a_header_can_be_forged() {
    let mut gate = Gate::new(true);
    let changes: [Change<Header>; 14] = [
        ("version", |h| h.version = 2),
        ("kind", |h| h.kind = if h.kind == Kind::Epoch { Kind::Work } else { Kind::Epoch }),
        ("circle", |h| h.circle = CircleId([1; 32])),
        ("partner", |h| h.partner = PartnerId(key("partner 2").public())),
        ("node", |h| h.node = stranger_node()),
        ("instance", |h| h.instance = InstanceId([1; 16])),
        ("number", |h| h.number += 1),
        ("previous", |h| h.previous = Hash([1; 32])),
        ("epoch", |h| h.epoch = EpochId([1; 32])),
        ("cut", |h| h.cut = Millis(1)),
        ("length", |h| h.length += 1),
        ("body", |h| h.body = Hash([1; 32])),
        ("plain", |h| h.plain = Hash([1; 32])),
        ("certificate", |h| h.certificate = if h.certificate.is_empty() { vec![1] } else { Vec::new() }),
    ];
    for segment in [gate.first(), gate.numbered(2)] {
        let forged = forgeries(segment.header(), &key("node 0"), &changes);
        let body = segment.body().to_vec();
        gate.refuses(forged, segment.header().bytes(), |header| CarriedItem::Segment {
            header,
            body: body.clone(),
        });
    }
    gate.done("headers");
}

#[test]
fn no_field_of_a_certificate_can_be_forged() {
    let mut gate = Gate::new(true);
    let changes: [Change<Certificate>; 7] = [
        ("version", |c| c.version = 2),
        ("partner", |c| c.partner = PartnerId(key("partner 2").public())),
        ("node", |c| c.node = NodeId(key("node 2").public())),
        ("link", |c| c.link = LinkKey([8; 32])),
        ("recipient", |c| c.recipient = vec![8; 1216]),
        ("serial", |c| c.serial = u64::MAX),
        ("time", |c| c.time = Millis(1)),
    ];
    let genuine = gate.world.offices[KYIV].certificate.clone();
    let forged = forgeries(&genuine, &key("partner 0"), &changes);
    // Each in the first segment of a log that the node itself signs.
    let first = gate.first();
    let with = |certificate: Vec<u8>| {
        let header = Header { certificate, ..first.header().get().clone() };
        Signed::sign(header, &key("node 0")).unwrap().bytes().to_vec()
    };
    let forged = forged.into_iter().map(|(what, bytes)| (what, with(bytes))).collect();
    let body = first.body().to_vec();
    gate.refuses(forged, first.header().bytes(), |header| CarriedItem::Segment {
        header,
        body: body.clone(),
    });
    gate.done("certificates");
}

#[test]
fn no_field_of_a_card_can_be_forged() {
    let mut gate = Gate::new(true);
    let kyiv = &gate.world.offices[KYIV];
    let genuine = card(&kyiv.partner_key, std::slice::from_ref(&kyiv.certificate), 2);
    let changes: [Change<Card>; 7] = [
        ("version", |c| c.version = 2),
        ("partner", |c| c.partner = PartnerId(key("partner 2").public())),
        ("name", |c| c.name = "Another office".to_owned()),
        ("certificates", |c| c.certificates.clear()),
        ("addresses", |c| {
            c.addresses.push(CardAddress { node: stranger_node(), address: "127.0.0.1:1".to_owned() });
        }),
        ("revision", |c| c.revision = u64::MAX),
        ("time", |c| c.time = Millis(1)),
    ];
    let forged = forgeries(&genuine, &key("partner 0"), &changes);
    gate.refuses(forged, genuine.bytes(), CarriedItem::Card);
    gate.done("cards");
}

#[test]
fn no_field_of_a_closure_can_be_forged() {
    let mut gate = Gate::new(true);
    let first = gate.first();
    gate.bring(carried(&first));
    let closure = Closure {
        version: 1,
        circle: gate.circle,
        partner: gate.world.offices[KYIV].partner(),
        node: gate.world.offices[KYIV].node(),
        serial: 4,
        retired: false,
        time: gate.world.now,
        through: vec![ClosurePoint {
            instance: first.header().instance,
            number: 1,
            hash: first.header().hash(),
        }],
    };
    let changes: [Change<Closure>; 8] = [
        ("version", |c| c.version = 2),
        ("circle", |c| c.circle = CircleId([1; 32])),
        ("partner", |c| c.partner = stranger_partner()),
        ("node", |c| c.node = NodeId(key("node 1").public())),
        ("serial", |c| c.serial = 5),
        ("retired", |c| c.retired = true),
        ("time", |c| c.time = Millis(1)),
        ("through", |c| c.through.clear()),
    ];
    let genuine = Signed::sign(closure, &key("partner 0")).unwrap();
    let forged = forgeries(&genuine, &key("partner 0"), &changes);
    let circle = gate.circle;
    gate.refuses(forged, genuine.bytes(), |bytes| CarriedItem::Record {
        circle,
        kind: RecordKind::Closure,
        bytes,
    });
    gate.done("closures");
}

#[test]
fn no_field_of_a_grant_can_be_forged() {
    let mut gate = Gate::new(true);
    let doha = &gate.world.offices[DOHA];
    let grant = Grant {
        version: 1,
        circle: gate.circle,
        epoch: EpochId([9; 32]),
        from: gate.world.offices[KYIV].node(),
        to: doha.node(),
        to_link: doha.certificate.link,
        time: gate.world.now,
        file: b"an age file".to_vec(),
    };
    let changes: [Change<Grant>; 8] = [
        ("version", |g| g.version = 2),
        ("circle", |g| g.circle = CircleId([1; 32])),
        ("epoch", |g| g.epoch = EpochId([1; 32])),
        ("from", |g| g.from = stranger_node()),
        ("to", |g| g.to = NodeId(key("node 2").public())),
        ("to_link", |g| g.to_link = LinkKey([1; 32])),
        ("time", |g| g.time = Millis(1)),
        ("file", |g| g.file.push(1)),
    ];
    let genuine = Signed::sign(grant, &key("node 0")).unwrap();
    let forged = forgeries(&genuine, &key("node 0"), &changes);
    let circle = gate.circle;
    gate.refuses(forged, genuine.bytes(), |bytes| CarriedItem::Record {
        circle,
        kind: RecordKind::Grant,
        bytes,
    });
    gate.done("grants");
}

#[test]
fn no_field_of_heads_can_be_forged() {
    let mut gate = Gate::new(true);
    let first = gate.first();
    let entries =
        HeldHeads([(first.header().life(), HeadsEntry { number: 1, hash: first.header().hash() })].into());
    let heads = Heads {
        version: 1,
        circle: gate.circle,
        node: gate.world.offices[KYIV].node(),
        instance: gate.world.offices[KYIV].instance,
        run: 40,
        time: gate.world.now,
        entries: entries.digest(),
    };
    let changes: [Change<Heads>; 7] = [
        ("version", |h| h.version = 2),
        ("circle", |h| h.circle = CircleId([1; 32])),
        ("node", |h| h.node = stranger_node()),
        ("instance", |h| h.instance = InstanceId([1; 16])),
        ("run", |h| h.run = 41),
        ("time", |h| h.time = Millis(1)),
        ("entries", |h| h.entries = HeldHeads::default().digest()),
    ];
    let genuine = Signed::sign(heads, &key("node 0")).unwrap();
    let forged = forgeries(&genuine, &key("node 0"), &changes);
    let before = gate.disk();
    for entries in others(&entries) {
        let record = genuine.bytes().to_vec();
        let summary = gate.bring(CarriedItem::Heads { record, entries: entries.encode() });
        assert_eq!((summary.records, gate.disk()), (0, before.clone()), "other entries than those signed");
        gate.tried += 1;
    }
    let entries = entries.encode();
    gate.refuses(forged, genuine.bytes(), |record| CarriedItem::Heads { record, entries: entries.clone() });
    gate.done("heads");
}

/// Entries that differ in one thing.
fn others(entries: &HeldHeads) -> Vec<HeldHeads> {
    let (life, entry) = entries.0.iter().next().map(|(life, entry)| (*life, *entry)).unwrap();
    let one = |life: Life, entry: HeadsEntry| HeldHeads([(life, entry)].into());
    vec![
        HeldHeads::default(),
        one(life, HeadsEntry { number: 2, ..entry }),
        one(life, HeadsEntry { hash: Hash([1; 32]), ..entry }),
        one(Life { node: stranger_node(), ..life }, entry),
        one(Life { instance: InstanceId([1; 16]), ..life }, entry),
    ]
}

#[test]
fn no_fork_can_be_made_up() {
    let mut gate = Gate::new(true);
    let first = gate.first();
    gate.bring(carried(&first));
    let one = gate.numbered(2).header().clone();
    let sign = |header: Header, by: &SigningKey| Signed::sign(header, by).unwrap();
    let other = sign(Header { plain: Hash([1; 32]), ..one.get().clone() }, &key("node 0"));
    let genuine = ForkProof::new(one.clone(), other.clone()).unwrap().encode();
    let changes: [Change<Header>; 14] = [
        ("version", |h| h.version = 2),
        ("kind", |h| h.kind = Kind::Epoch),
        ("circle", |h| h.circle = CircleId([1; 32])),
        ("partner", |h| h.partner = PartnerId(key("partner 2").public())),
        ("node", |h| h.node = stranger_node()),
        ("instance", |h| h.instance = InstanceId([1; 16])),
        ("number", |h| h.number += 1),
        ("previous", |h| h.previous = Hash([1; 32])),
        ("epoch", |h| h.epoch = EpochId([1; 32])),
        ("cut", |h| h.cut = Millis(1)),
        ("length", |h| h.length += 1),
        ("body", |h| h.body = Hash([1; 32])),
        ("plain", |h| h.plain = Hash([2; 32])),
        ("certificate", |h| h.certificate = vec![1]),
    ];
    let pair = |a: &[u8], b: &[u8]| codec::encode(&(ByteBuf::from(a), ByteBuf::from(b)));
    let mut forged: Vec<(String, Vec<u8>)> = Vec::new();
    for (what, bytes) in forgeries(&other, &key("node 0"), &changes) {
        forged.push((format!("{what}, second"), pair(one.bytes(), &bytes)));
        forged.push((format!("{what}, first"), pair(&bytes, one.bytes())));
    }
    forged.push(("one header twice".to_owned(), pair(one.bytes(), one.bytes())));
    // A node that kyiv never certified says that it is kyiv's, and speaks with two tongues.
    let by = |plain: u8| {
        let header = Header { node: stranger_node(), plain: Hash([plain; 32]), ..one.get().clone() };
        sign(header, &key("node 3"))
    };
    forged.push(("another's node".to_owned(), ForkProof::new(by(1), by(2)).unwrap().encode()));
    let circle = gate.circle;
    gate.refuses(forged, &genuine, |bytes| CarriedItem::Record { circle, kind: RecordKind::Fork, bytes });
    gate.done("fork proofs");
}

/// A node whose clock stands at `day`, with the partners that it trusts.
fn staged(root: &Path, name: &str, day: u64, trusted: &[Signed<Card>]) -> Staged {
    let (home, vault_key) = (root.join(name), Private::new([5; 32]));
    let (partner, node) = (demo_partner(name), demo_node(name));
    let word = certificate(&partner, &node.public(), 1, Millis(1)).unwrap();
    let own = trusted.iter().find(|card| card.partner == partner.partner_id()).unwrap();
    let vault = Vault::create(&home, &vault_key).unwrap();
    Staged::found(&vault, own, &word, InstanceId([name.len() as u8; 16]), trusted).unwrap();
    drop(vault);
    let hands = Arc::new(Hands::default());
    hands.day.store(day, Ordering::Relaxed);
    hands.steady.store(day, Ordering::Relaxed);
    let props = Props {
        opened: Vault::open(&home, &vault_key).unwrap(),
        secret: node,
        envelope: Arc::new(AgeEnvelope),
        hands,
        chance: [day as u8; 32],
        home,
    };
    Staged::start(props).unwrap()
}

#[test]
fn a_back_dated_edit_is_shown_with_the_day_on_which_it_came() {
    const LONG_AGO: u64 = 1_580_000_000_000;
    const TODAY: u64 = 1_795_000_000_000;
    let folder = tempfile::tempdir().unwrap();
    let cards = ["doha", "kyiv"].map(demo_card);
    let kyiv = staged(folder.path(), "kyiv", LONG_AGO, &cards);
    let doha = staged(folder.path(), "doha", TODAY, &cards);
    let ask = |node: &Staged, request: Request| node.ask("Desk 1", request).unwrap();
    let doha_id = cards[0].partner.hex();
    ask(
        &kyiv,
        Request::CircleNew { name: "families".into(), members: vec![doha_id.clone()], carriers: vec![] },
    );
    let name = ClaimIn { field: "name.whole".into(), value: "Verba, Olena".into(), ..ClaimIn::default() };
    let new = Request::CaseNew { circle: "families".into(), case: None, claims: vec![name] };
    let Answer::Written(written) = ask(&kyiv, new) else { panic!("written expected") };
    let file = folder.path().join("a.bundle").display().to_string();
    ask(&kyiv, Request::BundleOut { partner: doha_id, file: file.clone(), all: true });
    ask(&doha, Request::BundleIn { file });
    doha.replay();

    let history = Request::CaseHistory { case: written.case.hex(), circle: None };
    let Answer::History { sheets, .. } = ask(&doha, history) else { panic!("history expected") };
    let entry = &sheets[0].entries[0];
    assert_eq!(entry.written.time.0, LONG_AGO, "what its author wrote stands as it was written");
    assert_eq!(entry.written.first_seen.0, TODAY, "and so does when it came");
    for request in [
        Request::CaseShow { case: written.case.hex(), circle: None },
        Request::CaseAt { case: written.case.hex(), circle: "families".into(), edit: entry.edit.to_string() },
    ] {
        let Answer::Case(case) = ask(&doha, request) else { panic!("case expected") };
        let claim = &case.sheets[0].sheet.as_ref().unwrap().claims[0];
        assert_eq!((claim.written.time.0, claim.written.first_seen.0), (LONG_AGO, TODAY));
    }
}

#[test]
fn the_stranger_is_known_by_its_card_alone() {
    // Else the forgeries above would fail for want of a card.
    let gate = Gate::new(true);
    let doha = &gate.world.offices[DOHA].disk;
    assert!(doha.cards.contains_key(&stranger_partner()));
    assert_eq!(gate.world.offices[STRANGER].partner(), stranger_partner());
    assert!(gate.charter.role(&stranger_partner()).is_none());
}
