//! Records of a circle: closures, fork proofs, grants, and the newest card of each of its partners. Two peers whose
//! sets differ list them, and each sends what the other's list leaves out.

use super::fault::Fault;
use super::hub::{Hub, PeerId};
use super::message::{LIST_HASHES, Message, RecordKind};
use super::port::{CircleRecord, LinkId};
use super::session::{Queued, Session};
use crate::codec::Malformed;
use crate::id::{CircleId, EpochId, Hash, LogId, PartnerId};
use crate::limit;
use crate::time::Millis;

/// Grants kept of a circle: what one list can name beside cards, closures and fork proofs.
const CIRCLE_GRANTS: usize =
    LIST_HASHES - limit::CIRCLE_PARTNERS * (1 + limit::PARTNER_FORK_PROOFS + limit::PARTNER_CLOSURES);

impl Hub {
    /// Lists our records if the peer's set is another, once per pair of sets.
    pub(super) fn compare_records(&mut self, link: LinkId, peer: PeerId, circle: CircleId) {
        let Some(theirs) = self.theirs(&peer, &circle).map(|t| t.records) else { return };
        let Some(held) = self.circles.get(&circle) else { return };
        let ours = held.records_digest(&self.directory);
        let Some(session) = self.sessions.get_mut(&link) else { return };
        // While segments that are apart go out, the peer's set changes with each: that is looked at when all are said.
        if !session.apart.is_empty() {
            return;
        }
        if ours == theirs || session.listed.insert(circle, (ours, theirs)) == Some((ours, theirs)) {
            return;
        }
        self.list_branches(link, &circle);
        self.queue(link, circle, Queued::List);
    }

    /// The peer's list: what it leaves out is sent.
    pub(super) fn list_came(
        &mut self,
        link: LinkId,
        peer: PeerId,
        circle: CircleId,
        theirs: &[Hash],
    ) -> Result<(), Fault> {
        self.shared_with(&circle, &peer.0)?;
        let now = self.now;
        if self.sessions.get_mut(&link).is_some_and(|session| !session.lists.take(now, 0)) {
            return Err(Fault::TooMuch);
        }
        let Some(held) = self.circles.get(&circle) else { return Ok(()) };
        let lacks = |hash: &Hash| theirs.binary_search(hash).is_err();
        let partners = held.charter.partners();
        let cards = partners
            .filter(|partner| self.directory.card(partner).is_some_and(|card| lacks(&card.hash())))
            .map(|partner| Queued::Card(*partner));
        let records = held.records.keys().filter(|hash| lacks(hash)).map(|hash| Queued::Record(*hash));
        let missing: Vec<Queued> = cards.chain(records).collect();
        for queued in missing {
            self.queue(link, circle, queued);
        }
        self.send_apart(link, &circle);
        Ok(())
    }

    pub(super) fn record_came(
        &mut self,
        peer: PeerId,
        circle: CircleId,
        kind: RecordKind,
        bytes: &[u8],
    ) -> Result<(), Fault> {
        self.shared_with(&circle, &peer.0)?;
        self.learn_record(circle, kind, bytes).map(|_| ())
    }

    pub(super) fn card_came(&mut self, peer: PeerId, circle: CircleId, bytes: &[u8]) -> Result<(), Fault> {
        self.shared_with(&circle, &peer.0)?;
        self.take_card(&circle, bytes).map(|_| ())
    }

    pub(super) fn charter_came(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.learn_charter(bytes).map(|_| ())
    }

