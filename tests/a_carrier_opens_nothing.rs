//! A carrier holds and passes on what it cannot open.

// Helpers of tests stand outside of test functions: what may panic there is the test's own word.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod world;

use homeward::id::CircleId;
use homeward::log::Kind;
use homeward::seal::EpochBody;
use homeward::seal::{AgeEnvelope, Envelope, EpochKey, demo_node};
use world::World;

/// A world where all that Kyiv and Doha say to each other passes through Tallinn.
fn by_way_of_tallinn(world: World) -> (World, CircleId) {
    let mut world = world.offices(["kyiv", "doha", "tallinn"]);
    let circle = world.circle(["kyiv", "doha"]).carried_by("tallinn");
    world.only_links([("kyiv", "tallinn"), ("tallinn", "doha")]);
    world.at("kyiv").claim(circle, "case-1", "birthplace", "Mariupol");
    world.at("kyiv").plan(circle, "case-1", ("leg", "1", "state"), "asked");
    world.settle();
    world.at("doha").note(circle, "case-1", 0, "a word back");
    world.at("doha").plan(circle, "case-1", ("leg", "1", "state"), "agreed");
    world.at("kyiv").claim(circle, "case-2", "name", "Lina");
    world.settle();
    (world, circle)
}

#[test]
fn what_tallinn_cannot_open_it_still_delivers() {
    for seed in 0..10 {
        let (mut world, circle) = by_way_of_tallinn(World::new(seed));
        assert_eq!(world.at("doha").claims("case-1").len(), 1);
        assert_eq!(world.at("doha").claims("case-2").len(), 1);
        assert_eq!(world.at("kyiv").claims("case-1").len(), 1);
        let view = world.office("kyiv").view(circle, world::case("case-1")).unwrap();
        assert_eq!(view.note.reveal(), "a word back");
        assert!(view.conflicts().next().is_none());
        assert!(world.at("tallinn").opens_nothing());
        assert!(world.at("tallinn").claims("case-1").is_empty());
        // The count is worth something: a member opens.
        assert!(world.office("doha").envelope.opened() > 0);
    }
}

/// Every age file that Tallinn holds, by what it is sealed to.
fn held_by_tallinn(world: &World, circle: CircleId) -> (Vec<Vec<u8>>, Vec<Vec<u8>>) {
    let (mut epochs, mut works) = (Vec::new(), Vec::new());
    for (_, list) in world.office("tallinn").disk.logs_of(circle) {
        for stored in list {
            let body = stored.segment.body();
            match stored.segment.header().kind {
                Kind::Epoch => {
                    let files = EpochBody::decode(body).unwrap().files;
                    epochs.extend(files.into_iter().map(|file| file.file));
                }
                Kind::Work => works.push(body.to_vec()),
            }
        }
    }
    (epochs, works)
}

#[test]
fn under_age_too_no_key_of_tallinn_opens_a_body() {
    let (mut world, circle) = by_way_of_tallinn(World::sealed_with_age(7));
    assert_eq!(world.at("doha").claims("case-1").len(), 1);
    assert!(world.at("tallinn").opens_nothing());
    let (epochs, works) = held_by_tallinn(&world, circle);
    assert_eq!(epochs.len(), 4, "two logs, each with a file for either member");
    assert!(works.len() >= 3);
    // Any of Tallinn's seeds, taken for any kind of key that opens something.
    let node = demo_node("tallinn");
    for seed in [node.age_seed().clone(), node.signing_seed(), node.link_seed()] {
        for file in epochs.iter().chain(&works) {
            assert!(AgeEnvelope.open_as(&seed, file).is_err());
        }
        for work in &works {
            assert!(AgeEnvelope.open_work(&EpochKey(seed.clone()), work).is_err());
        }
    }
    // The check is worth something: the members' keys open their own files, and the rest with them.
    for (name, opens) in [("kyiv", 2), ("doha", 2), ("moscow", 0)] {
        let seed = demo_node(name).age_seed().clone();
        let opened = epochs.iter().filter(|file| AgeEnvelope.open_as(&seed, file).is_ok());
        assert_eq!(opened.count(), opens, "{name}");
    }
}

#[test]
fn a_carrier_that_stops_and_starts_loses_nothing_and_learns_nothing() {
    for seed in 0..10 {
        let mut world = World::new(seed).offices(["kyiv", "doha", "tallinn"]);
        world.saves_late = 400;
        let circle = world.circle(["kyiv", "doha"]).carried_by("tallinn");
        world.only_links([("kyiv", "tallinn"), ("tallinn", "doha")]);
        let tallinn = world.place("tallinn");
        for text in ["one", "two", "three", "four"] {
            world.at("kyiv").claim(circle, "case-1", "remark", text);
            let pause = world.chance.below(4_000);
            world.run_for(pause);
            world.crash(tallinn, text == "two");
        }
        world.settle();
        assert_eq!(world.at("doha").claims("case-1").len(), 4);
        assert!(world.at("tallinn").opens_nothing());
    }
}
