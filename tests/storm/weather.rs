//! Weather: a world drawn from its seed, in which people write while links, disks, clocks and machines fail.
//!
//! [`FAULTS`] lists every fault with its weight; one of weight 0 comes only when `HOMEWARD_WITH` names it.

use super::chance::Chance;
use super::disk::{Image, Trouble};
use super::drive::Later;
use super::saying::Desk;
use super::{World, case};
use homeward::case::Change;
use homeward::id::{CircleId, PartnerId, hex};
use homeward::node::Request;
use homeward::time::Millis;
use std::collections::BTreeSet;

const NAMES: [&str; 12] = [
    "kyiv", "doha", "tallinn", "moscow", "harbour", "aurora", "birch", "cedar", "delta", "ember", "fjord",
    "grove",
];

/// Every fault, how often it comes among the others, and what it is called in figures and in `HOMEWARD_WITHOUT`.
pub(crate) const FAULTS: [(&str, u64); 24] = [
    ("link cut", 10),
    ("road cut", 12),
    ("roads healed", 10),
    ("link flaps", 4),
    ("links freeze", 3),
    ("net slows", 3),
    ("power goes", 6),
    ("power goes at a write", 14),
    ("power goes at a start", 4),
    ("program ends", 5),
    ("program rests", 4),
    ("write fails", 8),
    ("disk fills up", 6),
    ("clock jumps", 6),
    ("bundle", 14),
    ("backup taken", 6),
    ("restored", 3),
    ("copied", 2),
    ("snapshot put back", 6),
    ("cheat", 24),
    ("fork", 6),
    ("strange closure", 6),
    ("machine lost", 4),
    ("machine added", 3),
];

/// What a storm is made of.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub seed: u64,
    pub steps: u64,
    pub without: BTreeSet<String>,
    /// Faults that have no weight, and come all the same.
    pub with: BTreeSet<String>,
    pub age: bool,
}

impl Plan {
    /// As the seed has it: most worlds are small, one in a hundred has twelve offices.
    pub(crate) fn of(seed: u64) -> Self {
        let steps = match seed % 10 {
            0..=7 => 18,
            _ => 28,
        };
        Self { seed, steps, without: BTreeSet::new(), with: BTreeSet::new(), age: false }
    }

    /// How to run it again.
    pub(crate) fn command(&self) -> String {
        let mut command =
            format!("HOMEWARD_FIRST_SEED={} HOMEWARD_SEEDS=1 HOMEWARD_STEPS={}", self.seed, self.steps);
        if !self.without.is_empty() {
            let without: Vec<&str> = self.without.iter().map(String::as_str).collect();
            command += &format!(" HOMEWARD_WITHOUT='{}'", without.join(","));
        }
        if !self.with.is_empty() {
            let with: Vec<&str> = self.with.iter().map(String::as_str).collect();
            command += &format!(" HOMEWARD_WITH='{}'", with.join(","));
        }
        let test = if self.age { "the_same_holds_under_age" } else { "what_was_told" };
        format!("{command} cargo test --locked --test worlds_agree {test}")
    }
}

/// A world and what people do in it.
pub(crate) struct Storm {
    pub world: World,
    plan: Plan,
    chance: Chance,
    circles: Vec<CircleId>,
    /// How many circles there will be: the first at once, the others while people write.
    planned: usize,
    images: Vec<(usize, usize, Image)>,
}

impl Storm {
    pub(crate) fn new(plan: Plan) -> Self {
        let mut chance = Chance::new(plan.seed ^ 0x57_04_11);
        let mut world = World::new(plan.seed, plan.age);
        let (offices, machines) = match (plan.seed % 100, plan.seed % 10) {
            _ if plan.age => (3, 1),
            (99, _) => (12, 1),
            (49, _) => (7, 2),
            (_, 0..=7) => (3 + chance.below(2), 1 + u64::from(chance.percent(20))),
            (_, 8) => (4, 2),
            _ => (5, 2),
        };
        // In four worlds of ten one office means harm.
        let cheater = chance.percent(40).then(|| chance.below(offices) as usize);
        for (at, name) in NAMES[..offices as usize].iter().enumerate() {
            world.add_office(name, 1 + chance.below(machines), cheater == Some(at));
        }
        world.begin();
        world.net.weather.delay_ms = 1 + chance.below(400);
        let planned = 1 + chance.below(4) as usize;
        let mut storm = Self { world, plan, chance, circles: Vec::new(), planned, images: Vec::new() };
        storm.found();
        storm
    }

