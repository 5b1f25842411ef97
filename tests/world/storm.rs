//! Weather: a world drawn from its seed, in which people write while links, disks and machines fail.

use super::chance::Chance;
use super::saying::Desk;
use super::{World, case};
use homeward::case::Change;
use homeward::id::{CircleId, PartnerId};

const NAMES: [&str; 5] = ["kyiv", "doha", "tallinn", "moscow", "harbour"];

/// How large a storm is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub offices: u64,
    pub circles: u64,
    pub edits: u64,
}

/// A world and what people do in it.
pub(crate) struct Storm {
    pub world: World,
    chance: Chance,
    circles: Vec<CircleId>,
    /// How many circles there will be: the first at once, the others while people write.
    planned: usize,
    size: Size,
}

impl Storm {
    /// Offices and circles as the seed has them: at least three offices, at least one circle, some carriers.
    pub(crate) fn new(seed: u64, size: Size, age: bool) -> Self {
        let mut chance = Chance::new(seed ^ 0x57_04_11);
        let count = (3 + chance.below(size.offices - 2)) as usize;
        let world = if age { World::sealed_with_age(seed) } else { World::new(seed) };
        let mut world = world.offices_of(&NAMES[..count]);
        world.saves_late = 1 + chance.below(300);
        world.saves_fail = chance.below(20);
        world.net.weather.delay_ms = 1 + chance.below(400);
        if chance.percent(15) {
            world.net.weather.freeze_after = Some(64 * 1024);
        }
        let planned = 1 + chance.below(size.circles) as usize;
        let mut storm = Self { world, chance, circles: Vec::new(), planned, size };
        storm.found();
        storm
    }

    /// Some of the offices found a circle; some of the others carry it.
    fn found(&mut self) {
        let count = self.world.offices.len();
        let mut places: Vec<usize> = (0..count).collect();
        for end in (1..count).rev() {
            places.swap(end, self.chance.below(end as u64 + 1) as usize);
        }
        let members = 2 + self.chance.below(count as u64 - 1) as usize;
        let (members, others) = places.split_at(members);
        let carriers = self.chance.below(others.len() as u64 + 1) as usize;
        self.circles.push(self.world.found(members, &others[..carriers]));
    }

    /// All of it, until the world is at rest and its laws hold.
    pub(crate) fn blow(&mut self) {
        for _ in 0..self.size.edits {
            if self.circles.len() < self.planned && self.chance.percent(30) {
                self.found();
            }
            match self.chance.below(20) {
                0 => self.world.net.cut_some(self.world.now),
                1 | 2 => self.cut_road(),
                3 => self.world.heal(),
                4 => self.crash(),
                _ => self.somebody_writes(),
            }
            let pause = match self.chance.below(10) {
                0..=3 => 0,
                9 => 60_000,
                _ => self.chance.below(3_000),
            };
            self.world.run_for(pause);
        }
        self.world.saves_fail = 0;
        self.world.net.weather.freeze_after = None;
        self.world.heal();
        self.world.settle();
    }

    fn cut_road(&mut self) {
        let count = self.world.offices.len() as u64;
        let (a, b) = (self.chance.below(count) as usize, self.chance.below(count) as usize);
        if a != b {
            self.world.net.close_road(self.world.now, a, b);
        }
    }

    fn crash(&mut self) {
        let place = self.chance.below(self.world.offices.len() as u64) as usize;
        match self.chance.below(4) {
            0 => self.world.crash(place, true),
            1 => self.world.crash_after_cut(place),
            2 => self.world.crash_while_reading(place),
            _ => self.world.crash(place, false),
        }
    }

    /// Somebody writes somewhere: one edit, or what they say in two circles at once.
    fn somebody_writes(&mut self) {
        let place = self.chance.below(self.world.offices.len() as u64) as usize;
        let office = &self.world.offices[place];
        let open: Vec<CircleId> = self.circles.iter().copied().filter(|c| office.writes_in(c)).collect();
        if open.is_empty() {
            return;
        }
        let circle = *self.chance.pick(&open);
        let case = case(self.chance.pick::<&str>(&["case-1", "case-2"]));
        let view = office.view(circle, case);
        let readers = |circle: &CircleId| -> Vec<PartnerId> { office.disk.circles[circle].members.clone() };
        let other = open.iter().find(|other| **other != circle).map(|other| (*other, readers(other)));
        let desk = Desk {
            partner: office.partner(),
            secret: &office.secret,
            case,
            now: self.world.now,
            view: view.as_ref(),
            other: other.clone(),
        };
        let change = desk.change(&mut self.chance);
        let also = match (&change, other) {
            (Change::Disclosed(_), Some((to, _))) => desk.disclosed(circle).map(|change| (to, change)),
            _ => None,
        };
        self.world.write(place, circle, case, change);
        if let Some((to, change)) = also {
            self.world.write(place, to, case, change);
        }
    }
}
