//! Who may begin a handshake: places, and how fast they are given, by where a caller comes from. Pure: time is an
//! argument, so that a flood can be tried in virtual time.
//!
//! A handshake costs us about a millisecond and a place until it is done, so:
//! - one source (an IPv4 address, an IPv6 /64) holds few places, however many handshakes it leaves half done;
//! - a caller that has not proven its address (Retry) cannot use up what a proven one of the same source may have;
//! - some places, and the pace of strangers, are kept for sources at which a known node was met.
//!
//! An attacker at the very address of a known node still shares its places. It is known by its address alone: nothing
//! else can be known before a handshake.

use crate::id::LinkKey;
use crate::limit;
use crate::pace::Pace;
use crate::time::Millis;
use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;

/// Where a caller comes from: an IPv4 address, or the /64 that one IPv6 subscriber has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source([u8; 8]);

impl From<IpAddr> for Source {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(v4) => {
                let [a, b, c, d] = v4.octets();
                // No /64 in use begins with zeros.
                Self([0, 0, 0, 0, a, b, c, d])
            }
            IpAddr::V6(v6) => Self(v6.octets().first_chunk().copied().unwrap_or_default()),
        }
    }
}

/// A place among the handshakes in flight. Hand it back with [`Admission::release`].
#[derive(Debug)]
pub struct Place {
    source: Source,
    proven: bool,
}

/// What becomes of a caller.
#[derive(Debug)]
pub enum Answer {
    /// Its handshake may begin.
    Take(Place),
    /// It must prove its address first.
    Retry,
    /// It is told that the node is busy.
    Refuse,
}

/// What one source has.
#[derive(Debug)]
struct Caller {
    proven: usize,
    unproven: usize,
    pace: Pace,
}

impl Caller {
    /// One that takes its first place.
    fn new(now: Millis) -> Self {
        let mut pace = Pace::new(limit::SOURCE_PACE, now);
        pace.take(now, 0);
        Self { proven: 0, unproven: 0, pace }
    }
}

/// The rule, with what it has to remember: at most a few hundred sources.
#[derive(Debug)]
pub struct Admission {
    in_flight: usize,
    callers: BTreeMap<Source, Caller>,
    strangers: Pace,
    /// Where known nodes were met, the latest last; few for each, so that none crowds out another.
    met: BTreeMap<LinkKey, VecDeque<Source>>,
}

impl Admission {
    /// Nobody is in flight.
    pub fn new(now: Millis) -> Self {
        Self {
            in_flight: 0,
            callers: BTreeMap::new(),
            strangers: Pace::new(limit::STRANGERS_PACE, now),
            met: BTreeMap::new(),
        }
    }

    /// Judges one caller. `proven`: whether it has shown that it receives at that address.
    pub fn judge(&mut self, now: Millis, source: Source, proven: bool) -> Answer {
        let known = self.met.values().flatten().any(|met| *met == source);
        self.forget_idle(now);
        let caller = self.callers.get(&source);
        let unproven = caller.map_or(0, |caller| caller.unproven);
        let crowded =
            self.in_flight >= limit::HANDSHAKES_RETRY || unproven >= limit::HANDSHAKES_UNPROVEN_PER_SOURCE;
        if !proven && crowded {
            return Answer::Retry;
        }
        let places = if known { limit::HANDSHAKES } else { limit::HANDSHAKES - limit::HANDSHAKES_KNOWN };
        let held = caller.map_or(0, |caller| caller.proven);
        if self.in_flight >= places || held >= limit::HANDSHAKES_PER_SOURCE {
            return Answer::Refuse;
        }
        // Half of each pace is for callers that have proven their address.
        let kept = |burst: u32| if proven { 0 } else { burst / 2 };
        let late = if proven { Answer::Refuse } else { Answer::Retry };
        let slow = |caller: &mut Caller| !caller.pace.take(now, kept(limit::SOURCE_PACE.burst));
        if self.callers.get_mut(&source).is_some_and(slow)
            || (!known && !self.strangers.take(now, kept(limit::STRANGERS_PACE.burst)))
        {
            return late;
        }
        // Nobody is remembered for having been sent away.
        let caller = self.callers.entry(source).or_insert_with(|| Caller::new(now));
        if proven {
            caller.proven += 1;
        } else {
            caller.unproven += 1;
        }
        self.in_flight += 1;
        Answer::Take(Place { source, proven })
    }

    /// A handshake is over, however it went.
    pub fn release(&mut self, place: Place) {
        self.in_flight = self.in_flight.saturating_sub(1);
        if let Some(caller) = self.callers.get_mut(&place.source) {
            let held = if place.proven { &mut caller.proven } else { &mut caller.unproven };
            *held = held.saturating_sub(1);
        }
    }

    /// A known node was met at a source: from there it comes in even while strangers crowd.
    pub fn met(&mut self, key: LinkKey, source: Source) {
        if self.met.len() >= limit::KNOWN_NODES_MET && !self.met.contains_key(&key) {
            return;
        }
        let sources = self.met.entry(key).or_default();
        sources.retain(|other| *other != source);
        sources.push_back(source);
        if sources.len() > limit::SOURCES_OF_A_NODE {
            sources.pop_front();
        }
    }

    /// Handshakes in flight.
    pub fn in_flight(&self) -> usize {
        self.in_flight
    }

    /// Sources remembered for their places and pace.
    pub fn sources(&self) -> usize {
        self.callers.len()
    }

