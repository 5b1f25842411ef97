//! No edit reaches a reader whom its author's circle does not name: looked at as bytes, in every age file that is
//! stored and in every frame that is sent.

// Helpers of tests stand outside of test functions: what may panic there is the test's own word.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod world;

use homeward::codec;
use homeward::id::{CircleId, EpochId, Hash, Life, NodeId, PartnerId};
use homeward::log::{Heads, HeldHeads, Kind, Segment};
use homeward::seal::{AgeEnvelope, Envelope};
use homeward::seal::{EpochBody, EpochFile};
use homeward::sign::Signed;
use homeward::sync::{CircleRecord, Fault};
use serde::Serialize;
use serde_bytes::ByteBuf;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use world::World;

const OFFICES: [&str; 4] = ["kyiv", "doha", "moscow", "tallinn"];

/// Four offices, circles of different people, and something said by everyone in each circle that it is a member of.
fn four_offices(world: World) -> World {
    let mut world = world.offices(OFFICES);
    let circles = [
        (world.circle(["kyiv", "doha"]).carried_by("tallinn"), vec!["kyiv", "doha"]),
        (world.circle(["kyiv", "doha", "moscow"]).carried_by_nobody(), vec!["kyiv", "doha", "moscow"]),
        (world.circle(["moscow", "tallinn"]).carried_by("doha"), vec!["moscow", "tallinn"]),
        (world.circle(["kyiv", "tallinn"]).carried_by_nobody(), vec!["kyiv", "tallinn"]),
    ];
    world.settle();
    for (circle, members) in &circles {
        for member in members {
            world.at(member).claim(*circle, "case-1", "remark", "for these eyes");
            world.at(member).note(*circle, "case-1", 0, "a word");
        }
    }
    world.settle();
    world
}

/// Every segment of a circle, once.
fn segments(world: &World, circle: CircleId) -> Vec<Arc<Segment>> {
    let mut all = BTreeMap::new();
    for office in &world.offices {
        for (_, list) in office.disk.logs_of(circle) {
            all.extend(list.iter().map(|stored| (stored.segment.header().hash(), stored.segment.clone())));
        }
    }
    all.into_values().collect()
}

/// How many keys an age file is sealed to, read off its header.
fn stanzas(file: &[u8]) -> usize {
    let header = String::from_utf8_lossy(file);
    let lines = header.lines().take_while(|line| !line.starts_with("---"));
    lines.filter(|line| line.starts_with("-> ") && !line.contains("-grease")).count()
}

/// Whom a file is meant for is whom it opens to, among all nodes of the world.
fn opens_as_it_says(world: &World, file: &EpochFile) {
    assert_eq!(stanzas(&file.file), file.nodes.len(), "an epoch is sealed to more than the nodes it names");
    for office in &world.offices {
        let opened = AgeEnvelope.open_as(office.secret.age_seed(), &file.file).is_ok();
        let named = file.partner == office.partner() && file.nodes.contains(&office.node());
        assert_eq!(opened, named, "{} and a file of another's", office.name);
    }
}

#[test]
fn every_age_file_opens_to_the_members_nodes_alone() {
    let world = four_offices(World::sealed_with_age(1));
    let (mut files, mut works) = (0, 0);
    for (circle, charter) in world.circles() {
        let readers: BTreeSet<NodeId> =
            world.offices.iter().filter(|o| charter.is_member(&o.partner())).map(|o| o.node()).collect();
        for segment in segments(&world, circle) {
            if segment.header().kind == Kind::Epoch {
                let body = EpochBody::decode(segment.body()).unwrap();
                let partners: Vec<PartnerId> = body.files.iter().map(|file| file.partner).collect();
                assert_eq!(partners, charter.members, "an epoch is sealed to the members, all and only");
                let nodes: BTreeSet<NodeId> = body.files.iter().flat_map(|f| f.nodes.clone()).collect();
                assert_eq!(nodes, readers);
                body.files.iter().for_each(|file| opens_as_it_says(&world, file));
                files += body.files.len();
            } else {
                works += 1;
                assert_eq!(stanzas(segment.body()), 1, "work is sealed to its epoch and to no one else");
                for office in &world.offices {
                    // No node's key opens work by itself, and only members hold the key of its epoch.
                    assert!(AgeEnvelope.open_as(office.secret.age_seed(), segment.body()).is_err());
                    let opened = |key| AgeEnvelope.open_work(key, segment.body()).is_ok();
                    let opens = office.disk.epochs.values().any(|epoch| opened(&epoch.key));
                    assert_eq!(opens, readers.contains(&office.node()), "{} and work", office.name);
                }
            }
        }
    }
    assert!(files >= 19 && works >= 9, "{files} epoch files and {works} works looked at");
}

