//! The hub: operations instead of bytes. Offices in one world say, link, crash, fork, close and lie as the fuzzer
//! chooses. The world itself (`tests/hub`) asserts with every step that no frame names a circle to a stranger, that no
//! receipt covers what is not on its signer's disk, that a disk takes only what chains, that running numbers grow, and
//! that no hub asks to be woken at once for ever.

#![allow(dead_code, reason = "the world has more than a fuzzer needs")]

#[path = "../../hub/chance.rs"]
mod chance;
#[path = "../../hub/net.rs"]
mod net;
#[path = "../../hub/world.rs"]
mod world;

use super::Given;
use homeward::id::{CircleId, EpochId, Hash, InstanceId, LogId};
use homeward::log::{Closure, ClosurePoint};
use homeward::sign::Signed;
use homeward::sync::{CarriedItem, CircleRecord, Input, LinkId, RecordKind};
use homeward::time::Millis;
use serde_bytes::ByteBuf;
use world::{Disks, World, carried, next_segment};

const OFFICES: usize = 4;
/// The one whose frames may be spoilt, and whose logs may fork.
const LIAR: usize = 2;
/// Operations of one run.
const OPERATIONS: usize = 60;
/// What a hub may hold of things that are not saved yet, beyond the limits of its formats.
const MEMORY_MIB: u64 = 512;

/// Runs a world on the fuzzer's operations.
pub fn hub(bytes: &[u8]) -> bool {
    let mut given = Given(bytes);
    let mut world = World::new(u64::from(given.byte()), OFFICES);
    let circles =
        [world.circle(&[0, 1], &[3]), world.circle(&[0, 1, LIAR], &[]), world.circle(&[LIAR, 1], &[3])];
    for (a, b) in [(0, 1), (1, LIAR), (LIAR, 0), (3, 0), (3, 1)] {
        world.reach(a, b);
    }
    let mut honest = true;
    for _ in 0..OPERATIONS {
        if given.is_empty() {
            break;
        }
        honest &= operate(&mut world, &circles, &mut given);
        world.check_secrecy();
    }
    world.spoils = None;
    world.disks = Disks { delay_ms: 20, fail_percent: 0 };
    world.run_for(120_000);
    world.check_secrecy();
    if honest {
        // Nobody lied and nothing was closed: with time, everyone holds everything.
        world.run_for(3_600_000);
        for circle in circles {
            assert!(world.equal(circle), "something was lost");
        }
    }
    assert!(resident_mib() < MEMORY_MIB, "memory grows without bound");
    honest
}

/// Memory of this process, in MiB; 0 where the system does not say.
fn resident_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|rest| rest.trim().strip_suffix(" kB")).and_then(|n| n.parse::<u64>().ok());
    kib.unwrap_or(0) / 1024
}

/// One operation; `false` if after it not everything need arrive.
fn operate(world: &mut World, circles: &[CircleId; 3], given: &mut Given<'_>) -> bool {
    let office = given.below(OFFICES);
    let circle = *given.pick(circles);
    match given.below(20) {
        0..=3 => write(world, office, circle, given),
        4..=6 => world.run_for(given.number()),
        7 => world.net.cut_some(world.now),
        8 => world.crash(office),
        9 => {
            let (delay_ms, fail_percent) = (1 + u64::from(given.byte()) * 4, u64::from(given.byte() % 60));
            world.disks = Disks { delay_ms, fail_percent };
        }
        10 => world.net.weather.delay_ms = 1 + given.number() % 2_000,
        // A long quiet, of up to 18 hours: each wake in it is lived through.
        11 => world.run_for(given.number() * 1_000),
        12 => {
            let all = given.byte() & 1 == 0;
            let to = given.below(OFFICES);
            if to != office {
                let items = world.bundle(office, to, all);
                let maker = world.offices[office].node();
                world.give(to, Input::Carried { maker, items });
            }
        }
        13 => {
            // Whatever it was told to hold, it may go on.
            world.give(office, Input::Pause(None));
            world.run_for(given.number());
            world.give(office, Input::Resume(None));
            world.give(office, Input::SyncNow(None));
        }
        14 => {
            let epoch = EpochId([given.byte(); 32]);
            world.give(office, Input::AskGrant { circle, epoch });
        }
        _ => {
            lie(world, office, circle, given);
            return false;
        }
    }
    true
}