    /// Some of the offices found a circle; some of the others carry it.
    fn found(&mut self) {
        let mut offices: Vec<usize> = (0..self.world.offices.len()).collect();
        for end in (1..offices.len()).rev() {
            offices.swap(end, self.chance.below(end as u64 + 1) as usize);
        }
        let members = 2 + self.chance.below(offices.len() as u64 - 1) as usize;
        let (members, others) = offices.split_at(members);
        let carriers = self.chance.below(others.len() as u64 + 1) as usize;
        let lost = |place: &usize| self.world.machines[*place].fate.lost;
        let places: Vec<usize> = self.world.machines_of(members[0]).filter(|place| !lost(place)).collect();
        if places.is_empty() {
            return;
        }
        let place = *self.chance.pick(&places);
        self.circles.extend(self.world.found(place, members, &others[..carriers]));
    }

    /// All of it, until the world is at rest and its laws hold.
    pub(crate) fn blow(&mut self) {
        for _ in 0..self.plan.steps {
            // Always drawn, so that a plan of fewer faults is much the same world.
            let (founds, writes) = (self.chance.percent(30), self.chance.percent(60));
            let fault = self.draw_fault();
            if self.circles.len() < self.planned && founds {
                self.found();
            }
            if writes {
                self.somebody_writes();
            } else if !self.plan.without.contains(fault) {
                self.strike(fault);
            }
            let pause = match self.chance.below(10) {
                0..=3 => 0,
                9 => 60_000,
                _ => self.chance.below(3_000),
            };
            self.world.run_for(pause);
            if self.chance.percent(25) {
                self.world.hold_receipts();
            }
            self.world.hold_bounds();
        }
        self.clear();
        self.world.settle();
    }

    /// The weather clears: all that can be mended is mended.
    fn clear(&mut self) {
        self.world.net.weather.freeze_after = None;
        self.world.net.weather.delay_ms = self.world.net.weather.delay_ms.min(2_000);
        for machine in &self.world.machines {
            let mut platter = machine.disk.lock();
            platter.at_start = Trouble::None;
            if !matches!(platter.trouble, Trouble::Dark) {
                platter.trouble = Trouble::None;
            }
        }
        self.world.heal();
    }

