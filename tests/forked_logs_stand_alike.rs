//! A node that speaks with two tongues divides nobody: whatever arrives where, in whatever order, everyone holds the
//! same proof, the same branch counts, and what does not count is with everyone all the same.

// Helpers of tests stand outside of test functions: what may panic there is the test's own word. The network is shared
// with other tests, which use more of it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, dead_code)]

#[path = "hub/chance.rs"]
mod chance;
#[path = "hub/net.rs"]
mod net;
#[path = "hub/world.rs"]
mod world;

use chance::Chance;
use homeward::id::{CircleId, Hash, InstanceId, Life, LogId};
use homeward::log::{Closure, ClosurePoint, Header, Segment};
use homeward::sign::Signed;
use homeward::sync::{CarriedItem, CircleRecord, Event, Input};
use std::collections::BTreeSet;
use world::{Office, World, carried, next_segment};

fn seeds(quick: u64) -> u64 {
    std::env::var("HOMEWARD_SEEDS").ok().and_then(|n| n.parse().ok()).unwrap_or(quick)
}

/// The node of office 0 in an earlier life, of which a copy went on too.
fn earlier(world: &World) -> Office {
    // Keys are drawn from names: the first office of any world has the same.
    let mut author = World::new(0, 1).offices.remove(0);
    assert_eq!(author.node(), world.offices[0].node());
    author.instance = InstanceId([77; 16]);
    author
}

fn chain(
    office: &Office,
    circle: CircleId,
    after: Option<&Signed<Header>>,
    length: u64,
    chance: &mut Chance,
    now: homeward::time::Millis,
) -> Vec<Segment> {
    let mut last = after.cloned();
    (0..length)
        .map(|_| {
            let bytes = 100 + chance.below(2_000) as usize;
            let segment = next_segment(office, circle, last.as_ref(), chance.bytes(bytes), now);
            last = Some(segment.header().clone());
            segment
        })
        .collect()
}

fn closure(
    world: &World,
    circle: CircleId,
    serial: u64,
    retired: bool,
    point: Option<&Signed<Header>>,
) -> CircleRecord {
    let office = &world.offices[0];
    let through = ClosurePoint {
        instance: InstanceId([77; 16]),
        number: point.map_or(0, |header| header.number),
        hash: point.map_or(Hash::ZERO, Signed::hash),
    };
    let closure = Closure {
        version: 1,
        circle,
        partner: office.partner(),
        node: office.node(),
        serial,
        retired,
        time: world.now,
        through: vec![through],
    };
    CircleRecord::Closure(Signed::sign(closure, &office.partner_key).unwrap())
}

fn as_item(record: &CircleRecord) -> CarriedItem {
    CarriedItem::Record { circle: record.circle(), kind: record.kind(), bytes: record.bytes() }
}

/// What one office holds of a log: what counts, what is apart, and the circle's records.
fn held(world: &World, office: usize, log: &LogId) -> (Vec<Hash>, BTreeSet<Hash>, BTreeSet<Hash>) {
    let disk = &world.offices[office].disk;
    (
        disk.logs.get(log).into_iter().flatten().map(|s| s.header().hash()).collect(),
        disk.apart.keys().filter(|(of, _)| of == log).map(|(_, hash)| *hash).collect(),
        disk.records.keys().copied().collect(),
    )
}

fn settle(world: &mut World, circle: CircleId, log: &LogId, among: &[usize], hours: u64, seed: u64) {
    for _ in 0..hours * 60 {
        world.run_for(60_000);
        let first = held(world, among[0], log);
        if among.iter().all(|office| held(world, *office, log) == first) && world.equal_between(circle, among)
        {
            return;
        }
    }
    for office in among {
        let (counts, apart, records) = held(world, *office, log);
        let status = world.hub(*office).status(world.now);
        println!("office {office}: {} count, {} apart, {} records", counts.len(), apart.len(), records.len());
        println!("  {:?}", status.circles[0]);
    }
    panic!("seed {seed}: offices do not stand alike");
}

