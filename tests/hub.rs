//! What is said reaches everyone it is for, and nobody else, whatever links, disks and peers do.

// Helpers of tests stand outside of test functions: what may panic there is the test's own word.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

#[path = "hub/chance.rs"]
mod chance;
#[path = "hub/net.rs"]
mod net;
#[path = "hub/world.rs"]
mod world;

use chance::Chance;
use homeward::id::{CircleId, EpochId, InstanceId, LogId};
use homeward::limit::FOUNDER_PENDING_CIRCLES;
use homeward::log::{Closure, ClosurePoint, Header};
use homeward::sign::Signed;
use homeward::sync::{CarriedItem, CircleRecord, Event, Fault, Input, LinkId};
use world::{Disks, World, card, carried, next_segment};

/// How many seeds to try: `HOMEWARD_SEEDS`, or what a quick run can bear.
fn seeds(quick: u64) -> u64 {
    std::env::var("HOMEWARD_SEEDS").ok().and_then(|n| n.parse().ok()).unwrap_or(quick)
}

/// Runs until circles are equal everywhere; fails with the seed after `hours` of virtual time.
fn settle(world: &mut World, circles: &[CircleId], hours: u64, seed: u64) {
    for _ in 0..hours * 60 {
        world.run_for(60_000);
        if circles.iter().all(|circle| world.equal(*circle)) {
            return;
        }
    }
    panic!("seed {seed}: not everything arrived");
}

/// After everything arrived, no frame passes any more.
fn quiet(world: &mut World, seed: u64) {
    world.run_for(60_000);
    let frames = world.net.frames;
    world.run_for(3_600_000);
    assert_eq!(world.net.frames, frames, "seed {seed}: endless chatter");
}

#[test]
fn two_offices_come_to_hold_the_same() {
    let mut world = World::new(1, 2);
    let circle = world.circle(&[0, 1], &[]);
    for _ in 0..5 {
        world.write(0, circle, 300);
    }
    world.reach(0, 1);
    settle(&mut world, &[circle], 1, 1);
    world.write(1, circle, 500);
    world.write(0, circle, 100_000);
    settle(&mut world, &[circle], 1, 1);
    quiet(&mut world, 1);
    for office in 0..2 {
        assert!(world.said(office, |e| matches!(e, Event::InSync { .. })), "office {office}");
        let status = world.hub(office).status(world.now);
        let peer = &status.nodes[0];
        assert!(peer.reachable);
        assert_eq!(
            (peer.circles[0].ours_lacking, peer.circles[0].lacking, peer.circles[0].we_lack),
            (0, 0, 0)
        );
    }
}

/// Four offices, a carrier, circles of different people, links that come and go, slow and failing disks, crashes.
fn stormy(seed: u64) {
    let mut chance = Chance::new(seed ^ 0xabcd);
    let mut world = World::new(seed, 4);
    world.disks = Disks { delay_ms: 1 + chance.below(300), fail_percent: chance.below(20) };
    world.net.weather.delay_ms = 1 + chance.below(400);
    let circles = [
        world.circle(&[0, 1], &[3]),
        world.circle(&[0, 1, 2], &[]),
        world.circle(&[2, 1], &[3]),
        world.circle(&[3, 0], &[]),
    ];
    for (a, b) in [(0, 1), (1, 0), (1, 2), (2, 3), (3, 0), (3, 1)] {
        world.reach(a, b);
    }
    for _ in 0..30 {
        match chance.below(12) {
            0 => world.net.cut_some(world.now),
            1 => {
                let office = chance.below(4) as usize;
                world.crash(office);
            }
            _ => {
                let circle = *chance.pick(&circles);
                let office = chance.below(4) as usize;
                let member = world.offices[office]
                    .disk
                    .circles
                    .get(&circle)
                    .is_some_and(|charter| charter.is_member(&world.offices[office].partner()));
                if member {
                    let length = if chance.percent(10) { 60_000 } else { 200 + chance.below(3_000) as usize };
                    world.write(office, circle, length);
                }
            }
        }
        let pause = chance.below(3_000);
        world.run_for(pause);
    }
    world.disks.fail_percent = 0;
    settle(&mut world, &circles, 2, seed);
    world.check_secrecy();
    quiet(&mut world, seed);
    for office in 0..4 {
        let status = world.hub(office).status(world.now);
        for node in status.nodes.iter().filter(|n| n.reachable) {
            for circle in &node.circles {
                assert_eq!((circle.lacking, circle.we_lack), (0, 0), "seed {seed}: office {office}");
            }
        }
    }
}

