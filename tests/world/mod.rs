//! A world: offices with keys, disks, hubs and sheets, on one network, one seed and one virtual clock.
//!
//! It says what people do (`people`), lets time go on (`settle`) and holds the laws (`laws`). Where it may go wrong is
//! drawn from the seed: links that are cut, saves that come late or fail, machines that stop. The same seed gives the
//! same world, byte for byte, as long as the seeded envelope seals; age draws its own chance.

#![allow(dead_code, reason = "each promise uses its own part of the world")]
// Helpers of tests stand outside of test functions: what may panic there is the test's own word.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

#[path = "../hub/chance.rs"]
pub(crate) mod chance;
mod disk;
mod drive;
mod envelope;
mod laws;
#[path = "../hub/net.rs"]
pub(crate) mod net;
mod office;
mod people;
mod secret;

use chance::Chance;
use drive::Later;
use envelope::Counting;
use homeward::case::Change;
use homeward::id::{CaseId, CircleId, EditRef, Hash, InstanceId, PartnerId};
use homeward::log::{Charter, Segment};
use homeward::seal::{Card, Certificate, card, certificate, demo_node, demo_partner};
use homeward::sign::{Domain, Signed, hash};
use homeward::sync::{Input, LinkId};
use homeward::time::Millis;
use net::Net;
pub(crate) use office::Office;
use secret::Untold;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// Where virtual time begins.
pub(crate) const DAWN: Millis = Millis(1_790_000_000_000);

/// An edit that a person was told is kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told {
    pub circle: CircleId,
    pub case: CaseId,
    pub edit: EditRef,
}

/// A frame on its way.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub from: usize,
    pub to: usize,
    /// By the number that it has at the sender.
    pub link: LinkId,
    pub frame: Vec<u8>,
}

pub(crate) struct World {
    pub seed: u64,
    pub now: Millis,
    pub chance: Chance,
    pub net: Net,
    pub offices: Vec<Office>,
    /// Saves answer within so many milliseconds, and of a hundred so many fail.
    pub saves_late: u64,
    pub saves_fail: u64,
    /// Every edit that was acknowledged to a person.
    pub told: Vec<Told>,
    /// A hash over every frame, when it was sent and by whom.
    pub trace: Hash,
    pub crashes: u64,
    /// Every frame with who sent it to whom, once someone asks for them.
    pub sent: Option<Vec<Sent>>,
    /// Nodes that came when there were epochs already: they hold what they cannot open.
    late: BTreeSet<usize>,
    /// Links that stand, by place and by the number that each has there: where they lead.
    links: BTreeMap<(usize, LinkId), usize>,
    age: bool,
    untold: Vec<Untold>,
    due: BTreeMap<(Millis, u64), (usize, u64, Later)>,
    order: u64,
    /// How often each office was started: what its earlier machine still had to do is void.
    starts: Vec<u64>,
    /// Whether a read is due.
    reads: Vec<bool>,
    /// Roads that are there when nothing is cut.
    roads: BTreeSet<(usize, usize)>,
}

/// A case by name.
pub(crate) fn case(name: &str) -> CaseId {
    let bytes = hash(Domain::Chance, &[b"case", name.as_bytes()]).0;
    CaseId(*bytes.first_chunk().unwrap())
}

impl World {
    /// An empty world whose envelope is the seeded stand-in.
    pub(crate) fn new(seed: u64) -> Self {
        let mut chance = Chance::new(seed);
        Self {
            seed,
            now: DAWN,
            net: Net::new(chance.next()),
            chance,
            offices: Vec::new(),
            saves_late: 20,
            saves_fail: 0,
            told: Vec::new(),
            trace: Hash::ZERO,
            crashes: 0,
            sent: None,
            late: BTreeSet::new(),
            links: BTreeMap::new(),
            age: false,
            untold: Vec::new(),
            due: BTreeMap::new(),
            order: 0,
            starts: Vec::new(),
            reads: Vec::new(),
            roads: BTreeSet::new(),
        }
    }

    /// An empty world whose envelope is age.
    pub(crate) fn sealed_with_age(seed: u64) -> Self {
        let mut world = Self::new(seed);
        world.age = true;
        world
    }

