//! Replay: stored segments become sheets and rows, behind whatever else the node does.
//!
//! A round opens what is stored and not opened yet (without the house's lock: this is the slow part), plans which
//! edits can be applied, and applies them case by case on all cores, a chunk at a time. Only at the end is it written
//! that the circle is applied so far; a crash before that repeats edits that sheets already have, and they skip them.

use super::house::{Circle, House};
use super::open::{Opened as Read, Opening, Reading, Why, open_next};
use super::shared::Shared;
use super::{Failure, Stopwatch, tell};
use crate::codec::Malformed;
use crate::id::{CaseId, CircleId, EpochId, Hash, Life, LogId, PartnerId};
use crate::log::Charter;
use crate::register::{
    Applied, Body, Context, Cuts, Layout, Opened, Packed, Reach, ReplayedSheet, Spoiled, replay_case,
};
use crate::seal::{Envelope, EpochSecret, NodeSecret};
use crate::sign::Signed;
use crate::store::logs::SegmentEntry;
use crate::store::{Name, StoreFault, Vault, caches, keys, logs, waiting};
use crate::time::Millis;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Cases applied under one hold of the house's lock.
const CHUNK_CASES: usize = 256;
/// Sealed bytes opened in one round: bounds what is in memory at a time.
pub(super) const ROUND_BYTES: u64 = 48 * 1024 * 1024;

/// Rounds in a row that may come no further until replay stops.
const STILL_ROUNDS: u32 = 8;
const STUCK: &str = "Some of what is stored cannot be shown yet: to read it again changed nothing. Nothing is lost. It is \
                     tried again when more comes; `homeward check` looks at all that is stored.";

/// What a round needs to know of one circle, taken under the lock.
pub(super) struct Job {
    pub(super) circle: CircleId,
    charter: Signed<Charter>,
    pub(super) layout: Arc<Layout>,
    pub(super) logs: Vec<LogJob>,
    pub(super) reach: Reach,
    pub(super) cuts: Cuts,
    partner: PartnerId,
    pub(super) own: Life,
    rebuilding: bool,
    pub(super) vault: Arc<Vault>,
    secret: Arc<NodeSecret>,
    envelope: Arc<dyn Envelope>,
}

/// One log to open: the segments after what was opened.
pub(super) struct LogJob {
    pub(super) life: Life,
    pub(super) partner: PartnerId,
    pub(super) reading: Reading,
    pub(super) refused: bool,
    pub(super) segments: Vec<ToOpen>,
}

/// A segment of a [`LogJob`].
#[derive(Clone, Copy)]
pub(super) struct ToOpen {
    number: u64,
    /// Its header's hash.
    header: Hash,
    /// The plain chain there, as its header says.
    plain: Hash,
    first_seen: Millis,
}

pub(super) fn to_open(entry: &SegmentEntry) -> ToOpen {
    ToOpen {
        number: entry.header.number,
        header: entry.header.hash(),
        plain: entry.header.plain,
        first_seen: entry.first_seen,
    }
}

/// One log, opened.
pub(super) struct LogRead {
    pub(super) life: Life,
    pub(super) reading: Reading,
    pub(super) held: Option<Why>,
    pub(super) opened: Vec<Opened>,
    pub(super) epochs: Vec<EpochSecret>,
}

impl LogRead {
    /// Nothing read yet.
    pub(super) fn new(life: Life) -> Self {
        Self { life, reading: Reading::default(), held: None, opened: Vec::new(), epochs: Vec::new() }
    }
}

/// Replays everything that can be replayed now. Says whether anything was.
pub(crate) fn replay_all(shared: &Shared) -> Result<bool, Failure> {
    let now = shared.house().clock.steady();
    replay_all_at(shared, now)
}

