//! Segments on a link: what to send next, ranges, and putting them together on the other side.
//!
//! A peer is sent what its last signed heads and this link so far leave out, log by log in order, unasked. At most
//! [`LINK_BYTES`] are handed to a link beyond what it has taken, and one read of [`LOAD_BYTES`] is out for it.

use super::fault::Fault;
use super::gate::{Bringer, Verdict};
use super::hub::{Asked, Hub, PeerId};
use super::message::{Message, WHOLE_BYTES};
use super::port::{Event, LinkId, Output};
use super::session::{Hold, Inbound, Outbound, Partial};
use crate::id::{CircleId, LogId};
use crate::limit;
use crate::log::{Header, Segment};
use crate::sign::Signed;
use crate::time::Millis;
use std::sync::Arc;

/// Bytes handed to a link that it has not taken yet.
const LINK_BYTES: usize = 256 * 1024;
/// Bytes of segments read from the disk at a time for one link.
const LOAD_BYTES: usize = 1024 * 1024;
/// Bytes of partial segments kept over all.
const PARTIAL_BYTES: usize = 8 * 1024 * 1024;
/// How long a segment that others made waits before it is sent to a peer that hears its log from others too, in
/// milliseconds.
const HOLD_MS: u64 = 1_500;
/// The number of a log that rests until the next session.
const NEVER: u64 = u64::MAX;
/// Segments between two words on progress.
const PROGRESS_EACH: u64 = 16;

/// What to do next on a link.
enum Next {
    /// Send this segment.
    Segment(Arc<Segment>),
    /// Read from this number on.
    Load(LogId, u64),
    /// Nothing is lacking.
    Nothing,
}

impl Hub {
    /// The link has taken bytes.
    pub(super) fn room(&mut self, link: LinkId, bytes: usize) {
        if let Some(session) = self.sessions.get_mut(&link) {
            session.in_flight = session.in_flight.saturating_sub(bytes);
        }
    }

    /// Fills each link up to its bound.
    pub(super) fn send_segments(&mut self) {
        let busy = self.sessions.iter().filter(|(_, s)| s.busy && s.said_opening() && s.welcomed());
        let links: Vec<LinkId> = busy.map(|(link, _)| *link).collect();
        for link in links {
            while self.send_next(link) {}
        }
    }

    /// One step of sending on a link; `false` if it must wait or has nothing.
    fn send_next(&mut self, link: LinkId) -> bool {
        let Some(session) = self.sessions.get_mut(&link) else { return false };
        if session.in_flight >= LINK_BYTES {
            return false;
        }
        if let Some((circle, message)) = session.queue.pop_front() {
            self.tell(link, &circle, &message);
            return true;
        }
        if session.outbound.is_some() {
            return self.send_range(link);
        }
        if !session.ready() || session.loading {
            return false;
        }
        match self.next_segment(link) {
            Next::Segment(segment) => self.begin(link, segment),
            Next::Load(log, from) => {
                if let Some(session) = self.sessions.get_mut(&link) {
                    session.loading = true;
                }
                let ticket = self.ask(Asked::Segments(link, log));
                self.out(Output::Load { ticket, log, from, max_bytes: LOAD_BYTES });
                false
            }
            Next::Nothing => {
                if let Some(session) = self.sessions.get_mut(&link) {
                    session.busy = false;
                    session.range = 1024;
                }
                false
            }
        }
    }

    /// The next segment that the peer lacks: what was read, then circles and logs by id.
    fn next_segment(&mut self, link: LinkId) -> Next {
        let Some(peer) = self.sessions.get(&link).and_then(|s| s.peer) else { return Next::Nothing };
        while let Some(segment) = self.sessions.get_mut(&link).and_then(|s| s.loaded.pop_front()) {
            let header = segment.header();
            if self.lacking(link, &peer, &header.log()) == Some(header.number) {
                return Next::Segment(segment);
            }
        }
        let mut load = None;
        for (id, circle) in &self.circles {
            if !circle.saved || circle.charter.role(&peer.0).is_none() || self.theirs(&peer, id).is_none() {
                continue;
            }
            for life in circle.logs.keys() {
                let log = LogId { circle: *id, life: *life };
                let Some(number) = self.lacking(link, &peer, &log) else { continue };
                // What is at hand goes before what the disk must be asked for.
                if let Some(segment) = self.recent.get(&log, number) {
                    return Next::Segment(segment.clone());
                }
                load.get_or_insert((log, number));
            }
        }
        load.map_or(Next::Nothing, |(log, number)| Next::Load(log, number))
    }