#[test]
fn storms_lose_nothing_and_tell_no_stranger() {
    for seed in 0..seeds(80) {
        stormy(seed);
    }
}

#[test]
fn what_a_carrier_holds_it_delivers() {
    for seed in 0..20 {
        let mut world = World::new(seed, 3);
        let circle = world.circle(&[0, 2], &[1]);
        world.reach(0, 1);
        world.reach(2, 1);
        for _ in 0..10 {
            world.write(0, circle, 2_000);
            world.run_for(1_000);
        }
        settle(&mut world, &[circle], 1, seed);
        world.write(2, circle, 2_000);
        settle(&mut world, &[circle], 1, seed);
        quiet(&mut world, seed);
    }
}

#[test]
fn a_link_that_freezes_early_still_brings_everything() {
    // 16 KiB each way, and what TLS leaves of 16 KiB.
    for (seed, bytes) in [(0, 16), (1, 16), (2, 16), (3, 7), (4, 7), (5, 7)] {
        let mut world = World::new(seed, 2);
        let circle = world.circle(&[0, 1], &[]);
        world.write(0, circle, 4_000);
        world.write(0, circle, 300_000);
        world.write(0, circle, 200);
        world.net.weather.freeze_after = Some(bytes * 1024);
        let (from, to) = if seed % 2 == 0 { (0, 1) } else { (1, 0) };
        world.reach(from, to);
        settle(&mut world, &[circle], 3, seed);
    }
}

#[test]
fn two_links_at_once_settle_on_one() {
    for seed in 0..30 {
        let mut world = World::new(seed, 2);
        world.net.weather.delay_ms = 500;
        let circle = world.circle(&[0, 1], &[]);
        world.write(0, circle, 100_000);
        world.reach(0, 1);
        world.reach(1, 0);
        settle(&mut world, &[circle], 1, seed);
        quiet(&mut world, seed);
        assert!(world.net.standing() <= 1, "seed {seed}");
    }
}

#[test]
fn an_incremental_session_is_small() {
    let mut world = World::new(3, 2);
    let circle = world.circle(&[0, 1], &[]);
    for _ in 0..20 {
        world.write(0, circle, 20_000);
    }
    world.reach(0, 1);
    settle(&mut world, &[circle], 1, 3);
    world.run_for(60_000);
    world.net.close_road(world.now, 0, 1);
    world.run_for(60_000);
    world.write(0, circle, 6_000);
    world.run_for(1_000);
    let before = world.net.bytes;
    world.net.open_road(0, 1);
    world.give(0, Input::SyncNow(None));
    settle(&mut world, &[circle], 1, 3);
    world.write(1, circle, 6_000);
    settle(&mut world, &[circle], 1, 3);
    let bytes = world.net.bytes - before;
    println!("incremental session: {bytes} bytes besides TLS");
    assert!(bytes < 12_000 + 9_000, "{bytes}");
}

