//! An office says with its partner key how far its machines' logs count: which branch of a fork, and nothing more of a
//! machine that was lost. Everyone comes to show the same, nothing vanishes, and the office goes on.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "what goes wrong here fails the test"
)]

mod forked;
mod offices;

use forked::{CIRCLE, Forked};
use homeward::id::CaseId;
use homeward::node::{
    Answer, CloseDraft, Closing, Failure, FailureKind, InitOptions, NodeView, Request, accept_card, add_node,
    init_joining, sign_closures,
};
use offices::{Office, PASSPHRASE, new_case};
use std::path::Path;

fn nodes(office: &mut Office) -> Vec<NodeView> {
    match office.ask(Request::NodeList) {
        Answer::Nodes { nodes } => nodes,
        other => panic!("nodes expected, not {other:?}"),
    }
}

fn drafted(office: &mut Office, node: &str, closing: Closing) -> Result<CloseDraft, Failure> {
    let request = Request::CloseDraft { node: node.to_owned(), circle: None, closing };
    match office.try_ask(request, &mut |_| ())? {
        Answer::CloseDraft(draft) => Ok(*draft),
        other => panic!("draft expected, not {other:?}"),
    }
}

/// Drafts, signs with the partner key that lies in `keys`, takes in.
fn close(office: &mut Office, keys: &Path, node: &str, closing: Closing) -> CloseDraft {
    let draft = drafted(office, node, closing).unwrap();
    let signed = sign_closures(keys, &mut || Ok(PASSPHRASE.into()), None, &draft).unwrap();
    let closures = signed.into_iter().map(Into::into).collect();
    let answer = office.ask(Request::CloseTake { closures });
    assert!(matches!(answer, Answer::Closed { new } if new == draft.circles.len()), "{answer:?}");
    draft
}

/// All that each holds goes to each, by hand, until nothing is news.
fn carry_round(scene: &mut Forked) {
    for _ in 0..2 {
        for (from, to) in [
            ("kyiv", "doha"),
            ("kyiv", "moscow"),
            ("doha", "moscow"),
            ("moscow", "doha"),
            ("doha", "kyiv"),
            ("moscow", "kyiv"),
        ] {
            scene.carry(from, to);
        }
    }
}

/// Whether a case is on everyone's list; whether its sheet, where it is, is the same for everyone.
fn seen_by_all(scene: &mut Forked, case: CaseId) -> Vec<bool> {
    let mut seen = Vec::new();
    let mut sheets = Vec::new();
    for name in ["kyiv", "doha", "moscow"] {
        // What was cut is set aside at most once a minute, but always when a home is opened.
        scene.office(name).close();
        let all = scene.office(name).all_sheets(CIRCLE);
        seen.push(all.contains_key(&case));
        sheets.push(all);
    }
    for (place, name) in [(1, "doha"), (2, "moscow")] {
        let cases = |at: usize| sheets[at].keys().copied().collect::<Vec<_>>();
        assert_eq!(cases(0), cases(place), "cases of kyiv and {name}");
        for (case, sheet) in &sheets[0] {
            assert_eq!(
                sheet.to_string(),
                sheets[place][case].to_string(),
                "case {case:?} of kyiv and {name}"
            );
        }
    }
    seen
}

/// The branch on which a machine does not stand, as its draft shows it.
fn other_branch(scene: &mut Forked, node: &str) -> String {
    let draft = drafted(&mut scene.kyiv, node, Closing::default()).unwrap();
    let branches = &draft.circles[0].logs[0].branches;
    assert_eq!(branches.iter().filter(|branch| branch.here).count(), 1);
    assert!(
        branches.iter().all(|branch| branch.chosen == branch.here),
        "what stands here is the usual choice"
    );
    branches.iter().find(|branch| !branch.here).unwrap().branch.hex()
}

#[test]
fn a_fork_is_settled_and_everyone_goes_on() {
    for take_other in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let mut scene = Forked::found_out(folder.path());
        let node = scene.kyiv.info().node.hex();
        let branches = match take_other {
            true => vec![other_branch(&mut scene, &node)],
            false => Vec::new(),
        };
        let home = scene.kyiv.home.clone();
        let closing = Closing { branches, ..Closing::default() };
        let draft = close(&mut scene.kyiv, &home, &node, closing);
        assert!(!draft.retire && draft.this && draft.circles.len() == 1);
        carry_round(&mut scene);
        let after = new_case(&mut scene.kyiv, CIRCLE, "Зимовий Андрій").case;
        carry_round(&mut scene);

        let (counts, disowned) = if take_other { (scene.one, scene.other) } else { (scene.other, scene.one) };
        assert_eq!(seen_by_all(&mut scene, counts), [true; 3], "the branch that counts");
        assert_eq!(seen_by_all(&mut scene, after), [true; 3], "what was written after");
        // Claims of what was cut stay on record, marked, wherever their segments came.
        for name in ["doha", "moscow"] {
            if let Some(sheet) = scene.office(name).sheet(CIRCLE, disowned) {
                assert!(sheet.claims.iter().all(|claim| claim.disowned), "{name}");
            }
        }
        for name in ["kyiv", "doha", "moscow"] {
            let status = scene.office(name).circle(CIRCLE).unwrap();
            assert!(status.forks[0].settled.is_some(), "{name}: {status:?}");
            assert_eq!(status.forks[0].own, name == "kyiv");
        }
        let settled = drafted(&mut scene.kyiv, &node, Closing::default()).unwrap_err();
        assert_eq!(settled.kind, FailureKind::NotFound, "nothing is left to settle");
    }
}

