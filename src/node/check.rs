//! The check: every segment verified, every sheet rebuilt from nothing beside the one that is kept, and compared.
//!
//! It works beside a running node. Segments never change, so they are verified and opened without the house's lock. Of
//! each circle a snapshot is taken when nothing of it is being replayed: how far it is applied, and our edits that
//! wait. Sheets are rebuilt for that snapshot without the lock, a chunk at a time, and compared under it; if the circle
//! has moved on meanwhile, the sheets not compared yet are rebuilt for a new snapshot. So a sheet with a newer edit is
//! never taken for a wrong one, and never replaced by an older one.
//!
//! Where a segment is damaged no sheet of its circle is replaced: the kept ones may know more than what is left.

use super::failure::{fail, internal};
use super::house::{Circle, House};
use super::open::{Opened as Read, Opening, Reading, open_next};
use super::running::Node;
use super::{Answer, CheckReport, Failure, FailureKind};
use crate::case::HistoryEntry;
use crate::codec::Malformed;
use crate::id::{CaseId, CircleId, EpochId, Hash, Life, LogId, PartnerId};
use crate::log::{ChainEnd, Charter, Header, Segment, check_next};
use crate::register::{
    Applied, Body, Cuts, Layout, Opened, Packed, Reach, ReplayedSheet, Row, Sheet, Spoiled, open_sheet,
    replay_case,
};
use crate::seal::{Envelope, NodeSecret, vouches};
use crate::sign::Signed;
use crate::store::waiting::WaitingEdit;
use crate::store::{Name, StoreFault, Vault, caches, keys, logs, waiting};
use crate::time::Millis;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// Sheets rebuilt at a time, and compared under one hold of the lock.
const CHUNK_CASES: usize = 128;
/// Segments verified between two words of progress.
const CHUNK_SEGMENTS: u64 = 256;
/// How often a circle that goes on changing is looked at anew.
const SNAPSHOTS: usize = 64;
/// How long one wait for a replay to end may take.
const WAIT: Duration = Duration::from_secs(1);

/// One log to verify.
struct LogToVerify {
    circle: CircleId,
    charter: Signed<Charter>,
    life: Life,
    headers: Vec<Hash>,
}

/// One circle at one moment, with nothing of it under way.
struct Snapshot {
    circle: CircleId,
    charter: Signed<Charter>,
    layout: Arc<Layout>,
    reach: Reach,
    cuts: Cuts,
    next_edit: u64,
    logs: Vec<AppliedLog>,
    waiting: Vec<WaitingEdit>,
    partner: PartnerId,
    own: Life,
    now: Millis,
    vault: Arc<Vault>,
    secret: Arc<NodeSecret>,
    envelope: Arc<dyn Envelope>,
}

/// The applied part of one log: header and first sight of each segment.
struct AppliedLog {
    life: Life,
    partner: PartnerId,
    refused: Option<u64>,
    segments: Vec<(Hash, Millis)>,
}

pub(super) fn answer(node: &Node, on: &mut dyn FnMut(Answer)) -> Result<Answer, Failure> {
    node.catch_up()?;
    let mut report = CheckReport::default();
    let broken = verify(node, &mut report, on)?;
    let circles: Vec<CircleId> = {
        let house = node.shared.house();
        let open = house.circles.keys().filter(|circle| house.open_circle(circle).is_ok());
        open.copied().collect()
    };
    for circle in circles {
        if broken.contains(&circle) {
            report.damage.push(format!(
                "The sheets of circle {} were not rebuilt, because segments of it are damaged. Those kept stand.",
                circle.short()
            ));
        } else {
            rebuild_circle(node, &circle, &mut report, on)?;
        }
    }
    Ok(Answer::Checked(report))
}

/// Verifies every segment of every circle. Returns the circles with damage.
fn verify(
    node: &Node,
    report: &mut CheckReport,
    on: &mut dyn FnMut(Answer),
) -> Result<BTreeSet<CircleId>, Failure> {
    let (vault, logs) = {
        let house = node.shared.house();
        let logs: Vec<LogToVerify> = house.circles.values().flat_map(logs_of).collect();
        (Arc::clone(&house.vault), logs)
    };
    let of = logs.iter().map(|log| log.headers.len() as u64).sum();
    let mut broken = BTreeSet::new();
    let mut judged = BTreeSet::new();
    for log in &logs {
        let charter = &log.charter;
        if judged.insert(log.circle) && !charter_holds(charter) {
            broken.insert(log.circle);
            report.damage.push(format!("The charter of circle {} does not verify.", log.circle.short()));
        }
        if let Err(damage) = verify_log(&vault, log, report, of, on) {
            broken.insert(log.circle);
            report.damage.push(damage);
        }
    }
    on(progress("verifying segments", report.segments, of));
    Ok(broken)
}