#[test]
fn a_liars_frames_spoil_nothing_for_others() {
    for seed in 0..seeds(60) {
        let mut chance = Chance::new(seed);
        let mut world = World::new(seed, 3);
        let between = world.circle(&[0, 1], &[]);
        let with_liar = world.circle(&[0, 1, 2], &[]);
        for (a, b) in [(0, 1), (2, 0), (2, 1), (0, 2)] {
            world.reach(a, b);
        }
        world.run_for(chance.below(2_000));
        world.spoils = Some((2, 5 + chance.below(60)));
        for _ in 0..12 {
            let (office, circle) =
                *chance.pick(&[(0, between), (1, between), (2, with_liar), (0, with_liar)]);
            let length = 200 + chance.below(12_000) as usize;
            world.write(office, circle, length);
            world.run_for(chance.below(3_000));
        }
        settle(&mut world, &[between], 1, seed);
        // What it withheld it says again on a new link.
        world.spoils = None;
        world.crash(2);
        settle(&mut world, &[between, with_liar], 1, seed);
        world.check_secrecy();
        quiet(&mut world, seed);
    }
}

#[test]
fn random_bytes_end_a_link_and_nothing_else() {
    let mut chance = Chance::new(5);
    for round in 0..300 {
        let mut world = World::new(round, 2);
        let circle = world.circle(&[0, 1], &[]);
        world.write(0, circle, 300);
        world.give(
            0,
            Input::Linked {
                link: LinkId(900),
                dialled: round % 2 == 0,
                peer: world.offices[1].certificate.link,
                exporter: [1; 32],
            },
        );
        let length = chance.below(300) as usize;
        let bytes = chance.bytes(length);
        world.give(0, Input::Frame { link: LinkId(900), bytes });
        assert!(world.said(0, |e| matches!(e, Event::PeerDown { node: None, fault: Some(_), .. })));
        assert!(!world.said(0, |e| matches!(e, Event::PeerUp { .. })));
    }
}

#[test]
fn a_stranger_learns_nothing() {
    let mut world = World::new(7, 2);
    let circle = world.circle(&[0, 1], &[]);
    world.write(0, circle, 300);
    // Office 1 knows office 0, but office 0 holds no card of office 1.
    let stranger = world.offices[1].partner();
    world.offices[0].disk.cards.remove(&stranger);
    world.crash(0);
    world.reach(1, 0);
    world.run_for(600_000);
    assert!(!world.said(1, |e| matches!(e, Event::PeerUp { .. })));
    assert!(!world.said(0, |e| matches!(e, Event::PeerUp { .. })));
    assert!(world.offices[1].disk.circles.is_empty());
}

#[test]
fn a_disk_that_refuses_is_never_covered_up() {
    let mut world = World::new(8, 2);
    let circle = world.circle(&[0, 1], &[]);
    world.reach(0, 1);
    settle(&mut world, &[circle], 1, 8);
    world.disks.fail_percent = 100;
    world.write(0, circle, 300);
    world.run_for(60_000);
    let lacking = |world: &World| world.hub(0).status(world.now).nodes[0].circles[0].lacking;
    assert!(lacking(&world) > 0, "nothing unsaved is acknowledged");
    assert!(world.said(1, |e| matches!(e, Event::SaveTrouble)));
    world.disks.fail_percent = 0;
    settle(&mut world, &[circle], 1, 8);
    world.run_for(10_000);
    assert_eq!(lacking(&world), 0);
}

/// Two branches of office 2's log, brought to offices 0 and 1 by hand, that part at `fork`.
fn branches(world: &mut World, circle: CircleId, fork: u64, length: u64) {
    let mut common: Option<Signed<Header>> = None;
    let mut chance = Chance::new(fork);
    let mut shared = Vec::new();
    for _ in 1..fork {
        let segment = next_segment(&world.offices[2], circle, common.as_ref(), chance.bytes(400), world.now);
        common = Some(segment.header().clone());
        shared.push(carried(&segment));
    }
    let maker = world.offices[2].node();
    for office in [0, 1] {
        let mut items = shared.clone();
        let mut last = common.clone();
        for _ in 0..length {
            let segment =
                next_segment(&world.offices[2], circle, last.as_ref(), chance.bytes(400), world.now);
            last = Some(segment.header().clone());
            items.push(carried(&segment));
        }
        world.give(office, Input::Carried { maker, items });
        world.run_for(1_000);
    }
}

