//! Every verb as a door asks it, on homes in temporary folders.

use crate::case::{SourceKind, Value};
use crate::id::{CaseId, ItemRef};
use crate::limit;
use crate::node::trial::Trial;
use crate::node::{Answer, ClaimIn, FailureKind, Request, Written};

fn claim(field: &str, value: &str) -> ClaimIn {
    ClaimIn { field: field.into(), value: value.into(), ..ClaimIn::default() }
}

fn new(circle: &str, claims: Vec<ClaimIn>) -> Request {
    Request::CaseNew { circle: circle.into(), case: None, claims }
}

fn say(circle: &str, case: CaseId, claims: Vec<ClaimIn>) -> Request {
    Request::CaseClaim { circle: circle.into(), case: case.hex(), claims }
}

fn plan(case: CaseId, key: &str, value: &str, shown: Option<Vec<String>>) -> Request {
    let (circle, case) = ("families".into(), case.hex());
    Request::CasePlan { circle, case, key: key.into(), value: value.into(), shown }
}

fn note(case: CaseId, at: Option<u64>, remove: &str, insert: &str) -> Request {
    let (circle, case) = ("families".into(), case.hex());
    Request::CaseNote { circle, case, at, remove: remove.into(), insert: insert.into() }
}

fn prefer(case: CaseId, item: ItemRef) -> Request {
    Request::CasePrefer { circle: "families".into(), case: case.hex(), item: item.short() }
}

fn withdraw(case: CaseId, items: Vec<String>) -> Request {
    let (circle, case) = ("families".into(), case.hex());
    Request::CaseWithdraw { circle, case, items, reason: "typing error".into() }
}

fn tell(case: CaseId, items: &[ItemRef], dry_run: bool) -> Request {
    Request::CaseDisclose {
        from: "families".into(),
        to: "tracing".into(),
        case: case.hex(),
        items: items.iter().map(ItemRef::short).collect(),
        reason: "to look for the grandmother".into(),
        dry_run,
    }
}

/// One office, one circle, one case.
fn office() -> (Trial, Written) {
    let kyiv = Trial::new("kyiv");
    kyiv.circle("families", &[]);
    let claims = vec![claim("name", "Vesnova, Marusia"), claim("dob", "16.05.2014")];
    let opened = kyiv.written(new("families", claims));
    (kyiv, opened)
}

#[test]
fn a_case_is_opened_claimed_about_and_taken_back() {
    let (kyiv, opened) = office();
    assert_eq!((opened.items.len(), opened.warnings.len()), (2, 0));
    assert_eq!(opened.readers, ["kyiv"]);
    let birth = opened.items[1];
    let mut better = claim("birth_date", "2014-05-17");
    better.replaces = vec![birth.short()];
    better.source_kind = "document".into();
    better.confidence = "Confirmed".into();
    better.from = "2014".into();
    let second = kyiv.written(say("families", opened.case, vec![better, claim("shoe size", "31")]));
    assert_eq!(second.warnings.len(), 1);
    let view = kyiv.sheet(opened.circle, opened.case);
    assert_eq!(view.claims.len(), 4);
    let old = view.claims.iter().find(|claim| claim.item == birth).unwrap();
    assert_eq!(old.replaced_by, [second.items[0]]);
    let said = view.claims.iter().find(|claim| claim.item == second.items[0]).unwrap();
    assert_eq!(said.claim.source.kind, SourceKind::Document);
    assert_eq!(said.claim.source.confidence, "confirmed");
    assert_eq!(said.written.operator.reveal(), "Desk 1");
    let shoes = view.claims.iter().find(|claim| claim.item == second.items[1]).unwrap();
    assert_eq!((shoes.claim.field.as_str(), &shoes.claim.value), ("shoe_size", &Value::Text("31".into())));

    kyiv.written(withdraw(opened.case, vec![second.items[1].short()]));
    let view = kyiv.sheet(opened.circle, opened.case);
    assert_eq!(view.current().count(), 2);
    let again = kyiv.refused(withdraw(opened.case, vec![second.items[1].short()]));
    assert_eq!(again.kind, FailureKind::BadInput);
    assert_eq!(kyiv.refused(withdraw(opened.case, vec![])).kind, FailureKind::BadInput);
}

