//! Heads: signing what the disk has, telling peers, hearing what they hold.

use super::circle::{Peer, SignedHeads, Theirs};
use super::fault::Fault;
use super::hub::{Asked, Hub, PeerId};
use super::message::{Message, State};
use super::port::{Event, LinkId, PeerMemory, Told};
use super::session::Ours;
use crate::codec;
use crate::id::{CircleId, Hash, Life, LogId};
use crate::limit;
use crate::log::{Heads, HeldHeads};
use crate::sign::{Domain, Signature, Signed};
use crate::time::Millis;
use std::sync::Arc;

/// Entries in one message: under 40 KiB.
const STATE_ENTRIES: usize = 256;
/// Heads with no more entries than this are said whole when a session begins: about as short as their change, and they
/// need no base that a lost link may have left doubtful.
const WHOLE_ENTRIES: usize = 6;
/// Entries that heads of one circle may have.
const HEADS_ENTRIES: usize = limit::CIRCLE_PARTNERS * limit::PARTNER_NODES * limit::NODE_LOGS_PER_CIRCLE;
/// How long what we know of peers may wait to be saved, in milliseconds.
const MEMORY_MS: u64 = 5_000;
/// Running numbers made durable at a time.
const RUN_RESERVE: u64 = 1_024;

/// A state of which more entries follow.
pub(super) struct Gathering {
    state: State,
    entries: HeldHeads,
}

impl Gathering {
    /// Entries that came so far.
    pub(super) fn entries(&self) -> usize {
        self.entries.0.len()
    }
}

impl Hub {
    /// Asks for signatures over heads that moved. Their running numbers are durable before they are used.
    pub(super) fn sign_heads(&mut self, now: Millis) {
        let moved = self.circles.iter().filter(|(_, c)| c.moved && !c.signing && c.saved);
        let moved: Vec<CircleId> = moved.map(|(id, _)| *id).collect();
        for id in moved {
            if self.run >= self.run_reserved {
                if self.pending.heads_run.is_none() && self.saving_run().is_none() {
                    self.pending.heads_run = Some(self.run_reserved + RUN_RESERVE);
                    self.save(now);
                }
                return;
            }
            let Some(circle) = self.circles.get_mut(&id) else { continue };
            circle.moved = false;
            let entries = Arc::new(circle.entries());
            if circle.signed.as_ref().is_some_and(|signed| signed.entries == entries) {
                continue;
            }
            circle.signing = true;
            self.run += 1;
            let heads = Heads {
                version: 1,
                circle: id,
                node: self.me.certificate.node,
                instance: self.me.instance,
                run: self.run,
                time: now.min(Millis::MAX),
                entries: entries.digest(),
            };
            let bytes = codec::encode(&heads);
            self.ask_signature(
                Asked::HeadsSignature { heads: Box::new(heads), entries },
                Domain::Heads,
                bytes,
            );
        }
    }

    /// Our heads are signed: peers may hear of them.
    pub(super) fn heads_signed(&mut self, heads: Heads, entries: Arc<HeldHeads>, signature: Signature) {
        let id = heads.circle;
        let Some(circle) = self.circles.get_mut(&id) else { return };
        circle.signing = false;
        match Signed::with_signature(heads, signature) {
            Ok(heads) => {
                circle.signed = Some(SignedHeads { heads, entries });
                self.touched.insert(id);
            }
            // A signature that does not hold is our own trouble: tried again with the next move.
            Err(_) => circle.moved = true,
        }
        for session in self.sessions.values_mut() {
            if let Ours::Heads(_, waiting) | Ours::All(waiting) = &mut session.ours {
                waiting.remove(&id);
            }
        }
    }

    /// Tells peers of circles whose heads or records moved, once per round.
    pub(super) fn say_touched(&mut self) {
        let touched = std::mem::take(&mut self.touched);
        let mut due = Vec::new();
        for (link, session) in &mut self.sessions {
            if !touched.is_empty() {
                session.touched.extend(&touched);
                session.unchecked = true;
                session.stir();
            }
            // A link that is behind hears of many moves at once, when it has room.
            let room = session.in_flight < limit::LINK_BYTES && session.unseen.len() < limit::UNSEEN_STATES;
            if session.said_opening() && session.welcomed() && room {
                due.push((*link, std::mem::take(&mut session.touched)));
            }
        }
        for (link, circles) in due {
            for circle in circles {
                self.say_state(link, &circle, false);
            }
        }
    }

