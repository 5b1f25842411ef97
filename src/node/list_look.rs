//! A list before its map is made; and workbooks as the CSV that lists are read from.

use super::failure::bad_input;
use super::{Answer, Failure, ListLook};
use crate::case::{Workbook, delimiter_of, guess_targets, is_workbook, look, read_workbook};
use crate::private::Private;
use std::borrow::Cow;

/// Lines that are shown beside the headings.
const SAMPLES: usize = 4;

/// Looks at a file and keeps nothing of it.
pub(super) fn answer(file: &[u8], sheet: &str) -> Result<Answer, Failure> {
    let delimiter = if is_workbook(file) { b',' } else { delimiter_of(file) };
    let ((sheets, sheet), csv) = as_csv(file, sheet, delimiter)?;
    let looked = look(&csv, delimiter, SAMPLES).map_err(|fault| {
        bad_input(
            format!("the list cannot be read: {fault}"),
            "Nothing was written. Correct it and try again.",
        )
    })?;
    let guesses = guess_targets(&looked.headings).into_iter().map(str::to_owned).collect();
    Ok(Answer::ListLook(Box::new(ListLook {
        sheets,
        sheet,
        delimiter: char::from(delimiter).to_string(),
        headings: looked.headings,
        samples: looked.samples,
        words: looked.words,
        rows: looked.rows,
        guesses,
    })))
}

/// The sheets of a workbook, and which of them was read.
type Sheets = (Vec<Private<String>>, Private<String>);

/// A list's bytes as CSV: as they are, or a workbook's sheet.
pub(super) fn as_csv<'a>(
    file: &'a [u8],
    sheet: &str,
    delimiter: u8,
) -> Result<(Sheets, Cow<'a, [u8]>), Failure> {
    if !is_workbook(file) {
        return Ok((Sheets::default(), Cow::Borrowed(file)));
    }
    let book: Workbook = read_workbook(file, sheet, delimiter).map_err(|fault| {
        bad_input(
            format!("the workbook cannot be read: {fault}"),
            "Nothing was written. Correct it and try again.",
        )
    })?;
    Ok(((book.sheets, book.sheet), Cow::Owned(book.csv)))
}
