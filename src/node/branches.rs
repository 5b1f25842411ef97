//! The branches of a log, as far as they are known here: which there are, how far each goes, and who stands on it.

use super::BranchView;
use super::house::{Circle, House, Log};
use crate::id::{Hash, Life, LogId, NodeId, PartnerId};
use crate::log::{ForkProof, Header};
use crate::sign::Signed;
use crate::store::circles::RecordKind;
use crate::store::logs::SegmentEntry;
use crate::store::{Records, StoreFault, branches, circles, partners};
use crate::sync::PeerMemory;
use std::collections::{BTreeMap, BTreeSet};

/// One branch: its segments from where it leaves the one that stands here, or all of that one.
pub(super) struct Branch {
    /// Headers with their numbers of edits, in order; never empty.
    segments: Vec<(Signed<Header>, Option<u64>)>,
    /// Whether the segments are held, or their headers alone.
    held: bool,
    here: bool,
}

impl Branch {
    fn first(&self) -> Option<&Signed<Header>> {
        self.segments.first().map(|(header, _)| header)
    }

    /// What it is called by: the header with which the branches part.
    pub(super) fn name(&self, parts_at: u64) -> Hash {
        let at = self.segments.iter().find(|(header, _)| header.number >= parts_at);
        at.or(self.segments.first()).map_or(Hash::ZERO, |(header, _)| header.hash())
    }

    /// Whether this node stands on it.
    pub(super) fn is_here(&self) -> bool {
        self.here
    }

    /// The last number known.
    pub(super) fn last(&self) -> u64 {
        self.segments.last().map_or(0, |(header, _)| header.number)
    }

    /// The header at a number of this branch, before it left the other too.
    pub(super) fn hash_at(&self, number: u64, log: Option<&Log>) -> Option<Hash> {
        let own = self.segments.iter().find(|(header, _)| header.number == number);
        let shared = || {
            let before = self.first().is_some_and(|first| number < first.number);
            log.filter(|_| before)?.entry(number).map(|entry| entry.header.hash())
        };
        own.map(|(header, _)| header.hash()).or_else(shared)
    }

    fn holds(&self, number: u64, hash: &Hash) -> bool {
        self.segments.iter().any(|(header, _)| header.number == number && header.hash() == *hash)
    }

    /// As a door shows it, from the number on at which the log's branches part.
    pub(super) fn view(&self, parts_at: u64, chosen: bool, standing: Vec<String>) -> BranchView {
        let after: Vec<_> = self.segments.iter().filter(|(header, _)| header.number >= parts_at).collect();
        let cut = after.first().zip(after.last()).map(|(a, b)| (a.0.cut, b.0.cut));
        let edits: Option<u64> = after.iter().map(|(_, edits)| *edits).sum();
        BranchView {
            branch: self.name(parts_at),
            from: after.first().map_or(parts_at, |(header, _)| header.number),
            through: self.last(),
            held: self.held,
            cut,
            edits,
            here: self.here,
            chosen,
            standing,
        }
    }
}

/// What is known of the branches of one log.
pub(super) struct Branches {
    /// The one that stands here first.
    pub(super) all: Vec<Branch>,
    /// The lowest number given twice, else 1.
    pub(super) parts_at: u64,
}

impl House {
    /// The branches of a log: the one that stands here, those whose segments are kept beside it, and those of which
    /// only a proof is held.
    pub(super) fn branches_of(
        &self,
        records: &impl Records,
        circle: &Circle,
        life: &Life,
    ) -> Result<Branches, StoreFault> {
        let log = circle.logs.get(life);
        let count = |entry: &SegmentEntry| match (entry.header.kind, entry.edits) {
            (crate::log::Kind::Epoch, _) => Some(0),
            // A segment without edits ends before it begins.
            (_, span) => span.map(|span| (span.last + 1).saturating_sub(span.first)),
        };
        let main: Vec<_> = log
            .map(|log| log.segments.iter().map(|entry| (entry.header.clone(), count(entry))).collect())
            .unwrap_or_default();
        let mut all = Vec::new();
        let id = LogId { circle: circle.id, life: *life };
        let beside = branches::branches(records, &id)?;
        if !main.is_empty() {
            all.push(Branch { segments: main, held: true, here: true });
        }
        all.extend(side_branches(&beside, log, &count));
        if let Some(fork) = circle.cut.fork_of(life) {
            first_seen_first(&mut all, fork, &beside);
        }
        let mut parts_at = u64::MAX;
        for proof in proofs_of(records, circle, life)? {
            parts_at = parts_at.min(proof.number());
            for header in proof.headers() {
                if !all.iter().any(|branch| branch.holds(header.number, &header.hash())) {
                    all.push(Branch { segments: vec![(header.clone(), None)], held: false, here: false });
                }
            }
        }
        Ok(Branches { all, parts_at: if parts_at == u64::MAX { 1 } else { parts_at } })
    }