fn write(world: &mut World, office: usize, circle: CircleId, given: &mut Given<'_>) {
    let partner = world.offices[office].partner();
    let charter = world.offices[office].disk.circles.get(&circle);
    if charter.is_some_and(|charter| charter.is_member(&partner)) {
        let length = if given.byte() < 16 { 40_000 } else { 1 + given.number() as usize % 3_000 };
        world.write(office, circle, length);
    }
}

/// What nobody honest does.
fn lie(world: &mut World, office: usize, circle: CircleId, given: &mut Given<'_>) {
    match given.below(6) {
        0 => world.spoils = Some((LIAR, u64::from(given.byte() % 80))),
        1 => {
            let link = LinkId(u64::from(given.byte() % 40));
            let bytes = given.piece().to_vec();
            world.give(office, Input::Frame { link, bytes });
        }
        2 => {
            let to = given.below(OFFICES);
            let mut items = world.bundle(office, to, true);
            for _ in 0..1 + given.below(4) {
                bend(&mut items, given);
            }
            let maker = world.offices[office].node();
            world.give(to, Input::Carried { maker, items });
        }
        3 => fork(world, circle, given),
        4 => {
            let (kind, bytes) = (RecordKind::Grant, given.piece().to_vec());
            let record = CarriedItem::Record { circle, kind, bytes: bytes.clone() };
            let heads = CarriedItem::Heads { record: bytes.clone(), entries: bytes.clone() };
            let items = vec![record, heads, CarriedItem::Charter(bytes.clone()), CarriedItem::Card(bytes)];
            let maker = world.offices[LIAR].node();
            world.give(office, Input::Carried { maker, items });
        }
        _ => close(world, office, circle, given),
    }
}

/// Changes bytes of one item, or its place.
fn bend(items: &mut Vec<CarriedItem>, given: &mut Given<'_>) {
    if items.is_empty() {
        return;
    }
    let at = given.number() as usize % items.len();
    if given.byte() & 1 == 0 {
        let item = items.remove(at);
        let to = given.number() as usize % (items.len() + 1);
        items.insert(to, item);
        return;
    }
    let bytes = match &mut items[at] {
        CarriedItem::Charter(bytes) | CarriedItem::Card(bytes) | CarriedItem::Record { bytes, .. } => bytes,
        CarriedItem::Segment { header, .. } if given.byte() & 1 == 0 => header,
        CarriedItem::Segment { body, .. } => body,
        CarriedItem::Heads { record, .. } if given.byte() & 1 == 0 => record,
        CarriedItem::Heads { entries, .. } => entries,
    };
    if !bytes.is_empty() {
        let at = given.number() as usize % bytes.len();
        bytes[at] = bytes[at].wrapping_add(given.byte());
    }
}

/// The liar says something else at a number that it has said already, and shows it to one office.
fn fork(world: &mut World, circle: CircleId, given: &mut Given<'_>) {
    let liar = &world.offices[LIAR];
    let log = LogId { circle, life: liar.life() };
    let Some(list) = liar.disk.logs.get(&log).filter(|list| list.len() > 1) else { return };
    let at = 1 + given.number() as usize % (list.len() - 1);
    let before = list[at - 1].header().clone();
    let body = vec![given.byte(); 1 + given.below(100)];
    let other = next_segment(liar, circle, Some(&before), body, world.now);
    let maker = liar.node();
    let to = given.below(2);
    world.give(to, Input::Carried { maker, items: vec![carried(&other)] });
}

/// A partner closes its own node, through wherever the fuzzer says.
fn close(world: &mut World, office: usize, circle: CircleId, given: &mut Given<'_>) {
    let closer = &world.offices[office];
    let held = closer.disk.logs.get(&LogId { circle, life: closer.life() });
    let length = held.map_or(0, Vec::len);
    let number = given.number() as usize % (length + 2);
    let hash = match number {
        0 => Hash::ZERO,
        number => held.and_then(|list| list.get(number - 1)).map_or(Hash([9; 32]), |s| s.header().hash()),
    };
    let instance = if given.below(4) == 0 { InstanceId([7; 16]) } else { closer.instance };
    let closure = Closure {
        version: 1,
        circle,
        partner: closer.partner(),
        node: closer.node(),
        serial: 1 + u64::from(given.byte() % 4),
        retired: given.byte() & 1 == 0,
        time: Millis(world.now.0),
        through: vec![ClosurePoint { instance, number: number as u64, hash }],
    };
    let Ok(closure) = Signed::sign(closure, &closer.partner_key) else { return };
    let record = CircleRecord::Closure(closure);
    let to = given.below(OFFICES);
    if world.offices[to].disk.circles.contains_key(&circle) {
        let maker = world.offices[office].node();
        let (kind, bytes) = (record.kind(), record.bytes());
        world.give(to, Input::Carried { maker, items: vec![CarriedItem::Record { circle, kind, bytes }] });
    }
}