#[test]
fn what_cannot_be_written_is_said_without_words_of_the_case() {
    let (kyiv, opened) = office();
    let case = opened.case;
    let mut with = claim("remark", "quiet");
    with.confidence = "confirmd".into();
    let mut source = claim("remark", "quiet");
    source.source_kind = "disclosed".into();
    let mut ends = claim("remark", "quiet");
    (ends.from, ends.to) = ("2015".into(), "2014".into());
    let mut steering = claim("remark", "quiet");
    steering.source = "a\u{202e}b".into();
    for (said, what, then) in [
        (claim("brith_date", "Marusia"), "there is no such field", "Did you mean `birth_date`?"),
        (claim("Марія", "Marusia"), "a field is named by", "short word"),
        (claim("birth_date", "Marusia"), "birth_date: not a date", "Correct it"),
        (claim("sex", "femal"), "sex: not a code of this field: did you mean female?", ""),
        (with, "there is no such confidence", "`confirmed`"),
        (source, "there is no such kind of source", "document, person, office, list_line"),
        (ends, "the claim ends to hold before it begins", ""),
        (steering, "a text holds a control or direction character", ""),
        (claim("prefers", "ab.1.0"), "there is no item", ""),
    ] {
        let failure = kyiv.refused(say("families", case, vec![said]));
        assert!(failure.what.contains(what), "{failure:?}");
        assert!(failure.then.contains(then), "{failure:?}");
        assert!(!format!("{failure:?}").contains("Marusia"));
    }
    let second = kyiv.refused(say("families", case, vec![claim("hair", "fair"), claim("nmae", "x")]));
    assert!(second.what.starts_with("claim 2: "), "{second:?}");
    let many = vec![claim("remark", "x"); limit::EDIT_CLAIMS + 1];
    assert_eq!(kyiv.refused(say("families", case, many)).kind, FailureKind::BadInput);
    assert_eq!(kyiv.refused(say("families", case, vec![])).kind, FailureKind::BadInput);
    assert_eq!(kyiv.sheet(opened.circle, case).claims.len(), 2, "nothing was written");
    assert!(kyiv.refused(plan(case, "leg/2/bordr_point", "x", None)).what.contains("border_point"));
    assert!(kyiv.refused(plan(case, "stage", "locatd", None)).what.contains("located"));
}

#[test]
fn every_edit_carries_its_operator() {
    let (mut kyiv, opened) = office();
    for operator in ["", "  ", "a\u{1b}[2J", &"x".repeat(limit::OPERATOR_BYTES + 1)] {
        kyiv.operator = operator.to_owned();
        let failure = kyiv.refused(say("families", opened.case, vec![claim("hair", "fair")]));
        assert_eq!(failure.kind, FailureKind::BadInput);
        assert!(failure.then.contains("--as") && failure.then.contains("config.toml"), "{failure:?}");
    }
    assert_eq!(kyiv.sheet(opened.circle, opened.case).claims.len(), 2);
}

#[test]
fn a_known_case_gets_one_sheet_in_another_circle() {
    let (kyiv, opened) = office();
    let tracing = kyiv.circle("tracing", &[]);
    let nowhere = kyiv.refused(say("tracing", opened.case, vec![claim("hair", "fair")]));
    assert!(nowhere.then.contains("--case"), "{nowhere:?}");
    let again = |circle: &str| Request::CaseNew {
        circle: circle.into(),
        case: Some(opened.case.hex()),
        claims: vec![claim("hair", "fair")],
    };
    let there = kyiv.written(again("tracing"));
    assert_eq!((there.case, there.circle), (opened.case, tracing.circle));
    for circle in ["tracing", "families"] {
        assert!(kyiv.refused(again(circle)).then.contains("case claim"));
    }
    let unknown =
        Request::CaseNew { circle: "tracing".into(), case: Some("0123456789".into()), claims: vec![] };
    assert_eq!(kyiv.refused(unknown).kind, FailureKind::NotFound);
}

#[test]
fn a_stale_screen_makes_a_conflict_that_is_settled() {
    let (kyiv, opened) = office();
    let (case, key) = (opened.case, "leg/2/border_point");
    let values = || {
        let view = kyiv.sheet(opened.circle, case);
        let planned = view.plan.into_iter().find(|plan| plan.key.to_string() == key).unwrap();
        planned.values
    };
    let settle = |take: Option<ItemRef>, value: Option<&str>| Request::CaseSettle {
        circle: "families".into(),
        case: case.hex(),
        key: key.into(),
        take: take.map(|item| item.short()),
        value: value.map(Into::into),
    };
    let first = kyiv.written(plan(case, key, "Medyka", None)).items[0];
    let second = kyiv.written(plan(case, key, "Krakovets", None)).items[0];
    assert_eq!(values().len(), 1, "what the node shows is replaced");
    assert_eq!(kyiv.refused(settle(Some(second), None)).kind, FailureKind::NotFound);

    let third = kyiv.written(plan(case, key, "Hrebenne", Some(vec![first.short()]))).items[0];
    assert_eq!(values().len(), 2, "the screen did not show the second value");
    assert_eq!(kyiv.refused(settle(None, None)).kind, FailureKind::BadInput);
    assert_eq!(kyiv.refused(settle(Some(first), None)).kind, FailureKind::NotFound);
    kyiv.written(settle(Some(third), None));
    let left = values();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].value.line().reveal(), "Hrebenne");
    assert_eq!(kyiv.refused(settle(Some(third), None)).kind, FailureKind::NotFound);

    kyiv.written(plan(case, key, "Medyka", Some(vec![])));
    kyiv.written(settle(None, Some("Dorohusk")));
    assert_eq!(values()[0].value.line().reveal(), "Dorohusk");
    kyiv.written(plan(case, key, "", None));
    assert_eq!(kyiv.refused(plan(case, key, "", None)).kind, FailureKind::NotFound);
    let odd = kyiv.written(plan(case, "stage", "waiting_at_the_coast", None));
    assert_eq!(odd.warnings.len(), 1);
    let shown = Some(vec![opened.items[0].short()]);
    assert_eq!(kyiv.refused(plan(case, "stage", "located", shown)).kind, FailureKind::NotFound);
}

