//! One circle as the hub holds it: logs, records, signed heads. And one peer's view of it.

use super::directory::Directory;
use super::port::{CircleRecord, CircleStart, PeerMemory, Told};
use super::status::{CircleStatus, ForkStatus, LogStatus};
use crate::id::{CircleId, Hash, Life, NodeId, PartnerId};
use crate::log::{ChainEnd, Charter, Closure, Heads, HeadsEntry, HeldHeads, counts_through};
use crate::sign::{Domain, Signed, hash};
use crate::time::Millis;
use std::collections::BTreeMap;
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
    /// The lowest number with two headers.
    pub(super) fork: Option<u64>,
    /// The last number that is taken, if a fork or closure says.
    pub(super) through: Option<u64>,
}

impl Log {
    pub(super) fn new(partner: PartnerId) -> Self {
        Self {
            partner,
            saved: ChainEnd::EMPTY,
            taken: ChainEnd::EMPTY,
            hashes: BTreeMap::new(),
            fork: None,
            through: None,
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

    /// Names of all records and of the newest cards of the circle's partners, sorted.
    pub(super) fn record_hashes(&self, directory: &Directory) -> Vec<Hash> {
        let cards = self.charter.partners().filter_map(|p| directory.card(p)).map(Signed::hash);
        let mut all: Vec<Hash> = self.records.keys().copied().chain(cards).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// One name for all of them.
    pub(super) fn records_digest(&self, directory: &Directory) -> Hash {
        let hashes = self.record_hashes(directory);
        let fields: Vec<&[u8]> = hashes.iter().map(|h| h.0.as_slice()).collect();
        hash(Domain::Records, &fields)
    }

    /// Takes a checked record in; `false` if it is here already.
    pub(super) fn learn_record(&mut self, record: CircleRecord) -> bool {
        let name = record.hash();
        if self.records.contains_key(&name) {
            return false;
        }
        let owner = match &record {
            CircleRecord::Fork(proof) => {
                let [header, _] = proof.headers();
                let log = self.logs.entry(proof.life()).or_insert_with(|| Log::new(header.partner));
                log.fork = Some(log.fork.map_or(proof.number(), |lowest| lowest.min(proof.number())));
                Some((header.partner, header.node))
            }
            CircleRecord::Closure(closure) => Some((closure.partner, closure.node)),
            CircleRecord::Grant(_) => None,
        };
        self.records.insert(name, record);
        if let Some((partner, node)) = owner {
            self.bound_logs(&partner, &node);
        }
        true
    }

    /// The closure that rules a node's logs here: the highest serial; of two, the higher hash, so that all agree.
    pub(super) fn ruling(&self, partner: &PartnerId, node: &NodeId) -> Option<&Signed<Closure>> {
        self.records
            .values()
            .filter_map(|record| match record {
                CircleRecord::Closure(closure) if closure.node == *node && closure.partner == *partner => {
                    Some(closure)
                }
                _ => None,
            })
            .max_by_key(|closure| (closure.serial, closure.hash()))
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

    /// Through where each log of a node is taken.
    fn bound_logs(&mut self, partner: &PartnerId, node: &NodeId) {
        let ruling = self.ruling(partner, node).cloned();
        let theirs = |life: &Life, log: &Log| life.node == *node && log.partner == *partner;
        for (life, log) in self.logs.iter_mut().filter(|(life, log)| theirs(life, log)) {
            let closure = ruling.as_ref().map(Signed::get);
            let named = closure.and_then(|c| c.through.iter().find(|p| p.instance == life.instance));
            // A closure that names the branch we do not stand on cannot carry ours past the fork.
            let other_branch =
                named.is_some_and(|p| log.hashes.get(&p.number).is_some_and(|here| *here != p.hash));
            log.through = counts_through(life.instance, log.fork, if other_branch { None } else { closure });
        }
    }

    /// The log of `life`, made if it is new, with what is known of its bounds.
    pub(super) fn log_mut(&mut self, life: Life, partner: PartnerId) -> &mut Log {
        let known = self.logs.contains_key(&life);
        self.logs.entry(life).or_insert_with(|| Log::new(partner));
        if !known {
            self.bound_logs(&partner, &life.node);
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
    /// Whether the disk does not have this yet.
    pub(super) dirty: bool,
}

/// What we know of a peer node.
#[derive(Clone, Debug, Default)]
pub(super) struct Peer {
    pub(super) circles: BTreeMap<CircleId, View>,
    pub(super) contact: Option<Millis>,
}

impl Peer {
    /// Takes up what was remembered; damaged heads are as good as none.
    pub(super) fn remember(&mut self, memory: PeerMemory) {
        let theirs = memory.theirs.and_then(|(record, entries, records)| {
            let heads = Signed::<Heads>::decode_own_store(&record).ok()?;
            Some(Theirs { heads, entries: Arc::new(entries), records })
        });
        self.contact = self.contact.max(Some(memory.contact));
        self.circles.insert(memory.circle, View { theirs, told: memory.told, dirty: false });
    }
}
