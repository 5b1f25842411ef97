//! Offices with a hub, a disk and keys each, on one network, one seed and one virtual clock.

mod disk;

use super::chance::Chance;
use super::net::{Delivery, Net};
pub(crate) use disk::Disk;
use ed25519_dalek::SigningKey;
use homeward::id::{CircleId, EpochId, Hash, InstanceId, Life, LinkKey, LogId, NodeId, PartnerId};
use homeward::log::{ChainEnd, Charter, Header, Heads, HeldHeads, Kind, Segment, body_hash};
use homeward::seal::{Card, Certificate};
use homeward::sign::{Domain, Sign, Signed, hash};
use homeward::sync::{
    CarriedItem, CircleStart, Event, Hub, Input, LinkId, LogStart, Me, Output, SaveBatch, Start, Ticket,
    Turns, Why,
};
use homeward::time::Millis;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// Where virtual time begins.
pub(crate) const DAWN: Millis = Millis(1_790_000_000_000);

/// One office with one node.
pub(crate) struct Office {
    pub partner_key: SigningKey,
    pub key: SigningKey,
    pub certificate: Signed<Certificate>,
    pub instance: InstanceId,
    pub disk: Disk,
    pub hub: Option<Hub>,
    pub events: Vec<Event>,
    /// Reach that was told: told again after a crash.
    pub reach: Vec<PartnerId>,
    /// Frames that wait since the hub is not hungry.
    pub waiting: Turns<Vec<u8>>,
}

impl Office {
    pub(crate) fn partner(&self) -> PartnerId {
        self.certificate.partner
    }

    pub(crate) fn node(&self) -> NodeId {
        self.certificate.node
    }

    pub(crate) fn life(&self) -> Life {
        Life { node: self.node(), instance: self.instance }
    }

    /// Frames that wait for their turn.
    #[allow(dead_code)] // asked by the flood alone
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    pub(crate) fn start(&self, seed: u64) -> Start {
        let circles = self.disk.circles.values().map(|charter| {
            let id = charter.circle();
            let logs = self.disk.logs.iter().filter(|(log, list)| log.circle == id && !list.is_empty());
            CircleStart {
                charter: charter.clone(),
                accepted: charter.founder == self.partner(),
                logs: logs
                    .map(|(log, list)| {
                        let header = list.last().unwrap().header();
                        LogStart {
                            life: log.life,
                            partner: header.partner,
                            end: ChainEnd { number: header.number, hash: header.hash(), epoch: header.epoch },
                            hashes: list.iter().map(|s| s.header().hash()).collect(),
                        }
                    })
                    .collect(),
                records: self.disk.records.values().filter(|r| r.circle() == id).cloned().collect(),
            }
        });
        Start {
            me: Me { instance: self.instance, certificate: self.certificate.clone() },
            cards: self.disk.cards.values().cloned().collect(),
            certificates: self.disk.certificates.clone(),
            circles: circles.collect(),
            peers: self.disk.peers.values().cloned().collect(),
            heads_run: self.disk.heads_run,
            seed: hash(Domain::Chance, &[&seed.to_be_bytes()]).0,
        }
    }
}

/// What a disk does later.
enum Later {
    Saved(Ticket, Box<SaveBatch>),
    SaveFails(Ticket),
    Loaded(Ticket, LogId, u64, usize),
    BranchLoaded(Ticket, LogId, Hash),
    DialFailed(NodeId),
}

/// How disks behave.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Disks {
    pub delay_ms: u64,
    pub fail_percent: u64,
}

pub(crate) struct World {
    pub now: Millis,
    pub chance: Chance,
    pub net: Net,
    pub offices: Vec<Office>,
    pub disks: Disks,
    /// An office whose frames are spoilt, in percent.
    pub(crate) spoils: Option<(usize, u64)>,
    /// Frames of that office, to be said again later.
    pub(crate) spoilt: Vec<Vec<u8>>,
    later: BTreeMap<(Millis, u64), (usize, u64, Later)>,
    order: u64,
    /// Link keys of those at places beyond the offices: a test of its own drives them, from `mail`.
    pub(crate) guests: Vec<LinkKey>,
    pub(crate) mail: Vec<Delivery>,
    /// Whether each frame is searched for names of circles that its receiver is not in: slow where circles are many.
    pub(crate) searches: bool,
    /// Whether a dial from one place to another is let in.
    pub(crate) door: Box<dyn FnMut(Millis, usize, usize) -> bool>,
    /// How often each office was started: what its earlier disks still had to say is void.
    starts: Vec<u64>,
}

