//! A network in memory and virtual time: links between numbered places, each delivering its frames in order, late, and
//! not at all once it is cut or frozen. Knows nothing of hubs: whoever drives it moves inputs and outputs.

use super::chance::Chance;
use homeward::sync::LinkId;
use homeward::time::Millis;
use std::collections::{BTreeMap, BTreeSet};

/// What the network does to a place.
#[derive(Debug)]
pub(crate) enum Delivery {
    /// A link is up at this place.
    Up { place: usize, link: LinkId, dialled: bool, other: usize, exporter: [u8; 32] },
    /// A frame arrives.
    Frame { place: usize, link: LinkId, bytes: Vec<u8> },
    /// The link took bytes that the place had handed to it.
    Room { place: usize, link: LinkId, bytes: usize },
    /// The link is gone; with the code if the other side closed it.
    Down { place: usize, link: LinkId, code: Option<u16> },
}

impl Delivery {
    /// Where it arrives.
    pub(crate) fn place(&self) -> usize {
        match self {
            Self::Up { place, .. }
            | Self::Frame { place, .. }
            | Self::Room { place, .. }
            | Self::Down { place, .. } => *place,
        }
    }
}

/// How links behave.
#[derive(Clone, Debug)]
pub(crate) struct Weather {
    /// Greatest delay of a frame, in milliseconds.
    pub delay_ms: u64,
    /// Bytes in one direction after which a link silently carries nothing more; it falls after `idle_ms`.
    pub freeze_after: Option<usize>,
    /// How long a frozen link stands, in milliseconds.
    pub idle_ms: u64,
}

impl Default for Weather {
    fn default() -> Self {
        Self { delay_ms: 80, freeze_after: None, idle_ms: 5_000 }
    }
}

#[derive(Debug)]
struct Wire {
    ends: [(usize, LinkId); 2],
    up: bool,
    /// By direction: bytes carried, and when the last frame arrives.
    carried: [usize; 2],
    last: [Millis; 2],
    frozen: bool,
}

/// The network.
pub(crate) struct Net {
    pub chance: Chance,
    pub weather: Weather,
    wires: Vec<Wire>,
    by_end: BTreeMap<(usize, LinkId), (usize, usize)>,
    due: BTreeMap<(Millis, u64), Delivery>,
    order: u64,
    next_link: u64,
    /// Pairs of places between which links can stand.
    pub roads: BTreeSet<(usize, usize)>,
    /// Places that read nothing of what they are sent.
    pub deaf: BTreeSet<usize>,
    /// Bytes carried in all.
    pub bytes: usize,
    /// Frames carried in all.
    pub frames: usize,
}

fn pair(a: usize, b: usize) -> (usize, usize) {
    (a.min(b), a.max(b))
}

