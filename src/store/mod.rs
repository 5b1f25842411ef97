//! The vault: one redb file in which every record is sealed, and the directory of what it holds.
#![doc = include_str!("FORMAT.md")]

mod fault;
pub mod files;
mod name;
mod place;
mod sealing;
mod tally;
mod vault;

pub use fault::StoreFault;
pub use name::Name;
pub use place::Place;
pub use vault::{COUNT_FILE, Opened, Reader, Records, VAULT_FILE, Vault, Writer};