/// The same at a moment of the steady clock: a circle whose cuts moved is made anew then if its last time is long past.
pub(crate) fn replay_all_at(shared: &Shared, now: Millis) -> Result<bool, Failure> {
    let _one = shared.one_replay();
    let mut tried = BTreeSet::new();
    let mut any = false;
    let mut headway = Headway::default();
    loop {
        let (life, jobs) = {
            let mut house = shared.house();
            if house.retry_held {
                house.take_grants()?;
            }
            (house.life, house.replay_jobs())
        };
        let mut moved = false;
        for job in jobs {
            let circle = job.circle;
            moved |= replay_circle(shared, job).inspect_err(|_| shared.house().read_back(&circle))?;
        }
        any |= moved;
        let mut house = shared.house();
        if moved && house.life == life && headway.is_stuck(house.read_so_far()) {
            house.notice(STUCK.to_owned());
            moved = false;
        }
        // A life that began meanwhile has everything to replay.
        if !moved && house.life == life {
            house.after_replay()?;
            let due: Vec<CircleId> =
                house.to_rebuild(now).into_iter().filter(|id| tried.insert(*id)).collect();
            drop(house);
            for circle in &due {
                any |= super::rebuild::rebuild_circle(shared, circle, now)?;
            }
            if due.is_empty() {
                super::aside::bring_up(shared, now)?;
                break;
            }
        }
    }
    shared.watch(|_| ());
    Ok(any)
}

/// Watches that rounds come to an end: one that moved something leaves more read or applied than before it.
#[derive(Default)]
struct Headway {
    before: u64,
    still: u32,
}

impl Headway {
    /// After a round that moved something: whether it was one of too many in a row that came no further. A few may be
    /// so, for a log can be cut while it is read.
    fn is_stuck(&mut self, so_far: u64) -> bool {
        self.still = if so_far > self.before { 0 } else { self.still + 1 };
        self.before = so_far;
        self.still >= STILL_ROUNDS
    }
}

fn replay_circle(shared: &Shared, mut job: Job) -> Result<bool, Failure> {
    let watch = Stopwatch::start();
    let logs = std::mem::take(&mut job.logs);
    let read: Vec<LogRead> =
        logs.into_par_iter().map(|log| open_log(&job, log)).collect::<Result<_, StoreFault>>()?;
    let segments: usize = read.iter().map(|log| log.opened.len()).sum();
    let moved = segments > 0;
    let mut opened = shared.house().take_waits(&job.circle);
    let mut readings = Vec::new();
    let mut epochs = Vec::new();
    for log in read {
        opened.extend(log.opened);
        epochs.extend(log.epochs);
        readings.push((log.life, log.reading, log.held));
    }
    let own = job.own;
    let mut shown: BTreeMap<Life, Context> = BTreeMap::new();
    note_shown(&mut shown, &opened, &own);
    let plan = job.reach.plan(opened, &job.cuts);
    let planned = moved || plan.edits > 0;
    for chunk in plan.cases.chunks(CHUNK_CASES) {
        shared.house().apply_chunk(&job, chunk)?;
    }
    shared.count_replayed(plan.edits, 0);
    if planned {
        tell::replayed(&job.circle, segments, plan.edits, watch.elapsed());
    }
    let mut house = shared.house();
    if house.life != own {
        // A new life began meanwhile and has thrown the sheets away: what was read is of no use to it.
        return Ok(false);
    }
    let vault = Arc::clone(&job.vault);
    let circle = house.circle_mut(&job.circle)?;
    for (life, reading, held) in readings {
        if let Some(log) = circle.logs.get_mut(&life) {
            // Our own log may have grown meanwhile; cutting has read it on. Another's may have been cut.
            let stands = log.entry(reading.through).map(|entry| entry.header.plain) == reading.plain;
            if log.reading.through <= reading.through && stands {
                log.reading = reading;
                log.held = held;
            }
        }
    }
    for (life, ours) in shown {
        let known = circle.shown.entry(life).or_default();
        for (own, number) in ours {
            let before = known.entry(own).or_default();
            *before = (*before).max(number);
        }
    }
    circle.reach = job.reach;
    circle.waits = plan.waiting;
    circle.cut.waited_under = job.cuts;
    let logs = &circle.logs;
    circle.waits.retain(|one| logs.get(&one.life).and_then(|log| log.hash(one.number)) == Some(one.header));
    circle.look_at_cuts();
    circle.renew_context(&own);
    if let Some(name) = plan.circle_name {
        circle.known.name = name;
    }
    let record = circle.applied_record();
    let known = circle.known.clone();
    let index = &mut house.index;
    let written = vault.write(|writer| {
        for secret in &epochs {
            keys::put_epoch(writer, &job.circle, secret)?;
        }
        crate::store::circles::put(writer, &known)?;
        index.write(writer)?;
        writer.put(&Name::Applied(job.circle), &record)
    });
    if written.is_err() {
        house.index.unwritten();
    }
    written?;
    Ok(planned)
}

