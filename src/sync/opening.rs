//! How a session begins: hello, then the states that the peer lacks, then a digest by which it can tell that what it
//! remembers of us is right. One that remembers wrongly asks for all.

use super::circle::View;
use super::fault::Fault;
use super::hub::{Hub, PeerId};
use super::message::{Message, Opened, PARTIALS};
use super::port::{Event, LinkId, Told};
use super::session::{Ours, TheirSide};
use crate::id::{CircleId, Hash};
use crate::limit;
use crate::sign::{Domain, Signature, hash};
use crate::time::Millis;
use std::collections::BTreeSet;

/// How often one link may ask for everything.
const ALL_ANSWERS: u32 = 4;

impl Hub {
    /// Our hello is signed.
    pub(super) fn hello_signed(&mut self, link: LinkId, signature: Signature) {
        let Some(session) = self.sessions.get_mut(&link) else { return };
        if let Ours::Signature(hello) = &mut session.ours {
            hello.signature = signature;
            session.ours = Ours::Welcome(hello.clone());
        }
    }

    /// Moves each session's opening on as far as it goes.
    pub(super) fn say_openings(&mut self, now: Millis) {
        let unsaid = self.sessions.iter().filter(|(_, s)| !s.said_opening());
        let unsaid: Vec<LinkId> = unsaid.map(|(link, _)| *link).collect();
        for link in unsaid {
            self.move_opening(now, link);
        }
    }

    fn move_opening(&mut self, now: Millis, link: LinkId) {
        let Some(session) = self.sessions.get(&link) else { return };
        // Whoever dialled has checked the server's key and speaks first; whoever was dialled waits for the proof.
        if let Ours::Welcome(hello) = &session.ours
            && (session.dialled || session.welcomed())
            && let Some(peer) = session.peer
        {
            let hello = hello.clone();
            let stale = self.stale_circles(&peer);
            if let Some(session) = self.sessions.get_mut(&link) {
                session.ours = Ours::Heads(hello, stale);
            }
            self.sign_heads(now);
        }
        let Some(session) = self.sessions.get(&link) else { return };
        if let Ours::Heads(hello, waiting) = &session.ours
            && waiting.is_empty()
        {
            let hello = Message::Hello(hello.clone());
            self.say(link, &hello);
            if let Some(session) = self.sessions.get_mut(&link) {
                session.ours = Ours::Said;
                session.stir();
            }
            self.say_opening(link, false);
            if self.sessions.get(&link).is_some_and(|session| session.asked_all) {
                self.say(link, &Message::WantAll);
            }
            return;
        }
        if let Some(session) = self.sessions.get_mut(&link)
            && let Ours::All(waiting) = &session.ours
            && waiting.is_empty()
        {
            session.ours = Ours::Said;
            self.say_opening(link, true);
        }
    }

    /// Shared circles of which the peer lacks our heads and which are being signed, or must be.
    fn stale_circles(&mut self, peer: &PeerId) -> BTreeSet<CircleId> {
        let mut stale = BTreeSet::new();
        for id in self.shared_circles(&peer.0) {
            let told = self.told(peer, &id).filter(|_| self.theirs(peer, &id).is_some());
            let Some(circle) = self.circles.get_mut(&id) else { continue };
            let entries = circle.entries();
            let records = circle.records_digest(&self.directory);
            let known = told.is_some_and(|told| *told.entries == entries && told.records == records);
            if !known && !circle.signed.as_ref().is_some_and(|signed| *signed.entries == entries) {
                circle.moved |= !circle.signing;
                stale.insert(id);
            }
        }
        stale
    }

    /// What the peer has of our heads, as far as it confirmed, in this life of ours.
    pub(super) fn told(&self, peer: &PeerId, circle: &CircleId) -> Option<Told> {
        let told = self.peers.get(peer)?.circles.get(circle)?.told.clone()?;
        (told.instance == self.me.instance).then_some(told)
    }

