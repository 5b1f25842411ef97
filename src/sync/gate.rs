//! The one gate for all that others made, whatever carried it: frames and bundles end up here.
//!
//! A segment's verdict depends on its bytes, its own log before it and the charter. What breaks a rule is the fault of
//! whoever brought it, since every version refuses it alike.

use super::fault::Fault;
use super::hub::{Hub, PeerId};
use super::port::{CarriedItem, CarriedSummary, Event, LinkId};
use crate::codec::Malformed;
use crate::id::{CircleId, LogId, NodeId, PartnerId};
use crate::limit;
use crate::log::{Breach, Charter, Header, Heads, HeldHeads, Segment, check_next};
use crate::pace::Pace;
use crate::seal::{Card, Certificate};
use crate::sign::{Record, Signed};
use crate::time::Millis;

/// Who brought something.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bringer {
    /// The peer, or the bundle's maker.
    pub(super) node: NodeId,
    /// The link it came on, if it did.
    pub(super) link: Option<LinkId>,
}

/// What becomes of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Next in its log: on its way to the disk.
    Placed,
    /// Here already.
    Repeat,
    /// Its predecessor is missing.
    Unplaced,
    /// Another branch of its log: kept as evidence.
    Branch,
    /// Of a log that is taken no further.
    Stopped,
}

/// Reads a record; `None` if a later version wrote it.
fn known<R: Record>(bytes: &[u8]) -> Result<Option<Signed<R>>, Fault> {
    match Signed::decode(bytes) {
        Ok(record) => Ok(Some(record)),
        Err(Malformed::LaterVersion(_)) => Ok(None),
        Err(malformed) => Err(Fault::Rule(malformed)),
    }
}

impl Hub {
    /// Reads a header and checks what needs no log: its circle is held, its partner a member. `None`: a later version
    /// wrote it, so it is not ours to judge.
    pub(super) fn judge_header(&mut self, bytes: &[u8]) -> Result<Option<Signed<Header>>, Fault> {
        let Some(header) = known::<Header>(bytes)? else {
            self.later += 1;
            return Ok(None);
        };
        if self.resting.contains(&header.circle) {
            return Ok(None);
        }
        let circle = self.circles.get(&header.circle).ok_or(Fault::NotShared)?;
        if !circle.charter.is_member(&header.partner) {
            return Err(Fault::Breach(Breach::NotMember));
        }
        Ok(Some(header))
    }

    /// Whether a segment is here already, so that its body need not come.
    pub(super) fn holds(&self, header: &Signed<Header>) -> bool {
        self.circles.get(&header.circle).and_then(|circle| circle.logs.get(&header.life())).is_some_and(
            |log| {
                log.hashes.get(&header.number) == Some(&header.hash())
                    || log.apart.contains_key(&header.hash())
            },
        ) || self.unplaced.holds(header)
    }

    /// Whether a segment is held beside what counts of its log.
    pub(super) fn holds_apart(&self, header: &Signed<Header>) -> bool {
        self.log(&header.log()).is_some_and(|log| log.apart.contains_key(&header.hash()))
    }

    /// Takes a whole segment whose header passed [`Hub::judge_header`].
    pub(super) fn take_segment(
        &mut self,
        now: Millis,
        segment: Segment,
        from: Bringer,
    ) -> Result<Verdict, Fault> {
        let header = segment.header().clone();
        let id = header.log();
        let me = self.me.certificate.node;
        let known = self.holds(&header);
        let circle = self.circles.get_mut(&id.circle).ok_or(Fault::NotShared)?;
        if id.life.node == me && id.life.instance == self.me.instance {
            // Our own life writes here and nowhere else: a word of it that we lack means this store went back in time.
            let held = circle.logs.get(&id.life).map_or(0, |log| log.taken.number);
            if header.number > held {
                self.event(Event::OwnLogAhead { log: id, number: header.number });
            } else if !known {
                // Another store of this node said other things: to be proven, so that this one stops.
                self.conflict(from.link, header);
            }
            // A bundle brings our own words back: that is no breach.
            return Ok(if known { Verdict::Repeat } else { Verdict::Stopped });
        }
        if !circle.logs.contains_key(&id.life) {
            let lives = circle.logs.keys().filter(|life| life.node == id.life.node).count();
            if lives >= limit::NODE_LOGS_PER_CIRCLE && circle.ruling(&header.partner, &id.life.node).is_none()
            {
                return Ok(Verdict::Stopped);
            }
            let logs = circle.logs.values().filter(|log| log.partner == header.partner).count();
            if logs >= limit::PARTNER_LOGS_PER_CIRCLE {
                return Ok(Verdict::Stopped);
            }
            // A log begins with its first segment: whoever makes up names of nodes makes up no logs here.
            if header.number > 1 {
                return Ok(self.unplaced.keep(now, segment, from.node));
            }
            circle.log_mut(id.life, header.partner);
        }
        let log = circle.log_mut(id.life, header.partner);
        if log.partner != header.partner {
            // The certificate of segment 1 named one partner; a log does not change hands.
            return self.refuse(&header, Fault::Breach(Breach::NotMember));
        }
        if known && !self.unplaced.holds(&header) {
            return Ok(Verdict::Repeat);
        }
        let cut = log.through.is_some_and(|through| header.number > through);
        if cut || header.number <= log.taken.number {
            return self.take_apart(now, segment, from);
        }
        let (end, bounded) = (log.taken, log.through.is_some());
        match check_next(&circle.charter, &end, &header) {
            Ok(end) => {
                if header.number == 1
                    && let Err(fault) = self.check_certificate(&header)
                {
                    return self.refuse(&header, fault);
                }
                self.place(now, segment, end, from.node);
                self.place_successors(now, id);
                if bounded {
                    self.rearrange(id);
                }
                Ok(Verdict::Placed)
            }
            Err(Breach::Gap) => Ok(self.unplaced.keep(now, segment, from.node)),
            Err(Breach::Repeat) => Ok(Verdict::Repeat),
            Err(Breach::OtherBranch) => {
                // It continues a branch that we do not stand on: whoever brought it can show where the two part.
                if let Some(link) = from.link {
                    self.hunt(link, id, end.number);
                }
                if bounded { self.take_apart(now, segment, from) } else { Ok(Verdict::Stopped) }
            }
            Err(breach) => self.refuse(&header, Fault::Breach(breach)),
        }
    }