/// Notes of each log the highest segments of our own lives that its edits name.
pub(super) fn note_shown(shown: &mut BTreeMap<Life, Context>, opened: &[Opened], own: &Life) {
    for segment in opened {
        if let Body::Work(packed) = &segment.body {
            let ours = packed.pins().iter().filter(|pin| pin.life.node == own.node);
            for pin in ours {
                let known = shown.entry(segment.life).or_default().entry(pin.life).or_default();
                *known = (*known).max(pin.number);
            }
        }
    }
}

/// Opens one log as far as it goes.
pub(super) fn open_log(job: &Job, log: LogJob) -> Result<LogRead, StoreFault> {
    let id = LogId { circle: job.circle, life: log.life };
    let mut read = LogRead {
        life: log.life,
        reading: log.reading,
        held: None,
        opened: Vec::with_capacity(log.segments.len()),
        epochs: Vec::new(),
    };
    let reader = job.vault.reader()?;
    let known = |epoch: &EpochId| keys::epoch(&reader, epoch).ok().flatten();
    let opening = Opening {
        charter: job.charter.get(),
        partner: &job.partner,
        secret: &job.secret,
        envelope: &*job.envelope,
        known: &|epoch| job.vault.read(|reader| keys::epoch(reader, epoch)).ok().flatten(),
    };
    for ToOpen { number, header, plain, first_seen } in log.segments {
        let body = if log.refused {
            // Read on as one that was opened is: a reading that stands nowhere would be asked for again for ever.
            read.reading.through = number;
            read.reading.plain = Some(plain);
            Body::Refused(Malformed::Rule { what: "segment", rule: "it follows a refused one" })
        } else {
            let segment =
                logs::segment(&reader, &id, number)?.ok_or(StoreFault::Damaged("a listed segment"))?;
            match open_next(&mut read.reading, &segment, &opening) {
                Read::Epoch(secret) => {
                    if known(&secret.key.id()).is_none() {
                        read.epochs.push(secret);
                    }
                    Body::Epoch
                }
                Read::Work(packed) => Body::Work(packed),
                Read::Refused(fault) => Body::Refused(fault),
                Read::Held(why) => {
                    read.held = Some(why);
                    break;
                }
            }
        };
        read.opened.push(Opened { life: log.life, number, partner: log.partner, header, first_seen, body });
    }
    Ok(read)
}

impl House {
    /// What there is to open, circle by circle. A held circle has nothing to open.
    fn replay_jobs(&self) -> Vec<Job> {
        self.circles
            .values()
            .filter(|circle| !circle.cut.stale && self.open_circle(&circle.id).is_ok())
            .filter_map(|c| self.job(c))
            .collect()
    }

    fn job(&self, circle: &Circle) -> Option<Job> {
        let mut room = ROUND_BYTES;
        let mut logs = Vec::new();
        for (life, log) in &circle.logs {
            let from = usize::try_from(log.reading.through).unwrap_or(usize::MAX);
            let mut segments = Vec::new();
            for entry in log.segments.get(from..).unwrap_or_default() {
                let bytes = u64::from(entry.header.length);
                if bytes > room && !(logs.is_empty() && segments.is_empty()) {
                    break;
                }
                room = room.saturating_sub(bytes);
                segments.push(to_open(entry));
            }
            // A log that is held is tried again only when something came that may help.
            if !segments.is_empty() && (log.held.is_none() || self.retry_held) {
                let refused = circle.reach.refused().any(|(refused, _)| refused == *life);
                logs.push(LogJob {
                    life: *life,
                    partner: log.partner,
                    reading: log.reading.clone(),
                    refused,
                    segments,
                });
            }
        }
        // Our own segments are read when they are cut, so none of them stands above; what is left is to be counted as
        // applied.
        let applied = circle.reach.number(&self.life);
        let own_behind = applied < circle.own.end.number;
        // A cut that came alone may let go what waits for a segment that will never come.
        let let_go = !circle.waits.is_empty() && circle.cut.waited_under != circle.cut.cuts;
        if logs.is_empty() && !own_behind && !let_go {
            return None;
        }
        if own_behind
            && !circle.rebuilding
            && let Some(log) = circle.logs.get(&self.life)
            && log.reading.through >= circle.own.end.number
        {
            let reading = self.vault.read(|reader| Ok(super::house::reading_at(reader, log, applied)));
            let Ok(Ok(reading)) = reading else { return None };
            let from = usize::try_from(applied).unwrap_or(usize::MAX);
            let segments = log.segments.get(from..).unwrap_or_default().iter().map(to_open).collect();
            logs.push(LogJob { life: self.life, partner: log.partner, reading, refused: false, segments });
        }
        Some(Job { logs, reach: circle.reach.clone(), ..self.empty_job(circle) })
    }

