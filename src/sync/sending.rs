//! Segments out: what to send next on a link, and how fast.
//!
//! A peer is sent what its last signed heads and this link so far leave out, log by log in order, unasked. At most
//! [`limit::LINK_BYTES`] are handed to a link beyond what it has taken, and one read of [`LOAD_BYTES`] is out for it.

use super::fault::Fault;
use super::hub::{Asked, Hub, PeerId};
use super::message::{Message, WHOLE_BYTES};
use super::port::{LinkId, Output};
use super::session::{Hold, Outbound, Queued, Session};
use crate::id::{CircleId, LogId};
use crate::limit;
use crate::log::Segment;
use crate::time::Millis;
use std::collections::VecDeque;
use std::sync::Arc;

/// Bytes of segments read from the disk at a time for one link.
const LOAD_BYTES: usize = 1024 * 1024;
/// How long a segment that others made waits before it is sent to a peer that hears its log from others too, in
/// milliseconds.
const HOLD_MS: u64 = 1_500;
/// The longest that it waits when the peer has skipped it time and again and never shows that it holds it, in
/// milliseconds.
const HOLD_LONGEST_MS: u64 = 5 * 60 * 1_000;
/// The number of a log that rests until the next session.
const NEVER: u64 = u64::MAX;

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
            match &mut session.owed.reading {
                _ if session.in_flight == 0 => session.owed.reading = None,
                Some(reading) => reading.moved(self.now, bytes, limit::READ_BYTES, limit::READ_MS),
                None => {}
            }
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
        if session.in_flight >= limit::LINK_BYTES {
            return false;
        }
        if let Some((circle, queued)) = session.queue.pop_front() {
            if let Some(message) = self.resolve(circle, queued) {
                self.tell(link, &circle, &message);
            }
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
            Next::Nothing if self.next_apart(link) => true,
            Next::Nothing => {
                if let Some(session) = self.sessions.get_mut(&link) {
                    session.busy = false;
                }
                false
            }
        }
    }

    /// The next segment that the peer lacks: what is at hand, then what was read for it, then what must be read.
    fn next_segment(&mut self, link: LinkId) -> Next {
        let Some(session) = self.sessions.get_mut(&link) else { return Next::Nothing };
        let Some(peer) = session.peer else { return Next::Nothing };
        if std::mem::take(&mut session.rescan) {
            self.scan(link, &peer);
        }
        while let Some(log) = self.front(link, |s| &mut s.at_hand) {
            if let Some(number) = self.lacking(link, &peer, &log) {
                if let Some(segment) = self.recent.get(&log, number).filter(|s| self.stands(s)) {
                    return Next::Segment(segment.clone());
                }
                if let Some(session) = self.sessions.get_mut(&link) {
                    session.to_read.push_back(log);
                }
            }
            self.pop(link, |s| &mut s.at_hand);
        }
        while let Some(segment) = self.sessions.get_mut(&link).and_then(|s| s.loaded.pop_front()) {
            let header = segment.header();
            if self.lacking(link, &peer, &header.log()) == Some(header.number) && self.stands(&segment) {
                return Next::Segment(segment);
            }
        }
        while let Some(log) = self.front(link, |s| &mut s.to_read) {
            if let Some(number) = self.lacking(link, &peer, &log) {
                return Next::Load(log, number);
            }
            self.pop(link, |s| &mut s.to_read);
        }
        Next::Nothing
    }

    /// Whether a segment stands in its log as we know it now.
    fn stands(&self, segment: &Segment) -> bool {
        let header = segment.header();
        let here = self.log(&header.log()).and_then(|log| log.hashes.get(&header.number));
        here.is_none_or(|here| *here == header.hash())
    }

    fn front(&mut self, link: LinkId, list: impl Fn(&mut Session) -> &mut VecDeque<LogId>) -> Option<LogId> {
        list(self.sessions.get_mut(&link)?).front().copied()
    }

    fn pop(&mut self, link: LinkId, list: impl Fn(&mut Session) -> &mut VecDeque<LogId>) {
        if let Some(session) = self.sessions.get_mut(&link) {
            list(session).pop_front();
        }
    }

    /// Lists the logs of which the peer lacks something, those with the least to say first, so that a few new words do
    /// not wait behind a long history.
    fn scan(&mut self, link: LinkId, peer: &PeerId) {
        let mut at_hand = Vec::new();
        let mut to_read = Vec::new();
        for (id, circle) in &self.circles {
            if !circle.saved || circle.charter.role(&peer.0).is_none() || self.theirs(peer, id).is_none() {
                continue;
            }
            for (life, log) in &circle.logs {
                let id = LogId { circle: *id, life: *life };
                let Some(number) = self.lacking(link, peer, &id) else { continue };
                let rest = log.sendable().saturating_sub(number);
                match self.recent.get(&id, number) {
                    Some(_) => at_hand.push((rest, id)),
                    None => to_read.push((rest, id)),
                }
            }
        }
        at_hand.sort_unstable();
        to_read.sort_unstable();
        if let Some(session) = self.sessions.get_mut(&link) {
            session.at_hand = at_hand.into_iter().map(|(_, log)| log).collect();
            session.to_read = to_read.into_iter().map(|(_, log)| log).collect();
        }
    }

    /// The next number of a log that the peer lacks and that it may be sent.
    fn lacking(&self, link: LinkId, peer: &PeerId, id: &LogId) -> Option<u64> {
        if self.resting.contains(&id.circle) {
            return None;
        }
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
        // While a link is young, what it may lose in one piece is kept small: see `Session::range`.
        if offset == 0 && segment.body().len() <= session.range.min(WHOLE_BYTES) {
            session.range = (session.range * 2).min(limit::RANGE_BYTES);
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
        session.stir();
        // Our own newest words never wait: every path may carry them.
        let behind = ours.is_some_and(|ours| number < ours);
        if id.life.node != self.me.certificate.node || behind {
            session.sent.insert(id, number - 1);
            let skipped = session.skipped.entry(id).or_insert((number, 0));
            *skipped = if skipped.0 == number { (number, skipped.1.saturating_add(1)) } else { (number, 1) };
            let wait_ms = (HOLD_MS << (skipped.1 - 1).min(16)).min(HOLD_LONGEST_MS);
            session.holds.entry(id).or_insert(Hold { through: number - 1, due: None, wait_ms });
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
                let due = *hold.due.get_or_insert(now.plus(hold.wait_ms));
                // Nobody brought it in time: from here on it is ours to send.
                busy |= due <= now;
                due > now
            });
            if let Some(session) = self.sessions.get_mut(&link) {
                session.holds = holds;
                if busy {
                    session.stir();
                }
            }
        }
    }

    /// What was queued, as it is now.
    fn resolve(&self, circle: CircleId, queued: Queued) -> Option<Message> {
        match queued {
            Queued::Message(message) => Some(message),
            Queued::Record(hash) => {
                let record = self.circles.get(&circle)?.records.get(&hash)?;
                Some(Message::Record(circle, record.kind(), record.bytes().into()))
            }
            Queued::Card(partner) => {
                Some(Message::Card(circle, self.directory.card(&partner)?.bytes().to_vec().into()))
            }
            Queued::List => {
                Some(Message::RecordList(circle, self.circles.get(&circle)?.record_hashes(&self.directory)))
            }
        }
    }

    /// Queues something about a circle behind the bound of a link.
    pub(super) fn queue(&mut self, link: LinkId, circle: CircleId, queued: Queued) {
        if let Some(session) = self.sessions.get_mut(&link) {
            session.queue.push_back((circle, queued));
            session.busy = true;
        }
    }
}
