//! Meaning: what can be said of a child, by whom, and how it is shown. Pure.
//!
//! A [`Claim`] is somebody's word with its source; a [`Change`] is what one edit does to one sheet; plan values and
//! the note are edited together; acts stand by themselves. Fields, codes and stages are data (`field.rs`): what this
//! build does not know is kept and shown.

mod edit;
mod value;
mod view;

pub use edit::{
    Act, Change, Claim, Disclosed, Edit, FileNote, Origin, PlanKey, PlanValue, Source, SourceKind, Splice,
};
pub use value::{Date, Name, NameKind, Place, Precision, Value};
pub use view::{
    ActView, ClaimView, Did, Difference, DisclosedView, Effect, FileView, HistoryEntry, PlanValueView,
    PlanView, Preference, SheetView, Withdrawal, Written,
};
