//! What an office's disk holds: exactly what was saved. Everything else is gone after a crash.

use homeward::id::{CaseId, CircleId, EpochId, Hash, Life, LogId, NodeId, PartnerId};
use homeward::log::{ChainEnd, Charter, Segment};
use homeward::node::cut::OwnLog;
use homeward::register::Stamped;
use homeward::seal::{Card, Certificate, EpochSecret};
use homeward::sign::Signed;
use homeward::sync::{Arrival, CircleRecord, CircleStart, LogStart, PeerMemory, SaveBatch};
use homeward::time::Millis;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A segment with when it was first seen here.
#[derive(Clone)]
pub(crate) struct Stored {
    pub segment: Arc<Segment>,
    pub seen: Millis,
}

#[derive(Clone, Default)]
pub(crate) struct Disk {
    pub circles: BTreeMap<CircleId, Signed<Charter>>,
    pub logs: BTreeMap<LogId, Vec<Stored>>,
    pub records: BTreeMap<Hash, CircleRecord>,
    pub cards: BTreeMap<PartnerId, Signed<Card>>,
    pub certificates: Vec<Signed<Certificate>>,
    pub peers: BTreeMap<(NodeId, CircleId), PeerMemory>,
    pub heads_run: u64,
    /// Edits that are in no segment yet, by circle.
    pub waiting: BTreeMap<CircleId, Vec<Stamped>>,
    /// Where our own logs stand.
    pub own: BTreeMap<CircleId, OwnLog>,
    /// Keys of epochs.
    pub epochs: BTreeMap<EpochId, EpochSecret>,
    /// Caches: sheets, and how far each circle is applied. May be lost.
    pub sheets: BTreeMap<(CircleId, CaseId), Vec<u8>>,
    pub applied: BTreeMap<CircleId, Vec<u8>>,
}

impl Disk {
    pub(crate) fn save(&mut self, batch: SaveBatch) {
        for charter in batch.circles {
            self.circles.insert(charter.circle(), charter);
        }
        for record in batch.records {
            self.records.insert(record.hash(), record);
        }
        for card in batch.cards {
            self.cards.insert(card.partner, card);
        }
        self.certificates.extend(batch.certificates);
        for arrived in batch.segments {
            assert_eq!(arrived.arrival, Arrival::Placed, "an honest log was forked");
            self.append(arrived.segment, arrived.seen);
        }
        for memory in batch.peers {
            let memory = PeerMemory::decode(&memory.encode()).unwrap();
            self.peers.insert((memory.node, memory.circle), memory);
        }
        if let Some(run) = batch.heads_run {
            assert!(run > self.heads_run, "running numbers only grow");
            self.heads_run = run;
        }
    }

    /// A disk takes nothing but the next segment of a log of a circle that it knows.
    pub(crate) fn append(&mut self, segment: Arc<Segment>, seen: Millis) {
        let header = segment.header().clone();
        assert!(self.circles.contains_key(&header.circle), "a segment of an unknown circle was saved");
        let log = self.logs.entry(header.log()).or_default();
        assert_eq!(header.number, log.len() as u64 + 1, "a log was saved out of order");
        let last = log.last().map_or(Hash::ZERO, |stored| stored.segment.header().hash());
        assert_eq!(header.previous, last, "a log was saved that does not chain");
        log.push(Stored { segment, seen });
    }

    pub(crate) fn length(&self, log: &LogId) -> u64 {
        self.logs.get(log).map_or(0, |log| log.len() as u64)
    }

    /// The logs of a circle.
    pub(crate) fn logs_of(&self, circle: CircleId) -> impl Iterator<Item = (Life, &Vec<Stored>)> {
        self.logs.iter().filter(move |(log, _)| log.circle == circle).map(|(log, list)| (log.life, list))
    }

    pub(crate) fn segment(&self, log: &LogId, number: u64) -> Option<&Stored> {
        self.logs.get(log)?.get(usize::try_from(number.checked_sub(1)?).ok()?)
    }

    /// Edits that wait to be cut.
    pub(crate) fn waits(&self) -> bool {
        self.waiting.values().any(|list| !list.is_empty())
    }

    /// What a hub is told at its start.
    pub(crate) fn circle_starts(&self) -> Vec<CircleStart> {
        let start = |(circle, charter): (&CircleId, &Signed<Charter>)| CircleStart {
            charter: charter.clone(),
            accepted: true,
            logs: self.logs_of(*circle).filter_map(|(life, list)| log_start(life, list)).collect(),
            records: self.records.values().filter(|record| record.circle() == *circle).cloned().collect(),
        };
        self.circles.iter().map(start).collect()
    }
}

fn log_start(life: Life, list: &[Stored]) -> Option<LogStart> {
    let header = list.last()?.segment.header();
    Some(LogStart {
        life,
        partner: header.partner,
        end: ChainEnd { number: header.number, hash: header.hash(), epoch: header.epoch },
        hashes: list.iter().map(|stored| stored.segment.header().hash()).collect(),
    })
}