fn logs_of(circle: &Circle) -> Vec<LogToVerify> {
    let logs = circle.logs.iter().map(|(life, log)| LogToVerify {
        circle: circle.id,
        charter: circle.known.charter.clone(),
        life: *life,
        headers: log.segments.iter().map(|entry| entry.header.hash()).collect(),
    });
    logs.collect()
}

fn charter_holds(charter: &Signed<Charter>) -> bool {
    Signed::<Charter>::decode(charter.bytes()).is_ok_and(|read| read.circle() == charter.circle())
        && vouches(&charter.certificate, &charter.founder, &charter.node).is_ok()
}

/// Verifies one log from its first segment on; at the first damage its chain ends.
fn verify_log(
    vault: &Vault,
    log: &LogToVerify,
    report: &mut CheckReport,
    of: u64,
    on: &mut dyn FnMut(Answer),
) -> Result<(), String> {
    let id = LogId { circle: log.circle, life: log.life };
    let mut end = ChainEnd::EMPTY;
    let mut partner = None;
    for (number, listed) in (1..).zip(&log.headers) {
        let damaged = |what: &str| {
            format!(
                "Segment {number} of node {} in circle {}: {what}.",
                log.life.node.short(),
                log.circle.short()
            )
        };
        let stored = vault.read(|reader| logs::segment(reader, &id, number));
        let segment = match stored {
            Ok(Some(segment)) => segment,
            Ok(None) => return Err(damaged("it is missing")),
            Err(fault) => return Err(damaged(&format!("it cannot be read ({fault})"))),
        };
        // What comes out of the store was not verified again: that is what is done here.
        let header = Signed::<Header>::decode(segment.header().bytes())
            .map_err(|_| damaged("its header does not verify"))?;
        if header.log() != id || header.number != number || header.hash() != *listed {
            return Err(damaged("another one lies in its place"));
        }
        if number == 1 {
            vouches(&header.certificate, &header.partner, &header.node)
                .map_err(|_| damaged("its certificate does not verify"))?;
        }
        if partner.replace(header.partner).is_some_and(|before| before != header.partner) {
            return Err(damaged("it is of another partner than its log"));
        }
        end = check_next(&log.charter, &end, &header).map_err(|breach| damaged(&breach.to_string()))?;
        Segment::new(header, segment.body().to_vec())
            .map_err(|_| damaged("its body is not the one that its header names"))?;
        report.segments += 1;
        if report.segments.is_multiple_of(CHUNK_SEGMENTS) {
            on(progress("verifying segments", report.segments, of));
        }
    }
    Ok(())
}

fn progress(step: &str, done: u64, of: u64) -> Answer {
    Answer::Progress { step: step.to_owned(), partner: None, done, of }
}

/// Rebuilds and compares all sheets of one circle.
fn rebuild_circle(
    node: &Node,
    circle: &CircleId,
    report: &mut CheckReport,
    on: &mut dyn FnMut(Answer),
) -> Result<(), Failure> {
    let mut done = BTreeSet::new();
    let mut counted = false;
    for _ in 0..SNAPSHOTS {
        let Some(snapshot) = still(node, circle)? else { continue };
        let (cases, opened) = match open_all(&snapshot) {
            Ok(opened) => opened,
            Err(damage) => {
                report.damage.push(damage);
                return Ok(());
            }
        };
        if !std::mem::replace(&mut counted, true) {
            report.opened += opened;
        }
        if compare_all(node, &snapshot, &cases, &mut done, report, on)? {
            return Ok(());
        }
    }
    Err(fail(
        FailureKind::InUse,
        "sheets change faster than they can be checked",
        "Try again when less comes in, or stop the node and check then.",
    ))
}

/// A snapshot of a circle at rest; `None` if it was not at rest in time.
fn still(node: &Node, circle: &CircleId) -> Result<Option<Snapshot>, Failure> {
    let version = node.shared.look(|watch| watch.version);
    {
        let house = node.shared.house();
        if house.is_still(circle)? {
            return house.snapshot(circle).map(Some);
        }
    }
    if node.is_running() {
        node.shared.want_replay();
        node.shared.wait_for_change(version, WAIT);
    } else {
        node.catch_up()?;
    }
    Ok(None)
}

