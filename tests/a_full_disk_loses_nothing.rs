//! A disk that is full, fails or can only be read: whoever writes is told so in plain words, nothing is answered or told
//! to a partner that is not saved, reading goes on, and when the disk takes writes again the node goes on by itself.

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

use disk::{Disk, Refusal};
use homeward::id::{CaseId, EditRef};
use homeward::node::{Answer, Failure, FailureKind, Request};
use offices::{Office, claim, found, introduce, level, wait_for};
use seat::{Seat, Sitting};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

const CIRCLE: &str = "families";
/// A fault is tried at every so many operations of the script.
const FAULT_EVERY: usize = 13;

fn new_case(name: &str) -> Request {
    Request::CaseNew { circle: CIRCLE.into(), case: None, claims: vec![claim("name.whole", name)] }
}

fn note(case: CaseId, line: &str) -> Request {
    offices::note(CIRCLE, case, line)
}

/// Two offices with a circle, and their vaults on disks in memory.
struct Scene {
    kyiv: Seat,
    doha: Seat,
    _root: tempfile::TempDir,
}

impl Scene {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let (mut kyiv, mut doha) = (Office::new(root.path(), "kyiv"), Office::new(root.path(), "doha"));
        introduce(&mut [&mut kyiv, &mut doha]);
        found(&mut kyiv, CIRCLE, &["doha"], &[]);
        Self { kyiv: Seat::of(&mut kyiv), doha: Seat::of(&mut doha), _root: root }
    }

    /// Both on fresh disks of their own.
    fn sit(&self) -> ((Disk, Sitting), (Disk, Sitting)) {
        let sit = |seat: &Seat| {
            let disk = Disk::holding(seat.images());
            let sitting = seat.open(&disk).unwrap();
            (disk, sitting)
        };
        (sit(&self.kyiv), sit(&self.doha))
    }
}

fn is_full(failure: &Failure) {
    assert_eq!(failure.kind, FailureKind::Disk, "{failure:?}");
    assert_eq!(failure.what, "the disk is full");
    assert_eq!(failure.then, "Free some space and try again; nothing that was acknowledged is lost.");
}

/// Writes notes until one is refused; gives those that were answered.
fn fill(kyiv: &mut Sitting, case: CaseId) -> Vec<EditRef> {
    let mut answered = Vec::new();
    loop {
        let line = format!("line {} {}", answered.len(), "a word ".repeat(120));
        match kyiv.try_ask(note(case, &line)) {
            Ok(Answer::Written(written)) => answered.push(written.edit),
            Ok(other) => panic!("written expected, not {other:?}"),
            Err(failure) => {
                is_full(&failure);
                return answered;
            }
        }
        assert!(answered.len() < 2_000, "the disk is never full");
    }
}

#[test]
fn a_full_disk_is_told_and_reading_goes_on() {
    let scene = Scene::new();
    let ((disk, mut kyiv), (_, mut doha)) = scene.sit();
    let case = kyiv.written(new_case("Осінній Марко")).case;
    kyiv.0.meet(&doha.0).unwrap();
    disk.leave_room(12);
    let mut answered = fill(&mut kyiv, case);
    // Small things may still find a place; now nothing does.
    disk.refuse_after(0, Refusal::Changes(ErrorKind::StorageFull));
    let (names, text) = (|list: &str| list.to_owned(), || String::new().into());
    let writes = [
        new_case("Інша Дитина"),
        Request::CaseClaim {
            circle: CIRCLE.into(),
            case: case.hex(),
            claims: vec![claim("birthplace", "Харків")],
        },
        note(case, "no more"),
        Request::CaseNote {
            circle: CIRCLE.into(),
            case: case.hex(),
            at: Some(0),
            remove: text(),
            insert: "x".to_owned().into(),
        },
        Request::CircleNew { name: "more".into(), members: vec![names("doha")], carriers: vec![] },
        Request::CircleHide { circle: CIRCLE.into(), hide: true },
        Request::CardDistrust { partner: names("doha") },
        Request::Pause { partner: None },
        Request::Check,
        Request::SayLeft,
    ];
    for request in writes {
        is_full(&kyiv.try_ask(request).unwrap_err());
    }
    // What is read is there, and the state of things is told.
    assert_eq!(kyiv.history(case).len(), answered.len() + 1);
    assert!(kyiv.sheet(case).unwrap().note.reveal().contains("line 0"));
    // A desk notes that a case was looked at, and shows it all the same; only to keep that note is refused.
    kyiv.try_ask(Request::DeskVisit { case: case.hex() }).unwrap();
    is_full(&kyiv.try_ask(Request::DeskKeep).unwrap_err());
    let notices = kyiv.status().notices;
    assert!(notices.iter().any(|one| one.contains("The disk refused to write")), "{notices:?}");
    // A partner's words come, and it is not told that they are held.
    doha.written(note(case, "from Doha"));
    let before = doha.status().partners[0].circles[0].ours_held;
    assert!(kyiv.0.meet(&doha.0).is_err());
    assert_eq!(doha.status().partners[0].circles[0].ours_held, before, "told as held what was not saved");
    // Room is made: the next request goes through, with nothing started anew.
    disk.work_again();
    answered.push(kyiv.written(note(case, "there is room")).edit);
    assert!(!kyiv.status().notices.iter().any(|one| one.contains("The disk refused")));
    kyiv.try_ask(Request::DeskKeep).unwrap();
    kyiv.0.meet(&doha.0).unwrap();
    let there = doha.history(case);
    assert!(answered.iter().all(|edit| there.contains(edit)));
    assert_eq!(kyiv.sheets(&[case]), doha.sheets(&[case]));
    kyiv.check_sound("after room was made");
    doha.check_sound("after room was made");
}

