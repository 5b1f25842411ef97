//! A list that is taken in twice changes nothing; one cell that differs changes one line; lists of two offices stand
//! beside each other.
//!
//! The lists are the demo's, with its maps: 561, 571 and 140 lines, some of them odd.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "what goes wrong here fails the test"
)]

mod offices;

use homeward::id::CaseId;
use homeward::node::{Request, RowOutcome};
use offices::{Office, found, introduce, level};
use std::collections::{BTreeMap, BTreeSet};

const CIRCLE: &str = "list";
const LISTS: [(&str, &str, &str); 3] = [
    (
        "kyiv-list",
        include_str!("../src/cli/demo/kyiv-list.csv"),
        include_str!("../src/cli/demo/kyiv-list.toml"),
    ),
    (
        "moscow-reply",
        include_str!("../src/cli/demo/moscow-reply.csv"),
        include_str!("../src/cli/demo/moscow-reply.toml"),
    ),
    (
        "doha-sheet",
        include_str!("../src/cli/demo/doha-sheet.csv"),
        include_str!("../src/cli/demo/doha-sheet.toml"),
    ),
];

fn pair(root: &std::path::Path) -> (Office, Office, String) {
    let (mut kyiv, mut doha) = (Office::new(root, "kyiv"), Office::new(root, "doha"));
    introduce(&mut [&mut kyiv, &mut doha]);
    kyiv.dials(&doha);
    let circle = found(&mut kyiv, CIRCLE, &["doha"], &[]);
    kyiv.start();
    doha.start();
    level(&mut [&mut kyiv, &mut doha], &circle);
    (kyiv, doha, circle)
}

/// Edits and cases of a circle, and what waits.
fn counts(office: &mut Office, circle: &str) -> (u64, u64) {
    let status = office.circle(circle).unwrap();
    (status.edits, status.cases)
}

#[test]
fn a_second_run_changes_nothing_and_a_changed_cell_one_line() {
    let root = tempfile::tempdir().unwrap();
    let (mut kyiv, mut doha, circle) = pair(root.path());
    let mut opened: BTreeMap<&str, BTreeMap<String, CaseId>> = BTreeMap::new();
    for (name, csv, map) in LISTS {
        let lines = csv.lines().count() - 1;
        let before = counts(&mut kyiv, &circle);
        let (rows, [new, changed, unchanged, refused]) = kyiv.import(CIRCLE, csv.as_bytes(), map);
        assert_eq!((rows.len(), new + refused, changed, unchanged), (lines, lines, 0, 0), "{name}");
        assert!(new > 20 && refused < new, "{name}: {new} new, {refused} refused");
        let after = counts(&mut kyiv, &circle);
        assert_eq!(
            after,
            (before.0 + new as u64, before.1 + new as u64),
            "{name}: one edit and sheet a line"
        );
        let cases = rows
            .into_iter()
            .filter(|row| row.outcome == RowOutcome::New)
            .map(|row| (row.number.reveal().clone(), row.case.unwrap()))
            .collect();
        opened.insert(name, cases);
    }
    level(&mut [&mut kyiv, &mut doha], &circle);
    let sheets = kyiv.all_sheets(CIRCLE);
    assert_eq!(doha.all_sheets(CIRCLE), sheets);

    // Again: while it runs, and after a restart.
    let before = counts(&mut kyiv, &circle);
    for restarted in [false, true] {
        if restarted {
            kyiv.stop();
            kyiv.start();
        }
        for (name, csv, map) in LISTS {
            let (rows, [new, changed, unchanged, _]) = kyiv.import(CIRCLE, csv.as_bytes(), map);
            assert_eq!((new, changed, unchanged), (0, 0, opened[name].len()), "{name}");
            for row in rows.iter().filter(|row| row.outcome == RowOutcome::Unchanged) {
                assert_eq!(row.case, Some(opened[name][row.number.reveal()]), "{name}: the same case");
            }
        }
        assert_eq!(counts(&mut kyiv, &circle), before, "no edit was written");
    }

    // One cell of one line.
    let (_, csv, map) = LISTS[0];
    let changed_csv = csv.replacen("26.01.2016", "27.01.2016", 1);
    assert_ne!(changed_csv, csv);
    let (rows, [new, changed, unchanged, _]) = kyiv.import(CIRCLE, changed_csv.as_bytes(), map);
    assert_eq!((new, changed, unchanged), (0, 1, opened["kyiv-list"].len() - 1));
    let row = rows.iter().find(|row| row.outcome == RowOutcome::Changed).unwrap();
    assert_eq!((row.number.reveal().as_str(), row.line), ("K0001", 2));
    assert_eq!(row.detail, "Date of birth", "exactly what changed is named");
    assert_eq!(counts(&mut kyiv, &circle), (before.0 + 1, before.1), "one edit");
    let case = opened["kyiv-list"]["K0001"];
    let (_, again) = kyiv.import(CIRCLE, changed_csv.as_bytes(), map);
    assert_eq!((again[0], again[1]), (0, 0), "and that is said once");

    // At the partner the same: one sheet differs from before, and in it nothing is gone.
    level(&mut [&mut kyiv, &mut doha], &circle);
    let there = doha.all_sheets(CIRCLE);
    let differ: Vec<_> = there.iter().filter(|(case, sheet)| sheets.get(case) != Some(*sheet)).collect();
    assert_eq!(differ.iter().map(|(case, _)| **case).collect::<Vec<_>>(), [case]);
    let sheet = doha.sheet(CIRCLE, case).unwrap();
    let births: Vec<_> = sheet.claims.iter().filter(|claim| claim.claim.field == "birth_date").collect();
    assert_eq!(births.len(), 2, "the earlier date is kept");
    assert_eq!(births.iter().filter(|claim| claim.is_current()).count(), 1);
}

