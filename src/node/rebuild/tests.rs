//! Two tongues, seen from the house: what people read and write while it happens and after.

use crate::case::{Change, Claim, Did, Edit, HistoryEntry, PlanKey, PlanValue, SheetView, Source, Value};
use crate::id::{CaseId, CircleId, Hash, InstanceId, LogId};
use crate::limit;
use crate::log::{Closure, ClosurePoint, Segment};
use crate::node::cut::{Cutting, OwnLog};
use crate::node::replay::replay_all_at;
use crate::node::trial::Trial;
use crate::node::{Answer, ClaimIn, Request};
use crate::register::{Context, Stamped};
use crate::sign::Signed;
use crate::store::circles::{self, RecordKind as StoredKind};
use crate::store::logs;
use crate::sync::{CarriedItem, CircleRecord, Input, RecordKind};
use crate::time::Millis;
use std::sync::Arc;

/// Two offices, one of which writes on two branches of one log.
struct Tongues {
    kyiv: Trial,
    doha: Trial,
    circle: CircleId,
    case: CaseId,
    now: Millis,
}

fn claim(text: &str) -> Change {
    Change::Claims(vec![Claim {
        field: "remark".into(),
        group: String::new(),
        value: Value::Text(text.into()),
        source: Source::default(),
        replaces: vec![],
        origin: None,
    }])
}

fn plan(text: &str) -> Change {
    let key = PlanKey { kind: "task".into(), id: "1".into(), field: "what".into() };
    Change::Plan(PlanValue { key, value: Value::Text(text.into()), replaces: vec![] })
}

impl Tongues {
    /// A case that both know of.
    fn new() -> Self {
        let (kyiv, doha) = (Trial::new("kyiv"), Trial::new("doha"));
        kyiv.trust(&doha);
        doha.trust(&kyiv);
        let circle = kyiv.circle("families", &["doha"]).circle;
        let said = ClaimIn { field: "remark".into(), value: "shared".into(), ..ClaimIn::default() };
        let new = Request::CaseNew { circle: "families".into(), case: None, claims: vec![said] };
        let case = kyiv.written(new).case;
        kyiv.hand_to(&doha, "doha");
        let now = doha.node.shared.house().clock.steady();
        Self { kyiv, doha, circle, case, now }
    }

    fn says(&self, office: &Trial, change: Change) {
        let mut house = office.node.shared.house();
        house.write(&self.circle, vec![(self.case, change)], &"Desk 1".into()).unwrap();
    }

    fn own(&self) -> OwnLog {
        self.kyiv.node.shared.house().circle(&self.circle).unwrap().own.clone()
    }

    /// What kyiv's machine would say from an earlier end of its log on, each change in a segment of its own.
    fn otherwise(&self, from: OwnLog, changes: Vec<Change>) -> Vec<Segment> {
        let house = self.kyiv.node.shared.house();
        let circle = house.circle(&self.circle).unwrap();
        let readers = house.people.readers(circle.charter(), |_, _| false);
        let cutting = Cutting {
            circle: self.circle,
            charter: circle.charter(),
            name: None,
            readers: &readers,
            certificate: &house.certificate,
            signer: &*house.secret,
            envelope: &*house.envelope,
            now: house.now(),
            header_of: &|_, _| None,
        };
        let (mut log, mut segments) = (from, Vec::new());
        for change in changes {
            let edit = Edit { case: self.case, time: house.now(), operator: "Desk 9".into(), change };
            let waiting = [Stamped { edit, context: Arc::new(Context::new()) }];
            let (after, cut) = crate::node::cut::cut(log, &cutting, &waiting, &mut || [7; 32]).unwrap();
            log = after;
            segments.extend(cut);
        }
        segments
    }

    /// Brings something to an office by hand, and replays at a moment.
    fn bring(&self, office: &Trial, items: Vec<CarriedItem>, at: Millis) {
        let maker = self.kyiv.node.shared.house().life.node;
        {
            let mut driver = office.node.driver();
            driver.hand(Input::Carried { maker, items });
            driver.rest();
            crate::node::running::renew_if_due(&mut driver, &office.node.shared);
        }
        replay_all_at(&office.node.shared, at).unwrap();
    }

    fn closure(&self, serial: u64, tip: &Segment) -> CarriedItem {
        let header = tip.header();
        self.closure_at(serial, header.instance, header.number, header.hash())
    }

    fn closure_at(&self, serial: u64, instance: InstanceId, number: u64, hash: Hash) -> CarriedItem {
        let house = self.kyiv.node.shared.house();
        let closure = Closure {
            version: 1,
            circle: self.circle,
            partner: house.people.own,
            node: house.life.node,
            serial,
            retired: false,
            time: house.now(),
            through: vec![ClosurePoint { instance, number, hash }],
        };
        let key = house.home.unlock_partner(None, &"seven quiet lanterns".into()).unwrap();
        let record = CircleRecord::Closure(Signed::sign(closure, &key).unwrap());
        CarriedItem::Record { circle: self.circle, kind: RecordKind::Closure, bytes: record.bytes() }
    }

