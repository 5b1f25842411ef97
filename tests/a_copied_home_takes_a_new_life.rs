//! A home that was copied or restored goes on as a new life of its node: no log ever has two branches, and nothing is
//! said twice.
//!
//! What waited when the home was copied is said by the original, if there is one: the copy finds it in the original's
//! log and drops it. If the original is gone, the copy says it, under names of its own life, once a partner has shown
//! what it holds.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "what goes wrong here fails the test"
)]

mod offices;

use homeward::id::{CaseId, EditRef, ItemRef};
use homeward::node::{Answer, ClaimIn, Request, Written};
use offices::{Office, claim, found, introduce, level, new_case, note, wait_for};
use std::collections::BTreeSet;
use std::path::Path;

const CIRCLE: &str = "families";

/// Kyiv and Doha with a circle, at rest; Kyiv has said a case and a note, and Doha holds them.
struct Scene {
    kyiv: Office,
    doha: Office,
    circle: String,
    case: CaseId,
    said: ItemRef,
}

impl Scene {
    fn new(root: &Path) -> Self {
        let (mut kyiv, mut doha) = (Office::new(root, "kyiv"), Office::new(root, "doha"));
        introduce(&mut [&mut kyiv, &mut doha]);
        kyiv.dials(&doha);
        let circle = found(&mut kyiv, CIRCLE, &["doha"], &[]);
        let first = new_case(&mut kyiv, CIRCLE, "Осінній Марко");
        kyiv.written(note(CIRCLE, first.case, "first call"));
        kyiv.start();
        doha.start();
        level(&mut [&mut kyiv, &mut doha], &circle);
        kyiv.stop();
        doha.stop();
        Self { kyiv, doha, circle, case: first.case, said: first.items[0] }
    }

    fn claims(&self, claims: Vec<ClaimIn>) -> Request {
        Request::CaseClaim { circle: CIRCLE.into(), case: self.case.hex(), claims }
    }

    /// Five edits that wait: a claim, another in its place, a plan value, another in its place, and a word of the
    /// note in place of another.
    fn write_waiting(&mut self) -> Vec<Written> {
        let replacing = |value: &str, replaced: ItemRef| ClaimIn {
            replaces: vec![replaced.to_string()],
            ..claim("birthplace", value)
        };
        let plan = |scene: &Self, value: &str| Request::CasePlan {
            circle: CIRCLE.into(),
            case: scene.case.hex(),
            key: "leg/1/from".into(),
            value: value.to_owned().into(),
            shown: None,
        };
        let mut written = Vec::new();
        let request = self.claims(vec![claim("birthplace", "Харків")]);
        written.push(self.kyiv.written(request));
        let request = self.claims(vec![replacing("Бердянськ", written[0].items[0])]);
        written.push(self.kyiv.written(request));
        let request = plan(self, "Moscow");
        written.push(self.kyiv.written(request));
        let request = plan(self, "Tver");
        written.push(self.kyiv.written(request));
        written.push(self.kyiv.written(Request::CaseNote {
            circle: CIRCLE.into(),
            case: self.case.hex(),
            at: Some(6),
            remove: "call".to_owned().into(),
            insert: "letter".to_owned().into(),
        }));
        written
    }

    /// Each of the waiting edits was said once, whoever said it.
    fn check_said_once(office: &mut Office, case: CaseId) {
        let sheet = office.sheet(CIRCLE, case).unwrap();
        let places: Vec<_> = sheet.claims.iter().filter(|claim| claim.claim.field == "birthplace").collect();
        assert_eq!(places.len(), 2, "{}: two claims, each said once", office.name);
        // The second stands in the place of the first, under whatever name that has.
        assert_eq!(places.iter().filter(|claim| claim.is_current()).count(), 1);
        let standing = places.iter().find(|claim| claim.is_current()).unwrap();
        let gone = places.iter().find(|claim| !claim.is_current()).unwrap();
        assert_eq!(standing.claim.replaces, [gone.item]);
        let (values, replaced) = (&sheet.plan[0].values, &sheet.plan[0].history);
        assert_eq!(
            (values.len(), replaced.len()),
            (1, 1),
            "{}: two plan values, each said once",
            office.name
        );
        let Answer::Conflicts { conflicts } =
            office.ask(Request::CaseConflicts { circle: Some(CIRCLE.into()), case: Some(case.hex()) })
        else {
            panic!("conflicts expected")
        };
        assert!(conflicts.is_empty(), "{}: one value stands in the other's place", office.name);
        assert_eq!(sheet.note.reveal().matches("first letter").count(), 1, "{:?}", sheet.note.reveal());
        assert_eq!(sheet.without_effect.len(), 0);
        let history = office.history(CIRCLE, case);
        let distinct: BTreeSet<EditRef> = history.iter().copied().collect();
        assert_eq!(distinct.len(), history.len());
    }
}

