//! A known peer syncs a thousand edits through two thousand handshakes of strangers and fifty sessions of two partners
//! that mean harm, each cheating in another way. It finishes; memory and queues stay under their limits at each step;
//! nobody honest is blamed; and when the flood is over, nothing of it is left.

// A panic in a test is its failing.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

#[path = "hub/chance.rs"]
mod chance;
mod figures;
#[path = "hub/hostile.rs"]
mod hostile;
#[path = "hub/net.rs"]
mod net;
// The world can do more than this test asks of it.
#[allow(dead_code)]
#[path = "hub/world.rs"]
mod world;

use homeward::id::LinkKey;
use homeward::limit;
use homeward::net::{Admission, Answer, Place, Source};
use homeward::sync::{Event, Fault, LinkId};
use homeward::time::Millis;
use hostile::{Aim, CHEATS, Cheat, Hostile};
use net::Delivery;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::rc::Rc;
use world::{DAWN, World};

const VICTIM: usize = 0;
const FRIEND: usize = 1;
/// Offices whose partners mean harm.
const HARM: [usize; 2] = [2, 3];
const SESSIONS: usize = 50;
const EDITS: usize = 1_000;
const HANDSHAKES: usize = 2_000;
/// How long a step of the flood is, in milliseconds.
const STEP_MS: u64 = 20;

/// A hostile node at its place.
struct Guest {
    who: Hostile,
    place: usize,
    link: Option<LinkId>,
    next: Millis,
    said: usize,
}

/// Everything that is thrown at the victim.
struct Flood {
    guests: Vec<Guest>,
    inputs: usize,
}

impl Flood {
    /// Fifty hostile nodes around the world's circle.
    fn around(world: &mut World, aim: &Aim) -> Self {
        let mut guests = Vec::new();
        for n in 0..SESSIONS {
            let partner = &world.offices[HARM[n % 2]].partner_key;
            let who = Hostile::new(CHEATS[n % CHEATS.len()], partner, n as u64, aim.clone(), DAWN);
            let place = world.offices.len() + n;
            world.guests.push(who.certificate.link);
            world.net.open_road(place, VICTIM);
            if who.deaf() {
                world.net.deaf.insert(place);
            }
            guests.push(Guest { who, place, link: None, next: DAWN, said: 0 });
        }
        Self { guests, inputs: 0 }
    }

    /// All of them say what they have to say now, and dial again if they were thrown out.
    fn step(&mut self, world: &mut World) {
        for delivery in std::mem::take(&mut world.mail) {
            let guest = &mut self.guests[delivery.place() - world.offices.len()];
            match delivery {
                Delivery::Up { link, exporter, .. } => {
                    guest.link = Some(link);
                    for frame in guest.who.up(&exporter) {
                        self.inputs += 1;
                        world.net.send(world.now, guest.place, link, frame);
                    }
                }
                Delivery::Down { link, .. } if guest.link == Some(link) => {
                    guest.link = None;
                    guest.next = world.now.plus(500 + world.chance.below(1_000));
                }
                _ => {}
            }
        }
        for guest in self.guests.iter_mut().filter(|guest| guest.next <= world.now) {
            let Some(link) = guest.link else {
                world.net.dial(world.now, guest.place, VICTIM);
                guest.next = world.now.plus(1_000);
                continue;
            };
            // In bursts, as fast as a link bears.
            let burst = if world.chance.percent(5) { 30 } else { 1 };
            for frame in (0..burst).flat_map(|_| guest.who.say(world.now)).collect::<Vec<_>>() {
                guest.said += 1;
                self.inputs += 1;
                world.net.send(world.now, guest.place, link, frame);
            }
            guest.next = world.now.plus(100 + world.chance.below(300));
            if guest.who.hangs_up() {
                world.net.close(world.now, guest.place, link, 0);
                guest.link = None;
            }
        }
    }

    /// All of them go.
    fn end(&mut self, world: &mut World) {
        for guest in &mut self.guests {
            world.net.close_road(world.now, guest.place, VICTIM);
            guest.link = None;
        }
        world.run_for(1_000);
        world.mail.clear();
    }
}

/// The victim's door: strangers and the friend before one rule.
struct Door {
    rule: Admission,
    held: Vec<(Millis, Place)>,
    tried: usize,
    refused_friend: usize,
}

