//! Lists: the spreadsheets on which mediation runs, read line by line, again and again.
//!
//! A [`ListMap`] (TOML) says which column holds what. [`read_list`] reads a CSV file with it: each line becomes the
//! list's own number and claims, or is refused with a reason in words, and never stops the others. [`compare`] sets
//! a line against what this office already said from the same list, so that a second run of the same file changes
//! nothing and a corrected file changes what was corrected. Bounded before it is parsed: file, lines, columns, cells.
//!
//! A workbook (XLSX) becomes the CSV of one of its sheets first ([`read_workbook`]). What columns seem to hold is
//! proposed to a person ([`guess_targets`]), who decides.
//!
//! Left out on purpose: guessing date styles, and finding the case of a line (that is `register`'s).

mod compare;
mod guard;
mod map;
mod propose;
mod read;
mod workbook;

pub use compare::{Held, RowPlan, compare};
pub use guard::{guard_cell, unguard_cell};
pub use map::{ListMap, MapFault};
pub use propose::{
    Looked, NUMBER, Proposal, TARGETS, delimiter_of, field_of, guess_code, guess_targets, look,
};
pub use read::{ListFault, ListRead, RefusedRow, Row, RowReason, read_list};
pub use workbook::{Workbook, WorkbookFault, is_workbook, read_workbook};
