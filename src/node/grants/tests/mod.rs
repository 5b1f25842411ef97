//! Offices with several machines, in temporary homes.

mod epochs;
mod machines;

use super::*;
use crate::log::Closure;
use crate::node::clock::{Clock, Hands};
use crate::node::home::Home;
use crate::node::running::Node;
use crate::node::trial::Trial;
use crate::node::{
    Answer, CardChanges, CircleView, ClaimIn, Failure, FailureKind, InitOptions, PartnerKey, Request,
    accept_card, add_node, init_again, init_joining, sign_card,
};
use crate::private::Private;
use crate::seal::{PartnerSecret, SafetyPhrase, certificate};
use crate::time::Millis;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

const PASS: &str = "seven quiet lanterns";

fn passphrase() -> Private<String> {
    PASS.into()
}

fn ask() -> impl FnMut() -> Result<Private<String>, Failure> {
    || Ok(passphrase())
}

fn place(trial: &Trial) -> Home {
    Home(trial.folder.path().join("home"))
}

fn open(home: &Path) -> Node {
    let home = Home(home.to_owned());
    let keys = home.unlock(&passphrase()).unwrap();
    let node = Node::at_rest(House::open(&home, keys).unwrap()).unwrap();
    node.catch_up().unwrap();
    node
}

/// Lets go of the vault for what needs it closed, and opens it again.
fn at_rest<T>(trial: Trial, act: impl FnOnce(&Path) -> T) -> (Trial, T) {
    let Trial { node, folder, operator } = trial;
    let home = folder.path().join("home");
    drop(node);
    let done = act(&home);
    (Trial { node: open(&home), folder, operator }, done)
}

fn options(home: &Path, name: &str) -> InitOptions {
    InitOptions {
        home: home.to_owned(),
        name: name.into(),
        passphrase: passphrase(),
        scrypt_log_n: 15,
        listen: None,
        address: None,
        demo: None,
    }
}

fn partner_key(trial: &Trial) -> PartnerSecret {
    place(trial).unlock_partner(None, &passphrase()).unwrap()
}

fn name_of(trial: &Trial) -> String {
    trial.node.shared.house().info().name
}

fn node_of(trial: &Trial) -> NodeId {
    trial.node.shared.house().life.node
}

fn card_text(trial: &Trial, of: Option<&str>) -> String {
    match trial.ask(Request::CardExport { partner: of.map(str::to_owned) }).unwrap() {
        Answer::CardFile { text, .. } => text,
        other => panic!("card expected, not {other:?}"),
    }
}

fn import(trial: &Trial, text: String) {
    trial.ask(Request::CardImport { text }).unwrap();
}

/// One more machine of an office, by the verbs' own steps.
fn second_machine(first: Trial) -> (Trial, Trial) {
    let name = name_of(&first);
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let joining = init_joining(&options(&home, "")).unwrap();
    let (first, added) = at_rest(first, |at| {
        let mut shown = Vec::new();
        let mut agree = |view: &crate::node::NodeRequestView| {
            shown = view.words.clone();
            Ok(true)
        };
        let added = add_node(at, &mut ask(), None, &joining.request, &mut agree).unwrap();
        assert_eq!(shown, joining.view.words, "both screens show the same words");
        added
    });
    let info = accept_card(&home, &mut ask(), &added.text).unwrap();
    assert_eq!((info.name.as_str(), info.node), (name.as_str(), joining.view.node));
    let second = Trial { node: open(&home), folder, operator: "Desk 2".into() };
    (first, second)
}

/// The first machine of an office that lost all, from the partner key and a card that a partner kept.
fn after_total_loss(partner_key: &Path, card: &str) -> Trial {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let passphrase = passphrase();
    let key = PartnerKey { file: partner_key, passphrase: &passphrase };
    init_again(options(&home, ""), &key, card).unwrap();
    Trial { node: open(&home), folder, operator: "Desk 3".into() }
}

fn said(trial: &Trial, circle: &CircleView, text: &str) -> crate::id::CaseId {
    let claims =
        vec![ClaimIn { field: "remark".into(), value: text.to_owned().into(), ..ClaimIn::default() }];
    let circle = circle.circle.hex();
    trial.written(Request::CaseNew { circle, case: None, claims }).case
}

fn cut(trial: &Trial) {
    trial.node.driver().cut_unseen();
    trial.node.catch_up().unwrap();
}