    /// By the hash that its last signed heads name, on which branch each partner stands.
    pub(super) fn standing_on(
        &self,
        records: &impl Records,
        circle: &Circle,
        life: &Life,
        branches: &Branches,
    ) -> Result<Vec<Vec<String>>, StoreFault> {
        let mut standing = vec![BTreeSet::new(); branches.all.len()];
        for (node, shared) in super::evidence::known_peers(records)? {
            let Some(bytes) = partners::peer(records, &node, &shared)?.filter(|_| shared == circle.id) else {
                continue;
            };
            let memory = PeerMemory::decode(&bytes)?;
            let Some(entry) = memory.theirs.as_ref().and_then(|(_, entries, _)| entries.0.get(life)) else {
                continue;
            };
            for (names, branch) in standing.iter_mut().zip(&branches.all) {
                if entry.number >= branches.parts_at && branch.holds(entry.number, &entry.hash) {
                    names.insert(self.people.name(&memory.partner));
                }
            }
        }
        Ok(standing.into_iter().map(|names| names.into_iter().collect()).collect())
    }
}

/// Of a log that counts to before its fork, no branch stands: the one that was seen here first is called ours.
fn first_seen_first(all: &mut Vec<Branch>, fork: u64, beside: &[SegmentEntry]) {
    let ends_before = |branch: &Branch| branch.here && branch.last() < fork;
    if !all.first().is_none_or(|first| ends_before(first) || !first.here) {
        return;
    }
    let seen = |branch: &Branch| {
        let first = branch.first().map(|header| header.hash());
        beside.iter().find(|entry| Some(entry.header.hash()) == first).map(|entry| entry.first_seen)
    };
    if all.iter().any(|branch| !branch.here) {
        all.retain(|branch| !ends_before(branch));
    }
    let ours = (0..all.len()).min_by_key(|place| all.get(*place).and_then(seen));
    if let Some(place) = ours {
        let mut branch = all.remove(place);
        branch.here = true;
        all.insert(0, branch);
    }
}

/// Segments kept beside the branch that stands, each path from where it leaves that one to its end.
fn side_branches(
    beside: &[SegmentEntry],
    log: Option<&Log>,
    count: &dyn Fn(&SegmentEntry) -> Option<u64>,
) -> Vec<Branch> {
    let by_hash: BTreeMap<Hash, &SegmentEntry> =
        beside.iter().map(|entry| (entry.header.hash(), entry)).collect();
    let named: BTreeSet<Hash> = beside.iter().map(|entry| entry.header.previous).collect();
    let on_main = |number: u64, hash: &Hash| {
        number == 0 || log.and_then(|log| log.entry(number)).is_some_and(|entry| entry.header.hash() == *hash)
    };
    let mut found = Vec::new();
    for end in beside.iter().filter(|entry| !named.contains(&entry.header.hash())) {
        let mut path = vec![end];
        let mut at = end;
        while let Some(before) = by_hash.get(&at.header.previous) {
            path.push(before);
            at = before;
        }
        if on_main(at.header.number - 1, &at.header.previous) {
            let segments = path.into_iter().rev().map(|entry| (entry.header.clone(), count(entry)));
            found.push(Branch { segments: segments.collect(), held: true, here: false });
        }
    }
    found
}

/// Logs of a node in a circle that are here, or of which a proof is.
pub(super) fn logs_of(
    records: &impl Records,
    circle: &Circle,
    partner: &PartnerId,
    node: &NodeId,
) -> Result<BTreeSet<Life>, StoreFault> {
    let here = circle.logs.iter().filter(|(life, log)| life.node == *node && log.partner == *partner);
    let mut lives: BTreeSet<Life> = here.map(|(life, _)| *life).collect();
    let proofs = all_proofs(records, circle)?;
    let theirs = proofs.iter().filter(|proof| {
        let [header, _] = proof.headers();
        header.partner == *partner && header.node == *node
    });
    lives.extend(theirs.map(ForkProof::life));
    Ok(lives)
}

/// Proofs that a log has a fork.
fn proofs_of(records: &impl Records, circle: &Circle, life: &Life) -> Result<Vec<ForkProof>, StoreFault> {
    let mut proofs = all_proofs(records, circle)?;
    proofs.retain(|proof| proof.life() == *life);
    Ok(proofs)
}

fn all_proofs(records: &impl Records, circle: &Circle) -> Result<Vec<ForkProof>, StoreFault> {
    let mut proofs = Vec::new();
    for record in circles::records_of(records, &circle.id)? {
        if record.kind == RecordKind::ForkProof {
            proofs.push(ForkProof::decode(&record.bytes)?);
        }
    }
    Ok(proofs)
}