    fn draw_fault(&mut self) -> &'static str {
        let weight = |(name, weight): &(&str, u64)| if self.plan.with.contains(*name) { 6 } else { *weight };
        let weights = FAULTS.map(|fault| (fault.0, weight(&fault)));
        let mut at = self.chance.below(weights.iter().map(|(_, weight)| weight).sum());
        for (name, weight) in weights {
            if at < weight {
                return name;
            }
            at -= weight;
        }
        FAULTS[0].0
    }

    fn some_machine(&mut self) -> usize {
        self.chance.below(self.world.machines.len() as u64) as usize
    }

    fn strike(&mut self, fault: &'static str) {
        let place = self.some_machine();
        let name = self.world.machines[place].name.clone();
        self.world.count(fault);
        self.world.note(format!("{fault}: {name}"));
        let now = self.world.now;
        match fault {
            "link cut" => self.world.net.cut_some(now),
            "road cut" => {
                let other = self.some_machine();
                if other != place {
                    self.world.net.close_road(now, place, other);
                }
            }
            "roads healed" => self.world.heal(),
            "link flaps" => {
                for _ in 0..4 {
                    self.world.net.cut_some(self.world.now);
                    let pause = self.chance.below(800);
                    self.world.run_for(pause);
                }
            }
            "links freeze" => {
                let limit = 1024 << self.chance.below(7);
                let frozen = self.world.net.weather.freeze_after.is_some();
                self.world.net.weather.freeze_after = (!frozen).then_some(limit);
            }
            "net slows" => self.world.net.weather.delay_ms = 1 << self.chance.below(12),
            "power goes" => self.world.goes_dark_if_on(place),
            "power goes at a write" => self.trouble(place, Trouble::PowerGoes),
            "power goes at a start" => {
                self.world.machines[place].disk.lock().at_start = Trouble::PowerGoes(self.chance.below(30));
                self.world.goes_dark_if_on(place);
            }
            "program ends" => self.ends(place, false),
            "program rests" => self.ends(place, true),
            "write fails" => self.trouble(place, Trouble::WriteFails),
            "disk fills up" => self.trouble(place, Trouble::FillsUp),
            "clock jumps" => self.clock_jumps(place),
            "bundle" => self.bundle(place),
            "backup taken" => {
                let image = self.world.machines[place].disk.image();
                // How much was told by then: several things happen in one millisecond.
                self.images.push((self.world.told.len(), place, image));
            }
            "restored" => self.restored(true),
            "snapshot put back" => self.restored(false),
            "copied" => self.world.copy(place, &mut self.chance),
            "cheat" => self.world.cheat(&mut self.chance),
            "fork" => self.world.fork(&mut self.chance),
            "strange closure" => self.world.strange_closure(&mut self.chance),
            "machine lost" => self.world.lose(place, &mut self.chance),
            "machine added" => {
                let office = self.world.machines[place].office;
                self.world.add_another(office);
            }
            other => panic!("no such fault: {other}"),
        }
    }

    fn trouble(&mut self, place: usize, kind: impl Fn(u64) -> Trouble) {
        let writes = self.chance.below(60);
        let mut platter = self.world.machines[place].disk.lock();
        if platter.trouble == Trouble::None {
            platter.trouble = kind(writes);
        }
        drop(platter);
        self.world.tally.entry("disk").or_default();
    }

    fn ends(&mut self, place: usize, well: bool) {
        let Some(staged) = self.world.machines[place].on() else { return };
        if well {
            self.world.machines[place].tick(self.world.now);
            staged.rest();
        }
        self.world.fall_silent(place);
        self.world.later(20_000, Later::On { place });
    }

    /// Minutes to decades, forth or back, or true again.
    fn clock_jumps(&mut self, place: usize) {
        let far = 1_000 << self.chance.below(31);
        self.world.machines[place].skew_ms = match self.chance.below(3) {
            0 => 0,
            1 => far,
            _ => -far,
        };
    }

    /// A bundle carried by hand: lost, late, twice, or to the wrong office.
    fn bundle(&mut self, place: usize) {
        let office = self.world.machines[place].office;
        let others: Vec<usize> = (0..self.world.offices.len()).filter(|other| *other != office).collect();
        let target = *self.chance.pick(&others);
        let partner = hex(&self.world.offices[target].partner().0);
        let file = self.world.bundle_file();
        let all = self.chance.percent(30);
        let request = Request::BundleOut { partner, file: file.display().to_string(), all };
        if !matches!(self.world.ask(place, request), Some(Ok(_))) {
            return;
        }
        self.world.turn(place);
        self.world.count("bundles made");
        let wrong = self.chance.percent(15);
        let office = if wrong { self.chance.below(self.world.offices.len() as u64) as usize } else { target };
        let copies = self.chance.below(3);
        for _ in 0..copies {
            let places: Vec<usize> = self.world.machines_of(office).collect();
            let place = *self.chance.pick(&places);
            let late = if self.chance.percent(50) { 5_000 } else { 300_000 };
            self.world.later(late, Later::Bundle { place, file: file.clone() });
        }
    }

    /// A machine's disk is put back from a backup, on the same machine or another; unless `seen`, so that nothing but
    /// the disk's contents shows it.
    fn restored(&mut self, seen: bool) {
        if self.images.is_empty() {
            return;
        }
        let at = self.chance.below(self.images.len() as u64) as usize;
        let (taken, place, image) = self.images[at].clone();
        if self.world.machines[place].on().is_none() || self.world.machines[place].fate.lost {
            return;
        }
        self.world.leaves_behind(place, Some(taken));
        self.world.fall_silent(place);
        let machine = &mut self.world.machines[place];
        machine.disk.restore(&image);
        if seen {
            machine.moves(&mut self.chance);
        }
        self.world.later(60_000, Later::On { place });
        self.world.closes_again(place);
    }

    /// Somebody writes somewhere: one edit, or what they say in two circles at once.
    fn somebody_writes(&mut self) {
        let place = self.some_machine();
        let machine = &self.world.machines[place];
        let Some(staged) = machine.on().filter(|_| !machine.fate.lost) else { return };
        let open: Vec<CircleId> = self.circles.iter().copied().filter(|c| staged.writes_in(c)).collect();
        if open.is_empty() {
            return;
        }
        let circle = *self.chance.pick(&open);
        let case = case(self.chance.pick::<&str>(&["case-1", "case-2"]));
        let view = machine.view(&circle, &case);
        let readers = |circle: &CircleId| -> Vec<PartnerId> { self.world.circles[circle].members.clone() };
        let other = open.iter().find(|other| **other != circle).map(|other| (*other, readers(other)));
        let desk = Desk {
            partner: machine.partner(),
            secret: &machine.secret,
            case,
            now: Millis(machine.day(self.world.now)),
            view: view.as_ref(),
            other: other.clone(),
        };
        let change = desk.change(&mut self.chance);
        let also = match (&change, other) {
            (Change::Disclosed(_), Some((to, _))) => desk.disclosed(circle).map(|change| (to, change)),
            _ => None,
        };
        let name = machine.name.clone();
        let written = self.world.write(place, circle, case, change);
        self.world.note(format!("{name} writes: {written}"));
        if let Some((to, change)) = also {
            self.world.write(place, to, case, change);
        }
    }
}

