//! A world: offices with machines, on one network, one seed and one virtual clock.
//!
//! What runs on a machine is the whole node, staged (`homeward::node::stage`): its driver, house, replay and vault are
//! the ones that run for people; only time, chance, disk and network are the world's. Where it may go wrong is drawn
//! from the seed (`weather`), what must hold is in `laws`. The same seed gives the same world, byte for byte, as long
//! as the seeded envelope seals; age draws its own chance.

#![allow(dead_code, reason = "each promise uses its own part of the world")]
// Helpers of tests stand outside of test functions: what may panic there is the test's own word.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod bounds;
#[path = "../hub/chance.rs"]
pub(crate) mod chance;
pub(crate) mod cheats;
mod disk;
mod drive;
#[path = "../world/envelope.rs"]
mod envelope;
mod laws;
mod lost;
mod machine;
#[path = "../hub/net.rs"]
mod net;
mod saying;
#[path = "../world/secret.rs"]
mod secret;
pub(crate) mod weather;

use chance::Chance;
use drive::Later;
use envelope::Counting;
use homeward::case::Change;
use homeward::id::{CaseId, CircleId, EditRef, Hash, InstanceId, LogId, PartnerId, hex};
use homeward::log::Charter;
use homeward::node::stage::Staged;
use homeward::node::{Answer, Request};
use homeward::private::Private;
use homeward::seal::{Card, CardAddress, PartnerSecret, card, certificate, demo_node, demo_partner};
use homeward::sign::{Domain, Signed, hash};
use homeward::store::{Place, Vault};
use homeward::time::Millis;
use machine::{Fate, Machine};
use net::Net;
use secret::Untold;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Where virtual time begins.
pub(crate) const DAWN: Millis = Millis(1_790_000_000_000);

/// A partner.
pub(crate) struct Office {
    pub name: String,
    pub key: PartnerSecret,
    /// Whether its people mean harm: laws about what was said hold for the others.
    pub cheats: bool,
    pub card: Option<Signed<Card>>,
}

impl Office {
    pub(crate) fn partner(&self) -> PartnerId {
        self.key.partner_id()
    }
}

/// An edit that a person was told is kept.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    /// The operator that it was written as: no other edit has it.
    pub desk: String,
    pub machine: usize,
    pub circle: CircleId,
    pub case: CaseId,
    pub edit: EditRef,
    /// When.
    pub at: Millis,
    /// The segment of its author's log that holds it, once that was looked up.
    pub segment: Option<u64>,
    /// What its author's screen showed of it at once.
    pub did: Hash,
    /// Whether it wrote in the note: what that does depends on what the note was.
    pub note: bool,
    /// It was on no other disk when its own went back in time or was lost: it may be gone.
    pub exempt: bool,
    /// It may stand twice, or under another name: a copy of its machine went on, or said it again.
    pub again: bool,
}

pub(crate) struct World {
    pub seed: u64,
    pub now: Millis,
    pub chance: Chance,
    pub net: Net,
    pub offices: Vec<Office>,
    pub machines: Vec<Machine>,
    /// Every circle that was founded, by whoever founded it.
    pub circles: BTreeMap<CircleId, Signed<Charter>>,
    /// Every edit that was acknowledged to a person at an honest office.
    pub told: Vec<Told>,
    /// Desks whose edit was refused because a disk failed: it may be there or not.
    pub unsure: BTreeSet<String>,
    /// A hash over every frame, when it was sent and by whom.
    pub trace: Hash,
    /// The last steps, for whoever reads of a failure.
    pub diary: Vec<String>,
    /// What was done to the world, by kind.
    pub tally: BTreeMap<&'static str, u64>,
    age: bool,
    /// Whether the diary is read out as it is written.
    aloud: bool,
    desks: u64,
    /// By office: what no frame to it may hold.
    untold: Vec<Untold>,
    /// How much of each log `untold` knows.
    noted: BTreeMap<LogId, u64>,
    due: BTreeMap<(Millis, u64), Later>,
    order: u64,
    dirty: BTreeSet<usize>,
    /// Links that stand, by place and number: where they lead.
    links: BTreeMap<(usize, homeward::sync::LinkId), usize>,
    /// Roads that are there when nothing is cut.
    roads: BTreeSet<(usize, usize)>,
    folder: Option<tempfile::TempDir>,
    bundles: u64,
    /// Logs that cheaters write by hand.
    evil: Vec<cheats::EvilLog>,
    /// Frames that cheaters' machines sent, to be said again.
    overheard: BTreeMap<usize, Vec<Vec<u8>>>,
    /// Machines that their offices lost.
    losses: Vec<lost::Loss>,
    sealing: lost::Sealing,
    /// Whether all have written once more after they heard of closures.
    said_last: bool,
    /// The most that was seen of what has a limit.
    pub worst: bounds::Worst,
    /// What is said while the world should be at rest: by whom, to whom, the name of the message, how often.
    at_rest: Option<BTreeMap<(usize, usize, String), u64>>,
}

