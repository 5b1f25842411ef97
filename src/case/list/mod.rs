//! Lists: the spreadsheets on which mediation runs, read line by line, again and again.
//!
//! A [`ListMap`] (TOML) says which column holds what. [`read_list`] reads a CSV file with it: each line becomes the
//! list's own number and claims, or is refused with a reason in words, and never stops the others. [`compare`] sets
//! a line against what this office already said from the same list, so that a second run of the same file changes
//! nothing and a corrected file changes what was corrected. Bounded before it is parsed: file, lines, columns, cells.
//!
//! Left out on purpose: guessing columns or date styles, and finding the case of a line (that is `register`'s).

mod compare;
mod guard;
mod map;
mod read;

pub use compare::{Held, RowPlan, compare};
pub use guard::{guard_cell, unguard_cell};
pub use map::{ListMap, MapFault};
pub use read::{ListFault, ListRead, RefusedRow, Row, RowReason, read_list};
