//! One circle as the hub holds it: logs, records, signed heads. And one peer's view of it.

use super::directory::Directory;
use super::message::RecordKind;
use super::port::{CircleRecord, CircleStart, PeerMemory, Told};
use super::status::{CircleStatus, ForkStatus, LogStatus};
use crate::id::{CircleId, EpochId, Hash, Life, NodeId, PartnerId};
use crate::limit;
use crate::log::{ChainEnd, Charter, Closure, Heads, HeadsEntry, HeldHeads};
use crate::sign::{Domain, Signed, hash};
use crate::time::Millis;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// One log.
#[derive(Debug)]
pub(super) struct Log {
    /// The partner that its headers name: whose closures bound it.
    pub(super) partner: PartnerId,
    /// Its end as the disk has it: what heads may name.
    pub(super) saved: ChainEnd,
    /// Its end with what is on its way to the disk.
    pub(super) taken: ChainEnd,
    /// Header hashes by number, as far as known.
    pub(super) hashes: BTreeMap<u64, Hash>,
    /// The epochs that it founded, by number, as far as known.
    pub(super) epochs: BTreeMap<u64, EpochId>,
    /// What is held of it beside what counts, by header hash: see [`super::branches`].
    pub(super) apart: BTreeMap<Hash, Apart>,
    /// The lowest number with two headers.
    pub(super) fork: Option<u64>,
    /// The last number that is taken, if a fork or closure says.
    pub(super) through: Option<u64>,
    /// Whether a closure names a segment that does not stand here yet.
    pub(super) unsettled: bool,
    /// Whether a segment was let go since too many are apart.
    pub(super) turned_away: bool,
}

/// A segment that does not count, or does not yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Apart {
    pub(super) number: u64,
    pub(super) previous: Hash,
    pub(super) epoch: EpochId,
    pub(super) founds: bool,
}

impl Log {
    pub(super) fn new(partner: PartnerId) -> Self {
        Self {
            partner,
            saved: ChainEnd::EMPTY,
            taken: ChainEnd::EMPTY,
            hashes: BTreeMap::new(),
            epochs: BTreeMap::new(),
            apart: BTreeMap::new(),
            fork: None,
            through: None,
            unsettled: false,
            turned_away: false,
        }
    }

    /// The last number that others may be sent.
    pub(super) fn sendable(&self) -> u64 {
        self.wanted(self.saved.number)
    }

    /// How much of a log of `number` segments is taken.
    pub(super) fn wanted(&self, number: u64) -> u64 {
        self.through.map_or(number, |through| through.min(number))
    }
}

/// Heads as they were last signed.
#[derive(Clone, Debug)]
pub(super) struct SignedHeads {
    pub(super) heads: Signed<Heads>,
    pub(super) entries: Arc<HeldHeads>,
}

/// Segments that one of two sides lacks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Gap {
    pub(super) they_lack: u64,
    pub(super) we_lack: u64,
}

/// Grants kept of each member, and whose node is whose.
pub(super) struct GrantsGiven {
    owners: BTreeMap<NodeId, PartnerId>,
    counts: BTreeMap<Option<PartnerId>, usize>,
}

impl GrantsGiven {
    /// Whether its partner is a member, and has given fewer than are kept.
    pub(super) fn is_within(&self, granter: &NodeId) -> bool {
        let Some(partner) = self.owners.get(granter) else { return false };
        self.counts.get(&Some(*partner)).is_none_or(|count| *count < limit::GRANTS_OF_ONE_PARTNER)
    }
}

/// One circle.
#[derive(Debug)]
pub(super) struct Circle {
    pub(super) charter: Signed<Charter>,
    pub(super) accepted: bool,
    /// Whether the disk has its charter.
    pub(super) saved: bool,
    pub(super) logs: BTreeMap<Life, Log>,
    pub(super) records: BTreeMap<Hash, CircleRecord>,
    pub(super) signed: Option<SignedHeads>,
    /// Heads that are being signed.
    pub(super) signing: bool,
    /// Whether `saved` ends moved since the last signature was asked for.
    pub(super) moved: bool,
}