    /// Sources that hold nothing and have used nothing lately are forgotten, once there are many.
    fn forget_idle(&mut self, now: Millis) {
        if self.callers.len() < limit::SOURCES {
            return;
        }
        self.callers.retain(|_, caller| caller.proven + caller.unproven > 0 || !caller.pace.is_full(now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(n: u8) -> Source {
        Source::from(IpAddr::from([10, 0, 0, n]))
    }

    fn take(admission: &mut Admission, now: Millis, source: Source, proven: bool) -> Option<Place> {
        match admission.judge(now, source, proven) {
            Answer::Take(place) => Some(place),
            Answer::Retry | Answer::Refuse => None,
        }
    }

    #[test]
    fn one_source_cannot_hold_all_places() {
        let mut admission = Admission::new(Millis(0));
        let held: Vec<Place> =
            (0..1_000).filter_map(|_| take(&mut admission, Millis(0), source(1), true)).collect();
        assert_eq!(held.len(), limit::HANDSHAKES_PER_SOURCE);
        assert!(matches!(admission.judge(Millis(0), source(1), true), Answer::Refuse));
        assert!(take(&mut admission, Millis(0), source(2), true).is_some());
        held.into_iter().for_each(|place| admission.release(place));
        assert!(take(&mut admission, Millis(0), source(1), true).is_some());
    }

    #[test]
    fn who_has_not_proven_its_address_uses_up_nothing_of_who_has() {
        let mut admission = Admission::new(Millis(0));
        // Somebody else's packets under this address, for ever.
        let forged: Vec<Place> =
            (0..1_000).filter_map(|_| take(&mut admission, Millis(0), source(1), false)).collect();
        assert_eq!(forged.len(), limit::HANDSHAKES_UNPROVEN_PER_SOURCE);
        assert!(matches!(admission.judge(Millis(0), source(1), false), Answer::Retry));
        for place in forged {
            admission.release(place);
        }
        for _ in 0..1_000 {
            if let Some(place) = take(&mut admission, Millis(0), source(1), false) {
                admission.release(place);
            }
        }
        // Neither its places nor its pace are used up.
        let real: Vec<Place> =
            (0..99).filter_map(|_| take(&mut admission, Millis(0), source(1), true)).collect();
        assert_eq!(real.len(), limit::HANDSHAKES_PER_SOURCE);
    }

    #[test]
    fn from_sixteen_in_flight_an_address_must_be_proven_and_strangers_leave_places_to_known_nodes() {
        let mut admission = Admission::new(Millis(0));
        admission.met(LinkKey([1; 32]), source(200));
        let mut held = Vec::new();
        for n in 0..100 {
            let unproven = take(&mut admission, Millis(0), source(n), false);
            assert_eq!(unproven.is_some(), held.len() < limit::HANDSHAKES_RETRY);
            held.extend(unproven.or_else(|| take(&mut admission, Millis(0), source(n), true)));
        }
        assert_eq!(held.len(), limit::HANDSHAKES - limit::HANDSHAKES_KNOWN);
        assert!(matches!(admission.judge(Millis(0), source(200), false), Answer::Retry));
        let known: Vec<Place> =
            (0..99).filter_map(|_| take(&mut admission, Millis(0), source(200), true)).collect();
        assert_eq!(known.len(), limit::HANDSHAKES_PER_SOURCE);
        assert!(admission.in_flight() <= limit::HANDSHAKES);
    }

    #[test]
    fn strangers_come_no_faster_than_their_pace_and_known_nodes_do_not_wait_for_them() {
        let mut admission = Admission::new(Millis(0));
        admission.met(LinkKey([1; 32]), source(200));
        let mut taken = 0;
        // Two hundred strangers a millisecond, each done at once, for ten seconds.
        for ms in 0..10_000 {
            for n in 0..200 {
                if let Some(place) = take(&mut admission, Millis(ms), source(n), true) {
                    admission.release(place);
                    taken += 1;
                }
            }
            assert!(admission.sources() <= limit::SOURCES + 200);
        }
        let most = limit::STRANGERS_PACE.burst + limit::STRANGERS_PACE.per_min / 6;
        assert!(taken <= most, "{taken}");
        assert!(taken >= most - limit::STRANGERS_PACE.per_min / 60, "{taken}");
        assert!(take(&mut admission, Millis(10_000), source(200), false).is_some());
    }

    #[test]
    fn a_subscriber_has_one_source_however_many_addresses_it_has() {
        let at = |text: &str| Source::from(text.parse::<IpAddr>().unwrap());
        assert_eq!(at("2001:db8:1:2::1"), at("2001:db8:1:2:ffff::9"));
        assert_ne!(at("2001:db8:1:2::1"), at("2001:db8:1:3::1"));
        assert_eq!(at("::ffff:10.0.0.1"), at("10.0.0.1"));
        assert_ne!(at("10.0.0.1"), at("10.0.0.2"));
    }

    #[test]
    fn a_node_is_remembered_at_few_places_and_the_latest_count() {
        let mut admission = Admission::new(Millis(0));
        for n in 0..100 {
            admission.met(LinkKey([1; 32]), source(n));
        }
        admission.met(LinkKey([2; 32]), source(200));
        let remembered = admission.met.values().map(VecDeque::len).sum::<usize>();
        assert_eq!(remembered, limit::SOURCES_OF_A_NODE + 1);
        assert!(admission.met.values().flatten().any(|met| *met == source(99)));
    }
}
