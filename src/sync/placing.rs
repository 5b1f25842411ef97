//! From the gate to the disk: batches, one at a time, and what waits for its predecessor.
//!
//! While one batch is on its way the next gathers, so the batches grow with the disk's slowness. Only what is saved is
//! acknowledged, shown to other peers or sent on.

use super::gate::Verdict;
use super::hub::Hub;
use super::port::{Arrival, Arrived, BranchMove, CircleRecord, Event, Output, SaveBatch, Ticket};
use crate::id::{CircleId, Life, LogId, NodeId};
use crate::limit;
use crate::log::{ChainEnd, Header, Segment, check_next};
use crate::sign::Signed;
use crate::time::Millis;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// Unsaved bytes of segments from which the hub wants no more frames.
pub(super) const BACKLOG_BYTES: usize = 4 * 1024 * 1024;
/// How long a refused batch waits before it is tried again, in milliseconds.
const SAVE_AGAIN_MS: u64 = 2_000;
/// Bytes of segments kept at hand for sending on.
const RECENT_BYTES: usize = 4 * 1024 * 1024;
/// What a segment costs beside its body, in bytes.
const SEGMENT_COST: usize = 1024;

fn cost(segment: &Segment) -> usize {
    segment.body().len() + SEGMENT_COST
}

/// The batch that is out.
pub(super) enum Saving {
    /// None.
    Idle,
    /// On its way.
    Out { ticket: Ticket, batch: Box<SaveBatch> },
    /// Refused: to be tried again.
    Failed { again: Millis, batch: Box<SaveBatch> },
}

/// A segment whose predecessor is missing.
struct Waiting {
    segment: Segment,
    from: NodeId,
    since: Millis,
}

/// Segments whose predecessor is missing, bounded by who brought them and in time.
#[derive(Default)]
pub(super) struct Unplaced {
    waiting: BTreeMap<(LogId, u64), Waiting>,
    held: BTreeMap<NodeId, (usize, usize)>,
    bytes: usize,
    /// Places in the order in which they were taken; some may be free again.
    order: VecDeque<(Millis, (LogId, u64))>,
}

impl Unplaced {
    pub(super) fn count(&self) -> usize {
        self.waiting.len()
    }

    /// Keeps a segment if its bringer has not used up its share. Where all of it is used up, whoever has most gives way
    /// to whoever has less.
    pub(super) fn keep(&mut self, now: Millis, segment: Segment, from: NodeId) -> Verdict {
        let place = (segment.header().log(), segment.header().number);
        if self.waiting.contains_key(&place) {
            return Verdict::Repeat;
        }
        let (count, bytes) = self.held.get(&from).copied().unwrap_or_default();
        let cost = cost(&segment);
        if count >= limit::UNPLACED_SEGMENTS || bytes + cost > limit::UNPLACED_BYTES {
            return Verdict::Stopped;
        }
        while self.bytes + cost > limit::UNPLACED_ALL_BYTES {
            let most = self.held.iter().max_by_key(|(node, (_, bytes))| (*bytes, **node));
            let Some((greedy, _)) = most.filter(|(_, (_, most))| *most > bytes + cost) else {
                return Verdict::Stopped;
            };
            let greedy = *greedy;
            let Some(last) = self.waiting.iter().rfind(|(_, w)| w.from == greedy).map(|(place, _)| *place)
            else {
                return Verdict::Stopped;
            };
            self.take(last.0, last.1);
        }
        self.held.insert(from, (count + 1, bytes + cost));
        self.bytes += cost;
        self.order.push_back((now, place));
        self.waiting.insert(place, Waiting { segment, from, since: now });
        Verdict::Unplaced
    }

    /// Whether this very segment waits here.
    pub(super) fn holds(&self, header: &Signed<Header>) -> bool {
        let waiting = self.waiting.get(&(header.log(), header.number));
        waiting.is_some_and(|waiting| waiting.segment.header().hash() == header.hash())
    }

    /// Bytes, by who brought them.
    pub(super) fn by_bringer(&self) -> impl Iterator<Item = (NodeId, usize)> {
        self.held.iter().map(|(node, (_, bytes))| (*node, *bytes))
    }

    /// When the oldest is given up.
    pub(super) fn first_deadline(&self) -> Option<Millis> {
        self.order.front().map(|(since, _)| since.plus(limit::UNPLACED_MS))
    }

    /// Gives up what has waited too long: it comes again when a peer shows that it holds it.
    pub(super) fn expire(&mut self, now: Millis) {
        while self.first_deadline().is_some_and(|due| due <= now)
            && let Some((since, (log, number))) = self.order.pop_front()
        {
            if self.waiting.get(&(log, number)).is_some_and(|waiting| waiting.since == since) {
                self.take(log, number);
            }
        }
    }