/// Edits by case, in an order to apply them.
type ByCase = Vec<(CaseId, Vec<Applied>)>;

/// Opens every applied segment again, from the first of each log on. Returns the edits of each case, those that wait
/// at the end, and how many segments were opened.
fn open_all(snapshot: &Snapshot) -> Result<(ByCase, u64), String> {
    let read: Vec<Vec<Opened>> =
        snapshot.logs.par_iter().map(|log| open_log(snapshot, log)).collect::<Result<_, String>>()?;
    let opened = read.iter().map(|log| log.len() as u64).sum();
    let mut reach = Reach::new(snapshot.charter.founder);
    let plan = reach.plan(read.into_iter().flatten().collect(), &snapshot.cuts);
    let circle = snapshot.circle.short();
    if reach != snapshot.reach {
        return Err(format!("What circle {circle} holds as applied is not what its segments say."));
    }
    let mut cases: BTreeMap<CaseId, Vec<Applied>> = plan.cases.into_iter().collect();
    for edit in &snapshot.waiting {
        let place = super::write::waiting_place(snapshot.circle, snapshot.own);
        let packed = Packed::decode(&edit.bytes, place)
            .map_err(|_| format!("Edit {} that waits in circle {circle} cannot be read.", edit.number))?;
        for (case, applied) in reach.ahead(snapshot.partner, snapshot.now, packed) {
            cases.entry(case).or_default().extend(applied);
        }
    }
    Ok((cases.into_iter().collect(), opened))
}

fn open_log(snapshot: &Snapshot, log: &AppliedLog) -> Result<Vec<Opened>, String> {
    let id = LogId { circle: snapshot.circle, life: log.life };
    let opening = Opening {
        charter: snapshot.charter.get(),
        partner: &snapshot.partner,
        secret: &snapshot.secret,
        envelope: &*snapshot.envelope,
        known: &|epoch: &EpochId| snapshot.vault.read(|reader| keys::epoch(reader, epoch)).ok().flatten(),
    };
    let mut reading = Reading::default();
    let mut opened = Vec::with_capacity(log.segments.len());
    for (number, (header, first_seen)) in (1..).zip(&log.segments) {
        let damaged = |what: &str| {
            format!(
                "Segment {number} of node {} in circle {}: {what}.",
                log.life.node.short(),
                snapshot.circle.short()
            )
        };
        let body = if log.refused.is_some_and(|refused| refused < number) {
            Body::Refused(Malformed::Rule { what: "segment", rule: "it follows a refused one" })
        } else {
            let segment = snapshot.vault.read(|reader| logs::segment(reader, &id, number));
            let segment = segment.ok().flatten().ok_or_else(|| damaged("it cannot be read"))?;
            match open_next(&mut reading, &segment, &opening) {
                Read::Epoch(_) => Body::Epoch,
                Read::Work(packed) => Body::Work(packed),
                Read::Refused(fault) => Body::Refused(fault),
                Read::Held(_) => return Err(damaged("it was opened before, and its key is gone")),
            }
        };
        opened.push(Opened {
            life: log.life,
            number,
            partner: log.partner,
            header: *header,
            first_seen: *first_seen,
            body,
        });
    }
    Ok(opened)
}

/// Rebuilds the sheets that are not `done` yet and compares them. Whether it came to the end before the circle moved.
fn compare_all(
    node: &Node,
    snapshot: &Snapshot,
    cases: &[(CaseId, Vec<Applied>)],
    done: &mut BTreeSet<CaseId>,
    report: &mut CheckReport,
    on: &mut dyn FnMut(Answer),
) -> Result<bool, Failure> {
    let of = cases.len() as u64;
    let left: Vec<&(CaseId, Vec<Applied>)> = cases.iter().filter(|(case, _)| !done.contains(case)).collect();
    for chunk in left.chunks(CHUNK_CASES) {
        on(progress("rebuilding sheets", done.len() as u64, of));
        let rebuilt: Vec<(CaseId, Result<ReplayedSheet, Spoiled>)> = chunk
            .par_iter()
            .map(|(case, edits)| (*case, replay_case(None, &snapshot.layout, *case, edits)))
            .collect();
        let mut house = node.shared.house();
        if !house.is_as_in(snapshot)? {
            return Ok(false);
        }
        house.compare(snapshot, rebuilt, done, report)?;
    }
    let house = node.shared.house();
    if !house.is_as_in(snapshot)? {
        return Ok(false);
    }
    for row in house.index.rows_of(snapshot.circle).filter(|row| !done.contains(&row.case)) {
        report.damage.push(format!(
            "Case {} is listed in circle {}, but no segment speaks of it.",
            row.case.short(),
            snapshot.circle.short()
        ));
    }
    drop(house);
    on(progress("rebuilding sheets", of, of));
    Ok(true)
}

