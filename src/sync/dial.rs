//! Whom to dial and when: every known node of every partner that can be reached, again after a growing pause.

use super::fault::CloseCode;
use super::hub::Hub;
use super::port::{LinkId, Output};
use crate::id::{LinkKey, NodeId, PartnerId};
use crate::time::Millis;
use std::collections::{BTreeMap, BTreeSet};

/// The first pause after a failure, in milliseconds.
const PAUSE_MS: u64 = 1_000;
/// The longest pause, in milliseconds.
const LONGEST_MS: u64 = 5 * 60 * 1_000;
/// The longest pause after a node let us go for who we are, in milliseconds.
const REFUSED_LONGEST_MS: u64 = 60 * 60 * 1_000;
/// How long a dial may go unanswered before it counts as failed, in milliseconds.
const DIAL_MS: u64 = 60_000;

/// How dialling one node goes.
#[derive(Clone, Copy, Debug, Default)]
struct Attempts {
    failures: u32,
    /// How often in a row another that speaks as our node took the place of our link there.
    displaced: u32,
    next: Millis,
    /// When the dial that is out counts as failed.
    out: Option<Millis>,
}

impl Attempts {
    /// Pauses, longer with each failure and at most for `longest`.
    fn rest(&mut self, now: Millis, longest: u64, jitter: u64) {
        let pause = (PAUSE_MS << self.failures.saturating_sub(1).min(12)).min(longest);
        self.next = now.plus(pause / 2 + (pause / 2).saturating_mul(jitter) / (1 << 16));
    }
}

/// What is dialled.
#[derive(Debug, Default)]
pub(super) struct Dialling {
    reach: BTreeSet<PartnerId>,
    paused: BTreeSet<PartnerId>,
    all_paused: bool,
    nodes: BTreeMap<NodeId, Attempts>,
    /// When the next dial is due.
    pub(super) due: Option<Millis>,
}

impl Dialling {
    pub(super) fn reach(&mut self, partner: PartnerId, dialable: bool) {
        if dialable {
            self.reach.insert(partner);
        } else {
            self.reach.remove(&partner);
        }
    }

    pub(super) fn paused(&self, partner: &PartnerId) -> bool {
        self.all_paused || self.paused.contains(partner)
    }

    pub(super) fn paused_all(&self) -> bool {
        self.all_paused
    }

    /// Resuming everyone ends the pauses of single partners too.
    pub(super) fn resume(&mut self, partner: Option<PartnerId>) {
        match partner {
            Some(partner) => {
                self.paused.remove(&partner);
            }
            None => {
                self.all_paused = false;
                self.paused.clear();
            }
        }
    }

    pub(super) fn next_dial(&self, node: &NodeId) -> Option<Millis> {
        self.nodes.get(node).map(|attempts| attempts.next)
    }

    /// Whether a node is being dialled.
    pub(super) fn is_out(&self, node: &NodeId) -> bool {
        self.nodes.get(node).is_some_and(|attempts| attempts.out.is_some())
    }

    /// A dial brought a link.
    pub(super) fn linked(&mut self, node: &NodeId) {
        if let Some(attempts) = self.nodes.get_mut(node) {
            attempts.out = None;
        }
    }

    /// A node proved itself: the next pause is short again.
    pub(super) fn reached(&mut self, node: &NodeId) {
        self.nodes.entry(*node).or_default().failures = 0;
    }

    /// Another that speaks as our node took the place of our link: a copy of this machine goes on. To dial at once would
    /// push it out in turn, for ever, so the pauses grow although the node is reached each time.
    pub(super) fn displaced(&mut self, node: &NodeId) {
        let attempts = self.nodes.entry(*node).or_default();
        attempts.failures = attempts.failures.max(attempts.displaced);
        attempts.displaced = attempts.displaced.saturating_add(1);
    }

    /// A link that we dialled is over, or none came: pause, longer with each failure. `jitter` is 16 random bits, so
    /// that two sides do not dial at once for ever.
    pub(super) fn over(&mut self, now: Millis, node: &NodeId, good: bool, jitter: u64) {
        let attempts = self.nodes.entry(*node).or_default();
        attempts.out = None;
        if good {
            attempts.displaced = 0;
        } else {
            attempts.failures = attempts.failures.saturating_add(1);
        }
        attempts.rest(now, LONGEST_MS, jitter);
    }