pub(crate) fn key(name: &str) -> SigningKey {
    SigningKey::from_bytes(&hash(Domain::Demo, &[name.as_bytes()]).0)
}

pub(crate) fn card(
    partner: &SigningKey,
    certificates: &[Signed<Certificate>],
    revision: u64,
) -> Signed<Card> {
    let card = Card {
        version: 1,
        partner: PartnerId(partner.public()),
        name: "An office".to_owned(),
        certificates: certificates.iter().map(|c| c.bytes().to_vec().into()).collect(),
        addresses: Vec::new(),
        revision,
        time: DAWN,
    };
    Signed::sign(card, partner).unwrap()
}

impl World {
    /// Offices that all hold each other's cards, roads between all of them, none of them dialling yet.
    pub(crate) fn new(seed: u64, count: usize) -> Self {
        let mut chance = Chance::new(seed);
        let net = Net::new(chance.next());
        let mut offices: Vec<Office> = (0..count)
            .map(|n| {
                let partner_key = key(&format!("partner {n}"));
                let node = key(&format!("node {n}"));
                let certificate = Certificate {
                    version: 1,
                    partner: PartnerId(partner_key.public()),
                    node: NodeId(node.public()),
                    link: LinkKey(key(&format!("link {n}")).public()),
                    recipient: vec![7; 1216],
                    serial: 1,
                    time: DAWN,
                };
                Office {
                    certificate: Signed::sign(certificate, &partner_key).unwrap(),
                    partner_key,
                    key: node,
                    instance: InstanceId(chance.array()),
                    disk: Disk::default(),
                    hub: None,
                    events: Vec::new(),
                    reach: Vec::new(),
                    waiting: Turns::default(),
                }
            })
            .collect();
        let cards: BTreeMap<PartnerId, Signed<Card>> = offices
            .iter()
            .map(|o| (o.partner(), card(&o.partner_key, std::slice::from_ref(&o.certificate), 1)))
            .collect();
        for office in &mut offices {
            office.disk.cards = cards.clone();
        }
        let mut world = Self {
            now: DAWN,
            chance,
            net,
            offices,
            disks: Disks { delay_ms: 20, fail_percent: 0 },
            spoils: None,
            spoilt: Vec::new(),
            later: BTreeMap::new(),
            order: 0,
            guests: Vec::new(),
            mail: Vec::new(),
            searches: true,
            door: Box::new(|_, _, _| true),
            starts: vec![0; count],
        };
        for office in 0..count {
            world.start(office);
        }
        world
    }

    fn start(&mut self, office: usize) {
        let seed = self.chance.next();
        let start = self.offices[office].start(seed);
        let mut hub = Hub::new(start);
        self.offices[office].disk.recall(&mut hub);
        self.offices[office].hub = Some(hub);
        self.offices[office].waiting = Turns::default();
        self.starts[office] += 1;
        for partner in self.offices[office].reach.clone() {
            self.give(office, Input::Reach { partner, dialable: true });
        }
        self.give(office, Input::Wake);
    }

    /// The machine stops at once; what was not saved is gone, and it starts again from its disk.
    pub(crate) fn crash(&mut self, office: usize) {
        self.net.dark(self.now, office);
        self.start(office);
    }

    /// The office's disk is put back to an earlier state, and its store takes a new life.
    pub(crate) fn restore(&mut self, office: usize, disk: Disk) {
        self.net.dark(self.now, office);
        self.offices[office].disk = Disk { heads_run: 0, ..disk };
        self.offices[office].instance = InstanceId(self.chance.array());
        self.start(office);
    }

