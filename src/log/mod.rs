//! Truth: what was said, in which order, by which node, and which of it counts.
//!
//! Everything here is about bytes that anyone may check without a key: charters found circles, headers chain sealed
//! segments into logs, heads say what a node holds, closures and fork proofs say through where a log counts. Nothing
//! here opens a segment, keeps a clock or knows a document. The formats stand in `FORMAT.md`.
#![doc = include_str!("FORMAT.md")]

mod chain;
mod charter;
mod closure;
mod heads;
mod segment;

pub use chain::{Breach, ChainEnd, check_first, check_next};
pub use charter::{Charter, Role};
pub use closure::{Closure, ClosurePoint, ForkProof, bounded_by, counts_through};
pub use heads::{Heads, HeadsEntry, HeldHeads};
pub use segment::{Header, Kind, Segment, body_hash};
