//! What is said reaches everyone it is for, and nobody else, whatever links, disks and peers do.

#[path = "hub/chance.rs"]
mod chance;
#[path = "hub/net.rs"]
mod net;
#[path = "hub/world.rs"]
mod world;

use chance::Chance;
use homeward::id::CircleId;
use homeward::sync::{Event, Input};
use world::{Disks, World};

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
    for seed in 0..150 {
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
    for seed in 0..10 {
        let mut world = World::new(seed, 2);
        let circle = world.circle(&[0, 1], &[]);
        world.write(0, circle, 4_000);
        world.write(0, circle, 300_000);
        world.write(0, circle, 200);
        world.net.weather.freeze_after = Some(16 * 1024);
        world.reach(0, 1);
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
