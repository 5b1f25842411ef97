//! The vault: one redb file in which every record is sealed, and the directory of what it holds.
//!
//! [`Vault`] is opened once and shared. Reading goes through a [`Reader`], one view of one commit; writing through a
//! [`Writer`], one transaction. The modules below say what is filed: each has plain functions over either, so that
//! several of them can stand in one transaction.
#![doc = include_str!("FORMAT.md")]

mod backup;
pub mod branches;
pub mod caches;
pub mod circles;
mod disk;
mod erase;
mod fault;
pub mod files;
pub mod keys;
pub mod logs;
mod name;
pub mod partners;
mod place;
mod sealing;
mod tally;
mod vault;
pub mod waiting;

pub use backup::{About, BackupReader, Lock, LockKind, back_up};
pub use disk::VaultDisk;
pub use erase::erase_circle;
pub use fault::StoreFault;
pub use name::Name;
pub use place::Place;
pub use vault::{COUNT_FILE, Opened, Reader, Records, VAULT_FILE, Vault, Writer};
