//! A partner that cheats: it has its own keys and every type of the crate, and means harm.
//!
//! What it writes stands in lives of its own beside that of its machine: cut by the same code, with whatever that code
//! is handed changed, and brought to one office or another in bundles that it makes by hand. What comes by a bundle
//! passes the gate that frames pass.

use super::chance::Chance;
use super::drive::Later;
use super::saying::Desk;
use super::{World, case};
use homeward::carry::{BundleWriter, CarriedKind, Item, Statement};
use homeward::case::{Change, Edit, Splice};
use homeward::id::{CaseId, CircleId, Hash, InstanceId, Life, LogId, PartnerId};
use homeward::log::{Charter, Closure, ClosurePoint, Heads, HeadsEntry, HeldHeads, Segment};
use homeward::node::cut::{Cutting, OwnLog, cut};
use homeward::register::{Context, Stamped};
use homeward::seal::{Certificate, NodeSecret, Recipient, card, certificate, demo_node};
use homeward::sign::Signed;
use homeward::time::Millis;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Ways to cheat, by what they are called in figures.
pub(crate) const CHEATS: [&str; 16] = [
    "cheat: a second life",
    "cheat: forged times",
    "cheat: splices that do not fit",
    "cheat: contexts that lie",
    "cheat: gaps in numbers",
    "cheat: a wrong plain chain",
    "cheat: an epoch that leaves someone out",
    "cheat: an epoch sealed to the wrong key",
    "cheat: a flood of epochs",
    "cheat: a flood of lives",
    "cheat: a flood of sheets",
    "cheat: what others said withdrawn",
    "cheat: heads that claim or shrink",
    "cheat: two cards of one revision",
    "cheat: things without what stands before",
    "cheat: nonsense on a link",
];

/// A log that a cheater writes by hand.
#[derive(Clone)]
pub(crate) struct EvilLog {
    circle: CircleId,
    secret: NodeSecret,
    certificate: Signed<Certificate>,
    own: OwnLog,
    segments: Vec<Arc<Segment>>,
}

/// What is changed in what is handed to the cut.
#[derive(Default)]
struct Twist {
    /// Members whom the epoch leaves out.
    without: Option<PartnerId>,
    /// Keys of members are exchanged.
    swapped: bool,
    /// When it says it was cut.
    time: Option<Millis>,
    /// Every pin is told as another hash.
    wrong_pins: bool,
    /// Pins of these segments are told as these.
    pins: BTreeMap<(Life, u64), Hash>,
}

impl World {
    /// An office that cheats does something, in a circle of which it is a member.
    pub(crate) fn cheat(&mut self, chance: &mut Chance) {
        let cheaters: Vec<usize> = (0..self.offices.len()).filter(|o| self.offices[*o].cheats).collect();
        let Some(office) = cheaters.first().copied() else { return };
        let partner = self.offices[office].partner();
        let member = |charter: &&Signed<Charter>| charter.is_member(&partner);
        let circles: Vec<CircleId> = self.circles.values().filter(member).map(|c| c.circle()).collect();
        if circles.is_empty() {
            return;
        }
        let circle = *chance.pick(&circles);
        // Contexts can lie in more ways than one.
        let kind = if chance.percent(12) { "cheat: contexts that lie" } else { *chance.pick(&CHEATS) };
        self.count(kind);
        self.note(format!("{kind}: {} in {}", self.offices[office].name, circle.short()));
        let mut log = match self.evil.iter().position(|log| log.circle == circle) {
            Some(at) if chance.percent(60) => self.evil.swap_remove(at),
            _ => self.evil_log(office, circle, chance),
        };
        let from = log.segments.len();
        self.misbehave(kind, office, &mut log, chance);
        let mut items: Vec<Item> = Vec::new();
        if kind == "cheat: things without what stands before" {
            // Only the last of them, and in a wrong order at that.
            items.extend(log.segments.iter().skip(from + 1).rev().map(item_of));
        } else {
            let from = if chance.percent(50) { 0 } else { from };
            items.extend(log.segments.iter().skip(from).map(item_of));
        }
        if kind == "cheat: heads that claim or shrink" {
            items.push(self.lying_heads(office, circle, &log, chance));
        }
        if kind == "cheat: two cards of one revision" {
            items.extend(self.another_card(office, circle, chance));
        }
        self.evil.push(log);
        self.hand_over(office, circle, items, chance);
    }