/// Our own log's epochs: where they stand and to whom they are sealed.
fn epochs(trial: &Trial, circle: &CircleView) -> Vec<(u64, BTreeSet<NodeId>)> {
    let house = trial.node.shared.house();
    let circle = house.circle(&circle.circle).unwrap();
    let reader = house.vault.reader().unwrap();
    let log = &circle.logs[&house.life];
    let founding = log.segments.iter().filter(|entry| entry.header.kind == Kind::Epoch);
    founding
        .map(|entry| {
            let number = entry.header.number;
            let body = epoch_body(&reader, circle, &house.life, number).unwrap().unwrap();
            (number, body.files.into_iter().flat_map(|file| file.nodes).collect())
        })
        .collect()
}

fn set(nodes: &[NodeId]) -> BTreeSet<NodeId> {
    nodes.iter().copied().collect()
}

fn pair() -> (Trial, Trial, CircleView) {
    let (kyiv, doha) = (Trial::new("kyiv"), Trial::new("doha"));
    kyiv.trust(&doha);
    doha.trust(&kyiv);
    let circle = kyiv.circle("families", &["doha"]);
    (kyiv, doha, circle)
}

/// What a machine asks for, as it would say it to a peer.
fn wishes(asker: &Trial) -> Vec<Ask> {
    let house = asker.node.shared.house();
    let (partner, node) = (house.people.own, house.life.node);
    let lacking = house.lacking().unwrap();
    lacking.into_iter().map(|(circle, _, epoch)| Ask { partner, node, circle, epoch }).collect()
}

/// Asks, as a peer's driver does; the answers go to the hub.
fn answered(trial: &Trial, asks: Vec<Ask>) -> usize {
    let records = trial.node.shared.house().answer_asks(asks).unwrap();
    let count = records.len();
    trial.node.driver().hand(crate::sync::Input::OwnRecords { records });
    count
}

fn notices(trial: &Trial) -> String {
    trial.node.shared.house().key_notices().unwrap().join("\n")
}

fn held(trial: &Trial, circle: &CircleView) -> u64 {
    match trial.ask(Request::Status).unwrap() {
        Answer::Status(status) => {
            status.circles.iter().find(|one| one.circle == circle.circle.hex()).unwrap().held
        }
        other => panic!("status expected, not {other:?}"),
    }
}

fn stage_clock(trial: &Trial) -> Arc<Hands> {
    let hands = Arc::new(Hands::default());
    let mut house = trial.node.shared.house();
    hands.day.store(house.now().0, Ordering::Relaxed);
    hands.steady.store(house.now().0, Ordering::Relaxed);
    house.clock = Clock::Staged(Arc::clone(&hands));
    hands
}

/// A closure of one machine, as far as another holds its log.
fn closure(holder: &Trial, circle: &CircleView, of: &Trial, key: &PartnerSecret) -> Signed<Closure> {
    let (partner, life) = {
        let house = of.node.shared.house();
        (key.partner_id(), house.life)
    };
    let house = holder.node.shared.house();
    let log = house.circle(&circle.circle).unwrap().logs.get(&life);
    let through = log.map(|log| crate::log::ClosurePoint {
        instance: life.instance,
        number: log.end.number,
        hash: log.end.hash,
    });
    let closure = Closure {
        version: 1,
        circle: circle.circle,
        partner,
        node: life.node,
        serial: 1,
        retired: true,
        time: house.now(),
        through: through.into_iter().collect(),
    };
    Signed::sign(closure, key).unwrap()
}

/// A peer's closure, as if it had come over a link.
fn hears_closure(trial: &Trial, closure: &Signed<Closure>) {
    let stored =
        StoredRecord { kind: RecordKind::Closure, hash: closure.hash(), bytes: closure.bytes().to_vec() };
    let mut house = trial.node.shared.house();
    house.vault.write(|writer| circles::put_record(writer, &closure.circle, &stored)).unwrap();
    let records = vec![CircleRecord::Closure(closure.clone())];
    let batch = crate::sync::SaveBatch { records, ..crate::sync::SaveBatch::default() };
    house.hear(crate::node::shared::News::Saved(Box::new(batch)));
}

/// The sheet as another holds it, but for when it was first seen.
fn kyiv_sees(
    kyiv: &Trial,
    circle: &CircleView,
    case: crate::id::CaseId,
    like: &Trial,
) -> crate::case::SheetView {
    let mut sheet = kyiv.sheet(circle.circle, case);
    let other = like.sheet(circle.circle, case);
    sheet.last_seen = other.last_seen;
    for (ours, theirs) in sheet.claims.iter_mut().zip(other.claims) {
        ours.written.first_seen = theirs.written.first_seen;
    }
    sheet
}