/// A second machine of kyiv, which holds all that doha may give it.
fn second_machine(root: &Path, scene: &mut Forked) -> Office {
    let options = InitOptions {
        home: root.join("kyiv-2"),
        name: "kyiv".to_owned(),
        passphrase: PASSPHRASE.into(),
        scrypt_log_n: 15,
        listen: None,
        address: None,
        demo: None,
    };
    let joining = init_joining(&options).unwrap();
    scene.kyiv.close();
    let mut ask = || Ok(PASSPHRASE.into());
    let added = add_node(&scene.kyiv.home, &mut ask, None, &joining.request, &mut |_| Ok(true)).unwrap();
    accept_card(&options.home, &mut ask, &added.text).unwrap();
    let mut second = Office::standing(root, "kyiv", "kyiv-2");
    for other in [&mut scene.doha, &mut scene.moscow] {
        let text = added.text.clone();
        other.ask(Request::CardImport { text });
        second.trust(other);
    }
    second
}

#[test]
fn a_lost_machine_is_closed_from_another() {
    let folder = tempfile::tempdir().unwrap();
    let mut scene = Forked::new(folder.path());
    let lost = scene.kyiv.info().node;
    let here = drafted(&mut scene.kyiv, &lost.hex(), Closing { retire: true, ..Closing::default() });
    assert_eq!(here.unwrap_err().kind, FailureKind::NotAllowed, "nobody closes the machine he sits at");
    let strange = drafted(&mut scene.doha, &lost.hex(), Closing { retire: true, ..Closing::default() });
    assert_eq!(strange.unwrap_err().kind, FailureKind::NotFound, "each office closes its own");

    let mut second = second_machine(folder.path(), &mut scene);
    let stick = scene.kyiv.home.clone();
    assert_eq!(nodes(&mut second).len(), 2);
    // What Doha had of the lost machine.
    let file = folder.path().join("again.bundle").display().to_string();
    scene.doha.ask(Request::BundleOut { partner: "kyiv".into(), file: file.clone(), all: true });
    second.ask(Request::BundleIn { file });

    let closing = Closing { retire: true, ..Closing::default() };
    let draft = close(&mut second, &stick, &lost.hex(), closing);
    let through = draft.circles[0].logs[0].through;
    assert_eq!(through, scene.doha.circle(CIRCLE).unwrap().segments, "all that is here counts");
    let listed = nodes(&mut second);
    let closed = listed.iter().find(|one| one.node == lost).unwrap();
    assert!(closed.circles.iter().all(|circle| circle.retired));
    assert!(listed.iter().find(|one| one.this).unwrap().circles.iter().all(|circle| !circle.retired));

    // Partners hear of it; what the lost machine writes afterwards counts nowhere.
    let file = folder.path().join("closed.bundle").display().to_string();
    second.ask(Request::BundleOut { partner: "doha".into(), file: file.clone(), all: true });
    scene.doha.ask(Request::BundleIn { file });
    let late = new_case(&mut scene.kyiv, CIRCLE, "Пізній Лист").case;
    let file = folder.path().join("late.bundle").display().to_string();
    scene.kyiv.ask(Request::BundleOut { partner: "doha".into(), file: file.clone(), all: true });
    let _ = scene.doha.try_ask(Request::BundleIn { file }, &mut |_| ());
    if let Some(sheet) = scene.doha.sheet(CIRCLE, late) {
        assert!(sheet.claims.iter().all(|claim| claim.disowned), "it travels, and is shown as what it is");
    }

    let settle = drafted(&mut second, &lost.hex(), Closing::default()).unwrap_err();
    assert_eq!(settle.kind, FailureKind::NotAllowed, "a closed machine does not go on");
    // Said anew, with a higher serial: nothing of it counts.
    let closing = Closing { retire: true, none: true, ..Closing::default() };
    let draft = close(&mut second, &stick, &lost.hex(), closing);
    assert_eq!((draft.circles[0].serial, draft.circles[0].logs[0].through), (2, 0));
}

#[test]
fn another_partners_key_signs_nothing_here() {
    let folder = tempfile::tempdir().unwrap();
    let mut scene = Forked::found_out(folder.path());
    let node = scene.kyiv.info().node.hex();
    let draft = drafted(&mut scene.kyiv, &node, Closing::default()).unwrap();
    let dohas = scene.doha.home.join("keys/partner.age");
    let mut ask = || Ok(PASSPHRASE.into());
    let refused = sign_closures(&scene.kyiv.home, &mut ask, Some(&dohas), &draft).unwrap_err();
    assert_eq!(refused.kind, FailureKind::BadInput);
    let mut wrong = || Ok("another passphrase".into());
    let refused = sign_closures(&scene.kyiv.home, &mut wrong, None, &draft).unwrap_err();
    assert_eq!(refused.kind, FailureKind::Locked);
    // A rightly signed closure, brought to another office's door by a person there.
    let signed = sign_closures(&scene.kyiv.home, &mut ask, None, &draft).unwrap();
    let closures = signed.iter().map(|one| one.clone().into()).collect();
    let refused = scene.doha.try_ask(Request::CloseTake { closures }, &mut |_| ()).unwrap_err();
    assert_eq!(refused.kind, FailureKind::NotAllowed);
    let mut forged = signed[0].clone();
    *forged.last_mut().unwrap() ^= 1;
    let closures = vec![forged.into()];
    let refused = scene.kyiv.try_ask(Request::CloseTake { closures }, &mut |_| ()).unwrap_err();
    assert_eq!(refused.kind, FailureKind::BadInput);
}