    /// A life that nobody's machine has: of the cheater's node, or of a node that stands on no card.
    fn evil_log(&mut self, office: usize, circle: CircleId, chance: &mut Chance) -> EvilLog {
        let place = self.machines_of(office).next().unwrap();
        let machine = &self.machines[place];
        let (secret, certified) = if chance.percent(50) {
            (machine.secret.clone(), machine.certificate.clone())
        } else {
            let secret = demo_node(&format!("{}-unseen", machine.name));
            let certified = certificate(&self.offices[office].key, &secret.public(), 9, super::DAWN).unwrap();
            (secret, certified)
        };
        let life = Life { node: secret.node_id(), instance: InstanceId(chance.array()) };
        EvilLog { circle, secret, certificate: certified, own: OwnLog::new(life), segments: Vec::new() }
    }

    fn misbehave(&mut self, kind: &str, office: usize, log: &mut EvilLog, chance: &mut Chance) {
        let mut twist = Twist::default();
        let mut edits = self.plain_edits(office, log, chance);
        match kind {
            "cheat: forged times" => {
                let time = *chance.pick(&[0, 1, 1 << 47, (1 << 48) - 1, 1 << 48]);
                twist.time = Some(Millis(time));
                for stamped in &mut edits {
                    stamped.edit.time = Millis(*chance.pick(&[0, 1 << 48, (1 << 48) + 1, u64::MAX >> 1]));
                }
            }
            "cheat: splices that do not fit" => {
                for stamped in &mut edits {
                    let at = *chance.pick(&[0, 7, 1 << 31, 1 << 32]);
                    let remove = if chance.percent(50) { "what is not there" } else { "" };
                    let splice = Splice { at, remove: remove.into(), insert: "🦋".into() };
                    stamped.edit.change = Change::Note(splice);
                }
            }
            "cheat: contexts that lie" => {
                twist.wrong_pins = chance.percent(50);
                if chance.percent(50) {
                    // A log with branches, its own or another's, to pin now the one and now the other.
                    let base = if chance.percent(50) {
                        log.clone()
                    } else {
                        self.evil_log(office, log.circle, chance)
                    };
                    self.fork_of(office, &base, chance);
                }
                let (lies, pins) = self.lying_context(log, chance);
                twist.pins = pins;
                for stamped in &mut edits {
                    stamped.context = Arc::new(lies.clone());
                }
            }
            "cheat: gaps in numbers" => {
                log.own.last_edit = match chance.below(3) {
                    0 => log.own.last_edit.saturating_sub(1),
                    1 => log.own.last_edit + 1 + chance.below(5),
                    _ => 1 << 60,
                };
            }
            "cheat: a wrong plain chain" => log.own.plain = Hash(chance.array()),
            "cheat: an epoch that leaves someone out" => {
                log.own.epoch = None;
                let partner = self.offices[office].partner();
                let members = &self.circles[&log.circle].members;
                let others: Vec<PartnerId> = members.iter().filter(|one| **one != partner).copied().collect();
                twist.without = Some(*chance.pick(&others));
            }
            "cheat: an epoch sealed to the wrong key" => {
                log.own.epoch = None;
                twist.swapped = true;
            }
            "cheat: a flood of epochs" => {
                for _ in 0..20 {
                    log.own.epoch = None;
                    self.evil_cut(office, log, &edits[..1], &twist, chance);
                }
            }
            "cheat: a flood of lives" => {
                for _ in 0..20 {
                    let mut other = self.evil_log(office, log.circle, chance);
                    other.own.life.node = log.own.life.node;
                    other.secret = log.secret.clone();
                    other.certificate = log.certificate.clone();
                    self.evil_cut(office, &mut other, &edits[..1], &twist, chance);
                    log.segments.extend(other.segments);
                }
            }
            "cheat: a flood of sheets" => {
                let change = edits[0].edit.change.clone();
                edits = (0..60)
                    .map(|_| Stamped {
                        edit: Edit {
                            case: CaseId(chance.array()),
                            time: self.now,
                            operator: "nobody".into(),
                            change: change.clone(),
                        },
                        context: Arc::default(),
                    })
                    .collect();
            }
            "cheat: what others said withdrawn" => {
                let items: Vec<_> = self.told.iter().rev().take(5).collect();
                let items = items
                    .into_iter()
                    .map(|told| homeward::id::ItemRef { edit: told.edit, place: 0 })
                    .collect();
                edits[0].edit.change = Change::Withdraw { items, reason: "not so".into() };
            }
            "cheat: things without what stands before" => {
                for _ in 0..8 {
                    self.evil_cut(office, log, &edits[..1], &twist, chance);
                }
            }
            "cheat: nonsense on a link" => self.nonsense(office, log, chance),
            _ => {}
        }
        self.evil_cut(office, log, &edits, &twist, chance);
    }

