//! Records of a circle: closures, fork proofs, grants, and the newest card of each of its partners. Two peers whose
//! sets differ list them, and each sends what the other's list leaves out.

use super::fault::Fault;
use super::hub::{Hub, PeerId};
use super::message::{LIST_HASHES, Message, RecordKind};
use super::port::{CircleRecord, LinkId};
use super::session::Queued;
use crate::codec::Malformed;
use crate::id::{CircleId, EpochId, Hash, LogId, PartnerId};
use crate::limit;
use crate::pace::Pace;
use crate::time::Millis;
use std::collections::BTreeSet;

/// Grants kept of a circle: what one list can name beside cards, closures and fork proofs.
const CIRCLE_GRANTS: usize =
    LIST_HASHES - limit::CIRCLE_PARTNERS * (1 + limit::PARTNER_FORK_PROOFS + limit::PARTNER_CLOSURES);

impl Hub {
    /// Lists our records if the peer's set is another, once per pair of sets.
    pub(super) fn compare_records(&mut self, link: LinkId, peer: PeerId, circle: CircleId) {
        let Some(theirs) = self.theirs(&peer, &circle).map(|t| t.records) else { return };
        let Some(held) = self.circles.get(&circle) else { return };
        let ours = held.records_digest(&self.directory);
        let rest = self.now.plus(limit::LIST_AGAIN_MS);
        let Some(session) = self.sessions.get_mut(&link) else { return };
        // While segments that are apart go out, the peer's set changes with each: that is looked at when all are said. And
        // while records come in from all sides, one list a second says as much as fifty.
        if !session.apart.is_empty() || session.list_rests.contains_key(&circle) {
            return;
        }
        if ours == theirs || session.listed.insert(circle, (ours, theirs)) == Some((ours, theirs)) {
            return;
        }
        session.list_rests.insert(circle, rest);
        self.list_branches(link, &circle);
        self.queue(link, circle, Queued::List);
    }