/// A case by name.
pub(crate) fn case(name: &str) -> CaseId {
    let bytes = hash(Domain::Chance, &[b"case", name.as_bytes()]).0;
    CaseId(*bytes.first_chunk().unwrap())
}

impl World {
    /// An empty world, whose envelope is the seeded stand-in unless `age`.
    pub(crate) fn new(seed: u64, age: bool) -> Self {
        let mut chance = Chance::new(seed);
        Self {
            seed,
            now: DAWN,
            net: Net::new(chance.next()),
            chance,
            offices: Vec::new(),
            machines: Vec::new(),
            circles: BTreeMap::new(),
            told: Vec::new(),
            unsure: BTreeSet::new(),
            trace: Hash::ZERO,
            diary: Vec::new(),
            tally: BTreeMap::new(),
            age,
            aloud: std::env::var_os("HOMEWARD_ALOUD").is_some(),
            desks: 0,
            untold: Vec::new(),
            noted: BTreeMap::new(),
            due: BTreeMap::new(),
            order: 0,
            dirty: BTreeSet::new(),
            links: BTreeMap::new(),
            roads: BTreeSet::new(),
            folder: None,
            bundles: 0,
            evil: Vec::new(),
            overheard: BTreeMap::new(),
            losses: Vec::new(),
            sealing: lost::Sealing::default(),
            said_last: false,
            worst: bounds::Worst::default(),
            at_rest: None,
        }
    }

    pub(crate) fn count(&mut self, what: &'static str) {
        *self.tally.entry(what).or_default() += 1;
    }