#[test]
fn a_node_with_two_tongues_is_proven_at_the_lowest_number() {
    for (fork, length) in [(1, 1), (2, 1), (2, 5), (9, 1), (13, 30), (1, 17)] {
        let mut world = World::new(fork, 3);
        let circle = world.circle(&[0, 1, 2], &[]);
        world.reach(0, 1);
        world.run_for(60_000);
        world.net.close_road(world.now, 0, 1);
        world.run_for(10_000);
        branches(&mut world, circle, fork, length);
        world.net.open_road(0, 1);
        world.write(0, circle, 300);
        world.run_for(600_000);
        for office in [0, 1] {
            let seen = |e: &Event| matches!(e, Event::ForkSeen { number, .. } if *number == fork);
            assert!(world.said(office, seen), "office {office} saw no fork at {fork}");
            let status = world.hub(office).status(world.now);
            let forks = &status.circles[0].forks;
            assert_eq!(forks.len(), 1);
            assert_eq!(forks[0].number, fork);
        }
        // The rest of the circle goes on.
        let log = LogId { circle, life: world.offices[0].life() };
        assert_eq!(world.offices[1].disk.length(&log), world.offices[0].disk.length(&log));
        quiet(&mut world, fork);
    }
}

#[test]
fn a_node_closed_by_its_partner_is_let_go_at_once() {
    let mut world = World::new(9, 3);
    let circle = world.circle(&[0, 1, 2], &[]);
    for (a, b) in [(0, 1), (2, 0), (2, 1)] {
        world.reach(a, b);
    }
    settle(&mut world, &[circle], 1, 9);
    world.write(2, circle, 300);
    settle(&mut world, &[circle], 1, 9);
    let lost = &world.offices[2];
    let log = LogId { circle, life: lost.life() };
    let end = lost.disk.logs[&log].last().unwrap().header().clone();
    let closure = Closure {
        version: 1,
        circle,
        partner: lost.partner(),
        node: lost.node(),
        serial: 1,
        retired: true,
        time: world.now,
        through: vec![ClosurePoint { instance: lost.instance, number: end.number, hash: end.hash() }],
    };
    let closure = CircleRecord::Closure(Signed::sign(closure, &lost.partner_key).unwrap());
    world.offices[0].disk.records.insert(closure.hash(), closure.clone());
    world.give(0, Input::OwnRecords { records: vec![closure] });
    world.run_for(10_000);
    for office in [0, 1] {
        assert!(world.said(office, |e| matches!(e, Event::PeerDown { fault: Some(Fault::Closed), .. })));
    }
    world.write(0, circle, 300);
    world.write(2, circle, 300);
    world.run_for(600_000);
    assert_eq!(world.offices[1].disk.length(&log), end.number, "nothing is taken after the closure");
    let first = LogId { circle, life: world.offices[0].life() };
    assert_eq!(world.offices[1].disk.length(&first), 1);
    assert_eq!(world.offices[2].disk.length(&first), 0, "a closed node is sent nothing");
}

#[test]
fn a_restored_office_gets_its_own_words_back() {
    for seed in 0..20 {
        let mut world = World::new(seed, 2);
        let circle = world.circle(&[0, 1], &[]);
        world.reach(0, 1);
        world.write(1, circle, 300);
        world.write(0, circle, 300);
        settle(&mut world, &[circle], 1, seed);
        world.write(0, circle, 700);
        world.run_for(100 + seed * 100);
        let yesterday = world.offices[0].disk.clone();
        for _ in 0..5 {
            world.write(0, circle, 300);
            world.write(1, circle, 300);
        }
        settle(&mut world, &[circle], 1, seed);
        world.restore(0, yesterday);
        world.write(0, circle, 200);
        settle(&mut world, &[circle], 1, seed);
        world.run_for(10_000);
        assert!(world.said(1, |e| matches!(e, Event::PeerRestored { .. })), "seed {seed}");
        quiet(&mut world, seed);
    }
}