impl World {
    fn goes_dark_if_on(&mut self, place: usize) {
        if self.machines[place].on().is_some() {
            self.goes_dark(place);
        }
    }

    pub(super) fn bundle_file(&mut self) -> std::path::PathBuf {
        self.bundles += 1;
        let folder = self.folder.get_or_insert_with(|| tempfile::tempdir().unwrap());
        folder.path().join(format!("{}.bundle", self.bundles))
    }

    /// A machine's disk is copied to another, and both go on with the same keys.
    fn copy(&mut self, place: usize, chance: &mut Chance) {
        // Twice is enough to see what comes of it.
        let node = self.machines[place].node();
        if self.machines[place].on().is_none()
            || self.machines[place].fate.lost
            || self.machines.iter().filter(|m| m.node() == node).count() > 2
        {
            return;
        }
        let image = self.machines[place].disk.image();
        let copy = self.machines[place].twin(self.age);
        self.machines.push(copy);
        let other = self.machines.len() - 1;
        for told in self.told.iter_mut().filter(|told| told.machine == place) {
            told.again = true;
        }
        self.machines[place].fate.went_back = true;
        let twin = &mut self.machines[other];
        twin.fate.went_back = true;
        twin.disk.restore(&image);
        twin.moves(chance);
        for a in 0..other {
            if a != place {
                self.roads.insert((a, other));
                self.net.open_road(a, other);
            }
        }
        self.later(60_000, Later::On { place: other });
    }

    /// Before a machine's disk goes back to what it was at `image`, or is lost: what nobody else holds may be gone.
    /// An image is known by how many edits were told before it.
    pub(super) fn leaves_behind(&mut self, place: usize, image: Option<usize>) {
        let segments: Vec<Option<u64>> = self
            .told
            .iter()
            .map(|told| self.machines[told.machine].on()?.segment_of(&told.circle, &told.edit))
            .collect();
        for (at, segment) in segments.into_iter().enumerate() {
            let told = &self.told[at];
            let (circle, life) = (told.circle, told.edit.life);
            let known = segment.or(told.segment);
            let elsewhere = known.is_some_and(|number| {
                self.machines.iter().enumerate().any(|(other, machine)| {
                    let holds = |staged: &homeward::node::stage::Staged| {
                        staged.logs(&circle).get(&life).is_some_and(|end| end.number >= number)
                    };
                    other != place && !machine.fate.lost && machine.on().is_some_and(holds)
                })
            });
            let here = told.machine == place;
            let in_image =
                here && !self.machines[place].fate.went_back && image.is_some_and(|told| at < told);
            // An edit that is in no segment is on its author's disk alone.
            let on_author = !here && known.is_none();
            let told = &mut self.told[at];
            told.segment = known;
            told.again |= here;
            told.exempt |= !(elsewhere || in_image || on_author);
        }
        self.machines[place].fate.went_back = true;
    }
}