    /// A record from a frame or bundle; `false` if it is no news, of a later version, or one too many.
    pub(super) fn learn_record(
        &mut self,
        circle: CircleId,
        kind: RecordKind,
        bytes: &[u8],
    ) -> Result<bool, Fault> {
        let record = match CircleRecord::decode(kind, bytes) {
            Ok(record) => record,
            Err(Malformed::LaterVersion(_)) => {
                self.later += 1;
                return Ok(false);
            }
            Err(malformed) => return Err(Fault::Rule(malformed)),
        };
        if self.resting.contains(&circle) {
            return Ok(false);
        }
        let held = self.circles.get_mut(&circle).ok_or(Fault::NotShared)?;
        if record.circle() != circle {
            return Err(Fault::NotShared);
        }
        let member = |partner: &PartnerId| held.charter.is_member(partner);
        let allowed = match &record {
            CircleRecord::Closure(closure) => member(&closure.partner),
            // Anyone can make a key that says two things: only a node that its partner names speaks with two tongues.
            CircleRecord::Fork(proof) => proof.headers().iter().all(|header| {
                member(&header.partner) && self.directory.certificate(&header.partner, &header.node).is_some()
            }),
            // Whether the granter may grant is for whoever opens it: its hash proves the key.
            CircleRecord::Grant(grant) => held
                .charter
                .members
                .iter()
                .any(|partner| self.directory.certificate(partner, &grant.from).is_some()),
        };
        if !allowed {
            // What rests on a node that we have not met yet comes again with the next list.
            return if matches!(record, CircleRecord::Closure(_)) {
                Err(Fault::NotShared)
            } else {
                Ok(false)
            };
        }
        let one_too_many = match &record {
            CircleRecord::Grant(grant) => {
                let by_granter =
                    |one: &&CircleRecord| matches!(one, CircleRecord::Grant(g) if g.from == grant.from);
                held.count(kind) >= CIRCLE_GRANTS
                    || held.records.values().filter(by_granter).count() >= limit::GRANTS_OF_ONE_NODE
            }
            CircleRecord::Closure(closure) => {
                held.ruling(&closure.partner, &closure.node).is_none()
                    && held.closed_nodes(&closure.partner) >= limit::PARTNER_CLOSURES
            }
            CircleRecord::Fork(proof) => {
                let [header, _] = proof.headers();
                !self.may_prove(&circle, &header.partner, &proof.life())
            }
        };
        if one_too_many || !self.keep_record(&record) {
            return Ok(false);
        }
        self.pending.records.push(record);
        Ok(true)
    }

    /// A record joins its circle, in the place of those that it makes superfluous, and moves the logs that it is about.
    fn keep_record(&mut self, record: &CircleRecord) -> bool {
        let circle = record.circle();
        let Some(held) = self.circles.get_mut(&circle) else { return false };
        let Some(replaced) = held.learn_record(record.clone()) else { return false };
        self.pending.records.retain(|waiting| !replaced.contains(&waiting.hash()));
        self.pending.forget.extend(replaced.into_iter().map(|hash| (circle, hash)));
        match record {
            CircleRecord::Closure(closure) => self.rearrange_node(&circle, &closure.node),
            CircleRecord::Fork(proof) => self.rearrange(LogId { circle, life: proof.life() }),
            CircleRecord::Grant(_) => {}
        }
        self.records_moved(circle);
        true
    }

    /// Records of our own making, durable already.
    pub(super) fn own_records(&mut self, records: Vec<CircleRecord>) {
        for record in records {
            self.keep_record(&record);
        }
    }

    fn records_moved(&mut self, circle: CircleId) {
        self.touched.insert(circle);
        self.stir();
        self.end_closed = true;
    }

    /// Asks linked members of a circle for an epoch's key: our partner's other nodes first, and when each of those was
    /// asked, all others. Nobody is asked for the same twice within [`limit::GRANT_ASK_AGAIN_MS`].
    pub(super) fn ask_grant(&mut self, now: Millis, circle: CircleId, epoch: EpochId) {
        let Some(held) = self.circles.get(&circle) else { return };
        let unasked = |session: &Session| {
            let at = session.keys_asked.get(&(circle, epoch));
            at.is_none_or(|at| now.since(*at) >= limit::GRANT_ASK_AGAIN_MS)
        };
        let own = self.me.certificate.partner;
        let (ours, others): (Vec<_>, Vec<_>) = self
            .sessions
            .iter()
            .filter(|(_, session)| session.welcomed() && unasked(session))
            .filter_map(|(link, session)| Some((*link, session.peer?.0)))
            .filter(|(_, partner)| held.charter.is_member(partner))
            .partition(|(_, partner)| *partner == own);
        let asked = if ours.is_empty() { others } else { ours };
        for (link, _) in asked {
            if let Some(session) = self.sessions.get_mut(&link) {
                session.keys_asked.insert((circle, epoch), now);
            }
            self.queue(link, circle, Queued::Message(Message::WantGrant(circle, epoch)));
        }
    }

    /// Ends the links of nodes that a new closure retires.
    pub(super) fn end_closed_links(&mut self, now: Millis) {
        if !std::mem::take(&mut self.end_closed) {
            return;
        }
        self.count_closed();
        let links: Vec<(LinkId, Option<PeerId>)> = self.sessions.iter().map(|(l, s)| (*l, s.peer)).collect();
        for (link, peer) in links {
            if peer.is_some_and(|peer| self.is_closed(&peer)) {
                self.blame(now, link, Fault::Closed);
            }
        }
    }
}