    /// What a bundle from one office for another brings, as bytes.
    pub(crate) fn bundle(&self, from: usize, to: usize, all: bool) -> Vec<CarriedItem> {
        let plan = self.hub(from).bundle_plan(&self.offices[to].partner(), all);
        let mut items = Vec::new();
        for circle in plan.circles {
            items.push(CarriedItem::Charter(circle.charter.bytes().to_vec()));
            items.extend(circle.cards.iter().map(|card| CarriedItem::Card(card.bytes().to_vec())));
            items.extend(circle.records.iter().map(|record| CarriedItem::Record {
                circle: circle.circle,
                kind: record.kind(),
                bytes: record.bytes(),
            }));
            for span in circle.logs {
                let log = LogId { circle: circle.circle, life: span.life };
                let list = &self.offices[from].disk.logs[&log][span.from as usize - 1..span.through as usize];
                items.extend(list.iter().map(|segment| carried(segment)));
            }
            if let Some((heads, entries)) = circle.heads {
                let record = heads.bytes().to_vec();
                items.push(CarriedItem::Heads { record, entries: entries.encode() });
            }
        }
        items
    }

    /// `from` dials `to` from now on, whenever there is a road.
    pub(crate) fn reach(&mut self, from: usize, to: usize) {
        let partner = self.offices[to].partner();
        self.net.open_road(from, to);
        self.offices[from].reach.push(partner);
        self.give(from, Input::Reach { partner, dialable: true });
    }

    /// A circle founded at `members[0]`.
    pub(crate) fn circle(&mut self, members: &[usize], carriers: &[usize]) -> CircleId {
        let founder = members[0];
        let sorted = |list: &[usize]| {
            let mut ids: Vec<PartnerId> = list.iter().map(|n| self.offices[*n].partner()).collect();
            ids.sort();
            ids
        };
        let office = &self.offices[founder];
        let charter = Charter {
            version: 1,
            nonce: Chance::new(self.chance.clone().next()).array(),
            members: sorted(members),
            carriers: sorted(carriers),
            rules: 1,
            time: self.now,
            founder: office.partner(),
            node: office.node(),
            certificate: office.certificate.bytes().to_vec(),
        };
        self.chance.next();
        let charter = Signed::sign(charter, &self.offices[founder].key).unwrap();
        let id = charter.circle();
        self.offices[founder].disk.circles.insert(id, charter.clone());
        self.give(founder, Input::NewCircle { charter });
        id
    }

    /// The next segment of an office's own log, with a random body of `length` bytes.
    pub(crate) fn segment(&mut self, office: usize, circle: CircleId, length: usize) -> Arc<Segment> {
        let body = self.chance.bytes(length);
        let o = &self.offices[office];
        let log = LogId { circle, life: o.life() };
        let last = o.disk.logs.get(&log).and_then(|list| list.last()).map(|s| s.header().clone());
        Arc::new(next_segment(o, circle, last.as_ref(), body, self.now))
    }

    /// An office says something in a circle: durable, then told to its hub.
    pub(crate) fn write(&mut self, office: usize, circle: CircleId, length: usize) {
        if !self.offices[office].disk.circles.contains_key(&circle) {
            return;
        }
        let segment = self.segment(office, circle, length);
        self.offices[office].disk.append(segment.clone());
        self.give(office, Input::Own { segments: vec![segment] });
    }