    /// Takes out all of a log beyond a number.
    pub(super) fn beyond(&mut self, log: LogId, through: u64) -> Vec<(Segment, NodeId)> {
        let places = self.waiting.range((log, through.saturating_add(1))..=(log, u64::MAX));
        let numbers: Vec<u64> = places.map(|((_, number), _)| *number).collect();
        numbers.into_iter().filter_map(|number| self.take(log, number)).collect()
    }

    fn take(&mut self, log: LogId, number: u64) -> Option<(Segment, NodeId)> {
        let Waiting { segment, from, .. } = self.waiting.remove(&(log, number))?;
        let cost = cost(&segment);
        self.bytes -= cost.min(self.bytes);
        if let Some((count, bytes)) = self.held.get_mut(&from) {
            *count -= 1.min(*count);
            *bytes -= cost.min(*bytes);
            if *count == 0 {
                self.held.remove(&from);
            }
        }
        // Places that are free again go when there are many more of them than of those taken.
        if self.order.len() > 2 * self.waiting.len() + limit::UNPLACED_SEGMENTS {
            let waiting = &self.waiting;
            self.order.retain(|(since, place)| waiting.get(place).is_some_and(|w| w.since == *since));
        }
        Some((segment, from))
    }
}

/// Segments met lately: sent on without asking the disk.
#[derive(Default)]
pub(super) struct Recent {
    segments: BTreeMap<(LogId, u64), Arc<Segment>>,
    order: VecDeque<(LogId, u64)>,
    bytes: usize,
}

impl Recent {
    pub(super) fn put(&mut self, segment: Arc<Segment>) {
        let place = (segment.header().log(), segment.header().number);
        let cost = cost(&segment);
        if self.segments.insert(place, segment).is_none() {
            self.order.push_back(place);
            self.bytes += cost;
        }
        while self.bytes > RECENT_BYTES
            && let Some(oldest) = self.order.pop_front()
        {
            if let Some(segment) = self.segments.remove(&oldest) {
                self.bytes -= self::cost(&segment).min(self.bytes);
            }
        }
    }

    /// Drops what is at hand of a log.
    pub(super) fn forget(&mut self, log: &LogId) {
        let places = self.segments.range((*log, 0)..=(*log, u64::MAX));
        let places: Vec<(LogId, u64)> = places.map(|(place, _)| *place).collect();
        for place in places {
            if let Some(segment) = self.segments.remove(&place) {
                self.bytes -= cost(&segment).min(self.bytes);
            }
            self.order.retain(|other| *other != place);
        }
    }

    /// Bytes kept.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn get(&self, log: &LogId, number: u64) -> Option<&Arc<Segment>> {
        self.segments.get(&(*log, number))
    }
}

impl Hub {
    /// Bytes of segments that the disk has not confirmed.
    pub(super) fn backlog(&self) -> usize {
        let out = match &self.saving {
            Saving::Idle => 0,
            Saving::Out { batch, .. } | Saving::Failed { batch, .. } => bytes(batch),
        };
        out + bytes(&self.pending)
    }

    /// The bound of running numbers that a batch under way makes durable.
    pub(super) fn saving_run(&self) -> Option<u64> {
        match &self.saving {
            Saving::Idle => None,
            Saving::Out { batch, .. } | Saving::Failed { batch, .. } => batch.heads_run,
        }
    }

    /// A checked segment joins its log and the next batch.
    pub(super) fn place(&mut self, now: Millis, segment: Segment, end: ChainEnd, from: NodeId) {
        let id = segment.header().log();
        let partner = segment.header().partner;
        if let Some(circle) = self.circles.get_mut(&id.circle) {
            let log = circle.log_mut(id.life, partner);
            log.taken = end;
            log.note(segment.header());
        }
        let segment = Arc::new(segment);
        let arrival = if self.joins_move(&end, &id) { Arrival::Branch } else { Arrival::Placed };
        self.pending.segments.push(Arrived { segment, arrival, seen: now, from });
    }

    /// What waited for the segment that was placed.
    pub(super) fn place_successors(&mut self, now: Millis, id: LogId) {
        loop {
            let Some(next) = self.log(&id).map(|log| log.taken.number + 1) else { return };
            let Some((segment, from)) = self.unplaced.take(id, next) else { return };
            let Some(circle) = self.circles.get(&id.circle) else { return };
            let Some(log) = circle.logs.get(&id.life) else { return };
            let stopped = log.through.is_some_and(|through| next > through);
            match check_next(&circle.charter, &log.taken, segment.header()) {
                Ok(end) if !stopped => self.place(now, segment, end, from),
                // It came before it could be judged: its bringer is not to blame for more than its place.
                _ => return,
            }
        }
    }