fn source(a: u8, b: u8) -> Source {
    Source::from(IpAddr::from([10, 1, a, b]))
}

impl Door {
    /// A caller that proves its address when it is asked to.
    fn call(&mut self, now: Millis, source: Source) -> Option<Place> {
        let mut proven = false;
        loop {
            match self.rule.judge(now, source, proven) {
                Answer::Take(place) => return Some(place),
                Answer::Retry => proven = true,
                Answer::Refuse => return None,
            }
        }
    }

    /// Some strangers call; half of them never say another word.
    fn strangers(&mut self, now: Millis, count: usize) {
        let (over, held) = std::mem::take(&mut self.held).into_iter().partition(|(until, _)| *until <= now);
        self.held = held;
        let over: Vec<(Millis, Place)> = over;
        over.into_iter().for_each(|(_, place)| self.rule.release(place));
        for _ in 0..count {
            self.tried += 1;
            let n = self.tried as u64;
            if let Some(place) = self.call(now, source((n % 7) as u8, (n % 251) as u8)) {
                self.held.push((now.plus(if n.is_multiple_of(2) { 20_000 } else { 60 }), place));
            }
        }
    }
}

/// The limits that hold at each step.
fn within_limits(world: &World, seen: &mut (usize, usize)) {
    let weight = world.hub(VICTIM).weight();
    let links = SESSIONS + 1;
    assert!(weight.heaviest() <= limit::PEER_BYTES, "one peer holds {} bytes", weight.heaviest());
    let most = limit::UNPLACED_ALL_BYTES
        + limit::PARTIAL_ALL_BYTES
        + links * (limit::SEGMENT_SEALED_BYTES + limit::UNREAD_BYTES + limit::LINK_BYTES);
    assert!(weight.total() <= most, "{weight:?}");
    let frames = world.offices[VICTIM].waiting();
    assert!(frames <= links * limit::INBOUND_BYTES / limit::FRAME_COST_BYTES, "{frames} frames wait");
    *seen = (seen.0.max(weight.total()), seen.1.max(weight.heaviest()));
}