#[test]
fn a_disk_that_can_only_be_read_says_so() {
    let scene = Scene::new();
    let ((disk, mut kyiv), _) = scene.sit();
    let case = kyiv.written(new_case("Осінній Марко")).case;
    disk.refuse_after(0, Refusal::Changes(ErrorKind::ReadOnlyFilesystem));
    let failure = kyiv.try_ask(note(case, "not kept")).unwrap_err();
    assert_eq!((failure.kind, failure.what.as_str()), (FailureKind::Disk, "the disk can only be read"));
    assert_eq!(kyiv.history(case).len(), 1, "what stands there is read");
    drop(kyiv);
    let mut kyiv = scene.kyiv.open(&disk).unwrap();
    assert_eq!(kyiv.history(case).len(), 1, "opened and read as it is");
    let failure = kyiv.try_ask(note(case, "not kept")).unwrap_err();
    assert_eq!((failure.kind, failure.what.as_str()), (FailureKind::Disk, "the disk can only be read"));
    disk.work_again();
    kyiv.written(note(case, "kept"));
    assert_eq!(kyiv.history(case).len(), 2);
}

/// A fault on the way may end a meeting; the next one goes on where it was.
fn meet(kyiv: &Sitting, doha: &Sitting) {
    if kyiv.0.meet(&doha.0).is_err() {
        kyiv.0.meet(&doha.0).unwrap();
    }
}

/// Both write and meet; what is refused is tried once more, as a person would.
fn script(kyiv: &mut Sitting, doha: &mut Sitting, refused: &mut usize) -> Vec<(CaseId, EditRef)> {
    let mut answered = Vec::new();
    let mut write = |kyiv: &mut Sitting, request: Request| -> CaseId {
        let mut tries = 0;
        let written = loop {
            match kyiv.try_ask(request.clone()) {
                Ok(Answer::Written(written)) => break written,
                Ok(other) => panic!("written expected, not {other:?}"),
                Err(failure) => {
                    assert_eq!(failure.kind, FailureKind::Disk, "{failure:?}");
                    *refused += 1;
                    tries += 1;
                    assert!(tries < 5, "refused again and again: {failure:?}");
                }
            }
        };
        answered.push((written.case, written.edit));
        written.case
    };
    let first = write(kyiv, new_case("Осінній Марко"));
    write(kyiv, note(first, "first call"));
    meet(kyiv, doha);
    doha.written(new_case("Дитина з Дохи"));
    let second = write(kyiv, new_case("Осіння Марта"));
    doha.written(note(first, "a word from Doha"));
    meet(kyiv, doha);
    write(kyiv, note(second, "the last word"));
    meet(kyiv, doha);
    answered
}

