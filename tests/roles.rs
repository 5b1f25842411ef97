//! Who may do what: a table of roles and acts, each cell tried with real homes.
//!
//! The partner that founded a circle, a member, a carrier, a partner of another circle and a stranger each try, on their
//! own machine and with all that they were handed, what the acts say. A second look is at the trace: every edit and
//! every export bears the name of who sat there, and every export is in the journal.
//!
//! What a member could do with a program of its own (withdraw or replace another's word, write in another's name) is
//! judged by every reader: `src/register`, `tests/two_partners_never_overwrite.rs`. A node that its partner has closed:
//! `tests/hub.rs`. Asking for records and keys of circles that are not shared: `tests/hub.rs`,
//! `tests/strangers_learn_nothing.rs`.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "what goes wrong here fails the test"
)]

mod offices;

use homeward::node::{Answer, Asked, ClaimIn, ExportNote, Failure, FailureKind, Request, Written};
use offices::{Office, PASSPHRASE, claim, found, introduce, note};
use std::fs;
use std::path::Path;

const CIRCLE: &str = "families";
const OTHER: &str = "transit";
const NAME: &str = "Zhuravelnyk";
/// Founder, member, carrier, partner of the other circle, stranger.
const ROLES: [&str; 5] = ["quillhaven", "marlbrook", "thornfield", "larkmoor", "ashdown"];

/// What became of a try, in a word.
fn cell(tried: Result<bool, Failure>) -> &'static str {
    match tried {
        Ok(true) => "yes",
        Ok(false) => "nothing",
        Err(failure) => match failure.kind {
            FailureKind::NotFound => "unknown",
            FailureKind::NotAllowed => "refused",
            FailureKind::BadInput => "senseless",
            _ => panic!("{failure:?}"),
        },
    }
}

struct Offices {
    all: Vec<Office>,
    root: tempfile::TempDir,
    written: Written,
    /// A claim of the member's.
    theirs: String,
}

impl Offices {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let mut all: Vec<Office> = ROLES.iter().map(|name| Office::new(root.path(), name)).collect();
        {
            let (known, stranger) = all.split_at_mut(4);
            introduce(&mut known.iter_mut().collect::<Vec<_>>());
            // The stranger knows the founder, who does not know it.
            stranger[0].trust(&mut known[0]);
        }
        found(&mut all[0], CIRCLE, &["marlbrook"], &["thornfield"]);
        found(&mut all[0], OTHER, &["larkmoor"], &[]);
        let claims = vec![claim("name", NAME)];
        let written = all[0].written(Request::CaseNew { circle: CIRCLE.into(), case: None, claims });
        let mut offices = Self { all, root, written, theirs: String::new() };
        for (to, name) in ROLES.iter().enumerate().take(4).skip(1) {
            offices.hand(0, to, name).unwrap();
        }
        let case = offices.written.case.hex();
        let claims = vec![claim("marks", "a scar")];
        let said = offices.all[1].written(Request::CaseClaim { circle: CIRCLE.into(), case, claims });
        offices.theirs = said.items[0].to_string();
        offices.hand(1, 0, "quillhaven").unwrap();
        offices
    }

    fn bundle(&self, name: &str) -> String {
        self.root.path().join(format!("{name}.bundle")).to_str().unwrap().to_owned()
    }

    /// Makes a bundle for a partner and takes it in at an office.
    fn hand(&mut self, from: usize, to: usize, partner: &str) -> Result<bool, Failure> {
        let file = self.bundle(partner);
        let _ = fs::remove_file(&file);
        let out = Request::BundleOut { partner: partner.into(), file: file.clone(), all: true };
        self.all[from].try_ask(out, &mut |_| ())?;
        self.all[to].try_ask(Request::BundleIn { file }, &mut |_| ())?;
        self.all[to].close();
        Ok(true)
    }

    fn tries(&mut self, who: usize, request: Request) -> Result<bool, Failure> {
        self.all[who].try_ask(request, &mut |_| ()).map(|_| true)
    }

    /// One cell of the table.
    fn act(&mut self, act: &str, who: usize) -> Result<bool, Failure> {
        let (circle, case) = (CIRCLE.to_owned(), self.written.case.hex());
        let theirs = self.theirs.clone();
        match act {
            "sees that there is a circle" => {
                let Answer::Circles { circles } = self.all[who].ask(Request::CircleList) else { panic!() };
                Ok(circles.iter().any(|one| one.circle == self.written.circle))
            }
            "sees its name" => {
                let Answer::Circles { circles } = self.all[who].ask(Request::CircleList) else { panic!() };
                Ok(circles.iter().any(|one| one.name.reveal() == CIRCLE))
            }
            "reads the sheet" => {
                let request = Request::CaseShow { case, circle: None };
                let answer = self.all[who].try_ask(request, &mut |_| ())?;
                Ok(serde_json::to_string(&answer).unwrap().contains(NAME))
            }
            "finds the case" => {
                let request = Request::CaseFind { text: NAME.into(), circle: None };
                let Answer::CaseList { total, .. } = self.all[who].ask(request) else { panic!() };
                Ok(total > 0)
            }
            "writes a claim" => {
                self.tries(who, Request::CaseClaim { circle, case, claims: vec![claim("hair", "fair")] })
            }
            "writes in the note" => self.tries(who, note(CIRCLE, self.written.case, "called at noon")),
            "withdraws the member's claim" => {
                let items = vec![theirs];
                self.tries(who, Request::CaseWithdraw { circle, case, items, reason: "no".into() })
            }
            "replaces the member's claim" => {
                let claims = vec![ClaimIn { replaces: vec![theirs], ..claim("marks", "none") }];
                self.tries(who, Request::CaseClaim { circle, case, claims })
            }
            "discloses it" => {
                let (from, to, items) = (circle, OTHER.to_owned(), vec![theirs]);
                let reason = "asked".into();
                self.tries(who, Request::CaseDisclose { from, to, case, items, reason, dry_run: true })
            }
            "exports it" => self.tries(
                who,
                Request::ExportCase {
                    case,
                    circle: None,
                    recipient: "court".into(),
                    purpose: "hearing".into(),
                },
            ),
            "takes in the member's bundle" => {
                let file = self.bundle("marlbrook");
                self.tries(who, Request::BundleIn { file })
            }
            "is made a bundle by the founder" => {
                let file = self.root.path().join(format!("for {who}")).to_str().unwrap().to_owned();
                let partner = ROLES[who].to_owned();
                self.tries(0, Request::BundleOut { partner, file, all: true })
            }
            other => panic!("no act: {other}"),
        }
    }
}