    /// What was done and checked here.
    pub(crate) fn figures(&self) -> BTreeMap<&'static str, u64> {
        let mut figures = self.tally.clone();
        figures.remove("disk");
        figures.insert("edits acknowledged", self.told.len() as u64);
        figures.insert("frames looked through", self.net.frames as u64);
        figures.insert("partners", self.offices.len() as u64);
        figures.insert("machines", self.machines.len() as u64);
        figures.insert("virtual hours", self.now.since(DAWN) / 3_600_000);
        figures.insert("edits exempt", self.told.iter().filter(|told| told.exempt).count() as u64);
        figures
    }

    /// A line of the diary.
    pub(crate) fn note(&mut self, line: String) {
        let at = self.now.since(DAWN);
        let line = format!("{at:>9} ms  {line}");
        if self.aloud {
            eprintln!("{line}");
        }
        self.diary.push(line);
    }

    /// An office with so many machines; `silent` machines have no address and only dial.
    pub(crate) fn add_office(&mut self, name: &str, machines: u64, cheats: bool) {
        let office = self.offices.len();
        self.offices.push(Office { name: name.to_owned(), key: demo_partner(name), cheats, card: None });
        self.untold.push(Untold::default());
        for number in 1..=machines {
            self.add_machine(office, number);
        }
        self.renew_card(office);
    }

    fn add_machine(&mut self, office: usize, serial: u64) -> usize {
        let of = &self.offices[office];
        let name = if serial == 1 { of.name.clone() } else { format!("{}-{serial}", of.name) };
        let secret = demo_node(&name);
        let certificate = certificate(&of.key, &secret.public(), serial, DAWN).unwrap();
        let place = Place {
            machine: Hash(self.chance.array()),
            folder: Hash(self.chance.array()),
            device: 1,
            inode: self.chance.next(),
        };
        self.machines.push(Machine {
            name,
            office,
            secret,
            certificate,
            vault_key: self.chance.array(),
            place,
            disk: disk::Disk::default(),
            hands: Arc::default(),
            skew_ms: 0,
            started: (DAWN, 0),
            staged: None,
            next: None,
            envelope: Arc::new(Counting::new(self.age)),
            starts: 0,
            spins: 0,
            full: false,
            replay_due: false,
            replayed: bounds::Replayed::default(),
            fate: Fate::default(),
        });
        self.machines.len() - 1
    }

    /// The office signs a card that names all its machines that are not lost.
    fn renew_card(&mut self, office: usize) {
        let revision = self.offices[office].card.as_ref().map_or(1, |card| card.revision + 1);
        let mut machines: Vec<&Machine> = Vec::new();
        for machine in self.machines.iter().filter(|m| m.office == office && !m.fate.lost) {
            // A copy stands on the card as what it was copied from.
            if machines.iter().all(|other| other.node() != machine.node()) {
                machines.push(machine);
            }
        }
        let certificates: Vec<_> = machines.iter().map(|machine| machine.certificate.clone()).collect();
        let addresses = machines
            .iter()
            .map(|m| CardAddress { node: m.node(), address: format!("{}:4433", m.name) })
            .collect();
        let of = &self.offices[office];
        let signed = card(&of.key, &of.name, &certificates, addresses, revision, self.now).unwrap();
        self.offices[office].card = Some(signed);
    }

    /// Makes every machine's home and starts it, with a road between any two.
    pub(crate) fn begin(&mut self) {
        for place in 0..self.machines.len() {
            self.make_home(place);
            self.switch_on(place);
        }
        for a in 0..self.machines.len() {
            for b in a + 1..self.machines.len() {
                self.roads.insert((a, b));
                self.net.open_road(a, b);
            }
        }
    }

    /// A vault with all cards in it, their phrases compared.
    fn make_home(&mut self, place: usize) {
        let instance = InstanceId(self.chance.array());
        let office = self.machines[place].office;
        let others: Vec<Signed<Card>> = (0..self.offices.len())
            .filter(|other| *other != office)
            .filter_map(|other| self.offices[other].card.clone())
            .collect();
        let machine = &self.machines[place];
        let key = Private::new(machine.vault_key);
        let vault = Vault::create_on(machine.disk.open(machine.place), &key, |_| Ok(())).unwrap();
        let own = self.offices[office].card.as_ref().unwrap();
        Staged::found(&vault, own, &machine.certificate, instance, &others).unwrap();
    }

    /// Every road that was cut is open again.
    pub(crate) fn heal(&mut self) {
        for (a, b) in self.roads.clone() {
            self.net.open_road(a, b);
        }
    }

    pub(crate) fn machines_of(&self, office: usize) -> impl Iterator<Item = usize> + '_ {
        (0..self.machines.len()).filter(move |place| self.machines[*place].office == office)
    }

    /// A circle, founded on a machine of its first member.
    pub(crate) fn found(&mut self, place: usize, members: &[usize], carriers: &[usize]) -> Option<CircleId> {
        let named = |list: &[usize]| -> Vec<String> {
            list.iter().map(|office| hex(&self.offices[*office].partner().0)).collect()
        };
        let name = format!("circle {}", self.circles.len() + 1);
        let request = Request::CircleNew {
            name: name.as_str().into(),
            members: named(members),
            carriers: named(carriers),
        };
        let before: BTreeSet<CircleId> = self.machines[place].on()?.circles().into_keys().collect();
        self.ask(place, request)?.ok()?;
        let after = self.machines[place].on()?.circles();
        let (circle, charter) = after.into_iter().find(|(id, _)| !before.contains(id))?;
        self.circles.insert(circle, charter.clone());
        for (office, untold) in self.offices.iter().zip(&mut self.untold) {
            if charter.role(&office.partner()).is_none() {
                untold.add_circle(&circle);
            }
        }
        Some(circle)
    }

    /// Asks a machine as a door does; `None` if it is off.
    pub(crate) fn ask(
        &mut self,
        place: usize,
        request: Request,
    ) -> Option<Result<Answer, homeward::node::Failure>> {
        let machine = &self.machines[place];
        machine.tick(self.now);
        let answer = machine.on()?.ask("desk 0", request);
        self.dirty.insert(place);
        Some(answer)
    }

    /// A person writes: durable, then told.
    pub(crate) fn write(&mut self, place: usize, circle: CircleId, case: CaseId, change: Change) -> bool {
        self.desks += 1;
        let desk = format!("desk {}", self.desks);
        let machine = &self.machines[place];
        machine.tick(self.now);
        let Some(staged) = machine.on() else { return false };
        let refused = machine.disk.lock().refused;
        let note = matches!(change, Change::Note(_));
        let written = staged.write(&circle, vec![(case, change)], &desk);
        self.dirty.insert(place);
        let machine = &self.machines[place];
        match written {
            Ok(edits) => {
                let did = laws::shown_of(machine, &circle, &case, &desk);
                let cheats = self.offices[machine.office].cheats;
                if !cheats {
                    let edit = edits[0];
                    let did = did.unwrap_or_else(|| {
                        panic!("{desk} was told that its edit is kept, and {} does not show it", machine.name)
                    });
                    self.told.push(Told {
                        desk,
                        machine: place,
                        circle,
                        case,
                        edit,
                        at: self.now,
                        segment: None,
                        did,
                        note,
                        exempt: false,
                        again: machine.fate.went_back,
                    });
                }
                true
            }
            Err(failure) => {
                let staged = machine.on().unwrap();
                // Sheets that a disk keeps from being made anew are not written in either.
                let kept_back = refused > 0 && failure.what.contains("being rebuilt");
                let disk = machine.disk.lock().refused > refused || staged.is_unsure() || kept_back;
                assert!(disk, "{} writes nothing: {} {}", machine.name, failure.what, failure.then);
                self.unsure.insert(desk);
                false
            }
        }
    }

    /// What was cut at a machine since it was last looked at must not reach who is not in its circle.
    fn note_cuts(&mut self, place: usize) {
        let machine = &self.machines[place];
        let Some(staged) = machine.on() else { return };
        for (circle, number) in staged.own_ends() {
            let log = LogId { circle, life: staged.life() };
            let noted = self.noted.entry(log).or_default();
            let Some(charter) = self.circles.get(&circle) else { continue };
            while *noted < number {
                *noted += 1;
                let Some(segment) = staged.segment(&log, *noted) else { break };
                if !machine.fate.lost && !self.offices[machine.office].cheats {
                    self.sealing.hold(place, &machine.name, &segment);
                }
                for (office, untold) in self.offices.iter().zip(&mut self.untold) {
                    if charter.role(&office.partner()).is_none() {
                        untold.add_segment(&segment);
                    }
                }
            }
        }
    }
}
