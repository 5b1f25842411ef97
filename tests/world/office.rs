//! One office with one node: keys, disk, hub, and the walk of an edit from a person's hands to sheets.
//!
//! Writing, cutting, opening and replaying stand here as `node` has them, on a disk in memory: an edit is durable
//! before anyone is told, one transaction takes edits off the waiting list and stores their segment, sheets are kept
//! before the word that they are applied.

use super::chance::Chance;
use super::disk::Disk;
use super::envelope::Counting;
use homeward::case::{Change, Edit, SheetView};
use homeward::id::{CaseId, CircleId, EditRef, InstanceId, Life, LogId, NodeId, PartnerId};
use homeward::log::{Charter, Segment};
use homeward::node::cut::{Cutting, OwnLog, cut};
use homeward::node::open::{self, Opening, Reading, open_next};
use homeward::private::Private;
use homeward::register::{
    Body, Cuts, Layout, Opened, Packed, Place, Reach, Sheet, Stamped, Work, open_sheet, pins_of, replay_case,
};
use homeward::seal::{Certificate, NodeSecret, PartnerSecret};
use homeward::sign::{Domain, Signed, hash};
use homeward::sync::{Fault, Hub, LinkId, Me, Start};
use homeward::time::Millis;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// What an office has in memory of one circle.
pub(crate) struct Room {
    pub layout: Arc<Layout>,
    pub reach: Reach,
    waits: Vec<Opened>,
    readings: BTreeMap<Life, Reading>,
    /// Logs whose next segment is held.
    pub held: BTreeMap<Life, open::Why>,
}

pub(crate) struct Office {
    pub name: String,
    pub partner_key: PartnerSecret,
    pub secret: NodeSecret,
    pub certificate: Signed<Certificate>,
    pub instance: InstanceId,
    pub envelope: Counting,
    pub disk: Disk,
    pub hub: Option<Hub>,
    pub rooms: BTreeMap<CircleId, Room>,
    /// Reach that was told: told again after a crash.
    pub dials: Vec<PartnerId>,
    /// Frames that wait since the hub is not hungry.
    pub frames: VecDeque<(LinkId, Vec<u8>)>,
    /// What peers were let go for, and whose they were.
    pub faults: Vec<(Option<PartnerId>, Fault)>,
    /// What never happens among honest offices: refused segments, forks, our own log ahead of us, broken edits.
    pub troubles: Vec<String>,
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

    /// Whether it may write in a circle now: a member that has heard of it.
    pub(crate) fn writes_in(&self, circle: &CircleId) -> bool {
        self.disk.circles.get(circle).is_some_and(|charter| charter.is_member(&self.partner()))
    }

    /// What its hub is told at its start: what the disk holds.
    pub(crate) fn start(&self, seed: u64) -> Start {
        Start {
            me: Me { instance: self.instance, certificate: self.certificate.clone() },
            cards: self.disk.cards.values().cloned().collect(),
            certificates: self.disk.certificates.clone(),
            circles: self.disk.circle_starts(),
            peers: self.disk.peers.values().cloned().collect(),
            heads_run: self.disk.heads_run,
            seed: hash(Domain::Chance, &[&seed.to_be_bytes()]).0,
        }
    }

    /// Memory is made again from the disk.
    pub(crate) fn wake(&mut self, now: Millis, caches_lost: bool) {
        if caches_lost {
            self.disk.sheets.clear();
            self.disk.applied.clear();
        }
        self.rooms.clear();
        self.frames.clear();
        for circle in self.disk.circles.keys().copied().collect::<Vec<_>>() {
            self.open_room(circle);
            if caches_lost {
                // Nothing is written before the sheets stand again.
                self.read(circle, false);
                self.put_back_waiting(circle, now);
            }
        }
    }