    /// A node let us go for who we are: it does not know our partner yet, or knows that our node is closed. Unlike a node
    /// that is out of reach it will say the same for long, so the pauses grow longer than those.
    pub(super) fn refused(&mut self, now: Millis, node: &NodeId, jitter: u64) {
        let attempts = self.nodes.entry(*node).or_default();
        attempts.out = None;
        attempts.failures = attempts.failures.saturating_add(1);
        attempts.rest(now, REFUSED_LONGEST_MS, jitter);
    }
}

impl Hub {
    /// Nodes to dial: reachable, not ourselves, not linked, not paused, not closed.
    fn wanted(&self) -> Vec<(PartnerId, NodeId, LinkKey)> {
        let linked: BTreeSet<NodeId> = self.sessions.values().filter_map(|s| s.peer).map(|p| p.1).collect();
        self.dialling
            .reach
            .iter()
            .filter(|partner| !self.dialling.paused(partner))
            .flat_map(|partner| self.directory.nodes(partner))
            .filter(|c| c.node != self.me.certificate.node && !linked.contains(&c.node))
            .filter(|c| !self.is_closed(&(c.partner, c.node)))
            .map(|c| (c.partner, c.node, c.link))
            .collect()
    }

    /// Dials those whose pause is over, and notes when the next is due.
    pub(super) fn dial(&mut self, now: Millis) {
        self.dialling.due = None;
        if self.dialling.reach.is_empty() {
            return;
        }
        for (partner, node, peer) in self.wanted() {
            let attempts = self.dialling.nodes.entry(node).or_default();
            if attempts.out.is_some_and(|until| until <= now) {
                self.dial_failed(now, &node);
            }
            let attempts = self.dialling.nodes.entry(node).or_default();
            if attempts.out.is_none() && attempts.next <= now {
                attempts.out = Some(now.plus(DIAL_MS));
                self.out(Output::Dial { partner, node, peer });
            }
            let attempts = self.dialling.nodes.get(&node).copied().unwrap_or_default();
            let next = attempts.out.unwrap_or(attempts.next);
            self.dialling.due = Some(self.dialling.due.map_or(next, |due| due.min(next)));
        }
    }

    pub(super) fn dial_failed(&mut self, now: Millis, node: &NodeId) {
        let jitter = self.draw(1 << 16);
        self.dialling.over(now, node, false, jitter);
    }

    /// Ends links and dials no more, until resumed.
    pub(super) fn pause(&mut self, now: Millis, partner: Option<PartnerId>) {
        match partner {
            Some(partner) => {
                self.dialling.paused.insert(partner);
            }
            None => self.dialling.all_paused = true,
        }
        let paused = self
            .sessions
            .iter()
            .filter(|(_, s)| partner.is_none() || s.peer.is_some_and(|peer| Some(peer.0) == partner));
        let links: Vec<LinkId> = paused.map(|(link, _)| *link).collect();
        for link in links {
            self.drop_link(now, link, CloseCode::Paused, None);
        }
    }

    /// Forgets pauses between dials.
    pub(super) fn sync_now(&mut self, now: Millis, partner: Option<PartnerId>) {
        let nodes: Vec<NodeId> = self
            .wanted()
            .into_iter()
            .filter(|(owner, ..)| partner.is_none_or(|partner| *owner == partner))
            .map(|(_, node, _)| node)
            .collect();
        for node in nodes {
            let attempts = self.dialling.nodes.entry(node).or_default();
            attempts.failures = 0;
            attempts.displaced = 0;
            attempts.next = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pause after so many ends of one kind.
    fn pause(ends: usize, end: impl Fn(&mut Dialling, Millis, &NodeId)) -> u64 {
        let (mut dialling, node, mut now) = (Dialling::default(), NodeId([1; 32]), Millis(1));
        let mut pause = 0;
        for _ in 0..ends {
            end(&mut dialling, now, &node);
            let next = dialling.next_dial(&node).unwrap();
            pause = next.since(now);
            now = next;
        }
        pause
    }

    #[test]
    fn whoever_refuses_us_is_asked_more_and_more_rarely_and_whoever_is_out_of_reach_soon() {
        let failed = |dialling: &mut Dialling, now, node: &NodeId| dialling.over(now, node, false, 0);
        let refused = |dialling: &mut Dialling, now, node: &NodeId| dialling.refused(now, node, 0);
        assert_eq!(pause(1, failed), PAUSE_MS / 2);
        assert_eq!(pause(1, refused), PAUSE_MS / 2);
        assert_eq!(pause(1_000, failed), LONGEST_MS / 2);
        assert_eq!(pause(1_000, refused), REFUSED_LONGEST_MS / 2);
    }
}