    /// Says our state of a circle on a link, unless the peer has it. `whole`: says it in any case and in full.
    pub(super) fn say_state(&mut self, link: LinkId, circle: &CircleId, whole: bool) {
        let Some(peer) = self.sessions.get(&link).and_then(|s| s.peer) else { return };
        if self.shared_with(circle, &peer.0).is_err() {
            return;
        }
        let Some((signed, told)) = self.telling(circle) else { return };
        let remembered = self.told(&peer, circle);
        let shown = self.theirs(&peer, circle).is_some();
        let Some(session) = self.sessions.get_mut(&link) else { return };
        // A peer that has not shown the circle is told it whole, with its charter, once on each link.
        let known = !whole && (shown || session.chartered.contains(circle));
        let base = session.base(circle, remembered.as_ref()).filter(|_| known);
        if base.is_some_and(|base| base.entries == told.entries && base.records == told.records) {
            return;
        }
        let sure = session.said.contains_key(circle);
        // Changes name what is new; a log that no longer counts at all could not be told so.
        let all_there = |b: &Told| b.entries.0.keys().all(|life| signed.entries.0.contains_key(life));
        let worth_it =
            |b: &&Told| (sure || signed.entries.0.len() > WHOLE_ENTRIES) && b.run <= told.run && all_there(b);
        let (base, changes) = match base.filter(worth_it) {
            Some(base) => (base.run, signed.entries.changed_since(&base.entries)),
            None => (0, (*signed.entries).clone()),
        };
        let charter = (!shown && (session.chartered.insert(*circle) || whole))
            .then(|| self.circles.get(circle).map(|c| Message::Charter(c.charter.bytes().to_vec().into())))
            .flatten();
        if charter.is_some_and(|charter| !self.tell(link, circle, &charter)) {
            return;
        }
        let mut parts = parts(&changes).into_iter().peekable();
        let first = parts.next().unwrap_or_default();
        let state = State {
            circle: *circle,
            heads: signed.heads.bytes().to_vec().into(),
            base,
            entries: first.encode().into(),
            last: parts.peek().is_none(),
            records: told.records,
        };
        if !self.tell(link, circle, &Message::State(state)) {
            return;
        }
        while let Some(part) = parts.next() {
            let more = Message::StateMore { entries: part.encode().into(), last: parts.peek().is_none() };
            self.tell(link, circle, &more);
        }
        if let Some(session) = self.sessions.get_mut(&link) {
            session.said.insert(*circle, told.clone());
            session.unseen.push_back((*circle, told));
        }
    }

    /// A peer's state comes in.
    pub(super) fn state(&mut self, link: LinkId, peer: PeerId, state: State) -> Result<(), Fault> {
        let entries = HeldHeads::decode(&state.entries).map_err(Fault::Message)?;
        if state.last {
            return self.take_state(link, peer, state, entries);
        }
        let session = self.sessions.get_mut(&link).ok_or(Fault::OutOfTurn)?;
        if entries.0.len() < STATE_ENTRIES {
            return Err(Fault::OutOfTurn);
        }
        session.owed.state = Some(self.now.plus(limit::BEGUN_MS));
        session.gathering = Some(Gathering { state, entries });
        Ok(())
    }

