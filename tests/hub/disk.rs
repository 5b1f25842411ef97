//! An office's disk.

use homeward::id::{CircleId, Hash, LogId, NodeId, PartnerId};
use homeward::log::{Charter, Header, HeadsEntry, HeldHeads, Kind, Segment};
use homeward::seal::{Card, Certificate};
use homeward::sign::Signed;
use homeward::sync::{Arrival, CircleRecord, Hub, PeerMemory, SaveBatch};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What an office's disk holds: exactly what was saved.
#[derive(Clone, Default)]
pub(crate) struct Disk {
    pub circles: BTreeMap<CircleId, Signed<Charter>>,
    pub logs: BTreeMap<LogId, Vec<Arc<Segment>>>,
    pub apart: BTreeMap<(LogId, Hash), Arc<Segment>>,
    pub records: BTreeMap<Hash, CircleRecord>,
    pub cards: BTreeMap<PartnerId, Signed<Card>>,
    pub certificates: Vec<Signed<Certificate>>,
    pub peers: BTreeMap<(NodeId, CircleId), PeerMemory>,
    pub heads_run: u64,
    pub saves: u64,
    /// What heads may name: digests of what was held, at any time.
    pub held: BTreeSet<(CircleId, Hash)>,
}

impl Disk {
    pub(super) fn save(&mut self, batch: SaveBatch) {
        self.saves += 1;
        for charter in batch.circles {
            self.circles.insert(charter.circle(), charter);
        }
        for (_, hash) in batch.forget {
            self.records.remove(&hash);
        }
        for record in batch.records {
            self.records.insert(record.hash(), record);
        }
        for card in batch.cards {
            self.cards.insert(card.partner, card);
        }
        self.certificates.extend(batch.certificates);
        for arrived in batch.segments {
            match arrived.arrival {
                Arrival::Placed => self.append(arrived.segment),
                Arrival::Branch => self.lay_apart(arrived.segment),
            }
        }
        for moved in batch.moves {
            let log = self.logs.entry(moved.log).or_default();
            for segment in log.split_off(moved.keep as usize) {
                self.lay_apart(segment);
            }
            for hash in moved.place {
                let chosen = self.apart.remove(&(moved.log, hash)).expect("a chosen segment is held");
                self.append(chosen);
            }
            let end = self.logs[&moved.log].last().map_or(Hash::ZERO, |s| s.header().hash());
            assert_eq!(end, moved.end.hash, "a log stands where its hub says");
            self.note_held(moved.log.circle);
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

    fn lay_apart(&mut self, segment: Arc<Segment>) {
        self.apart.insert((segment.header().log(), segment.header().hash()), segment);
    }

    /// Tells a new hub what `start` leaves out.
    pub(super) fn recall(&self, hub: &mut Hub) {
        let mut logs: BTreeSet<LogId> = self.logs.keys().copied().collect();
        logs.extend(self.apart.keys().map(|(log, _)| *log));
        for log in logs {
            let apart = self.apart.iter().filter(|((of, _), _)| *of == log);
            let apart: Vec<Signed<Header>> = apart.map(|(_, s)| s.header().clone()).collect();
            let placed = self.logs.get(&log).into_iter().flatten().map(|s| s.header());
            let epochs = placed.filter(|h| h.kind == Kind::Epoch).map(|h| (h.number, h.epoch));
            hub.recall(&log, &apart, &epochs.collect::<Vec<_>>());
        }
    }

    /// A disk takes nothing but the next segment of a log of a circle that it knows.
    pub(crate) fn append(&mut self, segment: Arc<Segment>) {
        let header = segment.header().clone();
        assert!(self.circles.contains_key(&header.circle), "a segment of an unknown circle was saved");
        let log = self.logs.entry(header.log()).or_default();
        assert_eq!(header.number, log.len() as u64 + 1, "a log was saved out of order");
        let last = log.last().map_or(Hash::ZERO, |s| s.header().hash());
        assert_eq!(header.previous, last, "a log was saved that does not chain");
        log.push(segment);
        self.note_held(header.circle);
    }

    fn note_held(&mut self, circle: CircleId) {
        let ends = self.logs.iter().filter(|(log, _)| log.circle == circle).filter_map(|(log, list)| {
            let last = list.last()?.header();
            Some((log.life, HeadsEntry { number: last.number, hash: last.hash() }))
        });
        let digest = HeldHeads(ends.collect()).digest();
        self.held.insert((circle, digest));
    }

    pub(crate) fn length(&self, log: &LogId) -> u64 {
        self.logs.get(log).map_or(0, |log| log.len() as u64)
    }
}
