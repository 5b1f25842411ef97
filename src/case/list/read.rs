//! Reading a list: CSV bytes and a map to rows of claims.
//!
//! What is wrong with the file as a whole stops it ([`ListFault`]); what is wrong with a line refuses that line with
//! a reason ([`RowReason`]) and no other. Lines are counted as an editor counts them, from 1. Faults name columns by
//! the map's own words and never hold a cell. A number that stands on several lines refuses all of them: nobody but
//! the list's office knows which is right.

use super::super::date::{DateStyle, parse_date};
use super::super::edit::{Claim, Source, SourceKind};
use super::super::field::{Holds, field, nearest_of};
use super::super::value::{Name, Place, Value};
use super::super::words::{ValueFault, parse_as, steers};
use super::guard::unguard_cell;
use super::map::{Column, ListMap, Part};
use crate::codec;
use crate::limit::{EDIT_BYTES, LIST_CELL_BYTES, LIST_COLUMNS, LIST_FILE_BYTES, LIST_ROWS};
use crate::private::Private;
use csv::ByteRecord;
use std::collections::BTreeMap;
use thiserror::Error;

/// All claims of a line, encoded, in bytes: with what they may come to replace they fit one edit.
const ROW_BYTES: usize = EDIT_BYTES / 2;

/// A list that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListRead {
    /// The lines that can be imported, in the order of the file.
    pub rows: Vec<Row>,
    /// The lines that cannot, in the order of the file.
    pub refused: Vec<RefusedRow>,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Where in the file, from 1.
    pub line: u64,
    /// The list's own number.
    pub number: Private<String>,
    /// What it says: the number elsewhere first, then by field and group. At most 64: one edit.
    pub claims: Vec<Claim>,
}

/// One line that is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedRow {
    /// Where in the file, from 1.
    pub line: u64,
    /// Why.
    pub reason: RowReason,
}

/// Why the whole file is refused. Whoever saved it, or wrote the map, is at fault.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ListFault {
    /// Longer than a list may be.
    #[error("the file is longer than {LIST_FILE_BYTES} bytes")]
    TooLong,
    /// Not UTF-8 from the first line on: saved in an older encoding.
    #[error("the file is not UTF-8: save it as \"CSV UTF-8\"")]
    NotUtf8,
    /// A quoted cell that never ends, and swallows the rest of the file.
    #[error("a quote is opened on line {line} and never closed")]
    OpenQuote {
        /// From 1.
        line: u64,
    },
    /// No first line.
    #[error("the file has no line of headings")]
    NoHeadings,
    /// More lines than a list may have.
    #[error("the file has more than {LIST_ROWS} lines")]
    TooManyRows,
    /// More columns than a list may have.
    #[error("the file has more than {LIST_COLUMNS} columns")]
    TooManyColumns,
    /// A column of the map that the file lacks.
    #[error("the file has no column {0}")]
    MissingColumn(String),
    /// A column of the file that the map does not know. The heading may be a name, if the first line is no heading.
    #[error("column {place} is not in the map{}: add it, or name it under ignore",
        match .nearest { Some(near) => format!(" (nearest is {near})"), None => String::new() })]
    UnknownColumn {
        /// From 1.
        place: usize,
        /// What stands there.
        heading: Private<String>,
        /// The nearest heading of the map.
        nearest: Option<String>,
    },
    /// Two columns of one heading.
    #[error("the heading of column {place} stands twice")]
    RepeatedColumn {
        /// From 1.
        place: usize,
    },
}

/// Why a line is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RowReason {
    /// More or fewer cells than headings.
    #[error("the line has {found} cells, the headings are {expected}")]
    Cells {
        /// On this line.
        found: usize,
        /// In the first.
        expected: usize,
    },
    /// Bytes that are no text.
    #[error("the line is not UTF-8")]
    NotUtf8,
    /// No number of its own.
    #[error("the line has no number")]
    NoNumber,
    /// The number stands on another line too.
    #[error("the number stands on line {other} too")]
    SameNumber {
        /// The first other line.
        other: u64,
    },
    /// A cell that may not be empty is.
    #[error("{column} is empty")]
    Required {
        /// By the map's heading.
        column: String,
    },
    /// A character that steers screens instead of standing on them.
    #[error("{column} holds a control or direction character")]
    Control {
        /// By the map's heading.
        column: String,
    },
    /// A cell that is longer than a claim's text may be.
    #[error("{column} is longer than {LIST_CELL_BYTES} bytes")]
    CellTooLong {
        /// By the map's heading.
        column: String,
    },
    /// All cells together are more than one edit holds.
    #[error("the line is longer than {ROW_BYTES} bytes")]
    TooLong,
    /// A word that the map's table of values does not have.
    #[error("{column}: the word is not in the map's table of values")]
    NotInTable {
        /// By the map's heading.
        column: String,
    },
    /// A date of none of the styles that the map allows, or no day of the calendar.
    #[error("{column}: not a date of the styles that the map allows")]
    Date {
        /// By the map's heading.
        column: String,
    },
    /// A cell that is no value of its field.
    #[error("{column}: {fault}")]
    Value {
        /// By the map's heading.
        column: String,
        /// What is wrong.
        fault: ValueFault,
    },
}