    /// What counts, and what is disowned, of remarks at an office.
    fn remarks(&self, office: &Trial) -> (Vec<String>, Vec<String>) {
        let view = self.shown(office);
        let text = |disowned: bool| {
            let claims = view.claims.iter().filter(|claim| claim.disowned == disowned);
            let mut texts: Vec<String> = claims.map(|claim| text_of(&claim.claim.value)).collect();
            texts.sort();
            texts
        };
        (text(false), text(true))
    }

    fn shown(&self, office: &Trial) -> SheetView {
        let asked = Request::CaseShow { case: self.case.hex(), circle: None };
        match office.ask(asked).unwrap() {
            Answer::Case(view) => view.sheets.into_iter().next().unwrap().sheet.unwrap(),
            other => panic!("a case expected, not {other:?}"),
        }
    }

    fn history(&self, office: &Trial) -> Vec<HistoryEntry> {
        match office.ask(Request::CaseHistory { case: self.case.hex(), circle: None }).unwrap() {
            Answer::History { sheets, .. } => sheets.into_iter().next().unwrap().entries,
            other => panic!("a history expected, not {other:?}"),
        }
    }

    fn heads(&self, office: &Trial) -> Vec<[u8; 32]> {
        let house = office.node.shared.house();
        house.sheet(house.circle(&self.circle).unwrap(), &self.case).unwrap().unwrap().heads()
    }
}

fn text_of(value: &Value) -> String {
    match value {
        Value::Text(text) => text.reveal().clone(),
        other => panic!("text expected, not {other:?}"),
    }
}

fn item(segment: &Segment) -> CarriedItem {
    CarriedItem::Segment { header: segment.header().bytes().to_vec(), body: segment.body().to_vec() }
}

#[test]
fn a_closure_that_names_what_nobody_has_cuts_before_it_and_keeps_no_honest_edit_waiting() {
    let tongues = Tongues::new();
    for change in [claim("a1"), claim("a2")] {
        tongues.says(&tongues.kyiv, change);
        tongues.kyiv.node.driver().cut_unseen();
    }
    tongues.kyiv.hand_to(&tongues.doha, "doha");
    tongues.says(&tongues.doha, claim("honest"));
    tongues.doha.node.driver().cut_unseen();
    // Named is another segment in the place of the one that this rests on.
    let (instance, number) = {
        let house = tongues.kyiv.node.shared.house();
        (house.life.instance, house.circle(&tongues.circle).unwrap().own.end.number)
    };
    let closure = tongues.closure_at(1, instance, number, Hash([9; 32]));
    for later in [1_000, 2 * limit::REBUILD_EVERY_MS, 4 * limit::REBUILD_EVERY_MS] {
        let at = tongues.now.plus(later);
        tongues.bring(&tongues.doha, vec![closure.clone()], at);
        let (counts, disowned) = tongues.remarks(&tongues.doha);
        assert_eq!((counts.join(" "), disowned.join(" ")), ("a1 honest shared".into(), "a2".into()));
    }
}

#[test]
fn a_cut_that_comes_alone_lets_go_what_waits_for_a_segment_that_never_comes() {
    let [kyiv, doha, tallinn] = ["kyiv", "doha", "tallinn"].map(Trial::new);
    for here in [&kyiv, &doha, &tallinn] {
        for there in [&kyiv, &doha, &tallinn] {
            if !std::ptr::eq(here, there) {
                here.trust(there);
            }
        }
    }
    let circle = kyiv.circle("families", &["doha", "tallinn"]).circle;
    let said = ClaimIn { field: "remark".into(), value: "shared".into(), ..ClaimIn::default() };
    let case =
        kyiv.written(Request::CaseNew { circle: "families".into(), case: None, claims: vec![said] }).case;
    kyiv.hand_to(&doha, "doha");
    kyiv.hand_to(&tallinn, "tallinn");
    let now = tallinn.node.shared.house().clock.steady();
    let tongues = Tongues { kyiv, doha, circle, case, now };
    // Doha hears one branch and answers it; then it hears the other.
    let before = tongues.own();
    tongues.says(&tongues.kyiv, claim("a1"));
    tongues.kyiv.node.driver().cut_unseen();
    tongues.kyiv.hand_to(&tongues.doha, "doha");
    tongues.says(&tongues.doha, claim("honest"));
    tongues.doha.node.driver().cut_unseen();
    let others = tongues.otherwise(before, vec![claim("b1")]);
    tongues.bring(&tongues.doha, others.iter().map(item).collect(), now);
    let (answered, proof) = {
        let house = tongues.doha.node.shared.house();
        let reader = house.vault.reader().unwrap();
        let log = LogId { circle, life: house.life };
        let answered = (1..).map_while(|number| logs::segment(&reader, &log, number).unwrap());
        let answered: Vec<CarriedItem> = answered.map(|segment| item(&segment)).collect();
        let records = circles::records_of(&reader, &circle).unwrap();
        let proof = records.into_iter().find(|record| record.kind == StoredKind::ForkProof).unwrap();
        (answered, proof)
    };
    // Tallinn gets the answer alone, and then word of the fork: no branch ever comes.
    tongues.bring(&tallinn, answered, now);
    assert_eq!(tongues.remarks(&tallinn).0, ["shared"]);
    let proof = CarriedItem::Record { circle, kind: RecordKind::Fork, bytes: proof.bytes };
    tongues.bring(&tallinn, vec![proof], now);
    assert_eq!(tongues.remarks(&tallinn).0, ["honest", "shared"]);
}