#[test]
fn a_list_taken_in_by_two_offices_overwrites_nothing() {
    let root = tempfile::tempdir().unwrap();
    let (mut kyiv, mut doha, circle) = pair(root.path());
    let (_, csv, map) = LISTS[2];
    let (_, [new, ..]) = kyiv.import(CIRCLE, csv.as_bytes(), map);
    level(&mut [&mut kyiv, &mut doha], &circle);
    let cases: BTreeSet<CaseId> = kyiv.cases(CIRCLE).into_iter().collect();
    let before = kyiv.all_sheets(CIRCLE);

    // Doha takes in its own print of it, which has another date for one child: it says so beside Kyiv's words.
    let other = csv.replacen("2015-01-22", "2015-01-23", 1);
    let (rows, counts) = doha.import(CIRCLE, other.as_bytes(), map);
    assert_eq!(counts[0], 0, "Doha finds the cases that Kyiv opened");
    assert!(rows.iter().filter_map(|row| row.case).all(|case| cases.contains(&case)));
    level(&mut [&mut kyiv, &mut doha], &circle);
    assert_eq!(kyiv.all_sheets(CIRCLE), doha.all_sheets(CIRCLE));
    let kyiv_partner = kyiv.info().partner;
    let mut differs = 0;
    for case in &cases {
        let sheet = kyiv.sheet(CIRCLE, *case).unwrap();
        let said_before = before[case]["claims"].as_array().unwrap().len();
        let of_kyiv: Vec<_> =
            sheet.claims.iter().filter(|claim| claim.written.partner == kyiv_partner).collect();
        assert_eq!(of_kyiv.len(), said_before);
        assert!(of_kyiv.iter().all(|claim| claim.is_current()), "what Kyiv said stands");
        assert!(sheet.claims.len() > said_before, "what Doha said stands beside it");
        differs += sheet.differs.len();
    }
    assert_eq!((cases.len(), differs), (new, 1), "they differ on one date");

    // Both take theirs in again: nobody takes back what the other said, and nothing is said again.
    let (_, again) = kyiv.import(CIRCLE, csv.as_bytes(), map);
    assert_eq!((again[0], again[1]), (0, 0));
    let (_, again) = doha.import(CIRCLE, other.as_bytes(), map);
    assert_eq!((again[0], again[1]), (0, 0));
}

#[test]
fn two_offices_that_take_a_list_in_apart_lose_neither() {
    let root = tempfile::tempdir().unwrap();
    let (mut kyiv, mut doha, circle) = pair(root.path());
    let (_, csv, map) = LISTS[1];
    for office in [&mut kyiv, &mut doha] {
        office.ask(Request::Pause { partner: None });
    }
    let (_, first) = kyiv.import(CIRCLE, csv.as_bytes(), map);
    let (_, second) = doha.import(CIRCLE, csv.as_bytes(), map);
    assert_eq!(first, second);
    for office in [&mut kyiv, &mut doha] {
        office.ask(Request::Resume { partner: None });
    }
    level(&mut [&mut kyiv, &mut doha], &circle);
    let sheets = kyiv.all_sheets(CIRCLE);
    assert_eq!(doha.all_sheets(CIRCLE), sheets);
    assert_eq!(
        sheets.len(),
        first[0] * 2,
        "each opened its own cases: a person says which are the same child"
    );
    // Each still knows its own.
    for office in [&mut kyiv, &mut doha] {
        let (_, again) = office.import(CIRCLE, csv.as_bytes(), map);
        assert_eq!((again[0], again[1], again[2]), (0, 0, first[0]), "{}", office.name);
    }
    assert_eq!(counts(&mut kyiv, &circle).0, first[0] as u64 * 2);
}