#[test]
fn the_note_grows_by_lines_and_is_spliced_where_it_was_seen() {
    let (kyiv, opened) = office();
    let case = opened.case;
    let text = || kyiv.sheet(opened.circle, case).note.reveal().clone();
    kyiv.written(note(case, None, "", "Бабуся телефонувала."));
    kyiv.written(note(case, None, "", "Call again on Monday.\r\n"));
    kyiv.written(note(case, None, "", "Done."));
    assert_eq!(text(), "Бабуся телефонувала.\nCall again on Monday.\nDone.");
    kyiv.written(note(case, Some(0), "Бабуся", "Тітка"));
    assert!(text().starts_with("Тітка телефонувала."));
    for (at, remove, insert) in
        [(Some(0), "Бабуся", "x"), (None, "Done.", ""), (None, "", ""), (Some(0), "", "\u{1b}[2J")]
    {
        assert_eq!(kyiv.refused(note(case, at, remove, insert)).kind, FailureKind::BadInput);
    }
    // Our own door stops before a note grows beyond reason; what stands is kept.
    let large = "x".repeat(limit::CLAIM_TEXT_BYTES - 1);
    for _ in 0..3 {
        kyiv.written(note(case, None, "", &large));
    }
    assert_eq!(kyiv.refused(note(case, None, "", &large)).kind, FailureKind::NotAllowed);
}

#[test]
fn two_cases_are_linked_from_both_sides_and_once() {
    let (kyiv, opened) = office();
    let other = kyiv.written(new("families", vec![claim("name", "Vesnova, Maria"), claim("id", "list:A7")]));
    let same = |other: &str| Request::CaseSame {
        circle: "families".into(),
        case: opened.case.hex(),
        other: other.into(),
        reason: "the same scar".into(),
    };
    let linked = kyiv.written(same("list:A7"));
    assert_eq!((linked.case, linked.items.len()), (opened.case, 1));
    for (case, other) in [(opened.case, other.case), (other.case, opened.case)] {
        let view = kyiv.sheet(opened.circle, case);
        let links: Vec<_> = view.current().filter(|claim| claim.claim.field == "same_child").collect();
        assert_eq!(links.len(), 1);
        assert_eq!(links[0].claim.value, Value::Case(other));
        assert_eq!(links[0].claim.source.text.reveal(), "the same scar");
    }
    assert_eq!(kyiv.refused(same("A7")).kind, FailureKind::BadInput);
    assert_eq!(kyiv.refused(same(&opened.case.hex())).kind, FailureKind::BadInput);
}