impl House {
    /// Whether nothing of a circle is being replayed or is due to be: sheets and what is noted as applied agree.
    fn is_still(&self, circle: &CircleId) -> Result<bool, Failure> {
        let circle = self.circle(circle)?;
        let read =
            |log: &super::house::Log| log.held.is_some() || log.reading.through >= log.segments.len() as u64;
        Ok(!circle.rebuilding
            && !circle.cut.stale
            && !self.retry_held
            && circle.logs.values().all(read)
            && circle.reach.number(&self.life) >= circle.own.end.number)
    }

    fn snapshot(&self, circle: &CircleId) -> Result<Snapshot, Failure> {
        let circle = self.circle(circle)?;
        let logs = circle.logs.iter().map(|(life, log)| {
            let applied = usize::try_from(circle.reach.number(life)).unwrap_or(usize::MAX);
            AppliedLog {
                life: *life,
                partner: log.partner,
                refused: circle.reach.refused().find(|(refused, _)| refused == life).map(|(_, from)| from),
                segments: log
                    .segments
                    .iter()
                    .take(applied)
                    .map(|entry| (entry.header.hash(), entry.first_seen))
                    .collect(),
            }
        });
        Ok(Snapshot {
            circle: circle.id,
            charter: circle.known.charter.clone(),
            layout: Arc::clone(&circle.layout),
            reach: circle.reach.clone(),
            cuts: circle.cut.cuts.clone(),
            next_edit: circle.next_edit(),
            logs: logs.collect(),
            waiting: self.vault.read(|reader| waiting::list(reader, &circle.id))?,
            partner: self.people.own,
            own: self.life,
            now: self.now(),
            vault: Arc::clone(&self.vault),
            secret: Arc::clone(&self.secret),
            envelope: Arc::clone(&self.envelope),
        })
    }

    /// Whether the sheets still stand as they did: nothing replayed, nothing written. A cut changes no sheet.
    fn is_as_in(&self, snapshot: &Snapshot) -> Result<bool, Failure> {
        let circle = self.circle(&snapshot.circle)?;
        Ok(self.is_still(&snapshot.circle)?
            && circle.reach == snapshot.reach
            && circle.next_edit() == snapshot.next_edit
            && self.life == snapshot.own)
    }

    /// Compares rebuilt sheets and rows with those that are kept, and puts right what differs.
    fn compare(
        &mut self,
        snapshot: &Snapshot,
        rebuilt: Vec<(CaseId, Result<ReplayedSheet, Spoiled>)>,
        done: &mut BTreeSet<CaseId>,
        report: &mut CheckReport,
    ) -> Result<(), Failure> {
        let circle = snapshot.circle;
        let mut differing = Vec::new();
        for (case, sheet) in rebuilt {
            done.insert(case);
            report.sheets += 1;
            match sheet {
                Ok(sheet) if self.is_kept(snapshot, &case, &sheet)? => {
                    self.spoiled.remove(&(circle, case));
                }
                Ok(sheet) => differing.push((case, sheet)),
                Err(fault) => {
                    self.spoiled.insert((circle, case));
                    report.damage.push(format!(
                        "The sheet of case {} in circle {} cannot be built: {fault}.",
                        case.short(),
                        circle.short()
                    ));
                }
            }
        }
        if differing.is_empty() {
            return Ok(());
        }
        report.differing += differing.len() as u64;
        for (_, sheet) in &differing {
            self.index.put(sheet.row.clone());
        }
        let index = &mut self.index;
        let written = self.vault.write(|writer| {
            for (case, sheet) in &differing {
                caches::put_sheet(writer, &circle, case, &sheet.saved)?;
            }
            index.write(writer)
        });
        if let Err(fault) = written {
            self.index.unwritten();
            return Err(fault.into());
        }
        for (case, _) in differing {
            self.spoiled.remove(&(circle, case));
        }
        Ok(())
    }

