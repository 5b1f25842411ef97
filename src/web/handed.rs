//! Tables that leave the desk as files: CSV for any program, XLSX for spreadsheets. No cell is ever a formula.

use super::fault::Fault;
use crate::case::guard_cell;
use axum::response::{IntoResponse, Response};
use rust_xlsxwriter::{Format, Workbook};
use zeroize::Zeroizing;

/// The longest text that a spreadsheet's cell takes, in its own units of two bytes.
const CELL_UNITS: usize = 32_767;

/// Lines of cells under their headings.
pub(super) struct Sheet {
    pub(super) headings: Vec<String>,
    pub(super) lines: Vec<Vec<String>>,
}

/// In which form a table is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Csv,
    Xlsx,
}

impl Form {
    /// As pages name it; CSV if they do not.
    pub(super) fn named(name: &str) -> Self {
        if name == "xlsx" { Self::Xlsx } else { Self::Csv }
    }
}

impl Sheet {
    /// As an answer that a browser saves under a name.
    pub(super) fn hand_over(&self, name: &str, form: Form) -> Result<Response, Fault> {
        let (media, end, bytes) = match form {
            Form::Csv => ("text/csv; charset=utf-8", "csv", self.csv()?),
            Form::Xlsx => {
                ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx", self.xlsx()?)
            }
        };
        let saved = format!("attachment; filename=\"{name}.{end}\"");
        Ok(([("content-type", media), ("content-disposition", saved.as_str())], bytes).into_response())
    }

    /// UTF-8 with its mark, so that spreadsheets read it as what it is; cells that would be formulas are guarded.
    fn csv(&self) -> Result<Vec<u8>, Fault> {
        let mut writer = csv::Writer::from_writer(Vec::from(*b"\xef\xbb\xbf"));
        for line in std::iter::once(&self.headings).chain(&self.lines) {
            let cells = line.iter().map(|cell| guard_cell(cell).into_owned());
            writer.write_record(cells).map_err(|_| Fault::Template)?;
        }
        writer.into_inner().map_err(|_| Fault::Template)
    }

    /// Every cell a text, and marked as one: what looks like a number or a date stays what was written.
    fn xlsx(&self) -> Result<Vec<u8>, Fault> {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        let (text, head) = (Format::new().set_num_format("@"), Format::new().set_num_format("@").set_bold());
        for (row, line) in (0..).zip(std::iter::once(&self.headings).chain(&self.lines)) {
            for (column, cell) in (0..).zip(line) {
                let format = if row == 0 { &head } else { &text };
                let cell = Zeroizing::new(fitting(cell));
                sheet
                    .write_string_with_format(row, column, cell.as_str(), format)
                    .map_err(|_| Fault::Template)?;
            }
        }
        book.save_to_buffer().map_err(|_| Fault::Template)
    }
}

/// A text as far as a cell takes it.
fn fitting(text: &str) -> String {
    let mut units = 0;
    text.chars()
        .take_while(|c| {
            units += c.len_utf16();
            units <= CELL_UNITS
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::read_workbook;

    fn sheet() -> Sheet {
        let hostile = ["=HYPERLINK(\"http://x\")", "<script>alert(1)</script>", "+380", "007", "a,\"b\"\nc"];
        Sheet {
            headings: vec!["№".into(), "Ім'я".into(), "c".into(), "d".into(), "e".into()],
            lines: vec![hostile.map(str::to_owned).to_vec()],
        }
    }

    #[test]
    fn nothing_in_a_csv_is_a_formula() {
        let csv = String::from_utf8(sheet().csv().unwrap()).unwrap();
        assert!(csv.starts_with("\u{feff}№,Ім'я"));
        assert!(csv.contains("\"'=HYPERLINK(\"\"http://x\"\")\",<script>alert(1)</script>,'+380,007"));
    }

    #[test]
    fn a_workbook_holds_texts_alone() {
        let bytes = sheet().xlsx().unwrap();
        let mut parts = zip::ZipArchive::new(std::io::Cursor::new(bytes.as_slice())).unwrap();
        let mut xml = String::new();
        let mut part = parts.by_name("xl/worksheets/sheet1.xml").unwrap();
        std::io::Read::read_to_string(&mut part, &mut xml).unwrap();
        assert!(!xml.contains("<f>") && !xml.contains("hyperlink") && xml.contains("t=\"s\""));
        let read = String::from_utf8(read_workbook(&bytes, "", b',').unwrap().csv).unwrap();
        assert!(
            read.contains("\"=HYPERLINK(\"\"http://x\"\")\",\"<script>alert(1)</script>\",\"+380\",\"007\"")
        );
    }

    #[test]
    fn a_long_text_ends_where_a_cell_does() {
        assert_eq!(fitting(&"𝒳".repeat(20_000)).encode_utf16().count(), CELL_UNITS - 1);
    }
}