/// The smallest frame of each kind that a busy world says: what the corpus of frames begins with.
pub fn frames() -> Vec<(String, Vec<u8>)> {
    let mut world = World::new(11, OFFICES);
    world.spoils = Some((LIAR, 0));
    let circles = [world.circle(&[0, 1, LIAR], &[]), world.circle(&[LIAR, 1], &[3])];
    for (a, b) in [(0, LIAR), (LIAR, 1), (3, LIAR)] {
        world.reach(a, b);
    }
    let script: Vec<u8> = (0..200u8).collect();
    for round in 0..12u8 {
        for office in 0..3 {
            write(&mut world, office, circles[usize::from(round) % 2], &mut Given(&[round * 9, 1, round]));
        }
        world.give(LIAR, Input::AskGrant { circle: circles[0], epoch: EpochId([round; 32]) });
        world.run_for(1_500);
        if round == 8 {
            fork(&mut world, circles[0], &mut Given(&script));
            close(&mut world, 0, circles[0], &mut Given(&[0, 1, 1, 1, 1, 2]));
        }
    }
    world.run_for(60_000);
    let mut kinds: std::collections::BTreeMap<String, Vec<u8>> = std::collections::BTreeMap::new();
    for frame in world.spoilt {
        let name: String = frame
            .iter()
            .skip(if frame[0] == 0xa1 { 2 } else { 1 })
            .take_while(|byte| byte.is_ascii_lowercase() || **byte == b'_')
            .map(|byte| char::from(*byte))
            .collect();
        let kept = kinds.entry(name).or_insert_with(|| frame.clone());
        if frame.len() < kept.len() {
            *kept = frame;
        }
    }
    kinds.into_iter().collect()
}

/// What a peer may say with bytes of its choice in it.
#[derive(serde::Serialize)]
#[serde(rename_all = "snake_case")]
enum Say {
    Charter(ByteBuf),
    Record(CircleId, RecordKind, ByteBuf),
    Card(CircleId, ByteBuf),
    Whole(ByteBuf, ByteBuf),
    Start(ByteBuf, u32),
    Range(u32, ByteBuf),
    HeaderIs(ByteBuf),
    StateMore { entries: ByteBuf, last: bool },
}

/// These bytes as a frame, and inside every message that carries bytes, on a link that stands. Nothing of it is kept,
/// and what the two offices said before and after it arrives.
pub fn on_a_link(bytes: &[u8]) {
    let mut frames = vec![bytes.to_vec()];
    if bytes.len() <= homeward::limit::RANGE_BYTES {
        let given = || ByteBuf::from(bytes);
        let circle = CircleId([0; 32]);
        let says = [
            Say::Charter(given()),
            Say::Record(circle, RecordKind::Closure, given()),
            Say::Record(circle, RecordKind::Fork, given()),
            Say::Record(circle, RecordKind::Grant, given()),
            Say::Card(circle, given()),
            Say::Whole(given(), given()),
            Say::Start(given(), 0),
            Say::Range(0, given()),
            Say::HeaderIs(given()),
            Say::StateMore { entries: given(), last: true },
        ];
        frames.extend(says.iter().map(homeward::codec::encode));
    }
    let mut world = World::new(5, 2);
    let circle = world.circle(&[0, 1], &[]);
    world.reach(0, 1);
    for frame in frames {
        world.write(0, circle, 300);
        world.run_for(300_000);
        let held = world.offices[0].disk.clone();
        let link = (0..10_000).rev().map(LinkId).find(|link| world.net.other_end(0, *link) == Some(1));
        world.give(0, Input::Frame { link: link.expect("a link stands"), bytes: frame });
        let now = &world.offices[0].disk;
        assert_eq!((now.circles.len(), now.cards.len()), (held.circles.len(), held.cards.len()));
        assert_eq!((now.records.len(), now.apart.len()), (held.records.len(), held.apart.len()));
        assert_eq!(now.length(&log_of(&world, circle)), held.length(&log_of(&world, circle)));
    }
    world.write(1, circle, 300);
    world.run_for(600_000);
    assert!(world.equal(circle), "what was said before and after it arrives");
    world.check_secrecy();
}

fn log_of(world: &World, circle: CircleId) -> LogId {
    LogId { circle, life: world.offices[0].life() }
}
