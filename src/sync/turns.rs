//! Fair turns: whose frame the hub hears next.
//!
//! Each partner has its turn, and within it each of its links, so that a partner with fifty links and full queues costs
//! another no more than one turn in two. What waits is bounded by whoever puts it here: [`crate::limit::INBOUND_BYTES`]
//! for each link.

use super::port::LinkId;
use crate::id::PartnerId;
use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound;

/// The links of one partner, each with what waits of it; those of nobody known share one turn.
type Lines<T> = BTreeMap<LinkId, VecDeque<T>>;

/// What waits, by who speaks.
#[derive(Debug)]
pub struct Turns<T> {
    partners: BTreeMap<Option<PartnerId>, (Lines<T>, LinkId)>,
    last: Option<PartnerId>,
}

impl<T> Default for Turns<T> {
    fn default() -> Self {
        Self { partners: BTreeMap::new(), last: None }
    }
}

impl<T> Turns<T> {
    /// Puts something behind what already waits of its link.
    pub fn push(&mut self, partner: Option<PartnerId>, link: LinkId, what: T) {
        // What waits of a link stays in one line, even if its partner became known meanwhile.
        let has_line = |lines: &&mut (Lines<T>, LinkId)| lines.0.contains_key(&link);
        if let Some((lines, _)) = self.partners.values_mut().find(has_line) {
            lines.entry(link).or_default().push_back(what);
            return;
        }
        let (lines, _) = self.partners.entry(partner).or_insert_with(|| (Lines::new(), LinkId(0)));
        lines.entry(link).or_default().push_back(what);
    }

    /// Takes what is next.
    pub fn pop(&mut self) -> Option<(LinkId, T)> {
        let partner = after(&self.partners, &self.last)?;
        self.last = partner;
        let (lines, last) = self.partners.get_mut(&partner)?;
        let link = after(lines, last)?;
        *last = link;
        let line = lines.get_mut(&link)?;
        let what = line.pop_front();
        if line.is_empty() {
            lines.remove(&link);
        }
        if lines.is_empty() {
            self.partners.remove(&partner);
        }
        what.map(|what| (link, what))
    }

    /// Takes all that waits of one link: it has ended.
    pub fn take(&mut self, link: LinkId) -> VecDeque<T> {
        let mut taken = VecDeque::new();
        for (lines, _) in self.partners.values_mut() {
            taken.extend(lines.remove(&link).unwrap_or_default());
        }
        self.partners.retain(|_, (lines, _)| !lines.is_empty());
        taken
    }

    /// How much waits.
    pub fn len(&self) -> usize {
        self.partners.values().flat_map(|(lines, _)| lines.values()).map(VecDeque::len).sum()
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.partners.is_empty()
    }
}

/// The key after `last`, or the first.
fn after<K: Ord + Copy, V>(map: &BTreeMap<K, V>, last: &K) -> Option<K> {
    let next = map.range((Bound::Excluded(*last), Bound::Unbounded)).next();
    next.or_else(|| map.iter().next()).map(|(key, _)| *key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn partner(n: u8) -> Option<PartnerId> {
        Some(PartnerId([n; 32]))
    }

    #[test]
    fn a_partner_with_fifty_links_takes_one_turn_in_two() {
        let mut turns = Turns::default();
        for link in 0..50 {
            for n in 0..1_000 {
                turns.push(partner(1), LinkId(10 + link), n);
            }
        }
        for n in 0..20 {
            turns.push(partner(2), LinkId(99), n);
        }
        let heard: Vec<(LinkId, i32)> = std::iter::from_fn(|| turns.pop()).take(41).collect();
        let quiet: Vec<i32> = heard.iter().filter(|(link, _)| *link == LinkId(99)).map(|(_, n)| *n).collect();
        assert_eq!(quiet, (0..20).collect::<Vec<_>>(), "in order, and one in two");
        // The fifty take turns among themselves.
        let loud: std::collections::BTreeSet<LinkId> =
            heard.iter().map(|(link, _)| *link).filter(|link| *link != LinkId(99)).collect();
        assert!(loud.len() >= 20);
    }

    #[test]
    fn what_waits_of_a_link_stays_in_order_and_goes_with_it() {
        let mut turns = Turns::default();
        turns.push(None, LinkId(1), 1);
        turns.push(partner(7), LinkId(1), 2);
        turns.push(partner(7), LinkId(2), 9);
        assert_eq!(turns.take(LinkId(1)), [1, 2]);
        assert_eq!(turns.pop(), Some((LinkId(2), 9)));
        assert!(turns.is_empty() && turns.pop().is_none());
    }
}