#[test]
fn a_known_peer_finishes_while_strangers_and_hostile_partners_flood() {
    let mut world = World::new(11, 4);
    world.searches = false;
    let circle = world.circle(&[VICTIM, FRIEND, HARM[0], HARM[1]], &[]);
    world.reach(FRIEND, VICTIM);
    world.run_for(5_000);
    // The friend was offline for a while: a thousand edits wait, some of them long. Each is its own segment here.
    world.net.close_road(world.now, FRIEND, VICTIM);
    for n in 0..EDITS {
        world.write(FRIEND, circle, if n % 50 == 7 { 30_000 } else { 400 });
    }
    let log = world.offices[FRIEND].disk.logs.iter().find(|(log, _)| log.circle == circle).unwrap();
    let (log, segments) = (*log.0, log.1.clone());
    let mut members: Vec<_> = [VICTIM, HARM[0], HARM[1]].map(|n| world.offices[n].partner()).to_vec();
    members.sort();
    let aim = Aim { circle, members, life: log.life, segments };
    let mut flood = Flood::around(&mut world, &aim);

    let mut rule = Admission::new(world.now);
    rule.met(LinkKey([1; 32]), source(99, 99));
    let door = Rc::new(RefCell::new(Door { rule, held: Vec::new(), tried: 0, refused_friend: 0 }));
    let judge = Rc::clone(&door);
    world.door = Box::new(move |now, _, _| {
        let mut door = judge.borrow_mut();
        let place = door.call(now, source(99, 99));
        door.refused_friend += usize::from(place.is_none());
        place.map(|place| door.rule.release(place)).is_some()
    });

    // The flood has begun before the friend comes back, and its link breaks again and again.
    let mut seen = (0, 0);
    let (mut steps, mut done) = (0, None);
    while steps < 200 || done.is_none() || door.borrow().tried < HANDSHAKES {
        steps += 1;
        flood.step(&mut world);
        door.borrow_mut().strangers(world.now, 4);
        if steps % 100 == 50 {
            world.net.close_road(world.now, FRIEND, VICTIM);
            world.net.open_road(FRIEND, VICTIM);
        }
        world.run_for(STEP_MS);
        within_limits(&world, &mut seen);
        let at_the_door = door.borrow();
        assert!(at_the_door.rule.in_flight() <= limit::HANDSHAKES);
        assert!(at_the_door.rule.sources() <= limit::SOURCES + limit::HANDSHAKES);
        if done.is_none() && world.offices[VICTIM].disk.length(&log) == EDITS as u64 {
            done = Some(steps);
        }
        assert!(steps < 60_000 / STEP_MS as usize, "the friend does not get through");
    }
    assert_eq!(door.borrow().refused_friend, 0, "the friend was sent away at the door");

    // Whoever hangs, trickles or does not read loses its link in time.
    for _ in 0..60 {
        flood.step(&mut world);
        world.run_for(7_000);
        within_limits(&world, &mut seen);
    }
    let mut faults: BTreeMap<Cheat, BTreeSet<String>> = BTreeMap::new();
    let office = world.offices[VICTIM].node();
    for (at, event) in
        [VICTIM, FRIEND].iter().flat_map(|at| world.offices[*at].events.iter().map(move |e| (at, e)))
    {
        let Event::PeerDown { node, fault: Some(fault), .. } = event else { continue };
        assert_ne!(*node, Some(world.offices[FRIEND].node()), "the friend is blamed: {fault}");
        assert!(*node != Some(office), "the victim is blamed by office {at}: {fault}");
        if let Some(guest) = flood.guests.iter().find(|guest| Some(guest.who.node()) == *node) {
            faults.entry(guest.who.cheat).or_default().insert(fault.to_string());
        }
    }
    let slow = Fault::Slow.to_string();
    for cheat in [Cheat::HangingState, Cheat::Trickle, Cheat::ReadsNothing] {
        assert!(faults.get(&cheat).is_some_and(|f| f.contains(&slow)), "{cheat:?}: {:?}", faults.get(&cheat));
    }
    for cheat in [Cheat::Garbage, Cheat::OutOfPlace, Cheat::EndlessState, Cheat::HugeLengths, Cheat::WantsAll]
    {
        assert!(faults.contains_key(&cheat), "{cheat:?} is let be");
    }
    records_are_shared_out(&world, &aim);

    flood.end(&mut world);
    world.run_for(2 * limit::UNPLACED_MS);
    let left = world.hub(VICTIM).weight();
    assert!(left.peers.values().all(|bytes| *bytes < 2 * limit::SEGMENT_SEALED_BYTES), "{left:?}");
    assert_eq!((left.unproven, left.backlog), (0, 0));

    let mut kinds: BTreeMap<Cheat, usize> = BTreeMap::new();
    for guest in &flood.guests {
        *kinds.entry(guest.who.cheat).or_default() += guest.said;
    }
    let kinds: Vec<String> = kinds.iter().map(|(cheat, said)| format!("{cheat:?} {said}")).collect();
    figures::note(&format!(
        "hostile sessions in virtual time: {SESSIONS}, frames by kind: {}",
        kinds.join(", ")
    ));
    figures::note(&format!("hostile inputs tried in virtual time: {}", flood.inputs + door.borrow().tried));
    figures::note(&format!(
        "flood in virtual time: {EDITS} edits through in {:.1} s; peak weight {:.1} MiB, of one peer {:.1} MiB",
        (done.unwrap() as u64 * STEP_MS) as f64 / 1e3,
        seen.0 as f64 / f64::from(1 << 20),
        seen.1 as f64 / f64::from(1 << 20),
    ));
}

/// No partner has more records, logs or circles here than its share.
fn records_are_shared_out(world: &World, aim: &Aim) {
    let status = world.hub(VICTIM).status(world.now);
    let here = status.circles.iter().find(|c| c.circle == aim.circle).unwrap();
    assert!(here.records <= 1_584, "{}", here.records);
    assert!(here.forks.is_empty(), "forks of nodes that do not exist");
    let mut logs: BTreeMap<_, usize> = BTreeMap::new();
    for log in world.offices[VICTIM].disk.logs.values().filter_map(|list| list.first()) {
        *logs.entry(log.header().partner).or_default() += 1;
    }
    assert!(logs.values().all(|count| *count <= limit::PARTNER_LOGS_PER_CIRCLE), "{logs:?}");
    for partner in HARM.map(|n| world.offices[n].partner()) {
        let founded = world.offices[VICTIM].disk.circles.values().filter(|c| c.founder == partner).count();
        assert!(founded <= limit::FOUNDER_PENDING_CIRCLES, "{founded} circles of one partner");
    }
}
