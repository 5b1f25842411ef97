//! Logs that a fork or a closure cuts: what counts stands in the log, all else is held apart and still travels.
//!
//! Where a log ends is a function of what is known of it: a closure names the segment that it counts through, and with
//! it the branch; without one a log ends before the lowest number with two headers. Whatever comes in, in whatever
//! order, [`Hub::rearrange`] brings the log to where that function says: what no longer counts goes apart, what a
//! closure chose comes from there, in one transaction ([`BranchMove`]). So two nodes that hold the same segments and
//! records show the same heads. What is apart is named log by log in `branch_list`, and each side sends what the
//! other's lists leave out, as records are.

use super::circle::{Apart, Log};
use super::fault::Fault;
use super::gate::{Bringer, Verdict};
use super::hub::{Asked, Hub, PeerId};
use super::message::Message;
use super::port::{Arrival, Arrived, BranchMove, Event, LinkId, Output};
use super::session::{Outbound, Queued};
use crate::id::{CircleId, EpochId, Hash, InstanceId, Life, LogId, NodeId, PartnerId};
use crate::limit;
use crate::log::{ChainEnd, Closure, Header, Kind, Segment, bounded_by, counts_through};
use crate::sign::{Domain, Signed, hash};
use crate::time::Millis;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What a branch that a closure chose may hold beyond [`limit::LOG_BRANCH_SEGMENTS`] while it is not whole.
const CHOSEN_SEGMENTS: u64 = 65_536;

/// Where a log is to stand.
pub(super) struct Stand {
    /// The last number that it may reach.
    pub(super) through: Option<u64>,
    /// Through where what stands now stays.
    keep: u64,
    /// What follows that, from what is apart.
    place: Vec<Hash>,
    /// Whether a closure names a segment that is not here yet, or not joined to the log.
    unsettled: bool,
}

impl Log {
    /// Where the log is to stand, by what is known of it.
    pub(super) fn stand(&self, instance: InstanceId, ruling: Option<&Closure>) -> Stand {
        let point = ruling.and_then(|closure| closure.through.iter().find(|p| p.instance == instance));
        let Some(point) = point.filter(|point| point.number > 0) else {
            return self.grown(counts_through(instance, self.fork, ruling), None);
        };
        if self.hashes.get(&point.number) == Some(&point.hash) {
            return Stand {
                through: Some(point.number),
                keep: point.number.min(self.taken.number),
                place: Vec::new(),
                unsettled: false,
            };
        }
        if let Some((keep, place)) = self.branch_to(&point.hash) {
            return Stand { through: Some(point.number), keep, place, unsettled: false };
        }
        // Until the chosen branch is here, what all branches share counts.
        let through = bounded_by(instance, self.fork, ruling, |number| self.hashes.get(&number).copied());
        Stand { unsettled: true, ..self.grown(through, Some(point.number)) }
    }

    /// The log as it is, to a bound: longer by what is apart and can stand nowhere else; but not by what another must
    /// take the place of.
    fn grown(&self, through: Option<u64>, but: Option<u64>) -> Stand {
        let keep = through.map_or(self.taken.number, |through| through.min(self.taken.number));
        let mut place = Vec::new();
        if keep == self.taken.number {
            let mut end = self.taken.hash;
            for number in (keep + 1..=through.unwrap_or(u64::MAX)).take_while(|number| but != Some(*number)) {
                let mut next = self.apart.iter().filter(|(_, a)| a.number == number && a.previous == end);
                let (Some((hash, _)), None) = (next.next(), next.next()) else { break };
                place.push(*hash);
                end = *hash;
            }
        }
        Stand { through, keep, place, unsettled: false }
    }

    /// The way to a segment that is apart: the number after which it leaves the log, and what follows.
    fn branch_to(&self, tip: &Hash) -> Option<(u64, Vec<Hash>)> {
        let mut way = Vec::new();
        let mut next = *tip;
        let mut below = u64::MAX;
        loop {
            let apart = self.apart.get(&next)?;
            if below != u64::MAX && apart.number + 1 != below {
                return None;
            }
            below = apart.number;
            way.push(next);
            let before = below.checked_sub(1)?;
            if before == 0 || self.hashes.get(&before) == Some(&apart.previous) {
                way.reverse();
                return Some((before, way));
            }
            next = apart.previous;
        }
    }