    pub(super) fn state_more(
        &mut self,
        link: LinkId,
        peer: PeerId,
        entries: &[u8],
        last: bool,
    ) -> Result<(), Fault> {
        let more = HeldHeads::decode(entries).map_err(Fault::Message)?;
        let session = self.sessions.get_mut(&link).ok_or(Fault::OutOfTurn)?;
        let mut gathering = session.gathering.take().ok_or(Fault::OutOfTurn)?;
        // Every part but the last is full, so that parts come to an end.
        if !last && more.0.len() < STATE_ENTRIES {
            return Err(Fault::OutOfTurn);
        }
        session.owed.state = (!last).then(|| self.now.plus(limit::BEGUN_MS));
        gathering.entries.0.extend(more.0);
        if gathering.entries.0.len() > HEADS_ENTRIES {
            return Err(Fault::TooMuch);
        }
        if last {
            return self.take_state(link, peer, gathering.state, gathering.entries);
        }
        session.gathering = Some(gathering);
        Ok(())
    }

    fn take_state(
        &mut self,
        link: LinkId,
        peer: PeerId,
        state: State,
        changes: HeldHeads,
    ) -> Result<(), Fault> {
        let session = self.sessions.get_mut(&link).ok_or(Fault::OutOfTurn)?;
        session.states_in += 1;
        let circle = state.circle;
        if !self.circles.contains_key(&circle) || self.resting.contains(&circle) {
            // A circle that we declined for now: the peer said it with its charter.
            return Ok(());
        }
        self.shared_with(&circle, &peer.0)?;
        let heads: Signed<Heads> = Signed::decode(&state.heads).map_err(Fault::Rule)?;
        if heads.node != peer.1 || heads.circle != circle {
            return Err(Fault::Heads);
        }
        let view = self.peers.entry(peer).or_default().circles.entry(circle).or_default();
        let entries = match (&view.theirs, state.base) {
            (_, 0) => changes,
            (Some(theirs), base) if theirs.heads.run == base && theirs.heads.instance == heads.instance => {
                theirs.entries.with(&changes)
            }
            _ => {
                self.base_missing(link);
                return Ok(());
            }
        };
        if entries.0.len() > HEADS_ENTRIES {
            return Err(Fault::TooMuch);
        }
        if entries.digest() != heads.entries {
            return Err(Fault::Heads);
        }
        if let Some(session) = self.sessions.get_mut(&link) {
            session.fresh.insert(circle);
            session.unchecked = true;
            session.stir();
        }
        self.take_heads(peer, heads, entries, Some(state.records));
        self.compare_heads(link, peer, circle);
        self.compare_records(link, peer, circle);
        Ok(())
    }

    /// A change to heads that we do not have: the peer must say all.
    fn base_missing(&mut self, link: LinkId) {
        let Some(session) = self.sessions.get_mut(&link) else { return };
        session.mismatch = true;
        if session.theirs == super::session::TheirSide::Open
            && !std::mem::replace(&mut session.asked_all, true)
        {
            session.owed.opening = Some(self.now.plus(limit::OPENING_MS));
            self.say(link, &Message::WantAll);
        }
    }

    /// A peer's checked heads become what we know of it; notes a store that went back in time. `records`: the digest
    /// that came with them, if one did.
    pub(super) fn take_heads(
        &mut self,
        peer: PeerId,
        heads: Signed<Heads>,
        entries: HeldHeads,
        records: Option<Hash>,
    ) {
        let circle = heads.circle;
        let view = self.peers.entry(peer).or_default().circles.entry(circle).or_default();
        let before = view.theirs.as_ref();
        let moved = before.is_none_or(|b| b.heads.hash() != heads.hash());
        let shrunk: Vec<Life> = before.map_or_else(Vec::new, |b| {
            let less = b.entries.0.iter().filter(|(life, entry)| entries.number(life) < entry.number);
            less.map(|(life, _)| *life).collect()
        });
        let restored = before.is_some_and(|b| b.heads.instance == heads.instance && heads.run < b.heads.run);
        let records = records.or(before.map(|b| b.records)).unwrap_or(Hash::ZERO);
        view.theirs = Some(Theirs { heads, entries: Arc::new(entries), records });
        view.dirty = true;
        view.shrunk.extend(&shrunk);
        self.memory_dirty = true;
        if restored {
            view.shrunk.clear();
            self.notice_restore(&peer, circle);
        }
        for life in shrunk {
            self.forget_shown(&peer, &LogId { circle, life });
        }
        self.doubt_shrunk(&peer, circle);
        if moved {
            self.event(Event::PeerHeads { node: peer.1, circle });
        }
    }

