//! Lists as offices save them, and as nobody should.

use super::*;
use crate::case::Edit;
use crate::case::edit::Change;
use crate::id::CaseId;
use crate::time::Millis;
use proptest::prelude::*;

const MAP: &str = r#"
    list = "spring-list"
    number = "No"
    required = ["Surname"]
    ignore = ["Spare"]
    given_by = "reception desk"
    [constants]
    direction = "to_third_country"
    [columns."Surname"]
    field = "name.surname"
    [columns."Given"]
    field = "name.given"
    [columns."Born"]
    field = "birth_date"
    dates = ["day_first", "year"]
    [columns."Sex"]
    field = "sex"
    values = { M = "male", F = "female" }
    [columns."Town"]
    field = "birthplace"
    [columns."Old town name"]
    field = "birthplace.also"
    [columns."Mother"]
    field = "relative.name.whole"
    group = "mother"
    with = { "relation" = "mother" }
"#;

const HEAD: &str = "No,Surname,Given,Born,Sex,Town,Old town name,Mother,Spare";

fn map() -> ListMap {
    ListMap::parse(MAP).unwrap()
}

fn read(lines: &[&str]) -> ListRead {
    let text = format!("{HEAD}\n{}\n", lines.join("\n"));
    read_list(text.as_bytes(), &map()).unwrap()
}

fn refusal(line: &str) -> Option<RowReason> {
    read(&[line]).refused.pop().map(|row| row.reason)
}

fn shown(row: &Row) -> Vec<String> {
    let line = |claim: &Claim| format!("{}[{}]={}", claim.field, claim.group, claim.value.line().reveal());
    row.claims.iter().map(line).collect()
}

#[test]
fn a_line_becomes_claims_with_their_source() {
    let list = read(&["S1,Vesnova,Marusia,16.05.2014,F,Bakhmut,Artemivsk,Vesnova Kira,x"]);
    assert_eq!(list.refused, []);
    let row = &list.rows[0];
    assert_eq!((row.line, row.number.reveal().as_str()), (2, "S1"));
    assert_eq!(
        shown(row),
        [
            "outside_id[]=spring-list:S1",
            "birth_date[]=2014-05-16",
            "birthplace[]=Bakhmut / Artemivsk",
            "direction[]=to_third_country",
            "name[]=Vesnova, Marusia",
            "relative.name[mother]=Vesnova Kira",
            "relative.relation[mother]=mother",
            "sex[]=female",
        ]
    );
    for claim in &row.claims {
        assert_eq!(claim.source.kind, SourceKind::ListLine);
        assert_eq!(claim.source.text.reveal(), "spring-list S1");
        assert_eq!(claim.source.given_by.reveal(), "reception desk");
    }
}

#[test]
fn empty_cells_say_nothing_and_empty_lines_are_no_lines() {
    let list = read(&["S1,Vesnova,,2014,,,,,", ",,,,,,,,", "", "S2,Lisova,,,,,,,"]);
    assert_eq!(list.refused, []);
    let first = [
        "outside_id[]=spring-list:S1",
        "birth_date[]=2014",
        "direction[]=to_third_country",
        "name[]=Vesnova,",
    ];
    assert_eq!(shown(&list.rows[0]), first);
    assert_eq!(list.rows[1].line, 5);
}

#[test]
fn a_broken_line_is_refused_with_its_reason_and_no_other() {
    let column = |name: &str| name.to_owned();
    let long = format!("S1,{},,,,,,,", "x".repeat(LIST_CELL_BYTES + 1));
    let wide = format!("S1,{0},{0},,,{0},,,", "x".repeat(LIST_CELL_BYTES));
    for (line, reason) in [
        (wide.as_str(), RowReason::TooLong),
        ("S1,Vesnova", RowReason::Cells { found: 2, expected: 9 }),
        (",Vesnova,,,,,,,", RowReason::NoNumber),
        ("S1,,,,,,,,", RowReason::Required { column: column("Surname") }),
        ("S1,Ves\u{202e}nova,,,,,,,", RowReason::Control { column: column("Surname") }),
        ("S1,Ves\u{1b}[2Jnova,,,,,,,", RowReason::Control { column: column("Surname") }),
        ("S1,Ves\0nova,,,,,,,", RowReason::Control { column: column("Surname") }),
        ("S\u{200f}1,Vesnova,,,,,,,", RowReason::Control { column: column("No") }),
        ("S1,Vesnova,,2014-05-16,,,,,", RowReason::Date { column: column("Born") }),
        ("S1,Vesnova,,31.02.2014,,,,,", RowReason::Date { column: column("Born") }),
        ("S1,Vesnova,,,ж,,,,", RowReason::NotInTable { column: column("Sex") }),
        (long.as_str(), RowReason::CellTooLong { column: column("Surname") }),
    ] {
        let list = read(&["S0,Lisova,,,,,,,", line, "S9,Hayova,,,,,,,"]);
        assert_eq!(list.refused, [RefusedRow { line: 3, reason }]);
        assert_eq!(list.rows.len(), 2);
    }
}

#[test]
fn a_number_on_two_lines_refuses_both() {
    let list = read(&["S1,Vesnova,,,,,,,", "S2,Lisova,,,,,,,", "S1,Hayova,,,,,,,"]);
    let same = |line, other| RefusedRow { line, reason: RowReason::SameNumber { other } };
    assert_eq!(list.refused, [same(2, 4), same(4, 2)]);
    assert_eq!(list.rows.len(), 1);
    // even if one of the two is broken in another way
    let list = read(&["S1,Vesnova,,,,,,,", "S1,,,,,,,,"]);
    assert_eq!(list.rows, []);
}