    /// Looks again at circles whose last list has rested.
    pub(super) fn release_lists(&mut self, now: Millis) {
        let mut rested = Vec::new();
        for (link, session) in &mut self.sessions {
            let due = session.list_rests.extract_if(.., |_, until| *until <= now);
            rested.extend(due.map(|(circle, _)| (*link, session.peer, circle)));
        }
        for (link, peer, circle) in rested {
            if let Some(peer) = peer {
                self.compare_records(link, peer, circle);
            }
        }
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
        let session = self.sessions.get_mut(&link).ok_or(Fault::OutOfTurn)?;
        if !session.lists.entry(circle).or_insert_with(|| Pace::new(limit::LISTS_PACE, now)).take(now, 0) {
            return Err(Fault::TooMuch);
        }
        // What waits to be sent since an earlier list is not sent twice.
        let waiting = session.queue.iter().filter(|(of, _)| *of == circle);
        let (mut waiting_records, mut waiting_cards) = (BTreeSet::new(), BTreeSet::new());
        for (_, queued) in waiting {
            match queued {
                Queued::Record(hash) => drop(waiting_records.insert(*hash)),
                Queued::Card(partner) => drop(waiting_cards.insert(*partner)),
                Queued::Message(_) | Queued::List => {}
            }
        }
        let Some(held) = self.circles.get(&circle) else { return Ok(()) };
        let lacks = |hash: &Hash| theirs.binary_search(hash).is_err();
        let partners = held.charter.partners();
        let cards = partners
            .filter(|partner| !waiting_cards.contains(partner))
            .filter(|partner| self.directory.card(partner).is_some_and(|card| lacks(&card.hash())))
            .map(|partner| Queued::Card(*partner));
        let records = held.records.keys().filter(|hash| lacks(hash) && !waiting_records.contains(hash));
        let records = records.map(|hash| Queued::Record(*hash));
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
            CircleRecord::Grant(grant) => held.grants_given(&self.directory).is_within(&grant.from),
        };
        if !allowed {
            // What rests on a node that we have not met yet comes again with the next list; a grant too many is let go.
            return if matches!(record, CircleRecord::Closure(_)) {
                Err(Fault::NotShared)
            } else {
                Ok(false)
            };
        }
        let one_too_many = match &record {
            CircleRecord::Grant(_) => held.count(kind) >= CIRCLE_GRANTS,
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
    /// asked, all others. Nobody is asked for the same again before its pause is over.
    pub(super) fn ask_grant(&mut self, now: Millis, circle: CircleId, epoch: EpochId) {
        let Some(held) = self.circles.get(&circle) else { return };
        let key = (circle, epoch);
        let own = self.me.certificate.partner;
        let unasked = |peer: &PeerId| self.peers.get(peer).is_none_or(|known| known.may_be_asked(now, &key));
        let (ours, others): (Vec<_>, Vec<_>) = self
            .sessions
            .iter()
            .filter(|(_, session)| session.welcomed())
            .filter_map(|(link, session)| Some((*link, session.peer?)))
            .filter(|(_, peer)| held.charter.is_member(&peer.0) && unasked(peer))
            .partition(|(_, peer)| peer.0 == own);
        let asked = if ours.is_empty() { others } else { ours };
        for (link, peer) in asked {
            self.peers.entry(peer).or_default().is_asked(now, key);
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

#[cfg(test)]
mod tests {
    use super::super::port::{CircleStart, Me, Start};
    use super::*;
    use crate::id::{InstanceId, NodeId};
    use crate::log::Charter;
    use crate::seal::{Grant, NodeSecret, card, certificate, demo_node, demo_partner};
    use crate::sign::Signed;

    /// Kyiv's hub, with kyiv, doha and moscow in a circle.
    fn hub() -> (Hub, CircleId) {
        let word =
            |name: &str| certificate(&demo_partner(name), &demo_node(name).public(), 1, Millis(1)).unwrap();
        let mut members: Vec<PartnerId> =
            ["kyiv", "doha", "moscow"].map(|name| demo_partner(name).partner_id()).to_vec();
        members.sort();
        let charter = Charter {
            version: 1,
            nonce: [1; 16],
            members,
            carriers: vec![],
            rules: 1,
            time: Millis(1),
            founder: demo_partner("kyiv").partner_id(),
            node: demo_node("kyiv").node_id(),
            certificate: word("kyiv").bytes().to_vec(),
        };
        let charter = Signed::sign(charter, &demo_node("kyiv")).unwrap();
        let circle = charter.circle();
        let cards = ["kyiv", "doha", "moscow"]
            .map(|name| card(&demo_partner(name), name, &[word(name)], vec![], 1, Millis(1)).unwrap());
        let start = Start {
            me: Me { instance: InstanceId([1; 16]), certificate: word("kyiv") },
            cards: cards.to_vec(),
            certificates: vec![],
            circles: vec![CircleStart { charter, accepted: true, logs: vec![], records: vec![] }],
            peers: vec![],
            heads_run: 0,
            seed: [1; 32],
        };
        (Hub::new(start), circle)
    }

    fn grant(circle: CircleId, from: &NodeSecret, number: usize) -> Vec<u8> {
        let mut epoch = [0; 32];
        epoch[..8].copy_from_slice(&(number as u64).to_be_bytes());
        let grant = Grant {
            version: 1,
            circle,
            epoch: EpochId(epoch),
            from: from.node_id(),
            to: NodeId([5; 32]),
            to_link: crate::id::LinkKey([6; 32]),
            time: Millis(1),
            file: vec![7],
        };
        Signed::sign(grant, from).unwrap().bytes().to_vec()
    }

    fn learn(hub: &mut Hub, circle: CircleId, from: &str, numbers: std::ops::Range<usize>) -> usize {
        let node = demo_node(from);
        numbers
            .filter(|n| hub.learn_record(circle, RecordKind::Grant, &grant(circle, &node, *n)).unwrap())
            .count()
    }

    fn digest(hub: &Hub, circle: CircleId) -> Hash {
        hub.circles[&circle].records_digest(&hub.directory)
    }

    #[test]
    fn a_flood_of_grants_is_bounded_leaves_room_for_others_and_parts_nobody() {
        let most = limit::GRANTS_OF_ONE_PARTNER;
        let ((mut one, circle), (mut other, _)) = (hub(), hub());
        // A flooder shows each of two honest nodes other grants.
        assert_eq!(learn(&mut one, circle, "doha", 0..2 * most), most);
        assert_eq!(learn(&mut other, circle, "doha", 3 * most..5 * most), most);
        assert_eq!(digest(&one, circle), digest(&other, circle), "they agree all the same");
        for hub in [&mut one, &mut other] {
            assert_eq!(learn(hub, circle, "moscow", 0..3), 3);
        }
        assert_eq!(digest(&one, circle), digest(&other, circle));
        // What is few is compared as ever.
        assert_eq!(learn(&mut one, circle, "kyiv", 0..1), 1);
        assert_ne!(digest(&one, circle), digest(&other, circle));
        // A machine that is on no card is known to whom it was linked with, and to nobody else.
        let (partner, machine) = (demo_partner("moscow"), demo_node("moscow-2"));
        let met = certificate(&partner, &machine.public(), 2, Millis(2)).unwrap();
        assert!(one.directory.learn_certificate(&met));
        for hub in [&mut one, &mut other] {
            assert_eq!(learn(hub, circle, "moscow-2", 0..1), 0);
        }
        // Of whom we know no card, none is kept.
        assert_eq!(learn(&mut one, circle, "tallinn", 0..1), 0);
    }
}