    /// A peer's store went back in time: it may have forgotten what it knew of us too.
    fn notice_restore(&mut self, peer: &PeerId, circle: CircleId) {
        if let Some(view) = self.peers.get_mut(peer).and_then(|known| known.circles.get_mut(&circle)) {
            view.told = None;
        }
        self.event(Event::PeerRestored { node: peer.1, circle });
    }

    /// A log that a fork or closure cuts may shrink. Which those are is known for certain once both hold the same
    /// records: only then is what shrank otherwise a restore.
    fn doubt_shrunk(&mut self, peer: &PeerId, circle: CircleId) {
        let Some(held) = self.circles.get(&circle) else { return };
        let ours = held.records_digest(&self.directory);
        let cut = |life: &Life| held.logs.get(life).is_some_and(|log| log.through.is_some());
        let Some(view) = self.peers.get_mut(peer).and_then(|known| known.circles.get_mut(&circle)) else {
            return;
        };
        view.shrunk.retain(|life| !cut(life));
        let agree = view.theirs.as_ref().is_some_and(|theirs| theirs.records == ours);
        if agree && !std::mem::take(&mut view.shrunk).is_empty() {
            self.notice_restore(peer, circle);
        }
    }

    /// A peer shows less of a log than before: what went out on its links counted from there on no more.
    fn forget_shown(&mut self, peer: &PeerId, id: &LogId) {
        for session in self.sessions.values_mut().filter(|session| session.peer == Some(*peer)) {
            session.sent.remove(id);
            session.holds.remove(id);
            session.stir();
        }
    }

    /// Looks at what a peer holds for branches of logs that we hold otherwise, and for words of our own that we lack.
    fn compare_heads(&mut self, link: LinkId, peer: PeerId, circle: CircleId) {
        let Some(theirs) = self.theirs(&peer, &circle) else { return };
        let entries = theirs.entries.clone();
        for (life, entry) in &entries.0 {
            let Some(held) = self.circles.get(&circle) else { return };
            let log = held.logs.get(life);
            let differs =
                log.and_then(|log| log.hashes.get(&entry.number)).is_some_and(|here| *here != entry.hash);
            let ours = life.node == self.me.certificate.node && life.instance == self.me.instance;
            if ours && entry.number > log.map_or(0, |log| log.taken.number) {
                self.event(Event::OwnLogAhead { log: LogId { circle, life: *life }, number: entry.number });
            }
            if differs {
                self.hunt(link, LogId { circle, life: *life }, entry.number);
            }
        }
    }

    /// Whether a circle was made known here: only then may anything be cut in it.
    pub fn knows(&self, circle: &CircleId) -> bool {
        self.circles.contains_key(circle)
    }

    /// Whether a peer shows words of this node, of another life than ours, that are not here yet: a copy of this store
    /// has spoken.
    pub fn lacks_words_of_a_copy(&self, circle: &CircleId) -> bool {
        let (node, instance) = (self.me.certificate.node, self.me.instance);
        let Some(held) = self.circles.get(circle) else { return false };
        let lacking = |theirs: &Theirs| {
            theirs.entries.0.iter().any(|(life, entry)| {
                life.node == node
                    && life.instance != instance
                    && entry.number > held.logs.get(life).map_or(0, |log| log.taken.number)
            })
        };
        let views = self.peers.values().filter_map(|peer| peer.circles.get(circle));
        views.filter_map(|view| view.theirs.as_ref()).any(lacking)
    }

    pub(super) fn theirs(&self, peer: &PeerId, circle: &CircleId) -> Option<&Theirs> {
        self.peers.get(peer)?.circles.get(circle)?.theirs.as_ref()
    }