#[test]
fn what_a_fork_cuts_is_disowned_and_honest_edits_after_it_stay() {
    let mut tongues = Tongues::new();
    let before = tongues.own();
    for change in [claim("a1"), plan("a plan"), claim("a2")] {
        tongues.says(&tongues.kyiv, change);
        tongues.kyiv.node.driver().cut_unseen();
    }
    tongues.kyiv.hand_to(&tongues.doha, "doha");
    // An honest edit that rests on what will be cut: in a segment, and one that waits.
    tongues.says(&tongues.doha, claim("honest"));
    tongues.doha.node.driver().cut_unseen();
    tongues.says(&tongues.doha, claim("waiting"));
    assert_eq!(tongues.remarks(&tongues.doha).0, ["a1", "a2", "honest", "shared", "waiting"]);

    let others = tongues.otherwise(before, vec![claim("b1"), plan("b plan")]);
    tongues.now = tongues.now.plus(1_000);
    tongues.bring(&tongues.doha, others.iter().map(item).collect(), tongues.now);
    let (counts, disowned) = tongues.remarks(&tongues.doha);
    assert_eq!(counts, ["honest", "shared", "waiting"]);
    assert_eq!(disowned, ["a1", "a2", "b1"]);
    let view = tongues.shown(&tongues.doha);
    assert!(view.plan.is_empty(), "plan values of cut edits count nowhere");
    let planned: Vec<String> = tongues
        .history(&tongues.doha)
        .into_iter()
        .filter_map(|entry| match entry.did {
            Did::PlannedInVain(_, value) if entry.disowned => Some(text_of(&value)),
            _ => None,
        })
        .collect();
    assert_eq!(planned.len(), 2, "both branches' values are in the history: {planned:?}");
    assert!(matches!(tongues.doha.ask(Request::Check), Ok(Answer::Checked(_))));

    // The closure chooses the branch that came second: more counts, and nothing that was read is read otherwise, so the
    // sheets go on.
    let closure = tongues.closure(1, others.last().unwrap());
    tongues.now = tongues.now.plus(1_000);
    tongues.bring(&tongues.doha, vec![closure.clone()], tongues.now);
    assert_eq!(tongues.remarks(&tongues.doha).0, ["b1", "honest", "shared", "waiting"]);
    // A later one chooses the other branch: that waits for its turn, and people write on.
    let first = tongues.own();
    let chosen = tongues.closure_at(2, first.life.instance, first.end.number, first.end.hash);
    tongues.now = tongues.now.plus(1_000);
    tongues.bring(&tongues.doha, vec![chosen], tongues.now);
    assert_eq!(tongues.remarks(&tongues.doha).0, ["b1", "honest", "shared", "waiting"], "the old sheets");
    tongues.says(&tongues.doha, claim("meanwhile"));
    tongues.doha.node.driver().cut_unseen();
    tongues.says(&tongues.doha, claim("meanwhile waiting"));
    tongues.now = tongues.now.plus(limit::REBUILD_EVERY_MS);
    replay_all_at(&tongues.doha.node.shared, tongues.now).unwrap();
    let (counts, disowned) = tongues.remarks(&tongues.doha);
    assert_eq!(counts, ["a1", "a2", "honest", "meanwhile", "meanwhile waiting", "shared", "waiting"]);
    assert_eq!(disowned, ["b1"]);
    // And back: the highest serial rules.
    let closure = tongues.closure(3, others.last().unwrap());
    tongues.now = tongues.now.plus(limit::REBUILD_EVERY_MS);
    tongues.bring(&tongues.doha, vec![closure.clone()], tongues.now);
    let (counts, disowned) = tongues.remarks(&tongues.doha);
    assert_eq!(counts, ["b1", "honest", "meanwhile", "meanwhile waiting", "shared", "waiting"]);
    assert_eq!(disowned, ["a1", "a2"]);
    assert!(matches!(tongues.doha.ask(Request::Check), Ok(Answer::Checked(_))));

    // Kyiv hears of it all: it takes a new life, and both stand alike.
    let life = tongues.kyiv.node.shared.house().life;
    let mut items: Vec<CarriedItem> = others.iter().map(item).collect();
    items.push(closure);
    tongues.bring(&tongues.kyiv, items, tongues.now);
    assert_ne!(
        tongues.kyiv.node.shared.house().life,
        life,
        "the log with two branches is written on no more"
    );
    tongues.kyiv.hand_to(&tongues.doha, "doha");
    tongues.doha.hand_to(&tongues.kyiv, "kyiv");
    let late = tongues.now.plus(2 * limit::REBUILD_EVERY_MS);
    for office in [&tongues.kyiv, &tongues.doha] {
        replay_all_at(&office.node.shared, late).unwrap();
    }
    assert_eq!(tongues.remarks(&tongues.kyiv), tongues.remarks(&tongues.doha));
    assert_eq!(tongues.heads(&tongues.kyiv), tongues.heads(&tongues.doha));
    // It goes on in its new life.
    tongues.says(&tongues.kyiv, claim("after"));
    tongues.kyiv.hand_to(&tongues.doha, "doha");
    assert!(tongues.remarks(&tongues.doha).0.contains(&"after".to_owned()));
}

