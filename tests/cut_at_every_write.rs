//! The power may go after any operation of the disk, in the middle of whatever the house does: an edit, a cut, a sync
//! with a partner, a rebuild of its sheets, a backup, a restore. What was answered is there when it is opened again,
//! what the partner got or was told is there, the own log goes on where the partner saw it end, and the sheets are
//! those that the segments make.
//!
//! A script runs once on a disk that keeps every operation. Then the disk is put into each state that a cut after each
//! of them may leave, and the house is opened on it. `HOMEWARD_CUTS=20` tries twenty such states at each.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "what goes wrong here fails the test"
)]

mod disk;
mod figures;
mod offices;
mod seat;

use disk::{Chance, Disk};
use homeward::id::{CaseId, EditRef};
use homeward::node::{Answer, Request};
use homeward::store::{BackupReader, StoreFault, Vault};
use offices::{Office, claim, found, introduce};
use seat::{Held, Seat, Sitting};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const SEED: u64 = 20_261_122;
const CIRCLE: &str = "families";
const MOVED: &str = "written before the move";
/// After every so many operations the partner is met again too.
const MEET_EVERY: usize = 7;

/// An edit that was answered when the disk had done so many operations.
#[derive(Clone, Copy)]
struct Answered {
    at: usize,
    case: CaseId,
    edit: EditRef,
}

/// What was done, on which disks, and what was said of it.
struct Script {
    kyiv: Seat,
    doha: Seat,
    disk: Disk,
    partner_disk: Disk,
    answered: Vec<Answered>,
    cases: Vec<CaseId>,
    /// A case that was written before the home was moved to its disk: a new life says it.
    moved: CaseId,
    /// The file of a backup that was taken on the way,.
    backup: PathBuf,
    _root: tempfile::TempDir,
}

impl Script {
    fn run() -> Self {
        let root = tempfile::tempdir().unwrap();
        let (mut kyiv, mut doha) = (Office::new(root.path(), "kyiv"), Office::new(root.path(), "doha"));
        introduce(&mut [&mut kyiv, &mut doha]);
        found(&mut kyiv, CIRCLE, &["doha"], &[]);
        let moved = kyiv.written(new_case("Той, Хто Переїхав")).case;
        kyiv.written(note(moved, MOVED));
        let (kyiv, doha) = (Seat::of(&mut kyiv), Seat::of(&mut doha));
        // From here on every operation is kept: the first is to find out that this is another disk.
        let disk = Disk::holding(kyiv.images());
        let partner_disk = Disk::holding(doha.images());
        partner_disk.beside(&disk);
        let backup = root.path().join("backup");
        let mut script = Self {
            kyiv,
            doha,
            disk,
            partner_disk,
            answered: Vec::new(),
            cases: Vec::new(),
            moved,
            backup,
            _root: root,
        };
        script.play();
        script
    }

    fn play(&mut self) {
        let (mut kyiv, mut doha) =
            (self.kyiv.open(&self.disk).unwrap(), self.doha.open(&self.partner_disk).unwrap());
        let first = self.write(&mut kyiv, new_case("Осінній Марко"));
        self.write(&mut kyiv, note(first, "first call"));
        kyiv.0.meet(&doha.0).unwrap();
        // Both write without each other, and meet.
        self.write(&mut kyiv, says(first, "birthplace", "Харків"));
        self.write(&mut kyiv, plan(first, "leg/1/from", "Moscow"));
        let second = self.write(&mut kyiv, new_case("Осіння Марта"));
        doha.written(plan(first, "leg/1/from", "Tver"));
        doha.written(note(first, "a word from Doha"));
        kyiv.0.meet(&doha.0).unwrap();
        self.write(&mut kyiv, note(second, "before the backup"));
        let file = self.backup.to_str().unwrap().to_owned();
        let Answer::BackedUp { .. } = kyiv.ask(Request::Backup { file, recipients: vec![] }) else {
            panic!("backup expected")
        };
        self.write(&mut kyiv, note(second, "after the backup"));
        drop(kyiv);
        // Opened again, caches thrown away: sheets are made anew while edits wait.
        let mut kyiv = self.kyiv.open(&self.disk).unwrap();
        kyiv.check_sound("in the script");
        kyiv.0.meet(&doha.0).unwrap();
        let third = self.write(&mut kyiv, new_case("Тополина Леся"));
        self.write(&mut kyiv, note(third, "the last word"));
        self.cases = vec![first, second, third, self.moved];
    }

    /// Kyiv writes; what is answered counts from now on.
    fn write(&mut self, kyiv: &mut Sitting, request: Request) -> CaseId {
        let written = kyiv.written(request);
        self.answered.push(Answered { at: self.disk.operations(), case: written.case, edit: written.edit });
        written.case
    }

    /// Opens Kyiv's house as it may be after a cut. What was answered before is there.
    fn look(&self, at: usize, states: u64) -> usize {
        let mut left = self.disk.playback();
        (0..at).for_each(|_| assert!(left.step()));
        let mut partner = self.partner_disk.playback();
        partner.step_beside(at);
        let seen = self.doha.held(&partner.live());
        let mut checked = 0;
        for state in 0..states {
            let seed = SEED ^ (at as u64) << 8 ^ state;
            let when = format!("cut after operation {at} of {}, seed {seed}", left.len());
            let images = left.after_a_cut(&mut Chance(seed));
            let disk = Disk::holding(images);
            let mut kyiv = self.kyiv.open(&disk).unwrap_or_else(|failure| panic!("{when}: {failure:?}"));
            checked += self.check_answered(&mut kyiv, at, &when);
            self.continues(&self.kyiv.held(&disk.live()), &seen, &when);
            kyiv.check_sound(&when);
            if at.is_multiple_of(MEET_EVERY) {
                self.meet_again(&mut kyiv, &partner, at, &when);
            }
        }
        checked
    }

