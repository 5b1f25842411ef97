//! Meaning: what can be said of a child, by whom, and how it is shown. Pure.
//!
//! A [`Claim`] is somebody's word with its source; a [`Change`] is what one edit does to one sheet; plan values and
//! the note are edited together; acts stand by themselves. Fields, codes and stages are data (`field.rs`): what this
//! build does not know is kept and shown. Rules that refuse an edit stand in `check.rs`, and look at nothing but the
//! edit. Lists of other offices are read in `list/`; names meet across scripts in `fold.rs`.
#![doc = include_str!("FORMAT.md")]

mod act;
mod check;
mod date;
mod edit;
mod field;
mod fold;
mod given;
mod list;
mod plan;
mod say;
mod stage;
mod value;
mod view;
mod words;

pub use act::{ACT_KINDS, ActKind, Statement, act_kind};
pub use check::{EditFault, is_code};
pub use date::{DateStyle, parse_date};
pub use edit::{
    Act, Change, Claim, Disclosed, Edit, FileNote, Origin, PlanKey, PlanValue, Source, SourceKind, Splice,
};
pub use field::{FIELDS, Field, Holds, PUBLICITY, Section, field, nearest, nearest_of};
pub use fold::{Meets, Query, consonant_key, fold_keys, latin, matches};
pub use list::{
    Held, ListFault, ListMap, ListRead, Looked, MapFault, NUMBER, Proposal, RefusedRow, Row, RowPlan,
    RowReason, TARGETS, Workbook, WorkbookFault, compare, delimiter_of, field_of, guard_cell, guess_code,
    guess_targets, is_workbook, look, read_list, read_workbook, unguard_cell,
};
pub use plan::{PLAN_FIELDS, PlanFault, PlanField, parse_plan_value};
pub use say::{may_replace_plan, may_withdraw};
pub use stage::{STAGES, Signers, Stage, stage_of};
pub use value::{Date, Name, NameKind, Place, Precision, Value};
pub use view::{
    ActView, ClaimView, Did, Difference, DisclosedView, Effect, FileView, HistoryEntry, PlanValueView,
    PlanView, Preference, SheetView, Withdrawal, Written,
};
pub use words::{ValueFault, hides, parse_as, parse_value, steers};