#[test]
fn a_fault_at_any_operation_is_gone_through() {
    let scene = Scene::new();
    let (mut faults, mut refused) = (0, 0);
    for at in (0usize..).step_by(FAULT_EVERY) {
        let ((disk, mut kyiv), (_, mut doha)) = scene.sit();
        let kind = if at.is_multiple_of(2) { ErrorKind::StorageFull } else { ErrorKind::Other };
        disk.refuse_after(at, Refusal::Once(kind));
        let answered = script(&mut kyiv, &mut doha, &mut refused);
        let when = format!("{kind:?} at operation {at}");
        for (case, edit) in &answered {
            assert!(doha.history(*case).contains(edit), "{when}: an edit that was answered is gone");
        }
        let cases: Vec<CaseId> = answered.iter().map(|(case, _)| *case).collect();
        assert_eq!(kyiv.sheets(&cases), doha.sheets(&cases), "{when}");
        kyiv.check_sound(&when);
        doha.check_sound(&when);
        if disk.is_on() && disk.operations() < at {
            break;
        }
        faults += 1;
    }
    assert!(faults > 10 && refused > 0, "{faults} faults, {refused} refused");
    figures::note(&format!("disk faults gone through: {faults}"));
}

/// A small disk of its own, as long as it is held.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// `None` if this user may not mount one.
    fn mount(at: &Path, kib: u32) -> Option<Self> {
        std::fs::create_dir(at).unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={kib}k,mode=0700"), "tmpfs"]).arg(at);
        mount.output().is_ok_and(|done| done.status.success()).then(|| Self(at.to_owned()))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).output();
    }
}

#[test]
fn the_program_on_a_full_disk_goes_on_when_there_is_room() {
    let root = tempfile::tempdir().unwrap();
    let Some(small) = SmallDisk::mount(&root.path().join("small"), 8 * 1024) else {
        figures::skipped("a full disk under the running program: this user may not mount a tmpfs");
        return;
    };
    let (mut kyiv, mut doha) = (Office::new(&small.0, "kyiv"), Office::new(root.path(), "doha"));
    introduce(&mut [&mut kyiv, &mut doha]);
    kyiv.dials(&doha);
    let circle = found(&mut kyiv, CIRCLE, &["doha"], &[]);
    let case = offices::new_case(&mut kyiv, CIRCLE, "Осінній Марко").case;
    kyiv.start();
    doha.start();
    level(&mut [&mut kyiv, &mut doha], &circle);
    let ballast = small.0.join("ballast");
    fill_up(&ballast);
    // Whoever writes is told; the exit code says the disk.
    let mut answered = Vec::new();
    let said = loop {
        let line = format!("line {} {}", answered.len(), "a word ".repeat(300));
        let out = Command::new(env!("CARGO_BIN_EXE_homeward"))
            .args(["--as", "Desk 1", "--home"])
            .arg(&kyiv.home)
            .args(["case", "note", &case.hex(), "-c", CIRCLE, &line])
            .output()
            .unwrap();
        match out.status.code() {
            Some(0) => answered.push(line),
            Some(8) => break String::from_utf8(out.stderr).unwrap(),
            other => panic!("{other:?}: {}", String::from_utf8_lossy(&out.stderr)),
        }
        assert!(answered.len() < 500, "the disk is never full");
    };
    assert!(said.contains("the disk is full") && said.contains("Free some space"), "{said}");
    // Reading goes on, also of what was answered last.
    let note = kyiv.sheet(CIRCLE, case).unwrap().note.reveal().clone();
    assert!(answered.iter().all(|line| note.contains(line.trim_end())));
    // A partner writes meanwhile.
    let theirs = doha.written(offices::note(CIRCLE, case, "from Doha"));
    wait_for("the disk's trouble is told", || {
        kyiv.status().notices.iter().any(|one| one.contains("The disk refused")).then_some(())
    });
    std::fs::remove_file(&ballast).unwrap();
    level(&mut [&mut kyiv, &mut doha], &circle);
    assert!(kyiv.history(CIRCLE, case).contains(&theirs.edit));
    let note = doha.sheet(CIRCLE, case).unwrap().note.reveal().clone();
    assert!(answered.iter().all(|line| note.contains(line.trim_end())));
    kyiv.written(offices::note(CIRCLE, case, "there is room"));
    level(&mut [&mut kyiv, &mut doha], &circle);
    assert_eq!(kyiv.all_sheets(CIRCLE), doha.all_sheets(CIRCLE));
    assert!(kyiv.is_running());
}

/// Writes to a file until the disk is full.
fn fill_up(path: &Path) {
    use std::io::Write;
    let mut file = std::fs::File::create(path).unwrap();
    while file.write_all(&[7; 4096]).is_ok() {}
}
