//! A home that went back in time, however it did: restored from a backup of day 1, copied, or with the files of then
//! put back in its place. It never contradicts itself, what waited then is said exactly once, and partners are shown
//! that it went back. Further scenes with copies stand in `a_copied_home_takes_a_new_life.rs`.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "what goes wrong here fails the test"
)]

mod disk;
mod offices;
mod seat;

use disk::Disk;
use homeward::id::CaseId;
use homeward::node::{Answer, FailureKind, Opener, Request, restore};
use homeward::seal::HybridIdentity;
use offices::{Office, PASSPHRASE, claim, found, introduce};
use seat::{Seat, Sitting};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

const CIRCLE: &str = "families";

fn new_case(name: &str) -> Request {
    Request::CaseNew { circle: CIRCLE.into(), case: None, claims: vec![claim("name.whole", name)] }
}

fn note(case: CaseId, line: &str) -> Request {
    offices::note(CIRCLE, case, line)
}

/// Kyiv and Doha, who have met; a case with one line; and a line of Kyiv's that waits.
struct Scene {
    kyiv_home: Seat,
    kyiv_disk: Disk,
    kyiv: Sitting,
    doha: Sitting,
    case: CaseId,
    root: tempfile::TempDir,
}

impl Scene {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let (mut kyiv, mut doha) = (Office::new(root.path(), "kyiv"), Office::new(root.path(), "doha"));
        introduce(&mut [&mut kyiv, &mut doha]);
        found(&mut kyiv, CIRCLE, &["doha"], &[]);
        let (kyiv_home, doha_home) = (Seat::of(&mut kyiv), Seat::of(&mut doha));
        let (kyiv_disk, doha_disk) = (Disk::holding(kyiv_home.images()), Disk::holding(doha_home.images()));
        let mut kyiv = kyiv_home.open(&kyiv_disk).unwrap();
        let doha = doha_home.open(&doha_disk).unwrap();
        let case = kyiv.written(new_case("Осінній Марко")).case;
        kyiv.written(note(case, "day 0"));
        kyiv.0.meet(&doha.0).unwrap();
        kyiv.written(note(case, "it waited on day 1"));
        Self { kyiv_home, kyiv_disk, kyiv, doha, case, root }
    }

    fn backup(&mut self, recipients: Vec<String>) -> PathBuf {
        let file = self.root.path().join("day-1.backup");
        let request = Request::Backup { file: file.to_str().unwrap().to_owned(), recipients };
        let Answer::BackedUp { .. } = self.kyiv.ask(request) else { panic!("backup expected") };
        file
    }

    /// The home that a backup makes, moved to a disk in memory.
    fn restored(&self, file: &Path, opener: &Opener) -> Sitting {
        let home = self.root.path().join("restored");
        let made = restore(&home, file, opener).unwrap_or_else(|failure| panic!("{failure:?}"));
        assert_eq!(made.waiting, 1);
        let seat = self.kyiv_home.at(&home);
        let disk = Disk::holding(seat.images());
        seat.open(&disk).unwrap()
    }

    /// Each line stands once on every sheet, all sheets are the same, and no log has two branches.
    fn check(&mut self, others: &mut [&mut Sitting], lines: &[&str]) {
        let sheets = self.doha.sheets(&[self.case]);
        for office in others.iter_mut().map(|one| &mut **one).chain([&mut self.doha]) {
            let text = office.sheet(self.case).unwrap().note.reveal().clone();
            for line in lines {
                assert_eq!(text.matches(line).count(), 1, "{line:?} in {text:?}");
            }
            assert_eq!(office.sheets(&[self.case]), sheets);
            office.check_sound("at the end");
        }
    }

    fn doha_is_shown_a_restore(&mut self) -> bool {
        self.doha.status().notices.iter().any(|one| one.contains("restored from a backup"))
    }
}

fn waits(office: &mut Sitting) -> bool {
    office.status().notices.iter().any(|one| one.contains("of an earlier life"))
}

