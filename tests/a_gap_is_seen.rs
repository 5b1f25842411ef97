//! A carrier that drops, withholds, repeats and shuffles what it was given makes a gap, never a falsehood; and the gap
//! is seen as soon as signed heads come by any other way.
//!
//! One office writes, another gets what it wrote from a hostile carrier's hands alone, in every order and with anything
//! left out or said again. After each delivery the second office holds exactly what can stand without a gap, byte for
//! byte as it was written, knows how much waits behind the gap, and, once the writer's heads reached it by another hand,
//! how much it lacks. Older heads said again take nothing of that back. When the rest comes, nothing is lacking.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "what goes wrong here fails the test"
)]

#[path = "hub/chance.rs"]
mod chance;
mod figures;
#[allow(dead_code, reason = "another test uses the rest")]
#[path = "hub/net.rs"]
mod net;
#[allow(dead_code, reason = "another test uses the rest")]
#[path = "hub/world.rs"]
mod world;

use chance::Chance;
use homeward::id::{CircleId, LogId};
use homeward::sync::{CarriedItem, Event, Input};
use std::collections::BTreeSet;
use world::{World, carried};

const WRITER: usize = 0;
const READER: usize = 1;
const CARRIER: usize = 2;
const SEGMENTS: usize = 5;
/// Shuffled deliveries beyond all orders of a few.
const SHUFFLES: u64 = 300;

/// What stands between the two: the circle's charter, the writer's segments, and its heads at three moments.
struct Written {
    world: World,
    circle: CircleId,
    log: LogId,
    charter: Vec<CarriedItem>,
    segments: Vec<CarriedItem>,
    /// The earliest first, with how many segments they show.
    heads: Vec<(CarriedItem, u64)>,
}

fn written(seed: u64) -> Written {
    let mut world = World::new(seed, 4);
    let circle = world.circle(&[WRITER, READER], &[CARRIER, 3]);
    // The carrier that is honest hears it over a link, and so the writer's heads are signed.
    world.reach(WRITER, 3);
    let mut heads = Vec::new();
    for number in 1..=SEGMENTS as u64 {
        world.write(WRITER, circle, 300 + 40 * usize::try_from(number).unwrap());
        world.run_for(60_000);
        let is_heads = |item: &CarriedItem| matches!(item, CarriedItem::Heads { .. });
        let signed = world.bundle(WRITER, READER, true).into_iter().find(is_heads);
        heads.push((signed.expect("heads are signed for who was shown them"), number));
    }
    let log = LogId { circle, life: world.offices[WRITER].life() };
    let all = world.bundle(WRITER, READER, true);
    let charter = all.into_iter().filter(|item| matches!(item, CarriedItem::Charter(_))).collect();
    let segments = world.offices[WRITER].disk.logs[&log].iter().map(|segment| carried(segment)).collect();
    Written { world, circle, log, charter, segments, heads }
}

impl Written {
    /// The carrier hands these over.
    fn deliver(&mut self, items: Vec<CarriedItem>) {
        let maker = self.world.offices[CARRIER].node();
        self.world.give(READER, Input::Carried { maker, items });
        self.world.run_for(2_000);
    }

    /// The reader holds the writer's first `placed` segments as they were written, and nothing else of that log.
    fn holds(&self, placed: usize, waiting: usize, what: &str) {
        let [writer, reader] =
            [WRITER, READER].map(|office| self.world.offices[office].disk.logs.get(&self.log));
        let reader = reader.map_or(&[][..], |log| log.as_slice());
        assert_eq!(reader.len(), placed, "{what}");
        for (ours, theirs) in reader.iter().zip(writer.unwrap()) {
            assert_eq!(ours.header().bytes(), theirs.header().bytes(), "{what}");
            assert_eq!(ours.body(), theirs.body(), "{what}");
        }
        let status = self.world.hub(READER).status(self.world.now);
        assert_eq!(status.unplaced, waiting as u64, "{what}: what waits behind the gap is counted");
        let refused = |event: &Event| matches!(event, Event::RefusedSegment { .. } | Event::ForkSeen { .. });
        assert!(!self.world.said(READER, refused), "{what}: nobody is blamed for a gap");
    }