    /// States that the peer lacks, then the digest.
    fn say_opening(&mut self, link: LinkId, all: bool) {
        let Some(peer) = self.sessions.get(&link).and_then(|s| s.peer) else { return };
        let circles = self.shared_circles(&peer.0);
        for circle in &circles {
            self.say_state(link, circle, all);
        }
        let told = circles.iter().filter_map(|circle| {
            let session = self.sessions.get(&link)?;
            let remembered = self.told(&peer, circle);
            let base = session.base(circle, remembered.as_ref())?;
            Some((*circle, base.entries.digest(), base.records))
        });
        let digest = digest(told);
        let partials = self
            .partials
            .iter()
            .filter(|((_, node), partial)| *node == peer.1 && circles.contains(&partial.circle))
            .take(PARTIALS)
            .map(|((header, _), partial)| (*header, u32::try_from(partial.bytes.len()).unwrap_or(0)))
            .collect();
        self.say(link, &Message::Opened(Opened { all, digest, partials }));
        // An opening is said at once, however long it is; what it leaves unread is not the peer's fault.
        if let Some(session) = self.sessions.get_mut(&link) {
            session.may_leave = session.in_flight + limit::UNREAD_BYTES;
        }
    }

    /// The peer's opening ends: is what we know of it what it is?
    pub(super) fn opened(&mut self, link: LinkId, peer: PeerId, opened: Opened) -> Result<(), Fault> {
        let session = self.sessions.get_mut(&link).ok_or(Fault::OutOfTurn)?;
        if opened.all {
            if !std::mem::take(&mut session.asked_all) {
                return Err(Fault::OutOfTurn);
            }
            session.mismatch = false;
        } else if session.theirs != TheirSide::Opening || session.asked_all {
            return Err(Fault::OutOfTurn);
        }
        session.partials = opened.partials.into_iter().collect();
        let fresh = std::mem::take(&mut session.fresh);
        let mut mismatch = session.mismatch;
        let known = self.peers.entry(peer).or_default();
        if opened.all {
            // What it did not say now it does not hold.
            for (circle, view) in &mut known.circles {
                if !fresh.contains(circle) && view.theirs.take().is_some() {
                    view.dirty = true;
                }
            }
        }
        let views = known.circles.iter().filter_map(|(circle, view): (&CircleId, &View)| {
            view.theirs.as_ref().map(|t| (*circle, t.heads.entries, t.records))
        });
        mismatch |= digest(views) != opened.digest;
        let session = self.sessions.get_mut(&link).ok_or(Fault::OutOfTurn)?;
        if mismatch && !opened.all {
            session.asked_all = true;
            session.owed.opening = Some(self.now.plus(limit::OPENING_MS));
            // Our own hello may still wait for heads to be signed, and nothing may come before it: then it follows.
            if session.said_opening() {
                self.say(link, &Message::WantAll);
            }
            return Ok(());
        }
        session.theirs = TheirSide::Open;
        session.owed.opening = None;
        session.stir();
        session.unchecked = true;
        self.event(Event::PeerOpened { partner: peer.0, node: peer.1 });
        self.touched.extend(self.shared_circles(&peer.0));
        // What an earlier link broke off goes on, though neither has anything new to say of it.
        for circle in self.shared_circles(&peer.0) {
            self.compare_records(link, peer, circle);
        }
        Ok(())
    }

    /// The peer remembers us wrongly: it is told everything again.
    pub(super) fn want_all(&mut self, link: LinkId, peer: PeerId) -> Result<(), Fault> {
        let session = self.sessions.get_mut(&link).ok_or(Fault::OutOfTurn)?;
        if !session.said_opening() || session.answered_all >= ALL_ANSWERS {
            return Err(Fault::OutOfTurn);
        }
        session.answered_all += 1;
        let unsigned = |id: &CircleId| self.circles.get(id).is_some_and(|circle| circle.signed.is_none());
        let waiting: BTreeSet<CircleId> = self.shared_circles(&peer.0).into_iter().filter(unsigned).collect();
        for id in &waiting {
            if let Some(circle) = self.circles.get_mut(id) {
                circle.moved |= !circle.signing;
            }
        }
        if let Some(session) = self.sessions.get_mut(&link) {
            session.ours = Ours::All(waiting);
        }
        Ok(())
    }
}

/// One name for what a node says it holds: circle by circle, heads and records.
fn digest(states: impl Iterator<Item = (CircleId, Hash, Hash)>) -> Hash {
    let fields: Vec<[u8; 32]> =
        states.flat_map(|(c, entries, records)| [c.0, entries.0, records.0]).collect();
    let fields: Vec<&[u8]> = fields.iter().map(<[u8; 32]>::as_slice).collect();
    hash(Domain::Records, &fields)
}