fn left(office: &mut Office) -> bool {
    office.status().notices.iter().any(|notice| notice.contains("of an earlier life"))
}

#[test]
fn the_original_says_what_waited_and_the_copy_does_not() {
    let root = tempfile::tempdir().unwrap();
    let mut scene = Scene::new(root.path());
    let written = scene.write_waiting();
    let before = scene.kyiv.info().instance;
    let mut copy = scene.kyiv.copy_as("kyiv-copy");
    // The copy writes before it has met anybody, and so does the original.
    assert_ne!(copy.info().instance, before, "a copy takes a new life before it writes");
    let case = scene.case;
    let mine = copy.written(note(CIRCLE, case, "by the copy"));
    assert_ne!(mine.edit.life, scene.said.edit.life);
    assert_eq!(mine.edit.number, 1, "the first edit of its own log");
    assert!(left(&mut copy), "it says that edits wait for a word");
    assert_eq!(scene.kyiv.info().instance, before, "the original lives on");
    let theirs = scene.kyiv.written(note(CIRCLE, case, "by the original"));
    assert_eq!(theirs.edit.number, written.last().unwrap().edit.number + 1);

    // The original meets Doha first.
    scene.kyiv.start();
    scene.doha.start();
    level(&mut [&mut scene.kyiv, &mut scene.doha], &scene.circle);
    // Both are online: they have one name, and each is let in in its turn.
    copy.start();
    wait_for("the copy learns that all was said", || (!left(&mut copy)).then_some(()));
    // Two processes that are one node cannot hold their links at once: the copy ends, the original calls.
    wait_for("the copy has said its own", || {
        let confirmed = copy.status().partners.into_iter().flat_map(|partner| partner.circles);
        confirmed.into_iter().any(|circle| circle.ours > 0 && circle.ours == circle.ours_held).then_some(())
    });
    copy.stop();
    scene.kyiv.ask(Request::Resume { partner: None });
    level(&mut [&mut scene.kyiv, &mut scene.doha], &scene.circle);
    for office in [&mut scene.kyiv, &mut scene.doha] {
        Scene::check_said_once(office, case);
        let note = office.sheet(CIRCLE, case).unwrap().note.reveal().clone();
        assert_eq!((note.matches("by the copy").count(), note.matches("by the original").count()), (1, 1));
    }
    // What the original said goes to the copy as well, by a later call.
    scene.kyiv.stop();
    copy.start();
    level(&mut [&mut copy, &mut scene.doha], &scene.circle);
    Scene::check_said_once(&mut copy, case);
    let all = scene.doha.all_sheets(CIRCLE);
    assert_eq!(scene.kyiv.all_sheets(CIRCLE), all);
    assert_eq!(copy.all_sheets(CIRCLE), all);
    // Everything that was acknowledged is there under its own name, in the original's and in the copy's log.
    let there: BTreeSet<EditRef> = scene.doha.history(CIRCLE, case).into_iter().collect();
    assert!(written.iter().chain([&mine, &theirs]).all(|one| there.contains(&one.edit)));
    assert_eq!(there.len(), 2 + written.len() + 2);
    check_sound(&mut [&mut scene.kyiv, &mut copy, &mut scene.doha]);
}