    /// Sends the gathered batch to the disk if none is out.
    pub(super) fn save(&mut self, now: Millis) {
        let batch = match &self.saving {
            Saving::Out { .. } => return,
            Saving::Failed { again, .. } if *again > now => return,
            Saving::Failed { batch, .. } => batch.clone(),
            Saving::Idle if self.pending.is_empty() => return,
            Saving::Idle => Box::new(std::mem::take(&mut self.pending)),
        };
        let ticket = self.ticket();
        self.saving = Saving::Out { ticket, batch: batch.clone() };
        self.out(Output::Save { ticket, batch });
    }

    pub(super) fn save_failed(&mut self, now: Millis, answered: Ticket) {
        match std::mem::replace(&mut self.saving, Saving::Idle) {
            Saving::Out { ticket, batch } if ticket == answered => {
                self.saving = Saving::Failed { again: now.plus(SAVE_AGAIN_MS), batch };
                self.event(Event::SaveTrouble);
            }
            other => self.saving = other,
        }
    }

    /// A batch is durable: now it may be acknowledged and sent on.
    pub(super) fn saved(&mut self, answered: Ticket) {
        let batch = match std::mem::replace(&mut self.saving, Saving::Idle) {
            Saving::Out { ticket, batch } if ticket == answered => batch,
            other => {
                self.saving = other;
                return;
            }
        };
        if let Some(run) = batch.heads_run {
            self.run_reserved = self.run_reserved.max(run);
        }
        for charter in batch.circles {
            let id = charter.circle();
            if let Some(circle) = self.circles.get_mut(&id) {
                circle.saved = true;
                circle.moved = true;
            }
            self.touched.insert(id);
            self.event(Event::CircleLearned { circle: id });
        }
        self.saved_segments(batch.segments);
        self.saved_moves(batch.moves);
        self.saved_records(batch.records);
        for card in batch.cards {
            self.event(Event::CardLearned { partner: card.partner, revision: card.revision });
        }
    }

    fn saved_segments(&mut self, segments: Vec<Arrived>) {
        let mut lives: BTreeMap<CircleId, BTreeSet<Life>> = BTreeMap::new();
        for arrived in segments {
            let id = arrived.segment.header().log();
            lives.entry(id.circle).or_default().insert(id.life);
            if arrived.arrival == Arrival::Placed {
                self.move_saved(&arrived.segment);
                self.recent.put(arrived.segment);
            }
        }
        for (circle, lives) in lives {
            self.event(Event::SegmentsStored { circle, lives: lives.into_iter().collect() });
        }
        self.stir();
    }

    /// Logs stand otherwise.
    fn saved_moves(&mut self, moves: Vec<BranchMove>) {
        for moved in moves {
            let Some(circle) = self.circles.get_mut(&moved.log.circle) else { continue };
            circle.moved = true;
            if let Some(log) = circle.logs.get_mut(&moved.log.life) {
                log.saved = moved.end;
            }
            self.event(Event::LogMoved { log: moved.log });
            self.stir();
        }
    }

    /// A log's durable end moves.
    fn move_saved(&mut self, segment: &Segment) {
        let header = segment.header();
        let Some(circle) = self.circles.get_mut(&header.circle) else { return };
        circle.moved = true;
        let log = circle.log_mut(header.life(), header.partner);
        let epoch = header.epoch;
        log.saved = ChainEnd { number: header.number, hash: header.hash(), epoch };
    }

    /// Our own new segments, durable already.
    pub(super) fn own(&mut self, segments: Vec<Arc<Segment>>) {
        for segment in segments {
            let header = segment.header().clone();
            let Some(circle) = self.circles.get_mut(&header.circle) else { continue };
            let charter = circle.charter.clone();
            let log = circle.log_mut(header.life(), header.partner);
            let Ok(end) = check_next(&charter, &log.taken, &header) else { continue };
            log.taken = end;
            log.note(&header);
            self.move_saved(&segment);
            self.recent.put(segment);
        }
        self.stir();
    }

    fn saved_records(&mut self, records: Vec<CircleRecord>) {
        let mut circles = BTreeSet::new();
        for record in records {
            circles.insert(record.circle());
            if let CircleRecord::Fork(proof) = &record {
                let log = LogId { circle: record.circle(), life: proof.life() };
                self.event(Event::ForkSeen { log, number: proof.number() });
            }
        }
        for circle in circles {
            self.event(Event::RecordsStored { circle });
        }
    }

    /// There may be something to send, and sync may have come or gone.
    pub(super) fn stir(&mut self) {
        for session in self.sessions.values_mut() {
            session.stir();
            session.unchecked = true;
        }
    }

    /// Segments that the disk has not confirmed.
    pub(super) fn unsaved(&self) -> impl Iterator<Item = &Arrived> {
        let out = match &self.saving {
            Saving::Idle => &[][..],
            Saving::Out { batch, .. } | Saving::Failed { batch, .. } => &batch.segments,
        };
        out.iter().chain(&self.pending.segments)
    }

