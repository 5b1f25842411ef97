//! What one machine may cost another: memory, queues and replay, held against their limits while the world goes on.

use super::World;
use homeward::limit;
use homeward::node::stage::ReplayWork;
use std::collections::BTreeMap;

/// How often an edit may be put into sheets for each time that all of them are begun anew, which each life of a node and
/// each rebuild for cuts does: once, and once more if power goes before it is written down how far replay is.
const REPLAYS: u64 = 2;

/// The same whatever the reason for beginning anew: over its whole run a machine does not spend its time on replays. Four
/// times is the most that a thousand worlds showed.
const REPLAYS_IN_ALL: u64 = 12;

/// What a hub may hold for others at rest, in bytes: what is known of their heads, and the last segments at hand. Worlds
/// of this size hold far less while they storm.
const REST_BYTES: usize = 1 << 20;

/// So few edits say nothing about how often each was replayed.
const FEW: u64 = 8;

/// The most that was seen of each thing that has a limit.
#[derive(Clone, Debug, Default)]
pub(crate) struct Worst(pub BTreeMap<&'static str, u64>);

impl Worst {
    pub(super) fn see(&mut self, what: &'static str, much: u64) {
        let most = self.0.entry(what).or_default();
        *most = (*most).max(much);
    }
}

/// What a machine's replay did in earlier starts, and what there was to do.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Replayed {
    before: ReplayWork,
    /// The most edits that its sheets ever rested on.
    held: u64,
}

impl Replayed {
    /// What was done since its first start.
    fn all(&self, now: ReplayWork) -> ReplayWork {
        ReplayWork { edits: self.before.edits + now.edits, rebuilds: self.before.rebuilds + now.rebuilds }
    }
}

impl World {
    /// Before a machine falls silent: what it did is not forgotten.
    pub(super) fn note_replayed(&mut self, place: usize) {
        let machine = &mut self.machines[place];
        let Some(staged) = &machine.staged else { return };
        let work = staged.replay_work();
        let held = staged.edits_applied();
        machine.replayed.before = machine.replayed.all(work);
        machine.replayed.held = machine.replayed.held.max(held);
    }

    /// At all times.
    pub(crate) fn hold_bounds(&mut self) {
        let written = self.told.len() + self.unsure.len() + self.exempted_writes();
        for place in 0..self.machines.len() {
            let machine = &self.machines[place];
            let Some(staged) = machine.on() else { continue };
            let name = machine.name.clone();
            let links = self.links.keys().filter(|(at, _)| *at == place).count();
            let weight = staged.weight();
            let unplaced = staged.hub_status().unplaced;
            let waiting = staged.waiting();
            let lives = staged.lives();
            // A batch whose write was refused is replayed again when the disk takes it.
            let refused = machine.disk.lock().refused;
            let (work, held) = (machine.replayed.all(staged.replay_work()), staged.edits_applied());
            let machine = &mut self.machines[place];
            machine.replayed.held = machine.replayed.held.max(held);
            let held = machine.replayed.held;
            let worst = &mut self.worst;
            worst.see("bytes for one peer", weight.heaviest() as u64);
            worst.see("bytes in all", weight.total() as u64);
            worst.see("messages in a queue", weight.queued as u64);
            worst.see("segments unplaced", unplaced);
            worst.see("edits waiting", waiting);
            worst.see("rebuilds of one machine", work.rebuilds);
            let begun = lives as u64 + work.rebuilds + refused;
            if held >= FEW {
                worst.see("percent replayed of what is held", work.edits * 100 / held);
                worst.see("percent replayed by one beginning", work.edits * 100 / held / begun);
            }
            let may = (held.max(FEW)) * begun * REPLAYS;
            assert!(
                work.edits <= may,
                "{name} replayed {work:?}, holds {held} edits and began {begun} times"
            );
            assert!(
                work.edits <= held.max(FEW) * (REPLAYS_IN_ALL + refused),
                "{name} replayed {work:?} and holds {held} edits"
            );
            let most = limit::UNPLACED_ALL_BYTES
                + limit::PARTIAL_ALL_BYTES
                + links * (limit::SEGMENT_SEALED_BYTES + limit::UNREAD_BYTES + limit::LINK_BYTES);
            assert!(weight.heaviest() <= limit::PEER_BYTES, "{name}: {weight:?}");
            assert!(weight.total() <= most, "{name}: {weight:?}");
            assert!(weight.queued <= limit::QUEUED_MESSAGES, "{name}: {weight:?}");
            assert!(
                unplaced <= (links.max(1) * limit::UNPLACED_SEGMENTS) as u64,
                "{name}: {unplaced} unplaced"
            );
            assert!(waiting <= written as u64, "{name}: {waiting} edits wait of {written} that were written");
        }
        let carried = self.net.most_on_the_way();
        self.worst.see("bytes on the way on one link", carried as u64);
        assert!(
            carried <= limit::LINK_BYTES + limit::UNREAD_BYTES,
            "{carried} bytes are on their way on one link"
        );
    }

    /// At rest, an hour and more after the last word: what had no place is let go, and nothing waits.
    pub(super) fn hold_rest(&mut self) {
        for place in 0..self.machines.len() {
            let machine = &self.machines[place];
            let Some(staged) = machine.on().filter(|_| self.is_honest(machine)) else { continue };
            let weight = staged.weight();
            let unplaced = staged.hub_status().unplaced;
            self.worst.see("bytes for one peer at rest", weight.heaviest() as u64);
            self.worst.see("bytes in all at rest", weight.total() as u64);
            let name = &machine.name;
            assert_eq!(unplaced, 0, "{name} keeps what has no place");
            assert!(weight.queued == 0 && weight.total() <= REST_BYTES, "{name} at rest: {weight:?}");
        }
    }

    /// Edits that were written and nobody was told of: at offices that cheat, and by thieves.
    fn exempted_writes(&self) -> usize {
        usize::try_from(self.desks).unwrap()
            + self.tally.get("edits by thieves").copied().unwrap_or(0) as usize
    }
}