    /// The lowest number below the fork proven that is known twice: a header that is apart, and another one that is, or
    /// `None` for the one that stands.
    fn lowest_twice(&self) -> Option<(Hash, Option<Hash>)> {
        let below = self.fork.unwrap_or(u64::MAX);
        let mut numbers: BTreeMap<u64, Vec<Hash>> = BTreeMap::new();
        for (hash, apart) in self.apart.iter().filter(|(_, apart)| apart.number < below) {
            numbers.entry(apart.number).or_default().push(*hash);
        }
        numbers.into_iter().find_map(|(number, hashes)| match hashes.as_slice() {
            [one, ..] if self.hashes.contains_key(&number) => Some((*one, None)),
            [one, other, ..] => Some((*one, Some(*other))),
            _ => None,
        })
    }

    /// The epoch that is current after a number.
    fn epoch_at(&self, number: u64) -> EpochId {
        let founded = self.epochs.range(..=number).next_back();
        founded
            .map_or(if number == 0 { ChainEnd::EMPTY.epoch } else { self.taken.epoch }, |(_, epoch)| *epoch)
    }

    /// Notes a placed header.
    pub(super) fn note(&mut self, header: &Signed<Header>) {
        self.hashes.insert(header.number, header.hash());
        if header.kind == Kind::Epoch {
            self.epochs.insert(header.number, header.epoch);
        }
    }

    /// How many segments may be held apart.
    fn room_apart(&self, ruling: Option<&Closure>, instance: InstanceId) -> bool {
        let point = ruling.and_then(|closure| closure.through.iter().find(|p| p.instance == instance));
        let chosen = point
            .filter(|_| self.unsettled)
            .map_or(0, |point| point.number.saturating_sub(self.taken.number).min(CHOSEN_SEGMENTS));
        (self.apart.len() as u64) < limit::LOG_BRANCH_SEGMENTS as u64 + chosen
    }

    /// What is apart, as lists name it: the lowest numbers if it is more than others take.
    fn listed_apart(&self) -> Vec<Hash> {
        let mut all: Vec<(u64, Hash)> = self.apart.iter().map(|(hash, a)| (a.number, *hash)).collect();
        all.sort_unstable();
        let mut hashes: Vec<Hash> =
            all.into_iter().take(limit::LOG_BRANCH_SEGMENTS).map(|(_, hash)| hash).collect();
        hashes.sort_unstable();
        hashes
    }

    /// One name for what is apart. Logs of which no more is taken are alike.
    pub(super) fn apart_digest(&self) -> Hash {
        if self.apart.len() >= limit::LOG_BRANCH_SEGMENTS {
            return hash(Domain::Records, &[b"full"]);
        }
        let fields: Vec<&[u8]> = self.apart.keys().map(|hash| hash.0.as_slice()).collect();
        hash(Domain::Records, &fields)
    }

    /// What stands after a number goes apart.
    fn cut_back(&mut self, keep: u64) {
        for number in keep + 1..=self.taken.number {
            let Some(hash) = self.hashes.get(&number).copied() else { continue };
            let previous = match number {
                1 => Hash::ZERO,
                _ => self.hashes.get(&(number - 1)).copied().unwrap_or(Hash::ZERO),
            };
            let founds = self.epochs.contains_key(&number);
            let apart = Apart { number, previous, epoch: self.epoch_at(number), founds };
            self.apart.insert(hash, apart);
        }
        let hash = self.hashes.get(&keep).copied().unwrap_or(Hash::ZERO);
        self.taken = ChainEnd { number: keep, hash, epoch: self.epoch_at(keep) };
        self.hashes.split_off(&(keep + 1));
        self.epochs.split_off(&(keep + 1));
    }

    /// One that is apart comes next in the log; `false` if it breaks the rule of epochs: it ends there then.
    fn place_apart(&mut self, hash: &Hash) -> bool {
        let Some(apart) = self.apart.get(hash).copied() else { return false };
        if apart.number != self.taken.number + 1 || !(apart.founds || apart.epoch == self.taken.epoch) {
            return false;
        }
        self.apart.remove(hash);
        self.hashes.insert(apart.number, *hash);
        if apart.founds {
            self.epochs.insert(apart.number, apart.epoch);
        }
        self.taken = ChainEnd { number: apart.number, hash: *hash, epoch: apart.epoch };
        true
    }
}