#[test]
fn a_home_restored_from_day_1_says_what_waited_once_and_gets_the_rest_back() {
    let mut scene = Scene::new();
    let file = scene.backup(vec![]);
    // Life goes on: what waited is said, and more; then the machine is lost.
    scene.kyiv.written(note(scene.case, "day 2"));
    scene.kyiv.0.meet(&scene.doha.0).unwrap();
    let before = scene.kyiv.info();
    let mut restored = scene.restored(&file, &Opener::Typed(PASSPHRASE.into()));
    assert_ne!(restored.info().instance, before.instance, "a new life before the first edit");
    assert_eq!(restored.info().node, before.node);
    restored.written(note(scene.case, "written before anybody was met"));
    assert!(waits(&mut restored));
    assert!(!scene.doha_is_shown_a_restore());
    restored.0.meet(&scene.doha.0).unwrap();
    assert!(!waits(&mut restored), "Doha has shown that it was said");
    assert!(scene.doha_is_shown_a_restore(), "heads that shrink are shown as a restore");
    let lines = ["day 0", "it waited on day 1", "day 2", "written before anybody was met"];
    scene.check(&mut [&mut restored], &lines);
}

#[test]
fn what_nobody_ever_got_is_said_by_the_restored_home() {
    for owner in [false, true] {
        let mut scene = Scene::new();
        let file = scene.backup(vec![]);
        let mut restored = scene.restored(&file, &Opener::Typed(PASSPHRASE.into()));
        if owner {
            // No partner can be asked: the owner knows that nothing of the earlier machine is left.
            let Answer::SaidLeft { said } = restored.ask(Request::SayLeft) else { panic!("said expected") };
            assert_eq!(said, 1);
            let Answer::SaidLeft { said } = restored.ask(Request::SayLeft) else { panic!("said expected") };
            assert_eq!(said, 0, "once");
        }
        restored.0.meet(&scene.doha.0).unwrap();
        scene.check(&mut [&mut restored], &["day 0", "it waited on day 1"]);
    }
}

#[test]
fn a_backup_opens_to_its_owner_and_to_offline_identities_and_to_nobody_else() {
    let mut scene = Scene::new();
    let offline = HybridIdentity::new([8; 32].into());
    let other = HybridIdentity::new([9; 32].into());
    let file = scene.backup(vec![offline.recipient().text()]);
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let Answer::Exports { exports } = scene.kyiv.ask(Request::ExportLog) else { panic!("exports expected") };
    assert!(exports[0].what.contains("offline"), "keys that others can open are written down");
    let identity = |name: &str, identity: &HybridIdentity| {
        let path = scene.root.path().join(name);
        std::fs::write(&path, format!("# offline\n{}\n", identity.text().reveal())).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        Opener::Offline { identity: path, passphrase: "nine new lanterns".into(), scrypt_log_n: 15 }
    };
    let at = |name: &str| scene.root.path().join(name);
    let refused = |opener: &Opener| restore(&at("none"), &file, opener).map(|_| ()).unwrap_err();
    assert_eq!(refused(&identity("other.key", &other)).kind, FailureKind::Locked);
    assert_eq!(refused(&Opener::Typed("not the passphrase".into())).kind, FailureKind::Locked);
    assert!(!at("none").exists(), "nothing is left of a restore that failed");
    // The holder of the offline identity gives the home a passphrase of its own.
    restore(&at("offline"), &file, &identity("offline.key", &offline)).unwrap();
    let open =
        |home: &str, typed: &str| homeward::node::Door::open(&at(home), &mut || Ok(typed.into())).map(drop);
    assert!(open("offline", PASSPHRASE).is_err());
    open("offline", "nine new lanterns").unwrap();
    // The paper still opens it.
    let words = scene.kyiv_home.recovery.clone();
    open("offline", &words).unwrap();
    restore(&at("paper"), &file, &Opener::Typed(words.as_str().into())).unwrap();
    open("paper", PASSPHRASE).unwrap();
}

