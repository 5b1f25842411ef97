//! What we know: replay of edits into sheets, rows, search, views. Pure. Automerge lives here alone.
//!
//! The walk of a segment: `node` opens it, [`Packed::decode`] checks its plaintext, [`Reach::plan`] says which edits can
//! be applied and sorts them by case, [`replay_case`] applies one case's edits to its sheet, as many cases at once as
//! there are cores. [`Sheet::view`] and [`Row::of`] show the result. Every step is a function of what was said: nodes
//! that hold the same segments show the same.
#![doc = include_str!("FORMAT.md")]

mod applied;
mod counts;
mod entry;
mod layout;
mod ledger;
mod note;
mod packed;
mod reach;
mod replay;
mod row;
mod saved;
mod settle;
mod sheet;
mod view;
mod wire;
mod work;

pub use applied::Applied;
pub use counts::{Count, CountTable, Counted, CountedBy, FEW, total_for_export};
pub use layout::Layout;
pub use packed::Packed;
pub use reach::{Body, Cut, Cuts, Opened, Plan, Reach, Refused};
pub use replay::{ReplayedSheet, open_sheet, replay_case};
pub use row::{Row, matches};
pub use sheet::{Sheet, Spoiled};
pub use work::{Context, Pin, Place, Stamped, Work, pins_of};
