//! The demo lists, taken in twice, and what a changed cell does.

use crate::node::trial::Trial;
use crate::node::{Answer, ClaimIn, FailureKind, Request, RowOutcome};

const LISTS: [(&[u8], &str, usize); 3] = [
    (include_bytes!("../../cli/demo/kyiv-list.csv"), include_str!("../../cli/demo/kyiv-list.toml"), 561),
    (
        include_bytes!("../../cli/demo/moscow-reply.csv"),
        include_str!("../../cli/demo/moscow-reply.toml"),
        571,
    ),
    (include_bytes!("../../cli/demo/doha-sheet.csv"), include_str!("../../cli/demo/doha-sheet.toml"), 140),
];

const MAP: &str = r#"
    list = "spring-list"
    number = "No"
    [columns."Name"]
    field = "name.whole"
    [columns."Town"]
    field = "birthplace"
    [columns."Mother"]
    field = "relative.name.whole"
    group = "mother"
"#;

fn import(csv: impl Into<Vec<u8>>, map: &str, dry_run: bool) -> Request {
    Request::Import { circle: "families".into(), csv: csv.into(), map: map.into(), dry_run }
}

fn list(rows: &[&str]) -> String {
    format!("No,Name,Town,Mother\n{}\n", rows.join("\n"))
}

fn counts(answer: Answer) -> [usize; 4] {
    match answer {
        Answer::Imported { new, changed, unchanged, refused, .. } => [new, changed, unchanged, refused],
        other => panic!("import expected, not {other:?}"),
    }
}

fn office() -> Trial {
    let trial = Trial::new("kyiv");
    trial.circle("families", &[]);
    trial
}

#[test]
fn the_demo_lists_are_taken_in_once() {
    let trial = office();
    for (csv, map, lines) in LISTS {
        let (rows, answer) = trial.rows(import(csv, map, false));
        let [new, changed, unchanged, refused] = counts(answer.unwrap());
        assert_eq!((changed, unchanged, new + refused, rows.len()), (0, 0, lines, lines));
        assert!(rows.is_sorted_by_key(|row| row.line));
        assert!(rows.iter().all(|row| (row.outcome == RowOutcome::Refused) == row.case.is_none()));
        assert!(rows.iter().all(|row| (row.outcome == RowOutcome::New) == row.detail.is_empty()));
        let edits = trial.node.shared.house().circles.values().map(|circle| circle.waiting).sum::<u64>();
        let (_, answer) = trial.rows(import(csv, map, false));
        assert_eq!(counts(answer.unwrap()), [0, 0, new, refused]);
        let after = trial.node.shared.house().circles.values().map(|circle| circle.waiting).sum::<u64>();
        assert_eq!(edits, after, "a second run writes nothing");
    }
}

#[test]
fn a_changed_cell_changes_its_case_and_an_empty_one_is_reported() {
    let trial = office();
    let first = list(&["S1,Marusia V.,Tokmak,Olena V.", "S2,Petro K.,Polohy,"]);
    let (rows, _) = trial.rows(import(first, MAP, false));
    let case = rows[0].case.unwrap();
    let second = list(&["S1,Marusia V.,Bakhmut,", "S2,Petro K.,Polohy,", "S3,Ulyana K.,,", ",No Number,,"]);
    let (rows, answer) = trial.rows(import(second.clone(), MAP, true));
    assert_eq!(counts(answer.unwrap()), [1, 1, 1, 1]);
    assert!(rows.iter().all(|row| row.case.is_none()), "a dry run names no case");
    let (rows, answer) = trial.rows(import(second.clone(), MAP, false));
    assert_eq!(counts(answer.unwrap()), [1, 1, 1, 1]);
    assert_eq!(rows[0].outcome, RowOutcome::Changed);
    assert_eq!(rows[0].case, Some(case));
    assert_eq!(rows[0].detail, "Place of birth; no longer on the line and left standing: Name (mother)");
    assert_eq!(rows[3].outcome, RowOutcome::Refused);
    assert!(rows[3].detail.contains("no number"));
    let circle = trial.node.shared.house().find_circle("families").unwrap();
    let view = trial.sheet(circle, case);
    let born: Vec<String> = view
        .current()
        .filter(|claim| claim.claim.field == "birthplace")
        .map(|claim| claim.claim.value.line().reveal().clone())
        .collect();
    assert_eq!(born, ["Bakhmut"]);
    let (_, answer) = trial.rows(import(second, MAP, false));
    assert_eq!(counts(answer.unwrap()), [0, 0, 3, 1]);
}

#[test]
fn a_line_finds_the_case_that_was_numbered_by_hand() {
    let trial = office();
    let claim =
        |field: &str, value: &str| ClaimIn { field: field.into(), value: value.into(), ..ClaimIn::default() };
    let opened = trial.written(Request::CaseNew {
        circle: "families".into(),
        case: None,
        claims: vec![claim("outside_id", "spring-list:S1"), claim("birthplace", "Tokmak")],
    });
    // The same number in another office's numbering is another child.
    trial.written(Request::CaseNew {
        circle: "families".into(),
        case: None,
        claims: vec![claim("outside_id", "autumn-list:S1")],
    });
    let csv = list(&["S1,Marusia V.,Tokmak,"]);
    let (rows, _) = trial.rows(import(csv.clone(), MAP, false));
    assert_eq!((rows[0].outcome, rows[0].case), (RowOutcome::Changed, Some(opened.case)));
    let (rows, _) = trial.rows(import(csv, MAP, false));
    assert_eq!((rows[0].outcome, rows[0].case), (RowOutcome::Unchanged, Some(opened.case)));
}

#[test]
fn what_stops_a_whole_list_is_said_and_nothing_is_written() {
    let mut trial = office();
    let csv = list(&["S1,Marusia V.,Tokmak,"]);
    for (csv, map) in [(csv.clone(), "list = 1"), ("No,Nmae\nS1,Marusia\n".to_owned(), MAP)] {
        let (rows, answer) = trial.rows(import(csv, map, false));
        let failure = answer.unwrap_err();
        assert!(rows.is_empty() && failure.kind == FailureKind::BadInput);
        assert!(!format!("{failure:?}").contains("Marusia"));
    }
    trial.operator = String::new();
    assert!(trial.refused(import(csv.clone(), MAP, false)).then.contains("--as"));
    assert_eq!(counts(trial.ask(import(csv, MAP, true)).unwrap()), [1, 0, 0, 0], "looking needs no name");
    assert_eq!(trial.node.shared.house().index.rows().count(), 0);
}