    /// Some edits as a cheater's people would make them.
    fn plain_edits(&self, office: usize, log: &EvilLog, chance: &mut Chance) -> Vec<Stamped> {
        let place = self.machines_of(office).next().unwrap();
        let machine = &self.machines[place];
        let case = case(chance.pick::<&str>(&["case-1", "case-2"]));
        let view = machine.view(&log.circle, &case);
        let context: Context = match machine.on() {
            Some(staged) => {
                let applied = staged.applied(&log.circle).into_iter();
                applied.filter(|(life, number)| *number > 0 && *life != log.own.life).collect()
            }
            None => Context::new(),
        };
        let context = Arc::new(context);
        let desk = Desk {
            partner: machine.partner(),
            secret: &log.secret,
            case,
            now: self.now,
            view: view.as_ref(),
            other: None,
        };
        (0..1 + chance.below(3))
            .map(|_| Stamped {
                edit: Edit { case, time: self.now, operator: "nobody".into(), change: desk.change(chance) },
                context: context.clone(),
            })
            .collect()
    }

    /// Contexts that name later segments, logs that are none, the log itself, or a branch of a log; and what their pins
    /// name that is not what stands at honest machines.
    fn lying_context(
        &mut self,
        log: &EvilLog,
        chance: &mut Chance,
    ) -> (Context, BTreeMap<(Life, u64), Hash>) {
        let (mut lies, mut pins) = (Context::new(), BTreeMap::new());
        for machine in &self.machines {
            let Some(staged) = machine.on().filter(|_| chance.percent(60)) else { continue };
            for (life, end) in staged.logs(&log.circle) {
                let number = end.number.saturating_add(chance.below(4)).saturating_sub(chance.below(3));
                lies.insert(life, number.max(1));
            }
        }
        if chance.percent(30) {
            lies.insert(Life { node: log.own.life.node, instance: InstanceId(chance.array()) }, 3);
        }
        if chance.percent(20) {
            lies.insert(log.own.life, log.own.end.number + 2);
        }
        for branch in self.evil.iter().filter(|branch| branch.circle == log.circle) {
            if branch.segments.is_empty() || !chance.percent(50) {
                continue;
            }
            let header = chance.pick(&branch.segments).header();
            lies.insert(branch.own.life, header.number);
            pins.insert((branch.own.life, header.number), header.hash());
        }
        if !pins.is_empty() {
            self.count("cheat: pins of a branch");
        }
        if chance.percent(30) {
            // Of a log that all know, a segment that nobody has; or one that is there, by a name that none has.
            if let Some((life, number)) = lies.iter().next().map(|(life, number)| (*life, *number)) {
                let number = if chance.percent(50) { number + 1_000 } else { number };
                lies.insert(life, number);
                pins.insert((life, number), Hash(chance.array()));
                self.count("cheat: pins of what nobody has");
            }
        }
        (lies, pins)
    }

    /// Cuts with what is twisted; what cannot even be cut is left.
    fn evil_cut(
        &self,
        office: usize,
        log: &mut EvilLog,
        edits: &[Stamped],
        twist: &Twist,
        chance: &mut Chance,
    ) {
        let circle = log.circle;
        let signed = &self.circles[&circle];
        let mut charter: Charter = signed.get().clone();
        let mut readers: BTreeMap<PartnerId, Vec<Signed<Certificate>>> = BTreeMap::new();
        for other in &self.offices {
            if charter.is_member(&other.partner()) {
                let nodes = other.card.as_ref().map(|card| card.nodes()).unwrap_or_default();
                readers.insert(other.partner(), nodes);
            }
        }
        if let Some(without) = twist.without {
            charter.members.retain(|member| *member != without);
            readers.remove(&without);
        }
        if twist.swapped {
            // Signed by the right partner is what the record needs; that the key is another's shows when it is opened.
            let own = readers.get(&self.offices[office].partner()).cloned().unwrap_or_default();
            for (partner, nodes) in &mut readers {
                let Some(of) = self.offices.iter().find(|of| of.partner() == *partner) else { continue };
                for node in nodes.iter_mut() {
                    let mut forged: Certificate = node.get().clone();
                    forged.recipient = own[0].recipient.clone();
                    *node = Signed::sign(forged, &of.key).unwrap();
                }
            }
        }
        let draw = chance.next();
        let header_of = |life: &Life, number: u64| {
            let id = LogId { circle, life: *life };
            let held = self.machines.iter().find_map(|machine| machine.on()?.segment(&id, number));
            let right = held.map(|segment| segment.header().hash());
            let told = twist.pins.get(&(*life, number)).copied();
            let wrong = Hash([(draw % 256) as u8; 32]);
            Some(if twist.wrong_pins { wrong } else { told.or(right).unwrap_or(wrong) })
        };
        let place = self.machines_of(office).next().unwrap();
        let cutting = Cutting {
            circle,
            charter: &charter,
            name: None,
            readers: &readers,
            certificate: &log.certificate,
            signer: &log.secret,
            envelope: &*self.machines[place].envelope,
            now: twist.time.unwrap_or(self.now),
            header_of: &header_of,
        };
        if let Ok((own, segments)) = cut(log.own.clone(), &cutting, edits, &mut || chance.array()) {
            log.own = own;
            log.segments.extend(segments.into_iter().map(Arc::new));
        }
    }