    /// Where a header of ours of this number can be found without the disk.
    pub(super) fn at_hand(&self, log: &LogId, number: u64) -> Option<Arc<Segment>> {
        let here = self.log(log).and_then(|log| log.hashes.get(&number)).copied();
        let placed = self.unsaved().find(|arrived| {
            let header = arrived.segment.header();
            header.number == number && header.log() == *log && here == Some(header.hash())
        });
        placed.map(|a| a.segment.clone()).or_else(|| self.recent.get(log, number).cloned())
    }
}

fn bytes(batch: &SaveBatch) -> usize {
    batch.segments.iter().map(|arrived| cost(&arrived.segment)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{EpochId, Hash, InstanceId, PartnerId};
    use crate::log::{Kind, body_hash};
    use crate::sign::Sign;
    use ed25519_dalek::SigningKey;

    fn segment(number: u64, length: usize) -> Segment {
        let key = SigningKey::from_bytes(&[5; 32]);
        let body = vec![number as u8; length];
        let header = Header {
            version: 1,
            kind: Kind::Work,
            circle: CircleId([1; 32]),
            partner: PartnerId([2; 32]),
            node: NodeId(key.public()),
            instance: InstanceId([3; 16]),
            number,
            previous: Hash([4; 32]),
            epoch: EpochId([5; 32]),
            cut: Millis(1),
            length: length as u32,
            body: body_hash(&body),
            plain: Hash([6; 32]),
            certificate: vec![],
        };
        Segment::new(Signed::sign(header, &key).unwrap(), body).unwrap()
    }

    #[test]
    fn what_waits_is_bounded_by_who_brought_it() {
        let mut unplaced = Unplaced::default();
        let (greedy, modest) = (NodeId([8; 32]), NodeId([9; 32]));
        let now = Millis(0);
        for number in 2..2 + limit::UNPLACED_SEGMENTS as u64 {
            assert_eq!(unplaced.keep(now, segment(number, 10), greedy), Verdict::Unplaced);
        }
        assert_eq!(unplaced.keep(now, segment(9_000, 10), greedy), Verdict::Stopped);
        assert_eq!(unplaced.keep(now, segment(9_000, 10), modest), Verdict::Unplaced);
        assert_eq!(unplaced.keep(now, segment(9_000, 10), modest), Verdict::Repeat);
        // What finds its place makes room again.
        let first = segment(2, 10);
        assert!(unplaced.holds(first.header()));
        assert!(unplaced.take(first.header().log(), 2).is_some());
        assert_eq!(unplaced.keep(now, segment(9_001, 10), greedy), Verdict::Unplaced);
    }

    #[test]
    fn what_waits_too_long_is_given_up() {
        let mut unplaced = Unplaced::default();
        let from = NodeId([8; 32]);
        unplaced.keep(Millis(0), segment(5, 10), from);
        unplaced.keep(Millis(9), segment(6, 10), from);
        // A place that was free and is taken again counts anew.
        unplaced.take(segment(5, 10).header().log(), 5);
        unplaced.keep(Millis(20), segment(5, 10), from);
        assert_eq!(unplaced.first_deadline(), Some(Millis(limit::UNPLACED_MS)));
        unplaced.expire(Millis(limit::UNPLACED_MS + 9));
        assert_eq!(unplaced.count(), 1);
        unplaced.expire(Millis(limit::UNPLACED_MS + 20));
        assert_eq!((unplaced.count(), unplaced.bytes, unplaced.first_deadline()), (0, 0, None));
    }

    #[test]
    fn those_who_fill_all_of_it_give_way_to_those_who_have_less() {
        let mut unplaced = Unplaced::default();
        let greedy = [NodeId([7; 32]), NodeId([8; 32])];
        let mut number = 2;
        for from in greedy {
            while unplaced.keep(Millis(0), segment(number, 1_000_000), from) == Verdict::Unplaced {
                number += 1;
            }
        }
        assert!(unplaced.bytes <= limit::UNPLACED_ALL_BYTES);
        assert_eq!(
            unplaced.keep(Millis(0), segment(number + 1, 1_000_000), NodeId([9; 32])),
            Verdict::Unplaced
        );
        assert!(unplaced.bytes <= limit::UNPLACED_ALL_BYTES);
    }

    #[test]
    fn what_is_kept_at_hand_is_bounded_in_bytes() {
        let mut recent = Recent::default();
        for number in 2..30 {
            recent.put(Arc::new(segment(number, 1_000_000)));
        }
        assert!(recent.bytes <= RECENT_BYTES);
        let log = segment(2, 10).header().log();
        assert!(recent.get(&log, 29).is_some());
        assert!(recent.get(&log, 2).is_none());
    }
}