    fn refuse(&mut self, header: &Signed<Header>, fault: Fault) -> Result<Verdict, Fault> {
        if let Some(circle) = self.circles.get_mut(&header.circle)
            && circle.logs.get(&header.life()).is_some_and(|log| log.taken.number == 0 && log.fork.is_none())
        {
            circle.logs.remove(&header.life());
        }
        self.event(Event::RefusedSegment { log: header.log(), number: header.number, fault });
        Err(fault)
    }

    /// The certificate that a log's first segment brings: its partner's word for its node.
    pub(super) fn check_certificate(&mut self, header: &Signed<Header>) -> Result<(), Fault> {
        let certificate: Signed<Certificate> =
            Signed::decode(&header.certificate).map_err(|_| Fault::Certificate)?;
        if certificate.partner != header.partner || certificate.node != header.node {
            return Err(Fault::Certificate);
        }
        if self.directory.learn_certificate(&certificate) {
            self.pending.certificates.push(certificate);
        }
        Ok(())
    }

    /// A charter: founded by who it says, and we are in it. `Ok(false)`: known, or one too many for now.
    pub(super) fn learn_charter(&mut self, bytes: &[u8]) -> Result<bool, Fault> {
        let Some(charter) = known::<Charter>(bytes)? else {
            self.later += 1;
            return Ok(false);
        };
        if self.circles.contains_key(&charter.circle()) {
            return Ok(false);
        }
        let certificate: Signed<Certificate> =
            Signed::decode(&charter.certificate).map_err(|_| Fault::Certificate)?;
        if certificate.partner != charter.founder || certificate.node != charter.node {
            return Err(Fault::Certificate);
        }
        let me = self.me.certificate.partner;
        if charter.role(&me).is_none() {
            return Err(Fault::NotShared);
        }
        let pending = self.circles.values().filter(|c| !c.accepted && c.charter.founder == charter.founder);
        let full = self.circles.len() >= limit::NODE_CIRCLES;
        if charter.founder != me && (full || pending.count() >= limit::FOUNDER_PENDING_CIRCLES) {
            return Ok(false);
        }
        if self.directory.learn_certificate(&certificate) {
            self.pending.certificates.push(certificate);
        }
        self.pending.circles.push(charter.clone());
        let circle = super::circle::Circle::new(charter, false, false);
        self.circles.insert(circle.id(), circle);
        Ok(true)
    }

    /// A card; `false` if it is no news.
    pub(super) fn learn_card(&mut self, card: &Signed<Card>) -> bool {
        if !self.directory.learn_card(card) {
            return false;
        }
        self.pending.cards.retain(|other| other.partner != card.partner);
        self.pending.cards.push(card.clone());
        let touched = self.circles.iter().filter(|(_, c)| c.charter.role(&card.partner).is_some());
        self.touched.extend(touched.map(|(id, _)| *id));
        true
    }

    /// A card that came in, of a partner of `circle`.
    pub(super) fn take_card(&mut self, circle: &CircleId, bytes: &[u8]) -> Result<bool, Fault> {
        let Some(card) = known::<Card>(bytes)? else {
            self.later += 1;
            return Ok(false);
        };
        let held = self.circles.get(circle).ok_or(Fault::NotShared)?;
        if held.charter.role(&card.partner).is_none() {
            return Err(Fault::NotShared);
        }
        Ok(self.news_in_pace(&card) && self.learn_card(&card))
    }