#[test]
fn a_copied_store_is_told_that_it_is_behind_itself() {
    let mut world = World::new(4, 2);
    let circle = world.circle(&[0, 1], &[]);
    world.reach(0, 1);
    world.write(0, circle, 300);
    settle(&mut world, &[circle], 1, 4);
    let before = world.offices[0].disk.clone();
    world.write(0, circle, 300);
    settle(&mut world, &[circle], 1, 4);
    let instance = world.offices[0].instance;
    world.offices[0].disk = before;
    world.offices[0].instance = instance;
    world.crash(0);
    world.run_for(60_000);
    assert!(world.said(0, |e| matches!(e, Event::OwnLogAhead { number: 2, .. })));
}

#[test]
fn forgetting_what_was_told_costs_a_round_and_nothing_else() {
    for seed in 0..20 {
        let mut world = World::new(seed, 2);
        let circles = [world.circle(&[0, 1], &[]), world.circle(&[1, 0], &[])];
        world.reach(0, 1);
        // Many lives, so that heads travel as changes.
        for _ in 0..9 {
            let disk = world.offices[1].disk.clone();
            world.restore(1, disk);
            settle(&mut world, &circles, 1, seed);
            for circle in circles {
                world.write(1, circle, 300);
                world.write(0, circle, 300);
            }
            settle(&mut world, &circles, 1, seed);
        }
        let forgetful = (seed % 2) as usize;
        world.offices[forgetful].disk.peers.clear();
        world.crash(forgetful);
        world.write(0, circles[0], 300);
        world.write(1, circles[1], 300);
        settle(&mut world, &circles, 1, seed);
        quiet(&mut world, seed);
        for office in [0, 1] {
            let status = world.hub(office).status(world.now);
            for circle in &status.nodes[0].circles {
                assert_eq!((circle.lacking, circle.we_lack), (0, 0), "seed {seed}");
            }
        }
    }
}

#[test]
fn a_bundle_goes_through_the_same_gate() {
    let mut world = World::new(11, 3);
    let circle = world.circle(&[0, 1], &[2]);
    let other = world.circle(&[0, 2], &[]);
    for _ in 0..4 {
        world.write(0, circle, 500);
        world.write(0, other, 500);
    }
    let maker = world.offices[0].node();
    let items = world.bundle(0, 1, false);
    world.give(1, Input::Carried { maker, items: items.clone() });
    world.run_for(1_000);
    let last = |world: &World| {
        let said = world.offices[1].events.iter().rev();
        said.filter_map(|e| if let Event::Carried { summary, .. } = e { Some(*summary) } else { None }).next()
    };
    assert_eq!(last(&world).unwrap().placed, 4);
    assert_eq!(last(&world).unwrap().refused, 0);
    assert!(!world.offices[1].disk.circles.contains_key(&other));
    // Again: harmless.
    let saves = world.offices[1].disk.saves;
    world.give(1, Input::Carried { maker, items });
    assert_eq!(last(&world).unwrap().repeated, 4);
    world.run_for(60_000);
    assert!(world.offices[1].disk.saves <= saves + 1);
    // The answer confirms, and the next bundle brings only what is new.
    let answer = world.bundle(1, 0, false);
    let node = world.offices[1].node();
    world.give(0, Input::Carried { maker: node, items: answer });
    world.write(0, circle, 500);
    let next = world.bundle(0, 1, false);
    assert_eq!(next.iter().filter(|i| matches!(i, CarriedItem::Segment { .. })).count(), 1);
    // Out of order: kept until the gap closes.
    world.write(0, circle, 500);
    let two = world.bundle(0, 1, false);
    let segments: Vec<CarriedItem> =
        two.into_iter().filter(|i| matches!(i, CarriedItem::Segment { .. })).collect();
    world.give(1, Input::Carried { maker, items: vec![segments[1].clone()] });
    assert_eq!(last(&world).unwrap().unplaced, 1);
    world.give(1, Input::Carried { maker, items: vec![segments[0].clone()] });
    world.run_for(1_000);
    assert!(world.equal_between(circle, &[0, 1]));
    // A spoilt segment is refused, and the others are not.
    world.write(0, circle, 500);
    world.write(0, circle, 500);
    let mut items = world.bundle(0, 1, false);
    for item in &mut items {
        if let CarriedItem::Segment { body, .. } = item {
            body[7] ^= 1;
            break;
        }
    }
    world.give(1, Input::Carried { maker, items });
    let summary = last(&world).unwrap();
    assert_eq!(summary.refused + summary.repeated + summary.unplaced + summary.placed, 4);
}