/// One office's earlier life forked at a depth; its branches, the proof and perhaps a closure reach the others by hand
/// in any order, while links come and go and machines stop.
fn forked(seed: u64) {
    let mut chance = Chance::new(seed ^ 0x5eed);
    let mut world = World::new(seed, 5);
    let with_carrier = chance.percent(50);
    let members: &[usize] = &[0, 1, 2, 3];
    let circle = world.circle(members, if with_carrier { &[4] } else { &[] });
    let among: Vec<usize> = if with_carrier { vec![0, 1, 2, 3, 4] } else { members.to_vec() };
    for (a, b) in [(0, 1), (1, 2), (2, 3), (3, 0), (0, 2)] {
        if !with_carrier || chance.percent(60) {
            world.reach(a, b);
        }
    }
    if with_carrier {
        for office in members {
            world.reach(*office, 4);
        }
    }
    world.run_for(30_000);

    let author = earlier(&world);
    let log = LogId { circle, life: Life { node: author.node(), instance: author.instance } };
    let now = world.now;
    let depth = chance.below(12);
    let common = chain(&author, circle, None, depth, &mut chance, now);
    let mut branches = Vec::new();
    for _ in 0..2 + chance.below(2) {
        // A third branch may part anywhere.
        let after = if branches.len() < 2 { depth } else { chance.below(depth + 1) };
        let parts = if after == 0 { None } else { Some(common[after as usize - 1].header()) };
        let length = 1 + chance.below(10);
        branches.push(chain(&author, circle, parts, length, &mut chance, now));
    }
    let settled = chance.percent(70);
    let chosen = chance.pick(&branches).clone();
    let point = chosen[chance.below(chosen.len() as u64) as usize].header().clone();
    let retired = false;
    let closure = closure(&world, circle, 1, retired, Some(&point));

    let mut all: Vec<&Segment> = common.iter().chain(branches.iter().flatten()).collect();
    let mut items: Vec<CarriedItem> = Vec::new();
    while !all.is_empty() {
        let next = if chance.percent(70) { 0 } else { chance.below(all.len() as u64) as usize };
        items.push(carried(all.remove(next)));
    }
    if settled {
        let place = chance.below(items.len() as u64 + 1) as usize;
        items.insert(place, as_item(&closure));
    }
    // Each thing comes to one or several offices, at some time.
    while !items.is_empty() {
        let count = 1 + chance.below(6).min(items.len() as u64 - 1) as usize;
        let some: Vec<CarriedItem> = items.drain(..count).collect();
        for _ in 0..1 + chance.below(3) {
            let office = *chance.pick(&among);
            world.give(office, Input::Carried { maker: author.node(), items: some.clone() });
        }
        match chance.below(8) {
            0 => world.net.cut_some(world.now),
            1 => world.crash(*chance.pick(&among)),
            _ => {}
        }
        world.write(chance.below(4) as usize, circle, 300);
        world.run_for(chance.below(2_000));
    }
    // What waits for a predecessor does so in memory: the bundle is brought once more.
    let mut again: Vec<CarriedItem> = common.iter().chain(branches.iter().flatten()).map(carried).collect();
    again.extend(settled.then(|| as_item(&closure)));
    let office = *chance.pick(&among);
    world.give(office, Input::Carried { maker: author.node(), items: again });
    settle(&mut world, circle, &log, &among, 3, seed);

    let (counts, apart, _) = held(&world, among[0], &log);
    let all: Vec<&Segment> = common.iter().chain(branches.iter().flatten()).collect();
    assert_eq!(counts.len() + apart.len(), all.len(), "seed {seed}: something is lost");
    if settled {
        assert_eq!(counts.last(), Some(&point.hash()), "seed {seed}: another branch stands than was chosen");
        assert_eq!(counts.len() as u64, point.number);
    } else {
        let lowest = branches.iter().map(|branch| branch[0].header().number).min().unwrap();
        assert_eq!(counts.len() as u64, lowest - 1, "seed {seed}: what counts ends before the fork");
    }
    // The same heads, agreement, and silence.
    world.run_for(120_000);
    for office in &among {
        let status = world.hub(*office).status(world.now);
        for node in status.nodes.iter().filter(|node| node.reachable) {
            let circle = &node.circles[0];
            assert_eq!((circle.lacking, circle.we_lack), (0, 0), "seed {seed}: office {office}");
        }
        let restored = world.said(*office, |e| matches!(e, Event::PeerRestored { .. }));
        assert!(!restored, "seed {seed}: office {office} takes a cut for a restore");
    }
    let frames = world.net.frames;
    world.run_for(3_600_000);
    assert_eq!(world.net.frames, frames, "seed {seed}: endless chatter");
}