    /// The peer confirms states of ours.
    pub(super) fn seen(&mut self, link: LinkId, peer: PeerId, count: u64) -> Result<(), Fault> {
        let session = self.sessions.get_mut(&link).ok_or(Fault::OutOfTurn)?;
        let more = count.checked_sub(session.seen).ok_or(Fault::OutOfTurn)?;
        if more > session.unseen.len() as u64 {
            return Err(Fault::OutOfTurn);
        }
        session.seen = count;
        let Peer { circles, .. } = self.peers.entry(peer).or_default();
        for _ in 0..more {
            if let Some((circle, told)) = session.unseen.pop_front() {
                let view = circles.entry(circle).or_default();
                view.told = Some(told);
                view.dirty = true;
                self.memory_dirty = true;
            }
        }
        session.unchecked = true;
        Ok(())
    }

    /// Confirms the states that came since the last confirmation.
    pub(super) fn acknowledge(&mut self) {
        let mut due = Vec::new();
        for (link, session) in &mut self.sessions {
            if session.said_opening() && session.states_acknowledged < session.states_in {
                session.states_acknowledged = session.states_in;
                due.push((*link, session.states_in));
            }
        }
        for (link, count) in due {
            self.say(link, &Message::Seen(count));
        }
    }

    /// Says once when we and a peer came to hold the same.
    pub(super) fn notice_sync(&mut self) {
        let ready = self.sessions.iter().filter(|(_, s)| s.unchecked && s.ready());
        let links: Vec<(LinkId, Option<PeerId>)> = ready.map(|(link, s)| (*link, s.peer)).collect();
        for (link, peer) in links {
            let Some(peer) = peer else { continue };
            for circle in self.shared_circles(&peer.0) {
                self.doubt_shrunk(&peer, circle);
            }
            let in_sync = self.agrees(&peer);
            let Some(session) = self.sessions.get_mut(&link) else { continue };
            session.unchecked = false;
            let was = std::mem::replace(&mut session.in_sync, in_sync);
            if in_sync && !was {
                self.event(Event::InSync { partner: peer.0, node: peer.1 });
            }
        }
    }

    /// Whether a peer's signed heads and ours name the same, as far as logs are taken, in all shared circles.
    fn agrees(&self, peer: &PeerId) -> bool {
        let awake = self.circles.iter().filter(|(id, _)| !self.resting.contains(id));
        awake.filter(|(_, c)| c.charter.role(&peer.0).is_some()).all(|(id, circle)| {
            let Some(theirs) = self.theirs(peer, id) else { return false };
            circle.saved
                && circle.gap(&theirs.entries) == super::circle::Gap::default()
                && circle.records_digest(&self.directory) == theirs.records
        })
    }

    /// What changed in what we know of peers is saved a little later: it only makes the next session shorter.
    pub(super) fn remember_peers(&mut self, now: Millis) {
        if std::mem::take(&mut self.memory_dirty) && self.memory_due.is_none() {
            self.memory_due = Some(now.plus(MEMORY_MS));
        }
        if self.memory_due.is_some_and(|due| due <= now) {
            self.memory_due = None;
            let peers: Vec<PeerId> = self.peers.keys().copied().collect();
            for peer in peers {
                self.remember_peer(&peer);
            }
        }
    }

    /// What we know of a peer goes into the next batch.
    pub(super) fn remember_peer(&mut self, peer: &PeerId) {
        let Some(known) = self.peers.get_mut(peer) else { return };
        let contact = known.contact.unwrap_or_default();
        for (circle, view) in known.circles.iter_mut().filter(|(_, view)| view.dirty) {
            view.dirty = false;
            let theirs = view.theirs.as_ref();
            self.pending.peers.push(PeerMemory {
                partner: peer.0,
                node: peer.1,
                circle: *circle,
                theirs: theirs.map(|t| (t.heads.bytes().to_vec(), (*t.entries).clone(), t.records)),
                told: view.told.clone(),
                contact,
            });
        }
    }
}

/// Entries cut into messages.
fn parts(entries: &HeldHeads) -> Vec<HeldHeads> {
    let all: Vec<_> = entries.0.iter().map(|(life, entry)| (*life, *entry)).collect();
    all.chunks(STATE_ENTRIES).map(|rows| HeldHeads(rows.iter().copied().collect())).collect()
}