    pub(crate) fn open_room(&mut self, circle: CircleId) {
        let charter = &self.disk.circles[&circle];
        let reach = match self.disk.applied.get(&circle) {
            Some(bytes) => Reach::decode(bytes).unwrap(),
            None => Reach::new(charter.founder),
        };
        let mut readings = BTreeMap::new();
        for (life, list) in self.disk.logs_of(circle) {
            let through = reach.number(&life);
            if let Some(stored) = list.get((through as usize).wrapping_sub(1)) {
                let header = stored.segment.header();
                let epoch = self.disk.epochs.get(&header.epoch).cloned();
                readings.insert(life, Reading { through, plain: Some(header.plain), epoch });
            }
        }
        let layout = Arc::new(Layout::new(circle, &charter.members).unwrap());
        let room = Room { layout, reach, waits: Vec::new(), readings, held: BTreeMap::new() };
        self.rooms.insert(circle, room);
    }

    /// A person writes: on the sheet, durable, and only then told. Gives the edit's name.
    pub(crate) fn write(&mut self, circle: CircleId, edit: Edit, now: Millis) -> EditRef {
        assert!(self.writes_in(&circle), "{} is not a member, or has not heard of the circle", self.name);
        edit.check().unwrap();
        let life = self.life();
        let room = &self.rooms[&circle];
        let stamped = Stamped { edit, context: Arc::new(room.reach.context(&life)) };
        let waiting = self.disk.waiting.entry(circle).or_default();
        let cut = self.disk.own.get(&circle).map_or(0, |own| own.last_edit);
        let number = cut + waiting.len() as u64 + 1;
        waiting.push(stamped.clone());
        self.put_ahead(circle, number, &stamped, now);
        EditRef { life, number }
    }

    /// Puts an edit that is in no segment yet onto its sheet.
    fn put_ahead(&mut self, circle: CircleId, number: u64, stamped: &Stamped, now: Millis) {
        let room = &self.rooms[&circle];
        let place = Place { circle, life: self.life(), number: 1 };
        let work = Work {
            place,
            first: number,
            circle_name: None,
            pins: room.reach.pins(&pins_of([&*stamped.context])),
            edits: vec![stamped.clone()],
        };
        let packed = Packed::decode(work.encode().unwrap().reveal(), place).unwrap();
        for (case, edits) in room.reach.ahead(self.certificate.partner, now, packed) {
            let before = self.disk.sheets.get(&(circle, case)).map(Vec::as_slice);
            let sheet = replay_case(before, &room.layout, case, &edits).unwrap();
            self.disk.sheets.insert((circle, case), sheet.saved);
        }
    }

    fn put_back_waiting(&mut self, circle: CircleId, now: Millis) {
        let waiting = self.disk.waiting.get(&circle).cloned().unwrap_or_default();
        let first = self.disk.own.get(&circle).map_or(0, |own| own.last_edit) + 1;
        for (number, stamped) in (first..).zip(&waiting) {
            self.put_ahead(circle, number, stamped, now);
        }
    }

    /// Cuts what waits in a circle: one transaction takes the edits off the list and stores their segments.
    pub(crate) fn cut(&mut self, circle: CircleId, now: Millis, chance: &mut Chance) -> Vec<Arc<Segment>> {
        let waiting = self.disk.waiting.get(&circle).cloned().unwrap_or_default();
        let life = self.life();
        let own = self.disk.own.get(&circle).cloned().unwrap_or_else(|| OwnLog::new(life));
        let charter = self.disk.circles[&circle].clone();
        let readers = self.readers(&charter);
        let disk = &self.disk;
        let name = Private::new("A circle".to_owned());
        let cutting = Cutting {
            circle,
            charter: &charter,
            name: Some(&name),
            readers: &readers,
            certificate: &self.certificate,
            signer: &self.secret,
            envelope: &self.envelope,
            now,
            header_of: &|life, number| {
                let stored = disk.segment(&LogId { circle, life: *life }, number)?;
                Some(stored.segment.header().hash())
            },
        };
        let (own, segments) = cut(own, &cutting, &waiting, &mut || chance.array()).unwrap();
        let segments: Vec<Arc<Segment>> = segments.into_iter().map(Arc::new).collect();
        if let Some(epoch) = &own.epoch {
            self.disk.epochs.insert(epoch.secret.key.id(), epoch.secret.clone());
        }
        self.disk.own.insert(circle, own);
        self.disk.waiting.remove(&circle);
        for segment in &segments {
            self.disk.append(segment.clone(), now);
        }
        segments
    }