    /// Hands an input to an office's hub and does what the hub then wants.
    pub(crate) fn give(&mut self, office: usize, input: Input) {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            let mut hub = self.offices[office].hub.take().unwrap();
            hub.handle(self.now, input);
            while let Some(output) = hub.poll() {
                self.act(office, &hub, output, &mut inputs);
            }
            self.offices[office].hub = Some(hub);
        }
    }

    fn act(&mut self, office: usize, hub: &Hub, output: Output, inputs: &mut VecDeque<Input>) {
        match output {
            Output::Send { link, frame } => self.send(office, link, frame),
            Output::Close { link, code } => self.net.close(self.now, office, link, code.code()),
            Output::Dial { node, .. } => {
                let to = self.offices.iter().position(|o| o.node() == node).unwrap();
                if !(self.door)(self.now, office, to) || !self.net.dial(self.now, office, to) {
                    self.later(office, 500, Later::DialFailed(node));
                }
            }
            Output::Save { ticket, batch } => {
                let delay = self.chance.below(self.disks.delay_ms);
                let fails = self.chance.percent(self.disks.fail_percent);
                let what = if fails { Later::SaveFails(ticket) } else { Later::Saved(ticket, batch) };
                self.later(office, delay, what);
            }
            Output::Load { ticket, log, from, max_bytes } => {
                let delay = self.chance.below(self.disks.delay_ms);
                self.later(office, delay, Later::Loaded(ticket, log, from, max_bytes));
            }
            Output::LoadBranch { ticket, log, header } => {
                let delay = self.chance.below(self.disks.delay_ms);
                self.later(office, delay, Later::BranchLoaded(ticket, log, header));
            }
            Output::Sign { ticket, domain, bytes } => {
                if domain == Domain::Heads {
                    self.check_heads(office, &bytes);
                }
                let signature = Sign::sign(&self.offices[office].key, domain, &bytes);
                inputs.push_back(Input::Signed { ticket, signature });
            }
            Output::Event(event) => {
                if let Event::PeerHeads { node, circle } = &event {
                    self.check_receipt(office, hub, *node, *circle);
                }
                self.offices[office].events.push(event);
            }
        }
    }

    /// Heads name nothing but what was on the disk before they were signed.
    fn check_heads(&self, office: usize, body: &[u8]) {
        let heads: Heads = homeward::codec::decode("heads", body, usize::MAX).unwrap();
        let none = HeldHeads::default().digest();
        let known = self.offices[office].disk.held.contains(&(heads.circle, heads.entries));
        assert!(known || heads.entries == none, "office {office} signs heads of what its disk does not hold");
    }

    /// Nothing is acknowledged that is not on the acknowledging office's disk.
    fn check_receipt(&self, office: usize, hub: &Hub, node: NodeId, circle: CircleId) {
        let Some(other) = self.offices.iter().find(|o| o.node() == node) else { return };
        let status = hub.status(self.now);
        let shown = status.nodes.iter().find(|n| n.node == node).unwrap();
        let Some(shown) = shown.circles.iter().find(|c| c.circle == circle) else { return };
        let here = status.circles.iter().find(|c| c.circle == circle).unwrap();
        if !here.forks.is_empty() || here.logs.iter().any(|log| log.through.is_some()) {
            return;
        }
        let lacking: u64 = here
            .logs
            .iter()
            .map(|log| {
                let id = LogId { circle, life: log.life };
                // What a fork or closure cut there is held still.
                let apart = other.disk.apart.keys().filter(|(of, _)| *of == id).count() as u64;
                log.number.saturating_sub(other.disk.length(&id) + apart)
            })
            .sum();
        assert!(lacking <= shown.lacking, "office {office} was told of more than is on the disk");
    }

    fn send(&mut self, office: usize, link: LinkId, frame: Vec<u8>) {
        assert!(frame.len() <= homeward::limit::FRAME_BYTES, "a frame is too long");
        if let Some(other) = self.net.other_end(office, link).filter(|other| *other < self.offices.len()) {
            self.check_names(other, &frame);
        }
        if let Some((liar, percent)) = self.spoils
            && liar == office
        {
            self.spoil(office, link, frame, percent);
            return;
        }
        self.net.send(self.now, office, link, frame);
    }

    /// Sends a frame, or something else instead.
    fn spoil(&mut self, office: usize, link: LinkId, mut frame: Vec<u8>, percent: u64) {
        if self.spoilt.len() < 500 {
            self.spoilt.push(frame.clone());
        }
        if !self.chance.percent(percent) {
            self.net.send(self.now, office, link, frame);
            return;
        }
        match self.chance.below(7) {
            0 => return,
            1 => {
                let length = self.chance.below(200) as usize;
                frame = self.chance.bytes(length);
            }
            2 => frame.truncate(self.chance.below(frame.len() as u64) as usize),
            3 => self.net.send(self.now, office, link, frame.clone()),
            4 => frame = self.chance.pick(&self.spoilt).clone(),
            _ => {
                for _ in 0..1 + self.chance.below(3) {
                    let at = self.chance.below(frame.len() as u64) as usize;
                    frame[at] = frame[at].wrapping_add(1 + self.chance.below(255) as u8);
                }
            }
        }
        self.net.send(self.now, office, link, frame);
    }

    /// A frame names no circle that its receiver is not in. Ranges name none at all, being sealed bytes.
    fn check_names(&self, to: usize, frame: &[u8]) {
        if !self.searches || frame.get(2..7) == Some(b"range") {
            return;
        }
        let partner = self.offices[to].partner();
        let strange =
            self.offices.iter().flat_map(|o| &o.disk.circles).filter(|(_, c)| c.role(&partner).is_none());
        let strange: BTreeSet<CircleId> = strange.map(|(circle, _)| *circle).collect();
        for circle in strange {
            let named = frame.windows(32).any(|window| window == circle.0);
            assert!(!named, "a circle was named to a stranger");
        }
    }

    fn later(&mut self, office: usize, delay: u64, what: Later) {
        self.order += 1;
        self.later.insert((self.now.plus(1 + delay), self.order), (office, self.starts[office], what));
    }

    /// Runs until `until`, or until nothing is due before it.
    pub(crate) fn run_until(&mut self, until: Millis) {
        loop {
            let wakes = self.offices.iter().filter_map(|o| o.hub.as_ref()?.wake_at());
            let disk = self.later.keys().next().map(|(at, _)| *at);
            let next = wakes.chain(self.net.next_at()).chain(disk).min();
            let Some(next) = next.filter(|next| *next <= until) else { break };
            self.now = self.now.max(next);
            self.step();
        }
        self.now = self.now.max(until);
    }

    pub(crate) fn run_for(&mut self, ms: u64) {
        self.run_until(self.now.plus(ms));
    }

    fn step(&mut self) {
        while let Some(delivery) = self.net.take(self.now) {
            self.deliver(delivery);
        }
        while let Some((&at, _)) = self.later.iter().next().filter(|((at, _), _)| *at <= self.now) {
            let Some((office, start, what)) = self.later.remove(&at) else { break };
            if start == self.starts[office] {
                self.disk_answers(office, what);
            }
        }
        for office in 0..self.offices.len() {
            if self.offices[office].hub.as_ref().and_then(Hub::wake_at).is_some_and(|at| at <= self.now) {
                self.give(office, Input::Wake);
                let again = self.offices[office].hub.as_ref().and_then(Hub::wake_at);
                assert!(
                    again.is_none_or(|at| at > self.now),
                    "a hub that was woken wants to be woken at once"
                );
            }
            while self.offices[office].hub.as_ref().is_some_and(Hub::hungry)
                && let Some((link, bytes)) = self.offices[office].waiting.pop()
            {
                self.give(office, Input::Frame { link, bytes });
            }
        }
    }

    fn deliver(&mut self, delivery: Delivery) {
        if delivery.place() >= self.offices.len() {
            self.mail.push(delivery);
            return;
        }
        match delivery {
            Delivery::Up { place, link, dialled, other, exporter } => {
                let guest = || self.guests[other - self.offices.len()];
                let peer = self.offices.get(other).map_or_else(guest, |office| office.certificate.link);
                self.give(place, Input::Linked { link, dialled, peer, exporter });
            }
            Delivery::Frame { place, link, bytes } => {
                let partner = self.hub(place).partner_of(link);
                self.offices[place].waiting.push(partner, link, bytes);
            }
            Delivery::Room { place, link, bytes } => self.give(place, Input::Room { link, bytes }),
            Delivery::Down { place, link, code } => {
                for bytes in self.offices[place].waiting.take(link) {
                    self.give(place, Input::Frame { link, bytes });
                }
                self.give(place, Input::Unlinked { link, why: code.map_or(Why::Lost, Why::Closed) });
            }
        }
    }

    fn disk_answers(&mut self, office: usize, what: Later) {
        let input = match what {
            Later::Saved(ticket, batch) => {
                self.offices[office].disk.save(*batch);
                Input::Saved { ticket }
            }
            Later::SaveFails(ticket) => Input::SaveFailed { ticket },
            Later::DialFailed(node) => Input::DialFailed { node },
            Later::BranchLoaded(ticket, log, header) => {
                let segment = self.offices[office].disk.apart.get(&(log, header)).cloned();
                Input::Loaded { ticket, segments: segment.into_iter().collect() }
            }
            Later::Loaded(ticket, log, from, max_bytes) => {
                let mut bytes = 0;
                let list = self.offices[office].disk.logs.get(&log).cloned().unwrap_or_default();
                let segments = list
                    .into_iter()
                    .skip(from as usize - 1)
                    .take_while(|s| {
                        bytes += s.body().len();
                        bytes == s.body().len() || bytes <= max_bytes
                    })
                    .collect();
                Input::Loaded { ticket, segments }
            }
        };
        self.give(office, input);
    }

    /// Whether every member and carrier holds all that anyone said in a circle.
    pub(crate) fn equal(&self, circle: CircleId) -> bool {
        let charter = self.offices.iter().find_map(|o| o.disk.circles.get(&circle)).unwrap();
        let among: Vec<usize> = (0..self.offices.len())
            .filter(|office| charter.role(&self.offices[*office].partner()).is_some())
            .collect();
        self.equal_between(circle, &among)
    }

    /// Whether these offices hold all that any of them holds of a circle.
    pub(crate) fn equal_between(&self, circle: CircleId, among: &[usize]) -> bool {
        let disks: Vec<&Disk> = among.iter().map(|office| &self.offices[*office].disk).collect();
        let mut longest: BTreeMap<LogId, u64> = BTreeMap::new();
        for (log, list) in disks.iter().flat_map(|disk| &disk.logs).filter(|(log, _)| log.circle == circle) {
            let length = longest.entry(*log).or_insert(0);
            *length = (*length).max(list.len() as u64);
        }
        disks.iter().all(|disk| {
            disk.circles.contains_key(&circle)
                && longest.iter().all(|(log, length)| disk.length(log) == *length)
        })
    }

    /// Nobody holds anything of a circle that it is not in.
    pub(crate) fn check_secrecy(&self) {
        for office in &self.offices {
            for (circle, charter) in &office.disk.circles {
                assert!(charter.role(&office.partner()).is_some(), "a stranger holds circle {circle:?}");
            }
            for log in office.disk.logs.keys() {
                assert!(office.disk.circles.contains_key(&log.circle));
            }
        }
    }

    pub(crate) fn hub(&self, office: usize) -> &Hub {
        self.offices[office].hub.as_ref().unwrap()
    }

    pub(crate) fn said(&self, office: usize, what: impl Fn(&Event) -> bool) -> bool {
        self.offices[office].events.iter().any(what)
    }
}

/// A segment that follows `last` in an office's log.
pub(crate) fn next_segment(
    office: &Office,
    circle: CircleId,
    last: Option<&Signed<Header>>,
    body: Vec<u8>,
    now: Millis,
) -> Segment {
    let first = last.is_none();
    let header = Header {
        version: 1,
        kind: if first { Kind::Epoch } else { Kind::Work },
        circle,
        partner: office.partner(),
        node: office.node(),
        instance: office.instance,
        number: last.map_or(1, |h| h.number + 1),
        previous: last.map_or(Hash::ZERO, Signed::hash),
        epoch: last.map_or(EpochId([9; 32]), |h| h.epoch),
        cut: now,
        length: body.len() as u32,
        body: body_hash(&body),
        plain: Hash([3; 32]),
        certificate: if first { office.certificate.bytes().to_vec() } else { Vec::new() },
    };
    Segment::new(Signed::sign(header, &office.key).unwrap(), body).unwrap()
}

/// A segment as a bundle has it.
pub(crate) fn carried(segment: &Segment) -> CarriedItem {
    CarriedItem::Segment { header: segment.header().bytes().to_vec(), body: segment.body().to_vec() }
}