    /// Whether a card is news, and its partner has not changed it too often: each is told to all of its circles. One
    /// that is not taken now comes again with the next list.
    fn news_in_pace(&mut self, card: &Signed<Card>) -> bool {
        let now = self.now;
        self.directory.is_news(card)
            && self
                .cards
                .entry(card.partner)
                .or_insert_with(|| Pace::new(limit::CARDS_PACE, now))
                .take(now, 0)
    }

    /// A circle was founded here.
    pub(super) fn new_circle(&mut self, charter: Signed<Charter>) {
        let id = charter.circle();
        self.circles.entry(id).or_insert_with(|| super::circle::Circle::new(charter, true, true));
        self.touched.insert(id);
    }

    /// What came out of a bundle or mailbox goes through the same gate. One bad item does not spoil the others.
    pub(super) fn carried(&mut self, now: Millis, maker: NodeId, items: Vec<CarriedItem>) {
        let mut summary = CarriedSummary::default();
        for item in items {
            let later = self.later;
            let outcome = match item {
                CarriedItem::Charter(bytes) => self.learn_charter(&bytes).map(|news| (None, news)),
                CarriedItem::Card(bytes) => self.carried_card(&bytes).map(|news| (None, news)),
                CarriedItem::Record { circle, kind, bytes } => {
                    self.learn_record(circle, kind, &bytes).map(|news| (None, news))
                }
                CarriedItem::Heads { record, entries } => {
                    self.carried_heads(&record, &entries).map(|news| (None, news))
                }
                CarriedItem::Segment { header, body } => {
                    self.carried_segment(now, maker, &header, body).map(|verdict| (verdict, false))
                }
            };
            match outcome {
                _ if self.later > later => summary.later += 1,
                Err(_) => summary.refused += 1,
                Ok((Some(Verdict::Placed | Verdict::Branch), _)) => summary.placed += 1,
                Ok((Some(Verdict::Repeat), _)) => summary.repeated += 1,
                Ok((Some(Verdict::Unplaced), _)) => summary.unplaced += 1,
                Ok((Some(Verdict::Stopped), _)) => summary.refused += 1,
                Ok((None, true)) => summary.records += 1,
                Ok((None, false)) => {}
            }
        }
        self.event(Event::Carried { maker, summary });
    }

    fn carried_segment(
        &mut self,
        now: Millis,
        maker: NodeId,
        header: &[u8],
        body: Vec<u8>,
    ) -> Result<Option<Verdict>, Fault> {
        let Some(header) = self.judge_header(header)? else { return Ok(None) };
        let segment = Segment::new(header, body).map_err(Fault::Rule)?;
        self.take_segment(now, segment, Bringer { node: maker, link: None }).map(Some)
    }

    /// A card out of a bundle: only of partners that a circle of ours names.
    fn carried_card(&mut self, bytes: &[u8]) -> Result<bool, Fault> {
        let Some(card) = known::<Card>(bytes)? else {
            self.later += 1;
            return Ok(false);
        };
        if !self.circles.values().any(|c| c.charter.role(&card.partner).is_some()) {
            return Err(Fault::NotShared);
        }
        Ok(self.news_in_pace(&card) && self.learn_card(&card))
    }

    /// A node's heads out of a bundle: news only if they are later than what we know.
    fn carried_heads(&mut self, record: &[u8], entries: &[u8]) -> Result<bool, Fault> {
        let Some(heads) = known::<Heads>(record)? else {
            self.later += 1;
            return Ok(false);
        };
        let entries = HeldHeads::decode(entries).map_err(Fault::Message)?;
        let circle = self.circles.get(&heads.circle).ok_or(Fault::NotShared)?;
        if entries.digest() != heads.entries || heads.node == self.me.certificate.node {
            return Err(Fault::Heads);
        }
        let owns = |p: &&PartnerId| self.directory.certificate(p, &heads.node).is_some();
        let owner = *circle.charter.partners().find(owns).ok_or(Fault::Heads)?;
        let peer: PeerId = (owner, heads.node);
        let later = self.theirs(&peer, &heads.circle).is_none_or(|known| {
            let known = &known.heads;
            if known.instance == heads.instance { heads.run > known.run } else { heads.time > known.time }
        });
        if later {
            self.take_heads(peer, heads, entries, None);
            for session in self.sessions.values_mut() {
                session.unchecked = true;
            }
        }
        Ok(later)
    }

    /// The log's place in memory, for those who ask after the gate.
    pub(super) fn log(&self, id: &LogId) -> Option<&super::circle::Log> {
        self.circles.get(&id.circle)?.logs.get(&id.life)
    }
}