#[test]
fn any_order_of_delivery_comes_to_the_same() {
    for seed in 0..seeds(80) {
        forked(seed);
    }
}

#[test]
fn a_flood_of_branches_is_bounded_and_the_rest_goes_on() {
    let mut world = World::new(3, 3);
    let circle = world.circle(&[0, 1, 2], &[]);
    world.reach(0, 1);
    world.reach(1, 2);
    world.run_for(30_000);
    let author = earlier(&world);
    let log = LogId { circle, life: Life { node: author.node(), instance: author.instance } };
    let mut chance = Chance::new(9);
    let now = world.now;
    let common = chain(&author, circle, None, 2, &mut chance, now);
    let after = common.last().map(Segment::header);
    // Many words for the third place, and a long branch that a closure chooses once they have filled the log.
    let tongues: Vec<Segment> =
        (0..1_100).map(|_| chain(&author, circle, after, 1, &mut chance, now).remove(0)).collect();
    let chosen = chain(&author, circle, after, 40, &mut chance, now);
    let items = common.iter().chain(&tongues).map(carried).collect();
    world.give(1, Input::Carried { maker: author.node(), items });
    world.run_for(600_000);
    let apart = |world: &World, office: usize| held(world, office, &log).1.len();
    assert_eq!(apart(&world, 1), homeward::limit::LOG_BRANCH_SEGMENTS);
    assert_eq!(apart(&world, 2), homeward::limit::LOG_BRANCH_SEGMENTS);
    let closure = closure(&world, circle, 1, false, chosen.last().map(Segment::header));
    let mut items = vec![as_item(&closure)];
    items.extend(chosen.iter().map(carried));
    world.give(2, Input::Carried { maker: author.node(), items });
    world.write(1, circle, 300);
    for _ in 0..60 {
        world.run_for(60_000);
    }
    for office in [1, 2] {
        assert_eq!(held(&world, office, &log).0.last(), chosen.last().map(|s| s.header().hash()).as_ref());
    }
    assert!(world.equal_between(circle, &[1, 2]));
    for office in [1, 2] {
        let status = world.hub(office).status(world.now);
        let circle = &status.nodes.iter().find(|node| node.reachable).unwrap().circles[0];
        assert_eq!((circle.lacking, circle.we_lack), (0, 0));
    }
}

#[test]
fn a_circle_that_rests_neither_sends_nor_takes() {
    let mut world = World::new(5, 2);
    let (resting, other) = (world.circle(&[0, 1], &[]), world.circle(&[0, 1], &[]));
    world.reach(0, 1);
    world.run_for(60_000);
    world.give(0, Input::Rest { circles: [resting].into() });
    for circle in [resting, other] {
        world.write(0, circle, 300);
        world.write(1, circle, 300);
    }
    world.run_for(600_000);
    let length = |world: &World, office: usize, circle: CircleId, of: usize| {
        world.offices[office].disk.length(&LogId { circle, life: world.offices[of].life() })
    };
    assert_eq!((length(&world, 1, resting, 0), length(&world, 0, resting, 1)), (0, 0));
    assert_eq!((length(&world, 1, other, 0), length(&world, 0, other, 1)), (1, 1));
    let frames = world.net.frames;
    world.run_for(3_600_000);
    assert_eq!(world.net.frames, frames, "endless chatter");
    world.give(0, Input::Rest { circles: BTreeSet::new() });
    world.write(0, resting, 300);
    world.run_for(600_000);
    assert_eq!((length(&world, 1, resting, 0), length(&world, 0, resting, 1)), (2, 1), "and goes on");
}