#[test]
fn no_frame_to_an_outsider_holds_a_byte_of_a_circle() {
    for seed in 0..10 {
        let mut world = World::new(seed);
        world.sent = Some(Vec::new());
        let world = four_offices(world);
        let sent = world.sent.as_ref().unwrap();
        for (place, name) in OFFICES.iter().enumerate() {
            let (to, others): (Vec<_>, Vec<_>) = sent.iter().partition(|sent| sent.to == place);
            assert!(!to.is_empty());
            assert!(!to.iter().any(|sent| world.is_untold(name, &sent.frame)), "{name} was told");
            // What must not reach this office is seen in frames to those whom it is for.
            if world.circles().values().any(|charter| charter.role(&world.office(name).partner()).is_none()) {
                assert!(others.iter().filter(|sent| world.is_untold(name, &sent.frame)).count() >= 5);
            }
        }
        // Each segment's own bytes are seen too: the hash of its header and its body.
        for (circle, charter) in world.circles() {
            let outsider = world.offices.iter().find(|office| charter.role(&office.partner()).is_none());
            let Some(outsider) = outsider else { continue };
            for segment in segments(&world, circle) {
                assert!(world.is_untold(&outsider.name, segment.body()));
                assert!(world.is_untold(&outsider.name, &segment.header().hash().0));
            }
        }
    }
}

/// The epochs of one office's log of a circle, in order.
fn epochs(world: &World, name: &str, circle: CircleId) -> Vec<EpochBody> {
    let office = world.office(name);
    let (_, log) = office.disk.logs_of(circle).find(|(life, _)| *life == office.life()).unwrap();
    let epochs = log.iter().filter(|stored| stored.segment.header().kind == Kind::Epoch);
    epochs.map(|stored| EpochBody::decode(stored.segment.body()).unwrap()).collect()
}

#[test]
fn a_node_that_comes_later_is_given_no_earlier_epoch_unasked() {
    let mut world = World::sealed_with_age(3).offices(["kyiv", "doha"]);
    let circle = world.circle(["kyiv", "doha"]).carried_by_nobody();
    world.at("kyiv").claim(circle, "case-1", "remark", "before");
    world.settle();
    world.second_node("doha", "doha-2");
    world.settle();
    // It holds all segments, as a member's node may, and opens none.
    let kyiv = world.office("kyiv").life();
    let new = world.office("doha-2");
    assert_eq!(new.disk.logs_of(circle).count(), 1);
    assert_eq!(new.rooms[&circle].reach.number(&kyiv), 0);
    assert!(new.rooms[&circle].held.contains_key(&kyiv));
    assert_eq!(new.envelope.opened(), 0);
    assert!(new.disk.epochs.is_empty());

    world.at("kyiv").claim(circle, "case-1", "remark", "after");
    world.at("doha").claim(circle, "case-1", "remark", "after, too");
    world.settle();
    let founded = epochs(&world, "kyiv", circle);
    let [before, after] = founded.as_slice() else { panic!("a new node is a new epoch") };
    let (doha, new) = (world.office("doha"), world.office("doha-2"));
    let both: BTreeSet<NodeId> = [doha.node(), new.node()].into();
    assert_eq!(before.file_for(&doha.partner()).unwrap().nodes, [doha.node()]);
    let sealed_to: BTreeSet<NodeId> =
        after.file_for(&doha.partner()).unwrap().nodes.iter().copied().collect();
    assert_eq!(sealed_to, both);
    for body in &founded {
        body.files.iter().for_each(|file| opens_as_it_says(&world, file));
    }
    // What the new node can read is what was sealed to it: Doha's own log, which began after it came.
    let texts = |name: &str| world.office(name).view(circle, world::case("case-1")).map(|v| v.claims.len());
    assert_eq!(texts("doha"), Some(3));
    assert_eq!(texts("doha-2"), None, "Doha's word rests on what Kyiv said before");
    // Nobody handed it a key behind a person's back.
    for office in &world.offices {
        assert!(!office.disk.records.values().any(|record| matches!(record, CircleRecord::Grant(_))));
        let epoch = EpochId(before.epoch.0);
        assert_eq!(office.disk.epochs.contains_key(&epoch), office.name != "doha-2");
    }
}

/// Messages as they stand in a frame, for those who make their own.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Said {
    State(State),
    RecordList(CircleId, Vec<Hash>),
    Card(CircleId, ByteBuf),
    Whole(ByteBuf, ByteBuf),
    Start(ByteBuf, u32),
    Skip(CircleId, Life, u64),
    WantHeader(CircleId, Life, u64),
    HeaderIs(ByteBuf),
    WantGrant(CircleId, EpochId),
}