    /// Whether the kept sheet and row say what the rebuilt ones say. When something was first seen is not compared: of
    /// our own edits it is when they were written until they are read back from a segment.
    fn is_kept(&self, snapshot: &Snapshot, case: &CaseId, rebuilt: &ReplayedSheet) -> Result<bool, Failure> {
        let same =
            |row: &Arc<Row>| Row { last_seen: rebuilt.row.last_seen, ..Row::clone(row) } == rebuilt.row;
        let row_kept = self.index.get(&snapshot.circle, case).is_some_and(same);
        if !row_kept || self.spoiled.contains(&(snapshot.circle, *case)) {
            return Ok(false);
        }
        let saved = match self.vault.get(&Name::Sheet(snapshot.circle, *case)) {
            Ok(Some(saved)) => saved,
            Ok(None) | Err(StoreFault::Damaged(_)) => return Ok(false),
            Err(fault) => return Err(fault.into()),
        };
        let Ok(kept) = open_sheet(&snapshot.layout, &saved) else { return Ok(false) };
        let again = open_sheet(&snapshot.layout, &rebuilt.saved)
            .map_err(|_| internal("a sheet just built does not open"))?;
        Ok(kept.case() == *case
            && kept.heads() == again.heads()
            && kept.json() == again.json()
            && told(&kept) == told(&again))
    }
}