impl Circle {
    pub(super) fn new(charter: Signed<Charter>, accepted: bool, saved: bool) -> Self {
        Self {
            charter,
            accepted,
            saved,
            logs: BTreeMap::new(),
            records: BTreeMap::new(),
            signed: None,
            signing: false,
            moved: true,
        }
    }

    pub(super) fn from_start(start: CircleStart) -> Self {
        let mut circle = Self::new(start.charter, start.accepted, true);
        for log in start.logs {
            let first = (log.end.number + 1).saturating_sub(log.hashes.len() as u64);
            let mut hashes: BTreeMap<u64, Hash> = (first..).zip(log.hashes).collect();
            hashes.insert(log.end.number, log.end.hash);
            let known = Log { saved: log.end, taken: log.end, hashes, ..Log::new(log.partner) };
            circle.logs.insert(log.life, known);
        }
        for record in start.records {
            circle.learn_record(record);
        }
        circle
    }

    pub(super) fn id(&self) -> CircleId {
        self.charter.circle()
    }

    /// What we hold, as heads say it.
    pub(super) fn entries(&self) -> HeldHeads {
        let ends = self.logs.iter().filter(|(_, log)| log.saved.number > 0);
        HeldHeads(
            ends.map(|(life, log)| (*life, HeadsEntry { number: log.saved.number, hash: log.saved.hash }))
                .collect(),
        )
    }

    /// What either side lacks, given the entries of the other's heads.
    pub(super) fn gap(&self, theirs: &HeldHeads) -> Gap {
        let they_lack =
            self.logs.iter().map(|(life, log)| log.sendable().saturating_sub(theirs.number(life))).sum();
        let we_lack = theirs
            .0
            .iter()
            .map(|(life, entry)| match self.logs.get(life) {
                Some(log) => log.wanted(entry.number).saturating_sub(log.saved.number),
                None => entry.number,
            })
            .sum();
        Gap { they_lack, we_lack }
    }

    /// Segments of one node that the other has not confirmed.
    pub(super) fn they_lack_of(&self, theirs: &HeldHeads, node: &NodeId) -> u64 {
        self.logs
            .iter()
            .filter(|(life, _)| life.node == *node)
            .map(|(life, log)| log.sendable().saturating_sub(theirs.number(life)))
            .sum()
    }

