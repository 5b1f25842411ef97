//! Segments in: putting ranges together, and telling a peer what need not come from it.

use super::deadlines::Progress;
use super::fault::Fault;
use super::gate::{Bringer, Verdict};
use super::hub::{Hub, PeerId};
use super::message::Message;
use super::port::{Event, LinkId};
use super::session::{Inbound, Partial, Queued};
use crate::id::{LogId, NodeId};
use crate::limit;
use crate::log::{Header, Segment};
use crate::sign::Signed;
use crate::time::Millis;

/// Segments between two words on progress.
const PROGRESS_EACH: u64 = 16;

impl Hub {
    /// A small segment came whole.
    pub(super) fn whole_came(
        &mut self,
        now: Millis,
        link: LinkId,
        peer: PeerId,
        header: &[u8],
        body: Vec<u8>,
    ) -> Result<(), Fault> {
        let Some(header) = self.judge_header(header)? else { return Ok(()) };
        self.shared_with(&header.circle, &peer.0)?;
        if self.holds(&header) {
            self.pass_over(link, &header);
            return Ok(());
        }
        let segment = Segment::new(header, body).map_err(Fault::Rule)?;
        self.arrived(now, link, peer, segment)
    }

    /// A segment begins, or goes on where our part of it ends.
    pub(super) fn start_came(
        &mut self,
        now: Millis,
        link: LinkId,
        peer: PeerId,
        bytes: &[u8],
        offset: usize,
    ) -> Result<(), Fault> {
        let session = self.sessions.get_mut(&link).ok_or(Fault::OutOfTurn)?;
        if let Some(Inbound::Segment { .. }) = session.inbound.replace(Inbound::Ignored) {
            return Err(Fault::OutOfTurn);
        }
        let Some(header) = self.judge_header(bytes)? else { return Ok(()) };
        self.shared_with(&header.circle, &peer.0)?;
        if self.holds_apart(&header) {
            return Ok(());
        }
        if self.holds(&header) || self.comes_in_time(now, &header) {
            self.say_skip(link, &header);
            return Ok(());
        }
        let mut body = match self.partials.remove(&(header.hash(), peer.1)) {
            Some(partial) if offset > 0 => partial.bytes,
            _ => Vec::new(),
        };
        if body.len() < offset || offset >= header.length as usize {
            return Err(Fault::OutOfTurn);
        }
        body.truncate(offset);
        if let Some(session) = self.sessions.get_mut(&link) {
            let from = body.len();
            session.inbound = Some(Inbound::Segment { header: Box::new(header), body, begun: now, from });
            session.owed.segment = Some(Progress::new(now, limit::BEGUN_MS));
        }
        Ok(())
    }

    /// Whether another link is bringing this segment, and fast enough. One that is not gives way: who begins a segment
    /// and lets it hang must not keep others from bringing it.
    fn comes_in_time(&mut self, now: Millis, header: &Signed<Header>) -> bool {
        let brings = |inbound: &Inbound| match inbound {
            Inbound::Segment { header: there, body, begun, from } if there.hash() == header.hash() => {
                let (ms, bytes) = (now.since(*begun), (body.len() - from) as u64);
                Some(ms < limit::LIVELY_MS || bytes >= ms * limit::LIVELY_BYTES_PER_S / 1_000)
            }
            _ => None,
        };
        let bringing = self.sessions.iter().find_map(|(link, session)| {
            session.inbound.as_ref().and_then(brings).map(|lively| (*link, lively))
        });
        let Some((slow, lively)) = bringing else { return false };
        if !lively {
            if let Some(session) = self.sessions.get_mut(&slow) {
                session.inbound = Some(Inbound::Ignored);
                session.owed.segment = None;
            }
            self.say_skip(slow, header);
        }
        lively
    }

    /// More of the segment that came last.
    pub(super) fn range_came(
        &mut self,
        now: Millis,
        link: LinkId,
        peer: PeerId,
        offset: usize,
        bytes: &[u8],
    ) -> Result<(), Fault> {
        let session = self.sessions.get_mut(&link).ok_or(Fault::OutOfTurn)?;
        let Some(Inbound::Segment { header, body, .. }) = &mut session.inbound else {
            return if session.inbound.is_some() { Ok(()) } else { Err(Fault::OutOfTurn) };
        };
        let length = header.length as usize;
        if offset != body.len() || offset + bytes.len() > length {
            return Err(Fault::OutOfTurn);
        }
        body.extend_from_slice(bytes);
        if body.len() < length {
            if let Some(progress) = &mut session.owed.segment {
                progress.moved(now, bytes.len(), limit::BEGUN_BYTES, limit::BEGUN_MS);
            }
            return Ok(());
        }
        session.owed.segment = None;
        let Some(Inbound::Segment { header, body, .. }) = session.inbound.take() else { return Ok(()) };
        let segment = Segment::new(*header, body).map_err(Fault::Rule)?;
        self.arrived(now, link, peer, segment)
    }