    fn check_answered(&self, kyiv: &mut Sitting, at: usize, when: &str) -> usize {
        let before: Vec<&Answered> = self.answered.iter().filter(|one| one.at <= at).collect();
        for case in &self.cases {
            let there = kyiv.history(*case);
            for one in before.iter().filter(|one| one.case == *case) {
                assert!(there.contains(&one.edit), "{when}: an edit that was answered is gone");
            }
        }
        before.len()
    }

    /// All that the partner got of our logs by then stands in them, as it got it: nothing leaves before it is durable.
    fn continues(&self, ours: &Held, seen: &Held, when: &str) {
        let own = self.answered[0].edit.life.node;
        for (life, hashes) in seen.iter().filter(|(life, _)| life.node == own) {
            let here = ours.get(life).map_or(&[][..], Vec::as_slice);
            assert!(here.starts_with(hashes), "{when}: the partner holds what our log does not");
        }
    }

    /// The partner, as it was at the cut, is met: it was told of nothing that is not there, both come to the same, and
    /// the log goes on without a branch.
    fn meet_again(&self, kyiv: &mut Sitting, partner: &disk::Playback, at: usize, when: &str) {
        let disk = Disk::holding(partner.live());
        let mut doha = self.doha.open(&disk).unwrap_or_else(|failure| panic!("{when}: {failure:?}"));
        for one in doha.status().partners.iter().flat_map(|one| &one.circles) {
            let held: u64 = kyiv.status().circles.iter().map(|circle| circle.segments).sum();
            assert!(one.ours_held <= held, "{when}: Doha was told that more is held than is");
        }
        kyiv.written(new_case("Після Темряви"));
        kyiv.0.meet(&doha.0).unwrap_or_else(|failure| panic!("{when}: {failure:?}"));
        assert_eq!(kyiv.sheets(&self.cases), doha.sheets(&self.cases), "{when}");
        self.check_answered(&mut doha, at, when);
        for office in [kyiv, &mut doha] {
            let note = office.sheet(self.moved).unwrap().note.reveal().clone();
            assert_eq!(note.matches(MOVED).count(), 1, "{when}: said once, by whichever life");
            office.check_sound(when);
        }
    }
}

fn new_case(name: &str) -> Request {
    Request::CaseNew { circle: CIRCLE.into(), case: None, claims: vec![claim("name.whole", name)] }
}

fn says(case: CaseId, field: &str, value: &str) -> Request {
    Request::CaseClaim { circle: CIRCLE.into(), case: case.hex(), claims: vec![claim(field, value)] }
}

fn plan(case: CaseId, key: &str, value: &str) -> Request {
    Request::CasePlan {
        circle: CIRCLE.into(),
        case: case.hex(),
        key: key.into(),
        value: value.to_owned().into(),
        shown: None,
    }
}

fn note(case: CaseId, line: &str) -> Request {
    offices::note(CIRCLE, case, line)
}

fn states_at_each() -> u64 {
    std::env::var("HOMEWARD_CUTS").ok().and_then(|text| text.parse().ok()).unwrap_or(1)
}

#[test]
fn what_was_answered_survives_a_cut_after_any_operation_of_the_house() {
    let script = Script::run();
    let operations = script.disk.playback().len();
    let (next, checked, states) = (AtomicUsize::new(0), AtomicUsize::new(0), states_at_each());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::SeqCst);
                    if at > operations {
                        return;
                    }
                    checked.fetch_add(script.look(at, states), Ordering::SeqCst);
                }
            });
        }
    });
    let checked = checked.into_inner();
    assert!(operations > 200, "only {operations} operations");
    figures::note(&format!("crash points tried in the house: {}", (operations as u64 + 1) * states));
    figures::note(&format!("acknowledged edits checked after a crash: {checked}"));
    cut_restores(&script, states);
}

/// A restore that is cut leaves a vault that holds all that was in the backup and knows what it is, or none.
fn cut_restores(script: &Script, states: u64) {
    let key = script.kyiv.vault_key();
    let disk = Disk::default();
    let backup = BackupReader::open(std::fs::File::open(Path::new(&script.backup)).unwrap()).unwrap();
    drop(backup.restore_on(Arc::new(disk.clone()), key).unwrap());
    let mut left = disk.playback();
    let (mut points, mut none) = (0, 0);
    loop {
        for state in 0..states {
            let when = format!("restore cut after operation {points}, state {state}");
            let after = Disk::holding(left.after_a_cut(&mut Chance(SEED ^ (points as u64) << 8 ^ state)));
            match Vault::open_on(Arc::new(after.clone()), key) {
                Err(StoreFault::Missing) => {
                    none += 1;
                    continue;
                }
                Err(other) => panic!("{when}: {other:?}"),
                Ok(opened) => assert!(opened.fell_back, "{when}: it does not know that it is a copy"),
            }
            let mut kyiv = script.kyiv.open(&after).unwrap();
            let waiting = kyiv.status().notices.iter().filter(|one| one.contains("earlier life")).count();
            assert_eq!(waiting, 1, "{when}: what waited in the backup waits for a word");
            kyiv.check_sound(&when);
        }
        points += 1;
        if !left.step() {
            break;
        }
    }
    assert!(none > 0 && points > 20, "{points} points, {none} without a vault");
    figures::note(&format!("crash points tried in a restore: {points}"));
}