/// Reads a list.
///
/// # Errors
/// [`ListFault`]: the file as a whole cannot be read with this map.
pub fn read_list(bytes: &[u8], map: &ListMap) -> Result<ListRead, ListFault> {
    if bytes.len() > LIST_FILE_BYTES {
        return Err(ListFault::TooLong);
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if let Some(line) = open_quote(bytes, map.delimiter) {
        return Err(ListFault::OpenQuote { line });
    }
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(map.delimiter)
        .from_reader(bytes);
    let mut record = ByteRecord::new();
    // Reading from memory with flexible lines has no error left to give but the end.
    if !reader.read_byte_record(&mut record).unwrap_or(false) {
        return Err(ListFault::NoHeadings);
    }
    let layout = Layout::of(&record, map)?;
    let mut read = ListRead { rows: Vec::new(), refused: Vec::new() };
    // The list's number of every line, refused ones too: a number said twice is doubtful even if one line is broken.
    let mut lines: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    let mut place = Counted { byte: 0, line: 1 };
    let mut count = 0;
    while reader.read_byte_record(&mut record).unwrap_or(false) {
        if record.iter().all(|cell| cell.trim_ascii().is_empty()) {
            continue;
        }
        count += 1;
        if count > LIST_ROWS {
            return Err(ListFault::TooManyRows);
        }
        let line = place.line_of(bytes, record.position().map_or(0, csv::Position::byte));
        if let Some(number) = layout.number(&record) {
            lines.entry(number).or_default().push(line);
        }
        match layout.row(&record, line, map) {
            Ok(row) => read.rows.push(row),
            Err(reason) => read.refused.push(RefusedRow { line, reason }),
        }
    }
    refuse_same_numbers(&mut read, &lines);
    Ok(read)
}

/// The headings of a CSV and its lines that are not empty, with the same bounds as [`read_list`].
pub(super) fn headings_of(
    bytes: &[u8],
    delimiter: u8,
) -> Result<(Vec<Private<String>>, Vec<ByteRecord>), ListFault> {
    if bytes.len() > LIST_FILE_BYTES {
        return Err(ListFault::TooLong);
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if let Some(line) = open_quote(bytes, delimiter) {
        return Err(ListFault::OpenQuote { line });
    }
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(bytes);
    let mut records = reader.byte_records().filter_map(Result::ok);
    let first = records.next().ok_or(ListFault::NoHeadings)?;
    if first.len() > LIST_COLUMNS {
        return Err(ListFault::TooManyColumns);
    }
    let headings = first
        .iter()
        .map(|cell| std::str::from_utf8(cell).map(|text| text.trim().into()).map_err(|_| ListFault::NotUtf8))
        .collect::<Result<_, _>>()?;
    let lines = records.filter(|record| record.iter().any(|cell| !cell.trim_ascii().is_empty()));
    let lines: Vec<ByteRecord> = lines.take(LIST_ROWS + 1).collect();
    if lines.len() > LIST_ROWS { Err(ListFault::TooManyRows) } else { Ok((headings, lines)) }
}

fn refuse_same_numbers(read: &mut ListRead, lines: &BTreeMap<String, Vec<u64>>) {
    let mut refused = Vec::new();
    read.rows.retain(|row| {
        let others = lines.get(row.number.reveal()).into_iter().flatten();
        let Some(other) = others.copied().find(|line| *line != row.line) else { return true };
        refused.push(RefusedRow { line: row.line, reason: RowReason::SameNumber { other } });
        false
    });
    read.refused.append(&mut refused);
    read.refused.sort_by_key(|row| row.line);
}

/// The line on which a quote is opened that never closes. Follows the CSV reader: a quote opens at a cell's first
/// byte alone, and two quotes inside stand for one.
fn open_quote(bytes: &[u8], delimiter: u8) -> Option<u64> {
    let (mut line, mut opened, mut inside, mut first) = (1, 1, false, true);
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'"' if inside => inside = false,
            // Directly after a closing quote this is the second of two, and opens again.
            b'"' if first => (inside, opened) = (true, line),
            _ if inside => {}
            _ => first = *byte == delimiter || *byte == b'\n' || *byte == b'\r',
        }
        line += u64::from(ends_line(bytes, at));
    }
    inside.then_some(opened)
}