#[test]
fn a_pause_ends_links_until_it_is_over() {
    let mut world = World::new(12, 2);
    let circle = world.circle(&[0, 1], &[]);
    world.reach(0, 1);
    settle(&mut world, &[circle], 1, 12);
    let partner = world.offices[0].partner();
    world.give(1, Input::Pause(Some(partner)));
    world.write(0, circle, 300);
    world.run_for(1_800_000);
    assert!(!world.equal(circle));
    assert_eq!(world.net.standing(), 0);
    world.give(1, Input::Resume(Some(partner)));
    settle(&mut world, &[circle], 1, 12);
}

#[test]
fn a_newer_card_spreads_and_brings_a_new_node() {
    let mut world = World::new(13, 3);
    let circle = world.circle(&[0, 1, 2], &[]);
    world.reach(0, 1);
    world.reach(1, 2);
    settle(&mut world, &[circle], 1, 13);
    let office = &world.offices[0];
    let newer = card(&office.partner_key, std::slice::from_ref(&office.certificate), 2);
    world.give(0, Input::Card(Box::new(newer)));
    world.run_for(60_000);
    let partner = world.offices[0].partner();
    assert_eq!(world.offices[2].disk.cards[&partner].revision, 2);
    assert!(world.said(2, |e| matches!(e, Event::CardLearned { revision: 2, .. })));
    quiet(&mut world, 13);
}

#[test]
fn three_who_all_talk_say_little_twice() {
    let mut world = World::new(14, 3);
    let circle = world.circle(&[0, 1, 2], &[]);
    for (a, b) in [(0, 1), (1, 2), (2, 0)] {
        world.reach(a, b);
    }
    settle(&mut world, &[circle], 1, 14);
    let before = world.net.bytes;
    let mut written = 0;
    for _ in 0..40 {
        world.write(0, circle, 5_000);
        written += 5_000;
        world.run_for(5_000);
    }
    settle(&mut world, &[circle], 1, 14);
    let bytes = world.net.bytes - before;
    // Each word goes to two others; heads and headers come on top.
    assert!(bytes < written * 3, "{bytes} bytes for {written}");
    // When the author's own link to one of them is gone, the third brings it.
    world.net.close_road(world.now, 0, 2);
    world.write(0, circle, 50_000);
    settle(&mut world, &[circle], 1, 14);
}

#[test]
fn one_log_from_two_holders_comes_about_once() {
    let mut world = World::new(15, 3);
    let circle = world.circle(&[0, 1, 2], &[]);
    for _ in 0..25 {
        world.write(0, circle, 200_000);
    }
    world.reach(0, 1);
    world.run_for(600_000);
    assert!(world.equal_between(circle, &[0, 1]));
    let before = world.net.bytes;
    world.reach(2, 0);
    world.reach(2, 1);
    settle(&mut world, &[circle], 1, 15);
    let bytes = world.net.bytes - before;
    assert!(bytes < 6_500_000, "{bytes} bytes for 5,000,000");
}

