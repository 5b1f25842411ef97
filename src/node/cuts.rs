//! What a circle's fork proofs and closures leave of its logs, and when its sheets are to be made anew for it.
//!
//! The hub brings the stored logs to where they count; here is known what that means for sheets. While nothing was
//! applied otherwise than the cuts of now say, replay goes on with them. Once something was, the circle is *stale*: its
//! old sheets stay as they are, are read and written, and are made anew when their turn comes ([`super::rebuild`]), at
//! most once in [`limit::REBUILD_EVERY_MS`], so that cuts are gathered.

use super::house::{Circle, House, Log};
use crate::id::{CircleId, Hash, Life, NodeId, PartnerId};
use crate::limit;
use crate::log::{Closure, ForkProof, bounded_by};
use crate::register::{Cut, Cuts};
use crate::sign::Signed;
use crate::store::circles::{self, RecordKind};
use crate::store::{Records, StoreFault};
use crate::sync::CircleRecord;
use crate::time::Millis;
use std::collections::BTreeMap;

/// What is known of cuts in one circle, and what was done about it.
#[derive(Default)]
pub(crate) struct CutState {
    /// The lowest number known twice, by log.
    forks: BTreeMap<Life, u64>,
    /// The closures that rule.
    closures: BTreeMap<(PartnerId, NodeId), Signed<Closure>>,
    /// Through where logs count.
    pub(crate) cuts: Cuts,
    /// Those under which it was last looked at what waits. Others may let it go: what it waits for counts no more.
    pub(crate) waited_under: Cuts,
    /// Sheets hold what does not count, or was read as it is not read now.
    pub(crate) stale: bool,
    /// When they were made anew last, by the steady clock.
    pub(crate) rebuilt: Option<Millis>,
    /// What is kept aside of edits that do not count is not up to date.
    pub(crate) aside_stale: bool,
    /// When it was brought up to date last.
    pub(crate) aside_at: Option<Millis>,
    /// How many edits that do not count are kept aside, by log.
    pub(crate) aside: BTreeMap<Life, u64>,
}

impl CutState {
    /// From the records of a circle.
    pub(crate) fn read(records: &impl Records, circle: &CircleId) -> Result<Self, StoreFault> {
        let mut state = Self { aside_stale: true, ..Self::default() };
        for record in circles::records_of(records, circle)? {
            match record.kind {
                RecordKind::Closure => state.close(&Signed::decode_own_store(&record.bytes)?),
                RecordKind::ForkProof => state.fork(&ForkProof::decode(&record.bytes)?),
                _ => {}
            }
        }
        Ok(state)
    }

    /// Takes a record in, if it is about cuts.
    pub(crate) fn learn(&mut self, record: &CircleRecord) {
        match record {
            CircleRecord::Closure(closure) => self.close(closure),
            CircleRecord::Fork(proof) => self.fork(proof),
            CircleRecord::Grant(_) => {}
        }
    }

    fn close(&mut self, closure: &Signed<Closure>) {
        let owner = (closure.partner, closure.node);
        let rules = self.closures.get(&owner).is_none_or(|held| held.rank() < closure.rank());
        if rules {
            self.closures.insert(owner, closure.clone());
        }
    }

    fn fork(&mut self, proof: &ForkProof) {
        let lowest = self.forks.entry(proof.life()).or_insert(u64::MAX);
        *lowest = (*lowest).min(proof.number());
    }

    /// The lowest number of a log that is known twice.
    pub(crate) fn fork_of(&self, life: &Life) -> Option<u64> {
        self.forks.get(life).copied()
    }

    /// The closure that rules a node's logs here.
    pub(crate) fn ruling(&self, partner: &PartnerId, node: &NodeId) -> Option<&Closure> {
        self.closures.get(&(*partner, *node)).map(Signed::get)
    }

    /// Whether its partner retired a node here.
    pub(crate) fn retired(&self, partner: &PartnerId, node: &NodeId) -> bool {
        self.ruling(partner, node).is_some_and(|closure| closure.retired)
    }

    /// Every node that its partner retired here.
    pub(crate) fn all_retired(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.closures.iter().filter(|(_, closure)| closure.retired).map(|((_, node), _)| *node)
    }

    /// Whether a log may say nothing more: it has two branches, or a closure names it.
    pub(crate) fn ends(&self, partner: &PartnerId, life: &Life) -> bool {
        self.forks.contains_key(life)
            || self
                .ruling(partner, &life.node)
                .is_some_and(|closure| closure.through.iter().any(|p| p.instance == life.instance))
    }
}

/// Whether something that was done last at `last` may be done again.
pub(crate) fn may_again(last: Option<Millis>, now: Millis) -> bool {
    last.is_none_or(|last| now.since(last) >= limit::REBUILD_EVERY_MS)
}

impl Circle {
    /// Looks anew at what counts, after records came or logs moved.
    pub(crate) fn look_at_cuts(&mut self) {
        let state = &self.cut;
        let cut = |(life, log): (&Life, &Log)| {
            let fork = state.fork_of(life);
            let ruling = state.ruling(&log.partner, &life.node);
            let through = bounded_by(life.instance, fork, ruling, |number| log.hash(number))?;
            // The segment that a closure names counts once it is here. Until then, no other of its number does: the hub
            // goes on asking for it, but what rests on another must not wait for it, for it may be nowhere.
            let point =
                ruling.and_then(|closure| closure.through.iter().find(|p| p.instance == life.instance));
            let missing = point.filter(|point| log.hash(point.number) != Some(point.hash));
            let before = missing.map_or(u64::MAX, |point| point.number.saturating_sub(1));
            Some((*life, Cut { through: through.min(before), fork }))
        };
        let cuts: Cuts = self.logs.iter().filter_map(cut).collect();
        let logs = &self.logs;
        let stands = |life: &Life, number: u64| -> Option<Hash> { logs.get(life)?.hash(number) };
        self.cut.stale = self.reach.exceeds(&cuts, stands);
        self.cut.cuts = cuts;
    }
}

impl House {
    /// Circles whose sheets are to be made anew now.
    pub(crate) fn to_rebuild(&self, now: Millis) -> Vec<CircleId> {
        let due = |circle: &&Circle| circle.cut.stale && may_again(circle.cut.rebuilt, now);
        self.circles.values().filter(due).map(|circle| circle.id).collect()
    }

    /// When the next of them is due, if one has to wait.
    pub(crate) fn next_rebuild(&self) -> Option<Millis> {
        let stale = self.circles.values().filter(|c| c.cut.stale).filter_map(|c| c.cut.rebuilt);
        let aside = self.circles.values().filter(|c| c.cut.aside_stale).filter_map(|c| c.cut.aside_at);
        stale.chain(aside).map(|last| last.plus(limit::REBUILD_EVERY_MS)).min()
    }
}
