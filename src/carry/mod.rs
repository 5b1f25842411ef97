//! Bundles: segments and records that travel by hand, in a file that only the target's nodes can open.
//!
//! The bytes inside are the same as on any other carrier and go through the same gate; this room knows how they are
//! packed, bounded and sealed, and nothing of what they say. It opens no file: it reads and writes streams.
//!
//! Evidence files travel by hand too, but to anyone: what they show is checked here, from signatures alone.
#![doc = include_str!("FORMAT.md")]

mod evidence;
mod fault;
mod item;
mod reader;
#[cfg(test)]
mod tests;
mod writer;

pub use evidence::{Evidence, Matter};
pub use fault::{BrokenAt, CarryFault};
pub use item::{CarriedKind, Item, Statement};
pub use reader::BundleReader;
pub use writer::BundleWriter;