fn apart_of(header: &Header) -> Apart {
    Apart {
        number: header.number,
        previous: header.previous,
        epoch: header.epoch,
        founds: header.kind == Kind::Epoch,
    }
}

impl BranchMove {
    /// Two moves of one log as one.
    fn then(&mut self, later: BranchMove) {
        if later.keep > self.keep {
            let kept = usize::try_from(later.keep - self.keep).unwrap_or(usize::MAX);
            self.place.truncate(kept);
            self.place.extend(later.place);
        } else {
            self.keep = later.keep;
            self.place = later.place;
        }
        self.end = later.end;
    }
}

impl Hub {
    /// Tells a new hub what the store holds of a log beyond [`super::LogStart`]: the headers of what stands apart, and
    /// the epochs that its placed segments founded, by number. Before the first input.
    pub fn recall(&mut self, log: &LogId, apart: &[Signed<Header>], epochs: &[(u64, EpochId)]) {
        let Some(circle) = self.circles.get_mut(&log.circle) else { return };
        if let Some(header) = apart.first() {
            circle.log_mut(log.life, header.partner);
        }
        if let Some(held) = circle.logs.get_mut(&log.life) {
            held.epochs.extend(epochs.iter().copied());
            held.apart.extend(apart.iter().map(|header| (header.hash(), apart_of(header))));
        }
        self.rearrange(*log);
    }

    /// Brings every log of a node in a circle to where it is to stand.
    pub(super) fn rearrange_node(&mut self, circle: &CircleId, node: &NodeId) {
        let Some(held) = self.circles.get(circle) else { return };
        let lives: Vec<Life> = held.logs.keys().filter(|life| life.node == *node).copied().collect();
        for life in lives {
            self.rearrange(LogId { circle: *circle, life });
        }
    }

    /// Brings a log to where it is to stand, and notes what must be saved for it.
    pub(super) fn rearrange(&mut self, id: LogId) {
        if self.is_own_life(&id.life) {
            return self.look_at_own_life(id);
        }
        let Some(circle) = self.circles.get_mut(&id.circle) else { return };
        let Some(partner) = circle.logs.get(&id.life).map(|log| log.partner) else { return };
        let ruling = circle.ruling(&partner, &id.life.node).cloned();
        let Some(log) = circle.logs.get_mut(&id.life) else { return };
        let stand = log.stand(id.life.instance, ruling.as_deref());
        log.through = stand.through;
        log.unsettled = stand.unsettled;
        let again = log.unsettled && std::mem::take(&mut log.turned_away);
        if stand.keep < log.taken.number || !stand.place.is_empty() {
            if stand.keep < log.taken.number {
                log.cut_back(stand.keep);
            }
            let placed = stand.place.iter().take_while(|hash| log.place_apart(hash)).count();
            let place = stand.place.into_iter().take(placed).collect();
            let moved = BranchMove { log: id, keep: stand.keep, place, end: log.taken };
            match self.pending.moves.iter_mut().find(|other| other.log == id) {
                Some(other) => other.then(moved),
                None => self.pending.moves.push(moved),
            }
            self.forget_sent(&id);
            self.touched.insert(id.circle);
        }
        if again {
            self.ask_again(id);
        }
        self.lay_apart_unplaced(id);
        self.seek_forks(id);
    }

    /// What was let go for lack of room may be of the branch that a closure has chosen since: a `skip` makes peers say
    /// it again a little later.
    fn ask_again(&mut self, id: LogId) {
        let Some(next) = self.log(&id).map(|log| log.taken.number + 1) else { return };
        let links: Vec<LinkId> = self.sessions.iter().filter(|(_, s)| s.ready()).map(|(l, _)| *l).collect();
        for link in links {
            self.queue(link, id.circle, Queued::Message(Message::Skip(id.circle, id.life, next)));
        }
    }

    pub(super) fn is_own_life(&self, life: &Life) -> bool {
        life.node == self.me.certificate.node && life.instance == self.me.instance
    }