    /// How much of the writer's showing the reader knows to lack; `None`: it has seen no heads.
    fn lacks(&self) -> Option<u64> {
        let status = self.world.hub(READER).status(self.world.now);
        let writer = self.world.offices[WRITER].node();
        let node = status.nodes.iter().find(|node| node.node == writer)?;
        let circle = node.circles.iter().find(|circle| circle.circle == self.circle)?;
        Some(circle.we_lack)
    }
}

/// Segments that can stand, and that wait, when these numbers have come.
fn expected(come: &BTreeSet<usize>) -> (usize, usize) {
    let placed = (0..SEGMENTS).take_while(|number| come.contains(number)).count();
    (placed, come.len() - placed)
}

/// All orders of `0..count`.
fn orders(count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    let shorter = orders(count - 1);
    let insert = |order: &Vec<usize>, at: usize| {
        let mut longer = order.clone();
        longer.insert(at, count - 1);
        longer
    };
    shorter.iter().flat_map(|order| (0..count).map(move |at| insert(order, at))).collect()
}

/// Delivers in this order, one hand-over each, and looks after each.
fn goes_through(order: &[usize], heads_at: usize, what: &str) {
    let mut written = written(5);
    let charter = written.charter.clone();
    written.deliver(charter);
    let (newest, shown) = written.heads.last().cloned().unwrap();
    let oldest = written.heads[0].0.clone();
    let mut come = BTreeSet::new();
    for (step, number) in order.iter().enumerate() {
        if step == heads_at {
            // By another hand: the honest carrier's, a stick, a mailbox.
            written.deliver(vec![newest.clone()]);
        }
        let segment = written.segments[*number].clone();
        written.deliver(vec![segment]);
        come.insert(*number);
        let (placed, waiting) = expected(&come);
        written.holds(placed, waiting, what);
        if step >= heads_at {
            assert_eq!(written.lacks(), Some(shown - placed as u64), "{what}: the gap is seen");
            // Heads of another day, said again, hide nothing.
            written.deliver(vec![oldest.clone()]);
            assert_eq!(written.lacks(), Some(shown - placed as u64), "{what}: older heads cover it up");
        } else {
            assert_eq!(written.lacks(), None, "{what}");
        }
    }
    // The rest comes at last, from whoever has it.
    let mut rest = vec![newest];
    rest.extend(written.segments.iter().rev().cloned());
    written.deliver(rest);
    written.holds(SEGMENTS, 0, what);
    assert_eq!(written.lacks(), Some(0), "{what}");
}

#[test]
fn every_order_of_four_ends_in_the_same_log() {
    let all = orders(4);
    assert_eq!(all.len(), 24);
    for order in &all {
        for heads_at in [0, 2] {
            goes_through(order, heads_at, &format!("{order:?} with heads at {heads_at}"));
        }
    }
    figures::note(&format!("orders of delivery by a hostile carrier: {}", all.len() * 2));
}

#[test]
fn whatever_is_left_out_said_again_and_shuffled_is_a_gap_and_no_falsehood() {
    for seed in 0..SHUFFLES {
        let mut chance = Chance::new(seed);
        let length = 1 + chance.below(9);
        let order: Vec<usize> = (0..length).map(|_| chance.below(SEGMENTS as u64) as usize).collect();
        let heads_at = chance.below(length) as usize;
        goes_through(&order, heads_at, &format!("seed {seed}: {order:?} with heads at {heads_at}"));
    }
    figures::note(&format!("shuffles with gaps and repeats by a hostile carrier: {SHUFFLES}"));
}

#[test]
fn a_carrier_cannot_say_heads_itself() {
    let mut written = written(6);
    let charter = written.charter.clone();
    written.deliver(charter);
    let (newest, _) = written.heads.last().cloned().unwrap();
    let CarriedItem::Heads { record, entries } = newest else { panic!("heads") };
    for at in 0..record.len() {
        let mut bent = record.clone();
        bent[at] ^= 1;
        written.deliver(vec![CarriedItem::Heads { record: bent, entries: entries.clone() }]);
        assert_eq!(written.lacks(), None, "byte {at} of the record");
    }
    for at in 0..entries.len() {
        let mut bent = entries.clone();
        bent[at] ^= 1;
        written.deliver(vec![CarriedItem::Heads { record: record.clone(), entries: bent }]);
        assert_eq!(written.lacks(), None, "byte {at} of the entries");
    }
}