/// A sheet's history without when it was first seen.
fn told(sheet: &Sheet) -> Vec<HistoryEntry> {
    let mut entries = sheet.history();
    for entry in &mut entries {
        entry.written.first_seen = Millis(0);
    }
    entries
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::home::Home;
    use super::super::{Asked, InitOptions, Request, init};
    use super::*;
    use crate::case::{Change, Claim, Source, parse_value};
    use crate::id::EditRef;
    use crate::private::Private;
    use tempfile::TempDir;

    /// A node at rest in a folder of its own, with one circle that it alone reads.
    pub(in crate::node) struct Desk {
        _folder: TempDir,
        pub(in crate::node) node: Node,
        pub(in crate::node) circle: CircleId,
    }

    impl Desk {
        pub(in crate::node) fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let home = folder.path().join("home");
            let passphrase = Private::from("six invented words stand here now");
            init(InitOptions {
                home: home.clone(),
                name: "kyiv".into(),
                passphrase: passphrase.clone(),
                scrypt_log_n: 15,
                listen: None,
                address: None,
                demo: None,
            })
            .unwrap();
            let home = Home(home);
            let node = Node::at_rest(House::open(&home, home.unlock(&passphrase).unwrap()).unwrap()).unwrap();
            node.catch_up().unwrap();
            let mut desk = Self { _folder: folder, node, circle: CircleId([0; 32]) };
            desk.circle = desk.found("families");
            desk
        }

        pub(in crate::node) fn found(&self, name: &str) -> CircleId {
            let request = Request::CircleNew { name: name.into(), members: Vec::new(), carriers: Vec::new() };
            match self.ask(request).unwrap() {
                Answer::Circles { circles } => circles[0].circle,
                other => panic!("{other:?}"),
            }
        }

        pub(in crate::node) fn ask(&self, request: Request) -> Result<Answer, Failure> {
            self.node.answer(Asked { operator: "Desk 2".into(), request }, &mut |_| ())
        }

        pub(in crate::node) fn write(&self, circle: &CircleId, case: CaseId, change: Change) -> EditRef {
            self.node.shared.house().write(circle, vec![(case, change)], &"Desk 2".into()).unwrap()[0]
        }

        /// Says claims, `(field, value)` as typed.
        pub(in crate::node) fn say(&self, case: CaseId, claims: &[(&str, &str)]) -> EditRef {
            self.say_in(&self.circle, case, claims)
        }

        pub(in crate::node) fn say_in(
            &self,
            circle: &CircleId,
            case: CaseId,
            claims: &[(&str, &str)],
        ) -> EditRef {
            let claim = |(field, value): &(&str, &str)| Claim {
                field: (*field).into(),
                group: String::new(),
                value: parse_value(field, value).unwrap(),
                source: Source::default(),
                replaces: Vec::new(),
                origin: None,
            };
            self.write(circle, case, Change::Claims(claims.iter().map(claim).collect()))
        }

        pub(in crate::node) fn check(&self) -> CheckReport {
            match self.ask(Request::Check).unwrap() {
                Answer::Checked(report) => report,
                other => panic!("{other:?}"),
            }
        }

        fn saved(&self, case: CaseId) -> Vec<u8> {
            self.node.shared.house().vault.get(&Name::Sheet(self.circle, case)).unwrap().unwrap()
        }

        fn replace(&self, case: CaseId, saved: &[u8]) {
            let house = self.node.shared.house();
            let put =
                |writer: &mut crate::store::Writer<'_>| caches::put_sheet(writer, &self.circle, &case, saved);
            house.vault.write(put).unwrap();
        }
    }

    pub(in crate::node) fn case(byte: u8) -> CaseId {
        CaseId([byte; 16])
    }

    fn sound(report: &CheckReport) -> bool {
        report.damage.is_empty() && report.differing == 0
    }

    #[test]
    fn a_sound_home_is_found_sound_whatever_waits_and_whatever_is_cut() {
        let desk = Desk::new();
        desk.say(case(1), &[("name", "Vesnova, Marusia"), ("outside_id", "kyiv-list:K0001")]);
        desk.say(case(2), &[("name", "Верба, Олена")]);
        let report = desk.check();
        assert!(sound(&report), "{report:?}");
        assert_eq!((report.segments, report.opened, report.sheets), (0, 0, 2));
        assert!(!desk.node.shared.house().cut_all(|_| true).unwrap().is_empty());
        desk.say(case(2), &[("remark", "arrived with one bag")]);
        let report = desk.check();
        assert!(sound(&report), "{report:?}");
        assert_eq!((report.segments, report.opened, report.sheets), (2, 2, 2));
    }

    #[test]
    fn a_sheet_that_differs_is_found_and_put_right() {
        let desk = Desk::new();
        let earlier = {
            desk.say(case(1), &[("name", "Vesnova, Marusia")]);
            desk.saved(case(1))
        };
        desk.say(case(1), &[("remark", "arrived with one bag")]);
        desk.say(case(2), &[("name", "Верба, Олена")]);
        desk.node.shared.house().cut_all(|_| true).unwrap();
        let right = desk.saved(case(1));
        // A sheet that lost an edit, and one that does not read back.
        for wrong in [earlier, right[..right.len() / 2].to_vec()] {
            desk.replace(case(1), &wrong);
            let circle = desk.circle;
            desk.node.shared.house().spoiled.insert((circle, case(1)));
            let report = desk.check();
            assert_eq!((report.differing, report.damage.len()), (1, 0), "{report:?}");
            assert!(desk.node.shared.house().spoiled.is_empty());
            let house = desk.node.shared.house();
            let sheet = house.sheet(house.circle(&circle).unwrap(), &case(1)).unwrap().unwrap();
            assert_eq!(sheet.edits(), 2);
            drop(house);
            assert!(sound(&desk.check()));
        }
    }

    #[test]
    fn a_row_that_differs_is_put_right() {
        let desk = Desk::new();
        desk.say(case(1), &[("name", "Vesnova, Marusia")]);
        let circle = desk.circle;
        let mut row = Row::clone(desk.node.shared.house().index.get(&circle, &case(1)).unwrap());
        row.names.clear();
        desk.node.shared.house().index.put(row);
        assert_eq!(desk.check().differing, 1);
        assert_eq!(desk.node.shared.house().index.get(&circle, &case(1)).unwrap().names.len(), 1);
    }

    #[test]
    fn a_damaged_segment_is_named_and_no_sheet_is_touched() {
        let desk = Desk::new();
        desk.say(case(1), &[("name", "Vesnova, Marusia")]);
        desk.node.shared.house().cut_all(|_| true).unwrap();
        assert!(sound(&desk.check()));
        let before = desk.saved(case(1));
        {
            let house = desk.node.shared.house();
            let id = LogId { circle: desk.circle, life: house.life };
            let mut bytes = house.vault.get(&Name::Segment(id, 2)).unwrap().unwrap();
            *bytes.last_mut().unwrap() ^= 1;
            house.vault.write(|writer| writer.put(&Name::Segment(id, 2), &bytes)).unwrap();
        }
        let report = desk.check();
        assert_eq!(report.damage.len(), 2, "{report:?}");
        assert!(report.damage[0].contains("Segment 2") && report.damage[0].contains("body"));
        assert_eq!((report.segments, report.sheets, report.differing), (1, 0, 0));
        assert_eq!(desk.saved(case(1)), before);
        assert!(!format!("{report:?}").contains("Vesnova"));
    }
}