    /// How many segments are read and how many are applied, over all logs.
    fn read_so_far(&self) -> u64 {
        let circles = self.circles.values();
        let of = |circle: &Circle| -> u64 {
            let logs = circle.logs.iter();
            logs.map(|(life, log)| log.reading.through + circle.reach.number(life)).sum()
        };
        circles.map(of).sum()
    }

    /// A job with nothing to open.
    pub(super) fn empty_job(&self, circle: &Circle) -> Job {
        Job {
            circle: circle.id,
            charter: circle.known.charter.clone(),
            layout: Arc::clone(&circle.layout),
            logs: Vec::new(),
            reach: Reach::new(circle.known.charter.founder),
            cuts: circle.cut.cuts.clone(),
            partner: self.people.own,
            own: self.life,
            rebuilding: circle.rebuilding,
            vault: Arc::clone(&self.vault),
            secret: Arc::clone(&self.secret),
            envelope: Arc::clone(&self.envelope),
        }
    }

    /// After a round that failed: what was opened and not applied is opened again next time.
    fn read_back(&mut self, id: &CircleId) {
        let vault = Arc::clone(&self.vault);
        let Some(circle) = self.circles.get_mut(id) else { return };
        circle.waits.clear();
        for (life, log) in &mut circle.logs {
            let applied = circle.reach.number(life);
            // Our own log goes on where it was cut: its edits are in the sheets already.
            if *life != circle.own.life
                && let Ok(reading) = vault.read(|reader| Ok(super::house::reading_at(reader, log, applied)))
            {
                log.reading = reading.unwrap_or_default();
            }
        }
    }

    fn take_waits(&mut self, circle: &CircleId) -> Vec<Opened> {
        self.circles.get_mut(circle).map(|circle| std::mem::take(&mut circle.waits)).unwrap_or_default()
    }

    /// Applies the edits of some cases: sheets by all cores, then one write of caches.
    fn apply_chunk(&mut self, job: &Job, chunk: &[(CaseId, Vec<Applied>)]) -> Result<(), Failure> {
        let own = job.own;
        if self.life != own {
            return Ok(());
        }
        let replayed: Vec<(CaseId, Result<ReplayedSheet, Spoiled>)> = chunk
            .par_iter()
            .filter(|(_, edits)| job.rebuilding || edits.iter().any(|edit| edit.life() != own))
            .map(|(case, edits)| {
                let existing = job.vault.get(&Name::Sheet(job.circle, *case)).ok().flatten();
                (*case, replay_case(existing.as_deref(), &job.layout, *case, edits))
            })
            .collect();
        job.vault.write_caches(|writer| {
            for (case, sheet) in &replayed {
                if let Ok(sheet) = sheet {
                    caches::put_sheet(writer, &job.circle, case, &sheet.saved)?;
                }
            }
            Ok::<(), StoreFault>(())
        })?;
        for (case, sheet) in replayed {
            match sheet {
                Ok(sheet) => self.index.put(sheet.row),
                Err(_) => {
                    self.spoiled.insert((job.circle, case));
                }
            }
        }
        Ok(())
    }