/// Whether a line ends with this byte: a line feed, or a carriage return that no line feed follows. The CSV reader ends
/// records at both, and no two records may stand on one line: a number that is said twice is found by its lines.
fn ends_line(bytes: &[u8], at: usize) -> bool {
    match bytes.get(at) {
        Some(b'\n') => true,
        Some(b'\r') => bytes.get(at + 1) != Some(&b'\n'),
        _ => false,
    }
}

/// How far lines were counted. The CSV reader's own count starts a record before the breaks and empty lines that
/// it skips.
struct Counted {
    byte: usize,
    line: u64,
}

impl Counted {
    /// The line of a record that the reader saw begin at a byte. Asked in the order of the file.
    fn line_of(&mut self, bytes: &[u8], begin: u64) -> u64 {
        let begin = usize::try_from(begin).unwrap_or(usize::MAX).min(bytes.len());
        let skipped = bytes.iter().skip(begin).take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let passed = self.byte..begin + skipped;
        self.line += passed.filter(|at| ends_line(bytes, *at)).count() as u64;
        self.byte = begin + skipped;
        self.line
    }
}

/// Where in a line the map's columns stand.
struct Layout<'a> {
    width: usize,
    number: usize,
    columns: Vec<(usize, &'a Column)>,
}

impl<'a> Layout<'a> {
    fn of(record: &ByteRecord, map: &'a ListMap) -> Result<Self, ListFault> {
        if record.len() > LIST_COLUMNS {
            return Err(ListFault::TooManyColumns);
        }
        let headings: Vec<&str> = record
            .iter()
            .map(|cell| std::str::from_utf8(cell).map(str::trim).map_err(|_| ListFault::NotUtf8))
            .collect::<Result<_, _>>()?;
        let mut known: Vec<&str> = map.columns.iter().map(|column| column.heading.as_str()).collect();
        known.push(&map.number);
        known.extend(map.ignore.iter().map(String::as_str));
        for (place, heading) in headings.iter().enumerate() {
            let place_from_1 = place + 1;
            // Spreadsheets save empty columns to the right of the last.
            if !heading.is_empty() && !known.contains(heading) {
                let nearest = nearest_of(heading, known.iter().copied()).map(str::to_owned);
                let heading = Private::from(*heading);
                return Err(ListFault::UnknownColumn { place: place_from_1, heading, nearest });
            }
            if !heading.is_empty() && headings.iter().take(place).any(|before| before == heading) {
                return Err(ListFault::RepeatedColumn { place: place_from_1 });
            }
        }
        let find = |wanted: &str| {
            headings
                .iter()
                .position(|heading| *heading == wanted)
                .ok_or_else(|| ListFault::MissingColumn(wanted.to_owned()))
        };
        let columns = map.columns.iter().map(|column| Ok((find(&column.heading)?, column)));
        Ok(Self {
            width: headings.len(),
            number: find(&map.number)?,
            columns: columns.collect::<Result<_, _>>()?,
        })
    }

    fn number(&self, record: &ByteRecord) -> Option<String> {
        let number = unguard_cell(std::str::from_utf8(record.get(self.number)?).ok()?.trim());
        (!number.is_empty()).then(|| number.to_owned())
    }