/// `nothing`: it was done, and nothing was seen. `unknown`: there is no such thing for it. `senseless`: a file that does
/// not open for it, or a bundle for itself.
const TABLE: &str = "
act                             | founder   | member    | carrier   | other     | stranger
sees that there is a circle     | yes       | yes       | yes       | nothing   | nothing
sees its name                   | yes       | yes       | nothing   | nothing   | nothing
reads the sheet                 | yes       | yes       | unknown   | unknown   | unknown
finds the case                  | yes       | yes       | nothing   | nothing   | nothing
writes a claim                  | yes       | yes       | unknown   | unknown   | unknown
writes in the note              | yes       | yes       | unknown   | unknown   | unknown
withdraws the member's claim    | refused   | yes       | unknown   | unknown   | unknown
replaces the member's claim     | refused   | yes       | unknown   | unknown   | unknown
discloses it                    | yes       | unknown   | unknown   | unknown   | unknown
exports it                      | yes       | yes       | unknown   | unknown   | unknown
takes in the member's bundle    | senseless | yes       | senseless | senseless | senseless
is made a bundle by the founder | senseless | yes       | yes       | yes       | unknown
";

#[test]
fn each_role_does_what_it_may_and_nothing_else() {
    let mut offices = Offices::new();
    let acts = [
        "sees that there is a circle",
        "sees its name",
        "reads the sheet",
        "finds the case",
        "writes a claim",
        "writes in the note",
        "withdraws the member's claim",
        "replaces the member's claim",
        "discloses it",
        "exports it",
        "takes in the member's bundle",
        "is made a bundle by the founder",
    ];
    let mut table =
        "\nact                             | founder   | member    | carrier   | other     | stranger\n"
            .to_owned();
    for act in acts {
        table.push_str(&format!("{act:<31}"));
        for who in 0..ROLES.len() {
            table.push_str(&format!(" | {:<9}", cell(offices.act(act, who))));
        }
        table = table.trim_end().to_owned();
        table.push('\n');
    }
    assert_eq!(table, TABLE, "{table}");
}

fn exports(office: &mut Office) -> Vec<ExportNote> {
    let Answer::Exports { exports } = office.ask(Request::ExportLog) else { panic!("exports expected") };
    exports
}

#[test]
fn every_export_is_in_the_journal_with_who_made_it() {
    let mut offices = Offices::new();
    let case = offices.written.case.hex();
    let founder = &mut offices.all[0];
    // Three bundles went out when the homes were made.
    let before: Vec<String> = exports(founder).iter().map(|note| note.recipient.reveal().clone()).collect();
    assert_eq!(before, ["marlbrook", "thornfield", "larkmoor"]);
    founder.ask(Request::ExportCase {
        case,
        circle: None,
        recipient: "court".into(),
        purpose: "hearing".into(),
    });
    let dir = offices.root.path().join("all").to_str().unwrap().to_owned();
    founder.ask(Request::ExportAll { dir, passphrase: PASSPHRASE.into() });
    let notes = exports(founder);
    assert_eq!(notes.len(), 5);
    assert!(notes.iter().all(|note| note.operator.reveal() == "Desk 1"));
    assert_eq!(
        (notes[3].recipient.reveal().as_str(), notes[3].purpose.reveal().as_str()),
        ("court", "hearing")
    );
    assert!(notes[4].what.contains("everything"), "{:?}", notes[4].what);
    // The journal is kept over a start.
    founder.close();
    assert_eq!(exports(founder).len(), 5);
}