    /// The certificates of all members' nodes, by the cards held.
    fn readers(&self, charter: &Charter) -> BTreeMap<PartnerId, Vec<Signed<Certificate>>> {
        let nodes = |partner| self.disk.cards.get(partner).map(|card| card.nodes()).unwrap_or_default();
        charter.members.iter().map(|partner| (*partner, nodes(partner))).collect()
    }

    /// Opens and replays what is stored and not applied yet. A carrier tries too. `crashes`: the machine stops when
    /// the sheets are kept and the word that they are applied is not.
    pub(crate) fn read(&mut self, circle: CircleId, crashes: bool) {
        let charter = self.disk.circles[&circle].clone();
        let partner = self.partner();
        let room = self.rooms.get_mut(&circle).unwrap();
        let mut opened = std::mem::take(&mut room.waits);
        let mut epochs = Vec::new();
        for (life, list) in self.disk.logs_of(circle) {
            let reading = room.readings.entry(life).or_default();
            room.held.remove(&life);
            let opening = Opening {
                charter: charter.get(),
                partner: &partner,
                secret: &self.secret,
                envelope: &self.envelope,
                known: &|epoch| self.disk.epochs.get(epoch).cloned(),
            };
            for stored in list.get(reading.through as usize..).unwrap_or_default() {
                let body = match open_next(reading, &stored.segment, &opening) {
                    open::Opened::Epoch(secret) => {
                        epochs.push(secret);
                        Body::Epoch
                    }
                    open::Opened::Work(packed) => Body::Work(packed),
                    open::Opened::Refused(fault) => {
                        self.troubles.push(format!("a segment was refused: {fault}"));
                        Body::Refused(fault)
                    }
                    open::Opened::Held(why) => {
                        room.held.insert(life, why);
                        break;
                    }
                };
                let header = stored.segment.header();
                opened.push(Opened {
                    life,
                    number: header.number,
                    partner: header.partner,
                    header: header.hash(),
                    first_seen: stored.seen,
                    body,
                });
            }
        }
        for secret in epochs {
            self.disk.epochs.insert(secret.key.id(), secret);
        }
        let plan = room.reach.plan(opened, &Cuts::new());
        room.waits = plan.waiting;
        self.troubles
            .extend(plan.refused.iter().map(|refused| format!("a log was refused: {}", refused.fault)));
        for (case, edits) in plan.cases {
            let before = self.disk.sheets.get(&(circle, case)).map(Vec::as_slice);
            let sheet = replay_case(before, &room.layout, case, &edits).unwrap();
            self.disk.sheets.insert((circle, case), sheet.saved);
        }
        if !crashes {
            self.disk.applied.insert(circle, room.reach.encode());
        }
    }

    /// The sheet of a case, if there is one.
    pub(crate) fn sheet(&self, circle: CircleId, case: CaseId) -> Option<Sheet> {
        let saved = self.disk.sheets.get(&(circle, case))?;
        Some(open_sheet(&self.rooms.get(&circle)?.layout, saved).unwrap())
    }

    pub(crate) fn view(&self, circle: CircleId, case: CaseId) -> Option<SheetView> {
        self.sheet(circle, case).map(|sheet| sheet.view())
    }

    /// An edit of now.
    pub(crate) fn edit(&self, case: CaseId, change: Change, now: Millis) -> Edit {
        Edit { case, time: now, operator: self.name.as_str().into(), change }
    }
}