#[derive(Serialize)]
struct State {
    circle: CircleId,
    heads: ByteBuf,
    base: u64,
    entries: ByteBuf,
    last: bool,
    records: Hash,
}

/// Heads of an office in a circle, as good as they can be made.
fn state(world: &World, name: &str, circle: CircleId, base: u64) -> Said {
    let office = world.office(name);
    let entries = HeldHeads::default();
    let heads = Heads {
        version: 1,
        circle,
        node: office.node(),
        instance: office.instance,
        run: 1_000_000,
        time: world.now,
        entries: entries.digest(),
    };
    let heads = Signed::sign(heads, &office.secret).unwrap().bytes().to_vec().into();
    Said::State(State {
        circle,
        heads,
        base,
        entries: entries.encode().into(),
        last: true,
        records: Hash::ZERO,
    })
}

/// Everything by which one could ask about a circle, if one knew its name, a log of it and even a segment.
fn questions(world: &World, circle: CircleId) -> Vec<Said> {
    let kyiv = world.office("kyiv");
    let life = kyiv.life();
    let (_, log) = kyiv.disk.logs_of(circle).find(|(of, _)| *of == life).unwrap();
    let segment = &log[0].segment;
    let header = || ByteBuf::from(segment.header().bytes().to_vec());
    vec![
        state(world, "moscow", circle, 0),
        Said::RecordList(circle, Vec::new()),
        Said::Card(circle, kyiv.disk.cards[&kyiv.partner()].bytes().to_vec().into()),
        Said::Whole(header(), segment.body().to_vec().into()),
        Said::Start(header(), 0),
        Said::WantHeader(circle, life, 1),
        Said::HeaderIs(header()),
        Said::WantGrant(circle, segment.header().epoch),
        Said::Skip(circle, life, 1),
    ]
}

/// Kyiv and Moscow share one circle; Kyiv and Doha have another of their own.
fn with_an_outsider(seed: u64) -> (World, CircleId, CircleId) {
    let mut world = World::new(seed).offices(["kyiv", "doha", "moscow"]);
    let shared = world.circle(["kyiv", "moscow"]).carried_by_nobody();
    let own = world.circle(["kyiv", "doha"]).carried_by_nobody();
    world.at("kyiv").claim(shared, "case-1", "remark", "for Moscow");
    world.at("kyiv").claim(own, "case-1", "remark", "not for Moscow");
    world.settle();
    (world, shared, own)
}

/// Moscow says something on its link to Kyiv: how Kyiv takes it, and how many frames it sends back on that link.
fn ask(world: &mut World, said: &Said) -> (Option<Fault>, usize) {
    let link = world.link_between("kyiv", "moscow");
    world.sent = Some(Vec::new());
    world.inject("moscow", "kyiv", codec::encode(said));
    world.run_for(10_000);
    let kyiv = world.place("kyiv");
    let sent = world.sent.take().unwrap();
    let answers = sent.iter().filter(|sent| sent.from == kyiv && sent.link == link).count();
    let partner = world.office("moscow").partner();
    let faults = &world.office("kyiv").faults;
    (faults.iter().find(|(whose, _)| *whose == Some(partner)).map(|(_, fault)| *fault), answers)
}

#[test]
fn an_outsider_who_asks_gets_nothing_and_is_let_go() {
    let count = questions(&with_an_outsider(0).0, with_an_outsider(0).2).len();
    for question in 0..count {
        let (mut world, _, own) = with_an_outsider(question as u64);
        let said = questions(&world, own).remove(question);
        let (fault, answers) = ask(&mut world, &said);
        // A word that something is held already asks for nothing, and is not even worth an answer.
        let expected = if matches!(said, Said::Skip(..)) { None } else { Some(Fault::NotShared) };
        assert_eq!(fault, expected, "question {question}");
        assert_eq!(answers, 0, "question {question} was answered");
        world.run_for(600_000);
        let moscow = world.office("moscow");
        assert!(!moscow.disk.circles.contains_key(&own));
        assert!(moscow.disk.logs_of(own).next().is_none());
        world.hold_secrecy();
    }
}

#[test]
fn a_member_who_asks_the_same_is_answered() {
    // The questions are ones that Kyiv understands: about a shared circle none is a fault, and some are answered.
    let (world, shared, _) = with_an_outsider(0);
    let mut answered = 0;
    for question in 0..questions(&world, shared).len() {
        let (mut world, shared, _) = with_an_outsider(0);
        let said = questions(&world, shared).remove(question);
        let (fault, answers) = ask(&mut world, &said);
        assert!(
            !matches!(fault, Some(Fault::NotShared | Fault::Message(_))),
            "question {question}: {fault:?}"
        );
        answered += usize::from(answers > 0);
    }
    assert!(answered >= 3, "{answered} answers");
}
