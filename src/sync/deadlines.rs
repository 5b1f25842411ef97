//! Nothing waits for ever: what a peer has begun, was asked or was sent has a moment by which it must go on.
//!
//! A peer that is too slow loses its link and nothing else: what came in of a segment is kept, and it may come again.

use super::fault::Fault;
use super::hub::Hub;
use super::port::LinkId;
use super::session::Session;
use crate::limit;
use crate::time::Millis;

/// So many bytes must move by a moment; then the next moment counts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Progress {
    by: Millis,
    moved: usize,
}

impl Progress {
    pub(super) fn new(now: Millis, ms: u64) -> Self {
        Self { by: now.plus(ms), moved: 0 }
    }

    /// Bytes moved; once they are `enough`, the peer has as long again.
    pub(super) fn moved(&mut self, now: Millis, bytes: usize, enough: usize, ms: u64) {
        self.moved += bytes;
        if self.moved >= enough {
            *self = Self::new(now, ms);
        }
    }
}

/// What one peer owes.
#[derive(Debug, Default)]
pub(super) struct Owed {
    /// The end of its opening.
    pub(super) opening: Option<Millis>,
    /// The next part of a state.
    pub(super) state: Option<Millis>,
    /// More of a segment that it began.
    pub(super) segment: Option<Progress>,
    /// That it reads what it was sent.
    pub(super) reading: Option<Progress>,
}

impl Owed {
    /// The first moment at which something is due.
    pub(super) fn first(&self) -> Option<Millis> {
        self.of_speech().chain(self.reading.map(|reading| reading.by)).min()
    }

    fn of_speech(&self) -> impl Iterator<Item = Millis> {
        [self.opening, self.state, self.segment.map(|segment| segment.by)].into_iter().flatten()
    }

    /// While our own disk is behind, frames are left in the links: no peer is slow then.
    fn excuse(&mut self, now: Millis) {
        let later = now.plus(limit::BEGUN_MS);
        self.opening = self.opening.map(|by| by.max(later));
        self.state = self.state.map(|by| by.max(later));
        self.segment = self.segment.map(|segment| Progress { by: segment.by.max(later), ..segment });
    }
}

impl Hub {
    /// When something that a peer owes is due, or something that waits is given up.
    pub(super) fn first_deadline(&self) -> Option<Millis> {
        let sessions = self.sessions.values().filter_map(Session::deadline);
        let hunts = self.hunts.values().map(|hunt| hunt.until);
        sessions.chain(hunts).chain(self.unplaced.first_deadline()).min()
    }

    /// Ends what is late.
    pub(super) fn expire(&mut self, now: Millis) {
        if self.first_deadline().is_none_or(|first| first > now) {
            return;
        }
        self.unplaced.expire(now);
        // An answer may be refused in silence: whoever is asked next may give it.
        self.hunts.retain(|_, hunt| hunt.until > now);
        if !self.hungry() {
            self.sessions.values_mut().for_each(|session| session.owed.excuse(now));
        }
        let late = |s: &Session| s.deadline().is_some_and(|deadline| deadline <= now);
        let late: Vec<(LinkId, bool)> =
            self.sessions.iter().filter(|(_, s)| late(s)).map(|(l, s)| (*l, s.welcomed())).collect();
        for (link, welcomed) in late {
            self.blame(now, link, if welcomed { Fault::Slow } else { Fault::Silent });
        }
    }
}