    /// Names of all records and of the newest cards of the circle's partners, sorted. Grants of a partner that has given
    /// as many as are kept are left out: two nodes that keep different ones of a flood would never agree.
    pub(super) fn record_hashes(&self, directory: &Directory) -> Vec<Hash> {
        let cards = self.charter.partners().filter_map(|p| directory.card(p)).map(Signed::hash);
        let given = self.grants_given(directory);
        let counts = |record: &CircleRecord| match record {
            CircleRecord::Grant(grant) => given.is_within(&grant.from),
            _ => true,
        };
        let records = self.records.iter().filter(|(_, record)| counts(record)).map(|(hash, _)| *hash);
        let mut all: Vec<Hash> = records.chain(cards).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// How many grants each member's nodes gave, by the newest cards: what else is known of nodes, by links and first
    /// segments, differs from node to node, and two that judged grants by it would never agree which there are.
    pub(super) fn grants_given(&self, directory: &Directory) -> GrantsGiven {
        let members = self.charter.members.iter();
        let owners: BTreeMap<NodeId, PartnerId> =
            members.flat_map(|member| directory.on_card(member).map(|node| (node, *member))).collect();
        let mut counts = BTreeMap::new();
        for record in self.records.values() {
            if let CircleRecord::Grant(grant) = record {
                *counts.entry(owners.get(&grant.from).copied()).or_default() += 1;
            }
        }
        GrantsGiven { owners, counts }
    }

    /// One name for all of them, and for what is held apart of cut logs.
    pub(super) fn records_digest(&self, directory: &Directory) -> Hash {
        let mut hashes = self.record_hashes(directory);
        for (life, log) in self.cut_logs() {
            hashes.extend([Hash(life.node.0), log.apart_digest()]);
        }
        let fields: Vec<&[u8]> = hashes.iter().map(|h| h.0.as_slice()).collect();
        hash(Domain::Records, &fields)
    }

    /// Logs that a fork or closure cuts, and of which something is held apart.
    pub(super) fn cut_logs(&self) -> impl Iterator<Item = (&Life, &Log)> {
        self.logs.iter().filter(|(_, log)| log.through.is_some() && !log.apart.is_empty())
    }

    /// Takes a checked record in, in the place of those that it makes superfluous: of fork proofs of one log the lowest
    /// is kept, of closures of one node the one that rules. Gives the names of those; `None` if it is no news.
    pub(super) fn learn_record(&mut self, record: CircleRecord) -> Option<Vec<Hash>> {
        let name = record.hash();
        if self.records.contains_key(&name) {
            return None;
        }
        let replaced: Vec<Hash> = match &record {
            CircleRecord::Fork(proof) => {
                let held = self.proof_of(&proof.life());
                if held.is_some_and(|(hash, number)| (number, hash) < (proof.number(), name)) {
                    return None;
                }
                let replaced = held.map(|(hash, _)| hash);
                let [header, _] = proof.headers();
                let log = self.logs.entry(proof.life()).or_insert_with(|| Log::new(header.partner));
                log.fork = Some(proof.number());
                replaced.into_iter().collect()
            }
            CircleRecord::Closure(closure) => {
                let held = self.ruling(&closure.partner, &closure.node);
                if held.is_some_and(|held| held.rank() > closure.rank()) {
                    return None;
                }
                held.map(Signed::hash).into_iter().collect()
            }
            CircleRecord::Grant(_) => Vec::new(),
        };
        for hash in &replaced {
            self.records.remove(hash);
        }
        self.records.insert(name, record);
        Some(replaced)
    }

    /// The proof held of a log: its name and number.
    fn proof_of(&self, life: &Life) -> Option<(Hash, u64)> {
        self.records.iter().find_map(|(hash, record)| match record {
            CircleRecord::Fork(proof) if proof.life() == *life => Some((*hash, proof.number())),
            _ => None,
        })
    }

    /// Whose logs proofs are held of.
    pub(super) fn proofs(&self) -> impl Iterator<Item = (PartnerId, Life)> {
        self.records.values().filter_map(|record| match record {
            CircleRecord::Fork(proof) => {
                let [header, _] = proof.headers();
                Some((header.partner, proof.life()))
            }
            _ => None,
        })
    }

    /// How many nodes of a partner are closed or settled here.
    pub(super) fn closed_nodes(&self, partner: &PartnerId) -> usize {
        let closures = self.records.values();
        closures.filter(|record| matches!(record, CircleRecord::Closure(c) if c.partner == *partner)).count()
    }

    /// Records of a kind.
    pub(super) fn count(&self, kind: RecordKind) -> usize {
        self.records.values().filter(|record| record.kind() == kind).count()
    }

    /// The closure that rules a node's logs here.
    pub(super) fn ruling(&self, partner: &PartnerId, node: &NodeId) -> Option<&Signed<Closure>> {
        self.records
            .values()
            .filter_map(|record| match record {
                CircleRecord::Closure(closure) if closure.node == *node && closure.partner == *partner => {
                    Some(closure)
                }
                _ => None,
            })
            .max_by_key(|closure| closure.rank())
    }

    /// Nodes that their partners retired here.
    pub(super) fn retired(&self) -> Vec<(PartnerId, NodeId)> {
        let closures = self.records.values().filter_map(|record| match record {
            CircleRecord::Closure(closure) => Some((closure.partner, closure.node)),
            _ => None,
        });
        let retired = |(partner, node): &(PartnerId, NodeId)| {
            self.ruling(partner, node).is_some_and(|closure| closure.retired)
        };
        closures.filter(retired).collect()
    }

    /// The log of `life`, made if it is new, with what is known of its bounds.
    pub(super) fn log_mut(&mut self, life: Life, partner: PartnerId) -> &mut Log {
        let known = self.logs.contains_key(&life);
        self.logs.entry(life).or_insert_with(|| Log::new(partner));
        if !known {
            let ruling = self.ruling(&partner, &life.node).cloned();
            if let Some(log) = self.logs.get_mut(&life) {
                log.through = log.stand(life.instance, ruling.as_deref()).through;
            }
        }
        self.logs.entry(life).or_insert_with(|| Log::new(partner))
    }

    pub(super) fn status(&self) -> CircleStatus {
        CircleStatus {
            circle: self.id(),
            logs: self
                .logs
                .iter()
                .map(|(life, log)| LogStatus { life: *life, number: log.saved.number, through: log.through })
                .collect(),
            forks: self
                .logs
                .iter()
                .filter_map(|(life, log)| log.fork.map(|number| ForkStatus { life: *life, number }))
                .collect(),
            records: self.records.len() as u64,
        }
    }
}

/// A peer's last signed heads.
#[derive(Clone, Debug)]
pub(super) struct Theirs {
    pub(super) heads: Signed<Heads>,
    pub(super) entries: Arc<HeldHeads>,
    pub(super) records: Hash,
}

/// What we know of a peer in one circle.
#[derive(Clone, Debug, Default)]
pub(super) struct View {
    pub(super) theirs: Option<Theirs>,
    pub(super) told: Option<Told>,
    /// Logs of which it shows less than it did, not known yet to be cut.
    pub(super) shrunk: BTreeSet<Life>,
    /// Whether the disk does not have this yet.
    pub(super) dirty: bool,
}

/// What we know of a peer node.
#[derive(Clone, Debug, Default)]
pub(super) struct Peer {
    pub(super) circles: BTreeMap<CircleId, View>,
    pub(super) contact: Option<Millis>,
    /// Epoch keys that it was asked for: when it may be asked again, and the pause after that. On whatever link, for a
    /// node whose links come and go has no more to give than another.
    pub(super) keys_asked: BTreeMap<(CircleId, EpochId), (Millis, u64)>,
}

impl Peer {
    /// Whether it may be asked for a key now.
    pub(super) fn may_be_asked(&self, now: Millis, key: &(CircleId, EpochId)) -> bool {
        match self.keys_asked.get(key) {
            Some((next, _)) => *next <= now,
            None => {
                self.keys_asked.len() < limit::GRANT_ASKS_PER_HOUR
                    || self.keys_asked.values().any(|(next, _)| *next <= now)
            }
        }
    }

    /// It is asked for a key now. Each pause until it is asked again is twice the one before: it may not have read the
    /// epoch yet, but mostly it has nothing to give.
    pub(super) fn is_asked(&mut self, now: Millis, key: (CircleId, EpochId)) {
        if self.keys_asked.len() >= limit::GRANT_ASKS_PER_HOUR {
            self.keys_asked.retain(|other, (next, _)| *other == key || *next > now);
        }
        let (next, pause) = self.keys_asked.entry(key).or_insert((now, limit::GRANT_ASK_AGAIN_MS));
        *next = now.plus(*pause);
        *pause = (*pause * 2).min(limit::GRANT_ASK_LONGEST_MS);
    }

    /// Takes up what was remembered; damaged heads are as good as none.
    pub(super) fn remember(&mut self, memory: PeerMemory) {
        let theirs = memory.theirs.and_then(|(record, entries, records)| {
            let heads = Signed::<Heads>::decode_own_store(&record).ok()?;
            Some(Theirs { heads, entries: Arc::new(entries), records })
        });
        self.contact = self.contact.max(Some(memory.contact));
        self.circles
            .insert(memory.circle, View { theirs, told: memory.told, shrunk: BTreeSet::new(), dirty: false });
    }
}
