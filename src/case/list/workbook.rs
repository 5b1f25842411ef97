//! Workbooks (XLSX) as the text of a list: one sheet's values, written as CSV that [`super::read_list`] reads like any other.
//!
//! A workbook is a ZIP of XML that anybody may have made. So it is measured before it is read: how many parts, how much
//! they unpack to, how many elements they have. Cells are read one after the other, never as a field as large as a
//! sheet claims to be. Values are taken as they were saved; a formula is never looked at, let alone computed. Whatever
//! is not as it should be refuses the whole file: half a list is worse than none.

use crate::limit::{
    LIST_CELL_BYTES, LIST_COLUMNS, LIST_FILE_BYTES, LIST_ROWS, WORKBOOK_ELEMENTS, WORKBOOK_PARTS,
    WORKBOOK_SHEETS, WORKBOOK_STYLE_BYTES, WORKBOOK_UNPACKED_BYTES,
};
use crate::private::Private;
use calamine::{DataRef, Reader, SheetVisible, Xlsx};
use std::io::{Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use thiserror::Error;
use zip::ZipArchive;

/// Elements that styles are written with: each makes a record in memory that is far larger than itself.
const STYLE_ELEMENTS: [&[u8]; 5] = [b"cellXfs", b"numFmts", b":fonts", b"<fonts", b"dxfs"];
/// The last day that a spreadsheet's calendar has, as it counts days.
const LAST_DAY: f64 = 2_958_466.0;

/// A workbook that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workbook {
    /// Its sheets that are not hidden, in order.
    pub sheets: Vec<Private<String>>,
    /// Which of them was read.
    pub sheet: Private<String>,
    /// Its cells as CSV. Line numbers are the sheet's own row numbers.
    pub csv: Vec<u8>,
}

/// Why a workbook is refused. Whoever saved it is at fault.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum WorkbookFault {
    /// Longer than a list may be.
    #[error("the file is longer than {LIST_FILE_BYTES} bytes")]
    TooLong,
    /// The binary form of before 2007, or one that is locked with a password.
    #[error(
        "the workbook is in the old form or locked with a password: save it as XLSX without one, or as CSV UTF-8"
    )]
    OldOrLocked,
    /// No workbook, or a part of it is missing or broken.
    #[error("the workbook is broken or of another kind: save it again as XLSX, or as CSV UTF-8")]
    Broken,
    /// It unpacks to more than a list can be.
    #[error("the workbook unpacks to more than a list can be: save the sheet alone as CSV UTF-8")]
    Bomb,
    /// More sheets than a workbook may have.
    #[error("the workbook has more than {WORKBOOK_SHEETS} sheets")]
    TooManySheets,
    /// No sheet that is not hidden.
    #[error("the workbook has no sheet with cells")]
    NoSheet,
    /// The sheet that was asked for is not there.
    #[error("the workbook has no sheet of that name")]
    OtherSheet,
    /// More rows than a list may have.
    #[error("the sheet has more than {LIST_ROWS} rows")]
    TooManyRows,
    /// More columns than a list may have.
    #[error("the sheet has more than {LIST_COLUMNS} columns")]
    TooManyColumns,
    /// A cell that is longer than a claim's text may be.
    #[error("cell {0} is longer than {LIST_CELL_BYTES} bytes")]
    CellTooLong(String),
    /// A formula that had failed when the workbook was saved.
    #[error("cell {0} shows an error of a formula: write its value there")]
    ErrorCell(String),
}

/// Whether a file begins as a workbook does.
pub fn is_workbook(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || is_old(bytes)
}

fn is_old(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0])
}

/// Reads a sheet of a workbook; the first with cells if none is named.
///
/// # Errors
/// [`WorkbookFault`].
pub fn read_workbook(bytes: &[u8], sheet: &str, delimiter: u8) -> Result<Workbook, WorkbookFault> {
    if bytes.len() > LIST_FILE_BYTES {
        return Err(WorkbookFault::TooLong);
    }
    if is_old(bytes) {
        return Err(WorkbookFault::OldOrLocked);
    }
    // What is fed to a reader of other people's formats may break it: that is a broken workbook, and no more.
    catch_unwind(AssertUnwindSafe(|| {
        measure(bytes)?;
        sheet_of(bytes, sheet, delimiter)
    }))
    .unwrap_or(Err(WorkbookFault::Broken))
}

/// Unpacks every part once and throws it away: sizes that a file claims are nobody's word.
fn measure(bytes: &[u8]) -> Result<(), WorkbookFault> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| WorkbookFault::Broken)?;
    if archive.len() > WORKBOOK_PARTS {
        return Err(WorkbookFault::Bomb);
    }
    let mut left = WORKBOOK_UNPACKED_BYTES;
    let mut part = Vec::new();
    for place in 0..archive.len() {
        let file = archive.by_index(place).map_err(|_| WorkbookFault::Broken)?;
        part.clear();
        // One byte more than there may be tells that there is more.
        file.take(left as u64 + 1).read_to_end(&mut part).map_err(|_| WorkbookFault::Broken)?;
        left = left.checked_sub(part.len()).ok_or(WorkbookFault::Bomb)?;
        if part.iter().filter(|byte| **byte == b'<').count() > WORKBOOK_ELEMENTS {
            return Err(WorkbookFault::Bomb);
        }
        let has = |name: &&[u8]| part.windows(name.len()).any(|window| window == *name);
        if part.len() > WORKBOOK_STYLE_BYTES && STYLE_ELEMENTS.iter().any(has) {
            return Err(WorkbookFault::Bomb);
        }
    }
    Ok(())
}