    /// Our own life is left as it is: it is at an end if its log has two branches or was closed.
    fn look_at_own_life(&mut self, id: LogId) {
        let Some(circle) = self.circles.get(&id.circle) else { return };
        let forked = circle.logs.get(&id.life).is_some_and(|log| log.fork.is_some());
        let closed = circle
            .ruling(&self.me.certificate.partner, &id.life.node)
            .is_some_and(|closure| closure.through.iter().any(|p| p.instance == id.life.instance));
        if forked || closed {
            self.event(Event::OwnLifeEnded { log: id });
        }
    }

    /// What links remember of a log was said of another order of it.
    fn forget_sent(&mut self, id: &LogId) {
        self.recent.forget(id);
        for session in self.sessions.values_mut() {
            session.sent.remove(id);
            session.holds.remove(id);
            session.stir();
            session.unchecked = true;
        }
    }

    /// What waited for its predecessor and cannot be placed any more goes apart.
    fn lay_apart_unplaced(&mut self, id: LogId) {
        let Some(through) = self.log(&id).and_then(|log| log.through) else { return };
        let now = self.now;
        for (segment, from) in self.unplaced.beyond(id, through) {
            self.lay_apart(now, segment, from);
        }
    }

    /// Takes a segment that does not count, or not yet: kept once, within bounds. Verdict and whether the log must be
    /// looked at again.
    pub(super) fn take_apart(
        &mut self,
        now: Millis,
        segment: Segment,
        from: Bringer,
    ) -> Result<Verdict, Fault> {
        let header = segment.header().clone();
        let id = header.log();
        if header.number == 1 {
            self.check_certificate(&header)?;
        }
        if !self.lay_apart(now, segment, from.node) {
            return Ok(Verdict::Stopped);
        }
        let differs = self
            .log(&id)
            .and_then(|log| log.hashes.get(&header.number))
            .is_some_and(|here| *here != header.hash());
        if differs {
            self.conflict(from.link, header);
        }
        self.rearrange(id);
        Ok(Verdict::Branch)
    }

    /// `false`: held already, or there is no room.
    fn lay_apart(&mut self, now: Millis, segment: Segment, from: NodeId) -> bool {
        let header = segment.header();
        let (id, name) = (header.log(), header.hash());
        let Some(circle) = self.circles.get_mut(&id.circle) else { return false };
        let ruling = circle.ruling(&header.partner, &id.life.node).cloned();
        let log = circle.log_mut(id.life, header.partner);
        if log.apart.contains_key(&name) {
            return false;
        }
        if !log.room_apart(ruling.as_deref(), id.life.instance) {
            log.turned_away = true;
            return false;
        }
        log.apart.insert(name, apart_of(header));
        let segment = Arc::new(segment);
        self.pending.segments.push(Arrived { segment, arrival: Arrival::Branch, seen: now, from });
        self.touched.insert(id.circle);
        true
    }

    /// A segment that follows in a log whose move is not on its way to the disk yet becomes part of the move.
    pub(super) fn joins_move(&mut self, end: &ChainEnd, id: &LogId) -> bool {
        let Some(moved) = self.pending.moves.iter_mut().find(|moved| moved.log == *id) else { return false };
        moved.place.push(end.hash);
        moved.end = *end;
        true
    }

    /// Two headers of one number, one of which is apart, and no proof of it yet.
    fn seek_forks(&mut self, id: LogId) {
        let Some((one, other)) = self.log(&id).and_then(Log::lowest_twice) else { return };
        let asked = |asked: &Asked| matches!(asked, Asked::Differs(log, _) if *log == id);
        if self.asked.values().any(asked) {
            return;
        }
        match self.branch_at_hand(&one) {
            Some(segment) => self.prove_apart(id, segment.header().clone(), other),
            None => self.ask_branch(Asked::Differs(id, other), id, one),
        }
    }

    /// Fetches what stands against a header that is apart: another one that is, or what stands in the log.
    pub(super) fn prove_apart(&mut self, id: LogId, one: Signed<Header>, other: Option<Hash>) {
        let Some(other) = other else { return self.conflict(None, one) };
        match self.branch_at_hand(&other) {
            Some(segment) => self.prove(one, Some(&segment)),
            None => self.ask_branch(Asked::Proof(Box::new(one)), id, other),
        }
    }

    fn ask_branch(&mut self, asked: Asked, log: LogId, header: Hash) {
        let ticket = self.ask(asked);
        self.out(Output::LoadBranch { ticket, log, header });
    }