    /// Offices that hold each other's cards, with links between all of them.
    pub(crate) fn offices<const N: usize>(self, names: [&str; N]) -> Self {
        self.offices_of(&names)
    }

    pub(crate) fn offices_of(mut self, names: &[&str]) -> Self {
        for name in names {
            self.add_office(name, name, 1);
        }
        let cards: BTreeMap<PartnerId, Signed<Card>> = self
            .offices
            .iter()
            .map(|office| (office.partner(), card_of(office, std::slice::from_ref(&office.certificate), 1)))
            .collect();
        for office in &mut self.offices {
            office.disk.cards.clone_from(&cards);
        }
        for place in 0..self.offices.len() {
            self.start(place, false);
        }
        for from in 0..self.offices.len() {
            for to in from + 1..self.offices.len() {
                self.link(from, to);
            }
        }
        self
    }

    fn add_office(&mut self, name: &str, of: &str, serial: u64) -> usize {
        let (partner_key, secret) = (demo_partner(of), demo_node(name));
        self.offices.push(Office {
            name: name.to_owned(),
            certificate: certificate(&partner_key, &secret.public(), serial, DAWN).unwrap(),
            partner_key,
            secret,
            instance: InstanceId(self.chance.array()),
            envelope: Counting::new(self.age),
            disk: disk::Disk::default(),
            hub: None,
            rooms: BTreeMap::new(),
            dials: Vec::new(),
            frames: VecDeque::new(),
            faults: Vec::new(),
            troubles: Vec::new(),
        });
        self.untold.push(Untold::default());
        self.starts.push(0);
        self.reads.push(false);
        self.offices.len() - 1
    }

    /// A partner takes a second node: its first node is given the card that names both.
    pub(crate) fn second_node(&mut self, of: &str, name: &str) {
        let first = self.place(of);
        let second = self.add_office(name, of, 2);
        self.late.insert(second);
        let nodes: [Signed<Certificate>; 2] =
            [self.offices[first].certificate.clone(), self.offices[second].certificate.clone()];
        let card = card_of(&self.offices[first], &nodes, 2);
        let mut cards = self.offices[first].disk.cards.clone();
        cards.insert(card.partner, card.clone());
        self.offices[second].disk.cards = cards;
        self.untold[second] = Untold::default();
        for (circle, charter) in self.circles() {
            if charter.role(&card.partner).is_none() {
                self.untold[second].add_circle(&circle);
            }
        }
        self.start(second, false);
        self.give(first, Input::Card(Box::new(card)));
        for other in 0..second {
            self.link(other, second);
        }
    }

    pub(crate) fn place(&self, name: &str) -> usize {
        self.offices.iter().position(|office| office.name == name).unwrap()
    }

    pub(crate) fn office(&self, name: &str) -> &Office {
        &self.offices[self.place(name)]
    }

    /// A road between two places, dialled from one side or from both.
    fn link(&mut self, a: usize, b: usize) {
        self.roads.insert((a, b));
        self.net.open_road(a, b);
        let sides = self.chance.below(3);
        for (from, to, dials) in [(a, b, sides != 1), (b, a, sides != 0)] {
            if dials {
                let partner = self.offices[to].partner();
                self.offices[from].dials.push(partner);
                self.give(from, Input::Reach { partner, dialable: true });
            }
        }
    }

    /// From now on links stand between these pairs alone.
    pub(crate) fn only_links<const N: usize>(&mut self, pairs: [(&str, &str); N]) {
        let kept: BTreeSet<(usize, usize)> = pairs
            .into_iter()
            .map(|(a, b)| (self.place(a), self.place(b)))
            .map(|(a, b)| (a.min(b), a.max(b)))
            .collect();
        for (a, b) in self.roads.difference(&kept).copied().collect::<Vec<_>>() {
            self.net.close_road(self.now, a, b);
        }
        self.roads = kept;
    }

    /// Every road that was cut is open again.
    pub(crate) fn heal(&mut self) {
        for (a, b) in self.roads.clone() {
            self.net.open_road(a, b);
        }
    }