    /// Signed heads that say more than there is, or less than before.
    fn lying_heads(&self, office: usize, circle: CircleId, log: &EvilLog, chance: &mut Chance) -> Item {
        let place = self.machines_of(office).next().unwrap();
        let machine = &self.machines[place];
        let mut entries = HeldHeads::default();
        for other in &self.machines {
            for (life, end) in other.on().map(|staged| staged.logs(&circle)).unwrap_or_default() {
                let number = if chance.percent(50) { end.number + 1 + chance.below(1000) } else { 1 };
                entries.0.insert(life, HeadsEntry { number, hash: Hash(chance.array()) });
            }
        }
        let heads = Heads {
            version: 1,
            circle,
            node: machine.node(),
            instance: if chance.percent(50) { log.own.life.instance } else { InstanceId(chance.array()) },
            run: 1 + chance.below(1 << 40),
            time: self.now,
            entries: entries.digest(),
        };
        let record = Signed::sign(heads, &machine.secret).unwrap().bytes().to_vec();
        Item::Heads { record, entries: entries.encode() }
    }

    /// Another card of the same revision, which names other nodes.
    fn another_card(&self, office: usize, circle: CircleId, chance: &mut Chance) -> Option<Item> {
        let of = &self.offices[office];
        let held = of.card.as_ref()?;
        let mut nodes = held.nodes();
        let unseen = demo_node(&format!("{}-{}", of.name, chance.below(3)));
        nodes.push(certificate(&of.key, &unseen.public(), 5, super::DAWN).ok()?);
        let other = card(&of.key, &of.name, &nodes, held.addresses.clone(), held.revision, self.now).ok()?;
        Some(Item::Record { circle, kind: CarriedKind::Card, bytes: other.bytes().to_vec() })
    }

    /// A closure of a node of its own, at points that are strange.
    pub(crate) fn strange_closure(&mut self, chance: &mut Chance) {
        let Some(office) = (0..self.offices.len()).find(|o| self.offices[*o].cheats) else { return };
        let Some(log) = self.evil.last().cloned() else { return };
        let points = (0..chance.below(4)).map(|at| {
            let known = log.segments.get(at as usize).filter(|_| chance.percent(50));
            let number = known.map_or_else(|| chance.below(9), |segment| segment.header().number);
            let hash = known.map_or_else(|| Hash(chance.array()), |segment| segment.header().hash());
            ClosurePoint {
                instance: if chance.percent(70) { log.own.life.instance } else { InstanceId(chance.array()) },
                number,
                hash: if number == 0 { Hash::ZERO } else { hash },
            }
        });
        let mut through: Vec<ClosurePoint> = points.collect();
        through.sort_by_key(|point| point.instance);
        through.dedup_by_key(|point| point.instance);
        let closure = Closure {
            version: 1,
            circle: log.circle,
            partner: self.offices[office].partner(),
            node: log.own.life.node,
            serial: chance.below(4),
            retired: chance.percent(40),
            time: self.now,
            through,
        };
        let Ok(signed) = Signed::sign(closure, &self.offices[office].key) else { return };
        let bytes = signed.bytes().to_vec();
        let item = Item::Record { circle: log.circle, kind: CarriedKind::Closure, bytes };
        self.hand_over(office, log.circle, vec![item], chance);
    }