#[test]
fn twenty_cuts_in_a_minute_are_one_rebuild() {
    let tongues = Tongues::new();
    // Forks ever lower: each cuts the log shorter.
    let mut ends = vec![tongues.own()];
    for number in 0..22 {
        tongues.says(&tongues.kyiv, claim(&format!("a{number}")));
        tongues.kyiv.node.driver().cut_unseen();
        ends.push(tongues.own());
    }
    tongues.kyiv.hand_to(&tongues.doha, "doha");
    let rebuilt = || tongues.doha.node.shared.house().circle(&tongues.circle).unwrap().cut.rebuilt;
    let mut times = std::collections::BTreeSet::new();
    let mut now = tongues.now;
    for cut in 0..20 {
        let end = ends[20 - cut].clone();
        let others = tongues.otherwise(end, vec![claim(&format!("b{cut}"))]);
        now = now.plus(2_000);
        tongues.bring(&tongues.doha, others.iter().map(item).collect(), now);
        tongues.says(&tongues.doha, claim(&format!("live{cut}")));
        times.extend(rebuilt());
    }
    assert_eq!(times.len(), 1, "in forty seconds");
    now = now.plus(limit::REBUILD_EVERY_MS);
    replay_all_at(&tongues.doha.node.shared, now).unwrap();
    times.extend(rebuilt());
    assert_eq!(times.len(), 2);
    let (counts, disowned) = tongues.remarks(&tongues.doha);
    assert_eq!(
        counts.len(),
        1 + 1 + 20,
        "what is shared, one before the lowest fork, what was written meanwhile"
    );
    assert_eq!(disowned.len(), 21 + 20, "nothing is unsaid");
}

#[test]
fn a_rebuild_that_a_crash_cuts_off_begins_again() {
    let mut tongues = Tongues::new();
    let before = tongues.own();
    tongues.says(&tongues.kyiv, claim("a1"));
    tongues.kyiv.node.driver().cut_unseen();
    tongues.kyiv.hand_to(&tongues.doha, "doha");
    let others = tongues.otherwise(before, vec![claim("b1")]);
    // The hub has cut the log; the sheets were not made anew when the program ended.
    {
        let maker = others[0].header().node;
        let mut driver = tongues.doha.node.driver();
        driver.hand(Input::Carried { maker, items: others.iter().map(item).collect() });
        driver.rest();
    }
    {
        let mut house = tongues.doha.node.shared.house();
        let mut rebuild = house.begin_rebuild(&tongues.circle).unwrap().unwrap();
        assert!(rebuild.round().unwrap(), "sheets stand beside the old ones");
    }
    let Trial { node, folder, operator } = tongues.doha;
    drop(node);
    let place = crate::node::home::Home(folder.path().join("home"));
    let keys = place.unlock(&"seven quiet lanterns".into()).unwrap();
    let house = crate::node::house::House::open(&place, keys).unwrap();
    let node = crate::node::running::Node::at_rest(house).unwrap();
    tongues.doha = Trial { node, folder, operator };
    assert_eq!(tongues.remarks(&tongues.doha).0, ["a1", "shared"], "the old sheets are read until then");
    tongues.doha.node.catch_up().unwrap();
    assert_eq!(tongues.remarks(&tongues.doha), (vec!["shared".to_owned()], vec!["a1".into(), "b1".into()]));
}