#[allow(dead_code)] // each test that names this file uses what it needs of it
impl Net {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            chance: Chance::new(seed),
            weather: Weather::default(),
            wires: Vec::new(),
            by_end: BTreeMap::new(),
            due: BTreeMap::new(),
            order: 0,
            next_link: 0,
            roads: BTreeSet::new(),
            deaf: BTreeSet::new(),
            bytes: 0,
            frames: 0,
        }
    }

    pub(crate) fn open_road(&mut self, a: usize, b: usize) {
        self.roads.insert(pair(a, b));
    }

    /// No new links between two places; those that stand are cut.
    pub(crate) fn close_road(&mut self, now: Millis, a: usize, b: usize) {
        self.roads.remove(&pair(a, b));
        for wire in 0..self.wires.len() {
            let ends = self.wires[wire].ends;
            if pair(ends[0].0, ends[1].0) == pair(a, b) {
                self.cut(now, wire);
            }
        }
    }

    /// A place goes dark: all its links are cut, and it hears no more of them.
    pub(crate) fn dark(&mut self, now: Millis, place: usize) {
        for wire in 0..self.wires.len() {
            if self.wires[wire].ends.iter().any(|end| end.0 == place) {
                self.cut(now, wire);
            }
        }
        self.due.retain(|_, delivery| delivery.place() != place);
    }

    /// Cuts some link that stands.
    pub(crate) fn cut_some(&mut self, now: Millis) {
        let up: Vec<usize> = (0..self.wires.len()).filter(|w| self.wires[*w].up).collect();
        if !up.is_empty() {
            let wire = *self.chance.pick(&up);
            self.cut(now, wire);
        }
    }

    fn put(&mut self, at: Millis, delivery: Delivery) {
        self.order += 1;
        self.due.insert((at, self.order), delivery);
    }

    /// `from` dials `to`: a link stands on both sides a little later; `false` if there is no road.
    pub(crate) fn dial(&mut self, now: Millis, from: usize, to: usize) -> bool {
        if !self.roads.contains(&pair(from, to)) {
            return false;
        }
        let exporter = self.chance.array();
        self.next_link += 2;
        let ends = [(from, LinkId(self.next_link)), (to, LinkId(self.next_link + 1))];
        let wire = self.wires.len();
        let mut last = [now; 2];
        for (side, (place, link)) in ends.into_iter().enumerate() {
            let at = now.plus(1 + self.chance.below(self.weather.delay_ms));
            // Frames of the other side arrive after the link stands here.
            last[1 - side] = at;
            self.by_end.insert((place, link), (wire, side));
            let other = ends[1 - side].0;
            self.put(at, Delivery::Up { place, link, dialled: side == 0, other, exporter });
        }
        self.wires.push(Wire { ends, up: true, carried: [0; 2], last, frozen: false });
        true
    }

    /// How many links stand.
    pub(crate) fn standing(&self) -> usize {
        self.wires.iter().filter(|wire| wire.up).count()
    }

    /// Who is at the other end of a link.
    pub(crate) fn other_end(&self, place: usize, link: LinkId) -> Option<usize> {
        self.by_end.get(&(place, link)).map(|(wire, side)| self.wires[*wire].ends[1 - side].0)
    }

    /// A place hands a frame to a link.
    pub(crate) fn send(&mut self, now: Millis, place: usize, link: LinkId, frame: Vec<u8>) {
        let Some(&(wire, side)) = self.by_end.get(&(place, link)) else { return };
        let delay = 1 + self.chance.below(self.weather.delay_ms);
        let length = frame.len();
        let w = &mut self.wires[wire];
        if !w.up {
            return;
        }
        w.carried[side] += length;
        if self.weather.freeze_after.is_some_and(|limit| w.carried[side] > limit) {
            if !std::mem::replace(&mut w.frozen, true) {
                let [a, b] = w.ends;
                let at = now.plus(self.weather.idle_ms);
                self.put(at, Delivery::Down { place: a.0, link: a.1, code: None });
                self.put(at, Delivery::Down { place: b.0, link: b.1, code: None });
            }
            return;
        }
        if w.frozen || self.deaf.contains(&w.ends[1 - side].0) {
            return;
        }
        self.bytes += length;
        self.frames += 1;
        let at = now.plus(delay).max(w.last[side]);
        w.last[side] = at;
        let (other, other_link) = w.ends[1 - side];
        self.put(at, Delivery::Frame { place: other, link: other_link, bytes: frame });
        self.put(now.plus(delay), Delivery::Room { place, link, bytes: length });
    }

    /// A place closes a link: the other side hears of it after what was sent.
    pub(crate) fn close(&mut self, now: Millis, place: usize, link: LinkId, code: u16) {
        let Some(&(wire, side)) = self.by_end.get(&(place, link)) else { return };
        let w = &mut self.wires[wire];
        if !w.up {
            return;
        }
        w.up = false;
        let at = w.last[side].max(now.plus(1));
        let (other, other_link) = w.ends[1 - side];
        self.due.retain(
            |_, d| !matches!(d, Delivery::Frame { place: p, link: l, .. } if (*p, *l) == (place, link)),
        );
        self.put(at, Delivery::Down { place: other, link: other_link, code: Some(code) });
    }

    fn cut(&mut self, now: Millis, wire: usize) {
        let w = &mut self.wires[wire];
        if !std::mem::replace(&mut w.up, false) {
            return;
        }
        let ends = w.ends;
        self.due.retain(|_, d| {
            !matches!(d, Delivery::Frame { place, link, .. } | Delivery::Up { place, link, .. }
                if ends.contains(&(*place, *link)))
        });
        for (place, link) in ends {
            let at = now.plus(1 + self.chance.below(200));
            self.put(at, Delivery::Down { place, link, code: None });
        }
    }

    /// The most bytes that are on their way on one link in one direction.
    pub(crate) fn most_on_the_way(&self) -> usize {
        let mut by_end: BTreeMap<(usize, LinkId), usize> = BTreeMap::new();
        for delivery in self.due.values() {
            if let Delivery::Frame { place, link, bytes } = delivery {
                *by_end.entry((*place, *link)).or_default() += bytes.len();
            }
        }
        by_end.into_values().max().unwrap_or(0)
    }

    /// When something arrives next.
    pub(crate) fn next_at(&self) -> Option<Millis> {
        self.due.keys().next().map(|(at, _)| *at)
    }

    /// What arrives next, if it is due.
    pub(crate) fn take(&mut self, now: Millis) -> Option<Delivery> {
        let key = *self.due.keys().next().filter(|(at, _)| *at <= now)?;
        let delivery = self.due.remove(&key)?;
        if let Delivery::Down { place, link, .. } = &delivery
            && let Some((wire, _)) = self.by_end.get(&(*place, *link))
        {
            self.wires[*wire].up = false;
        }
        Some(delivery)
    }
}