    /// A whole segment from a peer goes through the gate.
    fn arrived(&mut self, now: Millis, link: LinkId, peer: PeerId, segment: Segment) -> Result<(), Fault> {
        let header = segment.header();
        let (id, number) = (header.log(), header.number);
        let verdict = self.take_segment(now, segment, Bringer { node: peer.1, link: Some(link) })?;
        if verdict != Verdict::Branch && verdict != Verdict::Stopped {
            self.mark_shown(link, id, number);
        }
        if verdict == Verdict::Placed {
            self.progress(link, peer);
        }
        if self.backlog() > 4 * super::placing::BACKLOG_BYTES {
            return Err(Fault::TooMuch);
        }
        Ok(())
    }

    fn progress(&mut self, link: LinkId, peer: PeerId) {
        let Some(session) = self.sessions.get_mut(&link) else { return };
        session.received += 1;
        let received = session.received;
        if received % PROGRESS_EACH != 1 {
            return;
        }
        let lack = self.circles.iter().filter_map(|(id, circle)| {
            let theirs = self.theirs(&peer, id)?;
            let missing = theirs.entries.0.iter().map(|(life, entry)| {
                let log = circle.logs.get(life);
                log.map_or(entry.number, |l| l.wanted(entry.number).saturating_sub(l.taken.number))
            });
            Some(missing.sum::<u64>())
        });
        let expected = received + lack.sum::<u64>();
        self.event(Event::Progress { partner: peer.0, received, expected });
    }

    /// What is held already need not come; what is held apart must not make the peer believe that it counts here.
    fn pass_over(&mut self, link: LinkId, header: &Signed<Header>) {
        if !self.holds_apart(header) {
            self.say_skip(link, header);
        }
    }

    /// Tells a peer that a segment need not come from it.
    fn say_skip(&mut self, link: LinkId, header: &Signed<Header>) {
        self.mark_shown(link, header.log(), header.number);
        let skip = Message::Skip(header.circle, header.life(), header.number);
        self.queue(link, header.circle, Queued::Message(skip));
    }

    /// The peer has this segment, since it sent it, and what stands before: it is not sent back. Of a log that is cut,
    /// segments come in any order and say nothing of those before.
    fn mark_shown(&mut self, link: LinkId, id: LogId, number: u64) {
        if self.log(&id).is_some_and(|log| log.through.is_some()) {
            return;
        }
        if let Some(session) = self.sessions.get_mut(&link) {
            let sent = session.sent.entry(id).or_insert(0);
            *sent = (*sent).max(number);
        }
    }

    /// Keeps what came in of a segment when its link ends, within a bound for each peer and one over all: the oldest goes
    /// first.
    pub(super) fn keep_partial(&mut self, now: Millis, node: NodeId, inbound: Inbound) {
        let Inbound::Segment { header, body, .. } = inbound else { return };
        let name = (header.hash(), node);
        let held = self.partials.get(&name).map_or(0, |held| held.bytes.len());
        if body.len() > held {
            let partial = Partial { circle: header.circle, bytes: body, touched: now };
            self.partials.insert(name, partial);
        }
        self.forget_partials(limit::PARTIAL_BYTES, |whose| *whose == node);
        self.forget_partials(limit::PARTIAL_ALL_BYTES, |_| true);
    }

    fn forget_partials(&mut self, most: usize, whose: impl Fn(&NodeId) -> bool) {
        loop {
            let counted = self.partials.iter().filter(|((_, node), _)| whose(node));
            let bytes: usize = counted.clone().map(|(_, partial)| partial.bytes.len()).sum();
            let oldest = counted.min_by_key(|(name, partial)| (partial.touched, **name));
            let Some(oldest) = oldest.map(|(name, _)| *name).filter(|_| bytes > most) else { return };
            self.partials.remove(&oldest);
        }
    }
}