#[test]
fn a_number_said_twice_is_found_whatever_ends_the_lines() {
    for end in ["\n", "\r\n", "\r"] {
        let lines = [HEAD, "S1,Vesnova,,,,,,,", "S2,Koval,,,,,,,", "S1,Vesnova,,,,,,,", ""];
        let list = read_list(lines.join(end).as_bytes(), &map()).unwrap();
        assert_eq!(list.rows.iter().map(|row| row.line).collect::<Vec<_>>(), [3], "{end:?}");
        let refused = |line, other| RefusedRow { line, reason: RowReason::SameNumber { other } };
        assert_eq!(list.refused, [refused(2, 4), refused(4, 2)], "{end:?}");
    }
}

#[test]
fn quotes_breaks_and_guards_are_read_as_meant() {
    let text = format!(
        "\u{feff}{HEAD}\r\nS1,\"Ves, \"\"nova\"\"\",\"Ma\r\nrusia\",,,,,'-x,\r\n\"S2\",Lisova,,,,,,,"
    );
    let list = read_list(text.as_bytes(), &map()).unwrap();
    assert_eq!(list.refused, []);
    assert!(shown(&list.rows[0]).contains(&"name[]=Ves, \"nova\", Ma  rusia".to_owned()));
    assert!(shown(&list.rows[0]).contains(&"relative.name[mother]=-x".to_owned()));
    assert_eq!((list.rows[1].line, list.rows[1].number.reveal().as_str()), (4, "S2"));
}

#[test]
fn a_file_that_cannot_be_read_says_why() {
    let fault = |bytes: &[u8]| read_list(bytes, &map()).unwrap_err();
    assert_eq!(fault(b""), ListFault::NoHeadings);
    assert_eq!(fault(&vec![b' '; LIST_FILE_BYTES + 1]), ListFault::TooLong);
    assert_eq!(fault(b"No,Surname,Giv\xe5n"), ListFault::NotUtf8);
    // UTF-16, as some spreadsheets save "Unicode text"
    assert_eq!(fault(b"\xff\xfeN\0o\0"), ListFault::NotUtf8);
    let quote = format!("{HEAD}\nS1,\"Vesnova,,,,,,,\nS2,Lisova,,,,,,,\n");
    assert_eq!(fault(quote.as_bytes()), ListFault::OpenQuote { line: 2 });
    assert_eq!(fault(HEAD.replace(",Mother", "").as_bytes()), ListFault::MissingColumn("Mother".to_owned()));
    let more = HEAD.replace("Mother", "Mothr");
    let unknown = fault(more.as_bytes());
    assert!(
        matches!(&unknown, ListFault::UnknownColumn { place: 8, nearest: Some(near), .. } if near == "Mother")
    );
    assert!(!format!("{unknown} {unknown:?}").contains("Mothr"), "a heading may be a child's name");
    assert_eq!(fault(format!("{HEAD},No").as_bytes()), ListFault::RepeatedColumn { place: 10 });
    assert_eq!(fault(",".repeat(LIST_COLUMNS).as_bytes()), ListFault::TooManyColumns);
    let rows = format!("{HEAD}\n{}", "S1,x,,,,,,,\n".repeat(LIST_ROWS + 1));
    assert_eq!(fault(rows.as_bytes()), ListFault::TooManyRows);
}

#[test]
fn one_line_in_an_older_encoding_is_that_line_s_fault() {
    let mut bytes = format!("{HEAD}\nS1,Vesnova,,,,,,,\nS2,").into_bytes();
    bytes.extend_from_slice(b"\xcb\xb3\xf1\xee\xe2\xe0,,,,,,,\nS3,Hayova,,,,,,,\n");
    let list = read_list(&bytes, &map()).unwrap();
    assert_eq!(list.refused, [RefusedRow { line: 3, reason: RowReason::NotUtf8 }]);
    assert_eq!(list.rows.len(), 2);
}

#[test]
fn a_quote_inside_a_cell_is_a_letter() {
    assert_eq!(refusal("S1,Ves\"nova,,,,,,,"), None);
    assert_eq!(open_quote(b"a,\"b\"\"c\",d\n\"e\nf\"\n", b','), None);
    assert_eq!(open_quote(b"a\n\"b\"\"\nc", b','), Some(2));
}

proptest! {
    #[test]
    fn no_bytes_break_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let mut file = HEAD.as_bytes().to_vec();
        file.push(b'\n');
        file.extend_from_slice(&bytes);
        let _ = read_list(&bytes, &map());
        if let Ok(list) = read_list(&file, &map()) {
            for row in list.rows {
                let edit = Edit { case: CaseId([0; 16]), time: Millis(0), operator: "x".into(), change: Change::Claims(row.claims) };
                prop_assert_eq!(edit.check(), Ok(()));
            }
        }
    }

    #[test]
    fn every_line_is_imported_or_refused(cells in proptest::collection::vec("[A-Z0-9]{1,3}|\"[^\"\0]{0,4}\"|[^\",\r\n]{0,6}", 1..12)) {
        let line = cells.join(",");
        let list = read_list(format!("{HEAD}\nS0,Lisova,,,,,,,\n{line}\nS9999,Hayova,,,,,,,\n").as_bytes(), &map());
        if let Ok(list) = list {
            let blank = cells.iter().all(|cell| cell.trim_matches('"').trim().is_empty());
            let found = list.rows.len() + list.refused.len();
            prop_assert!(found == 3 || (blank && found == 2), "{} of 3", found);
        }
    }
}