    /// A segment that is apart and on its way to the disk.
    pub(super) fn branch_at_hand(&self, header: &Hash) -> Option<Arc<Segment>> {
        self.unsaved().find(|arrived| arrived.segment.header().hash() == *header).map(|a| a.segment.clone())
    }

    /// Lists what is apart of each cut log, before the list of records that ends them.
    pub(super) fn list_branches(&mut self, link: LinkId, circle: &CircleId) {
        let Some(held) = self.circles.get(circle) else { return };
        let lists: Vec<Message> = held
            .cut_logs()
            .map(|(life, log)| Message::BranchList(*circle, *life, log.listed_apart()))
            .collect();
        for list in lists {
            self.queue(link, *circle, Queued::Message(list));
        }
    }

    /// What a peer holds apart of one log.
    pub(super) fn branch_list_came(
        &mut self,
        link: LinkId,
        peer: PeerId,
        id: LogId,
        hashes: Vec<Hash>,
    ) -> Result<(), Fault> {
        self.shared_with(&id.circle, &peer.0)?;
        if self.log(&id).is_some_and(|log| !log.apart.is_empty())
            && let Some(session) = self.sessions.get_mut(&link)
        {
            session.listed_apart.insert(id, hashes.into_iter().collect());
        }
        Ok(())
    }

    /// The peer's lists of a circle are complete: what they leave out of what is apart is to be sent.
    pub(super) fn send_apart(&mut self, link: LinkId, circle: &CircleId) {
        let Some(held) = self.circles.get(circle) else { return };
        let Some(session) = self.sessions.get_mut(&link) else { return };
        let mut due = BTreeSet::new();
        for (life, log) in held.cut_logs() {
            let id = LogId { circle: *circle, life: *life };
            let theirs = session.listed_apart.remove(&id).unwrap_or_default();
            if theirs.len() < limit::LOG_BRANCH_SEGMENTS {
                due.extend(log.listed_apart().into_iter().filter(|h| !theirs.contains(h)).map(|h| (id, h)));
            }
        }
        session.listed_apart.retain(|id, _| id.circle != *circle);
        session.apart.retain(|(id, _)| id.circle != *circle);
        session.apart.extend(due);
        session.stir();
    }

    /// Reads the next segment that is apart and that the peer lacks; `false` if there is none.
    pub(super) fn next_apart(&mut self, link: LinkId) -> bool {
        let Some(session) = self.sessions.get_mut(&link) else { return false };
        let Some((log, header)) = session.apart.pop_first() else { return false };
        if session.apart.is_empty()
            && let Some(peer) = session.peer
        {
            self.compare_records(link, peer, log.circle);
        }
        match self.branch_at_hand(&header) {
            Some(segment) => self.begin_apart(link, segment),
            None => {
                if let Some(session) = self.sessions.get_mut(&link) {
                    session.loading = true;
                }
                self.ask_branch(Asked::Apart(link), log, header);
            }
        }
        true
    }

    /// It was read.
    pub(super) fn apart_loaded(&mut self, link: LinkId, segment: Option<&Arc<Segment>>) {
        if let Some(session) = self.sessions.get_mut(&link) {
            session.loading = false;
            session.busy = true;
        }
        if let Some(segment) = segment {
            self.begin_apart(link, segment.clone());
        }
    }

    fn begin_apart(&mut self, link: LinkId, segment: Arc<Segment>) {
        let header = segment.header();
        let (circle, bytes) = (header.circle, header.bytes().to_vec().into());
        let Some(session) = self.sessions.get_mut(&link) else { return };
        session.outbound = Some(Outbound { segment, offset: 0 });
        self.tell(link, &circle, &Message::Start(bytes, 0));
    }

    /// Whether a proof of a node of this partner may be kept: its node is known to be its, and it is not one too many.
    pub(super) fn may_prove(&self, circle: &CircleId, partner: &PartnerId, life: &Life) -> bool {
        let Some(held) = self.circles.get(circle) else { return false };
        let proofs = held.proofs().filter(|(whose, other)| whose == partner && other != life).count();
        self.directory.certificate(partner, &life.node).is_some() && proofs < limit::PARTNER_FORK_PROOFS
    }
}

/// What a peer said that it holds apart, by log.
pub(super) type ListedApart = BTreeMap<LogId, BTreeSet<Hash>>;