/// Two offices in one circle, each with a word on the same case; the second has a circle of its own.
#[test]
fn another_office_s_word_is_preferred_and_quoted_and_never_changed() {
    let (kyiv, doha) = (Trial::new("kyiv"), Trial::new("doha"));
    kyiv.trust(&doha);
    doha.trust(&kyiv);
    kyiv.circle("families", &["doha"]);
    let mut born = claim("birth_date", "2014-05-16");
    (born.source, born.given_by, born.confidence) = ("paper 7".into(), "aunt".into(), "reported".into());
    let theirs = kyiv.written(new("families", vec![born]));
    assert_eq!(theirs.readers.len(), 2);
    kyiv.hand_to(&doha, "doha");
    let case = theirs.case;
    let mut said = claim("birth_date", "2014-05-17");
    said.source = "own list".into();
    let ours = doha.written(say("families", case, vec![said.clone(), claim("hair", "fair")]));
    let (their_item, our_item) = (theirs.items[0], ours.items[0]);

    said.replaces = vec![their_item.short()];
    let failure = doha.refused(say("families", case, vec![said]));
    assert_eq!(failure.kind, FailureKind::NotAllowed);
    assert!(failure.then.contains("prefer"));
    let failure = doha.refused(withdraw(case, vec![their_item.short()]));
    assert!(failure.kind == FailureKind::NotAllowed && failure.then.contains("prefer"));

    let first = doha.written(prefer(case, our_item)).items[0];
    let second = doha.written(prefer(case, their_item)).items[0];
    assert_eq!(doha.refused(prefer(case, their_item)).kind, FailureKind::BadInput);
    assert_eq!(doha.refused(prefer(case, second)).kind, FailureKind::BadInput);
    let view = doha.sheet(theirs.circle, case);
    assert_eq!(view.prefers.len(), 1, "one for each field");
    assert_eq!((view.prefers[0].item, view.prefers[0].by), (their_item, second));
    assert!(view.claims.iter().any(|claim| claim.item == first && claim.replaced_by == [second]));

    let tracing = doha.circle("tracing", &[]);
    let Answer::Disclosure { to, readers, lines, .. } =
        doha.ask(tell(case, &[their_item, our_item], true)).unwrap()
    else {
        panic!("disclosure expected")
    };
    assert_eq!((to.as_str(), readers), ("tracing", vec!["doha".to_owned()]));
    let lines: Vec<&str> = lines.iter().map(|line| line.reveal().as_str()).collect();
    assert_eq!(
        lines,
        [
            "Date of birth: 2014-05-16 (as kyiv has it; reported)",
            "Date of birth: 2014-05-17 (source: own list)"
        ]
    );
    assert!(doha.node.shared.house().index.get(&tracing.circle, &case).is_none(), "only looked at");

    let told = doha.written(tell(case, &[their_item, our_item], false));
    assert_eq!((told.circle, told.items.len()), (tracing.circle, 2));
    let there = doha.sheet(tracing.circle, case);
    let quoted = there.claims.iter().find(|claim| claim.item == told.items[0]).unwrap();
    assert_eq!(quoted.claim.source.kind, SourceKind::Disclosed);
    assert_eq!(quoted.claim.source.text.reveal(), "kyiv");
    assert!(quoted.claim.source.given_by.is_empty(), "how they know stays behind");
    let origin = quoted.claim.origin.as_ref().unwrap();
    let kyiv_id = kyiv.node.shared.own;
    assert_eq!((origin.partner, origin.circle, origin.item), (kyiv_id, theirs.circle, their_item));
    let own = there.claims.iter().find(|claim| claim.item == told.items[1]).unwrap();
    assert_eq!(own.claim.source.text.reveal(), "own list");
    assert_eq!(own.claim.origin.as_ref().unwrap().item, our_item);
    let record = doha.sheet(theirs.circle, case).disclosed;
    assert_eq!(record.len(), 1);
    assert_eq!(record[0].disclosed.to, tracing.circle);
    assert_eq!(record[0].disclosed.readers, [doha.node.shared.own]);
    assert_eq!(record[0].disclosed.items, [their_item, our_item]);

    assert_eq!(doha.refused(tell(case, &[our_item], false)).kind, FailureKind::BadInput);
    assert_eq!(doha.refused(tell(case, &[second], false)).kind, FailureKind::BadInput);
    // A correction of what was told takes the place of what was told.
    let mut corrected = claim("birth_date", "2014-05-18");
    corrected.replaces = vec![our_item.short()];
    let corrected = doha.written(say("families", case, vec![corrected])).items[0];
    assert_eq!(doha.refused(tell(case, &[our_item], false)).kind, FailureKind::BadInput);
    let later = doha.written(tell(case, &[corrected], false));
    let there = doha.sheet(tracing.circle, case);
    assert_eq!(
        there.claims.iter().find(|claim| claim.item == told.items[1]).unwrap().replaced_by,
        later.items
    );

    // What doha said of its preference reaches the other office as doha's word.
    doha.hand_to(&kyiv, "kyiv");
    let view = kyiv.sheet(theirs.circle, case);
    assert_eq!(view.prefers.len(), 1);
    assert_eq!(view.prefers[0].partner, doha.node.shared.own);
    assert_eq!(view.disclosed.len(), 2);
}

#[test]
fn a_whole_id_leads_to_its_case_whatever_number_another_child_is_given() {
    let (kyiv, first) = office();
    let named = claim("outside_id", &format!("kyiv-list:{}", first.case.hex()));
    let second = kyiv.written(new("families", vec![claim("name", "Vesnova, Daria"), named]));
    let shown = |case: String| match kyiv.ask(Request::CaseShow { case, circle: None }).unwrap() {
        Answer::Case(view) => view.case,
        other => panic!("case expected, not {other:?}"),
    };
    assert_eq!(shown(first.case.hex()), first.case);
    assert_eq!(shown(second.case.hex()), second.case);
    assert_eq!(
        shown(format!("kyiv-list:{}", first.case.hex())),
        second.case,
        "the number itself is found as before"
    );
}