#[test]
fn what_a_lost_original_left_is_said_by_the_restored_one() {
    for crash in [false, true] {
        let root = tempfile::tempdir().unwrap();
        let mut scene = Scene::new(root.path());
        let written = scene.write_waiting();
        let mut restored = scene.kyiv.copy_as("kyiv-restored");
        let Scene { mut doha, circle, case, said, .. } = scene;
        // The original is never heard of again. Doha meanwhile writes at the front of the note.
        let front = |line: &str| Request::CaseNote {
            circle: CIRCLE.into(),
            case: case.hex(),
            at: Some(0),
            remove: String::new().into(),
            insert: line.to_owned().into(),
        };
        doha.written(front("Doha writes. "));
        assert!(left(&mut restored), "nothing is said before a partner has shown what it holds");
        assert_eq!(restored.history(CIRCLE, case).len(), 2);
        doha.start();
        restored.start();
        if crash {
            // Killed somewhere on the way of saying it, again and again.
            for _ in 0..4 {
                wait_for("a link", || {
                    restored.status().partners.iter().any(|partner| partner.reachable).then_some(())
                });
                restored.kill();
                restored.start();
            }
        }
        wait_for("what was left is said", || (!left(&mut restored)).then_some(()));
        level(&mut [&mut restored, &mut doha], &circle);
        for office in [&mut restored, &mut doha] {
            Scene::check_said_once(office, case);
            let sheet = office.sheet(CIRCLE, case).unwrap();
            // The line was changed where it stood for its author, not where Doha's stands now.
            assert_eq!(sheet.note.reveal(), "Doha writes. first letter", "crash: {crash}");
        }
        let there = doha.history(CIRCLE, case);
        assert_eq!(there.len(), 2 + written.len() + 1);
        assert!(written.iter().all(|one| !there.contains(&one.edit)), "under names of the new life");
        let ours = there.iter().filter(|edit| edit.life.node == said.edit.life.node).count();
        assert_eq!(ours, 2 + written.len());
        assert_eq!(restored.all_sheets(CIRCLE), doha.all_sheets(CIRCLE));
        check_sound(&mut [&mut restored, &mut doha]);
    }
}

#[test]
fn a_verb_on_a_restored_home_says_what_was_left_in_one_sync() {
    let root = tempfile::tempdir().unwrap();
    let mut scene = Scene::new(root.path());
    scene.write_waiting();
    let mut restored = scene.kyiv.copy_as("kyiv-restored");
    assert_ne!(restored.info().instance, scene.kyiv.info().instance);
    scene.kyiv.close();
    scene.doha.start();
    // The vault is opened here: nothing runs before and after the one request.
    let Answer::Synced { partners } = restored.ask(Request::Sync { partner: None, patience_s: 20 }) else {
        panic!("synced expected")
    };
    assert!(partners.iter().all(|partner| partner.in_sync), "{partners:?}");
    assert!(!left(&mut restored));
    level(&mut [&mut restored, &mut scene.doha], &scene.circle);
    Scene::check_said_once(&mut scene.doha, scene.case);
    check_sound(&mut [&mut restored, &mut scene.doha]);
}

#[test]
fn only_a_partner_of_the_circle_can_show_what_was_said_in_it() {
    let root = tempfile::tempdir().unwrap();
    let mut kyiv = Office::new(root.path(), "kyiv");
    let (mut doha, mut moscow) = (Office::new(root.path(), "doha"), Office::new(root.path(), "moscow"));
    introduce(&mut [&mut kyiv, &mut doha, &mut moscow]);
    kyiv.dials(&doha);
    kyiv.dials(&moscow);
    let families = found(&mut kyiv, CIRCLE, &["doha"], &[]);
    let list = found(&mut kyiv, "list", &["moscow"], &[]);
    let case = new_case(&mut kyiv, CIRCLE, "Осінній Марко").case;
    new_case(&mut kyiv, "list", "Тополин Левко");
    kyiv.start();
    doha.start();
    moscow.start();
    level(&mut [&mut kyiv, &mut doha], &families);
    level(&mut [&mut kyiv, &mut moscow], &list);
    kyiv.stop();
    doha.stop();
    kyiv.written(note(CIRCLE, case, "said once"));
    let mut copy = kyiv.copy_as("kyiv-copy");
    // The original tells Doha; the copy meets Moscow alone, which knows nothing of that circle.
    copy.start();
    copy.ask(Request::Sync { partner: Some("moscow".into()), patience_s: 20 });
    level(&mut [&mut copy, &mut moscow], &list);
    assert!(left(&mut copy), "Moscow cannot say what was said among the families");
    copy.stop();
    kyiv.start();
    doha.start();
    level(&mut [&mut kyiv, &mut doha], &families);
    kyiv.stop();
    copy.start();
    wait_for("the copy learns that it was said", || (!left(&mut copy)).then_some(()));
    level(&mut [&mut copy, &mut doha], &families);
    for office in [&mut copy, &mut doha] {
        let note = office.sheet(CIRCLE, case).unwrap().note.reveal().clone();
        assert_eq!(note.matches("said once").count(), 1, "{note}");
    }
    check_sound(&mut [&mut copy, &mut doha, &mut moscow]);
}

