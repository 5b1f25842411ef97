use super::*;
use crate::case::{ListMap, read_list};
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook as Book};
use std::io::Write;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// A workbook of one sheet of texts.
fn book(lines: &[&[&str]]) -> Vec<u8> {
    let mut book = Book::new();
    let sheet = book.add_worksheet();
    for (row, line) in (0..).zip(lines) {
        for (column, cell) in (0..).zip(*line) {
            sheet.write_string(row, column, *cell).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

/// A ZIP of parts by name.
fn parts(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

const RELATIONS: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;
const PACKAGE: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const BOOK: &str = r#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="List" sheetId="1" r:id="rId1"/></sheets></workbook>"#;

/// A workbook whose only sheet has these rows, as XML.
fn sheet(before: &str, rows: &str) -> Vec<u8> {
    let sheet = format!(
        r#"<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{before}<sheetData>{rows}</sheetData></worksheet>"#
    );
    parts(&[
        ("_rels/.rels", PACKAGE.as_bytes()),
        ("xl/workbook.xml", BOOK.as_bytes()),
        ("xl/_rels/workbook.xml.rels", RELATIONS.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ])
}

fn csv(bytes: &[u8]) -> Result<String, WorkbookFault> {
    read_workbook(bytes, "", b',').map(|book| String::from_utf8(book.csv).unwrap())
}

fn inline(place: &str, text: &str) -> String {
    format!(r#"<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>"#)
}

#[test]
fn a_sheet_becomes_the_csv_of_its_values() {
    let mut book = Book::new();
    book.add_worksheet().set_name("Notes").unwrap();
    let sheet = book.add_worksheet().set_name("List").unwrap();
    let day = Format::new().set_num_format("dd.mm.yyyy");
    for (column, heading) in (0..).zip(["No", "Name", "Born", "Height", "Here"]) {
        sheet.write_string(1, column, heading).unwrap();
    }
    sheet.write_number(2, 0, 7.0).unwrap();
    sheet.write_string(2, 1, "Ковальчук \"Олена\",\nдруга").unwrap();
    sheet.write_datetime_with_format(2, 2, ExcelDateTime::from_ymd(2014, 5, 16).unwrap(), &day).unwrap();
    sheet.write_number(2, 3, 131.5).unwrap();
    sheet.write_boolean(2, 4, true).unwrap();
    sheet.write_string(4, 0, "8").unwrap();
    let bytes = book.save_to_buffer().unwrap();
    let read = read_workbook(&bytes, "", b';').unwrap();
    assert_eq!(
        String::from_utf8(read.csv).unwrap(),
        "\n\"No\";\"Name\";\"Born\";\"Height\";\"Here\"\n\
         \"7\";\"Ковальчук \"\"Олена\"\", друга\";\"2014-05-16\";\"131.5\";\"yes\"\n\n\"8\";;;;\n"
    );
    assert_eq!((read.sheets.len(), read.sheet.reveal().as_str()), (2, "List"), "the first with cells");
    assert_eq!(read_workbook(&bytes, "Notes", b',').map(|read| read.csv), Ok(Vec::new()));
    assert_eq!(read_workbook(&bytes, "Lost", b','), Err(WorkbookFault::OtherSheet));
}

#[test]
fn a_list_in_a_workbook_is_read_with_the_rows_own_numbers() {
    let map =
        ListMap::parse("list = \"l\"\nnumber = \"No\"\n[columns.Name]\nfield = \"name.whole\"").unwrap();
    let bytes = book(&[&["No", "Name"], &["1", "<script>alert(1)</script>"], &["", ""], &["", "nobody"]]);
    let read = read_list(&read_workbook(&bytes, "", b',').unwrap().csv, &map).unwrap();
    assert_eq!((read.rows.len(), read.rows[0].line, read.rows[0].number.reveal().as_str()), (1, 2, "1"));
    assert_eq!(read.refused[0].line, 4);
    // Script in a cell is the text of a name like any other.
    assert!(read.rows[0].claims.iter().any(|claim| claim.value.line().reveal().contains("<script>")));
}

#[test]
fn formulas_are_neither_computed_nor_shown() {
    let mut book = Book::new();
    let sheet = book.add_worksheet();
    sheet.write_string(0, 0, "a").unwrap();
    sheet.write_formula(1, 0, Formula::new("=HYPERLINK(\"http://x\")").set_result("saved")).unwrap();
    assert_eq!(csv(&book.save_to_buffer().unwrap()).unwrap(), "\"a\"\n\"saved\"\n");
    let failed = sheet_of_error();
    assert_eq!(csv(&failed), Err(WorkbookFault::ErrorCell("B2".into())));
}

fn sheet_of_error() -> Vec<u8> {
    sheet("", r#"<row r="2"><c r="B2" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>"#)
}

#[test]
fn a_sheet_is_as_large_as_its_cells_and_not_as_it_claims() {
    let one = inline("A1", "a");
    let huge = sheet(r#"<dimension ref="A1:XFD1048576"/>"#, &format!("<row>{one}</row>"));
    assert_eq!(csv(&huge).unwrap(), "\"a\"\n");
    let far = |place: &str| sheet("", &format!("<row>{one}</row><row>{}</row>", inline(place, "b")));
    assert_eq!(csv(&far("A1048576")), Err(WorkbookFault::TooManyRows));
    assert_eq!(csv(&far("XFD2")), Err(WorkbookFault::TooManyColumns));
    let long = sheet("", &format!("<row>{}</row>", inline("C1", &"x".repeat(LIST_CELL_BYTES + 1))));
    assert_eq!(csv(&long), Err(WorkbookFault::CellTooLong("C1".into())));
}

#[test]
fn cells_that_go_back_are_refused() {
    for (first, second) in [("B1", "A1"), ("A1", "A1"), ("A2", "A1")] {
        let rows = format!("<row>{}{}</row>", inline(first, "a"), inline(second, "b"));
        assert_eq!(csv(&sheet("", &rows)), Err(WorkbookFault::Broken), "{first} {second}");
    }
}

#[test]
fn what_unpacks_to_more_than_a_list_is_not_read() {
    let zeros = vec![b' '; WORKBOOK_UNPACKED_BYTES + 1];
    let bomb = parts(&[("xl/media/x", &zeros)]);
    assert!(bomb.len() < 1024 * 1024);
    assert_eq!(csv(&bomb), Err(WorkbookFault::Bomb));
    let tags = parts(&[("xl/sharedStrings.xml", "<si/>".repeat(WORKBOOK_ELEMENTS + 1).as_bytes())]);
    assert_eq!(csv(&tags), Err(WorkbookFault::Bomb));
    let styles =
        format!("<styleSheet><cellXfs>{}</cellXfs></styleSheet>", "<xf/>".repeat(WORKBOOK_STYLE_BYTES / 5));
    assert_eq!(csv(&parts(&[("any", styles.as_bytes())])), Err(WorkbookFault::Bomb));
    let many: Vec<(String, &[u8])> = (0..=WORKBOOK_PARTS).map(|n| (n.to_string(), &b""[..])).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|(name, bytes)| (name.as_str(), *bytes)).collect();
    assert_eq!(csv(&parts(&many)), Err(WorkbookFault::Bomb));
}

#[test]
fn entities_are_not_multiplied() {
    let rows = format!("<row>{}</row>", inline("A1", "&a;&a;"));
    let laughs = "<!DOCTYPE x [<!ENTITY b \"ha\"><!ENTITY a \"&b;&b;&b;&b;\">]>";
    let read = csv(&sheet(laughs, &rows));
    assert!(!read.clone().unwrap_or_default().contains("haha"), "{read:?}");
    let plain = csv(&sheet("", &format!("<row>{}</row>", inline("A1", "&lt;b&gt;"))));
    assert_eq!(plain.as_deref(), Ok("\"<b>\"\n"), "the five of XML are read");
}

#[test]
fn what_is_no_workbook_says_so() {
    assert!(is_workbook(b"PK\x03\x04") && !is_workbook(b"No,Name\n"));
    let old = [&[0xd0, 0xcf, 0x11, 0xe0][..], &[0; 512]].concat();
    assert!(is_workbook(&old));
    assert_eq!(csv(&old), Err(WorkbookFault::OldOrLocked));
    assert_eq!(csv(b"PK\x03\x04 and no more"), Err(WorkbookFault::Broken));
    assert_eq!(csv(&parts(&[("word/document.xml", b"<w/>")])), Err(WorkbookFault::Broken));
    let no_sheet =
        parts(&[("xl/workbook.xml", BOOK.as_bytes()), ("xl/_rels/workbook.xml.rels", RELATIONS.as_bytes())]);
    assert_eq!(csv(&no_sheet), Err(WorkbookFault::Broken), "a part is missing");
    assert_eq!(csv(&sheet("", "")), Err(WorkbookFault::NoSheet));
    assert_eq!(csv(&vec![b'P'; LIST_FILE_BYTES + 1]), Err(WorkbookFault::TooLong));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(200))]
    #[test]
    fn no_damage_breaks_the_reader(at in 0usize..4_000, byte: u8, cut in 0usize..4_000) {
        let mut bytes = book(&[&["No", "Name"], &["1", "Тарас"]]);
        let place = at % bytes.len();
        bytes[place] = byte;
        let _ = csv(&bytes);
        bytes.truncate(cut);
        let _ = csv(&bytes);
    }
}