    /// A log forks at any depth: two offices are told different things under one number.
    pub(crate) fn fork(&mut self, chance: &mut Chance) {
        let Some(office) = (0..self.offices.len()).find(|o| self.offices[*o].cheats) else { return };
        let partner = self.offices[office].partner();
        let member = |charter: &&Signed<Charter>| charter.is_member(&partner);
        let circles: Vec<CircleId> = self.circles.values().filter(member).map(|c| c.circle()).collect();
        if circles.is_empty() {
            return;
        }
        let circle = *chance.pick(&circles);
        let log = self.evil_log(office, circle, chance);
        self.fork_of(office, &log, chance);
    }

    /// Some more of a log, and then two or three branches of it.
    fn fork_of(&mut self, office: usize, log: &EvilLog, chance: &mut Chance) {
        let (mut log, circle) = (log.clone(), log.circle);
        for _ in 0..chance.below(4) {
            let edits = self.plain_edits(office, &log, chance);
            self.evil_cut(office, &mut log, &edits, &Twist::default(), chance);
        }
        for _ in 0..2 + chance.below(2) {
            let mut branch = log.clone();
            for _ in 0..1 + chance.below(3) {
                let edits = self.plain_edits(office, &branch, chance);
                self.evil_cut(office, &mut branch, &edits, &Twist::default(), chance);
            }
            let items = branch.segments.iter().map(item_of).collect();
            self.hand_over(office, circle, items, chance);
            self.evil.push(branch);
        }
    }

    /// A bundle made by hand, for one machine of an honest office of the circle.
    fn hand_over(&mut self, office: usize, circle: CircleId, items: Vec<Item>, chance: &mut Chance) {
        let charter = self.circles[&circle].clone();
        let places: Vec<usize> = (0..self.machines.len())
            .filter(|place| {
                let machine = &self.machines[*place];
                machine.office != office && charter.role(&machine.partner()).is_some() && !machine.fate.lost
            })
            .collect();
        if places.is_empty() || items.is_empty() {
            return;
        }
        let place = *chance.pick(&places);
        let target = &self.offices[self.machines[place].office];
        let recipients: Vec<Recipient> = match &target.card {
            Some(card) => card.nodes().iter().map(|one| Recipient(one.recipient.clone())).collect(),
            None => return,
        };
        let maker = &self.machines[self.machines_of(office).next().unwrap()];
        let of = |kind: fn(&Item) -> bool| items.iter().filter(|item| kind(item)).count() as u64;
        let statement = Statement {
            version: 1,
            bundle: chance.array(),
            partner: maker.partner(),
            node: maker.node(),
            certificate: maker.certificate.bytes().to_vec(),
            target: target.partner(),
            circles: vec![circle],
            time: self.now,
            heads: of(|item| matches!(item, Item::Heads { .. })),
            records: of(|item| matches!(item, Item::Record { .. })),
            segments: of(|item| matches!(item, Item::Segment { .. })),
        };
        let statement = Signed::sign(statement, &maker.secret).unwrap();
        let mut writer = BundleWriter::new(Vec::new(), &*maker.envelope, recipients, statement).unwrap();
        for item in &items {
            writer.put(item).unwrap();
        }
        let bytes = writer.finish().unwrap().0;
        let file = self.bundle_file();
        std::fs::write(&file, bytes).unwrap();
        self.later(20_000, Later::Bundle { place, file });
    }

    /// Frames that no node would send, on links that stand: nonsense, questions without end, what was said before.
    fn nonsense(&mut self, office: usize, log: &EvilLog, chance: &mut Chance) {
        let places: Vec<usize> = self.machines_of(office).collect();
        let links: Vec<_> = self.links.keys().filter(|(at, _)| places.contains(at)).copied().collect();
        if links.is_empty() {
            return;
        }
        let (place, link) = *chance.pick(&links);
        let kind = chance.below(3);
        for number in 0..1 + chance.below(200) {
            let frame = match kind {
                0 => {
                    let length = chance.below(300) as usize;
                    chance.bytes(length)
                }
                1 => homeward::codec::encode(&Said::WantHeader(log.circle, log.own.life, 1 + number % 3)),
                _ => match self.overheard.get(&place) {
                    Some(frames) if !frames.is_empty() => chance.pick(frames).clone(),
                    _ => continue,
                },
            };
            self.net.send(self.now, place, link, frame);
        }
    }
}

/// A message as it stands in a frame, for those who make their own.
#[derive(serde::Serialize)]
#[serde(rename_all = "snake_case")]
enum Said {
    WantHeader(CircleId, Life, u64),
}

fn item_of(segment: &Arc<Segment>) -> Item {
    Item::Segment { header: segment.header().bytes().to_vec(), body: segment.body().to_vec() }
}