    /// When nothing is left to replay: edits that wait are put back onto rebuilt sheets.
    fn after_replay(&mut self) -> Result<(), Failure> {
        self.retry_held = false;
        let rebuilt: Vec<CircleId> =
            self.circles.values().filter(|circle| circle.rebuilding).map(|circle| circle.id).collect();
        for id in &rebuilt {
            self.put_back_waiting(id)?;
            self.circle_mut(id)?.rebuilding = false;
        }
        if !rebuilt.is_empty() {
            self.vault.write(super::index::end_rebuild)?;
        }
        Ok(())
    }

    fn put_back_waiting(&mut self, id: &CircleId) -> Result<(), Failure> {
        let reader = self.vault.reader()?;
        let waiting = waiting::list(&reader, id)?;
        drop(reader);
        for edit in waiting {
            let place = super::write::waiting_place(*id, self.life);
            let packed = Packed::decode(&edit.bytes, place).map_err(StoreFault::from)?;
            let circle = self.circle(id)?;
            let mut sheets = Vec::new();
            for (case, applied) in circle.reach.ahead(self.people.own, self.now(), packed) {
                sheets.push((case, self.replayed(circle, case, &applied)?));
            }
            self.vault.write_caches(|writer| {
                for (case, sheet) in &sheets {
                    caches::put_sheet(writer, id, case, &sheet.saved)?;
                }
                Ok::<(), StoreFault>(())
            })?;
            for (_, sheet) in sheets {
                self.index.put(sheet.row);
            }
        }
        let index = &mut self.index;
        self.vault.write(|writer| index.write(writer))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Headway, STILL_ROUNDS};
    use crate::node::home::Home;
    use crate::node::house::House;
    use crate::node::running::Node;
    use crate::node::trial::Trial;
    use crate::node::{ClaimIn, Request};

    /// Opens the home of a trial again, as a later verb does.
    fn open(place: &Home) -> Node {
        let keys = place.unlock(&"seven quiet lanterns".into()).unwrap();
        Node::at_rest(House::open(place, keys).unwrap()).unwrap()
    }

    #[test]
    fn rounds_that_come_no_further_end_and_those_that_do_go_on() {
        let mut headway = Headway::default();
        assert!((1..10_000).all(|so_far| !headway.is_stuck(so_far)));
        // A log was cut meanwhile: then it goes on from less.
        assert!(!headway.is_stuck(7));
        assert!((8..20).all(|so_far| !headway.is_stuck(so_far)));
        assert_eq!((0..100).position(|_| headway.is_stuck(19)), Some(STILL_ROUNDS as usize - 1));
    }

    #[test]
    fn a_rebuild_that_is_cut_off_goes_on_with_our_own_edits_cut_and_waiting() {
        let trial = Trial::new("kyiv");
        let circle = trial.circle("families", &[]);
        let claim =
            |value: &str| ClaimIn { field: "remark".into(), value: value.into(), ..ClaimIn::default() };
        let new = Request::CaseNew { circle: "families".into(), case: None, claims: vec![claim("one")] };
        let case = trial.written(new).case;
        trial.node.driver().cut_waiting();
        trial.node.catch_up().unwrap();
        let again =
            Request::CaseClaim { circle: "families".into(), case: case.hex(), claims: vec![claim("two")] };
        trial.written(again);
        let before = trial.sheet(circle.circle, case);
        let Trial { node, folder, .. } = trial;
        let place = Home(folder.path().join("home"));
        node.shared.house().vault.write(crate::node::index::begin_rebuild).unwrap();
        drop(node);
        // Opened and left before anything was replayed: the index is of this version, and yet nothing stands.
        drop(open(&place));
        let node = open(&place);
        node.catch_up().unwrap();
        let trial = Trial { node, folder, operator: "Desk 1".into() };
        let after = trial.sheet(circle.circle, case);
        assert_eq!(after.claims.len(), 2);
        assert_eq!(
            before.claims.iter().map(|claim| claim.item).collect::<Vec<_>>(),
            after.claims.iter().map(|claim| claim.item).collect::<Vec<_>>()
        );
        drop(trial.node);
        assert!(
            !crate::node::index::is_rebuilding(&open(&place).shared.house().vault.reader().unwrap()).unwrap()
        );
    }
}