#[test]
fn a_hostile_backup_makes_no_home_and_leaves_nothing() {
    let mut scene = Scene::new();
    let file = scene.backup(vec![]);
    let whole = std::fs::read(&file).unwrap();
    let locks = whole.windows(4).position(|part| part == b"age-").unwrap();
    let bent = |at: usize, to: u8| {
        let mut bytes = whole.clone();
        bytes[at] = to;
        bytes
    };
    let mut twice = whole[..18].to_vec();
    twice.extend_from_slice(&[2, 0, 0, 0, 1, 7, 1, 0, 0, 0, 1, 7, 0]);
    let mut long = whole[..18].to_vec();
    long.extend_from_slice(&[1, 0xff, 0xff, 0xff, 0xff]);
    long.resize(100_000, 7);
    let middle = whole.len() / 2;
    let hostile: Vec<(&str, Vec<u8>)> = vec![
        ("nothing", Vec::new()),
        ("a text", b"a text that is no backup at all".to_vec()),
        ("a later version", bent(16, b'2')),
        ("a kind of lock that is not known", bent(18, 9)),
        ("locks out of their order", twice),
        ("a lock without end", long),
        ("a lock that is no age file", bent(locks, b'b')),
        ("cut in the locks", whole[..60].to_vec()),
        ("cut in the records", whole[..middle].to_vec()),
        ("without its seal", whole[..whole.len() - 40].to_vec()),
        ("bent in the middle", bent(middle, whole[middle] ^ 1)),
        ("with something behind its end", [&whole[..], b"x"].concat()),
    ];
    let before = std::fs::read_dir(scene.root.path()).unwrap().count();
    let path = scene.root.path().join("hostile");
    for (what, bytes) in &hostile {
        std::fs::write(&path, bytes).unwrap();
        let home = scene.root.path().join("no-home");
        let failure = restore(&home, &path, &Opener::Typed(PASSPHRASE.into())).map(|_| ()).expect_err(what);
        assert!(
            matches!(failure.kind, FailureKind::BadInput | FailureKind::Damaged | FailureKind::Locked),
            "{what}: {failure:?}"
        );
        assert!(!failure.then.is_empty(), "{what}");
        assert!(!home.exists(), "{what}: something was left");
    }
    assert_eq!(std::fs::read_dir(scene.root.path()).unwrap().count(), before + 1);
    // A pipe or a folder in the place of a file is not waited for.
    let folder = restore(&scene.root.path().join("no-home"), scene.root.path(), &Opener::Typed("x".into()));
    assert_eq!(folder.map(|_| ()).unwrap_err().kind, FailureKind::BadInput);
}

#[test]
fn files_put_back_behind_the_node_do_not_fork_its_log() {
    // The machine of which the snapshot was taken is gone, or runs on beside the one that was made of it.
    for both in [false, true] {
        let mut scene = Scene::new();
        let then = scene.kyiv_disk.live();
        let before = scene.kyiv.info().instance;
        scene.kyiv.written(note(scene.case, "day 2"));
        scene.kyiv.0.meet(&scene.doha.0).unwrap();
        let mut again = scene.kyiv_home.open(&Disk::holding(then)).unwrap();
        assert_eq!(again.info().instance, before, "the files of then in their place: nothing here can tell");
        again.written(note(scene.case, "written before anybody was met"));
        again.0.meet(&scene.doha.0).unwrap();
        assert_ne!(again.info().instance, before, "a new life, once a partner has shown more");
        assert!(!waits(&mut again));
        assert!(scene.doha_is_shown_a_restore());
        let mut lines = vec!["day 0", "it waited on day 1", "day 2", "written before anybody was met"];
        if both {
            scene.kyiv.written(note(scene.case, "day 3"));
            scene.kyiv.0.meet(&scene.doha.0).unwrap();
            again.0.meet(&scene.doha.0).unwrap();
            lines.push("day 3");
        }
        scene.check(&mut [&mut again], &lines);
    }
}

#[test]
fn a_copy_that_meets_a_partner_first_is_heard_out_by_the_original() {
    let mut scene = Scene::new();
    let file = scene.backup(vec![]);
    let mut copy = scene.restored(&file, &Opener::Typed(PASSPHRASE.into()));
    copy.0.meet(&scene.doha.0).unwrap();
    assert!(!waits(&mut copy), "the copy has said what waited");
    // The original was never lost: it still has the line that waited, and one more.
    scene.kyiv.written(note(scene.case, "by the original"));
    scene.kyiv.0.meet(&scene.doha.0).unwrap();
    scene.kyiv.0.meet(&scene.doha.0).unwrap();
    copy.0.meet(&scene.doha.0).unwrap();
    let text = scene.kyiv.sheet(scene.case).unwrap().note.reveal().clone();
    for line in ["day 0", "it waited on day 1", "by the original"] {
        assert_eq!(text.matches(line).count(), 1, "{line:?} in {text:?}");
    }
    assert_eq!(scene.kyiv.sheets(&[scene.case]), scene.doha.sheets(&[scene.case]));
    scene.check(&mut [&mut copy], &["day 0", "it waited on day 1", "by the original"]);
}