    /// The next number of a log that the peer lacks and that it may be sent.
    fn lacking(&self, link: LinkId, peer: &PeerId, id: &LogId) -> Option<u64> {
        let theirs = self.theirs(peer, &id.circle)?.entries.number(&id.life);
        let session = self.sessions.get(&link)?;
        let sent = session.sent.get(id).copied().unwrap_or(0);
        let next = theirs.max(sent).saturating_add(1);
        let held = session.holds.get(id).is_some_and(|hold| next > hold.through);
        (!held && next <= self.log(id)?.sendable()).then_some(next)
    }

    /// Begins a segment: small ones go at once, others where the peer's part of them ends.
    fn begin(&mut self, link: LinkId, segment: Arc<Segment>) -> bool {
        let header = segment.header();
        let (circle, id, number) = (header.circle, header.log(), header.number);
        let Some(session) = self.sessions.get_mut(&link) else { return false };
        session.sent.insert(id, number);
        let offset = session.partials.remove(&header.hash()).unwrap_or(0) as usize;
        let bytes = header.bytes().to_vec().into();
        if offset == 0 && segment.body().len() <= WHOLE_BYTES {
            return self.tell(link, &circle, &Message::Whole(bytes, segment.body().to_vec().into()));
        }
        let offset = if offset < segment.body().len() { offset } else { 0 };
        session.outbound = Some(Outbound { segment, offset });
        self.tell(link, &circle, &Message::Start(bytes, u32::try_from(offset).unwrap_or(0)))
    }

    /// The next range of the segment that is going out.
    fn send_range(&mut self, link: LinkId) -> bool {
        let Some(session) = self.sessions.get_mut(&link) else { return false };
        let Some(out) = &mut session.outbound else { return false };
        let circle = out.segment.header().circle;
        let rest = out.segment.body().get(out.offset..).unwrap_or_default();
        let bytes = rest.get(..session.range.min(rest.len())).unwrap_or_default().to_vec();
        let message = Message::Range(u32::try_from(out.offset).unwrap_or(0), bytes.clone().into());
        out.offset += bytes.len();
        session.range = (session.range * 2).min(limit::RANGE_BYTES);
        if bytes.is_empty() || out.offset >= out.segment.body().len() {
            session.outbound = None;
        }
        bytes.is_empty() || self.tell(link, &circle, &message)
    }

    /// Segments read for a link.
    pub(super) fn segments_loaded(&mut self, link: LinkId, log: &LogId, segments: Vec<Arc<Segment>>) {
        let missing = segments.is_empty();
        let Some(session) = self.sessions.get_mut(&link) else { return };
        session.loading = false;
        session.loaded.extend(segments.into_iter().filter(|s| s.header().log() == *log));
        if missing {
            // The disk cannot give what it said it has: this log rests until the next session.
            session.sent.insert(*log, NEVER);
        }
        session.busy = true;
    }

    /// The peer holds a segment, or another is bringing it: what we are sending of it ends, and the log waits here.
    pub(super) fn skip_came(&mut self, link: LinkId, id: LogId, number: u64) -> Result<(), Fault> {
        let ours = self.log(&id).map(super::circle::Log::sendable);
        let session = self.sessions.get_mut(&link).ok_or(Fault::OutOfTurn)?;
        let sent = session.sent.get(&id).copied().unwrap_or(0);
        if number == 0 || number > sent || sent == NEVER {
            return Ok(());
        }
        let going =
            |out: &Outbound| out.segment.header().log() == id && out.segment.header().number == number;
        if session.outbound.as_ref().is_some_and(going) {
            session.outbound = None;
        }
        session.busy = true;
        // Our own newest words never wait: every path may carry them.
        let behind = ours.is_some_and(|ours| number < ours);
        if id.life.node != self.me.certificate.node || behind {
            session.sent.insert(id, number - 1);
            session.holds.entry(id).or_insert(Hold { through: number - 1, due: None });
        }
        Ok(())
    }