/// Asks as somebody who does not say who it is.
fn nameless(home: &Path, request: Request) -> Result<Answer, Failure> {
    offices::open(home)?.ask(Asked { operator: String::new().into(), request }, &mut |_| ())
}

#[test]
fn who_does_not_say_who_it_is_reads_and_leaves_no_trace_without_a_name() {
    let mut offices = Offices::new();
    let (case, circle) = (offices.written.case.hex(), CIRCLE.to_owned());
    let item = offices.written.items[0].to_string();
    let founder = &mut offices.all[0];
    founder.close();
    let file = offices.root.path().join("nameless").to_str().unwrap().to_owned();
    let claims = vec![claim("hair", "fair")];
    let csv = b"No,Name\n1,Marta\n".to_vec();
    let map = "list = \"l\"\nnumber = \"No\"\n[columns.Name]\nfield = \"name.whole\"\n".to_owned();
    let writes = [
        Request::CaseNew { circle: circle.clone(), case: None, claims: claims.clone() },
        Request::CaseClaim { circle: circle.clone(), case: case.clone(), claims },
        Request::CaseWithdraw {
            circle: circle.clone(),
            case: case.clone(),
            items: vec![item.clone()],
            reason: "no".into(),
        },
        Request::CasePrefer { circle: circle.clone(), case: case.clone(), item },
        Request::CasePlan {
            circle: circle.clone(),
            case: case.clone(),
            key: "leg/1/border_point".into(),
            value: "Narva".into(),
            shown: None,
        },
        note(CIRCLE, offices.written.case, "called at noon"),
        Request::Import { circle: circle.clone(), csv, map, dry_run: false },
        Request::ExportCase { case: case.clone(), circle: None, recipient: "x".into(), purpose: "y".into() },
        Request::ExportAll { dir: file.clone(), passphrase: PASSPHRASE.into() },
        Request::BundleOut { partner: "marlbrook".into(), file: file.clone(), all: true },
    ];
    for request in writes {
        let what = format!("{request:?}");
        let failure = nameless(&founder.home, request).expect_err(&what);
        assert_eq!(failure.kind, FailureKind::BadInput, "{what}");
        assert!(failure.then.contains("--as"), "{failure:?}");
    }
    assert!(!Path::new(&file).exists());
    for request in
        [Request::CaseShow { case, circle: None }, Request::Status, Request::ExportLog, Request::Check]
    {
        nameless(&founder.home, request).unwrap();
    }
    // Every edit that did come about bears a name.
    let request = Request::CaseHistory { case: offices.written.case.hex(), circle: Some(circle) };
    let Answer::History { sheets, .. } = offices.all[0].ask(request) else { panic!("history expected") };
    let entries: Vec<_> = sheets.iter().flat_map(|sheet| &sheet.entries).collect();
    assert_eq!(entries.len(), 2);
    assert!(entries.iter().all(|entry| entry.written.operator.reveal() == "Desk 1"));
}

#[test]
fn what_a_member_writes_who_is_trusted_no_more_waits_outside() {
    let mut offices = Offices::new();
    let case = offices.written.case;
    offices.all[0].ask(Request::CardDistrust { partner: "marlbrook".into() });
    let claims = vec![claim("hair", "fair")];
    offices.all[1].written(Request::CaseClaim { circle: CIRCLE.into(), case: case.hex(), claims });
    offices.hand(1, 0, "quillhaven").unwrap();
    // The circle rests: nothing of it is taken, shown or written here until its members are trusted.
    let show = |office: &mut Office| {
        office.try_ask(Request::CaseShow { case: case.hex(), circle: Some(CIRCLE.into()) }, &mut |_| ())
    };
    let shown = show(&mut offices.all[0]);
    let text = shown.map(|answer| serde_json::to_string(&answer).unwrap()).unwrap_or_default();
    assert!(!text.contains("fair"), "{text}");
    let write = offices.all[0].try_ask(note(CIRCLE, case, "called at noon"), &mut |_| ());
    assert_eq!(write.unwrap_err().kind, FailureKind::NotAllowed);
    // Trusted again, it is taken: whoever wrote it has it still.
    let (first, second) = offices.all.split_at_mut(1);
    first[0].trust(&mut second[0]);
    first[0].close();
    offices.hand(1, 0, "quillhaven").unwrap();
    let text = serde_json::to_string(&show(&mut offices.all[0]).unwrap()).unwrap();
    assert!(text.contains("fair"), "{text}");
}
