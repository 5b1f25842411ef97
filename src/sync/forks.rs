//! A log with two branches: finding the lowest number at which they part, and proving it.
//!
//! Two nodes that stand on different branches ask each other for headers, halving the span between a number at which
//! they agree (0 at first) and one at which they differ. Two headers at the lowest such number are the proof.

use super::fault::Fault;
use super::hub::{Asked, Hub, PeerId};
use super::message::{Message, RecordKind};
use super::port::{LinkId, Output};
use super::session::Queued;
use crate::id::{CircleId, LogId};
use crate::limit;
use crate::log::{ForkProof, Header, Segment};
use crate::sign::Signed;
use crate::time::Millis;
use std::sync::Arc;

/// Headers that one link may have us read at a time; a search beyond that waits for the next session.
const HEADERS_ASKED: usize = 64;

/// A search for the number at which a peer's branch leaves ours.
pub(super) struct Hunt {
    /// Who shows the other branch.
    pub(super) link: LinkId,
    /// The highest number known to agree.
    low: u64,
    /// The number asked for.
    asked: u64,
    /// The lowest header known to differ.
    high: Option<Signed<Header>>,
    /// When it is given up, unless an answer comes.
    pub(super) until: Millis,
}

impl Hub {
    /// By when an answer to what is asked now is to come.
    fn answer_due(&self) -> Millis {
        self.now.plus(limit::ANSWER_MS)
    }

    /// Begins a search: the peer on `link` differs from us at `number` or below.
    pub(super) fn hunt(&mut self, link: LinkId, id: LogId, number: u64) {
        if number == 0 || self.hunts.contains_key(&id) || !self.is_lower(&id, number) {
            return;
        }
        self.hunts.insert(id, Hunt { link, low: 0, asked: number, high: None, until: self.answer_due() });
        self.queue(link, id.circle, Queued::Message(Message::WantHeader(id.circle, id.life, number)));
    }

    /// A header of another branch than ours at a number that we hold. Searched further down if a link can show it.
    pub(super) fn conflict(&mut self, link: Option<LinkId>, theirs: Signed<Header>) {
        let id = theirs.log();
        if !self.is_lower(&id, theirs.number) {
            return;
        }
        match link {
            Some(link) if !self.hunts.contains_key(&id) => {
                let until = self.answer_due();
                let hunt = Hunt { link, low: 0, asked: 0, high: Some(theirs), until };
                self.hunts.insert(id, hunt);
                self.narrow(id);
            }
            _ => self.ask_proof(theirs),
        }
    }

    /// Whether two headers of this number would say more of a log than is proven.
    fn is_lower(&self, id: &LogId, number: u64) -> bool {
        self.log(id).is_some_and(|log| log.fork.is_none_or(|fork| number < fork))
    }

    /// Asks for the next header of a search, or ends it.
    fn narrow(&mut self, id: LogId) {
        let Some(hunt) = self.hunts.get(&id) else { return };
        let Some(high) = hunt.high.clone() else { return };
        let before = high.number.saturating_sub(1);
        let parts_here = hunt.low >= before
            || self
                .log(&id)
                .and_then(|log| log.hashes.get(&before))
                .is_some_and(|here| *here == high.previous);
        if parts_here {
            self.hunts.remove(&id);
            self.ask_proof(high);
            return;
        }
        let (link, middle) = (hunt.link, hunt.low + (high.number - hunt.low) / 2);
        let until = self.answer_due();
        if let Some(hunt) = self.hunts.get_mut(&id) {
            hunt.asked = middle;
            hunt.until = until;
        }
        self.queue(link, id.circle, Queued::Message(Message::WantHeader(id.circle, id.life, middle)));
    }

    /// A peer asks for a header of ours.
    pub(super) fn want_header_came(
        &mut self,
        link: LinkId,
        peer: PeerId,
        id: LogId,
        number: u64,
    ) -> Result<(), Fault> {
        self.shared_with(&id.circle, &peer.0)?;
        if self.log(&id).is_none_or(|log| number == 0 || number > log.saved.number) {
            return Ok(());
        }
        let now = self.now;
        let queued = self
            .sessions
            .get_mut(&link)
            .is_none_or(|session| session.queue.len() >= HEADERS_ASKED || !session.headers.take(now, 0));
        if queued {
            return Ok(());
        }
        let waiting = self.asked.values().filter(|asked| matches!(asked, Asked::Shown(to, _) if *to == link));
        if waiting.count() >= HEADERS_ASKED {
            return Ok(());
        }
        match self.at_hand(&id, number) {
            Some(segment) => self.show(link, id.circle, Some(&segment)),
            None => self.ask_segment(Asked::Shown(link, id.circle), id, number),
        }
        Ok(())
    }

    /// Shows a header of ours.
    pub(super) fn show(&mut self, link: LinkId, circle: CircleId, segment: Option<&Arc<Segment>>) {
        if let Some(segment) = segment.filter(|s| s.header().circle == circle) {
            let message = Message::HeaderIs(segment.header().bytes().to_vec().into());
            self.queue(link, circle, Queued::Message(message));
        }
    }

    /// The header that a search asked for.
    pub(super) fn header_came(&mut self, link: LinkId, peer: PeerId, bytes: &[u8]) -> Result<(), Fault> {
        let Some(header) = self.judge_header(bytes)? else { return Ok(()) };
        self.shared_with(&header.circle, &peer.0)?;
        let id = header.log();
        let here = self.log(&id).and_then(|log| log.hashes.get(&header.number)).copied();
        let Some(hunt) = self.hunts.get_mut(&id) else { return Ok(()) };
        if hunt.link != link || hunt.asked != header.number {
            return Ok(());
        }
        match (here, &hunt.high) {
            (Some(here), _) if here != header.hash() => hunt.high = Some(header),
            // It showed what we hold: no fork after all.
            (_, None) => {
                self.hunts.remove(&id);
                return Ok(());
            }
            (_, Some(_)) => hunt.low = header.number,
        }
        self.narrow(id);
        Ok(())
    }

    /// Fetches our own header to set against another's.
    fn ask_proof(&mut self, theirs: Signed<Header>) {
        let (id, number) = (theirs.log(), theirs.number);
        match self.at_hand(&id, number) {
            Some(ours) => self.prove(theirs, Some(&ours)),
            None => self.ask_segment(Asked::Proof(Box::new(theirs)), id, number),
        }
    }

    fn ask_segment(&mut self, asked: Asked, log: LogId, from: u64) {
        let ticket = self.ask(asked);
        self.out(Output::Load { ticket, log, from, max_bytes: 1 });
    }

    /// Two headers of one number: the proof joins the circle's records.
    pub(super) fn prove(&mut self, theirs: Signed<Header>, ours: Option<&Arc<Segment>>) {
        let circle = theirs.circle;
        let Some(ours) = ours else { return };
        if let Some(proof) = ForkProof::new(ours.header().clone(), theirs) {
            // It goes the way of a record from anyone; one of our own making holds, so the answer does not matter.
            let _ = self.learn_record(circle, RecordKind::Fork, &proof.encode());
        }
    }
}