    /// Lets go what was held back long enough for the peer to have heard it from another.
    pub(super) fn release_holds(&mut self, now: Millis) {
        let links: Vec<LinkId> =
            self.sessions.iter().filter(|(_, s)| !s.holds.is_empty()).map(|(l, _)| *l).collect();
        for link in links {
            let Some(session) = self.sessions.get(&link) else { continue };
            let Some(peer) = session.peer else { continue };
            let mut holds = session.holds.clone();
            let mut busy = false;
            holds.retain(|id, hold| {
                let theirs = self.theirs(&peer, &id.circle).map_or(0, |t| t.entries.number(&id.life));
                let ours = self.log(id).map_or(0, super::circle::Log::sendable);
                hold.through = hold.through.max(theirs);
                if ours <= hold.through {
                    hold.due = None;
                    return true;
                }
                let due = *hold.due.get_or_insert(now.plus(HOLD_MS));
                // Nobody brought it in time: from here on it is ours to send.
                busy |= due <= now;
                due > now
            });
            if let Some(session) = self.sessions.get_mut(&link) {
                session.holds = holds;
                session.busy |= busy;
            }
        }
    }

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
            self.say_skip(link, &header);
            return Ok(());
        }
        let segment = Segment::new(header, body).map_err(Fault::Rule)?;
        self.arrived(now, link, peer, segment)
    }

    /// A segment begins, or goes on where our part of it ends.
    pub(super) fn start_came(
        &mut self,
        _now: Millis,
        link: LinkId,
        peer: PeerId,
        bytes: &[u8],
        offset: usize,
    ) -> Result<(), Fault> {
        let session = self.sessions.get_mut(&link).ok_or(Fault::OutOfTurn)?;
        if let Some(before) = session.inbound.take()
            && !before.skip
        {
            return Err(Fault::OutOfTurn);
        }
        let Some(header) = self.judge_header(bytes)? else {
            return Err(Fault::Rule(crate::codec::Malformed::LaterVersion("segment header")));
        };
        self.shared_with(&header.circle, &peer.0)?;
        let coming = |other: &Inbound| !other.skip && other.header.hash() == header.hash();
        let skip =
            self.holds(&header) || self.sessions.values().filter_map(|s| s.inbound.as_ref()).any(coming);
        if skip {
            self.say_skip(link, &header);
        }
        let body = match self.partials.remove(&header.hash()) {
            Some(partial) if offset > 0 => partial.bytes,
            _ => Vec::new(),
        };
        if !skip && (body.len() < offset || offset >= header.length as usize) {
            return Err(Fault::OutOfTurn);
        }
        let mut body = body;
        body.truncate(offset);
        if let Some(session) = self.sessions.get_mut(&link) {
            session.inbound = Some(Inbound { header, body, skip });
        }
        Ok(())
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
        let inbound = session.inbound.as_mut().ok_or(Fault::OutOfTurn)?;
        if inbound.skip {
            return Ok(());
        }
        let length = inbound.header.length as usize;
        if offset != inbound.body.len() || offset + bytes.len() > length {
            return Err(Fault::OutOfTurn);
        }
        inbound.body.extend_from_slice(bytes);
        if inbound.body.len() < length {
            return Ok(());
        }
        let Some(Inbound { header, body, .. }) = session.inbound.take() else { return Ok(()) };
        let segment = Segment::new(header, body).map_err(Fault::Rule)?;
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

    /// Tells a peer that a segment need not come from it.
    fn say_skip(&mut self, link: LinkId, header: &Signed<Header>) {
        self.mark_shown(link, header.log(), header.number);
        self.tell(link, &header.circle, &Message::Skip(header.circle, header.life(), header.number));
    }

    /// The peer has this segment, since it sent it: it is not sent back.
    fn mark_shown(&mut self, link: LinkId, id: LogId, number: u64) {
        if let Some(session) = self.sessions.get_mut(&link) {
            let sent = session.sent.entry(id).or_insert(0);
            *sent = (*sent).max(number);
        }
    }

    /// Keeps what came in of a segment when its link ends, within a bound over all: the oldest goes first.
    pub(super) fn keep_partial(&mut self, now: Millis, inbound: Inbound) {
        if inbound.skip || inbound.body.is_empty() {
            return;
        }
        let hash = inbound.header.hash();
        let longer = self.partials.get(&hash).is_none_or(|held| held.bytes.len() < inbound.body.len());
        if longer {
            let partial = Partial { circle: inbound.header.circle, bytes: inbound.body, touched: now };
            self.partials.insert(hash, partial);
        }
        while self.partials.values().map(|p| p.bytes.len()).sum::<usize>() > PARTIAL_BYTES {
            let oldest = self.partials.iter().min_by_key(|(hash, p)| (p.touched, **hash)).map(|(h, _)| *h);
            let Some(oldest) = oldest else { return };
            self.partials.remove(&oldest);
        }
    }

    /// Queues a message about a circle behind the bound of a link.
    pub(super) fn queue(&mut self, link: LinkId, circle: CircleId, message: Message) {
        if let Some(session) = self.sessions.get_mut(&link) {
            session.queue.push_back((circle, message));
            session.busy = true;
        }
    }
}