    pub(crate) fn found(&mut self, members: &[usize], carriers: &[usize]) -> CircleId {
        let founder = &self.offices[members[0]];
        let sorted = |list: &[usize]| {
            let ids: BTreeSet<PartnerId> = list.iter().map(|place| self.offices[*place].partner()).collect();
            ids.into_iter().collect::<Vec<_>>()
        };
        let charter = Charter {
            version: 1,
            nonce: self.chance.array(),
            members: sorted(members),
            carriers: sorted(carriers),
            rules: 1,
            time: self.now,
            founder: founder.partner(),
            node: founder.node(),
            certificate: founder.certificate.bytes().to_vec(),
        };
        let charter = Signed::sign(charter, &founder.secret).unwrap();
        let circle = charter.circle();
        for (office, untold) in self.offices.iter().zip(&mut self.untold) {
            if charter.role(&office.partner()).is_none() {
                untold.add_circle(&circle);
            }
        }
        self.offices[members[0]].disk.circles.insert(circle, charter.clone());
        self.offices[members[0]].open_room(circle);
        self.give(members[0], Input::NewCircle { charter });
        circle
    }

    /// Every circle that anyone holds.
    pub(crate) fn circles(&self) -> BTreeMap<CircleId, Signed<Charter>> {
        let held = self.offices.iter().flat_map(|office| &office.disk.circles);
        held.map(|(circle, charter)| (*circle, charter.clone())).collect()
    }

    /// A person writes at an office: durable, then told; a segment is cut of it a little later.
    pub(crate) fn write(&mut self, place: usize, circle: CircleId, case: CaseId, change: Change) -> EditRef {
        let edit = self.offices[place].edit(case, change, self.now);
        let edit = self.offices[place].write(circle, edit, self.now);
        self.told.push(Told { circle, case, edit });
        self.later(place, 3_000, Later::Cut);
        edit
    }

    /// Cuts what waits at an office, and remembers who must never see a byte of it.
    fn cut(&mut self, place: usize, circle: CircleId) -> Vec<Arc<Segment>> {
        let segments = self.offices[place].cut(circle, self.now, &mut self.chance);
        let charter = &self.offices[place].disk.circles[&circle];
        for (office, untold) in self.offices.iter().zip(&mut self.untold) {
            if charter.role(&office.partner()).is_none() {
                segments.iter().for_each(|segment| untold.add_segment(segment));
            }
        }
        segments
    }

    /// One office says a message of its own making on its link to another.
    pub(crate) fn inject(&mut self, from: &str, to: &str, frame: Vec<u8>) {
        let link = self.link_between(from, to);
        self.send(self.place(from), link, frame);
    }

    /// The link that stands from one office to another.
    pub(crate) fn link_between(&self, from: &str, to: &str) -> LinkId {
        let (from, to) = (self.place(from), self.place(to));
        self.links.iter().find(|((place, _), other)| (*place, **other) == (from, to)).unwrap().0.1
    }

    /// Whether a frame holds something of a circle that an office is not in.
    pub(crate) fn is_untold(&self, name: &str, frame: &[u8]) -> bool {
        self.untold[self.place(name)].is_in(frame)
    }

    /// Lets time go on until everything that was said is where it belongs and the hubs are quiet, then holds the laws.
    pub(crate) fn settle(&mut self) {
        for _ in 0..6 * 60 {
            self.run_for(60_000);
            if self.at_rest() {
                self.grow_quiet();
                return self.hold_laws();
            }
        }
        panic!("not everything arrived");
    }

    /// Pauses between dials end within minutes and links that were cut stand again; after that, not a frame.
    fn grow_quiet(&mut self) {
        self.run_for(15 * 60_000);
        let frames = self.net.frames;
        self.run_for(3_600_000);
        assert_eq!(self.net.frames, frames, "endless chatter");
    }
}

/// Prints the seed of a world that failed, however it failed.
impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let envelope = if self.age { "age" } else { "the stand-in" };
            eprintln!("the seed was {} (sealed with {envelope})", self.seed);
        }
    }
}

fn card_of(office: &Office, nodes: &[Signed<Certificate>], revision: u64) -> Signed<Card> {
    card(&office.partner_key, &office.name, nodes, Vec::new(), revision, DAWN).unwrap()
}