/// No log has two branches, nothing was refused, and sheets are what segments make.
fn check_sound(offices: &mut [&mut Office]) {
    for office in offices {
        for circle in office.status().circles {
            assert_eq!((circle.forked, circle.refused, circle.held), (0, 0, 0), "{}", office.name);
        }
        let Answer::Checked(report) = office.ask(Request::Check) else { panic!("report expected") };
        assert!(report.damage.is_empty() && report.differing == 0, "{}: {report:?}", office.name);
    }
}

#[test]
fn a_machine_that_went_back_in_time_unnoticed_does_not_fork_its_log() {
    let root = tempfile::tempdir().unwrap();
    let mut scene = Scene::new(root.path());
    let waiting = scene.kyiv.written(note(CIRCLE, scene.case, "it waited in the snapshot"));
    scene.kyiv.close();
    let snapshot = Snapshot::of(&scene.kyiv.home);
    let case = scene.case;
    // Life goes on after the snapshot: what waited is said, and more.
    let after = scene.kyiv.written(note(CIRCLE, case, "after the snapshot"));
    scene.kyiv.start();
    scene.doha.start();
    level(&mut [&mut scene.kyiv, &mut scene.doha], &scene.circle);
    let before = scene.kyiv.info().instance;
    scene.kyiv.kill();
    // The same files on the same disk with the bytes of then: nothing here can tell.
    snapshot.put_back();
    assert_eq!(scene.kyiv.info().instance, before, "unnoticed");
    let again = scene.kyiv.written(note(CIRCLE, case, "written before anybody was met"));
    assert_eq!(again.edit, after.edit, "the same number in the same log, but never said");
    scene.kyiv.start();
    wait_for("a new life", || (scene.kyiv.info().instance != before).then_some(()));
    wait_for("what was left is said", || (!left(&mut scene.kyiv)).then_some(()));
    level(&mut [&mut scene.kyiv, &mut scene.doha], &scene.circle);
    for office in [&mut scene.kyiv, &mut scene.doha] {
        let note = office.sheet(CIRCLE, case).unwrap().note.reveal().clone();
        for line in ["it waited in the snapshot", "after the snapshot", "written before anybody was met"] {
            assert_eq!(note.matches(line).count(), 1, "{}: {line:?} in {note:?}", office.name);
        }
        assert!(office.history(CIRCLE, case).contains(&waiting.edit));
    }
    check_sound(&mut [&mut scene.kyiv, &mut scene.doha]);
}

/// The bytes of every file of a home.
struct Snapshot(Vec<(std::path::PathBuf, Vec<u8>)>);

impl Snapshot {
    fn of(home: &Path) -> Self {
        let mut files = Vec::new();
        let mut folders = vec![home.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let entry = entry.unwrap();
                match entry.file_type().unwrap() {
                    kind if kind.is_dir() => folders.push(entry.path()),
                    kind if kind.is_file() => {
                        files.push((entry.path(), std::fs::read(entry.path()).unwrap()))
                    }
                    _ => {}
                }
            }
        }
        Self(files)
    }

    fn put_back(self) {
        for (path, bytes) in self.0 {
            std::fs::write(path, bytes).unwrap();
        }
    }
}
