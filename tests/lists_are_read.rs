//! The lists of three offices are read whole, with three styles of date, and read again without any change.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use homeward::case::{
    Change, Claim, Edit, Held, ListMap, Precision, Row, RowPlan, Value, compare, fold_keys, matches,
    read_list,
};
use homeward::id::{CaseId, EditRef, InstanceId, ItemRef, Life, NodeId};
use homeward::time::Millis;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const LISTS: [(&str, usize); 3] = [("kyiv-list", 561), ("doha-sheet", 140), ("moscow-reply", 571)];

fn demo(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli/demo").join(name)
}

fn map(list: &str) -> ListMap {
    ListMap::parse(&std::fs::read_to_string(demo(&format!("{list}.toml"))).unwrap()).unwrap()
}

fn rows(list: &str) -> Vec<Row> {
    let read = read_list(&std::fs::read(demo(&format!("{list}.csv"))).unwrap(), &map(list)).unwrap();
    assert_eq!(read.refused, [], "{list}");
    read.rows
}

fn value<'a>(row: &'a Row, field: &str) -> Option<&'a Value> {
    row.claims.iter().find(|claim| claim.field == field).map(|claim| &claim.value)
}

fn line(row: &Row, field: &str) -> String {
    value(row, field).map(|value| value.line().reveal().clone()).unwrap_or_default()
}

fn held(claims: Vec<Claim>) -> Vec<Held> {
    let life = Life { node: NodeId([1; 32]), instance: InstanceId([2; 16]) };
    let edit = EditRef { life, number: 1 };
    let held = |(place, claim)| Held { item: ItemRef { edit, place: place as u16 }, claim, live: true };
    claims.into_iter().enumerate().map(held).collect()
}

#[test]
fn every_line_is_read_and_is_a_sound_edit() {
    for (list, count) in LISTS {
        let rows = rows(list);
        assert_eq!(rows.len(), count, "{list}");
        for row in rows {
            let change = Change::Claims(row.claims);
            let edit = Edit { case: CaseId([3; 16]), time: Millis(1), operator: "desk".into(), change };
            assert_eq!(edit.check(), Ok(()), "{list}, line {}", row.line);
        }
    }
}

#[test]
fn a_second_run_of_a_list_changes_nothing_even_in_another_order() {
    for (list, _) in LISTS {
        let map = map(list);
        let cases: BTreeMap<String, Vec<Held>> = rows(list)
            .into_iter()
            .map(|row| match compare(&map, &row, &[]) {
                RowPlan::New(claims) => (row.number.reveal().clone(), held(claims)),
                other => panic!("{list}, line {}: {other:?}", row.line),
            })
            .collect();
        let text = std::fs::read_to_string(demo(&format!("{list}.csv"))).unwrap();
        let mut lines: Vec<&str> = text.lines().collect();
        lines[1..].reverse();
        for row in read_list(lines.join("\n").as_bytes(), &map).unwrap().rows {
            let plan = compare(&map, &row, &cases[row.number.reveal()]);
            assert_eq!(plan, RowPlan::Unchanged { left_out: vec![] }, "{list}, line {}", row.line);
        }
    }
}

#[test]
fn one_corrected_cell_is_one_claim() {
    let map = map("doha-sheet");
    let text = std::fs::read_to_string(demo("doha-sheet.csv")).unwrap();
    let before = rows("doha-sheet");
    let corrected = text.replacen("2015-01-22", "2015-01-23", 1);
    let mut changed = Vec::new();
    for (row, old) in read_list(corrected.as_bytes(), &map).unwrap().rows.iter().zip(before) {
        match compare(&map, row, &held(old.claims)) {
            RowPlan::Unchanged { .. } => {}
            RowPlan::Changed { claims, .. } => changed.extend(claims),
            RowPlan::New(_) => panic!("line {} is not new", row.line),
        }
    }
    assert_eq!(changed.len(), 1);
    assert_eq!((changed[0].field.as_str(), changed[0].replaces.len()), ("birth_date", 1));
    assert_eq!(changed[0].value.line().reveal(), "2015-01-23");
}

#[test]
fn dates_keep_the_precision_of_their_list() {
    let years = |list: &str| {
        let year = |row: &&Row| matches!(value(row, "birth_date"), Some(Value::Date(d)) if d.precision == Precision::Year);
        rows(list).iter().filter(year).count()
    };
    assert_eq!((years("kyiv-list"), years("doha-sheet"), years("moscow-reply")), (49, 0, 59));
    assert_eq!(line(&rows("kyiv-list")[0], "birth_date"), "2016-01-26");
    assert_eq!(line(&rows("doha-sheet")[0], "birth_date"), "2015-01-22");
    assert_eq!(line(&rows("moscow-reply")[0], "birth_date"), "2014-09-28");
    assert_eq!(line(&rows("moscow-reply")[0], "whereabouts.placement"), "institution");
    assert_eq!(line(&rows("kyiv-list")[0], "relative.relation"), "mother");
}

#[test]
fn a_child_of_one_list_is_found_in_another_s_spelling() {
    let root = std::env::var_os("HOMEWARD_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data"), PathBuf::from);
    let Ok(truth) = std::fs::read_to_string(root.join("lists/truth.csv")) else {
        use std::io::Write as _;
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/skipped.txt");
        let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
        let _ = file.and_then(|mut file| writeln!(file, "lists_are_read: lists/truth.csv is not here"));
        return;
    };
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    for (list, _) in LISTS {
        for row in rows(list) {
            // Without the father's name: one list often lacks it.
            let name = match value(&row, "name") {
                Some(Value::Name(name)) if !name.whole.is_empty() => name.whole.reveal().clone(),
                Some(Value::Name(name)) => format!("{} {}", name.surname.reveal(), name.given.reveal()),
                _ => panic!("{list}, line {} has no name", row.line),
            };
            names.insert(row.number.reveal().clone(), name);
        }
    }
    let (mut same, mut found, mut apart) = (0, 0, Vec::new());
    for pair in truth.lines().skip(1) {
        let cells: Vec<&str> = pair.split(',').collect();
        if cells[2].contains("name changed") {
            continue;
        }
        same += 1;
        match matches(&names[cells[0]], &fold_keys(&names[cells[1]])) {
            Some(_) => found += 1,
            None => apart.push(format!("{} {}", cells[0], cells[1])),
        }
    }
    println!("{found} of {same} children found by name across lists; apart: {apart:?}");
    assert!(found * 100 >= same * 97, "{found} of {same}: {apart:?}");
}