    fn row(&self, record: &ByteRecord, line: u64, map: &ListMap) -> Result<Row, RowReason> {
        if record.len() != self.width {
            return Err(RowReason::Cells { found: record.len(), expected: self.width });
        }
        if record.iter().any(|cell| std::str::from_utf8(cell).is_err()) {
            return Err(RowReason::NotUtf8);
        }
        let number = clean(record, self.number, &map.number)?;
        if number.is_empty() {
            return Err(RowReason::NoNumber);
        }
        let source = Source {
            kind: SourceKind::ListLine,
            text: map.source_text(&number).into(),
            given_by: map.given_by.clone(),
            ..Source::default()
        };
        let mut said = Said::default();
        for (field, value) in &map.constants {
            said.whole(field, "", value.clone());
        }
        for (place, column) in &self.columns {
            let cell = clean(record, *place, &column.heading)?;
            if !cell.is_empty() {
                said.cell(column, &cell)?;
            } else if column.required {
                return Err(RowReason::Required { column: column.heading.clone() });
            }
        }
        let own = Value::Outside { system: map.list.as_str().into(), number: number.as_str().into() };
        let own = (("outside_id".to_owned(), String::new()), own);
        let claims = std::iter::once(own).chain(said.values).map(|((field, group), value)| Claim {
            field,
            group,
            value,
            source: source.clone(),
            replaces: Vec::new(),
            origin: None,
        });
        let claims: Vec<Claim> = claims.collect();
        if codec::encode(&claims).len() > ROW_BYTES {
            return Err(RowReason::TooLong);
        }
        Ok(Row { line, number: number.into(), claims })
    }
}

/// A cell as it is meant: trimmed, its breaks as spaces, the export's guard taken off.
fn clean(record: &ByteRecord, place: usize, heading: &str) -> Result<String, RowReason> {
    let column = || heading.to_owned();
    let cell = record.get(place).unwrap_or_default();
    if cell.len() > LIST_CELL_BYTES {
        return Err(RowReason::CellTooLong { column: column() });
    }
    let cell = std::str::from_utf8(cell).map_err(|_| RowReason::NotUtf8)?;
    let cell: String = cell.chars().map(|c| if matches!(c, '\n' | '\r' | '\t') { ' ' } else { c }).collect();
    if cell.chars().any(steers) {
        return Err(RowReason::Control { column: column() });
    }
    Ok(unguard_cell(cell.trim()).to_owned())
}

/// What one line says, by field and group.
#[derive(Default)]
struct Said {
    values: BTreeMap<(String, String), Value>,
}

impl Said {
    fn whole(&mut self, field: &str, group: &str, value: Value) {
        self.values.insert((field.to_owned(), group.to_owned()), value);
    }

    fn cell(&mut self, column: &Column, cell: &str) -> Result<(), RowReason> {
        for (field, value) in &column.with {
            self.whole(field, &column.group, value.clone());
        }
        let at = (column.field.clone(), column.group.clone());
        match column.part {
            Part::All => {
                let mut value = one_value(column, cell)?;
                // The column of the other form may have stood to the left.
                if let (Value::Place(place), Some(Value::Place(before))) = (&mut value, self.values.get(&at))
                {
                    place.also = before.also.clone();
                }
                self.values.insert(at, value);
            }
            Part::Also => {
                let before = self.values.entry(at).or_insert_with(|| Value::Place(Place::default()));
                if let Value::Place(place) = before {
                    place.also = cell.into();
                }
            }
            Part::Surname | Part::Given | Part::Patronymic | Part::Whole => {
                let before = self.values.entry(at).or_insert_with(|| Value::Name(Name::default()));
                if let Value::Name(name) = before {
                    let part = match column.part {
                        Part::Surname => &mut name.surname,
                        Part::Given => &mut name.given,
                        Part::Patronymic => &mut name.patronymic,
                        _ => &mut name.whole,
                    };
                    *part = cell.into();
                }
            }
        }
        Ok(())
    }
}

/// A cell that is a whole value.
fn one_value(column: &Column, cell: &str) -> Result<Value, RowReason> {
    let heading = || column.heading.clone();
    if !column.values.is_empty() {
        let word = cell.to_lowercase();
        let found = column.values.iter().find(|(known, _)| *known == word);
        return found
            .map(|(_, value)| value.clone())
            .ok_or_else(|| RowReason::NotInTable { column: heading() });
    }
    match field(&column.field).map_or(Holds::Text, |known| known.holds) {
        Holds::Date => {
            let styles = if column.dates.is_empty() { DateStyle::TYPED } else { &column.dates };
            parse_date(cell, styles).map(Value::Date).ok_or_else(|| RowReason::Date { column: heading() })
        }
        Holds::Outside if !column.system.is_empty() => {
            Ok(Value::Outside { system: column.system.as_str().into(), number: cell.into() })
        }
        holds => parse_as(holds, cell).map_err(|fault| RowReason::Value { column: heading(), fault }),
    }
}

#[cfg(test)]
mod tests;