#[test]
fn one_founder_cannot_fill_a_node_with_circles() {
    let mut world = World::new(16, 2);
    for _ in 0..25 {
        world.circle(&[0, 1], &[]);
    }
    world.reach(0, 1);
    world.run_for(600_000);
    assert_eq!(world.offices[1].disk.circles.len(), FOUNDER_PENDING_CIRCLES);
    let accepted: Vec<CircleId> = world.offices[1].disk.circles.keys().copied().collect();
    for circle in accepted {
        world.give(1, Input::Accepted { circle });
    }
    world.net.cut_some(world.now);
    world.run_for(600_000);
    assert_eq!(world.offices[1].disk.circles.len(), 25);
    quiet(&mut world, 16);
}

#[test]
fn heads_of_very_many_logs_travel_in_parts() {
    let mut world = World::new(17, 2);
    let circle = world.circle(&[0, 1], &[]);
    let charter = world.offices[0].disk.circles[&circle].clone();
    world.offices[1].disk.circles.insert(circle, charter);
    // Every life of a node is a log; a closure lets more than sixteen of a node count.
    for office in 0..2 {
        let closure = Closure {
            version: 1,
            circle,
            partner: world.offices[office].partner(),
            node: world.offices[office].node(),
            serial: 1,
            retired: false,
            time: world.now,
            through: vec![],
        };
        let closure = Signed::sign(closure, &world.offices[office].partner_key).unwrap();
        let closure = CircleRecord::Closure(closure);
        world.offices[office].disk.records.insert(closure.hash(), closure);
        for _ in 0..200 {
            world.offices[office].instance = InstanceId(world.chance.array());
            let segment = world.segment(office, circle, 50);
            world.offices[office].disk.append(segment);
        }
        world.crash(office);
    }
    world.reach(0, 1);
    settle(&mut world, &[circle], 1, 17);
    world.crash(1);
    world.write(0, circle, 300);
    settle(&mut world, &[circle], 1, 17);
    quiet(&mut world, 17);
}

#[test]
fn the_same_inputs_give_the_same_frames() {
    let story = || {
        let mut world = World::new(18, 3);
        let circle = world.circle(&[0, 1], &[2]);
        for (a, b) in [(0, 2), (1, 2), (1, 0)] {
            world.reach(a, b);
        }
        for _ in 0..5 {
            world.write(0, circle, 9_000);
            world.run_for(700);
            world.net.cut_some(world.now);
        }
        settle(&mut world, &[circle], 1, 18);
        (world.net.bytes, world.net.frames, format!("{:?}", world.offices[1].events))
    };
    assert_eq!(story(), story());
}

#[test]
fn a_member_asks_for_a_key_and_hears_of_it() {
    let mut world = World::new(19, 3);
    let circle = world.circle(&[0, 1], &[2]);
    world.reach(0, 1);
    world.reach(0, 2);
    settle(&mut world, &[circle], 1, 19);
    let epoch = EpochId([4; 32]);
    world.give(1, Input::AskGrant { circle, epoch });
    world.run_for(10_000);
    let node = world.offices[1].node();
    let asked =
        |e: &Event| matches!(e, Event::GrantAsked { node: n, epoch: e, .. } if (*n, *e) == (node, epoch));
    assert!(world.said(0, asked));
    // Nobody is asked for the same again and again.
    for _ in 0..50 {
        world.give(1, Input::AskGrant { circle, epoch });
    }
    world.run_for(10_000);
    assert_eq!(world.offices[0].events.iter().filter(|event| asked(event)).count(), 1);
    // A question that has no answer is put more and more rarely.
    for _ in 0..24 * 60 {
        world.give(1, Input::AskGrant { circle, epoch });
        world.run_for(60_000);
    }
    let in_a_day = world.offices[0].events.iter().filter(|event| asked(event)).count();
    assert!((5..=12).contains(&in_a_day), "{in_a_day} questions in a day");
    // A carrier asks in vain.
    world.give(2, Input::AskGrant { circle, epoch });
    world.run_for(10_000);
    let carrier = world.offices[2].node();
    assert!(!world.said(0, |e| matches!(e, Event::GrantAsked { node, .. } if *node == carrier)));
}