fn sheet_of(bytes: &[u8], wanted: &str, delimiter: u8) -> Result<Workbook, WorkbookFault> {
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(|_| WorkbookFault::Broken)?;
    let all = book.sheets_metadata();
    if all.len() > WORKBOOK_SHEETS {
        return Err(WorkbookFault::TooManySheets);
    }
    let shown = all.iter().filter(|sheet| sheet.visible == SheetVisible::Visible);
    let sheets: Vec<String> = shown.map(|sheet| sheet.name.clone()).collect();
    let mut read = None;
    for name in sheets.iter().filter(|name| wanted.is_empty() || *name == wanted) {
        let csv = cells(&mut book, name, delimiter)?;
        if !csv.is_empty() || !wanted.is_empty() {
            read = Some((name.as_str().into(), csv));
            break;
        }
    }
    let fault = if wanted.is_empty() { WorkbookFault::NoSheet } else { WorkbookFault::OtherSheet };
    let (sheet, csv) = read.ok_or(fault)?;
    Ok(Workbook { sheets: sheets.into_iter().map(Private::new).collect(), sheet, csv })
}

/// A sheet's cells as CSV, in one pass: they stand in order, or the sheet is broken.
fn cells(book: &mut Xlsx<Cursor<&[u8]>>, name: &str, delimiter: u8) -> Result<Vec<u8>, WorkbookFault> {
    let mut reader = book.worksheet_cells_reader(name).map_err(|_| WorkbookFault::Broken)?;
    let mut out = Csv { bytes: Vec::new(), row: 0, column: 0, width: 0, delimiter };
    let mut last = None;
    while let Some(cell) = reader.next_cell().map_err(|_| WorkbookFault::Broken)? {
        let (row, column) = cell.get_position();
        if last.is_some_and(|last| last >= (row, column)) {
            return Err(WorkbookFault::Broken);
        }
        last = Some((row, column));
        let place = || format!("{}{}", letters(column), row + 1);
        let Some(text) = text_of(cell.get_value()) else {
            return Err(WorkbookFault::ErrorCell(place()));
        };
        if text.trim().is_empty() {
            continue;
        }
        // The row of headings is no row of the list.
        if row as usize > LIST_ROWS {
            return Err(WorkbookFault::TooManyRows);
        }
        if column as usize >= LIST_COLUMNS {
            return Err(WorkbookFault::TooManyColumns);
        }
        if text.len() > LIST_CELL_BYTES {
            return Err(WorkbookFault::CellTooLong(place()));
        }
        out.put(row, column, &text);
        if out.bytes.len() > LIST_FILE_BYTES {
            return Err(WorkbookFault::TooLong);
        }
    }
    if last.is_some() && out.width + out.column > 0 {
        out.end_row();
    }
    Ok(out.bytes)
}

/// A cell's value as a person reads it; `None` for an error.
fn text_of(value: &DataRef<'_>) -> Option<String> {
    Some(match value {
        DataRef::Empty => String::new(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(flag) => if *flag { "yes" } else { "no" }.to_owned(),
        DataRef::DateTime(moment) => {
            let days = moment.as_f64();
            if moment.is_duration() || !(1.0..LAST_DAY).contains(&days) {
                return Some(days.to_string());
            }
            let (year, month, day, hour, minute, ..) = moment.to_ymd_hms_milli();
            let date = format!("{year:04}-{month:02}-{day:02}");
            if days.fract() == 0.0 { date } else { format!("{date} {hour:02}:{minute:02}") }
        }
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            text.strip_suffix("T00:00:00").unwrap_or(text).to_owned()
        }
        DataRef::Error(_) => return None,
    })
}

/// A column as spreadsheets name it: `A`, `Z`, `AA`.
fn letters(column: u32) -> String {
    let letter = char::from(b'A' + u8::try_from(column % 26).unwrap_or_default());
    if column < 26 { letter.to_string() } else { format!("{}{letter}", letters(column / 26 - 1)) }
}

/// CSV under way.
struct Csv {
    bytes: Vec<u8>,
    /// The row and the cell of it that come next, from 0.
    row: u32,
    column: u32,
    /// Cells of the first row that has any: shorter rows are filled up.
    width: u32,
    delimiter: u8,
}

impl Csv {
    fn put(&mut self, row: u32, column: u32, text: &str) {
        while self.row < row {
            self.end_row();
        }
        while self.column < column {
            self.next_cell();
        }
        self.next_cell();
        self.bytes.push(b'"');
        for c in text.chars() {
            match c {
                '"' => self.bytes.extend(b"\"\""),
                // A break inside a cell would count as a line.
                '\n' | '\r' => self.bytes.push(b' '),
                c => self.bytes.extend(c.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        self.bytes.push(b'"');
    }

    fn next_cell(&mut self) {
        if self.column > 0 {
            self.bytes.push(self.delimiter);
        }
        self.column += 1;
    }

    fn end_row(&mut self) {
        if self.column > 0 {
            self.width = if self.width == 0 { self.column } else { self.width };
            while self.column < self.width {
                self.next_cell();
            }
        }
        // Empty rows before the first with cells stand too: a line's number is its row's.
        self.bytes.push(b'\n');
        (self.row, self.column) = (self.row + 1, 0);
    }
}

#[cfg(test)]
mod tests;
